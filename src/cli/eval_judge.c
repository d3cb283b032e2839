/* eval_judge.c - what a judge said, told to people and machines. It stands beside the measures and replaces none. */
#include "eval_judge.h"

static const char *const judgement_names[] = {"failed", "wrong",  "right",
                                              "worse",  "better", "equal"}; /* ORDER assay_judgement */

static bool on_progress(void *context, const char *stage, size_t done, size_t total)
{
    progress_step(context, stage, done, total);
    return !interrupted();
}

static void take_items(struct judged_run *run, struct eval_record *record)
{
    run->items = arena_alloc(record->arena, record->count, sizeof(*run->items));
    run->cases = arena_alloc(record->arena, record->count, sizeof(*run->cases));
    for (size_t i = 0; i < record->count; i++) {
        const struct case_record *item = &record->cases[i];
        if (!item->has_answer)
            continue;
        const bool has_failed = slice_equal_text(slice_from(item->why), "failed"); /* what is kept is why, not an answer */
        run->cases[run->count] = item;
        run->items[run->count++] = (struct assay_judged){.question = item->question,
                                                         .wanted = item->wanted,
                                                         .answer = has_failed             ? NULL
                                                                   : item->answer != NULL ? item->answer
                                                                                          : RECORD_ABSTAINED,
                                                         .other = item->before};
    }
}

bool judged_run_do(struct judged_run *run, const struct invocation *invocation, struct progress *progress,
                   struct eval_record *record, struct assay *assay, struct assay_error *error)
{
    const char *model = invocation_option(invocation, "judge");
    *run = (struct judged_run){0};
    if (model == NULL)
        return true;
    take_items(run, record);
    const struct assay_judge_options options = {.model = model,
                                                .rubric = invocation_option(invocation, "rubric"),
                                                .labels = invocation_option(invocation, "labels"),
                                                .items = run->items,
                                                .count = run->count,
                                                .anew = invocation_option(invocation, "anew") != NULL,
                                                .on_progress = on_progress,
                                                .context = progress};
    run->is_done = assay_judge(assay, &options, &run->report, error);
    progress_clear(progress);
    return run->is_done;
}

static void write_number(struct json_writer *json, const char *key, double value)
{
    json_key(json, key);
    json_real(json, value, 6);
}

static void write_cases(const struct judged_run *run, struct json_writer *json)
{
    json_key(json, "cases");
    json_array_begin(json);
    for (size_t i = 0; i < run->count; i++) {
        json_object_begin(json);
        json_key(json, "line");
        json_integer(json, (int64_t)run->cases[i]->line);
        json_text_or_null(json, "judged", judgement_names[run->items[i].judgement]);
        if (run->items[i].other != NULL)
            json_text_or_null(json, "than_before", judgement_names[run->items[i].pair]);
        json_object_end(json);
    }
    json_array_end(json);
}

void judged_run_write(const struct judged_run *run, struct json_writer *json)
{
    const struct assay_judge_report *report = &run->report;
    json_key(json, "judge");
    json_object_begin(json);
    const struct json_integer_member counts[] = {{"right", (int64_t)report->right},
                                                 {"wrong", (int64_t)report->wrong},
                                                 {"failed", (int64_t)report->failed},
                                                 {"labels", (int64_t)report->labels},
                                                 {"agreed", (int64_t)report->same}};
    json_integers(json, counts, ARRAY_COUNT(counts));
    write_number(json, "share", report->share);
    json_pair(json, "interval", report->low, report->high, 6);
    json_key(json, "kappa");
    if (report->labels > 0)
        json_real(json, report->kappa, 6);
    else
        json_null(json);
    if (report->labels > 0) {
        json_pair(json, "kappa_interval", report->kappa_low, report->kappa_high, 6);
    }
    json_key(json, "counts");
    json_bool(json, report->counts);
    if (report->pairs > 0) {
        const struct json_integer_member pairs[] = {{"better", (int64_t)report->better},
                                                    {"worse", (int64_t)report->worse},
                                                    {"equal", (int64_t)report->equal},
                                                    {"failed", (int64_t)report->pair_failed}};
        json_key(json, "pairs");
        json_object_begin(json);
        json_integers(json, pairs, ARRAY_COUNT(pairs));
        json_object_end(json);
    }
    const struct json_integer_member tokens[] = {{"prompt_tokens", report->prompt_tokens},
                                                 {"completion_tokens", report->completion_tokens}};
    json_integers(json, tokens, ARRAY_COUNT(tokens));
    if (report->cost >= 0)
        write_number(json, "cost", report->cost);
    if (report->failure[0] != '\0')
        json_text_or_null(json, "failure", report->failure);
    write_cases(run, json);
    json_object_end(json);
}

void judged_run_print(const struct judged_run *run)
{
    const struct assay_judge_report *report = &run->report;
    if (!run->is_done)
        return;
    printf("%-12s %.4f   (%.4f to %.4f)   a model's opinion: %zu right, %zu wrong, %zu without a verdict\n", "judged",
           report->share, report->low, report->high, report->right, report->wrong, report->failed);
    if (report->pairs > 0)
        printf("   beside the baseline's answers: %zu better, %zu worse, %zu equal or by their order, %zu without a verdict\n",
               report->better, report->worse, report->equal, report->pair_failed);
    if (report->labels > 0)
        printf("   agrees with people in %zu of %zu labels, kappa %.2f (%.2f to %.2f): %s\n", report->same, report->labels,
               report->kappa, report->kappa_low, report->kappa_high,
               report->counts ? "it may count" : "it does not count (20 labels and 0.6 at the least are needed)");
    else
        puts("   it does not count: no person's labels say how good it is (judge.jsonl)");
}
