/* source.h - where documents come from. Private.
 *
 *   list ─▶ files, in order ─▶ fetch, one after the other ─▶ as the catalog has it: nothing to do
 *                                                         ─▶ to be read, by the threads of the batch (a file of the local disk)
 *                                                         ─▶ its bytes, read already (a page of the web)
 *                                                         ─▶ gone, or told as failed: what the catalog has stays
 *
 * Two of them are built: folders of this machine (source_folder.c) and the web (source_web.c). */
#ifndef INGEST_SOURCE_H
#define INGEST_SOURCE_H

#include "walk.h"

struct adding;
struct known_document;
struct known_container;

enum source_answer { SOURCE_UNCHANGED, SOURCE_FILE, SOURCE_BYTES, SOURCE_GONE, SOURCE_TOLD };

struct source {
    const char *stage; /* what progress calls its work */
    void *state;
    const struct walk_file *files; /* after list */
    size_t count;

    /* Finds what there is. What could not be looked through is told by count_failure, and is no error. */
    bool (*list)(struct source *source, struct adding *adding, struct error *error);

    /* Asks for one of them. `known`, `container`: what the catalog has of that path, or NULL. SOURCE_BYTES fills `content`. */
    bool (*fetch)(struct source *source, struct adding *adding, const struct walk_file *file,
                  const struct known_document *known, const struct known_container *container, enum source_answer *answer,
                  struct buffer *content, struct error *error);

    /* Whether list would have found the document of that path in the catalog, if it were still there. */
    bool (*covers)(const struct source *source, const char *absolute);

    void (*release)(struct source *source);
};

void source_folder_init(struct source *source, const char *working, const char *const *paths, size_t count);

/* `urls` as a person writes them. No request is made before list. */
bool source_web_init(struct source *source, const char *const *urls, size_t count, struct error *error) MUST_USE;

#endif
