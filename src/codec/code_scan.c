/* code_scan.c - the lines of a source text: how deep each is nested, and which begin within a comment or a text, so that braces in those do
 * not count. It knows no grammar; where a file is odd (unbalanced branches of a preprocessor, patterns that look like comments), a closing
 * brace in the first column brings it back. */
#include "code.h"
#include <string.h>

enum { CHARACTER_BYTES_MAX = 12, INDENT_OF_TAB = 4 };

enum state { STATE_CODE, STATE_COMMENT, STATE_LONG_TEXT, STATE_HERE_TEXT };

struct scan {
    struct slice source;
    const struct code_language *language;
    size_t at, line_end;
    enum state state;
    struct slice closing; /* what ends the long text, or the line that ends the here text */
    bool begins_here; /* a here text begins in the next line */
    unsigned depth;
    struct code_line *line;
};

bool code_starts_with_word(struct slice text, struct slice word)
{
    if (!slice_starts_with(text, word) || word.size == 0)
        return false;
    unsigned char next = text.size > word.size ? (unsigned char)text.data[word.size] : ' ';
    return !((next >= 'a' && next <= 'z') || (next >= 'A' && next <= 'Z') || (next >= '0' && next <= '9') || next == '_' ||
             next >= 0x80);
}

static bool is_at(const struct scan *scan, const char *text)
{
    struct slice rest = slice_range(scan->source, scan->at, scan->line_end);
    return text != NULL && text[0] != '\0' && slice_starts_with(rest, slice_from(text));
}

static bool is_any_at(const struct scan *scan, const char *list, struct slice *found)
{
    struct slice rest = slice_from(list), line = slice_range(scan->source, scan->at, scan->line_end);
    while (slice_next(&rest, ' ', found))
        if (slice_starts_with(line, *found))
            return true;
    return false;
}

/* How far the end of what begins here is looked for: a line may be a whole file, and hold a beginning at every byte. */
static size_t end_of_look(const struct scan *scan)
{
    enum { LOOK_BYTES_MAX = 4096 };
    size_t left = scan->line_end - scan->at;
    return scan->at + (left < LOOK_BYTES_MAX ? left : LOOK_BYTES_MAX);
}

/* Behind the text that begins at `at`, when it ends in this line: else behind its quote alone. In some languages "'" is no quote unless
 * a character stands in it. */
static void skip_quoted(struct scan *scan, char quote)
{
    const char *data = scan->source.data;
    bool is_character = quote == '\'' && (strcmp(scan->language->name, "rust") == 0 || scan->language->has_directives);
    size_t start = scan->at + 1, at = start, end = end_of_look(scan);
    while (at < end && data[at] != quote)
        at += data[at] == '\\' && at + 1 < end ? 2 : 1;
    bool ends = at < end && (!is_character || at - start <= CHARACTER_BYTES_MAX);
    scan->at = ends ? at + 1 : start;
}

/* At "/": a regular expression stands where a value may. */
static bool skip_pattern(struct scan *scan)
{
    const char *data = scan->source.data;
    char before = scan->line->last;
    struct slice line = slice_trim(slice_range(scan->source, scan->line->start, scan->at));
    bool may_begin = before == '\0' || strchr("(,=:[!&|?{};+", before) != NULL || slice_ends_with(line, SLICE("return"));
    if (!scan->language->has_patterns || !may_begin)
        return false;
    bool in_class = false;
    for (size_t at = scan->at + 1, end = end_of_look(scan); at < end; at++) {
        if (data[at] == '\\')
            at++;
        else if (data[at] == '/' && !in_class) {
            scan->at = at + 1;
            return true;
        } else
            in_class = data[at] == '[' || (in_class && data[at] != ']');
    }
    return false;
}

/* At "<<": "<<END", "<<-'END'", "<<~END" name the line that ends the text which begins in the next one. */
static void note_here_text(struct scan *scan)
{
    const char *data = scan->source.data;
    size_t at = scan->at + 2;
    at += at < scan->line_end && (data[at] == '-' || data[at] == '~');
    at += at < scan->line_end && (data[at] == '"' || data[at] == '\'' || data[at] == '\\');
    size_t start = at;
    while (at < scan->line_end &&
           ((data[at] >= 'A' && data[at] <= 'Z') || (data[at] >= 'a' && data[at] <= 'z') || data[at] == '_'))
        at++;
    if (at > start) {
        scan->closing = slice_range(scan->source, start, at);
        scan->begins_here = true;
    }
}

