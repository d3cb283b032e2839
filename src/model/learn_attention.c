/* learn_attention.c - attention of one head over one text, forward and back, QUERIES queries at a time.
 *
 *   1. s = scale · q·kᵀ                   s [queries, keys]
 *   2. p = softmax(s) by row              over the keys that the row sees (struct text_rows); the others' p is 0
 *   3. p' = drop(p)
 *   4. o = p'·v
 *
 *   4. dv += p'ᵀ·do, dp' = do·vᵀ
 *   3. dp = drop(dp')
 *   2. ds = p · (dp - Σ_j p·dp)           direct, through the sum of exponentials
 *   1. dq = scale · ds·k, dk += scale · dsᵀ·q
 *
 * Steps 1 to 3 are done again on the way back. Scratch, with `padded` the keys in whole registers:
 *
 *   turned k [size, padded] | turned v [size, padded] | p [QUERIES, padded] | p' | dp | rows [QUERIES, size] */
#include "learner.h"
#include <math.h>
#include <string.h>

enum { QUERIES = 48, WHOLE = 16 };

struct head {
    size_t count, size, padded, stride; /* tokens, numbers of a head, a row of qkv */
    size_t row, number, source;
    const float *q, *k, *v;
    float *keys, *values, *p, *dropped, *dp, *rows;
};

static size_t padded_count(size_t count)
{
    return (count + WHOLE - 1) / WHOLE * WHOLE;
}

size_t learn_attention_scratch(size_t count, size_t head_size)
{
    return padded_count(count) * (2 * head_size + 3 * QUERIES) + QUERIES * head_size;
}

/* out [size, padded]: m [count, size] turned, zeros behind. */
static void turn(const struct learn *learn, float *out, const float *m, const struct head *head)
{
    learn->kernels->turn(out, head->padded, m, head->stride, head->count, head->size);
    for (size_t d = 0; d < head->size; d++)
        memset(out + d * head->padded + head->count, 0, (head->padded - head->count) * sizeof(*out));
}

static struct head head_at(struct learn *learn, size_t text, size_t number)
{
    const struct encoder_config *config = &learn->trainable->config;
    const struct text_rows *rows = &learn->pack->texts[text];
    struct head head = {.count = rows->count, .size = config->head_size, .padded = padded_count(rows->count)};
    head.stride = 3 * config->hidden;
    head.row = rows->first;
    head.source = rows->source;
    head.number = number;
    head.q = learn->layer->qkv_rows + rows->first * head.stride + number * head.size;
    head.k = head.q + config->hidden;
    head.v = head.k + config->hidden;
    head.keys = learn->worker->attention;
    head.values = head.keys + head.size * head.padded;
    head.p = head.values + head.size * head.padded;
    head.dropped = head.p + QUERIES * head.padded;
    head.dp = head.dropped + QUERIES * head.padded;
    head.rows = head.dp + QUERIES * head.padded;
    turn(learn, head.keys, head.k, &head);
    return head;
}

static void drop(const struct learn *learn, const struct head *head, size_t query, float *values)
{
    if (learn->dropout->part > 0)
        dropout_apply(learn->dropout, learn_site(learn, SITE_HEADS + (uint32_t)head->number),
                      learn->trainable->options.first_row + head->row + query, 0, values, head->count);
}

/* How many keys, from the first on, a query sees. */
static size_t seen(const struct head *head, size_t query)
{
    if (head->source == 0)
        return head->count;
    return query < head->source ? head->source : query + 1;
}

/* Steps 1 to 3 for `count` queries from `first` on. */
static void probabilities(const struct learn *learn, const struct head *head, size_t first, size_t count)
{
    memset(head->p, 0, count * head->padded * sizeof(*head->p));
    learn->kernels->product_add(&(struct kernel_product){
        .c = head->p,
        .c_stride = head->padded,
        .a = head->q + first * head->stride,
        .a_row = head->stride,
        .a_column = 1,
        .b = head->keys,
        .b_stride = head->padded,
        .m = count,
        .n = head->padded,
        .k = head->size,
    });
    float scale = 1 / sqrtf((float)head->size);
    for (size_t i = 0; i < count; i++) {
        float *p = head->p + i * head->padded, *dropped = head->dropped + i * head->padded;
        size_t keys = seen(head, first + i);
        learn->kernels->scale(p, p, scale, keys);
        learn->kernels->softmax(p, p, keys);
        memset(p + keys, 0, (head->padded - keys) * sizeof(*p));
        memcpy(dropped, p, head->padded * sizeof(*p));
        drop(learn, head, first + i, dropped);
    }
}

