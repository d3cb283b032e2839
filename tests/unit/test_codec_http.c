/* test_codec_http.c - requests as they may come, and as they may not, in pieces of any size. Among them are the cases that two public lists
 * of hard requests hold (h1spec's 33, and what llhttp's tests of invalid requests, lengths, addresses and codings are about), in our
 * words: where a lenient reader would go on, we refuse. */
#include "compare.h"
#include "codec/codec.h"
#include <stdio.h>

enum { MORE = 0, DONE = 1 }; /* else the status of the refusal */

/* What becomes of the bytes, a whole request: head and body, fed `step` at a time. The body is appended to `body`. */
static unsigned outcome(struct slice source, size_t step, struct buffer *body, size_t *size)
{
    struct http_head head;
    struct http_chunks chunks;
    enum http_progress progress = HTTP_MORE;
    size_t come = 0;
    http_head_init(&head);
    while (progress == HTTP_MORE && come < source.size) {
        come = come + step < source.size ? come + step : source.size;
        progress = http_head_read(&head, slice_range(source, 0, come));
    }
    if (progress != HTTP_DONE)
        return progress == HTTP_MORE ? MORE : head.status;
    *size = head.size;
    if (!head.is_chunked) {
        uint64_t there = source.size - head.size;
        *size += (size_t)(there < head.content_length ? there : head.content_length);
        buffer_append_slice(body, slice_range(source, head.size, *size));
        return there < head.content_length ? MORE : DONE;
    }
    http_chunks_init(&chunks);
    progress = HTTP_MORE;
    while (progress == HTTP_MORE && *size < source.size) {
        size_t end = *size + step < source.size ? *size + step : source.size, used = 0;
        progress = http_chunks_read(&chunks, slice_range(source, *size, end), &used, body);
        *size += used;
    }
    return progress == HTTP_MORE ? MORE : progress == HTTP_DONE ? DONE : chunks.status;
}

static void expect(const char *name, struct slice source, unsigned wanted, const char *wanted_body)
{
    struct buffer body;
    buffer_init(&body, 64);
    for (size_t step = 1; step <= source.size; step += step < 40 ? 1 : 37) {
        size_t size = 0;
        buffer_clear(&body);
        unsigned is = outcome(source, step, &body, &size);
        if (is != wanted || (wanted == DONE && !slice_equal(buffer_slice(&body), slice_from(wanted_body))))
            fail_msg("%s, %zu bytes at a time: %u, body \"%.*s\"", name, step, is, SLICE_ARGUMENT(buffer_slice(&body)));
    }
    buffer_release(&body);
}

#define GET "GET / HTTP/1.1\r\nHost: a\r\n"
#define POST "POST / HTTP/1.1\r\nHost: a\r\n"
#define CHUNKED POST "Transfer-Encoding: chunked\r\n\r\n"

struct http_case {
    const char *name;
    struct slice source;
    unsigned wanted;
    const char *body;
};
#define CASE(name, source, wanted) {name, SLICE_CONSTANT(source), wanted, ""}
#define WHOLE(name, source, body) {name, SLICE_CONSTANT(source), DONE, body}

static void check_cases(const struct http_case *cases, size_t count)
{
    for (size_t i = 0; i < count; i++)
        expect(cases[i].name, cases[i].source, cases[i].wanted, cases[i].body);
}

static void unfinished_heads(void **state)
{
    static const char whole[] = "GET /hello HTTP/1.1\r\nHost: localhost\r\n\r\n";
    (void)state;
    for (size_t size = 1; size < sizeof(whole) - 1; size++)
        expect("a head that is not whole", (struct slice){whole, size}, MORE, "");
    expect("the whole head", (struct slice){whole, sizeof(whole) - 1}, DONE, "");
}

