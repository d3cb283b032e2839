/* model.h - runs encoder models: text into vectors (embeddings), pairs into scores (cross-encoders).
 *
 * A model is a folder as Hugging Face and sentence-transformers write it: config.json, model.safetensors, tokenizer.json or vocab.txt,
 * and where they are there modules.json, 1_Pooling/config.json, sentence_bert_config.json, config_sentence_transformers.json.
 * Architectures: BERT (MiniLM), RoBERTa, XLM-RoBERTa, CamemBERT, ELECTRA, DistilBERT, MPNet, ModernBERT, NomicBERT.
 *
 * Weights are mapped (replace a model's files by renaming, never in place), and packed once for the processor. An open model is
 * read-only: a result depends on the text, the precision and the processor's kernels alone, never on what else is in the batch or on
 * the number of threads, to the last bit. */
#ifndef MODEL_MODEL_H
#define MODEL_MODEL_H

#include "base/base.h"
#include "base_hash.h"
#include "peft.h"
#include "trainable.h"

struct model_options {
    enum model_precision precision;
    struct pool *pool; /* the threads it computes on; must outlive the model */
    const char *adapter; /* a PEFT folder whose additions and head it opens with; NULL: none */
};

struct model_prompt {
    const char *name, *text; /* "query", "search_query: " */
};

struct model_info {
    const char *folder;
    const char *name;         /* the folder's last part */
    const char *architecture; /* "bert" */
    const char *tokenizer;    /* "WordPiece" */
    enum model_precision precision; /* as it runs; never MODEL_AUTO */
    enum model_pooling pooling;
    bool normalized;       /* vectors have length 1 */
    size_t dimensions;     /* of a vector */
    size_t labels;         /* of a cross-encoder or classifier head; 0: none */
    size_t layers, hidden, heads, vocabulary;
    size_t positions;      /* tokens that it could read at the most, whatever its folder says */
    size_t tokens_max;     /* longer texts are cut to so many */
    uint64_t parameters;     /* numbers in the files of weights */
    uint64_t linear_weights; /* of them those that every token is multiplied with */
    size_t file_bytes;     /* of the weights on disk */
    size_t packed_bytes;   /* held in memory beside the mapped file */
    const struct model_prompt *prompts;
    size_t prompt_count;
};

struct model;

bool model_open(struct model **model, const char *folder, const struct model_options *options, struct error *error) MUST_USE;
void model_close(struct model *model); /* NULL is fine */
const struct model_info *model_info(const struct model *model);

/* The prompt of that name, to be put before each text; empty when the model has none of that name. `name` NULL: the one that the model
 * puts before every text unless it is told another. */
struct slice model_prompt(const struct model *model, const char *name);

/* A batch of texts, each embedded as `prompt` + text. out: [count, dimensions]. `tokens` (may be NULL) is raised by the tokens
 * that were computed. Texts of all lengths may be mixed: they are packed, not padded. */
bool model_embed(struct model *model, const struct slice *texts, size_t count, struct slice prompt, float *out,
                 uint64_t *tokens, struct error *error) MUST_USE;

/* Scores of pairs by a cross-encoder's head, or of single texts (`seconds` NULL) by a classifier's: the head's raw outputs.
 * out: [count, labels]. */
bool model_score(struct model *model, const struct slice *firsts, const struct slice *seconds, size_t count, float *out,
                 struct error *error) MUST_USE;

/* The last layer's outputs of one text, a row a token, special ones included: out: [`*rows`, hidden], freed by the caller. */
bool model_states(struct model *model, struct slice text, float **out, size_t *rows, struct error *error) MUST_USE;

/* The last layer's outputs of each text or pair (`seconds` NULL: single texts), a row a token, special ones included, as they come: on any
 * thread, several at a time. Texts without a token have 0 rows. For heads that are not model_score's. */
typedef void model_rows_done(void *context, size_t text, const float *rows, size_t count);
struct model_rows {
    const struct slice *firsts, *seconds;
    size_t count;
    size_t tokens_max; /* longer ones are cut to so many; 0: to as many as the model reads */
    model_rows_done *done;
    void *context;
};
bool model_rows(struct model *model, const struct model_rows *rows, struct error *error) MUST_USE;

/* Rows that see what their texts' memories hold (text_memory.h), and are remembered there. states: the last layer's outputs [pack->rows, hidden]. For
 * models with learned positions: BERT, RoBERTa, ELECTRA, DistilBERT. */
bool model_remember(struct model *model, const struct pack *pack, float *states, struct error *error) MUST_USE;

/* The vectors of its words as f32: [vocabulary, hidden], freed by the caller; NULL: no memory. */
float *model_words(const struct model *model) MUST_USE;

/* A tensor that is no part of the encoder, such as a head's ("qa_outputs.weight"), the adapter's before the folder's, as f32: [rows, columns]
 * (`columns` 0: one dimension). Fails when it is not there in that shape. Freed by the caller. */
float *model_read(const struct model *model, const char *name, size_t rows, size_t columns, struct error *error) MUST_USE;

/* The adapter it was opened with, or NULL. */
const struct peft *model_adapter(const struct model *model);

/* How it makes tokens of texts; it cuts them to tokens_max. */
struct tokenizer;
const struct tokenizer *model_tokenizer(const struct model *model);

/* Only that of a model's folder, without its weights: for who counts tokens and computes nothing. `*tokens_max` as in model_info. The
 * tokenizer is freed by the caller. */
bool model_read_tokenizer(struct tokenizer **tokenizer, size_t *tokens_max, const char *folder, struct error *error) MUST_USE;

/* Tokens that a model of that folder could read at the most, whatever its own limit is. */
bool model_read_positions(size_t *positions, const char *folder, struct error *error) MUST_USE;

const char *model_precision_name(enum model_precision precision); /* "bf16" */
bool model_precision_named(const char *name, enum model_precision *precision);
const char *model_pooling_name(enum model_pooling pooling); /* "mean" */

#endif
