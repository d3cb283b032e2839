/* zip.c - zip archives (PKWARE's APPNOTE 6.3): the directory at the end, proved against each entry's own header before anything is unpacked.
 *
 *   [header|packed bytes] [header|packed bytes] … [directory: one record an entry] [zip64 end, its locator] [end|comment]
 *     ▲                                             │ size, sum, method, name, offset     │                    │
 *     └──────── the same name, method and sizes ────┘ ◀──────────── where, how many ──────┴────────────────────┘
 *
 * What two programs could read as two different archives is refused: entries that overlap each other or the directory, headers that
 * contradict it, an end record that does not end the file. What an entry may unpack to is known before it is unpacked, and never exceeded. */
#include "codec.h"
#include <assert.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

enum {
    END_BYTES = 22,
    END64_BYTES = 56,
    LOCATOR_BYTES = 20,
    RECORD_BYTES = 46,
    HEADER_BYTES = 30,
    COMMENT_BYTES_MAX = 0xFFFF,
    EXTRA_ZIP64 = 1,
    FLAG_ENCRYPTED = 1 << 0,
    FLAG_SIZES_BEHIND = 1 << 3, /* the header's sizes and sum are zero: they were not known when it was written */
    FLAG_MASKED = 1 << 13,
    METHOD_STORED = 0,
    METHOD_DEFLATE = 8,
    METHOD_AES = 99,
    DEFLATE_RATIO_MAX = 1032, /* the best that deflate can do */
    RATIO_FREE_BYTES = 8 << 20
};

static const uint32_t END_SIGN = 0x06054b50, END64_SIGN = 0x06064b50, RECORD_SIGN = 0x02014b50, HEADER_SIGN = 0x04034b50,
                      ALL_ONES = 0xFFFFFFFF;

/* Where the directory stands, as the end of the archive says. */
struct directory {
    uint64_t at, size, count;
    size_t end; /* the records must end at or before it */
};

bool zip_is(struct slice source)
{
    return slice_starts_with(source, SLICE("PK\3\4")) || slice_starts_with(source, SLICE("PK\5\6"));
}

static bool damaged(struct error *error, const char *what)
{
    return error_set(error, ERROR_CORRUPT, "the zip archive is damaged: %s", what);
}

/* ---- the end ---- */

/* The end record that reaches to the last byte with its comment; SIZE_MAX when there is none. */
static size_t find_end(struct slice source)
{
    size_t behind = source.size >= END_BYTES ? source.size - END_BYTES : 0;
    for (size_t comment = 0; source.size >= END_BYTES && comment <= COMMENT_BYTES_MAX && comment <= behind; comment++) {
        struct bytes bytes = bytes_from(slice_range(source, behind - comment, source.size));
        if (bytes.data[0] != 'P' || bytes_u32(&bytes) != END_SIGN)
            continue;
        bytes_skip(&bytes, END_BYTES - 6);
        if (bytes_u16(&bytes) == comment)
            return behind - comment;
    }
    return SIZE_MAX;
}

static bool read_end64(struct slice source, size_t end_at, struct directory *directory, struct error *error)
{
    struct bytes locator = bytes_from(slice_range(source, end_at - LOCATOR_BYTES, end_at));
    bytes_skip(&locator, 8);
    uint64_t at = bytes_u64(&locator);
    if (end_at < LOCATOR_BYTES + END64_BYTES || at > end_at - LOCATOR_BYTES - END64_BYTES)
        return damaged(error, "its zip64 end record lies outside of it");
    struct bytes bytes = bytes_from(slice_range(source, (size_t)at, end_at - LOCATOR_BYTES));
    if (bytes_u32(&bytes) != END64_SIGN)
        return damaged(error, "its zip64 end record is not where it should be");
    bytes_skip(&bytes, 20);
    uint64_t here = bytes_u64(&bytes);
    *directory = (struct directory){.count = bytes_u64(&bytes), .end = (size_t)at};
    directory->size = bytes_u64(&bytes);
    directory->at = bytes_u64(&bytes);
    if (here != directory->count)
        return error_set(error, ERROR_INVALID, "the zip archive is split over several files");
    return true;
}

