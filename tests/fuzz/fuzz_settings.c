/* fuzz_settings.c - any bytes as assay.yaml: refused with a place and a reason, or values within their limits. */
#include "project/project.h"
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define REQUIRE(condition)                                                                                                     \
    do {                                                                                                                       \
        if (!(condition))                                                                                                      \
            abort();                                                                                                           \
    } while (0)

static void check_settings(const struct settings *settings)
{
    for (size_t i = 0; i < settings->document_count; i++)
        REQUIRE(settings->documents[i][0] != '\0' && strlen(settings->documents[i]) < LIMIT_PATH_BYTES);
    REQUIRE(settings->document_bytes_max >= MIB && settings->document_bytes_max <= LIMIT_DOCUMENT_BYTES_MAX);
    REQUIRE(settings->unit <= UNIT_SEMANTIC && settings->access <= ACCESS_FROM_FILE);
    REQUIRE((settings->access == ACCESS_FROM_FILE) <= (settings->labels_file != NULL));
    REQUIRE(settings->passage_tokens >= 16 && settings->passage_tokens <= LIMIT_PASSAGE_TOKENS_MAX);
    REQUIRE(2 * settings->passage_overlap <= settings->passage_tokens);
    REQUIRE(settings->k >= 1 && settings->k <= LIMIT_RESULTS);
    REQUIRE(settings->k1 >= 0 && settings->k1 <= 10 && settings->b >= 0 && settings->b <= 1);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena arena;
    struct settings settings;
    struct error error = {0};
    arena_init(&arena);
    if (settings_read((struct slice){(const char *)data, size}, "y", &arena, &settings, &error))
        check_settings(&settings);
    else
        REQUIRE(error.kind == ERROR_LIMIT || (error.kind == ERROR_INVALID && strncmp(error.message, "y:", 2) == 0));
    arena_release(&arena);
    return 0;
}
