/* answer_form.c - the form of one answer: pattern, JSON, schema, and its fields against those wanted. */
#include "answer_form.h"
#include <string.h>

const char *const answer_form_names[ANSWER_FORMS] = {"pattern", "json", "schema", "fields"};

bool form_asked_read(const struct project *project, struct arena *arena, struct form_asked *asked, struct error *error)
{
    const struct settings *settings = &project->settings;
    struct json_value *value;
    *asked = (struct form_asked){0};
    if (settings->check_schema != NULL) {
        const char *path = path_join(arena, project->root, settings->check_schema);
        if (!eval_read_schema(path, arena, &asked->schema, &value, error))
            return error_wrap(error, "could not read checks.schema");
        asked->schema_value = value;
    }
    return settings->check_pattern == NULL ||
           expression_create(&asked->pattern, EXPRESSION_UNICODE, slice_from(settings->check_pattern), error) ||
           error_wrap(error, "checks.pattern");
}

void form_asked_release(struct form_asked *asked)
{
    expression_free(asked->pattern);
    asked->pattern = NULL;
}

/* ---- fields, over cases ---- */

static void note_field(void *context, const char *path, struct slice wanted, struct slice got, bool is_right)
{
    struct field_shares *shares = context;
    struct slice name = slice_from(path);
    size_t at = 0;
    (void)got;
    if (wanted.size == 0)
        return; /* one that nobody asked for has no share of its own */
    if (name.size >= FIELD_PATH_BYTES)
        return; /* cut short, it would count for others that begin alike */
    while (at < shares->count && !slice_equal_text(name, shares->items[at].path))
        at++;
    if (at == FIELD_SHARES_MAX)
        return;
    if (at == shares->count) {
        shares->items[shares->count++] = (struct field_share){0};
        memcpy(shares->items[at].path, name.data, name.size);
    }
    shares->items[at].cases++;
    shares->items[at].right += is_right;
}

/* ---- one answer ---- */

static bool is_document(struct slice gold)
{
    struct slice text = slice_trim(gold);
    return text.size > 0 && text.data[0] == '{';
}

static void check_fields(const struct answer_case *item, struct slice answer, struct field_shares *shares,
                         struct answer_form *form)
{
    struct slice best = {0};
    double best_f1 = -1;
    for (size_t i = 0; i < item->gold_count; i++) {
        struct grade_fields fields;
        struct error ignored = {0};
        if (!is_document(item->golds[i]) || !grade_json(item->golds[i], answer, NULL, NULL, &fields, &ignored))
            continue;
        form->is_document = true;
        form->is_equal = form->is_equal || fields.is_equal;
        if (fields.f1 > best_f1) {
            best_f1 = fields.f1;
            best = item->golds[i];
        }
    }
    if (!form->is_document)
        return;
    form->values[ANSWER_FIELDS] = best_f1;
    struct grade_fields again;
    struct error ignored = {0};
    if (shares != NULL)
        (void)!grade_json(best, answer, note_field, shares, &again, &ignored);
}

static bool matches(struct expression *pattern, struct slice answer)
{
    bool gave_up;
    return pattern == NULL || expression_matches(pattern, answer, &gave_up);
}

static void check_pattern(const struct answer_case *item, const struct form_asked *asked, struct slice answer,
                          struct arena *arena, struct answer_form *form)
{
    struct expression *own = NULL;
    struct error ignored = {0};
    if (item->pattern.size > 0 && !expression_create(&own, EXPRESSION_UNICODE, item->pattern, &ignored))
        own = NULL; /* it was tried when it was read */
    if (own != NULL || asked->pattern != NULL) {
        bool is_own = matches(own, answer), is_all = is_own && matches(asked->pattern, answer);
        form->values[ANSWER_PATTERN] = is_all;
        if (!is_all)
            form->says = is_own ? "it does not match checks.pattern"
                                : arena_format(arena, "it does not match " SLICE_FORMAT, SLICE_ARGUMENT(item->pattern));
    }
    expression_free(own);
}

static void check_schema(const struct json_value *schema, struct slice answer, struct arena *arena, struct answer_form *form)
{
    struct json_value value;
    struct error why = {0};
    bool is_json = json_read(answer, "the answer", arena, &value, &why);
    form->values[ANSWER_JSON] = is_json;
    bool follows = is_json && (schema == NULL || json_follows(&value, schema, &why));
    if (schema != NULL)
        form->values[ANSWER_SCHEMA] = follows;
    if (!follows)
        form->says = arena_text(arena, slice_from(why.message));
}

void answer_form_check(const struct answer_case *item, const struct form_asked *asked, const struct slice *answer,
                       struct arena *arena, struct field_shares *shares, struct answer_form *form)
{
    const struct json_value *schema = item->schema != NULL ? item->schema : asked->schema_value;
    *form = (struct answer_form){0};
    for (size_t i = 0; i < ANSWER_FORMS; i++)
        form->values[i] = -1;
    check_fields(item, answer != NULL ? *answer : SLICE(""), shares, form);
    if (answer == NULL)
        return;
    check_pattern(item, asked, *answer, arena, form);
    if (schema != NULL || form->is_document)
        check_schema(schema, slice_trim(*answer), arena, form);
}

bool answer_form_is_kept(const struct answer_form *form)
{
    for (size_t i = ANSWER_PATTERN; i <= ANSWER_SCHEMA; i++)
        if (form->values[i] >= 0 && form->values[i] < 1)
            return false;
    return true;
}

enum grade_measure eval_measure_of(enum answer_check check, enum grade_measure otherwise)
{
    static const enum grade_measure measures[ANSWER_CHECKS] = {
        GRADE_MEASURES, GRADE_EXACT,  GRADE_F1,     GRADE_CONTAINS,
        GRADE_NUMERIC,  GRADE_STRICT, GRADE_RELAXED}; /* ORDER answer_check */
    return check != CHECK_AUTO ? measures[check] : otherwise;
}

void answer_form_grade(const struct answer_form *form, struct grade_scores *scores)
{
    if (!form->is_equal)
        return;
    scores->values[GRADE_RELAXED] = 1;
    if (form->values[ANSWER_JSON] > 0)
        scores->values[GRADE_STRICT] = 1;
}
