/* test_index.c - the index against a scorer that knows nothing of it (double arithmetic over lists of words), against itself
 * (cut differently, merged, with other kernels). Damage and the format are in test_index_segment.c. */
#include "compare.h"
#include "index/index.h"
#include "kernel/kernel.h"
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>
#define XXH_INLINE_ALL
#include <xxhash.h>

/* ---- a corpus and the plain way to search it ---- */

enum { VOCABULARY = 3000, ABSENT = VOCABULARY, VARIANTS_MAX = 3, WORDS_MAX = 6, HITS_MAX = 6000 };

struct passage {
    passage_id id;
    uint32_t *terms;
    size_t count;
    bool deleted;
};

struct corpus {
    struct passage *passages;
    size_t count;
};

struct question {
    uint32_t terms[WORDS_MAX][VARIANTS_MAX];
    size_t variant_counts[WORDS_MAX];
    float weights[WORDS_MAX];
    size_t word_count;
    float k1, b;
    size_t k;
};

static char vocabulary[VOCABULARY + 1][24];

static struct slice term_text(uint32_t term)
{
    if (vocabulary[0][0] == '\0')
        for (unsigned i = 0; i <= VOCABULARY; i++)
            snprintf(vocabulary[i], sizeof(vocabulary[i]), i == ABSENT ? "absent" : i % 3 ? "w%u" : "word-%05u", i);
    return slice_from(vocabulary[term]);
}

/* Term i about 1/i as often as the first. */
static uint32_t zipf(struct random *random)
{
    uint32_t term = (uint32_t)exp(random_unit(random) * log(VOCABULARY));
    return term < VOCABULARY ? term - (term > 0) : VOCABULARY - 1;
}

static struct corpus corpus_make(size_t count, struct random *random)
{
    struct corpus corpus = {memory_alloc(count, sizeof(struct passage)), count};
    passage_id id = 0;
    for (size_t i = 0; i < count; i++) {
        struct passage *passage = &corpus.passages[i];
        passage->id = id += 1 + random_below(random, random_below(random, 50) == 0 ? 1u << 30 : 3);
        passage->count = random_below(random, 20) == 0 ? 0 : random_below(random, 60);
        passage->terms = memory_alloc(passage->count, sizeof(uint32_t));
        for (size_t j = 0; j < passage->count; j++)
            passage->terms[j] = zipf(random);
    }
    return corpus;
}

static void corpus_free(struct corpus *corpus)
{
    for (size_t i = 0; i < corpus->count; i++)
        free(corpus->passages[i].terms);
    free(corpus->passages);
}

static struct question question_make(struct random *random)
{
    struct question question = {.word_count = 1 + random_below(random, WORDS_MAX), .k1 = 1.2F, .b = 0.75F};
    for (size_t i = 0; i < question.word_count; i++) {
        question.variant_counts[i] = random_below(random, 3) ? 1 : 1 + random_below(random, VARIANTS_MAX);
        question.weights[i] = random_below(random, 4) ? 1 : 2;
        for (size_t j = 0; j < question.variant_counts[i]; j++)
            question.terms[i][j] = random_below(random, 12)  ? zipf(random)
                                   : random_below(random, 2) ? ABSENT
                                                             : question.terms[i][0];
    }
    if (random_below(random, 4) == 0) {
        question.k1 = (float)(random_unit(random) * 3);
        question.b = random_below(random, 2) ? 0 : 1;
    }
    static const size_t ks[] = {1, 2, 10, 100, HITS_MAX};
    question.k = ks[random_below(random, ARRAY_COUNT(ks))];
    return question;
}

static size_t frequency(const struct passage *passage, const struct question *question, size_t word)
{
    size_t count = 0;
    for (size_t i = 0; i < passage->count; i++)
        for (size_t j = 0; j < question->variant_counts[word]; j++)
            if (passage->terms[i] == question->terms[word][j]) {
                count++;
                break; /* a repeated variant counts once */
            }
    return count;
}

