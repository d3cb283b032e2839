/* fetch.c - what may be asked, when, and where it leads: robots.txt, pace, redirects. */
#include "transfer.h"
#include <assert.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum {
    WAIT_STEP_US = 20000,
    RETRIES = 2,             /* when a host says to come back later */
    RETRY_MS_MAX = 30000     /* and it is not later than that */
};

#define AGENT SLICE("assay")

/* What is known of one origin. */
struct host {
    uint64_t next_ns; /* not before this is it asked again */
    struct robots robots;
    bool is_told;     /* there is an answer to robots.txt, or there is none and so no rules */
    struct {
        bool is_asked;
        struct error error; /* why it is not told */
    } robots_of[2]; /* by the person, and by whom another host led there: what is refused to one is not to the other */
};

enum { HOSTS_MAX = 256 };

struct fetcher {
    struct fetch_options options;
    struct arena arena;
    struct allow_list allowed;
    struct transfers *transfers;
    struct map hosts; /* "https://host:port" → number, plus one */
    struct host *items; /* HOSTS_MAX: they stay where they are, since callers look at their rules while others come */
    size_t count;
};

bool fetcher_create(struct fetcher **fetcher, const struct fetch_options *options, struct error *error)
{
    struct fetcher *made = memory_alloc(1, sizeof(*made));
    made->options = *options;
    arena_init(&made->arena);
    map_init(&made->hosts, HOSTS_MAX);
    made->items = memory_alloc(HOSTS_MAX, sizeof(*made->items));
    if (allow_read(&made->allowed, options, &made->arena, error) && transfers_create(&made->transfers, error)) {
        *fetcher = made;
        return true;
    }
    fetcher_free(made);
    return false;
}

void fetcher_free(struct fetcher *fetcher)
{
    if (fetcher == NULL)
        return;
    transfers_free(fetcher->transfers);
    map_release(&fetcher->hosts);
    arena_release(&fetcher->arena);
    free(fetcher->items);
    free(fetcher);
}

void fetch_answer_init(struct fetch_answer *answer, size_t size_max)
{
    *answer = (struct fetch_answer){0};
    buffer_init(&answer->body, size_max);
    buffer_init(&answer->address, LIMIT_PATH_BYTES);
}

void fetch_answer_release(struct fetch_answer *answer)
{
    buffer_release(&answer->body);
    buffer_release(&answer->address);
}

/* ---- hosts and their turns ---- */

static struct slice origin_of(const struct url *url)
{
    return slice_range(url->text, 0, url->text.size - url->target.size);
}

/* What is known of each host is kept, and redirects may lead to ever new ones. */
static bool has_place(const struct fetcher *fetcher, const struct url *url, struct error *error)
{
    if (fetcher->hosts.count < HOSTS_MAX || map_get(&fetcher->hosts, origin_of(url)) != NULL)
        return true;
    return error_set(error, ERROR_LIMIT, "\"" SLICE_FORMAT "\" is at one more host than the %d that are asked at once",
                     SLICE_ARGUMENT(url->text), HOSTS_MAX);
}

/* It has a place. */
static size_t find_host(struct fetcher *fetcher, const struct url *url)
{
    struct map_entry *entry = map_put(&fetcher->hosts, origin_of(url), NULL);
    assert(entry != NULL);
    if (entry->value == 0) {
        assert(fetcher->count < HOSTS_MAX);
        fetcher->items[fetcher->count++] = (struct host){0};
        entry->value = fetcher->count;
    }
    return entry->value - 1;
}

static bool is_going(const struct fetcher *fetcher)
{
    return fetcher->options.going == NULL || fetcher->options.going(fetcher->options.context);
}

static bool stop(struct error *error)
{
    return error_set(error, ERROR_CANCELLED, "stopped");
}

static bool wait_until(const struct fetcher *fetcher, uint64_t moment_ns)
{
    bool going = is_going(fetcher);
    while (going && clock_now_ns() < moment_ns) {
        usleep(WAIT_STEP_US);
        going = is_going(fetcher);
    }
    return going;
}

static uint64_t pause_ns(const struct fetcher *fetcher, const struct host *host)
{
    unsigned ms = host->robots.delay_ms > LIMIT_CRAWL_DELAY_MS ? LIMIT_CRAWL_DELAY_MS : host->robots.delay_ms;
    if (ms < fetcher->options.delay_ms)
        ms = fetcher->options.delay_ms;
    return (uint64_t)ms * 1000000;
}

/* ---- one address ---- */

static enum transfer_end ask_once(struct fetcher *fetcher, const struct transfer_request *request,
                                  struct transfer_answer *answer, struct fetch_answer *page, struct error *error)
{
    size_t host = find_host(fetcher, request->url);
    if (!wait_until(fetcher, fetcher->items[host].next_ns)) {
        stop(error);
        return TRANSFER_STOPPED;
    }
    enum transfer_end end = transfer(fetcher->transfers, request, answer, page, error);
    fetcher->items[host].next_ns = clock_now_ns() + pause_ns(fetcher, &fetcher->items[host]);
    return end;
}

