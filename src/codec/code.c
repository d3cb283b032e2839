/* code.c - source code into its parts: a function is found, and read, as a whole.
 *
 *   import os                  code                          what stands before the first part: licence, imports
 *   class Shop:                heading 1 "class Shop"        its first lines are a block of code
 *       # Pays back.           heading 2 "def refund(self)"  a comment belongs to what stands below it,
 *       def refund(self):      code                          and the block of code is all of it, byte for byte
 *
 * Parts are those that a parser has found; where there is none, and between them, they are found by nesting or by indentation (code_scan.c): a
 * file with errors in it has parts too. What is no definition (constants, prototypes, statements) is gathered into blocks of up to
 * LOOSE_BYTES_MAX. */
#include "block.h"
#include "code.h"
#include "utf8.h"
#include <string.h>

enum { HEADING_BYTES_MAX = 200, LOOSE_BYTES_MAX = 2000, NESTING_MAX = 5, TABLE_LINES_LEAST = 3 };

struct code {
    struct slice source;
    const struct code_language *language;
    struct code_lines lines;
    const struct told_part *told; /* by a parser */
    size_t told_count;
    const uint32_t *next_code; /* with it, of each line: the first one of code from there on, or the one past the last */
    struct block_collector collector;
    size_t loose_first, loose_end; /* lines gathered that are no definition; equal: none */
    bool has_heading;
};

struct unit {
    size_t first, body, end; /* lines: comments above it, its own first line, behind its last */
    bool is_definition, is_container;
};

/* A part that was told, in lines; `body` never goes back. */
struct told_part {
    size_t first, body, end;
    unsigned level;
};

static struct slice line_text(const struct code *code, size_t line)
{
    return slice_trim(slice_range(code->source, code->lines.items[line].start, code->lines.items[line].end));
}

/* ---- words ---- */

static bool has_word_in(struct slice text, const char *const *words)
{
    for (size_t at = 0; at < text.size; at++) {
        bool begins = at == 0 || !((text.data[at - 1] | 0x20) >= 'a' && (text.data[at - 1] | 0x20) <= 'z');
        for (size_t i = 0; begins && words[i] != NULL; i++)
            if (code_starts_with_word(slice_range(text, at, text.size), slice_from(words[i])))
                return true;
    }
    return false;
}

static bool begins_with_any(struct slice text, const char *const *words)
{
    for (size_t i = 0; words[i] != NULL; i++)
        if (code_starts_with_word(text, slice_from(words[i])))
            return true;
    return false;
}

static bool is_control(struct slice text)
{
    static const char *const words[] = {"if",  "for",   "while",  "switch",  "else",   "do",
                                        "try", "catch", "return", "foreach", "unless", NULL};
    return begins_with_any(text, words);
}

static bool is_import(struct slice text)
{
    static const char *const words[] = {"import", "use", "using", "require", "from", "package", "include", NULL};
    return begins_with_any(text, words);
}

static bool is_container_head(struct slice head)
{
    static const char *const words[] = {"class", "interface", "trait", "impl",   "module", "extension", "object",  "protocol",
                                        "mod",   "struct",    "enum",  "record", "union",  "namespace", "service", NULL};
    size_t parenthesis;
    return has_word_in(slice_find(head, '(', &parenthesis) ? slice_range(head, 0, parenthesis) : head, words);
}

/* "@Override", "#[test]", "[Fact]", "@app.route('/')": belongs to what stands below it. */
static bool is_annotation(struct slice line)
{
    bool is_alone = slice_ends_with(line, SLICE("]")) || slice_starts_with(line, SLICE("@"));
    return is_alone &&
           (slice_starts_with(line, SLICE("@")) || slice_starts_with(line, SLICE("#[")) || slice_starts_with(line, SLICE("[")));
}

/* "end", "}", "else:": goes on with the part above it. */
static bool is_closer(struct slice line)
{
    static const char *const words[] = {"end",    "fi",      "done",   "esac",   "else", "elif", "elsif",
                                        "except", "finally", "rescue", "ensure", "then", "in",   NULL};
    return (line.size > 0 && strchr("})]", line.data[0]) != NULL) || begins_with_any(line, words);
}

