/* faultio.c - stands between a program and the disk: counts, kills at, tears, fails or records each disk operation.
 *
 * Loaded before the C library (LD_PRELOAD), it sees the calls that change files or folders below one folder:
 *
 *   open that creates or empties · write, pwrite, writev · ftruncate, truncate · fsync, fdatasync · rename · unlink, rmdir
 *   mkdir
 *
 * Each gets the next number of one counter, shared by all threads and, by a mapped file, by all processes of a run. Settings:
 *
 *   FAULTIO_PREFIX   absolute folder without links in it; only operations on it and below it count
 *   FAULTIO_MODE     what to do, see `enum mode`; nothing else is done when it is absent
 *   FAULTIO_AT       the number of the operation to do it at, from 1
 *   FAULTIO_STICKY   when set: at every operation from FAULTIO_AT on
 *   FAULTIO_COUNTER  file of 8 bytes that holds the counter (else it is private to the process)
 *   FAULTIO_TRACE    file that the operations are recorded into, in any mode; one that fails is not recorded
 *   FAULTIO_OUT      file that gets a line for each operation that was hit
 *   FAULTIO_ACKLOG   the file that the program's standard output goes to: what it acknowledges
 *
 * Acknowledgements are not caught when they are written, because stdio writes inside the C library where no other library
 * can stand. Instead the new bytes of FAULTIO_ACKLOG are recorded before each operation: what is there by then was told to
 * the world before the operation began, which is all that the power-loss model needs.
 *
 * Stores to a shared mapping and writes by stdio are not seen. powerloss.py finds them: it compares the recorded end with
 * the folder. */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

enum mode {
    MODE_NONE,
    MODE_COUNT,     /* only counts */
    MODE_KILL,      /* the process ends before the operation */
    MODE_KILLAFTER, /* the process ends right after it */
    MODE_TORN,      /* a write is done by half, then the process ends; other operations: as killafter */
    MODE_SHORT,     /* a write takes half of the bytes and says so */
    MODE_ENOSPC,    /* what may need room fails: the disk is full */
    MODE_EIO,       /* the operation fails: the disk is broken */
    MODE_LIE,       /* a sync does nothing, is not recorded and reports success */
    MODE_TRACE,     /* only records */
};

/* ORDER KINDS: the numbers stand in the trace; powerloss.py has the same list. */
enum kind {
    KIND_CREATE = 1,
    KIND_WRITE,
    KIND_TRUNCATE,
    KIND_SYNC,
    KIND_RENAME,
    KIND_UNLINK,
    KIND_FOLDER_SYNC,
    KIND_MKDIR,
    KIND_ACK
};

static const char *const mode_names[] = {"none",  "count",  "kill", "killafter", "torn",
                                         "short", "enospc", "eio",  "lie",       "trace"};
static const char *const kind_names[] = {"",       "create", "write",       "truncate", "sync",
                                         "rename", "unlink", "folder-sync", "mkdir",    "ack"};

/* One record of the trace; path, target and data follow it. `node` is the inode: names change, the file stays the same. */
struct record {
    uint32_t kind, path_size, target_size, data_size;
    int64_t offset; /* of a write; the new size of a truncation; of an acknowledgement in its file */
    uint64_t node;
};
_Static_assert(sizeof(struct record) == 32, "powerloss.py reads 32 bytes");

/* What the operation in hand has to do. */
enum verdict { VERDICT_GO, VERDICT_FAIL, VERDICT_HALF, VERDICT_HALF_THEN_DIE, VERDICT_DIE_AFTER, VERDICT_PRETEND };

static const char *prefix;
static size_t prefix_size;
static enum mode mode;
static unsigned long at;
static bool sticky;
static int out = -1;
static int trace = -1;
static int acklog = -1;
static off_t acklog_seen;
static atomic_ulong counter_private;
static atomic_ulong *counter = &counter_private;

/* Held over an operation and its record, so that the trace has the order in which things happened. */
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

