/* gemm.h - products of a matrix by a packed one: out = a · wᵀ, by oneDNN; in 8 bits with VNNI and without AMX by multiply8 (kernel.h).
 *
 *   w [n, k], as a linear layer holds it, is cut into panels of up to GEMM_PANEL of its rows, each packed once:
 *
 *        ┌ panel 0 ┐
 *    w = │ panel 1 │      a tile [rows, k] times a panel gives [rows, width]: the columns `first … first+width` of out
 *        └ panel 2 ┘
 *
 * A tile has GEMM_TILE rows, or fewer in steps of gemm_rows; a row gets the same bits whatever rows stand beside it. Each
 * product runs on the thread that asks for it. The work is shared out by handing panels and tiles to threads. */
#ifndef KERNEL_GEMM_H
#define KERNEL_GEMM_H

#include "base/base.h"

enum gemm_type {
    GEMM_F32, /* a and w f32, sums f32 */
    GEMM_BF16, /* a and w bf16, sums f32 */
    GEMM_INT8 /* a u8, w s8, sums s32: see quantize and dequantize in kernel.h */
};

enum { GEMM_PANEL = 256, GEMM_TILE = 64 };

/* The most columns of an int8 matrix: 255 · 127 · k, the largest sum, stays below 2^31. */
enum { GEMM_INT8_K_MAX = 65536 };
_Static_assert((int64_t)255 * 127 * GEMM_INT8_K_MAX <= INT32_MAX, "sums of products fit");

struct gemm_panel {
    size_t first, width; /* rows of w, columns of the product */
};

struct gemm_matrix {
    enum gemm_type type;
    size_t n, k;
    bool turned; /* what is packed lies as its transpose, [k, n] */
    size_t panel_count;
    struct gemm_panel *panels;
    struct gemm_packed *packed; /* private */
    size_t packed_bytes;
    float *steps; /* GEMM_INT8: what one unit of each row of w stands for */
    int32_t *sums; /* GEMM_INT8: of each row of w in 8 bits */
};

/* Packs w, f32 whatever the type. Fails when memory is out, oneDNN cannot, w holds NaN or an infinity, or k is past
 * GEMM_INT8_K_MAX for GEMM_INT8. */
bool gemm_pack(struct gemm_matrix *matrix, enum gemm_type type, const float *w, size_t n, size_t k,
               struct error *error) MUST_USE;
void gemm_release(struct gemm_matrix *matrix); /* zeros are fine */

/* A matrix that changes, of any numbers: made once, cut into panels of `width`, and each panel packed by gemm_change before it is used. */
struct gemm_shape {
    enum gemm_type type; /* GEMM_F32 or GEMM_BF16 */
    size_t n, k, width;
    bool turned; /* w lies as its transpose, [k, n] */
};
bool gemm_make(struct gemm_matrix *matrix, const struct gemm_shape *shape, struct error *error) MUST_USE;

/* What one thread needs to multiply. A failure sticks, and is told at the end. */
struct gemm_lane;
struct gemm_lane *gemm_lane_create(void) MUST_USE;
void gemm_lane_free(struct gemm_lane *lane);
bool gemm_lane_finish(struct gemm_lane *lane, struct error *error) MUST_USE;
bool gemm_lane_failed(const struct gemm_lane *lane);

/* The rows that are best multiplied at a time where more are at hand: GEMM_TILE or fewer. */
size_t gemm_tile(enum gemm_type type);

/* The rows a tile of `rows` (1 … GEMM_TILE) is computed with: more rows of a must be readable and of out writable. */
size_t gemm_rows(size_t rows);

/* out [gemm_rows(rows), width of the panel] = a [gemm_rows(rows), k] · panelᵀ. a: float, uint16_t or uint8_t; out: float, or
 * int32_t for GEMM_INT8. Both without gaps, aligned to 64 bytes. */
void gemm_multiply(struct gemm_lane *lane, const struct gemm_matrix *matrix, size_t panel, const void *a, size_t rows,
                   void *out);

/* Packs one panel of w, all of which is given, on the thread that asks. */
void gemm_change(struct gemm_lane *lane, struct gemm_matrix *matrix, size_t panel, const float *w);

/* What the sizes of plain products in bf16 (products.h) must be multiples of on this machine. */
size_t gemm_unit(void);

/* True when bf16 is multiplied faster than f32. */
bool gemm_has_bf16(void);

/* True when 8-bit numbers are multiplied faster than bf16. */
bool gemm_has_fast_int8(void);

#endif
