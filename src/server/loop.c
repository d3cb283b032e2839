/* loop.c - starts the server, waits for everything at once, and stops it. */
#include "filed.h"
#include "task_runner.h"
#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <arpa/inet.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/random.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <unistd.h>

/* EVENTS_MAX: few, for answers that are done wait until those at hand are through. */
enum {
    EVENTS_MAX = 16,
    ACCEPTS_MAX = 128,
    BACKLOG = 1024,
    DESCRIPTORS_KEPT = 1024 /* for the lanes' handles: catalogs, index files, models */
};

static bool fail(struct assay_error *error, enum assay_error_kind kind, const char *hint, const char *format, ...)
    PRINTF_LIKE(4, 5);

static bool fail(struct assay_error *error, enum assay_error_kind kind, const char *hint, const char *format, ...)
{
    va_list arguments;
    *error = (struct assay_error){.kind = kind};
    va_start(arguments, format);
    vsnprintf(error->message, sizeof(error->message), format, arguments);
    va_end(arguments);
    snprintf(error->hint, sizeof(error->hint), "%s", hint);
    return false;
}

void server_wake(struct server *server)
{
    (void)eventfd_write(server->waker, 1);
}

/* ---- starting ---- */

/* "127.0.0.1:8080", "[::1]:0", "localhost:80". */
static bool listen_at(struct server *server, const char *text, struct assay_error *error)
{
    static const char hint[] = "Write it as 127.0.0.1:8080, [::1]:8080 or 0.0.0.0:8080.";
    char host[128], port[8];
    const char *colon = strrchr(text, ':');
    if (colon == NULL || colon == text || (size_t)(colon - text) >= sizeof(host) || colon[1] == '\0' ||
        strlen(colon + 1) >= sizeof(port))
        return fail(error, ASSAY_INVALID, hint, "cannot listen at \"%.200s\": it is not ADDRESS:PORT", text);
    bool has_brackets = text[0] == '[' && colon[-1] == ']';
    snprintf(host, sizeof(host), "%.*s", (int)(colon - text) - (has_brackets ? 2 : 0), text + (has_brackets ? 1 : 0));
    snprintf(port, sizeof(port), "%s", colon + 1);
    uint64_t number;
    if (!slice_to_u64(slice_from(port), &number) || number > UINT16_MAX)
        return fail(error, ASSAY_INVALID, hint, "cannot listen at \"%.200s\": a port is a number from 0 to 65535", text);
    struct addrinfo wanted = {.ai_socktype = SOCK_STREAM, .ai_flags = AI_PASSIVE | AI_NUMERICSERV}, *found = NULL;
    int code = getaddrinfo(host, port, &wanted, &found);
    if (code != 0)
        return fail(error, ASSAY_INVALID, hint, "cannot listen at \"%.200s\": %s", text, gai_strerror(code));
    int on = 1;
    server->listener = socket(found->ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    bool ok = server->listener >= 0 && setsockopt(server->listener, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)) == 0 &&
              bind(server->listener, found->ai_addr, found->ai_addrlen) == 0 && listen(server->listener, BACKLOG) == 0;
    int reason = errno;
    freeaddrinfo(found);
    return ok || fail(error, ASSAY_IO, "Is another server there already? --listen takes another address.",
                      "could not listen at \"%.200s\": %s", text, strerror(reason));
}

/* Where it really listens, and whether that is reached from this machine alone. */
static void note_address(struct server *server)
{
    struct sockaddr_storage address = {0};
    socklen_t size = sizeof(address);
    char host[INET6_ADDRSTRLEN] = "?";
    unsigned port = 0;
    if (getsockname(server->listener, (struct sockaddr *)&address, &size) != 0)
        return;
    if (address.ss_family == AF_INET6) {
        struct sockaddr_in6 six;
        memcpy(&six, &address, sizeof(six));
        inet_ntop(AF_INET6, &six.sin6_addr, host, sizeof(host));
        server->is_local = IN6_IS_ADDR_LOOPBACK(&six.sin6_addr);
        port = ntohs(six.sin6_port);
    } else {
        struct sockaddr_in four;
        memcpy(&four, &address, sizeof(four));
        inet_ntop(AF_INET, &four.sin_addr, host, sizeof(host));
        server->is_local = (ntohl(four.sin_addr.s_addr) >> 24) == 127;
        port = ntohs(four.sin_port);
    }
    snprintf(server->listen, sizeof(server->listen), strchr(host, ':') != NULL ? "[%s]:%u" : "%s:%u", host, port);
}

