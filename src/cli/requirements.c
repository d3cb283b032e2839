/* requirements.c - what --require asks of `assay eval`. */
#include "eval_judge.h"
#include <string.h>

/* Measures beside those of retrieval and grades. */
enum other {
    OTHER_GROUNDED,
    OTHER_PRECISION,
    OTHER_RECALL,
    OTHER_STYLE,
    OTHER_P95,
    OTHER_JUDGED,
    OTHER_ACCURACY,
    OTHER_MACRO_F1,
    OTHERS
};
static const char *const others[OTHERS] = {
    "grounded", "abstention.precision", "abstention.recall", "style", "latency_ms.p95", "judged", "accuracy", "macro_f1"};

static bool is_of_retrieval(struct slice name)
{
    bool found = false;
    for (size_t i = 0; i < ASSAY_MEASURES; i++)
        found = found || slice_equal_text(name, assay_measure_name((enum assay_measure)i));
    return found;
}

static bool is_measure(struct slice name)
{
    bool found = is_of_retrieval(name);
    for (size_t i = 0; i < ASSAY_GRADES; i++)
        found = found || slice_equal_text(name, assay_grade_name((enum assay_grade)i));
    for (size_t i = 0; i < ASSAY_FORMS; i++)
        found = found || slice_equal_text(name, assay_form_name((enum assay_form)i));
    for (size_t i = 0; i < OTHERS; i++)
        found = found || slice_equal_text(name, others[i]);
    return found;
}

static bool read_one(struct slice text, struct requirement *requirement)
{
    size_t at = 0;
    while (at + 1 < text.size && !((text.data[at] == '>' || text.data[at] == '<') && text.data[at + 1] == '='))
        at++;
    if (at + 1 >= text.size)
        return false;
    *requirement = (struct requirement){.name = slice_trim(slice_range(text, 0, at)), .is_most = text.data[at] == '<'};
    struct slice limit = slice_trim(slice_range(text, at + 2, text.size));
    requirement->is_relative = slice_starts_with(limit, SLICE("baseline"));
    if (requirement->is_relative)
        limit = slice_trim(slice_range(limit, strlen("baseline"), limit.size));
    return is_measure(requirement->name) &&
           ((requirement->is_relative && limit.size == 0) || slice_to_double(limit, &requirement->limit));
}

/* A run keeps these alone. */
static bool is_recorded(struct slice name)
{
    bool found = false;
    for (size_t i = 0; i < RECORD_MEASURES; i++)
        found = found || slice_equal_text(name, record_measure_name(i));
    return found;
}

/* What the baseline has of it, for those that it records. */
static bool baseline_value(const struct baseline *baseline, struct slice name, double *value)
{
    for (size_t i = 0; i < RECORD_MEASURES; i++)
        if (baseline->has[i] && slice_equal_text(name, record_measure_name(i))) {
            *value = baseline->means[i];
            return true;
        }
    return false;
}

/* Why no run can meet it; NULL: one may. A cosine may be below 0. */
static const char *never_met(const struct requirement *item)
{
    if (item->is_relative)
        return item->limit > 1 || item->limit < -1 ? "no two runs are so far apart" : NULL;
    if (slice_equal_text(item->name, others[OTHER_P95]))
        return item->is_most && item->limit <= 0 ? "no answer takes less than no time" : NULL;
    if (!item->is_most)
        return item->limit > 1 ? "it is 1 at the most" : NULL;
    const double least = slice_equal_text(item->name, assay_grade_name(ASSAY_GRADE_SIMILARITY)) ? -1 : 0;
    return item->limit < least ? "it is 0 at the least" : NULL;
}

/* What no run of this command can meet is refused before it asks anything. */
static bool check_one(const struct invocation *invocation, const struct requirement *item)
{
    const int size = (int)item->name.size;
    const char *never = never_met(item);
    if (item->is_relative && invocation_option(invocation, "baseline") == NULL)
        (void)wrong_use(invocation, "Add --baseline RUN.", "--require names a baseline, and there is none");
    else if (item->is_relative && !is_recorded(item->name))
        (void)wrong_use(invocation, "Give it a figure, as 'grounded>=0.9'.",
                        "\"%.*s\" is compared with no baseline: a run keeps the measures of retrieval and of answers alone",
                        size, item->name.data);
    else if (never != NULL)
        (void)wrong_use(invocation,
                        slice_equal_text(item->name, others[OTHER_P95]) ? "Write it in milliseconds, as 'latency_ms.p95<=800'."
                        : item->is_relative ? "Write how much less may be, as 'recall@5>=baseline-0.02'."
                                            : "Write the limit as a share, as 'recall@5>=0.9'.",
                        item->is_relative ? "\"%.*s%sbaseline%+g\" can never be met: %s" : "\"%.*s%s%g\" can never be met: %s",
                        size, item->name.data, item->is_most ? "<=" : ">=", item->limit, never);
    else if (invocation_option(invocation, "no-answers") != NULL && !is_of_retrieval(item->name))
        (void)wrong_use(invocation, "Leave one of the two out.", "\"%.*s\" is of answers, and --no-answers asks for none", size,
                        item->name.data);
    else if (invocation_option(invocation, "judge") == NULL && slice_equal_text(item->name, others[OTHER_JUDGED]))
        (void)wrong_use(invocation, "Add --judge MODEL.", "\"judged\" is what a judge says, and there is none");
    else
        return true;
    return false;
}

