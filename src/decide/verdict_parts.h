/* verdict_parts.h - a verdict on its way. Private to decide. */
#ifndef DECIDE_VERDICT_PARTS_H
#define DECIDE_VERDICT_PARTS_H

#include "verdict.h"

struct reaching {
    const struct verdict_question *question;
    struct arena *arena;
    double margin;
    size_t *kept; /* cases that count */
    uint32_t *clusters; /* of these */
    size_t count;
    double *values; /* scratch, one a case that counts */
    struct arm_report *reports;
    double *deviations; /* of the differences to the best */
};

/* Writes reasons and what would change the verdict. */
void verdict_explain(struct reaching *reaching, struct verdict *verdict);

#endif
