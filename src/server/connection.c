/* connection.c - the life of a connection, in the loop's thread.
 *
 *   READING_HEAD ─▶ [READING_BODY] ─▶ ANSWERING ─▶ READING_HEAD …          bytes behind a request stay in `in` until it is answered
 *        └─────────── refused ───────────▶┘  └─▶ LINGERING ─▶ closed
 *
 * Nothing is read while a request is answered: who sends faster than it is answered is held back by the system. */
#include "exchange.h"
#include <assert.h>
#include <errno.h>
#include <linux/sockios.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

enum { READ_BYTES = TLS_RECORD_BYTES, KEPT_BYTES = 64 * 1024 };

#define MS_NS UINT64_C(1000000)

static void wait_for(struct connection *connection, unsigned milliseconds)
{
    connection->deadline_ns = clock_now_ns() + milliseconds * MS_NS;
}

static void watch(struct connection *connection, uint32_t interest)
{
    struct epoll_event event = {.events = interest, .data.ptr = connection};
    if (connection->interest == interest || connection->descriptor < 0)
        return;
    connection->interest = interest;
    (void)epoll_ctl(connection->server->epoll, EPOLL_CTL_MOD, connection->descriptor, &event);
}

static void begin_head(struct connection *connection, unsigned milliseconds)
{
    connection->state = READING_HEAD;
    connection->has_begun = connection->in.size > connection->in_at;
    http_head_init(&connection->head);
    connection->idle_ns = clock_now_ns();
    wait_for(connection, connection->has_begun ? HEAD_MS : milliseconds);
}

