/* eval_record.h - what `assay eval` found, case by case: kept as a run, compared with another, and told to those who build. Private to cli.
 *
 *   .assay/runs/0004/eval.json     {"format":1,"made",…,"measures":{name:mean},"intervals":{name:[low,high]},"cases":[{"line","question",…}]} */
#ifndef CLI_EVAL_RECORD_H
#define CLI_EVAL_RECORD_H

#include "eval_answers.h"

enum { RECORD_FORMS = (int)ASSAY_MEASURES + (int)ASSAY_GRADES, RECORD_MEASURES = RECORD_FORMS + (int)ASSAY_FORMS };
#define MEASURE_SAME 1e-9 /* two values of one measure that are no farther apart are the same */
#define RECORD_ABSTAINED "I do not know: the documents do not answer this." /* what abstaining says, for who compares answers */
const char *
record_measure_name(size_t measure); /* those of retrieval first, then grades, then those of form from RECORD_FORMS on */

struct case_record {
    size_t line;
    const char *question;
    bool has_retrieval, has_answer;
    bool is_repeat; /* a case before it asks the same */
    double values[RECORD_MEASURES]; /* those of either half when it is there; negative: not measured, or not asked for */
    size_t rank; /* of the source; 0: not among the first 100 */
    const char *found; /* the document found first; NULL: nothing was */
    const char *missed; /* why the source is not among the first ten; NULL: it is */
    const char *answer, *wanted; /* NULL: none, to abstain */
    const char *why, *reason;
    const char *before; /* the baseline's answer, where there is a baseline; NULL: none */
    double took_ms;
};

struct eval_record {
    struct arena *arena;
    struct case_record *cases; /* by line, after record_sort */
    size_t count, capacity, retrieved; /* the first so many came from retrieval, by line */
    size_t repeats;
    bool has[RECORD_MEASURES];
    double means[RECORD_MEASURES], low[RECORD_MEASURES], high[RECORD_MEASURES]; /* between which 95 of 100 lie */
    const char *tests, *model; /* NULL: no answers */
};

void record_retrieval(struct eval_record *record, const struct assay_eval_case *item);
void record_answer(struct eval_record *record, const struct assay_graded_case *graded);
void record_finish(struct eval_record *record, const struct assay_eval_report *report,
                   const struct assay_answers_report *answers);
bool record_is_measured(const struct case_record *item, size_t measure);

/* Writes eval.json into a new run; `number` is its number. */
bool eval_record_keep(const struct eval_record *record, const struct assay *assay, char number[16],
                      struct assay_error *error) MUST_USE;

/* ---- beside another run ---- */

struct measure_change {
    size_t cases; /* measured in both; 0: the rest has no meaning */
    double before, after; /* means over these */
    double difference, low, high;
    double chance; /* of so large a difference if there were none, with regard to all measures looked at (Holm) */
    /* From this difference on, so many cases show one in four of five runs, were this measure looked at alone; a smaller one may well be missed.
     * Infinite: so few cases show nothing. */
    double detectable;
    bool has_changed; /* for any case */
    bool is_regression; /* lower, and not by chance */
};

struct case_change {
    size_t line;
    const char *question, *measure;
    double before, after;
};

struct baseline {
    const char *run; /* as it was named; NULL: none was */
    double means[RECORD_MEASURES];
    bool has[RECORD_MEASURES];
    struct measure_change changes[RECORD_MEASURES];
    struct case_change *worse; /* cases that were found, or right, and are not any more */
    size_t worse_count, worse_capacity, regressions, shared;
};

/* False: the error says what is wrong with the run. */
bool baseline_read(struct baseline *baseline, const struct eval_record *record, const char *path,
                   struct assay_error *error) MUST_USE;
void baseline_write(const struct baseline *baseline, struct json_writer *json);
void baseline_print(const struct baseline *baseline);
void baseline_tell(const struct baseline *baseline); /* what is worse and not by chance, on standard error */

/* ---- for those who build ---- */

struct eval_outcome {
    const struct eval_record *record;
    const struct baseline *baseline;
    const struct requirements *requirements;
    const struct assay_eval_report *report;
    const struct assay_answers_report *answers; /* without cases: there were none */
};
bool outcome_junit(const struct eval_outcome *outcome, const char *path, struct assay_error *error) MUST_USE;
bool outcome_markdown(const struct eval_outcome *outcome, const char *path, struct assay_error *error) MUST_USE;

#endif
