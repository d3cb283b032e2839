#include "map.h"
#include "memory.h"
#include <assert.h>
#include <stdlib.h>
#include <string.h>
#define XXH_INLINE_ALL
#include <xxhash.h>

void map_init(struct map *map, size_t count_max)
{
    assert(count_max > 0 && count_max < UINT32_MAX);
    *map = (struct map){.count_max = count_max};
    arena_init(&map->keys);
}

void map_release(struct map *map)
{
    free(map->entries);
    free(map->slots);
    arena_release(&map->keys);
    map_init(map, map->count_max);
}

void map_clear(struct map *map)
{
    map->count = 0;
    if (map->slot_count > 0)
        memset(map->slots, 0, map->slot_count * sizeof(*map->slots));
    arena_clear(&map->keys);
}

uint64_t map_hash(struct slice key)
{
    return XXH3_64bits(key.data, key.size);
}

/* The slot that holds `key`, or the empty one where it would stand. */
static size_t find_slot(const struct map *map, struct slice key, uint64_t hash)
{
    size_t mask = map->slot_count - 1;
    size_t slot = (size_t)hash & mask;
    while (map->slots[slot] != 0) {
        const struct map_entry *entry = &map->entries[map->slots[slot] - 1];
        if (entry->hash == hash && slice_equal(entry->key, key))
            break;
        slot = (slot + 1) & mask;
    }
    return slot;
}

static void grow_slots(struct map *map)
{
    size_t slot_count = map->slot_count ? 2 * map->slot_count : 16;
    free(map->slots);
    map->slots = memory_alloc(slot_count, sizeof(*map->slots));
    map->slot_count = slot_count;
    for (size_t i = 0; i < map->count; i++) {
        size_t slot = (size_t)map->entries[i].hash & (slot_count - 1);
        while (map->slots[slot] != 0)
            slot = (slot + 1) & (slot_count - 1);
        map->slots[slot] = (uint32_t)(i + 1);
    }
}

struct map_entry *map_put(struct map *map, struct slice key, bool *is_new)
{
    if (2 * (map->count + 1) > map->slot_count)
        grow_slots(map);
    uint64_t hash = map_hash(key);
    size_t slot = find_slot(map, key, hash);
    bool absent = map->slots[slot] == 0;
    if (is_new != NULL)
        *is_new = absent;
    if (!absent)
        return &map->entries[map->slots[slot] - 1];
    if (map->count == map->count_max)
        return NULL;
    if (map->count == map->capacity) {
        map->capacity = memory_grown(map->capacity, map->count + 1);
        map->entries = memory_resize(map->entries, map->capacity, sizeof(*map->entries));
    }
    struct map_entry *entry = &map->entries[map->count++];
    *entry = (struct map_entry){.key = arena_slice(&map->keys, key), .hash = hash};
    map->slots[slot] = (uint32_t)map->count;
    return entry;
}

struct map_entry *map_get(const struct map *map, struct slice key)
{
    if (map->count == 0)
        return NULL;
    size_t slot = find_slot(map, key, map_hash(key));
    return map->slots[slot] == 0 ? NULL : &map->entries[map->slots[slot] - 1];
}
