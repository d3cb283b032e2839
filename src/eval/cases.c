/* cases.c - a project's own test cases: eval.jsonl, one object a line, of which retrieval needs the question and its source.
 *
 * A case without a source has nothing that could be found (the right answer is that there is none): it is passed over here. */
#include "case_members.h"
#include "files.h"
#include "runs.h"
#include <assert.h>
#include <stdlib.h>
#include <string.h>

enum {
    DEPTH = 100, /* passages looked at for a case, so that its rank can be told */
    RANK_ENOUGH = 10 /* a source that comes later is missed */
};

struct case_reading {
    struct project *project;
    const char *path;
    struct arena *arena;
    struct eval_cases *cases;
    size_t capacity;
};

struct slice eval_source_name(const struct project *project, struct arena *arena, struct slice text)
{
    const char *path = path_normal(arena, project->root, arena_text(arena, text));
    return slice_from(project_relative(project, path));
}

static bool read_sources(const struct case_reading *reading, const struct json_value *value, size_t line,
                         struct eval_case *item, struct error *error)
{
    if (value == NULL || value->kind == JSON_NULL)
        return true;
    const struct json_value *items = value->kind == JSON_ARRAY ? value->items : value;
    size_t count = value->kind == JSON_ARRAY ? value->count : 1;
    struct slice *sources = arena_alloc(reading->arena, count, sizeof(*sources));
    for (size_t i = 0; i < count; i++) {
        if (items[i].kind != JSON_TEXT || items[i].text.size == 0 || items[i].text.size >= LIMIT_PATH_BYTES)
            return error_set(error, ERROR_INVALID, "%s:%zu: \"source\" holds %s, expected a path", reading->path, line,
                             items[i].kind == JSON_TEXT ? "an empty text" : json_kind_name(items[i].kind));
        struct slice source = eval_source_name(reading->project, reading->arena, items[i].text);
        bool is_new = true;
        for (size_t j = 0; j < item->source_count; j++)
            is_new = is_new && !slice_equal(sources[j], source);
        if (is_new)
            sources[item->source_count++] = source;
    }
    item->sources = sources;
    return true;
}

/* Texts of one member: one, or a list; anything else says nothing to look for. */
static void add_quotes(const struct case_reading *reading, const struct json_value *value, struct eval_case *item)
{
    if (value == NULL || item->quote_count > 0)
        return;
    const struct json_value *items = value->kind == JSON_ARRAY ? value->items : value;
    size_t count = value->kind == JSON_ARRAY ? value->count : 1;
    struct slice *quotes = arena_alloc(reading->arena, count, sizeof(*quotes));
    for (size_t i = 0; i < count; i++)
        if (items[i].kind == JSON_TEXT && slice_trim(items[i].text).size > 0)
            quotes[item->quote_count++] = arena_slice(reading->arena, slice_trim(items[i].text));
    item->quotes = quotes;
}

static bool take_case(void *context, const struct json_value *object, size_t line, struct error *error)
{
    struct case_reading *reading = context;
    struct eval_cases *cases = reading->cases;
    struct eval_case item = {.line = line};
    if (!case_members_check(object, arena_format(reading->arena, "%s:%zu", reading->path, line), error) ||
        !case_question(object, reading->path, line, &item.question, error) ||
        !read_sources(reading, json_get(object, "source"), line, &item, error))
        return false;
    if (item.source_count == 0) {
        cases->passed_over++;
        return true;
    }
    item.question = arena_slice(reading->arena, item.question);
    static const char *const proofs[] = {"quote", "evidence", "answer", "expected"};
    for (size_t i = 0; i < ARRAY_COUNT(proofs); i++)
        add_quotes(reading, json_get(object, proofs[i]), &item);
    cases->items = arena_more(reading->arena, cases->items, cases->count, &reading->capacity, sizeof(*cases->items));
    cases->items[cases->count++] = item;
    return true;
}

bool eval_read_cases(struct project *project, const char *path, struct arena *arena, struct eval_cases *cases,
                     struct error *error)
{
    struct case_reading reading = {project, path, arena, cases, 0};
    *cases = (struct eval_cases){0};
    if (!case_lines_read(path, take_case, &reading, error))
        return false;
    struct case_clusters clusters;
    case_clusters_init(&clusters);
    cases->clusters = arena_alloc(arena, cases->count, sizeof(*cases->clusters));
    for (size_t i = 0; i < cases->count; i++)
        cases->clusters[i] = case_clusters_number(&clusters, &cases->items[i].sources[0], cases->items[i].question);
    case_clusters_release(&clusters);
    return true;
}

bool eval_open_cases(const struct eval_run *run, struct arena *arena, struct eval_cases *cases, struct error *error)
{
    const char *path = run->tests != NULL ? run->tests : path_join(arena, run->project->root, run->project->settings.tests);
    if (!eval_read_cases(run->project, path, arena, cases, error))
        return false;
    if (cases->count > 0 || run->may_lack_sources)
        return true;
    error_set(error, ERROR_INVALID, "\"%s\" has no case with a \"source\"", path);
    return error_hint(error, "Retrieval is measured by the documents that prove the answers: {\"question\": \"…\", \"source\": "
                             "\"docs/…\"}.");
}

bool eval_stands_in(const struct search_hit *hit, struct slice path)
{
    bool stands = slice_equal(hit->path, path);
    for (size_t i = 0; !stands && i < hit->copy_count; i++)
        stands = slice_equal(hit->copies[i].path, path);
    return stands;
}

