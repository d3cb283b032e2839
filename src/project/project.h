/* project.h - an open project: its settings, its catalog, and the index kept in step with the catalog.
 *
 *   shop/assay.yaml            settings, written by people
 *   shop/.assay/assay.db       the catalog: the truth
 *   shop/.assay/index/NAME.seg index files, derived: a lost or damaged one is rebuilt from the catalog
 *   shop/.assay/index/NAME.vec the same for vectors
 *   shop/.assay/log/           the audit log (ledger.h)
 *   shop/.assay/lock           held by the one process that writes
 *
 * The index covers every live passage: sealed segments from files, the rest built in memory from the catalog when the project is
 * refreshed. So a passage is searchable as soon as its transaction is committed, and a crash loses no more than some work. */
#ifndef PROJECT_PROJECT_H
#define PROJECT_PROJECT_H

#include "edition/edition.h"
#include "index/index.h"
#include "store/store.h"
#include "text/text.h"

struct llm;

#define PROJECT_SETTINGS "assay.yaml"
#define PROJECT_PRICES "prices.yaml"
#define PROJECT_EXAMPLES "examples.jsonl"
#define PROJECT_STATE ".assay"

enum passage_unit { UNIT_AUTO, UNIT_HEADING, UNIT_SENTENCE, UNIT_FIXED, UNIT_RECORD, UNIT_PAGE, UNIT_CODE, UNIT_SEMANTIC };
enum retrieve_mode { RETRIEVE_AUTO, RETRIEVE_HYBRID, RETRIEVE_TEXT, RETRIEVE_VECTOR };
enum retrieve_fusion { FUSION_SCORES, FUSION_RANKS };
enum prompt_examples { PROMPT_EXAMPLES_AUTO, PROMPT_EXAMPLES_FIRST, PROMPT_EXAMPLES_NONE };
enum answer_check {
    CHECK_AUTO,
    CHECK_EXACT,
    CHECK_F1,
    CHECK_CONTAINS,
    CHECK_NUMERIC,
    CHECK_STRICT,
    CHECK_RELAXED,
    ANSWER_CHECKS
};
extern const char *const answer_check_names[ANSWER_CHECKS]; /* "auto", … */
enum prompt_order { PROMPT_ORDER_BEST, PROMPT_ORDER_LAST, PROMPT_ORDER_DOCUMENT };
enum access_rule { ACCESS_PUBLIC, ACCESS_FROM_FOLDER, ACCESS_FROM_FILE };

struct settings {
    const char **documents; /* files and folders that `add` reads when none is named, relative to the project */
    size_t document_count;
    size_t document_bytes_max;
    enum passage_unit unit;
    size_t passage_tokens, passage_overlap;
    bool join_records; /* unit `record`: small ones fill a passage together */
    uint32_t masked_kinds; /* bits 1 << sensitive_kind: masked when a document is added; 0: none */
    size_t k;     /* results of a search */
    float k1, b;  /* BM25 */
    enum retrieve_mode mode;
    size_t candidates; /* of each kind of search, before they are joined */
    enum retrieve_fusion fusion;
    float vector_weight; /* 0 … 1; the words' is the rest */
    size_t per_document; /* results from one document; 0: any number */
    float diversity; /* 0 … 1: how much what repeats a better result loses */
    size_t wordings; /* a language model is asked for, of a question, beside its own */
    bool hypothetical; /* a language model's guess at the answer is searched for, too */
    bool neighbors; /* passages that stand next to each other become one result */
    bool rerank; /* the best hits are read by the reranker, where there is one */
    size_t rerank_candidates; /* so many of them */
    float rerank_weight; /* 0 … 1; the search's own score counts for the rest */
    const char *embedding; /* "builtin", a model's name or folder, "none" */
    const char *tests; /* the project's test cases, relative to it */
    const char *model; /* that answers: "builtin", or as llm_open takes it */
    const char *prices; /* the list of prices, relative to the project */
    double spend_per_day; /* the most that language models may cost a day; negative: there is no limit */
    const char *examples; /* the project's examples, relative to it; PROJECT_EXAMPLES where nobody says */
    const char *approach; /* of an answer when none is named: "rag", "full", "prompt" */
    enum answer_check check_answer; /* what a right answer is */
    const char *check_schema, *check_pattern; /* that it must follow, and match; a file relative to the project; NULL: none */
    bool check_examples; /* it must have the form of the examples, where these have one in common */
    double target; /* score to be reached; 0: none */
    size_t limit_latency_ms, limit_cost_month, requests_month; /* 0: none, not told */
    bool limit_private, limit_citations;
    size_t knowledge_changes; /* ORDER change_rate of decide.h: 0 not told, never, yearly, monthly, weekly, daily */
    const char *prompt_system, *prompt_user; /* files of templates, relative to the project; NULL: the built-in ones */
    enum prompt_examples prompt_examples;
    enum prompt_order prompt_order; /* of the passages */
    size_t prompt_tokens; /* of a prompt, at the most */
    const char **allowed_hosts; /* that pages may be fetched from though they are not public */
    size_t allowed_host_count;
    const char *fetch_proxy; /* NULL: none */
    const char *fetch_ca; /* a file of certificates, relative to the project; NULL: those of the system */
    size_t fetch_timeout_s, fetch_delay_ms;
    const char *server_listen; /* "127.0.0.1:8080" */
    size_t server_body_bytes; /* of one request */
    size_t server_record_bytes; /* of what is kept of one key's jobs and evals */
    size_t server_client_wait_s; /* for a slow client's body; for its reading twice as long */
    const char **server_hosts; /* names that the server is called by, beside addresses and localhost */
    size_t server_host_count;
    const char **server_origins; /* of pages that may ask it from a browser */
    size_t server_origin_count;
    const char *moderation; /* the classifier that moderates; NULL: none */
    const char **moderation_fine; /* its labels that nothing is said against */
    size_t moderation_fine_count;
    enum access_rule access;
    const char *labels_file; /* of ACCESS_FROM_FILE, relative to the project */
    bool log_hashes_questions; /* the audit log has the SHA-256 of a question instead of it */
    const char *traces; /* the address of a collector, or a file, relative to the project; NULL: none */
    size_t log_keep_days; /* personal content of the audit log is erased after; 0: never */
};

