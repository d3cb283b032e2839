/* handle_models.c - models by name: the list, texts into vectors, and how well documents fit a question. */
#include "filed.h"
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

/* ---- the list ---- */

/* When it came: the time of its description. `place` NULL: the one that answers, which is as old as what the server keeps. */
static int64_t came_at(struct exchange *exchange, const struct assay_model_place *place)
{
    struct stat status;
    if (place != NULL && stat(path_join(&exchange->arena, place->folder, "config.json"), &status) == 0)
        return status.st_mtime;
    return jobs_born(exchange->server->jobs);
}

static void write_model(struct json_writer *json, struct slice name, int64_t created)
{
    json_object_begin(json);
    json_key(json, "id");
    json_text(json, name);
    json_key(json, "object");
    json_text(json, SLICE("model"));
    json_key(json, "created");
    json_integer(json, created);
    json_key(json, "owned_by");
    json_text(json, SLICE("assay"));
    json_object_end(json);
}

static void list_tuned(void *context, const char *name, int64_t created)
{
    write_model(context, slice_from(name), created);
}

/* A name as a request may have it: no path leads out of the folders of models. */
static bool is_model_name(struct slice name)
{
    bool ok = name.size > 0 && name.size < sizeof(((struct kept_model *)0)->name) && name.data[0] != '.';
    for (size_t i = 0; ok && i < name.size; i++)
        ok = (unsigned char)name.data[i] > ' ' && name.data[i] != '/' && name.data[i] != '\\' && name.data[i] != 0x7F;
    return ok;
}

bool stands_for_own(struct exchange *exchange, struct slice name, enum hosted_use use)
{
    struct assay_model_place place;
    struct assay_error ignored;
    return is_hosted_model(name, use) &&
           !(is_model_name(name) &&
             assay_model_find(arena_text(&exchange->arena, name), assay_folder(exchange->hands->assay), &place, &ignored));
}

bool served_model(struct exchange *exchange, struct slice name, struct assay_model_place *place)
{
    struct assay_error error;
    const char *folder = assay_folder(exchange->hands->assay);
    if (is_model_name(name) && assay_model_find(arena_text(&exchange->arena, name), folder, place, &error))
        return true;
    respond_refusal(exchange, 404, "model_not_found", "model",
                    "the model \"%.*s\" is not here; GET /v1/models lists those that are", name.size > 80 ? 80 : (int)name.size,
                    name.data);
    return false;
}

struct model_listing {
    struct exchange *exchange;
    struct json_writer json;
    struct map seen;
};

static bool list_model(void *context, const struct assay_model_place *place)
{
    struct model_listing *listing = context;
    struct slice name = path_name(place->folder);
    bool is_new = false;
    if (is_model_name(name) && map_put(&listing->seen, name, &is_new) != NULL && is_new)
        write_model(&listing->json, name, came_at(listing->exchange, place));
    return true;
}

void handle_models(struct exchange *exchange)
{
    struct model_listing listing = {.exchange = exchange};
    struct assay_model_place place;
    struct assay_error error;
    const char *folder = assay_folder(exchange->hands->assay);
    map_init(&listing.seen, 10000);
    respond_begin(exchange, &listing.json);
    json_object_begin(&listing.json);
    json_key(&listing.json, "object");
    json_text(&listing.json, SLICE("list"));
    json_key(&listing.json, "data");
    json_array_begin(&listing.json);
    if (assay_model_find("builtin", folder, &place, &error))
        write_model(&listing.json, SLICE("builtin"), came_at(exchange, &place));
    write_model(&listing.json, SLICE("assay"), came_at(exchange, NULL)); /* which answers: handle_chat.c */
    bool ok = assay_model_list(folder, list_model, &listing, &error);
    tuned_list(exchange, list_tuned, &listing.json);
    json_array_end(&listing.json);
    json_object_end(&listing.json);
    map_release(&listing.seen);
    if (ok)
        respond_json(exchange, &exchange->text);
    else
        respond_error(exchange, &error);
}

void handle_model(struct exchange *exchange)
{
    struct assay_model_place place;
    struct json_writer json;
    struct jobs_record record;
    bool is_tuned = tuned_is_name(exchange->match.parts[0]);
    if (is_tuned && !tuned_find(exchange, exchange->match.parts[0], &record))
        return;
    bool answers = slice_equal_text(exchange->match.parts[0], "assay");
    if (!answers && !is_tuned && !served_model(exchange, exchange->match.parts[0], &place))
        return;
    respond_begin(exchange, &json);
    if (is_tuned)
        list_tuned(&json, arena_text(&exchange->arena, exchange->match.parts[0]), record.created);
    else
        write_model(&json, exchange->match.parts[0], came_at(exchange, answers ? NULL : &place));
    respond_json(exchange, &exchange->text);
}

