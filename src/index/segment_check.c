/* segment_check.c - the second look at a segment: what segment_open leaves out because no memory depends on it. */
#include "postings.h"
#include "segment.h"
#include <stdlib.h>

/* Adds the frequencies of one term to the passages they lie in; returns their sum. */
static uint64_t add_frequencies(const struct segment *segment, const struct dictionary_cursor *cursor, uint64_t *sums)
{
    struct postings postings;
    postings_open(&postings, (struct slice){segment->postings.data + cursor->postings_at, (size_t)cursor->postings_size},
                  cursor->documents);
    uint64_t sum = 0;
    while (postings_next(&postings))
        for (uint32_t i = 0; i < postings.count; i++) {
            sums[postings.documents[i]] += postings.frequencies[i];
            sum += postings.frequencies[i];
        }
    return sum;
}

bool segment_check(const struct segment *segment, struct error *error)
{
    uint64_t *sums = memory_try(segment->passage_count, sizeof(*sums));
    if (sums == NULL)
        return error_set(error, ERROR_NO_MEMORY, "no memory to check segment \"%s\" of %u passages", segment->name,
                         segment->passage_count);
    bool ok = true;
    struct dictionary_cursor cursor;
    dictionary_start(&cursor, &segment->dictionary, 0);
    while (ok && dictionary_next(&cursor)) {
        uint64_t sum = add_frequencies(segment, &cursor, sums);
        if (sum != cursor.occurrences)
            ok = container_damaged(segment->name, segment_offset(segment, segment->postings.data + cursor.postings_at), error,
                                   "frequencies of term %u add up to %llu, expected %llu", cursor.number - 1,
                                   (unsigned long long)sum, (unsigned long long)cursor.occurrences);
    }
    for (uint32_t i = 0; ok && i < segment->passage_count; i++)
        if (sums[i] != segment_length(segment, i))
            ok = container_damaged(segment->name, segment_offset(segment, segment->lengths + 4 * (size_t)i), error,
                                   "passage %llu has %llu terms, expected %u", (unsigned long long)segment_passage(segment, i),
                                   (unsigned long long)sums[i], segment_length(segment, i));
    free(sums);
    return ok;
}
