/* test_fetch.c - which addresses are public, which hosts may be asked, and that a name which means another address the next time is met. */
#include "compare.h"
#include "fetch/allow.h"
#include <arpa/inet.h>
#include <netinet/in.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static bool is_public(const char *text)
{
    unsigned char address[16];
    bool is_six = strchr(text, ':') != NULL;
    if (inet_pton(is_six ? AF_INET6 : AF_INET, text, address) != 1)
        fail_msg("\"%s\" is no address", text);
    return fetch_is_public(address, is_six ? 16 : 4);
}

static void addresses(void **state)
{
    (void)state;
    static const char *const inside[] = {"0.0.0.0",
                                         "10.0.0.1",
                                         "10.255.255.255",
                                         "100.64.0.1",
                                         "100.100.100.200",
                                         "100.127.255.255",
                                         "127.0.0.1",
                                         "127.255.255.255",
                                         "168.63.129.16",
                                         "169.254.169.254",
                                         "172.16.0.1",
                                         "172.31.255.255",
                                         "192.0.0.192",
                                         "192.0.2.1",
                                         "192.88.99.1",
                                         "192.168.0.1",
                                         "198.18.0.1",
                                         "198.19.255.255",
                                         "198.51.100.1",
                                         "203.0.113.1",
                                         "224.0.0.1",
                                         "239.255.255.255",
                                         "240.0.0.1",
                                         "255.255.255.255",
                                         "::",
                                         "::1",
                                         "::7f00:1",
                                         "::ffff:127.0.0.1",
                                         "::ffff:8.8.8.8",
                                         "64:ff9b::8.8.8.8",
                                         "64:ff9b:1::1",
                                         "100::1",
                                         "2001::1",
                                         "2001:10::1",
                                         "2001:1ff::1",
                                         "2001:db8::1",
                                         "2002:7f00:1::",
                                         "3fff::1",
                                         "3fff:fff::1",
                                         "4000::1",
                                         "5f00::1",
                                         "fc00::1",
                                         "fd00:ec2::254",
                                         "fe80::1",
                                         "fec0::1",
                                         "ff02::1",
                                         "2606:4700::5efe:a00:1",
                                         "2606:4700::200:5efe:a00:1"};
    static const char *const outside[] = {"1.1.1.1",         "8.8.8.8",        "9.255.255.255",        "11.0.0.0",
                                          "100.63.255.255",  "100.128.0.0",    "126.255.255.255",      "128.0.0.1",
                                          "169.253.255.255", "172.15.255.255", "172.32.0.0",           "192.0.1.1",
                                          "192.167.255.255", "198.17.255.255", "198.20.0.0",           "223.255.255.255",
                                          "2606:4700::1111", "2001:200::1",    "2001:4860:4860::8888", "2003::1",
                                          "3ffe::1",         "3fff:1000::1"};
    for (size_t i = 0; i < ARRAY_COUNT(inside); i++)
        if (is_public(inside[i]))
            fail_msg("%s was taken for public", inside[i]);
    for (size_t i = 0; i < ARRAY_COUNT(outside); i++)
        if (!is_public(outside[i]))
            fail_msg("%s was not taken for public", outside[i]);
}

static struct url url_of(const char *text, struct arena *arena)
{
    struct url url;
    struct error error = {0};
    expect_ok(url_parse(slice_from(text), NULL, arena, &url, &error), &error);
    return url;
}

static void hosts(void **state)
{
    (void)state;
    static const char *const allowed[] = {"Wiki.corp", "127.0.0.1:8000", "[::1]:8000", "10.0.0.5"};
    static const struct {
        const char *url, *address;
        bool may_url, may_address;
    } cases[] = {
        {"https://example.com/", "8.8.8.8", true, true},         {"https://example.com/", "127.0.0.1", true, false},
        {"https://example.com/", "10.0.0.5", true, true},        {"http://example.com:443/", "8.8.8.8", true, true},
        {"http://example.com:22/", "8.8.8.8", false, false},     {"http://example.com:8000/", "127.0.0.1", true, true},
        {"http://example.com:8000/", "127.0.0.2", true, false},  {"http://example.com:8000/", "8.8.8.8", true, false},
        {"http://wiki.corp/", "192.168.0.9", true, true},        {"https://wiki.corp/", "192.168.0.9", true, true},
        {"http://wiki.corp:8080/", "192.168.0.9", false, false}, {"http://a.wiki.corp/", "192.168.0.9", true, false},
        {"http://127.0.0.1:8000/", "127.0.0.1", true, true},     {"http://127.0.0.1/", "127.0.0.1", false, false},
        {"http://0x7f.1:8000/", "127.0.0.1", true, true},        {"http://10.0.0.5/", "10.0.0.5", true, true},
        {"http://10.0.0.6/", "10.0.0.6", false, false},
    };
    const struct fetch_options options = {.allowed = allowed, .allowed_count = ARRAY_COUNT(allowed)};
    struct allow_list list = {0};
    struct arena arena;
    struct error error = {0};
    arena_init(&arena);
    expect_ok(allow_read(&list, &options, &arena, &error), &error);
    for (size_t i = 0; i < ARRAY_COUNT(cases); i++) {
        const struct url url = url_of(cases[i].url, &arena);
        unsigned char address[4];
        assert_int_equal(inet_pton(AF_INET, cases[i].address, address), 1);
        if (allow_url(&list, &url, &error) != cases[i].may_url)
            fail_msg("%s", cases[i].url);
        if (allow_address(&list, &url, address, 4) != cases[i].may_address)
            fail_msg("%s at %s", cases[i].url, cases[i].address);
    }
    static const char *const none[] = {"a b", "", "h/x", "user@h"};
    for (size_t i = 0; i < ARRAY_COUNT(none); i++) {
        const struct fetch_options wrong = {.allowed = &none[i], .allowed_count = 1};
        struct allow_list empty = {0};
        expect_error(allow_read(&empty, &wrong, &arena, &error), &error, ERROR_INVALID, "no host");
    }
    arena_release(&arena);
}

