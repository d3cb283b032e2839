/* docx_styles.h - what the styles of a Word document mean for reading it. Private to this room. */
#ifndef CODEC_DOCX_STYLES_H
#define CODEC_DOCX_STYLES_H

#include "package.h"

enum { DOCX_LEVEL_UNSET = 99, DOCX_LEVEL_BODY = 9 };

struct docx_style {
    struct slice id, based_on;
    size_t at; /* in the order of the part */
    unsigned outline; /* 0 … 8 of a heading, DOCX_LEVEL_BODY, DOCX_LEVEL_UNSET */
    bool has_numbering, is_numbered; /* it says something of numbering; that it has one */
    unsigned item_level; /* from 0 */
    bool is_code, is_contents; /* of a table of contents */
    bool says_hidden, is_hidden;
    bool says_bold, is_bold;
};

struct docx_styles {
    struct docx_style *items; /* by id */
    size_t count;
};

bool docx_styles_read(struct package *package, struct slice part, struct docx_styles *styles, struct error *error) MUST_USE;

/* The style with all that it inherits; for an id that is not there, what its name tells. */
struct docx_style docx_style(const struct docx_styles *styles, struct slice id);

/* What the name of a style tells: "heading 2", "toc 1", "HTML Preformatted". */
void docx_style_take_name(struct docx_style *style, struct slice name);

/* Whether a property that is on unless it says otherwise (w:val="0") is on. */
bool docx_is_on(struct xml *xml);

#endif
