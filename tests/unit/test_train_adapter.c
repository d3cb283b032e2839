/* test_train_adapter.c - models opened with an adapter compute what was trained, and adapters of any bytes do no harm. */
#include "compare.h"
#include "model/model.h"
#include "model/trainable.h"
#include "tiny_model.h"
#include "train/train.h"
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { EXAMPLES = 8, LABELS = 3 };

struct world {
    char *folder;
    struct arena arena;
    char *base, *adapter;
    struct pool *pool;
    struct slice firsts[EXAMPLES];
    struct train_example examples[EXAMPLES];
};

static struct world world_create(void)
{
    static const char *const texts[EXAMPLES] = {"w1 w2",     "w3",     "w4 w5 w6 w7", "w0",
                                                "w8 w9 w10", "w11 w2", "w14 w13 w12", "w6 w6"};
    struct world world = {.folder = test_folder_create(), .pool = pool_create(2)};
    arena_init(&world.arena);
    world.base = path_join(&world.arena, world.folder, "base");
    world.adapter = path_join(&world.arena, world.folder, "adapter");
    tiny_model_write(world.base, 5);
    for (size_t i = 0; i < EXAMPLES; i++) {
        world.firsts[i] = slice_from(texts[i]);
        world.examples[i] = (struct train_example){.first = world.firsts[i], .label = i % LABELS};
    }
    return world;
}

static void world_remove(struct world *world)
{
    pool_free(world->pool);
    arena_release(&world->arena);
    test_folder_remove(world->folder);
}

static struct train_recipe usual_recipe(void)
{
    static const char *const targets[] = {"all-linear"};
    return (struct train_recipe){.task = TRAIN_CLASSIFY,
                                 .scope = TRAIN_LORA,
                                 .outputs = LABELS,
                                 .precision = MODEL_F32,
                                 .lora = {.rank = 4, .targets = targets, .target_count = 1},
                                 .learning_rate = 0.02F,
                                 .epochs = 6,
                                 .batch_examples = 4,
                                 .seed = 3};
}

/* Trains a little, saves, and gives the trainer's outputs. */
static void make_adapter(struct world *world, const struct train_recipe *recipe, float *out)
{
    struct error error = {0};
    struct trainer *trainer;
    struct train_result result;
    struct trainer_options options = {.base = world->base, .pool = world->pool};
    expect_ok(trainer_create(&trainer, recipe, &options, &error), &error);
    expect_ok(trainer_run(trainer, world->examples, EXAMPLES, false, NULL, &result, &error), &error);
    expect_ok(trainer_save(trainer, world->adapter, &error), &error);
    if (out != NULL)
        expect_ok(trainer_predict(trainer, world->examples, EXAMPLES, out, &error), &error);
    trainer_free(trainer);
}

static bool open_with(const struct world *world, enum model_precision precision, struct model **model, struct error *error)
{
    struct model_options options = {.precision = precision, .pool = world->pool, .adapter = world->adapter};
    return model_open(model, world->base, &options, error);
}

static double farthest(const float *a, const float *b, size_t count)
{
    double most = 0;
    for (size_t i = 0; i < count; i++)
        most = fmax(most, fabs((double)a[i] - (double)b[i]));
    return most;
}

static void compare_scores(struct world *world, const struct train_recipe *recipe)
{
    static const struct {
        enum model_precision precision;
        double within;
    } ways[] = {{MODEL_F32, 3e-5}, {MODEL_INT8, 0.5}};
    float trained[EXAMPLES * LABELS], got[EXAMPLES * LABELS];
    struct error error = {0};
    make_adapter(world, recipe, trained);
    for (size_t i = 0; i < ARRAY_COUNT(ways); i++) {
        struct model *model;
        expect_ok(open_with(world, ways[i].precision, &model, &error), &error);
        assert_int_equal(model_info(model)->labels, LABELS);
        assert_non_null(model_adapter(model));
        expect_ok(model_score(model, world->firsts, NULL, EXAMPLES, got, &error), &error);
        if (farthest(got, trained, EXAMPLES * LABELS) > ways[i].within)
            fail_msg("%s: outputs are %g apart", model_precision_name(ways[i].precision),
                     farthest(got, trained, EXAMPLES * LABELS));
        model_close(model);
    }
}

