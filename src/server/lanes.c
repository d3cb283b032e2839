/* lanes.c - queues with threads. Each thread has its own handle of the project. All are opened here, at the start and when the settings are
 * read again: so one reading of assay.yaml holds for all, and no request finds that its project cannot be opened. */
#include "exchange.h"
#include <malloc.h>
#include <stdlib.h>
#include <string.h>

/* Whoever waits longer than this is not helped by others who wait behind it. */
#define WAIT_NS_MAX UINT64_C(250000000)
#define MODEL_WAIT_NS_MAX UINT64_C(5000000000) /* of models, which take long */
#define STANDING_WAIT_NS_MIN UINT64_C(10000000)
enum { STANDING_REQUESTS = 16, SERVICE_SHARE = 32 };

/* How long a search may wait. A burst passes: where nobody waited a moment ago, all of WAIT_NS_MAX. A queue that stands is more than can be
 * answered, and its waiting helps nobody: then as long as STANDING_REQUESTS searches take, so that those who are let in are answered soon, and
 * others are told at once (the idea: CoDel, Nichols and Jacobson 2012). Under server->lock. */
static uint64_t search_wait_max(const struct lane *lane, uint64_t now)
{
    uint64_t standing = STANDING_REQUESTS * lane->service_ns;
    if (now - lane->empty_ns < WAIT_NS_MAX || standing > WAIT_NS_MAX)
        return WAIT_NS_MAX;
    return standing > STANDING_WAIT_NS_MIN ? standing : STANDING_WAIT_NS_MIN;
}

static struct lane *lane_of(struct server *server, const struct connection *connection)
{
    return &server->lanes[connection->exchange.match.route->lane];
}

bool lane_take(struct server *server, struct connection *connection)
{
    struct lane *lane = lane_of(server, connection);
    uint64_t now = clock_now_ns();
    bool is_long = lane >= &server->lanes[LANE_MODEL], is_search = lane == &server->lanes[LANE_SEARCH];
    pthread_mutex_lock(&server->lock);
    if (lane->first == NULL)
        lane->empty_ns = now;
    uint64_t wait_max = is_long ? MODEL_WAIT_NS_MAX : is_search ? search_wait_max(lane, now) : WAIT_NS_MAX;
    bool is_late = lane->first != NULL && now - lane->first->exchange.queued_ns > wait_max;
    bool will_be_late = is_search && lane->waiting * lane->service_ns / lane->thread_count > wait_max;
    bool takes = lane->waiting < lane->waiting_max && !is_late && !will_be_late;
    if (takes) {
        connection->next_waiting = NULL;
        if (lane->last != NULL)
            lane->last->next_waiting = connection;
        else
            lane->first = connection;
        lane->last = connection;
        lane->waiting++;
        pthread_cond_signal(&lane->filled);
    } else {
        server->figures.shed++;
    }
    pthread_mutex_unlock(&server->lock);
    return takes;
}

/* The next request; NULL when the lane shall end. */
static struct connection *next_request(struct server *server, struct lane *lane)
{
    pthread_mutex_lock(&server->lock);
    while (lane->first == NULL && !server->is_ending)
        pthread_cond_wait(&lane->filled, &server->lock);
    struct connection *connection = server->is_ending ? NULL : lane->first;
    if (connection != NULL) {
        lane->first = connection->next_waiting;
        if (lane->first == NULL)
            lane->last = NULL;
        lane->waiting--;
        lane->running++;
    }
    pthread_mutex_unlock(&server->lock);
    return connection;
}

/* What a handle of the project holds is much, and lies in the allocator's part of the thread that uses it: kept there, it would grow with each thread
 * that opens one, and with each opening. */
void keep_memory_together(void)
{
#ifdef __GLIBC__
    enum { PARTS_MAX = 4, LARGE_BYTES = 1 << 20 };
    (void)mallopt(M_ARENA_MAX, PARTS_MAX);
    (void)mallopt(M_MMAP_THRESHOLD, LARGE_BYTES); /* which would grow with what was freed, and so keep ever more */
#endif
}

/* Not under a sanitizer, whose allocator stands in for glibc's: that was never set up, and malloc_trim by two threads at once would do so twice. */
void give_back_memory(void)
{
#if defined(__GLIBC__) && !CONFINE_SANITIZED
    (void)malloc_trim(0);
#endif
}

/* Takes over the handle that was opened when the settings were read again. */
static void take_fresh(struct lane_hands *hands)
{
    struct server *server = hands->server;
    pthread_mutex_lock(&server->lock);
    struct assay *fresh = hands->fresh;
    hands->fresh = NULL;
    pthread_mutex_unlock(&server->lock);
    if (fresh == NULL)
        return;
    assay_close(hands->assay);
    assay_model_close(hands->model);
    hands->model = NULL;
    hands->assay = fresh;
    give_back_memory();
}

static void answer(struct lane_hands *hands, struct exchange *exchange)
{
    exchange->hands = hands;
    exchange->started_ns = clock_now_ns();
    take_fresh(hands);
    if (gate_enter(exchange))
        exchange->match.route->handle(exchange);
}

