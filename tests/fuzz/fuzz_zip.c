/* fuzz_zip.c - any bytes as a zip archive: each entry lies where it says and has the size it says, or is refused. */
#include "codec/codec.h"
#include <stdlib.h>

#define REQUIRE(condition)                                                                                                     \
    do {                                                                                                                       \
        if (!(condition))                                                                                                      \
            abort();                                                                                                           \
    } while (0)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void read_all(struct zip *zip)
{
    struct error error = {0};
    struct buffer out;
    size_t unpacked = 0;
    buffer_init(&out, MIB);
    for (size_t i = 0; i < zip->count; i++) {
        const struct zip_entry *entry = &zip->items[i];
        REQUIRE(entry->data_at <= zip->source.size && entry->packed_size <= zip->source.size - entry->data_at);
        const struct zip_entry *found = zip_find(zip, entry->name);
        REQUIRE(found != NULL && found->name.size == entry->name.size);
        (void)zip_name_is_safe(entry->name);
        buffer_clear(&out);
        bool ok = zip_read_entry(zip, entry, MIB, &out, &error);
        REQUIRE(ok ? out.size == entry->size : out.size == 0 && error.message[0] != '\0');
        unpacked += out.size;
    }
    REQUIRE(unpacked <= 4 * MIB);
    buffer_release(&out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena arena;
    struct zip zip;
    struct error error = {0};
    arena_init(&arena);
    if (zip_open((struct slice){(const char *)data, size}, 4 * MIB, &arena, &zip, &error))
        read_all(&zip);
    else
        REQUIRE(error.kind != ERROR_NONE && error.message[0] != '\0');
    arena_release(&arena);
    return 0;
}
