/* handle_cases.c - test cases that people write while they ask: what an answer should have been, at the end of the project's own file. Who sees
 * everything reads, changes and removes them, too. */
#include "exchange.h"
#include <string.h>

/* A text without a zero byte, or null; false: refused. */
static bool read_optional(struct exchange *exchange, const struct json_value *root, const char *key, size_t most,
                          const char **text)
{
    const struct json_value *value;
    *text = NULL;
    if (!request_member(exchange, root, key, JSON_TEXT, &value))
        return false;
    if (value == NULL)
        return true;
    const struct slice trimmed = slice_trim(value->text);
    if (trimmed.size == 0 || trimmed.size >= most || memchr(trimmed.data, '\0', trimmed.size) != NULL) {
        respond_refusal(exchange, 400, "invalid_value", key, "\"%s\" is empty or too long; null says that there is none", key);
        return false;
    }
    *text = arena_text(&exchange->arena, trimmed);
    return true;
}

static bool note_one(void *context, const struct assay_document *document)
{
    (void)document;
    *(bool *)context = true;
    return true;
}

/* A source that is misspelled would make a case that nothing can pass. */
static bool check_source(struct exchange *exchange, const char *source)
{
    struct assay_error error;
    bool found = false;
    const struct assay_documents_options options = {.secret = exchange->as, .path = source};
    if (source == NULL)
        return true;
    if (!assay_documents(exchange->hands->assay, &options, note_one, &found, &error)) {
        respond_error(exchange, &error);
        return false;
    }
    if (!found)
        respond_refusal(exchange, 400, "invalid_value", "source", "there is no document \"%.300s\" in this project", source);
    return found;
}

/* The case that a body tells; false: refused. */
static bool read_case(struct exchange *exchange, const struct json_value *root, struct assay_case *item)
{
    if (!read_optional(exchange, root, "question", LIMIT_QUERY_BYTES, &item->question) ||
        !read_optional(exchange, root, "answer", LIMIT_QUERY_BYTES, &item->answer) ||
        !read_optional(exchange, root, "source", LIMIT_PATH_BYTES, &item->source))
        return false;
    if (item->question == NULL || (json_get(root, "answer") == NULL && !item->keeps_rest)) {
        const char *key = item->question == NULL ? "question" : "answer";
        respond_refusal(exchange, 400, "missing_required_parameter", key, "\"%s\" is missing", key);
        return false;
    }
    if (item->answer == NULL && item->source != NULL) {
        respond_refusal(exchange, 400, "invalid_value", "source", "a question that has no answer has no source either");
        return false;
    }
    return check_source(exchange, item->source);
}

void handle_case(struct exchange *exchange)
{
    struct json_value root;
    struct json_writer json;
    struct assay_error error;
    struct assay_case item = {0};
    struct assay_case_place place = {0};
    if (!request_json(exchange, &root) || !read_case(exchange, &root, &item))
        return;
    if (!assay_case_add(exchange->hands->assay, &item, &place, &error)) {
        if (error.kind == ASSAY_INVALID &&
            !exchange->key.is_admin) /* of the file: what stands there is not for who may only add to it */
            respond_fault(exchange, 500, &error);
        else
            respond_error(exchange, &error);
        return;
    }
    const struct json_text_member texts[] = {{"object", "test_case"}, {"path", place.file}, {"question", item.question}};
    respond_begin(exchange, &json);
    json_object_begin(&json);
    json_texts(&json, texts, ARRAY_COUNT(texts));
    json_integers(&json, &(struct json_integer_member){"line", (int64_t)place.line}, 1);
    json_object_end(&json);
    respond_json(exchange, &exchange->text);
}

/* ---- those that are there ---- */

enum { CASES_SHOWN = 5000 };

struct cases_listing {
    struct json_writer json;
    size_t count;
};

static bool list_case(void *context, size_t line, struct assay_text object)
{
    struct cases_listing *listing = context;
    char mark[ASSAY_MARK_BYTES];
    if (listing->count++ >= CASES_SHOWN)
        return true;
    json_object_begin(&listing->json);
    json_integers(&listing->json, &(struct json_integer_member){"line", (int64_t)line}, 1);
    json_key(&listing->json, "case");
    json_raw(&listing->json, (struct slice){object.data, object.size});
    assay_text_mark(object, mark);
    json_texts(&listing->json, &(struct json_text_member){"mark", mark}, 1);
    json_object_end(&listing->json);
    return true;
}

/* The first ones, and how many there are. */
void handle_cases(struct exchange *exchange)
{
    struct cases_listing listing = {0};
    struct assay_error error;
    list_begin(exchange, &listing.json);
    if (!assay_case_list(exchange->hands->assay, list_case, &listing, &error)) {
        respond_error(exchange, &error);
        return;
    }
    json_array_end(&listing.json);
    json_text_or_null(&listing.json, "path", assay_case_file(exchange->hands->assay));
    json_integers(&listing.json, &(struct json_integer_member){"cases", (int64_t)listing.count}, 1);
    json_object_end(&listing.json);
    respond_json(exchange, &exchange->text);
}

/* The case of the path's line, which must be the one that the client saw: `was` is its question, and `mark`, where it is sent, that of all of it. */
static void change_case(struct exchange *exchange, const struct json_value *root, const struct assay_case *item)
{
    struct json_writer json;
    struct assay_error error;
    const char *was, *mark;
    uint64_t line;
    if (!read_optional(exchange, root, "was", LIMIT_QUERY_BYTES, &was) ||
        !read_optional(exchange, root, "mark", LIMIT_QUERY_BYTES, &mark))
        return;
    if (was == NULL || !slice_to_u64(exchange->match.parts[0], &line) || line == 0) {
        const char *key = was == NULL ? "was" : NULL;
        respond_refusal(exchange, was == NULL ? 400 : 404, was == NULL ? "missing_required_parameter" : "not_found", key,
                        was == NULL ? "\"was\" is missing: the question as it stood" : "there is no such line");
        return;
    }
    const struct assay_case_was seen = {.question = was, .mark = mark};
    if (!assay_case_change(exchange->hands->assay, (size_t)line, &seen, item, &error)) {
        respond_error(exchange, &error);
        return;
    }
    respond_begin(exchange, &json);
    json_object_begin(&json);
    json_text_or_null(&json, "object", "test_case");
    json_integers(&json, &(struct json_integer_member){"line", (int64_t)line}, 1);
    json_key(&json, "removed");
    json_bool(&json, item == NULL);
    json_object_end(&json);
    respond_json(exchange, &exchange->text);
}

void handle_case_change(struct exchange *exchange)
{
    struct json_value root;
    if (!request_json(exchange, &root))
        return;
    struct assay_case item = {.keeps_rest = json_get(&root, "answer") == NULL};
    if (read_case(exchange, &root, &item))
        change_case(exchange, &root, &item);
}

void handle_case_remove(struct exchange *exchange)
{
    struct json_value root;
    if (request_json(exchange, &root))
        change_case(exchange, &root, NULL);
}
