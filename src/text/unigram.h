/* unigram.h - the unigram language model, as in Hugging Face's `tokenizers`: of all ways to cut a piece into tokens, the one
 * whose scores have the largest sum.
 *
 * Read once, never changed: any number of threads may encode, each with a workspace of its own. */
#ifndef TEXT_UNIGRAM_H
#define TEXT_UNIGRAM_H

#include "codec/codec.h"
#include "pieces.h"

struct unigram;

/* From the "model" object of tokenizer.json, of which nothing is kept. `name` is for messages. */
bool unigram_read(struct unigram **unigram, const struct json_value *model, const char *name, struct error *error) MUST_USE;
void unigram_free(struct unigram *unigram);

struct unigram_workspace; /* remembers the tokens of short pieces, until it meets another model */
struct unigram_workspace *unigram_workspace_create(void) MUST_USE;
void unigram_workspace_free(struct unigram_workspace *workspace);

/* Appends the tokens of the piece, which is UTF-8. What the vocabulary cannot spell becomes its bytes or the
 * unknown token; without one it is nothing, where the original gives up. */
void unigram_encode(const struct unigram *unigram, struct unigram_workspace *workspace, struct slice piece,
                    struct piece_tokens *out);

bool unigram_id(const struct unigram *unigram, struct slice token, uint32_t *id);
bool unigram_token(const struct unigram *unigram, uint32_t id, struct slice *token); /* false: no such number */
size_t unigram_count(const struct unigram *unigram);

#endif
