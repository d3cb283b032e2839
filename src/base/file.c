/* file.c - reading, mapping, replacing and locking files. Paths are in path.c. */
#include "file.h"
#include "limits.h"
#include <assert.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

static bool open_regular(int *descriptor, struct stat *status, const char *path, struct error *error)
{
    /* O_NONBLOCK: a named pipe without a writer would otherwise hang us here, before we can refuse it. */
    int opened = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (opened < 0)
        return error_system(error, "could not open \"%s\"", path);
    if (fstat(opened, status) != 0) {
        error_system(error, "could not look at \"%s\"", path);
        close(opened);
        return false;
    }
    if (!S_ISREG(status->st_mode)) {
        close(opened);
        return error_set(error, ERROR_INVALID, "\"%s\" is not a regular file", path);
    }
    *descriptor = opened;
    return true;
}

/* Reads to the end; the file may be longer or shorter than it said. Where it should have ended nothing is reserved for more: a buffer
 * that holds the file exactly will do. */
static bool read_rest(int descriptor, const char *path, size_t expected, size_t size_max, struct buffer *out,
                      struct error *error)
{
    char beyond[4 * KIB];
    size_t total = 0;
    for (;;) {
        bool is_beyond = total >= expected;
        size_t wanted = is_beyond ? sizeof(beyond) : expected - total;
        char *room = is_beyond ? beyond : buffer_reserve(out, wanted);
        if (room == NULL)
            return buffer_finish(out, path, error);
        ssize_t got = read(descriptor, room, wanted);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return error_system(error, "could not read \"%s\" at byte %zu", path, total);
        if (got == 0)
            return buffer_finish(out, path, error);
        total += (size_t)got;
        if (total > size_max)
            return error_set(error, ERROR_LIMIT, "\"%s\" grew past %zu bytes while it was read", path, size_max);
        if (is_beyond)
            buffer_append(out, beyond, (size_t)got);
        else
            out->size += (size_t)got;
    }
}

bool file_is_same(const char *path, const struct file_identity *identity)
{
    struct stat status;
    return stat(path, &status) == 0 && status.st_dev == identity->device && status.st_ino == identity->number;
}

bool file_read(const char *path, size_t size_max, struct buffer *out, struct error *error)
{
    return file_read_same(path, NULL, size_max, out, error);
}

bool file_read_same(const char *path, const struct file_identity *identity, size_t size_max, struct buffer *out,
                    struct error *error)
{
    int descriptor;
    struct stat status;
    if (!open_regular(&descriptor, &status, path, error))
        return false;
    bool ok = identity == NULL || (status.st_dev == identity->device && status.st_ino == identity->number);
    if (!ok)
        error_set(error, ERROR_CONFLICT, "\"%s\" was replaced by another file in this moment", path);
    else if ((uint64_t)status.st_size > size_max)
        ok = error_set(error, ERROR_LIMIT, "\"%s\" has %lld bytes, the limit is %zu", path, (long long)status.st_size,
                       size_max);
    else
        ok = read_rest(descriptor, path, (size_t)status.st_size, size_max, out, error);
    close(descriptor);
    return ok;
}

bool file_read_head(const char *path, size_t size, struct buffer *out, struct error *error)
{
    int descriptor;
    struct stat status;
    if (!open_regular(&descriptor, &status, path, error))
        return false;
    char *room = buffer_reserve(out, size);
    size_t total = 0;
    bool ok = room != NULL || buffer_finish(out, path, error);
    while (ok && total < size) {
        ssize_t got = read(descriptor, room + total, size - total);
        if (got == 0)
            break;
        if (got < 0 && errno != EINTR)
            ok = error_system(error, "could not read \"%s\" at byte %zu", path, total);
        total += got > 0 ? (size_t)got : 0;
    }
    close(descriptor);
    if (ok)
        out->size += total;
    return ok;
}

