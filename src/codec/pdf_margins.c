/* pdf_margins.c - running heads and feet, and page numbers, are part of the paper and not of the text.
 *
 * A line is one when it is among the outermost of its page and stands, digits aside, at the same place of several pages; or when it is
 * a number, or says that it is the page's, and nothing stands beyond it. Pages are looked at from their edges inwards, so that a line behind one that
 * stays, stays too. The head of a table that goes on over pages stands at the same place of each, and so do its rows: they stay. */
#include "pdf_page.h"
#include <stdlib.h>
#include <string.h>

enum { EDGE_LINES = 4, ROW_LINES = 8, ROWS_LEAST = 3, KEY_BYTES_MAX = 160, SHIFT_MAX = 6 };

/* The outermost lines of a page, from the edge inwards. */
struct edge {
    struct pdf_line lines[EDGE_LINES + ROW_LINES];
    size_t count; /* of those that may be running heads or feet */
    size_t all;   /* with those behind them */
};

struct edges {
    struct edge top, bottom;
};

/* What repeats: its places in the order of the keys. */
struct repeated {
    struct map keys; /* value: pages on which it stands at that place */
    int *tops;
    size_t capacity;
};

static void find_edges(const struct pdf_page *page, struct arena *scratch, struct edges *edges)
{
    struct pdf_lines lines = {0};
    /* The grouping sorts: the page's own order must stay, so its pieces are told by number. */
    struct pdf_piece *pieces = arena_alloc(scratch, page->count + 1, sizeof(*pieces));
    if (page->count > 0)
        memcpy(pieces, page->pieces, page->count * sizeof(*pieces));
    pdf_group(pieces, page->count, scratch, &lines);
    size_t count = lines.count < EDGE_LINES ? lines.count : EDGE_LINES;
    size_t all = lines.count < EDGE_LINES + ROW_LINES ? lines.count : EDGE_LINES + ROW_LINES;
    *edges = (struct edges){.top = {.count = count, .all = all}, .bottom = {.count = count, .all = all}};
    for (size_t i = 0; i < all; i++) {
        edges->top.lines[i] = lines.items[i];
        edges->bottom.lines[i] = lines.items[lines.count - 1 - i];
    }
}

/* The line's text with each number as "#", behind a letter for the edge. */
static struct slice key_of(const struct pdf_line *line, char edge, char key[KEY_BYTES_MAX])
{
    size_t size = 0;
    key[size++] = edge;
    for (size_t i = 0; i < line->text.size && size < KEY_BYTES_MAX; i++) {
        bool is_digit = line->text.data[i] >= '0' && line->text.data[i] <= '9';
        if (!is_digit || key[size - 1] != '#')
            key[size++] = is_digit ? '#' : line->text.data[i];
    }
    return (struct slice){key, size};
}

static void count_lines(struct repeated *repeated, const struct edge *edge, char name)
{
    for (size_t i = 0; i < edge->count; i++) {
        char bytes[KEY_BYTES_MAX];
        bool is_new;
        const struct pdf_line *line = &edge->lines[i];
        struct map_entry *entry = map_put(&repeated->keys, key_of(line, name, bytes), &is_new);
        if (entry == NULL)
            return;
        size_t number = (size_t)(entry - repeated->keys.entries);
        if (is_new) {
            repeated->tops = memory_more(repeated->tops, number, &repeated->capacity, sizeof(*repeated->tops));
            repeated->tops[number] = line->top;
        }
        if (abs(repeated->tops[number] - line->top) <= SHIFT_MAX)
            entry->value++;
    }
}

static bool is_repeated(const struct repeated *repeated, const struct pdf_line *line, char name, size_t pages)
{
    char bytes[KEY_BYTES_MAX];
    const struct map_entry *entry = map_get(&repeated->keys, key_of(line, name, bytes));
    size_t needed = pages * 2 / 5;
    needed = needed < 2 ? 2 : needed > 5 ? 5 : needed;
    if (entry == NULL || entry->value < needed)
        return false;
    return abs(repeated->tops[entry - repeated->keys.entries] - line->top) <= SHIFT_MAX;
}

/* "7", "- 7 -", "Page 7 of 12", "vii" */
static bool is_page_number(struct slice text)
{
    static const char *const words[] = {"page", "Page", "PAGE", "of", "/", "-", "–", "—", "|", "p.", "Seite", "von", "sur"};
    struct slice part;
    size_t numbers = 0, parts = 0, years = 0;
    while (slice_next(&text, ' ', &part)) {
        uint64_t value;
        bool is_word = part.size == 0, is_roman = part.size > 0 && part.size <= 6;
        for (size_t i = 0; i < ARRAY_COUNT(words); i++)
            is_word = is_word || slice_equal_text(part, words[i]);
        for (size_t i = 0; i < part.size; i++)
            is_roman = is_roman && strchr("ivxl", part.data[i]) != NULL;
        struct slice before, after = part;
        bool is_number = slice_to_u64(part, &value) && part.size <= 5;
        if (!is_number && !is_word && slice_next(&after, '/', &before)) /* "3/12" */
            is_number = slice_to_u64(before, &value) && slice_to_u64(after, &value) && part.size <= 11;
        if (!is_word && !is_number && !is_roman)
            return false;
        numbers += is_number || (is_roman && !is_word);
        years += is_number && part.size == 4 && value >= 1900 && value < 2100;
        parts += part.size > 0;
    }
    return numbers >= 1 && numbers <= 2 && parts <= 6 && years < 2; /* "2024 2023" is the head of a table */
}

