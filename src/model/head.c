#include "head.h"
#include "activation.h"
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { NAME_MAX_BYTES = 256, LABELS_MAX = 65536 };

bool dense_read(struct dense *dense, const struct weights *weights, const char *name, size_t out, size_t in, bool bias,
                enum activation activation, struct error *error)
{
    char text[NAME_MAX_BYTES];
    *dense = (struct dense){.in = in, .out = out, .activation = activation};
    snprintf(text, sizeof(text), "%s.weight", name);
    dense->weight = weights_read(weights, text, out, in, error);
    snprintf(text, sizeof(text), "%s.bias", name);
    if (dense->weight != NULL)
        dense->bias = bias ? weights_read(weights, text, out, 0, error) : memory_alloc(out, sizeof(*dense->bias));
    bool ok = dense->bias != NULL;
    if (!ok)
        dense_release(dense);
    return ok;
}

void dense_release(struct dense *dense)
{
    free(dense->weight);
    free(dense->bias);
    *dense = (struct dense){0};
}

void dense_run(const struct dense *dense, const float *in, float *out)
{
    for (size_t i = 0; i < dense->out; i++)
        out[i] = kernels()->dot(dense->weight + i * dense->in, in, dense->in);
    activate(dense->activation, out, out, dense->bias, dense->out);
}

bool head_read(struct head *head, const struct weights *weights, const struct encoder_config *config, struct error *error)
{
    const struct architecture *architecture = config->architecture;
    char name[NAME_MAX_BYTES];
    *head = (struct head){.epsilon = config->epsilon, .mean = config->head_mean};
    snprintf(name, sizeof(name), "%s.weight", architecture->head_out);
    const struct tensor *out = weights_find(weights, name);
    snprintf(name, sizeof(name), "%s.weight", architecture->head_dense);
    bool has_dense = !config->head_bare && weights_find(weights, name) != NULL;
    if (out == NULL || (!has_dense && !config->head_mean))
        return true;
    if (out->dimensions != 2 || out->shape[0] == 0 || out->shape[0] > LABELS_MAX)
        return error_set(error, ERROR_INVALID, "the weights in \"%s\": \"%s\" has no labels", weights->folder,
                         architecture->head_out);
    snprintf(name, sizeof(name), "%s.bias", architecture->head_dense);
    bool ok = (!has_dense || dense_read(&head->dense, weights, architecture->head_dense, config->hidden, config->hidden,
                                        weights_find(weights, name) != NULL, config->head_activation, error)) &&
              dense_read(&head->out, weights, architecture->head_out, out->shape[0], config->hidden, true, ACTIVATION_NONE,
                         error) &&
              (architecture->head_norm == NULL ||
               norm_read(&head->norm, weights, architecture->head_norm, config->hidden, error));
    if (ok)
        head->labels = out->shape[0];
    else
        head_release(head);
    return ok;
}

void head_release(struct head *head)
{
    dense_release(&head->dense);
    dense_release(&head->out);
    norm_release(&head->norm);
    head->labels = 0;
}

void head_run(const struct head *head, const float *rows, size_t count, size_t hidden, float *scratch, float *out)
{
    float *pooled = scratch, *inner = scratch + hidden;
    pool_rows(head->mean ? MODEL_POOL_MEAN : MODEL_POOL_CLS, rows, count, hidden, pooled);
    if (head->dense.weight != NULL)
        dense_run(&head->dense, pooled, inner);
    else
        memcpy(inner, pooled, hidden * sizeof(*inner));
    if (head->norm.weight != NULL)
        kernels()->layer_norm(inner, inner, head->norm.weight, head->norm.bias, head->epsilon, hidden);
    dense_run(&head->out, inner, out);
}

void pool_rows(enum model_pooling pooling, const float *rows, size_t count, size_t hidden, float *out)
{
    memcpy(out, pooling == MODEL_POOL_LAST ? rows + (count - 1) * hidden : rows, hidden * sizeof(*out));
    for (size_t i = 1; i < count; i++) {
        if (pooling == MODEL_POOL_MEAN)
            kernels()->add(out, rows + i * hidden, hidden);
        if (pooling == MODEL_POOL_MAX)
            kernels()->maximum(out, rows + i * hidden, hidden);
    }
    if (pooling == MODEL_POOL_MEAN)
        kernels()->scale(out, out, 1 / (float)count, hidden);
}

void normalize(float *vector, size_t size)
{
    float length = sqrtf(kernels()->dot(vector, vector, size));
    kernels()->scale(vector, vector, 1 / (length > 1e-12F ? length : 1e-12F), size);
}
