/* meaning.h - how near is what was said to what was wanted: the cosine of their vectors, of the project's own embedding model. Part of eval.h.
 *
 * It counts "two weeks" for "a fortnight", and blindly: "may" is near "may not". So it stands beside the other grades, and decides nothing. */
#ifndef EVAL_MEANING_H
#define EVAL_MEANING_H

#include "embed/embed.h"

struct meaning_pair {
    const struct slice *golds; /* the nearest counts */
    size_t gold_count; /* none: to abstain is right */
    struct slice answer; /* empty: it abstained */
};

/* values[i]: 0 … 1; negative for all where there is no model, or it fails: answers that were paid for are not lost for this. Who abstains, or should have, gets 0 or 1 as by the other grades. */
bool eval_meanings(struct embedder *embedder, const struct meaning_pair *pairs, size_t count, double *values,
                   struct error *error) MUST_USE;

#endif
