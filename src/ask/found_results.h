/* found_results.h - what a report has found, where its answer would only be what was to be found out. Private to ask. */
#ifndef ASK_FOUND_RESULTS_H
#define ASK_FOUND_RESULTS_H

#include "features.h"

/* "Is it so?" is best answered by what opens a report (its aim, its background, its methods), and the report has results: the best sentence of those in
 * the place of it, if one is likely. */
bool prefer_findings(struct asking *asking, struct builtin_choice *chosen, struct error *error) MUST_USE;

#endif
