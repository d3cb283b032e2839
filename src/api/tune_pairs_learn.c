/* tune_pairs_learn.c - what is learned from, the recipe, and the training. */
#include "tune_pairs.h"
#include <stdlib.h>

enum {
    POSITIVES_MOST = 4, /* of a question that has many */
    MANY = 2000, /* questions from which on fewer rounds do */
    SCORES = 8, /* while it learns, and no nearer to each other than so many steps: */
    SCORE_STEPS = 20,
    CHECKPOINTS = 50, /* and no farther from each other than so many steps: */
    CHECKPOINT_STEPS = 200
};

/* ---- examples ---- */

/* Any of the candidates that do not answer: `negatives` has room for the wanted number; returns how many there are. */
static size_t draw_negatives(const struct pair_question *question, size_t wanted, struct random *random, uint32_t *negatives)
{
    size_t seen = 0, count = 0;
    for (size_t i = 0; i < question->candidate_count; i++) {
        if (question->candidates[i].answers)
            continue;
        seen++;
        if (count < wanted)
            negatives[count++] = question->candidates[i].text;
        else if (wanted > 0) { /* each with the same chance (Vitter's algorithm R) */
            size_t place = (size_t)random_below(random, seen);
            if (place < wanted)
                negatives[place] = question->candidates[i].text;
        }
    }
    return count;
}

static size_t positives_of(const struct pair_question *question)
{
    return question->positive_count < POSITIVES_MOST ? question->positive_count : POSITIVES_MOST;
}

static void add_pair(struct pairs_tuning *pairs, struct slice question, uint32_t text, float target)
{
    pairs->targets[pairs->example_count] = target;
    pairs->examples[pairs->example_count] = (struct train_example){
        .first = question, .second = pairs->texts.items[text], .targets = &pairs->targets[pairs->example_count]};
    pairs->example_count++;
}

static void add_contrast(struct pairs_tuning *pairs, struct slice question, uint32_t text, const uint32_t *negatives,
                         size_t count)
{
    struct slice *texts = arena_alloc(&pairs->tuning.tuned->arena, count + 1, sizeof(*texts));
    for (size_t i = 0; i < count; i++)
        texts[i] = pairs->texts.items[negatives[i]];
    pairs->examples[pairs->example_count++] = (struct train_example){
        .first = question, .second = pairs->texts.items[text], .negatives = texts, .negative_count = count};
}

static void make_examples(struct pairs_tuning *pairs)
{
    const struct pair_part *train = &pairs->train;
    struct random random;
    size_t most = 0;
    uint32_t *negatives = memory_alloc(pairs->negatives + 1, sizeof(*negatives));
    random_init(&random, pairs->seed);
    for (size_t i = 0; i < train->count; i++)
        most += positives_of(&train->questions[i]) + pairs->negatives;
    pairs->examples = memory_alloc(most + 1, sizeof(*pairs->examples));
    pairs->targets = memory_alloc(most + 1, sizeof(*pairs->targets));
    for (size_t i = 0; i < train->count; i++) {
        const struct pair_question *question = &train->questions[i];
        size_t count = draw_negatives(question, pairs->negatives, &random, negatives);
        for (size_t j = 0; j < positives_of(question); j++)
            if (pairs->embeds)
                add_contrast(pairs, question->text, question->positives[j], negatives, count);
            else
                add_pair(pairs, question->text, question->positives[j], 1);
        for (size_t j = 0; j < count && !pairs->embeds; j++)
            add_pair(pairs, question->text, negatives[j], 0);
    }
    free(negatives);
}

/* ---- the run ---- */

static bool on_step(void *context, const struct train_progress *progress)
{
    struct pairs_tuning *pairs = context;
    pairs->tokens += progress->tokens;
    pairs->seconds = progress->seconds;
    return tuning_step(&pairs->tuning, "training", progress->step, progress->steps);
}

static bool on_score(void *context, struct trainer *trainer, double *score, struct error *error)
{
    return pairs_score(context, trainer, score, error);
}

static bool make_trainer(struct pairs_tuning *pairs, struct error *error)
{
    static const char *const targets[] = {"all-linear"};
    const struct assay_tune_reader_options *options = pairs->options;
    bool few = pairs->train.count < MANY;
    size_t batch = options->batch > 0 ? options->batch : 32, usual = pairs->embeds ? (few ? 8 : 3) : (few ? 3 : 1);
    size_t epochs = options->epochs > 0 ? options->epochs : usual, rank = pairs->embeds ? 16 : 32;
    size_t steps = (pairs->example_count + batch - 1) / batch * epochs;
    if (options->steps > 0 && options->steps < steps)
        steps = options->steps;
    pairs->recipe = (struct train_recipe){
        .task = pairs->embeds ? TRAIN_EMBED : TRAIN_RANK,
        .scope = TRAIN_LORA,
        .mean_pooling = !pairs->embeds,
        .lora = {.rank = options->rank > 0 ? options->rank : rank, .targets = targets, .target_count = ARRAY_COUNT(targets)},
        .epochs = epochs,
        .steps_max = options->steps,
        .batch_examples = batch,
        .tokens_max = pairs->tokens_max,
        .learning_rate = options->learning_rate > 0 ? (float)options->learning_rate
                         : pairs->embeds            ? 3e-4F
                                                    : 1e-3F,
        .schedule = TRAIN_LINEAR,
        .warmup = 0.06F,
        .clip = 1,
        .dropout = (float)options->dropout,
        .recompute = options->common.recompute,
        .moments_8bit = options->common.moments_8bit,
        .seed = pairs->seed,
        .evaluate_steps = steps / SCORES > SCORE_STEPS ? steps / SCORES : SCORE_STEPS,
        .patience = 4,
        .checkpoint_steps = steps / CHECKPOINTS < CHECKPOINT_STEPS ? steps / CHECKPOINTS + 1 : CHECKPOINT_STEPS};
    pairs->recipe.lora.alpha = (float)pairs->recipe.lora.rank;
    pairs->recipe.lora.weight_decomposed = options->common.dora;
    for (size_t i = 0; i < pairs->width_count; i++)
        pairs->recipe.widths[i] = options->widths[i];
    const struct trainer_options trainer = {
        .base = pairs->tuning.base_folder, .pool = pairs->tuning.pool, .folder = pairs->work, .adapter = pairs->from};
    return trainer_create(&pairs->trainer, &pairs->recipe, &trainer, error);
}

bool pairs_learn(struct pairs_tuning *pairs, struct error *error)
{
    const struct train_calls calls = {.context = pairs, .progress = on_step, .score = on_score};
    struct assay_tune_report *report = &pairs->tuning.tuned->report;
    make_examples(pairs);
    if (!make_trainer(pairs, error))
        return false;
    if (pairs->tuning.options->find_rate)
        return tuning_find_rate(&pairs->tuning, pairs->trainer, pairs->examples, pairs->example_count,
                                (double)pairs->recipe.learning_rate, error);
    bool ok = pairs->options->now
                  ? trainer_restore(pairs->trainer, pairs->examples, pairs->example_count, &calls, &pairs->result, error)
                  : trainer_run(pairs->trainer, pairs->examples, pairs->example_count, pairs->options->resume, &calls,
                                &pairs->result, error);
    if (!ok)
        return false;
    report->steps = pairs->result.steps;
    report->best_step = pairs->result.best_step;
    report->epochs = pairs->recipe.epochs;
    report->loss_train = pairs->result.last_loss;
    report->tokens_per_second = pairs->seconds > 0 ? (double)pairs->tokens / pairs->seconds : 0;
    return true;
}
