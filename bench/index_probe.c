/* index_probe.c - the index alone, without the rest of the program: for quality against other scorers, and for speed.
 *
 *   index_probe run DOCUMENTS QUESTIONS K [PASSAGES_PER_SEGMENT]   a TREC run on standard output
 *   index_probe bench DOCUMENTS QUESTIONS K THREADS               the same twice (a segment a thread; merged), figures on standard error
 *   index_probe synthetic PASSAGES [PASSAGES_PER_SEGMENT]         figures of a made corpus, one JSON line
 *
 * DOCUMENTS and QUESTIONS hold one a line, its words separated by single spaces; line n is passage or question n, from 1.
 * Built by bm25_quality.py, or by hand after meson and ninja:
 *   cc -O2 -D_GNU_SOURCE -Isrc bench/index_probe.c build/libassay-core.a -lm -pthread -o build/index_probe */
#include "index/index.h"
#include "kernel/kernel.h"
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { TERMS_MAX = 1 << 20 };

static void stop(const struct error *error)
{
    fprintf(stderr, "index_probe: %s\n", error->message);
    exit(1);
}

static size_t split(struct slice line, struct slice *terms)
{
    size_t count = 0;
    while (count < TERMS_MAX && slice_next(&line, ' ', &terms[count]))
        count += terms[count].size > 0;
    return count;
}

/* Encodes what the builder holds, and adds it. */
static void seal(struct segment_builder *builder, struct index *index)
{
    struct error error = {0};
    struct buffer bytes;
    struct segment *segment;
    buffer_init(&bytes, LIMIT_SEGMENT_BYTES);
    if (segment_builder_passage_count(builder) == 0)
        return;
    if (!segment_builder_encode(builder, &bytes, &error) || !segment_open_bytes(&segment, &bytes, "probe", &error) ||
        !index_add_segment(index, segment, &error))
        stop(&error);
}

static void search(const struct index *index, const struct slice *terms, size_t count, struct index_hit *hits, size_t k,
                   size_t *hit_count)
{
    struct error error = {0};
    struct index_word words[LIMIT_QUERY_TERMS];
    if (count > LIMIT_QUERY_TERMS)
        count = LIMIT_QUERY_TERMS;
    for (size_t i = 0; i < count; i++)
        words[i] = (struct index_word){.variants = &terms[i], .variant_count = 1, .weight = 1};
    struct index_query query = {.words = words, .word_count = count, .k1 = 1.2F, .b = 0.75F, .k = k};
    if (!index_search(index, &query, hits, hit_count, &error))
        stop(&error);
}

static int run(const char *documents_path, const char *questions_path, size_t k, size_t per_segment)
{
    struct error error = {0};
    struct buffer documents, questions;
    buffer_init(&documents, LIMIT_SEGMENT_BYTES);
    buffer_init(&questions, LIMIT_SEGMENT_BYTES);
    if (!file_read(documents_path, LIMIT_SEGMENT_BYTES, &documents, &error) ||
        !file_read(questions_path, LIMIT_SEGMENT_BYTES, &questions, &error))
        stop(&error);
    struct slice *terms = memory_alloc(TERMS_MAX, sizeof(*terms)), rest = buffer_slice(&documents), line;
    struct segment_builder *builder = segment_builder_create();
    struct index *index = index_create();
    for (passage_id passage = 1; slice_next(&rest, '\n', &line); passage++) {
        if (!segment_builder_add(builder, passage, terms, split(line, terms), &error))
            stop(&error);
        if (segment_builder_passage_count(builder) == per_segment)
            seal(builder, index);
    }
    seal(builder, index);
    struct index_hit *hits = memory_alloc(k, sizeof(*hits));
    rest = buffer_slice(&questions);
    for (size_t question = 1; slice_next(&rest, '\n', &line); question++) {
        size_t hit_count = 0;
        search(index, terms, split(line, terms), hits, k, &hit_count);
        for (size_t i = 0; i < hit_count; i++)
            printf("%zu Q0 %llu %zu %.9g assay\n", question, (unsigned long long)hits[i].passage, i + 1, (double)hits[i].score);
    }
    free(hits);
    free(terms);
    index_free(index);
    segment_builder_free(builder);
    buffer_release(&documents);
    buffer_release(&questions);
    return 0;
}

