/* bert_scan.h - BertNormalizer, BertPreTokenizer and WordPiece in one scan of the text, for nearly all text: what the stages
 * (aligned.h) do in ten passes. The same result, or none. */
#ifndef TEXT_BERT_SCAN_H
#define TEXT_BERT_SCAN_H

#include "normalizer.h"
#include "text.h"
#include "word_piece.h"

struct bert_scan; /* what is remembered for one tokenizer: characters, words */

struct bert_scan *bert_scan_create(const struct bert_normalizer *normalizer, const struct word_piece *words) MUST_USE;
void bert_scan_free(struct bert_scan *scan);

/* Appends the tokens of a text in UTF-8. False, with nothing appended, when it holds characters that the scan leaves to the
 * stages: marks that change places with others; or takes more steps than LIMIT_PIECE_STEPS, about which the stages complain. */
bool bert_scan(struct bert_scan *scan, struct slice text, uint8_t type, uint8_t special, struct tokens *tokens);

void tokens_reserve(struct tokens *tokens, size_t count); /* tokenizer.c: room for so many more */

#endif
