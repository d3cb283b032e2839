/* dialect.h - how a provider wants to be asked, and how it answers. Private to llm. */
#ifndef LLM_DIALECT_H
#define LLM_DIALECT_H

#include "codec/codec.h"
#include "llm.h"

/* Where a model is, and with what key. */
struct provider {
    const struct dialect *dialect;
    const char *model;  /* the provider's name for it */
    const char *url;    /* that requests are posted to */
    const char *key;    /* NULL: none */
    const char *key_variable; /* where it comes from, or should */
    bool is_azure;
    bool is_openai; /* OpenAI's own, which has left `max_tokens` behind */
    bool schema_in_object; /* it wants a schema inside of "json_object", as llama-cpp-python does */
};

/* A function that the model wants called; the arguments are JSON as it wrote it. */
struct reply_call {
    struct buffer id, name, arguments;
};

/* An answer while it comes. */
struct reply {
    struct buffer text;
    struct buffer model;
    struct buffer stop; /* the text that ended it; empty: not told */
    struct buffer logprobs; /* items of a JSON array, with commas between them */
    struct reply_call *calls; /* room for REPLY_CALLS_MAX; NULL: none came yet */
    size_t call_count;
    enum llm_finish finish;
    struct llm_usage usage;
    bool is_whole; /* its end was seen */
    size_t told; /* bytes of text that were handed on */
};

struct dialect {
    /* The body of the request. Streamed when request->piece is set. */
    void (*write)(const struct provider *provider, const struct llm_request *request, struct json_writer *json);

    /* Adds the header that shows the key, and others that every request has, to `headers`; returns how many. */
    size_t (*headers)(const struct provider *provider, struct arena *arena, const char **headers);

    /* One event of a stream. */
    bool (*event)(struct reply *reply, struct slice data, struct error *error);

    /* The whole body of an answer that was not streamed. */
    bool (*body)(struct reply *reply, struct slice body, struct error *error);
};
enum {
    DIALECT_HEADERS_MAX = 4,
    LLM_ANSWER_BYTES_MAX = 8 << 20,
    LLM_LOGPROBS_BYTES_MAX = 4 << 20,
    LLM_EVENT_BYTES_MAX = 1 << 20,
    REPLY_CALLS_MAX = 128,
    LLM_REQUEST_BYTES_MAX = 64 << 20
};

extern const struct dialect dialect_openai, dialect_anthropic;

/* Finds the provider that a model's name means; texts in the arena. Who replays needs no key. */
bool provider_find(struct provider *provider, const char *model, struct arena *arena, bool replays,
                   struct error *error) MUST_USE;

/* Its address of chat completions with another end, "embeddings"; in the arena. */
const char *provider_url(const struct provider *provider, const char *end, struct arena *arena);

/* ---- reading answers, for dialects ---- */

/* The document's root; errors name the provider's answer. */
bool reply_read(struct slice source, struct arena *arena, struct json_value *root, struct error *error) MUST_USE;
const struct json_value *reply_get(const struct json_value *object, const char *key); /* `object` may be NULL */
void reply_text(struct reply *reply, const struct json_value *text); /* appended when it is a text */
void reply_model(struct reply *reply, const struct json_value *model);
void reply_stop(struct reply *reply, const struct json_value *stop); /* taken when it is a text */
void reply_logprobs(struct reply *reply, struct slice source,
                    const struct json_value *logprobs); /* what a piece has of its tokens */
/* A count of tokens; what is absent, negative or no number leaves `count` as it is. */
void reply_count(int64_t *count, const struct json_value *object, const char *key);
/* ---- calls.c ---- */

/* The call of that number, which is new when it is the next one; NULL: there can be none of that number. */
struct reply_call *reply_call(struct reply *reply, size_t number);
void reply_call_add(struct buffer *part, const struct json_value *text); /* appended when it is a text */
void reply_call_arguments(struct reply_call *call, const struct json_value *arguments); /* or a piece of them */
void reply_calls_clear(struct reply *reply);
void reply_calls_release(struct reply *reply);
/* Puts in what may be missing (id, no arguments). False: one has no name, or arguments that are no JSON object. */
bool reply_calls_check(struct reply *reply, struct error *error) MUST_USE;
/* All of them as OpenAI's "tool_calls"; empty: there are none. */
bool reply_calls_take(const struct reply *reply, struct arena *arena, struct slice *calls, struct error *error) MUST_USE;

/* What a provider says went wrong, inside a stream or a body: {"error":{"message"}} or {"error":"…"}; false when it says nothing. */
bool reply_complaint(const struct json_value *root, struct slice *message);

#endif
