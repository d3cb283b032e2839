"""`assay generate` against a server that works, and one that fails in every way that servers fail."""

import json
import signal
import tempfile
import threading
import time

import pytest
from conftest import SANITIZED
from scripted_model import chunk, completion, fails, says, scripted

def ask(assay, server, *words, code=0, prompt=None, **more):
    words = ("generate", "--model", server.model, *words)
    if prompt is None:
        return assay(*words, code=code, **more)
    with tempfile.TemporaryFile() as file:
        file.write(prompt)
        file.seek(0)
        return assay(*words, code=code, stdin=file, **more)


# ---- one that works ----


def test_servers_that_want_a_schema_elsewhere(assay, tmp_path):
    """llama-cpp-python's knows only json_object, and says so with a status that would pass for a failure of its own."""
    schema, kept = tmp_path / "schema.json", tmp_path / "kept.jsonl"
    schema.write_text('{"type": "object", "properties": {}}')
    told = "Input should be 'text' or 'json_object', input: 'json_schema'"
    words = ("--json", "--schema", str(schema), "How long?")
    with scripted(lambda handler: handler.reply(500, {"error": {"message": told}}), says("{}")) as server:
        assert ask(assay, server, "--record", str(kept), *words).json()["text"] == "{}"
        assert [request["body"]["response_format"] for request in server.requests[1:]] == [{"type": "json_object", "schema": {"type": "object", "properties": {}}}]
        assert ask(assay, server, "--replay", str(kept), *words).json()["text"] == "{}" and len(server.requests) == 2


def test_answers_as_it_comes(assay):
    with scripted(says("Thirty days from delivery.")) as server:
        assert ask(assay, server, "How long?").out == "Thirty days from delivery.\n"
    request = server.requests[0]
    assert request["path"] == "/v1/chat/completions"
    assert request["body"] == {"model": "scripted", "messages": [{"role": "user", "content": "How long?"}], "max_tokens": 1024,
                               "stream": True, "stream_options": {"include_usage": True}}  # fmt: skip
    assert "Authorization" not in request["headers"]


def test_json(assay, tmp_path):
    system, schema = tmp_path / "system.md", tmp_path / "schema.json"
    system.write_text("Be brief.")
    schema.write_text('{"type": "object"}')
    with scripted(says('{"days": 30}')) as server:
        document = ask(assay, server, "--json", "--system", str(system), "--schema", str(schema), "--max-tokens", "7",
                       "--temperature", "0.25", "--seed", "5", "How long?").json()  # fmt: skip
    timings = document.pop("timings")
    assert set(timings) == {"prefill_ms", "decode_ms"} and timings["prefill_ms"] > 0
    assert document == {"text": '{"days": 30}', "model": "scripted-1", "finish_reason": "stop", "tries": 1,
                        "usage": {"prompt_tokens": 12, "completion_tokens": 3, "cached_tokens": 8, "cost": None}}  # fmt: skip
    assert server.requests[0]["body"] == {
        "model": "scripted", "messages": [{"role": "system", "content": "Be brief."}, {"role": "user", "content": "How long?"}],
        "max_tokens": 7, "temperature": 0.25, "seed": 5,
        "response_format": {"type": "json_schema", "json_schema": {"name": "answer", "schema": {"type": "object"}, "strict": True}}}  # fmt: skip


def test_prompt_from_standard_input(assay):
    with scripted(says("yes")) as server:
        assert ask(assay, server, prompt=b"a prompt\nof two lines").out == "yes\n"
    assert server.requests[0]["body"]["messages"][0]["content"] == "a prompt\nof two lines"


def test_cut_answers_are_told(assay):
    with scripted(says("half an", finish="length")) as server:
        outcome = ask(assay, server, "x")
    assert outcome.out == "half an\n" and "cut off" in outcome.err and "--max-tokens" in outcome.err


def test_key_goes_to_its_host_alone(assay):
    with scripted(says("never")) as other:
        moved = lambda handler: handler.reply(307, {}, Location=f"http://127.0.0.1:{other.server_port}/v1/chat/completions")  # noqa: E731
        with scripted(moved) as server:
            error = ask(assay, server, "--json", "x", code=1, env={"ASSAY_MODEL_KEY": "sk-canary-1"}).error("invalid")
    assert "answered 307" in error["message"] and not other.requests
    assert server.requests[0]["headers"]["Authorization"] == "Bearer sk-canary-1"


