/* tune_pairs.h - one training of a reranker or an embedding model, from questions with texts that answer them. Private to api.
 *
 *   examples ─▶ checks ─▶ parts ─▶ candidates of each question ─┬─▶ pairs with 1 or 0        ─▶ reranker
 *                                  (given, or looked for)       └─▶ question, answer, misses ─▶ embedding model */
#ifndef API_TUNE_PAIRS_H
#define API_TUNE_PAIRS_H

#include "eval/eval.h"
#include "tune_parts.h"

/* ---- texts ---- */

/* All texts that are met, each once, and the base's vectors of those that were asked for. */
struct text_set {
    struct arena arena;
    struct map by_text; /* → number */
    struct slice *items;
    size_t count, capacity;
    float *vectors; /* [room, dimensions] */
    bool *has_vector;
    size_t room, dimensions; /* room: texts that there is memory for vectors of */
    size_t own; /* the first ones are the data's; behind them stand passages that the project's search found */
};

/* Adds a text, if it is new, as its number; the text must live as long as the set. */
uint32_t texts_add(struct text_set *texts, struct slice text);

/* Makes the vectors of these texts, where they are not there yet: of length 1. */
bool texts_embed(struct text_set *texts, struct model *model, const uint32_t *numbers, size_t count, struct tuning *tuning,
                 struct error *error) MUST_USE;
bool texts_vectors(struct model *model, const struct slice *texts, size_t count, float *vectors, struct error *error) MUST_USE;
void texts_release(struct text_set *texts);

/* The `most` of the first `own` texts that are nearest to the vector, best first; returns how many. Those without a vector are left out. */
size_t texts_nearest(const struct text_set *texts, const float *vector, size_t most, uint32_t *numbers);

/* ---- questions ---- */

struct pair_candidate {
    uint32_t text; /* in the set */
    bool answers;
};

struct pair_question {
    struct slice text;
    uint32_t *positives;
    size_t positive_count;
    struct pair_candidate *candidates; /* those given or found, best first as the search has it */
    size_t candidate_count;
};

/* A part of the examples. */
struct pair_part {
    const struct tuning_part *part;
    struct pair_question *questions;
    size_t count;
};

struct pairs_tuning {
    struct tuning tuning; /* what classifiers have too: data, checks, base, report */
    const struct assay_tune_reader_options *options;
    bool embeds; /* an embedding model; else a reranker */
    const char *name, *work; /* work: the folder of the checkpoints */
    const char *from; /* the folder of the adapter that it begins with; NULL: the base alone */
    uint64_t seed;
    size_t tokens_max, negatives;
    struct tuning_parts parts;
    struct text_set texts;
    struct pair_part train, validation, cases;
    bool by_search; /* candidates come from the project's own search */
    struct train_example *examples; /* to learn from */
    float *targets; /* 0 and 1 */
    size_t example_count;
    struct train_recipe recipe;
    size_t width_count; /* of options->widths */
    struct trainer *trainer;
    struct train_result result;
    uint64_t tokens;
    double seconds;
};

enum { PAIR_DEPTH = 30 /* candidates of a question */ };

/* tune_mine.c: the texts, and each question's candidates. */
bool pairs_mine(struct pairs_tuning *pairs, struct error *error) MUST_USE;

/* tune_pairs_learn.c */
bool pairs_learn(struct pairs_tuning *pairs, struct error *error) MUST_USE;

/* tune_pairs_measure.c: a score while it learns, and what the adapter in `folder` does on the cases. */
bool pairs_score(struct pairs_tuning *pairs, struct trainer *trainer, double *score, struct error *error) MUST_USE;
bool pairs_measure(struct pairs_tuning *pairs, const char *folder, struct error *error) MUST_USE;

/* tune_general.c: the same on general texts. */
bool pairs_general(struct pairs_tuning *pairs, const char *folder, struct error *error) MUST_USE;

/* tune_pairs_write.c */
bool pairs_write(struct pairs_tuning *pairs, struct error *error) MUST_USE;

#endif
