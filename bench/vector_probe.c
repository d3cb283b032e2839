/* vector_probe.c - the index of vectors alone, without the rest of the program.
 *
 *   vector_probe build VECTORS DIMENSIONS SEGMENT THREADS [ROWS]        a segment of f32 vectors, one row after the other
 *   vector_probe search SEGMENT QUESTIONS TRUTH BREADTH...              recall@10 and questions a second for each breadth
 *   vector_probe scan SEGMENT QUESTIONS TRUTH                           the same, looking at every vector
 *   vector_probe batch SEGMENT QUESTIONS TRUTH THREADS                  the same, all questions at once
 *   vector_probe views SEGMENT QUESTIONS VECTORS [BREADTH]              with views of all kinds, beside exact searches
 *
 * TRUTH has the ten nearest rows of each question as i32. Each command prints JSON, one line a figure. bench_vectors.py runs it. */
#include "index/index.h"
#include "kernel/kernel.h"
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { K = 10 };

static void stop(const struct error *error)
{
    fprintf(stderr, "vector_probe: %s\n", error->message);
    exit(1);
}

static double now(void)
{
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec + 1e-9 * (double)time.tv_nsec;
}

/* Seconds that this thread has worked: what stays comparable when others use the machine too. */
static double worked(void)
{
    struct timespec time;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
    return (double)time.tv_sec + 1e-9 * (double)time.tv_nsec;
}

/* The same for all threads together. */
static double all_worked(void)
{
    struct timespec time;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
    return (double)time.tv_sec + 1e-9 * (double)time.tv_nsec;
}

static struct file_map map(const char *path)
{
    struct file_map map;
    struct error error = {0};
    if (!file_map_open(&map, path, &error))
        stop(&error);
    return map;
}

static size_t number(const char *text)
{
    uint64_t value = 0;
    if (!slice_to_u64(slice_from(text), &value)) {
        fprintf(stderr, "vector_probe: \"%s\" is no number\n", text);
        exit(2);
    }
    return (size_t)value;
}

/* A line of this process' status, which has a number: "VmRSS:     1234 kB". */
static size_t status_mib(const char *name)
{
    char line[200];
    size_t kib = 0;
    FILE *file = fopen("/proc/self/status", "r");
    while (file != NULL && fgets(line, sizeof(line), file) != NULL)
        for (const char *at = line; strncmp(line, name, strlen(name)) == 0 && *at != '\0'; at++)
            if (*at >= '0' && *at <= '9')
                kib = 10 * kib + (size_t)(*at - '0');
    if (file != NULL)
        fclose(file);
    return kib / 1024;
}

/* ---- building ---- */

static int build(const char *vectors_path, size_t dimensions, const char *segment_path, size_t threads, size_t rows)
{
    struct error error = {0};
    struct file_map vectors = map(vectors_path);
    size_t count = vectors.size / sizeof(float) / dimensions;
    count = rows > 0 && rows < count ? rows : count;
    struct vector_builder *builder = vector_builder_create(dimensions);
    unsigned char *code = memory_alloc(vector_code_bytes(dimensions), 1);
    double start = now(), work = all_worked();
    for (size_t i = 0; i < count; i++) {
        vector_encode(code, (const float *)(const void *)vectors.data + i * dimensions, dimensions);
        if (!vector_builder_add(builder, i + 1, code, &error))
            stop(&error);
    }
    double added = now();
    struct pool *pool = pool_create(threads);
    struct vector_build how = {.pool = pool};
    struct buffer bytes;
    buffer_init(&bytes, LIMIT_SEGMENT_BYTES);
    if (!vector_builder_encode(builder, &how, &bytes, &error))
        stop(&error);
    double built = now(), built_work = all_worked();
    if (!file_replace(segment_path, buffer_slice(&bytes), &error))
        stop(&error);
    printf("{\"name\": \"build\", \"rows\": %zu, \"threads\": %zu, \"add_s\": %.2f, \"build_s\": %.2f, \"build_worked_s\": "
           "%.2f, \"mib\": %.1f, "
           "\"peak_mib\": %zu}\n",
           count, threads, added - start, built - start, built_work - work, (double)bytes.size / 1048576, status_mib("VmHWM"));
    return 0;
}

