/* json_document.c - JSON as a text that can be read, and found: what belongs together in one block.
 *
 *   {"title": "Shop",                       title   Shop
 *    "terms": {"days": 30, "fee": "none"},  heading terms      paragraph  days: 30⏎fee: none
 *    "staff": [{"name": "Ann", "room": 7},  heading staff      row        name: Ann | room: 7
 *              {"name": "Bea", "room": 9}]}                    row        name: Bea | room: 9
 *
 * A block's runs are the values and the keys that stand before them, in the order of the source. */
#include "block.h"
#include "utf8.h"
#include <string.h>

enum {
    HEADINGS_MAX = 4,     /* objects below each other that get one */
    LINE_BYTES_MAX = 80,  /* a longer value in a record has a line of its own */
    PATH_BYTES_MAX = 512,
    ROLE_BYTES_MAX = 64
};

struct document {
    struct block_collector collector;
    struct slice source;
    size_t base;   /* where the bytes that json_read saw begin in the source */
    char path[PATH_BYTES_MAX]; /* "a.b." of objects too deep for headings */
    size_t key_bytes_left; /* what keys may still add: long keys of many short values would grow the text without end */
};

static bool is_container(const struct json_value *value)
{
    return value->kind == JSON_ARRAY || value->kind == JSON_OBJECT;
}

/* Is there nothing in it to be read? */
static bool is_empty(const struct json_value *value)
{
    if (value->kind == JSON_TEXT)
        return slice_trim(value->text).size == 0;
    return value->kind == JSON_NULL || (is_container(value) && value->count == 0);
}

/* ---- keys ---- */

static bool is_key(struct slice key, const char *const *keys)
{
    for (; *keys != NULL; keys++)
        if (slice_equal_text(key, *keys))
            return true;
    return false;
}

static bool is_text_key(struct slice key)
{
    static const char *const keys[] = {"title", "text", "body", "content", "contents", NULL};
    return is_key(key, keys);
}

static bool is_role_key(struct slice key)
{
    static const char *const keys[] = {"role", "from", "speaker", "author", NULL};
    return is_key(key, keys);
}

/* {"role": "user", "content": "Hello"}: what somebody said. */
static bool is_said(const struct json_value *value)
{
    static const char *const said[] = {"content", "value", "text", NULL};
    return value->kind == JSON_OBJECT && value->count == 2 && is_role_key(value->keys[0]) &&
           value->items[0].kind == JSON_TEXT && value->items[0].text.size <= ROLE_BYTES_MAX && is_key(value->keys[1], said) &&
           value->items[1].kind == JSON_TEXT;
}

/* ---- text ---- */

static void add_mark(struct document *document, const char *mark)
{
    block_add_text(&document->collector, slice_from(mark), SIZE_MAX);
}

/* A text in quotes at `at`, whose content is `text`: as runs between its escapes. */
static void add_quoted(struct document *document, struct slice text, size_t at)
{
    size_t source_at = document->base + at + 1, taken = 0;
    while (taken < text.size) {
        size_t end = source_at;
        while (end - source_at < text.size - taken && document->source.data[end] != '\\')
            end++;
        block_add_text(&document->collector, slice_range(document->source, source_at, end), source_at);
        taken += end - source_at;
        source_at = end;
        if (taken == text.size)
            break;
        size_t size = utf8_size(text, taken), escape = document->source.data[source_at + 1] != 'u' ? 2 : size == 4 ? 12 : 6;
        struct slice character = slice_range(text, taken, taken + size);
        bool is_kept = utf8_control_size(text, taken) == 0 || text.data[taken] == '\n' || text.data[taken] == '\t';
        if (is_kept)
            block_add_decoded(&document->collector, character, source_at, escape);
        else
            add_mark(document, " ");
        taken += size;
        source_at += escape;
    }
}

static void add_scalar(struct document *document, const struct json_value *value)
{
    if (value->kind == JSON_TEXT) {
        add_quoted(document, value->text, value->at);
        return;
    }
    size_t start = document->base + value->at, end = document->base + value->end;
    block_add_text(&document->collector, slice_range(document->source, start, end), start);
}

/* Where the key of a member stands: its opening quote is the one before the closing quote that stands before the value. */
static size_t key_at(const struct document *document, const struct json_value *value)
{
    const char *data = document->source.data;
    size_t at = document->base + value->at;
    while (data[at - 1] != '"')
        at--;
    for (at -= 2;; at--) {
        size_t slashes = 0;
        while (data[at] == '"' && data[at - slashes - 1] == '\\')
            slashes++;
        if (data[at] == '"' && slashes % 2 == 0)
            return at - document->base;
    }
}

