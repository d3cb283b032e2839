/* walk.c - finds files below files and folders; what they are is told later, by their bytes. Links are followed, but not in circles; hidden
 * entries, the project's own files, and what a Git repository does not keep are passed over. */
#include "format.h"
#include "repository.h"
#include <assert.h>
#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

void walk_init(struct walk *walk, const struct project *project)
{
    *walk = (struct walk){.project = project};
    arena_init(&walk->arena);
    map_init(&walk->seen, UINT32_MAX / 4);
    map_init(&walk->roots, UINT32_MAX / 4);
    map_init(&walk->incomplete, UINT32_MAX / 4);
    map_init(&walk->folders, UINT32_MAX / 4);
    grounds_init(walk);
}

void walk_release(struct walk *walk)
{
    free(walk->files);
    map_release(&walk->seen);
    map_release(&walk->roots);
    map_release(&walk->incomplete);
    map_release(&walk->folders);
    map_release(&walk->grounds);
    free(walk->links);
    repositories_release(walk);
    arena_release(&walk->arena);
}

static void fail(struct walk *walk, const char *path, const struct error *error)
{
    walk->fail(walk->context, INGEST_FAILED, project_relative(walk->project, path), error);
    (void)map_put(&walk->incomplete, slice_from(path), NULL);
}

/* The names of folders on the way down, to notice a link that leads back up. */
struct ancestor {
    const struct ancestor *above;
    dev_t device;
    ino_t number;
    const char *path;
    struct repository *repository; /* that it lies in; NULL: none that says which files are taken */
    unsigned depth;
    bool by_link; /* it, or a folder above it, was reached by a link */
};

/* Links wait until all that is really there was walked: what has several names is taken by its own. */
struct walk_link {
    const char *path;
    const struct ancestor *above;
};

static void walk_entry(struct walk *walk, const char *path, const struct ancestor *above, bool is_named, bool by_link);

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

/* True the first time. Links can give a folder many names; its documents are taken once, below the first one met. */
static bool is_new_folder(struct walk *walk, const char *path, const struct stat *status)
{
    const uint64_t identity[2] = {status->st_dev, status->st_ino};
    bool is_new;
    struct error error;
    if (map_put(&walk->folders, (struct slice){(const char *)identity, sizeof(identity)}, &is_new) == NULL || is_new)
        return true;
    error_set(&error, ERROR_INVALID, "folder \"%s\" was read under another name already",
              project_relative(walk->project, path));
    walk->fail(walk->context, INGEST_SKIPPED, project_relative(walk->project, path), &error);
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
    if (name[0] != '.') {
        list->names = memory_more(list->names, list->count, &list->capacity, sizeof(*list->names));
        list->names[list->count++] = arena_text(&list->walk->arena, slice_from(name));
    }
    return true;
}

