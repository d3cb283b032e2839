/* arms_report.c - report.json: what docs/decide.md lists. What was not measured has no field. */
#include "arms_parts.h"
#include <math.h>
#include <stdio.h>

enum { DIGITS = 9, PASSAGES_MOST = 8 };

static void text(struct json_writer *json, const char *key, struct slice value)
{
    json_key(json, key);
    json_text(json, value);
}

static void words(struct json_writer *json, const char *key, const char *value)
{
    text(json, key, slice_from(value));
}

static void number(struct json_writer *json, const char *key, double value)
{
    json_key(json, key);
    json_real(json, value, DIGITS);
}

static void count_of(struct json_writer *json, const char *key, size_t value)
{
    json_key(json, key);
    json_integer(json, (int64_t)value);
}

static void truth(struct json_writer *json, const char *key, bool value)
{
    json_key(json, key);
    json_bool(json, value);
}

static void interval(struct json_writer *json, const char *key, double low, double high)
{
    json_pair(json, key, low, high, DIGITS);
}

/* A share that was measured, or nothing. */
static void share(struct json_writer *json, const char *key, double value)
{
    if (value >= 0)
        number(json, key, value);
}

static void sentences(struct json_writer *json, const char *key, const char *const *list, size_t count)
{
    json_key(json, key);
    json_array_begin(json);
    for (size_t i = 0; i < count; i++)
        json_text(json, slice_from(list[i]));
    json_array_end(json);
}

/* ---- head ---- */

static void write_hashes(struct deciding *deciding, struct json_writer *json)
{
    char hash[2 * STORE_HASH_BYTES + 1];
    json_key(json, "hashes");
    json_object_begin(json);
    if (deciding_hash_documents(deciding, hash))
        words(json, "documents", hash);
    if (deciding_hash_file(path_join(deciding->arena, deciding->project->root, deciding->settings->examples), hash))
        words(json, "examples", hash);
    if (deciding_hash_file(deciding->tests_path, hash))
        words(json, "tests", hash);
    json_object_end(json);
}

static void write_head(struct deciding *deciding, struct json_writer *json)
{
    char made[CLOCK_TEXT_BYTES];
    clock_text(clock_wall_ns(), made);
    count_of(json, "format", 1);
    words(json, "made", made);
    words(json, "program", arena_format(deciding->arena, "assay %s", deciding->run->version));
    text(json, "project", path_name(deciding->project->root));
    words(json, "model", deciding->run->model);
    count_of(json, "seed", (size_t)deciding->seed);
    words(json, "run", deciding->run_name);
    json_key(json, "data");
    json_object_begin(json);
    count_of(json, "documents", (size_t)deciding->counts.documents);
    count_of(json, "passages", (size_t)deciding->counts.passages);
    count_of(json, "tokens", deciding->base_tokens);
    count_of(json, "examples", deciding->example_count);
    count_of(json, "examples_left_out", deciding->overlapping);
    count_of(json, "development", deciding->development_count);
    count_of(json, "test", deciding->test_count);
    words(json, "form", learned_form_words(&deciding->form, deciding->arena));
    truth(json, "form_asked", deciding->form_asked);
    write_hashes(deciding, json);
    json_object_end(json);
    json_key(json, "checks");
    json_array_begin(json);
    for (size_t i = 0; i < deciding->check_count; i++) {
        json_object_begin(json);
        words(json, "check", deciding->checks[i].name);
        truth(json, "ok", deciding->checks[i].ok);
        words(json, "message", deciding->checks[i].message);
        json_object_end(json);
    }
    json_array_end(json);
}

