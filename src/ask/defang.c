/* defang.c - text that shows nothing but text: what a page would load by itself, or lead to, is taken out.
 *
 *   ![chart](http://…?q=secret)  ▶  chart            <img src=…>, <script>…  ▶  (gone)
 *   [refunds](http://…)          ▶  refunds          https://a.example/x?q=1  ▶  a.example/x
 *
 * Reference definitions ("[x]: http://…") lose their address as any other does. */
#include "ask_parts.h"
#include <string.h>

enum { REACH = 4096 }; /* how far what closes a link or a tag is looked for */

static bool is_blank(char byte)
{
    return byte == ' ' || byte == '\n' || byte == '\t' || byte == '\r';
}

/* Behind the bracket that closes the one at `at`; 0: there is none. */
static size_t closed(struct slice text, size_t at, char open, char close)
{
    size_t depth = 0, end = text.size - at > REACH ? at + REACH : text.size;
    for (; at < end; at++) {
        depth += text.data[at] == open;
        if (text.data[at] == close && --depth == 0)
            return at + 1;
    }
    return 0;
}

/* What stands behind "]" of a link and is not shown: "(…)" or "[…]". Its size; 0: it is no link. A mark as "[1]" alone is none. */
static size_t target_size(struct slice text, size_t at)
{
    if (at >= text.size || (text.data[at] != '(' && text.data[at] != '['))
        return 0;
    bool reference = text.data[at] == '[';
    size_t end = closed(text, at, text.data[at], reference ? ']' : ')');
    if (end == 0)
        return 0;
    struct slice target = slice_range(text, at + 1, end - 1);
    uint64_t number;
    if (reference && slice_to_u64(target, &number)) /* two of our own marks */
        return 0;
    if (!reference && memchr(target.data, ':', target.size) == NULL && memchr(target.data, '/', target.size) == NULL)
        return 0; /* "[1] (see below)" has a space; "[x](y)" without an address is no link that leads out */
    return end - at;
}

/* An address begins here: the size of its scheme, else 0. */
static size_t scheme_size(struct slice text, size_t at)
{
    static const char *const schemes[] = {"https://", "http://", "ftp://", "file://", "javascript:", "data:", "vbscript:"};
    if (at > 0 && ((text.data[at - 1] | 0x20) >= 'a' && (text.data[at - 1] | 0x20) <= 'z'))
        return 0;
    for (size_t i = 0; i < ARRAY_COUNT(schemes); i++) {
        size_t size = strlen(schemes[i]), same = 0;
        while (same < size && at + same < text.size &&
               (text.data[at + same] == schemes[i][same] || (text.data[at + same] | 0x20) == schemes[i][same]))
            same++;
        if (same == size && (i < 4 || (at + size < text.size && !is_blank(text.data[at + size]))))
            return size;
    }
    return 0;
}

/* An address without its scheme, and without what could carry something out behind "?" or "#". Returns where it ends. */
static size_t put_address(struct slice text, size_t at, size_t scheme, struct buffer *out)
{
    size_t end = at + scheme;
    bool shown = text.data[at + scheme - 1] == '/'; /* of javascript: and data: nothing is */
    while (end < text.size && !is_blank(text.data[end]) && !byte_among(text.data[end], "<>\"`)]")) {
        shown = shown && text.data[end] != '?' && text.data[end] != '#';
        if (shown)
            buffer_append_byte(out, text.data[end]);
        end++;
    }
    return end;
}

/* A tag's size, "<" and ">" among it, or all that is left when it has begun and does not end; 0: it is none ("a < b"). */
static size_t tag_size(struct slice text, size_t at)
{
    size_t reach = text.size - at > REACH ? REACH : text.size - at;
    char next = reach > 1 ? text.data[at + 1] : ' ';
    bool begins = ((next | 0x20) >= 'a' && (next | 0x20) <= 'z') || byte_among(next, "/!?");
    if (!begins)
        return 0;
    if (scheme_size(text, at + 1) > 0) /* <https://…>: its address comes next */
        return 1;
    const char *close = memchr(text.data + at, '>', reach);
    if (close != NULL)
        return (size_t)(close - (text.data + at)) + 1;
    return memchr(text.data + at, '=', reach) != NULL ? reach : 0;
}

static bool is_link(struct slice text, size_t at)
{
    size_t end = closed(text, at, '[', ']');
    return end > 0 && target_size(text, end) > 0;
}

void defang(struct slice text, struct buffer *out)
{
    for (size_t at = 0; at < text.size;) {
        size_t scheme = scheme_size(text, at), tag = text.data[at] == '<' ? tag_size(text, at) : 0, target = 0;
        if (text.data[at] == ']' && (target = target_size(text, at + 1)) > 0) {
            at += 1 + target;
        } else if (text.data[at] == '[' && is_link(text, at)) {
            at++;
        } else if (scheme > 0) {
            at = put_address(text, at, scheme, out);
        } else if (tag > 0) {
            at += tag;
        } else if (text.data[at] == '!' && at + 1 < text.size && text.data[at + 1] == '[') {
            at++;
        } else {
            buffer_append_byte(out, text.data[at++]);
        }
    }
}
