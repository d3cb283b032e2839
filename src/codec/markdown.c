/* markdown.c - Markdown into blocks, over md4c's events.
 *
 * md4c hands text out as pointers into the source (only breaks and the like are its own), so each piece of text knows where it
 * stands. What is not text for a reader (link targets, HTML tags, images' addresses) is left out. Raw HTML keeps its text. */
#include "block.h"
#include "entity.h"
#include "markdown_marks.h"
#include "raised.h"
#include <md4c.h>
#include <stdlib.h>
#include <string.h>

/* Where reading stands in raw HTML, which comes in pieces. */
struct html_place {
    enum { HTML_TEXT, HTML_TAG, HTML_COMMENT } inside;
    char quote;  /* the mark that ends an attribute's value, or 0 */
    char before; /* the last character of the tag that is no space */
    unsigned dashes;
    char name[12];
    size_t name_size;
    bool name_open;
    bool is_end; /* of an element */
};

struct markdown {
    struct block_collector collector;
    unsigned item_depth;
    unsigned item_starts; /* items entered whose first block has not ended */
    bool in_table_head;
    unsigned struck; /* open: text that is crossed out */
    bool is_struck_html, after_struck;
    enum raised raised;
    struct html_place html;
    unsigned strong;    /* open */
    bool has_plain;     /* the block at hand has text that is not strong */
    bool *are_names;    /* of each block: strong from end to end, a heading where other text follows */
    size_t name_capacity;
    struct map notes;   /* labels of footnotes */
    char *copy;         /* of the source, in which marks may be hidden (markdown_marks.h) */
    const char *original;
    bool has_marks;
    bool in_cell;
    bool in_title;      /* of a box, which ends with its line */
    size_t cell;        /* number of this cell in its row */
    size_t cells_empty; /* of this row, since the last one with text: their separators are not written yet */
    size_t cell_count;  /* of all tables */
};

/* Short rows are filled up with empty cells, so that a small file can have a great many. */
static size_t cells_max(const struct markdown *markdown)
{
    return 16 * markdown->collector.source.size + 65536;
}

static void end_block(struct markdown *markdown, enum block_kind kind, unsigned level)
{
    const struct blocks *out = markdown->collector.out;
    size_t before = out->count;
    block_end(&markdown->collector, kind, level);
    if (out->count > before) {
        markdown->are_names = memory_more(markdown->are_names, before, &markdown->name_capacity, sizeof(*markdown->are_names));
        markdown->are_names[before] = kind == BLOCK_PARAGRAPH && !markdown->has_plain && markdown->item_depth == 0 &&
                                      block_is_name(out->items[before].text);
    }
    markdown->has_plain = markdown->in_title = false;
}

static void end_text_block(struct markdown *markdown, enum block_kind kind, unsigned level)
{
    size_t before = markdown->collector.out->count;
    bool is_item = kind == BLOCK_PARAGRAPH && markdown->item_starts > 0;
    markdown->is_struck_html = false; /* however it was left open */
    markdown->raised = RAISED_NOT;
    if (is_item) {
        kind = BLOCK_ITEM;
        level = markdown->item_depth;
    }
    end_block(markdown, kind, level);
    if (is_item && markdown->collector.out->count > before)
        markdown->item_starts = 0;
}

static int enter_block(MD_BLOCKTYPE type, void *detail, void *context)
{
    struct markdown *markdown = context;
    (void)detail;
    switch (type) {
    case MD_BLOCK_UL:
    case MD_BLOCK_OL: /* a tight item's own text ends where its inner list begins */
        end_text_block(markdown, BLOCK_PARAGRAPH, 0);
        break;
    case MD_BLOCK_LI:
        markdown->item_depth++;
        markdown->item_starts = 1;
        break;
    case MD_BLOCK_THEAD:
        markdown->in_table_head = true;
        break;
    case MD_BLOCK_TR:
        markdown->cell = markdown->cells_empty = 0;
        break;
    case MD_BLOCK_TH:
    case MD_BLOCK_TD:
        markdown->cell_count++; /* md4c does not listen here for cells of its own: the end of the row stops it */
        markdown->cells_empty += markdown->cell++ > 0;
        markdown->in_cell = true;
        break;
    case MD_BLOCK_CODE:
    case MD_BLOCK_QUOTE:
    case MD_BLOCK_H:
    case MD_BLOCK_P:
    case MD_BLOCK_TABLE:
        end_text_block(markdown, BLOCK_PARAGRAPH, 0);
        break;
    default:
        break;
    }
    return 0;
}

