/* document.h - one file, or member of a container, into a document with its passages, in memory. Private. */
#ifndef INGEST_DOCUMENT_H
#define INGEST_DOCUMENT_H

#include "format.h"
#include "grammars.h"
#include "unpack.h"
#include "walk.h"

enum load_outcome {
    LOAD_WAITING,   /* it was not read yet */
    LOAD_FAILED,
    LOAD_SKIPPED,   /* nothing that can be read, and nobody said that it should be */
    LOAD_SAME,      /* its bytes are those that are known: nothing more was read */
    LOAD_READ,
    LOAD_DEFERRED,  /* it is for a worker: once some are started, load_deferred goes on */
    LOAD_CONTAINER  /* `content` is a file that holds documents; of the document's fields, hash, size and times are there */
};

struct loaded {
    struct arena arena; /* holds all below */
    struct buffer content; /* the source's bytes, or the text that was read out of them */
    struct buffer source;  /* of a mail that is a file, and has others attached to it: its bytes */
    bool is_member;        /* of a container; set before it is loaded */
    bool is_converted;     /* `content` was put into UTF-8 */
    struct store_document document;
    struct blocks blocks; /* what was read, to be cut; their places count in `text` */
    struct slice text;    /* the end of `content`: all but a mark at its beginning */
    size_t masked;        /* secrets and personal data */
    bool needs_vectors;   /* to be cut by cut_semantic */
    struct passage_list passages;
    struct slice *access; /* labels that the document states */
    size_t access_count;
    bool states_access;
    const struct web_page *page; /* NULL: it lies on this machine */
    enum load_outcome outcome;
    struct file_kind kind;
    int grammar; /* of source code that waits for a worker which has it; else GRAMMAR_NONE */
    struct error error; /* of LOAD_FAILED and LOAD_SKIPPED */
    const char **notes; /* what a person should know of how it was read */
    size_t note_count, note_capacity;
};

void loaded_init(struct loaded *loaded);
void loaded_release(struct loaded *loaded);

struct load_known {
    const unsigned char *document, *container; /* hashes of what is in the catalog of this path; NULL: nothing that compares */
};

struct loader {
    const struct settings *settings;
    struct workers *workers; /* for documents */
    struct grammars *grammars; /* NULL: source code is read without a parser */
    struct unpacker unpacker; /* for what holds them */
};
void loader_init(struct loader *loader, const struct settings *settings, size_t thread_count);
void loader_release(struct loader *loader);

/* Reads the file, or, when `is_there` (of a container, or a page of the web), what is in loaded->content already. */
void load_file(struct loaded *loaded, const struct walk_file *file, bool is_there, const struct loader *loader,
               const struct load_known *known);

/* What documents of LOAD_DEFERRED wait for. */
struct loader_need {
    size_t grammars[GRAMMAR_COUNT]; /* so many each */
    size_t documents; /* so many others */
};

/* Starts workers for them, while no other thread works. Source code can go on without; the error is that of the others. */
bool loader_start(struct loader *loader, uint64_t readers, const struct loader_need *need, struct error *error) MUST_USE;

/* `readers` stands for those who may see the document: a worker serves documents of the same ones only. */
void load_deferred(struct loaded *loaded, const struct walk_file *file, uint64_t readers, const struct loader *loader);

/* ---- passages ---- */

/* What cutting needs beside the document; one for a whole `add`. */
struct cutters {
    const struct settings *settings;
    const struct passage_model *model; /* NULL: there is none */
    bool is_measured, has_tokenizer;
    size_t tokens_max;
    struct token_meter **meters; /* a thread's each */
    size_t count;
};
void cutters_init(struct cutters *cutters, const struct settings *settings, const struct passage_model *model,
                  size_t thread_count);
void cutters_release(struct cutters *cutters);

/* Before documents are cut: asks the model how it counts, the first time. Called by one thread. */
void cutters_prepare(struct cutters *cutters);

/* Makes the passages of a document that was read, and notes in its metadata by which unit, and why. What needs the model's vectors is left
 * for cut_semantic. */
void cut_loaded(struct cutters *cutters, struct loaded *loaded, size_t thread);

/* The rest of them, outside of the pool's loops: the model runs on its threads. What fails is the document's error. */
void cut_semantic(struct cutters *cutters, struct loaded *loaded);

/* Says what to do about a damaged file, where its reader has said nothing. */
void hint_damaged(struct error *error);

bool is_access_key(struct slice key);

/* Takes what the head of a document states into its metadata and labels; what is over the limits is cut, or left out. Labels that are
 * none are refused. */
bool take_head(struct loaded *loaded, const struct blocks *blocks, struct error *error) MUST_USE;

/* Refuses a text that begins like a head with a line `access: …` where no head was read: taken as text, everybody might see it. */
bool check_unread_head(struct slice text, const struct blocks *blocks, struct error *error) MUST_USE;

#endif
