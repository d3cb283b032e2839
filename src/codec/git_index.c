/* git_index.c - the list of files that Git keeps for a working tree (.git/index), versions 2 to 4, with SHA-1 or SHA-256.
 *
 *   "DIRC"  u32 version  u32 count                                          all numbers are big endian
 *   entry   [40: times, device, inode, mode, owner, size] [20 or 32: hash] u16 flags [u16 more flags] name
 *           versions 2 and 3: name, and one to eight zeros up to a multiple of eight bytes
 *           version 4: how many bytes of the name before go at its end, then what comes instead, and a zero
 *   extension  name[4]  u32 size  bytes         in small letters: who does not know it must not read the rest
 *   hash of all before
 *
 * Which hash it is stands in another file; here the layout tells: with the wrong one entries do not end where they should. The hash at the
 * end is not checked: a list that is wrong in other ways than its layout costs no more than documents left out. */
#include "codec.h"
#include <string.h>

enum {
    HEAD_BYTES = 12,
    STAT_BYTES = 40,
    FLAG_EXTENDED = 0x4000,
    NAME_BYTES_MASK = 0x0FFF,
    ALIGNMENT = 8,
    HASH_SHA1 = 20,
    HASH_SHA256 = 32,
    ENTRY_BYTES_MIN = STAT_BYTES + HASH_SHA1 + 3
};

struct reading {
    struct bytes bytes;
    struct arena *arena;
    uint32_t version;
    size_t hash_bytes;
    size_t name_bytes; /* of all names so far */
};

static uint32_t big_u32(struct bytes *bytes)
{
    return __builtin_bswap32(bytes_u32(bytes));
}

static uint32_t big_u16(struct bytes *bytes)
{
    return __builtin_bswap16(bytes_u16(bytes));
}

/* Seven bits a byte, the highest first; each byte but the last says that another follows, and then counts one more. */
static size_t read_count(struct bytes *bytes)
{
    uint8_t byte = bytes_u8(bytes);
    size_t value = byte & 0x7F;
    for (int i = 0; (byte & 0x80) != 0 && i < 4; i++) {
        byte = bytes_u8(bytes);
        value = ((value + 1) << 7) | (byte & 0x7F);
    }
    if ((byte & 0x80) != 0)
        bytes_fail(bytes);
    return value;
}

static struct slice until_zero(struct bytes *bytes)
{
    struct slice rest = {(const char *)bytes->data + bytes->offset, bytes_left(bytes)};
    size_t end;
    if (bytes->failed || !slice_find(rest, '\0', &end)) {
        bytes_fail(bytes);
        return SLICE("");
    }
    return bytes_slice(bytes, end);
}

/* Version 4: the name before without its end, and a new end. */
static struct slice next_name(struct reading *reading, struct slice before)
{
    size_t dropped = read_count(&reading->bytes);
    struct slice end = until_zero(&reading->bytes);
    bytes_skip(&reading->bytes, 1);
    if (reading->bytes.failed || dropped > before.size || before.size - dropped + end.size >= LIMIT_PATH_BYTES) {
        bytes_fail(&reading->bytes);
        return SLICE("");
    }
    size_t kept = before.size - dropped;
    if (reading->name_bytes > LIMIT_GIT_INDEX_BYTES) /* told by the caller */
        return SLICE("");
    char *name = arena_alloc(reading->arena, kept + end.size + 1, 1);
    memcpy(name, before.data, kept);
    memcpy(name + kept, end.data, end.size);
    return (struct slice){name, kept + end.size};
}

static struct slice read_entry(struct reading *reading, struct slice before)
{
    struct bytes *bytes = &reading->bytes;
    size_t start = bytes->offset;
    bytes_skip(bytes, STAT_BYTES + reading->hash_bytes);
    uint32_t flags = big_u16(bytes);
    if ((flags & FLAG_EXTENDED) != 0) {
        if (reading->version < 3)
            bytes_fail(bytes);
        bytes_skip(bytes, 2);
    }
    if (reading->version == 4)
        return next_name(reading, before);
    struct slice name = until_zero(bytes);
    size_t stated = flags & NAME_BYTES_MASK;
    if (stated < NAME_BYTES_MASK ? name.size != stated : name.size < stated)
        bytes_fail(bytes);
    size_t size = bytes->offset - start, filling = ALIGNMENT - size % ALIGNMENT;
    struct slice zeros = bytes_slice(bytes, filling);
    for (size_t i = 0; i < zeros.size; i++)
        if (zeros.data[i] != '\0')
            bytes_fail(bytes);
    return name;
}

