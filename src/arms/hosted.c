/* hosted.c - what the provider of a language model fine-tunes on the examples, for the approaches tune and hybrid.
 *
 *   examples, each in the very prompt that it would be asked in ─▶ a job at the provider ─▶ a model with a name of its own
 *
 * tune learns from prompts without passages, hybrid from prompts with what a search finds for the input: as each is asked later. A job costs money: as
 * soon as it has a name it is noted under the hash of all that went into it (.assay/cache/hosted/HASH.json), so that after Ctrl-C or a crash, and in a
 * later run with the same examples, it is waited for or its model is taken, and it is not paid for twice. */
#include "arms_parts.h"
#include <sodium.h>
#include <stdlib.h>
#include <time.h>

enum {
    LINES_LEAST = 10, /* fewer are no training to a provider */
    EPOCHS = 3,
    SEED = 1,
    PAUSE_MS = 200, /* between two looks at whether a person stops it */
    LOOK_MS_LEAST = 400, /* between two looks at the job; half as much again each time */
    LOOK_MS_MOST = 20000
};

/* A job, as it is noted. */
struct noted {
    const char *path;
    const char *job; /* NULL: none is noted */
    const char *model; /* that came of it; NULL: not yet */
    double trained_tokens;
};

/* ---- lines ---- */

static void write_message(struct json_writer *json, const char *role, struct slice text)
{
    json_object_begin(json);
    json_texts(json, &(struct json_text_member){"role", role}, 1);
    json_key(json, "content");
    json_text(json, text);
    json_object_end(json);
}

/* {"messages": [what would be asked …, what is to be answered]} */
static void write_line(struct buffer *lines, const struct llm_message *messages, size_t count, struct slice output)
{
    static const char *const roles[] = {"system", "user", "assistant"}; /* ORDER llm_role */
    struct json_writer json;
    json_writer_init(&json, lines);
    json_object_begin(&json);
    json_key(&json, "messages");
    json_array_begin(&json);
    for (size_t i = 0; i < count; i++)
        write_message(&json, roles[messages[i].role], messages[i].text);
    write_message(&json, "assistant", output);
    json_array_end(&json);
    json_object_end(&json);
    buffer_append_byte(lines, '\n');
}

struct learned_pair {
    struct slice input, output;
};

static bool add_example(struct deciding *deciding, enum arm_kind kind, const struct learned_pair *pair, struct buffer *lines,
                        double *tokens, struct error *error)
{
    struct project *project = deciding->project;
    const enum prompt_examples before = project->settings.prompt_examples;
    const struct ask_request request = {.question = pair->input,
                                        .mode = deciding->run->mode,
                                        .embedder = deciding->run->embedder,
                                        .approach = kind == ARM_TUNE ? ASK_PROMPT : ASK_RAG,
                                        .temperature = -1,
                                        .seed = -1};
    struct ask_answer answer = {0};
    struct llm_message *messages;
    size_t count;
    arena_init(&answer.arena);
    arena_init(&answer.search.arena);
    project->settings.prompt_examples = PROMPT_EXAMPLES_NONE;
    bool ok = ask_prompt(project, &request, &answer, &messages, &count, error);
    project->settings.prompt_examples = before;
    if (ok) {
        write_line(lines, messages, count, pair->output);
        *tokens += (double)(answer.prompt.tokens + text_token_estimate(pair->output));
    }
    ask_answer_release(&answer);
    return ok;
}

static int by_text(const void *a, const void *b)
{
    const struct learned_pair *left = a, *right = b;
    int order = slice_compare(left->input, right->input);
    return order != 0 ? order : slice_compare(left->output, right->output);
}

/* In an order of their own, whatever the seed of the run: another order would be another job. */
bool hosted_lines(struct deciding *deciding, enum arm_kind kind, struct buffer *lines, double *tokens, struct error *error)
{
    const size_t count = deciding->examples.count;
    struct learned_pair *pairs = memory_alloc(count, sizeof(*pairs));
    bool ok = true;
    *tokens = 0;
    for (size_t i = 0; i < count; i++)
        pairs[i] = (struct learned_pair){deciding->examples.inputs[i], deciding->examples.outputs[i]};
    qsort(pairs, count, sizeof(*pairs), by_text);
    for (size_t i = 0; ok && i < count; i++)
        ok = add_example(deciding, kind, &pairs[i], lines, tokens, error);
    *tokens *= EPOCHS;
    free(pairs);
    return ok && buffer_finish(lines, "the examples to fine-tune on", error);
}

