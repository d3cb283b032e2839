/* run_eval.c - `assay eval`: is the right passage found, and the right answer given? Of a judged collection, of the project's test cases, under many
 * settings. */
#include "eval_draft.h"
#include "eval_judge.h"
#include <stdlib.h>
#include <string.h>

struct failed_case {
    size_t line, rank;
    const char *question, *found, *why, *why_name;
    const char **sources;
    size_t source_count;
};

struct evaluation {
    const struct invocation *invocation;
    struct progress progress;
    struct arena arena;
    char baseline_path[ASSAY_PATH_BYTES]; /* of the run to compare with, found before any case is asked */
    struct failed_case *failures; /* whose documents are not among the first ten */
    size_t failure_count, failure_capacity;
    struct assay_sweep_row *rows;
    size_t row_count, row_capacity;
    struct graded_run graded; /* its report has no cases where answers were not asked for */
    struct requirements requirements;
    struct eval_record record;
    struct baseline baseline;
    struct judged_run judged;
    char run[16]; /* the number of this one; empty: it is not kept */
};

enum { ROWS_SHOWN = 10 };

static bool on_progress(void *context, const char *stage, size_t done, size_t total)
{
    struct evaluation *evaluation = context;
    progress_step(&evaluation->progress, stage, done, total);
    return !interrupted();
}

static void on_case(void *context, const struct assay_eval_case *item)
{
    struct evaluation *evaluation = context;
    struct arena *arena = &evaluation->arena;
    record_retrieval(&evaluation->record, item);
    if (item->why == NULL)
        return;
    const char **sources = arena_alloc(arena, item->source_count, sizeof(*sources));
    for (size_t i = 0; i < item->source_count; i++)
        sources[i] = arena_text(arena, slice_from(item->sources[i]));
    evaluation->failures = arena_more(arena, evaluation->failures, evaluation->failure_count, &evaluation->failure_capacity,
                                      sizeof(*evaluation->failures));
    evaluation->failures[evaluation->failure_count++] = (struct failed_case){
        .line = item->line,
        .rank = item->rank,
        .question = arena_text(arena, slice_from(item->question)),
        .found = item->found != NULL ? arena_text(arena, slice_from(item->found)) : NULL,
        .why = item->why,
        .why_name = item->why_name,
        .sources = sources,
        .source_count = item->source_count};
}

/* ---- one document ---- */

/* `cases`: that they are over, where it is to be told; else 0. */
static void write_measures(struct json_writer *json, const char *key, size_t cases, const double measures[ASSAY_MEASURES])
{
    json_key(json, key);
    json_object_begin(json);
    if (cases > 0)
        json_integers(json, &(struct json_integer_member){"cases", (int64_t)cases}, 1);
    for (size_t i = 0; i < ASSAY_MEASURES; i++) {
        json_key(json, assay_measure_name((enum assay_measure)i));
        json_real(json, measures[i], 9);
    }
    json_object_end(json);
}

static void write_failure(struct json_writer *json, const struct failed_case *failure)
{
    json_object_begin(json);
    json_key(json, "line");
    json_integer(json, (int64_t)failure->line);
    json_key(json, "question");
    json_text(json, slice_from(failure->question));
    json_key(json, "sources");
    json_array_begin(json);
    for (size_t i = 0; i < failure->source_count; i++)
        json_text(json, slice_from(failure->sources[i]));
    json_array_end(json);
    json_key(json, "rank");
    if (failure->rank > 0)
        json_integer(json, (int64_t)failure->rank);
    else
        json_null(json);
    json_key(json, "found");
    if (failure->found != NULL)
        json_text(json, slice_from(failure->found));
    else
        json_null(json);
    json_key(json, "why");
    json_text(json, slice_from(failure->why_name));
    json_object_end(json);
}

