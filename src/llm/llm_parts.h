/* llm_parts.h - a language model that is open. Private to llm. */
#ifndef LLM_LLM_PARTS_H
#define LLM_LLM_PARTS_H

#include "dialect.h"
#include "llm.h"
#include "spend.h"
#include <pthread.h>

struct llm {
    struct provider provider;
    struct llm_options options;
    struct http *http;
    struct replay *replay;
    const char *name;
    const char *server; /* as a cache names it: how it is spoken to, and where */
    bool has_price;
    struct llm_price price;
    const char *currency;
    struct spend spend;
    struct arena arena;
    pthread_mutex_t lock; /* guards all below */
    pthread_cond_t freed; /* a request has ended */
    unsigned running;
    unsigned failures;    /* for good, in a row */
    uint64_t rest_ends_ns; /* when a model that failed is asked again */
    struct random random;  /* of pauses */
    bool schema_in_object; /* as of a provider; known once the server has said so */
};

/* ---- embeddings.c ---- */

/* Makes the provider of a model's name one that is asked for vectors. */
bool embeddings_find(struct provider *provider, const char *model, struct arena *arena, struct error *error) MUST_USE;

/* A provider may repeat the key in what it complains of. */
void llm_hide_key(const struct llm *llm, char *text);

#endif
