/* test_base_nursery.c - what a worker finds in its memory: nothing of what the program has in its own, and not its environment. */
#include "compare.h"
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

enum { CANARY_BYTES = 32, GROUP = 1, CHUNK_BYTES = MIB };

static volatile char in_data[CANARY_BYTES]; /* one of the places where a canary is; volatile: nothing reads it */

static bool work(unsigned job, struct slice input, struct buffer *output, struct error *error)
{
    (void)job;
    (void)input;
    (void)error;
    buffer_format(output, "%d %d", (int)getpid(), getenv("PATH") != NULL);
    return true;
}

static const struct worker_limits limits = {
    .wall_ms = 60000, .memory_bytes = 64 << 20, .output_bytes = 1 << 20, .advice = "Split it"};

struct told {
    uint64_t process, has_path;
};

static bool take_told(void *context, struct slice output, struct error *error)
{
    struct told *told = context;
    uint64_t *const numbers[] = {&told->process, &told->has_path};
    struct slice part;
    for (size_t i = 0; i < ARRAY_COUNT(numbers); i++)
        if (!slice_next(&output, ' ', &part) || !slice_to_u64(part, numbers[i]))
            return error_set(error, ERROR_CORRUPT, "two numbers were expected");
    return true;
}

static struct told ask(struct workers *workers)
{
    struct error error = {0};
    struct told told = {0};
    expect_ok(workers_run(workers, GROUP, 0, SLICE("x"), take_told, &told, &error) == WORKER_DONE, &error);
    return told;
}

/* How often the canary is between two addresses. Pages that are not there are passed over. */
static size_t count_in_range(int memory, uint64_t from, uint64_t to, const char *canary)
{
    size_t count = 0;
    char *chunk = memory_alloc(CHUNK_BYTES, 1);
    for (uint64_t at = from; at < to; at += CHUNK_BYTES - CANARY_BYTES + 1) {
        ssize_t got = pread(memory, chunk, to - at < CHUNK_BYTES ? (size_t)(to - at) : CHUNK_BYTES, (off_t)at);
        size_t left = got > 0 ? (size_t)got : 0;
        for (const char *next = chunk; (next = memmem(next, left, canary, CANARY_BYTES)) != NULL; next++, count++)
            left = (size_t)(chunk + got - next) - 1;
    }
    memset(chunk, 0, CHUNK_BYTES); /* this process is to have it in no more places than before */
    free(chunk);
    return count;
}

/* In all of a process's memory but what sanitizers set apart for themselves. */
static size_t count_canaries(uint64_t process, const char *canary)
{
    char path[64], line[512];
    size_t count = 0;
    snprintf(path, sizeof(path), "/proc/%llu/mem", (unsigned long long)process);
    int memory = open(path, O_RDONLY);
    snprintf(path, sizeof(path), "/proc/%llu/maps", (unsigned long long)process);
    FILE *maps = fopen(path, "r");
    assert_true(memory >= 0 && maps != NULL);
    while (fgets(line, sizeof(line), maps) != NULL) {
        char *end;
        uint64_t from = strtoull(line, &end, 16), to = strtoull(end + 1, NULL, 16);
        if (strstr(line, " r") != NULL && strstr(line, "[v") == NULL && to - from < GIB)
            count += count_in_range(memory, from, to, canary);
    }
    fclose(maps);
    close(memory);
    return count;
}

static struct workers *started(void)
{
    struct error error = {0};
    struct workers *workers = workers_create(work, &limits, 1);
    expect_ok(workers_start(workers, GROUP, 1, &error), &error);
    return workers;
}

static void memory_is_its_own(void **state)
{
    (void)state;
    struct random random;
    random_init(&random, 20261127);
    char *on_heap = memory_alloc(CANARY_BYTES + 1, 1);
    for (size_t i = 0; i < CANARY_BYTES; i++) /* made here, so that the program's file does not hold it */
        in_data[i] = on_heap[i] = (char)('a' + random_below(&random, 26));
    assert_int_equal(setenv("ASSAY_TEST_KEY", on_heap, 1), 0);
    struct workers *workers = started();
    const struct told told = ask(workers);
    assert_true(count_canaries((uint64_t)getpid(), on_heap) >= 3); /* the search finds what there is */
    assert_int_equal(count_canaries(told.process, on_heap), 0);
    assert_int_equal(told.has_path, 0);
    workers_free(workers);
    assert_int_equal(unsetenv("ASSAY_TEST_KEY"), 0);
    free(on_heap);
}

/* It is waited for as any other process of ours: nothing is left behind. */
static void workers_are_children(void **state)
{
    (void)state;
    struct workers *workers = started();
    const struct told told = ask(workers);
    assert_int_equal(waitpid((pid_t)told.process, NULL, WNOHANG), 0);
    workers_free(workers);
    assert_int_equal(kill((pid_t)told.process, 0), -1);
    assert_int_equal(waitpid(-1, NULL, WNOHANG), -1); /* no child at all */
}

