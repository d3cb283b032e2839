/* url.c - addresses of the web, as browsers read them (the URL standard of WHATWG), for http and https alone.
 *
 *   HTTPS://Example.COM:443/a/./b/../c d?q=é#place      ─▶      https://example.com/a/c%20d?q=%C3%A9
 *
 * One address, one text: letters of the host are small, the usual port and the place in the page are left out, dots in the path are followed,
 * what may not stand there is escaped. Hosts that are numbers in any way that some program would take for an address (0x7f.1, 2130706433,
 * 017700000001) are addresses, so that who decides by them sees what would be connected to. Names and passwords are refused: an address is
 * kept in the catalog and shown. So are hosts beyond ASCII, which have a spelling within it ("xn--…"). */
#include "codec.h"
#include <arpa/inet.h>
#include <assert.h>

enum { HOST_BYTES_MAX = 253, LABEL_BYTES_MAX = 63 };

bool url_is_web(struct slice text)
{
    return (text.size >= 7 && strncasecmp(text.data, "http://", 7) == 0) ||
           (text.size >= 8 && strncasecmp(text.data, "https://", 8) == 0);
}

struct parsing {
    struct slice given; /* for messages */
    struct slice rest;
    struct arena *arena;
    struct error *error;
    bool is_secure;
    struct slice host;
    unsigned port;
    unsigned char address[16];
    size_t address_size;
};

static bool refuse(struct parsing *parsing, const char *why)
{
    struct slice shown = parsing->given.size > 200 ? slice_range(parsing->given, 0, 200) : parsing->given;
    return error_set(parsing->error, ERROR_INVALID, "\"" SLICE_FORMAT "\" is no address on the web: %s", SLICE_ARGUMENT(shown),
                     why);
}

static bool is_slash(char byte)
{
    return byte == '/' || byte == '\\';
}

static int hex_of(char byte)
{
    if (byte >= '0' && byte <= '9')
        return byte - '0';
    byte = (char)(byte | 0x20);
    return byte >= 'a' && byte <= 'f' ? byte - 'a' + 10 : -1;
}

/* "%2e" at `at` as its byte; -1: there is none. */
static int escaped_byte(struct slice text, size_t at)
{
    if (text.size - at < 3 || text.data[at] != '%')
        return -1;
    int high = hex_of(text.data[at + 1]), low = hex_of(text.data[at + 2]);
    return high >= 0 && low >= 0 ? high * 16 + low : -1;
}

/* Without white space and control characters at both ends, and without line ends and tabs anywhere. */
static struct slice clean(struct slice text, struct arena *arena)
{
    char *copy = arena_alloc(arena, text.size + 1, 1);
    size_t size = 0;
    while (text.size > 0 && (unsigned char)text.data[0] <= ' ')
        text = slice_range(text, 1, text.size);
    while (text.size > 0 && (unsigned char)text.data[text.size - 1] <= ' ')
        text.size--;
    for (size_t i = 0; i < text.size; i++)
        if (text.data[i] != '\t' && text.data[i] != '\n' && text.data[i] != '\r')
            copy[size++] = text.data[i];
    return (struct slice){copy, size};
}

/* ---- hosts ---- */

/* One part of an address in numbers: decimal, octal behind 0, hexadecimal behind 0x. */
static bool read_number(struct slice part, uint64_t *value)
{
    unsigned base = 10;
    if (part.size > 1 && part.data[0] == '0') {
        bool is_hex = (part.data[1] | 0x20) == 'x';
        base = is_hex ? 16 : 8;
        part = slice_range(part, is_hex ? 2 : 1, part.size);
    } else if (part.size == 0) {
        return false;
    }
    *value = 0;
    for (size_t i = 0; i < part.size; i++) {
        int digit = hex_of(part.data[i]);
        if (digit < 0 || digit >= (int)base)
            return false;
        *value = *value * base + (unsigned)digit;
        if (*value > UINT32_MAX)
            *value = (uint64_t)UINT32_MAX + 1; /* too large it stays */
    }
    return true;
}

static bool ends_in_number(struct slice host)
{
    uint64_t value;
    if (host.size > 0 && host.data[host.size - 1] == '.')
        host.size--;
    size_t start = host.size;
    while (start > 0 && host.data[start - 1] != '.')
        start--;
    struct slice last = slice_range(host, start, host.size);
    bool is_digits = last.size > 0;
    for (size_t i = 0; i < last.size; i++)
        is_digits = is_digits && last.data[i] >= '0' && last.data[i] <= '9';
    return is_digits || (last.size > 1 && (last.data[1] | 0x20) == 'x' && read_number(last, &value));
}

