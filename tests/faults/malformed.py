#!/usr/bin/env python3
"""Throws broken requests at a server: valid ones of every route of src/server/route.c, changed at random, and counts what comes back.

    tests/faults/malformed.py --binary build/assay [--seed 1] [--workers 4] 1000000

Each request has a connection of its own, is sent whole, and is waited for until the server closes. Changed are bytes, lines, lengths and codings, addresses,
numbers and words of the JSON and its depth; some requests stop half-way, some are two in one. Most are refused; what is still valid is done.
Prints one JSON line. Exit status 1: the server ended, a sanitizer found something, a request was not answered in two minutes, an answer says that the fault
is the server's (500), or afterwards a search is not answered as before, or descriptors are left over. A seed repeats what one worker sends.
"""
import argparse
import collections
import json
import multiprocessing
import os
import random
import re
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
FINDINGS = re.compile(rb"AddressSanitizer|LeakSanitizer|ThreadSanitizer|runtime error:|Assertion")
WAIT_S = 120
SLACK = 16  # descriptors that threads of the server open once, and some of them late
TOLD = 20
ODD_TEXTS = ["", "\0", "../../../etc/passwd", "%00", "%2e%2e%2f", "/", "\\", "'", '"', "a" * 5000, "\ud800", "é" * 300, "\u202e", "-1", "null", "{}", "@admin", "*", "\r\n", "a\r\nX: y"]
ODD_NUMBERS = ["-1", "0", "1", "9223372036854775807", "-9223372036854775808", "18446744073709551616", "1e308", "1e999", "-0.0", "NaN", "Infinity", "0x10", "1_000", "00", ".5", "1" * 400]
ODD_VALUES = ["null", "true", "[]", "{}", "[[[[[[]]]]]]", '""', "[null]", '{"":""}', '{"a":1,"a":2}', "[" * 3000 + "]" * 3000, '{"a":' * 500 + "1" + "}" * 500, *ODD_NUMBERS]
ODD_FIELDS = [b"Transfer-Encoding: chunked", b"Transfer-Encoding: gzip, chunked", b"Content-Length: 0", b"Content-Length: 5", b"Content-Length: -1", b"Content-Length: 99999999999999999999",
              b"Expect: 100-continue", b"Connection: close, upgrade", b"Upgrade: h2c", b"Host: evil", b"Host: [::1]:99999", b"X: " + b"a" * 20000, b" folded: 1", b"X : 1", b"X\x00: 1", b"Content-Type: text/plain",
              b"Content-Encoding: gzip", b"Accept-Encoding: *", b"Range: bytes=0-1,5-", b"If-None-Match: *", b"Origin: null", b"Origin: http://evil", b"Authorization: Bearer x", b"x-api-key: ", b"Mcp-Session-Id: 1"]  # fmt: skip
