/* add_batch.c - files and members of containers, some hundreds at a time: read by all threads, written in one transaction, and only then told.
 *
 *   read 1 │ read 2   │ read 3   │          │      what is read stays in memory until it is written; what has to do with containers is written
 *          │ write 1  │ write 2  │ write 3  │      at once, since they say what is read next; of what was written, parts of the index are
 *          │          │ index 1  │ index 2  │      built by threads that have nothing to read */
#include "adding.h"
#include <assert.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

enum { SEAL_EVERY_PASSAGES = 100000 }; /* so that another process that searches meanwhile has little to build for itself */

void batch_init(struct adding *adding)
{
    adding->batch = memory_alloc(LIMIT_BATCH_DOCUMENTS, sizeof(*adding->batch));
    adding->waiting = memory_alloc(LIMIT_BATCH_DOCUMENTS, sizeof(*adding->waiting));
    adding->written = memory_alloc(LIMIT_BATCH_DOCUMENTS, sizeof(*adding->written));
    adding->deferred = memory_alloc(LIMIT_BATCH_DOCUMENTS, sizeof(struct item *));
    loader_init(&adding->loader, &adding->project->settings, pool_thread_count(adding->project->pool));
}

static void drop_ahead(struct adding *adding)
{
    for (size_t i = 0; i < adding->written_count; i++)
        loaded_release(&adding->written[i].loaded);
    adding->written_count = adding->ahead_count = adding->ahead_parts = 0;
}

static void clear(struct adding *adding)
{
    drop_ahead(adding);
    for (size_t i = 0; i < adding->batch_count; i++)
        loaded_release(&adding->batch[i].loaded);
    for (size_t i = 0; i < adding->waiting_count; i++)
        loaded_release(&adding->waiting[i].loaded);
    adding->batch_count = adding->batch_bytes = adding->waiting_count = 0;
}

void batch_release(struct adding *adding)
{
    if (adding->batch != NULL)
        clear(adding);
    loader_release(&adding->loader);
    free(adding->batch);
    free(adding->waiting);
    free(adding->written);
    free(adding->ahead);
    free(adding->deferred);
    free(adding->closing);
}

/* ---- reading ---- */

static int64_t container_of(const struct item *item)
{
    return item->container != NULL ? item->container->id : 0;
}

/* Whether the document that is known of this path lay in the same place: in this container, or in none. */
static bool is_same_place(const struct item *item, const struct known_document *known)
{
    bool was_file = known->container == 0;
    return item->container == NULL ? was_file : !was_file && known->container == item->container->id;
}

/* What is known of the container that this file was. */
static struct known_container *container_at(struct adding *adding, const struct item *item)
{
    return item->container == NULL ? find_container(adding, item->file->stored) : NULL;
}

/* What is large when it is read, however small its file, waits until what was read before it is written. The first always goes on. */
static bool has_room(const struct adding *adding, const struct item *item)
{
    return item == adding->batch || adding->made < LIMIT_BATCH_MADE;
}

static size_t made_of(const struct item *item)
{
    return item->loaded.content.size + item->loaded.source.size + item->loaded.arena.size;
}

static void load_one(void *context, size_t index, size_t thread)
{
    struct adding *adding = context;
    struct item *item = &adding->batch[index];
    if (item->loaded.outcome != LOAD_WAITING || !has_room(adding, item))
        return;
    const struct known_document *document = find_known(adding, item->file->stored);
    const struct known_container *container = container_at(adding, item);
    bool is_moved = item->file->page != NULL && item->file->page->is_moved;
    bool comparable = document != NULL && document->recipe == adding->recipe && is_same_place(item, document) && !is_moved;
    const struct load_known known = {.document = comparable && container == NULL ? document->hash : NULL,
                                     .container = container != NULL && is_current(adding, container) ? container->hash : NULL};
    item->loaded.is_member = item->container != NULL;
    load_file(&item->loaded, item->file, item->container != NULL || item->file->page != NULL, &adding->loader, &known);
    item->loaded.document.recipe = adding->recipe;
    if (item->loaded.outcome == LOAD_READ)
        cut_loaded(&adding->cutters, &item->loaded, thread);
    adding->made += made_of(item);
}

/* ---- writing ---- */

