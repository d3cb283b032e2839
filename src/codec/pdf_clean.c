/* pdf_clean.c - the characters of a PDF as a person would type them.
 *
 * Fonts have ligatures and spaces of many widths, and symbol fonts their bullets in the private area; a reader sees letters, spaces and
 * bullets. Only what looks the same is changed: "²" stays, since "2" says something else. */
#include "entity.h"
#include "pdf_page.h"
#include "utf8.h"
#include <string.h>

static const struct repair {
    const char *from, *to;
} repairs[] = {
    {"\xEF\xAC\x80", "ff"}, {"\xEF\xAC\x81", "fi"}, {"\xEF\xAC\x82", "fl"}, {"\xEF\xAC\x83", "ffi"}, {"\xEF\xAC\x84", "ffl"},
    {"\xEF\xAC\x85", "st"}, {"\xEF\xAC\x86", "st"}, {"\xC4\xB2", "IJ"},     {"\xC4\xB3", "ij"},      {"\xC2\xA0", " "},
    {"\xE2\x80\xAF", " "},  {"\xE2\x81\x9F", " "},  {"\xE3\x80\x80", " "},  {"\xE2\x80\xA8", " "},   {"\xE2\x80\xA9", " "},
    {"\xE2\x80\x8B", ""},   {"\xEF\xBB\xBF", ""},   {"\xE2\x81\xA0", ""},   {"\xE2\x80\x90", "-"},   {"\xE2\x80\x91", "-"},
    {"\xEF\x82\xB7", "•"},  {"\xEF\x82\xA7", "•"},  {"\xEF\x83\x98", "•"},  {"\xEF\x83\xBC", "•"},   {"\xEF\x81\xAE", "•"},
    {"\xEF\x81\xB6", "•"},  {"\xEE\x80\x80", "•"},
};

/* U+2000 … U+200A */
static bool is_wide_space(struct slice text, size_t at, size_t size)
{
    return size == 3 && memcmp(text.data + at, "\xE2\x80", 2) == 0 && (unsigned char)text.data[at + 2] <= 0x8A;
}

static void append_character(struct buffer *out, struct slice text, size_t at, size_t size)
{
    struct slice character = slice_range(text, at, at + size);
    for (size_t i = 0; i < ARRAY_COUNT(repairs); i++) {
        if (slice_equal_text(character, repairs[i].from)) {
            buffer_append_text(out, repairs[i].to);
            return;
        }
    }
    if (is_wide_space(text, at, size) || utf8_control_size(text, at) > 0)
        buffer_append_byte(out, ' ');
    else
        buffer_append_slice(out, character);
}

/* Behind the tag at `at`; what is no tag, or too long for one, is text. */
static size_t tag_end(struct slice text, size_t at)
{
    enum { TAG_BYTES_MAX = 8192 };
    size_t end;
    struct slice rest = slice_range(text, at, text.size - at > TAG_BYTES_MAX ? at + TAG_BYTES_MAX : text.size);
    bool is_tag = rest.size > 1 &&
                  (rest.data[1] == '/' || (rest.data[1] | 0x20) == 'a' || rest.data[1] == 'b' || rest.data[1] == 'i');
    return is_tag && slice_find(rest, '>', &end) ? at + end + 1 : at;
}

void pdf_clean(struct slice raw, struct buffer *out)
{
    for (size_t at = 0, size; at < raw.size; at += size) {
        char reference[ENTITY_BYTES_MAX];
        size_t reference_size = 0;
        size = 1;
        if (raw.data[at] == '&')
            reference_size = entity_read(slice_range(raw, at, raw.size), false, reference, &size);
        if (reference_size > 0)
            append_character(out, (struct slice){reference, reference_size}, 0, reference_size);
        else if (raw.data[at] == '<' && tag_end(raw, at) > at)
            size = tag_end(raw, at) - at;
        else if ((size = utf8_size(raw, at)) > 0)
            append_character(out, raw, at, size);
        else {
            buffer_append_text(out, "\xEF\xBF\xBD");
            size = 1;
        }
    }
}
