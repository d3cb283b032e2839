/* reading.h - questions on passages: into what a trainer learns from, its answers, and how good they are. Part of train.h. */
#ifndef TRAIN_READING_H
#define TRAIN_READING_H

#include "examples.h"
#include "trainer.h"

/* ---- windows to learn from and to answer from ---- */

struct reading_request {
    const struct examples *examples; /* EXAMPLES_READING */
    const uint32_t *items; /* those of them that are taken, in this order */
    size_t count;
    const struct tokenizer *tokenizer;
    size_t tokens_max; /* of question and window together */
    bool learns; /* of a long passage only a window with the answer and one without; else all windows */
    size_t windows_most; /* no more items once there are so many; 0: no limit */
    uint64_t seed;
};

struct reading_window {
    uint32_t item; /* a place in request.items */
    size_t start; /* bytes of the passage before it */
};

/* Windows of one item stand behind one another. Texts stay those of the examples. */
struct reading_set {
    struct train_example *examples;
    struct train_range *ranges;
    struct reading_window *windows;
    size_t count;
    size_t items; /* of the request that were taken */
};
void reading_make(const struct reading_request *request, struct reading_set *set);
void reading_release(struct reading_set *set);

/* ---- answers ---- */

struct reading_answer {
    size_t start, end; /* bytes of the passage: the best span */
    double score; /* how far it is above there being none */
};
/* Of each of set.items; the trainer's task is TRAIN_SPAN. `step` as in trainer's progress: done and all windows; false stops. */
struct reading_asking {
    const struct reading_set *set; /* of a request that did not learn */
    bool (*step)(void *context, size_t done, size_t total); /* may be NULL */
    void *context;
};
bool reading_answers(struct trainer *trainer, const struct reading_asking *asking, struct reading_answer *answers,
                     struct error *error) MUST_USE;

/* ---- measures ---- */

/* One question: its best span compared with the right answers by the caller. */
struct reading_case {
    bool is_answerable;
    double exact, f1; /* 0 where there is no answer */
    double score;
};

struct reading_measures {
    size_t answerable, unanswerable;
    double exact, f1; /* of the answerable, answering always, as SQuAD 1.1 counts */
    struct statistics_interval exact_interval, f1_interval;
    double exact_all,
        f1_all; /* of all, abstaining below the threshold, as SQuAD 2.0 counts: where there is none, abstaining is right */
    struct statistics_interval f1_all_interval;
    double abstained; /* share of the unanswerable that it abstained from; negative where there are none */
    double answered; /* share of the answerable that it answered */
    double auc; /* the chance that an answerable one has a higher score than an unanswerable one; NaN without both */
};
/* What a case counts when the reader abstains below the threshold: its F1, or whether it rightly said nothing. f1_all is their mean. */
double reading_value(const struct reading_case *item, double threshold);
void reading_measure(const struct reading_case *cases, size_t count, double threshold, uint64_t seed,
                     struct reading_measures *measures);

/* Above which to answer so that f1_all is highest; half way between two scores. */
double reading_threshold(const struct reading_case *cases, size_t count);

/* The chance that the span is right (F1 above one half): 1 / (1 + exp(-(slope · score + offset))), fitted by its log loss. */
struct reading_chance {
    double slope, offset;
};
struct reading_chance reading_fit_chance(const struct reading_case *cases, size_t count);

#endif
