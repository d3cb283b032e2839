/* file_attributes.c - what a client says of a file in a vector store, as OpenAI has it: up to 16 keys with a text, a number, true or false; and metadata of
 * other objects, which is the same with texts alone, and means nothing here.
 *
 *   request ─▶ server.db, as it is told again ─▶ the catalog, where filters find it (query_filter.c)
 *
 * They come to the catalog when the document does, or after a change as soon as nobody else writes (intake.c). */
#include "file_attributes.h"
#include <string.h>

enum { KEYS_MAX = 16, KEY_CHARACTERS_MAX = 64, TEXT_CHARACTERS_MAX = 512 };

static size_t count_characters(struct slice text)
{
    size_t count = 0;
    for (size_t i = 0; i < text.size; i++)
        count += ((unsigned char)text.data[i] & 0xC0) != 0x80;
    return count;
}

static bool has_zero(struct slice text)
{
    return text.size > 0 && memchr(text.data, '\0', text.size) != NULL;
}

static bool refuse(struct exchange *exchange, const char *name, const char *reason)
{
    respond_refusal(exchange, 400, "invalid_value", name, "\"%s\" %s", name, reason);
    return false;
}

/* What attributes and metadata have in common. */
static bool check_pairs(struct exchange *exchange, const char *name, const struct json_value *pairs)
{
    if (pairs->kind != JSON_OBJECT)
        return refuse(exchange, name, "is no object");
    if (pairs->count > KEYS_MAX)
        return refuse(exchange, name, "has more than 16 keys");
    for (size_t i = 0; i < pairs->count; i++) {
        const struct json_value *value = &pairs->items[i];
        struct slice key = pairs->keys[i];
        if (key.size == 0 || count_characters(key) > KEY_CHARACTERS_MAX || has_zero(key))
            return refuse(exchange, name, "has a key that is empty, longer than 64 characters, or has a zero byte");
        if (value->kind == JSON_TEXT && (count_characters(value->text) > TEXT_CHARACTERS_MAX || has_zero(value->text)))
            return refuse(exchange, name, "has a text that is longer than 512 characters, or has a zero byte");
    }
    return true;
}

static bool check(struct exchange *exchange, const struct json_value *attributes)
{
    if (!check_pairs(exchange, "attributes", attributes))
        return false;
    for (size_t i = 0; i < attributes->count; i++) {
        enum json_kind kind = attributes->items[i].kind;
        if (kind != JSON_TEXT && kind != JSON_NUMBER && kind != JSON_BOOL)
            return refuse(exchange, "attributes", "has a value that is no text, number or boolean");
    }
    return true;
}

bool metadata_fits(struct exchange *exchange, const struct json_value *metadata)
{
    if (!check_pairs(exchange, "metadata", metadata))
        return false;
    for (size_t i = 0; i < metadata->count; i++)
        if (metadata->items[i].kind != JSON_TEXT)
            return refuse(exchange, "metadata", "has a value that is no text");
    return true;
}

bool attributes_read(struct exchange *exchange, const struct json_value *attributes, const char **text)
{
    *text = NULL;
    if (attributes == NULL || attributes->kind == JSON_NULL)
        return true;
    if (!check(exchange, attributes))
        return false;
    if (attributes->count > 0)
        *text = arena_text(&exchange->arena, slice_range(exchange->body, attributes->at, attributes->end));
    return true;
}

bool attributes_of(struct exchange *exchange, const char *document, struct json_value *attributes)
{
    const char *text = NULL;
    struct error inner;
    *attributes = (struct json_value){.kind = JSON_NULL};
    if (!jobs_find_attributes(exchange->server->jobs, document, &exchange->arena, &text, &inner)) {
        journal_event("error", "%s: %s", exchange->id, inner.message);
        return false;
    }
    return text != NULL && json_read(slice_from(text), "attributes", &exchange->arena, attributes, &inner) &&
           attributes->kind == JSON_OBJECT && attributes->count > 0;
}

bool attributes_bring(struct assay *assay, struct arena *arena, const char *document, const char *text,
                      struct assay_error *error)
{
    struct json_value root;
    struct error inner;
    if (!json_read(slice_from(text), "attributes", arena, &root, &inner))
        root = (struct json_value){.kind = JSON_OBJECT}; /* of a damaged row: none */
    struct assay_attribute *attributes = arena_alloc(arena, root.count + 1, sizeof(*attributes));
    for (size_t i = 0; i < root.count; i++) {
        const struct json_value *value = &root.items[i];
        struct slice spelled = value->kind == JSON_BOOL ? slice_from(value->boolean ? "true" : "false") : value->text;
        attributes[i] = (struct assay_attribute){.key = arena_text(arena, root.keys[i]),
                                                 .text = arena_text(arena, spelled),
                                                 .number = value->real,
                                                 .is_number = value->kind == JSON_NUMBER};
    }
    return assay_document_note(assay, document, attributes, root.count, error);
}
