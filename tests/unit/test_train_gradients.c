/* test_train_gradients.c - training a tiny encoder: every gradient against differences of losses. */
#include "kernel/gemm.h"
#include "kernel/kernel.h"
#include "model/model.h"
#include "model/trainable.h"
#include "tiny_model.h"
#include "train_world.h"
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Of DoRA the length of W + scale·B·A counts as a constant on the way back. So that differences of losses say the same, each change of A and B here changes the
 * magnitudes by as much: their quotient stays. */
struct still {
    struct trainer *trainer;
    struct trainable *base; /* the same weights */
    float scale;
    double *quotients; /* of all magnitudes behind one another; NULL: there are none */
};

static const struct parameter *named(struct trainer *trainer, struct slice layer, const char *end)
{
    const struct parameter *parameter;
    for (size_t i = 0; (parameter = trainer_learned(trainer, i)) != NULL; i++) {
        struct slice name = slice_from(parameter->name);
        if (slice_starts_with(name, layer) && strcmp(parameter->name + layer.size, end) == 0)
            return parameter;
    }
    return NULL;
}

/* |W + scale·B·A| of a row, in double. */
static double length_of(const struct still *still, struct slice layer, size_t row)
{
    const struct parameter *a = named(still->trainer, layer, ".lora_A.weight"),
                           *b = named(still->trainer, layer, ".lora_B.weight");
    size_t count, at = 0;
    const struct parameter *all = trainable_parameters(still->base, &count);
    while (at < count &&
           !(slice_starts_with(slice_from(all[at].name), layer) && strcmp(all[at].name + layer.size, ".weight") == 0))
        at++;
    assert_true(a != NULL && b != NULL && at < count && b->turned);
    double squares = 0;
    for (size_t k = 0; k < a->columns; k++) {
        double sum = (double)all[at].values[row * a->columns + k];
        for (size_t r = 0; r < a->rows; r++)
            sum += (double)still->scale * (double)b->values[r * b->rows + row] * (double)a->values[r * a->columns + k];
        squares += sum * sum;
    }
    return sqrt(squares);
}

/* Takes the quotients m / length of all rows, or sets the magnitudes to what keeps them. */
static void hold_still(struct still *still, bool takes)
{
    const struct parameter *parameter;
    size_t at = 0;
    for (size_t i = 0; still->base != NULL && (parameter = trainer_learned(still->trainer, i)) != NULL; i++) {
        struct slice name = slice_from(parameter->name), end = SLICE(".lora_magnitude_vector");
        if (!slice_ends_with(name, end))
            continue;
        struct slice layer = slice_range(name, 0, name.size - end.size);
        still->quotients = takes ? memory_resize(still->quotients, at + parameter->count, sizeof(double)) : still->quotients;
        for (size_t row = 0; row < parameter->count; row++, at++)
            if (takes)
                still->quotients[at] = (double)parameter->values[row] / length_of(still, layer, row);
            else
                parameter->values[row] = (float)(still->quotients[at] * length_of(still, layer, row));
    }
}

/* Along a direction that is half the gradient's and half chance, the loss must rise as the gradient says. */
static void check_tensor(struct still *still, const struct world *world, const struct parameter *parameter,
                         const float *gradient, struct random *random)
{
    bool moves_lengths = strstr(parameter->name, ".lora_A.") != NULL || strstr(parameter->name, ".lora_B.") != NULL;
    float *direction = memory_alloc(parameter->count, sizeof(float)), *kept = memory_alloc(parameter->count, sizeof(float));
    double length = 0, along = 0, losses[2];
    memcpy(kept, parameter->values, parameter->count * sizeof(float));
    for (size_t i = 0; i < parameter->count; i++)
        length += (double)gradient[i] * (double)gradient[i];
    length = sqrt(length);
    for (size_t i = 0; i < parameter->count; i++) {
        double chance = (random_unit(random) - 0.5) / sqrt((double)parameter->count);
        direction[i] = (float)((length > 1e-9 ? (double)gradient[i] / length : 0) + chance);
        along += (double)direction[i] * (double)gradient[i];
    }
    const double step = 4e-3;
    for (int side = 0; side < 2; side++) {
        for (size_t i = 0; i < parameter->count; i++)
            parameter->values[i] = kept[i] + (float)(side == 0 ? -step : step) * direction[i];
        if (moves_lengths)
            hold_still(still, false);
        losses[side] = world_loss(still->trainer, world);
    }
    memcpy(parameter->values, kept, parameter->count * sizeof(float));
    if (moves_lengths)
        hold_still(still, false);
    double found = (losses[1] - losses[0]) / (2 * step);
    if (!(fabs(found - along) <= 0.01 * world->slack * length + 2e-4))
        fail_msg("%s: the loss rises by %.6g, the gradient says %.6g", parameter->name, found, along);
    free(direction);
    free(kept);
}

