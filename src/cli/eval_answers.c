/* eval_answers.c - how good the answers are: told to people and machines. */
#include "eval_record.h"
#include <string.h>

enum { FAILURES_SHOWN = 20, FIELDS_SHOWN = 5, STYLE_SHOWN = 3, CONFUSIONS_SHOWN = 8 };

static bool on_progress(void *context, const char *stage, size_t done, size_t total)
{
    struct graded_run *run = context;
    progress_step(run->progress, stage, done, total);
    return !interrupted();
}

static const char *kept(struct graded_run *run, const char *text)
{
    return text != NULL ? arena_text(run->arena, slice_from(text)) : NULL;
}

static void on_case(void *context, const struct assay_graded_case *graded)
{
    struct graded_run *run = context;
    record_answer(run->record, graded);
    if (strcmp(graded->why, "right") == 0)
        return;
    run->failures = arena_more(run->arena, run->failures, run->failure_count, &run->failure_capacity, sizeof(*run->failures));
    struct graded_failure *failure = &run->failures[run->failure_count++];
    *failure = (struct graded_failure){.question = kept(run, graded->question),
                                       .answer = kept(run, graded->failure != NULL ? graded->failure : graded->answer),
                                       .wanted = kept(run, graded->wanted),
                                       .why = kept(run, graded->why),
                                       .reason = kept(run, graded->reason),
                                       .form_fault = kept(run, graded->form_fault),
                                       .line = graded->line};
    for (size_t i = 0; i < ASSAY_GRADES; i++)
        failure->grades[i] = graded->grades[i];
    for (size_t i = 0; i < ASSAY_FORMS; i++)
        failure->forms[i] = graded->forms[i];
}

bool graded_run_do(struct graded_run *run, const struct requirements *requirements, struct assay *assay,
                   struct assay_error *error)
{
    const char *needs[REQUIREMENTS_MAX];
    for (size_t i = 0; i < requirements->count; i++)
        needs[i] = arena_text(run->arena, requirements->items[i].name);
    const struct assay_answers_options options = {.tests = invocation_option(run->invocation, "tests"),
                                                  .mode = invocation_option(run->invocation, "mode"),
                                                  .rerank = invocation_option(run->invocation, "rerank") != NULL,
                                                  .model = invocation_option(run->invocation, "model"),
                                                  .approach = invocation_option(run->invocation, "approach"),
                                                  .needs = needs,
                                                  .need_count = requirements->count,
                                                  .anew = invocation_option(run->invocation, "anew") != NULL,
                                                  .on_case = on_case,
                                                  .on_progress = on_progress,
                                                  .context = run};
    bool ok = assay_eval_answers(assay, &options, &run->report, error);
    progress_clear(run->progress);
    return ok;
}

/* ---- one document ---- */

static void write_number(struct json_writer *json, const char *key, double value)
{
    json_key(json, key);
    json_real(json, value, 9);
}

static void write_share(struct json_writer *json, const char *key, double value)
{
    json_key(json, key);
    if (value >= 0)
        json_real(json, value, 9);
    else
        json_null(json); /* no case has it */
}

static void write_interval(struct json_writer *json, const char *key, const struct assay_interval *interval)
{
    json_pair(json, key, interval->low, interval->high, 9);
}

static void write_graded_failure(struct json_writer *json, const struct graded_failure *failure)
{
    json_object_begin(json);
    json_key(json, "line");
    json_integer(json, (int64_t)failure->line);
    json_text_or_null(json, "question", failure->question);
    json_text_or_null(json, "answer", failure->answer);
    json_text_or_null(json, "wanted", failure->wanted);
    json_text_or_null(json, "why", failure->why);
    for (size_t i = 0; i < ASSAY_GRADES; i++)
        if (failure->grades[i] >= 0)
            write_number(json, assay_grade_name((enum assay_grade)i), failure->grades[i]);
    for (size_t i = 0; i < ASSAY_FORMS; i++)
        if (failure->forms[i] >= 0)
            write_number(json, assay_form_name((enum assay_form)i), failure->forms[i]);
    if (failure->form_fault != NULL)
        json_text_or_null(json, "form_fault", failure->form_fault);
    json_object_end(json);
}