bool file_map_open(struct file_map *map, const char *path, struct error *error)
{
    int descriptor;
    struct stat status;
    if (!open_regular(&descriptor, &status, path, error))
        return false;
    size_t size = (size_t)status.st_size;
    void *data = size > 0 ? mmap(NULL, size, PROT_READ, MAP_PRIVATE, descriptor, 0) : NULL;
    int number = errno;
    close(descriptor);
    if (data == MAP_FAILED) {
        errno = number;
        return error_system(error, "could not map \"%s\"", path);
    }
    *map = (struct file_map){data, size};
    return true;
}

void file_map_rest(const struct file_map *map)
{
    if (map->data != NULL)
        (void)madvise((void *)(uintptr_t)map->data, map->size, MADV_DONTNEED);
}

void file_map_close(struct file_map *map)
{
    if (map->data != NULL)
        munmap((void *)(uintptr_t)map->data, map->size);
    *map = (struct file_map){0};
}

static bool write_all(int descriptor, struct slice content, size_t start, const char *path, struct error *error)
{
    size_t written = 0;
    while (written < content.size) {
        ssize_t step = pwrite(descriptor, content.data + written, content.size - written, (off_t)(start + written));
        if (step < 0 && errno == EINTR)
            continue;
        if (step < 0)
            return error_system(error, "could not write \"%s\" at byte %zu", path, start + written);
        if (step == 0)
            return error_set(error, ERROR_IO, "could not write \"%s\" at byte %zu: nothing was taken", path, start + written);
        written += (size_t)step;
    }
    return true;
}

/* `made` takes the place of `path` later, and messages name that one. */
static bool write_new(const char *made, const char *path, const struct slice *parts, size_t count, struct error *error)
{
    size_t written = 0;
    bool ok = true;
    int descriptor = open(made, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0666);
    if (descriptor < 0)
        return error_system(error, "could not create \"%s\"", path);
    for (size_t i = 0; i < count && ok; i++) {
        ok = write_all(descriptor, parts[i], written, path, error);
        written += parts[i].size;
    }
    if (ok && fsync(descriptor) != 0)
        ok = error_system(error, "could not sync \"%s\"", path);
    if (close(descriptor) != 0 && ok)
        ok = error_system(error, "could not close \"%s\"", path);
    return ok;
}

bool file_replace(const char *path, struct slice content, struct error *error)
{
    return file_replace_parts(path, &content, 1, error);
}

bool file_replace_parts(const char *path, const struct slice *parts, size_t count, struct error *error)
{
    static atomic_uint calls; /* two threads may replace one file: each writes its own */
    char written[LIMIT_PATH_BYTES], folder[LIMIT_PATH_BYTES];
    if (snprintf(written, sizeof(written), "%s.new-%ld-%u", path, (long)getpid(), atomic_fetch_add(&calls, 1)) >=
        (int)sizeof(written))
        return error_set(error, ERROR_LIMIT, "path \"%.64s…\" is longer than %zu bytes", path, LIMIT_PATH_BYTES);
    struct slice parent = path_folder(path);
    snprintf(folder, sizeof(folder), SLICE_FORMAT, SLICE_ARGUMENT(parent));
    bool ok = write_new(written, path, parts, count, error);
    if (ok && rename(written, path) != 0)
        ok = error_system(error, "could not replace \"%s\"", path);
    if (!ok) {
        (void)unlink(written); /* the first failure is the one to tell */
        return false;
    }
    return folder_sync(folder, error);
}

/* At the end as it is now, whoever else appends; of what could not be written whole nothing stays. */
static bool append_all(int descriptor, struct slice content, const char *path, struct error *error)
{
    size_t written = 0;
    bool ok = true;
    while (ok && written < content.size) {
        ssize_t step = write(descriptor, content.data + written, content.size - written);
        if (step > 0)
            written += (size_t)step;
        else if (step == 0)
            ok = error_set(error, ERROR_IO, "could not append to \"%s\": nothing was taken", path);
        else if (errno != EINTR)
            ok = error_system(error, "could not append to \"%s\"", path);
    }
    off_t end = ok || written == 0 ? -1 : lseek(descriptor, 0, SEEK_CUR);
    struct stat status;
    if (end >= (off_t)written && fstat(descriptor, &status) == 0 && status.st_size == end &&
        ftruncate(descriptor, end - (off_t)written) != 0)
        error_hint(error, "A part of a line may stand at its end.");
    return ok;
}

