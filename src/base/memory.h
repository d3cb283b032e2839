/* memory.h - small allocations that cannot fail: without memory for a few bytes no useful error can be told, so they end the
 * program. Sizes that come from input are checked against limits.h first, or use memory_try. */
#ifndef BASE_MEMORY_H
#define BASE_MEMORY_H

#include "attributes.h"
#include <stddef.h>

/* Zeroed memory for `count` elements of `size` bytes; aborts when there is none. Freed with free(). */
void *memory_alloc(size_t count, size_t size) MUST_USE;

/* Grows or shrinks; new bytes are not zeroed; aborts when there is no memory. */
void *memory_resize(void *memory, size_t count, size_t size) MUST_USE;

/* Zeroed memory or NULL, for sizes that input decides. */
void *memory_try(size_t count, size_t size) MUST_USE;

/* The same, aligned to 64 bytes, for large arrays that are worked through again and again: in large pages where the system has them, which
 * saves looking up where each small one lies. NULL when there is no memory. Freed with free(). */
void *memory_large(size_t count, size_t size) MUST_USE;

/* Room for one more behind `count` elements: the array, moved when it was full. */
void *memory_more(void *items, size_t count, size_t *capacity, size_t size) MUST_USE;

/* A copy of `size` bytes with a zero byte behind. */
char *memory_copy_text(const char *text, size_t size) MUST_USE;

/* Capacity to grow to so that `needed` elements fit and repeated growth costs a constant per element. */
size_t memory_grown(size_t capacity, size_t needed);

#endif
