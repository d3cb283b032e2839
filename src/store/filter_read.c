/* filter_read.c - a filter's text into a tree, by recursive descent, and the tree back into text. */
#include "filter.h"
#include <assert.h>
#include <string.h>

const char *const filter_operators[] = {"=", "!=", "<", "<=", ">", ">="};

enum token_kind { TOKEN_END, TOKEN_WORD, TOKEN_STRING, TOKEN_OPERATOR, TOKEN_OPEN, TOKEN_CLOSE, TOKEN_COMMA };

struct token {
    enum token_kind kind;
    size_t at; /* its first byte in the source */
    struct slice source;
    struct slice text; /* of a string: without its quotes */
    enum filter_operator operator;
};

struct filter_reader {
    struct slice source;
    struct arena *arena;
    size_t at; /* behind the token */
    struct token token; /* the one that comes next */
    size_t parts;
    unsigned depth;
    struct error *error;
};

/* Characters of the text before a byte, from 1: what a person counts. */
static size_t column_of(const struct filter_reader *reader, size_t at)
{
    size_t column = 1;
    for (size_t i = 0; i < at; i++)
        column += ((unsigned char)reader->source.data[i] & 0xC0) != 0x80;
    return column;
}

static bool fail_expected(struct filter_reader *reader, const char *expected)
{
    const struct token *token = &reader->token;
    size_t column = column_of(reader, token->at);
    if (token->kind == TOKEN_END)
        error_set(reader->error, ERROR_INVALID, "the filter ends at character %zu, expected %s", column, expected);
    else
        error_set(reader->error, ERROR_INVALID, "the filter has \"%.*s\" at character %zu, expected %s",
                  token->source.size > 60 ? 60 : (int)token->source.size, token->source.data, column, expected);
    return error_hint(reader->error, "For instance: year >= 2024 and team in (legal, \"human resources\").");
}

