/* again.c - forks, and becomes the same program. In the child of a process with threads only system calls may be made. */
#include "again.h"
#include "arena.h"
#include "confine.h"
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

enum { YIELDING = 10 /* its niceness */, NOT_STARTED = 127 };

struct again_launch {
    const struct again_options *options;
    char **environment;
    pid_t parent;
    int input, output, messages;
};

static void become_again(const struct again_launch *launch)
{
    sigset_t none;
    sigemptyset(&none);
    (void)sigprocmask(SIG_SETMASK, &none, NULL);
    (void)signal(SIGPIPE, SIG_DFL);
    (void)setpgid(0, 0);
    (void)setpriority(PRIO_PROCESS, 0, YIELDING);
    if (prctl(PR_SET_PDEATHSIG, SIGKILL) != 0 || getppid() != launch->parent || dup2(launch->input, STDIN_FILENO) < 0 ||
        dup2(launch->output, STDOUT_FILENO) < 0 || dup2(launch->messages, STDERR_FILENO) < 0)
        _exit(NOT_STARTED);
    confine_descriptors(-1);
    execve("/proc/self/exe", (char *const *)launch->options->words, launch->environment);
    _exit(NOT_STARTED);
}

static char **make_environment(struct arena *arena, const char *variable)
{
    size_t count = 0, used = 0, name = strcspn(variable, "=") + 1;
    while (environ[count] != NULL)
        count++;
    char **made = arena_alloc(arena, count + 2, sizeof(*made));
    for (size_t i = 0; i < count; i++)
        if (strncmp(environ[i], variable, name) != 0)
            made[used++] = environ[i];
    made[used++] = (char *)variable;
    made[used] = NULL;
    return made;
}

static int open_new(const char *path)
{
    return open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
}

static void close_if_open(int descriptor)
{
    if (descriptor >= 0)
        (void)close(descriptor);
}

bool again_start(const struct again_options *options, pid_t *child, struct error *error)
{
    struct arena arena;
    arena_init(&arena);
    const struct again_launch launch = {.options = options,
                                        .environment = make_environment(&arena, options->variable),
                                        .parent = getpid(),
                                        .input = open("/dev/null", O_RDONLY | O_CLOEXEC),
                                        .output = open_new(options->output),
                                        .messages = open_new(options->messages)};
    bool ok = launch.input >= 0 && launch.output >= 0 && launch.messages >= 0;
    *child = ok ? fork() : -1;
    if (*child == 0)
        become_again(&launch);
    ok = *child > 0 || error_system(error, "could not start a process that writes \"%s\"", options->output);
    close_if_open(launch.input);
    close_if_open(launch.output);
    close_if_open(launch.messages);
    arena_release(&arena);
    return ok;
}

bool again_ended(pid_t child, int *status)
{
    pid_t ended = waitpid(child, status, WNOHANG);
    if (ended < 0 && errno != EINTR) {
        *status = NOT_STARTED << 8;
        return true;
    }
    return ended == child;
}

void again_stop(pid_t child, bool at_once)
{
    (void)kill(child, at_once ? SIGKILL : SIGTERM);
}
