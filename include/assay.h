/* assay.h - the library: from a folder of documents to cited passages.
 *
 *   struct assay *assay = NULL;
 *   struct assay_error error;
 *   if (!assay_create("shop", &error) || !assay_open(&assay, &(struct assay_open_options){.folder = "shop", .write = true}, &error))
 *       …error.message says what is wrong, error.hint what to do…
 *   assay_add(assay, &(struct assay_add_options){0}, &report, &error);
 *   assay_search(assay, "refund window", &(struct assay_search_options){.k = 5}, &results, &error);
 *
 * Every function that can fail returns false and fills the error; outputs are untouched then. An options struct of zeros means the
 * defaults. A handle belongs to one thread at a time; a process may have several. One handle writes to a project at a time, over all
 * processes; any number read. Text is UTF-8. Texts into vectors, scores and tokens: see "models" below. */
#ifndef ASSAY_H
#define ASSAY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#if defined(__GNUC__)
#define ASSAY_API __attribute__((visibility("default")))
#else
#define ASSAY_API
#endif

/* ---- errors ---- */

enum assay_error_kind {
    ASSAY_OK,
    ASSAY_INVALID,   /* the input is wrong */
    ASSAY_NOT_FOUND, /* the thing named is not there */
    ASSAY_CONFLICT,  /* somebody else holds it, or it exists already */
    ASSAY_LIMIT,     /* a stated limit was reached */
    ASSAY_CORRUPT,   /* stored bytes are not what was written */
    ASSAY_IO,        /* the system refused to read or write */
    ASSAY_NO_MEMORY,
    ASSAY_CANCELLED /* a progress callback said stop */
};

struct assay_error {
    enum assay_error_kind kind;
    char message[1024]; /* one line: the thing, its name, the reason */
    char hint[240];    /* what to do; may be empty */
    bool is_elsewhere; /* what failed is a server that was asked (a language model's, a page's), not this machine */
    bool is_full;      /* what failed is a disk without room, or a quota of it */
};

ASSAY_API const char *assay_error_kind_name(enum assay_error_kind kind); /* "not_found" */
ASSAY_API const char *assay_version(void);                              /* "0.1.0" */
ASSAY_API const char *assay_kernels(void); /* the processor's kernels in use: "avx2" */

/* ---- projects ---- */

struct assay;

/* Makes a folder (and its parents) a project: assay.yaml with every setting explained, and an empty catalog in .assay/. */
ASSAY_API bool assay_create(const char *folder, struct assay_error *error);

struct assay_open_options {
    const char *folder;  /* NULL: the nearest project at or above the current folder */
    bool write;          /* to add, remove, repair: takes the project's lock */
    const char *purpose; /* told to another process that is refused the lock; NULL: "assay library" */
};
ASSAY_API bool assay_open(struct assay **assay, const struct assay_open_options *options, struct assay_error *error);
ASSAY_API void assay_close(struct assay *assay); /* NULL is fine */
ASSAY_API const char *assay_folder(const struct assay *assay); /* absolute; good until assay_close */

/* ---- adding documents ---- */

enum assay_change { ASSAY_ADDED, ASSAY_UPDATED, ASSAY_REMOVED, ASSAY_UNCHANGED, ASSAY_FAILED, ASSAY_SKIPPED };

/* Called for each document; for added, updated and removed after the change is durable: it will survive a crash from here on.
 * `error` is NULL except for ASSAY_FAILED and ASSAY_SKIPPED. */
typedef void assay_on_document(void *context, enum assay_change change, const char *path, const struct assay_error *error);

/* Told once where it applies: there is no embedding model here, or vectors of another model were dropped. */
typedef void assay_on_note(void *context, const char *message, const char *hint);

/* Something to know of how a document was read, which it was nevertheless: "pages 3 and 4 hold only images". */
typedef void assay_on_document_note(void *context, const char *path, const char *message);

/* Called from time to time. False stops the work: what was reported durable stays. */
typedef bool assay_on_progress(void *context, const char *stage, size_t done, size_t total);

struct assay_add_options {
    const char *const *paths; /* files and folders; an address is a page, or a site by its sitemap.xml or robots.txt */
    size_t path_count; /* 0: the `documents` of assay.yaml */
    assay_on_document *on_document;
    assay_on_progress *on_progress;
    assay_on_note *on_note;
    assay_on_document_note *on_document_note;
    void *context; /* for all */
    bool no_embed; /* leave new passages without vectors for now */
    const char *const *allowed_hosts; /* "HOST" or "HOST:PORT" that pages may be fetched from though they are not public */
    size_t allowed_host_count;
};

struct assay_add_report {
    size_t added, updated, unchanged, removed;
    size_t failed;   /* files that could not be taken; each was told with its reason */
    size_t skipped;  /* files below an added folder, and members of archives, that hold nothing that can be read */
    size_t relabelled; /* documents that got other labels, because the rule for them (access.labels) has changed */
    size_t passages; /* written */
    size_t bytes;    /* read */
    size_t embedded; /* passages that got a vector */
    double took_ms;
};

/* True also when single files failed: look at report->failed. The report is filled on failure too, as far as the work came. */
ASSAY_API bool assay_add(struct assay *assay, const struct assay_add_options *options, struct assay_add_report *report,
                         struct assay_error *error);

/* Forgets documents, by file or folder. The files themselves are not touched. */
ASSAY_API bool assay_remove(struct assay *assay, const struct assay_add_options *options, struct assay_add_report *report,
                            struct assay_error *error);

/* Brings documents up to date, and goes on doing so whenever files change: what is written is searchable within a second. The project is
 * open for writing while something is done, and not in between. `folder` as for assay_open_options. */
struct assay_watch_options {
    const char *folder;
    struct assay_add_options add; /* on_progress false ends it, as `going` does */
    bool (*going)(void *context); /* asked a few times a second; false ends it */
    void (*on_idle)(void *context, const struct assay_add_report *report, size_t watched); /* all is up to date again */
    void *context; /* of these two */
};
ASSAY_API bool assay_watch(const struct assay_watch_options *options, struct assay_error *error);

