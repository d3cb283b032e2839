"""What other parsers' lists of cases ask of a server (h1spec's and llhttp's requests, told here in our own words), one by one: who is answered and heard again, who is
answered for the last time, and who is refused with what stands behind it unread.

Of h1spec all 33 are here. Of llhttp's 251, those that are left out ask nothing of a server that is strict:
  responses         heads and bodies that a client reads; libcurl does that here
  lenient twins     the same bytes as a strict case, read in a mode that this server does not have: the strict case is here, and is refused
  pauses            where a caller of that library may stop it; the same bytes are cut at every place below
  flags             that the library resets its state between two requests: every case here has a request behind it
"""

import pytest
from serving import serving
from test_serve_framing import BODY, END, GET, chunked, post, shop, statuses, whole  # noqa: F401

HOST = b"Host: localhost\r\n"
NEXT = GET + END
SIZE = len(BODY)


@pytest.fixture
def server(shop):  # noqa: F811
    with serving(shop) as started:
        yield started


def line(text, fields=b""):
    return text + b"\r\n" + HOST + fields + b"\r\n"


def heard_again(key):
    """Requests, with their status, behind which the next one is answered."""
    length = b"Content-Length: %d\r\n" % SIZE
    return {
        # lines
        "quotes in an address": (line(b'GET /a_"nice"_place?b=\\"c\\" HTTP/1.1'), 404),
        "two question marks": (line(b"GET /health?a=b?c HTTP/1.1"), 200),
        "an upright line in the query": (line(b"GET /health?q=| HTTP/1.1"), 200),
        "the whole address": (b"GET http://localhost:1234/health?q=1 HTTP/1.1\r\nHost: localhost:1234\r\n\r\n", 200),
        "an address with a scheme of its own": (line(b"GET schema:/path?query=value HTTP/1.1"), 400),
        "a whole address of another host": (line(b"GET http://localhost:1234/health HTTP/1.1"), 400),
        "a whole address that ends with the host": (line(b"GET http://localhost?q=1 HTTP/1.1"), 400),
        "a whole address with a password": (line(b"GET http://a%12:b!&*$@localhost:1234/health HTTP/1.1"), 400),
        "only the head": (line(b"HEAD /health HTTP/1.1"), 200),
        "what may be done": (line(b"OPTIONS /health HTTP/1.1", b"Second:\t Value\r\n"), 405),
        "what may be done at all": (line(b"OPTIONS * HTTP/1.1"), 400),
        **{f"method {name}": (line(name.encode() + b" /health HTTP/1.1"), 405) for name in (
            "REPORT", "PATCH", "PURGE", "SEARCH", "LINK", "UNLINK", "SOURCE", "M-SEARCH", "MKCOL", "MKCOLA", "PROPFIND", "QUERY", "DELETE", "PUT")},
        "an empty line before": (b"\r\n" + GET + b"\r\n", 200),
        # fields
        "a tab before the host": (b"GET / HTTP/1.1\r\nhoSt:\tlocalhost\r\nempty:\r\n\r\n", 200),
        "a value of signs": (line(b"GET /health HTTP/1.1", b"aaaaaaaaaaaaa:++++++++++\r\n"), 200),
        "letters of another alphabet": (line(b"GET /health HTTP/1.1", "Test: Düsseldorf\r\n".encode()), 200),
        "byte 255": (line(b"GET /health HTTP/1.1", b"Test: \xffValue\r\n"), 200),
        "what a browser sends": (line(b"GET /favicon.ico HTTP/1.1", b"User-Agent: Mozilla/5.0 (X11; Linux) Gecko/2008 Firefox/3.0\r\nAccept: text/html,*/*;q=0.8\r\n"
                                      b"Accept-Language: en-us,en;q=0.5\r\nAccept-Encoding: gzip,deflate\r\nKeep-Alive: 300\r\nConnection: keep-alive\r\n"), 404),
        "links": (line(b"GET /health HTTP/1.1", b'Link: <http://a.org/x>; rel="tag"\r\nLink: <http://a.org/y>; rel="tag"\r\n'), 200),
        "100 is asked for without a body": (line(b"GET /health HTTP/1.1", b"Expect: 100-continue\r\n"), 200),
        # staying
        "it stays": (line(b"GET /health HTTP/1.1", b"Connection: keep-alive\r\n"), 200),
        "an old one that stays": (line(b"GET /health HTTP/1.0", b"Connection: keep-alive\r\n"), 200),
        "a proxy's word": (line(b"GET /health HTTP/1.1", b"Proxy-Connection: close\r\n"), 200),
        "another protocol is offered": (line(b"GET /health HTTP/1.1", b"Connection: keep-alive, upgrade\r\nUpgrade: WebSocket\r\nSec-WebSocket-Key1: 4 @1  46546xW%0l 1 5\r\n"), 200),
        "the same with a body": (post(key, b"Connection: Upgrade\r\nUpgrade: HTTP/2.0\r\n" + length, BODY), 200),
        # lengths
        "a length with zeros": (post(key, b"Content-Length: 00%d\r\n" % SIZE, BODY), 200),
        "a length with zeros, and more fields": (post(key, b"Content-Length: 00%d\r\nOhai: world\r\n" % SIZE, BODY), 200),
        "a length between blanks": (post(key, b"Content-Length:  %d \r\n" % SIZE, BODY), 200),
        "no body where one is needed": (post(key, b"", b""), 400),
        # chunks
        "a small size": (chunked(key, whole(b"%x" % SIZE)), 200),
        "a large size": (chunked(key, whole(b"%X" % SIZE)), 200),
        "an end of three zeros": (chunked(key, whole()[:-5] + b"000\r\n\r\n"), 200),
        "fields behind the chunks": (chunked(key, whole()[:-2] + b"Vary: *\r\nContent-Type: text/plain\r\n\r\n"), 200),
        "a word about a chunk": (chunked(key, whole(extension=b";nice;very=much;other=thing")), 200),
        "a word in quotes": (chunked(key, whole(extension=b';a="I \\"like\\"; \\\\this\\\\";b="c";d;e=f')), 200),
        "a list of one coding": (post(key, b"Transfer-Encoding: chunked\r\nX-Transfer-Encoding: deflate\r\n", whole()), 200),
        "a length, and a field that ends as it does": (post(key, b"X-Content-Length: 1\r\n" + length, BODY), 200),
        "a tab before the coding": (post(key, b"Transfer-Encoding:\tchunked\r\n", whole()), 200),
        "a blank behind the coding": (post(key, b"Transfer-encoding: chunked \r\n", whole()), 200),
    }  # fmt: skip


