/* config.h - what the JSON files of a model's folder say. Private to model. */
#ifndef MODEL_CONFIG_H
#define MODEL_CONFIG_H

#include "activation.h"
#include "codec/codec.h"
#include "model.h"

/* Where an architecture keeps its tensors, and how it differs. Names without ".weight" and ".bias"; NULL: it has none. */
struct architecture {
    const char *name;    /* "bert" */
    const char *types[4]; /* model_type of config.json */
    const char *words, *positions, *token_types, *embedding_norm;
    const char *layer; /* what stands before a layer's number */
    const char *q, *k, *v, *qkv; /* three, or one of all rows */
    const char *attention_out, *attention_norm;
    const char *ffn_in,
        *ffn_gate; /* a gated one: in is activated, gate multiplies it; gate NULL and `gated`: one tensor of both */
    const char *ffn_out, *ffn_norm, *final_norm;
    const char *relative_bias;
    const char *head_dense, *head_norm, *head_out; /* of a classifier or cross-encoder */
    enum activation head_activation;
    bool gated, pre_norm, rotary;
    const char *epsilon_keys[3]; /* none: 1e-12 */
    bool may_lack_biases; /* else a missing one is a damaged file */
};

/* An encoder, as config.json describes it. */
struct encoder_config {
    const struct architecture *architecture;
    size_t vocabulary, hidden, layers, heads, head_size, intermediate;
    size_t positions;      /* rows of the position table, or the longest text of a rotary one */
    size_t first_position; /* of a text's first token */
    size_t padding;        /* where first_position > 0: a token that has this position, and does not count */
    size_t token_types;    /* rows of the table of token types; 0: none */
    float epsilon;
    enum activation activation;
    enum activation head_activation;
    bool head_mean;     /* the head reads the mean of all tokens instead of the first */
    bool head_bare;     /* it has no dense layer, though the folder holds one */
    size_t window;      /* tokens seen to each side in local layers; 0: there are none */
    const bool *is_local; /* by layer; NULL: none is */
    double theta_full, theta_local; /* of rotary positions */
};

/* One of the steps behind the encoder, from modules.json. */
enum module_kind { MODULE_POOLING, MODULE_DENSE, MODULE_NORMALIZE };

struct module {
    enum module_kind kind;
    const char *folder; /* of a dense one */
    size_t in, out;
    bool bias;
    enum activation activation;
};

#define MODULES_MAX 8

struct folder_config {
    const char *encoder_folder; /* where config.json and the weights are */
    struct module modules[MODULES_MAX];
    size_t module_count;
    enum model_pooling pooling;
    bool has_modules;  /* modules.json names a pooling: an embedder */
    bool normalized;
    bool lowercase;    /* before the tokenizer */
    size_t tokens_max; /* 0: not stated */
    struct model_prompt *prompts;
    size_t prompt_count;
    const char *default_prompt; /* name; NULL: none */
};

/* Reads `folder`/config.json. */
bool encoder_config_read(struct encoder_config *config, const char *folder, struct arena *arena, struct error *error) MUST_USE;

/* Reads what sentence-transformers wrote beside it; all of that may be missing. */
bool folder_config_read(struct folder_config *config, const char *folder, struct arena *arena, struct error *error) MUST_USE;

/* A JSON file of the folder as a tree, an object or (`kind`) an array; `*root` NULL when it is not there. `*path` is set for messages. */
bool config_file_read(const char *folder, const char *name, enum json_kind kind, struct arena *arena,
                      const struct json_value **root, const char **path, struct error *error) MUST_USE;

#endif
