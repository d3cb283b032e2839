/* respond.c - answers: their heads, JSON, and errors in OpenAI's form. */
#include "exchange.h"
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

static const char *reason_of(unsigned status)
{
    static const struct {
        unsigned status;
        const char *reason;
    } reasons[] = {{200, "OK"},
                   {202, "Accepted"},
                   {204, "No Content"},
                   {400, "Bad Request"},
                   {401, "Unauthorized"},
                   {403, "Forbidden"},
                   {404, "Not Found"},
                   {405, "Method Not Allowed"},
                   {408, "Request Timeout"},
                   {409, "Conflict"},
                   {413, "Content Too Large"},
                   {414, "URI Too Long"},
                   {415, "Unsupported Media Type"},
                   {417, "Expectation Failed"},
                   {429, "Too Many Requests"},
                   {431, "Request Header Fields Too Large"},
                   {500, "Internal Server Error"},
                   {501, "Not Implemented"},
                   {502, "Bad Gateway"},
                   {503, "Service Unavailable"},
                   {505, "HTTP Version Not Supported"},
                   {507, "Insufficient Storage"}};
    for (size_t i = 0; i < ARRAY_COUNT(reasons); i++)
        if (reasons[i].status == status)
            return reasons[i].reason;
    return "Other";
}

static void append_date(struct buffer *out)
{
    char text[40];
    struct tm moment;
    time_t now = (time_t)(clock_wall_ns() / 1000000000);
    gmtime_r(&now, &moment);
    strftime(text, sizeof(text), "%a, %d %b %Y %H:%M:%S GMT", &moment);
    buffer_format(out, "Date: %s\r\n", text);
}

/* What every answer begins with. */
static void append_head(const struct exchange *exchange, unsigned status, struct buffer *head)
{
    buffer_format(head, "HTTP/1.1 %u %s\r\n", status, reason_of(status));
    append_date(head);
    buffer_format(head,
                  "X-Request-Id: %s\r\nCache-Control: no-store\r\nX-Content-Type-Options: nosniff\r\n"
                  "Content-Security-Policy: %s\r\n",
                  exchange->id, exchange->policy != NULL ? exchange->policy : "default-src 'none'; frame-ancestors 'none'");
    if (exchange->is_messages) /* as Anthropic names it */
        buffer_format(head, "Request-Id: %s\r\n", exchange->id);
    if (exchange->server->tls != NULL && exchange->has_name) /* "localhost" is other programs' too */
        buffer_append_text(head, "Strict-Transport-Security: max-age=31536000\r\n");
    if (exchange->origin.size > 0)
        buffer_format(head,
                      "Access-Control-Allow-Origin: " SLICE_FORMAT "\r\nAccess-Control-Expose-Headers: *\r\nVary: Origin\r\n",
                      SLICE_ARGUMENT(exchange->origin));
}

/* The answer's head, then its text. `fields` are more lines, each with its end. */
static void send(struct exchange *exchange, unsigned status, const char *type, const char *fields, struct slice text)
{
    struct buffer head;
    exchange->status = status;
    buffer_init(&head, 16 * KIB);
    append_head(exchange, status, &head);
    if (status != 204)
        buffer_format(&head, "Content-Type: %s\r\nContent-Length: %zu\r\n", type, text.size);
    buffer_append_text(&head, fields);
    if (!exchange->is_kept_alive || exchange->is_refused)
        buffer_append_text(&head, "Connection: close\r\n");
    else if (exchange->is_old)
        buffer_append_text(&head, "Connection: keep-alive\r\n");
    buffer_append_text(&head, "\r\n");
    if (exchange->is_head)
        text.size = 0;
    exchange->sent += text.size;
    connection_push(exchange->connection, buffer_slice(&head), text);
    buffer_release(&head);
}

void respond_text(struct exchange *exchange, unsigned status, const char *type, struct slice text)
{
    send(exchange, status, type, "", text);
}

void respond_empty(struct exchange *exchange, unsigned status, const char *fields)
{
    send(exchange, status, "text/plain", fields, (struct slice){"", 0});
}

/* ---- in pieces ---- */

/* A client of HTTP/1.0 knows no chunks: for it the end of the connection ends the stream. */
void respond_stream_begin(struct exchange *exchange)
{
    struct buffer head;
    exchange->status = 200;
    exchange->is_kept_alive = exchange->is_kept_alive && !exchange->is_old;
    buffer_init(&head, 16 * KIB);
    append_head(exchange, 200, &head);
    buffer_append_text(&head, "Content-Type: text/event-stream\r\nX-Accel-Buffering: no\r\n");
    buffer_append_text(&head, exchange->is_old ? "" : "Transfer-Encoding: chunked\r\n");
    buffer_append_text(&head, exchange->is_kept_alive ? "\r\n" : "Connection: close\r\n\r\n");
    connection_push(exchange->connection, buffer_slice(&head), (struct slice){"", 0});
    buffer_release(&head);
}

