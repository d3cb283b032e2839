/* tune_fit.c - texts into vectors, vectors into a classifier, and how good it is.
 *
 * How closely to fit (C) is chosen on the validation part by the log loss at the best temperature: it goes on falling while the accuracy of
 * some hundred cases moves by chance alone. */
#include "tune.h"
#include <assert.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { BATCH_TEXTS = 256, CONFUSIONS_MAX = 50 };
#define PRECISION_USUAL 0.95

static size_t dimensions_of(const struct tuning *tuning)
{
    return model_info(tuning->model)->dimensions;
}

bool tuning_embed(struct tuning *tuning, struct error *error)
{
    static const char stage[] = "embedding";
    size_t dimensions = dimensions_of(tuning);
    uint64_t tokens = 0, start = clock_now_ns();
    tuning->vectors = memory_try(tuning->rows + 1, dimensions * sizeof(float));
    if (tuning->vectors == NULL)
        return error_set(error, ERROR_NO_MEMORY, "no memory for %zu vectors of %zu numbers", tuning->rows, dimensions);
    for (size_t at = 0; at < tuning->rows; at += BATCH_TEXTS) {
        size_t count = tuning->rows - at < BATCH_TEXTS ? tuning->rows - at : BATCH_TEXTS;
        if (!tuning_step(tuning, stage, at, tuning->rows))
            return tuning_stopped(stage, error);
        if (!model_embed(tuning->model, tuning->texts + at, count, model_prompt(tuning->model, NULL),
                         tuning->vectors + at * dimensions, &tokens, error))
            return false;
    }
    double seconds = clock_ms_since(start) / 1000;
    tuning->tuned->report.tokens = (size_t)tokens;
    tuning->tuned->report.tokens_per_second = seconds > 0 ? (double)tokens / seconds : 0;
    return true;
}

/* ---- fitting ---- */

struct fit_progress {
    struct tuning *tuning;
    size_t number; /* of the strength that is tried */
};

static const double strengths[] = {1, 10, 100, 1000};
enum { STEPS_MAX = 500 };

static bool fit_step(void *context, size_t step, double loss)
{
    const struct fit_progress *progress = context;
    (void)loss;
    return tuning_step(progress->tuning, "fitting", progress->number * STEPS_MAX + step, ARRAY_COUNT(strengths) * STEPS_MAX);
}

static bool keep_head(struct linear_head *kept, const struct linear_head *head, struct error *error)
{
    linear_head_release(kept);
    *kept = (struct linear_head){.labels = head->labels, .dimensions = head->dimensions};
    kept->weights = memory_try(head->labels, head->dimensions * sizeof(float));
    kept->biases = memory_try(head->labels, sizeof(float));
    if (kept->weights == NULL || kept->biases == NULL)
        return error_set(error, ERROR_NO_MEMORY, "no memory for a head of %zu labels", head->labels);
    memcpy(kept->weights, head->weights, head->labels * head->dimensions * sizeof(float));
    memcpy(kept->biases, head->biases, head->labels * sizeof(float));
    return true;
}

/* The mean of the loss on what was learned, without the penalty. */
static bool train_loss(const struct tuning *tuning, struct error *error)
{
    float *logits = memory_try(BATCH_TEXTS, tuning->labels * sizeof(float));
    double sum = 0;
    if (logits == NULL)
        return error_set(error, ERROR_NO_MEMORY, "no memory for the answers of %zu labels", tuning->labels);
    for (size_t at = 0; at < tuning->train; at += BATCH_TEXTS) {
        size_t count = tuning->train - at < BATCH_TEXTS ? tuning->train - at : BATCH_TEXTS;
        linear_head_run(&tuning->head, tuning->vectors + at * tuning->head.dimensions, count, logits, tuning->pool);
        sum += (double)count * measure_log_loss(logits, tuning->truth + at, count, tuning->labels, 1);
    }
    free(logits);
    tuning->tuned->report.loss_train = sum / (double)tuning->train;
    return true;
}

