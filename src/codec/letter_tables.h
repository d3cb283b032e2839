/* letter_tables.h - how likely letters follow each other in each language; made by scripts/make_letter_tables.py. Private to this room. */
#ifndef CODEC_LETTER_TABLES_H
#define CODEC_LETTER_TABLES_H

#include "base/base.h"
#include <uchar.h>

/* Costs in eighths of the natural logarithm of a letter behind another: costs[first * (count + 1) + second], where 0 is what is no letter
 * and 1 … count are the places of letters in the alphabet, plus one. */
struct letter_table {
    const char *code;
    const char16_t *alphabet; /* in order */
    size_t count;
    const char *costs; /* see letter_cost */
};

/* Languages of thousands of characters: those that are met at all, and the commonest. Both in order. */
struct character_table {
    const char *code;
    const char16_t *common; /* NULL: all Hangul */
    size_t common_count;
    const char16_t *commonest;
    size_t commonest_count;
};

extern const struct letter_table letter_tables[];
extern const size_t letter_table_count;
extern const struct character_table character_tables[];
extern const size_t character_table_count;

static inline int letter_cost(char level)
{
    return level <= '9' ? level - '0' : level <= 'Z' ? level - 'A' + 10 : level - 'a' + 36;
}

#endif
