/* tar.c - tar archives, an entry after the other: POSIX's ustar and pax, GNU's long names, and the old form before them.
 *
 *   [header 512|content, filled up to 512] [header|content] … [512 zeros] [512 zeros]
 *
 * A long name, or a size past 8 GiB, stands in an entry of its own before the one that it belongs to: GNU's "L" has the name as its content,
 * pax's "x" lines of "LENGTH key=value". */
#include "codec.h"
#include <assert.h>
#include <string.h>

enum {
    BLOCK_BYTES = 512,
    NAME_AT = 0,
    NAME_BYTES = 100,
    SIZE_AT = 124,
    NUMBER_BYTES = 12,
    SUM_AT = 148,
    SUM_BYTES = 8,
    KIND_AT = 156,
    MAGIC_AT = 257,
    PREFIX_AT = 345,
    PREFIX_BYTES = 155,
    EXTENSION_BYTES_MAX = 1 << 20
};

static bool damaged(const struct tar *tar, const char *what, struct error *error)
{
    return error_set(error, ERROR_CORRUPT, "the tar archive is damaged at byte %zu: %s", tar->at, what);
}

/* Octal digits, with spaces or zeros around; with the first bit set, a number of 88 bits, the highest first. */
static bool read_number(struct slice field, uint64_t *value)
{
    size_t at = 0;
    *value = 0;
    if ((field.data[0] & 0x80) != 0) {
        for (; at < field.size; at++) {
            if (*value >> 56 != 0)
                return false;
            *value = *value << 8 | (unsigned char)(at == 0 ? field.data[at] & 0x7F : field.data[at]);
        }
        return true;
    }
    while (at < field.size && field.data[at] == ' ')
        at++;
    for (; at < field.size && field.data[at] >= '0' && field.data[at] <= '7'; at++)
        *value = *value << 3 | (uint64_t)(field.data[at] - '0'); /* 12 digits have 36 bits */
    return at == field.size || field.data[at] == ' ' || field.data[at] == '\0';
}

static struct slice until_zero(struct slice field)
{
    size_t end;
    return slice_find(field, '\0', &end) ? slice_range(field, 0, end) : field;
}

/* The sum of all bytes, those of the sum itself as spaces. Some old programs took bytes as signed. */
static bool has_sum(struct slice header)
{
    uint64_t stated;
    int64_t plain = 0, with_signs = 0;
    for (size_t i = 0; i < BLOCK_BYTES; i++) {
        bool is_sum = i >= SUM_AT && i < SUM_AT + SUM_BYTES;
        plain += is_sum ? ' ' : (unsigned char)header.data[i];
        with_signs += is_sum ? ' ' : (signed char)header.data[i];
    }
    if (!read_number(slice_range(header, SUM_AT, SUM_AT + SUM_BYTES), &stated) || stated > INT32_MAX)
        return false;
    return (int64_t)stated == plain || (int64_t)stated == with_signs;
}

static bool is_zero(struct slice header)
{
    for (size_t i = 0; i < BLOCK_BYTES; i++)
        if (header.data[i] != 0)
            return false;
    return true;
}

bool tar_is(struct slice source)
{
    return source.size >= BLOCK_BYTES && !is_zero(source) && has_sum(source);
}

void tar_open(struct tar *tar, struct slice source, struct arena *arena)
{
    *tar = (struct tar){.source = source, .arena = arena};
}

/* ---- what stands before an entry ---- */

struct extension {
    struct slice path; /* empty: the header's */
    uint64_t size;
    bool has_size;
};

/* One "LENGTH key=value\n" after the other. */
static bool read_pax(struct slice lines, struct extension *extension)
{
    while (lines.size > 0) {
        size_t space, equals;
        uint64_t length;
        if (!slice_find(lines, ' ', &space) || !slice_to_u64(slice_range(lines, 0, space), &length) || length <= space + 1 ||
            length > lines.size || lines.data[length - 1] != '\n')
            return false;
        struct slice line = slice_range(lines, space + 1, (size_t)length - 1);
        lines = slice_range(lines, (size_t)length, lines.size);
        if (!slice_find(line, '=', &equals))
            return false;
        struct slice key = slice_range(line, 0, equals), value = slice_range(line, equals + 1, line.size);
        if (slice_equal_text(key, "path"))
            extension->path = value;
        else if (slice_equal_text(key, "size")) {
            extension->has_size = true;
            if (!slice_to_u64(value, &extension->size))
                return false;
        }
    }
    return true;
}

