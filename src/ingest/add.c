/* add.c - `assay add`: what is new, changed or gone since the last time, in batches that are durable one by one. */
#include "labels.h"
#include <assert.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    RECIPE_VERSION = 4,        /* counts up when reading or cutting changes, so that documents are read again */
    SEAL_EVERY_PASSAGES = 100000 /* so that another process that searches meanwhile has little to build for itself */
};
/* A file changed within the clock's grain of the last look may look unchanged: then its bytes decide. */
#define CLOCK_GRAIN_NS 2000000000

struct known_document {
    int64_t id, size, modified_ns, checked_ns, recipe;
    unsigned char hash[STORE_HASH_BYTES];
    const char *path;     /* as the catalog has it */
    const char *absolute;
    bool found;   /* by the walk */
    bool leaving; /* to be removed */
};

struct adding {
    struct project *project;
    const struct ingest_progress *progress;
    struct ingest_report *report;
    struct walk walk;
    struct label_rule labels;
    struct cutters cutters;
    struct map known_paths;      /* path → number in known, plus one */
    struct known_document *known;
    size_t known_count, known_capacity;
    int64_t recipe;
    const struct walk_file **batch;
    struct loaded *loaded;
    size_t batch_count, batch_bytes;
    size_t unsealed; /* passages written since the last sealing */
    size_t done;
};

static void acknowledge(struct adding *adding, enum ingest_change change, const char *path, const struct error *error)
{
    if (adding->progress->acknowledge != NULL)
        adding->progress->acknowledge(adding->progress->context, change, path, error);
}

static void count_failure(void *context, enum ingest_change change, const char *path, const struct error *error)
{
    struct adding *adding = context;
    if (change == INGEST_FAILED)
        adding->report->failed++;
    else
        adding->report->skipped++;
    acknowledge(adding, change, path, error);
}

static bool step(struct adding *adding, const char *stage, size_t done, size_t total, struct error *error)
{
    if (adding->progress->step == NULL || adding->progress->step(adding->progress->context, stage, done, total))
        return true;
    error_set(error, ERROR_CANCELLED, "stopped after %zu of %zu", done, total);
    return error_hint(error, "What was reported is kept. Run the command again to go on.");
}

static int64_t recipe_of(const struct settings *settings)
{
    char text[128];
    int size = snprintf(text, sizeof(text), "%d %d %zu %zu %d", RECIPE_VERSION, (int)settings->unit, settings->passage_tokens,
                        settings->passage_overlap, settings->join_records);
    return (int64_t)(map_hash((struct slice){text, (size_t)size}) >> 1);
}

static bool know_document(void *context, const struct store_document *document, struct error *error)
{
    struct adding *adding = context;
    (void)error;
    adding->known = memory_more(adding->known, adding->known_count, &adding->known_capacity, sizeof(*adding->known));
    struct known_document *known = &adding->known[adding->known_count++];
    *known = (struct known_document){.id = document->id,
                                     .size = document->size,
                                     .modified_ns = document->modified_ns,
                                     .checked_ns = document->checked_ns,
                                     .recipe = document->recipe,
                                     .path = arena_text(&adding->walk.arena, document->path)};
    known->absolute = path_join(&adding->walk.arena, adding->project->root, known->path);
    memcpy(known->hash, document->hash, sizeof(known->hash));
    struct map_entry *entry = map_put(&adding->known_paths, document->path, NULL);
    entry->value = adding->known_count;
    return true;
}

static struct known_document *find_known(struct adding *adding, const char *path)
{
    struct map_entry *entry = map_get(&adding->known_paths, slice_from(path));
    return entry ? &adding->known[entry->value - 1] : NULL;
}

static void load_one(void *context, size_t index, size_t thread)
{
    struct adding *adding = context;
    const struct walk_file *file = adding->batch[index];
    const struct known_document *known = find_known(adding, file->stored);
    bool comparable = known != NULL && known->recipe == adding->recipe;
    load_file(&adding->loaded[index], file, &adding->project->settings, comparable ? known->hash : NULL);
    adding->loaded[index].document.recipe = adding->recipe;
    if (adding->loaded[index].ok && !adding->loaded[index].same)
        cut_loaded(&adding->cutters, &adding->loaded[index], thread);
}