/* The model of a request, in its hands until it is answered (kept_models.c). */
static bool open_model(struct exchange *exchange, const struct json_value *root)
{
    struct assay_model_place place;
    struct assay_error error;
    const struct json_value *model;
    if (!request_member(exchange, root, "model", JSON_TEXT, &model))
        return false;
    bool is_named = model != NULL && !stands_for_own(exchange, model->text, HOSTED_EMBEDS);
    struct slice name = is_named ? model->text : SLICE("builtin");
    if (!served_model(exchange, name, &place))
        return false;
    if (model_borrow(exchange->hands, name, place.folder, &error))
        return true;
    respond_error(exchange, &error);
    return false;
}

static struct assay_model *model_of(const struct exchange *exchange)
{
    return exchange->hands->borrowed->model;
}

/* ---- embeddings ---- */

struct embedding_request {
    struct assay_text *texts;
    size_t count, dimensions;
    bool is_base64;
    uint64_t tokens;
};

static bool refuse_input(struct exchange *exchange, const char *reason)
{
    respond_refusal(exchange, 400, "invalid_value", "input", "\"input\" %s", reason);
    return false;
}

/* Tokens by number, as some clients send them: of the model's own vocabulary. */
static bool decode_ids(struct exchange *exchange, const struct json_value *list, struct assay_text *text)
{
    struct assay_error error;
    struct assay_text decoded;
    uint32_t *ids = arena_alloc(&exchange->arena, list->count, sizeof(*ids));
    size_t vocabulary = assay_model_info(model_of(exchange))->vocabulary;
    for (size_t i = 0; i < list->count; i++) {
        const struct json_value *id = &list->items[i];
        if (id->kind != JSON_NUMBER || !id->is_integer || id->integer < 0 || (uint64_t)id->integer >= vocabulary)
            return refuse_input(exchange, "has a number that is no token of this model");
        ids[i] = (uint32_t)id->integer;
    }
    struct kept_model *kept = exchange->hands->borrowed;
    pthread_mutex_lock(&kept->lock); /* the text is the model's until it decodes the next one */
    bool ok = assay_model_decode(model_of(exchange), ids, list->count, /* keep_special= */ false, &decoded, &error);
    struct slice copy = ok ? arena_slice(&exchange->arena, (struct slice){decoded.data, decoded.size}) : SLICE("");
    pthread_mutex_unlock(&kept->lock);
    if (!ok)
        respond_error(exchange, &error);
    *text = (struct assay_text){copy.data, copy.size};
    return ok;
}

/* LangChain counts tokens by OpenAI's vocabulary for names that are OpenAI's, and sends them in the place of the text. */
static bool is_other_vocabulary(struct exchange *exchange, const struct json_value *root, const struct json_value *input)
{
    const struct json_value *model = json_get(root, "model");
    const struct json_value *first = input->kind == JSON_ARRAY && input->count > 0 ? &input->items[0] : input;
    bool is_ids = first->kind == JSON_NUMBER || (first->kind == JSON_ARRAY && first->count > 0);
    return is_ids && model != NULL && stands_for_own(exchange, model->text, HOSTED_EMBEDS);
}

static bool read_input(struct exchange *exchange, const struct json_value *input, struct embedding_request *request)
{
    bool is_ids = input->kind == JSON_ARRAY && input->count > 0 && input->items[0].kind == JSON_NUMBER;
    bool is_list = input->kind == JSON_ARRAY && !is_ids;
    const struct json_value *items = is_list ? input->items : input;
    request->count = is_list ? input->count : 1;
    if (request->count == 0 || request->count > LIMIT_EMBEDDING_INPUTS)
        return refuse_input(exchange, "is an empty list, or one of more than 2048 texts");
    request->texts = arena_alloc(&exchange->arena, request->count, sizeof(*request->texts));
    for (size_t i = 0; i < request->count; i++) {
        const struct json_value *item = &items[i];
        if (item->kind == JSON_ARRAY && item->count > 0) {
            if (!decode_ids(exchange, item, &request->texts[i]))
                return false;
        } else if (item->kind == JSON_TEXT && item->text.size > 0) {
            request->texts[i] = (struct assay_text){item->text.data, item->text.size};
        } else {
            return refuse_input(exchange, "is neither a text, nor tokens, nor a list of these, or has an empty one");
        }
    }
    return true;
}

