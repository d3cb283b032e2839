/* vector_parts.c - the vectors beside the words: loaded when a search first needs them, kept in step with the catalog, sealed into files.
 *
 *   catalog   vectors 1 … 52,000 ─┬─ files     [ 1 … 40,000 ][ … 50,000 ]     mapped
 *                                 └─ the rest  [ 50,001 … 52,000 ]            copied from the catalog, without a graph
 *
 * As for words (refresh.c, seal.c): what is new has higher numbers, what is gone stands in a table of deletions, and files are
 * derived. Vectors of another model have nothing to do with the ones loaded: then everything is loaded anew. */
#include "parts.h"
#include <assert.h>
#include <stdlib.h>
#include <string.h>

enum { MEMORY_SEGMENT_VECTORS = 200000 };

void vectors_clear(struct project *project)
{
    struct project_vectors *vectors = &project->vectors;
    views_clear(project);
    vector_index_free(vectors->index);
    for (size_t i = 0; i < vectors->part_count; i++)
        free(vectors->parts[i].file);
    *vectors = (struct project_vectors){.parts = vectors->parts, .part_capacity = vectors->part_capacity, .generation = -1};
}

/* Appends a segment, which the index takes over, also on failure. */
static bool append(struct project_vectors *vectors, struct vector_segment *segment, const struct index_part *part,
                   struct error *error)
{
    if (!vector_index_add_segment(vectors->index, segment, error)) {
        vector_segment_close(segment);
        return false;
    }
    vectors->parts = memory_more(vectors->parts, vectors->part_count, &vectors->part_capacity, sizeof(*vectors->parts));
    vectors->parts[vectors->part_count++] = (struct index_part){
        part->first, part->last, vector_segment_count(segment),
        part->file ? memory_copy_text(part->file, strlen(part->file)) : NULL, vector_segment_size_bytes(segment)};
    return true;
}

/* ---- from the catalog into memory ---- */

struct vectors_copy {
    struct project_vectors *vectors;
    struct vector_builder *builder;
    int64_t first, last; /* in the builder */
};

static bool finish_copy(struct vectors_copy *copy, struct error *error)
{
    static const struct vector_build without_graph = {.graph_least = SIZE_MAX};
    struct vector_segment *segment;
    struct buffer encoded;
    if (vector_builder_count(copy->builder) == 0)
        return true;
    buffer_init(&encoded, LIMIT_SEGMENT_BYTES);
    bool ok = vector_builder_encode(copy->builder, &without_graph, &encoded, error) &&
              vector_segment_open_bytes(&segment, &encoded, "memory segment", error);
    if (!ok) {
        buffer_release(&encoded);
        return false;
    }
    return append(copy->vectors, segment, &(struct index_part){.first = copy->first, .last = copy->last}, error);
}

static bool take_vector(void *context, int64_t passage, struct slice code, struct error *error)
{
    struct vectors_copy *copy = context;
    if (code.size != vector_code_bytes(copy->vectors->dimensions))
        return error_set(error, ERROR_CORRUPT, "the vector of passage %lld has %zu bytes in the catalog, expected %zu",
                         (long long)passage, code.size, vector_code_bytes(copy->vectors->dimensions));
    if (vector_builder_count(copy->builder) == MEMORY_SEGMENT_VECTORS && !finish_copy(copy, error))
        return false;
    if (vector_builder_count(copy->builder) == 0)
        copy->first = passage;
    copy->last = passage;
    return vector_builder_add(copy->builder, (passage_id)passage, (const unsigned char *)code.data, error);
}

/* Appends the catalog's vectors of passages first … last; `*seen` becomes the last of them, if there is one. */
static bool copy_vectors(struct project *project, int64_t first, int64_t last, int64_t *seen, struct error *error)
{
    struct vectors_copy copy = {.vectors = &project->vectors, .builder = vector_builder_create(project->vectors.dimensions)};
    bool ok = store_each_vector(project->store, first, last, take_vector, &copy, error) && finish_copy(&copy, error);
    if (ok && copy.last > 0)
        *seen = copy.last;
    vector_builder_free(copy.builder);
    return ok;
}

/* ---- from files ---- */

struct file_list {
    struct project_vectors *vectors;
    struct arena arena;
    struct store_segment *items;
    size_t count, capacity;
};