static bool holds_others(const struct item *item)
{
    return item->loaded.outcome == LOAD_CONTAINER || (item->loaded.outcome == LOAD_READ && item->loaded.source.size > 0);
}

/* Where the document really lies: behind links, but for what stands in a container, which has none. */
static bool real_path(const struct item *item, struct arena *arena, const char **path, struct error *error)
{
    char real[PATH_MAX];
    const struct walk_file *file = item->container != NULL ? item->container->file : item->file;
    if (realpath(file->path, real) == NULL)
        return error_system(error, "could not follow \"%s\"", file->stored);
    if (file->page == NULL && !file_is_same(real, &file->identity)) {
        error_set(error, ERROR_CONFLICT, "\"%s\" was led to another file in this moment", file->stored);
        return error_hint(error, "Add it again.");
    }
    *path = arena_format(arena, "%s%s", real, item->file->path + strlen(file->path));
    return true;
}

/* A link must not carry a document to where others may see it: the rule has to say the same of where it really lies. */
static bool check_link(struct adding *adding, const struct item *item, const struct label_list *labels,
                       const struct label_list *stated, struct error *error)
{
    const char *real;
    if (!item->file->by_link)
        return true;
    if (!real_path(item, &adding->walk.arena, &real, error) || !grounds_check(&adding->walk, item->file->stored, real, error))
        return false;
    struct label_list own = label_rule_apply(&adding->labels, real, stated);
    if (same_labels(labels, &own))
        return true;
    error_set(error, ERROR_INVALID, "\"%s\" is a link, and has other labels than \"%s\", where it leads", item->file->stored,
              project_relative(adding->project, real));
    return error_hint(error, "Copy the file, or give both places the same labels.");
}

/* What is fetched does not say itself who may see it, whoever wrote it: neither more nor, in silence, fewer. And where a page leads on, the rule
 * has to say the same of both addresses, as for a link. */
static bool check_page(struct adding *adding, const struct item *item, const struct label_list *labels, struct error *error)
{
    const struct web_page *page = item->file->page;
    if (page != NULL && page->address != NULL) {
        struct label_list own = label_rule_apply(&adding->labels, page->address, NULL);
        if (!same_labels(labels, &own)) {
            error_set(error, ERROR_INVALID, "\"%s\" leads to \"%s\", which has other labels", item->file->stored,
                      page->address);
            return error_hint(error, "Add that address itself, or give both the same labels.");
        }
    }
    if (!item->loaded.states_access || !url_is_web(slice_from(item->file->stored)) ||
        adding->project->settings.access == ACCESS_FROM_FILE)
        return true;
    error_set(error, ERROR_INVALID, "\"%s\" states who may see it (\"access\"), which a page of the web does not decide",
              item->file->stored);
    return error_hint(error, "Give it its labels by a file: access: {labels: labels.csv} in assay.yaml.");
}

/* A container stands in the catalog before what lies in it, as one that was not read. */
static bool put_container_first(struct store *store, struct open_container *container, struct error *error)
{
    if (container == NULL || container->id != 0)
        return true;
    struct store_container row = container->row;
    row.recipe = 0;
    return store_put_container(store, &row, &container->id, error);
}

static bool write_same(struct adding *adding, const struct item *item, struct error *error)
{
    struct store *store = adding->project->store;
    const struct store_document *document = &item->loaded.document;
    const struct known_container *container = container_at(adding, item);
    const struct known_document *known = find_known(adding, item->file->stored);
    if (container != NULL) {
        struct store_container row = {.path = document->path,
                                      .size = document->size,
                                      .modified_ns = document->modified_ns,
                                      .changed_ns = document->changed_ns,
                                      .inode = document->inode,
                                      .checked_ns = document->checked_ns,
                                      .recipe = container->recipe};
        int64_t id;
        memcpy(row.hash, document->hash, sizeof(row.hash));
        if (!store_put_container(store, &row, &id, error))
            return false;
    }
    if (known == NULL || (item->container != NULL && known->modified_ns == document->modified_ns))
        return true; /* its container says when it was looked at */
    return store_touch_document(store, known->id, document, error);
}