struct assay_document {
    const char *path; /* relative to the project, or absolute when outside; of a member of an archive: below the archive's */
    const char *title, *language; /* language: "en"; "und": not known */
    const char *format; /* "markdown", "pdf": docs/formats.md lists them */
    const char *labels; /* who may see it: "hr, legal"; told only of one that options name by its path */
    const char *sha256; /* of the file's, or member's, bytes, as 64 hexadecimal digits */
    size_t size, passages;
    int64_t modified_ns; /* the time of its file */
    const char *unit; /* what its passages are: "heading", …; empty: of an older version, or of several of assay_documents */
    const char *unit_reason; /* why it was cut so */
};

/* Calls each() for every document in order of path; false from it stops, and is ASSAY_CANCELLED. */
ASSAY_API bool assay_list(struct assay *assay, bool (*each)(void *context, const struct assay_document *document),
                          void *context, struct assay_error *error);

/* ---- searching ---- */

struct assay_search_options {
    size_t k; /* 0: as assay.yaml says */
    const char *mode; /* "hybrid", "text", "vector", "auto"; NULL: as assay.yaml says */
    bool explain; /* fill the hits' parts */
    bool rerank; /* the reranker puts the best hits into a new order; fails without one; false: as assay.yaml says */
    /* Who asks: a key by its name, or by its secret (not both); neither: the project's owner, who sees everything. A key that is not
     * there, was revoked or has expired is an error. */
    const char *principal, *secret;
    const char *filter; /* which documents: "year >= 2024 and team = legal"; NULL: all. docs/access.md has the language */
};

struct assay_match {
    size_t start, end; /* bytes of the hit's text */
};

/* What one word of the question gives to the score of a hit by words. */
struct assay_score_part {
    const char *word; /* as it is looked for: folded and stemmed */
    const char *field; /* where it stands: "text", "title", "headings" */
    size_t documents; /* passages that have it */
    size_t frequency; /* in this one */
    double score;
};

/* Another place where the very text of a hit stands. */
struct assay_copy {
    const char *document;
    int64_t passage;
    size_t start, end, line, line_end, page; /* as of a hit */
    bool is_extracted;
};

struct assay_hit {
    int64_t passage;
    const char *document; /* path, as in assay_document */
    const char *title;
    const char *const *headings; /* from the outermost */
    size_t heading_count;
    size_t page; /* 0: the document has no pages */
    size_t start, end; /* bytes in the file; of an extracted document: in the text that was read out of it */
    size_t line, line_end; /* lines of the same, from 1 */
    bool is_extracted; /* the document's bytes are not its text: a PDF, or text in another encoding than UTF-8 */
    const char *text;
    size_t text_size; /* the text may hold zero bytes */
    double score; /* what the order is by: of a hybrid search 0 … 1, else that of the one search */
    double score_text, score_vector; /* BM25, and similarity from -1 to 1; where the rank is not 0 */
    size_t rank_text, rank_vector; /* from 1; 0: this search was not asked, or did not find it */
    double score_rerank; /* 0 … 1: how likely the reranker thinks it that the hit answers, where it read it: */
    bool is_reranked;
    const struct assay_score_part *parts; /* of score_text, when they were asked for */
    size_t part_count;
    const struct assay_match *matches; /* the question's words */
    size_t match_count;
    const struct assay_copy *copies; /* found too, and no results of their own: who cites the hit may cite these */
    size_t copy_count;
    const char *edition, *why, *newer; /* "older", "superseded", "expired", "draft", or NULL; why; what is in force, or NULL */
};

struct assay_results;
ASSAY_API bool assay_filter_check(const char *filter, struct assay_error *error); /* false: it is none; the error says where */
ASSAY_API bool assay_search(struct assay *assay, const char *question, const struct assay_search_options *options,
                            struct assay_results **results, struct assay_error *error);
ASSAY_API size_t assay_results_count(const struct assay_results *results);
ASSAY_API size_t assay_results_searched(const struct assay_results *results); /* passages that were looked through */
ASSAY_API double assay_results_took_ms(const struct assay_results *results);
ASSAY_API const char *assay_results_mode(const struct assay_results *results); /* what was done: "hybrid", "text", "vector" */
/* Why a search that would have used vectors went by words alone; NULL: it did not. Good until free. */
ASSAY_API const char *assay_results_note(const struct assay_results *results);

struct assay_timings {
    double refresh_ms, embed_ms, text_ms, vector_ms, fuse_ms, fetch_ms, rerank_ms;
};
ASSAY_API struct assay_timings assay_results_timings(const struct assay_results *results);
ASSAY_API const struct assay_hit *assay_results_hit(const struct assay_results *results, size_t index); /* good until free */
ASSAY_API void assay_results_free(struct assay_results *results);

/* True, with the reason, where assay.yaml asks for reranking and there is no reranker: searches go without. */
ASSAY_API bool assay_reranker_note(struct assay *assay, struct assay_error *note);

/* ---- keys: who may see what ----
 *
 * A key stands for somebody who asks. It may see documents with the label "public", and with a label that is one of its groups. Keys
 * can be changed through any handle, also while another process adds documents. */

#define ASSAY_SECRET_BYTES 45 /* with its end */

/* What a key may use at the server in a day, in UTC; 0: as much as it likes. What was begun below a limit is done to its end. */
struct assay_quota {
    double requests;
    double tokens; /* of models: read, written and embedded */
    double money; /* in the currency of prices.yaml; models without a price there cost nothing */
};

struct assay_key_add_options {
    const char *name;
    const char *const *groups;
    size_t group_count;
    const char *expires; /* the last day on which it holds, in UTC: "2027-01-31"; NULL: it never expires */
    struct assay_quota quota;
    void (*on_unused_group)(void *context, const char *group); /* no document has this label now; may be NULL */
    void *context;
};

