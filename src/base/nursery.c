/* nursery.c - a socket of packets between the program and its nursery:
 *
 *   struct order_packet with the worker's socket beside it  ──▶     where the work is counts from the start of the code, which lies elsewhere
 *   ◀──  struct reply_packet                                        in each process
 *
 * A library's file may have been replaced since it was loaded; so its nursery tells the linker's sum over its code (the build id), and
 * where that is another's, or there is none, the library goes without a nursery: its workers are forked from what it is in. */
#include "nursery.h"
#include "clock.h"
#include "confine.h"
#include "limits.h"
#include "memory.h"
#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <link.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

enum { CONTROL = STDERR_FILENO + 1, LIBRARY = CONTROL + 1, ID_BYTES_MAX = 32, START_MS = 20000 };
#define LIBRARY_PATH "/proc/self/fd/4" /* a list of what is loaded before cannot hold every path */

static const char name[] = "assay-readers";

struct order_packet {
    uint64_t work, prepare; /* from the start of the code; prepare 0: there is none */
    uint64_t prepared_for;
    uint64_t memory_bytes, output_bytes;
};

struct reply_packet {
    int32_t process; /* or -errno */
    uint32_t id_size;
    uint8_t id[ID_BYTES_MAX];
};

/* ---- what this code is in ---- */

struct object {
    uintptr_t start;
    const char *path; /* "": the program itself */
    struct slice id; /* may be empty */
};

/* The notes of a segment: name's size, content's size, type, then both, each filled up to four bytes. */
static struct slice find_id(struct slice notes)
{
    enum { FOUR = 4 };
    while (notes.size >= sizeof(ElfW(Nhdr))) {
        ElfW(Nhdr) head;
        memcpy(&head, notes.data, sizeof(head));
        size_t name_size = ((size_t)head.n_namesz + FOUR - 1) / FOUR * FOUR, left = notes.size - sizeof(head);
        if (name_size > left || head.n_descsz > left - name_size)
            break;
        if (head.n_type == NT_GNU_BUILD_ID && head.n_descsz <= ID_BYTES_MAX)
            return (struct slice){notes.data + sizeof(head) + name_size, head.n_descsz};
        size_t size = sizeof(head) + name_size + ((size_t)head.n_descsz + FOUR - 1) / FOUR * FOUR;
        notes = slice_range(notes, size < notes.size ? size : notes.size, notes.size);
    }
    return (struct slice){"", 0};
}

static int look_at_object(struct dl_phdr_info *info, size_t size, void *context)
{
    struct object *object = context;
    const uintptr_t here = (uintptr_t)look_at_object;
    bool is_own = false;
    (void)size;
    for (size_t i = 0; i < info->dlpi_phnum; i++) {
        const ElfW(Phdr) *part = &info->dlpi_phdr[i];
        is_own = is_own || (part->p_type == PT_LOAD && here - (info->dlpi_addr + part->p_vaddr) < part->p_memsz);
    }
    if (!is_own)
        return 0;
    *object = (struct object){.start = info->dlpi_addr, .path = info->dlpi_name, .id = {"", 0}};
    for (size_t i = 0; i < info->dlpi_phnum && object->id.size == 0; i++) {
        const ElfW(Phdr) *part = &info->dlpi_phdr[i];
        if (part->p_type == PT_NOTE) /* which the loader has mapped: NOLINTNEXTLINE(performance-no-int-to-ptr) */
            object->id = find_id((struct slice){(const char *)(info->dlpi_addr + part->p_vaddr), part->p_memsz});
    }
    return 1;
}

static struct object find_self(void)
{
    struct object self = {.path = "", .id = {"", 0}};
    int found = dl_iterate_phdr(look_at_object, &self);
    assert(found == 1);
    (void)found;
    return self;
}

/* ---- in the nursery ---- */

