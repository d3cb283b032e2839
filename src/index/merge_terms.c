/* merge_terms.c - one range of terms: a heap of readers, one for each segment, gives the terms in their order. What the segments say of a
 * term goes one behind the other, as they do themselves. */
#include "merge_terms.h"
#include <assert.h>
#include <stdlib.h>
#include <string.h>

/* Where one segment's terms are read. */
struct reader {
    const struct merge_source *source;
    uint64_t key; /* the term's first bytes, as a number that has their order */
    struct dictionary_cursor cursor;
};

/* What was gathered of the term at hand. */
struct gathering {
    struct merge_range *range;
    uint32_t *documents, *frequencies;
    size_t count, capacity;
    uint32_t frequency_max;
    struct buffer table, positions; /* as postings.h draws them */
};

void merge_range_init(struct merge_range *range)
{
    *range = (struct merge_range){0};
    arena_init(&range->arena);
    buffer_init(&range->postings, LIMIT_SEGMENT_BYTES);
}

void merge_range_release(struct merge_range *range)
{
    arena_release(&range->arena);
    buffer_release(&range->postings);
    free(range->terms);
}

/* ---- the heap ---- */

static struct slice text_of(const struct reader *reader)
{
    return (struct slice){reader->cursor.text, reader->cursor.size};
}

/* Of two readers at the same term, the earlier segment's comes first. */
static bool is_before(const struct reader *a, const struct reader *b)
{
    if (a->key != b->key)
        return a->key < b->key;
    int order = slice_compare(text_of(a), text_of(b));
    return order != 0 ? order < 0 : a->source < b->source;
}

/* Moves a reader down the heap to where it belongs. */
static void sink(struct reader **heap, size_t count, size_t at)
{
    struct reader *reader = heap[at];
    for (size_t child = 2 * at + 1; child < count; child = 2 * at + 1) {
        child += child + 1 < count && is_before(heap[child + 1], heap[child]);
        if (!is_before(heap[child], reader))
            break;
        heap[at] = heap[child];
        at = child;
    }
    heap[at] = reader;
}

/* Whether the reader, which moved, stands at a term of the range. `*ok` false: it stopped where there should be more. */
static bool is_inside(struct reader *reader, const struct merge_range *range, bool moved, bool *ok)
{
    if (!moved) {
        *ok = *ok && !reader->cursor.bytes.failed && reader->cursor.number >= reader->cursor.dictionary->term_count;
        return false;
    }
    reader->key = 0;
    for (size_t i = 0; i < sizeof(reader->key); i++)
        reader->key = reader->key << 8 | (i < reader->cursor.size ? (unsigned char)reader->cursor.text[i] : 0);
    return range->is_last || slice_compare(text_of(reader), range->end) < 0;
}

/* ---- a term ---- */

/* Behind `count` varints; NULL: there are not so many. */
static const unsigned char *behind_varints(const unsigned char *at, const unsigned char *end, uint64_t count)
{
    for (; count >= 8 && end - at >= 8; at += 8) /* none is cut: eight are done only when each of the bytes ends one */
        count -= (uint64_t)__builtin_popcountll(~load_u64(at) & 0x8080808080808080U);
    for (; count > 0; at++) {
        if (at == end)
            return NULL;
        count -= (*at & 0x80) == 0;
    }
    return at;
}

/* The positions at *at are those of the next `count` documents: they go behind the others. */
static bool take_positions(struct gathering *gathering, const unsigned char **at, const unsigned char *end,
                           const uint32_t *frequencies, size_t count)
{
    for (size_t i = 0, next; i < count; i = next) {
        size_t place = gathering->count + i, block_left = KERNEL_BLOCK - place % KERNEL_BLOCK;
        next = count - i < block_left ? count : i + block_left;
        uint64_t sum = 0;
        for (size_t k = i; k < next; k++)
            sum += frequencies[k];
        const unsigned char *behind = behind_varints(*at, end, sum);
        if (behind == NULL)
            return false;
        buffer_append(&gathering->positions, *at, (size_t)(behind - *at));
        *at = behind;
        if (next - i == block_left)
            buffer_u32(&gathering->table, (uint32_t)gathering->positions.size);
    }
    return true;
}

