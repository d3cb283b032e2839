/* serve_load.c - asks a server as fast as it answers, over many connections, or at a rate. For bench_serve.py, which builds it.
 *
 *   serve_load PORT KEY PATH CONNECTIONS MILLISECONDS RATE < bodies
 *
 * One JSON document a line is a request's body; they are sent in turn. RATE 0: each connection sends the next request when it has its answer,
 * or a second after it was refused, as Retry-After has it; else so many requests a second are due at even distances, whatever was answered, and a request that found no free connection waits: its time
 * counts from when it was due. A connection that the server ends is opened again. Prints one line of JSON: answers by status, what those of
 * status 200 took in milliseconds, and how late this program itself was to see that a request is due: it has the cores before the server where the
 * system lets it (SCHED_FIFO), for else it would measure how it waits for its own turn. */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sched.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { ANSWER_BYTES = 1 << 20, EVENTS = 256, LATENCIES_MAX = 1 << 22 };

#define REST_NS UINT64_C(1000000000)

struct client {
    int descriptor;
    bool is_busy;
    uint64_t due_ns;
    uint64_t rests_until_ns; /* after a refusal */
    const char *out;
    size_t out_size, out_at;
    char *in;
    size_t in_size;
};

struct load {
    struct sockaddr_in address;
    int epoll;
    struct client *clients;
    size_t client_count;
    char **requests;
    size_t request_count, next;
    double *latencies_ms;
    size_t latency_count;
    double *lates_ms; /* of this program */
    size_t late_count;
    uint64_t ok, refused, other, broken, due;
    uint64_t begun_ns, end_ns, gap_ns; /* gap_ns 0: as fast as answers come */
    uint64_t waiting; /* due, and sent by nobody yet */
};

static uint64_t now_ns(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * UINT64_C(1000000000) + (uint64_t)now.tv_nsec;
}

static void stop(const char *what)
{
    fprintf(stderr, "serve_load: %s: %s\n", what, strerror(errno));
    exit(1);
}

