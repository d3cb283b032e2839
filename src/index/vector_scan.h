/* vector_scan.h - the nearest among many rows, one by one: exact, by all 16 bits. */
#ifndef INDEX_VECTOR_SCAN_H
#define INDEX_VECTOR_SCAN_H

#include "hits.h"
#include "vector_live.h"

/* A question as the index compares it. */
struct vector_question {
    int8_t *planes; /* high, then low: 2 · stride bytes */
    float factor;
    float length; /* of the numbers, before the factor */
};

void vector_question_init(struct vector_question *question, const float *vector, size_t dimensions);
void vector_question_release(struct vector_question *question);

/* The score by all bits, and whether it is among the best. */
void vector_offer(const struct vector_segment *segment, const struct vector_question *question, uint32_t row,
                  struct best_hits *best);

/* Offers those of some rows that could get in. */
void vector_offer_rows(const struct vector_segment *segment, const struct vector_question *question, const uint32_t *rows,
                       size_t count, struct best_hits *best);

/* Which of the rows 64·word … are visible; and the numbers of those whose bits are set: their count. */
uint64_t vector_visible_word(const struct vector_segment *segment, const struct vector_visible *visible, size_t word);
size_t vector_take_word(uint64_t bits, size_t word, uint32_t *numbers);

/* Visible rows one after the other, in the order in which they are scanned. */
struct vector_rows {
    const struct vector_segment *segment;
    const struct vector_visible *visible;
    size_t first, word; /* where it goes on */
};

/* The next ones, about as many as there is room for, which is at least 64; 0 at the end. */
size_t vector_take_rows(struct vector_rows *from, uint32_t *rows, size_t room);

/* Offers every visible row that could get in, to each of some questions with its best: rows are read once for all of them. */
void vector_scan(const struct vector_segment *segment, const struct vector_visible *visible,
                 const struct vector_question *questions, struct best_hits *bests, size_t count);

#endif
