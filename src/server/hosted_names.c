/* hosted_names.c - names of models that scripts were written for before they came here. What stands behind this project answers to them; a name that nobody
 * has ever had is refused, since it is a slip of the pen. The answer tells who answered. */
#include "exchange.h"

enum { FAMILIES_MAX = 8 };

static const char *const families[][FAMILIES_MAX] = {
    [HOSTED_ANSWERS] = {"gpt-", "chatgpt-", "o1", "o3", "o4-", "davinci-", "babbage-", "claude-"},
    [HOSTED_EMBEDS] = {"text-embedding-"},
    [HOSTED_RANKS] = {"rerank-", "jina-reranker-"},
    [HOSTED_MODERATES] = {"omni-moderation", "text-moderation"},
};

bool is_hosted_model(struct slice name, enum hosted_use use)
{
    for (size_t i = 0; i < FAMILIES_MAX && families[use][i] != NULL; i++)
        if (slice_starts_with(name, slice_from(families[use][i])))
            return true;
    return false;
}
