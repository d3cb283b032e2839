/* classifier.h - a tuned classifier as it lies on disk: a folder with
 *
 *   provenance.json    what it was made of, how, how good it is, and what is needed to use it (labels, temperature, threshold, base)
 *   head.safetensors   method head: head.weight [labels, dimensions] and head.bias [labels], f32
 *   adapter_…          method lora: a PEFT folder's files (peft.h), for the base
 *   model/             method full: a whole model
 *
 * Part of train.h. */
#ifndef TRAIN_CLASSIFIER_H
#define TRAIN_CLASSIFIER_H

#include "model/model.h"
#include "linear_head.h"

enum classifier_method { CLASSIFIER_HEAD, CLASSIFIER_LORA, CLASSIFIER_FULL, CLASSIFIER_METHODS };
const char *classifier_method_name(enum classifier_method method); /* "lora" */
bool classifier_method_named(const char *name, enum classifier_method *method);

struct classifier {
    enum classifier_method method;
    const char *name, *base, *base_folder; /* the base's name and where it lay */
    char base_hash[BASE_HASH_BYTES];
    const char *input_hash; /* of the form of its inputs; NULL: it was made before that was kept */
    const char *const *labels;
    size_t label_count;
    double temperature, threshold;
    enum model_precision precision; /* that it was measured in, and is used in: f32 or int8; else auto, which is near enough */
    struct linear_head head; /* of CLASSIFIER_HEAD */
    struct buffer provenance; /* the file */
    struct arena arena;
};

/* Everything is checked: shapes against labels, numbers against their bounds. Released by the caller, also after a failure. */
bool classifier_open(struct classifier *classifier, const char *folder, struct error *error) MUST_USE;
void classifier_release(struct classifier *classifier);

/* head.safetensors as bytes. */
void classifier_write_head(const struct linear_head *head, struct buffer *out);

/* Refuses a base that is not the one it was trained on, or that makes other tokens now. */
bool classifier_check_base(const struct classifier *classifier, const char *folder, struct error *error) MUST_USE;

#endif
