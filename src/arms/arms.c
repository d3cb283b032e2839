/* arms.c - the steps of a decision, in their order. */
#include "arms_parts.h"
#include <math.h>
#include <stdlib.h>

bool deciding_step(struct deciding *deciding, const char *stage, size_t done, size_t total, struct error *error)
{
    const struct arms_run *run = deciding->run;
    if (run->step == NULL || run->step(run->context, stage, done, total))
        return true;
    error_set(error, ERROR_CANCELLED, "stopped while %s", stage);
    return error_hint(error, "What was answered is kept: the same command goes on from there.");
}

static void tell_arm(struct deciding *deciding, enum arm_kind kind)
{
    const struct arm_state *state = &deciding->arms[kind];
    const struct arms_row row = {.name = arm_names[kind],
                                 .label = state->way.label,
                                 .state = state->state,
                                 .why = state->why,
                                 .cases = state->done,
                                 .score = state->score,
                                 .interval = state->interval,
                                 .knowledge = state->knowledge,
                                 .form = state->form,
                                 .p50_ms = state->p50_ms,
                                 .p95_ms = state->p95_ms,
                                 .cost_month = state->cost_month,
                                 .ruled_out = arm_ruled_out(deciding, kind)};
    if (deciding->run->on_arm != NULL)
        deciding->run->on_arm(deciding->run->context, &row);
}

static bool run_arms(struct deciding *deciding, struct error *error)
{
    bool is_settled = false;
    const char *settled_by = NULL;
    size_t measured = 0;
    for (size_t i = 0; i < ARM_KINDS; i++) {
        struct arm_state *state = &deciding->arms[i];
        if (is_settled) {
            state->state = ARM_STOPPED;
            state->why = arena_format(deciding->arena, "%s reaches the target for sure, and is simpler (--all runs all)",
                                      settled_by);
        } else if (!measure_arm(deciding, (enum arm_kind)i, error)) {
            return false;
        }
        measured += state->state == ARM_MEASURED;
        if (state->state == ARM_MEASURED) {
            if (!settle_early(deciding, &is_settled, error))
                return false;
            settled_by = arm_names[i];
        }
        tell_arm(deciding, (enum arm_kind)i);
    }
    if (measured > 0)
        return true;
    error_set(error, ERROR_INVALID, "no approach could be measured: rag: %s", deciding->arms[ARM_RAG].why);
    return error_hint(error, "Add documents (`assay add`), examples, or a language model (`model` in assay.yaml).");
}

static bool on_retrieval(void *context, const char *stage, size_t done, size_t total)
{
    const struct arms_run *run = context;
    return run->step == NULL || run->step(run->context, stage, done, total);
}

/* Of all cases that name a source: nothing is chosen by it. */
static bool measure_retrieval(struct deciding *deciding, struct error *error)
{
    const struct arms_run *run = deciding->run;
    bool has_source = false;
    const struct eval_run retrieval = {.project = deciding->project,
                                       .embedder = run->embedder,
                                       .tests = run->tests,
                                       .mode = run->mode,
                                       .progress = {on_retrieval, (void *)(uintptr_t)run}};
    for (size_t i = 0; i < deciding->cases.count; i++)
        has_source = has_source || deciding->cases.items[i].source_count > 0;
    deciding->has_retrieval = has_source && deciding->counts.passages > 0;
    return !deciding->has_retrieval || eval_run_cases(&retrieval, &deciding->retrieval, error);
}

static void check_prices(struct deciding *deciding)
{
    const struct arms_run *run = deciding->run;
    if (run->llm == NULL)
        return;
    bool known = cost_model_named(&deciding->prices, run->model) != NULL;
    deciding_check(deciding, "prices are known", known,
                   known ? arena_format(deciding->arena, "of %s, from %s", run->model, deciding->settings->prices)
                         : arena_format(deciding->arena,
                                        "%s has no price of \"%.80s\": its tokens are counted, and cost nothing here",
                                        deciding->settings->prices, run->model));
}

/* What is held back by a threshold that was chosen on the same cases looks wiser than it is. */
static void check_calibration(struct deciding *deciding)
{
    if (deciding->held_in_sample > 0)
        deciding_check(
            deciding, "confidences are of other cases", false,
            arena_format(deciding->arena,
                         "%zu answers were held back by confidences that `assay calibrate` fitted on these very test "
                         "cases, so that abstaining looks better than it is: fit them on others (`assay calibrate "
                         "--tests SOME.jsonl`)",
                         deciding->held_in_sample));
}

/* Hours that nobody measured can rule every approach out. */
static void check_cost_limit(struct deciding *deciding)
{
    const double limit = (double)deciding->settings->limit_cost_month, least = cost_upkeep_least(deciding);
    if (limit > 0 && least > limit)
        deciding_check(deciding, "a limit of cost that can be kept", false,
                       arena_format(deciding->arena,
                                    "cost_per_month %.4g is below what people's hours of upkeep alone are reckoned at, %.4g at "
                                    "the least: they are a guide's figure, and rule out every approach; `people: {hour: 0}` in "
                                    "%s leaves them out",
                                    limit, least, deciding->settings->prices));
}

