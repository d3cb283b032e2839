/* team.h - processes that train together: `mpirun -n 4 assay tune …` starts the same command several times. Part of train.h.
 *
 *   each: the same examples, weights and order ─▶ its share of the batch, forward and back ─▶ gradients summed over all ─▶ the same step
 *
 * So all have the same weights after each step (on processors of one kind: each takes the step by its own kernels), and the outcome is one
 * process's with the same batch, up to the rounding of sums. The first one tells, scores and keeps; the others only help, and write nothing. By
 * Open MPI, which is loaded when it is needed. */
#ifndef TRAIN_TEAM_H
#define TRAIN_TEAM_H

#include "base/base.h"

struct team; /* NULL in all places: a process alone */

/* How many processes mpirun has started, 1 without it, and whether this one only helps. Known before they are joined. */
size_t team_processes(void);
bool team_helps(void);

/* Joins them, and waits for all. Once in a process: it is over with team_leave. `*team` is NULL where there is one process. */
bool team_join(struct team **team, struct error *error) MUST_USE;
void team_leave(struct team *team);

/* Each with the sum, or the largest, of what all have; the same bits for all. */
bool team_sum(struct team *team, float *values, size_t count, struct error *error) MUST_USE;
bool team_sum_double(struct team *team, double *value, struct error *error) MUST_USE;
bool team_largest(struct team *team, unsigned char *values, size_t count, struct error *error) MUST_USE;

/* What the first one has, for all. */
bool team_share(struct team *team, void *bytes, size_t count, struct error *error) MUST_USE;

/* Which one this is, from 0, and how many there are. */
size_t team_place(const struct team *team);
size_t team_size(const struct team *team);

#endif
