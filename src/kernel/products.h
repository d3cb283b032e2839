/* products.h - products of two matrices as they lie in memory, by oneDNN: of weights' gradients, and of a writer's words; what is multiplied
 * by one matrix many times packs it (gemm.h).
 *
 *   out [m, n] = a [m, k] · b [k, n], or is raised by it
 *
 *                       a                b
 *   y  = x · wᵀ         x                w [n, k], turned
 *   dx = dy · w         dy               w
 *   dw += dyᵀ · x       dy, turned       x
 *
 * A turned matrix lies in memory as its transpose. Products are cut to panels of about GEMM_PANEL rows and columns by the caller, always the
 * same way, and shared out to threads: each runs on the thread that asks for it. */
#ifndef KERNEL_PRODUCTS_H
#define KERNEL_PRODUCTS_H

#include "gemm.h"

struct gemm_product {
    enum gemm_type type; /* of a and b: GEMM_F32 or GEMM_BF16; sums and out are f32 */
    size_t m, n, k;
    const void *a, *b;
    float *out;
    size_t a_stride, b_stride, out_stride; /* numbers from one row in memory to the next */
    bool a_turned, b_turned;
    bool add; /* to what is in out */
};

/* What one thread needs to multiply. A failure sticks, and is told at the end. */
struct product_lane;
struct product_lane *product_lane_create(void) MUST_USE;
void product_lane_free(struct product_lane *lane);
bool product_lane_finish(struct product_lane *lane, struct error *error) MUST_USE;

void gemm_product(struct product_lane *lane, const struct gemm_product *product);

#endif
