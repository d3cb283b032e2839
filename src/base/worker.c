/* worker.c - a stream socket to each worker, and on it, in both directions, messages:
 *
 *   u64 size, then that many bytes     to the worker: u32 job, input
 *                                      from it: u8 1, output  or  u8 0, u8 kind, u32 size, message, hint
 *                                      before, from work that hands over its output in parts: u8 2, part
 *
 * A worker says first that it is confined, by an empty output, or why it cannot be. It ends when its socket does. */
#include "worker.h"
#include "arena.h"
#include "bytes.h"
#include "clock.h"
#include "confine.h"
#include "limits.h"
#include "memory.h"
#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

enum {
    ERROR_BYTES = 4096 /* of an encoded error, more than one can have */,
    START_MS = 20000,
    CPU_SECONDS = 4 * 3600,
    REST_SECONDS = 3600
};

enum { TAG_ERROR, TAG_OUTPUT, TAG_PART };

struct worker {
    pid_t process; /* 0: none */
    int socket;
    bool is_taken;
    uint64_t group;
    uint64_t worked_ns; /* a worker that has worked long is ended, before its processor time is used up */
};

struct workers {
    worker_function *work;
    struct worker_limits limits;
    pthread_mutex_t lock; /* over is_taken */
    struct worker *items;
    size_t count_max;
};

/* ---- in the worker ---- */

static int asker = -1; /* the worker's socket, while it works */

static bool read_all(int socket, void *data, size_t size)
{
    for (size_t done = 0; done < size;) {
        ssize_t got = read(socket, (char *)data + done, size - done);
        if (got == 0 || (got < 0 && errno != EINTR))
            return false;
        done += got > 0 ? (size_t)got : 0;
    }
    return true;
}

static bool write_all(int socket, const void *data, size_t size)
{
    for (size_t done = 0; done < size;) {
        ssize_t put = write(socket, (const char *)data + done, size - done);
        if (put < 0 && errno != EINTR)
            return false;
        done += put > 0 ? (size_t)put : 0;
    }
    return true;
}

static bool send_answer(int socket, const struct buffer *answer)
{
    const uint64_t size = answer->size;
    return write_all(socket, &size, sizeof(size)) && write_all(socket, answer->data, answer->size);
}

bool worker_hand_over(struct slice head, struct slice body)
{
    char start[sizeof(uint64_t) + 1];
    const uint64_t size = 1 + (uint64_t)head.size + body.size;
    memcpy(start, &size, sizeof(size));
    start[sizeof(size)] = TAG_PART;
    return write_all(asker, start, sizeof(start)) && write_all(asker, head.data, head.size) &&
           write_all(asker, body.data, body.size);
}

void worker_put_error(const struct error *error, struct buffer *out)
{
    buffer_append_byte(out, (char)error->kind);
    buffer_u32(out, (uint32_t)strlen(error->message));
    buffer_append_text(out, error->message);
    buffer_append_text(out, error->hint);
}

static void encode_error(const struct error *error, struct buffer *answer)
{
    buffer_clear(answer);
    buffer_append_byte(answer, TAG_ERROR);
    worker_put_error(error, answer);
}

static bool answer_one(worker_function *work, size_t output_bytes, int socket)
{
    struct buffer answer;
    struct error error = {0};
    uint64_t size;
    uint32_t job;
    if (!read_all(socket, &size, sizeof(size)) || size < sizeof(job) || !read_all(socket, &job, sizeof(job)))
        return false;
    size -= sizeof(job);
    char *input = memory_alloc(1, (size_t)size + 1);
    if (!read_all(socket, input, (size_t)size))
        return false;
    buffer_init(&answer, output_bytes + ERROR_BYTES);
    buffer_append_byte(&answer, TAG_OUTPUT);
    asker = socket;
    bool ok = work(job, (struct slice){input, (size_t)size}, &answer, &error);
    if (ok && answer.size > output_bytes + 1)
        answer.failed = true;
    if (!ok || !buffer_finish(&answer, "what was made of it", &error))
        encode_error(&error, &answer);
    ok = send_answer(socket, &answer);
    buffer_release(&answer);
    free(input);
    return ok;
}

