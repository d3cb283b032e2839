/* marks.c - how good any span of a passage is as the answer. */
#include "reader.h"
#include <math.h>

float reader_marks_score(const struct reader_marks *marks, size_t start, size_t end)
{
    float best = -INFINITY;
    const struct reader_mark *items = marks->items;
    for (size_t i = 0; i < marks->count; i++) {
        if (items[i].end <= start || items[i].start >= end ||
            (i > 0 && items[i - 1].window == items[i].window && items[i - 1].end > start))
            continue; /* the first token of the span only, in each window */
        size_t last = i;
        while (last + 1 < marks->count && items[last + 1].window == items[i].window && items[last + 1].start < end)
            last++;
        float score = items[i].starts + items[last].ends;
        if (score > best)
            best = score;
    }
    return best;
}

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
