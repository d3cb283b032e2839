/* vectors_avx512.c - the kernels over vectors and rows, sixteen numbers at a time. */
#include "tables.h"

#if defined(__x86_64__)

#include "vector_avx512.h"

#define KERNEL_LANES_CHOSEN
#include "attention_body.h"

void kernels_vectors_avx512(struct kernels *kernels)
{
    fill_vectors(kernels);
}

#else
void kernels_vectors_avx512(struct kernels *kernels)
{
    (void)kernels;
}
#endif
