/* bench_search.c - `assay bench search`: how long a question takes on this project, by mode and by stage. */
#include "output.h"
#include <stdlib.h>
#include <string.h>

enum { QUESTIONS_MAX = 1000000, WORDS_LEAST = 4, WORDS_MOST = 9, SEED = 20, STAGES = 7, MODES = 3 };

static const char *const stage_names[STAGES] = {"refresh_ms", "embed_ms", "text_ms",  "vector_ms",
                                                "fuse_ms",    "fetch_ms", "rerank_ms"};
static const char *const mode_names[MODES] = {"text", "vector", "hybrid"};

struct questions {
    struct arena arena;
    const char **items;
    size_t count, capacity;
    struct random random;
};

struct timings {
    const char *mode;
    double seconds;
    double *whole, *stages[STAGES]; /* of each question, sorted at the end */
};

struct searching {
    const struct invocation *invocation;
    struct assay *assay;
    struct questions questions;
    size_t k, searched;
};

static void add_question(struct questions *questions, struct slice text)
{
    questions->items = arena_more(&questions->arena, questions->items, questions->count, &questions->capacity, sizeof(char *));
    questions->items[questions->count++] = arena_text(&questions->arena, text);
}

static bool is_gap(char byte)
{
    return byte == ' ' || byte == '\n' || byte == '\t' || byte == '"' || byte == '*' || byte == '~' || byte == ':';
}

/* A few words that stand one after the other, from a place drawn by chance. */
static bool take_words(void *context, const char *text, size_t size)
{
    struct questions *questions = context;
    size_t at = size > 0 ? (size_t)random_below(&questions->random, size) : 0;
    size_t wanted = WORDS_LEAST + (size_t)random_below(&questions->random, WORDS_MOST - WORDS_LEAST + 1), words = 0;
    struct buffer out;
    buffer_init(&out, LIMIT_QUERY_BYTES);
    while (at > 0 && !is_gap(text[at - 1]))
        at--;
    while (at < size && words < wanted) {
        size_t start = at;
        while (at < size && !is_gap(text[at]))
            at++;
        if (at > start) {
            buffer_append_text(&out, words > 0 ? " " : "");
            buffer_append(&out, text + start, at - start);
            words++;
        }
        at++;
    }
    if (!out.failed)
        add_question(questions, buffer_slice(&out));
    buffer_release(&out);
    return true;
}

static bool read_questions(struct questions *questions, const char *path, size_t count, struct error *error)
{
    struct lines lines;
    const struct slice *batch;
    size_t size = 1;
    lines_init(&lines, &path, 1);
    bool ok = true;
    while (ok && size > 0 && questions->count < count) {
        ok = lines_next(&lines, 4096, &batch, &size, error);
        for (size_t i = 0; ok && i < size && questions->count < count; i++)
            if (slice_trim(batch[i]).size > 0)
                add_question(questions, batch[i]);
    }
    lines_release(&lines);
    if (ok && questions->count == 0)
        ok = error_set(error, ERROR_INVALID, "\"%s\" holds no question", path);
    return ok;
}

static bool make_questions(struct searching *searching, struct assay_error *error)
{
    const char *path = invocation_option(searching->invocation, "questions");
    struct questions *questions = &searching->questions;
    size_t count;
    struct error inner;
    if (!invocation_number(searching->invocation, "count", 1, QUESTIONS_MAX, 1000, &count))
        return false;
    random_init(&questions->random, SEED);
    if (path == NULL)
        return assay_sample(searching->assay, count, SEED, take_words, questions, error);
    if (read_questions(questions, path, count, &inner))
        return true;
    output_from_inner(error, &inner);
    return false;
}

static int by_size(const void *a, const void *b)
{
    const double *left = a, *right = b;
    return (*left > *right) - (*left < *right);
}

static double share(const double *sorted, size_t count, double part)
{
    return sorted[(size_t)((double)(count - 1) * part + 0.5)];
}

/* Asks every question once; `found` NULL: to warm up. */
static bool ask_all(struct searching *searching, const char *mode, size_t count, struct timings *found,
                    struct assay_error *error)
{
    const struct assay_search_options options = {
        .k = searching->k, .mode = mode, .rerank = invocation_option(searching->invocation, "rerank") != NULL};
    uint64_t start = clock_now_ns();
    for (size_t i = 0; i < count; i++) {
        struct assay_results *results;
        uint64_t from = clock_now_ns();
        if (!assay_search(searching->assay, searching->questions.items[i], &options, &results, error))
            return false;
        searching->searched = assay_results_searched(results);
        if (found != NULL) {
            const struct assay_timings t = assay_results_timings(results);
            const double stages[STAGES] = {t.refresh_ms, t.embed_ms, t.text_ms,  t.vector_ms,
                                           t.fuse_ms,    t.fetch_ms, t.rerank_ms};
            found->whole[i] = clock_ms_since(from);
            for (size_t j = 0; j < STAGES; j++)
                found->stages[j][i] = stages[j];
        }
        assay_results_free(results);
        if (interrupted()) {
            *error = (struct assay_error){.kind = ASSAY_CANCELLED, .message = "stopped"};
            return false;
        }
    }
    if (found != NULL)
        found->seconds = clock_ms_since(start) / 1000;
    return true;
}

static bool measure(struct searching *searching, const char *mode, struct timings *found, struct assay_error *error)
{
    enum { WARM = 50 };
    size_t count = searching->questions.count;
    *found = (struct timings){.mode = mode, .whole = memory_alloc(count, sizeof(double))};
    for (size_t j = 0; j < STAGES; j++)
        found->stages[j] = memory_alloc(count, sizeof(double));
    if (!ask_all(searching, mode, count < WARM ? count : WARM, NULL, error) || !ask_all(searching, mode, count, found, error))
        return false;
    qsort(found->whole, count, sizeof(double), by_size);
    for (size_t j = 0; j < STAGES; j++)
        qsort(found->stages[j], count, sizeof(double), by_size);
    return true;
}

