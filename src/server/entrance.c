/* entrance.c - who may come in: by the name that the server was called by, by the page that asks, by the key.
 *
 * A page of another site can make a browser call us under a name of its own that it lets point here (DNS rebinding): so the Host must be
 * an address, localhost, or a name of server.hosts. And it can send requests that a browser knows no harm of: so an Origin must be our own
 * or one of server.origins. There are no cookies: nothing but the key, which no browser adds by itself, says who asks. */
#include "exchange.h"
#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

/* "[::1]:8080" and "a:80" without the port. */
static struct slice without_port(struct slice host)
{
    size_t end = host.size;
    while (end > 0 && host.data[end - 1] >= '0' && host.data[end - 1] <= '9')
        end--;
    bool has_port = end > 0 && host.data[end - 1] == ':' && (memchr(host.data, ':', end - 1) == NULL || host.data[0] == '[');
    return has_port ? slice_range(host, 0, end - 1) : host;
}

static bool equal_in_any_case(struct slice a, const char *b)
{
    return strlen(b) == a.size && strncasecmp(a.data, b, a.size) == 0;
}

static bool is_address(struct slice host, bool only_local)
{
    char text[64];
    struct in_addr four;
    struct in6_addr six;
    if (host.size >= 2 && host.data[0] == '[' && host.data[host.size - 1] == ']')
        host = slice_range(host, 1, host.size - 1);
    if (host.size >= sizeof(text))
        return false;
    snprintf(text, sizeof(text), SLICE_FORMAT, SLICE_ARGUMENT(host));
    if (inet_pton(AF_INET, text, &four) == 1)
        return !only_local || (ntohl(four.s_addr) >> 24) == 127;
    return inet_pton(AF_INET6, text, &six) == 1 && (!only_local || IN6_IS_ADDR_LOOPBACK(&six));
}

static bool is_of_settings(const struct server *server, struct slice host)
{
    struct slice name = without_port(host);
    for (size_t i = 0; i < server->settings.host_count; i++)
        if (equal_in_any_case(name, server->settings.hosts[i]) || equal_in_any_case(host, server->settings.hosts[i]))
            return true;
    return false;
}

static bool is_ours(const struct server *server, struct slice host)
{
    struct slice name = without_port(host);
    return is_of_settings(server, host) || equal_in_any_case(name, "localhost") || is_address(name, server->is_local);
}

struct origin {
    bool is_https;
    struct slice host; /* with a port that is not the usual one */
};

/* A port that is the scheme's usual one may stand there or not (RFC 9110, 4.2.3): a browser leaves it out, and some proxies put it in. */
static struct slice without_usual_port(struct slice host, bool is_https)
{
    size_t size = is_https ? 4 : 3;
    return slice_ends_with(host, slice_from(is_https ? ":443" : ":80")) ? slice_range(host, 0, host.size - size) : host;
}

static bool read_origin(struct slice text, struct origin *origin)
{
    origin->is_https = slice_starts_with(text, SLICE("https://"));
    if (!origin->is_https && !slice_starts_with(text, SLICE("http://")))
        return false;
    origin->host = without_usual_port(slice_range(text, origin->is_https ? 8 : 7, text.size), origin->is_https);
    return origin->host.size > 0;
}

static bool are_same(struct slice a, struct slice b)
{
    return a.size == b.size && strncasecmp(a.data, b.data, a.size) == 0;
}

/* A page that the server itself would send, or one of the settings. */
static bool may_ask(const struct exchange *exchange)
{
    const struct server *server = exchange->server;
    struct origin asking, known;
    if (!read_origin(exchange->origin, &asking))
        return false;
    for (size_t i = 0; i < server->settings.origin_count; i++)
        if (read_origin(slice_from(server->settings.origins[i]), &known) && known.is_https == asking.is_https &&
            are_same(known.host, asking.host))
            return true;
    return exchange->host.size > 0 && are_same(asking.host, without_usual_port(exchange->host, asking.is_https));
}

/* The key, from the one place where it stands. */
static bool read_key(struct exchange *exchange, const struct http_head *head, struct slice source)
{
    struct slice bearer, other, key;
    if (!http_field(head, source, "authorization", &bearer) || !http_field(head, source, "x-api-key", &other) ||
        (bearer.data != NULL && other.data != NULL)) {
        respond_refusal(exchange, 400, NULL, NULL, "the request has more than one key");
        return false;
    }
    key = other;
    if (bearer.data != NULL && bearer.size > 7 && strncasecmp(bearer.data, "bearer ", 7) == 0)
        key = slice_trim(slice_range(bearer, 7, bearer.size));
    if (key.size < sizeof(exchange->secret) && (key.data == NULL || memchr(key.data, '\0', key.size) == NULL))
        snprintf(exchange->secret, sizeof(exchange->secret), SLICE_FORMAT, SLICE_ARGUMENT(key));
    return true;
}

