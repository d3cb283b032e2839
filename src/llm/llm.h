/* llm.h - text from language models that run elsewhere: one interface for all of them.
 *
 *   messages ─▶ llm_chat ─┬─ replay: what was recorded for the same request
 *                         └─ dialect (OpenAI's, Anthropic's) ─▶ HTTP ─▶ answer, tokens
 *
 * A request that failed for a reason that passes (429, 5xx, a lost connection) is made again, with growing pauses or as the server asks. After
 * several that failed for good in a row the model is left alone for a while, and calls fail at once. What a request costs is counted, and one that
 * would pass the day's limit is not made. One llm may be used by several threads. */
#ifndef LLM_LLM_H
#define LLM_LLM_H

#include "base/base.h"

/* As a schema: any object will do, which providers have a mode of their own for. */
#define LLM_ANY_OBJECT "{\"type\":\"object\"}"

enum llm_role { LLM_SYSTEM, LLM_USER, LLM_ASSISTANT };

struct llm_message {
    enum llm_role role;
    struct slice text;
};

enum llm_finish {
    LLM_FINISHED, /* by itself, or at one of the stops */
    LLM_CUT,      /* tokens_max was reached */
    LLM_CALLED,   /* it wants functions called: llm_answer.calls */
    LLM_FILTERED  /* the provider withheld (a part of) the answer */
};

struct llm_usage {
    int64_t prompt_tokens; /* cached ones too */
    int64_t cached_tokens; /* of the prompt, which the provider had at hand */
    int64_t completion_tokens;
    double cost; /* of these; negative: the price is not known */
};

/* Adds up; a cost that is not known makes the sum's unknown. */
void llm_usage_add(struct llm_usage *sum, const struct llm_usage *more);

struct llm_request {
    const struct llm_message *messages; /* LLM_SYSTEM only first */
    size_t message_count;
    size_t tokens_max; /* of the answer; 0: LLM_TOKENS_DEFAULT */
    double temperature; /* negative: as the provider has it */
    int64_t seed; /* negative: none; not every provider has one */
    const struct slice *stops; /* texts that end the answer */
    size_t stop_count;
    /* A JSON Schema that the answer must follow, by the provider's own means; empty: none. */
    struct slice schema, schema_name;
    /* Functions that the model may ask to have called, whether it must, and what followed the last message: the calls it asked for and what came
     * of them. Arrays of JSON, the choice a value, all as chat completions of OpenAI's API have them; empty: none. */
    struct slice tools, tool_choice, since;
    bool one_call; /* at most, in one answer */
    bool is_hurried; /* one try, of LLM_HURRIED_MS at the most */
    bool with_logprobs; /* of the answer's tokens; only "openai" and its like have them */
    unsigned top_logprobs; /* of so many tokens that might have stood in each one's place too */
    /* Called with each piece of the answer as it comes; false stops (ERROR_CANCELLED). NULL: the answer comes as a whole. */
    bool (*piece)(void *context, struct slice piece);
    /* From time to time; true stops (ERROR_CANCELLED). May be NULL. */
    bool (*is_cancelled)(void *context);
    void *context;
};

enum { LLM_TOKENS_DEFAULT = 1024, LLM_HURRIED_MS = 5000 };

/* Texts are in the arena given to llm_chat. */
struct llm_answer {
    struct slice text;
    struct slice calls; /* of functions, as "tool_calls" of OpenAI's API has them; empty: none */
    struct slice
        logprobs; /* of tokens of the text: a JSON array, the "content" of OpenAI's API; empty: not asked for, or not told */
    struct slice model; /* as the provider names what answered */
    enum llm_finish finish;
    struct slice stop; /* of the request's, the one that ended it; empty: none did, or the provider does not tell */
    struct llm_usage usage;
    unsigned tries; /* 1: the first worked; 0: replayed */
    double first_ms; /* until the first piece of text */
    double took_ms;
    /* Of one that failed: what the provider says is wrong with the request (400 or 422), without the key; empty: something else
     * failed. The other members are undefined then. */
    struct slice refusal;
};

/* For a million tokens. */
struct llm_price {
    double input, cached, output;
    double training; /* negative: not known */
};

