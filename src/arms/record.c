/* record.c - the folder of a run, and every answer of it as it came.
 *
 *   .assay/runs/0003/run.json      what the run is of: {"format":1,"identity":"SHA-256"}
 *   .assay/runs/0003/cases.jsonl   a line an answer: {"key","text","abstained",…}; durable before the next one is asked
 *   .assay/runs/0003/report.json   written last: a run that has one is finished
 *
 * A run without a report whose identity is the same goes on; what a crash cut off at the end is passed over. */
#include "arms_parts.h"
#include "writer/writer.h"
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>

enum { RUNS_MAX = 999999, ANSWERS_MAX = 1 << 22 };

struct record {
    const char *path;
    struct map places; /* key → index into kept */
    struct said *kept;
    size_t count, capacity;
    struct arena arena;
};

/* ---- which folder ---- */

static bool hash_file(crypto_hash_sha256_state *state, const char *path, struct error *error)
{
    struct buffer bytes;
    bool ok = true;
    buffer_init(&bytes, LIMIT_EXAMPLES_BYTES);
    if (file_exists(path))
        ok = file_read(path, LIMIT_EXAMPLES_BYTES, &bytes, error);
    const uint64_t size = bytes.size;
    crypto_hash_sha256_update(state, (const unsigned char *)&size, sizeof(size));
    crypto_hash_sha256_update(state, (const unsigned char *)bytes.data, bytes.size);
    buffer_release(&bytes);
    return ok;
}

bool deciding_hash_file(const char *path, char hash[2 * STORE_HASH_BYTES + 1])
{
    struct error ignored = {0};
    crypto_hash_sha256_state state;
    unsigned char bytes[crypto_hash_sha256_BYTES];
    struct buffer text;
    buffer_init(&text, LIMIT_EXAMPLES_BYTES);
    bool ok = file_exists(path) && file_read(path, LIMIT_EXAMPLES_BYTES, &text, &ignored);
    crypto_hash_sha256_init(&state);
    crypto_hash_sha256_update(&state, (const unsigned char *)text.data, text.size);
    crypto_hash_sha256_final(&state, bytes);
    sodium_bin2hex(hash, 2 * STORE_HASH_BYTES + 1, bytes, sizeof(bytes));
    buffer_release(&text);
    return ok;
}

static bool add_document(void *context, const struct store_document *document, struct error *error)
{
    (void)error;
    crypto_hash_sha256_update(context, (const unsigned char *)document->path.data, document->path.size);
    crypto_hash_sha256_update(context, document->hash, sizeof(document->hash));
    return true;
}

bool deciding_hash_documents(struct deciding *deciding, char hash[2 * STORE_HASH_BYTES + 1])
{
    struct error ignored = {0};
    crypto_hash_sha256_state state;
    unsigned char bytes[crypto_hash_sha256_BYTES];
    crypto_hash_sha256_init(&state);
    bool ok = store_each_document(deciding->project->store, add_document, &state, &ignored);
    crypto_hash_sha256_final(&state, bytes);
    sodium_bin2hex(hash, 2 * STORE_HASH_BYTES + 1, bytes, sizeof(bytes));
    return ok;
}

/* Of everything that answers depend on. */
static bool identify(struct deciding *deciding, char identity[2 * crypto_hash_sha256_BYTES + 1], struct error *error)
{
    const struct arms_run *run = deciding->run;
    crypto_hash_sha256_state state;
    unsigned char hash[crypto_hash_sha256_BYTES];
    int64_t generation;
    const char *root = deciding->project->root;
    if (!store_generation(deciding->project->store, &generation, error))
        return false;
    const char *text = arena_format(deciding->arena, "%s\n%s\n%s\n%s\n%lld\n%llu\n%.17g\n%d\n%d\n", run->version, run->model,
                                    run->tuned_model != NULL ? run->tuned_model : "",
                                    run->hosted_model != NULL ? run->hosted_model : "", (long long)generation,
                                    (unsigned long long)deciding->seed, deciding->target, run->all, (int)run->mode);
    crypto_hash_sha256_init(&state);
    crypto_hash_sha256_update(&state, (const unsigned char *)text, strlen(text));
    bool ok = hash_file(&state, deciding->tests_path, error) &&
              hash_file(&state, path_join(deciding->arena, root, deciding->settings->examples), error) &&
              hash_file(&state, path_join(deciding->arena, root, PROJECT_SETTINGS), error) &&
              (run->writer == NULL ||
               hash_file(&state, path_join(deciding->arena, writer_info(run->writer)->adapter, "provenance.json"), error));
    crypto_hash_sha256_final(&state, hash);
    sodium_bin2hex(identity, 2 * sizeof(hash) + 1, hash, sizeof(hash));
    return ok;
}

