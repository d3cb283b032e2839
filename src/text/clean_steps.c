/* clean_steps.c - what nobody sees in a text and what only its line ends made: marks without width, letters and accents apart, odd spaces,
 * words that were divided. */
#include "clean_parts.h"
#include <stdlib.h>
#include <string.h>
#include <utf8proc.h>

enum { WORD_BYTES_MAX = 64, DOCUMENT_BYTES_MAX = 256 * 1024, HYPHENS_MAX = 4096, CLUSTER_BYTES_MAX = 256 };

/* Where the first byte that is not ASCII stands, from `at` on, or the end. */
static size_t ascii_end(struct slice text, size_t at)
{
    while (text.size - at >= 8 && (eight_bytes(text.data + at, 8) & EIGHT_HIGH) == 0)
        at += 8;
    while (at < text.size && (unsigned char)text.data[at] < 0x80)
        at++;
    return at;
}

/* ---- marks without width ---- */

/* Joiners mean something in Arabic and Indic scripts and in emoji. */
static bool is_joiner_kept(struct slice text, size_t at, size_t end)
{
    uint32_t before = ' ', after = ' ';
    size_t start = at;
    while (start > 0 && ((unsigned char)text.data[--start] & 0xC0) == 0x80)
        continue;
    if (at > 0)
        text_decode(text, start, &before);
    if (end < text.size)
        text_decode(text, end, &after);
    return before >= 0x590 || after >= 0x590;
}

static bool is_unseen(struct slice text, size_t at, size_t end, uint32_t character)
{
    if (character == 0x200C || character == 0x200D || character == 0x200E || character == 0x200F)
        return !is_joiner_kept(text, at, end);
    return character == 0xAD || character == 0x200B || character == 0x2060 || character == 0xFEFF || character == 0x180E ||
           (character >= 0x202A && character <= 0x202E) || (character >= 0x2066 && character <= 0x2069) ||
           (character >= 0xFFF9 && character <= 0xFFFB) || character == 0xE0001;
}

void clean_find_marks(struct slice text, struct edits *edits)
{
    for (size_t at = ascii_end(text, 0), size; at < text.size; at = ascii_end(text, at + size)) {
        uint32_t character;
        size = text_decode(text, at, &character);
        if (size > 1 && is_unseen(text, at, at + size, character))
            edits_add(edits, at, size, (struct slice){"", 0});
    }
}

/* ---- composed form (NFC) ---- */

static bool is_joined(uint32_t character)
{
    const utf8proc_property_t *it = utf8proc_get_property((utf8proc_int32_t)character);
    return it->combining_class != 0 || (character >= 0x1161 && character <= 0x11FF) || it->category == UTF8PROC_CATEGORY_MC ||
           it->category == UTF8PROC_CATEGORY_MN;
}

static bool is_decomposable(uint32_t character)
{
    const utf8proc_property_t *it = utf8proc_get_property((utf8proc_int32_t)character);
    return it->decomp_type == 0 && it->decomp_seqindex != UINT16_MAX;
}

/* A character that others may join, with those that do: replaced when its composed form is another. */
static void compose(struct slice text, size_t at, size_t end, struct edits *edits)
{
    utf8proc_uint8_t *composed = NULL;
    utf8proc_ssize_t size = utf8proc_map((const utf8proc_uint8_t *)text.data + at, (utf8proc_ssize_t)(end - at), &composed,
                                         UTF8PROC_STABLE | UTF8PROC_COMPOSE);
    struct slice result = {(const char *)composed, size > 0 ? (size_t)size : 0};
    if (size > 0 && !slice_equal(result, slice_range(text, at, end)))
        edits_add(edits, at, end - at, arena_slice(edits->arena, result));
    free(composed);
}

void clean_find_forms(struct slice text, struct edits *edits)
{
    for (size_t at = 0; at < text.size;) {
        uint32_t character;
        size_t other = ascii_end(text, at);
        if (other == text.size)
            break; /* nothing joins what is ASCII but what is not */
        at = other > at ? other - 1 : at;
        size_t end = at + text_decode(text, at, &character), next = end;
        bool is_odd = character >= 0x80 && (end - at > 1) && is_decomposable(character), has_joined = false;
        while (next < text.size && next - at < CLUSTER_BYTES_MAX && (unsigned char)text.data[next] >= 0xC2) {
            size_t size = text_decode(text, next, &character);
            if (size == 1 || !is_joined(character))
                break;
            next += size;
            has_joined = true;
        }
        if (has_joined || is_odd)
            compose(text, at, next, edits);
        at = next;
    }
}