bool tuning_fit(struct tuning *tuning, struct error *error)
{
    struct assay_tune_report *report = &tuning->tuned->report;
    size_t dimensions = dimensions_of(tuning);
    const float *held = tuning->vectors + tuning->train * dimensions;
    const uint32_t *truth = tuning->truth + tuning->train;
    size_t rows = tuning->validation + tuning->cases;
    float *logits = tuning->logits = memory_try(rows, tuning->labels * sizeof(float));
    struct linear_head head = {0};
    double least = (double)INFINITY;
    bool ok = logits != NULL ||
              error_set(error, ERROR_NO_MEMORY, "no memory for %zu answers of %zu labels", rows, tuning->labels);
    for (size_t i = 0; ok && i < ARRAY_COUNT(strengths); i++) {
        struct fit_progress progress = {tuning, i};
        struct linear_fitted fitted;
        const struct linear_fit fit = {.vectors = tuning->vectors,
                                       .truth = tuning->truth,
                                       .class_weights = tuning->class_weights,
                                       .count = tuning->train,
                                       .dimensions = dimensions,
                                       .labels = tuning->labels,
                                       .strength = strengths[i],
                                       .steps_max = STEPS_MAX,
                                       .pool = tuning->pool,
                                       .step = fit_step,
                                       .context = &progress};
        ok = linear_head_fit(&head, &fit, &fitted, error);
        if (!ok)
            break;
        report->steps += fitted.steps;
        linear_head_run(&head, held, tuning->validation, logits, tuning->pool);
        double temperature = measure_temperature(logits, truth, tuning->validation, tuning->labels);
        double loss = measure_log_loss(logits, truth, tuning->validation, tuning->labels, temperature);
        if (loss >= least)
            break; /* from here on it only fits closer to what it has seen */
        least = loss;
        tuning->strength = strengths[i];
        tuning->temperature = temperature;
        report->loss_validation = measure_log_loss(logits, truth, tuning->validation, tuning->labels, 1);
        ok = keep_head(&tuning->head, &head, error);
    }
    linear_head_release(&head);
    if (!ok)
        return false;
    linear_head_run(&tuning->head, held, rows, logits, tuning->pool);
    return train_loss(tuning, error) && tuning_general_fitted(tuning, error);
}

/* ---- measuring ---- */

/* The label whose name is likest to the text: what the base can do without any example. */
static bool guess_by_name(struct tuning *tuning, uint32_t *answers, struct error *error)
{
    size_t dimensions = dimensions_of(tuning);
    struct slice *names = memory_alloc(tuning->labels, sizeof(*names));
    float *vectors = memory_try(tuning->labels, dimensions * sizeof(float));
    for (size_t i = 0; i < tuning->labels; i++) {
        char *name = arena_text(&tuning->tuned->arena, tuning->examples.labels[i]);
        for (size_t j = 0; name[j] != '\0'; j++)
            name[j] = name[j] == '_' || name[j] == '-' ? ' ' : name[j];
        names[i] = slice_from(name);
    }
    bool ok = vectors != NULL || error_set(error, ERROR_NO_MEMORY, "no memory for %zu labels", tuning->labels);
    ok = ok && model_embed(tuning->model, names, tuning->labels, model_prompt(tuning->model, NULL), vectors, NULL, error);
    const float *cases = tuning->vectors + (tuning->train + tuning->validation) * dimensions;
    for (size_t i = 0; ok && i < tuning->cases; i++) {
        double best = -(double)INFINITY;
        for (size_t j = 0; j < tuning->labels; j++) {
            double sum = 0;
            for (size_t k = 0; k < dimensions; k++)
                sum += (double)cases[i * dimensions + k] * (double)vectors[j * dimensions + k];
            if (sum > best) {
                best = sum;
                answers[i] = (uint32_t)j;
            }
        }
    }
    free(names);
    free(vectors);
    return ok;
}

static struct assay_tune_score score_of(const struct classify_measures *measures)
{
    return (struct assay_tune_score){measures->accuracy, measures->accuracy_interval.low, measures->accuracy_interval.high,
                                     measures->macro_f1};
}

static void fill_confusions(struct tuning *tuning, const struct classify_measures *measures)
{
    struct assay_tune_report *report = &tuning->tuned->report;
    size_t count = measures->confusion_count < CONFUSIONS_MAX ? measures->confusion_count : CONFUSIONS_MAX;
    struct assay_tune_confusion *items = arena_alloc(&tuning->tuned->arena, count + 1, sizeof(*items));
    for (size_t i = 0; i < count; i++) {
        const struct confusion *confusion = &measures->confusions[i];
        items[i] = (struct assay_tune_confusion){confusion->truth < tuning->labels ? report->labels[confusion->truth].name
                                                                                   : "(a label without examples)",
                                                 report->labels[confusion->answer].name, confusion->count};
    }
    report->confusions = items;
    report->confusion_count = count;
    struct assay_tune_label *labels = arena_alloc(&tuning->tuned->arena, tuning->labels + 1, sizeof(*labels));
    for (size_t i = 0; i < tuning->labels; i++) {
        labels[i] = report->labels[i];
        labels[i].cases = measures->classes[i].support;
        labels[i].precision = measures->classes[i].precision;
        labels[i].recall = measures->classes[i].recall;
        labels[i].f1 = measures->classes[i].f1;
    }
    report->labels = labels;
}

