/* search.h - a question made ready: its words looked up in every segment, counted and weighed. What searching and explaining share. */
#ifndef INDEX_SEARCH_H
#define INDEX_SEARCH_H

#include "live.h"
#include "score.h"

/* A word as it is looked for in one field. A word of the text may be looked for in the title and the headings as well. */
struct search_word {
    size_t word; /* of the query */
    enum index_field field;
    float factor; /* its weight in the question */
    size_t first, count; /* its variants */
    uint64_t documents; /* that have it and can be seen */
    float weight; /* factor · idf */
};

struct search {
    const struct index *index;
    const struct index_query *query;
    const struct index_view *view;
    struct arena arena;
    struct search_word *words;
    size_t word_count;
    struct slice *variants; /* of all words, one word's behind the other's, without repetitions within a word */
    size_t variant_count;
    struct postings_place **found; /* a row for each segment: where each variant's postings lie */
    struct length_norm norm;
};

/* To be released whether it succeeds or not. */
bool search_begin(struct search *search, const struct index *index, const struct index_query *query,
                  struct error *error) MUST_USE;
void search_release(struct search *search);

/* Opens the words' lists in a segment: `words` and `lists` have room for all. Returns how many lists there are. */
size_t search_open_lists(const struct search *search, size_t segment, struct scored_word *words, struct scored_list *lists);

double view_mean_length(const struct index_view *view);

/* Documents that have a term and can be seen. */
uint64_t count_visible(const struct segment *segment, const struct view_part *view, const struct postings_place *place);

/* Sets the bits of the documents that have any of the terms. */
void mark_documents(uint64_t *bitmap, const struct segment *segment, const struct postings_place *places, size_t count);

/* Whether there are phrases or required words, and the bitmap of the documents of a segment that can be seen and have them all. */
bool search_has_filter(const struct search *search);
bool search_filter(const struct search *search, size_t segment, uint64_t *bitmap, struct error *error) MUST_USE;

#endif
