/* test_base_confine.c - what a confined process can and cannot do. Each attempt is made in a child of its own, which ends with 0 when
 * it was refused as it should be. */
#include "base/confine.h"
#include "compare.h"
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

enum { REFUSED = 0, WENT_THROUGH = 11, OTHER_ERROR = 12, NOT_CONFINED = 13 };

/* Runs attempt() confined; its exit code, or minus the signal that ended it. */
static int confined(enum confine_kind kind, const struct confine_limits *limits, int (*attempt)(void))
{
    struct error error = {0};
    assert_true(confine_prepare(&error));
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        confine_descriptors(-1);
        _exit(confine_self(kind, limits, &error) ? attempt() : NOT_CONFINED);
    }
    int status;
    assert_int_equal(waitpid(child, &status, 0), child);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
}

static const struct confine_limits roomy = {.memory_bytes = 256 * MIB, .cpu_seconds = 10};

static int refused(long result)
{
    return result >= 0 ? WENT_THROUGH : errno == EPERM || errno == EACCES ? REFUSED : OTHER_ERROR;
}

static int try_open(void)
{
    return refused(open("/etc/hostname", O_RDONLY));
}

static int try_create(void)
{
    return refused(open("confined.tmp", O_WRONLY | O_CREAT, 0600));
}

static int try_unnamed_file(void)
{
    return refused(open(".", O_RDWR | O_TMPFILE, 0600));
}

static int try_truncate(void)
{
    return refused(open("/dev/null", O_RDONLY | O_TRUNC));
}

static int try_socket(void)
{
    return refused(socket(AF_INET, SOCK_STREAM, 0));
}

static int try_local_socket(void)
{
    int pair[2];
    return refused(socketpair(AF_UNIX, SOCK_STREAM, 0, pair));
}

static int try_fork(void)
{
    long child = syscall(SYS_clone, SIGCHLD, 0, 0, 0, 0);
    if (child == 0)
        _exit(WENT_THROUGH);
    return refused(child);
}

static int try_exec(void)
{
    char name[] = "true", *arguments[] = {name, NULL};
    return refused(execve("/bin/true", arguments, arguments + 1));
}

static int try_trace(void)
{
    return refused(ptrace(PTRACE_TRACEME, 0, NULL, NULL));
}

static int try_kill(void)
{
    return refused(syscall(SYS_kill, getppid(), 0));
}

static int try_unshare(void)
{
    return refused(unshare(CLONE_NEWUSER));
}

static int try_code(void)
{
    void *page = mmap(NULL, 4096, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    return refused(page == MAP_FAILED ? -1 : 0);
}

static int try_remove(void)
{
    return refused(unlink("kept.tmp"));
}

/* What a reader of documents needs: memory, and the descriptors that it has. */
static int work_as_usual(void)
{
    size_t size = 32 * MIB;
    char *memory = malloc(size);
    if (memory == NULL)
        return OTHER_ERROR;
    memset(memory, 1, size);
    char *more = realloc(memory, 2 * size);
    if (more == NULL || more[size - 1] != 1 || write(STDOUT_FILENO, "", 0) != 0)
        return OTHER_ERROR;
    free(more);
    return 0;
}

static char *volatile taken; /* so that no compiler leaves out memory that nothing reads */

static int take_memory(void)
{
    for (size_t i = 0; i < 64; i++) {
        char *memory = malloc(16 * MIB);
        if (memory == NULL)
            return REFUSED;
        memset(memory, 1, 16 * MIB);
        taken = memory;
    }
    return WENT_THROUGH;
}

static int turn_forever(void)
{
    volatile bool goes_on = true;
    while (goes_on)
        ;
    return WENT_THROUGH;
}

static int read_own_settings(void)
{
    return open("/etc/passwd", O_RDONLY) >= 0 ? WENT_THROUGH : REFUSED;
}

static void nothing_needless_is_allowed(void **state)
{
    (void)state;
    struct error error = {0};
    assert_true(file_replace("kept.tmp", SLICE("x"), &error));
    static int (*const never[])(void) = {try_create, try_unnamed_file, try_truncate, try_socket,  try_local_socket, try_fork,
                                         try_exec,   try_trace,        try_kill,     try_unshare, try_code,         try_remove};
    for (size_t i = 0; i < ARRAY_COUNT(never); i++) {
        if (confined(CONFINE_WORKER, &roomy, never[i]) != REFUSED)
            fail_msg("attempt %zu went through in a worker", i);
        if (confined(CONFINE_PROGRAM, &(struct confine_limits){.memory_bytes = 64 * GIB, .cpu_seconds = 10}, never[i]) !=
            REFUSED)
            fail_msg("attempt %zu went through in a program", i);
    }
    assert_int_equal(confined(CONFINE_WORKER, &roomy, try_open), REFUSED);
    assert_true(file_exists("kept.tmp"));
    assert_false(file_exists("confined.tmp"));
    assert_true(file_remove("kept.tmp", &error));
}

static void work_goes_on(void **state)
{
    (void)state;
    assert_int_equal(confined(CONFINE_WORKER, &roomy, work_as_usual), 0);
}

/* The same attempts unconfined, so that a refusal above is the confinement's. */
static void attempts_work_unconfined(void **state)
{
    (void)state;
    static int (*const attempts[])(void) = {try_open, try_socket, try_local_socket, try_kill, try_fork};
    for (size_t i = 0; i < ARRAY_COUNT(attempts); i++) {
        pid_t child = fork();
        if (child == 0)
            _exit(attempts[i]());
        int status;
        assert_int_equal(waitpid(child, &status, 0), child);
        assert_true(WIFEXITED(status) && WEXITSTATUS(status) == WENT_THROUGH);
    }
}

static void limits_hold(void **state)
{
    (void)state;
    const struct confine_limits small = {.memory_bytes = 64 * MIB, .cpu_seconds = 10};
    const struct confine_limits large = {.memory_bytes = 2 * GIB, .cpu_seconds = 10};
    assert_int_equal(confined(CONFINE_WORKER, &small, take_memory), CONFINE_SANITIZED ? WENT_THROUGH : REFUSED);
    assert_int_equal(confined(CONFINE_WORKER, &large, take_memory), WENT_THROUGH);
    const struct confine_limits brief = {.memory_bytes = 256 * MIB, .cpu_seconds = 1};
    assert_int_equal(confined(CONFINE_WORKER, &brief, turn_forever), -SIGXCPU);
}

/* Only where the kernel has Landlock; elsewhere a program reads what its user may. */
static void a_program_sees_no_personal_files(void **state)
{
    (void)state;
    if (syscall(444 /* landlock_create_ruleset */, NULL, 0, 1) < 1)
        skip();
    const struct confine_limits program = {.memory_bytes = 64 * GIB, .cpu_seconds = 10};
    assert_int_equal(confined(CONFINE_PROGRAM, &program, read_own_settings), REFUSED);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(attempts_work_unconfined),
        cmocka_unit_test(nothing_needless_is_allowed),
        cmocka_unit_test(work_goes_on),
        cmocka_unit_test(limits_hold),
        cmocka_unit_test(a_program_sees_no_personal_files),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