static void lock_take(void)
{
    pthread_mutex_lock(&lock);
}

static void lock_release(void)
{
    pthread_mutex_unlock(&lock);
}

static int open_plain(const char *path, int flags)
{
    return (int)syscall(SYS_openat, AT_FDCWD, path, flags | O_CLOEXEC, 0644);
}

static void counter_share(const char *path)
{
    int descriptor = open_plain(path, O_RDWR | O_CREAT);
    if (descriptor < 0)
        return;
    if (syscall(SYS_ftruncate, descriptor, sizeof(*counter)) == 0) {
        void *map = mmap(NULL, sizeof(*counter), PROT_READ | PROT_WRITE, MAP_SHARED, descriptor, 0);
        if (map != MAP_FAILED)
            counter = map;
    }
    syscall(SYS_close, descriptor);
}

__attribute__((constructor)) static void start(void)
{
    const char *name = getenv("FAULTIO_MODE"), *number = getenv("FAULTIO_AT");
    prefix = getenv("FAULTIO_PREFIX");
    if (name == NULL || prefix == NULL)
        return;
    for (size_t i = 0; i < sizeof(mode_names) / sizeof(mode_names[0]); i++)
        if (strcmp(name, mode_names[i]) == 0)
            mode = (enum mode)i;
    prefix_size = strlen(prefix);
    at = number != NULL ? strtoul(number, NULL, 10) : 0;
    sticky = getenv("FAULTIO_STICKY") != NULL;
    if (getenv("FAULTIO_COUNTER") != NULL)
        counter_share(getenv("FAULTIO_COUNTER"));
    if (getenv("FAULTIO_OUT") != NULL)
        out = open_plain(getenv("FAULTIO_OUT"), O_WRONLY | O_CREAT | O_APPEND);
    if (getenv("FAULTIO_TRACE") != NULL)
        trace = open_plain(getenv("FAULTIO_TRACE"), O_WRONLY | O_CREAT | O_APPEND);
    if (getenv("FAULTIO_ACKLOG") != NULL)
        acklog = open_plain(getenv("FAULTIO_ACKLOG"), O_RDONLY);
    pthread_atfork(lock_take, lock_release, lock_release); /* a child must not inherit a lock that nobody releases */
}

/* ---- Which operations count ---- */

static bool path_is_below(const char *path)
{
    return strncmp(path, prefix, prefix_size) == 0 && (path[prefix_size] == '/' || path[prefix_size] == '\0');
}

/* The name of an open file or folder. False when it does not count. */
static bool descriptor_path(int descriptor, char path[PATH_MAX])
{
    if (mode == MODE_NONE)
        return false;
    char link[64];
    snprintf(link, sizeof(link), "/proc/self/fd/%d", descriptor);
    int number = errno; /* a call that passes through must leave errno as it was */
    ssize_t size = readlink(link, path, PATH_MAX - 1);
    errno = number;
    if (size < 0)
        return false;
    path[size] = '\0';
    return path_is_below(path);
}

/* Removes "", "." and ".." from an absolute path, in place; links are not followed. */
static void path_normalize(char *path)
{
    char *end = path; /* of what is done */
    for (const char *part = path; *part != '\0';) {
        while (*part == '/')
            part++;
        size_t size = strcspn(part, "/");
        if (size == 2 && memcmp(part, "..", 2) == 0) {
            while (end > path && *--end != '/') {
            }
        } else if (size > 0 && !(size == 1 && *part == '.')) {
            *end++ = '/';
            memmove(end, part, size);
            end += size;
        }
        part += size;
    }
    *end = '\0';
}

