/* filter.c - which documents have every required word and every phrase.
 *
 * A phrase is followed document by document: all its places must have the document, and then positions x, x + 1, x + 2 … of its places are
 * looked for. The positions of a place are those of its variants together. */
#include "search.h"
#include <assert.h>
#include <stdlib.h>

bool search_has_filter(const struct search *search)
{
    for (size_t i = 0; i < search->query->word_count; i++)
        if (search->query->words[i].required)
            return true;
    return search->query->phrase_count > 0;
}

static void keep_common(uint64_t *bitmap, const uint64_t *other, size_t words)
{
    for (size_t i = 0; i < words; i++)
        bitmap[i] &= other[i];
}

/* ---- phrases ---- */

struct phrase_list {
    struct postings postings;
    struct positions positions;
};

struct phrase_place {
    struct phrase_list *lists; /* variants that occur in the segment */
    size_t list_count;
};

struct phrase {
    const struct segment *segment;
    struct phrase_place places[INDEX_PHRASE_MAX];
    size_t place_count;
    struct phrase_list *lists;
    size_t list_count;
    struct buffer starts; /* where the phrase may begin, by the places looked at; uint32_t each */
    struct buffer found;  /* positions of one place */
    bool failed;
};

/* Opens what occurs; a place without variants in the segment leaves nothing to find. */
static bool open_phrase(struct phrase *phrase, const struct index_phrase *asked, struct error *error)
{
    size_t capacity = 0;
    for (size_t i = 0; i < asked->place_count; i++)
        capacity += asked->places[i].variant_count;
    phrase->lists = memory_resize(NULL, capacity, sizeof(*phrase->lists)); /* not zeroed: opening sets what is read */
    phrase->place_count = asked->place_count;
    for (size_t i = 0; i < asked->place_count; i++) {
        phrase->places[i] = (struct phrase_place){phrase->lists + phrase->list_count, 0};
        for (size_t j = 0; j < asked->places[i].variant_count; j++) {
            struct postings_place place;
            if (!segment_look_up(phrase->segment, INDEX_TEXT, asked->places[i].variants[j], &place, error))
                return false;
            if (place.documents == 0)
                continue;
            struct phrase_list *list = &phrase->lists[phrase->list_count++];
            postings_open(&list->postings, &place, phrase->segment->passage_count);
            positions_open(&list->positions, &place);
            phrase->places[i].list_count++;
        }
    }
    return true;
}

/* The first document from `document` on that any variant of the place has; the passage count when there is none. */
static uint32_t seek_place(const struct phrase *phrase, const struct phrase_place *place, uint32_t document)
{
    uint32_t next = phrase->segment->passage_count;
    for (size_t i = 0; i < place->list_count; i++) {
        struct postings *postings = &place->lists[i].postings;
        postings_seek(postings, document);
        if (postings->count > 0 && postings->documents[postings->at] < next)
            next = postings->documents[postings->at];
    }
    return next;
}

static int compare_numbers(const void *a, const void *b)
{
    uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
    return (x > y) - (x < y);
}

/* Fills `found` with the positions of a place in the document, ascending. */
static void read_positions(struct phrase *phrase, const struct phrase_place *place, uint32_t document)
{
    size_t variants = 0;
    buffer_clear(&phrase->found);
    for (size_t i = 0; i < place->list_count; i++) {
        struct postings *postings = &place->lists[i].postings;
        if (postings->count == 0 || postings->documents[postings->at] != document)
            continue;
        variants++;
        if (!positions_read(&place->lists[i].positions, postings, &phrase->found))
            phrase->failed = true;
    }
    if (variants > 1)
        qsort(phrase->found.data, phrase->found.size / sizeof(uint32_t), sizeof(uint32_t), compare_numbers);
}