bool requirements_check_sources(const struct requirements *requirements, const struct assay_eval_report *retrieval,
                                struct assay_error *error)
{
    struct error inner;
    for (size_t i = 0; retrieval->cases == 0 && i < requirements->count; i++) {
        const struct slice name = requirements->items[i].name;
        if (!is_of_retrieval(name))
            continue;
        error_set(&inner, ERROR_INVALID, "\"" SLICE_FORMAT "\" cannot be measured: no test case has a \"source\"",
                  SLICE_ARGUMENT(name));
        (void)error_hint(&inner,
                         "Nothing was answered. Leave it out, or name in each case the document that proves its answer.");
        output_from_inner(error, &inner);
        return false;
    }
    return true;
}

bool requirements_read(const struct invocation *invocation, struct requirements *requirements)
{
    const char *text = invocation_option(invocation, "require");
    struct slice rest = slice_from(text != NULL ? text : ""), part;
    requirements->count = 0;
    while (slice_next(&rest, ',', &part)) {
        if (requirements->count == REQUIREMENTS_MAX || !read_one(slice_trim(part), &requirements->items[requirements->count])) {
            (void)wrong_use(invocation, "Write it as 'recall@5>=0.9, f1>=0.8'; see `assay help eval`.",
                            "unrecognized requirement \"%.*s\"", (int)(part.size < 60 ? part.size : 60), part.data);
            return false;
        }
        if (!check_one(invocation, &requirements->items[requirements->count]))
            return false;
        requirements->count++;
    }
    return true;
}

static bool value_of(struct slice name, const struct assay_eval_report *retrieval, const struct assay_answers_report *answers,
                     const struct judged_run *judged, double *value)
{
    for (size_t i = 0; i < ASSAY_MEASURES; i++)
        if (slice_equal_text(name, assay_measure_name((enum assay_measure)i))) {
            *value = retrieval->measures[i];
            return retrieval->cases > 0;
        }
    if (answers == NULL || answers->cases == 0)
        return false;
    for (size_t i = 0; i < ASSAY_GRADES; i++)
        if (slice_equal_text(name, assay_grade_name((enum assay_grade)i))) {
            *value = answers->grades[i].mean;
            return *value >= 0;
        }
    for (size_t i = 0; i < ASSAY_FORMS; i++)
        if (slice_equal_text(name, assay_form_name((enum assay_form)i))) {
            *value = answers->forms[i].mean;
            return answers->form_cases[i] > 0;
        }
    const double values[OTHERS] = {answers->grounded.mean,
                                   answers->abstention_precision.mean,
                                   answers->abstention_recall.mean,
                                   answers->style.separation,
                                   answers->p95_ms,
                                   judged->report.share,
                                   answers->labels.accuracy.mean,
                                   answers->labels.macro_f1.mean};
    for (size_t i = 0; i < OTHERS; i++)
        if (slice_equal_text(name, others[i]))
            *value = values[i];
    if (slice_equal_text(name, others[OTHER_P95]))
        return answers->failed < answers->cases;
    if (slice_equal_text(name, others[OTHER_JUDGED])) /* one that nobody has checked is no measure */
        return judged->is_done && judged->report.counts;
    if (slice_equal_text(name, others[OTHER_ACCURACY]) || slice_equal_text(name, others[OTHER_MACRO_F1]))
        return answers->labels.is_told;
    return slice_equal_text(name, others[OTHER_STYLE]) ? answers->style.is_told : *value >= 0;
}

bool requirements_check(struct requirements *requirements, const struct assay_eval_report *retrieval,
                        const struct assay_answers_report *answers, const struct baseline *baseline,
                        const struct judged_run *judged)
{
    bool all = true;
    for (size_t i = 0; i < requirements->count; i++) {
        struct requirement *item = &requirements->items[i];
        double before = 0;
        item->is_known = value_of(item->name, retrieval, answers, judged, &item->value) &&
                         (!item->is_relative || baseline_value(baseline, item->name, &before));
        item->limit += before;
        const double slack = item->is_relative ? MEASURE_SAME : 0;
        item->is_relative = false;
        item->is_met = item->is_known &&
                       (item->is_most ? item->value <= item->limit + slack : item->value >= item->limit - slack);
        all = all && item->is_met;
    }
    return all;
}

void requirements_write(const struct requirements *requirements, struct json_writer *json)
{
    json_key(json, "require");
    json_array_begin(json);
    for (size_t i = 0; i < requirements->count; i++) {
        const struct requirement *item = &requirements->items[i];
        json_object_begin(json);
        json_key(json, "measure");
        json_text(json, item->name);
        json_key(json, item->is_most ? "most" : "least");
        json_real(json, item->limit, 9);
        json_key(json, "value");
        if (item->is_known)
            json_real(json, item->value, 9);
        else
            json_null(json);
        json_key(json, "met");
        json_bool(json, item->is_met);
        json_object_end(json);
    }
    json_array_end(json);
}

void requirements_tell(const struct requirements *requirements)
{
    for (size_t i = 0; i < requirements->count; i++) {
        const struct requirement *item = &requirements->items[i];
        if (item->is_met)
            continue;
        fputs("assay: ", stderr);
        output_text(stderr, item->name);
        if (item->is_known)
            fprintf(stderr, " is %.4g, wanted is %s %g\n", item->value, item->is_most ? "at most" : "at least", item->limit);
        else
            fputs(" was not measured: no test case has what it needs\n", stderr);
    }
}
