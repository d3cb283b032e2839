"""`assay embed` and `assay bench embed`: lines in, numbers out, whatever the lines hold."""

import array
import json
import math
import os
import subprocess

import models
import pytest
from models import FOLDER, piped, read_npy

pytestmark = models.needed
MODEL = ("--model", str(FOLDER), "--precision", "f32")
DIMENSIONS = 384
TEXTS = ["The refund window is 30 days.", "How long may I send it back?", "Bananas are yellow."]


def embed(assay, *words, lines, code=0, **more):
    data = lines if isinstance(lines, bytes) else "".join(line + "\n" for line in lines).encode()
    outcome = piped(assay, "embed", *MODEL, *words, lines=data, **more)
    assert outcome.code == code, outcome.err
    return outcome


def rows(assay, lines, *words):
    return embed(assay, "--json", *words, lines=lines).json()["embeddings"]


def product(a, b):
    return sum(x * y for x, y in zip(a, b, strict=True))


def test_meaning(assay):
    document = embed(assay, "--json", lines=TEXTS).json()
    assert list(document) == ["model", "dimensions", "embeddings"]
    assert document["model"] == FOLDER.name and document["dimensions"] == DIMENSIONS
    first, second, third = document["embeddings"]
    assert all(abs(product(row, row) - 1) < 1e-5 for row in (first, second, third))
    assert product(first, second) > product(first, third) + 0.1


def test_formats_hold_the_same_numbers(assay, tmp_path):
    listed = rows(assay, TEXTS)
    exact = [array.array("f", row).tolist() for row in listed]
    npy = read_npy(embed(assay, "--format", "npy", lines=TEXTS).raw_out)  # through a pipe: held back
    assert npy[:2] == (3, DIMENSIONS) and npy[2].tolist() == sum(exact, [])
    with open(tmp_path / "out.npy", "wb") as file:  # into a file: the head is mended
        embed(assay, "--format", "npy", lines=TEXTS, stdout=file)
    assert read_npy((tmp_path / "out.npy").read_bytes())[2] == npy[2]
    text = embed(assay, "--format", "text", lines=TEXTS).out.splitlines()
    assert [[float(word) for word in line.split(" ")] for line in text] == listed
    assert embed(assay, lines=TEXTS).out.splitlines() == text  # nobody looks
    lines = [json.loads(line) for line in embed(assay, "--format", "jsonl", lines=TEXTS).out.splitlines()]
    assert lines == [{"index": i, "embedding": row} for i, row in enumerate(listed)]


def test_npy_behind_other_output(assay, tmp_path):
    path = tmp_path / "out"
    for mode in ("wb", "ab"):  # what is appended cannot be mended, so it is held back
        with open(path, mode) as file:
            start = file.tell()
            file.write(b"head")
            file.flush()
            embed(assay, "--format", "npy", lines=TEXTS, stdout=file)
        assert read_npy(path.read_bytes()[start + 4 :])[0] == 3


def test_line_ends(assay):
    plain = rows(assay, ["a", "b"])
    assert rows(assay, b"a\r\nb\r\n") == plain and rows(assay, b"a\nb") == plain
    empty = rows(assay, b"\n\na\n")
    assert len(empty) == 3 and empty[0] == empty[1] and empty[2] == plain[0]
    assert rows(assay, b"") == []
    assert rows(assay, b"\n") == [empty[0]]


def test_files_one_after_the_other(assay, tmp_path):
    (tmp_path / "one").write_text("a\nb")
    (tmp_path / "two").write_text("")
    (tmp_path / "three").write_text("c\n")
    expected = rows(assay, ["a", "b", "c", "d"])
    outcome = embed(assay, "--json", "one", "two", "three", "-", lines=b"d", cwd=tmp_path)
    assert outcome.json()["embeddings"] == expected


def test_any_bytes(assay):
    lines = [b"\xff\xfe", b"a\0b", b"\x1b[31m", "ሕ\u0301 🎉".encode(), b"\t", b" " * 1000]
    numbers = rows(assay, b"\n".join(lines) + b"\n")
    assert len(numbers) == len(lines) and all(math.isfinite(x) for row in numbers for x in row)


def test_neighbours_and_threads_change_nothing(assay):
    lines = [f"{i} " + "word " * (i % 50) for i in range(60)]
    for precision in ("f32", "bf16", "int8"):
        together = rows(assay, lines, "--precision", precision, "--threads", "2")
        assert rows(assay, lines[::-1], "--precision", precision, "--threads", "1") == together[::-1]
        assert rows(assay, lines[7:8], "--precision", precision) == together[7:8]
        assert all(abs(product(row, row) - 1) < 1e-4 for row in together)


def test_a_line_too_long(assay, tmp_path):
    limit = 16 * 1024 * 1024
    path = tmp_path / "long"
    path.write_bytes(b"x\n" + b"y" * (limit + 1) + b"\n")
    for words in (("embed", *MODEL), ("tokenize", "--model", str(FOLDER))):
        error = assay(*words, "--json", str(path), code=1).error("limit")
        assert "line 2" in error["message"] and str(limit) in error["message"] and error["hint"]
    path.write_bytes(b"y" * limit)
    assert len(assay("embed", *MODEL, "--json", str(path)).json()["embeddings"]) == 1


