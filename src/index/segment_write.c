/* segment_write.c - encodes a builder: terms in byte order, and the log sorted by term. Counting sort keeps the documents of a
 * term in the order they were logged, which is ascending. */
#include "builder.h"
#include "postings.h"
#include "segment_write.h"
#include <assert.h>
#include <stdlib.h>

struct sorted_term {
    struct slice text;
    uint32_t number;
};

static int compare_terms(const void *a, const void *b)
{
    return slice_compare(((const struct sorted_term *)a)->text, ((const struct sorted_term *)b)->text);
}

struct encoder {
    const struct segment_builder *builder;
    const struct builder_field *field; /* the one at hand */
    struct sorted_term *terms;         /* in byte order */
    uint64_t *ends;                    /* for each term number: behind its postings below */
    uint32_t *documents;               /* by term in byte order, then ascending */
    uint32_t *frequencies;
    uint32_t *starts; /* where the positions of each begin; NULL: there are none */
};

static void release_field(struct encoder *encoder)
{
    free(encoder->terms);
    free(encoder->ends);
    free(encoder->documents);
    free(encoder->frequencies);
    free(encoder->starts);
}

/* Room for a field; to be released whether it succeeds or not. */
static bool begin_field(struct encoder *encoder, const struct builder_field *field, struct error *error)
{
    size_t term_count = field->words.count, posting_count = builder_log_count(field);
    bool has_positions = encoder->builder->keeps_positions && field == &encoder->builder->fields[INDEX_TEXT];
    encoder->field = field;
    encoder->terms = memory_try(term_count, sizeof(*encoder->terms));
    encoder->ends = memory_try(term_count, sizeof(*encoder->ends));
    encoder->documents = memory_try(posting_count, sizeof(*encoder->documents));
    encoder->frequencies = memory_try(posting_count, sizeof(*encoder->frequencies));
    encoder->starts = has_positions ? memory_try(posting_count, sizeof(*encoder->starts)) : NULL;
    if (encoder->terms != NULL && encoder->ends != NULL && encoder->documents != NULL && encoder->frequencies != NULL &&
        (encoder->starts != NULL || !has_positions))
        return true;
    return error_set(error, ERROR_NO_MEMORY, "no memory to write a segment of %zu postings", posting_count);
}

static void sort_postings(struct encoder *encoder)
{
    const struct builder_field *field = encoder->field;
    size_t term_count = field->words.count, posting_count = builder_log_count(field);
    for (size_t i = 0; i < term_count; i++)
        encoder->terms[i] = (struct sorted_term){field->words.entries[i].key, (uint32_t)field->words.entries[i].value};
    if (term_count > 0)
        qsort(encoder->terms, term_count, sizeof(*encoder->terms), compare_terms);
    /* ends[] holds where a term's postings begin; each one placed moves it, so that in the end it stands behind them */
    uint64_t start = 0;
    for (size_t i = 0; i < term_count; i++) {
        uint32_t number = encoder->terms[i].number;
        encoder->ends[number] = start;
        start += builder_terms(field)[number].documents;
    }
    const struct builder_posting *log = builder_log(field);
    uint32_t position = 0;
    for (size_t i = 0; i < posting_count; i++) {
        uint64_t at = encoder->ends[log[i].term]++;
        encoder->documents[at] = log[i].document;
        encoder->frequencies[at] = log[i].frequency;
        if (encoder->starts != NULL)
            encoder->starts[at] = position;
        position += log[i].frequency;
    }
}

/* PASS and LENS; what META says of them stands before them. */
static unsigned width_for(uint64_t greatest)
{
    return greatest == 0 ? 0 : greatest <= UINT8_MAX ? 1 : greatest <= UINT16_MAX ? 2 : greatest <= UINT32_MAX ? 4 : 8;
}

static uint32_t greatest(const uint32_t *numbers, size_t count)
{
    uint32_t greatest = 0;
    for (size_t i = 0; i < count; i++)
        greatest = numbers[i] > greatest ? numbers[i] : greatest;
    return greatest;
}

static void put_number(struct buffer *out, uint64_t number, unsigned width)
{
    for (unsigned i = 0; i < width; i++)
        buffer_append_byte(out, (char)(number >> (8 * i)));
}

static void write_meta(const struct segment_head *head, unsigned passage_bytes, unsigned length_bytes, struct buffer *out)
{
    uint64_t length_sum = 0;
    for (size_t i = 0; i < head->count; i++)
        length_sum += head->lengths[i];
    buffer_u32(out, (uint32_t)head->count);
    for (size_t i = 0; i < INDEX_FIELDS; i++)
        buffer_u32(out, (uint32_t)head->term_counts[i]);
    buffer_u64(out, head->posting_count);
    buffer_u64(out, length_sum);
    buffer_u64(out, head->count == 0 ? 0 : head->ids[0]);
    buffer_append_byte(out, (char)passage_bytes);
    buffer_append_byte(out, (char)length_bytes);
    buffer_append_byte(out, head->has_positions);
    buffer_append_zeros(out, META_BYTES - META_AT_RESERVED);
}

