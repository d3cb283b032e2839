/* rerank.h - what a search found, in the order of who reads question and passage together. Private to answer. */
#ifndef ANSWER_RERANK_H
#define ANSWER_RERANK_H

#include "answer.h"

/* How many hits the search is to find when the first `k` are wanted. */
size_t rerank_depth(const struct settings *settings, size_t k);

/* Scores the first of the result's hits (settings.rerank_candidates) and orders them anew; those behind keep their order, with scores below.
 * Only the first `k` stay. */
struct reranking {
    const struct settings *settings;
    struct ranker *ranker;
    struct slice question;
    size_t k;
};
bool rerank_hits(const struct reranking *reranking, struct search_result *result, struct error *error) MUST_USE;

#endif