/* The absolute form of a path as it is given to openat and its kin. False when it does not count. */
static bool path_resolve(int folder, const char *path, char full[PATH_MAX])
{
    if (mode == MODE_NONE || path == NULL)
        return false;
    size_t size = 0;
    if (path[0] != '/') {
        char link[64] = "/proc/self/cwd";
        if (folder != AT_FDCWD)
            snprintf(link, sizeof(link), "/proc/self/fd/%d", folder);
        ssize_t got = readlink(link, full, PATH_MAX - 1);
        if (got < 0)
            return false;
        size = (size_t)got;
        full[size++] = '/';
    }
    size_t path_size = strlen(path);
    if (size + path_size >= PATH_MAX)
        return false;
    memcpy(full + size, path, path_size + 1);
    path_normalize(full);
    return path_is_below(full);
}

/* ---- The trace ---- */

static uint64_t node_of(int descriptor)
{
    struct stat status;
    return fstat(descriptor, &status) == 0 ? (uint64_t)status.st_ino : 0;
}

/* One call of writev, so that records of several processes do not mix. */
static void record_write(struct record record, const char *path, const char *target, const void *data)
{
    if (trace < 0)
        return;
    record.path_size = (uint32_t)strlen(path);
    record.target_size = target != NULL ? (uint32_t)strlen(target) : 0;
    struct iovec parts[] = {
        {&record, sizeof(record)},
        {(void *)(uintptr_t)path, record.path_size},
        {(void *)(uintptr_t)target, record.target_size},
        {(void *)(uintptr_t)data, record.data_size},
    };
    int number = errno;
    (void)syscall(SYS_writev, trace, parts, 4);
    errno = number;
}

/* Records what was acknowledged since the last look. Called before each operation, with the lock held. */
static void acks_record(void)
{
    char text[4096];
    ssize_t size;
    if (acklog < 0 || trace < 0)
        return;
    while ((size = syscall(SYS_pread64, acklog, text, sizeof(text), acklog_seen)) > 0) {
        record_write((struct record){.kind = KIND_ACK, .data_size = (uint32_t)size, .offset = acklog_seen}, "", NULL, text);
        acklog_seen += size;
    }
}

/* ---- The faults ---- */

static void die(void)
{
    syscall(SYS_kill, getpid(), SIGKILL);
    for (;;)
        pause();
}

/* Says which operation was hit, and how much was acknowledged by then: for the report and for the one who has to repeat it. */
static void hit_tell(enum kind kind, const char *path, unsigned long number)
{
    char line[PATH_MAX + 96];
    struct stat status = {0};
    if (acklog >= 0)
        (void)fstat(acklog, &status);
    int size = snprintf(line, sizeof(line), "%lu %s %lld %s\n", number, kind_names[kind], (long long)status.st_size, path);
    if (out >= 0 && size > 0)
        (void)syscall(SYS_write, out, line, size);
}

/* A full disk still lets one remove and shorten. */
static bool needs_room(enum kind kind)
{
    return kind != KIND_UNLINK && kind != KIND_TRUNCATE;
}

/* What a fault makes of an operation. Some leave some operations alone: the disk is full, but one may remove. */
static enum verdict fault_verdict(enum kind kind)
{
    switch (mode) {
    case MODE_KILLAFTER:
        return VERDICT_DIE_AFTER;
    case MODE_TORN:
        return kind == KIND_WRITE ? VERDICT_HALF_THEN_DIE : VERDICT_DIE_AFTER;
    case MODE_SHORT:
        return kind == KIND_WRITE ? VERDICT_HALF : VERDICT_GO;
    case MODE_ENOSPC:
        return needs_room(kind) ? VERDICT_FAIL : VERDICT_GO;
    case MODE_EIO:
        return VERDICT_FAIL;
    default:
        return VERDICT_GO;
    }
}