/* Makes a key. Its secret is told this once; the project keeps no more than a hash of it. */
ASSAY_API bool assay_key_add(struct assay *assay, const struct assay_key_add_options *options, char secret[ASSAY_SECRET_BYTES],
                             struct assay_error *error);

struct assay_key {
    const char *name;
    const char *hint; /* how the secret begins */
    const char *state; /* "valid", "expired", "revoked" */
    const char *created; /* "2026-03-02T10:20:30Z" */
    const char *expires; /* the last day; NULL: never */
    const char *revoked; /* when; NULL: it was not */
    const char *const *groups;
    size_t group_count;
    struct assay_quota quota;
};

/* Calls each() for every key in order of name; false from it stops, and is ASSAY_CANCELLED. */
ASSAY_API bool assay_key_list(struct assay *assay, bool (*each)(void *context, const struct assay_key *key), void *context,
                              struct assay_error *error);

/* When this returns true, no search that begins, in any process, sees anything by this key. Revoking it again is no error. */
ASSAY_API bool assay_key_revoke(struct assay *assay, const char *name, struct assay_error *error);

/* What the key of a secret is good for. A group that begins with "@" is a right at the server: @admin sees every document, as the
 * project's owner, the server's figures, and may write; @write may send documents and remove what it sent; @metrics sees those figures. */
struct assay_key_rights {
    char name[65];
    int64_t created_ns; /* since 1970; with the name it tells the key from every other that had or will have the name */
    bool is_admin, may_measure, may_write;
    struct assay_quota quota;
};

/* A key that is not there, was revoked or has expired is an error. */
ASSAY_API bool assay_key_check(struct assay *assay, const char *secret, struct assay_key_rights *rights,
                               struct assay_error *error);
ASSAY_API bool assay_key_rights_of(struct assay *assay, const char *name, struct assay_key_rights *rights,
                                   struct assay_error *error); /* the same by its name */

struct assay_documents_options {
    const char *principal, *secret; /* as for assay_search_options */
    const char *path; /* this one alone; NULL: all */
    const char *after; /* those whose path comes behind this one; NULL: from the first */
    size_t most; /* that are listed; 0: all */
};

/* As assay_list, of the documents that a key may see. */
ASSAY_API bool assay_documents(struct assay *assay, const struct assay_documents_options *options,
                               bool (*each)(void *context, const struct assay_document *document), void *context,
                               struct assay_error *error);

/* The text of the document at options->path, as it is or as it was read; what the key may not see is not there. To be freed by assay_text_free. */
struct assay_text;
ASSAY_API bool assay_document_text(struct assay *assay, const struct assay_documents_options *options, struct assay_text *text,
                                   struct assay_error *error);

/* The passages that the document at options->path was cut into, in their order: without the first `skip`, and options->most of them. */
ASSAY_API bool assay_document_passages(struct assay *assay, const struct assay_documents_options *options, size_t skip,
                                       bool (*each)(void *context, const struct assay_hit *passage), void *context,
                                       struct assay_error *error);

/* What is said of the document of a path from outside; in place of what was said so before, and kept when the document is read anew. A filter
 * finds it by "@" and the key. The project is open for writing. */
struct assay_attribute {
    const char *key, *text;
    double number;
    bool is_number; /* it is `number`, which `text` spells */
};
ASSAY_API bool assay_document_note(struct assay *assay, const char *path, const struct assay_attribute *attributes,
                                   size_t count, struct assay_error *error);

/* ---- the server's settings, as assay.yaml has them; good until assay_close ---- */

struct assay_server_settings {
    const char *listen; /* "127.0.0.1:8080" */
    size_t body_bytes_max, record_bytes_max; /* of a request; of what is kept of one key's fine-tuning jobs and evals */
    size_t upload_bytes_max; /* of a file that is sent: as large as a document may be */
    const char *const *hosts, *const *origins;
    size_t host_count, origin_count;
    bool has_language_model; /* `model` names one */
    bool tells_logprobs; /* of its tokens, as its API has it */
    size_t client_wait_s; /* for a body that comes slowly; twice as long for an answer that is read slowly */
};
ASSAY_API void assay_server_settings(const struct assay *assay, struct assay_server_settings *settings);

/* Calls each() with the texts of `count` passages drawn by chance, the same ones for the same seed; false from it stops. */
ASSAY_API bool assay_sample(struct assay *assay, size_t count, uint64_t seed,
                            bool (*each)(void *context, const char *text, size_t size), void *context,
                            struct assay_error *error);

/* ---- measuring ---- */

/* clang-format off */
enum assay_measure { ASSAY_RECALL_1, ASSAY_RECALL_5, ASSAY_RECALL_10, ASSAY_MRR_10, ASSAY_NDCG_10, ASSAY_HIT_5, ASSAY_HIT_10,
                     ASSAY_PRECISION_5, ASSAY_PRECISION_10, ASSAY_MAP, ASSAY_MEASURES };
/* clang-format on */
ASSAY_API const char *assay_measure_name(enum assay_measure measure); /* "recall@10" */

struct assay_eval_report {
    size_t cases; /* questions that were measured */
    size_t passed_over; /* questions that nothing is judged relevant for; test cases without a source */
    size_t documents; /* of a collection */
    const char *mode; /* what was done: "hybrid", "text", "vector" */
    double measures[ASSAY_MEASURES]; /* means */
    double low[ASSAY_MEASURES], high[ASSAY_MEASURES]; /* their intervals (95 %, bootstrap over questions) */
    double search_ms, took_ms; /* all questions; everything */
};

/* A test case of a project, and what was found for it. */
struct assay_eval_case {
    size_t line; /* in the file of test cases */
    const char *question;
    const char *const *sources; /* documents that answer it */
    size_t source_count;
    size_t rank; /* of the first passage of one of them, from 1; 0: not among the first 100 */
    const char *found; /* the document found first; NULL: nothing was */
    double measures[ASSAY_MEASURES]; /* of this case */
    const char *why; /* a sentence: why none of them is among the first ten; NULL: one is */
    const char *why_name; /* the same for programs: "not_in_index", "cut_badly", "ranked_low", "not_found"; NULL */
};

