/* answers_run.c - the part of assay.h that grades answers. */
#include "answers_run.h"
#include "ask_reader.h"
#include "ask_writer.h"
#include "drift_run.h"
#include "priced_llm.h"
#include "search_ranker.h"
#include "tell.h"
#include "train/train.h"
#include <math.h>
#include <stdio.h>
#include <string.h>

_Static_assert((int)ASSAY_GRADES == (int)GRADE_MEASURES && (int)ASSAY_GRADE_SIMILARITY == (int)GRADE_SIMILARITY,
               "the grades are the same list");
_Static_assert((int)ASSAY_FORMS == (int)ANSWER_FORMS && (int)ASSAY_FORM_FIELDS == (int)ANSWER_FIELDS &&
                   (int)ASSAY_FIELDS_MAX == (int)FIELD_SHARES_MAX && (int)ASSAY_STYLE_FEATURES == (int)STYLE_FEATURES &&
                   sizeof(((struct assay_field *)NULL)->path) == FIELD_PATH_BYTES,
               "what is told of the form is the same");
_Static_assert((int)ASSAY_LABEL_CONFUSIONS == (int)LABEL_CONFUSIONS_MAX &&
                   sizeof(((struct assay_confusion *)NULL)->truth) == LABEL_BYTES,
               "what is told of labels is the same");

const char *assay_grade_name(enum assay_grade grade)
{
    return grade_measure_names[grade];
}

const char *assay_form_name(enum assay_form form)
{
    return answer_form_names[form];
}

struct graded {
    struct assay *assay;
    const struct assay_answers_options *options;
    struct examples examples;
    struct arena arena;
};

static void on_case(void *context, const struct eval_answered *answered)
{
    const struct assay_answers_options *options = ((const struct graded *)context)->options;
    if (options->on_case == NULL)
        return;
    struct arena arena;
    arena_init(&arena);
    bool has_answer = !answered->abstained && answered->why != WHY_FAILED;
    struct assay_graded_case graded = {.line = answered->line,
                                       .question = arena_text(&arena, answered->question),
                                       .answer = has_answer ? arena_text(&arena, answered->answer) : NULL,
                                       .wanted = answered->must_abstain ? NULL : arena_text(&arena, answered->wanted),
                                       .grounded = answered->grounded,
                                       .form_fault = answered->form.says,
                                       .why = eval_why_names[answered->why],
                                       .reason = eval_why_sentences[answered->why],
                                       .failure = answered->failure,
                                       .took_ms = answered->took_ms};
    for (size_t i = 0; i < ASSAY_GRADES; i++)
        graded.grades[i] = answered->scores.values[i];
    for (size_t i = 0; i < ASSAY_FORMS; i++)
        graded.forms[i] = answered->form.values[i];
    options->on_case(options->context, &graded);
    arena_release(&arena);
}

static bool on_step(void *context, const char *stage, size_t done, size_t total)
{
    const struct assay_answers_options *options = ((const struct graded *)context)->options;
    return options->on_progress == NULL || options->on_progress(options->context, stage, done, total);
}

static struct assay_interval outer(double mean, double low, double high)
{
    return (struct assay_interval){mean, low, high};
}

static void fill_labels(const struct label_report *inner, struct assay_labels *labels)
{
    *labels = (struct assay_labels){
        .is_told = inner->is_told,
        .labels = inner->labels,
        .cases = inner->cases,
        .unlabelled = inner->unlabelled,
        .accuracy = outer(inner->accuracy, inner->accuracy_interval.low, inner->accuracy_interval.high),
        .macro_f1 = outer(inner->macro_f1, inner->macro_f1_interval.low, inner->macro_f1_interval.high),
        .confusion_count = inner->confusion_count};
    for (size_t i = 0; i < inner->confusion_count; i++) {
        const struct label_confusion *confusion = &inner->confusions[i];
        memcpy(labels->confusions[i].truth, confusion->truth, sizeof(confusion->truth));
        memcpy(labels->confusions[i].answer, confusion->answer, sizeof(confusion->answer));
        labels->confusions[i].cases = confusion->cases;
    }
}

static void fill_style(const struct style_report *inner, struct assay_style *style)
{
    enum style_feature order[STYLE_FEATURES];
    style_order(inner, order);
    *style = (struct assay_style){.is_told = true,
                                  .separation = inner->separation,
                                  .accuracy = inner->accuracy,
                                  .chance = inner->chance,
                                  .answers = inner->outputs,
                                  .examples = inner->examples};
    for (size_t i = 0; i < STYLE_FEATURES; i++)
        style->features[i] = (struct assay_style_feature){style_feature_names[order[i]], inner->features[order[i]].outputs,
                                                          inner->features[order[i]].examples, inner->features[order[i]].effect};
    while (style->telling < STYLE_FEATURES && fabs(style->features[style->telling].effect) >= STYLE_EFFECT_LARGE)
        style->telling++;
}

