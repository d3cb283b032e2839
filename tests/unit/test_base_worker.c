/* test_base_worker.c - work that crashes, hangs, takes too much or lies costs one input each, and the next one is worked on again. */
#include "compare.h"
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

enum job {
    READ,
    REFUSE,
    CRASH,
    ABORT,
    HANG,
    LEAVE,
    TAKE_MEMORY,
    TOO_MUCH,
    OPEN_FILE,
    OPEN_SOCKET,
    LIE_SIZE,
    LIE_OUTPUT,
    LIE_KIND,
    LIE_ERROR,
    SLOW,
    COUNT,
    PARTS,
    PARTS_REFUSED,
    PARTS_CRASH,
    PARTS_HANG
};

/* Past the program, on the worker's socket: the one descriptor that can be written to beside the standard ones. */
static _Noreturn void answer_with(struct slice bytes)
{
    for (int i = STDERR_FILENO + 1; i < 64; i++)
        if (write(i, bytes.data, bytes.size) == (ssize_t)bytes.size)
            _exit(0);
    _exit(1);
}

enum { GROUP = 1 };

static unsigned counted; /* what a worker keeps between two inputs */
static volatile uintptr_t nowhere = 16; /* no memory is there */
static char *volatile last_part; /* so that no compiler leaves out memory that nothing reads */

static bool give_back(struct slice input, struct buffer *output)
{
    buffer_append_text(output, "got ");
    buffer_append_slice(output, input);
    return true;
}

static bool take_memory(struct error *error)
{
    for (size_t taken = 0; taken < (CONFINE_SANITIZED ? 1 : 64); taken++) { /* there a worker has no limit, and is slow */
        char *part = malloc(64 * MIB);
        if (part == NULL)
            abort(); /* as memory_alloc does */
        memset(part, 1, 64 * MIB);
        last_part = part;
    }
    return error_set(error, ERROR_INVALID, "there is no limit");
}

static bool is_denied(bool failed, struct error *error)
{
    return error_set(error, failed ? ERROR_IO : ERROR_INVALID, failed ? "it is denied" : "it is allowed");
}

/* "1", "2", … as many as the input says, and then what the job is about. */
static bool hand_over_parts(enum job job, struct slice input, struct buffer *output, struct error *error)
{
    uint64_t count = 0;
    char number[24];
    (void)slice_to_u64(input, &count);
    for (uint64_t i = 1; i <= count; i++) {
        int size = snprintf(number, sizeof(number), "%llu", (unsigned long long)i);
        if (!worker_hand_over(SLICE("part "), (struct slice){number, (size_t)size}))
            return error_set(error, ERROR_CANCELLED, "nobody waits");
    }
    if (job == PARTS_REFUSED)
        return error_set(error, ERROR_INVALID, "it ends there");
    if (job == PARTS_CRASH)
        _exit(3);
    if (job == PARTS_HANG)
        for (;;)
            (void)getppid();
    buffer_append_text(output, "end");
    return true;
}

static bool work(unsigned job, struct slice input, struct buffer *output, struct error *error)
{
    switch ((enum job)job) {
    case READ:
        return give_back(input, output);
    case REFUSE:
        error_set(error, ERROR_CORRUPT, "it is damaged\nin line %d", 2);
        return error_hint(error, "Mend it.");
    case CRASH:
        *(volatile char *)nowhere = 1;
        break;
    case ABORT:
        abort();
    case HANG:
        for (;;)
            (void)getppid();
    case LEAVE:
        _exit(3);
    case TAKE_MEMORY:
        return take_memory(error);
    case TOO_MUCH:
        buffer_append_zeros(output, 33 * MIB);
        return true;
    case OPEN_FILE:
        return is_denied(open("/etc/passwd", O_RDONLY) < 0, error);
    case OPEN_SOCKET:
        return is_denied(socket(AF_INET, SOCK_STREAM, 0) < 0, error);
    case LIE_SIZE:
        answer_with(SLICE("\xFF\xFF\xFF\xFF\xFF\xFF\xFF\x7F"));
    case LIE_OUTPUT:
        answer_with(SLICE("\x05\0\0\0\0\0\0\0\1gots"));
    case LIE_KIND:
        answer_with(SLICE("\x02\0\0\0\0\0\0\0\2x"));
    case LIE_ERROR:
        answer_with(SLICE("\x06\0\0\0\0\0\0\0\0\1\xFF\xFF\xFF\xFF"));
    case SLOW:
        usleep(300000);
        return give_back(input, output);
    case COUNT:
        buffer_format(output, "%u", ++counted);
        return true;
    case PARTS:
    case PARTS_REFUSED:
    case PARTS_CRASH:
    case PARTS_HANG:
        return hand_over_parts((enum job)job, input, output, error);
    }
    return error_set(error, ERROR_INVALID, "there is no such job");
}

