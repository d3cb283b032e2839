#include "slice.h"
#include <assert.h>
#include <stdlib.h>
#include <string.h>

struct slice slice_from(const char *text)
{
    return (struct slice){text, strlen(text)};
}

struct slice slice_range(struct slice slice, size_t start, size_t end)
{
    assert(start <= end);
    assert(end <= slice.size);
    return (struct slice){slice.data + start, end - start};
}

bool slice_equal(struct slice a, struct slice b)
{
    return a.size == b.size && (a.size == 0 || memcmp(a.data, b.data, a.size) == 0);
}

bool slice_equal_text(struct slice a, const char *b)
{
    for (size_t i = 0; i < a.size; i++) /* most differ in their first bytes: no call to find that out */
        if (b[i] == '\0' || a.data[i] != b[i])
            return false;
    return b[a.size] == '\0';
}

int slice_compare(struct slice a, struct slice b)
{
    size_t common = a.size < b.size ? a.size : b.size;
    int order = common ? memcmp(a.data, b.data, common) : 0;
    return order ? order : (a.size > b.size) - (a.size < b.size);
}

bool slice_starts_with(struct slice slice, struct slice start)
{
    return slice.size >= start.size && slice_equal(slice_range(slice, 0, start.size), start);
}

bool slice_ends_with(struct slice slice, struct slice end)
{
    return slice.size >= end.size && slice_equal(slice_range(slice, slice.size - end.size, slice.size), end);
}

static bool is_space(char byte)
{
    return byte == ' ' || (byte >= '\t' && byte <= '\r');
}

bool slice_has_letters(struct slice slice, struct slice letters)
{
    for (size_t at = 0; at + letters.size <= slice.size; at++) {
        size_t same = 0;
        while (same < letters.size && byte_small(slice.data[at + same]) == byte_small(letters.data[same]))
            same++;
        if (same == letters.size)
            return true;
    }
    return false;
}

struct slice slice_without_mark(struct slice slice)
{
    const struct slice mark = SLICE("\xEF\xBB\xBF");
    return slice_starts_with(slice, mark) ? slice_range(slice, mark.size, slice.size) : slice;
}

struct slice slice_trim(struct slice slice)
{
    while (slice.size > 0 && is_space(slice.data[0]))
        slice = slice_range(slice, 1, slice.size);
    while (slice.size > 0 && is_space(slice.data[slice.size - 1]))
        slice.size--;
    return slice;
}

struct slice slice_cut(struct slice slice, size_t size_max)
{
    if (slice.size <= size_max)
        return slice;
    while (size_max > 0 && ((unsigned char)slice.data[size_max] & 0xC0) == 0x80)
        size_max--;
    return slice_range(slice, 0, size_max);
}

bool slice_find(struct slice slice, char byte, size_t *at)
{
    const char *found = slice.size ? memchr(slice.data, byte, slice.size) : NULL;
    if (found == NULL)
        return false;
    *at = (size_t)(found - slice.data);
    return true;
}

bool slice_next(struct slice *rest, char separator, struct slice *part)
{
    if (rest->size == 0)
        return false;
    size_t at;
    if (slice_find(*rest, separator, &at)) {
        *part = slice_range(*rest, 0, at);
        *rest = slice_range(*rest, at + 1, rest->size);
    } else {
        *part = *rest;
        *rest = slice_range(*rest, rest->size, rest->size);
    }
    return true;
}

bool slice_to_u64(struct slice slice, uint64_t *value)
{
    uint64_t number = 0;
    if (slice.size == 0)
        return false;
    for (size_t i = 0; i < slice.size; i++) {
        if (slice.data[i] < '0' || slice.data[i] > '9')
            return false;
        if (__builtin_mul_overflow(number, 10, &number) ||
            __builtin_add_overflow(number, (uint64_t)(slice.data[i] - '0'), &number))
            return false;
    }
    *value = number;
    return true;
}

bool slice_to_double(struct slice slice, double *value)
{
    char text[64];
    if (slice.size == 0 || slice.size >= sizeof(text))
        return false;
    for (size_t i = 0; i < slice.size; i++) /* no hexadecimal, no "inf", no white space */
        if (strchr("0123456789+-.eE", slice.data[i]) == NULL || slice.data[i] == '\0')
            return false;
    memcpy(text, slice.data, slice.size);
    text[slice.size] = '\0';
    char *end;
    double number = strtod(text, &end);
    if (*end != '\0' || number - number != 0)
        return false;
    *value = number;
    return true;
}

static size_t least(size_t a, size_t b)
{
    return a < b ? a : b;
}

size_t slice_distance(struct slice a, struct slice b, size_t limit)
{
    enum { WORD_MAX = 63 };
    if (a.size > WORD_MAX || b.size > WORD_MAX)
        return limit;
    size_t before[WORD_MAX + 1] = {0}, above[WORD_MAX + 1], row[WORD_MAX + 1];
    for (size_t j = 0; j <= b.size; j++)
        above[j] = j;
    for (size_t i = 1; i <= a.size; i++) {
        row[0] = i;
        for (size_t j = 1; j <= b.size; j++) {
            row[j] = least(least(above[j], row[j - 1]) + 1, above[j - 1] + (a.data[i - 1] != b.data[j - 1]));
            if (i > 1 && j > 1 && a.data[i - 1] == b.data[j - 2] && a.data[i - 2] == b.data[j - 1])
                row[j] = least(row[j], before[j - 2] + 1);
        }
        memcpy(before, above, sizeof(before));
        memcpy(above, row, sizeof(above));
    }
    return least(above[b.size], limit);
}
