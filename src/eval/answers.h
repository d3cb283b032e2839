/* answers.h - a project's test cases answered and graded, and why those that failed did. Part of eval.h.
 *
 *   question ─▶ ask_run ─▶ answer, its passages ─┬─▶ measures (grade.h), by cases and over them
 *                                                └─▶ where it went wrong: documents, cut, ranking, answer */
#ifndef EVAL_ANSWERS_H
#define EVAL_ANSWERS_H

#include "ask/ask.h"
#include "grade.h"

enum eval_why {
    WHY_RIGHT,
    WHY_FORM, /* the right fact, with other words around it: strict grading does not take it */
    WHY_WRONG, /* the passage was there, and the answer is another one */
    WHY_ABSTAINED, /* the passage was there, and it abstained */
    WHY_SHOULD_ABSTAIN, /* nothing answers it, and it answered */
    WHY_NOT_IN_INDEX, /* no source of it is among the documents */
    WHY_CUT, /* a source was found, but in no passage of it stands the answer */
    WHY_RANKED_LOW, /* the source comes behind the passages that were given */
    WHY_NOT_FOUND, /* the source is not among the first 100 passages */
    WHY_NO_SOURCE, /* wrong, and the case does not say what proves it */
    WHY_FAILED, /* there was no answer: the model failed */
    EVAL_WHYS
};
extern const char *const eval_why_names[EVAL_WHYS]; /* "right", "form", … */
extern const char *const eval_why_sentences[EVAL_WHYS]; /* for people */

struct eval_answered {
    size_t line;
    struct slice question, answer; /* without marks of citations */
    struct slice wanted; /* the first gold; empty: to abstain */
    bool must_abstain, abstained;
    struct grade_scores scores;
    double grounded; /* negative: there was no answer */
    bool has_pattern, pattern_matches;
    enum eval_why why;
    double took_ms;
    const char *failure; /* of WHY_FAILED: the message */
};

struct eval_answering {
    struct project *project;
    struct embedder *embedder;
    struct ranker *ranker; /* as of a search_request */
    struct llm *llm; /* NULL: without a language model */
    struct reader *reader; /* as of an ask_request */
    const char *tests; /* NULL: as the settings say */
    enum ask_approach approach;
    enum retrieve_mode mode;
    void (*on_case)(void *context, const struct eval_answered *answered); /* may be NULL */
    bool (*step)(void *context, const char *stage, size_t done, size_t total); /* may be NULL; false stops */
    void *context;
};

struct eval_answers_report {
    size_t cases; /* with an answer, which may be null */
    size_t passed_over; /* without */
    size_t documents; /* that they are about: cases of one hang together */
    struct {
        double mean, low, high; /* 95 %, over documents */
    } measures[GRADE_MEASURES], grounded, pattern;
    size_t grounded_cases, pattern_cases; /* that these two are over */
    struct grade_abstention abstention;
    double p50_ms, p95_ms, p99_ms;
    int64_t prompt_tokens, completion_tokens, cached_tokens;
    size_t whys[EVAL_WHYS];
    char model[128];
};

/* No case with an answer is no error: `cases` is 0 then. A model that fails is an outcome; if it failed for all, its error is returned. */
bool eval_answer_cases(const struct eval_answering *run, struct eval_answers_report *report, struct error *error) MUST_USE;

#endif
