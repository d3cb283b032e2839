/* eval_graders.c - graders of evals: string_check and text_similarity, and who grades by a model; and the references in their texts. What would run
 * a program is refused where the eval is made. */
#include "evals.h"
#include <stdlib.h>
#include <string.h>

struct slice grader_text(const struct json_value *object, const char *key)
{
    const struct json_value *value = json_get(object, key);
    return value != NULL && value->kind == JSON_TEXT ? value->text : (struct slice){NULL, 0};
}

/* ---- what can be graded ---- */

/* Graders of fine-tuning stand by themselves, and may do without a threshold: what counts is their score. */
static bool is_of_tuning(const struct exchange *exchange)
{
    return slice_starts_with(slice_from(exchange->match.route->path), SLICE("/v1/fine_tuning/"));
}

bool grader_refuse(struct exchange *exchange, const char *kind, struct slice name, const char *reason)
{
    const char *parameter = is_of_tuning(exchange) ? "grader" : "testing_criteria";
    if (name.data == NULL)
        name = SLICE("(none)");
    respond_refusal(exchange, 400, "unsupported_value", parameter, "the %s \"%.*s\" %s", kind,
                    name.size > 60 ? 60 : (int)name.size, name.data, reason);
    return false;
}

static bool is_known_measure(struct slice name, struct arena *arena)
{
    struct assay_error error;
    double value;
    if (name.data != NULL && slice_equal_text(name, "cosine"))
        return true;
    return name.data != NULL &&
           assay_similarity(arena_text(arena, name), (struct assay_text){"a", 1}, (struct assay_text){"a", 1}, &value, &error);
}

static bool check_similarity(struct exchange *exchange, const struct json_value *grader)
{
    const struct json_value *threshold = json_get(grader, "pass_threshold");
    struct slice measure = grader_text(grader, "evaluation_metric");
    if (!is_known_measure(measure, &exchange->arena))
        return grader_refuse(exchange, "evaluation_metric", measure,
                             "is not supported; cosine, fuzzy_match, bleu, gleu, meteor, rouge_1 to rouge_5 and rouge_l are");
    if ((threshold == NULL || threshold->kind == JSON_NULL) && is_of_tuning(exchange))
        return true;
    if (threshold != NULL && threshold->kind == JSON_NUMBER && threshold->real >= 0 && threshold->real <= 1)
        return true;
    return grader_refuse(exchange, "grader", grader_text(grader, "name"), "has no pass_threshold from 0 to 1");
}

static bool check_operation(struct exchange *exchange, const struct json_value *grader)
{
    static const char *const known[] = {"eq", "ne", "like", "ilike"};
    struct slice operation = grader_text(grader, "operation");
    for (size_t i = 0; operation.data != NULL && i < ARRAY_COUNT(known); i++)
        if (slice_equal_text(operation, known[i]))
            return true;
    return grader_refuse(exchange, "grader", grader_text(grader, "name"),
                         "has an operation that is none of eq, ne, like, ilike");
}

bool grader_is(const struct json_value *grader, const char *type)
{
    struct slice own = grader->kind == JSON_OBJECT ? grader_text(grader, "type") : (struct slice){NULL, 0};
    return own.data != NULL && slice_equal_text(own, type);
}

bool grader_asks(const struct json_value *grader)
{
    return grader_is(grader, "label_model") || grader_is(grader, "score_model");
}

static bool is_cosine(const struct json_value *grader)
{
    struct slice measure = grader_is(grader, "text_similarity") ? grader_text(grader, "evaluation_metric")
                                                                : (struct slice){NULL, 0};
    return measure.data != NULL && slice_equal_text(measure, "cosine");
}

bool grader_uses_model(const struct json_value *grader)
{
    return grader_asks(grader) || is_cosine(grader);
}

bool grader_has_model(struct exchange *exchange, const struct json_value *grader)
{
    struct assay *assay = exchange->hands->assay;
    struct assay_llm *llm = NULL;
    struct assay_error error;
    bool ok = grader_asks(grader) ? assay_llm_of(assay, &llm, &error)
              : is_cosine(grader) ? assay_nearness_ready(assay, &error)
                                  : true;
    assay_llm_close(llm);
    if (ok)
        return true;
    const char *reason = arena_format(&exchange->arena, "asks a model: %s. %s", error.message, error.hint);
    if (error.kind == ASSAY_NOT_FOUND)
        return grader_refuse(exchange, "grader", grader_text(grader, "name"), reason);
    respond_error(exchange, &error);
    return false;
}

static bool check_type(struct exchange *exchange, const struct json_value *grader)
{
    struct slice type = grader->kind == JSON_OBJECT ? grader_text(grader, "type") : (struct slice){NULL, 0};
    if (grader_is(grader, "python"))
        return grader_refuse(exchange, "grader type", type, "is not supported: this server runs no code of a request");
    return grader_asks(grader) || grader_is(grader, "string_check") || grader_is(grader, "text_similarity") ||
           grader_refuse(exchange, "grader type", type,
                         "is not supported: string_check, text_similarity, label_model and score_model are");
}

