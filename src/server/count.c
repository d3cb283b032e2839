/* count.c - figures for Prometheus, and the log: a JSON object a line on standard error, which holds no question and no text. */
#include "exchange.h"
#include <dirent.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { LABEL_BYTES = 128 };

/* Where the buckets of a histogram end. */
struct scale {
    size_t count;
    double ends[BUCKETS_MAX];
};
static const struct scale seconds = {14, {0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 30}};
static const struct scale shares = {10, {0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1}};
static const char *const stage_names[STAGE_COUNT] = {"refresh", "embed", "text", "vector", "fuse", "fetch", "rerank"};
static const char *const answer_stage_names[ANSWER_STAGE_COUNT] = {"retrieve", "rerank", "generate"};

static void note(struct histogram *histogram, const struct scale *scale, double value)
{
    size_t bucket = 0;
    while (bucket < scale->count && value > scale->ends[bucket])
        bucket++;
    histogram->buckets[bucket]++;
    histogram->count++;
    histogram->sum += value;
}

/* Of those that were gone through. */
static void note_stages(struct histogram *stages, const double *ms, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (ms[i] > 0)
            note(&stages[i], &seconds, ms[i] / 1000);
}

void figures_note(struct server *server, const struct exchange *exchange)
{
    size_t route = exchange->match.route != NULL ? (size_t)(exchange->match.route - routes) : route_count;
    unsigned hundreds = exchange->status / 100 < 6 ? exchange->status / 100 : 5;
    pthread_mutex_lock(&server->lock);
    server->figures.statuses[route * 6 + hundreds]++;
    note(&server->figures.durations[route], &seconds, clock_ms_since(exchange->begun_ns) / 1000);
    pthread_mutex_unlock(&server->lock);
}

/* Similarity of the hit that is nearest to the question, -1: none was found by it. One that is below 0 counts as 0: a sum that falls would be taken for
 * that of another start. */
static double best_similarity(const struct assay_results *results)
{
    double best = -1;
    for (size_t i = 0; i < assay_results_count(results); i++) {
        const struct assay_hit *hit = assay_results_hit(results, i);
        if (hit->rank_vector > 0)
            best = fmax(best, fmax(hit->score_vector, 0));
    }
    return best;
}

void figures_note_search(struct server *server, const struct assay_results *results)
{
    const struct assay_timings t = assay_results_timings(results);
    const double stages[STAGE_COUNT] = {t.refresh_ms, t.embed_ms, t.text_ms, t.vector_ms, t.fuse_ms, t.fetch_ms, t.rerank_ms};
    double similarity = best_similarity(results);
    pthread_mutex_lock(&server->lock);
    note_stages(server->figures.stages, stages, STAGE_COUNT);
    if (similarity >= 0)
        note(&server->figures.similarity, &shares, similarity);
    server->figures.empty_searches += assay_results_count(results) == 0;
    pthread_mutex_unlock(&server->lock);
}

