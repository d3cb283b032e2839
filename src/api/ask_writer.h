/* ask_writer.h - the writer of a handle. Private to api. */
#ifndef API_ASK_WRITER_H
#define API_ASK_WRITER_H

#include "tell.h"

/* Opens it when it is first needed; it stays the handle's. `*writer` is NULL where there is none. */
struct writer;
bool ask_writer(struct assay *assay, struct writer **writer, struct error *error) MUST_USE;

#endif
