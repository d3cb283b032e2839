/* tracer.c - the queue and its thread. The thread is started by the first trace, so that who sends none has none. */
#include "trace.h"
#include "fetch/fetch.h"
#include <pthread.h>
#include <stdlib.h>

enum { POST_MS = 5000, TRACE_BYTES_MAX = 16 << 20 };

struct tracer {
    struct arena arena;
    const char *to, *lock_file;
    struct http *http; /* of the thread alone; NULL: a file, or not opened yet */
    pthread_t thread;
    pthread_mutex_t lock; /* guards all below */
    pthread_cond_t changed;
    bool is_started, is_ending;
    uint64_t end_by_ns; /* when it is ending */
    struct buffer waiting[TRACER_WAITING_MAX]; /* a ring */
    size_t first, count;
    struct tracer_figures figures;
};

static bool goes_to_server(const struct tracer *tracer)
{
    return url_is_web(slice_from(tracer->to));
}

struct tracer *tracer_create(const char *to)
{
    struct tracer *tracer = memory_alloc(1, sizeof(*tracer));
    arena_init(&tracer->arena);
    tracer->to = arena_text(&tracer->arena, slice_from(to));
    tracer->lock_file = arena_format(&tracer->arena, "%s.lock", to);
    pthread_mutex_init(&tracer->lock, NULL);
    pthread_cond_init(&tracer->changed, NULL);
    return tracer;
}

/* ---- the thread ---- */

static bool is_over(void *context)
{
    struct tracer *tracer = context;
    pthread_mutex_lock(&tracer->lock);
    bool over = tracer->is_ending && clock_now_ns() > tracer->end_by_ns;
    pthread_mutex_unlock(&tracer->lock);
    return over;
}

static bool pass_over(void *context, struct slice bytes, struct error *error)
{
    (void)context, (void)bytes, (void)error;
    return true;
}

static bool post(struct tracer *tracer, struct slice document)
{
    static const char *const headers[] = {"Content-Type: application/json"};
    const struct http_request request = {.url = tracer->to,
                                         .headers = headers,
                                         .header_count = ARRAY_COUNT(headers),
                                         .body = document,
                                         .stall_ms = POST_MS,
                                         .wall_ms = POST_MS,
                                         .is_cancelled = is_over,
                                         .take = pass_over,
                                         .context = tracer};
    struct http_response response = {0};
    struct error ignored = {0};
    return (tracer->http != NULL || http_create(&tracer->http, &ignored)) &&
           http_post(tracer->http, &request, &response, &ignored) && response.status / 100 == 2;
}

/* Several processes may write to one file. */
static bool append(struct tracer *tracer, struct slice document)
{
    struct error ignored = {0};
    struct file_lock lock;
    if (!file_lock_wait(&lock, tracer->lock_file, "traces", &ignored))
        return false;
    bool ok = file_append_line(tracer->to, document, &ignored);
    file_lock_release(&lock);
    return ok;
}

static bool deliver(struct tracer *tracer, struct slice document)
{
    return goes_to_server(tracer) ? post(tracer, document) : append(tracer, document);
}

static void *run_tracer(void *context)
{
    struct tracer *tracer = context;
    pthread_mutex_lock(&tracer->lock);
    while (tracer->count > 0 || !tracer->is_ending) {
        if (tracer->count == 0) {
            pthread_cond_wait(&tracer->changed, &tracer->lock);
            continue;
        }
        struct buffer document = tracer->waiting[tracer->first];
        tracer->first = (tracer->first + 1) % TRACER_WAITING_MAX;
        tracer->count--;
        bool is_late = tracer->is_ending && clock_now_ns() > tracer->end_by_ns;
        pthread_mutex_unlock(&tracer->lock);
        bool ok = !is_late && deliver(tracer, buffer_slice(&document));
        buffer_release(&document);
        pthread_mutex_lock(&tracer->lock);
        tracer->figures.sent += ok;
        tracer->figures.failed += !ok;
    }
    pthread_mutex_unlock(&tracer->lock);
    return NULL;
}

/* ---- for who answers ---- */

void tracer_send(struct tracer *tracer, struct trace *trace)
{
    struct buffer document;
    if (tracer == NULL || trace == NULL)
        return;
    buffer_init(&document, TRACE_BYTES_MAX);
    trace_write(trace, &document);
    pthread_mutex_lock(&tracer->lock);
    if (!tracer->is_started)
        tracer->is_started = pthread_create(&tracer->thread, NULL, run_tracer, tracer) == 0;
    bool takes = tracer->is_started && !document.failed && tracer->count < TRACER_WAITING_MAX;
    if (takes) {
        tracer->waiting[(tracer->first + tracer->count++) % TRACER_WAITING_MAX] = document;
        pthread_cond_signal(&tracer->changed);
    } else {
        tracer->figures.dropped++;
    }
    pthread_mutex_unlock(&tracer->lock);
    if (!takes)
        buffer_release(&document);
}

struct tracer_figures tracer_figures(struct tracer *tracer)
{
    pthread_mutex_lock(&tracer->lock);
    struct tracer_figures figures = tracer->figures;
    pthread_mutex_unlock(&tracer->lock);
    return figures;
}

void tracer_free(struct tracer *tracer)
{
    if (tracer == NULL)
        return;
    pthread_mutex_lock(&tracer->lock);
    tracer->is_ending = true;
    tracer->end_by_ns = clock_now_ns() + (uint64_t)TRACER_CLOSE_MS * 1000000;
    pthread_cond_signal(&tracer->changed);
    pthread_mutex_unlock(&tracer->lock);
    if (tracer->is_started)
        pthread_join(tracer->thread, NULL);
    http_free(tracer->http);
    pthread_cond_destroy(&tracer->changed);
    pthread_mutex_destroy(&tracer->lock);
    arena_release(&tracer->arena);
    free(tracer);
}
