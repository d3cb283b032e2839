/* settings_run.c - assay_settings.h: lines of assay.yaml, prices.yaml, and adapters that change their names. */
#include "priced_llm.h"
#include "settings_edit.h"
#include "tune.h"
#include "decide/decide.h"
#include "ingest/ingest.h"
#include <stdlib.h>
#include <string.h>

enum { SETTINGS_MAX = 32, ASIDE_MAX = 1000 };

bool assay_settings_change(struct assay *assay, const struct assay_setting *settings, size_t count, struct assay_error *error)
{
    struct error inner;
    struct arms_setting wanted[SETTINGS_MAX];
    const char *was[SETTINGS_MAX];
    bool ok = count <= SETTINGS_MAX || error_set(&inner, ERROR_LIMIT, "more than %d settings at once", SETTINGS_MAX);
    for (size_t i = 0; ok && i < count; i++) {
        wanted[i] = (struct arms_setting){.key = settings[i].key, .value = settings[i].value};
        was[i] = settings[i].was;
        ok = strpbrk(settings[i].value, "\r\n") == NULL ||
             error_set(&inner, ERROR_INVALID, "\"%s\" has more than a line", settings[i].key);
    }
    ok = ok && settings_edit(assay->project, wanted, was, count, &inner);
    return finish(ok, &inner, error);
}

static const char *key_variable(const char *model)
{
    const struct slice name = slice_from(model);
    return slice_starts_with(name, SLICE("openai:"))                                                 ? "OPENAI_API_KEY"
           : slice_starts_with(name, SLICE("anthropic:"))                                            ? "ANTHROPIC_API_KEY"
           : slice_starts_with(name, SLICE("http://")) || slice_starts_with(name, SLICE("https://")) ? "ASSAY_MODEL_KEY"
                                                                                                     : NULL;
}

bool assay_settings_tell(struct assay *assay, struct assay_settings_told *told, struct assay_error *error)
{
    struct arena *arena = &assay->told;
    struct settings settings;
    struct error inner;
    arena_clear(arena);
    if (!project_settings(assay->project->root, arena, &settings, &inner))
        return finish(false, &inner, error);
    const char *variable = key_variable(settings.model), *value = variable != NULL ? getenv(variable) : NULL;
    *told = (struct assay_settings_told){
        .model = settings.model,
        .approach = settings.approach,
        .access = settings_said(&settings, "access", arena),
        .embedding = settings.embedding,
        .key_variable = variable,
        .has_key = value != NULL && value[0] != '\0',
        .examples = settings.examples,
        .has_examples = file_exists(path_join(arena, assay->project->root, settings.examples)),
        .prices = settings.prices,
        .target = settings.target,
    };
    return true;
}

/* ---- files that are edited whole ---- */

void assay_text_mark(struct assay_text text, char mark[ASSAY_MARK_BYTES])
{
    _Static_assert(ASSAY_MARK_BYTES == SHA256_DIGITS_BYTES, "a mark is a hash");
    sha256_digits(mark, text.data, text.size);
}

/* One that is not there is empty. */
static bool read_text(const struct assay *assay, const char *name, size_t most, struct assay_text *text, struct error *error)
{
    struct arena arena;
    struct buffer read;
    arena_init(&arena);
    buffer_init(&read, most);
    const char *path = path_join(&arena, assay->project->root, name);
    bool ok = !file_exists(path) || file_read(path, most, &read, error);
    if (ok)
        *text = (struct assay_text){memory_copy_text(read.size > 0 ? read.data : "", read.size), read.size};
    buffer_release(&read);
    arena_release(&arena);
    return ok;
}

static bool replace_if_same(const struct assay *assay, const char *name, const char *was, size_t most, struct slice text,
                            struct error *error)
{
    struct assay_text now;
    struct arena arena;
    char mark[ASSAY_MARK_BYTES];
    if (was != NULL) {
        if (!read_text(assay, name, most, &now, error))
            return false;
        assay_text_mark(now, mark);
        assay_text_free(&now);
        if (strcmp(mark, was) != 0) {
            error_set(error, ERROR_CONFLICT, "%.300s is not as you have read it: somebody else has changed it", name);
            return error_hint(error, "Read it again, and change what is there now.");
        }
    }
    arena_init(&arena);
    bool ok = file_replace(path_join(&arena, assay->project->root, name), text, error);
    arena_release(&arena);
    return ok;
}