/* A change of currency (the settings were read again) begins its sum anew, as a start of the server does. */
void figures_note_answer(struct server *server, const struct assay_answer *answer)
{
    const double stages[ANSWER_STAGE_COUNT] = {answer->retrieve_ms, answer->rerank_ms, answer->generate_ms};
    struct figures *figures = &server->figures;
    pthread_mutex_lock(&server->lock);
    figures->answers++;
    figures->abstained += answer->abstained;
    note_stages(figures->answer_stages, stages, ANSWER_STAGE_COUNT);
    if (answer->text != NULL)
        note(&figures->confidence, &shares, answer->confidence);
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

/* One of those that differ by their labels, `a="b",c="d"`, and is left out while it has nothing; or, without labels (""), the only one. Its head is
 * written before. */
static void write_histogram(struct buffer *out, const char *name, const struct scale *scale, const char *labels,
                            const struct histogram *histogram)
{
    bool is_labelled = labels[0] != '\0';
    const char *comma = is_labelled ? "," : "", *left = is_labelled ? "{" : "", *right = is_labelled ? "}" : "";
    uint64_t until = 0;
    if (is_labelled && histogram->count == 0)
        return;
    for (size_t i = 0; i < scale->count; i++) {
        until += histogram->buckets[i];
        buffer_format(out, "%s_bucket{%s%sle=\"%g\"} %llu\n", name, labels, comma, scale->ends[i], (unsigned long long)until);
    }
    buffer_format(out, "%s_bucket{%s%sle=\"+Inf\"} %llu\n%s_sum%s%s%s %.9g\n%s_count%s%s%s %llu\n", name, labels, comma,
                  (unsigned long long)histogram->count, name, left, labels, right, histogram->sum, name, left, labels, right,
                  (unsigned long long)histogram->count);
}

static void write_stages(struct buffer *out, const char *name, const char *const *stages, const struct histogram *histograms,
                         size_t count)
{
    char labels[LABEL_BYTES];
    for (size_t i = 0; i < count; i++) {
        snprintf(labels, sizeof(labels), "stage=\"%s\"", stages[i]);
        write_histogram(out, name, &seconds, labels, &histograms[i]);
    }
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
    write_head(out, duration, "histogram", "From the head of a request to its whole answer, by handler and method.");
    for (size_t i = 0; i <= route_count; i++) {
        char labels[LABEL_BYTES];
        snprintf(labels, sizeof(labels), "handler=\"%s\",method=\"%s\"", i < route_count ? routes[i].path : "none",
                 i < route_count ? routes[i].method : "");
        write_histogram(out, duration, &seconds, labels, &server->figures.durations[i]);
    }
}

static void write_lanes(const struct server *server, struct buffer *out)
{
    static const char *const names[LANE_COUNT] = {"none", "control", "search", "embed", "model", "answer", "write"};
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
    static const char stage[] = "assay_answer_stage_seconds", confidence[] = "assay_answer_confidence";
    const struct {
        const char *type;
        int64_t count;
    } kinds[] = {{"input", figures->prompt_tokens}, {"cached", figures->cached_tokens}, {"output", figures->completion_tokens}};
    write_number(out, "assay_answers_total", "counter", "Questions that were answered or abstained from.",
                 (double)figures->answers);
    write_number(out, "assay_answers_abstained_total", "counter", "Questions that were abstained from.",
                 (double)figures->abstained);
    write_head(out, stage, "histogram", "Parts of an answer.");
    write_stages(out, stage, answer_stage_names, figures->answer_stages, ANSWER_STAGE_COUNT);
    write_head(out, confidence, "histogram", "Of each answer that was given.");
    write_histogram(out, confidence, &shares, "", &figures->confidence);
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
    static const char stage[] = "assay_search_stage_seconds", similarity[] = "assay_search_similarity";
    pthread_mutex_lock(&server->lock);
    write_requests(server, out);
    write_lanes(server, out);
    write_head(out, stage, "histogram", "Parts of a search that was asked for by itself.");
    write_stages(out, stage, stage_names, server->figures.stages, STAGE_COUNT);
    write_head(out, similarity, "histogram",
               "Of each search that was asked for by itself and found something by vectors: of what it returned, similarity of "
               "the nearest to the question; below 0 counts as 0.");
    write_histogram(out, similarity, &shares, "", &server->figures.similarity);
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
    buffer_init(line, LOG_LINE_BYTES);
    json_writer_init(json, line);
    json_object_begin(json);
    const struct json_text_member members[] = {{"time", moment}, {"level", level}};
    json_texts(json, members, ARRAY_COUNT(members));
}

static void close_line(struct buffer *line, struct json_writer *json)
{
    json_object_end(json);
    buffer_append_byte(line, '\n');
}

static void tell_lost(struct buffer *line, uint64_t count)
{
    struct json_writer json;
    begin_line(line, &json, "warning");
    json_integers(&json, &(struct json_integer_member){"lost", (int64_t)count}, 1);
    json_texts(&json,
               &(struct json_text_member){"message", "lines of the log were lost: what reads it was too slow, or did not read"},
               1);
    close_line(line, &json);
}

static void end_line(struct buffer *line, struct json_writer *json)
{
    close_line(line, json);
    if (!line->failed)
        log_ready(buffer_slice(line), tell_lost);
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

void journal_job(struct server *server, const char *level, const char *job, const char *format, ...)
{
    char message[2048];
    const char *request = "";
    struct buffer line;
    struct json_writer json;
    struct arena arena;
    struct error ignored;
    va_list arguments;
    if (server->options.quiet && strcmp(level, "info") == 0)
        return;
    va_start(arguments, format);
    vsnprintf(message, sizeof(message), format, arguments);
    va_end(arguments);
    arena_init(&arena);
    begin_line(&line, &json, level);
    json_texts(&json, &(struct json_text_member){"job", job}, 1);
    if (jobs_asked_by(server->jobs, job, &arena, &request, &ignored) && request[0] != '\0')
        json_texts(&json, &(struct json_text_member){"request", request}, 1);
    json_texts(&json, &(struct json_text_member){"message", message}, 1);
    end_line(&line, &json);
    arena_release(&arena);
}

void journal_late_heads(struct server *server)
{
    struct buffer line;
    struct json_writer json;
    if (server->late_heads == 0)
        return;
    begin_line(&line, &json, "warning");
    json_integers(&json, (const struct json_integer_member[]){{"status", 408}, {"requests", (int64_t)server->late_heads}}, 2);
    json_texts(&json, &(struct json_text_member){"message", "the head of requests did not come in time"}, 1);
    end_line(&line, &json);
    server->late_heads = 0;
}

enum { SHOWN_KEY_BYTES = 80 };
_Static_assert(SHOWN_KEY_BYTES >= LIMIT_KEY_NAME_BYTES + 8, "a letter, a mark and the rest");

/* A key may be called by an e-mail address, and a log is read and kept by more people than those who make keys: "a…@example.com". */
static const char *shown_key(const char *name, char shown[SHOWN_KEY_BYTES])
{
    const char *at = strchr(name, '@');
    if (at == NULL)
        return name;
    snprintf(shown, SHOWN_KEY_BYTES, "%.1s\xE2\x80\xA6%s", name, at);
    return shown;
}

void journal_request(const struct exchange *exchange, bool quiet)
{
    struct buffer line;
    struct json_writer json;
    char shown[SHOWN_KEY_BYTES];
    const struct route *route = exchange->match.route;
    if (quiet && exchange->status < 400)
        return;
    begin_line(&line, &json, exchange->status >= 500 ? "error" : exchange->status >= 400 ? "warning" : "info");
    const struct json_text_member texts[] = {{"request", exchange->id},
                                             {"key", shown_key(exchange->key.name, shown)},
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