static bool sync_above(const char *path, struct error *error)
{
    char parent[LIMIT_PATH_BYTES];
    struct slice above = path_folder(path);
    if (above.size >= sizeof(parent))
        return error_set(error, ERROR_LIMIT, "path \"%.64s…\" is longer than %zu bytes", path, LIMIT_PATH_BYTES);
    snprintf(parent, sizeof(parent), SLICE_FORMAT, SLICE_ARGUMENT(above));
    return folder_sync(parent, error);
}

bool file_append_line(const char *path, struct slice line, struct error *error)
{
    struct stat status;
    struct buffer whole;
    int descriptor = open(path, O_RDWR | O_APPEND | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0666);
    if (descriptor < 0)
        return error_system(error, "could not open \"%s\"", path);
    char last = '\n';
    buffer_init(&whole, line.size + 2);
    bool ok = (fstat(descriptor, &status) == 0 &&
               (status.st_size == 0 || pread(descriptor, &last, 1, status.st_size - 1) == 1)) ||
              error_system(error, "could not read the end of \"%s\"", path);
    if (ok) {
        if (last != '\n')
            buffer_append_byte(&whole, '\n');
        buffer_append_slice(&whole, line);
        buffer_append_byte(&whole, '\n');
        ok = append_all(descriptor, buffer_slice(&whole), path, error);
    }
    if (ok && fsync(descriptor) != 0)
        ok = error_system(error, "could not sync \"%s\"", path);
    if (close(descriptor) != 0 && ok)
        ok = error_system(error, "could not close \"%s\"", path);
    buffer_release(&whole);
    /* A file that had nothing in it may be new, or its name lost with a crash just after it was made. */
    return ok && (status.st_size > 0 || sync_above(path, error));
}

bool file_append_check(const char *path, struct error *error)
{
    int flags = O_RDWR | O_APPEND | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK;
    int descriptor = open(path, flags);
    bool is_new = descriptor < 0 && errno == ENOENT;
    if (is_new)
        descriptor = open(path, flags | O_CREAT | O_EXCL, 0666);
    if (descriptor < 0)
        return (is_new && errno == EEXIST) || error_system(error, "could not open \"%s\"", path);
    (void)close(descriptor);
    if (is_new)
        (void)unlink(path);
    return true;
}

bool file_size(const char *path, uint64_t *size, struct error *error)
{
    struct stat status;
    *size = 0;
    if (stat(path, &status) != 0)
        return errno == ENOENT || error_system(error, "could not look at \"%s\"", path);
    *size = (uint64_t)status.st_size;
    return true;
}

bool file_read_at(const char *path, uint64_t at, size_t size, struct buffer *out, struct error *error)
{
    int descriptor;
    struct stat status;
    if (!open_regular(&descriptor, &status, path, error))
        return false;
    uint64_t whole = (uint64_t)status.st_size, there = whole > at ? whole - at : 0;
    size_t wanted = there < size ? (size_t)there : size, total = 0;
    char *room = wanted > 0 ? buffer_reserve(out, wanted) : NULL;
    bool ok = wanted == 0 || room != NULL || buffer_finish(out, path, error);
    while (ok && total < wanted) {
        ssize_t got = pread(descriptor, room + total, wanted - total, (off_t)(at + total));
        if (got == 0)
            break;
        if (got < 0 && errno != EINTR)
            ok = error_system(error, "could not read \"%s\" at byte %llu", path, (unsigned long long)(at + total));
        total += got > 0 ? (size_t)got : 0;
    }
    close(descriptor);
    if (ok)
        out->size += total;
    return ok;
}

static bool sync_parent(const char *path, struct error *error)
{
    char folder[LIMIT_PATH_BYTES];
    struct slice parent = path_folder(path);
    snprintf(folder, sizeof(folder), SLICE_FORMAT, SLICE_ARGUMENT(parent));
    return folder_sync(folder, error);
}