def answered_last(key):
    """Requests that are answered; the connection ends as they ask, or because a body was not read."""
    return {
        "it goes": (line(b"GET /health HTTP/1.1", b"Connection: close\r\n"), 200),
        "it goes, among other words": (line(b"GET /health HTTP/1.1", b"Connection: close, token, upgrade, token, keep-alive\r\n"), 200),
        "an old one": (line(b"GET /health HTTP/1.0", b"User-Agent: ApacheBench/2.3\r\n"), 200),
        "an old one with a body": (post(key, b"conTENT-Length: %d\r\n" % SIZE, BODY).replace(b"HTTP/1.1", b"HTTP/1.0"), 200),
        "a body where none is taken": (line(b"GET /health HTTP/1.1", b"Content-Length: 5\r\n") + b"HELLO", 415),
        "chunks where none are taken": (line(b"GET /health HTTP/1.1", b"Transfer-Encoding: chunked\r\n") + b"0\r\n\r\n", 415),
        "a body for the page": (line(b"POST / HTTP/1.1", b"Content-Length: 5\r\n") + b"hello", 405),
        "another coding first": (post(key, b"Transfer-Encoding: deflate, chunked\r\n", whole()), 501),
        "a later version": (line(b"GET / HTTP/9.9"), 505),
        "streaming's method": (line(b"ANNOUNCE /health HTTP/1.0"), 405),
        "data behind the end": (line(b"POST /v1/none HTTP/1.1", b"Connection: close\r\nContent-Length: 4\r\n") + b"q=42\r\n", 404),
    }  # fmt: skip


