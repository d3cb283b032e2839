/* eval_run.c - the part of assay.h that measures. */
#include "ranker/ranker.h"
#include "search_ranker.h"
#include "eval/eval.h"
#include <stdio.h>
#include <stdlib.h>

_Static_assert((int)ASSAY_MEASURES == (int)EVAL_MEASURES && (int)ASSAY_MAP == (int)EVAL_MAP, "the measures are the same list");

const char *assay_measure_name(enum assay_measure measure)
{
    return eval_measure_names[measure];
}

static void fill_report(const struct eval_report *inner, uint64_t start, struct assay_eval_report *report)
{
    *report = (struct assay_eval_report){.cases = inner->cases,
                                         .passed_over = inner->passed_over,
                                         .documents = inner->documents,
                                         .mode = mode_name(inner->mode),
                                         .search_ms = inner->search_ms,
                                         .took_ms = clock_ms_since(start)};
    for (size_t i = 0; i < EVAL_MEASURES; i++) {
        report->measures[i] = inner->measures[i].mean;
        report->low[i] = inner->measures[i].low;
        report->high[i] = inner->measures[i].high;
    }
}

bool assay_eval_collection(const struct assay_collection_options *options, struct assay_eval_report *report,
                           struct assay_error *error)
{
    struct error inner;
    struct eval_report found;
    uint64_t start = clock_now_ns();
    struct eval_collection collection = {.corpus = options->corpus,
                                         .queries = options->queries,
                                         .qrels = options->qrels,
                                         .run_out = options->run_out,
                                         .keep = options->keep,
                                         .k = options->k,
                                         .progress = {options->on_progress, options->context}};
    struct pool *pool = options->rerank ? pool_create(0) : NULL;
    bool ok = mode_named(options->mode, &collection.mode, &inner) &&
              (!options->rerank || search_ranker_here(pool, &collection.ranker, &inner)) &&
              eval_run_collection(&collection, &found, &inner);
    ranker_close(collection.ranker);
    if (pool != NULL)
        pool_free(pool);
    if (ok)
        fill_report(&found, start, report);
    return finish(ok, &inner, error);
}

static void on_case(void *context, const struct eval_found *found)
{
    const struct assay_eval_options *options = context;
    const struct eval_case *item = found->item;
    if (options->on_case == NULL)
        return;
    struct arena arena;
    arena_init(&arena);
    const char **sources = arena_alloc(&arena, item->source_count, sizeof(*sources));
    for (size_t i = 0; i < item->source_count; i++)
        sources[i] = arena_text(&arena, item->sources[i]);
    struct assay_eval_case outer = {.line = item->line,
                                    .question = arena_text(&arena, item->question),
                                    .sources = sources,
                                    .source_count = item->source_count,
                                    .rank = found->rank,
                                    .found = found->first.size > 0 ? arena_text(&arena, found->first) : NULL,
                                    .why = found->why != WHY_RIGHT ? eval_why_sentences[found->why] : NULL,
                                    .why_name = found->why != WHY_RIGHT ? eval_why_names[found->why] : NULL};
    for (size_t i = 0; i < EVAL_MEASURES; i++)
        outer.measures[i] = found->scores.values[i];
    options->on_case(options->context, &outer);
    arena_release(&arena);
}

static bool make_run(struct assay *assay, struct assay_eval_options *options, struct eval_run *run, struct error *error)
{
    *run = (struct eval_run){.project = assay->project,
                             .embedder = assay->embedder,
                             .tests = options->tests,
                             .may_lack_sources = options->may_lack_sources,
                             .on_case = on_case,
                             .context = options,
                             .progress = {options->on_progress, options->context}};
    return mode_named(options->mode, &run->mode, error) && search_ranker(assay, options->rerank, &run->ranker, error);
}

bool assay_eval(struct assay *assay, const struct assay_eval_options *options, struct assay_eval_report *report,
                struct assay_error *error)
{
    struct assay_eval_options copy = *options;
    struct error inner;
    struct eval_report found;
    struct eval_run run;
    uint64_t start = clock_now_ns();
    bool ok = make_run(assay, &copy, &run, &inner) && eval_run_cases(&run, &found, &inner);
    if (ok)
        fill_report(&found, start, report);
    return finish(ok, &inner, error);
}

