/* tune_run.c - the part of assay.h that fine-tunes classifiers: the data, how it is divided, and the steps in their order. */
#include "kernel/kernel.h"
#include "tune_parts.h"
#include "text/text.h"
#include <assert.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#define SHARE_HELD 0.1 /* for choosing, and for measuring where no test is given */

bool tuning_step(void *context, const char *stage, size_t done, size_t total)
{
    const struct tuning *tuning = context;
    return tuning->options->on_progress == NULL || tuning->options->on_progress(tuning->options->context, stage, done, total);
}

void tuning_metrics(struct tuning *tuning, size_t step, size_t steps, uint64_t tokens, double loss)
{
    const struct assay_tune_metrics metrics = {.step = step, .steps = steps, .tokens = (size_t)tokens, .loss = loss};
    tuning->tuned->report.tokens += (size_t)tokens;
    if (tuning->options->on_metrics != NULL)
        tuning->options->on_metrics(tuning->options->context, &metrics);
}

bool tuning_stopped(const char *stage, struct error *error)
{
    return error_set(error, ERROR_CANCELLED, "stopped while %s", stage);
}

/* ---- data ---- */

static bool examples_options_of(const struct assay_tune_options *options, struct examples_options *read, struct error *error)
{
    *read = (struct examples_options){.wants_labels = true,
                                      .text_name = options->text_name,
                                      .label_name = options->label_name,
                                      .group_name = options->group_name};
    if (options->format == NULL || examples_format_named(options->format, &read->format))
        return true;
    error_set(error, ERROR_INVALID, "unrecognized format \"%.60s\"", options->format);
    return error_hint(error, "Known: auto, text-label, input-output, chat, alpaca, sharegpt, pairs, squad, beir.");
}

static bool open_labelled(const char *path, const struct examples_options *options, struct examples *examples,
                          struct error *error)
{
    struct examples_answers answers;
    if (!examples_open(examples, path, options, error))
        return false;
    examples_look(examples, &answers);
    if (answers.are_labels)
        examples_take_answers_as_labels(examples);
    if (examples->shape != EXAMPLES_LABELED) {
        error_set(error, ERROR_INVALID, "\"%s\" is %s, expected texts with labels", path, examples->stated);
        return error_hint(error,
                          examples->shape == EXAMPLES_TURNS
                              ? "Answers are labels where they are few different texts, each at least three times; `assay "
                                "tune writer` learns others."
                              : "Give lines with text and label, or name the members that hold them.");
    }
    if (examples->has_several) {
        error_set(error, ERROR_INVALID, "\"%s\" has texts with several labels, or none: one label each is learned", path);
        return error_hint(error, "Make one file for each question that a label answers.");
    }
    return true;
}

bool tuning_find_base(struct tuning *tuning, struct error *error)
{
    struct model_place place;
    const char *name = tuning->options->model != NULL ? tuning->options->model : "builtin";
    if (!models_find(name, tuning->assay->project->root, &tuning->tuned->arena, &place, error))
        return false;
    tuning->base_folder = place.folder;
    return true;
}

bool tuning_hash_base(struct tuning *tuning, struct error *error)
{
    return base_hash(tuning->base_folder, tuning->base_hash, error) &&
           input_hash_of(tuning->base_folder, tuning->input_hash, error);
}

/* Tokens are counted where the base is there; to look at the data it need not be. */
static bool run_checks(struct tuning *tuning, struct error *error)
{
    struct tokenizer *tokenizer = NULL;
    size_t tokens_max = 0;
    struct error why;
    bool has_base = tuning_find_base(tuning, &why) && model_read_tokenizer(&tokenizer, &tokens_max, tuning->base_folder, &why);
    if (!has_base && !tuning->options->check) {
        *error = why;
        return false;
    }
    const struct check_request request = {.examples = &tuning->examples,
                                          .test = tuning->options->test != NULL ? &tuning->test : NULL,
                                          .tokenizer = has_base ? tokenizer : NULL,
                                          .tokens_max = tokens_max,
                                          .pool = tuning->pool,
                                          .step = tuning_step,
                                          .context = tuning};
    bool ok = check_examples(&request, &tuning->checks, error);
    if (has_base)
        tokenizer_free(tokenizer);
    return ok;
}

/* A test is not divided, and needs no groups. Its columns are called as those of the examples are. */
static bool open_test(struct tuning *tuning, const struct examples_options *options, struct error *error)
{
    struct examples_options plain = *options;
    plain.group_name = NULL;
    plain.text_column = tuning->examples.text_column;
    plain.label_column = tuning->examples.label_column;
    return open_labelled(tuning->options->test, &plain, &tuning->test, error);
}

