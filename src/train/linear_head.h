/* linear_head.h - logistic regression on vectors that stay as they are: the simplest classifier, often good enough, and what a tuned one is
 * measured against. Part of train.h.
 *
 * Minimises, as scikit-learn's LogisticRegression(C) does,
 *
 *   Σ w[label] · -log softmax(W·x + b)[label] + |W|² / (2 C)
 *
 * whose least is unique. The same to the last bit whatever the number of threads. */
#ifndef TRAIN_LINEAR_HEAD_H
#define TRAIN_LINEAR_HEAD_H

#include "base/base.h"

struct linear_head {
    size_t labels, dimensions;
    float *weights; /* [labels, dimensions] */
    float *biases; /* [labels] */
};

struct linear_fit {
    const float *vectors; /* [count, dimensions] */
    const uint32_t *truth; /* [count], below labels */
    const float *class_weights; /* w [labels]; NULL: all 1 */
    size_t count, dimensions, labels;
    double strength; /* C: the larger, the closer to the examples; 0: 1 */
    size_t steps_max; /* 0: 500 */
    struct pool *pool;
    bool (*step)(void *context, size_t step, double loss); /* may be NULL; false stops with ERROR_CANCELLED */
    void *context;
};

struct linear_fitted {
    size_t steps;
    double loss; /* the sum above */
    bool is_settled; /* else the steps ran out */
};

/* Starts from what `head` holds, or from zeros when that is nothing (zeros). Released by the caller, also after a failure. */
bool linear_head_fit(struct linear_head *head, const struct linear_fit *fit, struct linear_fitted *fitted,
                     struct error *error) MUST_USE;
void linear_head_release(struct linear_head *head);

/* logits [count, labels]; the same whatever the number of threads. `pool` NULL: in the caller's. */
void linear_head_run(const struct linear_head *head, const float *vectors, size_t count, float *logits, struct pool *pool);

#endif
