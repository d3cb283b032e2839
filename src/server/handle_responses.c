/* handle_responses.c - OpenAI's responses: an item that says what was searched for, where file_search was asked for, and a message or the calls of
 * functions that the model wants.
 *
 * Nothing is kept: a client sends the whole conversation each time, so previous_response_id is refused rather than forgotten. Events come once
 * the audit log has the answer, in the order in which OpenAI sends them. */
#include "file_attributes.h"
#include "responses_tools.h"
#include <stdio.h>
#include <string.h>

struct response {
    struct talk talk;
    const char *id; /* "resp_…", whose items are "fs_…", "msg_…" and "fc_…" */
    const char *tools; /* as they were sent; NULL: none */
    bool searches, with_results;
    struct slice metadata; /* size 0: none */
    struct slice choice; /* tool_choice as it was sent; size 0: none */
    const struct json_value *calls; /* that the answer wants; none where it is text */
    size_t call_at; /* the one that events are about */
    int64_t sequence; /* of the next event */
};

/* ---- the request ---- */

/* Some vector stores as a filter; the one with all documents is none. */
static bool read_stores(struct exchange *exchange, const struct json_value *stores, struct buffer *filter)
{
    enum { STORES_MAX = 8 };
    bool has_all = false;
    if (stores == NULL || stores->kind != JSON_ARRAY || stores->count == 0 || stores->count > STORES_MAX)
        return talk_refuse(exchange, "tools", "has no list of 1 to 8 vector_store_ids");
    for (size_t i = 0; i < stores->count; i++) {
        struct jobs_store store = {.id = NULL};
        if (stores->items[i].kind == JSON_TEXT && !store_named(exchange, stores->items[i].text, &store))
            return false;
        if (store.id == NULL)
            return talk_refuse(exchange, "tools",
                               "searches a vector store that is not there; \"" STORE_ID "\" has all documents");
        has_all = has_all || strcmp(store.id, STORE_ID) == 0;
        if (!has_all)
            buffer_format(filter, "%sfolder = \"%s\"", i == 0 ? "(" : " or ", store_folder(exchange, store.id));
    }
    if (has_all)
        buffer_clear(filter);
    else
        buffer_append_byte(filter, ')');
    return true;
}

static bool read_tool(struct response *response, const struct json_value *tool, struct buffer *filter)
{
    struct exchange *exchange = response->talk.exchange;
    const struct json_value *stores = json_get(tool, "vector_store_ids"), *filters = json_get(tool, "filters");
    int64_t k;
    if (responses_is_function(tool))
        return true;
    if (!slice_equal_text(json_text_at(tool, "type"), "file_search") || response->searches)
        return talk_refuse(exchange, "tools", "has another than functions and one file_search");
    if (!read_stores(exchange, stores, filter) || !request_whole(exchange, tool, "max_num_results", 1, 50, 0, &k))
        return false;
    response->talk.options.k = (size_t)k;
    response->searches = true;
    if (filters != NULL && filters->kind != JSON_NULL) {
        if (filters->kind != JSON_OBJECT)
            return talk_refuse(exchange, "tools", "has filters that are no object");
        buffer_append_text(filter, filter->size > 0 ? " and " : "");
        if (!filter_text(exchange, filters, filter))
            return false;
    }
    if (filter->size > 0)
        response->talk.options.filter = arena_text(&exchange->arena, buffer_slice(filter));
    return true;
}

static bool read_tools(struct response *response, const struct json_value *root)
{
    struct exchange *exchange = response->talk.exchange;
    const struct json_value *tools, *choice = json_get(root, "tool_choice");
    struct buffer filter;
    bool ok = request_member(exchange, root, "tools", JSON_ARRAY, &tools);
    buffer_init(&filter, LIMIT_FILTER_BYTES);
    for (size_t i = 0; ok && tools != NULL && i < tools->count; i++)
        ok = read_tool(response, &tools->items[i], &filter);
    buffer_release(&filter);
    if (!ok)
        return false;
    if (tools != NULL && tools->count > 0)
        response->tools = arena_text(&exchange->arena, slice_range(exchange->body, tools->at, tools->end));
    if (choice != NULL && choice->kind != JSON_NULL)
        response->choice = slice_range(exchange->body, choice->at, choice->end);
    return responses_read_tools(&response->talk, root, response->searches);
}

