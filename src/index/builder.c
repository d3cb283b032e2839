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
    for (size_t i = 0; i < INDEX_FIELDS; i++) {
        map_init(&builder->fields[i].words, WORDS_MAX);
        buffer_init(&builder->fields[i].terms, WORDS_MAX * sizeof(struct builder_term));
        buffer_init(&builder->fields[i].log, LOG_BYTES_MAX);
        buffer_init(&builder->fields[i].known, WORDS_MAX * sizeof(uint32_t));
    }
    buffer_init(&builder->positions, LOG_BYTES_MAX);
    buffer_init(&builder->numbers, SEGMENT_LENGTH_MAX * sizeof(uint32_t));
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
    for (size_t i = 0; i < INDEX_FIELDS; i++) {
        map_release(&builder->fields[i].words);
        buffer_release(&builder->fields[i].terms);
        buffer_release(&builder->fields[i].log);
        buffer_release(&builder->fields[i].known);
    }
    buffer_release(&builder->positions);
    buffer_release(&builder->numbers);
    buffer_release(&builder->ids);
    buffer_release(&builder->lengths);
    builder->last_passage = 0;
}

/* The buffers hold nothing but these structs, from an allocation that is aligned for any type. */
struct builder_posting *builder_log(const struct builder_field *field)
{
    return (struct builder_posting *)(void *)field->log.data;
}

size_t builder_log_count(const struct builder_field *field)
{
    return field->log.size / sizeof(struct builder_posting);
}

struct builder_term *builder_terms(const struct builder_field *field)
{
    return (struct builder_term *)(void *)field->terms.data;
}

/* Room for one more passage, `postings` more postings and `terms` new terms: nothing below fails after it. */
static bool reserve_field(struct segment_builder *builder, struct builder_field *field, size_t postings, size_t terms,
                          struct error *error)
{
    if (segment_builder_passage_count(builder) >= SEGMENT_PASSAGES_MAX)
        return error_set(error, ERROR_LIMIT, "segment has %d passages, the limit", SEGMENT_PASSAGES_MAX);
    if (postings > (LOG_BYTES_MAX - field->log.size) / sizeof(struct builder_posting) ||
        terms > (WORD_BYTES_MAX - field->words.keys.size) / (2 * LIMIT_TERM_BYTES) || terms > WORDS_MAX - field->words.count)
        return error_set(error, ERROR_LIMIT, "segment of %zu postings and %zu terms has no room for %zu more",
                         builder_log_count(field), field->words.count, postings);
    bool ok = buffer_reserve(&field->log, postings * sizeof(struct builder_posting)) != NULL &&
              buffer_reserve(&field->terms, terms * sizeof(struct builder_term)) != NULL &&
              buffer_reserve(&builder->ids, sizeof(passage_id)) != NULL &&
              buffer_reserve(&builder->lengths, sizeof(uint32_t)) != NULL;
    if (!ok)
        return error_set(error, ERROR_NO_MEMORY, "no memory for a segment of %zu postings", builder_log_count(field));
    return true;
}

static uint32_t append_passage(struct segment_builder *builder, passage_id passage, uint32_t length)
{
    assert(passage > builder->last_passage);
    uint32_t document = (uint32_t)segment_builder_passage_count(builder);
    buffer_append(&builder->ids, &passage, sizeof(passage));
    buffer_append(&builder->lengths, &length, sizeof(length));
    builder->last_passage = passage;
    return document;
}

static uint32_t term_number(struct builder_field *field, struct slice term)
{
    if (term.size > LIMIT_TERM_BYTES)
        term.size = LIMIT_TERM_BYTES;
    bool is_new;
    struct map_entry *entry = map_put(&field->words, term, &is_new);
    assert(entry != NULL);
    if (is_new) {
        entry->value = field->words.count - 1;
        buffer_append(&field->terms, &(struct builder_term){0}, sizeof(struct builder_term));
    }
    return (uint32_t)entry->value;
}

/* The same, for a term that has a number of the caller's: nothing is compared when it was met before. */
static uint32_t known_term_number(struct builder_field *field, struct slice term, uint32_t number)
{
    if (number == 0)
        return term_number(field, term);
    size_t size = ((size_t)number + 1) * sizeof(uint32_t);
    if (size > field->known.size)
        buffer_append_zeros(&field->known, size - field->known.size);
    if (field->known.failed)
        return term_number(field, term);
    uint32_t *known = (uint32_t *)(void *)field->known.data + number;
    if (*known == 0)
        *known = term_number(field, term) + 1;
    return *known - 1;
}

static void append_posting(struct builder_field *field, uint32_t term, uint32_t document, uint32_t frequency)
{
    struct builder_term *state = &builder_terms(field)[term];
    assert(state->last_document <= document && frequency > 0);
    state->documents++;
    state->last_document = document + 1;
    state->last_at = builder_log_count(field);
    struct builder_posting posting = {term, document, frequency};
    buffer_append(&field->log, &posting, sizeof(posting));
}

/* Counts a term that stands in the passage; returns its number. */
static uint32_t add_term(struct builder_field *field, const struct index_text *text, size_t i, uint32_t document)
{
    uint32_t number = known_term_number(field, text->terms[i], text->numbers != NULL ? text->numbers[i] : 0);
    struct builder_term *state = &builder_terms(field)[number];
    if (state->last_document == document + 1)
        builder_log(field)[state->last_at].frequency++;
    else
        append_posting(field, number, document, 1);
    return number;
}

