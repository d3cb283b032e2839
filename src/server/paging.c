/* paging.c - pages of objects that have an order in which they were made: which of them a request wants. */
#include "paging.h"
#include <string.h>

static bool refuse(struct exchange *exchange, const char *key, const char *reason)
{
    respond_refusal(exchange, 400, "invalid_value", key, "\"%s\" %s", key, reason);
    return false;
}

static bool take_parameter(struct exchange *exchange, struct slice key, struct slice value, struct paging *paging)
{
    uint64_t number = 0;
    if (slice_equal_text(key, "limit")) {
        if (!slice_to_u64(value, &number) || number < 1 || number > paging->most)
            return refuse(exchange, "limit",
                          arena_format(&exchange->arena, "is not a whole number from 1 to %zu", paging->most));
        paging->limit = (size_t)number;
    } else if (slice_equal_text(key, "order")) {
        paging->oldest_first = slice_equal_text(value, "asc");
        if (!paging->oldest_first && !slice_equal_text(value, "desc"))
            return refuse(exchange, "order", "is neither asc nor desc");
    } else if (slice_equal_text(key, "after")) {
        paging->after = value;
    } else if (slice_equal_text(key, "before")) {
        paging->before = value;
    } else if (slice_equal_text(key, "filter")) {
        paging->filter = value;
    }
    return true; /* others mean nothing here */
}

bool paging_read(struct exchange *exchange, struct paging *paging)
{
    struct slice rest = exchange->match.query, part;
    while (slice_next(&rest, '&', &part)) {
        size_t at = part.size;
        struct slice key = part, value = {"", 0};
        if (slice_find(part, '=', &at)) {
            key = slice_range(part, 0, at);
            value = slice_range(part, at + 1, part.size);
        }
        if (!http_decode(value, &exchange->arena, &value))
            return refuse(exchange, "the address", "is written wrongly");
        if (!take_parameter(exchange, key, value, paging))
            return false;
    }
    return true;
}

/* From a place in the list to one in the order of making, and back. */
static size_t turned(const struct paging *paging, const struct paged *paged, size_t place)
{
    return paging->oldest_first ? place : paged->count - 1 - place;
}

/* Where an id stands in the list; `missing` where there is none, or none for this key. */
static bool find_place(const struct paging *paging, const struct paged *paged, const char *key, size_t missing, size_t *place)
{
    struct slice id = strcmp(key, "after") == 0 ? paging->after : paging->before;
    *place = missing;
    for (size_t i = 0; id.data != NULL && i < paged->count; i++) {
        size_t number = turned(paging, paged, i);
        if (slice_equal_text(id, paged->id(paged->context, number)) && paged->is_there(paged->context, number)) {
            *place = i;
            return true;
        }
    }
    return id.data == NULL || refuse(paged->exchange, key, "is no id of this list");
}

bool paging_choose(const struct paging *paging, const struct paged *paged, size_t *chosen, size_t *count, bool *has_more)
{
    size_t after, before;
    if (!find_place(paging, paged, "after", SIZE_MAX, &after) || !find_place(paging, paged, "before", paged->count, &before))
        return false;
    size_t first = after + 1; /* SIZE_MAX: 0 */
    *count = 0;
    *has_more = false;
    bool backwards = paging->before.data != NULL; /* then the nearest before it */
    for (size_t n = 0; first < before && n < before - first && !*has_more; n++) {
        size_t number = turned(paging, paged, backwards ? before - 1 - n : first + n);
        if (!paged->is_there(paged->context, number) || (paged->is_wanted != NULL && !paged->is_wanted(paged->context, number)))
            continue;
        *has_more = *count == paging->limit;
        if (!*has_more)
            chosen[(*count)++] = number;
    }
    for (size_t i = 0; backwards && i < *count / 2; i++) {
        size_t kept = chosen[i];
        chosen[i] = chosen[*count - 1 - i];
        chosen[*count - 1 - i] = kept;
    }
    return true;
}
