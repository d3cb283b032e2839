/* assay_graders.h - what graders of evals ask of a project's models. Part of assay.h, which includes it. docs/serve.md. */
#ifndef ASSAY_GRADERS_H
#define ASSAY_GRADERS_H

#include <assay.h>

#ifdef __cplusplus
extern "C" {
#endif

/* The language model of assay.yaml, with the project's prices and limits. ASSAY_NOT_FOUND: it has none, which the hint says how to change. */
ASSAY_API bool assay_llm_of(struct assay *assay, struct assay_llm **llm, struct assay_error *error);

struct assay_message; /* of assay_prompt.h */

/* As assay_generate, after a conversation: messages of "user" and "assistant". */
ASSAY_API bool assay_generate_after(struct assay_llm *llm, const struct assay_message *messages, size_t count,
                                    const struct assay_generate_options *options, struct assay_generated *generated,
                                    struct assay_error *error);

/* Whether the project has an embedding model, and it is here; ASSAY_NOT_FOUND: not, which the hint says how to change. */
ASSAY_API bool assay_nearness_ready(struct assay *assay, struct assay_error *error);

/* The cosine of the vectors that it gives two texts, 0 … 1: what is farther than at right angles is 0. */
ASSAY_API bool assay_nearness(struct assay *assay, struct assay_text text, struct assay_text reference, double *value,
                              struct assay_error *error);

#ifdef __cplusplus
}
#endif

#endif