/* Nothing has changed in a file, but it may be another link now, or lead to another place. */
static bool relabel_link(struct adding *adding, struct item *item, struct error *error)
{
    const struct known_container *container = container_at(adding, item);
    const struct known_document *known = find_known(adding, item->file->stored);
    size_t first = container != NULL ? container->first : 0, end = first + (container != NULL ? container->count : 0);
    bool is_allowed = true;
    if (known != NULL && !relabel_document(adding, known, true, &is_allowed, error))
        return false;
    for (size_t i = first; i < end; i++) {
        bool same;
        if (adding->known[i].container != container->id)
            continue;
        if (!relabel_document(adding, &adding->known[i], true, &same, error))
            return false;
        is_allowed = is_allowed && same;
    }
    if (is_allowed)
        return true;
    item->loaded.outcome = LOAD_FAILED;
    error_set(&item->loaded.error, ERROR_INVALID, "\"%s\" is a link, and has other labels than the place where it leads",
              item->file->stored);
    error_hint(&item->loaded.error, "Nobody but the owner sees it. Copy the file, or give both places the same labels.");
    return true;
}

/* A mail to which files are attached stands among the containers from its first transaction on: else a crash before those are read would
 * leave one that seems to have none. */
static bool put_unread(struct adding *adding, const struct item *item, struct error *error)
{
    const struct store_document *document = &item->loaded.document;
    struct store_container row = {.path = document->path, .size = document->size, .modified_ns = document->modified_ns};
    int64_t id;
    memcpy(row.hash, document->hash, sizeof(row.hash));
    return store_put_container(adding->project->store, &row, &id, error);
}

static bool write_item(struct adding *adding, struct item *item, struct error *error)
{
    struct store *store = adding->project->store;
    struct loaded *loaded = &item->loaded;
    const struct known_document *known = find_known(adding, item->file->stored);
    if (loaded->outcome == LOAD_SAME)
        return write_same(adding, item, error) && (!item->file->by_link || relabel_link(adding, item, error));
    if (loaded->outcome != LOAD_READ)
        return true;
    const struct label_list stated = {loaded->access, loaded->access_count};
    struct label_list labels = label_rule_apply(&adding->labels, item->file->path, loaded->states_access ? &stated : NULL);
    if (!check_page(adding, item, &labels, &loaded->error) ||
        !check_link(adding, item, &labels, loaded->states_access ? &stated : NULL, &loaded->error)) {
        loaded->outcome = LOAD_FAILED;
        if (item->container != NULL)
            item->container->is_failed = true; /* the rule may change */
        return known == NULL || store_remove_document(store, known->id, error);
    }
    if (!put_container_first(store, item->container, error))
        return false;
    if (holds_others(item) && !put_unread(adding, item, error))
        return false;
    loaded->document.container = container_of(item);
    return store_put_document(store, &loaded->document, buffer_slice(&loaded->content), loaded->passages.items,
                              loaded->passages.count, labels.items, labels.count, error);
}

/* ---- telling ---- */

static void tell_notes(struct adding *adding, const struct item *item)
{
    for (size_t i = 0; adding->progress->note != NULL && i < item->loaded.note_count; i++)
        adding->progress->note(adding->progress->context, item->file->stored, item->loaded.notes[i]);
}

static void tell_item(struct adding *adding, const struct item *item)
{
    const struct loaded *loaded = &item->loaded;
    const char *path = item->file->stored;
    struct ingest_report *report = adding->report;
    const struct known_container *container = container_at(adding, item);
    bool is_known = find_known(adding, path) != NULL;
    switch (loaded->outcome) {
    case LOAD_FAILED:
        report->bytes += (size_t)loaded->document.size;
        count_failure(adding, INGEST_FAILED, path, &loaded->error);
        break;
    case LOAD_SKIPPED:
        count_failure(adding, INGEST_SKIPPED, path, &loaded->error);
        break;
    case LOAD_SAME:
        report->bytes += item->container == NULL ? (size_t)loaded->document.size : 0;
        if (is_known) {
            report->unchanged++;
            acknowledge(adding, INGEST_UNCHANGED, path, NULL);
        }
        if (container != NULL)
            tell_unchanged_members(adding, container);
        break;
    case LOAD_READ:
        report->bytes += (size_t)loaded->document.size;
        *(is_known ? &report->updated : &report->added) += 1;
        report->passages += loaded->passages.count;
        adding->unsealed += loaded->passages.count;
        acknowledge(adding, is_known ? INGEST_UPDATED : INGEST_ADDED, path, NULL);
        tell_notes(adding, item);
        break;
    case LOAD_WAITING:
    case LOAD_DEFERRED:
    case LOAD_CONTAINER:
        break;
    }
}