struct assay_eval_options {
    const char *tests; /* the file of test cases; NULL: as assay.yaml says */
    const char *mode; /* as for assay_search_options */
    bool rerank; /* the same */
    bool may_lack_sources; /* that no case has a source is no error: `cases` is 0 then */
    void (*on_case)(void *context, const struct assay_eval_case *item); /* may be NULL */
    assay_on_progress *on_progress;
    void *context; /* for both */
};

/* Asks the project's test cases, and measures whether the documents that answer them are found. */
ASSAY_API bool assay_eval(struct assay *assay, const struct assay_eval_options *options, struct assay_eval_report *report,
                          struct assay_error *error);

/* The test cases answered and graded. */
enum assay_grade {
    ASSAY_GRADE_EXACT,
    ASSAY_GRADE_F1,
    ASSAY_GRADE_CONTAINS,
    ASSAY_GRADE_NUMERIC,
    ASSAY_GRADE_STRICT,
    ASSAY_GRADE_RELAXED,
    ASSAY_GRADE_SIMILARITY, /* of meaning, by the embedding model; negative: there is none */
    ASSAY_GRADES
};
ASSAY_API const char *assay_grade_name(enum assay_grade grade); /* "f1" */

struct assay_interval {
    double mean, low, high; /* 95 %; cases about one document hang together */
};

/* The form that a case or the project asks of an answer. */
enum assay_form {
    ASSAY_FORM_PATTERN, /* it matches checks.pattern */
    ASSAY_FORM_JSON, /* it is a JSON document and nothing else */
    ASSAY_FORM_SCHEMA, /* which follows checks.schema */
    ASSAY_FORM_FIELDS, /* whose fields are those of the document wanted (F1) */
    ASSAY_FORMS
};
ASSAY_API const char *assay_form_name(enum assay_form form); /* "schema" */

struct assay_graded_case {
    size_t line; /* in the file of test cases */
    const char *question;
    const char *answer; /* NULL: abstained, or the model failed */
    const char *wanted; /* the first of the answers wanted; NULL: to abstain */
    double grades[ASSAY_GRADES];
    double grounded; /* share of its sentences that the passages bear out; negative: there was no answer */
    double forms[ASSAY_FORMS]; /* negative: not asked for, or there was no answer */
    const char *form_fault; /* what is wrong with its form, of pattern and schema; NULL: nothing */
    const char *why; /* "right", "form", "wrong", "abstained", "should_abstain", "not_in_index", "cut_badly", "ranked_low", … */
    const char *reason; /* the same for people */
    const char *failure; /* of "failed": the message; else NULL */
    double took_ms;
};

struct assay_answers_options {
    const char *tests, *mode; /* as for assay_eval_options */
    bool rerank; /* the same */
    const char *model, *approach; /* as for assay_ask_options */
    const char *const *needs; /* names of measures: an error before anything is asked, where no test case has what one needs */
    size_t need_count;
    bool anew; /* a language model is asked again what it was asked before: else what it said then counts */
    void (*on_case)(void *context, const struct assay_graded_case *graded); /* may be NULL */
    assay_on_progress *on_progress;
    void *context; /* for both */
};

/* A field of the JSON documents wanted. */
struct assay_field {
    char path[80]; /* "items[0].code" */
    size_t cases, right;
};
enum { ASSAY_FIELDS_MAX = 50 };

/* Answers beside the outputs of the project's examples. */
struct assay_style_feature {
    const char *name; /* "sentence words" */
    double answers, examples; /* means */
    double effect; /* their difference in standard deviations */
};
enum { ASSAY_STYLE_FEATURES = 14 };
struct assay_style {
    bool is_told; /* false: there are fewer than four of either, or it was not asked for; the rest is empty */
    double separation; /* 0.5: a classifier cannot tell them apart; 1: it always can */
    double accuracy;
    double chance; /* of so much separation if both had one style */
    size_t answers, examples;
    struct assay_style_feature features[ASSAY_STYLE_FEATURES]; /* the greatest difference first */
    size_t telling; /* of them, the first: so great a difference is worth telling */
};

/* Where the answers wanted are labels: a few short texts that come again and again. */
struct assay_confusion {
    char truth[64], answer[64]; /* answer empty: none of the labels, or nothing */
    size_t cases;
};
enum { ASSAY_LABEL_CONFUSIONS = 20 };
struct assay_labels {
    bool is_told; /* false: they are no labels; the rest is empty */
    size_t labels, cases, unlabelled; /* unlabelled: answers that are none of the labels, or nothing */
    struct assay_interval accuracy, macro_f1;
    struct assay_confusion confusions[ASSAY_LABEL_CONFUSIONS]; /* the commonest first */
    size_t confusion_count;
};

struct assay_answers_report {
    size_t cases; /* with an answer, which may be null; 0: the rest is empty */
    size_t passed_over; /* without */
    size_t documents; /* that they are about */
    struct assay_interval grades[ASSAY_GRADES], grounded, forms[ASSAY_FORMS]; /* the last two over so many cases: */
    size_t grounded_cases, form_cases[ASSAY_FORMS];
    struct assay_field fields[ASSAY_FIELDS_MAX];
    size_t field_count;
    struct assay_style style;
    struct assay_labels labels;
    size_t must_abstain, abstained;
    /* Answers whose confidence assay_calibrate fitted on that very case, so that it looks better than it is; whose is too low for it. */
    size_t fitted_on, held_back;
    struct assay_interval abstention_precision, abstention_recall; /* a mean of -1: no case has it, as of grades and grounded */
    double p50_ms, p95_ms, p99_ms;
    int64_t prompt_tokens, completion_tokens, cached_tokens;
    double cost; /* of them, as of an assay_answer */
    size_t failed; /* cases that the model gave no answer for */
    char model[128];
    double took_ms;
};

