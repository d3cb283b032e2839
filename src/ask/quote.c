/* quote.c - a sentence as a person reads it, found in the bytes that it was read from.
 *
 *   sentence   You have 30 days, then …
 *   source     … ⏎ You have **30 days**, then …
 *                  └──────── quote ─────────┘
 *
 * The words are looked for one after the other; between them may stand what is no text: marks, links' addresses, tags. Of several places the one
 * with the least between the words is taken. */
#include "ask_parts.h"
#include <string.h>

enum { WORDS_MAX = 400, GAP_MAX = 300, STARTS_MAX = 64 };

struct word_run {
    struct slice items[WORDS_MAX];
    size_t count;
};

static void split(struct slice sentence, struct word_run *run)
{
    struct text_words words = {.text = sentence};
    struct slice segment;
    bool is_word;
    run->count = 0;
    while (run->count < WORDS_MAX && text_words_next(&words, &segment, &is_word))
        if (is_word)
            run->items[run->count++] = segment;
}

/* Where `word` stands next in the source from `at` on, at the most `gap` bytes away; SIZE_MAX: not there. */
static size_t next_place(struct slice source, size_t at, size_t gap, struct slice word)
{
    size_t end = source.size - at > gap + word.size ? at + gap + word.size : source.size;
    const char *found = memmem(source.data + at, end - at, word.data, word.size);
    return found != NULL ? (size_t)(found - source.data) : SIZE_MAX;
}

/* The end of all words when the first stands at `start`; 0: they do not follow. */
static size_t follow(struct slice source, size_t start, const struct word_run *run)
{
    size_t at = start + run->items[0].size;
    for (size_t i = 1; i < run->count; i++) {
        size_t place = next_place(source, at, GAP_MAX, run->items[i]);
        if (place == SIZE_MAX)
            return 0;
        at = place + run->items[i].size;
    }
    return at;
}

/* A sign that ends the sentence belongs to the quote. */
static size_t with_end_sign(struct slice source, size_t end, struct slice sentence)
{
    char last = sentence.data[sentence.size - 1];
    return end < source.size && byte_among(last, ".!?%") && source.data[end] == last ? end + 1 : end;
}

/* One that begins it, too: "€9.50", which is no word. */
static size_t with_begin_sign(struct slice source, size_t start, struct slice sentence, struct slice first_word)
{
    size_t before = (size_t)(first_word.data - sentence.data);
    if (before > 0 && before <= 4 && start >= before && memcmp(source.data + start - before, sentence.data, before) == 0)
        return start - before;
    return start;
}

bool quote_find(struct slice source, struct slice sentence, size_t *start, size_t *end)
{
    const char *whole = sentence.size > 0 ? memmem(source.data, source.size, sentence.data, sentence.size) : NULL;
    if (whole != NULL) {
        *start = (size_t)(whole - source.data);
        *end = *start + sentence.size;
        return true;
    }
    struct word_run run;
    size_t best = SIZE_MAX;
    split(sentence, &run);
    if (run.count == 0)
        return false;
    for (size_t at = 0, tries = 0; tries < STARTS_MAX && at < source.size; tries++) {
        size_t place = next_place(source, at, source.size, run.items[0]);
        if (place == SIZE_MAX)
            break;
        size_t reach = follow(source, place, &run);
        if (reach > 0 && reach - place < best) {
            best = reach - place;
            *start = place;
            *end = reach;
        }
        at = place + 1;
    }
    if (best == SIZE_MAX)
        return false;
    *start = with_begin_sign(source, *start, sentence, run.items[0]);
    *end = with_end_sign(source, *end, sentence);
    return true;
}
