/* tell.h - the handle, and errors of the rooms as errors of assay.h. Private to api. */
#ifndef API_TELL_H
#define API_TELL_H

#include "base/base.h"
#include "project/project.h"
#include <assay.h>

struct assay {
    struct project *project;
    struct embedder *embedder; /* of the project; opens its model when that is first needed */
};

/* "hybrid" … as a mode and back; NULL is RETRIEVE_AUTO. */
bool mode_named(const char *name, enum retrieve_mode *mode, struct error *error);
const char *mode_name(enum retrieve_mode mode);

/* A project's audit log, as its settings say. */
struct ledger;
bool log_open(const char *root, const struct settings *settings, struct ledger **ledger, struct error *error);

void tell(struct assay_error *out, const struct error *error);

/* Passes `ok` on, and the error when there is one. */
bool finish(bool ok, const struct error *error, struct assay_error *out);

#endif
