/* document.h - one file into a document with its passages, in memory. Private. */
#ifndef INGEST_DOCUMENT_H
#define INGEST_DOCUMENT_H

#include "walk.h"

struct loaded {
    struct arena arena; /* holds all below */
    struct buffer content;
    struct store_document document;
    struct passage_list passages;
    bool same;  /* the file's bytes are those of `known_hash`: nothing more was read */
    bool ok;
    struct error error;
};

/* `known_hash` NULL: not in the catalog. */
void load_file(struct loaded *loaded, const struct walk_file *file, const struct settings *settings,
               const unsigned char *known_hash);
void loaded_release(struct loaded *loaded);

#endif
