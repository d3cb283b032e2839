/* transfer.c - the part that asks libcurl. Redirects are not followed here, nothing is read from the environment, and each socket is opened
 * by open_socket, which looks at the address first. */
#include "transfer.h"
#include "curl_library.h"
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

enum {
    CONNECT_MS_MAX = 15000,
    STALL_SECONDS = 20, /* with less than STALL_BYTES a second */
    STALL_BYTES = 64,
    RATIO_FREE_BYTES = 8 << 20 /* unpacked, before LIMIT_ARCHIVE_RATIO is looked at */
};

struct transfers {
    const struct curl_library *library;
    CURL *curl[2]; /* the second for what hosts lead to: an open connection is used again without a look at its address */
};

/* One transfer, for the callbacks. */
struct going {
    const struct curl_library *library;
    CURL *curl;
    const struct transfer_request *request;
    struct transfer_answer *answer;
    struct fetch_answer *page;
    struct error *error;
    size_t head_bytes;
    bool is_refused; /* `error` says why */
    bool is_opened; /* a socket, for one of the host's addresses: what ended it is no address that was refused */
    bool is_other, is_stopped, is_full;
};

bool transfers_create(struct transfers **transfers, struct error *error)
{
    const struct curl_library *library = curl_library(error);
    if (library == NULL)
        return false;
    struct transfers *made = memory_alloc(1, sizeof(*made));
    *made = (struct transfers){library, {library->easy_init(), library->easy_init()}};
    if (made->curl[0] != NULL && made->curl[1] != NULL) {
        *transfers = made;
        return true;
    }
    transfers_free(made);
    return error_set(error, ERROR_NO_MEMORY, "no memory for a transfer");
}

void transfers_free(struct transfers *transfers)
{
    if (transfers == NULL)
        return;
    for (size_t i = 0; i < ARRAY_COUNT(transfers->curl); i++)
        transfers->library->easy_cleanup(transfers->curl[i]); /* NULL is fine */
    free(transfers);
}

/* ---- callbacks ---- */

static curl_socket_t open_socket(void *context, curlsocktype purpose, struct curl_sockaddr *address)
{
    struct going *going = context;
    const void *bytes = NULL;
    size_t size = 0;
    (void)purpose;
    if (address->family == AF_INET) {
        bytes = &((const struct sockaddr_in *)(const void *)&address->addr)->sin_addr;
        size = 4;
    } else if (address->family == AF_INET6) {
        bytes = &((const struct sockaddr_in6 *)(const void *)&address->addr)->sin6_addr;
        size = 16;
    }
    bool is_proxy = going->request->options->proxy != NULL;
    if (size == 0 || (!is_proxy && !allow_address(going->request->allowed, going->request->url, bytes, size))) {
        if (size > 0 && !going->is_opened)
            allow_refuse_address(going->request->url, bytes, size, going->error);
        going->is_refused = going->is_refused || (size > 0 && !going->is_opened);
        return CURL_SOCKET_BAD;
    }
    going->is_opened = true;
    going->is_refused = false; /* another address of the same name was */
    return socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
}

static int on_progress(void *context, curl_off_t total, curl_off_t now, curl_off_t up_total, curl_off_t up)
{
    struct going *going = context;
    const struct fetch_options *options = going->request->options;
    (void)total;
    (void)now;
    (void)up_total;
    (void)up;
    going->is_stopped = going->is_stopped || (options->going != NULL && !options->going(options->context));
    return going->is_stopped;
}

/* The value of a head line of that name, cut to the room there is, which must be text of one line. */
static bool take_value(struct slice line, const char *name, char *value, size_t size)
{
    size_t length = strlen(name);
    if (line.size <= length || strncasecmp(line.data, name, length) != 0 || line.data[length] != ':')
        return false;
    struct slice text = slice_trim(slice_range(line, length + 1, line.size));
    bool fits = text.size < size;
    for (size_t i = 0; fits && i < text.size; i++)
        fits = (unsigned char)text.data[i] >= ' ' && text.data[i] != 0x7F;
    snprintf(value, size, SLICE_FORMAT, SLICE_ARGUMENT(fits ? text : SLICE("")));
    return true;
}

