/* kernel.h - the innermost loops, one table of them for each kind of processor.
 *
 * kernels() picks the best table this machine can run, once; the environment variable ASSAY_CPU (reference, neon, sse4,
 * avx2, avx512, avx512_vnni, avx512_bf16, amx) forces one, for tests, and a name that this machine cannot run leaves the best.
 * Callers never name a processor. The versions in *_reference.c are the specification: every other version of the kernels over
 * postings and whole numbers gives the same bits, those over f32 the same up to the rounding that their contract states (figures:
 * docs/kernels.md). A row of any kernel gives the same bits wherever it stands and whatever stands beside it.
 *
 * Products of matrices are in gemm.h: oneDNN's, but in 8 bits with VNNI and without AMX multiply8. */
#ifndef KERNEL_KERNEL_H
#define KERNEL_KERNEL_H

#include "base/base.h"
#include "gemm.h"
#include "products.h"

/* Postings are packed in blocks of 128 numbers of `bits` bits each (0 … 32), laid out for four lanes: number i lies in lane
 * i % 4 at place i / 4; a lane's 32 numbers fill exactly `bits` 32-bit words, low bits first, and the words of the four lanes
 * alternate: word w of lane l is the (4·w + l)-th of the block. A block has 16·bits bytes. */
#define KERNEL_BLOCK 128

/* Rows of 8-bit numbers that are multiplied many at a time have a multiple of this many. */
#define KERNEL_ROW_UNIT 64
#define KERNEL_STRIP 64 /* columns of a panel that multiply8 works on at a time */
#define KERNEL_CLASSES 16 /* of documents, for reach */

/* One head's attention over one text. q, k and v are columns of wider matrices: row i of q is q + i·stride.
 *
 *   out[i] = Σ_j p[i][j] · v[j],   p[i] = softmax_j(scale · q[i]·k[j] + bias[j - i]),   j within `window` of i
 *
 * Works in blocks of keys with a running maximum (FlashAttention, Dao et al. 2022, algorithm 1): no row of scores is ever
 * longer than a block. */
struct kernel_attention {
    const float *q, *k, *v; /* [count, head_size] each */
    const uint16_t *q_bf16, *k_bf16,
        *v_bf16; /* in their place, for attention_halves; KERNEL_ATTENTION_ROWS - 1 more rows are readable */
    size_t stride;          /* from a row of q, k, v to the next */
    float *out;             /* [count, head_size] */
    uint16_t *out_bf16;     /* in its place where it is not NULL, for attention_halves */
    size_t out_stride;
    size_t count;      /* tokens, at least 1 */
    size_t head_size;  /* 1 … KERNEL_HEAD_SIZE_MAX */
    float scale;       /* ≥ 0 */
    size_t window;     /* tokens seen to each side; 0: all */
    const float *bias; /* by distance: bias[j - i] for -count < j - i < count; NULL: none */
    float *scratch;    /* kernel_attention_scratch(count, head_size) floats */
};
#define KERNEL_HEAD_SIZE_MAX 256
enum { KERNEL_ATTENTION_ROWS = 32 };

/* A few numbers of a row may be so large that the others would get no bits; these stand apart, in f32, and are 0 in the 8-bit row. */
enum { KERNEL_APART = 2 };

/* What a row of 8-bit numbers stands for: number q for step · (q - zero), and what stands apart of it. */
struct kernel_unit {
    float step;
    int32_t zero;
    float apart[KERNEL_APART];
};

/* The other side of its products: w in 8 bits, by rows. */
struct kernel_weights8 {
    const float *steps; /* of each row of w */
    const int32_t *sums; /* of each row's numbers */
    const float *apart[KERNEL_APART]; /* the columns of w that stand apart */
};

/* The sums of a few rows' 8-bit products, and what makes numbers of them. */
struct kernel_tile8 {
    const int32_t *sums; /* [rows, columns] */
    const struct kernel_unit *units; /* of each row */
    struct kernel_weights8 weights; /* of each column, as is the bias */
    const float *bias;
    size_t rows, columns;
    size_t out_stride; /* numbers from a row of the output to the next one */
};

size_t kernel_attention_scratch(size_t count, size_t head_size);

/* A small product in f32 that is added to what is there, for matrices that stay near the processor:
 *
 *   c[i][j] += Σ_p a[i][p] · b[p][j]      i < m, j < n, p < k, one after the other in ascending p
 *
 * Element (i, p) of a lies at i · a_row + p · a_column: with the two swapped, a is read turned. c overlaps neither a nor b. */
struct kernel_product {
    float *c;
    const float *a, *b;
    size_t c_stride, a_row, a_column, b_stride;
    size_t m, n, k;
};

#define KERNEL_QUANTIZE_LEAST 1e-30F /* 255 divided by less comes near the largest f32 */
#define KERNEL_QUANTIZE_STEPS 254.99F /* of a row: of 255, the zero and the largest number could both be rounded up, to 256 */
#define KERNEL_QUANTIZE_SHIFT 12582912.0F /* 1.5·2^23: added to it, a number is rounded to a whole one, in its lowest bits */