/* The same; comes back when the host asks for it. */
static enum transfer_end ask(struct fetcher *fetcher, const struct transfer_request *request, struct transfer_answer *answer,
                             struct fetch_answer *page, struct error *error)
{
    for (size_t i = 0;; i++) {
        enum transfer_end end = ask_once(fetcher, request, answer, page, error);
        bool is_busy = end == TRANSFER_DONE && (answer->status == 429 || answer->status == 503);
        if (!is_busy || answer->retry_ms == 0 || answer->retry_ms > RETRY_MS_MAX || i == RETRIES)
            return end;
        if (!wait_until(fetcher, clock_now_ns() + (uint64_t)answer->retry_ms * 1000000)) {
            stop(error);
            return TRANSFER_STOPPED;
        }
    }
}

static bool is_redirect(long status)
{
    return status == 301 || status == 302 || status == 303 || status == 307 || status == 308;
}

/* Where an answer leads. */
static bool follow(const struct url *from, const struct transfer_answer *answer, size_t hops, struct arena *arena,
                   struct url *url, struct error *error)
{
    if (answer->location[0] == '\0')
        return error_set(error, ERROR_IO, "\"" SLICE_FORMAT "\" leads elsewhere (status %ld), but does not say where",
                         SLICE_ARGUMENT(from->text), answer->status);
    if (hops == LIMIT_REDIRECTS)
        return error_set(error, ERROR_LIMIT, "\"" SLICE_FORMAT "\" leads on, for the %dth time", SLICE_ARGUMENT(from->text),
                         LIMIT_REDIRECTS + 1);
    if (!url_parse(slice_from(answer->location), from, arena, url, error))
        return error_wrap(error, "\"" SLICE_FORMAT "\" leads elsewhere", SLICE_ARGUMENT(from->text));
    if (from->is_secure && !url->is_secure)
        return error_set(error, ERROR_INVALID,
                         "\"" SLICE_FORMAT "\" leads from https to http, which anybody on the way could read",
                         SLICE_ARGUMENT(from->text));
    return true;
}

/* By http and by https, a host is one at their usual ports. */
static bool is_same_host(const struct url *a, const struct url *b)
{
    bool usual = (a->port == 80 || a->port == 443) && (b->port == 80 || b->port == 443);
    return slice_equal(a->host, b->host) && (usual || a->port == b->port);
}

/* No page leads into what was allowed to the person. */
static const struct allow_list *allowed_to(const struct fetcher *fetcher, bool is_led_to)
{
    static const struct allow_list public_only;
    return is_led_to ? &public_only : &fetcher->allowed;
}

/* ---- robots.txt ---- */

static enum transfer_end ask_robots(struct fetcher *fetcher, const struct url *url, bool is_led_to, struct arena *arena,
                                    struct transfer_answer *answer, struct fetch_answer *page, struct error *error)
{
    struct transfer_request request = {.options = &fetcher->options, .size_max = LIMIT_ROBOTS_BYTES, .is_cut = true};
    struct url at = *url;
    for (size_t hops = 0;; hops++) {
        request.url = &at;
        request.is_led_to = is_led_to || !is_same_host(url, &at);
        request.allowed = allowed_to(fetcher, request.is_led_to);
        if (!allow_url(request.allowed, &at, error) || !has_place(fetcher, &at, error))
            return TRANSFER_FAILED;
        enum transfer_end end = ask(fetcher, &request, answer, page, error);
        struct url next;
        if (end != TRANSFER_DONE || !is_redirect(answer->status))
            return end;
        if (!follow(&at, answer, hops, arena, &next, error))
            return TRANSFER_FAILED;
        at = next;
    }
}

/* No file: no rules. A host that does not answer, or says that it cannot, is not asked for anything else. */
static bool read_robots(struct fetcher *fetcher, const struct url *url, bool is_led_to, struct robots *robots,
                        struct error *error)
{
    struct transfer_answer answer;
    struct fetch_answer page;
    struct arena arena;
    struct url file;
    arena_init(&arena);
    fetch_answer_init(&page, LIMIT_ROBOTS_BYTES + KIB);
    bool ok = url_parse(SLICE("/robots.txt"), url, &arena, &file, error);
    ok = ok && ask_robots(fetcher, &file, is_led_to, &arena, &answer, &page, error) == TRANSFER_DONE;
    if (ok && answer.status == 200) {
        robots_read(arena_slice(&fetcher->arena, buffer_slice(&page.body)), AGENT, &fetcher->arena, robots);
    } else if (ok && (answer.status < 400 || answer.status >= 500 || answer.status == 429)) {
        ok = error_set(error, ERROR_IO, "\"" SLICE_FORMAT "\" answers with status %ld, so it is not known what may be asked",
                       SLICE_ARGUMENT(file.text), answer.status);
        error_hint(error, "Try again later.");
    }
    fetch_answer_release(&page);
    arena_release(&arena);
    return ok;
}

