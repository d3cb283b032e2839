/* charsmap.h - SentencePiece's precompiled normalization: a double-array trie from characters to what replaces them. */
#ifndef TEXT_CHARSMAP_H
#define TEXT_CHARSMAP_H

#include "aligned.h"

struct charsmap;

/* From base64. The result lies in the arena. */
bool charsmap_read(const struct charsmap **charsmap, struct slice base64, const char *name, struct arena *arena,
                   struct error *error) MUST_USE;

void normalize_charsmap(struct token_work *work, const struct piece *piece, const struct charsmap *charsmap);

#endif