/* ---- a name that means something else the next time ---- */

struct server {
    int socket;
    unsigned port;
    pthread_t thread;
};

static void *answer_requests(void *context)
{
    static const char
        answer[] = "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 5\r\nConnection: close\r\n\r\nwords";
    const struct server *server = context;
    for (int client; (client = accept(server->socket, NULL, NULL)) >= 0; close(client)) {
        char request[4096];
        ssize_t size = read(client, request, sizeof(request));
        if (size <= 0 || memcmp(request, "GET /end", 8) == 0)
            break;
        (void)!write(client, answer, sizeof(answer) - 1);
    }
    return NULL;
}

static void start(struct server *server)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t size = sizeof(address);
    server->socket = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_true(server->socket >= 0);
    assert_int_equal(bind(server->socket, (struct sockaddr *)&address, sizeof(address)), 0);
    assert_int_equal(listen(server->socket, 8), 0);
    assert_int_equal(getsockname(server->socket, (struct sockaddr *)&address, &size), 0);
    server->port = ntohs(address.sin_port);
    assert_int_equal(pthread_create(&server->thread, NULL, answer_requests, server), 0);
}

static void stop(struct server *server)
{
    (void)shutdown(server->socket, SHUT_RDWR);
    assert_int_equal(pthread_join(server->thread, NULL), 0);
    close(server->socket);
}

struct names {
    size_t asked, turns_at; /* from this time on the name means another address */
};

static const char *resolve(void *context, const char *host)
{
    struct names *names = context;
    if (strcmp(host, "rebinding.example") != 0)
        return NULL;
    return names->asked++ < names->turns_at ? "127.0.0.1" : "127.0.0.2";
}

static enum fetch_outcome get(struct names *names, const struct server *server, struct fetch_answer *answer,
                              struct error *error)
{
    char allowed[32], url[64];
    const char *list[] = {allowed};
    snprintf(allowed, sizeof(allowed), "127.0.0.1:%u", server->port);
    snprintf(url, sizeof(url), "http://rebinding.example:%u/page", server->port);
    const struct fetch_options options = {
        .allowed = list, .allowed_count = 1, .timeout_ms = 20000, .context = names, .resolve = resolve};
    struct fetcher *fetcher;
    expect_ok(fetcher_create(&fetcher, &options, error), error);
    const struct fetch_request request = {.url = slice_from(url), .size_max = MIB};
    enum fetch_outcome outcome = fetch_get(fetcher, &request, answer, error);
    fetcher_free(fetcher);
    return outcome;
}

static void a_name_that_turns_is_met(void **state)
{
    (void)state;
    struct server server;
    struct fetch_answer answer;
    struct error error = {0};
    start(&server);
    fetch_answer_init(&answer, MIB);
    struct names steady = {.turns_at = SIZE_MAX};
    expect_ok(get(&steady, &server, &answer, &error) == FETCH_DONE, &error);
    compare_text("body", buffer_slice(&answer.body), "words");
    struct names turning = {
        .turns_at = 1}; /* robots.txt was asked for at an address that may be, the page is at one that may not */
    assert_int_equal(get(&turning, &server, &answer, &error), FETCH_FAILED);
    assert_int_equal(turning.asked, 2);
    expect_error(false, &error, ERROR_INVALID, "leads to 127.0.0.2, which is no public address");
    fetch_answer_release(&answer);
    stop(&server);
}

static bool never(void *context)
{
    (void)context;
    return false;
}

static void it_stops_when_told(void **state)
{
    (void)state;
    struct fetch_answer answer;
    struct error error = {0};
    struct fetcher *fetcher;
    const struct fetch_options options = {.timeout_ms = 1000, .going = never};
    expect_ok(fetcher_create(&fetcher, &options, &error), &error);
    fetch_answer_init(&answer, MIB);
    const struct fetch_request request = {.url = SLICE("http://example.invalid/"), .size_max = MIB};
    assert_int_equal(fetch_get(fetcher, &request, &answer, &error), FETCH_STOPPED);
    fetch_answer_release(&answer);
    fetcher_free(fetcher);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(addresses), cmocka_unit_test(hosts),
                                       cmocka_unit_test(a_name_that_turns_is_met), cmocka_unit_test(it_stops_when_told)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
