/* trainer_run.c - the loop.
 *
 *   of each epoch: shuffle; of each batch: loss and gradients, clip, AdamW; now and then a score and a checkpoint
 *
 * Several processes (team.h) go the same way in step: each takes a part of the batch, and has the sum of all gradients.
 *
 * Everything that a step depends on follows from its number: the order of an epoch from the seed and the epoch, what is dropped from the seed
 * and the step, the rate from the schedule. So a checkpoint needs only the weights, the moments and where the run was. */
#include "train_parts.h"
#include <assert.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

struct run {
    struct trainer *trainer;
    const struct train_example *examples;
    const struct train_calls *calls;
    struct ready_set set;
    size_t *order;
    size_t epoch; /* that `order` is of, from 1; 0: none */
    size_t steps_an_epoch, steps;
    unsigned char key[32];
    struct run_state state;
    uint64_t started_ns;
    bool is_search; /* for a learning rate: weights are as before afterwards, and nothing is written */
};

/* ---- weights kept aside ---- */

static void copy_weights(struct trainer *trainer, bool back)
{
    float *at = trainer->best;
    for (size_t i = 0; i < trainer->learned_count; i++) {
        struct parameter *parameter = &trainer->learned[i].parameter;
        memcpy(back ? parameter->values : at, back ? at : parameter->values, parameter->count * sizeof(float));
        at += parameter->count;
    }
    if (back)
        trainable_changed(trainer->trainable);
}

static void clear_gradients(struct trainer *trainer)
{
    for (size_t i = 0; i < trainer->learned_count; i++) {
        const struct parameter *parameter = &trainer->learned[i].parameter;
        memset(parameter->gradients, 0, parameter->count * sizeof(float));
        if (parameter->used != NULL)
            memset(parameter->used, 0, parameter->rows);
    }
}

static bool begin_weights(struct trainer *trainer, bool keeps, struct error *error)
{
    size_t numbers = trainer->learned_numbers;
    if (!moments_make(trainer, error))
        return false;
    free(trainer->best);
    trainer->best = keeps ? memory_large(numbers, sizeof(float)) : NULL;
    if (keeps && trainer->best == NULL)
        return error_set(error, ERROR_NO_MEMORY, "no memory for the best of %zu numbers", numbers);
    clear_gradients(trainer);
    return true;
}

/* ---- several processes ---- */

/* What only the first process has found in its folder. */
static bool share_state(struct run *run, struct error *error)
{
    struct trainer *trainer = run->trainer;
    struct team *team = trainer->team;
    if (team == NULL)
        return true;
    unsigned char key[sizeof(run->key)];
    memcpy(key, run->key, sizeof(key));
    bool ok = team_share(team, key, sizeof(key), error);
    double others = memcmp(key, run->key, sizeof(key)) != 0;
    ok = ok && team_sum_double(team, &others, error);
    if (ok && others > 0) {
        error_set(error, ERROR_INVALID, "%.0f of the %zu processes would train something else than the first", others,
                  team_size(team));
        return error_hint(error, "Data, base, options and precision have to be the same for all.");
    }
    ok = ok && team_share(team, &run->state, sizeof(run->state), error);
    if (!ok || run->state.step == 0)
        return ok;
    for (size_t i = 0; i < trainer->learned_count && ok; i++) {
        struct parameter *parameter = &trainer->learned[i].parameter;
        ok = team_share(team, parameter->values, parameter->count * sizeof(float), error);
    }
    ok = ok && team_share(team, trainer->moments, trainer->moments_bytes, error);
    if (ok && run->state.has_best)
        ok = team_share(team, trainer->best, trainer->learned_numbers * sizeof(float), error);
    if (ok)
        trainable_changed(trainer->trainable);
    return ok;
}

static bool sum_gradients(struct trainer *trainer, struct error *error)
{
    bool ok = true;
    for (size_t i = 0; i < trainer->learned_count && trainer->team != NULL && ok; i++) {
        struct parameter *parameter = &trainer->learned[i].parameter;
        ok = team_sum(trainer->team, parameter->gradients, parameter->count, error);
        if (ok && parameter->used != NULL)
            ok = team_largest(trainer->team, parameter->used, parameter->rows, error);
    }
    return ok;
}

