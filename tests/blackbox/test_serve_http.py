"""`assay serve`: what it does with clients that are broken, slow, hostile, or many."""

import contextlib
import http.server
import json
import os
import random
import re
import select
import signal
import socket
import threading
from pathlib import Path

import pytest
from browser import chromium
from serving import serving, until

PUBLIC = {("GET", "/"), ("GET", "/health"), ("GET", "/ready"), ("GET", "/openapi.json")}


@pytest.fixture
def shop(project):
    project.write("docs/refunds.md", "# Refunds\n\nThe refund window is thirty days.\n")
    project.add()
    return project


def status(answer):
    return int(answer.split(b" ", 2)[1]) if answer else 0


def request(*lines, body=b""):
    return b"\r\n".join([line.encode("latin-1") for line in lines]) + b"\r\n\r\n" + body


def test_first_start_makes_an_admin_key_once(shop):
    with serving(shop) as server:
        assert server.admin.startswith("assay_")
        assert server.json("GET", "/v1/models")["object"] == "list"
    with serving(shop) as server:
        assert "admin_key" not in server.greeting
    keys = shop.run("key", "list", "--json").json()["keys"]
    assert [(key["name"], key["groups"]) for key in keys] == [("admin", ["@admin"])]


def test_every_route_but_the_public_ones_wants_a_key(shop):
    """The list of routes is read from the program's own table, so that none is left out."""
    import pathlib

    source = pathlib.Path(__file__).resolve().parents[2] / "src/server/route.c"
    routes = re.findall(r'\{"([A-Z]+)", "(/[^"]*)", (RIGHT_[A-Z]+)', source.read_text())
    assert len(routes) > 15
    assert {(method, path) for method, path, right in routes if right == "RIGHT_NONE"} == PUBLIC
    with serving(shop) as server:
        for method, path, right in routes:
            path = re.sub(r"\{[a-z]+\}", "x", path)
            body = b"{}" if method == "POST" else None
            for key in (None, "", "sk-nothing", "assay_" + "a" * 38):
                got, headers, content = server.ask(method, path, body, key=key)
                if right == "RIGHT_NONE":
                    assert got == 200
                else:
                    assert got == 401 and headers["WWW-Authenticate"] == "Bearer", (path, key, content)
        assert server.error("GET", "/metrics", status=401, key=None)["type"] == "authentication_error"


def test_other_fields_do_not_say_who_asks(shop):
    with serving(shop) as server:
        for name in ("X-User", "X-Forwarded-User", "Cookie", "X-Request-Id", "X-Original-URL"):
            assert server.ask("GET", "/v1/models", key=None, headers={name: server.admin})[0] == 401
        assert server.ask("GET", "/v1/models", key=None, headers={"x-api-key": server.admin})[0] == 200
        assert server.ask("GET", "/v1/models", headers={"x-api-key": server.admin})[0] == 400
        wanted = server.ask("GET", "/health", headers={"X-Request-Id": "mine"})[1]["X-Request-Id"]
        assert wanted != "mine"


def test_statuses(shop):
    with serving(shop) as server:
        assert server.error("GET", "/v1/nothing", status=404)["code"] == "unknown_url"
        assert server.ask("DELETE", "/v1/models")[0] == 405
        assert server.ask("PUT", "/v1/search", b"{}")[1]["Allow"] == "POST"
        assert server.error("POST", "/v1/search", b"{", status=400)["type"] == "invalid_request_error"
        assert server.error("POST", "/v1/search", [], status=400)
        assert server.error("POST", "/v1/search", b"query=x", status=415, headers={"Content-Type": "text/plain"})
        assert server.error("POST", "/v1/search", b"x", status=415, headers={"Content-Encoding": "gzip"})
        got, headers, content = server.ask("HEAD", "/health", key=None)
        assert (got, headers["Content-Length"], content) == (200, "15", b"")
        assert server.error("GET", "/metrics", status=403, key=shop.run("key", "add", "plain").out.strip())
        assert server.ask("GET", "/metrics", key=shop.run("key", "add", "m", "--groups", "@metrics").out.strip())[0] == 200