static struct still still_create(const struct world *world, const struct train_recipe *recipe, struct trainer *trainer)
{
    const struct trainable_options options = {.precision = MODEL_F32, .pool = world->pool};
    double rank = (double)recipe->lora.rank;
    struct error error = {0};
    struct still still = {.trainer = trainer, .scale = (float)(2 * rank / (recipe->lora.rank_stabilised ? sqrt(rank) : rank))};
    if (!recipe->lora.weight_decomposed)
        return still;
    expect_ok(trainable_open(&still.base, world->base, &options, &error), &error);
    hold_still(&still, true);
    return still;
}

static void check_gradients(const struct world *world, const struct train_recipe *recipe)
{
    struct trainer *trainer = world_trainer(world, recipe, NULL, NULL);
    const struct parameter *parameter;
    struct random random;
    size_t tensors = 0, moving = 0;
    random_init(&random, 3);
    for (; (parameter = trainer_learned(trainer, tensors)) != NULL;
         tensors++) { /* so that no gradient is 0 for lack of a start */
        struct slice name = slice_from(parameter->name);
        for (size_t i = 0; i < parameter->count && slice_ends_with(name, SLICE("lora_B.weight")); i++)
            parameter->values[i] = (float)(random_unit(&random) - 0.5);
        for (size_t i = 0; i < parameter->count && slice_ends_with(name, SLICE("magnitude_vector")); i++)
            parameter->values[i] *= (float)(random_unit(&random) + 0.5);
    }
    struct still still = still_create(world, recipe, trainer);
    float **gradients = memory_alloc(tensors, sizeof(*gradients));
    (void)world_loss(trainer, world);
    for (size_t i = 0; i < tensors; i++) {
        parameter = trainer_learned(trainer, i);
        gradients[i] = memory_alloc(parameter->count, sizeof(float));
        memcpy(gradients[i], parameter->gradients, parameter->count * sizeof(float));
        for (size_t j = 0; j < parameter->count; j++)
            if (gradients[i][j] != 0) {
                moving++;
                break;
            }
    }
    assert_true(moving > tensors / 2);
    for (size_t i = 0; i < tensors; i++) {
        check_tensor(&still, world, trainer_learned(trainer, i), gradients[i], &random);
        free(gradients[i]);
    }
    free(gradients);
    free(still.quotients);
    trainable_close(still.base);
    trainer_free(trainer);
}

static void gradients_of_labels(void **state)
{
    (void)state;
    static const float class_weights[LABELS] = {1, 2, 0.5F};
    struct world world = world_create();
    struct train_recipe recipe = world_recipe(TRAIN_CLASSIFY, TRAIN_ALL);
    recipe.dropout = 0.1F;
    recipe.label_smoothing = 0.1F;
    recipe.class_weights = class_weights;
    check_gradients(&world, &recipe);
    recipe.scope = TRAIN_LORA;
    recipe.lora.dropout = 0.2F;
    recipe.lora.rank_stabilised = true;
    recipe.lora.targets = (const char *const[]){"all-linear"};
    recipe.lora.target_count = 1;
    recipe.label_smoothing = 0;
    recipe.focal_gamma = 2;
    check_gradients(&world, &recipe);
    recipe.lora.weight_decomposed = true;
    check_gradients(&world, &recipe);
    recipe.lora.targets = (const char *const[]){"key", "output.dense"}; /* one of a matrix's three parts */
    recipe.lora.target_count = 2;
    check_gradients(&world, &recipe);
    recipe.scope = TRAIN_HEAD;
    recipe.mean_pooling = true;
    check_gradients(&world, &recipe);
    world_remove(&world);
}

