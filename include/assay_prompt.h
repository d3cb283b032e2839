/* assay_prompt.h - prompts and confidences of answers. Part of assay.h, which includes it. */
#ifndef ASSAY_PROMPT_H
#define ASSAY_PROMPT_H

#include <assay.h>

#ifdef __cplusplus
extern "C" {
#endif

/* ---- confidence ---- */

enum { ASSAY_CALIBRATION_BINS = 10 };

struct assay_calibration_bin {
    double from, to; /* confidences in it */
    size_t cases;
    double chance, right; /* the mean confidence, and the share of right answers */
};

/* How well a fit holds, measured on cases that it was not made on. */
struct assay_calibration {
    size_t cases, right; /* answers of the test cases */
    double error, error_before; /* expected calibration error; and of the confidence as it comes */
    double threshold; /* answers with a lower confidence are held back */
    double wanted; /* the share of right answers that it is for; 0: none, nothing is held back */
    struct assay_interval precision; /* that share with it */
    double answered; /* the share of cases that are answered with it */
    struct assay_calibration_bin bins[ASSAY_CALIBRATION_BINS];
    size_t bin_count;
    char model[128];
};

struct assay_calibrate_options {
    const char *tests, *mode; /* as for assay_eval_options */
    const char *model, *approach; /* as for assay_ask_options */
    double precision; /* wanted, of the answers that are given; 0: none is wanted */
    assay_on_progress *on_progress;
    void *context;
};

/* Fits the confidence of answers on the project's test cases. From then on assay_ask tells it as the share of right answers, until what it was
 * fitted on changes. */
ASSAY_API bool assay_calibrate(struct assay *assay, const struct assay_calibrate_options *options,
                               struct assay_calibration *calibration, struct assay_error *error);

/* ---- prompts ----
 *
 * Templates are named "current" (as assay.yaml says), "builtin", by the first digits of a version that was used, by a file (the system template), or
 * by a folder with system.md, user.md or both. docs/ask.md. */

struct assay_message {
    const char *role; /* "system", "user", "assistant" */
    struct assay_text text;
};

struct assay_shown_prompt {
    const struct assay_message *messages;
    size_t message_count;
    /* What the passages came from, and how the prompt came to be: `hits`, `tokens` and those that stand behind it. The passages are the first
     * answer.passages of answer.hits; those behind were cut. It has no text and no entry in the audit log. */
    struct assay_answer answer;
    void *memory; /* private */
};

/* What a language model would be told for a question; none is asked. `templates` NULL: "current". */
ASSAY_API bool assay_prompt_show(struct assay *assay, const char *question, const char *templates,
                                 const struct assay_ask_options *options, struct assay_shown_prompt *prompt,
                                 struct assay_error *error);
ASSAY_API void assay_prompt_release(struct assay_shown_prompt *prompt);

struct assay_prompt_line {
    const char *part; /* "system", "rules", "user", "tools" (rules of functions, where the version was used with some) */
    char sign; /* ' ': in both; '-': in the first alone; '+': in the second alone */
    struct assay_text text; /* without its end */
};

struct assay_prompt_diff {
    char first[65], second[65]; /* the versions: SHA-256 of the templates */
    bool differ;
};

/* Calls each() for the lines of both, in order. */
ASSAY_API bool assay_prompt_compare(struct assay *assay, const char *first, const char *second,
                                    void (*each)(void *context, const struct assay_prompt_line *line), void *context,
                                    struct assay_prompt_diff *diff, struct assay_error *error);

struct assay_difference {
    double first, second; /* means over the cases that both have a value for */
    double difference, low, high; /* second less first, 95 %; cases about one document hang together */
    double chance; /* of one at least as large, if the two were equally good */
    size_t cases;
};

struct assay_prompt_test {
    char first[65], second[65]; /* the versions */
    struct assay_answers_report reports[2];
    struct assay_difference grades[ASSAY_GRADES], grounded;
    size_t better, worse; /* cases, by F1, with the second */
};

/* Answers the test cases with both. options->on_case is not called. */
ASSAY_API bool assay_prompt_test(struct assay *assay, const char *first, const char *second,
                                 const struct assay_answers_options *options, struct assay_prompt_test *test,
                                 struct assay_error *error);

#ifdef __cplusplus
}
#endif

#endif
