/* program.c - starting a confined program, feeding it and draining it.
 *
 * The child shares our memory until its exec (as posix_spawn's does), so that starting one costs the same however much memory this process
 * holds. Until then it may only make system calls; what fails is told through `struct launch`. */
#include "program.h"
#include "clock.h"
#include "confine.h"
#include "limits.h"
#include "memory.h"
#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { CHILD_STACK_BYTES = 64 * 1024, NOT_STARTED = 127 };

/* ThreadSanitizer takes each clone for a fork and must not meet it in shared memory; then the child's reason for failing is lost. */
#if defined(__has_feature)
#if __has_feature(thread_sanitizer)
#define IS_FORKED 1
#endif
#endif
#if defined(IS_FORKED) || defined(__SANITIZE_THREAD__)
enum { CHILD_FLAGS = SIGCHLD };
#else
enum { CHILD_FLAGS = CLONE_VM | CLONE_VFORK | SIGCHLD };
#endif

/* Between us and the child; all descriptors are past those that it is given. -1: closed, or not open yet. */
struct launch {
    const char *const *arguments;
    const struct confine_limits *limits;
    int program, input;
    int output[2], complaint[2]; /* pipes: the end that is read, the end that is written */
    sigset_t signals; /* the mask that the child gets back */
    struct error error;
};

/* ---- in the child ---- */

static void reset_signals(const sigset_t *mask)
{
    const struct sigaction normal = {.sa_handler = SIG_DFL};
    for (int i = 1; i < NSIG; i++)
        (void)sigaction(i, &normal, NULL); /* fails for the two that cannot be caught, and those of the C library */
    (void)sigprocmask(SIG_SETMASK, mask, NULL);
}

static bool place_descriptors(struct launch *launch)
{
    if (dup2(launch->input, STDIN_FILENO) < 0 || dup2(launch->output[1], STDOUT_FILENO) < 0 ||
        dup2(launch->complaint[1], STDERR_FILENO) < 0 || dup3(launch->program, CONFINE_PROGRAM_DESCRIPTOR, O_CLOEXEC) < 0)
        return false;
    confine_descriptors(CONFINE_PROGRAM_DESCRIPTOR);
    return true;
}

static int become_program(void *context)
{
    static char *const environment[] = {(char *)"PATH=/usr/bin:/bin", (char *)"LC_ALL=C.UTF-8", (char *)"HOME=/nonexistent",
                                        (char *)"OMP_THREAD_LIMIT=1", NULL};
    struct launch *launch = context;
    if (setpgid(0, 0) != 0 || chdir("/") != 0 || !place_descriptors(launch)) {
        error_system(&launch->error, "could not prepare a process for \"%s\"", launch->arguments[0]);
        return NOT_STARTED;
    }
    reset_signals(&launch->signals);
    if (!confine_self(CONFINE_PROGRAM, launch->limits, &launch->error))
        return NOT_STARTED;
    confine_exec((char *const *)launch->arguments, environment);
    error_system(&launch->error, "could not run \"%s\"", launch->arguments[0]);
    return NOT_STARTED;
}

/* ---- starting ---- */

static int open_program(const char *name)
{
    static const char *const folders[] = {"/usr/local/bin", "/usr/bin", "/bin"};
    char path[256];
    for (size_t i = 0; i < ARRAY_COUNT(folders); i++) {
        int size = snprintf(path, sizeof(path), "%s/%s", folders[i], name);
        int opened = size < (int)sizeof(path) && access(path, X_OK) == 0 ? open(path, O_PATH | O_CLOEXEC) : -1;
        if (opened >= 0)
            return opened;
    }
    errno = ENOENT;
    return -1;
}

bool program_is_installed(const char *name)
{
    int opened = open_program(name);
    if (opened >= 0)
        close(opened);
    return opened >= 0;
}

/* Moves a descriptor past those that the child gets, so that none of them is overwritten while they are placed. */
static bool move_up(int *descriptor)
{
    int moved = *descriptor < 0 ? -1 : fcntl(*descriptor, F_DUPFD_CLOEXEC, CONFINE_PROGRAM_DESCRIPTOR + 1);
    int number = errno;
    if (*descriptor >= 0)
        close(*descriptor);
    errno = number;
    *descriptor = moved;
    return moved >= 0;
}

static bool open_pipe(int ends[2])
{
    if (pipe2(ends, O_CLOEXEC) != 0) {
        ends[0] = ends[1] = -1;
        return false;
    }
    bool ok = move_up(&ends[0]);
    return move_up(&ends[1]) && ok;
}

