/* tiny_model.h - writes the folder of a tiny BERT with random weights: for tests of training. */
#ifndef TESTS_TINY_MODEL_H
#define TESTS_TINY_MODEL_H

#include <stddef.h>
#include <stdint.h>

enum { TINY_HIDDEN = 8, TINY_LAYERS = 2, TINY_INTERMEDIATE = 16, TINY_POSITIONS = 24 };

/* The vocabulary: five special tokens, then "w0" … "w14". */
void tiny_model_write(const char *folder, uint64_t seed);

/* The same, `hidden` numbers wide and twice that between. */
void tiny_model_write_wide(const char *folder, uint64_t seed, size_t hidden);

#endif
