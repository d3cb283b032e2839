/* marks.c - how good any span of a passage is as the answer. */
#include "reader.h"
#include <math.h>

/* The mark before or behind this one in its window; NULL: the window ends there. */
static const struct reader_mark *neighbour(const struct reader_marks *marks, size_t i, size_t other)
{
    return other < marks->count && marks->items[other].window == marks->items[i].window ? &marks->items[other] : NULL;
}

float reader_marks_score(const struct reader_marks *marks, size_t start, size_t end)
{
    float whole = -INFINITY, part = -INFINITY; /* in windows that have all of the span, and in those that cut it */
    const struct reader_mark *items = marks->items;
    for (size_t i = 0; i < marks->count; i++) {
        const struct reader_mark *before = neighbour(marks, i, i - 1);
        if (items[i].end <= start || items[i].start >= end || (before != NULL && before->end > start))
            continue; /* the first token of the span only, in each window */
        size_t last = i;
        while (neighbour(marks, i, last + 1) != NULL && items[last + 1].start < end)
            last++;
        float score = items[i].starts + items[last].ends;
        bool is_whole = (before != NULL || items[i].start <= start) &&
                        (neighbour(marks, i, last + 1) != NULL || items[last].end >= end);
        float *best = is_whole ? &whole : &part;
        *best = score > *best ? score : *best;
    }
    return whole > -INFINITY ? whole : part;
}

/* Of equal ones the first. */
struct reader_answer reader_marks_best(const struct reader_marks *marks, size_t start, size_t end)
{
    struct reader_answer best = {.score = -INFINITY};
    const struct reader_mark *items = marks->items;
    for (size_t i = 0; i < marks->count; i++) {
        if (items[i].start < start)
            continue;
        for (size_t j = i;
             j < marks->count && j < i + READER_SPAN_TOKENS && items[j].window == items[i].window && items[j].end <= end; j++)
            if (items[i].starts + items[j].ends > best.score)
                best = (struct reader_answer){
                    .start = items[i].start, .end = items[j].end, .score = items[i].starts + items[j].ends};
    }
    return best;
}
