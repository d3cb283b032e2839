/* fingerprint.h - which model is it? Private to embed. */
#ifndef EMBED_FINGERPRINT_H
#define EMBED_FINGERPRINT_H

#include "store/store.h"

/* Sizes, times and numbers of the files in a model's folder, and in its adapter's (NULL: it has none): the same, so are their bytes. */
bool model_stamp(const char *folder, const char *adapter, unsigned char stamp[STORE_HASH_BYTES], struct error *error) MUST_USE;

/* SHA-256 of what decides about a model's vectors: its configuration, weights and tokenizer, and how passages are put before it. */
bool model_fingerprint(const char *folder, const char *adapter, unsigned char fingerprint[STORE_HASH_BYTES],
                       struct error *error) MUST_USE;

#endif
