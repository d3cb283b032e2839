/* mcp.c - messages of JSON-RPC 2.0: read, told apart by era, checked against what HTTP says of them, and handed to what is offered. */
#include "call.h"

enum { BATCH_MAX = 64, MESSAGE_VALUES_MAX = 1 << 16 };

#define MODERN_VERSION "2026-07-28"

/* Those with "initialize", the newest first: what a client is offered that asks for none of them. */
static const char *const older_versions[] = {"2025-11-25", "2025-06-18", "2025-03-26", "2024-11-05"};

/* ---- the beginning of a conversation ---- */

static void write_versions(struct json_writer *json, const char *key)
{
    json_key(json, key);
    json_array_begin(json);
    json_text(json, SLICE(MODERN_VERSION));
    json_array_end(json);
}

static void write_capabilities(struct json_writer *json)
{
    json_key(json, "capabilities");
    json_raw(json, SLICE("{\"tools\":{},\"resources\":{},\"prompts\":{},\"completions\":{}}"));
    json_texts(json, &(struct json_text_member){"instructions", mcp_offer.instructions}, 1);
}

static void answer_discover(struct mcp_call *call)
{
    struct json_writer *json = &call->json;
    call_begin(call);
    write_versions(json, "supportedVersions");
    write_capabilities(json);
    call_cacheable(call, 3600000);
    call_end(call);
}

/* A version that is not spoken gets the newest that is: the client then goes on, or leaves. */
static void answer_initialize(struct mcp_call *call)
{
    struct json_writer *json = &call->json;
    const struct json_value *asked = call_text(call, "protocolVersion");
    const char *version = older_versions[0];
    for (size_t i = 0; asked != NULL && i < ARRAY_COUNT(older_versions); i++)
        if (slice_equal_text(asked->text, older_versions[i]))
            version = older_versions[i];
    call_begin(call);
    json_texts(json, &(struct json_text_member){"protocolVersion", version}, 1);
    write_capabilities(json);
    json_key(json, "serverInfo");
    call_write_server(json);
    call_end(call);
}

static void answer_ping(struct mcp_call *call)
{
    call_begin(call);
    call_end(call);
}

/* ---- what is offered ---- */

static bool is_there(const struct mcp_call *call, const struct mcp_offered *offered)
{
    return !offered->sees_all || call->caller->sees_all;
}

static void answer_list(struct mcp_call *call, const char *key, const struct mcp_offered *all, int64_t kept_ms)
{
    call_begin(call);
    json_key(&call->json, key);
    json_array_begin(&call->json);
    for (; all->name != NULL; all++)
        if (is_there(call, all))
            json_raw(&call->json, slice_from(all->form));
    json_array_end(&call->json);
    call_cacheable(call, kept_ms);
    call_end(call);
}

static void answer_tools_list(struct mcp_call *call)
{
    answer_list(call, "tools", mcp_offer.tools, 60000);
}

static void answer_prompts_list(struct mcp_call *call)
{
    answer_list(call, "prompts", mcp_offer.prompts, 3600000);
}

static void answer_templates_list(struct mcp_call *call)
{
    answer_list(call, "resourceTemplates", mcp_offer.templates, 3600000);
}

static void answer_resources_list(struct mcp_call *call)
{
    mcp_offer.list_resources(call);
}

static void answer_resources_read(struct mcp_call *call)
{
    const struct json_value *address = call_text(call, "uri");
    if (address != NULL)
        mcp_offer.read_resource(call, address);
    else
        call_no_resource(call, NULL);
}

static const struct mcp_offered *find(const struct mcp_call *call, const struct mcp_offered *all, struct slice name)
{
    while (all->name != NULL && !(slice_equal_text(name, all->name) && is_there(call, all)))
        all++;
    return all->name != NULL ? all : NULL;
}

/* The one of the params' name; NULL: there is none, which was answered. */
static const struct mcp_offered *find_named(struct mcp_call *call, const struct mcp_offered *all, const char *noun)
{
    const struct json_value *name = call_text(call, "name");
    const struct mcp_offered *found = name != NULL ? find(call, all, name->text) : NULL;
    if (found == NULL)
        call_fail(call, 400, MCP_INVALID_PARAMS, "Unknown %s: %.*s", noun,
                  name != NULL && name->text.size < 200 ? (int)name->text.size : 0, name != NULL ? name->text.data : "");
    return found;
}

