/* fuzz_filter.c - any bytes as a filter: refused with a place and a reason; or read, written and read again as the same, and taken by
 * SQLite as a statement. */
#include "store/store.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define REQUIRE(condition)                                                                                                     \
    do {                                                                                                                       \
        if (!(condition))                                                                                                      \
            abort();                                                                                                           \
    } while (0)

static bool refuse_rows(void *context, int64_t first, int64_t last, struct slice language, struct error *error)
{
    (void)context;
    (void)first;
    (void)last;
    (void)language;
    return error_set(error, ERROR_CORRUPT, "an empty catalog has no documents");
}

static struct store *store;
static char folder[] = "/tmp/assay-fuzz-XXXXXX";

static void remove_store(void)
{
    struct error error = {0};
    store_close(store);
    REQUIRE(folder_remove(folder, &error));
}

/* One empty catalog for all inputs. */
static struct store *empty_store(void)
{
    struct error error = {0};
    char path[64];
    if (store != NULL)
        return store;
    REQUIRE(mkdtemp(folder) != NULL);
    (void)snprintf(path, sizeof(path), "%s/assay.db", folder);
    REQUIRE(store_open(&store, path, STORE_WRITE, &error));
    REQUIRE(atexit(remove_store) == 0);
    return store;
}

static void check_filter(const struct store_filter *filter, struct arena *arena)
{
    struct error error = {0};
    struct buffer text, again;
    const struct store_filter *second;
    buffer_init(&text, MIB);
    buffer_init(&again, MIB);
    store_filter_write(filter, &text);
    if (text.size <= LIMIT_FILTER_BYTES) { /* quotes make it longer */
        REQUIRE(store_filter_read(buffer_slice(&text), arena, &second, &error));
        store_filter_write(second, &again);
        REQUIRE(slice_equal(buffer_slice(&text), buffer_slice(&again)));
    }
    REQUIRE(store_visible(empty_store(), NULL, filter, refuse_rows, NULL, &error));
    buffer_release(&text);
    buffer_release(&again);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena arena;
    struct error error = {0};
    const struct store_filter *filter;
    arena_init(&arena);
    if (store_filter_read((struct slice){(const char *)data, size}, &arena, &filter, &error))
        check_filter(filter, &arena);
    else
        REQUIRE(error.kind == ERROR_LIMIT || (error.kind == ERROR_INVALID && strncmp(error.message, "the filter", 10) == 0));
    arena_release(&arena);
    return 0;
}
