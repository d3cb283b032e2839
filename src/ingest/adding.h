/* adding.h - the work of one `add`, between its parts. Private.
 *
 *   source_*.c ── file or page ──▶ add.c
 *
 *   add.c ── file ──▶ add_batch.c: read by all threads, written in one transaction (while the next are read), told
 *                      │  ▲
 *              archive │  │ members
 *                      ▼  │
 *                   add_members.c
 *
 * A container's row is in the catalog before its first member, as one that was not read (recipe 0). It is closed in the transaction that
 * writes its last members, or in a later one: then its row says what was read, and the members that it has no more are removed. So a crash
 * between leaves a container that is read again, and members that are found unchanged then. One with members that are damaged is as
 * unchanged as any other the next time: its row has a recipe of its own, which says that there are some. Where it lies with us that a member
 * was not read (a program is missing, a limit can be raised), the container is read again each time. */
#ifndef INGEST_ADDING_H
#define INGEST_ADDING_H

#include "labels.h"
#include "source.h"

struct known_document {
    int64_t id, size, modified_ns, changed_ns, inode, checked_ns, recipe;
    int64_t container;   /* its number in the catalog; 0: a file of its own */
    size_t container_at; /* its number in `containers`, plus one */
    unsigned char hash[STORE_HASH_BYTES];
    const char *path; /* as the catalog has it */
    const char *absolute;
    bool found;   /* by the walk, or in its container */
    bool leaving; /* to be removed */
    bool gone;    /* removed, and told */
};

struct known_container {
    int64_t id, size, modified_ns, changed_ns, inode, checked_ns, recipe;
    unsigned char hash[STORE_HASH_BYTES];
    const char *path, *absolute;
    size_t first, count; /* its documents: one run of `known`, since their paths begin with its own */
    bool leaving;        /* to be removed */
    bool is_touched;     /* documents of it were removed by name */
    bool found;          /* by the walk: what happens to its documents is decided when it is closed, or nothing does */
};

/* A container whose members are being read. */
struct open_container {
    const struct walk_file *file;
    struct known_container *known; /* NULL: new */
    struct store_container row;
    int64_t id;    /* 0: not in the catalog yet */
    bool is_document; /* a mail, to which they are attached: it is a document itself */
    bool is_whole; /* its members were all met: what was not among them is gone */
    bool is_failed; /* one of its members could not be read now: it is looked at again the next time */
    bool is_partial; /* one of its members cannot be read, whoever tries */
};

struct item {
    const struct walk_file *file;
    struct open_container *container; /* NULL: a file of its own */
    uint64_t readers;                 /* the number in `reader_sets` of those who may see it, plus one; 0: not asked yet */
    struct loaded loaded;
};

struct adding {
    struct project *project;
    const struct ingest_progress *progress;
    struct ingest_report *report;
    struct walk walk;
    struct label_rule labels;
    struct cutters cutters;
    struct map reader_sets; /* lists of labels, met among documents that workers read */
    struct map known_paths; /* path → number in known, plus one */
    struct known_document *known;
    size_t known_count, known_capacity;
    struct map container_paths, container_numbers; /* the same for containers, by path and by number in the catalog */
    struct known_container *containers;
    size_t container_count, container_capacity;
    int64_t recipe, recipe_partial;
    struct loader loader;
    struct item *batch;
    struct item **deferred; /* of the batch: those that wait for a worker */
    size_t batch_count, batch_bytes;
    struct item *waiting; /* a batch that was read, and is written while the next one is read */
    size_t waiting_count;
    size_t waiting_done; /* `done` when it was read */
    bool waiting_is_written;
    int64_t waiting_first; /* the number of its first passage in the catalog */
    struct item *written; /* a batch that was written, of whose passages parts of the index are built while the next one is */
    size_t written_count;
    struct project_text *ahead; /* its passages */
    size_t ahead_count, ahead_capacity, ahead_parts;
    struct error waiting_error; /* why it is not */
    _Atomic size_t made; /* bytes of memory that hold what was read of the batch and is not written yet */
    struct open_container **closing; /* with the next batch */
    size_t closing_count, closing_capacity;
    size_t unsealed; /* passages written since the last sealing */
    const char *stage; /* what is being done, of how many files or pages how many are */
    size_t done, total;
};

/* ---- add.c ---- */

struct known_document *find_known(struct adding *adding, const char *path);
struct known_container *find_container(struct adding *adding, const char *path);
bool step(struct adding *adding, const char *stage, size_t done, size_t total, struct error *error) MUST_USE;
void acknowledge(struct adding *adding, enum ingest_change change, const char *path, const struct error *error);
void count_failure(void *context, enum ingest_change change, const char *path, const struct error *error);
bool same_labels(const struct label_list *a, const struct label_list *b);

/* Gives a document its labels by the rule. Where it lies behind a link, the rule has to say the same of where it really lies: else
 * (`*same` false) it gets none. `by_link`: there is a link in its path; else that is looked for below the project's folder. */
bool relabel_document(struct adding *adding, const struct known_document *known, bool by_link, bool *same,
                      struct error *error) MUST_USE;
void tell_unchanged_members(struct adding *adding, const struct known_container *container);
bool is_current(const struct adding *adding, const struct known_container *container); /* read as it would be now */
void note_failed_member(struct open_container *container, const struct error *error);

/* ---- add_batch.c ---- */

void batch_init(struct adding *adding);
void batch_release(struct adding *adding);

/* Takes a file into the batch, which is worked off when it is full. */
bool batch_add_file(struct adding *adding, const struct walk_file *file, struct error *error) MUST_USE;

/* The same for a page of the web, whose bytes are taken over. */
bool batch_add_page(struct adding *adding, const struct walk_file *file, struct buffer *content, struct error *error) MUST_USE;

/* The same for a member: `path` below its container, and its bytes, which are taken over. */
bool batch_add_member(struct adding *adding, struct open_container *container, struct slice path, struct buffer *content,
                      struct error *error) MUST_USE;

/* Works off what there is, containers among it with all their members, and closes containers. */
bool batch_finish(struct adding *adding, struct error *error) MUST_USE;

/* ---- add_members.c ---- */

/* Adds the members of a container whose bytes were read, and puts it up for closing. */
bool members_add(struct adding *adding, const struct walk_file *file, struct loaded *loaded, struct error *error) MUST_USE;

/* Within the transaction of a batch, behind its documents; and after that was committed. */
bool members_close(struct adding *adding, struct open_container *container, struct error *error) MUST_USE;
void members_tell(struct adding *adding, const struct open_container *container);

#endif
