/* handle_documents.c - the documents that a key may see: as OpenAI's files, as files of the one vector store, and as they are.
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

/* ---- one document in each of its forms ---- */

typedef void write_document(struct exchange *exchange, struct json_writer *json, const struct assay_document *document);

static void write_own(struct exchange *exchange, struct json_writer *json, const struct assay_document *document)
{
    const struct json_text_member texts[] = {{"id", file_id_of(&exchange->arena, document->path)},
                                             {"object", "document"},
                                             {"path", document->path},
                                             {"title", document->title},
                                             {"format", document->format},
                                             {"language", document->language},
                                             {"sha256", document->sha256}};
    const struct json_integer_member numbers[] = {{"bytes", (int64_t)document->size},
                                                  {"passages", (int64_t)document->passages}};
    json_object_begin(json);
    json_texts(json, texts, ARRAY_COUNT(texts));
    json_integers(json, numbers, ARRAY_COUNT(numbers));
    json_object_end(json);
}

static void write_file(struct exchange *exchange, struct json_writer *json, const struct assay_document *document)
{
    const struct json_text_member texts[] = {{"id", file_id_of(&exchange->arena, document->path)},
                                             {"object", "file"},
                                             {"filename", document->path},
                                             {"purpose", "assistants"},
                                             {"status", "processed"}};
    const struct json_integer_member numbers[] = {{"bytes", (int64_t)document->size},
                                                  {"created_at", exchange->server->started_wall_ns / 1000000000}};
    json_object_begin(json);
    json_texts(json, texts, ARRAY_COUNT(texts));
    json_integers(json, numbers, ARRAY_COUNT(numbers));
    json_object_end(json);
}

static void write_store_file(struct exchange *exchange, struct json_writer *json, const struct assay_document *document)
{
    const struct json_text_member texts[] = {{"id", file_id_of(&exchange->arena, document->path)},
                                             {"object", "vector_store.file"},
                                             {"vector_store_id", STORE_ID},
                                             {"status", "completed"}};
    const struct json_integer_member numbers[] = {{"usage_bytes", (int64_t)document->size},
                                                  {"created_at", exchange->server->started_wall_ns / 1000000000}};
    json_object_begin(json);
    json_texts(json, texts, ARRAY_COUNT(texts));
    json_integers(json, numbers, ARRAY_COUNT(numbers));
    json_key(json, "last_error");
    json_null(json);
    json_key(json, "attributes");
    json_object_begin(json);
    json_key(json, "title");
    json_text(json, slice_cut(slice_from(document->title), 512));
    json_object_end(json);
    json_object_end(json);
}

/* ---- lists ---- */

struct listing {
    struct exchange *exchange;
    struct json_writer json;
    write_document *write;
    const char *after; /* a path; NULL: from the first */
    size_t limit, count;
    bool has_more;
    const char *first_id, *last_id;
};

static bool list_one(void *context, const struct assay_document *document)
{
    struct listing *listing = context;
    if (listing->count == listing->limit) {
        listing->has_more = true;
        return false;
    }
    listing->last_id = file_id_of(&listing->exchange->arena, document->path);
    if (listing->count++ == 0)
        listing->first_id = listing->last_id;
    listing->write(listing->exchange, &listing->json, document);
    return true;
}

/* limit=…&after=… of the address; false: refused. */
static bool read_paging(struct exchange *exchange, struct listing *listing)
{
    struct slice rest = exchange->match.query, part;
    listing->limit = LIST_USUAL;
    while (slice_next(&rest, '&', &part)) {
        struct slice value;
        uint64_t number = 0;
        if (slice_starts_with(part, SLICE("limit="))) {
            bool ok = slice_to_u64(slice_range(part, 6, part.size), &number) && number >= 1 && number <= LIST_MAX;
            if (!ok) {
                respond_refusal(exchange, 400, "invalid_value", "limit", "\"limit\" is not a whole number from 1 to %d",
                                LIST_MAX);
                return false;
            }
            listing->limit = (size_t)number;
        } else if (slice_starts_with(part, SLICE("after="))) {
            listing->after = http_decode(slice_range(part, 6, part.size), &exchange->arena, &value)
                                 ? file_path_of(&exchange->arena, value)
                                 : NULL;
            if (listing->after == NULL) {
                respond_refusal(exchange, 400, "invalid_value", "after", "\"after\" is no id of a file");
                return false;
            }
        }
    }
    return true;
}