static bool find_directory(struct slice source, struct directory *directory, struct error *error)
{
    size_t end_at = find_end(source);
    if (end_at == SIZE_MAX && !zip_is(source))
        return error_set(error, ERROR_INVALID, "it is not a zip archive");
    if (end_at == SIZE_MAX)
        return damaged(error, "the directory at its end is missing, as when a file was not copied to its end");
    struct bytes bytes = bytes_from(slice_range(source, end_at + 4, source.size));
    uint16_t disk = bytes_u16(&bytes), directory_disk = bytes_u16(&bytes), here = bytes_u16(&bytes);
    *directory = (struct directory){.count = bytes_u16(&bytes), .end = end_at};
    directory->size = bytes_u32(&bytes);
    directory->at = bytes_u32(&bytes);
    struct slice before = slice_range(source, end_at < LOCATOR_BYTES ? 0 : end_at - LOCATOR_BYTES, end_at);
    if (before.size == LOCATOR_BYTES && slice_starts_with(before, SLICE("PK\6\7"))) {
        if (!read_end64(source, end_at, directory, error))
            return false;
    } else if (disk != 0 || directory_disk != 0 || here != directory->count)
        return error_set(error, ERROR_INVALID, "the zip archive is split over several files");
    if (directory->at > directory->end || directory->size > directory->end - directory->at)
        return damaged(error, "its directory lies outside of it");
    if (directory->count > directory->size / RECORD_BYTES)
        return damaged(error, "its directory is smaller than its entries need");
    if (directory->count > LIMIT_ARCHIVE_ENTRIES)
        return error_set(error, ERROR_LIMIT, "the archive has %llu entries, the limit is %zu",
                         (unsigned long long)directory->count, LIMIT_ARCHIVE_ENTRIES);
    return true;
}

/* ---- the directory ---- */

/* Sizes and offset that do not fit into 32 bits stand in an extra field, those alone that are all ones before. */
static void read_extra64(struct slice extra, uint64_t *const values[], size_t count)
{
    struct bytes bytes = bytes_from(extra);
    while (bytes_left(&bytes) >= 4) {
        uint16_t kind = bytes_u16(&bytes), size = bytes_u16(&bytes);
        struct bytes field = bytes_from(bytes_slice(&bytes, size));
        for (size_t i = 0; kind == EXTRA_ZIP64 && i < count; i++)
            if (*values[i] == ALL_ONES && bytes_left(&field) >= 8)
                *values[i] = bytes_u64(&field);
    }
}

static bool read_record(struct bytes *bytes, struct zip_entry *entry, struct error *error)
{
    if (bytes_u32(bytes) != RECORD_SIGN)
        return damaged(error, "its directory ends early");
    unsigned made_by = bytes_u16(bytes) >> 8;
    bytes_skip(bytes, 2);
    unsigned flags = bytes_u16(bytes);
    entry->method = bytes_u16(bytes);
    bytes_skip(bytes, 4);
    entry->sum = bytes_u32(bytes);
    uint64_t packed_size = bytes_u32(bytes), size = bytes_u32(bytes);
    size_t name_size = bytes_u16(bytes), extra_size = bytes_u16(bytes), comment_size = bytes_u16(bytes);
    bytes_skip(bytes, 4);
    uint32_t attributes = bytes_u32(bytes);
    uint64_t header_at = bytes_u32(bytes);
    entry->name = bytes_slice(bytes, name_size);
    read_extra64(bytes_slice(bytes, extra_size), (uint64_t *[]){&size, &packed_size, &header_at}, 3);
    bytes_skip(bytes, comment_size);
    entry->size = (size_t)size;
    entry->packed_size = (size_t)packed_size;
    entry->header_at = (size_t)header_at;
    entry->is_encrypted = (flags & (FLAG_ENCRYPTED | FLAG_MASKED)) != 0 || entry->method == METHOD_AES;
    entry->is_folder = slice_ends_with(entry->name, SLICE("/")) || slice_ends_with(entry->name, SLICE("\\"));
    enum { UNIX = 3, TYPE_MASK = 0170000, TYPE_LINK = 0120000 };
    entry->is_link = made_by == UNIX && (attributes >> 16 & TYPE_MASK) == TYPE_LINK;
    return !bytes->failed || damaged(error, "its directory ends early");
}

/* The entry's own header says the same, and its bytes lie before `limit`. */
static bool prove_header(struct slice source, size_t limit, struct zip_entry *entry, struct error *error)
{
    if (entry->header_at > limit || limit - entry->header_at < HEADER_BYTES)
        return damaged(error, "an entry lies outside of it");
    struct bytes bytes = bytes_from(slice_range(source, entry->header_at, limit));
    if (bytes_u32(&bytes) != HEADER_SIGN)
        return damaged(error, "an entry is not where its directory says");
    bytes_skip(&bytes, 2);
    unsigned flags = bytes_u16(&bytes), method = bytes_u16(&bytes);
    bytes_skip(&bytes, 4);
    uint32_t sum = bytes_u32(&bytes);
    uint64_t packed_size = bytes_u32(&bytes), size = bytes_u32(&bytes);
    size_t name_size = bytes_u16(&bytes), extra_size = bytes_u16(&bytes);
    struct slice name = bytes_slice(&bytes, name_size);
    read_extra64(bytes_slice(&bytes, extra_size), (uint64_t *[]){&size, &packed_size}, 2);
    if (bytes.failed || entry->packed_size > bytes_left(&bytes))
        return damaged(error, "an entry lies outside of it");
    bool is_behind = (flags & FLAG_SIZES_BEHIND) != 0;
    bool agrees = slice_equal(name, entry->name) && method == entry->method &&
                  ((flags & FLAG_ENCRYPTED) == 0 || entry->is_encrypted) &&
                  ((sum == entry->sum && packed_size == entry->packed_size && size == entry->size) || is_behind);
    if (!agrees)
        return damaged(error, "an entry and its directory contradict each other");
    entry->data_at = entry->header_at + bytes.offset;
    return true;
}