/* Reads settings; keys that are not there have their defaults. An unrecognized key names the nearest known one. */
bool settings_read(struct slice source, const char *name, struct arena *arena, struct settings *settings,
                   struct error *error) MUST_USE;

const char *passage_unit_name(enum passage_unit unit); /* "heading" */

/* The text of a new assay.yaml, every setting explained. */
const char *settings_template(struct arena *arena);
const char *prices_template(void); /* the same of prices.yaml */

/* The vectors of the passages, loaded when a search first needs them. */
struct project_vectors {
    struct vector_index *index; /* NULL: not loaded, or there are none */
    struct index_part *parts; /* in the order of the index's segments */
    size_t part_count, part_capacity;
    int64_t generation; /* of the catalog; -1: nothing loaded */
    int64_t covered, deletion_last; /* as for the text index */
    unsigned char fingerprint[STORE_HASH_BYTES]; /* of the model that they are of */
    size_t dimensions;
    size_t rebuilt; /* files that were missing or damaged and stand in memory now */
    struct error rebuilt_why;
};

struct index_part; /* what one segment of the index covers */
struct kept_view;
struct builder_set;
struct project_editions;

struct project {
    const char *root; /* absolute, normal */
    struct arena arena;
    struct settings settings;
    enum store_mode mode;
    struct store *store;
    struct pool *pool;
    const char *
        prices_root; /* where prices and the day's spending are; NULL: its own. A copy that is measured with has its original's */
    /* Opens an embedding model that runs elsewhere, with those; NULL: it is opened without. */
    bool (*open_remote)(const struct project *project, const char *model, struct llm **llm, struct error *error);
    struct file_lock lock; /* held when mode is STORE_WRITE */
    bool
        mends; /* set by who only reads: index files that are found missing or damaged are written anew, if nobody else writes; then false */

    /* The index as of `generation`. */
    struct index *index;
    struct index_part *parts; /* in the order of the index's segments */
    size_t part_count, part_capacity;
    int64_t generation; /* -1: nothing loaded */
    int64_t covered; /* passages up to this number are in the index */
    int64_t deletion_last; /* the last deletion taken in */
    size_t rebuilt; /* index files that were missing or damaged and stand in memory now */
    struct error rebuilt_why; /* of the first one */
    struct builder_set *builders;
    struct project_vectors vectors;
    struct analyzer *analyzer; /* of searches, which meet the same words again; NULL before the first */
    struct kept_view *views; /* of this generation, for principals and filters that asked before */
    size_t view_count;
    uint64_t view_clock; /* counts their uses */
    struct project_editions *editions; /* of documents that were met in this generation; NULL before the first */
    enum text_language languages[LANGUAGE_COUNT]; /* of the documents */
    size_t language_count;
};

/* Makes `folder` a project: settings and prices (unless there are some) and an empty catalog. ERROR_CONFLICT when it is one already. */
bool project_create(const char *folder, struct error *error) MUST_USE;

/* `folder` NULL: the nearest project at or above the current folder. `purpose` is told to whoever is refused the lock. */
bool project_open(struct project **project, const char *folder, enum store_mode mode, const char *purpose,
                  struct error *error) MUST_USE;
void project_close(struct project *project);