static void request_lines(void **state)
{
    static const struct http_case cases[] = {
        CASE("plain", GET "\r\n", DONE),
        CASE("one empty line before", "\r\n" GET "\r\n", DONE),
        CASE("two empty lines before", "\r\n\r\n" GET "\r\n", 400),
        CASE("HTTP/1.0 needs no Host", "GET / HTTP/1.0\r\n\r\n", DONE),
        CASE("a query with a question mark in it", "GET /a?b=c?d HTTP/1.1\r\nHost: a\r\n\r\n", DONE),
        CASE("quotes and bars in an address", "GET /a\"b\"?c=| HTTP/1.1\r\nHost: a\r\n\r\n", DONE),
        CASE("an absolute address", "GET http://a:1/x HTTP/1.1\r\nHost: a\r\n\r\n", DONE),
        CASE("any method", "M-SEARCH * HTTP/1.1\r\nHost: a\r\n\r\n", DONE),
        CASE("no version", "GET / \r\n\r\n", 400),
        CASE("no version, no blank", "GET /\r\n\r\n", 400),
        CASE("HTTP/0.9", "GET / HTTP/0.9\r\nHost: a\r\n\r\n", 505),
        CASE("HTTP/1.2", "GET / HTTP/1.2\r\nHost: a\r\n\r\n", 505),
        CASE("HTTP/9.9", "GET / HTTP/9.9\r\nHost: a\r\n\r\n", 505),
        CASE("HTTP/2.0", "PRI * HTTP/2.0\r\n\r\n", 505),
        CASE("HTTP/11.1", "GET / HTTP/11.1\r\nHost: a\r\n\r\n", 400),
        CASE("HTTP/1.1x", "GET / HTTP/1.1x\r\nHost: a\r\n\r\n", 400),
        CASE("another protocol", "GET / ICE/1.0\r\nHost: a\r\n\r\n", 400),
        CASE("nearly HTTP", "GET / IHTTP/1.0\r\nHost: a\r\n\r\n", 400),
        CASE("another protocol of the same shape", "PUT / RTSP/1.0\r\nHost: a\r\n\r\n", 400),
        CASE("small letters", "GET / http/1.1\r\nHost: a\r\n\r\n", 400),
        CASE("words before", "Extra lineGET / HTTP/1.1\r\nHost: a\r\n\r\n", 400),
        CASE("a blank before", " GET / HTTP/1.1\r\nHost: a\r\n\r\n", 400),
        CASE("two blanks", "GET  / HTTP/1.1\r\nHost: a\r\n\r\n", 400),
        CASE("two blanks before the version", "GET /  HTTP/1.1\r\nHost: a\r\n\r\n", 400),
        CASE("a tab", "GET\t/ HTTP/1.1\r\nHost: a\r\n\r\n", 400),
        CASE("a blank in the address", "GET /foo bar/ HTTP/1.1\r\nHost: a\r\n\r\n", 400),
        CASE("a fragment", "GET /a#b HTTP/1.1\r\nHost: a\r\n\r\n", 400),
        CASE("letters beyond ASCII in the address", "GET /\xCE\xB4 HTTP/1.1\r\nHost: a\r\n\r\n", 400),
        CASE("a zero byte in the address", "GET /a\0b HTTP/1.1\r\nHost: a\r\n\r\n", 400),
        CASE("a control character in the address", "GET /a\x7F HTTP/1.1\r\nHost: a\r\n\r\n", 400),
        CASE("a method of no letters", "G@T / HTTP/1.1\r\nHost: a\r\n\r\n", 400),
        CASE("a method without end", "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA / HTTP/1.1\r\n\r\n", 400),
        CASE("a line feed alone", "GET / HTTP/1.1\nHost: a\r\n\r\n", 400),
        CASE("a carriage return alone", "GET / HTTP/1.1\rHost: a\r\n\r\n", 400),
        CASE("the bytes of TLS", "\x16\x03\x01\x02\x00\x01\x00\x01\xFC\x03\x03\r\n", 400),
    };
    (void)state;
    check_cases(cases, ARRAY_COUNT(cases));
}

