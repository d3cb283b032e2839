/* product_body.h - what only training needs, once for every width of register (see vectors_body.h): gelu's slope, small products, and AdamW.
 *
 * A product goes over c in tiles of QUERIES rows and KEY_VECTORS registers, which stay in registers while p runs over all of k. */
#ifndef KERNEL_PRODUCT_BODY_H
#define KERNEL_PRODUCT_BODY_H

#include "drop_body.h"
#include "vectors_body.h"

#if defined(__SSE4_1__) || defined(__aarch64__)

/* Φ(x) = (1 + erf(x/√2)) / 2, its second part as v_gelu has it, and φ(x) = e^(-x²/2) / √(2π). */
VECTOR vector v_gelu_slope(vector x)
{
    vector c = v_max(v_min(x, v_all(5.6F)), v_all(-5.6F));
    vector density = v_mul(v_exp_below(v_mul(v_mul(c, c), v_all(-0.5F))), v_all(0.398942280F));
    return v_fma(c, density, v_fma(v_erf(c), v_all(0.5F), v_all(0.5F)));
}

static void gelu_slope(float *d, const float *x, size_t count)
{
    size_t i = 0;
    for (; i + LANES <= count; i += LANES)
        v_store(d + i, v_mul(v_load(d + i), v_gelu_slope(v_load(x + i))));
    if (i < count) {
        vector slope = v_gelu_slope(v_load_part(x + i, count - i, 0));
        v_store_part(d + i, v_mul(v_load_part(d + i, count - i, 0), slope), count - i);
    }
}

static void softmax_slope(float *d, const float *p, float scale, size_t count)
{
    vector sum = v_all(dot(p, d, count)), factor = v_all(scale);
    size_t i = 0;
    for (; i + LANES <= count; i += LANES)
        v_store(d + i, v_mul(v_mul(factor, v_load(p + i)), v_sub(v_load(d + i), sum)));
    if (i < count) {
        vector moved = v_sub(v_load_part(d + i, count - i, 0), sum);
        v_store_part(d + i, v_mul(v_mul(factor, v_load_part(p + i, count - i, 0)), moved), count - i);
    }
}

/* `rows` rows from `row` on, `wide` registers from `column` on. */
VECTOR void product_tile(const struct kernel_product *product, size_t row, size_t rows, size_t column, size_t wide)
{
    vector sums[QUERIES][KEY_VECTORS];
    float *c = product->c + row * product->c_stride + column;
    const float *a = product->a + row * product->a_row, *b = product->b + column;
    for (size_t i = 0; i < rows; i++)
        for (size_t j = 0; j < wide; j++)
            sums[i][j] = v_load(c + i * product->c_stride + j * LANES);
    for (size_t p = 0; p < product->k; p++, a += product->a_column, b += product->b_stride)
        for (size_t i = 0; i < rows; i++) {
            vector x = v_all(a[i * product->a_row]);
            for (size_t j = 0; j < wide; j++)
                sums[i][j] = v_fma(x, v_load(b + j * LANES), sums[i][j]);
        }
    for (size_t i = 0; i < rows; i++)
        for (size_t j = 0; j < wide; j++)
            v_store(c + i * product->c_stride + j * LANES, sums[i][j]);
}

/* The columns that do not fill a register. */
VECTOR void product_rest(const struct kernel_product *product, size_t row, size_t column)
{
    size_t count = product->n - column;
    float *c = product->c + row * product->c_stride + column;
    const float *a = product->a + row * product->a_row, *b = product->b + column;
    vector sum = v_load_part(c, count, 0);
    for (size_t p = 0; p < product->k; p++, a += product->a_column, b += product->b_stride)
        sum = v_fma(v_all(*a), v_load_part(b, count, 0), sum);
    v_store_part(c, sum, count);
}

VECTOR void product_rows(const struct kernel_product *product, size_t row, size_t rows)
{
    size_t column = 0;
    for (; column + KEY_VECTORS * LANES <= product->n; column += KEY_VECTORS * LANES)
        product_tile(product, row, rows, column, KEY_VECTORS);
    for (; KEY_VECTORS > 2 && column + 2 * LANES <= product->n; column += 2 * LANES)
        product_tile(product, row, rows, column, 2);
    for (; column + LANES <= product->n; column += LANES)
        product_tile(product, row, rows, column, 1);
    for (size_t i = 0; i < rows && column < product->n; i++)
        product_rest(product, row + i, column);
}

_Static_assert(QUERIES <= 8, "four, two and one rows are all that can be left over");

static void product_add(const struct kernel_product *product)
{
    size_t row = 0;
    for (; row + QUERIES <= product->m; row += QUERIES)
        product_rows(product, row, QUERIES);
    if (QUERIES > 4 && row + 4 <= product->m) {
        product_rows(product, row, 4);
        row += 4;
    }
    if (row + 2 <= product->m) {
        product_rows(product, row, 2);
        row += 2;
    }
    if (row < product->m)
        product_rows(product, row, 1);
}

/* One register's worth. */
VECTOR void adam_lanes(float *w, const float *g, float *m, float *v, const struct kernel_adam *step)
{
    vector gradient = v_mul(v_load(g), v_all(step->gradient_scale));
    vector first = v_fma(v_all(step->beta1), v_load(m), v_mul(v_all(1 - step->beta1), gradient));
    vector second = v_fma(v_all(step->beta2), v_load(v), v_mul(v_all(1 - step->beta2), v_mul(gradient, gradient)));
    vector root = v_fma(v_sqrt(second), v_all(step->root_scale), v_all(step->epsilon));
    v_store(m, first);
    v_store(v, second);
    v_store(w, v_sub(v_mul(v_load(w), v_all(step->keep)), v_div(v_mul(v_all(step->rate), first), root)));
}

static void adam(float *w, float *g, float *m, float *v, const struct kernel_adam *step, size_t count)
{
    size_t i = 0;
    for (; i + LANES <= count; i += LANES)
        adam_lanes(w + i, g + i, m + i, v + i, step);
    if (i < count) {
        float parts[4][LANES] = {{0}}, *from[] = {w, g, m, v};
        for (size_t part = 0; part < 4; part++)
            memcpy(parts[part], from[part] + i, (count - i) * sizeof(float));
        adam_lanes(parts[0], parts[1], parts[2], parts[3], step);
        for (size_t part = 0; part < 4; part++)
            memcpy(from[part] + i, parts[part], (count - i) * sizeof(float));
    }
    memset(g, 0, count * sizeof(*g));
}

#endif
#endif
