/* task_runner.h - long work that a person started in the page: measuring, drafting, tuning. Private.
 *
 *   tasks of server.db, queued ──▶ this program once more, as the command line has it ──▶ done, failed, cancelled
 *
 *   .assay/tasks/17/output         what it printed: JSON
 *   .assay/tasks/17/messages       what it said meanwhile, "stage: 3 of 40" among it
 *   .assay/tasks/17/train.jsonl    the steps of a training, kept where the training's own file goes when it is done
 *
 * One at a time, in a process of its own, which takes its memory along when it ends, and yields to who asks. It ends with the server; what was
 * under way is begun again by the next one, and goes on where the command can. */
#ifndef SERVER_TASK_RUNNER_H
#define SERVER_TASK_RUNNER_H

#include "exchange.h"

bool tasks_start(struct server *server, struct assay_error *error) MUST_USE; /* after worker_start, which opens the jobs */
void tasks_end(struct server *server); /* what runs is interrupted, and waits for the next start */
void tasks_stop(struct server *server);
void tasks_wake(struct server *server);

/* Does it train, or decide? */
bool task_needs_turn(const struct jobs_task *task);

/* A file of a task: "output". */
const char *task_file(struct arena *arena, const char *root, int64_t id, const char *name);
#define TASK_OUTPUT "output"
#define TASK_MESSAGES "messages"
#define TASK_TRAINING "train.jsonl"
#define TASK_NAME_WAS_FREE "name-was-free" /* of what is trained, when that was begun first */

#endif
