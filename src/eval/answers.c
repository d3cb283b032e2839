/* answers.c - asks, grades and explains each test case.
 *
 * Why a case failed is looked for from the documents on: is a source there, does a passage hold the answer, was it among those given, and only
 * then: what was made of it. */
#include "answers.h"
#include "answer_cases.h"
#include "meaning.h"
#include "needs.h"
#include "runs.h"
#include <stdio.h>
#include <stdlib.h>

enum { DEPTH = 100 };
#define RIGHT_LEAST 0.5 /* of F1; all others are 0 or 1 */

const char *const eval_why_names[EVAL_WHYS] = {"right",          "form",         "wrong",     "abstained",
                                               "should_abstain", "not_in_index", "cut_badly", "ranked_low",
                                               "not_found",      "no_source",    "failed"};
const char *const eval_why_sentences[EVAL_WHYS] = {
    "right",
    "the right fact, in other words or another form than were asked for",
    "had the passage, and answered something else",
    "had the passage, and abstained",
    "answered, though nothing answers it",
    "the source is not among the documents",
    "no passage of the source holds the answer",
    "the source comes behind the passages that were given",
    "the source is not among the first 100 passages",
    "wrong; the case names no source",
    "the model failed",
};

struct answering {
    const struct eval_answering *run;
    struct answer_cases cases;
    struct form_asked asked;
    struct map documents; /* in the catalog */
    struct eval_answered *answered;
    double *values; /* scratch, one a case */
    struct arena arena;
    struct error first_failure;
    size_t failed;
    struct style_texts examples;
};

static bool note_document(void *context, const struct store_document *document, struct error *error)
{
    struct answering *answering = context;
    (void)error;
    map_put(&answering->documents, document->path, NULL);
    return true;
}

struct slice eval_without_marks(struct slice text, struct arena *arena)
{
    char *out = arena_alloc(arena, text.size + 1, 1);
    size_t size = 0;
    for (size_t i = 0; i < text.size; i++) {
        size_t end = i + 1;
        while (text.data[i] == '[' && end < text.size && text.data[end] >= '0' && text.data[end] <= '9')
            end++;
        bool is_mark = text.data[i] == '[' && end > i + 1 && end < text.size && text.data[end] == ']';
        if (is_mark) {
            size -= size > 0 && out[size - 1] == ' ';
            i = end;
        } else {
            out[size++] = text.data[i];
        }
    }
    return (struct slice){out, size};
}

/* ---- why ---- */

static bool is_of_source(const struct answer_case *item, const struct search_hit *hit)
{
    for (size_t i = 0; i < item->source_count; i++)
        if (eval_stands_in(hit, item->sources[i]))
            return true;
    return false;
}

/* The first passage of a source among the results, from 1; 0: none. `*holds`: one of them has the answer. */
static size_t rank_of(const struct answer_case *item, const struct search_result *result, bool *holds)
{
    size_t rank = 0;
    *holds = false;
    for (size_t i = 0; i < result->count; i++) {
        if (!is_of_source(item, &result->hits[i]))
            continue;
        rank = rank == 0 ? i + 1 : rank;
        *holds = *holds || case_facts_stand_in(item, result->hits[i].passage.text, GRADE_CONTAINS);
    }
    return rank;
}

/* By what the case or the project says is right; where neither does, nothing but the answer. In the form that is asked. */
static bool is_right(const struct answering *answering, const struct answer_case *item, const struct eval_answered *answered)
{
    const enum answer_check own = item->measure != CHECK_AUTO ? item->measure : answering->run->project->settings.check_answer;
    const double value = answered->scores.values[eval_measure_of(own, GRADE_STRICT)];
    return value >= RIGHT_LEAST && answer_form_is_kept(&answered->form);
}

static bool look_deeper(const struct answering *answering, const struct answer_case *item, enum eval_why *why,
                        struct error *error)
{
    struct search_result result;
    bool holds;
    const struct search_request request = {.question = item->question,
                                           .k = DEPTH,
                                           .mode = answering->run->mode,
                                           .embedder = answering->run->embedder,
                                           .ranker = answering->run->ranker};
    bool ok = answer_search(answering->run->project, &request, &result, error);
    if (ok) {
        size_t rank = rank_of(item, &result, &holds);
        *why = rank == 0 ? WHY_NOT_FOUND : holds ? WHY_RANKED_LOW : WHY_CUT;
    }
    search_result_release(&result);
    return ok;
}

