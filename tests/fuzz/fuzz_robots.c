/* fuzz_robots.c - any bytes as a path, and behind a line end as a robots.txt: within bounds; without rules nothing is forbidden. */
#include "codec/codec.h"
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct slice rest = {(const char *)data, size}, path;
    struct arena arena;
    struct robots robots;
    arena_init(&arena);
    if (slice_next(&rest, '\n', &path)) {
        robots_read(rest, SLICE("assay"), &arena, &robots);
        bool is_allowed = robots_allows(&robots, path);
        if (robots.rule_count == 0 && !is_allowed)
            abort();
        if (slice_equal_text(path, "/robots.txt") && !is_allowed)
            abort();
        for (size_t i = 0; i < robots.sitemap_count; i++)
            if (robots.sitemaps[i].size == 0 || robots.sitemaps[i].size > rest.size)
                abort();
    }
    arena_release(&arena);
    return 0;
}
