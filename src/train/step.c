/* step.c - the loss of a batch and its gradients: packs go forward and back one after the other, so that only one pack's states are
 * kept. Losses are weighed by example, and divided by all weights of the batch. */
#include "train_parts.h"
#include <stdlib.h>

struct stepping {
    struct trainer *trainer;
    const struct train_example *examples;
    uint64_t step;
    double weight; /* of the whole batch */
    double loss;
    uint64_t tokens;
};

float *states_gradient(struct trainer *trainer, size_t rows)
{
    if (rows > trainer->d_states_rows) {
        free(trainer->d_states);
        trainer->d_states = memory_alloc(rows, trainer->info->hidden * sizeof(float));
        trainer->d_states_rows = rows;
    }
    return trainer->d_states;
}

static double item_weight(const struct ready *item)
{
    if (item->wanted == NULL)
        return (double)item->weight;
    double weight = 0;
    for (size_t t = 0; t < item->count; t++)
        weight += item->wanted[t] != NOT_WANTED ? (double)item->weight : 0;
    return weight;
}

static bool pack_write(struct stepping *stepping, const struct batch_pack *pack, const float *states, struct error *error)
{
    struct trainer *trainer = stepping->trainer;
    const struct write_pass pass = {
        .pack = pack, .states = states, .weight = stepping->weight, .d_states = states_gradient(trainer, pack->pack.rows)};
    stepping->tokens += pack->pack.rows;
    return write_head_run(trainer, &pass, &stepping->loss, error) &&
           (trainer->recipe.scope == TRAIN_HEAD || trainable_backward(trainer->trainable, pass.d_states, error));
}

static bool pack_step(void *context, const struct batch_pack *pack, size_t first_item, size_t first_row, struct error *error)
{
    struct stepping *stepping = context;
    struct trainer *trainer = stepping->trainer;
    struct task_head *head = &trainer->head;
    struct dropout dropout = {trainer->recipe.dropout, trainer->recipe.seed, stepping->step};
    struct pass_options options = {trainer->recipe.scope != TRAIN_HEAD, stepping->step, first_row};
    size_t site_row = head->by_row ? first_row : first_item;
    const float *states;
    if (!trainable_forward(trainer->trainable, &pack->pack, &options, &states, error))
        return false;
    if (trainer->recipe.task == TRAIN_WRITE)
        return pack_write(stepping, pack, states, error);
    head_forward(trainer, pack, states, &dropout, site_row);
    for (size_t text = 0; text < pack->pack.text_count; text++) {
        const struct ready *item = pack->items[text];
        size_t vectors, at = head_vectors(head, pack, text, &vectors) * head->out.n;
        double weight = (double)item->weight / stepping->weight;
        stepping->loss += weight * item_loss(trainer, &stepping->examples[item->example], item, head->logits + at, vectors,
                                             (float)weight, head->dlogits + at);
    }
    stepping->tokens += pack->pack.rows;
    float *d_states = states_gradient(trainer, pack->pack.rows);
    head_backward(trainer, pack, &dropout, site_row, d_states);
    return trainer->recipe.scope == TRAIN_HEAD || trainable_backward(trainer->trainable, d_states, error);
}

bool batch_step(struct trainer *trainer, const struct train_example *examples, const struct ready_set *set, const size_t *order,
                size_t count, uint64_t step, double *loss, uint64_t *tokens, struct error *error)
{
    const struct ready **items = memory_alloc(count, sizeof(*items));
    struct stepping stepping = {.trainer = trainer, .examples = examples, .step = step};
    for (size_t i = 0; i < count; i++) {
        items[i] = &set->items[set->firsts[order[i]]];
        stepping.weight += item_weight(items[i]);
    }
    bool ok = true;
    const struct ready_part own = ready_own(trainer->team, items, count);
    if (stepping.weight > 0) /* else no token of it is to be learned from */
        ok = ready_packs(&own, pack_step, &stepping, error);
    free(items);
    double all_tokens = (double)stepping.tokens;
    ok = ok && team_sum_double(trainer->team, &stepping.loss, error) && team_sum_double(trainer->team, &all_tokens, error);
    stepping.tokens = (uint64_t)all_tokens;
    *loss = stepping.loss;
    *tokens += stepping.tokens;
    return ok;
}
