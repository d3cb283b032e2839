/* html_encoding.c - what a page says about its own encoding, as the HTML standard's prescan looks for it: in <meta> within the first 1,024
 * bytes, comments passed over; and what the first line of XML says. */
#include "codec.h"
#include "html_token.h"

enum { PRESCAN_BYTES = 1024, LABEL_BYTES_MAX = 64 };

static bool is_text_at(struct slice text, size_t at, const char *lower)
{
    struct slice wanted = slice_from(lower);
    if (wanted.size > text.size - at)
        return false;
    for (size_t i = 0; i < wanted.size; i++) {
        char c = text.data[at + i];
        if (c != wanted.data[i] && !(c >= 'A' && c <= 'Z' && c + 'a' - 'A' == wanted.data[i]))
            return false;
    }
    return true;
}

/* Behind `at`, which is behind a name: "= 'value'", "= value"; empty when there is no "=". */
static struct slice value_at(struct slice text, size_t at)
{
    while (at < text.size && html_is_space(text.data[at]))
        at++;
    if (at >= text.size || text.data[at] != '=')
        return (struct slice){"", 0};
    for (at++; at < text.size && html_is_space(text.data[at]);)
        at++;
    char quote = at < text.size && (text.data[at] == '"' || text.data[at] == '\'') ? text.data[at] : '\0';
    size_t start = at + (quote != '\0'), end = start;
    while (end < text.size && (quote != '\0' ? text.data[end] != quote
                                             : !html_is_space(text.data[end]) && text.data[end] != ';' &&
                                                   text.data[end] != '>' && text.data[end] != '"' && text.data[end] != '\''))
        end++;
    return start <= text.size ? slice_range(text, start, end) : (struct slice){"", 0};
}

/* The value behind the first `name` in the text that has one. */
static struct slice value_of(struct slice text, const char *name)
{
    size_t size = slice_from(name).size;
    for (size_t at = 0; at + size <= text.size; at++)
        if (is_text_at(text, at, name)) {
            struct slice value = value_at(text, at + size);
            if (value.size > 0 && value.size <= LABEL_BYTES_MAX)
                return slice_trim(value);
        }
    return (struct slice){"", 0};
}

static size_t tag_end(struct slice text, size_t at)
{
    char quote = '\0';
    for (; at < text.size; at++) {
        char c = text.data[at];
        if (quote != '\0')
            quote = c == quote ? '\0' : quote;
        else if (c == '"' || c == '\'')
            quote = c;
        else if (c == '>')
            break;
    }
    return at;
}

struct slice html_encoding(struct slice source)
{
    struct slice head = slice_range(source, 0, source.size < PRESCAN_BYTES ? source.size : PRESCAN_BYTES);
    if (is_text_at(head, 0, "<?xml")) {
        struct slice value = value_of(slice_range(head, 0, tag_end(head, 0)), "encoding");
        if (value.size > 0)
            return value;
    }
    for (size_t at = 0; at < head.size; at++) {
        if (is_text_at(head, at, "<!--")) {
            while (at < head.size && !is_text_at(head, at, "-->"))
                at++;
            continue;
        }
        if (!is_text_at(head, at, "<meta") || at + 5 >= head.size ||
            !(html_is_space(head.data[at + 5]) || head.data[at + 5] == '/'))
            continue;
        size_t end = tag_end(head, at);
        struct slice value = value_of(slice_range(head, at + 5, end), "charset");
        if (encoding_named(value) != NULL)
            return value;
        at = end;
    }
    return (struct slice){"", 0};
}
