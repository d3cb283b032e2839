/* test_train_checks.c - what is wrong with examples is found and told by line; a split keeps groups together and labels in proportion. */
#include "compare.h"
#include "train/train.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct world {
    struct examples examples, test;
    struct check_report report;
};

static void check_world(struct world *world, const char *examples, const char *test, size_t threads)
{
    static const struct examples_options usual = {0};
    struct error error;
    struct pool *pool = pool_create(threads);
    expect_ok(examples_read(&world->examples, slice_from(examples), "data", &usual, &error), &error);
    if (test != NULL)
        expect_ok(examples_read(&world->test, slice_from(test), "test", &usual, &error), &error);
    const struct check_request request = {
        .examples = &world->examples, .test = test != NULL ? &world->test : NULL, .pool = pool};
    expect_ok(check_examples(&request, &world->report, &error), &error);
    pool_free(pool);
}

static void release_world(struct world *world, bool has_test)
{
    check_release(&world->report);
    examples_release(&world->examples);
    if (has_test)
        examples_release(&world->test);
}

static const struct check_finding *finding(const struct world *world, enum check_kind kind)
{
    for (size_t i = 0; i < world->report.finding_count; i++)
        if (world->report.findings[i].kind == kind)
            return &world->report.findings[i];
    return NULL;
}

static void expect_finding(const struct world *world, enum check_kind kind, size_t count, size_t line, size_t other)
{
    const struct check_finding *found = finding(world, kind);
    if (found == NULL)
        fail_msg("no finding %s", check_kind_name(kind));
    assert_int_equal(found->count, count);
    assert_true(found->message[0] != '\0' && found->remedy[0] != '\0');
    if (line == 0)
        return;
    assert_true(found->place_count > 0);
    assert_int_equal(found->places[0].line, line);
    if (other > 0)
        assert_int_equal(found->places[0].other_line, other);
}

static void findings(void **state)
{
    (void)state;
    struct world world;
    check_world(&world,
                "text,label\n"
                "how long is the refund window of this shop,refund\n" /* 2 */
                "How long is the refund window of this shop,delivery\n" /* 3: the same words, another label */
                "where is my parcel,delivery\n" /* 4 */
                "where  is my parcel ,delivery\n" /* 5: again */
                "where is my parcel,refund\n" /* 6: the same text, another label */
                "please tell me how long the refund window of this shop is today,refund\n" /* 7 */
                "please tell me how long the refund window of this shop is now,refund\n" /* 8: nearly */
                "mail me at jane.doe@example.com please,other\n" /* 9 */
                "password = \"k3R!x9vQ2m\",other\n" /* 10 */
                "in the test too,refund\n" /* 11 */
                ",refund\n", /* 12: rejected */
                "text,label\nin the test too,refund\nplease tell me how long the refund window of this shop is "
                "really,refund\nx y,nobody\n",
                2);
    expect_finding(&world, CHECK_FEW, 1, 0, 0);
    expect_finding(&world, CHECK_REJECTED, 1, 12, 0);
    expect_finding(&world, CHECK_CONTRADICTION, 2, 6, 4);
    expect_finding(&world, CHECK_DUPLICATE, 1, 5, 4);
    expect_finding(&world, CHECK_NEAR_DUPLICATE, 2, 0, 0);
    expect_finding(&world, CHECK_LEAK, 1, 11, 2);
    expect_finding(&world, CHECK_NEAR_LEAK, 1, 3, 0);
    expect_finding(&world, CHECK_UNKNOWN_LABEL, 1, 4, 0);
    expect_finding(&world, CHECK_SMALL_CLASS, 3, 0, 0);
    expect_finding(&world, CHECK_PERSONAL, 1, 9, 0);
    expect_finding(&world, CHECK_SECRET, 1, 10, 0);
    assert_string_equal(finding(&world, CHECK_PERSONAL)->places[0].text, "email");
    assert_null(finding(&world, CHECK_ONE_LABEL));
    assert_int_equal(world.report.usable, 8); /* without lines 5 and 11 */
    assert_int_equal(world.report.marks[3], CHECK_MARK_DUPLICATE);
    assert_int_equal(world.report.marks[9], CHECK_MARK_LEAK);
    assert_int_equal(world.report.groups[4], 2);
    assert_int_equal(world.report.groups[6], world.report.groups[5]);
    for (size_t i = 1; i < world.report.finding_count; i++)
        assert_true(world.report.findings[i - 1].severity <= world.report.findings[i].severity);
    release_world(&world, true);
    check_world(&world, "{\"text\":\"a\",\"label\":1}\n{\"text\":\"b\",\"label\":1}\n", NULL, 1);
    assert_true(world.report.findings[0].kind == CHECK_ONE_LABEL && world.report.findings[0].blocks);
    release_world(&world, false);
}