static bool read_format(struct response *response, const struct json_value *root)
{
    struct exchange *exchange = response->talk.exchange;
    const struct json_value *text, *format = NULL, *type;
    if (!request_member(exchange, root, "text", JSON_OBJECT, &text) ||
        (text != NULL && !request_member(exchange, text, "format", JSON_OBJECT, &format)))
        return false;
    type = format != NULL ? json_get(format, "type") : NULL;
    if (format == NULL || (type != NULL && type->kind == JSON_TEXT && slice_equal_text(type->text, "text")))
        return true;
    if (talk_takes_any_object(&response->talk, type))
        return true;
    if (type == NULL || type->kind != JSON_TEXT || !slice_equal_text(type->text, "json_schema"))
        return talk_refuse(exchange, "text", "has a format that is neither text, nor json_object, nor json_schema");
    return talk_read_schema(&response->talk, json_get(format, "schema"), "text");
}

#define LOGPROBS "message.output_text.logprobs"

static bool read_include(struct response *response, const struct json_value *root)
{
    const struct json_value *include;
    bool with_logprobs = false;
    if (!request_member(response->talk.exchange, root, "include", JSON_ARRAY, &include))
        return false;
    for (size_t i = 0; include != NULL && i < include->count; i++) {
        struct slice item = include->items[i].kind == JSON_TEXT ? include->items[i].text : SLICE("");
        bool is_results = slice_equal_text(item, "file_search_call.results"), is_odds = slice_equal_text(item, LOGPROBS);
        if (!is_results && !is_odds)
            return talk_refuse(response->talk.exchange, "include", "has another than file_search_call.results and " LOGPROBS);
        response->with_results = response->with_results || is_results;
        with_logprobs = with_logprobs || is_odds;
    }
    return talk_read_logprobs(&response->talk, root, with_logprobs, "include");
}

static bool read_response(struct response *response, const struct json_value *root)
{
    static const char *const refused[] = {"previous_response_id", "conversation", "background", "prompt", "reasoning",
                                          "max_tool_calls"};
    static const struct talk_neutral numbers[] = {{"top_p", 1}};
    struct talk *talk = &response->talk;
    const struct json_value *input = json_get(root, "input"), *metadata;
    int64_t tokens;
    if (input == NULL || (input->kind != JSON_TEXT && input->kind != JSON_ARRAY))
        return talk_refuse(talk->exchange, "input", "is missing, or neither a text nor a list of items");
    if (!talk_refuse_given(talk->exchange, root, refused, ARRAY_COUNT(refused)) ||
        !talk_refuse_numbers(talk->exchange, root, numbers, ARRAY_COUNT(numbers)) || !talk_read_common(talk, root, 2) ||
        !request_whole(talk->exchange, root, "max_output_tokens", 16, 1 << 20, 0, &tokens) ||
        !request_member(talk->exchange, root, "metadata", JSON_OBJECT, &metadata) || !read_format(response, root) ||
        !read_tools(response, root) || !read_include(response, root))
        return false;
    if (talk->tuned.id != NULL && response->searches)
        return talk_refuse(talk->exchange, "tools",
                           "has file_search, which a fine-tuned model does not do: it answers by itself");
    talk->options.tokens_max = (size_t)tokens;
    if (metadata != NULL && !metadata_fits(talk->exchange, metadata))
        return false;
    if (metadata != NULL)
        response->metadata = slice_range(talk->exchange->body, metadata->at, metadata->end);
    struct json_value messages;
    return input->kind == JSON_TEXT ? talk_read_question(talk, input->text)
                                    : responses_as_chat(talk, input, &messages) && talk_read_messages(talk, &messages);
}

/* Why the model's text is not whole; NULL: it is. */
static const char *cut_by(const struct assay_answer *answer)
{
    const char *finish = answer->calls == NULL && answer->finish != NULL ? answer->finish : "stop";
    return strcmp(finish, "length") == 0           ? "max_output_tokens"
           : strcmp(finish, "content_filter") == 0 ? "content_filter"
                                                   : NULL;
}