@pytest.mark.parametrize("path", ["/v1/../etc/passwd", "/v1/%2e%2e/models", "/v1//models", "/v1/models//", "//v1/models", "/v1/models/a%2f..%5c",
                                  "/v1/models/%00", "/v1/models/%zz", "/v1/models/%5c", "/./v1/models", "http://other/v1/models", "*"])  # fmt: skip
def test_paths_that_could_be_read_in_two_ways(shop, path):
    with serving(shop) as server:
        answer = server.raw(request(f"GET {path} HTTP/1.1", "Host: localhost", f"Authorization: Bearer {server.admin}", "Connection: close"))
        assert status(answer) == 400, answer


@pytest.mark.parametrize(("path", "code"), [("/v1/models/", "unknown_url"), ("/health/", "unknown_url"), ("/v1%2fmodels", "unknown_url"), ("/v1/models/no%2Fpe", "model_not_found"),
                                            ("/v1/models/no/pe", "model_not_found"), ("/v1/models/builtin/", "model_not_found")])  # fmt: skip
def test_paths_of_nothing(shop, path, code):
    """A slash behind a path, or in a name, as of models that others call "owner/name"."""
    with serving(shop) as server:
        assert server.error("GET", path, status=404)["code"] == code


def test_file_ids_lead_to_no_file_beside_the_documents(shop):
    import base64

    with serving(shop) as server:
        for path in ("../../etc/passwd", "/etc/passwd", "assay.yaml", ".assay/assay.db", "docs/../assay.yaml", "/proc/self/environ"):
            code = "file-" + base64.urlsafe_b64encode(path.encode()).decode().rstrip("=")
            for place in ("/v1/files/{}", "/v1/files/{}/content", "/v1/documents/{}", "/v1/vector_stores/vs_documents/files/{}/content"):
                assert server.ask("GET", place.format(code))[0] == 404
        for name in ("..", "...", "file-", "file-!!", "file-AA"):
            assert server.ask("GET", f"/v1/files/{name}")[0] in (400, 404)
        for name in ("../models/x", "/etc", "..", "a/b", "a\\b", ""):
            assert server.error("POST", "/v1/embeddings", {"model": name, "input": "x"}, status=404)["code"] == "model_not_found"


@pytest.mark.parametrize("host", ["evil.example", "evil.example:80", "127.0.0.1.evil.example", "localhost.evil.example", "10.0.0.1", "[2001:db8::1]"])
def test_called_by_a_foreign_name(shop, host):
    with serving(shop) as server:
        answer = server.raw(request("GET /health HTTP/1.1", f"Host: {host}"))
        assert status(answer) == 403 and b"server.hosts" in answer


def test_called_by_its_own_names(shop):
    settings = shop.path / "assay.yaml"
    settings.write_text(settings.read_text().replace("hosts: []", "hosts: [assay.corp]"))
    with serving(shop) as server:
        for host in ("localhost", f"127.0.0.1:{server.port}", "[::1]:9", "LOCALHOST:1", "assay.corp", "assay.corp:8080"):
            assert status(server.raw(request("GET /health HTTP/1.1", f"Host: {host}"))) == 200, host


def test_pages_of_other_sites(shop):
    settings = shop.path / "assay.yaml"
    settings.write_text(settings.read_text().replace("origins: []", "origins: [https://wiki.corp]"))
    with serving(shop) as server:
        for origin in ("https://evil.example", "null", "https://wiki.corp.evil.example", "http://wiki.corp", f"http://127.0.0.1:{server.port + 1}"):
            got, headers, _ = server.ask("GET", "/v1/models", headers={"Origin": origin})
            assert got == 403 and "Access-Control-Allow-Origin" not in headers
        got, headers, _ = server.ask("GET", "/v1/models", headers={"Origin": "https://wiki.corp"})
        assert (got, headers["Access-Control-Allow-Origin"], headers["Vary"]) == (200, "https://wiki.corp", "Origin")
        assert "Access-Control-Allow-Credentials" not in headers
        assert server.ask("GET", "/v1/models", headers={"Origin": f"http://127.0.0.1:{server.port}"})[0] == 200
        got, headers, _ = server.ask("OPTIONS", "/v1/search", key=None, headers={"Origin": "https://wiki.corp"})
        assert got == 204 and headers["Access-Control-Allow-Headers"] == "authorization, *"