def refused(key):
    """What is no request."""
    length = b"Content-Length: %d\r\n" % SIZE
    return {
        # lines
        "no version": b"GET / \r\n\r\n", "no version, and no blank": b"GET /\r\n\r\n", "words before": line(b"Extra lineGET / HTTP/1.1"), "version 5.6": line(b"GET / HTTP/5.6"),
        "letters of another alphabet": line("GET /δ¶/δt/pope?q=1 HTTP/1.1".encode()), "a blank in the address": line(b"GET /foo bar/ HTTP/1.1"),
        "a tunnel with data": b"CONNECT 0-home0.example.com:443 HTTP/1.0\r\nUser-agent: x\r\n\r\nsome data\r\nand more\r\n",
        "a tunnel in capitals": b"CONNECT HOME0.EXAMPLE.COM:443 HTTP/1.0\r\nUser-agent: x\r\n\r\n", "a tunnel's odd host": b"CONNECT home_0.example.com:443 HTTP/1.0\r\n\r\n",
        "radio's protocol": line(b"GET /music HTTP/1.1").replace(b"HTTP/1.1", b"ICE/1.0"), "nearly the protocol": line(b"GET /music IHTTP/1.0"), "video's protocol": line(b"PUT /music RTSP/1.0"),
        "a blank behind the line": b"GET / HTTP/1.1\r\n Host: localhost\r\n\r\n", "new lines alone": b"GET /health HTTP/1.1\nHost: localhost\n\n", "a new line before": b"\n" + GET + b"\r\n",
        # fields
        "no host": b"GET / HTTP/1.1\r\nContent-Length: 5\r\n\r\n", "two hosts": b"GET / HTTP/1.1\r\nHost: localhost\r\nHost: example.org\r\n\r\n", "an odd host": b"GET /test HTTP/1.1\r\nHost: 0.0.0.0=5000\r\n\r\n",
        "brackets in a name": GET + b"X-Invalid[]: test\r\n\r\n", "a sign in a name": GET + b"Fo@: Failure\r\n\r\n", "a control character in a name": GET + b"Foo\x01\\test: Bar\r\n\r\n", "no name": GET + b": Bar\r\n\r\n",
        "a form feed in a value": GET + b"Header1: \f\r\n\r\n", "a form feed between letters": GET + b"Header1: hello\fworld\r\n\r\n", "a field behind a blank": GET + b" Header1: value\r\n\r\n",
        "two other hosts": b"GET / HTTP/1.1\r\nhost: www.example.org\r\nhost: example.com\r\n\r\n", "a fragment": line(b"GET /forums/1?page=1#posts-17408 HTTP/1.1"),
        "a whole address with a fragment": line(b"GET http://localhost/path?query=value#schema HTTP/1.1"),
        "a folded proxy's field": GET + b"Line4: \r\n \r\n\r\n", "fields over lines with new lines alone": b"GET / HTTP/1.1\nLine1:   abc\n\tdef\n ghi\nLine3:\n line3\nConnection:\n close\n\n",
        "a bell in a value": GET + b"X-Bad: test\x07\r\n\r\n", "a name over two lines": GET + b"name\r\n : value\r\n\r\n",
        "a value over several lines": GET + b"Line1:   abc\r\n\tdef\r\n ghi\r\n\t\tjkl\r\n\r\n", "the last word over two lines": GET + b"Connection:\r\n close\r\n\r\n", "tokens over two lines": GET + b"Connection: keep-alive, \r\n upgrade\r\n\r\n",
        "a certificate over many lines": GET + b"X-SSL:   -----BEGIN-----\r\n" + b"\tMIIFbTCCBFWgAwIBAgICH4cwDQYJ\r\n" * 20 + b"\r\n",
        "a return between fields": GET + b"Foo: 1\rBar: 2\r\n\r\n", "a return and other bytes": GET + b"\rZGET /evil: HTTP/1.1\r\nHost: a\r\n\r\n", "a return before a field": GET + b"\rSome-Header: Test\r\n\r\n",
        "a return behind no value": post(key, b"x:\rTransfer-Encoding: chunked\r\n", whole()), "a new line behind no value": post(key, b"x:\nTransfer-Encoding: chunked\r\n", whole()),
        "a new line between fields": post(key, b"x:x\nTransfer-Encoding: chunked\r\n", whole()), "a new line before a length": GET + b"Dummy: x\nContent-Length: 23\r\n\r\nGET / HTTP/1.1\r\nDummy: ",
        "a field that is broken": GET + b"Connection\r\x1b\x35\xd5eep-Alive\r\nAccept-Encoding: gzip\r\n\r\n", "a name that is broken": GET + b"X-Some\r\x1b\x35\xd5eep-Alive\r\n\r\n",
        "a length behind a blank": GET + b"Foo: bar\r\n Content-Length: 38\r\n\r\n", "a return in a name": post(key, b"Content\rLength: 003\r\n", b"abc"),
        # lengths
        "a length too far": post(key, b"Content-Length: 1000000000000000000000\r\n", BODY), "a length below nothing": post(key, b"Content-Length: -1234\r\n", BODY),
        "a length far below": post(key, b"Content-Length: -123456789123456789123456789\r\n", BODY), "a length of letters": post(key, b"Content-Length: abc\r\n", BODY),
        "no length": post(key, b"Content-Length:\r\n", BODY), "a length in two": post(key, b"Content-Length: 4 2\r\n", BODY), "a length in two parts": post(key, b"Content-Length: 13 37\r\n", BODY),
        "two lengths": post(key, b"Content-Length: 1\r\nContent-Length: 2\r\n", BODY), "the same length twice": post(key, length + length, BODY),
        # codings
        "length and coding": post(key, length + b"Transfer-Encoding: chunked\r\n", whole()), "length and no coding": post(key, b"Transfer-Encoding:\r\n" + length, BODY),
        "length and empty codings": post(key, b"Content-Length: 10\r\n" + b"Transfer-Encoding:\r\n" * 3, b"2\r\nAA\r\n0\r\n"), "identity and length": post(key, b"Transfer-Encoding: identity\r\n" + length, BODY),
        "length and identity": post(key, b"Content-Length: 1\r\nTransfer-Encoding: identity\r\n", BODY), "no known coding": post(key, b"Transfer-Encoding: pigeons\r\n", BODY),
        "another coding last": post(key, b"Transfer-Encoding: chunked, deflate\r\n", BODY), "another coding in another field": post(key, b"Transfer-Encoding: chunked\r\nTransfer-Encoding: deflate\r\n", BODY),
        "another coding before, in another field": post(key, b"Transfer-Encoding: deflate\r\nTransfer-Encoding: chunked\r\n", whole()), "chunked twice": post(key, b"Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n", whole()),
        "chunkedchunked": post(key, b"Transfer-Encoding: chunkedchunked\r\n", whole()), "a coding over two lines": post(key, b"Transfer-Encoding: chunked\r\n  abc\r\n", whole()),
        "a blank behind the coding's name": post(key, b"Transfer-Encoding : chunked\r\n", whole()),
        # chunks
        "no last chunk": chunked(key, b"3\r\nfoo\r\n\r\n\r\n"), "a blank and more behind a size": chunked(key, b"3 \n  \r\nfoo\r\n0\r\n\r\n"), "a blank behind a size": chunked(key, whole(b"%x " % SIZE)),
        "no semicolon": chunked(key, whole(extension=b" erfrferferf")), "nothing behind a semicolon": chunked(key, whole(extension=b";")), "a quote without end": chunked(key, whole(extension=b';a="b";c="def; ghi')),
        "returns behind a size": chunked(key, b"5\r\r;ABCD\r\n34\r\nE\r\n0\r\n\r\n"), "no end behind the bytes": chunked(key, b"5\r\nABCDE0\r\n\r\n"), "a control character in a word": chunked(key, whole(extension=b";a=b\x01")),
        "a return instead of a size's end": chunked(key, b"6\r\r;ABCD\r\n33\r\nE\r\n0\r\n\r\n"), "chunks that end early": chunked(key, b"a \r\n0123456789\r\n0\r\n\r\n"),
        "a return in a word": chunked(key, whole(extension=b";a=b\rx")), "chunks with new lines alone": chunked(key, b"1\nA\n1;abc\nB\n0\n\nBaz: ghi\n\n"),
    }  # fmt: skip


