/* resources.c - the documents as resources: a list in pages, and each one's text.
 *
 *   assay://documents/docs/public/refunds.md     the path, with what may not stand in an address as %XX */
#include "offer.h"
#include <sodium.h>
#include <stdio.h>
#include <string.h>

#define DOCUMENT_ADDRESS "assay://documents/"
#define DOCUMENT_TEMPLATE DOCUMENT_ADDRESS "{+path}"

enum { PAGE_DOCUMENTS = 100, TEXT_BYTES_MAX = 16 << 20 };

static bool is_plain(char byte)
{
    return (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') || (byte >= '0' && byte <= '9') ||
           byte_among(byte, "-._~/");
}

struct slice document_address(struct arena *arena, const char *path)
{
    size_t size = strlen(path);
    char *text = arena_alloc(arena, sizeof(DOCUMENT_ADDRESS) + 3 * size, 1);
    char *at = text + snprintf(text, sizeof(DOCUMENT_ADDRESS), "%s", DOCUMENT_ADDRESS);
    for (size_t i = 0; i < size; i++)
        if (is_plain(path[i]))
            *at++ = path[i];
        else
            at += snprintf(at, 4, "%%%02X", (unsigned char)path[i]);
    return (struct slice){text, (size_t)(at - text)};
}

/* NULL: it is none of ours. */
static const char *path_of(struct arena *arena, struct slice address)
{
    struct slice start = SLICE(DOCUMENT_ADDRESS), path;
    if (!slice_starts_with(address, start) || address.size > start.size + 3 * LIMIT_PATH_BYTES ||
        !http_decode(slice_range(address, start.size, address.size), arena, &path) || path.size == 0 ||
        memchr(path.data, '\0', path.size) != NULL)
        return NULL;
    return arena_text(arena, path);
}

/* ---- the list ---- */

struct listing {
    struct mcp_call *call;
    size_t count;
    const char *last; /* NULL: there are no more behind this page */
    bool has_more;
};

static bool list_one(void *context, const struct assay_document *document)
{
    struct listing *listing = context;
    struct json_writer *json = &listing->call->json;
    if (listing->count == PAGE_DOCUMENTS) {
        listing->has_more = true;
        return false;
    }
    listing->count++;
    listing->last = arena_text(listing->call->arena, slice_from(document->path));
    json_object_begin(json);
    json_key(json, "uri");
    json_text(json, document_address(listing->call->arena, document->path));
    const struct json_text_member texts[] = {{"name", document->path}, {"title", document->title}, {"mimeType", "text/plain"}};
    json_texts(json, texts, ARRAY_COUNT(texts));
    json_integers(json, &(struct json_integer_member){"size", (int64_t)document->size}, 1);
    json_object_end(json);
    return true;
}

/* A page's cursor is the path that stands before it, in base 64. */
static bool read_cursor(struct mcp_call *call, const char **after)
{
    const struct json_value *cursor = call_param(call, "cursor");
    size_t size = 0;
    *after = NULL;
    if (cursor == NULL || cursor->kind == JSON_NULL)
        return true;
    if (cursor->kind == JSON_TEXT && cursor->text.size > 0 && cursor->text.size < 2 * LIMIT_PATH_BYTES) {
        char *path = arena_alloc(call->arena, cursor->text.size + 1, 1);
        if (sodium_base642bin((unsigned char *)path, cursor->text.size, cursor->text.data, cursor->text.size, NULL, &size, NULL,
                              sodium_base64_VARIANT_URLSAFE_NO_PADDING) == 0 &&
            size > 0 && memchr(path, '\0', size) == NULL)
            *after = path;
    }
    if (*after != NULL)
        return true;
    call_fail(call, 400, MCP_INVALID_PARAMS, "the cursor is none that a page ended with");
    return false;
}

void list_documents(struct mcp_call *call)
{
    struct listing listing = {.call = call};
    struct assay_documents_options options = {
        .principal = call->caller->principal, .secret = call->caller->secret, .most = PAGE_DOCUMENTS + 1};
    struct assay_error error;
    struct buffer *out = call->json.out;
    size_t start = out->size;
    if (!read_cursor(call, &options.after))
        return;
    struct json_writer before = call->json;
    call_begin(call);
    json_key(&call->json, "resources");
    json_array_begin(&call->json);
    if (!assay_documents(call->caller->assay, &options, list_one, &listing, &error) && error.kind != ASSAY_CANCELLED) {
        out->size = start; /* nothing of what was begun is told */
        call->json = before;
        call_fail(call, 500, MCP_INTERNAL, "%s", call_reason(call, &error));
        return;
    }
    json_array_end(&call->json);
    if (listing.has_more) {
        size_t room = sodium_base64_ENCODED_LEN(strlen(listing.last), sodium_base64_VARIANT_URLSAFE_NO_PADDING);
        char *code = arena_alloc(call->arena, room, 1);
        sodium_bin2base64(code, room, (const unsigned char *)listing.last, strlen(listing.last),
                          sodium_base64_VARIANT_URLSAFE_NO_PADDING);
        json_texts(&call->json, &(struct json_text_member){"nextCursor", code}, 1);
    }
    call_cacheable(call, 0);
    call_end(call);
}

const struct mcp_offered document_templates[] = {
    {DOCUMENT_TEMPLATE,
     "{\"uriTemplate\":\"" DOCUMENT_TEMPLATE "\",\"name\":\"document\",\"title\":\"A document by its path\","
     "\"description\":\"The text of the document; searches and answers name its path.\","
     "\"mimeType\":\"text/plain\"}",
     false, NULL},
    {0},
};

/* ---- one ---- */

void read_document(struct mcp_call *call, const struct json_value *address)
{
    const char *path = path_of(call->arena, address->text);
    const struct assay_documents_options options = {
        .principal = call->caller->principal, .secret = call->caller->secret, .path = path};
    struct assay_text text;
    struct assay_error error = {.kind = ASSAY_NOT_FOUND};
    bool found = path != NULL && assay_document_text(call->caller->assay, &options, &text, &error);
    if (!found && error.kind == ASSAY_NOT_FOUND) {
        call_no_resource(call, address);
        return;
    }
    if (!found) {
        call_fail(call, 500, MCP_INTERNAL, "%s", call_reason(call, &error));
        return;
    }
    if (text.size > TEXT_BYTES_MAX) {
        call_fail(call, 400, MCP_INVALID_PARAMS, "the document is longer than 16 MiB: read parts of it with get_document");
    } else {
        call_begin(call);
        json_key(&call->json, "contents");
        json_array_begin(&call->json);
        json_object_begin(&call->json);
        json_key(&call->json, "uri");
        json_text(&call->json, address->text);
        json_texts(&call->json, &(struct json_text_member){"mimeType", "text/plain"}, 1);
        json_key(&call->json, "text");
        json_text(&call->json, (struct slice){text.data, text.size});
        json_object_end(&call->json);
        json_array_end(&call->json);
        call_cacheable(call, 0);
        call_end(call);
    }
    assay_text_free(&text);
}
