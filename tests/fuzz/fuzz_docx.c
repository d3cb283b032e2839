/* fuzz_docx.c - any parts as a Word document, and any bytes as the file itself. */
#include "check_extract.h"
#include "zip_parts.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct slice input = {(const char *)data, size};
    struct buffer archive;
    if (zip_is(input) || office_old_is(input))
        return check_extract_reader(input, docx_read);
    buffer_init(&archive, 32 * MIB);
    zip_of_parts(input, &archive);
    check_extract_reader(buffer_slice(&archive), docx_read);
    buffer_release(&archive);
    return 0;
}
