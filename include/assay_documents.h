/* assay_documents.h - how many documents a key may see, and where they lie. Part of assay.h, which includes it. */
#ifndef ASSAY_DOCUMENTS_H
#define ASSAY_DOCUMENTS_H

#include <assay.h>

#ifdef __cplusplus
extern "C" {
#endif

/* How many documents a key may see (principal and secret of the options), and how large they are together. `folder`: those below it, relative
 * to the project; NULL: all. */
struct assay_documents_total {
    size_t documents, bytes;
};
ASSAY_API bool assay_documents_count(struct assay *assay, const struct assay_documents_options *options, const char *folder,
                                     struct assay_documents_total *total, struct assay_error *error);

/* Calls each() with the name of every folder right below `folder` that holds, however deep, a document which the key may see, in order; false
 * from it stops, and is ASSAY_CANCELLED. */
ASSAY_API bool assay_documents_folders(struct assay *assay, const struct assay_documents_options *options, const char *folder,
                                       bool (*each)(void *context, const char *name), void *context, struct assay_error *error);

#ifdef __cplusplus
}
#endif

#endif
