/* plain.c - plain text into blocks: paragraphs between blank lines, lists by their marks, headings by underlining, by capitals, or by numbers that
 * count on over the text; tables whose head is underlined:
 *
 *   Item        Price   Stock           cells stand between two spaces or more; with fewer of them than the head has, each
 *   --------------------------          belongs to the column that it stands below
 *   Notebook     3.20      14 */
#include "block.h"
#include "captions.h"
#include "table_grid.h"
#include <string.h>

enum {
    HEADING_LINE_MAX = 120,
    CAPITALS_MAX = 80,
    HEADING_LEVELS = 6,
    NUMBERS_MAX = 5,
    NUMBERED_WORDS_MAX = 12,
    COLUMNS_MAX = 24
};

/* A line of at least three of one of = - ~ and nothing else: the level it gives the line above, else 0. */
static unsigned underline_level(struct slice line)
{
    line = slice_trim(line);
    if (line.size < 3)
        return 0;
    for (size_t i = 1; i < line.size; i++)
        if (line.data[i] != line.data[0])
            return 0;
    switch (line.data[0]) {
    case '=':
        return 1;
    case '-':
        return 2;
    case '~':
        return 3;
    default:
        return 0;
    }
}

/* "== Title", "== Title ==": a heading of AsciiDoc or of a wiki, with as many marks as its level. "= Title" is one only where a document begins
 * with it. 0: none. */
static unsigned marked_level(struct slice line, bool is_first, struct slice *title)
{
    unsigned level = 0;
    size_t end = line.size;
    while (level < line.size && level <= HEADING_LEVELS && line.data[level] == '=')
        level++;
    if (level < (is_first ? 1 : 2) || level > HEADING_LEVELS || level == line.size || line.data[level] != ' ')
        return 0;
    while (end > level && line.data[end - 1] == '=')
        end--;
    *title = slice_trim(slice_range(line, level, end));
    return title->size > 0 && line.size <= HEADING_LINE_MAX ? level : 0;
}

/* "- x", "* x", "• x", "12. x", "a) x" */
static bool is_item(struct slice line)
{
    line = slice_trim(line);
    if (slice_starts_with(line, SLICE("- ")) || slice_starts_with(line, SLICE("* ")) ||
        slice_starts_with(line, SLICE("\xE2\x80\xA2 ")))
        return true;
    size_t at = 0;
    while (at < line.size && at < 3 && line.data[at] >= '0' && line.data[at] <= '9')
        at++;
    return at > 0 && at + 1 < line.size && (line.data[at] == '.' || line.data[at] == ')') && line.data[at + 1] == ' ';
}

/* ---- headings without a mark ---- */

static bool has_small_letter(struct slice line)
{
    for (size_t i = 0; i < line.size; i++)
        if (line.data[i] >= 'a' && line.data[i] <= 'z')
            return true;
    return false;
}

/* The next line with text. */
static struct slice next_text(struct slice rest)
{
    struct slice line;
    while (block_next_line(&rest, &line))
        if (slice_trim(line).size > 0)
            return line;
    return SLICE("");
}

/* A line that may be a heading by how it is written alone: in capitals, or with a number. The whole text tells whether it is. */
struct candidate {
    struct slice line;
    unsigned numbers[NUMBERS_MAX]; /* "2.1": 2, 1 */
    size_t depth; /* how many they are */
    bool in_capitals, is_alone; /* an empty line follows */
    bool is_heading;
};

struct candidates {
    struct candidate *items;
    size_t count, capacity;
    size_t next; /* the first that the reader is not past */
};