/* What a batch says about whether files that are known are still there as what they were. */
static void note_item(struct adding *adding, struct item *item)
{
    struct known_container *container = container_at(adding, item);
    struct known_document *known = find_known(adding, item->file->stored);
    if (item->loaded.outcome == LOAD_SKIPPED && (known != NULL || container != NULL))
        item->loaded.outcome = LOAD_FAILED; /* what was read before is not passed over in silence */
    enum load_outcome outcome = item->loaded.outcome;
    if (item->container != NULL && outcome == LOAD_FAILED)
        note_failed_member(item->container, &item->loaded.error);
    if (outcome == LOAD_READ && container != NULL && !holds_others(item))
        container->found = false; /* it is only a document now: what lay in it is gone */
    if (outcome == LOAD_READ && item->container == NULL && known != NULL) {
        known->container = 0; /* it lies in no container any more */
        known->container_at = 0;
    }
}

/* ---- a batch ---- */

static bool write_items(struct adding *adding, struct item *items, size_t count, struct error *error)
{
    for (size_t i = 0; i < count; i++)
        if (!write_item(adding, &items[i], error))
            return false;
    return true;
}

/* Writes the first `count` of the batch; containers are closed with the last of it. */
static bool write_batch(struct adding *adding, size_t count, bool is_last, struct error *error)
{
    struct store *store = adding->project->store;
    bool ok = store_begin(store, STORE_WRITE, error) && write_items(adding, adding->batch, count, error);
    for (size_t i = 0; i < count; i++)
        note_item(adding, &adding->batch[i]);
    for (size_t i = 0; ok && is_last && i < adding->closing_count; i++)
        ok = members_close(adding, adding->closing[i], error);
    ok = ok && store_commit(store, error);
    store_rollback(store);
    return ok;
}

/* ---- a batch that waits ---- */

/* Whether it can be written while the next one is read. */
static bool can_wait(const struct adding *adding)
{
    bool can = adding->closing_count == 0 && pool_thread_count(adding->project->pool) > 1;
    for (size_t i = 0; can && i < adding->batch_count; i++)
        can = adding->batch[i].container == NULL && !holds_others(&adding->batch[i]);
    return can;
}

static void let_wait(struct adding *adding)
{
    struct item *empty = adding->waiting;
    assert(adding->waiting_count == 0);
    adding->waiting = adding->batch;
    adding->waiting_count = adding->batch_count;
    adding->waiting_done = adding->done;
    adding->batch = empty;
    adding->batch_count = adding->batch_bytes = 0;
    adding->made = 0;
}

static size_t passages_of(const struct item *items, size_t count)
{
    size_t passages = 0;
    for (size_t i = 0; i < count; i++)
        passages += items[i].loaded.outcome == LOAD_READ ? items[i].loaded.passages.count : 0;
    return passages;
}

/* By any thread; nothing is changed meanwhile that is known of files. */
static void write_waiting(struct adding *adding)
{
    struct store *store = adding->project->store;
    struct error *error = &adding->waiting_error;
    int64_t last = 0;
    adding->waiting_is_written = store_begin(store, STORE_WRITE, error) && store_last_passage(store, &last, error) &&
                                 write_items(adding, adding->waiting, adding->waiting_count, error) &&
                                 store_commit(store, error);
    store_rollback(store);
    adding->waiting_first = last + 1;
}

/* A part of the index, of passages of the batch that was written. */
static void build_ahead(struct adding *adding, size_t part, size_t thread)
{
    size_t first = part * adding->ahead_count / adding->ahead_parts,
           end = (part + 1) * adding->ahead_count / adding->ahead_parts;
    project_build_ahead(adding->project, thread, adding->ahead + first, end - first);
}

