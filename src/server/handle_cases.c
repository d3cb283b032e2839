/* handle_cases.c - test cases that people write while they ask: what an answer should have been, at the end of the project's own file. */
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

void handle_case(struct exchange *exchange)
{
    struct json_value root;
    struct json_writer json;
    struct assay_error error;
    struct assay_case item = {0};
    struct assay_case_place place = {0};
    if (!request_json(exchange, &root) || !read_optional(exchange, &root, "question", LIMIT_QUERY_BYTES, &item.question) ||
        !read_optional(exchange, &root, "answer", LIMIT_QUERY_BYTES, &item.answer) ||
        !read_optional(exchange, &root, "source", LIMIT_PATH_BYTES, &item.source))
        return;
    if (item.question == NULL || json_get(&root, "answer") == NULL) {
        const char *key = item.question == NULL ? "question" : "answer";
        respond_refusal(exchange, 400, "missing_required_parameter", key, "\"%s\" is missing", key);
        return;
    }
    if (item.answer == NULL && item.source != NULL) {
        respond_refusal(exchange, 400, "invalid_value", "source", "a question that has no answer has no source either");
        return;
    }
    if (!check_source(exchange, item.source))
        return;
    if (!assay_case_add(exchange->hands->assay, &item, &place, &error)) {
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
