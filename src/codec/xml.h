/* xml.h - XML as office documents and books have it, read tag by tag. Private to this room.
 *
 *   <w:p><w:r><w:t>a &amp; b</w:t></w:r></w:p>      XML_START p, XML_START r, XML_START t, XML_TEXT "a & b", XML_END t, …
 *
 * UTF-8 and UTF-16, prefixes resolved to the few namespaces that the readers know, the five entities and numbers. There are no document types:
 * a DOCTYPE is refused, so nothing can be declared that grows or that reaches out of the document. No recursion; depth and attributes are
 * bounded. A failure sticks: the reader goes on until xml_next is false and asks xml_finish once. */
#ifndef CODEC_XML_H
#define CODEC_XML_H

#include "base/base.h"

enum xml_space {
    XML_NONE, /* no prefix, and no namespace declared for that */
    XML_OTHER, /* none of those below */
    XML_XML,
    XML_WORD,
    XML_DRAWING,
    XML_PRESENTATION,
    XML_SHEET,
    XML_DIAGRAM,
    XML_CHART,
    XML_MATH,
    XML_RELATION, /* of attributes that name a relationship */
    XML_PACKAGE, /* of the files that list relationships */
    XML_CORE, /* core properties */
    XML_DC,
    XML_TERMS,
    XML_COMPATIBILITY,
    XML_ODF_OFFICE,
    XML_ODF_TEXT,
    XML_ODF_TABLE,
    XML_ODF_DRAW,
    XML_ODF_PRESENTATION,
    XML_ODF_STYLE,
    XML_ODF_META,
    XML_ODF_MANIFEST,
    XML_ODF_SVG,
    XML_ODF_FORMAT,
    XML_CONTAINER,
    XML_OPF,
    XML_ENCRYPTION
};

/* An element that a reader knows; `code` from 1. */
struct xml_word {
    enum xml_space space;
    const char *name;
    int code;
};

enum xml_kind { XML_START, XML_END, XML_TEXT };
enum { XML_WORDS_MAX = 120, XML_SLOTS = 256 };

struct xml_open {
    struct slice name; /* with its prefix */
    enum xml_space space;
    int code;
    size_t bindings; /* declared outside of it */
};

struct xml_attribute {
    struct slice name, value; /* as they stand in the source, until it is decoded */
    bool is_decoded;
};

struct xml {
    /* The token at hand. */
    enum xml_kind kind;
    int code; /* of a start or an end: the word's; 0 for elements that are not in the list */
    enum xml_space space;
    struct slice name; /* without its prefix */
    struct slice text; /* good until the next token */
    size_t depth; /* elements open, the one that starts or ends among them */

    /* The reading itself. */
    const char *part; /* for messages */
    struct slice source;
    struct buffer converted; /* of UTF-16 */
    struct buffer decoded; /* text and values of the token at hand that hold references */
    size_t at;
    const struct xml_word *words;
    uint8_t slots[XML_SLOTS]; /* place in `words` from 1, by name */
    struct xml_open open[LIMIT_XML_DEPTH];
    struct {
        struct slice prefix;
        enum xml_space space;
    } bindings[LIMIT_XML_ATTRIBUTES];
    size_t binding_count;
    enum xml_space last_space; /* of last_prefix, if has_last */
    struct slice last_prefix;
    bool has_last;
    struct xml_attribute attributes[LIMIT_XML_ATTRIBUTES];
    size_t attribute_count;
    size_t tag_size; /* bytes of the start tag at hand */
    bool is_empty_element; /* its end comes next */
    bool has_ended; /* the element at hand ended: it closes with the next token */
    bool has_root;
    bool has_failed;
    struct error failure;
};

/* `words` must have at most XML_WORDS_MAX elements; `part` names what is read in messages. */
void xml_init(struct xml *xml, struct slice source, const char *part, const struct xml_word *words, size_t count);
void xml_release(struct xml *xml);

bool xml_next(struct xml *xml); /* false at the end and after a failure */
bool xml_finish(const struct xml *xml, struct error *error) MUST_USE;

/* An attribute of the element that starts, with references decoded, good until the next token; its data is NULL when there is none. */
struct slice xml_get(struct xml *xml, enum xml_space space, const char *name);

/* Whether an attribute without a prefix is there and says "1" or "true". */
bool xml_is_true(struct xml *xml, const char *name);

/* After an XML_START: passes over the element, to its end. */
void xml_skip(struct xml *xml);

/* The same, and appends all text that stands in it. */
void xml_text_into(struct xml *xml, struct buffer *out);

#endif