/* ---- steps ---- */

static void shuffle(struct run *run, size_t epoch)
{
    struct random random;
    if (run->epoch == epoch)
        return;
    run->epoch = epoch;
    random_init(&random, run->trainer->recipe.seed * 0x9E3779B97F4A7C15u + epoch);
    for (size_t i = 0; i < run->set.example_count; i++)
        run->order[i] = i;
    for (size_t i = run->set.example_count; i > 1; i--) {
        size_t j = (size_t)random_below(&random, i), kept = run->order[i - 1];
        run->order[i - 1] = run->order[j];
        run->order[j] = kept;
    }
}

static bool learn_batch(struct run *run, const size_t *order, size_t count, uint64_t step, double *loss, uint64_t *tokens,
                        struct error *error)
{
    if (run->trainer->recipe.task == TRAIN_EMBED) {
        for (size_t i = 0; i < count; i++)
            for (size_t j = run->set.firsts[order[i]]; j < run->set.firsts[order[i] + 1]; j++)
                *tokens += run->set.items[j].count;
        return embed_step(run->trainer, &run->set, order, count, step, loss, error);
    }
    return batch_step(run->trainer, run->examples, &run->set, order, count, step, loss, tokens, error);
}

/* The gradients of the step's batch. */
static bool find_slope(struct run *run, struct train_progress *progress, struct error *error)
{
    size_t step = run->state.step, batch = run->trainer->recipe.batch_examples;
    size_t first = step % run->steps_an_epoch * batch, rest = run->set.example_count - first;
    *progress = (struct train_progress){.step = step + 1, .steps = run->steps, .epoch = step / run->steps_an_epoch + 1};
    shuffle(run, progress->epoch);
    if (!learn_batch(run, run->order + first, rest < batch ? rest : batch, step, &progress->loss, &progress->tokens, error) ||
        !sum_gradients(run->trainer, error))
        return false;
    progress->gradient_norm = optimizer_norm(run->trainer);
    return true;
}

static bool one_step(struct run *run, struct error *error)
{
    struct trainer *trainer = run->trainer;
    const struct train_recipe *recipe = &trainer->recipe;
    size_t step = run->state.step;
    struct train_progress progress;
    double factor = schedule_factor(recipe, step, run->steps);
    if (!find_slope(run, &progress, error))
        return false;
    if (!isfinite(progress.loss) || !isfinite(progress.gradient_norm)) {
        error_set(error, ERROR_INVALID, "the training left all bounds at step %zu: the loss is %g, the gradients' norm %g",
                  step + 1, progress.loss, progress.gradient_norm);
        return error_hint(error, "Choose a smaller learning rate, a warm-up, or clip the gradients.");
    }
    optimizer_step(trainer, step + 1, factor, progress.gradient_norm);
    progress.learning_rate = factor * (double)recipe->learning_rate;
    progress.seconds = clock_ms_since(run->started_ns) / 1000;
    run->state.step++;
    run->state.last_loss = progress.loss;
    log_step(trainer, &progress);
    if (run->calls != NULL && run->calls->progress != NULL && !run->calls->progress(run->calls->context, &progress))
        return error_set(error, ERROR_CANCELLED, "the training was stopped at step %zu of %zu", step + 1, run->steps);
    return true;
}

static bool take_score(struct run *run, struct error *error)
{
    double score = 0;
    if (team_place(run->trainer->team) == 0 && !run->calls->score(run->calls->context, run->trainer, &score, error))
        return false;
    if (!team_share(run->trainer->team, &score, sizeof(score), error))
        return false;
    if (!isfinite(score))
        return error_set(error, ERROR_INVALID, "the score of step %zu is no number", (size_t)run->state.step);
    log_score(run->trainer, run->state.step, score);
    run->state.since_best++;
    if (!run->state.has_best || score > run->state.best_score) {
        run->state.has_best = true;
        run->state.best_score = score;
        run->state.best_step = run->state.step;
        run->state.since_best = 0;
        copy_weights(run->trainer, false);
    }
    size_t patience = run->trainer->recipe.patience;
    run->state.stopped = patience > 0 && run->state.since_best >= patience && run->state.step < run->steps;
    return true;
}