static void models_with_adapters_score_as_trained(void **state)
{
    (void)state;
    struct world world = world_create();
    struct train_recipe recipe = usual_recipe();
    compare_scores(&world, &recipe);
    recipe.mean_pooling = true; /* the base has a dense layer, which this head does not read */
    compare_scores(&world, &recipe);
    recipe.lora.rank_stabilised = true;
    compare_scores(&world, &recipe);
    recipe.lora.weight_decomposed = true;
    compare_scores(&world, &recipe);
    recipe.scope = TRAIN_HEAD;
    compare_scores(&world, &recipe);
    world_remove(&world);
}

static void vectors_are_those_of_the_trainer(void **state)
{
    (void)state;
    struct world world = world_create();
    struct train_recipe recipe = usual_recipe();
    struct error error = {0};
    struct model *model;
    float trained[EXAMPLES * TINY_HIDDEN], got[EXAMPLES * TINY_HIDDEN], base[EXAMPLES * TINY_HIDDEN];
    recipe.task = TRAIN_EMBED;
    recipe.outputs = 0;
    for (size_t i = 0; i < EXAMPLES; i++)
        world.examples[i].second = world.firsts[(i + 1) % EXAMPLES];
    make_adapter(&world, &recipe, trained);
    expect_ok(open_with(&world, MODEL_F32, &model, &error), &error);
    expect_ok(model_embed(model, world.firsts, EXAMPLES, (struct slice){0}, got, NULL, &error), &error);
    model_close(model);
    struct model_options options = {.precision = MODEL_F32, .pool = world.pool};
    expect_ok(model_open(&model, world.base, &options, &error), &error);
    assert_null(model_adapter(model));
    expect_ok(model_embed(model, world.firsts, EXAMPLES, (struct slice){0}, base, NULL, &error), &error);
    model_close(model);
    for (size_t i = 0; i < EXAMPLES; i++) { /* the trainer's have length 1 */
        double length = 0;
        for (size_t k = 0; k < TINY_HIDDEN; k++)
            length += (double)got[i * TINY_HIDDEN + k] * (double)got[i * TINY_HIDDEN + k];
        for (size_t k = 0; k < TINY_HIDDEN; k++)
            got[i * TINY_HIDDEN + k] /= (float)sqrt(length);
    }
    assert_true(farthest(got, trained, EXAMPLES * TINY_HIDDEN) < 3e-5);
    assert_true(farthest(base, trained, EXAMPLES * TINY_HIDDEN) > 1e-3);
    world_remove(&world);
}

/* Of a head over each token: its tensors by name, and the rows that it reads. */
struct spans {
    const float *weight, *bias;
    float best[EXAMPLES];
    size_t rows[EXAMPLES];
};

static void span_rows(void *context, size_t text, const float *rows, size_t count)
{
    struct spans *spans = context;
    spans->rows[text] = count;
    spans->best[text] = spans->bias[0];
    for (size_t k = 0; k < TINY_HIDDEN; k++)
        spans->best[text] += spans->weight[k] * rows[k];
}

