/* vectors_reference.c - the kernels over vectors and rows in plain C: the specification. Sums are taken in double where that makes
 * them truer than any order of f32. */
#include "drop_chance.h"
#include "kernel.h"
#include "tables.h"
#include <assert.h>
#include <math.h>
#include <string.h>

static float bf16_value(uint16_t bits)
{
    uint32_t wide = (uint32_t)bits << 16;
    float value;
    memcpy(&value, &wide, sizeof(value));
    return value;
}

static uint16_t bf16_bits(float value)
{
    uint32_t bits;
    memcpy(&bits, &value, sizeof(bits));
    if (isnan(value))
        return 0x7FC0;
    return (uint16_t)((bits + 0x7FFF + (bits >> 16 & 1)) >> 16);
}

static float dot(const float *a, const float *b, size_t count)
{
    double sum = 0;
    for (size_t i = 0; i < count; i++)
        sum += (double)a[i] * (double)b[i];
    return (float)sum;
}

static float dot_bf16(const uint16_t *a, const uint16_t *b, size_t count)
{
    double sum = 0;
    for (size_t i = 0; i < count; i++)
        sum += (double)bf16_value(a[i]) * (double)bf16_value(b[i]);
    return (float)sum;
}

static int32_t dot_i8(const int8_t *a, const int8_t *b, size_t count)
{
    int32_t sum = 0;
    for (size_t i = 0; i < count; i++)
        sum += a[i] * b[i];
    return sum;
}

static void dots_i8(int32_t *out, const int8_t *queries, size_t query_count, const int8_t *rows, const uint32_t *numbers,
                    size_t row_count, size_t size)
{
    for (size_t q = 0; q < query_count; q++)
        for (size_t i = 0; i < row_count; i++)
            out[q * row_count + i] = dot_i8(queries + q * size, rows + size * (numbers != NULL ? numbers[i] : i), size);
}

static void signs_i8(int32_t *out, const int8_t *query, const uint8_t *bits, const uint32_t *numbers, size_t row_count,
                     size_t size)
{
    for (size_t i = 0; i < row_count; i++) {
        const uint8_t *row = bits + size / 8 * numbers[i];
        out[i] = 0;
        for (size_t j = 0; j < size; j++)
            out[i] += (row[j / 8] >> (j % 8) & 1) != 0 ? query[j] : -query[j];
    }
}

static float distance(const float *a, const float *b, size_t count)
{
    double sum = 0;
    for (size_t i = 0; i < count; i++)
        sum += ((double)a[i] - (double)b[i]) * ((double)a[i] - (double)b[i]);
    return (float)sum;
}

static float distance_bf16(const uint16_t *a, const uint16_t *b, size_t count)
{
    double sum = 0;
    for (size_t i = 0; i < count; i++) {
        double difference = (double)bf16_value(a[i]) - (double)bf16_value(b[i]);
        sum += difference * difference;
    }
    return (float)sum;
}

static int32_t distance_i8(const int8_t *a, const int8_t *b, size_t count)
{
    int32_t sum = 0;
    for (size_t i = 0; i < count; i++)
        sum += (a[i] - b[i]) * (a[i] - b[i]);
    return sum;
}

static void add(float *out, const float *a, size_t count)
{
    for (size_t i = 0; i < count; i++)
        out[i] += a[i];
}

static void maximum(float *out, const float *a, size_t count)
{
    for (size_t i = 0; i < count; i++)
        out[i] = a[i] > out[i] ? a[i] : out[i];
}

static void scale(float *out, const float *a, float factor, size_t count)
{
    for (size_t i = 0; i < count; i++)
        out[i] = a[i] * factor;
}

static void to_bf16(uint16_t *out, const float *a, size_t count)
{
    for (size_t i = 0; i < count; i++)
        out[i] = bf16_bits(a[i]);
}

static void from_bf16(float *out, const uint16_t *a, size_t count)
{
    for (size_t i = 0; i < count; i++)
        out[i] = bf16_value(a[i]);
}

/* From where to where a row goes, 0 within. */
struct extent {
    float low, high, check; /* NaN or an infinity times 0 makes a NaN of check */
};

static void extent_add(struct extent *extent, float a)
{
    extent->low = a < extent->low ? a : extent->low;
    extent->high = a > extent->high ? a : extent->high;
    extent->check += a * 0;
}

