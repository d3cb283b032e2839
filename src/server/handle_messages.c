/* handle_messages.c - Anthropic's messages: the answer as a block of text, whose citations are search results. Errors of this address have
 * Anthropic's form (respond.c). */
#include "messages_tools.h"

static bool read_format(struct talk *talk, const struct json_value *root)
{
    const struct json_value *output, *format = NULL, *type;
    if (!request_member(talk->exchange, root, "output_config", JSON_OBJECT, &output) ||
        (output != NULL && !request_member(talk->exchange, output, "format", JSON_OBJECT, &format)))
        return false;
    type = format != NULL ? json_get(format, "type") : NULL;
    if (format == NULL)
        return true;
    if (type == NULL || type->kind != JSON_TEXT || !slice_equal_text(type->text, "json_schema"))
        return talk_refuse(talk->exchange, "output_config", "has a format other than json_schema");
    return talk_read_schema(talk, json_get(format, "schema"), "output_config");
}

static bool read_thinking(struct talk *talk, const struct json_value *root)
{
    const struct json_value *thinking = json_get(root, "thinking"),
                            *type = json_get(thinking != NULL ? thinking : root, "type");
    bool is_off = thinking == NULL || thinking->kind == JSON_NULL ||
                  (type != NULL && type->kind == JSON_TEXT && slice_equal_text(type->text, "disabled"));
    return is_off || talk_refuse(talk->exchange, "thinking", "is not supported by this server");
}

static bool read_messages(struct talk *talk, const struct json_value *root)
{
    static const char *const refused[] = {"container", "mcp_servers", "top_k"};
    static const struct talk_neutral numbers[] = {{"top_p", 1}};
    const struct json_value *messages, *stops;
    struct json_value chat;
    int64_t tokens;
    if (!talk_read_common(talk, root, 1) || !talk_refuse_given(talk->exchange, root, refused, ARRAY_COUNT(refused)) ||
        !talk_refuse_numbers(talk->exchange, root, numbers, ARRAY_COUNT(numbers)) || !read_thinking(talk, root) ||
        !request_whole(talk->exchange, root, "max_tokens", 1, 1 << 20, 0, &tokens) ||
        !request_member(talk->exchange, root, "messages", JSON_ARRAY, &messages) || !read_format(talk, root) ||
        !request_member(talk->exchange, root, "stop_sequences", JSON_ARRAY, &stops) ||
        !talk_read_stops(talk, stops, "stop_sequences") || !messages_read_tools(talk, root))
        return false;
    if (tokens == 0)
        return talk_refuse(talk->exchange, "max_tokens", "is missing");
    talk->options.tokens_max = (size_t)tokens;
    if (messages == NULL)
        return talk_refuse(talk->exchange, "messages", "is missing");
    return messages_as_chat(talk, messages, &chat) && talk_read_messages(talk, &chat);
}

/* ---- the answer ---- */

static void write_citation(struct json_writer *json, const struct assay_citation *citation, size_t number)
{
    const struct json_text_member texts[] = {
        {"type", "search_result_location"}, {"source", citation->hit->document}, {"title", citation->hit->title}};
    const struct json_integer_member numbers[] = {
        {"search_result_index", (int64_t)number}, {"start_block_index", 0}, {"end_block_index", 1}};
    json_object_begin(json);
    json_texts(json, texts, ARRAY_COUNT(texts));
    json_key(json, "cited_text");
    json_text(json, (struct slice){citation->quote, citation->quote_size});
    json_integers(json, numbers, ARRAY_COUNT(numbers));
    talk_write_quote(json, citation);
    json_object_end(json);
}

/* `answer` NULL: empty, as a stream begins. */
static void write_block(struct json_writer *json, const struct assay_answer *answer)
{
    const struct json_text_member texts[] = {{"type", "text"}, {"text", answer != NULL ? talk_answer_text(answer) : ""}};
    json_object_begin(json);
    json_texts(json, texts, ARRAY_COUNT(texts));
    json_key(json, "citations");
    if (answer == NULL || answer->citation_count == 0)
        json_null(json);
    else {
        json_array_begin(json);
        for (size_t i = 0; i < answer->citation_count; i++)
            write_citation(json, &answer->citations[i], i);
        json_array_end(json);
    }
    json_object_end(json);
}

