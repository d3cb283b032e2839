/* units.c - which unit fits a document: by what it consists of.
 *
 *   nearly all rows of tables ─▶ record      no headings, and paragraphs that are too long ─▶ sentence
 *   mostly code               ─▶ code        else                                          ─▶ heading
 *   pages without headings    ─▶ page
 *
 * Sentences by meaning (`semantic`) are never chosen by itself: they cost as much as embedding the document once more. */
#include "ingest.h"
#include <stdio.h>

struct makeup {
    size_t text, code, rows; /* bytes */
    size_t headings, row_count, pages, paragraphs, longest; /* the longest paragraph's bytes */
    bool is_parsed;
};

static struct makeup look_at(const struct blocks *blocks)
{
    struct makeup makeup = {.is_parsed = blocks->is_parsed};
    unsigned page = 0;
    for (size_t i = 0; i < blocks->count; i++) {
        const struct block *block = &blocks->items[i];
        if (block->page != page)
            makeup.pages++;
        page = block->page;
        if (block->kind == BLOCK_HEADING) {
            makeup.headings++;
            continue;
        }
        size_t size = block->text.size;
        makeup.text += size;
        if (block->kind == BLOCK_CODE)
            makeup.code += size;
        if (block->kind == BLOCK_TABLE_ROW || block->kind == BLOCK_TABLE_HEAD)
            makeup.rows += size;
        makeup.row_count += block->kind == BLOCK_TABLE_ROW;
        if (block->kind != BLOCK_PARAGRAPH)
            continue;
        makeup.paragraphs++;
        makeup.longest = size > makeup.longest ? size : makeup.longest;
    }
    return makeup;
}

static unsigned percent(size_t part, size_t whole)
{
    return whole > 0 ? (unsigned)((double)part * 100 / (double)whole) : 0;
}

static struct unit_choice choose(enum passage_unit unit, const char *reason)
{
    struct unit_choice choice = {.unit = unit};
    snprintf(choice.reason, sizeof(choice.reason), "%s", reason);
    return choice;
}

static struct unit_choice choose_by_makeup(const struct makeup *makeup, size_t tokens)
{
    enum { LETTERS_PER_TOKEN = 4, PAGES_PER_HEADING = 1 };
    struct unit_choice choice = {.unit = UNIT_HEADING};
    char *reason = choice.reason;
    size_t room = sizeof(choice.reason);
    if (makeup->row_count > 1 && percent(makeup->rows, makeup->text) >= 90) {
        choice.unit = UNIT_RECORD;
        snprintf(reason, room, "%zu records", makeup->row_count);
    } else if (percent(makeup->code, makeup->text) >= 60) {
        choice.unit = UNIT_CODE;
        snprintf(reason, room, "%u %% is code%s", percent(makeup->code, makeup->text),
                 makeup->is_parsed ? ", functions by tree-sitter" : "");
    } else if (makeup->pages > 1 && makeup->headings < makeup->pages * PAGES_PER_HEADING) {
        choice.unit = UNIT_PAGE;
        snprintf(reason, room, "%zu pages, %zu headings", makeup->pages, makeup->headings);
    } else if (makeup->headings > 0) {
        snprintf(reason, room, "%zu heading%s", makeup->headings, makeup->headings == 1 ? "" : "s");
    } else if (makeup->longest > tokens * LETTERS_PER_TOKEN) {
        choice.unit = UNIT_SENTENCE;
        snprintf(reason, room, "no headings, a paragraph of %zu bytes", makeup->longest);
    } else {
        snprintf(reason, room, "no headings, paragraphs that fit");
    }
    return choice;
}

struct unit_choice choose_unit(const struct blocks *blocks, const struct settings *settings, bool has_model)
{
    if (settings->unit == UNIT_SEMANTIC && !has_model)
        return choose(UNIT_HEADING, "semantic needs an embedding model, and there is none");
    if (settings->unit != UNIT_AUTO)
        return choose(settings->unit,
                      blocks->is_parsed ? "as assay.yaml says, functions by tree-sitter" : "as assay.yaml says");
    struct makeup makeup = look_at(blocks);
    return choose_by_makeup(&makeup, settings->passage_tokens);
}
