"""A log that nobody reads: the server goes on, and what was lost of it is counted."""

import contextlib
import fcntl
import http.client
import json
import os
import select
import signal
import threading

from conftest import SLOWNESS

REQUESTS = 4000  # their lines are more than the pipe and the server's memory hold
PIPE_BYTES = 4096


@contextlib.contextmanager
def serving_into(project, log):
    process = project.assay.start("serve", "--json", "--listen", "127.0.0.1:0", cwd=project.path, stderr=log)
    try:
        assert select.select([process.stdout], [], [], 30 * SLOWNESS)[0]
        yield process, int(json.loads(process.stdout.readline())["listening"].rsplit(":", 1)[1])
    finally:
        process.kill()
        process.wait()
        process.stdout.close()


def ask(port, count):
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60 * SLOWNESS)
    for number in range(count):
        if number % 100 == 0:  # of one connection only so many are taken
            connection.close()
        connection.request("GET", "/nothing")
        answer = connection.getresponse()
        answer.read()
        assert answer.status in (401, 404)
    connection.close()


def test_a_log_that_nobody_reads(project):
    read, write = os.pipe()
    fcntl.fcntl(write, fcntl.F_SETPIPE_SZ, PIPE_BYTES)
    with serving_into(project, write) as (process, port):
        os.close(write)
        threads = [threading.Thread(target=ask, args=(port, REQUESTS // 4)) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        ask(port, 1)  # still it answers
        log, more = b"", 0
        while b'"lost"' not in log and more < 100:
            while select.select([read], [], [], 0.3)[0]:  # what waits comes by itself
                log += os.read(read, 65536)
            ask(port, 1)  # what was lost is told before the next line that has room
            more += 1
        process.send_signal(signal.SIGTERM)
        while part := os.read(read, 65536):
            log += part
        assert process.wait(60 * SLOWNESS) == 0
    os.close(read)
    lines = [json.loads(line) for line in log.splitlines()]
    lost = sum(line.get("lost", 0) for line in lines)
    requests = sum("request" in line for line in lines)
    assert lost > 0 and lost + requests == REQUESTS + 1 + more
    assert lines[-1]["message"] == "stopped"


def test_nobody_reads_until_the_end(project):
    read, write = os.pipe()
    fcntl.fcntl(write, fcntl.F_SETPIPE_SZ, PIPE_BYTES)
    with serving_into(project, write) as (process, port):
        os.close(write)
        ask(port, 100)
        process.send_signal(signal.SIGTERM)
        assert process.wait(60 * SLOWNESS) == 0
    os.close(read)


def test_a_file_has_every_line(project):
    path = project.path.parent / "whole.log"
    with open(path, "wb") as log, serving_into(project, log) as (process, port):
        ask(port, 50)
        process.send_signal(signal.SIGTERM)
        assert process.wait(60 * SLOWNESS) == 0
    lines = [json.loads(line) for line in path.read_text().splitlines()]
    assert sum("request" in line for line in lines) == 50 and not any("lost" in line for line in lines)
