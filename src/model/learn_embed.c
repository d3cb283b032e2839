/* learn_embed.c - words, positions and types into states, and back.
 *
 *   1. s = word[id] + type[t] + position[i]
 *   2. y = drop(norm(s))
 *
 *   2. as everywhere
 *   1. dword[id] += ds, dtype[t] += ds, dposition[i] += ds: by columns, rows in their order, for a word may stand in several rows */
#include "learner.h"
#include <string.h>

enum { COLUMNS = 64 };

/* Positions count up from first_position; a literal padding token has the place before it, and does not count. */
static size_t next_position(const struct encoder_config *config, uint32_t id, size_t *counted)
{
    if (config->first_position > 0 && id == config->padding)
        return config->padding;
    return config->first_position + (*counted)++;
}

static size_t type_of(const struct learn *learn, size_t row)
{
    return learn->pack->types[row] < learn->trainable->config.token_types ? learn->pack->types[row] : 0;
}

void embed_forward(void *context, size_t text)
{
    struct learn *learn = context;
    struct trainable *trainable = learn->trainable;
    size_t hidden = trainable->config.hidden, counted = 0;
    const struct text_rows *rows = &learn->pack->texts[text];
    for (size_t row = rows->first; row < rows->first + rows->count; row++) {
        float *sum = trainable->embedded + row * hidden, *x = trainable->x + row * hidden;
        uint32_t id = learn->pack->ids[row];
        size_t position = next_position(&trainable->config, id, &counted);
        memcpy(sum, trainable->words + id * hidden, hidden * sizeof(*sum));
        if (trainable->token_types != NULL)
            learn->kernels->add(sum, trainable->token_types + type_of(learn, row) * hidden, hidden);
        if (trainable->positions != NULL)
            learn->kernels->add(sum, trainable->positions + position * hidden, hidden);
        norm_forward(learn, &trainable->embedding_norm, sum, x);
        if (learn->dropout->part > 0)
            dropout_apply(learn->dropout, SITE_EMBEDDINGS, trainable->options.first_row + row, 0, x, hidden);
    }
}

static void norm_item(void *context, size_t block)
{
    struct learn *learn = context;
    struct trainable *trainable = learn->trainable;
    size_t hidden = trainable->config.hidden, first, end;
    float *dweight = learn->worker->row;
    learn_block(learn, block, &first, &end);
    for (size_t row = first; row < end; row++) {
        float *d = trainable->dx + row * hidden;
        if (learn->dropout->part > 0)
            dropout_apply(learn->dropout, SITE_EMBEDDINGS, trainable->options.first_row + row, 0, d, hidden);
        partial_add(&learn->partials[PARTIAL_B1], row, 0, d, hidden);
        norm_backward(learn, &trainable->embedding_norm, trainable->embedded + row * hidden, d, dweight);
        partial_add(&learn->partials[PARTIAL_W1], row, 0, dweight, hidden);
    }
}

static void tables_item(void *context, size_t block)
{
    struct learn *learn = context;
    struct trainable *trainable = learn->trainable;
    const struct kernels *table = learn->kernels;
    size_t hidden = trainable->config.hidden, first = block * COLUMNS;
    size_t count = hidden - first < COLUMNS ? hidden - first : COLUMNS;
    for (size_t text = 0; text < learn->pack->text_count; text++) {
        const struct text_rows *rows = &learn->pack->texts[text];
        size_t counted = 0;
        for (size_t row = rows->first; row < rows->first + rows->count; row++) {
            const float *d = trainable->dx + row * hidden + first;
            uint32_t id = learn->pack->ids[row];
            size_t position = next_position(&trainable->config, id, &counted);
            table->add(trainable->dwords + id * hidden + first, d, count);
            if (block == 0)
                trainable->used_words[id] = 1;
            if (trainable->dtoken_types != NULL)
                table->add(trainable->dtoken_types + type_of(learn, row) * hidden + first, d, count);
            if (trainable->dpositions != NULL)
                table->add(trainable->dpositions + position * hidden + first, d, count);
        }
    }
}

static void norm_sums_item(void *context, size_t item)
{
    struct learn *learn = context;
    partial_finish(learn, &learn->partials[item == 0 ? PARTIAL_W1 : PARTIAL_B1]);
}

void embed_backward(struct learn *learn)
{
    learn->partials[PARTIAL_W1].into = learn->trainable->embedding_norm.dweight;
    learn->partials[PARTIAL_B1].into = learn->trainable->embedding_norm.dbias;
    learn_step(learn, learn->blocks, norm_item);
    learn_step(learn, 2, norm_sums_item);
    learn_step(learn, (learn->trainable->config.hidden + COLUMNS - 1) / COLUMNS, tables_item);
}