/* ---- what is noted ---- */

static bool find_note(struct deciding *deciding, struct slice lines, struct noted *noted, struct error *error)
{
    const struct arms_run *run = deciding->run;
    unsigned char hash[crypto_hash_sha256_BYTES];
    char text[2 * sizeof(hash) + 1];
    crypto_hash_sha256_state state;
    struct buffer bytes;
    struct json_value root;
    const char *folder = path_join(deciding->arena, deciding->project->root, PROJECT_STATE "/cache/hosted");
    const char *name = arena_format(deciding->arena, "%s\n%d\n", run->hosted_model, EPOCHS);
    crypto_hash_sha256_init(&state);
    crypto_hash_sha256_update(&state, (const unsigned char *)name, strlen(name));
    crypto_hash_sha256_update(&state, (const unsigned char *)lines.data, lines.size);
    crypto_hash_sha256_final(&state, hash);
    sodium_bin2hex(text, sizeof(text), hash, sizeof(hash));
    *noted = (struct noted){.path = path_join(deciding->arena, folder, arena_format(deciding->arena, "%s.json", text))};
    if (!folder_create(folder, error))
        return false;
    if (!file_exists(noted->path))
        return true;
    buffer_init(&bytes, LIMIT_MODEL_CONFIG_BYTES);
    bool ok = file_read(noted->path, LIMIT_MODEL_CONFIG_BYTES, &bytes, error) &&
              json_read(arena_slice(deciding->arena, buffer_slice(&bytes)), noted->path, deciding->arena, &root, error);
    buffer_release(&bytes);
    if (!ok)
        return error_hint(error, "It names a job that may be paid for: see what it was, and remove it to ask for another one.");
    const struct json_value *tokens = json_get(&root, "trained_tokens");
    const struct slice job = json_text_at(&root, "job"), model = json_text_at(&root, "model");
    noted->job = job.size > 0 ? arena_text(deciding->arena, job) : NULL;
    noted->model = model.size > 0 ? arena_text(deciding->arena, model) : NULL;
    noted->trained_tokens = tokens != NULL && tokens->kind == JSON_NUMBER ? tokens->real : 0;
    return true;
}

static bool keep_note(const struct noted *noted, struct error *error)
{
    struct buffer bytes;
    struct json_writer json;
    buffer_init(&bytes, LIMIT_MODEL_CONFIG_BYTES);
    json_writer_init(&json, &bytes);
    json_object_begin(&json);
    json_text_or_null(&json, "job", noted->job);
    json_text_or_null(&json, "model", noted->model);
    json_key(&json, "trained_tokens");
    json_real(&json, noted->trained_tokens, 12);
    json_object_end(&json);
    buffer_append_byte(&bytes, '\n');
    bool ok = buffer_finish(&bytes, "the note of a job", error) && file_replace(noted->path, buffer_slice(&bytes), error);
    buffer_release(&bytes);
    return ok;
}

/* ---- the job ---- */

static bool wait_a_while(struct deciding *deciding, const char *stage, unsigned wait_ms, struct error *error)
{
    for (uint64_t start_ns = clock_now_ns(); clock_ms_since(start_ns) < wait_ms;) {
        if (!deciding_step(deciding, stage, 0, 1, error))
            return false;
        nanosleep(&(struct timespec){.tv_nsec = PAUSE_MS * 1000000L}, NULL);
    }
    return true;
}

