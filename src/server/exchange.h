/* exchange.h - one request with its answer, and what else the files of the server share. Private.
 *
 * The loop's thread owns every connection. While a request is with a lane (connection->is_busy), the lane's thread owns connection->exchange,
 * and the loop does not touch what the request was read into. What both touch stands in "shared" and is under server->lock. */
#ifndef SERVER_EXCHANGE_H
#define SERVER_EXCHANGE_H

#include "server.h"
#include "tls.h"
#include "codec/codec.h"
#include "jobs/jobs.h"
#include <assay.h>
#include <pthread.h>

enum {
    HEAD_MS = 10000, /* from a request's first byte to the end of its head */
    IDLE_MS = 60000, /* between requests */
    BODY_BYTES_PER_SECOND = 32 * 1024, /* each gives a body a second more than server.client_wait_s */
    BODY_SMALL_BYTES = 64 * 1024, /* of a body that is always taken; a larger one wants a key that is known, and room */
    WRITE_WAITS = 2, /* so often has the reader of an answer server.client_wait_s, */
    WRITE_BYTES_PER_SECOND = 16 * 1024, /* and a second more for each of these that it took */
    ROOM_MS = 1000, /* who asks nothing for so long makes room for another when there is no more */
    LINGER_MS = 2000, /* in which what a refused client still sends is thrown away, so that it reads the refusal */
    STOP_MS = 30000, /* for what was begun, when the server stops */
    TICK_MS = 200,
    UNREAD_BYTES_MAX = 256 * 1024, /* of a stream, that wait for their reader */
    UNREAD_ALL_BYTES_MAX = 1 << 30, /* of all answers; past it, who leaves most unread is left */
    ROUTE_PARTS_MAX = 8,
    REQUEST_ID_BYTES = 29
};

enum lane_name { LANE_NONE, LANE_CONTROL, LANE_SEARCH, LANE_EMBED, LANE_MODEL, LANE_ANSWER, LANE_WRITE, LANE_COUNT };
enum right { RIGHT_NONE, RIGHT_READ, RIGHT_MEASURE, RIGHT_WRITE, RIGHT_OWNER }; /* OWNER: a key that sees every document */

struct exchange;
struct connection;
struct server;

typedef void route_handler(struct exchange *exchange);

/* ---- routes ---- */

struct route {
    const char *method;
    const char *path; /* "/v1/files/{file}": a part in braces is any one part */
    enum right right; /* RIGHT_NONE: no key is needed, and what is told is the same for all */
    enum lane_name lane; /* LANE_NONE: answered by the loop, at once */
    route_handler *handle;
};
extern const struct route routes[];
extern const size_t route_count;
extern const struct slice openapi_document; /* docs/openapi.json, which tells of them */

struct route_match {
    const struct route *route; /* NULL: none, and `allowed` tells the methods that there are for the path (empty: none) */
    char allowed[64];
    struct slice parts[ROUTE_PARTS_MAX]; /* what stood for the braces, decoded, in order */
    size_t part_count;
    struct slice query; /* behind the question mark, as it is */
};

/* False: the path is not one ("//", "/../", "%00", "%2f"). */
bool route_find(struct slice method, struct slice target, struct arena *arena, struct route_match *match) MUST_USE;

/* ---- one request and its answer ---- */

/* kept_models.c: the model that is open, which all threads of a lane share. */
struct kept_model {
    pthread_mutex_t lock; /* guards all below, and what the model decodes */
    pthread_cond_t moved; /* nobody uses it any longer, or another one is open */
    struct assay_model *model; /* NULL: none */
    char name[80], folder[ASSAY_PATH_BYTES];
    size_t users, wanting_another;
    bool is_opening;
    bool is_stale; /* settings were read again: it is opened anew for who comes next */
};

struct lane_hands { /* a lane thread's own */
    struct server *server;
    enum lane_name lane;
    struct assay *assay;
    struct assay *fresh; /* shared: opened since the settings were read again, for its next request; NULL: none */
    struct kept_model *borrowed; /* for the request that it answers; NULL: none */
    struct assay_classifier *moderator; /* NULL: none open */
    const struct connection *answers; /* shared: what it answers; NULL: nothing */
    pthread_t thread;
};

