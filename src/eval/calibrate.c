/* calibrate.c - fits confidences on the test cases.
 *
 *   cases ─▶ answers with their confidence, right or not ─┬─ all ─────────────────────────▶ the line that is kept
 *                                                         └─ fifths of documents, in turn ─▶ chances of cases that were not fitted on
 *                                                                                             ─▶ table, error, threshold */
#include "answers.h"
#include "runs.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { FOLDS = 5, BIN_CASES_LEAST = 20 };

struct told {
    double confidence, chance; /* `chance`: of a line that was fitted without it */
    uint32_t document;
    bool is_right;
};

struct calibrating {
    const struct eval_answering *run;
    struct told *items; /* cases that were answered */
    size_t count, capacity, cases;
    struct arena arena;
    struct confidence_subject subject;
    bool has_subject;
    struct slice *questions; /* of the items */
    size_t question_capacity;
};

static void note_answer(void *context, const struct eval_answered *answered)
{
    struct calibrating *calibrating = context;
    calibrating->cases += answered->subject != NULL;
    if (answered->subject == NULL || answered->abstained)
        return;
    if (!calibrating->has_subject) {
        calibrating->subject = *answered->subject;
        calibrating->subject.model = arena_text(&calibrating->arena, slice_from(answered->subject->model));
        calibrating->has_subject = true;
    }
    calibrating->items = memory_more(calibrating->items, calibrating->count, &calibrating->capacity,
                                     sizeof(*calibrating->items));
    calibrating->questions = arena_more(&calibrating->arena, calibrating->questions, calibrating->count,
                                        &calibrating->question_capacity, sizeof(*calibrating->questions));
    calibrating->questions[calibrating->count] = arena_slice(&calibrating->arena, answered->question);
    calibrating->items[calibrating->count++] = (struct told){.confidence = answered->confidence,
                                                             .document = answered->document,
                                                             .is_right = answered->scores.values[GRADE_RELAXED] > 0};
}

static bool tell_step(void *context, const char *stage, size_t done, size_t total)
{
    const struct calibrating *calibrating = context;
    return calibrating->run->step == NULL || calibrating->run->step(calibrating->run->context, stage, done, total);
}

/* The line of all answers but those of one fold; FOLDS: of all. */
static void fit_without(const struct calibrating *calibrating, size_t fold, struct confidence_fit *fit)
{
    double *confidences = memory_alloc(calibrating->count, sizeof(*confidences));
    bool *right = memory_alloc(calibrating->count, sizeof(*right));
    size_t count = 0;
    for (size_t i = 0; i < calibrating->count; i++) {
        if (calibrating->items[i].document % FOLDS == fold)
            continue;
        confidences[count] = calibrating->items[i].confidence;
        right[count++] = calibrating->items[i].is_right;
    }
    confidence_fit_line(confidences, right, count, &fit->shift, &fit->slope);
    free(confidences);
    free(right);
}

static void find_chances(struct calibrating *calibrating)
{
    for (size_t fold = 0; fold < FOLDS; fold++) {
        struct confidence_fit fit = {0};
        fit_without(calibrating, fold, &fit);
        for (size_t i = 0; i < calibrating->count; i++)
            if (calibrating->items[i].document % FOLDS == fold)
                calibrating->items[i].chance = confidence_chance(&fit, calibrating->items[i].confidence);
    }
}

static int by_chance(const void *a, const void *b)
{
    const struct told *left = a, *right = b;
    return (left->chance > right->chance) - (left->chance < right->chance);
}

/* Bins of as many cases each: so few that a bin's share says something. `chance_of` in ascending order. */
static double fill_bins(const struct told *items, size_t count, bool of_confidence, struct confidence_bin *bins,
                        size_t *bin_count)
{
    double error = 0;
    size_t wanted = count / BIN_CASES_LEAST;
    *bin_count = wanted < 1 ? 1 : wanted > CONFIDENCE_BINS_MOST ? CONFIDENCE_BINS_MOST : wanted;
    for (size_t n = 0; n < *bin_count; n++) {
        size_t from = n * count / *bin_count, to = (n + 1) * count / *bin_count;
        struct confidence_bin bin = {.cases = to - from};
        for (size_t i = from; i < to; i++) {
            double chance = of_confidence ? items[i].confidence : items[i].chance;
            bin.from = i == from || chance < bin.from ? chance : bin.from;
            bin.to = chance > bin.to ? chance : bin.to;
            bin.chance += chance / (double)bin.cases;
            bin.right += items[i].is_right / (double)bin.cases;
        }
        error += fabs(bin.chance - bin.right) * (double)bin.cases / (double)count;
        bins[n] = bin;
    }
    return error;
}