/* `cases`: asked in all, where retrieval and answers are over some of them; 0: of a collection, which has retrieval alone. */
static void write_report(struct json_writer *json, size_t cases, const struct assay_eval_report *report,
                         const struct graded_run *graded)
{
    json_key(json, "cases");
    json_integer(json, (int64_t)(cases > 0 ? cases : report->cases));
    json_key(json, "passed_over");
    json_integer(json, (int64_t)report->passed_over);
    json_key(json, "mode");
    json_text(json, slice_from(report->mode));
    if (report->cases > 0)
        write_measures(json, "retrieval", cases > 0 ? report->cases : 0, report->measures);
    json_key(json, "intervals");
    json_object_begin(json);
    for (size_t i = 0; report->cases > 0 && i < ASSAY_MEASURES; i++) {
        json_pair(json, assay_measure_name((enum assay_measure)i), report->low[i], report->high[i], 9);
    }
    if (graded->report.cases > 0)
        graded_run_write_intervals(graded, json);
    json_object_end(json);
    if (graded->report.cases > 0)
        graded_run_write(graded, json);
    json_key(json, "search_ms");
    json_real(json, report->search_ms, 6);
    json_key(json, "took_ms");
    json_real(json, report->took_ms, 6);
}

static enum exit_code print_json(const struct evaluation *evaluation, const struct assay_eval_report *report, bool has_cases)
{
    struct buffer buffer;
    struct json_writer json;
    buffer_init(&buffer, LIMIT_JSON_BYTES);
    json_writer_init(&json, &buffer);
    json_object_begin(&json);
    write_report(&json, has_cases ? evaluation->record.count : 0, report, &evaluation->graded);
    if (has_cases)
        json_integers(&json, &(struct json_integer_member){"repeats", (int64_t)evaluation->record.repeats}, 1);
    if (evaluation->requirements.count > 0)
        requirements_write(&evaluation->requirements, &json);
    if (evaluation->baseline.run != NULL)
        baseline_write(&evaluation->baseline, &json);
    if (evaluation->judged.is_done)
        judged_run_write(&evaluation->judged, &json);
    if (evaluation->run[0] != '\0') {
        json_key(&json, "run");
        json_text(&json, slice_from(evaluation->run));
    }
    if (has_cases) {
        json_key(&json, "failures");
        json_array_begin(&json);
        for (size_t i = 0; i < evaluation->failure_count; i++)
            write_failure(&json, &evaluation->failures[i]);
        json_array_end(&json);
    }
    json_object_end(&json);
    enum exit_code code = output_json(evaluation->invocation, &buffer);
    buffer_release(&buffer);
    return code;
}

/* ---- for people ---- */

static void print_failure(const struct failed_case *failure)
{
    printf("line %zu: ", failure->line);
    output_text(stdout, slice_from(failure->question));
    fputs("\n   wanted ", stdout);
    for (size_t i = 0; i < failure->source_count; i++) {
        fputs(i > 0 ? ", " : "", stdout);
        output_text(stdout, slice_from(failure->sources[i]));
    }
    if (failure->rank > 0)
        printf(" (place %zu)", failure->rank);
    else
        fputs(" (not among the first 100)", stdout);
    fputs(", found first ", stdout);
    output_text(stdout, slice_from(failure->found != NULL ? failure->found : "nothing"));
    printf(": %s\n", failure->why);
}

static void print_report(const struct assay_eval_report *report)
{
    char number[NUMBER_TEXT_BYTES], documents[NUMBER_TEXT_BYTES], each[NUMBER_TEXT_BYTES], time[NUMBER_TEXT_BYTES];
    for (size_t i = 0; i < ASSAY_MEASURES; i++)
        printf("%-12s %.4f   (%.4f to %.4f)\n", assay_measure_name((enum assay_measure)i), report->measures[i], report->low[i],
               report->high[i]);
    printf("%s question%s, %s search, %s each", number_text(number, report->cases), report->cases == 1 ? "" : "s", report->mode,
           time_text(each, report->search_ms / (double)report->cases));
    if (report->documents > 0)
        printf("; %s documents", number_text(documents, report->documents));
    if (report->passed_over > 0)
        printf("; %zu passed over: nothing is stated to answer them", report->passed_over);
    printf("; %s in all\n", time_text(time, report->took_ms));
}