static void connect_client(struct load *load, struct client *client)
{
    int one = 1;
    client->descriptor = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (client->descriptor < 0 || connect(client->descriptor, (struct sockaddr *)&load->address, sizeof(load->address)) != 0)
        stop("connect");
    setsockopt(client->descriptor, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
    fcntl(client->descriptor, F_SETFL, O_NONBLOCK);
    struct epoll_event event = {.events = EPOLLIN, .data.ptr = client};
    if (epoll_ctl(load->epoll, EPOLL_CTL_ADD, client->descriptor, &event) != 0)
        stop("epoll");
}

static void send_rest(struct client *client)
{
    while (client->out_at < client->out_size) {
        ssize_t sent = send(client->descriptor, client->out + client->out_at, client->out_size - client->out_at, MSG_NOSIGNAL);
        if (sent <= 0)
            return; /* requests are small: what does not go now is an end that the next read tells */
        client->out_at += (size_t)sent;
    }
}

static void ask(struct load *load, struct client *client, uint64_t due_ns)
{
    client->out = load->requests[load->next++ % load->request_count];
    client->out_size = strlen(client->out);
    client->out_at = client->in_size = 0;
    client->is_busy = true;
    client->due_ns = due_ns;
    send_rest(client);
}

/* 0: not whole yet. */
static size_t answer_size(struct client *client, int *status)
{
    client->in[client->in_size] = '\0';
    char *end = strstr(client->in, "\r\n\r\n"), *length = end != NULL ? strcasestr(client->in, "content-length:") : NULL;
    if (end == NULL || length == NULL || length > end)
        return 0;
    size_t size = (size_t)(end + 4 - client->in) + strtoul(length + 15, NULL, 10);
    *status = (int)strtoul(client->in + 9, NULL, 10);
    return client->in_size >= size ? size : 0;
}

static void note(struct load *load, const struct client *client, int status)
{
    uint64_t now = now_ns();
    if (now > load->end_ns)
        return;
    load->ok += status == 200;
    load->refused += status == 429 || status == 503;
    load->other += status != 200 && status != 429 && status != 503;
    if (status == 200 && load->latency_count < LATENCIES_MAX)
        load->latencies_ms[load->latency_count++] = (double)(now - client->due_ns) / 1e6;
}

static void again(struct load *load, struct client *client)
{
    close(client->descriptor);
    client->is_busy = false;
    connect_client(load, client);
}

static void read_some(struct load *load, struct client *client)
{
    int status = 0;
    ssize_t got = recv(client->descriptor, client->in + client->in_size, ANSWER_BYTES - 1 - client->in_size, 0);
    if (got <= 0) {
        if (got < 0 && (errno == EAGAIN || errno == EINTR))
            return;
        load->broken += client->is_busy;
        again(load, client);
        return;
    }
    client->in_size += (size_t)got;
    if (answer_size(client, &status) == 0)
        return;
    client->is_busy = false;
    note(load, client, status);
    if (status != 200 && load->gap_ns == 0)
        client->rests_until_ns = now_ns() + REST_NS;
    char *ends = strcasestr(client->in, "connection: close");
    if (ends != NULL && ends < strstr(client->in, "\r\n\r\n"))
        again(load, client);
}

/* Whoever is free takes what is due. */
static void send_due(struct load *load)
{
    uint64_t now = now_ns();
    if (load->gap_ns > 0)
        while (load->begun_ns + load->due * load->gap_ns <= now) {
            if (load->late_count < LATENCIES_MAX)
                load->lates_ms[load->late_count++] = (double)(now - load->begun_ns - load->due * load->gap_ns) / 1e6;
            load->due++;
            load->waiting++;
        }
    for (size_t i = 0; i < load->client_count && (load->gap_ns == 0 || load->waiting > 0); i++) {
        struct client *client = &load->clients[i];
        if (client->is_busy || now < client->rests_until_ns)
            continue;
        if (load->gap_ns == 0) {
            ask(load, client, now);
        } else {
            ask(load, client, load->begun_ns + (load->due - load->waiting) * load->gap_ns);
            load->waiting--;
        }
    }
}

static bool is_answered(const struct load *load)
{
    for (size_t i = 0; i < load->client_count; i++)
        if (load->clients[i].is_busy)
            return false;
    return true;
}

/* Without a rate what was asked is answered to the end: of a few long requests the last ones are a share of the work that tells. */
static void run(struct load *load)
{
    struct epoll_event events[EVENTS];
    for (;;) {
        uint64_t now = now_ns();
        if (now >= load->end_ns && (load->gap_ns > 0 || is_answered(load)))
            return;
        if (now < load->end_ns)
            send_due(load);
        uint64_t next = load->gap_ns > 0 ? load->begun_ns + load->due * load->gap_ns : load->end_ns;
        struct timespec wait = {.tv_nsec = next > now && next - now < 100000000 ? (long)(next - now)
                                           : next > now || now >= load->end_ns  ? 100000000
                                                                                : 0};
        int count = epoll_pwait2(load->epoll, events, EVENTS, &wait, NULL);
        for (int i = 0; i < count; i++)
            read_some(load, events[i].data.ptr);
    }
}

static int compare(const void *a, const void *b)
{
    double left = *(const double *)a, right = *(const double *)b;
    return (left > right) - (left < right);
}

/* The value that `share` of them do not exceed. */
static double at(const double *sorted, size_t count, double share)
{
    return count == 0 ? 0 : sorted[(size_t)(share * (double)(count - 1))];
}

static void read_requests(struct load *load, const char *key, const char *path)
{
    char *line = NULL;
    size_t capacity = 0;
    ssize_t size;
    while ((size = getline(&line, &capacity, stdin)) > 0) {
        size -= line[size - 1] == '\n';
        load->requests = realloc(load->requests, (load->request_count + 1) * sizeof(char *));
        if (asprintf(&load->requests[load->request_count++],
                     "POST %s HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer %s\r\nContent-Type: application/json\r\n"
                     "Content-Length: %zd\r\n\r\n%.*s",
                     path, key, size, (int)size, line) < 0)
            stop("memory");
    }
    free(line);
}

int main(int count, char **words)
{
    if (count != 7)
        return 2;
    struct load load = {.epoll = epoll_create1(0), .client_count = strtoul(words[4], NULL, 10)};
    load.address = (struct sockaddr_in){.sin_family = AF_INET, .sin_port = htons((uint16_t)strtoul(words[1], NULL, 10))};
    inet_pton(AF_INET, "127.0.0.1", &load.address.sin_addr);
    read_requests(&load, words[2], words[3]);
    load.clients = calloc(load.client_count, sizeof(*load.clients));
    load.latencies_ms = malloc(LATENCIES_MAX * sizeof(double));
    load.lates_ms = malloc(LATENCIES_MAX * sizeof(double));
    for (size_t i = 0; i < load.client_count; i++) {
        load.clients[i].in = malloc(ANSWER_BYTES);
        connect_client(&load, &load.clients[i]);
    }
    double rate = strtod(words[6], NULL), seconds = strtod(words[5], NULL) / 1e3;
    load.gap_ns = rate > 0 ? (uint64_t)(1e9 / rate) : 0;
    load.begun_ns = now_ns();
    load.end_ns = load.begun_ns + (uint64_t)(seconds * 1e9);
    bool is_first = sched_setscheduler(0, SCHED_FIFO, &(struct sched_param){.sched_priority = 1}) == 0;
    run(&load);
    seconds = (double)(now_ns() - load.begun_ns) / 1e9;
    qsort(load.latencies_ms, load.latency_count, sizeof(double), compare);
    qsort(load.lates_ms, load.late_count, sizeof(double), compare);
    printf("{\"ok\": %lu, \"refused\": %lu, \"other\": %lu, \"broken\": %lu, \"per_second\": %.1f, \"p50_ms\": %.3f, "
           "\"p99_ms\": %.3f, \"max_ms\": %.3f, \"unsent\": %lu, \"load_first\": %s, \"load_late_p99_ms\": %.3f}\n",
           load.ok, load.refused, load.other, load.broken, (double)load.ok / seconds,
           at(load.latencies_ms, load.latency_count, 0.5), at(load.latencies_ms, load.latency_count, 0.99),
           at(load.latencies_ms, load.latency_count, 1), load.waiting, is_first ? "true" : "false",
           at(load.lates_ms, load.late_count, 0.99));
    return 0;
}
