/* fuzz_url.c - any bytes as an address and, behind a line end, as a reference from it: one spelling, which reads as itself. */
#include "codec/codec.h"
#include <stdlib.h>

#define REQUIRE(condition)                                                                                                     \
    do {                                                                                                                       \
        if (!(condition))                                                                                                      \
            abort();                                                                                                           \
    } while (0)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(const struct url *url, struct arena *arena)
{
    struct error error = {0};
    struct url again;
    REQUIRE(url->text.size <= LIMIT_URL_BYTES && url_is_web(url->text));
    REQUIRE(url->host.size > 0 && url->port > 0 && url->port <= 65535 && url->target.size > 0 && url->target.data[0] == '/');
    REQUIRE(url->address_size == 0 || url->address_size == 4 || url->address_size == 16);
    bool in_query = false; /* where a backslash is what it is */
    for (size_t i = 0; i < url->text.size; i++) {
        char c = url->text.data[i];
        REQUIRE(c > ' ' && c < 0x7F && c != '#' && (c != '\\' || in_query));
        in_query = in_query || c == '?';
    }
    REQUIRE(url_parse(url->text, NULL, arena, &again, &error));
    REQUIRE(slice_equal(url->text, again.text) && url->port == again.port && url->is_secure == again.is_secure);
    REQUIRE(slice_equal(url->host, again.host) && url->address_size == again.address_size);
    REQUIRE(memcmp(url->address, again.address, sizeof(again.address)) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct slice rest = {(const char *)data, size}, first;
    struct arena arena;
    struct url base, url;
    struct error error = {0};
    arena_init(&arena);
    if (slice_next(&rest, '\n', &first) && url_parse(first, NULL, &arena, &base, &error)) {
        check(&base, &arena);
        if (url_parse(rest, &base, &arena, &url, &error))
            check(&url, &arena);
    }
    arena_release(&arena);
    return 0;
}
