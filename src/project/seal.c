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

/* The first part to merge, counting from the end; all of them when many passages of the files are deleted. */
static size_t merge_start(const struct project *project)
{
    size_t written = 0;
    for (size_t i = 0; i < project->part_count; i++)
        written += project->parts[i].passages;
    if (4 * index_passage_count(project->index) < 3 * written)
        return 0;
    size_t start = project->part_count, behind = 0;
    for (size_t i = project->part_count; i > 0; i--) {
        const struct index_part *part = &project->parts[i - 1];
        if (part->file == NULL || part->passages <= 2 * behind)
            start = i - 1;
        else if (start < project->part_count)
            break;
        behind += part->passages;
    }
    for (size_t i = 0; i < start; i++) /* a rebuilt one in the middle takes all behind it along */
        if (project->parts[i].file == NULL)
            return i;
    return start;
}

struct seal {
    struct project *project;
    struct arena arena;
    struct buffer encoded;
    struct store_segment segment;
};

static bool encode(struct seal *seal, size_t start, struct error *error)
{
    struct project *project = seal->project;
    struct segment_builder *builder = segment_builder_create();
    bool ok = index_merge(project->index, start, project->part_count - start, builder, error);
    /* From the end of the part before: what was deleted in between is done with. */
    seal->segment.first = start > 0 ? project->parts[start - 1].last + 1 : 1;
    seal->segment.last = project->covered;
    seal->segment.passages = (int64_t)segment_builder_passage_count(builder);
    ok = ok && segment_builder_encode(builder, &seal->encoded, error);
    seal->segment.size = (int64_t)seal->encoded.size;
    segment_builder_free(builder);
    return ok;
}

static bool publish(struct seal *seal, struct error *error)
{
    struct project *project = seal->project;
    if (seal->segment.passages > 0) {
        const char *file = arena_format(&seal->arena, "%010lld-%010lld.%lld.seg", (long long)seal->segment.first,
                                        (long long)seal->segment.last, (long long)project->generation);
        seal->segment.file = slice_from(file);
        if (!file_replace(index_path(&seal->arena, project, file), buffer_slice(&seal->encoded), error))
            return false;
    }
    if (!store_begin(project->store, STORE_WRITE, error))
        return false;
    if (!store_replace_segments(project->store, &seal->segment, error)) {
        store_rollback(project->store);
        return false;
    }
    return store_commit(project->store, error);
}

bool project_seal(struct project *project, struct error *error)
{
    assert(project->mode == STORE_WRITE);
    if (!project_refresh(project, error))
        return false;
    project_release(project); /* nobody else writes: the state stays */
    size_t start = merge_start(project);
    if (start == project->part_count)
        return true;
    struct seal seal = {.project = project, .segment = {.file = {"", 0}}};
    arena_init(&seal.arena);
    buffer_init(&seal.encoded, LIMIT_SEGMENT_BYTES);
    bool ok = encode(&seal, start, error) && publish(&seal, error);
    buffer_release(&seal.encoded);
    arena_release(&seal.arena);
    parts_clear(project);
    return ok && parts_sweep(project, error);
}

bool index_file_name(const char *name)
{
    return slice_ends_with(slice_from(name), SLICE(".seg")) || strstr(name, ".seg.new-") != NULL;
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
              folder_list(state_path(&sweep.arena, project, "index"), sweep_file, &sweep, error);
    map_release(&sweep.named);
    arena_release(&sweep.arena);
    return ok;
}
