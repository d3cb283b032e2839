"""`assay init`, assay.yaml, and how a project is found."""

import os

import pytest

DEFAULTS = """documents: [docs/]
documents_max_mb: 64
passages: {unit: auto, tokens: 200, overlap: 30, join_records: false}
sensitive: report
embedding: builtin
retrieve: {mode: auto, k: 8, k1: 1.2, b: 0.75, candidates: 100, fusion: scores, vector_weight: 0.5,
  per_document: 0, neighbors: false, diversity: 0, wordings: 0, hypothetical: false,
  rerank: false, rerank_candidates: 20, rerank_weight: 0.7}
model: builtin
approach: rag
prices: prices.yaml
prompt: {examples: auto, order: best, tokens: 6000}
examples: examples.jsonl
tests: eval.jsonl
checks: {answer: auto, schema: none, pattern: none, style: examples}
target: 0
limits: {spend_per_day: none, latency_p95_ms: 0, cost_per_month: 0, requests_per_month: 0, private: false, citations: optional, knowledge_changes: unknown}
access: {labels: public}
fetch: {allow_hosts: [], proxy: none, ca: system, timeout_s: 60, delay_ms: 200}
log: {questions: keep, keep_days: 0}
traces: none
server: {listen: 127.0.0.1:8080, body_max_mb: 64, records_max_mb: 256, client_wait_s: 15, hosts: [], origins: []}
moderation: {classifier: none, fine: []}
"""


def settings_lines(text):
    return "".join(line + "\n" for line in text.splitlines() if line and not line.startswith("#"))


def test_new_folder(assay, tmp_path):
    outcome = assay("init", "a/b/shop", cwd=tmp_path)
    shop = tmp_path / "a" / "b" / "shop"
    assert settings_lines((shop / "assay.yaml").read_text()) == DEFAULTS
    assert (shop / ".assay" / "assay.db").is_file() and (shop / ".assay" / "index").is_dir()
    assert "assay.yaml" in outcome.out and outcome.err == ""


def test_current_folder(assay, tmp_path):
    assay("init", cwd=tmp_path)
    assert (tmp_path / "assay.yaml").is_file()
    assert assay("list", "--json", cwd=tmp_path).json() == {"documents": []}


def test_json_and_quiet(assay, tmp_path):
    assert assay("init", "--json", "shop", cwd=tmp_path).json() == {"project": "shop"}
    outcome = assay("init", "--quiet", "other", cwd=tmp_path)
    assert outcome.out == "" and outcome.err == ""


def test_existing_settings_are_kept(assay, tmp_path):
    text = "# mine\nretrieve: {k: 3}\n"
    (tmp_path / "assay.yaml").write_text(text)
    assay("init", cwd=tmp_path)
    assert (tmp_path / "assay.yaml").read_text() == text
    assert (tmp_path / ".assay" / "assay.db").is_file()


def test_existing_files_are_no_obstacle(assay, tmp_path):
    (tmp_path / "docs").mkdir()
    (tmp_path / "docs" / "a.md").write_text("zorbit")
    assay("init", cwd=tmp_path)
    assert assay("add", "--json", cwd=tmp_path).json()["added"] == 1


def test_twice_is_a_conflict(project):
    before = (project.path / "assay.yaml").read_bytes(), project.database.read_bytes()
    error = project.run("init", "--json", code=1).error("conflict")
    assert f'"{project.path}"' in error["message"] and ".assay" in error["hint"]
    outcome = project.run("init", code=1)
    assert outcome.out == "" and outcome.err.startswith("assay: ")
    assert before == ((project.path / "assay.yaml").read_bytes(), project.database.read_bytes())


def test_file_in_the_place_of_the_folder(assay, tmp_path):
    (tmp_path / "shop").write_text("x")
    error = assay("init", "--json", "shop", cwd=tmp_path, code=1).error()
    assert "shop" in error["message"]
    assert (tmp_path / "shop").read_text() == "x"


# ---- settings ----