/* A model that learned from other prompts than it is asked in does worse than it could. */
static void check_training_form(struct deciding *deciding)
{
    const struct arms_run *run = deciding->run;
    if (run->tuned != NULL)
        deciding_check(
            deciding, "form in training and use", false,
            arena_format(deciding->arena,
                         "%.80s was tuned elsewhere: whether it learned from prompts like those it is asked in here is "
                         "not known",
                         run->tuned_model));
    else if (run->hosted != NULL)
        deciding_check(deciding, "form in training and use", true,
                       "the provider gets each example in the prompt that it would be asked in");
}

static bool decide(struct deciding *deciding, struct error *error)
{
    if (!read_prices(deciding, error) || !prepare(deciding, error) || !prepare_files(deciding, error) ||
        !audit_base(deciding, error) || !check_evidence(deciding, error) || !measure_retrieval(deciding, error))
        return false;
    check_numbers(deciding);
    check_prices(deciding);
    check_cost_limit(deciding);
    check_training_form(deciding);
    if (!run_arms(deciding, error))
        return false;
    check_written_form(deciding);
    check_calibration(deciding);
    return diagnose_base(deciding, error) && measure_curve(deciding, error) && measure_staleness(deciding, error) &&
           measure_brittleness(deciding, error) && settle(deciding, error) && diagnose_left(deciding, error) &&
           report_write(deciding, error);
}

static void begin(struct deciding *deciding, const struct arms_run *run, struct arms_outcome *outcome)
{
    *deciding = (struct deciding){.run = run,
                                  .outcome = outcome,
                                  .project = run->project,
                                  .arena = &outcome->arena,
                                  .settings = &run->project->settings,
                                  .target = run->target >= 0 ? run->target : run->project->settings.target,
                                  .seed = run->seed != 0 ? run->seed : 1};
}

bool arms_decide(const struct arms_run *run, struct arms_outcome *outcome, struct error *error)
{
    struct deciding *deciding = memory_alloc(1, sizeof(*deciding));
    *outcome = (struct arms_outcome){0};
    arena_init(&outcome->arena);
    buffer_init(&outcome->report, LIMIT_JSON_BYTES);
    begin(deciding, run, outcome);
    bool ok = decide(deciding, error);
    outcome->folder = deciding->folder;
    built_free(deciding, deciding->arms[ARM_TUNE].way.built);
    prepare_release(deciding);
    free(deciding);
    return ok;
}

void arms_release(struct arms_outcome *outcome)
{
    buffer_release(&outcome->report);
    arena_release(&outcome->arena);
}

/* ---- the plan ---- */

struct planned {
    size_t calls;
    double input_tokens, output_tokens, money, seconds;
    double training_tokens; /* at a provider */
};

/* What is not known before: seconds of a call, tokens of an answer. */
#define CALL_SECONDS 2.0
#define BUILTIN_SECONDS 0.15
#define LEARN_SECONDS 20.0
#define JOB_SECONDS 1200.0 /* of a provider's fine-tuning */
enum { ANSWER_TOKENS = 80, RULES_TOKENS = 250, QUESTION_TOKENS = 25, VARIANTS = 2, AGAIN = 36 };

static bool is_hosted(const struct deciding *deciding, enum arm_kind kind)
{
    return (kind == ARM_TUNE || kind == ARM_HYBRID) && deciding->run->tuned == NULL && deciding->run->hosted != NULL;
}

static void add_hosted(const struct deciding *deciding, const struct hosted_plan *hosted, struct planned *planned)
{
    planned->training_tokens = hosted->tokens;
    planned->money += fmax(llm_tuning_cost(deciding->run->hosted, hosted->tokens), 0);
    planned->seconds += hosted->is_done ? 0 : JOB_SECONDS;
}

static struct planned plan_arm(const struct deciding *deciding, enum arm_kind kind)
{
    const struct arms_run *run = deciding->run;
    const struct settings *settings = deciding->settings;
    const bool hosted = is_hosted(deciding, kind);
    struct llm *llm = hosted                                                           ? run->hosted
                      : (kind == ARM_TUNE || kind == ARM_HYBRID) && run->tuned != NULL ? run->tuned
                                                                                       : run->llm;
    size_t passages = (size_t)deciding->counts.passages, k = settings->k;
    double each = passages > 0 ? (double)deciding->base_tokens / (double)passages : 0, prompt = RULES_TOKENS + QUESTION_TOKENS;
    struct planned planned = {0};
    bool fills = kind == ARM_TUNE && !hosted && run->tuned == NULL && run->llm != NULL && deciding->form_asked &&
                 (deciding->form.kind == FORM_JSON || deciding->form.kind == FORM_FRAME);
    const bool writes = (kind == ARM_TUNE || kind == ARM_HYBRID) && written_why_not(deciding) == NULL;
    bool asks = writes || kind == ARM_RAG || kind == ARM_HYBRID || (kind <= ARM_FULL && llm != NULL) ||
                (kind == ARM_TUNE && (run->tuned != NULL || hosted || fills));
    bool variants = deciding->development_count > 0 && (kind <= ARM_RAG || fills || writes);
    planned.calls = asks ? deciding->test_count + AGAIN + (variants ? VARIANTS * deciding->development_count : 0) : 0;
    if (kind == ARM_RAG || kind == ARM_HYBRID)
        prompt += each * (double)(k < passages ? k : passages);
    else if (kind == ARM_FULL)
        prompt += (double)deciding->base_tokens;
    planned.seconds = (double)planned.calls * (llm != NULL ? CALL_SECONDS : BUILTIN_SECONDS);
    if (kind == ARM_TUNE && !hosted && run->tuned == NULL && deciding->examples.count > 0)
        planned.seconds += 4 * LEARN_SECONDS;
    if (llm == NULL || !asks)
        return planned;
    const struct cost_model *model = cost_model_named(&deciding->prices, hosted              ? run->hosted_model
                                                                         : llm == run->tuned ? run->tuned_model
                                                                                             : run->model);
    planned.input_tokens = (double)planned.calls * prompt;
    planned.output_tokens = (double)planned.calls * ANSWER_TOKENS;
    if (model != NULL)
        planned.money = (planned.input_tokens * model->input + planned.output_tokens * model->output) / 1e6;
    return planned;
}