void fill_graded(const struct eval_answers_report *inner, struct assay_answers_report *report)
{
    const struct grade_abstention *abstention = &inner->abstention;
    *report = (struct assay_answers_report){
        .cases = inner->cases,
        .passed_over = inner->passed_over,
        .documents = inner->documents,
        .grounded = outer(inner->grounded.mean, inner->grounded.low, inner->grounded.high),
        .grounded_cases = inner->grounded_cases,
        .must_abstain = abstention->wanted,
        .abstained = abstention->done,
        .fitted_on = inner->fitted_on,
        .held_back = inner->held_back,
        .abstention_precision = outer(abstention->precision, abstention->precision_interval.low,
                                      abstention->precision_interval.high),
        .abstention_recall = outer(abstention->recall, abstention->recall_interval.low, abstention->recall_interval.high),
        .p50_ms = inner->p50_ms,
        .p95_ms = inner->p95_ms,
        .p99_ms = inner->p99_ms,
        .prompt_tokens = inner->prompt_tokens,
        .completion_tokens = inner->completion_tokens,
        .cached_tokens = inner->cached_tokens,
        .cost = inner->cost,
        .failed = inner->whys[WHY_FAILED]};
    for (size_t i = 0; i < ASSAY_GRADES; i++)
        report->grades[i] = outer(inner->measures[i].mean, inner->measures[i].low, inner->measures[i].high);
    for (size_t i = 0; i < ASSAY_FORMS; i++) {
        report->forms[i] = outer(inner->forms[i].mean, inner->forms[i].low, inner->forms[i].high);
        report->form_cases[i] = inner->form_cases[i];
    }
    for (size_t i = 0; i < inner->fields.count; i++) {
        const struct field_share *field = &inner->fields.items[i];
        struct assay_field *told = &report->fields[report->field_count++];
        *told = (struct assay_field){.cases = field->cases, .right = field->right};
        memcpy(told->path, field->path, sizeof(field->path));
    }
    fill_labels(&inner->labels, &report->labels);
    if (inner->style.is_told)
        fill_style(&inner->style, &report->style);
    snprintf(report->model, sizeof(report->model), "%s", inner->model);
}

/* Outputs of the project's examples: what answers should sound like. Labels are no way to speak. */
static bool take_examples(void *context, struct style_texts *outputs, struct error *error)
{
    struct graded *graded = context;
    const struct project *project = graded->assay->project;
    struct examples *examples = &graded->examples;
    const char *path = path_join(&graded->arena, project->root, project->settings.examples);
    if (!file_exists(path))
        return true;
    if (!examples_open(examples, path, &(struct examples_options){0}, error))
        return error_wrap(error, "could not read the examples");
    if (examples->shape != EXAMPLES_TURNS)
        return true;
    struct slice *texts = arena_alloc(&graded->arena, examples->count, sizeof(*texts));
    for (size_t i = 0; i < examples->count; i++) {
        texts[outputs->count] = example_output(examples, &examples->items[i]);
        outputs->count += texts[outputs->count].size > 0;
    }
    outputs->items = texts;
    return true;
}

/* What the model said is kept by the content of its request, where that can be written. */
static bool open_model(struct graded *graded, const char *model, struct llm **llm, struct error *error)
{
    const struct project *project = graded->assay->project;
    struct error ignored = {0};
    const char *kept = kept_answers(project->root, &graded->arena, &ignored);
    const struct llm_options options = {.cache = kept, .anew = graded->options->anew, .keep_requests = true};
    return priced_llm_open(llm, model, project->root, &project->settings, &options, error);
}

bool assay_eval_answers(struct assay *assay, const struct assay_answers_options *options, struct assay_answers_report *report,
                        struct assay_error *error)
{
    struct graded graded = {.assay = assay, .options = options};
    struct error inner;
    struct eval_answers_report found;
    const char *model = options->model != NULL ? options->model : assay->project->settings.model;
    struct eval_answering run = {.project = assay->project,
                                 .embedder = assay->embedder,
                                 .tests = options->tests,
                                 .needs = options->needs,
                                 .need_count = options->need_count,
                                 .examples = take_examples,
                                 .on_case = on_case,
                                 .step = on_step,
                                 .context = &graded};
    uint64_t start = clock_now_ns();
    arena_init(&graded.arena);
    bool ok = mode_named(options->mode, &run.mode, &inner) && ask_approach_named(options->approach, &run.approach, &inner) &&
              (model_is_builtin(model) ? ask_writer(assay, model, &run.writer, &inner) && ask_reader(assay, &run.reader, &inner)
                                       : open_model(&graded, model, &run.llm, &inner)) &&
              search_ranker(assay, options->rerank, &run.ranker, &inner) &&
              grounding_ranker(assay, run.llm, &run.grounding, &inner) && eval_answer_cases(&run, &found, &inner);
    llm_close(run.llm);
    examples_release(&graded.examples);
    arena_release(&graded.arena);
    if (ok) {
        fill_graded(&found, report);
        report->took_ms = clock_ms_since(start);
    }
    return finish(ok, &inner, error);
}