struct connection *connection_open(struct server *server, int descriptor)
{
    struct connection *connection = memory_alloc(1, sizeof(*connection));
    struct epoll_event event = {.events = EPOLLIN, .data.ptr = connection};
    int on = 1;
    int unsent_max = UNREAD_BYTES_MAX; /* in the system: else it takes megabytes for who reads nothing */
    (void)setsockopt(descriptor, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
    (void)setsockopt(descriptor, IPPROTO_TCP, TCP_NOTSENT_LOWAT, &unsent_max, sizeof(unsent_max));
    *connection = (struct connection){.server = server, .descriptor = descriptor, .interest = EPOLLIN};
    connection->place = server->connection_count;
    server->connections[server->connection_count++] = connection;
    buffer_init(&connection->in, HTTP_HEAD_BYTES_MAX + (size_t)2 * READ_BYTES);
    buffer_init(&connection->out, LIMIT_JSON_BYTES);
    buffer_init(&connection->pieces, LIMIT_JSON_BYTES);
    buffer_init(&connection->exchange.text, LIMIT_JSON_BYTES);
    arena_init(&connection->exchange.arena);
    begin_head(connection, HEAD_MS);
    connection->session = server->tls != NULL ? tls_begin(server->tls, descriptor) : NULL;
    bool is_safe = server->tls == NULL || connection->session != NULL;
    if (!is_safe || epoll_ctl(server->epoll, EPOLL_CTL_ADD, descriptor, &event) != 0) {
        connection_close(connection);
        return NULL;
    }
    return connection;
}

static void release_body(struct connection *connection)
{
    connection->server->body_bytes -= connection->body.size;
    buffer_release(&connection->body);
}

static void close_descriptor(struct connection *connection)
{
    if (connection->descriptor >= 0) { /* closing alone would not do while a process that is being started has it too */
        (void)epoll_ctl(connection->server->epoll, EPOLL_CTL_DEL, connection->descriptor, NULL);
        (void)close(connection->descriptor);
    }
    connection->descriptor = -1;
}

void connection_close(struct connection *connection)
{
    struct server *server = connection->server;
    close_descriptor(connection);
    if (connection->is_busy) { /* freed when the lane has done with it */
        pthread_mutex_lock(&server->lock);
        connection->is_gone = true;
        pthread_cond_broadcast(&server->drained);
        pthread_mutex_unlock(&server->lock);
        return;
    }
    tls_end(connection->session);
    release_body(connection);
    upload_release(&connection->exchange);
    buffer_release(&connection->in);
    buffer_release(&connection->out);
    buffer_release(&connection->pieces);
    buffer_release(&connection->exchange.text);
    arena_release(&connection->exchange.arena);
    struct connection *last = server->connections[--server->connection_count];
    server->connections[connection->place] = last;
    last->place = connection->place;
    free(connection);
}

bool connections_make_room(struct server *server)
{
    uint64_t now_ns = clock_now_ns();
    for (size_t i = 0; i < server->connection_count; i++) {
        server->room_at = (server->room_at + 1) % server->connection_count; /* in turn: who came long ago is met first */
        struct connection *connection = server->connections[server->room_at];
        bool is_idle = connection->state == READING_HEAD && !connection->has_begun && connection->descriptor >= 0;
        if (is_idle && now_ns > connection->idle_ns && now_ns - connection->idle_ns > ROOM_MS * MS_NS) {
            connection_close(connection);
            return true;
        }
    }
    return false;
}

void connections_abandon(struct server *server)
{
    pthread_mutex_lock(&server->lock);
    for (size_t i = 0; i < server->connection_count; i++)
        server->connections[i]->is_gone = server->connections[i]->is_busy;
    pthread_cond_broadcast(&server->drained);
    pthread_mutex_unlock(&server->lock);
}

void connection_push(struct connection *connection, struct slice head, struct slice text)
{
    bool is_busy = connection->is_busy;
    struct buffer *out = is_busy ? &connection->pieces : &connection->out;
    if (is_busy)
        pthread_mutex_lock(&connection->server->lock);
    buffer_append_slice(out, head);
    buffer_append_slice(out, text);
    if (is_busy)
        pthread_mutex_unlock(&connection->server->lock);
}

/* Tells the loop that there is something; under the lock. True: it must be woken. */
static bool touch(struct connection *connection)
{
    struct server *server = connection->server;
    bool wakes = server->touched == NULL;
    if (connection->is_touched)
        return false;
    connection->is_touched = true;
    connection->next_touched = server->touched;
    server->touched = connection;
    return wakes;
}

bool connection_is_gone(struct connection *connection)
{
    pthread_mutex_lock(&connection->server->lock);
    bool is_gone = connection->is_gone;
    pthread_mutex_unlock(&connection->server->lock);
    return is_gone;
}

void connection_send(struct connection *connection, struct slice head, struct slice text)
{
    struct server *server = connection->server;
    pthread_mutex_lock(&server->lock);
    while (connection->pieces.size > UNREAD_BYTES_MAX && !connection->is_gone)
        pthread_cond_wait(&server->drained, &server->lock);
    bool wakes = false;
    if (!connection->is_gone) {
        buffer_append_slice(&connection->pieces, head);
        buffer_append_slice(&connection->pieces, text);
        wakes = touch(connection);
    }
    pthread_mutex_unlock(&server->lock);
    if (wakes)
        server_wake(server);
}

void connection_finish(struct connection *connection)
{
    struct server *server = connection->server;
    pthread_mutex_lock(&server->lock);
    connection->is_finished = true;
    bool wakes = touch(connection);
    pthread_mutex_unlock(&server->lock);
    if (wakes)
        server_wake(server);
}

/* ---- answering ---- */

/* What an answered request held is given back, and it is written down. */
static void end_exchange(struct connection *connection)
{
    struct exchange *exchange = &connection->exchange;
    figures_note(connection->server, exchange);
    if (exchange->status == 408 && exchange->method.size == 0) /* nothing is known of it: one line for all of them */
        connection->server->late_heads++;
    else
        journal_request(exchange, connection->server->options.quiet);
    connection->ends = !exchange->is_kept_alive || exchange->is_refused || connection->server->stop_ns != 0;
    release_body(connection);
    upload_release(exchange);
    arena_release(&exchange->arena);
    if (exchange->text.capacity > KEPT_BYTES)
        buffer_release(&exchange->text);
    buffer_clear(&exchange->text);
    connection->state = ANSWERING;
}

static void begin_exchange(struct connection *connection)
{
    struct server *server = connection->server;
    struct exchange *exchange = &connection->exchange;
    struct buffer text = exchange->text;
    *exchange = (struct exchange){.connection = connection, .server = server, .text = text, .begun_ns = clock_now_ns()};
    connection->is_known = false;
    arena_init(&exchange->arena);
    snprintf(exchange->id, sizeof(exchange->id), "req_%012llx%012llx", (unsigned long long)(server->id_first & 0xFFFFFFFFFFFF),
             (unsigned long long)(++server->request_count & 0xFFFFFFFFFFFF));
}

/* A refusal of what cannot be read as a request, or not to its end. */
static void refuse(struct connection *connection, unsigned status, const char *reason)
{
    struct exchange *exchange = &connection->exchange;
    exchange->is_refused = true;
    respond_refusal(exchange, status, NULL, NULL, "%s", reason);
    end_exchange(connection);
}

static void dispatch(struct connection *connection)
{
    struct exchange *exchange = &connection->exchange;
    exchange->body = buffer_slice(&connection->body);
    exchange->queued_ns = clock_now_ns();
    connection->state = ANSWERING;
    if (exchange->match.route->lane == LANE_NONE) {
        exchange->match.route->handle(exchange);
        end_exchange(connection);
        return;
    }
    bool is_shared = exchange->match.route->lane == LANE_ANSWER; /* among keys: who made one up has no part in it */
    if (is_shared && !connection->is_known && !gate_is_key(exchange)) {
        end_exchange(connection);
        return;
    }
    connection->is_busy = true;
    connection->is_finished = false;
    connection->streams = is_shared;
    if (lane_take(connection->server, connection))
        return;
    connection->is_busy = false;
    respond_overloaded(exchange);
    end_exchange(connection);
}

/* ---- reading ---- */

/* May there be a body of so many bytes? A small one always; a large one of a key that is known, while all together are not too much.
 * False: refused. */
static bool may_hold(struct connection *connection, uint64_t size)
{
    struct server *server = connection->server;
    struct exchange *exchange = &connection->exchange;
    if (size <= BODY_SMALL_BYTES)
        return true;
    if (!connection->is_known) {
        exchange->is_refused = true;
        if (!gate_knows(exchange)) {
            end_exchange(connection);
            return false;
        }
        exchange->is_refused = false;
        connection->is_known = true;
    }
    if (server->body_bytes <= 4 * server->settings.body_bytes_max)
        return true;
    refuse(connection, 503, "too many large requests are being read; ask again in a moment");
    return false;
}

/* A file is taken from its first byte of a key alone that may send one. False: refused. */
static bool may_send(struct connection *connection, struct slice source)
{
    struct exchange *exchange = &connection->exchange;
    if (!upload_is_wanted(exchange->match.route))
        return true;
    exchange->is_refused = true;
    bool ok = gate_knows(exchange) && upload_begin(exchange, &connection->head, source);
    exchange->is_refused = !ok;
    if (!ok)
        end_exchange(connection);
    return ok;
}

static void begin_body(struct connection *connection, struct slice source)
{
    struct server *server = connection->server;
    connection->body_taken = 0;
    if (!may_hold(connection, connection->head.content_length) || !may_send(connection, source))
        return;
    http_chunks_init(&connection->chunks);
    buffer_init(&connection->body, server->settings.body_bytes_max);
    connection->state = READING_BODY;
    connection->body_begun_ns = clock_now_ns();
    if (connection->head.wants_continue && source.size == connection->head.size)
        buffer_append_text(&connection->out, "HTTP/1.1 100 Continue\r\n\r\n");
}

/* True when something has changed that may let it go on. */
static bool read_head(struct connection *connection)
{
    struct slice source = slice_range(buffer_slice(&connection->in), connection->in_at, connection->in.size);
    struct http_head *head = &connection->head;
    if (source.size == 0)
        return false;
    if (!connection->has_begun)
        wait_for(connection, HEAD_MS);
    connection->has_begun = true;
    enum http_progress progress = http_head_read(head, source);
    if (progress == HTTP_MORE)
        return false;
    begin_exchange(connection);
    struct exchange *exchange = &connection->exchange;
    if (progress == HTTP_REFUSED) {
        refuse(connection, head->status, head->reason);
        return true;
    }
    exchange->is_old = head->minor == 0;
    exchange->is_kept_alive = head->is_kept_alive && connection->server->stop_ns == 0;
    exchange->is_refused = http_has_body(head); /* unless it is read */
    connection->in_at += head->size;
    if (!gate_pass(exchange, head, source)) {
        end_exchange(connection);
        return true;
    }
    exchange->is_refused = false;
    if (http_has_body(head))
        begin_body(connection, source);
    else
        dispatch(connection);
    return true;
}

/* Of a file that is sent, nothing stays in memory. False: refused. */
static bool pass_on(struct connection *connection)
{
    bool ok = upload_take(&connection->exchange, buffer_slice(&connection->body));
    connection->server->body_bytes -= connection->body.size;
    buffer_clear(&connection->body);
    if (!ok)
        end_exchange(connection);
    return ok;
}

static bool read_body(struct connection *connection)
{
    struct http_head *head = &connection->head;
    struct slice source = slice_range(buffer_slice(&connection->in), connection->in_at, connection->in.size);
    size_t before = connection->body.size, used = 0;
    enum http_progress progress = HTTP_MORE;
    if (head->is_chunked) {
        progress = http_chunks_read(&connection->chunks, source, &used, &connection->body);
    } else {
        uint64_t left = head->content_length - connection->body_taken;
        used = source.size < left ? source.size : (size_t)left;
        buffer_append(&connection->body, source.data, used);
        progress = connection->body_taken + used == head->content_length ? HTTP_DONE : HTTP_MORE;
    }
    connection->in_at += used;
    connection->body_taken += connection->body.size - before;
    connection->server->body_bytes += connection->body.size - before;
    bool came = progress != HTTP_REFUSED && connection->body.size != before;
    if (came && connection->exchange.upload != NULL && !pass_on(connection))
        return true;
    if (came && !may_hold(connection, connection->body.size))
        return true;
    if (progress == HTTP_REFUSED)
        refuse(connection, connection->chunks.status, connection->chunks.reason);
    else if (progress == HTTP_DONE && connection->exchange.upload != NULL && !upload_end(&connection->exchange))
        end_exchange(connection);
    else if (progress == HTTP_DONE)
        dispatch(connection);
    return progress != HTTP_MORE;
}

/* Takes what has come; false when the connection is closed now. */
static bool take_input(struct connection *connection)
{
    struct buffer *in = &connection->in;
    if (connection->in_at > 0) {
        memmove(in->data, in->data + connection->in_at, in->size - connection->in_at);
        in->size -= connection->in_at;
        connection->in_at = 0;
    }
    char *room = buffer_reserve(in, READ_BYTES);
    ssize_t count = room != NULL ? tls_receive(connection->session, connection->descriptor, room, READ_BYTES) : 0;
    if (count > 0) {
        in->size += (size_t)count;
        return true;
    }
    if (count < 0 && (errno == EAGAIN || errno == EINTR))
        return true;
    connection_close(connection);
    return false;
}

/* Sends what is in `out`; false when the connection is closed now. */
static bool flush(struct connection *connection)
{
    struct buffer *out = &connection->out;
    if (connection->write_begun_ns == 0) {
        connection->write_begun_ns = clock_now_ns();
        connection->written = 0;
    }
    while (connection->out_at < out->size) {
        ssize_t count = tls_send(connection->session, connection->descriptor, out->data + connection->out_at,
                                 out->size - connection->out_at);
        if (count < 0 && errno == EINTR)
            continue;
        if (count < 0 && errno == EAGAIN)
            return true;
        if (count <= 0) {
            connection_close(connection);
            return false;
        }
        connection->out_at += (size_t)count;
        connection->written += (size_t)count;
    }
    connection->write_begun_ns = 0;
    if (out->capacity > KEPT_BYTES)
        buffer_release(out);
    buffer_clear(out);
    connection->out_at = 0;
    return true;
}

/* The answer is with its reader. */
static void go_on(struct connection *connection)
{
    if (!connection->ends) {
        begin_head(connection, IDLE_MS);
        return;
    }
    connection->state = LINGERING;
    tls_shut(connection->session, connection->descriptor);
    wait_for(connection, LINGER_MS);
}

/* What a lane left, for the reader; under the lock. What one does not read stays where its lane must wait. */
static void take_pieces(struct connection *connection)
{
    if (connection->out.size == 0) {
        struct buffer empty = connection->out;
        connection->out = connection->pieces;
        connection->pieces = empty;
    } else if (connection->is_finished || connection->out.size < UNREAD_BYTES_MAX) {
        buffer_append_slice(&connection->out, buffer_slice(&connection->pieces));
        buffer_clear(&connection->pieces);
    }
    pthread_cond_broadcast(&connection->server->drained);
}

/* What lay in `pieces` while `out` was full. True: there is something to send now. */
static bool take_left_pieces(struct connection *connection)
{
    pthread_mutex_lock(&connection->server->lock);
    if (connection->pieces.size > 0)
        take_pieces(connection);
    pthread_mutex_unlock(&connection->server->lock);
    return connection->out.size > 0;
}

/* Goes on as far as it can without waiting. */
static void advance(struct connection *connection)
{
    for (bool moves = true; moves;) {
        if (connection->out.size > 0 && !flush(connection))
            return;
        moves = false;
        if (connection->out.size > 0)
            break;
        if (connection->is_busy) {
            moves = take_left_pieces(connection);
            continue;
        }
        if (connection->state == READING_HEAD)
            moves = read_head(connection);
        else if (connection->state == READING_BODY)
            moves = read_body(connection);
        else if (connection->state == ANSWERING) {
            go_on(connection);
            moves = true;
        } else
            connection->in_at = connection->in.size;
    }
    bool reads = !connection->is_busy && connection->state != ANSWERING && connection->out.size == 0;
    if (reads && connection->state == READING_HEAD && connection->in.size == connection->in_at && connection->in.capacity > 0 &&
        !connection->has_begun) {
        buffer_release(&connection->in); /* idle ones hold nothing */
        connection->in_at = 0;
    }
    bool streams = connection->is_busy && connection->streams; /* whose reader goes is of no use to anybody */
    bool wants_room = connection->out.size > 0 || (reads && tls_wants_room(connection->session));
    if (!reads && !wants_room && !streams && connection->interest == EPOLLIN)
        return; /* most send nothing until they are answered: who does is not watched from then on (connection_event) */
    watch(connection, (wants_room ? EPOLLOUT : reads ? EPOLLIN : 0) | (streams ? EPOLLRDHUP : 0));
}

void connection_event(struct connection *connection, uint32_t events)
{
    bool is_left = (events & EPOLLRDHUP) != 0 && connection->is_busy && connection->streams;
    if ((events & (EPOLLERR | EPOLLHUP)) || is_left) {
        connection_close(connection);
        return;
    }
    if (connection->is_busy && events == EPOLLIN) { /* what comes before the answer stays with the system until then */
        watch(connection, 0);
        return;
    }
    bool is_read = (events & EPOLLIN) ||
                   ((events & EPOLLOUT) && tls_wants_room(connection->session) && connection->out.size == 0);
    if (is_read && !take_input(connection))
        return;
    advance(connection);
}

void connection_touched(struct connection *connection)
{
    struct server *server = connection->server;
    pthread_mutex_lock(&server->lock);
    connection->is_touched = false;
    bool is_finished = connection->is_finished, is_gone = connection->is_gone;
    take_pieces(connection);
    pthread_mutex_unlock(&server->lock);
    if (is_finished) /* else it is the lane's still, which looks at it */
        connection->is_busy = false;
    if (is_gone && is_finished) {
        figures_note(server, &connection->exchange);
        connection_close(connection);
    }
    if (is_gone)
        return;
    if (is_finished)
        end_exchange(connection);
    advance(connection);
}

/* The longest that a body may take that has come so far. */
static bool is_slow_body(const struct connection *connection, uint64_t now_ns)
{
    uint64_t wait_ms = (uint64_t)connection->server->settings.client_wait_s * 1000;
    uint64_t allowed_ms = wait_ms + connection->body_taken * 1000 / BODY_BYTES_PER_SECOND;
    return now_ns > connection->body_begun_ns && now_ns - connection->body_begun_ns > allowed_ms * MS_NS;
}

/* What the system holds still is not with the reader. */
static uint64_t taken_by_reader(const struct connection *connection)
{
    int held = 0;
    if (ioctl(connection->descriptor, SIOCOUTQ, &held) != 0 || held < 0)
        return connection->written;
    return connection->written > (uint64_t)held ? connection->written - (uint64_t)held : 0;
}

/* As is_slow_body, of a reader. */
static bool is_slow_reader(const struct connection *connection, uint64_t now_ns)
{
    uint64_t wait_ms = (uint64_t)connection->server->settings.client_wait_s * 1000 * WRITE_WAITS;
    if (connection->write_begun_ns == 0 || now_ns < connection->write_begun_ns + wait_ms * MS_NS)
        return false;
    uint64_t allowed_ms = wait_ms + taken_by_reader(connection) * 1000 / WRITE_BYTES_PER_SECOND;
    return now_ns - connection->write_begun_ns > allowed_ms * MS_NS;
}

static bool is_late(const struct connection *connection, uint64_t now_ns)
{
    if (connection->state == READING_BODY)
        return is_slow_body(connection, now_ns);
    return connection->state == ANSWERING ? is_slow_reader(connection, now_ns) : now_ns > connection->deadline_ns;
}

void connections_bound_unread(struct server *server)
{
    struct connection *worst = NULL;
    size_t total = 0;
    for (size_t i = 0; i < server->connection_count; i++) {
        struct connection *connection = server->connections[i];
        if (connection->descriptor < 0)
            continue; /* left already; its lane has it still */
        total += connection->out.size;
        if (worst == NULL || connection->out.size > worst->out.size)
            worst = connection;
    }
    if (total <= UNREAD_ALL_BYTES_MAX || worst == NULL)
        return;
    journal_event("warning", "%s: too many answers are unread; this one is given up after %zu of %zu bytes", worst->exchange.id,
                  worst->out_at, worst->out.size);
    connection_close(worst); /* one a tick */
}

void connection_tick(struct connection *connection, uint64_t now_ns)
{
    bool is_idle = connection->state == READING_HEAD && !connection->has_begun;
    if (connection->is_busy) {
        if (connection->descriptor >= 0 && is_slow_reader(connection, now_ns))
            connection_close(connection);
        return;
    }
    if (is_idle && connection->server->stop_ns != 0) {
        connection_close(connection);
        return;
    }
    if (!is_late(connection, now_ns))
        return;
    if (connection->state == READING_HEAD && connection->has_begun) {
        begin_exchange(connection);
        refuse(connection, 408, "the request's head did not come in time");
    } else if (connection->state == READING_BODY) {
        refuse(connection, 408, "the request's body did not come in time");
    } else {
        connection_close(connection);
        return;
    }
    advance(connection);
}
