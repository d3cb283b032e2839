/* encoder_run.c - the way through the layers.
 *
 *   post-norm (BERT and most)                    pre-norm (ModernBERT)
 *     x = norm(x + out(attention(qkv(x))))         x = x + out(attention(qkv(norm(x))))
 *     x = norm(x + ffn(x))                         x = x + ffn(norm(x))
 *
 * Each step is shared out among the crew (crew.h): products by panels of columns and blocks of rows, attention by text and head, the
 * rest by rows. A step begins when the one before is done. */
#include "activation.h"
#include "encoder.h"
#include <assert.h>
#include <math.h>
#include <string.h>

struct pass;

/* A part of a product: columns first … first+width-1 of a few rows. */
struct tile {
    size_t row, rows, first, width;
    float *sums; /* [rows, width]; whole numbers for 8 bits; may be overwritten */
};

typedef void tile_work(const struct pass *pass, const struct linear *linear, const struct tile *tile);

/* One member's view of the work. */
struct pass {
    const struct encoder *encoder;
    const struct kernels *kernels;
    const struct pack *pack;
    struct crew *crew;
    struct worker *worker;
    struct buffers *buffers;
    size_t block_rows; /* of a product's item: whole tiles */
    size_t block_count;
    size_t part_rows; /* of an item of a step that works row by row: any number */
    size_t part_count;
    size_t step; /* the next one's number */
    bool qkv_is_bf16;
    const struct layer *layer;
    /* of the step that runs */
    const struct linear *linear;
    const void *input;
    tile_work *work;
    const struct norm *norm, *norm_before;
};

static size_t input_size(enum gemm_type type)
{
    return type == GEMM_F32 ? sizeof(float) : type == GEMM_BF16 ? sizeof(uint16_t) : sizeof(uint8_t);
}

/* A row in 8 bits without what stands apart of it; it is put back. */
static struct kernel_unit quantize(const struct kernels *kernels, uint8_t *out, float *values, size_t width,
                                   const struct linear *next)
{
    float kept[KERNEL_APART];
    for (size_t i = 0; i < KERNEL_APART; i++) {
        kept[i] = values[next->apart[i]];
        values[next->apart[i]] = 0;
    }
    struct kernel_unit unit = kernels->quantize(out, values, width);
    for (size_t i = KERNEL_APART; i-- > 0;) {
        values[next->apart[i]] = kept[i];
        unit.apart[i] = kept[i];
    }
    return unit;
}

/* Puts a row of numbers where the next product, pass->linear's, reads it, in its format. */
static void put_input(const struct pass *pass, size_t row, float *values, size_t width)
{
    unsigned char *at = (unsigned char *)pass->buffers->input + row * width * input_size(pass->encoder->type);
    switch (pass->encoder->type) {
    case GEMM_F32:
        memcpy(at, values, width * sizeof(float));
        break;
    case GEMM_BF16:
        pass->kernels->to_bf16((uint16_t *)(void *)at, values, width);
        break;
    case GEMM_INT8:
        pass->buffers->units[row] = quantize(pass->kernels, at, values, width, pass->linear);
        break;
    }
}

static void multiply_tile(const struct pass *pass, const struct linear *linear, size_t panel, const void *input, size_t row,
                          size_t rows, float *tile)
{
    const struct gemm_matrix *matrix = &linear->matrix;
    gemm_multiply(pass->worker->lane, matrix, panel, (const unsigned char *)input + row * matrix->k * input_size(matrix->type),
                  rows, tile);
}

/* What sums of 8-bit products with columns `first` … are made numbers by. */
static struct kernel_weights8 weights8(const struct linear *linear, size_t first)
{
    const struct gemm_matrix *matrix = &linear->matrix;
    const float *apart = linear->apart_columns + first;
    return (struct kernel_weights8){matrix->steps + first, matrix->sums + first, {apart, apart + matrix->n}};
}

