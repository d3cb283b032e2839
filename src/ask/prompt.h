/* prompt.h - what a language model is told. Private to ask. */
#ifndef ASK_PROMPT_H
#define ASK_PROMPT_H

#include "ask_parts.h"

/* The messages of a question, in the arena; fills answer->prompt. The passages that went in are the first of asking->passages:
 * prompt.passages of them. */
bool prompt_build(struct asking *asking, struct llm_message **messages, size_t *count, struct error *error) MUST_USE;

/* What a model writes when the passages do not hold the answer. */
#define PROMPT_NONE "NOT_IN_DOCUMENTS"

/* ---- examples.c ---- */

struct prompt_example {
    struct slice input, output;
};

/* Examples for the question, at the most `most` of them: those whose words are like the question's and unlike each other's, or the first ones
 * (`fixed`). None when there is no such file. */
bool examples_pick(struct asking *asking, bool fixed, size_t most, struct prompt_example *examples, size_t *count,
                   struct error *error) MUST_USE;

#endif
