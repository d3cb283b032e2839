/* count.c - figures for Prometheus, and the log: a JSON object a line on standard error, which holds no question and no text. */
#include "exchange.h"
#include <dirent.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static const double bounds[SECONDS_BUCKETS] = {0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 30};
static const char *const stage_names[STAGE_COUNT] = {"refresh", "embed", "text", "vector", "fuse", "fetch"};

static void note(struct histogram *histogram, double seconds)
{
    size_t bucket = 0;
    while (bucket < SECONDS_BUCKETS && seconds > bounds[bucket])
        bucket++;
    histogram->buckets[bucket]++;
    histogram->count++;
    histogram->sum += seconds;
}

void figures_note(struct server *server, const struct exchange *exchange)
{
    size_t route = exchange->match.route != NULL ? (size_t)(exchange->match.route - routes) : route_count;
    unsigned hundreds = exchange->status / 100 < 6 ? exchange->status / 100 : 5;
    pthread_mutex_lock(&server->lock);
    server->figures.statuses[route * 6 + hundreds]++;
    note(&server->figures.durations[route], clock_ms_since(exchange->begun_ns) / 1000);
    pthread_mutex_unlock(&server->lock);
}

void figures_note_search(struct server *server, const struct assay_results *results)
{
    const struct assay_timings t = assay_results_timings(results);
    const double stages[STAGE_COUNT] = {t.refresh_ms, t.embed_ms, t.text_ms, t.vector_ms, t.fuse_ms, t.fetch_ms};
    pthread_mutex_lock(&server->lock);
    for (size_t i = 0; i < STAGE_COUNT; i++)
        note(&server->figures.stages[i], stages[i] / 1000);
    server->figures.empty_searches += assay_results_count(results) == 0;
    pthread_mutex_unlock(&server->lock);
}

/* A change of currency (the settings were read again) begins its sum anew, as a start of the server does. */
void figures_note_answer(struct server *server, const struct assay_answer *answer)
{
    struct figures *figures = &server->figures;
    pthread_mutex_lock(&server->lock);
    figures->answers++;
    figures->abstained += answer->abstained;
    figures->prompt_tokens += answer->prompt_tokens;
    figures->cached_tokens += answer->cached_tokens;
    figures->completion_tokens += answer->completion_tokens;
    if (answer->currency != NULL && answer->cost >= 0) {
        if (strcmp(figures->currency, answer->currency) != 0)
            figures->cost = 0;
        snprintf(figures->currency, sizeof(figures->currency), "%s", answer->currency);
        figures->cost += answer->cost;
    }
    pthread_mutex_unlock(&server->lock);
}

static void write_head(struct buffer *out, const char *name, const char *type, const char *help)
{
    buffer_format(out, "# HELP %s %s\n# TYPE %s %s\n", name, help, name, type);
}

static void write_number(struct buffer *out, const char *name, const char *type, const char *help, double value)
{
    write_head(out, name, type, help);
    buffer_format(out, "%s %.17g\n", name, value);
}

static void write_histogram(struct buffer *out, const char *name, const char *label, const char *value,
                            const struct histogram *histogram)
{
    uint64_t until = 0;
    if (histogram->count == 0)
        return;
    for (size_t i = 0; i < SECONDS_BUCKETS; i++) {
        until += histogram->buckets[i];
        buffer_format(out, "%s_bucket{%s=\"%s\",le=\"%g\"} %llu\n", name, label, value, bounds[i], (unsigned long long)until);
    }
    buffer_format(out, "%s_bucket{%s=\"%s\",le=\"+Inf\"} %llu\n%s_sum{%s=\"%s\"} %.9g\n%s_count{%s=\"%s\"} %llu\n", name, label,
                  value, (unsigned long long)histogram->count, name, label, value, histogram->sum, name, label, value,
                  (unsigned long long)histogram->count);
}

