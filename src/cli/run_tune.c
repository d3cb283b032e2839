/* run_tune.c - `assay tune classify`: the data first, then what was learned and how good it is. */
#include "tune_output.h"
#include <stdlib.h>
#include <string.h>

enum { REJECTED_SHOWN = 10, PLACES_SHOWN = 4, CONFUSIONS_SHOWN = 8 };

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

static void write_reals(struct json_writer *json, const char *const *keys, const double *values, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        json_key(json, keys[i]);
        json_real(json, values[i], 6);
    }
}

static void write_place(struct json_writer *json, const struct assay_tune_place *place)
{
    json_object_begin(json);
    const struct json_integer_member lines[] = {{"line", (int64_t)place->line}, {"other_line", (int64_t)place->other_line}};
    json_integers(json, lines, place->other_line > 0 ? 2 : 1);
    json_key(json, "in_test");
    json_bool(json, place->in_test);
    if (place->other_line > 0) {
        json_key(json, "other_in_test");
        json_bool(json, place->other_in_test);
    }
    json_key(json, "text");
    json_text(json, slice_from(place->text));
    json_object_end(json);
}

static void write_finding(struct json_writer *json, const struct assay_tune_finding *finding)
{
    json_object_begin(json);
    const struct json_text_member texts[] = {
        {"kind", finding->kind}, {"severity", finding->severity}, {"message", finding->message}, {"remedy", finding->remedy}};
    json_texts(json, texts, ARRAY_COUNT(texts));
    json_key(json, "blocks");
    json_bool(json, finding->blocks);
    json_key(json, "count");
    json_integer(json, (int64_t)finding->count);
    json_key(json, "places");
    json_array_begin(json);
    for (size_t i = 0; i < finding->place_count; i++)
        write_place(json, &finding->places[i]);
    json_array_end(json);
    json_object_end(json);
}

static void write_examples(struct json_writer *json, const struct assay_tune_report *report)
{
    json_key(json, "examples");
    json_object_begin(json);
    const struct json_integer_member counts[] = {
        {"train", (int64_t)report->train},   {"validation", (int64_t)report->validation},
        {"test", (int64_t)report->cases},    {"records", (int64_t)report->records},
        {"usable", (int64_t)report->usable}, {"rejected_count", (int64_t)report->rejected}};
    json_integers(json, counts, ARRAY_COUNT(counts));
    json_key(json, "read_as");
    json_text(json, slice_from(report->stated));
    json_key(json, "rejected");
    json_array_begin(json);
    for (size_t i = 0; i < report->rejection_count; i++) {
        json_object_begin(json);
        json_key(json, "line");
        json_integer(json, (int64_t)report->rejections[i].line);
        const struct json_text_member texts[] = {{"kind", report->rejections[i].fault},
                                                 {"reason", report->rejections[i].reason}};
        json_texts(json, texts, ARRAY_COUNT(texts));
        json_object_end(json);
    }
    json_array_end(json);
    json_object_end(json);
}

static void write_data(struct json_writer *json, const struct assay_tune_report *report)
{
    json_key(json, "tokens");
    json_object_begin(json);
    const struct json_integer_member tokens[] = {{"median", (int64_t)report->tokens_median},
                                                 {"p95", (int64_t)report->tokens_p95},
                                                 {"most", (int64_t)report->tokens_most}};
    json_integers(json, tokens, ARRAY_COUNT(tokens));
    json_object_end(json);
    json_key(json, "findings");
    json_array_begin(json);
    for (size_t i = 0; i < report->finding_count; i++)
        write_finding(json, &report->findings[i]);
    json_array_end(json);
    json_key(json, "labels");
    json_array_begin(json);
    for (size_t i = 0; i < report->label_count; i++) {
        static const char *const keys[] = {"precision", "recall", "f1"};
        const struct assay_tune_label *label = &report->labels[i];
        const double values[] = {label->precision, label->recall, label->f1};
        json_object_begin(json);
        json_key(json, "label");
        json_text(json, slice_from(label->name));
        const struct json_integer_member counts[] = {{"examples", (int64_t)label->examples}, {"cases", (int64_t)label->cases}};
        json_integers(json, counts, ARRAY_COUNT(counts));
        if (report->adapter != NULL)
            write_reals(json, keys, values, ARRAY_COUNT(keys));
        json_object_end(json);
    }
    json_array_end(json);
}