static const int32_t *whole_sums(const float *sums)
{
    return (const int32_t *)(const void *)sums;
}

/* Row `row` of a product as numbers: what it is already, but for 8 bits. Done just before its use, while the row is near. */
static void product_row(const struct pass *pass, const struct linear *linear, size_t row, size_t first, size_t width,
                        float *sums)
{
    if (linear->matrix.type != GEMM_INT8)
        return;
    struct kernel_weights8 w = weights8(linear, first);
    pass->kernels->dequantize(sums, whole_sums(sums), &pass->buffers->units[row], &w, width);
}

static void run_step(struct pass *pass, size_t count, void (*item)(void *context, size_t item))
{
    crew_do(pass->crew, pass->step++, count, item, pass);
}

/* The rows of block `block`: first … end-1. */
static void block_rows(const struct pass *pass, size_t block, size_t *first, size_t *end)
{
    *first = block * pass->block_rows;
    *end = pass->pack->rows - *first < pass->block_rows ? pass->pack->rows : *first + pass->block_rows;
}

/* The same of the parts that steps row by row are shared out in. */
static void part_rows(const struct pass *pass, size_t part, size_t *first, size_t *end)
{
    *first = part * pass->part_rows;
    *end = pass->pack->rows - *first < pass->part_rows ? pass->pack->rows : *first + pass->part_rows;
}

/* One panel's columns for one block of rows: a panel stays near the processor while the rows meet it. */
static void multiply_item(void *context, size_t item)
{
    const struct pass *pass = context;
    const struct linear *linear = pass->linear;
    size_t panel = item / pass->block_count, first, end;
    const struct gemm_panel *columns = &linear->matrix.panels[panel];
    block_rows(pass, item % pass->block_count, &first, &end);
    size_t tile = gemm_tile(linear->matrix.type);
    for (size_t row = first; row < end; row += tile) {
        size_t count = end - row < tile ? end - row : tile;
        multiply_tile(pass, linear, panel, pass->input, row, count, pass->worker->tile);
        pass->work(pass, linear, &(struct tile){row, count, columns->first, columns->width, pass->worker->tile});
    }
}

/* input · matrixᵀ, and `work` on each tile of it. */
static void multiply(struct pass *pass, const struct linear *linear, const void *input, tile_work *work)
{
    pass->linear = linear;
    pass->input = input;
    pass->work = work;
    run_step(pass, linear->matrix.panel_count * pass->block_count, multiply_item);
}

/* ---- embeddings ---- */

/* Positions count up from first_position; a literal padding token has the place before it, and does not count. */
static size_t next_position(const struct encoder_config *config, uint32_t id, size_t *counted)
{
    if (config->first_position > 0 && id == config->padding)
        return config->padding;
    return config->first_position + (*counted)++;
}

/* Tokens that stand before the text's rows. */
static size_t remembered(const struct pack *pack, size_t text)
{
    const struct text_memory *memory = pack->memories != NULL ? pack->memories[text] : NULL;
    if (memory == NULL)
        return 0;
    return memory->count + (memory->before != NULL ? memory->before->count : 0);
}

/* Words stand anywhere in a large table, so that the row of one that soon comes is fetched meanwhile. */
static void fetch_word(const struct encoder *encoder, uint32_t id)
{
    enum { LINE = 64 };
    size_t bytes = encoder->config.hidden * tensor_type_size(encoder->words->type);
    const unsigned char *row = encoder->words->data + id * bytes;
    for (size_t at = 0; at < bytes; at += LINE)
        __builtin_prefetch(row + at);
}

