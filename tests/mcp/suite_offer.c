/* suite_offer.c - what the public conformance suite of the Model Context Protocol wants of a server: tools, prompts and resources of its own, by
 * which it looks at the protocol. They stand here in the place of the documents that the program offers: the linker takes this mcp_offer for
 * that of src/mcp/offer.c, and `assay-offer serve` and `assay-offer mcp` are otherwise what `assay serve` and `assay mcp` are.
 *
 * Three tables: what is said alike each time, what asks the client back, and the offer, whose names are those of the suite. */
#include "mcp/call.h"
#include <sodium.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#define PNG "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8DwHwAFBQIAX8jx0gAAAABJRU5ErkJggg=="
#define WAV "UklGRiQAAABXQVZFZm10IBAAAAABAAEARKwAAIhYAQACABAAZGF0YQAAAAA="
#define TEXT(text) "{\"type\":\"text\",\"text\":\"" text "\"}"
#define IMAGE "{\"type\":\"image\",\"data\":\"" PNG "\",\"mimeType\":\"image/png\"}"
#define RESOURCE(uri, type, text)                                                                                              \
    "{\"type\":\"resource\",\"resource\":{\"uri\":\"" uri "\",\"mimeType\":\"" type "\",\"text\":\"" text "\"}}"
#define USER(content) "{\"role\":\"user\",\"content\":" content "}"

/* ---- what is said alike each time ---- */

static const struct {
    const char *name, *said;
} fixed[] = {
    {"test_simple_text", "[" TEXT("This is a simple text response for testing.") "]"},
    {"test_image_content", "[" IMAGE "]"},
    {"test_audio_content", "[{\"type\":\"audio\",\"data\":\"" WAV "\",\"mimeType\":\"audio/wav\"}]"},
    {"test_embedded_resource",
     "[" RESOURCE("test://embedded-resource", "text/plain", "This is an embedded resource content.") "]"},
    {"test_multiple_content_types",
     "[" TEXT("Multiple content types test:") "," IMAGE "," RESOURCE("test://mixed-content-resource", "application/json",
                                                                     "{\\\"test\\\":\\\"data\\\",\\\"value\\\":123}") "]"},
    {"test_logging_tool", "[" TEXT("Nothing is logged to a client.") "]"},
    {"json_schema_2020_12_tool", "[" TEXT("The address was taken.") "]"},
    {"test_simple_prompt", "[" USER(TEXT("This is a simple prompt for testing.")) "]"},
    {"test_prompt_with_image", "[" USER(IMAGE) "," USER(TEXT("Please analyze the image above.")) "]"},
};

/* A tool's content or a prompt's messages, of JSON. */
static void say(struct mcp_call *call, struct slice said)
{
    call_begin(call);
    json_key(&call->json, slice_equal_text(call->method, "prompts/get") ? "messages" : "content");
    json_raw(&call->json, said);
    call_end(call);
}

static void answer_fixed(struct mcp_call *call, const struct json_value *arguments)
{
    (void)arguments;
    for (size_t i = 0; i < ARRAY_COUNT(fixed); i++)
        if (slice_equal_text(call_text(call, "name")->text, fixed[i].name))
            say(call, slice_from(fixed[i].said));
}

static void answer_error(struct mcp_call *call, const struct json_value *arguments)
{
    (void)arguments;
    (void)call_refuse(call, "This tool intentionally returns an error for testing");
}

static void answer_progress(struct mcp_call *call, const struct json_value *arguments)
{
    (void)arguments;
    for (int64_t done = 0; done <= 100; done += 50) {
        call_progress(call, done, 100, "testing");
        nanosleep(&(struct timespec){.tv_nsec = 50000000}, NULL);
    }
    say(call, SLICE("[" TEXT("Done.") "]"));
}

/* Its argument stands in a field of HTTP too, and must be the same there. */
static void answer_region(struct mcp_call *call, const struct json_value *arguments)
{
    const struct json_value *region = arguments != NULL ? json_get(arguments, "region") : NULL;
    if (region != NULL && region->kind == JSON_TEXT && call->is_modern &&
        !call_check_field(call, "Mcp-Param-Region", region->text))
        return;
    say(call, SLICE("[" TEXT("The region was taken.") "]"));
}