static enum exit_code print_all(const struct evaluation *evaluation, const struct assay_eval_report *report, bool has_cases)
{
    if (evaluation->invocation->json)
        return print_json(evaluation, report, has_cases);
    for (size_t i = 0; i < evaluation->failure_count; i++)
        print_failure(&evaluation->failures[i]);
    if (evaluation->failure_count > 0)
        putchar('\n');
    if (report->cases > 0)
        print_report(report);
    if (evaluation->graded.report.cases > 0)
        graded_run_print(&evaluation->graded);
    if (evaluation->record.repeats > 0)
        printf("%zu of %zu cases ask what another one asks: they tell nothing new, and make no interval narrower\n",
               evaluation->record.repeats, evaluation->record.count);
    judged_run_print(&evaluation->judged);
    if (evaluation->baseline.run != NULL)
        baseline_print(&evaluation->baseline);
    if (evaluation->run[0] != '\0')
        printf("kept as run %s\n", evaluation->run);
    return EXIT_DONE;
}

/* ---- the three ways ---- */

static enum exit_code eval_collection(struct evaluation *evaluation)
{
    const struct invocation *invocation = evaluation->invocation;
    struct assay_error error;
    struct assay_eval_report report;
    struct assay_collection_options options = {.corpus = invocation_option(invocation, "corpus"),
                                               .queries = invocation_option(invocation, "queries"),
                                               .qrels = invocation_option(invocation, "qrels"),
                                               .run_out = invocation_option(invocation, "run-out"),
                                               .keep = invocation_option(invocation, "keep"),
                                               .mode = invocation_option(invocation, "mode"),
                                               .rerank = invocation_option(invocation, "rerank") != NULL,
                                               .on_progress = on_progress,
                                               .context = evaluation};
    if (!invocation_number(invocation, "k", 1, LIMIT_RESULTS, 0, &options.k))
        return EXIT_WRONG_USE;
    bool ok = assay_eval_collection(&options, &report, &error);
    progress_clear(&evaluation->progress);
    return ok ? print_all(evaluation, &report, false) : output_failure(invocation, &error);
}

/* Puts the record together, and beside the baseline. */
static bool look_back(struct evaluation *evaluation, const struct assay_eval_report *report, struct assay_error *error)
{
    struct eval_record *record = &evaluation->record;
    const struct graded_run *graded = &evaluation->graded;
    const char *tests = invocation_option(evaluation->invocation, "tests");
    record->tests = tests != NULL ? tests : "test cases";
    record->model = graded->report.cases > 0 ? graded->report.model : NULL;
    record_finish(record, report, &graded->report);
    evaluation->baseline.run = invocation_option(evaluation->invocation, "baseline");
    return evaluation->baseline.run == NULL || baseline_read(&evaluation->baseline, record, evaluation->baseline_path, error);
}

static bool write_summaries(const struct evaluation *evaluation, const struct assay_eval_report *report,
                            struct assay_error *error)
{
    const struct eval_outcome outcome = {.record = &evaluation->record,
                                         .baseline = &evaluation->baseline,
                                         .requirements = &evaluation->requirements,
                                         .report = report,
                                         .answers = &evaluation->graded.report};
    const char *junit = invocation_option(evaluation->invocation, "junit");
    const char *markdown = invocation_option(evaluation->invocation, "markdown");
    return (junit == NULL || outcome_junit(&outcome, junit, error)) &&
           (markdown == NULL || outcome_markdown(&outcome, markdown, error));
}

/* A run that cannot be kept, as on a disk that is full or read only, is told all the same. */
static void keep_run(struct evaluation *evaluation, struct assay *assay)
{
    struct assay_error error;
    if (!eval_record_keep(&evaluation->record, assay, evaluation->run, &error)) {
        evaluation->run[0] = '\0';
        output_warning(error.message, "The run is not kept, so that no later one can be compared with it.");
        return;
    }
    char path[ASSAY_PATH_BYTES];
    const char *tests = invocation_option(evaluation->invocation, "tests");
    const char *model = invocation_option(evaluation->invocation, "model");
    if (!assay_run_find(assay, evaluation->run, "eval.json", path, &error) ||
        !assay_drift_keep(assay, arena_text(&evaluation->arena, path_folder(path)), tests, model, &error))
        output_warning(error.message, "`assay drift` cannot compare with this run.");
}

