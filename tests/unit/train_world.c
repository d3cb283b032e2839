/* train_world.c - a tiny model with examples of every task. */
#include "train_world.h"
#include "tiny_model.h"

const float train_targets[EXAMPLES][LABELS] = {{1, 0, 1}, {0, 1, 0}, {0.5F, 0, 1}, {0, 0, 0}, {1, 1, 1}, {0, 1, 1},
                                               {1, 0, 0}, {0, 0, 1}, {1, 1, 0},    {0, 1, 0}, {1, 0, 1}};

static char *random_text(struct world *world, struct random *random)
{
    const char *text = "";
    for (size_t words = 1 + random_below(random, 7); words > 0; words--)
        text = arena_format(&world->arena, "%s%sw%d", text, *text != '\0' ? " " : "", (int)random_below(random, 15));
    return arena_text(&world->arena, slice_from(text));
}

struct world world_create(void)
{
    struct world world = {.folder = test_folder_create(), .pool = pool_create(2), .slack = 1};
    struct random random;
    arena_init(&world.arena);
    world.base = path_join(&world.arena, world.folder, "base");
    tiny_model_write(world.base, 5);
    random_init(&random, 7);
    for (size_t i = 0; i < EXAMPLES; i++)
        world.examples[i] = (struct train_example){.first = slice_from(random_text(&world, &random)),
                                                   .label = i % LABELS,
                                                   .targets = train_targets[i],
                                                   .weight = i == 2 ? 2 : 0};
    return world;
}

void world_remove(struct world *world)
{
    pool_free(world->pool);
    arena_release(&world->arena);
    test_folder_remove(world->folder);
}

struct trainer *world_trainer(const struct world *world, const struct train_recipe *recipe, const char *folder,
                              const char *adapter)
{
    struct error error = {0};
    struct trainer *trainer = NULL;
    struct trainer_options options = {.base = world->base, .pool = world->pool, .folder = folder, .adapter = adapter};
    expect_ok(trainer_create(&trainer, recipe, &options, &error), &error);
    return trainer;
}

double world_loss(struct trainer *trainer, const struct world *world)
{
    struct error error = {0};
    double loss;
    expect_ok(trainer_gradients(trainer, world->examples, EXAMPLES, &loss, &error), &error);
    return loss;
}

struct train_recipe world_recipe(enum train_task task, enum train_scope scope)
{
    return (struct train_recipe){.task = task,
                                 .scope = scope,
                                 .outputs = LABELS,
                                 .precision = MODEL_F32,
                                 .epochs = 4,
                                 .batch_examples = 4,
                                 .learning_rate = 0.01F,
                                 .lora = {.rank = 2},
                                 .seed = 9};
}

void world_wants(struct world *world, uint32_t wanted[EXAMPLES][5])
{
    enum { FIRST_WORD = 5 };
    for (size_t i = 0; i < EXAMPLES; i++) {
        for (size_t t = 0; t < 5; t++)
            wanted[i][t] = FIRST_WORD + (uint32_t)((i * 3 + t * 2) % 15);
        world->examples[i].second = i % 3 == 2 ? (struct slice){0} : SLICE("w3 w1 w8 w2");
        world->examples[i].target = wanted[i];
        world->examples[i].target_count = i % 6;
    }
}
