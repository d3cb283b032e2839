/* order_score.c - how much a text reads like an order to a model: learned from written attacks and from honest text that looks like them.
 *
 *   "Obey me, 42"  ▶  " obey me, 00 "  ▶  every run of 3 … 6 characters and of 1 … 3 words, each in one of 65,536 buckets
 *
 *   score = Σ weight of the buckets that are filled / √(how many are) + bias
 *
 * A long text is looked at by windows, and the highest counts: what is added to an order does not thin it out. */
#include "order_score.h"
#include "ask_parts.h"
#include "order_weights.h"
#include <math.h>
#include <string.h>
#include <utf8proc.h>

enum { RUN_LEAST = 3, RUN_MOST = 6, WORDS_MOST = 3, WINDOW = 480, STEP = 240 };
_Static_assert(WINDOW *(RUN_MOST - RUN_LEAST + 1) + WINDOW / 2 * WORDS_MOST <= ORDER_WINDOW_BUCKETS,
               "what a window fills has its place");

/* A part of a text, as plain_character makes its characters. */
struct window {
    uint32_t characters[WINDOW];
    size_t count;
};

/* FNV-1a, a character at once. */
static uint32_t hash_on(uint32_t hash, uint32_t value)
{
    return (hash ^ value) * 0x01000193;
}

static uint32_t bucket_of(uint32_t hash)
{
    hash ^= hash >> 15;
    hash *= 0x2C1B3C6D;
    hash ^= hash >> 12;
    return hash % ORDER_BUCKETS;
}

static void fill(struct order_buckets *buckets, uint32_t hash)
{
    uint32_t bucket = bucket_of(hash);
    uint64_t bit = UINT64_C(1) << (bucket % 64);
    if ((buckets->bits[bucket / 64] & bit) != 0)
        return;
    buckets->bits[bucket / 64] |= bit;
    buckets->items[buckets->count++] = bucket;
}

/* ---- what is looked at ---- */

static bool is_in_word(uint32_t character)
{
    utf8proc_category_t category = utf8proc_category((utf8proc_int32_t)character);
    return category >= UTF8PROC_CATEGORY_LU && category <= UTF8PROC_CATEGORY_NO;
}

/* Letters in small ones and of usual width, digits as 0, white space as one space; 0: it is not seen. */
static uint32_t plain_character(uint32_t character, uint32_t before)
{
    if (is_hidden(character))
        return 0;
    if (character >= 0xFF01 && character <= 0xFF5E) /* of full width */
        character -= 0xFF01 - '!';
    utf8proc_category_t category = utf8proc_category((utf8proc_int32_t)character);
    if (character < ' ' || category == UTF8PROC_CATEGORY_ZS)
        return before == ' ' ? 0 : ' ';
    if (category == UTF8PROC_CATEGORY_ND)
        return '0';
    return (uint32_t)utf8proc_tolower((utf8proc_int32_t)character);
}

/* Fills the window from `*at` on, with a space at both ends. False: there was nothing left. */
static bool next_window(struct slice text, size_t *at, struct window *window)
{
    size_t middle = 0;
    window->characters[0] = ' ';
    window->count = 1;
    while (*at < text.size && window->count < WINDOW - 1) {
        uint32_t character;
        *at += text_decode(text, *at, &character);
        character = plain_character(character, window->characters[window->count - 1]);
        if (character != 0)
            window->characters[window->count++] = character;
        if (window->count <= STEP)
            middle = *at;
    }
    if (window->count == 1)
        return false;
    if (*at < text.size)
        *at = middle; /* the next one overlaps */
    if (window->characters[window->count - 1] != ' ')
        window->characters[window->count++] = ' ';
    return true;
}

static void fill_runs(const struct window *window, struct order_buckets *buckets)
{
    for (size_t i = 0; i < window->count; i++) {
        uint32_t hash = 0x811C9DC5;
        for (size_t j = i; j < window->count && j < i + RUN_MOST; j++) {
            hash = hash_on(hash, window->characters[j]);
            if (j + 1 >= i + RUN_LEAST)
                fill(buckets, hash);
        }
    }
}

static void fill_words(const struct window *window, struct order_buckets *buckets)
{
    uint32_t words[WORDS_MOST] = {0}, hash = 0;
    size_t count = 0;
    for (size_t i = 0; i < window->count; i++) {
        if (is_in_word(window->characters[i])) {
            hash = hash_on(hash == 0 ? 0x01234567 : hash, window->characters[i]);
            continue;
        }
        if (hash == 0)
            continue;
        memmove(words + 1, words, (WORDS_MOST - 1) * sizeof(words[0]));
        words[0] = hash;
        hash = 0;
        count++;
        uint32_t run = 0x5BD1E995;
        for (size_t j = 0; j < WORDS_MOST && j < count; j++)
            fill(buckets, run = hash_on(run, words[j]));
    }
}

bool order_buckets_next(struct slice text, size_t *at, struct order_buckets *buckets)
{
    struct window window;
    while (buckets->count > 0) { /* far less than all of the bits */
        uint32_t bucket = buckets->items[--buckets->count];
        buckets->bits[bucket / 64] = 0;
    }
    if (*at >= text.size || !next_window(text, at, &window))
        return false;
    fill_runs(&window, buckets);
    fill_words(&window, buckets);
    return true;
}

/* ---- the score ---- */

double order_score(struct slice text)
{
    struct order_buckets buckets = {.count = 0};
    double best = -HUGE_VAL;
    for (size_t at = 0; order_buckets_next(text, &at, &buckets);) {
        int64_t sum = 0;
        for (size_t i = 0; i < buckets.count; i++)
            sum += order_weights[buckets.items[i] / ORDER_WEIGHTS_ROW][buckets.items[i] % ORDER_WEIGHTS_ROW] -
                   ORDER_WEIGHT_ZERO;
        double score = (double)sum * ORDER_WEIGHT_UNIT / sqrt((double)(buckets.count > 0 ? buckets.count : 1)) + ORDER_BIAS;
        best = score > best ? score : best;
    }
    return best;
}

double order_doubt(void)
{
    return ORDER_DOUBT;
}

double order_certainty(void)
{
    return ORDER_CERTAINTY;
}