def test_a_usual_port_may_stand_there(shop):
    """As some proxies write it into Host, and people into assay.yaml."""
    settings = shop.path / "assay.yaml"
    before = settings.read_text()
    settings.write_text(before.replace("hosts: []", "hosts: [assay.corp]").replace("origins: []", "origins: ['https://wiki.corp:443', 'http://old.corp']"))
    with serving(shop) as server:
        for host, origin, wanted in (("assay.corp:443", "https://assay.corp", 200), ("assay.corp", "https://assay.corp:443", 200), ("assay.corp:80", "http://assay.corp", 200),
                                     ("assay.corp:443", "http://assay.corp", 403), ("assay.corp:8443", "https://assay.corp", 403), ("assay.corp", "https://wiki.corp", 200),
                                     ("assay.corp", "http://old.corp:80", 200), ("assay.corp", "https://old.corp", 403), ("assay.corp", "http://wiki.corp", 403)):  # fmt: skip
            assert server.ask("POST", "/v1/search", {"query": "refund"}, headers={"Host": host, "Origin": origin})[0] == wanted, (host, origin)
    for name, values in (("origins", ("https://wiki.corp/", "wiki.corp", "*", "https://")), ("hosts", ("https://assay.corp", "*.corp"))):
        for value in values:
            settings.write_text(before.replace(f"{name}: []", f"{name}: ['{value}']"))
            assert f'"{value}", expected' in shop.run("serve", "--json", "--listen", "127.0.0.1:0", code=1).error()["message"]


def test_a_client_in_a_page_of_another_site(shop):
    """OpenAI's own sends headers that tell of itself, and reads the request's id; in a real browser."""
    page_of = """async ([url, key]) => {
        const answer = await fetch(url + '/search', {method: 'POST', body: '{"query": "refund"}',
            headers: {Authorization: 'Bearer ' + key, 'Content-Type': 'application/json', 'x-stainless-lang': 'js', 'anthropic-version': '2023-06-01'}});
        return [answer.status, answer.headers.get('x-request-id')];
    }"""
    settings = shop.path / "assay.yaml"
    site = http.server.ThreadingHTTPServer(("127.0.0.1", 0), http.server.SimpleHTTPRequestHandler)
    threading.Thread(target=site.serve_forever, daemon=True).start()
    origin = f"http://127.0.0.1:{site.server_address[1]}"
    settings.write_text(settings.read_text().replace("origins: []", f"origins: [{origin}]"))
    with serving(shop) as server, chromium() as browser:
        page = browser.new_page()
        page.goto(origin)
        status, request = page.evaluate(page_of, [server.url, server.admin])
        assert status == 200 and request
    site.shutdown()


def test_many_requests_at_once_on_one_connection(shop):
    one = request("GET /health HTTP/1.1", "Host: localhost")
    last = request("GET /health HTTP/1.1", "Host: localhost", "Connection: close")
    with serving(shop) as server:
        answer = server.raw(one * 9999 + last)
        assert answer.count(b"HTTP/1.1 200 OK") == 10000


def test_a_second_request_is_not_smuggled(shop):
    inner = b"GET /v1/models HTTP/1.1\r\nHost: localhost\r\n\r\n"
    with serving(shop) as server:
        key = f"Authorization: Bearer {server.admin}"
        for fields in (["Content-Length: 5", "Transfer-Encoding: chunked"], ["Content-Length: 0", f"Content-Length: {len(inner)}"],
                       ["Transfer-Encoding: chunked, identity"], ["Transfer-Encoding : chunked"], ["Content-Length: +0"]):  # fmt: skip
            answer = server.raw(request("POST /v1/search HTTP/1.1", "Host: localhost", key, *fields, body=b"0\r\n\r\n" + inner))
            assert answer.count(b"HTTP/1.1") == 1 and status(answer) in (400, 501), answer
            assert b"Connection: close" in answer
        refused = server.raw(request("POST /v1/nothing HTTP/1.1", "Host: localhost", f"Content-Length: {len(inner)}", body=inner))
        assert refused.count(b"HTTP/1.1") == 1 and status(refused) == 404


