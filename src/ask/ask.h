/* ask.h - an answer with its sources, or an honest "not in the documents": with a language model or without one.
 *
 *   question ─▶ search ─▶ gate ─┬─ prompt ─▶ language model ─▶ sentences ─┬─▶ checked against the passages ─▶ answer, citations
 *     (with what was            └─ writer, reader, or sentences chosen ───┘
 *      asked before)
 *
 * The gate asks the catalog for the right to each passage a second time, just before anything is made of it. A quote is bytes of the source,
 * never of what a model wrote. Text of passages is data: it is delimited, and what in it reads like orders to a model is left out. */
#ifndef ASK_ASK_H
#define ASK_ASK_H

#include "answer/answer.h"
#include "llm/llm.h"
#include "confidence.h"
#include "reader/reader.h"
#include "writer/writer.h"
#include "templates.h"
#include "trace/trace.h"

enum ask_approach {
    ASK_RAG,   /* the passages that a search finds */
    ASK_FULL,  /* all passages that the asker may see */
    ASK_PROMPT, /* none: the model's own knowledge */
    ASK_TUNE,   /* none: the writer that learned from the project's examples */
    ASK_HYBRID  /* the same writer, with the passages that a search finds */
};
const char *ask_approach_name(enum ask_approach approach); /* "rag" */
bool ask_approach_named(const char *name, enum ask_approach *approach, struct error *error) MUST_USE; /* NULL: ASK_RAG */

/* What becomes of a model's sentence that no passage bears out. */
enum ask_unsupported { ASK_MARK, ASK_REMOVE, ASK_KEEP };

struct ask_turn {
    struct slice question, answer;
};

struct ask_request {
    struct slice question;
    struct slice principal, secret, filter; /* as of a search_request */
    struct slice asker; /* for the record, of who asks as the owner; NULL: the owner */
    size_t k; /* passages; 0: as the settings say */
    enum retrieve_mode mode;
    struct embedder *embedder; /* NULL: words alone */
    struct ranker *ranker; /* as of a search_request */
    struct ranker *grounding; /* scores whether a passage bears a language model's sentence out; NULL: words alone tell */
    struct llm *llm; /* NULL: without a language model */
    struct writer *writer; /* then what writes the answer, also for ASK_TUNE and ASK_HYBRID; NULL: the reader finds it */
    struct reader *reader; /* then what reads the passages, a project's own alone; NULL: what fits best is chosen unread */
    enum ask_approach approach;
    enum ask_unsupported unsupported;
    struct slice schema; /* a JSON Schema that the answer must follow; empty: none */
    struct slice tools, tool_choice,
        since; /* as of an llm_request; for rag, full and prompt with a language model, without a schema */
    bool one_call;
    const struct slice *stops; /* texts that end what a language model writes; without a schema */
    size_t stop_count;
    const int64_t
        *given; /* ASK_RAG: answer from these passages, in the place of what a search finds best; NULL: as the search has it */
    size_t given_count;
    const struct ask_templates *templates; /* of the prompt; NULL: as the settings say */
    const struct ask_turn *turns; /* what was asked before, the oldest first */
    size_t turn_count;
    size_t tokens_max; /* of the answer; 0: LLM_TOKENS_DEFAULT */
    double temperature; /* negative: as the provider has it */
    int64_t seed; /* negative: none */
    bool with_logprobs; /* of a language model's tokens, with top_logprobs as of an llm_request */
    unsigned top_logprobs;
    struct trace *trace; /* that spans go into; NULL: none */
    bool uncalibrated; /* for fitting: the confidence as it comes, and nothing is held back */
    bool undefended; /* for measuring: passages go to the model as they are */
    bool (*is_cancelled)(void *context); /* may be NULL */
    void *context;
};

struct ask_citation {
    size_t passage; /* its place in search.hits */
    struct slice quote; /* the source's bytes `start` … `end` */
    int64_t start, end; /* as of a passage */
    int64_t line, line_end;
};