def test_who_is_heard_again(server):
    answers = {name: (statuses(server.raw(data + NEXT)), status) for name, (data, status) in heard_again(server.admin.encode()).items()}
    assert {name: got for name, (got, status) in answers.items() if [code for code in got if code != 100] != [status, 200]} == {}


def test_who_is_answered_for_the_last_time(server):
    answers = {name: (statuses(server.raw(data + NEXT)), status) for name, (data, status) in answered_last(server.admin.encode()).items()}
    assert {name: got for name, (got, status) in answers.items() if got != [status]} == {}


def test_who_is_refused(server):
    answers = {name: statuses(server.raw(data + NEXT)) for name, data in refused(server.admin.encode()).items()}
    assert {name: got for name, got in answers.items() if len(got) > 1 or any(code < 400 for code in got)} == {}
    assert server.json("GET", "/ready")["status"] == "ready"


def test_a_body_in_two_pieces_is_waited_for(server):
    """Wherever it is cut, in the head, in a chunk's size or in the bytes: it is answered once, and so is the request behind it."""
    key = server.admin.encode()
    for request in (post(key, b"Content-Length: %d\r\n" % SIZE, BODY), chunked(key, b"a;b=c\r\n" + BODY[:10] + b"\r\n%X\r\n" % (SIZE - 10) + BODY[10:] + b"\r\n0\r\nVary: *\r\n\r\n")):
        data = request + NEXT
        assert {at: got for at in range(1, len(data)) if (got := statuses(server.raw(None, [data[:at], data[at:]]))) != [200, 200]} == {}


