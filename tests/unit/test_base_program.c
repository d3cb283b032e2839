/* test_base_program.c - other programs, run confined: what goes in and out, and each way in which they end. The programs are those of
 * every system: cat, head, sleep, sh. */
#include "compare.h"
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static const struct program_limits usual = {.wall_ms = 20000, .cpu_seconds = 10, .memory_bytes = GIB};

struct outcome {
    bool ok;
    struct buffer output;
    struct program_end end;
    struct error error;
};

static struct outcome run(const char *const *arguments, struct slice input, size_t output_max,
                          const struct program_limits *limits)
{
    struct outcome outcome = {0};
    buffer_init(&outcome.output, output_max);
    outcome.ok = program_run(arguments, input, &outcome.output, limits, &outcome.end, &outcome.error);
    return outcome;
}

static struct outcome run_script(const char *script, size_t output_max, const struct program_limits *limits)
{
    const char *const arguments[] = {"sh", "-c", script, NULL};
    return run(arguments, SLICE(""), output_max, limits);
}

static void bytes_go_through(void **state)
{
    (void)state;
    size_t size = 5 * MIB + 3;
    char *bytes = memory_alloc(size, 1);
    struct random random;
    random_init(&random, test_seed());
    for (size_t i = 0; i < size; i++)
        bytes[i] = (char)random_below(&random, 256);
    static const char *const ways[][4] = {{"cat", NULL}, {"cat", "/dev/fd/0", NULL}, {"cat", "-", "/dev/fd/0", NULL}};
    for (size_t i = 0; i < 3; i++) {
        struct outcome outcome = run(ways[i], (struct slice){bytes, size}, 16 * MIB, &usual);
        expect_ok(outcome.ok, &outcome.error);
        assert_int_equal(outcome.end.code, 0);
        compare_bytes("output", slice_range(buffer_slice(&outcome.output), 0, size), (struct slice){bytes, size}, 0);
        assert_int_equal(outcome.output.size, i == 2 ? 2 * size : size);
        buffer_release(&outcome.output);
    }
    free(bytes);
}

static void codes_and_complaints(void **state)
{
    (void)state;
    struct outcome outcome = run_script("echo out; echo no such page >&2; exit 3", KIB, &usual);
    expect_ok(outcome.ok, &outcome.error);
    assert_int_equal(outcome.end.code, 3);
    assert_string_equal(outcome.end.complaint, "no such page\n");
    compare_text("output", buffer_slice(&outcome.output), "out\n");
    buffer_release(&outcome.output);
    /* complaints without end are drained, not waited for, and only their beginning is kept */
    outcome = run_script("i=0; while [ $i -lt 20000 ]; do echo complaint $i >&2; i=$((i+1)); done; echo done", KIB, &usual);
    expect_ok(outcome.ok, &outcome.error);
    assert_int_equal(strlen(outcome.end.complaint), sizeof(outcome.end.complaint) - 1);
    compare_text("output", buffer_slice(&outcome.output), "done\n");
    buffer_release(&outcome.output);
}

static void a_program_has_nothing_of_ours(void **state)
{
    (void)state;
    setenv("ASSAY_SECRET", "x", 1);
    int open_one = open("/dev/null", O_RDONLY); /* without O_CLOEXEC */
    assert_true(open_one > 2);
    const char *const environment[] = {"env", NULL};
    struct outcome outcome = run(environment, SLICE(""), 64 * KIB, &usual);
    expect_ok(outcome.ok, &outcome.error);
    assert_null(strstr(buffer_text(&outcome.output), "ASSAY"));
    assert_non_null(strstr(buffer_text(&outcome.output), "PATH=/usr/bin:/bin"));
    buffer_release(&outcome.output);
    outcome = run_script("for i in 3 4 5 6 7 8 9; do if true <&$i; then echo $i is open; fi; done 2>/dev/null; pwd", KIB,
                         &usual);
    expect_ok(outcome.ok, &outcome.error);
    compare_text("output", buffer_slice(&outcome.output), "/\n");
    buffer_release(&outcome.output);
    close(open_one);
    unsetenv("ASSAY_SECRET");
}

static void a_program_can_do_nothing_else(void **state)
{
    (void)state;
    static const char *const scripts[] = {
        "(echo sub) 2>/dev/null || exit 7", /* fork */
        "exec cat /dev/null", /* another program */
        "echo x > /tmp/confined.tmp || exit 7", /* a file made */
        "echo x >> /dev/null || exit 7", /* a file opened to be written */
        "kill -9 $PPID || exit 7", /* a signal to us */
        "ulimit -t unlimited || exit 7", /* a limit raised */
        "echo x > /dev/fd/0 || exit 7", /* its input changed */
    };
    for (size_t i = 0; i < ARRAY_COUNT(scripts); i++) {
        struct outcome outcome = run_script(scripts[i], KIB, &usual);
        if (outcome.ok && outcome.end.code == 0)
            fail_msg("went through: %s", scripts[i]);
        buffer_release(&outcome.output);
    }
    assert_false(file_exists("/tmp/confined.tmp"));
}

