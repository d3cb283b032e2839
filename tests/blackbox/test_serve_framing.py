"""HTTP/1.1 as RFC 9110 and 9112 have it: what is a request, what is none, and that nothing behind a request that is none is ever taken for another."""

import re

import pytest
from serving import serving

BODY = b'{"query":"refund window"}'
GET = b"GET /health HTTP/1.1\r\nHost: localhost\r\n"
END = b"Connection: close\r\n\r\n"
SMUGGLED = b"GET /ready HTTP/1.1\r\nHost: localhost\r\n\r\n"


@pytest.fixture
def shop(project):
    project.write("docs/refunds.md", "# Refunds\n\nThe refund window is thirty days.\n")
    project.add()
    return project


def statuses(answer):
    """Of all answers on a connection."""
    return [int(code) for code in re.findall(rb"HTTP/1\.1 (\d{3}) ", answer)]


def post(key, fields, body):
    return (b"POST /v1/search HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nAuthorization: Bearer " + key + b"\r\n" + fields + b"\r\n" + body)


def chunked(key, text, more=b""):
    return post(key, b"Transfer-Encoding: chunked\r\n" + more, text)


def whole(size=None, tail=b"\r\n", extension=b""):
    return (size or b"%x" % len(BODY)) + extension + b"\r\n" + BODY + tail + b"0\r\n\r\n"


def test_what_is_a_request(shop):
    with serving(shop) as server:
        key = server.admin.encode()
        length = b"Content-Length: %d\r\n" % len(BODY)
        cases = {
            "plain": GET + END,
            "names in any case": b"GET /health HTTP/1.1\r\nhOsT: localhost\r\ncOnNeCtIoN: ClOsE\r\n\r\n",
            "no value": GET + b"X-Empty:\r\n" + END,
            "blanks around a value": GET + b"X-Blank: \t a \t \r\n" + END,
            "no blank before a value": b"GET /health HTTP/1.1\r\nHost:localhost\r\n" + END,
            "bytes past ASCII in a value": GET + b"X-Name: \xc3\xa4\xff\r\n" + END,
            "every character of a name": GET + b"!#$%&'*+-.^_`|~09azAZ: x\r\n" + END,
            "the same field again": GET + b"X-A: 1\r\nX-A: 2\r\n" + END,
            "a question": b"GET /health?a=%20b&c HTTP/1.1\r\nHost: localhost\r\n" + END,
            "the whole address": b"GET http://localhost/health HTTP/1.1\r\nHost: localhost\r\n" + END,
            "an older version": b"GET /health HTTP/1.0\r\n\r\n",
            "another protocol is offered": GET + b"Upgrade: h2c, websocket\r\nConnection: close, Upgrade\r\nHTTP2-Settings: AAMAAABkAAQ\r\n\r\n",
            "a body": post(key, length + b"Connection: close\r\n", BODY),
            "a body of no bytes": GET + b"Content-Length: 0\r\n" + END,
            "one chunk": chunked(key, whole()),
            "many chunks": chunked(key, b"".join(b"1\r\n%c\r\n" % byte for byte in BODY) + b"0\r\n\r\n"),
            "a size with zeros": chunked(key, whole(b"000%X" % len(BODY))),
            "a chunk's extension": chunked(key, whole(extension=b';name="a;b"')),
            "a trailer": chunked(key, whole()[:-2] + b"X-Sum: 1\r\n\r\n"),
            "chunked in any case": post(key, b"transfer-encoding: CHUNKED\r\n", whole()),
            "what is expected": post(key, length + b"Expect: 100-continue\r\nConnection: close\r\n", BODY),
        }
        answers = {name: statuses(server.raw(data)) for name, data in cases.items()}
        odd = {name: got for name, got in answers.items() if [code for code in got if code != 100] != [200]}
        assert odd == {}
        for data in (GET + END, cases["a body"], cases["one chunk"]):  # a byte at a time
            assert statuses(server.raw(None, [data[at : at + 1] for at in range(len(data))])) == [200]
        assert statuses(server.raw(GET + b"\r\n" + cases["a body"].replace(b"Connection: close\r\n", b"") + cases["one chunk"] + GET + END)) == [200] * 4