static void write_verdict(struct deciding *deciding, struct json_writer *json)
{
    static const char *const kinds[] = {"arm", "undecided", "none"}; /* ORDER verdict_kind */
    static const char *const targets[] = {"none", "reached", "unclear", "missed"}; /* ORDER target_state */
    const struct verdict *verdict = &deciding->verdict;
    json_key(json, "verdict");
    json_object_begin(json);
    words(json, "approach", verdict->kind == VERDICT_ARM ? arm_names[deciding->verdict_arms[verdict->arm]] : "none");
    words(json, "kind", kinds[verdict->kind]);
    words(json, "best", arm_names[deciding->verdict_arms[verdict->best]]);
    if (verdict->kind == VERDICT_UNDECIDED && verdict->arm != verdict->other) {
        json_key(json, "between");
        json_array_begin(json);
        json_text(json, slice_from(arm_names[deciding->verdict_arms[verdict->arm]]));
        json_text(json, slice_from(arm_names[deciding->verdict_arms[verdict->other]]));
        json_array_end(json);
    }
    json_key(json, "confidence"); /* of an approach that nothing is claimed of: null */
    json_real(json, verdict->kind == VERDICT_ARM && verdict->confidence <= 0 ? (double)NAN : verdict->confidence, DIGITS);
    words(json, "target_state", targets[verdict->target]);
    sentences(json, "reasons", verdict->reasons, verdict->reason_count);
    if (deciding->outcome->next != NULL)
        words(json, "next", deciding->outcome->next);
    sentences(json, "would_change_if", verdict->changes, verdict->change_count);
    if (verdict->detectable > 0 && isfinite(verdict->detectable))
        number(json, "could_tell", 100 * verdict->detectable);
    json_key(json, "needs_cases");
    if (verdict->cases_needed > 0)
        json_integer(json, (int64_t)verdict->cases_needed);
    else
        json_null(json);
    if (verdict->documents_needed > 0)
        count_of(json, "needs_documents", verdict->documents_needed);
    json_object_end(json);
    number(json, "target", deciding->target);
}

/* ---- arms ---- */

static const struct arm_report *report_of(const struct deciding *deciding, size_t arm)
{
    for (size_t i = 0; i < deciding->verdict_arm_count; i++)
        if (deciding->verdict_arms[i] == arm)
            return &deciding->verdict.arms[i];
    return NULL;
}

static void write_meets(const struct deciding *deciding, const struct arm_report *report, struct json_writer *json)
{
    const struct settings *settings = deciding->settings;
    const bool asked[LIMIT_KINDS] = {settings->limit_latency_ms > 0, settings->limit_cost_month > 0, settings->limit_private,
                                     settings->limit_citations,
                                     settings->knowledge_changes >= CHANGES_MONTHLY}; /* ORDER limit_kind */
    json_key(json, "meets");
    json_object_begin(json);
    for (size_t i = 0; i < LIMIT_KINDS; i++)
        if (asked[i])
            truth(json, limit_names[i], report->meets[i]);
    if (deciding->target > 0)
        truth(json, "target", report->interval.low >= deciding->target);
    json_object_end(json);
}

/* How well its answers are told from the examples, and by what most. */
static void write_style(const struct style_report *style, struct json_writer *json)
{
    enum { TOLD = 3 };
    enum style_feature features[STYLE_FEATURES];
    if (!style->is_told)
        return;
    style_order(style, features);
    number(json, "style", style->separation);
    number(json, "style_chance", style->chance);
    json_key(json, "style_features");
    json_array_begin(json);
    for (size_t i = 0; i < TOLD && fabs(style->features[features[i]].effect) >= STYLE_EFFECT_LARGE; i++) {
        json_object_begin(json);
        words(json, "name", style_feature_names[features[i]]);
        number(json, "answers", style->features[features[i]].outputs);
        number(json, "examples", style->features[features[i]].examples);
        json_object_end(json);
    }
    json_array_end(json);
}

