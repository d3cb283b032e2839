/* generate_run.h - text from a language model for a list of messages. Private to api. */
#ifndef API_GENERATE_RUN_H
#define API_GENERATE_RUN_H

#include "llm/llm.h"
#include "tell.h"

/* `options->system` does not count: it is one of the messages. NULL: as usual. */
bool llm_generate(struct assay_llm *llm, const struct llm_message *messages, size_t count,
                  const struct assay_generate_options *options, struct assay_generated *generated, struct error *error);

#endif