bool file_write_at(const char *path, uint64_t at, struct slice bytes, bool durable, struct error *error)
{
    bool is_new = false;
    int descriptor = open(path, O_WRONLY | O_CLOEXEC | O_NOFOLLOW);
    if (descriptor < 0 && errno == ENOENT) {
        is_new = true;
        descriptor = open(path, O_WRONLY | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
    }
    if (descriptor < 0)
        return error_system(error, "could not open \"%s\"", path);
    bool ok = write_all(descriptor, bytes, (size_t)at, path, error);
    if (ok && durable && fsync(descriptor) != 0)
        ok = error_system(error, "could not sync \"%s\"", path);
    if (close(descriptor) != 0 && ok)
        ok = error_system(error, "could not close \"%s\"", path);
    return ok && (!is_new || !durable || sync_parent(path, error));
}

bool file_cut(const char *path, uint64_t size, struct error *error)
{
    int descriptor = open(path, O_WRONLY | O_CLOEXEC | O_NOFOLLOW);
    if (descriptor < 0)
        return error_system(error, "could not open \"%s\"", path);
    bool ok = (ftruncate(descriptor, (off_t)size) == 0 && fsync(descriptor) == 0) ||
              error_system(error, "could not cut \"%s\" to %llu bytes", path, (unsigned long long)size);
    if (close(descriptor) != 0 && ok)
        ok = error_system(error, "could not close \"%s\"", path);
    return ok;
}

/* A part of many disks is kept for root alone. Some file systems, as a memory disk without a limit, tell of no blocks at all. */
uint64_t file_room(const char *path)
{
    struct statvfs found;
    if (statvfs(path, &found) != 0 || found.f_blocks == 0)
        return UINT64_MAX;
    return (uint64_t)(geteuid() == 0 ? found.f_bfree : found.f_bavail) * found.f_frsize;
}

bool file_exists(const char *path)
{
    return access(path, F_OK) == 0;
}

bool file_remove(const char *path, struct error *error)
{
    if (unlink(path) != 0 && errno != ENOENT)
        return error_system(error, "could not remove \"%s\"", path);
    return true;
}

static bool is_empty(const char *path)
{
    DIR *folder = opendir(path);
    size_t count = 0;
    while (folder != NULL && count < 3 && readdir(folder) != NULL)
        count++;
    if (folder != NULL)
        closedir(folder);
    return count == 2; /* "." and ".." */
}

/* A folder that is there already may have been made just before a crash, or by another process this moment, and nobody has made its name durable yet: while
 * nothing is in it, that is done once more. Where the folder above may not be read, it was somebody else's work. */
bool folder_create(const char *path, struct error *error)
{
    char part[LIMIT_PATH_BYTES];
    size_t size = strlen(path);
    if (size == 0 || size >= sizeof(part))
        return error_set(error, ERROR_INVALID, "path of %zu bytes, expected 1 to %zu", size, sizeof(part) - 1);
    struct error ignored;
    size_t found = 0; /* of the part before: a folder that was there */
    for (size_t i = 1; i <= size; i++) {
        if (path[i] != '/' && path[i] != '\0')
            continue;
        memcpy(part, path, i);
        part[i] = '\0';
        if (mkdir(part, 0777) == 0) {
            if (!sync_above(part, error))
                return false;
            part[found] = '\0'; /* what it lies in may be as new: */
            if (found > 0)
                (void)!sync_above(part, &ignored);
            found = 0;
        } else if (errno == EEXIST) {
            found = i;
        } else {
            return error_system(error, "could not create folder \"%s\"", part);
        }
    }
    struct stat status;
    if (stat(path, &status) != 0)
        return error_system(error, "could not look at \"%s\"", path);
    if (!S_ISDIR(status.st_mode))
        return error_set(error, ERROR_CONFLICT, "\"%s\" exists and is not a folder", path);
    if (found == size && is_empty(path))
        (void)!sync_above(path, &ignored);
    return true;
}

bool folder_create_new(const char *path, struct error *error)
{
    if (mkdir(path, 0777) == 0)
        return true;
    if (errno == EEXIST)
        return error_set(error, ERROR_CONFLICT, "\"%s\" exists", path);
    return error_system(error, "could not create folder \"%s\"", path);
}

bool folder_sync(const char *path, struct error *error)
{
    int descriptor = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (descriptor < 0)
        return error_system(error, "could not open folder \"%s\"", path);
    bool ok = true;
    if (fsync(descriptor) != 0)
        ok = error_system(error, "could not sync folder \"%s\"", path);
    close(descriptor);
    return ok;
}

bool folder_try_write(const char *path, struct error *error)
{
    char probe[LIMIT_PATH_BYTES];
    if (snprintf(probe, sizeof(probe), "%s/.probe-%ld", path, (long)getpid()) >= (int)sizeof(probe))
        return error_set(error, ERROR_LIMIT, "path \"%.64s…\" is longer than %zu bytes", path, LIMIT_PATH_BYTES);
    return write_new(probe, probe, &SLICE("probe"), 1, error) && file_remove(probe, error);
}

bool folder_list(const char *path, bool (*each)(void *context, const char *name, struct error *error), void *context,
                 struct error *error)
{
    DIR *folder = opendir(path);
    if (folder == NULL)
        return error_system(error, "could not open folder \"%s\"", path);
    bool ok = true;
    struct dirent *entry;
    errno = 0;
    while (ok && (entry = readdir(folder)) != NULL) {
        if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0)
            ok = each(context, entry->d_name, error);
        errno = 0;
    }
    if (ok && errno != 0)
        ok = error_system(error, "could not read folder \"%s\"", path);
    closedir(folder);
    return ok;
}

