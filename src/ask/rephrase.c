/* rephrase.c - multi-query retrieval and hypothetical documents (Gao et al. 2023), in one request to the model:
 *
 *   question ─▶ model ─▶ a line each: wordings, and a passage that may answer it ─▶ searches ─▶ Σ 1 / (60 + rank) ─▶ one ranking
 *
 * What the model writes is a question to a search and nothing else. */
#include "rephrase.h"
#include <stdlib.h>
#include <string.h>

enum { TEXTS_MOST = 9, WORDING_TOKENS = 60, PASSAGE_TOKENS = 160, TEXT_BYTES_MOST = 2000, RANK_CONSTANT = 60 };

bool rephrase_wanted(const struct asking *asking)
{
    const struct settings *settings = &asking->project->settings;
    return asking->request->llm != NULL && (settings->wordings > 0 || settings->hypothetical);
}

/* ---- what to search for ---- */

/* A line without what a list puts before it: "2. ", "- ". */
static struct slice bare_line(struct slice line)
{
    size_t at = 0;
    line = slice_trim(line);
    while (at < line.size && byte_among(line.data[at], "0123456789.)-* "))
        at++;
    struct slice bare = slice_range(line, at < line.size ? at : 0, line.size);
    return slice_cut(bare, TEXT_BYTES_MOST);
}

static bool ask_for_texts(struct asking *asking, struct slice texts[TEXTS_MOST], size_t *count, struct error *error)
{
    const struct settings *settings = &asking->project->settings;
    size_t wanted = settings->wordings + settings->hypothetical;
    struct llm_answer said;
    struct slice rest, line;
    const char *rules = arena_format(
        asking->arena,
        "Somebody looks for an answer in documents by a search. %s%s Write in the language of the question, a line each, "
        "nothing else.",
        settings->wordings > 0 ? arena_format(asking->arena, "Write %zu other wording%s of the question.", settings->wordings,
                                              settings->wordings == 1 ? "" : "s")
                               : "",
        settings->hypothetical
            ? " Write a passage of two sentences, as one line, as it may stand in the documents and answer the "
              "question."
            : "");
    const struct llm_message messages[] = {{LLM_SYSTEM, slice_from(rules)}, {LLM_USER, asking->answer->asked}};
    const struct llm_request request = {.messages = messages,
                                        .message_count = ARRAY_COUNT(messages),
                                        .tokens_max = settings->wordings * WORDING_TOKENS +
                                                      settings->hypothetical * PASSAGE_TOKENS,
                                        .temperature = 0,
                                        .seed = asking->request->seed};
    *count = 0;
    if (!talk(asking, &request, &said, error))
        return error_wrap(error, "could not find other wordings of the question");
    rest = said.text;
    while (*count < wanted && *count < TEXTS_MOST && slice_next(&rest, '\n', &line)) {
        struct slice bare = bare_line(line);
        if (bare.size > 0)
            texts[(*count)++] = bare;
    }
    return true;
}

/* ---- one ranking ---- */

struct ranked_hit {
    struct search_hit hit;
    double sum;
    size_t first; /* where it was met first, for equal sums */
};

struct merging {
    struct ranked_hit *hits;
    size_t count;
    size_t most; /* hits of the longest list: so many stay */
};

/* The same passage, or one that it is a part of. */
static struct ranked_hit *find_same(const struct merging *merging, const struct search_hit *hit)
{
    for (size_t i = 0; i < merging->count; i++) {
        const struct search_hit *other = &merging->hits[i].hit;
        if (other->passage.document == hit->passage.document && other->first <= hit->last && hit->first <= other->last)
            return &merging->hits[i];
    }
    return NULL;
}

static void merge(struct merging *merging, const struct search_result *result)
{
    merging->most = result->count > merging->most ? result->count : merging->most;
    for (size_t i = 0; i < result->count; i++) {
        struct ranked_hit *same = find_same(merging, &result->hits[i]);
        if (same == NULL) {
            same = &merging->hits[merging->count];
            *same = (struct ranked_hit){.hit = result->hits[i], .first = merging->count++};
        }
        same->sum += 1.0 / (double)(RANK_CONSTANT + 1 + i);
    }
}

static int by_sum(const void *a, const void *b)
{
    const struct ranked_hit *left = a, *right = b;
    if (left->sum > right->sum || left->sum < right->sum)
        return left->sum > right->sum ? -1 : 1;
    return (left->first > right->first) - (left->first < right->first);
}

static void take_ranking(struct asking *asking, struct merging *merging, size_t lists)
{
    struct search_result *search = &asking->answer->search;
    size_t kept = merging->most < merging->count ? merging->most : merging->count;
    qsort(merging->hits, merging->count, sizeof(*merging->hits), by_sum);
    search->hits = arena_alloc(&search->arena, kept, sizeof(*search->hits));
    search->count = kept;
    for (size_t i = 0; i < kept; i++) {
        search->hits[i] = merging->hits[i].hit;
        search->hits[i].score = merging->hits[i].sum * (RANK_CONSTANT + 1) / (double)lists; /* 1: the best of all */
    }
}

bool rephrase_search_each(struct asking *asking, const struct slice *texts, size_t count, size_t least, search_one *search,
                          struct error *error)
{
    struct ask_answer *answer = asking->answer;
    size_t hits = answer->search.count;
    if (count == 0)
        return true;
    answer->more = memory_alloc(count, sizeof(*answer->more));
    for (; answer->more_count < count; answer->more_count++) {
        struct search_result *result = &answer->more[answer->more_count];
        if (!search(asking, texts[answer->more_count], result, error)) {
            search_result_release(result);
            return false;
        }
        hits += result->count;
    }
    struct merging merging = {.hits = arena_alloc(asking->arena, hits, sizeof(*merging.hits)), .most = least};
    merge(&merging, &answer->search);
    for (size_t i = 0; i < answer->more_count; i++)
        merge(&merging, &answer->more[i]);
    take_ranking(asking, &merging, answer->more_count + 1);
    return true;
}

bool rephrase_search(struct asking *asking, search_one *search, struct error *error)
{
    struct slice texts[TEXTS_MOST];
    size_t count;
    return ask_for_texts(asking, texts, &count, error) && rephrase_search_each(asking, texts, count, 0, search, error);
}