static void write_usage(struct json_writer *json, const struct assay_answer *answer, int64_t output)
{
    const struct json_integer_member numbers[] = {{"input_tokens", answer->prompt_tokens - answer->cached_tokens},
                                                  {"output_tokens", output},
                                                  {"cache_creation_input_tokens", 0},
                                                  {"cache_read_input_tokens", answer->cached_tokens}};
    json_key(json, "usage");
    json_object_begin(json);
    json_integers(json, numbers, ARRAY_COUNT(numbers));
    json_object_end(json);
}

/* Members that tell why it ended. */
static void write_end(struct json_writer *json, const struct assay_answer *answer)
{
    const char *finish = answer->finish != NULL ? answer->finish : "stop";
    const char *reason = answer->calls != NULL                   ? "tool_use"
                         : answer->stop != NULL                  ? "stop_sequence"
                         : strcmp(finish, "length") == 0         ? "max_tokens"
                         : strcmp(finish, "content_filter") == 0 ? "refusal"
                                                                 : "end_turn";
    json_texts(json, &(struct json_text_member){"stop_reason", reason}, 1);
    json_key(json, "stop_sequence");
    if (answer->stop != NULL)
        json_text(json, slice_from(answer->stop));
    else
        json_null(json);
}

static void write_message(struct talk *talk, struct json_writer *json, const struct assay_answer *answer, bool is_done)
{
    static const char *const ends[] = {"stop_reason", "stop_sequence"};
    const struct json_text_member texts[] = {{"id", arena_format(&talk->exchange->arena, "msg_%s", talk->exchange->id + 4)},
                                             {"type", "message"},
                                             {"role", "assistant"},
                                             {"model", talk->model}};
    json_object_begin(json);
    json_texts(json, texts, ARRAY_COUNT(texts));
    json_key(json, "content");
    json_array_begin(json);
    const struct json_value *calls = talk_calls(answer, &talk->exchange->arena);
    if (is_done && answer->calls == NULL)
        write_block(json, answer);
    for (size_t i = 0; is_done && i < calls->count; i++)
        messages_write_call(json, &calls->items[i], &talk->exchange->arena, /* with_input= */ true);
    json_array_end(json);
    if (is_done)
        write_end(json, answer);
    for (size_t i = 0; !is_done && i < ARRAY_COUNT(ends); i++) {
        json_key(json, ends[i]);
        json_null(json);
    }
    write_usage(json, answer, is_done ? answer->completion_tokens : 0);
    if (is_done)
        talk_write_finding(json, answer);
    json_object_end(json);
}

/* ---- as a stream ---- */

static void begin_event(struct talk *talk, struct json_writer *json, const char *type)
{
    respond_begin(talk->exchange, json);
    json_object_begin(json);
    json_texts(json, &(struct json_text_member){"type", type}, 1);
}

static void send_event(struct talk *talk, struct json_writer *json, const char *type)
{
    json_object_end(json);
    respond_stream_named(talk->exchange, type, buffer_slice(&talk->exchange->text));
}

/* Of the block of text: its text, or one of its citations. */
static void send_delta(struct talk *talk, const struct assay_answer *answer, const struct assay_citation *citation,
                       size_t number)
{
    struct json_writer json;
    begin_event(talk, &json, "content_block_delta");
    json_integers(&json, &(struct json_integer_member){"index", 0}, 1);
    json_key(&json, "delta");
    json_object_begin(&json);
    json_texts(&json, &(struct json_text_member){"type", citation != NULL ? "citations_delta" : "text_delta"}, 1);
    if (citation != NULL) {
        json_key(&json, "citation");
        write_citation(&json, citation, number);
    } else {
        json_texts(&json, &(struct json_text_member){"text", talk_answer_text(answer)}, 1);
    }
    json_object_end(&json);
    send_event(talk, &json, "content_block_delta");
}

static void begin_block(struct talk *talk, struct json_writer *json, size_t number)
{
    begin_event(talk, json, "content_block_start");
    json_integers(json, &(struct json_integer_member){"index", (int64_t)number}, 1);
    json_key(json, "content_block");
}

static void end_block(struct talk *talk, size_t number)
{
    struct json_writer json;
    begin_event(talk, &json, "content_block_stop");
    json_integers(&json, &(struct json_integer_member){"index", (int64_t)number}, 1);
    send_event(talk, &json, "content_block_stop");
}

static void stream_text(struct talk *talk, const struct assay_answer *answer)
{
    struct json_writer json;
    begin_block(talk, &json, 0);
    write_block(&json, NULL);
    send_event(talk, &json, "content_block_start");
    send_delta(talk, answer, NULL, 0);
    for (size_t i = 0; i < answer->citation_count; i++)
        send_delta(talk, answer, &answer->citations[i], i);
    end_block(talk, 0);
}