static bool collect_file(void *context, const struct store_segment *segment, struct error *error)
{
    struct file_list *list = context;
    (void)error;
    list->items = memory_more(list->items, list->count, &list->capacity, sizeof(*list->items));
    list->items[list->count] = *segment;
    list->items[list->count++].file = arena_slice(&list->arena, segment->file);
    return true;
}

/* True when the loaded files are exactly those of the list. */
static bool same_files(const struct file_list *list)
{
    const struct project_vectors *vectors = list->vectors;
    if (vectors->index == NULL || vectors->rebuilt > 0)
        return false;
    for (size_t i = 0; i < list->count; i++)
        if (i >= vectors->part_count || vectors->parts[i].file == NULL ||
            !slice_equal_text(list->items[i].file, vectors->parts[i].file))
            return false;
    return list->count == vectors->part_count || vectors->parts[list->count].file == NULL;
}

static bool open_file(struct vector_segment **segment, const char *path, const struct store_segment *entry, size_t dimensions,
                      struct error *error)
{
    struct vector_segment *opened;
    if (!vector_segment_open(&opened, path, error))
        return false;
    bool is_meant = (int64_t)vector_segment_first(opened) >= entry->first &&
                    (int64_t)vector_segment_last(opened) <= entry->last &&
                    (int64_t)vector_segment_count(opened) == entry->passages &&
                    (int64_t)vector_segment_size_bytes(opened) == entry->size &&
                    vector_segment_dimensions(opened) == dimensions;
    if (!is_meant) {
        vector_segment_close(opened);
        return error_set(error, ERROR_CORRUPT, "vector file \"%s\" is not the one that the catalog means", path);
    }
    *segment = opened;
    return true;
}

/* What was loaded before: files that stay in the catalog stay open. */
struct vectors_before {
    struct vector_index *index;
    struct index_part *parts;
    size_t count;
};

static struct vector_segment *find_open(const struct vectors_before *before, const char *file)
{
    for (size_t i = 0; i < before->count; i++)
        if (before->parts[i].file != NULL && strcmp(before->parts[i].file, file) == 0)
            return vector_segment_share(vector_index_segment(before->index, i));
    return NULL;
}

static void take_before(struct vectors_before *before, struct project_vectors *vectors)
{
    *before = (struct vectors_before){vectors->index, vectors->parts, vectors->part_count};
    vectors->index = NULL;
    vectors->parts = NULL;
    vectors->part_count = vectors->part_capacity = 0;
}

static void release_before(struct vectors_before *before)
{
    vector_index_free(before->index);
    for (size_t i = 0; i < before->count; i++)
        free(before->parts[i].file);
    free(before->parts);
}

/* A file that is missing or damaged is no loss: its vectors are in the catalog. */
static bool load_file(struct project *project, const struct vectors_before *before, struct arena *arena,
                      const struct store_segment *entry, struct error *error)
{
    struct project_vectors *vectors = &project->vectors;
    int64_t seen = 0;
    char *file = arena_text(arena, entry->file);
    struct vector_segment *segment = find_open(before, file);
    if (segment != NULL || open_file(&segment, index_path(arena, project, file), entry, vectors->dimensions, error))
        return append(vectors, segment, &(struct index_part){.first = entry->first, .last = entry->last, .file = file}, error);
    if (error->kind != ERROR_NOT_FOUND && error->kind != ERROR_CORRUPT)
        return false;
    if (vectors->rebuilt++ == 0)
        vectors->rebuilt_why = *error;
    size_t first = vectors->part_count;
    if (!copy_vectors(project, entry->first, entry->last, &seen, error))
        return false;
    if (vectors->part_count > first) { /* together they stand for the whole range, so that sealing replaces it */
        vectors->parts[first].first = entry->first;
        vectors->parts[vectors->part_count - 1].last = entry->last;
    }
    return true;
}

static bool load_files(struct project *project, struct error *error)
{
    struct project_vectors *vectors = &project->vectors;
    struct file_list list = {.vectors = vectors};
    arena_init(&list.arena);
    bool ok = store_each_vector_segment(project->store, collect_file, &list, error);
    if (ok && !same_files(&list)) {
        size_t dimensions = vectors->dimensions;
        unsigned char fingerprint[STORE_HASH_BYTES];
        struct vectors_before before;
        memcpy(fingerprint, vectors->fingerprint, sizeof(fingerprint));
        take_before(&before, vectors);
        vectors_clear(project);
        vectors->dimensions = dimensions;
        memcpy(vectors->fingerprint, fingerprint, sizeof(fingerprint));
        vectors->index = vector_index_create(dimensions);
        for (size_t i = 0; ok && i < list.count; i++) {
            ok = load_file(project, &before, &list.arena, &list.items[i], error);
            vectors->covered = list.items[i].last;
        }
        release_before(&before);
    }
    free(list.items);
    arena_release(&list.arena);
    return ok;
}

