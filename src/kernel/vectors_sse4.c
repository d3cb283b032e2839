/* vectors_sse4.c - the kernels over vectors and rows, four numbers at a time. */
#include "tables.h"

#if defined(__x86_64__)

#include "vector_sse4.h"

#define KERNEL_LANES_CHOSEN
#include "attention_body.h"

void kernels_vectors_sse4(struct kernels *kernels)
{
    fill_vectors(kernels);
}

#else
void kernels_vectors_sse4(struct kernels *kernels)
{
    (void)kernels;
}
#endif
