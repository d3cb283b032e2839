/* list.c - lists of documents that a key may see, a page at a time.
 *
 * A file's id is "file-" and the document's path in base 64 for addresses (RFC 4648), so that it stays the same for ever, and says nothing
 * that the path does not say. */
#include "exchange.h"
#include <sodium.h>
#include <string.h>

enum { LIST_MAX = 10000, LIST_USUAL = 20 };

const char *file_id_of(struct arena *arena, const char *path)
{
    size_t size = sodium_base64_ENCODED_LEN(strlen(path), sodium_base64_VARIANT_URLSAFE_NO_PADDING);
    char *code = arena_alloc(arena, size, 1);
    sodium_bin2base64(code, size, (const unsigned char *)path, strlen(path), sodium_base64_VARIANT_URLSAFE_NO_PADDING);
    return arena_format(arena, "file-%s", code);
}

const char *file_path_of(struct arena *arena, struct slice id)
{
    size_t size = 0;
    if (!slice_starts_with(id, SLICE("file-")) || id.size > 2 * LIMIT_PATH_BYTES)
        return NULL;
    char *path = arena_alloc(arena, id.size + 1, 1);
    if (sodium_base642bin((unsigned char *)path, id.size, id.data + 5, id.size - 5, NULL, &size, NULL,
                          sodium_base64_VARIANT_URLSAFE_NO_PADDING) != 0)
        return NULL;
    return size > 0 && memchr(path, '\0', size) == NULL ? path : NULL;
}

const char *random_id(struct arena *arena, const char *start)
{
    unsigned char bytes[12];
    char code[2 * sizeof(bytes) + 1];
    randombytes_buf(bytes, sizeof(bytes));
    sodium_bin2hex(code, sizeof(code), bytes, sizeof(bytes));
    return arena_format(arena, "%s%s", start, code);
}

void list_begin(struct exchange *exchange, struct json_writer *json)
{
    respond_begin(exchange, json);
    json_object_begin(json);
    json_text_or_null(json, "object", "list");
    json_key(json, "data");
    json_array_begin(json);
}

void list_end(struct exchange *exchange, struct json_writer *json)
{
    json_array_end(json);
    json_object_end(json);
    respond_json(exchange, &exchange->text);
}

void list_end_page(struct exchange *exchange, struct json_writer *json, const char *first, const char *last, bool has_more)
{
    json_array_end(json);
    json_text_or_null(json, "first_id", first);
    json_text_or_null(json, "last_id", last);
    json_key(json, "has_more");
    json_bool(json, has_more);
    json_object_end(json);
    respond_json(exchange, &exchange->text);
}

void write_deleted(struct exchange *exchange, const char *id, const char *object)
{
    struct json_writer json;
    respond_begin(exchange, &json);
    json_object_begin(&json);
    json_text_or_null(&json, "id", id);
    json_text_or_null(&json, "object", object);
    json_key(&json, "deleted");
    json_bool(&json, true);
    json_object_end(&json);
    respond_json(exchange, &exchange->text);
}

void list_note(struct listing *listing, const char *id)
{
    listing->last_id = id;
    if (listing->count++ == 0)
        listing->first_id = id;
}

static bool has_name(const struct assay_document *document, const char *named)
{
    struct slice rest = slice_from(named), word;
    while (slice_next(&rest, ' ', &word))
        if (!slice_has_letters(slice_from(document->path), word) && !slice_has_letters(slice_from(document->title), word))
            return false;
    return true;
}

bool list_one(void *context, const struct assay_document *document)
{
    struct listing *listing = context;
    struct slice path = slice_from(document->path), folder = slice_from(listing->folder != NULL ? listing->folder : "");
    if (folder.size > 0 && !(slice_starts_with(path, folder) && path.data[folder.size] == '/'))
        return false; /* behind the folder */
    if (listing->is_without_sent &&
        (slice_starts_with(path, SLICE(UPLOADS_FILES "/")) || slice_starts_with(path, SLICE(UPLOADS_FOLDER "/vs_"))))
        return true;
    if (listing->named != NULL && !has_name(document, listing->named))
        return true;
    if (listing->count == listing->limit) {
        listing->has_more = true;
        return false;
    }
    list_note(listing, store_file_id(&listing->exchange->arena, listing->store, document->path));
    listing->write(listing->exchange, &listing->json, document, listing->store);
    return true;
}

bool query_whole(struct exchange *exchange, const struct query_number *wanted, uint64_t *number)
{
    struct slice rest = exchange->match.query, part, key = slice_from(wanted->key);
    *number = wanted->usual;
    while (slice_next(&rest, '&', &part)) {
        if (!slice_starts_with(part, key) || part.size == key.size || part.data[key.size] != '=')
            continue;
        if (!slice_to_u64(slice_range(part, key.size + 1, part.size), number) || *number < wanted->least ||
            *number > wanted->most) {
            respond_refusal(exchange, 400, "invalid_value", wanted->key, "\"%s\" is not a whole number from %llu to %llu",
                            wanted->key, (unsigned long long)wanted->least, (unsigned long long)wanted->most);
            return false;
        }
    }
    return true;
}

/* "filter" of a list of a store's files. */
static bool read_status(struct exchange *exchange, struct slice value, struct listing *listing)
{
    static const char *const statuses[] = {"in_progress", "completed", "failed", "cancelled"};
    for (size_t i = 0; i < ARRAY_COUNT(statuses); i++)
        if (slice_equal_text(value, statuses[i]))
            listing->status = statuses[i];
    if (listing->status != NULL)
        return true;
    respond_refusal(exchange, 400, "invalid_value", "filter",
                    "\"filter\" is none of in_progress, completed, failed, cancelled");
    return false;
}