ASSAY_API bool assay_eval_answers(struct assay *assay, const struct assay_answers_options *options,
                                  struct assay_answers_report *report, struct assay_error *error);

struct assay_collection_options {
    const char *corpus, *queries; /* JSON lines with _id, text and title; may be packed by gzip */
    const char *qrels; /* question, document and judgement, with tabs between; may be packed too */
    const char *run_out; /* where to write the results as trec_eval reads them; NULL: nowhere */
    const char *keep; /* a folder for the index, used again next time; NULL: a temporary one */
    const char *mode;
    size_t k; /* results for each question; 0: 100 */
    bool rerank; /* by the reranker of the project around the current folder, else the installation's */
    assay_on_progress *on_progress;
    void *context;
};

/* The same for a judged collection in BEIR's layout. No project is needed. */
ASSAY_API bool assay_eval_collection(const struct assay_collection_options *options, struct assay_eval_report *report,
                                     struct assay_error *error);

/* The test cases under other settings of `retrieve`, or of `passages`. */
struct assay_sweep_row {
    char settings[160]; /* as they would stand in assay.yaml */
    bool is_current;
    size_t passages; /* of `passages`: how many there are then */
    double documents[ASSAY_MEASURES]; /* of `passages`: by the right document, whatever `measures` go by */
    double measures[ASSAY_MEASURES];
    double difference, low, high; /* of nDCG@10 to the current settings, with an interval wide enough for all settings tried */
};
struct assay_sweep_report {
    size_t cases, settings;
    bool is_better; /* the first row is better than the current settings, by more than chance explains */
    bool by_quote; /* of `passages`: a hit is a passage with the quote or answer of its case; else one of the right document */
    size_t failed; /* of `passages`: documents that could not be read again */
    double took_ms;
};

/* Calls each() for every setting, the best first. */
ASSAY_API bool assay_eval_sweep(struct assay *assay, const struct assay_eval_options *options,
                                void (*each)(void *context, const struct assay_sweep_row *row), void *context,
                                struct assay_sweep_report *report, struct assay_error *error);

/* The same for ways to cut the documents, with vectors for texts that are new, in a project below this one's state that goes afterwards. */
ASSAY_API bool assay_eval_sweep_passages(struct assay *assay, const struct assay_eval_options *options,
                                         void (*each)(void *context, const struct assay_sweep_row *row), void *context,
                                         struct assay_sweep_report *report, struct assay_error *error);

struct assay_sweep_plan {
    size_t cuts, documents, passages;
    bool embeds;
    double seconds; /* that embedding takes at the most, about */
};
/* What that would cost. */
ASSAY_API bool assay_eval_plan_passages(struct assay *assay, const struct assay_eval_options *options,
                                        struct assay_sweep_plan *plan, struct assay_error *error);

/* ---- auditing ---- */

/* What is wrong with the documents: duplicates, contradictions, stale and sparse and garbled text, links that lead nowhere, passages that no
 * question finds (docs/audit.md). It is the owner's: it sees every document. */
struct assay_audit_options {
    const char *today; /* "2026-11-26": what counts as passed; NULL: the clock's day, in UTC */
    bool deep; /* passages that their words do not find are asked for with the embedding model too */
    assay_on_progress *on_progress;
    void *context;
};

struct assay_audit_place {
    const char *document; /* path */
    int64_t passage; /* 0: the place is no passage */
    size_t line, line_end; /* from 1; 0: the document as a whole */
    size_t start, end; /* bytes in the source */
    const char *text; /* what stands there, shortened to one line; may be empty */
};

struct assay_audit_finding {
    const char *kind; /* "near_duplicate" */
    const char *severity; /* "high", "medium", "low" */
    double cost; /* points that it takes from the score */
    const char *message, *remedy;
    const struct assay_audit_place *places;
    size_t place_count;
};

struct assay_audit_kind {
    const char *name;
    size_t findings;
    size_t documents; /* that they touch */
    double cost;
};

struct assay_audit_language {
    const char *code; /* "en"; "und": not known */
    size_t documents;
};

struct assay_audit_report {
    size_t documents, passages;
    size_t tokens; /* of all documents, about */
    bool fits_in_context; /* less than 100,000 tokens: all of it could be put before a model each time */
    double score; /* 0 … 100 */
    const struct assay_audit_kind *kinds; /* every kind, found or not */
    size_t kind_count;
    const struct assay_audit_language *languages; /* the commonest first */
    size_t language_count;
    const struct assay_audit_finding *findings; /* the costliest first */
    size_t finding_count;
    double took_ms;
};

struct assay_audit_result;
ASSAY_API bool assay_audit(struct assay *assay, const struct assay_audit_options *options, struct assay_audit_result **result,
                           struct assay_error *error);
ASSAY_API const struct assay_audit_report *assay_audit_report(const struct assay_audit_result *result); /* good until free */
ASSAY_API void assay_audit_free(struct assay_audit_result *result); /* NULL is fine */
/* True for the name of a kind; with number 0, 1 … the names one by one, NULL at the end. */
ASSAY_API const char *assay_audit_kind_name(size_t number);

/* ---- health ---- */

struct assay_examine_options {
    bool repair; /* write derived files anew where they are wrong; needs a handle opened with write */
    void (*on_finding)(void *context, const char *kind,
                       const char *message); /* "catalog", "index", "content", "log"; "note" is no problem */
    void *context;
};

struct assay_examine_report {
    size_t documents, passages, segments, unsealed;
    size_t vectors, vector_files, without_vector; /* passages that have none */
    size_t problems, repaired;
    size_t log_entries; /* of the audit log, that are as they were written */
    double took_ms;
};
ASSAY_API bool assay_examine(struct assay *assay, const struct assay_examine_options *options,
                             struct assay_examine_report *report, struct assay_error *error);

