/* answers_compare.c - two ways to answer the same cases, compared case by case: what is hard for both then counts for neither. */
#include "answers.h"
#include "runs.h"
#include <stdlib.h>

struct graded {
    size_t line;
    uint32_t document;
    double values[GRADE_MEASURES], grounded;
};

struct graded_list {
    const struct eval_answering *run; /* that it is of */
    struct graded *items;
    size_t count, capacity;
};

static bool tell_step(void *context, const char *stage, size_t done, size_t total)
{
    const struct graded_list *list = context;
    return list->run->step == NULL || list->run->step(list->run->context, stage, done, total);
}

static void note_case(void *context, const struct eval_answered *answered)
{
    struct graded_list *list = context;
    list->items = memory_more(list->items, list->count, &list->capacity, sizeof(*list->items));
    struct graded *graded = &list->items[list->count++];
    *graded = (struct graded){.line = answered->line, .document = answered->document, .grounded = answered->grounded};
    for (size_t i = 0; i < GRADE_MEASURES; i++)
        graded->values[i] = answered->scores.values[i];
}

static double measure_of(const struct graded *graded, size_t which)
{
    return which < GRADE_MEASURES ? graded->values[which] : graded->grounded;
}

/* Cases for which one of the two has no value (what did not answer is not grounded in anything) say nothing. */
static void compare(const struct graded_list *first, const struct graded_list *second, size_t which,
                    struct eval_difference *difference)
{
    double *values = memory_alloc(first->count + 1, sizeof(*values));
    uint32_t *documents = memory_alloc(first->count + 1, sizeof(*documents));
    struct statistics_interval interval;
    *difference = (struct eval_difference){0};
    for (size_t i = 0; i < first->count && i < second->count; i++) {
        double a = measure_of(&first->items[i], which), b = measure_of(&second->items[i], which);
        if (a < 0 || b < 0)
            continue;
        difference->first += a;
        difference->second += b;
        documents[difference->cases] = first->items[i].document;
        values[difference->cases++] = b - a;
    }
    const struct clustered clustered = {values, documents, difference->cases, EVAL_SEED};
    if (difference->cases > 0) {
        difference->first /= (double)difference->cases;
        difference->second /= (double)difference->cases;
        statistics_clustered(&clustered, &interval);
        difference->difference = statistics_mean(&clustered);
        difference->low = interval.low > -1 ? interval.low : -1;
        difference->high = interval.high < 1 ? interval.high : 1;
        difference->chance = statistics_sign_flip(&clustered);
    }
    free(values);
    free(documents);
}

static bool answer_both(const struct eval_answering *first, const struct eval_answering *second,
                        struct eval_comparison *comparison, struct graded_list lists[2], struct error *error)
{
    const struct eval_answering *const runs[] = {first, second};
    struct eval_answers_report *const reports[] = {&comparison->first, &comparison->second};
    for (size_t i = 0; i < ARRAY_COUNT(runs); i++) {
        struct eval_answering run = *runs[i];
        lists[i].run = runs[i];
        run.on_case = note_case;
        run.step = tell_step;
        run.context = &lists[i];
        if (!eval_answer_cases(&run, reports[i], error))
            return false;
    }
    return true;
}

bool eval_compare_answers(const struct eval_answering *first, const struct eval_answering *second,
                          struct eval_comparison *comparison, struct error *error)
{
    struct graded_list lists[2] = {{0}, {0}};
    *comparison = (struct eval_comparison){0};
    bool ok = answer_both(first, second, comparison, lists, error);
    if (ok) {
        for (size_t i = 0; i < GRADE_MEASURES; i++)
            compare(&lists[0], &lists[1], i, &comparison->measures[i]);
        compare(&lists[0], &lists[1], GRADE_MEASURES, &comparison->grounded);
        for (size_t i = 0; i < lists[0].count && i < lists[1].count; i++) {
            double by = lists[1].items[i].values[GRADE_F1] - lists[0].items[i].values[GRADE_F1];
            comparison->better += by > 0;
            comparison->worse += by < 0;
        }
    }
    free(lists[0].items);
    free(lists[1].items);
    return ok;
}