/* ---- what asks the client back, as of 2026-07-28 ---- */

#define FORM(message, name, type)                                                                                              \
    "{\"message\":\"" message "\",\"requestedSchema\":{\"type\":\"object\",\"properties\":{\"" name "\":{\"type\":\"" type     \
    "\"}},\"required\":[\"" name "\"]}}"
#define QUESTION(text, tokens) "{\"messages\":[" USER(TEXT(text)) "],\"maxTokens\":" tokens "}"

struct input {
    const char *key, *capability, *method, *parameters;
    const char *needs; /* a member that the response must have */
};

static const struct input inputs[] = {
    {"user_name", "elicitation", "elicitation/create", FORM("What is your name?", "name", "string"), "content"},
    {"greeting", "sampling", "sampling/createMessage", QUESTION("Generate a greeting", "50"), "content"},
    {"client_roots", "roots", "roots/list", "{}", "roots"},
    {"capital_question", "sampling", "sampling/createMessage", QUESTION("What is the capital of France?", "100"), "content"},
    {"confirm", "elicitation", "elicitation/create", FORM("Please confirm", "ok", "boolean"), "content"},
    {"step1", "elicitation", "elicitation/create", FORM("Step 1: What is your name?", "name", "string"), "content"},
    {"step2", "elicitation", "elicitation/create", FORM("Step 2: What is your favorite color?", "color", "string"), "content"},
    {"user_context", "elicitation", "elicitation/create", FORM("What context should the prompt use?", "context", "string"),
     "content"},
};

/* Each round wants `count` inputs from `first` on, and the next round those behind them. */
static const struct asking {
    const char *name;
    size_t first, count;
    uint64_t rounds;
    bool has_state;
} askings[] = {
    {"test_input_required_result_elicitation", 0, 1, 1, false},
    {"test_streaming_elicitation", 0, 1, 1, false},
    {"test_input_required_result_capabilities", 0, 2, 1, false},
    {"test_input_required_result_multiple_inputs", 0, 3, 1, true},
    {"test_missing_capability", 1, 1, 1, false},
    {"test_input_required_result_list_roots", 2, 1, 1, false},
    {"test_input_required_result_sampling", 3, 1, 1, false},
    {"test_input_required_result_request_state", 4, 1, 1, true},
    {"test_input_required_result_tampered_state", 4, 1, 1, true},
    {"test_input_required_result_multi_round", 5, 1, 2, true},
    {"test_input_required_result_prompt", 7, 1, 1, false},
};

/* "1.9f86d0…": the round that is answered, and a seal of it and of what asked. */
static const char *state_of(struct mcp_call *call, const struct asking *asking, uint64_t round)
{
    static const unsigned char key[crypto_auth_KEYBYTES] = "a server of users has a secret";
    unsigned char seal[crypto_auth_BYTES];
    char hex[2 * sizeof(seal) + 1];
    const char *sealed = arena_format(call->arena, "%s %llu", asking->name, (unsigned long long)round);
    crypto_auth(seal, (const unsigned char *)sealed, strlen(sealed), key);
    return arena_format(call->arena, "%llu.%s", (unsigned long long)round,
                        sodium_bin2hex(hex, sizeof(hex), seal, sizeof(seal)));
}

static bool read_state(struct mcp_call *call, const struct asking *asking, struct slice state, uint64_t *round)
{
    struct slice number;
    return slice_next(&state, '.', &number) && slice_to_u64(number, round) && *round < asking->rounds &&
           slice_equal_text(call_text(call, "requestState")->text, state_of(call, asking, *round));
}

static const struct json_value *member(const struct json_value *object, const char *key)
{
    return object != NULL ? json_get(object, key) : NULL;
}

static bool is_declared(const struct mcp_call *call, const struct input *input)
{
    const struct json_value *meta = json_get(call->params, "_meta");
    return member(json_get(meta, META_KEY "clientCapabilities"), input->capability) != NULL;
}