static void write_planned(struct json_writer *json, const struct planned *planned)
{
    json_key(json, "calls");
    json_integer(json, (int64_t)planned->calls);
    json_key(json, "input_tokens");
    json_real(json, planned->input_tokens, 6);
    json_key(json, "output_tokens");
    json_real(json, planned->output_tokens, 6);
    json_key(json, "money");
    json_real(json, planned->money, 6);
    json_key(json, "minutes");
    json_real(json, planned->seconds / 60, 6);
    json_key(json, "training_tokens");
    json_real(json, planned->training_tokens, 9);
}

/* What there will not be, and why. */
static void write_skipped(struct json_writer *json, const char *const why_not[ARM_KINDS])
{
    json_key(json, "skipped");
    json_array_begin(json);
    for (size_t i = 0; i < ARM_KINDS; i++) {
        const struct json_text_member texts[] = {{"name", arm_names[i]}, {"why", why_not[i]}};
        if (why_not[i] == NULL)
            continue;
        json_object_begin(json);
        json_texts(json, texts, ARRAY_COUNT(texts));
        json_object_end(json);
    }
    json_array_end(json);
}

static bool write_plan(struct deciding *deciding, struct json_writer *json, struct error *error)
{
    struct planned sum = {0};
    const char *why_not[ARM_KINDS];
    json_object_begin(json);
    json_key(json, "arms");
    json_array_begin(json);
    for (size_t i = 0; i < ARM_KINDS; i++) {
        why_not[i] = arm_why_not(deciding, (enum arm_kind)i);
        if (why_not[i] != NULL)
            continue;
        const bool hosted = is_hosted(deciding, (enum arm_kind)i);
        struct hosted_plan job = {0};
        if (hosted && !hosted_plan(deciding, (enum arm_kind)i, &job, error))
            return false;
        why_not[i] = job.why;
        if (why_not[i] != NULL)
            continue;
        struct planned planned = plan_arm(deciding, (enum arm_kind)i);
        if (hosted)
            add_hosted(deciding, &job, &planned);
        json_object_begin(json);
        json_texts(json, &(struct json_text_member){"name", arm_names[i]}, 1);
        write_planned(json, &planned);
        json_object_end(json);
        sum.calls += planned.calls;
        sum.input_tokens += planned.input_tokens;
        sum.output_tokens += planned.output_tokens;
        sum.money += planned.money;
        sum.seconds += planned.seconds;
        sum.training_tokens += planned.training_tokens;
    }
    json_array_end(json);
    write_skipped(json, why_not);
    write_planned(json, &sum);
    json_texts(json, &(struct json_text_member){"currency", deciding->prices.currency}, 1);
    json_key(json, "has_prices");
    json_bool(json, deciding->run->llm == NULL || cost_model_named(&deciding->prices, deciding->run->model) != NULL);
    json_key(json, "has_training_price");
    json_bool(json, sum.training_tokens <= 0 || llm_tuning_cost(deciding->run->hosted, 1) >= 0);
    json_key(json, "test");
    json_integer(json, (int64_t)deciding->test_count);
    json_key(json, "development");
    json_integer(json, (int64_t)deciding->development_count);
    json_object_end(json);
    return true;
}

bool arms_plan(const struct arms_run *run, struct buffer *out, struct error *error)
{
    struct arms_outcome outcome = {0};
    struct json_writer json;
    struct deciding *deciding = memory_alloc(1, sizeof(*deciding));
    arena_init(&outcome.arena);
    begin(deciding, run, &outcome);
    bool ok = read_prices(deciding, error) && prepare(deciding, error);
    json_writer_init(&json, out);
    ok = ok && write_plan(deciding, &json, error);
    prepare_release(deciding);
    arena_release(&outcome.arena);
    free(deciding);
    return ok && buffer_finish(out, "the plan", error);
}
