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
    size_t searched; /* passages that were looked through */
};

struct search_request {
    struct slice question;
    size_t k; /* 0: as the settings say */
    /* Who asks: a key by its name, or by its secret; neither: the project's owner. */
    struct slice principal, secret;
    struct slice filter; /* empty: none */
};

/* A search sees what the principal may see and the filter lets through, and nothing else. The result is released by search_result_release, also after a failure. */
bool answer_search(struct project *project, const struct search_request *request, struct search_result *result,
                   struct error *error) MUST_USE;
void search_result_release(struct search_result *result);

#endif
