#!/usr/bin/env python3
"""How much `assay serve` answers, how long that takes, and what it takes of memory; the load (bench/serve_load.c) runs on the same machine.

    python3 bench/bench_serve.py --binary build/assay [--passages 100000] [--seconds 10] [--only search,overload,embeddings,streams,restart]

Makes a project of N passages from a seed (bench/fill_project.c), starts a server, and measures, one JSON line each:
  search      POST /v1/search: as many a second as it answers over --connections, by words and by words and meaning (as is usual), k = 8
  calm        the same at 3,000 a second, or at 0.8 of what it answers where that is less: latency from when a request was due
  overload    twice as many a second as it answers: latency of those that were answered 200, and how many were refused
  embeddings  POST /v1/embeddings, 64 texts a request, over 2 connections, beside `assay bench embed` on the same texts
  streams     memory of 1,000 connections that each had a streamed answer and stay open, behind 100 answers
  server      the most memory that the server had for all of these
  restart     killed (SIGKILL) while it searches and takes in a file, ten times: from the start of the next one until /ready says so, until a search by words is
              answered, and until one by words and meaning is (the model is opened for it); tests/faults/serve_kills.py looks at what must be there then
Fails when an answer is wrong, or a request gets another status than 200, 429 or 503. Bars: 3,000 searches a second at a p99 of 20 ms; embeddings at
0.9 of `bench embed`; 100 MB for the streams; under overload a p99 of twice the calm one; 1 s until ready with --passages 1000000.
"""
import argparse
import json
import os
import random
import resource
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path

from bench_ask import questions_make, word
from bench_search import MODEL, run_json
from probes import build_probe

ROOT = Path(__file__).resolve().parent.parent
WARM = 100  # answers before memory is looked at
CROWD = 512  # connections under overload: more than wait in the server


def build_load(build):
    program = build / "serve_load"
    subprocess.run(["cc", "-O2", "-D_GNU_SOURCE", ROOT / "bench/serve_load.c", "-o", program], check=True)
    return program


class Server:
    def __init__(self, binary, project):
        self.log = open(project / "server.log", "wb")
        self.process = subprocess.Popen([binary, "serve", "--json", "--listen", "127.0.0.1:0"], cwd=project, stdout=subprocess.PIPE, stderr=self.log)
        greeting = json.loads(self.process.stdout.readline())
        self.port, key = int(greeting["listening"].rsplit(":", 1)[1]), project / "server.key"
        if "admin_key" in greeting:
            key.write_text(greeting["admin_key"])
        self.key = key.read_text()

    def ask(self, path, body):
        return self.post(path, json.dumps(body).encode(), "application/json")

    def post(self, path, data, kind):
        request = urllib.request.Request(f"http://127.0.0.1:{self.port}{path}", data, {"Authorization": f"Bearer {self.key}", "Content-Type": kind})
        with urllib.request.urlopen(request) as answer:
            return json.loads(answer.read())

    def memory_mb(self, kind="VmRSS"):
        status = Path(f"/proc/{self.process.pid}/status").read_text()
        return int(status.split(f"{kind}:")[1].split()[0]) / 1024

    def cpu_s(self):
        fields = Path(f"/proc/{self.process.pid}/stat").read_text().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def kill(self):
        self.process.kill()
        self.process.wait()
        self.process.stdout.close()
        self.log.close()

    def is_ready(self):
        with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/ready") as answer:
            return answer.status == 200

    def stop(self):
        self.process.terminate()
        code = self.process.wait()
        self.process.stdout.close()
        self.log.close()
        assert code == 0, code


def emit(name, **values):
    print(json.dumps({"name": name, **values}), flush=True)


