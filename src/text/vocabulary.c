#include "vocabulary.h"
#include <assert.h>
#include <stdlib.h>
#include <sys/random.h>

uint64_t token_secret(void)
{
    static _Atomic uint64_t secret; /* two threads may draw it at once: each vocabulary keeps the one that it began with */
    uint64_t drawn = secret;
    if (drawn == 0) {
        if (getrandom(&drawn, sizeof(drawn), 0) != sizeof(drawn))
            drawn = clock_now_ns() * UINT64_C(0x9E3779B97F4A7C15);
        secret = drawn |= 1;
    }
    return drawn;
}

void vocabulary_init(struct vocabulary *vocabulary, size_t count, size_t size)
{
    assert(count <= LIMIT_TOKENIZER_TOKENS && size <= UINT32_MAX);
    *vocabulary = (struct vocabulary){.secret = token_secret(), .capacity = count, .texts_capacity = size};
    vocabulary->slot_count = 16;
    while (vocabulary->slot_count < 2 * count)
        vocabulary->slot_count *= 2;
    vocabulary->slots = memory_alloc(vocabulary->slot_count, sizeof(*vocabulary->slots));
    vocabulary->entries = memory_alloc(count + 1, sizeof(*vocabulary->entries));
    vocabulary->texts = memory_alloc(size + 1, 1);
}

void vocabulary_release(struct vocabulary *vocabulary)
{
    free(vocabulary->slots);
    free(vocabulary->entries);
    free(vocabulary->texts);
    free(vocabulary->by_id);
    *vocabulary = (struct vocabulary){0};
}

bool vocabulary_token(const struct vocabulary *vocabulary, uint32_t id, struct slice *token)
{
    if (id >= vocabulary->by_id_count || vocabulary->by_id[id] == 0)
        return false;
    const struct vocabulary_entry *entry = &vocabulary->entries[vocabulary->by_id[id] - 1];
    *token = (struct slice){vocabulary->texts + entry->at, entry->size};
    return true;
}

bool vocabulary_id(const struct vocabulary *vocabulary, struct slice token, uint32_t *id)
{
    return vocabulary->slot_count > 0 && vocabulary_find(vocabulary, token, token_hash(vocabulary->secret, token), id);
}

bool vocabulary_add(struct vocabulary *vocabulary, struct slice token, uint32_t id, struct slice *other)
{
    uint64_t hash = token_hash(vocabulary->secret, token);
    uint32_t known;
    assert(vocabulary->count < vocabulary->capacity && token.size <= vocabulary->texts_capacity - vocabulary->texts_size);
    assert(id < LIMIT_TOKENIZER_TOKENS);
    if (vocabulary_find(vocabulary, token, hash, &known)) {
        *other = token;
        return false;
    }
    if (vocabulary_token(vocabulary, id, other))
        return false;
    if (id >= vocabulary->by_id_count) {
        size_t grown = memory_grown(vocabulary->by_id_count, (size_t)id + 1);
        vocabulary->by_id = memory_resize(vocabulary->by_id, grown, sizeof(*vocabulary->by_id));
        memset(vocabulary->by_id + vocabulary->by_id_count, 0, (grown - vocabulary->by_id_count) * sizeof(*vocabulary->by_id));
        vocabulary->by_id_count = grown;
    }
    memcpy(vocabulary->texts + vocabulary->texts_size, token.data, token.size);
    vocabulary->entries[vocabulary->count++] = (struct vocabulary_entry){(uint32_t)vocabulary->texts_size, (uint32_t)token.size,
                                                                         id};
    vocabulary->texts_size += token.size;
    vocabulary->by_id[id] = (uint32_t)vocabulary->count;
    size_t mask = vocabulary->slot_count - 1, slot = (size_t)hash & mask;
    while (vocabulary->slots[slot].entry != 0)
        slot = (slot + 1) & mask;
    vocabulary->slots[slot] = (struct vocabulary_slot){(uint32_t)(hash >> 32), (uint32_t)vocabulary->count};
    if (token.size > vocabulary->size_max)
        vocabulary->size_max = token.size;
    return true;
}
