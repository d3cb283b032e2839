/* rtf_words.h - the control words of RTF that the reader obeys. Private to this room. */
#ifndef CODEC_RTF_WORDS_H
#define CODEC_RTF_WORDS_H

#include "base/base.h"

enum rtf_action {
    RTF_CHARACTER = 1, /* `value` is the character */
    RTF_SKIP,          /* the group's text is none of the document */
    RTF_KEEP,          /* the group is read, though it is marked as one that may be passed over */
    RTF_FONTS,
    RTF_STYLES,
    RTF_INFO,
    RTF_HEAD, /* `value` is what the document says of itself: enum rtf_head */
    RTF_TIME, /* the same, of a time */
    RTF_TIME_PART, /* year, month, day, hour, minute */
    RTF_NOTE, /* a footnote, or the text in a box: behind the paragraph at hand */
    RTF_MARKER, /* what an item begins with */
    RTF_TWICE, /* the same text for old programs, then for new ones */
    RTF_TWICE_NEW,
    RTF_PAGE_OF_CODES, /* `value`: the code page; 0: as its parameter says */
    RTF_DEFAULT_FONT,
    RTF_FONT,
    RTF_FONT_CHARSET,
    RTF_FONT_CODES,
    RTF_PARAGRAPH_PLAIN,
    RTF_PARAGRAPH_STYLE,
    RTF_OUTLINE,
    RTF_LIST,
    RTF_LIST_LEVEL,
    RTF_IN_TABLE,
    RTF_TEXT_PLAIN,
    RTF_HIDDEN,
    RTF_BOLD,
    RTF_DELETED,
    RTF_HTML_ONLY,
    RTF_UNICODE,
    RTF_UNICODE_SKIP,
    RTF_BYTES,
    RTF_PARAGRAPH_END,
    RTF_ROW_BEGIN,
    RTF_ROW_HEAD,
    RTF_CELL_MERGE, /* `value`: enum rtf_merge */
    RTF_CELL_DEFINED,
    RTF_CELL_END,
    RTF_INNER_CELL_END,
    RTF_ROW_END
};

enum rtf_head { RTF_TITLE, RTF_AUTHOR, RTF_SUBJECT, RTF_KEYWORDS, RTF_CREATED, RTF_MODIFIED };

struct rtf_word {
    const char *name;
    enum rtf_action action;
    unsigned value;
};

const struct rtf_word *rtf_word(struct slice name); /* NULL: one that changes nothing in the text */

/* The label of the code page with that number, for encoding_to_utf8; windows-1252 for one that is not known. */
const char *rtf_code_page(unsigned number);

/* The code page that a font's character set stands for; 0: that of the document; RTF_PAGE_SYMBOL for fonts of signs. */
enum { RTF_PAGE_SYMBOL = 42 };
unsigned rtf_charset_page(unsigned charset);

#endif