static void fields(void **state)
{
    static const struct http_case cases[] = {
        CASE("names in any case, tabs, empty values", "GET / HTTP/1.1\r\nhoSt:\ta\r\nempty:\r\nx-empty: \r\n\r\n", DONE),
        CASE("bytes beyond ASCII in a value", GET "X: caf\xC3\xA9\r\n\r\n", DONE),
        CASE("every letter of a name", GET "!#$%&'*+-.^_`|~09Az: 1\r\n\r\n", DONE),
        CASE("no Host", "GET / HTTP/1.1\r\nContent-Length: 5\r\n\r\n", 400),
        CASE("two Hosts", GET "Host: b\r\n\r\n", 400),
        CASE("the same Host twice", GET "Host: a\r\n\r\n", 400),
        CASE("an empty Host", "GET / HTTP/1.1\r\nHost:\r\n\r\n", 400),
        CASE("a Host with a path", "GET / HTTP/1.1\r\nHost: a/b\r\n\r\n", 400),
        CASE("a Host with a question", "GET / HTTP/1.1\r\nHost: a?\r\n\r\n", 400),
        CASE("a Host with a person", "GET / HTTP/1.1\r\nHost: me@a\r\n\r\n", 400),
        CASE("two names as a Host", "GET / HTTP/1.1\r\nHost: a, b\r\n\r\n", 400),
        CASE("brackets in a name", GET "X-Invalid[]: test\r\n\r\n", 400),
        CASE("an at in a name", GET "Fo@: Failure\r\n\r\n", 400),
        CASE("a control character in a name", GET "Foo\x01test: Bar\r\n\r\n", 400),
        CASE("no name", GET ": Bar\r\n\r\n", 400),
        CASE("no colon", GET "Bar\r\n\r\n", 400),
        CASE("a blank before the colon", GET "Bar : x\r\n\r\n", 400),
        CASE("a name on two lines", GET "name\r\n : value\r\n\r\n", 400),
        CASE("a value on two lines", GET "name: a\r\n b\r\n\r\n", 400),
        CASE("a value on two lines, by a tab", GET "name: a\r\n\tb\r\n\r\n", 400),
        CASE("a blank before the first field", "GET / HTTP/1.1\r\n Host: a\r\n\r\n", 400),
        CASE("a line of blanks", GET " \r\n\r\n", 400),
        CASE("a bell in a value", GET "X: test\x07\r\n\r\n", 400),
        CASE("a zero byte in a value", GET "X: te\0st\r\n\r\n", 400),
        CASE("fields with a carriage return between", "GET / HTTP/1.1\r\nFoo: 1\rBar: 2\r\n\r\n", 400),
        CASE("fields with a line feed between", POST "x:x\nTransfer-Encoding: chunked\r\n\r\n1\r\nA\r\n0\r\n\r\n", 400),
        CASE("an empty field and a line feed", POST "x:\nTransfer-Encoding: chunked\r\n\r\n1\r\nA\r\n0\r\n\r\n", 400),
        CASE("an empty field and a carriage return", POST "x:\rTransfer-Encoding: chunked\r\n\r\n1\r\nA\r\n0\r\n\r\n", 400),
        CASE("a head that ends by a carriage return", "GET / HTTP/1.1\r\nHost: a\r\n\rZGET /evil: HTTP/1.1\r\nHost: a\r\n\r\n",
             400),
        CASE("a field behind an odd line end", GET "\rSome-Header: Test\r\n\r\n", 400),
        CASE("a broken Connection", GET "Connection\r\033\065\325eep-Alive\r\n\r\n", 400),
        CASE("line feeds only", "POST / HTTP/1.1\nHost: a\n\n", 400),
        CASE("Expect", GET "Expect: 100-continue\r\n\r\n", DONE),
        CASE("another Expect", GET "Expect: 200-ok\r\n\r\n", 417),
        CASE("an upgrade is passed over", GET "Upgrade: websocket\r\nConnection: Upgrade\r\n\r\n", DONE),
    };
    (void)state;
    check_cases(cases, ARRAY_COUNT(cases));
}