static void write_interval(struct json_writer *json, const char *key, double low, double high)
{
    json_key(json, key);
    json_array_begin(json);
    json_real(json, low, 6);
    json_real(json, high, 6);
    json_array_end(json);
}

static void write_score(struct json_writer *json, const struct assay_tune_report *report)
{
    static const char *const keys[] = {"before", "after"};
    static const char *const more[] = {"change", "mcnemar_p", "macro_f1_before", "macro_f1", "macro_f1_change"};
    json_key(json, "score");
    json_object_begin(json);
    json_key(json, "compared_with");
    json_text(json, slice_from(report->compared_with));
    write_reals(json, keys, (const double[]){report->before.accuracy, report->after.accuracy}, 2);
    write_interval(json, "interval", report->after.low, report->after.high);
    write_interval(json, "interval_before", report->before.low, report->before.high);
    write_reals(
        json, more,
        (const double[]){report->change, report->chance, report->before.macro_f1, report->after.macro_f1, report->f1_change},
        5);
    write_interval(json, "change_interval", report->change_low, report->change_high);
    write_interval(json, "macro_f1_change_interval", report->f1_change_low, report->f1_change_high);
    json_object_end(json);
}

static void write_outcome(struct json_writer *json, const struct assay_tune_report *report)
{
    static const char *const calibration[] = {"temperature", "error_raw", "error"};
    static const char *const abstain[] = {"precision_wanted", "threshold", "precision", "coverage"};
    json_key(json, "epochs");
    if (report->epochs > 0)
        json_integer(json, (int64_t)report->epochs);
    else
        json_null(json); /* the regression is fitted, not trained in rounds */
    json_key(json, "steps");
    json_integer(json, (int64_t)report->steps);
    json_key(json, "loss");
    json_object_begin(json);
    write_reals(json, (const char *const[]){"train", "validation"},
                (const double[]){report->loss_train, report->loss_validation}, 2);
    json_object_end(json);
    write_score(json, report);
    json_key(json, "calibration");
    json_object_begin(json);
    write_reals(json, calibration, (const double[]){report->temperature, report->calibration_raw, report->calibration}, 3);
    json_object_end(json);
    json_key(json, "abstain");
    json_object_begin(json);
    write_reals(json, abstain,
                (const double[]){report->precision_wanted, report->threshold, report->precision, report->coverage}, 4);
    json_key(json, "reached");
    json_bool(json, report->is_reached);
    json_object_end(json);
    json_key(json, "confusions");
    json_array_begin(json);
    for (size_t i = 0; i < report->confusion_count; i++) {
        json_object_begin(json);
        const struct json_text_member texts[] = {{"truth", report->confusions[i].truth},
                                                 {"answer", report->confusions[i].answer}};
        json_texts(json, texts, ARRAY_COUNT(texts));
        json_key(json, "count");
        json_integer(json, (int64_t)report->confusions[i].count);
        json_object_end(json);
    }
    json_array_end(json);
    json_key(json, "tokens_per_second");
    json_real(json, report->tokens_per_second, 6);
}

enum exit_code tune_print_json(const struct invocation *invocation, const struct assay_tune_report *report,
                               void (*write_learned)(struct json_writer *json, const struct assay_tune_report *report))
{
    struct buffer buffer;
    struct json_writer json;
    buffer_init(&buffer, LIMIT_JSON_BYTES);
    json_writer_init(&json, &buffer);
    json_object_begin(&json);
    json_key(&json, "adapter");
    if (report->adapter != NULL)
        json_text(&json, slice_from(report->adapter));
    else
        json_null(&json);
    write_examples(&json, report);
    write_data(&json, report);
    write_learned(&json, report);
    json_key(&json, "peak_bytes");
    json_integer(&json, (int64_t)report->peak_bytes);
    json_key(&json, "took_ms");
    json_real(&json, report->took_ms, 6);
    json_object_end(&json);
    enum exit_code code = output_json(invocation, &buffer);
    buffer_release(&buffer);
    return code;
}

static void write_learned(struct json_writer *json, const struct assay_tune_report *report)
{
    if (report->adapter == NULL)
        return;
    const struct json_text_member texts[] = {{"base", report->base}, {"method", report->method}};
    json_texts(json, texts, ARRAY_COUNT(texts));
    if (report->untrained != NULL)
        json_texts(json, &(struct json_text_member){"untrained", report->untrained}, 1);
    write_outcome(json, report);
}

/* ---- for people ---- */

