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

/* Of one number. x / (1 + e^-u) = x·s(u) has the slope s(u) + x·s(u)·(1 - s(u))·u'. */
static double slope_at(enum activation activation, double x)
{
    switch (activation) {
    case ACTIVATION_GELU_TANH: {
        double u = 1.5957691216057308 * (x + 0.044715 * x * x * x), s = 1 / (1 + exp(-u));
        return s + x * s * (1 - s) * 1.5957691216057308 * (1 + 3 * 0.044715 * x * x);
    }
    case ACTIVATION_SILU: {
        double s = 1 / (1 + exp(-x));
        return s + x * s * (1 - s);
    }
    case ACTIVATION_RELU:
        return x > 0 ? 1 : 0;
    case ACTIVATION_TANH:
        return 1 - tanh(x) * tanh(x);
    default:
        return 1;
    }
}

void activation_slope(enum activation activation, float *d, const float *x, size_t count)
{
    if (activation == ACTIVATION_GELU) {
        kernels()->gelu_slope(d, x, count);
        return;
    }
    for (size_t i = 0; i < count; i++)
        d[i] *= (float)slope_at(activation, (double)x[i]);
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
