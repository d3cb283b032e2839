/* transfer.h - one request and its answer, by libcurl. Private. */
#ifndef FETCH_TRANSFER_H
#define FETCH_TRANSFER_H

#include "allow.h"

struct transfer_request {
    const struct url *url;
    const struct fetch_options *options;
    const struct allow_list *allowed;
    bool is_led_to; /* by another host, and so `allowed` is another list: no connection that the other opened serves it */
    const char *etag, *modified; /* NULL: none */
    size_t size_max;
    bool is_cut; /* what is over size_max is left out, instead of a failure */
    bool takes_documents; /* stops at types that are none of a document */
};

enum transfer_end {
    TRANSFER_DONE, /* there is an answer, whatever its status */
    TRANSFER_OTHER, /* its type is none of a document: its bytes were not taken */
    TRANSFER_FAILED, /* as the error says */
    TRANSFER_STOPPED
};

struct transfer_answer {
    long status;
    char location[LIMIT_URL_BYTES + 1]; /* empty: none */
    unsigned retry_ms; /* what the host asks to wait; 0: nothing */
    bool has_spoken; /* of TRANSFER_FAILED: the host answered, but not as it should */
};

struct transfers; /* connections that are kept */
bool transfers_create(struct transfers **transfers, struct error *error) MUST_USE;
void transfers_free(struct transfers *transfers);

/* Fills `answer` and, of an answer with status 200, the page's body and what is said of it. */
enum transfer_end transfer(struct transfers *transfers, const struct transfer_request *request, struct transfer_answer *answer,
                           struct fetch_answer *page, struct error *error) MUST_USE;

#endif