/* name() { … }, function name { … } */
static bool is_shell_function(struct slice line)
{
    size_t at = 0;
    if (code_starts_with_word(line, SLICE("function")))
        return true;
    while (at < line.size && line.data[at] != ' ' && line.data[at] != '(' && line.data[at] != '=' && line.data[at] != '"')
        at++;
    while (at < line.size && line.data[at] == ' ')
        at++;
    return at > 0 && slice_starts_with(slice_range(line, at, line.size), SLICE("()"));
}

static bool is_indent_definition(const struct code *code, struct slice line)
{
    static const char *const words[] = {"def",       "async def", "class",    "module", "function",       "local function",
                                        "defmodule", "defp",      "defmacro", "struct", "mutable struct", "macro",
                                        "proc",      "func",      "type",     "data",   "instance",       "task",
                                        "namespace", NULL};
    if (strcmp(code->language->name, "shell") == 0)
        return is_shell_function(line);
    return begins_with_any(line, words);
}

static bool is_indent_container(struct slice line)
{
    static const char *const words[] = {"class", "module", "defmodule", "namespace", NULL};
    return begins_with_any(line, words);
}

/* ---- blocks ---- */

static void add_code(struct code *code, size_t first, size_t end)
{
    const struct code_line *lines = code->lines.items;
    while (first < end && lines[first].is_blank)
        first++;
    while (end > first && lines[end - 1].is_blank)
        end--;
    if (first == end)
        return;
    size_t start = lines[first].start;
    block_add_text(&code->collector, slice_range(code->source, start, lines[end - 1].end), start);
    block_end(&code->collector, BLOCK_CODE, 0);
}

/* The signature, without what opens the body, in one line: from line `body` on as long as it nests. */
static void add_heading(struct code *code, size_t first, size_t body, size_t end, unsigned level)
{
    char text[HEADING_BYTES_MAX];
    size_t size = 0, line = body;
    unsigned depth = code->lines.items[body].depth;
    for (bool goes_on = true; goes_on && line < end; line++) {
        struct slice part = line_text(code, line);
        for (size_t i = 0; i < part.size && size < sizeof(text) - 1; i++)
            text[size++] = part.data[i] == '\t' || part.data[i] == '\r' ? ' ' : part.data[i];
        bool opens = code->lines.items[line].last == '{' || code->lines.items[line].last == ':';
        goes_on = code->lines.items[line + 1].depth > depth && !opens && size < sizeof(text) - 1;
        if (goes_on)
            text[size++] = ' ';
    }
    while (size > 0 && (((unsigned char)text[size - 1] & 0xC0) == 0x80 || (unsigned char)text[size - 1] >= 0xC0) &&
           size >= sizeof(text) - 4)
        size--; /* not within a character */
    while (size > 0 && strchr("{: (=", text[size - 1]) != NULL)
        size--;
    /* It stands for the part's first character, so that what is cut behind it does not go back in the source. */
    size_t start = code->lines.items[first].start, first_size = utf8_size(code->source, start);
    block_add_decoded(&code->collector, (struct slice){text, size}, start, first_size > 0 ? first_size : 1);
    block_end(&code->collector, BLOCK_HEADING, level);
    code->has_heading = true;
}

/* The first line that says something: the heading of what has no signature. */
static size_t telling_line(const struct code *code, size_t first, size_t end)
{
    for (size_t i = first; i < end; i++)
        if (code->lines.items[i].first != '\0' && code->lines.items[i].first != '}')
            return i;
    for (size_t i = first; i < end; i++)
        if (line_text(code, i).size > 4)
            return i;
    return first;
}

static void flush_loose(struct code *code, unsigned level)
{
    size_t first = code->loose_first, end = code->loose_end;
    code->loose_first = code->loose_end;
    while (first < end && code->lines.items[first].is_blank)
        first++;
    if (first >= end)
        return;
    if (code->has_heading) { /* else it would seem part of what stands above it */
        size_t line = telling_line(code, first, end);
        add_heading(code, first, line, line + 1, level);
    }
    add_code(code, first, end);
}

