"""The HTML tokenizer, token by token, against html5lib's test cases where they are at hand, and against some written here."""

import json
import subprocess

import pytest
from conftest import BINARY, ROOT

PROGRAM = BINARY.parent / "tests" / "html" / "print_tokens"
CASES = ROOT.parent / "shared" / "data" / "html5lib-tests" / "tokenizer"
MODES = {"Data state": "data", "RCDATA state": "rcdata", "RAWTEXT state": "rawtext", "Script data state": "script",
         "PLAINTEXT state": "plaintext", "CDATA section state": "cdata"}  # fmt: skip

pytestmark = pytest.mark.skipif(not PROGRAM.exists(), reason="no print_tokens beside the program")

OURS = [
    ("data", "-", "<a href='x&ampy' b=c&amp=d e=&notit;>&notit;", [["StartTag", "a", {"href": "x&ampy", "b": "c&amp=d", "e": "&notit;"}],
                                                                    ["Character", "¬it;"]]),
    ("data", "-", "<!doctype HTML><br/></p x=y>", [["DOCTYPE", "html", None, None, True], ["StartTag", "br", {}, True], ["EndTag", "p"]]),
    ("data", "-", "<!--a--!>b<!-->c<!--d", [["Comment", "a"], ["Character", "b"], ["Comment", ""], ["Character", "c"], ["Comment", "d"]]),
    ("rcdata", "title", "a<b>&lt;</title>c", [["Character", "a<b><"], ["EndTag", "title"], ["Character", "c"]]),
    ("script", "script", "<!--<script></script>--></script>", [["Character", "<!--<script></script>-->"], ["EndTag", "script"]]),
    ("data", "-", "&#x80;&#xD800;&#0;&NotEqualTilde;", [["Character", "€\ufffd\ufffd≂̸"]]),
    ("data", "-", "<a b=c", []),
]  # fmt: skip


def unescaped(value):
    if isinstance(value, str):
        return json.loads('"' + value.replace('"', '\\"') + '"') if "\\" in value else value
    if isinstance(value, list):
        return [unescaped(item) for item in value]
    if isinstance(value, dict):
        return {unescaped(key): unescaped(item) for key, item in value.items()}
    return value


def joined(tokens):
    """Neighbouring text as one token."""
    out = []
    for token in tokens:
        if token[0] == "Character" and out and out[-1][0] == "Character":
            out[-1] = ["Character", out[-1][1] + token[1]]
        else:
            out.append(list(token))
    return out


def theirs():
    for path in sorted(CASES.glob("*.test")):
        for case in json.loads(path.read_text(encoding="utf-8")).get("tests", []):
            source, output = case["input"], case["output"]
            if case.get("doubleEscaped"):
                source, output = unescaped(source), unescaped(output)
            if any("\ud800" <= character <= "\udfff" for character in source):
                continue  # no UTF-8 says this
            for state in case.get("initialStates", ["Data state"]):
                yield MODES[state], case.get("lastStartTag") or "-", source, output


def check(cases):
    stdin = b"".join(b"%s %s %d\n%s" % (mode.encode(), name.encode(), len(source.encode()), source.encode())
                     for mode, name, source, _ in cases)  # fmt: skip
    run = subprocess.run([PROGRAM], input=stdin, stdout=subprocess.PIPE, check=True, timeout=120)
    lines = run.stdout.decode("utf-8").split("\n")
    assert len(lines) == len(cases) + 1
    for (mode, name, source, wanted), line in zip(cases, lines):
        assert joined(json.loads(line)) == joined(wanted), f"{mode} {name} {source!r}"


def test_cases_written_here():
    check(OURS)


def test_html5lib_cases():
    cases = list(theirs())
    if not cases:
        pytest.skip("html5lib's cases are not beside the project")
    assert len(cases) > 50
    check(cases)