/* A fork, but of the parent's: it alone is to wait for what we fork. This process has one thread, which holds no lock. */
static pid_t fork_for_parent(void)
{
    return (pid_t)syscall(SYS_clone, CLONE_PARENT | SIGCHLD, 0, 0, 0, 0);
}

union rights { /* aligned as a message's head must be */
    struct cmsghdr head;
    char room[CMSG_SPACE(sizeof(int))];
};

static bool receive_order(struct order_packet *order, int *socket)
{
    union rights rights;
    struct iovec part = {order, sizeof(*order)};
    struct msghdr message = {
        .msg_iov = &part, .msg_iovlen = 1, .msg_control = rights.room, .msg_controllen = sizeof(rights.room)};
    ssize_t got;
    do
        got = recvmsg(CONTROL, &message, MSG_CMSG_CLOEXEC);
    while (got < 0 && errno == EINTR);
    const struct cmsghdr *head = CMSG_FIRSTHDR(&message);
    if (got != sizeof(*order) || head == NULL || head->cmsg_type != SCM_RIGHTS)
        return false;
    memcpy(socket, CMSG_DATA(head), sizeof(*socket));
    return true;
}

/* Until the program closes its end, or ends. */
static _Noreturn void serve(const struct object *self)
{
    struct error error = {0};
    struct order_packet packet;
    struct reply_packet reply = {.id_size = (uint32_t)self->id.size};
    int socket;
    memcpy(reply.id, self->id.data, self->id.size);
    worker_process_set_signals();
    bool is_prepared = confine_prepare(&error);
    while (receive_order(&packet, &socket)) {
        const struct worker_order order = {/* NOLINTNEXTLINE(performance-no-int-to-ptr): it was made of one */
                                           .work = (worker_function *)(self->start + (uintptr_t)packet.work),
                                           .prepare = packet.prepare == 0 ? NULL
                                                                          : /* NOLINTNEXTLINE(performance-no-int-to-ptr) */
                                                          (worker_preparation *)(self->start + (uintptr_t)packet.prepare),
                                           .prepared_for = (unsigned)packet.prepared_for,
                                           .memory_bytes = (size_t)packet.memory_bytes,
                                           .output_bytes = (size_t)packet.output_bytes};
        errno = ENOMEM;
        pid_t process = is_prepared ? fork_for_parent() : -1;
        if (process == 0)
            worker_process_be(&order, socket);
        reply.process = process > 0 ? process : -errno;
        close(socket);
        if (send(CONTROL, &reply, sizeof(reply), MSG_NOSIGNAL) != sizeof(reply))
            break;
    }
    _exit(0);
}

/* Before main(), and instead of it, in what was started as a nursery. */
__attribute__((constructor)) static void become_nursery(int argc, char **argv)
{
    if (argc != 1 || strcmp(argv[0], name) != 0)
        return;
    const struct object self = find_self();
    close(LIBRARY);
    serve(&self);
}

/* ---- in the program ---- */

enum { VARIABLES_MAX = 12 };

/* What libraries and sanitizers look for, and nothing else: keys are in the environment too. */
static char **make_environment(bool is_library, bool has_places)
{
    static const char *const kept[] = {"LD_LIBRARY_PATH", "ASAN_OPTIONS", "LSAN_OPTIONS", "UBSAN_OPTIONS", "TSAN_OPTIONS"};
    static const char *const places[] = {"HOME", "XDG_DATA_HOME", "XDG_CONFIG_HOME", "ASSAY_GRAMMARS"};
    static_assert(ARRAY_COUNT(kept) + ARRAY_COUNT(places) + 2 <= VARIABLES_MAX, "one for what is loaded before, and the end");
    char **variables = memory_alloc(VARIABLES_MAX, sizeof(*variables));
    const char *before = getenv("LD_PRELOAD");
    size_t count = 0;
    for (size_t i = 0; i < ARRAY_COUNT(kept) + (has_places ? ARRAY_COUNT(places) : 0); i++) {
        const char *variable = i < ARRAY_COUNT(kept) ? kept[i] : places[i - ARRAY_COUNT(kept)], *value = getenv(variable);
        if (value != NULL && asprintf(&variables[count], "%s=%s", variable, value) >= 0)
            count++;
    }
    if ((before != NULL || is_library) &&
        asprintf(&variables[count], "LD_PRELOAD=%s:%s", before != NULL ? before : "", is_library ? LIBRARY_PATH : "") >= 0)
        count++;
    variables[count] = NULL;
    return variables;
}

