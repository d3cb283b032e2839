/* form.h - the JSON form that an answer is to have, as a path that tokens must keep to. Part of writer.h.
 *
 *   {"type":"object","properties":{"team":{"enum":["a","b"]},"days":{"type":"integer"}},"required":["team"]}
 *
 *   tokens   {  "  team  "  :  "  a|b  "   ,  "  days  "  :  digits   }
 *            └─ given ───────┘    chosen   └─ only where one follows ┘
 *
 * What the schema gives is not left to the model: it chooses among values that are listed, whether an optional member comes (in the schema's
 * order), how many items, and writes numbers and texts. So every answer that ends is JSON of the form. Rules that only the end can tell (minimum,
 * multipleOf, maxLength …) are looked at when it is written.
 *
 * Known: objects with properties, arrays with items, string, integer, number, boolean, null, enum, const, anyOf, lists of types. */
#ifndef WRITER_FORM_H
#define WRITER_FORM_H

#include "codec/codec.h"
#include "text/text.h"

struct form;

/* Any bytes. */
bool form_read(struct form **form, struct slice schema, const char *name, const struct tokenizer *tokenizer,
               struct error *error) MUST_USE;
void form_free(struct form *form); /* NULL is fine */
struct slice form_schema(const struct form *form);

/* Sets allowed[token] for each token that may come behind the `count` ids, so that `left` more (the last one, `end`, not counted) are enough to
 * end; false: none may. allowed: [tokenizer_count]. */
bool form_allows(const struct form *form, const uint32_t *ids, size_t count, size_t left, uint32_t end, uint8_t *allowed);

/* The fewest tokens of an answer. */
size_t form_least(const struct form *form);

/* The tokens of a value that follows the schema; freed by the caller. */
bool form_tokens(const struct form *form, const struct json_value *value, size_t most, uint32_t **ids, size_t *count,
                 struct error *error) MUST_USE;

/* The JSON that the tokens stand for, the texts in it as `text_of` has them. Fails where it does not follow the schema. */
struct form_texts {
    struct slice (*text_of)(void *context, const uint32_t *ids, size_t count, struct arena *arena);
    void *context;
};
bool form_write(const struct form *form, const uint32_t *ids, size_t count, const struct form_texts *texts, struct arena *arena,
                struct slice *json, struct error *error) MUST_USE;

/* A schema that all the values follow, to be freed by the caller as a buffer; false: they are not of one form. */
bool form_infer(const struct json_value *values, size_t count, struct buffer *schema);

#endif