/* What a terminal sends to all processes of a command is the first one's business: it ends its workers itself. What a crash sends ends the
 * worker, whatever handlers the program has for it. */
static void set_signals(void)
{
    static const int ignored[] = {SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGPIPE, SIGTSTP};
    static const int fatal[] = {SIGABRT, SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGSYS};
    for (size_t i = 0; i < ARRAY_COUNT(ignored); i++)
        (void)signal(ignored[i], SIG_IGN);
    for (size_t i = 0; i < ARRAY_COUNT(fatal) && !CONFINE_SANITIZED; i++)
        (void)signal(fatal[i], SIG_DFL);
}

/* A reader's complaints are in its answer. Sanitizers tell theirs on standard error. */
static void be_silent(void)
{
    int nothing = CONFINE_SANITIZED ? -1 : open("/dev/null", O_RDWR | O_CLOEXEC);
    if (nothing < 0)
        return;
    (void)dup2(nothing, STDIN_FILENO);
    (void)dup2(nothing, STDOUT_FILENO);
    (void)dup2(nothing, STDERR_FILENO);
}

static _Noreturn void be_worker(worker_function *work, const struct worker_limits *limits, int socket)
{
    struct buffer answer;
    struct error error = {0};
    const struct confine_limits confined = {.memory_bytes = limits->memory_bytes, .cpu_seconds = CPU_SECONDS};
    set_signals();
    be_silent();
    confine_descriptors(socket);
    buffer_init(&answer, ERROR_BYTES);
    buffer_append_byte(&answer, TAG_OUTPUT);
    bool ok = confine_self(CONFINE_WORKER, &confined, &error);
    if (!ok)
        encode_error(&error, &answer);
    ok = send_answer(socket, &answer) && ok;
    buffer_release(&answer);
    while (ok)
        ok = answer_one(work, limits->output_bytes, socket);
    _exit(0);
}

/* ---- in the program ---- */

static uint64_t deadline_after(uint64_t wall_ms)
{
    return clock_now_ns() + wall_ms * 1000000;
}

/* Waits until the socket can be read or written; false after the deadline. */
static bool wait_for(int socket, short event, uint64_t deadline_ns)
{
    for (;;) {
        uint64_t now = clock_now_ns();
        if (now >= deadline_ns)
            return false;
        struct pollfd wanted = {.fd = socket, .events = event};
        uint64_t left_ms = (deadline_ns - now) / 1000000 + 1;
        int ready = poll(&wanted, 1, left_ms < 1000 ? (int)left_ms : 1000);
        if (ready > 0)
            return true;
        if (ready < 0 && errno != EINTR)
            return true; /* the call that follows tells why */
    }
}

enum transfer { TRANSFER_DONE, TRANSFER_ENDED, TRANSFER_LATE };

static enum transfer give(int socket, const void *data, size_t size, uint64_t deadline_ns)
{
    for (size_t done = 0; done < size;) {
        ssize_t put = send(socket, (const char *)data + done, size - done, MSG_NOSIGNAL | MSG_DONTWAIT);
        if (put >= 0)
            done += (size_t)put;
        else if (errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR) {
            if (!wait_for(socket, POLLOUT, deadline_ns))
                return TRANSFER_LATE;
        } else
            return TRANSFER_ENDED;
    }
    return TRANSFER_DONE;
}

static enum transfer take(int socket, void *data, size_t size, uint64_t deadline_ns)
{
    for (size_t done = 0; done < size;) {
        if (!wait_for(socket, POLLIN, deadline_ns))
            return TRANSFER_LATE;
        ssize_t got = recv(socket, (char *)data + done, size - done, MSG_DONTWAIT);
        if (got == 0 || (got < 0 && errno != EAGAIN && errno != EWOULDBLOCK && errno != EINTR))
            return TRANSFER_ENDED;
        done += got > 0 ? (size_t)got : 0;
    }
    return TRANSFER_DONE;
}

