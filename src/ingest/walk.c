/* walk.c - finds documents below files and folders. Links are followed, but not in circles; hidden entries are passed over. */
#include "walk.h"
#include <assert.h>
#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>

void walk_init(struct walk *walk, const struct project *project)
{
    *walk = (struct walk){.project = project};
    arena_init(&walk->arena);
    map_init(&walk->seen, UINT32_MAX / 4);
}

void walk_release(struct walk *walk)
{
    free(walk->files);
    free(walk->incomplete);
    free(walk->roots);
    map_release(&walk->seen);
    arena_release(&walk->arena);
}

enum walk_format walk_format(const char *path)
{
    static const struct {
        const char *extension;
        enum walk_format format;
    } known[] = {{"md", FORMAT_MARKDOWN},
                 {"markdown", FORMAT_MARKDOWN},
                 {"mdown", FORMAT_MARKDOWN},
                 {"txt", FORMAT_TEXT},
                 {"text", FORMAT_TEXT}};
    struct slice extension = path_extension(path);
    for (size_t i = 0; i < ARRAY_COUNT(known); i++)
        if (extension.size == strlen(known[i].extension) &&
            strncasecmp(extension.data, known[i].extension, extension.size) == 0)
            return known[i].format;
    return FORMAT_NONE;
}

static void append_path(const char ***paths, size_t *count, size_t *capacity, const char *path)
{
    *paths = memory_more(*paths, *count, capacity, sizeof(**paths));
    (*paths)[(*count)++] = path;
}

static void fail(struct walk *walk, const char *path, const struct error *error)
{
    walk->fail(walk->context, INGEST_FAILED, project_relative(walk->project, path), error);
    append_path(&walk->incomplete, &walk->incomplete_count, &walk->incomplete_capacity, path);
}

/* The names of folders on the way down, to notice a link that leads back up. */
struct ancestor {
    const struct ancestor *above;
    dev_t device;
    ino_t number;
    const char *path;
    unsigned depth;
};

static void walk_entry(struct walk *walk, const char *path, const struct ancestor *above, bool is_named);

static bool is_circle(struct walk *walk, const char *path, const struct stat *status, const struct ancestor *above)
{
    struct error error;
    for (const struct ancestor *a = above; a != NULL; a = a->above)
        if (a->device == status->st_dev && a->number == status->st_ino) {
            error_set(&error, ERROR_INVALID, "folder \"%s\" leads back to \"%s\" by a link, and so goes round for ever",
                      project_relative(walk->project, path), project_relative(walk->project, a->path));
            error_hint(&error, "Remove the link, or add the folders one by one.");
            walk->fail(walk->context, INGEST_FAILED, project_relative(walk->project, path), &error);
            return true;
        }
    return false;
}

struct name_list {
    struct walk *walk;
    const char **names;
    size_t count, capacity;
};

static bool collect_name(void *context, const char *name, struct error *error)
{
    struct name_list *list = context;
    (void)error;
    if (name[0] != '.')
        append_path(&list->names, &list->count, &list->capacity, arena_text(&list->walk->arena, slice_from(name)));
    return true;
}

