/* tune_train.c - classifiers that change the base: low-rank additions, or every weight, with a head over the mean of all tokens.
 *
 * What is measured is what will be served: the adapter is written, opened again, and asked for the held-out rows. Early stopping and the
 * choice between the regression and the trained one go by the log loss of the validation part at its best temperature. */
#include "tune.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { SCORE_TEXTS = 256, CHECKPOINT_STEPS = 100 };
#define LORA_RATE 1e-3
#define FULL_RATE 2e-4
#define HEAD_RATE 1e-2

/* ---- the recipe ---- */

/* How many times the usual learning rates; 0: nobody chose. */
double tuning_rate_multiplier(const struct tuning *tuning)
{
    double usual = tuning->method == CLASSIFIER_LORA ? LORA_RATE : FULL_RATE, chosen = tuning->options->learning_rate;
    return chosen > 0 ? chosen / usual : tuning->options->learning_rate_multiplier;
}

static struct train_recipe recipe_of(const struct tuning *tuning)
{
    static const char *const targets[] = {"all-linear"};
    bool lora = tuning->method == CLASSIFIER_LORA, few = tuning->train < TUNING_MANY;
    const struct assay_tune_options *options = tuning->options;
    size_t epochs = options->epochs > 0 ? options->epochs : few ? 20 : 8, batch = options->batch > 0 ? options->batch : 32;
    double multiplier = tuning_rate_multiplier(tuning), rate = multiplier > 0 ? multiplier : 1;
    return (struct train_recipe){
        .task = TRAIN_CLASSIFY,
        .scope = lora ? TRAIN_LORA : TRAIN_ALL,
        .outputs = tuning->labels,
        .mean_pooling = true,
        .lora = {.rank = 16, .weight_decomposed = options->dora, .targets = targets, .target_count = 1},
        .epochs = epochs,
        .batch_examples = batch,
        .learning_rate = (float)(rate * (lora ? LORA_RATE : FULL_RATE)),
        .head_learning_rate = (float)(rate * HEAD_RATE),
        .schedule = TRAIN_LINEAR,
        .warmup = 0.1F,
        .clip = 1,
        .recompute = options->recompute,
        .moments_8bit = options->moments_8bit,
        .label_smoothing = (float)options->label_smoothing,
        .focal_gamma = (float)options->focal_gamma,
        .class_weights = tuning->class_weights,
        .dropout = 0.1F,
        .patience = few ? 6 : 3,
        .checkpoint_steps = CHECKPOINT_STEPS,
        .seed = options->seed != 0 ? options->seed : 1};
}

/* ---- the run ---- */

struct training {
    struct tuning *tuning;
    struct train_example *held; /* the validation part */
    float *logits; /* of it */
};

static bool on_step(void *context, const struct train_progress *progress)
{
    const struct training *training = context;
    tuning_metrics(training->tuning, progress->step, progress->steps, progress->tokens, progress->loss);
    return tuning_step(training->tuning, "training", progress->step, progress->steps);
}

static bool on_score(void *context, struct trainer *trainer, double *score, struct error *error)
{
    const struct training *training = context;
    const struct tuning *tuning = training->tuning;
    const uint32_t *truth = tuning->truth + tuning->train;
    if (!trainer_predict(trainer, training->held, tuning->validation, training->logits, error))
        return false;
    double temperature = measure_temperature(training->logits, truth, tuning->validation, tuning->labels);
    *score = -measure_log_loss(training->logits, truth, tuning->validation, tuning->labels, temperature);
    return true;
}

static bool save(struct tuning *tuning, struct trainer *trainer, struct error *error)
{
    struct arena *arena = &tuning->tuned->arena;
    if (!folder_remove(tuning->fresh, error))
        return false;
    tuning->has_fresh = true;
    if (tuning->method == CLASSIFIER_LORA)
        return trainer_save(trainer, tuning->fresh, error);
    return folder_create(tuning->fresh, error) && trainer_save(trainer, path_join(arena, tuning->fresh, "model"), error);
}

static bool run_trainer(struct training *training, struct trainer *trainer, const struct train_example *examples,
                        struct error *error)
{
    struct tuning *tuning = training->tuning;
    struct assay_tune_report *report = &tuning->tuned->report;
    const struct train_calls calls = {training, on_step, on_score};
    if (!trainer_run(trainer, examples, tuning->train, tuning->options->resume, &calls, &tuning->trained, error)) {
        if (error->kind == ERROR_CANCELLED)
            return error_hint(error, "The same command with --resume goes on from there.");
        return false;
    }
    report->steps = tuning->trained.steps;
    report->epochs = tuning->recipe.epochs;
    report->loss_train = tuning->trained.last_loss;
    return save(tuning, trainer, error);
}

