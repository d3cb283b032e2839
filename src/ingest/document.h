/* document.h - one file, or member of a container, into a document with its passages, in memory. Private. */
#ifndef INGEST_DOCUMENT_H
#define INGEST_DOCUMENT_H

#include "format.h"
#include "walk.h"

enum load_outcome {
    LOAD_FAILED,
    LOAD_SKIPPED,   /* nothing that can be read, and nobody said that it should be */
    LOAD_SAME,      /* its bytes are those that are known: nothing more was read */
    LOAD_READ,
    LOAD_CONTAINER  /* `content` is a file that holds documents; of the document's fields, hash, size and times are there */
};

struct loaded {
    struct arena arena; /* holds all below */
    struct buffer content; /* the source's bytes, or the text that was read out of them */
    struct store_document document;
    struct passage_list passages;
    struct slice *access; /* labels that the document states */
    size_t access_count;
    bool states_access;
    enum load_outcome outcome;
    enum file_format format; /* of a container */
    struct error error; /* of LOAD_FAILED and LOAD_SKIPPED */
    const char **notes; /* what a person should know of how it was read */
    size_t note_count, note_capacity;
};

void loaded_init(struct loaded *loaded);
void loaded_release(struct loaded *loaded);

struct load_known {
    const unsigned char *document, *container; /* hashes of what is in the catalog of this path; NULL: nothing that compares */
};

/* Reads the file, or, when `is_member`, what is in loaded->content already. */
void load_file(struct loaded *loaded, const struct walk_file *file, bool is_member, const struct settings *settings,
               const struct load_known *known);

/* Appends a note, formatted: "pages 3 and 4 hold only images". */
void loaded_note(struct loaded *loaded, const char *format, ...) PRINTF_LIKE(2, 3);

/* At most so many bytes of it, whole characters. */
struct slice cut_text(struct slice text, size_t size_max);

/* Takes what the head of a document states into its metadata and labels; what is over the limits is cut, or left out. Labels that are
 * none are refused. */
bool take_head(struct loaded *loaded, const struct blocks *blocks, struct error *error) MUST_USE;

/* Refuses a text that begins like a head with a line `access: …` where no head was read: taken as text, everybody might see it. */
bool check_unread_head(struct slice text, const struct blocks *blocks, struct error *error) MUST_USE;

#endif
