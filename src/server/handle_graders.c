/* handle_graders.c - a grader of fine-tuning by itself, as OpenAI has it: looked at, or asked for the reward of one sample.
 *
 *   multi:  graders ─▶ each one's score ─▶ the formula "calculate_output" ─▶ the reward
 *
 * No job is trained by rewards here. This is for who wants to try a grader, or to grade samples one by one. */
#include "evals.h"
#include "conversation.h"
#include "formula.h"
#include <string.h>

enum { PARTS_MAX = 20 };

/* A grader, or those of a multi grader. */
struct parts {
    const struct json_value *grader; /* as it was sent */
    bool is_multi;
    struct formula_value scores[PARTS_MAX]; /* with the names that the formula has for them */
    const struct json_value *graders[PARTS_MAX];
    size_t count, given; /* scores that are given stand first */
};

/* ---- what can be graded ---- */

static bool add_part(struct exchange *exchange, struct parts *parts, struct slice name, const struct json_value *grader)
{
    if (parts->count == PARTS_MAX)
        return grader_refuse(exchange, "multi grader", grader_text(parts->grader, "name"), "has more than 20 graders");
    if (parts->is_multi && !formula_is_name(name))
        return grader_refuse(exchange, "grader", name,
                             "has a name that no formula can have: letters, digits and _, and not that of a function");
    for (size_t i = 0; i < parts->count; i++)
        if (slice_equal(parts->scores[i].name, name))
            return grader_refuse(exchange, "grader", name, "stands twice in the multi grader");
    parts->scores[parts->count].name = name;
    parts->graders[parts->count++] = grader;
    return grader_check(exchange, grader) && grader_has_model(exchange, grader);
}

/* Both ways are in use: {"NAME": grader, …}, as the guide has it, and one grader, as the types of OpenAI's clients have it. */
static bool read_parts(struct exchange *exchange, struct parts *parts)
{
    const struct json_value *graders = json_get(parts->grader, "graders");
    if (graders == NULL || graders->kind != JSON_OBJECT || graders->count == 0)
        return grader_refuse(exchange, "multi grader", grader_text(parts->grader, "name"), "has no graders");
    if (grader_text(graders, "type").data != NULL)
        return add_part(exchange, parts, grader_text(graders, "name"), graders);
    for (size_t i = 0; i < graders->count; i++)
        if (!add_part(exchange, parts, graders->keys[i], &graders->items[i]))
            return false;
    return true;
}

/* By scores of 0: whether it has a number for those that come shows only then. */
static bool check_formula(struct exchange *exchange, const struct parts *parts)
{
    const struct slice formula = grader_text(parts->grader, "calculate_output"), name = grader_text(parts->grader, "name");
    struct formula_given given;
    if (formula.data == NULL)
        return grader_refuse(exchange, "multi grader", name, "has no calculate_output");
    if (formula_compute(formula, parts->scores, parts->count, &given) || given.fault == FORMULA_NO_NUMBER)
        return true;
    const char *what = given.fault == FORMULA_UNKNOWN_NAME
                           ? "has a name in calculate_output that is none of its graders, at byte"
                           : "has a calculate_output that cannot be read, at byte";
    return grader_refuse(exchange, "multi grader", name, arena_format(&exchange->arena, "%s %zu", what, given.at));
}

/* The request's grader; false: refused. */
static bool read_grader(struct exchange *exchange, const struct json_value *root, struct parts *parts)
{
    *parts = (struct parts){.is_multi = false};
    if (!request_member(exchange, root, "grader", JSON_OBJECT, &parts->grader))
        return false;
    if (parts->grader == NULL) {
        respond_refusal(exchange, 400, "missing_required_parameter", "grader", "\"grader\" is missing");
        return false;
    }
    parts->is_multi = grader_is(parts->grader, "multi");
    if (grader_is(parts->grader, "label_model"))
        return grader_refuse(exchange, "grader type", grader_text(parts->grader, "type"),
                             "grades by itself in evals alone; a multi grader may have it among its graders");
    if (!parts->is_multi)
        return add_part(exchange, parts, grader_text(parts->grader, "name"), parts->grader);
    if (grader_text(parts->grader, "name").size == 0)
        return grader_refuse(exchange, "grader of the type", grader_text(parts->grader, "type"), "has no name");
    return read_parts(exchange, parts) && check_formula(exchange, parts);
}