/* scores[i] for each passage; negative: has no word, or is deleted. */
static void plain_scores(const struct corpus *corpus, const struct question *question, double *scores)
{
    double live = 0, lengths = 0;
    for (size_t i = 0; i < corpus->count; i++) {
        scores[i] = -1;
        live += !corpus->passages[i].deleted;
        lengths += corpus->passages[i].deleted ? 0 : (double)corpus->passages[i].count;
    }
    for (size_t word = 0; word < question->word_count; word++) {
        double having = 0;
        for (size_t i = 0; i < corpus->count; i++)
            having += !corpus->passages[i].deleted && frequency(&corpus->passages[i], question, word) > 0;
        double idf = log(1 + (live - having + 0.5) / (having + 0.5));
        for (size_t i = 0; i < corpus->count; i++) {
            double tf = (double)frequency(&corpus->passages[i], question, word);
            if (corpus->passages[i].deleted || tf <= 0)
                continue;
            double k1 = (double)question->k1, b = (double)question->b;
            double norm = k1 * (1 - b + b * (double)corpus->passages[i].count / (lengths / live));
            scores[i] = (scores[i] < 0 ? 0 : scores[i]) + (double)question->weights[word] * idf * tf / (tf + norm);
        }
    }
}

static int descending(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return x < y ? 1 : x > y ? -1 : 0;
}

/* ---- the index on it ---- */

static struct segment *segment_of(const struct corpus *corpus, size_t start, size_t end, struct buffer *copy)
{
    struct error error = {0};
    struct segment_builder *builder = segment_builder_create();
    struct slice terms[64];
    for (size_t i = start; i < end; i++) {
        const struct passage *passage = &corpus->passages[i];
        for (size_t j = 0; j < passage->count; j++)
            terms[j] = term_text(passage->terms[j]);
        expect_ok(segment_builder_add(builder, passage->id, terms, passage->count, &error), &error);
    }
    struct buffer bytes;
    buffer_init(&bytes, GIB);
    expect_ok(segment_builder_encode(builder, &bytes, &error), &error);
    assert_int_equal(segment_builder_passage_count(builder), 0);
    segment_builder_free(builder);
    if (copy != NULL)
        buffer_append_slice(copy, buffer_slice(&bytes));
    struct segment *segment;
    expect_ok(segment_open_bytes(&segment, &bytes, "test", &error), &error);
    expect_ok(segment_check(segment, &error), &error);
    assert_int_equal(segment_passage_count(segment), end - start);
    return segment;
}

static struct index *index_of(const struct corpus *corpus, size_t segment_count, struct random *random)
{
    struct error error = {0};
    struct index *index = index_create();
    size_t start = 0;
    for (size_t i = 0; i < segment_count; i++) {
        size_t end = i + 1 == segment_count ? corpus->count : start + random_below(random, corpus->count - start + 1);
        expect_ok(index_add_segment(index, segment_of(corpus, start, end, NULL), &error), &error);
        start = end;
    }
    for (size_t i = 0; i < corpus->count; i++)
        if (corpus->passages[i].deleted)
            assert_true(index_delete(index, corpus->passages[i].id));
    return index;
}

static size_t ask_view(const struct index *index, const struct question *question, const struct index_view *view,
                       struct index_hit *hits)
{
    struct error error = {0};
    struct slice variants[WORDS_MAX][VARIANTS_MAX];
    struct index_word words[WORDS_MAX];
    for (size_t i = 0; i < question->word_count; i++) {
        for (size_t j = 0; j < question->variant_counts[i]; j++)
            variants[i][j] = term_text(question->terms[i][j]);
        words[i] = (struct index_word){
            .variants = variants[i], .variant_count = question->variant_counts[i], .weight = question->weights[i]};
    }
    struct index_query query = {.words = words,
                                .word_count = question->word_count,
                                .k1 = question->k1,
                                .b = question->b,
                                .k = question->k,
                                .view = view};
    size_t count = 0;
    expect_ok(index_search(index, &query, hits, &count, &error), &error);
    return count;
}

static size_t ask(const struct index *index, const struct question *question, struct index_hit *hits)
{
    return ask_view(index, question, NULL, hits);
}