static void gradients_of_other_tasks(void **state)
{
    (void)state;
    struct world world = world_create();
    struct train_recipe recipe = world_recipe(TRAIN_CLASSIFY_MANY, TRAIN_ALL);
    recipe.mean_pooling = true;
    check_gradients(&world, &recipe);
    recipe.focal_gamma = 2; /* for targets 0 and 1 alone */
    world.examples[2].targets = train_targets[0];
    check_gradients(&world, &recipe);
    recipe.focal_gamma = 0;
    recipe.task = TRAIN_REGRESS;
    check_gradients(&world, &recipe);
    for (size_t i = 0; i < EXAMPLES; i++)
        world.examples[i].second = SLICE("w3 w1 w8");
    recipe.task = TRAIN_RANK;
    recipe.mean_pooling = false;
    check_gradients(&world, &recipe);
    struct slice negatives[] = {SLICE("w9 w2"), SLICE("w4")};
    world.examples[1].negatives = negatives;
    world.examples[1].negative_count = 2;
    world.examples[2].second = SLICE("w7 w2"); /* the others stay the same text, which is no negative */
    recipe.task = TRAIN_EMBED;
    recipe.temperature = 0.3F;
    check_gradients(&world, &recipe);
    recipe.widths[0] = TINY_HIDDEN / 2;
    check_gradients(&world, &recipe);
    world_remove(&world);
}

/* Each part of a vector is learned once, whatever order a caller names them in: it is refused. */
static void widths_rise(void **state)
{
    (void)state;
    static const size_t wrong[][3] = {{TINY_HIDDEN / 2, TINY_HIDDEN / 4}, {TINY_HIDDEN / 2, TINY_HIDDEN / 2}, {TINY_HIDDEN}};
    struct world world = world_create();
    struct error error = {0};
    struct trainer *trainer = NULL;
    const struct trainer_options options = {.base = world.base, .pool = world.pool};
    for (size_t i = 0; i < ARRAY_COUNT(wrong); i++) {
        struct train_recipe recipe = world_recipe(TRAIN_EMBED, TRAIN_LORA);
        memcpy(recipe.widths, wrong[i], sizeof(wrong[i]));
        expect_error(trainer_create(&trainer, &recipe, &options, &error), &error, ERROR_INVALID, "a part of");
    }
    world_remove(&world);
}

/* Two questions with one answer are not told apart by it; with two they are. */
static void the_same_answer_is_no_negative(void **state)
{
    (void)state;
    struct world world = world_create();
    struct train_recipe recipe = world_recipe(TRAIN_EMBED, TRAIN_LORA);
    struct error error = {0};
    double loss = -1;
    world.examples[0].second = world.examples[1].second = SLICE("w3 w1 w8");
    struct trainer *trainer = world_trainer(&world, &recipe, NULL, NULL);
    expect_ok(trainer_gradients(trainer, world.examples, 2, &loss, &error), &error);
    assert_true(loss == 0);
    world.examples[1].second = SLICE("w3 w1");
    expect_ok(trainer_gradients(trainer, world.examples, 2, &loss, &error), &error);
    assert_true(loss > 0);
    trainer_free(trainer);
    world_remove(&world);
}

static void gradients_of_tokens(void **state)
{
    (void)state;
    struct world world = world_create();
    struct train_range ranges[EXAMPLES];
    struct train_recipe recipe = world_recipe(TRAIN_TAG, TRAIN_ALL);
    for (size_t i = 0; i < EXAMPLES; i++) {
        ranges[i] = (struct train_range){0, 2, 1 + i % 2};
        world.examples[i].ranges = &ranges[i];
        world.examples[i].range_count = 1;
    }
    check_gradients(&world, &recipe);
    recipe.task = TRAIN_SPAN;
    for (size_t i = 0; i < EXAMPLES; i++) {
        world.examples[i].second = SLICE("w3 w1 w8 w2");
        ranges[i] = (struct train_range){3 * (i % 3), 3 * (i % 3) + 5, 0};
        world.examples[i].range_count = i % 4 == 3 ? 0 : 1;
    }
    check_gradients(&world, &recipe);
    world_remove(&world);
}

static void gradients_of_writers(void **state)
{
    (void)state;
    struct world world = world_create();
    uint32_t wanted[EXAMPLES][5];
    struct train_recipe recipe = world_recipe(TRAIN_WRITE, TRAIN_ALL);
    world_wants(&world, wanted);
    check_gradients(&world, &recipe);
    recipe.label_smoothing = 0.1F;
    recipe.dropout = 0.1F;
    check_gradients(&world, &recipe);
    recipe.scope = TRAIN_LORA;
    recipe.lora.targets = (const char *const[]){"all-linear"};
    recipe.lora.target_count = 1;
    check_gradients(&world, &recipe);
    recipe.scope = TRAIN_HEAD;
    check_gradients(&world, &recipe);
    world_remove(&world);
}

