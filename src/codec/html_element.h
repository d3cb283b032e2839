/* html_element.h - what the elements of HTML mean for reading a page as text. Private to this room. */
#ifndef CODEC_HTML_ELEMENT_H
#define CODEC_HTML_ELEMENT_H

#include "html_token.h"

enum html_role {
    HTML_INLINE,  /* part of the text around it */
    HTML_BLOCK,   /* begins and ends a paragraph */
    HTML_HEADING,
    HTML_LIST,
    HTML_TERM,    /* <dt> */
    HTML_MEANING, /* <dd>: goes on behind its term */
    HTML_ITEM,
    HTML_PRE,
    HTML_TABLE,
    HTML_ROW,
    HTML_CELL,
    HTML_CELL_HEAD,
    HTML_BREAK,   /* <br> */
    HTML_RULE,    /* <hr> */
    HTML_LINK,
    HTML_BOLD,    /* <b>, <strong> */
    HTML_SUMMARY, /* what <details> is unfolded by: the name of what it holds */
    HTML_ABOVE,   /* <sup> */
    HTML_BELOW,   /* <sub> */
    HTML_TITLE,
    HTML_ROOT,    /* <html>: states the language */
    HTML_HIDDEN,  /* its content is no text of the page */
    HTML_MAIN,    /* what the page is about */
    HTML_AROUND,  /* navigation and the like */
    HTML_EDGE     /* <header>, <footer>: of the page, unless it stands in an article */
};

struct html_element {
    struct slice name;
    enum html_role role;
    unsigned level; /* of a heading */
    bool is_void;   /* has no content and no end tag */
    enum html_mode mode; /* how its text is read; HTML_DATA for most */
};

/* The element of that name; one that is inline for names that are not known. */
const struct html_element *html_element(struct slice name);

#endif
