/* ask_writer.h - the writer of a handle. Private to api. */
#ifndef API_ASK_WRITER_H
#define API_ASK_WRITER_H

#include "tell.h"

/* The project's own; where it has none, and `model` asks for it by name, the one that lies beside the program. Opens it when it is first needed; it
 * stays the handle's. `*writer` is NULL where there is none. */
struct writer;
bool ask_writer(struct assay *assay, const char *model, struct writer **writer, struct error *error) MUST_USE;

#endif
