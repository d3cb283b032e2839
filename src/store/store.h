/* store.h - the catalog of a project: one SQLite file that holds the only truth. Everything else on disk is derived from it.
 *
 *   documents ─┬─ contents        the source bytes, or the text that was read out of them; once per different content
 *              ├─ containers      the archive that it lies in, if it is no file of its own
 *              ├─ passages        the retrieval units, numbered once and for ever; a document's numbers are one run
 *              ├─ metadata        what it says about itself, and the folders it lies in
 *              └─ document_labels ─ labels     who may see it
 *   keys ─ key_groups             who may ask, and the labels they may see
 *   segments                      index files: which passages each covers (derived)
 *   deletions                     passages deleted since the segment of their range was written, or before there was one
 *   vectors, embedding            a vector a passage, costly to make; the one model they all are of
 *   vector_segments, _deletions   as segments and deletions (derived)
 *
 * A transaction is durable when store_commit returns true (WAL, synchronous FULL). One process writes at a time (the caller holds
 * the project's lock); readers of any process see the last committed state. One thread at a time per store.
 *
 * Format: docs/format/catalog.md. */
#ifndef STORE_STORE_H
#define STORE_STORE_H

#include "base/base.h"

struct store;

#define STORE_VERSION 4
#define STORE_HASH_BYTES 32

enum store_mode { STORE_READ, STORE_WRITE };

/* STORE_WRITE makes a file that is not there, and brings an older version up to date; a newer one is refused. STORE_READ of an older
 * version is ERROR_CONFLICT (somebody has to write once). */
bool store_open(struct store **store, const char *path, enum store_mode mode, struct error *error) MUST_USE;
void store_close(struct store *store);

/* ---- transactions ---- */

/* What is deleted from here on is overwritten in the file, also where its place is not needed again. */
bool store_erase_deleted(struct store *store, struct error *error) MUST_USE;

bool store_begin(struct store *store, enum store_mode mode, struct error *error) MUST_USE; /* of the same kind or less */
bool store_commit(struct store *store, struct error *error) MUST_USE; /* durable when true; rolled back when false */
void store_rollback(struct store *store); /* nothing open: nothing done */

/* Changes with every commit that changed something; the same value, the same content. */
bool store_generation(struct store *store, int64_t *generation, struct error *error) MUST_USE;

/* ---- documents ---- */

/* What a document says about itself: a key with a value; the values of a list are several with one key. */
struct store_value {
    struct slice key, text;
    bool is_number; /* the text is one, as slice_to_double reads it */
    double number;
};

struct store_document {
    int64_t id;
    struct slice path; /* relative to the project, or absolute when outside */
    struct slice title;
    struct slice format; /* "markdown", "text" */
    struct slice language; /* "en", "und" */
    unsigned char hash[STORE_HASH_BYTES]; /* SHA-256 of the source bytes */
    int64_t size; /* of the source */
    bool is_extracted; /* its content is text that was read out of the source: passages' places count in that */
    unsigned char content_hash[STORE_HASH_BYTES]; /* then, given by writers: SHA-256 of that text */
    int64_t container; /* the archive it lies in; 0: it is a file of its own */
    int64_t modified_ns; /* the file's time */
    int64_t changed_ns, inode; /* the system's own note of its last change, and its number; 0: it is no file of its own */
    int64_t checked_ns; /* when it was last read or found unchanged, by the wall clock */
    int64_t recipe; /* how it was read and cut: another one means to do it again */
    int64_t passage_count; /* filled by readers */
    const struct store_value *metadata; /* given by writers; `folder` is added to it: each folder above the document */
    size_t metadata_count;
};

struct store_passage {
    int64_t id; /* 0 for a new one */
    int64_t document;
    struct slice text;
    struct slice headings; /* from the outermost, joined by STORE_HEADING_SEPARATOR */
    int64_t start, end; /* bytes in the source, or in the text that was read out of it */
    int64_t line, line_end; /* the same in lines, from 1 */
    int64_t page; /* 0: the source has no pages */
};

