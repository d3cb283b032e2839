/* folder_tree.c - copying files and moving and removing whole folders, durably. */
#include "file.h"
#include "limits.h"
#include "memory.h"
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static bool copy_bytes(int from, int to, const char *from_path, const char *to_path, struct error *error)
{
    char *step = memory_alloc(1, MIB);
    off_t at = 0;
    bool ok = true;
    for (;;) {
        ssize_t got = pread(from, step, MIB, at);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            ok = error_system(error, "could not read \"%s\" at byte %lld", from_path, (long long)at);
        if (got <= 0)
            break;
        ssize_t written = pwrite(to, step, (size_t)got, at);
        if (written < 0 && errno == EINTR)
            continue;
        if (written <= 0) {
            ok = error_system(error, "could not write \"%s\" at byte %lld", to_path, (long long)at);
            break;
        }
        at += written; /* what was not taken is read again */
    }
    free(step);
    return ok;
}

bool file_copy(const char *from, const char *to, struct error *error)
{
    struct stat status;
    int source = open(from, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
    if (source < 0 && errno == ELOOP) {
        error_set(error, ERROR_INVALID, "\"%s\" is a link, and links are not followed", from);
        return error_hint(error, "Copy the folder with `cp -rL` first, and take the copy.");
    }
    if (source < 0)
        return error_system(error, "could not open \"%s\"", from);
    if (fstat(source, &status) != 0 || !S_ISREG(status.st_mode)) {
        close(source);
        return error_set(error, ERROR_INVALID, "\"%s\" is not a regular file", from);
    }
    int target = open(to, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0666);
    if (target < 0) {
        error_system(error, "could not create \"%s\"", to);
        close(source);
        return false;
    }
    bool ok = copy_bytes(source, target, from, to, error);
    if (ok && fsync(target) != 0)
        ok = error_system(error, "could not sync \"%s\"", to);
    if (close(target) != 0 && ok)
        ok = error_system(error, "could not close \"%s\"", to);
    close(source);
    return ok;
}

static bool sync_parent(const char *path, struct error *error)
{
    char parent[LIMIT_PATH_BYTES];
    struct slice above = path_folder(path);
    snprintf(parent, sizeof(parent), SLICE_FORMAT, SLICE_ARGUMENT(above));
    return folder_sync(parent, error);
}

bool folder_move(const char *from, const char *to, struct error *error)
{
    struct stat status;
    if (lstat(to, &status) == 0)
        return error_set(error, ERROR_CONFLICT, "\"%s\" exists", to);
    if (rename(from, to) != 0)
        return error_system(error, "could not rename \"%s\" to \"%s\"", from, to);
    return sync_parent(to, error);
}

static bool replace_in_two(const char *from, const char *to, struct error *error)
{
    char old[LIMIT_PATH_BYTES];
    struct error ignored;
    int size = snprintf(old, sizeof(old), "%s.old-%ld", to, (long)getpid());
    if (size < 0 || (size_t)size >= sizeof(old))
        return error_set(error, ERROR_LIMIT, "the path \"%s\" is too long", to);
    if (!folder_remove(old, error) || !folder_move(to, old, error))
        return false;
    if (!folder_move(from, to, error)) {
        (void)!folder_move(old, to, &ignored);
        return false;
    }
    (void)!folder_remove(old, &ignored); /* the new one is in its place; what is left of the old does no harm */
    return true;
}

bool folder_replace(const char *from, const char *to, struct error *error)
{
    struct stat status;
    struct error ignored;
    if (lstat(to, &status) != 0)
        return folder_move(from, to, error);
    if (!S_ISDIR(status.st_mode))
        return error_set(error, ERROR_CONFLICT, "\"%s\" is no folder", to);
    if (renameat2(AT_FDCWD, from, AT_FDCWD, to, RENAME_EXCHANGE) != 0)
        return errno == ENOSYS || errno == EINVAL || errno == ENOTSUP
                   ? replace_in_two(from, to, error)
                   : error_system(error, "could not put \"%s\" in the place of \"%s\"", from, to);
    if (!sync_parent(to, error))
        return false;
    (void)!folder_remove(from, &ignored);
    return true;
}

static bool remove_at(int parent, const char *name, const char *path, unsigned depth, struct error *error);

/* Removes what is in an open folder, and closes it. */
static bool remove_entries(int descriptor, const char *path, unsigned depth, struct error *error)
{
    char below[LIMIT_PATH_BYTES];
    struct dirent *entry;
    DIR *folder = fdopendir(descriptor);
    if (folder == NULL) {
        error_system(error, "could not open folder \"%s\"", path);
        close(descriptor);
        return false;
    }
    bool ok = true;
    errno = 0;
    while (ok && (entry = readdir(folder)) != NULL) {
        const char *name = entry->d_name;
        if (strcmp(name, ".") != 0 && strcmp(name, "..") != 0) {
            if (snprintf(below, sizeof(below), "%s/%s", path, name) >= (int)sizeof(below))
                ok = error_set(error, ERROR_LIMIT, "path \"%.64s…\" is longer than %zu bytes", below, LIMIT_PATH_BYTES);
            else
                ok = remove_at(descriptor, name, below, depth + 1, error);
        }
        errno = 0;
    }
    if (ok && errno != 0)
        ok = error_system(error, "could not read folder \"%s\"", path);
    closedir(folder);
    return ok;
}

/* Removes entry `name` of an open folder with all in it; `path` is for messages. The entry is opened, not looked at and then opened:
 * a link that takes a folder's place meanwhile is removed and not followed. */
static bool remove_at(int parent, const char *name, const char *path, unsigned depth, struct error *error)
{
    if (depth > LIMIT_FOLDER_DEPTH)
        return error_set(error, ERROR_LIMIT, "\"%s\" lies in more than %d folders", path, LIMIT_FOLDER_DEPTH);
    int folder = openat(parent, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    bool is_folder = folder >= 0;
    if (!is_folder && errno != ENOTDIR && errno != ELOOP)
        return errno == ENOENT || error_system(error, "could not open folder \"%s\"", path);
    if (is_folder && !remove_entries(folder, path, depth, error))
        return false;
    if (unlinkat(parent, name, is_folder ? AT_REMOVEDIR : 0) != 0 && errno != ENOENT)
        return error_system(error, "could not remove \"%s\"", path);
    return true;
}

bool folder_remove(const char *path, struct error *error)
{
    return remove_at(AT_FDCWD, path, path, 0, error);
}
