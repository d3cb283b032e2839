/* differ.h - two texts word by word: what they share in order, and where they part. Private to audit. */
#ifndef AUDIT_DIFFER_H
#define AUDIT_DIFFER_H

#include "pieces.h"

enum {
    DIFFER_WORDS_MAX = 192, /* of each text; the rest is left out */
    DIFFER_PARTS_MAX = DIFFER_WORDS_MAX + 1
};

struct differ_words {
    uint16_t items[DIFFER_WORDS_MAX]; /* pieces that are words */
    size_t count;
};

/* Words first … first_end of one text stand where words second … second_end of the other stand; one of both may be empty. */
struct differ_part {
    size_t first, first_end, second, second_end;
};

void differ_take(struct differ_words *words, const struct pieces *pieces);

/* Aligns two lists of numbers (equal numbers: equal words) by their longest common subsequence. Returns how many parts differ, `shared` how
 * many words do not. */
size_t differ_align(const uint32_t *first, size_t first_count, const uint32_t *second, size_t second_count,
                    struct differ_part parts[DIFFER_PARTS_MAX], size_t *shared);

/* ", which differ in “30” / “14”, “days” / “weeks”": the first few; empty when nothing differs. */
const char *differ_show(struct slice first, struct slice second, struct arena *arena);

#endif