#define STORE_HEADING_SEPARATOR '\x1f'

/* Inserts the document, or replaces the one of that path with all its passages. `content`: the source, or the text that was read out of
 * it. `labels` as names. */
bool store_put_document(struct store *store, const struct store_document *document, struct slice content,
                        const struct store_passage *passages, size_t passage_count, const struct slice *labels,
                        size_t label_count, struct error *error) MUST_USE;

/* Puts what is said of a document from outside in place of what was said before: values whose keys get "@" before them, so that none can be one of
 * the document's own. Writing the document again leaves them. */
bool store_put_attributes(struct store *store, int64_t document, const struct store_value *values, size_t count,
                          struct error *error) MUST_USE;

/* Puts these labels in place of a document's; `*changed` when they are others. */
bool store_put_labels(struct store *store, int64_t document, const struct slice *labels, size_t label_count, bool *changed,
                      struct error *error) MUST_USE;

/* A document's labels by name, in order. */
bool store_each_label(struct store *store, int64_t document, void (*each)(void *context, struct slice name), void *context,
                      struct error *error) MUST_USE;

/* The rule that all documents' labels follow, as a number that the caller makes of it; 0: not known. */
bool store_label_rule(struct store *store, int64_t *rule, struct error *error) MUST_USE;
bool store_put_label_rule(struct store *store, int64_t rule, struct error *error) MUST_USE;

/* The values of one key of a document's metadata, in their order. */
bool store_each_value(struct store *store, int64_t document, struct slice key, void (*each)(void *context, struct slice text),
                      void *context, struct error *error) MUST_USE;

/* All that it states in its head, by key. */
bool store_each_statement(struct store *store, int64_t document,
                          void (*each)(void *context, struct slice key, struct slice text), void *context,
                          struct error *error) MUST_USE;
/* The documents that state this key, with what they state. */
bool store_each_stating(struct store *store, struct slice key, void (*each)(void *context, int64_t document, struct slice text),
                        void *context, struct error *error) MUST_USE;
/* Documents with passages whose path or title has this text in it, small or capital ASCII letters; empty: all. */
bool store_each_document_like(struct store *store, struct slice text,
                              void (*each)(void *context, int64_t document, struct slice path, struct slice title),
                              void *context, struct error *error) MUST_USE;

/* Notes that the file was looked at and has not changed: its times and number. */
bool store_touch_document(struct store *store, int64_t id, const struct store_document *document, struct error *error) MUST_USE;
bool store_remove_document(struct store *store, int64_t id, struct error *error) MUST_USE;

/* Calls each() in order of path; slices are good during the call. each() returns false to stop with its error. */
bool store_each_document(struct store *store,
                         bool (*each)(void *context, const struct store_document *document, struct error *error), void *context,
                         struct error *error) MUST_USE;

/* The source bytes as they were added, or the text that was read out of them, appended to `out`. */
bool store_content(struct store *store, int64_t document, struct buffer *out, struct error *error) MUST_USE;

/* The hash that these were stored under. */
bool store_content_hash(struct store *store, int64_t document, unsigned char hash[STORE_HASH_BYTES],
                        struct error *error) MUST_USE;

/* The languages of the documents, each once: calls each(context, code). */
bool store_each_language(struct store *store, void (*each)(void *context, struct slice code), void *context,
                         struct error *error) MUST_USE;

struct store_counts {
    int64_t documents, passages, bytes;
    int64_t passage_last; /* the highest number given, 0 for none */
};
bool store_count(struct store *store, struct store_counts *counts, struct error *error) MUST_USE;
bool store_last_passage(struct store *store, int64_t *last, struct error *error) MUST_USE; /* of the counts, and at once */

/* ---- containers ---- */