/* "form": measures of the form that was asked for, and the fields of documents one by one. */
static void write_form(const struct assay_answers_report *report, struct json_writer *json)
{
    json_key(json, "form");
    json_object_begin(json);
    for (size_t i = 0; i < ASSAY_FORMS; i++)
        if (report->form_cases[i] > 0)
            write_number(json, assay_form_name((enum assay_form)i), report->forms[i].mean);
    if (report->field_count > 0) {
        json_key(json, "each_field");
        json_array_begin(json);
        for (size_t i = 0; i < report->field_count; i++) {
            const struct assay_field *field = &report->fields[i];
            const struct json_integer_member counts[] = {{"cases", (int64_t)field->cases}, {"right", (int64_t)field->right}};
            json_object_begin(json);
            json_text_or_null(json, "path", field->path);
            json_integers(json, counts, ARRAY_COUNT(counts));
            json_object_end(json);
        }
        json_array_end(json);
    }
    json_object_end(json);
}

static void write_style(const struct assay_style *style, struct json_writer *json)
{
    const struct json_integer_member counts[] = {{"answers", (int64_t)style->answers}, {"examples", (int64_t)style->examples}};
    json_key(json, "style");
    json_object_begin(json);
    if (style->is_told) {
        write_number(json, "separation", style->separation);
        write_number(json, "accuracy", style->accuracy);
        write_number(json, "chance", style->chance);
        json_integers(json, counts, ARRAY_COUNT(counts));
        json_key(json, "features");
        json_array_begin(json);
        for (size_t i = 0; i < ASSAY_STYLE_FEATURES; i++) {
            json_object_begin(json);
            json_text_or_null(json, "name", style->features[i].name);
            write_number(json, "answers", style->features[i].answers);
            write_number(json, "examples", style->features[i].examples);
            write_number(json, "effect", style->features[i].effect);
            json_object_end(json);
        }
        json_array_end(json);
    }
    json_object_end(json);
}

/* "labels": where the answers wanted are such. */
static void write_labels(const struct assay_labels *labels, struct json_writer *json)
{
    const struct json_integer_member counts[] = {
        {"labels", (int64_t)labels->labels}, {"cases", (int64_t)labels->cases}, {"no_label", (int64_t)labels->unlabelled}};
    if (!labels->is_told)
        return;
    json_key(json, "labels");
    json_object_begin(json);
    json_integers(json, counts, ARRAY_COUNT(counts));
    write_number(json, "accuracy", labels->accuracy.mean);
    write_interval(json, "accuracy_interval", &labels->accuracy);
    write_number(json, "macro_f1", labels->macro_f1.mean);
    write_interval(json, "macro_f1_interval", &labels->macro_f1);
    json_key(json, "confusions");
    json_array_begin(json);
    for (size_t i = 0; i < labels->confusion_count; i++) {
        const struct assay_confusion *confusion = &labels->confusions[i];
        json_object_begin(json);
        json_text_or_null(json, "truth", confusion->truth);
        json_text_or_null(json, "answer", confusion->answer[0] != '\0' ? confusion->answer : NULL);
        json_key(json, "cases");
        json_integer(json, (int64_t)confusion->cases);
        json_object_end(json);
    }
    json_array_end(json);
    json_object_end(json);
}

/* "calibration": where confidences of `assay calibrate` had a part; in_sample: fitted on cases that are asked here. */
static void write_calibration(const struct assay_answers_report *report, struct json_writer *json)
{
    const struct json_integer_member counts[] = {{"fitted_on", (int64_t)report->fitted_on},
                                                 {"held_back", (int64_t)report->held_back}};
    if (report->fitted_on + report->held_back == 0)
        return;
    json_key(json, "calibration");
    json_object_begin(json);
    json_integers(json, counts, ARRAY_COUNT(counts));
    json_key(json, "in_sample");
    json_bool(json, report->fitted_on > 0);
    json_object_end(json);
}

const char *calibration_words(const struct assay_answers_report *report, struct arena *arena)
{
    if (report->fitted_on + report->held_back == 0)
        return NULL;
    if (report->fitted_on == 0)
        return arena_format(arena, "%zu answers are held back, by confidences that were fitted on other cases",
                            report->held_back);
    return arena_format(
        arena,
        "the confidences of %zu of these %zu cases were fitted on these very cases (`assay calibrate`), and %zu "
        "answers are held back by them: how well that goes looks better here than it is. Hold cases out: `assay "
        "calibrate --tests SOME.jsonl`, then `assay eval --tests OTHERS.jsonl`",
        report->fitted_on, report->cases, report->held_back);
}

