/* run_tune_reader.c - `assay tune reader` and `assay tune writer`: the data first, then how well it reads or writes, before and after. */
#include "tuning.h"
#include <math.h>

/* ---- one document ---- */

static void write_real(struct json_writer *json, const char *key, double value)
{
    json_key(json, key);
    json_real(json, value, 6);
}

/* Negative: there is none. */
static void write_share(struct json_writer *json, const char *key, double share)
{
    json_key(json, key);
    if (share >= 0)
        json_real(json, share, 6);
    else
        json_null(json);
}

/* The score of the document's other kinds is one number: here the F1 of all questions, abstaining. */
static void write_reading(struct json_writer *json, const struct assay_tune_reading *reading)
{
    json_object_begin(json);
    write_real(json, "exact", reading->exact);
    tuning_write_interval(json, "exact_interval", reading->exact_low, reading->exact_high);
    write_real(json, "f1", reading->f1);
    tuning_write_interval(json, "f1_interval", reading->f1_low, reading->f1_high);
    write_real(json, "exact_all", reading->exact_all);
    write_real(json, "f1_all", reading->f1_all);
    tuning_write_interval(json, "f1_all_interval", reading->f1_all_low, reading->f1_all_high);
    write_share(json, "abstained", reading->abstained);
    write_real(json, "answered", reading->answered);
    write_share(json, "auc", reading->auc);
    write_share(json, "valid", reading->valid);
    json_object_end(json);
}

static void write_outcome(struct json_writer *json, const struct assay_tune_report *report)
{
    const struct json_text_member texts[] = {{"base", report->base}, {"method", report->method}};
    json_texts(json, texts, ARRAY_COUNT(texts));
    const struct json_integer_member counts[] = {{"epochs", (int64_t)report->epochs},
                                                 {"steps", (int64_t)report->steps},
                                                 {"best_step", (int64_t)report->best_step},
                                                 {"unanswerable_cases", (int64_t)report->unanswerable_cases}};
    json_integers(json, counts, ARRAY_COUNT(counts));
    json_key(json, "loss");
    json_object_begin(json);
    write_real(json, "train", report->loss_train);
    json_key(json, "validation"); /* the weights are chosen by what is answered, not by the loss */
    json_null(json);
    json_object_end(json);
    json_key(json, "score");
    json_object_begin(json);
    write_real(json, "before", report->reading_before->f1_all);
    write_real(json, "after", report->reading->f1_all);
    tuning_write_interval(json, "interval", report->reading->f1_all_low, report->reading->f1_all_high);
    json_object_end(json);
    json_key(json, "reading_before");
    write_reading(json, report->reading_before);
    json_key(json, "reading");
    write_reading(json, report->reading);
    write_real(json, "threshold", report->threshold);
    write_real(json, "tokens_per_second", report->tokens_per_second);
}

static void write_learned(struct json_writer *json, const struct assay_tune_report *report)
{
    json_integers(json, &(struct json_integer_member){"unanswerable", (int64_t)report->unanswerable}, 1);
    if (report->reading != NULL)
        write_outcome(json, report);
}

/* ---- for people ---- */

static void print_line(const char *what, const struct assay_tune_reading *reading)
{
    char interval[INTERVAL_TEXT_BYTES], abstained[16] = "-"; /* no case is without an answer */
    if (reading->abstained >= 0)
        snprintf(abstained, sizeof(abstained), "%.3f", reading->abstained);
    printf("%-8s %9.3f %7.3f %*s %8.3f %10s %10.3f", what, reading->exact, reading->f1,
           isfinite(reading->f1_low) ? 26 : 24, /* bytes of 24 columns: … has three */
           isfinite(reading->f1_low) ? tuning_interval_text(interval, reading->f1_low, reading->f1_high, false) : "-",
           reading->f1_all, abstained, reading->answered);
    if (reading->auc >= 0)
        printf(" %7.3f", reading->auc);
    putchar('\n');
}

static void print_outcome(const struct assay_tune_report *report)
{
    char train[NUMBER_TEXT_BYTES], cases[NUMBER_TEXT_BYTES], none[NUMBER_TEXT_BYTES], time[NUMBER_TEXT_BYTES],
        peak[NUMBER_TEXT_BYTES];
    printf("\nLearned from %s questions on %s in %zu steps, chose by %zu, measured on %s of passages that it never saw,\n"
           "%s of them without an answer.\n\n",
           number_text(train, report->train), report->base, report->steps, report->validation,
           number_text(cases, report->cases), number_text(none, report->unanswerable_cases));
    printf("%-8s %9s %7s %24s %8s %10s %10s %7s\n", "", "exact", "F1", "95 % interval", "F1 all", "abstained", "answered",
           "AUC");
    print_line("before", report->reading_before);
    print_line("after", report->reading);
    puts("\nexact, F1: of questions that have an answer, always answering; F1 all: of all, abstaining below the threshold;\n"
         "abstained, answered: shares of those without and with an answer; AUC: how well the score tells them apart.");
    fputs("\nKept in ", stdout);
    output_text(stdout, slice_from(report->adapter));
    printf("; took %s and %s.\n", time_text(time, report->took_ms), size_text(peak, report->peak_bytes));
}

const struct tuning_kind reader_kind = {assay_tune_reader, write_learned, print_outcome};

enum exit_code run_tune_reader(struct invocation *invocation)
{
    struct assay_tune_reader_options options = {.with_context = invocation_option(invocation, "with-context") != NULL};
    return tuning_read_training(invocation, &options) ? tuning_run(invocation, &reader_kind, &options) : EXIT_WRONG_USE;
}

const struct tuning_kind writer_kind = {assay_tune_writer, write_learned, print_outcome};

enum exit_code run_tune_writer(struct invocation *invocation)
{
    struct assay_tune_reader_options options = {.schema = invocation_option(invocation, "schema"),
                                                .alone = invocation_option(invocation, "without-passages") != NULL};
    return tuning_read_training(invocation, &options) ? tuning_run(invocation, &writer_kind, &options) : EXIT_WRONG_USE;
}
