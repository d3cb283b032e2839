/* cut_probe.c - how fast documents are read and cut, without the disk, the catalog and the index: for bench_ingest.py.
 *
 *   cut_probe LIST SECONDS      LIST: a file with one path a line (Markdown, HTML, text, CSV by their names)
 *
 * All files are read into memory first. Then all threads of a pool read, clean and cut them, again and again for that long, each file into
 * an arena of its own as `assay add` does it. Prints one JSON line: files, bytes, passages, and megabytes (10^6) a second. */
#include "ingest/format.h"
#include "ingest/ingest.h"
#include "ingest/tidy.h"
#include "ingest/walk.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct probe {
    struct buffer *files;
    const char **paths;
    size_t count, capacity, bytes;
    size_t *passages; /* of each file */
    struct settings settings;
    struct arena arena;
};

static void stop(const struct error *error)
{
    fprintf(stderr, "cut_probe: %s\n", error->message);
    exit(1);
}

static void cut_one(void *context, size_t index, size_t thread)
{
    struct probe *probe = context;
    struct arena arena;
    struct blocks blocks;
    struct passage_list list;
    struct error error = {0};
    struct slice source = buffer_slice(&probe->files[index]);
    (void)thread;
    arena_init(&arena);
    enum file_format format = format_of(
                                  slice_range(source, 0, source.size < FORMAT_HEAD_BYTES ? source.size : FORMAT_HEAD_BYTES),
                                  probe->paths[index])
                                  .format;
    struct tidying tidying = {.settings = &probe->settings, .format = format, .arena = &arena};
    bool ok = format == FORMAT_MARKDOWN ? markdown_read(source, &arena, &blocks, &error)
              : format == FORMAT_HTML   ? html_read(source, &arena, &blocks, &error)
              : format == FORMAT_CSV    ? csv_read(source, &arena, &blocks, &error)
                                        : plain_read(source, &arena, &blocks, &error);
    if (!ok || !tidy_blocks(&tidying, source, &blocks, &error))
        stop(&error);
    extract_release(&tidying.made);
    cut_passages(source, &blocks, &probe->settings, &arena, &list);
    probe->passages[index] = list.count;
    arena_release(&arena);
}

static void read_files(struct probe *probe, const char *list)
{
    struct error error = {0};
    struct buffer names;
    struct slice rest, line;
    buffer_init(&names, 64 * MIB);
    if (!file_read(list, 64 * MIB, &names, &error))
        stop(&error);
    rest = buffer_slice(&names);
    size_t capacity = 0;
    while (slice_next(&rest, '\n', &line)) {
        if (line.size == 0)
            continue;
        probe->files = memory_more(probe->files, probe->count, &probe->capacity, sizeof(*probe->files));
        probe->paths = memory_more(probe->paths, probe->count, &capacity, sizeof(*probe->paths));
        struct buffer *file = &probe->files[probe->count];
        probe->paths[probe->count] = arena_text(&probe->arena, line);
        buffer_init(file, LIMIT_DOCUMENT_BYTES_MAX);
        if (!file_read(probe->paths[probe->count++], LIMIT_DOCUMENT_BYTES_MAX, file, &error))
            stop(&error);
        probe->bytes += file->size;
    }
    buffer_release(&names);
}

int main(int argc, char **argv)
{
    struct probe probe = {.settings = {.passage_tokens = 200, .passage_overlap = 30}};
    double seconds = 0;
    if (argc < 3 || !slice_to_double(slice_from(argv[2]), &seconds)) {
        fprintf(stderr, "cut_probe LIST SECONDS\n");
        return 2;
    }
    arena_init(&probe.arena);
    read_files(&probe, argv[1]);
    probe.passages = memory_alloc(probe.count + 1, sizeof(*probe.passages));
    struct pool *pool = pool_create(0);
    pool_parallel_for(pool, probe.count, cut_one, &probe); /* warms up */
    size_t rounds = 0, passages = 0;
    uint64_t start = clock_now_ns();
    do {
        pool_parallel_for(pool, probe.count, cut_one, &probe);
        rounds++;
    } while (clock_ms_since(start) < seconds * 1000);
    double took = clock_ms_since(start) / 1000;
    for (size_t i = 0; i < probe.count; i++)
        passages += probe.passages[i];
    printf("{\"files\":%zu,\"bytes\":%zu,\"passages\":%zu,\"threads\":%zu,\"rounds\":%zu,\"mb_per_second\":%.1f}\n",
           probe.count, probe.bytes, passages, pool_thread_count(pool), rounds,
           (double)probe.bytes * (double)rounds / took / 1e6);
    pool_free(pool);
    for (size_t i = 0; i < probe.count; i++)
        buffer_release(&probe.files[i]);
    free(probe.files);
    free(probe.paths);
    free(probe.passages);
    arena_release(&probe.arena);
    return 0;
}
