/* other_leads.h - paragraphs that begin with what a question names, and others beside them. Private to ask. */
#ifndef ASK_OTHER_LEADS_H
#define ASK_OTHER_LEADS_H

#include "ask_parts.h"

enum { LEADS_MAX = 4 };

/* A paragraph that begins with two words of the question or more. */
struct lead {
    size_t passage, first, end; /* its sentences */
    struct terms named; /* those words */
};

struct leads {
    struct lead items[LEADS_MAX];
    size_t count;
};

enum lead_telling {
    LEAD_UNTOLD,
    LEAD_TOLD, /* of a paragraph that begins so */
    LEAD_ANOTHER /* of another one of that section, which begins with something else and does not have the words */
};

struct leads leads_find(struct asking *asking);
enum lead_telling lead_told(struct asking *asking, const struct leads *leads, size_t passage, size_t sentence);

#endif