/* `answer` NULL: it is not done yet. */
static const char *status_of(const struct assay_answer *answer)
{
    return answer == NULL ? "in_progress" : cut_by(answer) != NULL ? "incomplete" : "completed";
}

/* ---- items ---- */

static void write_results(struct response *response, struct json_writer *json, const struct assay_answer *answer)
{
    json_key(json, "results");
    if (!response->with_results || answer == NULL) {
        json_null(json);
        return;
    }
    json_array_begin(json);
    for (size_t i = 0; i < answer->hit_count; i++) {
        const struct assay_hit *hit = &answer->hits[i];
        struct json_value given;
        const struct json_text_member texts[] = {{"file_id", store_sent_id(&response->talk.exchange->arena, hit->document)},
                                                 {"filename", store_file_name(hit->document)}};
        json_object_begin(json);
        json_texts(json, texts, ARRAY_COUNT(texts));
        json_key(json, "text");
        json_text(json, (struct slice){hit->text, hit->text_size});
        json_key(json, "score");
        json_real(json, hit->score, 9);
        json_key(json, "attributes");
        if (attributes_of(response->talk.exchange, hit->document, &given))
            json_again(json, &given);
        else
            json_raw(json, SLICE("{}"));
        json_object_end(json);
    }
    json_array_end(json);
}

/* `answer` NULL: it is not done yet. */
static void write_search(struct response *response, struct json_writer *json, const struct assay_answer *answer)
{
    const struct json_text_member texts[] = {{"id", arena_format(&response->talk.exchange->arena, "fs_%s", response->id + 5)},
                                             {"type", "file_search_call"},
                                             {"status", answer != NULL ? "completed" : "in_progress"}};
    json_object_begin(json);
    json_texts(json, texts, ARRAY_COUNT(texts));
    json_key(json, "queries");
    json_array_begin(json);
    if (answer != NULL)
        json_text(json, slice_from(answer->asked != NULL ? answer->asked : response->talk.question));
    json_array_end(json);
    write_results(response, json, answer);
    json_object_end(json);
}

static void write_annotation(struct response *response, struct json_writer *json, const struct assay_answer *answer, size_t i)
{
    const struct assay_citation *citation = &answer->citations[i];
    const struct json_text_member texts[] = {
        {"type", "file_citation"},
        {"file_id", store_sent_id(&response->talk.exchange->arena, citation->hit->document)},
        {"filename", store_file_name(citation->hit->document)}};
    json_object_begin(json);
    json_texts(json, texts, ARRAY_COUNT(texts));
    json_integers(json, &(struct json_integer_member){"index", talk_mark_at(answer, i + 1)}, 1);
    talk_write_quote(json, citation);
    json_object_end(json);
}

/* `text` NULL: empty still. */
static void write_part(struct response *response, struct json_writer *json, const struct assay_answer *answer, const char *text)
{
    bool refuses = talk_refuses(&response->talk, answer);
    const struct json_text_member texts[] = {{"type", refuses ? "refusal" : "output_text"},
                                             {refuses ? "refusal" : "text", text != NULL ? text : ""}};
    json_object_begin(json);
    json_texts(json, texts, ARRAY_COUNT(texts));
    if (refuses) {
        json_object_end(json);
        return;
    }
    json_key(json, "annotations");
    json_array_begin(json);
    for (size_t i = 0; text != NULL && i < answer->citation_count; i++)
        write_annotation(response, json, answer, i);
    json_array_end(json);
    talk_write_logprobs(json, "logprobs", text != NULL ? answer : &(struct assay_answer){0});
    json_object_end(json);
}

static const char *message_id(struct response *response)
{
    return arena_format(&response->talk.exchange->arena, "msg_%s", response->id + 5);
}

