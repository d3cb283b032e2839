/* decide_run.c - the part of assay.h that decides which approach to build. */
#include "ask_reader.h"
#include "ask_writer.h"
#include "search_ranker.h"
#include "decide_learn.h"
#include "drift_run.h"
#include "priced_llm.h"
#include "report/report.h"
#include "settings_edit.h"
#include "tell.h"
#include <assay_decide.h>
#include <assert.h>
#include <stdio.h>
#include <stdlib.h>

struct decision_memory {
    struct arms_outcome outcome;
};

struct decision_run {
    struct assay *assay;
    const struct assay_decide_options *options;
    struct decide_learning learning;
    struct arms_run inner;
    struct llm *llm, *tuned, *hosted;
    struct llm *made[2]; /* what the provider made of it, for tune and for hybrid */
    size_t made_count;
    struct llm_options llm_options;
    struct arena arena;
    struct file_lock lock;
};

static void on_arm(void *context, const struct arms_row *row)
{
    const struct decision_run *run = context;
    const struct assay_decided_arm arm = {.name = row->name,
                                          .label = row->label,
                                          .why = row->state == ARM_MEASURED ? NULL : row->why,
                                          .cases = row->cases,
                                          .score = row->score,
                                          .low = row->interval.low,
                                          .high = row->interval.high,
                                          .knowledge = row->knowledge,
                                          .form = row->form,
                                          .p50_ms = row->p50_ms,
                                          .p95_ms = row->p95_ms,
                                          .cost_month = row->cost_month,
                                          .ruled_out = row->ruled_out};
    if (run->options->on_arm != NULL)
        run->options->on_arm(run->options->context, &arm);
}

static bool on_step(void *context, const char *stage, size_t done, size_t total)
{
    const struct decision_run *run = context;
    return run->options->on_progress == NULL || run->options->on_progress(run->options->context, stage, done, total);
}

static bool open_hosted(void *context, const char *model, struct llm **llm, struct error *error)
{
    struct decision_run *run = context;
    const struct project *project = run->assay->project;
    struct llm_options options = run->llm_options;
    struct llm_price price;
    assert(run->made_count < ARRAY_COUNT(run->made));
    if (llm_price_known(run->hosted, &price)) { /* until it has a price of its own */
        options.price = &price;
        options.currency = llm_currency(run->hosted);
    }
    if (!priced_llm_open(llm, model, project->root, &project->settings, &options, error))
        return error_wrap(error, "the fine-tuned model");
    run->made[run->made_count++] = *llm;
    return true;
}

static bool open_to_be_tuned(struct decision_run *run, struct error *error)
{
    const struct project *project = run->assay->project;
    if (run->options->tuned != NULL)
        return error_set(error, ERROR_INVALID, "one model is to be fine-tuned and another one is: either, not both");
    if (!priced_llm_open(&run->hosted, run->options->hosted, project->root, &project->settings, &run->llm_options, error))
        return false;
    return llm_can_tune(run->hosted) ||
           error_set(error, ERROR_INVALID, "\"%s\" has no fine-tuning as OpenAI's API has it", run->options->hosted);
}

/* The project's own: one that lies beside the program has not learned from its examples. One that cannot be opened is no arm, and no failure. */
static void open_writer(struct decision_run *run)
{
    struct writer *writer;
    struct error why = {0};
    const struct slice own = slice_from(
        arena_format(&run->arena, "%s/", adapters_folder(&run->arena, run->assay->project->root)));
    if (run->tuned != NULL || run->hosted != NULL)
        return;
    if (!ask_writer(run->assay, run->inner.model, &writer, &why)) {
        run->inner.writer_fault = arena_text(&run->arena, slice_from(why.message));
        return;
    }
    run->inner.writer_answers = writer != NULL;
    if (writer != NULL && slice_starts_with(slice_from(writer_info(writer)->adapter), own))
        run->inner.writer = writer;
}