static bool same_labels(const struct label_list *a, const struct label_list *b)
{
    bool same = a->count == b->count;
    for (size_t i = 0; same && i < a->count; i++)
        same = slice_equal(a->items[i], b->items[i]);
    return same;
}

/* A link must not carry a document to where others may see it: the rule has to say the same of where it really lies. */
static bool check_link(struct adding *adding, const struct walk_file *file, const struct label_list *labels,
                       const struct label_list *stated, struct error *error)
{
    char real[PATH_MAX];
    if (!file->by_link)
        return true;
    if (realpath(file->path, real) == NULL)
        return error_system(error, "could not follow \"%s\"", file->stored);
    struct label_list own = label_rule_apply(&adding->labels, real, stated);
    if (same_labels(labels, &own))
        return true;
    error_set(error, ERROR_INVALID, "\"%s\" is a link, and has other labels than \"%s\", where it leads", file->stored,
              project_relative(adding->project, real));
    return error_hint(error, "Copy the file, or give both places the same labels.");
}

static bool write_loaded(struct adding *adding, size_t i, struct error *error)
{
    struct store *store = adding->project->store;
    struct loaded *loaded = &adding->loaded[i];
    const struct known_document *known = find_known(adding, adding->batch[i]->stored);
    if (!loaded->ok)
        return true;
    if (loaded->same)
        return store_touch_document(store, known->id, loaded->document.modified_ns, loaded->document.checked_ns, error);
    const struct label_list stated = {loaded->access, loaded->access_count};
    struct label_list labels = label_rule_apply(&adding->labels, adding->batch[i]->path,
                                                loaded->states_access ? &stated : NULL);
    if (!check_link(adding, adding->batch[i], &labels, loaded->states_access ? &stated : NULL, &loaded->error)) {
        loaded->ok = false;
        return known == NULL || store_remove_document(store, known->id, error);
    }
    return store_put_document(store, &loaded->document, buffer_slice(&loaded->content), loaded->passages.items,
                              loaded->passages.count, labels.items, labels.count, error);
}

static void tell_loaded(struct adding *adding, size_t i)
{
    const struct loaded *loaded = &adding->loaded[i];
    const char *path = adding->batch[i]->stored;
    struct ingest_report *report = adding->report;
    bool is_known = find_known(adding, path) != NULL;
    report->bytes += loaded->content.size;
    if (!loaded->ok) {
        count_failure(adding, INGEST_FAILED, path, &loaded->error);
    } else if (loaded->same) {
        report->unchanged++;
        acknowledge(adding, INGEST_UNCHANGED, path, NULL);
    } else {
        *(is_known ? &report->updated : &report->added) += 1;
        report->passages += loaded->passages.count;
        adding->unsealed += loaded->passages.count;
        acknowledge(adding, is_known ? INGEST_UPDATED : INGEST_ADDED, path, NULL);
    }
}

/* Loads the batch on all threads, writes it in one transaction, and only then tells of it. */
static bool finish_batch(struct adding *adding, struct error *error)
{
    if (adding->batch_count == 0)
        return true;
    cutters_prepare(&adding->cutters);
    pool_parallel_for(adding->project->pool, adding->batch_count, load_one, adding);
    for (size_t i = 0; i < adding->batch_count; i++)
        if (adding->loaded[i].ok && adding->loaded[i].needs_vectors)
            cut_semantic(&adding->cutters, &adding->loaded[i]);
    bool ok = store_begin(adding->project->store, STORE_WRITE, error);
    for (size_t i = 0; ok && i < adding->batch_count; i++)
        ok = write_loaded(adding, i, error);
    ok = ok && store_commit(adding->project->store, error);
    store_rollback(adding->project->store);
    for (size_t i = 0; i < adding->batch_count; i++) {
        if (ok)
            tell_loaded(adding, i);
        loaded_release(&adding->loaded[i]);
    }
    adding->batch_count = adding->batch_bytes = 0;
    if (ok && adding->unsealed >= SEAL_EVERY_PASSAGES) {
        adding->unsealed = 0;
        ok = project_seal(adding->project, error);
    }
    return ok;
}

