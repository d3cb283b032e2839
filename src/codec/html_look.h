/* html_look.h - what classes, ids and roles tell of an element: they are names that each site chooses, but that many choose alike. Private to this room. */
#ifndef CODEC_HTML_LOOK_H
#define CODEC_HTML_LOOK_H

#include "html_token.h"

/* What a click unfolds (an accordion's panel, a tab): it is no less part of the page for being folded. */
bool html_is_folded(const struct html_token *token);

/* The button whose click unfolds it: its text is the panel's name, or in a heading the heading. */
bool html_unfolds(const struct html_token *token);

/* "Show more": what tells nothing of what it unfolds. */
bool html_only_unfolds(struct slice text);

/* What asks for cookies, the path to the page, what shares it. */
bool html_is_around(const struct html_token *token);

#endif
