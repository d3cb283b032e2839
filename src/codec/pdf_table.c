/* pdf_table.c - lines whose parts stand below each other, with white between them, are rows of a table.
 *
 *   S.No Part Name   Price (in         Notes         ← a head may stand at its cells' feet
 *                    thousands)
 *   1    Seats       18 – 45           Varies by     ← a cell that is too full goes on in the next line
 *                                      material
 *   2    Door locks  2.5 – 7
 *
 * Columns are what white strips (gutters) divide through all lines, and places at which many lines begin a piece. A line goes on with the row
 * above when it is close to it and leaves the first column empty, or a word is divided between them, or for most of its cells the first word would not
 * have fitted into the line above; else it begins a row. */
#include "pdf_table.h"
#include "table_grid.h"
#include <stdlib.h>
#include <string.h>

enum { SPANS_MAX = 64, LINE_PIECES_MAX = 256, NEAR_LINES = 64 };

struct span {
    int left, right;
};

struct spans {
    struct span items[SPANS_MAX];
    size_t count;
};

/* Lines that follow each other and leave strips free. */
struct run {
    struct spans gutters;
    size_t parted;  /* lines of several parts */
    size_t hanging; /* of one, which go on with what stands in a column that is not the first of three or more */
    size_t led;     /* above them: a bold head that stands so close, or whose cells do, that no gutter goes through it */
};

/* ---- finding one ---- */

/* The line's pieces, joined where no more than a wide space is between them, or a list's mark before it. */
static void find_spans(const struct pdf_line *line, struct spans *spans)
{
    spans->count = 0;
    for (size_t i = 0; i < line->count; i++) {
        const struct pdf_piece *piece = &line->pieces[i];
        struct span *last = spans->count > 0 ? &spans->items[spans->count - 1] : NULL;
        bool is_joined = last != NULL && (piece->left - last->right < line->size * 4 / 5 || spans->count == SPANS_MAX);
        if (last != NULL && i == 1 && pdf_mark_of(line->pieces[0].text).size == line->pieces[0].text.size)
            is_joined = true;
        if (!is_joined)
            spans->items[spans->count++] = (struct span){piece->left, piece->right};
        else if (piece->right > last->right)
            last->right = piece->right;
    }
}

/* Takes what the spans cover out of the gutters. */
static void subtract(struct spans *gutters, const struct spans *spans, int width_min)
{
    for (size_t s = 0; s < spans->count; s++) {
        struct spans left = {.count = 0};
        struct span span = spans->items[s];
        for (size_t i = 0; i < gutters->count; i++) {
            struct span gutter = gutters->items[i];
            bool is_apart = span.right <= gutter.left || span.left >= gutter.right;
            struct span before = {gutter.left, is_apart || span.left > gutter.right ? gutter.right : span.left};
            int before_min = is_apart ? width_min * 3 / 5 : width_min; /* it was found wide enough */
            if (before.right - before.left >= before_min && left.count < SPANS_MAX)
                left.items[left.count++] = before;
            if (!is_apart && gutter.right - span.right >= width_min && left.count < SPANS_MAX)
                left.items[left.count++] = (struct span){span.right, gutter.right};
        }
        *gutters = left;
    }
}

/* How many gutters have something at both sides: all but those that reach to the page's ends. */
static size_t inner_count(const struct spans *gutters)
{
    size_t count = 0;
    for (size_t i = 0; i < gutters->count; i++)
        count += gutters->items[i].left > -PDF_PLACE_MAX && gutters->items[i].right < 2 * PDF_PLACE_MAX;
    return count;
}

/* A line of one part that stands apart, or looks otherwise, is a heading or text behind the table. */
static bool stands_apart(const struct pdf_line *line, const struct pdf_line *before)
{
    int gap = line->top - before->bottom;
    return gap > line->size || abs(line->size - before->size) * 8 > before->size ||
           (line->is_bold && !before->is_bold && gap > line->size / 2);
}

/* Whether the only part of `line` stands above a part of the next one that is not its first: as heads do whose cells end together. */
static bool is_foot_of(const struct pdf_line *line, const struct pdf_line *next)
{
    struct spans spans;
    find_spans(next, &spans);
    for (size_t i = 1; i < spans.count; i++)
        if (abs(spans.items[i].left - line->left) <= 3)
            return true;
    return false;
}

static bool overlaps(const struct spans *spans, struct span wanted)
{
    for (size_t i = 0; i < spans->count; i++)
        if (spans->items[i].left < wanted.right && spans->items[i].right > wanted.left)
            return true;
    return false;
}