static void write_message(struct response *response, struct json_writer *json, const struct assay_answer *answer, bool is_done)
{
    const struct json_text_member texts[] = {{"id", message_id(response)},
                                             {"type", "message"},
                                             {"role", "assistant"},
                                             {"status", status_of(is_done ? answer : NULL)}};
    json_object_begin(json);
    json_texts(json, texts, ARRAY_COUNT(texts));
    json_key(json, "content");
    json_array_begin(json);
    if (is_done)
        write_part(response, json, answer, talk_answer_text(answer));
    json_array_end(json);
    json_object_end(json);
}

static const char *call_id(struct response *response)
{
    return arena_format(&response->talk.exchange->arena, "fc_%s_%zu", response->id + 5, response->call_at);
}

static void write_call(struct response *response, struct json_writer *json, const struct assay_answer *answer, bool is_done)
{
    (void)answer; /* other items are written from it */
    responses_write_call(json, &response->calls->items[response->call_at], call_id(response), is_done);
}

/* ---- the response ---- */

static void write_usage(struct json_writer *json, const struct assay_answer *answer)
{
    json_key(json, "usage");
    json_object_begin(json);
    const struct json_integer_member numbers[] = {{"input_tokens", answer->prompt_tokens},
                                                  {"output_tokens", answer->completion_tokens},
                                                  {"total_tokens", answer->prompt_tokens + answer->completion_tokens}};
    json_integers(json, numbers, ARRAY_COUNT(numbers));
    json_key(json, "input_tokens_details");
    json_object_begin(json);
    const struct json_integer_member cached[] = {{"cached_tokens", answer->cached_tokens}, {"cache_write_tokens", 0}};
    json_integers(json, cached, ARRAY_COUNT(cached));
    json_object_end(json);
    json_key(json, "output_tokens_details");
    json_object_begin(json);
    json_integers(json, &(struct json_integer_member){"reasoning_tokens", 0}, 1);
    json_object_end(json);
    json_object_end(json);
}

/* How it was asked, and what is always so. */
static void write_settings(struct response *response, struct json_writer *json)
{
    static const char *const nulls[] = {"error", "instructions", "previous_response_id", "reasoning", "user"};
    const struct talk *talk = &response->talk;
    for (size_t i = 0; i < ARRAY_COUNT(nulls); i++) {
        json_key(json, nulls[i]);
        json_null(json);
    }
    json_key(json, "max_output_tokens");
    if (talk->options.tokens_max > 0)
        json_integer(json, (int64_t)talk->options.tokens_max);
    else
        json_null(json);
    json_key(json, "temperature");
    if (talk->options.temperature != NULL)
        json_real(json, *talk->options.temperature, 6);
    else
        json_null(json);
    json_integers(json, &(struct json_integer_member){"top_p", 1}, 1);
    json_texts(json, &(struct json_text_member){"truncation", "disabled"}, 1);
    json_key(json, "tool_choice");
    json_raw(json, response->choice.size > 0 ? response->choice : SLICE("\"auto\""));
    json_key(json, "tools");
    json_raw(json, response->tools != NULL ? slice_from(response->tools) : SLICE("[]"));
    json_key(json, "text");
    json_raw(json, talk->options.schema != NULL ? SLICE("{\"format\":{\"type\":\"json_schema\"}}")
                                                : SLICE("{\"format\":{\"type\":\"text\"}}"));
    json_key(json, "parallel_tool_calls");
    json_bool(json, !talk->options.one_call);
    json_key(json, "store");
    json_bool(json, false);
    json_key(json, "background");
    json_bool(json, false);
    json_key(json, "metadata");
    json_raw(json, response->metadata.size > 0 ? response->metadata : SLICE("{}"));
}