static bool read_request(struct exchange *exchange, const struct json_value *root, struct embedding_request *request)
{
    const struct json_value *input = json_get(root, "input"), *format;
    int64_t dimensions;
    int64_t most = (int64_t)assay_model_info(model_of(exchange))->dimensions;
    if (input == NULL) {
        respond_refusal(exchange, 400, "missing_required_parameter", "input", "\"input\" is missing");
        return false;
    }
    if (!request_member(exchange, root, "encoding_format", JSON_TEXT, &format) ||
        !request_whole(exchange, root, "dimensions", 1, most, most, &dimensions))
        return false;
    request->dimensions = (size_t)dimensions;
    request->is_base64 = format != NULL && slice_equal_text(format->text, "base64");
    if (format != NULL && !request->is_base64 && !slice_equal_text(format->text, "float")) {
        respond_refusal(exchange, 400, "invalid_value", "encoding_format", "\"encoding_format\" is neither float nor base64");
        return false;
    }
    if (is_other_vocabulary(exchange, root, input))
        return refuse_input(exchange, "has numbers of another model's tokens: send texts (LangChain's OpenAIEmbeddings does "
                                      "with check_embedding_ctx_length=False)");
    return read_input(exchange, input, request);
}

/* The first of a vector's numbers, at length 1. */
static void shorten(float *vector, size_t count)
{
    double sum = 0;
    for (size_t i = 0; i < count; i++)
        sum += (double)vector[i] * (double)vector[i];
    for (size_t i = 0; i < count && sum > 0; i++)
        vector[i] = (float)((double)vector[i] / sqrt(sum));
}

static void write_vector(struct json_writer *json, const float *vector, const struct embedding_request *request)
{
    if (!request->is_base64) {
        json_array_begin(json);
        for (size_t i = 0; i < request->dimensions; i++)
            json_float(json, vector[i]);
        json_array_end(json);
        return;
    }
    struct buffer bytes;
    buffer_init(&bytes, MIB);
    for (size_t i = 0; i < request->dimensions; i++) {
        uint32_t bits;
        memcpy(&bits, &vector[i], sizeof(bits));
        buffer_u32(&bytes, bits);
    }
    json_base64(json, buffer_slice(&bytes));
    buffer_release(&bytes);
}

static void write_usage(struct json_writer *json, uint64_t tokens)
{
    const struct json_integer_member usage[] = {{"prompt_tokens", (int64_t)tokens}, {"total_tokens", (int64_t)tokens}};
    json_key(json, "usage");
    json_object_begin(json);
    json_integers(json, usage, ARRAY_COUNT(usage));
    json_object_end(json);
}

static void write_embeddings(struct exchange *exchange, float *vectors, const struct embedding_request *request)
{
    struct json_writer json;
    size_t width = assay_model_info(model_of(exchange))->dimensions;
    respond_begin(exchange, &json);
    json_object_begin(&json);
    json_key(&json, "object");
    json_text(&json, SLICE("list"));
    json_key(&json, "data");
    json_array_begin(&json);
    for (size_t i = 0; i < request->count; i++) {
        float *vector = vectors + i * width;
        if (request->dimensions < width)
            shorten(vector, request->dimensions);
        json_object_begin(&json);
        json_key(&json, "object");
        json_text(&json, SLICE("embedding"));
        json_key(&json, "index");
        json_integer(&json, (int64_t)i);
        json_key(&json, "embedding");
        write_vector(&json, vector, request);
        json_object_end(&json);
    }
    json_array_end(&json);
    json_key(&json, "model");
    json_text(&json, slice_from(exchange->hands->borrowed->name));
    write_usage(&json, request->tokens);
    json_object_end(&json);
}

void note_tokens(struct exchange *exchange, uint64_t tokens)
{
    pthread_mutex_lock(&exchange->server->lock);
    exchange->server->figures.tokens += tokens;
    pthread_mutex_unlock(&exchange->server->lock);
    quota_note(exchange, (double)tokens, 0);
}

