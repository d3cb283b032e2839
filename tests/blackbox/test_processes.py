"""Several processes, and those that end too early."""

import os
import signal
import time

import pytest
from conftest import Outcome, places

COUNT = 3000


@pytest.fixture
def many(project):
    for i in range(COUNT):
        project.write(f"docs/{i:04}.md", f"# T{i}\n\nzorbit n{i}x\n\n## Two\n\nzorbit\n")
    return project


def told_of(lines):
    return {line.removeprefix("added ") for line in lines if line.endswith(".md")}


def check_whole(project, told):
    """Everything that was told is there, and what is there is whole; then adding goes on where it ended."""
    documents = project.documents()
    assert told <= documents.keys()
    assert all(document["passages"] == 2 for document in documents.values())
    report = project.run("search", "--json", "-k", "10000", "zorbit").json()
    assert report["searched"] == len(places(report["results"])) == 2 * len(documents)
    assert project.doctor()["problems"] == []
    report = project.add()
    assert report["added"] == COUNT - len(documents) and report["unchanged"] == len(documents)
    assert len(places(project.search("-k", "10000", "zorbit"))) == 2 * COUNT
    report = project.doctor()
    assert report["ok"] and report["unsealed"] == 0 and report["notes"] == []


@pytest.mark.parametrize("lines", [1, 2, 600, 1200, 2047, 2048, 2560, 2990, 3000])
def test_killed_after_so_many_lines(many, lines):
    process = many.assay.start("add", "--verbose", "-q", cwd=many.path)
    told = told_of(process.stdout.readline().decode().strip() for _ in range(lines))
    process.kill()
    rest, _ = process.communicate()
    assert process.returncode in (0, -signal.SIGKILL)
    complete = rest.decode().split("\n")[:-1]  # a line that was cut tells nothing
    check_whole(many, told | told_of(complete))


@pytest.mark.parametrize("milliseconds", [1, 3, 10, 20, 40, 80, 150])
def test_killed_after_so_long(many, milliseconds):
    process = many.assay.start("add", "-q", cwd=many.path)
    time.sleep(milliseconds / 1000 * (8 if many.assay.sanitized else 1))
    process.kill()
    process.communicate()
    check_whole(many, set())


def test_killed_while_updating(many):
    many.add()
    for i in range(0, COUNT, 2):
        many.write(f"docs/{i:04}.md", f"# T{i}\n\nzorbit changed{i}x\n\n## Two\n\nzorbit\n")
    process = many.assay.start("add", "--verbose", "-q", cwd=many.path)
    told = [process.stdout.readline().decode().split()[1] for _ in range(600)]
    process.kill()
    process.communicate()
    assert len(many.search("-k", "10000", "zorbit")) == 2 * COUNT and many.doctor()["ok"]
    for path in told[::60]:
        assert many.found(f"changed{int(path[5:9])}x") == [path]
    report = many.add()
    assert report["added"] == 0 and report["updated"] <= COUNT // 2 - 600
    assert many.found(f"n{COUNT - 2}x") == [] and many.doctor()["ok"]


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_interrupted(many, number):
    process = many.assay.start("add", "--verbose", cwd=many.path)
    first = process.stdout.readline().decode().strip()
    process.send_signal(number)
    outcome = many.assay.finish(process)
    assert outcome.code == 1, outcome.out[-300:]
    assert "assay: stopped after" in outcome.err and "Run the command again" in outcome.err
    told = told_of([first, *outcome.out.splitlines()])
    assert told and told == set(many.documents())
    check_whole(many, told)


def test_interrupted_with_json(many):
    process = many.assay.start("add", "--json", cwd=many.path)
    time.sleep(0.05)
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=60)
    if process.returncode == -signal.SIGINT:
        pytest.skip("the signal came before the program was ready for it")
    outcome = Outcome([], process.returncode, out, err)
    if outcome.code == 1:
        outcome.error("cancelled")
    else:
        assert outcome.json()["added"] == COUNT
    check_whole(many, set())


def test_pipe_that_is_closed(many):
    """`assay add -v | head -1`: what was stored stays whole."""
    process = many.assay.start("add", "--verbose", cwd=many.path)
    first = process.stdout.readline().decode().strip()
    process.stdout.close()
    process.stderr.close()
    process.wait(timeout=60)
    check_whole(many, told_of([first]))


def test_two_adds_at_once(many):
    first = many.assay.start("add", "--json", cwd=many.path)
    lock = many.path / ".assay" / "lock"
    end = time.monotonic() + 20
    while not (lock.exists() and lock.read_text().strip()) and time.monotonic() < end and first.poll() is None:
        time.sleep(0.001)
    second = many.run("add", "--json", code=None)
    if second.code == 1:
        error = second.error("conflict")
        assert f"process {first.pid} (assay add)" in error["message"] and "reading works meanwhile" in error["hint"]
    else:  # the first was so quick that it had ended
        assert second.json()["unchanged"] == COUNT
    assert many.assay.finish(first).json()["added"] == COUNT
    assert second.code == 1
    assert lock.read_text() == "" and many.counts() == (0, 0, COUNT, 0, 0)


def test_many_adds_at_once(project):
    """Whoever is refused says so; together they add everything exactly once."""
    for i in range(8):
        for j in range(50):
            project.write(f"part{i}/{j}.md", f"zorbit p{i}n{j}")
    pending = list(range(8))
    end = time.monotonic() + 60
    while pending and time.monotonic() < end:
        running = [(i, project.assay.start("add", "--json", f"part{i}", cwd=project.path)) for i in pending]
        pending = []
        for i, process in running:
            outcome = project.assay.finish(process)
            if outcome.code == 0:
                assert outcome.json()["added"] == 50
            else:
                outcome.error("conflict")
                pending.append(i)
    assert len(project.found("zorbit")) == 400 and project.doctor()["ok"]


def test_many_searches_at_once(project):
    for i in range(100):
        project.write(f"docs/{i}.md", f"zorbit n{i}")
    project.add()
    running = [project.assay.start("search", "--json", "-k", "1000", "zorbit", cwd=project.path) for _ in range(24)]
    results = [project.assay.finish(process).json()["results"] for process in running]
    assert all(result == results[0] for result in results) and len(results[0]) == 100


def test_search_after_a_kill_with_nobody_else(many):
    """The writer died with its lock and its journal: a reader gets by without repairing anything first."""
    process = many.assay.start("add", "-v", "-q", cwd=many.path)
    process.stdout.readline()
    os.kill(process.pid, signal.SIGSTOP)  # halfway, and alive
    try:
        seen = many.search("-k", "10000", "zorbit")
        assert len(seen) >= 1024 and len(seen) % 2 == 0
    finally:
        process.kill()
        process.communicate()
    assert many.search("-k", "10000", "zorbit")[: len(seen)] is not None
    assert many.doctor()["ok"]
