/* writer.h - writes short answers to questions, from passages or from what it has learned, plain or in a JSON form; or says that there is none.
 *
 *   question, passages ─▶ windows ─▶ encoder: which window answers, if any? ─▶ token by token, written or copied from the window ─▶ text
 *
 * The source (question and window) sees itself in both directions; what is written sees the source and what was written before it (UniLM: Dong
 * et al. 2019). To end at once means "not in the documents". How to use one that was trained, in short:
 *
 *   struct writer_options options = {.base = folder of the model, .adapter = folder of the adapter, .pool = pool};
 *   writer_open(&writer, &options, &error);
 *   struct writer_request request = {.question = question, .passages = texts, .count = n};      count 0: without passages
 *   writer_write(writer, &request, &arena, &answer, &error);
 *   if (answer.answers) … answer.text …
 *   writer_close(writer);
 *
 * An open writer never changes; several threads may ask at once, and wait for each other. */
#ifndef WRITER_WRITER_H
#define WRITER_WRITER_H

#include "base/base.h"
#include "form.h"
#include "model/model.h"

/* How it was trained, and is to be asked: by each passage alone, by all of them behind one another, or without any. */
enum writer_passages { WRITER_EACH, WRITER_JOINED, WRITER_ALONE };
const char *writer_passages_name(enum writer_passages passages); /* "each" */

enum {
    WRITER_TARGET_TOKENS = 96, /* the longest answer */
    WRITER_BEAMS_MAX = 8
};

struct writer_options {
    const char *base; /* a model's folder */
    const char *adapter; /* what `assay tune writer` wrote */
    enum model_precision precision;
    struct pool *pool; /* outlives the writer */
};

struct writer_info {
    const char *adapter;
    double threshold; /* a score above which to answer, chosen on held-out cases */
    double slope, offset; /* the chance of a score: 1 / (1 + exp(-(slope · score + offset))) */
    size_t tokens_max; /* of the source */
    size_t target_max; /* of an answer */
    enum writer_passages passages;
    const struct form *form; /* what it learned to write; NULL: plain text */
};

struct writer;
bool writer_open(struct writer **writer, const struct writer_options *options, struct error *error) MUST_USE;
void writer_close(struct writer *writer); /* NULL is fine */
const struct writer_info *writer_info(const struct writer *writer);

struct writer_request {
    struct slice question;
    const struct slice *passages; /* joined by those that were trained so */
    size_t count;
    const double *bonus; /* by passage: added to its score when the best is chosen; NULL: none */
    const struct form *form; /* NULL: the writer's own */
    size_t beams; /* lines that are followed at a time; 0: 1 (greedy) */
    bool always; /* writes, whatever the score is */
};

struct writer_answer {
    struct slice text; /* empty where it does not answer */
    bool answers; /* the score is above the threshold */
    double score; /* how far it is above there being none: log (1 - p) / p of ending at once */
    double chance; /* that it is right */
    double log_p; /* of all tokens written, the last one included */
    size_t passage; /* that it was written from; of joined ones the first */
    size_t start, end; /* bytes of that passage where the whole text stands; both 0: it does not */
    const uint32_t *ids; /* tokens written, without the last one */
    size_t id_count;
};

/* Texts and tokens lie in the arena. */
bool writer_write(struct writer *writer, const struct writer_request *request, struct arena *arena,
                  struct writer_answer *answer, struct error *error) MUST_USE;

/* A JSON Schema as a form for its answers (form_free); also one that it did not learn. */
bool writer_read_form(const struct writer *writer, struct slice schema, struct form **form, struct error *error) MUST_USE;

/* log p of writing these tokens and then ending, in one go instead of token by token: for tests and measures. */
bool writer_likelihood(struct writer *writer, struct slice question, struct slice passage, const uint32_t *ids, size_t count,
                       double *log_p, struct error *error) MUST_USE;

/* ---- for who trains one ---- */

/* The tokens of a plain answer, at most `most`; those of a form: form_tokens. Freed by the caller. */
uint32_t *writer_tokens(const struct tokenizer *tokenizer, struct slice text, size_t most, size_t *count) MUST_USE;

/* Passages behind one another. */
struct slice writer_join(const struct slice *passages, size_t count, struct arena *arena);

/* Tokens that a source and an answer may have, of a model with so many positions that reads texts of tokens_max. */
void writer_divide(size_t positions, size_t tokens_max, size_t *source, size_t *target);

/* False: no writer can be trained on such a model. */
bool writer_check_base(const struct tokenizer *tokenizer, struct error *error) MUST_USE;

/* Names of the head's tensors. */
#define WRITER_DENSE "writer.dense"
#define WRITER_NORM "writer.norm"
#define WRITER_WORDS "writer.words"
#define WRITER_QUERY "writer.query"
#define WRITER_GATE "writer.gate"
#define WRITER_NORM_EPSILON 1e-12

#endif
