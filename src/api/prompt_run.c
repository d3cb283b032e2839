/* prompt_run.c - the part of assay.h about prompts. */
#include "answers_run.h"
#include "ask_run.h"
#include "priced_llm.h"
#include "search_ranker.h"
#include <sodium.h>
#include <stdlib.h>

/* ---- show ---- */

struct prompt_memory {
    struct answer_memory answer;
    struct arena arena; /* of turns and templates */
};

static const char *role_name(enum llm_role role)
{
    return role == LLM_SYSTEM ? "system" : role == LLM_USER ? "user" : "assistant";
}

static bool show(struct assay *assay, const char *question, const char *templates, const struct assay_ask_options *options,
                 struct prompt_memory *memory, struct assay_shown_prompt *prompt, struct error *error)
{
    struct arena *arena = &memory->arena;
    struct ask_request request;
    struct ask_templates named;
    struct llm_message *messages;
    size_t count;
    if (!fill_request(assay, question, options, &request, error) ||
        !ask_templates_named(assay->project, templates != NULL ? templates : "current", arena, &named, error))
        return false;
    request.turns = read_turns(arena, options);
    request.templates = &named;
    if (!ask_prompt(assay->project, &request, &memory->answer.inner, &messages, &count, error))
        return false;
    struct assay_message *told = arena_alloc(arena, count, sizeof(*told));
    for (size_t i = 0; i < count; i++)
        told[i] = (struct assay_message){role_name(messages[i].role), {messages[i].text.data, messages[i].text.size}};
    *prompt = (struct assay_shown_prompt){.messages = told, .message_count = count, .memory = memory};
    fill_answer(&memory->answer, &prompt->answer);
    prompt->answer.memory = NULL; /* it goes with the prompt */
    return true;
}

bool assay_prompt_show(struct assay *assay, const char *question, const char *templates,
                       const struct assay_ask_options *options, struct assay_shown_prompt *prompt, struct assay_error *error)
{
    struct error inner = {0};
    struct prompt_memory *memory = memory_alloc(1, sizeof(*memory));
    arena_init(&memory->arena);
    arena_init(&memory->answer.inner.arena);
    arena_init(&memory->answer.inner.search.arena);
    bool ok = show(assay, question, templates, options, memory, prompt, &inner);
    if (!ok) {
        struct assay_shown_prompt failed = {.memory = memory};
        assay_prompt_release(&failed);
    }
    return finish(ok, &inner, error);
}

void assay_prompt_release(struct assay_shown_prompt *prompt)
{
    struct prompt_memory *memory = prompt->memory;
    if (memory == NULL)
        return;
    ask_answer_release(&memory->answer.inner);
    arena_release(&memory->arena);
    free(memory);
    *prompt = (struct assay_shown_prompt){0};
}

/* ---- diff ---- */

struct diffing {
    void (*each)(void *context, const struct assay_prompt_line *line);
    void *context;
    struct assay_prompt_diff *diff;
};

static bool tell_diff(struct diffing *diffing, const char *part, struct slice before, struct slice after, struct arena *arena,
                      struct error *error)
{
    static const char signs[] = " -+"; /* ORDER ask_line */
    struct ask_change *changes;
    size_t count;
    if (!ask_diff(before, after, arena, &changes, &count, error))
        return false;
    for (size_t i = 0; i < count; i++) {
        const struct assay_prompt_line line = {part, signs[changes[i].kind], {changes[i].line.data, changes[i].line.size}};
        diffing->diff->differ = diffing->diff->differ || changes[i].kind != ASK_LINE_SAME;
        diffing->each(diffing->context, &line);
    }
    return true;
}

static void tell_version(const struct ask_templates *templates, char version[65])
{
    sodium_bin2hex(version, 65, templates->hash, sizeof(templates->hash));
}