/* Answers are kept by the content of their requests: the same request is not asked again. */
static bool open_models(struct decision_run *run, struct error *error)
{
    const struct llm_options options = {.cache = kept_answers(run->assay->project->root, &run->arena, error),
                                        .anew = run->options->anew,
                                        .keep_requests = true};
    const char *model = run->options->model != NULL ? run->options->model : run->assay->project->settings.model;
    const char *root = run->assay->project->root;
    const struct settings *settings = &run->assay->project->settings;
    run->inner.model = model;
    run->inner.tuned_model = run->options->tuned;
    if (options.cache == NULL)
        return false;
    run->llm_options = options;
    run->inner.hosted_model = run->options->hosted;
    run->inner.open_hosted = open_hosted;
    if (!model_is_builtin(model) && !priced_llm_open(&run->llm, model, root, settings, &options, error))
        return false;
    if (run->options->tuned != NULL && !priced_llm_open(&run->tuned, run->options->tuned, root, settings, &options, error))
        return error_wrap(error, "the tuned model");
    if (run->options->hosted != NULL && !open_to_be_tuned(run, error))
        return error_wrap(error, "the model to be fine-tuned");
    run->inner.hosted = run->hosted;
    run->inner.llm = run->llm;
    run->inner.tuned = run->tuned;
    open_writer(run);
    const struct llm *model_of_arm = run->llm != NULL ? run->llm : run->tuned != NULL ? run->tuned : run->hosted;
    return grounding_ranker(run->assay, model_of_arm, &run->inner.grounding, error) &&
           (run->llm != NULL || ask_reader(run->assay, &run->inner.reader, error));
}

static bool begin(struct decision_run *run, struct error *error)
{
    const struct assay_decide_options *options = run->options;
    struct project *project = run->assay->project;
    run->learning = (struct decide_learning){run->assay, options->on_progress, options->context, 0};
    run->inner = (struct arms_run){.project = project,
                                   .embedder = run->assay->embedder,
                                   .pipeline = {decide_learn, decide_label, decide_drop, &run->learning},
                                   .tests = options->tests,
                                   .target = options->target != NULL ? *options->target : -1,
                                   .seed = options->seed,
                                   .version = assay_version(),
                                   .command = options->command != NULL ? options->command : "assay decide",
                                   .all = options->all,
                                   .anew = options->anew,
                                   .on_arm = on_arm,
                                   .step = on_step,
                                   .context = run};
    const char *lock = path_join(&run->arena, project->root, PROJECT_STATE "/decide.lock");
    if (!file_lock_take(&run->lock, lock, "assay decide", error))
        return false;
    return mode_named(options->mode, &run->inner.mode, error) && open_models(run, error);
}

/* ---- the winner, set ---- */

static const char *prompt_setting(struct decision_run *run, bool examples)
{
    const struct settings *settings = &run->assay->project->settings;
    const char *files = arena_format(&run->arena, "%s%s%s%s", settings->prompt_system != NULL ? ", system: " : "",
                                     settings->prompt_system != NULL ? settings->prompt_system : "",
                                     settings->prompt_user != NULL ? ", user: " : "",
                                     settings->prompt_user != NULL ? settings->prompt_user : "");
    const char *way = !examples ? "none" : settings->prompt_examples == PROMPT_EXAMPLES_FIRST ? "first" : "auto";
    static const char *const orders[] = {"best", "last", "document"}; /* ORDER prompt_order */
    return arena_format(&run->arena, "{examples: %s, order: %s, tokens: %zu%s}", way, orders[settings->prompt_order],
                        settings->prompt_tokens, files);
}

static bool apply(struct decision_run *run, struct arms_outcome *outcome, struct assay_decision *decision, struct error *error)
{
    struct arms_setting settings[3];
    size_t count = 0;
    decision->applied = outcome->has_arm ? outcome->next : "There is no verdict for one approach.";
    if (!outcome->has_arm || !outcome->can_apply)
        return true;
    const char *model = outcome->model != NULL ? outcome->model : run->inner.model;
    settings[count++] = (struct arms_setting){"approach", outcome->approach};
    settings[count++] = (struct arms_setting){"model", model};
    if (outcome->model != NULL)
        settings[count++] = (struct arms_setting){"prompt", prompt_setting(run, outcome->shows_examples)};
    if (!settings_edit(run->assay->project, settings, /* was= */ NULL, count, error))
        return error_wrap(error, "could not set assay.yaml to the winner");
    decision->is_applied = true;
    decision->applied = arena_format(&outcome->arena, "approach: %s, model: %s%s%s", outcome->approach, model,
                                     outcome->beside != NULL ? ". " : "", outcome->beside != NULL ? outcome->beside : "");
    return true;
}

