/* yaml_read.c - settings and front matter from YAML, over libyaml's event parser. Only what a settings file needs: scalars,
 * sequences, mappings. Anchors, aliases and tags are refused: they make a small file large and buy a settings file nothing. */
#include "codec.h"
#include <string.h>
#include <yaml.h>

struct yaml_reader {
    yaml_parser_t parser;
    struct slice source;
    const char *name;
    struct arena *arena;
    size_t node_count;
};

static bool fail_at(struct yaml_reader *reader, const yaml_mark_t *mark, const char *what, struct error *error)
{
    return error_set(error, ERROR_INVALID, "%s:%zu:%zu: %s", reader->name, mark->line + 1, mark->column + 1, what);
}

static bool next_event(struct yaml_reader *reader, yaml_event_t *event, struct error *error)
{
    if (yaml_parser_parse(&reader->parser, event))
        return true;
    const char *problem = reader->parser.problem ? reader->parser.problem : "is not YAML";
    if (reader->parser.error != YAML_READER_ERROR)
        return fail_at(reader, &reader->parser.problem_mark, problem, error);
    /* A byte that is no character: libyaml reads ahead and tells only where that byte stands. */
    yaml_mark_t mark = {0};
    for (size_t at = 0; at < reader->source.size && at < reader->parser.problem_offset; at++) {
        bool is_break = reader->source.data[at] == '\n';
        mark.line += is_break;
        mark.column = is_break ? 0 : mark.column + 1;
    }
    fail_at(reader, &mark, problem, error);
    return strstr(problem, "UTF-8") != NULL && error_hint(error, "Save it as UTF-8.");
}

/* Anchors and tags stand before a scalar, a sequence or a mapping. */
static bool refuse_properties(struct yaml_reader *reader, const yaml_event_t *event, struct error *error)
{
    const yaml_char_t *anchor = NULL, *tag = NULL;
    if (event->type == YAML_SCALAR_EVENT) {
        anchor = event->data.scalar.anchor;
        tag = event->data.scalar.tag;
    } else if (event->type == YAML_SEQUENCE_START_EVENT) {
        anchor = event->data.sequence_start.anchor;
        tag = event->data.sequence_start.tag;
    } else if (event->type == YAML_MAPPING_START_EVENT) {
        anchor = event->data.mapping_start.anchor;
        tag = event->data.mapping_start.tag;
    }
    if (anchor != NULL)
        return fail_at(reader, &event->start_mark, "anchors are not supported", error);
    return tag == NULL || fail_at(reader, &event->start_mark, "tags are not supported", error);
}

static bool read_node(struct yaml_reader *reader, const yaml_event_t *event, unsigned depth, struct yaml_node *node,
                      struct error *error);

static struct slice scalar_text(struct yaml_reader *reader, const yaml_event_t *event)
{
    struct slice text = {(const char *)event->data.scalar.value, event->data.scalar.length};
    return arena_slice(reader->arena, text);
}

/* Makes room for one more pair or item; the arena frees the outgrown arrays at its end. */
static struct yaml_node *append_item(struct yaml_reader *reader, struct yaml_node *node, size_t *capacity)
{
    if (node->count == *capacity) {
        size_t grown = *capacity ? 2 * *capacity : 8;
        struct yaml_node *items = arena_alloc(reader->arena, grown, sizeof(*items));
        struct slice *keys = arena_alloc(reader->arena, grown, sizeof(*keys));
        if (node->count > 0) {
            memcpy(items, node->items, node->count * sizeof(*items));
            memcpy(keys, node->keys, node->count * sizeof(*keys));
        }
        node->items = items;
        node->keys = keys;
        *capacity = grown;
    }
    return &node->items[node->count];
}

static bool read_key(struct yaml_reader *reader, const yaml_event_t *event, struct yaml_node *node, struct slice *key,
                     struct error *error)
{
    if (event->type != YAML_SCALAR_EVENT)
        return fail_at(reader, &event->start_mark, "a key is not a plain word", error);
    if (!refuse_properties(reader, event, error))
        return false;
    *key = scalar_text(reader, event);
    for (size_t i = 0; i < node->count; i++)
        if (slice_equal(node->keys[i], *key))
            return error_set(error, ERROR_INVALID, "%s:%zu:%zu: key \"" SLICE_FORMAT "\" stands twice", reader->name,
                             event->start_mark.line + 1, event->start_mark.column + 1, SLICE_ARGUMENT(*key));
    return true;
}