bool assay_prompt_compare(struct assay *assay, const char *first, const char *second,
                          void (*each)(void *context, const struct assay_prompt_line *line), void *context,
                          struct assay_prompt_diff *diff, struct assay_error *error)
{
    struct ask_templates a, b;
    struct error inner = {0};
    struct arena arena;
    struct diffing diffing = {each, context, diff};
    arena_init(&arena);
    *diff = (struct assay_prompt_diff){.differ = false};
    bool ok = ask_templates_named(assay->project, first, &arena, &a, &inner) &&
              ask_templates_named(assay->project, second, &arena, &b, &inner) &&
              tell_diff(&diffing, "system", a.system, b.system, &arena, &inner) &&
              tell_diff(&diffing, "rules", a.rules, b.rules, &arena, &inner) &&
              tell_diff(&diffing, "user", a.user, b.user, &arena, &inner) &&
              tell_diff(&diffing, "tools", a.tools, b.tools, &arena, &inner);
    if (ok) {
        tell_version(&a, diff->first);
        tell_version(&b, diff->second);
    }
    arena_release(&arena);
    return finish(ok, &inner, error);
}

/* ---- test ---- */

static struct assay_difference outer(const struct eval_difference *inner)
{
    return (struct assay_difference){.first = inner->first,
                                     .second = inner->second,
                                     .difference = inner->difference,
                                     .low = inner->low,
                                     .high = inner->high,
                                     .chance = inner->chance,
                                     .cases = inner->cases};
}

static void fill_test(const struct eval_comparison *inner, struct assay_prompt_test *test)
{
    fill_graded(&inner->first, &test->reports[0]);
    fill_graded(&inner->second, &test->reports[1]);
    for (size_t i = 0; i < ASSAY_GRADES; i++)
        test->grades[i] = outer(&inner->measures[i]);
    test->grounded = outer(&inner->grounded);
    test->better = inner->better;
    test->worse = inner->worse;
}

static bool on_step(void *context, const char *stage, size_t done, size_t total)
{
    const struct assay_answers_options *options = context;
    return options->on_progress == NULL || options->on_progress(options->context, stage, done, total);
}

static bool test_prompts(struct assay *assay, const struct ask_templates *templates,
                         const struct assay_answers_options *options, struct eval_comparison *comparison, struct error *error)
{
    const struct settings *settings = &assay->project->settings;
    const char *model = options->model != NULL ? options->model : settings->model;
    struct assay_answers_options copy = *options;
    struct eval_answering runs[2] = {
        {.project = assay->project, .embedder = assay->embedder, .tests = options->tests, .step = on_step, .context = &copy}};
    if (model_is_builtin(model)) {
        error_set(error, ERROR_INVALID, "a prompt is tested with a language model, and none is named");
        return error_hint(error, "Name one with --model, or as `model` in assay.yaml.");
    }
    if (!mode_named(options->mode, &runs[0].mode, error) || !ask_approach_named(options->approach, &runs[0].approach, error) ||
        !search_ranker(assay, options->rerank, &runs[0].ranker, error) ||
        !priced_llm_open(&runs[0].llm, model, assay->project->root, settings, NULL, error))
        return false;
    bool ok = grounding_ranker(assay, runs[0].llm, &runs[0].grounding, error);
    runs[1] = runs[0];
    runs[0].templates = &templates[0];
    runs[1].templates = &templates[1];
    ok = ok && eval_compare_answers(&runs[0], &runs[1], comparison, error);
    llm_close(runs[0].llm);
    return ok;
}

bool assay_prompt_test(struct assay *assay, const char *first, const char *second, const struct assay_answers_options *options,
                       struct assay_prompt_test *test, struct assay_error *error)
{
    struct ask_templates templates[2];
    struct eval_comparison comparison;
    struct error inner = {0};
    struct arena arena;
    arena_init(&arena);
    bool ok = ask_templates_named(assay->project, first, &arena, &templates[0], &inner) &&
              ask_templates_named(assay->project, second, &arena, &templates[1], &inner);
    for (size_t i = 0; ok && i < ARRAY_COUNT(templates); i++)
        ask_templates_with_tools(&templates[i], (struct slice){0}); /* test cases have no functions */
    ok = ok && test_prompts(assay, templates, options, &comparison, &inner);
    if (ok) {
        *test = (struct assay_prompt_test){.better = 0};
        fill_test(&comparison, test);
        tell_version(&templates[0], test->first);
        tell_version(&templates[1], test->second);
    }
    arena_release(&arena);
    return finish(ok, &inner, error);
}
