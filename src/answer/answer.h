/* answer.h - from a question to passages with their places: the query side of the pipeline. */
#ifndef ANSWER_ANSWER_H
#define ANSWER_ANSWER_H

#include "project/project.h"

struct search_match {
    size_t start, end; /* bytes of the passage's text */
};

struct search_hit {
    struct store_passage passage;
    struct slice path, title, language;
    float score;
    const struct search_match *matches; /* the question's words in the text, ascending */
    size_t match_count;
};

struct search_result {
    struct arena arena; /* holds all of it */
    struct search_hit *hits;
    size_t count;
    size_t searched; /* passages in the index */
};

/* `k` 0: as the settings say. The result is released by search_result_release, also after a failure. */
bool answer_search(struct project *project, struct slice question, size_t k, struct search_result *result,
                   struct error *error) MUST_USE;
void search_result_release(struct search_result *result);

#endif