static void lengths(void **state)
{
    static const struct http_case cases[] = {
        WHOLE("a body", POST "Content-Length: 5\r\n\r\nhello", "hello"),
        WHOLE("a body and the next request", POST "Content-Length: 5\r\n\r\nhelloGET /", "hello"),
        WHOLE("a name in odd case", POST "conTENT-Length: 5\r\n\r\nHELLO", "HELLO"),
        WHOLE("zeros before", POST "Content-Length: 003\r\nOhai: world\r\n\r\nabc", "abc"),
        WHOLE("blanks around", POST "Content-Length:  2 \r\n\r\nab", "ab"),
        CASE("nothing", POST "Content-Length: 0\r\n\r\n", DONE),
        CASE("not all has come", POST "Content-Length: 9\r\n\r\nhello", MORE),
        CASE("negative", POST "Content-Length: -1234\r\n\r\n", 400),
        CASE("negative, without end", POST "Content-Length: -123456789123456789123456789\r\n\r\n", 400),
        CASE("with a plus", POST "Content-Length: +5\r\n\r\nhello", 400),
        CASE("no number", POST "Content-Length: abc\r\n\r\n", 400),
        CASE("hexadecimal", POST "Content-Length: 0x5\r\n\r\nhello", 400),
        CASE("a fraction", POST "Content-Length: 5.0\r\n\r\nhello", 400),
        CASE("empty", POST "Content-Length:\r\n\r\n", 400),
        CASE("a blank within", POST "Content-Length: 4 2\r\n\r\n", 400),
        CASE("a list", POST "Content-Length: 5, 5\r\n\r\nhello", 400),
        CASE("past any number", POST "Content-Length: 1000000000000000000000\r\n\r\n", 400),
        CASE("past 64 bits", POST "Content-Length: 18446744073709551616\r\n\r\n", 400),
        CASE("two", POST "Content-Length: 1\r\nContent-Length: 2\r\n\r\n", 400),
        CASE("the same twice", POST "Content-Length: 5\r\nContent-Length: 5\r\n\r\nhello", 400),
        CASE("beside chunks", POST "Transfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n", 400),
        CASE("beside chunks, first", POST "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400),
        CASE("beside another coding", POST "Content-Length: 1\r\nTransfer-Encoding: identity\r\n\r\n", 501),
        CASE("a carriage return in the name", POST "Content\rLength: 003\r\n\r\nabc", 400),
        CASE(
            "a smuggled length",
            "GET / HTTP/1.1\r\nHost: a\r\nDummy: x\nContent-Length: 23\r\n\r\nGET / HTTP/1.1\r\nDummy: GET /admin HTTP/1.1\r\n",
            400),
    };
    (void)state;
    check_cases(cases, ARRAY_COUNT(cases));
}

static void chunks(void **state)
{
    static const struct http_case cases[] = {
        CASE("nothing yet", CHUNKED, MORE),
        WHOLE("two chunks", CHUNKED "5\r\nhello\r\n6\r\n world\r\n0\r\n\r\n", "hello world"),
        WHOLE("zeros at the end", CHUNKED "5\r\nhello\r\n000\r\n\r\n", "hello"),
        WHOLE("a small digit", CHUNKED "a\r\n0123456789\r\n0\r\n\r\n", "0123456789"),
        WHOLE("a large digit", CHUNKED "A\r\n0123456789\r\n0\r\n\r\n", "0123456789"),
        WHOLE("two digits", CHUNKED "1e\r\nall your base are belong to us\r\n0\r\n\r\n", "all your base are belong to us"),
        WHOLE("the coding in odd case", POST "Transfer-Encoding: ChUnKeD\r\n\r\n1\r\na\r\n0\r\n\r\n", "a"),
        WHOLE("trailers", CHUNKED "1\r\na\r\n0\r\nVary: *\r\nContent-Type: text/plain\r\n\r\n", "a"),
        WHOLE("trailers are no fields", CHUNKED "1\r\na\r\n0\r\nContent-Length: 99\r\n\r\n", "a"),
        WHOLE("an extension", CHUNKED "1;a=b;c\r\nx\r\n0\r\n\r\n", "x"),
        WHOLE("an extension in quotation marks", CHUNKED "1;a=\"I \\\"love\\\"; \\\\ it\";b\r\nx\r\n0\r\n\r\n", "x"),
        CASE("an open quotation mark", CHUNKED "1;a=\"b; c\r\nx\r\n0\r\n\r\n", 400),
        CASE("an empty extension", CHUNKED "1;\r\nx\r\n0\r\n\r\n", 400),
        CASE("a blank instead of a semicolon", CHUNKED "1 abc\r\nx\r\n0\r\n\r\n", 400),
        CASE("a blank before the size", CHUNKED " 1\r\nx\r\n0\r\n\r\n", 400),
        CASE("no size", CHUNKED "\r\nx\r\n0\r\n\r\n", 400),
        CASE("a negative size", CHUNKED "-2\r\nx\r\n0\r\n\r\n", 400),
        CASE("a size with a plus", CHUNKED "+1\r\nx\r\n0\r\n\r\n", 400),
        CASE("0x", CHUNKED "0x1\r\nx\r\n0\r\n\r\n", 400),
        CASE("no digit", CHUNKED "g\r\nx\r\n0\r\n\r\n", 400),
        CASE("a size past any number", CHUNKED "FFFFFFFFFFFFFFFF0\r\nx", 413),
        CASE("a size past the limit", CHUNKED "41\r\n0123456789012345678901234567890123456789012345678901234567890123Z", 413),
        CASE("a line feed behind the size", CHUNKED "1\nx\r\n0\r\n\r\n", 400),
        CASE("a carriage return behind the size", CHUNKED "1\rx\r\n0\r\n\r\n", 400),
        CASE("a line feed behind the data", CHUNKED "1\r\nx\n0\r\n\r\n", 400),
        CASE("a chunk longer than its size", CHUNKED "1\r\nxx\r\n0\r\n\r\n", 400),
        CASE("a line feed in the extension", CHUNKED "1;a\nb\r\nx\r\n0\r\n\r\n", 400),
        CASE("a control character in the extension", CHUNKED "1;a\x01\r\nx\r\n0\r\n\r\n", 400),
        CASE("a trailer without name", CHUNKED "0\r\n: x\r\n\r\n", 400),
        CASE("a trailer without colon", CHUNKED "0\r\nabc\r\n\r\n", 400),
        CASE("a folded trailer", CHUNKED "0\r\na: b\r\n c\r\n\r\n", 400),
        CASE("a line feed behind a trailer", CHUNKED "0\r\na: b\n\r\n", 400),
        CASE("no end behind the last chunk", CHUNKED "0\r\n", MORE),
        CASE("an unknown coding", POST "Transfer-Encoding: pigeons\r\n\r\n", 501),
        CASE("two codings", POST "Transfer-Encoding: gzip, chunked\r\n\r\n", 501),
        CASE("chunked twice", POST "Transfer-Encoding: chunked, chunked\r\n\r\n", 501),
        CASE("chunked, then more", POST "Transfer-Encoding: chunked, deflate\r\n\r\n", 501),
        CASE("in two fields", POST "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400),
        CASE("nearly", POST "Transfer-Encoding: xchunked\r\n\r\n", 501),
        CASE("with a control character",
             POST "Transfer-Encoding: \x0b"
                  "chunked\r\n\r\n0\r\n\r\n",
             400),
        CASE("empty", POST "Transfer-Encoding:\r\nContent-Length: 5\r\n\r\nhello", 501),
        CASE("in HTTP/1.0", "POST / HTTP/1.0\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400),
    };
    (void)state;
    check_cases(cases, ARRAY_COUNT(cases));
}

static void long_heads(void **state)
{
    struct buffer text;
    (void)state;
    buffer_init(&text, MIB);
    buffer_append_text(&text, "GET /");
    for (size_t i = 0; i < HTTP_HEAD_BYTES_MAX; i++)
        buffer_append_byte(&text, 'a');
    expect("a request line without end", buffer_slice(&text), 414, "");
    buffer_clear(&text);
    buffer_append_text(&text, "GET /");
    for (size_t i = 0; i < HTTP_TARGET_BYTES_MAX; i++)
        buffer_append_byte(&text, 'a');
    buffer_append_text(&text, " HTTP/1.1\r\n");
    expect("a long address", buffer_slice(&text), 414, "");
    buffer_clear(&text);
    buffer_append_text(&text, GET "X: ");
    for (size_t i = 0; i < HTTP_HEAD_BYTES_MAX; i++)
        buffer_append_byte(&text, 'a');
    expect("a field without end", buffer_slice(&text), 431, "");
    buffer_clear(&text);
    buffer_append_text(&text, GET);
    for (size_t i = 0; i < HTTP_FIELDS_MAX; i++)
        buffer_format(&text, "X-%zu: 1\r\n", i);
    expect("too many fields", buffer_slice(&text), 431, "");
    buffer_clear(&text);
    buffer_append_text(&text, CHUNKED "1;");
    for (size_t i = 0; i < 9000; i++)
        buffer_append_byte(&text, 'a');
    expect("an extension without end", buffer_slice(&text), 431, "");
    buffer_release(&text);
}

static struct http_head read_whole(const char *text)
{
    struct http_head head;
    http_head_init(&head);
    assert_int_equal(http_head_read(&head, slice_from(text)), HTTP_DONE);
    return head;
}

static void what_is_told(void **state)
{
    static const char
        text[] = "POST /v1/search?k=3 HTTP/1.1\r\nHost: [::1]:8080\r\nAuthorization:  Bearer x \r\nA: 1\r\nA: 2\r\n"
                 "Content-Length: 7\r\n\r\n";
    struct slice source = slice_from(text), value;
    struct http_head head = read_whole(text);
    (void)state;
    compare_text("method", http_text(source, head.method), "POST");
    compare_text("target", http_text(source, head.target), "/v1/search?k=3");
    compare_text("host", http_text(source, head.host), "[::1]:8080");
    assert_int_equal(head.size, source.size);
    assert_int_equal(head.content_length, 7);
    assert_true(head.is_kept_alive && http_has_body(&head));
    assert_true(http_field(&head, source, "authorization", &value) && http_field(&head, source, "Authorization", &value));
    compare_text("field", value, "Bearer x");
    assert_false(http_field(&head, source, "a", &value));
    assert_true(http_field(&head, source, "b", &value));
    assert_null(value.data);
}

static void keeping_alive(void **state)
{
    (void)state;
    assert_true(read_whole(GET "\r\n").is_kept_alive);
    assert_false(read_whole(GET "Connection: close\r\n\r\n").is_kept_alive);
    assert_false(read_whole(GET "Connection: foo , CLOSE\r\n\r\n").is_kept_alive);
    assert_false(read_whole(GET "Connection: keep-alive\r\nConnection: close\r\n\r\n").is_kept_alive);
    assert_false(read_whole("GET / HTTP/1.0\r\n\r\n").is_kept_alive);
    assert_true(read_whole("GET / HTTP/1.0\r\nConnection: Keep-Alive\r\n\r\n").is_kept_alive);
    assert_true(read_whole(GET "Expect: 100-continue\r\n\r\n").wants_continue);
    assert_false(read_whole("GET / HTTP/1.0\r\nExpect: 100-continue\r\n\r\n").wants_continue);
}

static void percent_signs(void **state)
{
    struct arena arena;
    struct slice decoded;
    (void)state;
    arena_init(&arena);
    assert_true(http_decode(SLICE("a%2Fb%41%c3%A9"), &arena, &decoded));
    compare_text("decoded", decoded, "a/bA\xC3\xA9");
    assert_true(http_decode(SLICE(""), &arena, &decoded));
    assert_int_equal(decoded.size, 0);
    static const struct slice wrong[] = {SLICE_CONSTANT("%"), SLICE_CONSTANT("%4"), SLICE_CONSTANT("%4g"),
                                         SLICE_CONSTANT("a%00")};
    for (size_t i = 0; i < ARRAY_COUNT(wrong); i++)
        assert_false(http_decode(wrong[i], &arena, &decoded));
    arena_release(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(unfinished_heads), cmocka_unit_test(request_lines), cmocka_unit_test(fields),
        cmocka_unit_test(lengths),          cmocka_unit_test(chunks),        cmocka_unit_test(long_heads),
        cmocka_unit_test(what_is_told),     cmocka_unit_test(keeping_alive), cmocka_unit_test(percent_signs),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
