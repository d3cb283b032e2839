/* tune_reader.h - one training of a reader. Private to api. */
#ifndef API_TUNE_READER_H
#define API_TUNE_READER_H

#include "tune_parts.h"
#include "writer/writer.h"

/* Parts that passages of the project are found for, in the order in which they choose. */
enum { READER_FOUND_CASES, READER_FOUND_VALIDATION, READER_FOUND_TRAIN, READER_FOUND_PARTS };

/* Examples that belong together, and their windows. */
struct reader_part {
    const struct examples *examples;
    const uint32_t *items; /* numbers of them, of tuning_parts */
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
    struct tuning_parts parts;
    struct reader_part train, validation, scored, cases, general;
    struct examples general_examples; /* questions that their passages do not answer (tune_general.c) */
    struct train_recipe recipe;
    struct trainer *trainer;
    struct train_result result;
    uint64_t tokens;
    double seconds;
    double threshold;
    double *values; /* F1 of each of the cases as it was measured last; 0 where it abstains, or does not, in error */
    struct reading_chance chance;
    size_t found[READER_FOUND_PARTS]; /* passages of the project that were added to the questions */
    /* of a writer: */
    bool writes;
    enum writer_passages passages;
    struct form *form; /* NULL: it writes plain text */
    size_t target_max; /* tokens of an answer */
};

/* The training of a reader, or of a writer. */
bool tune_reading(struct assay *assay, const struct assay_tune_reader_options *options, bool writes, struct assay_tuned **tuned,
                  struct assay_error *error) MUST_USE;

/* tune_writer.c: what differs for a writer. _prepare: when the data are read and checked; _items: what is wanted of each item; _ask: the answers of
 * a part, compared, and the share that got written; _put: what lies beside the weights. */
bool writer_tuning_prepare(struct reader_tuning *reader, struct error *error) MUST_USE;
bool writer_tuning_items(struct reader_tuning *reader, struct reader_part *part, size_t most, struct error *error) MUST_USE;
bool writer_tuning_score(struct reader_tuning *reader, double *score, struct error *error) MUST_USE;
bool writer_tuning_open(struct reader_tuning *reader, struct writer **writer, struct error *error) MUST_USE;
bool writer_tuning_ask(struct reader_tuning *reader, struct writer *writer, const struct reader_part *part,
                       struct reading_case **cases, double *valid, struct error *error) MUST_USE;
bool writer_tuning_put(struct reader_tuning *reader, const char *folder, struct error *error) MUST_USE;

/* Fills in how right an answer is. */
void reading_compare(const struct example *example, struct slice answer, struct reading_case *item);

/* tune_context.c: whether the project has passages; and some beside those of the questions, which do not answer them, each for one part alone. */
bool reader_tuning_check_context(struct reader_tuning *reader, struct error *error) MUST_USE;
bool reader_tuning_add_found(struct reader_tuning *reader, struct error *error) MUST_USE;

/* tune_reader_rival.c */
void reader_tuning_compare(struct reader_tuning *reader);

bool reader_tuning_write(struct reader_tuning *reader, struct error *error) MUST_USE;

#endif
