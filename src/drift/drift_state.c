/* drift_state.c - a project at one time, taken from it or read again.
 *
 *   {"format":1,"made",…,"documents":{"count","hash","list":[["docs/a.md","9f…"],…]},"embedding":{"model","hash"},
 *    "cutting","searching","prompt":{"templates","settings","examples"},"model","tests","cases":[["question",recall@10,ndcg@10],…]} */
#include "ask/ask.h"
#include "drift_parts.h"
#include "eval/eval.h"
#include <sodium.h>
#include <stdlib.h>

enum { STATE_FORMAT = 1, LISTED_HASH_BYTES = 8 }; /* of a document's hash: enough to see that it is another one */

/* ---- taken ---- */

static struct slice hash_words(struct arena *arena, const unsigned char *hash, size_t size)
{
    char *text = arena_alloc(arena, 2 * size + 1, 1);
    sodium_bin2hex(text, 2 * size + 1, hash, size);
    return (struct slice){text, 2 * size};
}

/* Of a file that is not there: nothing. */
static struct slice hash_of_file(const char *path, struct arena *arena)
{
    struct error ignored = {0};
    struct buffer bytes;
    struct slice hash = SLICE("");
    unsigned char sum[SHA256_BYTES];
    buffer_init(&bytes, LIMIT_EXAMPLES_BYTES);
    if (file_exists(path) && file_read(path, LIMIT_EXAMPLES_BYTES, &bytes, &ignored)) {
        sha256(sum, bytes.data, bytes.size);
        hash = hash_words(arena, sum, sizeof(sum));
    }
    buffer_release(&bytes);
    return hash;
}

struct documents_taking {
    struct arena *arena;
    struct state *state;
    crypto_hash_sha256_state hash;
};

static bool take_document(void *context, const struct store_document *document, struct error *error)
{
    struct documents_taking *taking = context;
    struct state *state = taking->state;
    (void)error;
    crypto_hash_sha256_update(&taking->hash, (const unsigned char *)document->path.data, document->path.size);
    crypto_hash_sha256_update(&taking->hash, document->hash, sizeof(document->hash));
    if (state->document_count < LISTED_MOST)
        state->documents[state->document_count] = (struct state_document){
            arena_slice(taking->arena, document->path), hash_words(taking->arena, document->hash, LISTED_HASH_BYTES)};
    state->document_count++;
    return true;
}

static bool take_documents(const struct drift_run *run, struct arena *arena, struct state *state, struct error *error)
{
    struct documents_taking taking = {.arena = arena, .state = state};
    struct store_counts counts;
    unsigned char hash[crypto_hash_sha256_BYTES];
    if (!store_count(run->project->store, &counts, error))
        return false;
    state->documents = arena_alloc(arena, counts.documents < LISTED_MOST ? (size_t)counts.documents : LISTED_MOST,
                                   sizeof(*state->documents));
    crypto_hash_sha256_init(&taking.hash);
    if (!store_each_document(run->project->store, take_document, &taking, error))
        return false;
    crypto_hash_sha256_final(&taking.hash, hash);
    state->document_hash = hash_words(arena, hash, sizeof(hash));
    if (state->document_count > LISTED_MOST)
        state->documents = NULL;
    return true;
}

static bool take_index(const struct drift_run *run, struct arena *arena, struct state *state, struct error *error)
{
    const struct settings *settings = &run->project->settings;
    struct store_embedding embedding;
    bool found;
    if (!take_documents(run, arena, state, error) ||
        !store_get_embedding(run->project->store, arena, &embedding, &found, error))
        return false;
    if (found) {
        state->embedding = embedding.model;
        state->embedding_hash = hash_words(arena, embedding.fingerprint, sizeof(embedding.fingerprint));
    }
    state->cutting = slice_from(arena_format(arena, "unit %s, tokens %zu, overlap %zu, masked %x, embedding %s",
                                             passage_unit_name(settings->unit), settings->passage_tokens,
                                             settings->passage_overlap, settings->masked_kinds, settings->embedding));
    state->searching = slice_from(arena_format(
        arena, "mode %d, k %zu, k1 %g, b %g, candidates %zu, fusion %d, weight %g, per document %zu, diversity %g, rerank %d",
        (int)settings->mode, settings->k, (double)settings->k1, (double)settings->b, settings->candidates,
        (int)settings->fusion, (double)settings->vector_weight, settings->per_document, (double)settings->diversity,
        settings->rerank));
    return true;
}

