/* word_piece.h - WordPiece: the longest token that the word begins with, then the longest continuing one, to its end; and
 * WordLevel: the whole word or nothing. */
#ifndef TEXT_WORD_PIECE_H
#define TEXT_WORD_PIECE_H

#include "codec/codec.h"
#include "pieces.h"
#include "vocabulary.h"

struct word_piece {
    struct vocabulary tokens;
    struct vocabulary suffixes; /* the continuing ones, without their prefix */
    bool has_unknown;
    uint32_t unknown;
    size_t characters_max; /* longer words are unknown */
    bool is_whole; /* WordLevel */
};

/* From the "model" object of tokenizer.json. */
bool word_piece_read(struct word_piece *words, const struct json_value *model, bool is_whole, const char *name,
                     struct error *error) MUST_USE;

/* From vocab.txt: a token a line. */
bool word_piece_read_lines(struct word_piece *words, struct slice lines, struct slice unknown, const char *name,
                           struct error *error) MUST_USE;
void word_piece_release(struct word_piece *words);

void word_piece_encode(const struct word_piece *words, struct slice word, struct piece_tokens *out);

#endif