static int leave_block(MD_BLOCKTYPE type, void *detail, void *context)
{
    struct markdown *markdown = context;
    switch (type) {
    case MD_BLOCK_LI:
        end_text_block(markdown, BLOCK_PARAGRAPH, 0);
        markdown->item_depth--;
        markdown->item_starts = 0;
        break;
    case MD_BLOCK_H:
        end_block(markdown, BLOCK_HEADING, ((MD_BLOCK_H_DETAIL *)detail)->level);
        break;
    case MD_BLOCK_CODE:
        end_block(markdown, BLOCK_CODE, 0);
        break;
    case MD_BLOCK_TR:
        markdown->in_cell = false;
        markdown->cells_empty = 0;
        markdown->is_struck_html = false;
        markdown->raised = RAISED_NOT;
        if (markdown->cell_count > cells_max(markdown))
            return -1; /* md4c goes on after a positive number */
        end_block(markdown, markdown->in_table_head ? BLOCK_TABLE_HEAD : BLOCK_TABLE_ROW, 0);
        break;
    case MD_BLOCK_THEAD:
        markdown->in_table_head = false;
        break;
    case MD_BLOCK_HTML:
        markdown->html = (struct html_place){0};
        end_text_block(markdown, BLOCK_PARAGRAPH, 0);
        break;
    case MD_BLOCK_P:
    case MD_BLOCK_QUOTE:
        end_text_block(markdown, BLOCK_PARAGRAPH, 0);
        break;
    default:
        break;
    }
    return 0;
}

/* Spans are passed over but for "~~crossed out~~", which is not read, and "**a line**", which may be a heading. */
static int enter_span(MD_SPANTYPE type, void *detail, void *context)
{
    struct markdown *markdown = context;
    (void)detail;
    markdown->struck += type == MD_SPAN_DEL;
    markdown->strong += type == MD_SPAN_STRONG;
    return 0;
}

static int leave_span(MD_SPANTYPE type, void *detail, void *context)
{
    struct markdown *markdown = context;
    (void)detail;
    markdown->struck -= type == MD_SPAN_DEL && markdown->struck > 0;
    markdown->after_struck = type == MD_SPAN_DEL;
    markdown->strong -= type == MD_SPAN_STRONG && markdown->strong > 0;
    return 0;
}

/* Where md4c's text stands in the source; SIZE_MAX for its own constants. */
static size_t place_of(const struct markdown *markdown, const char *text, size_t size)
{
    uintptr_t begin = (uintptr_t)markdown->collector.source.data;
    uintptr_t place = (uintptr_t)text;
    size_t source_size = markdown->collector.source.size;
    if (size > source_size || place < begin || place - begin > source_size - size)
        return SIZE_MAX;
    return (size_t)(place - begin);
}

/* Elements that stand within a line: "<b>a</b>c" is one word, "<p>a</p>c" two. */
static bool is_inline_element(struct slice name)
{
    static const char *const names[] = {"a",     "abbr", "acronym", "b",  "bdi",  "bdo",   "big",  "cite",   "code",
                                        "data",  "del",  "dfn",     "em", "font", "i",     "img",  "ins",    "kbd",
                                        "label", "mark", "q",       "s",  "samp", "small", "span", "strike", "strong",
                                        "sub",   "sup",  "time",    "tt", "u",    "var",   "wbr"};
    for (size_t i = 0; i < ARRAY_COUNT(names); i++)
        if (slice_equal_text(name, names[i]))
            return true;
    return false;
}

