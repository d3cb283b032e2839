/* onednn.h - the little of oneDNN that gemm.c uses, the same over its two interfaces: onednn_2.c for 2.x, onednn_3.c for 3.x. */
#ifndef KERNEL_ONEDNN_H
#define KERNEL_ONEDNN_H

#include "gemm.h"
#include "products.h"
#include <dnnl.h>

/* One product of fixed size: out [rows, width] = a [rows, k] · wᵀ [k, width], w in the layout oneDNN likes best. */
struct onednn_product {
    dnnl_primitive_t primitive;
    dnnl_memory_desc_t a, w, out, scratch;
    size_t scratch_bytes;
};

/* `layout` fixes that of w, as an earlier product of the same k and width has it; NULL: oneDNN chooses. A failure leaves zeros. */
dnnl_status_t onednn_product_create(struct onednn_product *product, dnnl_engine_t engine, enum gemm_type type, size_t rows,
                                    size_t k, size_t width, const struct onednn_product *layout);
void onednn_product_destroy(struct onednn_product *product);

size_t onednn_w_bytes(const struct onednn_product *product);
dnnl_status_t onednn_memory(dnnl_memory_t *memory, const struct onednn_product *product, int argument, dnnl_engine_t engine,
                            void *data);

/* A panel before it is packed: [width, k] of f32 or (GEMM_INT8) of s8, a row at each `stride`; turned: [k, width]. */
struct onednn_plain {
    enum gemm_type type;
    size_t k, width, stride;
    bool turned;
    const void *data;
};
dnnl_status_t onednn_pack(const struct onednn_product *product, const struct onednn_plain *plain, dnnl_engine_t engine,
                          dnnl_stream_t stream, void *packed);

/* ---- products of matrices as they lie (products.c) ---- */

/* The sizes and strides of one; the pointers of `shape` are not looked at. */
dnnl_status_t onednn_plain_create(struct onednn_product *product, dnnl_engine_t engine, const struct gemm_product *shape);

/* ---- of gemm.c ---- */

/* The engine of the process, made when first asked for. */
dnnl_status_t onednn_engine(dnnl_engine_t *engine);

/* Tells oneDNN to use one thread, and what was chosen before. */
int onednn_one_thread(void);
void onednn_threads_back(int before);

bool onednn_told(dnnl_status_t status, enum gemm_type type, struct error *error);

#endif