static bool looks_unchanged(const struct adding *adding, const struct walk_file *file, const struct known_document *known)
{
    return known != NULL && known->recipe == adding->recipe && known->size == file->size &&
           known->modified_ns == file->modified_ns && file->modified_ns < known->checked_ns - CLOCK_GRAIN_NS;
}

static bool add_file(struct adding *adding, const struct walk_file *file, struct error *error)
{
    struct known_document *known = find_known(adding, file->stored);
    if (known != NULL)
        known->found = true;
    adding->done++;
    if (looks_unchanged(adding, file, known)) {
        adding->report->unchanged++;
        acknowledge(adding, INGEST_UNCHANGED, file->stored, NULL);
        return true;
    }
    adding->batch[adding->batch_count++] = file;
    adding->batch_bytes += (size_t)file->size;
    if (adding->batch_count < LIMIT_BATCH_DOCUMENTS && adding->batch_bytes < LIMIT_BATCH_BYTES)
        return true;
    return finish_batch(adding, error) && step(adding, "reading", adding->done, adding->walk.count, error);
}

/* Removes the documents that are leaving, in one transaction. */
static bool remove_documents(struct adding *adding, struct error *error)
{
    bool ok = store_begin(adding->project->store, STORE_WRITE, error);
    for (size_t i = 0; ok && i < adding->known_count; i++)
        if (adding->known[i].leaving)
            ok = store_remove_document(adding->project->store, adding->known[i].id, error);
    ok = ok && store_commit(adding->project->store, error);
    store_rollback(adding->project->store);
    for (size_t i = 0; ok && i < adding->known_count; i++)
        if (adding->known[i].leaving) {
            adding->report->removed++;
            acknowledge(adding, INGEST_REMOVED, adding->known[i].path, NULL);
        }
    return ok;
}

static bool begin(struct adding *adding, struct error *error)
{
    struct project *project = adding->project;
    assert(project->mode == STORE_WRITE);
    *adding->report = (struct ingest_report){0};
    adding->recipe = recipe_of(&project->settings);
    cutters_init(&adding->cutters, &project->settings, adding->progress->model, pool_thread_count(project->pool));
    walk_init(&adding->walk, project);
    adding->walk.fail = count_failure;
    adding->walk.context = adding;
    map_init(&adding->known_paths, UINT32_MAX / 4);
    adding->batch = memory_alloc(LIMIT_BATCH_DOCUMENTS, sizeof(struct walk_file *));
    adding->loaded = memory_alloc(LIMIT_BATCH_DOCUMENTS, sizeof(*adding->loaded));
    return store_each_document(project->store, know_document, adding, error);
}

static void end(struct adding *adding)
{
    label_rule_release(&adding->labels);
    cutters_release(&adding->cutters);
    walk_release(&adding->walk);
    map_release(&adding->known_paths);
    free(adding->known);
    free(adding->batch);
    free(adding->loaded);
}

struct stated_labels {
    struct arena *arena;
    struct slice *items;
    size_t count, capacity;
    bool stated;
};

static void take_stated(void *context, struct slice text)
{
    struct stated_labels *labels = context;
    labels->stated = true;
    if (text.size == 0) /* stated: none */
        return;
    labels->items = arena_more(labels->arena, labels->items, labels->count, &labels->capacity, sizeof(*labels->items));
    labels->items[labels->count++] = arena_slice(labels->arena, text);
}

static bool relabel_document(struct adding *adding, const struct known_document *known, struct arena *arena,
                             struct error *error)
{
    struct store *store = adding->project->store;
    struct stated_labels stated = {.arena = arena};
    bool changed;
    arena_clear(arena);
    if (!store_each_value(store, known->id, SLICE("access"), take_stated, &stated, error))
        return false;
    const struct label_list own = {stated.items, stated.count};
    struct label_list labels = label_rule_apply(&adding->labels, known->absolute, stated.stated ? &own : NULL);
    if (!store_put_labels(store, known->id, labels.items, labels.count, &changed, error))
        return false;
    adding->report->relabelled += changed;
    return true;
}