/* A source counts where it is found first: later passages of it are no news. Sources that one result stands for, since it has the places of all
 * its copies, are one thing to be found. Returns how many there are to find. */
static size_t take_gains(const struct eval_case *item, const struct search_result *result, double *gains, size_t *rank)
{
    bool *seen = memory_alloc(item->source_count, sizeof(*seen));
    size_t wanted = item->source_count;
    *rank = 0;
    for (size_t i = 0; i < result->count; i++)
        for (size_t j = 0; j < item->source_count; j++) {
            if (seen[j] || !eval_stands_in(&result->hits[i], item->sources[j]))
                continue;
            seen[j] = true;
            wanted -= gains[i] > 0;
            gains[i] = 1;
            if (*rank == 0)
                *rank = i + 1;
        }
    free(seen);
    return wanted;
}

/* The first passage of a source that holds what proves the answer is the one to find. */
static void score_quotes(const struct eval_case *item, const struct search_result *result, struct eval_scores *scores)
{
    const double relevant = 1;
    double *gains = memory_alloc(result->count + 1, sizeof(*gains));
    bool found = false;
    for (size_t i = 0; i < result->count && !found; i++)
        for (size_t j = 0; j < item->source_count && !found; j++)
            if (eval_stands_in(&result->hits[i], item->sources[j]) && eval_holds_quote(item, result->hits[i].passage.text)) {
                gains[i] = 1;
                found = true;
            }
    eval_question(gains, result->count, &relevant, 1, scores);
    free(gains);
}

static bool holds_quote(const struct eval_case *item, const struct search_result *result)
{
    for (size_t i = 0; i < result->count && item->quote_count > 0; i++)
        for (size_t j = 0; j < item->source_count; j++)
            if (eval_stands_in(&result->hits[i], item->sources[j]) && eval_holds_quote(item, result->hits[i].passage.text))
                return true;
    return item->quote_count == 0;
}

bool eval_ask_case(const struct eval_run *run, const struct eval_case *item, struct arena *arena, struct eval_scores *scores,
                   struct eval_scores *quotes, struct eval_found *found, enum retrieve_mode *mode, struct error *error)
{
    struct search_result result;
    const struct search_request request = {
        .question = item->question, .k = DEPTH, .mode = run->mode, .embedder = run->embedder, .ranker = run->ranker};
    bool ok = answer_search(run->project, &request, &result, error);
    if (ok) {
        double *gains = memory_alloc(result.count + 1, sizeof(*gains)),
               *relevant = memory_alloc(item->source_count, sizeof(*relevant));
        size_t rank;
        for (size_t i = 0; i < item->source_count; i++)
            relevant[i] = 1;
        size_t wanted = take_gains(item, &result, gains, &rank);
        eval_question(gains, result.count, relevant, wanted, scores);
        if (found != NULL)
            *found = (struct eval_found){.item = item,
                                         .rank = rank,
                                         .first = result.count > 0 ? arena_slice(arena, result.hits[0].path) : SLICE(""),
                                         .holds_quote = holds_quote(item, &result),
                                         .scores = *scores};
        if (quotes != NULL)
            score_quotes(item, &result, quotes);
        *mode = result.mode;
        free(gains);
        free(relevant);
    } else {
        error_wrap(error, "case of line %zu", item->line);
    }
    search_result_release(&result);
    return ok;
}

/* ---- why a source was not among the first ten ---- */

static bool note_document(void *context, const struct store_document *document, struct error *error)
{
    (void)error;
    map_put(context, document->path, NULL);
    return true;
}

static void find_why(const struct map *documents, struct eval_found *found)
{
    const struct eval_case *item = found->item;
    bool in_index = false;
    for (size_t i = 0; i < item->source_count; i++)
        in_index = in_index || map_get(documents, item->sources[i]) != NULL;
    found->why = found->rank > 0 && found->rank <= RANK_ENOUGH ? WHY_RIGHT
                 : !in_index                                   ? WHY_NOT_IN_INDEX
                 : found->rank == 0                            ? WHY_NOT_FOUND
                 : found->holds_quote                          ? WHY_RANKED_LOW
                                                               : WHY_CUT;
}

bool eval_run_cases(const struct eval_run *run, struct eval_report *report, struct error *error)
{
    struct arena arena;
    struct eval_cases cases;
    struct map documents;
    *report = (struct eval_report){0};
    arena_init(&arena);
    if (!eval_open_cases(run, &arena, &cases, error)) {
        arena_release(&arena);
        return false;
    }
    struct eval_scores *scores = memory_alloc(cases.count + 1, sizeof(*scores));
    map_init(&documents, (size_t)1 << 30);
    bool ok = store_each_document(run->project->store, note_document, &documents, error);
    uint64_t start = clock_now_ns();
    for (size_t i = 0; ok && i < cases.count; i++) {
        struct eval_found found;
        ok = eval_ask_case(run, &cases.items[i], &arena, &scores[i], NULL, &found, &report->mode, error);
        if (ok)
            find_why(&documents, &found);
        if (ok && run->on_case != NULL)
            run->on_case(run->context, &found);
        ok = ok && eval_step(&run->progress, "asking", i + 1, cases.count, error);
    }
    report->search_ms = clock_ms_since(start);
    report->cases = cases.count;
    report->passed_over = cases.passed_over;
    if (ok && cases.count > 0)
        eval_intervals(scores, cases.clusters, cases.count, report->measures);
    map_release(&documents);
    free(scores);
    arena_release(&arena);
    return ok;
}