/* "purpose" of a list of files. */
static bool read_purpose(struct exchange *exchange, struct slice value, struct listing *listing)
{
    struct slice decoded;
    if (!http_decode(value, &exchange->arena, &decoded) || !upload_is_purpose(decoded)) {
        respond_refusal(exchange, 400, "invalid_value", "purpose", "\"purpose\" is none of " UPLOAD_PURPOSES);
        return false;
    }
    listing->purpose = arena_text(&exchange->arena, decoded);
    return true;
}

/* Spaces may come as "+", as forms have them. */
static bool read_named(struct exchange *exchange, struct slice value, struct listing *listing)
{
    char *copy = arena_alloc(&exchange->arena, value.size + 1, 1);
    struct slice decoded;
    for (size_t i = 0; i < value.size; i++)
        copy[i] = value.data[i] == '+' ? ' ' : value.data[i];
    if (!http_decode((struct slice){copy, value.size}, &exchange->arena, &decoded) || decoded.size > LIMIT_PATH_BYTES) {
        respond_refusal(exchange, 400, "invalid_value", "named", "\"named\" is no text, or longer than a path can be");
        return false;
    }
    listing->named = arena_text(&exchange->arena, decoded);
    return true;
}

static bool refuse_order(struct exchange *exchange, const char *parameter)
{
    respond_refusal(
        exchange, 400, "unsupported_value", parameter,
        "\"%s\" is not supported: documents are listed in the order of their paths, and files that were sent behind "
        "them; go on with \"after\"",
        parameter);
    return false;
}

/* Whether a document could have this path: they are UTF-8. One that is gone by now, or that this key may not see, is as good to go on from
 * as any, because lists have the order of paths. */
static bool could_be(const char *path)
{
    struct buffer text;
    struct error ignored;
    buffer_init(&text, 3 * LIMIT_PATH_BYTES);
    bool ok = encoding_to_utf8(slice_from(path), "utf-8", &text, &ignored) && slice_equal_text(buffer_slice(&text), path);
    buffer_release(&text);
    return ok;
}

static bool refuse_after(struct exchange *exchange)
{
    respond_refusal(exchange, 400, "invalid_value", "after", "\"after\" is no id of a file");
    return false;
}

/* limit=…&after=… of the address; false: refused. */
static bool read_paging(struct exchange *exchange, struct listing *listing)
{
    struct slice rest = exchange->match.query, part;
    uint64_t limit;
    if (!query_whole(exchange, &(struct query_number){"limit", 1, LIST_MAX, LIST_USUAL}, &limit))
        return false;
    listing->limit = (size_t)limit;
    while (slice_next(&rest, '&', &part)) {
        struct slice value;
        if (slice_starts_with(part, SLICE("filter=")) && listing->store != NULL) {
            if (!read_status(exchange, slice_range(part, 7, part.size), listing))
                return false;
        } else if (slice_starts_with(part, SLICE("purpose=")) && listing->is_without_sent) {
            if (!read_purpose(exchange, slice_range(part, 8, part.size), listing))
                return false;
        } else if (slice_starts_with(part, SLICE("named=")) && listing->has_names) {
            if (!read_named(exchange, slice_range(part, 6, part.size), listing))
                return false;
        } else if (slice_starts_with(part, SLICE("order=")) || slice_starts_with(part, SLICE("before="))) {
            return refuse_order(exchange, part.data[0] == 'o' ? "order" : "before");
        } else if (slice_starts_with(part, SLICE("after="))) {
            const char *path = http_decode(slice_range(part, 6, part.size), &exchange->arena, &value)
                                   ? file_path_of(&exchange->arena, value)
                                   : NULL;
            listing->after = path != NULL && listing->folder != NULL ? store_document(&exchange->arena, listing->store, path)
                                                                     : path;
            if (listing->after == NULL || !could_be(path))
                return refuse_after(exchange);
        }
    }
    return true;
}

static bool list_documents(struct listing *listing)
{
    struct exchange *exchange = listing->exchange;
    struct assay_error error;
    const char *start = listing->folder != NULL ? arena_format(&exchange->arena, "%s/", listing->folder) : NULL;
    const struct assay_documents_options options = {
        .secret = exchange->as,
        .after = listing->after != NULL ? listing->after : start,
        .most = listing->is_without_sent || listing->named != NULL ? 0 : listing->limit + 1};
    if (assay_documents(exchange->hands->assay, &options, list_one, listing, &error) || error.kind == ASSAY_CANCELLED)
        return true;
    respond_error(exchange, &error);
    return false;
}

void list_answer(struct listing *listing, bool (*more)(struct listing *listing))
{
    struct exchange *exchange = listing->exchange;
    if (!read_paging(exchange, listing))
        return;
    bool is_behind = listing->is_without_sent && listing->after != NULL &&
                     slice_starts_with(slice_from(listing->after), SLICE(UPLOADS_FILES "/")); /* the documents */
    bool has_documents = !is_behind && (listing->status == NULL || strcmp(listing->status, "completed") == 0) &&
                         (listing->purpose == NULL || strcmp(listing->purpose, "assistants") == 0);
    list_begin(exchange, &listing->json);
    if (has_documents && !list_documents(listing))
        return;
    if (more != NULL && !listing->has_more && !more(listing))
        return;
    list_end_page(exchange, &listing->json, listing->first_id, listing->last_id, listing->has_more);
}