/* Additions get a second factor other than 0, the same for the same names. */
static struct trainer *create_moving(const struct world *world, const struct train_recipe *recipe)
{
    struct trainer *trainer = world_trainer(world, recipe, NULL, NULL);
    const struct parameter *parameter;
    struct random random;
    random_init(&random, 3);
    for (size_t t = 0; (parameter = trainer_learned(trainer, t)) != NULL; t++)
        for (size_t i = 0; i < parameter->count && slice_ends_with(slice_from(parameter->name), SLICE("lora_B.weight")); i++)
            parameter->values[i] = (float)(random_unit(&random) - 0.5) / 8;
    return trainer;
}

/* Gradients in bf16 are near those in f32: of all tensors together within 2 %, of each within 10 % of it and 1 % of the longest. */
static void compare_precisions(const struct world *world, struct train_recipe recipe, const char *what)
{
    struct trainer *exact = create_moving(world, &recipe), *rounded;
    const struct parameter *wanted, *got;
    double losses[2], apart = 0, length = 0, longest = 0;
    recipe.precision = MODEL_BF16;
    rounded = create_moving(world, &recipe);
    losses[0] = world_loss(exact, world);
    losses[1] = world_loss(rounded, world);
    if (!(fabs(losses[0] - losses[1]) <= 0.02 * losses[0]))
        fail_msg("%s: loss %g in bf16, %g in f32", what, losses[1], losses[0]);
    for (size_t t = 0; (wanted = trainer_learned(exact, t)) != NULL; t++)
        longest = fmax(longest, sqrt((double)kernels()->dot(wanted->gradients, wanted->gradients, wanted->count)));
    for (size_t t = 0; (wanted = trainer_learned(exact, t)) != NULL; t++) {
        double off = 0, own = 0;
        got = trainer_learned(rounded, t);
        for (size_t i = 0; i < wanted->count; i++) {
            double difference = (double)got->gradients[i] - (double)wanted->gradients[i];
            off += difference * difference;
            own += (double)wanted->gradients[i] * (double)wanted->gradients[i];
        }
        if (!(sqrt(off) <= 0.1 * sqrt(own) + 0.01 * longest))
            fail_msg("%s: %s is %.4g off, its length is %.4g", what, wanted->name, sqrt(off), sqrt(own));
        apart += off;
        length += own;
    }
    if (!(sqrt(apart) <= 0.02 * sqrt(length)))
        fail_msg("%s: all are %.4g off, their length is %.4g", what, sqrt(apart), sqrt(length));
    trainer_free(exact);
    trainer_free(rounded);
}

static void gradients_in_bf16(void **state)
{
    (void)state;
    static const struct {
        size_t rank; /* 0: all weights */
        bool weight_decomposed;
    } kinds[] = {{0, false}, {8, false}, {64, false}, {8, true}, {64, true}};
    if (!gemm_has_bf16())
        skip();
    struct world world = world_create();
    char what[64];
    world.base = path_join(&world.arena, world.folder, "wide");
    tiny_model_write_wide(world.base, 5, 128);
    for (size_t i = 0; i < ARRAY_COUNT(kinds); i++)
        for (size_t drops = 0; drops < 2; drops++) {
            struct train_recipe recipe = world_recipe(TRAIN_CLASSIFY, kinds[i].rank == 0 ? TRAIN_ALL : TRAIN_LORA);
            recipe.dropout = drops ? 0.2F : 0;
            recipe.lora.rank = kinds[i].rank;
            recipe.lora.weight_decomposed = kinds[i].weight_decomposed;
            recipe.lora.dropout = drops ? 0.1F : 0;
            snprintf(what, sizeof(what), "rank %zu%s, dropout %zu", kinds[i].rank, kinds[i].weight_decomposed ? ", DoRA" : "",
                     drops);
            compare_precisions(&world, recipe, what);
        }
    world_remove(&world);
}

