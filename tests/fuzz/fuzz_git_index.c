/* fuzz_git_index.c - any bytes as the index of a Git repository: names in order, each found again. */
#include "codec/codec.h"
#include <stdlib.h>
#include <string.h>

#define REQUIRE(condition)                                                                                                     \
    do {                                                                                                                       \
        if (!(condition))                                                                                                      \
            abort();                                                                                                           \
    } while (0)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena arena;
    struct git_index index;
    struct error error = {0};
    arena_init(&arena);
    bool ok = git_index_read((struct slice){(const char *)data, size}, &arena, &index, &error);
    REQUIRE(ok == (error.message[0] == '\0'));
    for (size_t i = 0; ok && i < index.count; i++) {
        struct slice name = index.names[i];
        REQUIRE(name.size > 0 && memchr(name.data, '\0', name.size) == NULL);
        REQUIRE(i == 0 || slice_compare(index.names[i - 1], name) <= 0);
        REQUIRE(i > 100 || git_index_has(&index, name, &arena));
    }
    arena_release(&arena);
    return 0;
}