static void describe(const struct eval_setting *setting, char *text, size_t size)
{
    const double weight = (double)setting->vector_weight, k1 = (double)setting->k1, b = (double)setting->b;
    if (setting->mode == RETRIEVE_VECTOR)
        snprintf(text, size, "retrieve: {mode: vector}");
    else if (setting->mode == RETRIEVE_TEXT)
        snprintf(text, size, "retrieve: {mode: text, k1: %g, b: %g}", k1, b);
    else
        snprintf(text, size, "retrieve: {mode: hybrid, k1: %g, b: %g, fusion: %s, vector_weight: %g}", k1, b,
                 setting->fusion == FUSION_RANKS ? "ranks" : "scores", weight);
}

static void describe_cut(const struct eval_cut *cut, char *text, size_t size)
{
    snprintf(text, size, "passages: {unit: %s, tokens: %zu, overlap: %zu}", passage_unit_name(cut->unit), cut->tokens,
             cut->overlap);
}

typedef bool sweep_work(const struct eval_run *run, struct eval_sweep *sweep, struct error *error);

static bool run_sweep(struct assay *assay, sweep_work *work, const struct assay_eval_options *options,
                      void (*each)(void *context, const struct assay_sweep_row *row), void *context,
                      struct assay_sweep_report *report, struct error *error)
{
    struct assay_eval_options copy = *options;
    struct eval_sweep sweep = {0};
    struct eval_run run;
    uint64_t start = clock_now_ns();
    bool ok = make_run(assay, &copy, &run, error) && work(&run, &sweep, error);
    for (size_t i = 0; ok && i < sweep.count; i++) {
        const struct eval_row *inner_row = &sweep.rows[i];
        struct assay_sweep_row row = {.is_current = inner_row->is_current,
                                      .passages = inner_row->passages,
                                      .difference = inner_row->difference.mean,
                                      .low = inner_row->difference.low,
                                      .high = inner_row->difference.high};
        if (work == eval_sweep_passages)
            describe_cut(&inner_row->cut, row.settings, sizeof(row.settings));
        else
            describe(&inner_row->setting, row.settings, sizeof(row.settings));
        for (size_t j = 0; j < EVAL_MEASURES; j++) {
            row.measures[j] = inner_row->mean.values[j];
            row.documents[j] = inner_row->documents.values[j];
        }
        each(context, &row);
    }
    if (ok)
        *report = (struct assay_sweep_report){.cases = sweep.cases,
                                              .settings = sweep.count,
                                              .is_better = sweep.is_better,
                                              .by_quote = sweep.by_quote,
                                              .failed = sweep.failed,
                                              .took_ms = clock_ms_since(start)};
    free(sweep.rows);
    return ok;
}

bool assay_eval_sweep(struct assay *assay, const struct assay_eval_options *options,
                      void (*each)(void *context, const struct assay_sweep_row *row), void *context,
                      struct assay_sweep_report *report, struct assay_error *error)
{
    struct error inner;
    return finish(run_sweep(assay, eval_run_sweep, options, each, context, report, &inner), &inner, error);
}

bool assay_eval_sweep_passages(struct assay *assay, const struct assay_eval_options *options,
                               void (*each)(void *context, const struct assay_sweep_row *row), void *context,
                               struct assay_sweep_report *report, struct assay_error *error)
{
    struct error inner;
    return finish(run_sweep(assay, eval_sweep_passages, options, each, context, report, &inner), &inner, error);
}

bool assay_eval_plan_passages(struct assay *assay, const struct assay_eval_options *options, struct assay_sweep_plan *plan,
                              struct assay_error *error)
{
    struct assay_eval_options copy = *options;
    struct error inner;
    struct eval_run run;
    struct eval_plan made;
    bool ok = make_run(assay, &copy, &run, &inner) && eval_plan_passages(&run, &made, &inner);
    if (ok)
        *plan = (struct assay_sweep_plan){made.cuts, made.documents, made.passages, made.embeds, made.seconds};
    return finish(ok, &inner, error);
}