void graded_run_write(const struct graded_run *run, struct json_writer *json)
{
    const struct assay_answers_report *report = &run->report;
    json_key(json, "answer");
    json_object_begin(json);
    json_key(json, "cases");
    json_integer(json, (int64_t)report->cases);
    for (size_t i = 0; i < ASSAY_GRADES; i++)
        if (report->grades[i].mean >= 0)
            write_number(json, assay_grade_name((enum assay_grade)i), report->grades[i].mean);
    write_share(json, "grounded", report->grounded.mean);
    json_key(json, "abstention");
    json_object_begin(json);
    write_share(json, "precision", report->abstention_precision.mean);
    write_share(json, "recall", report->abstention_recall.mean);
    json_key(json, "wanted");
    json_integer(json, (int64_t)report->must_abstain);
    json_key(json, "done");
    json_integer(json, (int64_t)report->abstained);
    json_object_end(json);
    write_calibration(report, json);
    json_key(json, "failed");
    json_integer(json, (int64_t)report->failed);
    json_key(json, "failures");
    json_array_begin(json);
    for (size_t i = 0; i < run->failure_count; i++)
        write_graded_failure(json, &run->failures[i]);
    json_array_end(json);
    json_object_end(json);
    write_form(report, json);
    write_labels(&report->labels, json);
    write_style(&report->style, json);
    json_key(json, "latency_ms");
    json_object_begin(json);
    write_number(json, "p50", report->p50_ms);
    write_number(json, "p95", report->p95_ms);
    write_number(json, "p99", report->p99_ms);
    json_object_end(json);
    json_key(json, "usage");
    json_object_begin(json);
    const struct json_integer_member usage[] = {{"prompt_tokens", report->prompt_tokens},
                                                {"completion_tokens", report->completion_tokens},
                                                {"cached_tokens", report->cached_tokens}};
    json_integers(json, usage, ARRAY_COUNT(usage));
    json_object_end(json);
    json_text_or_null(json, "model", report->model);
}

static void write_interval_of(struct json_writer *json, const char *key, const struct assay_interval *share)
{
    if (share->mean >= 0)
        write_interval(json, key, share);
}

void graded_run_write_intervals(const struct graded_run *run, struct json_writer *json)
{
    const struct assay_answers_report *report = &run->report;
    for (size_t i = 0; i < ASSAY_GRADES; i++)
        write_interval_of(json, assay_grade_name((enum assay_grade)i), &report->grades[i]);
    write_interval_of(json, "grounded", &report->grounded);
    write_interval_of(json, "abstention.precision", &report->abstention_precision);
    write_interval_of(json, "abstention.recall", &report->abstention_recall);
    for (size_t i = 0; i < ASSAY_FORMS; i++)
        if (report->form_cases[i] > 0)
            write_interval(json, assay_form_name((enum assay_form)i), &report->forms[i]);
}

/* ---- for people ---- */

static void print_interval(const char *name, const struct assay_interval *interval, const char *remark)
{
    const char *gap = remark[0] != '\0' ? "   " : "";
    if (interval->mean >= 0)
        printf("%-12s %.4f   (%.4f to %.4f)%s%s\n", name, interval->mean, interval->low, interval->high, gap, remark);
    else
        printf("%-12s –        no case has it%s%s\n", name, gap, remark);
}

static void print_graded_failure(const struct graded_failure *failure)
{
    printf("line %zu: ", failure->line);
    output_text(stdout, slice_from(failure->question));
    fputs("\n   wanted ", stdout);
    output_text(stdout, slice_from(failure->wanted != NULL ? failure->wanted : "no answer"));
    fputs(", got ", stdout);
    output_text(stdout, slice_cut(slice_from(failure->answer != NULL ? failure->answer : "no answer"), 200));
    printf(": %s\n", failure->reason);
    if (failure->form_fault != NULL) {
        fputs("   its form: ", stdout);
        output_text(stdout, slice_from(failure->form_fault));
        putchar('\n');
    }
}

/* The measures of form, and the fields that are wrong most often. */
static void print_form(const struct assay_answers_report *report)
{
    static const char *const remarks[ASSAY_FORMS] = {"", "a JSON document and nothing else", "which follows the schema",
                                                     "with the fields wanted"};
    bool shown[ASSAY_FIELDS_MAX] = {false};
    for (size_t i = 0; i < ASSAY_FORMS; i++)
        if (report->form_cases[i] > 0)
            print_interval(assay_form_name((enum assay_form)i), &report->forms[i], remarks[i]);
    for (size_t i = 0; i < FIELDS_SHOWN; i++) {
        size_t worst = ASSAY_FIELDS_MAX;
        for (size_t j = 0; j < report->field_count; j++) {
            const struct assay_field *field = &report->fields[j];
            if (!shown[j] && field->right < field->cases &&
                (worst == ASSAY_FIELDS_MAX ||
                 field->right * report->fields[worst].cases < report->fields[worst].right * field->cases))
                worst = j;
        }
        if (worst == ASSAY_FIELDS_MAX)
            break;
        shown[worst] = true;
        fputs("   field ", stdout);
        output_text(stdout, slice_from(report->fields[worst].path));
        printf(": right in %zu of %zu\n", report->fields[worst].right, report->fields[worst].cases);
    }
}

