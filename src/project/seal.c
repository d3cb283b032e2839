/* seal.c - from memory to files: writes the newest passages to an index file, and merges small files into larger ones.
 *
 *   parts   [ 40,000 f ][ 9,000 f ][ 700 f ][ 512 m ][ 300 m ]      f: file, m: memory
 *                                  └──────── merged: each part is no larger than twice what stands behind it
 *
 * So files grow by doubling, and each passage is written about log2(n) times in its life. Order of writes, so that a crash at any
 * moment leaves a working project: the new file is written, synced and named (file_replace); then the catalog names it and
 * forgets the old ones, in one transaction; then the old files are removed. A crash before the transaction leaves a file that nobody
 * names, one after it leaves old files: parts_sweep removes both. */
#include "parts.h"
#include <assert.h>
#include <stdlib.h>
#include <string.h>

/* The first of the parts from `start` on that make one file together. What stands in memory before a file that is too large to go along waits. One file
 * alone is left. */
static size_t fit_merge(const struct index_part *parts, size_t start, size_t count)
{
    size_t first = count;
    for (uint64_t bytes = 0; first > start; first--) {
        const struct index_part *part = &parts[first - 1];
        bytes += part->bytes;
        if (part->file != NULL && bytes > PARTS_MERGED_BYTES_MAX)
            break;
    }
    return first + 1 == count && parts[first].file != NULL && first > start ? count : first;
}

static size_t choose_merge(const struct index_part *parts, size_t count)
{
    size_t start = count, behind = 0;
    for (size_t i = count; i > 0; i--) {
        const struct index_part *part = &parts[i - 1];
        if (part->file == NULL || part->passages <= 2 * behind)
            start = i - 1;
        else if (start < count)
            break;
        behind += part->passages;
    }
    for (size_t i = 0; i < start; i++) /* a rebuilt one in the middle takes all behind it along */
        if (parts[i].file == NULL)
            return i;
    return start;
}

size_t parts_merge_start(const struct index_part *parts, size_t count, size_t live)
{
    const size_t bytes_most = PARTS_MERGED_BYTES_MAX;
    const double most = (double)bytes_most;
    size_t written = 0, bytes = 0;
    for (size_t i = 0; i < count; i++) {
        written += parts[i].passages;
        bytes += parts[i].bytes;
    }
    bool is_sparse = 4 * live < 3 * written;
    if (is_sparse && (double)bytes / (double)written * (double)live <= most)
        return 0; /* what is deleted goes */
    return fit_merge(parts, choose_merge(parts, count), count);
}

bool parts_publish(struct project *project, struct store_segment *segment, struct slice encoded, const char *ending,
                   replace_segments *replace, struct error *error)
{
    struct arena arena;
    arena_init(&arena);
    segment->file = (struct slice){"", 0};
    segment->size = (int64_t)encoded.size;
    bool ok = true;
    if (segment->passages > 0) {
        const char *file = arena_format(&arena, "%010lld-%010lld.%lld%s", (long long)segment->first, (long long)segment->last,
                                        (long long)project->generation, ending);
        segment->file = slice_from(file);
        ok = file_replace(index_path(&arena, project, file), encoded, error);
    }
    ok = ok && store_begin(project->store, STORE_WRITE, error);
    ok = ok && replace(project->store, segment, error) && store_commit(project->store, error);
    store_rollback(project->store);
    arena_release(&arena);
    return ok;
}

static bool encode(struct project *project, size_t start, struct store_segment *segment, struct buffer *encoded,
                   struct error *error)
{
    /* From the end of the part before: what was deleted in between is done with. */
    segment->first = start > 0 ? project->parts[start - 1].last + 1 : 1;
    segment->last = project->covered;
    segment->passages = (int64_t)index_passages_in(project->index, start, project->part_count - start);
    return index_merge(project->index, start, project->part_count - start, project->pool, encoded, error);
}

static bool seal_text(struct project *project, struct error *error)
{
    if (!project_refresh(project, error))
        return false;
    project_release(project); /* nobody else writes: the state stays */
    size_t start = parts_merge_start(project->parts, project->part_count, index_passage_count(project->index));
    if (start == project->part_count)
        return true;
    struct store_segment segment;
    struct buffer encoded;
    buffer_init(&encoded, LIMIT_SEGMENT_BYTES);
    bool ok = encode(project, start, &segment, &encoded, error) &&
              parts_publish(project, &segment, buffer_slice(&encoded), ".seg", store_replace_segments, error);
    buffer_release(&encoded);
    if (ok)
        project->generation = -1; /* the next refresh opens the new file and keeps the others open */
    else
        parts_clear(project);
    return ok && parts_sweep(project, error);
}

bool project_seal(struct project *project, struct error *error)
{
    assert(project->mode == STORE_WRITE);
    return seal_text(project, error) && vectors_seal(project, error);
}

bool index_file_name(const char *name)
{
    struct slice text = slice_from(name);
    return slice_ends_with(text, SLICE(".seg")) || slice_ends_with(text, SLICE(".vec")) || strstr(name, ".seg.new-") != NULL ||
           strstr(name, ".vec.new-") != NULL;
}

struct sweep {
    struct project *project;
    struct map named; /* files in the catalog */
    struct arena arena;
};

static bool name_segment(void *context, const struct store_segment *segment, struct error *error)
{
    struct sweep *sweep = context;
    (void)error;
    (void)map_put(&sweep->named, segment->file, NULL);
    return true;
}

static bool sweep_file(void *context, const char *name, struct error *error)
{
    struct sweep *sweep = context;
    if (!index_file_name(name) || map_get(&sweep->named, slice_from(name)) != NULL)
        return true;
    return file_remove(index_path(&sweep->arena, sweep->project, name), error);
}

bool parts_sweep(struct project *project, struct error *error)
{
    struct sweep sweep = {.project = project};
    map_init(&sweep.named, 1000000);
    arena_init(&sweep.arena);
    bool ok = store_each_segment(project->store, name_segment, &sweep, error) &&
              store_each_vector_segment(project->store, name_segment, &sweep, error) &&
              folder_list(state_path(&sweep.arena, project, "index"), sweep_file, &sweep, error);
    map_release(&sweep.named);
    arena_release(&sweep.arena);
    return ok;
}
