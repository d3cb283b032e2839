/* language_words.h - the commonest short words of each language: most texts of twenty words hold several. */
#ifndef TEXT_LANGUAGE_WORDS_H
#define TEXT_LANGUAGE_WORDS_H

#include "text.h"

struct language_words {
    enum text_language language; /* LANGUAGE_UNKNOWN: of languages that are none of ours, so that they are not taken for one */
    bool is_weak; /* also met in source code and in lists of names: they count, but prove nothing alone */
    const char *words; /* small letters, a space between */
};

extern const struct language_words language_words[];
extern const size_t language_words_count;

#endif