/* ---- searching ---- */

struct setting {
    struct vector_index *index;
    const float *questions;
    const int32_t *truth;
    size_t dimensions, count;
};

static struct setting open_all(const char *segment_path, const char *questions_path, const char *truth_path)
{
    struct error error = {0};
    struct vector_segment *segment;
    double start = now();
    if (!vector_segment_open(&segment, segment_path, &error))
        stop(&error);
    double opened = now() - start;
    struct setting setting = {.dimensions = vector_segment_dimensions(segment)};
    setting.index = vector_index_create(setting.dimensions);
    printf("{\"name\": \"open\", \"rows\": %zu, \"ms\": %.1f}\n", vector_segment_count(segment), 1000 * opened);
    if (!vector_index_add_segment(setting.index, segment, &error))
        stop(&error);
    struct file_map questions = map(questions_path);
    setting.questions = (const float *)(const void *)questions.data;
    setting.count = questions.size / sizeof(float) / setting.dimensions;
    if (truth_path != NULL)
        setting.truth = (const int32_t *)(const void *)map(truth_path).data;
    return setting;
}

static size_t search(const struct setting *setting, const struct vector_query *query, size_t question, struct index_hit *hits)
{
    struct error error = {0};
    size_t count = 0;
    struct vector_query own = *query;
    own.vector = setting->questions + question * setting->dimensions;
    own.k = K;
    if (!vector_search(setting->index, &own, hits, &count, &error))
        stop(&error);
    return count;
}

static double recall(const struct setting *setting, const struct vector_query *query)
{
    size_t found = 0;
    for (size_t i = 0; i < setting->count; i++) {
        struct index_hit hits[K];
        size_t count = search(setting, query, i, hits);
        for (size_t h = 0; h < count; h++)
            for (size_t t = 0; t < K; t++)
                found += hits[h].passage == (passage_id)setting->truth[i * K + t] + 1;
    }
    return (double)found / (double)(setting->count * K);
}

static int compare_doubles(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return x < y ? -1 : x > y;
}

static void measure(const char *name, const struct setting *setting, const struct vector_query *query, size_t questions)
{
    enum { ROUNDS = 5 };
    double seconds[ROUNDS], works[ROUNDS], found = recall(setting, query);
    questions = questions < setting->count ? questions : setting->count;
    for (size_t round = 0; round < ROUNDS; round++) {
        double start = now(), work = worked();
        for (size_t i = 0; i < questions; i++) {
            struct index_hit hits[K];
            search(setting, query, i, hits);
        }
        seconds[round] = now() - start;
        works[round] = worked() - work;
    }
    qsort(works, ROUNDS, sizeof(*works), compare_doubles);
    qsort(seconds, ROUNDS, sizeof(*seconds), compare_doubles);
    printf("{\"name\": \"%s\", \"breadth\": %zu, \"recall\": %.4f, \"per_second\": %.1f, \"least\": %.1f, \"most\": %.1f, "
           "\"per_second_worked\": %.1f, \"resident_mib\": %zu}\n",
           name, query->breadth, found, (double)questions / seconds[ROUNDS / 2], (double)questions / seconds[ROUNDS - 1],
           (double)questions / seconds[0], (double)questions / works[ROUNDS / 2], status_mib("VmRSS"));
    fflush(stdout);
}

