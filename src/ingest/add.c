/* add.c - `assay add`: what is new, changed or gone since the last time, in batches that are durable one by one. */
#include "adding.h"
#include <assert.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { RECIPE_VERSION = 12 }; /* counts up when reading or cutting changes, so that documents are read again */

void acknowledge(struct adding *adding, enum ingest_change change, const char *path, const struct error *error)
{
    if (adding->progress->acknowledge != NULL)
        adding->progress->acknowledge(adding->progress->context, change, path, error);
}

void count_failure(void *context, enum ingest_change change, const char *path, const struct error *error)
{
    struct adding *adding = context;
    if (change == INGEST_FAILED)
        adding->report->failed++;
    else
        adding->report->skipped++;
    acknowledge(adding, change, path, error);
}

bool step(struct adding *adding, const char *stage, size_t done, size_t total, struct error *error)
{
    if (adding->progress->step == NULL || adding->progress->step(adding->progress->context, stage, done, total))
        return true;
    error_set(error, ERROR_CANCELLED, "stopped after %zu of %zu", done, total);
    return error_hint(error, "What was reported is kept. Run the command again to go on.");
}

int64_t ingest_recipe(const struct settings *settings, bool is_partial)
{
    char text[128];
    int size = snprintf(text, sizeof(text), "%d %d %zu %zu %d %u%s", RECIPE_VERSION, (int)settings->unit,
                        settings->passage_tokens, settings->passage_overlap, settings->join_records,
                        (unsigned)settings->masked_kinds, is_partial ? " partial" : "");
    return (int64_t)(map_hash((struct slice){text, (size_t)size}) >> 1);
}

/* Where a document lies: a path of this machine, or the address of a page. */
static const char *absolute_path(struct adding *adding, const char *stored)
{
    return url_is_web(slice_from(stored)) ? stored : path_join(&adding->walk.arena, adding->project->root, stored);
}

static bool know_container(void *context, const struct store_container *container, struct error *error)
{
    struct adding *adding = context;
    (void)error;
    adding->containers = memory_more(adding->containers, adding->container_count, &adding->container_capacity,
                                     sizeof(*adding->containers));
    struct known_container *known = &adding->containers[adding->container_count++];
    *known = (struct known_container){.id = container->id,
                                      .size = container->size,
                                      .modified_ns = container->modified_ns,
                                      .changed_ns = container->changed_ns,
                                      .inode = container->inode,
                                      .checked_ns = container->checked_ns,
                                      .recipe = container->recipe,
                                      .path = arena_text(&adding->walk.arena, container->path)};
    known->absolute = absolute_path(adding, known->path);
    memcpy(known->hash, container->hash, sizeof(known->hash));
    map_put(&adding->container_paths, container->path, NULL)->value = adding->container_count;
    map_put(&adding->container_numbers, (struct slice){(const char *)&known->id, sizeof(known->id)}, NULL)
        ->value = adding->container_count;
    return true;
}

/* Documents come in order of their paths, so those of a container are one run, but for others that may stand between. */
static void note_container(struct adding *adding, struct known_document *document)
{
    if (document->container == 0)
        return;
    const struct slice number = {(const char *)&document->container, sizeof(document->container)};
    const struct map_entry *entry = map_get(&adding->container_numbers, number);
    if (entry == NULL)
        return; /* the catalog's own rules say that this cannot be */
    struct known_container *container = &adding->containers[entry->value - 1];
    document->container_at = entry->value;
    if (container->count == 0)
        container->first = adding->known_count - 1;
    container->count = adding->known_count - container->first;
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
                                     .changed_ns = document->changed_ns,
                                     .inode = document->inode,
                                     .checked_ns = document->checked_ns,
                                     .recipe = document->recipe,
                                     .container = document->container,
                                     .path = arena_text(&adding->walk.arena, document->path)};
    known->absolute = absolute_path(adding, known->path);
    memcpy(known->hash, document->hash, sizeof(known->hash));
    struct map_entry *entry = map_put(&adding->known_paths, document->path, NULL);
    entry->value = adding->known_count;
    note_container(adding, known);
    return true;
}

struct known_document *find_known(struct adding *adding, const char *path)
{
    struct map_entry *entry = map_get(&adding->known_paths, slice_from(path));
    return entry ? &adding->known[entry->value - 1] : NULL;
}

struct known_container *find_container(struct adding *adding, const char *path)
{
    struct map_entry *entry = map_get(&adding->container_paths, slice_from(path));
    return entry ? &adding->containers[entry->value - 1] : NULL;
}

