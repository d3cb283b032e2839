"""Help, man pages, completions, and what is said to wrong words."""

import os
import shutil
import subprocess

import pytest

COMMANDS = ["init", "add", "remove", "list", "search", "ask", "prompt show", "prompt diff", "prompt test", "audit", "eval", "decide", "drift", "key add", "key list", "key revoke", "log list", "log show", "log verify", "log head",
            "log prove", "log export", "log erase", "tune again", "tune classify", "tune reader", "tune writer", "tune rerank", "tune embed", "classify", "calibrate", "embed", "tokenize", "generate", "model list", "model show", "model merge", "model add", "bench embed", "bench search",
            "report open", "report compare", "serve", "mcp", "doctor", "version", "help"]  # fmt: skip
FIRST_WORDS = {command.split()[0] for command in COMMANDS}


def test_overview(assay):
    for words in (["help"], ["--help"], ["-h"]):
        outcome = assay(*words)
        assert outcome.err == ""
        for command in COMMANDS:
            assert f"\n  {command} " in outcome.out
    outcome = assay(code=2)
    assert outcome.out == "" and "Usage: assay COMMAND" in outcome.err


@pytest.mark.parametrize("command", COMMANDS)
def test_help_of_a_command(assay, tmp_path, command):
    words = command.split()
    outcome = assay(*words, "--help", cwd=tmp_path)
    assert outcome.err == "" and outcome.out.startswith(f"assay {command}: ")
    assert f"Usage: assay {command}" in outcome.out and "--project DIR" in outcome.out
    examples = outcome.out.split("\nExamples:\n")[1]
    assert f"assay {command}" in examples
    assert max(len(line) for line in outcome.out.splitlines()) <= 120
    assert assay("help", *words).out == outcome.out == assay(*words, "-h", "x", "y", cwd=tmp_path).out
    assert os.listdir(tmp_path) == []


def test_commands_are_all_there(assay):
    overview = assay("help").out.split("Commands:\n")[1].split("\n\n")[0]
    assert [line[2:16].strip() for line in overview.splitlines()] == COMMANDS


def test_version(assay):
    assert assay("version").out.startswith("assay 0.")
    assert assay("--version").out == assay("version").out
    document = assay("version", "--json").json()
    assert set(document) >= {"version", "commit", "kernels", "compiler"}


@pytest.mark.parametrize("page", ["assay", *COMMANDS])
def test_man_pages(assay, tmp_path, page):
    text = assay("help", "--man", page).raw_out
    assert text.startswith(b".TH ASSAY")
    for section in (b".SH NAME", b".SH SYNOPSIS", b".SH DESCRIPTION", b".SH OPTIONS", b".SH EXIT STATUS"):
        assert section in text
    (tmp_path / "page.1").write_bytes(text)
    if shutil.which("groff"):
        command = ["groff", "-man", "-Kutf8", "-Tutf8", "-ww", "-z", "page.1"]
    elif shutil.which("mandoc"):
        command = ["mandoc", "-Tlint", "-Wwarning", "page.1"]
    else:
        pytest.skip("neither groff nor mandoc is there")
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True)
    if "DESC" in done.stderr or "can't find" in done.stderr.lower():
        pytest.skip(f"groff is not whole here: {done.stderr.splitlines()[0]}")
    assert done.returncode == 0 and done.stderr == ""
    if command[0] == "groff":
        rendered = subprocess.run([*command[:-2], "-P-cbou", "page.1"], cwd=tmp_path, capture_output=True, text=True).stdout
        if page != "assay":
            summary = assay(*page.split(), "--help").out.splitlines()[0].split(": ", 1)[1]
            assert summary in " ".join(rendered.split())


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completions_parse(assay, tmp_path, shell):
    script = assay("help", "--completion", shell).out
    for word in {word for command in COMMANDS for word in command.split()}:
        assert word in script
    if shutil.which(shell) is None:
        pytest.skip(f"{shell} is not there")
    (tmp_path / "script").write_text(script)
    done = subprocess.run([shell, "-n", "script"], cwd=tmp_path, capture_output=True, text=True)
    assert done.returncode == 0 and done.stderr == ""


@pytest.mark.parametrize(
    ("line", "wanted"),
    [
        ("assay ", FIRST_WORDS),
        ("assay mod", {"model"}),
        ("assay model ", {"list", "show", "merge", "add"}),
        ("assay model sh", {"show"}),
        ("assay model add --gl", {"--global"}),
        ("assay model add no", {"notes.md"}),
        ("assay bench embed --rep", {"--repeat"}),
        ("assay se", {"search", "serve"}),
        ("assay add --ver", {"--verbose"}),
        ("assay search --j", {"--json"}),
        ("assay doctor --rep", {"--repair"}),
        ("assay add no", {"notes.md"}),
    ],
)
def test_completions_in_bash(assay, tmp_path, line, wanted):
    if shutil.which("bash") is None:
        pytest.skip("bash is not there")
    (tmp_path / "script").write_text(assay("help", "--completion", "bash").out)
    (tmp_path / "notes.md").write_text("")
    words = line.split(" ")
    quoted = " ".join(f"'{word}'" for word in words)
    code = f". ./script; COMP_WORDS=({quoted}); COMP_CWORD={len(words) - 1}; _assay; printf '%s\\n' \"${{COMPREPLY[@]}}\""
    done = subprocess.run(["bash", "-c", code], cwd=tmp_path, capture_output=True, text=True)
    assert done.stderr == "" and set(done.stdout.split()) == wanted