static bool refuse_lock(int descriptor, const char *path, struct error *error)
{
    char owner[160];
    ssize_t size = pread(descriptor, owner, sizeof(owner) - 1, 0);
    owner[size > 0 ? size : 0] = '\0';
    owner[strcspn(owner, "\n")] = '\0';
    error_set(error, ERROR_CONFLICT, "\"%s\" is held by %s", path, owner[0] ? owner : "another process");
    return error_hint(error, "Wait until it has finished; reading works meanwhile.");
}

static bool take_lock(struct file_lock *lock, const char *path, const char *what, bool waits, struct error *error)
{
    int descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0666);
    if (descriptor < 0)
        return error_system(error, "could not open lock \"%s\"", path);
    int locked;
    do
        locked = flock(descriptor, waits ? LOCK_EX : LOCK_EX | LOCK_NB);
    while (locked != 0 && errno == EINTR);
    if (locked != 0) {
        if (errno == EWOULDBLOCK)
            refuse_lock(descriptor, path, error);
        else
            error_system(error, "could not lock \"%s\"", path);
        close(descriptor);
        return false;
    }
    /* Who holds it is only a courtesy to the one who is refused: a failure to write it is not a failure to lock. */
    char owner[160];
    int size = snprintf(owner, sizeof(owner), "process %ld (%s)\n", (long)getpid(), what);
    if (ftruncate(descriptor, 0) == 0 && size > 0)
        (void)!pwrite(descriptor, owner, (size_t)size < sizeof(owner) ? (size_t)size : sizeof(owner) - 1, 0);
    lock->descriptor = descriptor;
    return true;
}

bool file_lock_take(struct file_lock *lock, const char *path, const char *what, struct error *error)
{
    return take_lock(lock, path, what, false, error);
}

bool file_lock_wait(struct file_lock *lock, const char *path, const char *what, struct error *error)
{
    return take_lock(lock, path, what, true, error);
}

void file_lock_release(struct file_lock *lock)
{
    if (lock->descriptor < 0)
        return;
    if (ftruncate(lock->descriptor, 0) != 0) { /* only the courtesy text stays behind */
    }
    close(lock->descriptor);
    lock->descriptor = -1;
}
