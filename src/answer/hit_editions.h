/* hit_editions.h - results of documents of which there is another edition. Private to answer. */
#ifndef ANSWER_HIT_EDITIONS_H
#define ANSWER_HIT_EDITIONS_H

#include "answer.h"

struct edition_marking {
    struct project *project;
    const struct store_principal *principal; /* who asks; NULL: the owner */
    struct slice question;
    bool keep_copies;
};

/* Within a refresh: tells of each result which edition it is of. A copy in force takes the place of a result that is not, and a result in force
 * that found as much goes before one that it stands for. */
bool mark_editions(const struct edition_marking *marking, struct search_result *result, struct error *error) MUST_USE;

#endif