/* Takes one character inside <…>; true when it ends there. A quote counts only where a value may begin. */
static bool take_tag(struct html_place *html, char c)
{
    char small = (char)(c >= 'A' && c <= 'Z' ? c | 0x20 : c);
    bool is_name = (small >= 'a' && small <= 'z') || (c >= '0' && c <= '9');
    if (html->name_open && is_name && html->name_size < sizeof(html->name))
        html->name[html->name_size++] = small;
    else if (c == '/')
        html->is_end = html->is_end || html->name_size == 0;
    else
        html->name_open = html->name_open && is_name && html->name_size > 0;
    if (html->quote != '\0' ? c == html->quote : (c == '"' || c == '\'') && html->before == '=')
        html->quote = html->quote != '\0' ? '\0' : c;
    else if (html->quote == '\0' && c == '>')
        return true;
    if (c != ' ' && c != '\n' && c != '\r' && c != '\t')
        html->before = c;
    return false;
}

/* The same inside a comment: it ends with "-->", and <!--> is one. */
static bool take_comment(struct html_place *html, char c)
{
    bool ended = c == '>' && html->dashes >= 2;
    html->dashes = c == '-' ? html->dashes + 1 : 0;
    return ended;
}

/* Elements that tell how their text stands: crossed out, above the line, below it. */
static void note_style(struct markdown *markdown, struct slice name)
{
    bool is_start = !markdown->html.is_end, is_above = slice_equal_text(name, "sup");
    if (slice_equal_text(name, "del") || slice_equal_text(name, "s") || slice_equal_text(name, "strike")) {
        markdown->is_struck_html = is_start;
        markdown->after_struck = !is_start;
    }
    if (is_above || slice_equal_text(name, "sub"))
        markdown->raised = !is_start ? RAISED_NOT : is_above ? RAISED_UP : RAISED_DOWN;
}

static void end_tag(struct markdown *markdown)
{
    struct slice text = buffer_slice(&markdown->collector.text), name = {markdown->html.name, markdown->html.name_size};
    bool is_joined = text.size > 0 && text.data[text.size - 1] != ' ' && text.data[text.size - 1] != '\n';
    note_style(markdown, name);
    if (is_joined && !is_inline_element(name))
        block_add_text(&markdown->collector, SLICE(" "), SIZE_MAX);
}

/* A character reference as its character; one that is not known as it stands. */
static void add_reference(struct markdown *markdown, struct slice reference)
{
    char decoded[ENTITY_BYTES_MAX];
    size_t size = entity_decode(reference, decoded), place = place_of(markdown, reference.data, reference.size);
    if (size > 0 && place != SIZE_MAX)
        block_add_decoded(&markdown->collector, (struct slice){decoded, size}, place, reference.size);
    else
        block_add_text(&markdown->collector, reference, place);
}

/* Digits of <sup> and <sub> that would run together with what stands before them. */
static bool add_raised(struct markdown *markdown, struct slice text)
{
    char small[RAISED_BYTES_MAX];
    size_t size = raised_write(markdown->raised, buffer_slice(&markdown->collector.text), text, small);
    if (size > 0)
        block_add_decoded(&markdown->collector, (struct slice){small, size}, place_of(markdown, text.data, text.size),
                          text.size);
    return size > 0;
}

/* Text between the tags of raw HTML, where md4c leaves references as they are. */
static void add_html_text(struct markdown *markdown, struct slice text)
{
    enum { REFERENCE_BYTES_MAX = 16 };
    size_t start = 0, at = 0, length;
    if (markdown->is_struck_html || add_raised(markdown, text))
        return;
    for (; at < text.size; at++) {
        struct slice rest = slice_range(text, at, text.size);
        char decoded[ENTITY_BYTES_MAX];
        if (rest.size > REFERENCE_BYTES_MAX)
            rest.size = REFERENCE_BYTES_MAX;
        if (rest.data[0] != '&' || !slice_find(rest, ';', &length) ||
            entity_decode(slice_range(rest, 0, length + 1), decoded) == 0)
            continue;
        struct slice before = slice_range(text, start, at);
        block_add_text(&markdown->collector, before, place_of(markdown, before.data, before.size));
        add_reference(markdown, slice_range(rest, 0, length + 1));
        at += length;
        start = at + 1;
    }
    struct slice last = slice_range(text, start, text.size);
    block_add_text(&markdown->collector, last, place_of(markdown, last.data, last.size));
}

