/* handle_completions.c - completions of a prompt, the older way to ask: each prompt is a question, answered from the documents that the key may see. */
#include "conversation.h"

enum { CHOICES_MAX = 8 };

struct completions {
    struct talk talk;
    const struct json_value *prompts; /* one text, or more */
    size_t prompt_count, each; /* choices of a prompt */
    bool has_seed, with_usage;
    int64_t seed;
};

static bool read_prompts(struct completions *wanted, const struct json_value *root)
{
    struct exchange *exchange = wanted->talk.exchange;
    const struct json_value *prompt = json_get(root, "prompt");
    bool is_list = prompt != NULL && prompt->kind == JSON_ARRAY;
    if (prompt == NULL || prompt->kind == JSON_NULL)
        return talk_refuse(exchange, "prompt", "is missing");
    wanted->prompts = is_list ? prompt->items : prompt;
    wanted->prompt_count = is_list ? prompt->count : 1;
    if (wanted->prompt_count == 0 || wanted->prompt_count * wanted->each > CHOICES_MAX)
        return talk_refuse(exchange, "prompt", "with \"n\" asks for no answer, or for more than 8");
    for (size_t i = 0; i < wanted->prompt_count; i++) { /* all, before one is asked */
        if (wanted->prompts[i].kind != JSON_TEXT)
            return talk_refuse(exchange, "prompt", "is neither a text nor a list of texts");
        if (!talk_read_prompt(&wanted->talk, wanted->prompts[i].text))
            return false;
    }
    return true;
}

static bool read_numbers(struct completions *wanted, const struct json_value *root)
{
    struct exchange *exchange = wanted->talk.exchange;
    const struct json_value *seed;
    int64_t n, tokens, best;
    if (!request_whole(exchange, root, "n", 1, CHOICES_MAX, 1, &n) ||
        !request_whole(exchange, root, "best_of", 1, CHOICES_MAX, n, &best) ||
        !request_whole(exchange, root, "max_tokens", 1, 1 << 20, 0, &tokens) ||
        !request_member(exchange, root, "seed", JSON_NUMBER, &seed))
        return false;
    if (best != n)
        return talk_refuse(exchange, "best_of", "is not supported by this server");
    if (seed != NULL && !seed->is_integer)
        return talk_refuse(exchange, "seed", "is no whole number");
    wanted->talk.options.tokens_max = (size_t)tokens;
    wanted->has_seed = seed != NULL;
    wanted->seed = seed != NULL ? seed->integer : 0;
    wanted->each = (size_t)n;
    return true;
}

static bool read_request(struct completions *wanted, const struct json_value *root)
{
    static const char *const refused[] = {"suffix", "echo", "logit_bias"};
    static const struct talk_neutral neutral[] = {{"top_p", 1}, {"presence_penalty", 0}, {"frequency_penalty", 0}};
    struct exchange *exchange = wanted->talk.exchange;
    const struct json_value *logprobs = json_get(root, "logprobs"), *more, *usage = NULL;
    if (logprobs != NULL && logprobs->kind != JSON_NULL) /* here 0 asks for them too */
        return talk_refuse(exchange, "logprobs", "is not supported here: /v1/chat/completions has them");
    if (!request_member(exchange, root, "stream_options", JSON_OBJECT, &more) ||
        (more != NULL && !request_member(exchange, more, "include_usage", JSON_BOOL, &usage)))
        return false;
    wanted->with_usage = usage != NULL && usage->boolean;
    return talk_read_common(&wanted->talk, root, 2) && talk_refuse_given(exchange, root, refused, ARRAY_COUNT(refused)) &&
           talk_refuse_numbers(exchange, root, neutral, ARRAY_COUNT(neutral)) && read_numbers(wanted, root) &&
           read_prompts(wanted, root) && talk_read_stops(&wanted->talk, json_get(root, "stop"), "stop");
}

/* ---- the answer ---- */

