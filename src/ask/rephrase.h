/* rephrase.h - a question searched for in more words than its own. Private to ask. */
#ifndef ASK_REPHRASE_H
#define ASK_REPHRASE_H

#include "ask_parts.h"

/* Whether the settings and the request ask for it. */
bool rephrase_wanted(const struct asking *asking);

typedef bool search_one(struct asking *asking, struct slice text, struct search_result *result, struct error *error);

/* Asks the language model for other wordings, and for what it takes for the answer; searches for each by `search`, and puts what is found into one
 * ranking with what answer->search has. Of that the best stay, as many as there were wanted. */
bool rephrase_search(struct asking *asking, search_one *search, struct error *error) MUST_USE;

/* The same for these texts; at least `least` stay, where so many were found. */
bool rephrase_search_each(struct asking *asking, const struct slice *texts, size_t count, size_t least, search_one *search,
                          struct error *error) MUST_USE;

/* by_form.c: for each value of a form, where it has several. */
bool form_search(struct asking *asking, search_one *search, struct error *error) MUST_USE;

#endif