void respond_stream_named(struct exchange *exchange, const char *name, struct slice data)
{
    struct buffer head, text;
    buffer_init(&head, KIB);
    buffer_init(&text, LIMIT_JSON_BYTES);
    if (name != NULL)
        buffer_format(&text, "event: %s\n", name);
    buffer_append_text(&text, "data: ");
    buffer_append_slice(&text, data);
    buffer_append_text(&text, "\n\n");
    exchange->sent += text.size;
    if (!exchange->is_old) {
        buffer_format(&head, "%zx\r\n", text.size);
        buffer_append_text(&text, "\r\n");
    }
    connection_send(exchange->connection, buffer_slice(&head), buffer_slice(&text));
    buffer_release(&head);
    buffer_release(&text);
}

void respond_stream_event(struct exchange *exchange, struct slice data)
{
    respond_stream_named(exchange, NULL, data);
}

void respond_stream_end(struct exchange *exchange, struct slice data)
{
    respond_stream_event(exchange, data);
    respond_stream_close(exchange);
}

void respond_stream_close(struct exchange *exchange)
{
    if (!exchange->is_old)
        connection_push(exchange->connection, SLICE("0\r\n\r\n"), (struct slice){"", 0});
}

bool respond_stream_goes_on(const struct exchange *exchange)
{
    return !connection_is_gone(exchange->connection);
}

static const char *type_of(unsigned status)
{
    return status == 401   ? "authentication_error"
           : status == 403 ? "permission_error"
           : status >= 500 ? "server_error"
                           : "invalid_request_error";
}

static void member(struct json_writer *json, const char *key, const char *text)
{
    json_key(json, key);
    if (text != NULL)
        json_text(json, slice_from(text));
    else
        json_null(json);
}

/* Of /v1/messages: {"type": "error", "error": {"type", "message"}, "request_id"}. */
static void write_messages_error(const struct exchange *exchange, struct json_writer *json, unsigned status,
                                 const char *message)
{
    json_texts(json, &(struct json_text_member){"type", "error"}, 1);
    json_key(json, "error");
    json_object_begin(json);
    const struct json_text_member texts[] = {{"type", status == 404   ? "not_found_error"
                                                      : status == 413 ? "request_too_large"
                                                      : status == 429 ? "rate_limit_error"
                                                      : status == 503 ? "overloaded_error"
                                                      : status >= 500 ? "api_error"
                                                                      : type_of(status)},
                                             {"message", message}};
    json_texts(json, texts, ARRAY_COUNT(texts));
    json_object_end(json);
    json_texts(json, &(struct json_text_member){"request_id", exchange->id}, 1);
}

static void write_error(const struct exchange *exchange, struct json_writer *json, unsigned status, const char *code,
                        const char *parameter, const char *message)
{
    json_key(json, "error");
    json_object_begin(json);
    member(json, "message", message);
    member(json, "type", status == 429 && exchange->limit_type != NULL ? exchange->limit_type : type_of(status));
    member(json, "param", parameter);
    member(json, "code", code);
    json_object_end(json);
}

static void send_refusal(struct exchange *exchange, unsigned status, const char *code, const char *parameter,
                         const char *message)
{
    struct buffer text;
    struct json_writer json;
    buffer_init(&text, 64 * KIB);
    json_writer_init(&json, &text);
    json_object_begin(&json);
    if (exchange->is_messages)
        write_messages_error(exchange, &json, status, message);
    else
        write_error(exchange, &json, status, code, parameter, message);
    json_object_end(&json);
    char fields[96] = "";
    if (status == 401)
        snprintf(fields, sizeof(fields), "WWW-Authenticate: Bearer\r\n");
    else if (status == 405)
        snprintf(fields, sizeof(fields), "Allow: %s\r\n", exchange->match.allowed);
    else if (status == 503 || status == 429)
        snprintf(fields, sizeof(fields), "Retry-After: %u\r\n%s", exchange->retry_s > 0 ? exchange->retry_s : 1,
                 exchange->is_final ? "X-Should-Retry: false\r\n" : ""); /* as OpenAI's and Anthropic's clients read it */
    else if (status == 507)
        snprintf(fields, sizeof(fields), "X-Should-Retry: false\r\n");
    send(exchange, status, "application/json", fields, buffer_slice(&text));
    buffer_release(&text);
}

void respond_refusal(struct exchange *exchange, unsigned status, const char *code, const char *parameter, const char *format,
                     ...)
{
    char message[2048];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(message, sizeof(message), format, arguments);
    va_end(arguments);
    send_refusal(exchange, status, code, parameter, message);
}

void respond_overloaded(struct exchange *exchange)
{
    respond_refusal(exchange, 503, "overloaded", NULL, "the server has more to do than it can; ask again in a moment");
}

void respond_full(struct exchange *exchange, unsigned status)
{
    respond_refusal(exchange, status, "disk_full", NULL,
                    "the disk of the server is full: whoever keeps the server has to free space");
}

