/* term_forms.h - one word into its terms: normalised, folded, stemmed. What the analyzer keeps in its cache. */
#ifndef TEXT_TERM_FORMS_H
#define TEXT_TERM_FORMS_H

#include "text.h"

#define FORMS_WORD_BYTES ((size_t)1024) /* of a longer word only so much is looked at */
#define FORMS_TERMS_MAX 255             /* terms of one word: many only for characters that stand for phrases */

struct term_forms;
struct term_forms *term_forms_create(void) MUST_USE;
void term_forms_free(struct term_forms *forms);

/* The terms of `word` one behind the other, a byte of size before each; good until the next call. `*count` may be 0. */
struct slice term_forms_make(struct term_forms *forms, struct slice word, enum text_language language, size_t *count);

/* True when `word` is ASCII that folds to its small letters in this language. */
bool term_forms_is_plain(struct slice word, enum text_language language);

/* Walks the parts of a word: it is divided at joints (. _ :) between two letters, and bare of underscores at its ends. */
struct term_parts {
    struct slice word;
    size_t at;
    bool is_whole; /* an abbreviation: not divided */
};
struct term_parts term_parts_of(struct slice word);
bool term_parts_next(struct term_parts *parts, struct slice *part);

#endif
