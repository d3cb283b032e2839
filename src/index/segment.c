/* segment.c - opens a segment: proves what is cheap, once, and leaves the rest to those who read it.
 *
 * Proven here, in this order, in time that depends on the passages and not on their words:
 *   the frame      magic, version, sizes, every checksum, zero padding (container.c)
 *   the counts     each chunk has the size that the counts of META give it
 *   the passages   ascending, above 0; the lengths add up
 * Looked at by each reader where it treads: that a term and its postings lie inside (dictionary.c, segment_place), that documents ascend
 * below the passage count (postings.c). With right checksums only a forger's file fails there.
 * Left to segment_check: that nothing lies between, that numbers add up. No memory depends on it. */
#include "segment.h"
#include <assert.h>
#include <stdlib.h>
#include <string.h>

static const uint32_t chunk_ids[CHUNK_COUNT] = {
    /* ORDER CHUNKS */
    CHUNK_ID('M', 'E', 'T', 'A'), CHUNK_ID('P', 'A', 'S', 'S'), CHUNK_ID('L', 'E', 'N', 'S'),
    CHUNK_ID('P', 'O', 'S', 'T'), CHUNK_ID('T', 'E', 'R', 'M'), CHUNK_ID('B', 'L', 'O', 'C'),
};

const struct container_kind segment_kind = {.magic = "ASSAYSEG", .version = 4, .ids = chunk_ids, .chunk_count = CHUNK_COUNT};

enum { BLOCK_ENTRY_BYTES = 8 };

size_t segment_offset(const struct segment *segment, const void *part)
{
    return (size_t)((const char *)part - segment->file.data);
}

bool segment_damaged(const struct segment *segment, struct error *error)
{
    return container_damaged(segment->name, segment_offset(segment, segment->postings.data), error,
                             "a term or its postings do not lie where they should");
}

bool segment_look_up(const struct segment *segment, enum index_field field, struct slice term, struct postings_place *place,
                     struct error *error)
{
    struct dictionary_cursor cursor = {0};
    *place = (struct postings_place){0};
    bool found = dictionary_find(&cursor, &segment->fields[field], term);
    if (cursor.bytes.failed || (found && !segment_place(segment, &cursor, place)))
        return segment_damaged(segment, error);
    return true;
}

static bool is_width(unsigned bytes)
{
    return bytes == 0 || bytes == 1 || bytes == 2 || bytes == 4 || bytes == 8;
}

/* Each field's terms have their rows in BLOC, one field's behind the other's. */
static bool read_fields(struct segment *segment, const struct slice *chunks, struct error *error)
{
    struct slice blocks = chunks[CHUNK_BLOCKS];
    uint64_t at = 0;
    for (size_t i = 0; i < INDEX_FIELDS; i++) {
        struct dictionary *dictionary = &segment->fields[i];
        uint64_t size = BLOCK_ENTRY_BYTES * (((uint64_t)dictionary->term_count + DICTIONARY_BLOCK - 1) / DICTIONARY_BLOCK);
        if (size > blocks.size - at)
            break;
        dictionary->terms = chunks[CHUNK_TERMS];
        dictionary->blocks = slice_range(blocks, (size_t)at, (size_t)(at + size));
        at += size;
        if (i + 1 == INDEX_FIELDS && at == blocks.size)
            return true;
    }
    return container_damaged(segment->name, segment_offset(segment, blocks.data), error,
                             "BLOC has not the size of the terms that META counts");
}

static bool read_counts(struct segment *segment, const struct slice *chunks, struct error *error)
{
    const char *name = segment->name;
    struct bytes meta = bytes_from(chunks[CHUNK_META]);
    if (meta.size != META_BYTES)
        return container_damaged(name, segment_offset(segment, meta.data), error, "META has %zu bytes", meta.size);
    segment->passage_count = bytes_u32(&meta);
    for (size_t i = 0; i < INDEX_FIELDS; i++)
        segment->fields[i].term_count = bytes_u32(&meta);
    segment->posting_count = bytes_u64(&meta);
    segment->length_sum = bytes_u64(&meta);
    segment->first_passage = bytes_u64(&meta);
    segment->passage_bytes = bytes_u8(&meta);
    segment->length_bytes = bytes_u8(&meta);
    segment->fields[INDEX_TEXT].has_positions = bytes_u8(&meta) != 0;
    while (bytes_left(&meta) > 0)
        if (bytes_u8(&meta) != 0)
            return container_damaged(name, segment_offset(segment, meta.data) + meta.offset - 1, error,
                                     "META has a reserved byte set");
    segment->passages = (const unsigned char *)chunks[CHUNK_PASSAGES].data;
    segment->lengths = (const unsigned char *)chunks[CHUNK_LENGTHS].data;
    segment->postings = chunks[CHUNK_POSTINGS];
    uint64_t passages = segment->passage_count;
    if (passages > SEGMENT_PASSAGES_MAX || !is_width(segment->passage_bytes) ||
        chunks[CHUNK_PASSAGES].size != segment->passage_bytes * passages)
        return container_damaged(name, segment_offset(segment, segment->passages), error,
                                 "PASS has not the size of %llu passages", (unsigned long long)passages);
    if (!is_width(segment->length_bytes) || chunks[CHUNK_LENGTHS].size != segment->length_bytes * passages)
        return container_damaged(name, segment_offset(segment, segment->lengths), error,
                                 "LENS has not the size of %llu passages", (unsigned long long)passages);
    return read_fields(segment, chunks, error);
}