/* A file that holds documents, each with a path below it: an archive, a mailbox. */
struct store_container {
    int64_t id;
    struct slice path; /* as that of a document */
    unsigned char hash[STORE_HASH_BYTES]; /* SHA-256 of its bytes */
    int64_t size, modified_ns, changed_ns, inode, checked_ns; /* as of a document */
    int64_t recipe; /* how it was read; 0: not, or not all of it */
};

/* Inserts it, or replaces the one of that path; `*id` is its number. */
bool store_put_container(struct store *store, const struct store_container *container, int64_t *id,
                         struct error *error) MUST_USE;

/* Its documents were removed before. */
bool store_remove_container(struct store *store, int64_t id, struct error *error) MUST_USE;

/* As store_each_document. */
bool store_each_container(struct store *store,
                          bool (*each)(void *context, const struct store_container *container, struct error *error),
                          void *context, struct error *error) MUST_USE;

/* ---- passages ---- */

/* Passages with first ≤ id ≤ last in ascending order, with their document's fields. */
bool store_each_passage(struct store *store, int64_t first, int64_t last,
                        bool (*each)(void *context, const struct store_passage *passage, const struct store_document *document,
                                     struct error *error),
                        void *context, struct error *error) MUST_USE;

/* The same of one document, by their place in it. */
struct store_passage_range {
    int64_t skip; /* so many come before the first */
    int64_t most; /* 0: all */
};
bool store_each_passage_of(struct store *store, int64_t document, const struct store_passage_range *range,
                           bool (*each)(void *context, const struct store_passage *passage,
                                        const struct store_document *document, struct error *error),
                           void *context, struct error *error) MUST_USE;

/* ---- index files ---- */

struct store_segment {
    struct slice file; /* name in the index folder */
    int64_t first, last; /* the passages it covers: all numbers of this range that were live when it was written */
    int64_t passages, size;
};
bool store_each_segment(struct store *store,
                        bool (*each)(void *context, const struct store_segment *segment, struct error *error), void *context,
                        struct error *error) MUST_USE;

/* In order of their numbers: passages of a segment's range that were deleted after it was written. `after` is a sequence number. */
bool store_each_deletion(struct store *store, int64_t after,
                         bool (*each)(void *context, int64_t sequence, int64_t passage, struct error *error), void *context,
                         struct error *error) MUST_USE;

/* Puts `segment` in place of all segments within its range, and forgets the deletions it has taken in. An empty file name: the
 * range has no live passage and needs no file; its deletions stay, for readers that hold the passages in memory. */
bool store_replace_segments(struct store *store, const struct store_segment *segment, struct error *error) MUST_USE;

/* ---- vectors ---- */

/* The model that all vectors here are of. */
struct store_embedding {
    struct slice model; /* its name */
    unsigned char fingerprint[STORE_HASH_BYTES]; /* SHA-256 of what decides about its vectors */
    struct slice stamp; /* sizes and times of its files when the fingerprint was taken: the same, no need to read them again */
    int64_t dimensions; /* 1 … LIMIT_VECTOR_DIMENSIONS */
};
/* `*found` false: there are no vectors yet. Slices live in the arena. */
bool store_get_embedding(struct store *store, struct arena *arena, struct store_embedding *embedding, bool *found,
                         struct error *error) MUST_USE;
bool store_set_embedding(struct store *store, const struct store_embedding *embedding, struct error *error) MUST_USE;

/* Forgets all vectors, their model and their files. */
bool store_drop_vectors(struct store *store, struct error *error) MUST_USE;

/* `code` as vector_encode of index.h makes it; `digest` of the text that it was made of. Vectors are put in ascending order of passages:
 * whoever has read them up to one number finds new ones behind it. A vector goes with its passage. */
#define STORE_DIGEST_BYTES 16
bool store_put_vector(struct store *store, int64_t passage, const unsigned char digest[STORE_DIGEST_BYTES], struct slice code,
                      struct error *error) MUST_USE;