static bool count_tokens(struct exchange *exchange, const struct assay_text *texts, size_t count, uint64_t *total,
                         struct assay_error *error)
{
    struct assay_model *model = model_of(exchange);
    struct assay_tokens *tokens = arena_alloc(&exchange->arena, count, sizeof(*tokens));
    const struct assay_tokenize_options options = {.tokens_max = assay_model_info(model)->tokens_max};
    if (!assay_model_tokenize(model, texts, count, &options, tokens, error))
        return false;
    for (size_t i = 0; i < count; i++)
        *total += tokens[i].count;
    note_tokens(exchange, *total);
    return true;
}

size_t next_texts(struct exchange *exchange, size_t at, size_t count, struct assay_error *error)
{
    enum { AT_ONCE = 64 };
    if (connection_is_gone(exchange->connection)) {
        *error = (struct assay_error){.kind = ASSAY_CANCELLED, .message = "nobody waits for the answer any longer"};
        return 0;
    }
    return count - at < AT_ONCE ? count - at : AT_ONCE;
}

static bool embed(struct exchange *exchange, struct embedding_request *request, float *vectors, struct assay_error *error)
{
    struct assay_model *model = model_of(exchange);
    size_t width = assay_model_info(model)->dimensions;
    bool ok = true;
    for (size_t at = 0, some; ok && at < request->count; at += some) {
        some = next_texts(exchange, at, request->count, error);
        ok = some > 0 &&
             assay_model_embed_counted(model, request->texts + at, some, NULL, vectors + at * width, &request->tokens, error);
    }
    note_tokens(exchange, request->tokens); /* of who went away meanwhile, too */
    return ok;
}

void handle_embeddings(struct exchange *exchange)
{
    struct json_value root;
    struct embedding_request request = {0};
    struct assay_error error;
    if (!request_json(exchange, &root) || !open_model(exchange, &root) || !read_request(exchange, &root, &request))
        return;
    struct assay_model *model = model_of(exchange);
    float *vectors = memory_alloc(request.count * assay_model_info(model)->dimensions, sizeof(*vectors));
    if (embed(exchange, &request, vectors, &error)) {
        write_embeddings(exchange, vectors, &request);
        respond_json(exchange, &exchange->text);
    } else {
        respond_error(exchange, &error);
    }
    free(vectors);
}

/* ---- reranking ---- */

#define RERANKER "reranker" /* the name that it is asked for by; the one that is asked where none is named, too */

struct ranked {
    size_t index;
    double score;
};

static int best_first(const void *a, const void *b)
{
    const struct ranked *left = a, *right = b;
    if (left->score != right->score)
        return left->score > right->score ? -1 : 1;
    return left->index < right->index ? -1 : 1;
}

/* Documents are texts, or objects with one. */
static bool read_documents(struct exchange *exchange, const struct json_value *list, struct assay_text *texts)
{
    for (size_t i = 0; i < list->count; i++) {
        const struct json_value *item = &list->items[i];
        if (item->kind == JSON_OBJECT)
            item = json_get(item, "text");
        if (item == NULL || item->kind != JSON_TEXT) {
            respond_refusal(exchange, 400, "invalid_value", "documents", "\"documents\" has one that is no text");
            return false;
        }
        texts[i] = (struct assay_text){item->text.data, item->text.size};
    }
    return true;
}

/* One request: `model` NULL: the reranker of the project or the installation. */
struct ranking {
    struct exchange *exchange;
    struct assay_model *model;
    struct assay_text query;
    struct assay_text *texts;
    struct ranked *ranked;
    size_t count;
    uint64_t tokens;
};

static void write_ranked(const struct ranking *ranking, size_t count, bool with_text)
{
    struct exchange *exchange = ranking->exchange;
    const struct ranked *ranked = ranking->ranked;
    struct json_writer json;
    respond_begin(exchange, &json);
    json_object_begin(&json);
    json_key(&json, "id");
    json_text(&json, slice_from(exchange->id));
    json_key(&json, "model");
    json_text(&json, ranking->model != NULL ? slice_from(exchange->hands->borrowed->name) : SLICE(RERANKER));
    json_key(&json, "results");
    json_array_begin(&json);
    for (size_t i = 0; i < count; i++) {
        json_object_begin(&json);
        json_key(&json, "index");
        json_integer(&json, (int64_t)ranked[i].index);
        json_key(&json, "relevance_score");
        json_real(&json, ranked[i].score, 9);
        if (with_text) {
            json_key(&json, "document");
            json_object_begin(&json);
            json_key(&json, "text");
            const struct assay_text *text = &ranking->texts[ranked[i].index];
            json_text(&json, (struct slice){text->data, text->size});
            json_object_end(&json);
        }
        json_object_end(&json);
    }
    json_array_end(&json);
    if (ranking->model != NULL)
        write_usage(&json, ranking->tokens);
    json_object_end(&json);
    respond_json(exchange, &exchange->text);
}

