"""`assay doctor`: what it reports, and what it repairs. Damage to the index and the catalog is in test_bad_input.py."""

import shutil
import sqlite3

from conftest import Project


def change(project, sql):
    with sqlite3.connect(project.database) as database:
        database.executescript(sql)
    database.close()


def test_document(project):
    for i in range(3):
        project.write(f"docs/{i}.md", "# One\n\nzorbit\n\n# Two\n\nzorbit\n")
    project.add()
    report = project.doctor()
    assert report.pop("took_ms") > 0
    assert report == {
        "ok": True, "documents": 3, "passages": 6, "segments": 1, "unsealed": 0, "repaired": 0, "problems": [], "notes": [],
        "vectors": 0, "vector_files": 0, "without_vector": 6, "log_entries": 0
    }  # fmt: skip
    outcome = project.run("doctor")
    assert "3 documents, 6 passages, 0 vectors, 1 index file examined" in outcome.out and "nothing wrong" in outcome.out and outcome.err == ""
    assert project.run("doctor", "--quiet").out == ""


def test_the_audit_log_is_examined(project):
    project.write("docs/a.md", "Goods may be returned within 45 days.\n")
    project.add()
    for _ in range(2):
        project.run("ask", "How long may goods be returned?")
    report = project.doctor()
    assert report["ok"] and report["log_entries"] == 2 and "2 entries of the audit log examined" in project.run("doctor").out
    entries = project.path / ".assay" / "log" / "entries"
    entries.write_bytes(entries.read_bytes().replace(b'"abstained":false', b'"abstained":true ', 1))
    report = project.doctor("--repair", code=1)
    (problem,) = report["problems"]
    assert problem["kind"] == "log" and "entry 1" in problem["message"] and not report["ok"] and report["repaired"] == 0


def test_a_classifier_that_is_a_whole_model(project):
    """Its weights lie one folder below."""
    project.write(".assay/adapters/desk/provenance.json", "{}")
    weights = project.path / ".assay/adapters/desk/model/model.safetensors"
    weights.parent.mkdir()
    header = b'{"w":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}'
    weights.write_bytes(len(header).to_bytes(8, "little") + header + bytes(4))
    assert project.doctor()["ok"]
    weights.write_bytes(weights.read_bytes()[:-1])
    (problem,) = project.doctor(code=1)["problems"]
    assert problem["kind"] == "adapter" and "model.safetensors" in problem["message"]
    weights.unlink()
    (problem,) = project.doctor(code=1)["problems"]
    assert problem["message"] == 'adapter "desk" has no weights'


def test_empty_project(project):
    report = project.doctor()
    assert report["ok"] and report["documents"] == 0 and report["segments"] == 0
    assert project.doctor("--repair")["ok"]


def test_repair_without_damage_changes_nothing(project):
    project.write("docs/a.md", "zorbit")
    project.add()
    before = [(file.name, file.read_bytes()) for file in project.index_files()]
    report = project.doctor("--repair")
    assert report["ok"] and report["repaired"] == 0
    assert [(file.name, file.read_bytes()) for file in project.index_files()] == before


def test_content_that_is_not_what_was_added(project):
    project.write("docs/a.md", "zorbit")
    project.write("docs/b.md", "flume")
    project.add()
    change(project, "UPDATE contents SET bytes = CAST('zorbat' AS BLOB) WHERE bytes = CAST('zorbit' AS BLOB)")
    report = project.doctor(code=1)
    assert not report["ok"] and report["problems"] == [
        {"kind": "catalog", "message": "table contents: its rows are not those that were written"},
        {"kind": "content", "message": 'the stored content of "docs/a.md" is not what was added'},
    ]
    report = project.doctor("--repair", code=1)  # that cannot be derived from anything
    assert not report["ok"] and report["repaired"] == 0


def test_index_file_of_another_project(project, assay, tmp_path):
    other = Project(assay, tmp_path / "other")
    for one, word in ((project, "zorbit"), (other, "flumes")):
        one.write("docs/a.md", f"# T\n\n{word} {word}")
        one.add()
    (mine,), (theirs,) = project.index_files(), other.index_files()
    mine.write_bytes(theirs.read_bytes())
    if mine.stat().st_size == theirs.stat().st_size:
        report = project.doctor("--repair", code=None)
        assert report["repaired"] > 0 or not report["problems"]
    project.run("doctor", "--repair", "--json", code=None).json()
    assert project.found("zorbit", code=None) in ([], ["docs/a.md"])


def test_segment_that_the_catalog_counts_otherwise(project):
    project.write("docs/a.md", "zorbit")
    project.add()
    change(project, "UPDATE segments SET passages = 7")
    report = project.doctor(code=1)
    assert any(problem["kind"] == "index" and "not the one that the catalog means" in problem["message"] for problem in report["problems"])
    assert project.doctor("--repair")["repaired"] == 2 and project.doctor()["ok"]


def test_passages_missing_from_the_index(project):
    """The catalog gained passages in the middle: a search cannot find them, and the doctor says so."""
    for i in range(5):
        project.write(f"docs/{i}.md", f"zorbit n{i}")
    project.add()
    change(project, "DELETE FROM passages WHERE id = 3")
    assert not project.doctor(code=1)["ok"]
    project.doctor("--repair", code=None)
    assert project.run("search", "--json", "zorbit").json()["results"] != []


def test_exit_code_and_words_after_repair(project):
    project.write("docs/a.md", "zorbit")
    project.add()
    (file,) = project.index_files()
    file.unlink()
    outcome = project.run("doctor", code=1)
    assert file.name in outcome.out and "1 problem, 0 repaired" in outcome.out and "--repair" in outcome.out
    outcome = project.run("doctor", "--repair")
    assert "all repaired" in outcome.out
    assert "nothing wrong" in project.run("doctor").out


def test_reading_needs_no_lock(project):
    """The doctor only looks, unless told to repair: it takes no lock and writes nothing."""
    project.write("docs/a.md", "zorbit")
    project.add()
    before = {path: path.read_bytes() for path in (project.path / ".assay").rglob("*") if path.is_file()}
    project.doctor()
    assert {path: path.read_bytes() for path in (project.path / ".assay").rglob("*") if path.is_file()} == before


def test_a_catalog_that_is_gone_is_told(project):
    """No empty one is made in its place, in which nothing would be wrong; and one that cannot be looked at is told as that."""
    project.write("docs/a.md", "# A\n\nzorbit\n")
    project.add()
    for path in project.database.parent.glob("assay.db*"):
        path.unlink()
    for words in (("doctor",), ("doctor", "--repair"), ("search", "zorbit")):
        assert "the catalog of project" in project.run(*words, "--json", code=1).error("not_found")["message"]
    assert not project.database.exists()
    shutil.rmtree(project.database.parent)
    project.database.parent.symlink_to(project.database.parent)
    assert "symbolic links" in project.run("search", "--json", "zorbit", code=1).error()["message"]
