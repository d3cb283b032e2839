/* token_tables.h - what the tokenizers know of each character. The tables are generated (scripts/make_tokenizer_tables.py) and
 * follow Hugging Face's `tokenizers`, whose parts know different versions of Unicode. */
#ifndef TEXT_TOKEN_TABLES_H
#define TEXT_TOKEN_TABLES_H

#include <stddef.h>
#include <stdint.h>

#define TOKEN_SPACE 0x1u         /* White_Space */
#define TOKEN_CONTROL 0x2u       /* dropped by BertNormalizer's clean_text */
#define TOKEN_PUNCTUATION 0x4u   /* ASCII symbols too */
#define TOKEN_ACCENT 0x8u        /* dropped by BertNormalizer's strip_accents: nonspacing marks, as of an old table */
#define TOKEN_MARK 0x10u         /* dropped by StripAccents: all marks, as of a newer one */
#define TOKEN_NUMERIC 0x20u      /* general category N */
#define TOKEN_WORD 0x40u         /* \w */
#define TOKEN_LETTER 0x80u       /* \p{L} of the GPT-2 pattern */
#define TOKEN_NUMBER 0x100u      /* \p{N} of it */
#define TOKEN_LOWERED 0x200u     /* its lower case is another */
#define TOKEN_LOWERED_APART 0x400u /* ... and stands in token_lowered */
#define TOKEN_CANONICAL 0x800u   /* has a canonical decomposition */
#define TOKEN_COMPATIBLE 0x1000u /* has a compatibility decomposition */

#define TOKEN_NEWER 0x2000u      /* newer than Unicode 14: see token_stand_ins */

struct token_kind {
    uint16_t flags; /* TOKEN_… */
    uint8_t combining_class;
};

extern const struct token_kind token_kinds[];
extern const uint16_t token_blocks[];
extern const uint8_t token_places[][256];

/* Scripts as numbers; 0 goes with all of them. */
extern const uint16_t token_script_blocks[];
extern const uint8_t token_script_places[][256];

/* Lower case where utf8proc has another: one or two characters, the second 0 when there is none. */
struct token_lowered {
    uint32_t character;
    uint32_t lower[2];
};
extern const struct token_lowered token_lowered[];
extern const size_t token_lowered_count;

/* Old characters of the same general category and size in UTF-8, in whose place regular expressions meet new ones: libraries
 * differ in how new a version of Unicode they know. */
struct token_stand_in {
    uint32_t first, last;
    uint32_t other;
};
extern const struct token_stand_in token_stand_ins[]; /* in order */
extern const size_t token_stand_in_count;

/* `character` is at most U+10FFFF. */
static inline struct token_kind token_kind_of(uint32_t character)
{
    return token_kinds[token_places[token_blocks[character >> 8]][character & 255]];
}

static inline uint8_t token_script_of(uint32_t character)
{
    return token_script_places[token_script_blocks[character >> 8]][character & 255];
}

#endif
