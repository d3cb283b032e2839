/* complete.c - how a path goes on that a person has begun to type: documents whose path begins so, then those that have the letters anywhere.
 * Only those that the caller may see. */
#include "call.h"
#include <string.h>

enum {
    VALUES_MAX = 100, /* as many as the protocol allows */
    LOOKED_THROUGH = 20000 /* documents, for letters anywhere: a person types on meanwhile */
};

struct completing {
    struct mcp_call *call;
    struct slice typed;
    const char *values[VALUES_MAX];
    size_t count, looked;
    bool has_more;
};

static char small(char letter)
{
    return letter >= 'A' && letter <= 'Z' ? (char)(letter - 'A' + 'a') : letter;
}

static bool has_letters(struct slice path, struct slice letters)
{
    for (size_t at = 0; at + letters.size <= path.size; at++) {
        size_t same = 0;
        while (same < letters.size && small(path.data[at + same]) == small(letters.data[same]))
            same++;
        if (same == letters.size)
            return true;
    }
    return false;
}

/* False: no more are taken. */
static bool take(struct completing *completing, const char *path)
{
    if (completing->count == VALUES_MAX) {
        completing->has_more = true;
        return false;
    }
    completing->values[completing->count++] = arena_text(completing->call->arena, slice_from(path));
    return true;
}

static bool take_exact(void *context, const struct assay_document *document)
{
    return take(context, document->path);
}

static bool take_begun(void *context, const struct assay_document *document)
{
    struct completing *completing = context;
    return slice_starts_with(slice_from(document->path), completing->typed) && take(completing, document->path);
}

static bool take_anywhere(void *context, const struct assay_document *document)
{
    struct completing *completing = context;
    struct slice path = slice_from(document->path);
    completing->has_more = completing->has_more || ++completing->looked == LOOKED_THROUGH;
    return slice_starts_with(path, completing->typed) || !has_letters(path, completing->typed) ||
           take(completing, document->path);
}

static bool look(struct completing *completing, struct assay_documents_options options,
                 bool (*each)(void *context, const struct assay_document *document), struct assay_error *error)
{
    const struct mcp_caller *caller = completing->call->caller;
    options.principal = caller->principal;
    options.secret = caller->secret;
    return completing->has_more || assay_documents(caller->assay, &options, each, completing, error) ||
           error->kind == ASSAY_CANCELLED;
}

static bool find_paths(struct completing *completing, struct assay_error *error)
{
    const char *typed = arena_text(completing->call->arena, completing->typed);
    bool is_begun = typed[0] != '\0'; /* without a letter every path goes on so, and none is it */
    return (!is_begun || look(completing, (struct assay_documents_options){.path = typed}, take_exact, error)) &&
           look(completing, (struct assay_documents_options){.after = is_begun ? typed : NULL}, take_begun, error) &&
           (!is_begun || look(completing, (struct assay_documents_options){.most = LOOKED_THROUGH}, take_anywhere, error));
}

static void write_values(struct completing *completing)
{
    struct json_writer *json = &completing->call->json;
    call_begin(completing->call);
    json_key(json, "completion");
    json_object_begin(json);
    json_key(json, "values");
    json_array_begin(json);
    for (size_t i = 0; i < completing->count; i++)
        json_text(json, slice_from(completing->values[i]));
    json_array_end(json);
    json_key(json, "hasMore");
    json_bool(json, completing->has_more);
    json_object_end(json);
    call_end(completing->call);
}

/* What is completed is a path: the one argument of the resources' template, or the prompts' "document". False: there is no such thing. */
static bool find_reference(const struct mcp_call *call, struct slice argument, bool *is_path)
{
    const struct json_value *reference = call->params != NULL ? json_get(call->params, "ref") : NULL;
    const struct json_value *type = reference != NULL ? json_get(reference, "type") : NULL;
    if (type == NULL || type->kind != JSON_TEXT)
        return false;
    bool is_prompt = slice_equal_text(type->text, "ref/prompt");
    const struct json_value *name = json_get(reference, is_prompt ? "name" : "uri");
    if (name == NULL || name->kind != JSON_TEXT)
        return false;
    *is_path = slice_equal_text(argument, is_prompt ? "document" : "path");
    return is_prompt ? call_is_prompt(name->text)
                     : slice_equal_text(type->text, "ref/resource") && slice_equal_text(name->text, MCP_ADDRESS_TEMPLATE);
}

void call_complete(struct mcp_call *call)
{
    const struct json_value *argument = call->params != NULL ? json_get(call->params, "argument") : NULL;
    const struct json_value *name = argument != NULL ? json_get(argument, "name") : NULL;
    const struct json_value *value = argument != NULL ? json_get(argument, "value") : NULL;
    struct completing completing = {.call = call};
    struct assay_error error;
    bool is_path;
    if (name == NULL || name->kind != JSON_TEXT || value == NULL || value->kind != JSON_TEXT) {
        call_fail(call, 400, MCP_INVALID_PARAMS, "\"argument\" has a name and a value, both texts");
        return;
    }
    if (!find_reference(call, name->text, &is_path)) {
        call_fail(call, 400, MCP_INVALID_PARAMS, "\"ref\" names no prompt and no template of resources that is here");
        return;
    }
    completing.typed = value->text;
    bool can_be = value->text.size < LIMIT_PATH_BYTES && memchr(value->text.data, '\0', value->text.size) == NULL;
    if (is_path && can_be && !find_paths(&completing, &error))
        call_fail(call, 500, MCP_INTERNAL, "%s", call_reason(call, &error));
    else
        write_values(&completing);
}
