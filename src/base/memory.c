#include "memory.h"
#include <assert.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

void *memory_try(size_t count, size_t size)
{
    return calloc(count ? count : 1, size ? size : 1); /* calloc checks the product */
}

void *memory_alloc(size_t count, size_t size)
{
    void *memory = memory_try(count, size);
    if (memory == NULL)
        abort();
    return memory;
}

void *memory_resize(void *memory, size_t count, size_t size)
{
    size_t bytes;
    if (__builtin_mul_overflow(count, size, &bytes))
        abort();
    void *resized = realloc(memory, bytes ? bytes : 1);
    if (resized == NULL)
        abort();
    return resized;
}

void *memory_more(void *items, size_t count, size_t *capacity, size_t size)
{
    assert(count <= *capacity);
    if (count < *capacity)
        return items;
    *capacity = memory_grown(*capacity, count + 1);
    return memory_resize(items, *capacity, size);
}

char *memory_copy_text(const char *text, size_t size)
{
    char *copy = memory_alloc(size + 1, 1);
    if (size > 0)
        memcpy(copy, text, size);
    return copy;
}

size_t memory_grown(size_t capacity, size_t needed)
{
    assert(needed <= SIZE_MAX / 2);
    size_t grown = capacity + capacity / 2 + 8;
    return grown > needed ? grown : needed;
}

void *memory_large(size_t count, size_t size)
{
    enum { LINE = 64, PAGE = 2 << 20 };
    size_t bytes;
    if (__builtin_mul_overflow(count, size, &bytes) || bytes > SIZE_MAX - PAGE)
        return NULL;
    /* Half a page is given away at most. */
    size_t alignment = bytes >= PAGE / 2 ? PAGE : LINE;
    bytes = bytes == 0 ? alignment : (bytes + alignment - 1) / alignment * alignment;
    void *memory = aligned_alloc(alignment, bytes);
    if (memory == NULL)
        return NULL;
    if (alignment == PAGE)
        (void)madvise(memory, bytes, MADV_HUGEPAGE);
    memset(memory, 0, bytes);
    return memory;
}
