/* arena.h - memory by lifetime: everything that a request, a document or a build needs is taken here and freed at once.
 *
 *   block ─▶ block ─▶ block        each block holds many allocations; a large one gets its own
 *
 * Nothing is freed alone. An arena has a maximum; past it, and when memory is out, allocations abort the program, so input
 * sizes are checked against limits.h before. */
#ifndef BASE_ARENA_H
#define BASE_ARENA_H

#include "slice.h"
#include "attributes.h"

struct arena_block;

struct arena {
    struct arena_block *blocks; /* the newest first */
    size_t size;                /* bytes held from the system */
};

void arena_init(struct arena *arena);
void arena_release(struct arena *arena);
void arena_clear(struct arena *arena); /* keeps one block for the next use */

void *arena_alloc(struct arena *arena, size_t count, size_t size) MUST_USE; /* zeroed, aligned for any type */
/* Room for one more behind `count` elements of `size` bytes: the array, copied when it was full. Outgrown ones stay in the arena. */
void *arena_more(struct arena *arena, void *items, size_t count, size_t *capacity, size_t size) MUST_USE;
char *arena_text(struct arena *arena, struct slice slice) MUST_USE; /* a copy with a zero byte behind */
struct slice arena_line(struct arena *arena, struct slice slice) MUST_USE; /* a copy, control characters as spaces */
struct slice arena_slice(struct arena *arena, struct slice slice) MUST_USE; /* a copy */
char *arena_format(struct arena *arena, const char *format, ...) MUST_USE PRINTF_LIKE(2, 3);

#endif