static void heads_are_read_by_name(void **state)
{
    (void)state;
    struct world world = world_create();
    struct train_recipe recipe = usual_recipe();
    struct error error = {0};
    struct model *model;
    recipe.task = TRAIN_SPAN;
    const struct train_range range = {0, 2, 0};
    struct slice seconds[EXAMPLES];
    for (size_t i = 0; i < EXAMPLES; i++) {
        seconds[i] = world.examples[i].second = world.firsts[(i + 2) % EXAMPLES];
        world.examples[i].ranges = &range;
        world.examples[i].range_count = 1;
    }
    make_adapter(&world, &recipe, NULL);
    expect_ok(open_with(&world, MODEL_F32, &model, &error), &error);
    assert_int_equal(model_info(model)->labels, 0);
    assert_string_equal(model_adapter(model)->task, "span");
    float *weight = model_read(model, "qa_outputs.weight", 2, TINY_HIDDEN, &error);
    float *bias = model_read(model, "qa_outputs.bias", 2, 0, &error);
    assert_non_null(weight);
    assert_non_null(bias);
    assert_null(model_read(model, "qa_outputs.weight", 3, TINY_HIDDEN, &error));
    assert_null(model_read(model, "nothing.weight", 2, TINY_HIDDEN, &error));
    struct spans spans = {.weight = weight, .bias = bias};
    struct model_rows rows = {
        .firsts = world.firsts, .seconds = seconds, .count = EXAMPLES, .done = span_rows, .context = &spans};
    expect_ok(model_rows(model, &rows, &error), &error);
    for (size_t i = 0; i < EXAMPLES; i++) {
        assert_true(spans.rows[i] >= 5); /* [CLS] first [SEP] second [SEP] */
        assert_true(isfinite(spans.best[i]));
    }
    free(weight);
    free(bias);
    model_close(model);
    world_remove(&world);
}

/* ---- of any bytes ---- */

static void replace(const struct world *world, const char *file, const char *old, const char *new)
{
    struct error error = {0};
    struct buffer text;
    struct arena arena;
    arena_init(&arena);
    char *path = path_join(&arena, world->adapter, file);
    buffer_init(&text, MIB);
    expect_ok(file_read(path, MIB, &text, &error), &error);
    const char *whole = buffer_text(&text), *at = strstr(whole, old);
    assert_non_null(at);
    char *changed = arena_format(&arena, "%.*s%s%s", (int)(at - whole), whole, new, at + strlen(old));
    expect_ok(file_replace(path, slice_from(changed), &error), &error);
    buffer_release(&text);
    arena_release(&arena);
}

static void refuses(const struct world *world, const char *file, const char *old, const char *new, const char *part)
{
    struct train_recipe recipe = usual_recipe();
    struct error error = {0};
    struct model *model = NULL;
    make_adapter((struct world *)(uintptr_t)world, &recipe, NULL);
    replace(world, file, old, new);
    bool ok = open_with(world, MODEL_F32, &model, &error);
    if (ok)
        fail_msg("%s: %s for %s was taken", file, new, old);
    if (strstr(error.message, part) == NULL)
        fail_msg("\"%s\" does not say \"%s\"", error.message, part);
}

static void wrong_adapters_are_refused(void **state)
{
    (void)state;
    struct world world = world_create();
    static const char config[] = "adapter_config.json", own[] = "assay_adapter.json";
    static const char *const changes[][4] = {{config, "\"LORA\"", "\"IA3\"", "kind LORA"},
                                             {config, "\"LORA\"", "[1]", "peft_type"},
                                             {config, "\"r\":4", "\"r\":5", "rank 5"},
                                             {config, "\"r\":4", "\"r\":4.5", "whole number"},
                                             {config, "\"r\":4", "\"r\":-4", "expected above 0"},
                                             {config, "\"r\":4", "\"r\":1e30", "expected above 0"},
                                             {config, "\"lora_alpha\":8", "\"lora_alpha\":0", "lora_alpha"},
                                             {config, "\"bias\":\"none\"", "\"bias\":\"all\"", "biases"},
                                             {config, "\"use_dora\":false", "\"use_dora\":true", "magnitudes for 0 of its"},
                                             {config, "{", "{\"rank_pattern\":{\"a\":3},", "rank_pattern"},
                                             {config, "{", "{\"layer_replication\":[[0,1]],", "layer_replication"},
                                             {config, "{", "{\"init_lora_weights\":\"pissa_niter_4\",", "changes its base"},
                                             {config, "{", "[", "adapter_config.json"},
                                             {own, "{", "[{", "assay_adapter.json"},
                                             {own, "\"labels\":[\"LABEL_0\"", "\"labels\":[7", "label 0"},
                                             {own, "\"base_sha256\":\"", "\"base_sha256\":\"0", "base changed"},
                                             {own, "\"input_sha256\":\"", "\"input_sha256\":\"0", "other tokens"}};
    for (size_t i = 0; i < ARRAY_COUNT(changes); i++)
        refuses(&world, changes[i][0], changes[i][1], changes[i][2], changes[i][3]);
    world_remove(&world);
}

