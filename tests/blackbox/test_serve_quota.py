"""What a key may use in a day: requests, tokens and money, counted over restarts and kills, and refused as OpenAI's clients understand it."""

import concurrent.futures
import json
import os
import signal
import socket
import struct
import threading
import time

import models
import pytest
from scripted_model import says, scripted
from serving import Server, serving, until, use_provider


@pytest.fixture
def shop(project):
    project.write("docs/refunds.md", "# Refunds\n\nThe refund window is thirty days.\n")
    project.add()
    return project


def add_key(shop, name, quota, groups="public"):
    return shop.run("key", "add", "--quiet", name, "--groups", groups, "--quota", quota).out.strip()


def search(server, key):
    for _ in range(400):
        answer = server.ask("POST", "/v1/search", {"query": "refund window"}, key=key)
        if answer[0] != 503:
            break
        time.sleep(0.05)  # too many wait: of whom the server does not serve, nothing is counted
    return answer


def test_a_quota_is_told_and_listed(shop):
    made = shop.run("key", "add", "--json", "bot", "--groups", "public", "--quota", "requests=1000, money=2.5").json()
    assert made["quota"] == {"requests": 1000, "tokens": None, "money": 2.5} and made["groups"] == ["public"]
    listed = shop.run("key", "list", "--json").json()["keys"][0]
    assert listed["quota"] == made["quota"] and listed["groups"] == ["public"]
    assert "a day: 1000 requests, 2.5 money" in shop.run("key", "list").out
    assert shop.run("key", "add", "--json", "free").json()["quota"] == {"requests": None, "tokens": None, "money": None}


@pytest.mark.parametrize("quota, told", [("requests", "cannot be read"), ("requests=0", "cannot be read"), ("requests=-3", "cannot be read"), ("words=3", "cannot be read"),
                                         ("money=nan", "cannot be read"), ("requests=1.5", "whole number"), ("tokens=1e300", "whole number"), ("requests=1,,", "cannot be read"),
                                         ("", "cannot be read"), ("requests=1,tokens=5,requests=2", "cannot be read")])  # fmt: skip
def test_quotas_that_are_none(shop, quota, told):
    assert told in shop.run("key", "add", "bot", "--quota", quota, code=1).err
    assert shop.run("key", "list", "--json").json()["keys"] == []


def test_a_group_cannot_be_a_quota(shop):
    assert "--quota" in shop.run("key", "add", "bot", "--groups", "@day-requests=5", code=1).err


def test_requests_of_a_day(shop):
    key = add_key(shop, "bot", "requests=3")
    with serving(shop) as server:
        assert [search(server, key)[0] for _ in range(3)] == [200, 200, 200]
        status, headers, _ = search(server, key)
        assert status == 429 and 0 < int(headers["Retry-After"]) <= 86400
        assert headers["X-Should-Retry"] == ("false" if int(headers["Retry-After"]) > 60 else None)
        error = server.error("POST", "/v1/search", {"query": "refund"}, status=429, key=key)
        assert (error["type"], error["code"]) == ("requests", "rate_limit_exceeded") and "3 requests" in error["message"]
        assert search(server, "admin")[0] == 200  # others are not held back
        assert "assay_requests_over_quota_total 2" in server.ask("GET", "/metrics")[2].decode()
        openai = pytest.importorskip("openai", reason="OpenAI's client is not in .venv: scripts/setup installs it")
        with pytest.raises(openai.RateLimitError):
            openai.OpenAI(base_url=server.url, api_key=key).models.list()
    with serving(shop) as server:  # a restart gives nothing back
        assert search(server, key)[0] == 429


