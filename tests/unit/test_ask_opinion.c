/* test_ask_opinion.c - the second opinion on whether a passage bears a sentence out: what it takes back, and where it is not asked. */
#include "ask/ask_parts.h"
#include "compare.h"
#include "ranker/ranker.h"
#include "tiny_model.h"
#include "train/train.h"

static const char english[] = "Goods may be returned within 45 days of delivery. Otto Grimm signs each return by hand.";
static const char german[] = "Waren können innerhalb von 45 Tagen nach der Lieferung zurückgegeben werden.";
static const char german_turned[] = "Waren können nicht innerhalb von 45 Tagen nach der Lieferung zurückgegeben werden.";
static const char turned[] = "Goods may not be returned within 45 days of delivery.";
static const char made_up[] = "Goods may be returned within 46 days of delivery.";

/* Of one opinion about every pair, whatever it reads. */
static struct ranker *ranker_of_opinion(const char *folder, struct arena *arena, struct pool *pool, float opinion)
{
    static const char *const targets[] = {"all-linear"};
    const float wanted[] = {opinion};
    const struct train_example examples[] = {{.first = SLICE("w1 w2"), .second = SLICE("w3 w1"), .targets = wanted},
                                             {.first = SLICE("w6"), .second = SLICE("w5 w9 w2"), .targets = wanted}};
    const struct train_recipe recipe = {.task = TRAIN_RANK,
                                        .scope = TRAIN_LORA,
                                        .precision = MODEL_F32,
                                        .mean_pooling = true,
                                        .lora = {.rank = 2, .targets = targets, .target_count = 1},
                                        .epochs = 60,
                                        .learning_rate = 0.1F,
                                        .seed = 3};
    const char *base = path_join(arena, folder, "base"), *adapter = path_join(arena, folder, opinion > 0 ? "yes" : "no");
    const struct trainer_options options = {.base = base, .pool = pool};
    struct trainer *trainer = NULL;
    struct train_result result;
    struct ranker *ranker = NULL;
    struct error error = {0};
    expect_ok(trainer_create(&trainer, &recipe, &options, &error), &error);
    expect_ok(trainer_run(trainer, examples, ARRAY_COUNT(examples), false, NULL, &result, &error), &error);
    expect_ok(trainer_save(trainer, adapter, &error), &error);
    trainer_free(trainer);
    const struct ranker_options opened = {base, adapter, MODEL_F32, pool};
    expect_ok(ranker_open(&ranker, &opened, &error), &error);
    return ranker;
}

static bool is_supported(struct ranker *ranker, const char *passage, const char *sentence)
{
    struct error error = {0};
    const struct slice text = slice_from(passage);
    struct search_hit hit = {.passage = {.text = text, .end = (int64_t)text.size},
                             .language = passage == german ? SLICE("de") : SLICE("en")};
    struct ask_passage place = {.hit = &hit, .source = text};
    struct ask_answer answer = {.asked = SLICE("Can I bring something back?"), .search = {.hits = &hit, .count = 1}};
    const struct ask_request request = {.question = answer.asked, .grounding = ranker};
    arena_init(&answer.arena);
    struct asking asking = {.request = &request,
                            .answer = &answer,
                            .arena = &answer.arena,
                            .analyzer = analyzer_create(),
                            .passages = &place,
                            .passage_count = 1};
    passages_read(&asking, &place, 1);
    struct support support = support_find(&asking, slice_from(sentence), 0);
    expect_ok(grounding_check(&asking, slice_from(sentence), &support, &error), &error);
    analyzer_free(asking.analyzer);
    arena_release(&answer.arena);
    return support.is_supported;
}

static void opinions_count_where_words_do_not_decide(void **state)
{
    (void)state;
    struct arena arena;
    char *folder = test_folder_create();
    struct pool *pool = pool_create(1);
    arena_init(&arena);
    tiny_model_write(path_join(&arena, folder, "base"), 5);
    struct ranker *no = ranker_of_opinion(folder, &arena, pool, 0), *yes = ranker_of_opinion(folder, &arena, pool, 1);
    assert_true(is_supported(NULL, english, turned)); /* words alone do not see it */
    assert_false(is_supported(no, english, turned));
    assert_true(is_supported(yes, english, turned));
    assert_true(is_supported(yes, english, turned));
    assert_false(is_supported(yes, english, made_up)); /* a number that stands nowhere is no matter of opinion */
    assert_true(is_supported(no, english, "Otto Grimm signs each return by hand.")); /* word by word */
    assert_true(is_supported(NULL, german, german_turned));
    assert_true(is_supported(no, german, german_turned)); /* it has learned English alone */
    ranker_close(no);
    ranker_close(yes);
    pool_free(pool);
    arena_release(&arena);
    test_folder_remove(folder);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(opinions_count_where_words_do_not_decide)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
