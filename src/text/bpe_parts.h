/* bpe_parts.h - a byte pair encoding in memory. Private to bpe_read.c and bpe_encode.c.
 *
 *   tokens       bytes of a token -> its number
 *   characters   the number of each character below U+0800 that stands alone, which is most lookups of most texts
 *   pairs        two numbers -> the place of their merge in the list (its rank) and the number of what they become
 */
#ifndef TEXT_BPE_PARTS_H
#define TEXT_BPE_PARTS_H

#include "bpe.h"
#include "vocabulary.h"

enum { BPE_CHARACTERS = 0x800 };

/* One slot of an open table; `pair` is BPE_PAIR_NONE when it is empty. */
struct bpe_pair {
    uint64_t pair; /* left << 32 | right */
    uint32_t rank;
    uint32_t merged;
};
#define BPE_PAIR_NONE UINT64_MAX /* numbers are below LIMIT_TOKENIZER_TOKENS */

struct bpe {
    uint64_t serial;
    uint64_t secret; /* of the table of pairs: nobody can write merges that all begin their search at one place */
    struct map tokens;
    struct slice *names; /* by number; data is NULL where there is none */
    size_t name_count;
    struct bpe_pair *pairs;
    size_t pair_mask;
    uint32_t *merged; /* by rank */
    size_t merge_count;
    char *prefix_bytes, *suffix_bytes;
    struct slice prefix; /* of each character but the first, before it is looked up; or empty */
    struct slice suffix; /* of the last character */
    uint32_t unknown; /* or TOKEN_NONE */
    bool fuse_unknown;
    bool byte_fallback;
    bool ignore_merges;
    bool is_plain; /* see bpe_encode.c */
    uint32_t bytes[256]; /* the numbers of "<0x00>" … "<0xFF>", or TOKEN_NONE */
    uint32_t characters[BPE_CHARACTERS]; /* or TOKEN_NONE */
};

static inline size_t bpe_pair_slot(const struct bpe *bpe, uint64_t pair)
{
    return (size_t)token_mix(pair ^ bpe->secret, bpe->secret) & bpe->pair_mask;
}

/* The merge of two tokens, or NULL. */
static inline const struct bpe_pair *bpe_pair_get(const struct bpe *bpe, uint32_t left, uint32_t right)
{
    uint64_t pair = (uint64_t)left << 32 | right;
    for (size_t slot = bpe_pair_slot(bpe, pair);; slot = (slot + 1) & bpe->pair_mask) {
        const struct bpe_pair *found = &bpe->pairs[slot];
        if (found->pair == pair)
            return found;
        if (found->pair == BPE_PAIR_NONE)
            return NULL;
    }
}

#endif
