"""`assay tokenize`: lines into a model's tokens, and back."""

import models
import pytest
from models import FOLDER, piped

pytestmark = models.needed
MODEL = ("--model", str(FOLDER))


def tokenize(assay, *words, lines, code=0, **more):
    outcome = piped(assay, "tokenize", *MODEL, *words, lines=lines, **more)
    assert outcome.code == code, outcome.err
    return outcome


def test_forms(assay):
    lines = "The refund window\n\nunaffable Größe\r\n".encode()
    ids = tokenize(assay, "--json", lines=lines).json()
    assert list(ids) == ["tokens"]
    assert ids["tokens"][0] == [101, 1996, 25416, 8630, 3332, 102] and ids["tokens"][1] == [101, 102]
    plain = tokenize(assay, lines=lines).out
    assert plain.splitlines()[0] == "101 1996 25416 8630 3332 102" and plain.splitlines()[1] == "101 102"
    text = tokenize(assay, "--text", lines=lines).out.splitlines()
    assert text[0] == "[CLS] the ref ##und window [SEP]"
    bare = tokenize(assay, "--bare", "--text", "--offsets", lines=lines).out.splitlines()
    assert bare[0] == "the:0-3 ref:4-7 ##und:7-10 window:11-17" and bare[1] == ""
    objects = tokenize(assay, "--json", "--text", "--offsets", lines=lines).json()["tokens"]
    assert [[token["id"] for token in line] for line in objects] == ids["tokens"]
    assert objects[0][2] == {"id": 25416, "text": "ref", "start": 4, "end": 7}
    last = objects[2]
    assert all(token["start"] <= token["end"] <= len("unaffable Größe".encode()) for token in last)
    assert tokenize(assay, "--json", lines=b"").json() == {"tokens": []}
    assert tokenize(assay, lines=b"").out == ""


def test_lines_are_cut_only_when_asked(assay):
    lines = b"window " * 1000 + b"\n"
    assert len(tokenize(assay, "--json", lines=lines).json()["tokens"][0]) == 1002
    (cut,) = tokenize(assay, "--json", "--max", "8", lines=lines).json()["tokens"]
    assert cut == [101, *[3332] * 6, 102]


def test_long_and_odd_lines(assay):
    lines = [b"window " * 200_000, b"\xff\0\x1b", b"x" * 300_000, b"last"]
    ids = tokenize(assay, "--json", "--bare", lines=b"\n".join(lines)).json()["tokens"]
    assert [len(line) for line in (ids[0], ids[3])] == [200_000, 1] and len(ids[2]) == 1
    assert "\x1b" not in tokenize(assay, "--text", lines=lines[1]).out


def test_many_lines_keep_their_order(assay):
    lines = "".join(f"{number % 1000}\n" for number in range(30_000)).encode()
    ids = tokenize(assay, "--json", "--threads", "2", lines=lines).json()["tokens"]
    assert len(ids) == 30_000 and all(ids[i] == ids[i % 1000] for i in range(30_000))
    assert tokenize(assay, "--json", "--threads", "1", lines=lines).json()["tokens"] == ids


def test_decode(assay):
    lines = b"the refund window is thirty days\nhello\n"
    ids = tokenize(assay, lines=lines).raw_out
    assert tokenize(assay, "--decode", "--bare", lines=ids).raw_out == lines
    assert tokenize(assay, "--decode", "--json", lines=b"101,7592 102\n\n").json() == {"texts": ["[CLS] hello [SEP]", ""]}


@pytest.mark.parametrize("line", [b"x", b"-1", b"1.5", b"99999999999999999999", b"4294967296", b"30522", b"4294967295"])
def test_decode_of_what_is_no_token(assay, line):
    error = tokenize(assay, "--decode", "--json", lines=line + b"\n", code=1).error("invalid")
    assert "line 1" in error["message"] and error["hint"]
    outcome = tokenize(assay, "--decode", lines=b"101\n" + line + b"\n", code=1)
    assert "line 2" in outcome.err


def test_wrong_use(assay):
    for words in (("--max", "0"), ("--max", "x"), ("--decode", "--text"), ("--decode", "--max", "4")):
        assert piped(assay, "tokenize", *MODEL, *words, lines=b"").code == 2
