/* document.h - one file into a document with its passages, in memory. Private. */
#ifndef INGEST_DOCUMENT_H
#define INGEST_DOCUMENT_H

#include "walk.h"

struct loaded {
    struct arena arena; /* holds all below */
    struct buffer content;
    struct store_document document;
    struct passage_list passages;
    struct slice *access; /* labels that the document states */
    size_t access_count;
    bool states_access;
    bool same;  /* the file's bytes are those of `known_hash`: nothing more was read */
    bool ok;
    struct error error;
};

/* `known_hash` NULL: not in the catalog. */
void load_file(struct loaded *loaded, const struct walk_file *file, const struct settings *settings,
               const unsigned char *known_hash);
void loaded_release(struct loaded *loaded);

/* At most so many bytes of it, whole characters. */
struct slice cut_text(struct slice text, size_t size_max);

/* Takes what the head of a document states into its metadata and labels; what is over the limits is cut, or left out. Labels that are
 * none are refused. */
bool take_head(struct loaded *loaded, const struct blocks *blocks, struct error *error) MUST_USE;

/* Refuses a text that begins like a head with a line `access: …` where no head was read: taken as text, everybody might see it. */
bool check_unread_head(struct slice text, const struct blocks *blocks, struct error *error) MUST_USE;

#endif