def test_key_is_never_shown(assay):
    with scripted(fails(401, "wrong key sk-canary-2 here")) as server:
        outcome = ask(assay, server, "--json", "x", code=1, env={"ASSAY_MODEL_KEY": "sk-canary-2"})
    assert "ASSAY_MODEL_KEY" in outcome.error("invalid")["hint"] and "canary" not in outcome.out + outcome.err


@pytest.mark.parametrize(("model", "part"), [
    ("gpt-5", "does not say which model"), ("openai:", "does not say which model"), ("http://u:p@127.0.0.1/v1#m", "user or a query"),
    ("openai:gpt-5", "OPENAI_API_KEY is not set"), ("anthropic:claude", "ANTHROPIC_API_KEY is not set"),
    ("http://127.0.0.1:1/v1\n#m", "does not say which model"), ("file:///etc/passwd", "does not say which model")])  # fmt: skip
def test_wrong_models(assay, model, part):
    assert part in assay("generate", "--json", "--model", model, "x", code=1).error("invalid")["message"]


def test_key_never_goes_unencrypted(assay):
    words = ("generate", "--json", "--model", "http://models.example/v1#m", "x")
    error = assay(*words, code=1, env={"ASSAY_MODEL_KEY": "sk-1"}).error("invalid")
    assert "unencrypted" in error["message"] and "https" in error["hint"]


def test_wrong_use(assay, tmp_path):
    assert "--model" in assay("generate", "x", code=2).err
    with scripted(says("never")) as server:
        assert ask(assay, server, "--temperature", "3", "x", code=2).out == ""
        (tmp_path / "schema.json").write_text("{")
        ask(assay, server, "--json", "--schema", str(tmp_path / "schema.json"), "x", code=1).error("invalid")
        assert "empty" in ask(assay, server, "--json", prompt=b" \n", code=1).error("invalid")["message"]
    assert not server.requests


# ---- recorded ----


def test_record_and_replay(assay, tmp_path):
    kept = tmp_path / "answers.jsonl"
    with scripted(says("Thirty days.")) as server:
        first = ask(assay, server, "--json", "--record", str(kept), "How long?").json()
        ask(assay, server, "--json", "--record", str(kept), "How much?")
        model = server.model
    with open(kept, "a") as file:
        file.write('{"request": "cut of')  # as a crash leaves it
    again = assay("generate", "--json", "--model", model, "--replay", str(kept), "How long?").json()
    assert again["text"] == first["text"] and again["usage"] == first["usage"] and again["tries"] == 0
    assert "no answer to this request" in assay("generate", "--json", "--model", model, "--replay", str(kept), "Why?", code=1).error("not_found")["message"]
    assert assay("generate", "--model", model, "--replay", str(kept), "How long?", code=1).out == ""  # streamed is another request
    with scripted(says("Twelve.")) as server:
        ask(assay, server, "--json", "--record", str(kept), "How many?")
        assert assay("generate", "--json", "--model", server.model, "--replay", str(kept), "How many?").json()["text"] == "Twelve."


# ---- ones that fail ----

WORKS = says("fine")


def cut_body(handler):
    handler.send_response(200)
    handler.send_header("Content-Type", "application/json")
    handler.send_header("Content-Length", "5000")
    handler.end_headers()
    handler.wfile.write(b'{"choices": [')
    handler.hang_up()


def half_stream(handler):
    handler.begin_stream()
    handler.event(chunk("half an "))
    handler.hang_up()


def empty_stream(handler):
    handler.begin_stream()


def broken_event(handler):
    handler.begin_stream()
    handler.event('{"choices": [{"delta"')


def complaint_in_stream(handler):
    handler.begin_stream()
    handler.event({"error": {"message": "the model fell over"}})


def not_json(handler):
    handler.reply(200, b"<html>a gateway's page</html>", "text/html")


PASSING = {
    "429": fails(429, "slow down"), "500": fails(500), "502": fails(502), "503": fails(503), "504": fails(504),
    "529": fails(529, "overloaded"), "408": fails(408), "hang up": lambda handler: handler.hang_up(), "cut body": cut_body,
    "empty stream": empty_stream, "not JSON": not_json, "no choices": lambda handler: handler.reply(200, {"object": "x"}),
    "choices are no list": lambda handler: handler.reply(200, {"choices": {"a": 1}}), "choices are empty": lambda handler: handler.reply(200, {"choices": []}),
    "page with 503": lambda handler: handler.reply(503, b"<html>down</html>", "text/html"),
}  # fmt: skip