/* Puts the positions of the passage's terms, whose numbers are in `numbers`, behind those of the postings before: sorted by posting,
 * ascending within each. There is a place between two texts that no term has. */
static void add_positions(struct segment_builder *builder, size_t first_posting, const struct index_text *texts,
                          size_t text_count)
{
    struct builder_field *field = &builder->fields[INDEX_TEXT];
    const uint32_t *number = (const uint32_t *)(const void *)builder->numbers.data;
    size_t posting_count = builder_log_count(field) - first_posting;
    uint32_t *ends = (uint32_t *)(void *)(builder->numbers.data + builder->numbers.size); /* reserved by the caller */
    const struct builder_posting *postings = builder_log(field) + first_posting;
    uint32_t start = (uint32_t)(builder->positions.size / sizeof(uint32_t)), position = 0;
    for (size_t i = 0; i < posting_count; i++) {
        ends[i] = start;
        start += postings[i].frequency;
    }
    uint32_t *positions = (uint32_t *)(void *)builder->positions.data;
    for (size_t i = 0; i < text_count; i++) {
        uint32_t base = position;
        for (size_t j = 0; j < texts[i].term_count; j++) {
            position = base + (texts[i].places != NULL ? texts[i].places[j] : (uint32_t)j);
            positions[ends[builder_terms(field)[*number++].last_at - first_posting]++] = position;
        }
        position += 2;
    }
    builder->positions.size = start * sizeof(uint32_t);
}

static bool reserve_texts(struct segment_builder *builder, const struct index_text *texts, size_t text_count, size_t term_count,
                          struct error *error)
{
    if (!reserve_field(builder, &builder->fields[INDEX_TEXT], term_count, term_count, error))
        return false;
    for (size_t i = 0; i < text_count; i++) {
        assert(texts[i].field < INDEX_FIELDS);
        if (texts[i].field != INDEX_TEXT &&
            !reserve_field(builder, &builder->fields[texts[i].field], texts[i].term_count, texts[i].term_count, error))
            return false;
    }
    buffer_clear(&builder->numbers);
    if (!builder->keeps_positions || term_count == 0)
        return true;
    if (buffer_reserve(&builder->positions, term_count * sizeof(uint32_t)) == NULL ||
        buffer_reserve(&builder->numbers, 2 * term_count * sizeof(uint32_t)) == NULL)
        return error_set(error, ERROR_LIMIT, "segment has no room for %zu more positions", term_count);
    return true;
}

bool segment_builder_add_texts(struct segment_builder *builder, passage_id passage, const struct index_text *texts,
                               size_t text_count, struct error *error)
{
    if (passage <= builder->last_passage)
        return error_set(error, ERROR_INVALID, "passage %llu comes after passage %llu, expected ascending numbers from 1",
                         (unsigned long long)passage, (unsigned long long)builder->last_passage);
    size_t term_count = 0;
    for (size_t i = 0; i < text_count; i++)
        term_count += texts[i].term_count;
    if (term_count > SEGMENT_LENGTH_MAX)
        return error_set(error, ERROR_LIMIT, "passage %llu has %zu terms, the limit is %d", (unsigned long long)passage,
                         term_count, SEGMENT_LENGTH_MAX);
    if (!reserve_texts(builder, texts, text_count, term_count, error))
        return false;
    uint32_t document = append_passage(builder, passage, (uint32_t)term_count);
    size_t first_posting = builder_log_count(&builder->fields[INDEX_TEXT]);
    for (size_t i = 0; i < text_count; i++)
        for (size_t j = 0; j < texts[i].term_count; j++) {
            uint32_t number = add_term(&builder->fields[INDEX_TEXT], &texts[i], j, document);
            if (builder->keeps_positions)
                buffer_append(&builder->numbers, &number, sizeof(number));
            if (texts[i].field != INDEX_TEXT)
                (void)add_term(&builder->fields[texts[i].field], &texts[i], j, document);
        }
    if (builder->keeps_positions && term_count > 0)
        add_positions(builder, first_posting, texts, text_count);
    return true;
}

bool segment_builder_add(struct segment_builder *builder, passage_id passage, const struct slice *terms, size_t term_count,
                         struct error *error)
{
    const struct index_text text = {.field = INDEX_TEXT, .terms = terms, .term_count = term_count};
    return segment_builder_add_texts(builder, passage, &text, 1, error);
}

void segment_builder_keep_positions(struct segment_builder *builder)
{
    assert(segment_builder_passage_count(builder) == 0);
    builder->keeps_positions = true;
}

void segment_builder_forget_numbers(struct segment_builder *builder)
{
    for (size_t i = 0; i < INDEX_FIELDS; i++)
        buffer_clear(&builder->fields[i].known);
}

size_t segment_builder_passage_count(const struct segment_builder *builder)
{
    return builder->ids.size / sizeof(passage_id);
}

size_t segment_builder_bytes(const struct segment_builder *builder)
{
    size_t bytes = sizeof(*builder) + builder->positions.capacity + builder->ids.capacity + builder->lengths.capacity +
                   builder->numbers.capacity;
    for (size_t i = 0; i < INDEX_FIELDS; i++) {
        const struct builder_field *field = &builder->fields[i];
        bytes += field->words.capacity * sizeof(struct map_entry) + field->words.slot_count * sizeof(uint32_t) +
                 field->words.keys.size + field->terms.capacity + field->log.capacity + field->known.capacity;
    }
    return bytes;
}