static bool note_run(void *context, const char *name, struct error *error)
{
    uint64_t number, *last = context;
    (void)error;
    if (slice_to_u64(slice_from(name), &number) && number <= RUNS_MAX && number > *last)
        *last = number;
    return true;
}

/* Whether the folder holds a run of this identity that has not come to its end. */
static bool goes_on(struct deciding *deciding, const char *folder, const char *identity)
{
    struct buffer bytes;
    struct json_value root;
    struct error ignored = {0};
    const char *path = path_join(deciding->arena, folder, "run.json");
    buffer_init(&bytes, LIMIT_MODEL_CONFIG_BYTES);
    bool same = !file_exists(path_join(deciding->arena, folder, "report.json")) && file_exists(path) &&
                file_read(path, LIMIT_MODEL_CONFIG_BYTES, &bytes, &ignored) &&
                json_read(buffer_slice(&bytes), path, deciding->arena, &root, &ignored);
    const struct json_value *stored = same ? json_get(&root, "identity") : NULL;
    same = stored != NULL && stored->kind == JSON_TEXT && slice_equal_text(stored->text, identity);
    buffer_release(&bytes);
    return same;
}

static bool make_folder(struct deciding *deciding, const char *runs, uint64_t number, const char *identity, struct error *error)
{
    if (number > RUNS_MAX)
        return error_set(error, ERROR_LIMIT, "\"%s\" holds %d runs, the most there may be", runs, RUNS_MAX);
    deciding->run_name = arena_format(deciding->arena, "%04llu", (unsigned long long)number);
    deciding->folder = path_join(deciding->arena, runs, deciding->run_name);
    const char *text = arena_format(deciding->arena, "{\"format\":1,\"identity\":\"%s\"}\n", identity);
    return folder_create_new(deciding->folder, error) && folder_sync(runs, error) &&
           file_replace(path_join(deciding->arena, deciding->folder, "run.json"), slice_from(text), error);
}

static bool find_folder(struct deciding *deciding, struct error *error)
{
    char identity[2 * crypto_hash_sha256_BYTES + 1];
    const char *runs = path_join(deciding->arena, deciding->project->root, PROJECT_STATE "/runs");
    uint64_t last = 0;
    if (!identify(deciding, identity, error) || !folder_create(runs, error) || !folder_list(runs, note_run, &last, error))
        return false;
    if (last > 0 && !deciding->run->anew) {
        deciding->run_name = arena_format(deciding->arena, "%04llu", (unsigned long long)last);
        deciding->folder = path_join(deciding->arena, runs, deciding->run_name);
        if (goes_on(deciding, deciding->folder, identity))
            return true;
    }
    return make_folder(deciding, runs, last + 1, identity, error);
}

/* ---- answers, read ---- */

static double number_of(const struct json_value *object, const char *key)
{
    const struct json_value *value = json_get(object, key);
    return value != NULL && value->kind == JSON_NUMBER ? value->real : 0;
}

static bool flag_of(const struct json_value *object, const char *key)
{
    const struct json_value *value = json_get(object, key);
    return value != NULL && value->kind == JSON_BOOL && value->boolean;
}

static struct slice text_of(struct arena *arena, const struct json_value *object, const char *key)
{
    const struct json_value *value = json_get(object, key);
    return value != NULL && value->kind == JSON_TEXT ? arena_slice(arena, value->text) : SLICE("");
}

static void read_passages(struct arena *arena, const struct json_value *object, const char *key, struct said_passage **passages,
                          size_t *count)
{
    const struct json_value *list = json_get(object, key);
    *count = list != NULL && list->kind == JSON_ARRAY ? list->count : 0;
    *passages = arena_alloc(arena, *count, sizeof(**passages));
    for (size_t i = 0; i < *count; i++)
        (*passages)[i] = (struct said_passage){.document = text_of(arena, &list->items[i], "document"),
                                               .text = text_of(arena, &list->items[i], "text"),
                                               .start = (int64_t)number_of(&list->items[i], "start"),
                                               .end = (int64_t)number_of(&list->items[i], "end")};
}

static void put(struct record *record, struct slice key, const struct said *said)
{
    struct map_entry *entry = map_put(&record->places, key, NULL);
    if (entry == NULL)
        return;
    record->kept = arena_more(&record->arena, record->kept, record->count, &record->capacity, sizeof(*record->kept));
    record->kept[record->count] = *said;
    entry->value = record->count++;
}