def test_an_error_in_the_middle(assay, tmp_path):
    """What was written stays, and the reason goes to standard error."""
    outcome = embed(assay, "--json", "-", str(tmp_path / "none"), lines=b"a\n", code=1)
    assert outcome.out.startswith('{"model"') and "could not open" in outcome.err
    outcome = embed(assay, "--json", str(tmp_path / "none"), lines=b"", code=1)
    outcome.error("not_found")
    outcome = embed(assay, "--json", str(tmp_path), lines=b"", code=1)
    assert "line 1" in outcome.error()["message"]


def test_full_disk(assay):
    if not os.path.exists("/dev/full"):
        pytest.skip("there is no /dev/full")
    for words in ((), ("--json",), ("--format", "npy")):
        with open("/dev/full", "wb") as full:
            outcome = embed(assay, *words, lines=TEXTS, code=1, stdout=full)
        assert outcome.err.count("could not write to standard output") == 1, outcome.err


def test_states(assay):
    document = embed(assay, "--states", "--json", lines=["hello world"]).json()
    assert list(document) == ["rows", "hidden", "states"]
    assert document["rows"] == 4 == len(document["states"]) and document["hidden"] == DIMENSIONS
    vector = [sum(column) / 4 for column in zip(*document["states"], strict=True)]
    length = math.sqrt(product(vector, vector))
    expected = rows(assay, ["hello world"])[0]
    assert max(abs(a / length - b) for a, b in zip(vector, expected, strict=True)) < 1e-5
    for lines in ([], ["a", "b"]):
        embed(assay, "--states", "--json", lines=lines, code=1).error("invalid")


def test_wrong_use(assay, tmp_path):
    for words, message in (
        (("--precision", "f64"), "unrecognized precision"),
        (("--format", "csv"), "unrecognized format"),
        (("--threads", "0"), "--threads"),
        (("--states", "--score"), "do not go together"),
        (("--score", "--prompt", "x"), "do not go together"),
        (("--json", "--format", "npy"), "do not go together"),
    ):
        outcome = assay("embed", *words, cwd=tmp_path, code=2)
        assert message in (outcome.err or outcome.out), words
    error = embed(assay, "--json", "--prompt", "query", lines=TEXTS, code=1).error("not_found")
    assert '"query"' in error["message"]
    error = embed(assay, "--json", "--score", lines=["a\tb"], code=1).error("invalid")
    assert FOLDER.name in error["message"]


def test_no_project_is_needed_and_none_is_made(assay, tmp_path):
    assert piped(assay, "embed", *MODEL, "--json", lines=b"x\n", cwd=tmp_path).code == 0
    assert os.listdir(tmp_path) == []


def test_answers_at_once(assay):
    """Whoever writes a line into a pipe and waits gets its vector."""
    process = assay.start("embed", *MODEL, "--format", "jsonl", stdin=subprocess.PIPE)
    for number in range(3):
        process.stdin.write(b"a line\n")
        process.stdin.flush()
        line = b""
        while not line.endswith(b"\n"):
            line += os.read(process.stdout.fileno(), 65536)
        assert json.loads(line)["index"] == number
    process.stdin.close()
    assert process.wait(timeout=60) == 0
    assert process.stderr.read() == b""


def test_memory_does_not_grow(assay, tmp_path):
    """A tenth and the whole of a large input take about the same room."""
    if assay.sanitized:
        pytest.skip("sanitizers keep what is freed")
    peaks = []
    for count in (30_000, 300_000):
        path = tmp_path / "lines"
        path.write_bytes(b"a line of a few words\n" * count)
        code = (
            "import resource, subprocess, sys\n"
            "subprocess.run(sys.argv[1:], check=True, stdout=subprocess.DEVNULL)\n"
            "print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)"
        )
        words = [assay.binary, "tokenize", "--model", FOLDER, "--json", path]
        done = subprocess.run(["python3", "-c", code, *map(str, words)], capture_output=True, text=True, check=True)
        peaks.append(int(done.stdout))
    assert peaks[1] < peaks[0] * 1.3 + 4096, peaks


def test_terminal(assay, tmp_path):
    pty = pytest.importorskip("pty")
    try:
        leader, follower = pty.openpty()
    except OSError as reason:
        pytest.skip(f"no pseudo-terminal here: {reason}")
    path = tmp_path / "lines"
    path.write_bytes(b"a text \x1b[31m\n")
    assay("embed", *MODEL, str(path), stdout=follower)
    os.close(follower)
    out = os.read(leader, 65536)
    os.close(leader)
    assert b"(384)" in out and b"length 1.000" in out and b"a text" in out and b"\x1b" not in out


def test_bench(assay, tmp_path):
    path = tmp_path / "texts"
    path.write_text("".join(text + "\n" for text in TEXTS))
    words = ("bench", "embed", *MODEL, "--threads", "1", "--repeat", "2", "--texts", str(path))
    figures = assay(*words, "--json").json()
    assert {"name", "model", "precision", "threads", "kernels", "texts", "tokens", "seconds", "spread"} <= set(figures)
    assert figures["name"] == "embed" and figures["texts"] == 3 and figures["threads"] == 1 and figures["precision"] == "f32"
    assert figures["tokens"] == 26 and figures["gflops"] > 0
    assert figures["texts_per_second"] == pytest.approx(3 / figures["seconds"], rel=1e-3)
    latency = assay(*words, "--json", "--latency").json()
    assert 0 < latency["p50_ms"] <= latency["p99_ms"]
    assert "tokens/s" in assay(*words).out
    path.write_text("")
    assay(*words, "--json", code=1).error("invalid")
