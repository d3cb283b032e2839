/* jobs.h - what a server must not forget: files that were sent to it, vector stores that were made, and work that was promised.
 *
 *   .assay/server.db     SQLite, in WAL mode with synchronous=FULL
 *     files              what was sent: its path below the project, its name, what for
 *     stores             vector stores, each a folder of documents
 *     works              documents to be taken in, in order; one that is done keeps its outcome
 *     attributes         what is said of documents from outside
 *     records            fine-tuning jobs, evals and the like, with what came of them
 *     uses               what each key that has a quota used today
 *     tasks              long work that a person started: measuring, tuning; some hundred of the latest
 *
 * Each has an owner, the key that sent or made it: whose it is not must not learn of it.
 *
 * A work is promised when jobs_put_works returns: whoever opens the file next goes on with it. What is done twice does no harm, because adding a
 * document that is there changes nothing. So a crash at any moment loses nothing that was promised. One process at a time does the works; its
 * threads share a handle. What keys use is counted right by several. Knows neither documents nor HTTP. */
#ifndef JOBS_JOBS_H
#define JOBS_JOBS_H

#include "base/base.h"

struct jobs;

/* `path`: of the file; made when it is not there. */
bool jobs_open(struct jobs **jobs, const char *path, struct error *error) MUST_USE;
void jobs_close(struct jobs *jobs); /* NULL is fine */
int64_t jobs_born(const struct jobs *jobs); /* when the file was made: seconds since 1970; nothing in it is older */

/* ---- files ---- */

struct jobs_file {
    const char *path; /* below the project: "uploads/files/ab12…/refunds.md" */
    const char *name, *purpose, *owner;
    int64_t size, created; /* bytes; seconds since 1970 */
};
bool jobs_put_file(struct jobs *jobs, const struct jobs_file *file, struct error *error) MUST_USE;
/* `file->path` NULL: there is none of that path. Its texts lie in the arena. */
bool jobs_find_file(struct jobs *jobs, const char *path, struct arena *arena, struct jobs_file *file,
                    struct error *error) MUST_USE;
/* Calls each() in order of path for those of an owner (NULL: of all) behind `after` (NULL: from the first), at the most `most`; false from it stops. */
bool jobs_each_file(struct jobs *jobs, const char *owner, const char *after, size_t most,
                    bool (*each)(void *context, const struct jobs_file *file), void *context, struct error *error) MUST_USE;
bool jobs_forget_file(struct jobs *jobs, const char *path,
                      struct error *error) MUST_USE; /* with the works whose documents would be copies of it */

/* ---- vector stores ---- */

struct jobs_store {
    const char *id, *name;
    const char *metadata; /* an object of JSON */
    const char *owner;
    int64_t created;
};
bool jobs_put_store(struct jobs *jobs, const struct jobs_store *store,
                    struct error *error) MUST_USE; /* a new one, or a changed one */
bool jobs_find_store(struct jobs *jobs, const char *id, struct arena *arena, struct jobs_store *store,
                     struct error *error) MUST_USE;
/* In the order in which they were made. */
bool jobs_each_store(struct jobs *jobs, bool (*each)(void *context, const struct jobs_store *store), void *context,
                     struct error *error) MUST_USE;
bool jobs_count_stores(struct jobs *jobs, const char *owner, int64_t *count, struct error *error) MUST_USE; /* of an owner */
bool jobs_forget_store(struct jobs *jobs, const char *id, struct error *error) MUST_USE; /* with its works */

/* ---- work ---- */

#define JOBS_QUEUED "queued"
#define JOBS_DONE "done"
#define JOBS_FAILED "failed"
#define JOBS_CANCELLED "cancelled"

struct jobs_work {
    int64_t id;
    const char *store, *batch; /* batch "": none */
    const char *from; /* the file that it is a copy of */
    const char *path; /* of the document */
    const char *owner;
    const char *state, *message; /* message: why it failed */
    int64_t created;
    const char
        *attributes; /* that the document gets: an object of JSON; NULL: none, also where it had some. Not filled by readers */
    const char *asked; /* the id of the request that it comes of; NULL: none. Not filled by readers */
};

/* All of them or none; durable when it returns true. Id and state are given here. Earlier works of a path that are of no batch are forgotten. */
bool jobs_put_works(struct jobs *jobs, const struct jobs_work *works, size_t count, struct error *error) MUST_USE;

/* When the document of a path was promised last; 0: never. */
bool jobs_time_of_work(struct jobs *jobs, const char *path, int64_t *created, struct error *error) MUST_USE;

/* The request that a job came of, in the arena; "": none is known. A job is "work-NUMBER", "task-NUMBER", or a record's id. */
bool jobs_asked_by(struct jobs *jobs, const char *job, struct arena *arena, const char **request, struct error *error) MUST_USE;

