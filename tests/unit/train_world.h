/* train_world.h - a tiny model with examples of every task: what tests of training share. */
#ifndef TESTS_TRAIN_WORLD_H
#define TESTS_TRAIN_WORLD_H

#include "compare.h"
#include "train/train.h"

enum { EXAMPLES = 11, LABELS = 3 };

struct world {
    char *folder;
    struct arena arena;
    char *base;
    struct pool *pool;
    double slack; /* of gradients, where the loss has kinks */
    struct train_example examples[EXAMPLES];
};

extern const float train_targets[EXAMPLES][LABELS];

struct world world_create(void);
void world_remove(struct world *world);

/* A trainer of the recipe; `folder` and `adapter` may be NULL. */
struct trainer *world_trainer(const struct world *world, const struct train_recipe *recipe, const char *folder,
                              const char *adapter);

/* The loss of all examples as one batch; their gradients are added to. */
double world_loss(struct trainer *trainer, const struct world *world);

/* Small, in f32, over LABELS labels. */
struct train_recipe world_recipe(enum train_task task, enum train_scope scope);

/* Targets of up to five tokens, some of them in the source, and none. */
void world_wants(struct world *world, uint32_t wanted[EXAMPLES][5]);

#endif