/* It may name paths of this machine, addresses and variables. */
void respond_fault(struct exchange *exchange, unsigned status, const struct assay_error *error)
{
    journal_event("error", "%s: %s%s%s", exchange->id, error->message, error->hint[0] != '\0' ? ": " : "", error->hint);
    if (error->is_full) {
        respond_full(exchange, 507);
        return;
    }
    if (error->is_elsewhere && status == 502)
        respond_refusal(exchange, status, "model_unavailable", NULL,
                        "the language model behind this server did not answer; the server's log has the reason under %s",
                        exchange->id);
    else
        respond_refusal(exchange, status, assay_error_kind_name(error->kind), NULL,
                        "the request could not be answered; the server's log has the reason under %s", exchange->id);
}

/* The one table from kinds of errors to statuses, for what the client's own words may have led to. */
void respond_error(struct exchange *exchange, const struct assay_error *error)
{
    static const unsigned statuses[] = {
        [ASSAY_OK] = 500,      [ASSAY_INVALID] = 400, [ASSAY_NOT_FOUND] = 404, [ASSAY_CONFLICT] = 409, [ASSAY_LIMIT] = 400,
        [ASSAY_CORRUPT] = 500, [ASSAY_IO] = 500,      [ASSAY_NO_MEMORY] = 503, [ASSAY_CANCELLED] = 503};
    unsigned status = statuses[error->kind];
    if (status < 500) {
        respond_refusal(exchange, status, assay_error_kind_name(error->kind), NULL, "%s%s%s", error->message,
                        error->hint[0] != '\0' ? ": " : "", error->hint);
        return;
    }
    respond_fault(exchange, status, error);
}

bool respond_inner(struct exchange *exchange, const struct error *inner)
{
    struct assay_error error = {.kind = inner->kind == ERROR_INVALID ? ASSAY_INVALID : ASSAY_IO, .is_full = inner->is_full};
    _Static_assert(sizeof(error.message) >= sizeof(inner->message) && sizeof(error.hint) >= sizeof(inner->hint), "they fit");
    memcpy(error.message, inner->message, sizeof(inner->message));
    memcpy(error.hint, inner->hint, sizeof(inner->hint));
    respond_error(exchange, &error);
    return false;
}

void respond_begin(struct exchange *exchange, struct json_writer *json)
{
    buffer_clear(&exchange->text);
    json_writer_init(json, &exchange->text);
}

void respond_json(struct exchange *exchange, const struct buffer *document)
{
    if (document->failed)
        respond_refusal(exchange, 400, "limit", NULL, "the answer is too long: ask for less");
    else
        send(exchange, 200, "application/json", "", buffer_slice(document));
}

/* ---- what was asked ---- */

bool request_json(struct exchange *exchange, struct json_value *root)
{
    struct error error;
    if (exchange->body.size == 0)
        respond_refusal(exchange, 400, NULL, NULL, "the request has no body, expected a JSON object");
    else if (!json_read_few(exchange->body, "the request body", LIMIT_REQUEST_VALUES, &exchange->arena, root, &error))
        respond_refusal(exchange, 400, NULL, NULL, "%s", error.message);
    else if (root->kind != JSON_OBJECT)
        respond_refusal(exchange, 400, NULL, NULL, "the request body is %s, expected an object", json_kind_name(root->kind));
    else
        return true;
    return false;
}

bool request_knows(struct exchange *exchange, const struct json_value *root, const char *const *keys, size_t count)
{
    struct buffer known;
    for (size_t i = 0; i < root->count; i++) {
        size_t at = 0;
        while (at < count && !slice_equal_text(root->keys[i], keys[at]))
            at++;
        if (at < count)
            continue;
        buffer_init(&known, KIB);
        for (size_t j = 0; j < count; j++)
            buffer_format(&known, "%s%s", j == 0 ? "" : j + 1 < count ? ", " : " and ", keys[j]);
        respond_refusal(exchange, 400, "unknown_parameter", arena_text(&exchange->arena, slice_cut(root->keys[i], 80)),
                        "known here are %s", buffer_text(&known));
        buffer_release(&known);
        return false;
    }
    return true;
}

bool request_member(struct exchange *exchange, const struct json_value *root, const char *key, enum json_kind kind,
                    const struct json_value **value)
{
    struct error error;
    if (json_member(root, "the request", key, kind, value, &error))
        return true;
    respond_refusal(exchange, 400, "invalid_type", key, "%s", error.message);
    return false;
}

bool request_whole(struct exchange *exchange, const struct json_value *root, const char *key, int64_t least, int64_t most,
                   int64_t usual, int64_t *number)
{
    const struct json_value *value;
    if (!request_member(exchange, root, key, JSON_NUMBER, &value))
        return false;
    *number = value != NULL ? value->integer : usual;
    if (value == NULL || (value->is_integer && *number >= least && *number <= most))
        return true;
    respond_refusal(exchange, 400, "invalid_value", key, "\"%s\" is %.*s, expected a whole number from %lld to %lld", key,
                    value->text.size > 40 ? 40 : (int)value->text.size, value->text.data, (long long)least, (long long)most);
    return false;
}
