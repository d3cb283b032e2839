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

#define NEVER_ABSTAINS (-100.0) /* a threshold below every score */

enum {
    HELD_MOST = 2000, /* questions for choosing, and as many for measuring, at the most */
    SCORED_MOST = 500, /* windows of those chosen by, read while it learns */
    TOKENS_USUAL = 384,
    SCORES = 6, /* while it learns, and no nearer to each other than so many steps: */
    SCORE_STEPS = 100,
    CHECKPOINTS = 50, /* and no farther from each other than so many steps: */
    CHECKPOINT_STEPS = 200
};

/* ---- data ---- */

static bool open_reading(const char *path, bool writes, struct examples *examples, struct error *error)
{
    if (!examples_open(examples, path, &(struct examples_options){.format = EXAMPLES_AUTO}, error))
        return false;
    if (examples->shape == EXAMPLES_READING || (writes && examples->shape == EXAMPLES_TURNS))
        return true;
    error_set(error, ERROR_INVALID, "\"%s\" is %s, expected questions on passages%s", path, examples->stated,
              writes ? ", or inputs with outputs" : "");
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
    if (!open_reading(tuning->options->data, reader->writes, &tuning->examples, error) ||
        (test != NULL && !open_reading(test, reader->writes, &tuning->test, error)))
        return false;
    if (test != NULL && tuning->test.shape != tuning->examples.shape)
        return error_set(error, ERROR_INVALID, "\"%s\" is of another form than \"%s\"", test, tuning->options->data);
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
    if (tuning->examples.shape == EXAMPLES_READING)
        count_unanswerable(reader);
    return !reader->writes || writer_tuning_prepare(reader, error);
}

/* ---- parts ---- */

static bool divide(struct reader_tuning *reader, struct error *error)
{
    struct tuning_parts *parts = &reader->parts;
    if (!tuning_divide_parts(&reader->tuning, HELD_MOST, "questions", parts, error))
        return false;
    const struct tuning_part *const from[] = {&parts->train, &parts->validation, &parts->cases};
    struct reader_part *const to[] = {&reader->train, &reader->validation, &reader->cases};
    for (size_t i = 0; i < ARRAY_COUNT(from); i++)
        *to[i] = (struct reader_part){.examples = from[i]->examples, .items = from[i]->items, .count = from[i]->count};
    return !reader->options->with_context || reader_tuning_add_found(reader, error);
}

static bool make_windows(struct reader_tuning *reader, struct reader_part *part, size_t windows_most, bool learns,
                         struct error *error)
{
    const struct reading_request request = {.examples = part->examples,
                                            .items = part->items,
                                            .count = part->count,
                                            .tokenizer = reader->tokenizer,
                                            .tokens_max = reader->tokens_max,
                                            .learns = learns,
                                            .windows_most = windows_most,
                                            .seed = reader->seed};
    if (part->examples->shape == EXAMPLES_READING)
        reading_make(&request, &part->set);
    return !reader->writes || writer_tuning_items(reader, part, windows_most, error);
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

void reading_compare(const struct example *example, struct slice answer, struct reading_case *item)
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
        reading_compare(example, slice_range(example->context, answers[i].start, answers[i].end), item);
    }
    free(answers);
    return ok;
}

/* The answers of those that it is chosen by, and of those that it is measured with. */
static bool ask_both(struct reader_tuning *reader, struct reading_case **chosen, struct reading_case **cases, double *valid,
                     struct error *error)
{
    static const char stage[] = "reading what was held out";
    struct writer *writer = NULL;
    if (!reader->writes)
        return ask(reader, &reader->validation, stage, chosen, error) && ask(reader, &reader->cases, stage, cases, error);
    bool ok = writer_tuning_open(reader, &writer, error) &&
              writer_tuning_ask(reader, writer, &reader->validation, chosen, valid, error) &&
              writer_tuning_ask(reader, writer, &reader->cases, cases, valid, error);
    writer_close(writer);
    return ok;
}

