/* builder.h - a segment being collected: every posting is logged as it comes and sorted by term when the segment is encoded.
 *
 *   for each field   words   word → number (a map)
 *                    terms   for each number: its documents so far
 *                    log     term | document | frequency, in order of documents within each term
 *   positions        of the text's terms, as many for each entry of its log as the frequency says
 *
 * The log can be filled from passages (builder.c) and from segments (merge.c); what is encoded depends on nothing but what it
 * says, so a merged segment has the very bytes of one that was built from its live passages. */
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

/* Room for one more passage, `postings` more postings and `terms` new terms: nothing below fails after it. */
bool builder_reserve(struct segment_builder *builder, struct builder_field *field, size_t postings, size_t terms,
                     struct error *error) MUST_USE;

uint32_t builder_append_passage(struct segment_builder *builder, passage_id passage, uint32_t length); /* its document number */
uint32_t builder_term_number(struct builder_field *field, struct slice term);
void builder_append_posting(struct builder_field *field, uint32_t term, uint32_t document, uint32_t frequency);

#endif