/* ---- models ----
 *
 *   struct assay_model_place place;
 *   struct assay_model *model = NULL;
 *   if (!assay_model_find("builtin", NULL, &place, &error) ||
 *       !assay_model_open(&model, &(struct assay_model_options){.folder = place.folder}, &error))
 *       …
 *   float *vectors = malloc(count * assay_model_info(model)->dimensions * sizeof(*vectors));
 *   assay_model_embed(model, texts, count, NULL, vectors, &error);
 *
 * Models work without a project. A result depends on the text, the model, the precision and the processor's kernels alone. */

#define ASSAY_PATH_BYTES 4096

/* Bytes that somebody else owns; any bytes, no zero byte needed behind. What is not UTF-8 is read as U+FFFD. */
struct assay_text {
    const char *data;
    size_t size;
};

struct assay_model_place {
    const char *source; /* "path", "project", "folder" (models/ in the current folder), "user", "installation" */
    char folder[ASSAY_PATH_BYTES];
};

/* Where a model lies. `name`: a path to its folder; else a folder's name in models/ of the project or of the current folder; else
 * in $XDG_DATA_HOME/assay/models or ~/.local/share/assay/models. NULL and "builtin": all-MiniLM-L6-v2. `project`: a project's
 * folder, NULL: the nearest one at or above the current folder, if there is one. */
ASSAY_API bool assay_model_find(const char *name, const char *project, struct assay_model_place *place,
                                struct assay_error *error);

/* Calls each() for the models that assay_model_find finds by name; false from it stops, and is ASSAY_CANCELLED. */
ASSAY_API bool assay_model_list(const char *project, bool (*each)(void *context, const struct assay_model_place *place),
                                void *context, struct assay_error *error);

struct assay_model_add_options {
    const char *path; /* the folder */
    const char *name; /* NULL: the folder's */
    const char *project; /* as for assay_model_find */
    bool global; /* into the user's models; else into the project's */
    bool (*on_file)(void *context, const char *name); /* before each file is copied; false stops */
    void *context;
};

/* Tries a model folder and copies what a model needs of it; whole or not at all. Links in it are refused. */
ASSAY_API bool assay_model_add(const struct assay_model_add_options *options, struct assay_model_place *place,
                               struct assay_error *error);

struct assay_model;

struct assay_model_options {
    const char *folder;
    const char *precision; /* "f32", "bf16", "int8"; NULL and "auto": bf16 where the processor multiplies it faster */
    size_t threads; /* 0: one per core */
};
ASSAY_API bool assay_model_open(struct assay_model **model, const struct assay_model_options *options,
                                struct assay_error *error);
ASSAY_API void assay_model_close(struct assay_model *model); /* NULL is fine */

struct assay_prompt {
    const char *name, *text; /* "query", "search_query: " */
};

struct assay_model_info {
    const char *folder, *name;
    const char *architecture; /* "bert" */
    const char *tokenizer; /* "WordPiece" */
    const char *precision; /* as it runs: "bf16" */
    const char *pooling; /* "mean", "cls", "max", "last" */
    bool normalized; /* vectors have length 1 */
    size_t dimensions; /* of a vector */
    size_t labels; /* of a head that scores; 0: there is none */
    const char *const *label_names;
    size_t layers, hidden, heads, vocabulary;
    size_t tokens_max; /* longer texts are cut to so many */
    size_t threads;
    uint64_t parameters;
    uint64_t linear_weights; /* those of them that every token is multiplied with: for figures of speed */
    size_t file_bytes; /* of the weights on disk */
    size_t memory_bytes; /* held beside the mapped file */
    const struct assay_prompt *prompts;
    size_t prompt_count;
};
ASSAY_API const struct assay_model_info *assay_model_info(const struct assay_model *model); /* good until assay_model_close */

/* Texts into vectors: `vectors` takes count × dimensions numbers. `prompt` names one of the model's prompts, which is put before
 * each text; NULL: the model's usual one, if it has one. */
ASSAY_API bool assay_model_embed(struct assay_model *model, const struct assay_text *texts, size_t count, const char *prompt,
                                 float *vectors, struct assay_error *error);
/* The same; *tokens is raised by what the model read, its prompt too. Several threads may call these two with one model at a time, and nothing else. */
ASSAY_API bool assay_model_embed_counted(struct assay_model *model, const struct assay_text *texts, size_t count,
                                         const char *prompt, float *vectors, uint64_t *tokens, struct assay_error *error);

/* Raw outputs of the head for pairs, or for single texts (`seconds` NULL): `scores` takes count × labels numbers. */
ASSAY_API bool assay_model_score(struct assay_model *model, const struct assay_text *firsts, const struct assay_text *seconds,
                                 size_t count, float *scores, struct assay_error *error);

/* The last layer's outputs of one text: rows × hidden numbers, a row a token. Good until the next call with this model. */
ASSAY_API bool assay_model_states(struct assay_model *model, struct assay_text text, const float **states, size_t *rows,
                                  struct assay_error *error);

struct assay_tokens {
    const uint32_t *ids;
    const uint32_t *starts, *ends; /* bytes of the text; both 0 for special tokens */
    const uint8_t *special; /* 1: not of the text ("[CLS]") */
    size_t count;
};

struct assay_tokenize_options {
    bool bare; /* without special tokens */
    size_t tokens_max; /* cut to so many; 0: never */
};

/* The tokens of each text: `tokens` takes count structs, whose arrays are good until the next call with this model. */
ASSAY_API bool assay_model_tokenize(struct assay_model *model, const struct assay_text *texts, size_t count,
                                    const struct assay_tokenize_options *options, struct assay_tokens *tokens,
                                    struct assay_error *error);

/* A token as the vocabulary has it ("##ing"); false when there is no such number. */
ASSAY_API bool assay_model_token(const struct assay_model *model, uint32_t id, struct assay_text *token);

/* The text of tokens, special ones kept or left out. Good until the next call with this model. */
ASSAY_API bool assay_model_decode(struct assay_model *model, const uint32_t *ids, size_t count, bool keep_special,
                                  struct assay_text *text, struct assay_error *error);

