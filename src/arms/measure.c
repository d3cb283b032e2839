/* measure.c - one arm over the test cases, and what comes of it in numbers. */
#include "arms_parts.h"
#include <math.h>
#include <stdlib.h>
#include <time.h>

static int ascending(const void *a, const void *b)
{
    const double *left = a, *right = b;
    return (*left > *right) - (*left < *right);
}

/* The mean of those that are not negative; negative: there are none. */
static double mean_of(const struct arm_state *state, double (*value_of)(const struct said *said))
{
    double sum = 0;
    size_t count = 0;
    for (size_t i = 0; i < state->done; i++) {
        double value = value_of(&state->said[i]);
        if (value < 0)
            continue;
        sum += value;
        count++;
    }
    return count > 0 ? sum / (double)count : -1;
}

static double exact_of(const struct said *said)
{
    return said->exact;
}

static double strict_of(const struct said *said)
{
    return said->strict;
}

static double form_of(const struct said *said)
{
    return said->form;
}

static bool is_answer(const struct said *said)
{
    return !said->abstained && !said->failed;
}

static double citation_of(const struct said *said)
{
    return is_answer(said) ? said->citation_count > 0 : -1;
}

static double grounded_of(const struct said *said)
{
    struct grade_grounding grounding;
    struct arena arena;
    if (!is_answer(said) || said->passage_count == 0)
        return -1;
    arena_init(&arena);
    struct slice *sources = arena_alloc(&arena, said->passage_count, sizeof(*sources));
    for (size_t i = 0; i < said->passage_count; i++)
        sources[i] = said->passages[i].text;
    grade_grounding(said->text, sources, said->passage_count, &arena, &grounding);
    double share = grounding.share;
    arena_release(&arena);
    return share;
}

static double input_of(const struct said *said)
{
    return said->failed ? -1 : said->input_tokens;
}

static double cached_of(const struct said *said)
{
    return said->failed ? -1 : said->cached_tokens;
}

static double output_of(const struct said *said)
{
    return said->failed ? -1 : said->output_tokens;
}

/* Of the cases that have an answer: to abstain rightly is no knowledge. */
static double knowledge_over(const struct deciding *deciding, const struct arm_state *state)
{
    double sum = 0;
    size_t count = 0;
    for (size_t i = 0; i < state->done; i++) {
        if (test_case(deciding, i)->gold_count == 0)
            continue;
        sum += state->said[i].knowledge;
        count++;
    }
    return count > 0 ? sum / (double)count : -1;
}

static void measure_latency(struct arm_state *state)
{
    double *times = memory_alloc(state->done + 1, sizeof(*times));
    size_t count = 0;
    for (size_t i = 0; i < state->done; i++)
        if (!state->said[i].failed)
            times[count++] = state->said[i].took_ms;
    qsort(times, count, sizeof(*times), ascending);
    state->p50_ms = statistics_percentile(times, count, 0.5);
    state->p95_ms = statistics_percentile(times, count, 0.95);
    free(times);
}

static void measure_abstention(const struct deciding *deciding, struct arm_state *state)
{
    bool *wanted = memory_alloc(2 * state->done + 1, sizeof(*wanted)), *done = wanted + state->done;
    for (size_t i = 0; i < state->done; i++) {
        wanted[i] = test_case(deciding, i)->gold_count == 0;
        done[i] = state->said[i].abstained;
    }
    grade_abstention(wanted, done, state->done, &state->abstention);
    free(wanted);
}

static void measure_interval(const struct deciding *deciding, struct arm_state *state)
{
    const struct clustered clustered = {state->scores, deciding->clusters, state->done, deciding->seed};
    state->score = statistics_mean(&clustered);
    verdict_interval(&clustered, &state->interval);
}

/* How the answers sound beside the examples' outputs. */
static bool measure_style(struct deciding *deciding, struct arm_state *state, struct error *error)
{
    struct slice *texts = memory_alloc(state->done + 1, sizeof(*texts));
    size_t count = 0;
    for (size_t i = 0; i < state->done; i++)
        if (is_answer(&state->said[i]) && wants_style(deciding, test_case(deciding, i)))
            texts[count++] = state->said[i].text;
    const struct style_texts answers = {texts, count}, examples = {deciding->examples.outputs, deciding->examples.count};
    bool ok = eval_style(deciding->run->embedder, &answers, &examples, deciding->seed, &state->style, error);
    free(texts);
    return ok;
}

/* How near answers come to what was wanted in meaning. What failed is not near. */
static bool measure_meaning(const struct deciding *deciding, struct arm_state *state, struct error *error)
{
    struct meaning_pair *pairs = memory_alloc(state->done + 1, sizeof(*pairs));
    double *values = memory_alloc(state->done + 1, sizeof(*values)), sum = 0;
    for (size_t i = 0; i < state->done; i++) {
        const struct answer_case *item = test_case(deciding, i);
        const struct said *said = &state->said[i];
        pairs[i] = (struct meaning_pair){item->golds, item->gold_count, is_answer(said) ? said->text : SLICE("")};
    }
    bool ok = eval_meanings(deciding->run->embedder, pairs, state->done, values, error), measured = ok && state->done > 0;
    for (size_t i = 0; i < state->done && measured; i++) {
        measured = values[i] >= 0;
        sum += state->said[i].failed ? 0 : values[i];
    }
    state->similarity = measured ? sum / (double)state->done : -1;
    free(pairs);
    free(values);
    return ok;
}

