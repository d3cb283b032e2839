/* archive.h - what lies in an archive, one member after the other. Private. */
#ifndef INGEST_ARCHIVE_H
#define INGEST_ARCHIVE_H

#include "format.h"
#include "codec/codec.h"

enum {
    ARCHIVE_DEPTH_MAX = 2, /* an archive, and archives in it */
    MAIL_DEPTH_MAX = 4,    /* and mails in those, with mails attached to them */
    ARCHIVE_SHOWN_BYTES = 200 /* of a path that is none, or too long */
};

enum archive_refusal {
    ARCHIVE_LOST, /* somebody would miss it */
    ARCHIVE_ODD,  /* nothing is lost by it that a person would miss, unless it was a document before */
    ARCHIVE_NONE  /* it can never have been a document, or another member has its name: nothing is lost at all */
};

struct archive_visitor {
    /* A member that is no archive (a mail is none, though files may be attached to it): its path below the outermost one, made safe, and its bytes, which may be taken over (then `content` is
     * to be made empty). No two have the same path. */
    bool (*each)(void *context, struct slice path, struct buffer *content, struct error *error);
    /* One that is not taken, or an archive in it of which not all could be read, and why. */
    void (*refuse)(void *context, struct slice path, const struct error *error, enum archive_refusal refusal);
    bool (*go_on)(void *context, struct error *error); /* before each member: false stops the visit */
    void *context;
    size_t member_bytes_max;
};

/* Visits the members of FORMAT_ZIP, FORMAT_TAR, FORMAT_GZIP or FORMAT_MBOX, or what is attached to a FORMAT_MAIL. `name` is the archive's own, for a file that was packed alone. False when each()
 * or go_on() said so (`*is_stopped`), or the archive is damaged or over a limit: members before that were visited. Limits on bytes and
 * members hold for the archive and those in it together. */
bool archive_visit(enum file_format format, struct slice source, const char *name, const struct archive_visitor *visitor,
                   bool *is_stopped, struct error *error) MUST_USE;

/* Whether files are attached to a mail: not pictures that its text shows, nor signatures. */
bool archive_mail_has_files(struct slice source);

/* As one byte, and back; false when it is none that archive_kind_of_zip gives. */
unsigned char archive_kind_encode(const struct file_kind *kind);
bool archive_kind_decode(unsigned char code, struct file_kind *kind) MUST_USE;

/* FORMAT_DOCX, … when the zip archive is a document made of files, FORMAT_OTHER with what it is when it is no archive of documents, else
 * FORMAT_ZIP: an archive, or a damaged one. */
struct file_kind archive_kind_of_zip(struct slice source);

#endif
