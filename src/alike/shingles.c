/* shingles.c - words as the index folds them (case, width, accents as they are), three at a time, hashed. */
#include "shingles.h"
#include <sodium.h>
#include <stdlib.h>

enum { SHINGLE_WORDS = 3 };

void shingles_init(struct shingles *shingles)
{
    *shingles = (struct shingles){.analyzer = analyzer_create()};
}

void shingles_release(struct shingles *shingles)
{
    analyzer_free(shingles->analyzer);
    free(shingles->items);
    *shingles = (struct shingles){0};
}

static uint64_t mix(uint64_t value)
{
    value ^= value >> 32;
    value *= 0xd6e8feb86659fd93u;
    value ^= value >> 32;
    value *= 0xd6e8feb86659fd93u;
    return value ^ value >> 32;
}

static void add(struct shingles *shingles, const uint64_t *window, size_t words)
{
    uint64_t hash = 0;
    for (size_t i = 0; i < words; i++)
        hash = mix(hash * 31 + window[i]);
    shingles->items = memory_more(shingles->items, shingles->count, &shingles->capacity, sizeof(*shingles->items));
    shingles->items[shingles->count++] = hash;
}

void shingles_read(struct shingles *shingles, const struct alike_text *text)
{
    uint64_t window[SHINGLE_WORDS] = {0};
    shingles->count = shingles->words = 0;
    for (size_t i = 0; i < text->part_count; i++) {
        struct text_term term;
        size_t start = SIZE_MAX;
        analyzer_start(shingles->analyzer, text->parts[i], LANGUAGE_UNKNOWN);
        while (analyzer_next(shingles->analyzer, &term)) {
            if (term.start == start) /* another form of the same word */
                continue;
            start = term.start;
            for (size_t j = 1; j < SHINGLE_WORDS; j++)
                window[j - 1] = window[j];
            window[SHINGLE_WORDS - 1] = map_hash(term.term);
            if (++shingles->words >= SHINGLE_WORDS)
                add(shingles, window, SHINGLE_WORDS);
        }
    }
    if (shingles->words > 0 && shingles->words < SHINGLE_WORDS)
        add(shingles, window + SHINGLE_WORDS - shingles->words, shingles->words);
}

static int compare(const void *a, const void *b)
{
    const uint64_t *x = a, *y = b;
    return (*x > *y) - (*x < *y);
}

void shingles_sort(struct shingles *shingles)
{
    size_t kept = 0;
    if (shingles->count > 1)
        qsort(shingles->items, shingles->count, sizeof(*shingles->items), compare);
    for (size_t i = 0; i < shingles->count; i++)
        if (kept == 0 || shingles->items[i] != shingles->items[kept - 1])
            shingles->items[kept++] = shingles->items[i];
    shingles->count = kept;
}

double shingles_likeness(const struct shingles *a, const struct shingles *b)
{
    size_t i = 0, j = 0, both = 0;
    while (i < a->count && j < b->count) {
        bool same = a->items[i] == b->items[j], behind = a->items[i] < b->items[j];
        both += same;
        i += same || behind;
        j += same || !behind;
    }
    size_t all = a->count + b->count - both;
    return all > 0 ? (double)both / (double)all : 0;
}

double alike_likeness(const struct alike_text *a, const struct alike_text *b)
{
    struct shingles first, second;
    shingles_init(&first);
    shingles_init(&second);
    shingles_read(&first, a);
    shingles_read(&second, b);
    shingles_sort(&first);
    shingles_sort(&second);
    double likeness = shingles_likeness(&first, &second);
    shingles_release(&first);
    shingles_release(&second);
    return likeness;
}

static bool is_space(char byte)
{
    return byte == ' ' || (byte >= '\t' && byte <= '\r');
}

void alike_digest(const struct alike_text *text, unsigned char digest[ALIKE_DIGEST_BYTES])
{
    crypto_generichash_state state;
    bool started = false, space = false;
    crypto_generichash_init(&state, NULL, 0, ALIKE_DIGEST_BYTES);
    for (size_t i = 0; i < text->part_count; i++) {
        struct slice part = text->parts[i];
        space = true; /* parts stand apart */
        for (size_t at = 0; at < part.size;) {
            size_t end = at;
            while (end < part.size && !is_space(part.data[end]))
                end++;
            if (end > at && space && started)
                crypto_generichash_update(&state, (const unsigned char *)" ", 1);
            crypto_generichash_update(&state, (const unsigned char *)part.data + at, end - at);
            started = started || end > at;
            space = true;
            for (at = end; at < part.size && is_space(part.data[at]); at++)
                continue;
        }
    }
    crypto_generichash_final(&state, digest, ALIKE_DIGEST_BYTES);
}