static int compare_names(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static void put_off(struct walk *walk, const char *path, const struct ancestor *above)
{
    walk->links = memory_more(walk->links, walk->link_count, &walk->link_capacity, sizeof(*walk->links));
    walk->links[walk->link_count++] = (struct walk_link){path, above};
}

static bool is_link(const char *path)
{
    struct stat status;
    return lstat(path, &status) == 0 && S_ISLNK(status.st_mode);
}

static void walk_folder(struct walk *walk, const char *path, const struct stat *status, const struct ancestor *above,
                        bool by_link)
{
    struct ancestor *here = arena_alloc(&walk->arena, 1, sizeof(*here)); /* for links, which come later */
    *here = (struct ancestor){.above = above,
                              .device = status->st_dev,
                              .number = status->st_ino,
                              .path = path,
                              .depth = above ? above->depth + 1 : 0,
                              .by_link = by_link};
    struct name_list list = {.walk = walk};
    struct error error;
    if (is_circle(walk, path, status, above) || !is_new_folder(walk, path, status))
        return;
    if (here->depth > LIMIT_FOLDER_DEPTH) {
        error_set(&error, ERROR_LIMIT, "folder \"%s\" lies more than %d folders deep", path, LIMIT_FOLDER_DEPTH);
        fail(walk, path, &error);
        return;
    }
    if (!repository_open(walk, path, &here->repository) && above != NULL &&
        !is_link(path)) /* behind a link no path is one that it knows */
        here->repository = above->repository;
    if (!folder_list(path, collect_name, &list, &error)) {
        fail(walk, path, &error);
    } else {
        if (list.count > 0)
            qsort(list.names, list.count, sizeof(*list.names), compare_names);
        for (size_t i = 0; i < list.count; i++) {
            const char *entry = path_join(&walk->arena, path, list.names[i]);
            if (here->repository != NULL && !repository_takes(here->repository, entry))
                continue;
            if (is_link(entry))
                put_off(walk, entry, here);
            else
                walk_entry(walk, entry, here, false, by_link);
        }
    }
    free(list.names);
}

static int64_t time_ns(const struct timespec *time)
{
    return (int64_t)time->tv_sec * 1000000000 + time->tv_nsec;
}

static void take_file(struct walk *walk, const char *path, const struct stat *status, bool is_named, bool by_link)
{
    bool is_new;
    const char *stored = project_relative(walk->project, path);
    struct map_entry *entry = map_put(&walk->seen, slice_from(stored), &is_new);
    if (entry == NULL || !is_new)
        return;
    walk->files = memory_more(walk->files, walk->count, &walk->capacity, sizeof(*walk->files));
    walk->files[walk->count++] = (struct walk_file){.path = arena_text(&walk->arena, slice_from(path)),
                                                    .stored = arena_text(&walk->arena, slice_from(stored)),
                                                    .by_link = by_link,
                                                    .is_named = is_named,
                                                    .size = status->st_size,
                                                    .modified_ns = time_ns(&status->st_mtim),
                                                    .changed_ns = time_ns(&status->st_ctim),
                                                    .identity = {status->st_dev, status->st_ino}};
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

/* What editors and office programs leave beside a file while it is open, or in case it is lost. */
static bool is_left_over(const char *path)
{
    struct slice name = path_name(path);
    return slice_ends_with(name, SLICE("~")) || slice_starts_with(name, SLICE("~$"));
}

size_t walk_sent_size(const char *root, const char *path)
{
    static const struct slice folders[] = {SLICE_CONSTANT("uploads/files"), SLICE_CONSTANT("uploads/vs_")};
    size_t at = strlen(root) + (strcmp(root, "/") == 0 ? 0 : 1);
    if (!path_is_below(path, root) || strlen(path) < at)
        return 0;
    struct slice stored = slice_from(path + at);
    for (size_t i = 0; i < ARRAY_COUNT(folders); i++) {
        size_t size = folders[i].size;
        if (!slice_starts_with(stored, folders[i]))
            continue;
        bool is_store = folders[i].data[size - 1] == '_';
        while (is_store && size < stored.size && stored.data[size] != '/')
            size++; /* a vector store's code */
        if (size == stored.size || stored.data[size] == '/')
            return at + size;
    }
    return 0;
}

bool walk_is_own(const struct walk *walk, const char *path)
{
    const struct settings *settings = &walk->project->settings;
    const char *stored = project_relative(walk->project, path);
    return walk_sent_size(walk->project->root, path) == strlen(path) || strcmp(stored, PROJECT_SETTINGS) == 0 ||
           strcmp(stored, "models") == 0 || strcmp(stored, settings->tests) == 0 || strcmp(stored, settings->prices) == 0 ||
           (settings->labels_file != NULL && strcmp(stored, settings->labels_file) == 0);
}

static void walk_file_entry(struct walk *walk, const char *path, const struct stat *status, bool is_named, bool by_link)
{
    struct error error;
    const char *stored = project_relative(walk->project, path);
    if (!is_named && is_left_over(path)) {
        error_set(&error, ERROR_INVALID, "\"%s\" is what a program left beside a file", stored);
        walk->fail(walk->context, INGEST_SKIPPED, stored, &error);
    } else if (!is_named && walk_is_own(walk, path)) {
        error_set(&error, ERROR_INVALID, "\"%s\" belongs to the project itself", stored);
        walk->fail(walk->context, INGEST_SKIPPED, stored, &error);
    } else if (S_ISREG(status->st_mode)) {
        if (check_name(walk, path))
            take_file(walk, path, status, is_named, by_link);
    } else {
        error_set(&error, ERROR_INVALID, "\"%s\" is not a regular file", stored);
        walk->fail(walk->context, is_named || format_is_promised(path) ? INGEST_FAILED : INGEST_SKIPPED, stored, &error);
    }
}

static void walk_entry(struct walk *walk, const char *path, const struct ancestor *above, bool is_named, bool by_link)
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
            error_hint(
                &error,
                "Make it and put documents in, or name others under `documents` in assay.yaml. One that was added before "
                "and is to be forgotten: `assay remove` with this path.");
    } else if (S_ISDIR(status.st_mode)) {
        if (is_named || !walk_is_own(walk, path))
            walk_folder(walk, path, &status, above, by_link);
        return;
    } else {
        walk_file_entry(walk, path, &status, is_named, by_link);
        return;
    }
    fail(walk, path, &error);
}

