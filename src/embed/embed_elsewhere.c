/* embed_elsewhere.c - a model that a server elsewhere runs. */
#include "embedder.h"
#include <string.h>

enum { TOKENS_MAX = 4096 }; /* of a passage: hosted models take 8,000 of their own */

static bool find(struct embedder *embedder, struct error *error)
{
    const char *name = arena_text(&embedder->arena, slice_from(embedder->project->settings.embedding));
    (void)error;
    embedder->remote.name = embedder->name = embedder->folder = name;
    return true;
}

static bool know(struct embedder *embedder, const struct store_embedding *stored, struct error *error)
{
    (void)stored;
    (void)error;
    remote_fingerprint(&embedder->remote, embedder->fingerprint);
    memcpy(embedder->stamp, embedder->fingerprint, sizeof(embedder->stamp));
    return true;
}

static bool open_model(struct embedder *embedder, struct error *error)
{
    return remote_open(&embedder->remote, error);
}

static bool measure(struct embedder *embedder, struct error *error)
{
    return remote_measure(&embedder->remote, error);
}

static bool expect(struct embedder *embedder, size_t dimensions, struct error *error)
{
    return remote_expect(&embedder->remote, dimensions, error);
}

static size_t dimensions_of(const struct embedder *embedder)
{
    return embedder->remote.dimensions;
}

static size_t at_once(const struct embedder *embedder)
{
    return remote_at_once(&embedder->remote);
}

/* Nothing stands before a text: a server that wants something there puts it in itself. */
static bool embed(struct embedder *embedder, const struct embed_texts *texts, float *vectors, struct error *error)
{
    if (!remote_embed(&embedder->remote, texts->texts, texts->count, vectors, error))
        return false;
    embedder_make_units(vectors, texts->count, embedder->remote.dimensions);
    return true;
}

/* Its own is not here: the builtin one's makes about as many tokens of a text. */
static bool read_tokenizer(struct embedder *embedder, struct error *error)
{
    struct model_place place;
    bool ok = models_find("builtin", embedder->project->root, &embedder->arena, &place, error) &&
              model_read_tokenizer(&embedder->tokenizer, &embedder->tokens_max, place.folder, error);
    embedder->tokens_max = TOKENS_MAX;
    return ok;
}

const struct embed_way embed_elsewhere = {.find = find,
                                          .know = know,
                                          .open = open_model,
                                          .measure = measure,
                                          .expect = expect,
                                          .dimensions = dimensions_of,
                                          .at_once = at_once,
                                          .embed = embed,
                                          .read_tokenizer = read_tokenizer};
