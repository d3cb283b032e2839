/* needs.c - whether the test cases have what a measure needs, before anything is asked. */
#include "needs.h"
#include "answer_labels.h"
#include "runs.h"
#include <stdlib.h>

static bool has_labels(const struct answer_cases *cases)
{
    struct label_report report;
    struct label_case *wanted = memory_alloc(cases->count + 1, sizeof(*wanted));
    size_t count = 0;
    for (size_t i = 0; i < cases->count; i++)
        if (cases->items[i].gold_count > 0)
            wanted[count++] = (struct label_case){.wanted = cases->items[i].golds[0], .document = cases->clusters[i]};
    eval_labels(wanted, count, EVAL_SEED, &report);
    free(wanted);
    return report.is_told;
}

static bool has_form(const struct answer_cases *cases, const struct form_asked *asked, size_t which)
{
    const struct slice nothing = SLICE(""); /* an answer, so that what is asked of answers is looked at */
    struct arena arena;
    struct answer_form form;
    bool found = false;
    arena_init(&arena);
    for (size_t i = 0; i < cases->count && !found; i++) {
        answer_form_check(&cases->items[i], asked, &nothing, &arena, NULL, &form);
        found = form.values[which] >= 0;
    }
    arena_release(&arena);
    return found;
}

static bool has_unanswerable(const struct answer_cases *cases)
{
    bool found = false;
    for (size_t i = 0; i < cases->count; i++)
        found = found || cases->items[i].gold_count == 0;
    return found;
}

/* What is missing, in words; NULL: nothing. */
static const char *missing(struct slice measure, const struct answer_cases *cases, const struct form_asked *asked)
{
    static const char *const forms[ANSWER_FORMS] = {
        [ANSWER_PATTERN] = "a pattern that answers must match (`checks.pattern`)",
        [ANSWER_JSON] = "a schema (`checks.schema`), or an answer that is an object of JSON",
        [ANSWER_SCHEMA] = "a schema that answers must follow (`checks.schema`)",
        [ANSWER_FIELDS] = "an answer that is an object of JSON",
    };
    for (size_t i = 0; i < ANSWER_FORMS; i++)
        if (slice_equal_text(measure, answer_form_names[i]))
            return has_form(cases, asked, i) ? NULL : forms[i];
    if (slice_equal_text(measure, "abstention.recall"))
        return has_unanswerable(cases) ? NULL : "the answer null, which says that to abstain is right";
    if (slice_equal_text(measure, "accuracy") || slice_equal_text(measure, "macro_f1"))
        return has_labels(cases) ? NULL : "a label as answer (ten cases or more, short texts that come three times each)";
    return NULL;
}

bool eval_check_needs(const char *const *measures, size_t count, const struct answer_cases *cases,
                      const struct form_asked *asked, struct error *error)
{
    for (size_t i = 0; i < count; i++) {
        const char *what = missing(slice_from(measures[i]), cases, asked);
        if (what == NULL)
            continue;
        error_set(error, ERROR_INVALID, "\"%.60s\" cannot be measured: no test case has %s", measures[i], what);
        return error_hint(error, "Nothing was answered. Leave it out, or add such cases.");
    }
    return true;
}