static void embed_text(void *context, size_t text)
{
    enum { AHEAD = 3 };
    const struct pass *pass = context;
    const struct encoder *encoder = pass->encoder;
    const struct encoder_config *config = &encoder->config;
    const struct pack *pack = pass->pack;
    size_t hidden = config->hidden, counted = remembered(pack, text);
    for (size_t i = 0; i < pack->texts[text].count; i++) {
        size_t row = pack->texts[text].first + i;
        float *x = pass->buffers->x + row * hidden;
        if (row + AHEAD < pack->rows)
            fetch_word(encoder, pack->ids[row + AHEAD]);
        tensor_to_f32(encoder->words, pack->ids[row] * hidden, hidden, x);
        if (encoder->token_types != NULL) {
            size_t type = pack->types[row] < config->token_types ? pack->types[row] : 0;
            pass->kernels->add(x, encoder->token_types + type * hidden, hidden);
        }
        size_t position = next_position(config, pack->ids[row], &counted);
        if (encoder->positions != NULL)
            pass->kernels->add(x, encoder->positions + position * hidden, hidden);
        pass->kernels->layer_norm(x, x, encoder->embedding_norm.weight, encoder->embedding_norm.bias, config->epsilon, hidden);
    }
}

/* ---- attention ---- */

/* Turns each pair (j, j + half) of a head by its position's angle. */
static void rotate(float *head, const float *table, size_t size)
{
    size_t half = size / 2;
    const float *cosines = table, *sines = table + half;
    for (size_t j = 0; j < half; j++) {
        float a = head[j], b = head[j + half];
        head[j] = a * cosines[j] - b * sines[j];
        head[j + half] = b * cosines[j] + a * sines[j];
    }
}

static void attend_head(const struct pass *pass, const struct text_rows *text, size_t head)
{
    if (text->count == 0)
        return;
    const struct encoder_config *config = &pass->encoder->config;
    struct worker *worker = pass->worker;
    size_t size = config->head_size, hidden = config->hidden, stride = 3 * hidden, place = text->first * stride + head * size;
    float *q = pass->buffers->qkv + place, *k = q + hidden;
    const uint16_t *halves = (const uint16_t *)pass->buffers->qkv + place;
    const float *table = pass->layer->is_local ? pass->encoder->rotary_local : pass->encoder->rotary_full;
    for (size_t i = 0; table != NULL && i < text->count; i++) {
        rotate(q + i * stride, table + i * size, size);
        rotate(k + i * stride, table + i * size, size);
    }
    size_t longest = encoder_tokens_max(pass->encoder);
    struct kernel_attention task = {
        .stride = stride,
        .out = pass->buffers->context + text->first * hidden + head * size,
        .out_stride = hidden,
        .count = text->count,
        .head_size = size,
        .scale = 1 / sqrtf((float)size),
        .window = pass->layer->is_local ? config->window : 0,
        .bias = pass->encoder->relative != NULL ? pass->encoder->relative + head * (2 * longest - 1) + (longest - 1) : NULL,
        .scratch = worker->attention,
    };
    if (pass->qkv_is_bf16) {
        task.out_bf16 = (uint16_t *)pass->buffers->context + text->first * hidden + head * size;
        task.q_bf16 = halves;
        task.k_bf16 = halves + hidden;
        task.v_bf16 = halves + 2 * hidden;
        pass->kernels->attention_halves(&task);
        return;
    }
    task.q = q;
    task.k = k;
    task.v = k + hidden;
    if (pass->encoder->type == GEMM_F32)
        pass->kernels->attention(&task);
    else
        pass->kernels->attention_bf16(&task);
}

/* One head's keys and values of the text's rows, for those that will come. */
static void remember(const struct pass *pass, const struct text_rows *text, const struct text_memory *memory, size_t head)
{
    size_t size = pass->encoder->config.head_size, hidden = pass->encoder->config.hidden;
    size_t layer = (size_t)(pass->layer - pass->encoder->layers);
    for (size_t i = 0; i < text->count; i++) {
        const float *k = pass->buffers->qkv + (text->first + i) * 3 * hidden + hidden + head * size;
        float *kept = text_memory_row(memory, layer, memory->count + i) + head * size;
        memcpy(kept, k, size * sizeof(*k));
        memcpy(kept + hidden, k + hidden, size * sizeof(*k));
    }
}