static const struct worker_limits limits = {
    .wall_ms = 2000, .memory_bytes = 512 << 20, .output_bytes = 32 << 20, .advice = "Split it"};

/* Takes what give_back makes of `context`, and nothing else. */
static bool check(void *context, struct slice output, struct error *error)
{
    const struct slice *input = context;
    if (slice_starts_with(output, SLICE("got ")) && slice_equal(slice_range(output, 4, output.size), *input))
        return true;
    return error_set(error, ERROR_CORRUPT, "this was not what was given");
}

static enum worker_outcome run(struct workers *workers, enum job job, struct slice input, struct error *error)
{
    return workers_run(workers, GROUP, job, input, check, &input, error);
}

static bool take_count(void *context, struct slice output, struct error *error)
{
    (void)error;
    return slice_to_u64(output, context);
}

/* How often a worker of the group has counted, this time included. */
static void expect_count(struct workers *workers, uint64_t group, uint64_t expected)
{
    struct error error = {0};
    uint64_t count = 0;
    expect_ok(workers_run(workers, group, COUNT, SLICE("x"), take_count, &count, &error) == WORKER_DONE, &error);
    assert_int_equal(count, expected);
}

static void expect_read(struct workers *workers, struct slice input)
{
    struct error error = {0};
    expect_ok(run(workers, READ, input, &error) == WORKER_DONE, &error);
}

static void expect_failure(struct workers *workers, enum job job, enum error_kind kind, const char *part)
{
    struct error error = {0};
    assert_int_equal(run(workers, job, SLICE("input"), &error), WORKER_FAILED);
    expect_error(false, &error, kind, part);
    assert_null(strchr(error.message, '\n'));
}

/* One worker: whatever happens to it, the next document is read. */
static void failures(void **state)
{
    (void)state;
    static const struct {
        enum job job;
        enum error_kind kind;
        const char *part;
        bool ends_worker;
    } cases[] = {
        {REFUSE, ERROR_CORRUPT, "it is damaged in line 2", true},
        {ABORT, ERROR_INVALID, CONFINE_SANITIZED ? "its reader" : "needed more than 512 MiB of memory, or crashed", true},
        {HANG, ERROR_LIMIT, "stopped after 2 s", true},
        {LEAVE, ERROR_INVALID, "ended before it answered (code 3)", true},
        {TOO_MUCH, ERROR_LIMIT, "what was made of it", false},
        {OPEN_FILE, ERROR_IO, "it is denied", false},
        {OPEN_SOCKET, ERROR_IO, "it is denied", false},
        {LIE_SIZE, ERROR_INVALID, "ended before it answered", true},
        {LIE_OUTPUT, ERROR_CORRUPT, "not what was given", true},
        {LIE_KIND, ERROR_CORRUPT, "gave back is damaged", true},
        {LIE_ERROR, ERROR_CORRUPT, "gave back is damaged", true},
        {CRASH, ERROR_INVALID, CONFINE_SANITIZED ? "its reader" : "crashed (Segmentation fault)", true},
        {TAKE_MEMORY, ERROR_INVALID, CONFINE_SANITIZED ? "no limit" : "512 MiB", true},
    };
    struct error error = {0};
    (void)signal(
        SIGSEGV,
        SIG_DFL); /* cmocka's handler would go on with the tests in the worker, which keeps handlers under sanitizers */
    struct worker_limits patience = limits; /* on a busy machine two seconds are soon over */
    patience.wall_ms = 120000;
    struct workers *hasty = workers_create(work, &limits, 1), *patient = workers_create(work, &patience, 1);
    for (size_t i = 0; i < ARRAY_COUNT(cases); i++) {
        struct workers *workers = cases[i].job == HANG ? hasty : patient;
        expect_ok(workers_start(workers, GROUP, 1, &error), &error);
        expect_read(workers, SLICE("before"));
        expect_failure(workers, cases[i].job, cases[i].kind, cases[i].part);
        if (!cases[i].ends_worker)
            expect_read(workers, SLICE("the same worker goes on"));
    }
    expect_ok(workers_start(patient, GROUP, 1, &error), &error);
    expect_read(patient, SLICE("after"));
    workers_free(hasty);
    workers_free(patient);
    workers_free(NULL);
}