/* Where the answers wanted are labels: how often each is the right one, and which are taken for which. */
static void write_labels(const struct label_report *labels, struct json_writer *json)
{
    if (!labels->is_told)
        return;
    json_key(json, "labels");
    json_object_begin(json);
    count_of(json, "labels", labels->labels);
    count_of(json, "cases", labels->cases);
    count_of(json, "no_label", labels->unlabelled);
    number(json, "accuracy", labels->accuracy);
    interval(json, "accuracy_interval", labels->accuracy_interval.low, labels->accuracy_interval.high);
    number(json, "macro_f1", labels->macro_f1);
    interval(json, "macro_f1_interval", labels->macro_f1_interval.low, labels->macro_f1_interval.high);
    json_key(json, "confusions");
    json_array_begin(json);
    for (size_t i = 0; i < labels->confusion_count; i++) {
        const struct label_confusion *confusion = &labels->confusions[i];
        json_object_begin(json);
        words(json, "truth", confusion->truth);
        words(json, "answer", confusion->answer);
        count_of(json, "cases", confusion->cases);
        json_object_end(json);
    }
    json_array_end(json);
    json_object_end(json);
}

static void write_measured(const struct deciding *deciding, size_t arm, struct json_writer *json)
{
    static const char *const standings[] = {"out of limits", "below target", "no candidate",
                                            "good",          "worse",        "unclear"}; /* ORDER arm_standing */
    const struct arm_state *state = &deciding->arms[arm];
    const struct arm_report *report = report_of(deciding, arm);
    number(json, "score", report->score);
    interval(json, "interval", report->interval.low, report->interval.high);
    words(json, "standing", standings[report->standing]);
    if (state->no_candidate != NULL)
        words(json, "no_candidate", state->no_candidate);
    const char *ruled_out = arm_ruled_out(deciding, (enum arm_kind)arm);
    if (ruled_out != NULL)
        words(json, "ruled_out_by", ruled_out);
    share(json, "knowledge", state->knowledge);
    share(json, "form", state->form);
    for (size_t i = 0; i < ANSWER_FORMS; i++)
        share(json, answer_form_names[i], state->forms[i]);
    write_style(&state->style, json);
    write_labels(&state->labels, json);
    share(json, "similarity", state->similarity);
    share(json, "grounded", state->grounded);
    share(json, "exact", state->exact);
    share(json, "strict", state->strict);
    share(json, "citations", state->citations);
    json_key(json, "abstention");
    json_object_begin(json);
    share(json, "precision", state->abstention.precision);
    share(json, "recall", state->abstention.recall);
    count_of(json, "wanted", state->abstention.wanted);
    count_of(json, "done", state->abstention.done);
    json_object_end(json);
    json_key(json, "latency_ms");
    json_object_begin(json);
    number(json, "p50", state->p50_ms);
    number(json, "p95", state->p95_ms);
    json_object_end(json);
    number(json, "tokens_per_request", state->input_tokens + state->cached_tokens + state->output_tokens);
    json_key(json, "cost");
    json_object_begin(json);
    number(json, "build", state->cost.build);
    number(json, "per_1000", 1000 * state->cost.per_request);
    number(json, "per_month", state->cost_month);
    json_object_end(json);
    write_meets(deciding, report, json);
}

static void write_arms(const struct deciding *deciding, struct json_writer *json)
{
    static const char *const states[] = {"stopped", "measured", "skipped", "stopped"}; /* ORDER arms_state */
    json_key(json, "arms");
    json_array_begin(json);
    for (size_t i = 0; i < ARM_KINDS; i++) {
        const struct arm_state *state = &deciding->arms[i];
        const struct way *way = &state->way;
        const char *model = way_model(deciding, way);
        json_object_begin(json);
        words(json, "name", arm_names[i]);
        words(json, "model", model != NULL ? model : "builtin");
        words(json, "status", states[state->state]);
        json_key(json, "why");
        if (state->why != NULL)
            json_text(json, slice_from(state->why));
        else
            json_null(json);
        if (way->label != NULL)
            words(json, "label", way->label);
        if (way->key != NULL)
            words(json, "variant", way->key);
        count_of(json, "cases", state->done);
        if (state->state == ARM_MEASURED)
            write_measured(deciding, i, json);
        json_object_end(json);
    }
    json_array_end(json);
}