void handle_grader_validate(struct exchange *exchange)
{
    struct json_value root;
    struct json_writer json;
    struct parts parts;
    if (!request_json(exchange, &root) || !read_grader(exchange, &root, &parts))
        return;
    respond_begin(exchange, &json);
    json_object_begin(&json);
    json_key(&json, "grader");
    json_again(&json, parts.grader);
    json_object_end(&json);
    respond_json(exchange, &exchange->text);
}

/* ---- grading ---- */

struct rewarding {
    struct exchange *exchange;
    struct parts parts;
    struct grader_usage usage;
    enum grade_fault fault; /* of the first that could not be given */
    enum formula_fault formula_fault;
    bool is_of_json; /* what is missing is of the sample's JSON */
    bool has_asked;
    const char *why;
    double reward;
};

/* The request itself was counted as it came. */
static bool may_ask(void *context)
{
    struct rewarding *rewarding = context;
    bool is_first = !rewarding->has_asked;
    rewarding->has_asked = true;
    return is_first || quota_take(rewarding->exchange);
}

static void use(void *context, double tokens, double money)
{
    quota_note(((struct rewarding *)context)->exchange, tokens, money);
}

static bool goes_on(void *context)
{
    return respond_stream_goes_on(((struct rewarding *)context)->exchange);
}

static void tell_log(void *context, const char *message)
{
    journal_event("error", "%s: %s", ((struct rewarding *)context)->exchange->id, message);
}

static void grade(struct rewarding *rewarding, const struct eval_values *values)
{
    struct parts *parts = &rewarding->parts;
    struct grader_means means = {.assay = rewarding->exchange->hands->assay,
                                 .may_ask = may_ask,
                                 .use = use,
                                 .goes_on = goes_on,
                                 .fail = tell_log,
                                 .context = rewarding};
    bool ok = true;
    while (ok && parts->given < parts->count) {
        struct grade_given given;
        ok = grader_grade(parts->graders[parts->given], values, &means, &given, &rewarding->why);
        grader_usage_add(&rewarding->usage, &given.usage);
        rewarding->fault = given.fault;
        if (ok)
            parts->scores[parts->given++].value = given.score;
    }
    grader_means_close(&means);
    rewarding->is_of_json = rewarding->fault == GRADE_NO_SAMPLE && rewarding->why != NULL &&
                            strstr(rewarding->why, "{{sample.output_json") != NULL;
    if (ok && !parts->is_multi)
        rewarding->reward = parts->scores[0].value;
    if (!ok || !parts->is_multi)
        return;
    struct formula_given given;
    (void)formula_compute(grader_text(parts->grader, "calculate_output"), parts->scores, parts->count, &given);
    rewarding->reward = given.value;
    rewarding->formula_fault = given.fault;
    if (given.fault != FORMULA_FINE)
        rewarding->why = "calculate_output has no number for these scores";
}

/* ---- the answer ---- */

static void write_flags(struct json_writer *json, const char *const *names, const bool *flags, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        json_key(json, names[i]);
        json_bool(json, flags[i]);
    }
}

static void write_errors(const struct rewarding *rewarding, struct json_writer *json)
{
    enum grade_fault fault = rewarding->fault;
    enum formula_fault formula = rewarding->formula_fault;
    static const char *const names[] = {
        "formula_parse_error",        "sample_parse_error",          "truncated_observation_error",
        "unresponsive_reward_error",  "invalid_variable_error",      "other_error",
        "python_grader_server_error", "python_grader_runtime_error", "model_grader_server_error",
        "model_grader_refusal_error", "model_grader_parse_error"};
    const bool flags[ARRAY_COUNT(names)] = {formula == FORMULA_UNREADABLE,
                                            rewarding->is_of_json,
                                            false,
                                            false,
                                            (fault == GRADE_NO_SAMPLE && !rewarding->is_of_json) ||
                                                formula == FORMULA_UNKNOWN_NAME,
                                            fault == GRADE_OTHER || formula == FORMULA_NO_NUMBER,
                                            false,
                                            false,
                                            fault == GRADE_UNANSWERED,
                                            fault == GRADE_WITHHELD,
                                            fault == GRADE_UNREADABLE};
    json_key(json, "errors");
    json_object_begin(json);
    write_flags(json, names, flags, ARRAY_COUNT(names));
    json_text_or_null(json, "model_grader_server_error_details", fault == GRADE_UNANSWERED ? rewarding->why : NULL);
    json_text_or_null(json, "python_grader_server_error_type", NULL);
    json_text_or_null(json, "python_grader_runtime_error_details", NULL);
    json_text_or_null(json, "assay", rewarding->why); /* which of them says too little: what it was */
    json_object_end(json);
}