@pytest.mark.parametrize(
    "text",
    [
        "",
        "# only a comment\n",
        "documents: [docs/, more/, /srv/x]\n",
        "documents: docs\n",
        "documents: []\n",
        "documents_max_mb: 1\n",
        "documents_max_mb: 512\n",
        "passages: {unit: heading}\n",
        "passages: {unit: sentence}\n",
        "passages: {unit: fixed}\n",
        "passages: {tokens: 16, overlap: 8}\n",
        "passages: {tokens: 4096, overlap: 2048}\n",
        "passages: {overlap: 0}\n",
        "passages: {}\n",
        "retrieve: {k: 1}\n",
        "retrieve: {k: 10000}\n",
        "retrieve: {k1: 0, b: 0}\n",
        "retrieve: {k1: 10, b: 1}\n",
        "retrieve: {k1: 1.5e0, b: .5}\n",
        "access: {labels: from-folder}\n",
        "passages:\n  unit: fixed\n  tokens: 50\n  overlap: 10\n",
        '{"retrieve": {"k": "3"}}\n',
        "---\nretrieve: {k: 2}\n...\n",
        "\ufeffretrieve: {k: 2}\n",
        "retrieve: {k: 2}\r\naccess: {labels: public}\r\n",
    ],
)
def test_settings_that_are_right(project, text):
    project.settings(text)
    project.run("list")


@pytest.mark.parametrize(
    ("text", "line", "named", "hint"),
    [
        ("document: [x]\n", 1, '"document"', 'Did you mean "documents"?'),
        ("# x\n\npasages: {}\n", 3, '"pasages"', 'Did you mean "passages"?'),
        ("retreive: {k: 3}\n", 1, '"retreive"', 'Did you mean "retrieve"?'),
        ("documents_max_md: 3\n", 1, '"documents_max_md"', 'Did you mean "documents_max_mb"?'),
        ("acess: {labels: public}\n", 1, '"acess"', 'Did you mean "access"?'),
        ("passages: {token: 3}\n", 1, '"passages.token"', 'Did you mean "tokens"?'),
        ("passages:\n  unit: auto\n  overlapp: 3\n", 3, '"passages.overlapp"', 'Did you mean "overlap"?'),
        ("retrieve: {k2: 3}\n", 1, '"retrieve.k2"', 'Did you mean "k'),
        ("access: {label: public}\n", 1, '"access.label"', 'Did you mean "labels"?'),
        ("something_else: 3\n", 1, '"something_else"', "Settings here: documents, documents_max_mb, passages, sensitive, embedding, retrieve, tests, access, fetch, model, prices, limits, prompt, examples, log, traces, server, moderation, approach, checks, target."),
        ("passages: {whatever: 3}\n", 1, '"passages.whatever"', "Settings here: unit, tokens, overlap, join_records."),
    ],
)
def test_unknown_key_names_the_nearest(project, text, line, named, hint):
    project.settings(text)
    error = project.run("list", "--json", code=1).error("invalid")
    assert error["message"].startswith(f"assay.yaml:{line}: ") and named in error["message"]
    assert hint in error["hint"]