/* Puts a text, which was looked at, in the place of the one that has the mark `was`; nobody else changes it between. */
static bool write_text(const struct assay *assay, const char *name, const char *was, size_t most, struct slice text,
                       struct error *error)
{
    struct file_lock lock;
    if (!settings_lock(assay->project, &lock, error))
        return false;
    bool ok = replace_if_same(assay, name, was, most, text, error);
    file_lock_release(&lock);
    return ok;
}

bool assay_prices_read(const struct assay *assay, struct assay_text *text, struct assay_error *error)
{
    struct error inner;
    bool ok = read_text(assay, assay->project->settings.prices, LIMIT_MODEL_CONFIG_BYTES, text, &inner);
    return finish(ok, &inner, error);
}

bool assay_prices_write(const struct assay *assay, struct assay_text text, const char *was, struct assay_error *error)
{
    const char *name = assay->project->settings.prices;
    struct arena arena;
    struct cost_prices checked;
    struct error inner;
    const struct slice source = {text.data, text.size};
    arena_init(&arena);
    cost_defaults(&checked);
    bool ok = (text.size <= LIMIT_MODEL_CONFIG_BYTES ||
               error_set(&inner, ERROR_LIMIT, "the list of prices is longer than %zu bytes",
                         (size_t)LIMIT_MODEL_CONFIG_BYTES)) &&
              cost_read(source, name, &arena, &checked, &inner) &&
              write_text(assay, name, was, LIMIT_MODEL_CONFIG_BYTES, source, &inner);
    arena_release(&arena);
    return finish(ok, &inner, error);
}

/* ---- labels ---- */

static bool has_labels_file(const struct assay *assay, struct error *error)
{
    if (assay->project->settings.access == ACCESS_FROM_FILE)
        return true;
    error_set(error, ERROR_NOT_FOUND, "labels come from no file in this project");
    return error_hint(error, "Write `access: {labels: labels.csv}` into assay.yaml.");
}

bool assay_labels_read(const struct assay *assay, struct assay_text *text, struct assay_error *error)
{
    struct error inner;
    bool ok = has_labels_file(assay, &inner) &&
              read_text(assay, assay->project->settings.labels_file, LIMIT_LABELS_FILE_BYTES, text, &inner);
    return finish(ok, &inner, error);
}

bool assay_labels_write(const struct assay *assay, struct assay_text text, const char *was, struct assay_error *error)
{
    struct error inner;
    const struct slice source = {text.data, text.size};
    bool ok = has_labels_file(assay, &inner) && ingest_check_labels(assay->project, source, &inner) &&
              write_text(assay, assay->project->settings.labels_file, was, LIMIT_LABELS_FILE_BYTES, source, &inner);
    return finish(ok, &inner, error);
}

/* ---- whether they can work ---- */

static bool check_model(const struct assay *assay, struct error *error)
{
    const struct settings *settings = &assay->project->settings;
    struct llm *llm = NULL;
    if (model_is_builtin(settings->model) || llm_is_remote(settings->model))
        return true;
    bool ok = priced_llm_open(&llm, settings->model, assay->project->root, settings, NULL, error);
    llm_close(llm);
    return ok || error_wrap(error, "`model` of assay.yaml");
}

/* Looked for as the embedder does: a path counts from the project, and an adapter needs its base. */
static bool check_embedding(const struct assay *assay, struct arena *arena, struct error *error)
{
    const char *root = assay->project->root, *name = assay->project->settings.embedding, *base;
    struct model_place place;
    if (strcmp(name, "builtin") == 0 || strcmp(name, "none") == 0 || llm_is_remote(name))
        return true;
    if (strchr(name, '/') != NULL || name[0] == '.')
        name = path_join(arena, root, name);
    bool ok = file_exists(path_join(arena, name, "adapter_config.json")) ? models_find_base(name, root, arena, &base, error)
                                                                         : models_find(name, root, arena, &place, error);
    return ok || error_wrap(error, "`embedding` of assay.yaml");
}

