/* base_hash.h - which base something was trained on. Part of model.h. */
#ifndef MODEL_BASE_HASH_H
#define MODEL_BASE_HASH_H

#include "base/base.h"

#define BASE_HASH_BYTES 65 /* hexadecimal, with its end */

/* The SHA-256 of model.safetensors in the folder, or of the list of its parts, which each adapter of a base in parts then shares. */
bool base_hash(const char *folder, char hash[BASE_HASH_BYTES], struct error *error) MUST_USE;

#endif