static void respond_no_key(struct exchange *exchange, const char *reason)
{
    respond_refusal(exchange, 401, "invalid_api_key", NULL, "%s", reason);
}

/* A browser asks whether a page of another origin may ask. */
static bool is_preflight(const struct exchange *exchange)
{
    return slice_equal_text(exchange->method, "OPTIONS") && exchange->origin.size > 0;
}

static bool check_names(struct exchange *exchange, const struct http_head *head, struct slice source)
{
    if (exchange->host.size > 0 && !is_ours(exchange->server, exchange->host)) {
        respond_refusal(exchange, 403, "host_not_allowed", NULL,
                        "the server was called \"%.*s\", which is no name of it; add the name to server.hosts in assay.yaml",
                        exchange->host.size > 200 ? 200 : (int)exchange->host.size, exchange->host.data);
        return false;
    }
    exchange->has_name = exchange->host.size > 0 && is_of_settings(exchange->server, exchange->host);
    if (!http_field(head, source, "origin", &exchange->origin)) {
        respond_refusal(exchange, 400, NULL, NULL, "the request has more than one Origin");
        return false;
    }
    exchange->origin = arena_slice(&exchange->arena, exchange->origin);
    if (exchange->origin.size == 0 || may_ask(exchange))
        return true;
    exchange->origin.size = 0; /* the answer names no origin */
    respond_refusal(exchange, 403, "origin_not_allowed", NULL,
                    "pages of another site may not ask; add theirs to server.origins in assay.yaml if they should");
    return false;
}

static bool check_body(struct exchange *exchange, const struct http_head *head, struct slice source)
{
    struct slice type, coding;
    size_t most = exchange->server->settings.body_bytes_max;
    if (!http_has_body(head))
        return true;
    if (upload_is_wanted(exchange->match.route)) /* upload.c looks at it */
        return true;
    if (head->has_length && head->content_length > most) {
        respond_refusal(exchange, 413, "body_too_large", NULL,
                        "the request body is %llu bytes, the limit is %zu; raise server.body_max_mb in assay.yaml",
                        (unsigned long long)head->content_length, most);
        return false;
    }
    bool ok = http_field(head, source, "content-type", &type) && type.size >= 16 &&
              strncasecmp(type.data, "application/json", 16) == 0 && (type.size == 16 || byte_among(type.data[16], "; \t"));
    bool is_packed = !http_field(head, source, "content-encoding", &coding) || coding.size > 0;
    if (!ok)
        respond_refusal(exchange, 415, NULL, NULL,
                        "the request's body is not told to be JSON: send it with \"Content-Type: application/json\"");
    else if (is_packed)
        respond_refusal(exchange, 415, NULL, NULL,
                        "the request's body is packed, which is not supported: send it without Content-Encoding");
    return ok && !is_packed;
}

/* Whose form errors of this path have; always true. */
static bool note_form(struct exchange *exchange, struct slice path)
{
    struct slice messages = SLICE("/v1/messages");
    exchange->is_messages = slice_starts_with(path, messages) &&
                            (path.size == messages.size || byte_among(path.data[messages.size], "/?"));
    return true;
}

/* http://HOST/path asks for /path of HOST, which must be what Host says. */
static bool read_target(struct exchange *exchange, struct slice target, struct slice *path)
{
    *path = target;
    if (target.data[0] == '/')
        return true;
    struct slice rest, authority;
    const char *scheme = exchange->server->tls != NULL ? "https://" : "http://";
    size_t size = strlen(scheme);
    if (target.size < size || strncasecmp(target.data, scheme, size) != 0)
        return false;
    rest = slice_range(target, size, target.size);
    size_t slash;
    if (!slice_find(rest, '/', &slash))
        return false;
    authority = slice_range(rest, 0, slash);
    *path = slice_range(rest, slash, rest.size);
    return authority.size == exchange->host.size && strncasecmp(authority.data, exchange->host.data, authority.size) == 0;
}

/* What a client of MCP says beside its message; each once at the most. */
static bool keep_mcp_fields(struct exchange *exchange, const struct http_head *head, struct slice source)
{
    static const char *const names[] = {"mcp-protocol-version", "mcp-method", "mcp-name"};
    struct slice value;
    for (size_t i = 0; i < ARRAY_COUNT(names); i++) {
        if (!http_field(head, source, names[i], &value)) {
            respond_refusal(exchange, 400, NULL, NULL, "the request has more than one %s", names[i]);
            return false;
        }
    }
    exchange->head = arena_slice(&exchange->arena, slice_range(source, 0, head->size));
    return true;
}

