/* hosted_names.c - names of models that scripts were written for before they came here. What stands behind this project answers to them; a name that nobody
 * has had is refused, since it is a slip of the pen. The answer tells who answered. */
#include "exchange.h"

enum { FAMILIES_MAX = 12 };

static const char *const families[][FAMILIES_MAX] = {
    [HOSTED_ANSWERS] = {"gpt-", "chatgpt-", "o1", "o3", "o4-", "davinci-", "babbage-", "text-davinci-", "text-curie-",
                        "text-babbage-", "claude-", "command-"},
    [HOSTED_EMBEDS] = {"text-embedding-", "embed-", "jina-embeddings-"},
    [HOSTED_RANKS] = {"rerank-", "jina-reranker-"},
    [HOSTED_MODERATES] = {"omni-moderation", "text-moderation"},
};

/* A family's name ends with the sign that a version follows, "gpt-5", or may be all of it, "o3" and "o3-mini". */
static bool is_of_family(struct slice name, struct slice family)
{
    bool may_be_all = family.data[family.size - 1] != '-';
    return slice_starts_with(name, family) &&
           (name.size == family.size ? may_be_all : !may_be_all || byte_among(name.data[family.size], "-."));
}

bool is_hosted_model(struct slice name, enum hosted_use use)
{
    for (size_t i = 0; i < FAMILIES_MAX && families[use][i] != NULL; i++)
        if (is_of_family(name, slice_from(families[use][i])))
            return true;
    return false;
}
