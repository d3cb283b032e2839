/* learn_norm.c - layer norm, forward and back, a row at a time.
 *
 *   1. x̂ = (s - mean) · r              r = 1 / √(variance + epsilon)
 *   2. y = x̂ · weight + bias
 *
 *   2. dweight += dy · x̂, dbias += dy, g = dy · weight
 *   1. ds = r · (g - mean(g) - x̂ · mean(g · x̂))        direct, through the mean, through the variance
 *
 * Mean and r are computed again from s, which is kept. */
#include "learner.h"
#include <math.h>

void norm_forward(struct learn *learn, const struct scale_shift *norm, const float *sum, float *out)
{
    const struct encoder_config *config = &learn->trainable->config;
    learn->kernels->layer_norm(out, sum, norm->weight, norm->bias, config->epsilon, config->hidden);
}

/* d holds dy, then ds; `dweight` this row's part of it. */
void norm_backward(struct learn *learn, const struct scale_shift *norm, const float *sum, float *d, float *dweight)
{
    const struct kernels *table = learn->kernels;
    size_t hidden = learn->trainable->config.hidden;
    float *normal = learn->worker->row + hidden, count = (float)hidden;
    const float *ones = learn->trainable->ones;
    float mean = table->dot(sum, ones, hidden) / count;
    for (size_t i = 0; i < hidden; i++)
        normal[i] = sum[i] - mean;
    float r = 1 / sqrtf(table->dot(normal, normal, hidden) / count + learn->trainable->config.epsilon);
    for (size_t i = 0; i < hidden; i++) {
        normal[i] *= r;
        dweight[i] = d[i] * normal[i]; /* y = x̂ · weight + bias */
        d[i] *= norm->weight[i];
    }
    float mean_g = table->dot(d, ones, hidden) / count, mean_gx = table->dot(d, normal, hidden) / count;
    for (size_t i = 0; i < hidden; i++)
        d[i] = r * (d[i] - mean_g - normal[i] * mean_gx); /* x̂ = (s - mean) · r */
}