/* The worker's answer, with a size that is within its limit. Room is taken as the bytes come. */
static enum transfer take_answer(int socket, struct buffer *answer, uint64_t deadline_ns)
{
    uint64_t size;
    enum transfer transfer = take(socket, &size, sizeof(size), deadline_ns);
    if (transfer != TRANSFER_DONE || size == 0 || size > answer->size_max)
        return transfer != TRANSFER_DONE ? transfer : TRANSFER_ENDED;
    while (transfer == TRANSFER_DONE && answer->size < size) {
        size_t part = (size_t)size - answer->size < MIB ? (size_t)size - answer->size : MIB;
        void *room = buffer_reserve(answer, part);
        if (room == NULL)
            return TRANSFER_ENDED;
        transfer = take(socket, room, part, deadline_ns);
        answer->size += transfer == TRANSFER_DONE ? part : 0;
    }
    return transfer;
}

/* Ends a worker, whatever it does; how it had ended, as waitpid tells it. */
static int end_worker(struct worker *worker)
{
    int status = 0;
    close(worker->socket);
    (void)kill(worker->process, SIGKILL);
    while (waitpid(worker->process, &status, 0) < 0 && errno == EINTR)
        ;
    *worker = (struct worker){.socket = -1, .is_taken = worker->is_taken};
    return status;
}

/* A worker whose socket ended has ended by itself, or is about to: its status says why. */
static int await_end(struct worker *worker)
{
    int status = 0;
    pid_t ended = 0;
    for (int i = 0; i < 200 && ended == 0; i++) {
        ended = waitpid(worker->process, &status, WNOHANG);
        if (ended == 0)
            (void)poll(NULL, 0, 5);
    }
    if (ended == 0)
        return end_worker(worker);
    close(worker->socket);
    *worker = (struct worker){.socket = -1, .is_taken = worker->is_taken};
    return status;
}

static void tell_end(int status, const struct worker_limits *limits, struct error *error)
{
    if (WIFSIGNALED(status) && WTERMSIG(status) == SIGSYS) {
        error_set(error, ERROR_INVALID, "its reader was stopped: it tried what a reader may not do");
        error_hint(error, "It may be an attack. Please report it, if you know where it comes from.");
    } else if (WIFSIGNALED(status)) { /* without memory it aborts, and since it may send no signal, that is a crash too */
        error_set(error, ERROR_INVALID, "its reader needed more than %zu MiB of memory, or crashed (%s)",
                  limits->memory_bytes / MIB, strsignal(WTERMSIG(status)));
        error_hint(error, "%s; and please report it, if you may give it away.", limits->advice);
    } else {
        error_set(error, ERROR_INVALID, "its reader ended before it answered (code %d)",
                  WIFEXITED(status) ? WEXITSTATUS(status) : -1);
        error_hint(error, "Please report it.");
    }
}

static bool tell_transfer(struct worker *worker, enum transfer transfer, uint64_t wall_ms, const struct worker_limits *limits,
                          struct error *error)
{
    if (transfer == TRANSFER_ENDED) {
        tell_end(await_end(worker), limits, error);
        return false;
    }
    (void)end_worker(worker);
    error_set(error, ERROR_LIMIT, "its reader was stopped after %.3g s", (double)wall_ms / 1000);
    return error_hint(error, "%s.", limits->advice);
}

/* What stands in an answer came from a process that may have been taken over: it is text for people, on one line. */
void worker_take_error(struct bytes *bytes, struct error *error)
{
    struct arena arena;
    arena_init(&arena);
    uint8_t kind = bytes_u8(bytes);
    struct slice message = arena_line(&arena, bytes_slice(bytes, bytes_u32(bytes)));
    struct slice hint = arena_line(&arena, bytes_slice(bytes, bytes_left(bytes)));
    bool is_known = !bytes->failed && kind > ERROR_NONE && kind < ERROR_KIND_COUNT && message.size > 0;
    if (!is_known || memchr(message.data, '\0', message.size) != NULL || memchr(hint.data, '\0', hint.size) != NULL) {
        error_set(error, ERROR_CORRUPT, "what its reader gave back is damaged");
    } else {
        error_set(error, (enum error_kind)kind, SLICE_FORMAT, SLICE_ARGUMENT(message));
        error_hint(error, SLICE_FORMAT, SLICE_ARGUMENT(hint));
    }
    arena_release(&arena);
}