static bool check_labels(const struct assay *assay, struct arena *arena, struct error *error)
{
    const struct settings *settings = &assay->project->settings;
    if (settings->access != ACCESS_FROM_FILE || file_exists(path_join(arena, assay->project->root, settings->labels_file)))
        return true;
    return error_set(error, ERROR_NOT_FOUND, "`access` of assay.yaml: there is no file \"%s\"", settings->labels_file);
}

bool assay_settings_check(const struct assay *assay, struct assay_error *error)
{
    struct arena arena;
    struct error inner;
    arena_init(&arena);
    bool ok = check_model(assay, &inner) && check_embedding(assay, &arena, &inner) && check_labels(assay, &arena, &inner);
    arena_release(&arena);
    return finish(ok, &inner, error);
}

/* ---- adapters ---- */

/* The folder of one that is there; NULL: refused. */
static const char *find_adapter(struct assay *assay, const char *name, struct arena *arena, struct error *error)
{
    const char *folder;
    if (adapter_folder(assay, name, arena, &folder, error) && file_exists(path_join(arena, folder, "provenance.json")))
        return folder;
    error_set(error, ERROR_NOT_FOUND, "there is no adapter \"%.64s\" in this project", name);
    return NULL;
}

/* Who looks for its adapter by a name expects one that has learned its work. */
static bool check_task(const char *folder, const char *to, struct arena *arena, struct error *error)
{
    static const struct {
        const char *name, *task;
    } places[] = {{"reader", "reader"}, {"writer", "writer"}, {"reranker", "rerank"}, {"grounding", "rerank"}};
    struct slice task;
    for (size_t i = 0; i < ARRAY_COUNT(places); i++)
        if (strcmp(to, places[i].name) == 0)
            return adapter_task(folder, arena, &task, error) &&
                   (slice_equal_text(task, places[i].task) ||
                    error_set(error, ERROR_INVALID, "it has learned \"%.*s\": it can be no %s",
                              task.size > 40 ? 40 : (int)task.size, task.data, to));
    return true;
}

/* The one in use goes aside, under the first name that is free. */
static bool set_aside(const char *target, struct arena *arena, const char **aside, struct error *error)
{
    *aside = arena_format(arena, "%s-before", target);
    for (int i = 2; i < ASIDE_MAX && file_exists(*aside); i++)
        *aside = arena_format(arena, "%s-before-%d", target, i);
    return folder_move(target, *aside, error);
}

static bool put_in_place(const char *folder, const char *target, bool replace, struct arena *arena, struct error *error)
{
    const char *aside = NULL;
    struct error ignored;
    if (!file_exists(target))
        return folder_move(folder, target, error);
    if (!replace)
        return error_set(error, ERROR_CONFLICT, "there is an adapter \"%.64s\" already", strrchr(target, '/') + 1);
    if (!set_aside(target, arena, &aside, error))
        return false;
    bool ok = folder_move(folder, target, error);
    if (!ok)
        (void)!folder_move(aside, target, &ignored);
    return ok;
}

bool assay_adapter_rename(struct assay *assay, const char *name, const char *to, bool replace, struct assay_error *error)
{
    struct arena arena;
    struct error inner;
    arena_init(&arena);
    const char *folder = find_adapter(assay, name, &arena, &inner), *target;
    bool ok = folder != NULL && adapter_folder(assay, to, &arena, &target, &inner) &&
              (strcmp(name, to) != 0 || error_set(&inner, ERROR_INVALID, "it has that name already")) &&
              check_task(folder, to, &arena, &inner) && put_in_place(folder, target, replace, &arena, &inner);
    arena_release(&arena);
    return finish(ok, &inner, error);
}

bool assay_adapter_discard(struct assay *assay, const char *name, struct assay_error *error)
{
    struct arena arena;
    struct error inner;
    arena_init(&arena);
    const char *folder = find_adapter(assay, name, &arena, &inner);
    bool ok = folder != NULL && folder_remove(folder, &inner);
    arena_release(&arena);
    return finish(ok, &inner, error);
}