struct exchange {
    struct connection *connection;
    struct server *server;
    struct lane_hands *hands;
    struct arena arena;
    char id[REQUEST_ID_BYTES];
    struct slice method, host, origin, body;
    struct slice head; /* for MCP's address alone: what connection->head was read from */
    struct route_match match;
    char secret[80]; /* as it was sent; "": none */
    const char *as; /* the secret to ask with; NULL: as the owner */
    struct assay_key_rights key;
    const char *owner; /* the key, as files and the like have their owner: its name and when it was made */
    bool is_head, is_old, is_kept_alive; /* is_old: HTTP/1.0 */
    bool is_messages; /* an address of Anthropic's, or below one: errors have its form */
    bool has_name; /* it was called by a name of server.hosts */
    bool is_refused; /* the body was not read: the connection ends with this answer */
    uint64_t begun_ns, queued_ns, started_ns;
    unsigned status;
    unsigned retry_s; /* of a refusal: when it may be tried again; 0: as is usual */
    bool is_final; /* trying again by itself is of no use to the client */
    const char *limit_type; /* of 429 */
    size_t sent; /* bytes of the answer */
    struct buffer text; /* for handlers: what they write */
    struct upload *upload; /* a file that is sent; NULL: none */
    const char *policy; /* of the answer, as a page; NULL: nothing may be loaded, and nothing run */
};

/* respond.c: each makes the whole answer of an exchange. */
void respond_json(struct exchange *exchange, const struct buffer *document);
void respond_text(struct exchange *exchange, unsigned status, const char *type, struct slice text);
void respond_error(struct exchange *exchange, const struct assay_error *error);
bool respond_inner(struct exchange *exchange,
                   const struct error *error); /* the same for an error of the rooms below; always false */
/* Of what the client has no part in: the log alone is told why. `status` 500 or more. */
void respond_fault(struct exchange *exchange, unsigned status, const struct assay_error *error);
void respond_full(struct exchange *exchange,
                  unsigned status); /* 507, or 503 of who asks whether it is ready: the disk is full */
/* As OpenAI has it. `parameter` and `code` may be NULL. */
void respond_refusal(struct exchange *exchange, unsigned status, const char *code, const char *parameter, const char *format,
                     ...) PRINTF_LIKE(5, 6);
void respond_empty(struct exchange *exchange, unsigned status, const char *fields);
void respond_overloaded(struct exchange *exchange);

/* An answer in pieces: server-sent events. A piece waits while the reader has too many unread. */
void respond_stream_begin(struct exchange *exchange);
void respond_stream_event(struct exchange *exchange, struct slice data);
void respond_stream_named(struct exchange *exchange, const char *name, struct slice data); /* an event with a name */
void respond_stream_end(struct exchange *exchange, struct slice data);
void respond_stream_close(struct exchange *exchange); /* the end without a last event */
bool respond_stream_goes_on(const struct exchange *exchange); /* false: nobody is there to read it */

/* JSON writing that starts from an empty exchange->text. */
void respond_begin(struct exchange *exchange, struct json_writer *json);
/* The body as a JSON object; false: refused. */
bool request_json(struct exchange *exchange, struct json_value *root);
/* A member; false: it is of another kind, which was told. Absent and null leave *value NULL. */
bool request_member(struct exchange *exchange, const struct json_value *root, const char *key, enum json_kind kind,
                    const struct json_value **value);
/* No member but these: a slip of the pen is told, not passed over. */
bool request_knows(struct exchange *exchange, const struct json_value *root, const char *const *keys, size_t count);
bool request_whole(struct exchange *exchange, const struct json_value *root, const char *key, int64_t least, int64_t most,
                   int64_t usual, int64_t *number);

/* A text as long as a question at the most, with no zero byte in it and its end behind it. */
bool request_line(struct exchange *exchange, const char *key, const struct json_value *value, const char **text);

