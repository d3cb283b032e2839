/* fuzz_token_model.c - a tokenizer's model and pieces for it. The input is JSON, then pieces, with a byte FF before each: a model
 * that is read must encode anything, the same when it is made and when it is remembered, and by either way of merging.
 *
 *     scripts/fuzz 120 token_model */
#include "text/bpe_parts.h"
#include "text/unigram.h"
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define REQUIRE(condition)                                                                                                     \
    do {                                                                                                                       \
        if (!(condition))                                                                                                      \
            abort();                                                                                                           \
    } while (0)

#define SEPARATOR '\xFF'

static void require_within(const struct piece_tokens *tokens, struct slice piece)
{
    for (size_t i = 0; i < tokens->count; i++) {
        const struct piece_token *token = &tokens->items[i], *before = i > 0 ? token - 1 : token;
        REQUIRE(token->id < LIMIT_TOKENIZER_TOKENS && token->start <= token->end && token->end <= piece.size);
        REQUIRE(before->start <= token->start && before->end <= token->end);
    }
}

static void require_same(const struct piece_tokens *a, const struct piece_tokens *b)
{
    REQUIRE(a->count == b->count);
    REQUIRE(a->count == 0 || memcmp(a->items, b->items, a->count * sizeof(*a->items)) == 0);
}

/* `queueing` serves the same model merging by the queue only. */
static void encode_bpe(struct bpe *bpe, struct bpe_workspace *workspace, struct bpe_workspace *queueing, struct slice piece)
{
    struct piece_tokens first = {0}, again = {0}, queued = {0};
    bpe_encode(bpe, workspace, piece, &first);
    bpe_encode(bpe, workspace, piece, &again);
    require_within(&first, piece);
    require_same(&first, &again);
    bool is_plain = bpe->is_plain;
    bpe->is_plain = false;
    bpe_encode(bpe, queueing, piece, &queued);
    bpe->is_plain = is_plain;
    require_same(&first, &queued);
    for (size_t i = 0; i < first.count; i++) {
        struct slice token;
        REQUIRE(bpe_token(bpe, first.items[i].id, &token));
    }
    piece_tokens_release(&first);
    piece_tokens_release(&again);
    piece_tokens_release(&queued);
}

static void encode_unigram(const struct unigram *unigram, struct unigram_workspace *workspace, struct slice piece)
{
    struct piece_tokens first = {0}, again = {0};
    unigram_encode(unigram, workspace, piece, &first);
    unigram_encode(unigram, workspace, piece, &again);
    require_within(&first, piece);
    require_same(&first, &again);
    for (size_t i = 0; i < first.count; i++)
        REQUIRE(first.items[i].id < unigram_count(unigram));
    piece_tokens_release(&first);
    piece_tokens_release(&again);
}

/* What the vocabulary calls a token is found again, unless a later token has the same bytes or number. */
static void check_names(const struct bpe *bpe, const struct unigram *unigram)
{
    for (uint32_t id = 0; id < 300; id++) {
        struct slice token;
        uint32_t found = 0;
        if (bpe && bpe_token(bpe, id, &token))
            REQUIRE(bpe_id(bpe, token, &found) && found == id);
        if (unigram && unigram_token(unigram, id, &token))
            REQUIRE(unigram_id(unigram, token, &found) && found >= id);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct slice rest = {(const char *)data, size}, json, piece;
    struct arena arena;
    struct json_value model;
    struct error error;
    struct bpe *bpe = NULL;
    struct unigram *unigram = NULL;
    arena_init(&arena);
    if (slice_next(&rest, SEPARATOR, &json) && json_read(json, "model", &arena, &model, &error)) {
        if (!bpe_read(&bpe, &model, "model", &error))
            REQUIRE(error.kind != ERROR_NONE && bpe == NULL);
        if (!unigram_read(&unigram, &model, "model", &error))
            REQUIRE(error.kind != ERROR_NONE && unigram == NULL);
    }
    arena_release(&arena); /* models keep nothing of it */
    check_names(bpe, unigram);
    struct bpe_workspace *bpe_workspace = bpe_workspace_create(), *queueing = bpe_workspace_create();
    struct unigram_workspace *unigram_workspace = unigram_workspace_create();
    while (slice_next(&rest, SEPARATOR, &piece)) {
        if (bpe)
            encode_bpe(bpe, bpe_workspace, queueing, piece);
        if (unigram)
            encode_unigram(unigram, unigram_workspace, piece);
    }
    bpe_workspace_free(bpe_workspace);
    bpe_workspace_free(queueing);
    unigram_workspace_free(unigram_workspace);
    bpe_free(bpe);
    unigram_free(unigram);
    return 0;
}