/* Whether a piece that covers the gutter may be two cells that stand so close that they came as one: a word of it ends there. */
static bool may_part(const struct pdf_line *line, struct span gutter)
{
    for (size_t i = 0; i < line->count; i++) {
        const struct pdf_piece *piece = &line->pieces[i];
        int64_t width = piece->right - piece->left, size = (int64_t)piece->text.size;
        if (piece->right <= gutter.left || piece->left >= gutter.right)
            continue;
        bool may = piece->left >= gutter.left || piece->right <= gutter.right;
        for (size_t at = 1; at + 1 < piece->text.size && !may; at++) {
            int64_t place = piece->left + width * (int64_t)at / size;
            may = piece->text.data[at] == ' ' && place >= gutter.left - line->size / 2 &&
                  place <= gutter.right + line->size / 4;
        }
        if (!may)
            return false;
    }
    return true;
}

/* Whether `line`, which leaves only `next` of the gutters, is a row among those from `first` on all the same: it stands as far below the one before
 * as that one below its own, begins where they do and ends no later (`right`), and each gutter that it covers lies between two of its words. */
static bool is_close_row(const struct pdf_line *first, const struct pdf_line *line, int right, const struct spans *gutters,
                         const struct spans *next)
{
    int gap = line->top - line[-1].bottom, gap_before = line[-1].top - line[-2].bottom;
    if (gap < 0 || abs(gap - gap_before) > 1 || pdf_mark_of(line->text).size > 0 || line->size != first->size ||
        line->is_bold != line[-1].is_bold || abs(line->left - line[-1].left) > 2)
        return false;
    if (line->right > right + line->size / 2)
        return false;
    for (size_t i = 0; i < gutters->count; i++)
        if (!overlaps(next, gutters->items[i]) && !may_part(line, gutters->items[i]))
            return false;
    return true;
}

/* Whether the line begins behind the first column of three or more. */
static bool hangs(const struct pdf_line *line, const struct spans *gutters)
{
    int first = PDF_PLACE_MAX;
    for (size_t i = 0; i < gutters->count; i++)
        if (gutters->items[i].left > -PDF_PLACE_MAX && gutters->items[i].right < first)
            first = gutters->items[i].right;
    return inner_count(gutters) >= 2 && line->left >= first - 3;
}

/* Whether the line begins where a column does that is not the first of three or more. */
static bool is_at_column(const struct pdf_line *line, const struct spans *gutters)
{
    bool is_at = false;
    for (size_t i = 0; i < gutters->count; i++)
        is_at = is_at || (gutters->items[i].left > -PDF_PLACE_MAX && abs(line->left - gutters->items[i].right) <= 3);
    return is_at && inner_count(gutters) >= 2;
}

/* Whether the line is the first of a cell whose neighbours stand at half its height: the rest of the row stands right below it. */
static bool leads_row(const struct pdf_line *line, size_t left, const struct spans *gutters)
{
    struct spans next;
    if (left < 2 || !is_at_column(line, gutters) || line[1].flow != line->flow || line->is_bold != line[1].is_bold ||
        line->size != line[1].size || line[1].top - line->bottom > line->size / 2)
        return false;
    find_spans(&line[1], &next);
    return next.count > 1 && line[1].left < line->left - line->size;
}

/* Whether the line, which covers gutters, is the name of the rows below it: it begins with the table, alone, as far from the row above as from the
 * one below, which stand apart as rows do and have the same columns, and ends before the last of these. */
static bool names_rows(const struct pdf_line *first, const struct pdf_line *line, size_t left, const struct spans *gutters)
{
    if (line == first || left < 2 || line->count != 1 || line[1].flow != line->flow || line->size != line[1].size ||
        line[-1].size != line->size)
        return false;
    int above = line->top - line[-1].bottom, below = line[1].top - line->bottom;
    struct spans spans_above, spans_below, next = *gutters;
    int last = -PDF_PLACE_MAX;
    for (size_t i = 0; i < gutters->count; i++)
        if (gutters->items[i].right < 2 * PDF_PLACE_MAX && gutters->items[i].right > last)
            last = gutters->items[i].right;
    find_spans(&line[-1], &spans_above);
    find_spans(&line[1], &spans_below);
    subtract(&next, &spans_below, line->size * 2 / 3);
    return abs(above - below) <= 1 && 2 * above > line->size && abs(line->left - first->left) <= 3 && line->right < last &&
           spans_above.count > 1 && spans_below.count > 1 && inner_count(&next) == inner_count(gutters);
}

/* Too few rows for so many lines, though a cell may fill many. */
static bool is_sparse(const struct run *run, size_t count)
{
    enum { CELL_LINES_MAX = 40 };
    return 5 * run->parted < count - run->hanging || CELL_LINES_MAX * run->parted < count;
}

