/* embeddings.c - vectors of texts, as OpenAI's API has them, and vLLM, Ollama, llama.cpp and others after it.
 *
 *   texts ─▶ {"input": […]} ─▶ the tries of llm.c ─▶ {"data": [{"index", "embedding": […]}]} ─▶ numbers, one vector behind the other
 *
 * To llm.c the vectors are the text of an answer, in bytes behind their count: so retries, pauses, limits and prices are those of all requests. */
#include "llm_parts.h"
#include <assert.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { TEXTS_MAX = 2048 }; /* that any server takes at once */

static void write_request(const struct provider *provider, const struct llm_request *request, struct json_writer *json)
{
    json_object_begin(json);
    json_key(json, "model");
    json_text(json, slice_from(provider->model));
    json_key(json, "input");
    json_array_begin(json);
    for (size_t i = 0; i < request->message_count; i++)
        json_text(json, request->messages[i].text);
    json_array_end(json);
    json_key(json, "encoding_format");
    json_text(json, SLICE("float"));
    json_object_end(json);
}

static size_t write_headers(const struct provider *provider, struct arena *arena, const char **headers)
{
    return dialect_openai.headers(provider, arena, headers);
}

static bool take_event(struct reply *reply, struct slice data, struct error *error)
{
    (void)reply;
    (void)data;
    return error_set(error, ERROR_IO, "the embedding model's server answers in pieces");
}

/* The vectors in the order of the texts; NULL where one is missing, or told twice. */
static const struct json_value **in_order(const struct json_value *data, struct arena *arena)
{
    const struct json_value **vectors = arena_alloc(arena, data->count, sizeof(*vectors));
    bool *is_told = arena_alloc(arena, data->count, sizeof(*is_told));
    for (size_t i = 0; i < data->count; i++) {
        int64_t index = (int64_t)i;
        reply_count(&index, &data->items[i], "index");
        if ((size_t)index >= data->count)
            continue;
        const struct json_value *vector = reply_get(&data->items[i], "embedding");
        vectors[index] = !is_told[index] && vector != NULL && vector->kind == JSON_ARRAY ? vector : NULL;
        is_told[index] = true;
    }
    return vectors;
}

static bool add_vector(struct reply *reply, const struct json_value *vector, size_t dimensions, struct error *error)
{
    if (vector == NULL || vector->count == 0 || vector->count != dimensions || dimensions > LIMIT_VECTOR_DIMENSIONS)
        return error_set(error, ERROR_IO,
                         "the embedding model's answer has no vector, one of another length than the others, or of more "
                         "than %zu numbers",
                         LIMIT_VECTOR_DIMENSIONS);
    for (size_t i = 0; i < dimensions; i++) {
        float number = vector->items[i].kind == JSON_NUMBER ? (float)vector->items[i].real : NAN;
        if (!isfinite(number))
            return error_set(error, ERROR_IO, "the embedding model's answer has a vector with something else than numbers");
        buffer_append(&reply->text, &number, sizeof(number));
    }
    return true;
}

static bool read_vectors(struct reply *reply, const struct json_value *root, struct arena *arena, struct error *error)
{
    const struct json_value *data = reply_get(root, "data"), *usage = reply_get(root, "usage");
    struct slice complaint;
    if (reply_complaint(root, &complaint))
        return error_set(error, ERROR_IO, "the embedding model's server says: " SLICE_FORMAT, SLICE_ARGUMENT(complaint));
    if (data == NULL || data->kind != JSON_ARRAY || data->count == 0 || data->count > TEXTS_MAX)
        return error_set(error, ERROR_IO, "the embedding model's answer has no \"data\", or more of it than texts");
    reply_model(reply, reply_get(root, "model"));
    reply_count(&reply->usage.prompt_tokens, usage, "prompt_tokens");
    const struct json_value **vectors = in_order(data, arena);
    const size_t dimensions = vectors[0] != NULL ? vectors[0]->count : 0;
    buffer_append(&reply->text, &data->count, sizeof(data->count));
    for (size_t i = 0; i < data->count; i++)
        if (!add_vector(reply, vectors[i], dimensions, error))
            return false;
    reply->is_whole = true;
    return true;
}

static bool take_body(struct reply *reply, struct slice body, struct error *error)
{
    struct arena arena;
    struct json_value root;
    arena_init(&arena);
    bool ok = reply_read(body, &arena, &root, error) && read_vectors(reply, &root, &arena, error);
    arena_release(&arena);
    return ok;
}

static const struct dialect dialect_embeddings = {write_request, write_headers, take_event, take_body};

bool embeddings_find(struct provider *provider, const char *model, struct arena *arena, struct error *error)
{
    if (provider->dialect != &dialect_openai) {
        error_set(error, ERROR_INVALID, "\"%s\" makes no vectors: that provider has no embedding models", model);
        return error_hint(error, "Write openai:NAME, or the address of a server as http://127.0.0.1:11434/v1#NAME.");
    }
    provider->url = provider_url(provider, "embeddings", arena);
    provider->dialect = &dialect_embeddings;
    return true;
}

bool llm_embed(struct llm *llm, const struct slice *texts, size_t count, const struct llm_request *plain, float **vectors,
               size_t *dimensions, struct error *error)
{
    struct arena arena;
    struct llm_answer answer;
    struct llm_request request = *plain;
    assert(llm->provider.dialect == &dialect_embeddings && count > 0 && count <= TEXTS_MAX);
    arena_init(&arena);
    struct llm_message *messages = arena_alloc(&arena, count, sizeof(*messages));
    for (size_t i = 0; i < count; i++)
        messages[i] = (struct llm_message){LLM_USER, texts[i]};
    request.messages = messages;
    request.message_count = count;
    size_t came = 0;
    bool ok = llm_chat(llm, &request, &arena, &answer, error);
    if (ok)
        memcpy(&came, answer.text.data, sizeof(came));
    if (ok && came != count)
        ok = error_set(error, ERROR_IO, "\"%s\" made %zu vectors of %zu texts", llm->provider.url, came, count);
    if (ok) {
        struct slice numbers = slice_range(answer.text, sizeof(came), answer.text.size);
        *dimensions = numbers.size / count / sizeof(**vectors);
        *vectors = memory_alloc(count * *dimensions, sizeof(**vectors));
        memcpy(*vectors, numbers.data, numbers.size);
    }
    arena_release(&arena);
    return ok;
}