static int place_descriptors(posix_spawn_file_actions_t *actions, int control, int library)
{
    int failed = posix_spawn_file_actions_adddup2(actions, control, CONTROL);
    if (failed == 0 && library >= 0)
        failed = posix_spawn_file_actions_adddup2(actions, library, LIBRARY);
    for (int i = STDIN_FILENO; i <= STDERR_FILENO && failed == 0; i++)
        if (i != STDERR_FILENO || !CONFINE_SANITIZED)
            failed = posix_spawn_file_actions_addopen(actions, i, "/dev/null", O_RDWR, 0);
    return failed != 0 ? failed : posix_spawn_file_actions_addclosefrom_np(actions, library >= 0 ? LIBRARY + 1 : CONTROL + 1);
}

/* Of another program, none of its code may run: so the one that does nothing is executed. `library`: -1 for none. */
static int spawn(struct nursery *nursery, int control, int library)
{
    char *const arguments[] = {(char *)name, NULL};
    const char *program = library < 0 ? "/proc/self/exe" : "/bin/true";
    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attributes;
    sigset_t none;
    char **environment = make_environment(library >= 0, nursery->has_places);
    sigemptyset(&none);
    int failed = posix_spawn_file_actions_init(&actions);
    if (failed != 0)
        goto no_actions;
    failed = posix_spawnattr_init(&attributes);
    if (failed != 0)
        goto no_attributes;
    failed = place_descriptors(&actions, control, library);
    if (failed == 0)
        failed = posix_spawnattr_setsigmask(&attributes, &none);
    if (failed == 0)
        failed = posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK);
    if (failed == 0)
        failed = posix_spawn(&nursery->process, program, &actions, &attributes, arguments, environment);
    posix_spawnattr_destroy(&attributes);
no_attributes:
    posix_spawn_file_actions_destroy(&actions);
no_actions:
    for (char **variable = environment; *variable != NULL; variable++)
        free(*variable);
    free(environment);
    return failed;
}

/* Past the numbers that the nursery is given, so that none of them is overwritten while they are placed. */
static int open_above(const char *path)
{
    int opened = open(path, O_RDONLY | O_CLOEXEC), moved = opened < 0 ? -1 : fcntl(opened, F_DUPFD_CLOEXEC, LIBRARY + 1);
    int number = errno;
    if (opened >= 0)
        close(opened);
    errno = number;
    return moved;
}

static bool start(struct nursery *nursery, const struct object *self, struct error *error)
{
    int sockets[2];
    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, sockets) != 0)
        return error_system(error, "could not make a socket for a process for readers");
    int failed, library = self->path[0] != '\0' ? open_above(self->path) : -1;
    if (self->path[0] != '\0' && library < 0)
        failed = errno;
    else
        failed = spawn(nursery, sockets[1], library);
    if (library >= 0)
        close(library);
    close(sockets[1]);
    if (failed != 0) {
        close(sockets[0]);
        nursery->process = 0;
        errno = failed;
        return error_system(error, "could not start a process for readers");
    }
    nursery->socket = sockets[0];
    return true;
}

