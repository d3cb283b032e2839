/* examine.c - `assay doctor`: is everything that is stored what was stored, and does the index cover exactly the live passages? */
#include "parts.h"
#include <assert.h>
#include <stdlib.h>
#include <string.h>

struct examination {
    struct project *project;
    void (*each)(void *context, const char *kind, const char *message);
    void *context;
    struct doctor_report *report;
    struct arena arena;
    struct buffer content;
    size_t passages_missing, passages_seen;
    size_t index_problems, vector_problems;
    struct store_wrong wrong;
    struct map named;
    struct {
        int64_t id;
        char *path;
    } *documents;
    size_t document_count, document_capacity;
};

static void problem(struct examination *examination, const char *kind, const char *message)
{
    examination->report->problems++;
    examination->each(examination->context, kind, message);
}

static void catalog_problem(void *context, const char *message)
{
    problem(context, "catalog", message);
}

static void index_problem(struct examination *examination, const char *message)
{
    examination->index_problems++;
    problem(examination, "index", message);
}

static void vector_problem(struct examination *examination, const char *message)
{
    examination->vector_problems++;
    problem(examination, "index", message);
}

static bool collect_document(void *context, const struct store_document *document, struct error *error)
{
    struct examination *e = context;
    (void)error;
    e->documents = memory_more(e->documents, e->document_count, &e->document_capacity, sizeof(*e->documents));
    e->documents[e->document_count].id = document->id;
    e->documents[e->document_count++].path = arena_text(&e->arena, document->path);
    return true;
}

/* The contents still have the hash they were stored under; that it is the source's own, where it should be, the catalog's rules say. */
static bool examine_contents(struct examination *e, struct error *error)
{
    if (!store_each_document(e->project->store, collect_document, e, error))
        return false;
    for (size_t i = 0; i < e->document_count; i++) {
        unsigned char hash[STORE_HASH_BYTES], stored[STORE_HASH_BYTES];
        buffer_clear(&e->content);
        if (!store_content(e->project->store, e->documents[i].id, &e->content, error) ||
            !store_content_hash(e->project->store, e->documents[i].id, stored, error))
            return false;
        struct slice bytes = buffer_slice(&e->content);
        sha256(hash, bytes.data, bytes.size);
        if (memcmp(hash, stored, sizeof(hash)) != 0)
            problem(e, "content",
                    arena_format(&e->arena, "the stored content of \"%s\" is not what was added", e->documents[i].path));
    }
    return true;
}

static bool examine_segment(void *context, const struct store_segment *entry, struct error *error)
{
    struct examination *e = context;
    struct segment *segment;
    struct error why;
    (void)error;
    const char *file = arena_text(&e->arena, entry->file);
    (void)map_put(&e->named, entry->file, NULL);
    e->report->segments++;
    if (!segment_open(&segment, index_path(&e->arena, e->project, file), &why)) {
        index_problem(e, why.message);
        return true;
    }
    if (!segment_check(segment, &why))
        index_problem(e, arena_format(&e->arena, "segment \"%s\": %s", file, why.message));
    else if ((int64_t)segment_passage_count(segment) != entry->passages || (int64_t)segment_size_bytes(segment) != entry->size)
        index_problem(e, arena_format(&e->arena, "segment \"%s\" is not the one that the catalog means", file));
    segment_close(segment);
    return true;
}

static bool examine_vector_file(void *context, const struct store_segment *entry, struct error *error)
{
    struct examination *e = context;
    struct vector_segment *segment;
    struct error why;
    (void)error;
    const char *file = arena_text(&e->arena, entry->file);
    (void)map_put(&e->named, entry->file, NULL);
    e->report->vector_files++;
    if (!vector_segment_open(&segment, index_path(&e->arena, e->project, file), &why)) {
        vector_problem(e, why.message);
        return true;
    }
    if ((int64_t)vector_segment_count(segment) != entry->passages || (int64_t)vector_segment_size_bytes(segment) != entry->size)
        vector_problem(e, arena_format(&e->arena, "vector file \"%s\" is not the one that the catalog means", file));
    vector_segment_close(segment);
    return true;
}

/* Compares the loaded vectors with the catalog's. */
static bool examine_vectors(struct examination *e, struct error *error)
{
    struct project *project = e->project;
    struct store_vector_counts counts;
    struct error why;
    int64_t stored;
    if (!store_count_vectors(project->store, &counts, error) ||
        !store_count_vectors_within(project->store, INT64_MIN, INT64_MAX, &stored, error))
        return false;
    if (stored != counts.vectors)
        problem(e, "catalog",
                arena_format(&e->arena, "there are %lld vectors for the %lld passages up to number %lld", (long long)stored,
                             (long long)counts.vectors, (long long)counts.last));
    e->report->vectors = (size_t)stored;
    e->report->without_vector = (size_t)counts.missing;
    if (!project_refresh_vectors(project, &why)) {
        problem(e, "catalog", why.message);
        return true;
    }
    size_t loaded = project->vectors.index != NULL ? vector_index_count(project->vectors.index) : 0;
    if (loaded != e->report->vectors)
        vector_problem(e, arena_format(&e->arena, "the index has %zu vectors, the catalog %zu", loaded, e->report->vectors));
    return true;
}