/* Adds what stands outside of tags and comments. Either may go on in the next piece. */
static void add_html(struct markdown *markdown, struct slice piece)
{
    struct html_place *html = &markdown->html;
    size_t start = 0;
    for (size_t i = 0; i < piece.size; i++) {
        if (html->inside == HTML_TEXT) {
            if (piece.data[i] != '<')
                continue;
            add_html_text(markdown, slice_range(piece, start, i));
            bool is_comment = slice_starts_with(slice_range(piece, i, piece.size), SLICE("<!--"));
            *html = (struct html_place){.inside = is_comment ? HTML_COMMENT : HTML_TAG, .name_open = true};
            i += is_comment ? 1 : 0; /* its own dashes count */
            continue;
        }
        bool is_tag = html->inside == HTML_TAG;
        if (!(is_tag ? take_tag : take_comment)(html, piece.data[i]))
            continue;
        html->inside = HTML_TEXT;
        start = i + 1;
        if (is_tag)
            end_tag(markdown);
    }
    if (html->inside == HTML_TEXT)
        add_html_text(markdown, slice_range(piece, start, piece.size));
}

/* What was crossed out had a space on either side: one is enough. */
static void drop_space(struct markdown *markdown, struct slice *text)
{
    struct slice before = buffer_slice(&markdown->collector.text);
    bool has_space = before.size == 0 || before.data[before.size - 1] == ' ' || markdown->cells_empty > 0;
    if (markdown->after_struck && has_space && text->size > 0 && text->data[0] == ' ')
        *text = slice_range(*text, 1, text->size);
    markdown->after_struck = false;
}

static void add_piece(struct markdown *markdown, struct slice text)
{
    block_add_text(&markdown->collector, text, place_of(markdown, text.data, text.size));
}

/* "[", where the text is the label of a footnote at its place. */
static void begin_label(struct markdown *markdown, struct slice text)
{
    size_t place = place_of(markdown, text.data, text.size);
    if (place != SIZE_MAX && place >= 2 && markdown->copy[place - 2] == '-' && markdown->original[place - 2] == '[' &&
        markdown->original[place - 1] == '^')
        block_add_text(&markdown->collector, SLICE("["), place - 2);
}

/* " [1]" for "[^1]" */
static void add_note(struct markdown *markdown, struct slice mark)
{
    struct slice before = buffer_slice(&markdown->collector.text);
    if (before.size > 0 && !byte_among(before.data[before.size - 1], " \n"))
        block_add_text(&markdown->collector, SLICE(" "), SIZE_MAX);
    add_piece(markdown, slice_range(mark, 0, 1));
    add_piece(markdown, slice_range(mark, 2, mark.size));
}

/* A title begins a paragraph, also below a line of text. */
static void begin_title(struct markdown *markdown)
{
    struct buffer *before = &markdown->collector.text;
    if (!markdown->in_cell && before->size > 0) {
        before->size -= byte_among(before->data[before->size - 1], " \n"); /* the break of the line */
        end_text_block(markdown, BLOCK_PARAGRAPH, 0);
    }
    markdown->in_title = markdown->has_plain = true;
}

/* Whether a byte of the text stands in the place of a mark, and not in the source. */
static bool is_mark_at(const struct markdown *markdown, const char *byte)
{
    bool is_one = *byte >= MARK_NOTHING && *byte <= MARK_LABEL_END;
    size_t place = is_one ? place_of(markdown, byte, 1) : SIZE_MAX;
    return place != SIZE_MAX && markdown->original[place] != *byte;
}