/* Keeps the starts for which `found` holds a position `offset` behind. */
static void keep_followed(struct phrase *phrase, uint32_t offset)
{
    uint32_t *starts = (uint32_t *)(void *)phrase->starts.data;
    const uint32_t *found = (const uint32_t *)(const void *)phrase->found.data;
    size_t count = phrase->starts.size / sizeof(uint32_t), found_count = phrase->found.size / sizeof(uint32_t), kept = 0;
    for (size_t i = 0, j = 0; i < count && j < found_count; i++) {
        while (j < found_count && found[j] < starts[i] + offset)
            j++;
        if (j < found_count && found[j] == starts[i] + offset)
            starts[kept++] = starts[i];
    }
    phrase->starts.size = kept * sizeof(uint32_t);
}

static bool stands_in(struct phrase *phrase, uint32_t document)
{
    read_positions(phrase, &phrase->places[0], document);
    buffer_clear(&phrase->starts);
    buffer_append_slice(&phrase->starts, buffer_slice(&phrase->found));
    for (size_t i = 1; i < phrase->place_count && phrase->starts.size > 0; i++) {
        read_positions(phrase, &phrase->places[i], document);
        keep_followed(phrase, (uint32_t)i);
    }
    return phrase->starts.size > 0 && !phrase->starts.failed && !phrase->found.failed;
}

static void mark_phrase(struct phrase *phrase, uint64_t *bitmap)
{
    uint32_t document = 0, end = phrase->segment->passage_count;
    size_t agreed = 0; /* places in a row that have the document */
    for (size_t i = 0; document < end; i = (i + 1) % phrase->place_count) {
        uint32_t next = seek_place(phrase, &phrase->places[i], document);
        agreed = next == document ? agreed + 1 : 1;
        document = next;
        if (document < end && agreed == phrase->place_count) {
            if (stands_in(phrase, document))
                bitmap[document / 64] |= (uint64_t)1 << (document % 64);
            document++;
            agreed = 0;
        }
    }
    for (size_t i = 0; i < phrase->list_count; i++)
        phrase->failed |= phrase->lists[i].postings.failed;
}

static bool filter_by_phrase(const struct segment *segment, const struct index_phrase *asked, uint64_t *bitmap,
                             struct error *error)
{
    struct phrase phrase = {.segment = segment};
    buffer_init(&phrase.starts, LIMIT_SEGMENT_BYTES);
    buffer_init(&phrase.found, LIMIT_SEGMENT_BYTES);
    bool ok = open_phrase(&phrase, asked, error);
    if (ok) {
        uint64_t *marked = memory_alloc(bitmap_words(segment), sizeof(*marked));
        mark_phrase(&phrase, marked);
        keep_common(bitmap, marked, bitmap_words(segment));
        free(marked);
        ok = phrase.failed ? segment_damaged(segment, error) : true;
    }
    buffer_release(&phrase.starts);
    buffer_release(&phrase.found);
    free(phrase.lists);
    return ok;
}

/* ---- all together ---- */

static void filter_by_word(const struct search *search, size_t s, const struct search_word *word, uint64_t *bitmap)
{
    const struct segment *segment = search->index->segments[s];
    uint64_t *marked = memory_alloc(bitmap_words(segment), sizeof(*marked));
    mark_documents(marked, segment, search->found[s] + word->first, word->count);
    keep_common(bitmap, marked, bitmap_words(segment));
    free(marked);
}

bool search_filter(const struct search *search, size_t s, uint64_t *bitmap, struct error *error)
{
    const struct segment *segment = search->index->segments[s];
    const struct index_query *query = search->query;
    view_copy(bitmap, &search->view->parts[s], segment);
    for (size_t i = 0; i < search->word_count; i++)
        if (query->words[search->words[i].word].required && query->words[search->words[i].word].field == search->words[i].field)
            filter_by_word(search, s, &search->words[i], bitmap);
    if (query->phrase_count > 0 && !segment->fields[INDEX_TEXT].has_positions)
        return error_set(error, ERROR_INVALID, "segment \"%s\" has no positions of words, so phrases cannot be looked for",
                         segment->name);
    for (size_t i = 0; i < query->phrase_count; i++)
        if (!filter_by_phrase(segment, &query->phrases[i], bitmap, error))
            return false;
    return true;
}