@pytest.mark.parametrize("streamed", [False, True])
@pytest.mark.parametrize("name", PASSING)
def test_what_passes_is_tried_again(assay, name, streamed):
    with scripted(PASSING[name], PASSING[name], WORKS) as server:
        outcome = ask(assay, server, *(() if streamed else ("--json",)), "x")
    assert outcome.out == "fine\n" if streamed else outcome.json()["text"] == "fine" and outcome.json()["tries"] == 3
    assert len(server.requests) == 3


@pytest.mark.parametrize(("status", "kind"), [(400, "invalid"), (401, "invalid"), (403, "invalid"), (404, "not_found"), (413, "invalid"), (422, "invalid")])
def test_what_stays_wrong_is_told_at_once(assay, status, kind):
    with scripted(fails(status, "the reason\u001b[31m\nof it")) as server:
        error = ask(assay, server, "--json", "x", code=1).error(kind)
    assert f"answered {status}" in error["message"] and "the reason" in error["message"] and "\n" not in error["message"]
    assert len(server.requests) == 1


def test_gives_up(assay):
    with scripted(fails(500, "still down")) as server:
        error = ask(assay, server, "--json", "x", code=1).error("io")
    assert error["message"].startswith("tried 4 times") and "still down" in error["message"] and len(server.requests) == 4


def test_waits_as_the_server_asks(assay):
    with scripted(fails(429, Retry_After="2"), WORKS) as server:
        assert ask(assay, server, "x").out == "fine\n"
    assert server.requests[1]["at"] - server.requests[0]["at"] >= 1.9


def test_does_not_wait_for_ever(assay):
    with scripted(fails(429, Retry_After="999")) as server:
        assert "999 s" in ask(assay, server, "--json", "x", code=1).error("limit")["hint"]
    assert len(server.requests) == 1


def test_what_was_shown_is_not_asked_for_again(assay):
    with scripted(half_stream, WORKS) as server:
        outcome = ask(assay, server, "x", code=1)
    assert outcome.out == "half an \n" and "broke off" in outcome.err and len(server.requests) == 1


def test_a_whole_answer_that_breaks_off_is(assay):
    with scripted(half_stream, WORKS) as server:
        assert ask(assay, server, "--json", "x").json()["text"] == "fine"


def test_streams_that_say_nonsense(assay):
    with scripted(broken_event) as server:
        assert "the model's answer" in ask(assay, server, "x", code=1).err
    with scripted(complaint_in_stream) as server:
        assert "tried 4 times: the model's server says: the model fell over" in ask(assay, server, "x", code=1).err


def test_endless_answers_end(assay):
    def endless(handler):
        handler.send_response(200)
        handler.send_header("Content-Type", "application/json")
        handler.send_header("Connection", "close")
        handler.end_headers()
        while True:
            handler.wfile.write(b" " * 65536)

    def endless_stream(handler):
        handler.begin_stream()
        while True:
            handler.event(chunk("word " * 1000))

    with scripted(endless) as server:
        assert "limit" in ask(assay, server, "--json", "x", code=1).error("limit")["message"]
    with scripted(endless_stream) as server:
        assert "limit" in ask(assay, server, "x", code=1).err
    assert len(server.requests) == 1


def test_endless_line_ends(assay):
    def line(handler):
        handler.begin_stream()
        while True:
            handler.wfile.write(b"data: " * 10000)

    with scripted(line) as server:
        assert "a line of the event stream" in ask(assay, server, "x", code=1).err


def test_hang_ends(assay):
    over = threading.Event()

    def hang(handler):
        over.wait(60)
        handler.hang_up()

    with scripted(hang, WORKS) as server:
        assert ask(assay, server, "--timeout", "1" if not SANITIZED else "5", "x").out == "fine\n"
        over.set()


def test_interrupt_ends_it(assay):
    over = threading.Event()

    def hang(handler):
        over.wait(60)
        handler.hang_up()

    with scripted(hang) as server:
        process = assay.start("generate", "--model", server.model, "x")
        end = time.monotonic() + 60
        while not server.requests and time.monotonic() < end:
            time.sleep(0.02)
        process.send_signal(signal.SIGINT)
        assert process.wait(timeout=60) == 1
        over.set()


def test_nobody_is_there(assay):
    with scripted(WORKS) as server:
        model = server.model
    error = assay("generate", "--json", "--model", model, "x", code=1, timeout=120).error("io")
    assert "could not reach" in error["message"] and "address" in error["hint"]


