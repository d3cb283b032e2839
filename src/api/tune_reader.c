/* tune_reader.c - the part of assay.h that trains readers: questions on passages, the training, and how well it reads.
 *
 *   examples ─▶ checks ─▶ learn from │ choose by │ measure with ─▶ windows ─▶ LoRA on every linear layer and a head for spans
 *
 * While it learns, .assay/adapters/NAME~training holds its checkpoints; it is removed when the adapter is in its place. */
#include "eval/eval.h"
#include "text/text.h"
#include "tune_reader.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#define SHARE_HELD 0.1 /* for choosing, and for measuring where no test is given … */
enum {
    HELD_MOST = 2000, /* … but no more than so many of each */
    SCORED_MOST = 500, /* windows of those chosen by, read while it learns */
    TOKENS_USUAL = 384,
    SCORES = 6, /* while it learns, and no nearer to each other than so many steps: */
    SCORE_STEPS = 100,
    CHECKPOINTS = 50, /* and no farther from each other than so many steps: */
    CHECKPOINT_STEPS = 200
};

/* ---- data ---- */

static bool open_reading(const char *path, struct examples *examples, struct error *error)
{
    if (!examples_open(examples, path, &(struct examples_options){.format = EXAMPLES_AUTO}, error))
        return false;
    if (examples->shape == EXAMPLES_READING)
        return true;
    error_set(error, ERROR_INVALID, "\"%s\" is %s, expected questions on passages", path, examples->stated);
    return error_hint(error, "Give them in SQuAD's form: data[].paragraphs[] with \"context\" and \"qas\".");
}

static void count_unanswerable(struct reader_tuning *reader)
{
    struct tuning *tuning = &reader->tuning;
    for (size_t i = 0; i < tuning->examples.count; i++)
        tuning->tuned->report.unanswerable += tuning->checks.marks[i] == 0 && tuning->examples.items[i].answer_count == 0;
}

static bool read_data(struct reader_tuning *reader, struct error *error)
{
    struct tuning *tuning = &reader->tuning;
    const char *test = tuning->options->test;
    struct error why;
    if (!open_reading(tuning->options->data, &tuning->examples, error) ||
        (test != NULL && !open_reading(test, &tuning->test, error)))
        return false;
    bool has_base = tuning_find_base(tuning, &why) &&
                    model_read_tokenizer(&reader->tokenizer, &reader->tokens_max, tuning->base_folder, &why);
    if (!has_base && !tuning->options->check) {
        *error = why;
        return false;
    }
    if (reader->tokens_max > TOKENS_USUAL)
        reader->tokens_max = TOKENS_USUAL;
    const struct check_request request = {.examples = &tuning->examples,
                                          .test = test != NULL ? &tuning->test : NULL,
                                          .tokenizer = has_base ? reader->tokenizer : NULL,
                                          .pool = tuning->pool,
                                          .step = tuning_step,
                                          .context = tuning};
    if (!check_examples(&request, &tuning->checks, error))
        return false;
    tuning_fill_checks(tuning);
    count_unanswerable(reader);
    return true;
}

/* ---- parts ---- */

static void take_part(const uint8_t *parts, size_t count, uint8_t part, struct reader_part *out)
{
    out->items = memory_alloc(count + 1, sizeof(*out->items));
    for (size_t i = 0; i < count; i++)
        if (parts[i] == part)
            out->items[out->count++] = (uint32_t)i;
}

