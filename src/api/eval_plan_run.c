/* eval_plan_run.c - the part of assay.h that tells what grading answers would take, before anything is asked. Prompts of a sample of the cases are made as
 * they would be sent; how long an answer will be, and how long it takes, is not known before. */
#include "eval/eval.h"
#include "priced_llm.h"
#include "tell.h"
#include <math.h>
#include <string.h>

enum { SAMPLE_MOST = 20, ANSWER_TOKENS = 80, JUDGE_TOKENS = 300, VERDICT_TOKENS = 15 };
#define CALL_SECONDS 2.0
#define BUILTIN_SECONDS 0.15

struct planning {
    struct assay *assay;
    const struct assay_answers_plan_options *options;
    struct arena arena;
    struct answer_cases cases;
};

static bool sample_tokens(struct planning *planning, double *tokens, struct error *error)
{
    struct project *project = planning->assay->project;
    const size_t count = planning->cases.count, sample = count < SAMPLE_MOST ? count : SAMPLE_MOST;
    double sum = 0;
    enum ask_approach approach;
    enum retrieve_mode mode;
    const char *way = planning->options->approach != NULL ? planning->options->approach : project->settings.approach;
    if (!ask_approach_named(way, &approach, error) || !mode_named(planning->options->mode, &mode, error))
        return false;
    for (size_t i = 0; i < sample; i++) {
        const struct ask_request request = {.question = planning->cases.items[i * count / sample].question,
                                            .mode = mode,
                                            .embedder = planning->assay->embedder,
                                            .approach = approach,
                                            .temperature = -1,
                                            .seed = -1};
        struct ask_answer answer = {0};
        struct llm_message *messages;
        size_t message_count;
        arena_init(&answer.arena);
        arena_init(&answer.search.arena);
        bool ok = ask_prompt(project, &request, &answer, &messages, &message_count, error);
        sum += (double)answer.prompt.tokens;
        ask_answer_release(&answer);
        if (!ok)
            return false;
    }
    *tokens = sample > 0 ? sum / (double)sample : 0;
    return true;
}

/* Adds so many calls of one model; what they cost makes the sum unknown where its price is. */
static bool add_calls(struct planning *planning, const char *model, size_t calls, double input, double output,
                      struct assay_answers_plan *plan, struct error *error)
{
    const struct project *project = planning->assay->project;
    struct llm *llm;
    if (!priced_llm_open(&llm, model, project->root, &project->settings, NULL, error))
        return false;
    const struct llm_usage usage = {.prompt_tokens = (int64_t)((double)calls * input),
                                    .completion_tokens = (int64_t)((double)calls * output)};
    double cost = llm_cost(llm, &usage);
    llm_close(llm);
    plan->calls += calls;
    plan->input_tokens += (double)usage.prompt_tokens;
    plan->output_tokens += (double)usage.completion_tokens;
    plan->money = plan->money < 0 || cost < 0 ? -1 : plan->money + cost;
    plan->minutes += (double)calls * CALL_SECONDS / 60;
    return true;
}

static bool plan_calls(struct planning *planning, struct assay_answers_plan *plan, struct error *error)
{
    const struct assay_answers_plan_options *options = planning->options;
    struct project *project = planning->assay->project;
    const char *tests = options->tests != NULL ? options->tests
                                               : path_join(&planning->arena, project->root, project->settings.tests);
    const char *model = options->model != NULL ? options->model : project->settings.model;
    double tokens = 0;
    if (!answer_cases_read(project, tests, &planning->arena, &planning->cases, error))
        return false;
    plan->cases = planning->cases.count;
    if (model_is_builtin(model))
        plan->minutes = (double)plan->cases * BUILTIN_SECONDS / 60;
    else if (!sample_tokens(planning, &tokens, error) ||
             !add_calls(planning, model, plan->cases, tokens, ANSWER_TOKENS, plan, error))
        return false;
    const size_t judged = plan->cases * (options->has_baseline ? 3 : 1); /* a pair is shown in both orders */
    return options->judge == NULL || add_calls(planning, options->judge, judged, JUDGE_TOKENS, VERDICT_TOKENS, plan, error);
}

bool assay_answers_plan(struct assay *assay, const struct assay_answers_plan_options *options, struct assay_answers_plan *plan,
                        struct assay_error *error)
{
    struct error inner = {0};
    struct planning planning = {.assay = assay, .options = options};
    *plan = (struct assay_answers_plan){0};
    arena_init(&planning.arena);
    bool ok = plan_calls(&planning, plan, &inner);
    arena_release(&planning.arena);
    return finish(ok, &inner, error);
}