static bool measure(struct reader_tuning *reader, const struct assay_tune_reading **out, struct error *error)
{
    struct reading_case *chosen = NULL, *cases = NULL;
    struct reading_measures measures;
    double valid = 1;
    bool ok = ask_both(reader, &chosen, &cases, &valid, error);
    if (ok) {
        reader->threshold = reading_threshold(chosen, reader->validation.set.items);
        if (reader->writes && reader->cases.examples->shape != EXAMPLES_READING)
            reader->threshold = NEVER_ABSTAINS; /* nothing was there to learn it from */
        reader->chance = reading_fit_chance(chosen, reader->validation.set.items);
        reading_measure(cases, reader->cases.set.items, reader->threshold, reader->seed, &measures);
        reader->values = arena_alloc(&reader->tuning.tuned->arena, reader->cases.set.items + 1, sizeof(*reader->values));
        for (size_t i = 0; i < reader->cases.set.items; i++)
            reader->values[i] = reading_value(&cases[i], reader->threshold);
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
                                               .auc = measures.auc,
                                               .valid = valid};
        reader->tuning.tuned->report.unanswerable_cases = measures.unanswerable;
        *out = reading;
    }
    free(chosen);
    free(cases);
    return ok;
}

/* The share of general questions, which their passages do not answer, that it abstains from; of a writer that cannot, -1. */
static bool measure_general(struct reader_tuning *reader, double *abstained, struct error *error)
{
    static const char stage[] = "reading general texts";
    struct reading_case *cases = NULL;
    struct writer *writer = NULL;
    double valid;
    bool ok;
    *abstained = -1;
    if (reader->cases.examples->shape != EXAMPLES_READING)
        return true;
    if (reader->writes)
        ok = writer_tuning_open(reader, &writer, error) &&
             writer_tuning_ask(reader, writer, &reader->general, &cases, &valid, error);
    else
        ok = ask(reader, &reader->general, stage, &cases, error);
    *abstained = 0;
    for (size_t i = 0; i < reader->general.set.items && ok; i++)
        *abstained += !(cases[i].score > reader->threshold);
    *abstained /= (double)reader->general.count;
    writer_close(writer);
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
                                           .abstained = none > 0 ? 1 : -1,
                                           .auc = 0.5};
    return reading;
}

/* ---- learning ---- */

static bool on_step(void *context, const struct train_progress *progress)
{
    struct reader_tuning *reader = context;
    reader->tokens += progress->tokens;
    reader->seconds = progress->seconds;
    tuning_metrics(&reader->tuning, progress->step, progress->steps, progress->tokens, progress->loss);
    return tuning_step(&reader->tuning, "training", progress->step, progress->steps);
}

/* How it reads some of those it is chosen by, at the best threshold. */
static bool on_score(void *context, struct trainer *trainer, double *score, struct error *error)
{
    struct reader_tuning *reader = context;
    struct reading_case *cases = NULL;
    struct reading_measures measures;
    (void)trainer;
    if (reader->writes)
        return writer_tuning_score(reader, score, error);
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
        .task = reader->writes ? TRAIN_WRITE : TRAIN_SPAN,
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
        .dropout = (float)options->dropout,
        .recompute = options->common.recompute,
        .moments_8bit = options->common.moments_8bit,
        .seed = reader->seed,
        .evaluate_steps = steps / SCORES > SCORE_STEPS ? steps / SCORES : SCORE_STEPS,
        .checkpoint_steps = steps / CHECKPOINTS < CHECKPOINT_STEPS ? steps / CHECKPOINTS + 1 : CHECKPOINT_STEPS};
    reader->recipe.lora.alpha = (float)reader->recipe.lora.rank;
    reader->recipe.lora.weight_decomposed = options->common.dora;
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

static bool make_general(struct reader_tuning *reader, struct error *error)
{
    uint32_t *items;
    tuning_general_questions(&reader->general_examples, &items, &reader->tuning.tuned->arena);
    reader->general = (struct reader_part){
        .examples = &reader->general_examples, .items = items, .count = reader->general_examples.count};
    return reader->cases.examples->shape != EXAMPLES_READING || make_windows(reader, &reader->general, 0, false, error);
}