/* Who evaluates before there is anything to answer from sees nothing but abstentions. */
static void warn_of_emptiness(const struct evaluation *evaluation, struct assay *assay)
{
    const struct assay_answers_report *answers = &evaluation->graded.report;
    if (answers->cases == 0 || answers->abstained < answers->cases || evaluation->invocation->quiet ||
        output_has_documents(assay))
        return;
    output_warning("every question was abstained from: the project has no documents, and answers come from these",
                   answers->labels.is_told
                       ? "Labels are learned from examples: `assay decide` measures that, `assay tune classify` does it."
                       : "Put documents into the folders of `documents` in assay.yaml, then run `assay add`.");
}

static enum exit_code eval_cases(struct evaluation *evaluation, struct assay *assay, const struct assay_eval_options *options)
{
    struct assay_error error;
    struct assay_eval_report report;
    struct graded_run *graded = &evaluation->graded;
    evaluation->record.arena = &evaluation->arena;
    *graded = (struct graded_run){.invocation = evaluation->invocation,
                                  .record = &evaluation->record,
                                  .progress = &evaluation->progress,
                                  .arena = &evaluation->arena};
    const bool has_answers = invocation_option(evaluation->invocation, "no-answers") == NULL;
    struct assay_eval_options wanted = *options;
    wanted.may_lack_sources = has_answers;
    const char *baseline = invocation_option(evaluation->invocation, "baseline");
    bool ok = (baseline == NULL || assay_run_find(assay, baseline, "eval.json", evaluation->baseline_path, &error)) &&
              assay_eval(assay, &wanted, &report, &error);
    progress_clear(&evaluation->progress);
    ok = ok && requirements_check_sources(&evaluation->requirements, &report, &error);
    if (ok && has_answers)
        ok = graded_run_do(graded, &evaluation->requirements, assay, &error);
    if (ok && report.cases == 0 && graded->report.cases == 0)
        ok = assay_eval(assay, options, &report, &error); /* says what is missing */
    if (!ok || !look_back(evaluation, &report, &error) ||
        !judged_run_do(&evaluation->judged, evaluation->invocation, &evaluation->progress, &evaluation->record, assay, &error))
        return output_failure(evaluation->invocation, &error);
    bool is_met = requirements_check(&evaluation->requirements, &report, &graded->report, &evaluation->baseline,
                                     &evaluation->judged);
    if (!write_summaries(evaluation, &report, &error))
        return output_failure(evaluation->invocation, &error);
    keep_run(evaluation, assay);
    enum exit_code code = print_all(evaluation, &report, true);
    warn_of_emptiness(evaluation, assay);
    const bool is_worse = evaluation->requirements.count > 0 && evaluation->baseline.regressions > 0;
    if (code != EXIT_DONE || (is_met && !is_worse))
        return code;
    if (!evaluation->invocation->json) {
        requirements_tell(&evaluation->requirements);
        baseline_tell(&evaluation->baseline);
    }
    return EXIT_TARGET_MISSED;
}

static void keep_row(void *context, const struct assay_sweep_row *row)
{
    struct evaluation *evaluation = context;
    evaluation->rows = arena_more(&evaluation->arena, evaluation->rows, evaluation->row_count, &evaluation->row_capacity,
                                  sizeof(*evaluation->rows));
    evaluation->rows[evaluation->row_count++] = *row;
}