bool tuning_read(struct tuning *tuning, struct error *error)
{
    struct examples_options options;
    if (!examples_options_of(tuning->options, &options, error) ||
        !open_labelled(tuning->options->data, &options, &tuning->examples, error) ||
        (tuning->options->test != NULL && !open_test(tuning, &options, error)))
        return false;
    tuning->labels = tuning->examples.label_count;
    if (!run_checks(tuning, error))
        return false;
    tuning_fill_checks(tuning);
    return true;
}

/* ---- rows ---- */

static void add_rows(struct tuning *tuning, const uint8_t *parts, uint8_t part, size_t *count)
{
    for (size_t i = 0; i < tuning->examples.count; i++) {
        if (parts[i] != part)
            continue;
        tuning->texts[tuning->rows] = tuning->examples.items[i].text;
        tuning->truth[tuning->rows++] = tuning->examples.items[i].labels[0];
        (*count)++;
    }
}

static void add_test(struct tuning *tuning)
{
    struct map labels;
    map_init(&labels, LIMIT_EXAMPLES_LABELS);
    for (size_t i = 0; i < tuning->labels; i++)
        map_put(&labels, tuning->examples.labels[i], NULL)->value = i;
    for (size_t i = 0; i < tuning->test.count; i++) {
        const struct example *item = &tuning->test.items[i];
        const struct map_entry *label = map_get(&labels, tuning->test.labels[item->labels[0]]);
        tuning->texts[tuning->rows] = item->text;
        tuning->truth[tuning->rows++] = label != NULL ? (uint32_t)label->value : (uint32_t)tuning->labels;
    }
    tuning->cases = tuning->test.count;
    map_release(&labels);
}

bool tuning_refuse_blocked(const struct tuning *tuning, struct error *error)
{
    for (size_t i = 0; i < tuning->checks.finding_count; i++) {
        const struct check_finding *finding = &tuning->checks.findings[i];
        if (!finding->blocks)
            continue;
        error_set(error, ERROR_INVALID, "nothing can be learned from \"%s\": %.200s", tuning->options->data, finding->message);
        return error_hint(error, "%.190s", finding->remedy);
    }
    return true;
}

bool tuning_divide(struct tuning *tuning, struct error *error)
{
    enum { PART_CASES = 100 };
    const struct examples *examples = &tuning->examples;
    bool has_test = tuning->options->test != NULL;
    if (!tuning_refuse_blocked(tuning, error))
        return false;
    uint8_t *parts = memory_alloc(examples->count + 1, 1);
    if (!tuning_split(tuning, SHARE_HELD, parts, PART_CASES, error)) {
        free(parts);
        return false;
    }
    size_t most = examples->count + (has_test ? tuning->test.count : 0);
    tuning->texts = memory_alloc(most + 1, sizeof(*tuning->texts));
    tuning->truth = memory_alloc(most + 1, sizeof(*tuning->truth));
    add_rows(tuning, parts, SPLIT_TRAIN, &tuning->train);
    add_rows(tuning, parts, SPLIT_HELD, &tuning->validation);
    if (has_test)
        add_test(tuning);
    else
        add_rows(tuning, parts, PART_CASES, &tuning->cases);
    free(parts);
    if (tuning->train > 0 && tuning->validation > 0 && tuning->cases > 0)
        return true;
    if (tuning->checks.usable >= 3 * tuning->labels) { /* there are enough, and they hang together */
        error_set(error, ERROR_INVALID, "the examples of \"%s\" are so much alike that none can be held out",
                  tuning->options->data);
        return error_hint(
            error, "Nearly the same ones%s stay together: add texts that differ, or give cases of their own with --test.",
            tuning->options->group_name != NULL ? ", and those of one group," : "");
    }
    error_set(error, ERROR_INVALID, "\"%s\" has too few usable examples to hold some out: %zu", tuning->options->data,
              tuning->checks.usable);
    return error_hint(error,
                      "Three of each label are the least; `assay tune classify --check` tells what is left out and why.");
}

/* What each example counts, so that all labels count alike: the mean is 1. */
static void balance(struct tuning *tuning)
{
    size_t *counts = memory_alloc(tuning->labels, sizeof(*counts)), present = 0;
    for (size_t i = 0; i < tuning->train; i++)
        present += counts[tuning->truth[i]]++ == 0;
    tuning->class_weights = arena_alloc(&tuning->tuned->arena, tuning->labels, sizeof(*tuning->class_weights));
    for (size_t i = 0; i < tuning->labels; i++)
        tuning->class_weights[i] = counts[i] > 0 ? (float)tuning->train / (float)(present * counts[i]) : 1;
    free(counts);
}

