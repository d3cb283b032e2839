#!/usr/bin/env python3
"""Mixed use of one server for long: does it take more and more memory, or descriptors?

    tests/faults/soak.py --binary build/assay [--seconds 7200] [--model FOLDER]

A server of the example project is asked by several threads: searches, answers (whole, streamed, streams that are left half-way), embeddings, files sent,
put into vector stores with attributes, searched and deleted, MCP, lists, the page, bodies that are none; documents are added and removed by the
command line meanwhile, an evaluation is started now and then, and the settings are read anew. All that is made is deleted again, so that the project stays as large as it is.

Memory is looked at in rests, 60 in the whole time but not more than two a minute: what is done ends, the settings are read anew, so that every thread begins with empty caches, the
same questions are asked as at each rest until that takes nothing more, and then the server is asked for `assay_memory_in_use_bytes`: what it asked its allocator for and has not freed. Caches and what the
allocator keeps move that by little; they move resident memory by a hundred MB. Descriptors are noted every ten seconds, and resident memory (without what is mapped from files) in
each rest and at its highest between them. Prints one JSON line with both slopes over the last three quarters of the rests, in MB an hour with standard errors. Exit status 1: a status that
nobody expects, an unclean end, rests too few for a slope (which is left out then), descriptors that grow, or a slope of memory in use above 1 MB an hour by more than two of its standard errors. The resident one is told and not
held against the bar.
"""
import argparse
import contextlib
import http.client
import json
import math
import os
import random
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
LOOK_S = 10
RESTS, RESTS_LEAST, REST_S_MIN = 60, 6, 30
ROUNDS_MOST, SAME_MB = 8, 0.05
WAIT_S_MOST = 900  # longer than a request may take
QUESTIONS = ["How long is the refund window?", "Which plan has single sign-on?", "What does the fair use limit say?", "Who changes an invoice?", "When is support open?"]


class Trouble(Exception):
    """What does not come about."""


TROUBLES = (OSError, http.client.HTTPException, Trouble)


