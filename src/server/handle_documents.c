/* handle_documents.c - the documents that a key may see, as they are and as OpenAI's files; and files that were sent and are no documents yet, for
 * the keys that sent them. */
#include "exchange.h"
#include "shape/shape.h"
#include <string.h>

enum { PASSAGES_MAX = 1000, PASSAGES_USUAL = 20 };

static void write_own(struct exchange *exchange, struct json_writer *json, const struct assay_document *document,
                      const char *store)
{
    (void)store;
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
    if (document->unit[0] != '\0') {
        const struct json_text_member cut[] = {{"unit", document->unit}, {"unit_reason", document->unit_reason}};
        json_texts(json, cut, ARRAY_COUNT(cut));
    }
    json_object_end(json);
}

void write_file(struct exchange *exchange, struct json_writer *json, const struct jobs_file *file)
{
    const struct json_text_member texts[] = {{"id", file_id_of(&exchange->arena, file->path)},
                                             {"object", "file"},
                                             {"filename", file->name},
                                             {"purpose", file->purpose},
                                             {"status", "processed"}};
    const struct json_integer_member numbers[] = {{"bytes", file->size}, {"created_at", file->created}};
    json_object_begin(json);
    json_texts(json, texts, ARRAY_COUNT(texts));
    json_integers(json, numbers, ARRAY_COUNT(numbers));
    json_object_end(json);
}

static void write_document_file(struct exchange *exchange, struct json_writer *json, const struct assay_document *document,
                                const char *store)
{
    (void)store;
    write_file(exchange, json,
               &(struct jobs_file){.path = document->path,
                                   .name = store_file_name(document->path),
                                   .purpose = "assistants",
                                   .size = (int64_t)document->size,
                                   .created = document->modified_ns / 1000000000});
}

void handle_documents(struct exchange *exchange)
{
    list_answer(&(struct listing){.exchange = exchange, .write = write_own, .store = STORE_ID, .has_names = true}, NULL);
}

/* ---- one ---- */

static void respond_no_file(struct exchange *exchange)
{
    respond_refusal(exchange, 404, "not_found", NULL, "there is no such file");
}

/* The path that an id stands for; NULL: refused. */
static const char *path_of(struct exchange *exchange)
{
    const char *path = file_path_of(&exchange->arena, exchange->match.parts[0]);
    if (path == NULL)
        respond_no_file(exchange);
    return path;
}

/* The document as `write` has it; false: it is not there or not to be seen, which is the same, and nothing was answered. */
static bool answer_document(struct exchange *exchange, const char *path, write_document *write)
{
    struct listing listing = {.exchange = exchange, .write = write, .store = STORE_ID, .limit = 1};
    struct assay_error error;
    const struct assay_documents_options options = {.secret = exchange->as, .path = path};
    respond_begin(exchange, &listing.json);
    if (!assay_documents(exchange->hands->assay, &options, list_one, &listing, &error))
        respond_error(exchange, &error);
    else if (listing.count == 0)
        return false;
    else
        respond_json(exchange, &exchange->text);
    return true;
}

void handle_document(struct exchange *exchange)
{
    const char *path = path_of(exchange);
    if (path != NULL && !answer_document(exchange, path, write_own))
        respond_no_file(exchange);
}

/* Whatever the text is, a browser shall not run it. False: there is none, and nothing was answered. */
static bool answer_content(struct exchange *exchange, const char *path)
{
    struct assay_text text;
    struct assay_error error;
    const struct assay_documents_options options = {.secret = exchange->as, .path = path};
    if (!assay_document_text(exchange->hands->assay, &options, &text, &error)) {
        if (error.kind == ASSAY_NOT_FOUND)
            return false;
        respond_error(exchange, &error);
        return true;
    }
    respond_text(exchange, 200, "text/plain; charset=utf-8", (struct slice){text.data, text.size});
    assay_text_free(&text);
    return true;
}

void handle_document_content(struct exchange *exchange)
{
    const char *path = path_of(exchange);
    if (path != NULL && !answer_content(exchange, path))
        respond_no_file(exchange);
}

/* ---- what it was cut into ---- */

struct passage_page {
    struct json_writer json;
    uint64_t after, limit, count;
};

static bool list_passage(void *context, const struct assay_hit *passage)
{
    struct passage_page *page = context;
    if (page->count++ == page->limit)
        return true; /* one more is there */
    const struct json_integer_member numbers[] = {{"number", (int64_t)(page->after + page->count)},
                                                  {"passage", passage->passage}};
    json_object_begin(&page->json);
    json_integers(&page->json, numbers, ARRAY_COUNT(numbers));
    shape_passage(&page->json, passage);
    json_object_end(&page->json);
    return true;
}

