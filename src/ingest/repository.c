/* repository.c - working trees of Git: which files below a folder Git keeps, by its index.
 *
 *   .git/       the repository itself: .git/index
 *   .git        a file "gitdir: PATH", of a submodule or another working tree: PATH/index, where PATH lies below what was added */
#include "repository.h"
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

enum { LINK_BYTES_MAX = 4096 };

struct repository {
    struct repository *next;
    struct arena arena;
    struct buffer source;
    struct git_index index;
    const char *root;
    size_t left_out;
};

static bool is_below_added(const struct walk *walk, const char *path)
{
    char real[PATH_MAX], root[PATH_MAX];
    if (realpath(path, real) == NULL)
        return false;
    for (size_t i = 0; i < walk->roots.count; i++) {
        struct slice key = walk->roots.entries[i].key;
        struct arena arena;
        arena_init(&arena);
        bool is_below = realpath(arena_text(&arena, key), root) != NULL && path_is_below(real, root);
        arena_release(&arena);
        if (is_below)
            return true;
    }
    return false;
}

/* The folder that the file ".git" names. */
static bool follow_link(struct walk *walk, const char *file, const char *folder, const char **target, struct error *error)
{
    struct buffer text;
    buffer_init(&text, LINK_BYTES_MAX);
    bool ok = file_read(file, LINK_BYTES_MAX, &text, error);
    struct slice line = slice_trim(buffer_slice(&text));
    if (ok && (!slice_starts_with(line, SLICE("gitdir:")) || memchr(line.data, '\0', line.size) != NULL))
        ok = error_set(error, ERROR_INVALID, "its file .git does not say \"gitdir: …\"");
    if (ok) {
        struct slice path = slice_trim(slice_range(line, strlen("gitdir:"), line.size));
        *target = path_normal(&walk->arena, folder, arena_text(&walk->arena, path));
        ok = is_below_added(walk, *target) ||
             error_set(error, ERROR_INVALID, "its file .git leads out of what is added, to \"%s\"", *target);
    }
    buffer_release(&text);
    return ok;
}

static bool read_index(struct walk *walk, struct repository *repository, const char *mark, mode_t mode, struct error *error)
{
    const char *folder = mark;
    if (S_ISLNK(mode))
        return error_set(error, ERROR_INVALID, "its .git is a link, which is not followed");
    if (S_ISREG(mode) && !follow_link(walk, mark, repository->root, &folder, error))
        return false;
    const char *path = path_join(&walk->arena, folder, "index");
    if (!file_exists(path))
        return error_set(error, ERROR_NOT_FOUND, "it has no index yet: nothing was added to it");
    return file_read(path, LIMIT_GIT_INDEX_BYTES, &repository->source, error) &&
           git_index_read(buffer_slice(&repository->source), &repository->arena, &repository->index, error);
}

static void release(struct repository *repository)
{
    buffer_release(&repository->source);
    arena_release(&repository->arena);
    free(repository);
}

bool repository_open(struct walk *walk, const char *path, struct repository **opened)
{
    struct stat status;
    struct error error;
    const char *mark = path_join(&walk->arena, path, ".git");
    *opened = NULL;
    if (lstat(mark, &status) != 0)
        return false;
    if (S_ISDIR(status.st_mode) && !file_exists(path_join(&walk->arena, mark, "HEAD")))
        return false; /* a folder of this name that is no repository */
    struct repository *repository = memory_alloc(1, sizeof(*repository));
    *repository = (struct repository){.root = path};
    arena_init(&repository->arena);
    buffer_init(&repository->source, LIMIT_GIT_INDEX_BYTES);
    if (read_index(walk, repository, mark, status.st_mode, &error)) {
        repository->next = walk->repositories;
        walk->repositories = repository;
        *opened = repository;
        return true;
    }
    release(repository);
    if (walk->note != NULL)
        walk->note(walk->context, project_relative(walk->project, path),
                   arena_format(&walk->arena, "all files of this Git repository are taken, not only those it keeps: %s",
                                error.message));
    return true;
}

bool repository_takes(struct repository *repository, const char *path)
{
    struct arena arena;
    size_t root_size = strlen(repository->root);
    arena_init(&arena);
    bool is_kept = git_index_has(&repository->index, slice_from(path + root_size + (repository->root[root_size - 1] != '/')),
                                 &arena);
    arena_release(&arena);
    repository->left_out += !is_kept;
    return is_kept;
}

void repositories_tell(struct walk *walk)
{
    for (struct repository *repository = walk->repositories; repository != NULL; repository = repository->next) {
        if (repository->left_out > 0 && walk->note != NULL)
            walk->note(walk->context, project_relative(walk->project, repository->root),
                       arena_format(&walk->arena, "%zu files and folders that this Git repository does not keep were left out",
                                    repository->left_out));
        repository->left_out = 0;
    }
}

void repositories_release(struct walk *walk)
{
    while (walk->repositories != NULL) {
        struct repository *first = walk->repositories;
        walk->repositories = first->next;
        release(first);
    }
}
