/* watch_run.c - the part of assay.h that follows files. */
#include "tell.h"
#include "ingest/ingest.h"
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { WAIT_MS = 250, RETRY_MS = 100 };

/* Whether a file is the one that was looked at before. */
struct stamp {
    ino_t number;
    off_t size;
    struct timespec changed;
};

struct following {
    const struct assay_watch_options *options;
    struct arena arena;
    const char *settings, *labels; /* assay.yaml, and the file with labels or NULL */
    struct stamp settings_stamp, labels_stamp;
    struct assay_error told; /* of settings or labels that cannot be read */
    const char **roots; /* absolute */
    size_t root_count;
    struct watch *watch;
};

static bool is_going(const struct following *following)
{
    return following->options->going == NULL || following->options->going(following->options->context);
}

/* Opens the project for writing; waits while another process writes, for as long as we are wanted. NULL without an error: we are not. */
static bool open_project(const struct following *following, struct assay **assay, struct assay_error *error)
{
    const struct assay_open_options options = {following->options->folder, true, "assay add --watch"};
    bool is_told = false;
    *assay = NULL;
    while (is_going(following)) {
        if (assay_open(assay, &options, error))
            return true;
        if (error->kind != ASSAY_CONFLICT)
            return false;
        if (!is_told && following->options->add.on_note != NULL)
            following->options->add.on_note(following->options->add.context, error->message, "It goes on when that has ended.");
        is_told = true;
        usleep(RETRY_MS * 1000);
    }
    return true;
}

/* What is to be added: of a Git repository all is looked through, for its index says what is taken; what the server takes in is left to it. */
static const char **to_add(const struct following *following, const char *const *paths, size_t *count, struct arena *arena)
{
    const char **whole = arena_alloc(arena, *count + 1, sizeof(*whole));
    const char *project = arena_text(arena, path_folder(following->settings));
    size_t kept = 0;
    for (size_t i = 0; i < *count; i++)
        if (!watch_passes_over(paths[i], project, following->roots, following->root_count))
            whole[kept++] = watch_whole(paths[i], following->roots, following->root_count, arena);
    *count = kept;
    return whole;
}

static bool bring_up_to_date(const struct following *following, const char *const *paths, size_t count,
                             struct assay_error *error)
{
    const struct assay_watch_options *options = following->options;
    struct assay_add_options add = options->add;
    struct assay_add_report report;
    struct assay *assay = NULL;
    struct arena arena;
    arena_init(&arena);
    add.paths = to_add(following, paths, &count, &arena);
    add.path_count = count;
    bool ok = count == 0 || open_project(following, &assay, error);
    if (count == 0 || !ok || assay == NULL) {
        arena_release(&arena);
        return ok;
    }
    ok = assay_add(assay, &add, &report, error);
    arena_release(&arena);
    assay_close(assay);
    if (!ok && error->kind == ASSAY_CANCELLED && !is_going(following))
        return true;
    if (ok && options->on_idle != NULL)
        options->on_idle(options->context, &report, watch_count(following->watch));
    return ok;
}

static bool take_stamp(const char *path, struct stamp *stamp)
{
    struct stat status;
    struct stamp now = {0};
    if (path != NULL && stat(path, &status) == 0)
        now = (struct stamp){status.st_ino, status.st_size, status.st_ctim};
    bool is_same = now.number == stamp->number && now.size == stamp->size && now.changed.tv_sec == stamp->changed.tv_sec &&
                   now.changed.tv_nsec == stamp->changed.tv_nsec;
    *stamp = now;
    return !is_same;
}

/* The settings and the rule for labels hold for all documents. */
static bool has_new_settings(struct following *following)
{
    bool is_new = take_stamp(following->settings, &following->settings_stamp);
    return take_stamp(following->labels, &following->labels_stamp) || is_new;
}

/* A file that is being saved may be read when half of it is there: it is told, and tried again when the file changes. */
static bool put_off(struct following *following, const struct assay_error *error)
{
    const struct assay_add_options *add = &following->options->add;
    if (error->kind != ASSAY_INVALID && error->kind != ASSAY_NOT_FOUND && error->kind != ASSAY_LIMIT)
        return false;
    if (strcmp(following->told.message, error->message) != 0 && add->on_note != NULL)
        add->on_note(add->context, error->message, "It goes on when that is mended.");
    following->told = *error;
    return true;
}

/* The folders and files to follow: those named, or those of the settings. */
static bool find_roots(struct following *following, struct error *error)
{
    const struct assay_add_options *add = &following->options->add;
    char working[LIMIT_PATH_BYTES];
    struct project *project;
    if (getcwd(working, sizeof(working)) == NULL)
        return error_system(error, "could not tell the current folder");
    if (!project_open(&project, following->options->folder, STORE_READ, "assay add --watch", error)) {
        if (error->kind != ERROR_NOT_FOUND ||
            !project_open(&project, following->options->folder, STORE_WRITE, "assay add --watch", error))
            return false; /* a new project has nothing to read yet */
    }
    bool is_named = add->path_count > 0;
    following->root_count = is_named ? add->path_count : project->settings.document_count;
    for (size_t i = 0; is_named && i < add->path_count; i++)
        if (url_is_web(slice_from(add->paths[i]))) {
            error_set(error, ERROR_INVALID, "\"%s\" is a page of the web, and only files are watched", add->paths[i]);
            project_close(project);
            return error_hint(error, "Run `assay add` with it now and then: it asks only for what has changed.");
        }
    following->roots = arena_alloc(&following->arena, following->root_count, sizeof(*following->roots));
    for (size_t i = 0; i < following->root_count; i++)
        following->roots[i] = path_normal(&following->arena, is_named ? working : project->root,
                                          is_named ? add->paths[i] : project->settings.documents[i]);
    following->settings = path_join(&following->arena, project->root, PROJECT_SETTINGS);
    if (project->settings.labels_file != NULL)
        following->labels = path_normal(&following->arena, project->root, project->settings.labels_file);
    project_close(project);
    return true;
}

static bool follow(struct following *following, struct assay_error *error)
{
    const struct assay_add_options *add = &following->options->add;
    struct error inner, warning;
    const char *const *paths;
    size_t count;
    (void)has_new_settings(following);
    if (!bring_up_to_date(following, following->roots, following->root_count, error))
        return false;
    while (is_going(following)) {
        if (!watch_wait(following->watch, WAIT_MS, &paths, &count, &warning, &inner))
            return finish(false, &inner, error);
        if (warning.kind != ERROR_NONE && add->on_note != NULL)
            add->on_note(add->context, warning.message, warning.hint);
        if (has_new_settings(following) || (count > 0 && following->told.kind != ASSAY_OK)) {
            paths = following->roots; /* and what has changed meanwhile */
            count = following->root_count;
        }
        if (count == 0)
            continue;
        if (bring_up_to_date(following, paths, count, error))
            following->told = (struct assay_error){0};
        else if (!put_off(following, error))
            return false;
    }
    return true;
}

bool assay_watch(const struct assay_watch_options *options, struct assay_error *error)
{
    struct following following = {.options = options};
    struct error inner;
    arena_init(&following.arena);
    bool ok = find_roots(&following, &inner) && watch_open(&following.watch, following.roots, following.root_count, &inner);
    ok = ok ? follow(&following, error) : finish(false, &inner, error);
    watch_close(following.watch);
    arena_release(&following.arena);
    return ok;
}
