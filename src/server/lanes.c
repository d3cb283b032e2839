/* lanes.c - queues with threads. Each thread opens its own handle of the project, and opens it anew when the settings were read again. */
#include "exchange.h"
#include <stdlib.h>
#include <string.h>

/* Whoever waits longer than this is not helped by others who wait behind it. */
#define WAIT_NS_MAX UINT64_C(250000000)
#define MODEL_WAIT_NS_MAX UINT64_C(5000000000)

static struct lane *lane_of(struct server *server, const struct connection *connection)
{
    return &server->lanes[connection->exchange.match.route->lane];
}

bool lane_take(struct server *server, struct connection *connection)
{
    struct lane *lane = lane_of(server, connection);
    uint64_t now = clock_now_ns();
    uint64_t wait_max = lane == &server->lanes[LANE_MODEL] ? MODEL_WAIT_NS_MAX : WAIT_NS_MAX;
    pthread_mutex_lock(&server->lock);
    bool is_late = lane->first != NULL && now - lane->first->exchange.queued_ns > wait_max;
    bool takes = lane->waiting < lane->waiting_max && !is_late;
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
    struct connection *connection = lane->first;
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

static bool open_handle(struct lane_hands *hands, struct assay_error *error)
{
    struct server *server = hands->server;
    pthread_mutex_lock(&server->lock);
    unsigned round = server->settings_round;
    pthread_mutex_unlock(&server->lock);
    if (hands->assay != NULL && hands->settings_round == round)
        return true;
    struct assay *opened;
    if (!assay_open(&opened, &(struct assay_open_options){.folder = server->options.folder}, error))
        return false;
    assay_close(hands->assay);
    assay_model_close(hands->model);
    hands->model = NULL;
    hands->assay = opened;
    hands->settings_round = round;
    return true;
}

static void answer(struct lane_hands *hands, struct exchange *exchange)
{
    struct assay_error error;
    exchange->hands = hands;
    exchange->started_ns = clock_now_ns();
    if (!open_handle(hands, &error))
        respond_error(exchange, &error);
    else if (gate_enter(exchange))
        exchange->match.route->handle(exchange);
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
        answer(hands, &connection->exchange);
        pthread_mutex_lock(&server->lock);
        lane->running--;
        pthread_mutex_unlock(&server->lock);
        connection_finish(connection);
    }
    assay_model_close(hands->model);
    assay_close(hands->assay);
    return NULL;
}

static bool start_thread(struct server *server, struct lane *lane, enum lane_name name, struct assay_error *error)
{
    struct lane_hands *hands = &lane->hands[lane->started];
    *hands = (struct lane_hands){.server = server, .lane = name};
    if (pthread_create(&hands->thread, NULL, run_lane, hands) == 0) {
        lane->started++;
        return true;
    }
    *error = (struct assay_error){.kind = ASSAY_NO_MEMORY, .message = "could not start a thread of the server"};
    return false;
}

bool lanes_start(struct server *server, struct assay_error *error)
{
    enum { SEARCH_THREADS_MAX = 16 };
    size_t cores = thread_core_count();
    const size_t threads[LANE_COUNT] = {
        [LANE_CONTROL] = 1, [LANE_SEARCH] = cores < SEARCH_THREADS_MAX ? cores : SEARCH_THREADS_MAX, [LANE_MODEL] = 1};
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
        pthread_cond_destroy(&lane->filled);
        free(lane->hands);
        lane->hands = NULL;
    }
}