/* One step of AdamW (Loshchilov, Hutter 2019) with gradient g · gradient_scale:
 *
 *   w *= keep;  m = beta1·m + (1 - beta1)·g;  v = beta2·v + (1 - beta2)·g²;  w -= rate · m / (√v · root_scale + epsilon)
 *
 * where keep is 1 - rate · decay, and `rate` and `root_scale` have the corrections for the first steps in them. */
struct kernel_adam {
    float keep, beta1, beta2, rate, root_scale, epsilon, gradient_scale;
};

/* Which numbers of a row are dropped: a matter of all of these but the factor, and of the column (drop_chance.h). */
#define KERNEL_DROP_COLUMNS 128
struct kernel_drop {
    uint32_t key[2], row, site, step;
    uint32_t block; /* of KERNEL_DROP_COLUMNS columns, that the first number is the first of */
    uint32_t threshold; /* so many of 65,536 become 0 */
    float factor; /* what the others are multiplied by */
};

struct kernels {
    const char *name; /* "avx2" */
    unsigned features; /* of the processor that it uses; private to the room */

    /* out[i] = the i-th packed number. `packed` has 16·bits readable bytes, any alignment. */
    void (*unpack)(uint32_t out[KERNEL_BLOCK], const unsigned char *packed, unsigned bits);

    /* The same for numbers packed as differences: out[i] = before + (d[0] + 1) + … + (d[i] + 1), wrapping at 32 bits. */
    void (*unpack_ascending)(uint32_t out[KERNEL_BLOCK], const unsigned char *packed, unsigned bits, uint32_t before);

    /* BM25 of one term over `count` documents: out[i] = weight · f[i] / (f[i] + norm[i]), computed as
     * weight * (f / (f + norm)) in f32, each step rounded. out may not overlap the inputs; any alignment, count 0 allowed. */
    void (*bm25)(float *out, const uint32_t *frequencies, const float *norms, float weight, size_t count);

    /* Which of the sums reach the threshold of their class: i << 16 | sums[i] for each i with sums[i] ≥ thresholds[classes[i]], in
     * ascending order; returns how many. All sums are 0 afterwards. Thresholds are at least 1, classes below KERNEL_CLASSES, count at
     * most 65,536; out has room for count. */
    size_t (*reach)(uint32_t *out, uint16_t *sums, const uint8_t *classes, const uint16_t thresholds[KERNEL_CLASSES],
                    size_t count);

    /* ---- vectors of any alignment; count 0 allowed; sums in another order than the reference's, in f32 ---- */

    float (*dot)(const float *a, const float *b, size_t count);
    float (*dot_bf16)(const uint16_t *a, const uint16_t *b, size_t count);
    int32_t (*dot_i8)(const int8_t *a, const int8_t *b, size_t count); /* exact; count ≤ 100,000 */
    /* Every query with every row: out[q·row_count + i] = Σ_j queries[q·size + j] · row[j], where row is rows + size·numbers[i], or
     * rows + size·i without numbers. Exact; size a multiple of KERNEL_ROW_UNIT (pad with zeros), at most 65,536. */
    void (*dots_i8)(int32_t *out, const int8_t *queries, size_t query_count, const int8_t *rows, const uint32_t *numbers,
                    size_t row_count, size_t size);
    /* A query with rows of one bit for each of its numbers, from the lowest bit of a byte: out[i] = Σ_j ±query[j], plus where bit j of row i is
     * set; row i is bits + size/8·numbers[i]. Exact; size a multiple of KERNEL_ROW_UNIT, at most 65,536. */
    void (*signs_i8)(int32_t *out, const int8_t *query, const uint8_t *bits, const uint32_t *numbers, size_t row_count,
                     size_t size);
    float (*distance)(const float *a, const float *b, size_t count); /* Σ (a - b)² */
    float (*distance_bf16)(const uint16_t *a, const uint16_t *b, size_t count);
    int32_t (*distance_i8)(const int8_t *a, const int8_t *b, size_t count); /* exact; count ≤ 30,000 */

    void (*add)(float *out, const float *a, size_t count); /* out += a */
    void (*maximum)(float *out, const float *a, size_t count); /* out = max(out, a) */
    void (*scale)(float *out, const float *a, float factor, size_t count);

    /* ---- number formats ---- */

    /* To the nearest, ties to even; a number below 2^-126 may become 0; NaN stays NaN. */
    void (*to_bf16)(uint16_t *out, const float *a, size_t count);
    void (*from_bf16)(float *out, const uint16_t *a, size_t count);

    /* A row in 8 bits, nothing of it apart, from its least to its largest number, 0 among them: out[i] = zero + round(a[i] / step). A row of nothing as
     * large as KERNEL_QUANTIZE_LEAST is all zeros, with step 0. Numbers up to 1e38; a row with NaN or an infinity in it is all zeros, with step
     * NaN, so that its products are NaN. Ties go to where zero + round(…) is even. */
    struct kernel_unit (*quantize)(uint8_t *out, const float *a, size_t count);
    struct kernel_unit (*quantize_bf16)(uint8_t *out, const uint16_t *a, size_t count); /* the same bits as of from_bf16(a) */