/* "Text/HTML; charset=\"utf-8\"" into its two parts. */
static void take_type(struct fetch_answer *page, const char *text)
{
    struct slice rest = slice_from(text), part;
    page->type[0] = page->charset[0] = '\0';
    if (!slice_next(&rest, ';', &part))
        return;
    part = slice_trim(part);
    snprintf(page->type, sizeof(page->type), SLICE_FORMAT, SLICE_ARGUMENT(part));
    for (char *c = page->type; *c != '\0'; c++)
        *c = *c >= 'A' && *c <= 'Z' ? (char)(*c | 0x20) : *c;
    while (slice_next(&rest, ';', &part)) {
        part = slice_trim(part);
        if (part.size <= 8 || strncasecmp(part.data, "charset=", 8) != 0)
            continue;
        part = slice_range(part, 8, part.size);
        if (part.size >= 2 && part.data[0] == '"' && part.data[part.size - 1] == '"')
            part = slice_range(part, 1, part.size - 1);
        if (part.size < sizeof(page->charset))
            snprintf(page->charset, sizeof(page->charset), SLICE_FORMAT, SLICE_ARGUMENT(part));
    }
}

static void take_retry(struct transfer_answer *answer, const char *text)
{
    uint64_t seconds;
    if (slice_to_u64(slice_from(text), &seconds))
        answer->retry_ms = seconds > 3600 ? 3600000u : (unsigned)seconds * 1000u;
}

/* libcurl says how it looks. NOLINTNEXTLINE(readability-non-const-parameter) */
static size_t on_head(char *data, size_t size, size_t count, void *context)
{
    struct going *going = context;
    struct slice line = {data, size * count};
    char value[512];
    going->head_bytes += line.size;
    if (going->head_bytes > LIMIT_RESPONSE_HEAD_BYTES) {
        error_set(going->error, ERROR_LIMIT, "the head of the answer is longer than %zu bytes", LIMIT_RESPONSE_HEAD_BYTES);
        going->is_refused = true;
        return 0;
    }
    if (slice_starts_with(line, SLICE("HTTP/"))) { /* of the last answer, not of "100 Continue" before it */
        going->answer->location[0] = going->page->etag[0] = going->page->modified[0] = '\0';
        going->answer->retry_ms = 0;
        going->answer->has_spoken = true;
        take_type(going->page, "");
    }
    if (take_value(line, "ETag", going->page->etag, sizeof(going->page->etag)) ||
        take_value(line, "Last-Modified", going->page->modified, sizeof(going->page->modified)) ||
        take_value(line, "Location", going->answer->location, sizeof(going->answer->location)))
        return line.size;
    if (take_value(line, "Content-Type", value, sizeof(value)))
        take_type(going->page, value);
    else if (take_value(line, "Retry-After", value, sizeof(value)))
        take_retry(going->answer, value);
    return line.size;
}

/* What no reader reads: known before a byte of it is taken. */
static bool is_other_type(const char *type)
{
    static const char *const starts[] = {"image/", "audio/", "video/", "font/", "model/"};
    for (size_t i = 0; i < ARRAY_COUNT(starts); i++)
        if (strncmp(type, starts[i], strlen(starts[i])) == 0)
            return true;
    return false;
}

static bool is_bomb(const struct going *going)
{
    curl_off_t packed = 0;
    size_t size = going->page->body.size;
    (void)going->library->easy_getinfo(going->curl, CURLINFO_SIZE_DOWNLOAD_T, &packed);
    return size > RATIO_FREE_BYTES && (packed <= 0 || size / (size_t)packed > LIMIT_ARCHIVE_RATIO);
}

static size_t on_body(char *data, size_t size, size_t count, void *context)
{
    struct going *going = context;
    const struct transfer_request *request = going->request;
    size_t bytes = size * count, room = request->size_max - going->page->body.size;
    long status = 0;
    (void)going->library->easy_getinfo(going->curl, CURLINFO_RESPONSE_CODE, &status);
    if (status != 200)
        return bytes; /* nobody reads what is said of failures; curl's limits hold for it */
    if (request->takes_documents && is_other_type(going->page->type)) {
        going->is_other = true;
        return 0;
    }
    if (bytes > room && request->is_cut) {
        buffer_append(&going->page->body, data, room);
        going->is_full = true;
        return 0;
    }
    if (bytes > room || is_bomb(going)) {
        if (bytes > room)
            error_set(going->error, ERROR_LIMIT, "it has more than %zu bytes", request->size_max);
        else
            error_set(going->error, ERROR_LIMIT, "unpacked it is more than %d times as large", LIMIT_ARCHIVE_RATIO);
        going->is_refused = true;
        return 0;
    }
    buffer_append(&going->page->body, data, bytes);
    return bytes;
}