/* ---- entries ---- */

/* Prefix and name, joined where there is a prefix: ustar's, for GNU's old form has other things there. */
static struct slice name_of(struct tar *tar, struct slice header)
{
    struct slice name = until_zero(slice_range(header, NAME_AT, NAME_AT + NAME_BYTES));
    struct slice prefix = until_zero(slice_range(header, PREFIX_AT, PREFIX_AT + PREFIX_BYTES));
    bool is_ustar = memcmp(header.data + MAGIC_AT, "ustar\0", 6) == 0;
    if (!is_ustar || prefix.size == 0)
        return name;
    return slice_from(arena_format(tar->arena, SLICE_FORMAT "/" SLICE_FORMAT, SLICE_ARGUMENT(prefix), SLICE_ARGUMENT(name)));
}

static enum tar_kind kind_of(char mark)
{
    switch (mark) {
    case '\0':
    case '0':
    case '7': /* a file that the system may lay out in one piece */
        return TAR_FILE;
    case '5':
        return TAR_FOLDER;
    case '1':
    case '2':
        return TAR_LINK;
    default:
        return TAR_OTHER;
    }
}

/* The header at hand and its content, which is proved to lie within the archive. */
static bool read_header(struct tar *tar, const struct extension *extension, struct slice *header, struct slice *content,
                        struct error *error)
{
    size_t left = tar->source.size - tar->at;
    uint64_t size;
    if (left < BLOCK_BYTES)
        return damaged(tar, "it ends in the middle of an entry", error);
    *header = slice_range(tar->source, tar->at, tar->at + BLOCK_BYTES);
    if (!has_sum(*header))
        return damaged(tar, tar->count == 0 ? "it does not begin as one" : "an entry's sum is wrong", error);
    if (!read_number(slice_range(*header, SIZE_AT, SIZE_AT + NUMBER_BYTES), &size))
        return damaged(tar, "an entry's size is no number", error);
    size = extension->has_size ? extension->size : size;
    if (size > left - BLOCK_BYTES)
        return damaged(tar, "an entry is longer than the archive", error);
    *content = slice_range(tar->source, tar->at + BLOCK_BYTES, tar->at + BLOCK_BYTES + (size_t)size);
    return true;
}

/* Behind the content, which is filled up to a whole block unless the archive ends there. */
static void pass(struct tar *tar, struct slice content)
{
    size_t filled = (content.size + BLOCK_BYTES - 1) / BLOCK_BYTES * BLOCK_BYTES,
           left = tar->source.size - tar->at - BLOCK_BYTES;
    tar->at += BLOCK_BYTES + (filled < left ? filled : left);
}

static bool is_over(const struct tar *tar)
{
    size_t left = tar->source.size - tar->at;
    return left == 0 || (left >= BLOCK_BYTES && is_zero(slice_range(tar->source, tar->at, tar->at + BLOCK_BYTES)));
}

bool tar_next(struct tar *tar, struct tar_entry *entry, bool *is_end, struct error *error)
{
    struct extension extension = {.path = {"", 0}};
    struct slice header, content;
    for (*is_end = false;; pass(tar, content)) {
        *is_end = is_over(tar);
        if (*is_end)
            return true;
        if (tar->count >= LIMIT_ARCHIVE_ENTRIES)
            return error_set(error, ERROR_LIMIT, "the archive has over %zu entries", LIMIT_ARCHIVE_ENTRIES);
        if (!read_header(tar, &extension, &header, &content, error))
            return false;
        tar->count++;
        char mark = header.data[KIND_AT];
        bool is_name = mark == 'L', is_pax = mark == 'x';
        if (!is_name && !is_pax && mark != 'g' && mark != 'K') /* what holds for all, and where long links lead */
            break;
        if ((is_name || is_pax) && content.size > EXTENSION_BYTES_MAX)
            return damaged(tar, "a name is too long", error);
        if (is_name)
            extension.path = until_zero(content);
        if (is_pax && !read_pax(content, &extension))
            return damaged(tar, "its pax header cannot be read", error);
    }
    struct slice name = extension.path.size > 0 ? extension.path : name_of(tar, header);
    enum tar_kind kind = kind_of(header.data[KIND_AT]);
    if (kind == TAR_FILE && slice_ends_with(name, SLICE("/"))) /* the old form's folders */
        kind = TAR_FOLDER;
    *entry = (struct tar_entry){.name = name, .content = content, .kind = kind};
    pass(tar, content);
    return true;
}
