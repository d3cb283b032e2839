/* format.h - what a file is, told by its first bytes. Private. */
#ifndef INGEST_FORMAT_H
#define INGEST_FORMAT_H

#include "base/base.h"

enum file_format {
    FORMAT_TEXT,
    FORMAT_MARKDOWN,
    FORMAT_HTML,
    FORMAT_CSV,
    FORMAT_JSON,  /* a value, or one a line: its reader tells which, and what is none is text */
    FORMAT_CODE,
    FORMAT_MAIL,  /* one letter */
    FORMAT_MBOX,  /* many */
    FORMAT_PDF,
    FORMAT_ZIP,   /* an archive, or a document made of files: its list of entries tells (format_of_zip) */
    FORMAT_DOCX,
    FORMAT_PPTX,
    FORMAT_XLSX,
    FORMAT_ODT,
    FORMAT_ODS,
    FORMAT_ODP,
    FORMAT_EPUB,
    FORMAT_RTF,
    FORMAT_NOTEBOOK,
    FORMAT_TAR,
    FORMAT_GZIP,  /* of a tar, or of one file */
    FORMAT_OTHER, /* none that can be read: `what` says which */
    FORMAT_COUNT
};

struct file_kind {
    enum file_format format;
    const char *what;     /* "a PNG image" */
    const char *hint;     /* what to do with it; NULL: nothing */
    bool is_told;         /* of FORMAT_OTHER: it was meant to be read, and passing over it in silence would be wrong */
    bool belies_its_name; /* the name promises another format than the bytes have */
};

enum { FORMAT_HEAD_BYTES = 4096 };

/* `head` is the first FORMAT_HEAD_BYTES of the file, or all of it, and decides; the name decides between formats that are text and that
 * bytes cannot tell apart. Text in any encoding is text. */
struct file_kind format_of(struct slice head, const char *name);

/* The name of the format as the catalog has it: "markdown". */
const char *format_name(enum file_format format);

/* What a format is called in messages: "a PDF document". */
const char *format_what(enum file_format format);

/* True when the name's ending is that of a format which is read: a file so called that cannot be is told, and not passed over. */
bool format_is_promised(const char *name);

/* True for files whose members are documents: archives and mailboxes. */
bool format_is_container(enum file_format format);

/* True for formats whose bytes are text. */
bool format_is_text(enum file_format format);

#endif