/* As many connections as the system lets it have. */
static void find_room(struct server *server)
{
    struct rlimit limit;
    server->connection_max = LIMIT_CONNECTIONS;
    if (getrlimit(RLIMIT_NOFILE, &limit) == 0) {
        limit.rlim_cur = limit.rlim_max;
        (void)setrlimit(RLIMIT_NOFILE, &limit);
        if (getrlimit(RLIMIT_NOFILE, &limit) == 0 && limit.rlim_cur < LIMIT_CONNECTIONS + DESCRIPTORS_KEPT)
            server->connection_max = limit.rlim_cur > 2 * DESCRIPTORS_KEPT ? (size_t)limit.rlim_cur - DESCRIPTORS_KEPT
                                                                           : (size_t)limit.rlim_cur / 2;
    }
    server->connections = memory_alloc(server->connection_max, sizeof(struct connection *));
}

static bool watch(struct server *server, int descriptor)
{
    struct epoll_event event = {.events = EPOLLIN, .data.fd = descriptor};
    event.data.ptr = descriptor == server->listener ? (void *)&server->listener
                     : descriptor == server->waker  ? (void *)&server->waker
                                                    : (void *)&server->signals;
    return epoll_ctl(server->epoll, EPOLL_CTL_ADD, descriptor, &event) == 0;
}

/* To be called before any thread is started: each takes this over. A log that nobody reads any more ends nothing (SIGPIPE). */
static int block_signals(void)
{
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGTERM);
    sigaddset(&set, SIGINT);
    sigaddset(&set, SIGHUP);
    pthread_sigmask(SIG_BLOCK, &set, NULL);
    (void)signal(SIGPIPE, SIG_IGN);
    return signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC);
}

static bool prepare(struct server *server, struct assay_error *error)
{
    server->epoll = epoll_create1(EPOLL_CLOEXEC);
    server->waker = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
    bool ok = server->epoll >= 0 && server->waker >= 0 && server->signals >= 0 && watch(server, server->listener) &&
              watch(server, server->waker) && watch(server, server->signals) &&
              getrandom(&server->id_first, sizeof(server->id_first), 0) == sizeof(server->id_first);
    return ok || fail(error, ASSAY_IO, "", "could not prepare to wait for requests: %s", strerror(errno));
}

static bool note_admin(void *context, const struct assay_key *key)
{
    bool *has = context;
    for (size_t i = 0; i < key->group_count; i++)
        *has = *has || (strcmp(key->groups[i], "@admin") == 0 && strcmp(key->state, "valid") == 0);
    return true;
}

/* A project that nobody can administer gets a key for that, which is told once. */
static bool make_admin(struct server *server, char secret[ASSAY_SECRET_BYTES], bool *is_new, struct assay_error *error)
{
    static const char *const groups[] = {"@admin"};
    bool has = false;
    *is_new = false;
    if (!assay_key_list(server->assay, note_admin, &has, error))
        return false;
    for (unsigned i = 1; !has && i < 100; i++) {
        char name[16];
        snprintf(name, sizeof(name), i == 1 ? "admin" : "admin-%u", i);
        const struct assay_key_add_options options = {.name = name, .groups = groups, .group_count = 1};
        *is_new = assay_key_add(server->assay, &options, secret, error);
        if (*is_new || error->kind != ASSAY_CONFLICT)
            return *is_new;
    }
    return true;
}

/* ---- running ---- */

