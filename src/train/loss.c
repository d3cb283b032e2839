/* loss.c - the loss of one example from its logits z, and its slope.
 *
 *   cross-entropy   L = -Σ q_i · log p_i, p = softmax(z)          dL/dz = p - q
 *                   q: 1 - s at the label, and s / n everywhere (label smoothing s)
 *   focal           L = -(1 - p_y)^γ · log p_y                    dL/dz = a · (p - 1_y), a = (1 - p_y)^γ - γ·(1 - p_y)^(γ-1)·p_y·log p_y
 *                   (Lin et al. 2017)
 *   logistic        L = -t·log σ(z) - (1 - t)·log(1 - σ(z))       dL/dz = σ(z) - t
 *   squares         L = (z - t)²                                  dL/dz = 2·(z - t) */
#include "train_parts.h"
#include <assert.h>
#include <math.h>

/* log Σ e^z */
static double log_sum(const float *z, size_t count, size_t stride)
{
    double most = (double)z[0], sum = 0;
    for (size_t i = 1; i < count; i++)
        most = fmax(most, (double)z[i * stride]);
    for (size_t i = 0; i < count; i++)
        sum += exp((double)z[i * stride] - most);
    return most + log(sum);
}

static double cross_entropy(const float *z, size_t count, size_t stride, size_t label, double smoothing, double scale, float *d)
{
    double all = log_sum(z, count, stride), loss = (1 - smoothing) * (all - (double)z[label * stride]);
    for (size_t i = 0; i < count; i++) {
        double each = smoothing / (double)count, q = each + (i == label ? 1 - smoothing : 0);
        loss += each * (all - (double)z[i * stride]);
        d[i * stride] = (float)(scale * (exp((double)z[i * stride] - all) - q));
    }
    return loss;
}

static double focal(const float *z, size_t count, size_t label, double gamma, double scale, float *d)
{
    double all = log_sum(z, count, 1), log_p = (double)z[label] - all, p = exp(log_p), rest = 1 - p;
    double a = pow(rest, gamma) - (rest > 0 ? gamma * pow(rest, gamma - 1) * p * log_p : 0);
    for (size_t i = 0; i < count; i++)
        d[i] = (float)(scale * a * (exp((double)z[i] - all) - (i == label ? 1 : 0)));
    return -pow(rest, gamma) * log_p;
}

/* The mean over all outputs; with gamma > 0 focal, for targets 0 and 1. */
static double logistic(const float *z, const float *targets, size_t count, double gamma, double scale, float *d)
{
    double loss = 0;
    for (size_t i = 0; i < count; i++) {
        double x = (double)z[i], t = (double)targets[i], share = 1 / (double)count;
        double entropy = fmax(x, 0) - x * t + log1p(exp(-fabs(x))), s = 1 / (1 + exp(-x));
        double factor = 1;
        if (gamma > 0) {
            double log_p = -entropy, p = exp(log_p), rest = 1 - p;
            factor = pow(rest, gamma) - (rest > 0 ? gamma * pow(rest, gamma - 1) * p * log_p : 0);
            entropy *= pow(rest, gamma);
        }
        loss += share * entropy;
        d[i] = (float)(scale * share * factor * (s - t));
    }
    return loss;
}

static double squares(const float *z, const float *targets, size_t count, double scale, float *d)
{
    double loss = 0, share = 1 / (double)count;
    for (size_t i = 0; i < count; i++) {
        double off = (double)z[i] - (double)targets[i];
        loss += share * off * off;
        d[i] = (float)(scale * share * 2 * off);
    }
    return loss;
}

static double tags(const struct ready *item, const float *z, size_t outputs, double smoothing, double scale, float *d)
{
    double loss = 0;
    for (size_t t = 0; t < item->count; t++) {
        for (size_t i = 0; i < outputs; i++)
            d[t * outputs + i] = 0;
        if (item->wanted[t] != NOT_WANTED)
            loss += cross_entropy(z + t * outputs, outputs, 1, item->wanted[t], smoothing, scale, d + t * outputs);
    }
    return loss;
}

double item_loss(const struct trainer *trainer, const struct train_example *example, const struct ready *item,
                 const float *logits, size_t vectors, float scale, float *d)
{
    const struct train_recipe *recipe = &trainer->recipe;
    double by = (double)scale, smoothing = (double)recipe->label_smoothing, gamma = (double)recipe->focal_gamma;
    size_t outputs = recipe->outputs;
    switch (recipe->task) {
    case TRAIN_CLASSIFY:
        return gamma > 0 ? focal(logits, outputs, example->label, gamma, by, d)
                         : cross_entropy(logits, outputs, 1, example->label, smoothing, by, d);
    case TRAIN_CLASSIFY_MANY:
        return logistic(logits, example->targets, outputs, gamma, by, d);
    case TRAIN_RANK:
        return logistic(logits, example->targets, 1, 0, by, d);
    case TRAIN_REGRESS:
        return squares(logits, example->targets, outputs, by, d);
    case TRAIN_TAG:
        return tags(item, logits, outputs, smoothing, by, d);
    case TRAIN_SPAN: /* two numbers a row: how well the answer starts, and ends, here */
        return (cross_entropy(logits, vectors, 2, item->start, 0, by / 2, d) +
                cross_entropy(logits + 1, vectors, 2, item->end, 0, by / 2, d + 1)) /
               2;
    case TRAIN_WRITE:
    case TRAIN_EMBED:
        break;
    }
    assert(false); /* vectors have a loss of whole batches: embed_loss.c; writers their own head: write_head.c */
    return 0;
}