/* The mean of what requests took of late. */
static void note_service(struct lane *lane, uint64_t took_ns)
{
    lane->service_ns += lane->service_ns == 0 ? took_ns
                                              : (uint64_t)(((int64_t)took_ns - (int64_t)lane->service_ns) / SERVICE_SHARE);
}

static void *run_lane(void *context)
{
    struct lane_hands *hands = context;
    struct server *server = hands->server;
    struct lane *lane = &server->lanes[hands->lane];
    for (;;) {
        struct connection *connection = next_request(server, lane);
        if (connection == NULL)
            break;
        uint64_t begun = clock_now_ns();
        if (!connection_is_gone(connection)) /* of who left while it waited, nothing is to be done */
            answer(hands, &connection->exchange);
        pthread_mutex_lock(&server->lock);
        note_service(lane, clock_now_ns() - begun);
        lane->running--;
        pthread_mutex_unlock(&server->lock);
        connection_finish(connection);
    }
    return NULL;
}

static bool open_project(struct server *server, struct assay **assay, struct assay_error *error)
{
    return assay_open(assay, &(struct assay_open_options){.folder = server->options.folder}, error);
}

static bool start_thread(struct server *server, struct lane *lane, enum lane_name name, struct assay_error *error)
{
    struct lane_hands *hands = &lane->hands[lane->started];
    *hands = (struct lane_hands){.server = server, .lane = name};
    if (!open_project(server, &hands->assay, error))
        return false;
    if (pthread_create(&hands->thread, NULL, run_lane, hands) == 0) {
        lane->started++;
        return true;
    }
    assay_close(hands->assay);
    *error = (struct assay_error){.kind = ASSAY_NO_MEMORY, .message = "could not start a thread of the server"};
    return false;
}

bool lanes_start(struct server *server, struct assay_error *error)
{
    enum { SEARCH_THREADS_MAX = 16, ANSWER_THREADS = 4 }; /* who answers waits for a model most of the time */
    size_t cores = thread_core_count();
    const size_t threads[LANE_COUNT] = {[LANE_CONTROL] = 1,
                                        [LANE_SEARCH] = cores < SEARCH_THREADS_MAX ? cores : SEARCH_THREADS_MAX,
                                        [LANE_MODEL] = 1,
                                        [LANE_ANSWER] = ANSWER_THREADS,
                                        [LANE_WRITE] = 1};
    for (int name = LANE_CONTROL; name < LANE_COUNT; name++) {
        struct lane *lane = &server->lanes[name];
        pthread_cond_init(&lane->filled, NULL);
        lane->waiting_max = 256;
        lane->thread_count = threads[name];
        lane->hands = memory_alloc(threads[name], sizeof(*lane->hands));
    }
    for (int name = LANE_CONTROL; name < LANE_COUNT; name++)
        for (size_t i = 0; i < threads[name]; i++)
            if (!start_thread(server, &server->lanes[name], (enum lane_name)name, error))
                return false;
    return true;
}

/* Hands each thread of all lanes one of `opened`. */
static void hand_out(struct server *server, struct assay **opened)
{
    size_t at = 0;
    pthread_mutex_lock(&server->lock);
    for (int name = LANE_CONTROL; name < LANE_COUNT; name++)
        for (size_t i = 0; i < server->lanes[name].started; i++) {
            struct lane_hands *hands = &server->lanes[name].hands[i];
            struct assay *unused = hands->fresh; /* of a reading that no request came after */
            hands->fresh = opened[at];
            opened[at++] = unused;
        }
    pthread_mutex_unlock(&server->lock);
}

bool lanes_reload(struct server *server, struct assay_error *error)
{
    size_t total = 0, count = 0;
    for (int name = LANE_CONTROL; name < LANE_COUNT; name++)
        total += server->lanes[name].started;
    struct assay **opened = memory_alloc(total, sizeof(struct assay *));
    bool ok = true;
    while (ok && count < total) {
        ok = open_project(server, &opened[count], error);
        count += ok;
    }
    if (ok)
        hand_out(server, opened);
    while (count > 0)
        assay_close(opened[--count]);
    free(opened);
    return ok;
}

static void close_hands(struct lane *lane)
{
    for (size_t i = 0; i < lane->started; i++) {
        assay_model_close(lane->hands[i].model);
        assay_close(lane->hands[i].assay);
        assay_close(lane->hands[i].fresh);
    }
}

void lanes_stop(struct server *server)
{
    pthread_mutex_lock(&server->lock);
    server->is_ending = true;
    for (int name = LANE_CONTROL; name < LANE_COUNT; name++)
        if (server->lanes[name].hands != NULL)
            pthread_cond_broadcast(&server->lanes[name].filled);
    pthread_mutex_unlock(&server->lock);
    for (int name = LANE_CONTROL; name < LANE_COUNT; name++) {
        struct lane *lane = &server->lanes[name];
        if (lane->hands == NULL)
            continue;
        for (size_t i = 0; i < lane->started; i++)
            pthread_join(lane->hands[i].thread, NULL);
        for (struct connection *left = lane->first; left != NULL; left = left->next_waiting)
            left->is_busy = false; /* nobody got to it: the loop's again */
        close_hands(lane);
        pthread_cond_destroy(&lane->filled);
        free(lane->hands);
        lane->hands = NULL;
    }
}