@pytest.mark.parametrize(
    ("text", "line", "parts"),
    [
        ("documents_max_mb: 0\n", 1, ['"documents_max_mb"', '"0"', "from 1 to 512"]),
        ("documents_max_mb: 513\n", 1, ['"513"', "from 1 to 512"]),
        ("documents_max_mb: -1\n", 1, ['"-1"']),
        ("documents_max_mb: many\n", 1, ['"many"']),
        ("documents_max_mb: [1]\n", 1, ['"documents_max_mb"']),
        ("documents_max_mb: 99999999999999999999999\n", 1, ['"documents_max_mb"']),
        ("documents: {a: b}\n", 1, ['"documents"', "list of files and folders"]),
        ("documents: [[a]]\n", 1, ['"documents"']),
        ("documents: ['']\n", 1, ['"documents"']),
        ("\npassages: {tokens: 15}\n", 2, ['"tokens"', '"15"', "from 16 to 4096"]),
        ("passages: {tokens: 4097}\n", 1, ['"4097"', "from 16 to 4096"]),
        ("passages: {tokens: 20.5}\n", 1, ['"20.5"']),
        ("passages: {overlap: 2049}\n", 1, ['"overlap"', '"2049"']),
        ("passages: {tokens: 100, overlap: 51}\n", 1, ['"overlap"', "51", "100"]),
        ("passages: {unit: chapter}\n", 1, ['"unit"', '"chapter"', "sentence, fixed, record, page, code or semantic"]),
        ("passages: {unit: Auto}\n", 1, ['"Auto"']),
        ("passages: 3\n", 1, ['"passages"']),
        ("passages: [a]\n", 1, ['"passages"']),
        ("retrieve: {k: 0}\n", 1, ['"k"', '"0"', "from 1 to 10000"]),
        ("retrieve: {k: 10001}\n", 1, ['"10001"']),
        ("retrieve: {k: 1e3}\n", 1, ['"1e3"']),
        ("retrieve: {k1: -0.1}\n", 1, ['"k1"', '"-0.1"', "from 0 to 10"]),
        ("retrieve: {k1: 10.1}\n", 1, ['"10.1"']),
        ("retrieve: {k1: .nan}\n", 1, ['"k1"']),
        ("retrieve: {k1: nan}\n", 1, ['"k1"']),
        ("retrieve: {k1: .inf}\n", 1, ['"k1"']),
        ("retrieve: {b: 1.01}\n", 1, ['"b"', "from 0 to 1"]),
        ("retrieve: {b: }\n", 1, ['"b"']),
        ("access: {labels: secret}\n", 1, ['"labels"', '"secret"', "public, from-folder or a .csv file"]),
        ("access: public\n", 1, ['"access"']),
        ("- a\n- b\n", 1, ["the file"]),
        ("just words\n", 1, ["the file"]),
    ],
)
def test_wrong_values_are_refused(project, text, line, parts):
    project.settings(text)
    error = project.run("list", "--json", code=1).error("invalid")
    assert error["message"].startswith(f"assay.yaml:{line}: "), error
    for part in parts:
        assert part in error["message"], error


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("retrieve: {k: 3\n", 2),
        ("retrieve:\n  k: 3\n b: 1\n", 3),
        ("a: [\n", 2),
        ("retrieve: {k: 3}\nretrieve: {k: 4}\n", 2),
        ("retrieve: {k: 3, k: 4}\n", 1),
        ("retrieve: {k: &x 3}\n", 1),
        ("retrieve: {k: 3, k1: *x}\n", 1),
        ("documents: &x [docs/]\n", 1),
        ("retrieve: &x {k: 3}\n", 1),
        ("retrieve: {k: !!int 3}\n", 1),
        ("? [a]\n: b\n", 1),
        ("documents: [" * 40 + "]" * 40, 1),
        ("retrieve: {k: \t3}\n\tb: 3\n", 2),
    ],
)
def test_bad_yaml_names_the_line(project, text, line):
    project.settings(text)
    error = project.run("list", "--json", code=1).error("invalid")
    assert error["message"].startswith(f"assay.yaml:{line}:"), error


def test_alias_is_refused_by_name(project):
    project.settings("documents: [docs/]\nretrieve: {k: *x}\n")
    assert "aliases are not supported" in project.run("list", "--json", code=1).error("invalid")["message"]


@pytest.mark.parametrize("text", [b"documents: [\xff\xfe]\n", b"\xff\xfed\x00o\x00", b"a: \x00\n", b"\x00" * 100])
def test_settings_that_are_no_text(project, text):
    project.settings(text)
    assert "assay.yaml" in project.run("list", "--json", code=1).error()["message"]


def test_settings_past_the_limit(project):
    project.settings("# " + "x" * (1 << 20))
    error = project.run("list", "--json", code=1).error("limit")
    assert "assay.yaml" in error["message"]


def test_settings_with_very_many_values(project):
    project.settings("documents: [" + "a, " * 20000 + "a]\n")
    assert "assay.yaml:1:" in project.run("list", "--json", code=1).error("invalid")["message"]


def test_settings_that_are_a_folder(project):
    (project.path / "assay.yaml").unlink()
    (project.path / "assay.yaml").mkdir()
    assert "assay.yaml" in project.run("list", "--json", code=1).error()["message"]


def test_documents_of_the_settings_are_added(project):
    project.write("one/a.md", "zorbit")
    project.write("two.md", "zorbit")
    project.write("docs/c.md", "zorbit")
    project.settings("documents: [one, two.md]\n")
    (project.path / "one" / "deep").mkdir()
    assert project.counts(cwd=project.path / "one" / "deep") == (2, 0, 0, 0, 0)
    assert project.found("zorbit") == ["one/a.md", "two.md"]


