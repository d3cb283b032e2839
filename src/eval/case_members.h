/* case_members.h - whether the members of a test case are known. Part of eval.h. */
#ifndef EVAL_CASE_MEMBERS_H
#define EVAL_CASE_MEMBERS_H

#include "codec/codec.h"

/* `name`: file and line, for the error, which names the member that may be meant. */
bool case_members_check(const struct json_value *object, const char *name, struct error *error) MUST_USE;
/* Each line of a file of test cases, with what a test case looks like in the hint where it is none. */
bool case_lines_read(const char *path,
                     bool (*each)(void *context, const struct json_value *object, size_t line, struct error *error),
                     void *context, struct error *error) MUST_USE;
bool case_question(const struct json_value *object, const char *path, size_t line, struct slice *question,
                   struct error *error) MUST_USE;
bool case_members_check_checks(const struct json_value *checks, const char *name, struct error *error) MUST_USE;

/* Numbers the clusters of cases, from 0 on: those of one first source are right and wrong together, and so are those without a source that ask the
 * same. */
struct case_clusters {
    struct map sources, questions;
    uint32_t count;
};
void case_clusters_init(struct case_clusters *clusters);
uint32_t case_clusters_number(struct case_clusters *clusters, const struct slice *source,
                              struct slice question); /* NULL: none */
void case_clusters_release(struct case_clusters *clusters);

#endif
