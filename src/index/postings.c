#include "postings.h"
#include "load.h"
#include <assert.h>

enum {
    ENTRY_BYTES = 8,
    ENTRY_AT_DOCUMENT_BITS = 4,
    ENTRY_AT_FREQUENCY_BITS = 5,
    ENTRY_AT_RESERVED = 6,
    FREQUENCY_BITS_MAX = 31
};

/* ---- writing ---- */

static unsigned bits_for(const uint32_t values[KERNEL_BLOCK])
{
    uint32_t all = 0;
    for (size_t i = 0; i < KERNEL_BLOCK; i++)
        all |= values[i];
    return all == 0 ? 0 : 32 - (unsigned)__builtin_clz(all);
}

static void differences(uint32_t out[KERNEL_BLOCK], const uint32_t *documents, uint32_t before)
{
    for (size_t i = 0; i < KERNEL_BLOCK; i++) {
        out[i] = documents[i] - before - 1;
        before = documents[i];
    }
}

static void write_tail(struct buffer *out, const uint32_t *documents, const uint32_t *frequencies, size_t count,
                       uint32_t before)
{
    for (size_t i = 0; i < count; i++) {
        uint32_t difference = documents[i] - before - 1;
        before = documents[i];
        buffer_varint(out, (uint64_t)difference * 2 + (frequencies[i] > 1));
        if (frequencies[i] > 1)
            buffer_varint(out, frequencies[i] - 2);
    }
}

void postings_write(struct buffer *out, const uint32_t *documents, const uint32_t *frequencies, size_t count)
{
    size_t block_count = count / KERNEL_BLOCK, entries = out->size;
    buffer_append_zeros(out, ENTRY_BYTES * block_count);
    uint32_t before = UINT32_MAX;
    for (size_t block = 0; block < block_count && !out->failed; block++) {
        uint32_t values[KERNEL_BLOCK];
        differences(values, documents, before);
        unsigned document_bits = bits_for(values);
        kernel_pack(out, values, document_bits);
        for (size_t i = 0; i < KERNEL_BLOCK; i++) {
            assert(frequencies[i] >= 1 && frequencies[i] <= FREQUENCY_MAX);
            values[i] = frequencies[i] - 1;
        }
        unsigned frequency_bits = bits_for(values);
        kernel_pack(out, values, frequency_bits);
        before = documents[KERNEL_BLOCK - 1];
        buffer_patch_u32(out, entries + ENTRY_BYTES * block, before);
        buffer_patch_u32(out, entries + ENTRY_BYTES * block + ENTRY_AT_DOCUMENT_BITS, document_bits | frequency_bits << 8);
        documents += KERNEL_BLOCK;
        frequencies += KERNEL_BLOCK;
    }
    write_tail(out, documents, frequencies, count % KERNEL_BLOCK, before);
}

/* ---- reading ---- */

static size_t block_bytes(const unsigned char *entry)
{
    return (KERNEL_BLOCK / 8) * ((size_t)entry[ENTRY_AT_DOCUMENT_BITS] + entry[ENTRY_AT_FREQUENCY_BITS]);
}

void postings_open(struct postings *postings, struct slice bytes, uint32_t count)
{
    const unsigned char *data = (const unsigned char *)bytes.data;
    uint32_t block_count = count / KERNEL_BLOCK;
    postings->count = postings->at = 0;
    postings->blocks = data;
    postings->packed = data + (size_t)ENTRY_BYTES * block_count;
    postings->blocks_left = block_count;
    postings->tail_count = count % KERNEL_BLOCK;
    postings->before = UINT32_MAX;
    postings->tail = bytes_from(bytes); /* where it begins is known after the last block */
}

