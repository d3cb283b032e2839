/* eval.h - how well is the right passage found: measures, their uncertainty, and runs over judged questions.
 *
 *   collection   corpus, questions and judgements as files (BEIR's layout) ─▶ a project of its own ─▶ every question ─▶ measures
 *   test cases   a project's own questions, each with the document that answers it
 *   sweep        the test cases under many settings, or many ways to cut the documents, and which of them the numbers carry
 *
 * Measures are those of trec_eval: recall_k, recip_rank cut at 10, ndcg_cut_10 with the judgements as gains, success_k (here hit), P_k and map. */
#ifndef EVAL_EVAL_H
#define EVAL_EVAL_H

#include "answer/answer.h"
#include "answer_cases.h"
#include "answers.h"
#include "draft.h"
#include "grade.h"
#include "judge.h"
#include "meaning.h"
#include "similarity.h"
#include "style.h"

/* ---- measures ---- */

enum eval_measure {
    EVAL_RECALL_1,
    EVAL_RECALL_5,
    EVAL_RECALL_10,
    EVAL_MRR_10,
    EVAL_NDCG_10,
    EVAL_HIT_5,
    EVAL_HIT_10,
    EVAL_PRECISION_5,
    EVAL_PRECISION_10,
    EVAL_MAP,
    EVAL_MEASURES
};

extern const char *const eval_measure_names[EVAL_MEASURES]; /* "recall@1", … */

struct eval_scores {
    double values[EVAL_MEASURES];
};

/* One question. gains[i]: the judgement of result i, best first; 0: not relevant. `relevant`: the gains of all that are, at least one. */
void eval_question(const double *gains, size_t count, const double *relevant, size_t relevant_count,
                   struct eval_scores *scores);

struct eval_interval {
    double mean, low, high;
};

/* The mean of one value a question, of 0 … 1, with its interval: Wilson's for shares, the bootstrap's for others, both over clusters. */
void eval_interval_of(const struct clustered *clustered, struct eval_interval *interval);

/* The means over questions. */
void eval_mean(const struct eval_scores *scores, size_t count, struct eval_scores *mean);

/* ---- a judged collection ---- */

struct eval_progress {
    bool (*step)(void *context, const char *stage, size_t done, size_t total); /* may be NULL; false stops */
    void *context;
};

struct eval_collection {
    const char *corpus, *queries; /* JSON lines with _id, text and (corpus) title; also packed by gzip */
    const char *qrels; /* lines of question, document, judgement with tabs between; a head line is skipped */
    const char *run_out; /* results as trec_eval reads them; NULL: none */
    const char *keep; /* a folder for the index, used again next time; NULL: none is kept */
    enum retrieve_mode mode;
    size_t k; /* results for each question; 0: 100 */
    struct ranker *ranker; /* as of a search_request */
    struct eval_progress progress;
};

struct eval_report {
    size_t cases;
    size_t passed_over; /* questions or cases that nothing is judged relevant for */
    size_t documents;
    enum retrieve_mode mode; /* as it was done */
    struct eval_interval measures[EVAL_MEASURES];
    double search_ms; /* of all questions */
};

bool eval_run_collection(const struct eval_collection *collection, struct eval_report *report, struct error *error) MUST_USE;

/* ---- a project's test cases ---- */

struct eval_case {
    size_t line;
    struct slice question;
    const struct slice *sources; /* documents as the catalog names them */
    size_t source_count;
    const struct slice *quotes; /* words that prove the answer, one of them is enough: "quote", "evidence", else "answer" */
    size_t quote_count;
};

struct eval_cases {
    struct eval_case *items; /* those with a source */
    uint32_t *clusters; /* of each: cases of one first source hang together */
    size_t count;
    size_t passed_over; /* without one: nothing to find */
};

/* Reads eval.jsonl. All of it lives in the arena. */
bool eval_read_cases(struct project *project, const char *path, struct arena *arena, struct eval_cases *cases,
                     struct error *error) MUST_USE;