static void check_hits(const struct corpus *corpus, const struct question *question, const struct index_hit *hits, size_t count,
                       uint64_t seed)
{
    double *scores = memory_alloc(corpus->count, sizeof(*scores)), *sorted = memory_alloc(corpus->count, sizeof(*sorted));
    plain_scores(corpus, question, scores);
    size_t matching = 0;
    for (size_t i = 0; i < corpus->count; i++)
        if (scores[i] >= 0)
            sorted[matching++] = scores[i];
    qsort(sorted, matching, sizeof(*sorted), descending);
    if (count != (matching < question->k ? matching : question->k))
        fail_msg("%zu hits, expected the best %zu of %zu (seed %llu)", count, question->k, matching, (unsigned long long)seed);
    for (size_t i = 0; i < count; i++) {
        size_t low = 0;
        while (low < corpus->count && corpus->passages[low].id != hits[i].passage)
            low++;
        assert_true(low < corpus->count);
        float wanted[2] = {(float)scores[low], (float)sorted[i]}, got[2] = {hits[i].score, hits[i].score};
        compare_floats("score of passage, of rank", got, wanted, 2, (struct tolerance){.relative = 1e-5}, seed);
        if (i > 0)
            assert_true(hits[i].score < hits[i - 1].score ||
                        (hits[i].score <= hits[i - 1].score && hits[i].passage > hits[i - 1].passage));
    }
    free(scores);
    free(sorted);
}

static void same_hits(const char *what, const struct index_hit *got, size_t got_count, const struct index_hit *wanted,
                      size_t wanted_count, uint64_t seed)
{
    compare_bytes(what, (struct slice){(const char *)&got_count, sizeof(size_t)},
                  (struct slice){(const char *)&wanted_count, sizeof(size_t)}, seed);
    for (size_t i = 0; i < got_count; i++) {
        compare_floats(what, &got[i].score, &wanted[i].score, 1, (struct tolerance){0}, seed);
        assert_int_equal(got[i].passage, wanted[i].passage);
    }
}

/* The merged index has the bytes of one built from the live passages, and gives the same hits. */
static struct index *merged_of(const struct corpus *corpus, const struct index *index)
{
    struct error error = {0};
    struct corpus live = {memory_alloc(corpus->count, sizeof(struct passage)), 0};
    for (size_t i = 0; i < corpus->count; i++)
        if (!corpus->passages[i].deleted)
            live.passages[live.count++] = corpus->passages[i];
    struct buffer bytes, wanted;
    buffer_init(&bytes, GIB);
    buffer_init(&wanted, GIB);
    segment_close(segment_of(&live, 0, live.count, &wanted));
    free(live.passages);
    expect_ok(index_merge(index, 0, index_segment_count(index), NULL, &bytes, &error), &error);
    compare_bytes("merged segment", buffer_slice(&bytes), buffer_slice(&wanted), test_seed());
    buffer_release(&wanted);
    struct segment *segment;
    expect_ok(segment_open_bytes(&segment, &bytes, "merged", &error), &error);
    struct index *merged = index_create();
    expect_ok(index_add_segment(merged, segment, &error), &error);
    return merged;
}

static void search_one_size(size_t count, int question_count, struct random *random, uint64_t seed)
{
    struct corpus corpus = corpus_make(count, random);
    for (int deletions = 0; deletions < 3; deletions++) { /* none, some, all but few */
        for (size_t i = 0; i < count; i++)
            corpus.passages[i].deleted = deletions > 0 && random_below(random, 10) < (deletions == 1 ? 2 : 9);
        struct index *one = index_of(&corpus, 1, random);
        struct index *many = index_of(&corpus, 1 + random_below(random, 9), random);
        struct index *merged = merged_of(&corpus, many);
        assert_int_equal(index_passage_count(one), index_passage_count(merged));
        assert_int_equal(index_passage_count(many), index_passage_count(merged));
        struct index_hit *hits = memory_alloc(HITS_MAX, sizeof(*hits)), *others = memory_alloc(HITS_MAX, sizeof(*others));
        for (int i = 0; i < question_count; i++) {
            struct question question = question_make(random);
            size_t hit_count = ask(one, &question, hits);
            check_hits(&corpus, &question, hits, hit_count, seed);
            same_hits("many segments", others, ask(many, &question, others), hits, hit_count, seed);
            same_hits("merged segment", others, ask(merged, &question, others), hits, hit_count, seed);
        }
        free(hits);
        free(others);
        index_free(one);
        index_free(many);
        index_free(merged);
    }
    corpus_free(&corpus);
}

