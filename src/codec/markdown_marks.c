/* markdown_marks.c - footnotes and boxes, brought into what CommonMark has, byte for byte (# and ~: bytes that are no text):
 *
 *   [^1]: At two.                  - 1}# At two.             an item, "[1] At two."; "[^1]" in the text is " [1]" where there is such a line
 *
 *   !!! note "Before"              ~#########Before#         MkDocs, also ??? and ???+; the box is a quote below its title
 *       You need a key.              > You need a key.
 *
 *   ::: tip Title                  ~######Title              Docusaurus, VitePress; also :::{tip} Title (MyST) and ::: {.x title="Title"} (Quarto)
 *   Run it.                        Run it.
 *   :::
 *
 *   > [!NOTE]                      > ~#NOTE#                 GitHub
 *   > Run it.                      > Run it.
 *
 * A box without a title is called what it is. Others than those that are known by their names are passed over: they place what is in them. */
#include "markdown_marks.h"
#include <string.h>

enum { LABEL_BYTES_MAX = 64, INDENT_MAX = 3, BOX_INDENT = 4 };

struct mark_lines {
    char *text;
    size_t size;
    size_t at, end; /* of the line at hand, without its end */
    size_t next;
};

static bool next_line(struct mark_lines *lines)
{
    if (lines->next >= lines->size)
        return false;
    lines->at = lines->next;
    const char *end = memchr(lines->text + lines->at, '\n', lines->size - lines->at);
    lines->end = end == NULL ? lines->size : (size_t)(end - lines->text);
    lines->next = lines->end + (end != NULL);
    while (lines->end > lines->at && lines->text[lines->end - 1] == '\r')
        lines->end--;
    return true;
}

static bool is_small(char c)
{
    return c >= 'a' && c <= 'z';
}

static bool is_box(struct slice name)
{
    static const char *const names[] = {"note",    "tip",     "info",     "warning",   "danger", "caution", "important",
                                        "hint",    "success", "question", "example",   "bug",    "failure", "abstract",
                                        "summary", "quote",   "error",    "attention", "todo",   "help",    "faq"};
    for (size_t i = 0; i < ARRAY_COUNT(names); i++)
        if (slice_equal_text(name, names[i]))
            return true;
    return false;
}

static void hide(char *text, size_t from, size_t to)
{
    if (to > from)
        memset(text + from, MARK_NOTHING, to - from);
}

/* The box's line from `start`: what stands from `title` to `title_end` is left of it. */
static void show_title(struct mark_lines *lines, size_t start, size_t title, size_t title_end)
{
    hide(lines->text, start, title);
    hide(lines->text, title_end, lines->end);
    if (title > start)
        lines->text[start] = MARK_TITLE;
}

/* ---- footnotes ---- */

static size_t label_size(struct slice text)
{
    size_t at = 2;
    if (text.size < 4 || text.data[0] != '[' || text.data[1] != '^')
        return 0;
    while (at < text.size && at < LABEL_BYTES_MAX && !byte_among(text.data[at], "[] \t\n"))
        at++;
    return at > 2 && at < text.size && text.data[at] == ']' ? at + 1 : 0;
}

size_t markdown_note_size(struct slice text, const struct map *notes)
{
    size_t size = label_size(text);
    return size > 0 && map_get(notes, slice_range(text, 0, size)) != NULL ? size : 0;
}

static bool hide_note(struct mark_lines *lines, size_t at, struct map *notes)
{
    struct slice line = {lines->text + at, lines->end - at};
    size_t size = label_size(line);
    if (size == 0 || size >= line.size || line.data[size] != ':' || map_put(notes, slice_range(line, 0, size), NULL) == NULL)
        return false;
    lines->text[at] = '-';
    lines->text[at + 1] = ' ';
    lines->text[at + size - 1] = MARK_LABEL_END;
    lines->text[at + size] = MARK_NOTHING;
    return true;
}

/* ---- code ---- */

/* A block of code that is open, in which nothing is a mark. */
struct fence {
    char mark; /* 0: none */
    size_t size;
};

/* Whether the line begins or ends a block of code. */
static bool is_fence(const struct mark_lines *lines, size_t at, struct fence *fence)
{
    const char *text = lines->text;
    size_t end = at;
    while (end < lines->end && (text[at] == '`' || text[at] == '~') && text[end] == text[at])
        end++;
    if (fence->mark == '\0') {
        struct slice info = {text + end, lines->end - end};
        size_t place;
        bool begins = end - at >= 3 && (text[at] != '`' || !slice_find(info, '`', &place));
        if (begins)
            *fence = (struct fence){text[at], end - at};
        return begins;
    }
    bool is_bare = slice_trim((struct slice){text + end, lines->end - end}).size == 0;
    bool ends = end > at && text[at] == fence->mark && end - at >= fence->size && is_bare;
    if (ends)
        *fence = (struct fence){0};
    return ends;
}