static void write_scores(const struct parts *parts, struct arena *arena, struct json_writer *json, const char *key)
{
    json_key(json, key);
    json_object_begin(json);
    for (size_t i = 0; parts->is_multi && i < parts->given; i++) {
        json_key(json, arena_text(arena, parts->scores[i].name));
        json_real(json, parts->scores[i].value, 6);
    }
    json_object_end(json);
}

static void write_metadata(const struct rewarding *rewarding, struct json_writer *json)
{
    struct arena *arena = &rewarding->exchange->arena;
    const struct json_value *grader = rewarding->parts.grader;
    bool has_asked = rewarding->usage.asked > 0;
    json_key(json, "metadata");
    json_object_begin(json);
    json_text_or_null(json, "name", arena_text(arena, grader_text(grader, "name")));
    json_text_or_null(json, "type", arena_text(arena, grader_text(grader, "type")));
    write_errors(rewarding, json);
    json_key(json, "execution_time");
    json_real(json, clock_ms_since(rewarding->exchange->started_ns) / 1000, 6);
    write_scores(&rewarding->parts, arena, json, "scores");
    json_key(json, "token_usage");
    if (has_asked)
        json_integer(json, rewarding->usage.prompt_tokens + rewarding->usage.completion_tokens);
    else
        json_null(json);
    json_text_or_null(json, "sampled_model_name", has_asked ? TALK_MODEL : NULL);
    json_object_end(json);
}

static void write_usage(const struct rewarding *rewarding, struct json_writer *json)
{
    json_key(json, "model_grader_token_usage_per_model");
    json_object_begin(json);
    if (rewarding->usage.asked > 0)
        grader_usage_write(json, TALK_MODEL, &rewarding->usage);
    json_object_end(json);
}

static void answer(const struct rewarding *rewarding)
{
    struct json_writer json;
    respond_begin(rewarding->exchange, &json);
    json_object_begin(&json);
    json_key(&json, "reward");
    json_real(&json, rewarding->reward, 15);
    write_metadata(rewarding, &json);
    write_scores(&rewarding->parts, &rewarding->exchange->arena, &json, "sub_rewards");
    write_usage(rewarding, &json);
    json_object_end(&json);
    respond_json(rewarding->exchange, &rewarding->exchange->text);
}

/* What is graded; false: refused. */
static bool read_values(struct exchange *exchange, const struct json_value *root, struct eval_values *values)
{
    const struct json_value *sample, *item;
    if (!request_member(exchange, root, "model_sample", JSON_TEXT, &sample) ||
        !request_member(exchange, root, "item", JSON_OBJECT, &item))
        return false;
    if (sample == NULL || (sample->text.size > 0 && memchr(sample->text.data, '\0', sample->text.size) != NULL)) {
        respond_refusal(exchange, 400, "invalid_value", "model_sample", "\"model_sample\" is %s",
                        sample == NULL ? "missing" : "a text with a zero byte");
        return false;
    }
    struct json_value *none = arena_alloc(&exchange->arena, 1, sizeof(*none));
    *none = (struct json_value){.kind = JSON_OBJECT};
    *values = (struct eval_values){.arena = &exchange->arena,
                                   .item = item != NULL ? item : none,
                                   .output_text = arena_text(&exchange->arena, sample->text)};
    return true;
}

void handle_grader_run(struct exchange *exchange)
{
    struct json_value root;
    struct eval_values values;
    struct rewarding rewarding = {.exchange = exchange};
    if (!request_json(exchange, &root) || !read_grader(exchange, &root, &rewarding.parts) ||
        !read_values(exchange, &root, &values))
        return;
    grade(&rewarding, &values);
    if (rewarding.fault == GRADE_STOPPED)
        respond_refusal(exchange, 503, "overloaded", NULL, "the server stops, or nobody waits for the grade");
    else if (rewarding.fault != GRADE_USED_UP) /* that was told */
        answer(&rewarding);
}