/* ---- what is said of documents from outside: attributes ---- */

/* An object of JSON for the document of a path; it is to be brought to the catalog, which jobs_end_attributes() says is done. */
bool jobs_put_attributes(struct jobs *jobs, const char *path, const char *attributes, struct error *error) MUST_USE;
/* `*attributes` NULL: there are none. */
bool jobs_find_attributes(struct jobs *jobs, const char *path, struct arena *arena, const char **attributes,
                          struct error *error) MUST_USE;
/* Those that are to be brought, of documents that are not queued; false from each() stops. */
bool jobs_each_attributes(struct jobs *jobs, size_t most, bool (*each)(void *context, const char *path, const char *attributes),
                          void *context, struct error *error) MUST_USE;
/* Unless they have been changed meanwhile. */
bool jobs_end_attributes(struct jobs *jobs, const char *path, const char *attributes, struct error *error) MUST_USE;

/* Which works: NULL and 0 leave a member open. */
struct jobs_which {
    const char *store, *batch, *owner, *path, *state;
    size_t most;
};
/* Calls each() in the order in which they were put; false from it stops. */
bool jobs_each_work(struct jobs *jobs, const struct jobs_which *which,
                    bool (*each)(void *context, const struct jobs_work *work), void *context, struct error *error) MUST_USE;
/* Only one that waits still ends; another keeps its outcome. */
bool jobs_end_work(struct jobs *jobs, int64_t id, const char *state, const char *message, struct error *error) MUST_USE;
bool jobs_cancel_batch(struct jobs *jobs, const char *batch, struct error *error) MUST_USE;
bool jobs_forget_works(struct jobs *jobs, const char *path, struct error *error) MUST_USE; /* of a document */

struct jobs_tally {
    int64_t queued, done, failed, cancelled;
    int64_t created; /* of the first; 0: there is none */
};
bool jobs_tally_works(struct jobs *jobs, const struct jobs_which *which, struct jobs_tally *tally,
                      struct error *error) MUST_USE;

/* ---- records: what is asked for once and looked at for long, such as fine-tuning jobs, evals and their runs ---- */

struct jobs_record {
    int64_t number; /* in the order in which they were put; given here */
    const char *id, *kind;
    const char *parent; /* the record that it belongs to, and goes with; "": none */
    const char *owner;
    const char *state;
    const char *body, *outcome; /* objects of JSON: what was asked for, and what came of it */
    int64_t created;
    const char *asked; /* as a work's */
};
/* What records may take, each with ROW_BYTES more than its texts: those of one owner, and all. Until it is told, LIMIT_RECORDS_BYTES_DEFAULT. */
void jobs_limit_records(struct jobs *jobs, int64_t bytes_of_one, int64_t bytes_of_all);
enum { JOBS_RECORD_ROW_BYTES = 256 };
/* How many bytes an owner may still put, and whether what is in the way are others' records. */
struct jobs_space {
    int64_t bytes;
    bool is_others;
};
bool jobs_space_of(struct jobs *jobs, const char *owner, struct jobs_space *space, struct error *error) MUST_USE;
/* One whose parent is gone is not put, which is no failure. ERROR_LIMIT: there is no space for it. */
bool jobs_put_record(struct jobs *jobs, const struct jobs_record *record, struct error *error) MUST_USE;
/* `record->id` NULL: there is none. Its texts lie in the arena. */
bool jobs_find_record(struct jobs *jobs, const char *kind, const char *id, struct arena *arena, struct jobs_record *record,
                      struct error *error) MUST_USE;
/* Counts one more beginning of the work on it, durably; jobs_forget_begun() is for whoever came back from it, so what stays is that of crashes. */
bool jobs_begin_record(struct jobs *jobs, const char *id, int64_t *begun, struct error *error) MUST_USE;
bool jobs_forget_begun(struct jobs *jobs, const char *id, struct error *error) MUST_USE;
/* The oldest one in a state, of a kind (NULL: any). */
bool jobs_next_record(struct jobs *jobs, const char *kind, const char *state, struct arena *arena, struct jobs_record *record,
                      struct error *error) MUST_USE;

/* Which records: NULL and 0 leave a member open, but for the kind. */
struct jobs_records {
    const char *kind, *parent, *owner, *state; /* state: one of several, "queued running" */
    int64_t after; /* the number of the one before the first, in the order that is wanted */
    bool newest_first;
    bool without_contents; /* body and outcome, which may be long, are "" */
    size_t most;
};
bool jobs_each_record(struct jobs *jobs, const struct jobs_records *which,
                      bool (*each)(void *context, const struct jobs_record *record), void *context,
                      struct error *error) MUST_USE;