static const struct robots *find_robots(struct fetcher *fetcher, const struct url *url, bool is_led_to, struct error *error)
{
    if (!has_place(fetcher, url, error))
        return NULL;
    struct host *host = &fetcher->items[find_host(fetcher, url)];
    struct error *why = &host->robots_of[is_led_to].error;
    if (!host->is_told && !host->robots_of[is_led_to].is_asked) {
        *why = (struct error){0};
        host->is_told = read_robots(fetcher, url, is_led_to, &host->robots, why);
        host->robots_of[is_led_to].is_asked = why->kind != ERROR_CANCELLED;
    }
    if (!host->is_told)
        *error = *why;
    return host->is_told ? &host->robots : NULL;
}

const struct robots *fetch_robots(struct fetcher *fetcher, const struct url *url, struct error *error)
{
    return find_robots(fetcher, url, false, error);
}

/* ---- a page ---- */

static enum fetch_outcome check(struct fetcher *fetcher, bool is_led_to, const struct url *url, bool any_robots,
                                struct fetch_answer *answer, struct error *error)
{
    if (!allow_url(allowed_to(fetcher, is_led_to), url, error) || !has_place(fetcher, url, error))
        return FETCH_FAILED;
    if (any_robots)
        return FETCH_DONE;
    const struct robots *robots = find_robots(fetcher, url, is_led_to, error);
    if (robots == NULL) {
        answer->is_transport = true;
        return error->kind == ERROR_CANCELLED ? FETCH_STOPPED : FETCH_FAILED;
    }
    if (robots_allows(robots, url->target))
        return FETCH_DONE;
    error_set(error, ERROR_INVALID, "robots.txt does not want \"" SLICE_FORMAT "\" to be asked for by programs",
              SLICE_ARGUMENT(url->text));
    return FETCH_FORBIDDEN;
}

static enum fetch_outcome judge(const struct url *url, const struct transfer_answer *answer, bool is_conditional,
                                struct error *error)
{
    if (answer->status == 200)
        return FETCH_DONE;
    if (answer->status == 304 && is_conditional)
        return FETCH_UNCHANGED;
    bool is_gone = answer->status == 404 || answer->status == 410;
    error_set(error, is_gone ? ERROR_NOT_FOUND : ERROR_IO, "\"" SLICE_FORMAT "\" answers with status %ld%s",
              SLICE_ARGUMENT(url->text), answer->status, is_gone ? ": there is no such page" : "");
    if (answer->status == 401 || answer->status == 403)
        error_hint(error, "Pages that need a login are not fetched; save them, and add the files.");
    return is_gone ? FETCH_GONE : FETCH_FAILED;
}

static enum fetch_outcome get(struct fetcher *fetcher, const struct fetch_request *request, struct arena *arena,
                              struct fetch_answer *page, struct error *error)
{
    struct transfer_request part = {.options = &fetcher->options,
                                    .etag = request->etag,
                                    .modified = request->modified,
                                    .size_max = request->size_max,
                                    .takes_documents = true};
    struct transfer_answer answer;
    struct url url, next;
    if (!url_parse(request->url, NULL, arena, &url, error))
        return FETCH_FAILED;
    const struct url first = url;
    for (size_t hops = 0;; hops++) {
        part.url = &url;
        part.is_led_to = !is_same_host(&first, &url);
        part.allowed = allowed_to(fetcher, part.is_led_to);
        enum fetch_outcome allowed = check(fetcher, part.is_led_to, &url, request->any_robots && hops == 0, page, error);
        if (allowed != FETCH_DONE)
            return allowed;
        enum transfer_end end = ask(fetcher, &part, &answer, page, error);
        if (end != TRANSFER_DONE) {
            page->is_transport = end == TRANSFER_FAILED && !answer.has_spoken;
            return end == TRANSFER_STOPPED ? FETCH_STOPPED : end == TRANSFER_OTHER ? FETCH_OTHER : FETCH_FAILED;
        }
        if (!is_redirect(answer.status) && hops > 0)
            buffer_append_slice(&page->address, url.text);
        if (!is_redirect(answer.status))
            return judge(&url, &answer, request->etag != NULL || request->modified != NULL, error);
        if (!follow(&url, &answer, hops, arena, &next, error))
            return FETCH_FAILED;
        url = next;
    }
}

enum fetch_outcome fetch_get(struct fetcher *fetcher, const struct fetch_request *request, struct fetch_answer *answer,
                             struct error *error)
{
    struct arena arena;
    arena_init(&arena);
    answer->is_transport = false;
    enum fetch_outcome outcome = get(fetcher, request, &arena, answer, error);
    arena_release(&arena);
    return outcome;
}
