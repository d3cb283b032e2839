/* priced_llm.h - a language model with the prices and limits of a project. Private to api. */
#ifndef API_PRICED_LLM_H
#define API_PRICED_LLM_H

#include "base/base.h"
#include "llm/llm.h"
#include "project/project.h"

/* llm_open with what prices.yaml says of the model, and limits.spend_per_day. `options` may be NULL. */
bool priced_llm_open(struct llm **llm, const char *model, const char *root, const struct settings *settings,
                     const struct llm_options *options, struct error *error) MUST_USE;

/* The same for the project's embedding model, where that runs elsewhere. */
bool priced_embedder_open(const struct project *project, const char *model, struct llm **llm, struct error *error) MUST_USE;

#endif