static void write_retrieval(const struct deciding *deciding, struct json_writer *json)
{
    if (!deciding->has_retrieval)
        return;
    json_key(json, "retrieval");
    json_object_begin(json);
    count_of(json, "cases", deciding->retrieval.cases);
    for (size_t i = 0; i < EVAL_MEASURES; i++)
        number(json, eval_measure_names[i], deciding->retrieval.measures[i].mean);
    json_key(json, "intervals");
    json_object_begin(json);
    for (size_t i = 0; i < EVAL_MEASURES; i++)
        interval(json, eval_measure_names[i], deciding->retrieval.measures[i].low, deciding->retrieval.measures[i].high);
    json_object_end(json);
    json_object_end(json);
}

/* ---- what is behind ---- */

static size_t case_id(const struct deciding *deciding, size_t test)
{
    return test_case(deciding, test)->line;
}

static void write_diagnosed(const struct deciding *deciding, const struct diagnosed *diagnosed, struct json_writer *json)
{
    const struct gap_shares *gaps = &diagnosed->gaps;
    words(json, "gaps_of", arm_names[diagnosed->arm]);
    count_of(json, "failing", gaps->failing);
    count_of(json, "also_behaviour", gaps->also_behaviour);
    json_key(json, "gaps");
    json_object_begin(json);
    for (size_t i = 0; i < GAPS; i++)
        number(json, gap_names[i], gaps->shares[i]);
    json_object_end(json);
    json_key(json, "gap_intervals");
    json_object_begin(json);
    for (size_t i = 0; i < GAPS; i++)
        interval(json, gap_names[i], gaps->intervals[i].low, gaps->intervals[i].high);
    json_object_end(json);
    json_key(json, "gap_cases");
    json_object_begin(json);
    for (size_t i = 0; i < GAPS; i++) {
        json_key(json, gap_names[i]);
        json_array_begin(json);
        for (size_t j = 0; j < diagnosed->failing_count; j++)
            if (diagnosed->failing[j].diagnosis.gap == (enum gap)i)
                json_integer(json, (int64_t)case_id(deciding, diagnosed->failing[j].test));
        json_array_end(json);
    }
    json_object_end(json);
}

static void write_gaps(const struct deciding *deciding, struct json_writer *json)
{
    write_diagnosed(deciding, &deciding->base, json);
    if (!deciding->has_left)
        return;
    json_key(json, "left");
    json_object_begin(json);
    write_diagnosed(deciding, &deciding->left, json);
    json_object_end(json);
}

/* What is infinite is null: the forecast has no upper end, or half of its curves never get there. */
static void write_forecast(const struct deciding *deciding, struct json_writer *json)
{
    const struct curve_forecast *forecast = &deciding->forecast;
    const bool is_open = deciding->target > 0 && forecast->course_count > 0 &&
                         (forecast->answer == CURVE_NEEDS || forecast->answer == CURVE_UNCLEAR);
    json_key(json, "needed_for_target");
    json_real(json, is_open && isfinite(forecast->needed) ? ceil(forecast->needed) : (double)NAN, DIGITS);
    if (is_open) {
        interval(json, "needed_interval", floor(forecast->needed_interval.low), ceil(forecast->needed_interval.high));
    } else {
        json_key(json, "needed_interval");
        json_null(json);
    }
    json_key(json, "forecast");
    json_array_begin(json);
    for (size_t i = 0; i < forecast->course_count; i++) {
        const struct curve_step *step = &forecast->course[i];
        json_object_begin(json);
        number(json, "examples", step->examples);
        number(json, "score", step->middle);
        interval(json, "interval", step->interval.low, step->interval.high);
        json_object_end(json);
    }
    json_array_end(json);
}

static void write_curve(const struct deciding *deciding, struct json_writer *json)
{
    if (deciding->point_count == 0)
        return;
    json_key(json, "curve");
    json_object_begin(json);
    json_key(json, "points");
    json_array_begin(json);
    for (size_t i = 0; i < deciding->point_count; i++) {
        json_object_begin(json);
        number(json, "examples", deciding->points[i].examples);
        number(json, "score", deciding->points[i].score);
        interval(json, "interval", deciding->point_intervals[i].low, deciding->point_intervals[i].high);
        json_object_end(json);
    }
    json_array_end(json);
    if (deciding->has_forecast)
        write_forecast(deciding, json);
    if (deciding->curve_says != NULL)
        words(json, "says", deciding->curve_says);
    json_object_end(json);
}