static enum exit_code print_sweep_json(const struct evaluation *evaluation, const struct assay_sweep_report *report,
                                       bool of_passages)
{
    struct buffer buffer;
    struct json_writer json;
    buffer_init(&buffer, LIMIT_JSON_BYTES);
    json_writer_init(&json, &buffer);
    json_object_begin(&json);
    json_key(&json, "cases");
    json_integer(&json, (int64_t)report->cases);
    if (of_passages) {
        json_key(&json, "hit");
        json_text(&json, slice_from(report->by_quote ? "quote" : "document"));
        json_key(&json, "failed");
        json_integer(&json, (int64_t)report->failed);
    }
    json_key(&json, "recommended");
    if (report->is_better)
        json_text(&json, slice_from(evaluation->rows[0].settings));
    else
        json_null(&json);
    json_key(&json, "settings");
    json_array_begin(&json);
    for (size_t i = 0; i < evaluation->row_count; i++) {
        const struct assay_sweep_row *row = &evaluation->rows[i];
        json_object_begin(&json);
        json_key(&json, "settings");
        json_text(&json, slice_from(row->settings));
        json_key(&json, "current");
        json_bool(&json, row->is_current);
        write_measures(&json, "retrieval", 0, row->measures);
        if (of_passages) {
            write_measures(&json, "documents", 0, row->documents);
            json_key(&json, "passages");
            json_integer(&json, (int64_t)row->passages);
        }
        json_key(&json, "difference");
        json_real(&json, row->difference, 9);
        json_pair(&json, "interval", row->low, row->high, 9);
        json_object_end(&json);
    }
    json_array_end(&json);
    json_key(&json, "took_ms");
    json_real(&json, report->took_ms, 6);
    json_object_end(&json);
    enum exit_code code = output_json(evaluation->invocation, &buffer);
    buffer_release(&buffer);
    return code;
}

static void print_row(const struct assay_sweep_row *row)
{
    printf("%.4f  %.4f  %.4f  %+.4f (%+.4f to %+.4f)  %s%s\n", row->measures[ASSAY_NDCG_10], row->measures[ASSAY_RECALL_5],
           row->measures[ASSAY_RECALL_10], row->difference, row->low, row->high, row->settings,
           row->is_current ? "  (now)" : "");
}

static void print_sweep(const struct evaluation *evaluation, const struct assay_sweep_report *report)
{
    char time[NUMBER_TEXT_BYTES];
    puts("ndcg@10 recall@5 recall@10  nDCG@10 against now (interval)  settings");
    for (size_t i = 0; i < evaluation->row_count; i++)
        if (i < ROWS_SHOWN || evaluation->rows[i].is_current)
            print_row(&evaluation->rows[i]);
    printf("%zu settings on %zu cases in %s. ", report->settings, report->cases, time_text(time, report->took_ms));
    if (report->is_better)
        printf("Better than now, by more than chance explains:\n%s\n", evaluation->rows[0].settings);
    else if (evaluation->rows[0].is_current)
        puts("None is better than what the project has now.");
    else
        puts("No change is recommended: what the best gain may be chance, with so few cases.");
}

static void print_cuts(const struct evaluation *evaluation, const struct assay_sweep_report *report)
{
    char number[NUMBER_TEXT_BYTES], time[NUMBER_TEXT_BYTES];
    puts("ndcg@10 recall@5 passages  nDCG@10 against now (interval)  settings");
    for (size_t i = 0; i < evaluation->row_count; i++) {
        const struct assay_sweep_row *row = &evaluation->rows[i];
        if (i < ROWS_SHOWN || row->is_current)
            printf("%.4f  %.4f  %8s   %+.4f (%+.4f to %+.4f)  %s%s\n", row->measures[ASSAY_NDCG_10],
                   row->measures[ASSAY_RECALL_5], number_text(number, row->passages), row->difference, row->low, row->high,
                   row->settings, row->is_current ? "  (now)" : "");
    }
    printf("%zu cuts on %zu cases in %s; a hit is %s.\n", report->settings, report->cases, time_text(time, report->took_ms),
           report->by_quote ? "a passage that holds the case's quote or answer" : "a passage of the right document");
    if (report->failed > 0)
        printf("%s documents could not be read again and took no part\n", number_text(number, report->failed));
    if (report->is_better)
        printf("Better than now, by more than chance explains:\n%s\n", evaluation->rows[0].settings);
    else if (evaluation->rows[0].is_current)
        puts("None is better than what the project has now.");
    else
        puts("No change is recommended: what the best gain may be chance, with so few cases.");
}

