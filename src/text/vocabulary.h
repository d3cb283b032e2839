/* vocabulary.h - tokens and their numbers, both ways: a hash table made for looking up all beginnings of a word.
 *
 *   slots    [tag, entry + 1]   open addressing, linear probing; tag: the upper half of the hash, which has a secret: nobody can
 *                               write a vocabulary whose tokens all begin their search at one place
 *   entries  [at, size, id]     at: in `texts`
 *   by_id    entry + 1 of each number, or 0 */
#ifndef TEXT_VOCABULARY_H
#define TEXT_VOCABULARY_H

#include "base/base.h"
#include <string.h>

struct vocabulary_slot {
    uint32_t tag;
    uint32_t entry;
};

struct vocabulary_entry {
    uint32_t at, size;
    uint32_t id;
};

struct vocabulary {
    uint64_t secret;
    struct vocabulary_slot *slots;
    size_t slot_count; /* a power of two, or 0 */
    struct vocabulary_entry *entries;
    size_t count, capacity;
    char *texts;
    size_t texts_size, texts_capacity;
    uint32_t *by_id;
    size_t by_id_count;
    size_t size_max; /* of the longest token */
};

/* Room for `count` tokens of `size` bytes together. */
void vocabulary_init(struct vocabulary *vocabulary, size_t count, size_t size);
void vocabulary_release(struct vocabulary *vocabulary);

/* False when the token is there already, or its number is (`*other` is then the token that has it). */
bool vocabulary_add(struct vocabulary *vocabulary, struct slice token, uint32_t id, struct slice *other) MUST_USE;
bool vocabulary_id(const struct vocabulary *vocabulary, struct slice token, uint32_t *id);
bool vocabulary_token(const struct vocabulary *vocabulary, uint32_t id, struct slice *token);

/* ---- hashes, eight bytes a step, so that the hashes of all beginnings cost one step each; the first one is the secret ---- */

/* An odd number of this process, which nobody outside knows. */
uint64_t token_secret(void);

/* Both halves of the product: with one alone, numbers that differ in high bits collide whatever the secret is. */
static inline uint64_t token_mix(uint64_t value, uint64_t secret)
{
    __extension__ typedef unsigned __int128 wide;
    wide product = (wide)value * secret;
    return (uint64_t)product ^ (uint64_t)(product >> 64);
}

static inline uint64_t token_hash_step(uint64_t secret, uint64_t hash, uint64_t eight)
{
    return token_mix(hash ^ eight, secret);
}

static inline uint64_t token_hash_end(uint64_t secret, uint64_t hash, uint64_t last, size_t size)
{
    return token_mix(hash ^ last ^ (uint64_t)size << 56, secret);
}

/* Up to eight bytes, the first lowest. */
static inline uint64_t token_bytes(const char *data, size_t size)
{
    uint64_t eight = 0;
    if (size >= 8) {
        memcpy(&eight, data, 8);
    } else {
        for (size_t i = 0; i < size; i++)
            eight |= (uint64_t)(unsigned char)data[i] << (8 * i);
    }
    return eight;
}

static inline uint64_t token_hash(uint64_t secret, struct slice token)
{
    uint64_t hash = secret;
    size_t at = 0;
    for (; token.size - at >= 8; at += 8)
        hash = token_hash_step(secret, hash, token_bytes(token.data + at, 8));
    return token_hash_end(secret, hash, token_bytes(token.data + at, token.size - at), token.size);
}

/* The number of a token whose hash is known. */
static inline bool vocabulary_find(const struct vocabulary *vocabulary, struct slice token, uint64_t hash, uint32_t *id)
{
    size_t mask = vocabulary->slot_count - 1;
    for (size_t slot = (size_t)hash & mask; vocabulary->slots[slot].entry != 0; slot = (slot + 1) & mask) {
        if (vocabulary->slots[slot].tag != (uint32_t)(hash >> 32))
            continue;
        const struct vocabulary_entry *entry = &vocabulary->entries[vocabulary->slots[slot].entry - 1];
        if (entry->size == token.size && memcmp(vocabulary->texts + entry->at, token.data, token.size) == 0) {
            *id = entry->id;
            return true;
        }
    }
    return false;
}

#endif