/* Until the job is done; `*failed`: it came to nothing, and why. */
static bool wait_for(struct deciding *deciding, struct noted *noted, double tokens, const char **failed, struct error *error)
{
    const char *stage = arena_format(deciding->arena, "fine-tuning at the provider (%s)", noted->job);
    unsigned wait_ms = LOOK_MS_LEAST;
    for (;;) {
        struct llm_tuning tuning;
        struct arena arena;
        arena_init(&arena);
        bool ok = llm_tuning_look(deciding->run->hosted, noted->job, &arena, &tuning, error);
        if (ok && tuning.state == LLM_TUNING_DONE) {
            noted->model = arena_text(deciding->arena, slice_from(tuning.model));
            noted->trained_tokens = tuning.trained_tokens > 0 ? (double)tuning.trained_tokens : tokens;
        } else if (ok && tuning.state == LLM_TUNING_FAILED) {
            *failed = arena_format(deciding->arena, "the provider's fine-tuning came to nothing: %s", tuning.complaint);
        }
        arena_release(&arena);
        if (!ok)
            return error_hint(error, "The job %s goes on at the provider: the same command waits for it again.", noted->job);
        if (noted->model != NULL || *failed != NULL)
            return true;
        if (!wait_a_while(deciding, stage, wait_ms, error))
            return error_hint(error, "The job %s goes on at the provider: the same command waits for it again.", noted->job);
        wait_ms = wait_ms * 3 / 2 < LOOK_MS_MOST ? wait_ms * 3 / 2 : LOOK_MS_MOST;
    }
}

/* Whether the reason is the provider's or the project's, and no other try would help: then there is no such arm. */
static bool is_refusal(const struct error *error)
{
    return error->kind == ERROR_INVALID || error->kind == ERROR_NOT_FOUND || error->kind == ERROR_LIMIT;
}

static bool make_model(struct deciding *deciding, enum arm_kind kind, struct noted *noted, const char **failed,
                       struct error *error)
{
    struct buffer lines;
    struct error why = {0};
    double tokens;
    buffer_init(&lines, LIMIT_EXAMPLES_BYTES);
    bool ok = hosted_lines(deciding, kind, &lines, &tokens, error) && find_note(deciding, buffer_slice(&lines), noted, error);
    if (ok && noted->job == NULL) {
        const struct llm_tuning_request request = {.lines = buffer_slice(&lines),
                                                   .tokens = tokens,
                                                   .epochs = EPOCHS,
                                                   .seed = SEED,
                                                   .suffix = arena_format(deciding->arena, "assay-%s", arm_names[kind])};
        if (llm_tuning_start(deciding->run->hosted, &request, deciding->arena, &noted->job, &why)) {
            ok = keep_note(noted, error);
        } else if (is_refusal(&why)) {
            *failed = arena_format(deciding->arena, "it was not fine-tuned: %s", why.message);
        } else {
            *error = why;
            ok = false;
        }
    }
    buffer_release(&lines);
    if (!ok || *failed != NULL || noted->model != NULL)
        return ok;
    /* A job that failed is forgotten: the next run may ask for another one. */
    if (!wait_for(deciding, noted, tokens, failed, error))
        return false;
    return *failed == NULL ? keep_note(noted, error) : file_remove(noted->path, error);
}

bool hosted_choose(struct deciding *deciding, enum arm_kind kind, struct error *error)
{
    const struct arms_run *run = deciding->run;
    struct arm_state *state = &deciding->arms[kind];
    struct noted noted = {0};
    state->state = ARM_SKIPPED;
    if (deciding->settings->limit_private)
        state->why = "examples would be sent to another machine to be learned from, and limits.private forbids that";
    else if (deciding->examples.count < LINES_LEAST)
        state->why = arena_format(deciding->arena, "there are %zu examples to learn from, and a provider needs %d",
                                  deciding->examples.count, LINES_LEAST);
    else if (!make_model(deciding, kind, &noted, &state->why, error))
        return false;
    if (state->why != NULL)
        return true;
    state->state = ARM_NOT_RUN;
    state->trained_tokens = noted.trained_tokens;
    state->way = (struct way){
        .key = arm_names[kind],
        .label = arena_format(deciding->arena, "%s, fine-tuned by its provider%s", run->hosted_model,
                              kind == ARM_TUNE ? "" : " with passages, and given those that a search finds"),
        .approach = kind == ARM_TUNE ? ASK_PROMPT : ASK_RAG,
        .retrieves = kind == ARM_HYBRID,
        .model = noted.model};
    return run->open_hosted(run->context, noted.model, &state->way.llm, error);
}
