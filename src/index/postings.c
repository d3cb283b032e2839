#include "postings.h"
#include "load.h"
#include <assert.h>

enum {
    ENTRY_BYTES = 6,
    ENTRY_AT_DOCUMENT_BITS = 4,
    ENTRY_AT_FREQUENCY_CODE = 5,
    EXCEPTION_BYTES = 2,
    VARINT_BYTES = 5, /* of 32 bits, at the most */
    SAFE_BITS = 24, /* 128 differences of so many bits add up to less than 2^31: no sum wraps */
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

/* The shorter of the two ways; returns its code. */
static unsigned write_frequencies(struct buffer *out, const uint32_t *frequencies)
{
    uint32_t values[KERNEL_BLOCK];
    unsigned exceptions = 0;
    uint32_t greatest = 0;
    for (size_t i = 0; i < KERNEL_BLOCK; i++) {
        assert(frequencies[i] >= 1 && frequencies[i] <= FREQUENCY_MAX);
        values[i] = frequencies[i] - 1;
        exceptions += values[i] > 0;
        greatest = values[i] > greatest ? values[i] : greatest;
    }
    unsigned bits = bits_for(values);
    if (greatest > UINT8_MAX + 1 || exceptions > EXCEPTIONS_MAX || EXCEPTION_BYTES * exceptions >= KERNEL_BLOCK / 8 * bits) {
        kernel_pack(out, values, bits);
        return bits;
    }
    for (size_t i = 0; i < KERNEL_BLOCK; i++)
        if (values[i] > 0) {
            buffer_append_byte(out, (char)i);
            buffer_append_byte(out, (char)(values[i] - 1));
        }
    return CODE_EXCEPTIONS + exceptions;
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
        unsigned code = write_frequencies(out, frequencies);
        before = documents[KERNEL_BLOCK - 1];
        documents += KERNEL_BLOCK;
        frequencies += KERNEL_BLOCK;
        if (out->failed)
            return;
        size_t entry = entries + ENTRY_BYTES * block;
        buffer_patch_u32(out, entry, before);
        out->data[entry + ENTRY_AT_DOCUMENT_BITS] = (char)document_bits;
        out->data[entry + ENTRY_AT_FREQUENCY_CODE] = (char)code;
    }
    write_tail(out, documents, frequencies, count % KERNEL_BLOCK, before);
}

/* ---- reading ---- */

static void end_failed(struct postings *postings)
{
    postings->failed = true;
    postings->blocks_left = postings->tail_count = postings->count = postings->at = 0;
}

void postings_open(struct postings *postings, const struct postings_place *place, uint32_t document_count)
{
    const unsigned char *data = (const unsigned char *)place->bytes.data;
    uint32_t block_count = place->documents / KERNEL_BLOCK;
    postings->count = postings->at = 0;
    postings->failed = false;
    postings->frequencies_are_read = true;
    postings->blocks = data;
    postings->end = data + place->bytes.size;
    postings->blocks_left = block_count;
    postings->tail_count = place->documents % KERNEL_BLOCK;
    postings->before = UINT32_MAX;
    postings->document_count = document_count;
    postings->block_number = UINT32_MAX;
    if (place->bytes.size / ENTRY_BYTES < block_count)
        end_failed(postings);
    else
        postings->packed = data + (size_t)ENTRY_BYTES * block_count;
}

static size_t frequency_bytes(unsigned code)
{
    return code >= CODE_EXCEPTIONS ? EXCEPTION_BYTES * ((size_t)code - CODE_EXCEPTIONS) : KERNEL_BLOCK / 8 * (size_t)code;
}

/* Steps over the next block, to the one behind; returns its entry, or NULL when that cannot be. */
static const unsigned char *step(struct postings *postings)
{
    const unsigned char *entry = postings->blocks;
    unsigned bits = entry[ENTRY_AT_DOCUMENT_BITS], code = entry[ENTRY_AT_FREQUENCY_CODE];
    uint32_t last = load_u32(entry);
    size_t size = KERNEL_BLOCK / 8 * (size_t)bits + frequency_bytes(code);
    bool ok = bits <= 32 && code <= CODE_EXCEPTIONS + EXCEPTIONS_MAX && last < postings->document_count &&
              last - postings->before >= KERNEL_BLOCK && last + 1 > postings->before + 1 &&
              size <= (size_t)(postings->end - postings->packed);
    if (!ok) {
        end_failed(postings);
        return NULL;
    }
    postings->blocks += ENTRY_BYTES;
    postings->packed += size;
    postings->blocks_left--;
    postings->block_number++;
    postings->before = last;
    return entry;
}

static bool exceptions_are_good(const unsigned char *at, unsigned count)
{
    for (unsigned i = 0; i < count; i++)
        if (at[EXCEPTION_BYTES * i] >= KERNEL_BLOCK || (i > 0 && at[EXCEPTION_BYTES * i] <= at[EXCEPTION_BYTES * (i - 1)]))
            return false;
    return true;
}