def test_bodies(shop):
    settings = shop.path / "assay.yaml"
    settings.write_text(settings.read_text().replace("body_max_mb: 64", "body_max_mb: 1"))
    with serving(shop) as server:
        head = ["POST /v1/search HTTP/1.1", "Host: localhost", f"Authorization: Bearer {server.admin}", "Content-Type: application/json"]
        body = b'{"query":"refund"}'
        chunks = b"".join(b"1;x=y\r\n" + bytes([byte]) + b"\r\n" for byte in body) + b"0\r\nTrailer: x\r\n\r\n"
        assert status(server.raw(request(*head, "Transfer-Encoding: chunked", body=chunks))) == 200
        pieces = [bytes([byte]) for byte in request(*head, f"Content-Length: {len(body)}", body=body)]
        assert status(server.raw(b"", pieces)) == 200
        assert status(server.raw(request(*head, "Content-Length: 1048577"))) == 413
        assert status(server.raw(request(*head, "Content-Length: 999999999999999999"))) == 413
        large = b"100000\r\n" + b"x" * 0x100000 + b"\r\n1\r\nx\r\n0\r\n\r\n"
        assert status(server.raw(request(*head, "Transfer-Encoding: chunked", body=large))) == 413
        assert server.json("POST", "/v1/search", {"query": "refund"})["results"]
        expects = request(*head, f"Content-Length: {len(body)}", "Expect: 100-continue", "Connection: close")
        with server.connect() as connection:
            connection.sendall(expects)
            assert connection.recv(100).startswith(b"HTTP/1.1 100 Continue\r\n\r\n")
            connection.sendall(body)
            assert connection.recv(100).startswith(b"HTTP/1.1 200 OK")


def test_a_body_of_many_values(shop):
    with serving(shop) as server:
        body = b'{"query":"refund","more":[' + b"0," * (1 << 19) + b"0]}"
        assert "too many values" in server.error("POST", "/v1/search", body, status=400)["message"]


def send_all(connection, data):
    with contextlib.suppress(BrokenPipeError, ConnectionResetError):
        connection.sendall(data)


def test_large_bodies_want_a_known_key(shop):
    """The refusal comes before the body: it is never sent here, or not to its end."""
    with serving(shop) as server:
        head = ["POST /v1/search HTTP/1.1", "Host: localhost", "Content-Type: application/json"]
        fake = [*head, f"Authorization: Bearer assay_{'a' * 38}"]
        for lines, body in (([*fake, "Content-Length: 1000000"], b""), ([*fake, "Transfer-Encoding: chunked"], b"100000\r\n" + b" " * 200_000),
                            (["GET /health HTTP/1.1", *head[1:], "Content-Length: 1000000"], b"")):  # fmt: skip
            with server.connect() as connection:
                send_all(connection, request(*lines, body=body))
                answer = connection.recv(4096)
                assert status(answer) == 401 and b"Connection: close" in answer
        padded = b" " * 200_000 + b'{"query":"refund"}'
        known = [*head, f"Authorization: Bearer {server.admin}"]
        assert status(server.raw(request(*known, f"Content-Length: {len(padded)}", body=padded))) == 200


def test_bodies_that_do_not_end_hold_up_no_small_ones(shop):
    settings = shop.path / "assay.yaml"
    settings.write_text(settings.read_text().replace("body_max_mb: 64", "body_max_mb: 1"))
    with serving(shop) as server:
        head = request("POST /v1/search HTTP/1.1", "Host: localhost", f"Authorization: Bearer {server.admin}", "Content-Type: application/json",
                       "Content-Length: 1048576")  # fmt: skip
        held = []
        for _ in range(6):
            held.append(server.connect())
            send_all(held[-1], head + b" " * 1048575)
        refused, _, _ = select.select(held, [], [], 10)
        assert refused and all(status(connection.recv(4096)) == 503 for connection in refused)
        assert server.json("POST", "/v1/search", {"query": "refund"})["results"]
        for connection in held:
            connection.close()


def test_heads_without_end(shop):
    with serving(shop) as server:
        assert status(server.raw(b"GET /" + b"a" * 100_000)) == 414
        assert status(server.raw(b"GET / HTTP/1.1\r\nHost: localhost\r\nX: " + b"a" * 1_000_000)) == 431
        assert status(server.raw(b"GET / HTTP/1.1\r\nHost: localhost\r\n" + b"X: y\r\n" * 100_000)) == 431
        assert status(server.raw(b"GET / HTTP/9.9\r\n\r\n")) == 505
        assert server.raw(b"") == b""