def test_what_is_none(shop):
    """Each is refused, or the connection is closed, and what stands behind it is not looked at."""
    with serving(shop) as server:
        key = server.admin.encode()
        size = b"%d" % len(BODY)
        lines = {
            "no version": b"GET /health\r\nHost: localhost\r\n\r\n", "no address": b"GET HTTP/1.1\r\nHost: localhost\r\n\r\n", "no method": b" /health HTTP/1.1\r\nHost: localhost\r\n\r\n",
            "two blanks": b"GET  /health HTTP/1.1\r\nHost: localhost\r\n\r\n", "a tab": b"GET\t/health\tHTTP/1.1\r\nHost: localhost\r\n\r\n",
            "a blank behind": b"GET /health HTTP/1.1 \r\nHost: localhost\r\n\r\n", "a blank before": b" GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n",
            "a blank in the address": b"GET /hea lth HTTP/1.1\r\nHost: localhost\r\n\r\n", "a fragment": b"GET /health#x HTTP/1.1\r\nHost: localhost\r\n\r\n",
            "a later version": b"GET /health HTTP/2.0\r\nHost: localhost\r\n\r\n", "HTTP/2 itself": b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", "version 0.9": b"GET /health HTTP/0.9\r\nHost: localhost\r\n\r\n",
            "a longer version": b"GET /health HTTP/1.10\r\nHost: localhost\r\n\r\n", "a small version": b"GET /health http/1.1\r\nHost: localhost\r\n\r\n",
            "another protocol": b"GET /health HTTPS/1.1\r\nHost: localhost\r\n\r\n", "a version with a blank": b"GET /health HTTP/ 1.1\r\nHost: localhost\r\n\r\n",
            "a small method": b"get /health HTTP/1.1\r\nHost: localhost\r\n\r\n", "an odd method": b"G(T /health HTTP/1.1\r\nHost: localhost\r\n\r\n", "a zero in the method": b"G\0T /health HTTP/1.1\r\nHost: localhost\r\n\r\n",
            "a tunnel": b"CONNECT localhost:80 HTTP/1.1\r\nHost: localhost:80\r\n\r\n", "a zero in the address": b"GET /hea\0lth HTTP/1.1\r\nHost: localhost\r\n\r\n",
            "a long address": b"GET /" + b"a" * 100000 + b" HTTP/1.1\r\nHost: localhost\r\n\r\n", "a secure address": b"GET https://localhost/health HTTP/1.1\r\nHost: localhost\r\n\r\n",
            "TLS": b"\x16\x03\x01\x00\xa5\x01\x00\x00\xa1\x03\x03" + b"\x55" * 200, "no line": b"\0\0\0\0\r\n\r\n",
        }  # fmt: skip
        fields = {
            "no host": b"GET /health HTTP/1.1\r\n\r\n", "two hosts": GET + b"Host: localhost\r\n\r\n", "a host with a blank": b"GET /health HTTP/1.1\r\nHost: local host\r\n\r\n",
            "a host with a path": b"GET /health HTTP/1.1\r\nHost: localhost/x\r\n\r\n", "a host with a name": b"GET /health HTTP/1.1\r\nHost: me@localhost\r\n\r\n",
            "a blank before the colon": GET + b"X-A : 1\r\n\r\n", "a folded line": GET + b"X-A: 1\r\n 2\r\n\r\n", "a blank before the first": b"GET /health HTTP/1.1\r\n Host: localhost\r\n\r\n",
            "no colon": GET + b"X-A\r\n\r\n", "no name": GET + b": 1\r\n\r\n", "a blank in a name": GET + b"X A: 1\r\n\r\n", "an odd name": GET + b"X(A): 1\r\n\r\n",
            "a name past ASCII": GET + b"X-\xc3\xa4: 1\r\n\r\n", "a zero": GET + b"X-A: a\0b\r\n\r\n", "a control character": GET + b"X-A: a\x01b\r\n\r\n", "a delete": GET + b"X-A: a\x7fb\r\n\r\n",
            "a return alone": GET + b"X-A: a\rb\r\n\r\n", "a return before the end": GET + b"X-A: a\r\r\n\r\n", "a long head": GET + b"X-A: " + b"a" * 300000 + b"\r\n\r\n",
            "many fields": GET + b"X-A: 1\r\n" * 5000 + b"\r\n", "another expectation": post(key, b"Content-Length: " + size + b"\r\nExpect: wonders\r\n", BODY),
        }  # fmt: skip
        lengths = {f"length {text!r}": post(key, b"Content-Length: " + text + b"\r\n", BODY) for text in (
            b"", b"+" + size, b"-1", b"0x19", b"2 5", b"1e1", b"25.0", b"99999999999999999999", b"18446744073709551616", b"-9223372036854775808", b"25,26", b'"25"', b"\xd9\xa2")}  # fmt: skip
        lengths["two lengths"] = post(key, b"Content-Length: 5\r\nContent-Length: " + size + b"\r\n", BODY)
        codings = {f"coding {text!r}": post(key, b"Transfer-Encoding: " + text + b"\r\n", whole()) for text in (
            b"gzip", b"identity", b"xchunked", b"chunked, gzip", b"chunked, chunked", b"gzip, chunked", b"chunked;a=b", b"", b"\x0bchunked", b"chunked\x0c")}  # fmt: skip
        codings["length and chunks"] = post(key, b"Content-Length: " + size + b"\r\nTransfer-Encoding: chunked\r\n", whole())
        codings["chunks and length"] = post(key, b"Transfer-Encoding: chunked\r\nContent-Length: 3\r\n", whole())
        codings["two codings"] = post(key, b"Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n", whole())
        codings["chunks of an older version"] = chunked(key, whole()).replace(b"HTTP/1.1", b"HTTP/1.0")
        chunks = {f"chunk {text!r}": chunked(key, whole(text)) for text in (
            b"-19", b"+19", b"0x19", b"g", b" 19", b"19 x", b"ffffffffffffffffff", b"10000000000000019", b"1_9", b"19\0", b"19,")}  # fmt: skip
        chunks |= {"no end of a chunk": chunked(key, whole(tail=b"")), "a chunk that is longer": chunked(key, whole(tail=b"x\r\n")),
                   "a new line alone": chunked(key, b"19\n" + BODY + b"\r\n0\r\n\r\n"), "a return alone behind": chunked(key, b"19\r" + BODY + b"\r\n0\r\n\r\n"),
                   "an extension without end": chunked(key, b"19;" + b"a" * 2**20 + b"\r\n" + BODY + b"\r\n0\r\n\r\n"),
                   "a trailer that is none": chunked(key, whole()[:-2] + b"no colon\r\n\r\n"), "a zero in an extension": chunked(key, whole(extension=b";\0"))}  # fmt: skip
        cases = lines | fields | lengths | codings | chunks
        answers = {name: statuses(server.raw(data + SMUGGLED)) for name, data in cases.items()}
        whole_ones = {"a small method", "a tunnel", "a secure address"}  # requests that are refused, and end where they should
        assert all(answers.pop(name)[0] >= 400 for name in whole_ones)
        odd = {name: got for name, got in answers.items() if len(got) > 1 or any(code < 400 for code in got)}
        assert odd == {}
        assert server.json("GET", "/ready")["status"] == "ready"