/* Scores of one query with the first `count` rows that are remembered. */
static void remembered_scores(const struct pass *pass, const struct text_memory *memory, size_t head, const float *q,
                              size_t count, float *scores)
{
    size_t size = pass->encoder->config.head_size, layer = (size_t)(pass->layer - pass->encoder->layers);
    float scale = 1 / sqrtf((float)size);
    for (size_t j = 0; j < count; j++)
        scores[j] = scale * pass->kernels->dot(q, text_memory_row(memory, layer, j) + head * size, size);
}

static void add_remembered(const struct pass *pass, const struct text_memory *memory, size_t head, const float *p, size_t count,
                           float *out)
{
    const struct encoder_config *config = &pass->encoder->config;
    const float *values = text_memory_row(memory, (size_t)(pass->layer - pass->encoder->layers), 0) + config->hidden;
    pass->kernels->product_add(&(struct kernel_product){.c = out,
                                                        .c_stride = config->hidden,
                                                        .a = p,
                                                        .a_row = count,
                                                        .a_column = 1,
                                                        .b = values + head * config->head_size,
                                                        .b_stride = 2 * config->hidden,
                                                        .m = 1,
                                                        .n = config->head_size,
                                                        .k = count});
}

/* Rows behind a source: each sees all of that, and what stands before it. */
static void attend_behind(const struct pass *pass, const struct text_rows *text, const struct text_memory *memory, size_t head)
{
    const struct encoder_config *config = &pass->encoder->config;
    size_t source = memory->before->count, size = config->head_size;
    float *p = pass->worker->attention;
    for (size_t i = 0; i < text->count; i++) {
        size_t row = text->first + i, own = memory->count + i + 1;
        const float *q = pass->buffers->qkv + row * 3 * config->hidden + head * size;
        float *out = pass->buffers->context + row * config->hidden + head * size;
        remembered_scores(pass, memory->before, head, q, source, p);
        remembered_scores(pass, memory, head, q, own, p + source);
        pass->kernels->softmax(p, p, source + own);
        memset(out, 0, size * sizeof(*out));
        add_remembered(pass, memory->before, head, p, source, out);
        add_remembered(pass, memory, head, p + source, own, out);
    }
}

static void attend_item(void *context, size_t item)
{
    const struct pass *pass = context;
    size_t heads = pass->encoder->config.heads;
    const struct text_memory *memory = pass->pack->memories != NULL ? pass->pack->memories[item / heads] : NULL;
    if (memory != NULL)
        remember(pass, &pass->pack->texts[item / heads], memory, item % heads);
    if (memory != NULL && memory->before != NULL) {
        attend_behind(pass, &pass->pack->texts[item / heads], memory, item % heads);
        return;
    }
    attend_head(pass, &pass->pack->texts[item / heads], item % heads);
}

/* ---- tiles of products ---- */

static struct kernel_tile8 tile8(const struct pass *pass, const struct linear *linear, const struct tile *tile)
{
    return (struct kernel_tile8){
        .sums = whole_sums(tile->sums),
        .units = &pass->buffers->units[tile->row],
        .weights = weights8(linear, tile->first),
        .bias = linear->bias + tile->first,
        .rows = tile->rows,
        .columns = tile->width,
        .out_stride = linear->matrix.n,
    };
}

static void to_qkv(const struct pass *pass, const struct linear *linear, const struct tile *tile)
{
    size_t stride = linear->matrix.n;
    size_t place = tile->row * stride + tile->first;
    float *out = pass->buffers->qkv + place;
    uint16_t *halves = (uint16_t *)pass->buffers->qkv + place;
    if (linear->matrix.type == GEMM_INT8) {
        struct kernel_tile8 whole = tile8(pass, linear, tile);
        if (pass->qkv_is_bf16)
            pass->kernels->dequantize_bias_bf16(halves, &whole);
        else
            pass->kernels->dequantize_bias(out, &whole);
        return;
    }
    for (size_t i = 0; i < tile->rows; i++) {
        float *sums = tile->sums + i * tile->width;
        pass->kernels->bias(pass->qkv_is_bf16 ? sums : out + i * stride, sums, linear->bias + tile->first, tile->width);
        if (pass->qkv_is_bf16)
            pass->kernels->to_bf16(halves + i * stride, sums, tile->width);
    }
}