/* "1.", "2.3", "4)" and white space, but not "09.30" or "12 eggs": its bytes, or 0. */
static size_t read_number(struct slice line, struct candidate *out)
{
    bool has_mark = false;
    size_t at = 0;
    for (out->depth = 0; out->depth < NUMBERS_MAX;) {
        size_t start = at;
        unsigned number = 0;
        for (; at < line.size && at - start < 3 && line.data[at] >= '0' && line.data[at] <= '9'; at++)
            number = 10 * number + (unsigned)(line.data[at] - '0');
        if (at == start)
            break;
        if (line.data[start] == '0' || at - start > 2)
            return 0;
        out->numbers[out->depth++] = number;
        if (at == line.size || !byte_among(line.data[at], ".)"))
            break;
        has_mark = true;
        if (line.data[at++] == ')')
            break;
    }
    bool is_number = at < line.size && line.data[at] == ' ' && (out->depth > 1 || (out->depth == 1 && has_mark));
    out->depth = is_number ? out->depth : 0;
    return is_number ? at : 0;
}

/* "STAFF HANDBOOK" */
static bool is_in_capitals(struct slice line)
{
    size_t capitals = 0;
    for (size_t i = 0; i < line.size; i++)
        capitals += line.data[i] >= 'A' && line.data[i] <= 'Z';
    return capitals >= 4 && 2 * capitals >= line.size && line.size <= CAPITALS_MAX && !has_small_letter(line) &&
           !byte_among(line.data[0], "-*#\"'(<>") && memchr(line.data, '_', line.size) == NULL;
}

/* "SHORTAGES (Ms Ann)" */
static bool begins_with_capitals(struct slice text)
{
    size_t capitals = 0;
    text = slice_trim(text);
    while (capitals < text.size && text.data[capitals] >= 'A' && text.data[capitals] <= 'Z')
        capitals++;
    return capitals >= 3 && (capitals == text.size || byte_among(text.data[capitals], " ,:"));
}

/* "and so on", not "a) first" */
static bool begins_small(struct slice line)
{
    return line.data[0] >= 'a' && line.data[0] <= 'z' && !(line.size > 1 && byte_among(line.data[1], ".)"));
}

/* Whether the line, which an empty one is above, may be a heading of what `rest` begins with. */
static bool may_be_heading(struct slice line, struct slice rest, bool is_first, struct candidate *out)
{
    struct slice next = rest, empty;
    struct candidate below_number;
    *out = (struct candidate){.line = line};
    size_t number = read_number(line, out);
    out->in_capitals = is_in_capitals(line);
    struct slice name = slice_range(line, number, line.size);
    if (number > 0 ? !block_is_name_of(name, NUMBERED_WORDS_MAX) : !out->in_capitals || !block_is_name(name))
        return false;
    struct slice below = next_text(rest);
    out->is_alone = block_next_line(&next, &empty) && slice_trim(empty).size == 0;
    bool is_above_clause = read_number(below, &below_number) > 0 && below_number.depth > out->depth;
    if (below.size == 0 || (out->depth > 0 && below_number.depth > 0 && !is_above_clause)) /* items of a list, or clauses */
        return false;
    if (out->in_capitals && out->is_alone)
        return has_small_letter(below) || is_first;
    if (out->in_capitals) /* a sentence goes on with a small letter */
        return has_small_letter(below) && (number > 0 || !begins_small(below));
    if (!out->is_alone)
        return begins_with_capitals(name) && !begins_small(below);
    return !byte_among(below.data[0], " \t") && (is_above_clause || !is_item(below) || byte_among(below.data[0], "-*\xE2"));
}

/* "2.1" behind "2", "2.2" behind "2.1", "3" behind any of them. */
static bool is_successor(const struct candidate *next, const struct candidate *last)
{
    size_t same = 0;
    while (same < next->depth && same < last->depth && next->numbers[same] == last->numbers[same])
        same++;
    if (same == last->depth)
        return next->depth == same + 1 && next->numbers[same] == 1;
    return next->depth == same + 1 && next->numbers[same] == last->numbers[same] + 1;
}

/* Numbers are those of headings where they count on; false: none do. */
static bool tell_numbered(struct candidates *candidates)
{
    struct candidate *last = NULL;
    bool are_any = false;
    for (size_t i = 0; i < candidates->count; i++) {
        struct candidate *next = &candidates->items[i];
        if (next->depth == 0)
            continue;
        bool counts_on = last != NULL && is_successor(next, last);
        if (counts_on)
            last->is_heading = next->is_heading = are_any = true;
        if (counts_on || next->numbers[next->depth - 1] == 1)
            last = next;
    }
    return are_any;
}

