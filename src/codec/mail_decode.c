#include "mail_head.h"

static int base64_value(char c)
{
    return c >= 'A' && c <= 'Z'   ? c - 'A'
           : c >= 'a' && c <= 'z' ? c - 'a' + 26
           : c >= '0' && c <= '9' ? c - '0' + 52
           : c == '+' || c == '-' ? 62
           : c == '/' || c == '_' ? 63
                                  : -1;
}

void base64_decode(struct slice text, struct buffer *out)
{
    uint32_t bits = 0;
    unsigned count = 0; /* of values in `bits` */
    for (size_t i = 0; i < text.size; i++) {
        int value = base64_value(text.data[i]);
        if (text.data[i] == '=') { /* an end; something else may follow it */
            if (count >= 2)
                buffer_append_byte(out, (char)(bits >> (6 * count - 8)));
            if (count == 3)
                buffer_append_byte(out, (char)(bits >> 2));
            bits = count = 0;
        }
        if (value < 0)
            continue;
        bits = bits << 6 | (uint32_t)value;
        if (++count < 4)
            continue;
        const char bytes[3] = {(char)(bits >> 16), (char)(bits >> 8), (char)bits};
        buffer_append(out, bytes, 3);
        bits = count = 0;
    }
    if (count >= 2)
        buffer_append_byte(out, (char)(bits >> (6 * count - 8)));
    if (count == 3)
        buffer_append_byte(out, (char)(bits >> 2));
}

static int hex_value(char c)
{
    return c >= '0' && c <= '9' ? c - '0' : c >= 'A' && c <= 'F' ? c - 'A' + 10 : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* Bytes of a soft line break at `at`, which is behind "=": white space and a line end; 0 when it is none. */
static size_t soft_break(struct slice text, size_t at)
{
    size_t start = at;
    while (at < text.size && (text.data[at] == ' ' || text.data[at] == '\t'))
        at++;
    if (at == text.size)
        return at - start + (at == start); /* "=" at the very end */
    if (text.data[at] == '\r')
        return at - start + (at + 1 < text.size && text.data[at + 1] == '\n' ? 2 : 1);
    return text.data[at] == '\n' ? at - start + 1 : 0;
}

void quoted_printable_decode(struct slice text, bool is_word, struct buffer *out)
{
    for (size_t at = 0; at < text.size;) {
        char c = text.data[at++];
        if (c == '=') {
            int high = at < text.size ? hex_value(text.data[at]) : -1;
            int low = at + 1 < text.size ? hex_value(text.data[at + 1]) : -1;
            size_t skipped = high >= 0 && low >= 0 ? 0 : soft_break(text, at);
            at += skipped;
            if (skipped > 0)
                continue;
            if (high >= 0 && low >= 0) {
                c = (char)(high << 4 | low);
                at += 2;
            }
        } else if (is_word && c == '_')
            c = ' ';
        buffer_append_byte(out, c);
    }
}
