/* fuzz_tar.c - any bytes as a tar archive: entries in order, each within it. */
#include "codec/codec.h"
#include <stdlib.h>

#define REQUIRE(condition)                                                                                                     \
    do {                                                                                                                       \
        if (!(condition))                                                                                                      \
            abort();                                                                                                           \
    } while (0)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct slice source = {(const char *)data, size};
    struct arena arena;
    struct tar tar;
    struct tar_entry entry;
    struct error error = {0};
    bool is_end = false;
    const char *end = source.data;
    arena_init(&arena);
    tar_open(&tar, source, &arena);
    while (!is_end && tar_next(&tar, &entry, &is_end, &error)) {
        if (is_end)
            break;
        REQUIRE(entry.content.data >= end && entry.content.data + entry.content.size <= source.data + size);
        end = entry.content.data + entry.content.size;
        (void)zip_name_is_safe(entry.name);
    }
    REQUIRE(is_end || error.message[0] != '\0');
    arena_release(&arena);
    return 0;
}