/* `answer` NULL: it has only begun. */
static void write_response(struct response *response, struct json_writer *json, const struct assay_answer *answer)
{
    const struct json_text_member texts[] = {
        {"id", response->id}, {"object", "response"}, {"status", status_of(answer)}, {"model", response->talk.model}};
    const char *reason = answer != NULL ? cut_by(answer) : NULL;
    json_object_begin(json);
    json_texts(json, texts, ARRAY_COUNT(texts));
    json_integers(json, &(struct json_integer_member){"created_at", response->talk.created}, 1);
    json_key(json, "completed_at");
    if (answer != NULL && reason == NULL)
        json_integer(json, clock_wall_ns() / 1000000000);
    else
        json_null(json);
    json_key(json, "incomplete_details");
    if (reason != NULL) {
        json_object_begin(json);
        json_texts(json, &(struct json_text_member){"reason", reason}, 1);
        json_object_end(json);
    } else {
        json_null(json);
    }
    json_key(json, "output");
    json_array_begin(json);
    if (answer != NULL && response->searches)
        write_search(response, json, answer);
    if (answer != NULL && answer->calls == NULL)
        write_message(response, json, answer, /* is_done= */ true);
    for (response->call_at = 0; answer != NULL && response->call_at < response->calls->count; response->call_at++)
        write_call(response, json, answer, /* is_done= */ true);
    json_array_end(json);
    write_settings(response, json);
    if (answer != NULL) {
        write_usage(json, answer);
        talk_write_finding(json, answer);
    } else {
        json_key(json, "usage");
        json_null(json);
    }
    json_object_end(json);
}

/* ---- the same as a stream ---- */

/* Begins an event with what all have. */
static void begin_event(struct response *response, struct json_writer *json, const char *type)
{
    respond_begin(response->talk.exchange, json);
    json_object_begin(json);
    json_texts(json, &(struct json_text_member){"type", type}, 1);
    json_integers(json, &(struct json_integer_member){"sequence_number", response->sequence++}, 1);
}

static void send_event(struct response *response, struct json_writer *json, const char *type)
{
    json_object_end(json);
    respond_stream_named(response->talk.exchange, type, buffer_slice(&response->talk.exchange->text));
}

static void send_state(struct response *response, const char *type, const struct assay_answer *answer)
{
    struct json_writer json;
    begin_event(response, &json, type);
    json_key(&json, "response");
    write_response(response, &json, answer);
    send_event(response, &json, type);
}

typedef void write_item(struct response *response, struct json_writer *json, const struct assay_answer *answer, bool is_done);

static void write_search_item(struct response *response, struct json_writer *json, const struct assay_answer *answer,
                              bool is_done)
{
    write_search(response, json, is_done ? answer : NULL);
}

static void send_item(struct response *response, const struct assay_answer *answer, int64_t place, write_item *write_it,
                      bool is_done)
{
    const char *type = is_done ? "response.output_item.done" : "response.output_item.added";
    struct json_writer json;
    begin_event(response, &json, type);
    json_integers(&json, &(struct json_integer_member){"output_index", place}, 1);
    json_key(&json, "item");
    write_it(response, &json, answer, is_done);
    send_event(response, &json, type);
}

static void send_search(struct response *response, const struct assay_answer *answer)
{
    static const char *const types[] = {"response.file_search_call.in_progress", "response.file_search_call.searching",
                                        "response.file_search_call.completed"};
    send_item(response, answer, 0, write_search_item, /* is_done= */ false);
    for (size_t i = 0; i < ARRAY_COUNT(types); i++) {
        struct json_writer json;
        begin_event(response, &json, types[i]);
        json_integers(&json, &(struct json_integer_member){"output_index", 0}, 1);
        json_texts(
            &json,
            &(struct json_text_member){"item_id", arena_format(&response->talk.exchange->arena, "fs_%s", response->id + 5)}, 1);
        send_event(response, &json, types[i]);
    }
    send_item(response, answer, 0, write_search_item, /* is_done= */ true);
}

/* Begins an event of the message's only part. */
static void begin_part_event(struct response *response, struct json_writer *json, const char *type, int64_t place)
{
    const struct json_integer_member places[] = {{"output_index", place}, {"content_index", 0}};
    begin_event(response, json, type);
    json_texts(json, &(struct json_text_member){"item_id", message_id(response)}, 1);
    json_integers(json, places, ARRAY_COUNT(places));
}

static void send_part(struct response *response, const struct assay_answer *answer, int64_t place, bool is_done)
{
    const char *type = is_done ? "response.content_part.done" : "response.content_part.added";
    struct json_writer json;
    begin_part_event(response, &json, type, place);
    json_key(&json, "part");
    write_part(response, &json, answer, is_done ? talk_answer_text(answer) : NULL);
    send_event(response, &json, type);
}

