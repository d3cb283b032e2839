/* replay.c - the file of recorded answers. */
#include "replay.h"
#include "codec/codec.h"
#include "dialect.h"
#include <pthread.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

enum { REPLAY_ANSWERS_MAX = 1 << 22, REPLAY_BODY_BYTES_MAX = 64 * 1024 };

/* An answer, in the replay's arena. */
struct kept {
    struct slice text, calls, model, stop;
    enum llm_finish finish;
    struct llm_usage usage;
    double took_ms;
};

struct replay {
    const char *record; /* NULL: nothing is recorded */
    const char *from;   /* NULL: nothing is replayed */
    const char *server; /* of a cache; else NULL */
    bool is_cache, keeps_requests;
    struct map places; /* request → index into kept */
    struct kept *kept;
    size_t count, capacity;
    struct arena arena;
    pthread_mutex_t lock; /* held while a line is written, or looked for */
};

enum { HASH_TEXT_BYTES = 2 * crypto_hash_sha256_BYTES };

static void hash_text(const struct replay *replay, struct slice body, char text[HASH_TEXT_BYTES + 1])
{
    unsigned char hash[crypto_hash_sha256_BYTES];
    crypto_hash_sha256_state state;
    crypto_hash_sha256_init(&state);
    if (replay->server != NULL) /* with its end, so that no body begins within it */
        crypto_hash_sha256_update(&state, (const unsigned char *)replay->server, strlen(replay->server) + 1);
    crypto_hash_sha256_update(&state, (const unsigned char *)body.data, body.size);
    crypto_hash_sha256_final(&state, hash);
    sodium_bin2hex(text, HASH_TEXT_BYTES + 1, hash, sizeof(hash));
}

/* False: the line is no answer. Texts are those of `root`. */
static bool read_kept(const struct json_value *root, struct slice *request, struct kept *kept)
{
    const struct json_value *usage = reply_get(root, "usage"), *took = reply_get(root, "took_ms");
    struct slice finish = json_text_at(root, "finish");
    *request = json_text_at(root, "request");
    if (request->size != HASH_TEXT_BYTES || reply_get(root, "text") == NULL)
        return false;
    *kept = (struct kept){.text = json_text_at(root, "text"),
                          .calls = json_text_at(root, "calls"),
                          .model = json_text_at(root, "model"),
                          .stop = json_text_at(root, "stop"),
                          .took_ms = took != NULL && took->kind == JSON_NUMBER ? took->real : 0};
    for (enum llm_finish f = LLM_FINISHED; f <= LLM_FILTERED; f++)
        if (slice_equal_text(finish, llm_finish_name(f)))
            kept->finish = f;
    reply_count(&kept->usage.prompt_tokens, usage, "prompt_tokens");
    reply_count(&kept->usage.cached_tokens, usage, "cached_tokens");
    reply_count(&kept->usage.completion_tokens, usage, "completion_tokens");
    return true;
}

static struct llm_answer answer_of(const struct kept *kept)
{
    return (struct llm_answer){.text = kept->text,
                               .calls = kept->calls,
                               .model = kept->model,
                               .stop = kept->stop,
                               .finish = kept->finish,
                               .usage = kept->usage,
                               .first_ms = kept->took_ms,
                               .took_ms = kept->took_ms};
}

/* A line that is no answer is left out: the last one may have been cut off. */
static void take_line(struct replay *replay, struct slice line)
{
    struct json_value root;
    struct error ignored = {0};
    struct slice request;
    struct kept read;
    struct arena scratch;
    arena_init(&scratch);
    if (json_read(line, "a recorded answer", &scratch, &root, &ignored) && read_kept(&root, &request, &read)) {
        replay->kept = arena_more(&replay->arena, replay->kept, replay->count, &replay->capacity, sizeof(*replay->kept));
        struct kept *kept = &replay->kept[replay->count];
        *kept = read;
        kept->text = arena_slice(&replay->arena, read.text);
        kept->calls = arena_slice(&replay->arena, read.calls);
        kept->model = arena_slice(&replay->arena, read.model);
        kept->stop = arena_slice(&replay->arena, read.stop);
        struct map_entry *entry = map_put(&replay->places, request, NULL);
        if (entry != NULL)
            entry->value = replay->count++;
    }
    arena_release(&scratch);
}