static bool write_all(int descriptor, struct slice bytes)
{
    while (bytes.size > 0) {
        ssize_t wrote = write(descriptor, bytes.data, bytes.size);
        if (wrote < 0 && errno == EINTR)
            continue;
        if (wrote <= 0)
            return false;
        bytes = slice_range(bytes, (size_t)wrote, bytes.size);
    }
    return true;
}

/* A file in memory that nobody can change any more. */
static bool seal_input(int *descriptor, struct slice input)
{
    *descriptor = memfd_create("input", MFD_CLOEXEC | MFD_ALLOW_SEALING);
    return move_up(descriptor) && write_all(*descriptor, input) && lseek(*descriptor, 0, SEEK_SET) == 0 &&
           fcntl(*descriptor, F_ADD_SEALS, F_SEAL_WRITE | F_SEAL_GROW | F_SEAL_SHRINK | F_SEAL_SEAL) == 0;
}

static void close_open(int *descriptor)
{
    if (*descriptor >= 0)
        close(*descriptor);
    *descriptor = -1;
}

static void close_all(struct launch *launch)
{
    int *const all[] = {&launch->program,   &launch->input,        &launch->output[0],
                        &launch->output[1], &launch->complaint[0], &launch->complaint[1]};
    for (size_t i = 0; i < ARRAY_COUNT(all); i++)
        close_open(all[i]);
}

/* What a program is given lies at numbers past those that it may open itself: more than some shells' limits have. */
static bool allow_descriptors(const char *name, struct error *error)
{
    enum { NEEDED = 2 * (CONFINE_PROGRAM_DESCRIPTOR + 1), WANTED = 1024 };
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit) != 0)
        return error_system(error, "could not read the limit of open files");
    if (limit.rlim_cur >= NEEDED)
        return true;
    if (limit.rlim_max < NEEDED) {
        error_set(error, ERROR_LIMIT, "\"%s\" cannot be run: this process may have only %llu open files", name,
                  (unsigned long long)limit.rlim_max);
        return error_hint(error, "Raise the limit: ulimit -n %d, or more.", WANTED);
    }
    limit.rlim_cur = limit.rlim_max < WANTED ? limit.rlim_max : WANTED;
    return setrlimit(RLIMIT_NOFILE, &limit) == 0 || error_system(error, "could not raise the limit of open files");
}

static bool open_all(struct launch *launch, struct slice input, struct error *error)
{
    const char *name = launch->arguments[0];
    launch->program = open_program(name);
    if (launch->program < 0)
        return error_set(error, ERROR_NOT_FOUND, "the program \"%s\" is not installed", name);
    if (!move_up(&launch->program) || !seal_input(&launch->input, input) || !open_pipe(launch->output) ||
        !open_pipe(launch->complaint))
        return error_system(error, "could not prepare \"%s\"", name);
    return true;
}

/* Returns when the child has become the program, or could not. */
static bool start(struct launch *launch, pid_t *child, struct error *error)
{
    sigset_t all;
    unsigned char *stack = memory_alloc(CHILD_STACK_BYTES, 1);
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &launch->signals); /* no handler may run in the child, on our memory */
    *child = clone(become_program, stack + CHILD_STACK_BYTES, CHILD_FLAGS, launch);
    int number = errno;
    pthread_sigmask(SIG_SETMASK, &launch->signals, NULL);
    free(stack);
    errno = number;
    return *child > 0 || error_system(error, "could not start \"%s\"", launch->arguments[0]);
}

/* ---- draining ---- */

/* Takes what can be read; false when there is nothing more to come. */
static bool drain(int descriptor, char *chunk, size_t capacity, size_t *got)
{
    ssize_t count;
    do
        count = read(descriptor, chunk, capacity);
    while (count < 0 && errno == EINTR);
    *got = count > 0 ? (size_t)count : 0;
    return count > 0;
}

static void keep_complaint(struct program_end *end, const char *chunk, size_t size)
{
    size_t used = strlen(end->complaint), room = sizeof(end->complaint) - 1 - used;
    size = size < room ? size : room;
    for (size_t i = 0; i < size; i++) /* a zero byte would end the text */
        end->complaint[used + i] = chunk[i] != '\0' ? chunk[i] : ' ';
    end->complaint[used + size] = '\0';
}

