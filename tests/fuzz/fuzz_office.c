/* fuzz_office.c - any parts as a presentation, a workbook, an OpenDocument file or a book: the first byte says which. */
#include "check_extract.h"
#include "zip_parts.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static extract_reader *const readers[] = {pptx_read, xlsx_read, odf_read, epub_read};
    struct buffer archive;
    if (size == 0)
        return 0;
    buffer_init(&archive, 32 * MIB);
    zip_of_parts((struct slice){(const char *)data + 1, size - 1}, &archive);
    check_extract_reader(buffer_slice(&archive), readers[data[0] % 4]);
    buffer_release(&archive);
    return 0;
}
