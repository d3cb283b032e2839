/* plain.c - plain text into blocks: paragraphs between blank lines, lists by their marks, headings by underlining, capitals, or a number where a
 * paragraph follows; tables whose head is underlined:
 *
 *   Item        Price   Stock           cells stand between two spaces or more; with fewer of them than the head has, each
 *   --------------------------          belongs to the column that it stands below
 *   Notebook     3.20      14 */
#include "block.h"
#include "captions.h"
#include <string.h>

enum { HEADING_LINE_MAX = 120, CAPITALS_MAX = 80, HEADING_LEVELS = 6, COLUMNS_MAX = 24 };

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

/* "1.", "2.3", "4)" and white space: how many numbers, and their bytes. */
static size_t number_size(struct slice line, unsigned *numbers)
{
    size_t at = 0;
    *numbers = 0;
    for (; at < line.size && at < 12;) {
        size_t start = at;
        while (at < line.size && line.data[at] >= '0' && line.data[at] <= '9')
            at++;
        if (at == start || at - start > 2)
            break;
        ++*numbers;
        if (at < line.size && byte_among(line.data[at], ".)"))
            at++;
    }
    return *numbers > 0 && at < line.size && line.data[at] == ' ' ? at : 0;
}

/* "STAFF HANDBOOK": in a text that is not all written so. */
static bool is_in_capitals(struct slice line, struct slice rest, bool is_first)
{
    size_t capitals = 0;
    struct slice below = next_text(rest), next = rest, empty;
    for (size_t i = 0; i < line.size; i++)
        capitals += line.data[i] >= 'A' && line.data[i] <= 'Z';
    if (capitals < 4 || 2 * capitals < line.size || line.size > CAPITALS_MAX || has_small_letter(line) ||
        byte_among(line.data[line.size - 1], ".,;!") || byte_among(line.data[0], "-*#\"'(<") ||
        memchr(line.data, '_', line.size) != NULL)
        return false;
    bool is_alone = block_next_line(&next, &empty) && slice_trim(empty).size == 0;
    return has_small_letter(below) || (is_first && is_alone && below.size > 0);
}

/* "2. Leave" between empty lines, above a paragraph that begins where it does. */
static bool is_numbered_name(struct slice line, size_t number, struct slice rest)
{
    struct slice next = rest, empty, below = next_text(rest);
    bool is_alone = block_next_line(&next, &empty) && slice_trim(empty).size == 0;
    return number > 0 && is_alone && block_is_name(line) && below.size > 0 && below.data[0] != ' ' && below.data[0] != '\t' &&
           !is_item(below);
}

struct plain {
    struct block_collector collector;
    bool open; /* a block has lines */
    enum block_kind kind; /* of that block */
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

/* The level of a heading that nothing marks but how it is written; 0: it is none. */
static unsigned unmarked_level(const struct plain *plain, struct slice line, struct slice rest)
{
    const struct blocks *out = plain->collector.out;
    unsigned numbers;
    size_t number = number_size(line, &numbers);
    bool is_first = out->count == 0, is_behind_item = out->count > 0 && out->items[out->count - 1].kind == BLOCK_ITEM;
    if (!is_in_capitals(line, rest, is_first) && (is_behind_item || !is_numbered_name(line, number, rest)))
        return 0;
    return is_first ? 1 : numbers > 1 && numbers < HEADING_LEVELS ? numbers + 1 : 2;
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

static void add_row(struct plain *plain, struct slice line, const struct cell *head, size_t head_count, enum block_kind kind)
{
    struct cell cells[COLUMNS_MAX];
    size_t count = split_cells(line, cells), column = 0;
    for (size_t i = 0; i < count; i++) {
        size_t wanted = count < head_count ? column_below(cells[i], head, head_count, column + (i > 0)) : i;
        for (; column < wanted; column++)
            block_add_text(&plain->collector, SLICE(" | "), SIZE_MAX);
        struct slice text = slice_range(line, cells[i].start, cells[i].end);
        block_add_text(&plain->collector, text, (size_t)(text.data - plain->collector.source.data));
    }
    block_end(&plain->collector, kind, 0);
}

/* A head of several cells, a rule below it, and rows up to an empty line; false: there is no table here. */
static bool take_table(struct plain *plain, struct slice line, struct slice *rest)
{
    struct cell head[COLUMNS_MAX], cells[COLUMNS_MAX];
    struct slice next = *rest, behind, rule, first;
    size_t count = split_cells(line, head);
    if (count < 2 || !block_next_line(&next, &rule) || !is_ruled(rule) || is_ruled(line))
        return false;
    behind = next;
    if (!block_next_line(&behind, &first) || split_cells(first, cells) < 2)
        return false;
    add_row(plain, line, head, count, BLOCK_TABLE_HEAD);
    for (*rest = next; block_next_line(&next, &line) && slice_trim(line).size > 0; *rest = next)
        if (!is_ruled(line))
            add_row(plain, line, head, count, BLOCK_TABLE_ROW);
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
    struct slice rest = source, line;
    while (block_next_line(&rest, &line))
        take_line(&plain, line, &rest);
    close_block(&plain);
    block_collector_release(&plain.collector);
    *blocks = read;
    return true;
}