@pytest.mark.parametrize(
    ("words", "message", "hint"),
    [
        (["serch"], 'unrecognized command "serch"', "Did you mean `assay search`?"),
        (["dcotor"], 'unrecognized command "dcotor"', "Did you mean `assay doctor`?"),
        (["ad"], 'unrecognized command "ad"', "Did you mean `assay add`?"),
        (["something"], 'unrecognized command "something"', "`assay help` lists the commands."),
        (["xyz"], 'unrecognized command "xyz"', "`assay help` lists the commands."),
        ([""], 'unrecognized command ""', "`assay help` lists the commands."),
        (["add", "--verbos"], 'unrecognized option "--verbos"', "Did you mean --verbose?"),
        (["search", "--jsn", "x"], 'unrecognized option "--jsn"', "Did you mean --json?"),
        (["doctor", "--repiar"], 'unrecognized option "--repiar"', "Did you mean --repair?"),
        (["list", "--proyect=x"], 'unrecognized option "--proyect=x"', "Did you mean --project?"),
        (["list", "--whatever"], 'unrecognized option "--whatever"', "`assay list --help` lists the options."),
        (["list", "-z"], 'unrecognized option "-z"', "`assay list --help` lists the options."),
        (["list", "-x"], 'unrecognized option "-x"', "`assay list --help` lists the options."),
        (["--repair", "doctor"], 'unrecognized option "--repair"', "`assay --help` lists the options."),
        (["model", "lst"], 'unrecognized command "model lst"', "Did you mean `assay model list`?"),
        (["help", "model", "lst"], 'unrecognized command "model lst"', "`assay help` lists the commands."),
        (["model"], "`assay model` wants the name of a command behind it", "`assay help model` lists them."),
        (["model", "add"], "`assay model add` wants more words", "Usage: assay model add PATH"),
        (["search"], "`assay search` wants more words", "Usage: assay search QUERY…"),
        (["remove"], "`assay remove` wants more words", "Usage: assay remove PATH…"),
        (["list", "x"], 'too many words: "x"', "Usage: assay list"),
        (["init", "a", "b"], 'too many words: "b"', "Usage: assay init [DIR]"),
        (["doctor", "--repair=yes"], 'option "--repair" takes no value', "Leave the value out."),
        (["search", "-k"], 'option "--k" wants a value', "Write it behind the option."),
        (["search", "x", "--project"], 'option "--project" wants a value', "Write it behind the option."),
        (["help", "serch"], 'unrecognized command "serch"', "`assay help` lists the commands."),
        (["help", "--man", "x"], 'unrecognized command "x"', "`assay help` lists the commands."),
        (["help", "--completion", "csh"], 'unrecognized shell "csh"', "Known: bash, zsh, fish."),
    ],
)
def test_wrong_use(assay, tmp_path, words, message, hint):
    outcome = assay(*words, cwd=tmp_path, code=2)
    assert outcome.out == "" and outcome.err == f"assay: {message}\n       {hint}\n"
    if words[-1] not in ("-k", "--project"):
        for place in ([*words, "--json"], ["--json", *words]):
            error = assay(*place, cwd=tmp_path, code=2).error("invalid")
            assert error["message"] == message and error["hint"] == hint
    assert os.listdir(tmp_path) == []


def test_json_without_a_command(assay):
    outcome = assay("--json", code=2)
    outcome.error("invalid")


def test_words_without_utf8_or_with_control_characters(assay, tmp_path):
    for word in (b"\xff\xfe", b"\x1b[31m", b"a\nb", b"x" * 100_000):
        outcome = assay(word, cwd=tmp_path, code=2)
        assert "\x1b" not in outcome.err and len(outcome.err) < 1000
        assay(word, "--json", cwd=tmp_path, code=2).error("invalid")
        assert "\x1b" not in assay("help", word, code=2).err
        assert "\x1b" not in assay("list", b"--" + word, code=2).err


def test_options_may_stand_anywhere(project):
    project.write("docs/a.md", "zorbit flume")
    project.add()
    for words in (["--json", "search", "zorbit"], ["search", "--json", "zorbit"], ["search", "zorbit", "--json"]):
        assert len(project.run(*words).json()["results"]) == 1
    outcome = project.run("search", "--", "zorbit", "--json")
    assert outcome.out.startswith("1. ")


def test_no_colour_when_nobody_looks(project):
    project.write("docs/a.md", "zorbit")
    project.add()
    for words in (["search", "zorbit"], ["list"], ["doctor"], ["help"]):
        assert "\x1b" not in project.run(*words).out


def test_colour_on_a_terminal(project):
    pty = pytest.importorskip("pty")
    project.write("docs/a.md", "zorbit")
    project.add()
    for env, coloured in (({}, True), ({"NO_COLOR": "1"}, False), ({"NO_COLOR": ""}, True)):
        try:
            leader, follower = pty.openpty()
        except OSError as reason:
            pytest.skip(f"no pseudo-terminal here: {reason}")
        project.run("search", "zorbit", stdout=follower, env=env)
        os.close(follower)
        out = os.read(leader, 65536)
        os.close(leader)
        assert (b"\x1b[" in out) == coloured and b"zorbit" in out
