/* head.h - what stands behind the encoder: small layers in f32 over one vector a text. Private to model. */
#ifndef MODEL_HEAD_H
#define MODEL_HEAD_H

#include "encoder.h"

struct dense {
    float *weight, *bias; /* [out, in], [out] */
    size_t in, out;
    enum activation activation;
};

/* A cross-encoder's or classifier's: out(norm(activation(dense(x)))); one over the mean may have no dense. */
struct head {
    struct dense dense, out;
    struct norm norm; /* weight NULL: none */
    float epsilon;
    bool mean;      /* x is the mean of all tokens, else the first one's */
    size_t labels;  /* 0: the model has no head */
};

bool dense_read(struct dense *dense, const struct weights *weights, const char *name, size_t out, size_t in, bool bias,
                enum activation activation, struct error *error) MUST_USE;
void dense_release(struct dense *dense);
void dense_run(const struct dense *dense, const float *in, float *out);

/* A model without the head's tensors has labels 0, which is no error. */
bool head_read(struct head *head, const struct weights *weights, const struct encoder_config *config,
               struct error *error) MUST_USE;
void head_release(struct head *head);

/* out [labels] of a text's rows; scratch: twice hidden. */
void head_run(const struct head *head, const float *rows, size_t count, size_t hidden, float *scratch, float *out);

/* One vector of a text's rows. */
void pool_rows(enum model_pooling pooling, const float *rows, size_t count, size_t hidden, float *out);
void normalize(float *vector, size_t size);

#endif
