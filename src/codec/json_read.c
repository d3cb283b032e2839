/* json_read.c - one pass over the source into a tree.
 *
 *   source  {"a": [1, 2], "b": 3}
 *   stack   [a: [1, 2]] [b: 3]        children of what is still open, innermost last: their number is not known before its end
 *   arena   items [1][2]  keys [a][b]  items [[1, 2]][3]       at its end they are copied there, in one piece
 *
 * A text without escapes is a slice of the source. */
#include "codec.h"
#include "json_number.h"
#include "utf8.h"
#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { STACK_FIRST = 64, FOUND_BYTES = 64, WORD_BYTES = 24 };

struct child {
    struct json_value value;
    struct slice key;
};

struct json_reader {
    struct slice source;
    size_t at;
    const char *name;
    struct arena *arena;
    struct child *stack;
    size_t stack_count, stack_capacity;
    size_t value_count, values_max;
    unsigned depth;
};

/* ---- messages ---- */

static bool is_word_byte(char byte)
{
    return (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') || (byte >= '0' && byte <= '9') || byte == '_' ||
           byte == '+' || byte == '-' || byte == '.';
}

/* What stands at `at`, for a person: "nul", ",", the end. */
static void describe(struct slice source, size_t at, char out[FOUND_BYTES])
{
    size_t size = 0;
    while (at + size < source.size && size < WORD_BYTES && is_word_byte(source.data[at + size]))
        size++;
    if (at >= source.size) {
        snprintf(out, FOUND_BYTES, "the end");
        return;
    }
    unsigned char byte = (unsigned char)source.data[at];
    size = size ? size : utf8_size(source, at);
    size_t control_size = utf8_control_size(source, at);
    if (control_size > 0) /* of two bytes, the second is its number */
        snprintf(out, FOUND_BYTES, "the control character U+%04X", (unsigned char)source.data[at + control_size - 1]);
    else if (size == 0)
        snprintf(out, FOUND_BYTES, "the byte %02x, which is not UTF-8", byte);
    else
        snprintf(out, FOUND_BYTES, "\"%.*s\"", (int)size, source.data + at);
}

struct place {
    size_t line, column; /* from 1; columns are characters */
};

static struct place place_of(struct slice source, size_t at)
{
    struct place place = {1, 1};
    size_t line_at = 0;
    for (size_t i = 0; i < at; i++)
        if (source.data[i] == '\n') {
            place.line++;
            line_at = i + 1;
        }
    for (size_t i = line_at; i < at; i++)
        place.column += ((unsigned char)source.data[i] & 0xC0) != 0x80;
    return place;
}

static bool fail_at(const struct json_reader *reader, size_t at, enum error_kind kind, const char *problem, struct error *error)
{
    struct place place = place_of(reader->source, at);
    if (reader->name[0] == '\0')
        return error_set(error, kind, "line %zu, character %zu: %s", place.line, place.column, problem);
    return error_set(error, kind, "%s:%zu:%zu: %s", reader->name, place.line, place.column, problem);
}

static bool fail_limit(const struct json_reader *reader, size_t at, const char *what, size_t limit, struct error *error)
{
    char problem[2 * FOUND_BYTES];
    snprintf(problem, sizeof(problem), "%s: the limit is %zu", what, limit);
    return fail_at(reader, at, ERROR_LIMIT, problem, error);
}

static bool fail_expected(const struct json_reader *reader, size_t at, const char *wanted, struct error *error)
{
    char found[FOUND_BYTES], problem[2 * FOUND_BYTES + 16];
    describe(reader->source, at, found);
    snprintf(problem, sizeof(problem), "expected %s, found %s", wanted, found);
    return fail_at(reader, at, ERROR_INVALID, problem, error);
}

/* What people and other programs write that is not JSON. */
static void hint_at(const struct json_reader *reader, size_t at, struct error *error)
{
    static const struct {
        struct slice start;
        const char *hint;
    } hints[] = {
        {SLICE_CONSTANT("NaN"), "JSON has no NaN and no Infinity; write null, or leave the member out."},
        {SLICE_CONSTANT("Infinity"), "JSON has no NaN and no Infinity; write null, or leave the member out."},
        {SLICE_CONSTANT("-Infinity"), "JSON has no NaN and no Infinity; write null, or leave the member out."},
        {SLICE_CONSTANT("True"), "JSON writes true, false and null in small letters."},
        {SLICE_CONSTANT("False"), "JSON writes true, false and null in small letters."},
        {SLICE_CONSTANT("None"), "JSON writes null."},
        {SLICE_CONSTANT("'"), "JSON puts texts in double quotes."},
        {SLICE_CONSTANT("/"), "JSON has no comments."},
        {SLICE_CONSTANT("#"), "JSON has no comments."},
        {SLICE_CONSTANT("\xEF\xBB\xBF"), "The file begins with a byte order mark; save it as UTF-8 without one."},
        {SLICE_CONSTANT("\xFF\xFE"), "The file is UTF-16; save it as UTF-8."},
        {SLICE_CONSTANT("\xFE\xFF"), "The file is UTF-16; save it as UTF-8."},
        {SLICE_CONSTANT("<"), "This is a web page or XML; perhaps a download was answered by an error page."},
        {SLICE_CONSTANT("version https://git-lfs"), "This is a Git LFS pointer; fetch the file itself with \"git lfs pull\"."},
    };
    struct slice rest = slice_range(reader->source, at, reader->source.size);
    for (size_t i = 0; i < ARRAY_COUNT(hints); i++)
        if (slice_starts_with(rest, hints[i].start)) {
            error_hint(error, "%s", hints[i].hint);
            return;
        }
}

static bool fail_value(const struct json_reader *reader, struct error *error)
{
    fail_expected(reader, reader->at, "a value", error);
    hint_at(reader, reader->at, error);
    return false;
}

/* ---- memory ---- */

/* An arena ends the program when it is full, so it is asked before. */
static bool has_room(const struct json_reader *reader, size_t bytes, struct error *error)
{
    size_t slack = MIB; /* alignment, and what is left of a block */
    if (reader->arena->size <= LIMIT_ARENA_BYTES - slack && bytes <= LIMIT_ARENA_BYTES - slack - reader->arena->size)
        return true;
    return fail_limit(reader, reader->at, "the document needs too many bytes of memory", LIMIT_ARENA_BYTES, error);
}

static bool push(struct json_reader *reader, const struct json_value *value, struct slice key, struct error *error)
{
    if (reader->stack_count == reader->stack_capacity) {
        size_t grown = reader->stack_capacity ? 2 * reader->stack_capacity : STACK_FIRST;
        struct child *stack = realloc(reader->stack, grown * sizeof(*stack));
        if (stack == NULL)
            return fail_at(reader, reader->at, ERROR_NO_MEMORY, "no memory for so many values", error);
        reader->stack = stack;
        reader->stack_capacity = grown;
    }
    reader->stack[reader->stack_count++] = (struct child){*value, key};
    return true;
}

/* Moves the children from `first` on into the arena: the value is complete. */
static bool pop(struct json_reader *reader, size_t first, struct json_value *value, struct error *error)
{
    assert(first <= reader->stack_count);
    size_t count = reader->stack_count - first;
    if (count == 0)
        return true;
    if (!has_room(reader, count * sizeof(struct child), error))
        return false;
    struct json_value *items = arena_alloc(reader->arena, count, sizeof(*items));
    for (size_t i = 0; i < count; i++)
        items[i] = reader->stack[first + i].value;
    value->items = items;
    value->count = count;
    if (value->kind == JSON_OBJECT) {
        struct slice *keys = arena_alloc(reader->arena, count, sizeof(*keys));
        for (size_t i = 0; i < count; i++)
            keys[i] = reader->stack[first + i].key;
        value->keys = keys;
    }
    reader->stack_count = first;
    return true;
}

/* ---- texts ---- */

static bool take_hex(struct json_reader *reader, uint32_t *unit, struct error *error)
{
    *unit = 0;
    for (size_t i = 0; i < 4; i++, reader->at++) {
        char byte = reader->at < reader->source.size ? reader->source.data[reader->at] : '\0';
        char low = (char)(byte | 0x20);
        bool is_decimal = byte >= '0' && byte <= '9';
        if (!is_decimal && !(low >= 'a' && low <= 'f'))
            return fail_expected(reader, reader->at, "four hexadecimal digits behind \\u", error);
        *unit = *unit << 4 | (uint32_t)(is_decimal ? byte - '0' : low - 'a' + 10);
    }
    return true;
}

/* Behind \u: one unit of UTF-16, or two that are a pair. */
static bool take_unicode(struct json_reader *reader, uint32_t *character, struct error *error)
{
    size_t start = reader->at - 2;
    uint32_t second;
    if (!take_hex(reader, character, error))
        return false;
    if (*character < 0xD800 || *character > 0xDFFF)
        return true;
    struct slice rest = slice_range(reader->source, reader->at, reader->source.size);
    if (*character <= 0xDBFF && slice_starts_with(rest, SLICE("\\u"))) {
        reader->at += 2;
        if (!take_hex(reader, &second, error))
            return false;
        *character = 0x10000 + ((*character - 0xD800) << 10) + (second - 0xDC00);
        if (second >= 0xDC00 && second <= 0xDFFF)
            return true;
    }
    return fail_at(reader, start, ERROR_INVALID, "an escaped surrogate stands alone, expected a pair of them", error);
}

/* At a backslash: the character that is meant. */
static bool take_escape(struct json_reader *reader, uint32_t *character, struct error *error)
{
    static const char names[] = "\"\\/bfnrt", meant[] = "\"\\/\b\f\n\r\t";
    char name = reader->at + 1 < reader->source.size ? reader->source.data[reader->at + 1] : '\0';
    const char *found = name ? strchr(names, name) : NULL;
    if (found == NULL && name != 'u')
        return fail_expected(reader, reader->at + 1, "one of \"\\/bfnrtu behind a backslash", error);
    reader->at += 2;
    if (found == NULL)
        return take_unicode(reader, character, error);
    *character = (unsigned char)meant[found - names];
    return true;
}

/* Walks to the closing quote and proves all before it. */
static bool scan_text(struct json_reader *reader, bool *has_escapes, struct error *error)
{
    struct slice source = reader->source;
    size_t start = reader->at - 1;
    *has_escapes = false;
    for (;;) {
        size_t at = reader->at;
        while (at < source.size && (signed char)source.data[at] >= 0x20 && source.data[at] != '"' && source.data[at] != '\\')
            at++;
        reader->at = at;
        if (at == source.size)
            return fail_at(reader, start, ERROR_INVALID, "a text has no closing quote", error);
        unsigned char byte = (unsigned char)source.data[at];
        if (byte == '"')
            return true;
        uint32_t character;
        if (byte < 0x20)
            return fail_expected(reader, at, "an escape (\\n, \\t, \\u0000) for a control character", error);
        if (byte == '\\') {
            *has_escapes = true;
            if (!take_escape(reader, &character, error))
                return false;
            continue;
        }
        size_t size = utf8_size(source, at);
        if (size == 0)
            return fail_expected(reader, at, "UTF-8", error);
        reader->at += size;
    }
}

/* Behind the opening quote; ends behind the closing one. */
static bool read_text(struct json_reader *reader, struct slice *text, struct error *error)
{
    size_t start = reader->at;
    bool has_escapes;
    if (!scan_text(reader, &has_escapes, error))
        return false;
    size_t end = reader->at++;
    *text = slice_range(reader->source, start, end);
    if (!has_escapes)
        return true;
    if (!has_room(reader, text->size, error))
        return false;
    char *copy = arena_alloc(reader->arena, text->size, 1); /* an escape is longer than its character */
    size_t size = 0;
    for (reader->at = start; reader->at < end;) {
        char byte = reader->source.data[reader->at];
        uint32_t character = 0;
        if (byte != '\\') {
            copy[size++] = byte;
            reader->at++;
        } else if (take_escape(reader, &character, error)) {
            size += utf8_encode(character, copy + size);
        } else {
            return false;
        }
    }
    assert(reader->at == end && size <= text->size);
    reader->at = end + 1;
    *text = (struct slice){copy, size};
    return true;
}

/* ---- values ---- */

static void skip_space(struct json_reader *reader)
{
    struct slice source = reader->source;
    size_t at = reader->at;
    while (at < source.size &&
           (source.data[at] == ' ' || source.data[at] == '\n' || source.data[at] == '\r' || source.data[at] == '\t'))
        at++;
    reader->at = at;
}

static bool take(struct json_reader *reader, char byte)
{
    if (reader->at >= reader->source.size || reader->source.data[reader->at] != byte)
        return false;
    reader->at++;
    return true;
}

static bool take_word(struct json_reader *reader, struct slice word)
{
    struct slice rest = slice_range(reader->source, reader->at, reader->source.size);
    if (!slice_starts_with(rest, word) || (rest.size > word.size && is_word_byte(rest.data[word.size])))
        return false;
    reader->at += word.size;
    return true;
}

static bool read_value(struct json_reader *reader, struct json_value *value, struct error *error);

static bool read_key(struct json_reader *reader, bool is_first, struct slice *key, struct error *error)
{
    skip_space(reader);
    if (!take(reader, '"')) {
        fail_expected(reader, reader->at, is_first ? "a key in quotes or \"}\"" : "a key in quotes", error);
        hint_at(reader, reader->at, error);
        if (reader->at < reader->source.size && reader->source.data[reader->at] == '}')
            error_hint(error, "JSON has no comma behind the last member.");
        return false;
    }
    if (!read_text(reader, key, error))
        return false;
    skip_space(reader);
    return take(reader, ':') || fail_expected(reader, reader->at, "\":\" behind a key", error);
}

/* Behind the opening bracket; ends behind the closing one. */
static bool read_children(struct json_reader *reader, struct json_value *value, struct error *error)
{
    bool is_object = value->kind == JSON_OBJECT;
    char close = is_object ? '}' : ']';
    size_t first = reader->stack_count;
    if (++reader->depth > LIMIT_JSON_DEPTH)
        return fail_limit(reader, value->at, "arrays and objects stand too deep in each other", LIMIT_JSON_DEPTH, error);
    skip_space(reader);
    for (bool is_first = true; !is_first || !take(reader, close); is_first = false) {
        struct json_value child;
        struct slice key = {0};
        if ((is_object && !read_key(reader, is_first, &key, error)) || !read_value(reader, &child, error) ||
            !push(reader, &child, key, error))
            return false;
        skip_space(reader);
        if (take(reader, close))
            break;
        if (!take(reader, ',')) {
            fail_expected(reader, reader->at, is_object ? "\",\" or \"}\"" : "\",\" or \"]\"", error);
            hint_at(reader, reader->at, error);
            return false;
        }
    }
    reader->depth--;
    return pop(reader, first, value, error);
}

static bool read_plain(struct json_reader *reader, struct json_value *value, struct error *error)
{
    const char *wanted;
    char byte = reader->source.data[reader->at];
    if (byte == '-' || (byte >= '0' && byte <= '9')) {
        if (json_number_read(reader->source, &reader->at, value, &wanted)) {
            value->text = slice_range(reader->source, value->at, reader->at);
            return true;
        }
        fail_expected(reader, reader->at, wanted, error);
        hint_at(reader, value->at, error);
        return false;
    }
    value->kind = JSON_BOOL;
    if (take_word(reader, SLICE("true"))) {
        value->boolean = true;
        return true;
    }
    if (take_word(reader, SLICE("false")))
        return true;
    value->kind = JSON_NULL;
    return take_word(reader, SLICE("null")) || fail_value(reader, error);
}

static bool read_kind(struct json_reader *reader, struct json_value *value, struct error *error)
{
    switch (reader->source.data[reader->at]) {
    case '"':
        reader->at++;
        value->kind = JSON_TEXT;
        return read_text(reader, &value->text, error);
    case '[':
        reader->at++;
        value->kind = JSON_ARRAY;
        return read_children(reader, value, error);
    case '{':
        reader->at++;
        value->kind = JSON_OBJECT;
        return read_children(reader, value, error);
    default:
        return read_plain(reader, value, error);
    }
}

static bool read_value(struct json_reader *reader, struct json_value *value, struct error *error)
{
    skip_space(reader);
    if (reader->at == reader->source.size)
        return fail_value(reader, error);
    if (++reader->value_count > reader->values_max)
        return fail_limit(reader, reader->at, "the document has too many values", reader->values_max, error);
    *value = (struct json_value){.at = reader->at};
    if (!read_kind(reader, value, error))
        return false;
    value->end = reader->at;
    return true;
}

bool json_read(struct slice source, const char *name, struct arena *arena, struct json_value *root, struct error *error)
{
    return json_read_few(source, name, LIMIT_JSON_VALUES, arena, root, error);
}

bool json_read_few(struct slice source, const char *name, size_t values_max, struct arena *arena, struct json_value *root,
                   struct error *error)
{
    source.data = source.data ? source.data : "";
    if (source.size > LIMIT_JSON_BYTES)
        return error_set(error, ERROR_LIMIT, "%s has %zu bytes, the limit is %zu", name, source.size, LIMIT_JSON_BYTES);
    struct json_reader reader = {.source = source, .name = name, .arena = arena, .values_max = values_max};
    struct json_value value;
    bool ok = read_value(&reader, &value, error);
    if (ok) {
        skip_space(&reader);
        if (reader.at < source.size)
            ok = fail_expected(&reader, reader.at, "nothing behind the document", error);
    }
    free(reader.stack);
    if (ok)
        *root = value;
    return ok;
}

/* ---- looking up ---- */

const struct json_value *json_get(const struct json_value *object, const char *key)
{
    struct slice wanted = slice_from(key);
    if (object->kind != JSON_OBJECT)
        return NULL;
    for (size_t i = object->count; i-- > 0;)
        if (slice_equal(object->keys[i], wanted))
            return &object->items[i];
    return NULL;
}

struct slice json_text_at(const struct json_value *object, const char *key)
{
    const struct json_value *value = object != NULL ? json_get(object, key) : NULL;
    return value != NULL && value->kind == JSON_TEXT ? value->text : SLICE("");
}

const char *json_kind_name(enum json_kind kind)
{
    static const char *const names[] = {"null", "true or false", "a number", "a text", "an array", "an object"};
    assert((size_t)kind < ARRAY_COUNT(names));
    return names[kind];
}

bool json_member(const struct json_value *object, const char *name, const char *key, enum json_kind kind,
                 const struct json_value **value, struct error *error)
{
    const struct json_value *found = json_get(object, key);
    if (found != NULL && found->kind == JSON_NULL)
        found = NULL;
    if (found != NULL && found->kind != kind)
        return error_set(error, ERROR_INVALID, "%s: \"%s\" is %s, expected %s", name, key, json_kind_name(found->kind),
                         json_kind_name(kind));
    *value = found;
    return true;
}
