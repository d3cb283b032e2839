/* post.h - one POST (or GET) at a time to a server that a person chose, over libcurl. Part of fetch.h.
 *
 * Connections are kept and used again. No redirect is followed and no cookie kept, so a key goes to the host that it is meant for and to no
 * other. Several threads may post at once. */
#ifndef FETCH_POST_H
#define FETCH_POST_H

#include "base/base.h"

struct http;

struct http_request {
    const char *url;
    const char *const *headers; /* "name: value" */
    size_t header_count;
    bool is_get; /* a GET, without a body */
    bool once; /* over a new connection: what finds a kept one closed is sent again by libcurl itself, and may have been done */
    struct slice body;
    unsigned stall_ms; /* without a byte for so long after the first one, it has failed */
    unsigned wall_ms; /* the whole exchange */
    /* From time to time; true ends the exchange with ERROR_CANCELLED. May be NULL. */
    bool (*is_cancelled)(void *context);
    /* Each piece of the body as it comes, once the status is known; false ends the exchange with the error that it has set. */
    bool (*take)(void *context, struct slice bytes, struct error *error);
    void *context;
};

struct http_response {
    long status; /* 0: none came */
    char content_type[64]; /* lower case, without parameters */
    unsigned retry_after_ms; /* as the server asks; 0: it does not */
};

/* Fails when libcurl is not there. */
bool http_create(struct http **http, struct error *error) MUST_USE;
void http_free(struct http *http); /* NULL is fine */

/* True when a whole answer came, whatever its status. */
bool http_post(struct http *http, const struct http_request *request, struct http_response *response,
               struct error *error) MUST_USE;

/* A host that is this machine itself: what is sent to it crosses no network. */
bool http_is_loopback(const char *url);

#endif
