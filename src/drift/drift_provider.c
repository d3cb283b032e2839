/* drift_provider.c - the same requests, sent again: has what answers them changed?
 *
 *   then ── differs? ── now ── differs? ── now, a second time
 *
 * What differs between the two of now is the model's own unsteadiness. The old answer differing where the new ones agree speaks for a change, the new
 * ones differing where the old and the first agree against it: a sign test over such requests, one-sided. */
#include "drift_parts.h"
#include "eval/eval.h"
#include <math.h>

#define CHANCE 0.05
enum { KEPT_MOST = 4096, STEADY_LEAST = 5 };

struct kept_request {
    struct slice body, text, model;
};

struct requests {
    struct looking *looking;
    struct kept_request *items; /* the latest ones, as a ring */
    size_t count, most;
};

static bool take_request(void *context, struct slice body, const struct llm_answer *then)
{
    struct requests *requests = context;
    struct kept_request *place = &requests->items[requests->count++ % requests->most];
    struct arena *arena = requests->looking->arena;
    *place = (struct kept_request){arena_slice(arena, body), arena_slice(arena, then->text), arena_slice(arena, then->model)};
    return true;
}

static bool is_same(struct slice a, struct slice b)
{
    struct buffer left, right;
    buffer_init(&left, LIMIT_TEXT_BYTES);
    buffer_init(&right, LIMIT_TEXT_BYTES);
    grade_normalize(a, &left);
    grade_normalize(b, &right);
    bool same = slice_equal(buffer_slice(&left), buffer_slice(&right));
    buffer_release(&left);
    buffer_release(&right);
    return same;
}

struct asked_again {
    size_t asked, failed, changed, unsteady; /* unsteady: the two new answers differ */
    size_t only_changed, only_unsteady;
    size_t other_model; /* answers that name another model than then */
    struct slice model_before, model_now, failure;
    struct llm_usage usage;
    struct slice was, is; /* of the first that changed */
};

static bool ask_twice(struct looking *looking, const struct kept_request *request, struct asked_again *again,
                      struct error *error)
{
    struct llm_answer answers[2];
    struct error why = {0};
    for (size_t i = 0; i < 2; i++) {
        if (!llm_send_again(looking->run->llm, request->body, looking->arena, &answers[i], &why)) {
            again->failed++;
            again->failure = slice_from(arena_text(looking->arena, slice_from(why.message)));
            if (why.kind != ERROR_CANCELLED && why.kind != ERROR_NO_MEMORY)
                return true;
            *error = why;
            return false;
        }
        llm_usage_add(&again->usage, &answers[i].usage);
    }
    bool changed = !is_same(request->text, answers[0].text), unsteady = !is_same(answers[0].text, answers[1].text);
    if (changed && again->changed == 0) {
        again->was = request->text;
        again->is = answers[0].text;
    }
    again->asked++;
    again->changed += changed;
    again->unsteady += unsteady;
    again->only_changed += changed && !unsteady;
    again->only_unsteady += unsteady && !changed;
    if (request->model.size > 0 && answers[0].model.size > 0 && !slice_equal(request->model, answers[0].model)) {
        again->other_model++;
        again->model_before = request->model;
        again->model_now = answers[0].model;
    }
    return true;
}

/* The chance of so many of `all` on one side, if both were as likely. */
static double sign_chance(size_t most, size_t all)
{
    double sum = 0;
    for (size_t i = most; i <= all; i++)
        sum += exp(lgamma((double)all + 1) - lgamma((double)i + 1) - lgamma((double)(all - i) + 1) - (double)all * log(2.0));
    return sum < 1 ? sum : 1;
}

static void tell_model(struct looking *looking, const struct asked_again *again)
{
    if (again->other_model == 0)
        return;
    looking_pair(looking, "model", again->model_before, again->model_now);
    looking_say(looking,
                arena_format(looking->arena, "The provider says that \"%s\" answers, it was \"%s\".",
                             arena_text(looking->arena, again->model_now), arena_text(looking->arena, again->model_before)));
}