/* What answers; route.c says to what. */
void handle_root(struct exchange *exchange);
void handle_health(struct exchange *exchange);
void handle_ready(struct exchange *exchange);
void handle_openapi(struct exchange *exchange);
void handle_metrics(struct exchange *exchange);
void handle_models(struct exchange *exchange);
void handle_model(struct exchange *exchange);
void handle_embeddings(struct exchange *exchange);
void handle_rerank(struct exchange *exchange);
void handle_ask(struct exchange *exchange);
void handle_moderations(struct exchange *exchange);
void handle_chat(struct exchange *exchange);
void handle_completions(struct exchange *exchange);
void handle_responses(struct exchange *exchange);
void handle_messages(struct exchange *exchange);
void handle_messages_count(struct exchange *exchange);
void handle_mcp(struct exchange *exchange);
void handle_search(struct exchange *exchange);
void handle_me(struct exchange *exchange);
void handle_case(struct exchange *exchange);
void handle_cases(struct exchange *exchange);
void handle_case_change(struct exchange *exchange);
void handle_case_remove(struct exchange *exchange);
void handle_audit(struct exchange *exchange);
void handle_runs(struct exchange *exchange);
void handle_run(struct exchange *exchange);
void handle_run_page(struct exchange *exchange);
void handle_adapters(struct exchange *exchange);
void handle_adapter_promote(struct exchange *exchange);
void handle_adapter_discard(struct exchange *exchange);
void handle_settings(struct exchange *exchange);
/* What assay.yaml has now: a lane may still go by what it had before. False: answered. */
bool settings_now(struct exchange *exchange, struct assay_settings_told *told);
void handle_settings_change(struct exchange *exchange);
void handle_prices(struct exchange *exchange);
void handle_prices_change(struct exchange *exchange);
void handle_labels(struct exchange *exchange);
void handle_labels_change(struct exchange *exchange);
void handle_tasks(struct exchange *exchange);
void handle_task_make(struct exchange *exchange);
void handle_task(struct exchange *exchange);
void handle_task_cancel(struct exchange *exchange);
void handle_task_output(struct exchange *exchange);
void handle_task_training(struct exchange *exchange);
void handle_log(struct exchange *exchange);
void handle_log_verify(struct exchange *exchange);
void handle_keys(struct exchange *exchange);
void handle_key_make(struct exchange *exchange);
void handle_key_revoke(struct exchange *exchange);
void handle_documents(struct exchange *exchange);
void handle_document(struct exchange *exchange);
void handle_document_content(struct exchange *exchange);
void handle_document_passages(struct exchange *exchange);
void handle_stores(struct exchange *exchange);
void handle_store(struct exchange *exchange);
void handle_store_search(struct exchange *exchange);
void handle_store_files(struct exchange *exchange);
void handle_store_file(struct exchange *exchange);
void handle_store_file_content(struct exchange *exchange);
void handle_files(struct exchange *exchange);
void handle_file(struct exchange *exchange);
void handle_file_content(struct exchange *exchange);
void handle_file_upload(struct exchange *exchange);
void handle_file_delete(struct exchange *exchange);
void handle_store_make(struct exchange *exchange);
void handle_store_change(struct exchange *exchange);
void handle_store_delete(struct exchange *exchange);
void handle_store_file_add(struct exchange *exchange);
void handle_store_file_delete(struct exchange *exchange);
void handle_store_file_change(struct exchange *exchange);
void handle_batch_make(struct exchange *exchange);
void handle_batch(struct exchange *exchange);
void handle_batch_cancel(struct exchange *exchange);
void handle_batch_files(struct exchange *exchange);
void handle_model_delete(struct exchange *exchange);
void handle_tunings(struct exchange *exchange);
void handle_tuning_make(struct exchange *exchange);
void handle_tuning(struct exchange *exchange);
void handle_tuning_cancel(struct exchange *exchange);
void handle_tuning_pause(struct exchange *exchange);
void handle_tuning_resume(struct exchange *exchange);
void handle_tuning_events(struct exchange *exchange);
void handle_tuning_checkpoints(struct exchange *exchange);
void handle_grader_run(struct exchange *exchange);
void handle_grader_validate(struct exchange *exchange);
void handle_evals(struct exchange *exchange);
void handle_eval_make(struct exchange *exchange);
void handle_eval(struct exchange *exchange);
void handle_eval_change(struct exchange *exchange);
void handle_eval_delete(struct exchange *exchange);
void handle_eval_runs(struct exchange *exchange);
void handle_run_make(struct exchange *exchange);
void handle_eval_run(struct exchange *exchange);
void handle_eval_run_cancel(struct exchange *exchange);
void handle_eval_run_delete(struct exchange *exchange);
void handle_eval_items(struct exchange *exchange);
void handle_eval_item(struct exchange *exchange);

/* handle_models.c. Some texts at a time are worked on, so that it is noticed when nobody waits any longer. How many there are from `at` on; 0:
 * enough. */