def load(program, server, path, bodies, connections, seconds, rate=0):
    """What bench/serve_load.c prints; a status that nobody expects is a failure."""
    text = "".join(json.dumps(body) + "\n" for body in bodies)
    before = server.cpu_s()
    run = subprocess.run([program, str(server.port), server.key, path, str(connections), str(int(seconds * 1000)), str(rate)], input=text, text=True,
                         stdout=subprocess.PIPE, check=True)  # fmt: skip
    figures = json.loads(run.stdout)
    assert figures["other"] == 0 and figures["broken"] == 0 and figures["ok"] > 0, figures
    figures["server_cpu_ms"] = round(1000 * (server.cpu_s() - before) / (figures["ok"] + figures["refused"]), 3)  # of a request
    return figures


def check_searches(binary, project, server, bodies):
    for body in bodies[:5]:
        told = server.ask("/v1/search", body)["results"]
        expected = run_json(binary, "search", "--json", "--k", str(body["k"]), "--mode", body["mode"], body["query"], cwd=project)["results"]
        assert [(hit["document"], hit["start"]) for hit in told] == [(hit["document"], hit["start"]) for hit in expected] and told


def measure_searches(binary, project, server, program, options, chosen):
    for mode in ("text", "hybrid"):
        bodies = [{"query": text, "k": 8, "mode": mode} for _, text in questions_make(2000, 7)]
        check_searches(binary, project, server, bodies)
        load(program, server, "/v1/search", bodies, 8, 2)  # warm
        found = load(program, server, "/v1/search", bodies, options.connections, options.seconds)
        emit(f"search_{mode}", passages=options.passages, connections=options.connections, **found)
        rate = min(3000, 0.8 * found["per_second"])
        calm = load(program, server, "/v1/search", bodies, options.connections, options.seconds, rate)
        emit(f"calm_{mode}", rate=round(rate), **calm)
        if "overload" in chosen:
            over = load(program, server, "/v1/search", bodies, CROWD, options.seconds, 2 * found["per_second"])
            emit(f"overload_{mode}", rate=round(2 * found["per_second"]), connections=CROWD, p99_to_calm=round(over["p99_ms"] / calm["p99_ms"], 2),
                 p99_to_full=round(over["p99_ms"] / found["p99_ms"], 2), **over)  # fmt: skip
            time.sleep(2)  # until nobody waits any longer


def measure_embeddings(binary, project, server, program, options):
    drawn = random.Random(3)
    texts = [" ".join(word(int(20 + drawn.random() ** 3 * 20000)) for _ in range(12)) for _ in range(2048)]
    bodies = [{"model": "builtin", "input": texts[at:at + 64], "encoding_format": "base64"} for at in range(0, len(texts), 64)]
    lines = project / "texts.txt"
    lines.write_text("\n".join(texts) + "\n")
    shares = []
    for turn in range(15):  # a machine's speed may change by half from one to the next: fewer turns tell little
        bare = run_json(binary, "bench", "embed", "--json", "--repeat", "1", "--texts", lines, cwd=project)
        served = load(program, server, "/v1/embeddings", bodies, 2, options.seconds / 2)
        bare_texts = bare["texts_per_second"]
        shares.append(64 * served["per_second"] / bare_texts)
        emit("embeddings", turn=turn, texts_per_second=round(64 * served["per_second"]), bench_embed=round(bare_texts), share=round(shares[-1], 3),
             p99_ms=served["p99_ms"])  # fmt: skip
    emit("embeddings_share", median=round(statistics.median(shares), 3))


def measure_streams(server):
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(hard, max(soft, 4096)), hard))
    body = json.dumps({"model": "assay", "stream": True, "messages": [{"role": "user", "content": "ba do ri"}]}).encode()
    head = f"POST /v1/chat/completions HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer {server.key}\r\nContent-Type: application/json\r\n"
    request = head.encode() + f"Content-Length: {len(body)}\r\n\r\n".encode() + body
    before, streams = 0, []
    for number in range(WARM + 1000):
        if number == WARM:  # what answers need, whoever asked for them, is there now: the model, the index, words that were met
            before, streams = server.memory_mb(), []
        stream = socket.create_connection(("127.0.0.1", server.port))
        stream.sendall(request)
        got = b""
        while not got.endswith(b"0\r\n\r\n"):
            part = stream.recv(65536)
            assert part, got[:200]
            got += part
        assert b"[DONE]" in got
        streams.append(stream)
    after = server.memory_mb()
    emit("streams", count=len(streams), mb=round(after - before, 1), server_mb=round(after, 1))
    for stream in streams:
        stream.close()


