/* archive.h - what lies in an archive, one member after the other. Private. */
#ifndef INGEST_ARCHIVE_H
#define INGEST_ARCHIVE_H

#include "format.h"
#include "codec/codec.h"

struct container_visitor {
    /* A member: its path below the container, made safe, and its bytes, which may be taken over (then `content` is to be made empty). */
    bool (*each)(void *context, struct slice path, struct buffer *content, struct error *error);
    /* One that is not taken, and why; `is_odd`: nothing is lost by that which a person would miss. */
    void (*refuse)(void *context, struct slice path, const struct error *error, bool is_odd);
    void *context;
    size_t member_bytes_max;
};

/* Visits the members of FORMAT_ZIP, FORMAT_TAR or FORMAT_GZIP. `name` is the container's own, for a file that was packed alone. False when
 * each() said so, or the container is damaged or over a limit: members before that were visited. */
bool container_visit(enum file_format format, struct slice source, const char *name, const struct container_visitor *visitor,
                     struct error *error) MUST_USE;

/* FORMAT_DOCX, … when the zip archive is a document made of files, FORMAT_OTHER with what it is when it is no archive of documents, else
 * FORMAT_ZIP: an archive, or a damaged one. */
struct file_kind container_kind_of_zip(struct slice source);

#endif
