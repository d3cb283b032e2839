/* report.h - what `assay decide` measured, for people: report.json as one HTML file, two runs side by side, and how a training went. Pure.
 *
 *   report.json ─▶ read strictly ─▶ sections: text, tables, plots ─▶ one file without network
 *
 * Nothing in the file is fetched from anywhere, and whatever comes from documents, models and people stands in it as text: it is escaped at the one
 * place where texts are written, and a content security policy in the page's head allows no script and no style but the page's own. What was
 * not measured is said in words. Without its script the page says all the same; it lacks the sliders over costs and the choice of cases. */
#ifndef REPORT_REPORT_H
#define REPORT_REPORT_H

#include "base/base.h"
#include "codec/codec.h"

/* Appends the page. `name`: of report.json, for messages. A field of another kind than it should be, and a share outside of 0 … 1, are
 * ERROR_INVALID with the field's name. */
bool report_html(struct slice json, const char *name, struct buffer *html, struct error *error) MUST_USE;

/* How a training went, as a page of the same look: its loss and what was measured on the way (train.jsonl), what it was made of and how good it
 * is (provenance.json). `folder`: of the adapter, for messages. */
bool report_training_html(struct slice provenance, struct slice log, const char *folder, struct buffer *html,
                          struct error *error) MUST_USE;

/* ---- two runs ---- */

/* One approach in both, over the cases that both have: same question, answered and scored in both. */
struct report_arm_change {
    struct slice arm;
    bool in_first, in_second;
    double first, second; /* its scores over all cases of its run; negative: not told */
    size_t paired;
    double difference; /* the second's less the first's over these; the rest has no meaning without any */
    struct statistics_interval interval; /* 95 %: bootstrap over cases; of right and wrong alone Newcombe's */
    bool is_paired_yes_no; /* every score is 0 or 1: the chance is McNemar's, else of signs turned over */
    double chance;
    size_t gained, lost; /* cases that became right, or wrong */
};

struct report_case_change {
    struct slice arm, question;
    bool right_before, right_after;
    struct slice before, after; /* the answers; empty: it abstained */
};

struct report_comparison {
    struct slice first_approach, second_approach; /* of the verdicts */
    struct report_arm_change *arms; /* in the first's order, then what only the second has */
    size_t arm_count;
    struct report_case_change *cases; /* in the second's order */
    size_t case_count;
    size_t first_cases, second_cases, shared_cases;
    bool same_cases; /* each of either is in the other */
    bool has_documents_hash, same_documents;
};

/* Slices point into the two texts or lie in the arena. */
bool report_compare(struct slice first, const char *first_name, struct slice second, const char *second_name,
                    struct arena *arena, struct report_comparison *comparison, struct error *error) MUST_USE;

#endif