/* ---- spaces ---- */

static bool is_wide_space(uint32_t character)
{
    return character == 0xA0 || (character >= 0x2000 && character <= 0x200A) || character == 0x202F || character == 0x205F ||
           character == 0x1680;
}

static bool is_line_break(uint32_t character)
{
    return character == 0x85 || character == 0x2028 || character == 0x2029 || character == '\v' || character == '\f';
}

static bool is_printable(struct slice text, size_t at)
{
    return at < text.size && text.data[at] > ' ' && (unsigned char)text.data[at] < 0x7F;
}

/* Spaces of any width and number become one; none stand at line ends. */
void clean_find_spaces(struct slice text, struct edits *edits)
{
    for (size_t at = 0, size; at < text.size; at += size) {
        uint32_t character;
        size_t end = at, spaces = 0;
        if (is_printable(text, at) || (text.data[at] == ' ' && is_printable(text, at + 1))) {
            size = 1;
            continue;
        }
        size = text_decode(text, at, &character);
        if (is_line_break(character)) {
            edits_add(edits, at, size, SLICE("\n"));
            continue;
        }
        while (end < text.size) {
            size_t step = text_decode(text, end, &character);
            if (character != ' ' && character != '\t' && !is_wide_space(character))
                break;
            end += step;
            spaces++;
        }
        if (spaces == 0)
            continue;
        size = end - at;
        bool is_line_end = end == text.size || text.data[end] == '\n';
        bool is_fine = spaces == 1 && size == 1 && text.data[at] == ' ' && !is_line_end;
        if (!is_fine)
            edits_add(edits, at, size, is_line_end ? (struct slice){"", 0} : SLICE(" "));
    }
}

/* ---- divided words ---- */

static bool is_small_letter(uint32_t character)
{
    return utf8proc_category((utf8proc_int32_t)character) == UTF8PROC_CATEGORY_LL;
}

/* The small letters that end at `at`, or begin there. */
static struct slice letters_before(struct slice text, size_t at)
{
    size_t start = at;
    while (start > 0 && at - start < WORD_BYTES_MAX) {
        size_t step = start - 1;
        uint32_t character;
        while (step > 0 && ((unsigned char)text.data[step] & 0xC0) == 0x80)
            step--;
        text_decode(text, step, &character);
        utf8proc_category_t category = utf8proc_category((utf8proc_int32_t)character);
        if (category != UTF8PROC_CATEGORY_LL && category != UTF8PROC_CATEGORY_LU)
            break;
        start = step;
    }
    return slice_range(text, start, at);
}

static struct slice letters_behind(struct slice text, size_t at)
{
    size_t end = at;
    while (end < text.size && end - at < WORD_BYTES_MAX) {
        uint32_t character;
        size_t step = text_decode(text, end, &character);
        if (!is_small_letter(character))
            break;
        end += step;
    }
    return slice_range(text, at, end);
}

static bool holds_joined(struct slice document, struct slice first, const char *between, struct slice second)
{
    char word[2 * WORD_BYTES_MAX + 8];
    struct slice mark = slice_from(between);
    memcpy(word, first.data, first.size);
    memcpy(word + first.size, mark.data, mark.size);
    memcpy(word + first.size + mark.size, second.data, second.size);
    return memmem(document.data, document.size, word, first.size + mark.size + second.size) != NULL;
}

/* "exam-⏎ple" is "example", unless the document writes "exam-ple" elsewhere. */
void clean_find_hyphens(struct slice text, struct slice document, struct edits *edits)
{
    document = slice_range(document, 0, document.size < DOCUMENT_BYTES_MAX ? document.size : DOCUMENT_BYTES_MAX);
    for (size_t at = 0; at < text.size && edits->count < HYPHENS_MAX; at++) {
        size_t end = at + 1;
        if (text.data[at] != '-')
            continue;
        while (end < text.size && (text.data[end] == ' ' || text.data[end] == '\t' || text.data[end] == '\r'))
            end++;
        if (end >= text.size || text.data[end] != '\n')
            continue;
        for (end++; end < text.size && (text.data[end] == ' ' || text.data[end] == '\t');)
            end++;
        struct slice first = letters_before(text, at), second = letters_behind(text, end);
        if (first.size < 2 || second.size < 2 || (at > first.size && text.data[at - first.size - 1] == '-'))
            continue;
        bool keeps = holds_joined(document, first, "-", second) && !holds_joined(document, first, "", second);
        edits_add(edits, at, end - at, keeps ? SLICE("-") : (struct slice){"", 0});
    }
}
