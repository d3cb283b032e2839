/* filter_sql.c - a filter as a condition in SQL. The text is put together from the constants below alone; every key and value of the
 * filter is bound. A comparison is true or false, never NULL, so that `not` means what it says. */
#include "filter.h"
#include <assert.h>

/* Keys that every document has, from its row. */
static const struct {
    const char *key;
    const char *text, *number; /* expressions */
} columns[] = {
    {"path", "d.path", "NULL"},
    {"title", "d.title", "NULL"},
    {"format", "d.format", "NULL"},
    {"language", "d.language", "NULL"},
    {"size", "CAST(d.size AS TEXT)", "d.size"},
    {"modified", "strftime('%Y-%m-%dT%H:%M:%SZ', d.modified_ns / 1000000000, 'unixepoch')", "NULL"},
};

static const char a_date[] = " GLOB '[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]*'";

static struct filter_bind *more_bind(struct filter_sql *sql)
{
    sql->binds = arena_more(sql->arena, sql->binds, sql->bind_count, &sql->bind_capacity, sizeof(*sql->binds));
    return &sql->binds[sql->bind_count++];
}

void filter_bind_text(struct filter_sql *sql, struct slice text)
{
    *more_bind(sql) = (struct filter_bind){.text = text};
}

/* One comparison of an element with a value, by the value's type. A date is compared with the day that a text begins with. */
static void append_comparison(struct filter_sql *sql, const char *text, const char *number, const char *operator,
                              const struct filter_value * value)
{
    switch (value->type) {
    case FILTER_TEXT:
        buffer_format(&sql->text, "%s %s ?", text, operator);
        break;
    case FILTER_NUMBER:
        buffer_format(&sql->text, "coalesce(%s %s ?, 0)", number, operator);
        break;
    case FILTER_DATE:
        buffer_format(&sql->text, "(%s%s AND substr(%s, 1, 10) %s ?)", text, a_date, text, operator);
        break;
    }
    *more_bind(sql) = (struct filter_bind){value->type == FILTER_NUMBER, value->number, value->text};
}

/* True when an element of the key compares so with one of the values. */
static void append_elements(struct filter_sql *sql, const struct filter_node *node, const char *operator)
{
    const char *text = "m.text", *number = "m.number";
    bool is_column = false;
    for (size_t i = 0; i < ARRAY_COUNT(columns); i++)
        if (slice_equal_text(node->key, columns[i].key)) {
            text = columns[i].text;
            number = columns[i].number;
            is_column = true;
        }
    if (is_column && node->kind == FILTER_EXISTS) {
        buffer_append_text(&sql->text, "1");
        return;
    }
    if (!is_column) {
        buffer_append_text(&sql->text, "EXISTS (SELECT 1 FROM metadata m WHERE m.document = d.id AND m.key = ?");
        filter_bind_text(sql, node->key);
        buffer_append_text(&sql->text, node->value_count > 0 ? " AND " : "");
    }
    buffer_append_text(&sql->text, node->value_count > 0 ? "(" : "");
    for (size_t i = 0; i < node->value_count; i++) {
        buffer_append_text(&sql->text, i > 0 ? " OR " : "");
        append_comparison(sql, text, number, operator, & node->values[i]);
    }
    buffer_append_text(&sql->text, node->value_count > 0 ? ")" : "");
    buffer_append_text(&sql->text, is_column ? "" : ")");
}

/* Parentheses stand only where they are needed: SQLite's parser takes no more than 100 things at once that it has not finished. In SQL
 * too, NOT binds less than a comparison and more than AND. */
static void append_node(struct filter_sql *sql, const struct filter_node *node)
{
    bool is_whole;
    switch (node->kind) {
    case FILTER_AND:
    case FILTER_OR:
        for (const struct filter_node *part = node->first; part != NULL; part = part->next) {
            is_whole = part->kind == FILTER_OR;
            buffer_append_text(&sql->text, part == node->first ? "" : node->kind == FILTER_AND ? " AND " : " OR ");
            buffer_append_text(&sql->text, is_whole ? "(" : "");
            append_node(sql, part);
            buffer_append_text(&sql->text, is_whole ? ")" : "");
        }
        break;
    case FILTER_NOT:
        is_whole = node->first->kind == FILTER_AND || node->first->kind == FILTER_OR;
        buffer_append_text(&sql->text, is_whole ? "NOT (" : "NOT ");
        append_node(sql, node->first);
        buffer_append_text(&sql->text, is_whole ? ")" : "");
        break;
    case FILTER_COMPARE:
        if (node->operator== FILTER_DIFFERENT) { /* a list is different when none of its elements is equal */
            buffer_append_text(&sql->text, "NOT ");
            append_elements(sql, node, "=");
        } else {
            append_elements(sql, node, filter_operators[node->operator]);
        }
        break;
    case FILTER_IN:
    case FILTER_EXISTS:
        append_elements(sql, node, "=");
        break;
    }
}

void filter_append(struct filter_sql *sql, const struct store_filter *filter)
{
    buffer_append_text(&sql->text, "(");
    append_node(sql, &filter->root);
    buffer_append_text(&sql->text, ")");
}