static void labels_in_other_letters(void **state)
{
    (void)state;
    struct world world;
    check_world(&world, "text,label\na b,billing\nc d,BILLING\ne f,BILLING\ng h,\xC3\x96l\ni j,\xC3\xB6l\nk l,bug\n", NULL, 1);
    expect_finding(&world, CHECK_LABEL_CASE, 2, 0, 0);
    const struct check_finding *found = finding(&world, CHECK_LABEL_CASE);
    assert_string_equal(found->message, "labels differ only in case: BILLING, billing, and others");
    assert_string_equal(found->places[0].text, "BILLING: 2, billing: 1");
    assert_string_equal(found->places[1].text, "\xC3\x96l: 1, \xC3\xB6l: 1");
    assert_false(found->blocks);
    release_world(&world, false);
    check_world(&world, "text,label\na b,log in\nc d,login\n", NULL, 1);
    assert_null(finding(&world, CHECK_LABEL_CASE));
    release_world(&world, false);
}

/* Many texts of a few words, some in groups of near ones; label i % labels. */
static char *many(size_t count, size_t labels)
{
    static const char *const words[] = {"amber", "basil", "cedar", "dune",  "ember",
                                        "fjord", "grove", "heath", "inlet", "jetty"};
    struct buffer text;
    struct random random;
    random_init(&random, test_seed());
    buffer_init(&text, 16 * MIB);
    for (size_t i = 0; i < count; i++) {
        buffer_format(&text, "{\"label\":%zu,\"text\":\"", i / 2 % labels);
        if (i % 6 == 1) /* the text before with one word more */
            buffer_format(&text, "%zu %zu %zu %zu %zu %zu %zu %zu again", i - 1, i, i + 1, i + 2, i + 3, i + 4, i + 5, i + 6);
        else if (i % 6 == 0)
            buffer_format(&text, "%zu %zu %zu %zu %zu %zu %zu %zu", i, i + 1, i + 2, i + 3, i + 4, i + 5, i + 6, i + 7);
        else
            for (size_t j = 0; j < 8; j++)
                buffer_format(&text, "%s%llu ", words[random_below(&random, 10)],
                              (unsigned long long)random_below(&random, 100));
        buffer_append_text(&text, "\"}\n");
    }
    char *copy = memory_copy_text(text.data, text.size);
    buffer_release(&text);
    return copy;
}

static void expect_split(const struct world *world, const uint8_t *parts, double share)
{
    size_t held[16] = {0}, all[16] = {0};
    for (size_t i = 0; i < world->examples.count; i++) {
        uint32_t group = world->report.groups[i], label = world->examples.items[i].labels[0];
        assert_int_equal(parts[i] == SPLIT_NONE, world->report.marks[i] != 0);
        if (world->report.marks[i] != 0)
            continue;
        if (world->report.marks[group] == 0)
            assert_int_equal(parts[i], parts[group]);
        all[label]++;
        held[label] += parts[i] == SPLIT_HELD;
    }
    for (size_t j = 0; j < world->examples.label_count; j++) {
        assert_true(held[j] >= 1 && held[j] < all[j]);
        assert_true((double)held[j] <= share * (double)all[j] + 1);
        assert_true((double)held[j] >= share * (double)all[j] - 2);
    }
}

