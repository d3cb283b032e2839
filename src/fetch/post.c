/* post.c - the exchange with libcurl. */
#include "post.h"
#include "curl_library.h"
#include <ctype.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

enum { IDLE_MAX = 16, CONNECT_MS = 10000, RETRY_AFTER_SECONDS_MAX = 3600 };

struct http {
    const struct curl_library *curl;
    pthread_mutex_t lock;
    CURL *idle[IDLE_MAX]; /* each with its open connections */
    size_t idle_count;
};

/* What libcurl's callbacks see of one exchange. */
struct exchange {
    const struct curl_library *curl;
    const struct http_request *request;
    struct http_response *response;
    struct error *error;
    bool refused;   /* `take` has set the error */
    bool cancelled;
    uint64_t last_ns; /* when a byte came or went */
    curl_off_t moved; /* bytes then */
    bool stalled;
};

bool http_create(struct http **http, struct error *error)
{
    const struct curl_library *library = curl_library(error);
    *http = NULL;
    if (library == NULL)
        return false;
    *http = memory_alloc(1, sizeof(**http));
    (*http)->curl = library;
    pthread_mutex_init(&(*http)->lock, NULL);
    return true;
}

void http_free(struct http *http)
{
    if (http == NULL)
        return;
    for (size_t i = 0; i < http->idle_count; i++)
        http->curl->easy_cleanup(http->idle[i]);
    pthread_mutex_destroy(&http->lock);
    free(http);
}

static CURL *take_handle(struct http *http)
{
    CURL *handle = NULL;
    pthread_mutex_lock(&http->lock);
    if (http->idle_count > 0)
        handle = http->idle[--http->idle_count];
    pthread_mutex_unlock(&http->lock);
    return handle != NULL ? handle : http->curl->easy_init();
}

/* A handle whose exchange was broken off has closed its connection, so no answer can be taken for another's. */
static void give_back(struct http *http, CURL *handle)
{
    http->curl->easy_reset(handle);
    pthread_mutex_lock(&http->lock);
    bool kept = http->idle_count < IDLE_MAX;
    if (kept)
        http->idle[http->idle_count++] = handle;
    pthread_mutex_unlock(&http->lock);
    if (!kept)
        http->curl->easy_cleanup(handle);
}

/* ---- callbacks ---- */

static bool header_is(struct slice line, const char *name, struct slice *value)
{
    size_t size = strlen(name);
    if (line.size <= size || line.data[size] != ':')
        return false;
    for (size_t i = 0; i < size; i++)
        if (tolower((unsigned char)line.data[i]) != name[i])
            return false;
    *value = slice_trim(slice_range(line, size + 1, line.size));
    return true;
}

static void take_content_type(struct http_response *response, struct slice value)
{
    size_t end;
    if (slice_find(value, ';', &end))
        value = slice_trim(slice_range(value, 0, end));
    size_t size = value.size < sizeof(response->content_type) ? value.size : 0;
    for (size_t i = 0; i < size; i++)
        response->content_type[i] = (char)tolower((unsigned char)value.data[i]);
    response->content_type[size] = '\0';
}

/* "HTTP/1.1 200 OK" */
static long status_of(struct slice line)
{
    size_t at;
    uint64_t status;
    if (!slice_find(line, ' ', &at) || line.size < at + 4 || !slice_to_u64(slice_range(line, at + 1, at + 4), &status))
        return 0;
    return (long)status;
}

/* libcurl says how its callbacks look. NOLINTBEGIN(readability-non-const-parameter) */
static size_t take_header(char *data, size_t size, size_t count, void *context)
{
    struct exchange *exchange = context;
    struct slice line = {data, size * count}, value;
    uint64_t seconds;
    if (slice_starts_with(line, SLICE("HTTP/"))) /* after a 100 the true answer begins */
        *exchange->response = (struct http_response){.status = status_of(line)};
    else if (header_is(line, "content-type", &value))
        take_content_type(exchange->response, value);
    else if (header_is(line, "retry-after", &value) && slice_to_u64(value, &seconds))
        exchange->response->retry_after_ms = (unsigned)(seconds < RETRY_AFTER_SECONDS_MAX ? seconds : RETRY_AFTER_SECONDS_MAX) *
                                             1000;
    else if (header_is(line, "retry-after-ms", &value) && slice_to_u64(value, &seconds) &&
             seconds / 1000 < RETRY_AFTER_SECONDS_MAX)
        exchange->response->retry_after_ms = (unsigned)seconds;
    return line.size;
}

static size_t take_body(char *data, size_t size, size_t count, void *context)
{
    struct exchange *exchange = context;
    struct slice bytes = {data, size * count};
    if (bytes.size > 0 && !exchange->request->take(exchange->request->context, bytes, exchange->error)) {
        exchange->refused = true;
        return 0;
    }
    return bytes.size;
}
/* NOLINTEND(readability-non-const-parameter) */

/* Called about once a second, and whenever bytes move. */
static int watch(void *context, curl_off_t download_total, curl_off_t download, curl_off_t upload_total, curl_off_t upload)
{
    struct exchange *exchange = context;
    (void)download_total, (void)upload_total;
    if (exchange->request->is_cancelled != NULL && exchange->request->is_cancelled(exchange->request->context)) {
        exchange->cancelled = true;
        return 1;
    }
    if (download + upload != exchange->moved) {
        exchange->moved = download + upload;
        exchange->last_ns = clock_now_ns();
    }
    /* A model may think for long before its first word. */
    exchange->stalled = download > 0 && clock_ms_since(exchange->last_ns) > exchange->request->stall_ms;
    return exchange->stalled;
}

/* ---- the exchange ---- */

