/* map.h - a hash map from bytes to numbers, in order of insertion.
 *
 *   slots   open addressing, linear probing: each holds the number of an entry plus one, or 0
 *   entries key, value, hash, in the order they were first put
 *
 * Keys are copied into the map. There is no removal: the maps of this program grow, are read and are freed whole. */
#ifndef BASE_MAP_H
#define BASE_MAP_H

#include "arena.h"
#include "slice.h"

struct map_entry {
    struct slice key;
    uint64_t hash;
    uint64_t value;
};

struct map {
    struct map_entry *entries;
    uint32_t *slots;
    size_t count;
    size_t capacity;   /* of entries */
    size_t slot_count; /* a power of two, or 0 */
    size_t count_max;
    struct arena keys;
};

void map_init(struct map *map, size_t count_max);
void map_release(struct map *map);
void map_clear(struct map *map);

/* The entry for `key`, made with value 0 when it is new; `*is_new` may be NULL. NULL when the map is full.
 * The pointer is good until the next call. */
struct map_entry *map_put(struct map *map, struct slice key, bool *is_new);

/* NULL when the key is not there. */
struct map_entry *map_get(const struct map *map, struct slice key);

uint64_t map_hash(struct slice key);

#endif
