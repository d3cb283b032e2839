/* drift_run.c - the part of assay.h that tells what has changed since a measurement. */
#include "drift_run.h"
#include "drift/drift.h"
#include "priced_llm.h"
#include <stdio.h>
#include <string.h>

#define STATE_FILE "state.json"

const char *kept_answers(const char *root, struct arena *arena, struct error *error)
{
    const char *folder = path_join(arena, root, PROJECT_STATE "/cache");
    return folder_create(folder, error) ? path_join(arena, folder, "answers.jsonl") : NULL;
}

static const char *model_of(const struct assay *assay, const char *model)
{
    return model != NULL ? model : assay->project->settings.model;
}

/* By the settings as they are in the file now: `decide --apply` has changed them there. */
bool keep_state(struct assay *assay, const char *folder, const char *tests, const char *model, assay_on_progress *step,
                void *context, struct error *error)
{
    struct arena arena;
    struct project *project = assay->project;
    const struct settings before = project->settings;
    struct settings now;
    arena_init(&arena);
    bool ok = project_settings(project->root, &arena, &now, error);
    if (ok) {
        project->settings = now;
        const struct drift_run run = {.project = project,
                                      .embedder = assay->embedder,
                                      .tests = tests,
                                      .model = model_of(assay, model),
                                      .step = step,
                                      .context = context};
        ok = drift_keep_state(&run, path_join(&arena, folder, STATE_FILE), error);
        project->settings = before;
    }
    arena_release(&arena);
    return ok;
}

bool assay_drift_keep(struct assay *assay, const char *folder, const char *tests, const char *model, struct assay_error *error)
{
    struct error inner = {0};
    return finish(keep_state(assay, folder, tests, model, NULL, NULL, &inner), &inner, error);
}

struct drifting {
    struct assay *assay;
    const struct assay_drift_options *options;
    struct drift_run inner;
    struct arena arena;
    struct ledger *ledger;
    struct llm *llm;
};

static bool on_step(void *context, const char *stage, size_t done, size_t total)
{
    const struct assay_drift_options *options = ((const struct drifting *)context)->options;
    return options->on_progress == NULL || options->on_progress(options->context, stage, done, total);
}

/* A log that is not there yet has no questions; a model is asked only for what was kept. */
static bool open_sources(struct drifting *drifting, struct error *error)
{
    const struct project *project = drifting->assay->project;
    struct drift_run *inner = &drifting->inner;
    if (drifting->options->questions == NULL && file_exists(path_join(&drifting->arena, project->root, PROJECT_STATE "/log"))) {
        if (!log_open(project->root, &project->settings, &drifting->ledger, error))
            return false;
        inner->ledger = drifting->ledger;
    }
    inner->kept = path_join(&drifting->arena, project->root, PROJECT_STATE "/cache/answers.jsonl");
    if (drifting->options->requests == 0 || drifting->options->adapter != NULL || model_is_builtin(inner->model))
        return true;
    if (!priced_llm_open(&drifting->llm, inner->model, project->root, &project->settings, NULL, error))
        return false;
    inner->llm = drifting->llm;
    return true;
}

/* Nothing to compare with: the project as it is now, for the next time. */
static bool keep_first(struct drifting *drifting, struct assay_drift *drift, struct error *error)
{
    struct project_run made;
    if (!project_run_create(drifting->assay->project, &drifting->arena, &made, error) ||
        !keep_state(drifting->assay, made.folder, drifting->options->tests, drifting->options->model,
                    drifting->options->on_progress, drifting->options->context, error))
        return false;
    snprintf(drift->kept, sizeof(drift->kept), "%s", made.number);
    return true;
}

static bool compare(struct drifting *drifting, const char *path, struct assay_drift *drift, struct error *error)
{
    enum drift_verdict verdicts[DRIFT_KINDS];
    struct buffer json;
    struct slice run = path_name(arena_text(&drifting->arena, path_folder(path)));
    buffer_init(&json, LIMIT_JSON_BYTES);
    bool ok = open_sources(drifting, error) &&
              drift_look(&drifting->inner, path, arena_text(&drifting->arena, run), verdicts, &json, error);
    for (size_t i = 0; ok && i < DRIFT_KINDS; i++)
        drift->has_drifted = drift->has_drifted || verdicts[i] == DRIFT_FOUND;
    if (ok)
        drift->report = (struct assay_text){memory_copy_text(buffer_text(&json), json.size), json.size};
    buffer_release(&json);
    return ok;
}

static bool look(struct drifting *drifting, struct assay_drift *drift, struct error *error)
{
    const struct assay_drift_options *options = drifting->options;
    struct assay *assay = drifting->assay;
    const char *path;
    drifting->inner = (struct drift_run){.project = assay->project,
                                         .embedder = assay->embedder,
                                         .tests = options->tests,
                                         .model = model_of(assay, options->model),
                                         .requests = options->requests,
                                         .questions = options->questions,
                                         .step = on_step,
                                         .context = drifting};
    if (options->adapter != NULL)
        return open_sources(drifting, error) && look_at_tuned(assay, options, &drifting->inner, drift, error);
    if (project_run_find(assay->project->root, options->run != NULL ? options->run : "last", STATE_FILE, &drifting->arena,
                         &path, error))
        return compare(drifting, path, drift, error);
    if (options->run != NULL || error->kind != ERROR_NOT_FOUND)
        return false;
    error_clear(error);
    return keep_first(drifting, drift, error);
}

bool assay_drift(struct assay *assay, const struct assay_drift_options *options, struct assay_drift *drift,
                 struct assay_error *error)
{
    struct error inner = {0};
    struct drifting drifting = {.assay = assay, .options = options};
    *drift = (struct assay_drift){0};
    arena_init(&drifting.arena);
    bool ok = look(&drifting, drift, &inner);
    ledger_close(drifting.ledger);
    llm_close(drifting.llm);
    arena_release(&drifting.arena);
    return finish(ok, &inner, error);
}
