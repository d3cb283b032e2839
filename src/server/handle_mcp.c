/* handle_mcp.c - the Model Context Protocol over HTTP: one message a request, answered by the room that standard input has too. The answer is a
 * document, or a stream of events where something is said before the reply. */
#include "exchange.h"
#include "mcp/mcp.h"
#include <string.h>

enum { MESSAGES_MAX = 64, VALUES_MAX = 1 << 16 }; /* of an array that is answered */

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

static struct slice field(void *context, const char *name)
{
    const struct exchange *exchange = context;
    struct slice value;
    return http_field(&exchange->connection->head, exchange->head, name, &value) ? value : (struct slice){NULL, 0};
}

static void on_message(void *context, struct slice message)
{
    struct exchange *exchange = context;
    if (exchange->status == 0) /* nothing was said yet */
        respond_stream_begin(exchange);
    respond_stream_event(exchange, message);
}

/* Each message of an array is a request, as it is alone; the first was counted at the gate. False: there is no room for all of them, which was
 * answered. */
static bool count_messages(struct exchange *exchange)
{
    struct json_value root;
    struct error ignored;
    if (exchange->body.size > MCP_MESSAGE_BYTES_MAX || !slice_starts_with(slice_trim(exchange->body), SLICE("[")) ||
        !json_read_few(exchange->body, "the messages", VALUES_MAX, &exchange->arena, &root, &ignored))
        return true; /* one message, or none, which is told */
    for (size_t i = 1; i < root.count && root.count <= MESSAGES_MAX; i++)
        if (!quota_take(exchange))
            return false;
    return true;
}

void handle_mcp(struct exchange *exchange)
{
    if (!count_messages(exchange))
        return;
    struct slice accepted = field(exchange, "Accept");
    bool takes_events = accepted.data != NULL && memmem(accepted.data, accepted.size, "text/event-stream", 17) != NULL;
    const struct mcp_caller caller = {.assay = exchange->hands->assay,
                                      .secret = exchange->as,
                                      .asker = exchange->key.name,
                                      .sees_all = exchange->key.is_admin,
                                      .going = going,
                                      .on_fault = on_fault,
                                      .on_search = on_search,
                                      .on_answer = on_answer,
                                      .on_used = on_used,
                                      .field = field,
                                      .on_message = takes_events ? on_message : NULL,
                                      .context = exchange};
    buffer_clear(&exchange->text);
    unsigned status = mcp_answer(&caller, exchange->body, &exchange->text);
    if (exchange->status != 0)
        respond_stream_end(exchange, buffer_slice(&exchange->text));
    else if (status == 202)
        respond_empty(exchange, 202, "");
    else
        respond_text(exchange, status, "application/json", buffer_slice(&exchange->text));
}