/* Capitals right above text are the manner of a text's headings, when it has several; where they come again, they are who speaks. */
static bool are_capitals_headings(const struct candidates *candidates)
{
    enum { SEVERAL = 3, COMPARED_MAX = 32 };
    size_t count = 0;
    for (size_t i = 0; i < candidates->count; i++) {
        if (!candidates->items[i].in_capitals || candidates->items[i].is_alone)
            continue;
        for (size_t j = i - (i < COMPARED_MAX ? i : COMPARED_MAX); j < i; j++)
            if (slice_equal(candidates->items[i].line, candidates->items[j].line))
                return false;
        count++;
    }
    return count >= SEVERAL;
}

/* Finds the headings that nothing marks but how they are written, and of these keeps those that are; false: none has a number. */
static bool find_headings(struct slice source, struct arena *arena, struct candidates *out)
{
    enum { CODE_LINES_MAX = 1 };
    size_t code_lines = 0;
    bool is_below_empty = true, is_first = true, is_behind_item = false; /* of a list with numbers */
    struct slice rest = source, line;
    while (block_next_line(&rest, &line)) {
        struct candidate found;
        line = slice_trim(line);
        bool may_be = line.size > 0 && is_below_empty && may_be_heading(line, rest, is_first, &found) &&
                      (found.in_capitals || !is_behind_item);
        if (may_be) {
            out->items = arena_more(arena, out->items, out->count, &out->capacity, sizeof(*out->items));
            out->items[out->count++] = found;
        }
        if (line.size > 0 && (is_below_empty || is_item(line)))
            is_behind_item = !may_be && is_item(line) && line.data[0] >= '0' && line.data[0] <= '9';
        is_below_empty = line.size == 0;
        is_first = is_first && line.size == 0;
        code_lines += line.size > 0 && byte_among(line.data[line.size - 1], ";{");
    }
    if (code_lines > CODE_LINES_MAX)
        out->count = 0;
    bool are_numbered = tell_numbered(out), are_headings = are_capitals_headings(out);
    size_t count = 0;
    for (size_t i = 0; i < out->count; i++)
        if (out->items[i].is_heading || (out->items[i].in_capitals && (out->items[i].is_alone || are_headings)))
            out->items[count++] = out->items[i];
    out->count = count;
    return are_numbered;
}

struct plain {
    struct block_collector collector;
    bool open; /* a block has lines */
    enum block_kind kind; /* of that block */
    struct candidates headings; /* that nothing marks */
    bool are_numbered; /* some of those */
};

static void close_block(struct plain *plain)
{
    if (plain->open)
        block_end(&plain->collector, plain->kind, plain->kind == BLOCK_ITEM ? 1 : 0);
    plain->open = false;
}

static void add_line(struct plain *plain, struct slice line, enum block_kind kind)
{
    size_t place = (size_t)(line.data - plain->collector.source.data);
    if (plain->open)
        block_add_text(&plain->collector, SLICE("\n"), SIZE_MAX);
    else
        plain->kind = kind;
    plain->open = true;
    block_add_text(&plain->collector, line, place);
}

static void add_heading(struct plain *plain, struct slice text, unsigned level)
{
    add_line(plain, text, BLOCK_HEADING);
    plain->open = false;
    block_end(&plain->collector, BLOCK_HEADING, level);
}

/* The level of a heading that nothing marks but how it is written; 0: it is none. The first is the text's title where others are below it. */
static unsigned unmarked_level(struct plain *plain, struct slice line, struct slice rest)
{
    const struct blocks *out = plain->collector.out;
    struct candidates *headings = &plain->headings;
    while (headings->next < headings->count && headings->items[headings->next].line.data < line.data)
        headings->next++;
    if (headings->next == headings->count || headings->items[headings->next].line.data != line.data)
        return 0;
    const struct candidate *heading = &headings->items[headings->next++];
    bool is_above_next = headings->next < headings->count && headings->items[headings->next].line.data == next_text(rest).data,
         is_title = out->count == 0 && heading->depth == 0 && line.data[line.size - 1] != '?' &&
                    (headings->count == 1 || is_above_next || plain->are_numbered);
    return is_title ? 1 : heading->depth > 1 ? (unsigned)heading->depth + 1 : 2;
}

