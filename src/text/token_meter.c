/* token_meter.c - how many tokens a model makes of texts that are cut from documents.
 *
 *   "Refunds take 30 days."  ─▶  Refunds│take│30│days.     a chunk: what stands between white space
 *                                   2     1   1    2        from the table of chunks met before, or from the tokenizer
 *
 * WordPiece splits at white space before anything else, so the sum is exact. Documents repeat their words: nine of ten are in the table.
 *
 *   slot   size │ bytes, zero behind them │ tokens          a newer chunk takes the slot of an older one */
#include "text.h"
#include <stdlib.h>
#include <string.h>

enum { CHUNK_BYTES = 24, SLOTS = 1 << 13 };

struct chunk_count {
    uint64_t bytes[CHUNK_BYTES / sizeof(uint64_t)]; /* documents hold no zero bytes, so they tell its size too */
    uint64_t tokens;
};

struct token_meter {
    const struct tokenizer *tokenizer;
    struct tokenizer_workspace *workspace;
    struct tokens tokens;
    bool counts_spaces; /* white space can be tokens of its own */
    struct chunk_count *slots;
};

struct token_meter *token_meter_create(const struct tokenizer *tokenizer)
{
    struct token_meter *meter = memory_alloc(1, sizeof(*meter));
    meter->tokenizer = tokenizer;
    tokens_init(&meter->tokens);
    if (tokenizer != NULL) {
        meter->workspace = tokenizer_workspace_create();
        meter->counts_spaces = strcmp(tokenizer_kind(tokenizer), "WordPiece") != 0;
        meter->slots = memory_alloc(SLOTS, sizeof(*meter->slots));
    }
    return meter;
}

void token_meter_free(struct token_meter *meter)
{
    if (meter == NULL)
        return;
    if (meter->workspace != NULL)
        tokenizer_workspace_free(meter->workspace);
    tokens_release(&meter->tokens);
    free(meter->slots);
    free(meter);
}

static size_t encode(struct token_meter *meter, struct slice chunk)
{
    /* A file may state where it cuts; nothing is cut here. */
    const struct tokenizer_options options = {.bare = true, .tokens_max = SIZE_MAX};
    tokenizer_encode(meter->tokenizer, meter->workspace, chunk, NULL, &options, &meter->tokens);
    return meter->tokens.count;
}

static size_t count_chunk(struct token_meter *meter, struct slice chunk)
{
    uint64_t bytes[CHUNK_BYTES / sizeof(uint64_t)] = {0};
    if (chunk.size > CHUNK_BYTES)
        return encode(meter, chunk);
    memcpy(bytes, chunk.data, chunk.size);
    uint64_t hash = (bytes[0] * 0x9E3779B97F4A7C15U) ^ (bytes[1] * 0xC2B2AE3D27D4EB4FU) ^ (bytes[2] * 0x165667B19E3779F9U);
    struct chunk_count *slot = &meter->slots[(hash ^ hash >> 29) >> 16 & (SLOTS - 1)];
    if (memcmp(slot->bytes, bytes, sizeof(bytes)) != 0) {
        slot->tokens = encode(meter, chunk);
        memcpy(slot->bytes, bytes, sizeof(bytes));
    }
    return (size_t)slot->tokens;
}

static bool is_space(char byte)
{
    return byte == ' ' || byte == '\t' || byte == '\n' || byte == '\r'; /* others are letters to some tokenizers, or nothing */
}

size_t token_meter_count(struct token_meter *meter, struct slice text)
{
    if (meter == NULL || meter->tokenizer == NULL)
        return text_token_estimate(text);
    size_t count = 0, at = 0;
    while (at < text.size) {
        size_t start = at;
        while (at < text.size && is_space(text.data[at]))
            at++;
        if (meter->counts_spaces && (at > start + 1 || (at > start && text.data[start] != ' ')))
            count += at - start;
        start = at;
        while (at < text.size && !is_space(text.data[at]))
            at++;
        if (at > start)
            count += count_chunk(meter, slice_range(text, start, at));
    }
    return count;
}
