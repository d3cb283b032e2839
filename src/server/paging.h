/* paging.h - pages of objects that have an order in which they were made, the newest first unless "order" is asc, as OpenAI has them. Private. */
#ifndef SERVER_PAGING_H
#define SERVER_PAGING_H

#include "exchange.h"

/* limit, order, after, before and filter of an address. `limit` and `most` are given: how many where none is asked for, and may be. */
struct paging {
    size_t limit, most;
    bool oldest_first;
    struct slice after, before, filter; /* data NULL: none */
};
bool paging_read(struct exchange *exchange, struct paging *paging) MUST_USE; /* false: refused */

/* What there is, by numbers in the order of making. */
struct paged {
    struct exchange *exchange;
    size_t count;
    void *context;
    const char *(*id)(void *context, size_t number);
    bool (*is_there)(void *context, size_t number); /* for this key, which may go on behind it */
    bool (*is_wanted)(void *context, size_t number); /* NULL: all of those */
};
/* The numbers of a page, in its order, with room for `paging->limit`. False: refused, an id that it is to go on from is none. */
bool paging_choose(const struct paging *paging, const struct paged *paged, size_t *chosen, size_t *count,
                   bool *has_more) MUST_USE;

#endif
