/* sweep_passages.c - the test cases under many ways to cut the documents, each compared with the current one case by case.
 *
 *   units × tokens × overlap ─▶ scratch project: cut, embed what is new ─▶ every case asked ─▶ differences, as for settings
 *
 * The right document is found more easily than the right passage of it. So where the cases say what proves their answers, and it was found for
 * enough of them, a hit is a passage that holds it. */
#include "scratch.h"
#include <assert.h>
#include <stdio.h>
#include <stdlib.h>

enum { CUTS_MAX = 64, QUOTES_ENOUGH = 10, SAMPLE = 64 };

struct passage_sweep {
    const struct eval_run *run;
    struct eval_cut cuts[CUTS_MAX];
    size_t count, done;
    bool embeds;
    struct eval_cases cases;
    struct eval_scores *documents, *quotes; /* [cut][case] */
    struct scratch scratch;
    struct arena arena;
    char stage[64];
};

static void add_cut(struct passage_sweep *sweep, struct eval_cut cut)
{
    for (size_t i = 0; i < sweep->count; i++)
        if (sweep->cuts[i].unit == cut.unit && sweep->cuts[i].tokens == cut.tokens && sweep->cuts[i].overlap == cut.overlap)
            return;
    assert(sweep->count < CUTS_MAX);
    sweep->cuts[sweep->count++] = cut;
}

/* How the project cuts now, then what is tried beside it. */
static void list_cuts(struct passage_sweep *sweep)
{
    static const enum passage_unit units[] = {UNIT_AUTO, UNIT_HEADING, UNIT_SENTENCE, UNIT_FIXED};
    static const size_t sizes[] = {64, 128, 200, 400};
    const struct settings *now = &sweep->run->project->settings;
    add_cut(sweep, (struct eval_cut){now->unit, now->passage_tokens, now->passage_overlap});
    for (size_t i = 0; i < ARRAY_COUNT(units); i++)
        for (size_t j = 0; j < ARRAY_COUNT(sizes); j++) {
            add_cut(sweep, (struct eval_cut){units[i], sizes[j], 0});
            add_cut(sweep, (struct eval_cut){units[i], sizes[j], sizes[j] * 3 / 20});
        }
}

/* Whether the cases will be asked by meaning too. */
static bool asks_by_vectors(const struct eval_run *run)
{
    enum retrieve_mode mode = run->mode != RETRIEVE_AUTO ? run->mode : run->project->settings.mode;
    struct passage_model model = embedder_for_passages(run->embedder);
    const struct tokenizer *tokenizer;
    size_t tokens_max;
    return mode != RETRIEVE_TEXT &&
           (embedder_is_elsewhere(run->embedder) || model.measure(model.context, &tokenizer, &tokens_max));
}

/* ---- what it costs ---- */

struct sample {
    struct slice texts[SAMPLE];
    struct arena arena;
    size_t count;
};

static bool take_sample(void *context, const struct store_passage *passage, const struct store_document *document,
                        struct error *error)
{
    struct sample *sample = context;
    (void)document, (void)error;
    if (sample->count == SAMPLE)
        return false;
    sample->texts[sample->count++] = arena_slice(&sample->arena, passage->text);
    return true;
}

/* Seconds for one passage, by embedding a few. */
static bool time_passages(const struct eval_run *run, double *seconds, struct error *error)
{
    struct passage_model model = embedder_for_passages(run->embedder);
    struct sample sample = {.count = 0};
    float *vectors = NULL;
    size_t dimensions;
    *seconds = 0;
    error_clear(error);
    arena_init(&sample.arena);
    bool ok = store_each_passage(run->project->store, 1, INT64_MAX, take_sample, &sample, error) || error->kind == ERROR_NONE;
    if (ok && sample.count > 0) {
        ok = model.embed(model.context, sample.texts, 1, &vectors, &dimensions, error); /* opens the model */
        free(vectors);
        vectors = NULL;
        uint64_t start = clock_now_ns();
        ok = ok && model.embed(model.context, sample.texts, sample.count, &vectors, &dimensions, error);
        *seconds = clock_ms_since(start) / 1000 / (double)sample.count;
        free(vectors);
    }
    arena_release(&sample.arena);
    return ok;
}

bool eval_plan_passages(const struct eval_run *run, struct eval_plan *plan, struct error *error)
{
    struct passage_sweep sweep = {.run = run};
    struct store_counts counts;
    double each;
    list_cuts(&sweep);
    if (!store_count(run->project->store, &counts, error))
        return false;
    *plan = (struct eval_plan){.cuts = sweep.count,
                               .documents = (size_t)counts.documents,
                               .passages = (size_t)counts.passages,
                               .embeds = asks_by_vectors(run)};
    if (!plan->embeds)
        return true;
    if (!time_passages(run, &each, error))
        return false;
    plan->seconds = each * (double)counts.passages * (double)(sweep.count - 1);
    return true;
}

/* ---- the sweep ---- */

/* Tells of which cut the work is. */
static bool step(void *context, const char *stage, size_t done, size_t total)
{
    struct passage_sweep *sweep = context;
    const struct eval_progress *progress = &sweep->run->progress;
    (void)stage;
    return progress->step == NULL || progress->step(progress->context, sweep->stage, done, total);
}