static void searching(void **state)
{
    (void)state;
    static const size_t sizes[] = {0, 1, 2, 3, 17, 127, 128, 129, 1000, 5000};
    uint64_t seed = test_seed();
    struct random random;
    random_init(&random, seed);
    for (size_t i = 0; i < ARRAY_COUNT(sizes); i++)
        search_one_size(sizes[i], sizes[i] > 1000 ? 20 : 40, &random, seed);
}

/* ---- views ---- */

enum { RANGES_MAX = 8 };

/* Ascending ranges over the corpus, from passage to passage, some beginning or ending between two. */
static size_t random_ranges(const struct corpus *corpus, struct index_range *ranges, struct random *random)
{
    size_t count = 0, at = 0, wanted = random_below(random, RANGES_MAX + 1);
    if (random_below(random, 8) == 0) {
        ranges[0] = (struct index_range){0, UINT64_MAX};
        return 1;
    }
    while (count < wanted && at < corpus->count) {
        at += random_below(random, corpus->count / 4 + 2);
        size_t end = at + random_below(random, random_below(random, 3) ? corpus->count / 4 + 1 : 2);
        if (at >= corpus->count)
            break;
        end = end < corpus->count ? end : corpus->count - 1;
        passage_id last = corpus->passages[end].id;
        if (end + 1 == corpus->count && random_below(random, 2))
            last = UINT64_MAX;
        else if (end + 1 < corpus->count)
            last += random_below(random, corpus->passages[end + 1].id - last);
        ranges[count++] = (struct index_range){corpus->passages[at].id, last};
        at = end + 1;
    }
    return count;
}

static bool is_within(const struct index_range *ranges, size_t count, passage_id passage)
{
    for (size_t i = 0; i < count; i++)
        if (ranges[i].first <= passage && passage <= ranges[i].last)
            return true;
    return false;
}

/* Two worlds: what a view of `index` shows is what an index shows that never had the rest, to the last bit. */
static void compare_worlds(const struct corpus *corpus, const struct index *index, struct random *random, uint64_t seed)
{
    struct index_range ranges[RANGES_MAX];
    size_t range_count = random_ranges(corpus, ranges, random);
    struct corpus seen = {memory_alloc(corpus->count, sizeof(struct passage)), 0};
    struct index_view *view = index_view_create(index, ranges, range_count);
    for (size_t i = 0; i < corpus->count; i++) {
        const struct passage *passage = &corpus->passages[i];
        bool is_seen = !passage->deleted && is_within(ranges, range_count, passage->id);
        assert_int_equal(index_view_contains(view, passage->id), is_seen);
        assert_false(index_view_contains(view, passage->id + ((passage_id)1 << 60)));
        if (is_seen)
            seen.passages[seen.count++] = *passage;
    }
    assert_int_equal(index_view_passage_count(view), seen.count);
    struct index *other = index_of(&seen, 1 + random_below(random, 3), random);
    struct index_hit *hits = memory_alloc(HITS_MAX, sizeof(*hits)), *others = memory_alloc(HITS_MAX, sizeof(*others));
    for (int i = 0; i < 10; i++) {
        struct question question = question_make(random);
        size_t count = ask_view(index, &question, view, hits);
        same_hits("other world", others, ask(other, &question, others), hits, count, seed);
        check_hits(&seen, &question, hits, count, seed);
    }
    free(hits);
    free(others);
    index_free(other);
    index_view_free(view);
    free(seen.passages);
}

static void views(void **state)
{
    (void)state;
    uint64_t seed = test_seed();
    struct random random;
    random_init(&random, seed);
    for (int round = 0; round < 60; round++) {
        struct corpus corpus = corpus_make(random_below(&random, round % 10 ? 300 : 3000), &random);
        for (size_t i = 0; i < corpus.count; i++)
            corpus.passages[i].deleted = round % 3 == 0 && random_below(&random, 4) == 0;
        struct index *index = index_of(&corpus, 1 + random_below(&random, 5), &random);
        for (int i = 0; i < 4; i++)
            compare_worlds(&corpus, index, &random, seed);
        index_free(index);
        corpus_free(&corpus);
    }
}