bool http_is_loopback(const char *url)
{
    struct slice host = slice_from(url);
    size_t at;
    if (slice_find(host, '@', &at))
        return false;
    if (slice_starts_with(host, SLICE("https://")))
        host = slice_range(host, 8, host.size);
    else if (slice_starts_with(host, SLICE("http://")))
        host = slice_range(host, 7, host.size);
    else
        return false;
    if (slice_starts_with(host, SLICE("[::1]")))
        return host.size == 5 || byte_among(host.data[5], ":/?#");
    for (const char *end = "/?#"; *end != '\0'; end++)
        if (slice_find(host, *end, &at))
            host = slice_range(host, 0, at);
    if (slice_find(host, ':', &at))
        host = slice_range(host, 0, at);
    return slice_equal_text(host, "localhost") || slice_equal_text(host, "127.0.0.1");
}

static bool set_up(CURL *handle, struct exchange *exchange, struct curl_slist *headers)
{
    const struct curl_library *curl = exchange->curl;
    const struct http_request *request = exchange->request;
    bool ok = curl->easy_setopt(handle, CURLOPT_URL, request->url) == CURLE_OK &&
              curl->easy_setopt(handle, CURLOPT_PROTOCOLS_STR, "http,https") == CURLE_OK &&
              curl->easy_setopt(handle, CURLOPT_HTTPHEADER, headers) == CURLE_OK &&
              curl->easy_setopt(handle, CURLOPT_FOLLOWLOCATION, 0L) == CURLE_OK &&
              curl->easy_setopt(handle, CURLOPT_NOSIGNAL, 1L) == CURLE_OK &&
              curl->easy_setopt(handle, CURLOPT_CONNECTTIMEOUT_MS, (long)CONNECT_MS) == CURLE_OK &&
              curl->easy_setopt(handle, CURLOPT_TIMEOUT_MS, (long)request->wall_ms) == CURLE_OK &&
              curl->easy_setopt(handle, CURLOPT_USERAGENT, "assay/" ASSAY_VERSION) == CURLE_OK &&
              curl->easy_setopt(handle, CURLOPT_HEADERFUNCTION, take_header) == CURLE_OK &&
              curl->easy_setopt(handle, CURLOPT_HEADERDATA, exchange) == CURLE_OK &&
              curl->easy_setopt(handle, CURLOPT_WRITEFUNCTION, take_body) == CURLE_OK &&
              curl->easy_setopt(handle, CURLOPT_WRITEDATA, exchange) == CURLE_OK &&
              curl->easy_setopt(handle, CURLOPT_NOPROGRESS, 0L) == CURLE_OK &&
              curl->easy_setopt(handle, CURLOPT_XFERINFOFUNCTION, watch) == CURLE_OK &&
              curl->easy_setopt(handle, CURLOPT_XFERINFODATA, exchange) == CURLE_OK;
    if (ok)
        ok = curl->easy_setopt(handle, CURLOPT_FRESH_CONNECT, request->once ? 1L : 0L) == CURLE_OK;
    if (ok && request->is_get)
        ok = curl->easy_setopt(handle, CURLOPT_HTTPGET, 1L) == CURLE_OK;
    else if (ok)
        ok = curl->easy_setopt(handle, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)request->body.size) == CURLE_OK &&
             curl->easy_setopt(handle, CURLOPT_POSTFIELDS, request->body.data) == CURLE_OK;
    if (ok && http_is_loopback(request->url))
        ok = curl->easy_setopt(handle, CURLOPT_PROXY, "") == CURLE_OK;
    return ok;
}

static bool tell_failure(CURLcode code, const struct exchange *exchange)
{
    struct error *error = exchange->error;
    const char *url = exchange->request->url;
    if (exchange->refused)
        return false;
    if (exchange->cancelled)
        return error_set(error, ERROR_CANCELLED, "stopped while \"%s\" was answering", url);
    if (exchange->stalled)
        return error_set(error, ERROR_IO, "\"%s\" sent nothing for %u s", url, exchange->request->stall_ms / 1000);
    if (code == CURLE_OPERATION_TIMEDOUT)
        return error_set(error, ERROR_IO, "\"%s\" did not answer in time", url);
    if (code == CURLE_COULDNT_CONNECT || code == CURLE_COULDNT_RESOLVE_HOST) {
        error_set(error, ERROR_IO, "could not reach \"%s\": %s", url, exchange->curl->easy_strerror(code));
        return error_hint(error, "See that the server runs and that the address in `model` is right.");
    }
    return error_set(error, ERROR_IO, "the exchange with \"%s\" failed: %s", url, exchange->curl->easy_strerror(code));
}

bool http_post(struct http *http, const struct http_request *request, struct http_response *response, struct error *error)
{
    *response = (struct http_response){0};
    struct exchange exchange = {
        .curl = http->curl, .request = request, .response = response, .error = error, .last_ns = clock_now_ns()};
    struct curl_slist *headers = NULL;
    bool has_headers = true;
    for (size_t i = 0; i < request->header_count && has_headers; i++) {
        struct curl_slist *more = http->curl->slist_append(headers, request->headers[i]);
        has_headers = more != NULL;
        headers = has_headers ? more : headers;
    }
    CURL *handle = take_handle(http);
    bool ok = false;
    if (handle == NULL || !has_headers || !set_up(handle, &exchange, headers)) {
        error_set(error, ERROR_NO_MEMORY, "could not prepare the request to \"%s\"", request->url);
        goto done;
    }
    CURLcode code = http->curl->easy_perform(handle);
    ok = code == CURLE_OK || tell_failure(code, &exchange);
done:
    if (handle != NULL)
        give_back(http, handle);
    http->curl->slist_free_all(headers);
    return ok;
}
