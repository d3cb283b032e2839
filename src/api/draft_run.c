/* draft_run.c - the part of assay.h that drafts test cases. */
#include "eval/eval.h"
#include "priced_llm.h"
#include "tell.h"
#include "train/train.h"
#include <string.h>

struct known_texts {
    struct slice *items;
    size_t count, capacity;
    struct arena arena;
};

static void note(struct known_texts *known, struct slice text)
{
    known->items = arena_more(&known->arena, known->items, known->count, &known->capacity, sizeof(*known->items));
    known->items[known->count++] = arena_slice(&known->arena, text);
}

/* The questions of the test cases, and the inputs of the examples, where there are any. */
static bool read_known(const struct assay *assay, struct known_texts *known, struct error *error)
{
    struct project *project = assay->project;
    const char *tests = path_join(&known->arena, project->root, project->settings.tests),
               *path = path_join(&known->arena, project->root, project->settings.examples);
    struct answer_cases cases;
    if (file_exists(tests)) {
        if (!answer_cases_read(project, tests, &known->arena, &cases, error))
            return false;
        for (size_t i = 0; i < cases.count; i++)
            note(known, cases.items[i].question);
    }
    if (!file_exists(path))
        return true;
    struct examples examples;
    bool ok = examples_open(&examples, path, &(struct examples_options){0}, error);
    for (size_t i = 0; ok && i < examples.count; i++)
        note(known, examples.items[i].text);
    examples_release(&examples);
    return ok || error_wrap(error, "could not read the examples");
}

static void on_draft(void *context, const struct eval_draft *draft)
{
    const struct assay_draft_options *options = context;
    struct arena arena;
    arena_init(&arena);
    const struct assay_draft outer = {.question = arena_text(&arena, draft->question),
                                      .answer = arena_text(&arena, draft->answer),
                                      .source = arena_text(&arena, draft->source),
                                      .quote = arena_text(&arena, draft->quote),
                                      .is_gap = draft->is_gap};
    options->on_draft(options->context, &outer);
    arena_release(&arena);
}

static bool on_step(void *context, const char *stage, size_t done, size_t total)
{
    const struct assay_draft_options *options = context;
    return options->on_progress == NULL || options->on_progress(options->context, stage, done, total);
}

bool assay_draft_cases(struct assay *assay, const struct assay_draft_options *options, struct assay_draft_report *report,
                       struct assay_error *error)
{
    struct assay_draft_options copy = *options;
    const struct settings *settings = &assay->project->settings;
    const char *model = options->model != NULL ? options->model : settings->model;
    struct known_texts known = {0};
    struct eval_draft_report found = {0};
    struct llm *llm = NULL;
    struct error inner;
    uint64_t start = clock_now_ns();
    arena_init(&known.arena);
    bool ok = read_known(assay, &known, &inner) &&
              (model_is_builtin(model) || priced_llm_open(&llm, model, assay->project->root, settings, NULL, &inner));
    if (ok) {
        const struct eval_drafting drafting = {.project = assay->project,
                                               .llm = llm,
                                               .count = options->count,
                                               .seed = options->seed,
                                               .known = known.items,
                                               .known_count = known.count,
                                               .on_draft = on_draft,
                                               .step = on_step,
                                               .context = &copy};
        ok = eval_draft(&drafting, &found, &inner);
    }
    llm_close(llm);
    arena_release(&known.arena);
    *report = (struct assay_draft_report){.drafts = found.drafts,
                                          .documents = found.documents,
                                          .alike = found.alike,
                                          .refused = found.refused,
                                          .failed = found.failed,
                                          .out_of_force = found.out_of_force,
                                          .took_ms = clock_ms_since(start)};
    return finish(ok, &inner, error);
}
