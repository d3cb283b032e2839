/* drift.c - the parts of drift one after another, as one report. */
#include "drift_parts.h"

enum { SAYS_BYTES_MAX = 64 * 1024 };

const char *const drift_names[DRIFT_KINDS] = {"index", "dataset", "prompt", "provider"};
const char *const drift_verdict_names[] = {"unknown", "same", "drifted"}; /* ORDER drift_verdict */

void looking_say(struct looking *looking, const char *sentence)
{
    buffer_append_text(&looking->says, sentence);
    buffer_append_byte(&looking->says, '\n');
}

bool looking_pair(struct looking *looking, const char *key, struct slice before, struct slice now)
{
    bool is_same = slice_equal(before, now);
    json_key(looking->json, key);
    json_object_begin(looking->json);
    json_key(looking->json, "before");
    json_text(looking->json, before);
    json_key(looking->json, "now");
    json_text(looking->json, now);
    json_object_end(looking->json);
    if (!is_same)
        looking->verdict = DRIFT_FOUND;
    return !is_same;
}

bool looking_step(const struct looking *looking, const char *stage, size_t done, size_t total, struct error *error)
{
    const struct drift_run *run = looking->run;
    return run->step == NULL || run->step(run->context, stage, done, total) || error_set(error, ERROR_CANCELLED, "stopped");
}

bool drift_keep_state(const struct drift_run *run, const char *path, struct error *error)
{
    struct arena arena;
    struct buffer text;
    struct state state;
    arena_init(&arena);
    buffer_init(&text, LIMIT_JSON_BYTES);
    bool ok = state_take(run, &arena, &state, error);
    if (ok)
        state_write(&state, &text);
    ok = ok && buffer_finish(&text, "the state of the project", error) && file_replace(path, buffer_slice(&text), error);
    buffer_release(&text);
    arena_release(&arena);
    return ok;
}

bool look_at_prompt(struct looking *looking, struct error *error)
{
    const struct state *before = looking->before, *now = looking->now;
    (void)error;
    looking->verdict = DRIFT_NONE;
    if (looking_pair(looking, "templates", before->templates, now->templates))
        looking_say(looking, "The templates of the prompt have changed: `assay prompt diff` shows how.");
    if (looking_pair(looking, "settings", before->prompting, now->prompting))
        looking_say(looking,
                    arena_format(looking->arena, "The prompt has other settings: %s; it had %s.",
                                 arena_text(looking->arena, now->prompting), arena_text(looking->arena, before->prompting)));
    if (looking_pair(looking, "examples", before->examples, now->examples))
        looking_say(looking, "The file of examples has changed.");
    return true;
}

/* {"state","says":[…],…} under its name. */
static bool look_at_part(struct looking *looking, const char *name, bool (*part)(struct looking *looking, struct error *error),
                         struct error *error)
{
    struct slice rest, sentence;
    struct json_writer *json = looking->json;
    looking->verdict = DRIFT_UNKNOWN;
    buffer_init(&looking->says, SAYS_BYTES_MAX);
    json_key(json, name);
    json_object_begin(json);
    bool ok = part(looking, error) && buffer_finish(&looking->says, "what has changed", error);
    json_texts(json, &(struct json_text_member){"state", drift_verdict_names[looking->verdict]}, 1);
    json_key(json, "says");
    json_array_begin(json);
    for (rest = buffer_slice(&looking->says); slice_next(&rest, '\n', &sentence);)
        if (sentence.size > 0)
            json_text(json, sentence);
    json_array_end(json);
    json_object_end(json);
    buffer_release(&looking->says);
    return ok;
}

static bool look(struct looking *looking, const char *name, enum drift_verdict verdicts[DRIFT_KINDS], struct error *error)
{
    static bool (*const parts[DRIFT_KINDS])(struct looking *looking, struct error *error) = {
        look_at_index, look_at_questions, look_at_prompt, look_at_provider}; /* ORDER drift_kind */
    struct json_writer *json = looking->json;
    json_object_begin(json);
    json_texts(json, &(struct json_text_member){"since", name}, 1);
    json_key(json, "made");
    json_text(json, looking->before->made);
    json_key(json, "looked");
    json_text(json, looking->now->made);
    for (size_t i = 0; i < DRIFT_KINDS; i++) {
        if (!look_at_part(looking, drift_names[i], parts[i], error))
            return false;
        verdicts[i] = looking->verdict;
    }
    json_key(json, "drifted");
    json_array_begin(json);
    for (size_t i = 0; i < DRIFT_KINDS; i++)
        if (verdicts[i] == DRIFT_FOUND)
            json_text(json, slice_from(drift_names[i]));
    json_array_end(json);
    json_object_end(json);
    return true;
}

bool drift_look(const struct drift_run *run, const char *path, const char *name, enum drift_verdict verdicts[DRIFT_KINDS],
                struct buffer *out, struct error *error)
{
    struct arena arena;
    struct buffer text;
    struct state before, now;
    struct json_writer json;
    struct looking looking = {.run = run, .before = &before, .now = &now, .arena = &arena, .json = &json};
    arena_init(&arena);
    buffer_init(&text, LIMIT_JSON_BYTES);
    json_writer_init(&json, out);
    bool ok = file_read(path, LIMIT_JSON_BYTES, &text, error) &&
              state_read(buffer_slice(&text), path, &arena, &before, error) && state_take(run, &arena, &now, error) &&
              look(&looking, name, verdicts, error) && buffer_finish(out, "the report", error);
    buffer_release(&text);
    arena_release(&arena);
    return ok;
}

/* By the project's vectors, where it has some. */
bool drift_look_inputs(const struct drift_run *run, const struct drift_inputs *inputs, enum drift_verdict *verdict,
                       struct json_writer *json, struct error *error)
{
    struct arena arena;
    struct state now = {0};
    struct store_embedding embedding;
    bool found = false;
    struct looking looking = {.run = run, .now = &now, .arena = &arena, .json = json, .inputs = inputs};
    arena_init(&arena);
    bool ok = store_get_embedding(run->project->store, &arena, &embedding, &found, error);
    if (ok && found)
        now.embedding = embedding.model;
    ok = ok && look_at_part(&looking, "inputs", look_at_inputs, error);
    *verdict = looking.verdict;
    arena_release(&arena);
    return ok;
}