static bool send_order(const struct nursery *nursery, const struct order_packet *order, int socket)
{
    union rights rights = {.room = {0}};
    struct iovec part = {(void *)order, sizeof(*order)};
    struct msghdr message = {
        .msg_iov = &part, .msg_iovlen = 1, .msg_control = rights.room, .msg_controllen = sizeof(rights.room)};
    struct cmsghdr *head = CMSG_FIRSTHDR(&message);
    head->cmsg_level = SOL_SOCKET;
    head->cmsg_type = SCM_RIGHTS;
    head->cmsg_len = CMSG_LEN(sizeof(socket));
    memcpy(CMSG_DATA(head), &socket, sizeof(socket));
    ssize_t sent;
    do
        sent = sendmsg(nursery->socket, &message, MSG_NOSIGNAL);
    while (sent < 0 && errno == EINTR);
    return sent == sizeof(*order);
}

static bool take_reply(const struct nursery *nursery, struct reply_packet *reply)
{
    uint64_t deadline_ns = clock_now_ns() + (uint64_t)START_MS * 1000000, now_ns;
    struct pollfd wanted = {.fd = nursery->socket, .events = POLLIN};
    int ready = 0;
    while (ready <= 0 && (now_ns = clock_now_ns()) < deadline_ns) {
        ready = poll(&wanted, 1, (int)((deadline_ns - now_ns) / 1000000 + 1));
        if (ready < 0 && errno != EINTR)
            return false;
    }
    return ready > 0 && recv(nursery->socket, reply, sizeof(*reply), MSG_DONTWAIT) == sizeof(*reply) &&
           reply->id_size <= ID_BYTES_MAX;
}

void nursery_end(struct nursery *nursery)
{
    if (nursery->process == 0)
        return;
    close(nursery->socket);
    (void)kill(nursery->process, SIGKILL);
    while (waitpid(nursery->process, NULL, 0) < 0 && errno == EINTR)
        ;
    nursery->process = 0;
}

static bool is_same(const struct object *self, const struct reply_packet *reply)
{
    struct slice id = {(const char *)reply->id, reply->id_size};
    return self->path[0] == '\0' || (self->id.size > 0 && slice_equal(id, self->id));
}

/* One that somebody has ended in the meantime is started anew, once. */
static bool ask(struct nursery *nursery, const struct object *self, const struct order_packet *order, int socket,
                struct reply_packet *reply, struct error *error)
{
    for (unsigned tries = 0; tries < 2; tries++) {
        bool was_there = nursery->process != 0;
        if (!was_there && !start(nursery, self, error))
            return false;
        if (send_order(nursery, order, socket) && take_reply(nursery, reply))
            return true;
        nursery_end(nursery);
        if (!was_there)
            break;
    }
    error_set(error, ERROR_IO, "the process for readers ended before it started one");
    return error_hint(error, "Try again; if it stays so, please report it.");
}

enum nursery_outcome nursery_fork(struct nursery *nursery, const struct worker_order *order, int socket, pid_t *process,
                                  struct error *error)
{
    const struct object self = find_self();
    const struct order_packet packet = {.work = (uintptr_t)order->work - self.start,
                                        .prepare = order->prepare != NULL ? (uintptr_t)order->prepare - self.start : 0,
                                        .prepared_for = order->prepared_for,
                                        .memory_bytes = order->memory_bytes,
                                        .output_bytes = order->output_bytes};
    struct reply_packet reply;
    bool is_library = self.path[0] != '\0', ok = ask(nursery, &self, &packet, socket, &reply, error);
    if (ok && !is_same(&self, &reply)) { /* what it forked is of other code, and does nothing but wait for its end */
        nursery_end(nursery);
        if (reply.process > 0) {
            (void)kill(reply.process, SIGKILL);
            (void)waitpid(reply.process, NULL, 0);
        }
        return NURSERY_NONE;
    }
    if (!ok)
        return is_library ? NURSERY_NONE : NURSERY_FAILED;
    if (reply.process <= 0) {
        errno = -reply.process;
        error_system(error, "could not start a process for a reader");
        return NURSERY_FAILED;
    }
    *process = reply.process;
    return NURSERY_DONE;
}
