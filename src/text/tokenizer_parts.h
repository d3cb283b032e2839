/* tokenizer_parts.h - what a tokenizer consists of, as read from tokenizer.json; it never changes then. */
#ifndef TEXT_TOKENIZER_PARTS_H
#define TEXT_TOKENIZER_PARTS_H

#include "added_tokens.h"
#include "bpe.h"
#include "normalizer.h"
#include "post_processor.h"
#include "pre_tokenizer.h"
#include "text.h"
#include "token_decoder.h"
#include "unigram.h"
#include "word_piece.h"

enum model_kind { MODEL_BPE, MODEL_WORD_PIECE, MODEL_WORD_LEVEL, MODEL_UNIGRAM };
extern const char *const model_names[4];

enum truncation_strategy { TRUNCATE_LONGEST_FIRST, TRUNCATE_ONLY_FIRST, TRUNCATE_ONLY_SECOND };

struct truncation {
    size_t tokens_max; /* 0: never */
    enum truncation_strategy strategy;
    bool is_left; /* the front goes */
};

struct tokenizer {
    uint64_t serial; /* its own, as workspaces keep results for one tokenizer, and point into it */
    struct arena arena;
    const char *name; /* for messages */
    struct normalizers normalizers;
    struct pre_tokenizers pre_tokenizers;
    struct added_tokens added;
    struct post_processors processors;
    struct token_decoders decoders;
    struct truncation truncation;
    enum model_kind model;
    struct word_piece words; /* WordPiece, WordLevel */
    struct bpe *bpe;
    struct unigram *unigram;
    bool is_bert; /* BertNormalizer, BertPreTokenizer and WordPiece: most text needs one scan (bert_scan.h) */
};

#endif
