/* bands.h - signatures, and the texts that share a key of theirs. Private to alike. */
#ifndef ALIKE_BANDS_H
#define ALIKE_BANDS_H

#include "shingles.h"

enum { BANDS = 32, BAND_MINIMA = 3 };

/* The keys of a text's signature. At least one shingle. */
void band_keys(const struct shingles *shingles, uint32_t keys[BANDS]);

/* A text with its key in one band: the key in the upper half, the text's number in the lower. */
typedef uint64_t band_entry;

/* By key, and texts in the order in which they stand; `spare` has room for as many. */
void band_sort(band_entry *entries, band_entry *spare, size_t count);

#endif