static void measure_labels(const struct deciding *deciding, struct arm_state *state)
{
    struct label_case *cases = memory_alloc(state->done + 1, sizeof(*cases));
    size_t count = 0;
    for (size_t i = 0; i < state->done; i++) {
        const struct answer_case *item = test_case(deciding, i);
        const struct said *said = &state->said[i];
        if (item->gold_count > 0)
            cases[count++] = (struct label_case){.wanted = item->golds[0],
                                                 .answer = is_answer(said) ? said->text : SLICE(""),
                                                 .document = deciding->clusters[i],
                                                 .others = item->golds + 1,
                                                 .other_count = item->gold_count - 1};
    }
    eval_labels(cases, count, deciding->seed, &state->labels);
    free(cases);
}

/* The mean of each measure of form over the answers that it is asked of. */
static void measure_forms(struct arm_state *state)
{
    for (size_t i = 0; i < ANSWER_FORMS; i++) {
        double sum = 0;
        size_t count = 0;
        for (size_t j = 0; j < state->done; j++)
            if (state->said[j].forms[i] >= 0) {
                sum += state->said[j].forms[i];
                count++;
            }
        state->forms[i] = count > 0 ? sum / (double)count : -1;
    }
}

void measure_summarize(struct deciding *deciding, enum arm_kind kind)
{
    struct arm_state *state = &deciding->arms[kind];
    for (size_t i = 0; i < state->done; i++)
        state->scores[i] = state->said[i].score;
    measure_interval(deciding, state);
    measure_latency(state);
    measure_abstention(deciding, state);
    state->knowledge = knowledge_over(deciding, state);
    state->exact = mean_of(state, exact_of);
    state->strict = mean_of(state, strict_of);
    state->form = mean_of(state, form_of);
    measure_forms(state);
    measure_labels(deciding, state);
    state->citations = mean_of(state, citation_of);
    state->grounded = mean_of(state, grounded_of);
    state->input_tokens = fmax(mean_of(state, input_of), 0);
    state->cached_tokens = fmax(mean_of(state, cached_of), 0);
    state->output_tokens = fmax(mean_of(state, output_of), 0);
    cost_arm(deciding, kind);
}

static const char *const stages[ARM_KINDS] = {"prompt: answering", "full: answering", "rag: answering", "tune: answering",
                                              "hybrid: answering"}; /* ORDER arm_kind */

/* Nothing was answered: that is no score of 0, but a model that could not be asked. */
static bool failed_always(struct arm_state *state)
{
    for (size_t i = 0; i < state->done; i++)
        if (!state->said[i].failed)
            return false;
    state->state = ARM_SKIPPED;
    state->why = state->done > 0 ? state->said[0].failure : "there are no test cases";
    return true;
}

/* A model's server that has answered and fails for a while is waited for, some times: else one approach would be measured by how often another one's requests failed. */
static bool wait_for_model(struct deciding *deciding, struct llm *llm, size_t done, unsigned *waits, struct error *error)
{
    enum { WAITS_MAX = 3, LOOK_MS = 200 };
    if (llm == NULL || !deciding->has_model_answered || llm_rests_ms(llm) == 0 || *waits == WAITS_MAX)
        return true;
    ++*waits;
    for (unsigned left; (left = llm_rests_ms(llm)) > 0;) {
        const struct timespec pause = {0, (left < LOOK_MS ? left : LOOK_MS) * 1000000L};
        nanosleep(&pause, NULL);
        if (!deciding_step(deciding, "waiting for the model's server", done, deciding->test_count, error))
            return false;
    }
    return true;
}

static void check_failures(struct deciding *deciding, enum arm_kind kind)
{
    const struct arm_state *state = &deciding->arms[kind];
    const char *first = NULL;
    size_t failed = 0;
    for (size_t i = 0; i < state->done; i++) {
        first = state->said[i].failed && first == NULL ? state->said[i].failure : first;
        failed += state->said[i].failed;
    }
    if (failed > 0)
        deciding_check(
            deciding, arena_format(deciding->arena, "answers of %s", arm_names[kind]), false,
            arena_format(deciding->arena, "%zu of %zu could not be had, and count as wrong: %s", failed, state->done, first));
}

bool measure_arm(struct deciding *deciding, enum arm_kind kind, struct error *error)
{
    struct arm_state *state = &deciding->arms[kind];
    state->stale = -1;
    state->drop = (double)NAN;
    if (!arm_choose(deciding, kind, error))
        return false;
    if (state->state == ARM_SKIPPED)
        return true;
    unsigned waits = 0;
    state->said = arena_alloc(deciding->arena, deciding->test_count, sizeof(*state->said));
    state->scores = arena_alloc(deciding->arena, deciding->test_count, sizeof(*state->scores));
    for (size_t i = 0; i < deciding->test_count; i++) {
        const struct answer_case *item = test_case(deciding, i);
        if (!wait_for_model(deciding, state->way.llm, i, &waits, error) ||
            !way_ask(deciding, &state->way, item, "", item->question, &state->said[i], error) ||
            !deciding_step(deciding, stages[kind], i + 1, deciding->test_count, error))
            return false;
        deciding->has_model_answered = deciding->has_model_answered || (state->way.llm != NULL && !state->said[i].failed);
        state->done++;
    }
    if (failed_always(state))
        return true;
    state->state = ARM_MEASURED;
    check_failures(deciding, kind);
    measure_summarize(deciding, kind);
    return measure_meaning(deciding, state, error) && measure_style(deciding, state, error);
}