def test_k_of_the_settings(project):
    for i in range(12):
        project.write(f"docs/{i}.md", "zorbit")
    project.add()
    assert len(project.search("zorbit")) == 8
    project.settings("retrieve: {k: 3}\n")
    assert len(project.search("zorbit")) == 3
    assert len(project.search("-k", "5", "zorbit")) == 5


def test_documents_max_mb(project):
    project.write("docs/small.md", "zorbit")
    project.write("docs/large.md", "zorbit " * 160000)
    project.settings("documents_max_mb: 1\n")
    report = project.add(code=1)
    assert report["added"] == 1 and len(report["failed"]) == 1
    failed = report["failed"][0]
    assert failed["path"] == "docs/large.md" and "1120000 bytes" in failed["message"] and "1048576" in failed["message"]
    assert "documents_max_mb" in failed["hint"]


# ---- finding the project ----


def test_found_from_a_folder_below(project):
    project.write("docs/a.md", "zorbit")
    deep = project.path / "docs" / "x" / "y"
    deep.mkdir(parents=True)
    assert project.counts("..", cwd=deep.parent) == (1, 0, 0, 0, 0)
    assert project.found("zorbit", cwd=deep) == ["docs/a.md"]


def test_nearest_project_wins(project, assay):
    inner = project.path / "docs" / "inner"
    assay("init", "-q", str(inner))
    (inner / "a.md").write_text("zorbit")
    assert assay("add", "--json", "a.md", cwd=inner).json()["added"] == 1
    assert project.documents() == {}


@pytest.mark.parametrize("form", [["--project", "shop"], ["--project=shop"], ["-C", "shop"], ["-Cshop"]])
def test_named_project(project, tmp_path, form):
    (tmp_path / "shop" / "docs").mkdir()
    (tmp_path / "shop" / "docs" / "a.md").write_text("zorbit")
    assert project.assay("add", "--json", *form, "shop/docs", cwd=tmp_path).json()["added"] == 1
    assert project.assay("search", "--json", "zorbit", *form, cwd=tmp_path).json()["results"][0]["document"] == "docs/a.md"


def test_project_named_through_a_link(project, tmp_path):
    project.write("docs/a.md", "zorbit")
    assert project.counts("docs/a.md") == (1, 0, 0, 0, 0)
    (tmp_path / "link").symlink_to("shop")
    words = ["add", "--json", "--project", str(tmp_path / "link"), "docs/a.md"]
    assert project.run(*words).json()["unchanged"] == 1
    assert list(project.documents()) == ["docs/a.md"]


@pytest.mark.parametrize("words", [["add"], ["list"], ["search", "x"], ["doctor"], ["remove", "x"], ["doctor", "--repair"]])
def test_not_in_a_project(assay, tmp_path, words):
    error = assay(*words, "--json", cwd=tmp_path, code=1).error("not_found")
    assert f'"{tmp_path}"' in error["message"] and "assay init" in error["hint"]
    outcome = assay(*words, cwd=tmp_path, code=1)
    assert outcome.out == "" and outcome.err.startswith("assay: ")
    assert os.listdir(tmp_path) == []


def test_named_folder_is_no_project(assay, tmp_path):
    error = assay("list", "--json", "--project", "nowhere", cwd=tmp_path, code=1).error("not_found")
    assert "nowhere" in error["message"] and "assay init nowhere" in error["hint"]


def test_settings_without_state(assay, tmp_path):
    """A project that somebody else keeps in git, without its .assay."""
    (tmp_path / "assay.yaml").write_text("documents: [docs]\n")
    (tmp_path / "docs").mkdir()
    (tmp_path / "docs" / "a.md").write_text("zorbit")
    error = assay("search", "--json", "zorbit", cwd=tmp_path, code=1).error("not_found")
    assert "assay add" in error["hint"]
    assert assay("add", "--json", cwd=tmp_path).json()["added"] == 1
    assert len(assay("search", "--json", "zorbit", cwd=tmp_path).json()["results"]) == 1


def test_moved_project(project, tmp_path):
    project.write("docs/a.md", "zorbit")
    project.add()
    project.path.rename(tmp_path / "moved")
    project.path = tmp_path / "moved"
    assert project.found("zorbit") == ["docs/a.md"]
    assert project.counts() == (0, 0, 1, 0, 0)