/* It bears the value out: who quotes one quotes both. */
static void add_key(struct document *document, struct slice key, const struct json_value *value)
{
    if (key.size + 2 > document->key_bytes_left)
        return;
    document->key_bytes_left -= key.size + 2;
    add_mark(document, document->path);
    add_quoted(document, key, key_at(document, value));
    add_mark(document, ": ");
}

/* A key as a block of its own. */
static void add_heading(struct document *document, struct slice key, const struct json_value *value, unsigned level)
{
    if (slice_trim(key).size == 0)
        return;
    add_quoted(document, key, key_at(document, value));
    block_end(&document->collector, BLOCK_HEADING, level);
}

/* ---- records ---- */

static void add_inline(struct document *document, const struct json_value *value);

static bool ends_line(const struct document *document)
{
    struct slice text = buffer_slice(&document->collector.text);
    return text.size == 0 || text.data[text.size - 1] == '\n';
}

/* Behind a line end, a key, or nothing: no mark is needed before the next value. */
static bool is_at_start(const struct document *document)
{
    return ends_line(document) || slice_ends_with(buffer_slice(&document->collector.text), SLICE(": "));
}

static void add_said(struct document *document, const struct json_value *value)
{
    if (!ends_line(document))
        add_mark(document, "\n");
    add_scalar(document, &value->items[0]);
    add_mark(document, ": ");
    add_scalar(document, &value->items[1]);
}

static void add_member(struct document *document, struct slice key, const struct json_value *value)
{
    bool is_long = value->kind == JSON_TEXT && value->text.size > LINE_BYTES_MAX,
         is_text = value->kind == JSON_TEXT && is_text_key(key);
    if (is_empty(value))
        return;
    if (!is_at_start(document))
        add_mark(document, is_long || is_text || is_container(value) ? "\n" : " | ");
    if (!is_text)
        add_key(document, key, value);
    add_inline(document, value);
    if ((is_long || is_text || is_container(value)) && !ends_line(document))
        add_mark(document, "\n");
}

/* All of a value within the block at hand. */
static void add_inline(struct document *document, const struct json_value *value)
{
    if (!is_container(value)) {
        add_scalar(document, value);
        return;
    }
    if (is_said(value)) {
        add_said(document, value);
        return;
    }
    for (size_t i = 0; i < value->count; i++)
        if (value->kind == JSON_OBJECT)
            add_member(document, value->keys[i], &value->items[i]);
        else if (!is_empty(&value->items[i])) {
            if (i > 0 && !is_at_start(document))
                add_mark(document, is_container(&value->items[i]) ? "\n" : ", ");
            add_inline(document, &value->items[i]);
        }
}

static void trim_end(struct document *document)
{
    struct buffer *text = &document->collector.text;
    const struct block_run *last = document->collector.run_count > 0
                                       ? &document->collector.runs[document->collector.run_count - 1]
                                       : NULL;
    size_t least = last != NULL ? last->text_at + last->size : 0; /* what the source holds stays */
    while (text->size > least && text->data[text->size - 1] == '\n')
        text->size--;
}

/* Ends a block whose bytes are those of the value. */
static void end_record(struct document *document, const struct json_value *value, enum block_kind kind)
{
    struct blocks *out = document->collector.out;
    size_t before = out->count;
    trim_end(document);
    block_end(&document->collector, kind, 0);
    if (out->count > before) {
        out->items[before].start = document->base + value->at;
        out->items[before].end = document->base + value->end;
    }
}

static void add_record(struct document *document, const struct json_value *value)
{
    char first = document->path[0];
    document->path[0] = '\0'; /* a record's members stand without what leads to it */
    add_inline(document, value);
    end_record(document, value, BLOCK_TABLE_ROW);
    document->path[0] = first;
}

/* ---- a document ---- */

static void add_value(struct document *document, const struct json_value *value, unsigned depth);

static void end_paragraph(struct document *document)
{
    trim_end(document);
    block_end(&document->collector, BLOCK_PARAGRAPH, 0);
}

static bool is_flat(const struct json_value *array)
{
    for (size_t i = 0; i < array->count; i++)
        if (is_container(&array->items[i]))
            return false;
    return true;
}

static void add_nested(struct document *document, struct slice key, const struct json_value *value, unsigned depth)
{
    end_paragraph(document);
    if (depth < HEADINGS_MAX) {
        add_heading(document, key, value, depth + 1);
        add_value(document, value, depth + 1);
        end_paragraph(document);
        return;
    }
    size_t size = strlen(document->path);
    if (key.size + 2 < PATH_BYTES_MAX - size && memchr(key.data, '\0', key.size) == NULL) {
        memcpy(document->path + size, key.data, key.size);
        memcpy(document->path + size + key.size, ".", 2);
    }
    add_value(document, value, depth + 1);
    end_paragraph(document);
    document->path[size] = '\0';
}