/* What takes longest begins first, so that the threads end together. */
static void load_or_write(void *context, size_t index, size_t thread)
{
    struct adding *adding = context;
    size_t writes = adding->waiting_count > 0;
    if (index < writes)
        write_waiting(adding);
    else if (index - writes < adding->ahead_parts)
        build_ahead(adding, index - writes, thread);
    else
        load_one(adding, index - writes - adding->ahead_parts, thread);
}

static void load_and_write(struct adding *adding)
{
    size_t works = adding->batch_count + (adding->waiting_count > 0) + adding->ahead_parts;
    pool_parallel_for(adding->project->pool, works, load_or_write, adding);
    drop_ahead(adding);
}

/* The batch that waited was written: its passages are laid out to be built ahead. Of few it is not worth while: parts of the index would be small. */
static void take_ahead(struct adding *adding)
{
    enum { AHEAD_LEAST = PROJECT_AHEAD_MOST / 4 };
    size_t count = passages_of(adding->waiting, adding->waiting_count);
    struct item *empty = adding->written;
    assert(adding->written_count == 0);
    adding->written = adding->waiting;
    adding->written_count = adding->waiting_count;
    adding->waiting = empty;
    if (count < AHEAD_LEAST) {
        drop_ahead(adding);
        return;
    }
    for (size_t i = 0; i < adding->written_count; i++) {
        const struct loaded *loaded = &adding->written[i].loaded;
        for (size_t j = 0; loaded->outcome == LOAD_READ && j < loaded->passages.count; j++) {
            const struct store_passage *passage = &loaded->passages.items[j];
            adding->ahead = memory_more(adding->ahead, adding->ahead_count, &adding->ahead_capacity, sizeof(*adding->ahead));
            adding->ahead[adding->ahead_count] = (struct project_text){adding->waiting_first + (int64_t)adding->ahead_count,
                                                                       loaded->document.language, loaded->document.title,
                                                                       passage->headings, passage->text};
            adding->ahead_count++;
        }
    }
    adding->ahead_parts = (count + PROJECT_AHEAD_MOST - 1) / PROJECT_AHEAD_MOST;
    project_ahead_begin(adding->project);
}

static bool tell_waiting(struct adding *adding, struct error *error)
{
    bool ok = adding->waiting_is_written;
    if (adding->waiting_count == 0)
        return true;
    for (size_t i = 0; i < adding->waiting_count; i++) {
        note_item(adding, &adding->waiting[i]);
        if (ok)
            tell_item(adding, &adding->waiting[i]);
        else
            loaded_release(&adding->waiting[i].loaded);
    }
    if (ok)
        take_ahead(adding);
    adding->waiting_count = 0;
    if (!ok)
        *error = adding->waiting_error;
    return ok && step(adding, adding->stage, adding->waiting_done, adding->total, error);
}

/* ---- reading, with workers ---- */

static void load_one_deferred(void *context, size_t index, size_t thread)
{
    struct adding *adding = context;
    struct item *item = adding->deferred[index];
    if (!has_room(adding, item))
        return;
    size_t before = made_of(item);
    load_deferred(&item->loaded, item->file, item->readers, &adding->loader);
    if (item->loaded.outcome == LOAD_READ)
        cut_loaded(&adding->cutters, &item->loaded, thread);
    if (item->loaded.outcome != LOAD_DEFERRED) {
        adding->made += made_of(item);
        adding->made -= before;
    }
}

/* A number that documents with the same labels have. What workers read states none itself. */
static uint64_t readers_of(struct adding *adding, struct item *item)
{
    struct buffer labels;
    if (item->readers != 0)
        return item->readers;
    struct label_list list = label_rule_apply(&adding->labels, item->file->path, NULL);
    buffer_init(&labels, (list.count + 1) * (LIMIT_LABEL_BYTES + 1));
    for (size_t i = 0; i < list.count; i++) {
        buffer_append_slice(&labels, list.items[i]);
        buffer_append_byte(&labels, '\n'); /* no label has it */
    }
    bool is_new;
    struct map_entry *entry = map_put(&adding->reader_sets, buffer_slice(&labels), &is_new);
    if (entry != NULL && is_new)
        entry->value = adding->reader_sets.count;
    item->readers = entry != NULL ? entry->value : adding->reader_sets.count + 1;
    buffer_release(&labels);
    return item->readers;
}