/* ---- the steps ---- */

/* In 8 bits a text is classified in half the time. How good it is so is what is measured and told. */
static enum model_precision usual_precision(void)
{
    return gemm_has_fast_int8() ? MODEL_INT8 : MODEL_AUTO;
}

static bool open_base(struct tuning *tuning, struct error *error)
{
    struct model_options options = {.pool = tuning->pool, .precision = usual_precision()};
    const char *precision = tuning->options->precision;
    if (precision != NULL && strcmp(precision, "auto") != 0 && !model_precision_named(precision, &options.precision)) {
        error_set(error, ERROR_INVALID, "unrecognized precision \"%.60s\"", precision);
        return error_hint(error, "Known: auto, f32, bf16, int8.");
    }
    tuning->precision = options.precision;
    return tuning_step(tuning, "opening the base", 0, 0)
               ? model_open(&tuning->model, tuning->base_folder, &options, error) && tuning_hash_base(tuning, error)
               : tuning_stopped("opening the base", error);
}

static bool check_loss(const struct tuning *tuning, struct error *error)
{
    double smoothing = tuning->options->label_smoothing, gamma = tuning->options->focal_gamma;
    if (!(smoothing >= 0 && smoothing <= 0.9))
        return error_set(error, ERROR_INVALID, "label smoothing is %g, expected 0 to 0.9", smoothing);
    if (!(gamma >= 0 && gamma <= 5))
        return error_set(error, ERROR_INVALID, "the focal loss's gamma is %g, expected 0 to 5", gamma);
    if (smoothing > 0 && gamma > 0) {
        error_set(error, ERROR_INVALID, "label smoothing and focal loss contradict each other: choose one");
        return error_hint(error,
                          "Smoothing keeps it from being too sure, focal loss has it learn most of what it is least sure of.");
    }
    if ((smoothing <= 0 && gamma <= 0) || tuning->is_auto || tuning->method != CLASSIFIER_HEAD)
        return true;
    error_set(error, ERROR_INVALID, "a regression is fitted to its least loss, without %s",
              gamma > 0 ? "focal loss" : "label smoothing");
    return error_hint(error, "Choose --method lora or full.");
}

static bool check_method(struct tuning *tuning, struct error *error)
{
    const char *method = tuning->options->method != NULL ? tuning->options->method : "auto";
    tuning->is_auto = strcmp(method, "auto") == 0;
    if (!tuning->is_auto && !classifier_method_named(method, &tuning->method)) {
        error_set(error, ERROR_INVALID, "unrecognized method \"%.60s\"", method);
        return error_hint(error, "Known: auto, head, lora, full.");
    }
    if (!tuning->options->dora || (!tuning->is_auto && tuning->method == CLASSIFIER_LORA))
        return check_loss(tuning, error);
    error_set(error, ERROR_INVALID, "DoRA learns lengths beside LoRA, and the method is \"%s\"", method);
    return error_hint(error, "Choose --method lora.");
}

/* That the name is free is known before the work, not after it. */
bool tuning_check_name(struct tuning *tuning, const char *name, struct error *error)
{
    const char *folder;
    if (!adapter_folder(tuning->assay, name, &tuning->tuned->arena, &folder, error))
        return false;
    tuning->fresh = arena_format(&tuning->tuned->arena, "%s.new-%ld", folder, (long)getpid());
    tuning->checkpoints = arena_format(&tuning->tuned->arena, "%s~training", folder); /* no adapter is called so */
    if (team_helps()) /* the first of several processes may be done already, and holds the lock */
        return true;
    if (file_exists(folder) && !tuning->options->replace && !tuning_is_early(tuning, folder)) {
        error_set(error, ERROR_CONFLICT, "there is an adapter \"%.64s\" already", name);
        return error_hint(error, "Choose another name with --name, or replace it with --replace.");
    }
    return tuning->ends_early || tuning_lock(tuning, name, folder, error);
}

static const char *name_of(const struct tuning *tuning)
{
    return tuning->options->name != NULL ? tuning->options->name : "classify";
}

