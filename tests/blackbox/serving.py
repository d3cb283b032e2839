"""A server that runs for a test: started on a free port of this machine, asked over plain sockets, ended by SIGTERM."""

import contextlib
import http.client
import json
import select
import signal
import socket
import time

from conftest import FINDINGS, SLOWNESS


class Server:
    """`ask("POST", "/v1/search", {...})` asks with the admin's key; `key=None` without one."""

    def __init__(self, project, *words, env=None):
        self.project = project
        self.log_path = project.path.parent / f"{project.path.name}.log"
        self.log_file = open(self.log_path, "wb")
        self.process = project.assay.start("serve", "--json", "--listen", "127.0.0.1:0", *words, cwd=project.path,
                                           env=env, stderr=self.log_file)  # fmt: skip
        ready, _, _ = select.select([self.process.stdout], [], [], 30 * SLOWNESS)
        assert ready, "the server did not say that it listens"
        self.greeting = json.loads(self.process.stdout.readline())
        self.port = int(self.greeting["listening"].rsplit(":", 1)[1])
        self.admin = self.greeting.get("admin_key")

    @property
    def url(self):
        return f"http://127.0.0.1:{self.port}/v1"

    def ask(self, method, path, body=None, key="admin", headers=None):
        """(status, headers, bytes)"""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60 * SLOWNESS)
        sent = dict(headers or {})
        if key is not None:
            sent.setdefault("Authorization", f"Bearer {self.admin if key == 'admin' else key}")
        data = json.dumps(body).encode() if isinstance(body, (dict, list)) else body
        if data is not None:
            sent.setdefault("Content-Type", "application/json")
        connection.request(method, path, data, sent)
        answer = connection.getresponse()
        content = answer.read()
        connection.close()
        return answer.status, answer.headers, content

    def json(self, method, path, body=None, status=200, **more):
        got, _, content = self.ask(method, path, body, **more)
        assert got == status, (got, content[:2000])
        return json.loads(content)

    def error(self, method, path, body=None, status=400, **more):
        """The error of a refusal, in OpenAI's form."""
        document = self.json(method, path, body, status, **more)
        assert list(document) == ["error"] and set(document["error"]) == {"message", "type", "param", "code"}, document
        return document["error"]

    def connect(self):
        connection = socket.create_connection(("127.0.0.1", self.port), timeout=60 * SLOWNESS)
        return connection

    def raw(self, data, pieces=None):
        """All bytes that come back until the server closes, or until it is silent after a whole answer."""
        with self.connect() as connection:
            with contextlib.suppress(OSError):  # it may be closed already
                for piece in pieces or [data]:
                    connection.sendall(piece)
                connection.shutdown(socket.SHUT_WR)
            got = b""
            with contextlib.suppress(ConnectionResetError):
                while part := connection.recv(65536):
                    got += part
            return got

    def log(self):
        return [json.loads(line) for line in self.log_path.read_text().splitlines()]

    def stop(self, code=0):
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        assert self.process.wait(60 * SLOWNESS) == code
        self.process.stdout.close()
        self.log_file.close()
        text = self.log_path.read_text()
        for finding in FINDINGS:
            assert finding not in text, text[-8000:]


@contextlib.contextmanager
def serving(project, *words, env=None):
    server = Server(project, *words, env=env)
    try:
        yield server
    except BaseException:
        server.process.kill()
        server.process.wait()
        raise
    server.stop()


def until(condition, seconds=30):
    """Waits for what happens soon, however busy the machine is."""
    end = time.monotonic() + seconds * SLOWNESS
    while not (result := condition()):
        assert time.monotonic() < end, "it did not happen"
        time.sleep(0.02)
    return result


def client(server, key=None):
    """OpenAI's, as a key or the admin."""
    import openai

    return openai.OpenAI(base_url=server.url, api_key=key or server.admin, max_retries=0)


def use_provider(shop, model):
    """Makes a language model answer: see scripted_model.py."""
    settings = shop.path / "assay.yaml"
    lines = settings.read_text().splitlines()
    settings.write_text("\n".join(f'model: "{model}"' if line.startswith("model:") else line for line in lines) + "\n")