/* More documents than a window holds, terms in all of them: windows, full blocks and their ends. */
static void long_lists(void **state)
{
    (void)state;
    enum { COUNT = 40000 };
    struct random random;
    random_init(&random, test_seed());
    struct corpus corpus = {memory_alloc(COUNT, sizeof(struct passage)), COUNT};
    for (size_t i = 0; i < COUNT; i++) {
        struct passage *passage = &corpus.passages[i];
        *passage = (struct passage){.id = i + 1, .terms = memory_alloc(4, sizeof(uint32_t)), .count = 2 + i % 3};
        for (size_t j = 2; j < passage->count; j++)
            passage->terms[j] = 2 + (uint32_t)random_below(&random, 5);
        passage->terms[1] = i % 16384 == 0 ? 1 : 9; /* a term at the beginning of every window */
    }
    struct index *one = index_of(&corpus, 1, &random), *many = index_of(&corpus, 3, &random);
    struct index_hit *hits = memory_alloc(HITS_MAX, sizeof(*hits)), *others = memory_alloc(HITS_MAX, sizeof(*others));
    for (uint32_t term = 0; term < 4; term++)
        for (size_t variants = 1; variants <= 2; variants++) {
            struct question question = {.terms = {{term, 1}, {3, 4}},
                                        .variant_counts = {variants, 3 - variants},
                                        .weights = {1, 2},
                                        .word_count = 2,
                                        .k1 = 1.2F,
                                        .b = 0.75F,
                                        .k = 500};
            size_t count = ask(one, &question, hits);
            check_hits(&corpus, &question, hits, count, 0);
            same_hits("three segments", others, ask(many, &question, others), hits, count, 0);
        }
    free(hits);
    free(others);
    index_free(one);
    index_free(many);
    corpus_free(&corpus);
}

/* Many windows of documents, most of them gone through by bounds: common words and rare ones, few results and many, all passages and
 * some. */
static void many_windows(void **state)
{
    (void)state;
    enum { COUNT = 70000, QUESTIONS = 60 };
    uint64_t seed = test_seed();
    struct random random;
    random_init(&random, seed);
    struct corpus corpus = {memory_alloc(COUNT, sizeof(struct passage)), COUNT};
    for (size_t i = 0; i < COUNT; i++) {
        struct passage *passage = &corpus.passages[i];
        *passage = (struct passage){.id = i + 1, .count = 1 + random_below(&random, random_below(&random, 100) ? 10 : 60)};
        passage->terms = memory_alloc(passage->count, sizeof(uint32_t));
        for (size_t j = 0; j < passage->count; j++)
            passage->terms[j] = j > 0 && random_below(&random, 6) == 0 ? passage->terms[j - 1] : zipf(&random);
    }
    struct index *one = index_of(&corpus, 1, &random), *many = index_of(&corpus, 5, &random);
    struct index_range ranges[] = {{1, 9}, {3000, 25000}, {40001, 40001}, {50000, 66666}};
    struct index_view *view = index_view_create(one, ranges, ARRAY_COUNT(ranges));
    struct index_hit *hits = memory_alloc(HITS_MAX, sizeof(*hits)), *others = memory_alloc(HITS_MAX, sizeof(*others));
    for (int i = 0; i < QUESTIONS; i++) {
        struct question question = question_make(&random);
        question.k = question.k < 1000 ? question.k : 1000;
        size_t count = ask(one, &question, hits);
        check_hits(&corpus, &question, hits, count, seed);
        same_hits("five segments", others, ask(many, &question, others), hits, count, seed);
        for (size_t j = 0; j < COUNT; j++)
            corpus.passages[j].deleted = !is_within(ranges, ARRAY_COUNT(ranges), j + 1);
        check_hits(&corpus, &question, hits, ask_view(one, &question, view, hits), seed);
        for (size_t j = 0; j < COUNT; j++)
            corpus.passages[j].deleted = false;
    }
    free(hits);
    free(others);
    index_view_free(view);
    index_free(one);
    index_free(many);
    corpus_free(&corpus);
}

