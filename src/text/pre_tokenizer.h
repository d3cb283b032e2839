/* pre_tokenizer.h - the second stage of a tokenizer: normalized text into pieces, which the model then takes one by one.
 *
 * As with normalizers, nested ones are read into a flat list of steps. */
#ifndef TEXT_PRE_TOKENIZER_H
#define TEXT_PRE_TOKENIZER_H

#include "aligned.h"
#include "codec/codec.h"
#include "pattern.h"

enum pre_tokenizer_kind {
    CUT_WHITESPACE, /* Whitespace: words and runs of marks */
    CUT_CHARACTERS, /* at characters of a kind: WhitespaceSplit, Punctuation, Digits, BertPreTokenizer */
    CUT_DELIMITER,  /* CharDelimiterSplit */
    CUT_PATTERN,    /* Split */
    CUT_GPT2,       /* ByteLevel's own pattern */
    CUT_SCRIPTS,    /* UnicodeScripts */
    CUT_LENGTH,     /* FixedLength */
    ADD_SPACE,      /* ByteLevel's add_prefix_space */
    TO_BYTES,       /* ByteLevel: each byte a character */
    METASPACE
};

/* What becomes of what a pattern matched: "the-final--countdown" */
enum split_behavior {
    SPLIT_REMOVED,              /* the final countdown */
    SPLIT_ISOLATED,             /* the - final - - countdown */
    SPLIT_MERGED_WITH_PREVIOUS, /* the- final- - countdown */
    SPLIT_MERGED_WITH_NEXT,     /* the -final - -countdown */
    SPLIT_CONTIGUOUS            /* the - final -- countdown */
};

enum prepend_scheme { PREPEND_ALWAYS, PREPEND_NEVER, PREPEND_FIRST };

struct pre_tokenizer {
    enum pre_tokenizer_kind kind;
    enum split_behavior behavior;
    uint16_t flags; /* characters of a kind: TOKEN_… */
    uint32_t character; /* delimiter, replacement */
    bool is_inverted;
    bool is_splitting; /* metaspace */
    enum prepend_scheme prepend;
    size_t length;
    struct pattern pattern;
};

struct pre_tokenizers {
    struct pre_tokenizer *items; /* in the arena */
    size_t count;
    size_t capacity;
};

bool pre_tokenizers_read(struct pre_tokenizers *pre_tokenizers, const struct json_value *value, const char *name,
                         struct arena *arena, struct error *error) MUST_USE;
void pre_tokenizers_release(struct pre_tokenizers *list);
void pre_tokenizers_add_bert(struct pre_tokenizers *list, struct arena *arena);

void pre_tokenizers_apply(const struct pre_tokenizers *list, struct token_work *work);

/* The members "prepend_scheme", and of older files "add_prefix_space", of Metaspace. */
bool metaspace_read(const struct json_value *value, const char *name, uint32_t *replacement, enum prepend_scheme *prepend,
                    bool *is_splitting, struct error *error) MUST_USE;

/* ---- the steps that cut (pre_tokenizer_cut.c) ---- */

void cut_piece(const struct pre_tokenizer *pre_tokenizer, struct token_work *work, const struct piece *piece);

#endif