static void limits_end_it(void **state)
{
    (void)state;
    const struct program_limits brief = {.wall_ms = 300, .cpu_seconds = 10, .memory_bytes = GIB};
    const struct program_limits busy = {.wall_ms = 20000, .cpu_seconds = 1, .memory_bytes = GIB};
    const char *const endless[] = {"yes", NULL};
    struct outcome outcome = run_script("while true; do true; done", KIB, &brief);
    expect_error(outcome.ok, &outcome.error, ERROR_LIMIT, "\"sh\" took longer than 1 s");
    buffer_release(&outcome.output);
    outcome = run_script("exec >&- 2>&-; while true; do true; done", KIB, &brief); /* nothing left to be read */
    expect_error(outcome.ok, &outcome.error, ERROR_LIMIT, "\"sh\" took longer than 1 s");
    buffer_release(&outcome.output);
    outcome = run_script("while true; do true; done", KIB, &busy);
    expect_error(outcome.ok, &outcome.error, ERROR_LIMIT, "\"sh\" used more than 1 s of processor time");
    buffer_release(&outcome.output);
    outcome = run(endless, SLICE(""), MIB, &usual);
    expect_error(outcome.ok, &outcome.error, ERROR_LIMIT, "\"yes\" wrote more than 1 MiB");
    buffer_release(&outcome.output);
    /* dd takes its block's memory at once */
    const char *const greedy[] = {"dd", "if=/dev/zero", "of=/dev/fd/1", "bs=4G", "count=1", NULL};
    outcome = run(greedy, SLICE(""), MIB, &usual);
    assert_false(outcome.ok && outcome.end.code == 0);
    buffer_release(&outcome.output);
    outcome = run_script("kill -SEGV $$; exit 9", KIB, &usual); /* not even to itself */
    expect_ok(outcome.ok, &outcome.error);
    assert_int_equal(outcome.end.code, 9);
    buffer_release(&outcome.output);
}

static void absent_programs_are_named(void **state)
{
    (void)state;
    const char *const arguments[] = {"no-such-program", NULL};
    struct outcome outcome = run(arguments, SLICE("x"), KIB, &usual);
    expect_error(outcome.ok, &outcome.error, ERROR_NOT_FOUND, "the program \"no-such-program\" is not installed");
    assert_false(program_is_installed("no-such-program"));
    assert_true(program_is_installed("cat"));
    buffer_release(&outcome.output);
}

static size_t open_descriptors(void)
{
    size_t count = 0;
    DIR *folder = opendir("/proc/self/fd");
    while (folder != NULL && readdir(folder) != NULL)
        count++;
    if (folder != NULL)
        closedir(folder);
    return count;
}

static void *run_many(void *context)
{
    bool *ok = context;
    const char *const arguments[] = {"cat", NULL};
    for (size_t i = 0; i < 50; i++) {
        char text[32];
        snprintf(text, sizeof(text), "%zu of %p", i, context);
        struct outcome outcome = run(arguments, slice_from(text), KIB, &usual);
        *ok = *ok && outcome.ok && slice_equal_text(buffer_slice(&outcome.output), text);
        buffer_release(&outcome.output);
    }
    return NULL;
}

static void threads_do_not_mix(void **state)
{
    (void)state;
    enum { THREADS = 4 };
    pthread_t threads[THREADS];
    bool ok[THREADS];
    size_t before = open_descriptors();
    for (size_t i = 0; i < THREADS; i++) {
        ok[i] = true;
        assert_int_equal(pthread_create(&threads[i], NULL, run_many, &ok[i]), 0);
    }
    for (size_t i = 0; i < THREADS; i++) {
        pthread_join(threads[i], NULL);
        assert_true(ok[i]);
    }
    assert_int_equal(open_descriptors(), before);
    assert_int_equal(waitpid(-1, NULL, WNOHANG), -1); /* none is left over */
    assert_int_equal(errno, ECHILD);
}

/* A process without standard descriptors: those that are made take their numbers. */
static void without_standard_descriptors(void **state)
{
    (void)state;
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        close(0);
        close(1);
        close(2);
        const char *const arguments[] = {"cat", NULL};
        struct outcome outcome = run(arguments, SLICE("text"), KIB, &usual);
        _exit(outcome.ok && slice_equal_text(buffer_slice(&outcome.output), "text") ? 0 : 1);
    }
    int status;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(bytes_go_through),
        cmocka_unit_test(codes_and_complaints),
        cmocka_unit_test(a_program_has_nothing_of_ours),
        cmocka_unit_test(a_program_can_do_nothing_else),
        cmocka_unit_test(limits_end_it),
        cmocka_unit_test(absent_programs_are_named),
        cmocka_unit_test(threads_do_not_mix),
        cmocka_unit_test(without_standard_descriptors),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