def send_file(server, text):
    """Into a vector store: what is acknowledged is a promise to take it in."""
    form = (f'--x\r\nContent-Disposition: form-data; name="purpose"\r\n\r\nassistants\r\n--x\r\nContent-Disposition: form-data; name="file"; filename="sent.txt"'
            f"\r\n\r\n{text}\r\n--x--\r\n").encode()  # fmt: skip
    file = server.post("/v1/files", form, "multipart/form-data; boundary=x")["id"]
    server.ask("/v1/vector_stores", {"name": "sent", "file_ids": [file]})


def measure_restarts(binary, project, server, program, options):
    """The server that runs in the end, which the caller stops."""
    bodies = [{"query": text, "k": 8, "mode": mode} for _, text in questions_make(2000, 11) for mode in ("text", "hybrid")]
    readies, searches, meanings = [], [], []
    for turn in range(10):
        load = subprocess.Popen([program, str(server.port), server.key, "/v1/search", "16", "10000", "0"], stdin=subprocess.PIPE, text=True,
                                stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)  # fmt: skip
        load.stdin.write("".join(json.dumps(body) + "\n" for body in bodies))
        load.stdin.close()
        time.sleep(0.5)
        send_file(server, f"restart {time.time()}\n\n" + " ".join(text for _, text in questions_make(200, 100 + turn)))  # some passages, which are being taken in
        time.sleep(0.05 * turn)
        assert load.poll() is None, "the load ended before the server did"
        server.kill()
        load.wait()  # it ends where it finds nobody to connect to
        started = time.monotonic()
        server = Server(binary, project)
        assert server.is_ready()
        readies.append(time.monotonic() - started)
        for body, waits in zip(bodies, (searches, meanings)):
            assert server.ask("/v1/search", body)["results"]
            waits.append(time.monotonic() - started)
    emit("restart", passages=options.passages, ready_s=round(max(readies), 3), median_s=round(sorted(readies)[5], 3), search_s=round(max(searches), 3),
         meaning_s=round(max(meanings), 3))  # fmt: skip
    return server


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--binary", type=Path, default=ROOT / "build/assay")
    parser.add_argument("--passages", type=int, default=100000)
    parser.add_argument("--seconds", type=float, default=10)
    parser.add_argument("--connections", type=int, default=16)
    parser.add_argument("--only", default="search,overload,embeddings,streams,restart")
    parser.add_argument("--keep", type=Path, help="folder for the project, used again next time")
    options = parser.parse_args()
    if not MODEL.exists():
        print(f"left out: {MODEL} is not there; scripts/setup fetches it")
        return 0
    binary, chosen = options.binary.resolve(), options.only.split(",")
    program, filler = build_load(binary.parent), build_probe("fill_project", binary.parent)
    project = options.keep.resolve() if options.keep else Path(tempfile.mkdtemp(prefix="assay-bench-"))
    try:
        if not (project / "assay.yaml").exists():
            subprocess.run([binary, "init", "--quiet", project], check=True)
            (project / "assay.yaml").write_text(f"embedding: {MODEL}\n")
            run_json(filler, project, str(options.passages), MODEL, cwd=project)
        server = Server(binary, project)
        started = time.monotonic()
        try:
            if "search" in chosen:
                measure_searches(binary, project, server, program, options, chosen)
            if "embeddings" in chosen:
                measure_embeddings(binary, project, server, program, options)
            if "streams" in chosen:
                measure_streams(server)
            emit("server", seconds=round(time.monotonic() - started), peak_mb=round(server.memory_mb("VmHWM"), 1))  # of the one that did all this
            if "restart" in chosen:
                server = measure_restarts(binary, project, server, program, options)
        finally:
            server.stop()
    finally:
        if not options.keep:
            shutil.rmtree(project)
    return 0


if __name__ == "__main__":
    sys.exit(main())
