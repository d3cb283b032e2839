/* base_hash.h - which base something was trained on, and in which form it was given texts. Part of model.h. */
#ifndef MODEL_BASE_HASH_H
#define MODEL_BASE_HASH_H

#include "base/base.h"
#include "text/text.h"

#define BASE_HASH_BYTES 65 /* hexadecimal, with its end */

/* The SHA-256 of model.safetensors in the folder; of a base in parts, one that each of them and their list take part in. */
bool base_hash(const char *folder, char hash[BASE_HASH_BYTES], struct error *error) MUST_USE;

/* The SHA-256 of the tokens that are made of two probes, a text and a pair: whoever tokenizes otherwise gives a model other inputs than it learned. */
void input_hash(const struct tokenizer *tokenizer, char hash[BASE_HASH_BYTES]);
bool input_hash_of(const char *folder, char hash[BASE_HASH_BYTES], struct error *error) MUST_USE; /* of a model's folder */

#endif