/* ---- speed on given words ---- */

/* Milliseconds of processor time that this thread has used: on a busy machine it says more than the time that passed. */
static double processor_ms(void)
{
    struct timespec now;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return (double)now.tv_sec * 1e3 + (double)now.tv_nsec / 1e6;
}

enum { ROUNDS = 3 };

struct half {
    struct slice documents;
    passage_id first;
    struct buffer encoded;
};

/* One thread's share: the lines of its part, split, added and encoded. */
static void build_half(void *context, size_t i, size_t thread)
{
    struct half *half = (struct half *)context + i;
    struct slice *terms = memory_alloc(TERMS_MAX, sizeof(*terms)), rest = half->documents, line;
    struct segment_builder *builder = segment_builder_create();
    struct error error = {0};
    (void)thread;
    for (passage_id passage = half->first; slice_next(&rest, '\n', &line); passage++)
        if (!segment_builder_add(builder, passage, terms, split(line, terms), &error))
            stop(&error);
    if (!segment_builder_encode(builder, &half->encoded, &error))
        stop(&error);
    segment_builder_free(builder);
    free(terms);
}

static int ascending(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* Of the times of `count` questions, in any order: questions per second, and the times that half and 99 % of them stay below. */
static void print_times(const char *name, const char *clock, double *times, size_t count)
{
    double sum = 0;
    for (size_t i = 0; i < count; i++)
        sum += times[i];
    qsort(times, count, sizeof(*times), ascending);
    fprintf(stderr, "\"%s%sqps\": %.0f, \"%s%sp50_ms\": %.4f, \"%s%sp99_ms\": %.4f, ", name, clock, (double)count / sum * 1000,
            name, clock, times[count / 2], name, clock, times[count * 99 / 100]);
}

/* Asks every question ROUNDS times; the hits of the first round are printed as run() does. */
static void time_questions(const struct index *index, struct slice questions, size_t k, const char *name)
{
    enum { QUESTIONS_MAX = 1 << 20 };
    struct slice *terms = memory_alloc(TERMS_MAX, sizeof(*terms)), line;
    struct index_hit *hits = memory_alloc(k, sizeof(*hits));
    double *passed = memory_alloc(QUESTIONS_MAX, sizeof(*passed)), *used = memory_alloc(QUESTIONS_MAX, sizeof(*used));
    size_t count = 0;
    for (int round = 0; round < ROUNDS; round++) {
        struct slice rest = questions;
        size_t question = 0;
        while (slice_next(&rest, '\n', &line) && count < QUESTIONS_MAX) {
            size_t hit_count = 0;
            double used_before = processor_ms();
            uint64_t start = clock_now_ns();
            search(index, terms, split(line, terms), hits, k, &hit_count);
            passed[count] = clock_ms_since(start);
            used[count++] = processor_ms() - used_before;
            question++;
            for (size_t i = 0; i < hit_count && round == 0; i++)
                printf("%zu Q0 %llu %zu %.9g assay\n", question, (unsigned long long)hits[i].passage, i + 1,
                       (double)hits[i].score);
        }
    }
    print_times(name, "", passed, count);
    print_times(name, "processor_", used, count);
    free(passed);
    free(used);
    free(hits);
    free(terms);
}

static void merge_all(struct index *index, struct buffer *encoded)
{
    struct error error = {0};
    struct segment *segment;
    if (!index_merge(index, 0, index_segment_count(index), NULL, encoded, &error))
        stop(&error);
    size_t size = encoded->size;
    uint64_t start = clock_now_ns();
    if (!segment_open_bytes(&segment, encoded, "merged", &error))
        stop(&error);
    fprintf(stderr, "\"merged_bytes\": %zu, \"open_ms\": %.1f, ", size, clock_ms_since(start));
    if (!index_replace(index, 0, index_segment_count(index), segment, &error))
        stop(&error);
}

/* Builds on `threads` threads, a segment each; asks; merges; asks again. Figures go to standard error, one JSON line. */
static int run_bench(const char *documents_path, const char *questions_path, size_t k, size_t threads)
{
    struct error error = {0};
    struct buffer documents, questions;
    buffer_init(&documents, LIMIT_SEGMENT_BYTES);
    buffer_init(&questions, LIMIT_SEGMENT_BYTES);
    if (!file_read(documents_path, LIMIT_SEGMENT_BYTES, &documents, &error) ||
        !file_read(questions_path, LIMIT_SEGMENT_BYTES, &questions, &error))
        stop(&error);
    struct half *halves = memory_alloc(threads, sizeof(*halves));
    size_t count = 0, at = 0;
    for (size_t i = 0; i < threads; i++) {
        size_t end = i + 1 == threads ? documents.size : documents.size * (i + 1) / threads;
        while (end < documents.size && documents.data[end - 1] != '\n')
            end++;
        halves[i].documents = slice_range(buffer_slice(&documents), at, end);
        halves[i].first = count + 1;
        for (; at < end; at++)
            count += documents.data[at] == '\n';
        buffer_init(&halves[i].encoded, LIMIT_SEGMENT_BYTES);
    }
    struct pool *pool = pool_create(threads);
    struct index *index = index_create();
    uint64_t start = clock_now_ns();
    pool_parallel_for(pool, threads, build_half, halves);
    size_t bytes = 0;
    for (size_t i = 0; i < threads; i++) {
        struct segment *segment;
        bytes += halves[i].encoded.size;
        if (!segment_open_bytes(&segment, &halves[i].encoded, "probe", &error) || !index_add_segment(index, segment, &error))
            stop(&error);
    }
    fprintf(stderr, "{\"documents_per_second\": %.0f, \"bytes\": %zu, ", (double)count / (clock_ms_since(start) / 1000), bytes);
    if (questions.size > 0)
        time_questions(index, buffer_slice(&questions), k, "parts_");
    struct buffer merged;
    buffer_init(&merged, LIMIT_SEGMENT_BYTES);
    merge_all(index, &merged);
    if (questions.size > 0)
        time_questions(index, buffer_slice(&questions), k, "");
    fprintf(stderr, "\"kernel\": \"%s\"}\n", kernels()->name);
    pool_free(pool);
    index_free(index);
    free(halves);
    buffer_release(&documents);
    buffer_release(&questions);
    return 0;
}

/* ---- synthetic ---- */

enum { VOCABULARY = 400000, TERM_BYTES = 12, QUESTIONS = 2000, QUESTION_TERMS = 4, RARE_FROM = 200 };

struct synthetic {
    struct random random;
    char (*vocabulary)[TERM_BYTES];
};

/* Word r is 1/r as frequent as the first, from rank `from` on. */
static struct slice draw(struct synthetic *synthetic, double from)
{
    double rank = from * exp(random_unit(&synthetic->random) * log(VOCABULARY / from));
    return slice_from(synthetic->vocabulary[(size_t)rank < VOCABULARY ? (size_t)rank : VOCABULARY - 1]);
}

/* Questions per second of processor time with k = 10. */
static double questions_per_second(struct synthetic *synthetic, const struct index *index, double from)
{
    double start = processor_ms();
    struct index_hit hits[10];
    for (size_t i = 0; i < QUESTIONS; i++) {
        struct slice terms[QUESTION_TERMS];
        for (size_t j = 0; j < QUESTION_TERMS; j++)
            terms[j] = draw(synthetic, from);
        size_t hit_count;
        search(index, terms, QUESTION_TERMS, hits, 10, &hit_count);
    }
    return QUESTIONS / ((processor_ms() - start) / 1000);
}

static int run_synthetic(size_t passage_count, size_t per_segment)
{
    struct error error = {0};
    struct synthetic synthetic = {.vocabulary = memory_alloc(VOCABULARY, TERM_BYTES)};
    random_init(&synthetic.random, 1);
    for (unsigned i = 0; i < VOCABULARY; i++)
        snprintf(synthetic.vocabulary[i], TERM_BYTES, "%x", i * 2654435761u);
    struct segment_builder *builder = segment_builder_create();
    struct index *index = index_create();
    double adding_ms = 0, sealing_ms = 0;
    uint64_t start;
    size_t tokens = 0, bytes = 0;
    for (size_t i = 0; i < passage_count; i++) {
        struct slice terms[200];
        size_t count = 20 + random_below(&synthetic.random, 160);
        for (size_t j = 0; j < count; j++)
            terms[j] = draw(&synthetic, 1);
        tokens += count;
        start = clock_now_ns();
        if (!segment_builder_add(builder, i + 1, terms, count, &error))
            stop(&error);
        adding_ms += clock_ms_since(start);
        if (segment_builder_passage_count(builder) < per_segment && i + 1 < passage_count)
            continue;
        bytes = segment_builder_bytes(builder) > bytes ? segment_builder_bytes(builder) : bytes;
        start = clock_now_ns();
        seal(builder, index);
        sealing_ms += clock_ms_since(start);
    }
    struct error check = {0};
    struct buffer encoded;
    struct segment *segment;
    buffer_init(&encoded, LIMIT_SEGMENT_BYTES);
    start = clock_now_ns();
    if (!index_merge(index, 0, index_segment_count(index), NULL, &encoded, &check))
        stop(&check);
    double merging_ms = clock_ms_since(start);
    size_t size = encoded.size;
    start = clock_now_ns();
    if (!segment_open_bytes(&segment, &encoded, "merged", &check))
        stop(&check);
    double opening_ms = clock_ms_since(start);
    segment_close(segment);
    double common = questions_per_second(&synthetic, index, 1), rare = questions_per_second(&synthetic, index, RARE_FROM);
    printf("{\"kernel\": \"%s\", \"passages\": %zu, \"tokens\": %zu, \"segments\": %zu, \"segment_bytes\": %zu, "
           "\"builder_bytes\": %zu, \"passages_per_second\": %.0f, \"merge_ms\": %.0f, \"open_ms\": %.0f, "
           "\"questions_per_second\": %.0f, \"questions_per_second_without_common_words\": %.0f}\n",
           kernels()->name, passage_count, tokens, index_segment_count(index), size, bytes,
           (double)passage_count / ((adding_ms + sealing_ms) / 1000), merging_ms, opening_ms, common, rare);
    index_free(index);
    segment_builder_free(builder);
    free(synthetic.vocabulary);
    return 0;
}

static size_t number(int argc, char **argv, int at, uint64_t otherwise)
{
    uint64_t value = otherwise;
    if (at < argc && (!slice_to_u64(slice_from(argv[at]), &value) || value == 0)) {
        fprintf(stderr, "index_probe: \"%s\" is not a number above 0\n", argv[at]);
        exit(2);
    }
    return (size_t)value;
}

int main(int argc, char **argv)
{
    if (argc >= 5 && strcmp(argv[1], "run") == 0)
        return run(argv[2], argv[3], number(argc, argv, 4, 0), number(argc, argv, 5, SIZE_MAX));
    if (argc >= 6 && strcmp(argv[1], "bench") == 0)
        return run_bench(argv[2], argv[3], number(argc, argv, 4, 0), number(argc, argv, 5, 1));
    if (argc >= 3 && strcmp(argv[1], "synthetic") == 0)
        return run_synthetic(number(argc, argv, 2, 0), number(argc, argv, 3, SIZE_MAX));
    fprintf(stderr, "usage: index_probe run DOCUMENTS QUESTIONS K [PASSAGES_PER_SEGMENT]\n"
                    "       index_probe bench DOCUMENTS QUESTIONS K THREADS\n"
                    "       index_probe synthetic PASSAGES [PASSAGES_PER_SEGMENT]\n");
    return 2;
}
