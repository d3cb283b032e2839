/* segment.c - opens a segment and proves it, once, so that nothing that reads it later has to look where it steps.
 *
 * Proven, in this order, in one pass over the file:
 *   the frame      magic, version, sizes, every checksum, zero padding (container.c)
 *   the counts     each chunk has the size that the counts of META give it
 *   the passages   ascending, above 0; the lengths add up
 *   the terms      ascending, within their blocks where the block table says; postings without gaps
 *   the postings   every block inside, documents ascending and below the passage count (postings_verify)
 * Left to segment_check: that frequencies add up to the lengths. No memory depends on it. */
#include "segment.h"
#include "postings.h"
#include <assert.h>
#include <stdlib.h>
#include <string.h>

static const uint32_t chunk_ids[CHUNK_COUNT] = {
    /* ORDER CHUNKS */
    CHUNK_ID('M', 'E', 'T', 'A'), CHUNK_ID('P', 'A', 'S', 'S'), CHUNK_ID('L', 'E', 'N', 'S'),
    CHUNK_ID('P', 'O', 'S', 'T'), CHUNK_ID('T', 'E', 'R', 'M'), CHUNK_ID('B', 'L', 'O', 'C'),
};

const struct container_kind segment_kind = {.magic = "ASSAYSEG", .version = 1, .ids = chunk_ids, .chunk_count = CHUNK_COUNT};

enum { BLOCK_ENTRY_BYTES = 8 };

size_t segment_offset(const struct segment *segment, const void *part)
{
    return (size_t)((const char *)part - segment->file.data);
}

static bool read_counts(struct segment *segment, const struct slice *chunks, struct error *error)
{
    const char *name = segment->name;
    struct bytes meta = bytes_from(chunks[CHUNK_META]);
    if (meta.size != META_BYTES)
        return container_damaged(name, segment_offset(segment, meta.data), error, "META has %zu bytes", meta.size);
    segment->passage_count = bytes_u32(&meta);
    segment->dictionary.term_count = bytes_u32(&meta);
    segment->posting_count = bytes_u64(&meta);
    segment->length_sum = bytes_u64(&meta);
    segment->passages = (const unsigned char *)chunks[CHUNK_PASSAGES].data;
    segment->lengths = (const unsigned char *)chunks[CHUNK_LENGTHS].data;
    segment->postings = chunks[CHUNK_POSTINGS];
    segment->dictionary.terms = chunks[CHUNK_TERMS];
    segment->dictionary.blocks = chunks[CHUNK_BLOCKS];
    uint64_t passages = segment->passage_count;
    uint64_t blocks = ((uint64_t)segment->dictionary.term_count + DICTIONARY_BLOCK - 1) / DICTIONARY_BLOCK;
    if (passages > SEGMENT_PASSAGES_MAX || chunks[CHUNK_PASSAGES].size != 8 * passages)
        return container_damaged(name, segment_offset(segment, segment->passages), error,
                                 "PASS has not the size of %llu passages", (unsigned long long)passages);
    if (chunks[CHUNK_LENGTHS].size != 4 * passages)
        return container_damaged(name, segment_offset(segment, segment->lengths), error,
                                 "LENS has not the size of %llu passages", (unsigned long long)passages);
    if (chunks[CHUNK_BLOCKS].size != BLOCK_ENTRY_BYTES * blocks)
        return container_damaged(name, segment_offset(segment, chunks[CHUNK_BLOCKS].data), error,
                                 "BLOC has not the size of %u terms", segment->dictionary.term_count);
    return true;
}

static bool prove_passages(const struct segment *segment, struct error *error)
{
    passage_id before = 0;
    uint64_t sum = 0;
    for (uint32_t i = 0; i < segment->passage_count; i++) {
        passage_id passage = segment_passage(segment, i);
        if (passage <= before)
            return container_damaged(segment->name, segment_offset(segment, segment->passages + 8 * (size_t)i), error,
                                     "passages do not ascend");
        if (segment_length(segment, i) > SEGMENT_LENGTH_MAX)
            return container_damaged(segment->name, segment_offset(segment, segment->lengths + 4 * (size_t)i), error,
                                     "passage %llu has %u terms", (unsigned long long)passage, segment_length(segment, i));
        before = passage;
        sum += segment_length(segment, i);
    }
    if (sum != segment->length_sum)
        return container_damaged(segment->name, segment_offset(segment, segment->lengths), error,
                                 "lengths add up to %llu, expected %llu", (unsigned long long)sum,
                                 (unsigned long long)segment->length_sum);
    return true;
}

