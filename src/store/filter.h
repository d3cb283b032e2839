/* filter.h - a filter as a tree, and as SQL. Private. */
#ifndef STORE_FILTER_H
#define STORE_FILTER_H

#include "catalog.h"

enum filter_kind { FILTER_AND, FILTER_OR, FILTER_NOT, FILTER_EXISTS, FILTER_COMPARE, FILTER_IN };
enum filter_operator { FILTER_EQUAL, FILTER_DIFFERENT, FILTER_LESS, FILTER_LESS_EQUAL, FILTER_MORE, FILTER_MORE_EQUAL };
enum filter_type { FILTER_TEXT, FILTER_NUMBER, FILTER_DATE };

struct filter_value {
    enum filter_type type;
    struct slice text;
    double number;
};

struct filter_node {
    enum filter_kind kind;
    enum filter_operator operator; /* of a comparison */
    struct slice key; /* of a comparison, IN and EXISTS */
    struct filter_value *values; /* of a comparison: one */
    size_t value_count;
    struct filter_node *first; /* parts of AND and OR: two or more; NOT has one */
    struct filter_node *next; /* the next part of the same whole */
};

struct store_filter {
    struct filter_node root;
};

extern const char *const filter_operators[]; /* as they are written; ORDER filter_operator */

/* A value for a place in SQL. */
struct filter_bind {
    bool is_number;
    double number;
    struct slice text;
};

/* SQL that is put together from constant pieces with "?" for every value, and the values. */
struct filter_sql {
    struct arena *arena;
    struct buffer text;
    struct filter_bind *binds;
    size_t bind_count, bind_capacity;
};

void filter_bind_text(struct filter_sql *sql, struct slice text);

/* Appends a condition on the document d.id. */
void filter_append(struct filter_sql *sql, const struct store_filter *filter);

#endif
