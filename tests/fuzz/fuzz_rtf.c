/* fuzz_rtf.c - any bytes as RTF. */
#include "check_extract.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct slice input = {(const char *)data, size};
    struct buffer whole;
    if (rtf_is(input))
        return check_extract_reader(input, rtf_read);
    buffer_init(&whole, size + 16);
    buffer_append_text(&whole, "{\\rtf1 ");
    buffer_append_slice(&whole, input);
    check_extract_reader(buffer_slice(&whole), rtf_read);
    buffer_release(&whole);
    return 0;
}
