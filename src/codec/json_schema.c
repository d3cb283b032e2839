/* json_schema.c - does a JSON value follow a schema? The part of JSON Schema (2020-12) that forms of answers use:
 *
 *   type enum const · properties required additionalProperties propertyNames minProperties maxProperties
 *   items prefixItems minItems maxItems uniqueItems · minLength maxLength pattern · minimum maximum exclusiveMinimum exclusiveMaximum multipleOf · allOf anyOf oneOf not · $ref to "#/$defs/NAME"
 *
 * What only describes (title, default, format, …) is read over. Any other keyword is refused, for a rule that is not checked would be taken for one
 * that holds. Work is bounded: a schema that refers to itself without end is refused. */
#include "codec.h"
#include <math.h>
#include <stdio.h>
#include <string.h>

enum { STEPS_MAX = 1000000, PATTERN_STEPS = 50, DEPTH_MAX = 64 };

struct checker {
    const struct json_value *root; /* of the schema */
    size_t steps;
    unsigned depth;
    struct error *error; /* the first reason; of kind ERROR_NONE: none yet */
    bool is_broken; /* the schema is: no alternative can mend that */
    char path[256]; /* of the value at hand: "$.items[2].name" */
};

static bool check(struct checker *checker, const struct json_value *schema, const struct json_value *value);

static bool refuse(struct checker *checker, const char *reason)
{
    return error_set(checker->error, ERROR_INVALID, "%s %s", checker->path, reason);
}

static bool refuse_schema(struct checker *checker, struct slice what, const char *reason)
{
    checker->is_broken = true;
    return error_set(checker->error, ERROR_INVALID, "the schema's \"%.*s\" %s", (int)(what.size < 60 ? what.size : 60),
                     what.data, reason);
}

static bool is_equal(const struct json_value *a, const struct json_value *b)
{
    if (a->kind != b->kind || a->count != b->count)
        return false;
    if (a->kind == JSON_BOOL)
        return a->boolean == b->boolean;
    if (a->kind == JSON_NUMBER)
        return a->is_integer && b->is_integer ? a->integer == b->integer : a->real == b->real;
    if (a->kind == JSON_TEXT)
        return slice_equal(a->text, b->text);
    for (size_t i = 0; i < a->count; i++) { /* nesting is bounded by json_read */
        const struct json_value *other = &b->items[i];
        if (a->kind == JSON_OBJECT) {
            size_t j = 0;
            while (j < b->count && !slice_equal(a->keys[i], b->keys[j]))
                j++;
            if (j == b->count)
                return false;
            other = &b->items[j];
        }
        if (!is_equal(&a->items[i], other))
            return false;
    }
    return true;
}

/* ---- one keyword each ---- */

static const char *const type_names[] = {"null", "boolean", "number", "string", "array", "object"}; /* ORDER json_kind */

static bool is_type(struct slice name, const struct json_value *value)
{
    if (slice_equal_text(name, "integer"))
        return value->kind == JSON_NUMBER && (value->is_integer || value->real == floor(value->real));
    return slice_equal_text(name, type_names[value->kind]);
}

static bool is_type_name(const struct json_value *rule)
{
    bool is_known = rule->kind == JSON_TEXT && slice_equal_text(rule->text, "integer");
    for (size_t i = 0; rule->kind == JSON_TEXT && i < ARRAY_COUNT(type_names); i++)
        is_known = is_known || slice_equal_text(rule->text, type_names[i]);
    return is_known;
}

static bool check_type(struct checker *checker, const struct json_value *rule, const struct json_value *value)
{
    bool is_list = rule->kind == JSON_ARRAY, fits = false;
    const struct json_value *types = is_list ? rule->items : rule;
    size_t count = is_list ? rule->count : 1;
    for (size_t i = 0; i < count; i++) {
        if (!is_type_name(&types[i]))
            return refuse_schema(checker, types[i].kind == JSON_TEXT ? types[i].text : SLICE("type"),
                                 "is no type: they are null, boolean, integer, number, string, array and object");
        fits = fits || is_type(types[i].text, value);
    }
    return fits || refuse(checker, "is of another type than the schema says");
}

static bool check_enum(struct checker *checker, const struct json_value *rule, const struct json_value *value)
{
    for (size_t i = 0; i < rule->count; i++)
        if (is_equal(&rule->items[i], value))
            return true;
    return refuse(checker, "is none of the values that the schema lists");
}

static bool check_const(struct checker *checker, const struct json_value *rule, const struct json_value *value)
{
    return is_equal(rule, value) || refuse(checker, "is not the value that the schema says");
}

