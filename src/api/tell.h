/* tell.h - the handle, and errors of the rooms as errors of assay.h. Private to api. */
#ifndef API_TELL_H
#define API_TELL_H

#include "base/base.h"
#include "project/project.h"
#include <assay.h>

struct llm;
struct tracer;

struct assay_llm {
    struct llm *inner;
};

struct assay {
    struct project *project;
    struct embedder *embedder; /* of the project; opens its model when that is first needed */
    struct reader *reader; /* ask_reader opens it */
    struct writer *writer; /* ask_writer opens it */
    struct tracer *tracer; /* NULL: no traces are wanted */
    struct ranker *ranker, *grounding; /* search_ranker and grounding_ranker open them */
    struct arena told; /* the settings that were told last */
};

/* "hybrid" … as a mode and back; NULL is RETRIEVE_AUTO. */
bool mode_named(const char *name, enum retrieve_mode *mode, struct error *error);
const char *mode_name(enum retrieve_mode mode);

/* A project's audit log, as its settings say. */
struct ledger;
bool log_open(const char *root, const struct settings *settings, struct ledger **ledger, struct error *error);

/* What `assay doctor` has to say of it: kind "log". Adds to the report. */
bool log_examine(const struct project *project, void (*each)(void *context, const char *kind, const char *message),
                 void *context, struct assay_examine_report *report, struct error *error);
/* Whether the weights of what was tuned are files of tensors. */
bool adapters_examine(const struct project *project, void (*each)(void *context, const char *kind, const char *message),
                      void *context, struct assay_examine_report *report, struct error *error) MUST_USE;

/* NULL: a slice without data. */
struct slice optional_slice(const char *text);

/* A hit of a search, for the caller; what it points to is in the arena. */
struct search_hit;
void fill_hit(struct arena *arena, const struct search_hit *inner, struct assay_hit *hit);

void tell(struct assay_error *out, const struct error *error);

/* Passes `ok` on, and the error when there is one. */
bool finish(bool ok, const struct error *error, struct assay_error *out);

/* "classify", "writer": what an adapter has learned, as its folder says. */
bool adapter_task(const char *folder, struct arena *arena, struct slice *task, struct error *error);

#endif
