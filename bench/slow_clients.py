"""What a thousand clients that send their requests a byte at a time do to those who ask as usual.

    python3 bench/slow_clients.py [--binary build/assay] [--slow 1000] [--searches 2000]

Makes a project of the example documents, starts a server, and searches one after the other: first alone, then while so many connections have
each sent part of a head and go on with a byte a second; one that the server ends is opened anew. Prints one JSON line: the searches' times, the
ratio of the 99th percentiles, how many slow connections were open at the end, and how many the server had ended.
"""

import argparse
import http.client
import json
import resource
import socket
import statistics
import threading
import time
from pathlib import Path

from served import served

ROOT = Path(__file__).resolve().parents[1]
HEAD = b"GET /v1/models HTTP/1.1\r\nHost: localhost\r\nX-Slow: "


class Slow(threading.Thread):
    def __init__(self, port, count):
        super().__init__(daemon=True)
        self.port, self.count, self.ended, self.going = port, count, 0, True
        self.open = [self.connect() for _ in range(count)]

    def connect(self):
        connection = socket.create_connection(("127.0.0.1", self.port))
        connection.sendall(HEAD)
        connection.setblocking(False)
        return connection

    def run(self):
        while self.going:
            for i, connection in enumerate(self.open):
                try:
                    connection.send(b"a")
                    is_over = False
                    try:
                        is_over = connection.recv(512) is not None  # an answer, or the end
                    except BlockingIOError:
                        pass
                except OSError:
                    is_over = True
                if is_over:
                    self.ended += 1
                    connection.close()
                    self.open[i] = self.connect()
            time.sleep(1)


def search(port, key, count):
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    times = []
    for i in range(count):
        began = time.perf_counter()
        connection.request("POST", "/v1/search", json.dumps({"query": f"guarantee of item {i % 50}", "mode": "text"}),
                           {"Authorization": f"Bearer {key}", "Content-Type": "application/json"})  # fmt: skip
        answer = connection.getresponse()
        answer.read()
        if answer.status != 200:
            raise SystemExit(f"slow_clients: a search was answered {answer.status}")
        times.append(1000 * (time.perf_counter() - began))
    return {"p50_ms": round(statistics.median(times), 3), "p99_ms": round(statistics.quantiles(times, n=100)[98], 3)}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--binary", type=Path, default=ROOT / "build/assay")
    parser.add_argument("--slow", type=int, default=1000)
    parser.add_argument("--searches", type=int, default=2000)
    options = parser.parse_args()
    most = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    with served(options.binary, "embedding: none\n") as (greeting, _):
        port, key = int(greeting["listening"].rsplit(":", 1)[1]), greeting["admin_key"]
        search(port, key, 200)
        alone = search(port, key, options.searches)
        slow = Slow(port, options.slow)
        slow.start()
        beside = search(port, key, options.searches)
        slow.going = False
        slow.join()
    print(json.dumps({"name": "slow_clients", "slow": options.slow, "open": len(slow.open), "ended": slow.ended, "alone": alone, "beside": beside,
                      "p99_ratio": round(beside["p99_ms"] / alone["p99_ms"], 2)}))  # fmt: skip


if __name__ == "__main__":
    main()
