/* http_head.c - the head of an HTTP/1.1 request (RFC 9112, RFC 9110), line by line. codec.h says what is refused; where the standard lets a
 * server choose between mending and refusing, this one refuses. */
#include "codec.h"
#include <assert.h>
#include <string.h>

_Static_assert(HTTP_HEAD_BYTES_MAX <= UINT16_MAX, "a span's ends fit");

void http_head_init(struct http_head *head)
{
    memset(head, 0, sizeof(*head));
}

static enum http_progress refuse(struct http_head *head, unsigned status, const char *reason)
{
    head->status = status;
    head->reason = reason;
    return HTTP_REFUSED;
}

struct slice http_text(struct slice source, struct http_span span)
{
    return slice_range(source, span.start, span.end);
}

static bool is_digit(char byte)
{
    return byte >= '0' && byte <= '9';
}

/* What names of fields and methods are made of (RFC 9110, 5.6.2). */
static bool is_token_byte(char byte)
{
    return is_digit(byte) || (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') ||
           byte_among(byte, "!#$%&'*+-.^_`|~");
}

static bool is_blank(char byte)
{
    return byte == ' ' || byte == '\t';
}

static char small(char byte)
{
    return byte >= 'A' && byte <= 'Z' ? (char)(byte + ('a' - 'A')) : byte;
}

static bool is_named(struct slice text, const char *name)
{
    size_t i = 0;
    while (i < text.size && name[i] != '\0' && small(text.data[i]) == small(name[i]))
        i++;
    return i == text.size && name[i] == '\0';
}

static struct http_span span_of(size_t start, size_t end)
{
    return (struct http_span){(uint16_t)start, (uint16_t)end};
}

/* ---- the request line ---- */

static enum http_progress read_version(struct http_head *head, struct slice version)
{
    bool is_form = version.size == 8 && memcmp(version.data, "HTTP/", 5) == 0 && is_digit(version.data[5]) &&
                   version.data[6] == '.' && is_digit(version.data[7]);
    if (!is_form)
        return refuse(head, 400, "the request line does not end with a version of HTTP");
    if (version.data[5] != '1' || version.data[7] > '1')
        return refuse(head, 505, "this version of HTTP is not spoken here, HTTP/1.1 is");
    head->minor = (unsigned)(version.data[7] - '0');
    return HTTP_MORE;
}

/* "GET /path HTTP/1.1": three parts with one blank between them. */
static enum http_progress read_request_line(struct http_head *head, struct slice source, size_t start, size_t end)
{
    size_t at = start;
    while (at < end && is_token_byte(source.data[at]))
        at++;
    if (at == start || at - start > HTTP_METHOD_BYTES_MAX || at == end || source.data[at] != ' ')
        return refuse(head, 400, "the request line does not begin with a method");
    head->method = span_of(start, at);
    size_t target = ++at;
    while (at < end && (unsigned char)source.data[at] > ' ' && (unsigned char)source.data[at] < 0x7F && source.data[at] != '#')
        at++;
    if (at == target || at == end || source.data[at] != ' ')
        return refuse(head, 400, "the request line has no target, or a byte in it that no address may hold");
    if (at - target > HTTP_TARGET_BYTES_MAX)
        return refuse(head, 414, "the address is too long");
    head->target = span_of(target, at);
    head->has_request_line = true;
    return read_version(head, slice_range(source, at + 1, end));
}

/* ---- fields ---- */

static enum http_progress read_length(struct http_head *head, struct slice value)
{
    if (head->has_length)
        return refuse(head, 400, "Content-Length stands there more than once");
    bool is_number = value.size > 0 && value.size <= 18;
    for (size_t i = 0; is_number && i < value.size; i++)
        is_number = is_digit(value.data[i]);
    if (!is_number || !slice_to_u64(value, &head->content_length))
        return refuse(head, 400, "Content-Length is no number of bytes");
    head->has_length = true;
    return HTTP_MORE;
}

static enum http_progress read_coding(struct http_head *head, struct slice value)
{
    if (head->is_chunked)
        return refuse(head, 400, "Transfer-Encoding stands there more than once");
    if (!is_named(value, "chunked"))
        return refuse(head, 501, "Transfer-Encoding is not \"chunked\" alone");
    head->is_chunked = true;
    return HTTP_MORE;
}

static enum http_progress read_connection(struct http_head *head, struct slice value)
{
    struct slice rest = value, part;
    while (slice_next(&rest, ',', &part)) {
        struct slice word = slice_trim(part);
        head->closes = head->closes || is_named(word, "close");
        head->keeps = head->keeps || is_named(word, "keep-alive");
    }
    return HTTP_MORE;
}

/* Letters of names and addresses with a port; nothing that could be read as something else further on. */
static enum http_progress read_host(struct http_head *head, struct slice source, struct http_span span)
{
    struct slice value = http_text(source, span);
    if (head->host.start != 0)
        return refuse(head, 400, "Host stands there more than once");
    if (value.size == 0)
        return refuse(head, 400, "Host is empty");
    for (size_t i = 0; i < value.size; i++) {
        char byte = small(value.data[i]);
        if (!is_digit(byte) && !(byte >= 'a' && byte <= 'z') && !byte_among(byte, "-._~:[]"))
            return refuse(head, 400, "Host is no name or address");
    }
    head->host = span;
    return HTTP_MORE;
}

/* The fields that say how to go on. */
static enum http_progress weigh_field(struct http_head *head, struct slice source, const struct http_field *field)
{
    struct slice name = http_text(source, field->name), value = http_text(source, field->value);
    if (is_named(name, "host"))
        return read_host(head, source, field->value);
    if (is_named(name, "content-length"))
        return read_length(head, value);
    if (is_named(name, "transfer-encoding"))
        return read_coding(head, value);
    if (is_named(name, "connection"))
        return read_connection(head, value);
    if (!is_named(name, "expect"))
        return HTTP_MORE;
    if (!is_named(value, "100-continue"))
        return refuse(head, 417, "Expect is not \"100-continue\"");
    head->wants_continue = true;
    return HTTP_MORE;
}

static enum http_progress read_field(struct http_head *head, struct slice source, size_t start, size_t end)
{
    size_t colon = start;
    if (is_blank(source.data[start]))
        return refuse(head, 400, "a line begins with a blank: folded lines are not read");
    while (colon < end && is_token_byte(source.data[colon]))
        colon++;
    if (colon == start || colon == end || source.data[colon] != ':')
        return refuse(head, 400, "a line does not begin with a field's name and a colon");
    size_t from = colon + 1, to = end;
    while (from < to && is_blank(source.data[from]))
        from++;
    while (to > from && is_blank(source.data[to - 1]))
        to--;
    for (size_t i = from; i < to; i++) {
        unsigned char byte = (unsigned char)source.data[i];
        if ((byte < 0x20 && byte != '\t') || byte == 0x7F)
            return refuse(head, 400, "a field's value has a control character");
    }
    if (head->field_count == HTTP_FIELDS_MAX)
        return refuse(head, 431, "there are too many fields");
    struct http_field *field = &head->fields[head->field_count++];
    *field = (struct http_field){span_of(start, colon), span_of(from, to)};
    return weigh_field(head, source, field);
}

/* What no field says alone. */
static enum http_progress finish(struct http_head *head, size_t size)
{
    if (head->minor == 1 && head->host.start == 0)
        return refuse(head, 400, "there is no Host");
    if (head->is_chunked && head->has_length)
        return refuse(head, 400, "Content-Length and Transfer-Encoding contradict each other");
    if (head->is_chunked && head->minor == 0)
        return refuse(head, 400, "HTTP/1.0 has no Transfer-Encoding");
    head->is_kept_alive = !head->closes && (head->minor == 1 || head->keeps);
    head->wants_continue = head->wants_continue && head->minor == 1;
    head->size = size;
    return HTTP_DONE;
}

/* Looks for the end of the line that begins at head->line: HTTP_DONE when it is there. */
static enum http_progress find_end(struct http_head *head, struct slice source, size_t *end)
{
    const char *from = source.data + head->scanned;
    const char *feed = memchr(from, '\n', source.size - head->scanned);
    size_t stop = feed != NULL ? (size_t)(feed - source.data) : source.size;
    const char *carriage = memchr(from, '\r', stop - head->scanned);
    size_t carriage_at = carriage != NULL ? (size_t)(carriage - source.data) : stop;
    if (carriage_at + 1 < stop)
        return refuse(head, 400, "a carriage return stands alone");
    if (feed == NULL) {
        head->scanned = carriage != NULL ? carriage_at : source.size;
        return HTTP_MORE;
    }
    if (carriage == NULL)
        return refuse(head, 400, "a line ends without a carriage return");
    *end = carriage_at;
    return HTTP_DONE;
}

static enum http_progress read_line(struct http_head *head, struct slice source, size_t end)
{
    size_t start = head->line;
    if (!head->has_request_line && end == start && start == 0)
        return HTTP_MORE; /* one empty line before a request is passed over, as the standard wants */
    if (!head->has_request_line)
        return read_request_line(head, source, start, end);
    return end == start ? finish(head, end + 2) : read_field(head, source, start, end);
}

enum http_progress http_head_read(struct http_head *head, struct slice source)
{
    struct slice within = slice_range(source, 0, source.size < HTTP_HEAD_BYTES_MAX ? source.size : HTTP_HEAD_BYTES_MAX);
    assert(head->size == 0 && head->scanned <= within.size);
    for (;;) {
        size_t end = 0;
        enum http_progress progress = find_end(head, within, &end);
        if (progress == HTTP_MORE && within.size == HTTP_HEAD_BYTES_MAX)
            return refuse(head, head->has_request_line ? 431 : 414,
                          head->has_request_line ? "the head is too long" : "the request line is too long");
        if (progress != HTTP_DONE)
            return progress;
        progress = read_line(head, within, end);
        if (progress != HTTP_MORE)
            return progress;
        head->line = head->scanned = end + 2;
    }
}

bool http_has_body(const struct http_head *head)
{
    return head->is_chunked || head->content_length > 0;
}

bool http_field(const struct http_head *head, struct slice source, const char *name, struct slice *value)
{
    *value = (struct slice){NULL, 0};
    for (unsigned i = 0; i < head->field_count; i++) {
        if (!is_named(http_text(source, head->fields[i].name), name))
            continue;
        if (value->data != NULL)
            return false;
        *value = http_text(source, head->fields[i].value);
    }
    return true;
}