static size_t count_descriptors(void)
{
    DIR *folder = opendir("/proc/self/fd");
    size_t count = 0;
    while (folder != NULL && readdir(folder) != NULL)
        count++;
    if (folder != NULL)
        (void)closedir(folder);
    return count > 3 ? count - 3 : 0; /* without ".", ".." and the folder itself */
}

/* The second number of /proc/self/statm, in pages. */
static size_t resident_bytes(void)
{
    struct buffer text;
    struct error ignored;
    uint64_t pages = 0;
    buffer_init(&text, KIB);
    if (file_read_head("/proc/self/statm", KIB, &text, &ignored)) {
        struct slice rest = buffer_slice(&text), part;
        bool has_size = slice_next(&rest, ' ', &part); /* the resident pages stand behind it */
        (void)(has_size && slice_next(&rest, ' ', &part) && slice_to_u64(part, &pages));
    }
    buffer_release(&text);
    return (size_t)pages * (size_t)sysconf(_SC_PAGESIZE);
}

static void write_requests(const struct server *server, struct buffer *out)
{
    static const char total[] = "assay_http_requests_total", duration[] = "assay_http_request_duration_seconds";
    write_head(out, total, "counter", "Requests answered, by handler, method and hundred of the status.");
    for (size_t i = 0; i <= route_count; i++)
        for (unsigned hundred = 1; hundred < 6; hundred++) {
            uint64_t count = server->figures.statuses[i * 6 + hundred];
            if (count > 0)
                buffer_format(out, "%s{handler=\"%s\",method=\"%s\",status=\"%uxx\"} %llu\n", total,
                              i < route_count ? routes[i].path : "none", i < route_count ? routes[i].method : "", hundred,
                              (unsigned long long)count);
        }
    write_head(out, duration, "histogram", "From the head of a request to its whole answer, by handler.");
    for (size_t i = 0; i <= route_count; i++)
        write_histogram(out, duration, "handler", i < route_count ? routes[i].path : "none", &server->figures.durations[i]);
}

static void write_lanes(const struct server *server, struct buffer *out)
{
    static const char *const names[LANE_COUNT] = {"none", "control", "search", "model", "answer", "write"};
    write_head(out, "assay_requests_waiting", "gauge", "Requests that wait for a thread, by lane.");
    for (int i = LANE_CONTROL; i < LANE_COUNT; i++)
        buffer_format(out, "assay_requests_waiting{lane=\"%s\"} %zu\n", names[i], server->lanes[i].waiting);
    write_head(out, "assay_requests_running", "gauge", "Requests that are worked on, by lane.");
    for (int i = LANE_CONTROL; i < LANE_COUNT; i++)
        buffer_format(out, "assay_requests_running{lane=\"%s\"} %zu\n", names[i], server->lanes[i].running);
}

static void write_answers(const struct figures *figures, struct buffer *out)
{
    static const char tokens[] = "assay_model_tokens_total", cost[] = "assay_model_cost_total";
    const struct {
        const char *type;
        int64_t count;
    } kinds[] = {{"input", figures->prompt_tokens}, {"cached", figures->cached_tokens}, {"output", figures->completion_tokens}};
    write_number(out, "assay_answers_total", "counter", "Questions that were answered or abstained from.",
                 (double)figures->answers);
    write_number(out, "assay_answers_abstained_total", "counter", "Questions that were abstained from.",
                 (double)figures->abstained);
    write_head(out, tokens, "counter", "Tokens of language models; cached ones are among the input.");
    for (size_t i = 0; i < ARRAY_COUNT(kinds); i++)
        buffer_format(out, "%s{type=\"%s\"} %lld\n", tokens, kinds[i].type, (long long)kinds[i].count);
    if (figures->currency[0] == '\0')
        return;
    write_head(out, cost, "counter", "What language models cost, by prices.yaml.");
    buffer_format(out, "%s{currency=\"%s\"} %.17g\n", cost, figures->currency, figures->cost);
}