FORM = '--x\r\nContent-Disposition: form-data; name="purpose"\r\n\r\nassistants\r\n--x\r\nContent-Disposition: form-data; name="file"; filename="note.md"\r\n\r\n# Note\n\nA note.\n\r\n--x--\r\n'
ASK = [{"role": "user", "content": "How long is the refund window?"}]
BODIES = {  # of routes that take one; a route that is not here gets {}
    "/v1/embeddings": {"model": "none", "input": ["a", "b"], "dimensions": 8, "encoding_format": "base64"},
    "/v1/rerank": {"model": "none", "query": "refund", "documents": ["a", {"text": "b"}], "top_n": 1},
    "/v1/chat/completions": {"model": "assay", "messages": ASK, "stream": True, "n": 1, "temperature": 0.5, "max_tokens": 20, "logprobs": True,
                             "response_format": {"type": "json_schema", "json_schema": {"name": "a", "schema": {"type": "object", "properties": {"b": {"type": "string", "pattern": "^a+$"}}}}},
                             "tools": [{"type": "function", "function": {"name": "f", "parameters": {"type": "object", "properties": {}}}}]},
    "/v1/completions": {"model": "gpt-3.5-turbo-instruct", "prompt": ["How long is it?", "Where is it?"], "n": 2, "stream": True, "seed": 3, "max_tokens": 20},
    "/v1/responses": {"model": "assay", "input": ASK, "tools": [{"type": "file_search", "vector_store_ids": ["STORE"], "filters": {"type": "eq", "key": "n", "value": 1}}], "stream": False},
    "/v1/messages": {"model": "assay", "max_tokens": 20, "system": [{"type": "text", "text": "a"}], "messages": ASK, "stream": True},
    "/mcp": {"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": {"name": "search", "arguments": {"query": "refund", "k": 2}}},
    "/v1/settings": {"settings": {"k": 8}}, "/v1/prices": {"text": "date: 2026-01-31\ncurrency: USD\nmodels: {}\n"}, "/v1/labels": {"text": "- pattern: \"*\"\n  labels: [public]\n"},
    "/v1/tasks": {"kind": "eval", "cases": "none.jsonl"}, "/v1/keys": {"name": "bot", "groups": ["public"], "quota": {"requests": 5}, "expires": "30d"},
    "/v1/cases": {"question": "How long?", "answer": "Thirty days", "documents": ["docs/refunds.md"]}, "/v1/cases/{line}": {"question": "How long?", "answer": "Thirty days"},
    "/v1/search": {"query": "refund window", "k": 3, "mode": "text", "filter": "year >= 2024 and team in (sales, legal)"},
    "/v1/fine_tuning/jobs": {"model": "none", "training_file": "file-none", "method": {"type": "supervised", "supervised": {"hyperparameters": {"n_epochs": 1}}}, "suffix": "a"},
    "/v1/fine_tuning/alpha/graders/run": {"model_sample": "b", "item": {"a": "b"}, "grader": {"type": "multi", "name": "m", "calculate_output": "min(1, 2 * c ^ 2) / 3",
        "graders": {"c": {"type": "text_similarity", "name": "c", "input": "{{sample.output_text}}", "reference": "{{item.a}}", "evaluation_metric": "meteor"}}}},
    "/v1/fine_tuning/alpha/graders/validate": {"grader": {"type": "score_model", "name": "s", "model": "assay", "range": [0, 5], "sampling_params": {"seed": 1},
        "input": [{"role": "user", "content": [{"type": "input_text", "text": "{{sample.output_text}}"}]}]}},
    "/v1/evals": {"name": "e", "data_source_config": {"type": "custom", "item_schema": {"type": "object", "properties": {"q": {"type": "string"}}}},
                  "testing_criteria": [{"type": "string_check", "name": "c", "input": "{{item.q}}", "reference": "a", "operation": "eq"}]},
    "/v1/evals/{eval}": {"name": "f", "metadata": {"a": "b"}}, "/v1/evals/{eval}/runs": {"name": "r", "data_source": {"type": "jsonl", "source": {"type": "file_content", "content": [{"item": {"q": "a"}}]}}},
    "/v1/vector_stores": {"name": "s", "metadata": {"a": "b"}, "file_ids": []}, "/v1/vector_stores/{store}": {"name": "t", "metadata": {}},
    "/v1/vector_stores/{store}/search": {"query": ["refund", "days"], "max_num_results": 3, "filters": {"type": "and", "filters": [{"type": "gte", "key": "n", "value": 1}]}},
    "/v1/vector_stores/{store}/files": {"file_id": "FILE", "attributes": {"n": 1}}, "/v1/vector_stores/{store}/files/{file}": {"attributes": {"n": 2}},
    "/v1/vector_stores/{store}/file_batches": {"file_ids": ["FILE", "file-none"], "attributes": {"a": True}},
}  # fmt: skip


def routes_read():
    found = re.findall(r'\{"(GET|POST|DELETE)", "([^"]+)", RIGHT_', (ROOT / "src/server/route.c").read_text())
    assert len(found) > 80, "the table of routes is not where it was"
    return found


