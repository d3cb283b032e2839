/* plain.c - plain text into blocks: paragraphs between blank lines, lists by their marks, headings by underlining. */
#include "block.h"
#include "captions.h"

enum { HEADING_LINE_MAX = 120, HEADING_LEVELS = 6 };

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

/* A line that begins a paragraph or is a heading; `*rest` is behind it, and behind what underlines it. */
static void take_line(struct plain *plain, struct slice line, struct slice *rest)
{
    struct slice trimmed = slice_trim(line), next = *rest, below, title = {"", 0};
    unsigned level = 0, marked = 0;
    if (trimmed.size == 0) {
        close_block(plain);
        return;
    }
    if (!plain->open && trimmed.size <= HEADING_LINE_MAX && block_next_line(&next, &below))
        level = underline_level(below);
    if (!plain->open)
        marked = marked_level(trimmed, plain->collector.out->count == 0, &title);
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
