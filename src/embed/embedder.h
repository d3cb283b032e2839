/* embedder.h - a project's embedding model on its two ways: files on this machine, or a server elsewhere. Private to embed. */
#ifndef EMBED_EMBEDDER_H
#define EMBED_EMBEDDER_H

#include "embed.h"
#include "kept_vectors.h"
#include "model/model.h"
#include "remote.h"

struct embedder {
    struct project *project;
    struct arena arena;
    const char *folder; /* of the model, or the name of one elsewhere; NULL: not looked for yet */
    const char *adapter; /* that is added to it; NULL: none */
    const char *name;
    struct model *model; /* NULL: not open */
    struct remote_model remote; /* in its place where `embedding` names one that runs elsewhere */
    unsigned char fingerprint[STORE_HASH_BYTES], stamp[STORE_HASH_BYTES];
    bool is_known; /* the two above are filled */
    struct buffer asked; /* the last question … */
    float *vector;       /* … and its vector; NULL: none yet */
    struct kept_vectors *kept; /* of embed_again; NULL: none yet */
    struct tokenizer *tokenizer; /* NULL: not read */
    size_t tokens_max;           /* with it: of one text */
    bool has_no_tokenizer;       /* it was looked for in vain */
};

/* Texts, and what they are to the model: models that tell questions from passages know them by one of these names. */
struct embed_texts {
    const struct slice *texts;
    size_t count;
    const char *const *kinds;
    size_t kind_count;
};

/* In this order: a model is found, then known or opened, then its dimensions are, then it embeds. */
struct embed_way {
    bool (*find)(struct embedder *embedder, struct error *error); /* fills folder, adapter and name */
    /* Fills fingerprint and stamp. `stored`: what the catalog has; NULL: nothing. */
    bool (*know)(struct embedder *embedder, const struct store_embedding *stored, struct error *error);
    bool (*open)(struct embedder *embedder, struct error *error); /* again is fine */
    bool (*measure)(struct embedder *embedder, struct error *error); /* how many dimensions it has, where that is not known */
    bool (*expect)(struct embedder *embedder, size_t dimensions, struct error *error); /* as the kept vectors have */
    size_t (*dimensions)(const struct embedder *embedder);
    size_t (*at_once)(const struct embedder *embedder); /* texts that it takes in one go; NULL: any number */
    bool (*embed)(struct embedder *embedder, const struct embed_texts *texts, float *vectors,
                  struct error *error); /* of length 1 */
    bool (*read_tokenizer)(struct embedder *embedder, struct error *error); /* of a model that was found */
};

extern const struct embed_way embed_here, embed_elsewhere;

/* count vectors, each made as long as 1. */
void embedder_make_units(float *vectors, size_t count, size_t dimensions);

#endif