static void none_is_free(void **state)
{
    (void)state;
    struct error error = {0};
    struct workers *workers = workers_create(work, &limits, 2);
    assert_int_equal(run(workers, READ, SLICE("x"), &error), WORKER_NONE);
    expect_ok(workers_start(workers, GROUP, 1, &error), &error);
    expect_failure(workers, LEAVE, ERROR_INVALID, "code 3");
    assert_int_equal(run(workers, READ, SLICE("x"), &error), WORKER_NONE);
    expect_ok(workers_start(workers, GROUP, 2, &error), &error);
    expect_read(workers, SLICE("x"));
    workers_free(workers);
}

static void large_inputs(void **state)
{
    (void)state;
    struct error error = {0};
    struct workers *workers = workers_create(work, &limits, 1);
    struct slice large = {memory_alloc(1, 20 * MIB), 20 * MIB};
    memset((char *)large.data, 'x', large.size);
    expect_ok(workers_start(workers, GROUP, 1, &error), &error);
    expect_read(workers, large);
    expect_read(workers, SLICE("small"));
    free((char *)large.data);
    workers_free(workers);
}

/* What a worker keeps of one input never meets an input of another group. */
static void groups_are_apart(void **state)
{
    (void)state;
    struct error error = {0};
    struct slice input = SLICE("x");
    struct workers *workers = workers_create(work, &limits, 2);
    expect_ok(workers_start(workers, 1, 2, &error), &error);
    expect_count(workers, 1, 1);
    assert_int_equal(workers_run(workers, 2, READ, input, check, &input, &error), WORKER_NONE);
    expect_ok(workers_start(workers, 2, 2, &error), &error);
    expect_count(workers, 2, 1); /* none that counted for the other group */
    assert_int_equal(workers_run(workers, 1, READ, input, check, &input, &error), WORKER_NONE);
    expect_ok(workers_start(workers, 2, 2, &error), &error);
    expect_count(workers, 2, 2); /* the same one goes on with its own */
    workers_free(workers);
}

/* One worker is enough: it takes longer. */
static void too_few_files(void **state)
{
    (void)state;
    struct error error = {0};
    struct rlimit before, tight;
    struct workers *workers = workers_create(work, &limits, 2);
    expect_ok(workers_start(workers, GROUP, 1, &error), &error); /* what they are forked from is there */
    expect_failure(workers, LEAVE, ERROR_INVALID, "code 3");
    assert_int_equal(getrlimit(RLIMIT_NOFILE, &before), 0);
    int next = dup(STDIN_FILENO);
    assert_true(next >= 0);
    close(next);
    tight = before;
    tight.rlim_cur = (rlim_t)next + 2; /* a pair of sockets, of which one stays: no room for another pair */
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &tight), 0);
    bool ok = workers_start(workers, GROUP, 2, &error);
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &before), 0);
    expect_ok(ok, &error);
    expect_read(workers, SLICE("x"));
    expect_failure(workers, LEAVE, ERROR_INVALID, "code 3");
    assert_int_equal(run(workers, READ, SLICE("x"), &error), WORKER_NONE);
    tight.rlim_cur = (rlim_t)next + 1;
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &tight), 0);
    ok = workers_start(workers, GROUP, 2, &error);
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &before), 0);
    expect_error(ok, &error, ERROR_LIMIT, "could not make a socket");
    workers_free(workers);
}

struct crew {
    struct workers *workers;
    size_t read, failed, none;
    pthread_mutex_t lock;
};

static void *read_often(void *context)
{
    struct crew *crew = context;
    for (size_t i = 0; i < 20; i++) {
        struct error error = {0};
        enum worker_outcome outcome = run(crew->workers, i == 15 ? LEAVE : READ, SLICE("text"), &error);
        pthread_mutex_lock(&crew->lock);
        *(outcome == WORKER_DONE ? &crew->read : outcome == WORKER_FAILED ? &crew->failed : &crew->none) += 1;
        pthread_mutex_unlock(&crew->lock);
    }
    return NULL;
}

/* As many workers as threads, so that every input is worked on until a first worker ends; from then on a thread may find none free. */
static void several_threads(void **state)
{
    (void)state;
    enum { THREADS = 4 };
    struct error error = {0};
    pthread_t threads[THREADS];
    struct crew crew = {.workers = workers_create(work, &limits, THREADS), .lock = PTHREAD_MUTEX_INITIALIZER};
    expect_ok(workers_start(crew.workers, GROUP, THREADS, &error), &error);
    for (size_t i = 0; i < THREADS; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, read_often, &crew), 0);
    for (size_t i = 0; i < THREADS; i++)
        pthread_join(threads[i], NULL);
    assert_true(crew.failed >= 1 && crew.failed <= THREADS && crew.read >= 15);
    assert_int_equal(crew.read + crew.failed + crew.none, 20 * THREADS);
    workers_free(crew.workers);
}

/* ---- output in parts ---- */

