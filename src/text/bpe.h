/* bpe.h - byte pair encoding, as in Hugging Face's `tokenizers`: a piece begins as its characters, and the pair of neighbours
 * that stands first in the list of merges becomes one, until no pair of neighbours is in the list.
 *
 * Read once, never changed: any number of threads may encode, each with a workspace of its own. */
#ifndef TEXT_BPE_H
#define TEXT_BPE_H

#include "codec/codec.h"
#include "pieces.h"

struct bpe;

/* From the "model" object of tokenizer.json, of which nothing is kept. `name` is for messages. */
bool bpe_read(struct bpe **bpe, const struct json_value *model, const char *name, struct error *error) MUST_USE;
void bpe_free(struct bpe *bpe);

struct bpe_workspace; /* remembers the tokens of short pieces, until it meets another model */
struct bpe_workspace *bpe_workspace_create(void) MUST_USE;
void bpe_workspace_free(struct bpe_workspace *workspace);

/* Appends the tokens of the piece, which is UTF-8. A character that the vocabulary lacks becomes its bytes or the unknown
 * token, or nothing, as the model says. (With an unknown token that is not in the vocabulary it is nothing, too, where the
 * original gives up.) */
void bpe_encode(const struct bpe *bpe, struct bpe_workspace *workspace, struct slice piece, struct piece_tokens *out);

bool bpe_id(const struct bpe *bpe, struct slice token, uint32_t *id);
bool bpe_token(const struct bpe *bpe, uint32_t id, struct slice *token); /* false: no such number */
size_t bpe_count(const struct bpe *bpe);

#endif
