/* run_bench.c - `assay bench embed`: how fast a model turns texts into vectors, by the median of several runs. */
#include "model_option.h"
#include "output.h"
#include <stdlib.h>
#include <string.h>

enum { REPEAT_MAX = 1000, BATCH_MAX = 65536, TEXTS_MAX = 10000000, TIMES_MAX = 100000000 };

/* Texts to embed, in memory. */
struct workload {
    struct arena arena;
    struct assay_text *texts;
    size_t count, capacity;
    size_t length; /* tokens of each, when they were made here; else 0 */
};

struct measurement {
    size_t texts, length;
    uint64_t tokens;
    double operations;      /* of one run through all texts */
    double seconds, spread; /* the median; slowest less fastest, over the median */
    double p50_ms, p99_ms;  /* of single texts, with --latency */
};

struct bench {
    const struct invocation *invocation;
    struct assay_model *model;
    const struct assay_model_info *info;
    size_t batch, repeat;
    bool latency;
    float *vectors;
};

static void workload_add(struct workload *load, struct slice text)
{
    load->texts = memory_more(load->texts, load->count, &load->capacity, sizeof(*load->texts));
    struct slice copy = arena_slice(&load->arena, text);
    load->texts[load->count++] = (struct assay_text){copy.data, copy.size};
}

static void workload_release(struct workload *load)
{
    arena_release(&load->arena);
    free(load->texts);
    *load = (struct workload){0};
}

static bool read_texts(struct workload *load, const char *path, struct error *error)
{
    struct lines lines;
    const struct slice *batch;
    size_t count = 1;
    lines_init(&lines, &path, 1);
    bool ok = true;
    while (ok && count > 0) {
        ok = lines_next(&lines, 4096, &batch, &count, error);
        for (size_t i = 0; ok && i < count; i++)
            workload_add(load, batch[i]);
        if (ok && load->count > TEXTS_MAX)
            ok = error_set(error, ERROR_LIMIT, "\"%s\" has more than %d lines", path, TEXTS_MAX);
    }
    lines_release(&lines);
    if (ok && load->count == 0)
        ok = error_set(error, ERROR_INVALID, "\"%s\" holds no text", path);
    return ok;
}

/* A whole word of the vocabulary: letters a to z, marked as the beginning of a word where the vocabulary marks that. */
static bool whole_word(const struct assay_model *model, uint32_t id, struct slice *word)
{
    static const struct slice marks[] = {SLICE_CONSTANT("\xE2\x96\x81"), SLICE_CONSTANT("\xC4\xA0")};
    struct assay_text token;
    if (!assay_model_token(model, id, &token))
        return false;
    struct slice text = {token.data, token.size};
    for (size_t i = 0; i < ARRAY_COUNT(marks); i++)
        if (slice_starts_with(text, marks[i]))
            text = slice_range(text, marks[i].size, text.size);
    for (size_t i = 0; i < text.size; i++)
        if (text.data[i] < 'a' || text.data[i] > 'z')
            return false;
    *word = text;
    return text.size >= 3;
}

static bool cannot_make(const struct bench *bench, size_t length, struct assay_error *error)
{
    struct error inner;
    error_set(&inner, ERROR_INVALID, "the vocabulary of model \"%s\" has too few whole words to make texts of %zu tokens",
              bench->info->name, length);
    error_hint(&inner, "Name a file with a text on each line: --texts FILE.");
    output_from_inner(error, &inner);
    return false;
}

/* Words drawn until the model makes `length` tokens of them. */
static bool make_text(struct bench *bench, struct random *random, size_t length, struct buffer *text, struct assay_error *error)
{
    enum { TRIES_MAX = 100000 };
    struct assay_tokens tokens = {.count = 0};
    buffer_clear(text);
    for (size_t tries = 0; tokens.count < length && tries < TRIES_MAX; tries++) {
        size_t before = text->size;
        struct slice word;
        if (!whole_word(bench->model, (uint32_t)random_below(random, bench->info->vocabulary), &word))
            continue;
        buffer_append_text(text, before > 0 ? " " : "");
        buffer_append_slice(text, word);
        const struct assay_text whole = {text->data, text->size};
        if (!assay_model_tokenize(bench->model, &whole, 1, &(struct assay_tokenize_options){0}, &tokens, error))
            return false;
        if (tokens.count > length) { /* a word of several tokens, after all */
            text->size = before;
            tokens.count = 0;
        }
    }
    return tokens.count == length || cannot_make(bench, length, error);
}

static bool make_texts(struct bench *bench, struct workload *load, size_t length, struct assay_error *error)
{
    enum { TOKENS = 16384, SEED = 20 };
    struct random random;
    struct buffer text;
    bool ok = true;
    random_init(&random, SEED + length);
    buffer_init(&text, MIB);
    for (size_t i = 0; ok && i < TOKENS / length; i++) {
        ok = make_text(bench, &random, length, &text, error);
        if (ok)
            workload_add(load, buffer_slice(&text));
    }
    buffer_release(&text);
    load->length = length;
    return ok;
}