static void add_line(struct document *document, struct slice key, const struct json_value *value)
{
    bool is_text = value->kind == JSON_TEXT && is_text_key(key);
    bool is_alone = is_text || (value->kind == JSON_TEXT && value->text.size > 2 * LINE_BYTES_MAX);
    if (is_alone)
        end_paragraph(document);
    if (!is_text)
        add_key(document, key, value);
    add_inline(document, value);
    add_mark(document, "\n");
    if (is_alone)
        end_paragraph(document);
}

static void add_object(struct document *document, const struct json_value *object, unsigned depth)
{
    for (size_t i = 0; i < object->count; i++) {
        const struct json_value *value = &object->items[i];
        if (is_empty(value))
            continue;
        if (is_container(value) && !(value->kind == JSON_ARRAY && is_flat(value)))
            add_nested(document, object->keys[i], value, depth);
        else
            add_line(document, object->keys[i], value);
    }
}

static void add_value(struct document *document, const struct json_value *value, unsigned depth)
{
    if (value->kind == JSON_OBJECT && depth <= LIMIT_JSON_DEPTH)
        add_object(document, value, depth);
    else if (value->kind == JSON_ARRAY && !is_flat(value)) {
        end_paragraph(document);
        for (size_t i = 0; i < value->count; i++)
            if (!is_empty(&value->items[i]))
                add_record(document, &value->items[i]);
    } else if (!is_empty(value))
        add_inline(document, value);
}

static struct slice title_in(const struct json_value *root)
{
    static const char *const keys[] = {"title", "name", "subject"};
    for (size_t i = 0; i < ARRAY_COUNT(keys); i++) {
        const struct json_value *value = json_get(root, keys[i]);
        if (value != NULL && value->kind == JSON_TEXT && value->text.size > 0 && value->text.size <= LIMIT_TITLE_BYTES)
            return value->text;
    }
    return (struct slice){"", 0};
}

static void begin_document(struct document *document, struct slice source, struct arena *arena, struct blocks *blocks)
{
    *document = (struct document){.source = source, .key_bytes_left = 8 * source.size + MIB};
    block_collector_init(&document->collector, source, arena, blocks);
    document->collector.is_exact = true;
    document->collector.text.size_max = 24 * source.size + 4 * MIB; /* keys again, and marks around each value */
}

bool json_document_read(struct slice source, const char *name, struct arena *arena, struct blocks *blocks, struct error *error)
{
    struct json_value root;
    struct document document;
    struct broken_lines broken;
    struct error lines_error = {0};
    if (!json_read(source, name, arena, &root, error)) {
        bool are_lines = error->kind == ERROR_INVALID && json_lines_read(source, name, arena, blocks, &broken, &lines_error) &&
                         broken.count == 0 && blocks->count > 1;
        return are_lines;
    }
    begin_document(&document, source, arena, blocks);
    add_value(&document, &root, 0);
    end_paragraph(&document);
    blocks->title = title_in(&root);
    bool ok = buffer_finish(&document.collector.text, "a record's text", error);
    block_collector_release(&document.collector);
    return ok;
}

/* Each line is read by itself: that it is the first one of itself says nothing. */
static void note_broken(struct broken_lines *broken, size_t line, const struct error *error)
{
    static const char of_itself[] = "line 1, ";
    const char *message = error->message;
    if (broken->count++ > 0)
        return;
    broken->first_line = line;
    if (strncmp(message, of_itself, strlen(of_itself)) == 0)
        message += strlen(of_itself);
    size_t size = strlen(message);
    size = size < sizeof(broken->reason) - 1 ? size : sizeof(broken->reason) - 1;
    memcpy(broken->reason, message, size);
    broken->reason[size] = '\0';
}

bool json_lines_read(struct slice source, const char *name, struct arena *arena, struct blocks *blocks,
                     struct broken_lines *broken, struct error *error)
{
    struct document document;
    struct arena scratch;
    struct slice rest = source, line;
    size_t number = 0, records = 0;
    *broken = (struct broken_lines){0};
    arena_init(&scratch);
    begin_document(&document, source, arena, blocks);
    while (slice_next(&rest, '\n', &line)) {
        struct json_value value;
        struct error line_error = {0};
        number++;
        if (slice_trim(line).size == 0)
            continue;
        document.base = (size_t)(line.data - source.data);
        arena_clear(&scratch);
        if (json_read(line, "", &scratch, &value, &line_error)) {
            records++;
            if (!is_empty(&value))
                add_record(&document, &value);
        } else
            note_broken(broken, number, &line_error);
    }
    arena_release(&scratch);
    bool ok = buffer_finish(&document.collector.text, "a record's text", error);
    block_collector_release(&document.collector);
    if (ok && records == 0 && broken->count > 0)
        return error_set(error, ERROR_INVALID, "%s%sno line is JSON: line %zu: %s", name, name[0] != '\0' ? ": " : "",
                         broken->first_line, broken->reason);
    return ok;
}
