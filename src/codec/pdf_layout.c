/* pdf_layout.c - a PDF's text in reading order, from what pdftohtml -xml tells of its pages (pdf_page.h shows the steps). */
#include "pdf_page.h"

bool pdf_layout_read(struct slice program_output, struct extract *extract, struct error *error)
{
    struct arena arena;
    struct pdf_lines lines = {0};
    struct pdf_words words;
    struct pdf_page *pages;
    size_t count;
    unsigned flow = 0;
    arena_init(&arena);
    bool ok = pdf_pages_read(program_output, &arena, &pages, &count, error);
    if (ok) {
        for (size_t i = 0; i < count; i++)
            pdf_part_amounts(&pages[i], &arena);
        pdf_margins(pages, count, &arena);
        for (size_t i = 0; i < count; i++)
            pdf_flow_lines(&pages[i], &arena, &flow, &lines);
        pdf_words_init(&words, &lines);
        pdf_blocks(&lines, &words, extract);
        pdf_words_release(&words);
        ok = extract_finish(extract, error);
    }
    arena_release(&arena);
    return ok;
}

bool pdf_pages_empty(struct slice program_output, struct arena *arena, struct pdf_empty *empty, struct error *error)
{
    struct arena scratch;
    struct pdf_page *pages;
    size_t count;
    arena_init(&scratch);
    bool ok = pdf_pages_read(program_output, &scratch, &pages, &count, error);
    if (ok) {
        *empty = (struct pdf_empty){.page_count = count, .pages = arena_alloc(arena, count + 1, sizeof(*empty->pages))};
        for (size_t i = 0; i < count; i++)
            if (pages[i].count == 0)
                empty->pages[empty->count++] = pages[i].number;
    }
    arena_release(&scratch);
    return ok;
}