/* Counts the operation and decides about it. */
static enum verdict gate(enum kind kind, const char *path)
{
    unsigned long number = atomic_fetch_add(counter, 1) + 1;
    if (mode == MODE_LIE)
        return kind == KIND_SYNC || kind == KIND_FOLDER_SYNC ? VERDICT_PRETEND : VERDICT_GO;
    if (mode == MODE_TRACE || mode == MODE_COUNT || at == 0 || (sticky ? number < at : number != at))
        return VERDICT_GO;
    enum verdict verdict = fault_verdict(kind);
    if (verdict != VERDICT_GO || mode == MODE_KILL)
        hit_tell(kind, path, number);
    if (mode == MODE_KILL)
        die();
    if (verdict == VERDICT_FAIL)
        errno = mode == MODE_ENOSPC ? ENOSPC : EIO;
    return verdict;
}

/* The end of every operation: the lock is given back, and the process ends if that was the verdict. */
static void leave(enum verdict verdict)
{
    lock_release();
    if (verdict == VERDICT_DIE_AFTER || verdict == VERDICT_HALF_THEN_DIE)
        die();
}

/* ---- Writing ---- */

/* offset < 0: at the file's own position, as write does. */
static ssize_t write_plain(int descriptor, const void *data, size_t size, off_t offset)
{
    return offset < 0 ? syscall(SYS_write, descriptor, data, size) : syscall(SYS_pwrite64, descriptor, data, size, offset);
}

static off_t write_position(int descriptor)
{
    int flags = fcntl(descriptor, F_GETFL);
    struct stat status;
    if (flags >= 0 && (flags & O_APPEND) != 0 && fstat(descriptor, &status) == 0)
        return status.st_size;
    return lseek(descriptor, 0, SEEK_CUR);
}

static ssize_t write_any(int descriptor, const void *data, size_t size, off_t offset)
{
    char path[PATH_MAX];
    if (!descriptor_path(descriptor, path))
        return write_plain(descriptor, data, size, offset);
    enum verdict verdict = gate(KIND_WRITE, path);
    if (verdict == VERDICT_FAIL)
        return -1;
    if ((verdict == VERDICT_HALF || verdict == VERDICT_HALF_THEN_DIE) && size > 1)
        size /= 2;
    lock_take();
    acks_record();
    off_t where = offset < 0 ? write_position(descriptor) : offset;
    ssize_t written = write_plain(descriptor, data, size, offset);
    if (written > 0)
        record_write(
            (struct record){.kind = KIND_WRITE, .data_size = (uint32_t)written, .offset = where, .node = node_of(descriptor)},
            path, NULL, data);
    leave(verdict);
    return written;
}

ssize_t write(int descriptor, const void *data, size_t size)
{
    return write_any(descriptor, data, size, -1);
}

ssize_t pwrite(int descriptor, const void *data, size_t size, off_t offset)
{
    return write_any(descriptor, data, size, offset);
}

ssize_t pwrite64(int descriptor, const void *data, size_t size, off64_t offset)
{
    return write_any(descriptor, data, size, offset);
}

ssize_t writev(int descriptor, const struct iovec *parts, int count)
{
    char path[PATH_MAX];
    if (!descriptor_path(descriptor, path))
        return syscall(SYS_writev, descriptor, parts, count);
    size_t size = 0, done = 0;
    for (int i = 0; i < count; i++)
        size += parts[i].iov_len;
    char *flat = malloc(size + 1); /* one buffer, so that tearing it needs no second way */
    if (flat == NULL)
        return -1;
    for (int i = 0; i < count; done += parts[i++].iov_len)
        memcpy(flat + done, parts[i].iov_base, parts[i].iov_len);
    ssize_t written = write_any(descriptor, flat, size, -1);
    free(flat);
    return written;
}

/* ---- Truncating and syncing ---- */

static int truncate_any(int descriptor, off_t size)
{
    char path[PATH_MAX];
    if (!descriptor_path(descriptor, path))
        return (int)syscall(SYS_ftruncate, descriptor, size);
    enum verdict verdict = gate(KIND_TRUNCATE, path);
    if (verdict == VERDICT_FAIL)
        return -1;
    lock_take();
    acks_record();
    int result = (int)syscall(SYS_ftruncate, descriptor, size);
    if (result == 0)
        record_write((struct record){.kind = KIND_TRUNCATE, .offset = size, .node = node_of(descriptor)}, path, NULL, NULL);
    leave(verdict);
    return result;
}

