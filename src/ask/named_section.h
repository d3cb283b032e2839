/* named_section.h - the section whose heading is what a question asks of. Private to ask. */
#ifndef ASK_NAMED_SECTION_H
#define ASK_NAMED_SECTION_H

#include "features.h"

/* How much a word of the question tells in the project: the fewer passages have it, the more. */
double asked_weight(const struct asking *asking, struct slice term);

/* The lowest of the passage's headings; empty: it has none, or only the document's title. */
struct slice lowest_heading(const struct ask_passage *passage);
/* The title of the passage's document and its outermost heading. */
struct terms title_terms(struct asking *asking, size_t passage);
/* At least half of the words of one of its headings are the question's, and one of these does not stand in the title. */
bool heading_is_named(struct asking *asking, size_t passage);

/* The passage that the question names by its heading, in the place of one that lacks what that says; else the best one's own. */
size_t named_section(struct asking *asking, const struct candidate *best);

/* The section that tells what it is that the question asks of: all that it says stands in the title and headings there. False: there is none. */
bool introduction_of(struct asking *asking, size_t *passage);

#endif
