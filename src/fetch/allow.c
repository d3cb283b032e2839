/* allow.c - an entry is a host, by name or address, with a port or for the usual ones. One that is an address stands also for names that lead
 * to it. */
#include "allow.h"
#include <arpa/inet.h>
#include <string.h>

static bool has_port(const char *text)
{
    const char *bracket = strrchr(text, ']'), *colon = strrchr(text, ':');
    return colon != NULL && (bracket == NULL || colon > bracket);
}

bool allow_read(struct allow_list *list, const struct fetch_options *options, struct arena *arena, struct error *error)
{
    list->items = arena_alloc(arena, options->allowed_count + 1, sizeof(*list->items));
    for (size_t i = 0; i < options->allowed_count; i++) {
        const char *text = options->allowed[i];
        struct allowed_host *item = &list->items[list->count++];
        item->has_port = has_port(text);
        if (!url_parse(slice_from(arena_format(arena, "http://%s", text)), NULL, arena, &item->url, error) ||
            item->url.target.size != 1) {
            error_set(error, ERROR_INVALID, "\"%.100s\" is no host that could be allowed", text);
            return error_hint(error, "Expected is HOST or HOST:PORT, as wiki.corp or 127.0.0.1:8000.");
        }
    }
    return true;
}

static bool is_usual(unsigned port)
{
    return port == 80 || port == 443;
}

static bool fits_port(const struct allowed_host *item, unsigned port)
{
    return item->has_port ? item->url.port == port : is_usual(port);
}

static bool is_named(const struct allow_list *list, const struct url *url)
{
    for (size_t i = 0; i < list->count; i++)
        if (slice_equal(list->items[i].url.host, url->host) && fits_port(&list->items[i], url->port))
            return true;
    return false;
}

static bool is_port_of_address(const struct allow_list *list, unsigned port)
{
    for (size_t i = 0; i < list->count; i++)
        if (list->items[i].url.address_size > 0 && fits_port(&list->items[i], port))
            return true;
    return false;
}

static bool hint(const struct url *url, struct error *error)
{
    bool is_short = url->host.size < 100;
    return error_hint(error, "If you mean it, allow it: --allow-host " SLICE_FORMAT ":%u, or fetch.allow_hosts in assay.yaml.",
                      SLICE_ARGUMENT(is_short ? url->host : SLICE("HOST")), url->port);
}

bool allow_refuse_address(const struct url *url, const unsigned char *address, size_t size, struct error *error)
{
    char shown[INET6_ADDRSTRLEN] = "?";
    (void)inet_ntop(size == 4 ? AF_INET : AF_INET6, address, shown, sizeof(shown));
    error_set(error, ERROR_INVALID, "\"" SLICE_FORMAT "\" leads to %s, which is no public address", SLICE_ARGUMENT(url->text),
              shown);
    return hint(url, error);
}

bool allow_url(const struct allow_list *list, const struct url *url, struct error *error)
{
    if (is_named(list, url))
        return true;
    if (!is_usual(url->port) && (url->address_size > 0 || !is_port_of_address(list, url->port))) {
        error_set(error, ERROR_INVALID, "\"" SLICE_FORMAT "\" is at port %u, and only 80 and 443 are asked",
                  SLICE_ARGUMENT(url->text), url->port);
        return hint(url, error);
    }
    if (url->address_size > 0 && !fetch_is_public(url->address, url->address_size))
        return allow_refuse_address(url, url->address, url->address_size, error);
    return true;
}

bool allow_address(const struct allow_list *list, const struct url *url, const unsigned char *address, size_t size)
{
    if (is_named(list, url))
        return true;
    for (size_t i = 0; i < list->count; i++) {
        const struct allowed_host *item = &list->items[i];
        if (item->url.address_size == size && memcmp(item->url.address, address, size) == 0 && fits_port(item, url->port))
            return true;
    }
    return is_usual(url->port) && fetch_is_public(address, size);
}
