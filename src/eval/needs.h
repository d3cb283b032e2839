/* needs.h - whether the test cases have what a measure needs. Private to eval. */
#ifndef EVAL_NEEDS_H
#define EVAL_NEEDS_H

#include "answer_cases.h"
#include "answer_form.h"

/* False for the first of the measures that no case can have whatever is answered: the error names it, and what is missing. Those that hang on the
 * answers, as the precision of abstaining, pass. */
bool eval_check_needs(const char *const *measures, size_t count, const struct answer_cases *cases,
                      const struct form_asked *asked, struct error *error) MUST_USE;

#endif
