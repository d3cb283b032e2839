/* metadata.c - what a document states in its head, within limits: keys with values for filters, and the labels of `access`. */
#include "document.h"
#include <assert.h>
#include <string.h>

/* Keys that every document has already; title and language are taken from the head before. */
static bool is_own_key(struct slice key)
{
    static const char *const keys[] = {"path",     "title", "format",        "language",        "folder",
                                       "modified", "size",  INGEST_UNIT_KEY, INGEST_REASON_KEY, INGEST_MASKED_KEY};
    for (size_t i = 0; i < ARRAY_COUNT(keys); i++)
        if (slice_equal_text(key, keys[i]))
            return true;
    return false;
}

/* Of a page of the web, these say where it comes from. */
static bool is_page_key(struct slice key)
{
    return slice_equal_text(key, INGEST_SITE_KEY) || slice_equal_text(key, INGEST_ETAG_KEY) ||
           slice_equal_text(key, INGEST_MODIFIED_KEY);
}

static bool is_null(const struct head_value *value)
{
    return !value->quoted &&
           (value->text.size == 0 || slice_equal_text(value->text, "~") || slice_equal_text(value->text, "null"));
}

bool is_access_key(struct slice key)
{
    return key.size == 6 && strncasecmp(key.data, "access", 6) == 0;
}

static bool check_label(struct slice label, struct error *error)
{
    bool ok = label.size <= LIMIT_LABEL_BYTES;
    for (size_t i = 0; ok && i < label.size; i++)
        ok = (unsigned char)label.data[i] >= ' ' && label.data[i] != 0x7F;
    if (ok)
        return true;
    error_set(error, ERROR_INVALID, "\"access\" has a label of %zu bytes that is too long, or no text of one line", label.size);
    return error_hint(error, "A label has at most %zu bytes.", LIMIT_LABEL_BYTES);
}

static bool take_access(struct loaded *loaded, const struct blocks *blocks, struct error *error)
{
    size_t capacity = 0;
    loaded->states_access = blocks->states_access;
    for (size_t i = 0; i < blocks->head_count; i++) {
        const struct head_value *value = &blocks->head[i];
        if (!is_access_key(value->key) || is_null(value) || value->text.size == 0)
            continue;
        if (!check_label(value->text, error))
            return false;
        if (loaded->access_count == LIMIT_KEY_GROUPS)
            return error_set(error, ERROR_LIMIT, "\"access\" has more than %zu labels", LIMIT_KEY_GROUPS);
        loaded->access = arena_more(&loaded->arena, loaded->access, loaded->access_count, &capacity, sizeof(*loaded->access));
        loaded->access[loaded->access_count++] = value->text;
    }
    return true;
}

struct value_list {
    struct loaded *loaded;
    struct store_value *items;
    size_t count, capacity, keys;
    struct slice key; /* the last one */
};

static void add_value(struct value_list *list, struct slice key, struct slice text, bool quoted)
{
    if (list->count == LIMIT_METADATA_VALUES)
        return;
    if (list->keys == 0 || !slice_equal(list->key, key)) {
        if (list->keys == LIMIT_METADATA_KEYS)
            return;
        list->keys++;
        list->key = key;
    }
    struct store_value value = {.key = key, .text = slice_cut(text, LIMIT_METADATA_BYTES)};
    value.is_number = !quoted && slice_to_double(value.text, &value.number);
    list->items = arena_more(&list->loaded->arena, list->items, list->count, &list->capacity, sizeof(*list->items));
    list->items[list->count++] = value;
}

static void take_page(struct value_list *list, const struct web_page *page)
{
    const struct {
        const char *key, *text;
    } values[] = {{INGEST_SITE_KEY, page->site}, {INGEST_ETAG_KEY, page->etag}, {INGEST_MODIFIED_KEY, page->modified}};
    for (size_t i = 0; i < ARRAY_COUNT(values); i++)
        if (values[i].text != NULL && values[i].text[0] != '\0' && strlen(values[i].text) <= LIMIT_METADATA_BYTES)
            add_value(list, slice_from(values[i].key), slice_from(values[i].text), true);
}

