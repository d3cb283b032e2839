/* vectors_avx2.c - the kernels over vectors and rows, eight numbers at a time, with fused multiply-add. */
#include "tables.h"

#if defined(__x86_64__)

#include "vector_avx2.h"

#define KERNEL_LANES_CHOSEN
#include "attention_body.h"

void kernels_vectors_avx2(struct kernels *kernels)
{
    fill_vectors(kernels);
}

#else
void kernels_vectors_avx2(struct kernels *kernels)
{
    (void)kernels;
}
#endif
