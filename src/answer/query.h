/* query.h - the marks in a question that say how a word is meant. Private.
 *
 *   "late fee"      these words, one after the other
 *   refun*          words that begin so
 *   refnd~          words like this one: letters missing, too many, wrong, or swapped
 *   title:refund    a word of the title; heading: and headings: of the headings
 *
 * A question without them is read as it stands. */
#ifndef ANSWER_QUERY_H
#define ANSWER_QUERY_H

#include "index/index.h"

enum query_kind { QUERY_PHRASE, QUERY_PREFIX, QUERY_FUZZY, QUERY_FIELD };

struct query_mark {
    enum query_kind kind;
    enum index_field field; /* of QUERY_FIELD */
    size_t start, end;      /* bytes of the question that it is about */
};

struct query_syntax {
    struct slice text; /* the question, with spaces for the marks: words stand where they stood */
    struct query_mark *marks;
    size_t count;
};

void query_parse(struct query_syntax *syntax, struct slice question, struct arena *arena);

/* The mark of this kind that the word belongs to; NULL when there is none. */
const struct query_mark *query_find(const struct query_syntax *syntax, enum query_kind kind, size_t start, size_t end);

/* How many edits a word may be away: none below 4 letters, one below 8, then two. */
unsigned query_edits(struct slice word);

#endif