static void read_block(struct postings *postings)
{
    const unsigned char *entry = postings->blocks;
    unsigned document_bits = entry[ENTRY_AT_DOCUMENT_BITS], frequency_bits = entry[ENTRY_AT_FREQUENCY_BITS];
    const struct kernels *kernel = kernels();
    kernel->unpack_ascending(postings->documents, postings->packed, document_bits, postings->before);
    kernel->unpack(postings->frequencies, postings->packed + (KERNEL_BLOCK / 8) * (size_t)document_bits, frequency_bits);
    for (size_t i = 0; i < KERNEL_BLOCK; i++)
        postings->frequencies[i]++;
    postings->blocks += ENTRY_BYTES;
    postings->packed += block_bytes(entry);
    postings->blocks_left--;
    postings->count = KERNEL_BLOCK;
    postings->before = postings->documents[KERNEL_BLOCK - 1];
}

/* The one part that is read with its bounds checked: a value that does not fit shows in tail.failed, which verify asks for. */
static void read_tail(struct postings *postings)
{
    struct bytes *tail = &postings->tail;
    tail->offset = (size_t)(postings->packed - tail->data);
    for (uint32_t i = 0; i < postings->tail_count; i++) {
        uint64_t value = bytes_varint(tail);
        uint64_t more = value & 1 ? bytes_varint(tail) : 0;
        if (value / 2 >= UINT32_MAX || more > FREQUENCY_MAX - 2)
            bytes_fail(tail);
        postings->before += (uint32_t)(value / 2) + 1;
        postings->documents[i] = postings->before;
        postings->frequencies[i] = value & 1 ? (uint32_t)more + 2 : 1;
    }
    postings->count = postings->tail_count;
    postings->tail_count = 0;
}

bool postings_next(struct postings *postings)
{
    postings->at = 0;
    postings->count = 0;
    if (postings->blocks_left > 0)
        read_block(postings);
    else if (postings->tail_count > 0)
        read_tail(postings);
    return postings->count > 0;
}

/* ---- proving ---- */

static const char *verify_entries(struct slice bytes, uint32_t block_count, size_t *packed_end)
{
    const unsigned char *entries = (const unsigned char *)bytes.data;
    if (bytes.size / ENTRY_BYTES < block_count)
        return "the table of blocks is longer than the postings";
    size_t end = (size_t)ENTRY_BYTES * block_count;
    for (uint32_t block = 0; block < block_count; block++) {
        const unsigned char *entry = entries + (size_t)ENTRY_BYTES * block;
        if (entry[ENTRY_AT_DOCUMENT_BITS] > 32 || entry[ENTRY_AT_FREQUENCY_BITS] > FREQUENCY_BITS_MAX)
            return "a block has too many bits";
        if (entry[ENTRY_AT_RESERVED] != 0 || entry[ENTRY_AT_RESERVED + 1] != 0)
            return "reserved bytes of a block are not zero";
        if (block_bytes(entry) > bytes.size - end)
            return "a block ends behind the postings";
        end += block_bytes(entry);
    }
    *packed_end = end;
    return NULL;
}

const char *postings_verify(struct slice bytes, uint32_t count, uint32_t document_count)
{
    size_t packed_end = 0;
    const char *wrong = verify_entries(bytes, count / KERNEL_BLOCK, &packed_end);
    if (wrong != NULL)
        return wrong;
    struct postings postings;
    postings_open(&postings, bytes, count);
    uint32_t before = 0, is_first = 1;
    const unsigned char *entry = postings.blocks;
    while (postings_next(&postings)) {
        uint32_t unordered = !is_first && postings.documents[0] <= before;
        for (uint32_t i = 1; i < postings.count; i++)
            unordered |= postings.documents[i] <= postings.documents[i - 1];
        before = postings.documents[postings.count - 1];
        is_first = 0;
        if (unordered != 0 || before >= document_count)
            return "documents do not ascend, or there are fewer";
        if (entry != postings.blocks && load_u32(entry) != before)
            return "the last document of a block is not the one its entry says";
        entry = postings.blocks;
    }
    if (count % KERNEL_BLOCK == 0)
        return packed_end == bytes.size ? NULL : "there are bytes behind the last block";
    return !postings.tail.failed && postings.tail.offset == bytes.size ? NULL : "the tail does not end where the postings end";
}
