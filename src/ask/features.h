/* features.h - what speaks for a sentence as the answer. Private to ask. */
#ifndef ASK_FEATURES_H
#define ASK_FEATURES_H

#include "ask_parts.h"

/* ORDER features: bench/ask_fit.py has them in this order. */
enum feature {
    FEATURE_MEANING, /* similarity of its vector, with its headings, to the question's */
    FEATURE_WORDS, /* share of the question's words in it and its headings, rare ones counting more */
    FEATURE_OWN_WORDS, /* the same without headings */
    FEATURE_HAS_KIND, /* it has a thing of the kind that was asked for */
    FEATURE_LACKS_KIND, /* a kind was asked for, and it has none */
    FEATURE_RANK, /* 1 / (1 + the passage's place) */
    FEATURE_PASSAGE, /* similarity of the passage's vector */
    FEATURES
};

struct features {
    double values[FEATURES];
};

struct candidate_sentence {
    size_t passage, sentence;
    struct features features;
};

/* Whether there are vectors to compare; else the two features of meaning are 0. */
bool features_know_meaning(const struct asking *asking);

/* All sentences that may be answers; in the arena. */
bool features_of(struct asking *asking, struct candidate_sentence **items, size_t *count, struct error *error) MUST_USE;

#endif