static bool read_collection(struct yaml_reader *reader, unsigned depth, struct yaml_node *node, struct error *error)
{
    yaml_event_type_t last = node->kind == YAML_MAPPING ? YAML_MAPPING_END_EVENT : YAML_SEQUENCE_END_EVENT;
    size_t capacity = 0;
    for (;;) {
        yaml_event_t event;
        struct slice key = {"", 0};
        if (!next_event(reader, &event, error))
            return false;
        bool ended = event.type == last;
        bool ok = true;
        if (!ended && node->kind == YAML_MAPPING) {
            ok = read_key(reader, &event, node, &key, error);
            yaml_event_delete(&event);
            if (!ok || !next_event(reader, &event, error))
                return false;
        }
        if (!ended) {
            struct yaml_node *item = append_item(reader, node, &capacity);
            ok = read_node(reader, &event, depth + 1, item, error);
            node->keys[node->count] = key;
            node->count++;
        }
        yaml_event_delete(&event);
        if (!ok || ended)
            return ok;
    }
}

static bool read_node(struct yaml_reader *reader, const yaml_event_t *event, unsigned depth, struct yaml_node *node,
                      struct error *error)
{
    if (depth > LIMIT_SETTINGS_DEPTH)
        return fail_at(reader, &event->start_mark, "is nested too deep", error);
    if (++reader->node_count > LIMIT_SETTINGS_NODES)
        return fail_at(reader, &event->start_mark, "has too many values", error);
    if (!refuse_properties(reader, event, error))
        return false;
    *node = (struct yaml_node){.line = event->start_mark.line + 1, .column = event->start_mark.column + 1};
    switch (event->type) {
    case YAML_SCALAR_EVENT:
        node->kind = YAML_SCALAR;
        node->text = scalar_text(reader, event);
        node->quoted = event->data.scalar.style != YAML_PLAIN_SCALAR_STYLE;
        return true;
    case YAML_SEQUENCE_START_EVENT:
        node->kind = YAML_SEQUENCE;
        return read_collection(reader, depth, node, error);
    case YAML_MAPPING_START_EVENT:
        node->kind = YAML_MAPPING;
        return read_collection(reader, depth, node, error);
    case YAML_ALIAS_EVENT:
        return fail_at(reader, &event->start_mark, "aliases are not supported", error);
    default:
        return fail_at(reader, &event->start_mark, "a value is missing", error);
    }
}

/* Skips the events before the first value. `*found` is false when the stream has none. */
static bool find_value(struct yaml_reader *reader, yaml_event_t *event, bool *found, struct error *error)
{
    for (;;) {
        if (!next_event(reader, event, error))
            return false;
        yaml_event_type_t type = event->type;
        if (type != YAML_STREAM_START_EVENT && type != YAML_DOCUMENT_START_EVENT) {
            *found = type != YAML_STREAM_END_EVENT && type != YAML_DOCUMENT_END_EVENT;
            return true;
        }
        yaml_event_delete(event);
    }
}

/* Behind the first document stands another one or nothing: "{a: 1}} b: 2" is no YAML. */
static bool check_end(struct yaml_reader *reader, struct error *error)
{
    yaml_event_t event;
    yaml_event_type_t type;
    do {
        if (!next_event(reader, &event, error))
            return false;
        type = event.type;
        yaml_event_delete(&event);
    } while (type == YAML_DOCUMENT_END_EVENT);
    return true;
}

bool yaml_read(struct slice source, const char *name, struct arena *arena, struct yaml_node *root, struct error *error)
{
    source = slice_without_mark(source); /* libyaml would count it as a column */
    struct yaml_reader reader = {.source = source, .name = name, .arena = arena};
    if (source.size > LIMIT_SETTINGS_BYTES)
        return error_set(error, ERROR_LIMIT, "%s has %zu bytes, the limit is %zu", name, source.size, LIMIT_SETTINGS_BYTES);
    if (!yaml_parser_initialize(&reader.parser))
        return error_set(error, ERROR_NO_MEMORY, "no memory to read %s", name);
    yaml_parser_set_input_string(&reader.parser, (const unsigned char *)(source.data ? source.data : ""), source.size);
    yaml_parser_set_encoding(&reader.parser, YAML_UTF8_ENCODING);
    yaml_event_t event;
    bool found = false;
    bool ok = find_value(&reader, &event, &found, error);
    if (ok) {
        struct yaml_node node = {.kind = YAML_MAPPING, .line = 1, .column = 1};
        if (found)
            ok = read_node(&reader, &event, 0, &node, error) && check_end(&reader, error);
        if (ok && node.kind == YAML_SCALAR && node.text.size == 0 && !node.quoted) /* "---" and nothing behind */
            node = (struct yaml_node){.kind = YAML_MAPPING, .line = 1, .column = 1};
        if (ok)
            *root = node;
        yaml_event_delete(&event);
    }
    yaml_parser_delete(&reader.parser);
    return ok;
}

const struct yaml_node *yaml_get(const struct yaml_node *mapping, const char *key)
{
    if (mapping->kind != YAML_MAPPING)
        return NULL;
    for (size_t i = 0; i < mapping->count; i++)
        if (slice_equal_text(mapping->keys[i], key))
            return &mapping->items[i];
    return NULL;
}
