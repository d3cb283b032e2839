/* fuse.c - joins what words and what vectors found.
 *
 *   ranks   score = Σ weight / (60 + rank)          (Cormack, Clarke and Büttcher 2009), times 61 so that the best possible is 1
 *   scores  score = Σ weight · (s - least) / (best - least)      over each search's own hits; what it did not find counts 0
 *
 * Ranks ask nothing of the scores; scores keep how far apart hits are, and did better on every collection but few (docs/benchmarks.md). */
#include "fuse.h"
#include <stdlib.h>
#include <string.h>

enum { RANK_CONSTANT = 60 };

static int by_passage(const void *a, const void *b)
{
    const struct candidate *left = a, *right = b;
    return (left->passage > right->passage) - (left->passage < right->passage);
}

/* The better of its places. */
static size_t best_rank(const struct candidate *candidate)
{
    size_t text = candidate->text_rank, vector = candidate->vector_rank;
    return text == 0 || (vector != 0 && vector < text) ? vector : text;
}

static int by_score(const void *a, const void *b)
{
    const struct candidate *left = a, *right = b;
    if (left->score != right->score)
        return left->score < right->score ? 1 : -1;
    if (best_rank(left) != best_rank(right)) /* behind the depth of both rankings all scores are 0 */
        return best_rank(left) < best_rank(right) ? -1 : 1;
    return by_passage(a, b);
}

size_t fuse_text(const struct ranking *text, struct candidate *out)
{
    for (size_t i = 0; i < text->count; i++)
        out[i] = (struct candidate){.passage = text->hits[i].passage,
                                    .score = (double)text->hits[i].score,
                                    .text = text->hits[i].score,
                                    .text_rank = i + 1};
    return text->count;
}

size_t fuse_vector(const struct ranking *vector, struct candidate *out)
{
    for (size_t i = 0; i < vector->count; i++)
        out[i] = (struct candidate){.passage = vector->hits[i].passage,
                                    .score = (double)vector->hits[i].score,
                                    .vector = vector->hits[i].score,
                                    .vector_rank = i + 1};
    return vector->count;
}

/* The share of a hit's score, 0 … 1, in its own ranking. */
static double share(const struct ranking *ranking, size_t rank, enum retrieve_fusion fusion)
{
    if (rank == 0)
        return 0;
    if (fusion == FUSION_RANKS)
        return (double)(RANK_CONSTANT + 1) / (double)(RANK_CONSTANT + rank);
    size_t depth = ranking->depth > 0 && ranking->depth < ranking->count ? ranking->depth : ranking->count;
    if (rank > depth)
        return 0;
    double best = (double)ranking->hits[0].score, least = (double)ranking->hits[depth - 1].score;
    return best > least ? ((double)ranking->hits[rank - 1].score - least) / (best - least) : 1;
}

/* Puts those of the same passage together. `items` ascend by passage. */
static size_t join_same(struct candidate *items, size_t count)
{
    size_t kept = 0;
    for (size_t i = 0; i < count; i++) {
        if (kept == 0 || items[kept - 1].passage != items[i].passage) {
            items[kept++] = items[i];
            continue;
        }
        struct candidate *same = &items[kept - 1];
        if (items[i].text_rank > 0) {
            same->text = items[i].text;
            same->text_rank = items[i].text_rank;
        } else {
            same->vector = items[i].vector;
            same->vector_rank = items[i].vector_rank;
        }
    }
    return kept;
}

size_t fuse(const struct ranking *text, const struct ranking *vector, enum retrieve_fusion fusion, double vector_weight,
            struct candidate *out)
{
    size_t count = fuse_text(text, out);
    count += fuse_vector(vector, out + count);
    if (count == 0)
        return 0;
    qsort(out, count, sizeof(*out), by_passage);
    count = join_same(out, count);
    for (size_t i = 0; i < count; i++)
        out[i].score = (1 - vector_weight) * share(text, out[i].text_rank, fusion) +
                       vector_weight * share(vector, out[i].vector_rank, fusion);
    qsort(out, count, sizeof(*out), by_score);
    return count;
}
