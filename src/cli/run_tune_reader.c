/* run_tune_reader.c - `assay tune reader`: the data first, then how well it reads, before and after. */
#include "tune_output.h"
#include <stdlib.h>

struct tuning {
    const struct invocation *invocation;
    struct progress progress;
    const struct assay_tune_report *report;
};

static bool on_progress(void *context, const char *stage, size_t done, size_t total)
{
    struct tuning *tuning = context;
    progress_step(&tuning->progress, stage, done, total);
    return !interrupted();
}

/* ---- one document ---- */

static void write_real(struct json_writer *json, const char *key, double value)
{
    json_key(json, key);
    json_real(json, value, 6);
}

static void write_interval(struct json_writer *json, const char *key, double low, double high)
{
    json_key(json, key);
    json_array_begin(json);
    json_real(json, low, 6);
    json_real(json, high, 6);
    json_array_end(json);
}

/* The score of the document's other kinds is one number: here the F1 of all questions, abstaining. */
static void write_reading(struct json_writer *json, const struct assay_tune_reading *reading)
{
    json_object_begin(json);
    write_real(json, "exact", reading->exact);
    write_interval(json, "exact_interval", reading->exact_low, reading->exact_high);
    write_real(json, "f1", reading->f1);
    write_interval(json, "f1_interval", reading->f1_low, reading->f1_high);
    write_real(json, "exact_all", reading->exact_all);
    write_real(json, "f1_all", reading->f1_all);
    write_interval(json, "f1_all_interval", reading->f1_all_low, reading->f1_all_high);
    write_real(json, "abstained", reading->abstained);
    write_real(json, "answered", reading->answered);
    write_real(json, "auc", reading->auc);
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
    json_object_end(json);
    json_key(json, "score");
    json_object_begin(json);
    write_real(json, "before", report->reading_before->f1_all);
    write_real(json, "after", report->reading->f1_all);
    write_interval(json, "interval", report->reading->f1_all_low, report->reading->f1_all_high);
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
    printf("%-8s %9.3f %7.3f %16.3f … %.3f %8.3f %10.3f %10.3f", what, reading->exact, reading->f1, reading->f1_low,
           reading->f1_high, reading->f1_all, reading->abstained, reading->answered);
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

static enum exit_code tell(const struct tuning *tuning)
{
    if (tuning->invocation->json)
        return tune_print_json(tuning->invocation, tuning->report, write_learned);
    if (!tuning->invocation->quiet)
        tune_print_rejected(tuning->report);
    tune_print_data(tuning->report);
    if (tuning->report->reading != NULL)
        print_outcome(tuning->report);
    return EXIT_DONE;
}

/* ---- options ---- */

static bool read_rate(const struct invocation *invocation, double *rate)
{
    const char *text = invocation_option(invocation, "rate");
    *rate = 0;
    if (text == NULL || (slice_to_double(slice_from(text), rate) && *rate > 0 && *rate <= 1))
        return true;
    (void)wrong_use(invocation, "A small number, as 0.001.", "\"--rate\" is \"%.60s\", expected a number above 0 and up to 1",
                    text);
    return false;
}

static bool read_options(const struct invocation *invocation, struct tuning *tuning, struct assay_tune_reader_options *options)
{
    enum { EPOCHS_MOST = 1000, RANK_MOST = 1024, BATCH_MOST = 65536 };
    size_t seed, threads;
    if (!read_rate(invocation, &options->learning_rate) || !invocation_number(invocation, "seed", 1, SIZE_MAX / 2, 1, &seed) ||
        !invocation_number(invocation, "threads", 1, LIMIT_THREADS, 0, &threads) ||
        !invocation_number(invocation, "epochs", 1, EPOCHS_MOST, 0, &options->epochs) ||
        !invocation_number(invocation, "steps", 1, SIZE_MAX / 2, 0, &options->steps) ||
        !invocation_number(invocation, "rank", 1, RANK_MOST, 0, &options->rank) ||
        !invocation_number(invocation, "batch", 1, BATCH_MOST, 0, &options->batch))
        return false;
    options->from = invocation_option(invocation, "from");
    options->resume = invocation_option(invocation, "resume") != NULL;
    options->now = invocation_option(invocation, "now") != NULL;
    options->common = (struct assay_tune_options){.data = invocation->arguments[0],
                                                  .test = invocation_option(invocation, "test"),
                                                  .name = invocation_option(invocation, "name"),
                                                  .model = invocation_option(invocation, "model"),
                                                  .threads = threads,
                                                  .seed = seed,
                                                  .check = invocation_option(invocation, "check") != NULL,
                                                  .replace = invocation_option(invocation, "replace") != NULL,
                                                  .on_progress = on_progress,
                                                  .context = tuning};
    return true;
}

enum exit_code run_tune_reader(struct invocation *invocation)
{
    struct tuning tuning = {.invocation = invocation};
    struct assay_tune_reader_options options = {0};
    struct assay *assay = NULL;
    struct assay_tuned *tuned = NULL;
    struct assay_error error;
    if (!read_options(invocation, &tuning, &options))
        return EXIT_WRONG_USE;
    if (!assay_open(&assay, &(struct assay_open_options){.folder = invocation_option(invocation, "project")}, &error))
        return output_failure(invocation, &error);
    progress_init(&tuning.progress, invocation);
    interrupt_watch();
    bool ok = assay_tune_reader(assay, &options, &tuned, &error);
    progress_clear(&tuning.progress);
    enum exit_code code = EXIT_DONE;
    if (ok) {
        tuning.report = assay_tuned_report(tuned);
        code = tell(&tuning);
    } else {
        code = output_failure(invocation, &error);
    }
    assay_tuned_free(tuned);
    assay_close(assay);
    return code;
}