/* Who asks, and what for. */
struct asking {
    const struct worker_limits *limits;
    struct worker *worker;
    worker_check *take_part, *check; /* take_part NULL: its output comes in one */
    void *context;
    uint64_t wall_ms; /* that it may take */
    uint64_t left_ns; /* of that */
    struct buffer answer;
};

static bool is_part(const struct asking *asking)
{
    return asking->take_part != NULL && asking->answer.data[0] == TAG_PART;
}

static bool read_answer(const struct asking *asking, struct error *error)
{
    struct slice answer = buffer_slice(&asking->answer);
    struct bytes bytes = bytes_from(answer);
    uint8_t tag = bytes_u8(&bytes);
    if (tag == TAG_OUTPUT)
        return asking->check(asking->context, slice_range(answer, 1, answer.size), error);
    if (tag == TAG_ERROR)
        worker_take_error(&bytes, error);
    else
        error_set(error, ERROR_CORRUPT, "what its reader gave back is damaged");
    return false;
}

static enum transfer send_input(const struct worker *worker, uint32_t job, struct slice input, uint64_t deadline_ns)
{
    uint64_t size = sizeof(job) + input.size;
    enum transfer transfer = give(worker->socket, &size, sizeof(size), deadline_ns);
    if (transfer == TRANSFER_DONE)
        transfer = give(worker->socket, &job, sizeof(job), deadline_ns);
    return transfer == TRANSFER_DONE ? give(worker->socket, input.data, input.size, deadline_ns) : transfer;
}

/* Sends the input, when there is one, and takes the next message. Only this is time that the worker took. */
static enum transfer exchange(struct asking *asking, uint32_t job, const struct slice *input)
{
    uint64_t started = clock_now_ns(), deadline_ns = started + asking->left_ns;
    enum transfer transfer = input != NULL ? send_input(asking->worker, job, *input, deadline_ns) : TRANSFER_DONE;
    buffer_clear(&asking->answer);
    if (transfer == TRANSFER_DONE)
        transfer = take_answer(asking->worker->socket, &asking->answer, deadline_ns);
    uint64_t took_ns = clock_now_ns() - started;
    asking->worker->worked_ns += took_ns;
    asking->left_ns -= took_ns < asking->left_ns ? took_ns : asking->left_ns;
    return transfer;
}

/* Each part of the output buys the time that an input of its size would. */
static bool hand_on(struct asking *asking, struct error *error)
{
    const struct worker_limits *limits = asking->limits;
    struct slice part = slice_range(buffer_slice(&asking->answer), 1, asking->answer.size);
    bool is_more = limits->buys_time == NULL || limits->buys_time(part);
    uint64_t more_ms = is_more ? limits->wall_ms_per_mib * (uint64_t)asking->answer.size / MIB : 0;
    asking->wall_ms += more_ms;
    asking->left_ns += more_ms * 1000000;
    return asking->take_part(asking->context, part, error);
}

static bool ask(struct asking *asking, uint32_t job, struct slice input, struct error *error)
{
    struct worker *worker = asking->worker;
    asking->wall_ms = asking->limits->wall_ms + asking->limits->wall_ms_per_mib * (uint64_t)(input.size / MIB);
    asking->left_ns = asking->wall_ms * 1000000;
    buffer_init(&asking->answer, asking->limits->output_bytes + ERROR_BYTES);
    bool ok = true;
    enum transfer transfer = exchange(asking, job, &input);
    while (transfer == TRANSFER_DONE && is_part(asking) && ok) {
        ok = hand_on(asking, error);
        if (ok)
            transfer = exchange(asking, job, NULL);
    }
    bool is_left = !ok; /* in the midst of its output */
    if (ok)
        ok = transfer == TRANSFER_DONE ? read_answer(asking, error)
                                       : tell_transfer(worker, transfer, asking->wall_ms, asking->limits, error);
    buffer_release(&asking->answer);
    bool is_tired = worker->worked_ns > REST_SECONDS * UINT64_C(1000000000), lies = !ok && error->kind == ERROR_CORRUPT;
    if (worker->process != 0 && (is_tired || lies || is_left))
        (void)end_worker(worker);
    return ok;
}