/* Numbers that 1 / (1 + exp(-x)) makes 0 … 1 of. */
static bool score_some(const struct ranking *ranking, size_t at, size_t count, float *scores, struct assay_error *error)
{
    struct exchange *exchange = ranking->exchange;
    if (ranking->model == NULL)
        return assay_rerank(exchange->hands->assay, ranking->query, ranking->texts + at, count, scores, error);
    size_t labels = assay_model_info(ranking->model)->labels;
    struct assay_text *questions = arena_alloc(&exchange->arena, count, sizeof(*questions));
    float *outputs = arena_alloc(&exchange->arena, count * labels, sizeof(*outputs));
    for (size_t i = 0; i < count; i++)
        questions[i] = ranking->query;
    if (!assay_model_score(ranking->model, questions, ranking->texts + at, count, outputs, error))
        return false;
    for (size_t i = 0; i < count; i++) /* the last output is that for "relevant" */
        scores[i] = outputs[(i + 1) * labels - 1];
    return true;
}

static bool score_all(struct ranking *ranking, struct assay_error *error)
{
    struct exchange *exchange = ranking->exchange;
    float *scores = arena_alloc(&exchange->arena, ranking->count, sizeof(*scores));
    bool ok = ranking->model == NULL || count_tokens(exchange, ranking->texts, ranking->count, &ranking->tokens, error);
    for (size_t at = 0, some; ok && at < ranking->count; at += some) {
        some = next_texts(exchange, at, ranking->count, error);
        ok = some > 0 && score_some(ranking, at, some, scores + at, error);
    }
    for (size_t i = 0; ok && i < ranking->count; i++)
        ranking->ranked[i] = (struct ranked){i, 1 / (1 + exp(-(double)scores[i]))};
    return ok;
}

static void rank(struct ranking *ranking, const struct json_value *root, const struct json_value *list)
{
    struct exchange *exchange = ranking->exchange;
    const struct json_value *with_text;
    struct assay_error error;
    int64_t most;
    ranking->count = list->count;
    ranking->texts = arena_alloc(&exchange->arena, ranking->count, sizeof(*ranking->texts));
    ranking->ranked = arena_alloc(&exchange->arena, ranking->count, sizeof(*ranking->ranked));
    if (!read_documents(exchange, list, ranking->texts) ||
        !request_whole(exchange, root, "top_n", 1, INT32_MAX, (int64_t)ranking->count, &most) ||
        !request_member(exchange, root, "return_documents", JSON_BOOL, &with_text))
        return;
    if (!score_all(ranking, &error)) {
        respond_error(exchange, &error);
        return;
    }
    qsort(ranking->ranked, ranking->count, sizeof(*ranking->ranked), best_first);
    write_ranked(ranking, (size_t)most < ranking->count ? (size_t)most : ranking->count,
                 with_text != NULL && with_text->boolean);
}

void handle_rerank(struct exchange *exchange)
{
    struct json_value root;
    const struct json_value *query, *list, *model;
    if (!request_json(exchange, &root) || !request_member(exchange, &root, "model", JSON_TEXT, &model) ||
        !request_member(exchange, &root, "query", JSON_TEXT, &query) ||
        !request_member(exchange, &root, "documents", JSON_ARRAY, &list))
        return;
    if (query == NULL || list == NULL || list->count == 0 || list->count > LIMIT_EMBEDDING_INPUTS) {
        respond_refusal(exchange, 400, "missing_required_parameter", query == NULL ? "query" : "documents",
                        "\"query\" is missing, or \"documents\" has none or more than 2048");
        return;
    }
    struct ranking ranking = {.exchange = exchange, .query = {query->text.data, query->text.size}};
    bool is_own = model == NULL || slice_equal_text(model->text, RERANKER) ||
                  stands_for_own(exchange, model->text, HOSTED_RANKS);
    if (!is_own && !open_model(exchange, &root))
        return;
    ranking.model = is_own ? NULL : model_of(exchange);
    if (!is_own && assay_model_info(ranking.model)->labels == 0)
        respond_refusal(exchange, 400, "model_not_supported", "model",
                        "the model \"%s\" gives no scores: it is none for reranking; `assay model add` takes one that is",
                        exchange->hands->borrowed->name);
    else
        rank(&ranking, &root, list);
}
