/* vectors_avx512_bf16.c - the kernels that read or write bf16, with the processor's own conversion. */
#include "tables.h"

#if defined(__x86_64__)

#include "vector_avx512.h"

#define KERNEL_OWN_BF16
VECTOR void v_store_bf16(uint16_t *at, vector a)
{
    __m256bh halves = _mm512_cvtneps_pbh(a);
    __builtin_memcpy(at, &halves, sizeof(halves));
}

#define KERNEL_LANES_CHOSEN
#include "attention_body.h"

void kernels_vectors_avx512_bf16(struct kernels *kernels)
{
    struct kernels before = *kernels;
    fill_vectors(kernels);
    kernels->dot_i8 = before.dot_i8; /* of avx512_vnni */
    kernels->dots_i8 = before.dots_i8;
    kernels->signs_i8 = before.signs_i8;
    kernels->multiply8 = before.multiply8;
}

#else
void kernels_vectors_avx512_bf16(struct kernels *kernels)
{
    (void)kernels;
}
#endif
