/* tokens.h - how long all of it is for a model. Private to audit. */
#ifndef AUDIT_TOKENS_H
#define AUDIT_TOKENS_H

#include "pile.h"

struct token_count {
    size_t tokens; /* of the documents, overlaps counted once */
    bool exact; /* by the embedding model's tokenizer, on a sample of passages */
    size_t passage_max; /* what the model reads of a passage; 0: not known */
};

/* Adds findings for passages that the model would cut. */
bool tokens_count(const struct pile *pile, struct token_count *count, struct findings *findings, struct error *error) MUST_USE;

#endif