static bool examine_leftover(void *context, const char *name, struct error *error)
{
    struct examination *e = context;
    (void)error;
    if (index_file_name(name) && map_get(&e->named, slice_from(name)) == NULL)
        e->each(e->context, "note", arena_format(&e->arena, "index file \"%s\" is not used; the next writer removes it", name));
    return true;
}

static bool examine_coverage(void *context, const struct store_passage *passage, const struct store_document *document,
                             struct error *error)
{
    struct examination *e = context;
    (void)error;
    e->passages_seen++;
    if (!index_contains(e->project->index, (passage_id)passage->id) && e->passages_missing++ == 0)
        index_problem(e, arena_format(&e->arena, "passage %lld of \"" SLICE_FORMAT "\" is not in the index",
                                      (long long)passage->id, SLICE_ARGUMENT(document->path)));
    return true;
}

/* Compares the loaded index with the catalog, passage by passage. */
static bool examine_index(struct examination *e, struct error *error)
{
    struct project *project = e->project;
    if (!store_each_passage(project->store, 1, project->covered, examine_coverage, e, error))
        return false;
    size_t in_index = index_passage_count(project->index);
    if (in_index != e->passages_seen && e->passages_missing == 0)
        index_problem(e, arena_format(&e->arena, "the index has %zu passages, the catalog %zu", in_index, e->passages_seen));
    e->report->unsealed = project_unsealed(project);
    return true;
}

static bool examine_all(struct examination *e, struct error *error)
{
    struct project *project = e->project;
    if (!store_check(project->store, &e->wrong, catalog_problem, e, error) ||
        !store_count(project->store, &e->report->counts, error) || !examine_contents(e, error) ||
        !store_each_segment(project->store, examine_segment, e, error) ||
        !store_each_vector_segment(project->store, examine_vector_file, e, error) ||
        !folder_list(state_path(&e->arena, project, "index"), examine_leftover, e, error))
        return false;
    return examine_index(e, error) && examine_vectors(e, error);
}

/* Forgets what is derived and not as it should be, and writes new index files. */
static bool rebuild(struct examination *e, struct error *error)
{
    struct project *project = e->project;
    struct store_segment none = {.file = {"", 0}, .first = 1, .last = INT64_MAX};
    bool words = e->index_problems > 0, vectors = e->vector_problems > 0;
    bool ok = store_begin(project->store, STORE_WRITE, error);
    if (ok && (e->wrong.files || e->wrong.vectors))
        ok = store_forget(project->store, e->wrong.vectors, error);
    ok = ok && (!words || store_replace_segments(project->store, &none, error)) &&
         (!vectors || store_replace_vector_segments(project->store, &none, error)) && store_commit(project->store, error);
    store_rollback(project->store);
    if (!ok)
        return false;
    parts_clear(project);
    vectors_clear(project);
    return project_seal(project, error);
}

bool project_examine(struct project *project, bool repair, void (*each)(void *context, const char *kind, const char *message),
                     void *context, struct doctor_report *report, struct error *error)
{
    assert(!repair || project->mode == STORE_WRITE);
    *report = (struct doctor_report){0};
    project->mends = false; /* it tells what is wrong, and mends when it is told to */
    struct examination e = {.project = project, .each = each, .context = context, .report = report};
    arena_init(&e.arena);
    buffer_init(&e.content, LIMIT_DOCUMENT_BYTES_MAX);
    map_init(&e.named, 1000000);
    bool ok = project_refresh(project, error);
    if (ok) {
        ok = examine_all(&e, error);
        project_release(project);
    }
    size_t mendable = e.index_problems + e.vector_problems + e.wrong.files + e.wrong.vectors;
    if (ok && repair && mendable > 0) {
        ok = rebuild(&e, error);
        report->repaired = ok ? mendable : 0;
        if (ok && e.wrong.vectors)
            each(context, "note", "the vectors are gone; the next `assay add` makes them anew");
    } else if (ok && repair) {
        ok = project_seal(project, error);
    }
    free(e.documents);
    map_release(&e.named);
    buffer_release(&e.content);
    arena_release(&e.arena);
    return ok;
}
