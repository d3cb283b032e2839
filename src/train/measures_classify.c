/* measures_classify.c - accuracy, F1 and confusions of a classifier, and what changed from before to after. */
#include "measures_classify.h"
#include <assert.h>
#include <math.h>
#include <stdlib.h>

static void fill_class(struct class_measures *item)
{
    item->precision = item->predicted > 0 ? (double)item->hits / (double)item->predicted : 0;
    item->recall = item->support > 0 ? (double)item->hits / (double)item->support : 0;
    size_t both = item->support + item->predicted;
    item->f1 = both > 0 ? 2 * (double)item->hits / (double)both : 0;
}

static double macro_f1_of(const struct class_measures *classes, size_t label_count)
{
    double sum = 0;
    size_t present = 0;
    for (size_t i = 0; i < label_count; i++) {
        size_t both = classes[i].support + classes[i].predicted;
        sum += both > 0 ? 2 * (double)classes[i].hits / (double)both : 0;
        present += both > 0;
    }
    return present > 0 ? sum / (double)present : 0;
}

static int by_pair(const void *a, const void *b)
{
    const struct confusion *left = a, *right = b;
    int order = (left->truth > right->truth) - (left->truth < right->truth);
    return order != 0 ? order : (left->answer > right->answer) - (left->answer < right->answer);
}

static int by_count(const void *a, const void *b)
{
    const struct confusion *left = a, *right = b;
    int order = (left->count < right->count) - (left->count > right->count);
    return order != 0 ? order : by_pair(a, b);
}

static void gather_confusions(const uint32_t *truth, const uint32_t *answers, size_t count, struct classify_measures *measures)
{
    struct confusion *items = memory_alloc(count - measures->hits + 1, sizeof(*items));
    size_t wrong = 0, kept = 0;
    for (size_t i = 0; i < count; i++)
        if (truth[i] != answers[i])
            items[wrong++] = (struct confusion){truth[i], answers[i], 1};
    qsort(items, wrong, sizeof(*items), by_pair);
    for (size_t i = 0; i < wrong; i++)
        if (kept > 0 && by_pair(&items[kept - 1], &items[i]) == 0)
            items[kept - 1].count++;
        else
            items[kept++] = items[i];
    qsort(items, kept, sizeof(*items), by_count);
    measures->confusions = items;
    measures->confusion_count = kept;
}

void measure_classes(const uint32_t *truth, const uint32_t *answers, size_t count, size_t label_count,
                     struct classify_measures *measures)
{
    *measures = (struct classify_measures){.count = count, .label_count = label_count};
    measures->classes = memory_alloc(label_count + 1, sizeof(*measures->classes));
    for (size_t i = 0; i < count; i++) {
        assert(truth[i] < label_count);
        assert(answers[i] < label_count);
        measures->classes[truth[i]].support++;
        measures->classes[answers[i]].predicted++;
        measures->classes[truth[i]].hits += truth[i] == answers[i];
        measures->hits += truth[i] == answers[i];
    }
    for (size_t i = 0; i < label_count; i++)
        fill_class(&measures->classes[i]);
    measures->accuracy = count > 0 ? (double)measures->hits / (double)count : 0;
    measures->micro_f1 = measures->accuracy; /* with one label each they are the same number */
    measures->macro_f1 = macro_f1_of(measures->classes, label_count);
    statistics_wilson(measures->hits, count, &measures->accuracy_interval);
    gather_confusions(truth, answers, count, measures);
}

void measure_release(struct classify_measures *measures)
{
    free(measures->classes);
    free(measures->confusions);
    *measures = (struct classify_measures){0};
}

/* ---- before and after ---- */

struct change_context {
    const uint32_t *truth, *before, *after;
    size_t label_count;
    struct class_measures *classes; /* of one draw: before, then after */
};

static void count_class(struct class_measures *classes, uint32_t truth, uint32_t answer)
{
    classes[truth].support++;
    classes[answer].predicted++;
    classes[truth].hits += truth == answer;
}

static double macro_f1_change(void *context, const uint32_t *draw, size_t count)
{
    struct change_context *change = context;
    struct class_measures *before = change->classes, *after = change->classes + change->label_count;
    memset(change->classes, 0, 2 * change->label_count * sizeof(*change->classes));
    for (size_t i = 0; i < count; i++) {
        size_t at = draw != NULL ? draw[i] : i;
        count_class(before, change->truth[at], change->before[at]);
        count_class(after, change->truth[at], change->after[at]);
    }
    return macro_f1_of(after, change->label_count) - macro_f1_of(before, change->label_count);
}

void measure_paired(const uint32_t *truth, const uint32_t *before, const uint32_t *after, size_t count,
                    struct classify_change *change)
{
    *change = (struct classify_change){0};
    for (size_t i = 0; i < count; i++) {
        bool was = before[i] == truth[i], is = after[i] == truth[i];
        change->paired.both += was && is;
        change->paired.first_only += was && !is;
        change->paired.second_only += !was && is;
        change->paired.neither += !was && !is;
    }
    change->accuracy = statistics_newcombe(&change->paired, &change->accuracy_interval);
    change->chance = statistics_mcnemar(&change->paired);
    if (change->chance > STATISTICS_CHANCE) { /* of few cases the interval, which is no exact one, can be a little too narrow */
        change->accuracy_interval.low = fmin(change->accuracy_interval.low, 0);
        change->accuracy_interval.high = fmax(change->accuracy_interval.high, 0);
    }
}

void measure_change(const uint32_t *truth, const uint32_t *before, const uint32_t *after, size_t count, size_t label_count,
                    uint64_t seed, struct classify_change *change)
{
    enum { DRAWS = 10000, DRAWS_LEAST = 1000, CASES_LEAST = 30 };
    static const size_t work_max = (size_t)300 << 20; /* cases looked at in all draws together: some seconds */
    measure_paired(truth, before, after, count, change);
    struct change_context context = {truth, before, after, label_count,
                                     memory_alloc(2 * label_count + 1, sizeof(*context.classes))};
    size_t affordable = work_max / (count + 2 * label_count + 1);
    size_t draws = affordable > DRAWS ? DRAWS : affordable < DRAWS_LEAST ? DRAWS_LEAST : affordable;
    change->macro_f1 = macro_f1_change(&context, NULL, count);
    const struct bootstrap bootstrap = {count, draws, 0.05, seed, macro_f1_change, &context};
    change->macro_f1_interval = (struct statistics_interval){(double)NAN, (double)NAN};
    if (count >= CASES_LEAST)
        statistics_bootstrap(&bootstrap, &change->macro_f1_interval);
    free(context.classes);
}
