/* piece_cache.c - a table of 128-byte slots (piece_cache.h):
 *
 *    0      1       2           74          110    119
 *   [size | count | the piece | 9 numbers | ...] starts and ends, a byte each
 */
#include "piece_cache.h"
#include <assert.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

enum { SLOT_COUNT = 1 << 14, SLOT_TEXT_MAX = 72, SLOT_TOKENS_MAX = 9 };

struct piece_slot {
    uint8_t size; /* 0: empty */
    uint8_t count;
    char text[SLOT_TEXT_MAX];
    uint8_t starts[SLOT_TOKENS_MAX], ends[SLOT_TOKENS_MAX];
    uint32_t ids[SLOT_TOKENS_MAX];
};
_Static_assert(sizeof(struct piece_slot) == 128, "two slots share no line of the processor's cache");

void piece_cache_init(struct piece_cache *cache)
{
    *cache = (struct piece_cache){0};
}

void piece_cache_release(struct piece_cache *cache)
{
    free(cache->slots);
    piece_cache_init(cache);
}

uint64_t piece_cache_serial(void)
{
    static _Atomic uint64_t last;
    return atomic_fetch_add_explicit(&last, 1, memory_order_relaxed) + 1;
}

void piece_cache_own(struct piece_cache *cache, uint64_t serial)
{
    if (cache->owner == serial)
        return;
    if (cache->slots != NULL)
        memset(cache->slots, 0, SLOT_COUNT * sizeof(struct piece_slot));
    cache->owner = serial;
}

static struct piece_slot *slot_of(const struct piece_cache *cache, struct slice piece)
{
    return &cache->slots[map_hash(piece) % SLOT_COUNT];
}

bool piece_cache_get(const struct piece_cache *cache, struct slice piece, struct piece_tokens *out)
{
    if (cache->slots == NULL || piece.size == 0 || piece.size > SLOT_TEXT_MAX)
        return false;
    const struct piece_slot *slot = slot_of(cache, piece);
    if (slot->size != piece.size || memcmp(slot->text, piece.data, piece.size) != 0)
        return false;
    for (size_t i = 0; i < slot->count; i++)
        piece_tokens_append(out, slot->ids[i], slot->starts[i], slot->ends[i]);
    return true;
}

void piece_cache_put(struct piece_cache *cache, struct slice piece, const struct piece_tokens *tokens, size_t first)
{
    assert(first <= tokens->count);
    size_t count = tokens->count - first;
    if (piece.size == 0 || piece.size > SLOT_TEXT_MAX || count > SLOT_TOKENS_MAX)
        return;
    if (cache->slots == NULL)
        cache->slots = memory_alloc(SLOT_COUNT, sizeof(struct piece_slot));
    struct piece_slot *slot = slot_of(cache, piece);
    slot->size = (uint8_t)piece.size;
    slot->count = (uint8_t)count;
    memcpy(slot->text, piece.data, piece.size);
    for (size_t i = 0; i < count; i++) {
        const struct piece_token *token = &tokens->items[first + i];
        slot->ids[i] = token->id;
        slot->starts[i] = (uint8_t)token->start;
        slot->ends[i] = (uint8_t)token->end;
    }
}
