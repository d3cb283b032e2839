#include "hits.h"
#include <assert.h>

static bool is_worse(struct index_hit a, struct index_hit b)
{
    return a.score < b.score || (a.score <= b.score && a.passage > b.passage);
}

/* Lets `hit` sink from the top of a heap of `count` to where it belongs. */
static void sink(struct index_hit *heap, size_t count, struct index_hit hit)
{
    size_t at = 0;
    for (;;) {
        size_t child = 2 * at + 1;
        if (child >= count)
            break;
        if (child + 1 < count && is_worse(heap[child + 1], heap[child]))
            child++;
        if (!is_worse(heap[child], hit))
            break;
        heap[at] = heap[child];
        at = child;
    }
    heap[at] = hit;
}

void best_hits_add(struct best_hits *best, struct index_hit hit)
{
    assert(best->count < best->k || is_worse(best->hits[0], hit));
    if (best->count == best->k) {
        sink(best->hits, best->count, hit);
        return;
    }
    size_t at = best->count++;
    while (at > 0 && is_worse(hit, best->hits[(at - 1) / 2])) {
        best->hits[at] = best->hits[(at - 1) / 2];
        at = (at - 1) / 2;
    }
    best->hits[at] = hit;
}

void best_hits_sort(struct best_hits *best)
{
    for (size_t count = best->count; count > 1; count--) {
        struct index_hit worst = best->hits[0];
        sink(best->hits, count - 1, best->hits[count - 1]);
        best->hits[count - 1] = worst;
    }
}