static bool ask_cut(struct passage_sweep *sweep, struct error *error)
{
    struct eval_run run = *sweep->run;
    run.project = sweep->scratch.project;
    run.embedder = sweep->scratch.embedder;
    run.mode = sweep->embeds ? run.mode : RETRIEVE_TEXT;
    for (size_t i = 0; i < sweep->cases.count; i++) {
        size_t at = sweep->done * sweep->cases.count + i;
        enum retrieve_mode mode;
        if (!eval_ask_case(&run, &sweep->cases.items[i], NULL, &sweep->documents[at], &sweep->quotes[at], NULL, &mode, error))
            return false;
        if (!step(sweep, "", i + 1, sweep->cases.count))
            return error_set(error, ERROR_CANCELLED, "stopped at cut %zu of %zu", sweep->done + 1, sweep->count);
    }
    return true;
}

static bool try_cuts(struct passage_sweep *sweep, struct eval_sweep *out, struct error *error)
{
    const struct eval_progress progress = {step, sweep};
    for (; sweep->done < sweep->count; sweep->done++) {
        struct eval_row *row = &out->rows[sweep->done];
        row->cut = sweep->cuts[sweep->done];
        snprintf(sweep->stage, sizeof(sweep->stage), "cut %zu of %zu", sweep->done + 1, sweep->count);
        if (!scratch_cut(&sweep->scratch, &row->cut, sweep->embeds, &progress, &row->passages, &out->failed, error) ||
            !ask_cut(sweep, error))
            return false;
    }
    return true;
}

/* Leaves the cases whose proof was found by one cut at least: the others say nothing about cutting. `clusters`: of those that are left. */
static size_t keep_quoted(struct passage_sweep *sweep, uint32_t *clusters)
{
    size_t cases = sweep->cases.count, kept = 0;
    bool *is_kept = memory_alloc(cases, sizeof(*is_kept));
    for (size_t i = 0; i < cases; i++) {
        for (size_t j = 0; j < sweep->count; j++)
            is_kept[i] = is_kept[i] || sweep->quotes[j * cases + i].values[EVAL_MRR_10] > 0;
        clusters[kept] = sweep->cases.clusters[i];
        kept += is_kept[i];
    }
    size_t to = 0; /* rows become shorter, so each goes to where it, or one before it, was */
    for (size_t j = 0; j < sweep->count; j++)
        for (size_t i = 0; i < cases; i++)
            if (is_kept[i])
                sweep->quotes[to++] = sweep->quotes[j * cases + i];
    free(is_kept);
    return kept;
}

static void use_scratch_names(struct passage_sweep *sweep)
{
    for (size_t i = 0; i < sweep->cases.count; i++) {
        struct eval_case *item = &sweep->cases.items[i];
        struct slice *sources = arena_alloc(&sweep->arena, item->source_count, sizeof(*sources));
        for (size_t j = 0; j < item->source_count; j++)
            sources[j] = scratch_name(&sweep->scratch, sweep->run->project, item->sources[j]);
        item->sources = sources;
    }
}

static void compare(struct passage_sweep *sweep, struct eval_sweep *out)
{
    for (size_t j = 0; j < sweep->count; j++)
        eval_mean(sweep->documents + j * sweep->cases.count, sweep->cases.count, &out->rows[j].documents);
    out->cases = sweep->cases.count;
    uint32_t *clusters = arena_alloc(&sweep->arena, out->cases, sizeof(*clusters));
    size_t quoted = keep_quoted(sweep, clusters);
    out->by_quote = quoted >= QUOTES_ENOUGH && 2 * quoted >= sweep->cases.count;
    if (out->by_quote)
        out->cases = quoted;
    eval_compare(out->by_quote ? sweep->quotes : sweep->documents, out->by_quote ? clusters : sweep->cases.clusters, out->cases,
                 out);
}

bool eval_sweep_passages(const struct eval_run *run, struct eval_sweep *out, struct error *error)
{
    struct passage_sweep sweep = {.run = run};
    struct error late;
    *out = (struct eval_sweep){0};
    arena_init(&sweep.arena);
    list_cuts(&sweep);
    bool ok = eval_open_cases(run, &sweep.arena, &sweep.cases, error);
    if (ok) {
        out->rows = memory_alloc(sweep.count, sizeof(*out->rows));
        out->count = sweep.count;
        sweep.documents = memory_alloc(sweep.count * sweep.cases.count, sizeof(*sweep.documents));
        sweep.quotes = memory_alloc(sweep.count * sweep.cases.count, sizeof(*sweep.quotes));
        sweep.embeds = asks_by_vectors(run);
        ok = scratch_open(&sweep.scratch, run->project, error);
        if (ok) {
            use_scratch_names(&sweep);
            ok = try_cuts(&sweep, out, error);
        }
        ok = scratch_close(&sweep.scratch, ok ? error : &late) && ok;
    }
    if (ok)
        compare(&sweep, out);
    free(sweep.documents);
    free(sweep.quotes);
    arena_release(&sweep.arena);
    return ok;
}