/* The project's own path where the argument reaches into it by another one, through a link: a document has one name. */
static const char *inside_project(struct walk *walk, const char *path)
{
    const char *root = walk->project->root;
    struct stat wanted, status;
    if (path_is_below(path, root) || stat(root, &wanted) != 0)
        return path;
    char *above = arena_text(&walk->arena, slice_from(path));
    for (size_t size = strlen(above); size > 0; size--) {
        if (above[size] != '\0' && above[size] != '/')
            continue;
        above[size] = '\0';
        if (stat(above, &status) == 0 && status.st_dev == wanted.st_dev && status.st_ino == wanted.st_ino)
            return path[size] == '\0' ? root : path_join(&walk->arena, root, path + size + 1);
    }
    return path;
}

const char *walk_address(struct arena *arena, const char *path)
{
    struct url url;
    struct error error;
    if (!url_is_web(slice_from(path)) || !url_parse(slice_from(path), NULL, arena, &url, &error))
        return NULL;
    if (slice_ends_with(url.text, SLICE("/")))
        url.text.size--;
    return arena_text(arena, url.text);
}

const char *walk_name(struct walk *walk, const char *working, const char *path)
{
    const char *name = walk_address(&walk->arena, path);
    if (name == NULL)
        name = inside_project(walk, path_normal(&walk->arena, working, path));
    (void)map_put(&walk->roots, slice_from(name), NULL);
    grounds_add(walk, name);
    return name;
}

/* A link that leads nowhere does: what is wrong with it is told where it is followed. What was taken by a link before is gone, as if it was removed. */
static bool stays_within(struct walk *walk, const char *path)
{
    char real[PATH_MAX];
    struct error error;
    const char *stored = project_relative(walk->project, path);
    if (realpath(path, real) == NULL || grounds_check(walk, stored, real, &error))
        return true;
    walk->fail(walk->context, INGEST_FAILED, stored, &error);
    return false;
}

void walk_path(struct walk *walk, const char *working, const char *path)
{
    walk_entry(walk, walk_name(walk, working, path), NULL, true, false);
    for (size_t i = 0; i < walk->link_count; i++) {
        struct walk_link link = walk->links[i];
        if (stays_within(walk, link.path))
            walk_entry(walk, link.path, link.above, false, true);
    }
    walk->link_count = 0;
    repositories_tell(walk);
}

struct map_entry *walk_find_above(const struct map *paths, const char *path)
{
    for (size_t size = strlen(path); size > 0; size--) {
        if (path[size] != '\0' && path[size] != '/')
            continue;
        struct map_entry *entry = map_get(paths, (struct slice){path, size});
        if (entry != NULL)
            return entry;
    }
    return path[0] == '/' ? map_get(paths, SLICE("/")) : NULL; /* a page of the web lies below no folder */
}

bool walk_covers(const struct walk *walk, const char *path)
{
    const struct map_entry *root = walk_find_above(&walk->roots, path);
    size_t sent = walk_sent_size(walk->project->root, path);
    if (root == NULL || walk_find_above(&walk->incomplete, path) != NULL)
        return false;
    return root->key.size >= sent || !file_exists(path); /* what was sent is walked when that is named */
}