static void write_shares(const struct deciding *deciding, struct json_writer *json)
{
    json_key(json, "staleness");
    json_object_begin(json);
    for (size_t i = 0; i < ARM_KINDS; i++)
        if (deciding->arms[i].state == ARM_MEASURED && deciding->arms[i].stale >= 0)
            number(json, arm_names[i], deciding->arms[i].stale);
    json_object_end(json);
    json_key(json, "staleness_cases");
    json_object_begin(json);
    for (size_t i = 0; i < ARM_KINDS; i++)
        if (deciding->arms[i].state == ARM_MEASURED && deciding->arms[i].stale >= 0)
            count_of(json, arm_names[i], deciding->arms[i].stale_cases);
    json_object_end(json);
    json_key(json, "brittleness");
    json_object_begin(json);
    for (size_t i = 0; i < ARM_KINDS; i++)
        if (deciding->arms[i].state == ARM_MEASURED && isfinite(deciding->arms[i].drop))
            number(json, arm_names[i], deciding->arms[i].drop);
    json_object_end(json);
}

static void write_deciding_row(const struct framework *framework, struct json_writer *json)
{
    for (size_t i = 0; i < framework->row_count; i++)
        if (framework->rows[i].decides) {
            words(json, "question", framework->rows[i].question);
            words(json, "found", framework->rows[i].answer);
            truth(json, "measured", framework->rows[i].is_measured);
        }
}

static void write_frameworks(const struct deciding *deciding, struct json_writer *json)
{
    json_key(json, "frameworks");
    json_array_begin(json);
    for (size_t i = 0; i < FRAMEWORKS; i++) {
        const struct framework *framework = &deciding->frameworks[i];
        json_object_begin(json);
        words(json, "source", framework->source);
        write_deciding_row(framework, json);
        words(json, "answer", arm_names[framework->answer]);
        truth(json, "agrees", framework->agrees);
        json_key(json, "rows");
        json_array_begin(json);
        for (size_t j = 0; j < framework->row_count; j++) {
            json_object_begin(json);
            words(json, "question", framework->rows[j].question);
            words(json, "answer", framework->rows[j].answer);
            truth(json, "measured", framework->rows[j].is_measured);
            truth(json, "decides", framework->rows[j].decides);
            json_object_end(json);
        }
        json_array_end(json);
        json_object_end(json);
    }
    json_array_end(json);
}

/* ---- cases ---- */

static void write_passages(struct json_writer *json, const char *key, const char *text_key, const struct said_passage *passages,
                           size_t count)
{
    json_key(json, key);
    json_array_begin(json);
    for (size_t i = 0; i < count && i < PASSAGES_MOST; i++) {
        json_object_begin(json);
        text(json, "document", passages[i].document);
        json_integers(json, (const struct json_integer_member[]){{"start", passages[i].start}, {"end", passages[i].end}}, 2);
        text(json, text_key, passages[i].text);
        json_object_end(json);
    }
    json_array_end(json);
}

static void write_answer(struct json_writer *json, const struct said *said)
{
    json_key(json, "answer");
    if (said->abstained || said->failed)
        json_null(json);
    else
        json_text(json, said->text);
    if (said->failed)
        words(json, "failure", said->failure);
    truth(json, "abstained", said->abstained);
    number(json, "score", said->score);
    truth(json, "right", said->right);
    share(json, "form", said->form);
}

static void write_case_arms(const struct deciding *deciding, size_t test, struct json_writer *json)
{
    json_key(json, "arms");
    json_object_begin(json);
    for (size_t i = 0; i < ARM_KINDS; i++) {
        const struct arm_state *state = &deciding->arms[i];
        if (state->state != ARM_MEASURED)
            continue;
        const struct said *said = &state->said[test];
        json_key(json, arm_names[i]);
        json_object_begin(json);
        write_answer(json, said);
        number(json, "took_ms", said->took_ms);
        write_passages(json, "passages", "text", said->passages, said->passage_count);
        write_passages(json, "citations", "quote", said->citations, said->citation_count);
        json_object_end(json);
    }
    json_object_end(json);
}