static void timings_release(struct timings *found)
{
    free(found->whole);
    for (size_t j = 0; j < STAGES; j++)
        free(found->stages[j]);
}

static void write_real(struct json_writer *json, const char *key, double value)
{
    json_key(json, key);
    json_real(json, value, 5);
}

static void write_timings(struct json_writer *json, const struct timings *found, size_t count)
{
    json_key(json, found->mode);
    json_object_begin(json);
    write_real(json, "p50_ms", share(found->whole, count, 0.5));
    write_real(json, "p95_ms", share(found->whole, count, 0.95));
    write_real(json, "p99_ms", share(found->whole, count, 0.99));
    write_real(json, "queries_per_second", (double)count / found->seconds);
    json_key(json, "stages");
    json_object_begin(json);
    for (size_t j = 0; j < STAGES; j++) {
        json_key(json, stage_names[j]);
        json_object_begin(json);
        write_real(json, "p50", share(found->stages[j], count, 0.5));
        write_real(json, "p99", share(found->stages[j], count, 0.99));
        json_object_end(json);
    }
    json_object_end(json);
    json_object_end(json);
}

static enum exit_code print_json(const struct searching *searching, const struct timings *found, size_t modes)
{
    struct buffer buffer;
    struct json_writer json;
    buffer_init(&buffer, MIB);
    json_writer_init(&json, &buffer);
    json_object_begin(&json);
    const struct json_text_member texts[] = {{"name", "search"}, {"cpu", assay_kernels()}, {"kernels", assay_kernels()}};
    const struct json_integer_member numbers[] = {{"threads", (int64_t)thread_core_count()},
                                                  {"passages", (int64_t)searching->searched},
                                                  {"questions", (int64_t)searching->questions.count},
                                                  {"k", (int64_t)searching->k}};
    json_texts(&json, texts, ARRAY_COUNT(texts));
    json_integers(&json, numbers, ARRAY_COUNT(numbers));
    json_key(&json, "metrics");
    json_object_begin(&json);
    for (size_t i = 0; i < modes; i++)
        write_timings(&json, &found[i], searching->questions.count);
    json_object_end(&json);
    json_object_end(&json);
    enum exit_code code = output_json(searching->invocation, &buffer);
    buffer_release(&buffer);
    return code;
}

static void print_table(const struct searching *searching, const struct timings *found, size_t modes)
{
    char passages[NUMBER_TEXT_BYTES], questions[NUMBER_TEXT_BYTES];
    size_t count = searching->questions.count;
    printf("%s passages, %s questions, k = %zu, kernels %s; p50 / p99 in ms\n", number_text(passages, searching->searched),
           number_text(questions, count), searching->k, assay_kernels());
    for (size_t i = 0; i < modes; i++) {
        printf("%-7s %8.2f / %-8.2f %8.0f/s  ", found[i].mode, share(found[i].whole, count, 0.5),
               share(found[i].whole, count, 0.99), (double)count / found[i].seconds);
        for (size_t j = 1; j < STAGES; j++)
            printf("  %.*s %.2f / %.2f", (int)strlen(stage_names[j]) - 3, stage_names[j], share(found[i].stages[j], count, 0.5),
                   share(found[i].stages[j], count, 0.99));
        putchar('\n');
    }
}

/* Modes that the project has vectors for, or the one that was asked for. */
static enum exit_code run_modes(struct searching *searching)
{
    const char *asked = invocation_option(searching->invocation, "mode");
    struct timings found[MODES];
    struct assay_error error;
    enum exit_code code = EXIT_DONE;
    size_t modes = 0;
    for (size_t i = 0; i < MODES && code == EXIT_DONE; i++) {
        if (asked != NULL && strcmp(asked, mode_names[i]) != 0)
            continue;
        bool ok = measure(searching, mode_names[i], &found[modes], &error);
        modes++;
        if (!ok && asked == NULL && i > 0 && error.kind == ASSAY_NOT_FOUND) {
            timings_release(&found[--modes]);
            break; /* no vectors here */
        }
        if (!ok)
            code = output_failure(searching->invocation, &error);
    }
    if (code == EXIT_DONE && modes == 0)
        code = wrong_use(searching->invocation, "Known: text, vector, hybrid.", "unrecognized mode \"%.60s\"", asked);
    else if (code == EXIT_DONE && searching->invocation->json)
        code = print_json(searching, found, modes);
    else if (code == EXIT_DONE)
        print_table(searching, found, modes);
    for (size_t i = 0; i < modes; i++)
        timings_release(&found[i]);
    return code;
}

enum exit_code run_bench_search(struct invocation *invocation)
{
    struct searching searching = {.invocation = invocation};
    struct assay_error error = {0};
    if (!invocation_number(invocation, "k", 1, LIMIT_RESULTS, 8, &searching.k))
        return EXIT_WRONG_USE;
    if (!assay_open(&searching.assay, &(struct assay_open_options){.folder = invocation_option(invocation, "project")}, &error))
        return output_failure(invocation, &error);
    arena_init(&searching.questions.arena);
    interrupt_watch();
    enum exit_code code = EXIT_WRONG_USE;
    if (make_questions(&searching, &error))
        code = run_modes(&searching);
    else if (error.kind != ASSAY_OK)
        code = output_failure(invocation, &error);
    arena_release(&searching.questions.arena);
    assay_close(searching.assay);
    return code;
}
