/* defang.c - text that shows nothing but text: what a page would load by itself, or lead to, is taken out.
 *
 *   ![chart](http://…?q=secret)  ▶  chart            <img src=…>, <script>…  ▶  (gone)
 *   [refunds](http://…)          ▶  refunds          https://a.example/x?q=1  ▶  a.example/x
 *   --port <port>                ▶  as it is
 *
 * What is left must stay text whatever comes next, as sentences are shown one by one: of what begins and does not end, "<img src=" or
 * "[x](", and of a reference's definition "[x]:", a blank breaks the beginning. What was taken out may have stood between two halves
 * ("<<b>img>"), so all of it is looked at again until nothing changes. */
#include "ask_parts.h"
#include <string.h>

enum {
    REACH = 4096, /* how far what closes a link or a tag is looked for */
    PASSES_MAX = 16 /* what is nested deeper was written to get through */
};

static bool is_blank(char byte)
{
    return byte == ' ' || byte == '\n' || byte == '\t' || byte == '\r';
}

static bool is_letter(char byte)
{
    return (byte | 0x20) >= 'a' && (byte | 0x20) <= 'z';
}

static bool is_digit(char byte)
{
    return byte >= '0' && byte <= '9';
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
        return 0; /* "a[1](x)": nothing that leads out; a blank is put between */
    return end - at;
}

struct scheme {
    const char *text; /* in small letters */
    bool is_shown; /* the address behind it; of a script nothing is */
    bool is_kept;
};

/* The one that begins an address here, or NULL. */
static const struct scheme *scheme_at(struct slice text, size_t at)
{
    static const struct scheme schemes[] = {
        {"https://", true, false}, {"http://", true, false},    {"ftp://", true, false},
        {"file://", true, false},  {"//", true, false},         {"javascript:", false, false},
        {"data:", false, false},   {"vbscript:", false, false}, {"www.", true, true}};
    char before = at > 0 ? text.data[at - 1] : ' ';
    bool is_behind_scheme = before == ':' && at > 1 && is_letter(text.data[at - 2]);
    for (size_t i = 0; i < ARRAY_COUNT(schemes) && !is_letter(before); i++) {
        const struct scheme *scheme = &schemes[i];
        size_t size = strlen(scheme->text), same = 0;
        while (same < size && at + same < text.size &&
               (text.data[at + same] == scheme->text[same] || (text.data[at + same] | 0x20) == scheme->text[same]))
            same++;
        char next = same == size && at + size < text.size ? text.data[at + size] : ' ';
        bool is_host = is_letter(next) || is_digit(next) || (unsigned char)next >= 0x80;
        bool is_bare = size == 2 || scheme->is_kept; /* "//" and "www." are addresses only before a host: "// note" is none */
        if (same == size && (is_bare ? is_host && !is_digit(before) && before != '/' && !is_behind_scheme
                                     : strchr(scheme->text, '/') != NULL || !is_blank(next)))
            return scheme;
    }
    return NULL;
}

/* An address without its scheme, and without what could carry something out behind "?" or "#". Returns where it ends. */
static size_t put_address(struct slice text, size_t at, const struct scheme *scheme, struct buffer *out)
{
    size_t start = at + (scheme->is_kept ? 0 : strlen(scheme->text)), end = at + strlen(scheme->text), cut;
    const char *ends = scheme->is_shown ? "<" : "<>\"`"; /* a bracket or a quote ends no address for everybody who reads it */
    while (end < text.size && !is_blank(text.data[end]) && !byte_among(text.data[end], ends))
        end++;
    if (!scheme->is_shown)
        return end;
    for (cut = start; cut < end && text.data[cut] != '?' && text.data[cut] != '#';)
        cut++;
    buffer_append_slice(out, slice_range(text, start, cut));
    for (; cut < end && byte_among(text.data[end - 1], ")]>\"'`.,;!");) /* "(see https://…?q)." */
        end--;
    return end;
}