static bool check_required(struct checker *checker, const struct json_value *rule, const struct json_value *value)
{
    char reason[120];
    if (rule->kind != JSON_ARRAY)
        return refuse_schema(checker, SLICE("required"), "is no list of names");
    for (size_t i = 0; i < rule->count; i++)
        if (rule->items[i].kind != JSON_TEXT)
            return refuse_schema(checker, SLICE("required"), "is no list of names");
    for (size_t i = 0; value->kind == JSON_OBJECT && i < rule->count; i++) {
        size_t j = 0;
        while (j < value->count && !slice_equal(value->keys[j], rule->items[i].text))
            j++;
        if (j < value->count)
            continue;
        struct slice name = slice_cut(rule->items[i].text, 60);
        snprintf(reason, sizeof(reason), "lacks \"" SLICE_FORMAT "\"", SLICE_ARGUMENT(name));
        return refuse(checker, reason);
    }
    return true;
}

/* Runs check() one level down, with the path told: a member's name, or an item's place. */
static bool check_within(struct checker *checker, const struct json_value *schema, const struct json_value *value,
                         const struct slice *name, size_t index)
{
    size_t size = strlen(checker->path), room = sizeof(checker->path) - size;
    if (name != NULL) {
        struct slice cut = slice_cut(*name, 60);
        snprintf(checker->path + size, room, "." SLICE_FORMAT, SLICE_ARGUMENT(cut));
    } else {
        snprintf(checker->path + size, room, "[%zu]", index);
    }
    bool ok = check(checker, schema, value);
    checker->path[size] = '\0';
    return ok;
}

static bool check_properties(struct checker *checker, const struct json_value *rule, const struct json_value *value)
{
    if (rule->kind != JSON_OBJECT)
        return refuse_schema(checker, SLICE("properties"), "is no object with a schema for each name");
    for (size_t i = 0; value->kind == JSON_OBJECT && i < value->count; i++)
        for (size_t j = 0; j < rule->count; j++)
            if (slice_equal(value->keys[i], rule->keys[j]) &&
                !check_within(checker, &rule->items[j], &value->items[i], &value->keys[i], 0))
                return false;
    return true;
}

static bool check_additional(struct checker *checker, const struct json_value *schema, const struct json_value *rule,
                             const struct json_value *value)
{
    const struct json_value *known = json_get(schema, "properties");
    for (size_t i = 0; value->kind == JSON_OBJECT && i < value->count; i++) {
        bool is_known = false;
        for (size_t j = 0; known != NULL && known->kind == JSON_OBJECT && j < known->count; j++)
            is_known = is_known || slice_equal(value->keys[i], known->keys[j]);
        if (!is_known && !check_within(checker, rule, &value->items[i], &value->keys[i], 0))
            return false;
    }
    return true;
}

static bool check_names(struct checker *checker, const struct json_value *rule, const struct json_value *value)
{
    for (size_t i = 0; value->kind == JSON_OBJECT && i < value->count; i++) {
        const struct json_value name = {.kind = JSON_TEXT, .text = value->keys[i]};
        if (!check_within(checker, rule, &name, &value->keys[i], 0))
            return false;
    }
    return true;
}

/* Those behind the ones that have a schema each. */
static bool check_items(struct checker *checker, const struct json_value *schema, const struct json_value *rule,
                        const struct json_value *value)
{
    const struct json_value *first = json_get(schema, "prefixItems");
    for (size_t i = first != NULL ? first->count : 0; value->kind == JSON_ARRAY && i < value->count; i++)
        if (!check_within(checker, rule, &value->items[i], NULL, i))
            return false;
    return true;
}

static bool check_first_items(struct checker *checker, const struct json_value *rule, const struct json_value *value)
{
    if (rule->kind != JSON_ARRAY)
        return refuse_schema(checker, SLICE("prefixItems"), "is not a list of schemas");
    for (size_t i = 0; value->kind == JSON_ARRAY && i < value->count && i < rule->count; i++)
        if (!check_within(checker, &rule->items[i], &value->items[i], NULL, i))
            return false;
    return true;
}

static bool check_unique(struct checker *checker, const struct json_value *rule, const struct json_value *value)
{
    if (rule->kind != JSON_BOOL)
        return refuse_schema(checker, SLICE("uniqueItems"), "is neither true nor false");
    for (size_t i = 0; rule->boolean && value->kind == JSON_ARRAY && i < value->count; i++)
        for (size_t j = 0; j < i; j++) {
            if (++checker->steps > STEPS_MAX)
                return refuse(checker, "has too many items to see whether any two are the same");
            if (is_equal(&value->items[i], &value->items[j]))
                return refuse(checker, "has the same item twice");
        }
    return true;
}