static size_t first_text(const struct mark_lines *lines)
{
    size_t at = lines->at;
    while (at < lines->end && (lines->text[at] == ' ' || lines->text[at] == '\t'))
        at++;
    return at;
}

/* ---- boxes ---- */

/* Whether the line is empty, or stands four spaces or a tab further in than a box at `indent`, or a list that the box is in. */
static bool is_in_box(const struct mark_lines *lines, size_t indent, bool *is_empty)
{
    size_t spaces = 0;
    while (lines->at + spaces < lines->end && lines->text[lines->at + spaces] == ' ')
        spaces++;
    bool is_tab = indent == 0 && lines->at < lines->end && lines->text[lines->at] == '\t';
    *is_empty = slice_trim((struct slice){lines->text + lines->at, lines->end - lines->at}).size == 0;
    return *is_empty || is_tab || spaces >= indent + BOX_INDENT;
}

/* Where a quote's mark stands in a line: right before the text, but not so far in that it would be code. */
static size_t quote_at(const struct mark_lines *lines, size_t indent)
{
    bool is_tab = lines->text[lines->at] == '\t';
    return lines->at + (is_tab ? 0 : indent < INDENT_MAX - BOX_INDENT / 2 ? indent + BOX_INDENT / 2 : (size_t)INDENT_MAX);
}

/* The empty lines between two become the end of the first one. */
static void join_lines(const struct mark_lines *line, const struct mark_lines *below)
{
    size_t end = below->at - 1;
    end -= end > line->end && line->text[end - 1] == '\r';
    if (end > line->end)
        memset(line->text + line->end, ' ', end - line->end);
}

/* Turns the lines below into a quote. An empty one has no byte for its mark: in code, which would end there, it becomes the end of the line above. */
static void quote_box(struct mark_lines *lines, size_t indent)
{
    struct mark_lines below = *lines;
    struct fence fence = {0};
    bool is_empty;
    while (next_line(&below) && is_in_box(&below, indent, &is_empty)) {
        if (is_empty)
            continue;
        if (fence.mark != '\0')
            join_lines(lines, &below);
        (void)is_fence(&below, first_text(&below), &fence);
        lines->text[quote_at(&below, indent)] = '>';
        *lines = below;
    }
}

/* Whether words behind a box's name only place it. */
static bool are_places(struct slice words)
{
    struct slice word;
    while (slice_next(&words, ' ', &word))
        if (word.size > 0 && !slice_equal_text(word, "inline") && !slice_equal_text(word, "end"))
            return false;
    return true;
}

/* "!!! note", "!!! note inline end", '??? note "Title"', "!!! note as a sentence", where the line below is in the box. */
static bool hide_indented_box(struct mark_lines *lines, size_t at)
{
    char *text = lines->text;
    struct mark_lines below = *lines;
    bool is_empty;
    size_t name = at + 3;
    name += text[at] == '?' && name < lines->end && text[name] == '+';
    if (lines->end - at < 5 || text[name] != ' ' || text[at + 1] != text[at] || text[at + 2] != text[at])
        return false;
    size_t name_end = ++name, title;
    while (name_end < lines->end && is_small(text[name_end]))
        name_end++;
    for (title = name_end; title < lines->end && (is_small(text[title]) || text[title] == ' ');)
        title++;
    bool has_title = title < lines->end && text[title] == '"', is_whole = has_title || title == lines->end;
    if (name_end == name || !is_whole || !next_line(&below) || !is_in_box(&below, at - lines->at, &is_empty) || is_empty)
        return false;
    size_t title_end = lines->end;
    while (has_title && title_end > title + 1 && text[title_end - 1] != '"')
        title_end--;
    if (has_title && title_end > title + 1)
        show_title(lines, at, title + 1, title_end - 1);
    else if (has_title || are_places((struct slice){text + name_end, lines->end - name_end}))
        show_title(lines, at, name, name_end);
    else
        show_title(lines, at, name, lines->end);
    quote_box(lines, at - lines->at);
    return true;
}

static bool has_letter(struct slice text)
{
    for (size_t i = 0; i < text.size; i++)
        if (is_small((char)(text.data[i] | 0x20)) || (text.data[i] & 0x80) != 0)
            return true;
    return false;
}