/* Queries, keys and values are kept in bf16 where attention takes them so and nothing else reads them. They fill half of their room
 * then, so that rows behind the last one are readable. */
static bool keeps_bf16(const struct encoder *encoder, const struct pack *pack)
{
    return encoder->type != GEMM_F32 && kernels()->attention_halves != NULL && pack->memories == NULL &&
           encoder->rotary_local == NULL && encoder->rotary_full == NULL && encoder->relative == NULL &&
           encoder->config.window == 0;
}

static void to_states(const struct pass *pass, const struct linear *linear, const struct tile *tile)
{
    size_t stride = linear->matrix.n;
    float *out = pass->buffers->x + tile->row * stride + tile->first;
    if (linear->matrix.type == GEMM_INT8) {
        struct kernel_tile8 whole = tile8(pass, linear, tile);
        pass->kernels->dequantize_bias_add(out, &whole);
        return;
    }
    for (size_t i = 0; i < tile->rows; i++)
        pass->kernels->bias_add(out + i * stride, tile->sums + i * tile->width, linear->bias + tile->first, tile->width);
}

/* The middle of the feed-forward is kept in f32 for f32, else in bf16. */
static void put_ffn(const struct pass *pass, size_t place, const float *values, size_t width)
{
    if (pass->encoder->type == GEMM_F32)
        memcpy((float *)pass->buffers->ffn + place, values, width * sizeof(float));
    else
        pass->kernels->to_bf16((uint16_t *)pass->buffers->ffn + place, values, width);
}

static void to_ffn(const struct pass *pass, const struct linear *linear, const struct tile *tile)
{
    size_t width = tile->width, place = tile->row * linear->matrix.n + tile->first;
    enum activation activation = pass->encoder->config.activation;
    const float *bias = linear->bias + tile->first;
    uint16_t *halves = pass->buffers->ffn;
    if (pass->encoder->type == GEMM_INT8 && activation == ACTIVATION_GELU) {
        struct kernel_tile8 whole = tile8(pass, linear, tile);
        pass->kernels->dequantize_bias_gelu_bf16(halves + place, &whole);
        return;
    }
    for (size_t i = 0; i < tile->rows; i++, place += linear->matrix.n) {
        float *sums = tile->sums + i * width;
        if (pass->encoder->type == GEMM_BF16 && activation == ACTIVATION_GELU) {
            pass->kernels->bias_gelu_bf16(halves + place, sums, bias, width);
            continue;
        }
        product_row(pass, linear, tile->row + i, tile->first, width, sums);
        activate(activation, sums, sums, bias, width);
        put_ffn(pass, place, sums, width);
    }
}

/* activation(in(x)) · gate(x): both products side by side, tile by tile. */
static void gated_item(void *context, size_t item)
{
    const struct pass *pass = context;
    const struct linear *in = &pass->layer->ffn_in, *gate = &pass->layer->ffn_gate;
    size_t panel = item / pass->block_count, first, end;
    size_t column = in->matrix.panels[panel].first, width = in->matrix.panels[panel].width;
    block_rows(pass, item % pass->block_count, &first, &end);
    size_t tile = gemm_tile(in->matrix.type);
    for (size_t row = first; row < end; row += tile) {
        size_t count = end - row < tile ? end - row : tile;
        multiply_tile(pass, in, panel, pass->buffers->input, row, count, pass->worker->tile);
        multiply_tile(pass, gate, panel, pass->buffers->input, row, count, pass->worker->gate_tile);
        for (size_t i = 0; i < count; i++) {
            float *a = pass->worker->tile + i * width, *b = pass->worker->gate_tile + i * width;
            product_row(pass, in, row + i, column, width, a);
            product_row(pass, gate, row + i, column, width, b);
            activate(pass->encoder->config.activation, a, a, in->bias + column, width);
            pass->kernels->bias(b, b, gate->bias + column, width);
            pass->kernels->multiply(a, a, b, width);
            put_ffn(pass, (row + i) * in->matrix.n + column, a, width);
        }
    }
}

