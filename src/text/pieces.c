/* pieces.c - the tokens of one piece (pieces.h). */
#include "pieces.h"
#include <assert.h>
#include <stdlib.h>

void piece_tokens_init(struct piece_tokens *tokens)
{
    *tokens = (struct piece_tokens){0};
}

void piece_tokens_release(struct piece_tokens *tokens)
{
    free(tokens->items);
    piece_tokens_init(tokens);
}

void piece_tokens_append(struct piece_tokens *tokens, uint32_t id, size_t start, size_t end)
{
    assert(start <= end && end <= PIECE_BYTES_MAX);
    tokens->items = memory_more(tokens->items, tokens->count, &tokens->capacity, sizeof(struct piece_token));
    tokens->items[tokens->count++] = (struct piece_token){.id = id, .start = (uint32_t)start, .end = (uint32_t)end};
}