/* ---- in step ---- */

static bool take_deletion(void *context, int64_t sequence, int64_t passage, struct error *error)
{
    struct project_vectors *vectors = context;
    (void)error;
    (void)vector_index_delete(vectors->index, (passage_id)passage);
    vectors->deletion_last = sequence;
    return true;
}

static bool catch_up(struct project *project, const struct store_embedding *embedding, struct error *error)
{
    struct project_vectors *vectors = &project->vectors;
    if (vectors->index != NULL && memcmp(vectors->fingerprint, embedding->fingerprint, STORE_HASH_BYTES) != 0)
        vectors_clear(project);
    vectors->dimensions = (size_t)embedding->dimensions;
    memcpy(vectors->fingerprint, embedding->fingerprint, STORE_HASH_BYTES);
    return load_files(project, error) && copy_vectors(project, vectors->covered + 1, INT64_MAX, &vectors->covered, error) &&
           store_each_vector_deletion(project->store, vectors->deletion_last, take_deletion, vectors, error);
}

bool project_refresh_vectors(struct project *project, struct error *error)
{
    struct store_embedding embedding;
    struct arena arena;
    bool found;
    if (project->vectors.generation == project->generation)
        return true;
    arena_init(&arena);
    bool ok = store_get_embedding(project->store, &arena, &embedding, &found, error);
    if (ok && found)
        ok = catch_up(project, &embedding, error);
    else
        vectors_clear(project);
    if (ok)
        project->vectors.generation = project->generation;
    else
        vectors_clear(project); /* half a state is none */
    arena_release(&arena);
    return ok;
}

/* ---- into a file ---- */

static bool write_file(struct project *project, size_t start, struct error *error)
{
    struct project_vectors *vectors = &project->vectors;
    const struct vector_build how = {.pool = project->pool};
    struct store_segment segment = {.first = start > 0 ? vectors->parts[start - 1].last + 1 : 1, .last = vectors->covered};
    struct buffer encoded;
    buffer_init(&encoded, LIMIT_SEGMENT_BYTES);
    bool ok = store_count_vectors_within(project->store, segment.first, segment.last, &segment.passages, error) &&
              vector_index_merge(vectors->index, start, vectors->part_count - start, &how, &encoded, error) &&
              parts_publish(project, &segment, buffer_slice(&encoded), ".vec", store_replace_vector_segments, error);
    buffer_release(&encoded);
    return ok;
}

struct file_look {
    const struct project *project;
    bool missing;
};

static bool look_for_file(void *context, const struct store_segment *segment, struct error *error)
{
    struct file_look *look = context;
    struct arena arena;
    (void)error;
    arena_init(&arena);
    look->missing = look->missing || !file_exists(index_path(&arena, look->project, arena_text(&arena, segment->file)));
    arena_release(&arena);
    return true;
}

/* Whether there is something to write, told without loading anything. */
static bool needs_sealing(struct project *project, bool *needs, struct error *error)
{
    struct store_vector_counts counts;
    struct file_look look = {project, false};
    if (!store_count_vectors(project->store, &counts, error) ||
        !store_each_vector_segment(project->store, look_for_file, &look, error))
        return false;
    bool is_sparse = 4 * counts.vectors < 3 * counts.written;
    *needs = counts.last > counts.sealed || is_sparse || look.missing || project->vectors.rebuilt > 0;
    return true;
}

bool vectors_seal(struct project *project, struct error *error)
{
    struct project_vectors *vectors = &project->vectors;
    bool needs;
    if (!needs_sealing(project, &needs, error))
        return false;
    if (!needs)
        return true;
    if (!project_refresh(project, error))
        return false;
    bool ok = project_refresh_vectors(project, error);
    project_release(project);
    if (!ok || vectors->index == NULL)
        return ok;
    size_t start = parts_merge_start(vectors->parts, vectors->part_count, vector_index_count(vectors->index));
    if (start == vectors->part_count)
        return true;
    ok = write_file(project, start, error);
    if (ok)
        vectors->generation = -1; /* the next refresh opens the new file and keeps the others open */
    else
        vectors_clear(project);
    return ok && parts_sweep(project, error);
}