struct parts {
    uint64_t count, stop_at, asked;
    bool has_ended;
};

static bool take_numbered(void *context, struct slice part, struct error *error)
{
    struct parts *parts = context;
    uint64_t number = 0;
    assert_true(slice_starts_with(part, SLICE("part ")));
    assert_true(slice_to_u64(slice_range(part, 5, part.size), &number));
    assert_int_equal(number, ++parts->count);
    return parts->count != parts->stop_at || error_set(error, ERROR_CANCELLED, "that is enough");
}

static bool take_last(void *context, struct slice output, struct error *error)
{
    struct parts *parts = context;
    (void)error;
    parts->has_ended = true;
    return slice_equal_text(output, "end");
}

static struct parts stream(struct workers *workers, enum job job, const char *count, uint64_t stop_at, struct error *error)
{
    struct parts parts = {.stop_at = stop_at};
    const struct worker_taking taking = {.take_part = take_numbered, .check = take_last, .context = &parts};
    enum worker_outcome outcome = workers_stream(workers, GROUP, job, slice_from(count), &taking, error);
    assert_int_equal(outcome, error->kind == ERROR_NONE ? WORKER_DONE : WORKER_FAILED);
    return parts;
}

static void parts_come_one_by_one(void **state)
{
    (void)state;
    static const struct {
        enum job job;
        uint64_t stop_at;
        enum error_kind kind;
        const char *part;
        bool ends_worker;
    } cases[] = {
        {PARTS, 0, ERROR_NONE, NULL, false},
        {PARTS, 3, ERROR_CANCELLED, "that is enough", true},
        {PARTS_REFUSED, 0, ERROR_INVALID, "it ends there", false},
        {PARTS_CRASH, 0, ERROR_INVALID, "ended before it answered (code 3)", true},
        {PARTS_HANG, 0, ERROR_LIMIT, "stopped after", true},
    };
    struct workers *workers = workers_create(work, &limits, 1);
    for (size_t i = 0; i < ARRAY_COUNT(cases); i++) {
        struct error error = {0}, started = {0};
        expect_ok(workers_start(workers, GROUP, 1, &started), &started);
        struct parts parts = stream(workers, cases[i].job, "5000", cases[i].stop_at, &error);
        if (cases[i].part != NULL)
            expect_error(false, &error, cases[i].kind, cases[i].part);
        assert_int_equal(parts.count, cases[i].stop_at > 0 ? cases[i].stop_at : 5000);
        assert_int_equal(parts.has_ended, cases[i].kind == ERROR_NONE);
        if (cases[i].ends_worker)
            assert_int_equal(run(workers, READ, SLICE("x"), &error), WORKER_NONE);
        else
            expect_read(workers, SLICE("the same worker goes on"));
    }
    struct error error = {0};
    expect_ok(workers_start(workers, GROUP, 1, &error), &error);
    assert_int_equal(run(workers, PARTS, SLICE("1"), &error), WORKER_FAILED); /* who asks for one output gets no parts */
    expect_error(false, &error, ERROR_CORRUPT, "gave back is damaged");
    workers_free(workers);
}

static bool go_on_three_times(void *context, struct error *error)
{
    struct parts *parts = context;
    return parts->asked++ < 3 || error_set(error, ERROR_CANCELLED, "nobody waits any more");
}

/* Whoever waits for a part that does not come can stop waiting, long before the time is over. */
static void stopped_while_it_works(void **state)
{
    (void)state;
    struct error error = {0};
    struct worker_limits patience = limits;
    patience.wall_ms = 3600000;
    struct workers *workers = workers_create(work, &patience, 1);
    expect_ok(workers_start(workers, GROUP, 1, &error), &error);
    struct parts parts = {0};
    const struct worker_taking taking = {take_numbered, take_last, go_on_three_times, &parts};
    enum worker_outcome outcome = workers_stream(workers, GROUP, PARTS_HANG, SLICE("7"), &taking, &error);
    assert_int_equal(outcome, WORKER_FAILED);
    expect_error(false, &error, ERROR_CANCELLED, "nobody waits");
    assert_int_equal(parts.count, 7);
    assert_int_equal(parts.asked, 4);
    assert_int_equal(run(workers, READ, SLICE("x"), &error), WORKER_NONE); /* the worker is ended */
    workers_free(workers);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(failures),
        cmocka_unit_test(none_is_free),
        cmocka_unit_test(large_inputs),
        cmocka_unit_test(groups_are_apart),
        cmocka_unit_test(too_few_files),
        cmocka_unit_test(several_threads),
        cmocka_unit_test(parts_come_one_by_one),
        cmocka_unit_test(stopped_while_it_works),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
