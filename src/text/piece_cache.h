/* piece_cache.h - the tokens of short pieces seen before. Text repeats its words, and looking one up is many times quicker than
 * making its tokens again.
 *
 *   slots   16384 of 128 bytes, each piece in the one that its hash says; the newer piece pushes the older one out
 *
 * So its size never changes, and its memory is taken at the first piece. */
#ifndef TEXT_PIECE_CACHE_H
#define TEXT_PIECE_CACHE_H

#include "pieces.h"

struct piece_slot;

struct piece_cache {
    struct piece_slot *slots; /* NULL until something is kept */
    uint64_t owner; /* the serial number of the model whose tokens these are */
};

void piece_cache_init(struct piece_cache *cache);
void piece_cache_release(struct piece_cache *cache);

/* Each model that is read gets its own serial number, so that a workspace that meets another model forgets what it kept. */
uint64_t piece_cache_serial(void);
void piece_cache_own(struct piece_cache *cache, uint64_t serial);

/* Appends the tokens of the piece when they are known. */
bool piece_cache_get(const struct piece_cache *cache, struct slice piece, struct piece_tokens *out);

/* Keeps the tokens from number `first` on, if the piece is short and they are few. */
void piece_cache_put(struct piece_cache *cache, struct slice piece, const struct piece_tokens *tokens, size_t first);

#endif
