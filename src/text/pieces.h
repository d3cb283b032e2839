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
    uint64_t steps, steps_max; /* that were taken to look for tokens, and may be; 0: any number */
};

/* Counts steps; false when there were too many, and the rest of the piece is not looked at: only a hostile vocabulary takes them. */
static inline bool piece_tokens_step(struct piece_tokens *tokens, uint64_t steps)
{
    tokens->steps += steps;
    return tokens->steps_max == 0 || tokens->steps <= tokens->steps_max;
}

/* A piece is at most this long, so that places in it fit. */
#define PIECE_BYTES_MAX ((size_t)UINT32_MAX)

#define TOKEN_NONE UINT32_MAX /* no token's number */

void piece_tokens_init(struct piece_tokens *tokens);
void piece_tokens_release(struct piece_tokens *tokens);
void piece_tokens_append(struct piece_tokens *tokens, uint32_t id, size_t start, size_t end);

/* A token for a message: control characters as spaces, the end of a long one as "...". */
struct token_label {
    char text[72];
};
struct token_label token_label(struct slice token);

/* The name of a byte's token, where a model falls back to bytes: "<0x0A>". */
struct byte_token {
    char text[8];
};
struct byte_token byte_token(uint8_t byte);

#endif