size_t next_texts(struct exchange *exchange, size_t at, size_t count, struct assay_error *error);
void note_tokens(struct exchange *exchange, uint64_t tokens); /* that a model read: for the figures, and the key's quota */
/* hosted_names.c */
enum hosted_use { HOSTED_ANSWERS, HOSTED_EMBEDS, HOSTED_RANKS, HOSTED_MODERATES };
bool is_hosted_model(struct slice name, enum hosted_use use);
/* Such a name that no model here has: one that was added under it is meant itself. */
bool stands_for_own(struct exchange *exchange, struct slice name, enum hosted_use use);
/* Where the model of a name lies; false: refused, it is not here. */
bool served_model(struct exchange *exchange, struct slice name, struct assay_model_place *place);

/* entrance.c */
bool gate_pass(struct exchange *exchange, const struct http_head *head, struct slice source); /* false: answered */
bool gate_still_knows(struct exchange *exchange); /* whether the key is good for anything now; false: answered */
/* By the loop, before much is taken: is the key one of ours, and is its quota not used up? false: answered */
bool gate_knows(struct exchange *exchange);
/* The same, without the quota: what was used may wait for the disk. */
bool gate_is_key(struct exchange *exchange);
bool gate_enter(struct exchange *exchange); /* by the lane: is the key good, and good for this? false: answered */

/* quota.c: what a key may use in a day */
bool quota_take(struct exchange *exchange); /* one more request; false: answered */
void quota_take_begun(const struct exchange *exchange); /* one more of what was begun, whatever is left */
bool quota_has_room(struct exchange *exchange); /* for one more, before a large body of it is taken; false: answered */
void quota_note(const struct exchange *exchange, double tokens, double money);
void quota_note_answer(const struct exchange *exchange, const struct assay_answer *answer);

/* query_filter.c: OpenAI's filter as a text of our language; false: refused. */
bool filter_text(struct exchange *exchange, const struct json_value *filter, struct buffer *out);

/* file_attributes.c: as OpenAI has it, up to 16 keys with texts; false: refused. */
bool metadata_fits(struct exchange *exchange, const struct json_value *metadata);

/* list.c: a number of the address's query, "limit=20"; false: refused. */
struct query_number {
    const char *key;
    uint64_t least, most, usual;
};
bool query_whole(struct exchange *exchange, const struct query_number *wanted, uint64_t *number);

/* list.c: a document's path as an id of a file, and back (NULL: it is none). */
const char *file_id_of(struct arena *arena, const char *path);
const char *file_path_of(struct arena *arena, struct slice id);

/* ---- files that are sent, and vector stores made of them ----
 *
 *   uploads/files/ab12…/refunds.md     as it was sent; its path gives its id
 *   uploads/vs_cd34…/ab12…/refunds.md  the document that a vector store has of it */

#define STORE_ID "vs_documents" /* the vector store that is always there: all documents of the project */
#define UPLOADS_FOLDER "uploads"
#define UPLOADS_FILES UPLOADS_FOLDER "/files"

/* upload.c: a body that is multipart/form-data with a file, which goes to the disk as it comes */
bool upload_is_wanted(const struct route *route);
bool upload_begin(struct exchange *exchange, const struct http_head *head, struct slice source); /* false: answered */
bool upload_take(struct exchange *exchange, struct slice bytes); /* false: answered */
#define UPLOAD_PURPOSES "assistants, batch, fine-tune, vision, user_data, evals"
bool upload_is_purpose(struct slice purpose);
bool upload_end(struct exchange *exchange); /* all came; false: answered */
bool upload_keep(struct exchange *exchange, struct jobs_file *file); /* durable, with its row; false: answered */
void upload_release(struct exchange *exchange); /* what was not kept is gone */

