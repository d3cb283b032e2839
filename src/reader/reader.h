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
void reader_cut_passage(struct reader_cutter *cutter, struct slice question, struct slice passage,
                        struct reader_window **windows, size_t *count, size_t *capacity);

/* ---- reading ---- */

enum { READER_SPAN_TOKENS = 32 }; /* the longest answer */

struct reader_options {
    const char *base; /* a model's folder */
    const char *adapter; /* a PEFT folder that was trained on it for spans, as `assay tune reader` writes it */
    enum model_precision precision;
    struct pool *pool; /* outlives the reader */
    bool is_builtin; /* it came with the program */
};

struct reader_info {
    const char *adapter; /* its folder */
    double threshold; /* a score above which to answer, chosen on held-out questions */
    double slope, offset; /* the chance of a score: 1 / (1 + exp(-(slope · score + offset))) */
    size_t tokens_max; /* of question and window */
    bool is_builtin;
};

struct reader;
bool reader_open(struct reader **reader, const struct reader_options *options, struct error *error) MUST_USE;
void reader_close(struct reader *reader); /* NULL is fine */
const struct reader_info *reader_info(const struct reader *reader);

struct reader_passage {
    struct slice text;
    struct slice
        above; /* what the passage is about: its document's title and headings. Read with it, never answered from; may be empty */
};

/* The best answer in one passage. */
struct reader_answer {
    size_t start, end; /* bytes of the passage; both 0: there is nothing in it that could be one */
    float score; /* how far it is above there being none */
    double chance; /* that it is right; 0 for nothing */
    bool answers; /* the score is above the threshold */
};

/* answers[i]: of passages[i]. Of any length; what is no UTF-8 is read as U+FFFD. Several threads may ask at once. */
bool reader_read(struct reader *reader, struct slice question, const struct reader_passage *passages, size_t count,
                 struct reader_answer *answers, struct error *error) MUST_USE;

/* ---- what speaks for any span ---- */

/* A token that an answer may start or end at, with what speaks for that; the two numbers of a span make its score. */
struct reader_mark {
    size_t start, end; /* bytes of the passage */
    size_t window; /* a number that the marks of one window share, ascending; where neighbours overlap a token stands in both */
    float starts, ends;
};

struct reader_marks {
    struct reader_mark *items;
    size_t count;
};

/* marks[i]: of passages[i], in the arena. Otherwise as reader_read. */
bool reader_mark_passages(struct reader *reader, struct slice question, const struct reader_passage *passages, size_t count,
                          struct arena *arena, struct reader_marks *marks, struct error *error) MUST_USE;

/* How far the span is above there being no answer, by the windows that have all of it where one has; -INFINITY: there is no token of it. */
float reader_marks_score(const struct reader_marks *marks, size_t start, size_t end);

/* The best span within these bytes, of READER_SPAN_TOKENS at the most: its place and score alone; its end is 0 where there is none. */
struct reader_answer reader_marks_best(const struct reader_marks *marks, size_t start, size_t end);

#endif
