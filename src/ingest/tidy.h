/* tidy.h - what was read is made clean, and what the settings want hidden is masked, before it is cut. Private. */
#ifndef INGEST_TIDY_H
#define INGEST_TIDY_H

#include "format.h"
#include "ingest.h"

struct tidying {
    const struct settings *settings;
    enum file_format format;
    struct arena *arena;
    bool is_extracted; /* the text that the blocks' places count in was read out of the source */
    size_t repaired;   /* what had been read in a wrong encoding */
    size_t masked;     /* secrets and personal data */
    bool is_new;       /* the blocks' places count in `made` now, which takes the place of the text */
    struct extract made;
};

/* Changes the blocks. `tidying` is released by extract_release of `made`, unless its text was taken over; also after a failure. */
bool tidy_blocks(struct tidying *tidying, struct slice text, struct blocks *blocks, struct error *error) MUST_USE;

#endif