    /* The sums of a row's 8-bit products with the rows of w, and what stands apart: out[i] = step · w.steps[i] · (sums[i] - zero ·
     * w.sums[i]) + (apart[0] · w.apart[0][i] + apart[1] · w.apart[1][i]), each step rounded. out may be sums. */
    void (*dequantize)(float *out, const int32_t *sums, const struct kernel_unit *unit, const struct kernel_weights8 *w,
                       size_t count);

    /* The same for rows, and then bias, bias_add or bias_gelu_bf16 (below) of it, in one go: within five roundings of the largest
     * term. out of dequantize_bias may be sums, as wide. */
    void (*dequantize_bias)(float *out, const struct kernel_tile8 *tile);
    void (*dequantize_bias_bf16)(uint16_t *out, const struct kernel_tile8 *tile);
    void (*dequantize_bias_add)(float *out, const struct kernel_tile8 *tile);
    void (*dequantize_bias_gelu_bf16)(uint16_t *out, const struct kernel_tile8 *tile);

    /* ---- layers, a row at a time; out may be the first input ---- */

    void (*bias)(float *out, const float *a, const float *bias, size_t count);
    void (*bias_add)(float *out, const float *a, const float *bias, size_t count); /* out += a + bias */

    /* x = a + bias, then x/2 · (1 + erf(x/√2)): within 2e-6 + 3e-7·|x|. */
    void (*bias_gelu)(float *out, const float *a, const float *bias, size_t count);
    /* The same for bf16: within 1e-4 + 1e-5·|x| before it is rounded. */
    void (*bias_gelu_bf16)(uint16_t *out, const float *a, const float *bias, size_t count);
    /* x/2 · (1 + tanh(√(2/π) · (x + 0.044715 x³))), and x / (1 + e^-x): within 2e-7 + 4e-7·|result| for |x| ≤ 1e30. */
    void (*bias_gelu_tanh)(float *out, const float *a, const float *bias, size_t count);
    void (*bias_silu)(float *out, const float *a, const float *bias, size_t count);
    void (*bias_relu)(float *out, const float *a, const float *bias, size_t count);
    void (*multiply)(float *out, const float *a, const float *b, size_t count);

    /* (a - mean) / √(variance + epsilon) · weight + bias */
    void (*layer_norm)(float *out, const float *a, const float *weight, const float *bias, float epsilon, size_t count);
    void (*softmax)(float *out, const float *a, size_t count); /* numbers or -infinity, not all of them */

    /* ---- backwards ---- */

    /* d *= the slope of gelu at x, Φ(x) + x·φ(x): within 2e-6 of it. */
    void (*gelu_slope)(float *d, const float *x, size_t count);
    /* Of a row p of softmax: d = scale · p · (d - Σ p·d), the sum as dot has it. */
    void (*softmax_slope)(float *d, const float *p, float scale, size_t count);
    void (*product_add)(const struct kernel_product *product);
    /* out[j][i] = a[i][j] for i < rows, j < columns; a row of out at each out_stride, of a at each stride. */
    void (*turn)(float *out, size_t out_stride, const float *a, size_t stride, size_t rows, size_t columns);
    void (*drop)(float *values, const struct kernel_drop *drop, size_t count); /* the same in every version */
    void (*adam)(float *w, float *g, float *m, float *v, const struct kernel_adam *step, size_t count); /* g is 0 afterwards */

    void (*attention)(const struct kernel_attention *attention);
    /* The same where q, k, v and the weights, each within 1.1e-4 before, may be rounded to bf16: the sums are f32. */
    void (*attention_bf16)(const struct kernel_attention *attention);
    /* The same of q_bf16, k_bf16, v_bf16, with no window and no bias; NULL where the processor has no products of bf16. */
    void (*attention_halves)(const struct kernel_attention *attention);

    /* ---- products ---- */

    /* out [rows, width] = a [rows, k] · panelᵀ, exact; width a multiple of KERNEL_STRIP, k of 4, at most GEMM_INT8_K_MAX. The panel lies in
     * strips of KERNEL_STRIP columns, and in these four numbers of each column stand beside the next column's: [width / KERNEL_STRIP]
     * [k / 4][KERNEL_STRIP][4]. NULL where oneDNN is to do it (gemm.c). */
    void (*multiply8)(int32_t *out, const uint8_t *a, const int8_t *panel, size_t rows, size_t k, size_t width);
};

/* The table in use; never NULL. */
const struct kernels *kernels(void);

/* All tables that this machine can run, the reference first; `*count` of them. For tests, benchmarks and `assay version`. */
const struct kernels *const *kernels_available(size_t *count);

/* One of the packed numbers: the i-th. */
uint32_t kernel_packed_at(const unsigned char *packed, unsigned i, unsigned bits);

/* The reverse of unpack, for writers (no fast version needed): appends 16·bits bytes; every value < 2^bits. */
void kernel_pack(struct buffer *out, const uint32_t values[KERNEL_BLOCK], unsigned bits);

#endif