/* When the rule for labels has changed, all documents get theirs anew, in one transaction, before anything is read. */
static bool relabel(struct adding *adding, struct error *error)
{
    struct store *store = adding->project->store;
    struct arena arena;
    int64_t rule;
    if (!label_rule_read(&adding->labels, adding->project, error) || !store_label_rule(store, &rule, error))
        return false;
    if (rule == adding->labels.number)
        return true;
    arena_init(&arena);
    bool ok = store_begin(store, STORE_WRITE, error);
    for (size_t i = 0; ok && i < adding->known_count; i++)
        ok = relabel_document(adding, &adding->known[i], &arena, error);
    ok = ok && store_put_label_rule(store, adding->labels.number, error) && store_commit(store, error);
    store_rollback(store);
    arena_release(&arena);
    if (!ok)
        adding->report->relabelled = 0;
    return ok;
}

static bool add_files(struct adding *adding, struct error *error)
{
    for (size_t i = 0; i < adding->walk.count; i++)
        if (!add_file(adding, &adding->walk.files[i], error))
            return false;
    if (!finish_batch(adding, error) || !step(adding, "reading", adding->done, adding->walk.count, error))
        return false;
    for (size_t i = 0; i < adding->known_count; i++) {
        struct known_document *known = &adding->known[i];
        known->leaving = !known->found && walk_covers(&adding->walk, known->absolute);
    }
    return remove_documents(adding, error) && step(adding, "indexing", 0, 1, error) && project_seal(adding->project, error);
}

/* An empty path would be the current folder: all of it added, or all of it removed. */
static bool check_paths(const char *const *paths, size_t count, struct error *error)
{
    for (size_t i = 0; i < count; i++)
        if (paths[i][0] == '\0') {
            error_set(error, ERROR_INVALID, "path number %zu is empty", i + 1);
            return error_hint(error, "Is a variable unset? The current folder is \".\".");
        }
    return true;
}

bool ingest_add(struct project *project, const char *working, const char *const *paths, size_t path_count,
                const struct ingest_progress *progress, struct ingest_report *report, struct error *error)
{
    if (!check_paths(paths, path_count, error))
        return false;
    struct adding adding = {.project = project, .progress = progress, .report = report};
    bool ok = begin(&adding, error) && relabel(&adding, error);
    if (ok) {
        bool is_default = path_count == 0;
        const char *const *named = is_default ? project->settings.documents : paths;
        size_t count = is_default ? project->settings.document_count : path_count;
        for (size_t i = 0; i < count; i++)
            walk_path(&adding.walk, is_default ? project->root : working, named[i]);
        ok = add_files(&adding, error);
    }
    end(&adding);
    return ok;
}

/* Marks what the arguments name, as documents or as folders of some; an argument that names none is an error. */
static bool mark_named(struct adding *adding, struct error *error)
{
    struct map *named = &adding->walk.roots;
    for (size_t i = 0; i < adding->known_count; i++) {
        const char *path = adding->known[i].absolute;
        struct map_entry *entry;
        while ((entry = walk_find_above(named, path)) != NULL) {
            adding->known[i].leaving = true;
            entry->value++;
            if (entry->key.size == 1) /* "/" has nothing above it */
                break;
            path = arena_text(&adding->walk.arena, path_folder(arena_text(&adding->walk.arena, entry->key)));
        }
    }
    for (size_t i = 0; i < named->count; i++)
        if (named->entries[i].value == 0) {
            const char *path = arena_text(&adding->walk.arena, named->entries[i].key);
            error_set(error, ERROR_NOT_FOUND, "no document \"%s\" in this project, and none below it",
                      project_relative(adding->project, path));
            return error_hint(error, "`assay list` shows the documents.");
        }
    return true;
}

bool ingest_remove(struct project *project, const char *working, const char *const *paths, size_t path_count,
                   const struct ingest_progress *progress, struct ingest_report *report, struct error *error)
{
    if (!check_paths(paths, path_count, error))
        return false;
    struct adding adding = {.project = project, .progress = progress, .report = report};
    bool ok = begin(&adding, error);
    for (size_t i = 0; ok && i < path_count; i++)
        (void)walk_name(&adding.walk, working, paths[i]);
    ok = ok && mark_named(&adding, error) && remove_documents(&adding, error) && project_seal(project, error);
    end(&adding);
    return ok;
}