int ftruncate(int descriptor, off_t size)
{
    return truncate_any(descriptor, size);
}

int ftruncate64(int descriptor, off64_t size)
{
    return truncate_any(descriptor, size);
}

int truncate(const char *path, off_t size)
{
    int descriptor = (int)syscall(SYS_openat, AT_FDCWD, path, O_WRONLY | O_CLOEXEC);
    if (descriptor < 0)
        return -1;
    int result = truncate_any(descriptor, size);
    syscall(SYS_close, descriptor);
    return result;
}

int truncate64(const char *path, off64_t size)
{
    return truncate(path, size);
}

static int sync_any(int descriptor, long call)
{
    char path[PATH_MAX];
    struct stat status;
    if (!descriptor_path(descriptor, path) || fstat(descriptor, &status) != 0)
        return (int)syscall(call, descriptor);
    enum kind kind = S_ISDIR(status.st_mode) ? KIND_FOLDER_SYNC : KIND_SYNC;
    enum verdict verdict = gate(kind, path);
    if (verdict == VERDICT_FAIL)
        return -1;
    lock_take();
    acks_record();
    int result = verdict == VERDICT_PRETEND ? 0 : (int)syscall(call, descriptor);
    if (result == 0 && verdict != VERDICT_PRETEND)
        record_write((struct record){.kind = kind, .node = (uint64_t)status.st_ino}, path, NULL, NULL);
    leave(verdict);
    return result;
}

int fsync(int descriptor)
{
    return sync_any(descriptor, SYS_fsync);
}

int fdatasync(int descriptor)
{
    return sync_any(descriptor, SYS_fdatasync);
}

/* ---- Opening ---- */

static int open_any(int folder, const char *path, int flags, mode_t permissions)
{
    char full[PATH_MAX];
    bool empties = (flags & O_TRUNC) != 0 && (flags & O_ACCMODE) != O_RDONLY;
    if (((flags & O_CREAT) == 0 && !empties) || !path_resolve(folder, path, full))
        return (int)syscall(SYS_openat, folder, path, flags, permissions);
    struct stat status;
    bool existed = stat(full, &status) == 0;
    if (existed && (!empties || status.st_size == 0 || (flags & O_EXCL) != 0))
        return (int)syscall(SYS_openat, folder, path, flags, permissions); /* it changes nothing */
    if (!existed && (flags & O_CREAT) == 0)
        return (int)syscall(SYS_openat, folder, path, flags, permissions); /* it fails */
    enum kind kind = existed ? KIND_TRUNCATE : KIND_CREATE;
    enum verdict verdict = gate(kind, full);
    if (verdict == VERDICT_FAIL)
        return -1;
    lock_take();
    acks_record();
    int descriptor = (int)syscall(SYS_openat, folder, path, flags, permissions);
    if (descriptor >= 0)
        record_write((struct record){.kind = kind, .node = node_of(descriptor)}, full, NULL, NULL);
    leave(verdict);
    return descriptor;
}

/* The permissions are there only when a file may be created. */
#define PERMISSIONS_GET(flags)                                                                                                 \
    mode_t permissions = 0;                                                                                                    \
    if (((flags) & O_CREAT) != 0 || ((flags) & O_TMPFILE) == O_TMPFILE) {                                                      \
        va_list arguments;                                                                                                     \
        va_start(arguments, flags);                                                                                            \
        permissions = va_arg(arguments, mode_t);                                                                               \
        va_end(arguments);                                                                                                     \
    }

int open(const char *path, int flags, ...)
{
    PERMISSIONS_GET(flags)
    return open_any(AT_FDCWD, path, flags, permissions);
}

int open64(const char *path, int flags, ...)
{
    PERMISSIONS_GET(flags)
    return open_any(AT_FDCWD, path, flags, permissions);
}