/* The documents of a block whose passages are all live. */
static bool take_block(struct gathering *gathering, uint32_t first, const struct postings *postings,
                       const uint32_t *frequencies, const unsigned char **positions, const unsigned char *positions_end)
{
    if (gathering->range->keeps_positions && !take_positions(gathering, positions, positions_end, frequencies, postings->count))
        return false;
    for (size_t i = 0; i < postings->count; i++)
        gathering->documents[gathering->count + i] = first + postings->documents[i];
    memcpy(gathering->frequencies + gathering->count, frequencies, postings->count * sizeof(*frequencies));
    gathering->count += postings->count;
    return true;
}

static bool take_live(struct gathering *gathering, const uint32_t *numbers, const struct postings *postings,
                      const uint32_t *frequencies, const unsigned char **positions, const unsigned char *positions_end)
{
    bool keeps_positions = gathering->range->keeps_positions;
    for (size_t i = 0; i < postings->count; i++) {
        uint32_t number = numbers[postings->documents[i]];
        if (number == MERGE_NOT_LIVE) {
            if (keeps_positions && (*positions = behind_varints(*positions, positions_end, frequencies[i])) == NULL)
                return false;
            continue;
        }
        if (keeps_positions && !take_positions(gathering, positions, positions_end, &frequencies[i], 1))
            return false;
        gathering->documents[gathering->count] = number;
        gathering->frequencies[gathering->count++] = frequencies[i];
    }
    return true;
}

static void reserve(struct gathering *gathering, size_t more)
{
    size_t needed = gathering->count + more;
    if (needed <= gathering->capacity)
        return;
    gathering->capacity = memory_grown(gathering->capacity, needed);
    gathering->documents = memory_resize(gathering->documents, gathering->capacity, sizeof(*gathering->documents));
    gathering->frequencies = memory_resize(gathering->frequencies, gathering->capacity, sizeof(*gathering->frequencies));
}

static bool are_possible(const uint32_t *frequencies, size_t count)
{
    bool possible = true;
    for (size_t i = 0; i < count; i++)
        possible &= frequencies[i] <= FREQUENCY_MAX;
    return possible;
}

/* What the reader's segment says of the term; false: that cannot be. */
static bool gather(struct gathering *gathering, const struct reader *reader)
{
    const struct merge_source *source = reader->source;
    struct postings_place place;
    struct postings postings;
    if (!segment_place(source->segment, &reader->cursor, &place))
        return false;
    reserve(gathering, place.documents);
    size_t table = gathering->range->keeps_positions ? 4 * (size_t)(place.documents / KERNEL_BLOCK) : 0;
    if (table > place.positions.size)
        return false;
    const unsigned char *positions = (const unsigned char *)place.positions.data + table;
    const unsigned char *end = (const unsigned char *)place.positions.data + place.positions.size;
    postings_open(&postings, &place, source->segment->passage_count);
    while (postings_next(&postings)) {
        const uint32_t *frequencies = postings_frequencies(&postings);
        if (!are_possible(frequencies, postings.count))
            return false;
        bool ok = source->numbers == NULL ? take_block(gathering, source->first, &postings, frequencies, &positions, end)
                                          : take_live(gathering, source->numbers, &postings, frequencies, &positions, end);
        if (!ok)
            return false;
    }
    return !postings.failed && (!gathering->range->keeps_positions || positions == end);
}

