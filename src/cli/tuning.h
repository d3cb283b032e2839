/* tuning.h - what every kind of tuning does and tells. Private to cli. */
#ifndef CLI_TUNING_H
#define CLI_TUNING_H

#include "output.h"

/* What is a kind's own. */
struct tuning_kind {
    bool (*tune)(struct assay *assay, const struct assay_tune_reader_options *options, struct assay_tuned **tuned,
                 struct assay_error *error);
    void (*write_learned)(
        struct json_writer *json,
        const struct assay_tune_report *report); /* adapter NULL: nothing was learned, only the data looked at */
    void (*print_learned)(const struct assay_tune_report *report); /* only when something was */
};
extern const struct tuning_kind classify_kind, reader_kind, writer_kind, rerank_kind, embed_kind;

/* Reads the options that all kinds have into options->common, tunes, and tells what the data is like and what was learned. */
enum exit_code tuning_run(struct invocation *invocation, const struct tuning_kind *kind,
                          struct assay_tune_reader_options *options);

/* Reads what all commands that tune have; and tells the outcome, or the error. */
bool tuning_read_common(const struct invocation *invocation, struct assay_tune_options *common);
enum exit_code tuning_outcome(struct invocation *invocation, const struct tuning_kind *kind, const struct assay_tuned *tuned,
                              const struct assay_error *error);
/* Progress for the processes that tune together: `context` is a progress bar. */
assay_on_progress *tuning_progress(void);

/* Options of those that are trained in steps. False: wrong use, told. */
bool tuning_read_training(const struct invocation *invocation, struct assay_tune_reader_options *options);

/* A number above 0 and up to `most`; 0 where the option is not given. */
bool tuning_read_part(const struct invocation *invocation, const char *name, double most, double *part);

void tuning_write_reals(struct json_writer *json, const char *const *keys, const double *values, size_t count);
/* "0.701 … 1.000", or "–": too few cases to tell one. */
enum { INTERVAL_TEXT_BYTES = 40 };
const char *tuning_interval_text(char text[INTERVAL_TEXT_BYTES], double low, double high, bool is_change);
void tuning_write_interval(struct json_writer *json, const char *key, double low, double high);

#endif