/* The settings of the project in this folder; texts in the arena. */
bool project_settings(const char *root, struct arena *arena, struct settings *settings, struct error *error) MUST_USE;

/* The project's folder, absolute, links resolved; `folder` as for project_open. */
bool project_locate(const char *folder, struct arena *arena, const char **root, struct error *error) MUST_USE;

/* ---- what measurements leave: .assay/runs/0001 … ---- */

struct project_run {
    const char *folder; /* absolute */
    const char *number; /* "0001" */
};

/* A new folder with the next number. Texts live in the arena. */
bool project_run_create(const struct project *project, struct arena *arena, struct project_run *run,
                        struct error *error) MUST_USE;

/* The path of a run's file ("report.json", "eval.json"). `run`: its number, "last" for the newest one that has the file, or a path to the folder or
 * the file itself, for which no project is needed. */
bool project_run_find(const char *root, const char *run, const char *file, struct arena *arena, const char **path,
                      struct error *error) MUST_USE;

/* The numbers of all runs, the highest first. */
bool project_run_numbers(const char *root, struct arena *arena, const char *const **numbers, size_t *count,
                         struct error *error) MUST_USE;

/* A path as the catalog has it: relative to the project when it lies in it. `path` is absolute and normal. */
const char *project_relative(const struct project *project, const char *path);

/* Begins a read transaction and brings the index to exactly that state; project_release ends it. Between the two, the index and
 * the catalog agree. */
bool project_refresh(struct project *project, struct error *error) MUST_USE;
void project_release(struct project *project);

/* A passage as the index reads it. */
struct project_text {
    int64_t passage; /* its number in the catalog */
    struct slice language, title, headings, text;
};

/* Builds what the index will need of passages that are in the catalog, with numbers that follow each other, so that the next refresh finds it made. On
 * threads of the project's pool (`thread`: which), each at the most once at a time, behind project_ahead_begin and not beside a refresh. Nothing
 * depends on it: what is not built ahead is built then. PROJECT_AHEAD_MOST passages make one part; a few alone are better left to the refresh. */
enum { PROJECT_AHEAD_MOST = 8192 };
void project_ahead_begin(struct project *project);
void project_build_ahead(struct project *project, size_t thread, const struct project_text *texts, size_t count);

/* Within a refresh: brings project->vectors to the same state. Text search needs none of this. */
bool project_refresh_vectors(struct project *project, struct error *error) MUST_USE;

/* What a search may see: everything else does not exist for it. */
struct project_view {
    const struct index_range *ranges; /* ascending, disjoint */
    size_t range_count;
    size_t documents; /* that have passages */
    struct index_view *words; /* the ranges in the index of words */
    struct vector_view *vectors; /* the same in that of vectors; NULL until project_view_vectors */
    enum text_language languages[LANGUAGE_COUNT]; /* of these documents */
    size_t language_count;
};

/* The view of a principal (NULL: the owner) with a filter (NULL: none), between project_refresh and project_release. NULL when both
 * are: everything is seen. It is kept for the next search and good until the next refresh. */
bool project_view(struct project *project, const struct store_principal *principal, const struct store_filter *filter,
                  const struct project_view **view, struct error *error) MUST_USE;

/* The view's ranges among the vectors, after project_refresh_vectors; NULL for no view. */
const struct vector_view *project_view_vectors(struct project *project, const struct project_view *view);

/* A document as one edition of several. */
struct project_edition {
    enum edition_state state; /* EDITION_IN_FORCE: nothing is known against it */
    struct slice why; /* words that tell it, for people; empty: another edition is newer */
    int64_t newer; /* the newest one of it that is in force, and may be seen; 0: there is none */
    struct slice newer_path;
    bool is_series; /* the newer one is only the next of a series: minutes of another month */
    const struct edition *edition;
};

/* Within a refresh: what a principal (NULL: the owner) is told of it. Texts are good until the next refresh. */
bool project_edition(struct project *project, const struct store_principal *principal, int64_t document,
                     struct project_edition *out, struct error *error) MUST_USE;

/* Writes the passages that are in memory only to an index file, merging small files into larger ones; the same for
 * vectors. Needs STORE_WRITE. */
bool project_seal(struct project *project, struct error *error) MUST_USE;
size_t project_unsealed(const struct project *project); /* passages in memory only, as of the last refresh */

/* The text of a passage, as the index takes it: title, headings and text. Returns where the first two end. */
struct passage_ends {
    size_t title, headings; /* bytes from where this text begins in `out` */
};
struct passage_ends passage_index_text(struct buffer *out, struct slice title, struct slice headings, struct slice text);

/* ---- keys ---- */

/* "assay_", 160 random bits and six characters that are a checksum of them, in base 32; with its end. */
enum { PROJECT_SECRET_BYTES = 45 };