bool jobs_count_records(struct jobs *jobs, const struct jobs_records *which, int64_t *count, struct error *error) MUST_USE;

/* What is to be another: NULL stays. */
struct jobs_change {
    const char *from; /* only where its state is one of these; NULL: any */
    const char *state, *body, *outcome;
};
bool jobs_change_record(struct jobs *jobs, const char *id, const struct jobs_change *change, bool *changed,
                        struct error *error) MUST_USE;
bool jobs_forget_record(struct jobs *jobs, const char *id, struct error *error) MUST_USE; /* with all below it */

/* ---- what keys use in a day ---- */

struct jobs_use {
    double requests, tokens, money;
};
enum jobs_measure { JOBS_NOTHING, JOBS_REQUESTS, JOBS_TOKENS, JOBS_MONEY };

/* Counts one more request of a key, unless something of `most` is used up (0: no limit): that is `*used_up` then. `day`: since 1970. What other
 * processes used counts, up to the moment. Requests are set aside in the file some ahead, a hundredth of the limit and 100 at most: so a crash never
 * gives any back, few requests wait for the disk, and several processes together let no more through than `most`. Those that one has set aside
 * another does not get; they are given back when the handle is closed. */
bool jobs_take_request(struct jobs *jobs, const char *key, int64_t day, const struct jobs_use *most, enum jobs_measure *used_up,
                       struct error *error) MUST_USE;
/* The same, and counts nothing. */
bool jobs_look_at_use(struct jobs *jobs, const char *key, int64_t day, const struct jobs_use *most, enum jobs_measure *used_up,
                      struct error *error) MUST_USE;
/* One more of what was begun below the limit, which it may pass. */
bool jobs_take_begun(struct jobs *jobs, const char *key, int64_t day, struct error *error) MUST_USE;
/* What an answer used, durably. */
bool jobs_note_use(struct jobs *jobs, const char *key, int64_t day, double tokens, double money, struct error *error) MUST_USE;
bool jobs_find_use(struct jobs *jobs, const char *key, int64_t day, struct jobs_use *use, struct error *error) MUST_USE;

/* ---- long work that a person started ---- */

#define JOBS_RUNNING "running"
#define JOBS_STOPPING "stopping" /* it runs, and is to end */

enum { JOBS_TASKS_KEPT = 200, JOBS_TASKS_WAITING = 20, JOBS_TASK_TRIES = 3 };

struct jobs_task {
    int64_t id;
    const char *kind; /* "eval" */
    const char *request; /* what is to be done: JSON */
    const char *by; /* the key's name */
    const char *state, *message; /* message: why it failed */
    const char *result; /* what it left: a run's number, an adapter's name */
    int64_t created, started, ended; /* seconds since 1970; 0: not yet */
    int64_t tries; /* how often it was begun, but for those that the orderly end of the server interrupted */
    bool was_begun; /* before it was taken, however that ended */
    const char *asked; /* as a work's */
};
/* Durable when it returns true; kind, request, by and created are the caller's. ERROR_LIMIT when too many wait. Of those that ended the latest
 * JOBS_TASKS_KEPT stay. */
bool jobs_put_task(struct jobs *jobs, const struct jobs_task *task, int64_t *id, struct error *error) MUST_USE;
/* `task->id` 0: there is none. Texts lie in the arena. */
bool jobs_find_task(struct jobs *jobs, int64_t id, struct arena *arena, struct jobs_task *task, struct error *error) MUST_USE;
/* The one that waits longest of those for which may() is true (NULL: all), which runs from now on. may() must not ask the jobs. */
struct jobs_choice {
    bool (*may)(void *context, const struct jobs_task *task);
    void *context;
};
bool jobs_take_task(struct jobs *jobs, const struct jobs_choice *choice, int64_t now, struct arena *arena,
                    struct jobs_task *task, struct error *error) MUST_USE;
/* Of one that runs. JOBS_QUEUED: it was interrupted, and is begun again. */
bool jobs_end_task(struct jobs *jobs, const struct jobs_task *task, struct error *error) MUST_USE;
/* One that waits is cancelled; one that runs is to stop. Another keeps its outcome. */
bool jobs_cancel_task(struct jobs *jobs, int64_t id, int64_t now, struct error *error) MUST_USE;
/* What ran when the program ended waits again, unless it was to stop or was begun too often. */
bool jobs_recover_tasks(struct jobs *jobs, int64_t now, struct error *error) MUST_USE;
/* The newest first, at the most `most` below `before` (0: from the newest); false from each() stops. */
bool jobs_each_task(struct jobs *jobs, int64_t before, size_t most, bool (*each)(void *context, const struct jobs_task *task),
                    void *context, struct error *error) MUST_USE;

#endif
