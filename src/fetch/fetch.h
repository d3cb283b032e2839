/* fetch.h - pages from the web, asked for politely and from no place that the person did not mean.
 *
 *   fetch_get ─▶ may this address be asked? (http or https, port, robots.txt) ─▶ the host's turn ─▶ transfer ─▶ answer
 *                  ▲                                                                                  │
 *                  └───────────────── redirect, LIMIT_REDIRECTS times at most ◀───────────────────────┘
 *
 * What a page leads to is decided by whoever wrote it, so nothing but public addresses may be connected to, whatever names stand for them: the
 * check is made of the very address that a socket is about to be opened for, each time, and a name that means something else the next
 * time is met by it. Hosts that the person allows are the exception. There are no cookies, no passwords, no proxies but a stated one; nothing
 * that is asked for by https is taken from http; certificates are verified.
 *
 * One thread at a time per fetcher. */
#ifndef FETCH_FETCH_H
#define FETCH_FETCH_H

#include "codec/codec.h"
#include "post.h"

struct fetch_options {
    const char *const *allowed; /* hosts that need not be public: "wiki.corp", "127.0.0.1:8000", "[::1]:8000" */
    size_t allowed_count;
    const char *proxy; /* "http://proxy.corp:3128"; NULL: none. What it connects to is its decision */
    const char *ca; /* a file of certificates that count beside the system's; NULL: none */
    unsigned timeout_ms; /* of one answer, whole */
    unsigned delay_ms; /* between two requests to a host; robots.txt may ask for more */
    bool (*going)(void *context); /* asked a few times a second; false ends what is going on */
    void *context;

    /* For tests: the address that a host's name stands for this time; NULL: as the system says. */
    const char *(*resolve)(void *context, const char *host);
};

struct fetcher;

/* ERROR_INVALID: an allowed host that is none. */
bool fetcher_create(struct fetcher **fetcher, const struct fetch_options *options, struct error *error) MUST_USE;
void fetcher_free(struct fetcher *fetcher); /* NULL is fine */

struct fetch_request {
    struct slice url; /* as url_parse writes it */
    const char *etag, *modified; /* what an earlier answer said; NULL: nothing */
    size_t size_max;
    bool any_robots; /* asks whatever robots.txt says: for sitemaps that it names */
};

enum fetch_outcome {
    FETCH_DONE,
    FETCH_UNCHANGED, /* since the answer that had this etag or date */
    FETCH_GONE,      /* the site says that there is no such page */
    FETCH_FORBIDDEN, /* by robots.txt */
    FETCH_OTHER,     /* an image, a film: bytes that are none of a document; nothing was taken */
    FETCH_FAILED,
    FETCH_STOPPED /* going() said so */
};

struct fetch_answer {
    struct buffer body; /* unpacked */
    struct buffer address; /* where it came from, when redirects led elsewhere; else empty */
    char etag[256], modified[64]; /* for the next time; may be empty */
    char type[128]; /* "text/html", in small letters */
    char charset[64];
    int64_t modified_ns; /* the page's date; 0: it has none */
    bool is_transport; /* of FETCH_FAILED: there was no answer at all */
};

void fetch_answer_init(struct fetch_answer *answer, size_t size_max);
void fetch_answer_release(struct fetch_answer *answer);

/* `error` is filled for GONE, FORBIDDEN, OTHER, FAILED and STOPPED. */
enum fetch_outcome fetch_get(struct fetcher *fetcher, const struct fetch_request *request, struct fetch_answer *answer,
                             struct error *error) MUST_USE;

/* What the host's robots.txt says; NULL when it cannot be told (then nothing of the host may be asked for). Good as long as the fetcher. */
const struct robots *fetch_robots(struct fetcher *fetcher, const struct url *url, struct error *error);

/* Whether an address, as it goes over the network (4 or 16 bytes), is one of the public Internet: not of this machine, a private network, a link,
 * a provider's inside, a multicast group, a document's example, nor one that holds another address in itself. */
bool fetch_is_public(const unsigned char *address, size_t size);

#endif