static bool loop(struct run *run, struct error *error)
{
    const struct train_recipe *recipe = &run->trainer->recipe;
    size_t evaluate = recipe->evaluate_steps > 0 ? recipe->evaluate_steps : run->steps_an_epoch;
    size_t checkpoint = recipe->checkpoint_steps > 0 ? recipe->checkpoint_steps : run->steps_an_epoch;
    bool scores = run->calls != NULL && run->calls->score != NULL;
    while (run->state.step < run->steps && !run->state.stopped) {
        if (!one_step(run, error)) {
            struct error ignored;
            bool lacks_score = scores && (run->state.step % evaluate == 0 || run->state.step == run->steps);
            if (error->kind == ERROR_CANCELLED && run->trainer->folder != NULL && !lacks_score)
                (void)!checkpoint_write(run->trainer, run->key, &run->state, &ignored); /* else an older one stays */
            return false;
        }
        bool is_last = run->state.step == run->steps;
        if (scores && (run->state.step % evaluate == 0 || is_last) && !take_score(run, error))
            return false;
        if (run->trainer->folder != NULL && (run->state.step % checkpoint == 0 || is_last || run->state.stopped) &&
            !checkpoint_write(run->trainer, run->key, &run->state, error))
            return false;
    }
    return true;
}

/* ---- a run ---- */

static bool prepare(struct run *run, size_t count, bool resume, struct error *error)
{
    struct trainer *trainer = run->trainer;
    bool scores = run->calls != NULL && run->calls->score != NULL, found = false;
    const char *folder = run->is_search ? NULL : trainer->folder;
    size_t batch = trainer->recipe.batch_examples;
    if (count == 0)
        return error_set(error, ERROR_INVALID, "there are no examples to train on");
    for (size_t i = 0; i < count && trainer->recipe.task == TRAIN_EMBED; i++)
        if (run->examples[i].second.data == NULL)
            return error_set(error, ERROR_INVALID, "example %zu has no second text", i + 1);
    if (!ready_make(trainer, run->examples, count, &run->set, error))
        return false;
    run->order = memory_alloc(count, sizeof(*run->order));
    run->steps_an_epoch = (count + batch - 1) / batch;
    run->steps = run->steps_an_epoch * trainer->recipe.epochs;
    if (trainer->recipe.steps_max > 0 && trainer->recipe.steps_max < run->steps)
        run->steps = trainer->recipe.steps_max;
    run_key(trainer, &run->set, run->examples, run->key);
    buffer_clear(&trainer->log);
    if (!begin_weights(trainer, scores || run->is_search, error) || (folder != NULL && !folder_create(folder, error)))
        return false;
    bool ok = folder == NULL || !resume || checkpoint_read(trainer, run->key, &run->state, &found, error);
    return ok && share_state(run, error);
}

static void run_release(struct run *run)
{
    struct trainer *trainer = run->trainer;
    ready_release(&run->set);
    free(run->order);
    free(trainer->moments);
    free(trainer->best);
    trainer->moments = NULL;
    trainer->best = NULL;
}

static bool run_or_restore(struct run *run, size_t count, bool resume, bool goes_on, struct train_result *result,
                           struct error *error)
{
    struct trainer *trainer = run->trainer;
    bool ok = prepare(run, count, resume, error);
    if (ok && !goes_on && run->state.step == 0)
        ok = error_set(error, ERROR_NOT_FOUND, "\"%s\" has no checkpoint yet", trainer->folder);
    if (ok && goes_on)
        ok = loop(run, error);
    if (ok && run->state.has_best)
        copy_weights(trainer, true);
    if (ok)
        *result = (struct train_result){.steps = run->state.step,
                                        .best_step = run->state.has_best ? run->state.best_step : run->state.step,
                                        .best_score = run->state.has_best ? run->state.best_score : (double)NAN,
                                        .last_loss = run->state.last_loss,
                                        .stopped_early = run->state.stopped};
    run_release(run);
    return ok;
}