static int batch(const struct setting *setting, size_t threads)
{
    enum { ROUNDS = 5 };
    struct error error = {0};
    double seconds[ROUNDS], works[ROUNDS];
    struct pool *pool = pool_create(threads);
    struct index_hit *hits = memory_alloc(setting->count * K, sizeof(*hits));
    size_t *counts = memory_alloc(setting->count, sizeof(*counts)), found = 0;
    for (size_t round = 0; round < ROUNDS; round++) {
        double start = now(), work = all_worked();
        struct vector_query query = {.vector = setting->questions, .k = K, .exact = true};
        if (!vector_search_many(setting->index, &query, setting->count, pool, hits, counts, &error))
            stop(&error);
        seconds[round] = now() - start;
        works[round] = all_worked() - work;
    }
    for (size_t i = 0; i < setting->count * K * K; i++)
        found += hits[i / K].passage == (passage_id)setting->truth[i / K / K * K + i % K] + 1;
    qsort(seconds, ROUNDS, sizeof(*seconds), compare_doubles);
    qsort(works, ROUNDS, sizeof(*works), compare_doubles);
    printf("{\"name\": \"batch\", \"threads\": %zu, \"recall\": %.4f, \"per_second\": %.1f, \"per_second_worked\": %.1f}\n",
           threads, (double)found / (double)(setting->count * K), (double)setting->count / seconds[ROUNDS / 2],
           (double)setting->count / works[ROUNDS / 2]);
    return 0;
}

/* ---- views ---- */

enum { PIVOTS = 256, VIEW_QUESTIONS = 200 };

struct labels {
    size_t rows;
    uint16_t *of; /* row → the nearest of PIVOTS rows */
    const float *vectors;
    size_t dimensions;
};

static const float *pivot(const struct labels *labels, size_t i)
{
    return labels->vectors + (i * labels->rows / PIVOTS) * labels->dimensions;
}

static struct labels label_all(const char *path, size_t dimensions, size_t rows)
{
    struct labels labels = {rows, memory_alloc(rows, sizeof(uint16_t)), (const float *)(const void *)map(path).data,
                            dimensions};
    for (size_t row = 0; row < rows; row++) {
        float best = -INFINITY;
        for (size_t i = 0; i < PIVOTS; i++) {
            float score = kernels()->dot(labels.vectors + row * dimensions, pivot(&labels, i), dimensions);
            if (score > best) {
                best = score;
                labels.of[row] = (uint16_t)i;
            }
        }
    }
    return labels;
}

enum kind { VIEW_RANDOM, VIEW_NEAR, VIEW_FAR };

/* The rows with the labels nearest to the question, or farthest from it, up to `wanted` of them; or any. */
static struct vector_view *make_view(const struct setting *setting, const struct labels *labels, const float *question,
                                     enum kind kind, size_t wanted, struct random *random)
{
    float scores[PIVOTS];
    size_t shown = 0;
    bool *visible = memory_alloc(labels->rows, sizeof(bool));
    for (size_t i = 0; i < PIVOTS; i++)
        scores[i] = kernels()->dot(question, pivot(labels, i), labels->dimensions) * (kind == VIEW_NEAR ? 1 : -1);
    for (size_t round = 0; round < PIVOTS && kind != VIEW_RANDOM && shown < wanted; round++) {
        size_t best = 0;
        for (size_t i = 1; i < PIVOTS; i++)
            best = scores[i] > scores[best] ? i : best;
        scores[best] = -INFINITY;
        for (size_t row = 0; row < labels->rows && shown < wanted; row++)
            if (labels->of[row] == best) {
                visible[row] = true;
                shown++;
            }
    }
    while (shown < wanted) {
        size_t row = random_below(random, labels->rows);
        shown += !visible[row];
        visible[row] = true;
    }
    struct index_range *ranges = memory_alloc(wanted + 1, sizeof(*ranges));
    size_t count = 0;
    for (size_t row = 0; row < labels->rows; row++) {
        if (!visible[row])
            continue;
        if (count > 0 && ranges[count - 1].last == row)
            ranges[count - 1].last++;
        else
            ranges[count++] = (struct index_range){row + 1, row + 1};
    }
    struct vector_view *view = vector_view_create(setting->index, ranges, count);
    free(ranges);
    free(visible);
    return view;
}

