/* handle_search.c - passages for a question: our own way, and that of OpenAI's vector stores. */
#include "file_attributes.h"
#include "shape/shape.h"

enum { STORE_RESULTS_MAX = 50, QUERIES_MAX = 8 };

bool request_line(struct exchange *exchange, const char *key, const struct json_value *value, const char **text)
{
    if (value->kind != JSON_TEXT) {
        respond_refusal(exchange, 400, "invalid_type", key, "\"%s\" is %s, expected a text", key, json_kind_name(value->kind));
        return false;
    }
    if (value->text.size == 0 || memchr(value->text.data, '\0', value->text.size) != NULL) {
        respond_refusal(exchange, 400, "invalid_value", key, "\"%s\" %s", key,
                        value->text.size == 0 ? "is empty" : "has a zero character");
        return false;
    }
    if (value->text.size > LIMIT_QUERY_BYTES) {
        respond_refusal(exchange, 400, "invalid_value", key, "\"%s\" has %zu bytes, the limit is %zu", key, value->text.size,
                        LIMIT_QUERY_BYTES);
        return false;
    }
    *text = arena_text(&exchange->arena, value->text);
    return true;
}

static bool search(struct exchange *exchange, const char *question, struct assay_search_options *options,
                   struct assay_results **results)
{
    struct assay_error error;
    options->secret = exchange->as;
    if (!assay_search(exchange->hands->assay, question, options, results, &error)) {
        respond_error(exchange, &error);
        return false;
    }
    figures_note_search(exchange->server, *results);
    return true;
}

static const char *id_of(void *context, const char *document)
{
    struct exchange *exchange = context;
    return file_id_of(&exchange->arena, document);
}

static bool read_options(struct exchange *exchange, const struct json_value *root, const char **question,
                         struct assay_search_options *options)
{
    static const char *const known[] = {"query", "k", "mode", "filter"};
    const struct json_value *query = json_get(root, "query"), *mode, *filter;
    int64_t k;
    if (!request_knows(exchange, root, known, ARRAY_COUNT(known)))
        return false;
    if (query == NULL) {
        respond_refusal(exchange, 400, "missing_required_parameter", "query", "\"query\" is missing");
        return false;
    }
    if (!request_line(exchange, "query", query, question) || !request_whole(exchange, root, "k", 1, LIMIT_RESULTS, 0, &k) ||
        !request_member(exchange, root, "mode", JSON_TEXT, &mode) ||
        !request_member(exchange, root, "filter", JSON_TEXT, &filter))
        return false;
    options->k = (size_t)k;
    return (mode == NULL || request_line(exchange, "mode", mode, &options->mode)) &&
           (filter == NULL || request_line(exchange, "filter", filter, &options->filter));
}

void handle_search(struct exchange *exchange)
{
    struct json_value root;
    struct json_writer json;
    struct assay_search_options options = {0};
    struct assay_results *results;
    const char *question = NULL;
    if (!request_json(exchange, &root) || !read_options(exchange, &root, &question, &options) ||
        !search(exchange, question, &options, &results))
        return;
    respond_begin(exchange, &json);
    shape_results(&json, results, &(struct shape_results_options){.id_of = id_of, .context = exchange});
    assay_results_free(results);
    respond_json(exchange, &exchange->text);
}

/* ---- as a vector store ---- */

/* One question, or several: they are joined, for words of any of them count. */
static bool read_queries(struct exchange *exchange, const struct json_value *query, const char **question)
{
    struct buffer joined;
    const struct json_value *items = query->kind == JSON_ARRAY ? query->items : query;
    size_t count = query->kind == JSON_ARRAY ? query->count : 1;
    bool ok = count > 0 && count <= QUERIES_MAX;
    if (!ok)
        respond_refusal(exchange, 400, "invalid_value", "query", "\"query\" has %zu texts, expected 1 to %d", count,
                        QUERIES_MAX);
    buffer_init(&joined, LIMIT_QUERY_BYTES);
    for (size_t i = 0; ok && i < count; i++) {
        const char *text = NULL;
        ok = request_line(exchange, "query", &items[i], &text);
        if (ok)
            buffer_format(&joined, "%s%s", i > 0 ? "\n" : "", text);
    }
    if (ok && joined.failed) {
        respond_refusal(exchange, 400, "invalid_value", "query", "\"query\" is too long");
        ok = false;
    }
    if (ok)
        *question = arena_text(&exchange->arena, buffer_slice(&joined));
    buffer_release(&joined);
    return ok;
}

/* "ranking_options" and "rewrite_query". There is one order of results here, that of the project, which has every ranker's name; and a question is
 * asked as it is: "search_query" of the answer tells it. */