static enum exit_code print_plan(const struct evaluation *evaluation, const struct assay_sweep_plan *plan)
{
    char documents[NUMBER_TEXT_BYTES];
    const struct invocation *invocation = evaluation->invocation;
    if (!invocation->json) {
        printf("%zu ways to cut %s documents; ", plan->cuts, number_text(documents, plan->documents));
        if (plan->embeds)
            printf("embedding their passages takes %.1f minutes at the most\n", plan->seconds / 60);
        else
            puts("nothing is embedded");
        return EXIT_DONE;
    }
    struct buffer buffer;
    struct json_writer json;
    buffer_init(&buffer, MIB);
    json_writer_init(&json, &buffer);
    json_object_begin(&json);
    const struct json_integer_member members[] = {
        {"cuts", (int64_t)plan->cuts}, {"documents", (int64_t)plan->documents}, {"passages", (int64_t)plan->passages}};
    json_integers(&json, members, ARRAY_COUNT(members));
    json_key(&json, "embeds");
    json_bool(&json, plan->embeds);
    json_key(&json, "seconds");
    json_real(&json, plan->seconds, 4);
    json_object_end(&json);
    enum exit_code code = output_json(invocation, &buffer);
    buffer_release(&buffer);
    return code;
}

/* Long work says first how long, at the most. */
static void warn_of_plan(const struct evaluation *evaluation, const struct assay_sweep_plan *plan)
{
    char message[160];
    if (plan->seconds < 60 || evaluation->invocation->quiet)
        return;
    snprintf(message, sizeof(message), "%zu ways to cut: embedding their passages takes %.1f minutes at the most", plan->cuts,
             plan->seconds / 60);
    output_warning(message, "Ctrl-C stops it and leaves nothing behind; `--mode text` needs no embedding.");
}

static enum exit_code sweep_passages(struct evaluation *evaluation, struct assay *assay,
                                     const struct assay_eval_options *options)
{
    struct assay_error error;
    struct assay_sweep_report report;
    struct assay_sweep_plan plan;
    if (!assay_eval_plan_passages(assay, options, &plan, &error))
        return output_failure(evaluation->invocation, &error);
    if (invocation_option(evaluation->invocation, "plan") != NULL)
        return print_plan(evaluation, &plan);
    warn_of_plan(evaluation, &plan);
    bool ok = assay_eval_sweep_passages(assay, options, keep_row, evaluation, &report, &error);
    progress_clear(&evaluation->progress);
    if (!ok)
        return output_failure(evaluation->invocation, &error);
    if (evaluation->invocation->json)
        return print_sweep_json(evaluation, &report, /* of_passages= */ true);
    print_cuts(evaluation, &report);
    return EXIT_DONE;
}

static enum exit_code eval_sweep(struct evaluation *evaluation, struct assay *assay, const struct assay_eval_options *options)
{
    struct assay_error error;
    struct assay_sweep_report report;
    bool ok = assay_eval_sweep(assay, options, keep_row, evaluation, &report, &error);
    progress_clear(&evaluation->progress);
    if (!ok)
        return output_failure(evaluation->invocation, &error);
    if (evaluation->invocation->json)
        return print_sweep_json(evaluation, &report, /* of_passages= */ false);
    print_sweep(evaluation, &report);
    return EXIT_DONE;
}

static enum exit_code draft_cases(struct evaluation *evaluation, struct assay *assay, const struct assay_eval_options *options)
{
    (void)options;
    return eval_draft_cases(evaluation->invocation, &evaluation->progress, assay);
}

static enum exit_code plan_cases(struct evaluation *evaluation, struct assay *assay, const struct assay_eval_options *options)
{
    (void)options;
    return eval_plan_cases(evaluation->invocation, assay);
}

typedef enum exit_code project_work(struct evaluation *evaluation, struct assay *assay,
                                    const struct assay_eval_options *options);