static bool refuse_split(struct error *error)
{
    error_set(error, ERROR_INVALID, "its index is split over two files, which is not read here");
    return error_hint(error, "`git update-index --no-split-index` makes it one.");
}

/* True when they end where the hash begins. */
static bool read_extensions(struct reading *reading, bool *is_split, bool *is_unknown)
{
    struct bytes *bytes = &reading->bytes;
    while (!bytes->failed && bytes_left(bytes) > reading->hash_bytes) {
        struct slice name = bytes_slice(bytes, 4);
        bytes_skip(bytes, big_u32(bytes));
        if (bytes->failed)
            return false;
        *is_split = *is_split || slice_equal_text(name, "link");
        *is_unknown = *is_unknown || (name.data[0] >= 'a' && name.data[0] <= 'z' && !slice_equal_text(name, "link") &&
                                      !slice_equal_text(name, "sdir"));
    }
    return !bytes->failed && bytes_left(bytes) == reading->hash_bytes;
}

enum layout { LAYOUT_FITS, LAYOUT_OTHER, LAYOUT_REFUSED };

static enum layout read_all(struct reading *reading, size_t count, struct git_index *index, struct error *error)
{
    bool is_split = false, is_unknown = false, is_odd = false;
    struct slice before = {"", 0};
    bytes_skip(&reading->bytes, HEAD_BYTES);
    for (size_t i = 0; i < count; i++) {
        struct slice name = read_entry(reading, before);
        reading->name_bytes += name.size;
        if (reading->name_bytes > LIMIT_GIT_INDEX_BYTES) {
            error_set(error, ERROR_LIMIT, "the names in its index have over %zu MiB", LIMIT_GIT_INDEX_BYTES / MIB);
            return LAYOUT_REFUSED;
        }
        if (reading->bytes.failed)
            return LAYOUT_OTHER;
        is_odd = is_odd || name.size == 0 || slice_compare(before, name) > 0; /* as in the first file of a split one */
        index->names[i] = before = name;
    }
    index->count = count;
    if (!read_extensions(reading, &is_split, &is_unknown))
        return LAYOUT_OTHER;
    if (is_odd && !is_split)
        return LAYOUT_OTHER;
    if (is_split)
        (void)refuse_split(error);
    else if (is_unknown)
        error_set(error, ERROR_INVALID, "its index has parts that are not known here");
    return is_split || is_unknown ? LAYOUT_REFUSED : LAYOUT_FITS;
}

bool git_index_read(struct slice source, struct arena *arena, struct git_index *index, struct error *error)
{
    static const size_t hashes[] = {HASH_SHA1, HASH_SHA256};
    struct bytes bytes = bytes_from(source);
    struct slice mark = bytes_slice(&bytes, 4);
    uint32_t version = big_u32(&bytes), count = big_u32(&bytes);
    if (bytes.failed || !slice_equal_text(mark, "DIRC"))
        return error_set(error, ERROR_CORRUPT, "its index does not begin as one");
    if (version < 2 || version > 4)
        return error_set(error, ERROR_INVALID, "its index has version %u; read are 2, 3 and 4", version);
    if (count > source.size / ENTRY_BYTES_MIN)
        return error_set(error, ERROR_CORRUPT, "its index is smaller than its entries need");
    *index = (struct git_index){.names = arena_alloc(arena, (size_t)count + 1, sizeof(struct slice))};
    for (size_t i = 0; i < ARRAY_COUNT(hashes); i++) {
        struct reading reading = {.bytes = bytes_from(source), .arena = arena, .version = version, .hash_bytes = hashes[i]};
        enum layout layout = read_all(&reading, count, index, error);
        if (layout != LAYOUT_OTHER)
            return layout == LAYOUT_FITS;
    }
    return error_set(error, ERROR_CORRUPT, "its index is damaged");
}

/* The number of the first name that is not before this one. */
static size_t first_from(const struct git_index *index, struct slice name)
{
    size_t low = 0, high = index->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (slice_compare(index->names[middle], name) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

bool git_index_has(const struct git_index *index, struct slice path, struct arena *arena)
{
    size_t at = first_from(index, path);
    if (at < index->count && slice_equal(index->names[at], path))
        return true;
    char *folder = arena_format(arena, SLICE_FORMAT "/", SLICE_ARGUMENT(path));
    struct slice below = {folder, path.size + 1};
    at = first_from(index, below);
    return at < index->count && slice_starts_with(index->names[at], below);
}