/* ---- rows ---- */

/* Normalizes the states in place by `norm` (a post-norm; NULL: none), and puts them, normalized by `norm_before` (a pre-norm), where
 * the next product, if there is one, reads them. */
static void states_item(void *context, size_t part)
{
    const struct pass *pass = context;
    const struct norm *norm = pass->norm, *before = pass->norm_before;
    size_t hidden = pass->encoder->config.hidden, first, end;
    float epsilon = pass->encoder->config.epsilon;
    part_rows(pass, part, &first, &end);
    for (size_t row = first; row < end; row++) {
        float *x = pass->buffers->x + row * hidden;
        float *input = x;
        if (norm != NULL && norm->weight != NULL)
            pass->kernels->layer_norm(x, x, norm->weight, norm->bias, epsilon, hidden);
        if (before != NULL && before->weight != NULL) {
            pass->kernels->layer_norm(pass->worker->row, x, before->weight, before->bias, epsilon, hidden);
            input = pass->worker->row;
        }
        if (pass->linear != NULL)
            put_input(pass, row, input, hidden);
    }
}

static void prepare_states(struct pass *pass, const struct norm *norm, const struct norm *before, const struct linear *next)
{
    pass->linear = next;
    pass->norm = norm;
    pass->norm_before = before;
    run_step(pass, pass->part_count, states_item);
}

/* A row of bf16 in 8 bits without what stands apart of it; it is put back. */
static struct kernel_unit quantize_halves(const struct kernels *kernels, uint8_t *out, uint16_t *halves, size_t width,
                                          const struct linear *next)
{
    uint16_t kept[KERNEL_APART];
    for (size_t i = 0; i < KERNEL_APART; i++) {
        kept[i] = halves[next->apart[i]];
        halves[next->apart[i]] = 0;
    }
    struct kernel_unit unit = kernels->quantize_bf16(out, halves, width);
    for (size_t i = KERNEL_APART; i-- > 0;) {
        uint32_t bits = (uint32_t)kept[i] << 16; /* of the same number in f32 */
        memcpy(&unit.apart[i], &bits, sizeof(bits));
        halves[next->apart[i]] = kept[i];
    }
    return unit;
}

static void put_halves(const struct pass *pass, size_t row, uint16_t *halves, size_t width)
{
    uint8_t *to = (uint8_t *)pass->buffers->input + row * width;
    pass->buffers->units[row] = quantize_halves(pass->kernels, to, halves, width, pass->linear);
}

/* What attention has made, where the product reads it. */
static void context_item(void *context, size_t part)
{
    const struct pass *pass = context;
    size_t hidden = pass->encoder->config.hidden, first, end;
    part_rows(pass, part, &first, &end);
    for (size_t row = first; row < end; row++) {
        if (pass->qkv_is_bf16)
            put_halves(pass, row, (uint16_t *)pass->buffers->context + row * hidden, hidden);
        else
            put_input(pass, row, pass->buffers->context + row * hidden, hidden);
    }
}

/* What the product after attention reads. */
static const void *prepare_context(struct pass *pass)
{
    if (pass->qkv_is_bf16 && pass->encoder->type == GEMM_BF16)
        return pass->buffers->context;
    pass->linear = &pass->layer->attention_out;
    run_step(pass, pass->part_count, context_item);
    return pass->buffers->input;
}