/* A question counts with the least time of some rounds, in each of which all are asked: so what else the machine did is not in it. */
static void measure_views(const struct setting *setting, const struct labels *labels, enum kind kind, double share,
                          size_t breadth)
{
    enum { ROUNDS = 5 };
    static const char *const names[] = {"random", "near", "far"};
    double works[VIEW_QUESTIONS];
    size_t found = 0, wanted_count = 0, short_of = 0, visible = (size_t)(share * (double)labels->rows);
    struct random random;
    random_init(&random, 1);
    struct vector_view *view = NULL;
    for (size_t turn = 0; turn < ROUNDS * VIEW_QUESTIONS; turn++) {
        size_t i = turn % VIEW_QUESTIONS;
        const float *question = setting->questions + i * setting->dimensions;
        struct index_hit hits[K], wanted[K];
        if (share < 1 && (view == NULL || kind != VIEW_RANDOM)) {
            vector_view_free(view);
            view = make_view(setting, labels, question, kind, visible, &random);
        }
        struct vector_query query = {.view = view, .exact = true};
        size_t exact_count = search(setting, &query, i, wanted);
        query.exact = false;
        query.breadth = breadth;
        double work = worked();
        size_t count = search(setting, &query, i, hits);
        work = worked() - work;
        works[i] = turn < VIEW_QUESTIONS || work < works[i] ? work : works[i];
        if (turn >= VIEW_QUESTIONS)
            continue;
        short_of += count < exact_count;
        wanted_count += exact_count;
        for (size_t h = 0; h < count; h++)
            for (size_t t = 0; t < exact_count; t++)
                found += hits[h].passage == wanted[t].passage;
    }
    vector_view_free(view);
    qsort(works, VIEW_QUESTIONS, sizeof(*works), compare_doubles);
    printf("{\"name\": \"view\", \"kind\": \"%s\", \"share\": %g, \"recall\": %.4f, \"short\": %zu, \"p50_us\": %.1f, "
           "\"p99_us\": %.1f}\n",
           names[kind], share, (double)found / (double)wanted_count, short_of, 1e6 * works[VIEW_QUESTIONS / 2],
           1e6 * works[VIEW_QUESTIONS * 99 / 100]);
    fflush(stdout);
}

static int views(const struct setting *setting, const char *vectors_path, size_t breadth)
{
    static const double shares[] = {1, 0.5, 0.2, 0.1, 0.05, 0.02, 0.01, 0.005, 0.001};
    struct labels labels = label_all(vectors_path, setting->dimensions, vector_index_count(setting->index));
    for (enum kind kind = VIEW_RANDOM; kind <= VIEW_FAR; kind++)
        for (size_t i = 0; i < sizeof(shares) / sizeof(*shares); i++)
            measure_views(setting, &labels, kind, shares[i], breadth);
    return 0;
}

int main(int argc, char **argv)
{
    if (argc >= 6 && strcmp(argv[1], "build") == 0)
        return build(argv[2], number(argv[3]), argv[4], number(argv[5]), argc > 6 ? number(argv[6]) : 0);
    if (argc >= 5 && strcmp(argv[1], "search") == 0) {
        struct setting setting = open_all(argv[2], argv[3], argv[4]);
        for (int i = 5; i < argc; i++)
            measure("search", &setting, &(struct vector_query){.breadth = number(argv[i])}, 1000);
        return 0;
    }
    if (argc == 5 && strcmp(argv[1], "scan") == 0) {
        struct setting setting = open_all(argv[2], argv[3], argv[4]);
        measure("scan", &setting, &(struct vector_query){.exact = true}, 200);
        return 0;
    }
    if (argc == 6 && strcmp(argv[1], "batch") == 0) {
        struct setting setting = open_all(argv[2], argv[3], argv[4]);
        return batch(&setting, number(argv[5]));
    }
    if (argc >= 5 && strcmp(argv[1], "views") == 0) {
        struct setting setting = open_all(argv[2], argv[3], NULL);
        return views(&setting, argv[4], argc > 5 ? number(argv[5]) : 0);
    }
    fprintf(stderr, "usage: see the head of bench/vector_probe.c\n");
    return 2;
}
