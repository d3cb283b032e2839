/* fuzz_json.c - any bytes as a JSON document: refused with a place, or a tree that lies in the source and in the arena, and that comes
 * out the same when it is written and read again. */
#include "codec/codec.h"
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool ok)
{
    if (!ok)
        abort();
}

static void write_key(struct json_writer *json, struct slice key)
{
    char *text = memory_copy_text(key.data, key.size);
    json_key(json, text);
    free(text);
}

/* Writes the value; false when a key has a zero byte, which the writer cannot write. */
static bool write_value(struct json_writer *json, const struct json_value *value, size_t size)
{
    bool whole = true;
    require(value->at < size);
    switch (value->kind) {
    case JSON_NULL:
        json_null(json);
        break;
    case JSON_BOOL:
        json_bool(json, value->boolean);
        break;
    case JSON_NUMBER:
        require(value->real - value->real == 0); /* finite */
        require(!value->is_integer || (double)value->integer == value->real);
        if (value->is_integer)
            json_integer(json, value->integer);
        else
            json_real(json, value->real, 17);
        break;
    case JSON_TEXT:
        json_text(json, value->text);
        break;
    case JSON_ARRAY:
        json_array_begin(json);
        for (size_t i = 0; i < value->count; i++)
            whole = write_value(json, &value->items[i], size) && whole;
        json_array_end(json);
        break;
    case JSON_OBJECT:
        json_object_begin(json);
        for (size_t i = 0; i < value->count; i++) {
            whole = memchr(value->keys[i].data, '\0', value->keys[i].size) == NULL && whole;
            write_key(json, value->keys[i]);
            whole = write_value(json, &value->items[i], size) && whole;
        }
        json_object_end(json);
        break;
    }
    return whole;
}

static bool is_same(const struct json_value *a, const struct json_value *b)
{
    bool same = a->kind == b->kind && a->boolean == b->boolean && a->count == b->count && a->real == b->real &&
                (a->kind == JSON_NUMBER || slice_equal(a->text, b->text)); /* a number may be written in other ways */
    for (size_t i = 0; same && i < a->count; i++)
        same = is_same(&a->items[i], &b->items[i]) && (a->kind != JSON_OBJECT || slice_equal(a->keys[i], b->keys[i]));
    return same;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena arena;
    struct json_value root, again;
    struct error error = {0};
    arena_init(&arena);
    if (json_read((struct slice){(const char *)data, size}, "j", &arena, &root, &error)) {
        struct buffer written;
        struct json_writer json;
        buffer_init(&written, 64 * MIB);
        json_writer_init(&json, &written);
        if (write_value(&json, &root, size)) {
            require(json_read(buffer_slice(&written), "j", &arena, &again, &error));
            require(is_same(&root, &again));
        }
        buffer_release(&written);
    } else {
        require((error.kind == ERROR_INVALID || error.kind == ERROR_LIMIT) && strncmp(error.message, "j:", 2) == 0);
    }
    arena_release(&arena);
    return 0;
}