static void refuse_capability(struct mcp_call *call, const struct input *input)
{
    enum { MISSING_CAPABILITY = -32021 };
    const char *wanted = arena_format(call->arena, "{\"requiredCapabilities\":{\"%s\":{}}}", input->capability);
    call->status = 400;
    call_error_begin(call, MISSING_CAPABILITY, "The client has not declared a capability that this needs");
    json_key(&call->json, "data");
    json_raw(&call->json, slice_from(wanted));
    call_error_end(call);
}

static void ask(struct mcp_call *call, const struct asking *asking, const struct input *wanted, uint64_t round)
{
    struct json_writer *json = &call->json;
    call_begin_as(call, "input_required");
    json_key(json, "inputRequests");
    json_object_begin(json);
    for (size_t i = 0; i < asking->count; i++) {
        if (!is_declared(call, &wanted[i]))
            continue;
        json_key(json, wanted[i].key);
        json_object_begin(json);
        json_texts(json, &(struct json_text_member){"method", wanted[i].method}, 1);
        json_key(json, "params");
        json_raw(json, slice_from(wanted[i].parameters));
        json_object_end(json);
    }
    json_object_end(json);
    if (asking->has_state)
        json_texts(json, &(struct json_text_member){"requestState", state_of(call, asking, round)}, 1);
    call_end(call);
}

/* All that was asked for is there; what else there is does not matter. */
static bool is_answered(const struct mcp_call *call, const struct asking *asking, const struct input *wanted,
                        const struct json_value *responses)
{
    bool all = responses != NULL;
    for (size_t i = 0; all && i < asking->count; i++)
        all = !is_declared(call, &wanted[i]) || member(json_get(responses, wanted[i].key), wanted[i].needs) != NULL;
    return all;
}

static void go_on(struct mcp_call *call, const struct asking *asking)
{
    const struct json_value *state = call_text(call, "requestState"), *responses = json_get(call->params, "inputResponses");
    const struct input *wanted = &inputs[asking->first];
    uint64_t round = 0;
    size_t declared = 0;
    if ((responses != NULL && responses->kind != JSON_OBJECT) ||
        (state != NULL && !read_state(call, asking, state->text, &round))) {
        call_fail(call, 400, MCP_INVALID_PARAMS, "\"inputResponses\" or \"requestState\" are not what was asked for");
        return;
    }
    wanted += round * asking->count;
    for (size_t i = 0; i < asking->count; i++)
        declared += is_declared(call, &wanted[i]);
    bool is_done = is_answered(call, asking, wanted, responses) && (state != NULL || !asking->has_state);
    if (declared == 0)
        refuse_capability(call, wanted);
    else if (!is_done)
        ask(call, asking, wanted, round);
    else if (round + 1 < asking->rounds)
        ask(call, asking, wanted + asking->count, round + 1);
    else if (slice_equal_text(call->method, "prompts/get"))
        say(call, SLICE("[" USER(TEXT("The context was taken.")) "]"));
    else
        say(call, asking->has_state ? SLICE("[" TEXT("state-ok") "]") : SLICE("[" TEXT("The answer was taken.") "]"));
}

static void answer_asking(struct mcp_call *call, const struct json_value *arguments)
{
    (void)arguments;
    for (size_t i = 0; i < ARRAY_COUNT(askings); i++) {
        if (!slice_equal_text(call_text(call, "name")->text, askings[i].name))
            continue;
        if (call->is_modern)
            go_on(call, &askings[i]);
        else
            call_fail(call, 400, MCP_INVALID_PARAMS, "it asks the client back, as of 2026-07-28");
    }
}

/* ---- prompts with arguments, resources, completions ---- */

/* A text of JSON with the argument's, which may hold anything, in it. */
static const char *argument(const struct mcp_call *call, const struct json_value *arguments, const char *key)
{
    const struct json_value *value = arguments != NULL ? json_get(arguments, key) : NULL;
    if (value == NULL || value->kind != JSON_TEXT)
        return NULL;
    return arena_text(call->arena, slice_range(call->message, value->at + 1, value->end - 1));
}