static void turn_away(const struct server *server, int descriptor)
{
    static const char
        text[] = "HTTP/1.1 503 Service Unavailable\r\nRetry-After: 1\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";
    if (server->tls == NULL)
        (void)!send(descriptor, text, sizeof(text) - 1, MSG_NOSIGNAL | MSG_DONTWAIT);
    (void)close(descriptor);
}

static bool open_tls(struct server *server, struct assay_error *error)
{
    const struct server_options *options = &server->options;
    struct tls *opened = NULL;
    struct error inner;
    if (options->tls_certificate == NULL && options->tls_key == NULL)
        return true;
    if (options->tls_certificate == NULL || options->tls_key == NULL)
        return fail(error, ASSAY_INVALID, "The one is of no use without the other.", "--tls-cert and --tls-key stand together");
    if (!tls_open(&opened, options->tls_certificate, options->tls_key, &inner))
        return fail(error, inner.kind == ERROR_NOT_FOUND ? ASSAY_NOT_FOUND : ASSAY_INVALID, inner.hint, "%s", inner.message);
    tls_close(server->tls);
    server->tls = opened;
    return true;
}

static void accept_some(struct server *server)
{
    bool may_make_room = true;
    for (int i = 0; i < ACCEPTS_MAX; i++) {
        int descriptor = accept4(server->listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
        if (descriptor < 0) {
            bool is_full = errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM;
            if (is_full) /* who waits would wake the loop again and again: looked for anew at the next tick */
                server->is_deaf = epoll_ctl(server->epoll, EPOLL_CTL_DEL, server->listener, NULL) == 0;
            return;
        }
        if (server->connection_count >= server->connection_max && may_make_room)
            may_make_room = connections_make_room(server); /* who finds none need not look through all again */
        if (server->connection_count >= server->connection_max)
            turn_away(server, descriptor);
        else
            (void)connection_open(server, descriptor);
    }
}

static void reload(struct server *server)
{
    struct assay_error error;
    struct assay *opened;
    /* the certificate first: one that was renewed is taken whatever the settings are */
    if (!open_tls(server, &error) ||
        !assay_open(&opened, &(struct assay_open_options){.folder = server->options.folder}, &error)) {
        journal_event("error", "the settings stay as they were: %s", error.message);
        return;
    }
    if (!assay_settings_check(opened, &error) || !lanes_reload(server, &error)) {
        assay_close(opened);
        journal_event("error", "the settings stay as they were: %s", error.message);
        return;
    }
    assay_close(server->assay);
    server->assay = opened;
    assay_server_settings(opened, &server->settings);
    journal_event("info", "the settings were read again");
}

static void take_signals(struct server *server)
{
    struct signalfd_siginfo info;
    while (read(server->signals, &info, sizeof(info)) == sizeof(info)) {
        if (info.ssi_signo == SIGHUP) {
            reload(server);
            continue;
        }
        uint64_t now = clock_now_ns();
        server->stop_ns = server->stop_ns == 0 ? now + STOP_MS * UINT64_C(1000000) : now; /* the second time at once */
        if (server->listener >= 0)
            (void)close(server->listener);
        server->listener = -1;
        worker_end(server);
        long_work_end(server);
        tasks_end(server);
        journal_event("info", "stopping: what was begun is answered");
    }
}

static void take_touched(struct server *server)
{
    pthread_mutex_lock(&server->lock);
    struct connection *connection = server->touched;
    server->touched = NULL;
    pthread_mutex_unlock(&server->lock);
    while (connection != NULL) {
        struct connection *next = connection->next_touched;
        connection_touched(connection);
        connection = next;
    }
}

static void tick(struct server *server, uint64_t now_ns)
{
    log_flush();
    if (server->is_deaf && server->listener >= 0)
        server->is_deaf = !watch(server, server->listener);
    for (size_t i = server->connection_count; i-- > 0;)
        if (i < server->connection_count)
            connection_tick(server->connections[i], now_ns);
    journal_late_heads(server);
    connections_bound_unread(server);
}

static void serve(struct server *server)
{
    struct epoll_event events[EVENTS_MAX];
    eventfd_t wakes;
    uint64_t next_tick = 0;
    thread_take_short_turns();
    while (server->stop_ns == 0 || (server->connection_count > 0 && clock_now_ns() < server->stop_ns)) {
        int count = epoll_wait(server->epoll, events, EVENTS_MAX, TICK_MS);
        bool comes = false;
        for (int i = 0; i < count; i++) {
            void *who = events[i].data.ptr;
            if (who == &server->listener)
                comes = true;
            else if (who == &server->signals)
                take_signals(server);
            else if (who == &server->waker)
                (void)eventfd_read(server->waker, &wakes);
            else
                connection_event(who, events[i].events);
        }
        if (comes) /* behind the others' events: it may close some of them */
            accept_some(server);
        take_touched(server);
        uint64_t now = clock_now_ns();
        if (now >= next_tick) {
            tick(server, now);
            next_tick = now + TICK_MS * UINT64_C(1000000);
        }
    }
}

static void release(struct server *server)
{
    connections_abandon(server);
    lanes_stop(server);
    take_touched(server);
    while (server->connection_count > 0)
        connection_close(server->connections[server->connection_count - 1]);
    const int descriptors[] = {server->listener, server->epoll, server->waker, server->signals};
    for (size_t i = 0; i < ARRAY_COUNT(descriptors); i++)
        if (descriptors[i] >= 0)
            (void)close(descriptors[i]);
    long_work_stop(server);
    tasks_stop(server);
    worker_stop(server);
    assay_tuned_model_close(server->tuned);
    tls_close(server->tls);
    free(server->connections);
    free(server->figures.statuses);
    free(server->figures.durations);
    assay_close(server->assay);
    pthread_cond_destroy(&server->drained);
    pthread_cond_destroy(&server->tuned_freed);
    pthread_mutex_destroy(&server->tuned_lock);
    pthread_mutex_destroy(&server->lock);
    free(server);
}

bool server_run(const struct server_options *options, struct assay_error *error)
{
    struct server *server = memory_alloc(1, sizeof(*server));
    char secret[ASSAY_SECRET_BYTES];
    bool is_new = false;
    *server = (struct server){.options = *options,
                              .listener = -1,
                              .epoll = -1,
                              .waker = -1,
                              .signals = block_signals(),
                              .started_ns = clock_now_ns(),
                              .started_wall_ns = clock_wall_ns()};
    pthread_mutex_init(&server->lock, NULL);
    pthread_mutex_init(&server->tuned_lock, NULL);
    condition_init(&server->tuned_freed);
    pthread_cond_init(&server->drained, NULL);
    server->figures.statuses = memory_alloc((route_count + 1) * 6, sizeof(uint64_t));
    server->figures.durations = memory_alloc(route_count + 1, sizeof(struct histogram));
    find_room(server);
    keep_memory_together();
    bool ok = assay_open(&server->assay, &(struct assay_open_options){.folder = options->folder}, error);
    if (ok) {
        assay_server_settings(server->assay, &server->settings);
        ok = listen_at(server, options->listen != NULL ? options->listen : server->settings.listen, error);
    }
    if (ok)
        note_address(server);
    ok = ok && open_tls(server, error) && make_admin(server, secret, &is_new, error) && prepare(server, error) &&
         worker_start(server, error) && long_work_start(server, error) && tasks_start(server, error) &&
         lanes_start(server, error);
    if (ok) {
        server->is_ready = true;
        options->on_ready(options->context, server->listen, is_new ? secret : NULL);
        explicit_bzero(secret, sizeof(secret));
        journal_event("info", "listening at %s", server->listen);
        if (!server->is_local && server->tls == NULL)
            journal_event("warning",
                          "keys and documents go over the network in the clear: --tls-cert and --tls-key, or a proxy "
                          "on this machine, keep them from who listens there");
        serve(server);
        journal_event("info", "stopped");
    }
    release(server);
    log_flush();
    return ok;
}