/* "127.1" and its like: the last part has all the bytes that are left. */
static bool read_ipv4(struct parsing *parsing, struct slice host)
{
    enum { PARTS = 4 };
    uint64_t parts[PARTS], address = 0;
    size_t count = 0;
    struct slice part;
    if (host.data[host.size - 1] == '.')
        host.size--;
    while (slice_next(&host, '.', &part)) {
        if (count == PARTS || !read_number(part, &parts[count]))
            return refuse(parsing, "its host is neither a name nor an address");
        count++;
    }
    for (size_t i = 0; i + 1 < count; i++) {
        if (parts[i] > 255)
            return refuse(parsing, "its host is neither a name nor an address");
        address |= parts[i] << (24 - 8 * i);
    }
    if (count == 0 || parts[count - 1] >= (uint64_t)1 << (8 * (PARTS + 1 - count)))
        return refuse(parsing, "its host is neither a name nor an address");
    address |= parts[count - 1];
    for (size_t i = 0; i < 4; i++)
        parsing->address[i] = (unsigned char)(address >> (24 - 8 * i));
    parsing->address_size = 4;
    parsing->host = slice_from(arena_format(parsing->arena, "%u.%u.%u.%u", parsing->address[0], parsing->address[1],
                                            parsing->address[2], parsing->address[3]));
    return true;
}

static bool read_ipv6(struct parsing *parsing, struct slice inner)
{
    char shown[INET6_ADDRSTRLEN];
    const char *text = arena_text(parsing->arena, inner);
    size_t at;
    if (slice_find(inner, '\0', &at) || inet_pton(AF_INET6, text, parsing->address) != 1 ||
        inet_ntop(AF_INET6, parsing->address, shown, sizeof(shown)) == NULL)
        return refuse(parsing, "what stands in its brackets is no address");
    parsing->address_size = 16;
    parsing->host = slice_from(arena_format(parsing->arena, "[%s]", shown));
    return true;
}

static bool check_labels(struct slice host)
{
    struct slice label;
    if (host.data[host.size - 1] == '.')
        host.size--;
    if (host.size == 0 || host.size > HOST_BYTES_MAX)
        return false;
    while (slice_next(&host, '.', &label))
        if (label.size == 0 || label.size > LABEL_BYTES_MAX)
            return false;
    return true;
}

static bool read_host(struct parsing *parsing, struct slice text)
{
    if (text.size > 1 && text.data[0] == '[' && text.data[text.size - 1] == ']')
        return read_ipv6(parsing, slice_range(text, 1, text.size - 1));
    if (text.size == 0)
        return refuse(parsing, "it has no host");
    char *host = arena_alloc(parsing->arena, text.size + 1, 1);
    size_t size = 0;
    for (size_t i = 0; i < text.size; i++) {
        int escaped = escaped_byte(text, i);
        unsigned char byte = escaped >= 0 ? (unsigned char)escaped : (unsigned char)text.data[i];
        i += escaped >= 0 ? 2 : 0;
        if (byte >= 0x80)
            return refuse(parsing, "its host has letters beyond ASCII") ||
                   error_hint(parsing->error, "Write the host in its ASCII form, which begins with xn--.");
        if (byte <= ' ' || byte == 0x7F || byte_among((char)byte, "#/:<>?@[\\]^|%\"`{}"))
            return refuse(parsing, "its host has a character that no host has");
        host[size++] = byte >= 'A' && byte <= 'Z' ? (char)(byte | 0x20) : (char)byte;
    }
    parsing->host = (struct slice){host, size};
    if (ends_in_number(parsing->host))
        return read_ipv4(parsing, parsing->host);
    return check_labels(parsing->host) || refuse(parsing, "its host is no name");
}

static bool read_port(struct parsing *parsing, struct slice text)
{
    uint64_t port;
    if (text.size == 0)
        return true; /* "host:" */
    if (!slice_to_u64(text, &port) || port == 0 || port > 65535)
        return refuse(parsing, "its port is no number from 1 to 65535");
    parsing->port = (unsigned)port;
    return true;
}