static void add_loose(struct code *code, size_t first, size_t end, unsigned level)
{
    const struct code_line *lines = code->lines.items;
    if (code->loose_first == code->loose_end)
        code->loose_first = first;
    code->loose_end = end;
    if (lines[end - 1].end - lines[code->loose_first].start > LOOSE_BYTES_MAX)
        flush_loose(code, level);
}

/* ---- parts by nesting ---- */

static bool is_comment(const struct code_line *line)
{
    return !line->is_blank && line->first == '\0' && !line->is_directive && !line->is_inside;
}

static bool goes_on_below(const struct code *code, size_t line, size_t last)
{
    size_t next = line + 1;
    char end = code->lines.items[line].last;
    if (next < last && code->lines.items[next].first == '{')
        return true;
    if (next >= last || code->lines.items[next].is_blank || code->lines.items[next].is_directive)
        return false;
    if (code->language->has_semicolons)
        return end != '\0' && strchr(";{}:", end) == NULL;
    return end != '\0' && strchr(",=+-*/&|(?", end) != NULL;
}

/* Where the part that begins at `body` ends, in lines nested as deep as `depth`. */
static size_t end_by_nesting(const struct code *code, size_t body, size_t last, unsigned depth)
{
    for (size_t i = body; i < last; i++)
        if (code->lines.items[i + 1].depth <= depth && !code->lines.items[i + 1].is_inside && !goes_on_below(code, i, last))
            return i + 1;
    return last;
}

/* What stands before the first brace, from line `body` on. */
static struct slice head_of(const struct code *code, const struct unit *unit)
{
    size_t start = code->lines.items[unit->body].start, end = code->lines.items[unit->end - 1].end, brace;
    struct slice text = slice_range(code->source, start, end);
    return slice_trim(slice_find(text, '{', &brace) ? slice_range(text, 0, brace) : text);
}

static bool is_sql_definition(const struct code *code, struct slice head)
{
    static const char *const words[] = {"CREATE", "create", "Create", "ALTER", "alter", NULL};
    return strcmp(code->language->name, "sql") == 0 && begins_with_any(head, words);
}

static void judge_nested(const struct code *code, struct unit *unit, unsigned depth)
{
    struct slice head = head_of(code, unit);
    size_t at, parenthesis, deepest = 0;
    bool is_lisp = strcmp(code->language->name, "lisp") == 0;
    for (size_t i = unit->body + 1; i <= unit->end; i++)
        deepest = code->lines.items[i].depth > deepest && i < unit->end ? code->lines.items[i].depth : deepest;
    bool one_line = unit->end - unit->body == 1;
    bool has_body = deepest > depth || (one_line && code->lines.items[unit->body].last == '}');
    bool is_table = slice_find(head, '=', &at) && (!slice_find(head, '(', &parenthesis) || at < parenthesis);
    bool returns_one = code->language->has_directives && slice_ends_with(head, SLICE(")")); /* struct x *f(void) */
    unit->is_container = has_body && is_container_head(head) && !is_table && !returns_one;
    unit->is_definition = has_body && !is_control(head) && !is_import(head) &&
                          (unit->is_container || (!is_table && slice_find(head, '(', &at)) ||
                           unit->end - unit->body >= TABLE_LINES_LEAST);
    if (is_lisp)
        unit->is_definition = slice_starts_with(head, SLICE("(def"));
    unit->is_definition = unit->is_definition || is_sql_definition(code, head);
}

static void add_units(struct code *code, size_t first, size_t last, unsigned measure, unsigned level);