/* ---- tables ---- */

struct cell {
    size_t start, end; /* in its line */
};

/* Texts between two white spaces or more, or a tab. */
static size_t split_cells(struct slice line, struct cell cells[COLUMNS_MAX])
{
    size_t count = 0;
    for (size_t at = 0; at < line.size && count < COLUMNS_MAX;) {
        while (at < line.size && byte_among(line.data[at], " \t"))
            at++;
        size_t start = at, end = at;
        while (at < line.size && line.data[at] != '\t' &&
               !(line.data[at] == ' ' && at + 1 < line.size && line.data[at + 1] == ' '))
            end = ++at;
        while (end > start && line.data[end - 1] == ' ')
            end--;
        if (end > start)
            cells[count++] = (struct cell){start, end};
    }
    return count;
}

/* "------", "---- ----- ---" */
static bool is_ruled(struct slice line)
{
    size_t dashes = 0;
    line = slice_trim(line);
    for (size_t i = 0; i < line.size; i++) {
        if (!byte_among(line.data[i], "-= "))
            return false;
        dashes += line.data[i] != ' ';
    }
    return dashes >= 3;
}

/* The column below which most of the cell stands; each is further right than the one before. */
static size_t column_below(struct cell cell, const struct cell *head, size_t count, size_t from)
{
    size_t best = from, most = SIZE_MAX;
    for (size_t c = from; c < count; c++) {
        size_t left = cell.start > head[c].start ? cell.start - head[c].start : head[c].start - cell.start,
               right = cell.end > head[c].end ? cell.end - head[c].end : head[c].end - cell.end,
               off = left < right ? left : right;
        if (off < most) {
            most = off;
            best = c;
        }
    }
    return best;
}

/* Whether the line has a text below one column alone, which is not the first: the cell above goes on in it. */
static bool continues_cell(struct slice line, const struct cell *head, size_t head_count, size_t *column)
{
    struct cell cells[COLUMNS_MAX];
    if (split_cells(line, cells) != 1)
        return false;
    *column = column_below(cells[0], head, head_count, 0);
    return *column > 0 && cells[0].start + 1 >= head[*column].start &&
           !table_is_number(slice_range(line, cells[0].start, cells[0].end));
}

static void add_cell(struct plain *plain, struct slice text)
{
    block_add_text(&plain->collector, text, (size_t)(text.data - plain->collector.source.data));
}

/* Adds lines in which the cell goes on. They stand in the source behind the cells that follow: only those of the last one are told of as there. */
static void add_continued(struct plain *plain, struct slice *rest, const struct cell *head, size_t head_count, size_t column,
                          bool is_last)
{
    struct slice next = *rest, line;
    size_t below;
    while (block_next_line(&next, &line) && continues_cell(line, head, head_count, &below) && below == column) {
        block_add_text(&plain->collector, SLICE(" "), SIZE_MAX);
        if (is_last)
            add_cell(plain, slice_trim(line));
        else
            block_add_text(&plain->collector, slice_trim(line), SIZE_MAX);
        *rest = next;
    }
}

/* The row of the line, and of those below it in which one of its cells goes on: `*rest` is then behind them. */
static void add_row(struct plain *plain, struct slice line, struct slice *rest, const struct cell *head, size_t head_count)
{
    struct cell cells[COLUMNS_MAX];
    size_t count = split_cells(line, cells), column = 0;
    for (size_t i = 0; i < count; i++) {
        size_t wanted = count < head_count ? column_below(cells[i], head, head_count, column + (i > 0)) : i;
        for (; column < wanted; column++)
            block_add_text(&plain->collector, SLICE(" | "), SIZE_MAX);
        add_cell(plain, slice_range(line, cells[i].start, cells[i].end));
        add_continued(plain, rest, head, head_count, column, i + 1 == count);
    }
    block_end(&plain->collector, BLOCK_TABLE_ROW, 0);
}