/* What the sweeps say (docs/tuning.md): the regression for few examples of each label, else every weight, if it turns out better. */
static void choose_method(struct tuning *tuning)
{
    enum { MANY = 1000, MANY_OF_A_LABEL = 20 };
    if (tuning->is_auto)
        tuning->method = tuning->train < MANY || tuning->train / tuning->labels < MANY_OF_A_LABEL ? CLASSIFIER_HEAD
                                                                                                  : CLASSIFIER_FULL;
}

static bool learn(struct tuning *tuning, struct error *error)
{
    if (!tuning_embed(tuning, error) || !tuning_fit(tuning, error))
        return false;
    choose_method(tuning);
    return tuning->method == CLASSIFIER_HEAD || tuning_train(tuning, error);
}

/* A regression is fitted in one go; the others leave checkpoints, and with them the method is known. */
static bool check_work(struct tuning *tuning, struct error *error)
{
    const struct tuning_going_on going_on = {
        .name = name_of(tuning), .resume = tuning->options->resume, .cannot_end_early = true};
    const char *work;
    if (tuning->method != CLASSIFIER_HEAD || tuning->is_auto)
        return tuning_find_work(tuning, &going_on, &work, error);
    if (!tuning->options->resume || tuning->options->replace) /* what another training of that name left goes anyway */
        return true;
    error_set(error, ERROR_INVALID, "a regression is fitted in one go: there is nothing to resume");
    return error_hint(error, "Leave --resume out.");
}

static bool run(struct tuning *tuning, struct error *error)
{
    bool checks = tuning->options->check, keeps = !checks && !tuning->options->find_rate;
    bool ok = check_method(tuning, error) &&
              (!keeps || (tuning_check_name(tuning, name_of(tuning), error) && check_work(tuning, error))) &&
              tuning_read(tuning, error);
    if (ok && !checks)
        ok = tuning_divide(tuning, error) && open_base(tuning, error);
    if (ok && !checks && tuning->options->balanced)
        balance(tuning);
    if (ok && !checks && !keeps)
        ok = tuning_train_rate(tuning, error);
    return ok && (!keeps || (learn(tuning, error) && tuning_measure(tuning, error) && tuning_write(tuning, error)));
}

void tuning_begin(struct tuning *tuning, struct assay *assay, const struct assay_tune_options *options)
{
    *tuning = (struct tuning){.assay = assay, .start = clock_now_ns(), .options = options, .lock = {.descriptor = -1}};
    tuning->tuned = memory_alloc(1, sizeof(*tuning->tuned));
    arena_init(&tuning->tuned->arena);
    buffer_init(&tuning->held, LIMIT_JSON_BYTES);
    tuning->pool = pool_create(options->threads <= LIMIT_THREADS ? options->threads : LIMIT_THREADS);
}

bool tuning_end(struct tuning *tuning, bool ok, struct assay_tuned **tuned, const struct error *why, struct assay_error *error)
{
    struct rusage usage = {0};
    tuning_unlock(tuning);
    getrusage(RUSAGE_SELF, &usage);
    tuning->tuned->report.peak_bytes = (size_t)usage.ru_maxrss * KIB;
    tuning->tuned->report.took_ms = clock_ms_since(tuning->start);
    model_close(tuning->model);
    pool_free(tuning->pool);
    check_release(&tuning->checks);
    buffer_release(&tuning->held);
    examples_release(&tuning->examples);
    examples_release(&tuning->test);
    if (ok)
        *tuned = tuning->tuned;
    else
        assay_tuned_free(tuning->tuned);
    return finish(ok, why, error);
}

bool assay_tune_classify(struct assay *assay, const struct assay_tune_options *options, struct assay_tuned **tuned,
                         struct assay_error *error)
{
    struct error inner;
    struct tuning tuning;
    tuning_begin(&tuning, assay, options);
    bool ok = run(&tuning, &inner);
    if (!ok && tuning.has_fresh)
        (void)!folder_remove(tuning.fresh, &(struct error){0});
    linear_head_release(&tuning.head);
    free(tuning.texts);
    free(tuning.truth);
    free(tuning.vectors);
    free(tuning.logits);
    free(tuning.general_logits);
    free(tuning.before);
    return tuning_end(&tuning, ok, tuned, &inner, error);
}

bool assay_tune_helps(void)
{
    return team_helps();
}

const struct assay_tune_report *assay_tuned_report(const struct assay_tuned *tuned)
{
    return &tuned->report;
}

void assay_tuned_free(struct assay_tuned *tuned)
{
    if (tuned == NULL)
        return;
    arena_release(&tuned->arena);
    free(tuned);
}
