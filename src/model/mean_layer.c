/* mean_layer.c - a classifier over the mean of all tokens, for programs whose classes read the first token alone: one more layer, which brings the mean there, and
 * their own head, which finds the classes' numbers in it.
 *
 * Let x be a text's states, x₀ the first one's, m their mean, z = W·m. With two large powers of two, S and C:
 *
 *   1. attention     queries and keys are 0, so all tokens are looked at alike; values are the states: m
 *   2. its output    S·W: column k of the sum is x₀ₖ + S·zₖ; the last two columns get ±S·C; to the others nothing is added
 *   3. first norm    divides by S·C·√(2/hidden), but for a share of |z|²/(2·C²): it does not depend on the text
 *   4. feed-forward  all 0; the second norm finds what has mean 0 and spread 1 already
 *   5. dense layer   column k less a column to which nothing was added: the first norm's mean falls out
 *   6. activation    where it is straight: tanh near 0; relu and gelu far above it
 *   7. last layer    zₖ + (x₀ₖ - x₀ of the other column) / S, and the bias
 *
 * What is left of x₀ is below the rounding of f32, as is the share of step 3 for numbers as classifiers have them. */
#include "learner.h"
#include <assert.h>
#include <math.h>
#include <string.h>

#define ADDED 16777216.0 /* S */
#define WIDE 262144.0 /* C */
#define STRAIGHT 128.0 /* above it relu and gelu change nothing: classes' numbers of less than -120 come out as about that */

enum { OWN_COLUMNS = 3 }; /* the two large ones, and the one with nothing added */

struct making {
    const struct trainable *trainable;
    struct arena *arena;
    struct parameter *made;
    size_t count;
};

/* A tensor of zeros; columns 0: of one dimension. */
static float *add(struct making *making, const char *name, const char *end, size_t rows, size_t columns)
{
    struct parameter *parameter = &making->made[making->count++];
    *parameter = (struct parameter){.rows = rows, .columns = columns, .count = rows * (columns > 0 ? columns : 1)};
    parameter->values = arena_alloc(making->arena, parameter->count, sizeof(float));
    const char *text = arena_format(making->arena, "%s%s", name, end);
    memcpy(parameter->name, text, strlen(text) < sizeof(parameter->name) ? strlen(text) : sizeof(parameter->name) - 1);
    return parameter->values;
}

static const char *of_layer(struct making *making, const char *part)
{
    const struct encoder_config *config = &making->trainable->config;
    return arena_format(making->arena, "%s%zu.%s", config->architecture->layer, config->layers, part);
}

static float *add_linear(struct making *making, const char *name, size_t rows, size_t columns, float **bias)
{
    float *weight = add(making, name, ".weight", rows, columns);
    *bias = add(making, name, ".bias", rows, 0);
    return weight;
}

static void add_norm(struct making *making, const char *part)
{
    const char *name = of_layer(making, part);
    size_t hidden = making->trainable->config.hidden;
    float *weight = add(making, name, ".weight", hidden, 0);
    add(making, name, ".bias", hidden, 0);
    for (size_t i = 0; i < hidden; i++)
        weight[i] = 1;
}

/* Steps 1 to 4. */
static void add_layer(struct making *making, const float *weight, size_t labels)
{
    const struct encoder_config *config = &making->trainable->config;
    const struct architecture *names = config->architecture;
    size_t hidden = config->hidden;
    float *bias, *values;
    add_linear(making, of_layer(making, names->q), hidden, hidden, &bias);
    add_linear(making, of_layer(making, names->k), hidden, hidden, &bias);
    values = add_linear(making, of_layer(making, names->v), hidden, hidden, &bias);
    for (size_t i = 0; i < hidden; i++)
        values[i * hidden + i] = 1;
    float *out = add_linear(making, of_layer(making, names->attention_out), hidden, hidden, &bias);
    for (size_t i = 0; i < labels * hidden; i++)
        out[i] = (float)(ADDED * (double)weight[i]);
    bias[hidden - 2] = (float)(ADDED * WIDE);
    bias[hidden - 1] = (float)(-ADDED * WIDE);
    add_norm(making, names->attention_norm);
    add_linear(making, of_layer(making, names->ffn_in), config->intermediate, hidden, &bias);
    add_linear(making, of_layer(making, names->ffn_out), hidden, config->intermediate, &bias);
    add_norm(making, names->ffn_norm);
}

/* Steps 5 to 7. */
static void add_head(struct making *making, const float *label_biases, size_t labels)
{
    const struct encoder_config *config = &making->trainable->config;
    size_t hidden = config->hidden;
    bool is_tanh = config->head_activation == ACTIVATION_TANH;
    /* What the norms divide by; the second one's epsilon, beside a spread of 1, tells. */
    double back = WIDE * sqrt(2 / (double)hidden) * sqrt(1 + (double)config->epsilon);
    float *dense_bias, *out_bias;
    float *dense = add_linear(making, config->architecture->head_dense, hidden, hidden, &dense_bias);
    float *out = add_linear(making, config->architecture->head_out, labels, hidden, &out_bias);
    for (size_t k = 0; k < labels; k++) {
        dense[k * hidden + k] = (float)(is_tanh ? 1 : back);
        dense[k * hidden + labels] = (float)(is_tanh ? -1 : -back);
        dense_bias[k] = (float)(is_tanh ? 0 : STRAIGHT);
        out[k * hidden + k] = (float)(is_tanh ? back : 1);
        out_bias[k] = (float)((double)label_biases[k] - (is_tanh ? 0 : STRAIGHT));
    }
}

bool trainable_mean_layer(const struct trainable *trainable, const struct mean_classifier *classifier, struct arena *arena,
                          struct parameter **made, size_t *count, struct error *error)
{
    enum { TENSORS = 20 }; /* six linear layers and two norms, and the head's two layers, with a bias each */
    struct making making = {.trainable = trainable, .arena = arena};
    size_t hidden = trainable->config.hidden;
    if (classifier->labels + OWN_COLUMNS > hidden) {
        error_set(error, ERROR_LIMIT, "%zu labels are too many for a model whose states have %zu numbers: %zu are the most",
                  classifier->labels, hidden, hidden > OWN_COLUMNS ? hidden - OWN_COLUMNS : 0);
        return error_hint(error, "The adapter itself can be used here whatever its labels.");
    }
    making.made = arena_alloc(arena, TENSORS, sizeof(*making.made));
    add_layer(&making, classifier->weight, classifier->labels);
    add_head(&making, classifier->bias, classifier->labels);
    assert(making.count == TENSORS);
    *made = making.made;
    *count = making.count;
    return true;
}