/* stores.c: files, stores and works are those of the key that sent them; an administrator has all. */
bool owns(const struct exchange *exchange, const char *owner);
const char *owner_of(const struct exchange *exchange); /* for jobs_which and the like: NULL is any */
const char *owner_name(struct arena *arena, const char *owner); /* of the key, of "NAME CREATED" */
/* The key as it is now; false: it is not good any longer. */
bool owner_rights(struct arena *arena, struct assay *assay, const char *owner, struct assay_key_rights *rights);
/* The vector store of a path's first part; false: there is none for this key, which was answered. */
bool store_find(struct exchange *exchange, struct jobs_store *store);
/* The one of an id: `store->id` NULL: there is none for this key. False: answered. */
bool store_named(struct exchange *exchange, struct slice id, struct jobs_store *store);
bool store_find_own(struct exchange *exchange, struct jobs_store *store); /* one into which the key may put files */
const char *store_folder(struct exchange *exchange, const char *store); /* of its documents; NULL: it has all */
const char *store_file_id(struct arena *arena, const char *store, const char *document);
/* Of a document of any vector store that was made, the id of the file that was sent; else the document's. */
const char *store_sent_id(struct arena *arena, const char *document);
/* The document that a store has, or would have, of a file; NULL: it is no file that was sent. */
const char *store_document(struct arena *arena, const char *store, const char *file_path);
/* What clients call the document of a path: of what was sent its own name, of others the path. */
const char *store_file_name(const char *path);
/* Is it the path of a file that was sent, or of a store's document of one, and of nothing else? A path that a client names may have any parts. */
bool store_is_sent(const char *path);

/* handle_stores.c, for batches too */
const char *store_work_status(const struct jobs_work *work); /* as OpenAI has it: "in_progress" */
/* Works in order, copied; false: answered. */
bool store_works(struct exchange *exchange, const struct jobs_which *which, struct jobs_work **works, size_t *count);
void store_write_work(struct exchange *exchange, struct json_writer *json, const struct jobs_work *work);
bool store_promise_batch(struct exchange *exchange, const struct jobs_store *store, const char **batch); /* false: answered */

/* intake.c: takes in what was promised, in a thread of its own. */
bool worker_start(struct server *server, struct assay_error *error) MUST_USE;
void worker_end(
    struct server *server); /* as soon as it can: what is queued waits for the next start, and who deletes is not kept */
void worker_stop(struct server *server);
void worker_wake(struct server *server);
/* Changed attributes of documents into the catalog, now where nobody else writes, else as soon as it can be. */
void worker_bring_attributes(struct server *server);
/* Between these two nothing is taken in, so that what is deleted does not come back. What is being taken in is cut short for it, and goes on
 * afterwards: it is waited for as long as one of its steps takes. */
void worker_hold(struct server *server);
void worker_let_go(struct server *server);
/* How far the work has come that is done now. False: it waits; or works of others are done together with it, of which this key shall not learn. */
struct worker_progress {
    char stage[24]; /* "reading", "embedding" */
    size_t done, total;
};
bool worker_progress_of(struct exchange *exchange, const struct jobs_work *work, struct worker_progress *progress);
/* Forgets documents; absolute paths. While the worker is held. */
bool worker_remove(struct server *server, const char *const *paths, size_t count, struct assay_error *error) MUST_USE;
/* Forgets the documents that have begun to be made of a batch's works, which are then to be cancelled. While the worker is held. */
bool worker_take_back(struct server *server, const char *batch, struct assay_error *error) MUST_USE;
/* A reason as a client may read it, to whom the folder on this machine says nothing. */
const char *without_root(struct arena *arena, const char *root, const char *message);

/* list.c: lists of documents that a key may see, in pages. */
typedef void write_document(struct exchange *exchange, struct json_writer *json, const struct assay_document *document,
                            const char *store);
struct listing {
    struct exchange *exchange;
    struct json_writer json;
    write_document *write;
    const char *store, *folder; /* NULL: all documents */
    const char *after; /* a path; NULL: from the first */
    const char *status; /* of the files that are wanted: "failed"; NULL: any */
    const char *purpose; /* the same; documents have "assistants" */
    const char *named; /* words that all stand in the path or the title; NULL: any will do */
    size_t limit, count;
    bool is_without_sent; /* documents that were made of files that were sent are left out, and `more` has those files */
    bool has_names; /* it may be asked for documents by their names: `named` */
    bool has_more;
    const char *first_id, *last_id;
};
/* `more` adds what is no document behind the last one; NULL: nothing. */
void list_answer(struct listing *listing, bool (*more)(struct listing *listing));
void list_note(struct listing *listing, const char *id); /* that something was added */
bool list_one(void *context, const struct assay_document *document);
void write_file(struct exchange *exchange, struct json_writer *json, const struct jobs_file *file); /* as OpenAI's file */
const char *random_id(struct arena *arena, const char *start); /* "vs_" and 24 digits by chance */
/* {"object": "list", "data": [ … ]}, and as OpenAI's pages end. */
void list_begin(struct exchange *exchange, struct json_writer *json);
void list_end(struct exchange *exchange, struct json_writer *json);
void list_end_page(struct exchange *exchange, struct json_writer *json, const char *first, const char *last, bool has_more);
void write_deleted(struct exchange *exchange, const char *id, const char *object);

