/* worker_process.c - the worker's side: confined, it answers until its socket ends. */
#include "worker_process.h"
#include "confine.h"
#include "limits.h"
#include "memory.h"
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { CPU_SECONDS = 4 * 3600 };

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
    buffer_init(&answer, output_bytes + WORKER_ERROR_BYTES);
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
void worker_process_set_signals(void)
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

void worker_process_be(const struct worker_order *order, int socket)
{
    struct buffer answer;
    struct error error = {0};
    const struct confine_limits confined = {.memory_bytes = order->memory_bytes, .cpu_seconds = CPU_SECONDS};
    worker_process_set_signals();
    be_silent();
    confine_descriptors(socket);
    buffer_init(&answer, WORKER_ERROR_BYTES);
    buffer_append_byte(&answer, TAG_OUTPUT);
    bool ok = order->prepare == NULL || confine_self(CONFINE_LOADER, &confined, &error);
    if (ok && order->prepare != NULL)
        order->prepare(order->prepared_for);
    ok = ok && confine_self(CONFINE_WORKER, &confined, &error);
    if (!ok)
        encode_error(&error, &answer);
    ok = send_answer(socket, &answer) && ok;
    buffer_release(&answer);
    while (ok)
        ok = answer_one(order->work, order->output_bytes, socket);
    _exit(0);
}