/* What stands at a mark of one byte in the text; the bytes that are read. */
static size_t take_mark(struct markdown *markdown, struct slice text)
{
    size_t size = 1, place = place_of(markdown, text.data, 1);
    while (size < text.size && (text.data[size] == ' ' || is_mark_at(markdown, text.data + size)))
        size++;
    if (text.data[0] == MARK_TITLE)
        begin_title(markdown);
    if (text.data[0] == MARK_LABEL_END && place != SIZE_MAX) {
        size_t next = place + size;
        block_add_text(&markdown->collector, SLICE("]"), place);
        if (next < markdown->collector.source.size && !byte_among(markdown->copy[next], "\r\n"))
            block_add_text(&markdown->collector, SLICE(" "), SIZE_MAX);
    }
    return size;
}

/* The end of "[a link]" whose target would be a footnote's mark; 0: there is none. */
static size_t noted_link_end(const struct markdown *markdown, struct slice text)
{
    enum { LINK_BYTES_MAX = 1024 }; /* brackets that nothing ends are not looked through again and again */
    size_t end;
    bool is_one = slice_find(slice_range(text, 0, text.size < LINK_BYTES_MAX ? text.size : LINK_BYTES_MAX), ']', &end) &&
                  markdown_note_size(slice_range(text, end + 1, text.size), &markdown->notes) > 0;
    return is_one ? end : 0;
}

/* Text without what stands in the place of marks, and with those of footnotes as people write them. */
static void add_marked(struct markdown *markdown, struct slice text)
{
    size_t start = 0, at = 0, link_end = 0;
    begin_label(markdown, text);
    while (at < text.size) {
        struct slice rest = slice_range(text, at, text.size);
        char c = text.data[at];
        bool is_mark = is_mark_at(markdown, text.data + at);
        size_t note = c == '[' ? markdown_note_size(rest, &markdown->notes) : 0;
        if (c == '[' && note == 0 && (link_end = noted_link_end(markdown, rest)) > 0)
            link_end += at;
        bool is_bracket = link_end > 0 && (c == '[' || at == link_end) && note == 0;
        if (!is_mark && note == 0 && !is_bracket) {
            at++;
            continue;
        }
        add_piece(markdown, slice_range(text, start, at));
        if (note > 0)
            add_note(markdown, slice_range(rest, 0, note));
        at += is_mark ? take_mark(markdown, rest) : note > 0 ? note : 1;
        start = at;
    }
    add_piece(markdown, slice_range(text, start, text.size));
}

/* In code and HTML nothing is a mark: what was taken for one is as it was, also ends of lines. */
static void restore(const struct markdown *markdown, struct slice text)
{
    size_t place = place_of(markdown, text.data, text.size);
    if (place != SIZE_MAX && text.size > 0)
        memcpy(markdown->copy + place, markdown->original + place, text.size);
}

/* Code, whose lines end with LF alone. */
static void add_code(struct markdown *markdown, struct slice text)
{
    size_t start = 0;
    for (size_t at = 0; at < text.size; at++)
        if (text.data[at] == '\r') {
            add_piece(markdown, slice_range(text, start, at));
            start = at + 1;
        }
    add_piece(markdown, slice_range(text, start, text.size));
}

static void break_line(struct markdown *markdown)
{
    if (markdown->in_title)
        end_text_block(markdown, BLOCK_PARAGRAPH, 0);
    else
        block_add_text(&markdown->collector, SLICE(" "), SIZE_MAX);
}