/* A process of ours that has no other name than the nursery's; its number, or 0. */
static pid_t find_nursery(pid_t not_this)
{
    char path[64], text[256];
    pid_t found = 0;
    for (pid_t process = not_this - 1; process > not_this - 64 && process > 0 && found == 0; process--) {
        snprintf(path, sizeof(path), "/proc/%d/cmdline", (int)process);
        FILE *file = fopen(path, "r");
        size_t size = file != NULL ? fread(text, 1, sizeof(text) - 1, file) : 0;
        text[size] = '\0';
        if (file != NULL)
            fclose(file);
        if (strcmp(text, "assay-readers") == 0 && waitpid(process, NULL, WNOHANG) == 0) /* a child */
            found = process;
    }
    return found;
}

/* ---- what comes before the work ---- */

static struct {
    unsigned number;
    bool has_home, has_path, reads, writes, connects, forks;
} prepared;

static bool can_read(void)
{
    char byte;
    int file = open("/proc/self/exe", O_RDONLY | O_CLOEXEC);
    bool can = file >= 0 && read(file, &byte, 1) == 1;
    if (file >= 0)
        close(file);
    return can;
}

static void prepare(unsigned number)
{
    prepared.number = number;
    prepared.has_home = getenv("HOME") != NULL && strcmp(getenv("HOME"), "/where/somebody/lives") == 0;
    prepared.has_path = getenv("PATH") != NULL;
    prepared.reads = can_read();
    prepared.writes = open("/tmp", O_WRONLY | O_TMPFILE | O_CLOEXEC, 0600) >= 0;
    prepared.connects = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0) >= 0;
    prepared.forks = fork() >= 0;
}

static bool tell_prepared(unsigned job, struct slice input, struct buffer *output, struct error *error)
{
    (void)job;
    (void)input;
    (void)error;
    buffer_format(output, "%u home %d path %d reads %d writes %d connects %d forks %d, then reads %d", prepared.number,
                  prepared.has_home, prepared.has_path, prepared.reads, prepared.writes, prepared.connects, prepared.forks,
                  can_read());
    return true;
}

static void crash(unsigned number)
{
    (void)number;
    _exit(3);
}

static bool take_text(void *context, struct slice output, struct error *error)
{
    (void)error;
    buffer_append_slice(context, output);
    return true;
}

/* It finds what it needs to open libraries, and can do no more than that; the work behind it cannot do that either. */
static void prepared_before_it_is_confined(void **state)
{
    (void)state;
    struct error error = {0};
    struct buffer text;
    char *home = getenv("HOME") != NULL ? memory_copy_text(getenv("HOME"), strlen(getenv("HOME"))) : NULL;
    assert_int_equal(setenv("HOME", "/where/somebody/lives", 1), 0);
    struct workers *workers = workers_create(tell_prepared, &limits, 1);
    workers_prepare(workers, prepare, 7);
    expect_ok(workers_start(workers, GROUP, 1, &error), &error);
    buffer_init(&text, KIB);
    expect_ok(workers_run(workers, GROUP, 0, SLICE("x"), take_text, &text, &error) == WORKER_DONE, &error);
    compare_text("prepared", buffer_slice(&text), "7 home 1 path 0 reads 1 writes 0 connects 0 forks 0, then reads 0");
    assert_int_equal(prepared.number, 0); /* not here */
    buffer_release(&text);
    workers_free(workers);
    assert_int_equal(home != NULL ? setenv("HOME", home, 1) : unsetenv("HOME"), 0);
    free(home);
}

/* What ends there is told by who starts the worker. */
static void preparation_that_ends(void **state)
{
    (void)state;
    struct error error = {0};
    struct workers *workers = workers_create(tell_prepared, &limits, 2);
    workers_prepare(workers, crash, 0);
    expect_error(workers_start(workers, GROUP, 2, &error), &error, ERROR_INVALID, "ended before it answered (code 3)");
    workers_free(workers);
    assert_int_equal(waitpid(-1, NULL, WNOHANG), -1);
}

/* Somebody ends the nursery: the next worker has another. */
static void a_lost_nursery_is_replaced(void **state)
{
    (void)state;
    struct error error = {0};
    struct workers *workers = started();
    pid_t nursery = find_nursery((pid_t)ask(workers).process);
    assert_true(nursery > 0);
    assert_int_equal(kill(nursery, SIGKILL), 0);
    expect_ok(workers_start(workers, GROUP + 1, 1, &error), &error); /* the worker of the other group is ended */
    expect_ok(workers_start(workers, GROUP, 1, &error), &error);
    assert_true(ask(workers).process > 0);
    workers_free(workers);
    assert_int_equal(waitpid(-1, NULL, WNOHANG), -1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(memory_is_its_own),
        cmocka_unit_test(workers_are_children),
        cmocka_unit_test(prepared_before_it_is_confined),
        cmocka_unit_test(preparation_that_ends),
        cmocka_unit_test(a_lost_nursery_is_replaced),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