void attention_forward(struct learn *learn, size_t text, size_t number)
{
    struct head head = head_at(learn, text, number);
    size_t hidden = learn->trainable->config.hidden;
    for (size_t first = 0; first < head.count; first += QUERIES) {
        size_t count = head.count - first < QUERIES ? head.count - first : QUERIES;
        probabilities(learn, &head, first, count);
        memset(head.rows, 0, count * head.size * sizeof(*head.rows));
        learn->kernels->product_add(&(struct kernel_product){
            .c = head.rows,
            .c_stride = head.size,
            .a = head.dropped,
            .a_row = head.padded,
            .a_column = 1,
            .b = head.v,
            .b_stride = head.stride,
            .m = count,
            .n = head.size,
            .k = head.count,
        });
        for (size_t i = 0; i < count; i++)
            learn_put(learn, learn->layer->context, head.row + first + i, hidden, number * head.size, head.rows + i * head.size,
                      head.size);
    }
}

/* dp' = do·vᵀ, then dp = drop(dp') and ds = p · (dp - Σ p·dp), scaled. */
static void backward_scores(const struct learn *learn, const struct head *head, const float *d_out, size_t first, size_t count)
{
    size_t hidden = learn->trainable->config.hidden;
    float scale = 1 / sqrtf((float)head->size);
    memset(head->dp, 0, count * head->padded * sizeof(*head->dp));
    learn->kernels->product_add(&(struct kernel_product){
        .c = head->dp,
        .c_stride = head->padded,
        .a = d_out,
        .a_row = hidden,
        .a_column = 1,
        .b = head->values,
        .b_stride = head->padded,
        .m = count,
        .n = head->padded,
        .k = head->size,
    });
    for (size_t i = 0; i < count; i++) {
        float *dp = head->dp + i * head->padded;
        const float *p = head->p + i * head->padded;
        drop(learn, head, first + i, dp);
        learn->kernels->softmax_slope(dp, p, scale, head->count); /* behind it dp is 0: so are the turned values */
    }
}

/* c += aᵀ·b over `count` queries: c [keys, size] in dqkv, a [queries, padded]. */
static void add_turned(const struct learn *learn, const struct head *head, float *c, const float *a, const float *b,
                       size_t b_stride, size_t count)
{
    learn->kernels->product_add(&(struct kernel_product){
        .c = c,
        .c_stride = head->stride,
        .a = a,
        .a_row = 1,
        .a_column = head->padded,
        .b = b,
        .b_stride = b_stride,
        .m = head->count,
        .n = head->size,
        .k = count,
    });
}

void attention_backward(struct learn *learn, size_t text, size_t number)
{
    struct head head = head_at(learn, text, number);
    size_t hidden = learn->trainable->config.hidden, at = head.row * head.stride + number * head.size;
    float *dq = learn->trainable->dqkv + at, *dk = dq + hidden, *dv = dk + hidden;
    const float *d_out = learn->trainable->dcontext + head.row * hidden + number * head.size;
    turn(learn, head.values, head.v, &head);
    for (size_t j = 0; j < head.count; j++)
        for (size_t part = 0; part < 3; part++)
            memset(dq + j * head.stride + part * hidden, 0, head.size * sizeof(*dq));
    for (size_t first = 0; first < head.count; first += QUERIES) {
        size_t count = head.count - first < QUERIES ? head.count - first : QUERIES;
        probabilities(learn, &head, first, count);
        add_turned(learn, &head, dv, head.dropped, d_out + first * hidden, hidden, count); /* o = p'·v */
        backward_scores(learn, &head, d_out + first * hidden, first, count);
        add_turned(learn, &head, dk, head.dp, head.q + first * head.stride, head.stride, count); /* s = scale · q·kᵀ */
        learn->kernels->product_add(&(struct kernel_product){
            .c = dq + first * head.stride,
            .c_stride = head.stride,
            .a = head.dp,
            .a_row = head.padded,
            .a_column = 1,
            .b = head.k,
            .b_stride = head.stride,
            .m = count,
            .n = head.size,
            .k = head.count,
        });
    }
}