/* Answers and confidences on held-out rows from `first` on, at a temperature. */
static void answer(const struct tuning *tuning, size_t first, size_t count, double temperature, uint32_t *answers,
                   double *confidences)
{
    float *shares = memory_alloc(tuning->labels, sizeof(float));
    for (size_t i = 0; i < count; i++) {
        memcpy(shares, tuning->logits + (first + i) * tuning->labels, tuning->labels * sizeof(float));
        measure_softmax(shares, 1, tuning->labels, temperature);
        measure_answers(shares, 1, tuning->labels, answers + i, confidences + i);
    }
    free(shares);
}

static double precision_wanted(const struct tuning *tuning)
{
    return tuning->options->precision_wanted > 0 ? tuning->options->precision_wanted : PRECISION_USUAL;
}

void tuning_choose_threshold(const struct tuning *tuning, struct abstain_threshold *threshold)
{
    uint32_t *answers = memory_alloc(tuning->validation + 1, sizeof(*answers));
    double *confidences = memory_alloc(tuning->validation + 1, sizeof(*confidences));
    answer(tuning, 0, tuning->validation, tuning->temperature, answers, confidences);
    measure_threshold(confidences, tuning->truth + tuning->train, answers, tuning->validation, precision_wanted(tuning),
                      threshold);
    if (threshold->coverage >= 1) /* all of them are answered: no confidence is too low */
        threshold->threshold = 0;
    free(answers);
    free(confidences);
}

/* What the threshold gives is told of the cases, and of general texts. */
static void choose_threshold(struct tuning *tuning)
{
    struct assay_tune_report *report = &tuning->tuned->report;
    tuning_choose_threshold(tuning, &tuning->threshold);
    report->precision_wanted = precision_wanted(tuning);
    report->threshold = tuning->threshold.threshold;
    report->is_reached = tuning->threshold.is_reached;
    tuning_tell_abstained(tuning, TUNING_GENERAL, tuning->before != NULL ? tuning->general_before : -1,
                          tuning_general_abstained(tuning, tuning->threshold.threshold));
}

/* What is right by chance of the labels alone: a model that learned nothing gives every case the commonest one. */
static void measure_commonest(struct tuning *tuning, const uint32_t *answers)
{
    struct assay_tune_commonest *commonest = &tuning->tuned->report.commonest;
    const uint32_t *truth = tuning->truth + tuning->train + tuning->validation;
    size_t *counts = memory_alloc(tuning->labels, sizeof(*counts)), label = 0;
    uint32_t *always = memory_alloc(tuning->cases + 1, sizeof(*always));
    struct classify_measures measures;
    struct classify_change change;
    for (size_t i = 0; i < tuning->train; i++)
        counts[tuning->truth[i]]++;
    for (size_t i = 1; i < tuning->labels; i++)
        label = counts[i] > counts[label] ? i : label;
    for (size_t i = 0; i < tuning->cases; i++)
        always[i] = (uint32_t)label;
    measure_classes(truth, always, tuning->cases, tuning->labels + 1, &measures);
    measure_paired(truth, always, answers, tuning->cases, &change);
    *commonest = (struct assay_tune_commonest){.label = tuning->tuned->report.labels[label].name,
                                               .score = score_of(&measures),
                                               .change = change.accuracy,
                                               .low = change.accuracy_interval.low,
                                               .high = change.accuracy_interval.high,
                                               .chance = change.chance,
                                               .is_beaten = statistics_is_better(&change.paired)};
    measure_release(&measures);
    free(always);
    free(counts);
}

