/* pdf_flow.c - in which order a page is read: columns, and what stands across them.
 *
 *   ┌───────────────────────┐
 *   │  a title across both  │   band     no white strip goes through it
 *   │ first      second     │   columns  a white strip (gutter) goes through all of a run of pieces, with lines of text at both sides
 *   │ column     column     │
 *   │  a figure's caption   │   band
 *   └───────────────────────┘
 *
 * From the top down, pieces are taken as long as some gutter is left between them. What is found so may also be a table, which is read
 * along its rows: in columns of text lines are full, and where one column begins a paragraph the other does not. */
#include "pdf_page.h"
#include <stdlib.h>
#include <string.h>

enum { GUTTERS_MAX = 16, COLUMNS_MAX = 3, PIECES_MIN = 8, TRIED_PIECES_MAX = 1 << 16 };

struct interval {
    int from, to;
};

struct gutters {
    struct interval items[GUTTERS_MAX];
    size_t count;
};

/* ---- lines of one column ---- */

static int by_top(const void *a, const void *b)
{
    const struct pdf_piece *first = a, *second = b;
    if (first->top != second->top)
        return first->top < second->top ? -1 : 1;
    return (first->left > second->left) - (first->left < second->left);
}

static int by_left(const void *a, const void *b)
{
    const struct pdf_piece *first = a, *second = b;
    if (first->left != second->left)
        return first->left < second->left ? -1 : 1;
    return (first->top > second->top) - (first->top < second->top);
}

bool pdf_is_space(int gap, int size)
{
    return gap >= 2 + size / 12 || gap < -size / 2; /* far over the one before: a cell that is too full */
}

static int least(int a, int b)
{
    return a < b ? a : b;
}

static int most(int a, int b)
{
    return a > b ? a : b;
}

/* The pieces stand in one line when they overlap by more than half of the lower one. */
static bool is_beside(const struct pdf_piece *a, const struct pdf_piece *b)
{
    int overlap = least(a->bottom, b->bottom) - most(a->top, b->top);
    return 2 * overlap > least(a->bottom - a->top, b->bottom - b->top);
}

static void set_text(struct pdf_line *line, struct arena *arena)
{
    struct buffer text;
    size_t size_max = 0;
    for (size_t i = 0; i < line->count; i++)
        size_max += line->pieces[i].text.size + 1;
    if (line->count == 1) {
        line->text = line->pieces[0].text;
        return;
    }
    buffer_init(&text, size_max);
    for (size_t i = 0; i < line->count; i++) {
        if (i > 0 && (line->pieces[i - 1].has_space ||
                      pdf_is_space(line->pieces[i].left - line->pieces[i - 1].right, line->pieces[i].size)))
            buffer_append_byte(&text, ' ');
        buffer_append_slice(&text, line->pieces[i].text);
    }
    line->text = arena_slice(arena, buffer_slice(&text));
    buffer_release(&text);
}

static void add_line(struct pdf_piece *pieces, size_t count, struct arena *arena, struct pdf_lines *lines)
{
    struct pdf_line line = {.pieces = pieces,
                            .count = count,
                            .is_bold = true,
                            .is_fixed = true,
                            .left = pieces[0].left,
                            .top = pieces[0].top,
                            .bottom = pieces[0].bottom};
    size_t best = 0;
    qsort(pieces, count, sizeof(*pieces), by_left);
    line.left = pieces[0].left;
    line.right = pieces[0].right;
    for (size_t i = 0; i < count; i++) {
        line.right = most(line.right, pieces[i].right);
        line.top = least(line.top, pieces[i].top);
        line.bottom = most(line.bottom, pieces[i].bottom);
        line.is_bold = line.is_bold && pieces[i].is_bold;
        line.is_fixed = line.is_fixed && pieces[i].is_fixed;
        if (pieces[i].text.size > best) {
            best = pieces[i].text.size;
            line.size = pieces[i].size;
        }
    }
    set_text(&line, arena);
    lines->items = arena_more(arena, lines->items, lines->count, &lines->capacity, sizeof(*lines->items));
    lines->items[lines->count++] = line;
}

