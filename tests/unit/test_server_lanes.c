/* test_server_lanes.c - who may wait for a search: a burst may, and of more than can be answered those alone who are answered soon. */
#include "compare.h"
#include "server/exchange.h"
#include <stdio.h>

#define MS UINT64_C(1000000)

enum { THREADS = 2, WAITING_MAX = 256 };

/* A lane as it is while requests come: time passes by `tick`, and threads take one each THREADS-th part of what one takes. */
struct world {
    struct lane lane;
    struct connection connections[WAITING_MAX];
    size_t head; /* of the first who waits */
    uint64_t now_ns, free_ns; /* free_ns: when the next one is taken */
    size_t admitted, refused, given_up;
    uint64_t longest_ns; /* wait of one who was taken */
};

static void begin(struct world *world, uint64_t service_ns)
{
    *world = (struct world){.now_ns = 3600 * 1000 * MS};
    world->lane.thread_count = THREADS;
    world->lane.waiting_max = WAITING_MAX;
    world->lane.service_ns = service_ns;
}

/* Those at its turn who waited so long that they are refused are told from those who are answered, as the lane's threads do. */
static bool gives_up(struct world *world, uint64_t begun_ns)
{
    uint64_t queued = world->connections[world->head].exchange.queued_ns;
    bool gives = lane_gives_up(&world->lane, LANE_SEARCH, queued, begun_ns);
    if (!gives)
        world->longest_ns = begun_ns - queued > world->longest_ns ? begun_ns - queued : world->longest_ns;
    world->given_up += gives;
    return gives;
}

static void take_some(struct world *world)
{
    struct lane *lane = &world->lane;
    while (lane->waiting > 0 && world->free_ns <= world->now_ns) {
        uint64_t queued = world->connections[world->head].exchange.queued_ns;
        uint64_t begun = world->free_ns > queued ? world->free_ns : queued;
        world->free_ns = begun + (gives_up(world, begun) ? 0 : lane->service_ns / THREADS);
        world->head = (world->head + 1) % WAITING_MAX;
        lane->first = --lane->waiting > 0 ? &world->connections[world->head] : NULL;
        if (lane->first == NULL)
            lane->emptied_ns = begun;
    }
}

/* `count` requests, one each `gap_ns`. */
static void ask(struct world *world, size_t count, uint64_t gap_ns)
{
    struct lane *lane = &world->lane;
    for (size_t i = 0; i < count; i++) {
        world->now_ns += gap_ns;
        take_some(world);
        lane->running = world->free_ns > world->now_ns ? THREADS : 0;
        if (!lane_admits(lane, LANE_SEARCH, world->now_ns)) {
            world->refused++;
            continue;
        }
        struct connection *connection = &world->connections[(world->head + lane->waiting) % WAITING_MAX];
        connection->exchange.queued_ns = world->now_ns;
        lane->first = lane->waiting++ == 0 ? connection : lane->first;
        world->admitted++;
    }
}

static void test_a_burst_passes_whole(void **state)
{
    struct world world;
    (void)state;
    begin(&world, 4 * MS);
    ask(&world, 100, 0); /* 200 ms of work */
    assert_int_equal(world.refused, 0);
    ask(&world, 1, 300 * MS);
    assert_int_equal(world.admitted, 101);
}

static void test_twice_too_much(void **state)
{
    const uint64_t services_ns[] = {MS / 2, 2 * MS, 8 * MS};
    (void)state;
    for (size_t i = 0; i < ARRAY_COUNT(services_ns); i++) {
        struct world world;
        uint64_t service = services_ns[i], gap = service / THREADS / 2;
        begin(&world, service);
        ask(&world, (size_t)(1000 * MS / gap), gap); /* until it is seen that the queue stands */
        assert_true(i > 0 || world.given_up > 0); /* quick searches: many came meanwhile, who would wait long */
        world.admitted = world.refused = 0;
        world.longest_ns = 0;
        ask(&world, 20000, gap);
        assert_true(world.longest_ns <= (service > MS ? 4 * service : 4 * MS)); /* not the 250 ms of a burst */
        assert_true(world.admitted >= 9900 && world.refused >= 9900); /* and nobody idles */
    }
}

/* The queue is empty once, and what comes then is no burst: too much is asked still. */
static void test_a_moment_without_anybody_is_no_calm(void **state)
{
    struct world world;
    (void)state;
    begin(&world, 4 * MS);
    ask(&world, 200, MS);
    assert_true(world.refused > 0);
    ask(&world, 1, 20 * MS); /* nobody has waited for some 10 ms here */
    world.longest_ns = 0;
    world.refused = 0;
    ask(&world, 100, 0);
    assert_true(world.refused > 80);
}