/* Lines from the first on through which gutters go: how many. */
static size_t find_run(const struct pdf_line *lines, size_t count, struct run *run)
{
    size_t taken = 0, close = 0;
    int right = 0;
    struct spans *gutters = &run->gutters;
    *run = (struct run){.gutters = {.items = {{-PDF_PLACE_MAX, 2 * PDF_PLACE_MAX}}, .count = 1}};
    for (; taken < count; taken++) {
        const struct pdf_line *line = &lines[taken];
        struct spans spans, next = *gutters;
        find_spans(line, &spans);
        bool is_full = spans.count == 1 && is_at_column(line, gutters); /* its cell leaves less white than a gutter has */
        subtract(&next, &spans, line->size * 2 / (is_full ? 5 : 3));
        bool is_close = line->flow == lines[0].flow && taken >= 2 && inner_count(&next) < inner_count(gutters) &&
                        2 * (close + 1) < run->parted && is_close_row(lines, line, right, gutters, &next);
        bool is_name = !is_close && inner_count(&next) < inner_count(gutters) &&
                       names_rows(lines, line, count - taken, gutters);
        if (is_close || is_name) {
            next = *gutters;
            close += is_close;
        }
        if (spans.count == 1 && !is_close && !is_name && run->parted >= 3 && inner_count(&next) + 2 <= inner_count(gutters))
            break; /* text right behind the table, over several of its columns */
        bool may_lead = taken == 0 && spans.count == 1 && count > 1 && is_foot_of(line, &lines[1]);
        if (line->flow != lines[0].flow || line->count > LINE_PIECES_MAX || (inner_count(&next) == 0 && !may_lead))
            break;
        if (taken >= 16 && is_sparse(run, taken)) /* it is over, if it was one */
            break;
        if (taken > 0 && spans.count == 1 && !is_close && !is_name && stands_apart(line, line - 1) &&
            !leads_row(line, count - taken, &next))
            break;
        *gutters = next;
        run->parted += spans.count > 1;
        run->hanging += spans.count == 1 && hangs(line, gutters);
        right = line->right > right ? line->right : right;
    }
    return taken;
}

static bool is_table(const struct run *run, size_t count, int size)
{
    const struct spans *gutters = &run->gutters;
    size_t parted = run->parted;
    int narrowest = PDF_PLACE_MAX;
    size_t inner = inner_count(gutters);
    for (size_t i = 0; i < gutters->count; i++)
        if (gutters->items[i].right - gutters->items[i].left < narrowest)
            narrowest = gutters->items[i].right - gutters->items[i].left;
    return inner >= 1 && parted >= 2 && !is_sparse(run, count) && (inner >= 2 || parted >= 3 || 2 * narrowest >= 3 * size);
}

/* Whether the lines reach from the first gutter's left to behind the last one, as a heading above a table seldom does. */
static bool reaches_over(const struct pdf_line *lines, size_t count, const struct spans *gutters)
{
    int first = PDF_PLACE_MAX, last = 0, left = PDF_PLACE_MAX, right = 0;
    size_t words = 1;
    for (size_t i = 0; i < gutters->count; i++)
        if (gutters->items[i].left > -PDF_PLACE_MAX && gutters->items[i].right < 2 * PDF_PLACE_MAX) {
            first = gutters->items[i].right < first ? gutters->items[i].right : first;
            last = gutters->items[i].right > last ? gutters->items[i].right : last;
        }
    for (size_t i = 0; i < count; i++) {
        left = lines[i].left < left ? lines[i].left : left;
        right = lines[i].right > right ? lines[i].right : right;
        words += lines[i].count;
        for (size_t at = 0; at < lines[i].text.size; at++)
            words += lines[i].text.data[at] == ' ';
    }
    return left < first + lines->size && right > last + lines->size / 2 && words > inner_count(gutters);
}

/* ---- its columns ---- */

static void add_start(struct pdf_table *table, int start)
{
    size_t at = table->column_count;
    if (at == PDF_COLUMNS_MAX)
        return;
    while (at > 0 && table->starts[at - 1] > start) {
        table->starts[at] = table->starts[at - 1];
        at--;
    }
    table->starts[at] = start;
    table->column_count++;
}

/* Whether a column begins at most `reach` before or behind. */
static bool has_start(const struct pdf_table *table, int start, int reach)
{
    for (size_t i = 0; i < table->column_count; i++)
        if (abs(table->starts[i] - start) <= reach)
            return true;
    return false;
}

static size_t column_of(const struct pdf_table *table, int left)
{
    size_t column = 0;
    while (column + 1 < table->column_count && left >= table->starts[column + 1] - 3)
        column++;
    return column;
}

