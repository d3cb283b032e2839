/* api.c - include/assay.h over the rooms: translates errors, options and results, and adds nothing. */
#include <assay.h>

#include "ranker/ranker.h"
#include "reader/reader.h"
#include "writer/writer.h"
#include "priced_llm.h"
#include "search_ranker.h"
#include "tell.h"
#include "answer/answer.h"
#include "embed/embed.h"
#include "ingest/ingest.h"
#include "kernel/kernel.h"
#include "project/project.h"
#include "text/text.h"
#include "trace/trace.h"
#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

_Static_assert((int)ASSAY_CANCELLED == (int)ERROR_CANCELLED && (int)ASSAY_OK == (int)ERROR_NONE, "the kinds are the same list");
_Static_assert((int)ASSAY_SKIPPED == (int)INGEST_SKIPPED && (int)ASSAY_ADDED == (int)INGEST_ADDED, "the changes too");

void tell(struct assay_error *out, const struct error *error)
{
    _Static_assert(sizeof(out->message) == sizeof(error->message) && sizeof(out->hint) == sizeof(error->hint), "same sizes");
    out->kind = (enum assay_error_kind)error->kind;
    memcpy(out->message, error->message, sizeof(out->message));
    memcpy(out->hint, error->hint, sizeof(out->hint));
    out->is_elsewhere = error->is_elsewhere;
    out->is_full = error->is_full;
}

bool finish(bool ok, const struct error *error, struct assay_error *out)
{
    if (!ok)
        tell(out, error);
    return ok;
}

const char *assay_error_kind_name(enum assay_error_kind kind)
{
    return error_kind_name((enum error_kind)kind);
}

const char *assay_version(void)
{
    return ASSAY_VERSION;
}

const char *assay_kernels(void)
{
    return kernels()->name;
}

size_t assay_token_estimate(const char *text, size_t size)
{
    return text_token_estimate((struct slice){text, size});
}

bool assay_create(const char *folder, struct assay_error *error)
{
    struct error inner;
    return finish(project_create(folder, &inner), &inner, error);
}

/* Where the settings say that traces go: an address as it stands, a file from the project's folder on. */
static struct tracer *trace_out(struct project *project)
{
    const char *to = project->settings.traces;
    if (to == NULL)
        return NULL;
    return tracer_create(url_is_web(slice_from(to)) ? to : path_join(&project->arena, project->root, to));
}

bool assay_open(struct assay **assay, const struct assay_open_options *options, struct assay_error *error)
{
    struct error inner;
    struct project *project;
    enum store_mode mode = options->write ? STORE_WRITE : STORE_READ;
    if (!project_open(&project, options->folder, mode, options->purpose ? options->purpose : "assay library", &inner))
        return finish(false, &inner, error);
    *assay = memory_alloc(1, sizeof(**assay));
    (*assay)->project = project;
    project->open_remote = priced_embedder_open;
    project->mends = mode == STORE_READ;
    (*assay)->embedder = embedder_create(project);
    (*assay)->reader = NULL;
    (*assay)->writer = NULL;
    (*assay)->tracer = trace_out(project);
    (*assay)->ranker = NULL;
    (*assay)->grounding = NULL;
    arena_init(&(*assay)->told);
    return true;
}

void assay_close(struct assay *assay)
{
    if (assay == NULL)
        return;
    embedder_free(assay->embedder);
    reader_close(assay->reader);
    writer_close(assay->writer);
    tracer_free(assay->tracer);
    ranker_close(assay->ranker);
    ranker_close(assay->grounding);
    arena_release(&assay->told);
    project_close(assay->project);
    free(assay);
}

const char *assay_folder(const struct assay *assay)
{
    return assay->project->root;
}

/* Refuses to write through a handle that was opened to read. */
static bool can_write(const struct assay *assay, struct error *error)
{
    if (assay->project->mode == STORE_WRITE)
        return true;
    return error_set(error, ERROR_INVALID, "project \"%s\" was opened for reading", assay->project->root);
}

static void on_change(void *context, enum ingest_change change, const char *path, const struct error *error)
{
    const struct assay_add_options *options = context;
    struct assay_error outer;
    if (options->on_document == NULL)
        return;
    if (error != NULL)
        tell(&outer, error);
    options->on_document(options->context, (enum assay_change)change, path, error ? &outer : NULL);
}

static void on_remark(void *context, const char *path, const char *message)
{
    const struct assay_add_options *options = context;
    if (options->on_document_note != NULL)
        options->on_document_note(options->context, path, message);
}

static bool on_step(void *context, const char *stage, size_t done, size_t total)
{
    const struct assay_add_options *options = context;
    return options->on_progress == NULL || options->on_progress(options->context, stage, done, total);
}

