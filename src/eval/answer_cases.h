/* answer_cases.h - test cases with their answers. Part of eval.h. */
#ifndef EVAL_ANSWER_CASES_H
#define EVAL_ANSWER_CASES_H

#include "codec/codec.h"
#include "grade.h"
#include "project/project.h"

/* Whether answers must be like the project's examples. */
enum case_style { CASE_STYLE_AS_SETTINGS, CASE_STYLE_NONE, CASE_STYLE_EXAMPLES };

/* A text that must stand in what proves an answer. */
struct case_fact {
    struct slice member; /* of a gold that is JSON; else empty */
    struct slice text;
};

struct case_facts {
    struct case_fact *items;
    size_t count, capacity;
};

struct answer_case {
    size_t line;
    struct slice question;
    struct slice *golds;
    size_t gold_count; /* 0: to abstain is right */
    struct case_facts *facts; /* one a gold */
    const struct slice *sources; /* as the catalog names them */
    size_t source_count;
    /* Its checks, which go before the project's. */
    double tolerance;
    struct slice pattern; /* beside the project's; empty: none */
    const struct json_value *schema; /* in the place of the project's; NULL: none */
    enum answer_check measure; /* CHECK_AUTO: as the project has it */
    enum case_style style;
};

struct answer_cases {
    struct answer_case *items;
    uint32_t *clusters; /* of each */
    size_t count, cluster_count;
    size_t passed_over; /* without an answer */
};

/* An answer without marks of citations ("[2]"): they are for people, and for nobody who compares. In the arena. */
struct slice eval_without_marks(struct slice text, struct arena *arena);

/* Whether a hit's text stands in this document, or a copy of it does. */
struct search_hit;
bool eval_stands_in(const struct search_hit *hit, struct slice path);

/* Schemas of cases that are files, each read once. */
struct case_schemas {
    struct map numbers; /* path → number of it, plus one */
    struct json_value **items;
    size_t count, capacity;
};

/* Reads the member "checks" of a case into it. `name`: file and line, for messages. Texts live in the arena. */
bool case_checks_read(const struct json_value *object, const char *name, const struct project *project,
                      struct case_schemas *schemas, struct arena *arena, struct answer_case *item,
                      struct error *error) MUST_USE;

/* A file with a JSON Schema; `text` may be NULL. */
bool eval_read_schema(const char *path, struct arena *arena, const char **text, struct json_value **schema,
                      struct error *error) MUST_USE;

/* Slices live in the arena. */
bool answer_cases_read(struct project *project, const char *path, struct arena *arena, struct answer_cases *cases,
                       struct error *error) MUST_USE;

/* The facts of every gold: itself, or the texts and numbers in its JSON that are no labels (members with a few values that come again and
 * again, by all golds and `outputs`, those of examples). answer_cases_read has done it without examples. */
void answer_cases_facts(struct answer_cases *cases, const struct slice *outputs, size_t output_count, struct arena *arena);

/* Whether all facts of one gold stand in a text, by that measure: a passage, or an answer in whatever form. */
bool case_facts_stand_in(const struct answer_case *item, struct slice text, enum grade_measure measure);

#endif