static void write_id(struct json_writer *json, const char *key, const char *id)
{
    json_key(json, key);
    if (id != NULL)
        json_text(json, slice_from(id));
    else
        json_null(json);
}

static void answer_list(struct exchange *exchange, write_document *write)
{
    struct listing listing = {.exchange = exchange, .write = write};
    struct assay_error error;
    if (!read_paging(exchange, &listing))
        return;
    const struct assay_documents_options options = {.secret = exchange->as, .after = listing.after, .most = listing.limit + 1};
    respond_begin(exchange, &listing.json);
    json_object_begin(&listing.json);
    json_key(&listing.json, "object");
    json_text(&listing.json, SLICE("list"));
    json_key(&listing.json, "data");
    json_array_begin(&listing.json);
    bool ok = assay_documents(exchange->hands->assay, &options, list_one, &listing, &error);
    if (!ok && error.kind != ASSAY_CANCELLED) {
        respond_error(exchange, &error);
        return;
    }
    json_array_end(&listing.json);
    write_id(&listing.json, "first_id", listing.first_id);
    write_id(&listing.json, "last_id", listing.last_id);
    json_key(&listing.json, "has_more");
    json_bool(&listing.json, listing.has_more);
    json_object_end(&listing.json);
    respond_json(exchange, &exchange->text);
}

/* ---- one ---- */

/* The path that an id stands for; NULL: refused. */
static const char *path_of(struct exchange *exchange, struct slice id)
{
    const char *path = file_path_of(&exchange->arena, id);
    if (path == NULL)
        respond_refusal(exchange, 404, "not_found", NULL, "there is no such file");
    return path;
}

static void answer_one(struct exchange *exchange, struct slice id, write_document *write)
{
    struct listing listing = {.exchange = exchange, .write = write, .limit = 1};
    struct assay_error error;
    const char *path = path_of(exchange, id);
    if (path == NULL)
        return;
    const struct assay_documents_options options = {.secret = exchange->as, .path = path};
    respond_begin(exchange, &listing.json);
    if (!assay_documents(exchange->hands->assay, &options, list_one, &listing, &error))
        respond_error(exchange, &error);
    else if (listing.count == 0) /* the same whether it is not there or not to be seen */
        respond_refusal(exchange, 404, "not_found", NULL, "there is no such file");
    else
        respond_json(exchange, &exchange->text);
}

static bool read_content(struct exchange *exchange, struct slice id, struct assay_text *text)
{
    struct assay_error error;
    const char *path = path_of(exchange, id);
    if (path == NULL)
        return false;
    const struct assay_documents_options options = {.secret = exchange->as, .path = path};
    if (assay_document_text(exchange->hands->assay, &options, text, &error))
        return true;
    if (error.kind == ASSAY_NOT_FOUND)
        respond_refusal(exchange, 404, "not_found", NULL, "there is no such file");
    else
        respond_error(exchange, &error);
    return false;
}

void handle_documents(struct exchange *exchange)
{
    answer_list(exchange, write_own);
}

void handle_files(struct exchange *exchange)
{
    answer_list(exchange, write_file);
}

void handle_document(struct exchange *exchange)
{
    answer_one(exchange, exchange->match.parts[0], write_own);
}

void handle_file(struct exchange *exchange)
{
    answer_one(exchange, exchange->match.parts[0], write_file);
}

/* Whatever the text is, a browser shall not run it. */
void handle_document_content(struct exchange *exchange)
{
    struct assay_text text;
    if (!read_content(exchange, exchange->match.parts[0], &text))
        return;
    respond_text(exchange, 200, "text/plain; charset=utf-8", (struct slice){text.data, text.size});
    assay_text_free(&text);
}

/* ---- the vector store ---- */

