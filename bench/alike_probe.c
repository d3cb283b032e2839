/* alike_probe.c - the search for near-duplicates alone: a text a line.
 *
 *   alike_probe TEXTS THREADS LEAST      prints each pair as "first second likeness", and on standard error a line of JSON
 *
 * bench_dedup.py runs it. */
#include "alike/alike.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

static void stop(const struct error *error)
{
    fprintf(stderr, "alike_probe: %s\n", error->message);
    exit(1);
}

int main(int argument_count, char **arguments)
{
    struct error error = {0};
    struct file_map map;
    uint64_t threads;
    double least;
    if (argument_count != 4 || !slice_to_u64(slice_from(arguments[2]), &threads) ||
        !slice_to_double(slice_from(arguments[3]), &least))
        return 2;
    if (!file_map_open(&map, arguments[1], &error))
        stop(&error);
    struct slice rest = {(const char *)map.data, map.size}, line;
    size_t count = 0, capacity = 0;
    struct slice *lines = NULL;
    while (slice_next(&rest, '\n', &line)) {
        lines = memory_more(lines, count, &capacity, sizeof(*lines));
        lines[count++] = line;
    }
    struct alike_text *texts = memory_alloc(count + 1, sizeof(*texts));
    for (size_t i = 0; i < count; i++)
        texts[i] = (struct alike_text){&lines[i], 1};
    struct pool *pool = pool_create((size_t)threads);
    struct alike_found found;
    uint64_t start = clock_now_ns();
    const struct alike_search search = {.texts = texts, .count = count, .least = least, .words_least = 10, .pool = pool};
    if (!alike_find(&search, &found, &error))
        stop(&error);
    double seconds = clock_ms_since(start) / 1000;
    struct rusage usage;
    getrusage(RUSAGE_SELF, &usage);
    for (size_t i = 0; i < found.count; i++)
        printf("%u %u %.4f\n", found.pairs[i].first, found.pairs[i].second, (double)found.pairs[i].likeness);
    fprintf(stderr, "{\"texts\":%zu,\"seconds\":%.3f,\"worked\":%.3f,\"peak_mib\":%.0f}\n", count, seconds,
            (double)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) +
                1e-6 * (double)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec),
            (double)usage.ru_maxrss / 1024);
    alike_found_release(&found);
    pool_free(pool);
    free(texts);
    free(lines);
    file_map_close(&map);
    return 0;
}
