/* refresh.c - brings the index to the state of the catalog.
 *
 * Between two refreshes the catalog can gain passages (higher numbers: built in memory and appended), lose some (the deletions
 * table tells which: hidden), and get other index files (then everything is loaded anew). */
#include "parts.h"
#include <assert.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

void parts_clear(struct project *project)
{
    views_clear(project);
    index_free(project->index);
    project->index = NULL;
    for (size_t i = 0; i < project->part_count; i++)
        free(project->parts[i].file);
    project->part_count = 0;
    project->generation = -1;
    project->covered = 0;
    project->deletion_last = 0;
    project->rebuilt = 0;
}

struct segment_list {
    struct project *project;
    size_t at; /* parts compared so far */
    bool same; /* all of them are loaded under these names */
};

static bool compare_segment(void *context, const struct store_segment *segment, struct error *error)
{
    struct segment_list *list = context;
    const struct project *project = list->project;
    (void)error;
    if (list->at >= project->part_count || project->parts[list->at].file == NULL ||
        !slice_equal_text(segment->file, project->parts[list->at].file))
        list->same = false;
    list->at++;
    return true;
}

/* True when the loaded files are exactly the catalog's. */
static bool same_segments(struct project *project, bool *same, struct error *error)
{
    struct segment_list list = {.project = project, .same = project->index != NULL && project->rebuilt == 0};
    if (!store_each_segment(project->store, compare_segment, &list, error))
        return false;
    bool more = list.at < project->part_count && project->parts[list.at].file != NULL;
    *same = list.same && !more;
    return true;
}

struct segment_load {
    struct arena arena;
    struct store_segment *segments;
    size_t count, capacity;
};

static bool collect_segment(void *context, const struct store_segment *segment, struct error *error)
{
    struct segment_load *load = context;
    (void)error;
    load->segments = memory_more(load->segments, load->count, &load->capacity, sizeof(*load->segments));
    load->segments[load->count] = *segment;
    load->segments[load->count++].file = arena_slice(&load->arena, segment->file);
    return true;
}

/* The file of that name, if it is the one that the catalog means. */
static bool open_segment(struct segment **segment, const char *path, const struct store_segment *entry, struct error *error)
{
    struct segment *opened;
    if (!segment_open(&opened, path, error))
        return false;
    bool is_meant = (int64_t)segment_first_passage(opened) >= entry->first &&
                    (int64_t)segment_last_passage(opened) <= entry->last &&
                    (int64_t)segment_passage_count(opened) == entry->passages &&
                    (int64_t)segment_size_bytes(opened) == entry->size;
    if (!is_meant) {
        segment_close(opened);
        return error_set(error, ERROR_CORRUPT, "segment \"%s\" is not the one that the catalog means", path);
    }
    *segment = opened;
    return true;
}

/* Files that are open already. A file never changes under its name, so what stays in the catalog stays open: after a merge only the
 * new file is read and verified. */
struct open_segments {
    struct arena arena;
    struct {
        struct segment *segment;
        const char *file;
    } *items;
    size_t count;
};

static void keep_open(struct open_segments *open, const struct project *project)
{
    arena_init(&open->arena);
    open->items = arena_alloc(&open->arena, project->part_count, sizeof(*open->items));
    open->count = 0;
    for (size_t i = 0; i < project->part_count; i++) {
        const char *file = project->parts[i].file;
        if (file == NULL)
            continue;
        open->items[open->count].segment = segment_share(index_segment(project->index, i));
        open->items[open->count++].file = arena_text(&open->arena, slice_from(file));
    }
}

static struct segment *find_open(const struct open_segments *open, const char *file)
{
    for (size_t i = 0; i < open->count; i++)
        if (strcmp(open->items[i].file, file) == 0)
            return segment_share(open->items[i].segment);
    return NULL;
}

static void close_rest(struct open_segments *open)
{
    for (size_t i = 0; i < open->count; i++)
        segment_close(open->items[i].segment);
    arena_release(&open->arena);
}

/* A file that is missing or damaged is no loss: its passages are built from the catalog. */
static bool load_segment(struct project *project, const struct open_segments *open, struct arena *arena,
                         const struct store_segment *entry, struct error *error)
{
    const char *file = arena_text(arena, entry->file);
    struct segment *segment = find_open(open, file);
    if (segment == NULL && !open_segment(&segment, index_path(arena, project, file), entry, error)) {
        if ((error->kind != ERROR_NOT_FOUND && error->kind != ERROR_CORRUPT) || project->mends)
            return false;
        if (project->rebuilt++ == 0)
            project->rebuilt_why = *error;
        size_t before = project->part_count;
        if (!parts_build(project, entry->first, entry->last, error))
            return false;
        if (project->part_count > before) { /* together they stand for the whole range, so that sealing replaces it */
            project->parts[before].first = entry->first;
            project->parts[project->part_count - 1].last = entry->last;
        }
        return true;
    }
    return parts_append(project, segment, entry->first, entry->last, file, error);
}