static bool is_store(struct exchange *exchange)
{
    if (slice_equal_text(exchange->match.parts[0], STORE_ID))
        return true;
    respond_refusal(exchange, 404, "not_found", NULL,
                    "there is no such vector store; \"" STORE_ID "\" is the project's documents");
    return false;
}

static void write_store(struct exchange *exchange, struct json_writer *json, const struct assay_documents_total *totals)
{
    const char *folder = assay_folder(exchange->hands->assay);
    int64_t started = exchange->server->started_wall_ns / 1000000000;
    const struct json_integer_member numbers[] = {
        {"created_at", started}, {"last_active_at", started}, {"usage_bytes", (int64_t)totals->bytes}};
    const struct json_integer_member counts[] = {{"in_progress", 0},
                                                 {"completed", (int64_t)totals->documents},
                                                 {"failed", 0},
                                                 {"cancelled", 0},
                                                 {"total", (int64_t)totals->documents}};
    const struct json_text_member texts[] = {{"id", STORE_ID}, {"object", "vector_store"}, {"status", "completed"}};
    json_object_begin(json);
    json_texts(json, texts, ARRAY_COUNT(texts));
    json_key(json, "name");
    json_text(json, path_name(folder));
    json_integers(json, numbers, ARRAY_COUNT(numbers));
    json_key(json, "file_counts");
    json_object_begin(json);
    json_integers(json, counts, ARRAY_COUNT(counts));
    json_object_end(json);
    json_key(json, "metadata");
    json_object_begin(json);
    json_object_end(json);
    json_object_end(json);
}

static bool count_documents(struct exchange *exchange, struct assay_documents_total *totals)
{
    struct assay_error error;
    const struct assay_documents_options options = {.secret = exchange->as};
    if (assay_documents_count(exchange->hands->assay, &options, NULL, totals, &error))
        return true;
    respond_error(exchange, &error);
    return false;
}

void handle_stores(struct exchange *exchange)
{
    struct json_writer json;
    struct assay_documents_total totals;
    if (!count_documents(exchange, &totals))
        return;
    respond_begin(exchange, &json);
    json_object_begin(&json);
    json_key(&json, "object");
    json_text(&json, SLICE("list"));
    json_key(&json, "data");
    json_array_begin(&json);
    write_store(exchange, &json, &totals);
    json_array_end(&json);
    write_id(&json, "first_id", STORE_ID);
    write_id(&json, "last_id", STORE_ID);
    json_key(&json, "has_more");
    json_bool(&json, false);
    json_object_end(&json);
    respond_json(exchange, &exchange->text);
}

void handle_store(struct exchange *exchange)
{
    struct json_writer json;
    struct assay_documents_total totals;
    if (!is_store(exchange) || !count_documents(exchange, &totals))
        return;
    respond_begin(exchange, &json);
    write_store(exchange, &json, &totals);
    respond_json(exchange, &exchange->text);
}

void handle_store_files(struct exchange *exchange)
{
    if (is_store(exchange))
        answer_list(exchange, write_store_file);
}

void handle_store_file(struct exchange *exchange)
{
    if (is_store(exchange))
        answer_one(exchange, exchange->match.parts[1], write_store_file);
}

void handle_store_file_content(struct exchange *exchange)
{
    struct assay_text text;
    struct json_writer json;
    if (!is_store(exchange) || !read_content(exchange, exchange->match.parts[1], &text))
        return;
    respond_begin(exchange, &json);
    json_object_begin(&json);
    json_key(&json, "object");
    json_text(&json, SLICE("vector_store.file_content.page"));
    json_key(&json, "data");
    json_array_begin(&json);
    json_object_begin(&json);
    json_key(&json, "type");
    json_text(&json, SLICE("text"));
    json_key(&json, "text");
    json_text(&json, (struct slice){text.data, text.size});
    json_object_end(&json);
    json_array_end(&json);
    json_key(&json, "has_more");
    json_bool(&json, false);
    json_key(&json, "next_page");
    json_null(&json);
    json_object_end(&json);
    assay_text_free(&text);
    respond_json(exchange, &exchange->text);
}