/* How many tokens a model makes of a text, about. */
ASSAY_API size_t assay_token_estimate(const char *text, size_t size);

/* ---- asking ---- */

struct assay_llm;
struct assay_turn {
    const char *question, *answer;
};

struct assay_ask_options {
    size_t k; /* passages to answer from; 0: as assay.yaml says */
    const char *mode, *principal, *secret, *filter; /* as for assay_search_options */
    bool rerank; /* the same */
    const char *asker; /* who the audit log says has asked, where neither principal nor secret tells; NULL: "owner" */
    const char *model; /* "builtin", or as assay_llm_open takes it; NULL: as assay.yaml says */
    struct assay_llm *llm; /* one that is open, instead of `model` */
    const char *approach; /* "rag", "full", "prompt", "tune" or "hybrid", as docs/ask.md tells them apart; NULL: rag */
    const char *unsupported; /* sentences that no passage bears out: "mark", "remove", "keep"; NULL: mark */
    const char *schema; /* a JSON Schema that the answer must follow; NULL: none */
    /* Functions that a language model may want called, as chat completions have them, and messages behind the question: calls and outcomes. */
    const char *tools, *tool_choice, *since;
    bool one_call; /* at most, at a time */
    const char *const *stops; /* texts that end what a language model writes; not beside a schema */
    size_t stop_count;
    const struct assay_turn *turns; /* what was asked before, the oldest first */
    size_t turn_count;
    size_t tokens_max; /* of the answer; 0: 1024 */
    const double *temperature; /* NULL: as the provider has it */
    const int64_t *seed; /* NULL: none */
    bool logprobs; /* of the tokens that a language model wrote; not all providers tell them */
    unsigned top_logprobs; /* and of so many that might have stood in the place of each */
    bool undefended; /* for measuring attacks: what passages say goes to the model, and its answer on, as it is */
    bool (*going)(void *context); /* asked from time to time; false stops; NULL: it goes on */
    void *context;
};

struct assay_citation {
    const struct assay_hit *hit; /* the passage */
    const char *quote; /* the bytes start … end of the document, or of the text that was read out of it */
    size_t quote_size, start, end, line, line_end;
};

struct assay_answer {
    const char *text; /* NULL: abstained, or calls are wanted. A mark [n] in it is citations[n - 1] */
    const char *calls; /* of functions, in an answer's place: JSON, as "tool_calls" of OpenAI's chat completions; NULL: none */
    bool tools_refused, schema_refused; /* of one that failed: by the model's provider, or here; a client may be told why */
    bool tools_withheld; /* none was offered: a passage surely has an order to a model, or an outcome what reads like one */
    bool abstained;
    const char *other_language; /* abstained: all that was found is in this one ("Spanish"), but not the question; or NULL */
    double confidence; /* 0 … 1 */
    bool is_calibrated; /* the confidence was fitted to be the share of right answers; else it only puts answers in order */
    bool is_held_back; /* abstained, because the confidence is below the threshold of assay_calibrate */
    const char *stale; /* what has changed since assay_calibrate, which is not used then: "the test cases"; NULL: nothing */
    const struct assay_citation *citations;
    size_t citation_count;
    struct assay_citation otherwise; /* what another edition says in the place of it; its `hit` NULL: the same, or nothing */
    size_t sentences, unsupported; /* of a model's answer */
    const struct assay_hit *hits; /* the passages that it was answered from, the best first */
    size_t hit_count;
    const char *model, *approach, *asked; /* the last: what was searched for */
    const char *finish, *stop; /* of a model's text: as of an assay_generated; which of the options' stops ended it; or NULL */
    const char *logprobs; /* of tokens that stand in `text`: JSON, "content" of OpenAI's logprobs; NULL: not told */
    int64_t prompt_tokens, completion_tokens, cached_tokens;
    double cost; /* of these tokens, by the project's prices.yaml; negative: the model's price is not known */
    const char *currency; /* "USD"; NULL: no language model was asked, or its price is not known */
    double retrieve_ms, rerank_ms, generate_ms, took_ms;
    size_t tokens, tokens_budget, passages, passages_cut, examples, examples_cut; /* the prompt: what did not fit was cut */
    size_t flagged; /* passages with text that reads like an order to a model, which was left out */
    const char *prompt_version; /* SHA-256 of the templates; NULL: no prompt was made */
    uint64_t audit; /* the number of its entry in the audit log */
    void *memory; /* private */
};

/* Answers from the documents that the principal may see, with citations whose quotes stand in them; or abstains. True: its entry in the audit log is
 * durable. False: the answer has what was used of tokens and money, as far as that is known, and nothing else: it needs no release. */
ASSAY_API bool assay_ask(struct assay *assay, const char *question, const struct assay_ask_options *options,
                         struct assay_answer *answer, struct assay_error *error);
ASSAY_API void assay_answer_release(struct assay_answer *answer);

/* How alike two texts are, 0 … 1: "fuzzy_match", "bleu", "gleu", "rouge_1" … "rouge_5", "rouge_l", "meteor". ASSAY_INVALID: no such measure. */
ASSAY_API bool assay_similarity(const char *measure, struct assay_text text, struct assay_text reference, double *value,
                                struct assay_error *error);

/* How well each text answers the question, by the reranker: count `scores`; 1 / (1 + exp(-score)) is a chance. ASSAY_NOT_FOUND: there is none. */
ASSAY_API bool assay_rerank(struct assay *assay, struct assay_text question, const struct assay_text *texts, size_t count,
                            float *scores, struct assay_error *error);

/* ---- text from language models that run elsewhere ---- */

struct assay_llm_options {
    const char *record; /* a file that each answer is added to; NULL: none */
    const char *replay; /* a file of recorded answers: nothing goes over the network; NULL: none */
    unsigned wall_ms; /* the longest that one try may take; 0: ten minutes */
    unsigned tries_max; /* of one request that fails for a reason that may pass; 0: 4 */
    const char *project; /* whose prices and limits count; NULL: the nearest one's, if there is one */
};

