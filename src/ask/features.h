/* features.h - what may be the answer, and what speaks for it. Private to ask. */
#ifndef ASK_FEATURES_H
#define ASK_FEATURES_H

#include "ask_parts.h"

/* ORDER features: bench/ask_fit.py fits weights in this order. Those of the line are the same for all that stands in it. */
enum feature {
    FEATURE_MEANING, /* of the line: similarity of its vector, with its headings, to the question's */
    FEATURE_NEAREST, /* 1 / (1 + its place by that) */
    FEATURE_WORDS, /* share of the question's words in the line and its headings, rare ones counting more */
    FEATURE_OWN_WORDS, /* the same without headings */
    FEATURE_PASSAGE_WORDS, /* share of them in the whole passage and its headings */
    FEATURE_RANK, /* 1 / (1 + the passage's place) */
    FEATURE_SEARCH, /* the passage's score as a share of the best one's */
    FEATURE_PASSAGE, /* similarity of the passage's vector */
    FEATURE_FITS, /* it is of a kind that was asked for */
    FEATURE_LACKS, /* a kind was asked for, and it is of none */
    FEATURE_WHOLE, /* it is a whole sentence */
    FEATURE_CELL, /* it is a table's cell, or what stands behind "key:" */
    FEATURE_KEY, /* it is the first cell of its row */
    FEATURE_COLUMN, /* of a cell: similarity of its column's head, or key */
    FEATURE_COLUMN_WORDS, /* share of the question's words there */
    FEATURE_ROW_WORDS, /* share of the question's words in the row's other cells */
    FEATURE_NEAR, /* of a part of a sentence: how near the question's words stand */
    FEATURE_ECHO, /* share of its words that the question has */
    FEATURE_LENGTH, /* logarithm of its size */
    FEATURE_UNIT, /* the question names its unit */
    FEATURE_READ_LINE, /* of the line: how far the reader's best span in it is above there being no answer */
    FEATURE_READ_NEAREST, /* 1 / (1 + the line's place by that) */
    FEATURE_READ, /* the same of what is the candidate */
    FEATURE_READ_WORDS, /* it is that best span, more or less: F1 of their bytes */
    FEATURES
};

struct candidate {
    size_t passage, sentence, last; /* the sentences that are cited, usually one */
    struct slice text; /* within them */
    struct slice unit; /* of a number in a cell, from its row's column of units; empty: none */
    struct slice head; /* the first row of its table; empty: none */
    struct slice day; /* of an hour in a cell, from its row; empty: none */
    bool is_exact; /* the question names its row and its column, and nothing else */
    double values[FEATURES];
    double favour; /* of steps that tell an action */
    double sum; /* the network's, and that; the highest is the answer */
};

/* Whether there are vectors to compare; else the features of meaning are 0. */
bool features_know_meaning(const struct asking *asking);
bool request_knows_meaning(const struct ask_request *request, const struct ask_answer *answer);

/* Whether a reader has marked the passages, which lines_of lets it do; else the features of reading are 0. */
bool features_know_reading(const struct asking *asking);

/* All that may be the answer: sentences, cells of tables, values behind "key:", and in them numbers, names and codes of the kinds that are asked
 * for. In the arena. */
bool candidates_list(struct asking *asking, struct candidate **items, size_t *count, struct error *error) MUST_USE;

/* ---- builtin.c ---- */

struct builtin_choice {
    const struct candidate *best; /* NULL: there is none */
    const double *evidence; /* what its chance was made of, in the order of evidence.h */
    double chance; /* that it is right, and that the documents tell it */
    bool is_likely; /* enough to answer */
};

/* The likeliest answer to answer->asked, by the words of asking->question; `may` leaves candidates out, NULL: none. */
bool builtin_choose(struct asking *asking, bool (*may)(void *context, struct slice text), void *context,
                    struct builtin_choice *chosen, struct error *error) MUST_USE;
/* The same of some of the passages alone, `places` of asking->passages; what `may` leaves out makes it no value of a form. */
bool builtin_choose_among(struct asking *asking, const size_t *places, size_t count,
                          bool (*may)(void *context, struct slice text), struct builtin_choice *chosen,
                          struct error *error) MUST_USE;
const char *builtin_name(const struct ask_request *request); /* as of an answer's model */

#endif