static void begin_object(struct completions *wanted, struct json_writer *json)
{
    struct exchange *exchange = wanted->talk.exchange;
    const struct json_text_member texts[] = {{"id", arena_format(&exchange->arena, "cmpl-%s", exchange->id + 4)},
                                             {"object", "text_completion"},
                                             {"model", wanted->talk.model}};
    respond_begin(exchange, json);
    json_object_begin(json);
    json_texts(json, texts, ARRAY_COUNT(texts));
    json_key(json, "created");
    json_integer(json, wanted->talk.created);
    json_key(json, "choices");
    json_array_begin(json);
}

static void write_choice(struct completions *wanted, struct json_writer *json, size_t index, const struct assay_answer *answer)
{
    json_object_begin(json);
    json_key(json, "index");
    json_integer(json, (int64_t)index);
    json_key(json, "text");
    json_text(json, slice_from(talk_answer_text(answer)));
    json_key(json, "logprobs");
    json_null(json);
    json_texts(json, &(struct json_text_member){"finish_reason", talk_finish(answer)}, 1);
    talk_write_annotations(&wanted->talk, json, answer);
    talk_write_finding(json, answer);
    json_object_end(json);
}

static void answer_whole(struct completions *wanted, const struct assay_answer *answers, size_t count)
{
    struct json_writer json;
    begin_object(wanted, &json);
    for (size_t i = 0; i < count; i++)
        write_choice(wanted, &json, i, &answers[i]);
    json_array_end(&json);
    talk_write_usage(&json, answers, count);
    json_object_end(&json);
    respond_json(wanted->talk.exchange, &wanted->talk.exchange->text);
}

/* Only once the audit log has the answers: a choice is an event. */
static void answer_stream(struct completions *wanted, const struct assay_answer *answers, size_t count)
{
    struct exchange *exchange = wanted->talk.exchange;
    struct json_writer json;
    respond_stream_begin(exchange);
    for (size_t i = 0; i < count; i++) {
        begin_object(wanted, &json);
        write_choice(wanted, &json, i, &answers[i]);
        json_array_end(&json);
        json_object_end(&json);
        respond_stream_event(exchange, buffer_slice(&exchange->text));
    }
    if (wanted->with_usage) {
        begin_object(wanted, &json);
        json_array_end(&json);
        talk_write_usage(&json, answers, count);
        json_object_end(&json);
        respond_stream_event(exchange, buffer_slice(&exchange->text));
    }
    respond_stream_end(exchange, SLICE("[DONE]"));
}

/* As in chat completions, each choice has its own entry in the audit log, and counts as a request. */
static bool ask_all(struct completions *wanted, struct assay_answer *answers, size_t *made)
{
    size_t count = wanted->prompt_count * wanted->each;
    wanted->talk.options.seed = wanted->has_seed ? &wanted->seed : NULL;
    for (*made = 0; *made < count; *made += 1) {
        if (*made > 0)
            quota_take_begun(wanted->talk.exchange);
        if (!talk_read_prompt(&wanted->talk, wanted->prompts[*made / wanted->each].text) ||
            !talk_ask(&wanted->talk, "prompt", &answers[*made]))
            return false;
        wanted->seed = (int64_t)((uint64_t)wanted->seed + 1);
    }
    return true;
}

void handle_completions(struct exchange *exchange)
{
    struct json_value root;
    struct assay_answer answers[CHOICES_MAX] = {0};
    struct completions wanted = {0};
    size_t made = 0;
    talk_begin(&wanted.talk, exchange, "prompt");
    if (!request_json(exchange, &root) || !read_request(&wanted, &root))
        return;
    if (ask_all(&wanted, answers, &made)) {
        if (wanted.talk.is_stream)
            answer_stream(&wanted, answers, made);
        else
            answer_whole(&wanted, answers, made);
    }
    for (size_t i = 0; i < made; i++)
        talk_release(&wanted.talk, &answers[i]);
}