class Server:
    """The program under test; what it says is read and thrown away, but for findings and the last lines."""

    def __init__(self, binary, project):
        self.project, self.findings, self.tail = project, [], collections.deque(maxlen=40)
        self.process = subprocess.Popen([binary, "serve", "--json", "--listen", "127.0.0.1:0"], cwd=project, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        greeting = json.loads(self.process.stdout.readline())
        self.port, self.key = int(greeting["listening"].rsplit(":", 1)[1]), greeting["admin_key"]
        self.reader = threading.Thread(target=self.read)
        self.reader.start()

    def read(self):
        for line in self.process.stderr:
            self.tail.append(line)
            if FINDINGS.search(line):
                self.findings.append(line.decode(errors="replace").strip()[:300])

    def ask(self, method, path, body=None, kind="application/json"):
        data = body if body is None or isinstance(body, bytes) else json.dumps(body).encode()
        request = urllib.request.Request(f"http://127.0.0.1:{self.port}{path}", data, {"Authorization": f"Bearer {self.key}", "Content-Type": kind}, method=method)
        with urllib.request.urlopen(request, timeout=WAIT_S) as answer:
            return json.loads(answer.read())

    def descriptors(self):
        return len(os.listdir(f"/proc/{self.process.pid}/fd"))

    def memory_mb(self):
        return int(Path(f"/proc/{self.process.pid}/status").read_text().split("RssAnon:")[1].split()[0]) // 1024

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        code = self.process.wait(WAIT_S)
        self.reader.join()
        self.process.stdout.close()
        self.process.stderr.close()
        return code


# ---- what is sent ----


def valid_make(server):
    """(head without its length, body) of every route, with names of what is there."""
    file = server.ask("POST", "/v1/files", FORM.encode(), "multipart/form-data; boundary=x")["id"]
    store = server.ask("POST", "/v1/vector_stores", {"name": "s"})["id"]
    evaluation = server.ask("POST", "/v1/evals", BODIES["/v1/evals"])["id"]
    names = {"file": file, "store": store, "eval": evaluation, "model": "assay", "line": "1"}
    made = []
    for method, path in routes_read():
        removes = method == "DELETE" or path.endswith("/revoke")  # of something else, so that the rest still meets what is there
        address = re.sub(r"\{(\w+)\}", lambda part: "none" if removes else names.get(part[1], "none"), path)
        body = b""
        kind = "application/json"
        if path == "/v1/files" and method == "POST":
            body, kind = FORM.encode(), "multipart/form-data; boundary=x"
        elif method == "POST":
            body = json.dumps(BODIES.get(path, {})).replace("FILE", file).replace("STORE", store).encode()
        elif method == "GET":
            address += "?limit=2&after=none&order=asc"
        fields = f"Host: 127.0.0.1:{server.port}\r\nAuthorization: Bearer {server.key}\r\n" + (f"Content-Type: {kind}\r\n" if body else "")
        made.append((f"{method} {address} HTTP/1.1\r\n{fields}".encode(), body))
    return made


def whole(head, body, drawn):
    """With a length, or in chunks."""
    if not body:
        return head + b"\r\n"
    if drawn.random() < 0.8:
        return head + b"Content-Length: %d\r\n\r\n" % len(body) + body
    cut = drawn.randrange(1, len(body) + 1)
    parts = [body[:cut], body[cut:]] if cut < len(body) else [body]
    return head + b"Transfer-Encoding: chunked\r\n\r\n" + b"".join(b"%x\r\n%s\r\n" % (len(part), part) for part in parts) + b"0\r\n\r\n"


def change_bytes(data, drawn):
    data = bytearray(data)
    for _ in range(drawn.choice((1, 1, 2, 5, 20))):
        at = drawn.randrange(len(data) + 1)
        kind = drawn.randrange(6)
        end = min(len(data), at + drawn.choice((1, 2, 8, 60)))
        if kind == 0 and at < len(data):
            data[at] ^= 1 << drawn.randrange(8)
        elif kind == 1:
            data[at:at] = drawn.randbytes(drawn.choice((1, 2, 9, 300)))
        elif kind == 2:
            del data[at:end]
        elif kind == 3:
            data[at:at] = data[at:end] * drawn.choice((1, 3, 50))
        elif kind == 4 and at < len(data):
            data[at] = drawn.choice(b"\0\r\n\t :;,%/\\\"'{}[]<>\x7f\xff")
        else:
            data[at:end] = drawn.choice((b"\r\n", b"\n", b"\r", b"\r\n\r\n", b"\0", b"%", b"chunked"))
        if len(data) == 0:
            break
    return bytes(data)


def change_json(body, drawn):
    """One number, word or value of it becomes an odd one."""
    text = body.decode(errors="replace")
    places = list(re.finditer(r'"(?:[^"\\]|\\.)*"|-?\d+(?:\.\d+)?|true|false|null|[{}\[\]]', text))
    if not places:
        return body
    place = drawn.choice(places)
    kind = drawn.randrange(4)
    odd = drawn.choice(ODD_VALUES) if kind < 2 else json.dumps(drawn.choice(ODD_TEXTS)) if kind == 2 else text[place.start() : place.end()] * 2
    return (text[: place.start()] + odd + text[place.end() :]).encode(errors="surrogatepass")


def change_head(head, drawn):
    lines = head.split(b"\r\n")[:-1]
    kind = drawn.randrange(6)
    if kind == 0:
        lines.insert(drawn.randrange(1, len(lines) + 1), drawn.choice(ODD_FIELDS))
    elif kind == 1:
        lines.append(drawn.choice(lines))
    elif kind == 2:
        del lines[drawn.randrange(len(lines))]
    elif kind == 3:
        method, rest = lines[0].split(b" ", 1)
        lines[0] = drawn.choice((b"HEAD", b"PUT", b"OPTIONS", b"TRACE", b"CONNECT", b"get", b"", b"POST", b"DELETE", b"G" * 99)) + b" " + rest
    elif kind == 4:
        method, address, version = lines[0].split(b" ", 2)
        parts = address.split(b"/")
        parts[drawn.randrange(len(parts))] = drawn.choice(ODD_TEXTS).encode(errors="replace").replace(b" ", b"%20")
        lines[0] = b" ".join((method, b"/".join(parts), version))
    else:
        lines[0] = lines[0].replace(b"HTTP/1.1", drawn.choice((b"HTTP/1.0", b"HTTP/2.0", b"HTTP/1.11", b"", b"http/1.1", b"HTTP/1.1 ")))
    return drawn.choice((b"\r\n", b"\r\n", b"\r\n", b"\n")).join(lines) + b"\r\n"


def change_length(head, body, drawn):
    """Lengths and codings that do not fit."""
    wrong = drawn.choice((b"%d" % (len(body) + drawn.choice((-1, 1, 100))), b"-1", b"0x10", b"1e3", b"", b"9" * 30, b"%d, %d" % (len(body), len(body))))
    size = drawn.choice((b"-1", b"0", b"ffffffffffffffff", b"g", b"%x;" % len(body), b"%x\t" % len(body), b"%x" % (len(body) + 1)))
    return drawn.choice((head + b"Content-Length: " + wrong + b"\r\n\r\n" + body,
                         head + b"Transfer-Encoding: chunked\r\n\r\n" + size + b"\r\n" + body + b"\r\n0\r\n\r\n",
                         head + b"Transfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n" + body))  # fmt: skip


def broken_make(valid, drawn):
    head, body = drawn.choice(valid)
    kind = drawn.randrange(8)
    if kind == 0:
        return change_length(head, body, drawn)
    if kind == 1:
        return whole(change_head(head, drawn), body, drawn)
    if kind in (2, 3) and body:
        return whole(head, change_json(body, drawn), drawn)
    if kind == 4:
        data = whole(head, body, drawn)
        return data[: drawn.randrange(1, len(data) + 1)]
    if kind == 5 and body:
        return whole(head, change_bytes(body, drawn), drawn)
    if kind == 6:
        return change_bytes(whole(head, body, drawn) + whole(*drawn.choice(valid), drawn), drawn)
    return change_bytes(whole(head, body, drawn), drawn)


# ---- sending ----


def send(port, data):
    """The status of the first answer; 0: closed without one. Nobody may wait for ever."""
    with socket.create_connection(("127.0.0.1", port), timeout=WAIT_S) as connection:
        got = b""
        try:
            connection.sendall(data)
            connection.shutdown(socket.SHUT_WR)
        except TimeoutError:
            raise
        except OSError:
            pass  # it was refused before it was whole
        try:
            while part := connection.recv(65536):
                got = got or part
        except ConnectionResetError:
            pass
    return int(got[9:12]) if got.startswith(b"HTTP/1.1 ") else 0


def work(port, valid, seed, count, results):
    drawn = random.Random(seed)
    statuses, wrong = collections.Counter(), []
    for number in range(count):
        data = broken_make(valid, drawn)
        try:
            status = send(port, data)
        except OSError as error:
            wrong.append(f"request {number} of seed {seed}: {error!r}: {data[:400]!r}")
            if isinstance(error, ConnectionRefusedError) or len(wrong) == TOLD:
                break
            continue
        statuses[status] += 1
        if status == 500 and len(wrong) < TOLD:
            wrong.append(f"request {number} of seed {seed}: 500: {data[:1000]!r}")
    results.put((statuses, wrong))


def project_make(binary, folder):
    subprocess.run([binary, "init", "--quiet", folder], check=True)
    (folder / "docs").mkdir()
    (folder / "docs/refunds.md").write_text("# Refunds\n\nThe refund window is thirty days.\n")
    subprocess.run([binary, "add", "--quiet", "docs"], cwd=folder, check=True)


def throw(server, valid, count, seed, workers):
    results = multiprocessing.Queue()
    share = [count // workers + (i < count % workers) for i in range(workers)]
    workers = [multiprocessing.Process(target=work, args=(server.port, valid, f"{seed}/{i}", share[i], results)) for i in range(workers)]
    for worker in workers:
        worker.start()
    statuses, wrong = collections.Counter(), []
    for _ in workers:
        counted, told = results.get()
        statuses += counted
        wrong += told
    for worker in workers:
        worker.join()
    return statuses, wrong


def settled(server, before):
    """Descriptors, once not many more are open than before, or after a while."""
    end = time.monotonic() + WAIT_S
    while server.descriptors() > before + SLACK and time.monotonic() < end:
        time.sleep(0.2)
    return server.descriptors()


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--binary", type=Path, default=ROOT / "build/assay")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--workers", type=int, default=4)
    parser.add_argument("count", type=int, nargs="?", default=2000)
    options = parser.parse_args()
    binary, question = options.binary.resolve(), {"query": "refund window", "k": 1, "mode": "text"}
    with tempfile.TemporaryDirectory(prefix="assay-malformed-") as scratch:
        project = Path(scratch) / "project"
        project_make(binary, project)
        server = Server(binary, project)
        expected = server.ask("POST", "/v1/search", question)["results"][0]["text"]
        valid, started = valid_make(server), time.monotonic()
        first, wrong = throw(server, valid, options.count // 4, f"{options.seed}/first", options.workers)
        ended = server.process.poll() is not None  # by a quarter of them, each thread has opened what it keeps open
        before, memory = (None, None) if ended else (server.descriptors(), server.memory_mb())
        statuses, more = (collections.Counter(), []) if ended else throw(server, valid, options.count - options.count // 4, options.seed, options.workers)
        statuses, wrong, seconds = statuses + first, wrong + more, time.monotonic() - started
        if server.process.poll() is None:
            found = server.ask("POST", "/v1/search", question)["results"]
            if not found or found[0]["text"] != expected:
                wrong.append(f"a search finds {found!r} now")
            after, memory_after = settled(server, before), server.memory_mb()
            if after > before + SLACK:  # what threads open once does not grow again
                throw(server, valid, options.count, f"{options.seed}/again", options.workers)
                before, after = after, settled(server, after)
                if after > before + SLACK:
                    wrong.append(f"{before} descriptors became {after}")
        else:
            after = memory_after = None
            wrong.append(f"the server ended: {server.process.returncode}: {b''.join(server.tail)[-3000:].decode(errors='replace')}")
        code = server.stop()
        wrong += [f"the server ended with {code}"] * (code != 0) + server.findings[:TOLD]
    print(json.dumps({"requests": sum(statuses.values()), "seconds": round(seconds, 1), "per_second": round(sum(statuses.values()) / seconds), "statuses": dict(sorted(statuses.items())),
                      "descriptors": [before, after], "memory_mb": [memory, memory_after], "wrong": len(wrong)}))  # fmt: skip
    for text in wrong[:TOLD]:
        print(f"wrong: {text}")
    return bool(wrong)


if __name__ == "__main__":
    sys.exit(main())