/* What another edition, an older one as a rule, says in the place of an answer. */
struct ask_otherwise {
    const struct search_hit *hit; /* NULL: nothing, or the same */
    struct slice quote;
    int64_t start, line, line_end; /* as of a citation */
};

/* How the prompt came to be. */
struct ask_prompt {
    size_t tokens, budget; /* about: counted without the model's own tokenizer */
    size_t passages, passages_cut; /* given, and left out for want of room */
    size_t examples, examples_cut;
    size_t flagged, flagged_surely; /* passages with a sentence that reads like an order to a model, and that surely is one */
    unsigned char hash[STORE_HASH_BYTES]; /* of the templates, with the rules of functions where there are any: the version */
    unsigned char templates_hash[STORE_HASH_BYTES]; /* of the templates alone, which are calibrated */
};

struct ask_answer {
    struct arena arena; /* holds all of it, but for `search` */
    struct slice text; /* of the answer; empty when abstained */
    struct slice
        calls; /* of functions, that the model wants in the place of an answer, as of an llm_answer; empty: it has answered */
    struct slice logprobs; /* as of an llm_answer, of those tokens that stand in the text; empty: not told */
    const char *finish; /* of a language model's text: llm_finish_name; NULL: none wrote it */
    struct slice stop; /* of the request's, the one that ended it, as far as that is known; empty: none */
    bool
        schema_refused; /* of one that failed: it is the request's schema that is wrong, or asks for what only a model can tell */
    bool tools_refused; /* of one that failed: by the model's provider, which told why: that is the error's message */
    bool tools_withheld; /* a passage surely has an order to a model, or an outcome what reads like one: none was offered */
    bool abstained;
    const char
        *other_language; /* abstained, and the passages are all in this one ("Spanish"), which the question is not in; NULL */
    double confidence; /* 0 … 1: how likely the answer is right and stands in the documents */
    bool is_calibrated; /* it was fitted to be the share of right answers; else it only puts answers in order */
    bool is_fitted_on; /* and this question was one of those that it was fitted on */
    bool is_held_back; /* abstained, because the confidence is below the threshold that the test cases gave */
    const char
        *stale; /* what has changed since the confidence was fitted, so that the fit is not used; NULL: nothing, or none was */
    struct ask_citation *citations; /* the answer's mark [n] is citations[n - 1] */
    size_t citation_count;
    struct ask_otherwise otherwise;
    size_t sentences, unsupported; /* of the answer, before any was removed */
    const char *model; /* "builtin:writer", "builtin:reader", "builtin:sentence", or as the provider names it */
    enum ask_approach approach;
    struct slice asked; /* what was searched for: the question, made whole by what was asked before */
    struct llm_usage usage;
    const char *currency; /* of usage.cost; NULL: none was asked, or its price is not known */
    double retrieve_ms, rerank_ms, generate_ms, took_ms;
    double kept_ms; /* that the language model took another time for answers kept since: not in those above */
    struct ask_prompt prompt;
    struct search_result search; /* the passages, the best first */
    struct search_result *more; /* of searches for other wordings: hits of `search` lie in their arenas */
    size_t more_count;
    unsigned char (*versions)[STORE_HASH_BYTES]; /* of each one's document: SHA-256 of its bytes */
};

/* The answer is released by ask_answer_release, also after a failure. */
bool ask_run(struct project *project, const struct ask_request *request, struct ask_answer *answer,
             struct error *error) MUST_USE;
void ask_answer_release(struct ask_answer *answer);

/* Whose confidence an answer to this request has. */
void ask_subject(const struct ask_request *request, const struct ask_answer *answer, struct confidence_subject *subject);

/* What a language model would be told, without telling it: the messages are in the answer's arena, and answer->prompt says what went in. The
 * passages are the first prompt.passages of the answer's search; what stands behind them was cut. request->llm is NULL. */
bool ask_prompt(struct project *project, const struct ask_request *request, struct ask_answer *answer,
                struct llm_message **messages, size_t *count, struct error *error) MUST_USE;

#endif
