/* judge_run.c - the part of assay.h where a language model judges answers. */
#include "drift_run.h"
#include "eval/eval.h"
#include "priced_llm.h"
#include "tell.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

_Static_assert((int)ASSAY_JUDGED_EQUAL == (int)JUDGED_EQUAL && (int)ASSAY_JUDGED_RIGHT == (int)JUDGED_RIGHT &&
                   (int)ASSAY_JUDGED_FIRST == (int)JUDGED_FIRST,
               "the judgements are the same list");

struct judging {
    struct assay *assay;
    const struct assay_judge_options *options;
    struct judge judge;
    struct arena arena;
    struct judge_label *labels;
    size_t label_count, label_capacity;
    size_t done;
};

static bool step(struct judging *judging, const char *stage, size_t total, struct error *error)
{
    const struct assay_judge_options *options = judging->options;
    return options->on_progress == NULL || options->on_progress(options->context, stage, ++judging->done, total) ||
           error_set(error, ERROR_CANCELLED, "stopped");
}

static bool open_judge(struct judging *judging, struct error *error)
{
    const struct project *project = judging->assay->project;
    const struct assay_judge_options *options = judging->options;
    struct error ignored = {0};
    struct buffer rubric;
    if (model_is_builtin(options->model)) {
        error_set(error, ERROR_INVALID, "a judge is a language model, and \"builtin\" is none");
        return error_hint(error, "Name one: openai:NAME, anthropic:NAME, or http://127.0.0.1:11434/v1#NAME.");
    }
    const struct llm_options kept = {.cache = kept_answers(project->root, &judging->arena, &ignored), .anew = options->anew};
    buffer_init(&rubric, LIMIT_SETTINGS_BYTES);
    bool ok = options->rubric == NULL || file_read(options->rubric, LIMIT_SETTINGS_BYTES, &rubric, error);
    judging->judge.rubric = arena_slice(&judging->arena, buffer_slice(&rubric));
    buffer_release(&rubric);
    return ok && priced_llm_open(&judging->judge.llm, options->model, project->root, &project->settings, &kept, error);
}

/* ---- a person's labels ---- */

static bool judge_label(struct judging *judging, const struct json_value *object, const char *name, struct error *error)
{
    const struct json_value *question, *wanted, *answer, *right;
    enum judge_verdict judgement;
    if (!json_member(object, name, "question", JSON_TEXT, &question, error) ||
        !json_member(object, name, "wanted", JSON_TEXT, &wanted, error) ||
        !json_member(object, name, "answer", JSON_TEXT, &answer, error) ||
        !json_member(object, name, "right", JSON_BOOL, &right, error))
        return false;
    if (question == NULL || answer == NULL || right == NULL) {
        error_set(error, ERROR_INVALID, "%s: a label needs \"question\", \"answer\" and \"right\"", name);
        return error_hint(error, "{\"question\": \"…\", \"wanted\": \"…\", \"answer\": \"…\", \"right\": true}");
    }
    if (!judge_answer(&judging->judge, question->text, wanted != NULL ? wanted->text : (struct slice){0}, answer->text,
                      &judging->arena, &judgement, error) ||
        !step(judging, "judging what people have judged", 0, error))
        return false;
    judging->labels = arena_more(&judging->arena, judging->labels, judging->label_count, &judging->label_capacity,
                                 sizeof(*judging->labels));
    judging->labels[judging->label_count++] = (struct judge_label){
        question->text, wanted != NULL ? wanted->text : (struct slice){0}, answer->text, right->boolean, judgement};
    return true;
}