static bool next_nested(const struct code *code, size_t *at, size_t last, unsigned depth, struct unit *unit)
{
    size_t lead = SIZE_MAX;
    for (; *at < last; ++*at) {
        const struct code_line *line = &code->lines.items[*at];
        if (line->is_blank || (line->is_directive && lead == SIZE_MAX)) {
            if (lead != SIZE_MAX || line->is_directive) {
                *unit = (struct unit){.first = lead != SIZE_MAX ? lead : *at, .body = *at, .end = *at + 1};
                ++*at;
                return true;
            }
            continue;
        }
        lead = lead == SIZE_MAX ? *at : lead;
        if (is_comment(line) || line->is_inside || is_annotation(line_text(code, *at)))
            continue;
        *unit = (struct unit){.first = lead, .body = *at, .end = end_by_nesting(code, *at, last, depth)};
        judge_nested(code, unit, depth);
        *at = unit->end;
        return true;
    }
    if (lead == SIZE_MAX)
        return false;
    *unit = (struct unit){.first = lead, .body = last - 1, .end = last};
    return true;
}

/* ---- parts by indentation ---- */

static bool belongs_to_part(const struct code *code, size_t line, unsigned indent)
{
    const struct code_line *it = &code->lines.items[line];
    return it->is_inside || it->indent > indent || (it->indent == indent && is_closer(line_text(code, line)));
}

/* Behind the last line that belongs to the part. Comments that are indented less are part of it when more of it follows them. */
static size_t end_by_indent(const struct code *code, size_t body, size_t last, unsigned indent)
{
    size_t end = body + 1;
    unsigned depth = code->lines.items[body].depth;
    for (size_t i = body + 1; i < last; i++) {
        const struct code_line *line = &code->lines.items[i];
        bool belongs = line->depth > depth || belongs_to_part(code, i, indent);
        if (line->is_blank || (is_comment(line) && (!belongs || line->indent <= indent)))
            continue;
        if (!belongs)
            break;
        end = i + 1;
    }
    return end;
}

static bool holds_definition(const struct code *code, const struct unit *unit)
{
    for (size_t i = unit->body + 1; i < unit->end; i++)
        if (!code->lines.items[i].is_inside && is_indent_definition(code, line_text(code, i)))
            return true;
    return false;
}

static bool next_indented(const struct code *code, size_t *at, size_t last, unsigned indent, struct unit *unit)
{
    size_t lead = SIZE_MAX;
    for (; *at < last; ++*at) {
        const struct code_line *line = &code->lines.items[*at];
        struct slice text = line_text(code, *at);
        if (line->is_blank && lead == SIZE_MAX)
            continue;
        bool is_annotated = is_annotation(text) && !line->is_blank;
        if (line->is_blank && !is_annotation(line_text(code, *at - 1))) {
            *unit = (struct unit){.first = lead, .body = lead, .end = *at};
            return true;
        }
        lead = lead == SIZE_MAX ? *at : lead;
        if (is_annotated) { /* may nest over several lines */
            *at = end_by_indent(code, *at, last, indent) - 1;
            continue;
        }
        if (line->is_blank || is_comment(line))
            continue;
        *unit = (struct unit){.first = lead, .body = *at, .end = end_by_indent(code, *at, last, indent)};
        unit->is_definition = is_indent_definition(code, text);
        bool is_branch = is_control(text) || code_starts_with_word(text, SLICE("with"));
        unit->is_container = (unit->is_definition && is_indent_container(text)) || (is_branch && holds_definition(code, unit));
        *at = unit->end;
        return true;
    }
    if (lead == SIZE_MAX)
        return false;
    *unit = (struct unit){.first = lead, .body = lead, .end = last};
    return true;
}

/* ---- parts that a parser has told ---- */

static size_t line_of(const struct code *code, size_t byte)
{
    size_t low = 0, high = code->lines.count - 1;
    while (low < high) {
        size_t middle = high - (high - low) / 2;
        if (code->lines.items[middle].start <= byte)
            low = middle;
        else
            high = middle - 1;
    }
    return low;
}

/* Comments right above the part that begins at `first`, down to `last`, where something else may begin: a tree has them elsewhere at times. */
static size_t with_comments(const struct code *code, size_t first, size_t last)
{
    while (first > last && is_comment(&code->lines.items[first - 1]))
        first--;
    return first;
}