struct part {
    const char *name;
    size_t rows, columns;
};

/* An adapter_model.safetensors of these tensors, all `value`. */
static void write_tensors(const struct world *world, const struct part *parts, size_t count, float value)
{
    struct error error = {0};
    struct tensor_head heads[8];
    struct buffer file;
    size_t numbers = 0;
    buffer_init(&file, MIB);
    for (size_t i = 0; i < count; i++) {
        heads[i] = (struct tensor_head){parts[i].name, parts[i].rows, parts[i].columns};
        numbers += parts[i].rows * (parts[i].columns > 0 ? parts[i].columns : 1);
    }
    safetensors_head(&file, heads, count, NULL, 0);
    for (size_t i = 0; i < numbers; i++)
        buffer_append(&file, &value, sizeof(value));
    struct arena arena;
    arena_init(&arena);
    expect_ok(file_replace(path_join(&arena, world->adapter, "adapter_model.safetensors"), buffer_slice(&file), &error),
              &error);
    arena_release(&arena);
    buffer_release(&file);
}

#define LAYER "base_model.model.bert.encoder.layer.0.attention.self.query"

static void wrong_tensors_are_refused(void **state)
{
    (void)state;
    struct world world = world_create();
    struct train_recipe recipe = usual_recipe();
    struct error error = {0};
    struct model *model = NULL;
    make_adapter(&world, &recipe, NULL);
    static const struct {
        struct part parts[3];
        size_t count;
        const char *says;
    } cases[] = {
        {{{LAYER ".lora_A.weight", 4, TINY_HIDDEN}}, 1, "stands alone"},
        {{{LAYER ".lora_A.weight", 3, TINY_HIDDEN}, {LAYER ".lora_B.weight", TINY_HIDDEN, 3}}, 2, "rank 4"},
        {{{LAYER ".lora_A.weight", 4, 9}, {LAYER ".lora_B.weight", TINY_HIDDEN, 4}}, 2, "adds 8 x 9"},
        {{{LAYER ".lora_A.weight", 4, TINY_HIDDEN}, {LAYER ".lora_B.weight", 40, 4}}, 2, "adds 40 x 8"},
        {{{"base_model.model.no.lora_A.weight", 4, TINY_HIDDEN}, {"base_model.model.no.lora_B.weight", TINY_HIDDEN, 4}},
         2,
         "adds to 1 layers"},
        {{{"base_model.model.embeddings.word_embeddings.lora_embedding_A", 4, 20}}, 1, "not known here"},
        {{{"base_model.model.classifier.weight", LABELS, 9}, {"base_model.model.classifier.bias", LABELS, 0}},
         2,
         "classifier.weight"}};
    for (size_t i = 0; i < ARRAY_COUNT(cases); i++) {
        write_tensors(&world, cases[i].parts, cases[i].count, 0.5F);
        expect_error(open_with(&world, MODEL_F32, &model, &error), &error, ERROR_INVALID, cases[i].says);
    }
    static const struct part whole[] = {{LAYER ".lora_A.weight", 4, TINY_HIDDEN}, {LAYER ".lora_B.weight", TINY_HIDDEN, 4}};
    write_tensors(&world, whole, 2, (float)NAN);
    assert_false(open_with(&world, MODEL_F32, &model, &error));
    assert_non_null(strstr(error.message, "no number"));
    write_tensors(&world, whole, 2, 1e30F); /* finite, and their product is not */
    assert_false(open_with(&world, MODEL_F32, &model, &error));
    world_remove(&world);
}

