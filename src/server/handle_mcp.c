/* handle_mcp.c - the Model Context Protocol over HTTP: one message a request, answered by the room that standard input has too. */
#include "exchange.h"
#include "mcp/mcp.h"

static bool going(void *context)
{
    const struct exchange *exchange = context;
    return !connection_is_gone(exchange->connection);
}

static const char *on_fault(void *context, const struct assay_error *error)
{
    struct exchange *exchange = context;
    journal_event("error", "%s: %s%s%s", exchange->id, error->message, error->hint[0] != '\0' ? ": " : "", error->hint);
    return arena_format(&exchange->arena, "this could not be answered; the server's log has the reason under %s", exchange->id);
}

static void on_search(void *context, const struct assay_results *results)
{
    const struct exchange *exchange = context;
    figures_note_search(exchange->server, results);
}

static void on_answer(void *context, const struct assay_answer *answer)
{
    const struct exchange *exchange = context;
    figures_note_answer(exchange->server, answer);
    quota_note_answer(exchange, answer);
}

static void on_used(void *context, const struct assay_answer *answer)
{
    quota_note_answer(context, answer);
}

void handle_mcp(struct exchange *exchange)
{
    const struct mcp_caller caller = {.assay = exchange->hands->assay,
                                      .secret = exchange->as,
                                      .asker = exchange->key.name,
                                      .sees_all = exchange->key.is_admin,
                                      .going = going,
                                      .on_fault = on_fault,
                                      .on_search = on_search,
                                      .on_answer = on_answer,
                                      .on_used = on_used,
                                      .context = exchange};
    const struct mcp_fields fields = {true, exchange->mcp_version, exchange->mcp_method, exchange->mcp_name};
    buffer_clear(&exchange->text);
    unsigned status = mcp_answer(&caller, &fields, exchange->body, &exchange->text);
    if (status == 202)
        respond_empty(exchange, 202, "");
    else
        respond_text(exchange, status, "application/json", buffer_slice(&exchange->text));
}
