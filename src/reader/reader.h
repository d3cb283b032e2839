/* reader.h - reads passages for the answer to a question: where it stands, to the byte, and how sure it is that it stands there at all.
 *
 *   question, passages ─▶ windows of each ─▶ encoder with the adapter ─▶ each token: does the answer start here, end here? ─▶ best span
 *
 * An open reader never changes: what it says of a passage depends on the question, that passage, the precision and the processor's kernels
 * alone, never on the other passages or the number of threads. */
#ifndef READER_READER_H
#define READER_READER_H

#include "base/base.h"
#include "model/model.h"
#include "text/text.h"

/* ---- windows ---- */

/* A part of a passage that a model reads at once. */
struct reader_window {
    size_t start, end; /* bytes of the passage */
};

/* What cuts questions and passages; the caller's, one a thread. */
struct reader_cutter {
    const struct tokenizer *tokenizer;
    struct tokenizer_workspace *workspace;
    struct tokens tokens;
    size_t tokens_max; /* of question and window together, special ones included */
};

/* The question, no longer than a quarter of the tokens. */
struct slice reader_cut_question(struct reader_cutter *cutter, struct slice question);

/* Cuts a passage so that each window fits beside the question (which reader_cut_question returned). Neighbours share a third, so that an
 * answer of usual length stands whole in one of them. Appends to `*windows`, which memory_more grows. */
void reader_cut_passage(struct reader_cutter *cutter, struct slice question, struct slice passage, struct reader_window **windows,
                        size_t *count, size_t *capacity);

/* ---- spans ---- */

enum { READER_SPAN_TOKENS = 32 }; /* the longest answer */

#endif