void figures_write(struct server *server, struct buffer *out)
{
    static const char stage[] = "assay_search_stage_seconds";
    pthread_mutex_lock(&server->lock);
    write_requests(server, out);
    write_lanes(server, out);
    write_head(out, stage, "histogram", "Parts of a search.");
    for (size_t i = 0; i < STAGE_COUNT; i++)
        write_histogram(out, stage, "stage", stage_names[i], &server->figures.stages[i]);
    write_number(out, "assay_requests_shed_total", "counter", "Requests turned away because too many waited.",
                 (double)server->figures.shed);
    write_number(out, "assay_requests_over_quota_total", "counter",
                 "Requests turned away because their key's quota is used up.", (double)server->figures.over_quota);
    write_number(out, "assay_searches_empty_total", "counter", "Searches that found nothing.",
                 (double)server->figures.empty_searches);
    write_number(out, "assay_embedding_tokens_total", "counter", "Tokens that were embedded.", (double)server->figures.tokens);
    write_answers(&server->figures, out);
    pthread_mutex_unlock(&server->lock);
    size_t in_use = memory_in_use();
    if (in_use > 0)
        write_number(out, "assay_memory_in_use_bytes", "gauge",
                     "Memory that the program asked for and has not freed, with what glibc holds back for each thread; "
                     "resident is also what else its allocator keeps.",
                     (double)in_use);
    write_number(out, "process_resident_memory_bytes", "gauge", "Memory of the process.", (double)resident_bytes());
    write_number(out, "process_open_fds", "gauge", "Open descriptors.", (double)count_descriptors());
    write_number(out, "process_start_time_seconds", "gauge", "When it started.", (double)server->started_wall_ns / 1e9);
}

/* ---- the log ---- */

static void begin_line(struct buffer *line, struct json_writer *json, const char *level)
{
    char moment[CLOCK_TEXT_BYTES];
    clock_text(clock_wall_ns(), moment);
    buffer_init(line, 16 * KIB);
    json_writer_init(json, line);
    json_object_begin(json);
    const struct json_text_member members[] = {{"time", moment}, {"level", level}};
    json_texts(json, members, ARRAY_COUNT(members));
}

static void end_line(struct buffer *line, struct json_writer *json)
{
    json_object_end(json);
    buffer_append_byte(line, '\n');
    if (!line->failed)
        log_ready(buffer_slice(line));
    buffer_release(line);
}

void journal_event(const char *level, const char *format, ...)
{
    char message[2048];
    struct buffer line;
    struct json_writer json;
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(message, sizeof(message), format, arguments);
    va_end(arguments);
    begin_line(&line, &json, level);
    json_key(&json, "message");
    json_text(&json, slice_from(message));
    end_line(&line, &json);
}

void journal_request(const struct exchange *exchange, bool quiet)
{
    struct buffer line;
    struct json_writer json;
    const struct route *route = exchange->match.route;
    if (quiet && exchange->status < 400)
        return;
    begin_line(&line, &json, exchange->status >= 500 ? "error" : exchange->status >= 400 ? "warning" : "info");
    const struct json_text_member texts[] = {{"request", exchange->id},
                                             {"key", exchange->key.name},
                                             {"method", route != NULL ? route->method : ""},
                                             {"route", route != NULL ? route->path : ""}};
    const struct json_integer_member numbers[] = {{"status", (int64_t)exchange->status},
                                                  {"bytes_in", (int64_t)exchange->body.size},
                                                  {"bytes_out", (int64_t)exchange->sent}};
    json_texts(&json, texts, ARRAY_COUNT(texts));
    json_integers(&json, numbers, ARRAY_COUNT(numbers));
    uint64_t waited = exchange->started_ns > exchange->queued_ns ? exchange->started_ns - exchange->queued_ns : 0;
    json_key(&json, "waited_ms");
    json_real(&json, (double)waited / 1e6, 4);
    json_key(&json, "took_ms");
    json_real(&json, clock_ms_since(exchange->begun_ns), 4);
    end_line(&line, &json);
}
