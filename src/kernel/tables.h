/* tables.h - the parts that a kernel table is made of: each fills in the functions it has a version of, over what an older processor's
 * had put there. A part compiled for another architecture fills in nothing. */
#ifndef KERNEL_TABLES_H
#define KERNEL_TABLES_H

#include "kernel.h"

void kernels_postings_reference(struct kernels *kernels);
void kernels_postings_sse4(struct kernels *kernels);
void kernels_postings_avx2(struct kernels *kernels);
void kernels_postings_neon(struct kernels *kernels);

void kernels_vectors_reference(struct kernels *kernels);
void kernels_vectors_sse4(struct kernels *kernels);
void kernels_vectors_avx2(struct kernels *kernels);
void kernels_vectors_avx512(struct kernels *kernels);
void kernels_vectors_avx512_vnni(struct kernels *kernels);
void kernels_multiply8_avx512_vnni(struct kernels *kernels);
void kernels_vectors_avx512_bf16(struct kernels *kernels);
void kernels_vectors_neon(struct kernels *kernels);
void kernels_attention_avx512_bf16(struct kernels *kernels);
void kernels_attention_amx(struct kernels *kernels);

/* Fills in all kernels over vectors, each from the function of its name. */
/* clang-format off */
#define KERNELS_FILL_VECTORS(kernels) \
    do { \
        (kernels)->dot = dot; \
        (kernels)->dot_bf16 = dot_bf16; \
        (kernels)->dot_i8 = dot_i8; \
        (kernels)->dots_i8 = dots_i8; \
        (kernels)->signs_i8 = signs_i8; \
        (kernels)->distance = distance; \
        (kernels)->distance_bf16 = distance_bf16; \
        (kernels)->distance_i8 = distance_i8; \
        (kernels)->add = add; \
        (kernels)->maximum = maximum; \
        (kernels)->scale = scale; \
        (kernels)->to_bf16 = to_bf16; \
        (kernels)->from_bf16 = from_bf16; \
        (kernels)->quantize = quantize; \
        (kernels)->quantize_bf16 = quantize_bf16; \
        (kernels)->dequantize = dequantize; \
        (kernels)->dequantize_bias = dequantize_bias; \
        (kernels)->dequantize_bias_bf16 = dequantize_bias_bf16; \
        (kernels)->dequantize_bias_add = dequantize_bias_add; \
        (kernels)->dequantize_bias_gelu_bf16 = dequantize_bias_gelu_bf16; \
        (kernels)->bias = bias; \
        (kernels)->bias_add = bias_add; \
        (kernels)->bias_gelu = bias_gelu; \
        (kernels)->bias_gelu_bf16 = bias_gelu_bf16; \
        (kernels)->bias_gelu_tanh = bias_gelu_tanh; \
        (kernels)->bias_silu = bias_silu; \
        (kernels)->bias_relu = bias_relu; \
        (kernels)->multiply = multiply; \
        (kernels)->layer_norm = layer_norm; \
        (kernels)->softmax = softmax; \
        (kernels)->gelu_slope = gelu_slope; \
        (kernels)->softmax_slope = softmax_slope; \
        (kernels)->product_add = product_add; \
        (kernels)->turn = turn; \
        (kernels)->adam = adam; \
        (kernels)->drop = drop; \
        (kernels)->attention = attention; \
        (kernels)->attention_bf16 = attention; \
        (kernels)->attention_halves = NULL; \
        (kernels)->multiply8 = NULL; \
    } while (0)
/* clang-format on */

#endif