static void answer_arguments(struct mcp_call *call, const struct json_value *arguments)
{
    const char *first = argument(call, arguments, "arg1"), *second = argument(call, arguments, "arg2");
    if (first == NULL || second == NULL)
        call_fail(call, 400, MCP_INVALID_PARAMS, "the arguments are arg1 and arg2, both texts");
    else
        say(call, slice_from(arena_format(call->arena, "[" USER(TEXT("Prompt with arguments: arg1='%s', arg2='%s'")) "]", first,
                                          second)));
}

static void answer_embedded(struct mcp_call *call, const struct json_value *arguments)
{
    const char *address = argument(call, arguments, "resourceUri");
    if (address == NULL)
        call_fail(call, 400, MCP_INVALID_PARAMS, "the argument is resourceUri, a text");
    else
        say(call,
            slice_from(arena_format(call->arena,
                                    "[" USER(RESOURCE("%s", "text/plain", "Embedded resource content for testing.")) "," USER(
                                        TEXT("Please process the embedded resource above.")) "]",
                                    address)));
}

static void list_resources(struct mcp_call *call)
{
    call_begin(call);
    json_key(&call->json, "resources");
    json_raw(&call->json, SLICE("[{\"uri\":\"test://static-text\",\"name\":\"text\",\"mimeType\":\"text/plain\"},"
                                "{\"uri\":\"test://static-binary\",\"name\":\"binary\",\"mimeType\":\"image/png\"}]"));
    call_cacheable(call, 60000);
    call_end(call);
}

static void read_resource(struct mcp_call *call, const struct json_value *address)
{
    static const struct slice start = SLICE_CONSTANT("test://template/"), end = SLICE_CONSTANT("/data");
    struct slice rest = slice_range(call->message, address->at + 1, address->end - 1), id = {NULL, 0};
    const char *told = NULL;
    if (slice_starts_with(rest, start) && slice_ends_with(rest, end) && rest.size > start.size + end.size)
        id = slice_range(rest, start.size, rest.size - end.size);
    if (slice_equal_text(address->text, "test://static-text"))
        told = "\"mimeType\":\"text/plain\",\"text\":\"This is the content of the static text resource.\"";
    else if (slice_equal_text(address->text, "test://static-binary"))
        told = "\"mimeType\":\"image/png\",\"blob\":\"" PNG "\"";
    else if (id.size > 0)
        told = arena_format(call->arena, "\"mimeType\":\"text/plain\",\"text\":\"Data for ID: " SLICE_FORMAT "\"",
                            SLICE_ARGUMENT(id));
    if (told == NULL) {
        call_no_resource(call, address);
        return;
    }
    call_begin(call);
    json_key(&call->json, "contents");
    json_raw(&call->json,
             slice_from(arena_format(call->arena, "[{\"uri\":\"" SLICE_FORMAT "\",%s}]", SLICE_ARGUMENT(rest), told)));
    call_cacheable(call, 60000);
    call_end(call);
}

static void complete(struct mcp_call *call, bool is_prompt, struct slice name, struct slice typed)
{
    static const char *const places[] = {"paris", "park", "party"};
    const char *fit[ARRAY_COUNT(places)];
    size_t count = 0;
    for (size_t i = 0; is_prompt && slice_equal_text(name, "arg1") && i < ARRAY_COUNT(places); i++)
        if (slice_starts_with(slice_from(places[i]), typed))
            fit[count++] = places[i];
    call_completed(call, fit, count, false);
}

/* ---- the offer ---- */

#define TOOL(name, schema) "{\"name\":\"" name "\",\"description\":\"of the conformance suite\",\"inputSchema\":" schema "}"
#define PLAIN_TOOL(name, answer) {name, TOOL(name, "{\"type\":\"object\"}"), false, answer}
#define PROMPT(name, arguments, answer)                                                                                        \
    {name, "{\"name\":\"" name "\",\"description\":\"of the conformance suite\",\"arguments\":[" arguments "]}", false, answer}