static void answer_tools_call(struct mcp_call *call)
{
    const struct json_value *arguments = call_param(call, "arguments");
    const struct mcp_offered *tool = find_named(call, mcp_offer.tools, "tool");
    if (tool == NULL)
        return;
    bool is_none = arguments == NULL || arguments->kind == JSON_NULL;
    if (is_none || arguments->kind == JSON_OBJECT)
        tool->answer(call, is_none ? NULL : arguments);
    else
        (void)call_refuse(call, "\"arguments\" is no object");
}

static void answer_prompts_get(struct mcp_call *call)
{
    const struct json_value *arguments = call_param(call, "arguments");
    const struct mcp_offered *prompt = find_named(call, mcp_offer.prompts, "prompt");
    if (prompt != NULL)
        prompt->answer(call, arguments != NULL && arguments->kind == JSON_OBJECT ? arguments : NULL);
}

/* What is completed is an argument of a prompt, or of a template of resources. */
static void answer_complete(struct mcp_call *call)
{
    const struct json_value *argument = call_param(call, "argument");
    const struct json_value *reference = call_param(call, "ref");
    const struct json_value *name = argument != NULL ? json_get(argument, "name") : NULL;
    const struct json_value *value = argument != NULL ? json_get(argument, "value") : NULL;
    struct slice type = json_text_at(reference, "type");
    bool is_prompt = slice_equal_text(type, "ref/prompt");
    if (name == NULL || name->kind != JSON_TEXT || value == NULL || value->kind != JSON_TEXT)
        call_fail(call, 400, MCP_INVALID_PARAMS, "\"argument\" has a name and a value, both texts");
    else if ((!is_prompt && !slice_equal_text(type, "ref/resource")) ||
             find(call, is_prompt ? mcp_offer.prompts : mcp_offer.templates,
                  json_text_at(reference, is_prompt ? "name" : "uri")) == NULL)
        call_fail(call, 400, MCP_INVALID_PARAMS, "\"ref\" names no prompt and no template of resources that is here");
    else
        mcp_offer.complete(call, is_prompt, name->text, value->text);
}

enum era { BOTH, OLDER, NEWER };

static const struct {
    const char *method;
    enum era era;
    void (*answer)(struct mcp_call *call);
} methods[] = {
    {"initialize", OLDER, answer_initialize},
    {"ping", OLDER, answer_ping},
    {"server/discover", NEWER, answer_discover},
    {"tools/list", BOTH, answer_tools_list},
    {"tools/call", BOTH, answer_tools_call},
    {"resources/list", BOTH, answer_resources_list},
    {"resources/templates/list", BOTH, answer_templates_list},
    {"resources/read", BOTH, answer_resources_read},
    {"prompts/list", BOTH, answer_prompts_list},
    {"prompts/get", BOTH, answer_prompts_get},
    {"completion/complete", BOTH, answer_complete},
};

/* ---- what HTTP says of a message ---- */

/* Named are the versions that such a request may have: one of the older era begins otherwise, with "initialize". */
static bool refuse_version(struct mcp_call *call, struct slice requested)
{
    struct json_writer *json = &call->json;
    call->status = 400;
    call_error_begin(call, MCP_UNSUPPORTED_VERSION, "Unsupported protocol version");
    json_key(json, "data");
    json_object_begin(json);
    write_versions(json, "supported");
    json_key(json, "requested");
    json_text(json, requested);
    json_object_end(json);
    call_error_end(call);
    return false;
}

/* A request of the newer era must say the same in the fields as in the message. */
static bool check_modern(struct mcp_call *call, const struct json_value *meta, const struct json_value *version)
{
    const struct json_value *capabilities = json_get(meta, META_KEY "clientCapabilities"), *name;
    if (!call_check_field(call, "MCP-Protocol-Version", version->text))
        return false;
    if (!slice_equal_text(version->text, MODERN_VERSION))
        return refuse_version(call, version->text);
    if (!call_check_field(call, "Mcp-Method", call->method))
        return false;
    if (capabilities == NULL || capabilities->kind != JSON_OBJECT) {
        call_fail(call, 400, MCP_INVALID_PARAMS, "_meta has no \"" META_KEY "clientCapabilities\"");
        return false;
    }
    bool is_read = slice_equal_text(call->method, "resources/read");
    bool is_named = slice_equal_text(call->method, "tools/call") || slice_equal_text(call->method, "prompts/get");
    name = is_read || is_named ? call_text(call, is_read ? "uri" : "name") : NULL;
    return name == NULL || call_check_field(call, "Mcp-Name", name->text);
}

