/* fuzz_csv.c - any bytes as a table into blocks and passages. */
#include "check_blocks.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    return check_document(data, size, csv_read, check_blocks);
}