static void print_place(const struct assay_tune_place *place)
{
    fputs("   ", stdout);
    if (place->line > 0)
        printf("%sline %zu", place->in_test ? "test " : "", place->line);
    if (place->other_line > 0)
        printf(" and %sline %zu", place->other_in_test ? "test " : "", place->other_line);
    if (place->text[0] != '\0') {
        fputs(place->line > 0 ? ": " : "", stdout);
        output_text(stdout, slice_from(place->text));
    }
    putchar('\n');
}

static void print_finding(const struct assay_tune_finding *finding)
{
    bool colour = output_has_colour();
    printf("\n%s%s%s, %s: ", colour ? STYLE_BOLD : "", finding->kind, colour ? STYLE_PLAIN : "", finding->severity);
    output_text(stdout, slice_from(finding->message));
    putchar('\n');
    for (size_t i = 0; i < finding->place_count && i < PLACES_SHOWN; i++)
        print_place(&finding->places[i]);
    if (finding->place_count > PLACES_SHOWN)
        printf("   … %zu in all\n", finding->count);
    printf("   → %s\n", finding->remedy);
}

void tune_print_data(const struct assay_tune_report *report)
{
    char examples[NUMBER_TEXT_BYTES], usable[NUMBER_TEXT_BYTES], next[NUMBER_TEXT_BYTES];
    printf("Read as ");
    output_text(stdout, slice_from(report->stated));
    printf(": %s example%s, %s usable", number_text(examples, report->examples), report->examples == 1 ? "" : "s",
           number_text(usable, report->usable));
    if (report->label_count > 0)
        printf(", %zu label%s", report->label_count, report->label_count == 1 ? "" : "s");
    else
        printf(", %s without an answer", number_text(next, report->unanswerable));
    if (report->tokens_most > 0)
        printf("; a text has %zu tokens (median), %zu at the most", report->tokens_median, report->tokens_most);
    putchar('\n');
    if (report->note != NULL)
        printf("Note: %s.\n", report->note);
    if (report->floor != NULL)
        printf("So many are %s.", report->floor);
    if (report->floor_next > 0)
        printf("%sThe next step is %s.", report->floor != NULL ? " " : "", number_text(next, report->floor_next));
    putchar('\n');
    for (size_t i = 0; i < report->finding_count; i++)
        print_finding(&report->findings[i]);
    if (report->finding_count == 0)
        puts("Nothing is wrong with them.");
}

static void print_scores(const struct assay_tune_report *report)
{
    printf("\n%-22s %10s %18s %10s\n", "", "accuracy", "95 % interval", "macro F1");
    printf("%-22s %10.3f %8.3f … %.3f %10.3f\n",
           strcmp(report->compared_with, "head") == 0 ? "regression (head)" : "before (label names)", report->before.accuracy,
           report->before.low, report->before.high, report->before.macro_f1);
    printf("%-22s %10.3f %8.3f … %.3f %10.3f\n", "after", report->after.accuracy, report->after.low, report->after.high,
           report->after.macro_f1);
    printf("change of accuracy %+.3f (%+.3f … %+.3f), p = %.2g; of macro F1 %+.3f (%+.3f … %+.3f)\n", report->change,
           report->change_low, report->change_high, report->chance, report->f1_change, report->f1_change_low,
           report->f1_change_high);
    printf("calibration error %.3f (%.3f before the temperature of %.2f)\n", report->calibration, report->calibration_raw,
           report->temperature);
    if (report->threshold > 0)
        printf("below a confidence of %.3f it abstains: it answers %.1f %% of the cases, and %.1f %% of that is right\n",
               report->threshold, 100 * report->coverage, 100 * report->precision);
    else
        printf("it never abstains: %.1f %% is right without\n", 100 * report->precision);
    if (!report->is_reached)
        printf("a precision of %.1f %% was wanted, and the validation part does not show that it is reached\n",
               100 * report->precision_wanted);
}

static void print_confusions(const struct assay_tune_report *report)
{
    if (report->confusion_count == 0)
        return;
    puts("\nMost often confused:");
    for (size_t i = 0; i < report->confusion_count && i < CONFUSIONS_SHOWN; i++) {
        printf("%6zu  ", report->confusions[i].count);
        output_text(stdout, slice_from(report->confusions[i].truth));
        fputs(" taken for ", stdout);
        output_text(stdout, slice_from(report->confusions[i].answer));
        putchar('\n');
    }
}