/* `model`: "openai:NAME", "anthropic:NAME", or the address of a server that speaks as OpenAI's does, "http://127.0.0.1:11434/v1#NAME".
 * Keys come from the environment: OPENAI_API_KEY, ANTHROPIC_API_KEY, ASSAY_MODEL_KEY. One handle may be used by several threads. */
ASSAY_API bool assay_llm_open(struct assay_llm **llm, const char *model, const struct assay_llm_options *options,
                              struct assay_error *error);
ASSAY_API void assay_llm_close(struct assay_llm *llm); /* NULL is fine */

struct assay_generate_options {
    struct assay_text system; /* size 0: none */
    struct assay_text schema; /* a JSON Schema that the answer must follow; size 0: none */
    size_t tokens_max; /* of the answer; 0: 1024 */
    const double *temperature; /* NULL: as the provider has it */
    const int64_t *seed; /* NULL: none */
    bool (*on_text)(void *context, struct assay_text piece); /* pieces of the answer as they come; false stops; NULL: none */
    bool (*going)(void *context); /* asked from time to time; false stops; NULL: it goes on */
    void *context;
};

struct assay_generated {
    struct assay_text text, model; /* `model` as the provider names it */
    const char *finish; /* "stop", "length", "tool_calls", "content_filter" */
    int64_t prompt_tokens, cached_tokens, completion_tokens;
    double cost; /* as of an assay_answer, with its currency */
    const char *currency;
    unsigned tries; /* 0: replayed */
    double first_ms, took_ms; /* until the first text, and in all */
    void *memory; /* private */
};

ASSAY_API bool assay_generate(struct assay_llm *llm, struct assay_text prompt, const struct assay_generate_options *options,
                              struct assay_generated *generated, struct assay_error *error);
ASSAY_API void assay_generated_release(struct assay_generated *generated);

/* ---- the audit log: an entry for each question that was answered ----
 *
 * Entries are numbered from 1 and never change; what is personal in them can be erased. docs/audit-log.md. */

struct assay_log;
struct assay_log_options {
    const char *project; /* the project's folder; NULL: the nearest one at or above the current folder */
    const char *folder; /* a log's own folder, a copy for instance; NULL: the project's */
};
ASSAY_API bool assay_log_open(struct assay_log **log, const struct assay_log_options *options, struct assay_error *error);
ASSAY_API void assay_log_close(struct assay_log *log); /* NULL is fine */

struct assay_log_entry {
    uint64_t number;
    const char *time; /* "2026-03-02T10:20:30Z"; "" of a damaged one */
    const char *kind; /* "answer"; "erased": personal content of others was; "cut": a crash had left half an entry; "damaged" */
    const char *content; /* of what is personal: "kept", "none", "erased", "lost"; "damaged" */
    struct assay_text asker, question, answer; /* size 0: not there */
    bool abstained;
    struct assay_text json; /* {"hash","record","content"}; of a damaged one {"number","state","reason"} */
};

/* Calls each() for entries first … last; false from it stops, and is ASSAY_CANCELLED. One alone that is not there is ASSAY_NOT_FOUND. */
ASSAY_API bool assay_log_each(struct assay_log *log, uint64_t first, uint64_t last,
                              bool (*each)(void *context, const struct assay_log_entry *entry), void *context,
                              struct assay_error *error);

/* A page of HTML that needs nothing else: the entry, its sources as they stood then, and the proof that it is in the log. */
ASSAY_API bool assay_log_page(struct assay_log *log, uint64_t number,
                              void (*take)(void *context, const char *page, size_t size), void *context,
                              struct assay_error *error);

/* A proof after RFC 9162 as JSON: that an entry is in the log, or that the log of `entries` entries is the beginning of this one. */
ASSAY_API bool assay_log_prove(struct assay_log *log, uint64_t number,
                               void (*take)(void *context, const char *json, size_t size), void *context,
                               struct assay_error *error);
ASSAY_API bool assay_log_prove_growth(struct assay_log *log, uint64_t entries,
                                      void (*take)(void *context, const char *json, size_t size), void *context,
                                      struct assay_error *error);

struct assay_log_head {
    uint64_t entries;
    char root[65]; /* of the Merkle tree over them, in hexadecimal digits */
};
/* ASSAY_CORRUPT when its file is gone and an entry is damaged: `entries` is told all the same. */
ASSAY_API bool assay_log_head(struct assay_log *log, struct assay_log_head *head, struct assay_error *error);

struct assay_log_report {
    uint64_t entries; /* as they were written, up to the first bad one */
    uint64_t first_bad; /* 0: none */
    char reason[256];
    uint64_t answers, erased, texts, problems, torn_bytes;
    uint64_t heads_lost; /* how often the head was gone, and made anew: entries cut off before that would not show */
    char root[65];
};

/* Looks at every byte. `heads`: a file of heads that were written down earlier; NULL: none. Calls each() for problems beside the entries. */
ASSAY_API bool assay_log_verify(struct assay_log *log, const char *heads,
                                void (*each)(void *context, uint64_t number, const char *message), void *context,
                                struct assay_log_report *report, struct assay_error *error);

struct assay_log_erase_options {
    const uint64_t *numbers; /* these entries; NULL: all that fit the rest */
    size_t number_count;
    const char *asker; /* only what this one asked; NULL: anybody */
    const char *before; /* only what was asked before this day, in UTC: "2026-01-31"; NULL: any day */
};
/* Question, answer and asker are gone for good when this returns true. */
ASSAY_API bool assay_log_erase(struct assay_log *log, const struct assay_log_erase_options *options, uint64_t *erased,
                               struct assay_error *error);

#ifdef __cplusplus
}
#endif

#include <assay_documents.h>
#include <assay_settings.h>
#include <assay_tune.h>
#include <assay_drift.h>
#include <assay_draft.h>
#include <assay_judge.h>
#include <assay_prompt.h>
#include <assay_graders.h>
#include <assay_runs.h>

#endif
