"""`assay serve` against clients that take what they can get: slow senders, readers that never read, clients that vanish, thousands that ask nothing."""

import concurrent.futures
import contextlib
import json
import os
import re
import resource
import select
import socket
import threading
import time

import pytest
from conftest import SLOWNESS
from scripted_model import chunk, completion, says, scripted
from serving import serving, until, use_provider

QUESTION = {"model": "assay", "messages": [{"role": "user", "content": "How long is the refund window?"}]}
ANSWER_THREADS = 4


@pytest.fixture
def shop(project):
    project.write("docs/refunds.md", "# Refunds\n\nThe refund window is thirty days.\n")
    project.add()
    settings = project.path / "assay.yaml"
    settings.write_text(settings.read_text().replace("client_wait_s: 15", "client_wait_s: 1"))
    return project


def status(answer):
    return int(answer.split(b" ", 2)[1]) if answer else 0


def head(server, path, *more):
    lines = [f"POST {path} HTTP/1.1", "Host: localhost", f"Authorization: Bearer {server.admin}", "Content-Type: application/json", *more]
    return "\r\n".join(lines).encode() + b"\r\n\r\n"


def ask(server, connection, body, path="/v1/chat/completions"):
    text = json.dumps(body).encode()
    connection.sendall(head(server, path, f"Content-Length: {len(text)}") + text)


def rest(connection):
    """What comes until the server closes."""
    got = b""
    with contextlib.suppress(ConnectionResetError):
        while part := connection.recv(1 << 16):
            got += part
    return got


def running(server, lane="answer"):
    return int(re.search(rb'assay_requests_running\{lane="%s"\} (\d+)' % lane.encode(), server.ask("GET", "/metrics")[2])[1])


@pytest.mark.parametrize("is_chunked", [False, True])
def test_a_body_that_trickles_is_refused(shop, is_chunked):
    with serving(shop) as server, server.connect() as slow:
        slow.sendall(head(server, "/v1/search", "Transfer-Encoding: chunked" if is_chunked else "Content-Length: 1000000"))
        until(lambda: slow.send(b"1\r\n \r\n" if is_chunked else b" ") and select.select([slow], [], [], 0.1)[0])
        assert server.json("POST", "/v1/search", {"query": "refund"})["results"]
        answer = rest(slow)
        assert status(answer) == 408 and b"Connection: close" in answer and b"did not come in time" in answer


def test_heads_that_never_came_are_told_in_one_line(shop):
    with serving(shop) as server:
        slow = [server.connect() for _ in range(30)]
        for one in slow:
            one.sendall(b"GET / HTTP/1.1\r\n")
        server.json("POST", "/v1/search", {"query": "refund"})
        server.stop()
        told = [line for line in server.log() if line.get("status") == 408]
        assert sum(line["requests"] for line in told) == 30 and len(told) < 10, told
        for one in slow:
            one.close()


def test_a_body_that_keeps_coming_has_its_time(shop):
    """More than `client_wait_s`, at a rate that is allowed."""
    body = b" " * 200_000 + b'{"query":"refund"}'
    with serving(shop) as server, server.connect() as steady:
        steady.sendall(head(server, "/v1/search", f"Content-Length: {len(body)}", "Connection: close"))
        for at in range(0, len(body), 16_384):
            steady.sendall(body[at : at + 16_384])
            time.sleep(0.1)
        assert status(rest(steady)) == 200


def descriptors(server):
    return len(os.listdir(f"/proc/{server.process.pid}/fd"))


def in_use(server):
    told = re.search(rb"^assay_memory_in_use_bytes (\d+)$", server.ask("GET", "/metrics")[2], re.M)
    return int(told[1]) if told else 0  # a sanitizer's allocator does not tell


def test_a_reader_that_never_reads(shop):
    """The stream has its answer five times. Some of it waits for its reader, the rest with its lane; others are answered meanwhile; then it is left."""
    words = 120_000
    body = {"model": "assay", "input": "How long is the refund window?", "stream": True}
    with scripted(says("The refund window is thirty days [1]. " + "so " * words)) as model:
        use_provider(shop, model.model)
        with serving(shop) as server, socket.socket() as stuck:
            with concurrent.futures.ThreadPoolExecutor(8) as pool:  # so many that each thread that answers knows the project, and keeps what it needs for it
                assert all(b"response.completed" in got[2] for got in pool.map(lambda _: server.ask("POST", "/v1/responses", body), range(8)))
            assert server.json("POST", "/v1/search", {"query": "refund"})["results"]
            before, asked = in_use(server), len(model.requests)
            stuck.settimeout(20 * SLOWNESS)
            stuck.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            stuck.connect(("127.0.0.1", server.port))
            ask(server, stuck, body, "/v1/responses")
            until(lambda: len(model.requests) == asked + 1 and running(server) == 1 and select.select([stuck], [], [], 0)[0])
            assert server.json("POST", "/v1/search", {"query": "refund"})["results"] and running(server) == 1
            until(lambda: running(server) == 0)
            got = rest(stuck)
            assert status(got) == 200 and len(got) < 3 * words and b"response.completed" not in got
            until(lambda: in_use(server) < before + 3 * words)


