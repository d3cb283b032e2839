/* eval_draft.h - `assay eval --draft` and `assay eval --plan`. Private to cli. */
#ifndef CLI_EVAL_DRAFT_H
#define CLI_EVAL_DRAFT_H

#include "output.h"

/* Drafts test cases and writes them: JSON lines, or with --json one document. */
enum exit_code eval_draft_cases(const struct invocation *invocation, struct progress *progress, struct assay *assay);

/* What answering and judging the test cases would take. */
enum exit_code eval_plan_cases(const struct invocation *invocation, struct assay *assay);

#endif
