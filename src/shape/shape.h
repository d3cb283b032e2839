/* shape.h - the JSON documents that both front doors hand out: the program with --json, and the server. */
#ifndef SHAPE_SHAPE_H
#define SHAPE_SHAPE_H

#include "codec/codec.h"
#include <assay.h>

/* "page": a number, or null for 0. */
void shape_page(struct json_writer *json, size_t page);

/* "cost": a number, or null where a price is not known; and its "currency" where a language model was asked. */
void shape_cost(struct json_writer *json, double cost, const char *currency);

struct shape_results_options {
    bool explain; /* with ranks, words and timings */
    const char *(*id_of)(void *context, const char *document); /* for "file_id"; NULL: without it */
    void *context;
};

/* A passage by itself: "headings" and its place, "extracted" and "text", as members of an object that is open. */
void shape_passage(struct json_writer *json, const struct assay_hit *passage);

/* "edition" of a hit that is not of the one in force, as a member of an object that is open; of others there is none. */
void shape_edition(struct json_writer *json, const struct assay_hit *hit);

/* What `assay search --json` prints. */
void shape_results(struct json_writer *json, const struct assay_results *results, const struct shape_results_options *options);

/* A language model wrote an answer, and no passage bore any of it out. */
bool shape_withheld(const struct assay_answer *answer);

/* What `assay ask --json` prints. */
void shape_answer(struct json_writer *json, const struct assay_answer *answer);

struct shape_audit_options {
    size_t limit; /* findings at the most */
    bool (*is_shown)(void *context, const char *kind); /* NULL: all are */
    void *context;
};

/* What `assay audit --json` prints. */
void shape_audit(struct json_writer *json, const struct assay_audit_report *report, const struct shape_audit_options *options);

/* A key, as `assay key list --json` has it; its "groups" and its "quota". */
void shape_key(struct json_writer *json, const struct assay_key *key);
void shape_quota(struct json_writer *json, struct assay_quota quota);
void shape_groups(struct json_writer *json, const char *const *groups, size_t count);

/* What `assay log verify --json` prints: an item of "problems", and the members behind them. */
void shape_log_problem(struct json_writer *json, uint64_t number, const char *message);
void shape_log_report(struct json_writer *json, const struct assay_log_report *report);

#endif