static const uint32_t *list_next_code(const struct code *code, struct arena *arena)
{
    const size_t count = code->lines.count;
    uint32_t *next = arena_alloc(arena, count + 1, sizeof(*next));
    next[count] = (uint32_t)count;
    for (size_t i = count; i-- > 0;)
        next[i] = code->lines.items[i].first != '\0' ? (uint32_t)i : next[i + 1];
    return next;
}

static void take_told(struct code *code, const struct code_part *parts, size_t count, struct arena *arena)
{
    struct told_part *told = arena_alloc(arena, count + 1, sizeof(*told));
    size_t behind = 0, above = 0; /* the line of the last signature; the first one that is not of the part before */
    for (size_t i = 0; i < count; i++) {
        size_t body = line_of(code, parts[i].body), first = line_of(code, parts[i].start),
               end = line_of(code, parts[i].end > 0 ? parts[i].end - 1 : 0) + 1;
        if (body < behind) /* what goes back is not from a tree */
            continue;
        first = first < body ? first : body;
        end = end > body ? end : body + 1;
        told[code->told_count++] = (struct told_part){.first = with_comments(code, first, above <= first ? above : behind + 1),
                                                      .body = body,
                                                      .end = end,
                                                      .level = parts[i].level};
        behind = body;
        above = end;
    }
    code->told = told;
    code->next_code = list_next_code(code, arena);
}

/* The first part whose signature stands in this line or below it; of several in one line the outermost. */
static const struct told_part *find_told(const struct code *code, size_t line)
{
    size_t low = 0, high = code->told_count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (code->told[middle].body < line)
            low = middle + 1;
        else
            high = middle;
    }
    return low < code->told_count ? &code->told[low] : NULL;
}

static void take_told_unit(const struct code *code, const struct told_part *part, size_t first, size_t last, struct unit *unit)
{
    const struct told_part *next = part + 1, *behind = code->told + code->told_count;
    while (next < behind && next->level > part->level && next->body <= part->body)
        next++;
    *unit = (struct unit){.first = part->first > first ? part->first : first,
                          .body = part->body,
                          .end = part->end < last ? part->end : last,
                          .is_definition = true};
    unit->is_container = next < behind && next->level > part->level && next->body < unit->end;
}

/* ---- all of them ---- */

/* The first line of a container's body that is nested, or indented, within it: where its members may begin. */
static size_t body_start(const struct code *code, const struct unit *unit)
{
    unsigned depth = code->lines.items[unit->body].depth;
    for (size_t i = unit->body + 1; i < unit->end; i++) {
        const struct code_line *line = &code->lines.items[i];
        bool is_within = code->language->by_indent ? line->indent > code->lines.items[unit->body].indent && line->depth == depth
                                                   : line->depth == depth + 1;
        if (!is_within || line->first == '\0' || line->first == '{' || line->is_inside || line->is_directive)
            continue;
        while (i > unit->body + 1 && is_comment(&code->lines.items[i - 1]))
            i--; /* comments above the first member are its own */
        return i;
    }
    return unit->end;
}

/* How far the first line of code from `at` on is indented, or nested. */
static unsigned measure_at(const struct code *code, size_t at, size_t last)
{
    at = code->next_code[at] < last ? code->next_code[at] : last - 1;
    return code->language->by_indent ? code->lines.items[at].indent : code->lines.items[at].depth;
}

static bool next_unit(const struct code *code, size_t *at, size_t last, unsigned measure, struct unit *unit)
{
    const struct told_part *told = code->told_count > 0 ? find_told(code, *at) : NULL;
    told = told != NULL && told->body < last ? told : NULL;
    size_t until = told != NULL ? told->first : last;
    if (code->told_count > 0 && *at < until)
        measure = measure_at(code, *at, until);
    bool found = *at < until && (code->language->by_indent ? next_indented(code, at, until, measure, unit)
                                                           : next_nested(code, at, until, measure, unit));
    if (found || told == NULL)
        return found;
    take_told_unit(code, told, *at, last, unit);
    *at = unit->end;
    return true;
}