/* A document was wanted, and its facts were said in something else. */
static bool is_bare_fact(const struct answer_case *item, const struct eval_answered *answered)
{
    return answered->form.is_document && answered->form.values[ANSWER_JSON] == 0 &&
           case_facts_stand_in(item, answered->answer, GRADE_RELAXED);
}

static bool find_why(const struct answering *answering, const struct answer_case *item, const struct ask_answer *answer,
                     struct eval_answered *answered, struct error *error)
{
    bool in_index = item->source_count == 0, holds;
    for (size_t i = 0; i < item->source_count; i++)
        in_index = in_index || map_get(&answering->documents, item->sources[i]) != NULL;
    size_t rank = rank_of(item, &answer->search, &holds);
    holds = holds || answered->form.is_document; /* a document is made of what a passage says, and stands in none */
    answered->why = WHY_RIGHT;
    if (is_right(answering, item, answered))
        return true;
    if (item->gold_count == 0)
        answered->why = WHY_SHOULD_ABSTAIN;
    else if (answered->scores.values[GRADE_RELAXED] > 0 || is_bare_fact(item, answered))
        answered->why = WHY_FORM;
    else if (item->source_count == 0)
        answered->why = WHY_NO_SOURCE;
    else if (!in_index)
        answered->why = WHY_NOT_IN_INDEX;
    else if (rank > 0 && holds)
        answered->why = answered->abstained ? WHY_ABSTAINED : WHY_WRONG;
    else
        return look_deeper(answering, item, &answered->why, error);
    return true;
}

/* ---- one case ---- */

static void check_grounding(const struct ask_answer *answer, struct eval_answered *answered)
{
    struct grade_grounding grounding;
    struct arena arena;
    answered->grounded = -1;
    if (answered->abstained)
        return;
    arena_init(&arena);
    struct slice *sources = arena_alloc(&arena, answer->search.count + 1, sizeof(*sources));
    for (size_t i = 0; i < answer->search.count; i++)
        sources[i] = answer->search.hits[i].passage.text;
    grade_grounding(answered->answer, sources, answer->search.count, &arena, &grounding);
    answered->grounded = grounding.share;
    arena_release(&arena);
}

/* What failed has no meaning: 0, where others are measured. */
static bool measure_meaning(const struct answering *answering, const struct answer_case *item, struct eval_answered *answered,
                            bool failed, struct error *error)
{
    double *value = &answered->scores.values[GRADE_SIMILARITY];
    const struct meaning_pair pair = {item->golds, item->gold_count, answered->answer};
    if (!eval_meanings(answering->run->embedder, &pair, 1, value, error))
        return false;
    if (failed && *value > 0)
        *value = 0;
    return true;
}

static bool fail_case(struct answering *answering, struct eval_answered *answered, struct field_shares *fields,
                      const struct error *why, struct error *error)
{
    if (why->kind == ERROR_CANCELLED) {
        *error = *why;
        return false;
    }
    if (answering->failed++ == 0)
        answering->first_failure = *why;
    answered->why = WHY_FAILED;
    answered->grounded = -1;
    answer_form_check(&answering->cases.items[answered - answering->answered], &answering->asked, NULL, &answering->arena,
                      fields, &answered->form);
    answered->failure = arena_text(&answering->arena, slice_from(why->message));
    return measure_meaning(answering, &answering->cases.items[answered - answering->answered], answered, true, error);
}

