/* slice.h - a run of bytes owned by somebody else: pointer and size, no zero byte needed behind. */
#ifndef BASE_SLICE_H
#define BASE_SLICE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

struct slice {
    const char *data;
    size_t size;
};

#define SLICE_CONSTANT(literal) {"" literal, sizeof(literal) - 1} /* initialises a static slice */
#define SLICE(literal) ((struct slice)SLICE_CONSTANT(literal))
#define SLICE_FORMAT "%.*s" /* with SLICE_ARGUMENT: printf(SLICE_FORMAT, SLICE_ARGUMENT(s)) */
#define SLICE_ARGUMENT(slice) (int)(slice).size, (slice).data

struct slice slice_from(const char *text);
struct slice slice_range(struct slice slice, size_t start, size_t end);
bool slice_equal(struct slice a, struct slice b);
bool slice_equal_text(struct slice a, const char *b);
int slice_compare(struct slice a, struct slice b); /* by bytes, the shorter first */
bool slice_starts_with(struct slice slice, struct slice start);
bool slice_ends_with(struct slice slice, struct slice end);
bool slice_has_letters(struct slice slice, struct slice letters); /* anywhere in it, ASCII capitals or not */
struct slice slice_trim(struct slice slice); /* without ASCII white space at both ends */
struct slice slice_without_mark(struct slice slice); /* without the byte order mark of UTF-8 that editors put in front */
struct slice slice_cut(struct slice slice, size_t size_max); /* at most so many of its first bytes, whole characters of UTF-8 */
bool slice_find(struct slice slice, char byte, size_t *at);

/* Takes the text up to the next `separator` off `rest`; false when nothing is left. A last part without separator counts. */
bool slice_next(struct slice *rest, char separator, struct slice *part);

/* A whole decimal number and nothing else; false when it is not, or does not fit. */
bool slice_to_u64(struct slice slice, uint64_t *value);
bool slice_to_double(struct slice slice, double *value);

/* Steps between two words (insert, delete, replace, swap neighbours), for "did you mean"; `limit` when there are more. */
size_t slice_distance(struct slice a, struct slice b, size_t limit);

static inline char byte_small(char byte) /* of an ASCII capital, its small letter */
{
    return byte >= 'A' && byte <= 'Z' ? (char)(byte | 0x20) : byte;
}

/* Whether a byte is one of a text's; a zero byte is none. */
static inline bool byte_among(char byte, const char *bytes)
{
    return byte != '\0' && strchr(bytes, byte) != NULL;
}

#endif