static bool judge_labels(struct judging *judging, struct error *error)
{
    const char *path = judging->options->labels;
    struct lines lines;
    const struct slice *batch;
    size_t count = 0, line = 0;
    bool ok = true;
    if (path == NULL)
        path = path_join(&judging->arena, judging->assay->project->root, "judge.jsonl");
    if (judging->options->labels == NULL && !file_exists(path))
        return true;
    lines_init(&lines, &path, 1);
    while (ok && (ok = lines_next(&lines, 1, &batch, &count, error)) && count > 0) {
        struct json_value root;
        const char *name = arena_format(&judging->arena, "%s:%zu", path, ++line);
        if (slice_trim(batch[0]).size > 0)
            ok = json_read(arena_slice(&judging->arena, batch[0]), name, &judging->arena, &root, error) &&
                 judge_label(judging, &root, name, error);
    }
    lines_release(&lines);
    return ok;
}

/* ---- answers ---- */

static bool judge_item(struct judging *judging, struct assay_judged *item, struct error *error)
{
    item->judgement = item->pair = ASSAY_JUDGED_FAILED;
    if (item->answer == NULL)
        return true;
    const struct slice question = slice_from(item->question), answer = slice_from(item->answer);
    const struct slice wanted = optional_slice(item->wanted);
    enum judge_verdict judgement, pair = JUDGED_FAILED;
    if (!judge_answer(&judging->judge, question, wanted, answer, &judging->arena, &judgement, error) ||
        (item->other != NULL &&
         !judge_pair(&judging->judge, question, wanted, answer, slice_from(item->other), &judging->arena, &pair, error)))
        return false;
    item->judgement = (enum assay_judgement)judgement;
    item->pair = (enum assay_judgement)pair;
    return true;
}

static bool judge_items(struct judging *judging, struct error *error)
{
    const struct assay_judge_options *options = judging->options;
    judging->done = 0;
    for (size_t i = 0; i < options->count; i++)
        if (!judge_item(judging, &options->items[i], error) || !step(judging, "judging", options->count, error))
            return false;
    return true;
}

static void fill(const struct judging *judging, struct assay_judge_report *report)
{
    const struct assay_judge_options *options = judging->options;
    struct statistics_interval interval;
    struct judge_agreement agreement;
    for (size_t i = 0; i < options->count; i++) {
        const struct assay_judged *item = &options->items[i];
        report->right += item->judgement == ASSAY_JUDGED_RIGHT;
        report->wrong += item->judgement == ASSAY_JUDGED_WRONG;
        report->failed += item->judgement == ASSAY_JUDGED_FAILED;
        if (item->other == NULL)
            continue;
        report->pairs++;
        report->better += item->pair == ASSAY_JUDGED_FIRST;
        report->worse += item->pair == ASSAY_JUDGED_SECOND;
        report->equal += item->pair == ASSAY_JUDGED_EQUAL;
        report->pair_failed += item->pair == ASSAY_JUDGED_FAILED;
    }
    statistics_wilson(report->right, options->count, &interval);
    report->share = options->count > 0 ? (double)report->right / (double)options->count : 0;
    report->low = interval.low;
    report->high = interval.high;
    judge_agree(judging->labels, judging->label_count, &agreement);
    report->labels = agreement.labels;
    report->same = agreement.same;
    report->kappa = agreement.kappa;
    report->kappa_low = agreement.interval.low;
    report->kappa_high = agreement.interval.high;
    report->counts = agreement.counts;
    report->prompt_tokens = judging->judge.usage.prompt_tokens;
    report->completion_tokens = judging->judge.usage.completion_tokens;
    report->cost = judging->judge.usage.cost;
    struct slice failure = slice_cut(judging->judge.failure, sizeof(report->failure) - 1);
    memcpy(report->failure, failure.size > 0 ? failure.data : "", failure.size);
}

bool assay_judge(struct assay *assay, const struct assay_judge_options *options, struct assay_judge_report *report,
                 struct assay_error *error)
{
    struct error inner = {0};
    struct judging judging = {.assay = assay, .options = options};
    *report = (struct assay_judge_report){0};
    arena_init(&judging.arena);
    bool ok = open_judge(&judging, &inner) && judge_labels(&judging, &inner) && judge_items(&judging, &inner);
    if (ok)
        fill(&judging, report);
    llm_close(judging.judge.llm);
    arena_release(&judging.arena);
    return finish(ok, &inner, error);
}