struct llm_options {
    const struct llm_price *price; /* of this model; NULL: not known */
    /* A limit on what all requests of one day (UTC) may cost, over all processes; NULL: none. With it the price must be known. */
    const char *spend_file;
    double spend_day;
    const char *currency; /* of price and limit, for messages */
    unsigned stall_ms; /* 0: 60 s without a byte, once the answer has begun, are a failure */
    unsigned wall_ms; /* 0: 10 minutes */
    unsigned tries_max; /* 0: 4 */
    unsigned pause_ms; /* before the second try, twice as much before each later one; 0: 500 */
    unsigned concurrent; /* requests at once, others wait; 0: 8 */
    unsigned rest_ms; /* how long a model that fails is left alone; 0: 30 s */
    const char *record; /* a file that each answer is added to; NULL: none */
    const char *replay; /* a file of recorded answers: nothing goes over the network; NULL: none */
    const char *cache; /* instead of both: what the file has is not asked for again, and what it has not is added; NULL: none */
    bool stays_here; /* a model of another machine is refused, unless answers come from a file: nothing may leave this one */
    bool anew; /* what the cache had before is asked for again */
    bool keep_requests; /* what is recorded or cached, with the body of its request: for llm_each_kept */
};

struct llm;

/* `model`: "openai:NAME", "anthropic:NAME", or the base address of a server that speaks as OpenAI's does, "http://127.0.0.1:11434/v1#NAME".
 * Keys come from OPENAI_API_KEY, ANTHROPIC_API_KEY, and ASSAY_MODEL_KEY for addresses. Nothing is sent yet. */
bool llm_open(struct llm **llm, const char *model, const struct llm_options *options, struct error *error) MUST_USE;
void llm_close(struct llm *llm); /* NULL is fine */

/* For how many milliseconds more it is left alone, because it failed too often in a row; 0: it may be asked. */
unsigned llm_rests_ms(struct llm *llm);

/* The same for a model that makes vectors ("anthropic:" has none): llm_embed is all that can be asked of it. Options that keep or replay answers do
 * not go with it. */
bool llm_open_embedder(struct llm **llm, const char *model, const struct llm_options *options, struct error *error) MUST_USE;

/* A vector for each of the texts (one at least, none empty), one behind the other, freed by the caller. They are as the model has them, of any
 * length. Of `plain` is_cancelled and its context count. */
bool llm_embed(struct llm *llm, const struct slice *texts, size_t count, const struct llm_request *plain, float **vectors,
               size_t *dimensions, struct error *error) MUST_USE;

/* Whether such a name says where a model runs: one of the three forms. */
bool llm_is_remote(const char *model);

bool llm_runs_here(const char *model); /* an address of this machine: nothing that is asked leaves it */

bool llm_tells_logprobs(const char *model); /* whether what speaks so has logprobs of tokens; false: what is not remote, too */

double llm_cost(const struct llm *llm, const struct llm_usage *usage); /* by its price; negative: that is not known */
bool llm_price_known(const struct llm *llm, struct llm_price *price); /* false: it is not */
const char *llm_currency(const struct llm *llm); /* of costs; NULL: the price is not known */
const char *llm_name(const struct llm *llm); /* as it was opened, without anything secret */

const char *llm_provider(const struct llm *llm); /* "openai", "anthropic", or "openai_compatible" for an address */
const char *llm_model(const struct llm *llm); /* the provider's name for it */

bool llm_chat(struct llm *llm, const struct llm_request *request, struct arena *arena, struct llm_answer *answer,
              struct error *error) MUST_USE;

/* What a cache has of this model on this server, with its request: as it was sent, and what was answered then. The oldest first; false from
 * each() stops. A file that is not there has nothing. */
bool llm_each_kept(const struct llm *llm, const char *path,
                   bool (*each)(void *context, struct slice request, const struct llm_answer *then), void *context,
                   struct error *error) MUST_USE;

/* Such a request once more, over the network whatever was kept. */
bool llm_send_again(struct llm *llm, struct slice request, struct arena *arena, struct llm_answer *answer,
                    struct error *error) MUST_USE;

const char *llm_finish_name(enum llm_finish finish); /* "stop", "length", "tool_calls", "content_filter" */

#include "llm_tuning.h"

#endif