bool is_current(const struct adding *adding, const struct known_container *container)
{
    return container->recipe == adding->recipe || container->recipe == adding->recipe_partial;
}

void note_failed_member(struct open_container *container, const struct error *error)
{
    bool is_its_own = error->kind == ERROR_INVALID || error->kind == ERROR_CORRUPT;
    *(is_its_own ? &container->is_partial : &container->is_failed) = true;
}

static void tell_partial(struct adding *adding, const struct known_container *container)
{
    struct error error;
    error_set(&error, ERROR_INVALID, "\"%s\" still has members that could not be read", container->path);
    error_hint(&error, "`assay audit` says which, and why.");
    count_failure(adding, INGEST_FAILED, container->path, &error);
}

void tell_unchanged_members(struct adding *adding, const struct known_container *container)
{
    const struct known_document *known = adding->known; /* NULL: there are no documents */
    for (size_t i = container->first; known != NULL && i < container->first + container->count; i++)
        if (known[i].container == container->id) {
            adding->report->unchanged++;
            acknowledge(adding, INGEST_UNCHANGED, known[i].path, NULL);
        }
    if (container->recipe == adding->recipe_partial)
        tell_partial(adding, container);
}

static void tell_unchanged(struct adding *adding, const struct walk_file *file, const struct known_document *known,
                           const struct known_container *container)
{
    if (known != NULL) {
        adding->report->unchanged++;
        acknowledge(adding, INGEST_UNCHANGED, file->stored, NULL);
    }
    if (container != NULL)
        tell_unchanged_members(adding, container);
}

static bool add_file(struct adding *adding, struct source *source, const struct walk_file *file, struct error *error)
{
    struct known_document *known = find_known(adding, file->stored);
    struct known_container *container = find_container(adding, file->stored);
    enum source_answer answer = SOURCE_TOLD;
    struct buffer content;
    buffer_init(&content, LIMIT_CONTAINER_BYTES);
    if (!source->fetch(source, adding, file, known, container, &answer, &content, error))
        return false;
    if (known != NULL)
        known->found = answer != SOURCE_GONE;
    if (container != NULL)
        container->found = answer != SOURCE_GONE;
    adding->done++;
    if (answer == SOURCE_FILE)
        return batch_add_file(adding, file, error);
    if (answer == SOURCE_BYTES)
        return batch_add_page(adding, file, &content, error);
    if (answer == SOURCE_UNCHANGED)
        tell_unchanged(adding, file, known, container);
    return true;
}

/* What is not there any more where the source looked. */
static void mark_leaving(struct adding *adding, const struct source *source)
{
    for (size_t i = 0; i < adding->known_count; i++) {
        struct known_document *known = &adding->known[i];
        const struct known_container *container = known->container_at > 0 ? &adding->containers[known->container_at - 1] : NULL;
        bool found = container != NULL ? container->found : known->found;
        known->leaving = !found && !known->gone &&
                         source->covers(source, container != NULL ? container->absolute : known->absolute);
    }
    assert(adding->container_count == 0 || adding->containers != NULL);
    for (size_t i = 0; i < adding->container_count; i++)
        adding->containers[i].leaving = !adding->containers[i].found && source->covers(source, adding->containers[i].absolute);
}

/* A container of which documents go by name is read again by the next `add`, as a folder would be. */
static bool forget_reading(struct adding *adding, const struct known_container *known, struct error *error)
{
    struct store_container row = {.path = slice_from(known->path),
                                  .size = known->size,
                                  .modified_ns = known->modified_ns,
                                  .checked_ns = known->checked_ns};
    int64_t id;
    memcpy(row.hash, known->hash, sizeof(row.hash));
    return store_put_container(adding->project->store, &row, &id, error);
}

/* Removes the documents that are leaving, in one transaction. */
static bool remove_documents(struct adding *adding, struct error *error)
{
    bool ok = store_begin(adding->project->store, STORE_WRITE, error);
    for (size_t i = 0; ok && i < adding->known_count; i++)
        if (adding->known[i].leaving)
            ok = store_remove_document(adding->project->store, adding->known[i].id, error);
    for (size_t i = 0; ok && i < adding->container_count; i++)
        if (adding->containers[i].leaving)
            ok = store_remove_container(adding->project->store, adding->containers[i].id, error);
        else if (adding->containers[i].is_touched)
            ok = forget_reading(adding, &adding->containers[i], error);
    ok = ok && store_commit(adding->project->store, error);
    store_rollback(adding->project->store);
    for (size_t i = 0; ok && i < adding->known_count; i++)
        if (adding->known[i].leaving) {
            adding->report->removed++;
            acknowledge(adding, INGEST_REMOVED, adding->known[i].path, NULL);
        }
    return ok;
}