static void wrong_magnitudes_are_refused(void **state)
{
    (void)state;
    struct world world = world_create();
    struct train_recipe recipe = usual_recipe();
    struct error error = {0};
    struct model *model = NULL;
    recipe.lora.weight_decomposed = true;
    make_adapter(&world, &recipe, NULL);
    static const struct {
        struct part parts[3];
        size_t count;
        const char *says;
    } cases[] = {
        {{{LAYER ".lora_A.weight", 4, TINY_HIDDEN}, {LAYER ".lora_B.weight", TINY_HIDDEN, 4}}, 2, "for 0 of its 1 layers"},
        {{{LAYER ".lora_magnitude_vector", TINY_HIDDEN, 0}}, 1, "stands alone"},
        {{{LAYER ".lora_A.weight", 4, TINY_HIDDEN},
          {LAYER ".lora_B.weight", TINY_HIDDEN, 4},
          {LAYER ".lora_magnitude_vector", 9, 0}},
         3,
         "another size"}};
    for (size_t i = 0; i < ARRAY_COUNT(cases); i++) {
        write_tensors(&world, cases[i].parts, cases[i].count, 0.5F);
        expect_error(open_with(&world, MODEL_F32, &model, &error), &error, ERROR_INVALID, cases[i].says);
    }
    static const struct part whole[] = {{LAYER ".lora_A.weight", 4, TINY_HIDDEN},
                                        {LAYER ".lora_B.weight", TINY_HIDDEN, 4},
                                        {LAYER ".lora_magnitude_vector", TINY_HIDDEN, 0}};
    write_tensors(&world, whole, 3, 1e13F); /* a row's length is none */
    expect_error(open_with(&world, MODEL_F32, &model, &error), &error, ERROR_INVALID, "no number");
    world_remove(&world);
}

static void damage(struct world *world, struct random *random, bool weight_decomposed)
{
    struct train_recipe recipe = usual_recipe();
    struct error error = {0};
    struct buffer whole;
    recipe.lora.weight_decomposed = weight_decomposed;
    make_adapter(world, &recipe, NULL);
    char *path = path_join(&world->arena, world->adapter, "adapter_model.safetensors");
    buffer_init(&whole, MIB);
    expect_ok(file_read(path, MIB, &whole, &error), &error);
    for (size_t i = 0; i < 150; i++) {
        char *copy = arena_text(&world->arena, buffer_slice(&whole));
        size_t size = i % 3 == 0 ? random_below(random, whole.size) : whole.size;
        for (size_t flips = i % 3 == 0 ? 0 : 4; flips > 0; flips--)
            copy[random_below(random, i % 3 == 1 ? 2000 : size)] ^= (char)(1U << random_below(random, 8));
        struct model *model = NULL;
        expect_ok(file_replace(path, (struct slice){copy, size}, &error), &error);
        if (open_with(world, MODEL_F32, &model, &error))
            model_close(model);
        else
            assert_true(error.message[0] != '\0');
    }
    buffer_release(&whole);
}

static void damaged_files_do_no_harm(void **state)
{
    (void)state;
    struct world world = world_create();
    struct random random;
    random_init(&random, test_seed());
    damage(&world, &random, false);
    damage(&world, &random, true);
    world_remove(&world);
}

