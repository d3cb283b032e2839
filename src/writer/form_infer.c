/* form_infer.c - the form that values have in common, as a JSON Schema: their members and types; texts of few kinds become a list to choose from.
 *
 *   {"team":"a","days":3} {"team":"b"} …  ─▶  team: enum a, b, required; days: integer */
#include "form_parts.h"
#include <stdlib.h>

enum { CHOICES_USUAL = 20, VALUES_A_CHOICE = 5 };

static bool infer(const struct json_value *const *values, size_t count, size_t depth, struct json_writer *json);

static void put_member(struct json_writer *json, const char *key, const char *text)
{
    json_key(json, key);
    json_text(json, slice_from(text));
}

/* The texts, if there are few of them and each comes often. */
static size_t few_texts(const struct json_value *const *values, size_t count, struct slice texts[CHOICES_USUAL])
{
    size_t found = 0;
    for (size_t i = 0; i < count; i++) {
        size_t k = 0;
        while (k < found && !slice_equal(texts[k], values[i]->text))
            k++;
        if (k < found)
            continue;
        if (found == CHOICES_USUAL || values[i]->text.size == 0)
            return 0;
        texts[found++] = values[i]->text;
    }
    return found * VALUES_A_CHOICE <= count ? found : 0;
}

static void infer_text(const struct json_value *const *values, size_t count, struct json_writer *json)
{
    struct slice texts[CHOICES_USUAL];
    size_t few = few_texts(values, count, texts);
    if (few == 0) {
        put_member(json, "type", "string");
        return;
    }
    json_key(json, "enum");
    json_array_begin(json);
    for (size_t i = 0; i < few; i++)
        json_text(json, texts[i]);
    json_array_end(json);
}

static bool infer_array(const struct json_value *const *values, size_t count, size_t depth, struct json_writer *json)
{
    size_t total = 0;
    for (size_t i = 0; i < count; i++)
        total += values[i]->count;
    const struct json_value **items = memory_alloc(total + 1, sizeof(*items));
    total = 0;
    for (size_t i = 0; i < count; i++)
        for (size_t k = 0; k < values[i]->count; k++)
            items[total++] = &values[i]->items[k];
    put_member(json, "type", "array");
    json_key(json, "items");
    bool ok = total > 0 && infer(items, total, depth + 1, json);
    free(items);
    return ok;
}

struct names {
    struct slice items[FORM_MEMBERS_MAX];
    size_t have[FORM_MEMBERS_MAX]; /* how many values have it */
    size_t count;
};

static bool find_names(const struct json_value *const *values, size_t count, struct names *names)
{
    names->count = 0;
    for (size_t i = 0; i < count; i++)
        for (size_t k = 0; k < values[i]->count; k++) {
            size_t n = 0;
            while (n < names->count && !slice_equal(names->items[n], values[i]->keys[k]))
                n++;
            if (n == FORM_MEMBERS_MAX)
                return false;
            if (n == names->count) {
                names->items[names->count] = values[i]->keys[k];
                names->have[names->count++] = 0;
            }
            names->have[n]++;
        }
    return names->count > 0;
}

static bool infer_member(const struct json_value *const *values, size_t count, struct slice name, size_t depth,
                         struct json_writer *json)
{
    const struct json_value **items = memory_alloc(count + 1, sizeof(*items));
    struct arena arena;
    size_t found = 0;
    for (size_t i = 0; i < count; i++)
        for (size_t k = 0; k < values[i]->count; k++)
            if (slice_equal(values[i]->keys[k], name)) {
                items[found++] = &values[i]->items[k];
                break;
            }
    arena_init(&arena);
    json_key(json, arena_text(&arena, name));
    arena_release(&arena);
    bool ok = infer(items, found, depth + 1, json);
    free(items);
    return ok;
}

static bool infer_object(const struct json_value *const *values, size_t count, size_t depth, struct json_writer *json)
{
    struct names names;
    if (!find_names(values, count, &names))
        return false;
    put_member(json, "type", "object");
    json_key(json, "properties");
    json_object_begin(json);
    for (size_t n = 0; n < names.count; n++)
        if (!infer_member(values, count, names.items[n], depth, json))
            return false;
    json_object_end(json);
    json_key(json, "required");
    json_array_begin(json);
    for (size_t n = 0; n < names.count; n++)
        if (names.have[n] >= count)
            json_text(json, names.items[n]);
    json_array_end(json);
    json_key(json, "additionalProperties");
    json_bool(json, false);
    return true;
}

/* Values of one kind; null may stand among them. */
static bool infer_kind(const struct json_value *const *values, size_t count, size_t depth, struct json_writer *json)
{
    bool are_integers = true;
    for (size_t i = 1; i < count; i++)
        if (values[i]->kind != values[0]->kind)
            return false;
    for (size_t i = 0; i < count; i++)
        are_integers = are_integers && values[i]->kind == JSON_NUMBER && values[i]->is_integer;
    json_object_begin(json);
    bool ok = true;
    switch (values[0]->kind) {
    case JSON_OBJECT:
        ok = infer_object(values, count, depth, json);
        break;
    case JSON_ARRAY:
        ok = infer_array(values, count, depth, json);
        break;
    case JSON_TEXT:
        infer_text(values, count, json);
        break;
    case JSON_NUMBER:
        put_member(json, "type", are_integers ? "integer" : "number");
        break;
    case JSON_BOOL:
        put_member(json, "type", "boolean");
        break;
    case JSON_NULL:
        put_member(json, "type", "null");
        break;
    }
    json_object_end(json);
    return ok;
}

static bool infer(const struct json_value *const *values, size_t count, size_t depth, struct json_writer *json)
{
    const struct json_value **rest = memory_alloc(count + 1, sizeof(*rest));
    size_t left = 0;
    bool ok = depth <= FORM_DEPTH_MAX;
    for (size_t i = 0; i < count; i++)
        if (values[i]->kind != JSON_NULL)
            rest[left++] = values[i];
    if (ok && left > 0 && left < count) {
        json_object_begin(json);
        json_key(json, "anyOf");
        json_array_begin(json);
        ok = infer_kind(rest, left, depth, json);
        json_object_begin(json);
        put_member(json, "type", "null");
        json_object_end(json);
        json_array_end(json);
        json_object_end(json);
    } else if (ok) {
        ok = infer_kind(values, count, depth, json);
    }
    free(rest);
    return ok;
}

bool form_infer(const struct json_value *values, size_t count, struct buffer *schema)
{
    struct json_writer json;
    const struct json_value **list = memory_alloc(count + 1, sizeof(*list));
    for (size_t i = 0; i < count; i++)
        list[i] = &values[i];
    json_writer_init(&json, schema);
    bool ok = count > 0 && values[0].kind == JSON_OBJECT && infer(list, count, 0, &json);
    free(list);
    return ok;
}