static bool is_ascending(const uint32_t documents[KERNEL_BLOCK])
{
    bool ascends = true;
    for (size_t i = 1; i < KERNEL_BLOCK; i++)
        ascends &= documents[i] > documents[i - 1];
    return ascends;
}

static void read_block(struct postings *postings)
{
    const unsigned char *packed = postings->packed;
    uint32_t before = postings->before;
    const unsigned char *entry = step(postings);
    if (entry == NULL)
        return;
    unsigned bits = entry[ENTRY_AT_DOCUMENT_BITS];
    kernels()->unpack_ascending(postings->documents, packed, bits, before);
    postings->code = entry[ENTRY_AT_FREQUENCY_CODE];
    postings->packed_frequencies = packed + KERNEL_BLOCK / 8 * (size_t)bits;
    postings->frequencies_are_read = false;
    postings->count = KERNEL_BLOCK;
    if (postings->documents[KERNEL_BLOCK - 1] != postings->before ||
        (bits > SAFE_BITS && (postings->documents[0] + 1 <= before + 1 || !is_ascending(postings->documents))) ||
        !exceptions_are_good(postings->packed_frequencies, postings_exception_count(postings)))
        end_failed(postings);
}

static void read_tail(struct postings *postings)
{
    struct bytes tail = bytes_from((struct slice){(const char *)postings->packed, (size_t)(postings->end - postings->packed)});
    uint64_t document = postings->before == UINT32_MAX ? 0 : (uint64_t)postings->before + 1;
    for (uint32_t i = 0; i < postings->tail_count; i++) {
        uint64_t value = bytes_varint(&tail);
        uint64_t more = value & 1 ? bytes_varint(&tail) : 0;
        if (value / 2 >= UINT32_MAX || document + value / 2 >= postings->document_count || more > FREQUENCY_MAX - 2)
            bytes_fail(&tail);
        if (tail.failed) {
            end_failed(postings);
            return;
        }
        document += value / 2;
        postings->documents[i] = (uint32_t)document++;
        postings->frequencies[i] = value & 1 ? (uint32_t)more + 2 : 1;
    }
    postings->packed += tail.offset;
    postings->count = postings->tail_count;
    postings->tail_count = 0;
    postings->block_number++;
    postings->before = postings->documents[postings->count - 1];
    postings->frequencies_are_read = true;
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

/* The first place of the block from `at` on whose document is not below `document`; there is one. */
static uint32_t place_in_block(const struct postings *postings, uint32_t document)
{
    const uint32_t *from = postings->documents + postings->at;
    uint32_t left = postings->count - postings->at;
    while (left > 1) { /* it is among from[0 … left-1] */
        uint32_t half = left / 2;
        from += from[half - 1] < document ? half : 0;
        left -= half;
    }
    return (uint32_t)(from - postings->documents);
}

uint32_t postings_run(const struct postings *postings, uint32_t end)
{
    uint32_t behind = postings->documents[postings->count - 1] < end ? postings->count : place_in_block(postings, end);
    return behind - postings->at;
}

void postings_seek(struct postings *postings, uint32_t document)
{
    if (postings->count > 0 && postings->documents[postings->count - 1] >= document) {
        postings->at = place_in_block(postings, document);
        return;
    }
    while (postings->blocks_left > 0 && load_u32(postings->blocks) < document)
        if (step(postings) == NULL)
            return;
    while (postings_next(postings))
        if (postings->documents[postings->count - 1] >= document) {
            postings->at = place_in_block(postings, document);
            return;
        }
}

const uint32_t *postings_frequencies(struct postings *postings)
{
    if (postings->frequencies_are_read)
        return postings->frequencies;
    postings->frequencies_are_read = true;
    unsigned bits = postings->code < CODE_EXCEPTIONS ? postings->code : 0;
    kernels()->unpack(postings->frequencies, postings->packed_frequencies, bits);
    for (size_t i = 0; i < KERNEL_BLOCK; i++)
        postings->frequencies[i]++;
    const unsigned char *exception = postings->packed_frequencies;
    for (uint32_t i = postings_exception_count(postings); i > 0; i--, exception += EXCEPTION_BYTES)
        postings->frequencies[exception[0]] = exception[1] + (uint32_t)2;
    return postings->frequencies;
}

uint32_t postings_frequency(const struct postings *postings, uint32_t i)
{
    assert(i < postings->count);
    if (postings->frequencies_are_read)
        return postings->frequencies[i];
    const unsigned char *at = postings->packed_frequencies;
    if (postings->code < CODE_EXCEPTIONS)
        return kernel_packed_at(at, i, postings->code) + 1;
    for (uint32_t left = postings_exception_count(postings); left > 0 && at[0] <= i; left--, at += EXCEPTION_BYTES)
        if (at[0] == i)
            return at[1] + (uint32_t)2;
    return 1;
}

/* ---- positions ---- */

void positions_write(struct buffer *out, const uint32_t *frequencies, size_t count, const uint32_t *starts,
                     const uint32_t *positions)
{
    size_t block_count = count / KERNEL_BLOCK, table = out->size;
    buffer_append_zeros(out, 4 * block_count);
    size_t start = out->size;
    for (size_t i = 0; i < count; i++) {
        uint32_t before = 0;
        unsigned char *room = buffer_reserve(out, VARINT_BYTES * (size_t)frequencies[i]), *at = room;
        if (room == NULL)
            return;
        for (uint32_t j = 0; j < frequencies[i]; j++) {
            uint32_t more = positions[starts[i] + j] - before;
            for (; more >= 0x80; more >>= 7)
                *at++ = (unsigned char)(more | 0x80);
            *at++ = (unsigned char)more;
            before = positions[starts[i] + j];
        }
        out->size += (size_t)(at - room);
        if (i % KERNEL_BLOCK == KERNEL_BLOCK - 1)
            buffer_patch_u32(out, table + 4 * (i / KERNEL_BLOCK), (uint32_t)(out->size - start));
    }
}

void positions_open(struct positions *positions, const struct postings_place *place)
{
    size_t table_end = 4 * (size_t)(place->documents / KERNEL_BLOCK);
    *positions = (struct positions){bytes_from(place->positions), table_end, UINT32_MAX, 0};
    if (table_end > place->positions.size)
        bytes_fail(&positions->bytes);
}

/* Where the positions of a block begin. */
static size_t start_of_block(const struct positions *positions, uint32_t block)
{
    return positions->table_end + (block == 0 ? 0 : load_u32(positions->bytes.data + 4 * ((size_t)block - 1)));
}

bool positions_read(struct positions *positions, struct postings *postings, struct buffer *out)
{
    struct bytes *bytes = &positions->bytes;
    const uint32_t *frequencies = postings_frequencies(postings);
    if (bytes->failed)
        return false;
    if (positions->block != postings->block_number) {
        bytes->offset = 0;
        bytes_skip(bytes, start_of_block(positions, postings->block_number));
        positions->block = postings->block_number;
        positions->next = 0;
    }
    assert(positions->next <= postings->at); /* each document is read once */
    for (; positions->next < postings->at; positions->next++)
        for (uint32_t i = 0; i < frequencies[positions->next] && !bytes->failed; i++)
            (void)bytes_varint(bytes);
    uint64_t position = 0;
    for (uint32_t i = 0; i < frequencies[postings->at] && !bytes->failed; i++) {
        uint64_t more = bytes_varint(bytes);
        if (more > INT32_MAX || position + more > INT32_MAX)
            bytes_fail(bytes);
        position += more;
        buffer_append(out, &(uint32_t){(uint32_t)position}, sizeof(uint32_t));
    }
    positions->next++;
    return !bytes->failed;
}

/* ---- proving ---- */

/* Every position can be read, and they end where the bytes end. */
static const char *verify_positions(const struct postings_place *place, uint32_t document_count)
{
    struct postings postings;
    struct positions positions;
    struct buffer numbers;
    buffer_init(&numbers, LIMIT_SEGMENT_BYTES);
    postings_open(&postings, place, document_count);
    positions_open(&positions, place);
    bool ok = !positions.bytes.failed;
    positions.bytes.offset = positions.table_end;
    while (ok && postings_next(&postings)) {
        ok = start_of_block(&positions, postings.block_number) == positions.bytes.offset; /* no gap */
        for (; ok && postings.at < postings.count; postings.at++) {
            buffer_clear(&numbers);
            ok = positions_read(&positions, &postings, &numbers);
        }
    }
    buffer_release(&numbers);
    return ok && positions.bytes.offset == place->positions.size ? NULL : "its positions are damaged";
}

const char *postings_verify(const struct postings_place *place, uint32_t document_count)
{
    struct postings postings;
    uint32_t frequency_max = 0;
    postings_open(&postings, place, document_count);
    while (postings_next(&postings)) {
        const uint32_t *frequencies = postings_frequencies(&postings);
        for (uint32_t i = 0; i < postings.count; i++)
            frequency_max = frequencies[i] > frequency_max ? frequencies[i] : frequency_max;
    }
    if (postings.failed)
        return "they do not ascend to the last document, or end early";
    if (postings.packed != postings.end)
        return "there are bytes behind the last one";
    if (frequency_max != place->frequency_max)
        return "the largest frequency is another";
    return place->positions.size > 0 ? verify_positions(place, document_count) : NULL;
}
