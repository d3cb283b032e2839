/* checks_parts.h - what the checks of examples share. Private to train. */
#ifndef TRAIN_CHECKS_PARTS_H
#define TRAIN_CHECKS_PARTS_H

#include "checks.h"

enum { PLACES_MAX = 50 };

struct check_notes {
    size_t count;
    struct check_place places[PLACES_MAX]; /* the first ones */
    size_t place_count;
};

struct checking {
    const struct check_request *request;
    struct check_report *report;
    struct check_notes notes[CHECK_KINDS];
    struct map labels; /* name → number in examples.labels */
    struct token_meter *meter;
    size_t tokens; /* of the example that is looked at */
    const char *sensitive[2]; /* of the same: what kind of secret, of personal data */
};

void checking_place(struct checking *checking, enum check_kind kind, struct check_place place);
const char *checking_glance(struct checking *checking, struct slice text); /* in one line, shortened */
/* `text` behind the place of the example in its line, where it may be one of many. */
const char *checking_where(struct checking *checking, const struct example *example, const char *text);
bool checking_step(const struct checking *checking, const char *stage, size_t done, size_t total, struct error *error) MUST_USE;

void checking_labels(struct checking *checking);
bool checking_label(const struct checking *checking, struct slice name, uint32_t *label); /* false: no example has it */

/* Notes and marks what stands twice, and fills the groups. */
bool checking_compare(struct checking *checking, struct error *error) MUST_USE;

#endif