bool grader_check(struct exchange *exchange, const struct json_value *grader)
{
    if (!check_type(exchange, grader))
        return false;
    if (grader_text(grader, "name").size == 0)
        return grader_refuse(exchange, "grader of the type", grader_text(grader, "type"), "has no name");
    if (grader_asks(grader))
        return model_grader_check(exchange, grader);
    if (grader_text(grader, "input").data == NULL || grader_text(grader, "reference").data == NULL)
        return grader_refuse(exchange, "grader", grader_text(grader, "name"), "has no text as input, or none as reference");
    return grader_is(grader, "string_check") ? check_operation(exchange, grader) : check_similarity(exchange, grader);
}

/* ---- references ---- */

static const struct json_value *follow(const struct json_value *value, struct slice path)
{
    struct slice part;
    while (value != NULL && slice_next(&path, '.', &part)) {
        const struct json_value *found = NULL;
        for (size_t i = 0; value->kind == JSON_OBJECT && i < value->count; i++)
            if (slice_equal(value->keys[i], part))
                found = &value->items[i];
        uint64_t number;
        if (value->kind == JSON_ARRAY && slice_to_u64(part, &number) && number < value->count)
            found = &value->items[number];
        value = found;
    }
    return value;
}

static const struct json_value *whole_text(struct arena *arena, const char *text)
{
    struct json_value *value = arena_alloc(arena, 1, sizeof(*value));
    *value = (struct json_value){.kind = JSON_TEXT, .text = slice_from(text)};
    return value;
}

static const struct json_value *output_json(const struct eval_values *values, struct slice rest)
{
    struct error ignored;
    struct json_value *root = arena_alloc(values->arena, 1, sizeof(*root));
    struct slice path = rest.size > 0 ? slice_range(rest, 1, rest.size) : rest;
    if (!json_read(slice_from(values->output_text), "the output", values->arena, root, &ignored))
        return NULL;
    return path.size > 0 ? follow(root, path) : root;
}

const struct json_value *eval_value(const struct eval_values *values, struct slice path)
{
    static const char text[] = "sample.output_text", json[] = "sample.output_json";
    if (slice_equal_text(path, "item"))
        return values->item;
    if (slice_starts_with(path, SLICE("item.")))
        return follow(values->item, slice_range(path, 5, path.size));
    if (values->output_text != NULL && slice_equal_text(path, text))
        return whole_text(values->arena, values->output_text);
    struct slice rest = path.size >= sizeof(json) - 1 ? slice_range(path, sizeof(json) - 1, path.size) : (struct slice){"x", 1};
    if (values->output_text != NULL && slice_starts_with(path, slice_from(json)) && (rest.size == 0 || rest.data[0] == '.'))
        return output_json(values, rest);
    if (values->sample != NULL && slice_starts_with(path, SLICE("sample.")))
        return follow(values->sample, slice_range(path, 7, path.size));
    return NULL;
}

/* Texts as they are, other values as JSON. */
static void append_value(struct buffer *out, const struct json_value *value)
{
    struct json_writer json;
    if (value->kind == JSON_TEXT) {
        buffer_append_slice(out, value->text);
        return;
    }
    json_writer_init(&json, out);
    json_again(&json, value);
}

/* Whether a mark starts here, as whoever writes a sample might end it and begin another: "</value", "< Value". */
static bool is_mark(struct slice text, size_t at)
{
    static const struct slice name = {"value", 5};
    while (++at < text.size && strchr("/ \t\r\n", text.data[at]) != NULL && text.data[at] != '\0')
        ;
    return text.size - at >= name.size && strncasecmp(text.data + at, name.data, name.size) == 0;
}

static void append_marked(struct buffer *out, const struct json_value *value)
{
    struct buffer plain;
    buffer_init(&plain, 4 * MIB);
    append_value(&plain, value);
    const struct slice text = buffer_slice(&plain);
    buffer_append_text(out, "<value>");
    for (size_t i = 0; i < text.size; i++)
        if (text.data[i] == '<' && is_mark(text, i))
            buffer_append_text(out, "&lt;");
        else
            buffer_append_byte(out, text.data[i]);
    buffer_append_text(out, "</value>");
    out->failed = out->failed || plain.failed;
    buffer_release(&plain);
}

/* Where "}}" stands behind `at`; text.size: nowhere. */
static size_t find_pair(struct slice text, size_t at, char c)
{
    while (at + 1 < text.size && !(text.data[at] == c && text.data[at + 1] == c))
        at++;
    return at + 1 < text.size ? at : text.size;
}