/* ---- refusals and small contracts ---- */

static void refusals(void **state)
{
    (void)state;
    struct error error = {0};
    struct segment_builder *builder = segment_builder_create();
    expect_error(segment_builder_add(builder, 0, NULL, 0, &error), &error, ERROR_INVALID, "ascending");
    expect_ok(segment_builder_add(builder, 7, NULL, 0, &error), &error);
    expect_error(segment_builder_add(builder, 7, NULL, 0, &error), &error, ERROR_INVALID, "passage 7 comes after passage 7");
    expect_error(segment_builder_add(builder, 6, NULL, 0, &error), &error, ERROR_INVALID, "ascending");
    assert_int_equal(segment_builder_passage_count(builder), 1);
    struct buffer small;
    buffer_init(&small, 300); /* a segment takes more, and the builder keeps what it has */
    expect_error(segment_builder_encode(builder, &small, &error), &error, ERROR_LIMIT, "segment does not fit");
    assert_int_equal(small.size, 0);
    assert_int_equal(segment_builder_passage_count(builder), 1);
    struct index *index = index_create();
    expect_error(index_merge(index, 0, 1, NULL, &small, &error), &error, ERROR_INVALID, "of an index of 0");
    buffer_clear(&small);
    expect_error(index_merge(index, 0, 0, NULL, &small, &error), &error, ERROR_LIMIT, "segment does not fit");
    assert_int_equal(small.size, 0);
    buffer_release(&small);
    segment_builder_free(builder);

    struct random random;
    random_init(&random, 1);
    struct corpus corpus = corpus_make(10, &random);
    struct segment *late = segment_of(&corpus, 5, 10, NULL), *early = segment_of(&corpus, 0, 6, NULL);
    assert_int_equal(segment_first_passage(late), corpus.passages[5].id);
    assert_int_equal(segment_last_passage(late), corpus.passages[9].id);
    expect_ok(index_add_segment(index, late, &error), &error);
    expect_error(index_add_segment(index, early, &error), &error, ERROR_INVALID, "the index ends with passage");
    segment_close(early);
    assert_false(index_delete(index, corpus.passages[0].id));
    assert_true(index_delete(index, corpus.passages[5].id));
    assert_false(index_delete(index, corpus.passages[5].id));
    assert_false(index_contains(index, corpus.passages[5].id));
    assert_true(index_contains(index, corpus.passages[6].id));
    assert_int_equal(index_passage_count(index), 4);

    struct index_hit hits[1];
    size_t count = 77;
    struct slice variant = SLICE("x");
    struct index_word word = {.variants = &variant, .variant_count = 1, .weight = 1};
    struct index_query query = {.words = &word, .word_count = 0, .k1 = 1.2F, .b = 0.75F, .k = 1};
    expect_ok(index_search(index, &query, hits, &count, &error), &error);
    assert_int_equal(count, 0);
    query.word_count = 1;
    query.k = 0;
    expect_error(index_search(index, &query, hits, &count, &error), &error, ERROR_INVALID, "0 results wanted");
    query.k = LIMIT_RESULTS + 1;
    expect_error(index_search(index, &query, hits, &count, &error), &error, ERROR_LIMIT, "the limit is 10000");
    query.k = 1;
    query.b = NAN;
    expect_error(index_search(index, &query, hits, &count, &error), &error, ERROR_INVALID, "b is nan");
    query.b = 0;
    word.weight = 0;
    expect_error(index_search(index, &query, hits, &count, &error), &error, ERROR_INVALID, "has weight 0");
    word = (struct index_word){.variants = &variant, .variant_count = 0, .weight = 1};
    expect_error(index_search(index, &query, hits, &count, &error), &error, ERROR_INVALID, "has 0 variants");
    index_free(index);
    corpus_free(&corpus);
}

