/* sentence.c - sentences, and their words and signs. */
#include "sentence.h"
#include <string.h>

void pieces_read(struct pieces *pieces, struct slice text)
{
    struct text_words words = {.text = text};
    struct slice segment;
    bool is_word;
    pieces->text = text;
    pieces->is_english = true;
    pieces->count = 0;
    while (pieces->count < PIECES_MAX && text_words_next(&words, &segment, &is_word)) {
        uint32_t start = (uint32_t)(segment.data - text.data), end = start + (uint32_t)segment.size;
        bool blank = slice_trim(segment).size == 0;
        struct piece *last = pieces->count > 0 ? &pieces->items[pieces->count - 1] : NULL;
        if (blank && last != NULL && !last->is_word && text.data[last->start] == ' ')
            last->end = end; /* one run */
        else
            pieces->items[pieces->count++] = (struct piece){start, end, is_word};
    }
}

struct slice piece_text(const struct pieces *pieces, size_t at)
{
    if (at >= pieces->count)
        return (struct slice){"", 0};
    return slice_range(pieces->text, pieces->items[at].start, pieces->items[at].end);
}

size_t piece_end(const struct pieces *pieces, size_t at)
{
    return at < pieces->count ? pieces->items[at].end : pieces->text.size;
}

bool piece_is_word(const struct pieces *pieces, size_t at)
{
    return at < pieces->count && pieces->items[at].is_word;
}

bool slice_equal_ignoring_case(struct slice text, const char *small)
{
    for (size_t i = 0; i < text.size; i++) {
        char byte = text.data[i];
        if (byte >= 'A' && byte <= 'Z')
            byte = (char)(byte | 0x20);
        if (small[i] == '\0' || byte != small[i])
            return false;
    }
    return small[text.size] == '\0';
}

bool piece_is(const struct pieces *pieces, size_t at, const char *word)
{
    return at < pieces->count && slice_equal_ignoring_case(piece_text(pieces, at), word);
}

bool piece_among(const struct pieces *pieces, size_t at, const char *const *words, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (piece_is(pieces, at, words[i]))
            return true;
    return false;
}

char piece_sign(const struct pieces *pieces, size_t at)
{
    struct slice text = piece_text(pieces, at);
    if (text.size == 0 || pieces->items[at].is_word)
        return '\0';
    if (slice_trim(text).size == 0)
        return memchr(text.data, '\n', text.size) == NULL ? ' ' : '\n';
    return text.size == 1 ? text.data[0] : '\0';
}

size_t piece_after_blank(const struct pieces *pieces, size_t at)
{
    return piece_sign(pieces, at) == ' ' ? at + 1 : at;
}

/* ---- sentences ---- */

enum { FULL_LINE = 50 };

static bool is_small(char byte)
{
    return (byte >= 'a' && byte <= 'z') || (byte >= '0' && byte <= '9') || byte == '(';
}

void sentence_walk_start(struct sentence_walk *walk, struct slice text, struct arena *arena)
{
    size_t line = 0;
    char *copy = arena_alloc(arena, text.size + 1, 1);
    memcpy(copy, text.data, text.size);
    for (size_t i = 0; i < text.size; i++) {
        if (copy[i] != '\n')
            continue;
        bool full = i - line >= FULL_LINE && i + 1 < text.size && is_small(copy[i + 1]) && !byte_among(copy[i - 1], ".!?:;|") &&
                    memchr(copy + line, '|', i - line) == NULL; /* rows of a table */
        if (full)
            copy[i] = ' ';
        line = i + 1;
    }
    *walk = (struct sentence_walk){.text = {copy, text.size}};
}

bool sentence_walk_next(struct sentence_walk *walk, struct slice *sentence)
{
    struct text_sentences sentences = {.text = walk->text, .at = walk->at};
    struct slice next;
    while (text_sentences_next(&sentences, &next)) {
        walk->at = sentences.at;
        *sentence = slice_trim(next);
        if (sentence->size > 0)
            return true;
    }
    return false;
}
