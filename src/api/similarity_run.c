/* similarity_run.c - the part of assay.h that compares two texts. */
#include "eval/eval.h"
#include "tell.h"

bool assay_similarity(const char *measure, struct assay_text text, struct assay_text reference, double *value,
                      struct assay_error *error)
{
    struct error inner;
    enum similarity similarity;
    bool ok = similarity_named(measure, &similarity) ||
              error_set(&inner, ERROR_INVALID, "there is no measure \"%.60s\" of how alike texts are", measure);
    ok = ok && similarity_measure(similarity, (struct slice){text.data, text.size},
                                  (struct slice){reference.data, reference.size}, value, &inner);
    return finish(ok, &inner, error);
}