/* turn.c: who may train or decide now */
enum turn_of { TURN_NONE, TURN_TASKS, TURN_JOBS, TURN_COUNT };
struct turn { /* under server->lock */
    enum turn_of holder, last;
    bool waits[TURN_COUNT];
};
bool turn_take(struct server *server, enum turn_of who) MUST_USE; /* false: the other one has it, or waits for it */
void turn_end(struct server *server); /* by its holder */
void turn_waive(struct server *server, enum turn_of who); /* it does not wait any longer */
enum turn_of turn_holder(struct server *server);

/* ---- figures ---- */

enum { BUCKETS_MAX = 14, STAGE_COUNT = 7, ANSWER_STAGE_COUNT = 3 };
struct histogram {
    uint64_t buckets[BUCKETS_MAX + 1], count;
    double sum;
};
struct figures {
    uint64_t *statuses; /* of each route, and of none: by hundreds */
    struct histogram *durations;
    struct histogram stages[STAGE_COUNT], answer_stages[ANSWER_STAGE_COUNT];
    struct histogram similarity, confidence; /* of the nearest hit of a search; of an answer that was given */
    uint64_t shed, over_quota, tokens, empty_searches;
    uint64_t answers, abstained;
    int64_t prompt_tokens, cached_tokens, completion_tokens; /* of language models */
    double cost; /* of those whose price is known */
    char currency[16]; /* of it; "": none */
};
void figures_note(struct server *server, const struct exchange *exchange);
void figures_note_search(struct server *server, const struct assay_results *results);
void figures_note_answer(struct server *server, const struct assay_answer *answer);
void figures_write(struct server *server, struct buffer *out);
void journal_request(const struct exchange *exchange, bool quiet);
void journal_late_heads(struct server *server); /* one line for all since the last time */
void journal_event(const char *level, const char *format, ...) PRINTF_LIKE(2, 3);
/* Of a job ("task-3"): with the request that it came of, also after a restart. */
void journal_job(struct server *server, const char *level, const char *job, const char *format, ...) PRINTF_LIKE(4, 5);

/* ---- connections ---- */

enum connection_state { READING_HEAD, READING_BODY, ANSWERING, LINGERING };

struct connection {
    struct server *server;
    size_t place; /* in server->connections */
    int descriptor;
    struct tls_session *session; /* NULL: without TLS */
    enum connection_state state;
    uint32_t interest; /* what epoll watches for */
    uint64_t deadline_ns, idle_ns; /* idle_ns: since when it is waited for its next request */
    struct buffer in;
    size_t in_at; /* where the request begins in it */
    struct http_head head;
    struct http_chunks chunks;
    struct buffer body;
    uint64_t body_begun_ns;
    uint64_t body_taken; /* bytes of it that came, those too that went to the disk */
    bool is_known; /* the key of the request whose body is read is one of ours */
    struct buffer out;
    size_t out_at;
    uint64_t write_begun_ns; /* since when there is something in `out`; 0: there is not */
    uint64_t written; /* bytes since then */
    bool ends; /* after what is in `out` */
    bool is_busy; /* with a lane */
    bool streams; /* that lane answers in pieces, as it may */
    bool has_begun; /* a byte of the request has come */
    struct exchange exchange;
    struct connection *next_waiting; /* in a lane's queue */
    /* shared */
    struct buffer pieces; /* of the answer, for the loop */
    bool is_finished, is_gone, is_touched;
    struct connection *next_touched;
};

struct connection *connection_open(struct server *server, int descriptor);
void connection_event(struct connection *connection, uint32_t events);
void connection_touched(struct connection *connection); /* a lane left something */
void connection_tick(struct connection *connection, uint64_t now_ns);
void connection_close(struct connection *connection);
void connections_bound_unread(struct server *server);
bool connections_make_room(struct server *server); /* closes one that asks nothing; false: there is none */
void connections_abandon(struct server *server); /* nobody waits any longer for what lanes do */

/* Appends to the answer; whoever has the exchange. */
void connection_push(struct connection *connection, struct slice head, struct slice text);
void connection_send(struct connection *connection, struct slice head, struct slice text); /* the same, at once; for streams */
bool connection_is_gone(struct connection *connection);
void connection_finish(struct connection *connection);

