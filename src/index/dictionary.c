#include "dictionary.h"
#include "load.h"
#include <assert.h>
#include <string.h>

enum { ENTRY_BYTES = 8, ENTRY_AT_POSTINGS = 4, SHORT_MAX = 15 };

void dictionary_writer_init(struct dictionary_writer *writer)
{
    writer->last_size = 0;
    writer->count = 0;
    writer->has_positions = false;
    buffer_init(&writer->terms, LIMIT_SEGMENT_BYTES);
    buffer_init(&writer->blocks, LIMIT_SEGMENT_BYTES);
}

void dictionary_writer_release(struct dictionary_writer *writer)
{
    buffer_release(&writer->terms);
    buffer_release(&writer->blocks);
}

static size_t shortened(size_t size)
{
    return size < SHORT_MAX ? size : SHORT_MAX;
}

void dictionary_append(struct dictionary_writer *writer, const struct dictionary_term *term)
{
    struct slice text = term->text;
    assert(text.size <= LIMIT_TERM_BYTES && term->documents > 0 && term->frequency_max > 0);
    struct buffer *out = &writer->terms;
    size_t shared = 0;
    if (writer->count % DICTIONARY_BLOCK == 0) {
        buffer_u32(&writer->blocks, (uint32_t)out->size);
        buffer_u32(&writer->blocks, (uint32_t)term->postings_at);
    } else {
        while (shared < text.size && shared < writer->last_size && text.data[shared] == writer->last[shared])
            shared++;
    }
    struct slice own = slice_range(text, shared, text.size);
    buffer_append_byte(out, (char)(shortened(shared) | shortened(own.size) << 4));
    if (shared >= SHORT_MAX)
        buffer_varint(out, shared - SHORT_MAX);
    if (own.size >= SHORT_MAX)
        buffer_varint(out, own.size - SHORT_MAX);
    buffer_append_slice(out, own);
    buffer_varint(out, ((uint64_t)term->documents - 1) * 2 + (term->frequency_max > 1));
    if (term->frequency_max > 1)
        buffer_varint(out, term->frequency_max - 2);
    buffer_varint(out, term->postings_size);
    if (writer->has_positions)
        buffer_varint(out, term->positions_size);
    if (own.size > 0)
        memcpy(writer->last + shared, own.data, own.size);
    writer->last_size = text.size;
    writer->count++;
}

void dictionary_next_field(struct dictionary_writer *writer)
{
    writer->count = 0;
    writer->last_size = 0;
    writer->has_positions = false;
}

void dictionary_start(struct dictionary_cursor *cursor, const struct dictionary *dictionary, uint32_t block)
{
    cursor->dictionary = dictionary;
    cursor->bytes = bytes_from(dictionary->terms);
    cursor->number = block * DICTIONARY_BLOCK;
    cursor->size = 0;
    cursor->postings_at = cursor->postings_size = cursor->positions_size = 0;
    if (cursor->number >= dictionary->term_count)
        return;
    const unsigned char *entry = (const unsigned char *)dictionary->blocks.data + (size_t)ENTRY_BYTES * block;
    bytes_skip(&cursor->bytes, load_u32(entry));
    cursor->postings_at = load_u32(entry + ENTRY_AT_POSTINGS);
}

bool dictionary_next(struct dictionary_cursor *cursor)
{
    if (cursor->number >= cursor->dictionary->term_count || cursor->bytes.failed)
        return false;
    struct bytes *bytes = &cursor->bytes;
    unsigned sizes = bytes_u8(bytes);
    uint64_t shared = sizes & SHORT_MAX, own_size = sizes >> 4;
    if (shared == SHORT_MAX)
        shared += bytes_varint(bytes);
    if (own_size == SHORT_MAX)
        own_size += bytes_varint(bytes);
    if (shared > cursor->size || shared > LIMIT_TERM_BYTES || own_size > LIMIT_TERM_BYTES - shared ||
        (cursor->number % DICTIONARY_BLOCK == 0 && shared != 0)) {
        bytes_fail(bytes);
        return false;
    }
    struct slice own = bytes_slice(bytes, own_size);
    uint64_t documents = bytes_varint(bytes), more = documents & 1 ? bytes_varint(bytes) : 0;
    uint64_t postings_size = bytes_varint(bytes), positions_size = cursor->dictionary->has_positions ? bytes_varint(bytes) : 0;
    if (documents / 2 >= UINT32_MAX || more > INT32_MAX - 2 || postings_size > LIMIT_SEGMENT_BYTES ||
        positions_size > LIMIT_SEGMENT_BYTES)
        bytes_fail(bytes);
    if (bytes->failed)
        return false;
    if (own.size > 0)
        memcpy(cursor->text + shared, own.data, own.size);
    cursor->size = (size_t)(shared + own_size);
    cursor->documents = (uint32_t)(documents / 2) + 1;
    cursor->frequency_max = documents & 1 ? (uint32_t)more + 2 : 1;
    cursor->postings_at += cursor->postings_size + cursor->positions_size;
    cursor->postings_size = postings_size;
    cursor->positions_size = positions_size;
    cursor->number++;
    return true;
}

bool dictionary_find_from(struct dictionary_cursor *cursor, const struct dictionary *dictionary, struct slice term)
{
    if (dictionary->term_count == 0)
        return false;
    /* the last block whose first term is not above: low … high-1 may hold it */
    uint32_t low = 0, high = (dictionary->term_count - 1) / DICTIONARY_BLOCK + 1;
    while (high - low > 1) {
        uint32_t middle = low + (high - low) / 2;
        dictionary_start(cursor, dictionary, middle);
        if (!dictionary_next(cursor))
            return false;
        if (slice_compare((struct slice){cursor->text, cursor->size}, term) <= 0)
            low = middle;
        else
            high = middle;
    }
    dictionary_start(cursor, dictionary, low);
    while (dictionary_next(cursor))
        if (slice_compare((struct slice){cursor->text, cursor->size}, term) >= 0)
            return true;
    return false;
}

bool dictionary_find(struct dictionary_cursor *cursor, const struct dictionary *dictionary, struct slice term)
{
    if (term.size > LIMIT_TERM_BYTES)
        term.size = LIMIT_TERM_BYTES;
    return dictionary_find_from(cursor, dictionary, term) && slice_equal((struct slice){cursor->text, cursor->size}, term);
}