void segment_write_begin(struct container_writer *writer, const struct segment_head *head, struct buffer *out)
{
    size_t count = head->count;
    unsigned passage_bytes = width_for(count == 0 ? 0 : head->ids[count - 1] - head->ids[0] - (count - 1));
    unsigned length_bytes = width_for(greatest(head->lengths, count));
    container_begin(writer, &segment_kind, out);
    write_meta(head, passage_bytes, length_bytes, out); /* ORDER CHUNKS */
    container_chunk_end(writer);
    for (size_t i = 0; i < count; i++)
        put_number(out, head->ids[i] - head->ids[0] - i, passage_bytes);
    container_chunk_end(writer);
    for (size_t i = 0; i < count; i++)
        put_number(out, head->lengths[i], length_bytes);
    container_chunk_end(writer);
}

bool segment_write_end(struct container_writer *writer, const struct dictionary_writer *dictionary, struct buffer *out,
                       struct error *error)
{
    container_chunk_end(writer);
    buffer_append_slice(out, buffer_slice(&dictionary->terms));
    container_chunk_end(writer);
    buffer_append_slice(out, buffer_slice(&dictionary->blocks));
    container_chunk_end(writer);
    container_end(writer);
    if (!buffer_finish(&dictionary->terms, "segment", error) || !buffer_finish(&dictionary->blocks, "segment", error) ||
        !buffer_finish(out, "segment", error))
        return false;
    if (out->size - writer->start > LIMIT_SEGMENT_BYTES)
        return error_set(error, ERROR_LIMIT, "segment has %zu bytes, the limit is %zu", out->size - writer->start,
                         LIMIT_SEGMENT_BYTES);
    return true;
}

static void write_field(struct encoder *encoder, struct dictionary_writer *dictionary, size_t postings_start,
                        struct buffer *out)
{
    const uint32_t *positions = (const uint32_t *)(const void *)encoder->builder->positions.data;
    dictionary_next_field(dictionary);
    dictionary->has_positions = encoder->starts != NULL;
    for (size_t i = 0; i < encoder->field->words.count && !out->failed; i++) {
        uint32_t number = encoder->terms[i].number, documents = builder_terms(encoder->field)[number].documents;
        uint64_t first = encoder->ends[number] - documents;
        const uint32_t *frequencies = encoder->frequencies + first;
        struct dictionary_term term = {.text = encoder->terms[i].text,
                                       .documents = documents,
                                       .frequency_max = greatest(frequencies, documents),
                                       .postings_at = out->size - postings_start};
        size_t at = out->size;
        postings_write(out, encoder->documents + first, frequencies, documents);
        term.postings_size = out->size - at;
        at = out->size;
        if (encoder->starts != NULL)
            positions_write(out, frequencies, documents, encoder->starts + first, positions);
        term.positions_size = out->size - at;
        dictionary_append(dictionary, &term);
    }
}

static bool write_fields(struct encoder *encoder, struct dictionary_writer *dictionary, struct buffer *out, struct error *error)
{
    size_t postings_start = out->size;
    bool ok = true;
    for (size_t i = 0; ok && i < INDEX_FIELDS; i++) {
        ok = begin_field(encoder, &encoder->builder->fields[i], error);
        if (ok) {
            sort_postings(encoder);
            write_field(encoder, dictionary, postings_start, out);
        }
        release_field(encoder);
    }
    return ok;
}

static bool encode(struct encoder *encoder, struct buffer *out, struct error *error)
{
    const struct segment_builder *builder = encoder->builder;
    struct segment_head head = {.ids = (const passage_id *)(const void *)builder->ids.data,
                                .lengths = (const uint32_t *)(const void *)builder->lengths.data,
                                .count = segment_builder_passage_count(builder),
                                .posting_count = builder_log_count(&builder->fields[INDEX_TEXT]),
                                .has_positions = builder->keeps_positions};
    struct container_writer writer;
    struct dictionary_writer dictionary;
    for (size_t i = 0; i < INDEX_FIELDS; i++)
        head.term_counts[i] = builder->fields[i].words.count;
    segment_write_begin(&writer, &head, out);
    dictionary_writer_init(&dictionary);
    bool ok = write_fields(encoder, &dictionary, out, error) && segment_write_end(&writer, &dictionary, out, error);
    dictionary_writer_release(&dictionary);
    return ok;
}

bool segment_builder_encode(struct segment_builder *builder, struct buffer *out, struct error *error)
{
    struct encoder encoder = {.builder = builder};
    size_t start = out->size;
    bool ok = encode(&encoder, out, error);
    if (ok)
        builder_clear(builder);
    else
        out->size = start; /* nothing half written */
    return ok;
}
