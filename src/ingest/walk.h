/* walk.h - the files below what a person named. Private. */
#ifndef INGEST_WALK_H
#define INGEST_WALK_H

#include "ingest.h"

/* What is known of a page of the web beside its bytes. */
struct web_page {
    const char *site; /* the address that it was found by; NULL: it was named itself */
    const char *etag, *modified; /* what the host tells its versions apart by; may be empty */
    const char *charset; /* the encoding, as the host says; may be empty */
    const char *name; /* as a file would be called: chooses the reader where the bytes do not */
    const char *address; /* where its bytes came from, when redirects led elsewhere; NULL: from its own */
    bool is_moved; /* the catalog has it from another site, or by itself */
};

struct walk_file {
    char *path;         /* absolute, normal; of a page its address */
    const char *stored; /* as the catalog has it */
    int64_t size, modified_ns;
    int64_t changed_ns; /* of its bytes, name or rights, as the system notes it, whatever time was set */
    struct file_identity identity; /* what it leads to; of a page and of what lies in an archive none */
    bool by_link; /* a link stands in its path, below what a person named */
    bool is_named; /* by the person: not passed over in silence, whatever it is */
    struct web_page *page; /* NULL: it lies on this machine */
};

struct walk {
    const struct project *project;
    struct arena arena;
    struct walk_file *files;
    size_t count, capacity;
    struct map seen;          /* stored paths, so that two arguments do not add a file twice */
    struct map roots;      /* absolute paths of the arguments; value: documents found below, for the caller's use */
    struct map incomplete; /* absolute paths that could not be read: what lies below is not gone */
    struct map folders;    /* device and number of each folder walked */
    struct map grounds;    /* real paths, at or below which what a link leads to is taken (grounds.c) */
    struct walk_link *links; /* to be followed at the end */
    size_t link_count, link_capacity;
    struct repository *repositories; /* of Git, that were met */
    void (*note)(void *context, const char *path, const char *message); /* what a person should know; may be NULL */
    void (*fail)(void *context, enum ingest_change change, const char *path, const struct error *error);
    void *context;
};

void walk_init(struct walk *walk, const struct project *project);
void walk_release(struct walk *walk);

/* The address of a page of the web as it names what lies below it, "https://example.com/" without its last slash; NULL: it is a path of
 * this machine. */
const char *walk_address(struct arena *arena, const char *path);

/* Notes a path as an argument without looking below it; its absolute path, or its address when it is one of the web. */
const char *walk_name(struct walk *walk, const char *working, const char *path);

/* Adds a file, or the files below a folder. What cannot be taken is told through `fail` (INGEST_FAILED or INGEST_SKIPPED). */
void walk_path(struct walk *walk, const char *working, const char *path);

/* The entry of `paths` that is this absolute path or a folder above it, the nearest one; NULL when there is none. */
struct map_entry *walk_find_above(const struct map *paths, const char *path);

/* How much of an absolute path names the folder in the project, whose root is given, with what was sent to its server (uploads/files, uploads/vs_…);
 * 0: it lies in none. */
size_t walk_sent_size(const char *root, const char *path);

/* True when this absolute path lies below something that was walked whole, and so would have been found if it were there. */
bool walk_covers(const struct walk *walk, const char *path);

/* ---- where links may lead ---- */

void grounds_init(struct walk *walk); /* the project's folder, and its `documents` */
void grounds_add(struct walk *walk, const char *name);

/* The project's own: test cases among the documents would answer themselves; what keys have sent to the server are documents by its word alone. */
bool walk_is_own(const struct walk *walk, const char *path);

/* False, with the reason, when a link that was met on the way leads to none of them. `real` has no links in it. */
bool grounds_check(const struct walk *walk, const char *stored, const char *real, struct error *error) MUST_USE;

#endif