static void write_repairs(const struct failing *failing, struct json_writer *json)
{
    json_key(json, "repairs");
    json_array_begin(json);
    for (size_t i = 0; failing != NULL && i < REPAIRS; i++) {
        if (!failing->repairs[i].tried)
            continue;
        json_object_begin(json);
        words(json, "repair", repair_names[i]);
        write_answer(json, &failing->repairs[i].said);
        json_object_end(json);
    }
    json_array_end(json);
}

static const struct failing *failing_of(const struct deciding *deciding, size_t test)
{
    for (size_t i = 0; i < deciding->base.failing_count; i++)
        if (deciding->base.failing[i].test == test)
            return &deciding->base.failing[i];
    return NULL;
}

static void write_gap(const struct failing *failing, struct json_writer *json)
{
    static const char *const why[GAPS] = {
        "the passage that proves the answer helps, and was not looked for",
        "the passage that proves the answer helps, and the search did not bring it, or it was lost among others",
        "the fact was there, and the form was wrong",
        "neither the passage nor the form helps",
        "no passage of the documents holds the answer",
        "three approaches agree on another answer"}; /* ORDER gap */
    json_key(json, "gap");
    if (failing == NULL) {
        json_null(json);
        return;
    }
    json_text(json, slice_from(gap_names[failing->diagnosis.gap]));
    words(json, "gap_why", why[failing->diagnosis.gap]);
    truth(json, "also_behaviour", failing->diagnosis.also_behaviour);
}

static void write_case(const struct deciding *deciding, size_t test, struct json_writer *json)
{
    const struct answer_case *item = test_case(deciding, test);
    const struct failing *failing = failing_of(deciding, test);
    json_object_begin(json);
    count_of(json, "id", item->line);
    text(json, "question", item->question);
    json_key(json, "expected");
    if (item->gold_count == 0)
        json_null(json);
    else
        json_array_begin(json);
    for (size_t i = 0; i < item->gold_count; i++)
        json_text(json, item->golds[i]);
    if (item->gold_count > 0)
        json_array_end(json);
    json_key(json, "gold");
    json_array_begin(json);
    for (size_t i = 0; i < item->source_count; i++)
        json_text(json, item->sources[i]);
    json_array_end(json);
    write_gap(failing, json);
    write_case_arms(deciding, test, json);
    write_repairs(failing, json);
    json_object_end(json);
}

bool report_write(struct deciding *deciding, struct error *error)
{
    struct buffer *out = &deciding->outcome->report;
    struct json_writer json;
    json_writer_init(&json, out);
    json_object_begin(&json);
    write_head(deciding, &json);
    write_verdict(deciding, &json);
    write_arms(deciding, &json);
    write_retrieval(deciding, &json);
    write_gaps(deciding, &json);
    write_curve(deciding, &json);
    costs_write(deciding, &json);
    write_shares(deciding, &json);
    write_frameworks(deciding, &json);
    if (deciding->audit.size > 0) {
        json_key(&json, "audit");
        json_raw(&json, deciding->audit);
    }
    json_key(&json, "cases");
    json_array_begin(&json);
    for (size_t i = 0; i < deciding->test_count && i < REPORT_CASES_MAX; i++)
        write_case(deciding, i, &json);
    json_array_end(&json);
    json_key(&json, "reproduce");
    json_object_begin(&json);
    words(&json, "command", deciding->run->command);
    count_of(&json, "seed", (size_t)deciding->seed);
    json_object_end(&json);
    json_object_end(&json);
    return buffer_finish(out, "the report", error) &&
           file_replace(path_join(deciding->arena, deciding->folder, "report.json"), buffer_slice(out), error);
}