static bool read_authority(struct parsing *parsing)
{
    size_t end = 0, colon;
    while (end < parsing->rest.size && !is_slash(parsing->rest.data[end]) && !byte_among(parsing->rest.data[end], "?#"))
        end++;
    struct slice text = slice_range(parsing->rest, 0, end);
    parsing->rest = slice_range(parsing->rest, end, parsing->rest.size);
    parsing->port = parsing->is_secure ? 443 : 80;
    if (slice_find(text, '@', &colon)) {
        refuse(parsing, "it holds a name or a password");
        return error_hint(parsing->error, "Leave out what stands before the @: pages that need a login are not fetched.");
    }
    size_t bracket = text.size > 0 && text.data[0] == '[' && slice_find(text, ']', &colon) ? colon : 0;
    if (!slice_find(slice_range(text, bracket, text.size), ':', &colon))
        return read_host(parsing, text);
    return read_host(parsing, slice_range(text, 0, bracket + colon)) &&
           read_port(parsing, slice_range(text, bracket + colon + 1, text.size));
}

/* ---- paths ---- */

/* "." or ".." in any spelling: as many dots; else 0. */
static size_t count_dots(struct slice segment)
{
    size_t dots = 0;
    for (size_t i = 0; i < segment.size; i++) {
        bool is_escaped = escaped_byte(segment, i) == '.';
        if ((segment.data[i] != '.' && !is_escaped) || dots == 2)
            return 0;
        dots++;
        i += is_escaped ? 2 : 0;
    }
    return dots;
}

static void append_escaped(struct buffer *out, struct slice text, const char *escape)
{
    for (size_t i = 0; i < text.size; i++) {
        unsigned char byte = (unsigned char)text.data[i];
        if (byte <= ' ' || byte >= 0x7F || byte_among((char)byte, escape))
            buffer_format(out, "%%%02X", byte);
        else
            buffer_append_byte(out, (char)byte);
    }
}

/* Back to before the last segment; `root` is where the path begins. */
static void drop_segment(struct buffer *out, size_t root)
{
    while (out->size > root && out->data[out->size - 1] != '/')
        out->size--;
    if (out->size > root)
        out->size--;
}

/* Takes the path off `rest`. `out` ends with what the path continues: "" or "/a/b". */
static void append_path(struct parsing *parsing, struct buffer *out, size_t root)
{
    struct slice rest = parsing->rest;
    size_t end = 0;
    while (end < rest.size && !byte_among(rest.data[end], "?#"))
        end++;
    parsing->rest = slice_range(rest, end, rest.size);
    rest = slice_range(rest, 0, end);
    for (bool is_last = false; !is_last;) {
        size_t size = 0;
        while (size < rest.size && !is_slash(rest.data[size]))
            size++;
        struct slice segment = slice_range(rest, 0, size);
        is_last = size == rest.size;
        rest = slice_range(rest, is_last ? size : size + 1, rest.size);
        size_t dots = count_dots(segment);
        if (dots == 2)
            drop_segment(out, root);
        if (dots > 0 && !is_last)
            continue;
        buffer_append_byte(out, '/');
        if (dots == 0)
            append_escaped(out, segment, "\"#<>?`{}^");
    }
}

static void append_query(struct parsing *parsing, struct buffer *out)
{
    size_t place;
    struct slice query = parsing->rest;
    if (query.size == 0 || query.data[0] != '?')
        return;
    if (slice_find(query, '#', &place))
        query = slice_range(query, 0, place);
    buffer_append_byte(out, '?');
    append_escaped(out, slice_range(query, 1, query.size), "\"#<>'");
}

/* ---- the whole ---- */

/* "https:" taken off `rest`; false: there is none. */
static bool take_scheme(struct parsing *parsing, struct slice *scheme)
{
    struct slice rest = parsing->rest;
    size_t end = 0;
    while (end < rest.size &&
           (hex_of(rest.data[end]) >= 0 || ((rest.data[end] | 0x20) >= 'a' && (rest.data[end] | 0x20) <= 'z') ||
            byte_among(rest.data[end], "+-.")))
        end++;
    char first = rest.size > 0 ? (char)(rest.data[0] | 0x20) : ' ';
    if (end == rest.size || rest.data[end] != ':' || first < 'a' || first > 'z')
        return false;
    *scheme = slice_range(rest, 0, end);
    parsing->rest = slice_range(rest, end + 1, rest.size);
    return true;
}