static bool check_pattern(struct checker *checker, const struct json_value *rule, const struct json_value *value)
{
    struct expression *expression;
    struct error reason;
    bool gave_up = false;
    checker->steps += PATTERN_STEPS;
    if (rule->kind != JSON_TEXT || !expression_create(&expression, EXPRESSION_PLAIN, rule->text, &reason))
        return refuse_schema(checker, SLICE("pattern"), "is no regular expression");
    bool fits = value->kind != JSON_TEXT || expression_matches(expression, value->text, &gave_up);
    expression_free(expression);
    if (gave_up)
        return refuse_schema(checker, SLICE("pattern"), "takes too long to look for");
    return fits || refuse(checker, "does not fit \"pattern\"");
}

static size_t characters(struct slice text)
{
    size_t count = 0;
    for (size_t i = 0; i < text.size; i++)
        count += ((unsigned char)text.data[i] & 0xC0) != 0x80;
    return count;
}

/* Keywords with a number: what they measure, and whether it is a least one, a most, or a step. */
static bool check_bound(struct checker *checker, struct slice key, const struct json_value *rule,
                        const struct json_value *value, bool *is_known)
{
    static const struct {
        const char *key;
        enum json_kind of;
        char sign;
    } bounds[] = {
        {"minimum", JSON_NUMBER, 'g'},          {"maximum", JSON_NUMBER, 'l'},      {"exclusiveMinimum", JSON_NUMBER, '>'},
        {"exclusiveMaximum", JSON_NUMBER, '<'}, {"multipleOf", JSON_NUMBER, '*'},   {"minLength", JSON_TEXT, 'g'},
        {"maxLength", JSON_TEXT, 'l'},          {"minItems", JSON_ARRAY, 'g'},      {"maxItems", JSON_ARRAY, 'l'},
        {"minProperties", JSON_OBJECT, 'g'},    {"maxProperties", JSON_OBJECT, 'l'}};
    size_t i = 0;
    while (i < ARRAY_COUNT(bounds) && !slice_equal_text(key, bounds[i].key))
        i++;
    *is_known = i < ARRAY_COUNT(bounds);
    if (!*is_known || value->kind != bounds[i].of)
        return true;
    if (rule->kind != JSON_NUMBER || (bounds[i].sign == '*' && rule->real <= 0))
        return refuse_schema(checker, key, "cannot be kept to: it is no fitting number");
    double size = value->kind == JSON_NUMBER ? value->real
                  : value->kind == JSON_TEXT ? (double)characters(value->text)
                                             : (double)value->count;
    double step = bounds[i].sign == '*' ? size / rule->real : 0;
    bool fits = bounds[i].sign == 'g'   ? size >= rule->real
                : bounds[i].sign == 'l' ? size <= rule->real
                : bounds[i].sign == '>' ? size > rule->real
                : bounds[i].sign == '<' ? size < rule->real
                                        : fabs(step - round(step)) < 1e-9;
    char reason[100];
    snprintf(reason, sizeof(reason), "does not keep to \"%s\"", bounds[i].key);
    return fits || refuse(checker, reason);
}

/* ---- several schemas ---- */

static bool check_some(struct checker *checker, struct slice key, const struct json_value *rule, const struct json_value *value)
{
    struct error *kept = checker->error;
    struct error scratch;
    size_t fitting = 0;
    bool all = slice_equal_text(key, "allOf");
    if (rule->kind != JSON_ARRAY || rule->count == 0)
        return refuse_schema(checker, key, "is not a list of schemas");
    for (size_t i = 0; i < rule->count; i++) {
        checker->error = all ? kept : &scratch;
        bool fits = check(checker, &rule->items[i], value);
        checker->error = kept;
        if (!fits && checker->is_broken) {
            *kept = all ? *kept : scratch;
            return false;
        }
        if (!fits && all)
            return false;
        fitting += fits;
    }
    if (all || fitting == 1 || (fitting > 1 && slice_equal_text(key, "anyOf")))
        return true;
    return refuse(checker, fitting == 0 ? "fits none of the schemas it may follow" : "fits more than one schema of \"oneOf\"");
}

static bool check_not(struct checker *checker, const struct json_value *rule, const struct json_value *value)
{
    struct error *kept = checker->error;
    struct error scratch;
    checker->error = &scratch;
    bool fits = check(checker, rule, value);
    checker->error = kept;
    if (checker->is_broken) {
        *kept = scratch;
        return false;
    }
    return !fits || refuse(checker, "follows what the schema says it must not");
}

