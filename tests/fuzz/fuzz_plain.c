/* fuzz_plain.c - any bytes as plain text into blocks and passages. */
#include "check_blocks.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    return check_document(data, size, plain_read, check_blocks);
}
