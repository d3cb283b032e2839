/* test_train_recompute.c - activations made again on the way back: the same loss and gradients, to the last bit. */
#include "compare.h"
#include "kernel/kernel.h"
#include "tiny_model.h"
#include "train/train.h"
#include <string.h>

enum { EXAMPLES = 4 };

static struct trainer *create(const char *base, struct pool *pool, const struct train_recipe *recipe)
{
    struct error error = {0};
    struct trainer *trainer = NULL;
    const struct trainer_options options = {.base = base, .pool = pool};
    expect_ok(trainer_create(&trainer, recipe, &options, &error), &error);
    return trainer;
}

static double loss_of(struct trainer *trainer)
{
    static const struct train_example examples[EXAMPLES] = {{.first = {"w1 w2 w3", 8}, .label = 0},
                                                            {.first = {"w4", 2}, .label = 1},
                                                            {.first = {"w5 w1 w9 w2 w7", 14}, .label = 1},
                                                            {.first = {"w8 w3", 5}, .label = 0}};
    struct error error = {0};
    double loss = 0;
    expect_ok(trainer_gradients(trainer, examples, EXAMPLES, &loss, &error), &error);
    return loss;
}

/* What is made again is made of the same numbers, with the same ones dropped. */
static void same_gradients(void **state)
{
    (void)state;
    static const enum train_scope scopes[] = {TRAIN_ALL, TRAIN_LORA};
    static const enum model_precision precisions[] = {MODEL_F32, MODEL_BF16};
    char *folder = test_folder_create();
    struct pool *pool = pool_create(2);
    tiny_model_write_wide(folder, 5, 128);
    for (size_t i = 0; i < 4; i++) {
        if (precisions[i % 2] == MODEL_BF16 && !gemm_has_bf16())
            continue;
        struct train_recipe recipe = {.task = TRAIN_CLASSIFY, .outputs = 2, .scope = scopes[i / 2], .seed = 3};
        recipe.precision = precisions[i % 2];
        recipe.dropout = recipe.lora.dropout = 0.2F;
        struct trainer *kept = create(folder, pool, &recipe);
        recipe.recompute = true;
        struct trainer *made = create(folder, pool, &recipe);
        const double losses[2] = {loss_of(kept), loss_of(made)};
        assert_memory_equal(&losses[0], &losses[1], sizeof(losses[0]));
        size_t tensors = 0, falling = 0;
        for (; trainer_learned(kept, tensors) != NULL; tensors++) {
            const struct parameter *one = trainer_learned(kept, tensors), *other = trainer_learned(made, tensors);
            assert_memory_equal(one->gradients, other->gradients, one->count * sizeof(float));
            for (size_t j = 0; j < one->count; j++)
                falling += one->gradients[j] < 0;
        }
        assert_true(tensors > 4 && falling > 0);
        trainer_free(kept);
        trainer_free(made);
    }
    pool_free(pool);
    test_folder_remove(folder);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(same_gradients)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