static void note_walked(void *context, const char *path, const char *message)
{
    const struct adding *adding = context;
    if (adding->progress->note != NULL)
        adding->progress->note(adding->progress->context, path, message);
}

static bool begin(struct adding *adding, struct error *error)
{
    struct project *project = adding->project;
    assert(project->mode == STORE_WRITE);
    *adding->report = (struct ingest_report){0};
    adding->recipe = ingest_recipe(&project->settings, false);
    adding->recipe_partial = ingest_recipe(&project->settings, true);
    cutters_init(&adding->cutters, &project->settings, adding->progress->model, pool_thread_count(project->pool));
    walk_init(&adding->walk, project);
    adding->walk.fail = count_failure;
    adding->walk.note = note_walked;
    adding->walk.context = adding;
    map_init(&adding->reader_sets, UINT32_MAX / 4);
    map_init(&adding->known_paths, UINT32_MAX / 4);
    map_init(&adding->container_paths, UINT32_MAX / 4);
    map_init(&adding->container_numbers, UINT32_MAX / 4);
    batch_init(adding);
    return store_each_container(project->store, know_container, adding, error) &&
           store_each_document(project->store, know_document, adding, error);
}

static void end(struct adding *adding)
{
    batch_release(adding);
    cutters_release(&adding->cutters);
    label_rule_release(&adding->labels);
    walk_release(&adding->walk);
    map_release(&adding->reader_sets);
    map_release(&adding->known_paths);
    map_release(&adding->container_paths);
    map_release(&adding->container_numbers);
    free(adding->known);
    free(adding->containers);
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

bool same_labels(const struct label_list *a, const struct label_list *b)
{
    bool same = a->count == b->count;
    for (size_t i = 0; same && i < a->count; i++)
        same = slice_equal(a->items[i], b->items[i]);
    return same;
}

/* Where the document really lies, behind links; NULL when it cannot be told. What stands in a container has none. */
static const char *find_real_path(const struct adding *adding, const struct known_document *known, struct arena *arena)
{
    char real[PATH_MAX];
    const char *file = known->container_at > 0 ? adding->containers[known->container_at - 1].absolute : known->absolute;
    return realpath(file, real) != NULL ? arena_format(arena, "%s%s", real, known->absolute + strlen(file)) : NULL;
}

static bool relabel_in(struct adding *adding, const struct known_document *known, bool by_link, struct arena *arena, bool *same,
                       struct error *error)
{
    struct store *store = adding->project->store;
    struct stated_labels stated = {.arena = arena};
    bool changed;
    if (!store_each_value(store, known->id, SLICE("access"), take_stated, &stated, error))
        return false;
    const struct label_list own = {stated.items, stated.count}, *head = stated.stated ? &own : NULL;
    struct label_list labels = label_rule_apply(&adding->labels, known->absolute, head);
    const char *real = by_link || path_is_below(known->absolute, adding->project->root) ? find_real_path(adding, known, arena)
                                                                                        : NULL;
    *same = true;
    if (real != NULL && strcmp(real, known->absolute) != 0) {
        struct label_list there = label_rule_apply(&adding->labels, real, head);
        *same = same_labels(&labels, &there);
    }
    if (!store_put_labels(store, known->id, labels.items, *same ? labels.count : 0, &changed, error))
        return false;
    adding->report->relabelled += changed;
    return true;
}

bool relabel_document(struct adding *adding, const struct known_document *known, bool by_link, bool *same, struct error *error)
{
    struct arena arena;
    arena_init(&arena);
    bool ok = relabel_in(adding, known, by_link, &arena, same, error);
    arena_release(&arena);
    return ok;
}

/* When the rule for labels has changed, all documents get theirs anew, in one transaction, before anything is read. */
static bool relabel(struct adding *adding, struct error *error)
{
    struct store *store = adding->project->store;
    int64_t rule;
    bool same;
    if (!label_rule_read(&adding->labels, adding->project, error) || !store_label_rule(store, &rule, error))
        return false;
    if (rule == adding->labels.number)
        return true;
    bool ok = store_begin(store, STORE_WRITE, error);
    for (size_t i = 0; ok && i < adding->known_count; i++)
        ok = relabel_document(adding, &adding->known[i], false, &same, error);
    ok = ok && store_put_label_rule(store, adding->labels.number, error) && store_commit(store, error);
    store_rollback(store);
    if (!ok)
        adding->report->relabelled = 0;
    return ok;
}

/* What was fetched before a person stopped it took its time, and its host's: it is written. */
static void keep_fetched(struct adding *adding, const struct error *why)
{
    struct error error;
    bool is_stopped = why->kind == ERROR_CANCELLED;
    while (is_stopped && !batch_finish(adding, &error)) { /* being stopped, it ends behind each batch */
        if (error.kind != ERROR_CANCELLED)
            count_failure(adding, INGEST_FAILED, adding->project->root, &error);
        is_stopped = error.kind == ERROR_CANCELLED && (adding->batch_count > 0 || adding->waiting_count > 0);
    }
}

static bool add_source(struct adding *adding, struct source *source, struct error *error)
{
    adding->stage = source->stage;
    adding->done = adding->total = 0;
    if (!source->list(source, adding, error))
        return false;
    adding->total = source->count;
    for (size_t i = 0; i < source->count; i++)
        if (!add_file(adding, source, &source->files[i], error) ||
            (source->files[i].page != NULL && !step(adding, adding->stage, adding->done, adding->total, error))) {
            keep_fetched(adding, error);
            return false;
        }
    if (!batch_finish(adding, error) || !step(adding, adding->stage, adding->done, adding->total, error))
        return false;
    mark_leaving(adding, source);
    return remove_documents(adding, error);
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

/* Addresses of the web behind all other paths. */
static size_t sort_paths(const char **sorted, const char *const *paths, size_t count)
{
    size_t at = 0, web;
    for (size_t i = 0; i < count; i++)
        if (!url_is_web(slice_from(paths[i])))
            sorted[at++] = paths[i];
    web = at;
    for (size_t i = 0; i < count; i++)
        if (url_is_web(slice_from(paths[i])))
            sorted[at++] = paths[i];
    return web;
}

static bool add_sources(struct adding *adding, const char *working, const char *const *paths, size_t count, struct error *error)
{
    const char **sorted = arena_alloc(&adding->walk.arena, count + 1, sizeof(*sorted));
    size_t folders = sort_paths(sorted, paths, count);
    struct source source;
    bool ok = true;
    if (folders > 0) {
        source_folder_init(&source, working, sorted, folders);
        ok = add_source(adding, &source, error);
        source.release(&source);
    }
    if (ok && folders < count) {
        ok = source_web_init(&source, sorted + folders, count - folders, error);
        if (ok) {
            ok = add_source(adding, &source, error);
            source.release(&source);
        }
    }
    return ok && step(adding, "indexing", 0, 1, error) && project_seal(adding->project, error);
}

static bool meet_document(void *context, const struct store_document *document, struct error *error)
{
    struct adding *adding = context;
    (void)error;
    label_rule_meet(&adding->labels, absolute_path(adding, arena_text(&adding->walk.arena, document->path)));
    return true;
}

static void tell_unmet(void *context, const char *message)
{
    const struct adding *adding = context;
    adding->progress->note(adding->progress->context, adding->project->settings.labels_file, message);
}

/* A line of labels.csv that fits no document may be misspelt, and then hides or shows another than was meant. */
static bool tell_unmet_lines(struct adding *adding, struct error *error)
{
    if (adding->progress->note == NULL || adding->labels.line_count == 0)
        return true;
    if (!store_each_document(adding->project->store, meet_document, adding, error))
        return false;
    label_rule_each_unmet(&adding->labels, tell_unmet, adding);
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
        ok = add_sources(&adding, is_default ? project->root : working, named, count, error) &&
             tell_unmet_lines(&adding, error);
    }
    end(&adding);
    return ok;
}

/* Counts, for each argument above it, that this path is named; false: by none. */
static bool name_path(struct adding *adding, const char *path)
{
    struct map_entry *entry;
    bool is_named = false;
    while ((entry = walk_find_above(&adding->walk.roots, path)) != NULL) {
        is_named = true;
        entry->value++;
        if (entry->key.size == 1) /* "/" has nothing above it */
            break;
        path = arena_text(&adding->walk.arena, path_folder(arena_text(&adding->walk.arena, entry->key)));
    }
    return is_named;
}

/* Marks what the arguments name, as documents or as folders of some; an argument that names none is an error. */
static bool mark_named(struct adding *adding, struct error *error)
{
    struct map *named = &adding->walk.roots;
    for (size_t i = 0; i < adding->container_count; i++)
        adding->containers[i].leaving = name_path(adding, adding->containers[i].absolute);
    for (size_t i = 0; i < adding->known_count; i++) {
        struct known_document *known = &adding->known[i];
        known->leaving = name_path(adding, known->absolute);
        if (known->leaving && known->container_at > 0)
            adding->containers[known->container_at - 1].is_touched = true;
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
