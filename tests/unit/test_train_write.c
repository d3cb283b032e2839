/* test_train_write.c - the writer's loss and gradients against those that torch computes of the same weights (tests/models/write_reference.py). */
#include "compare.h"
#include "train/train.h"
#include <math.h>
#include <string.h>

static const double loss_wanted = 6.72253103;
static const struct {
    const char *name;
    double length, along; /* of the gradient; along sin(0), sin(1), … */
} wanted[] = {
    {"writer.dense.weight", 11.5582604, -10.076531},
    {"writer.dense.bias", 1.93846299, 0.754110313},
    {"writer.norm.weight", 1.1473304, -0.0372744634},
    {"writer.norm.bias", 1.18012555, 0.84189925},
    {"writer.words.bias", 0.291582817, -0.241557642},
    {"writer.query.weight", 1.04455418, 0.367808236},
    {"writer.query.bias", 0.189375792, 0.116289461},
    {"writer.gate.weight", 0.771105613, -0.409538368},
    {"writer.gate.bias", 0.102465653, 0},
    {"embeddings.word_embeddings.weight", 1.83296008, -0.0348983532},
    {"embeddings.position_embeddings.weight", 0.930015233, 0.578482962},
    {"encoder.layer.0.attention.self.key.weight", 1.43370294, 0.536391194},
    {"encoder.layer.0.intermediate.dense.weight", 5.28255412, -1.27681576},
    {"encoder.layer.1.attention.self.query.weight", 1.35522217, -0.515624345},
    {"encoder.layer.1.attention.self.value.bias", 1.33653516, -0.137958374},
    {"encoder.layer.1.output.LayerNorm.weight", 1.61597529, 0.929510995},
};

/* Each tensor of the head becomes a wave, as it is there. */
static void make_waves(struct trainer *trainer)
{
    const struct parameter *parameter;
    for (size_t t = 0; (parameter = trainer_learned(trainer, t)) != NULL; t++) {
        bool is_norm = strcmp(parameter->name, "writer.norm.weight") == 0;
        if (!slice_starts_with(slice_from(parameter->name), SLICE("writer.")))
            continue;
        for (size_t i = 0; i < parameter->count; i++) /* the head's tensors come first, in the order of the script */
            parameter->values[i] = (float)((is_norm ? 1 : 0) + 0.3 * sin(0.7 * (double)i + (double)t));
    }
}

static void near(const char *name, const char *what, double got, double expected, double scale)
{
    if (!(fabs(got - expected) <= 1e-4 * scale))
        fail_msg("%s: the %s is %.9g, torch says %.9g", name, what, got, expected);
}

static void torch_says_the_same(void **state)
{
    (void)state;
    static const uint32_t first[] = {60, 61, 21}, third[] = {21, 21};
    const struct train_example examples[] = {
        {.first = SLICE("What is an index?"),
         .second = SLICE("The index answers a question"),
         .target = first,
         .target_count = 3},
        {.first = SLICE("a vector"), .second = SLICE("the passages of a document")},
        {.first = SLICE("maps"), .target = third, .target_count = 2},
    };
    const struct train_recipe recipe = {
        .task = TRAIN_WRITE, .scope = TRAIN_ALL, .precision = MODEL_F32, .label_smoothing = 0.1F};
    struct pool *pool = pool_create(2);
    const struct trainer_options options = {.base = SOURCE_ROOT "/tests/data/models/bert-mean-old", .pool = pool};
    struct trainer *trainer = NULL;
    struct error error = {0};
    double loss = 0;
    expect_ok(trainer_create(&trainer, &recipe, &options, &error), &error);
    make_waves(trainer);
    expect_ok(trainer_gradients(trainer, examples, ARRAY_COUNT(examples), &loss, &error), &error);
    near("the batch", "loss", loss, loss_wanted, loss_wanted);
    for (size_t i = 0; i < ARRAY_COUNT(wanted); i++) {
        const struct parameter *parameter = NULL;
        size_t t = 0;
        while ((parameter = trainer_learned(trainer, t)) != NULL && strcmp(parameter->name, wanted[i].name) != 0)
            t++;
        assert_non_null(parameter);
        double squares = 0, along = 0;
        for (size_t k = 0; k < parameter->count; k++) {
            squares += (double)parameter->gradients[k] * (double)parameter->gradients[k];
            along += (double)parameter->gradients[k] * sin((double)k);
        }
        near(wanted[i].name, "gradient's length", sqrt(squares), wanted[i].length, wanted[i].length);
        near(wanted[i].name, "gradient along a wave", along, wanted[i].along, wanted[i].length);
    }
    trainer_free(trainer);
    pool_free(pool);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(torch_says_the_same)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
