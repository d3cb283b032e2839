#include "builder.h"
#include "segment.h"
#include <assert.h>
#include <stdlib.h>

/* What a builder may hold. Encoded it is several times smaller; LIMIT_SEGMENT_BYTES is checked there. */
#define LOG_BYTES_MAX LIMIT_ARENA_BYTES
#define WORD_BYTES_MAX (LIMIT_ARENA_BYTES / 4)
#define WORDS_MAX ((size_t)INT32_MAX)

struct segment_builder *segment_builder_create(void)
{
    struct segment_builder *builder = memory_alloc(1, sizeof(*builder));
    map_init(&builder->words, WORDS_MAX);
    buffer_init(&builder->terms, WORDS_MAX * sizeof(struct builder_term));
    buffer_init(&builder->log, LOG_BYTES_MAX);
    buffer_init(&builder->ids, SEGMENT_PASSAGES_MAX * sizeof(passage_id));
    buffer_init(&builder->lengths, SEGMENT_PASSAGES_MAX * sizeof(uint32_t));
    return builder;
}

void segment_builder_free(struct segment_builder *builder)
{
    if (builder == NULL)
        return;
    builder_clear(builder);
    free(builder);
}

void builder_clear(struct segment_builder *builder)
{
    map_release(&builder->words);
    buffer_release(&builder->terms);
    buffer_release(&builder->log);
    buffer_release(&builder->ids);
    buffer_release(&builder->lengths);
    builder->last_passage = 0;
}

/* The buffers hold nothing but these structs, from an allocation that is aligned for any type. */
struct builder_posting *builder_log(const struct segment_builder *builder)
{
    return (struct builder_posting *)(void *)builder->log.data;
}

size_t builder_log_count(const struct segment_builder *builder)
{
    return builder->log.size / sizeof(struct builder_posting);
}

struct builder_term *builder_terms(const struct segment_builder *builder)
{
    return (struct builder_term *)(void *)builder->terms.data;
}

bool builder_reserve(struct segment_builder *builder, size_t postings, struct error *error)
{
    if (segment_builder_passage_count(builder) >= SEGMENT_PASSAGES_MAX)
        return error_set(error, ERROR_LIMIT, "segment has %d passages, the limit", SEGMENT_PASSAGES_MAX);
    if (postings > (LOG_BYTES_MAX - builder->log.size) / sizeof(struct builder_posting) ||
        postings > (WORD_BYTES_MAX - builder->words.keys.size) / (2 * LIMIT_TERM_BYTES) ||
        postings > WORDS_MAX - builder->words.count)
        return error_set(error, ERROR_LIMIT, "segment of %zu postings and %zu terms has no room for %zu more",
                         builder_log_count(builder), builder->words.count, postings);
    bool ok = buffer_reserve(&builder->log, postings * sizeof(struct builder_posting)) != NULL &&
              buffer_reserve(&builder->terms, postings * sizeof(struct builder_term)) != NULL &&
              buffer_reserve(&builder->ids, sizeof(passage_id)) != NULL &&
              buffer_reserve(&builder->lengths, sizeof(uint32_t)) != NULL;
    if (!ok)
        return error_set(error, ERROR_NO_MEMORY, "no memory for a segment of %zu postings", builder_log_count(builder));
    return true;
}

uint32_t builder_append_passage(struct segment_builder *builder, passage_id passage, uint32_t length)
{
    assert(passage > builder->last_passage);
    uint32_t document = (uint32_t)segment_builder_passage_count(builder);
    buffer_append(&builder->ids, &passage, sizeof(passage));
    buffer_append(&builder->lengths, &length, sizeof(length));
    builder->last_passage = passage;
    return document;
}

uint32_t builder_term_number(struct segment_builder *builder, struct slice term)
{
    bool is_new;
    struct map_entry *entry = map_put(&builder->words, term, &is_new);
    assert(entry != NULL);
    if (is_new) {
        entry->value = builder->words.count - 1;
        buffer_append(&builder->terms, &(struct builder_term){0}, sizeof(struct builder_term));
    }
    return (uint32_t)entry->value;
}

void builder_append_posting(struct segment_builder *builder, uint32_t term, uint32_t document, uint32_t frequency)
{
    struct builder_term *state = &builder_terms(builder)[term];
    assert(state->last_document <= document && frequency > 0);
    state->documents++;
    state->last_document = document + 1;
    state->last_at = builder_log_count(builder);
    struct builder_posting posting = {term, document, frequency};
    buffer_append(&builder->log, &posting, sizeof(posting));
}

bool segment_builder_add(struct segment_builder *builder, passage_id passage, const struct slice *terms, size_t term_count,
                         struct error *error)
{
    if (passage <= builder->last_passage)
        return error_set(error, ERROR_INVALID, "passage %llu comes after passage %llu, expected ascending numbers from 1",
                         (unsigned long long)passage, (unsigned long long)builder->last_passage);
    if (term_count > SEGMENT_LENGTH_MAX)
        return error_set(error, ERROR_LIMIT, "passage %llu has %zu terms, the limit is %d", (unsigned long long)passage,
                         term_count, SEGMENT_LENGTH_MAX);
    if (!builder_reserve(builder, term_count, error))
        return false;
    uint32_t document = builder_append_passage(builder, passage, (uint32_t)term_count);
    for (size_t i = 0; i < term_count; i++) {
        struct slice term = terms[i];
        if (term.size > LIMIT_TERM_BYTES)
            term.size = LIMIT_TERM_BYTES;
        uint32_t number = builder_term_number(builder, term);
        struct builder_term *state = &builder_terms(builder)[number];
        if (state->last_document == document + 1) {
            builder_log(builder)[state->last_at].frequency++;
        } else {
            builder_append_posting(builder, number, document, 1);
        }
    }
    return true;
}

size_t segment_builder_passage_count(const struct segment_builder *builder)
{
    return builder->ids.size / sizeof(passage_id);
}

size_t segment_builder_bytes(const struct segment_builder *builder)
{
    return sizeof(*builder) + builder->words.capacity * sizeof(struct map_entry) +
           builder->words.slot_count * sizeof(uint32_t) + builder->words.keys.size + builder->terms.capacity +
           builder->log.capacity + builder->ids.capacity + builder->lengths.capacity;
}