static void add_head(struct plain *plain, struct slice line, const struct cell *head, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (i > 0)
            block_add_text(&plain->collector, SLICE(" | "), SIZE_MAX);
        add_cell(plain, slice_range(line, head[i].start, head[i].end));
    }
    block_end(&plain->collector, BLOCK_TABLE_HEAD, 0);
}

/* Whether each cell of the first row stands below a name. A rule with gaps tells of columns by itself; tabs have no place. */
static bool is_below_head(struct slice first, const struct cell *head, size_t count, struct slice rule)
{
    struct cell cells[COLUMNS_MAX];
    size_t filled = split_cells(first, cells);
    bool is_one_rule = memchr(slice_trim(rule).data, ' ', slice_trim(rule).size) == NULL;
    if (filled < 2 || filled > count)
        return false;
    for (size_t i = 0; is_one_rule && memchr(first.data, '\t', first.size) == NULL && i < filled; i++) {
        size_t c = column_below(cells[i], head, count, 0);
        if (cells[i].end <= head[c].start || cells[i].start >= head[c].end)
            return false;
    }
    return true;
}

/* A head of several cells, a rule below it, and rows up to an empty line; false: there is no table here. */
static bool take_table(struct plain *plain, struct slice line, struct slice *rest)
{
    struct cell head[COLUMNS_MAX];
    struct slice next = *rest, behind, rule, first;
    size_t count = split_cells(line, head);
    if (count < 2 || !block_next_line(&next, &rule) || !is_ruled(rule) || is_ruled(line))
        return false;
    behind = next;
    if (!block_next_line(&behind, &first) || !is_below_head(first, head, count, rule))
        return false;
    add_head(plain, line, head, count);
    for (*rest = next; block_next_line(&next, &line) && slice_trim(line).size > 0; next = *rest) {
        *rest = next;
        if (!is_ruled(line))
            add_row(plain, line, rest, head, count);
    }
    return true;
}

/* A line that begins a paragraph or is a heading; `*rest` is behind it, and behind what underlines it. */
static void take_line(struct plain *plain, struct slice line, struct slice *rest)
{
    struct slice trimmed = slice_trim(line), next = *rest, below, title = {"", 0};
    unsigned level = 0, marked = 0;
    if (trimmed.size == 0) {
        close_block(plain);
        return;
    }
    if (!plain->open && take_table(plain, line, rest))
        return;
    if (!plain->open && trimmed.size <= HEADING_LINE_MAX && block_next_line(&next, &below))
        level = underline_level(below);
    if (!plain->open) {
        marked = marked_level(trimmed, plain->collector.out->count == 0, &title);
        title = marked > 0 ? title : trimmed;
        marked = marked > 0 ? marked : unmarked_level(plain, trimmed, *rest);
    }
    if (level > 0 && underline_level(line) == 0) {
        add_heading(plain, trimmed, level);
        *rest = next;
    } else if (marked > 0) {
        add_heading(plain, title, marked);
    } else {
        if (is_item(line))
            close_block(plain);
        add_line(plain, trimmed, is_item(line) ? BLOCK_ITEM : BLOCK_PARAGRAPH);
    }
}

bool plain_read(struct slice source, struct arena *arena, struct blocks *blocks, struct error *error)
{
    (void)error; /* any text is plain text */
    struct plain plain = {0};
    struct blocks read;
    if (captions_is(source)) {
        captions_read(source, arena, blocks);
        return true;
    }
    block_collector_init(&plain.collector, source, arena, &read);
    plain.are_numbered = find_headings(source, arena, &plain.headings);
    struct slice rest = source, line;
    while (block_next_line(&rest, &line))
        take_line(&plain, line, &rest);
    close_block(&plain);
    block_collector_release(&plain.collector);
    *blocks = read;
    return true;
}
