/* diverse.h - results that say something new. Private to answer. */
#ifndef ANSWER_DIVERSE_H
#define ANSWER_DIVERSE_H

#include "answer.h"

/* Candidates that are looked at for `k` results. */
size_t diverse_depth(size_t k);

/* Leaves the best `k` of the hits, each chosen by its score less what it repeats of those before it. `weight`: 0 … 1, of the second. */
void diversify(struct search_result *result, double weight, size_t k);

#endif