/* A container whose members are definitions: its head, then each of them below it. */
static void add_container(struct code *code, const struct unit *unit, unsigned level)
{
    size_t start = body_start(code, unit), at = start, end = unit->end;
    unsigned measure = code->language->by_indent ? code->lines.items[start].indent : code->lines.items[start].depth;
    const struct told_part *told = find_told(code, unit->body + 1);
    struct unit member;
    size_t first = SIZE_MAX;
    if (told != NULL && told->body < end && told->first < start)
        start = at = told->first > unit->body ? told->first : unit->body + 1;
    for (size_t from = start; start < end && first == SIZE_MAX && next_unit(code, &at, end, measure, &member); from = at)
        if (member.is_definition || member.is_container)
            first = member.first > from ? member.first : from;
    add_heading(code, unit->first, unit->body, unit->end, level);
    if (first == SIZE_MAX || level > NESTING_MAX) {
        add_code(code, unit->first, unit->end);
        return;
    }
    add_code(code, unit->first, first);
    add_units(code, first, unit->end, measure, level + 1);
    flush_loose(code, level + 1);
}

/* The line from which on a container has closing braces only: they go to the member before. */
static size_t closing_from(const struct code *code, size_t first, size_t last)
{
    while (last > first) {
        struct slice text = line_text(code, last - 1);
        if (text.size > 4 || (text.size > 0 && !is_closer(text)))
            break;
        last--;
    }
    return last;
}

static void add_units(struct code *code, size_t first, size_t last, unsigned measure, unsigned level)
{
    struct unit unit;
    size_t closing = closing_from(code, first, last);
    for (size_t at = first; next_unit(code, &at, last, measure, &unit);) {
        if (at >= closing) {
            unit.end = last;
            at = last;
        }
        if (!unit.is_definition && !unit.is_container) {
            add_loose(code, unit.first, unit.end, level);
            continue;
        }
        flush_loose(code, level);
        if (unit.is_container)
            add_container(code, &unit, level);
        else {
            add_heading(code, unit.first, unit.body, unit.end, level);
            add_code(code, unit.first, unit.end);
        }
    }
}

/* The comment at the very beginning: what the file is, or its licence. */
static size_t add_preamble(struct code *code)
{
    size_t end = 0;
    while (end < code->lines.count && (is_comment(&code->lines.items[end]) || code->lines.items[end].is_blank))
        end++;
    size_t blank = end;
    while (blank > 0 && !code->lines.items[blank - 1].is_blank) /* what touches the code below belongs to it */
        blank--;
    size_t first = end < code->lines.count ? blank : end;
    add_code(code, 0, first);
    return first;
}

bool code_read_parts(struct slice source, const char *name, const struct code_part *parts, size_t part_count,
                     struct arena *arena, struct blocks *blocks, struct error *error)
{
    struct code code = {.source = source, .language = code_language_of(source, name)};
    struct slice path = slice_from(name);
    if (code.language == NULL)
        return plain_read(source, arena, blocks, error);
    code_scan(source, code.language, arena, &code.lines);
    take_told(&code, parts, part_count, arena);
    block_collector_init(&code.collector, source, arena, blocks);
    code.collector.is_exact = true;
    size_t first = add_preamble(&code);
    add_units(&code, first, code.lines.count, 0, 1);
    flush_loose(&code, 1);
    size_t start = path.size;
    while (start > 0 && path.data[start - 1] != '/')
        start--;
    blocks->title = arena_slice(arena, slice_range(path, start, path.size));
    blocks->is_parsed = code.told_count > 0;
    bool ok = buffer_finish(&code.collector.text, "a part's text", error);
    block_collector_release(&code.collector);
    return ok;
}

bool code_read(struct slice source, const char *name, struct arena *arena, struct blocks *blocks, struct error *error)
{
    return code_read_parts(source, name, NULL, 0, arena, blocks, error);
}