static bool load_segments(struct project *project, struct error *error)
{
    struct segment_load load = {0};
    struct open_segments open;
    arena_init(&load.arena);
    keep_open(&open, project);
    parts_clear(project);
    project->index = index_create();
    bool ok = store_each_segment(project->store, collect_segment, &load, error);
    for (size_t i = 0; ok && i < load.count; i++) {
        ok = load_segment(project, &open, &load.arena, &load.segments[i], error);
        project->covered = load.segments[i].last;
    }
    close_rest(&open);
    free(load.segments);
    arena_release(&load.arena);
    return ok;
}

static bool take_deletion(void *context, int64_t sequence, int64_t passage, struct error *error)
{
    struct project *project = context;
    (void)error;
    (void)index_delete(project->index, (passage_id)passage); /* one that is not there came and went between two refreshes */
    project->deletion_last = sequence;
    return true;
}

void note_language(enum text_language languages[LANGUAGE_COUNT], size_t *count, struct slice code)
{
    enum text_language language = text_language_indexed(text_language_named(code));
    for (size_t i = 0; i < *count; i++)
        if (languages[i] == language)
            return;
    languages[(*count)++] = language;
}

static void take_language(void *context, struct slice code)
{
    struct project *project = context;
    note_language(project->languages, &project->language_count, code);
}

static bool catch_up(struct project *project, struct error *error)
{
    bool same;
    int64_t last;
    if (!same_segments(project, &same, error) || (!same && !load_segments(project, error)))
        return false;
    if (!store_last_passage(project->store, &last, error) || !parts_build(project, project->covered + 1, last, error))
        return false;
    if (last > project->covered)
        project->covered = last;
    if (!store_each_deletion(project->store, project->deletion_last, take_deletion, project, error))
        return false;
    project->language_count = 0;
    return store_each_language(project->store, take_language, project, error);
}

static bool write_anew(struct project *writer, struct error *error)
{
    if (!project_refresh(writer, error) || !project_refresh_vectors(writer, error))
        return false;
    project_release(writer);
    return project_seal(writer, error);
}

/* Writes index files anew, so that not each process that only reads builds them for itself, and again the next time. Threads that meet the same
 * damage wait for the first one. What cannot be written (a disk that is full, no right to, another writer, who will do it) is built in memory. */
static void mend(struct project *project)
{
    static pthread_mutex_t one_at_a_time = PTHREAD_MUTEX_INITIALIZER;
    struct project *writer = NULL;
    struct error error;
    project->mends = false;
    pthread_mutex_lock(&one_at_a_time);
    bool is_written = file_exists(state_path(&project->arena, project, "assay.db")) && /* else nothing is to be made there */
                      project_open(&writer, project->root, STORE_WRITE, "assay, writing damaged index files anew", &error) &&
                      write_anew(writer, &error);
    (void)is_written;
    project_close(writer);
    pthread_mutex_unlock(&one_at_a_time);
}

static bool refresh(struct project *project, struct error *error)
{
    int64_t generation;
    if (!store_begin(project->store, STORE_READ, error))
        return false;
    bool ok = store_generation(project->store, &generation, error);
    if (ok && (project->index == NULL || generation != project->generation)) {
        views_clear(project);
        ok = catch_up(project, error);
        if (ok)
            project->generation = generation;
        else
            parts_clear(project); /* half a state is none */
    }
    if (!ok)
        store_rollback(project->store);
    return ok;
}

bool project_refresh(struct project *project, struct error *error)
{
    if (refresh(project, error))
        return true;
    if (!project->mends || (error->kind != ERROR_NOT_FOUND && error->kind != ERROR_CORRUPT))
        return false;
    mend(project);
    return refresh(project, error);
}

void project_release(struct project *project)
{
    store_rollback(project->store);
    if (project->mends &&
        project->vectors.rebuilt > 0) /* now, and not where it was met: one who writes waits for those who read */
        mend(project);
}

size_t project_unsealed(const struct project *project)
{
    size_t passages = 0;
    for (size_t i = 0; i < project->part_count; i++)
        if (project->parts[i].file == NULL)
            passages += project->parts[i].passages;
    return passages;
}