static bool divide(struct reader_tuning *reader, struct error *error)
{
    enum { PART_CASES = 100 };
    struct tuning *tuning = &reader->tuning;
    const struct examples *examples = &tuning->examples;
    bool has_test = tuning->options->test != NULL;
    if (!tuning_refuse_blocked(tuning, error))
        return false;
    uint8_t *parts = memory_alloc(examples->count + 1, 1);
    memset(parts, SPLIT_TRAIN, examples->count);
    double most = (double)HELD_MOST / (double)(tuning->checks.usable + 1);
    struct split_request request = {.examples = examples,
                                    .groups = tuning->checks.groups,
                                    .marks = tuning->checks.marks,
                                    .share = most < SHARE_HELD ? most : SHARE_HELD,
                                    .seed = reader->seed};
    if (!has_test) {
        split_examples(&request, parts);
        for (size_t i = 0; i < examples->count; i++)
            parts[i] = parts[i] == SPLIT_HELD ? PART_CASES : parts[i];
        request.seed++;
    }
    split_examples(&request, parts);
    take_part(parts, examples->count, SPLIT_TRAIN, &reader->train);
    take_part(parts, examples->count, SPLIT_HELD, &reader->validation);
    reader->cases.examples = has_test ? &tuning->test : examples;
    reader->train.examples = reader->validation.examples = examples;
    if (has_test) {
        uint8_t *all = memory_alloc(tuning->test.count + 1, 1);
        take_part(all, tuning->test.count, 0, &reader->cases);
        free(all);
    } else {
        take_part(parts, examples->count, PART_CASES, &reader->cases);
    }
    free(parts);
    tuning->train = reader->train.count;
    tuning->validation = reader->validation.count;
    tuning->cases = reader->cases.count;
    if (tuning->train > 0 && tuning->validation > 0 && tuning->cases > 0)
        return true;
    error_set(error, ERROR_INVALID, "\"%s\" has too few usable questions to hold some out: %zu", tuning->options->data,
              tuning->checks.usable);
    return error_hint(error, "Questions on three passages are the least; --check tells what is left out and why.");
}

static void make_windows(struct reader_tuning *reader, struct reader_part *part, size_t windows_most, bool learns)
{
    const struct reading_request request = {.examples = part->examples,
                                            .items = part->items,
                                            .count = part->count,
                                            .tokenizer = reader->tokenizer,
                                            .tokens_max = reader->tokens_max,
                                            .learns = learns,
                                            .windows_most = windows_most,
                                            .seed = reader->seed};
    reading_make(&request, &part->set);
}

/* ---- asking ---- */

struct asking {
    struct reader_tuning *reader;
    const char *stage;
};

static bool asking_step(void *context, size_t done, size_t total)
{
    const struct asking *asking = context;
    return tuning_step(&asking->reader->tuning, asking->stage, done, total);
}

static void compare(const struct example *example, struct slice answer, struct reading_case *item)
{
    struct slice *golds = memory_alloc(example->answer_count + 1, sizeof(*golds));
    struct grade_scores scores;
    for (size_t i = 0; i < example->answer_count; i++)
        golds[i] = example->answers[i].text;
    grade_answer(&(struct grade_gold){.texts = golds, .count = example->answer_count}, &answer, &scores);
    item->exact = example->answer_count > 0 ? scores.values[GRADE_EXACT] : 0;
    item->f1 = example->answer_count > 0 ? scores.values[GRADE_F1] : 0;
    free(golds);
}

/* The answers of a part, compared; `cases` is freed by the caller. */
static bool ask(struct reader_tuning *reader, const struct reader_part *part, const char *stage, struct reading_case **cases,
                struct error *error)
{
    struct asking step = {reader, stage};
    const struct reading_asking asking = {&part->set, stage != NULL ? asking_step : NULL, &step};
    struct reading_answer *answers = memory_alloc(part->set.items + 1, sizeof(*answers));
    bool ok = reading_answers(reader->trainer, &asking, answers, error);
    *cases = memory_alloc(part->set.items + 1, sizeof(**cases));
    for (size_t i = 0; i < part->set.items && ok; i++) {
        const struct example *example = &part->examples->items[part->items[i]];
        struct reading_case *item = &(*cases)[i];
        item->is_answerable = example->answer_count > 0;
        item->score = answers[i].score;
        compare(example, slice_range(example->context, answers[i].start, answers[i].end), item);
    }
    free(answers);
    return ok;
}

