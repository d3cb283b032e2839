/* pattern.h - what a tokenizer.json calls a pattern: a text or a regular expression, matched from left to right.
 *
 * Expressions are Ruby's (Oniguruma reads them in Hugging Face's `tokenizers`); PCRE2 runs them. One difference is known: where the case of
 * letters is ignored, Ruby's "ss" is also "ß", and here it is not. */
#ifndef TEXT_PATTERN_H
#define TEXT_PATTERN_H

#include "aligned.h"
#include "codec/codec.h"

struct pattern {
    struct slice text; /* when `code` is NULL */
    void *code; /* PCRE2's */
    bool is_slow; /* its time can grow faster than the text */
};

/* From {"String": "..."} or {"Regex": "..."}. `name` is for messages. */
bool pattern_read(struct pattern *pattern, const struct json_value *value, const char *name, struct arena *arena,
                  struct error *error) MUST_USE;
void pattern_release(struct pattern *pattern);

struct pattern_work; /* scratch; made when first needed */
void pattern_work_free(struct pattern_work *work);

/* Appends the matches and what stands between them, which together are the whole text. */
void pattern_spans(const struct pattern *pattern, struct pattern_work **work, struct slice text, struct spans *spans);

#endif
