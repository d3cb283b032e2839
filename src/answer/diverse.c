/* diverse.c - maximal marginal relevance (Carbonell and Goldstein 1998):
 *
 *   next = the one with the greatest  (1 - weight) · score - weight · greatest likeness to one chosen before
 *
 * Scores are brought to 0 … 1 among the candidates. Likeness is the share of words that two texts have in common, of the shorter one's: a short text
 * that stands in a longer one is nothing new. */
#include "diverse.h"
#include <stdlib.h>
#include <string.h>

enum { DEPTH_FACTOR = 4, DEPTH_MOST = 200, WORDS_MOST = 1000 };

size_t diverse_depth(size_t k)
{
    size_t depth = k < DEPTH_MOST / DEPTH_FACTOR ? DEPTH_FACTOR * k : DEPTH_MOST;
    return depth > k ? depth : k;
}

/* The words of a text, as hashes in ascending order, each once. */
struct word_set {
    uint64_t *words;
    size_t count;
};

static int by_value(const void *a, const void *b)
{
    const uint64_t *left = a, *right = b;
    return (*left > *right) - (*left < *right);
}

static struct word_set words_of(struct arena *arena, struct slice text)
{
    struct word_set set = {arena_alloc(arena, WORDS_MOST, sizeof(*set.words)), 0};
    struct text_words walk = {.text = text};
    struct slice word;
    bool is_word;
    size_t kept = 0;
    while (set.count < WORDS_MOST && text_words_next(&walk, &word, &is_word)) {
        char lower[64];
        if (!is_word || word.size > sizeof(lower))
            continue;
        for (size_t i = 0; i < word.size; i++)
            lower[i] = word.data[i] >= 'A' && word.data[i] <= 'Z' ? (char)(word.data[i] | 0x20) : word.data[i];
        set.words[set.count++] = map_hash((struct slice){lower, word.size});
    }
    qsort(set.words, set.count, sizeof(*set.words), by_value);
    for (size_t i = 0; i < set.count; i++)
        if (kept == 0 || set.words[kept - 1] != set.words[i])
            set.words[kept++] = set.words[i];
    set.count = kept;
    return set;
}

static double likeness(const struct word_set *a, const struct word_set *b)
{
    size_t common = 0, least = a->count < b->count ? a->count : b->count;
    for (size_t i = 0, j = 0; i < a->count && j < b->count;) {
        common += a->words[i] == b->words[j];
        bool first = a->words[i] <= b->words[j], second = b->words[j] <= a->words[i];
        i += first;
        j += second;
    }
    return least > 0 ? (double)common / (double)least : 0;
}

struct choice {
    struct word_set words;
    double score;   /* 0 … 1 */
    double nearest; /* likeness to one that was chosen */
    bool is_chosen;
};

static size_t choose(const struct choice *choices, size_t count, double weight)
{
    size_t best = count;
    double best_value = 0;
    for (size_t i = 0; i < count; i++) {
        double value = (1 - weight) * choices[i].score - weight * choices[i].nearest;
        if (!choices[i].is_chosen && (best == count || value > best_value)) { /* equal ones: the search's order */
            best = i;
            best_value = value;
        }
    }
    return best;
}

void diversify(struct search_result *result, double weight, size_t k)
{
    size_t count = result->count, wanted = k < count ? k : count;
    struct arena arena;
    if (count == 0)
        return;
    arena_init(&arena);
    struct choice *choices = arena_alloc(&arena, count, sizeof(*choices));
    struct search_hit *chosen = arena_alloc(&arena, count, sizeof(*chosen));
    double best = result->hits[0].score, least = best;
    for (size_t i = 1; i < count; i++) {
        best = result->hits[i].score > best ? result->hits[i].score : best;
        least = result->hits[i].score < least ? result->hits[i].score : least;
    }
    for (size_t i = 0; i < count; i++)
        choices[i] = (struct choice){.words = words_of(&arena, result->hits[i].passage.text),
                                     .score = best > least ? (result->hits[i].score - least) / (best - least) : 1};
    for (size_t n = 0; n < wanted; n++) {
        size_t next = choose(choices, count, weight);
        choices[next].is_chosen = true;
        chosen[n] = result->hits[next];
        for (size_t i = 0; i < count; i++) {
            double like = likeness(&choices[i].words, &choices[next].words);
            choices[i].nearest = like > choices[i].nearest ? like : choices[i].nearest;
        }
    }
    memcpy(result->hits, chosen, wanted * sizeof(*chosen));
    result->count = wanted;
    arena_release(&arena);
}
