/* weights.h - the tensors of a model's folder, by name, from one safetensors file or several. Private to model. */
#ifndef MODEL_WEIGHTS_H
#define MODEL_WEIGHTS_H

#include "peft.h"

struct weights {
    struct weight_file *files;
    size_t file_count;
    size_t file_bytes;
    const char *folder;
    const char *prefix; /* before the encoder's names: "bert." */
    bool may_lack_biases;
    const struct peft *adapter; /* whose tensors come before those of the folder; or NULL */
    struct arena arena;
};

bool weights_open(struct weights *weights, const char *folder, struct error *error) MUST_USE;
void weights_close(struct weights *weights);

/* Finds the prefix: the one that stands before the tensor `name`. False when there is none. */
bool weights_find_prefix(struct weights *weights, const char *name);

/* The tensor `name` (with ".weight" or ".bias"): the adapter's, else looked for with the prefix, then without it; NULL when it is not there. */
const struct tensor *weights_find(const struct weights *weights, const char *name);

/* The tensor of that name, which must be there, hold floating numbers and have that shape (`columns` 0: one dimension). */
const struct tensor *weights_get(const struct weights *weights, const char *name, size_t rows, size_t columns,
                                 struct error *error) MUST_USE;

/* The same as f32, freed by the caller. */
float *weights_read(const struct weights *weights, const char *name, size_t rows, size_t columns, struct error *error) MUST_USE;

/* The bytes of its files, in the order in which they are listed. */
size_t weights_file_count(const struct weights *weights);
struct slice weights_file(const struct weights *weights, size_t number);

/* Numbers in all tensors. */
uint64_t weights_count(const struct weights *weights);

/* Lets the system take the pages of the files back; they are read again when they are needed again. */
void weights_rest(struct weights *weights);

#endif