/* What was found for a case. */
struct eval_found {
    const struct eval_case *item;
    size_t rank; /* of the first passage of a source, from 1; 0: not among the results */
    struct slice first; /* the document found first; empty: nothing was */
    bool
        holds_quote; /* one of its sources' passages among the results has the words that prove the answer, or the case names none */
    struct eval_scores scores;
    enum eval_why
        why; /* WHY_RIGHT: the source is among the first ten; else WHY_NOT_IN_INDEX, WHY_CUT, WHY_RANKED_LOW or WHY_NOT_FOUND */
};

struct eval_run {
    struct project *project;
    struct embedder *embedder;
    struct ranker *ranker; /* as of a search_request */
    const char *tests; /* NULL: as the settings say */
    enum retrieve_mode mode;
    bool may_lack_sources; /* that no case has one is no error: there is nothing to find then */
    void (*on_case)(void *context, const struct eval_found *found); /* may be NULL */
    void *context;
    struct eval_progress progress;
};

/* recall@k: the share of a case's sources with a passage among the first k. A source counts once, where it is found first. */
bool eval_run_cases(const struct eval_run *run, struct eval_report *report, struct error *error) MUST_USE;

/* Adds a case to the project's file of them, durably, and tells its line. One whose question is there already is ERROR_CONFLICT. Any number of
 * processes may add. */
struct eval_new_case {
    struct slice question;
    struct slice answer; /* data NULL: the right thing is to abstain */
    struct slice source; /* the document that proves it; data NULL: none */
    bool keeps_rest; /* of a change: answer and source stay as they are */
};
bool eval_add_case(struct project *project, const struct eval_new_case *item, size_t *line, struct error *error) MUST_USE;
/* Calls each() for the lines of that file as they are; none where there is no file. False from it stops. */
bool eval_each_case_line(struct project *project,
                         bool (*each)(void *context, size_t line, const struct json_value *object, struct error *error),
                         void *context, struct error *error) MUST_USE;
struct eval_case_was {
    struct slice question;
    const char *mark; /* the SHA-256, in digits, of its object as json_again writes it; NULL: the question is enough */
};
/* Writes another case into a line, or takes the line away (`item` NULL). What else the line tells, tags for one, stays. A line that is not as it was
 * any more is ERROR_CONFLICT. */
bool eval_change_case(struct project *project, size_t line, const struct eval_case_was *was, const struct eval_new_case *item,
                      struct error *error) MUST_USE;

/* ---- settings compared ---- */

struct eval_setting {
    enum retrieve_mode mode;
    float k1, b, vector_weight;
    enum retrieve_fusion fusion;
};

/* One way to cut the documents. */
struct eval_cut {
    enum passage_unit unit;
    size_t tokens, overlap;
};

struct eval_row {
    struct eval_setting setting; /* of a sweep over `retrieve` */
    struct eval_cut cut; /* of a sweep over `passages` … */
    size_t passages; /* … and what it makes */
    struct eval_scores documents; /* of `passages`: by the right document, whatever `mean` goes by */
    bool is_current; /* what the project has now */
    struct eval_scores mean;
    struct eval_interval difference; /* of nDCG@10 to the current settings; wide enough for the number of settings tried */
};

struct eval_sweep {
    struct eval_row *rows; /* the best first; freed by the caller */
    size_t count;
    size_t cases;
    bool is_better; /* the first row's interval lies above 0 */
    bool by_quote; /* a hit is a passage that holds the quote or answer of its case; else one of the right document */
    size_t failed; /* documents that could not be read again */
};

bool eval_run_sweep(const struct eval_run *run, struct eval_sweep *sweep, struct error *error) MUST_USE;

/* What a sweep over `passages` will cost. */
struct eval_plan {
    size_t cuts, documents, passages; /* passages as the project has them now */
    bool embeds;
    double seconds; /* for embedding, about; what is embedded already is not done again */
};
bool eval_plan_passages(const struct eval_run *run, struct eval_plan *plan, struct error *error) MUST_USE;

/* Cuts the documents anew in each way, in a project of its own below the project's state, which goes afterwards, and asks the test cases.
 * Vectors of texts that come again are used again. */
bool eval_sweep_passages(const struct eval_run *run, struct eval_sweep *sweep, struct error *error) MUST_USE;

#endif
