/* file_attributes.h - what a client says of a file in a vector store. Private. */
#ifndef SERVER_FILE_ATTRIBUTES_H
#define SERVER_FILE_ATTRIBUTES_H

#include "exchange.h"

/* "attributes" of a request, as they are kept: NULL, there are none. False: refused. */
bool attributes_read(struct exchange *exchange, const struct json_value *attributes, const char **text) MUST_USE;
/* Those of a document, an object; false: it has none. */
bool attributes_of(struct exchange *exchange, const char *document, struct json_value *attributes) MUST_USE;
/* Into the catalog, which is open for writing; ASSAY_NOT_FOUND: there is no such document. */
bool attributes_bring(struct assay *assay, struct arena *arena, const char *document, const char *text,
                      struct assay_error *error) MUST_USE;

#endif