void pdf_group(struct pdf_piece *pieces, size_t count, struct arena *arena, struct pdf_lines *lines)
{
    qsort(pieces, count, sizeof(*pieces), by_top);
    for (size_t start = 0, end; start < count; start = end) {
        size_t tallest = start;
        for (end = start + 1; end < count && is_beside(&pieces[tallest], &pieces[end]); end++)
            if (pieces[end].text.size > pieces[tallest].text.size) /* the piece that says most tells where the line is */
                tallest = end;
        add_line(pieces + start, end - start, arena, lines);
    }
}

/* ---- gutters ---- */

/* Takes what `piece` covers out of the gutters, and those that become too narrow. */
static void subtract(struct gutters *gutters, const struct pdf_piece *piece, int width_min)
{
    struct gutters left = {.count = 0};
    for (size_t i = 0; i < gutters->count; i++) {
        struct interval gutter = gutters->items[i];
        const struct interval parts[] = {{gutter.from, least(gutter.to, piece->left)},
                                         {most(gutter.from, piece->right), gutter.to}};
        bool is_apart = piece->right <= gutter.from || piece->left >= gutter.to;
        if (is_apart && left.count < GUTTERS_MAX)
            left.items[left.count++] = gutter;
        for (size_t p = 0; p < 2 && !is_apart; p++)
            if (parts[p].to - parts[p].from >= width_min && left.count < GUTTERS_MAX)
                left.items[left.count++] = parts[p];
    }
    *gutters = left;
}

/* Without those at whose one side no piece stands. */
static void keep_inner(struct gutters *gutters, const struct pdf_piece *pieces, size_t count)
{
    struct interval all = {PDF_PLACE_MAX, -PDF_PLACE_MAX};
    size_t kept = 0;
    for (size_t i = 0; i < count; i++) {
        all.from = least(all.from, pieces[i].left);
        all.to = most(all.to, pieces[i].right);
    }
    for (size_t i = 0; i < gutters->count; i++)
        if (gutters->items[i].from > all.from && gutters->items[i].to < all.to)
            gutters->items[kept++] = gutters->items[i];
    gutters->count = kept;
}

/* Pieces from the first on that leave some strip of `width` free: how many, and the gutters between them. */
static size_t run_count(const struct pdf_piece *pieces, size_t count, struct interval width, struct gutters *gutters)
{
    size_t taken = 0;
    *gutters = (struct gutters){.items = {width}, .count = 1};
    for (; taken < count; taken++) {
        struct gutters next = *gutters;
        subtract(&next, &pieces[taken], 4 + pieces[taken].size * 2 / 5);
        if (next.count == 0)
            break;
        *gutters = next;
    }
    keep_inner(gutters, pieces, taken);
    return taken;
}

/* ---- columns of text, or a table? ---- */

struct column {
    struct pdf_piece *pieces;
    size_t count;
    struct pdf_lines lines;
    int left, right;
};

static size_t word_count(struct slice text)
{
    size_t count = text.size > 0;
    for (size_t i = 0; i < text.size; i++)
        count += text.data[i] == ' ';
    return count;
}

/* Whether white within the line is too wide for a space. */
static bool is_parted(const struct pdf_line *line)
{
    for (size_t i = 1; i < line->count; i++)
        if (line->pieces[i].left - line->pieces[i - 1].right > line->size * 3 / 2 &&
            pdf_mark_of(line->pieces[i - 1].text).size == 0)
            return true;
    return false;
}

/* Lines as text has them: many, wide, of several words, not parted. */
static bool is_text(const struct column *column, int page_width)
{
    const struct pdf_lines *lines = &column->lines;
    size_t words = 0, parted = 0;
    int64_t filled = 0, width = column->right - column->left;
    if (lines->count < 3 || 8 * width < page_width)
        return false;
    for (size_t i = 0; i < lines->count; i++) {
        words += word_count(lines->items[i].text);
        filled += lines->items[i].right - lines->items[i].left;
        parted += is_parted(&lines->items[i]);
    }
    return 4 * parted <= lines->count && words >= 3 * lines->count && 100 * filled >= 55 * width * (int64_t)lines->count;
}