static bool answer_case(struct answering *answering, size_t number, struct eval_answers_report *report, struct error *error)
{
    const struct eval_answering *run = answering->run;
    const struct answer_case *item = &answering->cases.items[number];
    struct eval_answered *answered = &answering->answered[number];
    struct ask_answer answer = {0};
    struct error why = {0};
    const struct ask_request request = {.question = item->question,
                                        .mode = run->mode,
                                        .embedder = run->embedder,
                                        .llm = run->llm,
                                        .writer = run->writer,
                                        .reader = run->reader,
                                        .ranker = run->ranker,
                                        .grounding = run->grounding,
                                        .approach = run->approach,
                                        .templates = run->templates,
                                        .uncalibrated = run->uncalibrated,
                                        .temperature = run->llm != NULL ? 0 : -1,
                                        .seed = -1};
    *answered = (struct eval_answered){.line = item->line,
                                       .question = item->question,
                                       .wanted = item->gold_count > 0 ? item->golds[0] : SLICE(""),
                                       .document = answering->cases.clusters[number],
                                       .must_abstain = item->gold_count == 0};
    bool ok = ask_run(run->project, &request, &answer, &why);
    if (!ok) {
        ask_answer_release(&answer);
        return fail_case(answering, answered, &report->fields, &why, error);
    }
    answered->abstained = answer.abstained;
    answered->answer = answer.abstained ? SLICE("") : eval_without_marks(answer.text, &answering->arena);
    answered->took_ms = answer.took_ms + answer.kept_ms;
    answered->confidence = answer.confidence;
    report->fitted_on += answer.is_fitted_on;
    report->held_back += answer.is_held_back;
    struct confidence_subject *subject = arena_alloc(&answering->arena, 1, sizeof(*subject));
    ask_subject(&request, &answer, subject);
    subject->model = arena_text(&answering->arena, slice_from(subject->model));
    answered->subject = subject;
    grade_answer(&(struct grade_gold){item->golds, item->gold_count, item->tolerance},
                 answer.abstained ? NULL : &answered->answer, &answered->scores);
    answer_form_check(item, &answering->asked, answer.abstained ? NULL : &answered->answer, &answering->arena, &report->fields,
                      &answered->form);
    answer_form_grade(&answered->form, &answered->scores);
    check_grounding(&answer, answered);
    ok = measure_meaning(answering, item, answered, false, error) && find_why(answering, item, &answer, answered, error);
    report->cost = report->cost < 0 || answer.usage.cost < 0 ? -1 : report->cost + answer.usage.cost;
    report->prompt_tokens += answer.usage.prompt_tokens;
    report->completion_tokens += answer.usage.completion_tokens;
    report->cached_tokens += answer.usage.cached_tokens;
    snprintf(report->model, sizeof(report->model), "%s", answer.model);
    ask_answer_release(&answer);
    return ok;
}

/* ---- all cases ---- */

/* Over cases that have a value; negative ones have none. Shares by Wilson, others by the bootstrap; both over documents. */
static size_t summarize(struct answering *answering, double (*value_of)(const struct eval_answered *answered, size_t which),
                        size_t which, double *mean, double *low, double *high)
{
    uint32_t *clusters = memory_alloc(answering->cases.count, sizeof(*clusters));
    size_t count = 0;
    for (size_t i = 0; i < answering->cases.count; i++) {
        double value = value_of(&answering->answered[i], which);
        if (value < 0)
            continue;
        clusters[count] = answering->cases.clusters[i];
        answering->values[count++] = value;
    }
    const struct clustered clustered = {answering->values, clusters, count, EVAL_SEED};
    struct eval_interval interval;
    eval_interval_of(&clustered, &interval);
    *mean = interval.mean;
    *low = interval.low;
    *high = interval.high;
    free(clusters);
    return count;
}

static double measure_value(const struct eval_answered *answered, size_t which)
{
    return answered->scores.values[which];
}

static double grounded_value(const struct eval_answered *answered, size_t which)
{
    (void)which;
    return answered->grounded;
}

static double form_value(const struct eval_answered *answered, size_t which)
{
    return answered->form.values[which];
}

static int ascending(const void *a, const void *b)
{
    const double *left = a, *right = b;
    return (*left > *right) - (*left < *right);
}

static void measure_latency(struct answering *answering, struct eval_answers_report *report)
{
    size_t count = 0;
    for (size_t i = 0; i < answering->cases.count; i++)
        if (answering->answered[i].why != WHY_FAILED)
            answering->values[count++] = answering->answered[i].took_ms;
    qsort(answering->values, count, sizeof(*answering->values), ascending);
    report->p50_ms = statistics_percentile(answering->values, count, 0.5);
    report->p95_ms = statistics_percentile(answering->values, count, 0.95);
    report->p99_ms = statistics_percentile(answering->values, count, 0.99);
}

static void measure_labels(const struct answering *answering, struct eval_answers_report *report)
{
    struct label_case *cases = memory_alloc(answering->cases.count, sizeof(*cases));
    size_t count = 0;
    for (size_t i = 0; i < answering->cases.count; i++) {
        const struct answer_case *item = &answering->cases.items[i];
        if (item->gold_count > 0)
            cases[count++] = (struct label_case){.wanted = item->golds[0],
                                                 .answer = answering->answered[i].answer,
                                                 .document = answering->cases.clusters[i],
                                                 .others = item->golds + 1,
                                                 .other_count = item->gold_count - 1};
    }
    eval_labels(cases, count, EVAL_SEED, &report->labels);
    free(cases);
}