def test_requests_one_behind_the_other(server):
    """Each is answered once and in order; the last is a byte short, so nobody answers it."""
    key = server.admin.encode()
    one = post(key, b"Content-Length: %d\r\n" % SIZE, BODY)
    short = post(key, b"Content-Length: %d\r\n" % (SIZE + 1), BODY)
    assert statuses(server.raw(one + chunked(key, whole()) + one + short)) == [200, 200, 200]
    unread = one.replace(b"POST", b"PATCH")  # not spoken there: the body is not read, and neither is what stands behind it
    assert statuses(server.raw(one + unread + one)) == [200, 405]


def test_an_end_inside_of_a_request_is_none(server):
    """What ends in the head or in the body is no request, whatever came before it."""
    for cut in (b"PUT / HTTP/1.1\r\nContent-Length: 100\r\n", b"PUT / HTTP/1.1\r\nContent-Leng", post(server.admin.encode(), b"Content-Length: 100\r\n", BODY)):
        assert statuses(server.raw(GET + b"\r\n" + cut)) == [200]


def test_a_request_in_two_pieces_is_waited_for(server):
    """Wherever it is cut: nothing is answered to the first piece, and the whole is answered once."""
    request = b"GET /health HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
    assert {at: got for at in range(1, len(request)) if (got := statuses(server.raw(None, [request[:at], request[at:]]))) != [200]} == {}
    for at in range(1, len(request)):  # and the first piece alone is no request
        with server.connect() as connection:
            connection.sendall(request[:at])
            connection.shutdown(1)
            got = b"".join(iter(lambda: connection.recv(65536), b""))  # noqa: B023
            assert statuses(got) in ([], [400]), (at, got)
