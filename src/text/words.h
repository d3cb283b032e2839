/* words.h - what the analyzer needs of the word rule beyond text.h. */
#ifndef TEXT_WORDS_H
#define TEXT_WORDS_H

#include "text.h"

/* True for the ASCII letters, digits and the underscore: what a word of ASCII begins with. */
static inline bool words_starts_ascii(char byte)
{
    unsigned char value = (unsigned char)byte, small = value | 0x20;
    return (small >= 'a' && small <= 'z') || (value >= '0' && value <= '9') || value == '_';
}

/* The end of the word that begins at `at` with such a byte, where a segment begins, as long as ASCII decides it; 0 when a
 * character beyond ASCII has a say. `*has_joint`: it holds an underscore, a full stop or a colon. */
size_t words_ascii_end(struct slice text, size_t at, bool *has_joint);

/* Whether a word that consists of letters of ASCII so far surely ends at `at`, which is not the text's end. */
bool words_letters_end(struct slice text, size_t at);

#endif
