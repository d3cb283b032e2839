/* case_checks.c - what a test case asks of its answer's form and grade, beside what the project asks.
 *
 *   "checks": {"answer": "f1", "tolerance": 0.01, "pattern": "^\\d+ kg$", "schema": "ticket.schema.json" or {…}, "style": "none"} */
#include "answer_cases.h"
#include "case_members.h"
#include "grade.h"

bool eval_read_schema(const char *path, struct arena *arena, const char **text, struct json_value **schema, struct error *error)
{
    struct buffer bytes;
    buffer_init(&bytes, LIMIT_MODEL_CONFIG_BYTES);
    bool ok = file_read(path, LIMIT_MODEL_CONFIG_BYTES, &bytes, error);
    if (ok) {
        const char *copy = arena_text(arena, buffer_slice(&bytes));
        *schema = arena_alloc(arena, 1, sizeof(**schema));
        ok = json_read(slice_from(copy), path, arena, *schema, error);
        if (text != NULL)
            *text = copy;
    }
    buffer_release(&bytes);
    return ok;
}

static bool read_tolerance(const struct json_value *checks, const char *name, struct answer_case *item, struct error *error)
{
    const struct json_value *value;
    if (!json_member(checks, name, "tolerance", JSON_NUMBER, &value, error))
        return false;
    item->tolerance = value != NULL ? value->real : 0;
    return (item->tolerance >= 0 && item->tolerance <= 1) ||
           error_set(error, ERROR_INVALID, "%s: \"tolerance\" is %g, expected 0 to 1", name, item->tolerance);
}

static bool read_pattern(const struct json_value *checks, const char *name, struct arena *arena, struct answer_case *item,
                         struct error *error)
{
    const struct json_value *value;
    struct expression *pattern;
    if (!json_member(checks, name, "pattern", JSON_TEXT, &value, error))
        return false;
    if (value == NULL)
        return true;
    item->pattern = arena_slice(arena, value->text);
    if (!expression_create(&pattern, EXPRESSION_UNICODE, item->pattern, error))
        return error_wrap(error, "%s", name);
    expression_free(pattern);
    return true;
}

/* The schema itself outlives the line that it stands in. */
static bool keep_schema(const struct json_value *value, const char *name, struct arena *arena, struct answer_case *item,
                        struct error *error)
{
    struct buffer text;
    struct json_writer json;
    buffer_init(&text, LIMIT_MODEL_CONFIG_BYTES);
    json_writer_init(&json, &text);
    json_again(&json, value);
    bool ok = buffer_finish(&text, "a schema", error);
    if (ok) {
        struct json_value *schema = arena_alloc(arena, 1, sizeof(*schema));
        ok = json_read(arena_slice(arena, buffer_slice(&text)), name, arena, schema, error);
        item->schema = schema;
    }
    buffer_release(&text);
    return ok;
}

static bool read_schema(const struct json_value *checks, const char *name, const struct project *project,
                        struct case_schemas *schemas, struct arena *arena, struct answer_case *item, struct error *error)
{
    const struct json_value *value = json_get(checks, "schema");
    if (value == NULL || value->kind == JSON_NULL)
        return true;
    if (value->kind == JSON_OBJECT)
        return keep_schema(value, name, arena, item, error);
    if (value->kind != JSON_TEXT)
        return error_set(error, ERROR_INVALID, "%s: \"schema\" is %s, expected a schema or the name of a file with one", name,
                         json_kind_name(value->kind));
    struct map_entry *entry = map_put(&schemas->numbers, value->text, NULL);
    if (entry == NULL)
        return error_set(error, ERROR_LIMIT, "%s: too many schemas", name);
    if (entry->value == 0) {
        schemas->items = arena_more(arena, schemas->items, schemas->count, &schemas->capacity, sizeof(*schemas->items));
        if (!eval_read_schema(path_join(arena, project->root, arena_text(arena, value->text)), arena, NULL,
                              &schemas->items[schemas->count], error))
            return error_wrap(error, "%s: could not read the schema", name);
        entry->value = ++schemas->count;
    }
    item->schema = schemas->items[entry->value - 1];
    return true;
}

/* One of `words`, told by its number; absent: 0. */
static bool read_word(const struct json_value *checks, const char *name, const char *key, const char *const *words,
                      size_t count, size_t *choice, struct error *error)
{
    const struct json_value *value;
    *choice = 0;
    if (!json_member(checks, name, key, JSON_TEXT, &value, error))
        return false;
    if (value == NULL)
        return true;
    while (*choice < count && !slice_equal_text(value->text, words[*choice]))
        ++*choice;
    if (*choice < count)
        return true;
    struct arena arena;
    arena_init(&arena);
    const char *known = words[0];
    for (size_t i = 1; i < count; i++)
        known = arena_format(&arena, "%s, %s", known, words[i]);
    error_set(error, ERROR_INVALID, "%s: \"%s\" is \"" SLICE_FORMAT "\", expected one of %s", name, key,
              SLICE_ARGUMENT(value->text), known);
    arena_release(&arena);
    return false;
}

bool case_checks_read(const struct json_value *object, const char *name, const struct project *project,
                      struct case_schemas *schemas, struct arena *arena, struct answer_case *item, struct error *error)
{
    static const char *const styles[] = {"none", "examples"}; /* ORDER case_style, from its second on */
    const struct json_value *checks;
    size_t measure = 0, style = 0;
    if (!json_member(object, name, "checks", JSON_OBJECT, &checks, error))
        return false;
    if (checks == NULL)
        return true;
    if (!case_members_check_checks(checks, name, error) || !read_tolerance(checks, name, item, error) ||
        !read_pattern(checks, name, arena, item, error) || !read_schema(checks, name, project, schemas, arena, item, error) ||
        !read_word(checks, name, "answer", answer_check_names, ANSWER_CHECKS, &measure, error) ||
        !read_word(checks, name, "style", styles, ARRAY_COUNT(styles), &style, error))
        return false;
    item->measure = (enum answer_check)measure;
    const struct json_value *named = json_get(checks, "style");
    item->style = named != NULL && named->kind == JSON_TEXT ? (enum case_style)(style + 1) : CASE_STYLE_AS_SETTINGS;
    return true;
}