enum worker_outcome workers_run(struct workers *workers, uint64_t group, unsigned job, struct slice input, worker_check *check,
                                void *context, struct error *error)
{
    return workers_stream(workers, group, job, input, NULL, check, context, error);
}

enum worker_outcome workers_stream(struct workers *workers, uint64_t group, unsigned job, struct slice input,
                                   worker_check *take_part, worker_check *check, void *context, struct error *error)
{
    struct worker *worker = NULL;
    pthread_mutex_lock(&workers->lock);
    for (size_t i = 0; i < workers->count_max && worker == NULL; i++)
        if (!workers->items[i].is_taken && workers->items[i].process != 0 && workers->items[i].group == group)
            worker = &workers->items[i];
    if (worker != NULL) /* who has taken it may end it */
        worker->is_taken = true;
    pthread_mutex_unlock(&workers->lock);
    if (worker == NULL)
        return WORKER_NONE;
    struct asking asking = {
        .limits = &workers->limits, .worker = worker, .take_part = take_part, .check = check, .context = context};
    bool ok = ask(&asking, job, input, error);
    pthread_mutex_lock(&workers->lock);
    worker->is_taken = false;
    pthread_mutex_unlock(&workers->lock);
    return ok ? WORKER_DONE : WORKER_FAILED;
}

/* ---- starting and ending ---- */

static bool start_worker(const struct workers *workers, struct worker *worker, struct error *error)
{
    int sockets[2];
    struct buffer answer;
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, sockets) != 0)
        return error_system(error, "could not make a socket for a reader");
    pid_t process = fork();
    if (process == 0)
        be_worker(workers->work, &workers->limits, sockets[1]);
    close(sockets[1]);
    if (process < 0) {
        error_system(error, "could not start a process for a reader");
        close(sockets[0]);
        return false;
    }
    *worker = (struct worker){.process = process, .socket = sockets[0]};
    buffer_init(&answer, ERROR_BYTES);
    enum transfer transfer = take_answer(worker->socket, &answer, deadline_after(START_MS));
    struct bytes bytes = bytes_from(buffer_slice(&answer));
    bool ok = transfer == TRANSFER_DONE && bytes_u8(&bytes) == 1;
    if (transfer != TRANSFER_DONE)
        (void)tell_transfer(worker, transfer, START_MS, &workers->limits, error);
    else if (!ok)
        worker_take_error(&bytes, error);
    if (!ok && worker->process != 0)
        (void)end_worker(worker);
    buffer_release(&answer);
    return ok;
}

struct workers *workers_create(worker_function *work, const struct worker_limits *limits, size_t count_max)
{
    struct workers *workers = memory_alloc(1, sizeof(*workers));
    *workers = (struct workers){.work = work, .limits = *limits, .count_max = count_max};
    workers->items = memory_alloc(count_max, sizeof(*workers->items));
    pthread_mutex_init(&workers->lock, NULL);
    return workers;
}

void workers_free(struct workers *workers)
{
    if (workers == NULL)
        return;
    for (size_t i = 0; i < workers->count_max; i++)
        if (workers->items[i].process != 0)
            (void)end_worker(&workers->items[i]);
    pthread_mutex_destroy(&workers->lock);
    free(workers->items);
    free(workers);
}

bool workers_start(struct workers *workers, uint64_t group, size_t count, struct error *error)
{
    size_t there = 0;
    for (size_t i = 0; i < workers->count_max; i++) {
        struct worker *worker = &workers->items[i];
        if (worker->process != 0 && worker->group != group && worker->worked_ns > 0)
            (void)end_worker(worker);
        worker->group = group;
        there += worker->process != 0;
    }
    if (there < count && !confine_prepare(error))
        return false;
    for (size_t i = 0; i < workers->count_max && there < count; i++) {
        assert(!workers->items[i].is_taken);
        if (workers->items[i].process != 0)
            continue;
        if (!start_worker(workers, &workers->items[i], error))
            return there > 0; /* fewer take longer */
        workers->items[i].group = group;
        there++;
    }
    return true;
}