/* The first of those that wait for a worker, and all that have the same readers: a worker that was taken over by one document must not put
 * its text into another that more people see. */
static size_t find_deferred(struct adding *adding)
{
    size_t count = 0;
    for (size_t i = 0; i < adding->batch_count; i++) {
        struct item *item = &adding->batch[i];
        if (item->loaded.outcome != LOAD_DEFERRED)
            continue;
        uint64_t readers = readers_of(adding, item);
        if (count == 0 || readers == adding->deferred[0]->readers)
            adding->deferred[count++] = item;
    }
    return count;
}

static void fail_deferred(struct item *item, const struct error *error)
{
    item->loaded.outcome = LOAD_FAILED;
    item->loaded.error = *error;
    error_wrap(&item->loaded.error, "could not read \"%s\"", item->file->stored);
}

static struct loader_need need_of(const struct adding *adding, size_t count)
{
    struct loader_need need = {.documents = 0};
    for (size_t i = 0; i < count; i++)
        if (adding->deferred[i]->loaded.grammar != GRAMMAR_NONE)
            need.grammars[adding->deferred[i]->loaded.grammar]++;
        else
            need.documents++;
    return need;
}

/* Starts workers while all threads are at rest, as often as there are documents left for which there was none: one that ends a worker takes
 * it from those behind it. */
static void read_deferred(struct adding *adding)
{
    size_t count;
    while ((count = find_deferred(adding)) > 0 && has_room(adding, adding->deferred[0])) {
        struct error error;
        const struct loader_need need = need_of(adding, count);
        if (loader_start(&adding->loader, adding->deferred[0]->readers, &need, &error)) {
            pool_parallel_for(adding->project->pool, count, load_one_deferred, adding);
            continue;
        }
        for (size_t i = 0; i < count; i++)
            if (adding->deferred[i]->loaded.grammar == GRAMMAR_NONE)
                fail_deferred(adding->deferred[i], &error);
    }
}

static bool is_read(const struct item *item)
{
    return item->loaded.outcome != LOAD_WAITING && item->loaded.outcome != LOAD_DEFERRED;
}

/* Reads as much of the batch as may be held at once, and writes what waits; how many of it, from the first on, can be written. */
static size_t read_batch(struct adding *adding)
{
    size_t count = 0;
    cutters_prepare(&adding->cutters);
    load_and_write(adding);
    read_deferred(adding);
    for (; count < adding->batch_count && is_read(&adding->batch[count]); count++) {
        struct loaded *loaded = &adding->batch[count].loaded;
        if (loaded->outcome != LOAD_READ || !loaded->needs_vectors)
            continue;
        size_t before = made_of(&adding->batch[count]);
        cut_semantic(&adding->cutters, loaded);
        adding->made += made_of(&adding->batch[count]) - before; /* an arena only grows */
    }
    return count;
}

struct container_list {
    struct item *items;
    size_t count, capacity;
};

/* Takes what was written out of the batch; containers go into the list: their members make batches of their own. */
static void drop_written(struct adding *adding, size_t count, struct container_list *containers)
{
    for (size_t i = 0; i < count; i++) {
        struct item *item = &adding->batch[i];
        adding->made -= made_of(item);
        if (!holds_others(item)) {
            loaded_release(&item->loaded);
            continue;
        }
        containers->items = memory_more(containers->items, containers->count, &containers->capacity, sizeof(struct item));
        containers->items[containers->count++] = *item;
    }
    adding->batch_count -= count;
    memmove(adding->batch, adding->batch + count, adding->batch_count * sizeof(*adding->batch));
}

/* Reads on all threads, writes in one transaction, and only then tells: the whole batch, which may wait for that, or as much as may be held,
 * time after time. */
static bool work_off_documents(struct adding *adding, struct container_list *containers, struct error *error)
{
    do {
        size_t count = read_batch(adding);
        bool is_last = count == adding->batch_count;
        if (!tell_waiting(adding, error))
            return false;
        if (is_last && can_wait(adding)) {
            let_wait(adding);
            return true;
        }
        bool ok = write_batch(adding, count, is_last, error);
        for (size_t i = 0; ok && i < count; i++)
            tell_item(adding, &adding->batch[i]);
        for (size_t i = 0; ok && is_last && i < adding->closing_count; i++)
            members_tell(adding, adding->closing[i]);
        drop_written(adding, count, containers);
        if (is_last)
            adding->closing_count = 0;
        if (!ok || !step(adding, adding->stage, adding->done, adding->total, error))
            return false;
    } while (adding->batch_count > 0);
    adding->batch_bytes = 0;
    return true;
}