static bool measure(struct reader_tuning *reader, const struct assay_tune_reading **out, struct error *error)
{
    static const char stage[] = "reading what was held out";
    struct reading_case *chosen = NULL, *cases = NULL;
    struct reading_measures measures;
    bool ok = ask(reader, &reader->validation, stage, &chosen, error) && ask(reader, &reader->cases, stage, &cases, error);
    if (ok) {
        reader->threshold = reading_threshold(chosen, reader->validation.set.items);
        reader->chance = reading_fit_chance(chosen, reader->validation.set.items);
        reading_measure(cases, reader->cases.set.items, reader->threshold, reader->seed, &measures);
        struct assay_tune_reading *reading = arena_alloc(&reader->tuning.tuned->arena, 1, sizeof(*reading));
        *reading = (struct assay_tune_reading){.exact = measures.exact,
                                               .exact_low = measures.exact_interval.low,
                                               .exact_high = measures.exact_interval.high,
                                               .f1 = measures.f1,
                                               .f1_low = measures.f1_interval.low,
                                               .f1_high = measures.f1_interval.high,
                                               .f1_all = measures.f1_all,
                                               .f1_all_low = measures.f1_all_interval.low,
                                               .f1_all_high = measures.f1_all_interval.high,
                                               .exact_all = measures.exact_all,
                                               .abstained = measures.abstained,
                                               .answered = measures.answered,
                                               .auc = measures.auc};
        reader->tuning.tuned->report.unanswerable_cases = measures.unanswerable;
        *out = reading;
    }
    free(chosen);
    free(cases);
    return ok;
}

/* Without an adapter nothing is read: to abstain always, which is right where there is no answer. */
static const struct assay_tune_reading *abstaining(struct reader_tuning *reader)
{
    struct assay_tune_reading *reading = arena_alloc(&reader->tuning.tuned->arena, 1, sizeof(*reading));
    struct statistics_interval interval;
    size_t none = 0, count = reader->cases.count;
    for (size_t i = 0; i < count; i++)
        none += reader->cases.examples->items[reader->cases.items[i]].answer_count == 0;
    statistics_wilson(none, count, &interval);
    *reading = (struct assay_tune_reading){.f1_all = (double)none / (double)count,
                                           .f1_all_low = interval.low,
                                           .f1_all_high = interval.high,
                                           .exact_all = (double)none / (double)count,
                                           .abstained = 1,
                                           .auc = 0.5};
    return reading;
}

/* ---- learning ---- */

static bool on_step(void *context, const struct train_progress *progress)
{
    struct reader_tuning *reader = context;
    reader->tokens += progress->tokens;
    reader->seconds = progress->seconds;
    return tuning_step(&reader->tuning, "training", progress->step, progress->steps);
}

/* How it reads some of those it is chosen by, at the best threshold. */
static bool on_score(void *context, struct trainer *trainer, double *score, struct error *error)
{
    struct reader_tuning *reader = context;
    struct reading_case *cases = NULL;
    struct reading_measures measures;
    (void)trainer;
    bool ok = ask(reader, &reader->scored, NULL, &cases, error);
    if (ok) {
        reading_measure(cases, reader->scored.set.items, reading_threshold(cases, reader->scored.set.items), 1, &measures);
        *score = measures.f1_all;
    }
    free(cases);
    return ok;
}