static void fill_answers_report(struct answering *answering, struct eval_answers_report *report)
{
    size_t count = answering->cases.count;
    bool *wanted = memory_alloc(2 * count, sizeof(*wanted)), *done = wanted + count;
    for (size_t i = 0; i < GRADE_MEASURES; i++)
        if (summarize(answering, measure_value, i, &report->measures[i].mean, &report->measures[i].low,
                      &report->measures[i].high) == 0)
            report->measures[i].mean = -1;
    report->grounded_cases = summarize(answering, grounded_value, 0, &report->grounded.mean, &report->grounded.low,
                                       &report->grounded.high);
    if (report->grounded_cases == 0)
        report->grounded.mean = -1;
    for (size_t i = 0; i < ANSWER_FORMS; i++)
        report->form_cases[i] = summarize(answering, form_value, i, &report->forms[i].mean, &report->forms[i].low,
                                          &report->forms[i].high);
    for (size_t i = 0; i < count; i++) {
        wanted[i] = answering->answered[i].must_abstain;
        done[i] = answering->answered[i].abstained;
        report->whys[answering->answered[i].why]++;
    }
    grade_abstention(wanted, done, count, &report->abstention);
    free(wanted);
    measure_latency(answering, report);
    measure_labels(answering, report);
}

static bool wants_style(const struct answering *answering, const struct answer_case *item)
{
    return item->style == CASE_STYLE_EXAMPLES ||
           (answering->run->project->settings.check_examples && item->style != CASE_STYLE_NONE);
}

/* Before anything is asked: examples that cannot be read are not to be told at the end of a run. */
static bool read_examples(struct answering *answering, struct error *error)
{
    const struct eval_answering *run = answering->run;
    bool wanted = false;
    for (size_t i = 0; i < answering->cases.count; i++)
        wanted = wanted || wants_style(answering, &answering->cases.items[i]);
    return !wanted || run->examples == NULL || run->examples(run->context, &answering->examples, error);
}

/* How the answers sound beside the examples, of cases that do not say that it is all the same. */
static bool measure_style(struct answering *answering, struct eval_answers_report *report, struct error *error)
{
    const struct eval_answering *run = answering->run;
    size_t count = 0;
    if (answering->examples.count == 0)
        return true;
    struct slice *texts = arena_alloc(&answering->arena, answering->cases.count, sizeof(*texts));
    for (size_t i = 0; i < answering->cases.count; i++) {
        const struct eval_answered *answered = &answering->answered[i];
        if (wants_style(answering, &answering->cases.items[i]) && !answered->abstained && answered->why != WHY_FAILED)
            texts[count++] = answered->answer;
    }
    const struct style_texts answers = {texts, count};
    return eval_style(run->embedder, &answers, &answering->examples, EVAL_SEED, &report->style, error);
}

static bool answer_all(struct answering *answering, struct eval_answers_report *report, struct error *error)
{
    const struct eval_answering *run = answering->run;
    const struct eval_progress progress = {run->step, run->context};
    size_t count = answering->cases.count;
    answering->answered = arena_alloc(&answering->arena, count, sizeof(*answering->answered));
    answering->values = arena_alloc(&answering->arena, count, sizeof(*answering->values));
    for (size_t i = 0; i < count; i++) {
        if (!answer_case(answering, i, report, error))
            return error_wrap(error, "case of line %zu", answering->cases.items[i].line);
        if (run->on_case != NULL)
            run->on_case(run->context, &answering->answered[i]);
        if (!eval_step(&progress, "answering", i + 1, count, error))
            return false;
    }
    if (answering->failed < count)
        return measure_style(answering, report, error);
    *error = answering->first_failure;
    return false;
}

bool eval_answer_cases(const struct eval_answering *run, struct eval_answers_report *report, struct error *error)
{
    struct answering answering = {.run = run};
    *report = (struct eval_answers_report){0};
    arena_init(&answering.arena);
    map_init(&answering.documents, (size_t)1 << 30);
    const char *path = run->tests != NULL ? run->tests
                                          : path_join(&answering.arena, run->project->root, run->project->settings.tests);
    bool ok = form_asked_read(run->project, &answering.arena, &answering.asked, error) &&
              answer_cases_read(run->project, path, &answering.arena, &answering.cases, error);
    report->cases = answering.cases.count;
    report->passed_over = answering.cases.passed_over;
    report->documents = answering.cases.cluster_count;
    if (ok && report->cases > 0) {
        ok = eval_check_needs(run->needs, run->need_count, &answering.cases, &answering.asked, error) &&
             read_examples(&answering, error) && store_each_document(run->project->store, note_document, &answering, error) &&
             answer_all(&answering, report, error);
        if (ok)
            fill_answers_report(&answering, report);
    }
    form_asked_release(&answering.asked);
    map_release(&answering.documents);
    arena_release(&answering.arena);
    return ok;
}
