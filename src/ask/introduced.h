/* introduced.h - the sentence or row that tells who or what it is that a question names. Private to ask. */
#ifndef ASK_INTRODUCED_H
#define ASK_INTRODUCED_H

#include "features.h"

enum introducing {
    INTRODUCES_NOT,
    INTRODUCES_AS_SUBJECT, /* "Ines Marlow leads the design team.": of a person alone */
    INTRODUCES_BESIDE, /* "Tom Birch, our head of support, …", "an incident commander (IC) …" */
    INTRODUCES_PLAINLY /* "The relay is a server that …" */
};

/* Of "Who is Tom Birch?", "What is the relay?", "What is the relay for?" the text that introduces it best, that of `best`, which may be NULL, before another one that does as well. */
enum introducing introduction_find(struct asking *asking, const struct candidate *best, struct candidate *item);

#endif