static void splits(void **state)
{
    (void)state;
    struct world world;
    char *text = many(1200, 7);
    check_world(&world, text, NULL, 3);
    size_t count = world.examples.count;
    uint8_t *parts = memory_alloc(count, 1), *again = memory_alloc(count, 1), *other = memory_alloc(count, 1);
    memset(parts, SPLIT_TRAIN, count);
    memset(again, SPLIT_TRAIN, count);
    memset(other, SPLIT_TRAIN, count);
    struct split_request request = {
        .examples = &world.examples, .groups = world.report.groups, .marks = world.report.marks, .share = 0.1, .seed = 7};
    split_examples(&request, parts);
    expect_split(&world, parts, 0.1);
    split_examples(&request, again);
    assert_memory_equal(parts, again, count);
    request.seed = 8;
    split_examples(&request, other);
    assert_memory_not_equal(parts, other, count);
    uint8_t *kept = memory_alloc(count, 1);
    for (size_t i = 0; i < count; i++)
        kept[i] = parts[i] == SPLIT_HELD;
    memset(other, SPLIT_TRAIN, count);
    request.kept = kept; /* whatever the seed, and in place of others, not beside them */
    split_examples(&request, other);
    assert_memory_equal(parts, other, count);
    request.share = 0.2;
    memset(other, SPLIT_TRAIN, count);
    split_examples(&request, other);
    expect_split(&world, other, 0.2);
    for (size_t i = 0; i < count; i++)
        assert_true(parts[i] != SPLIT_HELD || other[i] == SPLIT_HELD);
    free(kept);
    size_t grouped = 0;
    for (size_t i = 0; i < count; i++)
        grouped += world.report.groups[i] != i;
    assert_true(grouped >= 150);
    release_world(&world, false);
    free(parts);
    free(again);
    free(other);
    free(text);
}

static void small_labels(void **state)
{
    (void)state;
    struct world world;
    check_world(&world, "text,label\na,x\nb,y\nc,y\nd,z\ne,z\nf,z\n", NULL, 1);
    uint8_t parts[6];
    memset(parts, SPLIT_TRAIN, sizeof(parts));
    split_examples(
        &(struct split_request){
            .examples = &world.examples, .groups = world.report.groups, .marks = world.report.marks, .share = 0.1, .seed = 1},
        parts);
    assert_int_equal(parts[0], SPLIT_TRAIN); /* the only one of its label is learned */
    assert_int_equal((parts[1] == SPLIT_HELD) + (parts[2] == SPLIT_HELD), 1);
    assert_int_equal((parts[3] == SPLIT_HELD) + (parts[4] == SPLIT_HELD) + (parts[5] == SPLIT_HELD), 1);
    release_world(&world, false);
}

static void passages_stay_together(void **state)
{
    (void)state;
    struct world world;
    check_world(&world,
                "{\"data\":[{\"paragraphs\":[{\"context\":\"one "
                "here\",\"qas\":[{\"question\":\"q\",\"answers\":[],\"is_impossible\":true},"
                "{\"question\":\"r\",\"answers\":[],\"is_impossible\":true}]},{\"context\":\"two\",\"qas\":[{\"question\":"
                "\"q\",\"answers\":"
                "[],\"is_impossible\":true}]}]}]}",
                NULL, 1);
    assert_int_equal(world.report.groups[1], 0);
    assert_int_equal(world.report.groups[2], 2);
    assert_null(finding(&world, CHECK_DUPLICATE)); /* the same question of another passage is another one */
    release_world(&world, false);
}

/* Of one text with two labels, the second of either is a duplicate, though the first of all has another label. */
static void duplicates_of_each_label(void **state)
{
    (void)state;
    struct world world;
    check_world(&world, "text,label\nwhere is it,a\nwhere is it,b\nwhere is it,b\nwhere is it,a\n", /* lines 2 to 5 */
                NULL, 1);
    expect_finding(&world, CHECK_DUPLICATE, 2, 4, 3);
    expect_finding(&world, CHECK_CONTRADICTION, 1, 3, 2);
    assert_int_equal(world.report.usable, 2);
    release_world(&world, false);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(findings),     cmocka_unit_test(labels_in_other_letters), cmocka_unit_test(splits),
        cmocka_unit_test(small_labels), cmocka_unit_test(passages_stay_together),  cmocka_unit_test(duplicates_of_each_label)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