/* ---- a transfer ---- */

static void set_safety(CURL *curl, struct going *going)
{
    const struct fetch_options *options = going->request->options;
    __typeof__(curl_easy_setopt) *set = going->library->easy_setopt;
    const char *proxy = options->proxy != NULL ? options->proxy : "";
    (void)set(curl, CURLOPT_PROTOCOLS_STR, "http,https");
    (void)set(curl, CURLOPT_PROXY, proxy);
    (void)set(curl, CURLOPT_NOPROXY, ""); /* what the environment says of it does not count */
    (void)set(curl, CURLOPT_FOLLOWLOCATION, 0L);
    (void)set(curl, CURLOPT_NETRC, (long)CURL_NETRC_IGNORED);
    (void)set(curl, CURLOPT_SSL_VERIFYPEER, 1L);
    (void)set(curl, CURLOPT_SSL_VERIFYHOST, 2L);
    if (options->ca != NULL) {
        (void)set(curl, CURLOPT_CAINFO, options->ca);
        (void)set(curl, CURLOPT_CAPATH, "/etc/ssl/certs"); /* the system's stay */
    }
    (void)set(curl, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
    (void)set(curl, CURLOPT_NOSIGNAL, 1L);
    (void)set(curl, CURLOPT_MAXCONNECTS, 4L);
    (void)set(curl, CURLOPT_OPENSOCKETFUNCTION, open_socket);
    (void)set(curl, CURLOPT_OPENSOCKETDATA, going);
    (void)set(curl, CURLOPT_DNS_CACHE_TIMEOUT, 0L);
}

static void set_limits(CURL *curl, const struct going *going)
{
    const struct fetch_options *options = going->request->options;
    __typeof__(curl_easy_setopt) *set = going->library->easy_setopt;
    unsigned connect_ms = options->timeout_ms < CONNECT_MS_MAX ? options->timeout_ms : CONNECT_MS_MAX;
    (void)set(curl, CURLOPT_CONNECTTIMEOUT_MS, (long)connect_ms);
    (void)set(curl, CURLOPT_TIMEOUT_MS, (long)options->timeout_ms);
    (void)set(curl, CURLOPT_LOW_SPEED_LIMIT, (long)STALL_BYTES);
    (void)set(curl, CURLOPT_LOW_SPEED_TIME, (long)STALL_SECONDS);
}

static void set_callbacks(CURL *curl, struct going *going)
{
    __typeof__(curl_easy_setopt) *set = going->library->easy_setopt;
    (void)set(curl, CURLOPT_HEADERFUNCTION, on_head);
    (void)set(curl, CURLOPT_HEADERDATA, going);
    (void)set(curl, CURLOPT_WRITEFUNCTION, on_body);
    (void)set(curl, CURLOPT_WRITEDATA, going);
    (void)set(curl, CURLOPT_NOPROGRESS, 0L);
    (void)set(curl, CURLOPT_XFERINFOFUNCTION, on_progress);
    (void)set(curl, CURLOPT_XFERINFODATA, going);
}

static struct curl_slist *add_line(const struct going *going, struct curl_slist *lines, struct arena *arena, const char *name,
                                   const char *value)
{
    if (value == NULL || value[0] == '\0')
        return lines;
    for (const char *c = value; *c != '\0'; c++)
        if ((unsigned char)*c < ' ' || *c == 0x7F)
            return lines; /* none of a head */
    struct curl_slist *more = going->library->slist_append(lines, arena_format(arena, "%s: %s", name, value));
    return more != NULL ? more : lines;
}

/* For tests: the name stands for what they say. */
static struct curl_slist *resolve(const struct going *going, struct arena *arena)
{
    const struct transfer_request *request = going->request;
    const struct fetch_options *options = request->options;
    const char *host = arena_text(arena, request->url->host);
    const char *address = options->resolve != NULL ? options->resolve(options->context, host) : NULL;
    return address != NULL
               ? going->library->slist_append(NULL, arena_format(arena, "%s:%u:%s", host, request->url->port, address))
               : NULL;
}

static enum transfer_end tell(const struct going *going, CURLcode code, const char *reason)
{
    struct slice url = going->request->url->text;
    if (going->is_stopped) {
        error_set(going->error, ERROR_CANCELLED, "stopped");
        return TRANSFER_STOPPED;
    }
    if (code == CURLE_OK || going->is_full)
        return TRANSFER_DONE;
    if (going->is_other) {
        error_set(going->error, ERROR_INVALID, "\"" SLICE_FORMAT "\" is of type %s, which is no document's",
                  SLICE_ARGUMENT(url), going->page->type);
        return TRANSFER_OTHER;
    }
    if (going->is_refused && going->error->kind == ERROR_LIMIT)
        error_wrap(going->error, "could not fetch \"" SLICE_FORMAT "\"", SLICE_ARGUMENT(url));
    else if (!going->is_refused)
        error_set(going->error, ERROR_IO, "could not fetch \"" SLICE_FORMAT "\": %s", SLICE_ARGUMENT(url),
                  reason[0] != '\0' ? reason : going->library->easy_strerror(code));
    if (code == CURLE_PEER_FAILED_VERIFICATION)
        error_hint(going->error,
                   "Its certificate does not prove that it is this host: nothing was taken from it. If your company signed "
                   "it, set fetch: {ca: FILE}.");
    return TRANSFER_FAILED;
}

enum transfer_end transfer(struct transfers *transfers, const struct transfer_request *request, struct transfer_answer *answer,
                           struct fetch_answer *page, struct error *error)
{
    const struct curl_library *library = transfers->library;
    __typeof__(curl_easy_setopt) *set = library->easy_setopt;
    CURL *curl = transfers->curl[request->is_led_to];
    struct going going = {.library = library, .curl = curl, .request = request, .answer = answer, .page = page, .error = error};
    struct arena arena;
    char reason[CURL_ERROR_SIZE] = "";
    arena_init(&arena);
    *answer = (struct transfer_answer){0};
    buffer_clear(&page->body);
    library->easy_reset(curl); /* keeps its connections */
    set_safety(curl, &going);
    set_limits(curl, &going);
    set_callbacks(curl, &going);
    struct curl_slist *lines = add_line(&going, NULL, &arena, "If-None-Match", request->etag);
    if (request->etag == NULL) /* a date of seconds says less than a name of the version, and some hosts let it decide */
        lines = add_line(&going, lines, &arena, "If-Modified-Since", request->modified);
    struct curl_slist *hosts = resolve(&going, &arena);
    (void)set(curl, CURLOPT_URL, arena_text(&arena, request->url->text));
    (void)set(curl, CURLOPT_PATH_AS_IS, 1L);
    (void)set(curl, CURLOPT_USERAGENT, "assay/" ASSAY_VERSION);
    (void)set(curl, CURLOPT_ACCEPT_ENCODING, "gzip, deflate");
    (void)set(curl, CURLOPT_HTTPHEADER, lines);
    (void)set(curl, CURLOPT_RESOLVE, hosts);
    (void)set(curl, CURLOPT_FRESH_CONNECT, hosts != NULL ? 1L : 0L);
    (void)set(curl, CURLOPT_ERRORBUFFER, reason);
    CURLcode code = library->easy_perform(curl);
    (void)library->easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &answer->status);
    time_t modified = page->modified[0] != '\0' ? library->getdate(page->modified, NULL) : -1;
    page->modified_ns = modified > 0 && modified < INT64_MAX / 1000000000 ? (int64_t)modified * 1000000000 : 0;
    enum transfer_end end = tell(&going, code, reason);
    library->easy_reset(curl); /* it knows nothing of what stands here any more */
    library->slist_free_all(lines);
    library->slist_free_all(hosts);
    arena_release(&arena);
    return end;
}