/* 8-bit numbers are made when the whole row is there, for its largest one. */
static void ffn_item(void *context, size_t part)
{
    const struct pass *pass = context;
    size_t width = pass->encoder->config.intermediate, first, end;
    part_rows(pass, part, &first, &end);
    for (size_t row = first; row < end; row++)
        put_halves(pass, row, (uint16_t *)pass->buffers->ffn + row * width, width);
}

/* What the second product of the feed-forward reads. */
static const void *prepare_ffn(struct pass *pass)
{
    if (pass->encoder->type != GEMM_INT8)
        return pass->buffers->ffn;
    pass->linear = &pass->layer->ffn_out;
    run_step(pass, pass->part_count, ffn_item);
    return pass->buffers->input;
}

/* Of a single question all rows are one block, of which each member takes a part. */
static void choose_parts(struct pass *pass)
{
    enum { PARTS_A_MEMBER = 2 };
    size_t members = pass->crew->members, most = members == 1 ? 1 : PARTS_A_MEMBER * members;
    pass->part_rows = pass->block_rows;
    if (pass->block_count < most)
        pass->part_rows = (pass->pack->rows + most - 1) / most;
    pass->part_count = (pass->pack->rows + pass->part_rows - 1) / pass->part_rows;
}

/* A crew of one takes all rows at once; a larger one blocks small enough that there is work for all. */
static void choose_blocks(struct pass *pass)
{
    size_t tiles = (pass->pack->rows + GEMM_TILE - 1) / GEMM_TILE, members = pass->crew->members;
    size_t tiles_a_block = members == 1 ? tiles : tiles / (4 * members);
    assert(tiles > 0 && members > 0);
    if (tiles_a_block == 0)
        tiles_a_block = 1;
    pass->block_rows = tiles_a_block * GEMM_TILE;
    pass->block_count = (tiles + tiles_a_block - 1) / tiles_a_block;
    choose_parts(pass);
}

size_t encoder_steps(const struct encoder *encoder)
{
    enum { STEPS_A_LAYER = 9, STEPS_AROUND = 2 };
    return STEPS_A_LAYER * encoder->config.layers + STEPS_AROUND;
}

void encoder_run(const struct encoder *encoder, const struct pack *pack, struct crew *crew, struct worker *worker)
{
    struct pass pass = {.encoder = encoder,
                        .kernels = kernels(),
                        .pack = pack,
                        .crew = crew,
                        .worker = worker,
                        .buffers = crew->buffers,
                        .qkv_is_bf16 = keeps_bf16(encoder, pack)};
    bool pre_norm = encoder->config.architecture->pre_norm;
    choose_blocks(&pass);
    run_step(&pass, pack->text_count, embed_text);
    for (size_t i = 0; i < encoder->config.layers; i++) {
        const struct layer *layer = &encoder->layers[i];
        const struct norm *norm_before = !pre_norm && i > 0 ? &encoder->layers[i - 1].ffn_norm : NULL;
        pass.layer = layer;
        prepare_states(&pass, norm_before, pre_norm ? &layer->attention_norm : NULL, &layer->qkv);
        multiply(&pass, &layer->qkv, crew->buffers->input, to_qkv);
        run_step(&pass, pack->text_count * encoder->config.heads, attend_item);
        multiply(&pass, &layer->attention_out, prepare_context(&pass), to_states);
        prepare_states(&pass, pre_norm ? NULL : &layer->attention_norm, pre_norm ? &layer->ffn_norm : NULL, &layer->ffn_in);
        if (encoder->config.architecture->gated)
            run_step(&pass, layer->ffn_in.matrix.panel_count * pass.block_count, gated_item);
        else
            multiply(&pass, &layer->ffn_in, crew->buffers->input, to_ffn);
        multiply(&pass, &layer->ffn_out, prepare_ffn(&pass), to_states);
    }
    prepare_states(&pass, pre_norm ? &encoder->final_norm : &encoder->layers[encoder->config.layers - 1].ffn_norm, NULL, NULL);
    assert(pass.step <= encoder_steps(encoder));
}