/* By each way of pooling the vectors are the model's own, and the gradients right. */
static void vectors_of_each_pooling(void **state)
{
    (void)state;
    static const char *const bases[] = {SOURCE_ROOT "/tests/data/models/bert-max-f16",
                                        SOURCE_ROOT "/tests/data/models/bert-last-head64"};
    struct world world = world_create();
    struct train_recipe recipe = world_recipe(TRAIN_EMBED, TRAIN_LORA);
    struct error error = {0};
    recipe.outputs = 0;
    recipe.temperature = 0.3F;
    for (size_t i = 0; i < EXAMPLES; i++) {
        world.examples[i].first = slice_from(arena_format(&world.arena, "passage %zu into pieces", i * 37));
        world.examples[i].second = slice_from(arena_format(&world.arena, "a vector means %zu", i));
    }
    for (size_t b = 0; b < ARRAY_COUNT(bases); b++) {
        world.base = arena_text(&world.arena, slice_from(bases[b]));
        world.slack = b == 0 ? 8 : 1; /* the largest of a column changes from row to row */
        check_gradients(&world, &recipe);
        struct trainer *trainer = world_trainer(&world, &recipe, NULL, NULL);
        size_t width = trainer_outputs(trainer);
        float *ours = memory_alloc(EXAMPLES * width, sizeof(float)), *models = memory_alloc(EXAMPLES * width, sizeof(float));
        struct slice texts[EXAMPLES];
        struct model *model;
        for (size_t i = 0; i < EXAMPLES; i++)
            texts[i] = world.examples[i].first;
        expect_ok(trainer_predict(trainer, world.examples, EXAMPLES, ours, &error), &error);
        struct model_options options = {.precision = MODEL_F32, .pool = world.pool};
        expect_ok(model_open(&model, world.base, &options, &error), &error);
        assert_int_equal(model_info(model)->dimensions, width);
        expect_ok(model_embed(model, texts, EXAMPLES, (struct slice){0}, models, NULL, &error), &error);
        for (size_t i = 0; i < EXAMPLES * width; i += width) {
            double along = 0, length = 0;
            for (size_t k = i; k < i + width; k++) {
                along += (double)ours[k] * (double)models[k];
                length += (double)models[k] * (double)models[k];
            }
            assert_true(along / sqrt(length) > 1 - 1e-5);
        }
        model_close(model);
        trainer_free(trainer);
        free(ours);
        free(models);
    }
    world_remove(&world);
}

/* RoBERTa's tokens are all of one type: where the second text begins is told by what stands between. */
static void spans_without_token_types(void **state)
{
    (void)state;
    static const char *const passages[] = {"the vector is into pieces", "into pieces the vector is",
                                           "is the vector into pieces"};
    struct world world = world_create();
    struct train_recipe recipe = world_recipe(TRAIN_SPAN, TRAIN_ALL);
    struct train_result result;
    struct train_range ranges[3];
    struct train_span spans[3];
    struct error error = {0};
    world.base = arena_text(&world.arena, SLICE(SOURCE_ROOT "/tests/data/models/roberta-mean"));
    recipe.epochs = 60;
    recipe.learning_rate = 3e-3F;
    for (size_t i = 0; i < 3; i++) {
        size_t at = (size_t)(strstr(passages[i], "vector") - passages[i]);
        ranges[i] = (struct train_range){at, at + 6, 0};
        world.examples[i] = (struct train_example){
            .first = SLICE("the"), .second = slice_from(passages[i]), .ranges = &ranges[i], .range_count = 1};
    }
    struct trainer *trainer = world_trainer(&world, &recipe, NULL, NULL);
    expect_ok(trainer_run(trainer, world.examples, 3, false, NULL, &result, &error), &error);
    expect_ok(trainer_predict_spans(trainer, world.examples, 3, spans, &error), &error);
    for (size_t i = 0; i < 3; i++) {
        assert_true(spans[i].score > 0);
        assert_true(spans[i].start <= ranges[i].start && ranges[i].start - spans[i].start <= 1);
        assert_int_equal(spans[i].end, ranges[i].end);
    }
    trainer_free(trainer);
    world_remove(&world);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(gradients_of_labels),
        cmocka_unit_test(gradients_of_other_tasks),
        cmocka_unit_test(widths_rise),
        cmocka_unit_test(the_same_answer_is_no_negative),
        cmocka_unit_test(gradients_of_tokens),
        cmocka_unit_test(gradients_of_writers),
        cmocka_unit_test(gradients_in_bf16),
        cmocka_unit_test(vectors_of_each_pooling),
        cmocka_unit_test(spans_without_token_types),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
