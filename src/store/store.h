/* store.h - the catalog of a project: one SQLite file that holds the only truth. Everything else on disk is derived from it.
 *
 *   documents ─┬─ contents        the source bytes, once per different content
 *              ├─ passages        the retrieval units, numbered once and for ever
 *              └─ document_labels ─ labels     who may see it
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

#define STORE_VERSION 2
#define STORE_HASH_BYTES 32

enum store_mode { STORE_READ, STORE_WRITE };

/* STORE_WRITE makes a file that is not there, and brings an older version up to date; a newer one is refused. STORE_READ of an older
 * version is ERROR_CONFLICT (somebody has to write once). */
bool store_open(struct store **store, const char *path, enum store_mode mode, struct error *error) MUST_USE;
void store_close(struct store *store);

/* ---- transactions ---- */

bool store_begin(struct store *store, enum store_mode mode, struct error *error) MUST_USE; /* of the same kind or less */
bool store_commit(struct store *store, struct error *error) MUST_USE; /* durable when true; rolled back when false */
void store_rollback(struct store *store); /* nothing open: nothing done */

/* Changes with every commit that changed something; the same value, the same content. */
bool store_generation(struct store *store, int64_t *generation, struct error *error) MUST_USE;

/* ---- documents ---- */

struct store_document {
    int64_t id;
    struct slice path; /* relative to the project, or absolute when outside */
    struct slice title;
    struct slice format; /* "markdown", "text" */
    struct slice language; /* "en", "und" */
    unsigned char hash[STORE_HASH_BYTES]; /* SHA-256 of the source bytes */
    int64_t size;
    int64_t modified_ns; /* the file's time */
    int64_t checked_ns; /* when it was last read or found unchanged, by the wall clock */
    int64_t recipe; /* how it was read and cut: another one means to do it again */
    int64_t passage_count; /* filled by readers */
};

struct store_passage {
    int64_t id; /* 0 for a new one */
    int64_t document;
    struct slice text;
    struct slice headings; /* from the outermost, joined by STORE_HEADING_SEPARATOR */
    int64_t start, end; /* bytes in the source */
    int64_t line, line_end; /* from 1 */
    int64_t page; /* 0: the source has no pages */
};

#define STORE_HEADING_SEPARATOR '\x1f'

/* Inserts the document, or replaces the one of that path with all its passages. `labels` as names. */
bool store_put_document(struct store *store, const struct store_document *document, struct slice content,
                        const struct store_passage *passages, size_t passage_count, const struct slice *labels,
                        size_t label_count, struct error *error) MUST_USE;

/* Notes that the file was looked at and has not changed. */
bool store_touch_document(struct store *store, int64_t id, int64_t modified_ns, int64_t checked_ns,
                          struct error *error) MUST_USE;
bool store_remove_document(struct store *store, int64_t id, struct error *error) MUST_USE;

/* Calls each() in order of path; slices are good during the call. each() returns false to stop with its error. */
bool store_each_document(struct store *store,
                         bool (*each)(void *context, const struct store_document *document, struct error *error), void *context,
                         struct error *error) MUST_USE;

/* The source bytes as they were added, appended to `out`. */
bool store_content(struct store *store, int64_t document, struct buffer *out, struct error *error) MUST_USE;

/* The languages of the documents, each once: calls each(context, code). */
bool store_each_language(struct store *store, void (*each)(void *context, struct slice code), void *context,
                         struct error *error) MUST_USE;

struct store_counts {
    int64_t documents, passages, bytes;
    int64_t passage_last; /* the highest number given, 0 for none */
};
bool store_count(struct store *store, struct store_counts *counts, struct error *error) MUST_USE;

/* ---- passages ---- */

/* Passages with first ≤ id ≤ last in ascending order, with their document's fields. */
bool store_each_passage(struct store *store, int64_t first, int64_t last,
                        bool (*each)(void *context, const struct store_passage *passage, const struct store_document *document,
                                     struct error *error),
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

/* `code` as vector_encode of index.h makes it. Vectors are put in ascending order of passages: whoever has read them up to one number
 * finds new ones behind it. A vector goes with its passage. */
bool store_put_vector(struct store *store, int64_t passage, struct slice code, struct error *error) MUST_USE;

/* Vectors of passages first ≤ passage ≤ last, ascending. */
bool store_each_vector(struct store *store, int64_t first, int64_t last,
                       bool (*each)(void *context, int64_t passage, struct slice code, struct error *error), void *context,
                       struct error *error) MUST_USE;

struct store_vector_counts {
    int64_t vectors;
    int64_t last;    /* the highest passage that has one; 0: none */
    int64_t sealed;  /* files cover passages up to this one */
    int64_t written; /* vectors in these files, deleted ones too */
    int64_t missing; /* passages behind the last that have none */
};
bool store_count_vectors(struct store *store, struct store_vector_counts *counts, struct error *error) MUST_USE;

bool store_count_vectors_within(struct store *store, int64_t first, int64_t last, int64_t *count, struct error *error) MUST_USE;

/* As the functions of the same names without "vector": files of vectors, and vectors deleted since they were written. */
bool store_each_vector_segment(struct store *store,
                               bool (*each)(void *context, const struct store_segment *segment, struct error *error),
                               void *context, struct error *error) MUST_USE;
bool store_each_vector_deletion(struct store *store, int64_t after,
                                bool (*each)(void *context, int64_t sequence, int64_t passage, struct error *error),
                                void *context, struct error *error) MUST_USE;
bool store_replace_vector_segments(struct store *store, const struct store_segment *segment, struct error *error) MUST_USE;

/* ---- health ---- */

/* SQLite's own integrity check and the rules of this schema; calls each(context, message) for what is wrong. */
bool store_check(struct store *store, void (*each)(void *context, const char *message), void *context,
                 struct error *error) MUST_USE;

#endif
