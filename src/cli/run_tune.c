/* run_tune.c - `assay tune classify`: the data first, then what was learned and how good it is. */
#include "tuning.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { CONFUSIONS_SHOWN = 8 };

/* ---- one document ---- */

static void write_commonest(struct json_writer *json, const struct assay_tune_commonest *commonest)
{
    static const char *const keys[] = {"accuracy", "macro_f1", "change", "mcnemar_p"};
    json_key(json, "commonest_label");
    json_object_begin(json);
    json_texts(json, &(struct json_text_member){"label", commonest->label}, 1);
    tuning_write_reals(
        json, keys,
        (const double[]){commonest->score.accuracy, commonest->score.macro_f1, commonest->change, commonest->chance},
        ARRAY_COUNT(keys));
    tuning_write_interval(json, "interval", commonest->score.low, commonest->score.high);
    tuning_write_interval(json, "change_interval", commonest->low, commonest->high);
    json_key(json, "beaten");
    json_bool(json, commonest->is_beaten);
    json_object_end(json);
}

static void write_score(struct json_writer *json, const struct assay_tune_report *report)
{
    static const char *const keys[] = {"before", "after"};
    static const char *const more[] = {"change", "mcnemar_p", "macro_f1_before", "macro_f1", "macro_f1_change"};
    json_key(json, "score");
    json_object_begin(json);
    json_key(json, "compared_with");
    json_text(json, slice_from(report->compared_with));
    tuning_write_reals(json, keys, (const double[]){report->before.accuracy, report->after.accuracy}, 2);
    tuning_write_interval(json, "interval", report->after.low, report->after.high);
    tuning_write_interval(json, "interval_before", report->before.low, report->before.high);
    tuning_write_reals(
        json, more,
        (const double[]){report->change, report->chance, report->before.macro_f1, report->after.macro_f1, report->f1_change},
        5);
    tuning_write_interval(json, "change_interval", report->change_low, report->change_high);
    tuning_write_interval(json, "macro_f1_change_interval", report->f1_change_low, report->f1_change_high);
    write_commonest(json, &report->commonest);
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
    tuning_write_reals(json, (const char *const[]){"train", "validation"},
                       (const double[]){report->loss_train, report->loss_validation}, 2);
    json_object_end(json);
    write_score(json, report);
    json_key(json, "calibration");
    json_object_begin(json);
    tuning_write_reals(json, calibration, (const double[]){report->temperature, report->calibration_raw, report->calibration},
                       3);
    json_object_end(json);
    json_key(json, "abstain");
    json_object_begin(json);
    tuning_write_reals(json, abstain,
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

static void print_score(const char *name, const struct assay_tune_score *score)
{
    printf("%-22s %10.3f %8.3f … %.3f %10.3f\n", name, score->accuracy, score->low, score->high, score->macro_f1);
}

/* A share of right answers looks like something learned where it is only how common one label is. */
static void print_commonest(const struct assay_tune_commonest *commonest)
{
    fputs("against \"", stdout);
    output_text(stdout, slice_from(commonest->label));
    printf("\" for every case, the commonest label: %+.3f (%+.3f … %+.3f), p = %.2g\n", commonest->change, commonest->low,
           commonest->high, commonest->chance);
    if (commonest->is_beaten)
        return;
    printf("This model %s: do not rely on it.\n"
           "Look at the labels (--check), at texts that say what their label is about, and add examples.\n",
           commonest->change > 0 ? "is not shown to be right more often than that label alone (the difference can be chance)"
                                 : "learned nothing that makes it right more often than that label alone");
}

static void print_scores(const struct assay_tune_report *report)
{
    char interval[INTERVAL_TEXT_BYTES];
    printf("\n%-22s %10s %18s %10s\n", "", "accuracy", "95 % interval", "macro F1");
    print_score("commonest label alone", &report->commonest.score);
    print_score(strcmp(report->compared_with, "head") == 0 ? "regression (head)" : "before (label names)", &report->before);
    print_score("after", &report->after);
    printf("change of accuracy %+.3f (%+.3f … %+.3f), p = %.2g; of macro F1 %+.3f (%s)\n", report->change, report->change_low,
           report->change_high, report->chance, report->f1_change,
           tuning_interval_text(interval, report->f1_change_low, report->f1_change_high, true));
    if (!isfinite(report->f1_change_low))
        printf("%zu cases are too few for an interval of macro F1, and for a calibration error that can be relied on\n",
               report->cases);
    print_commonest(&report->commonest);
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

static void print_outcome(const struct assay_tune_report *report)
{
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

/* ---- options ---- */

static bool classify(struct assay *assay, const struct assay_tune_reader_options *options, struct assay_tuned **tuned,
                     struct assay_error *error)
{
    return assay_tune_classify(assay, &options->common, tuned, error);
}

const struct tuning_kind classify_kind = {classify, write_learned, print_outcome};

enum exit_code run_tune_classify(struct invocation *invocation)
{
    enum { EPOCHS_MOST = 1000 };
    double share, rate, smoothing, gamma;
    size_t epochs;
    if (!tuning_read_part(invocation, "precision-wanted", 1, &share) ||
        !tuning_read_part(invocation, "label-smoothing", 0.9, &smoothing) ||
        !tuning_read_part(invocation, "focal", 5, &gamma) || !tuning_read_part(invocation, "rate", 1, &rate) ||
        !invocation_number(invocation, "epochs", 1, EPOCHS_MOST, 0, &epochs))
        return EXIT_WRONG_USE;
    struct assay_tune_reader_options options = {.common = {.format = invocation_option(invocation, "format"),
                                                           .text_name = invocation_option(invocation, "text"),
                                                           .label_name = invocation_option(invocation, "label"),
                                                           .group_name = invocation_option(invocation, "group"),
                                                           .method = invocation_option(invocation, "method"),
                                                           .precision = invocation_option(invocation, "precision"),
                                                           .precision_wanted = share,
                                                           .learning_rate = rate,
                                                           .balanced = invocation_option(invocation, "class-weights") != NULL,
                                                           .label_smoothing = smoothing,
                                                           .focal_gamma = gamma,
                                                           .epochs = epochs,
                                                           .resume = invocation_option(invocation, "resume") != NULL}};
    return tuning_run(invocation, &classify_kind, &options);
}