class Use:
    """One server, and what asks it."""

    def __init__(self, binary, project):
        self.binary, self.project, self.ends = binary, project, threading.Event()
        self.counts, self.wrong, self.lock = {}, [], threading.Lock()
        self.changed, self.working, self.is_resting = threading.Condition(), 0, False
        self.log_path = project.parent / "server.log"
        self.log = open(self.log_path, "wb")
        env = {**os.environ, "GLIBC_TUNABLES": "glibc.malloc.tcache_count=0"}  # what it holds back for each thread counts as in use
        self.process = subprocess.Popen([binary, "serve", "--json", "--listen", "127.0.0.1:0"], cwd=project, stdout=subprocess.PIPE, stderr=self.log, env=env)
        greeting = json.loads(self.process.stdout.readline())
        self.port, self.key = int(greeting["listening"].rsplit(":", 1)[1]), greeting["admin_key"]

    def note(self, what, ok, detail=""):
        with self.lock:
            self.counts[what] = self.counts.get(what, 0) + 1
            if not ok and len(self.wrong) < 20:
                self.wrong.append(f"{what}: {detail}"[:300])

    def ask(self, what, method, path, body=None, expected=(200,), kind="application/json"):
        """The answer as JSON; 503, as of a busy server, is always fine."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=600)
        data = json.dumps(body).encode() if isinstance(body, dict) else body
        fields = {"Authorization": f"Bearer {self.key}", **({"Content-Type": kind} if data is not None else {})}
        connection.request(method, path, data, fields)
        answer = connection.getresponse()
        content = answer.read()
        connection.close()
        self.note(what, answer.status in expected or answer.status == 503, f"{answer.status} {content[:200]!r}")
        return json.loads(content) if answer.status == 200 and content[:1] == b"{" else None

    # ---- what is done ----

    def search(self, drawn):
        self.ask("search", "POST", "/v1/search", {"query": drawn.choice(QUESTIONS), "k": drawn.randint(1, 20), "mode": drawn.choice(["text", "hybrid"])})

    def answer(self, drawn):
        ask = {"model": "assay", "messages": [{"role": "user", "content": drawn.choice(QUESTIONS)}]}
        self.ask("answer", "POST", drawn.choice(["/v1/chat/completions", "/v1/messages"]), {**ask, "max_tokens": 200})

    def stream(self, drawn):
        """Read whole, or left after its first bytes."""
        body = json.dumps({"model": "assay", "stream": True, "messages": [{"role": "user", "content": drawn.choice(QUESTIONS)}]}).encode()
        head = f"POST /v1/chat/completions HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {self.key}\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
        with socket.create_connection(("127.0.0.1", self.port), timeout=600) as connection:
            connection.sendall(head.encode() + body)
            got = connection.recv(64)
            while drawn.random() < 0.7 and not got.endswith(b"0\r\n\r\n"):
                part = connection.recv(65536)
                if not part:
                    break
                got += part
            self.note("stream", got[:12] in (b"HTTP/1.1 200", b"HTTP/1.1 503"), repr(got[:60]))

    def embed(self, drawn):
        texts = [" ".join(drawn.choices("invoice refund plan single sign on limit support hours".split(), k=drawn.randint(1, 40))) for _ in range(drawn.randint(1, 16))]
        self.ask("embed", "POST", "/v1/embeddings", {"model": "builtin", "input": texts})

    def upload(self, drawn):
        """A file into a vector store, searched, changed, and all of it deleted."""
        name = f"soak{drawn.randint(0, 10**9)}"
        text = f"# {name}\n\n" + " ".join(drawn.choices(["zorbit", "quumble", "frandle", "mip"], k=drawn.randint(5, 2000)))
        form = (f'--x\r\nContent-Disposition: form-data; name="purpose"\r\n\r\nassistants\r\n--x\r\nContent-Disposition: form-data; name="file"; filename="{name}.md"'
                f"\r\n\r\n{text}\r\n--x--\r\n").encode()  # fmt: skip
        sent = self.ask("upload", "POST", "/v1/files", form, kind="multipart/form-data; boundary=x")
        store = self.ask("store", "POST", "/v1/vector_stores", {"name": name})
        if not sent or not store:
            return
        place = f"/v1/vector_stores/{store['id']}"
        file = self.ask("store_file", "POST", f"{place}/files", {"file_id": sent["id"], "attributes": {"n": drawn.randint(0, 9)}})
        while file and file["status"] == "in_progress" and not self.ends.wait(0.2):
            file = self.ask("store_file_look", "GET", f"{place}/files/{sent['id']}")
        self.ask("store_search", "POST", f"{place}/search", {"query": "zorbit", "filters": {"type": "gte", "key": "n", "value": 3}})
        self.ask("store_file_change", "POST", f"{place}/files/{sent['id']}", {"attributes": {"n": 10}}, (200, 404))
        self.again("DELETE", place)
        self.again("DELETE", f"/v1/files/{sent['id']}")

    def again(self, method, path):
        """409 tells that somebody else writes just now."""
        for _ in range(100):
            if self.ask("delete", method, path, None, (200, 404, 409)) is not None or self.ends.wait(0.3):
                return

    def look(self, drawn):
        path = drawn.choice(["/", "/health", "/metrics", "/v1/models", "/v1/documents", "/v1/files?limit=5", "/v1/vector_stores", "/v1/log?limit=5", "/v1/runs", "/v1/tasks", "/openapi.json", "/v1/none"])
        self.ask("look", "GET", path, None, (200, 404))

    def broken(self, drawn):
        pieces = [b"GET / HTTP/1.1\r\nHost: \r\n\r\n", b"POST /v1/search HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\n{", b"\x16\x03\x01", b"GET /../ HTTP/1.1\r\nHost: localhost\r\n\r\n", b"X" * 9000]
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", self.port), timeout=10) as connection:
            connection.sendall(drawn.choice(pieces)[: drawn.randint(1, 9000)])
            if drawn.random() < 0.5:
                connection.shutdown(socket.SHUT_WR)
                connection.recv(4096)
        self.note("broken", True)

    def speak_mcp(self, drawn):
        call = {"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": {"name": "search", "arguments": {"query": drawn.choice(QUESTIONS)}}}
        self.ask("mcp", "POST", "/mcp", call)

    def run(self, seed):
        drawn = random.Random(seed)
        works = [self.search] * 8 + [self.answer, self.stream, self.embed, self.look, self.broken, self.speak_mcp] * 2 + [self.upload]
        while not self.ends.is_set():
            work = drawn.choice(works)
            with self.at_work():
                try:
                    work(drawn)
                except TROUBLES as error:
                    self.note(work.__name__, False, repr(error))

    def write(self):
        """The command line beside it, the settings read anew, and long work."""
        place, n = self.project / "docs" / "soak.md", 0
        while not self.ends.wait(7):
            n += 1
            with self.at_work():
                place.write_text(f"# Soak\n\nThe soak number is {n}.\n")
                subprocess.run([self.binary, "add", "--quiet", str(place)], cwd=self.project, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
                place.unlink()
                subprocess.run([self.binary, "remove", "--quiet", str(place)], cwd=self.project, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
                try:
                    if n % 5 == 0:
                        self.read_settings()
                    if n % 20 == 0:
                        self.ask("task", "POST", "/v1/tasks", {"kind": "eval", "without_answers": True})
                except TROUBLES as error:
                    self.note("write", False, repr(error))

    # ---- rests, in which memory can be compared ----

    @contextlib.contextmanager
    def at_work(self):
        with self.changed:
            self.changed.wait_for(lambda: not self.is_resting)
            self.working += 1
        try:
            yield
        finally:
            with self.changed:
                self.working -= 1
                self.changed.notify_all()

    def rest(self):
        """MB in use once all of it has ended, and every thread has begun anew and done the same."""
        try:
            with self.changed:
                self.is_resting = True
                if not self.changed.wait_for(lambda: self.working == 0, WAIT_S_MOST):
                    raise Trouble(f"{self.working} threads are still at work")
            return self.in_use_anew()
        finally:
            with self.changed:
                self.is_resting = False
                self.changed.notify_all()

    def until(self, condition, what):
        latest = time.monotonic() + WAIT_S_MOST
        while not condition():
            if self.process.poll() is not None or time.monotonic() > latest:
                raise Trouble(f"not {what}, and the server has {'gone on' if self.process.poll() is None else 'ended'}")
            time.sleep(0.1)

    def has_no_task(self):
        tasks = self.ask("look", "GET", "/v1/tasks")
        return tasks is not None and all(task["state"] not in ("queued", "running", "stopping") for task in tasks["data"])

    def in_use_anew(self):
        self.until(self.has_no_task, "without tasks")
        self.read_settings()
        self.ask("embed", "POST", "/v1/embeddings", {"model": "builtin", "input": QUESTIONS})
        self.ask("delete", "DELETE", "/v1/files/file-none", None, (404,))
        self.ask("look", "GET", "/v1/documents")
        before, found = -1, 0
        with ThreadPoolExecutor(8) as several:
            for _ in range(ROUNDS_MOST):  # until each thread has met all of it
                list(several.map(self.search_all, range(8)))
                list(several.map(self.answer_all, range(8)))
                time.sleep(0.5)  # until what was answered is let go of, too
                before, found = found, self.in_use()
                if abs(found - before) < SAME_MB:
                    break
        return found

    def read_settings(self):
        """And waits for it: one that comes later would empty caches within a rest."""
        told = b"the settings were read again"
        before = self.log_path.read_bytes().count(told)
        self.process.send_signal(signal.SIGHUP)
        self.until(lambda: self.log_path.read_bytes().count(told) > before, "told that the settings were read")

    def search_all(self, _):
        for question in QUESTIONS:
            self.ask("search", "POST", "/v1/search", {"query": question, "k": 10, "mode": "hybrid"})

    def answer_all(self, _):
        for question in QUESTIONS[:2]:
            self.ask("answer", "POST", "/v1/chat/completions", {"model": "assay", "messages": [{"role": "user", "content": question}]})

    def in_use(self):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=600)
        connection.request("GET", "/metrics", headers={"Authorization": f"Bearer {self.key}"})
        lines = connection.getresponse().read().decode().splitlines()
        connection.close()
        told = [line.split()[1] for line in lines if line.startswith("assay_memory_in_use_bytes ")]
        if not told:
            raise Trouble("/metrics has no assay_memory_in_use_bytes: the program is built without glibc, or with a sanitizer")
        return float(told[0]) / 2**20

    def figures(self):
        """MB resident, without mapped files, and descriptors."""
        status = Path(f"/proc/{self.process.pid}/status").read_text()
        if "RssAnon:" not in status:
            raise Trouble("the server has ended")
        return int(status.split("RssAnon:")[1].split()[0]) / 1024, len(os.listdir(f"/proc/{self.process.pid}/fd"))


def slope(points):
    """Of a line through (seconds, MB): MB an hour, and its standard error."""
    n = len(points)
    mean_x, mean_y = sum(x for x, _ in points) / n, sum(y for _, y in points) / n
    spread = sum((x - mean_x) ** 2 for x, _ in points)
    by = sum((x - mean_x) * (y - mean_y) for x, y in points) / spread
    rest = sum((y - mean_y - by * (x - mean_x)) ** 2 for x, y in points)
    return 3600 * by, 3600 * math.sqrt(rest / max(1, n - 2) / spread)


def watch(use, seconds):
    """What is seen while it is used: (MB resident, descriptors) every ten seconds, and (seconds, MB in use, MB resident) of each rest."""
    started, seen, rests = time.monotonic(), [], []
    every = min(max(REST_S_MIN, seconds / RESTS), seconds / RESTS_LEAST)
    try:
        while time.monotonic() - started < seconds:
            time.sleep(min(LOOK_S, seconds / 20))
            if use.process.poll() is not None:
                raise Trouble("the server has ended")
            seen.append(use.figures())
            if time.monotonic() - started > every * (len(rests) + 1):
                in_use = use.rest()
                rests.append((time.monotonic() - started, in_use, use.figures()[0]))
    except TROUBLES as error:
        with use.lock:
            use.wrong.insert(0, f"watch: {error!r}")  # before what every thread has met since
    return seen, rests


def end(use, threads):
    """The server's exit status."""
    use.ends.set()
    for thread in threads:
        thread.join()
    use.process.terminate()
    try:
        return use.process.wait(WAIT_S_MOST)
    except subprocess.TimeoutExpired:
        use.process.kill()
        return use.process.wait()


