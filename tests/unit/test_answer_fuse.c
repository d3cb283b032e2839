/* test_answer_fuse.c - two rankings joined, against a plain restatement that looks every passage up in both. */
#include "answer/fuse.h"
#include "compare.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { PASSAGES = 40 };

/* Random hits, best first, equal ones by ascending passage. */
static size_t make_ranking(struct random *random, struct index_hit *hits, bool small_steps)
{
    bool taken[PASSAGES + 1] = {false};
    size_t count = (size_t)random_below(random, PASSAGES / 2 + 1);
    for (size_t i = 0; i < count; i++) {
        passage_id passage;
        do
            passage = 1 + random_below(random, PASSAGES);
        while (taken[passage]);
        taken[passage] = true;
        hits[i] = (struct index_hit){passage, small_steps ? (float)random_below(random, 3) : (float)random_unit(random)};
    }
    for (size_t i = 0; i < count; i++)
        for (size_t j = i + 1; j < count; j++)
            if (hits[j].score > hits[i].score || (hits[j].score == hits[i].score && hits[j].passage < hits[i].passage)) {
                struct index_hit swap = hits[i];
                hits[i] = hits[j];
                hits[j] = swap;
            }
    return count;
}

static size_t place_of(const struct ranking *ranking, passage_id passage)
{
    for (size_t i = 0; i < ranking->count; i++)
        if (ranking->hits[i].passage == passage)
            return i + 1;
    return 0;
}

static size_t better_place(const struct ranking *text, const struct ranking *vector, passage_id passage)
{
    size_t in_text = place_of(text, passage), in_vector = place_of(vector, passage);
    if (in_text == 0 || in_vector == 0)
        return in_text + in_vector;
    return in_text < in_vector ? in_text : in_vector;
}

static double plain_share(const struct ranking *ranking, passage_id passage, enum retrieve_fusion fusion)
{
    size_t place = place_of(ranking, passage);
    if (place == 0)
        return 0;
    if (fusion == FUSION_RANKS)
        return 61.0 / (60.0 + (double)place);
    double best = (double)ranking->hits[0].score, least = (double)ranking->hits[ranking->count - 1].score;
    return best == least ? 1 : ((double)ranking->hits[place - 1].score - least) / (best - least);
}

static void check(const struct ranking *text, const struct ranking *vector, enum retrieve_fusion fusion, double weight,
                  uint64_t seed)
{
    struct candidate out[PASSAGES];
    size_t count = fuse(text, vector, fusion, weight, out), wanted = 0;
    for (passage_id passage = 1; passage <= PASSAGES; passage++)
        wanted += place_of(text, passage) > 0 || place_of(vector, passage) > 0;
    if (count != wanted)
        fail_msg("seed %llu: %zu passages, expected %zu", (unsigned long long)seed, count, wanted);
    for (size_t i = 0; i < count; i++) {
        size_t in_text = place_of(text, out[i].passage), in_vector = place_of(vector, out[i].passage);
        double score = (1 - weight) * plain_share(text, out[i].passage, fusion) +
                       weight * plain_share(vector, out[i].passage, fusion);
        if (fabs(out[i].score - score) > 1e-12 || out[i].text_rank != in_text || out[i].vector_rank != in_vector)
            fail_msg("seed %llu: passage %llu has %g (%zu, %zu), expected %g (%zu, %zu)", (unsigned long long)seed,
                     (unsigned long long)out[i].passage, out[i].score, out[i].text_rank, out[i].vector_rank, score, in_text,
                     in_vector);
        if (in_text > 0)
            assert_true(out[i].text == text->hits[in_text - 1].score);
        if (in_vector > 0)
            assert_true(out[i].vector == vector->hits[in_vector - 1].score);
        bool equal = i > 0 && out[i - 1].score == out[i].score;
        size_t before = i > 0 ? better_place(text, vector, out[i - 1].passage) : 0;
        size_t here = better_place(text, vector, out[i].passage);
        bool ordered = i == 0 || out[i - 1].score > out[i].score ||
                       (equal && (before < here || (before == here && out[i - 1].passage < out[i].passage)));
        if (!ordered)
            fail_msg("seed %llu: place %zu is out of order", (unsigned long long)seed, i);
    }
}

static void random_rankings(void **state)
{
    (void)state;
    uint64_t seed = test_seed();
    struct random random;
    random_init(&random, seed);
    for (size_t i = 0; i < 3000; i++) {
        struct index_hit words[PASSAGES], meaning[PASSAGES];
        struct ranking text = {.hits = words, .count = make_ranking(&random, words, i % 3 == 0)};
        struct ranking vector = {.hits = meaning, .count = make_ranking(&random, meaning, i % 5 == 0)};
        static const double weights[] = {0, 0.3, 0.5, 1};
        check(&text, &vector, i % 2 == 0 ? FUSION_RANKS : FUSION_SCORES, weights[i % 4], seed);
    }
}

static void by_hand(void **state)
{
    (void)state;
    const struct index_hit words[] = {{1, 10}, {2, 6}, {3, 2}}, meaning[] = {{3, 0.9F}, {4, 0.5F}};
    const struct ranking text = {.hits = words, .count = 3}, vector = {.hits = meaning, .count = 2}, none = {.hits = NULL};
    struct candidate out[5];
    assert_int_equal(fuse(&text, &vector, FUSION_SCORES, 0.5, out), 4);
    assert_true(out[0].passage == 1 && out[1].passage == 3 && out[2].passage == 2 && out[3].passage == 4);
    assert_true(fabs(out[0].score - 0.5) < 1e-6 && fabs(out[1].score - 0.5) < 1e-6 && fabs(out[2].score - 0.25) < 1e-6);
    assert_int_equal(fuse(&text, &vector, FUSION_RANKS, 0.5, out), 4);
    assert_true(out[0].passage == 3 && out[1].passage == 1); /* found by both: ahead of the best of one */
    assert_true(fabs(out[0].score - 0.5 * (61.0 / 63 + 1)) < 1e-12);
    assert_int_equal(fuse(&none, &none, FUSION_SCORES, 0.5, out), 0);
    assert_int_equal(fuse(&none, &vector, FUSION_SCORES, 0.5, out), 2);
    assert_true(fuse_text(&text, out) == 3 && out[1].score == 6 && out[1].vector_rank == 0);
    assert_true(fuse_vector(&vector, out) == 2 && out[0].vector_rank == 1 && out[0].text_rank == 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(by_hand), cmocka_unit_test(random_rankings)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
