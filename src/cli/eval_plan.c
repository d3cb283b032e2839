/* eval_plan.c - `assay eval --plan`: calls, tokens, money and minutes, before anything is asked. */
#include "eval_draft.h"

static enum exit_code print_json(const struct invocation *invocation, const struct assay_answers_plan *plan)
{
    struct buffer buffer;
    struct json_writer json;
    buffer_init(&buffer, MIB);
    json_writer_init(&json, &buffer);
    json_object_begin(&json);
    const struct json_integer_member counts[] = {{"cases", (int64_t)plan->cases}, {"calls", (int64_t)plan->calls}};
    json_integers(&json, counts, ARRAY_COUNT(counts));
    json_key(&json, "input_tokens");
    json_real(&json, plan->input_tokens, 9);
    json_key(&json, "output_tokens");
    json_real(&json, plan->output_tokens, 9);
    json_key(&json, "money");
    if (plan->money >= 0)
        json_real(&json, plan->money, 6);
    else
        json_null(&json);
    json_key(&json, "minutes");
    json_real(&json, plan->minutes, 6);
    json_object_end(&json);
    enum exit_code code = output_json(invocation, &buffer);
    buffer_release(&buffer);
    return code;
}

enum exit_code eval_plan_cases(const struct invocation *invocation, struct assay *assay)
{
    struct assay_error error;
    struct assay_answers_plan plan;
    const struct assay_answers_plan_options options = {.tests = invocation_option(invocation, "tests"),
                                                       .mode = invocation_option(invocation, "mode"),
                                                       .model = invocation_option(invocation, "model"),
                                                       .approach = invocation_option(invocation, "approach"),
                                                       .judge = invocation_option(invocation, "judge"),
                                                       .has_baseline = invocation_option(invocation, "baseline") != NULL};
    if (!assay_answers_plan(assay, &options, &plan, &error))
        return output_failure(invocation, &error);
    if (invocation->json)
        return print_json(invocation, &plan);
    if (plan.calls == 0) {
        printf("%zu cases: no language model is asked; about %.1f minutes.\n", plan.cases, plan.minutes);
        return EXIT_DONE;
    }
    printf("%zu cases, about: %zu calls of language models, %.0f tokens in, %.0f out, %.1f minutes; ", plan.cases, plan.calls,
           plan.input_tokens, plan.output_tokens, plan.minutes);
    if (plan.money >= 0)
        printf("%.2f in money\n", plan.money);
    else
        puts("no price of the model is known (prices.yaml)");
    puts("What was asked before, word for word, is not asked again.");
    return EXIT_DONE;
}