def test_each_message_of_an_array_counts(shop):
    """As it would alone: a question in an array is as much as one by itself, and what does not fit as a whole is not begun."""
    key = add_key(shop, "bot", "requests=5")
    call = {"jsonrpc": "2.0", "method": "tools/call", "params": {"name": "ask", "arguments": {"question": "How long is the refund window?"}}}
    send = {"headers": {"MCP-Protocol-Version": "2025-03-26"}, "key": key}
    with serving(shop) as server:
        assert len(server.json("POST", "/mcp", [{**call, "id": i} for i in range(3)], **send)) == 3
        assert "5 requests" in server.error("POST", "/mcp", [{**call, "id": i} for i in range(3)], status=429, **send)["message"]
        assert server.json("GET", "/v1/log")["entries"] == 3


def test_a_key_that_is_made_again_begins_anew(shop):
    keys = []
    with serving(shop) as server:
        for _ in range(2):
            keys.append(add_key(shop, "bot", "requests=2"))
            assert [search(server, keys[-1])[0] for _ in range(3)] == [200, 200, 429]
            shop.run("key", "revoke", "bot")
        assert search(server, keys[0])[0] == 401


@pytest.mark.parametrize("most", [3, 300])
def test_choices_that_were_begun_are_made(shop, most):
    """Each counts, also over a restart; the first has to be below the limit, the others are done to their end."""
    key = add_key(shop, "bot", f"requests={most}")
    asked = {"model": "assay", "messages": [{"role": "user", "content": "How long is the refund window?"}], "n": 5}
    with serving(shop) as server:
        assert len(server.json("POST", "/v1/chat/completions", asked, key=key)["choices"]) == 5
    with serving(shop) as server:
        assert server.ask("POST", "/v1/chat/completions", asked, key=key)[0] == (429 if most == 3 else 200)


def test_as_many_as_are_allowed_however_many_ask_at_once(shop):
    key = add_key(shop, "bot", "requests=40")
    with serving(shop) as server, concurrent.futures.ThreadPoolExecutor(16) as pool:
        statuses = list(pool.map(lambda _: search(server, key)[0], range(120)))
        assert (statuses.count(200), statuses.count(429)) == (40, 80)


def test_a_kill_gives_nothing_back(shop):
    key = add_key(shop, "bot", "requests=300")
    server = Server(shop)
    for _ in range(10):
        assert search(server, key)[0] == 200
    os.kill(server.process.pid, signal.SIGKILL)
    server.process.wait()
    server.process.stdout.close()
    server.log_file.close()
    with serving(shop) as server:
        left = 0
        while search(server, key)[0] == 200:
            left += 1
        assert 290 - 4 <= left <= 290  # what is written down ahead is lost, a hundredth of the limit and one


