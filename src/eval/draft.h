/* draft.h - test cases proposed from the documents, for a person to check. Part of eval.h.
 *
 *   passages ─▶ a few of each document, drawn ─▶ one document after another, until there are enough
 *                 ├─ with a language model: it asks for a fact of the passage; its answer must stand there
 *                 └─ without: a sentence with a quantity becomes a question for it
 *
 * What is like a test case or an example that there is, or like another draft, is left out. */
#ifndef EVAL_DRAFT_H
#define EVAL_DRAFT_H

#include "llm/llm.h"
#include "project/project.h"

struct eval_draft {
    struct slice question, answer;
    struct slice source; /* its document, as the catalog names it */
    struct slice quote; /* words that prove it */
    bool is_gap; /* the question is the sentence with a gap: to be worded by a person */
};

struct eval_drafting {
    struct project *project;
    struct llm *llm; /* NULL: without a language model */
    size_t count; /* of drafts wanted */
    uint64_t seed;
    const struct slice *known; /* questions and inputs of examples, which no draft may be like */
    size_t known_count;
    void (*on_draft)(void *context, const struct eval_draft *draft);
    bool (*step)(void *context, const char *stage, size_t done, size_t total); /* may be NULL; false stops */
    void *context;
};

struct eval_draft_report {
    size_t drafts, documents; /* that they are about */
    size_t alike; /* left out, since they are like another text */
    size_t refused; /* of what a model wrote: no question, or an answer that does not stand in the passage */
    size_t failed; /* requests that the model did not answer */
    size_t out_of_force; /* documents left out, since another edition, or none, is in force */
};

/* A model that never answers is an error, its own. */
bool eval_draft(const struct eval_drafting *drafting, struct eval_draft_report *report, struct error *error) MUST_USE;

/* A question for the first quantity of a sentence; false: it has none, or is no sentence of a fitting length. In the arena. `language` is its
 * document's, which counts where the sentence does not tell. */
bool draft_of_sentence(struct slice sentence, enum text_language language, struct arena *arena, struct eval_draft *draft);

#endif