/* Makes a key and tells its secret, this once. `groups` are labels whose documents it may see; `expires_ns` 0: never. Needs the right
 * to write to the catalog, not the project's lock: a long `add` of another process delays it by one batch at the most. */
bool project_key_add(struct project *project, struct slice name, const struct slice *groups, size_t group_count,
                     int64_t expires_ns, char secret[PROJECT_SECRET_BYTES], struct error *error) MUST_USE;

/* From the return on, no search of any process that begins sees anything by this key. Revoking twice is no error. */
bool project_key_revoke(struct project *project, struct slice name, struct error *error) MUST_USE;

/* The principal of a secret. */
bool project_principal_of(struct project *project, struct slice secret, struct arena *arena, struct store_principal *principal,
                          struct error *error) MUST_USE;

/* What cutting documents asks of the embedding model, which this room and `ingest` do not know. Both may open it when first called. */
struct passage_model {
    /* False: there is no model here. `*tokens_max`: what it takes of a passage, without its own tokens. Called by one thread. */
    bool (*measure)(void *context, const struct tokenizer **tokenizer, size_t *tokens_max);
    /* Vectors of length 1, `*vectors` freed by the caller. Not to be called from a loop of the project's pool. */
    bool (*embed)(void *context, const struct slice *texts, size_t count, float **vectors, size_t *dimensions,
                  struct error *error);
    void *context;
};

struct doctor_report {
    struct store_counts counts;
    size_t segments, unsealed;
    size_t vectors, vector_files, without_vector; /* passages that have none */
    size_t problems;
    size_t repaired;
};
/* Examines everything; calls each(context, kind, message) for a problem ("catalog", "index", "content") and for a "note".
 * `repair` (needs STORE_WRITE) writes derived files anew where they are wrong. */
bool project_examine(struct project *project, bool repair, void (*each)(void *context, const char *kind, const char *message),
                     void *context, struct doctor_report *report, struct error *error) MUST_USE;

/* ---- models ---- */

struct model_place {
    const char *source; /* "path", "project", "folder" (./models), "user", "installation" */
    const char *folder;
};

/* Where a model lies: a path to its folder; else models/NAME of the project or of the current folder; else the user's models; else
 * those that were installed with the program.
 * "builtin" is all-MiniLM-L6-v2. `project` as the folder of project_open; no project is needed when it is NULL. */
bool models_find(const char *name, const char *project, struct arena *arena, struct model_place *place,
                 struct error *error) MUST_USE;

/* Where a project keeps what was tuned. */
const char *adapters_folder(struct arena *arena, const char *root);

/* Whether `model` of the settings is no language model: "builtin", or "builtin:writer", which is asked for by name where the project has no writer
 * of its own. */
#define MODEL_WRITER "builtin:writer"
bool model_is_builtin(const char *name);

/* Where the adapter lies that has a part of its own ("reader", "reranker"): the project's (.assay/adapters/NAME; `root` NULL: no project), else
 * the installation's (PREFIX/share/assay/adapters/NAME, or adapters/ of a source tree, or $ASSAY_ADAPTERS/NAME). ERROR_NOT_FOUND: there is none. */
bool adapter_find(const char *name, const char *root, struct arena *arena, const char **folder, struct error *error) MUST_USE;

/* The model that an adapter in this folder was trained on: the folder that it names, or, where that lies elsewhere here, the model of that
 * name. `project` as for models_find. */
bool models_find_base(const char *adapter, const char *project, struct arena *arena, const char **folder,
                      struct error *error) MUST_USE;

/* The same for what adapter_find gave for this name. An adapter that came with the program is of no use where its base was not installed: then
 * `folder` is NULL. A project's own without its base is an error. */
bool models_find_base_of(const char *name, const char *adapter, const char *project, struct arena *arena, const char **folder,
                         struct error *error) MUST_USE;

/* Calls each() for every folder that models are looked for in by name and that has a config.json; false from it stops. */
bool models_each(const char *project, bool (*each)(void *context, const struct model_place *place, struct error *error),
                 void *context, struct error *error) MUST_USE;

/* Tells what is missing in a folder that cannot be a model's, by the names of its files. */
bool models_check(const char *folder, struct error *error) MUST_USE;

struct models_install {
    const char *path; /* the folder to copy */
    const char *name; /* NULL: the folder's */
    const char *project; /* as for models_find */
    bool global; /* into the user's models */
    bool (*check)(void *context, const char *folder, struct error *error); /* whether it works: there, and as it was copied */
    bool (*on_file)(void *context, const char *name); /* may be NULL; false stops */
    void *context;
};

/* Copies what a model needs into the project's models. All of it is there afterwards, or nothing. */
bool models_install(const struct models_install *install, struct arena *arena, const char **placed,
                    struct error *error) MUST_USE;

#endif
