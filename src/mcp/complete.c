/* complete.c - how a path goes on that a person has begun to type: documents whose path begins so, then those that have the letters anywhere.
 * Only those that the caller may see. */
#include "offer.h"
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
    return slice_starts_with(path, completing->typed) || !slice_has_letters(path, completing->typed) ||
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

/* The one argument of the resources' template, or the prompts' "document"; nothing goes on for others. */
void complete_path(struct mcp_call *call, bool is_prompt, struct slice argument, struct slice typed)
{
    struct completing completing = {.call = call, .typed = typed};
    struct assay_error error;
    bool is_path = slice_equal_text(argument, is_prompt ? "document" : "path");
    bool can_be = typed.size < LIMIT_PATH_BYTES && memchr(typed.data, '\0', typed.size) == NULL;
    if (is_path && can_be && !find_paths(&completing, &error))
        call_fail(call, 500, MCP_INTERNAL, "%s", call_reason(call, &error));
    else
        call_completed(call, completing.values, completing.count, completing.has_more);
}