/* False where the row is to be all zeros. */
static bool extent_unit(const struct extent *extent, struct kernel_unit *unit, float *factor)
{
    float range = extent->high - extent->low;
    *unit = (struct kernel_unit){.step = extent->check};
    if (range < KERNEL_QUANTIZE_LEAST || isnan(extent->check))
        return false;
    *factor = KERNEL_QUANTIZE_STEPS / range;
    unit->step = range / KERNEL_QUANTIZE_STEPS;
    unit->zero = (int32_t)nearbyintf(-extent->low * *factor);
    return true;
}

static uint8_t quantized(float a, float factor, int32_t zero)
{
    return (uint8_t)(a * factor + (KERNEL_QUANTIZE_SHIFT + (float)zero) - KERNEL_QUANTIZE_SHIFT);
}

static struct kernel_unit quantize(uint8_t *out, const float *a, size_t count)
{
    struct extent extent = {0};
    struct kernel_unit unit;
    float factor = 0;
    for (size_t i = 0; i < count; i++)
        extent_add(&extent, a[i]);
    bool any = extent_unit(&extent, &unit, &factor);
    for (size_t i = 0; i < count; i++)
        out[i] = any ? quantized(a[i], factor, unit.zero) : 0;
    return unit;
}

static struct kernel_unit quantize_bf16(uint8_t *out, const uint16_t *a, size_t count)
{
    struct extent extent = {0};
    struct kernel_unit unit;
    float factor = 0;
    for (size_t i = 0; i < count; i++)
        extent_add(&extent, bf16_value(a[i]));
    bool any = extent_unit(&extent, &unit, &factor);
    for (size_t i = 0; i < count; i++)
        out[i] = any ? quantized(bf16_value(a[i]), factor, unit.zero) : 0;
    return unit;
}

static float dequantized(const int32_t *sums, const struct kernel_unit *unit, const struct kernel_weights8 *w, size_t i)
{
    return unit->step * w->steps[i] * (float)(sums[i] - unit->zero * w->sums[i]) +
           (unit->apart[0] * w->apart[0][i] + unit->apart[1] * w->apart[1][i]);
}

static void dequantize(float *out, const int32_t *sums, const struct kernel_unit *unit, const struct kernel_weights8 *w,
                       size_t count)
{
    for (size_t i = 0; i < count; i++)
        out[i] = dequantized(sums, unit, w, i);
}

static void bias(float *out, const float *a, const float *b, size_t count)
{
    for (size_t i = 0; i < count; i++)
        out[i] = a[i] + b[i];
}

static void bias_add(float *out, const float *a, const float *b, size_t count)
{
    for (size_t i = 0; i < count; i++)
        out[i] += a[i] + b[i];
}

static float gelu(float x)
{
    return (float)((double)x / 2 * (1 + erf((double)x * 0.70710678118654752)));
}

static void bias_gelu(float *out, const float *a, const float *b, size_t count)
{
    for (size_t i = 0; i < count; i++)
        out[i] = gelu(a[i] + b[i]);
}

static void bias_gelu_bf16(uint16_t *out, const float *a, const float *b, size_t count)
{
    for (size_t i = 0; i < count; i++)
        out[i] = bf16_bits(gelu(a[i] + b[i]));
}

static float tile8_number(const struct kernel_tile8 *tile, size_t row, size_t column)
{
    return dequantized(tile->sums + row * tile->columns, &tile->units[row], &tile->weights, column) + tile->bias[column];
}

static void dequantize_bias(float *out, const struct kernel_tile8 *tile)
{
    for (size_t row = 0; row < tile->rows; row++)
        for (size_t i = 0; i < tile->columns; i++)
            out[row * tile->out_stride + i] = tile8_number(tile, row, i);
}

static void dequantize_bias_add(float *out, const struct kernel_tile8 *tile)
{
    for (size_t row = 0; row < tile->rows; row++)
        for (size_t i = 0; i < tile->columns; i++)
            out[row * tile->out_stride + i] += tile8_number(tile, row, i);
}

static void dequantize_bias_bf16(uint16_t *out, const struct kernel_tile8 *tile)
{
    for (size_t row = 0; row < tile->rows; row++)
        for (size_t i = 0; i < tile->columns; i++)
            out[row * tile->out_stride + i] = bf16_bits(tile8_number(tile, row, i));
}