#define ARGUMENT(name) "{\"name\":\"" name "\",\"required\":true}"

static const struct mcp_offered tools[] = {
    PLAIN_TOOL("test_simple_text", answer_fixed),
    PLAIN_TOOL("test_image_content", answer_fixed),
    PLAIN_TOOL("test_audio_content", answer_fixed),
    PLAIN_TOOL("test_embedded_resource", answer_fixed),
    PLAIN_TOOL("test_multiple_content_types", answer_fixed),
    PLAIN_TOOL("test_logging_tool", answer_fixed),
    PLAIN_TOOL("test_error_handling", answer_error),
    PLAIN_TOOL("test_tool_with_progress", answer_progress),
    {"json_schema_2020_12_tool",
     TOOL("json_schema_2020_12_tool",
          "{\"$schema\":\"https://json-schema.org/draft/2020-12/schema\",\"type\":\"object\",\"$defs\":{\"address\":{"
          "\"$anchor\":\"addressDef\",\"type\":\"object\",\"properties\":{\"street\":{\"type\":\"string\"},\"city\":{\"type\":"
          "\"string\"}}}},\"properties\":{\"name\":{\"type\":\"string\"},\"address\":{\"$ref\":\"#/$defs/address\"},"
          "\"contactMethod\":{\"type\":\"string\",\"enum\":[\"phone\",\"email\"]},\"phone\":{\"type\":\"string\"},\"email\":{"
          "\"type\":\"string\"}},\"allOf\":[{\"anyOf\":[{\"required\":[\"phone\"]},{\"required\":[\"email\"]}]}],\"if\":{"
          "\"properties\":{\"contactMethod\":{\"const\":\"phone\"}},\"required\":[\"contactMethod\"]},\"then\":{\"required\":["
          "\"phone\"]},\"else\":{\"required\":[\"email\"]},\"additionalProperties\":false}"),
     false, answer_fixed},
    {"test_x_mcp_header",
     TOOL("test_x_mcp_header",
          "{\"type\":\"object\",\"properties\":{\"region\":{\"type\":\"string\",\"x-mcp-header\":\"Region\"}}}"),
     false, answer_region},
    PLAIN_TOOL("test_streaming_elicitation", answer_asking),
    PLAIN_TOOL("test_missing_capability", answer_asking),
    PLAIN_TOOL("test_input_required_result_elicitation", answer_asking),
    PLAIN_TOOL("test_input_required_result_sampling", answer_asking),
    PLAIN_TOOL("test_input_required_result_list_roots", answer_asking),
    PLAIN_TOOL("test_input_required_result_request_state", answer_asking),
    PLAIN_TOOL("test_input_required_result_multiple_inputs", answer_asking),
    PLAIN_TOOL("test_input_required_result_multi_round", answer_asking),
    PLAIN_TOOL("test_input_required_result_tampered_state", answer_asking),
    PLAIN_TOOL("test_input_required_result_capabilities", answer_asking),
    {0},
};

static const struct mcp_offered prompts[] = {
    PROMPT("test_simple_prompt", "", answer_fixed),
    PROMPT("test_prompt_with_arguments", ARGUMENT("arg1") "," ARGUMENT("arg2"), answer_arguments),
    PROMPT("test_prompt_with_embedded_resource", ARGUMENT("resourceUri"), answer_embedded),
    PROMPT("test_prompt_with_image", "", answer_fixed),
    PROMPT("test_input_required_result_prompt", "", answer_asking),
    {0},
};

static const struct mcp_offered templates[] = {
    {"test://template/{id}/data", "{\"uriTemplate\":\"test://template/{id}/data\",\"name\":\"data\"}", false, NULL},
    {0},
};

const struct mcp_offer mcp_offer = {.instructions = "What the conformance suite asks for.",
                                    .tools = tools,
                                    .prompts = prompts,
                                    .templates = templates,
                                    .list_resources = list_resources,
                                    .read_resource = read_resource,
                                    .complete = complete};