static int by_place(const void *a, const void *b)
{
    const struct zip_entry *const *left = a, *const *right = b;
    return ((*left)->header_at > (*right)->header_at) - ((*left)->header_at < (*right)->header_at);
}

static char lower(char c)
{
    return (char)(c >= 'A' && c <= 'Z' ? c | 0x20 : c);
}

/* Letters of both cases are one, as the packages of office programs have it. */
static int compare_names(struct slice a, struct slice b)
{
    for (size_t i = 0; i < a.size && i < b.size; i++)
        if (lower(a.data[i]) != lower(b.data[i]))
            return (unsigned char)lower(a.data[i]) < (unsigned char)lower(b.data[i]) ? -1 : 1;
    return (a.size > b.size) - (a.size < b.size);
}

static int by_name(const void *a, const void *b)
{
    const struct zip_entry *const *left = a, *const *right = b;
    int order = compare_names((*left)->name, (*right)->name);
    return order != 0 ? order : (*left > *right) - (*left < *right);
}

static bool prove_places(const struct zip_entry **order, size_t count, struct error *error)
{
    qsort(order, count, sizeof(*order), by_place);
    for (size_t i = 1; i < count; i++)
        if (order[i]->header_at < order[i - 1]->data_at + order[i - 1]->packed_size)
            return damaged(error, "two of its entries overlap");
    return true;
}

bool zip_open(struct slice source, size_t unpacked_max, struct arena *arena, struct zip *zip, struct error *error)
{
    struct directory directory;
    if (!find_directory(source, &directory, error))
        return false;
    size_t count = (size_t)directory.count, at = (size_t)directory.at;
    *zip = (struct zip){.source = source, .count = count, .unpacked_left = unpacked_max, .unpacked_max = unpacked_max};
    struct zip_entry *items = arena_alloc(arena, count + 1, sizeof(*items));
    zip->by_name = arena_alloc(arena, count + 1, sizeof(*zip->by_name));
    struct bytes bytes = bytes_from(slice_range(source, at, at + (size_t)directory.size));
    for (size_t i = 0; i < count; i++) {
        if (!read_record(&bytes, &items[i], error) || !prove_header(source, at, &items[i], error))
            return false;
        zip->by_name[i] = &items[i];
    }
    zip->items = items;
    if (!prove_places(zip->by_name, count, error))
        return false;
    qsort(zip->by_name, count, sizeof(*zip->by_name), by_name);
    return true;
}

const struct zip_entry *zip_find(const struct zip *zip, struct slice name)
{
    size_t low = 0, high = zip->count;
    while (low < high) { /* behind the last one of that name */
        size_t middle = low + (high - low) / 2;
        if (compare_names(zip->by_name[middle]->name, name) <= 0)
            low = middle + 1;
        else
            high = middle;
    }
    bool is_found = low > 0 && compare_names(zip->by_name[low - 1]->name, name) == 0;
    return is_found ? zip->by_name[low - 1] : NULL;
}

/* ---- an entry's bytes ---- */

static const char *method_name(unsigned method)
{
    static const struct {
        unsigned method;
        const char *name;
    } methods[] = {{1, "shrink"},     {6, "implode"}, {9, "deflate64"}, {12, "bzip2"}, {14, "LZMA"},
                   {93, "Zstandard"}, {95, "XZ"},     {97, "WavPack"},  {98, "PPMd"}};
    for (size_t i = 0; i < ARRAY_COUNT(methods); i++)
        if (methods[i].method == method)
            return methods[i].name;
    return "a method that is not known";
}