bool take_head(struct loaded *loaded, const struct blocks *blocks, struct error *error)
{
    struct value_list list = {.loaded = loaded};
    if (!take_access(loaded, blocks, error))
        return false;
    /* First, so that no limit leaves it out: a later change of the rule for labels asks for it. Stated and empty is an empty text. */
    for (size_t i = 0; i < loaded->access_count; i++)
        add_value(&list, SLICE("access"), loaded->access[i], true);
    if (loaded->states_access && loaded->access_count == 0)
        add_value(&list, SLICE("access"), SLICE(""), true);
    if (loaded->page != NULL)
        take_page(&list, loaded->page);
    for (size_t i = 0; i < blocks->head_count; i++) {
        const struct head_value *value = &blocks->head[i];
        if (loaded->page != NULL && is_page_key(value->key))
            continue;
        if (!is_own_key(value->key) && !is_access_key(value->key) && !is_null(value) && value->key.size > 0 &&
            value->key.size <= LIMIT_METADATA_KEY_BYTES)
            add_value(&list, value->key, value->text, value->quoted);
    }
    loaded->document.metadata = list.items;
    loaded->document.metadata_count = list.count;
    return true;
}

/* Takes a line off `rest`, whatever ends it. */
static bool take_line(struct slice *rest, struct slice *line)
{
    size_t end = 0;
    if (rest->size == 0)
        return false;
    while (end < rest->size && rest->data[end] != '\n' && rest->data[end] != '\r')
        end++;
    *line = slice_trim(slice_range(*rest, 0, end));
    *rest = slice_range(*rest, end + (end < rest->size), rest->size);
    return true;
}

/* Behind white space and comments, which may stand before what a person takes for a head. */
static struct slice skip_comments(struct slice text)
{
    for (;;) {
        while (text.size > 0 && (unsigned char)text.data[0] <= ' ')
            text = slice_range(text, 1, text.size);
        const char *end = slice_starts_with(text, SLICE("<!--")) ? memmem(text.data, text.size, "-->", 3) : NULL;
        if (end == NULL)
            return text;
        text = slice_range(text, (size_t)(end - text.data) + 3, text.size);
    }
}

/* The key of a line `key: value` or, in a head of TOML, `key = value`, `key.part = value` or `[key]`, without the marks around it; empty: there is none. */
static struct slice key_of(struct slice line, char mark)
{
    size_t at;
    bool is_toml = mark == '=', is_table = is_toml && slice_starts_with(line, SLICE("["));
    while (is_table && slice_starts_with(line, SLICE("[")))
        line = slice_trim(slice_range(line, 1, line.size));
    if (is_toml && (slice_find(line, '.', &at) || (is_table && slice_find(line, ']', &at))))
        line = slice_range(line, 0, at);
    else if (!slice_find(line, mark, &at))
        return (struct slice){line.data, 0};
    struct slice key = slice_trim(slice_range(line, 0, at));
    bool is_quoted = key.size > 1 && byte_among(key.data[0], "\"'") && key.data[key.size - 1] == key.data[0];
    return is_quoted ? slice_trim(slice_range(key, 1, key.size - 1)) : key;
}

bool check_unread_head(struct slice text, const struct blocks *blocks, struct error *error)
{
    enum { LINES_MAX = 100 };
    struct slice rest = skip_comments(text), line;
    while (slice_starts_with(rest, SLICE("%")) && take_line(&rest, &line)) /* %YAML 1.2 and the like */
        rest = skip_comments(rest);
    if (blocks->states_access || !take_line(&rest, &line))
        return true;
    bool is_toml = slice_equal_text(line, "+++");
    if (!is_toml && !slice_starts_with(line, SLICE("---")))
        return true;
    for (size_t i = 0; i < LINES_MAX && take_line(&rest, &line); i++) {
        if (slice_equal_text(line, is_toml ? "+++" : "---") || (!is_toml && slice_equal_text(line, "...")))
            return true;
        if (!is_access_key(key_of(line, is_toml ? '=' : ':')))
            continue;
        error_set(error, ERROR_INVALID, "it seems to state \"access\" in a head that is none");
        return error_hint(
            error,
            "A head stands first in a Markdown file, between two lines ---. Other formats have none: label their folder.");
    }
    return true;
}