static bool take_prompt(const struct drift_run *run, struct arena *arena, struct state *state, struct error *error)
{
    const struct settings *settings = &run->project->settings;
    struct ask_templates templates;
    if (!ask_templates_read(run->project, arena, &templates, error))
        return false;
    state->templates = hash_words(arena, templates.hash, sizeof(templates.hash));
    state->prompting = slice_from(arena_format(arena, "approach %s, examples %d, order %d, tokens %zu", settings->approach,
                                               (int)settings->prompt_examples, (int)settings->prompt_order,
                                               settings->prompt_tokens));
    state->examples = hash_of_file(path_join(arena, run->project->root, settings->examples), arena);
    state->model = slice_from(arena_text(arena, slice_from(run->model)));
    return true;
}

const char *tests_of(const struct drift_run *run, struct arena *arena)
{
    return run->tests != NULL ? run->tests : path_join(arena, run->project->root, run->project->settings.tests);
}

struct cases_taking {
    const struct drift_run *run;
    struct arena *arena;
    struct state *state;
    size_t capacity;
};

static void take_case(void *context, const struct eval_found *found)
{
    struct cases_taking *taking = context;
    struct state *state = taking->state;
    state->cases = arena_more(taking->arena, state->cases, state->case_count, &taking->capacity, sizeof(*state->cases));
    state->cases[state->case_count++] = (struct state_case){arena_slice(taking->arena, found->item->question),
                                                            found->scores.values[EVAL_RECALL_10],
                                                            found->scores.values[EVAL_NDCG_10]};
}

static bool take_step(void *context, const char *stage, size_t done, size_t total)
{
    const struct drift_run *run = ((const struct cases_taking *)context)->run;
    return run->step == NULL || run->step(run->context, stage, done, total);
}

/* Test cases that cannot be read have been found nowhere: whoever measures with them says why. */
static bool take_cases(const struct drift_run *run, struct arena *arena, struct state *state, struct error *error)
{
    struct cases_taking taking = {run, arena, state, 0};
    struct eval_report report;
    struct error why = {0};
    const struct eval_run asked = {.project = run->project,
                                   .embedder = run->embedder,
                                   .tests = run->tests,
                                   .may_lack_sources = true,
                                   .on_case = take_case,
                                   .context = &taking,
                                   .progress = {take_step, &taking}};
    state->tests = hash_of_file(tests_of(run, arena), arena);
    if (state->tests.size == 0 || state->document_count == 0 || eval_run_cases(&asked, &report, &why))
        return true;
    state->case_count = 0;
    if (why.kind != ERROR_CANCELLED && why.kind != ERROR_NO_MEMORY)
        return true;
    *error = why;
    return false;
}

bool state_take(const struct drift_run *run, struct arena *arena, struct state *state, struct error *error)
{
    char made[CLOCK_TEXT_BYTES];
    *state = (struct state){0};
    clock_text(clock_wall_ns(), made);
    state->made = arena_slice(arena, slice_from(made));
    if (!project_refresh(run->project, error))
        return false;
    bool ok = take_index(run, arena, state, error);
    project_release(run->project);
    return ok && take_prompt(run, arena, state, error) && take_cases(run, arena, state, error);
}

/* ---- as a file ---- */

static void write_text(struct json_writer *json, const char *key, struct slice text)
{
    json_key(json, key);
    json_text(json, text);
}

static void write_documents(const struct state *state, struct json_writer *json)
{
    json_key(json, "documents");
    json_object_begin(json);
    json_key(json, "count");
    json_integer(json, (int64_t)state->document_count);
    write_text(json, "hash", state->document_hash);
    if (state->documents != NULL) {
        json_key(json, "list");
        json_array_begin(json);
        for (size_t i = 0; i < state->document_count; i++) {
            json_array_begin(json);
            json_text(json, state->documents[i].path);
            json_text(json, state->documents[i].hash);
            json_array_end(json);
        }
        json_array_end(json);
    }
    json_object_end(json);
}

static void write_cases(const struct state *state, struct json_writer *json)
{
    json_key(json, "cases");
    json_array_begin(json);
    for (size_t i = 0; i < state->case_count; i++) {
        json_array_begin(json);
        json_text(json, state->cases[i].question);
        json_real(json, state->cases[i].recall, 17);
        json_real(json, state->cases[i].ndcg, 17);
        json_array_end(json);
    }
    json_array_end(json);
}