def judge(use, code, seen, rests):
    """What is told, and whether all of it is well."""
    told, is_well = {"exit": code, "wrong": use.wrong, "requests": sum(use.counts.values()), "counts": use.counts, "rests": len(rests)}, code == 0 and not use.wrong
    counts = [count for _, count in seen[len(seen) // 4 :]]
    if len(counts) > 1:
        half = len(counts) // 2
        before, after = max(counts[:half]), max(counts[half:])
        told |= {"descriptors": [before, after], "resident_mb_most": round(max(memory for memory, _ in seen), 1)}
        is_well = is_well and after <= before + 8
    if len(rests) < RESTS_LEAST / 2:
        return {**told, "no_slope": "the rests are too few: the machine is too slow, the time too short, or something went wrong"}, False
    late, some = rests[len(rests) // 4 :], rests[:: max(1, len(rests) // 12)]
    mb, error = slope([(at, in_use) for at, in_use, _ in late])
    resident, resident_error = slope([(at, memory) for at, _, memory in late])
    told |= {"seconds": round(rests[-1][0]), "in_use_mb": [round(in_use, 2) for _, in_use, _ in some], "mb_per_hour": round(mb, 2), "standard_error": round(error, 2),
             "resident_mb": [round(memory, 1) for _, _, memory in some], "resident_mb_per_hour": round(resident, 2), "resident_standard_error": round(resident_error, 2)}  # fmt: skip
    return told, is_well and mb - 2 * error <= 1


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--binary", type=Path, default=ROOT / "build/assay")
    parser.add_argument("--seconds", type=float, default=7200)
    parser.add_argument("--threads", type=int, default=4)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    binary, folder = options.binary.resolve(), Path(tempfile.mkdtemp(prefix="assay-soak-"))
    project = folder / "shop"
    shutil.copytree(ROOT / "examples/support", project, ignore=shutil.ignore_patterns(".assay"))
    subprocess.run([binary, "init", "--quiet"], cwd=project, check=True)
    subprocess.run([binary, "add", "--quiet", "docs"], cwd=project, check=True)
    use = Use(binary, project)
    threads = [threading.Thread(target=use.run, args=(options.seed + i,)) for i in range(options.threads)] + [threading.Thread(target=use.write)]
    for thread in threads:
        thread.start()
    try:
        seen, rests = watch(use, options.seconds)
    finally:
        code = end(use, threads)
    told, is_well = judge(use, code, seen, rests)
    print(json.dumps(told))
    shutil.rmtree(folder)
    return 0 if is_well else 1


if __name__ == "__main__":
    sys.exit(main())