/* Whether line `i` seems to begin something: it is the first, or stands apart from the one before, or that one ended early. */
static bool is_start(const struct column *column, size_t i)
{
    if (i == 0)
        return true;
    const struct pdf_line *line = &column->lines.items[i], *before = line - 1;
    return line->top - before->bottom > line->size * 3 / 5 ||
           4 * (column->right - before->right) > column->right - column->left;
}

/* The rows of a table begin side by side: most starts of the one column have a start of the other beside them. */
static bool begins_together(const struct column *a, const struct column *b)
{
    size_t starts = 0, together = 0;
    for (size_t i = 0, j = 0; i < a->lines.count; i++) {
        const struct pdf_line *line = &a->lines.items[i];
        if (!is_start(a, i))
            continue;
        starts++;
        while (j < b->lines.count && b->lines.items[j].top < line->top - line->size / 3)
            j++;
        bool is_level = j < b->lines.count && b->lines.items[j].top <= line->top + line->size / 3;
        together += is_level && is_start(b, j);
    }
    return starts >= 3 && 10 * together >= 7 * starts;
}

static void fill_columns(struct pdf_piece *pieces, size_t count, const struct gutters *gutters, struct arena *arena,
                         struct column *columns)
{
    for (size_t c = 0; c <= gutters->count; c++) {
        struct column *column = &columns[c];
        int from = c > 0 ? gutters->items[c - 1].from : -PDF_PLACE_MAX,
            to = c < gutters->count ? gutters->items[c].to : 2 * PDF_PLACE_MAX;
        *column = (struct column){
            .pieces = arena_alloc(arena, count + 1, sizeof(*pieces)), .left = PDF_PLACE_MAX, .right = -PDF_PLACE_MAX};
        for (size_t i = 0; i < count; i++) {
            if (pieces[i].left < from || pieces[i].right > to)
                continue;
            column->pieces[column->count++] = pieces[i];
            column->left = least(column->left, pieces[i].left);
            column->right = most(column->right, pieces[i].right);
        }
        pdf_group(column->pieces, column->count, arena, &column->lines);
    }
}

static bool are_columns(const struct column *columns, size_t count, int page_width)
{
    size_t lines = 0;
    for (size_t c = 0; c < count; c++) {
        if (!is_text(&columns[c], page_width))
            return false;
        lines += columns[c].lines.count;
    }
    for (size_t c = 0; c + 1 < count; c++)
        if (begins_together(&columns[c], &columns[c + 1]) && begins_together(&columns[c + 1], &columns[c]))
            return false;
    return lines >= 8;
}

/* Leaves of the gutters those between columns: all of them, or the one nearest to the middle; none when there are no columns. */
static void keep_columns(struct gutters *gutters, struct pdf_piece *pieces, size_t count, int page_width)
{
    struct arena scratch;
    struct column columns[COLUMNS_MAX];
    bool ok = false;
    arena_init(&scratch);
    if (gutters->count > 0 && gutters->count < COLUMNS_MAX) {
        fill_columns(pieces, count, gutters, &scratch, columns);
        ok = are_columns(columns, gutters->count + 1, page_width);
    }
    if (gutters->count > 1 && !ok) {
        struct interval best = gutters->items[0];
        for (size_t i = 1; i < gutters->count; i++) {
            struct interval gutter = gutters->items[i];
            if (abs(gutter.from + gutter.to - page_width) < abs(best.from + best.to - page_width))
                best = gutter;
        }
        *gutters = (struct gutters){.items = {best}, .count = 1};
        fill_columns(pieces, count, gutters, &scratch, columns);
        ok = are_columns(columns, 2, page_width);
    }
    if (!ok)
        gutters->count = 0;
    arena_release(&scratch);
}

/* ---- the page ---- */