static void send_text(struct response *response, const char *type, const char *key, const struct assay_answer *answer,
                      int64_t place)
{
    struct json_writer json;
    begin_part_event(response, &json, type, place);
    json_texts(&json, &(struct json_text_member){key, talk_answer_text(answer)}, 1);
    if (!talk_refuses(&response->talk, answer))
        talk_write_logprobs(&json, "logprobs", answer);
    send_event(response, &json, type);
}

static void send_message(struct response *response, const struct assay_answer *answer, int64_t place)
{
    static const char annotated[] = "response.output_text.annotation.added";
    send_item(response, answer, place, write_message, /* is_done= */ false);
    send_part(response, answer, place, /* is_done= */ false);
    bool refuses = talk_refuses(&response->talk, answer);
    send_text(response, refuses ? "response.refusal.delta" : "response.output_text.delta", "delta", answer, place);
    for (size_t i = 0; i < answer->citation_count; i++) {
        struct json_writer json;
        begin_part_event(response, &json, annotated, place);
        json_integers(&json, &(struct json_integer_member){"annotation_index", (int64_t)i}, 1);
        json_key(&json, "annotation");
        write_annotation(response, &json, answer, i);
        send_event(response, &json, annotated);
    }
    send_text(response, refuses ? "response.refusal.done" : "response.output_text.done", refuses ? "refusal" : "text", answer,
              place);
    send_part(response, answer, place, /* is_done= */ true);
    send_item(response, answer, place, write_message, /* is_done= */ true);
}

/* The arguments of the call at hand, in one piece. */
static void send_arguments(struct response *response, const char *type, const char *key, int64_t place)
{
    const struct json_value *call = &response->calls->items[response->call_at];
    struct json_writer json;
    begin_event(response, &json, type);
    json_texts(&json, &(struct json_text_member){"item_id", call_id(response)}, 1);
    json_integers(&json, &(struct json_integer_member){"output_index", place}, 1);
    json_key(&json, "name");
    json_text(&json, json_text_at(json_get(call, "function"), "name"));
    json_key(&json, key);
    json_text(&json, responses_arguments(call));
    send_event(response, &json, type);
}

static void send_calls(struct response *response, const struct assay_answer *answer, int64_t first)
{
    for (response->call_at = 0; response->call_at < response->calls->count; response->call_at++) {
        int64_t place = first + (int64_t)response->call_at;
        send_item(response, answer, place, write_call, /* is_done= */ false);
        send_arguments(response, "response.function_call_arguments.delta", "delta", place);
        send_arguments(response, "response.function_call_arguments.done", "arguments", place);
        send_item(response, answer, place, write_call, /* is_done= */ true);
    }
}

static void answer_stream(struct response *response, const struct assay_answer *answer)
{
    respond_stream_begin(response->talk.exchange);
    send_state(response, "response.created", NULL);
    send_state(response, "response.in_progress", NULL);
    if (response->searches)
        send_search(response, answer);
    if (answer->calls == NULL)
        send_message(response, answer, response->searches ? 1 : 0);
    else
        send_calls(response, answer, response->searches ? 1 : 0);
    send_state(response, cut_by(answer) != NULL ? "response.incomplete" : "response.completed", answer);
    respond_stream_close(response->talk.exchange);
}

void handle_responses(struct exchange *exchange)
{
    struct json_value root;
    struct json_writer json;
    struct assay_answer answer;
    struct response response = {.id = arena_format(&exchange->arena, "resp_%s", exchange->id + 4)};
    talk_begin(&response.talk, exchange, "input");
    if (!request_json(exchange, &root) || !read_response(&response, &root) || !talk_ask(&response.talk, "text", &answer))
        return;
    response.calls = talk_calls(&answer, &exchange->arena);
    if (response.talk.is_stream) {
        answer_stream(&response, &answer);
    } else {
        respond_begin(exchange, &json);
        write_response(&response, &json, &answer);
        respond_json(exchange, &exchange->text);
    }
    talk_release(&response.talk, &answer);
}