static int compare_names(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static void walk_folder(struct walk *walk, const char *path, const struct stat *status, const struct ancestor *above)
{
    struct ancestor here = {above, status->st_dev, status->st_ino, path, above ? above->depth + 1 : 0};
    struct name_list list = {.walk = walk};
    struct error error;
    if (is_circle(walk, path, status, above))
        return;
    if (here.depth > LIMIT_FOLDER_DEPTH) {
        error_set(&error, ERROR_LIMIT, "folder \"%s\" lies more than %d folders deep", path, LIMIT_FOLDER_DEPTH);
        fail(walk, path, &error);
        return;
    }
    if (!folder_list(path, collect_name, &list, &error)) {
        fail(walk, path, &error);
    } else {
        if (list.count > 0)
            qsort(list.names, list.count, sizeof(*list.names), compare_names);
        for (size_t i = 0; i < list.count; i++)
            walk_entry(walk, path_join(&walk->arena, path, list.names[i]), &here, false);
    }
    free(list.names);
}

static void take_file(struct walk *walk, const char *path, const struct stat *status)
{
    bool is_new;
    const char *stored = project_relative(walk->project, path);
    struct map_entry *entry = map_put(&walk->seen, slice_from(stored), &is_new);
    if (entry == NULL || !is_new)
        return;
    walk->files = memory_more(walk->files, walk->count, &walk->capacity, sizeof(*walk->files));
    const char *root = walk->roots[walk->root_count - 1];
    walk->files[walk->count++] = (struct walk_file){.path = arena_text(&walk->arena, slice_from(path)),
                                                    .stored = arena_text(&walk->arena, slice_from(stored)),
                                                    .root = project_relative(walk->project, root),
                                                    .size = status->st_size,
                                                    .modified_ns = (int64_t)status->st_mtim.tv_sec * 1000000000 +
                                                                   status->st_mtim.tv_nsec};
}

static bool check_name(struct walk *walk, const char *path)
{
    size_t bad_at;
    struct error error;
    if (text_is_utf8(slice_from(path), &bad_at))
        return true;
    error_set(&error, ERROR_INVALID, "the name of \"%s\" is not UTF-8 (byte %zu)", path, bad_at);
    error_hint(&error, "Rename the file.");
    fail(walk, path, &error);
    return false;
}

static void walk_file_entry(struct walk *walk, const char *path, const struct stat *status, bool is_named)
{
    struct error error;
    if (walk_format(path) != FORMAT_NONE) {
        if (S_ISREG(status->st_mode)) {
            if (check_name(walk, path))
                take_file(walk, path, status);
            return;
        }
        error_set(&error, ERROR_INVALID, "\"%s\" is not a regular file", project_relative(walk->project, path));
        walk->fail(walk->context, INGEST_FAILED, project_relative(walk->project, path), &error);
        return;
    }
    error_set(&error, ERROR_INVALID, "\"%s\" has no known format", project_relative(walk->project, path));
    error_hint(&error, "Formats so far: .md, .txt.");
    walk->fail(walk->context, is_named ? INGEST_FAILED : INGEST_SKIPPED, project_relative(walk->project, path), &error);
}

static void walk_entry(struct walk *walk, const char *path, const struct ancestor *above, bool is_named)
{
    struct stat status;
    struct error error;
    if (strlen(path) >= LIMIT_PATH_BYTES)
        error_set(&error, ERROR_LIMIT, "path \"%.80s…\" is longer than %zu bytes", path, LIMIT_PATH_BYTES);
    else if (stat(path, &status) != 0 && errno == ELOOP)
        error_set(&error, ERROR_INVALID, "\"%s\" is a link that leads to itself", project_relative(walk->project, path));
    else if (stat(path, &status) != 0) {
        error_system(&error, "could not look at \"%s\"", project_relative(walk->project, path));
        if (error.kind == ERROR_NOT_FOUND && is_named)
            error_hint(&error, "If it was added before and is to be forgotten, run `assay remove` with this path.");
    } else if (S_ISDIR(status.st_mode)) {
        walk_folder(walk, path, &status, above);
        return;
    } else {
        walk_file_entry(walk, path, &status, is_named);
        return;
    }
    fail(walk, path, &error);
}

void walk_name(struct walk *walk, const char *working, const char *path)
{
    append_path(&walk->roots, &walk->root_count, &walk->root_capacity, path_normal(&walk->arena, working, path));
}

void walk_path(struct walk *walk, const char *working, const char *path)
{
    walk_name(walk, working, path);
    walk_entry(walk, walk->roots[walk->root_count - 1], NULL, true);
}

bool walk_covers(const struct walk *walk, const char *path)
{
    bool covered = false;
    for (size_t i = 0; i < walk->root_count && !covered; i++)
        covered = path_is_below(path, walk->roots[i]);
    for (size_t i = 0; i < walk->incomplete_count && covered; i++)
        covered = !path_is_below(path, walk->incomplete[i]);
    return covered;
}