static bool train(struct reader_tuning *reader, struct error *error)
{
    struct tuning *tuning = &reader->tuning;
    struct assay_tune_report *report = &tuning->tuned->report;
    double before = -1, after;
    if (!divide(reader, error) || !tuning_hash_base(tuning, error))
        return false;
    report->train = reader->train.count; /* what the search found for them is counted with them: it is measured with them too */
    report->validation = reader->validation.count;
    report->cases = reader->cases.count;
    report->base = arena_text(&tuning->tuned->arena, path_name(tuning->base_folder));
    report->method = "lora";
    if (!tuning_step(tuning, "cutting passages", 0, 0))
        return tuning_stopped("cutting passages", error);
    reader->scored = (struct reader_part){
        .examples = reader->validation.examples, .items = reader->validation.items, .count = reader->validation.count};
    if (!make_windows(reader, &reader->train, 0, true, error) || !make_windows(reader, &reader->validation, 0, false, error) ||
        !make_windows(reader, &reader->scored, SCORED_MOST, reader->writes, error) ||
        !make_windows(reader, &reader->cases, 0, false, error) || !make_general(reader, error))
        return false;
    if (!make_trainer(reader, error))
        return false;
    if (tuning->options->find_rate)
        return tuning_find_rate(tuning, reader->trainer, reader->train.set.examples, reader->train.set.count,
                                (double)reader->recipe.learning_rate, error);
    if (reader->from == NULL || trainer_has_new_head(reader->trainer) || team_helps())
        report->reading_before = abstaining(reader);
    else if (!measure(reader, &report->reading_before, error) || !measure_general(reader, &before, error))
        return false;
    if (!learn(reader, error) || !measure(reader, &report->reading, error) || !measure_general(reader, &after, error))
        return false;
    if (after >= 0)
        tuning_tell_abstained(tuning, reader->general.count, before, after);
    report->threshold = reader->threshold;
    if (tuning_rival_folder(tuning) != NULL)
        reader_tuning_compare(reader);
    return true;
}

static bool run(struct reader_tuning *reader, struct error *error)
{
    struct tuning *tuning = &reader->tuning;
    bool checks = tuning->options->check, keeps = !checks && !tuning->options->find_rate;
    const struct tuning_going_on going_on = {
        .name = reader->name, .resume = reader->options->resume, .now = reader->options->now};
    bool ok = (!keeps ||
               (tuning_check_name(tuning, reader->name, error) && tuning_find_work(tuning, &going_on, &reader->work, error))) &&
              (checks ||
               (tuning_find_from(tuning, reader->options->from, reader->writes ? "writer" : "reader", &reader->from, error) &&
                reader_tuning_check_context(reader, error))) &&
              read_data(reader, error) && (checks || train(reader, error));
    return ok && (!keeps || reader_tuning_write(reader, error));
}

static void release(struct reader_tuning *reader)
{
    struct reader_part *const parts[] = {&reader->train, &reader->validation, &reader->scored, &reader->cases,
                                         &reader->general};
    for (size_t i = 0; i < ARRAY_COUNT(parts); i++)
        reading_release(&parts[i]->set);
    tuning_parts_release(&reader->parts);
    trainer_free(reader->trainer);
    form_free(reader->form);
    tokenizer_free(reader->tokenizer);
}

bool tune_reading(struct assay *assay, const struct assay_tune_reader_options *options, bool writes, struct assay_tuned **tuned,
                  struct assay_error *error)
{
    struct error inner;
    struct reader_tuning reader = {.options = options, .writes = writes};
    tuning_begin(&reader.tuning, assay, &options->common);
    reader.tuning.ends_early = options->now;
    reader.name = options->common.name != NULL ? options->common.name : writes ? "writer" : "reader";
    reader.seed = options->common.seed != 0 ? options->common.seed : 1;
    bool ok = run(&reader, &inner);
    release(&reader);
    return tuning_end(&reader.tuning, ok, tuned, &inner, error);
}

bool assay_tune_reader(struct assay *assay, const struct assay_tune_reader_options *options, struct assay_tuned **tuned,
                       struct assay_error *error)
{
    return tune_reading(assay, options, false, tuned, error);
}
