/* scope.h - a question that first says which document it is about. Private to ask. */
#ifndef ASK_SCOPE_H
#define ASK_SCOPE_H

#include "ask_parts.h"

struct scope {
    struct slice named; /* what is said of the document; empty: the question says nothing of one */
    struct slice asked; /* what is asked of it */
    bool is_sure; /* a document must be meant, whatever it is called; else its title or its path says what is named */
};

/* "Consider the lease between A and B; when does it end?", "According to the travel policy, who pays?" */
struct scope scope_split(struct slice question);

/* Looks for the one document that is named. Found: asking->scope is a filter for it, and answer->asked what is asked of it. */
bool scope_find(struct asking *asking, struct error *error) MUST_USE;

#endif
