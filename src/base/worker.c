/* worker.c - the program's side: starting workers, asking them, taking what they answer, ending them. */
#include "worker.h"
#include "arena.h"
#include "bytes.h"
#include "clock.h"
#include "confine.h"
#include "limits.h"
#include "memory.h"
#include "nursery.h"
#include "worker_process.h"
#include <assert.h>
#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

enum { START_MS = 20000, ASK_MS = 100, REST_SECONDS = 3600 };

struct worker {
    pid_t process; /* 0: none */
    int socket;
    bool is_taken;
    uint64_t group;
    uint64_t worked_ns; /* a worker that has worked long is ended, before its processor time is used up */
};

struct workers {
    worker_function *work;
    worker_preparation *prepare; /* NULL: nothing */
    unsigned prepared_for;
    struct worker_limits limits;
    pthread_mutex_t lock; /* over is_taken */
    struct worker *items;
    size_t count_max;
    bool has_nursery; /* false once it was found that there can be none */
    struct nursery nursery;
};

/* How long, and whether still. */
struct patience {
    uint64_t deadline_ns, asked_ns; /* asked_ns: when go_on was asked last */
    const struct worker_taking *taking; /* NULL: nobody is asked */
    struct error *error; /* of go_on */
};

enum transfer { TRANSFER_DONE, TRANSFER_ENDED, TRANSFER_LATE, TRANSFER_STOPPED };

/* Waits until the socket can be read or written: TRANSFER_DONE. */
static enum transfer wait_for(int socket, short event, struct patience *patience)
{
    bool asks = patience->taking != NULL && patience->taking->go_on != NULL;
    for (;;) {
        uint64_t now = clock_now_ns();
        if (now >= patience->deadline_ns)
            return TRANSFER_LATE;
        if (asks && now - patience->asked_ns >= (uint64_t)ASK_MS * 1000000) {
            patience->asked_ns = now;
            if (!patience->taking->go_on(patience->taking->context, patience->error))
                return TRANSFER_STOPPED;
        }
        struct pollfd wanted = {.fd = socket, .events = event};
        uint64_t left_ms = (patience->deadline_ns - now) / 1000000 + 1, longest_ms = asks ? ASK_MS : 1000;
        int ready = poll(&wanted, 1, (int)(left_ms < longest_ms ? left_ms : longest_ms));
        if (ready > 0 || (ready < 0 && errno != EINTR)) /* the call that follows tells why */
            return TRANSFER_DONE;
    }
}

static enum transfer give(int socket, const void *data, size_t size, struct patience *patience)
{
    for (size_t done = 0; done < size;) {
        ssize_t put = send(socket, (const char *)data + done, size - done, MSG_NOSIGNAL | MSG_DONTWAIT);
        if (put >= 0)
            done += (size_t)put;
        else if (errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR) {
            enum transfer waited = wait_for(socket, POLLOUT, patience);
            if (waited != TRANSFER_DONE)
                return waited;
        } else
            return TRANSFER_ENDED;
    }
    return TRANSFER_DONE;
}

static enum transfer take(int socket, void *data, size_t size, struct patience *patience)
{
    for (size_t done = 0; done < size;) {
        enum transfer waited = wait_for(socket, POLLIN, patience);
        if (waited != TRANSFER_DONE)
            return waited;
        ssize_t got = recv(socket, (char *)data + done, size - done, MSG_DONTWAIT);
        if (got == 0 || (got < 0 && errno != EAGAIN && errno != EWOULDBLOCK && errno != EINTR))
            return TRANSFER_ENDED;
        done += got > 0 ? (size_t)got : 0;
    }
    return TRANSFER_DONE;
}