static bool read_answers(struct replay *replay, struct error *error)
{
    const char *path = replay->from;
    struct lines lines;
    const struct slice *batch;
    size_t count = 0;
    bool ok;
    lines_init(&lines, &path, 1);
    while ((ok = lines_next(&lines, 64, &batch, &count, error)) && count > 0)
        for (size_t i = 0; i < count; i++)
            take_line(replay, batch[i]);
    lines_release(&lines);
    return ok;
}

bool replay_open(struct replay **replay, const char *record, const char *from, struct error *error)
{
    struct replay *opened = memory_alloc(1, sizeof(*opened));
    map_init(&opened->places, REPLAY_ANSWERS_MAX);
    arena_init(&opened->arena);
    opened->record = record != NULL ? arena_text(&opened->arena, slice_from(record)) : NULL;
    opened->from = from != NULL ? arena_text(&opened->arena, slice_from(from)) : NULL;
    pthread_mutex_init(&opened->lock, NULL);
    if (from != NULL && !read_answers(opened, error)) {
        replay_close(opened);
        *replay = NULL;
        return error_hint(error, "Record one first: --record FILE.");
    }
    *replay = opened;
    return true;
}

bool replay_open_cache(struct replay **replay, const char *path, const char *server, bool anew, struct error *error)
{
    if (!replay_open(replay, path, !anew && file_exists(path) ? path : NULL, error))
        return false;
    (*replay)->is_cache = true;
    (*replay)->server = arena_text(&(*replay)->arena, slice_from(server));
    return true;
}

void replay_close(struct replay *replay)
{
    if (replay == NULL)
        return;
    pthread_mutex_destroy(&replay->lock);
    map_release(&replay->places);
    arena_release(&replay->arena);
    free(replay);
}

void replay_keep_requests(struct replay *replay)
{
    replay->keeps_requests = true;
}

bool replay_answers(const struct replay *replay)
{
    return replay != NULL && replay->from != NULL && !replay->is_cache;
}

bool replay_caches(const struct replay *replay)
{
    return replay != NULL && replay->is_cache;
}

/* Kept answers do not change once they are there: only the way to them is guarded. */
static const struct kept *look_up(struct replay *replay, struct slice body, struct kept *copy)
{
    char text[HASH_TEXT_BYTES + 1];
    hash_text(replay, body, text);
    pthread_mutex_lock(&replay->lock);
    const struct map_entry *entry = map_get(&replay->places, (struct slice){text, HASH_TEXT_BYTES});
    if (entry != NULL)
        *copy = replay->kept[entry->value];
    pthread_mutex_unlock(&replay->lock);
    return entry != NULL ? copy : NULL;
}

bool replay_find(struct replay *replay, struct slice body, struct arena *arena, struct llm_answer *answer, struct error *error)
{
    struct kept copy;
    const struct kept *kept = look_up(replay, body, &copy);
    if (kept == NULL) {
        error_set(error, ERROR_NOT_FOUND, "\"%s\" has no answer to this request",
                  replay->from != NULL ? replay->from : replay->record);
        return error_hint(
            error,
            "The question, the passages, the prompt or the model is another one than when it was recorded: record again.");
    }
    *answer = answer_of(kept);
    answer->text = arena_slice(arena, kept->text);
    answer->calls = arena_slice(arena, kept->calls);
    answer->model = arena_slice(arena, kept->model);
    answer->stop = arena_slice(arena, kept->stop);
    return true;
}