def test_malformed_requests(shop):
    """Whole requests with bytes changed, left out, doubled: each is answered or refused, and the server goes on."""
    chance = random.Random(10)
    with serving(shop, "--quiet") as server:
        key = server.admin
        seeds = [request("POST /v1/search HTTP/1.1", "Host: localhost", f"Authorization: Bearer {key}", "Content-Type: application/json",
                         "Content-Length: 18", body=b'{"query":"refund"}'),
                 request("POST /v1/embeddings HTTP/1.1", "Host: localhost", f"Authorization: Bearer {key}", "Content-Type: application/json",
                         "Transfer-Encoding: chunked", body=b'7\r\n{"input\r\n8;a="b"\r\n":[1,2]}\r\n0\r\na: b\r\n\r\n'),
                 request("GET /v1/files?limit=3&after=file-AAAA HTTP/1.1", "Host: localhost:1", f"x-api-key: {key}")]  # fmt: skip
        for _ in range(1500):
            text = bytearray(chance.choice(seeds))
            for _ in range(chance.randint(1, 6)):
                at = chance.randrange(len(text))
                kind = chance.randrange(4)
                if kind == 0:
                    text[at] = chance.randrange(256)
                elif kind == 1:
                    del text[at : at + chance.randint(1, 8)]
                elif kind == 2:
                    text[at:at] = text[at : at + chance.randint(1, 30)]
                else:
                    text[at:at] = chance.choice([b"\r\n", b"\n", b"\0", b" ", b":", b"\r", b"%", b"{", b'"', b"9" * 30])
                if not text:
                    break
            answer = server.raw(bytes(text))
            assert answer == b"" or answer.startswith(b"HTTP/1.1 "), (text, answer)
            assert b" 500 " not in answer[:20], (text, answer)
        assert server.json("POST", "/v1/search", {"query": "refund"})["results"]


def test_slow_clients_do_not_hold_up_others(shop):
    with serving(shop, "--quiet") as server:
        slow = []
        for _ in range(300):
            connection = server.connect()
            connection.sendall(b"POST /v1/search HTTP/1.1\r\nHost: localhost\r\nX-")
            slow.append(connection)
        for _ in range(20):
            assert server.json("POST", "/v1/search", {"query": "refund"})["results"]
        late = slow[0].recv(1000)  # after ten seconds
        assert late == b"" or status(late) == 408
        for connection in slow:
            connection.close()
        assert server.json("POST", "/v1/search", {"query": "refund"})["results"]


def test_clients_that_vanish(shop):
    with serving(shop) as server:
        ask = request("POST /v1/search HTTP/1.1", "Host: localhost", f"Authorization: Bearer {server.admin}",
                      "Content-Type: application/json", "Content-Length: 18", body=b'{"query":"refund"}')  # fmt: skip
        for _ in range(200):
            connection = server.connect()
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")  # RST instead of FIN
            connection.sendall(ask)
            connection.close()

        def idle():
            figures = server.ask("GET", "/metrics")[2].decode()
            return 'assay_requests_running{lane="search"} 0' in figures and 'assay_requests_waiting{lane="search"} 0' in figures

        until(idle)


def test_a_dashboard_shows_what_is_told(shop):
    """Each series that docs/grafana.json asks for is one of /metrics, and each kind of those is on it."""
    dashboard = (Path(__file__).resolve().parents[2] / "docs" / "grafana.json").read_text(encoding="utf-8")
    asked = {re.sub(r"_bucket$", "", name) for name in re.findall(r"\b(?:assay|process)_\w+", dashboard)}
    with serving(shop) as server:
        assert server.ask("POST", "/v1/search", {"query": "refund"})[0] == 200
        assert server.ask("GET", "/v1/files")[0] == 200 and server.ask("POST", "/v1/files", {})[0] == 415
        question = {"model": "assay", "messages": [{"role": "user", "content": "How long are refunds possible?"}]}
        said = json.loads(server.ask("POST", "/v1/chat/completions", question)[2])["assay"]
        figures = server.ask("GET", "/metrics")[2].decode()
    series = [line.rsplit(" ", 1)[0] for line in figures.splitlines() if not line.startswith("#")]
    assert sorted(set(series)) == sorted(series)
    assert f"assay_answer_confidence_count {int(not said['abstained'])}" in figures and 'assay_answer_confidence_bucket{le="+Inf"}' in figures
    told = set(re.findall(r"^# TYPE (\S+)", figures, re.M))
    by_settings = {"assay_model_cost_total", "assay_memory_in_use_bytes"}  # where there are prices, and without sanitizers
    assert asked - told <= by_settings and told - asked == {"process_start_time_seconds"}
    assert re.search(r'^assay_search_stage_seconds_count\{stage="text"\} 1$', figures, re.M) and 'stage="rerank"' not in figures