static void skip_slashes(struct slice *rest, size_t count_max)
{
    for (size_t i = 0; i < count_max && rest->size > 0 && is_slash(rest->data[0]); i++)
        *rest = slice_range(*rest, 1, rest->size);
}

/* Where a reference that has no host of its own goes on from its base: "" for "/x", the folder for "x", all of it for "?x". */
static struct slice base_part(const struct parsing *parsing, const struct url *base)
{
    char first = parsing->rest.size > 0 ? parsing->rest.data[0] : '#';
    size_t at;
    struct slice path = base->target;
    if (slice_find(path, '?', &at) && first != '#')
        path = slice_range(path, 0, at);
    if (is_slash(first))
        return SLICE("");
    if (first == '?' || first == '#')
        return path;
    while (path.size > 0 && path.data[path.size - 1] != '/')
        path.size--;
    return path.size > 0 ? slice_range(path, 0, path.size - 1) : path;
}

static void take_base(struct parsing *parsing, const struct url *base)
{
    parsing->is_secure = base->is_secure;
    parsing->host = base->host;
    parsing->port = base->port;
    parsing->address_size = base->address_size;
    memcpy(parsing->address, base->address, sizeof(parsing->address));
}

static bool read_origin(struct parsing *parsing, const struct url *base, bool *is_relative)
{
    struct slice scheme;
    bool is_stated = take_scheme(parsing, &scheme);
    bool is_secure = is_stated && scheme.size == 5 && strncasecmp(scheme.data, "https", 5) == 0;
    if (is_stated && !is_secure && !(scheme.size == 4 && strncasecmp(scheme.data, "http", 4) == 0))
        return refuse(parsing, "only http:// and https:// are");
    size_t slashes = 0;
    while (slashes < parsing->rest.size && is_slash(parsing->rest.data[slashes]))
        slashes++;
    *is_relative = slashes < 2 && base != NULL && (!is_stated || is_secure == base->is_secure);
    if (*is_relative) {
        take_base(parsing, base);
        return true;
    }
    if (!is_stated && base == NULL)
        return refuse(parsing, "it does not begin with http:// or https://");
    parsing->is_secure = is_stated ? is_secure : base->is_secure;
    skip_slashes(&parsing->rest, SIZE_MAX);
    return read_authority(parsing);
}

static void put_together(struct parsing *parsing, const struct url *base, bool is_relative, struct buffer *out, size_t *root)
{
    buffer_format(out, "http%s://" SLICE_FORMAT, parsing->is_secure ? "s" : "", SLICE_ARGUMENT(parsing->host));
    if (parsing->port != (parsing->is_secure ? 443u : 80u))
        buffer_format(out, ":%u", parsing->port);
    *root = out->size;
    char first = parsing->rest.size > 0 ? parsing->rest.data[0] : '#';
    if (is_relative)
        buffer_append_slice(out, base_part(parsing, base));
    if (is_slash(first))
        skip_slashes(&parsing->rest, 1);
    if (!is_relative || (first != '?' && first != '#'))
        append_path(parsing, out, *root);
    append_query(parsing, out);
}

bool url_parse(struct slice text, const struct url *base, struct arena *arena, struct url *url, struct error *error)
{
    struct parsing parsing = {.given = text, .arena = arena, .error = error};
    struct buffer out;
    size_t root;
    bool is_relative;
    if (text.size > LIMIT_URL_BYTES)
        return error_set(error, ERROR_LIMIT, "\"%.80s…\" is longer than an address may be (%zu bytes)",
                         arena_text(arena, slice_range(text, 0, 80)), LIMIT_URL_BYTES);
    parsing.rest = clean(text, arena);
    if (!read_origin(&parsing, base, &is_relative))
        return false;
    buffer_init(&out, LIMIT_URL_BYTES);
    put_together(&parsing, base, is_relative, &out, &root);
    bool ok = buffer_finish(&out, "an address on the web", error);
    if (ok) {
        struct slice whole = arena_slice(arena, buffer_slice(&out));
        *url = (struct url){.text = whole,
                            .target = slice_range(whole, root, whole.size),
                            .host = parsing.host,
                            .is_secure = parsing.is_secure,
                            .port = parsing.port,
                            .address_size = parsing.address_size};
        memcpy(url->address, parsing.address, sizeof(url->address));
        assert(url->target.size > 0 && url->target.data[0] == '/');
    }
    buffer_release(&out);
    return ok;
}
