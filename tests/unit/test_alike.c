/* test_alike.c - texts that are nearly the same: likeness against a plain restatement, planted pairs among many, copies, threads. */
#include "alike/alike.h"
#include "compare.h"
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { WORDS = 80 };

static struct alike_text one_part(const struct slice *part)
{
    return (struct alike_text){part, 1};
}

/* Likeness by comparing every run of three words of one with every one of the other. Words are parted by single blanks. */
static double plain_likeness(struct slice a, struct slice b)
{
    struct slice words[2][WORDS * 2], rest[2] = {a, b};
    size_t counts[2] = {0}, runs[2], both = 0;
    bool first[2][WORDS * 2];
    for (size_t side = 0; side < 2; side++) {
        while (slice_next(&rest[side], ' ', &words[side][counts[side]]))
            counts[side]++;
        runs[side] = 0;
        for (size_t i = 0; i + 3 <= counts[side]; i++) {
            first[side][i] = true;
            for (size_t j = 0; j < i && first[side][i]; j++)
                first[side][i] = !(slice_equal(words[side][i], words[side][j]) &&
                                   slice_equal(words[side][i + 1], words[side][j + 1]) &&
                                   slice_equal(words[side][i + 2], words[side][j + 2]));
            runs[side] += first[side][i];
        }
    }
    for (size_t i = 0; i + 3 <= counts[0]; i++)
        for (size_t j = 0; j + 3 <= counts[1]; j++)
            both += first[0][i] && first[1][j] && slice_equal(words[0][i], words[1][j]) &&
                    slice_equal(words[0][i + 1], words[1][j + 1]) && slice_equal(words[0][i + 2], words[1][j + 2]);
    return (double)both / (double)(runs[0] + runs[1] - both);
}

static void make_words(struct random *random, struct buffer *out, size_t count)
{
    buffer_clear(out);
    for (size_t i = 0; i < count; i++)
        buffer_format(out, "%sw%llu", i ? " " : "", (unsigned long long)random_below(random, 5000));
}

/* A copy of which each word is another one with this chance. */
static void change_words(struct random *random, struct slice text, double share, struct buffer *out)
{
    struct slice word;
    buffer_clear(out);
    for (size_t i = 0; slice_next(&text, ' ', &word); i++) {
        buffer_append_text(out, i ? " " : "");
        if (random_unit(random) < share)
            buffer_format(out, "x%llu", (unsigned long long)random_below(random, 1000000));
        else
            buffer_append_slice(out, word);
    }
}

static void likeness_is_exact(void **state)
{
    (void)state;
    struct random random;
    struct buffer first, second;
    random_init(&random, 7);
    buffer_init(&first, MIB);
    buffer_init(&second, MIB);
    for (int turn = 0; turn < 200; turn++) {
        make_words(&random, &first, 3 + random_below(&random, WORDS - 3));
        change_words(&random, buffer_slice(&first), random_unit(&random) / 2, &second);
        struct slice a = buffer_slice(&first), b = buffer_slice(&second);
        struct alike_text one = one_part(&a), other = one_part(&b);
        assert_true(fabs(alike_likeness(&one, &other) - plain_likeness(a, b)) < 1e-9);
    }
    struct slice capitals = SLICE("Refunds are PAID within  ten days."), small = SLICE("refunds are paid within ten days");
    struct slice parts[] = {SLICE("refunds are"), SLICE("paid within ten"), SLICE("days")}, none = SLICE("");
    struct alike_text a = one_part(&capitals), b = one_part(&small), c = {parts, 3}, empty = one_part(&none);
    assert_true(alike_likeness(&a, &b) == 1 && alike_likeness(&a, &c) == 1);
    assert_true(alike_likeness(&empty, &empty) == 0 && alike_likeness(&a, &empty) == 0);
    buffer_release(&first);
    buffer_release(&second);
}

static void digests(void **state)
{
    (void)state;
    static const struct {
        const char *a, *b;
        bool same;
    } pairs[] = {
        {"a b", " a \n\tb ", true}, {"a b", "ab", false}, {"a b", "a B", false}, {"$5", "€5", false},
        {"", " \n", true},          {"5.", "5", false},   {"a", "a", true},      {"a b c", "a b", false},
    };
    for (size_t i = 0; i < ARRAY_COUNT(pairs); i++) {
        struct slice a = slice_from(pairs[i].a), b = slice_from(pairs[i].b);
        struct alike_text one = one_part(&a), other = one_part(&b);
        unsigned char first[ALIKE_DIGEST_BYTES], second[ALIKE_DIGEST_BYTES];
        alike_digest(&one, first);
        alike_digest(&other, second);
        assert_int_equal(memcmp(first, second, sizeof(first)) == 0, pairs[i].same);
    }
    const struct slice apart[] = {SLICE("a"), SLICE(""), SLICE("b")}, together = SLICE("a b");
    struct alike_text one = {apart, 3}, other = one_part(&together);
    unsigned char first[ALIKE_DIGEST_BYTES], second[ALIKE_DIGEST_BYTES];
    alike_digest(&one, first);
    alike_digest(&other, second);
    assert_memory_equal(first, second, sizeof(first));
}

/* Texts of which every hundredth has an edited copy and every other hundredth the same text again. */
struct world {
    struct slice *slices;
    struct alike_text *texts;
    size_t count;
};

