/* html_look.h - what classes, ids and roles tell of an element: they are names that each site chooses, but that many choose alike. Private to this room. */
#ifndef CODEC_HTML_LOOK_H
#define CODEC_HTML_LOOK_H

#include "html_token.h"

/* A menu, a search and the like, and what opens one: it is no text of the page, though a click may unfold it. */
bool html_is_tool(const struct html_token *token);

/* What a click unfolds, and what says so itself (an accordion's panel, a tab): it is no less part of the page for being folded. */
bool html_is_folded(const struct html_token *token);

/* What does not say so, but may be that when a button does. */
bool html_may_fold(const struct html_token *token);

/* The button whose click unfolds it: its text is the panel's name, or in a heading the heading. */
enum html_unfolding {
    HTML_UNFOLDS_NOTHING,
    HTML_UNFOLDS,
    HTML_UNFOLDS_WHAT_IT_STATES /* aria-expanded: menus and filters have that, too */
};
enum html_unfolding html_unfolds(const struct html_token *token);

/* "Show more": what tells nothing of what it unfolds. */
bool html_only_unfolds(struct slice text);

/* What asks for cookies, the path to the page, what shares it: by their names alone these are recipes and prices of shares as well, so what
 * they hold must look it, too. */
enum html_look {
    HTML_LOOK_PLAIN,
    HTML_LOOK_TOPIC, /* it is about cookies */
    HTML_LOOK_DIALOG, /* it is that, and stands over the page */
    HTML_LOOK_ASKS,
    HTML_LOOK_MAY_ASK,
    HTML_LOOK_PATH,
    HTML_LOOK_SHARES
};

enum { HTML_AROUND_BYTES_MAX = 600, HTML_DIALOG_BYTES_MAX = 4000 };

struct html_held {
    size_t bytes, link_bytes; /* of its text; of that in links */
    size_t buttons, button_bytes; /* that are no text of the page */
    bool has_heading;
};

enum html_look html_look(const struct html_token *token);
bool html_is_around(enum html_look look, const struct html_held *held);

#endif
