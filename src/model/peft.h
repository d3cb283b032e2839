/* peft.h - an adapter as it lies on disk: a PEFT folder, read and checked. Part of model.h.
 *
 *   adapter_config.json         PEFT's: LoRA's rank and scale
 *   adapter_model.safetensors   base_model.model.PATH.lora_A.weight [rank, in], …lora_B.weight [out, rank], of DoRA …lora_magnitude_vector [out],
 *                               and whole tensors (a head's)
 *   assay_adapter.json          ours: task, pooling, labels, and the SHA-256 of the base's weights; those made elsewhere lack it
 *
 * PATH is the layer's name in the base, with or without the architecture's before it ("bert."). */
#ifndef MODEL_PEFT_H
#define MODEL_PEFT_H

#include "codec/codec.h"

struct peft {
    struct arena arena;
    const char *folder;
    const char *base; /* what it was trained on, as it says; "" when it does not */
    const char *base_sha256, *input_sha256; /* NULL: not stated */
    const char *task; /* ours ("classify"), else what PEFT's stands for; "" when it is neither */
    bool has_own; /* assay_adapter.json is there */
    bool mean; /* the head reads the mean of all tokens, and has no dense layer */
    const char *const *labels;
    size_t label_count;
    size_t rank;
    double alpha, scale; /* scale: alpha / rank, or alpha / √rank */
    bool rank_stabilised;
    bool weight_decomposed; /* DoRA: rows of W + scale · B·A have the lengths that it names */
    size_t additions, magnitude_count; /* linear layers that it adds to; that it has lengths for */
    struct safetensors tensors;
    struct file_map map;
};

/* Any bytes may stand in the files. What would load and compute something else than was trained is refused. Released by the caller, also
 * after a failure. */
bool peft_open(struct peft *peft, const char *folder, struct error *error) MUST_USE;
void peft_close(struct peft *peft);

/* Refuses a base that is not the one it was trained on; an adapter that does not say is believed. `hash`: of the base in `folder`. */
bool peft_check_base(const struct peft *peft, const char *folder, const char *hash, struct error *error) MUST_USE;
/* The same of the form of its inputs (input_hash): a tokenizer that was changed makes other tokens of the same text. */
bool peft_check_input(const struct peft *peft, const char *folder, const char *hash, struct error *error) MUST_USE;

/* The whole tensor of that name, with or without an architecture's name before it; NULL when it is not there. */
const struct tensor *peft_tensor(const struct peft *peft, const char *name);

/* Adds scale · B·A, and the lengths of DoRA, to rows first_row … of the layer's weights: w [row_count, columns] of [rows, columns]. `*added` false: it has nothing for
 * that layer. */
struct peft_rows {
    const char *layer; /* "encoder.layer.0.attention.self.query" */
    size_t rows, columns, first_row, row_count;
};
bool peft_add(const struct peft *peft, const struct peft_rows *rows, float *w, bool *added, struct error *error) MUST_USE;
bool peft_has(const struct peft *peft, const char *layer);

#endif