def test_odd_numbers_of_tokens(assay):
    odd = completion("fine")
    odd["usage"] = {"prompt_tokens": -5, "completion_tokens": 1e300, "prompt_tokens_details": {"cached_tokens": "many"}}
    with scripted(lambda handler: handler.reply(200, odd)) as server:
        assert ask(assay, server, "--json", "x").json()["usage"] == {"prompt_tokens": 0, "completion_tokens": 0, "cached_tokens": 0, "cost": None}


def test_deep_answers(assay):
    with scripted(lambda handler: handler.reply(200, b'{"choices":' + b"[" * 100000)) as server:
        assert "too deep" in ask(assay, server, "--json", "x", code=1).out
    assert json.dumps(server.requests[0]["body"])


# ---- Anthropic's way ----


def anthropic_message(handler):
    handler.reply(200, {"id": "m", "type": "message", "role": "assistant", "model": "claude-x", "stop_reason": "end_turn",
                        "content": [{"type": "thinking", "thinking": "hm"}, {"type": "text", "text": "Thirty "}, {"type": "text", "text": "days."}],
                        "usage": {"input_tokens": 5, "cache_creation_input_tokens": 2, "cache_read_input_tokens": 4, "output_tokens": 9}})  # fmt: skip


def anthropic_stream(handler):
    handler.begin_stream()
    for event in [{"type": "message_start", "message": {"model": "claude-x", "usage": {"input_tokens": 5, "output_tokens": 1}}},
                  {"type": "content_block_start", "index": 0, "content_block": {"type": "text", "text": ""}}, {"type": "ping"},
                  {"type": "content_block_delta", "index": 0, "delta": {"type": "text_delta", "text": "Thirty "}},
                  {"type": "content_block_delta", "index": 0, "delta": {"type": "text_delta", "text": "days."}},
                  {"type": "content_block_stop", "index": 0},
                  {"type": "message_delta", "delta": {"stop_reason": "max_tokens"}, "usage": {"output_tokens": 9}},
                  {"type": "message_stop"}]:  # fmt: skip
        handler.wfile.write(f"event: {event['type']}\n".encode())
        handler.event(event)


def ask_anthropic(assay, server, *words, code=0):
    env = {"ANTHROPIC_API_KEY": "sk-ant-1", "ANTHROPIC_BASE_URL": f"http://127.0.0.1:{server.server_port}"}
    return assay("generate", "--model", "anthropic:claude-x", *words, code=code, env=env)


def test_anthropic(assay, tmp_path):
    (tmp_path / "system.md").write_text("Be brief.")
    with scripted(anthropic_message) as server:
        document = ask_anthropic(assay, server, "--json", "--system", str(tmp_path / "system.md"), "How long?").json()
    assert document["text"] == "Thirty days." and document["model"] == "claude-x" and document["finish_reason"] == "stop"
    assert document["usage"] == {"prompt_tokens": 11, "completion_tokens": 9, "cached_tokens": 4, "cost": None}
    request = server.requests[0]
    assert request["path"] == "/v1/messages" and request["headers"]["x-api-key"] == "sk-ant-1"
    assert request["headers"]["anthropic-version"] == "2023-06-01" and "Authorization" not in request["headers"]
    assert request["body"] == {"model": "claude-x", "max_tokens": 1024, "messages": [{"role": "user", "content": "How long?"}],
                               "system": [{"type": "text", "text": "Be brief.", "cache_control": {"type": "ephemeral"}}]}  # fmt: skip


def test_anthropic_stream(assay):
    with scripted(anthropic_stream) as server:
        outcome = ask_anthropic(assay, server, "How long?")
    assert outcome.out == "Thirty days.\n" and "cut off" in outcome.err and server.requests[0]["body"]["stream"] is True


def test_anthropic_overloaded_in_the_stream(assay):
    def overloaded(handler):
        handler.begin_stream()
        handler.event({"type": "error", "error": {"type": "overloaded_error", "message": "Overloaded"}})

    with scripted(overloaded, anthropic_stream) as server:
        assert ask_anthropic(assay, server, "x").out == "Thirty days.\n"
    assert len(server.requests) == 2


def test_openai_at_another_address(assay):
    with scripted(says("fine")) as server:
        env = {"OPENAI_API_KEY": "sk-1", "OPENAI_BASE_URL": f"http://127.0.0.1:{server.server_port}/v1/"}
        assert assay("generate", "--model", "openai:gpt-x", "hello", env=env).out == "fine\n"
    body = server.requests[0]["body"]
    assert body["model"] == "gpt-x" and body["max_completion_tokens"] == 1024 and "max_tokens" not in body