/* A vector whose passage went, so that the same text, when it comes again with the rest of a changed document, is not embedded again.
 * Appends its code; `*found` false: there is none. Spares are dropped once every passage has its vector. */
bool store_find_spare(struct store *store, const unsigned char digest[STORE_DIGEST_BYTES], struct buffer *code, bool *found,
                      struct error *error) MUST_USE;
bool store_drop_spares(struct store *store, struct error *error) MUST_USE;

/* Takes the vectors of the catalog in file `path`, which are of the same model, as spares. Not within a transaction. */
bool store_borrow_vectors(struct store *store, const char *path, struct error *error) MUST_USE;

/* Vectors of passages first ≤ passage ≤ last, ascending. */
bool store_each_vector(struct store *store, int64_t first, int64_t last,
                       bool (*each)(void *context, int64_t passage, struct slice code, struct error *error), void *context,
                       struct error *error) MUST_USE;

struct store_vector_counts {
    int64_t vectors; /* passages up to the last one, each of which has one */
    int64_t last; /* the highest passage that has one; 0: none */
    int64_t sealed; /* files cover passages up to this one */
    int64_t written; /* vectors in these files, deleted ones too */
    bool has_spares; /* vectors are kept of passages that went */
    int64_t missing; /* passages behind the last that have none */
};
bool store_count_vectors(struct store *store, struct store_vector_counts *counts, struct error *error) MUST_USE;

/* By looking at each: the vectors of passages first … last. */
bool store_count_vectors_within(struct store *store, int64_t first, int64_t last, int64_t *count, struct error *error) MUST_USE;

/* As the functions of the same names without "vector": files of vectors, and vectors deleted since they were written. */
bool store_each_vector_segment(struct store *store,
                               bool (*each)(void *context, const struct store_segment *segment, struct error *error),
                               void *context, struct error *error) MUST_USE;
bool store_each_vector_deletion(struct store *store, int64_t after,
                                bool (*each)(void *context, int64_t sequence, int64_t passage, struct error *error),
                                void *context, struct error *error) MUST_USE;
bool store_replace_vector_segments(struct store *store, const struct store_segment *segment, struct error *error) MUST_USE;
/* ---- keys and principals ---- */

struct store_key {
    int64_t id;
    struct slice name;
    struct slice hint; /* how the secret begins */
    struct slice groups; /* joined by STORE_GROUP_SEPARATOR, in order */
    unsigned char hash[STORE_HASH_BYTES]; /* SHA-256 of the secret; the secret itself is nowhere */
    int64_t created_ns;
    int64_t expires_ns; /* 0: never; from this moment on it does not hold */
    int64_t revoked_ns; /* 0: it was not */
};

#define STORE_GROUP_SEPARATOR '\x1f'
#define STORE_PUBLIC "public" /* the label that every principal may see */

/* A name that a revoked key has may be given again: the old key is forgotten then. Another one is ERROR_CONFLICT. */
bool store_put_key(struct store *store, const struct store_key *key, struct error *error) MUST_USE;
bool store_each_key(struct store *store, bool (*each)(void *context, const struct store_key *key, struct error *error),
                    void *context, struct error *error) MUST_USE;
/* A key that was revoked before keeps its date. */
bool store_revoke_key(struct store *store, struct slice name, int64_t now_ns, struct error *error) MUST_USE;
/* How many documents have this label. */
bool store_count_label(struct store *store, struct slice label, int64_t *documents, struct error *error) MUST_USE;

/* Who asks. A document is visible to a principal when one of its labels is "public" or one of the groups; one without labels is
 * not. No principal (NULL, where one is expected) is the project's owner, who sees everything. */
struct store_principal {
    int64_t key;
    const struct slice *groups;
    size_t group_count;
    int64_t asked_ns; /* when: the key must not have expired then */
    struct slice name; /* of the key */
    int64_t created_ns; /* the key: a name may be given again once it was revoked */
};