/* The block that begins with the cursor's next term must begin at the cursor. */
static bool block_begins_here(const struct dictionary_cursor *cursor)
{
    const struct dictionary *dictionary = cursor->dictionary;
    size_t block = cursor->number / DICTIONARY_BLOCK;
    const unsigned char *entry = (const unsigned char *)dictionary->blocks.data + BLOCK_ENTRY_BYTES * block;
    return load_u32(entry) == cursor->bytes.offset && load_u32(entry + 4) == cursor->postings_at + cursor->postings_size;
}

/* One walk over all terms, in step with their postings. */
static bool prove_terms(const struct segment *segment, struct error *error)
{
    const struct dictionary *dictionary = &segment->dictionary;
    size_t terms_at = segment_offset(segment, dictionary->terms.data);
    char before[LIMIT_TERM_BYTES];
    size_t before_size = 0;
    uint64_t postings = 0, occurrences = 0;
    struct dictionary_cursor cursor = {0};
    dictionary_start(&cursor, dictionary, 0);
    cursor.bytes.offset = 0; /* whatever the first entry says: block_begins_here compares it with this */
    cursor.postings_at = 0;
    cursor.bytes.failed = false;
    while (cursor.number < dictionary->term_count) {
        size_t at = terms_at + cursor.bytes.offset;
        if (cursor.number % DICTIONARY_BLOCK == 0 && !block_begins_here(&cursor))
            return container_damaged(segment->name, segment_offset(segment, dictionary->blocks.data), error,
                                     "the block of term %u does not begin where BLOC says", cursor.number);
        if (!dictionary_next(&cursor))
            return container_damaged(segment->name, at, error, "term %u cannot be read", cursor.number);
        if (cursor.number > 1 &&
            slice_compare((struct slice){before, before_size}, (struct slice){cursor.text, cursor.size}) >= 0)
            return container_damaged(segment->name, at, error, "term %u is not above the one before", cursor.number - 1);
        memcpy(before, cursor.text, cursor.size);
        before_size = cursor.size;
        if (cursor.postings_at > segment->postings.size || cursor.postings_size > segment->postings.size - cursor.postings_at)
            return container_damaged(segment->name, at, error, "the postings of term %u end behind POST", cursor.number - 1);
        struct slice bytes = {segment->postings.data + cursor.postings_at, (size_t)cursor.postings_size};
        const char *wrong = postings_verify(bytes, cursor.documents, segment->passage_count);
        if (wrong != NULL)
            return container_damaged(segment->name, segment_offset(segment, bytes.data), error, "postings of term %u: %s",
                                     cursor.number - 1, wrong);
        postings += cursor.documents;
        occurrences += cursor.occurrences;
    }
    if (cursor.bytes.offset != dictionary->terms.size)
        return container_damaged(segment->name, terms_at + cursor.bytes.offset, error, "there are bytes behind the last term");
    if (cursor.postings_at + cursor.postings_size != segment->postings.size)
        return container_damaged(segment->name, segment_offset(segment, segment->postings.data), error,
                                 "there are bytes behind the last postings");
    if (postings != segment->posting_count || occurrences != segment->length_sum)
        return container_damaged(segment->name, terms_at, error, "the terms do not add up to the counts of META");
    return true;
}

static bool prove(struct segment *segment, struct error *error)
{
    struct slice chunks[CHUNK_COUNT];
    return container_read(&segment_kind, segment->file, segment->name, chunks, error) && read_counts(segment, chunks, error) &&
           prove_passages(segment, error) && prove_terms(segment, error);
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
    *segment = opened;
    return true;
}

void segment_close(struct segment *segment)
{
    if (segment == NULL)
        return;
    file_map_close(&segment->map);
    buffer_release(&segment->buffer);
    free(segment->name);
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

bool segment_find_passage(const struct segment *segment, passage_id passage, uint32_t *document)
{
    uint32_t low = 0, high = segment->passage_count; /* the first that is not below lies in low … high */
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (segment_passage(segment, middle) < passage)
            low = middle + 1;
        else
            high = middle;
    }
    *document = low;
    return low < segment->passage_count && segment_passage(segment, low) == passage;
}
