/* hosted.c - what the provider of a language model fine-tunes on the examples, for the approaches tune and hybrid.
 *
 *   examples, each in the very prompt that it would be asked in ─▶ a job at the provider ─▶ a model with a name of its own
 *
 * tune learns from prompts without passages, hybrid from prompts with what a search finds for the input: as each is asked later. A job costs money, and
 * is not paid for twice: it is noted under the hash of all that goes into it (.assay/hosted/HASH.json).
 *
 *   before it is asked for   a note without a name      found by a later run: it is refused, since a job may run that nobody knows the name of
 *   asked for                its name                   it is waited for
 *   done                     the model's name too       the model is taken
 *   surely none, or failed   the note is removed        another one may be asked for */
#include "arms_parts.h"
#include <sodium.h>
#include <stdlib.h>
#include <time.h>

#define HOSTED_FOLDER PROJECT_STATE "/hosted"

enum {
    LINES_LEAST = 10, /* fewer are no training to a provider */
    EPOCHS = 3,
    SEED = 1,
    PAUSE_MS = 200, /* between two looks at whether a person stops it */
    LOOK_MS_LEAST = 400, /* between two looks at the job; half as much again each time */
    LOOK_MS_MOST = 20000
};

struct hosted_job {
    const char *why; /* there can be none; NULL: there can */
    struct buffer lines;
    double tokens; /* of the lines in all epochs, about */
    /* As it is noted: */
    const char *path;
    const char *name; /* NULL: not asked for, or not known */
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
static bool write_lines(struct deciding *deciding, enum arm_kind kind, struct hosted_job *job, struct error *error)
{
    const size_t count = deciding->examples.count;
    const char *stage = arena_format(deciding->arena, "writing the examples that %s is to learn from", arm_names[kind]);
    struct learned_pair *pairs = memory_alloc(count, sizeof(*pairs));
    bool ok = true;
    for (size_t i = 0; i < count; i++)
        pairs[i] = (struct learned_pair){deciding->examples.inputs[i], deciding->examples.outputs[i]};
    qsort(pairs, count, sizeof(*pairs), by_text);
    for (size_t i = 0; ok && i < count && !job->lines.failed; i++)
        ok = deciding_step(deciding, stage, i, count, error) &&
             add_example(deciding, kind, &pairs[i], &job->lines, &job->tokens, error);
    job->tokens *= EPOCHS;
    free(pairs);
    return ok;
}

/* ---- what is noted ---- */

static bool tell_nameless(struct error *error)
{
    return error_hint(
        error,
        "Look at the provider's list of jobs: write the name of the job into that file (\"job\"), or remove it where there is "
        "no such job.");
}

static bool find_note(struct deciding *deciding, struct hosted_job *job, struct error *error)
{
    const struct slice lines = buffer_slice(&job->lines);
    const struct arms_run *run = deciding->run;
    unsigned char hash[crypto_hash_sha256_BYTES];
    char text[2 * sizeof(hash) + 1];
    crypto_hash_sha256_state state;
    struct buffer bytes;
    struct json_value root;
    const char *name = arena_format(deciding->arena, "%s\n%d\n", run->hosted_model, EPOCHS);
    crypto_hash_sha256_init(&state);
    crypto_hash_sha256_update(&state, (const unsigned char *)name, strlen(name));
    crypto_hash_sha256_update(&state, (const unsigned char *)lines.data, lines.size);
    crypto_hash_sha256_final(&state, hash);
    sodium_bin2hex(text, sizeof(text), hash, sizeof(hash));
    job->path = arena_format(deciding->arena, "%s/%s/%s.json", deciding->project->root, HOSTED_FOLDER, text);
    if (!file_exists(job->path))
        return true;
    buffer_init(&bytes, LIMIT_MODEL_CONFIG_BYTES);
    bool ok = file_read(job->path, LIMIT_MODEL_CONFIG_BYTES, &bytes, error) &&
              json_read(arena_slice(deciding->arena, buffer_slice(&bytes)), job->path, deciding->arena, &root, error);
    buffer_release(&bytes);
    if (!ok)
        return error_hint(error, "It names a job that may be paid for: see what it was, and remove it to ask for another one.");
    const struct json_value *tokens = json_get(&root, "trained_tokens");
    const struct slice known = json_text_at(&root, "job"), model = json_text_at(&root, "model");
    job->name = known.size > 0 ? arena_text(deciding->arena, known) : NULL;
    job->model = model.size > 0 ? arena_text(deciding->arena, model) : NULL;
    job->trained_tokens = tokens != NULL && tokens->kind == JSON_NUMBER ? tokens->real : 0;
    if (job->name != NULL)
        return true;
    error_set(error, ERROR_CONFLICT, "\"%s\" is of a job that was asked for and has no name: it may run at the provider",
              job->path);
    return tell_nameless(error);
}

static bool keep_note(struct deciding *deciding, const struct hosted_job *job, struct error *error)
{
    struct buffer bytes;
    struct json_writer json;
    buffer_init(&bytes, LIMIT_MODEL_CONFIG_BYTES);
    json_writer_init(&json, &bytes);
    json_object_begin(&json);
    json_text_or_null(&json, "job", job->name);
    json_text_or_null(&json, "model", job->model);
    json_key(&json, "trained_tokens");
    json_real(&json, job->trained_tokens, 12);
    json_object_end(&json);
    buffer_append_byte(&bytes, '\n');
    bool ok = folder_create(path_join(deciding->arena, deciding->project->root, HOSTED_FOLDER), error) &&
              buffer_finish(&bytes, "the note of a job", error) && file_replace(job->path, buffer_slice(&bytes), error);
    buffer_release(&bytes);
    if (ok || job->name == NULL)
        return ok;
    error_wrap(error, "could not note the job %s, which the provider has, in \"%s\"", job->name, job->path);
    return error_hint(error, "Write its name into that file (\"job\"): the same command waits for it then.");
}

/* Why there can be no job, or its lines and what is noted of it. The caller releases the lines. */
static bool find_job(struct deciding *deciding, enum arm_kind kind, struct hosted_job *job, struct error *error)
{
    *job = (struct hosted_job){0};
    buffer_init(&job->lines, LLM_TUNING_LINES_MAX);
    if (deciding->settings->limit_private) {
        job->why = "examples would be sent to another machine to be learned from, and limits.private forbids that";
    } else if (deciding->examples.count < LINES_LEAST) {
        job->why = arena_format(deciding->arena, "there are %zu examples to learn from, and a provider needs %d",
                                deciding->examples.count, LINES_LEAST);
    } else if (!write_lines(deciding, kind, job, error)) {
        return false;
    } else if (job->lines.failed) {
        job->why = arena_format(deciding->arena,
                                "the examples in their prompts are more than the %d bytes that are sent to a provider",
                                LLM_TUNING_LINES_MAX);
    } else {
        return find_note(deciding, job, error);
    }
    return true;
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

struct stoppable {
    struct deciding *deciding;
    const char *stage;
};

static bool is_stopped(void *context)
{
    const struct stoppable *stoppable = context;
    const struct arms_run *run = stoppable->deciding->run;
    return run->step != NULL && !run->step(run->context, stoppable->stage, 0, 1);
}

static bool look(struct deciding *deciding, const char *stage, struct hosted_job *job, struct error *error)
{
    struct stoppable stoppable = {deciding, stage};
    struct llm_tuning tuning;
    struct arena arena;
    arena_init(&arena);
    bool ok = llm_tuning_look(deciding->run->hosted, job->name, &(struct llm_tuning_stop){is_stopped, &stoppable}, &arena,
                              &tuning, error);
    if (ok && tuning.state == LLM_TUNING_DONE) {
        job->model = arena_text(deciding->arena, slice_from(tuning.model));
        job->trained_tokens = tuning.trained_tokens > 0 ? (double)tuning.trained_tokens : job->tokens;
    } else if (ok && tuning.state == LLM_TUNING_FAILED) {
        job->why = arena_format(deciding->arena, "the provider's fine-tuning came to nothing: %s", tuning.complaint);
    }
    arena_release(&arena);
    return ok;
}

/* That goes on at the provider, but for one that the provider does not know, or not with this key. */
static bool tell_left(struct deciding *deciding, const struct hosted_job *job, struct error *error)
{
    if (error->kind != ERROR_NOT_FOUND && error->kind != ERROR_INVALID)
        return error_hint(error, "The job %s goes on at the provider: the same command waits for it again.", job->name);
    const char *before = arena_format(deciding->arena, "%s%s", error->hint, error->hint[0] != '\0' ? " " : "");
    error_wrap(error, "could not look at the job %s, noted in \"%s\"", job->name, job->path);
    return error_hint(error,
                      "%sWhile the provider has the job, the same command waits for it again; where it has none, remove that "
                      "file to have another one made.",
                      before);
}

/* Until the job is done, or has come to nothing. */
static bool wait_for(struct deciding *deciding, struct hosted_job *job, struct error *error)
{
    const char *stage = arena_format(deciding->arena, "fine-tuning at the provider (%s)", job->name);
    for (unsigned wait_ms = LOOK_MS_LEAST;;) {
        if (!look(deciding, stage, job, error))
            return tell_left(deciding, job, error);
        if (job->model != NULL || job->why != NULL)
            return true;
        if (!wait_a_while(deciding, stage, wait_ms, error))
            return tell_left(deciding, job, error);
        wait_ms = wait_ms * 3 / 2 < LOOK_MS_MOST ? wait_ms * 3 / 2 : LOOK_MS_MOST;
    }
}

/* Whether the reason is the provider's or the project's, and no other try would help: then there is no such arm. */
static bool is_refusal(const struct error *error)
{
    return error->kind == ERROR_INVALID || error->kind == ERROR_NOT_FOUND || error->kind == ERROR_LIMIT;
}

static bool ask_for(struct deciding *deciding, enum arm_kind kind, struct hosted_job *job, struct error *error)
{
    struct stoppable stoppable = {deciding, "the examples are sent to the provider"};
    const struct llm_tuning_request request = {.lines = buffer_slice(&job->lines),
                                               .tokens = job->tokens,
                                               .epochs = EPOCHS,
                                               .seed = SEED,
                                               .suffix = arena_format(deciding->arena, "assay-%s", arm_names[kind]),
                                               .stop = {is_stopped, &stoppable}};
    struct error why = {0};
    bool may_run;
    if (!keep_note(deciding, job, error))
        return error_wrap(error, "could not note that a job is asked for");
    if (llm_tuning_start(deciding->run->hosted, &request, deciding->arena, &job->name, &may_run, &why))
        return keep_note(deciding, job, error);
    if (!may_run && !file_remove(job->path, error))
        return false;
    if (!may_run && is_refusal(&why)) {
        job->why = arena_format(deciding->arena, "it was not fine-tuned: %s", why.message);
        return true;
    }
    *error = why;
    if (!may_run)
        return false;
    error_wrap(error, "a job may run at the provider, noted without a name in \"%s\"", job->path);
    return tell_nameless(error);
}

static bool make_model(struct deciding *deciding, enum arm_kind kind, struct hosted_job *job, struct error *error)
{
    bool ok = find_job(deciding, kind, job, error) &&
              (job->why != NULL || job->name != NULL || ask_for(deciding, kind, job, error));
    buffer_release(&job->lines);
    if (!ok || job->why != NULL || job->model != NULL)
        return ok;
    if (!wait_for(deciding, job, error))
        return false;
    /* A job that failed is forgotten: the next run may ask for another one. */
    return job->why == NULL ? keep_note(deciding, job, error) : file_remove(job->path, error);
}

bool hosted_plan(struct deciding *deciding, enum arm_kind kind, struct hosted_plan *plan, struct error *error)
{
    struct hosted_job job;
    bool ok = find_job(deciding, kind, &job, error);
    buffer_release(&job.lines);
    *plan = (struct hosted_plan){job.why, job.name != NULL ? 0 : job.tokens, job.model != NULL};
    return ok;
}

bool hosted_choose(struct deciding *deciding, enum arm_kind kind, struct error *error)
{
    const struct arms_run *run = deciding->run;
    struct arm_state *state = &deciding->arms[kind];
    struct hosted_job job;
    state->state = ARM_SKIPPED;
    if (!make_model(deciding, kind, &job, error))
        return false;
    state->why = job.why;
    if (state->why != NULL)
        return true;
    state->state = ARM_NOT_RUN;
    state->trained_tokens = job.trained_tokens;
    state->way = (struct way){
        .key = arm_names[kind],
        .label = arena_format(deciding->arena, "%s, fine-tuned by its provider%s", run->hosted_model,
                              kind == ARM_TUNE ? "" : " with passages, and given those that a search finds"),
        .approach = kind == ARM_TUNE ? ASK_PROMPT : ASK_RAG,
        .retrieves = kind == ARM_HYBRID,
        .model = job.model};
    return run->open_hosted(run->context, job.model, &state->way.llm, error);
}
