/* ranker.h - how well a passage answers a question, by reading both together (a cross-encoder): slower than comparing vectors, and better.
 *
 *   question, passages ─▶ pairs of tokens ─▶ encoder with the adapter, in packs ─▶ one number a pair
 *
 * An open ranker never changes: what it says of a pair depends on that pair, the precision and the processor's kernels alone, never on the
 * other passages or the number of threads. */
#ifndef RANKER_RANKER_H
#define RANKER_RANKER_H

#include "base/base.h"
#include "model/model.h"

struct ranker_options {
    const char *base; /* a model's folder */
    const char *
        adapter; /* a PEFT folder that was trained on it for pairs, as `assay tune rerank` writes it; NULL: the base scores by itself */
    enum model_precision precision;
    struct pool *pool; /* outlives the ranker */
};

struct ranker;
bool ranker_open(struct ranker **ranker, const struct ranker_options *options, struct error *error) MUST_USE;
void ranker_close(struct ranker *ranker); /* NULL is fine */
const char *ranker_name(const struct ranker *ranker); /* the adapter's folder, else the base's */

/* scores[i]: of passages[i], more being better; ranker_chance makes 0 … 1 of it. What is longer than the model reads is cut. Several threads
 * may ask at once. */
bool ranker_score(struct ranker *ranker, struct slice question, const struct slice *passages, size_t count, float *scores,
                  struct error *error) MUST_USE;
double ranker_chance(float score);

#endif