/* ---- memory: allocator.c ---- */

void keep_memory_together(void); /* before threads are started */
void give_back_memory(void); /* after a handle of the project was closed */
size_t memory_in_use(void); /* bytes; 0: the allocator does not tell */

/* ---- lanes ---- */

struct lane {
    pthread_cond_t filled;
    struct connection *first, *last;
    size_t waiting, waiting_max, running;
    uint64_t service_ns; /* what a request took of late */
    uint64_t empty_ns; /* when it was last met with nobody waiting */
    uint64_t emptied_ns; /* when the last one who waited was taken */
    size_t refused; /* turned away since the last pause or second of calm; 0: a burst may pass */
    uint64_t refused_ns; /* when the last one was */
    size_t crowd; /* a score: up with each who is refused, down with each who is let in (lanes.c) */
    char asked_last[80]; /* the key that was sent last, where places are shared (share.c) */
    uint64_t shared_ns; /* when another one was sent than before; 0: never */
    struct kept_model kept;
    struct lane_hands *hands;
    size_t thread_count, started;
};

/* A model into these hands, open already where it was asked last; given back when the request is answered, if there is one. */
bool model_borrow(struct lane_hands *hands, struct slice name, const char *folder, struct assay_error *error) MUST_USE;
void model_give_back(struct lane_hands *hands);
void kept_init(struct kept_model *kept);
void kept_forget(struct kept_model *kept); /* what is kept is opened anew when it is asked next */
void kept_release(struct kept_model *kept);

/* share.c: of the lane of answers, under server->lock. Notes who asks; whether one more of this key may wait; whose turn it is, NULL: nobody's. */
void share_note(struct lane *lane, const char *secret, uint64_t now_ns);
bool share_admits(const struct lane *lane, const char *secret, uint64_t now_ns);
struct connection *share_pick(const struct lane *lane, uint64_t now_ns);
uint64_t share_until(const struct lane *lane,
                     uint64_t now_ns); /* when somebody else's turn may come by itself; 0: it does not */

bool lanes_start(struct server *server, struct assay_error *error) MUST_USE;
bool lanes_reload(struct server *server, struct assay_error *error) MUST_USE; /* false: all stay as they were */
void lanes_stop(struct server *server);
bool lane_admits(struct lane *lane, enum lane_name name, uint64_t now_ns); /* one more may wait; under server->lock */
/* Who waited since `queued_ns` is refused in the place of being answered: of a burst that was the beginning of too much. Under server->lock. */
bool lane_gives_up(const struct lane *lane, enum lane_name name, uint64_t queued_ns, uint64_t now_ns);
bool lane_take(struct server *server, struct connection *connection) MUST_USE; /* false: too many wait */

struct server {
    struct server_options options;
    struct assay *assay; /* the loop's own: for settings */
    struct assay_server_settings settings;
    char listen[128];
    struct tls *tls; /* NULL: none */
    bool is_local; /* reached from this machine alone */
    int epoll, listener, waker, signals;
    bool is_deaf; /* the listener is not watched: no descriptor is to be had */
    struct connection **connections;
    size_t connection_count, connection_max, room_at; /* room_at: where room was made last */
    size_t body_bytes; /* held by all */
    uint64_t started_ns;
    int64_t started_wall_ns;
    uint64_t stop_ns; /* 0: it runs; else when it stops for good */
    pthread_mutex_t lock;
    pthread_cond_t drained; /* a stream may go on */
    struct connection *touched;
    struct lane lanes[LANE_COUNT];
    struct jobs *jobs;
    struct worker *worker;
    struct long_work *long_work;
    pthread_mutex_t tuned_lock;
    pthread_cond_t tuned_freed;
    bool tuned_is_taken; /* somebody asks the fine-tuned model that was asked last, which stays open (tuned_models.c) */
    struct assay_tuned_model *tuned; /* NULL: none */
    char tuned_adapter[72];
    struct task_runner *tasks;
    struct turn turn;
    bool is_ending; /* lanes shall end */
    bool is_ready;
    size_t late_heads; /* requests refused since the last tick whose head never came: told together */
    uint64_t request_count;
    uint64_t id_first; /* by chance: ids of two runs differ */
    struct figures figures;
};

void server_wake(struct server *server);

#endif