static void stream_call(struct talk *talk, const struct json_value *call, size_t number)
{
    struct json_writer json;
    begin_block(talk, &json, number);
    messages_write_call(&json, call, &talk->exchange->arena, /* with_input= */ false);
    send_event(talk, &json, "content_block_start");
    begin_event(talk, &json, "content_block_delta");
    json_integers(&json, &(struct json_integer_member){"index", (int64_t)number}, 1);
    json_key(&json, "delta");
    json_object_begin(&json);
    json_texts(&json, &(struct json_text_member){"type", "input_json_delta"}, 1);
    json_key(&json, "partial_json");
    json_text(&json, messages_arguments(call));
    json_object_end(&json);
    send_event(talk, &json, "content_block_delta");
    end_block(talk, number);
}

static void answer_stream(struct talk *talk, const struct assay_answer *answer)
{
    const struct json_value *calls = talk_calls(answer, &talk->exchange->arena);
    struct json_writer json;
    respond_stream_begin(talk->exchange);
    begin_event(talk, &json, "message_start");
    json_key(&json, "message");
    write_message(talk, &json, answer, /* is_done= */ false);
    send_event(talk, &json, "message_start");
    if (answer->calls == NULL)
        stream_text(talk, answer);
    for (size_t i = 0; i < calls->count; i++)
        stream_call(talk, &calls->items[i], i);
    begin_event(talk, &json, "message_delta");
    json_key(&json, "delta");
    json_object_begin(&json);
    write_end(&json, answer);
    json_object_end(&json);
    write_usage(&json, answer, answer->completion_tokens);
    talk_write_finding(&json, answer);
    send_event(talk, &json, "message_delta");
    begin_event(talk, &json, "message_stop");
    send_event(talk, &json, "message_stop");
    respond_stream_close(talk->exchange);
}

/* About as many as a model's tokenizer would make of it: the texts of messages, system and functions, with what stands around each. */
static int64_t tokens_of(const struct json_value *value, struct buffer *texts)
{
    enum { AROUND_MESSAGE = 4 };
    int64_t count = 0;
    if (value->kind == JSON_TEXT) {
        buffer_append_slice(texts, value->text);
        buffer_append_byte(texts, '\n');
    } else if (value->kind == JSON_OBJECT || value->kind == JSON_ARRAY) {
        for (size_t i = 0; i < value->count; i++)
            count += tokens_of(&value->items[i], texts);
        count += value->kind == JSON_OBJECT && json_get(value, "role") != NULL ? AROUND_MESSAGE : 0;
    }
    return count;
}

void handle_messages_count(struct exchange *exchange)
{
    static const char *const counted[] = {"system", "messages", "tools"};
    struct json_value root;
    const struct json_value *messages;
    struct json_writer json;
    if (!request_json(exchange, &root) || !request_member(exchange, &root, "messages", JSON_ARRAY, &messages))
        return;
    if (messages == NULL || messages->count == 0) {
        respond_refusal(exchange, 400, "invalid_value", "messages", "\"messages\" is missing, or has none");
        return;
    }
    struct buffer texts;
    int64_t count = 0;
    buffer_init(&texts, 2 * LIMIT_JSON_BYTES);
    for (size_t i = 0; i < ARRAY_COUNT(counted); i++)
        count += json_get(&root, counted[i]) != NULL ? tokens_of(json_get(&root, counted[i]), &texts) : 0;
    count += (int64_t)assay_token_estimate(texts.data, texts.size);
    buffer_release(&texts);
    respond_begin(exchange, &json);
    json_object_begin(&json);
    json_integers(&json, &(struct json_integer_member){"input_tokens", count}, 1);
    json_object_end(&json);
    respond_json(exchange, &exchange->text);
}

void handle_messages(struct exchange *exchange)
{
    struct json_value root;
    struct json_writer json;
    struct assay_answer answer;
    struct talk talk;
    talk_begin(&talk, exchange, "messages");
    if (!request_json(exchange, &root) || !read_messages(&talk, &root) || !talk_ask(&talk, "output_config", &answer))
        return;
    if (talk.is_stream) {
        answer_stream(&talk, &answer);
    } else {
        respond_begin(exchange, &json);
        write_message(&talk, &json, &answer, /* is_done= */ true);
        respond_json(exchange, &exchange->text);
    }
    talk_release(&talk, &answer);
}