typedef bool ingest_work(struct project *project, const char *working, const char *const *paths, size_t path_count,
                         const struct ingest_progress *progress, struct ingest_report *report, struct error *error);

static void note_model(const struct assay_add_options *options, const struct embed_report *embedded)
{
    if (options->on_note == NULL)
        return;
    char message[200];
    if (embedded->no_model)
        options->on_note(options->context, embedded->why.message,
                         "Documents can be searched by words. For search by meaning too, run "
                         "scripts/setup or `assay model add`; or set `embedding: none`.");
    if (embedded->dropped > 0) {
        snprintf(message, sizeof(message), "the vectors were of another model: %zu of them are made anew", embedded->dropped);
        options->on_note(options->context, message, "");
    }
}

/* The second half of adding: by now all is durable and can be searched by words. */
static bool embed(struct assay *assay, const struct assay_add_options *options, size_t *embedded, struct error *error)
{
    struct assay_add_options copy = *options;
    struct embed_report report;
    bool ok = embed_passages(assay->embedder, &(struct embed_progress){.step = on_step, .context = &copy}, &report, error);
    *embedded = report.embedded;
    note_model(options, &report);
    return ok;
}

static bool ingest(struct assay *assay, ingest_work *work, const struct assay_add_options *options,
                   struct assay_add_report *report, struct assay_error *error)
{
    struct assay_add_options copy = *options;
    const struct passage_model model = embedder_for_passages(assay->embedder);
    const struct ingest_progress progress = {.acknowledge = on_change,
                                             .note = on_remark,
                                             .step = on_step,
                                             .context = &copy,
                                             .model = &model,
                                             .allowed_hosts = options->allowed_hosts,
                                             .allowed_host_count = options->allowed_host_count};
    struct ingest_report done = {0};
    struct error inner;
    char working[LIMIT_PATH_BYTES];
    uint64_t start = clock_now_ns();
    bool ok = can_write(assay, &inner);
    if (ok && getcwd(working, sizeof(working)) == NULL)
        ok = error_system(&inner, "could not tell the current folder");
    size_t embedded = 0;
    ok = ok && work(assay->project, working, options->paths, options->path_count, &progress, &done, &inner);
    ok = ok && (work != ingest_add || options->no_embed || embed(assay, options, &embedded, &inner));
    *report = (struct assay_add_report){.added = done.added,
                                        .updated = done.updated,
                                        .unchanged = done.unchanged,
                                        .removed = done.removed,
                                        .failed = done.failed,
                                        .skipped = done.skipped,
                                        .relabelled = done.relabelled,
                                        .passages = done.passages,
                                        .bytes = done.bytes,
                                        .embedded = embedded,
                                        .took_ms = clock_ms_since(start)};
    return finish(ok, &inner, error);
}

bool assay_add(struct assay *assay, const struct assay_add_options *options, struct assay_add_report *report,
               struct assay_error *error)
{
    return ingest(assay, ingest_add, options, report, error);
}

bool assay_remove(struct assay *assay, const struct assay_add_options *options, struct assay_add_report *report,
                  struct assay_error *error)
{
    return ingest(assay, ingest_remove, options, report, error);
}

struct assay_results {
    struct search_result inner;
    struct assay_hit *hits;
    double took_ms;
};

static void fill_headings(struct arena *arena, struct slice joined, struct assay_hit *hit)
{
    const char **headings = arena_alloc(arena, LIMIT_HEADING_DEPTH, sizeof(*headings));
    struct slice rest = joined, part;
    while (hit->heading_count < LIMIT_HEADING_DEPTH && slice_next(&rest, STORE_HEADING_SEPARATOR, &part))
        headings[hit->heading_count++] = arena_text(arena, part);
    hit->headings = headings;
}

static const struct assay_score_part *fill_parts(struct arena *arena, const struct search_hit *inner)
{
    static const char *const fields[] = {[INDEX_TEXT] = "text", [INDEX_TITLE] = "title", [INDEX_HEADINGS] = "headings"};
    struct assay_score_part *parts = arena_alloc(arena, inner->part_count, sizeof(*parts));
    for (size_t i = 0; i < inner->part_count; i++) {
        const struct search_part *part = &inner->parts[i];
        parts[i] = (struct assay_score_part){arena_text(arena, part->word), fields[part->field], (size_t)part->documents,
                                             part->frequency, (double)part->score};
    }
    return parts;
}