/* A tag's size, "<" and ">" among it; 0: it is none that ends. */
static size_t tag_size(struct slice text, size_t at)
{
    size_t reach = text.size - at > REACH ? REACH : text.size - at;
    if (scheme_at(text, at + 1) != NULL) /* <https://…>: its address comes next */
        return 1;
    const char *close = memchr(text.data + at, '>', reach);
    return close != NULL ? (size_t)(close - (text.data + at)) + 1 : 0;
}

/* "<" that a tag begins with, and not "a < b". */
static bool begins_tag(struct slice text, size_t at)
{
    return text.data[at] == '<' && at + 1 < text.size && (is_letter(text.data[at + 1]) || byte_among(text.data[at + 1], "/!?"));
}

/* "<port>", "<your name>": what a reader is to fill in. HTML has no such element, and without "=" and "/" it has nothing that is done or loaded. */
static bool is_placeholder(struct slice tag)
{
    enum { NAME_BYTES = 40 };
    struct slice inside = slice_range(tag, 1, tag.size - 1);
    char name[NAME_BYTES];
    size_t size = 0;
    if (inside.size > NAME_BYTES || !is_letter(inside.data[0]))
        return false;
    for (size_t i = 0; i < inside.size; i++)
        if (!is_letter(inside.data[i]) && !is_digit(inside.data[i]) && !byte_among(inside.data[i], " _-.|"))
            return false;
    for (; size < inside.size && (is_letter(inside.data[size]) || is_digit(inside.data[size])); size++)
        name[size] = is_letter(inside.data[size]) ? (char)(inside.data[size] | 0x20) : inside.data[size];
    return !html_names_element((struct slice){name, size});
}

static bool is_link(struct slice text, size_t at)
{
    size_t end = closed(text, at, '[', ']');
    return end > 0 && target_size(text, end) > 0;
}

/* All of it looked at once. */
static void take_out(struct slice text, struct buffer *out)
{
    for (size_t at = 0; at < text.size;) {
        const struct scheme *scheme = scheme_at(text, at);
        size_t size = 0;
        char byte = text.data[at], next = at + 1 < text.size ? text.data[at + 1] : ' ';
        if (byte == ']' && (size = target_size(text, at + 1)) > 0) {
            at += 1 + size;
        } else if (byte == '[' && is_link(text, at)) {
            at++;
        } else if (scheme != NULL) {
            at = put_address(text, at, scheme, out);
        } else if (begins_tag(text, at) && (size = tag_size(text, at)) > 0) {
            if (size > 2 && is_placeholder(slice_range(text, at, at + size)))
                buffer_append_slice(out, slice_range(text, at, at + size));
            at += size;
        } else if (byte == '!' && next == '[') {
            at++;
        } else {
            buffer_append_byte(out, text.data[at]);
            if (begins_tag(text, at) || (byte == ']' && (next == '(' || next == ':')))
                buffer_append_byte(out, ' ');
            at++;
        }
    }
}

/* Without any sign that an address, a link or a tag could be made of. */
static void put_plain(struct slice text, struct buffer *out)
{
    for (size_t at = 0; at < text.size; at++)
        buffer_append_byte(out, byte_among(text.data[at], "<>[]:?#") ? ' ' : text.data[at]);
}

void defang(struct slice text, struct buffer *out)
{
    struct buffer passes[2];
    bool changed = true;
    buffer_init(&passes[0], SIZE_MAX);
    buffer_init(&passes[1], SIZE_MAX);
    for (size_t pass = 0; changed && pass < PASSES_MAX; pass++) {
        struct buffer *next = &passes[pass % 2];
        buffer_clear(next);
        take_out(text, next);
        changed = !slice_equal(buffer_slice(next), text);
        text = buffer_slice(next);
    }
    if (changed)
        put_plain(text, out);
    else
        buffer_append_slice(out, text);
    buffer_release(&passes[0]);
    buffer_release(&passes[1]);
}

struct slice defanged(struct arena *arena, struct slice text)
{
    struct buffer safe;
    buffer_init(&safe, LIMIT_JSON_BYTES);
    defang(text, &safe);
    struct slice copy = arena_slice(arena, buffer_slice(&safe));
    buffer_release(&safe);
    return copy;
}