/* The worker's answer, with a size that is within its limit. Room is taken as the bytes come. */
static enum transfer take_answer(int socket, struct buffer *answer, struct patience *patience)
{
    uint64_t size;
    enum transfer transfer = take(socket, &size, sizeof(size), patience);
    if (transfer != TRANSFER_DONE || size == 0 || size > answer->size_max)
        return transfer != TRANSFER_DONE ? transfer : TRANSFER_ENDED;
    while (transfer == TRANSFER_DONE && answer->size < size) {
        size_t part = (size_t)size - answer->size < MIB ? (size_t)size - answer->size : MIB;
        void *room = buffer_reserve(answer, part);
        if (room == NULL)
            return TRANSFER_ENDED;
        transfer = take(socket, room, part, patience);
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
    const struct worker_taking *taking;
    uint64_t wall_ms; /* that it may take */
    uint64_t left_ns; /* of that */
    struct buffer answer;
};

static bool is_part(const struct asking *asking)
{
    return asking->taking->take_part != NULL && asking->answer.data[0] == TAG_PART;
}

static bool read_answer(const struct asking *asking, struct error *error)
{
    struct slice answer = buffer_slice(&asking->answer);
    struct bytes bytes = bytes_from(answer);
    uint8_t tag = bytes_u8(&bytes);
    if (tag == TAG_OUTPUT)
        return asking->taking->check(asking->taking->context, slice_range(answer, 1, answer.size), error);
    if (tag == TAG_ERROR)
        worker_take_error(&bytes, error);
    else
        error_set(error, ERROR_CORRUPT, "what its reader gave back is damaged");
    return false;
}

static enum transfer send_input(const struct worker *worker, uint32_t job, struct slice input, struct patience *patience)
{
    uint64_t size = sizeof(job) + input.size;
    enum transfer transfer = give(worker->socket, &size, sizeof(size), patience);
    if (transfer == TRANSFER_DONE)
        transfer = give(worker->socket, &job, sizeof(job), patience);
    return transfer == TRANSFER_DONE ? give(worker->socket, input.data, input.size, patience) : transfer;
}

/* Sends the input, when there is one, and takes the next message. Only this is time that the worker took. */
static enum transfer exchange(struct asking *asking, uint32_t job, const struct slice *input, struct error *error)
{
    uint64_t started = clock_now_ns();
    struct patience patience = {
        .deadline_ns = started + asking->left_ns, .asked_ns = started, .taking = asking->taking, .error = error};
    enum transfer transfer = input != NULL ? send_input(asking->worker, job, *input, &patience) : TRANSFER_DONE;
    buffer_clear(&asking->answer);
    if (transfer == TRANSFER_DONE)
        transfer = take_answer(asking->worker->socket, &asking->answer, &patience);
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
    return asking->taking->take_part(asking->taking->context, part, error);
}

static bool ask(struct asking *asking, uint32_t job, struct slice input, struct error *error)
{
    struct worker *worker = asking->worker;
    asking->wall_ms = asking->limits->wall_ms + asking->limits->wall_ms_per_mib * (uint64_t)(input.size / MIB);
    asking->left_ns = asking->wall_ms * 1000000;
    buffer_init(&asking->answer, asking->limits->output_bytes + WORKER_ERROR_BYTES);
    bool ok = true;
    enum transfer transfer = exchange(asking, job, &input, error);
    while (transfer == TRANSFER_DONE && is_part(asking) && ok) {
        ok = hand_on(asking, error);
        if (ok)
            transfer = exchange(asking, job, NULL, error);
    }
    bool is_left = !ok || transfer == TRANSFER_STOPPED; /* in the midst of its work */
    if (is_left)
        ok = false;
    else
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
    const struct worker_taking taking = {.check = check, .context = context};
    return workers_stream(workers, group, job, input, &taking, error);
}

enum worker_outcome workers_stream(struct workers *workers, uint64_t group, unsigned job, struct slice input,
                                   const struct worker_taking *taking, struct error *error)
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
    struct asking asking = {.limits = &workers->limits, .worker = worker, .taking = taking};
    bool ok = ask(&asking, job, input, error);
    pthread_mutex_lock(&workers->lock);
    worker->is_taken = false;
    pthread_mutex_unlock(&workers->lock);
    return ok ? WORKER_DONE : WORKER_FAILED;
}

/* ---- starting and ending ---- */

/* From a clean process; where there can be none, from this one, with all that it holds. */
static bool fork_worker(struct workers *workers, int socket, pid_t *process, struct error *error)
{
    struct worker_order order = {.work = workers->work,
                                 .prepare = workers->prepare,
                                 .prepared_for = workers->prepared_for,
                                 .memory_bytes = workers->limits.memory_bytes,
                                 .output_bytes = workers->limits.output_bytes};
    enum nursery_outcome outcome = workers->has_nursery ? nursery_fork(&workers->nursery, &order, socket, process, error)
                                                        : NURSERY_NONE;
    if (outcome != NURSERY_NONE)
        return outcome == NURSERY_DONE;
    workers->has_nursery = false;
    order.prepare = NULL;
    if (!confine_prepare(error))
        return false;
    pid_t forked = fork();
    if (forked == 0)
        worker_process_be(&order, socket);
    *process = forked;
    return forked > 0 || error_system(error, "could not start a process for a reader");
}

static bool start_worker(struct workers *workers, struct worker *worker, struct error *error)
{
    int sockets[2];
    pid_t process;
    struct buffer answer;
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, sockets) != 0)
        return error_system(error, "could not make a socket for a reader");
    bool ok = fork_worker(workers, sockets[1], &process, error);
    close(sockets[1]);
    if (!ok) {
        close(sockets[0]);
        return false;
    }
    *worker = (struct worker){.process = process, .socket = sockets[0]};
    struct patience patience = {.deadline_ns = clock_now_ns() + (uint64_t)START_MS * 1000000};
    buffer_init(&answer, WORKER_ERROR_BYTES);
    enum transfer transfer = take_answer(worker->socket, &answer, &patience);
    struct bytes bytes = bytes_from(buffer_slice(&answer));
    ok = transfer == TRANSFER_DONE && bytes_u8(&bytes) == TAG_OUTPUT;
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
    *workers = (struct workers){.work = work, .limits = *limits, .count_max = count_max, .has_nursery = true};
    workers->items = memory_alloc(count_max, sizeof(*workers->items));
    pthread_mutex_init(&workers->lock, NULL);
    return workers;
}

void workers_prepare(struct workers *workers, worker_preparation *prepare, unsigned prepared_for)
{
    workers->prepare = prepare;
    workers->prepared_for = prepared_for;
    workers->nursery.has_places = true;
}

void workers_free(struct workers *workers)
{
    if (workers == NULL)
        return;
    for (size_t i = 0; i < workers->count_max; i++)
        if (workers->items[i].process != 0)
            (void)end_worker(&workers->items[i]);
    nursery_end(&workers->nursery);
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