/* How many lines have a piece that begins here, and before that another of the same column. */
static size_t lines_with_start(const struct pdf_table *table, int start)
{
    size_t count = 0;
    for (size_t i = 0; i < table->count; i++) {
        const struct pdf_line *line = &table->lines[i];
        for (size_t p = 1; p < line->count; p++) {
            const struct pdf_piece *piece = &line->pieces[p];
            if (abs(piece->left - start) <= 1 && column_of(table, piece[-1].left) == column_of(table, start)) {
                count++;
                break;
            }
        }
    }
    return count;
}

/* Columns by gutters first; then places within them at which many lines begin a piece, though cells that are too full reach beyond them.
 * Only the first lines are asked for places, so that a long table costs no more than its length. */
static void find_columns(struct pdf_table *table, const struct spans *gutters, size_t parted)
{
    enum { LINES_ASKED = 16 };
    int left = PDF_PLACE_MAX;
    for (size_t i = 0; i < table->count; i++)
        left = table->lines[i].left < left ? table->lines[i].left : left;
    add_start(table, left);
    for (size_t i = 0; i < gutters->count; i++)
        if (gutters->items[i].left > -PDF_PLACE_MAX && gutters->items[i].right < 2 * PDF_PLACE_MAX)
            add_start(table, gutters->items[i].right);
    for (size_t i = 0; i < table->count && i < LINES_ASKED; i++) {
        const struct pdf_line *line = &table->lines[i];
        for (size_t p = 1; p < line->count && p < SPANS_MAX; p++) {
            int start = line->pieces[p].left;
            if (has_start(table, start, 3))
                continue;
            size_t count = lines_with_start(table, start);
            if (count >= 2 && 4 * count >= parted)
                add_start(table, start);
        }
    }
}

/* ---- its cells ---- */

static void add_to_cell(struct pdf_cell *cell, struct slice text, int left, int right, int size, struct arena *arena)
{
    text = slice_trim(text);
    if (text.size == 0)
        return;
    if (cell->text.size == 0)
        *cell = (struct pdf_cell){.text = text, .left = left, .right = right};
    else {
        bool is_space = cell->has_space || pdf_is_space(left - cell->right, size);
        cell->text = slice_from(arena_format(arena, "%.*s%s%.*s", (int)cell->text.size, cell->text.data, is_space ? " " : "",
                                             (int)text.size, text.data));
        cell->right = right;
        cell->has_space = false;
    }
}

/* Whether a cell may end before byte `at`: at a space, or where a small letter stands before a capital, or a letter before a digit. */
static bool may_split(struct slice text, size_t at)
{
    if (at == 0 || at >= text.size)
        return false;
    char before = text.data[at - 1], after = text.data[at];
    bool is_small = before >= 'a' && before <= 'z';
    return after == ' ' || (is_small && ((after >= 'A' && after <= 'Z') || (after >= '0' && after <= '9')));
}

/* Where the text may be split, next to where the column begins were all characters equally wide; its size when nowhere near. */
static size_t place_to_split(const struct pdf_piece *piece, int start)
{
    int64_t width = piece->right - piece->left;
    size_t guess = (size_t)((int64_t)piece->text.size * (start - piece->left) / (width > 0 ? width : 1));
    size_t reach = piece->text.size / 4 + 1;
    for (size_t step = 0; step <= reach; step++) {
        if (may_split(piece->text, guess + step))
            return guess + step;
        if (guess >= step && may_split(piece->text, guess - step))
            return guess - step;
    }
    return piece->text.size;
}

/* All that its line has, and it ends before the last column, without an amount behind where the second one begins: the name of the rows below, which
 * needs more room than its column has. */
static bool is_name_alone(const struct pdf_table *table, const struct pdf_cell *cells, const struct pdf_piece *piece,
                          size_t split)
{
    size_t line = (size_t)(cells - table->cells) / table->column_count;
    bool has_digit = false;
    for (size_t i = split; i < piece->text.size; i++)
        has_digit = has_digit || (piece->text.data[i] >= '0' && piece->text.data[i] <= '9');
    return table->lines[line].count == 1 && !has_digit && piece->right < table->starts[table->column_count - 1];
}

/* A piece may reach over the beginning of a column that others keep: then it holds two cells. */
static void add_piece(struct pdf_table *table, struct pdf_cell *cells, const struct pdf_piece *piece, struct arena *arena)
{
    size_t column = column_of(table, piece->left);
    bool is_over = column + 1 < table->column_count && piece->right > table->starts[column + 1] + table->size;
    size_t split = is_over ? place_to_split(piece, table->starts[column + 1]) : piece->text.size;
    if (is_over && is_name_alone(table, cells, piece, split))
        split = piece->text.size;
    int middle = split < piece->text.size ? table->starts[column + 1] : piece->right;
    add_to_cell(&cells[column], slice_range(piece->text, 0, split), piece->left, middle, table->size, arena);
    if (split < piece->text.size)
        add_to_cell(&cells[column + 1], slice_range(piece->text, split, piece->text.size), middle, piece->right, table->size,
                    arena);
    cells[split < piece->text.size ? column + 1 : column].has_space = piece->has_space;
}

