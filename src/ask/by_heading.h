/* by_heading.h - answers that a heading above a passage decides. Private to ask. */
#ifndef ASK_BY_HEADING_H
#define ASK_BY_HEADING_H

#include "features.h"

/* What is asked of a code or a version, and stands in a heading that has it: "When did 5.2.0 appear?" below "5.2.0 (12 March 2026)". Of a code alone, the first
 * sentence below the heading that has it. False: no heading decides. */
bool heading_answers(struct asking *asking, struct candidate *item);

#endif