bool gate_pass(struct exchange *exchange, const struct http_head *head, struct slice source)
{
    struct slice path;
    exchange->method = arena_slice(&exchange->arena,
                                   http_text(source, head->method)); /* the head's bytes go while the body comes */
    exchange->host = head->host.start > 0 ? arena_slice(&exchange->arena, http_text(source, head->host))
                                          : (struct slice){"", 0};
    exchange->is_head = slice_equal_text(exchange->method, "HEAD");
    if (!check_names(exchange, head, source))
        return false;
    if (is_preflight(exchange)) {
        respond_empty(exchange, 204,
                      "Access-Control-Allow-Methods: GET, POST, DELETE\r\nAccess-Control-Max-Age: 600\r\n"
                      "Access-Control-Allow-Headers: authorization, *\r\n"); /* clients tell of themselves in many */
        return false;
    }
    if (!read_target(exchange, http_text(source, head->target), &path) || !note_form(exchange, path) ||
        !route_find(exchange->method, arena_slice(&exchange->arena, path), &exchange->arena, &exchange->match)) {
        respond_refusal(exchange, 400, NULL, NULL, "the address is not a path that could be served");
        return false;
    }
    const struct route *route = exchange->match.route;
    if (route == NULL && exchange->match.allowed[0] == '\0') {
        const struct slice models = SLICE("/v1/models/");
        if (slice_starts_with(path, models) && path.size > models.size) /* "owner/name", with the slash encoded or not */
            respond_refusal(exchange, 404, "model_not_found", "model", "there is no model of this name here");
        else
            respond_refusal(exchange, 404, "unknown_url", NULL, "nothing is served at this address");
        return false;
    }
    if (route == NULL) {
        respond_refusal(exchange, 405, "method_not_allowed", NULL, "this address is asked by %s", exchange->match.allowed);
        return false;
    }
    if (!read_key(exchange, head, source))
        return false;
    if (route->right != RIGHT_NONE && exchange->secret[0] == '\0') {
        respond_no_key(exchange, "no key: send \"Authorization: Bearer assay_…\"; `assay key add` makes one");
        return false;
    }
    if (route->handle == handle_mcp && !keep_mcp_fields(exchange, head, source))
        return false;
    return check_body(exchange, head, source);
}

static bool check_key(struct exchange *exchange, struct assay *assay)
{
    struct assay_error error;
    if (assay_key_check(assay, exchange->secret, &exchange->key, &error)) {
        exchange->owner = arena_format(&exchange->arena, "%s %lld", exchange->key.name, (long long)exchange->key.created_ns);
        return true;
    }
    if (error.kind == ASSAY_NOT_FOUND || error.kind == ASSAY_INVALID)
        respond_no_key(exchange, error.message);
    else
        respond_error(exchange, &error);
    return false;
}

bool gate_still_knows(struct exchange *exchange)
{
    return check_key(exchange, exchange->hands->assay);
}

bool gate_knows(struct exchange *exchange)
{
    if (exchange->secret[0] != '\0')
        return check_key(exchange, exchange->server->assay) && quota_has_room(exchange);
    respond_no_key(exchange, "a body as large as this one is taken with a key only");
    return false;
}

bool gate_is_key(struct exchange *exchange)
{
    return check_key(exchange, exchange->server->assay);
}

bool gate_enter(struct exchange *exchange)
{
    const struct route *route = exchange->match.route;
    if (!check_key(exchange, exchange->hands->assay))
        return false;
    exchange->as = exchange->key.is_admin ? NULL : exchange->secret;
    if (!quota_take(exchange))
        return false;
    if (route->right == RIGHT_MEASURE && !exchange->key.may_measure) {
        respond_refusal(exchange, 403, "not_allowed", NULL,
                        "this key may not see the server's figures: it wants the group @metrics");
        return false;
    }
    if (route->right == RIGHT_WRITE && !exchange->key.may_write) {
        respond_refusal(exchange, 403, "not_allowed", NULL, "this key may not write: it wants the group @write");
        return false;
    }
    if (route->right == RIGHT_OWNER && !exchange->key.is_admin) {
        respond_refusal(exchange, 403, "not_allowed", NULL,
                        "this is for keys that see every document: it wants the group @admin");
        return false;
    }
    return true;
}