static int add_text(MD_TEXTTYPE type, const MD_CHAR *text, MD_SIZE size, void *context)
{
    struct markdown *markdown = context;
    struct slice slice = {text, size};
    if (markdown->has_marks && type != MD_TEXT_NORMAL)
        restore(markdown, slice);
    markdown->has_plain = markdown->has_plain || (markdown->strong == 0 && slice_trim(slice).size > 0);
    if (markdown->struck > 0 || (markdown->is_struck_html && type != MD_TEXT_HTML) ||
        (type == MD_TEXT_NORMAL && markdown->raised != RAISED_NOT && add_raised(markdown, slice)))
        return 0;
    drop_space(markdown, &slice);
    for (; markdown->cells_empty > 0; markdown->cells_empty--)
        block_add_text(&markdown->collector, SLICE(" | "), SIZE_MAX);
    if (type == MD_TEXT_NORMAL)
        markdown->html = (struct html_place){0};
    switch (type) {
    case MD_TEXT_NULLCHAR:
        block_add_text(&markdown->collector, SLICE("\xEF\xBF\xBD"), SIZE_MAX);
        break;
    case MD_TEXT_BR:
        block_add_text(&markdown->collector, SLICE("\n"), SIZE_MAX);
        break;
    case MD_TEXT_SOFTBR:
        break_line(markdown);
        break;
    case MD_TEXT_NORMAL:
        if (markdown->has_marks)
            add_marked(markdown, slice);
        else
            add_piece(markdown, slice);
        break;
    case MD_TEXT_CODE:
        add_code(markdown, slice);
        break;
    case MD_TEXT_ENTITY:
        add_reference(markdown, slice);
        break;
    case MD_TEXT_HTML:
        add_html(markdown, slice);
        break;
    default:
        add_piece(markdown, slice);
        break;
    }
    return 0;
}

/* The bytes of a YAML head, "---" lines included; 0 when there is none. */
static size_t head_size(struct slice source)
{
    struct slice rest = source, line;
    if (!slice_next(&rest, '\n', &line) || !slice_equal_text(slice_trim(line), "---"))
        return 0;
    while (slice_next(&rest, '\n', &line))
        if (slice_equal_text(slice_trim(line), "---") || slice_equal_text(slice_trim(line), "..."))
            return (size_t)(rest.data - source.data);
    return 0;
}

static struct slice head_text(const struct yaml_node *head, const char *key)
{
    const struct yaml_node *node = yaml_get(head, key);
    return node != NULL && node->kind == YAML_SCALAR ? slice_trim(node->text) : SLICE("");
}

static bool is_access(struct slice key)
{
    static const char word[] = "access";
    if (key.size != sizeof(word) - 1)
        return false;
    for (size_t i = 0; i < key.size; i++)
        if ((key.data[i] | 0x20) != word[i])
            return false;
    return true;
}

/* Whether one of the lines says `access: …`, as near as can be told of text that is not YAML. */
static bool seems_to_state_access(struct slice lines, bool to_the_end)
{
    struct slice line;
    size_t colon;
    while (slice_next(&lines, '\n', &line)) {
        line = slice_trim(line);
        if (line.size == 0 && !to_the_end)
            return false;
        if (line.size > 0 && (line.data[0] == '"' || line.data[0] == '\''))
            line = slice_range(line, 1, line.size);
        if (!slice_find(line, ':', &colon))
            continue;
        struct slice key = slice_trim(slice_range(line, 0, colon));
        if (key.size > 0 && (key.data[key.size - 1] == '"' || key.data[key.size - 1] == '\''))
            key.size--;
        if (is_access(key))
            return true;
    }
    return false;
}

static void add_value(struct arena *arena, struct blocks *blocks, size_t *capacity, struct slice key,
                      const struct yaml_node *node)
{
    struct head_value *values = arena_more(arena, (void *)blocks->head, blocks->head_count, capacity, sizeof(*values));
    values[blocks->head_count++] = (struct head_value){key, slice_trim(node->text), node->quoted};
    blocks->head = values;
}

static void take_values(const struct yaml_node *head, struct arena *arena, struct blocks *blocks)
{
    size_t capacity = 0;
    for (size_t i = 0; i < head->count; i++) {
        const struct yaml_node *node = &head->items[i];
        blocks->states_access = blocks->states_access || is_access(head->keys[i]);
        if (node->kind == YAML_SCALAR)
            add_value(arena, blocks, &capacity, head->keys[i], node);
        for (size_t j = 0; node->kind == YAML_SEQUENCE && j < node->count; j++)
            if (node->items[j].kind == YAML_SCALAR)
                add_value(arena, blocks, &capacity, head->keys[i], &node->items[j]);
    }
}