const char *eval_fill(const struct eval_values *values, struct slice text, const char **missing)
{
    struct buffer out;
    const char *filled = NULL;
    bool ok = true;
    buffer_init(&out, 4 * MIB);
    for (size_t at = 0; ok && at < text.size;) {
        size_t open = find_pair(text, at, '{'), close = open < text.size ? find_pair(text, open + 2, '}') : text.size;
        if (close == text.size) { /* no more references */
            buffer_append_slice(&out, slice_range(text, at, text.size));
            break;
        }
        struct slice path = slice_trim(slice_range(text, open + 2, close));
        const struct json_value *value = eval_value(values, path);
        buffer_append_slice(&out, slice_range(text, at, open));
        ok = value != NULL;
        if (ok && values->are_marked)
            append_marked(&out, value);
        else if (ok)
            append_value(&out, value);
        else
            *missing = arena_format(values->arena, "there is no value for {{%.*s}}", path.size > 100 ? 100 : (int)path.size,
                                    path.data);
        at = close + 2;
    }
    if (ok && out.failed)
        *missing = "a text with what is put in is longer than 4 MiB";
    else if (ok && out.size > 0 &&
             memchr(out.data, '\0', out.size) != NULL) /* what stands behind it would be compared by nobody */
        *missing = "a text has a zero byte";
    else if (ok)
        filled = arena_text(values->arena, buffer_slice(&out));
    buffer_release(&out);
    return filled;
}

/* ---- grading ---- */

static char *small(struct arena *arena, const char *text)
{
    char *copy = arena_text(arena, slice_from(text));
    for (char *at = copy; *at != '\0'; at++)
        if (*at >= 'A' && *at <= 'Z')
            *at = (char)(*at - 'A' + 'a');
    return copy;
}

static bool check_text(struct slice operation, const char *input, const char *reference, struct arena *arena)
{
    if (slice_equal_text(operation, "eq"))
        return strcmp(input, reference) == 0;
    if (slice_equal_text(operation, "ne"))
        return strcmp(input, reference) != 0;
    if (slice_equal_text(operation, "like"))
        return strstr(input, reference) != NULL;
    return strstr(small(arena, input), small(arena, reference)) != NULL;
}

enum { BYTES_PER_TOKEN = 4 };

/* How alike they are. What a model's server says is for the log. */
static bool measure(const struct json_value *grader, struct assay_text input, struct assay_text reference, struct arena *arena,
                    struct grader_means *means, struct grade_given *given, const char **why)
{
    const char *name = arena_text(arena, grader_text(grader, "evaluation_metric"));
    bool is_near = is_cosine(grader);
    struct assay_error error;
    if (is_near && !means->may_ask(means->context)) {
        given->fault = GRADE_USED_UP;
        *why = LABOUR_USED_UP;
        return false;
    }
    if (is_near) /* about so many tokens are read, by a model that may be paid for */
        means->use(means->context, (double)(input.size + reference.size) / BYTES_PER_TOKEN, 0);
    if (is_near ? assay_nearness(means->assay, input, reference, &given->score, &error)
                : assay_similarity(name, input, reference, &given->score, &error))
        return true;
    given->fault = is_near ? GRADE_UNANSWERED : GRADE_OTHER;
    *why = is_near ? "the embedding model failed; the server's log has the reason"
                   : arena_text(arena, slice_from(error.message));
    if (is_near)
        means->fail(means->context, error.message);
    return false;
}

static bool grade_texts(const struct json_value *grader, const struct eval_values *values, struct grader_means *means,
                        struct grade_given *given, const char **why)
{
    const char *input = eval_fill(values, grader_text(grader, "input"), why);
    const char *reference = input != NULL ? eval_fill(values, grader_text(grader, "reference"), why) : NULL;
    const struct json_value *threshold = json_get(grader, "pass_threshold");
    given->fault = GRADE_NO_SAMPLE;
    if (reference == NULL)
        return false;
    if (grader_is(grader, "string_check")) {
        given->passed = check_text(grader_text(grader, "operation"), input, reference, values->arena);
        given->score = given->passed ? 1 : 0;
        return true;
    }
    if (!measure(grader, (struct assay_text){input, strlen(input)}, (struct assay_text){reference, strlen(reference)},
                 values->arena, means, given, why))
        return false;
    given->passed = threshold != NULL && threshold->kind == JSON_NUMBER && given->score >= threshold->real;
    return true;
}

bool grader_grade(const struct json_value *grader, const struct eval_values *values, struct grader_means *means,
                  struct grade_given *given, const char **why)
{
    *given = (struct grade_given){.fault = GRADE_OTHER};
    bool ok = grader_asks(grader) ? model_grader_grade(grader, values, means, given, why)
                                  : grade_texts(grader, values, means, given, why);
    if (ok)
        given->fault = GRADE_GIVEN;
    return ok;
}

void grader_usage_add(struct grader_usage *sum, const struct grader_usage *more)
{
    sum->asked += more->asked;
    sum->prompt_tokens += more->prompt_tokens;
    sum->completion_tokens += more->completion_tokens;
    sum->cached_tokens += more->cached_tokens;
}

void grader_usage_write(struct json_writer *json, const char *key, const struct grader_usage *usage)
{
    const struct json_integer_member numbers[] = {{"prompt_tokens", usage->prompt_tokens},
                                                  {"completion_tokens", usage->completion_tokens},
                                                  {"cached_tokens", usage->cached_tokens},
                                                  {"total_tokens", usage->prompt_tokens + usage->completion_tokens}};
    json_key(json, key);
    json_object_begin(json);
    json_integers(json, numbers, ARRAY_COUNT(numbers));
    json_object_end(json);
}

void grader_means_close(struct grader_means *means)
{
    assay_llm_close(means->llm);
    means->llm = NULL;
}