/* Of one layer: a row that comes to nothing, W + scale·B·A = 0, with a magnitude; and a row without a magnitude. */
static void make_nothing(const struct world *world, struct trainer *trainer, double scale)
{
    const struct trainable_options options = {.precision = MODEL_F32, .pool = world->pool};
    struct trainable *base;
    struct error error = {0};
    const struct parameter *parameter;
    size_t count, found = 0;
    expect_ok(trainable_open(&base, world->base, &options, &error), &error);
    const struct parameter *w = trainable_parameters(base, &count), *end = w + count;
    while (w < end && strcmp(w->name, "encoder.layer.0.output.dense.weight") != 0)
        w++;
    assert_true(w < end);
    for (size_t i = 0; (parameter = trainer_learned(trainer, i)) != NULL; i++) {
        const struct slice name = slice_from(parameter->name);
        if (!slice_starts_with(name, SLICE("encoder.layer.0.output.dense.")))
            continue;
        found++;
        if (slice_ends_with(
                name,
                SLICE(
                    "lora_A.weight"))) { /* its first row is W's; the quotient is a power of two, and the sum 0 to the last bit */
            memcpy(parameter->values, w->values, parameter->columns * sizeof(float));
        } else if (slice_ends_with(name, SLICE("lora_B.weight"))) {
            assert_true(parameter->turned);
            for (size_t r = 0; r < parameter->columns; r++)
                parameter->values[r * parameter->rows] = r == 0 ? (float)(-1 / scale) : 0;
        } else {
            parameter->values[0] = 5;
            parameter->values[1] = 0;
        }
    }
    assert_int_equal(found, 3);
    trainable_close(base);
}

static void rows_of_nothing_are_the_same_everywhere(void **state)
{
    (void)state;
    struct world world = world_create();
    struct train_recipe recipe = usual_recipe();
    struct error error = {0};
    struct trainer *trainer;
    struct trainer_options options = {.base = world.base, .pool = world.pool};
    const char *merged = path_join(&world.arena, world.folder, "merged");
    double loss;
    float usual[EXAMPLES * LABELS], trained[EXAMPLES * LABELS], got[EXAMPLES * LABELS];
    recipe.lora.weight_decomposed = true;
    recipe.lora.alpha = 2 * (float)recipe.lora.rank;
    expect_ok(trainer_create(&trainer, &recipe, &options, &error), &error);
    expect_ok(trainer_predict(trainer, world.examples, EXAMPLES, usual, &error), &error);
    make_nothing(&world, trainer, 2);
    expect_ok(trainer_gradients(trainer, world.examples, EXAMPLES, &loss, &error),
              &error); /* takes the numbers as they are now */
    expect_ok(trainer_predict(trainer, world.examples, EXAMPLES, trained, &error), &error);
    expect_ok(trainer_save(trainer, world.adapter, &error), &error);
    expect_ok(trainer_save_merged(trainer, merged, &error), &error);
    trainer_free(trainer);
    assert_true(farthest(trained, usual, EXAMPLES * LABELS) > 1e-3);
    for (size_t i = 0; i < 2; i++) {
        struct model *model;
        struct model_options alone = {.precision = MODEL_F32, .pool = world.pool};
        if (i == 0)
            expect_ok(open_with(&world, MODEL_F32, &model, &error), &error);
        else
            expect_ok(model_open(&model, merged, &alone, &error), &error);
        expect_ok(model_score(model, world.firsts, NULL, EXAMPLES, got, &error), &error);
        if (!(farthest(got, trained, EXAMPLES * LABELS) <= 3e-5))
            fail_msg("%s: outputs are %g apart", i == 0 ? "adapter" : "merged", farthest(got, trained, EXAMPLES * LABELS));
        model_close(model);
    }
    world_remove(&world);
}

static void a_changed_base_is_told(void **state)
{
    (void)state;
    struct world world = world_create();
    struct train_recipe recipe = usual_recipe();
    struct error error = {0};
    struct model *model = NULL;
    make_adapter(&world, &recipe, NULL);
    tiny_model_write(world.base, 6);
    expect_error(open_with(&world, MODEL_F32, &model, &error), &error, ERROR_CONFLICT, "base changed");
    char *own = path_join(&world.arena, world.adapter, "assay_adapter.json");
    assert_int_equal(remove(own), 0); /* one made elsewhere names no base by hash, and is believed */
    expect_ok(open_with(&world, MODEL_F32, &model, &error), &error);
    model_close(model);
    world_remove(&world);
}

/* ---- heads over the mean, for others ---- */

