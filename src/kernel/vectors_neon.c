/* vectors_neon.c - the kernels over vectors and rows, four numbers at a time. */
#include "tables.h"

#if defined(__aarch64__)

#include "vector_neon.h"

#define KERNEL_LANES_CHOSEN
#include "attention_body.h"

void kernels_vectors_neon(struct kernels *kernels)
{
    fill_vectors(kernels);
}

#else
void kernels_vectors_neon(struct kernels *kernels)
{
    (void)kernels;
}
#endif
