/* allow.h - what may be connected to: public addresses at the usual ports, and what the person allows besides. Private. */
#ifndef FETCH_ALLOW_H
#define FETCH_ALLOW_H

#include "fetch.h"

struct allowed_host {
    struct url url;
    bool has_port;
};

struct allow_list {
    struct allowed_host *items;
    size_t count;
};

bool allow_read(struct allow_list *list, const struct fetch_options *options, struct arena *arena,
                struct error *error) MUST_USE;

/* Whether the port may be asked at that host; and an address that is one by itself is checked here already, so that the message is plain. */
bool allow_url(const struct allow_list *list, const struct url *url, struct error *error) MUST_USE;

/* Whether a socket may be opened to that address for a page of that url. */
bool allow_address(const struct allow_list *list, const struct url *url, const unsigned char *address, size_t size);

bool allow_refuse_address(const struct url *url, const unsigned char *address, size_t size, struct error *error);

#endif
