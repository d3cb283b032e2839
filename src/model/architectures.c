/* architectures.c - the encoders that are known: their tensors' names. */
#include "architectures.h"

/* What BERT's nearest descendants have kept of it. */
/* clang-format off */
#define BERT_LAYERS \
    .words = "embeddings.word_embeddings", .positions = "embeddings.position_embeddings", \
    .token_types = "embeddings.token_type_embeddings", .embedding_norm = "embeddings.LayerNorm", .layer = "encoder.layer.", \
    .q = "attention.self.query", .k = "attention.self.key", .v = "attention.self.value", .attention_out = "attention.output.dense", \
    .attention_norm = "attention.output.LayerNorm", .ffn_in = "intermediate.dense", .ffn_out = "output.dense", \
    .ffn_norm = "output.LayerNorm", .epsilon_keys = {"layer_norm_eps"}
/* clang-format on */

static const struct architecture architectures[] = {
    {.name = "bert",
     .types = {"bert"},
     BERT_LAYERS,
     .head_dense = "pooler.dense",
     .head_out = "classifier",
     .head_activation = ACTIVATION_TANH},
    {.name = "roberta",
     .types = {"roberta", "xlm-roberta", "camembert"},
     BERT_LAYERS,
     .head_dense = "classifier.dense",
     .head_out = "classifier.out_proj",
     .head_activation = ACTIVATION_TANH},
    {.name = "electra",
     .types = {"electra"},
     BERT_LAYERS,
     .head_dense = "classifier.dense",
     .head_out = "classifier.out_proj",
     .head_activation = ACTIVATION_GELU},
    {.name = "distilbert",
     .types = {"distilbert"},
     .words = "embeddings.word_embeddings",
     .positions = "embeddings.position_embeddings",
     .embedding_norm = "embeddings.LayerNorm",
     .layer = "transformer.layer.",
     .q = "attention.q_lin",
     .k = "attention.k_lin",
     .v = "attention.v_lin",
     .attention_out = "attention.out_lin",
     .attention_norm = "sa_layer_norm",
     .ffn_in = "ffn.lin1",
     .ffn_out = "ffn.lin2",
     .ffn_norm = "output_layer_norm",
     .head_dense = "pre_classifier",
     .head_out = "classifier",
     .head_activation = ACTIVATION_RELU},
    {.name = "mpnet",
     .epsilon_keys = {"layer_norm_eps"},
     .types = {"mpnet"},
     .words = "embeddings.word_embeddings",
     .positions = "embeddings.position_embeddings",
     .embedding_norm = "embeddings.LayerNorm",
     .layer = "encoder.layer.",
     .q = "attention.attn.q",
     .k = "attention.attn.k",
     .v = "attention.attn.v",
     .attention_out = "attention.attn.o",
     .attention_norm = "attention.LayerNorm",
     .ffn_in = "intermediate.dense",
     .ffn_out = "output.dense",
     .ffn_norm = "output.LayerNorm",
     .relative_bias = "encoder.relative_attention_bias",
     .head_dense = "classifier.dense",
     .head_out = "classifier.out_proj",
     .head_activation = ACTIVATION_TANH},
    {.name = "modernbert",
     .epsilon_keys = {"norm_eps"},
     .types = {"modernbert"},
     .words = "embeddings.tok_embeddings",
     .embedding_norm = "embeddings.norm",
     .layer = "layers.",
     .qkv = "attn.Wqkv",
     .attention_out = "attn.Wo",
     .attention_norm = "attn_norm",
     .ffn_in = "mlp.Wi",
     .ffn_out = "mlp.Wo",
     .ffn_norm = "mlp_norm",
     .final_norm = "final_norm",
     .head_dense = "head.dense",
     .head_norm = "head.norm",
     .head_out = "classifier",
     .head_activation = ACTIVATION_GELU,
     .gated = true,
     .pre_norm = true,
     .rotary = true,
     .may_lack_biases = true},
    {.name = "nomic_bert",
     .epsilon_keys = {"layer_norm_eps", "layer_norm_epsilon"},
     .types = {"nomic_bert"},
     .words = "embeddings.word_embeddings",
     .token_types = "embeddings.token_type_embeddings",
     .embedding_norm = "emb_ln",
     .layer = "encoder.layers.",
     .qkv = "attn.Wqkv",
     .attention_out = "attn.out_proj",
     .attention_norm = "norm1",
     .ffn_in = "mlp.fc12",
     .ffn_gate = "mlp.fc11",
     .ffn_out = "mlp.fc2",
     .ffn_norm = "norm2",
     .head_dense = "pooler.dense",
     .head_out = "classifier",
     .head_activation = ACTIVATION_TANH,
     .gated = true,
     .rotary = true,
     .may_lack_biases = true},
};

const char *const architecture_prefixes[] = {
    "", "bert.", "roberta.", "distilbert.", "mpnet.", "model.", "nomic_bert.", "electra.", "camembert.", "xlm_roberta.", NULL};

const struct architecture *architecture_find(struct slice model_type)
{
    for (size_t i = 0; i < ARRAY_COUNT(architectures); i++)
        for (size_t t = 0; t < ARRAY_COUNT(architectures[i].types) && architectures[i].types[t] != NULL; t++)
            if (slice_equal_text(model_type, architectures[i].types[t]))
                return &architectures[i];
    return NULL;
}

const char *architecture_list(void)
{
    return "bert, roberta, xlm-roberta, camembert, electra, distilbert, mpnet, modernbert, nomic_bert";
}
