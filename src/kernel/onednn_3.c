/* onednn_3.c - oneDNN 3.x: no operation descriptors, and memory descriptors by handle. */
#include "onednn.h"

static const dnnl_data_type_t a_types[] = {dnnl_f32, dnnl_bf16, dnnl_u8};
static const dnnl_data_type_t w_types[] = {dnnl_f32, dnnl_bf16, dnnl_s8};
static const dnnl_data_type_t out_types[] = {dnnl_f32, dnnl_f32, dnnl_s32};

static dnnl_status_t describe(dnnl_memory_desc_t *description, size_t rows, size_t columns, dnnl_data_type_t type,
                              dnnl_format_tag_t tag)
{
    dnnl_dims_t dimensions = {(dnnl_dim_t)rows, (dnnl_dim_t)columns};
    return dnnl_memory_desc_create_with_tag(description, 2, dimensions, type, tag);
}

static dnnl_status_t describe_strided(dnnl_memory_desc_t *description, size_t rows, size_t columns, dnnl_data_type_t type,
                                      size_t stride, bool turned)
{
    dnnl_dims_t dimensions = {(dnnl_dim_t)rows, (dnnl_dim_t)columns};
    dnnl_dims_t strides = {turned ? 1 : (dnnl_dim_t)stride, turned ? (dnnl_dim_t)stride : 1};
    return dnnl_memory_desc_create_with_strides(description, 2, dimensions, type, strides);
}

/* Makes the primitive of an operation whose descriptions are in `product`, with what its scratch needs. */
static dnnl_status_t make(struct onednn_product *product, dnnl_engine_t engine, const_dnnl_memory_desc_t w, bool add)
{
    dnnl_primitive_attr_t attributes = NULL;
    dnnl_post_ops_t sum = NULL;
    dnnl_primitive_desc_t description = NULL;
    dnnl_status_t status = dnnl_primitive_attr_create(&attributes);
    if (status == dnnl_success)
        status = dnnl_primitive_attr_set_scratchpad_mode(attributes, dnnl_scratchpad_mode_user);
    if (status == dnnl_success && add)
        status = dnnl_post_ops_create(&sum);
    if (status == dnnl_success && add)
        status = dnnl_post_ops_append_sum(sum, 1, 0, dnnl_data_type_undef);
    if (status == dnnl_success && add)
        status = dnnl_primitive_attr_set_post_ops(attributes, sum);
    if (status == dnnl_success)
        status = dnnl_matmul_primitive_desc_create(&description, engine, product->a, w, NULL, product->out, attributes);
    if (status == dnnl_success)
        status = dnnl_memory_desc_clone(&product->w, dnnl_primitive_desc_query_md(description, dnnl_query_weights_md, 0));
    if (status == dnnl_success)
        status = dnnl_memory_desc_clone(&product->scratch,
                                        dnnl_primitive_desc_query_md(description, dnnl_query_scratchpad_md, 0));
    if (status == dnnl_success) {
        product->scratch_bytes = dnnl_memory_desc_get_size(product->scratch);
        status = dnnl_primitive_create(&product->primitive, description);
    }
    dnnl_primitive_desc_destroy(description);
    dnnl_primitive_attr_destroy(attributes);
    dnnl_post_ops_destroy(sum);
    return status;
}

dnnl_status_t onednn_plain_create(struct onednn_product *product, dnnl_engine_t engine, const struct gemm_product *shape)
{
    *product = (struct onednn_product){0};
    dnnl_memory_desc_t w = NULL;
    dnnl_status_t status = describe_strided(&product->a, shape->m, shape->k, a_types[shape->type], shape->a_stride,
                                            shape->a_turned);
    if (status == dnnl_success)
        status = describe_strided(&w, shape->k, shape->n, w_types[shape->type], shape->b_stride, shape->b_turned);
    if (status == dnnl_success)
        status = describe_strided(&product->out, shape->m, shape->n, out_types[shape->type], shape->out_stride, false);
    if (status == dnnl_success)
        status = make(product, engine, w, shape->add);
    dnnl_memory_desc_destroy(w);
    if (status != dnnl_success)
        onednn_product_destroy(product);
    return status;
}

dnnl_status_t onednn_product_create(struct onednn_product *product, dnnl_engine_t engine, enum gemm_type type, size_t rows,
                                    size_t k, size_t width, const struct onednn_product *layout)
{
    *product = (struct onednn_product){0};
    dnnl_memory_desc_t w = NULL;
    dnnl_status_t status = describe(&product->a, rows, k, a_types[type], dnnl_ab);
    if (status == dnnl_success)
        status = describe(&product->out, rows, width, out_types[type], dnnl_ab);
    if (status == dnnl_success)
        status = describe(&w, k, width, w_types[type], dnnl_format_tag_any);
    if (status == dnnl_success)
        status = make(product, engine, layout != NULL ? layout->w : w, false);
    dnnl_memory_desc_destroy(w);
    if (status != dnnl_success)
        onednn_product_destroy(product);
    return status;
}

void onednn_product_destroy(struct onednn_product *product)
{
    dnnl_primitive_destroy(product->primitive);
    dnnl_memory_desc_destroy(product->a);
    dnnl_memory_desc_destroy(product->w);
    dnnl_memory_desc_destroy(product->out);
    dnnl_memory_desc_destroy(product->scratch);
    *product = (struct onednn_product){0};
}

size_t onednn_w_bytes(const struct onednn_product *product)
{
    return dnnl_memory_desc_get_size(product->w);
}

dnnl_status_t onednn_memory(dnnl_memory_t *memory, const struct onednn_product *product, int argument, dnnl_engine_t engine,
                            void *data)
{
    const_dnnl_memory_desc_t description = argument == DNNL_ARG_SRC       ? product->a
                                           : argument == DNNL_ARG_WEIGHTS ? product->w
                                           : argument == DNNL_ARG_DST     ? product->out
                                                                          : product->scratch;
    return dnnl_memory_create(memory, description, engine, data);
}

dnnl_status_t onednn_pack(const struct onednn_product *product, const struct onednn_plain *plain, dnnl_engine_t engine,
                          dnnl_stream_t stream, void *packed)
{
    dnnl_memory_desc_t source = NULL;
    dnnl_primitive_desc_t description = NULL;
    dnnl_primitive_t reorder = NULL;
    dnnl_memory_t from = NULL, to = NULL;
    dnnl_status_t status = describe_strided(&source, plain->k, plain->width, plain->type == GEMM_INT8 ? dnnl_s8 : dnnl_f32,
                                            plain->stride, !plain->turned);
    if (status == dnnl_success)
        status = dnnl_reorder_primitive_desc_create(&description, source, engine, product->w, engine, NULL);
    if (status == dnnl_success)
        status = dnnl_primitive_create(&reorder, description);
    if (status == dnnl_success)
        status = dnnl_memory_create(&from, source, engine, (void *)(uintptr_t)plain->data);
    if (status == dnnl_success)
        status = dnnl_memory_create(&to, product->w, engine, packed);
    if (status == dnnl_success)
        status = dnnl_primitive_execute(reorder, stream, 2, (dnnl_exec_arg_t[]){{DNNL_ARG_FROM, from}, {DNNL_ARG_TO, to}});
    if (status == dnnl_success)
        status = dnnl_stream_wait(stream);
    dnnl_memory_destroy(to);
    dnnl_memory_destroy(from);
    dnnl_primitive_destroy(reorder);
    dnnl_primitive_desc_destroy(description);
    dnnl_memory_desc_destroy(source);
    return status;
}
