/* archive.h - what lies in an archive, one member after the other. Private. */
#ifndef INGEST_ARCHIVE_H
#define INGEST_ARCHIVE_H

#include "format.h"
#include "codec/codec.h"

enum { ARCHIVE_DEPTH_MAX = 2 }; /* an archive, and archives in it */

struct archive_visitor {
    /* A member that is no archive: its path below the outermost one, made safe, and its bytes, which may be taken over (then `content` is
     * to be made empty). */
    bool (*each)(void *context, struct slice path, struct buffer *content, struct error *error);
    /* One that is not taken, or an archive in it of which not all could be read, and why; `is_odd`: nothing is lost by that which a
     * person would miss. */
    void (*refuse)(void *context, struct slice path, const struct error *error, bool is_odd);
    void *context;
    size_t member_bytes_max;
};

/* Visits the members of FORMAT_ZIP, FORMAT_TAR, FORMAT_GZIP or FORMAT_MBOX. `name` is the archive's own, for a file that was packed alone. False when each()
 * said so (`*is_stopped`), or the archive is damaged or over a limit: members before that were visited. */
bool archive_visit(enum file_format format, struct slice source, const char *name, const struct archive_visitor *visitor,
                   bool *is_stopped, struct error *error) MUST_USE;

/* FORMAT_DOCX, … when the zip archive is a document made of files, FORMAT_OTHER with what it is when it is no archive of documents, else
 * FORMAT_ZIP: an archive, or a damaged one. */
struct file_kind archive_kind_of_zip(struct slice source);

#endif