static void dequantize_bias_gelu_bf16(uint16_t *out, const struct kernel_tile8 *tile)
{
    for (size_t row = 0; row < tile->rows; row++)
        for (size_t i = 0; i < tile->columns; i++)
            out[row * tile->out_stride + i] = bf16_bits(gelu(tile8_number(tile, row, i)));
}

static void bias_gelu_tanh(float *out, const float *a, const float *b, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        double x = (double)(a[i] + b[i]);
        out[i] = (float)(x / 2 * (1 + tanh(0.79788456080286536 * (x + 0.044715 * x * x * x))));
    }
}

static void bias_silu(float *out, const float *a, const float *b, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        double x = (double)(a[i] + b[i]);
        out[i] = (float)(x / (1 + exp(-x)));
    }
}

static void bias_relu(float *out, const float *a, const float *b, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        float x = a[i] + b[i];
        out[i] = x > 0 ? x : 0;
    }
}

static void multiply(float *out, const float *a, const float *b, size_t count)
{
    for (size_t i = 0; i < count; i++)
        out[i] = a[i] * b[i];
}

static void layer_norm(float *out, const float *a, const float *weight, const float *b, float epsilon, size_t count)
{
    double mean = 0, variance = 0;
    for (size_t i = 0; i < count; i++)
        mean += (double)a[i];
    mean /= (double)count;
    for (size_t i = 0; i < count; i++)
        variance += ((double)a[i] - mean) * ((double)a[i] - mean);
    double factor = 1 / sqrt(variance / (double)count + (double)epsilon);
    for (size_t i = 0; i < count; i++)
        out[i] = (float)(((double)a[i] - mean) * factor * (double)weight[i] + (double)b[i]);
}

static void softmax(float *out, const float *a, size_t count)
{
    float largest = -INFINITY;
    for (size_t i = 0; i < count; i++)
        largest = a[i] > largest ? a[i] : largest;
    double sum = 0;
    for (size_t i = 0; i < count; i++) {
        out[i] = (float)exp((double)a[i] - (double)largest);
        sum += (double)out[i];
    }
    for (size_t i = 0; i < count; i++)
        out[i] = (float)((double)out[i] / sum);
}

static void gelu_slope(float *d, const float *x, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        double at = (double)x[i];
        double below = 0.5 * (1 + erf(at * 0.70710678118654752)), density = 0.39894228040143268 * exp(-at * at / 2);
        d[i] = (float)((double)d[i] * (below + at * density));
    }
}

static void softmax_slope(float *d, const float *p, float scale, size_t count)
{
    float sum = dot(p, d, count);
    for (size_t i = 0; i < count; i++)
        d[i] = scale * p[i] * (d[i] - sum);
}

static void turn(float *out, size_t out_stride, const float *a, size_t stride, size_t rows, size_t columns)
{
    for (size_t i = 0; i < rows; i++)
        for (size_t j = 0; j < columns; j++)
            out[j * out_stride + i] = a[i * stride + j];
}

static void product_add(const struct kernel_product *product)
{
    for (size_t i = 0; i < product->m; i++)
        for (size_t j = 0; j < product->n; j++) {
            float *sum = product->c + i * product->c_stride + j;
            for (size_t p = 0; p < product->k; p++)
                *sum = fmaf(product->a[i * product->a_row + p * product->a_column], product->b[p * product->b_stride + j],
                            *sum);
        }
}

static void adam(float *w, float *g, float *m, float *v, const struct kernel_adam *step, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        float gradient = g[i] * step->gradient_scale;
        m[i] = step->beta1 * m[i] + (1 - step->beta1) * gradient;
        v[i] = step->beta2 * v[i] + (1 - step->beta2) * (gradient * gradient);
        w[i] = w[i] * step->keep - step->rate * m[i] / (sqrtf(v[i]) * step->root_scale + step->epsilon);
        g[i] = 0;
    }
}

