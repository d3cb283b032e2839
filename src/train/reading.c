/* reading.c - questions on passages as windows, and the answers put together from those of their windows. */
#include "reading.h"
#include "reader/reader.h"
#include <math.h>
#include <stdlib.h>

enum { ASKED_AT_ONCE = 128 };

/* ---- windows ---- */

struct making {
    const struct reading_request *request;
    struct reader_cutter cutter;
    struct reader_window *windows; /* of the passage at hand */
    size_t window_count, window_capacity;
    struct random random;
    struct reading_set *set;
    size_t example_capacity, range_capacity, start_capacity;
};

static void add_window(struct making *making, uint32_t item, struct slice question, const struct reader_window *window)
{
    struct reading_set *set = making->set;
    const struct example *example = &making->request->examples->items[making->request->items[item]];
    struct train_range range = {0};
    if (example->answer_count > 0) { /* the part of the first answer that stands in the window */
        const struct example_answer *answer = &example->answers[0];
        size_t start = answer->start > window->start ? answer->start : window->start;
        size_t end = answer->start + answer->text.size < window->end ? answer->start + answer->text.size : window->end;
        if (start < end)
            range = (struct train_range){start - window->start, end - window->start, 0};
    }
    set->examples = memory_more(set->examples, set->count, &making->example_capacity, sizeof(*set->examples));
    set->ranges = memory_more(set->ranges, set->count, &making->range_capacity, sizeof(*set->ranges));
    set->windows = memory_more(set->windows, set->count, &making->start_capacity, sizeof(*set->windows));
    set->ranges[set->count] = range;
    set->windows[set->count] = (struct reading_window){item, window->start};
    set->examples[set->count++] = (struct train_example){
        .first = question, .second = slice_range(example->context, window->start, window->end), .range_count = range.end > 0};
}

/* How far the answer is from the window's nearer border; 0: it does not stand in it whole. */
static size_t distance_to_border(const struct reader_window *window, const struct example_answer *answer)
{
    size_t end = answer->start + answer->text.size;
    if (answer->start < window->start || end > window->end)
        return 0;
    size_t before = answer->start - window->start, behind = window->end - end;
    return (before < behind ? before : behind) + 1;
}

static bool holds_any(const struct reader_window *window, const struct example *example)
{
    for (size_t i = 0; i < example->answer_count; i++)
        if (example->answers[i].start < window->end &&
            example->answers[i].start + example->answers[i].text.size > window->start)
            return true;
    return false;
}

/* The window in whose middle the answer stands, and any one without it. */
static void add_learned(struct making *making, uint32_t item, struct slice question, const struct example *example)
{
    size_t best = 0, most = 0, others = 0;
    for (size_t i = 0; i < making->window_count && example->answer_count > 0; i++) {
        size_t distance = distance_to_border(&making->windows[i], &example->answers[0]);
        bool is_partly = most == 0 && distance == 0 && making->windows[i].start <= example->answers[0].start;
        if (distance > most || is_partly) {
            best = i;
            most = distance;
        }
    }
    if (example->answer_count > 0)
        add_window(making, item, question, &making->windows[best]);
    for (size_t i = 0; i < making->window_count; i++)
        others += !holds_any(&making->windows[i], example);
    size_t chosen = others > 0 ? (size_t)random_below(&making->random, others) : 0;
    for (size_t i = 0; i < making->window_count && others > 0; i++)
        if (!holds_any(&making->windows[i], example) && chosen-- == 0) {
            add_window(making, item, question, &making->windows[i]);
            return;
        }
}

void reading_make(const struct reading_request *request, struct reading_set *set)
{
    struct making making = {.request = request, .set = set};
    making.cutter = (struct reader_cutter){.tokenizer = request->tokenizer, .tokens_max = request->tokens_max};
    making.cutter.workspace = tokenizer_workspace_create();
    tokens_init(&making.cutter.tokens);
    random_init(&making.random, request->seed);
    *set = (struct reading_set){0};
    size_t most = request->windows_most > 0 ? request->windows_most : SIZE_MAX;
    for (size_t i = 0; i < request->count && set->count < most; i++) {
        const struct example *example = &request->examples->items[request->items[i]];
        struct slice question = reader_cut_question(&making.cutter, example->text);
        set->items = i + 1;
        making.window_count = 0;
        reader_cut_passage(&making.cutter, question, example->context, &making.windows, &making.window_count,
                           &making.window_capacity);
        if (request->learns)
            add_learned(&making, (uint32_t)i, question, example);
        else
            for (size_t w = 0; w < making.window_count; w++)
                add_window(&making, (uint32_t)i, question, &making.windows[w]);
    }
    for (size_t i = 0; i < set->count; i++) /* now that they no longer move */
        set->examples[i].ranges = &set->ranges[i];
    free(making.windows);
    tokens_release(&making.cutter.tokens);
    tokenizer_workspace_free(making.cutter.workspace);
}

void reading_release(struct reading_set *set)
{
    free(set->examples);
    free(set->ranges);
    free(set->windows);
    *set = (struct reading_set){0};
}

/* ---- answers ---- */

bool reading_answers(struct trainer *trainer, const struct reading_asking *asking, struct reading_answer *answers,
                     struct error *error)
{
    const struct reading_set *set = asking->set;
    struct train_span *spans = memory_alloc(ASKED_AT_ONCE, sizeof(*spans));
    for (size_t i = 0; i < set->items; i++)
        answers[i] = (struct reading_answer){.score = -(double)INFINITY};
    bool ok = true;
    for (size_t at = 0; at < set->count && ok; at += ASKED_AT_ONCE) {
        size_t count = set->count - at < ASKED_AT_ONCE ? set->count - at : ASKED_AT_ONCE;
        if (asking->step != NULL && !asking->step(asking->context, at, set->count))
            ok = error_set(error, ERROR_CANCELLED, "stopped while reading");
        ok = ok && trainer_predict_spans(trainer, set->examples + at, count, spans, error);
        for (size_t i = 0; i < count && ok; i++) {
            const struct reading_window *window = &set->windows[at + i];
            struct reading_answer *answer = &answers[window->item];
            if ((double)spans[i].score > answer->score)
                *answer = (struct reading_answer){window->start + spans[i].start, window->start + spans[i].end,
                                                  (double)spans[i].score};
        }
    }
    for (size_t i = 0; i < set->items; i++) /* nothing in it could be one */
        if (answers[i].score < -1e9)
            answers[i].score = -1e9;
    free(spans);
    return ok;
}