static bool is_in_margin(const struct pdf_page *page, const struct pdf_line *line, char name)
{
    int middle = (line->top + line->bottom) / 2;
    return name == 't' ? 100 * (int64_t)middle < 15 * (int64_t)page->height
                       : 100 * (int64_t)middle > 80 * (int64_t)page->height;
}

/* Whether the piece begins where one of the line's does, or ends there where the line has so many that this tells of columns. */
static bool is_below(const struct pdf_piece *piece, const struct pdf_line *line)
{
    enum { SAME_PLACE = 3, PARTS = 3 };
    for (size_t i = 0; i < line->count; i++)
        if (abs(piece->left - line->pieces[i].left) <= SAME_PLACE ||
            (line->count >= PARTS && abs(piece->right - line->pieces[i].right) <= SAME_PLACE))
            return true;
    return false;
}

static int gap_behind(const struct edge *edge, size_t i)
{
    const struct pdf_line *line = &edge->lines[i], *next = line + 1;
    return line->top < next->top ? next->top - line->bottom : line->top - next->bottom;
}

/* Whether line `i` is a row: it has parts, the lines behind it are as near as they are to each other, and all parts stand at the places of those of
 * the line that has most. */
static bool is_row(const struct edge *edge, size_t i)
{
    enum { LOOKED_AT = 4, PARTS_MAX = 256 };
    const struct pdf_line *line = &edge->lines[i], *fullest = line;
    size_t rows = 0;
    if (line->count < 2 || i + ROWS_LEAST >= edge->all || gap_behind(edge, i) > 2 * gap_behind(edge, i + 1) + line->size / 2)
        return false;
    for (size_t next = i + 1; next < edge->all && next < i + LOOKED_AT; next++)
        fullest = edge->lines[next].count > fullest->count ? &edge->lines[next] : fullest;
    if (fullest->count > PARTS_MAX)
        return false;
    for (size_t next = i; next < edge->all && rows <= ROWS_LEAST; next++) {
        const struct pdf_line *other = &edge->lines[next];
        for (size_t p = 0; p < other->count; p++)
            if (!is_below(&other->pieces[p], fullest))
                return false;
        rows += other->count > 1;
    }
    return rows > ROWS_LEAST;
}

static int compare_pieces(const void *a, const void *b)
{
    const struct pdf_piece *first = a, *second = b;
    int by_left = (first->left > second->left) - (first->left < second->left),
        by_top = (first->top > second->top) - (first->top < second->top);
    return by_left != 0 ? by_left : by_top != 0 ? by_top : slice_compare(first->text, second->text);
}

/* Marks the pieces of the page that stand where the line's do: they were copied. */
static void mark_gone(struct pdf_page *page, const struct pdf_line *line)
{
    qsort(line->pieces, line->count, sizeof(*line->pieces), compare_pieces);
    for (size_t i = 0; i < page->count; i++)
        if (bsearch(&page->pieces[i], line->pieces, line->count, sizeof(*line->pieces), compare_pieces) != NULL)
            page->pieces[i].is_gone = true;
}

static void mark_edge(struct pdf_page *page, const struct edge *edge, char name, const struct repeated *repeated, size_t pages)
{
    bool had_number = false;
    for (size_t i = 0; i < edge->count; i++) {
        const struct pdf_line *line = &edge->lines[i];
        bool is_number = !had_number && is_page_number(line->text) && is_in_margin(page, line, name);
        if ((!is_number && !is_repeated(repeated, line, name, pages)) || is_row(edge, i))
            return;
        had_number = had_number || is_number;
        mark_gone(page, line);
    }
}

void pdf_margins(struct pdf_page *pages, size_t count, struct arena *arena)
{
    struct repeated repeated = {0};
    struct edges *edges = arena_alloc(arena, count + 1, sizeof(*edges));
    map_init(&repeated.keys, 2 * EDGE_LINES * count + 1);
    for (size_t i = 0; i < count; i++) {
        find_edges(&pages[i], arena, &edges[i]);
        count_lines(&repeated, &edges[i].top, 't');
        count_lines(&repeated, &edges[i].bottom, 'b');
    }
    for (size_t i = 0; i < count; i++) {
        mark_edge(&pages[i], &edges[i].top, 't', &repeated, count);
        mark_edge(&pages[i], &edges[i].bottom, 'b', &repeated, count);
    }
    map_release(&repeated.keys);
    free(repeated.tops);
}