static const struct assay_copy *fill_copies(struct arena *arena, const struct search_hit *inner)
{
    struct assay_copy *copies = arena_alloc(arena, inner->copy_count, sizeof(*copies));
    for (size_t i = 0; i < inner->copy_count; i++) {
        const struct search_copy *copy = &inner->copies[i];
        copies[i] = (struct assay_copy){.document = arena_text(arena, copy->path),
                                        .passage = copy->passage,
                                        .start = (size_t)copy->start,
                                        .end = (size_t)copy->end,
                                        .line = (size_t)copy->line,
                                        .line_end = (size_t)copy->line_end,
                                        .page = (size_t)copy->page,
                                        .is_extracted = copy->is_extracted};
    }
    return copies;
}

static void fill_edition(struct arena *arena, const struct hit_edition *inner, struct assay_hit *hit)
{
    if (inner->state == EDITION_IN_FORCE)
        return;
    hit->edition = edition_state_name(inner->state);
    hit->why = inner->why.size > 0 ? arena_text(arena, inner->why) : "another edition of it is newer";
    hit->newer = inner->newer != 0 ? arena_text(arena, inner->newer_path) : NULL;
}

void fill_hit(struct arena *arena, const struct search_hit *inner, struct assay_hit *hit)
{
    const struct store_passage *passage = &inner->passage;
    struct assay_match *matches = arena_alloc(arena, inner->match_count, sizeof(*matches));
    for (size_t i = 0; i < inner->match_count; i++)
        matches[i] = (struct assay_match){inner->matches[i].start, inner->matches[i].end};
    *hit = (struct assay_hit){
        .passage = passage->id,
        .document = arena_text(arena, inner->path),
        .title = arena_text(arena, inner->title),
        .page = (size_t)passage->page,
        .start = (size_t)passage->start,
        .end = (size_t)passage->end,
        .line = (size_t)passage->line,
        .line_end = (size_t)passage->line_end,
        .is_extracted = inner->is_extracted,
        .text = passage->text.data,
        .text_size = passage->text.size,
        .score = inner->score,
        .score_text = (double)inner->score_text,
        .score_vector = (double)inner->score_vector,
        .rank_text = inner->rank_text,
        .rank_vector = inner->rank_vector,
        .score_rerank = ranker_chance(inner->score_rerank),
        .is_reranked = inner->is_reranked,
        .parts = fill_parts(arena, inner),
        .part_count = inner->part_count,
        .matches = matches,
        .match_count = inner->match_count,
        .copies = fill_copies(arena, inner),
        .copy_count = inner->copy_count,
    };
    fill_edition(arena, &inner->edition, hit);
    fill_headings(arena, passage->headings, hit);
}

static const char *const mode_names[] = {"auto", "hybrid", "text", "vector"}; /* ORDER retrieve_mode */

bool mode_named(const char *name, enum retrieve_mode *mode, struct error *error)
{
    *mode = RETRIEVE_AUTO;
    for (size_t i = 0; name != NULL && i < ARRAY_COUNT(mode_names); i++)
        if (strcmp(name, mode_names[i]) == 0) {
            *mode = (enum retrieve_mode)i;
            return true;
        }
    if (name == NULL)
        return true;
    error_set(error, ERROR_INVALID, "unrecognized mode \"%.60s\"", name);
    return error_hint(error, "Known: auto, hybrid, text, vector.");
}

const char *mode_name(enum retrieve_mode mode)
{
    return mode_names[mode];
}

struct slice optional_slice(const char *text)
{
    return text != NULL ? slice_from(text) : (struct slice){NULL, 0};
}

bool assay_filter_check(const char *filter, struct assay_error *error)
{
    struct arena arena;
    struct error inner;
    const struct store_filter *read;
    arena_init(&arena);
    bool ok = store_filter_read(slice_from(filter), &arena, &read, &inner);
    arena_release(&arena);
    return finish(ok, &inner, error);
}

bool assay_search(struct assay *assay, const char *question, const struct assay_search_options *options,
                  struct assay_results **results, struct assay_error *error)
{
    struct error inner;
    struct search_request request = {.question = slice_from(question),
                                     .k = options->k,
                                     .embedder = assay->embedder,
                                     .explain = options->explain,
                                     .principal = optional_slice(options->principal),
                                     .secret = optional_slice(options->secret),
                                     .filter = optional_slice(options->filter)};
    if (slice_trim(request.question).size == 0) {
        error_set(&inner, ERROR_INVALID, "the question is empty");
        error_hint(&inner, "Give it as an argument: assay search \"refund window\"");
        return finish(false, &inner, error);
    }
    if (!mode_named(options->mode, &request.mode, &inner) || !search_ranker(assay, options->rerank, &request.ranker, &inner))
        return finish(false, &inner, error);
    struct assay_results *found = memory_alloc(1, sizeof(*found));
    uint64_t start = clock_now_ns();
    if (!answer_search(assay->project, &request, &found->inner, &inner)) {
        assay_results_free(found);
        return finish(false, &inner, error);
    }
    found->hits = arena_alloc(&found->inner.arena, found->inner.count, sizeof(*found->hits));
    for (size_t i = 0; i < found->inner.count; i++)
        fill_hit(&found->inner.arena, &found->inner.hits[i], &found->hits[i]);
    found->took_ms = clock_ms_since(start);
    *results = found;
    return true;
}