static void print_labels(const struct assay_labels *labels)
{
    char number[NUMBER_TEXT_BYTES];
    if (!labels->is_told)
        return;
    print_interval("accuracy", &labels->accuracy, "the right one of the labels, and nothing else");
    print_interval("macro F1", &labels->macro_f1, "the mean over the labels");
    if (labels->unlabelled > 0)
        printf("   none of the %zu labels: %s\n", labels->labels, number_text(number, labels->unlabelled));
    for (size_t i = 0; i < CONFUSIONS_SHOWN && i < labels->confusion_count; i++) {
        const struct assay_confusion *confusion = &labels->confusions[i];
        fputs("   ", stdout);
        output_text(stdout, slice_from(confusion->truth));
        fputs(" taken for ", stdout);
        output_text(stdout, slice_from(confusion->answer[0] != '\0' ? confusion->answer : "no label"));
        printf(": %s\n", number_text(number, confusion->cases));
    }
}

static void print_style(const struct assay_style *style)
{
    if (!style->is_told)
        return;
    printf("%-12s %.4f   of 0.5 (sounds like the %zu examples) to 1 (always told from them); %s\n", "style", style->separation,
           style->examples, style->chance <= 0.05 ? "not by chance" : "it may be chance");
    for (size_t i = 0; i < STYLE_SHOWN && i < style->telling; i++)
        printf("   %s: %.3g in answers, %.3g in examples\n", style->features[i].name, style->features[i].answers,
               style->features[i].examples);
}

static void print_graded_whys(const struct graded_run *run)
{
    bool *seen = arena_alloc(run->arena, run->failure_count + 1, sizeof(*seen));
    for (size_t i = 0; i < run->failure_count; i++) {
        size_t count = 0;
        for (size_t j = i; !seen[i] && j < run->failure_count; j++)
            if (strcmp(run->failures[j].why, run->failures[i].why) == 0) {
                count++;
                seen[j] = j != i;
            }
        if (count > 0)
            printf("%4zu  %s\n", count, run->failures[i].reason);
    }
}

void graded_run_print(const struct graded_run *run)
{
    static const char *const remarks[ASSAY_GRADES] = {
        "", "", "", "", "the answer and nothing else", "the answer stands in it", "of meaning, by vectors"};
    const struct assay_answers_report *report = &run->report;
    char number[NUMBER_TEXT_BYTES], p50[NUMBER_TEXT_BYTES], p95[NUMBER_TEXT_BYTES];
    putchar('\n');
    for (size_t i = 0; i < run->failure_count && i < FAILURES_SHOWN; i++)
        print_graded_failure(&run->failures[i]);
    if (run->failure_count > FAILURES_SHOWN)
        printf("… and %zu more: see --json\n", run->failure_count - FAILURES_SHOWN);
    for (size_t i = 0; i < ASSAY_GRADES; i++)
        if (report->grades[i].mean >= 0)
            print_interval(assay_grade_name((enum assay_grade)i), &report->grades[i], remarks[i]);
    print_interval("grounded", &report->grounded, "sentences that the passages bear out");
    print_form(report);
    print_labels(&report->labels);
    print_style(&report->style);
    if (report->must_abstain > 0 || report->abstained > 0) {
        print_interval("abstained", &report->abstention_recall, "of those that nothing answers");
        print_interval("rightly", &report->abstention_precision, "of those abstained from");
    }
    const char *calibration = calibration_words(report, run->arena);
    if (calibration != NULL)
        printf("%s%s\n", report->fitted_on > 0 ? "! " : "", calibration);
    print_graded_whys(run);
    printf("%s answer%s by ", number_text(number, report->cases), report->cases == 1 ? "" : "s");
    output_text(stdout, slice_from(report->model));
    printf("; half of them within %s, 95 of 100 within %s\n", time_text(p50, report->p50_ms), time_text(p95, report->p95_ms));
}