/* One without a version in it: of the older era, unless HTTP says otherwise. */
static bool check_older(struct mcp_call *call)
{
    struct slice version = call_field(call, "MCP-Protocol-Version");
    if (version.data == NULL || slice_equal_text(call->method, "initialize"))
        return true;
    for (size_t i = 0; i < ARRAY_COUNT(older_versions); i++)
        if (slice_equal_text(version, older_versions[i]))
            return true;
    if (!slice_equal_text(version, MODERN_VERSION))
        return refuse_version(call, slice_cut(version, 64));
    call->is_modern = true;
    call_fail(call, 400, MCP_INVALID_PARAMS, "_meta has no \"" META_KEY "protocolVersion\"");
    return false;
}

static bool check_era(struct mcp_call *call)
{
    const struct json_value *meta = call_param(call, "_meta");
    const struct json_value *version = meta != NULL ? json_get(meta, META_KEY "protocolVersion") : NULL;
    call->is_modern = version != NULL && version->kind == JSON_TEXT;
    return call->is_modern ? check_modern(call, meta, version) : check_older(call);
}

/* ---- messages ---- */

static void dispatch(struct mcp_call *call)
{
    for (size_t i = 0; i < ARRAY_COUNT(methods); i++) {
        bool fits = methods[i].era == BOTH || (methods[i].era == NEWER) == call->is_modern;
        if (fits && slice_equal_text(call->method, methods[i].method)) {
            methods[i].answer(call);
            return;
        }
    }
    call_fail(call, 404, MCP_NO_METHOD, "Method not found: %.*s", call->method.size > 200 ? 200 : (int)call->method.size,
              call->method.data);
}

static void refuse_message(struct mcp_call *call, const char *reason)
{
    call->status = 400;
    call_error_begin(call, MCP_INVALID_REQUEST, reason);
    call_error_end(call);
}

/* Writes the reply of one message, if it wants one. */
static void answer_one(struct mcp_call *call, const struct json_value *root)
{
    const struct json_value *version = json_get(root, "jsonrpc"), *method = json_get(root, "method"),
                            *id = json_get(root, "id"), *params = json_get(root, "params");
    call->status = 200;
    bool has_id = id != NULL && (id->kind == JSON_TEXT || (id->kind == JSON_NUMBER && id->is_integer));
    call->id = has_id ? id : NULL;
    if (root->kind != JSON_OBJECT || version == NULL || version->kind != JSON_TEXT || !slice_equal_text(version->text, "2.0")) {
        refuse_message(call, "Invalid request: not a message of JSON-RPC 2.0");
        return;
    }
    bool is_reply = method == NULL && (json_get(root, "result") != NULL || json_get(root, "error") != NULL);
    if (is_reply || (method != NULL && method->kind == JSON_TEXT && id == NULL)) { /* nothing that we do is changed by it */
        call->status = 202;
        return;
    }
    if (method == NULL || method->kind != JSON_TEXT || !has_id || (params != NULL && params->kind != JSON_OBJECT)) {
        refuse_message(
            call, "Invalid request: a request has a method, an id that is a text or a whole number, and an object as params");
        return;
    }
    call->method = method->text;
    call->params = params;
    if (check_era(call))
        dispatch(call);
}

/* Several at once, as 2025-03-26 has them. */
static void answer_batch(struct mcp_call *call, const struct json_value *root)
{
    bool any = false;
    if (root->count == 0 || root->count > BATCH_MAX) {
        refuse_message(call, "Invalid request: an array of messages has 1 to 64 of them");
        return;
    }
    json_array_begin(&call->json);
    for (size_t i = 0; i < root->count; i++) {
        answer_one(call, &root->items[i]);
        any = any || call->status != 202;
    }
    json_array_end(&call->json);
    call->status = any ? 200 : 202;
}

unsigned mcp_answer(const struct mcp_caller *caller, struct slice message, struct buffer *out)
{
    struct arena arena;
    struct json_value root;
    struct error error;
    struct mcp_call call = {.caller = caller, .message = message, .arena = &arena};
    arena_init(&arena);
    json_writer_init(&call.json, out);
    if (message.size > MCP_MESSAGE_BYTES_MAX) {
        refuse_message(&call, "Invalid request: the message is longer than 4 MiB");
    } else if (!json_read_few(message, "the message", MESSAGE_VALUES_MAX, &arena, &root, &error)) {
        call.status = 400;
        call_error_begin(&call, MCP_PARSE_ERROR, error.message);
        call_error_end(&call);
    } else if (root.kind == JSON_ARRAY) {
        answer_batch(&call, &root);
    } else {
        answer_one(&call, &root);
    }
    if (out->failed) {
        buffer_clear(out);
        json_writer_init(&call.json, out);
        call_fail(&call, 500, MCP_INTERNAL, "the answer is too long: ask for less");
    }
    if (call.status == 202)
        buffer_clear(out);
    arena_release(&arena);
    return call.status;
}
