/* normalize_characters.c - the normalizers that look at one character at a time. */
#include "byte_level.h"
#include "normalizer.h"
#include "text.h"
#include "token_tables.h"
#include <assert.h>
#include <utf8proc.h>

static struct slice piece_text(const struct token_work *work, const struct piece *piece)
{
    return (struct slice){work->text.bytes, piece->end};
}

/* What `kept` keeps, as it gives it; the others go. */
static void keep_characters(struct token_work *work, const struct piece *piece,
                            bool (*kept)(uint32_t *character, uint16_t flags), uint16_t flags)
{
    struct slice text = piece_text(work, piece);
    struct changes *changes = &work->changes;
    size_t skipped = 0;
    changes->count = 0;
    for (size_t at = piece->start; at < piece->end;) {
        uint32_t character;
        at += text_decode(text, at, &character);
        if (kept(&character, flags))
            changes_append(changes, character, 0);
        else if (changes->count > 0)
            changes->items[changes->count - 1].change--;
        else
            skipped++;
    }
    token_work_transform(work, piece, piece->start, piece->end, changes->items, changes->count, skipped);
}

static bool is_clean(uint32_t *character, uint16_t flags)
{
    (void)flags;
    uint16_t kind = token_kind_of(*character).flags;
    if (kind & TOKEN_SPACE)
        *character = ' ';
    return !(kind & TOKEN_CONTROL);
}

void normalize_clean(struct token_work *work, const struct piece *piece)
{
    keep_characters(work, piece, is_clean, 0);
}

/* The others of its kind change the character. NOLINTNEXTLINE(readability-non-const-parameter) */
static bool is_without(uint32_t *character, uint16_t flags)
{
    return !(token_kind_of(*character).flags & flags);
}

void normalize_without(struct token_work *work, const struct piece *piece, uint16_t flags)
{
    keep_characters(work, piece, is_without, flags);
}

/* As SentencePiece's "nmt_nfkc" does it before NFKC. */
static bool is_nmt(uint32_t *character, uint16_t flags)
{
    (void)flags;
    uint32_t c = *character;
    if ((c >= 0x1 && c <= 0x8) || c == 0xB || (c >= 0xE && c <= 0x1F) || c == 0x7F || c == 0x8F || c == 0x9F)
        return false;
    if (c == 0x9 || c == 0xA || c == 0xC || c == 0xD || c == 0x1680 || (c >= 0x200B && c <= 0x200F) || c == 0x2028 ||
        c == 0x2029 || c == 0x2581 || c == 0xFEFF || c == 0xFFFD)
        *character = ' ';
    return true;
}

void normalize_nmt(struct token_work *work, const struct piece *piece)
{
    keep_characters(work, piece, is_nmt, 0);
}

bool character_is_chinese(uint32_t c)
{
    return (c >= 0x4E00 && c <= 0x9FFF) || (c >= 0x3400 && c <= 0x4DBF) || (c >= 0x20000 && c <= 0x2A6DF) ||
           (c >= 0x2A700 && c <= 0x2B81F) || (c >= 0x2B920 && c <= 0x2CEAF) || (c >= 0xF900 && c <= 0xFAFF) ||
           (c >= 0x2F800 && c <= 0x2FA1F);
}

void normalize_ideographs(struct token_work *work, const struct piece *piece)
{
    struct slice text = piece_text(work, piece);
    for (size_t at = piece->start; at < piece->end;) {
        uint32_t character, start = work->text.starts[at], end = work->text.ends[at];
        at += text_decode(text, at, &character);
        bool is_chinese = character_is_chinese(character);
        if (is_chinese)
            aligned_append_character(&work->other, ' ', start, end);
        aligned_append_character(&work->other, character, start, end);
        if (is_chinese)
            aligned_append_character(&work->other, ' ', start, end);
    }
}

size_t character_lower(uint32_t character, uint32_t lower[2])
{
    uint16_t flags = token_kind_of(character).flags;
    lower[0] = character;
    lower[1] = 0;
    if (!(flags & TOKEN_LOWERED))
        return 1;
    if (!(flags & TOKEN_LOWERED_APART)) {
        lower[0] = (uint32_t)utf8proc_tolower((utf8proc_int32_t)character);
        return 1;
    }
    for (size_t i = 0; i < token_lowered_count; i++)
        if (token_lowered[i].character == character) {
            lower[0] = token_lowered[i].lower[0];
            lower[1] = token_lowered[i].lower[1];
        }
    return lower[1] != 0 ? 2 : 1;
}

void normalize_lower(struct token_work *work, const struct piece *piece)
{
    struct slice text = piece_text(work, piece);
    for (size_t at = piece->start; at < piece->end;) {
        uint32_t character, lower[2], start = work->text.starts[at], end = work->text.ends[at];
        at += text_decode(text, at, &character);
        size_t count = character_lower(character, lower);
        for (size_t i = 0; i < count; i++)
            aligned_append_character(&work->other, lower[i], start, end);
    }
}

void normalize_bytes(struct token_work *work, const struct piece *piece)
{
    for (size_t at = piece->start; at < piece->end; at++)
        aligned_append_character(&work->other, byte_level_character((uint8_t)work->text.bytes[at]), work->text.starts[at],
                                 work->text.ends[at]);
}

void normalize_strip(struct token_work *work, const struct piece *piece, bool left, bool right)
{
    struct slice text = piece_text(work, piece);
    size_t start = piece->start, end = piece->start;
    bool is_leading = left;
    for (size_t at = piece->start; at < piece->end;) {
        uint32_t character;
        size_t size = text_decode(text, at, &character);
        bool is_space = token_kind_of(character).flags & TOKEN_SPACE;
        is_leading = is_leading && is_space;
        if (is_leading)
            start = at + size;
        if (!is_space || !right)
            end = at + size;
        at += size;
    }
    if (start < end)
        aligned_copy(&work->other, &work->text, start, end);
}

void normalize_prepend(struct token_work *work, const struct piece *piece, struct slice content)
{
    struct changes *changes = &work->changes;
    uint32_t character;
    changes->count = 0;
    for (size_t at = 0; at < content.size;) {
        at += text_decode(content, at, &character);
        changes_append(changes, character, changes->count == 0 ? 0 : 1);
    }
    size_t first = piece->start + text_decode(piece_text(work, piece), piece->start, &character);
    changes_append(changes, character, 1);
    token_work_transform(work, piece, piece->start, first, changes->items, changes->count, 0);
    aligned_copy(&work->other, &work->text, first, piece->end);
}

void normalize_replace(struct token_work *work, const struct piece *piece, const struct pattern *pattern, struct slice content)
{
    size_t start_of_output = work->other.size;
    struct spans *spans = &work->spans;
    spans->count = 0;
    pattern_spans(pattern, &work->pattern, slice_range((struct slice){work->text.bytes, piece->end}, piece->start, piece->end),
                  spans);
    for (size_t i = 0; i < spans->count; i++) {
        size_t start = piece->start + spans->items[i].start, end = piece->start + spans->items[i].end;
        if (!spans->items[i].is_match) {
            aligned_copy(&work->other, &work->text, start, end);
            continue;
        }
        /* what replaces a match has the place of its last character; of an empty one, of what stands before it */
        uint32_t from = piece->shift, to = piece->shift;
        if (start < end) {
            from = work->text.starts[end - 1];
            to = work->text.ends[end - 1];
        } else if (work->other.size > start_of_output) {
            from = work->other.starts[work->other.size - 1];
            to = work->other.ends[work->other.size - 1];
        }
        aligned_append(&work->other, content.data, content.size, from, to);
    }
}
