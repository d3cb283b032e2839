/* fuzz_sitemap.c - any bytes as a sitemap: locations within bounds, or a reason. */
#include "codec/codec.h"
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena arena;
    struct sitemap sitemap;
    struct error error = {0};
    size_t bytes = 0;
    arena_init(&arena);
    bool ok = sitemap_read((struct slice){(const char *)data, size}, &arena, &sitemap, &error);
    if (!ok && error.message[0] == '\0')
        abort();
    for (size_t i = 0; i < sitemap.count; i++) {
        bytes += sitemap.locations[i].size;
        if (sitemap.locations[i].size == 0)
            abort();
    }
    if (bytes > 2 * size || (ok && sitemap.kind == SITEMAP_NONE && sitemap.count > 0))
        abort();
    arena_release(&arena);
    return 0;
}
