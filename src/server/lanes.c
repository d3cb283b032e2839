/* lanes.c - queues with threads. Each thread has its own handle of the project. All are opened here, at the start and when the settings are
 * read again: so one reading of assay.yaml holds for all, and no request finds that its project cannot be opened. */
#include "exchange.h"
#include <stdlib.h>
#include <string.h>

/* Whoever waits longer than this is not helped by others who wait behind it. */
#define WAIT_NS_MAX UINT64_C(250000000)
#define MODEL_WAIT_NS_MAX UINT64_C(5000000000) /* of models, which take long */
#define STANDING_WAIT_NS_MIN UINT64_C(8000000) /* short enough for anybody, long enough for some clients that ask at once */
#define CROWD_WAIT_NS_MIN UINT64_C(3000000) /* of a crowd, which fills a shorter queue just as well */
#define BURST_NS UINT64_C(50000000) /* what comes at once comes within it */
#define PAUSE_NS_MIN UINT64_C(20000000)
#define CALM_NS UINT64_C(1000000000)
enum {
    FEW_EACH = 6,
    FEW_EACH_OF_CROWD = 3,
    STANDING_REQUESTS = 3,
    PAUSE_REQUESTS = 4,
    SERVICE_SHARE = 32,
    REFUSAL_WEIGHT = 4,
    CROWD_LEAST = 32 * REFUSAL_WEIGHT, /* many were refused, not one who came too late */
    CROWD_MAX = 2 * CROWD_LEAST,
    IDLE_WEIGHT = CROWD_LEAST / 4
};

/* Of those who come, more than one in REFUSAL_WEIGHT + 1 has been refused for a while, and nearly nobody met a thread that had nothing to do. Some clients
 * whom the machine kept waiting are no crowd, whatever was refused then: with the next that are let in they are forgotten, and any crowd after a pause. */
static bool is_crowd(const struct lane *lane)
{
    return lane->crowd >= CROWD_LEAST;
}

static void note_crowd(struct lane *lane, bool admits)
{
    bool is_idle = lane->first == NULL && lane->running < lane->thread_count;
    size_t less = is_idle ? IDLE_WEIGHT : 1;
    if (admits)
        lane->crowd -= lane->crowd < less ? lane->crowd : less;
    else
        lane->crowd = lane->crowd + REFUSAL_WEIGHT < CROWD_MAX ? lane->crowd + REFUSAL_WEIGHT : CROWD_MAX;
}

/* How long a search may wait in a queue that stands: as long as STANDING_REQUESTS take. */
static uint64_t standing_wait_max(const struct lane *lane)
{
    uint64_t wait = STANDING_REQUESTS * lane->service_ns;
    uint64_t least = is_crowd(lane) ? CROWD_WAIT_NS_MIN : STANDING_WAIT_NS_MIN;
    return wait > WAIT_NS_MAX ? WAIT_NS_MAX : wait > least ? wait : least;
}

/* How long a search may wait. A burst passes: what comes within BURST_NS of a moment at which nobody waited may take all of WAIT_NS_MAX. A queue
 * that stands is more than can be answered, and its waiting helps nobody: it is kept short, so that those who are let in are answered soon, and
 * others are told at once (the idea: CoDel, Nichols and Jacobson 2012). So short a queue is empty now and then even where twice too much is asked:
 * once somebody was refused, it takes a pause until a burst may pass again, or CALM_NS in which nobody else was: searches that come all the time, as many
 * as can be answered, leave no pause. */
static uint64_t search_wait_max(const struct lane *lane, uint64_t now_ns)
{
    bool is_burst = now_ns - lane->empty_ns < BURST_NS && lane->refused == 0;
    return is_burst ? WAIT_NS_MAX : standing_wait_max(lane);
}

/* A request comes, and nobody waits: for how long has that been so? */
static void note_empty(struct lane *lane, uint64_t now_ns)
{
    uint64_t pause = PAUSE_REQUESTS * lane->service_ns;
    lane->empty_ns = now_ns;
    if (now_ns - lane->emptied_ns > (pause > PAUSE_NS_MIN ? pause : PAUSE_NS_MIN))
        lane->refused = lane->crowd = 0;
}

bool lane_gives_up(const struct lane *lane, enum lane_name name, uint64_t queued_ns, uint64_t now_ns)
{
    return name == LANE_SEARCH && is_crowd(lane) && now_ns - queued_ns > 2 * standing_wait_max(lane);
}

static struct lane *lane_of(struct server *server, const struct connection *connection)
{
    return &server->lanes[connection->exchange.match.route->lane];
}

bool lane_admits(struct lane *lane, enum lane_name name, uint64_t now_ns)
{
    bool is_search = name == LANE_SEARCH;
    if (now_ns - lane->refused_ns > CALM_NS)
        lane->refused = lane->crowd = 0;
    if (lane->first == NULL)
        note_empty(lane, now_ns);
    uint64_t wait_max = is_search ? search_wait_max(lane, now_ns) : name >= LANE_EMBED ? MODEL_WAIT_NS_MAX : WAIT_NS_MAX;
    bool is_late = lane->first != NULL && now_ns - lane->first->exchange.queued_ns > wait_max;
    bool will_be_late = is_search && lane->waiting * lane->service_ns / lane->thread_count > wait_max;
    size_t few_each = is_crowd(lane) ? FEW_EACH_OF_CROWD : FEW_EACH;
    bool is_few = is_search &&
                  lane->waiting < few_each * lane->thread_count; /* some clients, whom the machine made wait a moment */
    bool admits = lane->waiting < lane->waiting_max && (is_few || (!is_late && !will_be_late));
    note_crowd(lane, admits);
    lane->refused += !admits;
    lane->refused_ns = admits ? lane->refused_ns : now_ns;
    return admits;
}