static struct world make_world(size_t count)
{
    struct world world = {memory_alloc(count, sizeof(struct slice)), memory_alloc(count, sizeof(struct alike_text)), count};
    struct random random;
    struct buffer text;
    random_init(&random, 3);
    buffer_init(&text, MIB);
    for (size_t i = 0; i < count; i++) {
        make_words(&random, &text, WORDS);
        if (i % 100 == 1)
            change_words(&random, world.slices[i - 1], 0.07, &text);
        if (i % 100 == 51) {
            buffer_clear(&text);
            buffer_append_text(&text, "  ");
            buffer_append_slice(&text, world.slices[i - 1]);
        }
        world.slices[i] = (struct slice){memory_copy_text(text.data, text.size), text.size};
        world.texts[i] = one_part(&world.slices[i]);
    }
    buffer_release(&text);
    return world;
}

static void world_free(struct world *world)
{
    for (size_t i = 0; i < world->count; i++)
        free((void *)(uintptr_t)world->slices[i].data);
    free(world->slices);
    free(world->texts);
}

static void finds_what_was_planted(void **state)
{
    (void)state;
    struct world world = make_world(20000);
    struct error error = {0};
    struct alike_found found[2];
    for (size_t turn = 0; turn < 2; turn++) {
        struct pool *pool = pool_create(turn == 0 ? 1 : 4);
        const struct alike_search search = {
            .texts = world.texts, .count = world.count, .least = 0.4, .words_least = 10, .pool = pool};
        expect_ok(alike_find(&search, &found[turn], &error), &error);
        pool_free(pool);
    }
    assert_int_equal(found[0].count, found[1].count); /* whatever the number of threads */
    assert_memory_equal(found[0].groups, found[1].groups, world.count * sizeof(*found[0].groups));
    for (size_t i = 0; i < found[0].count; i++) {
        const struct alike_pair *one = &found[0].pairs[i], *other = &found[1].pairs[i];
        assert_true(one->first == other->first && one->second == other->second && one->likeness == other->likeness &&
                    one->same == other->same);
    }
    size_t near = 0, same = 0;
    for (size_t i = 0; i < found[0].count; i++) {
        const struct alike_pair *pair = &found[0].pairs[i];
        assert_int_equal(pair->second, pair->first + 1); /* nothing else is alike */
        assert_int_equal(found[0].groups[pair->second], pair->first);
        assert_true(fabs((double)pair->likeness - alike_likeness(&world.texts[pair->first], &world.texts[pair->second])) <
                    1e-6);
        near += pair->first % 100 == 0;
        same += pair->first % 100 == 50 && pair->same;
    }
    assert_int_equal(same, 200);
    assert_true(near >= 185 && near + same == found[0].count); /* a few were edited too much */
    alike_found_release(&found[0]);
    alike_found_release(&found[1]);
    world_free(&world);
}

/* Many texts with one beginning, and many that are all the same: groups, and work that stays small. */
static void crowds(void **state)
{
    (void)state;
    enum { COUNT = 3000 };
    struct slice *slices = memory_alloc(COUNT, sizeof(*slices));
    struct alike_text *texts = memory_alloc(COUNT, sizeof(*texts));
    struct alike_found found;
    struct error error = {0};
    struct pool *pool = pool_create(2);
    for (size_t i = 0; i < COUNT; i++) {
        char text[200];
        int size = i % 3 == 0
                       ? snprintf(text, sizeof(text), "%s", "  ")
                       : snprintf(text, sizeof(text), "this page was printed from the handbook on a day of %s number %zu",
                                  i % 3 == 1 ? "may" : "the year of the same old thing again and again", i % 3 == 1 ? i : 0);
        slices[i] = (struct slice){memory_copy_text(text, (size_t)size), (size_t)size};
        texts[i] = one_part(&slices[i]);
    }
    const struct alike_search search = {.texts = texts, .count = COUNT, .least = 0.6, .words_least = 5, .pool = pool};
    expect_ok(alike_find(&search, &found, &error), &error);
    for (uint32_t i = 0; i < COUNT; i++)
        assert_int_equal(found.groups[i], i % 3 == 0 ? i : i % 3); /* blank texts are like nothing */
    assert_int_equal(found.count, 2 * (COUNT / 3 - 1));
    alike_found_release(&found);
    for (size_t i = 0; i < COUNT; i++)
        free((void *)(uintptr_t)slices[i].data);
    free(slices);
    free(texts);
    pool_free(pool);
}

static bool refuse(void *context, size_t done, size_t total)
{
    size_t *calls = context;
    assert_true(done <= total);
    return ++*calls < 2;
}

static void stops_when_told(void **state)
{
    (void)state;
    struct world world = make_world(5000);
    struct error error = {0};
    struct alike_found found;
    size_t calls = 0;
    struct pool *pool = pool_create(1);
    const struct alike_search search = {.texts = world.texts,
                                        .count = world.count,
                                        .least = 0.5,
                                        .words_least = 1,
                                        .pool = pool,
                                        .step = refuse,
                                        .context = &calls};
    expect_error(alike_find(&search, &found, &error), &error, ERROR_CANCELLED, "stopped while comparing");
    assert_int_equal(calls, 2);
    const struct alike_search none = {.least = 0.5, .pool = pool};
    expect_ok(alike_find(&none, &found, &error), &error);
    assert_int_equal(found.count, 0);
    alike_found_release(&found);
    pool_free(pool);
    world_free(&world);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(likeness_is_exact),      cmocka_unit_test(digests),
        cmocka_unit_test(finds_what_was_planted), cmocka_unit_test(crowds),
        cmocka_unit_test(stops_when_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