/* To the end of both pipes; false when the time is over or the output has passed its maximum. */
static bool drain_all(struct launch *launch, struct buffer *output, uint64_t deadline_ns, struct program_end *end)
{
    static const short ready = POLLIN | POLLHUP | POLLERR;
    char chunk[32 * KIB];
    while (launch->output[0] >= 0 || launch->complaint[0] >= 0) {
        struct pollfd pipes[2] = {{.fd = launch->output[0], .events = POLLIN}, {.fd = launch->complaint[0], .events = POLLIN}};
        uint64_t now_ns = clock_now_ns();
        if (now_ns >= deadline_ns || (poll(pipes, 2, (int)((deadline_ns - now_ns) / 1000000 + 1)) < 0 && errno != EINTR))
            return false;
        size_t got;
        if ((pipes[0].revents & ready) != 0) {
            if (!drain(launch->output[0], chunk, sizeof(chunk), &got))
                close_open(&launch->output[0]);
            buffer_append(output, chunk, got);
            if (output->failed)
                return false;
        }
        if ((pipes[1].revents & ready) != 0) {
            if (!drain(launch->complaint[0], chunk, sizeof(chunk), &got))
                close_open(&launch->complaint[0]);
            keep_complaint(end, chunk, got);
        }
    }
    return true;
}

/* What has closed its outputs has nearly always ended; what has not by the deadline is ended. */
static bool wait_end(pid_t child, uint64_t deadline_ns, int *status)
{
    const struct timespec pause = {.tv_nsec = 100000};
    for (;;) {
        pid_t ended = waitpid(child, status, WNOHANG);
        if (ended != 0 && (ended > 0 || errno != EINTR))
            return ended == child;
        if (clock_now_ns() >= deadline_ns)
            kill(-child, SIGKILL);
        (void)nanosleep(&pause, NULL);
    }
}

static bool tell_end(const char *name, const struct program_limits *limits, int status, struct error *error)
{
    if (WIFEXITED(status))
        return true;
    int number = WTERMSIG(status);
    if (number == SIGXCPU)
        return error_set(error, ERROR_LIMIT, "\"%s\" used more than %u s of processor time", name, limits->cpu_seconds);
    return error_set(error, ERROR_INVALID, "\"%s\" was ended by signal %d (%s)", name, number, strsignal(number));
}

static bool run(struct launch *launch, struct buffer *output, const struct program_limits *limits, struct program_end *end,
                struct error *error)
{
    const char *name = launch->arguments[0];
    pid_t child;
    if (!start(launch, &child, error))
        return false;
    close_open(&launch->output[1]);
    close_open(&launch->complaint[1]);
    uint64_t deadline_ns = clock_now_ns() + (uint64_t)limits->wall_ms * 1000000;
    bool was_drained = drain_all(launch, output, deadline_ns, end);
    int status;
    if (!wait_end(child, was_drained ? deadline_ns : 0, &status))
        return error_system(error, "could not learn how \"%s\" ended", name);
    if (launch->error.kind != ERROR_NONE) {
        *error = launch->error;
        return false;
    }
    if (output->failed)
        return error_set(error, ERROR_LIMIT, "\"%s\" wrote more than %zu MiB", name, output->size_max / MIB);
    if (!was_drained || (WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL))
        return error_set(error, ERROR_LIMIT, "\"%s\" took longer than %u s", name, (limits->wall_ms + 999) / 1000);
    if (!tell_end(name, limits, status, error))
        return false;
    end->code = WEXITSTATUS(status);
    return end->code != NOT_STARTED || error_set(error, ERROR_IO, "could not run \"%s\"", name);
}

bool program_run(const char *const *arguments, struct slice input, struct buffer *output, const struct program_limits *limits,
                 struct program_end *end, struct error *error)
{
    assert(strchr(arguments[0], '/') == NULL);
    assert(limits->wall_ms > 0 && limits->cpu_seconds > 0 && limits->memory_bytes > 0);
    const struct confine_limits confined = {.memory_bytes = limits->memory_bytes, .cpu_seconds = limits->cpu_seconds};
    struct launch launch = {
        .arguments = arguments, .limits = &confined, .program = -1, .input = -1, .output = {-1, -1}, .complaint = {-1, -1}};
    *end = (struct program_end){0};
    bool ok = confine_prepare(error) && allow_descriptors(arguments[0], error) && open_all(&launch, input, error) &&
              run(&launch, output, limits, end, error);
    close_all(&launch);
    return ok;
}