/* A character of code; false at a comment that goes to the line's end. */
static bool scan_code(struct scan *scan)
{
    const struct code_language *language = scan->language;
    struct slice found;
    char c = scan->source.data[scan->at];
    if (c == ' ' || c == '\t') {
        scan->at++;
        return true;
    }
    if (is_at(scan, language->comment_begin)) {
        scan->state = STATE_COMMENT;
        scan->at += strlen(language->comment_begin);
        return true;
    }
    if (is_any_at(scan, language->line_comments, &found) &&
        !(c == '#' && scan->line->last != '\0' && scan->at > scan->line->start &&
          strchr(" \t;", scan->source.data[scan->at - 1]) == NULL))
        return false;
    if (scan->line->first == '\0')
        scan->line->first = c;
    if (language->has_here_texts && !scan->begins_here && is_at(scan, "<<"))
        note_here_text(scan);
    if (is_any_at(scan, language->long_quotes, &found)) {
        scan->state = STATE_LONG_TEXT;
        scan->closing = found;
        scan->at += found.size;
    } else if (strchr(language->quotes, c) != NULL)
        skip_quoted(scan, c);
    else if (c != '/' || !skip_pattern(scan)) {
        scan->depth += strchr(language->open, c) != NULL;
        scan->depth -= strchr(language->close, c) != NULL && scan->depth > 0;
        scan->at++;
    }
    scan->line->last = c;
    return true;
}

static void scan_line(struct scan *scan)
{
    if (scan->state == STATE_HERE_TEXT) {
        struct slice line = slice_trim(slice_range(scan->source, scan->line->start, scan->line->end));
        scan->state = slice_equal(line, scan->closing) ? STATE_CODE : STATE_HERE_TEXT;
        scan->at = scan->line_end;
    }
    while (scan->at < scan->line_end) {
        if (scan->state == STATE_CODE) {
            if (scan->source.data[scan->at] == '\0')
                scan->at++; /* strchr would find it everywhere */
            else if (!scan_code(scan))
                return;
            continue;
        }
        struct slice end = scan->state == STATE_COMMENT ? slice_from(scan->language->comment_end) : scan->closing;
        struct slice rest = slice_range(scan->source, scan->at, scan->line_end);
        bool is_escape = scan->state == STATE_LONG_TEXT && rest.data[0] == '\\' && rest.size > 1;
        if (slice_starts_with(rest, end)) {
            if (scan->state == STATE_LONG_TEXT)
                scan->line->last = end.data[0];
            scan->state = STATE_CODE;
            scan->at += end.size;
        } else
            scan->at += is_escape ? 2 : 1;
    }
}

static unsigned indent_of(struct slice line)
{
    unsigned indent = 0;
    for (size_t i = 0; i < line.size && (line.data[i] == ' ' || line.data[i] == '\t'); i++)
        indent += line.data[i] == '\t' ? INDENT_OF_TAB : 1;
    return indent;
}

/* Directives go on behind a backslash. */
static bool is_directive(const struct scan *scan, struct slice line, bool continues)
{
    return scan->language->has_directives && scan->state == STATE_CODE &&
           (continues || slice_starts_with(slice_trim(line), SLICE("#")));
}

/* Namespaces and extern "C" hold most of a file, often not indented: their braces do not count. */
static bool is_wrapper(struct slice line)
{
    return slice_ends_with(line, SLICE("{")) &&
           (code_starts_with_word(line, SLICE("namespace")) || slice_starts_with(line, SLICE("extern \"C\"")));
}

static bool is_outer_end(struct slice line)
{
    return slice_starts_with(line, SLICE("}")) &&
           (line.size == 1 || line.data[1] == ';' || line.data[1] == ' ' || line.data[1] == '\r');
}

void code_scan(struct slice source, const struct code_language *language, struct arena *arena, struct code_lines *lines)
{
    struct scan scan = {.source = source, .language = language};
    size_t capacity = 0;
    bool continues = false;
    *lines = (struct code_lines){0};
    while (scan.at < source.size || lines->count == 0) {
        const char *end = scan.at < source.size ? memchr(source.data + scan.at, '\n', source.size - scan.at) : NULL;
        size_t start = scan.at, next = end != NULL ? (size_t)(end - source.data) + 1 : source.size;
        scan.line_end = end != NULL ? next - 1 : next;
        struct slice line = slice_range(source, start, scan.line_end);
        lines->items = arena_more(arena, lines->items, lines->count, &capacity, sizeof(*lines->items));
        scan.line = &lines->items[lines->count++];
        *scan.line = (struct code_line){.start = start,
                                        .end = scan.line_end,
                                        .indent = indent_of(line),
                                        .depth = scan.depth,
                                        .is_blank = slice_trim(line).size == 0,
                                        .is_inside = scan.state >= STATE_LONG_TEXT,
                                        .in_comment = scan.state == STATE_COMMENT};
        scan.line->is_directive = is_directive(&scan, line, continues);
        continues = scan.line->is_directive && slice_ends_with(slice_trim(line), SLICE("\\"));
        unsigned before = scan.depth;
        if (!scan.line->is_directive)
            scan_line(&scan);
        if (!language->by_indent && !scan.line->is_inside && !scan.line->in_comment && is_outer_end(line))
            scan.depth = 0;
        if (!language->by_indent && scan.state == STATE_CODE && is_wrapper(slice_trim(line)))
            scan.depth = before;
        scan.state = scan.begins_here && scan.state == STATE_CODE ? STATE_HERE_TEXT : scan.state;
        scan.begins_here = false;
        scan.at = next;
        if (next == source.size)
            break;
    }
    lines->items = arena_more(arena, lines->items, lines->count, &capacity, sizeof(*lines->items));
    lines->items[lines->count] = (struct code_line){
        .start = source.size, .end = source.size, .depth = scan.depth, .is_blank = true};
}