static bool prove_readable(const struct zip *zip, const struct zip_entry *entry, size_t size_max, struct error *error)
{
    if (entry->is_encrypted)
        return error_set(error, ERROR_INVALID, "\"" SLICE_FORMAT "\" in the archive is encrypted", SLICE_ARGUMENT(entry->name));
    if (entry->method != METHOD_STORED && entry->method != METHOD_DEFLATE) {
        error_set(error, ERROR_INVALID, "\"" SLICE_FORMAT "\" in the archive is packed with %s (method %u)",
                  SLICE_ARGUMENT(entry->name), method_name(entry->method), entry->method);
        return error_hint(error, "Pack it with deflate, which every zip program can do.");
    }
    if (entry->size > size_max)
        return error_set(error, ERROR_LIMIT, "\"" SLICE_FORMAT "\" in the archive unpacks to %zu bytes, the limit is %zu",
                         SLICE_ARGUMENT(entry->name), entry->size, size_max);
    if (entry->size > zip->unpacked_left)
        return error_set(error, ERROR_LIMIT, "the archive unpacks to over %zu bytes, the limit for all of it",
                         zip->unpacked_max);
    bool is_stored = entry->method == METHOD_STORED;
    if (is_stored ? entry->size != entry->packed_size : entry->size / DEFLATE_RATIO_MAX > entry->packed_size)
        return damaged(error, "an entry's size cannot be");
    if (entry->size > RATIO_FREE_BYTES && entry->size / LIMIT_ARCHIVE_RATIO > entry->packed_size)
        return error_set(error, ERROR_LIMIT, "\"" SLICE_FORMAT "\" in the archive unpacks to over %u times its size",
                         SLICE_ARGUMENT(entry->name), LIMIT_ARCHIVE_RATIO);
    return true;
}

/* Exactly `size` bytes into `room`, or false. */
static bool inflate_all(struct slice packed, unsigned char *room, size_t size)
{
    z_stream stream = {0};
    unsigned char behind; /* where the data would go on past its size */
    if (inflateInit2(&stream, -MAX_WBITS) != Z_OK)
        return false;
    size_t in = 0, out = 0;
    int code = Z_OK;
    stream.next_in = (Bytef *)(uintptr_t)packed.data;
    while (code == Z_OK) {
        size_t in_left = packed.size - in, out_left = size - out;
        stream.avail_in = in_left < UINT_MAX ? (uInt)in_left : UINT_MAX;
        stream.avail_out = out_left == 0 ? 1 : out_left < UINT_MAX ? (uInt)out_left : UINT_MAX;
        stream.next_out = out_left == 0 ? &behind : room + out;
        uInt in_before = stream.avail_in, out_before = stream.avail_out;
        code = inflate(&stream, Z_NO_FLUSH);
        in += in_before - stream.avail_in;
        if (out_left == 0 && stream.avail_out == 0)
            code = Z_DATA_ERROR;
        out += out_left == 0 ? 0 : out_before - stream.avail_out;
    }
    inflateEnd(&stream);
    return code == Z_STREAM_END && in == packed.size && out == size;
}

static uint32_t sum_of(const unsigned char *data, size_t size)
{
    return (uint32_t)crc32_z(crc32_z(0, NULL, 0), data, size);
}

bool zip_read_entry(struct zip *zip, const struct zip_entry *entry, size_t size_max, struct buffer *out, struct error *error)
{
    if (!prove_readable(zip, entry, size_max, error))
        return false;
    unsigned char *room = buffer_reserve(out, entry->size);
    if (room == NULL)
        return buffer_finish(out, "an entry of the archive", error);
    struct slice packed = slice_range(zip->source, entry->data_at, entry->data_at + entry->packed_size);
    zip->unpacked_left -= entry->size;
    if (entry->method == METHOD_STORED && entry->size > 0)
        memcpy(room, packed.data, entry->size);
    bool ok = entry->method == METHOD_STORED || inflate_all(packed, room, entry->size);
    if (!ok || sum_of(room, entry->size) != entry->sum)
        return error_set(error, ERROR_CORRUPT, "\"" SLICE_FORMAT "\" in the archive is damaged", SLICE_ARGUMENT(entry->name));
    out->size += entry->size;
    return true;
}

/* ---- names ---- */

bool zip_name_is_safe(struct slice name)
{
    size_t start = 0;
    if (name.size == 0 || (name.size >= 2 && name.data[1] == ':'))
        return false; /* "C:" */
    for (size_t at = 0; at <= name.size; at++) {
        bool is_end = at == name.size || name.data[at] == '/' || name.data[at] == '\\';
        if (!is_end && ((unsigned char)name.data[at] < 0x20 || name.data[at] == 0x7F))
            return false;
        if (!is_end)
            continue;
        struct slice part = slice_range(name, start, at);
        if (at == 0 || slice_equal_text(part, "..") || slice_equal_text(part, "."))
            return false;
        start = at + 1;
    }
    return true;
}