static bool make_trainer(struct reader_tuning *reader, struct error *error)
{
    static const char *const targets[] = {"all-linear"};
    const struct assay_tune_reader_options *options = reader->options;
    size_t batch = options->batch > 0 ? options->batch : 32, epochs = options->epochs > 0 ? options->epochs : 2;
    size_t steps = (reader->train.set.count + batch - 1) / batch * epochs;
    if (options->steps > 0 && options->steps < steps)
        steps = options->steps;
    reader->recipe = (struct train_recipe){
        .task = TRAIN_SPAN,
        .scope = TRAIN_LORA,
        .lora = {.rank = options->rank > 0 ? options->rank : 64, .targets = targets, .target_count = ARRAY_COUNT(targets)},
        .epochs = epochs,
        .steps_max = options->steps,
        .batch_examples = batch,
        .tokens_max = reader->tokens_max,
        .learning_rate = options->learning_rate > 0 ? (float)options->learning_rate : 1e-3F,
        .schedule = TRAIN_LINEAR,
        .warmup = 0.06F,
        .clip = 1,
        .seed = reader->seed,
        .evaluate_steps = steps / SCORES > SCORE_STEPS ? steps / SCORES : SCORE_STEPS,
        .checkpoint_steps = steps / CHECKPOINTS < CHECKPOINT_STEPS ? steps / CHECKPOINTS + 1 : CHECKPOINT_STEPS};
    reader->recipe.lora.alpha = (float)reader->recipe.lora.rank;
    const struct trainer_options trainer = {
        .base = reader->tuning.base_folder, .pool = reader->tuning.pool, .folder = reader->work, .adapter = reader->from};
    return trainer_create(&reader->trainer, &reader->recipe, &trainer, error);
}

static bool learn(struct reader_tuning *reader, struct error *error)
{
    const struct train_calls calls = {.context = reader, .progress = on_step, .score = on_score};
    const struct reading_set *set = &reader->train.set;
    struct assay_tune_report *report = &reader->tuning.tuned->report;
    bool ok = reader->options->now ? trainer_restore(reader->trainer, set->examples, set->count, &calls, &reader->result, error)
                                   : trainer_run(reader->trainer, set->examples, set->count, reader->options->resume, &calls,
                                                 &reader->result, error);
    if (!ok)
        return false;
    report->steps = reader->result.steps;
    report->best_step = reader->result.best_step;
    report->epochs = reader->recipe.epochs;
    report->loss_train = reader->result.last_loss;
    report->tokens_per_second = reader->seconds > 0 ? (double)reader->tokens / reader->seconds : 0;
    return true;
}

/* ---- the steps ---- */

/* The reader to begin with. */
static bool find_from(struct reader_tuning *reader, struct error *error)
{
    struct assay *assay = reader->tuning.assay;
    struct arena *arena = &reader->tuning.tuned->arena;
    const char *from = reader->options->from;
    if (from == NULL)
        return true;
    reader->from = from;
    if (strcmp(from, "builtin") == 0)
        return reader_find(NULL, arena, &reader->from, error);
    if (file_exists(path_join(arena, from, "adapter_config.json")))
        return true;
    if (!adapter_folder(assay, from, arena, &reader->from, error))
        return false;
    if (file_exists(path_join(arena, reader->from, "adapter_config.json")))
        return true;
    error_set(error, ERROR_NOT_FOUND, "there is no reader \"%.80s\" to begin with", from);
    return error_hint(error, "Give the name of an adapter of the project, its folder, or \"builtin\".");
}

/* A training that was stopped is neither lost by mistake nor gone on with by mistake. */
static bool find_work(struct reader_tuning *reader, struct error *error)
{
    const char *folder;
    const struct assay_tune_reader_options *options = reader->options;
    if (!adapter_folder(reader->tuning.assay, reader->name, &reader->tuning.tuned->arena, &folder, error))
        return false;
    reader->work = arena_format(&reader->tuning.tuned->arena, "%s~training", folder); /* no adapter is called so */
    bool is_there = file_exists(path_join(&reader->tuning.tuned->arena, reader->work, "checkpoint"));
    bool wants = options->resume || options->now;
    if (is_there && !wants && !options->common.replace) {
        error_set(error, ERROR_CONFLICT, "a training of \"%.64s\" was stopped before its end", reader->name);
        return error_hint(error, "Go on with --resume, begin anew with --replace, or keep what it has reached with --now.");
    }
    if (!is_there && wants)
        return error_set(error, ERROR_NOT_FOUND, "no training of \"%.64s\" was stopped: there is no checkpoint", reader->name);
    return true;
}

