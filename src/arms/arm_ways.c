/* arm_ways.c - what each arm is in this project. Of several variants the one that is best on the development cases is taken; of equal ones the
 * simplest. */
#include "arms_parts.h"
#include <stdlib.h>

enum { VARIANTS_MAX = 4 };
#define FITS 0.7 /* of a prompt's tokens: the rest is for the question, the rules and the answer */

static const char *const variant_words[VARIANTS_MAX] = {"", ", shown examples", ", held to a schema",
                                                        ", shown examples and held to a schema"};

static bool skip(struct arm_state *state, const char *why)
{
    state->state = ARM_SKIPPED;
    state->why = why;
    return true;
}

/* ---- variants of an arm that asks a language model ---- */

static const char *schema_of(struct deciding *deciding)
{
    return deciding->asked.schema != NULL ? deciding->asked.schema
           : deciding->form_asked         ? learned_form_schema(&deciding->form, deciding->arena)
                                          : NULL;
}

static size_t list_variants(struct deciding *deciding, const struct way *base, struct way variants[VARIANTS_MAX])
{
    const char *schema = schema_of(deciding);
    size_t count = 0;
    for (size_t i = 0; i < VARIANTS_MAX; i++) {
        bool examples = (i & 1) != 0, is_held = (i & 2) != 0;
        if ((examples && deciding->examples.count == 0) || (is_held && schema == NULL))
            continue;
        struct way *way = &variants[count++];
        *way = *base;
        way->examples = examples;
        way->schema = is_held ? schema : NULL;
        way->key = arena_format(deciding->arena, "%s%s%s", base->key, examples ? "+examples" : "", is_held ? "+schema" : "");
        way->label = arena_format(deciding->arena, "%s%s", base->label, variant_words[i]);
    }
    return count;
}

bool way_score(struct deciding *deciding, const struct way *way, double *score, struct error *error)
{
    double sum = 0;
    for (size_t i = 0; i < deciding->development_count; i++) {
        const struct answer_case *item = &deciding->cases.items[deciding->development[i]];
        struct said said;
        if (!way_ask(deciding, way, item, "", item->question, &said, error) ||
            !deciding_step(deciding, "choosing how to ask", i + 1, deciding->development_count, error))
            return false;
        sum += said.score;
    }
    *score = sum;
    return true;
}

static bool choose_variant(struct deciding *deciding, struct arm_state *state, const struct way *base, struct error *error)
{
    struct way variants[VARIANTS_MAX];
    size_t count = list_variants(deciding, base, variants), best = 0;
    double best_score = -1;
    for (size_t i = 0; count > 1 && i < count; i++) {
        double score;
        if (!way_score(deciding, &variants[i], &score, error))
            return false;
        if (score > best_score + 1e-9) {
            best = i;
            best_score = score;
        }
    }
    state->way = variants[best];
    return true;
}

/* ---- the arms ---- */

/* A form that is learned here, from few examples; labels are none. */
static bool has_form(const struct deciding *deciding)
{
    return deciding->form_asked && deciding->form.kind != FORM_NONE && deciding->form.kind != FORM_LABELS;
}

static bool has_labels(const struct deciding *deciding)
{
    return deciding->form_asked && deciding->form.kind == FORM_LABELS;
}

static const char *full_why_not(const struct deciding *deciding)
{
    if (deciding->run->llm == NULL)
        return "there is no language model to read them all (model: builtin)";
    if (deciding->counts.passages == 0)
        return "there are no documents";
    if ((double)deciding->base_tokens <= FITS * (double)deciding->settings->prompt_tokens)
        return NULL;
    return arena_format(deciding->arena, "the documents have about %zu tokens, the prompt takes %zu (prompt.tokens)",
                        deciding->base_tokens, deciding->settings->prompt_tokens);
}

static const char *tune_why_not(const struct deciding *deciding)
{
    if (deciding->run->tuned != NULL || deciding->run->hosted != NULL)
        return NULL;
    if (deciding->examples.count == 0)
        return arena_format(deciding->arena, "there are no examples to learn from (examples: %s)",
                            deciding->settings->examples);
    return has_labels(deciding) || has_form(deciding) ? NULL : written_why_not(deciding);
}

static const char *hybrid_why_not(const struct deciding *deciding)
{
    if (deciding->counts.passages == 0)
        return "there are no documents";
    if (deciding->run->tuned != NULL || deciding->run->hosted != NULL)
        return NULL;
    if (tune_why_not(deciding) != NULL)
        return "nothing was learned that passages could be given to";
    return has_labels(deciding) ? "a label is learned from the text alone: passages have no part in it" : NULL;
}

const char *arm_why_not(const struct deciding *deciding, enum arm_kind kind)
{
    switch (kind) {
    case ARM_PROMPT:
        return deciding->run->llm == NULL ? "there is no language model to prompt (model: builtin)" : NULL;
    case ARM_FULL:
        return full_why_not(deciding);
    case ARM_RAG:
        return deciding->counts.passages == 0 ? "there are no documents" : NULL;
    case ARM_TUNE:
        return tune_why_not(deciding);
    default:
        return hybrid_why_not(deciding);
    }
}