/* One line for replay_each; a line without a body, or of another server, is passed over. */
static bool tell_line(struct slice line, const char *server,
                      bool (*each)(void *context, struct slice body, const struct llm_answer *answer), void *context)
{
    struct json_value root;
    struct error ignored = {0};
    struct slice request;
    struct kept kept;
    struct arena scratch;
    bool goes_on = true;
    arena_init(&scratch);
    if (json_read(line, "a recorded answer", &scratch, &root, &ignored) && read_kept(&root, &request, &kept)) {
        const struct llm_answer answer = answer_of(&kept);
        struct slice body = json_text_at(&root, "sent");
        bool is_of_server = slice_equal_text(json_text_at(&root, "server"), server);
        goes_on = body.size == 0 || !is_of_server || each(context, body, &answer);
    }
    arena_release(&scratch);
    return goes_on;
}

bool replay_each(const char *path, const char *server,
                 bool (*each)(void *context, struct slice body, const struct llm_answer *answer), void *context,
                 struct error *error)
{
    struct lines lines;
    const struct slice *batch;
    size_t count = 0;
    bool ok = true, goes_on = true;
    if (!file_exists(path))
        return true;
    lines_init(&lines, &path, 1);
    while (goes_on && (ok = lines_next(&lines, 64, &batch, &count, error)) && count > 0)
        for (size_t i = 0; goes_on && i < count; i++)
            goes_on = tell_line(batch[i], server, each, context);
    lines_release(&lines);
    return ok;
}

static bool write_line(const struct replay *replay, struct slice body, const struct llm_answer *answer, struct buffer *line,
                       struct error *error)
{
    char text[HASH_TEXT_BYTES + 1];
    struct json_writer json;
    hash_text(replay, body, text);
    json_writer_init(&json, line);
    json_object_begin(&json);
    json_texts(&json, &(struct json_text_member){"request", text}, 1);
    if (replay->server != NULL)
        json_texts(&json, &(struct json_text_member){"server", replay->server}, 1);
    json_key(&json, "model");
    json_text(&json, answer->model);
    json_key(&json, "text");
    json_text(&json, answer->text);
    if (answer->calls.size > 0) {
        json_key(&json, "calls");
        json_text(&json, answer->calls);
    }
    json_texts(&json, &(struct json_text_member){"finish", llm_finish_name(answer->finish)}, 1);
    if (answer->stop.size > 0) {
        json_key(&json, "stop");
        json_text(&json, answer->stop);
    }
    json_key(&json, "usage");
    json_object_begin(&json);
    json_integers(&json,
                  (const struct json_integer_member[]){{"prompt_tokens", answer->usage.prompt_tokens},
                                                       {"cached_tokens", answer->usage.cached_tokens},
                                                       {"completion_tokens", answer->usage.completion_tokens}},
                  3);
    json_object_end(&json);
    json_key(&json, "took_ms");
    json_real(&json, answer->took_ms, 6);
    if (replay->keeps_requests && body.size <= REPLAY_BODY_BYTES_MAX) {
        json_key(&json, "sent");
        json_text(&json, body);
    }
    json_object_end(&json);
    return buffer_finish(line, "a recorded answer", error);
}

bool replay_keep(struct replay *replay, struct slice body, const struct llm_answer *answer, struct error *error)
{
    struct buffer line;
    if (replay == NULL || replay->record == NULL)
        return true;
    buffer_init(&line, 2 * LLM_ANSWER_BYTES_MAX * sizeof("\\u0000"));
    bool ok = write_line(replay, body, answer, &line, error);
    pthread_mutex_lock(&replay->lock);
    ok = ok && file_append_line(replay->record, buffer_slice(&line), error);
    if (ok && replay->is_cache)
        take_line(replay, buffer_slice(&line));
    pthread_mutex_unlock(&replay->lock);
    buffer_release(&line);
    if (ok || replay->is_cache) { /* what a cache could not keep is asked again */
        error_clear(error);
        return true;
    }
    error_wrap(error, "the model answered, but its answer could not be recorded");
    return error->hint[0] != '\0' ? false : error_hint(error, "Name a file that can be written with --record.");
}