bool trainer_run(struct trainer *trainer, const struct train_example *examples, size_t count, bool resume,
                 const struct train_calls *calls, struct train_result *result, struct error *error)
{
    struct run run = {.trainer = trainer, .examples = examples, .calls = calls};
    if (!team_join(&trainer->team, error))
        return false;
    bool helps = team_place(trainer->team) > 0;
    if (helps)
        trainer->folder = NULL;
    run.started_ns = clock_now_ns();
    bool ok = run_or_restore(&run, count, resume, true, result, error);
    if (ok) /* else the others may be waiting: mpirun ends them */
        team_leave(trainer->team);
    trainer->team = NULL;
    if (ok && helps)
        return error_set(error, ERROR_CANCELLED, "the training is done, and the first of its processes keeps what was learned");
    return ok;
}

bool trainer_restore(struct trainer *trainer, const struct train_example *examples, size_t count,
                     const struct train_calls *calls, struct train_result *result, struct error *error)
{
    struct run run = {.trainer = trainer, .examples = examples, .calls = calls, .started_ns = clock_now_ns()};
    return run_or_restore(&run, count, true, false, result, error);
}

/* ---- a learning rate ---- */

/* Several batches behind one another; of one alone the loss says little. */
static bool has_left(const struct train_rates *rates)
{
    enum { LAST = 5 };
    double before = 0, now = 0;
    if (rates->count < 2 * LAST)
        return false;
    for (size_t i = 0; i < LAST; i++) {
        before += rates->points[i].raw;
        now += rates->points[rates->count - 1 - i].raw;
    }
    return now > 2 * before;
}

static bool sweep(struct run *run, struct train_rates *rates, struct error *error)
{
    const double from = 1e-3, to = 1e2;
    struct train_progress progress;
    run->steps = TRAIN_RATES + 1; /* the last one only for its loss */
    for (double rate = 0; !has_left(rates); run->state.step++) {
        if (!find_slope(run, &progress, error))
            return false;
        if (!isfinite(progress.loss) || !isfinite(progress.gradient_norm))
            return true;
        if (run->state.step > 0) {
            rates->points[rates->count].rate = rate;
            rates->points[rates->count++].raw = progress.loss;
        }
        if (run->calls != NULL && run->calls->progress != NULL && !run->calls->progress(run->calls->context, &progress))
            return error_set(error, ERROR_CANCELLED, "the search for a learning rate was stopped");
        if (rates->count == TRAIN_RATES)
            return true;
        double factor = from * pow(to / from, (double)run->state.step / (TRAIN_RATES - 1));
        rate = factor * (double)run->trainer->recipe.learning_rate;
        optimizer_step(run->trainer, run->state.step + 1, factor, progress.gradient_norm);
    }
    return true;
}

bool trainer_find_rate(struct trainer *trainer, const struct train_example *examples, size_t count,
                       const struct train_calls *calls, struct train_rates *rates, struct error *error)
{
    struct run run = {
        .trainer = trainer, .examples = examples, .calls = calls, .started_ns = clock_now_ns(), .is_search = true};
    *rates = (struct train_rates){0};
    bool ok = prepare(&run, count, false, error);
    if (ok) {
        assert(trainer->best != NULL);
        copy_weights(trainer, false);
        ok = sweep(&run, rates, error);
        copy_weights(trainer, true);
        clear_gradients(trainer);
    }
    if (ok)
        rates_judge(rates);
    run_release(&run);
    return ok;
}

bool trainer_gradients(struct trainer *trainer, const struct train_example *examples, size_t count, double *loss,
                       struct error *error)
{
    struct run run = {.trainer = trainer, .examples = examples};
    uint64_t tokens = 0;
    if (!ready_make(trainer, examples, count, &run.set, error))
        return false;
    trainable_changed(trainer->trainable); /* by the caller, perhaps */
    run.order = memory_alloc(count, sizeof(*run.order));
    for (size_t i = 0; i < count; i++)
        run.order[i] = i;
    bool ok = learn_batch(&run, run.order, count, 0, loss, &tokens, error);
    ready_release(&run.set);
    free(run.order);
    return ok;
}

const struct parameter *trainer_learned(const struct trainer *trainer, size_t i)
{
    return i < trainer->learned_count ? &trainer->learned[i].parameter : NULL;
}
