/* fuzz_pdf_layout.c - any bytes as what pdftohtml, pdfinfo and tesseract write, into blocks. */
#include "check_blocks.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_layout(struct slice output, struct extract *extract)
{
    struct error error = {0};
    if (!pdf_layout_read(output, extract, &error))
        return;
    for (size_t i = 0; i < extract->blocks.count; i++) {
        const struct block *block = &extract->blocks.items[i];
        REQUIRE(block->text.size > 0 && block->start <= block->end && block->end <= extract->text.size);
        REQUIRE(i == 0 || block->start > block[-1].end);
        REQUIRE((block->level > 0) == (block->kind == BLOCK_HEADING || block->kind == BLOCK_ITEM));
        REQUIRE(text_is_utf8(block->text, &(size_t){0}));
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena arena;
    struct extract extract;
    struct pdf_info info;
    struct buffer xml;
    struct slice output = {(const char *)data, size};
    arena_init(&arena);
    extract_init(&extract, &arena, 64 * MIB);
    pdf_info_read(output, &extract, &info);
    check_layout(output, &extract);
    extract_release(&extract);
    buffer_init(&xml, 64 * MIB);
    extract_init(&extract, &arena, 64 * MIB);
    pdf_ocr_write(output, 1, 200, &xml);
    check_layout(buffer_slice(&xml), &extract);
    extract_release(&extract);
    buffer_release(&xml);
    arena_release(&arena);
    return 0;
}