/* That nothing has changed can be told by enough requests that have the same answer each time, or by a test that could have said otherwise. */
static bool can_tell(const struct asked_again *again)
{
    size_t differing = again->only_changed + again->only_unsteady;
    return (again->changed == 0 && again->asked - again->unsteady >= STEADY_LEAST) ||
           sign_chance(differing, differing) <= CHANCE;
}

static void tell_answers(struct looking *looking, const struct asked_again *again)
{
    double chance = sign_chance(again->only_changed, again->only_changed + again->only_unsteady);
    json_integers(looking->json,
                  (const struct json_integer_member[]){{"asked", (int64_t)again->asked},
                                                       {"failed", (int64_t)again->failed},
                                                       {"changed", (int64_t)again->changed},
                                                       {"unsteady", (int64_t)again->unsteady},
                                                       {"prompt_tokens", again->usage.prompt_tokens},
                                                       {"completion_tokens", again->usage.completion_tokens}},
                  6);
    if (again->usage.cost >= 0) {
        json_key(looking->json, "cost");
        json_real(looking->json, again->usage.cost, 6);
    }
    if (again->asked == 0)
        return;
    json_key(looking->json, "chance");
    json_real(looking->json, chance, 6);
    if (looking->verdict == DRIFT_UNKNOWN && can_tell(again))
        looking->verdict = DRIFT_NONE;
    if (again->changed > 0) {
        json_key(looking->json, "example");
        json_array_begin(looking->json);
        json_text(looking->json, again->was);
        json_text(looking->json, again->is);
        json_array_end(looking->json);
        looking->verdict = chance <= CHANCE ? DRIFT_FOUND : looking->verdict;
    }
    looking_say(looking,
                arena_format(looking->arena,
                             "%zu of %zu requests are answered otherwise than then; asked twice now, %zu differ from one "
                             "time to the next%s.",
                             again->changed, again->asked, again->unsteady,
                             chance <= CHANCE     ? ": more than chance explains"
                             : !can_tell(again)   ? ": too little to tell"
                             : again->changed > 0 ? ": that may be chance"
                                                  : ""));
}

static bool ask_again(struct looking *looking, const struct requests *requests, struct error *error)
{
    struct asked_again again = {0};
    size_t count = requests->count < requests->most ? requests->count : requests->most;
    for (size_t i = 0; i < count; i++)
        if (!looking_step(looking, "asking the model again", i, count, error) ||
            !ask_twice(looking, &requests->items[i], &again, error))
            return false;
    tell_model(looking, &again);
    tell_answers(looking, &again);
    if (again.failed > 0)
        looking_say(looking, arena_format(looking->arena, "%zu requests failed: %s.", again.failed,
                                          arena_text(looking->arena, again.failure)));
    return true;
}

bool look_at_provider(struct looking *looking, struct error *error)
{
    const struct drift_run *run = looking->run;
    struct requests requests = {.looking = looking, .most = run->requests < KEPT_MOST ? run->requests : KEPT_MOST};
    const bool is_builtin = model_is_builtin(arena_text(looking->arena, looking->now->model));
    if (looking_pair(looking, "setting", looking->before->model, looking->now->model))
        looking_say(looking, arena_format(looking->arena, "The model is \"%s\", it was \"%s\": assay.yaml or --model says so.",
                                          arena_text(looking->arena, looking->now->model),
                                          arena_text(looking->arena, looking->before->model)));
    if (run->llm == NULL) {
        looking_say(looking, is_builtin ? "Answers come from the models on this machine." : "The model was not asked.");
        if (is_builtin && looking->verdict == DRIFT_UNKNOWN)
            looking->verdict = DRIFT_NONE;
        return true;
    }
    if (requests.most == 0)
        return true;
    requests.items = arena_alloc(looking->arena, requests.most, sizeof(*requests.items));
    if (!llm_each_kept(run->llm, run->kept, take_request, &requests, error))
        return false;
    if (requests.count > 0)
        return ask_again(looking, &requests, error);
    looking_say(looking, "No request to this model was kept: `assay eval` and `assay decide` keep what they ask.");
    return true;
}
