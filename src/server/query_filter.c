/* query_filter.c - OpenAI's filters, {"type": "eq", "key": …, "value": …} and "and"/"or" of such, as text of the language that searches speak
 * (docs/access.md). Keys and values are always quoted, or numbers: nothing of a request can become an operator.
 *
 * A key is an attribute that was given ("@key", file_attributes.c), or what the document states itself; one of both has to match, and for "ne" and "nin"
 * none may. */
#include "exchange.h"
#include <string.h>

enum { DEPTH_MAX = 8, KEY_BYTES_MAX = 256 /* 64 characters */ };

static bool refuse(struct exchange *exchange, const char *reason)
{
    respond_refusal(exchange, 400, "invalid_filter", "filters", "the filter %s", reason);
    return false;
}

static void append_quoted(struct buffer *out, struct slice text)
{
    buffer_append_byte(out, '"');
    for (size_t i = 0; i < text.size; i++) {
        if (byte_among(text.data[i], "\"\\"))
            buffer_append_byte(out, '\\');
        buffer_append_byte(out, text.data[i]);
    }
    buffer_append_byte(out, '"');
}

static bool append_value(struct exchange *exchange, const struct json_value *value, struct buffer *out)
{
    if (value->kind == JSON_NUMBER) {
        buffer_append_slice(out, value->text);
        return true;
    }
    if (value->kind == JSON_BOOL) {
        buffer_append_text(out, value->boolean ? "\"true\"" : "\"false\"");
        return true;
    }
    if (value->kind != JSON_TEXT)
        return refuse(exchange, "has a value that is no text, number or boolean");
    append_quoted(out, value->text);
    return true;
}

static bool append_list(struct exchange *exchange, const struct json_value *value, struct buffer *out)
{
    if (value->kind != JSON_ARRAY || value->count == 0)
        return refuse(exchange, "has \"in\" or \"nin\" without a list of values");
    buffer_append_text(out, "(");
    for (size_t i = 0; i < value->count; i++) {
        buffer_append_text(out, i > 0 ? ", " : "");
        if (!append_value(exchange, &value->items[i], out))
            return false;
    }
    buffer_append_text(out, ")");
    return true;
}

static bool append_comparison(struct exchange *exchange, const struct json_value *filter, struct slice type, struct buffer *out)
{
    static const struct {
        const char *type, *sign;
        bool is_list, is_not;
    } types[] = {{"eq", " = ", false, false},   {"ne", " = ", false, true},  {"gt", " > ", false, false},
                 {"gte", " >= ", false, false}, {"lt", " < ", false, false}, {"lte", " <= ", false, false},
                 {"in", " in ", true, false},   {"nin", " in ", true, true}};
    const struct json_value *key = json_get(filter, "key"), *value = json_get(filter, "value");
    size_t at = 0;
    while (at < ARRAY_COUNT(types) && !slice_equal_text(type, types[at].type))
        at++;
    if (at == ARRAY_COUNT(types))
        return refuse(exchange, "has a type other than eq, ne, gt, gte, lt, lte, in, nin, and, or");
    if (key == NULL || key->kind != JSON_TEXT || key->text.size == 0 || key->text.size > KEY_BYTES_MAX)
        return refuse(exchange, "has a comparison without a key, or with one that is too long");
    if (value == NULL)
        return refuse(exchange, "has a comparison without a value");
    buffer_append_text(out, types[at].is_not ? "not (" : "(");
    for (int given = 1; given >= 0; given--) {
        struct slice name = slice_from(
            arena_format(&exchange->arena, "%s" SLICE_FORMAT, given ? "@" : "", SLICE_ARGUMENT(key->text)));
        append_quoted(out, name);
        buffer_append_text(out, types[at].sign);
        if (!(types[at].is_list ? append_list(exchange, value, out) : append_value(exchange, value, out)))
            return false;
        buffer_append_text(out, given ? " or " : ")");
    }
    return true;
}

static bool append_filter(struct exchange *exchange, const struct json_value *filter, unsigned depth, struct buffer *out)
{
    const struct json_value *type = json_get(filter, "type"), *parts = json_get(filter, "filters");
    if (type == NULL || type->kind != JSON_TEXT)
        return refuse(exchange, "has no type");
    bool is_or = slice_equal_text(type->text, "or");
    if (!is_or && !slice_equal_text(type->text, "and"))
        return append_comparison(exchange, filter, type->text, out);
    if (depth == DEPTH_MAX)
        return refuse(exchange, "is nested too deeply");
    if (parts == NULL || parts->kind != JSON_ARRAY || parts->count == 0)
        return refuse(exchange, "has \"and\" or \"or\" without a list of filters");
    buffer_append_byte(out, '(');
    for (size_t i = 0; i < parts->count; i++) {
        buffer_append_text(out, i == 0 ? "" : is_or ? " or " : " and ");
        if (!append_filter(exchange, &parts->items[i], depth + 1, out))
            return false;
    }
    buffer_append_byte(out, ')');
    return true;
}

/* As the reader of the language counts: comparisons, values and the words between them. */
static size_t count_parts(const struct json_value *filter)
{
    const struct json_value *type = json_get(filter, "type"), *value = json_get(filter, "value"),
                            *parts = json_get(filter, "filters");
    if (!slice_equal_text(type->text, "or") && !slice_equal_text(type->text, "and"))
        return 2 * (1 + (value->kind == JSON_ARRAY ? value->count : 1)) + slice_equal_text(type->text, "nin") +
               slice_equal_text(type->text, "ne");
    size_t count = parts->count - 1;
    for (size_t i = 0; i < parts->count; i++)
        count += count_parts(&parts->items[i]);
    return count;
}

bool filter_text(struct exchange *exchange, const struct json_value *filter, struct buffer *out)
{
    if (!append_filter(exchange, filter, 0, out))
        return false;
    if (count_parts(filter) > LIMIT_FILTER_PARTS)
        return refuse(exchange, "has too many comparisons and values");
    return (!out->failed && memchr(out->data, '\0', out->size) == NULL) ||
           refuse(exchange, "is too long, or holds a zero byte");
}
