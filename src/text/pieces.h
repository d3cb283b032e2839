/* pieces.h - the tokens of one pre-tokenized piece, as a tokenizer's model (bpe.h, unigram.h) makes them.
 *
 *   piece   "unhappily"            bytes of the normalized piece
 *   tokens  [un][happ][ily]        start and end of each in it
 */
#ifndef TEXT_PIECES_H
#define TEXT_PIECES_H

#include "base/base.h"

struct piece_token {
    uint32_t id;
    uint32_t start, end;
};

struct piece_tokens {
    struct piece_token *items;
    size_t count;
    size_t capacity;
};

/* A piece is at most this long, so that places in it fit. */
#define PIECE_BYTES_MAX ((size_t)UINT32_MAX)

void piece_tokens_init(struct piece_tokens *tokens);
void piece_tokens_release(struct piece_tokens *tokens);
void piece_tokens_append(struct piece_tokens *tokens, uint32_t id, size_t start, size_t end);

#endif
