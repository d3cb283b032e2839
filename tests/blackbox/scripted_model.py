"""A server on loopback that answers as a language model's server does, or fails in a way that a test chooses."""

import contextlib
import json
import socket
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


def completion(text, finish="stop", **more):
    return {"id": "c1", "object": "chat.completion", "created": 1, "model": "scripted-1",
            "choices": [{"index": 0, "message": {"role": "assistant", "content": text}, "logprobs": None, "finish_reason": finish}],
            "usage": {"prompt_tokens": 12, "completion_tokens": 3, "total_tokens": 15,
                      "prompt_tokens_details": {"cached_tokens": 8}}, **more}  # fmt: skip


def chunk(text=None, finish=None, **more):
    delta = {} if text is None else {"content": text}
    return {"object": "chat.completion.chunk", "model": "scripted-1",
            "choices": [{"index": 0, "delta": delta, "finish_reason": finish}], **more}  # fmt: skip


class Script(ThreadingHTTPServer):
    """`steps` are called one a request with the handler, the last one again and again; `requests` are what came."""

    daemon_threads = True

    def __init__(self, steps):
        super().__init__(("127.0.0.1", 0), Handler)
        self.steps, self.requests, self.lock = steps, [], threading.Lock()

    @property
    def model(self):
        return f"http://127.0.0.1:{self.server_port}/v1#scripted"

    def handle_error(self, request, client_address):
        pass  # a client that leaves is a part of some tests


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        self.do_POST()

    def do_POST(self):
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        is_json = self.headers.get("Content-Type", "").startswith("application/json")
        with self.server.lock:
            number = len(self.server.requests)
            self.server.requests.append({"method": self.command, "path": self.path, "headers": dict(self.headers), "body": json.loads(body) if is_json else body,
                                         "at": time.monotonic()})  # fmt: skip
        step = self.server.steps[min(number, len(self.server.steps) - 1)]
        step(self)

    def log_message(self, *_):
        pass

    def reply(self, status, body, content_type="application/json", **headers):
        body = body if isinstance(body, bytes) else json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Type", content_type)
        self.send_header("Content-Length", str(len(body)))
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()
        self.wfile.write(body)

    def begin_stream(self):
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream; charset=utf-8")
        self.send_header("Connection", "close")
        self.end_headers()
        self.close_connection = True

    def event(self, data):
        data = data if isinstance(data, str) else json.dumps(data)
        self.wfile.write(f"data: {data}\n\n".encode())
        self.wfile.flush()

    def hang_up(self):
        with contextlib.suppress(OSError):
            self.connection.shutdown(socket.SHUT_RDWR)
        self.close_connection = True


def says(text, **more):
    """A model that works: streamed when it is asked to."""

    def step(handler):
        if not handler.server.requests[-1]["body"].get("stream"):
            handler.reply(200, completion(text, **more))
            return
        handler.begin_stream()
        handler.wfile.write(b": comment\n\n")
        for number, word in enumerate(text.split(" ")):
            handler.event(chunk(" " + word if number else word))
        handler.event(chunk(finish=more.get("finish", "stop")))
        handler.event({"choices": [], "usage": completion("")["usage"], "model": "scripted-1"})
        handler.event("[DONE]")

    return step


def fails(status, message="no", **headers):
    return lambda handler: handler.reply(status, {"error": {"message": message, "type": "t", "code": None}}, **headers)


@contextlib.contextmanager
def scripted(*steps):
    server = Script(steps)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