static bool is_word_byte(unsigned char byte)
{
    return byte >= 0x80 || (byte >= '0' && byte <= '9') || (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') ||
           (byte != '\0' && strchr("_-.+:/@#%", byte) != NULL);
}

/* A string ends at the mark it began with; a backslash takes a mark or a backslash into it. */
static bool read_string(struct filter_reader *reader)
{
    struct token *token = &reader->token;
    char mark = reader->source.data[reader->at];
    size_t start = ++reader->at, size = 0;
    char *text = arena_alloc(reader->arena, reader->source.size - start + 1, 1);
    while (reader->at < reader->source.size && reader->source.data[reader->at] != mark) {
        char byte = reader->source.data[reader->at++];
        if (byte == '\\' && reader->at < reader->source.size)
            byte = reader->source.data[reader->at++];
        text[size++] = byte;
    }
    if (reader->at == reader->source.size) {
        error_set(reader->error, ERROR_INVALID, "the filter's string at character %zu has no end",
                  column_of(reader, token->at));
        return error_hint(reader->error, "It ends with the mark that it began with: %c.", mark);
    }
    reader->at++;
    token->kind = TOKEN_STRING;
    token->text = (struct slice){text, size};
    return true;
}

static bool read_sign(struct filter_reader *reader)
{
    static const char signs[] = "(),";
    static const enum token_kind kinds[] = {TOKEN_OPEN, TOKEN_CLOSE, TOKEN_COMMA};
    struct token *token = &reader->token;
    struct slice rest = slice_range(reader->source, reader->at, reader->source.size);
    const char *sign = rest.data[0] != '\0' ? strchr(signs, rest.data[0]) : NULL;
    if (sign != NULL) {
        token->kind = kinds[sign - signs];
        reader->at++;
        return true;
    }
    size_t longest = 0;
    for (size_t i = 0; i <= FILTER_MORE_EQUAL; i++) {
        struct slice operator= slice_from(filter_operators[i]);
        if (operator.size> longest && slice_starts_with(rest, operator)) {
            token->kind = TOKEN_OPERATOR;
            token->operator=(enum filter_operator) i;
            longest = operator.size;
        }
    }
    reader->at += longest;
    if (longest > 0)
        return true;
    token->source = slice_range(rest, 0, 1);
    token->kind = TOKEN_OPERATOR;
    return fail_expected(reader, "a word, a string in quotes, or one of = != < <= > >= ( ) ,");
}

static bool is_blank(char byte)
{
    return byte == ' ' || byte == '\t' || byte == '\r' || byte == '\n';
}

static bool next_token(struct filter_reader *reader)
{
    struct token *token = &reader->token;
    while (reader->at < reader->source.size && is_blank(reader->source.data[reader->at]))
        reader->at++;
    size_t start = reader->at;
    bool ok = true;
    *token = (struct token){.at = start};
    if (start == reader->source.size)
        return true;
    if (reader->source.data[start] == '"' || reader->source.data[start] == '\'') {
        ok = read_string(reader);
    } else if (is_word_byte((unsigned char)reader->source.data[start])) {
        token->kind = TOKEN_WORD;
        while (reader->at < reader->source.size && is_word_byte((unsigned char)reader->source.data[reader->at]))
            reader->at++;
    } else {
        ok = read_sign(reader);
    }
    if (ok)
        token->source = slice_range(reader->source, start, reader->at);
    return ok;
}

/* "and", also as "AND". */
static bool is_word(const struct token *token, const char *word)
{
    size_t size = strlen(word);
    if (token->kind != TOKEN_WORD || token->source.size != size)
        return false;
    for (size_t i = 0; i < size; i++)
        if ((token->source.data[i] | 0x20) != word[i])
            return false;
    return true;
}

static bool is_reserved(const struct token *token)
{
    static const char *const words[] = {"and", "or", "not", "in", "exists"};
    for (size_t i = 0; i < ARRAY_COUNT(words); i++)
        if (is_word(token, words[i]))
            return true;
    return false;
}

static bool count_part(struct filter_reader *reader)
{
    if (++reader->parts <= LIMIT_FILTER_PARTS)
        return true;
    error_set(reader->error, ERROR_LIMIT, "the filter has more than %zu comparisons and values", LIMIT_FILTER_PARTS);
    return error_hint(reader->error, "Give documents a key that says the same in one comparison.");
}

/* ---- values ---- */

static bool has_date_shape(struct slice text)
{
    static const char shape[] = "0000-00-00";
    for (size_t i = 0; i < text.size && i < sizeof(shape) - 1; i++)
        if (shape[i] == '-' ? text.data[i] != '-' : text.data[i] < '0' || text.data[i] > '9')
            return false;
    return text.size == sizeof(shape) - 1;
}

/* A bare word that is a number or a date is one; anything in quotes is text. */
static bool read_value(struct filter_reader *reader, struct filter_value *value)
{
    const struct token *token = &reader->token;
    bool is_bare = token->kind == TOKEN_WORD;
    if ((!is_bare && token->kind != TOKEN_STRING) || is_reserved(token))
        return fail_expected(reader, "a value: a word, a number, a date, or text in quotes");
    *value = (struct filter_value){.text = is_bare ? token->source : token->text};
    if (is_bare && has_date_shape(value->text)) {
        int64_t moment;
        if (!clock_date(value->text, &moment))
            return fail_expected(reader, "a date that there is, as 2024-05-01");
        value->type = FILTER_DATE;
    } else if (is_bare && slice_to_double(value->text, &value->number)) {
        value->type = FILTER_NUMBER;
    }
    return count_part(reader) && next_token(reader);
}

static bool read_list(struct filter_reader *reader, struct filter_node *node)
{
    size_t capacity = 0;
    if (reader->token.kind != TOKEN_OPEN)
        return fail_expected(reader, "\"(\" behind \"in\"");
    do {
        node->values = arena_more(reader->arena, node->values, node->value_count, &capacity, sizeof(*node->values));
        if (!next_token(reader) || !read_value(reader, &node->values[node->value_count++]))
            return false;
    } while (reader->token.kind == TOKEN_COMMA);
    if (reader->token.kind != TOKEN_CLOSE)
        return fail_expected(reader, "\",\" or \")\"");
    return next_token(reader);
}

/* ---- conditions ---- */

static bool read_or(struct filter_reader *reader, struct filter_node *node);

static bool read_key(struct filter_reader *reader, struct filter_node *node)
{
    const struct token *token = &reader->token;
    if ((token->kind != TOKEN_WORD && token->kind != TOKEN_STRING) || is_reserved(token))
        return fail_expected(reader, "a key, such as year");
    node->key = token->kind == TOKEN_WORD ? token->source : token->text;
    return next_token(reader);
}

static bool read_comparison(struct filter_reader *reader, struct filter_node *node)
{
    if (!count_part(reader) || !read_key(reader, node))
        return false;
    if (is_word(&reader->token, "in")) {
        node->kind = FILTER_IN;
        return next_token(reader) && read_list(reader, node);
    }
    if (reader->token.kind != TOKEN_OPERATOR)
        return fail_expected(reader, "one of = != < <= > >= in");
    node->kind = FILTER_COMPARE;
    node->operator= reader->token.operator;
    node->values = arena_alloc(reader->arena, 1, sizeof(*node->values));
    node->value_count = 1;
    return next_token(reader) && read_value(reader, node->values);
}

static bool go_deeper(struct filter_reader *reader)
{
    if (++reader->depth <= LIMIT_FILTER_DEPTH)
        return true;
    return error_set(reader->error, ERROR_LIMIT, "the filter is nested more than %d deep at character %zu", LIMIT_FILTER_DEPTH,
                     column_of(reader, reader->token.at));
}

static bool read_not(struct filter_reader *reader, struct filter_node *node)
{
    if (is_word(&reader->token, "not")) {
        node->kind = FILTER_NOT;
        node->first = arena_alloc(reader->arena, 1, sizeof(*node->first));
        bool ok = count_part(reader) && go_deeper(reader) && next_token(reader) && read_not(reader, node->first);
        reader->depth--;
        return ok;
    }
    if (is_word(&reader->token, "exists")) {
        node->kind = FILTER_EXISTS;
        return count_part(reader) && next_token(reader) && read_key(reader, node);
    }
    if (reader->token.kind != TOKEN_OPEN)
        return read_comparison(reader, node);
    if (!go_deeper(reader) || !next_token(reader) || !read_or(reader, node))
        return false;
    reader->depth--;
    if (reader->token.kind != TOKEN_CLOSE)
        return fail_expected(reader, "\"and\", \"or\" or \")\"");
    return next_token(reader);
}

/* One part, or several with `word` between them, as one node. */
static bool read_parts(struct filter_reader *reader, struct filter_node *node, enum filter_kind kind, const char *word,
                       bool (*read_part)(struct filter_reader *reader, struct filter_node *node))
{
    struct filter_node *last = arena_alloc(reader->arena, 1, sizeof(*last));
    struct filter_node *first = last;
    if (!read_part(reader, first))
        return false;
    while (is_word(&reader->token, word)) {
        last->next = arena_alloc(reader->arena, 1, sizeof(*last));
        last = last->next;
        if (!next_token(reader) || !read_part(reader, last))
            return false;
    }
    *node = last == first ? *first : (struct filter_node){.kind = kind, .first = first};
    return true;
}

static bool read_and(struct filter_reader *reader, struct filter_node *node)
{
    return read_parts(reader, node, FILTER_AND, "and", read_not);
}

static bool read_or(struct filter_reader *reader, struct filter_node *node)
{
    return read_parts(reader, node, FILTER_OR, "or", read_and);
}

bool store_filter_read(struct slice source, struct arena *arena, const struct store_filter **filter, struct error *error)
{
    if (source.size > LIMIT_FILTER_BYTES)
        return error_set(error, ERROR_LIMIT, "the filter has %zu bytes, the limit is %zu", source.size, LIMIT_FILTER_BYTES);
    struct store_filter *read = arena_alloc(arena, 1, sizeof(*read));
    struct filter_reader reader = {.source = arena_slice(arena, source), .arena = arena, .error = error};
    if (!next_token(&reader) || !read_or(&reader, &read->root))
        return false;
    if (reader.token.kind != TOKEN_END)
        return fail_expected(&reader, "\"and\", \"or\" or the end");
    *filter = read;
    return true;
}

/* ---- back into text ---- */

void store_filter_write_text(struct buffer *out, struct slice text)
{
    buffer_append_byte(out, '"');
    for (size_t i = 0; i < text.size; i++) {
        if (text.data[i] == '"' || text.data[i] == '\\')
            buffer_append_byte(out, '\\');
        buffer_append_byte(out, text.data[i]);
    }
    buffer_append_byte(out, '"');
}

static void write_value(struct buffer *out, const struct filter_value *value)
{
    if (value->type == FILTER_TEXT)
        store_filter_write_text(out, value->text);
    else
        buffer_append_slice(out, value->text);
}

static void write_leaf(struct buffer *out, const struct filter_node *node)
{
    buffer_append_text(out, node->kind == FILTER_EXISTS ? "exists " : "");
    store_filter_write_text(out, node->key);
    if (node->kind == FILTER_EXISTS)
        return;
    buffer_format(out, " %s", node->kind == FILTER_IN ? "in (" : filter_operators[node->operator]);
    buffer_append_text(out, node->kind == FILTER_IN ? "" : " ");
    for (size_t i = 0; i < node->value_count; i++) {
        buffer_append_text(out, i > 0 ? ", " : "");
        write_value(out, &node->values[i]);
    }
    buffer_append_text(out, node->kind == FILTER_IN ? ")" : "");
}

static void write_node(struct buffer *out, const struct filter_node *node)
{
    if (node->kind == FILTER_NOT) {
        bool is_whole = node->first->kind == FILTER_AND || node->first->kind == FILTER_OR;
        buffer_append_text(out, is_whole ? "not (" : "not ");
        write_node(out, node->first);
        buffer_append_text(out, is_whole ? ")" : "");
    } else if (node->kind == FILTER_AND || node->kind == FILTER_OR) {
        for (const struct filter_node *part = node->first; part != NULL; part = part->next) {
            bool is_whole = part->kind == FILTER_OR || (part->kind == FILTER_AND && node->kind == FILTER_AND);
            buffer_append_text(out, part == node->first ? "" : node->kind == FILTER_AND ? " and " : " or ");
            buffer_append_text(out, is_whole ? "(" : "");
            write_node(out, part);
            buffer_append_text(out, is_whole ? ")" : "");
        }
    } else {
        write_leaf(out, node);
    }
}

void store_filter_write(const struct store_filter *filter, struct buffer *out)
{
    write_node(out, &filter->root);
}