/* "{tip} Title", "{note}", '{.callout-note title="Title"}' from the brace at `at`; what has no title is no text. */
static void show_braced_title(struct mark_lines *lines, size_t start, size_t at)
{
    static const char key[] = "title=";
    char *text = lines->text;
    size_t name = at + 1, end = name, title, title_end;
    for (size_t i = name; i < lines->end && (end == name || !is_small(text[name])); i++)
        end = text[i] == '}' ? i : end; /* a directive's first one, the last one of attributes, whose values may have some */
    struct slice inside = {text + name, end - name};
    size_t behind = end + (end < lines->end);
    if (has_letter((struct slice){text + behind, lines->end - behind})) {
        while (text[behind] == ' ')
            behind++;
        show_title(lines, start, behind, lines->end);
        return;
    }
    for (title = name; title < end; title++)
        if (slice_starts_with((struct slice){text + title, end - title}, slice_from(key)))
            break;
    title += sizeof(key) - 1;
    if (title + 1 < end && (text[title] == '"' || text[title] == '\'')) {
        for (title_end = title + 1; title_end < lines->end && text[title_end] != text[title];)
            title_end++;
        show_title(lines, start, title + 1, title_end);
    } else if (is_box(inside))
        show_title(lines, start, name, end);
    else
        memset(text + start, ' ', lines->end - start);
}

/* "::: tip Title", ":::tip[Title]", ":::{tip} Title", "::: {.note}", and the ":::" that ends it; `open` counts them. */
static bool hide_fenced_box(struct mark_lines *lines, size_t at, size_t *open)
{
    char *text = lines->text;
    size_t name = at, name_end, title;
    while (name < lines->end && text[name] == ':')
        name++;
    if (name - at < 3)
        return false;
    while (name < lines->end && text[name] == ' ')
        name++;
    for (name_end = name; name_end < lines->end && (is_small(text[name_end]) || text[name_end] == '-');)
        name_end++;
    for (title = name_end; title < lines->end && text[title] == ' ';)
        title++;
    bool ends = name == lines->end && *open > 0, begins = name_end > name || (name < lines->end && text[name] == '{');
    bool is_known = is_box((struct slice){text + name, name_end - name}), is_bare = title < lines->end && text[title] != '{';
    if ((!ends && !begins) || (is_bare && !is_known && !ends))
        return false;
    *open = begins ? *open + 1 : *open - 1;
    size_t end = lines->end;
    if (is_known && title < end && text[title] == '[') {
        while (end > title && text[end - 1] != ']')
            end--;
        show_title(lines, at, title + 1, end > title + 1 ? end - 1 : lines->end);
    } else if (is_known && is_bare)
        show_title(lines, at, title, end);
    else if (is_known)
        show_title(lines, at, name, name_end);
    else if (title < end)
        show_braced_title(lines, at, title);
    else
        memset(text + at, ' ', end - at);
    return true;
}

/* "> [!NOTE]" */
static bool hide_quoted_box(struct mark_lines *lines, size_t at)
{
    char *text = lines->text, small[16];
    size_t mark = at + 1, end;
    while (mark < lines->end && text[mark] == ' ')
        mark++;
    if (lines->end - mark < 5 || text[mark] != '[' || text[mark + 1] != '!')
        return false;
    for (end = mark + 2; end < lines->end && end - mark - 2 < sizeof(small) && text[end] >= 'A' && text[end] <= 'Z'; end++)
        small[end - mark - 2] = (char)(text[end] | 0x20);
    size_t size = end - mark - 2;
    if (end >= lines->end || text[end] != ']' || slice_trim((struct slice){text + end + 1, lines->end - end - 1}).size > 0 ||
        !is_box((struct slice){small, size}))
        return false;
    show_title(lines, mark, mark + 2, end);
    return true;
}

bool markdown_marks_hide(char *text, size_t size, struct map *notes)
{
    struct mark_lines lines = {.size = size};
    struct fence fence = {0};
    size_t open = 0;
    bool has_marks = false;
    lines.text = text;
    while (next_line(&lines)) {
        size_t at = lines.at;
        while (at < lines.end && at - lines.at < INDENT_MAX && text[at] == ' ')
            at++;
        if (at == lines.end || is_fence(&lines, at, &fence) || fence.mark != '\0')
            continue;
        if (text[at] == '[')
            has_marks |= hide_note(&lines, at, notes);
        else if (text[at] == '!' || text[at] == '?')
            has_marks |= hide_indented_box(&lines, at);
        else if (text[at] == ':')
            has_marks |= hide_fenced_box(&lines, at, &open);
        else if (text[at] == '>')
            has_marks |= hide_quoted_box(&lines, at);
    }
    return has_marks;
}
