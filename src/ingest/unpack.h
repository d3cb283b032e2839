/* unpack.h - visits an archive's members as archive.h does, but has a confined worker take it apart. Private. */
#ifndef INGEST_UNPACK_H
#define INGEST_UNPACK_H

#include "archive.h"

struct unpacker {
    struct workers *workers;
    uint64_t count; /* of archives: the group of each one's worker */
};
struct workers *unpack_workers(void) MUST_USE;

/* Takes the bytes over, and lets them go once the worker has them. What crashes the worker, or takes too much of it, costs the members behind
 * it. To be called while no other thread works. */
bool archive_unpack(struct unpacker *unpacker, enum file_format format, struct buffer *source, const char *name,
                    const struct archive_visitor *visitor, bool *is_stopped, struct error *error) MUST_USE;

#endif
