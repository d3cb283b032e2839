/* checks.h - what is wrong with a set of examples, found before a minute of computing is spent on it. Part of train.h.
 *
 * Each kind of finding is told once, with the lines that show it and what to do. Texts that must not be learned twice, or were seen in the
 * test, are marked, so that the training leaves them out; the same search gives the groups that a split must not divide. */
#ifndef TRAIN_CHECKS_H
#define TRAIN_CHECKS_H

#include "examples.h"

enum check_kind {
    CHECK_FEW, /* fewer than what such a set is worth tuning with */
    CHECK_ONE_LABEL, /* nothing to tell apart */
    CHECK_UNDIVIDED, /* they hang together, so that none can be held out */
    CHECK_REJECTED,
    CHECK_CONTRADICTION, /* the same text with different labels, or answers */
    CHECK_LEAK, /* in the test too */
    CHECK_NEAR_LEAK,
    CHECK_UNKNOWN_LABEL, /* in the test, and never in the examples */
    CHECK_DUPLICATE,
    CHECK_NEAR_DUPLICATE,
    CHECK_NEAR_CONTRADICTION, /* nearly the same text with different labels */
    CHECK_SMALL_CLASS, /* a label with too few examples */
    CHECK_LABEL_CASE, /* labels that are one but for small and capital letters */
    CHECK_IMBALANCE,
    CHECK_TOO_LONG, /* for the model: the end is not read */
    CHECK_SECRET,
    CHECK_PERSONAL,
    CHECK_KINDS
};
const char *check_kind_name(enum check_kind kind); /* "near_duplicate" */

enum check_severity { CHECK_HIGH, CHECK_MEDIUM, CHECK_LOW };
const char *check_severity_name(enum check_severity severity);

/* A record that shows a finding, and the other one where two belong together. */
struct check_place {
    bool in_test, other_in_test;
    size_t line, other_line; /* 0: there is no other */
    const char *text; /* what stands there, in one line and shortened; never a secret */
};

struct check_finding {
    enum check_kind kind;
    enum check_severity severity;
    bool blocks; /* nothing can be trained so */
    size_t count; /* of records, labels … that it is true of */
    const char *message, *remedy;
    const struct check_place *places; /* the first ones */
    size_t place_count;
};

struct check_label {
    struct slice name;
    size_t count, test_count;
};

/* How far a number of examples goes, as practice has it. */
struct check_floor {
    size_t least;
    const char *meaning;
};
#define CHECK_FLOORS 5
extern const struct check_floor check_floors[CHECK_FLOORS]; /* ascending */

enum { CHECK_MARK_DUPLICATE = 1, CHECK_MARK_LEAK = 2 };

struct check_report {
    size_t examples, usable, test_examples; /* usable: not marked */
    size_t floor; /* the highest of check_floors that `usable` reaches, plus one; 0: none */
    struct check_label *labels; /* as examples.labels has them */
    size_t label_count;
    size_t tokens_median, tokens_p95, tokens_most; /* of a text, as the model counts; 0: no tokenizer */
    struct check_finding *findings; /* the gravest first */
    size_t finding_count;
    uint32_t *groups; /* of each example: the lowest number among those that it must stay together with */
    uint8_t *marks; /* of each example: why it is left out; 0: it is not */
    struct arena arena;
};

struct tokenizer;
struct check_request {
    const struct examples *examples;
    const struct examples *test; /* NULL: there is none */
    const struct tokenizer *tokenizer; /* NULL: tokens are not counted */
    size_t tokens_max;
    struct pool *pool;
    bool (*step)(void *context, const char *stage, size_t done, size_t total); /* may be NULL; false stops */
    void *context;
};

/* The same whatever the number of threads. To be released also after a failure. */
bool check_examples(const struct check_request *request, struct check_report *report, struct error *error) MUST_USE;
void check_release(struct check_report *report);

/* ---- a split ---- */

struct split_request {
    const struct examples *examples;
    const uint32_t *groups; /* of a check */
    const uint8_t *marks; /* those that are not 0 go nowhere */
    const uint8_t *kept; /* groups with one that is not 0 are held out before others, however many; NULL: none */
    double share; /* of each label that is held out */
    uint64_t seed;
};

/* The parts that examples go to. */
enum split_part { SPLIT_NONE, SPLIT_TRAIN, SPLIT_HELD };

/* Fills parts[i] of each example that is SPLIT_TRAIN beforehand: no group is divided, each label has its share held out, one example at least
 * where it has two groups, and keeps one at least to learn from. */
void split_examples(const struct split_request *request, uint8_t *parts);

#endif
