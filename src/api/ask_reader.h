/* ask_reader.h - the reader of a handle. Private to api. */
#ifndef API_ASK_READER_H
#define API_ASK_READER_H

#include "tell.h"

/* Opens it when it is first needed; it stays the handle's. `*reader` is NULL where there is none: then sentences are chosen. */
bool ask_reader(struct assay *assay, struct reader **reader, struct error *error) MUST_USE;

#endif