bool lane_take(struct server *server, struct connection *connection)
{
    struct lane *lane = lane_of(server, connection);
    enum lane_name name = connection->exchange.match.route->lane;
    const char *secret = connection->exchange.secret;
    uint64_t now_ns = clock_now_ns();
    pthread_mutex_lock(&server->lock);
    if (name == LANE_ANSWER)
        share_note(lane, secret, now_ns);
    bool takes = name == LANE_ANSWER ? share_admits(lane, secret, now_ns) : lane_admits(lane, name, now_ns);
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

static struct connection *whose_turn(const struct lane_hands *hands, const struct lane *lane)
{
    return hands->lane == LANE_ANSWER ? share_pick(lane, clock_now_ns()) : lane->first;
}

/* Until somebody comes, or a place that was kept free is free for those who wait. */
static void wait_for_turn(struct lane_hands *hands, struct lane *lane)
{
    uint64_t until_ns = hands->lane == LANE_ANSWER ? share_until(lane, clock_now_ns()) : 0;
    if (until_ns != 0)
        (void)condition_wait_until(&lane->filled, &hands->server->lock, until_ns);
    else
        pthread_cond_wait(&lane->filled, &hands->server->lock);
}

static void take_out(struct lane *lane, struct connection *connection, uint64_t now_ns)
{
    struct connection *before = NULL;
    for (struct connection *one = lane->first; one != connection; one = one->next_waiting)
        before = one;
    *(before != NULL ? &before->next_waiting : &lane->first) = connection->next_waiting;
    if (lane->last == connection)
        lane->last = before;
    if (lane->first == NULL)
        lane->emptied_ns = now_ns;
    lane->waiting--;
}

/* The next request; NULL when the lane shall end. `*is_given_up`: it waited too long to be answered. */
static struct connection *next_request(struct lane_hands *hands, struct lane *lane, bool *is_given_up)
{
    struct server *server = hands->server;
    struct connection *connection = NULL;
    pthread_mutex_lock(&server->lock);
    while (!server->is_ending && (connection = whose_turn(hands, lane)) == NULL)
        wait_for_turn(hands, lane);
    connection = server->is_ending ? NULL : connection;
    if (connection != NULL) {
        uint64_t now_ns = clock_now_ns();
        take_out(lane, connection, now_ns);
        lane->running++;
        hands->answers = connection;
        connection->exchange.started_ns = now_ns;
        *is_given_up = lane_gives_up(lane, connection->exchange.match.route->lane, connection->exchange.queued_ns, now_ns);
        server->figures.shed += *is_given_up;
    }
    pthread_mutex_unlock(&server->lock);
    return connection;
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
    assay_classifier_close(hands->moderator);
    hands->moderator = NULL;
    hands->assay = fresh;
    give_back_memory();
}

static void answer(struct lane_hands *hands, struct exchange *exchange)
{
    exchange->hands = hands;
    take_fresh(hands);
    if (gate_enter(exchange))
        exchange->match.route->handle(exchange);
    model_give_back(hands);
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
        bool is_given_up = false;
        struct connection *connection = next_request(hands, lane, &is_given_up);
        if (connection == NULL)
            break;
        uint64_t begun = clock_now_ns();
        if (is_given_up)
            respond_overloaded(&connection->exchange);
        else if (!connection_is_gone(connection)) /* of who left while it waited, nothing is to be done */
            answer(hands, &connection->exchange);
        pthread_mutex_lock(&server->lock);
        if (!is_given_up)
            note_service(lane, clock_now_ns() - begun);
        lane->running--;
        hands->answers = NULL;
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
    enum {
        SEARCH_THREADS_MAX = 16,
        EMBED_THREADS = 2, /* one reads its request or writes its answer while the model has the other's */
        ANSWER_THREADS = 4 /* who answers waits for a model most of the time */
    };
    size_t cores = thread_core_count();
    const size_t threads[LANE_COUNT] = {[LANE_CONTROL] = 1,
                                        [LANE_SEARCH] = cores < SEARCH_THREADS_MAX ? cores : SEARCH_THREADS_MAX,
                                        [LANE_EMBED] = EMBED_THREADS,
                                        [LANE_MODEL] = 1, /* more would need another way to count tokens (handle_models.c) */
                                        [LANE_ANSWER] = ANSWER_THREADS,
                                        [LANE_WRITE] = 1};
    for (int name = LANE_CONTROL; name < LANE_COUNT; name++) {
        struct lane *lane = &server->lanes[name];
        condition_init(&lane->filled);
        kept_init(&lane->kept);
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
    for (int name = LANE_CONTROL; ok && name < LANE_COUNT; name++)
        kept_forget(&server->lanes[name].kept);
    while (count > 0)
        assay_close(opened[--count]);
    free(opened);
    return ok;
}

static void close_hands(struct lane *lane)
{
    for (size_t i = 0; i < lane->started; i++) {
        assay_classifier_close(lane->hands[i].moderator);
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
        kept_release(&lane->kept);
        pthread_cond_destroy(&lane->filled);
        free(lane->hands);
        lane->hands = NULL;
    }
}