static bool prove_passages(struct segment *segment, struct error *error)
{
    passage_id before = 0;
    uint64_t sum = 0;
    for (uint32_t i = 0; i < segment->passage_count; i++) {
        passage_id passage = segment_passage(segment, i);
        uint64_t length = load_number(segment->lengths, segment->length_bytes, i);
        if (passage <= before)
            return container_damaged(segment->name, segment_offset(segment, segment->passages), error,
                                     "the passage of document %u is not above the one before", i);
        if (length > SEGMENT_LENGTH_MAX)
            return container_damaged(segment->name, segment_offset(segment, segment->lengths), error,
                                     "document %u has %llu terms", i, (unsigned long long)length);
        before = passage;
        sum += length;
        segment->length_max = length > segment->length_max ? (uint32_t)length : segment->length_max;
    }
    if (sum != segment->length_sum)
        return container_damaged(segment->name, segment_offset(segment, segment->lengths), error,
                                 "the lengths add up to %llu, META says %llu", (unsigned long long)sum,
                                 (unsigned long long)segment->length_sum);
    return true;
}

enum { COUNTED_LENGTHS = 4096 }; /* longer ones are one class */

/* Sorts the documents into classes: each takes lengths until it holds its share. Adds the lengths up, too. */
static void classify(struct segment *segment)
{
    uint32_t counts[COUNTED_LENGTHS + 1] = {0};
    uint8_t class_of[COUNTED_LENGTHS + 1];
    for (uint32_t i = 0; i < segment->passage_count; i++) {
        uint32_t length = segment_length(segment, i);
        counts[length < COUNTED_LENGTHS ? length : COUNTED_LENGTHS]++;
    }
    uint64_t before = 0;
    for (size_t i = 0; i < KERNEL_CLASSES; i++)
        segment->class_least[i] = COUNTED_LENGTHS;
    for (uint32_t length = 0; length <= COUNTED_LENGTHS; length++) {
        size_t class = segment->passage_count == 0 ? 0 : (size_t)(before * KERNEL_CLASSES / segment->passage_count);
        class = class < KERNEL_CLASSES ? class : KERNEL_CLASSES - 1;
        class_of[length] = (uint8_t) class;
        if (counts[length] > 0 && segment->class_least[class] > length)
            segment->class_least[class] = length;
        before += counts[length];
    }
    segment->classes = memory_alloc(segment->passage_count, sizeof(*segment->classes));
    segment->length_sums = memory_alloc(((size_t)segment->passage_count + 63) / 64 + 1, sizeof(*segment->length_sums));
    for (uint32_t i = 0; i < segment->passage_count; i++) {
        uint32_t length = segment_length(segment, i);
        if (i % 64 == 0)
            segment->length_sums[i / 64 + 1] = segment->length_sums[i / 64];
        segment->length_sums[i / 64 + 1] += length;
        segment->classes[i] = class_of[length < COUNTED_LENGTHS ? length : COUNTED_LENGTHS];
    }
}

static bool prove(struct segment *segment, struct error *error)
{
    struct slice chunks[CHUNK_COUNT];
    return container_read(&segment_kind, segment->file, segment->name, chunks, error) && read_counts(segment, chunks, error) &&
           prove_passages(segment, error);
}

bool segment_open(struct segment **segment, const char *path, struct error *error)
{
    struct file_map map;
    if (!file_map_open(&map, path, error))
        return error_wrap(error, "could not open segment \"%s\"", path);
    struct segment *opened = memory_alloc(1, sizeof(*opened));
    opened->name = memory_copy_text(path, strlen(path));
    opened->map = map;
    opened->file = (struct slice){map.data ? (const char *)map.data : "", map.size};
    buffer_init(&opened->buffer, 1);
    if (!prove(opened, error)) {
        segment_close(opened);
        return false;
    }
    classify(opened);
    *segment = opened;
    return true;
}

bool segment_open_bytes(struct segment **segment, struct buffer *bytes, const char *name, struct error *error)
{
    struct segment *opened = memory_alloc(1, sizeof(*opened));
    opened->name = memory_copy_text(name, strlen(name));
    opened->file = buffer_slice(bytes);
    buffer_init(&opened->buffer, 1);
    if (!prove(opened, error)) {
        segment_close(opened);
        return false;
    }
    opened->buffer = *bytes;
    buffer_init(bytes, bytes->size_max);
    classify(opened);
    *segment = opened;
    return true;
}

struct segment *segment_share(struct segment *segment)
{
    segment->shared++;
    return segment;
}

void segment_close(struct segment *segment)
{
    if (segment == NULL)
        return;
    if (segment->shared > 0) {
        segment->shared--;
        return;
    }
    file_map_close(&segment->map);
    buffer_release(&segment->buffer);
    free(segment->name);
    free(segment->classes);
    free(segment->length_sums);
    free(segment);
}

size_t segment_passage_count(const struct segment *segment)
{
    return segment->passage_count;
}

passage_id segment_first_passage(const struct segment *segment)
{
    return segment->passage_count == 0 ? 0 : segment_passage(segment, 0);
}

passage_id segment_last_passage(const struct segment *segment)
{
    return segment->passage_count == 0 ? 0 : segment_passage(segment, segment->passage_count - 1);
}

size_t segment_size_bytes(const struct segment *segment)
{
    return segment->file.size;
}

uint32_t segment_first_from(const struct segment *segment, passage_id passage)
{
    uint32_t low = 0, high = segment->passage_count; /* it lies in low … high */
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (segment_passage(segment, middle) < passage)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}