static bool work_off(struct adding *adding, struct error *error)
{
    struct container_list containers = {0};
    if (adding->batch_count == 0 && adding->closing_count == 0)
        return true;
    bool ok = work_off_documents(adding, &containers, error);
    if (ok && adding->unsealed >= SEAL_EVERY_PASSAGES) {
        adding->unsealed = 0;
        drop_ahead(adding); /* sealing builds it from the catalog */
        ok = project_seal(adding->project, error);
    }
    for (size_t i = 0; i < containers.count; i++) {
        ok = ok && members_add(adding, containers.items[i].file, &containers.items[i].loaded, error);
        loaded_release(&containers.items[i].loaded);
    }
    free(containers.items);
    return ok;
}

bool batch_finish(struct adding *adding, struct error *error)
{
    while (adding->batch_count > 0 || adding->closing_count > 0)
        if (!work_off(adding, error))
            return false;
    if (adding->waiting_count > 0)
        load_and_write(adding);
    bool ok = tell_waiting(adding, error);
    drop_ahead(adding); /* sealing builds what was written last, on all threads */
    return ok;
}

/* Nothing but a file makes containers, so this goes one level down: from a batch of files into one of members. */
static bool work_off_full(struct adding *adding, struct error *error)
{
    bool is_full = adding->batch_count == LIMIT_BATCH_DOCUMENTS || adding->batch_bytes >= LIMIT_BATCH_BYTES;
    return !is_full || work_off(adding, error);
}

bool batch_add_file(struct adding *adding, const struct walk_file *file, struct error *error)
{
    struct item *item = &adding->batch[adding->batch_count++];
    *item = (struct item){.file = file};
    loaded_init(&item->loaded);
    adding->batch_bytes += (size_t)file->size;
    return work_off_full(adding, error);
}

/* Bytes that are there already take the place of those that would be read. */
static void take_over(struct item *item, struct buffer *content)
{
    buffer_release(&item->loaded.content);
    item->loaded.content = *content;
    buffer_init(content, content->size_max);
}

bool batch_add_page(struct adding *adding, const struct walk_file *file, struct buffer *content, struct error *error)
{
    struct item *item = &adding->batch[adding->batch_count++];
    *item = (struct item){.file = file};
    loaded_init(&item->loaded);
    take_over(item, content);
    adding->batch_bytes += item->loaded.content.size;
    return work_off_full(adding, error);
}

/* A member of an archive that a site lists goes with it: the catalog knows its site too. */
static struct web_page *page_of_member(struct arena *arena, const char *site, const char *stored)
{
    struct web_page *page = arena_alloc(arena, 1, sizeof(*page));
    *page = (struct web_page){
        .site = site, .etag = "", .modified = "", .charset = "", .name = arena_text(arena, path_name(stored))};
    return page;
}

bool batch_add_member(struct adding *adding, struct open_container *container, struct slice path, struct buffer *content,
                      struct error *error)
{
    struct item *item = &adding->batch[adding->batch_count++];
    const struct walk_file *outer = container->file;
    *item = (struct item){.container = container};
    loaded_init(&item->loaded);
    struct arena *arena = &item->loaded.arena;
    struct walk_file *file = arena_alloc(arena, 1, sizeof(*file));
    *file = (struct walk_file){
        .path = arena_format(arena, "%s/" SLICE_FORMAT, outer->path, SLICE_ARGUMENT(path)),
        .stored = arena_format(arena, "%s/" SLICE_FORMAT, outer->stored, SLICE_ARGUMENT(path)),
        .size = (int64_t)content->size,
        .modified_ns = outer->modified_ns,
        .by_link = outer->by_link,
    };
    if (outer->page != NULL && outer->page->site != NULL)
        file->page = page_of_member(arena, outer->page->site, file->stored);
    item->file = file;
    take_over(item, content);
    adding->batch_bytes += item->loaded.content.size;
    return work_off_full(adding, error);
}