static bool read_ranking(struct exchange *exchange, const struct json_value *root, double *threshold)
{
    static const char *const rankers[] = {"none", "auto", "default-2024-11-15"};
    const struct json_value *ranking, *value = NULL, *ranker = NULL, *rewrites;
    bool is_known = false;
    *threshold = 0;
    if (!request_member(exchange, root, "rewrite_query", JSON_BOOL, &rewrites) ||
        !request_member(exchange, root, "ranking_options", JSON_OBJECT, &ranking))
        return false;
    if (ranking != NULL && (!request_member(exchange, ranking, "score_threshold", JSON_NUMBER, &value) ||
                            !request_member(exchange, ranking, "ranker", JSON_TEXT, &ranker)))
        return false;
    for (size_t i = 0; i < ARRAY_COUNT(rankers); i++)
        is_known = is_known || (ranker != NULL && slice_equal_text(ranker->text, rankers[i]));
    if (ranker != NULL && !is_known) {
        respond_refusal(exchange, 400, "invalid_value", "ranking_options.ranker",
                        "\"ranker\" is none of none, auto, default-2024-11-15");
        return false;
    }
    if (value == NULL)
        return true;
    *threshold = value->real;
    if (value->real >= 0 && value->real <= 1)
        return true;
    respond_refusal(exchange, 400, "invalid_value", "ranking_options.score_threshold",
                    "\"score_threshold\" is not from 0 to 1");
    return false;
}

/* Where the passage stands. */
static void write_place(struct json_writer *json, const struct assay_hit *hit)
{
    const struct json_integer_member numbers[] = {
        {"passage", hit->passage}, {"start", (int64_t)hit->start}, {"end", (int64_t)hit->end}, {"page", (int64_t)hit->page}};
    json_object_begin(json);
    json_key(json, "title");
    json_text(json, slice_cut(slice_from(hit->title), 512)); /* the longest that OpenAI has */
    json_integers(json, numbers, hit->page > 0 ? ARRAY_COUNT(numbers) : ARRAY_COUNT(numbers) - 1);
    json_object_end(json);
}

/* Those of the file; of one without any, where the passage stands, which "assay" has for all. */
static void write_attributes(struct exchange *exchange, struct json_writer *json, const struct assay_hit *hit)
{
    struct json_value given;
    json_key(json, "attributes");
    if (attributes_of(exchange, hit->document, &given))
        json_again(json, &given);
    else
        write_place(json, hit);
    json_key(json, "assay");
    write_place(json, hit);
}

static void write_content(struct json_writer *json, struct slice text)
{
    json_key(json, "content");
    json_array_begin(json);
    json_object_begin(json);
    json_key(json, "type");
    json_text(json, SLICE("text"));
    json_key(json, "text");
    json_text(json, text);
    json_object_end(json);
    json_array_end(json);
}

static void write_store_page(struct exchange *exchange, const char *store, const char *question,
                             const struct assay_results *results, double threshold)
{
    struct json_writer json;
    respond_begin(exchange, &json);
    json_object_begin(&json);
    json_key(&json, "object");
    json_text(&json, SLICE("vector_store.search_results.page"));
    json_key(&json, "search_query");
    json_array_begin(&json);
    json_text(&json, slice_from(question));
    json_array_end(&json);
    json_key(&json, "data");
    json_array_begin(&json);
    for (size_t i = 0; i < assay_results_count(results); i++) {
        const struct assay_hit *hit = assay_results_hit(results, i);
        if (hit->score < threshold)
            continue;
        const struct json_text_member texts[] = {{"file_id", store_file_id(&exchange->arena, store, hit->document)},
                                                 {"filename", store_file_name(hit->document)}};
        json_object_begin(&json);
        json_texts(&json, texts, ARRAY_COUNT(texts));
        json_key(&json, "score");
        json_real(&json, hit->score, 9);
        write_attributes(exchange, &json, hit);
        write_content(&json, (struct slice){hit->text, hit->text_size});
        json_object_end(&json);
    }
    json_array_end(&json);
    json_key(&json, "has_more");
    json_bool(&json, false);
    json_key(&json, "next_page");
    json_null(&json);
    json_object_end(&json);
}

void handle_store_search(struct exchange *exchange)
{
    struct json_value root;
    const struct json_value *query, *filters;
    struct assay_search_options options = {0};
    struct assay_results *results;
    struct buffer filter;
    const char *question = NULL;
    double threshold;
    int64_t k;
    struct jobs_store store;
    if (!store_find(exchange, &store) || !request_json(exchange, &root) ||
        !request_whole(exchange, &root, "max_num_results", 1, STORE_RESULTS_MAX, 10, &k) ||
        !read_ranking(exchange, &root, &threshold) || !request_member(exchange, &root, "filters", JSON_OBJECT, &filters))
        return;
    query = json_get(&root, "query");
    if (query == NULL) {
        respond_refusal(exchange, 400, "missing_required_parameter", "query", "\"query\" is missing");
        return;
    }
    buffer_init(&filter, LIMIT_FILTER_BYTES);
    const char *folder = store_folder(exchange, store.id);
    if (folder != NULL)
        buffer_format(&filter, "folder = \"%s\"%s", folder, filters != NULL ? " and " : "");
    bool ok = read_queries(exchange, query, &question) && (filters == NULL || filter_text(exchange, filters, &filter));
    options.k = (size_t)k;
    options.filter = filter.size > 0 && ok ? buffer_text(&filter) : NULL;
    if (ok && search(exchange, question, &options, &results)) {
        write_store_page(exchange, store.id, question, results, threshold);
        assay_results_free(results);
        respond_json(exchange, &exchange->text);
    }
    buffer_release(&filter);
}
