/* style.h - do answers sound like the user's examples? Part of eval.h.
 *
 * A classifier learns to tell the two apart; how well it does on texts that it has not seen says how different they are (Lopez-Paz and Oquab
 * 2017): 0.5 it cannot tell, 1.0 it always can. Beside it stand features that people can name.
 *
 *   vectors of the texts (from outside) ─┬─▶ ridge regression, 10 folds ─▶ area under the curve
 *   length, tone, form ──────────────────┘            └ again with labels drawn anew ─▶ the chance of so much
 *
 * The classifier is a linear one on vectors that stay as they are. Its predictions for a fold left out follow from one solution for all texts, so
 * that a thousand relabellings cost little. Labels are drawn anew within folds: each fold keeps its number of either. */
#ifndef EVAL_STYLE_H
#define EVAL_STYLE_H

#include "text/text.h"

enum style_feature {
    STYLE_WORDS, /* number */
    STYLE_SENTENCES,
    STYLE_SENTENCE_WORDS, /* words in one, on average */
    STYLE_LINES,
    STYLE_WORD_LETTERS, /* characters in one, on average */
    STYLE_EXCLAMATIONS, /* from here on: of 100 words */
    STYLE_QUESTIONS,
    STYLE_CAPITALS, /* words all in capitals */
    STYLE_NUMBERS,
    STYLE_LISTS, /* lines that begin with a mark or number of a list */
    STYLE_MARKUP, /* signs of Markdown and JSON: * # ` | { } [ ] */
    STYLE_WE, /* "we", "our", "us" */
    STYLE_YOU, /* "you", "your" */
    STYLE_POLITE, /* "please", "thank", "sorry", "kindly" */
    STYLE_FEATURES
};
extern const char *const style_feature_names[STYLE_FEATURES]; /* "words", … */

void style_read(struct slice text, double features[STYLE_FEATURES]);

struct style_comparison {
    const struct slice *texts; /* first the outputs, then the examples */
    const float *vectors; /* [outputs + examples, dimensions]; NULL: features alone */
    size_t dimensions;
    size_t outputs, examples; /* of more than 500 the first 500 are taken */
    size_t relabellings; /* 0: 1000 */
    uint64_t seed;
};

struct style_report {
    bool is_told; /* false: there are fewer than four of either, and the numbers below say nothing */
    double separation; /* area under the curve of texts left out: 0.5 … 1, by chance a little below */
    double accuracy;
    double chance; /* of so much separation or more, if both had one style */
    size_t outputs, examples;
    struct {
        double outputs, examples; /* means */
        double effect; /* their difference in standard deviations (Cohen's d) */
    } features[STYLE_FEATURES];
};

void style_compare(const struct style_comparison *comparison, struct style_report *report);

/* The same of texts whose vectors are made here: by `embedder`, where it has a model, else by the features alone. Of more than 500 outputs or
 * 200 examples so many are drawn. */
struct embedder;
struct style_texts {
    const struct slice *items;
    size_t count;
};
bool eval_style(struct embedder *embedder, const struct style_texts *outputs, const struct style_texts *examples, uint64_t seed,
                struct style_report *report, struct error *error) MUST_USE;

/* The features in order of their difference, the greatest first. */
void style_order(const struct style_report *report, enum style_feature order[STYLE_FEATURES]);
#define STYLE_EFFECT_LARGE 0.8 /* a difference worth telling, as Cohen has it */

#endif