/* Where a head may end its cell before this column: where cells below begin if they begin together, else behind those of the column before. */
static int head_start(const struct pdf_table *table, size_t column)
{
    size_t together = 0, count = 0;
    int start = table->starts[column], behind = table->starts[column - 1];
    for (size_t i = table->led; i < table->count; i++)
        for (size_t p = 0; p < table->lines[i].count; p++) {
            const struct pdf_piece *piece = &table->lines[i].pieces[p];
            bool is_here = column_of(table, piece->left) == column;
            count += is_here;
            together += is_here && abs(piece->left - start) <= 3;
            if (column_of(table, piece->left) + 1 == column && piece->right < start && piece->right > behind)
                behind = piece->right;
        }
    return 2 * together >= count ? start : behind + table->size / 2;
}

/* The line below, of the head too, has several pieces below this one: it is a name of their group. */
static bool names_group(const struct pdf_table *table, size_t line, const struct pdf_piece *piece)
{
    size_t below = 0;
    if (line + 1 >= table->led)
        return false;
    for (size_t p = 0; p < table->lines[line + 1].count; p++) {
        const struct pdf_piece *other = &table->lines[line + 1].pieces[p];
        int middle = (other->left + other->right) / 2;
        below += middle > piece->left && middle < piece->right;
    }
    return below > 1;
}

/* It stands in each of the columns that it goes over. */
static void add_group_piece(struct pdf_table *table, struct pdf_cell *cells, const struct pdf_piece *piece, struct arena *arena)
{
    for (size_t c = 0; c < table->column_count; c++) {
        bool is_over = c > 0 && head_start(table, c) < piece->right &&
                       (c + 1 == table->column_count || table->starts[c + 1] > piece->left + table->size);
        if (is_over)
            add_to_cell(&cells[c], piece->text, piece->left, piece->right, table->size, arena);
    }
}

/* A piece of a head, whose cells stand so close that they came as one. */
static void add_head_piece(struct pdf_table *table, struct pdf_cell *cells, const struct pdf_piece *piece, struct arena *arena)
{
    struct pdf_piece rest = *piece;
    size_t column = column_of(table, piece->left + table->size);
    if (column + 1 < table->column_count && piece->right > table->starts[column + 1] &&
        piece->left >=
            head_start(table, column + 1)) /* above amounts of which the longest are shorter than it and their sign */
        column++;
    for (; column < table->column_count && rest.text.size > 0; column++) {
        bool is_last = column + 1 == table->column_count;
        int next = is_last ? rest.right : head_start(table, column + 1);
        size_t split = !is_last && rest.right > next + table->size / 2 ? place_to_split(&rest, next) : rest.text.size;
        int64_t width = (int64_t)(rest.right - rest.left) * (int64_t)split / (int64_t)rest.text.size;
        int middle = rest.left + (int)width;
        add_to_cell(&cells[column], slice_range(rest.text, 0, split), rest.left, middle, table->size, arena);
        if (split < rest.text.size && rest.text.data[split] == ' ')
            split++;
        rest.text = slice_range(rest.text, split, rest.text.size);
        rest.left = middle;
    }
}

static void fill_cells(struct pdf_table *table, struct arena *arena)
{
    table->cells = arena_alloc(arena, table->count * table->column_count, sizeof(*table->cells));
    for (size_t i = 0; i < table->count; i++)
        for (size_t p = 0; p < table->lines[i].count; p++) {
            const struct pdf_piece *piece = &table->lines[i].pieces[p];
            bool is_group = i < table->led && names_group(table, i, piece);
            (is_group         ? add_group_piece
             : i < table->led ? add_head_piece
                              : add_piece)(table, table->cells + i * table->column_count, piece, arena);
        }
}

/* Whether the column has text in the head alone, and the other one below it alone: a name at its left end above numbers at its right end. */
static bool are_one_column(const struct pdf_table *table, size_t named, size_t other, size_t head)
{
    bool has_name = false;
    for (size_t i = 0; i < table->count; i++) {
        const struct pdf_cell *cells = table->cells + i * table->column_count;
        if (i < head ? cells[other].text.size > 0 : cells[named].text.size > 0)
            return false;
        has_name = has_name || cells[named].text.size > 0;
    }
    return has_name;
}