const struct json_value *json_schema_target(const struct json_value *root, const struct json_value *reference)
{
    const struct slice starts[] = {SLICE("#/$defs/"), SLICE("#/definitions/")};
    const char *const names[] = {"$defs", "definitions"};
    if (reference->kind == JSON_TEXT && slice_equal_text(reference->text, "#"))
        return root;
    for (size_t i = 0; reference->kind == JSON_TEXT && i < ARRAY_COUNT(starts); i++) {
        const struct json_value *definitions = json_get(root, names[i]);
        if (!slice_starts_with(reference->text, starts[i]) || definitions == NULL || definitions->kind != JSON_OBJECT)
            continue;
        struct slice name = slice_range(reference->text, starts[i].size, reference->text.size);
        for (size_t j = 0; j < definitions->count; j++)
            if (slice_equal(definitions->keys[j], name))
                return &definitions->items[j];
    }
    return NULL;
}

static bool check_reference(struct checker *checker, const struct json_value *rule, const struct json_value *value)
{
    const struct json_value *target = json_schema_target(checker->root, rule);
    return target != NULL ? check(checker, target, value) : refuse_schema(checker, SLICE("$ref"), "leads nowhere");
}

static bool only_describes(struct slice key)
{
    static const char *const keys[] = {
        "title", "description", "default",  "examples",  "$schema",    "$id",           "$comment",        "format",
        "$defs", "definitions", "readOnly", "writeOnly", "deprecated", "discriminator", "contentEncoding", "contentMediaType"};
    for (size_t i = 0; i < ARRAY_COUNT(keys); i++)
        if (slice_equal_text(key, keys[i]))
            return true;
    return false;
}

static bool check_keyword(struct checker *checker, const struct json_value *schema, struct slice key,
                          const struct json_value *rule, const struct json_value *value)
{
    static const struct {
        const char *key;
        bool (*check)(struct checker *checker, const struct json_value *rule, const struct json_value *value);
    } keywords[] = {{"type", check_type},
                    {"enum", check_enum},
                    {"const", check_const},
                    {"required", check_required},
                    {"properties", check_properties},
                    {"propertyNames", check_names},
                    {"prefixItems", check_first_items},
                    {"uniqueItems", check_unique},
                    {"pattern", check_pattern},
                    {"not", check_not},
                    {"$ref", check_reference}};
    bool is_known;
    for (size_t i = 0; i < ARRAY_COUNT(keywords); i++)
        if (slice_equal_text(key, keywords[i].key))
            return keywords[i].check(checker, rule, value);
    if (slice_equal_text(key, "items"))
        return check_items(checker, schema, rule, value);
    if (slice_equal_text(key, "additionalProperties"))
        return check_additional(checker, schema, rule, value);
    if (slice_equal_text(key, "allOf") || slice_equal_text(key, "anyOf") || slice_equal_text(key, "oneOf"))
        return check_some(checker, key, rule, value);
    if (!check_bound(checker, key, rule, value, &is_known))
        return false;
    return is_known || only_describes(key) || refuse_schema(checker, key, "is a rule that is not known here");
}

static bool check(struct checker *checker, const struct json_value *schema, const struct json_value *value)
{
    if (schema->kind == JSON_BOOL)
        return schema->boolean || refuse(checker, "is not allowed by the schema");
    if (schema->kind != JSON_OBJECT)
        return refuse_schema(checker, SLICE("$"), "is neither an object nor true or false");
    if (++checker->steps > STEPS_MAX)
        return refuse_schema(checker, SLICE("$"), "takes too long to keep to");
    if (checker->depth == DEPTH_MAX)
        return refuse_schema(checker, SLICE("$ref"), "leads too deep");
    checker->depth++;
    bool ok = true;
    for (size_t i = 0; ok && i < schema->count; i++)
        ok = check_keyword(checker, schema, schema->keys[i], &schema->items[i], value);
    checker->depth--;
    return ok;
}

bool json_fits(struct json_fit *fit, const struct json_value *value, const struct json_value *schema, struct error *error)
{
    struct checker checker = {.root = fit->root, .error = error, .path = "$", .steps = fit->steps};
    bool fits = check(&checker, schema, value);
    fit->steps = checker.steps;
    fit->is_broken = fit->is_broken || checker.is_broken;
    return fits;
}

bool json_follows(const struct json_value *value, const struct json_value *schema, struct error *error)
{
    struct json_fit fit = {.root = schema};
    return json_fits(&fit, value, schema, error);
}
