/* fuzz_notebook.c - any bytes as a Jupyter notebook. */
#include "check_extract.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    return check_extract_reader((struct slice){(const char *)data, size}, notebook_read);
}
