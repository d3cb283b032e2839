/* learned_form.h - the form that a team's examples have, learned from their outputs, checked in answers, and given to a fact. Private to arms.
 *
 *   labels   a few short outputs that come again and again            "refund"
 *   json     objects with the same fields; a field is a label, or text in a frame
 *   frame    text that begins with the same word and ends with the same line, or, within a line, begins and ends with the same words */
#ifndef ARMS_LEARNED_FORM_H
#define ARMS_LEARNED_FORM_H

#include "base/base.h"
#include "codec/codec.h"

enum form_kind { FORM_NONE, FORM_LABELS, FORM_JSON, FORM_FRAME };

struct form_frame {
    struct slice head; /* the first word of the first line; empty: none */
    struct slice tail; /* the last line */
    bool is_within; /* head and tail stand in one line with what is said, to the letter: "Hi! ", ". Your team" */
};

/* The values of a label, the commonest first; none: it is no label. */
struct form_values {
    struct slice *items;
    size_t count;
};

struct form_field {
    struct slice name;
    enum json_kind kind;
    struct form_values values; /* of a label */
    struct form_frame frame; /* of text */
};

struct learned_form {
    enum form_kind kind;
    struct form_values labels; /* FORM_LABELS */
    struct form_field *fields; /* FORM_JSON */
    size_t field_count;
    struct form_frame frame; /* FORM_FRAME */
};

/* Everything lies in the arena. Few outputs, or outputs without a form in common: FORM_NONE. */
void learned_form_learn(const struct slice *outputs, size_t count, struct arena *arena, struct learned_form *form);

/* What it is, in words; the text lies in the arena. */
const char *learned_form_words(const struct learned_form *form, struct arena *arena);

/* Whether an answer has it, to the letter. */
bool learned_form_follows(const struct learned_form *form, struct slice text);

/* The part of an answer that says something: of JSON the texts that are no labels, of a framed text what stands in the frame. */
struct slice learned_form_fact(const struct learned_form *form, struct slice text, struct arena *arena);

/* A text wanted, without the frame that this member of JSON has, or, with an empty name, that outputs have. */
struct slice learned_form_within(const struct learned_form *form, struct slice member, struct slice text);

/* As a JSON Schema; NULL: it is no JSON. */
const char *learned_form_schema(const struct learned_form *form, struct arena *arena);

/* Appends `fact` in the form of FORM_JSON or FORM_FRAME. `labels`: one a field; those of fields that are no labels are not looked at. */
void learned_form_write(const struct learned_form *form, const struct slice *labels, struct slice fact, struct buffer *out);

#endif
