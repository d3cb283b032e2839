/* links.h - the links of Markdown and HTML documents to other files. Private to audit. */
#ifndef AUDIT_LINKS_H
#define AUDIT_LINKS_H

#include "pile.h"

struct link {
    const struct pile_document *from;
    const struct pile_document *to; /* NULL: no document of the project */
    size_t to_number;
    struct slice target; /* as it is written */
    bool broken; /* it names a file that is not there, as far as can be told */
    int64_t line;
};

/* Calls each() for every relative link of every document that is no copy of its page into itself. */
bool links_each(const struct pile *pile, void (*each)(void *context, const struct link *link), void *context,
                struct error *error) MUST_USE;

#endif
