#include "log.h"
#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <pthread.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

/* Under the lock: bytes from `at` to `end` are to be written. */
static struct {
    char bytes[LOG_WAITING_BYTES];
    size_t at, end;
    uint64_t lost; /* lines, since it was last told */
} waiting;

enum way { WAY_UNKNOWN, WAY_FILE, WAY_SOCKET, WAY_OWN, WAY_ASKED };

/* How standard error takes bytes without keeping anybody waiting; under the lock. O_NONBLOCK belongs to the open pipe or terminal, which other programs
 * may share (the shell), so it is opened a second time. Where that may not be, it is asked before each write. */
static enum way find_way(int *descriptor)
{
    static enum way way = WAY_UNKNOWN;
    static int own = STDERR_FILENO;
    struct stat status;
    if (way == WAY_UNKNOWN) {
        way = fstat(STDERR_FILENO, &status) != 0 || S_ISREG(status.st_mode) ? WAY_FILE
              : S_ISSOCK(status.st_mode)                                    ? WAY_SOCKET
                                                                            : WAY_OWN;
        int opened = way == WAY_OWN ? open("/proc/self/fd/2", O_WRONLY | O_NONBLOCK | O_CLOEXEC | O_NOCTTY) : -1;
        if (opened >= 0)
            own = opened;
        else if (way == WAY_OWN)
            way = WAY_ASKED;
    }
    *descriptor = own;
    return way;
}

/* A pipe that takes something takes at least PIPE_BUF. */
static ssize_t write_if_taken(int descriptor, const char *bytes, size_t size)
{
    struct pollfd asked = {.fd = descriptor, .events = POLLOUT};
    if (poll(&asked, 1, 0) == 1 && (asked.revents & POLLOUT) != 0)
        return write(descriptor, bytes, size < PIPE_BUF ? size : PIPE_BUF);
    errno = EAGAIN;
    return -1;
}

/* How many bytes were taken; less than 0: none, and later some may be. */
static ssize_t write_some(const char *bytes, size_t size)
{
    int descriptor;
    enum way way = find_way(&descriptor);
    if (way == WAY_SOCKET)
        return send(descriptor, bytes, size, MSG_DONTWAIT | MSG_NOSIGNAL);
    return way == WAY_ASKED ? write_if_taken(descriptor, bytes, size) : write(descriptor, bytes, size);
}

static void write_waiting(void)
{
    while (waiting.at < waiting.end) {
        ssize_t taken = write_some(waiting.bytes + waiting.at, waiting.end - waiting.at);
        if (taken > 0)
            waiting.at += (size_t)taken;
        else if (taken == 0 || errno != EINTR)
            return;
    }
    waiting.at = waiting.end = 0;
}

static bool has_room(size_t size)
{
    if (LOG_WAITING_BYTES - waiting.end < size && waiting.at > 0) {
        memmove(waiting.bytes, waiting.bytes + waiting.at, waiting.end - waiting.at);
        waiting.end -= waiting.at;
        waiting.at = 0;
    }
    return LOG_WAITING_BYTES - waiting.end >= size;
}

static void put(struct slice line)
{
    assert(LOG_WAITING_BYTES - waiting.end >= line.size);
    memcpy(waiting.bytes + waiting.end, line.data, line.size);
    waiting.end += line.size;
}

/* With room for the line that comes behind it. */
static void tell_lost(size_t size, log_tell_lost *tell)
{
    struct buffer line;
    if (waiting.lost == 0 || !has_room(size))
        return;
    tell(&line, waiting.lost);
    if (!line.failed && has_room(size + line.size)) {
        put(buffer_slice(&line));
        waiting.lost = 0;
    }
    buffer_release(&line);
}

void log_ready(struct slice line, log_tell_lost *tell)
{
    assert(line.size <= LOG_LINE_BYTES);
    pthread_mutex_lock(&lock);
    write_waiting();
    tell_lost(line.size, tell);
    if (waiting.lost == 0 && has_room(line.size))
        put(line);
    else
        waiting.lost++;
    write_waiting();
    pthread_mutex_unlock(&lock);
}

void log_flush(void)
{
    pthread_mutex_lock(&lock);
    write_waiting();
    pthread_mutex_unlock(&lock);
}
