/* fuse.h - two rankings become one. Private to answer. */
#ifndef ANSWER_FUSE_H
#define ANSWER_FUSE_H

#include "project/project.h"

/* A passage that at least one of the searches found. */
struct candidate {
    passage_id passage;
    double score; /* joined */
    float text, vector; /* BM25 and similarity, where the rank is not 0 */
    size_t text_rank, vector_rank; /* from 1; 0: this search did not find it */
};

/* Hits as a search gives them, best first. */
struct ranking {
    const struct index_hit *hits;
    size_t count;
    size_t depth; /* scores are shared out between the best hit and this one, however many were asked for; 0: the last one */
};

/* Joins the two rankings: fills `out` (room for all of both), best first, equal scores by the better
 * rank, then by ascending passage; returns how many. */
size_t fuse(const struct ranking *text, const struct ranking *vector, enum retrieve_fusion fusion, double vector_weight,
            struct candidate *out);

/* One ranking alone: its scores are the joined ones. */
size_t fuse_text(const struct ranking *text, struct candidate *out);
size_t fuse_vector(const struct ranking *vector, struct candidate *out);

#endif