static void take_line(struct record *record, struct slice line, struct arena *scratch)
{
    struct json_value root;
    struct error ignored = {0};
    struct said said = {0};
    arena_clear(scratch);
    if (!json_read(line, "an answer of a run", scratch, &root, &ignored))
        return;
    struct slice key = text_of(&record->arena, &root, "key");
    said.text = text_of(&record->arena, &root, "text");
    said.abstained = flag_of(&root, "abstained");
    said.had_evidence = flag_of(&root, "had_evidence");
    said.took_ms = number_of(&root, "took_ms");
    said.input_tokens = number_of(&root, "input_tokens");
    said.cached_tokens = number_of(&root, "cached_tokens");
    said.output_tokens = number_of(&root, "output_tokens");
    read_passages(&record->arena, &root, "passages", &said.passages, &said.passage_count);
    read_passages(&record->arena, &root, "citations", &said.citations, &said.citation_count);
    if (key.size > 0)
        put(record, key, &said);
}

static bool read_answers(struct record *record, struct error *error)
{
    struct buffer bytes;
    struct arena scratch;
    if (!file_exists(record->path))
        return true;
    buffer_init(&bytes, LIMIT_JSON_BYTES);
    arena_init(&scratch);
    bool ok = file_read(record->path, LIMIT_JSON_BYTES, &bytes, error);
    struct slice rest = buffer_slice(&bytes), line;
    while (ok && slice_next(&rest, '\n', &line))
        take_line(record, line, &scratch);
    arena_release(&scratch);
    buffer_release(&bytes);
    return ok;
}

bool record_open(struct deciding *deciding, struct error *error)
{
    struct record *record = memory_alloc(1, sizeof(*record));
    arena_init(&record->arena);
    map_init(&record->places, ANSWERS_MAX);
    deciding->record = record;
    if (!find_folder(deciding, error))
        return error_wrap(error, "could not begin a run");
    record->path = path_join(deciding->arena, deciding->folder, "cases.jsonl");
    return read_answers(record, error);
}

void record_close(struct record *record)
{
    if (record == NULL)
        return;
    map_release(&record->places);
    arena_release(&record->arena);
    free(record);
}

bool record_find(const struct record *record, const char *key, struct said *said)
{
    const struct map_entry *entry = map_get(&record->places, slice_from(key));
    if (entry != NULL)
        *said = record->kept[entry->value];
    return entry != NULL;
}

/* ---- answers, written ---- */

static void write_passages(struct json_writer *json, const char *key, const struct said_passage *passages, size_t count)
{
    json_key(json, key);
    json_array_begin(json);
    for (size_t i = 0; i < count; i++) {
        json_object_begin(json);
        json_key(json, "document");
        json_text(json, passages[i].document);
        json_key(json, "text");
        json_text(json, passages[i].text);
        json_integers(json, (const struct json_integer_member[]){{"start", passages[i].start}, {"end", passages[i].end}}, 2);
        json_object_end(json);
    }
    json_array_end(json);
}

bool record_keep(struct record *record, const char *key, const struct said *said, struct error *error)
{
    const struct {
        const char *name;
        double value;
    } numbers[] = {{"took_ms", said->took_ms},
                   {"input_tokens", said->input_tokens},
                   {"cached_tokens", said->cached_tokens},
                   {"output_tokens", said->output_tokens}};
    struct buffer line;
    struct json_writer json;
    buffer_init(&line, LIMIT_JSON_BYTES);
    json_writer_init(&json, &line);
    json_object_begin(&json);
    json_texts(&json, &(struct json_text_member){"key", key}, 1);
    json_key(&json, "text");
    json_text(&json, said->text);
    json_key(&json, "abstained");
    json_bool(&json, said->abstained);
    json_key(&json, "had_evidence");
    json_bool(&json, said->had_evidence);
    for (size_t i = 0; i < ARRAY_COUNT(numbers); i++) {
        json_key(&json, numbers[i].name);
        json_real(&json, numbers[i].value, 9);
    }
    write_passages(&json, "passages", said->passages, said->passage_count);
    write_passages(&json, "citations", said->citations, said->citation_count);
    json_object_end(&json);
    bool ok = buffer_finish(&line, "an answer of a run", error) && file_append_line(record->path, buffer_slice(&line), error);
    buffer_release(&line);
    if (ok)
        put(record, slice_from(key), said);
    return ok;
}