def in_use(server):
    told = re.search(rb"^assay_memory_in_use_bytes (\d+)$", server.ask("GET", "/metrics")[2], re.M)
    if server.project.assay.sanitized:
        assert told is None
        pytest.skip("a sanitizer's allocator does not tell what is in use")
    assert told, "glibc tells what is in use"
    return int(told[1])


def test_memory_in_use_is_what_connections_hold(shop):
    count, size = 32, 50_000
    with serving(shop) as server:
        before = in_use(server)
        head = request("POST /v1/search HTTP/1.1", "Host: localhost", f"Authorization: Bearer {server.admin}", "Content-Type: application/json",
                       f"Content-Length: {size + 1}", body=b" " * size)  # fmt: skip
        held = [server.connect() for _ in range(count)]
        for connection in held:
            connection.sendall(head)
        until(lambda: in_use(server) > before + count * size)
        for connection in held:
            connection.close()
        until(lambda: in_use(server) < before + size)


def test_the_same_requests_again_take_no_memory(shop):
    """What is used by the first ones is not used anew by as many more: the smallest piece of each of one kind would be 9,600 bytes. glibc counts what
    it holds back for each thread as in use, so it shall hold nothing back."""
    with serving(shop, env={"GLIBC_TUNABLES": "glibc.malloc.tcache_count=0"}) as server:
        seen = []
        for _ in range(2):
            for _ in range(300):
                server.ask("POST", "/v1/search", {"query": "refund", "mode": "text"})
                server.ask("POST", "/v1/chat/completions", {"model": "none"})
                server.ask("GET", "/v1/documents?limit=1")
            seen.append(in_use(server))
        assert seen[1] - seen[0] < 8 * 1024, seen


def test_it_ends_when_it_should(shop):
    with serving(shop) as server:
        connection = server.connect()
        connection.sendall(b"GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n")
        assert b"200 OK" in connection.recv(4096)
        connection.sendall(b"GET /hea")
        server.process.send_signal(signal.SIGTERM)
        until(lambda: any("stopping" in line.get("message", "") for line in server.log()))
        connection.sendall(b"lth HTTP/1.1\r\nHost: localhost\r\n\r\n")
        answer = connection.recv(4096)
        assert b"200 OK" in answer and b"Connection: close" in answer
        with pytest.raises(ConnectionRefusedError):
            server.connect()
        connection.close()


def test_settings_are_read_again(shop):
    settings = shop.path / "assay.yaml"
    with serving(shop) as server:
        assert status(server.raw(request("GET /health HTTP/1.1", "Host: assay.corp"))) == 403
        settings.write_text(settings.read_text().replace("hosts: []", "hosts: [assay.corp]"))
        server.process.send_signal(signal.SIGHUP)
        until(lambda: status(server.raw(request("GET /health HTTP/1.1", "Host: assay.corp"))) == 200)
        settings.write_text("server: {hosts: 3}\n")
        server.process.send_signal(signal.SIGHUP)
        until(lambda: any(line["level"] == "error" for line in server.log()))
        assert status(server.raw(request("GET /health HTTP/1.1", "Host: assay.corp"))) == 200


