/* runs.h - what the files of this room share. Private to eval. */
#ifndef EVAL_RUNS_H
#define EVAL_RUNS_H

#include "eval.h"

/* The mean of each measure with its interval (95 %). `clusters`: of each question; NULL: each stands alone. */
void eval_intervals(const struct eval_scores *scores, const uint32_t *clusters, size_t count,
                    struct eval_interval measures[EVAL_MEASURES]);

/* False, with an error, when the person stopped the work. */
bool eval_step(const struct eval_progress *progress, const char *stage, size_t done, size_t total,
               struct error *error) MUST_USE;

/* Asks one case under the project's settings: scores by its documents, and (unless NULL) by the words that prove its answer. `found` may be
 * NULL; its slices live in the arena. */
bool eval_ask_case(const struct eval_run *run, const struct eval_case *item, struct arena *arena, struct eval_scores *scores,
                   struct eval_scores *quotes, struct eval_found *found, enum retrieve_mode *mode,
                   struct error *error) MUST_USE;

/* The path that a case states, as the catalog has it: the file of cases lies in the project, and paths count from there. */
struct slice eval_source_name(const struct project *project, struct arena *arena, struct slice text);

/* Whether the text holds one of the case's quotes. */
bool eval_holds_quote(const struct eval_case *item, struct slice text);

/* The run's test cases; no case with a source is an error. */
bool eval_open_cases(const struct eval_run *run, struct arena *arena, struct eval_cases *cases, struct error *error) MUST_USE;

/* Fills the rows of a sweep: scores[row][case], clusters[case], the first row what the project has now. Then the best stands first. */
void eval_compare(const struct eval_scores *scores, const uint32_t *clusters, size_t cases, struct eval_sweep *sweep);

enum { EVAL_SEED = 1 };

#endif
