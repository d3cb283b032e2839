/* segment_check.c - the second look at a segment: what segment_open leaves to its readers, and what nobody else asks. */
#include "postings.h"
#include "segment.h"
#include <stdlib.h>
#include <string.h>

struct check {
    const struct segment *segment;
    enum index_field field; /* at hand */
    uint64_t *lengths; /* of each document, as its terms add up */
    uint64_t postings; /* of the text */
    uint64_t postings_end; /* of the terms before */
    size_t terms_end;
    struct error *error;
};

enum { BLOCK_ENTRY_BYTES = 8 };

/* The block table must say of the term that comes next what the walk has come to. */
static bool block_begins_here(const struct dictionary_cursor *cursor)
{
    const struct dictionary *dictionary = cursor->dictionary;
    size_t block = cursor->number / DICTIONARY_BLOCK;
    const unsigned char *entry = (const unsigned char *)dictionary->blocks.data + BLOCK_ENTRY_BYTES * block;
    return load_u32(entry) == cursor->bytes.offset &&
           load_u32(entry + 4) == cursor->postings_at + cursor->postings_size + cursor->positions_size;
}

static bool check_postings(struct check *check, const struct dictionary_cursor *cursor)
{
    const struct segment *segment = check->segment;
    struct postings_place place;
    const char *wrong = "they end behind POST";
    if (segment_place(segment, cursor, &place))
        wrong = postings_verify(&place, segment->passage_count);
    if (wrong != NULL)
        return container_damaged(segment->name, segment_offset(segment, segment->postings.data), check->error,
                                 "postings of term %u: %s", cursor->number - 1, wrong);
    struct postings postings;
    postings_open(&postings, &place, segment->passage_count);
    while (check->field == INDEX_TEXT && postings_next(&postings)) {
        const uint32_t *frequencies = postings_frequencies(&postings);
        for (uint32_t i = 0; i < postings.count; i++)
            check->lengths[postings.documents[i]] += frequencies[i];
    }
    check->postings += check->field == INDEX_TEXT ? place.documents : 0;
    check->postings_end = cursor->postings_at + cursor->postings_size + cursor->positions_size;
    return true;
}

/* One walk over all terms, in step with their postings. */
static bool check_field(struct check *check)
{
    const struct segment *segment = check->segment;
    const struct dictionary *dictionary = &segment->fields[check->field];
    size_t terms_at = segment_offset(segment, dictionary->terms.data);
    char before[LIMIT_TERM_BYTES];
    size_t before_size = 0;
    struct dictionary_cursor cursor = {0};
    dictionary_start(&cursor, dictionary, 0);
    cursor.bytes = bytes_from(dictionary->terms); /* whatever the first entry says: block_begins_here compares it with this */
    cursor.bytes.offset = check->terms_end;
    cursor.postings_at = check->postings_end;
    while (cursor.number < dictionary->term_count) {
        size_t at = terms_at + cursor.bytes.offset;
        if (cursor.number % DICTIONARY_BLOCK == 0 && !block_begins_here(&cursor))
            return container_damaged(segment->name, segment_offset(segment, dictionary->blocks.data), check->error,
                                     "the block of term %u does not begin where BLOC says", cursor.number);
        if (!dictionary_next(&cursor))
            return container_damaged(segment->name, at, check->error, "term %u cannot be read", cursor.number);
        struct slice term = {cursor.text, cursor.size};
        if (cursor.number > 1 && slice_compare((struct slice){before, before_size}, term) >= 0)
            return container_damaged(segment->name, at, check->error, "term %u is not above the one before", cursor.number - 1);
        memcpy(before, term.data, term.size);
        before_size = term.size;
        if (!check_postings(check, &cursor))
            return false;
    }
    check->terms_end = cursor.bytes.offset;
    return true;
}

static bool check_sums(const struct check *check)
{
    const struct segment *segment = check->segment;
    if (check->terms_end != segment->fields[0].terms.size)
        return container_damaged(segment->name, segment_offset(segment, segment->fields[0].terms.data), check->error,
                                 "there are bytes behind the last term");
    if (check->postings_end != segment->postings.size)
        return container_damaged(segment->name, segment_offset(segment, segment->postings.data), check->error,
                                 "there are bytes behind the last postings");
    if (check->postings != segment->posting_count)
        return container_damaged(segment->name, segment_offset(segment, segment->postings.data), check->error,
                                 "there are %llu postings, META says %llu", (unsigned long long)check->postings,
                                 (unsigned long long)segment->posting_count);
    for (uint32_t i = 0; i < segment->passage_count; i++)
        if (check->lengths[i] != segment_length(segment, i))
            return container_damaged(segment->name, segment_offset(segment, segment->lengths), check->error,
                                     "passage %llu has %llu terms, expected %u",
                                     (unsigned long long)segment_passage(segment, i), (unsigned long long)check->lengths[i],
                                     segment_length(segment, i));
    return true;
}

bool segment_check(const struct segment *segment, struct error *error)
{
    struct check check = {.segment = segment, .error = error};
    check.lengths = memory_try(segment->passage_count, sizeof(*check.lengths));
    if (check.lengths == NULL)
        return error_set(error, ERROR_NO_MEMORY, "no memory to check segment \"%s\" of %u passages", segment->name,
                         segment->passage_count);
    bool ok = true;
    for (check.field = 0; ok && check.field < INDEX_FIELDS; check.field++)
        ok = check_field(&check);
    ok = ok && check_sums(&check);
    free(check.lengths);
    return ok;
}
