/* form_parts.h - a form's nodes. Private to writer. */
#ifndef WRITER_FORM_PARTS_H
#define WRITER_FORM_PARTS_H

#include "form.h"

enum form_kind { FORM_OBJECT, FORM_ARRAY, FORM_TEXT, FORM_INTEGER, FORM_NUMBER, FORM_CHOICE, FORM_ANY };

/* Tokens that come one behind the other. */
struct form_run {
    const uint32_t *ids;
    size_t count;
};

struct form_member {
    struct slice name;
    struct form_run key, next_key; /* "name": and the same behind a comma */
    struct form_node *value;
    bool is_required;
};

struct form_node {
    enum form_kind kind;
    size_t least; /* tokens of the shortest value */
    struct form_member *members; /* FORM_OBJECT */
    struct form_node *items; /* FORM_ARRAY: one; FORM_ANY: `count` */
    struct form_run *choices; /* FORM_CHOICE */
    const struct json_value *values; /* of the choices */
    size_t count; /* of members, choices or alternatives */
    size_t items_least, items_most; /* FORM_ARRAY */
    bool may_be_empty; /* FORM_TEXT */
};

struct form {
    struct arena arena;
    struct slice text; /* the schema's */
    struct json_value schema;
    const struct tokenizer *tokenizer;
    struct form_node root;
    uint32_t open_object, close_object, open_array, close_array, comma, quote, minus, point;
    uint8_t *digits; /* [tokens]: FIRST_DIGITS, MORE_DIGITS ("##12") or 0 */
    uint8_t *is_special; /* [tokens] */
    size_t tokens;
    size_t nodes; /* below the root, and the root */
};
enum { FIRST_DIGITS = 1, MORE_DIGITS = 2 };

enum { FORM_DEPTH_MAX = 16, FORM_MEMBERS_MAX = 64, FORM_CHOICES_MAX = 256, FORM_ITEMS_USUAL = 16, FORM_DIGITS_MAX = 15 };
enum { FORM_NODES_MAX = 4096, FORM_TOKENS_MAX = 1 << 20 };

/* One walk along tokens. */
struct form_walk {
    const struct form *form;
    const uint32_t *ids;
    size_t count, at;
    uint8_t *allowed; /* what may come at the end; NULL: nobody asks */
    size_t left;
    bool any; /* something may come */
    /* where it is written down, with json NULL: nowhere */
    struct json_writer *json;
    const struct form_texts *texts;
    struct arena *arena;
};

enum form_step {
    FORM_DONE, /* the value is whole (of a number: more digits may follow) */
    FORM_MORE, /* the tokens end before it is whole */
    FORM_WRONG
};

/* `behind`: the fewest tokens that have to come behind the value. */
enum form_step form_walk_node(struct form_walk *walk, const struct form_node *node, size_t behind);

/* The id of each token of a text. */
struct form_run form_run_of(struct form *form, struct slice text);

#endif