static bool choose_prompt(struct deciding *deciding, struct arm_state *state, struct error *error)
{
    const struct way base = {
        .key = "prompt", .label = "the model by itself", .approach = ASK_PROMPT, .llm = deciding->run->llm};
    return choose_variant(deciding, state, &base, error);
}

static bool choose_full(struct deciding *deciding, struct arm_state *state, struct error *error)
{
    const struct way base = {.key = "full",
                             .label = "the model, with all documents in its prompt",
                             .approach = ASK_FULL,
                             .llm = deciding->run->llm,
                             .retrieves = true};
    return choose_variant(deciding, state, &base, error);
}

static bool choose_rag(struct deciding *deciding, struct arm_state *state, struct error *error)
{
    struct way base = {.key = "rag",
                       .label = "the model, with the passages that a search finds",
                       .approach = ASK_RAG,
                       .llm = deciding->run->llm,
                       .retrieves = true};
    if (base.llm != NULL)
        return choose_variant(deciding, state, &base, error);
    base.label = deciding->run->reader != NULL ? "the built-in reader, on the passages that a search finds"
                                               : "the likeliest sentence of the passages that a search finds";
    state->way = base;
    return true;
}

/* Learns from the examples; the arms tune and hybrid share it. */
static bool build(struct deciding *deciding, struct arm_state *state, struct error *error)
{
    const struct arm_state *tune = &deciding->arms[ARM_TUNE];
    const struct built_options options = {deciding->examples.count, "all"};
    uint64_t start = clock_now_ns();
    if (state != tune && tune->way.built != NULL) {
        state->way.built = tune->way.built;
        state->tune_seconds = tune->tune_seconds;
        return true;
    }
    bool ok = built_make(deciding, &options, &state->way.built, error);
    state->tune_seconds = clock_ms_since(start) / 1000;
    return ok;
}

/* What stands in the learned form: what the example most like the question says, or what the language model says by itself. */
static bool choose_fact(struct deciding *deciding, struct arm_state *state, struct error *error)
{
    struct way told = state->way;
    double like, said;
    if (deciding->run->llm == NULL)
        return true;
    told.key = "tune+model";
    told.label = "the form learned from the examples, filled with what the model says";
    told.approach = ASK_PROMPT;
    told.llm = deciding->run->llm;
    if (!way_score(deciding, &state->way, &like, error) || !way_score(deciding, &told, &said, error))
        return false;
    if (said > like + 1e-9)
        state->way = told;
    return true;
}

/* A model that learned to write elsewhere comes first, one that was named before one that its provider is to tune. */
static bool choose_tune(struct deciding *deciding, struct arm_state *state, struct error *error)
{
    const struct arms_run *run = deciding->run;
    if (run->tuned != NULL) {
        state->way = (struct way){
            .key = "tune", .label = "the tuned model by itself", .approach = ASK_PROMPT, .llm = run->tuned};
        return true;
    }
    if (run->hosted != NULL)
        return hosted_choose(deciding, ARM_TUNE, error);
    state->way = (struct way){.key = "tune"};
    if (has_labels(deciding)) {
        state->way.maker = MAKER_LABEL;
        state->way.label = "a classifier, learned from the examples";
    } else if (has_form(deciding)) {
        state->way.maker = MAKER_FORM;
        state->way.label = "the form learned from the examples, filled with what the most similar example says";
    } else {
        return written_choose(deciding, state, ARM_TUNE, error);
    }
    return build(deciding, state, error) &&
           (state->way.maker != MAKER_FORM ||
            (choose_fact(deciding, state, error) && written_choose(deciding, state, ARM_TUNE, error)));
}

static bool choose_hybrid(struct deciding *deciding, struct arm_state *state, struct error *error)
{
    const struct arms_run *run = deciding->run;
    if (run->tuned != NULL) {
        state->way = (struct way){.key = "hybrid",
                                  .label = "the tuned model, with the passages that a search finds",
                                  .approach = ASK_RAG,
                                  .llm = run->tuned,
                                  .retrieves = true};
        return true;
    }
    if (run->hosted != NULL)
        return hosted_choose(deciding, ARM_HYBRID, error);
    if (deciding->arms[ARM_TUNE].state == ARM_SKIPPED)
        return skip(state, "nothing was learned that passages could be given to");
    if (!has_form(deciding))
        return written_choose(deciding, state, ARM_HYBRID, error);
    state->way = (struct way){.key = "hybrid",
                              .label = "the form learned from the examples, filled with what was found in the documents",
                              .maker = MAKER_FORM,
                              .approach = ASK_RAG,
                              .llm = run->llm,
                              .retrieves = true};
    return build(deciding, state, error) && written_choose(deciding, state, ARM_HYBRID, error);
}

bool arm_choose(struct deciding *deciding, enum arm_kind kind, struct error *error)
{
    static bool (*const choose[ARM_KINDS])(struct deciding *deciding, struct arm_state *state, struct error *error) = {
        choose_prompt, choose_full, choose_rag, choose_tune, choose_hybrid}; /* ORDER arm_kind */
    const char *why_not = arm_why_not(deciding, kind);
    if (why_not != NULL)
        return skip(&deciding->arms[kind], why_not);
    return choose[kind](deciding, &deciding->arms[kind], error) ||
           error_wrap(error, "could not build the arm %s", arm_names[kind]);
}