static void measure_cases(struct tuning *tuning, const uint32_t *before, uint32_t *answers, double *confidences)
{
    struct assay_tune_report *report = &tuning->tuned->report;
    size_t first = tuning->train + tuning->validation;
    const uint32_t *truth = tuning->truth + first;
    struct classify_measures was, is;
    struct classify_change change;
    struct abstain_threshold given;
    answer(tuning, tuning->validation, tuning->cases, 1, answers, confidences);
    report->calibration_raw = measure_calibration(confidences, truth, answers, tuning->cases);
    answer(tuning, tuning->validation, tuning->cases, tuning->temperature, answers, confidences);
    report->calibration = measure_calibration(confidences, truth, answers, tuning->cases);
    measure_abstaining(confidences, truth, answers, tuning->cases, tuning->threshold.threshold, &given);
    measure_classes(truth, before, tuning->cases, tuning->labels + 1, &was);
    measure_classes(truth, answers, tuning->cases, tuning->labels + 1, &is);
    measure_change(truth, before, answers, tuning->cases, tuning->labels + 1,
                   tuning->options->seed != 0 ? tuning->options->seed : 1, &change);
    report->before = score_of(&was);
    report->after = score_of(&is);
    report->change = change.accuracy;
    report->change_low = change.accuracy_interval.low;
    report->change_high = change.accuracy_interval.high;
    report->chance = change.chance;
    report->f1_change = change.macro_f1;
    report->f1_change_low = change.macro_f1_interval.low;
    report->f1_change_high = change.macro_f1_interval.high;
    report->precision = given.precision;
    report->coverage = given.coverage;
    fill_confusions(tuning, &is);
    measure_commonest(tuning, answers);
    measure_release(&was);
    measure_release(&is);
}

/* ---- beside the one before ---- */

static bool ask_rival(struct tuning *tuning, double *right, struct error *error)
{
    const size_t first = tuning->train + tuning->validation;
    struct assay_classifier *rival = NULL;
    struct assay_error outer;
    struct assay_text *texts = memory_alloc(tuning->cases + 1, sizeof(*texts));
    struct assay_class *classes = memory_alloc(tuning->cases + 1, sizeof(*classes));
    const struct assay_model_options options = {.threads = tuning->options->threads};
    for (size_t i = 0; i < tuning->cases; i++)
        texts[i] = (struct assay_text){tuning->texts[first + i].data, tuning->texts[first + i].size};
    bool ok = assay_classifier_open(tuning->assay, tuning->options->rival, &options, &rival, &outer) &&
              assay_classify(rival, texts, tuning->cases, classes, &outer);
    for (size_t i = 0; ok && i < tuning->cases; i++) {
        uint32_t truth = tuning->truth[first + i];
        right[i] = truth < tuning->labels && slice_equal_text(tuning->examples.labels[truth], classes[i].label);
    }
    if (!ok)
        error_set(error, ERROR_INVALID, "%s", outer.message);
    assay_classifier_close(rival);
    free(texts);
    free(classes);
    return ok;
}

static void compare_with_rival(struct tuning *tuning)
{
    static const char measure[] = "accuracy";
    const uint32_t *truth = tuning->truth + tuning->train + tuning->validation;
    struct error why;
    uint32_t *answers = memory_alloc(tuning->cases + 1, sizeof(*answers));
    double *before = memory_alloc(tuning->cases + 1, sizeof(*before)), *after = memory_alloc(tuning->cases + 1, sizeof(*after));
    measure_answers(tuning->logits + tuning->validation * tuning->labels, tuning->cases, tuning->labels, answers, NULL);
    for (size_t i = 0; i < tuning->cases; i++)
        after[i] = answers[i] == truth[i];
    if (ask_rival(tuning, before, &why))
        tuning_tell_rival(tuning, measure, before, after, tuning->cases);
    else
        tuning_tell_unmeasured(tuning, measure, &why);
    free(answers);
    free(before);
    free(after);
}

bool tuning_measure(struct tuning *tuning, struct error *error)
{
    struct assay_tune_report *report = &tuning->tuned->report;
    uint32_t *before = memory_alloc(2 * tuning->cases + 1, sizeof(*before)), *answers = before + tuning->cases;
    double *confidences = memory_alloc(tuning->cases + 1, sizeof(*confidences));
    bool ok = tuning_step(tuning, "measuring", 0, 0) || tuning_stopped("measuring", error);
    if (ok && tuning->before != NULL)
        memcpy(before, tuning->before, tuning->cases * sizeof(*before));
    else
        ok = ok && guess_by_name(tuning, before, error);
    if (ok) {
        choose_threshold(tuning);
        measure_cases(tuning, before, answers, confidences);
        report->train = tuning->train;
        report->validation = tuning->validation;
        report->cases = tuning->cases;
        report->strength = tuning->strength;
        report->temperature = tuning->temperature;
        report->method = classifier_method_name(tuning->method);
        report->compared_with = tuning->before != NULL ? "head" : "label names";
        report->base = arena_text(&tuning->tuned->arena, slice_from(model_info(tuning->model)->name));
        if (tuning->options->rival != NULL)
            compare_with_rival(tuning);
    }
    free(before);
    free(confidences);
    return ok;
}