static enum exit_code eval_project(struct evaluation *evaluation, project_work *work)
{
    const struct invocation *invocation = evaluation->invocation;
    struct assay *assay = NULL;
    struct assay_error error;
    const struct assay_eval_options options = {.tests = invocation_option(invocation, "tests"),
                                               .mode = invocation_option(invocation, "mode"),
                                               .rerank = invocation_option(invocation, "rerank") != NULL,
                                               .on_case = on_case,
                                               .on_progress = on_progress,
                                               .context = evaluation};
    if (!assay_open(&assay, &(struct assay_open_options){.folder = invocation_option(invocation, "project")}, &error))
        return output_failure(invocation, &error);
    enum exit_code code = work(evaluation, assay, &options);
    output_reranker_note(invocation, assay);
    assay_close(assay);
    return code;
}

/* Options that only the project's test cases as they are have; false, with wrong use told, where these are not asked. */
static bool check_of_cases(const struct invocation *invocation, bool is_other)
{
    static const char *const of_cases[] = {"require",  "model", "approach", "no-answers", "baseline", "junit",
                                           "markdown", "anew",  "judge",    "rubric",     "labels"};
    for (size_t i = 0; is_other && i < ARRAY_COUNT(of_cases); i++)
        if (invocation_option(invocation, of_cases[i]) != NULL) {
            (void)wrong_use(invocation, "See `assay help eval`.", "--%s is for a project's test cases, without --sweep",
                            of_cases[i]);
            return false;
        }
    return true;
}

enum exit_code run_eval(struct invocation *invocation)
{
    static const char *const collection[] = {"corpus", "queries", "qrels"};
    static const char *const of_collections[] = {"run-out", "keep", "k"};
    struct evaluation evaluation = {.invocation = invocation};
    const char *sweep = invocation_option(invocation, "sweep");
    size_t named = 0;
    for (size_t i = 0; i < ARRAY_COUNT(collection); i++)
        named += invocation_option(invocation, collection[i]) != NULL;
    if (named > 0 && named < ARRAY_COUNT(collection))
        return wrong_use(invocation, "See `assay help eval`.", "a collection needs --corpus, --queries and --qrels");
    for (size_t i = 0; named == 0 && i < ARRAY_COUNT(of_collections); i++)
        if (invocation_option(invocation, of_collections[i]) != NULL)
            return wrong_use(invocation, "Without --corpus, --queries and --qrels, the test cases of the project are asked.",
                             "--%s is for a collection, and none is named", of_collections[i]);
    bool of_passages = sweep != NULL && strcmp(sweep, "passages") == 0;
    if (sweep != NULL && strcmp(sweep, "retrieve") != 0 && !of_passages)
        return wrong_use(invocation, "Known: retrieve, passages.", "unrecognized part \"%.60s\" to sweep", sweep);
    const bool plans = invocation_option(invocation, "plan") != NULL;
    if (plans && (named > 0 || (sweep != NULL && !of_passages)))
        return wrong_use(invocation, "See `assay help eval`.", "--plan is for test cases and for --sweep passages");
    if (named > 0 && (sweep != NULL || invocation_option(invocation, "tests") != NULL))
        return wrong_use(invocation, "See `assay help eval`.", "--sweep and --tests are for a project's test cases");
    const bool drafts = invocation_option(invocation, "draft") != NULL;
    if (drafts && (named > 0 || sweep != NULL || invocation_option(invocation, "require") != NULL))
        return wrong_use(invocation, "See `assay help eval`.", "--draft goes with --model alone");
    if (!check_of_cases(invocation, named > 0 || sweep != NULL) || !requirements_read(invocation, &evaluation.requirements))
        return EXIT_WRONG_USE;
    arena_init(&evaluation.arena);
    progress_init(&evaluation.progress, invocation);
    interrupt_watch();
    enum exit_code code = named > 0 ? eval_collection(&evaluation)
                                    : eval_project(&evaluation, of_passages     ? sweep_passages
                                                                : sweep != NULL ? eval_sweep
                                                                : drafts        ? draft_cases
                                                                : plans         ? plan_cases
                                                                                : eval_cases);
    arena_release(&evaluation.arena);
    return code;
}
