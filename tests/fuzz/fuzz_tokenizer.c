/* fuzz_tokenizer.c - any bytes as a tokenizer.json, then any bytes through it. Input: the file, a zero byte, the text; without a zero
 * byte, the file is the text too.
 *
 *     CC=clang meson setup build-fuzz -Dfuzz=true -Db_sanitize=address,undefined -Db_lundef=false
 *     build-fuzz/tests/fuzz/fuzz_tokenizer -max_total_time=120 CORPUS_FOLDER */
#include "text/text.h"
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define REQUIRE(condition)                                                                                                     \
    do {                                                                                                                       \
        if (!(condition))                                                                                                      \
            abort();                                                                                                           \
    } while (0)

enum { TEXT_BYTES_MAX = 1000 };

static void check_tokens(const struct tokens *tokens, struct slice text)
{
    for (size_t i = 0; i < tokens->count; i++) {
        REQUIRE(tokens->special[i] <= 1);
        REQUIRE(tokens->starts[i] <= text.size && tokens->ends[i] <= text.size);
        REQUIRE(!tokens->special[i] || (tokens->starts[i] == 0 && tokens->ends[i] == 0));
    }
}

/* The same again from a workspace that has seen it, and as a pair, truncated, bare. */
static void check_encoding(const struct tokenizer *tokenizer, struct slice text)
{
    struct tokenizer_workspace *workspace = tokenizer_workspace_create();
    struct tokens first, second;
    struct tokenizer_options whole = {.tokens_max = 1 << 20}, bare = {.bare = true, .tokens_max = 5};
    tokens_init(&first);
    tokens_init(&second);
    tokenizer_encode(tokenizer, workspace, text, NULL, &whole, &first);
    check_tokens(&first, text);
    tokenizer_encode(tokenizer, workspace, text, NULL, &whole, &second);
    REQUIRE(first.count == second.count);
    if (first.count > 0) {
        REQUIRE(memcmp(first.ids, second.ids, first.count * sizeof(*first.ids)) == 0);
        REQUIRE(memcmp(first.starts, second.starts, first.count * sizeof(*first.starts)) == 0);
        REQUIRE(memcmp(first.ends, second.ends, first.count * sizeof(*first.ends)) == 0);
    }
    tokenizer_encode(tokenizer, workspace, text, &text, &whole, &second);
    check_tokens(&second, text);
    tokenizer_encode(tokenizer, workspace, text, &text, &bare, &second);
    check_tokens(&second, text);
    struct buffer decoded;
    buffer_init(&decoded, LIMIT_DOCUMENT_BYTES_MAX);
    tokenizer_decode(tokenizer, first.ids, first.count, /* keep_special= */ false, &decoded);
    buffer_release(&decoded);
    tokens_release(&first);
    tokens_release(&second);
    tokenizer_workspace_free(workspace);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct slice input = {(const char *)data, size}, file = input, text = input;
    struct tokenizer *tokenizer = NULL;
    struct error error = {0};
    size_t end;
    if (slice_find(input, 0, &end)) {
        file = slice_range(input, 0, end);
        text = slice_range(input, end + 1, size);
    }
    if (text.size > TEXT_BYTES_MAX)
        text.size = TEXT_BYTES_MAX;
    if (tokenizer_read_vocabulary(&tokenizer, file, &(struct vocabulary_settings){0}, "vocab.txt", &error)) {
        check_encoding(tokenizer, text);
        tokenizer_free(tokenizer);
    }
    if (!tokenizer_read(&tokenizer, file, "tokenizer.json", &error)) {
        REQUIRE(error.kind != ERROR_NONE && error.message[0] != 0);
        return 0;
    }
    struct slice token;
    for (uint32_t id = 0; id < 300; id++)
        if (tokenizer_token(tokenizer, id, &token))
            REQUIRE(token.size == 0 || token.data != NULL);
    REQUIRE(tokenizer_kind(tokenizer) != NULL && tokenizer_count(tokenizer) <= 2 * LIMIT_TOKENIZER_TOKENS);
    check_encoding(tokenizer, text);
    tokenizer_free(tokenizer);
    return 0;
}
