/* next.c - what to do with the approach that won: the command that runs it, or, where none does, what gets there. */
#include "arms_parts.h"
#include <string.h>

/* The value of `approach` in assay.yaml. */
static const char *approach_of(const struct way *way, enum arm_kind arm)
{
    return way_is_written(way)                    ? arm_names[arm]
           : arm == ARM_PROMPT || arm == ARM_TUNE ? "prompt"
           : arm == ARM_FULL                      ? "full"
                                                  : "rag";
}

/* The file that questions are asked with: the project's, or the form of the examples as a schema, kept with the run. */
static const char *schema_file(struct deciding *deciding, const char *schema, struct error *error)
{
    const char *path = deciding->asked.schema != NULL
                           ? path_join(deciding->arena, deciding->project->root, deciding->settings->check_schema)
                           : path_join(deciding->arena, deciding->folder, "schema.json");
    return deciding->asked.schema != NULL || file_replace(path, slice_from(schema), error) ? path : NULL;
}

static const char *settings_text(struct deciding *deciding)
{
    const struct arms_outcome *outcome = deciding->outcome;
    const char *model = outcome->model != NULL ? outcome->model : deciding->run->model;
    return arena_format(deciding->arena, "`approach: %s`, `model: %s`%s", outcome->approach, model,
                        outcome->model == NULL    ? ""
                        : outcome->shows_examples ? " and examples in the prompt"
                                                  : " and `prompt: {examples: none}`");
}

static const char *next_of_asked(struct deciding *deciding)
{
    struct arms_outcome *outcome = deciding->outcome;
    const char *beside = outcome->beside != NULL ? outcome->beside : "";
    return arena_format(deciding->arena,
                        "%s in assay.yaml make `assay ask` and `assay serve` answer so; `assay decide --apply` sets them.%s%s",
                        settings_text(deciding), beside[0] != '\0' ? " " : "", beside);
}

/* What fills a learned form was measured here, and is no way that `assay ask` answers. */
static const char *next_of_form(struct deciding *deciding)
{
    const bool can_learn = deciding->run->llm != NULL && llm_can_tune(deciding->run->llm);
    return arena_format(deciding->arena,
                        "No command answers so: it shows what learning from the examples is worth. To build it, either `assay "
                        "tune writer %s` (it takes hours), or a language model that learns from them: `assay decide --hosted "
                        "%s` has its provider tune it, `--tuned NAME` takes one that was tuned elsewhere. `assay decide` then "
                        "measures it as %s, and `--apply` sets it.",
                        deciding->settings->examples, can_learn ? deciding->run->model : "openai:NAME",
                        arm_names[deciding->outcome->arm]);
}

bool see_next(struct deciding *deciding, struct error *error)
{
    struct arms_outcome *outcome = deciding->outcome;
    if (!outcome->has_arm)
        return true;
    const struct way *way = &deciding->arms[outcome->arm].way;
    outcome->shows_examples = way->examples;
    outcome->model = way_model(deciding, way);
    outcome->approach = approach_of(way, outcome->arm);
    if (way->maker == MAKER_LABEL) {
        outcome->next = arena_format(deciding->arena,
                                     "`assay tune classify %s` makes the classifier, and `assay classify \"TEXT\"` asks it; "
                                     "`assay ask` does not.",
                                     deciding->settings->examples);
        return true;
    }
    if (way->maker == MAKER_FORM) {
        outcome->next = next_of_form(deciding);
        return true;
    }
    if (way->llm == NULL && !way_is_written(way) && deciding->run->writer_answers) {
        outcome->next = strcmp(deciding->run->model, MODEL_WRITER) == 0
                            ? "`assay ask` lets the writer answer, which was not what was measured: set `model: builtin` in "
                              "assay.yaml."
                            : "`assay ask` lets the project's writer answer, and it was not what was measured: move "
                              "`.assay/adapters/writer` away, and decide again.";
        return true;
    }
    outcome->can_apply = true;
    if (way->schema != NULL) {
        const char *file = schema_file(deciding, way->schema, error);
        if (file == NULL)
            return false;
        outcome->beside = arena_format(deciding->arena,
                                       "Give the schema with each question: `assay ask --schema %s`, or as `response_format` "
                                       "where a server is asked.",
                                       file);
    }
    outcome->next = next_of_asked(deciding);
    return true;
}
