/* json_write.c - a JSON writer that keeps commas and nesting, over the sticky buffer. */
#include "codec.h"
#include "utf8.h"
#include <assert.h>
#include <math.h>

void json_writer_init(struct json_writer *json, struct buffer *out)
{
    *json = (struct json_writer){.out = out};
}

static void before_value(struct json_writer *json)
{
    if (json->comma && !json->after_key)
        buffer_append_byte(json->out, ',');
    json->comma = true;
    json->after_key = false;
}

static void begin(struct json_writer *json, char bracket)
{
    before_value(json);
    buffer_append_byte(json->out, bracket);
    json->depth++;
    json->comma = false;
}

static void end(struct json_writer *json, char bracket)
{
    assert(json->depth > 0 && !json->after_key);
    buffer_append_byte(json->out, bracket);
    json->depth--;
    json->comma = true;
}

void json_object_begin(struct json_writer *json)
{
    begin(json, '{');
}

void json_object_end(struct json_writer *json)
{
    end(json, '}');
}

void json_array_begin(struct json_writer *json)
{
    begin(json, '[');
}

void json_array_end(struct json_writer *json)
{
    end(json, ']');
}

static void escape(struct buffer *out, unsigned char byte)
{
    static const char short_forms[0x20] = {['\b'] = 'b', ['\t'] = 't', ['\n'] = 'n', ['\f'] = 'f', ['\r'] = 'r'};
    if (byte == '"' || byte == '\\')
        buffer_format(out, "\\%c", byte);
    else if (byte < 0x20 && short_forms[byte])
        buffer_format(out, "\\%c", short_forms[byte]);
    else
        buffer_format(out, "\\u%04x", byte);
}

static void quote(struct buffer *out, struct slice text)
{
    text.data = text.data ? text.data : "";
    buffer_append_byte(out, '"');
    size_t plain = 0; /* start of the bytes that go out as they are */
    for (size_t at = 0; at < text.size;) {
        unsigned char byte = (unsigned char)text.data[at];
        size_t size = byte >= 0x20 && byte < 0x7F ? 1 : utf8_size(text, at);
        if (size > 0 && byte >= 0x20 && byte != '"' && byte != '\\' && byte != 0x7F) {
            at += size;
            continue;
        }
        buffer_append(out, text.data + plain, at - plain);
        if (size == 0)
            buffer_append_text(out, "\xEF\xBF\xBD");
        else
            escape(out, byte);
        plain = ++at;
    }
    buffer_append(out, text.data + plain, text.size - plain);
    buffer_append_byte(out, '"');
}

static void write_key(struct json_writer *json, struct slice name)
{
    assert(json->depth > 0 && !json->after_key);
    before_value(json);
    quote(json->out, name);
    buffer_append_byte(json->out, ':');
    json->after_key = true;
}

void json_key(struct json_writer *json, const char *key)
{
    write_key(json, slice_from(key));
}

void json_text(struct json_writer *json, struct slice text)
{
    before_value(json);
    quote(json->out, text);
}

void json_raw(struct json_writer *json, struct slice document)
{
    before_value(json);
    buffer_append_slice(json->out, document);
}

void json_integer(struct json_writer *json, int64_t value)
{
    before_value(json);
    buffer_format(json->out, "%lld", (long long)value);
}

static void write_real(struct buffer *out, double value, int digits)
{
    if (isfinite(value))
        buffer_format(out, "%.*g", digits, value);
    else
        buffer_append_text(out, "null");
}

void json_real(struct json_writer *json, double value, int digits)
{
    before_value(json);
    write_real(json->out, value, digits);
}

/* Nine digits of one from 0.0001 up to 1, without the zeros behind; false: it is another. As vectors are full of them and printf takes ten times
 * as long; the last digit of one that lies half-way is rounded up, where printf takes the even one. Both are read back as the same float. */
static bool write_share(struct buffer *out, float value)
{
    double size = fabs((double)value);
    if (!(size >= 1e-4 && size < 1))
        return false;
    size_t zeros = size >= 0.1 ? 0 : size >= 0.01 ? 1 : size >= 0.001 ? 2 : 3;
    static const double scales[] = {1e9, 1e10, 1e11, 1e12};
    uint64_t digits = (uint64_t)(size * scales[zeros] + 0.5);
    char text[] = "-0.000000000000", *first = text + 3 + zeros, *end = first + 9;
    if (digits >= 1000000000) /* it was rounded up to the next power */
        return false;
    for (char *at = end; at > first; digits /= 10)
        *--at = (char)('0' + digits % 10);
    while (end[-1] == '0')
        end--;
    char *begin = value < 0 ? text : text + 1;
    buffer_append(out, begin, (size_t)(end - begin));
    return true;
}

void json_float(struct json_writer *json, float value)
{
    before_value(json);
    if (!write_share(json->out, value))
        write_real(json->out, (double)value, 9);
}

void json_base64(struct json_writer *json, struct slice bytes)
{
    static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    before_value(json);
    buffer_append_byte(json->out, '"');
    char *at = buffer_reserve(json->out, (bytes.size + 2) / 3 * 4);
    for (size_t i = 0; at != NULL && i < bytes.size; i += 3, at += 4) {
        uint32_t three = 0;
        size_t count = bytes.size - i < 3 ? bytes.size - i : 3;
        for (size_t k = 0; k < 3; k++)
            three = three << 8 | (k < count ? (unsigned char)bytes.data[i + k] : 0);
        for (size_t k = 0; k < 4; k++)
            at[k] = k > count ? '=' : letters[three >> (18 - 6 * k) & 63];
    }
    if (at != NULL)
        json->out->size += (bytes.size + 2) / 3 * 4;
    buffer_append_byte(json->out, '"');
}

void json_bool(struct json_writer *json, bool value)
{
    before_value(json);
    buffer_append_text(json->out, value ? "true" : "false");
}

void json_null(struct json_writer *json)
{
    before_value(json);
    buffer_append_text(json->out, "null");
}

void json_again(struct json_writer *json, const struct json_value *value)
{
    switch (value->kind) {
    case JSON_NULL:
        json_null(json);
        return;
    case JSON_BOOL:
        json_bool(json, value->boolean);
        return;
    case JSON_NUMBER:
        json_raw(json, value->text);
        return;
    case JSON_TEXT:
        json_text(json, value->text);
        return;
    case JSON_ARRAY:
        json_array_begin(json);
        for (size_t i = 0; i < value->count; i++)
            json_again(json, &value->items[i]);
        json_array_end(json);
        return;
    case JSON_OBJECT:
        json_object_begin(json);
        for (size_t i = 0; i < value->count; i++) {
            write_key(json, value->keys[i]);
            json_again(json, &value->items[i]);
        }
        json_object_end(json);
        return;
    }
}

void json_integers(struct json_writer *json, const struct json_integer_member *members, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        json_key(json, members[i].key);
        json_integer(json, members[i].value);
    }
}

void json_pair(struct json_writer *json, const char *key, double first, double second, int digits)
{
    json_key(json, key);
    json_array_begin(json);
    json_real(json, first, digits);
    json_real(json, second, digits);
    json_array_end(json);
}

void json_texts(struct json_writer *json, const struct json_text_member *members, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        json_key(json, members[i].key);
        json_text(json, slice_from(members[i].text));
    }
}

void json_text_or_null(struct json_writer *json, const char *key, const char *text)
{
    json_key(json, key);
    if (text != NULL)
        json_text(json, slice_from(text));
    else
        json_null(json);
}
