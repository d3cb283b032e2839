/* handle_status.c - is it there, is it ready, how does it do. */
#include "exchange.h"
#include "site/site.h"

/* An answer is given once its entry in the audit log is on the disk, whose head and catalog grow with it. */
enum { ROOM_MIN = 64 * KIB };

/* The page: the same bytes for everybody. What it shows it asks for, with a key. */
void handle_root(struct exchange *exchange)
{
    exchange->policy = site_page.policy;
    respond_text(exchange, 200, "text/html; charset=utf-8", site_page.html);
}

void handle_health(struct exchange *exchange)
{
    respond_text(exchange, 200, "application/json", SLICE("{\"status\":\"ok\"}"));
}

void handle_ready(struct exchange *exchange)
{
    const struct server *server = exchange->server;
    if (!server->is_ready || server->stop_ns != 0)
        respond_refusal(exchange, 503, "not_ready", NULL, "the server is stopping");
    else if (file_room(assay_folder(server->assay)) < ROOM_MIN)
        respond_full(exchange, 503);
    else
        respond_text(exchange, 200, "application/json", SLICE("{\"status\":\"ready\"}"));
}

void handle_openapi(struct exchange *exchange)
{
    respond_text(exchange, 200, "application/json", openapi_document);
}

void handle_metrics(struct exchange *exchange)
{
    buffer_clear(&exchange->text);
    figures_write(exchange->server, &exchange->text);
    respond_text(exchange, 200, "text/plain; version=0.0.4", buffer_slice(&exchange->text));
}
