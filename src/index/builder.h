/* builder.h - a segment being collected: every posting is logged as it comes and sorted by term when the segment is encoded.
 *
 *   for each field   words   word → number (a map)
 *                    terms   for each number: its documents so far
 *                    log     term | document | frequency, in order of documents within each term
 *   positions        of the text's terms, as many for each entry of its log as the frequency says
 *
 * What is encoded depends on nothing but what the log says. */
#ifndef INDEX_BUILDER_H
#define INDEX_BUILDER_H

#include "index.h"

struct builder_posting {
    uint32_t term;
    uint32_t document;
    uint32_t frequency;
};

struct builder_term {
    uint32_t documents;
    uint32_t last_document; /* plus one; 0: none yet */
    uint64_t last_at;       /* in the log: its posting for last_document */
};

struct builder_field {
    struct map words;    /* value: number of the term */
    struct buffer terms; /* struct builder_term each */
    struct buffer log;   /* struct builder_posting each */
    struct buffer known; /* for each number that the caller's terms have: its number here plus one, or 0; uint32_t each */
};

struct segment_builder {
    struct builder_field fields[INDEX_FIELDS];
    bool keeps_positions;
    struct buffer positions; /* uint32_t each */
    struct buffer ids;       /* passage_id each */
    struct buffer lengths;   /* uint32_t each */
    struct buffer numbers;   /* of the passage being added: its terms */
    passage_id last_passage;
};

struct builder_posting *builder_log(const struct builder_field *field);
size_t builder_log_count(const struct builder_field *field);
struct builder_term *builder_terms(const struct builder_field *field);
void builder_clear(struct segment_builder *builder);

#endif
