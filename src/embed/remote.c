/* remote.c - texts to a provider's embedding model, some at a time. */
#include "remote.h"
#include "llm/llm.h"
#include <stdlib.h>
#include <string.h>

/* Counts up when texts are handed over in another way, so that vectors are made anew. */
#define RECIPE "assay vectors elsewhere 1\n"

enum {
    TEXTS_AT_ONCE = 128, /* of OpenAI's, which take 2,048 */
    TEXTS_AT_ONCE_ELSEWHERE = 32, /* servers of one's own often take no more */
    TEXT_BYTES_MAX = 24000 /* about 8,000 tokens of English, which is what OpenAI's take; a passage has far fewer */
};

void remote_fingerprint(const struct remote_model *remote, unsigned char fingerprint[STORE_HASH_BYTES])
{
    struct buffer text;
    buffer_init(&text, KIB * 8);
    buffer_format(&text, RECIPE "%s", remote->name);
    sha256(fingerprint, text.data, text.size);
    buffer_release(&text);
}

bool remote_open(struct remote_model *remote, struct error *error)
{
    const struct project *project = remote->project;
    if (remote->llm != NULL)
        return true;
    return project->open_remote != NULL ? project->open_remote(project, remote->name, &remote->llm, error)
                                        : llm_open_embedder(&remote->llm, remote->name, NULL, error);
}

void remote_close(struct remote_model *remote)
{
    llm_close(remote->llm);
}

/* An empty text has no vector there; a full stop has one. */
static struct slice sendable(struct slice text)
{
    struct slice cut = slice_cut(text, TEXT_BYTES_MAX);
    return slice_trim(cut).size > 0 ? cut : SLICE(".");
}

static bool refuse_dimensions(const struct remote_model *remote, size_t now, size_t before, struct error *error)
{
    error_set(error, ERROR_CONFLICT, "\"%s\" gives vectors of %zu numbers now, and those of the passages have %zu",
              remote->name, now, before);
    return error_hint(error, "Another model answers to that name: give `embedding` its own name, and run `assay add`.");
}

bool remote_expect(struct remote_model *remote, size_t dimensions, struct error *error)
{
    if (remote->dimensions == 0)
        remote->dimensions = dimensions;
    return remote->dimensions == dimensions || refuse_dimensions(remote, remote->dimensions, dimensions, error);
}

static bool embed_some(struct remote_model *remote, const struct slice *texts, size_t count, float **vectors,
                       struct error *error)
{
    const struct llm_request plain = {
        .is_hurried = remote->is_hurried, .is_cancelled = remote->is_cancelled, .context = remote->context};
    struct slice sent[TEXTS_AT_ONCE];
    size_t dimensions;
    for (size_t i = 0; i < count; i++)
        sent[i] = sendable(texts[i]);
    if (!remote_open(remote, error) || !llm_embed(remote->llm, sent, count, &plain, vectors, &dimensions, error))
        return false;
    if (remote->dimensions == 0)
        remote->dimensions = dimensions;
    if (dimensions == remote->dimensions)
        return true;
    free(*vectors);
    return refuse_dimensions(remote, dimensions, remote->dimensions, error);
}

bool remote_measure(struct remote_model *remote, struct error *error)
{
    const struct slice text = SLICE("How many numbers has a vector?");
    float *vector;
    if (remote->dimensions > 0)
        return true;
    if (!embed_some(remote, &text, 1, &vector, error))
        return false;
    free(vector);
    return true;
}

size_t remote_at_once(const struct remote_model *remote)
{
    return slice_starts_with(slice_from(remote->name), SLICE("openai:")) ? TEXTS_AT_ONCE : TEXTS_AT_ONCE_ELSEWHERE;
}

bool remote_embed(struct remote_model *remote, const struct slice *texts, size_t count, float *vectors, struct error *error)
{
    const size_t most = remote_at_once(remote);
    for (size_t done = 0; done < count;) {
        size_t some = count - done < most ? count - done : most;
        float *made;
        if (!embed_some(remote, texts + done, some, &made, error))
            return false;
        memcpy(vectors + done * remote->dimensions, made, some * remote->dimensions * sizeof(*made));
        free(made);
        done += some;
    }
    return true;
}