/* A head that was learned over the mean, written for programs whose heads read the first token: their way to compute gives the same. */
static void compare_merged(struct world *world, const char *base)
{
    static const struct {
        enum model_precision precision;
        double within;
    } ways[] = {{MODEL_F32, 3e-5}, {MODEL_INT8, 0.5}};
    static const char *const targets[] = {"all-linear"};
    struct error error = {0};
    struct trainer *trainer;
    struct train_result result;
    struct train_recipe recipe = usual_recipe();
    struct trainer_options options = {.base = base, .pool = world->pool};
    float trained[EXAMPLES * LABELS], got[EXAMPLES * LABELS];
    char *folder = path_join(&world->arena, world->folder, arena_text(&world->arena, path_name(base)));
    recipe.mean_pooling = true;
    recipe.lora.targets = targets;
    recipe.head_learning_rate = 0.5F;
    expect_ok(trainer_create(&trainer, &recipe, &options, &error), &error);
    expect_ok(trainer_run(trainer, world->examples, EXAMPLES, false, NULL, &result, &error), &error);
    expect_ok(trainer_predict(trainer, world->examples, EXAMPLES, trained, &error), &error);
    expect_ok(trainer_save_merged(trainer, folder, &error), &error);
    trainer_free(trainer);
    assert_true(farthest(trained, (float[EXAMPLES * LABELS]){0}, EXAMPLES * LABELS) > 2);
    for (size_t i = 0; i < ARRAY_COUNT(ways); i++) {
        struct model *model;
        struct model_options opening = {.precision = ways[i].precision, .pool = world->pool};
        expect_ok(model_open(&model, folder, &opening, &error), &error);
        expect_ok(model_score(model, world->firsts, NULL, EXAMPLES, got, &error), &error);
        if (!(farthest(got, trained, EXAMPLES * LABELS) <= ways[i].within))
            fail_msg("%s, %s: outputs are %g apart", base, model_precision_name(ways[i].precision),
                     farthest(got, trained, EXAMPLES * LABELS));
        model_close(model);
    }
}

static void merged_models_read_the_first_token(void **state)
{
    (void)state;
    static const char *const bases[] = {"bert-mean-old", "roberta-mean", "xlm-roberta-mean", "electra-ranker",
                                        "distilbert-mean"};
    struct world world = world_create();
    for (size_t i = 0; i < ARRAY_COUNT(bases); i++)
        compare_merged(&world, arena_format(&world.arena, SOURCE_ROOT "/tests/data/models/%s", bases[i]));
    world_remove(&world);
}

static void as_many_labels_as_states_have_room_for(void **state)
{
    (void)state;
    struct world world = world_create();
    struct error error = {0};
    struct trainer *trainer;
    struct train_recipe recipe = usual_recipe();
    struct trainer_options options = {.base = world.base, .pool = world.pool};
    char *merged = path_join(&world.arena, world.folder, "merged");
    recipe.mean_pooling = true;
    for (recipe.outputs = TINY_HIDDEN - 3; recipe.outputs < TINY_HIDDEN; recipe.outputs += 2) {
        expect_ok(trainer_create(&trainer, &recipe, &options, &error), &error);
        if (recipe.outputs == TINY_HIDDEN - 3)
            expect_ok(trainer_save_merged(trainer, merged, &error), &error);
        else
            expect_error(trainer_save_merged(trainer, merged, &error), &error, ERROR_LIMIT, "5 are the most");
        trainer_free(trainer);
    }
    world_remove(&world);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(models_with_adapters_score_as_trained),
        cmocka_unit_test(vectors_are_those_of_the_trainer),
        cmocka_unit_test(heads_are_read_by_name),
        cmocka_unit_test(wrong_adapters_are_refused),
        cmocka_unit_test(wrong_tensors_are_refused),
        cmocka_unit_test(wrong_magnitudes_are_refused),
        cmocka_unit_test(damaged_files_do_no_harm),
        cmocka_unit_test(rows_of_nothing_are_the_same_everywhere),
        cmocka_unit_test(a_changed_base_is_told),
        cmocka_unit_test(merged_models_read_the_first_token),
        cmocka_unit_test(as_many_labels_as_states_have_room_for),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