/* Column `column` becomes part of the one before it. */
static void join_column(struct pdf_table *table, size_t column)
{
    size_t kept = 0, all = table->count * table->column_count;
    for (size_t i = 0; i < all; i++) {
        if (i % table->column_count != column)
            table->cells[kept++] = table->cells[i];
        else if (table->cells[i].text.size > 0)
            table->cells[kept - 1] = table->cells[i];
    }
    table->column_count--;
    memmove(table->starts + column, table->starts + column + 1, (table->column_count - column) * sizeof(*table->starts));
}

static void join_columns(struct pdf_table *table)
{
    size_t head = table->head_lines > 0 ? table->head_lines : 1;
    for (size_t c = 1; c < table->column_count && head < table->count;)
        if (are_one_column(table, c - 1, c, head) || are_one_column(table, c, c - 1, head))
            join_column(table, c);
        else
            c++;
}

/* ---- its rows ---- */

/* Whether the cell's first word would have fitted behind the cell above. */
static bool would_fit(const struct pdf_table *table, size_t column, const struct pdf_cell *above, const struct pdf_cell *cell)
{
    size_t word;
    int64_t width = cell->right - cell->left;
    if (!slice_find(cell->text, ' ', &word))
        word = cell->text.size;
    int64_t needed = above->right - above->left + table->size / 4 + width * (int64_t)word / (int64_t)cell->text.size;
    int start = table->starts[column];
    int end = column + 1 < table->column_count ? table->starts[column + 1] - table->size / 2 : table->right + 2;
    return needed <= end - start;
}

static int compare_gaps(const void *a, const void *b)
{
    int first = *(const int *)a, second = *(const int *)b;
    return (first > second) - (first < second);
}

static int gap_above(const struct pdf_table *table, size_t line)
{
    return table->lines[line].top - table->lines[line - 1].bottom;
}

/* What the white between lines tells: where much of it is wider than the rest, rows are spaced; where only the first, it parts the head. */
static void measure_gaps(struct pdf_table *table)
{
    size_t wide = 0, count = table->count - 1 - table->led;
    int *gaps = memory_alloc(count + 1, sizeof(*gaps));
    for (size_t i = 0; i < count; i++)
        gaps[i] = gap_above(table, table->led + i + 1);
    qsort(gaps, count, sizeof(*gaps), compare_gaps);
    table->tight_gap = gaps[count / 5] + table->size / 4;
    for (size_t i = 0; i < count; i++)
        wide += gaps[i] > table->tight_gap;
    table->is_spaced = wide >= 2 && 4 * wide >= count;
    table->head_lines = table->led;
    for (size_t i = 1; i < table->count && i <= PDF_HEAD_LINES_MAX && table->head_lines == 0; i++)
        if (gap_above(table, i) > table->tight_gap)
            table->head_lines = i;
    free(gaps);
}

/* The first wide gap may be that between two tables: rows of amounts are no head. */
static void drop_rows_from_head(struct pdf_table *table)
{
    for (size_t i = 1; i < table->head_lines && table->led == 0; i++)
        if (pdf_has_amounts(table, i))
            table->head_lines = 0;
}

/* No text is set with so much white between its lines, or there is less of it in the paragraphs around, and no line goes on alone. */
static bool is_open(const struct pdf_table *table)
{
    int least = PDF_PLACE_MAX;
    bool all_begin = true;
    for (size_t i = table->led + 1; i < table->count; i++) {
        least = gap_above(table, i) < least ? gap_above(table, i) : least;
        all_begin = all_begin && table->cells[i * table->column_count].text.size > 0;
    }
    return 4 * least > 3 * table->size || (all_begin && table->text_gap > 0 && least - table->text_gap > table->size / 5);
}

/* Not "(781)" above "555-1040", which is one number. */
static bool is_amount(struct slice text)
{
    return text.size > 0 && pdf_is_numeric(text) && memchr(text.data + 1, '-', text.size - 1) == NULL &&
           memchr(text.data, '(', text.size) == NULL && memchr(text.data, ')', text.size) == NULL;
}

/* "Investments | 1,216.0" above "| 1,216.0", "Screws | 0.05 | 10.00" above "| Net | 60.00" and that above "| VAT | 12.00": an amount below another one is of a
 * row of its own where all that stands beside it is below amounts or nothing, or the line above has no name either and is filled alike. */
static bool has_sum(const struct pdf_table *table, size_t line)
{
    const struct pdf_cell *cells = table->cells + line * table->column_count, *above = cells - table->column_count;
    bool is_below_amounts = true, is_alike = above[0].text.size == 0;
    size_t sums = 0;
    for (size_t c = 1; c < table->column_count; c++) {
        bool is_range = slice_ends_with(above[c].text, SLICE("–")) || slice_ends_with(above[c].text, SLICE("-"));
        is_alike = is_alike && (cells[c].text.size > 0) == (above[c].text.size > 0);
        if (cells[c].text.size == 0)
            continue;
        is_below_amounts = is_below_amounts && (above[c].text.size == 0 || is_amount(above[c].text)) &&
                           !table_is_year(cells[c].text) && !is_range;
        sums += is_amount(above[c].text) && is_amount(cells[c].text) && !table_is_year(cells[c].text);
    }
    return sums > 0 && (is_below_amounts || is_alike);
}

