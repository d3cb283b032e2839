/* word_tables.h - what the text room knows of each character: its classes in the word and sentence rules of Unicode Standard
 * Annex #29, and a few yes-or-no properties. The tables are generated (scripts/make_unicode_tables.py) and hold the names below. */
#ifndef TEXT_WORD_TABLES_H
#define TEXT_WORD_TABLES_H

#include <stddef.h>
#include <stdint.h>

/* Values of the property Word_Break. */
enum word_class {
    WORD_OTHER,
    WORD_CR,
    WORD_LF,
    WORD_NEWLINE,
    WORD_EXTEND,
    WORD_FORMAT,
    WORD_ZWJ,
    WORD_KATAKANA,
    WORD_HEBREW_LETTER,
    WORD_ALETTER,
    WORD_SINGLE_QUOTE,
    WORD_DOUBLE_QUOTE,
    WORD_MID_NUM_LET,
    WORD_MID_LETTER,
    WORD_MID_NUM,
    WORD_NUMERIC,
    WORD_EXTEND_NUM_LET,
    WORD_REGIONAL_INDICATOR,
    WORD_WSEG_SPACE,
};

/* Values of the property Sentence_Break. */
enum sentence_class {
    SENTENCE_OTHER,
    SENTENCE_CR,
    SENTENCE_LF,
    SENTENCE_SEP,
    SENTENCE_EXTEND,
    SENTENCE_FORMAT,
    SENTENCE_SP,
    SENTENCE_LOWER,
    SENTENCE_UPPER,
    SENTENCE_OLETTER,
    SENTENCE_NUMERIC,
    SENTENCE_ATERM,
    SENTENCE_SCONTINUE,
    SENTENCE_STERM,
    SENTENCE_CLOSE,
};

#define CHARACTER_WORD 1       /* makes its segment a word: its NFKC form holds a letter or a digit, or it is an emoji */
#define CHARACTER_LETTER 2     /* general category L */
#define CHARACTER_DIGIT 4      /* general category N */
#define CHARACTER_PICTOGRAPH 8 /* Extended_Pictographic */
#define CHARACTER_SYLLABLE 16  /* an ideograph, kana or hangul */
#define CHARACTER_MARK 32      /* general category P or S: punctuation, a symbol */

struct character_kind {
    uint8_t word;     /* enum word_class */
    uint8_t sentence; /* enum sentence_class */
    uint8_t flags;    /* CHARACTER_… */
};

extern const struct character_kind character_kinds[];
extern const size_t character_block_count;
extern const uint8_t character_blocks[];
extern const uint8_t character_places[][256];

/* `character` is what text_decode gave: at most U+10FFFF. */
static inline struct character_kind character_kind_of(uint32_t character)
{
    size_t block = character >> 8;
    if (block >= character_block_count)
        block = character_block_count - 1;
    return character_kinds[character_places[character_blocks[block]][character & 255]];
}

#endif