/* Whatever was refused once: who comes after a pause has no part in it. */
static void test_bursts_pass_again_after_a_pause(void **state)
{
    struct world world;
    (void)state;
    begin(&world, 5 * MS);
    ask(&world, 2000, MS);
    assert_true(world.refused > 0);
    world.refused = world.given_up = 0;
    for (size_t i = 0; i < 20; i++) {
        ask(&world, 1, 500 * MS);
        ask(&world, 9, 0);
    }
    assert_int_equal(world.refused + world.given_up, 0);
}

/* A crowd that goes all at once is no crowd an hour later. */
static void test_bursts_pass_again_after_a_crowd(void **state)
{
    struct world world;
    (void)state;
    begin(&world, MS);
    ask(&world, 4000, MS / 4);
    assert_true(world.refused > 0);
    world.refused = world.given_up = 0;
    ask(&world, 1, 3600 * 1000 * MS);
    ask(&world, 29, 0);
    ask(&world, 1, 500 * MS);
    assert_int_equal(world.refused + world.given_up, 0);
}

/* Once nobody has been refused for a second, though there was no pause. */
static void test_bursts_pass_again_beside_others(void **state)
{
    struct world world;
    (void)state;
    begin(&world, MS);
    ask(&world, 4000, MS / 4);
    assert_true(world.refused > 0);
    ask(&world, 1500, MS);
    world.refused = 0;
    ask(&world, 100, 0);
    assert_int_equal(world.refused, 0);
}

/* Once too much is over, fourteen clients at seven eighths of what can be answered are no crowd, though they ask at once. */
static void test_a_crowd_is_forgotten(void **state)
{
    struct world world;
    (void)state;
    begin(&world, MS);
    ask(&world, 4000, MS / 4);
    assert_true(world.refused > 0 && world.given_up > 0);
    for (size_t i = 0; i < 200; i++) {
        world.refused = i < 100 ? 0 : world.refused;
        ask(&world, 1, 8 * MS);
        ask(&world, 13, 0);
    }
    assert_int_equal(world.refused, 0);
}

/* The first searches are cold, and nobody knows yet what one takes. */
static void test_nothing_is_known_at_first(void **state)
{
    struct world world;
    (void)state;
    begin(&world, 0);
    ask(&world, 30, MS);
    assert_int_equal(world.refused, 0);
}

static void test_as_much_as_can_be_answered_is_never_refused(void **state)
{
    struct world world;
    (void)state;
    begin(&world, MS);
    for (size_t i = 0; i < 5000; i++) /* four at once, as fast as two threads answer them */
        ask(&world, 4, i % 2 == 0 ? 0 : MS);
    assert_int_equal(world.refused, 0);
}

/* Eight clients that ask again as soon as they are answered are no overload. */
static void test_some_clients_without_pause(void **state)
{
    struct world world;
    (void)state;
    begin(&world, 4 * MS);
    ask(&world, 8, 0);
    ask(&world, 2000, 2 * MS); /* as often as two threads answer: six wait all the time */
    assert_int_equal(world.refused, 0);
}

/* ---- places for answers that take long ---- */

enum { PLACES = 4, ASKED_MAX = 64 };

struct places {
    struct lane lane;
    struct lane_hands hands[PLACES];
    struct connection connections[ASKED_MAX];
    size_t count;
    uint64_t now_ns;
};

static void places_begin(struct places *places)
{
    *places = (struct places){.now_ns = 3600 * 1000 * MS};
    places->lane = (struct lane){.thread_count = PLACES, .started = PLACES, .waiting_max = ASKED_MAX, .hands = places->hands};
}

/* False: it is refused. */
static bool places_ask(struct places *places, const char *secret)
{
    struct lane *lane = &places->lane;
    share_note(lane, secret, places->now_ns);
    if (!share_admits(lane, secret, places->now_ns))
        return false;
    struct connection *connection = &places->connections[places->count++];
    snprintf(connection->exchange.secret, sizeof(connection->exchange.secret), "%s", secret);
    connection->exchange.queued_ns = places->now_ns;
    *(lane->last != NULL ? &lane->last->next_waiting : &lane->first) = connection;
    lane->last = connection;
    lane->waiting++;
    return true;
}

/* Fills free places, as threads do; whose requests were taken. */
static const char *places_fill(struct places *places, char taken[ASKED_MAX])
{
    struct lane *lane = &places->lane;
    size_t count = 0;
    for (size_t i = 0; i < PLACES; i++) {
        struct connection *picked = places->hands[i].answers == NULL ? share_pick(lane, places->now_ns) : NULL, *before = NULL;
        if (picked == NULL)
            continue;
        for (struct connection *one = lane->first; one != picked; one = one->next_waiting)
            before = one;
        *(before != NULL ? &before->next_waiting : &lane->first) = picked->next_waiting;
        lane->last = lane->last == picked ? before : lane->last;
        picked->next_waiting = NULL;
        lane->waiting--;
        places->hands[i].answers = picked;
        taken[count++] = picked->exchange.secret[0];
    }
    taken[count] = '\0';
    return taken;
}