static bool train(struct reader_tuning *reader, struct error *error)
{
    struct tuning *tuning = &reader->tuning;
    struct assay_tune_report *report = &tuning->tuned->report;
    if (!divide(reader, error) || !base_hash(tuning->base_folder, tuning->base_hash, error))
        return false;
    report->train = tuning->train;
    report->validation = tuning->validation;
    report->cases = tuning->cases;
    report->base = arena_text(&tuning->tuned->arena, path_name(tuning->base_folder));
    report->method = "lora";
    if (!tuning_step(tuning, "cutting passages", 0, 0))
        return tuning_stopped("cutting passages", error);
    reader->scored = (struct reader_part){
        .examples = reader->validation.examples, .items = reader->validation.items, .count = reader->validation.count};
    make_windows(reader, &reader->train, 0, true);
    make_windows(reader, &reader->validation, 0, false);
    make_windows(reader, &reader->scored, SCORED_MOST, false);
    make_windows(reader, &reader->cases, 0, false);
    if (!make_trainer(reader, error))
        return false;
    if (reader->from == NULL)
        report->reading_before = abstaining(reader);
    else if (!measure(reader, &report->reading_before, error))
        return false;
    if (!learn(reader, error) || !measure(reader, &report->reading, error))
        return false;
    report->threshold = reader->threshold;
    return true;
}

static bool run(struct reader_tuning *reader, uint64_t start, struct error *error)
{
    struct tuning *tuning = &reader->tuning;
    struct assay_tune_report *report = &tuning->tuned->report;
    bool checks = tuning->options->check;
    bool ok = (checks ||
               (tuning_check_name(tuning, reader->name, error) && find_work(reader, error) && find_from(reader, error))) &&
              read_data(reader, error) && (checks || train(reader, error));
    if (!ok)
        return false;
    struct rusage usage = {0};
    getrusage(RUSAGE_SELF, &usage);
    report->peak_bytes = (size_t)usage.ru_maxrss * KIB;
    report->took_ms = clock_ms_since(start);
    return checks || reader_tuning_write(reader, error);
}

static void release(struct reader_tuning *reader)
{
    struct tuning *tuning = &reader->tuning;
    reader->scored.items = NULL; /* those of `validation` */
    struct reader_part *const parts[] = {&reader->train, &reader->validation, &reader->scored, &reader->cases};
    for (size_t i = 0; i < ARRAY_COUNT(parts); i++) {
        free(parts[i]->items);
        reading_release(&parts[i]->set);
    }
    trainer_free(reader->trainer);
    tokenizer_free(reader->tokenizer);
    pool_free(tuning->pool);
    check_release(&tuning->checks);
    examples_release(&tuning->examples);
    examples_release(&tuning->test);
}

bool assay_tune_reader(struct assay *assay, const struct assay_tune_reader_options *options, struct assay_tuned **tuned,
                       struct assay_error *error)
{
    struct error inner;
    uint64_t start = clock_now_ns();
    size_t threads = options->common.threads;
    struct reader_tuning reader = {.tuning = {.assay = assay, .options = &options->common}, .options = options};
    reader.name = options->common.name != NULL ? options->common.name : "reader";
    reader.seed = options->common.seed != 0 ? options->common.seed : 1;
    reader.tuning.tuned = memory_alloc(1, sizeof(*reader.tuning.tuned));
    arena_init(&reader.tuning.tuned->arena);
    reader.tuning.pool = pool_create(threads <= LIMIT_THREADS ? threads : LIMIT_THREADS);
    bool ok = run(&reader, start, &inner);
    release(&reader);
    if (ok)
        *tuned = reader.tuning.tuned;
    else
        assay_tuned_free(reader.tuning.tuned);
    return finish(ok, &inner, error);
}