static int by_confidence(const void *a, const void *b)
{
    const struct told *left = a, *right = b;
    return (left->confidence > right->confidence) - (left->confidence < right->confidence);
}

/* From which chance on to answer, so that the wanted share is right: the lowest one. The kept line says what the chances are, as it will for whoever
 * asks; it never changes the order of confidences. */
static void find_threshold(struct calibrating *calibrating, double wanted, struct confidence_fit *fit)
{
    qsort(calibrating->items, calibrating->count, sizeof(*calibrating->items), by_confidence);
    for (size_t i = 0; i < calibrating->count; i++)
        calibrating->items[i].chance = confidence_chance(fit, calibrating->items[i].confidence);
    size_t right = 0, best = calibrating->count, best_right = 0;
    for (size_t i = calibrating->count; i-- > 0;) {
        right += calibrating->items[i].is_right;
        bool is_first = i == 0 || calibrating->items[i - 1].chance < calibrating->items[i].chance;
        size_t answered = calibrating->count - i;
        if (is_first && (wanted <= 0 || (double)right >= wanted * (double)answered)) {
            best = i;
            best_right = right;
        }
    }
    struct statistics_interval interval;
    size_t answered = calibrating->count - best;
    statistics_wilson(best_right, answered, &interval);
    fit->wanted = wanted;
    fit->threshold = wanted <= 0 ? 0 : answered > 0 ? calibrating->items[best].chance : 1;
    fit->precision = answered > 0 ? (double)best_right / (double)answered : 0;
    fit->precision_low = interval.low;
    fit->precision_high = interval.high;
    fit->answered = calibrating->cases > 0 ? (double)answered / (double)calibrating->cases : 0;
}

static bool check_answers(const struct calibrating *calibrating, struct error *error)
{
    size_t right = 0;
    for (size_t i = 0; i < calibrating->count; i++)
        right += calibrating->items[i].is_right;
    if (calibrating->count >= EVAL_CALIBRATE_LEAST && right > 0 && right < calibrating->count)
        return true;
    error_set(error, ERROR_INVALID, "%zu test cases were answered, %zu of them rightly: too few to fit confidences on",
              calibrating->count, right);
    return error_hint(error, "At least %d answers are needed, right ones and wrong ones among them.", EVAL_CALIBRATE_LEAST);
}

static void fit_all(struct calibrating *calibrating, double wanted, struct confidence_fit *fit)
{
    struct confidence_bin before[CONFIDENCE_BINS_MOST];
    size_t before_count;
    fit_without(calibrating, FOLDS, fit);
    find_chances(calibrating);
    qsort(calibrating->items, calibrating->count, sizeof(*calibrating->items), by_chance);
    fit->error = fill_bins(calibrating->items, calibrating->count, false, fit->bins, &fit->bin_count);
    fit->error_before = fill_bins(calibrating->items, calibrating->count, true, before, &before_count);
    find_threshold(calibrating, wanted, fit);
    fit->cases = calibrating->count;
    for (size_t i = 0; i < calibrating->count; i++)
        fit->right += calibrating->items[i].is_right;
}

bool eval_calibrate(const struct eval_answering *run, double wanted, struct confidence_fit *fit, char model[128],
                    struct error *error)
{
    struct calibrating calibrating = {.run = run};
    struct eval_answering own = *run;
    struct eval_answers_report report;
    arena_init(&calibrating.arena);
    own.uncalibrated = true;
    own.on_case = note_answer;
    own.step = tell_step;
    own.context = &calibrating;
    *fit = (struct confidence_fit){0};
    bool ok = eval_answer_cases(&own, &report, error) && check_answers(&calibrating, error);
    if (ok) {
        fit_all(&calibrating, wanted, fit);
        fit->questions = calibrating.questions;
        fit->question_count = calibrating.count;
        memcpy(model, report.model, sizeof(report.model));
        ok = confidence_write(run->project, &calibrating.subject, fit, error);
        fit->questions = NULL;
        fit->question_count = 0;
    }
    free(calibrating.items);
    arena_release(&calibrating.arena);
    return ok;
}
