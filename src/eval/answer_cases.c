/* answer_cases.c - eval.jsonl as far as answers go: question, answer or null, source, checks. */
#include "answer_cases.h"
#include "case_members.h"
#include "files.h"
#include "runs.h"
#include <stdlib.h>

struct answer_reading {
    struct project *project;
    const char *path;
    struct arena *arena;
    struct answer_cases *cases;
    size_t capacity;
    struct case_schemas schemas;
};

static struct slice document_text(const struct answer_reading *reading, const struct json_value *value)
{
    struct buffer text;
    struct json_writer json;
    buffer_init(&text, LIMIT_COLLECTION_BYTES);
    json_writer_init(&json, &text);
    json_again(&json, value);
    struct slice copy = arena_slice(reading->arena, buffer_slice(&text));
    buffer_release(&text);
    return copy;
}

/* A text, or a list of texts; numbers as they are written, and objects as their JSON where `may_be_object`. */
static bool read_texts(const struct answer_reading *reading, const struct json_value *value, const char *key, size_t line,
                       bool may_be_object, struct slice **texts, size_t *count, struct error *error)
{
    const struct json_value *items = value->kind == JSON_ARRAY ? value->items : value;
    size_t item_count = value->kind == JSON_ARRAY ? value->count : 1;
    *texts = arena_alloc(reading->arena, item_count, sizeof(**texts));
    *count = 0;
    for (size_t i = 0; i < item_count; i++) {
        bool is_object = may_be_object && items[i].kind == JSON_OBJECT;
        if (items[i].kind != JSON_TEXT && items[i].kind != JSON_NUMBER && !is_object)
            return error_set(error, ERROR_INVALID, "%s:%zu: \"%s\" holds %s, expected a text", reading->path, line, key,
                             json_kind_name(items[i].kind));
        (*texts)[(*count)++] = is_object ? document_text(reading, &items[i]) : arena_slice(reading->arena, items[i].text);
    }
    return true;
}

/* Paths as the catalog has them. */
static bool read_sources(const struct answer_reading *reading, const struct json_value *value, size_t line,
                         struct answer_case *item, struct error *error)
{
    struct slice *sources;
    if (value == NULL || value->kind == JSON_NULL)
        return true;
    if (!read_texts(reading, value, "source", line, false, &sources, &item->source_count, error))
        return false;
    for (size_t i = 0; i < item->source_count; i++)
        sources[i] = eval_source_name(reading->project, reading->arena, sources[i]);
    item->sources = sources;
    return true;
}

/* Who leaves the answer empty has not written it yet, or means that there is none, which is null. */
static bool check_golds(const struct answer_reading *reading, const struct answer_case *item, const char *key,
                        struct error *error)
{
    bool is_empty = item->gold_count == 0;
    for (size_t i = 0; i < item->gold_count; i++)
        is_empty = is_empty || slice_trim(item->golds[i]).size == 0;
    if (!is_empty)
        return true;
    error_set(error, ERROR_INVALID, "%s:%zu: \"%s\" is empty", reading->path, item->line, key);
    return error_hint(error, "Write null where the documents have no answer: {\"question\": \"…\", \"%s\": null}.", key);
}

static bool take_case(void *context, const struct json_value *object, size_t line, struct error *error)
{
    struct answer_reading *reading = context;
    struct answer_cases *cases = reading->cases;
    struct answer_case item = {.line = line};
    const char *answer_key = json_get(object, "answer") == NULL && json_get(object, "expected") != NULL ? "expected" : "answer";
    const struct json_value *answer = json_get(object, answer_key);
    const char *name = arena_format(reading->arena, "%s:%zu", reading->path, line);
    if (!case_members_check(object, name, error))
        return false;
    if (answer == NULL) {
        cases->passed_over++;
        return true;
    }
    if (!case_question(object, reading->path, line, &item.question, error) ||
        (answer->kind != JSON_NULL &&
         (!read_texts(reading, answer, answer_key, line, true, &item.golds, &item.gold_count, error) ||
          !check_golds(reading, &item, answer_key, error))) ||
        !read_sources(reading, json_get(object, "source"), line, &item, error) ||
        !case_checks_read(object, name, reading->project, &reading->schemas, reading->arena, &item, error))
        return false;
    item.question = arena_slice(reading->arena, item.question);
    cases->items = arena_more(reading->arena, cases->items, cases->count, &reading->capacity, sizeof(*cases->items));
    cases->items[cases->count++] = item;
    return true;
}

static void number_clusters(struct answer_cases *cases, struct arena *arena)
{
    struct case_clusters clusters;
    case_clusters_init(&clusters);
    cases->clusters = arena_alloc(arena, cases->count, sizeof(*cases->clusters));
    for (size_t i = 0; i < cases->count; i++) {
        const struct answer_case *item = &cases->items[i];
        cases->clusters[i] = case_clusters_number(&clusters, item->source_count > 0 ? item->sources : NULL, item->question);
    }
    cases->cluster_count = clusters.count;
    case_clusters_release(&clusters);
}

bool answer_cases_read(struct project *project, const char *path, struct arena *arena, struct answer_cases *cases,
                       struct error *error)
{
    struct answer_reading reading = {.project = project, .path = path, .arena = arena, .cases = cases};
    map_init(&reading.schemas.numbers, UINT32_MAX / 4);
    *cases = (struct answer_cases){0};
    bool ok = case_lines_read(path, take_case, &reading, error);
    map_release(&reading.schemas.numbers);
    if (ok) {
        number_clusters(cases, arena);
        answer_cases_facts(cases, NULL, 0, arena);
    }
    return ok;
}
