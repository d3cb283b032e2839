/* embed.h - a project's embedding model: vectors for its passages, made once and kept in the catalog, and for questions.
 *
 *   passages without a vector ─256 at a time▶ model ─▶ codes ─▶ one transaction ─▶ … ─▶ sealed into an index file
 *
 * All vectors of a project are of one model, known by the SHA-256 of its files, an adapter's with its base's: vectors of another are dropped and made anew. The model
 * is found and opened when it is first needed, so that who searches for words alone never waits for it. */
#ifndef EMBED_EMBED_H
#define EMBED_EMBED_H

#include "project/project.h"

struct embedder;

/* Opens nothing yet. The project outlives it. */
struct embedder *embedder_create(struct project *project) MUST_USE;
void embedder_free(struct embedder *embedder); /* NULL is fine */

/* Whether its model runs elsewhere: then each vector is asked of a server. */
bool embedder_is_elsewhere(const struct embedder *embedder);

struct embed_progress {
    /* From time to time; false stops after the current batch: what is embedded stays. May be NULL. */
    bool (*step)(void *context, const char *stage, size_t done, size_t total);
    void *context;
    bool keep_spares; /* vectors of texts that went stay for the next call: they come again */
};

struct embed_report {
    size_t embedded; /* passages that went through the model */
    size_t dropped; /* vectors of another model, which went */
    bool no_model; /* there is no builtin model on this machine: nothing was done */
    struct error why; /* then */
};

/* Gives each passage that has none a vector, in ascending order, and seals them. With `embedding: none` nothing is done. The next call
 * goes on where one was stopped or killed. Needs STORE_WRITE. */
bool embed_passages(struct embedder *embedder, const struct embed_progress *progress, struct embed_report *report,
                    struct error *error) MUST_USE;

/* For cutting: how the model makes tokens, how many it takes of one passage (its own marks and a prompt left out), and vectors of texts
 * that are no passages. Counting opens no weights; where there is no model, there is nothing to count, and whoever embeds is told why. */
struct passage_model embedder_for_passages(struct embedder *embedder);

/* Vectors of texts that come again with other questions, such as the lines of a passage, `*vectors` freed by the caller: what was made for the same
 * `whose` before may not have to be made again. */
bool embed_again(struct embedder *embedder, struct slice whose, const struct slice *texts, size_t count, float **vectors,
                 size_t *dimensions, struct error *error) MUST_USE;

/* Within a refresh with vectors (project_refresh_vectors): whether questions can be asked of them. False with the reason when the
 * project has no vectors, or its model is not here or another one than theirs. */
bool embed_ready(struct embedder *embedder, struct error *error) MUST_USE;

/* The error of a search by vectors that sees none; always false. */
bool embed_without_vectors(const struct embedder *embedder, struct error *error);

/* The vector of a question, of length 1, project->vectors.dimensions numbers; good until the next call. */
bool embed_question(struct embedder *embedder, struct slice question, const float **vector, struct error *error) MUST_USE;

#endif
