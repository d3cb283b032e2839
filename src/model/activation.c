#include "activation.h"
#include "kernel/kernel.h"
#include <math.h>

void activate(enum activation activation, float *out, const float *a, const float *bias, size_t count)
{
    const struct kernels *table = kernels();
    switch (activation) {
    case ACTIVATION_GELU:
        table->bias_gelu(out, a, bias, count);
        break;
    case ACTIVATION_GELU_TANH:
        table->bias_gelu_tanh(out, a, bias, count);
        break;
    case ACTIVATION_SILU:
        table->bias_silu(out, a, bias, count);
        break;
    case ACTIVATION_RELU:
        table->bias_relu(out, a, bias, count);
        break;
    case ACTIVATION_TANH:
        for (size_t i = 0; i < count; i++)
            out[i] = tanhf(a[i] + bias[i]);
        break;
    case ACTIVATION_NONE:
        table->bias(out, a, bias, count);
        break;
    }
}

bool activation_named(struct slice name, enum activation *activation)
{
    static const struct {
        const char *name;
        enum activation activation;
    } names[] = {
        {"gelu", ACTIVATION_GELU},           {"gelu_python", ACTIVATION_GELU},
        {"gelu_new", ACTIVATION_GELU_TANH},  {"gelu_pytorch_tanh", ACTIVATION_GELU_TANH},
        {"gelu_fast", ACTIVATION_GELU_TANH}, {"gelu_accurate", ACTIVATION_GELU_TANH},
        {"silu", ACTIVATION_SILU},           {"swish", ACTIVATION_SILU},
        {"swiglu", ACTIVATION_SILU},         {"relu", ACTIVATION_RELU},
        {"tanh", ACTIVATION_TANH},           {"linear", ACTIVATION_NONE},
    };
    for (size_t i = 0; i < ARRAY_COUNT(names); i++)
        if (slice_equal_text(name, names[i].name)) {
            *activation = names[i].activation;
            return true;
        }
    return false;
}