@models.needed
def test_tokens_of_a_day(shop):
    (shop.path / "models").mkdir()
    (shop.path / "models" / "tiny").symlink_to(models.FOLDER)
    key, ask = add_key(shop, "bot", "tokens=10"), {"model": "tiny", "input": "hello world"}
    with serving(shop) as server:
        one = server.json("POST", "/v1/embeddings", ask, key=key)["usage"]["total_tokens"]
        assert 0 < one < 10
        answered = 1
        while server.ask("POST", "/v1/embeddings", ask, key=key)[0] == 200:
            answered += 1
        assert answered == -(-10 // one)  # the last begins below the limit
        error = server.error("POST", "/v1/search", {"query": "refund"}, status=429, key=key)
        assert (error["type"], error["code"]) == ("tokens", "rate_limit_exceeded")


def test_money_of_a_day(shop):
    key = add_key(shop, "bot", "money=0.002")  # an answer costs 0.00348
    ask = {"model": "assay", "messages": [{"role": "user", "content": "How long is the refund window?"}]}
    with scripted(says("The refund window is thirty days. [1]")) as model:
        price = "{input: 100, cached: 10, output: 1000}"
        shop.write("prices.yaml", f'date: 2026-01-31\ncurrency: USD\nmodels:\n  "{model.model}": {price}\n')
        use_provider(shop, model.model)
        with serving(shop) as server:
            assert server.ask("POST", "/v1/chat/completions", ask, key=key)[0] == 200
            error = server.error("POST", "/v1/chat/completions", ask, status=429, key=key)
            assert (error["type"], error["code"]) == ("insufficient_quota", "insufficient_quota")
            refused = server.json("POST", "/v1/messages", {"model": "assay", "max_tokens": 100, "messages": ask["messages"]}, status=429, key=key)
            assert refused["error"]["type"] == "rate_limit_error"


def test_an_answer_that_nobody_waits_for_counts(shop):
    """Who leaves while the model answers has used what the model read; so has who asked and got an error after the model's answer."""
    asked, left = threading.Event(), threading.Event()

    def waits(handler):
        asked.set()
        left.wait(60)
        says("The refund window is thirty days. [1]")(handler)

    key = add_key(shop, "bot", "tokens=10")
    ask = {"model": "assay", "messages": [{"role": "user", "content": "How long is the refund window?"}]}
    with scripted(waits) as model:
        use_provider(shop, model.model)
        with serving(shop) as server:
            body = json.dumps(ask).encode()
            connection = server.connect()
            connection.sendall((f"POST /v1/chat/completions HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {key}\r\n"
                                f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n").encode() + body)  # fmt: skip
            assert asked.wait(60)
            connection.close()
            until(lambda: search(server, key)[0] == 429)
            left.set()


def test_an_answer_that_fails_after_the_model_counts(shop):
    key = add_key(shop, "bot", "tokens=10")
    ask = {"model": "assay", "messages": [{"role": "user", "content": "How long is the refund window?"}]}
    with scripted(says("The refund window is thirty days. [1]")) as model:
        use_provider(shop, model.model)
        with serving(shop) as server:
            shop.write(".assay/log", "no folder")  # nothing is handed out that stands not in the audit log
            assert server.ask("POST", "/v1/chat/completions", ask, key=key)[0] in (500, 503)
            assert server.error("POST", "/v1/search", {"query": "refund"}, status=429, key=key)["type"] == "tokens"


@pytest.mark.parametrize("address, content_type", [("/v1/files", "multipart/form-data; boundary=b"), ("/v1/embeddings", "application/json")])
def test_a_large_body_past_the_quota_is_not_read(shop, address, content_type):
    key = add_key(shop, "bot", "requests=1", groups="@write")
    with serving(shop) as server:
        assert search(server, key)[0] == 200
        with server.connect() as connection:
            connection.sendall((f"POST {address} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {key}\r\n"
                                f"Content-Type: {content_type}\r\nContent-Length: 10000000\r\n\r\n").encode())  # fmt: skip
            assert connection.recv(65536).startswith(b"HTTP/1.1 429")  # before a byte of the body came


@models.needed
def test_tokens_of_who_went_away(shop):
    """Embeddings are made 64 at a time; who hangs up when the first are made pays for what was."""
    (shop.path / "models").mkdir(exist_ok=True)
    (shop.path / "models" / "tiny").symlink_to(models.FOLDER)
    key = add_key(shop, "bot", "tokens=1000000")
    body = json.dumps({"model": "tiny", "input": [" ".join(["the cat"] * 400)] * 2048}).encode()
    head = f"POST /v1/embeddings HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {key}\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"

    def figure(name):
        figures = server.ask("GET", "/metrics")[2].decode()
        return int(next(line for line in figures.splitlines() if line.startswith(name)).rsplit(" ", 1)[1])

    with serving(shop) as server:
        server.json("POST", "/v1/embeddings", {"model": "tiny", "input": "hello"}, key=key)  # it is open
        before = figure("assay_embedding_tokens_total")
        for pause in (0.05, 0.2, 0.8, 3.2, 12.8):  # all of them take far longer; the first must be made
            with server.connect() as connection:
                connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))  # it is told that the client left
                connection.sendall(head.encode() + body)
                until(lambda: figure('assay_requests_running{lane="embed"}') == 1)
                time.sleep(pause)
            until(lambda: figure('assay_requests_running{lane="embed"}') == 0)
            if figure("assay_embedding_tokens_total") > before:
                return
        pytest.fail("what was embedded for a client that left is not counted")