/* Writes what was gathered of a term. One whose passages are all deleted is none. */
static void put_term(struct gathering *gathering, struct slice text)
{
    struct merge_range *range = gathering->range;
    struct buffer *out = &range->postings;
    if (gathering->count == 0)
        return;
    struct dictionary_term term = {.text = text, .documents = (uint32_t)gathering->count, .postings_at = out->size};
    for (size_t i = 0; i < gathering->count; i++)
        term.frequency_max = gathering->frequencies[i] > term.frequency_max ? gathering->frequencies[i] : term.frequency_max;
    postings_write(out, gathering->documents, gathering->frequencies, gathering->count);
    term.postings_size = out->size - (size_t)term.postings_at;
    buffer_append_slice(out, buffer_slice(&gathering->table));
    buffer_append_slice(out, buffer_slice(&gathering->positions));
    term.positions_size = gathering->table.size + gathering->positions.size;
    out->failed = out->failed || gathering->table.failed || gathering->positions.failed;
    range->terms = memory_more(range->terms, range->count, &range->capacity, sizeof(*range->terms));
    range->terms[range->count++] = term;
    range->posting_count += gathering->count;
}

/* The term at the top, of all readers that stand at it. */
static bool merge_term(struct gathering *gathering, struct reader **heap, size_t *count)
{
    struct merge_range *range = gathering->range;
    struct slice text = arena_slice(&range->arena, text_of(heap[0]));
    gathering->count = 0;
    buffer_clear(&gathering->table);
    buffer_clear(&gathering->positions);
    while (*count > 0 && slice_equal(text_of(heap[0]), text)) {
        struct reader *reader = heap[0];
        bool ok = gather(gathering, reader), moved = ok && dictionary_next(&reader->cursor);
        if (!ok || (moved && slice_compare(text_of(reader), text) <= 0))
            return segment_damaged(reader->source->segment, &range->error);
        range->met++;
        if (!is_inside(reader, range, moved, &ok))
            heap[0] = heap[--*count];
        if (!ok)
            return segment_damaged(reader->source->segment, &range->error);
        sink(heap, *count, 0);
    }
    put_term(gathering, text);
    return true;
}

static bool start_readers(struct merge_range *range, const struct merge_source *sources, size_t count, struct reader *readers,
                          struct reader **heap, size_t *heap_count)
{
    for (size_t i = 0; i < count; i++) {
        struct reader *reader = &readers[i];
        const struct dictionary *dictionary = &sources[i].segment->fields[range->field];
        bool ok = true, moved;
        reader->source = &sources[i];
        if (range->first.size == 0) {
            dictionary_start(&reader->cursor, dictionary, 0);
            moved = dictionary_next(&reader->cursor);
        } else {
            reader->cursor.dictionary = dictionary;
            moved = dictionary_find_from(&reader->cursor, dictionary, range->first);
        }
        if (is_inside(reader, range, moved, &ok))
            heap[(*heap_count)++] = reader;
        if (!ok)
            return segment_damaged(reader->source->segment, &range->error);
    }
    for (size_t i = *heap_count; i > 0; i--)
        sink(heap, *heap_count, i - 1);
    return true;
}

void merge_terms(struct merge_range *range, const struct merge_source *sources, size_t count)
{
    struct reader *readers = memory_alloc(count, sizeof(*readers)), **heap = memory_alloc(count, sizeof(*heap));
    struct gathering gathering = {.range = range};
    size_t heap_count = 0;
    buffer_init(&gathering.table, LIMIT_SEGMENT_BYTES);
    buffer_init(&gathering.positions, LIMIT_SEGMENT_BYTES);
    range->ok = start_readers(range, sources, count, readers, heap, &heap_count);
    while (range->ok && heap_count > 0)
        range->ok = merge_term(&gathering, heap, &heap_count);
    range->ok = range->ok && buffer_finish(&range->postings, "segment", &range->error);
    free(readers);
    free(heap);
    free(gathering.documents);
    free(gathering.frequencies);
    buffer_release(&gathering.table);
    buffer_release(&gathering.positions);
}