/* The principal of a key, which must be known, not revoked and not expired at `now_ns`; all in the arena. */
bool store_principal_named(struct store *store, struct slice name, int64_t now_ns, struct arena *arena,
                           struct store_principal *principal, struct error *error) MUST_USE;
bool store_principal_of(struct store *store, const unsigned char hash[STORE_HASH_BYTES], int64_t now_ns, struct arena *arena,
                        struct store_principal *principal, struct error *error) MUST_USE;

/* ---- filters ---- */

/* A condition on documents, read from text (docs/access.md has the language):
 *
 *   or      = and {"or" and}        comparison = key ("=" | "!=" | "<" | "<=" | ">" | ">=") value
 *   and     = not {"and" not}                  | key "in" "(" value {"," value} ")"
 *   not     = ["not"] (comparison | "(" or ")")| "exists" key
 *
 * All of it lies in the arena. */
struct store_filter;
bool store_filter_read(struct slice source, struct arena *arena, const struct store_filter **filter,
                       struct error *error) MUST_USE;

/* The same condition in one form, whatever blanks and parentheses it was written with. */
void store_filter_write(const struct store_filter *filter, struct buffer *out);
/* A text as it stands in a condition: in quotes. */
void store_filter_write_text(struct buffer *out, struct slice text);

/* ---- who may see what ---- */

/* Calls each() for the documents that have passages and are visible to the principal (NULL: all) and fit the filter (NULL: all), in
 * ascending order of their passages, first … last. */
bool store_visible(struct store *store, const struct store_principal *principal, const struct store_filter *filter,
                   bool (*each)(void *context, int64_t first, int64_t last, struct slice language, struct error *error),
                   void *context, struct error *error) MUST_USE;

struct store_document_range {
    struct slice after; /* those whose path comes behind this one; empty: from the first */
    size_t most; /* 0: all */
};

/* As store_each_document, of the documents in the range that are visible to the principal (NULL: all). */
bool store_each_visible_document(struct store *store, const struct store_principal *principal,
                                 const struct store_document_range *range,
                                 bool (*each)(void *context, const struct store_document *document, struct error *error),
                                 void *context, struct error *error) MUST_USE;

/* The one of this path, if it may be seen. As much is asked when it is there and hidden as when it is not there. */
bool store_find_visible_document(struct store *store, const struct store_principal *principal, struct slice path,
                                 bool (*each)(void *context, const struct store_document *document, struct error *error),
                                 void *context, struct error *error) MUST_USE;

/* How many documents below a folder (empty: in all) are visible to the principal (NULL: all), and how large they are together. */
bool store_count_visible_documents(struct store *store, const struct store_principal *principal, struct slice folder,
                                   int64_t *count, int64_t *bytes, struct error *error) MUST_USE;

/* Calls each() with the name of every folder right below one that holds a document which is visible to the principal (NULL: all), in order; false from
 * it stops. */
typedef bool store_each_name(void *context, struct slice name);
bool store_each_visible_folder(struct store *store, const struct store_principal *principal, struct slice folder,
                               store_each_name *each, void *context, struct error *error) MUST_USE;

/* The second look, just before a text is handed out: asks for this one document, by the key's row, in another way. */
bool store_may_see(struct store *store, const struct store_principal *principal, int64_t document, bool *may,
                   struct error *error) MUST_USE;

/* ---- health ---- */

/* What of that can be made anew. */
struct store_wrong {
    bool vectors; /* the passages' vectors */
    bool files; /* which index files there are, and what was deleted from them */
};

/* SQLite's own integrity check, the rules of this schema, and the sums of the tables' rows; calls each(context, message) for what is wrong. */
bool store_check(struct store *store, struct store_wrong *wrong, void (*each)(void *context, const char *message),
                 void *context, struct error *error) MUST_USE;

/* Forgets it, in a transaction: all index files, and with `vectors` all vectors. */
bool store_forget(struct store *store, bool vectors, struct error *error) MUST_USE;

#endif