/* Tokens, and products and sums: two for each weight and token, and 4·n²·hidden in each layer's attention. */
static bool count_work(struct bench *bench, const struct workload *load, struct measurement *found, struct assay_error *error)
{
    const struct assay_model_info *info = bench->info;
    for (size_t i = 0; i < load->count; i++) {
        struct assay_tokens tokens;
        const struct assay_tokenize_options options = {.tokens_max = info->tokens_max};
        if (!assay_model_tokenize(bench->model, &load->texts[i], 1, &options, &tokens, error))
            return false;
        double n = (double)tokens.count;
        found->tokens += tokens.count;
        found->operations += 2 * n * (double)info->linear_weights + 4 * n * n * (double)info->hidden * (double)info->layers;
    }
    return true;
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

/* All texts once, `step` at a time; `each` takes the milliseconds of each step, or is NULL. */
static bool run_through(struct bench *bench, const struct workload *load, size_t step, double *each, struct assay_error *error)
{
    for (size_t at = 0; at < load->count; at += step) {
        size_t count = load->count - at < step ? load->count - at : step;
        uint64_t start = clock_now_ns();
        if (!assay_model_embed(bench->model, load->texts + at, count, NULL, bench->vectors, error))
            return false;
        if (each != NULL)
            each[at] = clock_ms_since(start);
        if (interrupted()) {
            *error = (struct assay_error){.kind = ASSAY_CANCELLED, .message = "stopped"};
            return false;
        }
    }
    return true;
}

/* Each text's time is kept with --latency. */
static bool are_times_few(const struct bench *bench, size_t texts, struct assay_error *error)
{
    struct error inner;
    if (!bench->latency || texts <= TIMES_MAX / bench->repeat)
        return true;
    error_set(&inner, ERROR_LIMIT, "--latency would keep the times of %zu texts, %zu times each; the limit is %d", texts,
              bench->repeat, TIMES_MAX);
    error_hint(&inner, "Take fewer texts, or a smaller --repeat.");
    output_from_inner(error, &inner);
    return false;
}

static bool measure(struct bench *bench, const struct workload *load, struct measurement *found, struct assay_error *error)
{
    double *seconds = memory_alloc(bench->repeat, sizeof(*seconds));
    double *each = bench->latency ? memory_alloc(load->count * bench->repeat, sizeof(*each)) : NULL;
    size_t step = bench->latency ? 1 : bench->batch;
    *found = (struct measurement){.texts = load->count, .length = load->length};
    bool ok = count_work(bench, load, found, error) && run_through(bench, load, step, NULL, error); /* the first warms up */
    for (size_t i = 0; ok && i < bench->repeat; i++) {
        uint64_t start = clock_now_ns();
        ok = run_through(bench, load, step, each != NULL ? each + i * load->count : NULL, error);
        seconds[i] = clock_ms_since(start) / 1000;
    }
    if (ok) {
        qsort(seconds, bench->repeat, sizeof(*seconds), by_size);
        found->seconds = share(seconds, bench->repeat, 0.5);
        found->spread = (seconds[bench->repeat - 1] - seconds[0]) / found->seconds;
    }
    if (ok && each != NULL) {
        qsort(each, load->count * bench->repeat, sizeof(*each), by_size);
        found->p50_ms = share(each, load->count * bench->repeat, 0.5);
        found->p99_ms = share(each, load->count * bench->repeat, 0.99);
    }
    free(seconds);
    free(each);
    return ok;
}

static void write_real(struct json_writer *json, const char *key, double value)
{
    json_key(json, key);
    json_real(json, value, 6);
}

static enum exit_code print_json(const struct bench *bench, const struct measurement *found)
{
    struct buffer buffer;
    struct json_writer json;
    buffer_init(&buffer, MIB);
    json_writer_init(&json, &buffer);
    json_object_begin(&json);
    const struct json_text_member texts[] = {{"name", "embed"},
                                             {"model", bench->info->name},
                                             {"precision", bench->info->precision},
                                             {"cpu", assay_kernels()},
                                             {"kernels", assay_kernels()}};
    const struct json_integer_member numbers[] = {{"threads", (int64_t)bench->info->threads},
                                                  {"batch", (int64_t)(bench->latency ? 1 : bench->batch)},
                                                  {"repeat", (int64_t)bench->repeat},
                                                  {"texts", (int64_t)found->texts},
                                                  {"tokens", (int64_t)found->tokens}};
    const struct {
        const char *key;
        double value;
        bool is_there;
    } reals[] = {{"seconds", found->seconds, true},
                 {"spread", found->spread, true},
                 {"texts_per_second", (double)found->texts / found->seconds, true},
                 {"tokens_per_second", (double)found->tokens / found->seconds, true},
                 {"gflops", found->operations / found->seconds / 1e9, true},
                 {"p50_ms", found->p50_ms, bench->latency},
                 {"p99_ms", found->p99_ms, bench->latency}};
    json_texts(&json, texts, ARRAY_COUNT(texts));
    json_integers(&json, numbers, ARRAY_COUNT(numbers));
    for (size_t i = 0; i < ARRAY_COUNT(reals); i++)
        if (reals[i].is_there)
            write_real(&json, reals[i].key, reals[i].value);
    json_key(&json, "metrics"); /* the same once more, in the place where every bench has them */
    json_object_begin(&json);
    for (size_t i = 0; i < ARRAY_COUNT(reals); i++)
        if (reals[i].is_there)
            write_real(&json, reals[i].key, reals[i].value);
    json_object_end(&json);
    json_object_end(&json);
    enum exit_code code = output_json(bench->invocation, &buffer);
    buffer_release(&buffer);
    return code;
}

static void print_row(const struct bench *bench, const struct measurement *found)
{
    char texts[NUMBER_TEXT_BYTES], rate[NUMBER_TEXT_BYTES], tokens[NUMBER_TEXT_BYTES],
        what[NUMBER_TEXT_BYTES] = "from the file";
    if (found->length > 0)
        snprintf(what, sizeof(what), "of %zu tokens", found->length);
    printf("%8s texts %-14s %9s texts/s %10s tokens/s %7.1f GFLOP/s  ±%.1f %%", number_text(texts, found->texts), what,
           number_text(rate, (size_t)((double)found->texts / found->seconds + 0.5)),
           number_text(tokens, (size_t)((double)found->tokens / found->seconds + 0.5)),
           found->operations / found->seconds / 1e9, found->spread * 50);
    if (bench->latency)
        printf("  p50 %.2f ms, p99 %.2f ms", found->p50_ms, found->p99_ms);
    putchar('\n');
    fflush(stdout);
}

/* One line of the table, or one document. */
static enum exit_code bench_load(struct bench *bench, struct workload *load)
{
    struct measurement found;
    struct assay_error error;
    size_t step = bench->latency ? 1 : bench->batch;
    if (!are_times_few(bench, load->count, &error))
        return output_failure(bench->invocation, &error);
    bench->vectors = memory_alloc(step * bench->info->dimensions, sizeof(*bench->vectors));
    bool ok = measure(bench, load, &found, &error);
    free(bench->vectors);
    if (!ok)
        return output_failure(bench->invocation, &error);
    if (bench->invocation->json)
        return print_json(bench, &found);
    print_row(bench, &found);
    return EXIT_DONE;
}

static enum exit_code run_loads(struct bench *bench)
{
    static const size_t lengths[] = {20, 128, 256};
    const char *path = invocation_option(bench->invocation, "texts");
    enum exit_code code = EXIT_DONE;
    struct workload load = {0};
    struct assay_error error;
    struct error inner;
    if (path != NULL) {
        bool ok = read_texts(&load, path, &inner);
        if (!ok)
            output_from_inner(&error, &inner);
        code = ok ? bench_load(bench, &load) : output_failure(bench->invocation, &error);
        workload_release(&load);
        return code;
    }
    for (size_t i = 0; code == EXIT_DONE && i < ARRAY_COUNT(lengths); i++) {
        if (lengths[i] > bench->info->tokens_max)
            continue;
        code = make_texts(bench, &load, lengths[i], &error) ? bench_load(bench, &load)
                                                            : output_failure(bench->invocation, &error);
        workload_release(&load);
    }
    return code;
}

enum exit_code run_bench_embed(struct invocation *invocation)
{
    struct bench bench = {.invocation = invocation, .latency = invocation_option(invocation, "latency") != NULL};
    if (!invocation_number(invocation, "batch", 1, BATCH_MAX, 1024, &bench.batch) ||
        !invocation_number(invocation, "repeat", 1, REPEAT_MAX, 5, &bench.repeat))
        return EXIT_WRONG_USE;
    enum exit_code code = model_of_options(invocation, &bench.model);
    if (code != EXIT_DONE)
        return code;
    bench.info = assay_model_info(bench.model);
    interrupt_watch();
    if (!invocation->json && !invocation->quiet)
        printf("%s in %s on %zu thread%s, kernels %s, batches of %zu, median of %zu\n", bench.info->name, bench.info->precision,
               bench.info->threads, bench.info->threads == 1 ? "" : "s", assay_kernels(), bench.latency ? 1 : bench.batch,
               bench.repeat);
    code = run_loads(&bench);
    assay_model_close(bench.model);
    return code;
}
