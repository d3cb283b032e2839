/* tune_reader.h - one training of a reader. Private to api. */
#ifndef API_TUNE_READER_H
#define API_TUNE_READER_H

#include "tune.h"

/* Examples that belong together, and their windows. */
struct reader_part {
    const struct examples *examples;
    uint32_t *items; /* numbers of them */
    size_t count;
    struct reading_set set; /* of the first set.items */
};

struct reader_tuning {
    struct tuning tuning; /* what classifiers have too: data, checks, base, report */
    const struct assay_tune_reader_options *options;
    const char *name, *work, *from; /* work: the folder of the checkpoints; from: of the adapter that it begins with, or NULL */
    uint64_t seed;
    struct tokenizer *tokenizer;
    size_t tokens_max;
    struct reader_part train, validation, scored, cases;
    struct train_recipe recipe;
    struct trainer *trainer;
    struct train_result result;
    uint64_t tokens;
    double seconds;
    double threshold;
    struct reading_chance chance;
};

bool reader_tuning_write(struct reader_tuning *reader, struct error *error) MUST_USE;

#endif
