/* span_edges.h - where a span that a reader found ought to begin and end. Private to ask. */
#ifndef ASK_SPAN_EDGES_H
#define ASK_SPAN_EDGES_H

#include "base/base.h"

/* The span, a part of `part`, with the whole of the names, numbers and addresses that it begins and ends in, without brackets and quotes of which it has
 * one half, and without signs that end a sentence. May be empty. */
struct slice span_whole(struct slice part, struct slice span);

/* The span with both halves of the brackets of which it has one; with what stands before an opening one up to where its clause begins. */
struct slice span_closed(struct slice part, struct slice span);

/* It is, or lies in, what a form leaves to be filled in: "<NAME>", "[Partner Name]", or says that it is missing: "TBD". */
bool span_is_placeholder(struct slice part, struct slice span);

/* It is all of what stands between two signs, or between one and an end of `part`. */
bool span_is_clause(struct slice part, struct slice span);

/* A place of `line` with the number or letters behind it that tell which: "Gerberstraße 18", "Shelf A1"; no amount. */
struct slice span_with_number(struct slice line, struct slice place);

#endif
