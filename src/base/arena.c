#include "arena.h"
#include "limits.h"
#include "memory.h"
#include <assert.h>
#include <stdalign.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { BLOCK_BYTES_FIRST = 4 * 1024, BLOCK_BYTES = 64 * 1024 };

struct arena_block {
    struct arena_block *next;
    size_t capacity;
    size_t used;
    alignas(max_align_t) unsigned char data[];
};

void arena_init(struct arena *arena)
{
    *arena = (struct arena){0};
}

static void free_blocks(struct arena_block *block)
{
    while (block != NULL) {
        struct arena_block *next = block->next;
        free(block);
        block = next;
    }
}

void arena_release(struct arena *arena)
{
    free_blocks(arena->blocks);
    *arena = (struct arena){0};
}

void arena_clear(struct arena *arena)
{
    struct arena_block *kept = arena->blocks;
    if (kept == NULL || kept->capacity > BLOCK_BYTES) {
        arena_release(arena);
        return;
    }
    free_blocks(kept->next);
    memset(kept->data, 0, kept->used);
    kept->next = NULL;
    kept->used = 0;
    arena->size = kept->capacity;
}

static struct arena_block *block_for(struct arena *arena, size_t size)
{
    struct arena_block *newest = arena->blocks;
    if (newest != NULL && newest->capacity - newest->used >= size)
        return newest;
    size_t usual = arena->size < BLOCK_BYTES_FIRST ? BLOCK_BYTES_FIRST : arena->size < BLOCK_BYTES ? arena->size : BLOCK_BYTES;
    bool is_large = size > usual / 4;
    size_t capacity = is_large ? size : usual;
    if (arena->size > LIMIT_ARENA_BYTES - capacity)
        abort();
    struct arena_block *block = memory_alloc(1, sizeof(*block) + capacity);
    block->capacity = capacity;
    arena->size += capacity;
    if (newest != NULL && is_large) { /* keep filling the newest */
        block->next = newest->next;
        newest->next = block;
    } else {
        block->next = newest;
        arena->blocks = block;
    }
    return block;
}

void *arena_alloc(struct arena *arena, size_t count, size_t size)
{
    size_t bytes;
    if (__builtin_mul_overflow(count, size, &bytes) || bytes > LIMIT_ARENA_BYTES)
        abort();
    bytes = (bytes + alignof(max_align_t) - 1) & ~(alignof(max_align_t) - 1);
    struct arena_block *block = block_for(arena, bytes);
    void *memory = block->data + block->used;
    block->used += bytes;
    assert(block->used <= block->capacity);
    return memory;
}

void *arena_more(struct arena *arena, void *items, size_t count, size_t *capacity, size_t size)
{
    assert(count <= *capacity);
    if (count < *capacity)
        return items;
    size_t grown = 2 * *capacity + 8;
    void *more = arena_alloc(arena, grown, size);
    if (count > 0)
        memcpy(more, items, count * size);
    *capacity = grown;
    return more;
}

char *arena_text(struct arena *arena, struct slice slice)
{
    char *copy = arena_alloc(arena, slice.size + 1, 1);
    if (slice.size > 0)
        memcpy(copy, slice.data, slice.size);
    return copy;
}

struct slice arena_line(struct arena *arena, struct slice slice)
{
    char *line = arena_text(arena, slice);
    for (size_t i = 0; i < slice.size; i++)
        if ((unsigned char)line[i] < 0x20 || line[i] == 0x7F)
            line[i] = ' ';
    return (struct slice){line, slice.size};
}

struct slice arena_slice(struct arena *arena, struct slice slice)
{
    return (struct slice){arena_text(arena, slice), slice.size};
}

char *arena_format(struct arena *arena, const char *format, ...)
{
    va_list arguments, again;
    va_start(arguments, format);
    va_copy(again, arguments);
    int wanted = vsnprintf(NULL, 0, format, arguments);
    va_end(arguments);
    assert(wanted >= 0);
    char *text = arena_alloc(arena, (size_t)wanted + 1, 1);
    vsnprintf(text, (size_t)wanted + 1, format, again);
    va_end(again);
    return text;
}