@pytest.mark.parametrize(("line", "named"), [("model: /nope.gguf", "model"), ("embedding: nosuch", "embedding"), ("access: {labels: nolabels.csv}", "access")])
def test_settings_that_cannot_work_are_not_taken(shop, line, named):
    settings = shop.path / "assay.yaml"
    before = settings.read_text()
    with serving(shop) as server:
        kept = "".join(each for each in before.splitlines(keepends=True) if not each.startswith(f"{named}:"))
        settings.write_text(kept.replace("hosts: []", "hosts: [assay.corp]") + line + "\n")
        server.process.send_signal(signal.SIGHUP)
        told = until(lambda: [line["message"] for line in server.log() if line["level"] == "error"])
        assert "stay as they were" in told[0] and f"`{named}`" in told[0] and line.split()[-1].strip("}") in told[0]
        assert status(server.raw(request("GET /health HTTP/1.1", "Host: assay.corp"))) == 403
        settings.write_text(before.replace("hosts: []", "hosts: [assay.corp]"))
        server.process.send_signal(signal.SIGHUP)
        until(lambda: status(server.raw(request("GET /health HTTP/1.1", "Host: assay.corp"))) == 200)


@pytest.mark.parametrize("named", ["own/model", ".assay/adapters/embed"])
def test_an_embedding_model_of_the_project_is_taken(shop, named):
    """A model's folder, or an adapter's, whose base is a model of the project."""
    model = "own/model" if named == "own/model" else "models/tiny"
    shop.write(f"{model}/config.json", "{}")
    shop.write(f"{model}/model.safetensors", "")
    shop.write(".assay/adapters/embed/adapter_config.json", '{"base_model_name_or_path": "/nowhere/tiny"}')
    settings = shop.path / "assay.yaml"
    before = "".join(each for each in settings.read_text().splitlines(keepends=True) if not each.startswith("embedding:"))
    with serving(shop) as server:
        settings.write_text(before.replace("hosts: []", "hosts: [assay.corp]") + f"embedding: {named}\n")
        server.process.send_signal(signal.SIGHUP)
        until(lambda: status(server.raw(request("GET /health HTTP/1.1", "Host: assay.corp"))) == 200)
        assert not [line for line in server.log() if line["level"] == "error"]


def test_the_log(shop):
    with serving(shop) as server:
        _, headers, _ = server.ask("POST", "/v1/search?secret=word", {"query": "canaryquestion"}, headers={"X-Evil": "a\tb"})
        server.ask("GET", "/v1/models/canarymodel")
        lines = until(lambda: [line for line in server.log() if line.get("route") == "/v1/search"])
        assert lines[0]["request"] == headers["X-Request-Id"] and lines[0]["key"] == "admin" and lines[0]["status"] == 200
        text = server.log_path.read_text()
        assert "canary" not in text and "word" not in text and server.admin not in text


def test_the_log_shows_no_whole_e_mail_address(shop):
    key = shop.run("key", "add", "anna.smith@example.com", "--groups", "public", "--json").json()["key"]
    with serving(shop) as server:
        server.json("POST", "/v1/search", {"query": "refund"}, key=key)
        lines = until(lambda: [line for line in server.log() if line.get("route") == "/v1/search"])
        assert lines[0]["key"] == "a\u2026@example.com" and "anna" not in server.log_path.read_text()


def test_it_goes_on_when_nobody_reads_its_log(shop):
    reads, writes = os.pipe()
    process = shop.assay.start("serve", "--json", "--listen", "127.0.0.1:0", cwd=shop.path, stderr=writes)
    os.close(writes)
    try:
        port = int(json.loads(process.stdout.readline())["listening"].rsplit(":", 1)[1])
        os.close(reads)
        for _ in range(2):
            with socket.create_connection(("127.0.0.1", port), timeout=60) as connection:
                connection.sendall(request("GET /health HTTP/1.1", "Host: localhost", "Connection: close"))
                assert status(connection.recv(4096)) == 200
        process.send_signal(signal.SIGTERM)
        assert process.wait(200) == 0
    finally:
        process.kill()
        process.wait()
        process.stdout.close()


def test_it_says_why_it_cannot_listen(shop):
    with serving(shop) as server:
        error = shop.run("serve", "--json", "--listen", f"127.0.0.1:{server.port}", code=1).error()
        assert "could not listen" in error["message"]
    for address in ("nowhere", ":80", "127.0.0.1:", "127.0.0.1:http", "256.0.0.1:80x"):
        shop.run("serve", "--json", "--listen", address, code=1).error()
    assert "0 to 65535" in shop.run("serve", "--json", "--listen", "127.0.0.1:99999", code=1).error()["message"]
    with serving(shop, "--listen", "0.0.0.0:0") as server:
        until(lambda: any("in the clear" in line.get("message", "") for line in server.log()))