static bool refuse_head(const char *why, struct error *error)
{
    error_set(error, ERROR_INVALID, "the head seems to say who may see the document, but it cannot be read: %s", why);
    return error_hint(error, "Mend the lines between the two \"---\", or take \"access:\" out of them.");
}

/* Takes what the head says; `*size` is how many bytes it has: 0 when there is none, or it is text like any other. */
static bool read_head(struct slice source, struct arena *arena, struct blocks *blocks, size_t *size, struct error *error)
{
    struct slice rest = source, first, inside;
    struct yaml_node head;
    struct error why;
    *size = head_size(source);
    if (*size == 0) {
        bool is_open = slice_next(&rest, '\n', &first) && slice_equal_text(slice_trim(first), "---");
        return !is_open || !seems_to_state_access(rest, false) || refuse_head("it has no end", error);
    }
    rest = slice_range(source, 0, *size);
    (void)slice_next(&rest, '\n', &first);
    inside = slice_trim(rest);
    inside.size -= inside.size < 3 ? inside.size : 3; /* the closing line */
    bool ok = yaml_read(inside, "head", arena, &head, &why);
    if (!ok || head.kind != YAML_MAPPING) {
        *size = 0;
        return !seems_to_state_access(inside, true) || refuse_head(ok ? "it is no list of \"key: value\"" : why.message, error);
    }
    if (inside.size == 0)
        *size = 0;
    blocks->title = head_text(&head, "title");
    blocks->language = head_text(&head, "lang");
    if (blocks->language.size == 0)
        blocks->language = head_text(&head, "language");
    take_values(&head, arena, blocks);
    return true;
}

/* md4c (0.4.8) looks at the byte behind a text, and where that is ")" or the like it goes on there: what it reads has zeros behind it. */
static char *copy_with_end(struct slice source)
{
    enum { ZEROS = 16 };
    char *copy = memory_alloc(source.size + ZEROS, 1);
    if (source.size > 0)
        memcpy(copy, source.data, source.size);
    return copy;
}

bool markdown_read(struct slice source, struct arena *arena, struct blocks *blocks, struct error *error)
{
    if (source.size > UINT32_MAX / 2)
        return error_set(error, ERROR_LIMIT, "Markdown of %zu bytes, the limit is %u", source.size, UINT32_MAX / 2);
    struct markdown markdown = {0};
    struct blocks read;
    block_collector_init(&markdown.collector, source, arena, &read);
    size_t head;
    if (!read_head(source, arena, &read, &head, error))
        return false; /* the collector holds nothing yet */
    char *copy = copy_with_end(source);
    markdown.collector.source.data = markdown.copy = copy;
    markdown.original = source.data;
    static const MD_PARSER parser = {
        .flags = MD_DIALECT_GITHUB,
        .enter_block = enter_block,
        .leave_block = leave_block,
        .enter_span = enter_span,
        .leave_span = leave_span,
        .text = add_text,
    };
    /* md4c calls back with non-zero only when a callback of ours does, or when memory is out. */
    struct slice text = {copy + head, source.size - head};
    while (text.size > 0 && (text.data[text.size - 1] == '\n' || text.data[text.size - 1] == '\r'))
        text.size--;
    map_init(&markdown.notes, text.size + 1);
    markdown.has_marks = markdown_marks_hide(copy + head, text.size, &markdown.notes);
    int status = md_parse(text.data, (MD_SIZE)text.size, &parser, &markdown);
    end_block(&markdown, BLOCK_PARAGRAPH, 0);
    if (status == 0)
        block_raise_names(&read, markdown.are_names);
    free(markdown.are_names);
    block_collector_release(&markdown.collector);
    map_release(&markdown.notes);
    free(copy);
    if (markdown.cell_count > cells_max(&markdown))
        return error_set(error, ERROR_LIMIT, "the tables have over %zu cells, too many for a text of %zu bytes",
                         cells_max(&markdown), source.size);
    if (status != 0)
        return error_set(error, ERROR_NO_MEMORY, "no memory to read Markdown of %zu bytes", source.size);
    *blocks = read;
    return true;
}