/* report.html beside report.json. */
static bool write_page(struct arms_outcome *outcome, const char **page, struct error *error)
{
    struct buffer html;
    const char *path = path_join(&outcome->arena, outcome->folder, "report.html");
    buffer_init(&html, LIMIT_JSON_BYTES);
    bool ok = report_html(buffer_slice(&outcome->report), "report.json", &html, error) &&
              file_replace(path, buffer_slice(&html), error);
    buffer_release(&html);
    *page = path;
    return ok || error_wrap(error, "\"%s/report.json\" holds the decision, but could not be made a page", outcome->folder);
}

static void end(struct decision_run *run)
{
    llm_close(run->llm);
    llm_close(run->tuned);
    llm_close(run->hosted);
    for (size_t i = 0; i < run->made_count; i++)
        llm_close(run->made[i]);
    file_lock_release(&run->lock);
    arena_release(&run->arena);
}

/* The decision stands without it. */
static void keep_for_drift(struct decision_run *run, struct arms_outcome *outcome, struct assay_decision *decision)
{
    struct error error = {0};
    const struct assay_decide_options *options = run->options;
    const char *model = decision->is_applied ? NULL : options->model;
    if (!keep_state(run->assay, outcome->folder, options->tests, model, options->on_progress, options->context, &error))
        decision->no_state = arena_text(&outcome->arena, slice_from(error.message));
}

static bool decide(struct decision_run *run, struct decision_memory *memory, struct assay_decision *decision,
                   struct error *error)
{
    struct arms_outcome *outcome = &memory->outcome;
    if (!begin(run, error))
        return false;
    decide_sweep(run->assay);
    if (!arms_decide(&run->inner, outcome, error))
        return false;
    *decision = (struct assay_decision){.report = {outcome->report.data, outcome->report.size},
                                        .folder = outcome->folder,
                                        .approach = outcome->has_arm ? arm_names[outcome->arm] : "none",
                                        .is_target_reached = outcome->is_target_reached,
                                        .memory = memory};
    if (!write_page(outcome, &decision->page, error) || (run->options->apply && !apply(run, outcome, decision, error)))
        return false;
    keep_for_drift(run, outcome, decision);
    return true;
}

bool assay_decide(struct assay *assay, const struct assay_decide_options *options, struct assay_decision *decision,
                  struct assay_error *error)
{
    struct error inner = {0};
    struct decision_run run = {.assay = assay, .options = options, .lock = {.descriptor = -1}};
    struct decision_memory *memory = memory_alloc(1, sizeof(*memory));
    struct assay_decision made = {0};
    arena_init(&run.arena);
    bool ok = decide(&run, memory, &made, &inner);
    end(&run);
    if (ok) {
        *decision = made;
    } else {
        arms_release(&memory->outcome);
        free(memory);
    }
    return finish(ok, &inner, error);
}

void assay_decision_release(struct assay_decision *decision)
{
    struct decision_memory *memory = decision->memory;
    if (memory == NULL)
        return;
    arms_release(&memory->outcome);
    free(memory);
    *decision = (struct assay_decision){0};
}

bool assay_decide_plan(struct assay *assay, const struct assay_decide_options *options, struct assay_text *plan,
                       struct assay_error *error)
{
    struct error inner = {0};
    struct decision_run run = {.assay = assay, .options = options, .lock = {.descriptor = -1}};
    struct buffer json;
    arena_init(&run.arena);
    buffer_init(&json, LIMIT_MODEL_CONFIG_BYTES);
    bool ok = begin(&run, &inner) && arms_plan(&run.inner, &json, &inner);
    end(&run);
    if (ok)
        *plan = (struct assay_text){memory_copy_text(buffer_text(&json), json.size), json.size};
    buffer_release(&json);
    return finish(ok, &inner, error);
}
