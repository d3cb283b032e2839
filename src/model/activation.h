/* activation.h - the functions between layers. Private to model. */
#ifndef MODEL_ACTIVATION_H
#define MODEL_ACTIVATION_H

#include "base/base.h"

enum activation { ACTIVATION_GELU, ACTIVATION_GELU_TANH, ACTIVATION_SILU, ACTIVATION_RELU, ACTIVATION_TANH, ACTIVATION_NONE };

/* out = activation(a + bias); out may be a. */
void activate(enum activation activation, float *out, const float *a, const float *bias, size_t count);

/* d *= the slope of the activation at x. */
void activation_slope(enum activation activation, float *d, const float *x, size_t count);

/* By the names that config.json uses; false when unknown. */
bool activation_named(struct slice name, enum activation *activation);

#endif
