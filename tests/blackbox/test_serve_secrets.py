"""`assay serve` tells nobody the key of the model's provider: whatever goes wrong, it is in the environment of the server and nowhere else."""

import json
import secrets
import socket

import pytest
from scripted_model import chunk, fails, says, scripted
from serving import serving, use_provider

QUESTION = {"model": "assay", "messages": [{"role": "user", "content": "How long is the refund window?"}]}


@pytest.fixture
def shop(project):
    project.write("docs/refunds.md", "# Refunds\n\nThe refund window is thirty days.\n")
    project.add()
    settings = project.path / "assay.yaml"
    settings.write_text(settings.read_text().replace("traces: none", "traces: traces.jsonl"))
    return project


def parts(key):
    """The key, its halves, and as JSON or an address may have it."""
    return [part.encode() for part in (key, key[: len(key) // 2], key[len(key) // 2 :], key[:12], key[-12:])]


def clean(text, key, where):
    for part in parts(key):
        assert part not in text, (where, part)


def echoes(key):
    """What a provider, or a proxy before it, may say with the key in it."""
    def in_stream(handler):
        handler.send_response(200)
        handler.send_header("Content-Type", "text/event-stream")
        handler.send_header("Retry-After-Ms", "1")  # it is asked again soon
        handler.end_headers()
        handler.close_connection = True
        handler.event({"error": {"message": f"the key {key} may not stream", "type": "x"}})

    def in_broken_stream(handler):
        handler.begin_stream()
        handler.event(chunk("The refund"))
        handler.event(f"{key} is no JSON")

    yield "ok", says("The refund window is thirty days [1].")
    yield "401", fails(401, f"Incorrect API key provided: {key}.")
    yield "400", fails(400, f"Authorization: Bearer {key} is refused")
    yield "500", fails(500, f"crash with {key} in it", Retry_After_Ms="1")
    yield "cut within", fails(403, "x" * (320 - 120) + f" {key} " + "y" * 500)
    yield "many lines", fails(422, f"a\n{key}\n{key}{key}")
    yield "page", lambda handler: handler.reply(404, f"<html>{key}</html>".encode(), content_type="text/html")
    yield "redirect", lambda handler: handler.reply(302, {}, Location=f"http://127.0.0.1:1/?key={key}")
    yield "named", lambda handler: handler.reply(401, {"error": f"{key}"}, X_Request_Id=key)
    yield "in a stream", in_stream
    yield "in a stream that breaks", in_broken_stream


def test_the_providers_key_is_told_nowhere(shop):
    key = "sk-canary-" + secrets.token_urlsafe(40)
    told = dict(echoes(key))
    current = [None]

    def step(handler):
        assert key in handler.headers["Authorization"]
        told[current[0]](handler)

    with scripted(step) as model:
        use_provider(shop, model.model)
        with serving(shop, env={"ASSAY_MODEL_KEY": key}) as server:
            for name in told:
                current[0] = name
                before = len(model.requests)
                for path, body in (("/v1/chat/completions", QUESTION), ("/v1/chat/completions", {**QUESTION, "stream": True}),
                                   ("/v1/ask", {"question": "How long is the refund window?"})):  # fmt: skip
                    status, headers, content = server.ask("POST", path, body)
                    assert (status == 200) == (name == "ok"), (name, status, content)
                    clean(content + str(headers).encode(), key, name)
                assert len(model.requests) > before, name
            for path in ("/metrics", "/v1/settings", "/v1/log?limit=100", "/v1/log/verify", "/v1/audit", "/v1/runs", "/v1/tasks", "/v1/keys", "/v1/prices",
                         "/v1/models", "/ready", "/v1/me"):  # fmt: skip
                status, headers, content = server.ask("GET", path)
                assert status == 200, (path, status)
                clean(content + str(headers).encode(), key, path)
            assert server.json("GET", "/v1/settings")["has_key"] is True
        clean(server.log_path.read_bytes(), key, "the log")
        assert b"Incorrect API key provided: ***" in server.log_path.read_bytes()
    with socket.socket() as nobody:  # bound, and not listening: refused
        nobody.bind(("127.0.0.1", 0))
        use_provider(shop, f"http://127.0.0.1:{nobody.getsockname()[1]}/v1#scripted")
        admin = server.admin
        with serving(shop, env={"ASSAY_MODEL_KEY": key}) as server:
            status, headers, content = server.ask("POST", "/v1/messages", {**QUESTION, "max_tokens": 100}, key=admin)
            assert status == 502
            clean(content + str(headers).encode(), key, "refused")
        clean(server.log_path.read_bytes(), key, "the log")
    clean(shop.run("log", "export", "--case", "1").out.encode(), key, "an export")
    files = [path for path in shop.path.rglob("*") if path.is_file()]
    assert any(path.name == "traces.jsonl" for path in files) and any(path.name == "server.db" for path in files)
    for path in files:
        clean(path.read_bytes(), key, path)