class Endless:
    """A model that goes on speaking; `left` is set when who asked has hung up."""

    def __init__(self):
        self.left, self.asked = threading.Semaphore(0), threading.Semaphore(0)

    def __call__(self, handler):
        self.asked.release()
        if "quick" in json.dumps(handler.server.requests[-1]["body"]):
            handler.reply(200, completion("The refund window is thirty days [1]."))
            return
        try:
            handler.begin_stream()
            for _ in range(1000):
                handler.event(chunk("so "))
                time.sleep(0.05)
        except OSError:
            self.left.release()


@pytest.mark.parametrize("streams", [False, True])
def test_who_vanishes_frees_its_place(shop, streams):
    """As many as there are places ask a model that does not end, one more waits; when they leave, it is answered, and the model is left too."""
    model_says = Endless()
    with scripted(model_says) as model:
        use_provider(shop, model.model)
        with serving(shop) as server:
            asking = [server.connect() for _ in range(ANSWER_THREADS)]
            for connection in asking:
                ask(server, connection, {**QUESTION, "stream": streams})
                assert model_says.asked.acquire(timeout=30)
            with server.connect() as waiting:
                ask(server, waiting, {"model": "assay", "messages": [{"role": "user", "content": "quick: how long is the refund window?"}]})
                assert not select.select([waiting], [], [], 0.2)[0] and running(server) == ANSWER_THREADS
                for connection in asking:
                    connection.close()
                assert status(waiting.recv(1 << 16)) == 200
            assert all(model_says.left.acquire(timeout=20) for _ in asking), "the model still speaks to nobody"
            until(lambda: running(server) == 0)


def test_a_key_that_is_none_takes_no_place(shop):
    """All places are taken: who made a key up is told so at once, and does not wait among those who have one."""
    model_says = Endless()
    with scripted(model_says) as model:
        use_provider(shop, model.model)
        with serving(shop) as server:
            asking = [server.connect() for _ in range(ANSWER_THREADS)]
            for connection in asking:
                ask(server, connection, QUESTION)
                assert model_says.asked.acquire(timeout=30)
            assert server.ask("POST", "/v1/chat/completions", QUESTION, key="assay_made_up")[0] == 401
            assert running(server) == ANSWER_THREADS
            for connection in asking:
                connection.close()


@contextlib.contextmanager
def many(server, count, sent=b""):
    """So many connections, in which nothing or not all of a head was sent."""
    held = []
    try:
        while len(held) < count:
            held.append(server.connect())
            held[-1].sendall(sent)
            if len(held) % 500 == 0 and len(held) < count:
                assert answered(server)  # and all before it are let in
        yield held
    finally:
        for connection in held:
            connection.close()


def answered(server):
    with contextlib.suppress(OSError):  # a refusal may come before all of the request is sent
        return server.ask("POST", "/v1/search", {"query": "refund"})[0] == 200


def test_thousands_that_ask_nothing(shop):
    """All places are taken: by who has begun to ask, so that one more is refused; by who asks nothing, so that it has the place of one of them."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    count = min(10_000, hard - 1024)
    if count < 4096 or shop.assay.sanitized:
        pytest.skip("so many descriptors are not allowed here")
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    try:
        with serving(shop) as server:
            before = descriptors(server)
            with many(server, count, b"G"), server.connect() as one_more:
                refused = one_more.recv(1000)
                assert status(refused) == 503 and b"Retry-After: 1\r\n" in refused
            until(lambda: descriptors(server) <= before + 2 and answered(server))
            with many(server, count):
                until(lambda: answered(server))
                assert answered(server) and answered(server)
                assert before + count - 100 < descriptors(server) <= before + count  # the others were not left
            until(lambda: descriptors(server) <= before + 2)
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
