/* answers.h - a project's test cases answered and graded, and why those that failed did. Part of eval.h.
 *
 *   question ─▶ ask_run ─▶ answer, its passages ─┬─▶ measures (grade.h), by cases and over them
 *                                                └─▶ where it went wrong: documents, cut, ranking, answer */
#ifndef EVAL_ANSWERS_H
#define EVAL_ANSWERS_H

#include "ask/ask.h"
#include "answer_form.h"
#include "answer_labels.h"
#include "style.h"

enum eval_why {
    WHY_RIGHT,
    WHY_FORM, /* the right fact, with other words around it (strict grading does not take it), or not in the form that is asked */
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
    struct answer_form form;
    enum eval_why why;
    double took_ms;
    double confidence;
    uint32_t document; /* the number of what it is about: cases of one hang together */
    const char *failure; /* of WHY_FAILED: the message */
    const struct confidence_subject *subject; /* whose confidence it is; NULL of WHY_FAILED. Good during the call */
};

struct eval_answering {
    struct project *project;
    struct embedder *embedder;
    struct ranker *ranker, *grounding; /* as of an ask_request */
    struct llm *llm; /* NULL: without a language model */
    struct writer *writer; /* this and the reader: as of an ask_request */
    struct reader *reader;
    const char *tests; /* NULL: as the settings say */
    const char *const *needs; /* names of measures: an error before anything is asked, where no case has what one needs */
    size_t need_count;
    enum ask_approach approach;
    enum retrieve_mode mode;
    const struct ask_templates *templates; /* NULL: as the settings say */
    bool uncalibrated; /* as of an ask_request */
    bool (*examples)(void *context, struct style_texts *outputs,
                     struct error *error); /* that answers should sound like; asked only where a case wants it. NULL: none */
    void (*on_case)(void *context, const struct eval_answered *answered); /* may be NULL */
    bool (*step)(void *context, const char *stage, size_t done, size_t total); /* may be NULL; false stops */
    void *context;
};

struct eval_answers_report {
    size_t cases; /* with an answer, which may be null */
    size_t passed_over; /* without */
    size_t documents; /* that they are about: cases of one hang together */
    struct {
        double mean, low, high; /* 95 %, over documents; a mean below 0: not measured */
    } measures[GRADE_MEASURES], grounded, forms[ANSWER_FORMS];
    size_t grounded_cases, form_cases[ANSWER_FORMS]; /* that these are over */
    struct field_shares fields; /* of the documents wanted */
    struct label_report labels; /* where the answers wanted are labels */
    struct style_report style; /* of the answers beside the examples, where cases ask for it */
    struct grade_abstention abstention;
    size_t fitted_on,
        held_back; /* answers whose confidence `assay calibrate` fitted on that very case; whose is too low for it */
    double p50_ms, p95_ms, p99_ms;
    int64_t prompt_tokens, completion_tokens, cached_tokens;
    double cost; /* of them; negative: a price is not known */
    size_t whys[EVAL_WHYS];
    char model[128];
};

/* No case with an answer is no error: `cases` is 0 then. A model that fails is an outcome; if it failed for all, its error is returned. */
bool eval_answer_cases(const struct eval_answering *run, struct eval_answers_report *report, struct error *error) MUST_USE;

/* Fits the confidence of answers to the share of right ones (those that hold what was wanted), on the cases that it answers, and keeps the fit with the
 * project. `wanted`: the share of right answers to be reached by holding back others; 0: none are. How well it holds is measured on cases held
 * out, documents apart. ERROR_INVALID: fewer than EVAL_CALIBRATE_LEAST answers, or none right or none wrong. */
enum { EVAL_CALIBRATE_LEAST = 20 };
bool eval_calibrate(const struct eval_answering *run, double wanted, struct confidence_fit *fit, char model[128],
                    struct error *error) MUST_USE;

/* Two ways to answer the same cases: how much the second is better, case by case. */
struct eval_difference {
    double first, second; /* means over the cases that both have a value for */
    double difference, low, high; /* second less first, 95 %, over documents */
    double chance; /* of one at least as large, if the two were equally good */
    size_t cases;
};

struct eval_comparison {
    struct eval_answers_report first, second;
    struct eval_difference measures[GRADE_MEASURES], grounded;
    size_t better, worse; /* cases, by F1 */
};

/* on_case of both is left out of it. */
bool eval_compare_answers(const struct eval_answering *first, const struct eval_answering *second,
                          struct eval_comparison *comparison, struct error *error) MUST_USE;

#endif
