/* case_members.h - whether the members of a test case are known. Part of eval.h. */
#ifndef EVAL_CASE_MEMBERS_H
#define EVAL_CASE_MEMBERS_H

#include "codec/codec.h"

/* `name`: file and line, for the error, which names the member that may be meant. */
bool case_members_check(const struct json_value *object, const char *name, struct error *error) MUST_USE;
bool case_members_check_checks(const struct json_value *checks, const char *name, struct error *error) MUST_USE;

#endif
