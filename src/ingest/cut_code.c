/* cut_code.c - a function or class that is too long for one passage, cut where a reader would: between its inner blocks.
 *
 *   def order(items):            ─ first line: repeated before each later part, so that it says what it is of
 *       total = 0
 *       for item in items:
 *           …
 *                                ◀ a blank line, and what follows stands little indented: the best place
 *       if total > 100:
 *           …
 *
 * A part is filled up to the limit; of the places in its second half the best one is taken: after a blank line before others, and the
 * least indented of these. Lines that only close something stay with what they close. */
#include "cut.h"
#include <stdlib.h>

struct code_line {
    struct slice text; /* with its end */
    size_t tokens, indent;
    bool is_blank, only_closes;
};

struct code_lines {
    struct code_line *items;
    size_t count, capacity;
};

static void look_at_line(struct code_line *line)
{
    struct slice text = line->text;
    size_t at = 0;
    line->only_closes = true;
    for (; at < text.size && (text.data[at] == ' ' || text.data[at] == '\t'); at++)
        line->indent += text.data[at] == '\t' ? 4 : 1;
    line->is_blank = slice_trim(text).size == 0;
    struct slice rest = slice_trim(text);
    for (size_t i = 0; i < rest.size; i++) {
        char c = rest.data[i];
        line->only_closes = line->only_closes && (c == '}' || c == ')' || c == ']' || c == ';' || c == ',');
    }
    line->only_closes = (line->only_closes && rest.size > 0) || slice_equal_text(rest, "end");
}

static void read_lines(const struct cutter *cutter, const struct block *block, struct code_lines *lines)
{
    struct slice text = block->text;
    for (size_t start = 0, end; start < text.size; start = end) {
        for (end = start; end < text.size && text.data[end] != '\n'; end++)
            ;
        end += end < text.size;
        lines->items = memory_more(lines->items, lines->count, &lines->capacity, sizeof(*lines->items));
        struct code_line *line = &lines->items[lines->count++];
        *line = (struct code_line){.text = slice_range(text, start, end)};
        line->tokens = cut_tokens(cutter, line->text);
        look_at_line(line);
    }
}

/* Whether to cut before line `a` rather than before line `b`, which stands above it. */
static bool is_better_cut(const struct code_lines *lines, size_t a, size_t b)
{
    const struct code_line *left = &lines->items[a], *right = &lines->items[b];
    if (left->only_closes || left->is_blank)
        return false;
    if (right->only_closes || right->is_blank)
        return true;
    bool left_blank = lines->items[a - 1].is_blank, right_blank = lines->items[b - 1].is_blank;
    if (left_blank != right_blank)
        return left_blank;
    return left->indent <= right->indent;
}

/* The line behind the part that begins at `first`. */
static size_t part_end(const struct code_lines *lines, size_t first, size_t limit)
{
    size_t last = first, tokens = 0, best;
    while (last < lines->count && (last == first || tokens + lines->items[last].tokens <= limit))
        tokens += lines->items[last++].tokens;
    if (last == lines->count)
        return last;
    best = last;
    for (size_t i = last - 1; i > first + (last - first) / 2; i--)
        if (!is_better_cut(lines, best, i))
            best = i;
    return best;
}

static void add_part(struct cutter *cutter, const struct block *block, const struct code_lines *lines, size_t first,
                     size_t last, size_t limit)
{
    size_t tokens = 0, start = (size_t)(lines->items[first].text.data - block->text.data), size = 0;
    for (size_t i = first; i < last; i++) {
        tokens += lines->items[i].tokens;
        size += lines->items[i].text.size;
    }
    struct slice text = slice_range(block->text, start, start + size);
    if (tokens > limit || size > 16 * limit)
        cut_words(cutter, block, text, limit, limit);
    else
        cut_add_piece(cutter, block, text, tokens);
    cut_end_section(cutter);
}

/* The first line, unless the heading above says the same, or it is too long to be repeated. */
static struct slice signature_of(const struct cutter *cutter, const struct code_lines *lines, size_t limit)
{
    struct slice line = slice_trim(lines->items[0].text), heading = {"", 0};
    for (size_t i = 0; i < LIMIT_HEADING_DEPTH; i++)
        if (cutter->headings[i].size > 0)
            heading = cutter->headings[i];
    return slice_equal(line, heading) || 3 * lines->items[0].tokens > limit ? SLICE("") : line;
}

void cut_code(struct cutter *cutter, const struct block *block, size_t limit)
{
    struct code_lines lines = {0};
    read_lines(cutter, block, &lines);
    for (size_t first = 0, last; first < lines.count; first = last) {
        if (first > 0 && cutter->lead.size == 0) {
            cutter->lead = signature_of(cutter, &lines, limit);
            cutter->lead_tokens = cut_tokens(cutter, cutter->lead);
        }
        size_t room = limit - cutter->lead_tokens;
        last = part_end(&lines, first, room);
        add_part(cutter, block, &lines, first, last, room);
    }
    free(lines.items);
}