static void print_outcome(const struct tuning *tuning)
{
    const struct assay_tune_report *report = tuning->report;
    char train[NUMBER_TEXT_BYTES], cases[NUMBER_TEXT_BYTES], time[NUMBER_TEXT_BYTES], peak[NUMBER_TEXT_BYTES];
    printf("\nLearned (%s) from %s examples on %s, chose by %zu, measured on %s that it never saw.\n", report->method,
           number_text(train, report->train), report->base, report->validation, number_text(cases, report->cases));
    if (report->untrained != NULL) {
        fputs("The base could not be trained, so the regression was kept: ", stdout);
        output_text(stdout, slice_from(report->untrained));
        putchar('\n');
    }
    print_scores(report);
    print_confusions(report);
    fputs("\nKept in ", stdout);
    output_text(stdout, slice_from(report->adapter));
    printf("; took %s and %s.\n", time_text(time, report->took_ms), size_text(peak, report->peak_bytes));
}

void tune_print_rejected(const struct assay_tune_report *report)
{
    for (size_t i = 0; i < report->rejection_count && i < REJECTED_SHOWN; i++) {
        fprintf(stderr, "assay: line %zu is no example: ", report->rejections[i].line);
        output_text(stderr, slice_from(report->rejections[i].reason));
        fputc('\n', stderr);
    }
    if (report->rejected > REJECTED_SHOWN)
        fprintf(stderr, "assay: %zu more lines are none; --json tells them\n", report->rejected - REJECTED_SHOWN);
}

/* ---- options ---- */

static bool read_share(const struct invocation *invocation, double *share)
{
    const char *text = invocation_option(invocation, "precision-wanted");
    *share = 0;
    if (text == NULL || (slice_to_double(slice_from(text), share) && *share > 0 && *share <= 1))
        return true;
    (void)wrong_use(invocation, "A share, as 0.95.",
                    "\"--precision-wanted\" is \"%.60s\", expected a number above 0 and up to 1", text);
    return false;
}

bool tune_read_rate(const struct invocation *invocation, double *rate)
{
    const char *text = invocation_option(invocation, "rate");
    *rate = 0;
    if (text == NULL || (slice_to_double(slice_from(text), rate) && *rate > 0 && *rate <= 1))
        return true;
    (void)wrong_use(invocation, "A small number, as 0.001.", "\"--rate\" is \"%.60s\", expected a number above 0 and up to 1",
                    text);
    return false;
}

static enum exit_code tell(const struct tuning *tuning)
{
    if (tuning->invocation->json)
        return tune_print_json(tuning->invocation, tuning->report, write_learned);
    if (!tuning->invocation->quiet)
        tune_print_rejected(tuning->report);
    tune_print_data(tuning->report);
    if (tuning->report->adapter != NULL)
        print_outcome(tuning);
    return EXIT_DONE;
}

enum exit_code run_tune_classify(struct invocation *invocation)
{
    struct tuning tuning = {.invocation = invocation};
    struct assay *assay = NULL;
    struct assay_tuned *tuned = NULL;
    struct assay_error error;
    size_t seed, threads;
    double share;
    if (!read_share(invocation, &share) || !invocation_number(invocation, "seed", 1, SIZE_MAX / 2, 1, &seed) ||
        !invocation_number(invocation, "threads", 1, LIMIT_THREADS, 0, &threads))
        return EXIT_WRONG_USE;
    if (!assay_open(&assay, &(struct assay_open_options){.folder = invocation_option(invocation, "project")}, &error))
        return output_failure(invocation, &error);
    progress_init(&tuning.progress, invocation);
    interrupt_watch();
    const struct assay_tune_options options = {.data = invocation->arguments[0],
                                               .test = invocation_option(invocation, "test"),
                                               .format = invocation_option(invocation, "format"),
                                               .text_name = invocation_option(invocation, "text"),
                                               .label_name = invocation_option(invocation, "label"),
                                               .name = invocation_option(invocation, "name"),
                                               .method = invocation_option(invocation, "method"),
                                               .model = invocation_option(invocation, "model"),
                                               .threads = threads,
                                               .precision_wanted = share,
                                               .seed = seed,
                                               .check = invocation_option(invocation, "check") != NULL,
                                               .replace = invocation_option(invocation, "replace") != NULL,
                                               .resume = invocation_option(invocation, "resume") != NULL,
                                               .on_progress = on_progress,
                                               .context = &tuning};
    bool ok = assay_tune_classify(assay, &options, &tuned, &error);
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
