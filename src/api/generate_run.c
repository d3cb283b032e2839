/* generate_run.c - the part of include/assay.h that asks language models elsewhere. */
#include "generate_run.h"
#include "priced_llm.h"
#include "tell.h"
#include <stdlib.h>

/* With the prices and limits of the project, where there is one. */
static bool open_in_project(struct assay_llm *opened, const char *model, const char *project, const struct llm_options *options,
                            struct error *error)
{
    struct arena arena;
    struct settings settings;
    const char *root = NULL;
    arena_init(&arena);
    bool ok = project_locate(project, &arena, &root, error);
    if (ok)
        ok = project_settings(root, &arena, &settings, error) &&
             priced_llm_open(&opened->inner, model, root, &settings, options, error);
    else if (project == NULL && error->kind == ERROR_NOT_FOUND)
        ok = llm_open(&opened->inner, model, options, error);
    arena_release(&arena);
    return ok;
}

bool assay_llm_open(struct assay_llm **llm, const char *model, const struct assay_llm_options *options,
                    struct assay_error *error)
{
    struct error inner = {0};
    struct assay_llm *opened = memory_alloc(1, sizeof(*opened));
    const struct llm_options llm_options = {.record = options != NULL ? options->record : NULL,
                                            .replay = options != NULL ? options->replay : NULL,
                                            .wall_ms = options != NULL ? options->wall_ms : 0,
                                            .tries_max = options != NULL ? options->tries_max : 0};
    if (!open_in_project(opened, model, options != NULL ? options->project : NULL, &llm_options, &inner)) {
        free(opened);
        return finish(false, &inner, error);
    }
    *llm = opened;
    return true;
}

void assay_llm_close(struct assay_llm *llm)
{
    if (llm == NULL)
        return;
    llm_close(llm->inner);
    free(llm);
}

static bool tell_piece(void *context, struct slice piece)
{
    const struct assay_generate_options *options = context;
    return options->on_text(options->context, (struct assay_text){piece.data, piece.size});
}

static bool is_over(void *context)
{
    const struct assay_generate_options *options = context;
    return options->going != NULL && !options->going(options->context);
}

bool llm_generate(struct assay_llm *llm, const struct llm_message *messages, size_t count,
                  const struct assay_generate_options *options, struct assay_generated *generated, struct error *error)
{
    struct assay_generate_options usual = {0};
    struct llm_answer answer;
    options = options != NULL ? options : &usual;
    const struct llm_request request = {.messages = messages,
                                        .message_count = count,
                                        .tokens_max = options->tokens_max,
                                        .temperature = options->temperature != NULL ? *options->temperature : -1,
                                        .seed = options->seed != NULL ? *options->seed : -1,
                                        .schema = {options->schema.data, options->schema.size},
                                        .piece = options->on_text != NULL ? tell_piece : NULL,
                                        .is_cancelled = is_over,
                                        .context = (void *)(uintptr_t)options};
    struct arena *arena = memory_alloc(1, sizeof(*arena));
    arena_init(arena);
    if (!llm_chat(llm->inner, &request, arena, &answer, error)) {
        arena_release(arena);
        free(arena);
        return false;
    }
    *generated = (struct assay_generated){.text = {answer.text.data, answer.text.size},
                                          .model = {answer.model.data, answer.model.size},
                                          .finish = llm_finish_name(answer.finish),
                                          .prompt_tokens = answer.usage.prompt_tokens,
                                          .cached_tokens = answer.usage.cached_tokens,
                                          .completion_tokens = answer.usage.completion_tokens,
                                          .cost = answer.usage.cost,
                                          .currency = llm_currency(llm->inner),
                                          .tries = answer.tries,
                                          .first_ms = answer.first_ms,
                                          .took_ms = answer.took_ms,
                                          .memory = arena};
    return true;
}

bool assay_generate(struct assay_llm *llm, struct assay_text prompt, const struct assay_generate_options *options,
                    struct assay_generated *generated, struct assay_error *error)
{
    struct error inner = {0};
    struct llm_message messages[2];
    size_t count = 0;
    if (options != NULL && options->system.size > 0)
        messages[count++] = (struct llm_message){LLM_SYSTEM, {options->system.data, options->system.size}};
    messages[count++] = (struct llm_message){LLM_USER, {prompt.data, prompt.size}};
    return finish(llm_generate(llm, messages, count, options, generated, &inner), &inner, error);
}

void assay_generated_release(struct assay_generated *generated)
{
    if (generated->memory == NULL)
        return;
    arena_release(generated->memory);
    free(generated->memory);
    *generated = (struct assay_generated){0};
}