void state_write(const struct state *state, struct buffer *out)
{
    struct json_writer json;
    json_writer_init(&json, out);
    json_object_begin(&json);
    json_key(&json, "format");
    json_integer(&json, STATE_FORMAT);
    write_text(&json, "made", state->made);
    write_documents(state, &json);
    write_text(&json, "embedding", state->embedding);
    write_text(&json, "embedding_hash", state->embedding_hash);
    write_text(&json, "cutting", state->cutting);
    write_text(&json, "searching", state->searching);
    write_text(&json, "templates", state->templates);
    write_text(&json, "prompting", state->prompting);
    write_text(&json, "examples", state->examples);
    write_text(&json, "model", state->model);
    write_text(&json, "tests", state->tests);
    write_cases(state, &json);
    json_object_end(&json);
    buffer_append_byte(out, '\n');
}

/* ---- read ---- */

static bool read_text(const struct json_value *root, const char *name, const char *key, struct slice *text, struct error *error)
{
    const struct json_value *value;
    if (!json_member(root, name, key, JSON_TEXT, &value, error))
        return false;
    *text = value != NULL ? value->text : SLICE("");
    return true;
}

static bool is_row(const struct json_value *row, size_t numbers)
{
    bool fits = row->kind == JSON_ARRAY && row->count == 1 + (numbers > 0 ? numbers : 1) && row->items[0].kind == JSON_TEXT;
    for (size_t i = 1; fits && i < row->count; i++)
        fits = row->items[i].kind == (numbers > 0 ? JSON_NUMBER : JSON_TEXT);
    return fits;
}

static bool is_damaged(const char *name, const char *key, struct error *error)
{
    error_set(error, ERROR_CORRUPT, "%s: \"%s\" is not as it was written", name, key);
    return error_hint(error, "Name another run with --since, or make one: `assay eval`.");
}

static bool read_documents(const struct json_value *root, const char *name, struct arena *arena, struct state *state,
                           struct error *error)
{
    const struct json_value *documents, *count, *list;
    if (!json_member(root, name, "documents", JSON_OBJECT, &documents, error) ||
        !json_member(documents, name, "count", JSON_NUMBER, &count, error) ||
        !read_text(documents, name, "hash", &state->document_hash, error) ||
        !json_member(documents, name, "list", JSON_ARRAY, &list, error))
        return false;
    if (count == NULL || !count->is_integer || count->integer < 0 || (list != NULL && list->count != (size_t)count->integer))
        return is_damaged(name, "documents", error);
    state->document_count = (size_t)count->integer;
    if (list == NULL)
        return true;
    state->documents = arena_alloc(arena, list->count, sizeof(*state->documents));
    for (size_t i = 0; i < list->count; i++) {
        if (!is_row(&list->items[i], 0))
            return is_damaged(name, "documents", error);
        state->documents[i] = (struct state_document){list->items[i].items[0].text, list->items[i].items[1].text};
    }
    return true;
}

static bool read_cases(const struct json_value *root, const char *name, struct arena *arena, struct state *state,
                       struct error *error)
{
    const struct json_value *cases;
    if (!json_member(root, name, "cases", JSON_ARRAY, &cases, error))
        return false;
    state->cases = arena_alloc(arena, cases != NULL ? cases->count : 0, sizeof(*state->cases));
    for (size_t i = 0; cases != NULL && i < cases->count; i++) {
        const struct json_value *row = &cases->items[i];
        if (!is_row(row, 2))
            return is_damaged(name, "cases", error);
        state->cases[state->case_count++] = (struct state_case){row->items[0].text, row->items[1].real, row->items[2].real};
    }
    return true;
}

bool state_read(struct slice source, const char *name, struct arena *arena, struct state *state, struct error *error)
{
    struct json_value root;
    *state = (struct state){0};
    if (!json_read(source, name, arena, &root, error))
        return false;
    const struct json_value *format = json_get(&root, "format");
    if (format == NULL || !format->is_integer || format->integer != STATE_FORMAT)
        return is_damaged(name, "format", error);
    struct {
        const char *key;
        struct slice *text;
    } texts[] = {{"made", &state->made},           {"embedding", &state->embedding}, {"embedding_hash", &state->embedding_hash},
                 {"cutting", &state->cutting},     {"searching", &state->searching}, {"templates", &state->templates},
                 {"prompting", &state->prompting}, {"examples", &state->examples},   {"model", &state->model},
                 {"tests", &state->tests}};
    for (size_t i = 0; i < ARRAY_COUNT(texts); i++)
        if (!read_text(&root, name, texts[i].key, texts[i].text, error))
            return false;
    return read_documents(&root, name, arena, state, error) && read_cases(&root, name, arena, state, error);
}