size_t assay_results_count(const struct assay_results *results)
{
    return results->inner.count;
}

size_t assay_results_searched(const struct assay_results *results)
{
    return results->inner.searched;
}

double assay_results_took_ms(const struct assay_results *results)
{
    return results->took_ms;
}

const char *assay_results_mode(const struct assay_results *results)
{
    return mode_name(results->inner.mode);
}

const char *assay_results_note(const struct assay_results *results)
{
    return results->inner.fallback.kind == ERROR_NONE ? NULL : results->inner.fallback.message;
}

struct assay_timings assay_results_timings(const struct assay_results *results)
{
    const struct search_timings *inner = &results->inner.timings;
    return (struct assay_timings){inner->refresh_ms, inner->embed_ms, inner->text_ms,  inner->vector_ms,
                                  inner->fuse_ms,    inner->fetch_ms, inner->rerank_ms};
}

const struct assay_hit *assay_results_hit(const struct assay_results *results, size_t index)
{
    assert(index < results->inner.count);
    return &results->hits[index];
}

void assay_results_free(struct assay_results *results)
{
    if (results == NULL)
        return;
    search_result_release(&results->inner);
    free(results);
}

static void ignore_finding(void *context, const char *kind, const char *message)
{
    (void)context;
    (void)kind;
    (void)message;
}

bool assay_examine(struct assay *assay, const struct assay_examine_options *options, struct assay_examine_report *report,
                   struct assay_error *error)
{
    struct error inner;
    struct doctor_report found = {0};
    uint64_t start = clock_now_ns();
    void (*each)(void *, const char *, const char *) = options->on_finding ? options->on_finding : ignore_finding;
    bool ok = !options->repair || can_write(assay, &inner);
    ok = ok && project_examine(assay->project, options->repair, each, options->context, &found, &inner);
    struct assay_examine_report all = {.documents = (size_t)found.counts.documents,
                                       .passages = (size_t)found.counts.passages,
                                       .segments = found.segments,
                                       .unsealed = found.unsealed,
                                       .vectors = found.vectors,
                                       .vector_files = found.vector_files,
                                       .without_vector = found.without_vector,
                                       .problems = found.problems,
                                       .repaired = found.repaired};
    ok = ok && log_examine(assay->project, each, options->context, &all, &inner) &&
         adapters_examine(assay->project, each, options->context, &all, &inner);
    if (ok) {
        all.took_ms = clock_ms_since(start);
        *report = all;
    }
    return finish(ok, &inner, error);
}

struct sampling {
    bool (*each)(void *context, const char *text, size_t size);
    void *context;
    bool done; /* with this draw */
    bool stopped;
};

/* The first passage from the drawn number on; false, without an error, ends the walk. */
static bool take_sample(void *context, const struct store_passage *passage, const struct store_document *document,
                        struct error *error)
{
    struct sampling *sampling = context;
    (void)document;
    error_clear(error);
    if (!sampling->done)
        sampling->stopped = !sampling->each(sampling->context, passage->text.data, passage->text.size);
    sampling->done = true;
    return false;
}

bool assay_sample(struct assay *assay, size_t count, uint64_t seed, bool (*each)(void *context, const char *text, size_t size),
                  void *context, struct assay_error *error)
{
    struct error inner;
    struct store_counts counts;
    struct random random;
    struct sampling sampling = {.each = each, .context = context};
    bool ok = store_count(assay->project->store, &counts, &inner);
    if (ok && counts.passages == 0) {
        ok = error_set(&inner, ERROR_INVALID, "project \"%s\" has no passages", assay->project->root);
        error_hint(&inner, "Run `assay add` first.");
    }
    random_init(&random, seed);
    for (size_t i = 0; ok && i < count && !sampling.stopped; i++) {
        int64_t first = ok ? 1 + (int64_t)random_below(&random, (uint64_t)counts.passage_last) : 0;
        sampling.done = false;
        error_clear(&inner);
        if (!store_each_passage(assay->project->store, first, INT64_MAX, take_sample, &sampling, &inner))
            ok = inner.kind == ERROR_NONE;
    }
    return finish(ok, &inner, error);
}