/* limit=… and after=… of the address: after the passage of this number. */
void handle_document_passages(struct exchange *exchange)
{
    struct passage_page page = {.count = 0};
    struct assay_error error;
    const char *path = path_of(exchange);
    if (path == NULL || !query_whole(exchange, &(struct query_number){"limit", 1, PASSAGES_MAX, PASSAGES_USUAL}, &page.limit) ||
        !query_whole(exchange, &(struct query_number){"after", 0, UINT32_MAX, 0}, &page.after))
        return;
    const struct assay_documents_options options = {.secret = exchange->as, .path = path, .most = page.limit + 1};
    list_begin(exchange, &page.json);
    if (!assay_document_passages(exchange->hands->assay, &options, page.after, list_passage, &page, &error)) {
        if (error.kind == ASSAY_NOT_FOUND)
            respond_no_file(exchange);
        else
            respond_error(exchange, &error);
        return;
    }
    uint64_t shown = page.count < page.limit ? page.count : page.limit;
    unsigned long long first = page.after + 1, last = page.after + shown;
    list_end_page(exchange, &page.json, shown > 0 ? arena_format(&exchange->arena, "%llu", first) : NULL,
                  shown > 0 ? arena_format(&exchange->arena, "%llu", last) : NULL, page.count > page.limit);
}

/* ---- files: what was sent comes first, for the key that sent it ---- */

static bool find_file(struct exchange *exchange, const char *path, struct jobs_file *file)
{
    struct error inner;
    *file = (struct jobs_file){0};
    if (!jobs_find_file(exchange->server->jobs, path, &exchange->arena, file, &inner))
        journal_event("error", "%s: %s", exchange->id, inner.message);
    return file->path != NULL && owns(exchange, file->owner);
}

struct file_listing {
    struct listing *listing;
    size_t count;
};

static bool list_file(void *context, const struct jobs_file *file)
{
    struct file_listing *files = context;
    struct listing *listing = files->listing;
    if (listing->purpose != NULL && strcmp(listing->purpose, file->purpose) != 0)
        return true;
    if (listing->count == listing->limit) {
        listing->has_more = true;
        return false;
    }
    list_note(listing, file_id_of(&listing->exchange->arena, file->path));
    write_file(listing->exchange, &listing->json, file);
    return true;
}

/* Files that were sent, behind the documents, of which those made of them are left out: so `after` tells which of both it goes on with. */
static bool list_sent(struct listing *listing)
{
    struct exchange *exchange = listing->exchange;
    struct file_listing files = {.listing = listing};
    struct error inner;
    const char *after = listing->after != NULL && slice_starts_with(slice_from(listing->after), SLICE(UPLOADS_FILES "/"))
                            ? listing->after
                            : NULL;
    size_t most = listing->purpose == NULL ? listing->limit + 1 : INT32_MAX;
    return jobs_each_file(exchange->server->jobs, owner_of(exchange), after, most, list_file, &files, &inner) ||
           respond_inner(exchange, &inner);
}

void handle_files(struct exchange *exchange)
{
    list_answer(
        &(struct listing){.exchange = exchange, .write = write_document_file, .store = STORE_ID, .is_without_sent = true},
        list_sent);
}

void handle_file(struct exchange *exchange)
{
    struct jobs_file file;
    struct json_writer json;
    const char *path = path_of(exchange);
    if (path == NULL)
        return;
    if (find_file(exchange, path, &file)) {
        respond_begin(exchange, &json);
        write_file(exchange, &json, &file);
        respond_json(exchange, &exchange->text);
    } else if (!answer_document(exchange, path, write_document_file)) {
        respond_no_file(exchange);
    }
}

/* Of what was sent and is no document, the bytes. */
void handle_file_content(struct exchange *exchange)
{
    struct jobs_file file;
    struct buffer content;
    struct error inner;
    const char *path = path_of(exchange);
    if (path == NULL)
        return;
    if (!find_file(exchange, path, &file)) {
        if (!answer_content(exchange, path))
            respond_no_file(exchange);
        return;
    }
    buffer_init(&content, LIMIT_DOCUMENT_BYTES_MAX);
    path = arena_format(&exchange->arena, "%s/%s", assay_folder(exchange->hands->assay), file.path);
    if (file_read(path, LIMIT_DOCUMENT_BYTES_MAX, &content, &inner))
        respond_text(exchange, 200, "application/octet-stream", buffer_slice(&content));
    else
        respond_no_file(exchange);
    buffer_release(&content);
}
