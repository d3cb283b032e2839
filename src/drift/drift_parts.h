/* drift_parts.h - what the parts of drift share. Private to drift. */
#ifndef DRIFT_DRIFT_PARTS_H
#define DRIFT_DRIFT_PARTS_H

#include "drift.h"

enum { LISTED_MOST = 50000 };

struct state_document {
    struct slice path, hash; /* hash: hexadecimal digits */
};

/* How a test case was found. */
struct state_case {
    struct slice question;
    double recall, ndcg; /* at 10 */
};

/* A project at one time. Texts live in the arena. */
struct state {
    struct slice made;
    size_t document_count;
    struct slice document_hash; /* of all paths and contents */
    struct state_document *documents; /* in order of path; NULL: more than LISTED_MOST */
    struct slice embedding, embedding_hash; /* empty: there are no vectors */
    struct slice cutting, searching; /* settings, as text */
    struct slice templates, prompting, examples; /* hash, settings, hash of the file */
    struct slice model, tests; /* tests: hash of the file */
    struct state_case *cases;
    size_t case_count;
};

const char *tests_of(const struct drift_run *run, struct arena *arena);
bool state_take(const struct drift_run *run, struct arena *arena, struct state *state, struct error *error) MUST_USE;
void state_write(const struct state *state, struct buffer *out);
bool state_read(struct slice source, const char *name, struct arena *arena, struct state *state, struct error *error) MUST_USE;

/* One part of the report on its way. */
struct looking {
    const struct drift_run *run;
    const struct state *before, *now;
    struct arena *arena;
    struct json_writer *json; /* within the object of the part */
    struct buffer says; /* sentences, a line each */
    enum drift_verdict verdict;
    const struct drift_inputs *inputs; /* of a tuned model; else NULL */
};

void looking_say(struct looking *looking, const char *sentence);
bool looking_pair(struct looking *looking, const char *key, struct slice before,
                  struct slice now); /* whether they differ: drift */
bool looking_step(const struct looking *looking, const char *stage, size_t done, size_t total, struct error *error) MUST_USE;

bool look_at_index(struct looking *looking, struct error *error) MUST_USE;
bool look_at_inputs(struct looking *looking, struct error *error) MUST_USE;
bool look_at_questions(struct looking *looking, struct error *error) MUST_USE;
bool look_at_prompt(struct looking *looking, struct error *error) MUST_USE;
bool look_at_provider(struct looking *looking, struct error *error) MUST_USE;

#endif
