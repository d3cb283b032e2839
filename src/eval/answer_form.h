/* answer_form.h - has an answer the form that is asked of it? Part of eval.h.
 *
 *   pattern   it matches the case's regular expression and the project's
 *   json      it is a JSON document and nothing else: asked where a schema is, or where the answer wanted is one
 *   schema    and that document follows the schema
 *   fields    of the fields of the document wanted and of its own (cut out of words around it), the share that agree (F1): this one is about
 *             content, and 0 where nothing was answered */
#ifndef EVAL_ANSWER_FORM_H
#define EVAL_ANSWER_FORM_H

#include "answer_cases.h"
#include "grade.h"

enum answer_form_measure { ANSWER_PATTERN, ANSWER_JSON, ANSWER_SCHEMA, ANSWER_FIELDS, ANSWER_FORMS };
extern const char *const answer_form_names[ANSWER_FORMS]; /* "pattern", … */

/* What the project asks of every answer. */
struct form_asked {
    const char *schema; /* its text; NULL: none */
    const struct json_value *schema_value; /* then */
    struct expression *pattern; /* NULL: none */
};

/* As `checks` of assay.yaml has it; texts live in the arena. To be released also after a failure. */
bool form_asked_read(const struct project *project, struct arena *arena, struct form_asked *asked,
                     struct error *error) MUST_USE;
void form_asked_release(struct form_asked *asked);

/* A field of the documents wanted, over cases. */
enum { FIELD_SHARES_MAX = 50, FIELD_PATH_BYTES = 80 };
struct field_share {
    char path[FIELD_PATH_BYTES]; /* cut when it is longer */
    size_t cases, right;
};
struct field_shares {
    struct field_share items[FIELD_SHARES_MAX]; /* in order of appearance; further ones are left out */
    size_t count;
};

struct answer_form {
    double values[ANSWER_FORMS]; /* negative: not asked, or there was no answer */
    bool is_document; /* the answer wanted is one; of several, that which it is most like */
    bool is_equal; /* and the answer's document is equal to it */
    const char *says; /* what is wrong, of a pattern or schema; NULL: nothing. In the arena */
};

/* `answer` NULL: there was none. `shares` may be NULL. */
void answer_form_check(const struct answer_case *item, const struct form_asked *asked, const struct slice *answer,
                       struct arena *arena, struct field_shares *shares, struct answer_form *form);

/* Whether nothing that was asked is missing. */
bool answer_form_is_kept(const struct answer_form *form);

/* The measure that a check goes by; CHECK_AUTO: `otherwise`. */
enum grade_measure eval_measure_of(enum answer_check check, enum grade_measure otherwise);

/* A right document is a right answer, however its members are ordered and spaced: raises strict and relaxed. */
void answer_form_grade(const struct answer_form *form, struct grade_scores *scores);

#endif