int openat(int folder, const char *path, int flags, ...)
{
    PERMISSIONS_GET(flags)
    return open_any(folder, path, flags, permissions);
}

int openat64(int folder, const char *path, int flags, ...)
{
    PERMISSIONS_GET(flags)
    return open_any(folder, path, flags, permissions);
}

int creat(const char *path, mode_t permissions)
{
    return open_any(AT_FDCWD, path, O_WRONLY | O_CREAT | O_TRUNC, permissions);
}

/* ---- Folders ---- */

static int unlink_any(int folder, const char *path, int flags)
{
    char full[PATH_MAX];
    struct stat status;
    if (!path_resolve(folder, path, full) || lstat(full, &status) != 0)
        return (int)syscall(SYS_unlinkat, folder, path, flags);
    enum verdict verdict = gate(KIND_UNLINK, full);
    if (verdict == VERDICT_FAIL)
        return -1;
    lock_take();
    acks_record();
    int result = (int)syscall(SYS_unlinkat, folder, path, flags);
    if (result == 0)
        record_write((struct record){.kind = KIND_UNLINK, .node = (uint64_t)status.st_ino}, full, NULL, NULL);
    leave(verdict);
    return result;
}

int unlink(const char *path)
{
    return unlink_any(AT_FDCWD, path, 0);
}

int unlinkat(int folder, const char *path, int flags)
{
    return unlink_any(folder, path, flags);
}

int rmdir(const char *path)
{
    return unlink_any(AT_FDCWD, path, AT_REMOVEDIR);
}

int remove(const char *path)
{
    struct stat status;
    return unlink_any(AT_FDCWD, path, lstat(path, &status) == 0 && S_ISDIR(status.st_mode) ? AT_REMOVEDIR : 0);
}

static int rename_any(int from_folder, const char *from, int to_folder, const char *to, unsigned flags)
{
    char source[PATH_MAX], target[PATH_MAX];
    bool source_counts = path_resolve(from_folder, from, source), target_counts = path_resolve(to_folder, to, target);
    if (!source_counts && !target_counts)
        return (int)syscall(SYS_renameat2, from_folder, from, to_folder, to, flags);
    enum verdict verdict = gate(KIND_RENAME, target);
    if (verdict == VERDICT_FAIL)
        return -1;
    lock_take();
    acks_record();
    int result = (int)syscall(SYS_renameat2, from_folder, from, to_folder, to, flags);
    if (result == 0)
        record_write((struct record){.kind = KIND_RENAME}, source, target, NULL);
    leave(verdict);
    return result;
}

int rename(const char *from, const char *to)
{
    return rename_any(AT_FDCWD, from, AT_FDCWD, to, 0);
}

int renameat(int from_folder, const char *from, int to_folder, const char *to)
{
    return rename_any(from_folder, from, to_folder, to, 0);
}

int renameat2(int from_folder, const char *from, int to_folder, const char *to, unsigned flags)
{
    return rename_any(from_folder, from, to_folder, to, flags);
}

int mkdirat(int folder, const char *path, mode_t permissions)
{
    char full[PATH_MAX];
    struct stat status;
    if (!path_resolve(folder, path, full) || stat(full, &status) == 0)
        return (int)syscall(SYS_mkdirat, folder, path, permissions);
    enum verdict verdict = gate(KIND_MKDIR, full);
    if (verdict == VERDICT_FAIL)
        return -1;
    lock_take();
    acks_record();
    int result = (int)syscall(SYS_mkdirat, folder, path, permissions);
    if (result == 0)
        record_write((struct record){.kind = KIND_MKDIR, .node = stat(full, &status) == 0 ? (uint64_t)status.st_ino : 0}, full,
                     NULL, NULL);
    leave(verdict);
    return result;
}

int mkdir(const char *path, mode_t permissions)
{
    return mkdirat(AT_FDCWD, path, permissions);
}