/* Whether `line` goes on with the row that began at `first`. A word that was divided decides; else the cells vote: numbers do not go on in the
 * next line. */
static bool goes_on(const struct pdf_table *table, size_t first, size_t line)
{
    const struct pdf_cell *cells = table->cells + line * table->column_count, *above = cells - table->column_count;
    if (line >= table->first_row || table->is_open || gap_above(table, line) > table->tight_gap)
        return false;
    if (table->is_spaced || (cells[0].text.size == 0 && !has_sum(table, line)))
        return true;
    size_t filled = pdf_filled_count(table, line), on = filled < pdf_filled_count(table, first), off = 0;
    for (size_t c = 0; c < table->column_count; c++) {
        struct slice text = above[c].text;
        if (cells[c].text.size == 0)
            continue;
        if (text.size > 1 && text.data[text.size - 1] == '-')
            return true;
        if (is_amount(text) && is_amount(cells[c].text))
            off += 2;
        else if (text.size > 0 && !would_fit(table, c, &above[c], &cells[c]))
            on++;
        else
            off++;
    }
    return on > off && filled < table->column_count; /* cells that all go on are rarer than rows of full cells */
}

/* Behind the row that begins at `line`. */
static size_t row_end(const struct pdf_table *table, size_t line)
{
    size_t end = line + 1, limit = line < table->first_row && table->first_row < table->count ? table->first_row : table->count;
    if (line >= table->first_row)
        return end;
    if (line == 0 && table->head_lines > 0)
        return table->head_lines < limit ? table->head_lines : limit;
    if (line == 0) /* a head's cells may end together instead of beginning so */
        while (end < limit && table->cells[(end - 1) * table->column_count].text.size == 0 && !pdf_has_amounts(table, end))
            end++;
    while (end < limit && goes_on(table, line, end))
        end++;
    return end;
}

static void row_init(struct pdf_row *row, size_t count, size_t size_max)
{
    row->count = count;
    for (size_t c = 0; c < count; c++)
        buffer_init(&row->cells[c], size_max);
    buffer_init(&row->text, size_max);
}

static void row_release(struct pdf_row *row)
{
    for (size_t c = 0; c < row->count; c++)
        buffer_release(&row->cells[c]);
    buffer_release(&row->text);
}

void pdf_read_row(const struct pdf_table *table, size_t line, size_t end, const struct pdf_words *words, struct pdf_row *row)
{
    buffer_clear(&row->text);
    for (size_t c = 0; c < table->column_count; c++) {
        buffer_clear(&row->cells[c]);
        for (size_t i = line; i < end; i++)
            pdf_join(&row->cells[c], table->cells[i * table->column_count + c].text, words);
        if (c > 0)
            buffer_append_text(&row->text, " | ");
        buffer_append_slice(&row->text, buffer_slice(&row->cells[c]));
    }
}

/* Reads the row that begins at `line` and whether it is a head; returns where it ends. */
static size_t read_next_row(const struct pdf_table *table, size_t line, const struct pdf_words *words, struct pdf_row *row,
                            struct pdf_row *below, bool *is_named)
{
    size_t end = line == 0 ? pdf_read_grouped_head(table, words, row) : 0;
    *is_named = end > 0;
    if (end > 0)
        return end;
    end = row_end(table, line);
    pdf_read_row(table, line, end, words, row);
    size_t below_end = line == 0 && end < table->count ? row_end(table, end) : table->count;
    if (below_end < table->count) {
        pdf_read_row(table, end, below_end, words, below);
        *is_named = pdf_join_head(row, below);
        end = *is_named ? below_end : end;
    }
    *is_named = *is_named || (line == 0 && pdf_is_head(table, end, row->cells));
    return end;
}

static void add_rows(struct pdf_table *table, const struct pdf_words *words, struct extract *extract)
{
    struct pdf_row row, below;
    row_init(&row, table->column_count, extract->text.size_max);
    row_init(&below, table->column_count, extract->text.size_max);
    for (size_t line = 0, end; line < table->count; line = end) {
        unsigned page = table->lines[line].page;
        bool is_named;
        end = read_next_row(table, line, words, &row, &below, &is_named);
        if (line > 0 || !pdf_is_head_again(extract, buffer_slice(&row.text)))
            extract_block(extract, is_named ? BLOCK_TABLE_HEAD : BLOCK_TABLE_ROW, 0, page, buffer_slice(&row.text));
    }
    row_release(&row);
    row_release(&below);
}

