#include "members.h"
#include "text.h"

static bool is_missing(const char *name, const char *key, struct error *error)
{
    return error_set(error, ERROR_INVALID, "%s has no \"%s\"", name, key);
}

bool member_text(const struct json_value *object, const char *name, const char *key, bool is_required, struct arena *arena,
                 struct slice *text, struct error *error)
{
    const struct json_value *value;
    if (!json_member(object, name, key, JSON_TEXT, &value, error))
        return false;
    if (value == NULL)
        return !is_required || is_missing(name, key, error);
    if (value->text.size > LIMIT_TOKENIZER_TEXT_BYTES)
        return error_set(error, ERROR_LIMIT, "\"%s\" of %s has %zu bytes, the limit is %zu", key, name, value->text.size,
                         LIMIT_TOKENIZER_TEXT_BYTES);
    *text = arena_slice(arena, value->text);
    return true;
}

bool member_flag(const struct json_value *object, const char *name, const char *key, bool *flag, struct error *error)
{
    const struct json_value *value;
    if (!json_member(object, name, key, JSON_BOOL, &value, error))
        return false;
    if (value != NULL)
        *flag = value->boolean;
    return true;
}

bool member_count(const struct json_value *object, const char *name, const char *key, bool is_required, uint64_t max,
                  uint64_t *count, struct error *error)
{
    const struct json_value *value;
    if (!json_member(object, name, key, JSON_NUMBER, &value, error))
        return false;
    if (value == NULL)
        return !is_required || is_missing(name, key, error);
    if (!value->is_integer || value->integer < 0 || (uint64_t)value->integer > max)
        return error_set(error, ERROR_INVALID, "\"%s\" of %s is %g, expected a whole number of 0 to %llu", key, name,
                         value->real, (unsigned long long)max);
    *count = (uint64_t)value->integer;
    return true;
}

bool member_character(const struct json_value *object, const char *name, const char *key, uint32_t *character,
                      struct error *error)
{
    const struct json_value *value;
    if (!json_member(object, name, key, JSON_TEXT, &value, error))
        return false;
    if (value == NULL)
        return is_missing(name, key, error);
    if (value->text.size == 0 || text_decode(value->text, 0, character) != value->text.size)
        return error_set(error, ERROR_INVALID, "\"%s\" of %s is a text of %zu bytes, expected one character", key, name,
                         value->text.size);
    return true;
}

bool name_among(struct slice text, const char *const *names, size_t count, const char *what, const char *name, size_t *place,
                struct error *error)
{
    char list[160];
    size_t size = 0;
    for (size_t i = 0; i < count; i++) {
        if (slice_equal_text(text, names[i])) {
            *place = i;
            return true;
        }
        struct slice item = slice_from(names[i]);
        if (size + item.size + 2 >= sizeof(list))
            continue;
        for (size_t j = 0; j < item.size; j++)
            list[size++] = item.data[j];
        list[size++] = i + 1 < count ? ',' : '.';
        list[size++] = ' ';
    }
    list[size > 0 ? size - 1 : 0] = 0;
    error_set(error, ERROR_INVALID, "%s has an unrecognized %s \"%.*s\"", name, what, (int)(text.size < 80 ? text.size : 80),
              text.data);
    return error_hint(error, "Supported: %s", list);
}

bool member_type(const struct json_value *object, const char *name, const char *what, const char *const *names, size_t count,
                 size_t *place, struct error *error)
{
    const struct json_value *type;
    if (object->kind != JSON_OBJECT)
        return error_set(error, ERROR_INVALID, "%s is %s, expected an object", name, json_kind_name(object->kind));
    if (!json_member(object, name, "type", JSON_TEXT, &type, error))
        return false;
    if (type == NULL)
        return is_missing(name, "type", error);
    return name_among(type->text, names, count, what, name, place, error);
}
