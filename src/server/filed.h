/* filed.h - what is asked for once and looked at for long: fine-tuning jobs, evals, their runs. Each is a record of room jobs, and its body and
 * outcome are members of the object that a client sees. Private.
 *
 *   handle_*.c    a request ─▶ a record, "queued"            a record ─▶ an object
 *   long_work.c   one thread: the next record that waits ─▶ tuning_work.c, eval_work.c ─▶ its outcome
 *
 * What a crash or the end of the server interrupts is "running" still, and begun again at the next start. */
#ifndef SERVER_FILED_H
#define SERVER_FILED_H

#include "exchange.h"

/* What a kind of record is to a client. */
struct filed_kind {
    const char *name; /* in the table */
    const char *object; /* "fine_tuning.job" */
    const char *start; /* of an id: "ftjob-" */
    bool has_status;
};
extern const struct filed_kind filed_tuning, filed_event, filed_checkpoint, filed_eval, filed_run, filed_item;

#define WORK_VALIDATING "validating_files"
#define WORK_QUEUED "queued"
#define WORK_RUNNING "running" /* a fine-tuning job */
#define WORK_IN_PROGRESS "in_progress" /* a run */
#define WORK_PAUSED "paused"
#define WORK_WAITING WORK_VALIDATING " " WORK_QUEUED " " WORK_RUNNING " " WORK_IN_PROGRESS

void filed_write(struct arena *arena, struct json_writer *json, const struct filed_kind *kind,
                 const struct jobs_record *record);
void filed_answer(struct exchange *exchange, const struct filed_kind *kind, const struct jobs_record *record);

/* The one of an id that is the key's own; false: answered. */
bool filed_find(struct exchange *exchange, const struct filed_kind *kind, struct slice id, struct jobs_record *record);

/* A page of them: limit, after, order of the address. `which->newest_first` is the order where none is asked for. */
void filed_list(struct exchange *exchange, const struct filed_kind *kind, struct jobs_records *which);

/* What was written into the exchange's text, as a record's body: an object that can be read again, of `most` bytes. NULL: refused. */
const char *filed_body(struct exchange *exchange, size_t most);

/* A new one of the key, of which a thousand are kept. Too many that wait are refused. False: answered. */
bool filed_make(struct exchange *exchange, const struct filed_kind *kind, struct jobs_record *record);

/* A file that the key has sent for a purpose. NULL: refused. */
const char *filed_file(struct exchange *exchange, const struct json_value *id, const char *key, const char *purpose);

/* ---- long work ---- */

bool long_work_start(struct server *server, struct assay_error *error) MUST_USE;
void long_work_end(struct server *server); /* as soon as it can */
void long_work_stop(struct server *server);
void long_work_wake(struct server *server);
bool long_work_interrupt(struct server *server,
                         const char *id); /* its state says what is to be; false: it is not worked on now */
bool long_work_goes_on(struct server *server); /* by what works: false, it shall end */

/* What the work on a record has at hand. */
struct labour {
    struct server *server;
    struct arena arena;
    const char *root; /* of the project */
    struct jobs_record record;
    struct json_value body, outcome;
    bool has_moved; /* something is kept that is not done again */
};
void tuning_work(struct labour *labour);
void tuning_clear(struct labour *labour); /* what was cancelled while it was worked on leaves nothing */
void tuning_note(struct server *server, const struct jobs_record *record, const char *message); /* an event of a job */

/* What came of a job that ends now: a model, or an error with its code, or neither (NULL). */
void tuning_write_outcome(struct buffer *text, const char *model, const char *code, const char *message, int64_t tokens);

/* Changes the record where it is in one of these states; false: it is not, or the disk has failed, which was told. */
bool labour_change(struct labour *labour, const char *from, const char *state, const struct buffer *outcome);
/* One more record below it; `body` is an object of JSON. */
enum labour_kept {
    LABOUR_KEPT,
    LABOUR_NO_SPACE, /* among the owner's */
    LABOUR_NOT_KEPT /* the disk has failed, or the body, which was told */
};
enum labour_kept labour_add(struct labour *labour, const struct filed_kind *kind, const char *state, const struct buffer *body);
void labour_note_move(struct labour *labour); /* what gets further each time that it is begun is not given up */
void labour_use(struct labour *labour, double tokens, double money); /* counts for the owner's quota */
/* The key that asked for the work, as it is now; false: it is not good any longer. */
bool labour_owner(struct labour *labour, struct assay *assay, struct assay_key_rights *rights);
/* Has the key room for more today? `takes`: one more request is counted then. */
bool labour_has_room(struct labour *labour, const struct assay_key_rights *rights, bool takes);
#define LABOUR_NO_OWNER "the key that asked for this is not good any longer"
#define LABOUR_USED_UP "the key has used what it may use in a day"

/* ---- models that were fine-tuned here: "ft:builtin:assay:SUFFIX:CODE" ---- */

bool tuned_is_name(struct slice name);
/* Those of the key. */
void tuned_list(struct exchange *exchange, void (*each)(void *context, const char *name, int64_t created), void *context);
/* `record->id` NULL: there is none of the key's of that name. False: answered. */
bool tuned_find(struct exchange *exchange, struct slice name, struct jobs_record *record);
/* The answer to a text, which is in the arena; false: answered. */
bool tuned_ask(struct exchange *exchange, const char *name, struct assay_text text, struct assay_tuned_answer *answer);
void tuned_forget(struct server *server, const char *adapter); /* closes it, where it is open */

#endif