static void take_lines(struct pdf_lines *out, const struct pdf_lines *lines, const struct pdf_page *page, bool is_column,
                       unsigned *flow, struct arena *arena)
{
    if (lines->count == 0)
        return;
    for (size_t i = 0; i < lines->count; i++) {
        out->items = arena_more(arena, out->items, out->count, &out->capacity, sizeof(*out->items));
        struct pdf_line *line = &out->items[out->count++];
        *line = lines->items[i];
        line->page = page->number;
        line->flow = *flow;
        line->band_width = is_column ? 0 : page->width;
    }
    (*flow)++;
}

static void take_band(struct pdf_lines *out, struct pdf_piece *pieces, size_t count, const struct pdf_page *page,
                      unsigned *flow, struct arena *arena)
{
    struct pdf_lines lines = {0};
    pdf_group(pieces, count, arena, &lines);
    take_lines(out, &lines, page, false, flow, arena);
}

/* Behind the pieces that begin no lower than the one at `first` ends, half of it at least. */
static size_t next_row(const struct pdf_piece *pieces, size_t first, size_t count)
{
    size_t next = first + 1;
    while (next < count && is_beside(&pieces[first], &pieces[next]))
        next++;
    return next;
}

/* All pieces that are not gone, from the top down, and the interval that they cover. */
static size_t take_pieces(const struct pdf_page *page, struct pdf_piece *pieces, struct interval *width)
{
    size_t count = 0;
    *width = (struct interval){PDF_PLACE_MAX, -PDF_PLACE_MAX};
    for (size_t i = 0; i < page->count; i++) {
        if (page->pieces[i].is_gone)
            continue;
        width->from = least(width->from, page->pieces[i].left);
        width->to = most(width->to, page->pieces[i].right);
        pieces[count++] = page->pieces[i];
    }
    qsort(pieces, count, sizeof(*pieces), by_top);
    return count;
}

/* How many of the pieces stand above the page's foot: a line at its lower end, with white above it, that is no part of the last column above it. */
static size_t above_foot(const struct pdf_page *page, const struct pdf_piece *pieces, size_t count)
{
    size_t foot = count;
    int bottom = 0;
    while (foot > 0 && is_beside(&pieces[count - 1], &pieces[foot - 1]))
        foot--;
    for (size_t i = 0; i < foot; i++)
        bottom = most(bottom, pieces[i].bottom);
    bool is_foot = foot > 0 && pieces[foot].top > page->height - page->height / 12 &&
                   pieces[foot].top - bottom > 3 * pieces[foot].size / 2;
    return is_foot ? foot : count;
}

void pdf_flow_lines(const struct pdf_page *page, struct arena *arena, unsigned *flow, struct pdf_lines *lines)
{
    struct pdf_piece *pieces = arena_alloc(arena, page->count + 1, sizeof(*pieces));
    struct interval width;
    size_t count = take_pieces(page, pieces, &width), band = 0, tried = 0;
    for (size_t at = 0; at < count;) {
        struct gutters gutters;
        struct column columns[COLUMNS_MAX];
        size_t taken = run_count(pieces + at, count - at, width, &gutters);
        if (taken >= PIECES_MIN)
            taken = above_foot(page, pieces + at, taken);
        if (taken >= PIECES_MIN)
            keep_columns(&gutters, pieces + at, taken, page->width);
        if (taken < PIECES_MIN || gutters.count == 0) {
            /* Columns may begin at the next row; but each try looks at all of the run, so their number is bounded. */
            tried += taken;
            at = tried < TRIED_PIECES_MAX || taken == 0 ? next_row(pieces, at, count) : at + taken;
            continue;
        }
        take_band(lines, pieces + band, at - band, page, flow, arena);
        fill_columns(pieces + at, taken, &gutters, arena, columns);
        for (size_t c = 0; c <= gutters.count; c++)
            take_lines(lines, &columns[c].lines, page, true, flow, arena);
        at += taken;
        band = at;
    }
    take_band(lines, pieces + band, count - band, page, flow, arena);
}
