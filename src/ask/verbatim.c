/* verbatim.c - addresses in answers that are a document's own words: they stay as they stand there, in code, which no page makes a link of.
 *
 *   see https://a.example/x?q=1              ▶  see `https://a.example/x?q=1`
 *   deb https://a.example stable main        ▶  the whole command in the frame that it has in the source: half of it in a frame is none
 *
 * Only text that is nothing but text is left so: where anything else of it had to be taken out (defang.c), addresses are too. */
#include "ask_parts.h"
#include <string.h>

enum { ADDRESSES_MAX = 20 };

static const char signs_of_address[] = "-._~:/?#@!$&'*+,;=%";

static bool is_of_address(char byte)
{
    return ((byte | 0x20) >= 'a' && (byte | 0x20) <= 'z') || (byte >= '0' && byte <= '9') || byte_among(byte, signs_of_address);
}

/* Where the address that begins at `at` ends; `at`: none does. A full stop or a comma behind it is the sentence's. */
static size_t address_end(struct slice text, size_t at)
{
    static const char *const schemes[] = {"https://", "http://", "ftp://"};
    size_t end = at;
    if (at > 0 && (is_of_address(text.data[at - 1]) && text.data[at - 1] != '\''))
        return at;
    for (size_t i = 0; i < ARRAY_COUNT(schemes) && end == at; i++)
        if (slice_starts_with(slice_range(text, at, text.size), slice_from(schemes[i])))
            end = at + strlen(schemes[i]);
    if (end == at)
        return at;
    size_t host = end;
    while (end < text.size && is_of_address(text.data[end]))
        end++;
    while (end > host && byte_among(text.data[end - 1], ".,;:!?'*"))
        end--;
    return end > host ? end : at;
}

/* A frame that goes over the end of a line ends there for some. */
static bool frame_has_end(struct slice text)
{
    bool in_frame = false, broken = false;
    for (size_t at = 0; at < text.size; at++) {
        in_frame = in_frame != (text.data[at] == '`');
        broken = broken || (in_frame && text.data[at] == '\n');
    }
    return broken;
}

/* The text with a letter for each address: whether it is nothing but text, with frames that are closed. */
static bool is_plain(struct slice text, size_t *addresses)
{
    struct buffer without, safe;
    size_t frames = 0;
    *addresses = 0;
    buffer_init(&without, SIZE_MAX);
    buffer_init(&safe, SIZE_MAX);
    for (size_t at = 0; at < text.size;) {
        size_t end = address_end(text, at);
        bool is_frame = end == at && text.data[at] == '`';
        frames += is_frame;
        *addresses += end > at;
        buffer_append_byte(&without, end > at ? 'x' : text.data[at]);
        at = end > at ? end : at + 1;
    }
    defang(buffer_slice(&without), &safe);
    bool same = slice_equal(buffer_slice(&without), buffer_slice(&safe));
    buffer_release(&without);
    buffer_release(&safe);
    static const char *const strange[] = {"``", "\\`"}; /* frames that others see otherwise */
    for (size_t i = 0; i < ARRAY_COUNT(strange); i++)
        same = same && memmem(text.data, text.size, strange[i], strlen(strange[i])) == NULL;
    return same && frames % 2 == 0 && !frame_has_end(text) && *addresses <= ADDRESSES_MAX;
}

/* A line with signs of a shell, or with an address among other words in quotes, is a command: a part of it in a frame would be another one. */
static bool is_command(struct slice line)
{
    static const char *const marks[] = {" > ", " >> ", " | ", " --", "$(", "=http"};
    bool is_one = false, is_quoted = false;
    for (size_t i = 0; i < ARRAY_COUNT(marks); i++)
        is_one = is_one || memmem(line.data, line.size, marks[i], strlen(marks[i])) != NULL;
    for (size_t at = 0; at < line.size; at++) {
        is_quoted = is_quoted != (line.data[at] == '"');
        is_one = is_one || (is_quoted && address_end(line, at) > at);
    }
    return is_one && memchr(line.data, '`', line.size) == NULL;
}

static void put_line(struct slice line, bool *in_frame, struct buffer *out)
{
    size_t addresses;
    (void)is_plain(line, &addresses);
    bool is_whole = addresses > 0 && !*in_frame && is_command(line);
    if (is_whole)
        buffer_append_byte(out, '`');
    for (size_t at = 0; at < line.size;) {
        size_t end = is_whole ? at : address_end(line, at);
        bool is_bare = end > at && !*in_frame;
        *in_frame = *in_frame != (line.data[at] == '`');
        end = end > at ? end : at + 1;
        if (is_bare)
            buffer_append_byte(out, '`');
        buffer_append_slice(out, slice_range(line, at, end));
        if (is_bare)
            buffer_append_byte(out, '`');
        at = end;
    }
    if (is_whole)
        buffer_append_byte(out, '`');
}

/* The text as its source has it, where it has frames there: in the sentence, or round all of it. */
static struct slice framed_in(struct slice source, struct slice text)
{
    size_t start, end, addresses;
    if (source.size == 0 || !quote_find(source, text, &start, &end))
        return text;
    bool is_inside = start > 0 && end < source.size && source.data[start - 1] == '`' && source.data[end] == '`';
    struct slice found = slice_range(source, start - is_inside, end + is_inside);
    if (!is_inside && end < source.size && source.data[end] == '`' && !is_plain(found, &addresses))
        found.size++; /* the sentence ends with its code */
    return memchr(found.data, '`', found.size) != NULL && is_plain(found, &addresses) ? found : text;
}

void verbatim(struct slice text, struct slice source, struct buffer *out)
{
    size_t addresses;
    bool in_frame = false;
    if (!is_plain(text, &addresses) || addresses == 0) {
        defang(text, out);
        return;
    }
    struct slice rest = framed_in(source, text), line;
    for (bool first = true; slice_next(&rest, '\n', &line); first = false) {
        if (!first)
            buffer_append_byte(out, '\n');
        put_line(line, &in_frame, out);
    }
}
