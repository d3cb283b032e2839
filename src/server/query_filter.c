/* query_filter.c - OpenAI's filters, {"type": "eq", "key": …, "value": …} and "and"/"or" of such, as text of the language that searches speak
 * (docs/access.md). Values are always quoted or numbers, keys are words: nothing of a request can become an operator. */
#include "exchange.h"
#include <string.h>
#include <strings.h>

enum { DEPTH_MAX = 8 };

static bool refuse(struct exchange *exchange, const char *reason)
{
    respond_refusal(exchange, 400, "invalid_filter", "filters", "the filter %s", reason);
    return false;
}

static bool is_key(struct slice key)
{
    static const char *const words[] = {"and", "or", "not", "in", "exists"};
    bool ok = key.size > 0 && key.size <= LIMIT_METADATA_KEY_BYTES;
    for (size_t i = 0; ok && i < key.size; i++) {
        char byte = key.data[i];
        ok = (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') || (byte >= '0' && byte <= '9') ||
             byte_among(byte, "_-.");
    }
    for (size_t i = 0; ok && i < ARRAY_COUNT(words); i++)
        ok = !(key.size == strlen(words[i]) && strncasecmp(key.data, words[i], key.size) == 0);
    return ok;
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
    buffer_append_byte(out, '"');
    for (size_t i = 0; i < value->text.size; i++) {
        if (byte_among(value->text.data[i], "\"\\"))
            buffer_append_byte(out, '\\');
        buffer_append_byte(out, value->text.data[i]);
    }
    buffer_append_byte(out, '"');
    return true;
}

static bool append_list(struct exchange *exchange, struct slice key, const struct json_value *value, struct buffer *out)
{
    if (value->kind != JSON_ARRAY || value->count == 0)
        return refuse(exchange, "has \"in\" or \"nin\" without a list of values");
    buffer_append_slice(out, key);
    buffer_append_text(out, " in (");
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
    } signs[] = {{"eq", " = "}, {"ne", " != "}, {"gt", " > "}, {"gte", " >= "}, {"lt", " < "}, {"lte", " <= "}};
    const struct json_value *key = json_get(filter, "key"), *value = json_get(filter, "value");
    if (key == NULL || key->kind != JSON_TEXT || !is_key(key->text))
        return refuse(exchange, "has a comparison without a key, or one with other than letters, digits and _ - .");
    if (value == NULL)
        return refuse(exchange, "has a comparison without a value");
    bool is_nin = slice_equal_text(type, "nin");
    if (is_nin || slice_equal_text(type, "in")) {
        buffer_append_text(out, is_nin ? "not (" : "(");
        bool ok = append_list(exchange, key->text, value, out);
        buffer_append_text(out, ")");
        return ok;
    }
    for (size_t i = 0; i < ARRAY_COUNT(signs); i++) {
        if (!slice_equal_text(type, signs[i].type))
            continue;
        buffer_append_slice(out, key->text);
        buffer_append_text(out, signs[i].sign);
        return append_value(exchange, value, out);
    }
    return refuse(exchange, "has a type other than eq, ne, gt, gte, lt, lte, in, nin, and, or");
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
        return 1 + (value->kind == JSON_ARRAY ? value->count : 1) + slice_equal_text(type->text, "nin");
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