static void test_one_key_alone_has_all_places(void **state)
{
    struct places places;
    char taken[ASKED_MAX];
    (void)state;
    places_begin(&places);
    for (size_t i = 0; i < 6; i++)
        assert_true(places_ask(&places, "a"));
    assert_string_equal(places_fill(&places, taken), "aaaa");
}

static void test_a_key_with_much_waits_for_itself(void **state)
{
    struct places places;
    char taken[ASKED_MAX];
    (void)state;
    places_begin(&places);
    for (size_t i = 0; i < 10; i++)
        assert_true(places_ask(&places, "a"));
    assert_string_equal(places_fill(&places, taken), "aaaa");
    assert_true(places_ask(&places, "b"));
    assert_true(places_ask(&places, "c"));
    places.hands[1].answers = NULL;
    places.hands[2].answers = NULL;
    assert_string_equal(places_fill(&places, taken), "bc"); /* before the six of a, which came earlier */
    places.hands[1].answers = NULL;
    assert_string_equal(places_fill(&places, taken), "a"); /* three of four places */
    places.hands[2].answers = NULL;
    assert_string_equal(places_fill(&places, taken), ""); /* the last one is kept free */
    assert_true(places_ask(&places, "d"));
    assert_string_equal(places_fill(&places, taken), "d");
    places.hands[2].answers = NULL;
    assert_string_equal(places_fill(&places, taken), "");
    uint64_t until_ns = share_until(&places.lane,
                                    places.now_ns); /* nobody else asks: the place is then free without anybody's coming */
    assert_int_equal(until_ns, places.now_ns + 60 * 1000 * MS);
    places.now_ns = until_ns - 1;
    assert_string_equal(places_fill(&places, taken), "");
    places.now_ns = until_ns;
    assert_int_equal(share_until(&places.lane, places.now_ns), 0);
    assert_string_equal(places_fill(&places, taken), "a");
}

/* While one waits so long for an answer, nobody is helped by waiting behind. */
static void test_behind_one_who_waits_too_long_nobody_waits(void **state)
{
    struct places places;
    char taken[ASKED_MAX];
    (void)state;
    places_begin(&places);
    for (size_t i = 0; i < 5; i++)
        assert_true(places_ask(&places, "a"));
    assert_string_equal(places_fill(&places, taken), "aaaa");
    places.now_ns += 60 * 1000 * MS;
    assert_true(places_ask(&places, "b"));
    places.now_ns += 1;
    assert_false(places_ask(&places, "c"));
    places.hands[0].answers = NULL;
    assert_string_equal(places_fill(&places, taken), "b");
    assert_false(places_ask(&places, "c")); /* the one of a waits still */
    places.hands[1].answers = NULL;
    assert_string_equal(places_fill(&places, taken), "a");
    assert_true(places_ask(&places, "c"));
}

static void test_a_full_queue_of_one_key_refuses_no_other(void **state)
{
    struct places places;
    char taken[ASKED_MAX];
    size_t admitted = 0;
    (void)state;
    places_begin(&places);
    for (size_t i = 0; i < ASKED_MAX; i++)
        admitted += places_ask(&places, "a");
    assert_int_equal(admitted, ASKED_MAX / 4 * 3);
    assert_string_equal(places_fill(&places, taken), "aaaa");
    places.now_ns += 6 * 1000 * MS;
    assert_false(places_ask(&places, "a")); /* it waits too long already */
    assert_true(places_ask(&places, "b"));
    places.hands[0].answers = NULL;
    assert_string_equal(places_fill(&places, taken), "b");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_burst_passes_whole),
        cmocka_unit_test(test_twice_too_much),
        cmocka_unit_test(test_a_moment_without_anybody_is_no_calm),
        cmocka_unit_test(test_as_much_as_can_be_answered_is_never_refused),
        cmocka_unit_test(test_some_clients_without_pause),
        cmocka_unit_test(test_bursts_pass_again_after_a_pause),
        cmocka_unit_test(test_bursts_pass_again_after_a_crowd),
        cmocka_unit_test(test_bursts_pass_again_beside_others),
        cmocka_unit_test(test_a_crowd_is_forgotten),
        cmocka_unit_test(test_nothing_is_known_at_first),
        cmocka_unit_test(test_one_key_alone_has_all_places),
        cmocka_unit_test(test_a_key_with_much_waits_for_itself),
        cmocka_unit_test(test_behind_one_who_waits_too_long_nobody_waits),
        cmocka_unit_test(test_a_full_queue_of_one_key_refuses_no_other),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
