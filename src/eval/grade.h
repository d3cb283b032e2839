/* grade.h - is an answer right? Measures of one answer against what was wanted, and of many. Part of eval.h.
 *
 *   strict    the answer is what was wanted, and nothing else: what a program that reads it needs
 *   relaxed   what was wanted stands in it: a right fact in the wrong form counts here and not there
 *
 * Both are told side by side, so that a wrong form is not taken for missing knowledge. Of several golds the best counts. No gold: nothing answers
 * the question, and the right thing is to abstain. */
#ifndef EVAL_GRADE_H
#define EVAL_GRADE_H

#include "codec/codec.h"
#include "text/text.h"

enum grade_measure {
    GRADE_EXACT,    /* SQuAD's: equal without case, punctuation and articles (Rajpurkar et al. 2016) */
    GRADE_F1,       /* SQuAD's: over the words that both have */
    GRADE_CONTAINS, /* the gold's words stand in the answer, in a row */
    GRADE_NUMERIC,  /* the gold is a quantity, and the answer's first of its kind is that one */
    GRADE_STRICT,   /* exact, or the answer is that quantity and nothing else */
    GRADE_RELAXED,  /* the greatest of exact, contains and numeric */
    GRADE_SIMILARITY, /* of meaning, by the embedding model (meaning.h); negative: not measured */
    GRADE_MEASURES
};
extern const char *const grade_measure_names[GRADE_MEASURES]; /* "exact", "f1", … */

struct grade_gold {
    const struct slice *texts;
    size_t count; /* 0: to abstain is right */
    double tolerance; /* of quantities: how far off, as a share of the gold; 0: not at all */
};

struct grade_scores {
    double values[GRADE_MEASURES];
};

/* `answer` NULL or blank: it abstained. Where one side abstains and the other does not, all is 0; where both do, 1. Similarity is left unmeasured
 * but there, and where they are equal. */
void grade_answer(const struct grade_gold *gold, const struct slice *answer, struct grade_scores *scores);

/* The words of a text as SQuAD compares them; white space between them is one space. Appended. */
void grade_normalize(struct slice text, struct buffer *out);

/* An answer that should be a JSON document, against the one wanted. A field is a value that holds no others, with the names on the way to it
 * (a.b; a point within a name is \.); items of lists are fields by their place. Numbers are equal by value. */
struct grade_fields {
    bool is_json; /* as it stands */
    bool is_relaxed_json; /* once it is out of its fence, or cut out of the words around it */
    bool is_equal; /* every field, and no other */
    size_t wanted, given, right;
    double f1; /* over fields; 0 for what is no JSON */
};

/* `on_field` (may be NULL) hears of each field of either side: `got` or `wanted` is empty where it is missing; `is_right`: both have the same value. ERROR_INVALID: `wanted` is no
 * JSON. */
bool grade_json(struct slice wanted, struct slice answer,
                void (*on_field)(void *context, const char *path, struct slice wanted, struct slice got, bool is_right),
                void *context, struct grade_fields *fields, struct error *error) MUST_USE;

/* The JSON document within an answer: all of it, what a fence holds, or from the first brace to the last. Empty: none. */
struct slice grade_json_within(struct slice answer);

/* ---- does it rest on its sources? ---- */

struct grade_sentence {
    struct slice text;
    size_t words, words_found; /* that say something; found in the source that has most of them */
    size_t numbers, numbers_found; /* in any source */
    size_t names, names_found;
    bool is_supported; /* six of ten words, every number, every name */
};

struct grade_grounding {
    struct grade_sentence *sentences; /* that say something; in the arena */
    size_t count, supported;
    double share; /* 1 for an answer without such a sentence */
};

/* By words, numbers and names alone: cheap, and blind to a "not". */
void grade_grounding(struct slice answer, const struct slice *sources, size_t source_count, struct arena *arena,
                     struct grade_grounding *grounding);

/* ---- over many cases ---- */

struct grade_abstention {
    size_t wanted, done, right; /* cases that nothing answers; abstained; both */
    double precision, recall, f1; /* -1: no case has it */
    struct statistics_interval precision_interval, recall_interval; /* Wilson */
};
void grade_abstention(const bool *wanted, const bool *done, size_t count, struct grade_abstention *abstention);

#endif
