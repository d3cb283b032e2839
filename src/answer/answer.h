/* answer.h - from a question to passages with their places: the query side of the pipeline.
 *
 *   question ─┬─ words ──▶ BM25 ────┐
 *             └─ vector ─▶ nearest ─┴▶ fusion ─▶ passages from the catalog */
#ifndef ANSWER_ANSWER_H
#define ANSWER_ANSWER_H

#include "embed/embed.h"
#include "project/project.h"

struct ranker;

struct search_match {
    size_t start, end; /* bytes of the passage's text */
};

/* What one word of the question gives to the score of a passage. */
struct search_part {
    struct slice word; /* as it is looked for */
    enum index_field field;
    uint64_t documents; /* passages that have it and may be seen */
    uint32_t frequency; /* in this passage */
    float score;
};

/* A word that the question was read as, in the order of the question. */
struct search_word {
    const struct slice *variants; /* as the languages of the documents stem it */
    size_t variant_count;
    uint64_t documents; /* passages that have it and may be seen */
    double weight; /* in the score: times idf */
    double idf;
};

/* Where the text of a hit stands too. */
struct search_copy {
    struct slice path;
    int64_t passage;
    int64_t start, end, line, line_end, page; /* as of a passage */
    bool is_extracted; /* as of a hit */
};

/* Which edition of its document a hit is of. */
struct hit_edition {
    enum edition_state state; /* EDITION_IN_FORCE: nothing is known against it */
    struct slice why; /* for people: what tells it; empty: that another one is newer */
    int64_t newer; /* the document that is in force in its place, and may be seen; 0: none */
    struct slice newer_path;
    bool is_series; /* the newer one is but the next of a series */
    bool is_asked; /* the question names this one, or asks for what was before */
};

struct search_hit {
    struct store_passage passage;
    int64_t first, last; /* passages that it holds; with neighbors these can be several, and passage.id is the best one's */
    struct slice path, title, language;
    bool is_extracted; /* the passage's place counts in text that was read out of the source */
    double score; /* what the order is by */
    float score_text, score_vector; /* BM25; similarity, -1 … 1; where the rank is not 0 */
    float score_rerank; /* of the reranker, more being better; where it read the hit: */
    bool is_reranked;
    size_t rank_text, rank_vector; /* from 1 among what this search found; 0: it did not find it, or was not asked */
    const struct search_part *parts; /* of score_text, when an explanation was asked for */
    size_t part_count;
    const struct search_match *matches; /* the question's words in the text, ascending */
    size_t match_count;
    struct hit_edition edition;
    bool is_outdone; /* set by who answers: another hit stands for it */
    struct search_copy *copies; /* passages with the same text that the search found, too: they are no results of their own */
    size_t copy_count, copy_capacity;
};

/* Where the time went. */
struct search_timings {
    double refresh_ms, embed_ms, text_ms, vector_ms, fuse_ms, fetch_ms, rerank_ms;
};

struct search_result {
    struct arena arena; /* holds all of it */
    struct search_hit *hits;
    size_t count;
    size_t searched; /* passages that were looked through */
    const struct search_word *words; /* of the question, when they were asked for and something was found */
    size_t word_count;
    enum retrieve_mode mode; /* what was done: never RETRIEVE_AUTO */
    struct error fallback; /* why RETRIEVE_AUTO went by words alone although there are vectors; kind ERROR_NONE: it did not */
    struct search_timings timings;
};

struct search_request {
    struct slice question;
    size_t k; /* 0: as the settings say */
    enum retrieve_mode mode; /* RETRIEVE_AUTO: as the settings say */
    struct embedder *embedder; /* makes the question's vector; NULL: words alone */
    struct ranker *ranker; /* puts the best hits into a new order; NULL: they stay in that of the search */
    /* Who asks: a key by its name, or by its secret; neither: the project's owner. */
    struct slice principal, secret;
    struct slice filter; /* empty: none */
    bool explain;
    bool tell_words; /* how many passages have each word of the question */
    bool keep_copies; /* passages with the same text stay results of their own */
    bool plain; /* the question is read as it stands: quotation marks, *, ~ and title: mean nothing */
};

/* A search sees what the principal may see and the filter lets through, and nothing else. The result is released by search_result_release,
 * also after a failure. */
bool answer_search(struct project *project, const struct search_request *request, struct search_result *result,
                   struct error *error) MUST_USE;
void search_result_release(struct search_result *result);

/* ---- many questions by words alone ---- */

/* Within a refresh (project_refresh), asks the owner's questions by words, and tells no more than which passages are best: for whoever asks
 * thousands. One thread a time each; several of them may ask at once. */
struct answer_words;
struct answer_words *answer_words_create(const struct project *project) MUST_USE;
void answer_words_free(struct answer_words *words); /* NULL is fine */

/* Fills `hits` (room for k, at least 1) with the best; marks mean nothing in the question. */
bool answer_words_ask(struct answer_words *words, struct slice question, size_t k, struct index_hit *hits, size_t *count,
                      struct error *error) MUST_USE;

#endif