/* Where text ends around line `first` of its flow. */
static int right_edge(const struct pdf_lines *lines, size_t first, size_t end)
{
    int right = lines->items[first].right;
    for (size_t i = first > NEAR_LINES ? first - NEAR_LINES : 0; i < lines->count && i < end + NEAR_LINES; i++)
        if (lines->items[i].flow == lines->items[first].flow && lines->items[i].right > right)
            right = lines->items[i].right;
    return right;
}

/* The white between most lines of one piece of the same font around the table; 0 when there are none. */
static int text_gap(const struct pdf_lines *lines, size_t first, size_t end)
{
    enum { GAPS_MAX = 64, LEAST = 2 };
    size_t counts[GAPS_MAX] = {0}, most = LEAST - 1;
    int found = 0;
    for (size_t i = first > NEAR_LINES ? first - NEAR_LINES : 0; i + 1 < lines->count && i < end + NEAR_LINES; i++) {
        const struct pdf_line *line = &lines->items[i], *next = line + 1;
        int gap = next->top - line->bottom + 1; /* lines without white have a gap of 1, so that 0 is none */
        if ((i + 1 >= first && i < end) || line->flow != next->flow || line->count != 1 || next->count != 1)
            continue;
        if (line->size != lines->items[first].size || next->size != line->size || gap < 0 || gap >= GAPS_MAX ||
            gap > line->size)
            continue;
        if (++counts[gap] > most) {
            most = counts[gap];
            found = gap;
        }
    }
    return found;
}

/* Whether the line stands as close to the one above as lines of text, or the next one to it. */
static bool is_as_close(const struct pdf_lines *lines, size_t at)
{
    const struct pdf_line *line = &lines->items[at];
    int gap = line->top - line[-1].bottom;
    bool has_next = at + 1 < lines->count && line[1].flow == line->flow;
    return gap <= line->size || (has_next && gap <= line[1].top - line->bottom + line->size / 4 && gap <= 2 * line->size);
}

/* Lines from `first` on that are a table. */
static size_t find_table(const struct pdf_lines *lines, size_t first, struct run *run)
{
    const struct pdf_line *line = &lines->items[first], *body = line;
    size_t left = lines->count - first, count = find_run(line, left, run), led = 0;
    bool is_found = count >= 2 && is_table(run, count, line->size);
    while (led < left && led < PDF_HEAD_LINES_MAX && body->is_bold && body->flow == line->flow && body->size == line->size &&
           (led == 0 || body->top - body[-1].bottom <= line->size / 2)) {
        ++led;
        body++;
    }
    struct run below;
    size_t below_count = 0;
    if (led > 0 && led < left && body->flow == line->flow && is_as_close(lines, first + led))
        below_count = find_run(body, left - led, &below);
    bool is_led = below_count >= 2 && is_table(&below, below_count, body->size) &&
                  (!is_found || inner_count(&below.gutters) + (led > 1) > inner_count(&run->gutters)) &&
                  reaches_over(line, led, &below.gutters);
    if (!is_led)
        return is_found ? count : 0;
    *run = below;
    run->led = led;
    return led + below_count;
}

bool pdf_table_begins(const struct pdf_lines *lines, size_t first)
{
    enum { LINES_AHEAD = 64 }; /* a head shows in the lines right below it */
    struct pdf_lines near = *lines;
    struct run run;
    struct spans spans;
    if (near.count - first > LINES_AHEAD)
        near.count = first + LINES_AHEAD;
    size_t count = find_table(&near, first, &run);
    const struct pdf_line *line = &lines->items[first];
    if (count == 0 || run.led > 0)
        return count > 0;
    find_spans(line, &spans);
    return spans.count > 1 && !line[1].is_bold && is_as_close(lines, first + 1);
}

size_t pdf_table_lines(const struct pdf_lines *lines, size_t first)
{
    struct run run;
    return find_table(lines, first, &run);
}

void pdf_table_write(const struct pdf_lines *lines, size_t first, const struct pdf_words *words, struct extract *extract)
{
    struct run run;
    const struct pdf_line *line = &lines->items[first];
    size_t count = find_table(lines, first, &run);
    struct pdf_table table = {
        .lines = line, .count = count, .size = line->size, .led = run.led, .right = right_edge(lines, first, first + count)};
    table.text_gap = text_gap(lines, first, first + count);
    find_columns(&table, &run.gutters, run.parted);
    measure_gaps(&table);
    fill_cells(&table, extract->arena);
    drop_rows_from_head(&table);
    join_columns(&table);
    pdf_spread_labels(&table, extract->arena);
    table.is_open = is_open(&table);
    add_rows(&table, words, extract);
}