/* Merging two of three segments in place, with a deletion that came between. */
static void replacing(void **state)
{
    (void)state;
    struct error error = {0};
    struct random random;
    random_init(&random, test_seed());
    struct corpus corpus = corpus_make(300, &random);
    struct index *index = index_create();
    for (size_t i = 0; i < 3; i++)
        expect_ok(index_add_segment(index, segment_of(&corpus, 100 * i, 100 * i + 100, NULL), &error), &error);
    assert_true(index_delete(index, corpus.passages[42].id));
    struct buffer bytes;
    buffer_init(&bytes, MIB);
    assert_int_equal(index_passages_in(index, 0, 2), 199);
    expect_ok(index_merge(index, 0, 2, NULL, &bytes, &error), &error);
    assert_true(index_delete(index, corpus.passages[77].id));
    corpus.passages[42].deleted = corpus.passages[77].deleted = true;
    struct segment *segment;
    expect_ok(segment_open_bytes(&segment, &bytes, "merged", &error), &error);
    expect_error(index_replace(index, 1, 2, segment, &error), &error, ERROR_INVALID, "the segments it replaces have not");
    expect_error(index_replace(index, 0, 3, segment, &error), &error, ERROR_INVALID, "the segments it replaces have 298");
    expect_ok(index_replace(index, 0, 2, segment, &error), &error);
    assert_int_equal(index_segment_count(index), 2);
    assert_int_equal(index_passage_count(index), 298);
    assert_false(index_contains(index, corpus.passages[77].id));
    struct index *wanted = index_of(&corpus, 1, &random);
    struct index_hit hits[100], others[100];
    for (int i = 0; i < 30; i++) {
        struct question question = question_make(&random);
        question.k = 100;
        size_t count = ask(wanted, &question, hits);
        same_hits("replaced", others, ask(index, &question, others), hits, count, 0);
    }
    index_free(wanted);
    index_free(index);
    corpus_free(&corpus);
}

/* ---- the same bits from every kernel table ---- */

static uint64_t digest(void)
{
    struct random random;
    random_init(&random, test_seed());
    struct corpus corpus = corpus_make(3000, &random);
    struct index *index = index_of(&corpus, 2, &random);
    struct index_hit *hits = memory_alloc(HITS_MAX, sizeof(*hits));
    uint64_t hash = 0;
    for (int i = 0; i < 200; i++) {
        struct question question = question_make(&random);
        size_t count = ask(index, &question, hits);
        for (size_t j = 0; j < count; j++) { /* one by one: the struct has padding */
            hash = XXH3_64bits_withSeed(&hits[j].passage, sizeof(hits[j].passage), hash);
            hash = XXH3_64bits_withSeed(&hits[j].score, sizeof(hits[j].score), hash);
        }
    }
    free(hits);
    index_free(index);
    corpus_free(&corpus);
    return hash;
}

/* A table is chosen once in a process: so one process for each, made before this one has chosen. A name that this machine cannot
 * run gives the best table again. */
static void same_bits_on_every_processor(void **state)
{
    (void)state;
    static const char *const names[] = {"reference", "sse4", "avx2", "neon"};
    uint64_t digests[ARRAY_COUNT(names)];
    for (size_t i = 0; i < ARRAY_COUNT(names); i++) {
        int ends[2], status;
        assert_int_equal(pipe(ends), 0);
        fflush(NULL);
        pid_t child = fork();
        assert_true(child >= 0);
        if (child == 0) {
            setenv("ASSAY_CPU", names[i], 1);
            uint64_t hash = digest();
            if (i == 0 && strcmp(kernels()->name, "reference") != 0)
                _exit(2);
            _exit(write(ends[1], &hash, sizeof(hash)) != sizeof(hash));
        }
        close(ends[1]);
        assert_int_equal(read(ends[0], &digests[i], sizeof(digests[i])), sizeof(digests[i]));
        close(ends[0]);
        assert_int_equal(waitpid(child, &status, 0), child);
        assert_int_equal(status, 0);
        if (digests[i] != digests[0])
            fail_msg("%s gives other bits than reference (seed %llu)", names[i], (unsigned long long)test_seed());
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(same_bits_on_every_processor), /* first: no kernel may have been chosen yet */
        cmocka_unit_test(searching),
        cmocka_unit_test(views),
        cmocka_unit_test(long_lists),
        cmocka_unit_test(many_windows),
        cmocka_unit_test(refusals),
        cmocka_unit_test(replacing),
    };
    return cmocka_run_group_tests_name("index", tests, NULL, NULL);
}
