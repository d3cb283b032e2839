/* assay_draft.h - test cases proposed from the documents, for a person to check. Part of assay.h, which includes it. docs/evaluate.md. */
#ifndef ASSAY_DRAFT_H
#define ASSAY_DRAFT_H

#include "assay.h"

#ifdef __cplusplus
extern "C" {
#endif

struct assay_draft {
    const char *question, *answer;
    const char *source; /* its document */
    const char *quote; /* words of it that prove the answer */
    bool is_gap; /* the question is a sentence with a gap: to be worded by a person */
};

struct assay_draft_options {
    size_t count; /* so many at the most */
    const char *model; /* that writes them; NULL: as assay.yaml says; "builtin": none, it asks for quantities in sentences */
    uint64_t seed;
    void (*on_draft)(void *context, const struct assay_draft *draft);
    assay_on_progress *on_progress; /* may be NULL */
    void *context; /* for both */
};

struct assay_draft_report {
    size_t drafts, documents; /* that they are about */
    size_t alike; /* left out: like a test case, an example or another draft */
    size_t refused, failed; /* of a model: what it wrote does not stand in the passage, or it did not answer */
    size_t out_of_force; /* documents left out, since another edition, or none, is in force */
    double took_ms;
};

/* Evenly over the documents. Where it breaks off, the drafts until then were given, and the report counts them. */
ASSAY_API bool assay_draft_cases(struct assay *assay, const struct assay_draft_options *options,
                                 struct assay_draft_report *report, struct assay_error *error);

#ifdef __cplusplus
}
#endif

#endif
