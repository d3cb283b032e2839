/* remote.h - vectors of an embedding model that runs elsewhere. Private to embed. */
#ifndef EMBED_REMOTE_H
#define EMBED_REMOTE_H

#include "project/project.h"

struct llm;

struct remote_model {
    const struct project *project;
    const char *name; /* as the settings have it; NULL: the model runs here */
    struct llm *llm; /* NULL: not opened yet */
    size_t dimensions; /* 0: not known yet */
    bool is_hurried; /* as of an llm_request */
    /* Asked while the server is waited for; true stops. May be NULL. */
    bool (*is_cancelled)(void *context);
    void *context;
};

/* Which model it is, by name alone: nobody sees its bytes. */
void remote_fingerprint(const struct remote_model *remote, unsigned char fingerprint[STORE_HASH_BYTES]);

/* Opens it: nothing is sent. */
bool remote_open(struct remote_model *remote, struct error *error) MUST_USE;
void remote_close(struct remote_model *remote);

/* The vectors that are kept have so many dimensions: an error where the model has shown others. */
bool remote_expect(struct remote_model *remote, size_t dimensions, struct error *error) MUST_USE;

/* How many texts a request of remote_embed() has at the most. */
size_t remote_at_once(const struct remote_model *remote);

/* Asks for one vector where the number of dimensions is not known. */
bool remote_measure(struct remote_model *remote, struct error *error) MUST_USE;

/* vectors[count · dimensions], as the model gives them. */
bool remote_embed(struct remote_model *remote, const struct slice *texts, size_t count, float *vectors,
                  struct error *error) MUST_USE;

#endif