static bool train(struct tuning *tuning, struct error *error)
{
    struct arena *arena = &tuning->tuned->arena;
    struct error ignored;
    size_t count = tuning->train + tuning->validation;
    struct train_example *examples = memory_try(count, sizeof(*examples));
    struct training training = {.tuning = tuning, .logits = memory_try(tuning->validation, tuning->labels * sizeof(float))};
    const char **labels = arena_alloc(arena, tuning->labels, sizeof(*labels));
    struct trainer_options options = {.base = tuning->base_folder, .pool = tuning->pool, .labels = labels};
    struct trainer *trainer = NULL;
    options.folder = tuning->options->find_rate ? NULL : tuning->checkpoints;
    bool ok = (examples != NULL && training.logits != NULL) ||
              error_set(error, ERROR_NO_MEMORY, "no memory for %zu examples", count);
    for (size_t i = 0; i < count && ok; i++)
        examples[i] = (struct train_example){.first = tuning->texts[i], .label = tuning->truth[i]};
    for (size_t i = 0; i < tuning->labels; i++)
        labels[i] = tuning->tuned->report.labels[i].name;
    tuning->recipe = recipe_of(tuning);
    ok = ok && (options.folder == NULL || tuning->options->resume || folder_remove(tuning->checkpoints, error));
    ok = ok && trainer_create(&trainer, &tuning->recipe, &options, error);
    if (ok && tuning->options->find_rate) {
        ok = tuning_find_rate(tuning, trainer, examples, tuning->train, (double)tuning->recipe.learning_rate, error);
    } else if (ok) {
        training.held = examples + tuning->train;
        ok = run_trainer(&training, trainer, examples, error);
    }
    if (ok && options.folder != NULL)
        (void)!folder_remove(tuning->checkpoints, &ignored); /* what is left of it does no harm */
    trainer_free(trainer);
    free(training.logits);
    free(examples);
    return ok;
}

/* ---- what it gives ---- */

static bool score_rows(struct tuning *tuning, struct model *model, float *logits, struct error *error)
{
    static const char stage[] = "measuring";
    size_t count = tuning->validation + tuning->cases;
    for (size_t at = 0; at < count; at += SCORE_TEXTS) {
        size_t texts = count - at < SCORE_TEXTS ? count - at : SCORE_TEXTS;
        if (!tuning_step(tuning, stage, at, count))
            return tuning_stopped(stage, error);
        if (!model_score(model, tuning->texts + tuning->train + at, NULL, texts, logits + at * tuning->labels, error))
            return false;
    }
    return true;
}

/* `logits`: of the rows held out; `general`: of general texts. */
static bool serve(struct tuning *tuning, float *logits, float *general, struct error *error)
{
    struct model *model = NULL;
    struct model_options options = {.pool = tuning->pool, .precision = tuning->precision};
    const char *folder = tuning->base_folder;
    if (tuning->method == CLASSIFIER_LORA)
        options.adapter = tuning->fresh;
    else
        folder = path_join(&tuning->tuned->arena, tuning->fresh, "model");
    bool ok = model_open(&model, folder, &options, error) && score_rows(tuning, model, logits, error) &&
              tuning_general_trained(model, general, error);
    model_close(model);
    return ok;
}

/* The regression's answers are what came before; its logits make place. */
static void take_over(struct tuning *tuning, float *logits, float *general, double temperature, double loss)
{
    struct abstain_threshold threshold;
    uint32_t *before = memory_alloc(tuning->cases + 1, sizeof(*before));
    tuning_choose_threshold(tuning, &threshold);
    tuning->general_before = tuning_general_abstained(tuning, threshold.threshold);
    free(tuning->general_logits);
    tuning->general_logits = general;
    measure_answers(tuning->logits + tuning->validation * tuning->labels, tuning->cases, tuning->labels, before, NULL);
    tuning->before = before;
    free(tuning->logits);
    tuning->logits = logits;
    tuning->temperature = temperature;
    tuning->tuned->report.loss_validation = loss;
}

/* The regression stays, with what `fitted` told of it. */
static bool keep_regression(struct tuning *tuning, const struct assay_tune_report *fitted, struct error *error)
{
    struct assay_tune_report *report = &tuning->tuned->report;
    struct error ignored;
    (void)!folder_remove(tuning->checkpoints, &ignored); /* what is left of it does no harm */
    tuning->method = CLASSIFIER_HEAD;
    report->steps = fitted->steps;
    report->epochs = 0;
    report->loss_train = fitted->loss_train;
    tuning->has_fresh = false;
    return folder_remove(tuning->fresh, error);
}

bool tuning_train_rate(struct tuning *tuning, struct error *error)
{
    if (tuning->is_auto)
        tuning->method = CLASSIFIER_FULL;
    if (tuning->method != CLASSIFIER_HEAD)
        return train(tuning, error);
    error_set(error, ERROR_INVALID, "a regression is fitted to its least loss: it has no learning rate to look for");
    return error_hint(error, "Look for that of --method lora or full.");
}

bool tuning_train(struct tuning *tuning, struct error *error)
{
    const uint32_t *truth = tuning->truth + tuning->train;
    const struct assay_tune_report fitted = tuning->tuned->report;
    float *logits = memory_try(tuning->validation + tuning->cases, tuning->labels * sizeof(float));
    if (logits == NULL)
        return error_set(error, ERROR_NO_MEMORY, "no memory for %zu answers", tuning->validation + tuning->cases);
    float *general = memory_alloc(TUNING_GENERAL, tuning->labels * sizeof(*general));
    if (!train(tuning, error) || !serve(tuning, logits, general, error)) {
        free(logits);
        free(general);
        if (!tuning->is_auto || tuning->options->resume || error->kind == ERROR_CANCELLED || team_processes() > 1)
            return false; /* of several processes all fail: one alone could not tell the others */
        tuning->tuned->report.untrained = arena_text(&tuning->tuned->arena, slice_from(error->message));
        return keep_regression(tuning, &fitted, error);
    }
    double before = measure_log_loss(tuning->logits, truth, tuning->validation, tuning->labels, tuning->temperature);
    double temperature = measure_temperature(logits, truth, tuning->validation, tuning->labels);
    double after = measure_log_loss(logits, truth, tuning->validation, tuning->labels, temperature);
    if (tuning->is_auto && after >= before) { /* the simpler one is as good */
        free(logits);
        free(general);
        return keep_regression(tuning, &fitted, error);
    }
    take_over(tuning, logits, general, temperature, measure_log_loss(logits, truth, tuning->validation, tuning->labels, 1));
    return true;
}