static void attention(const struct kernel_attention *task)
{
    assert(task->count > 0 && task->head_size > 0 && task->head_size <= KERNEL_HEAD_SIZE_MAX);
    float *scores = task->scratch;
    for (size_t i = 0; i < task->count; i++) {
        size_t first = task->window > 0 && i > task->window ? i - task->window : 0;
        size_t end = task->window > 0 && task->count - i > task->window ? i + task->window + 1 : task->count;
        for (size_t j = first; j < end; j++) {
            scores[j] = task->scale * dot(task->q + i * task->stride, task->k + j * task->stride, task->head_size);
            if (task->bias != NULL)
                scores[j] += task->bias[(ptrdiff_t)j - (ptrdiff_t)i];
        }
        softmax(scores + first, scores + first, end - first);
        for (size_t d = 0; d < task->head_size; d++) {
            double sum = 0;
            for (size_t j = first; j < end; j++)
                sum += (double)scores[j] * (double)task->v[j * task->stride + d];
            task->out[i * task->out_stride + d] = (float)sum;
        }
    }
}

/* For whichever version needs more: attention_body.h keeps a block's keys and values, then what is known of each query;
 * attention_amx.c all queries, keys and values in bf16, the scores and weights of 16 queries, and room to align each. */
size_t kernel_attention_scratch(size_t count, size_t head_size)
{
    enum { BLOCK = 64, LANES_MOST = 16, TILE = 16, DEEP = 32, ARRAYS = 8, ALIGNMENT = 64 };
    size_t stride = (head_size + LANES_MOST - 1) / LANES_MOST * LANES_MOST;
    size_t blocked = BLOCK * (head_size + stride) + count * (stride + LANES_MOST + 1);
    size_t padded = (count + DEEP - 1) / DEEP * DEEP, deep = (head_size + DEEP - 1) / DEEP * DEEP;
    size_t halves = padded * (3 * deep + stride + TILE); /* of an f32 each */
    size_t tiled = halves / 2 + TILE * (padded + stride) + ARRAYS * ALIGNMENT / sizeof(float);
    return blocked > tiled ? blocked : tiled;
}

static void drop_rounds(uint32_t c[DROP_WORDS][DROP_LANES], uint32_t key0, uint32_t key1)
{
    for (int round = 0; round < DROP_ROUNDS; round++) {
        for (int l = 0; l < DROP_LANES; l++) {
            uint64_t a = (uint64_t)DROP_FACTOR0 * c[0][l], b = (uint64_t)DROP_FACTOR1 * c[2][l];
            c[0][l] = (uint32_t)(b >> 32) ^ c[1][l] ^ key0;
            c[2][l] = (uint32_t)(a >> 32) ^ c[3][l] ^ key1;
            c[1][l] = (uint32_t)b;
            c[3][l] = (uint32_t)a;
        }
        key0 += DROP_RAISE0;
        key1 += DROP_RAISE1;
    }
}

/* What each column of block `block` is multiplied by. */
static void drop_factors(float factors[KERNEL_DROP_COLUMNS], const struct kernel_drop *drop, uint32_t block)
{
    uint32_t c[DROP_WORDS][DROP_LANES];
    for (uint32_t l = 0; l < DROP_LANES; l++) {
        c[0][l] = block * DROP_LANES + l;
        c[1][l] = drop->row;
        c[2][l] = drop->site;
        c[3][l] = drop->step;
    }
    drop_rounds(c, drop->key[0], drop->key[1]);
    for (int w = 0; w < DROP_WORDS; w++)
        for (int l = 0; l < DROP_LANES; l++) {
            factors[2 * w * DROP_LANES + l] = (c[w][l] & 0xFFFF) < drop->threshold ? 0 : drop->factor;
            factors[(2 * w + 1) * DROP_LANES + l] = c[w][l] >> 16 < drop->threshold ? 0 : drop->factor;
        }
}

static void drop(float *values, const struct kernel_drop *task, size_t count)
{
    float factors[KERNEL_DROP_COLUMNS];
    for (size_t first = 0; first < count; first += KERNEL_DROP_COLUMNS) {
        size_t rest = count - first < KERNEL_DROP_COLUMNS ? count - first : KERNEL_DROP_COLUMNS;
        drop_factors(factors, task, task->block + (uint32_t)(first / KERNEL_DROP_COLUMNS));
        for (size_t i = 0; i < rest; i++)
            values[first + i] *= factors[i];
    }
}

void kernels_vectors_reference(struct kernels *kernels)
{
    KERNELS_FILL_VECTORS(kernels);
}
