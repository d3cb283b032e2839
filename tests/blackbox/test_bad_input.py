"""Input that is wrong, and disks that are: each is told with its name and reason, costs only itself, and nothing crashes."""

import fcntl
import os
import resource
import shutil
import sqlite3
import subprocess
import time

import pytest
from conftest import SLOWNESS, Outcome, Project, check_streams
from serving import serving

MIB = 1 << 20


def failure(project, path, *parts, hint=None, added=1, code=1, **more):
    """Adds docs/, where this path alone is wrong."""
    report = project.add(code=code, **more)
    assert report["added"] == added and [failed["path"] for failed in report["failed"]] == [path], report
    failed = report["failed"][0]
    assert os.path.basename(path) in failed["message"], failed
    for part in parts:
        assert part in failed["message"], failed
    if hint is not None:
        assert hint in failed["hint"], failed
    assert project.found("zorbit") == ["docs/good.md"]
    assert project.doctor()["ok"]
    return failed


@pytest.fixture
def beside(project):
    """A project with one file that is right."""
    project.write("docs/good.md", "zorbit")
    return project


# ---- files ----


@pytest.mark.parametrize(
    ("content", "reason", "hint"),
    [
        (b"zorbit\0zorbit", "not text: byte 6 is zero", "Read are"),
        (bytes(range(256)) * 40, "byte 0 is zero", "Read are"),
        (b"PK\3\4" + b"\0" * 1000, "zip archive is damaged", "copy it anew"),
        (b"zorbit " * 1000 + b"\0", "byte 7000 is zero", "real format"),
    ],
)
@pytest.mark.parametrize("name", ["bad.md", "bad.txt"])
def test_not_text(beside, name, content, reason, hint):
    beside.write(f"docs/{name}", content)
    failure(beside, f"docs/{name}", reason, hint=hint)


@pytest.mark.parametrize("log", ["no log", "a log that was left"])
def test_a_full_disk_can_be_read(assay, small_disk, log):
    """SQLite wants files beside the catalog that have no room: it is read without them, and what a killed writer left in its log too."""
    shop = Project(assay, small_disk / "shop")
    shop.write("docs/a.md", "zorbit")
    shop.add()
    catalog = shop.path / ".assay" / "assay.db"
    if log == "a log that was left":
        with sqlite3.connect(catalog) as database:  # as long as somebody has it open, the log is not taken in
            database.execute("SELECT * FROM keys").fetchall()
            shop.run("key", "add", "-q", "later")
            kept = {path: path.read_bytes() for path in (catalog, catalog.with_name("assay.db-wal"))}
        database.close()
        for path, content in kept.items():
            path.write_bytes(content)
        assert kept[catalog.with_name("assay.db-wal")]
    with pytest.raises(OSError), open(shop.path / "fill", "wb", buffering=0) as fill:
        while True:
            fill.write(bytes(4096))
    assert shop.found("zorbit") == ["docs/a.md"] and shop.doctor()["ok"]
    assert [item["path"] for item in shop.run("list", "--json").json()["documents"]] == ["docs/a.md"]
    assert [key["name"] for key in shop.run("key", "list", "--json").json()["keys"]] == ["later"] * (log != "no log")
    assert "disk is full" in shop.run("key", "add", "x", "--json", code=1).error()["hint"]
    (shop.path / "fill").unlink()
    shop.write("docs/b.md", "zorbit flume")
    assert shop.add()["added"] == 1 and shop.found("flume") == ["docs/b.md"]


@pytest.mark.parametrize("name", ["bad.pdf", "bad.docx", "bad.tar.gz", "bad.ipynb", "bad.xls"])
def test_empty_files_that_promise_more(beside, name):
    """Nothing of a document is no text: the copy is broken. What programs leave empty stays a document without passages."""
    beside.write(f"docs/{name}", b"")
    failure(beside, f"docs/{name}", "is empty: 0 bytes; a broken copy?", hint="Copy it anew")


def test_empty_texts_are_documents(beside):
    for name in ("a.txt", "b.md", "c.eml", "d.png"):
        beside.write(f"docs/{name}", b"")
    report = beside.add()
    assert report["added"] == 4 and report["skipped"] == 1 and not report["notes"] and not report["failed"]


def test_damaged_documents_say_what_to_do(beside):
    beside.write("docs/bad.pdf", b"%PDF-1.4\nnothing\n")
    failure(beside, "docs/bad.pdf", hint="run `assay add` again")


def test_message_for_people(beside):
    beside.write("docs/bad.md", b"\0 zorbit")
    outcome = beside.run("add", code=1)
    first, second = outcome.err.splitlines()
    assert first == 'assay: "docs/bad.md" is not text: byte 0 is zero'
    assert second.startswith("       Read are text in all its forms")


@pytest.mark.parametrize(
    ("text", "encoding", "name"),
    [
        ("Der Rückruf zorbit gilt für alle Geräte, die größer sind.", "cp1252", "windows-1252"),
        ("Все заказы zorbit отправляются в течение трёх дней.", "cp1251", "windows-1251"),
        ("返品は三十日以内に受け付けます zorbit。", "shift_jis", "shift_jis"),
        ("caf\u00e9 zorbit", "utf-16", "utf-16le"),
        ("caf\u00e9 zorbit", "utf-16-be", "utf-16be"),
        ("caf\u00e9 zorbit", "utf-32", "utf-32le"),
    ],
)
def test_other_encodings(beside, text, encoding, name):
    """What is not UTF-8 is put into it: places count in that text, and a note says what it was taken for."""
    beside.write("docs/other.txt", text.encode(encoding))
    report = beside.add()
    assert report["added"] == 2 and report["notes"] == [{"path": "docs/other.txt", "message": f"it was read as {name}"}]
    (hit,) = [hit for hit in beside.search("zorbit") if hit["document"] == "docs/other.txt"]
    assert hit["text"] == text and hit["extracted"] and (hit["start"], hit["end"]) == (0, len(text.encode()))
    assert beside.documents()["docs/other.txt"]["size_bytes"] == len(text.encode(encoding)) and beside.doctor()["ok"]
    assert beside.counts() == (0, 0, 2, 0, 0)


def test_damaged_utf8(beside):
    beside.write("docs/other.txt", ("Ünïcödé zörbït, änd ä löt möre öf ït: " * 4 + "lot ").encode() + b"\xff and on")
    report = beside.add()
    assert "damaged" in report["notes"][0]["message"] and "\ufffd and on" in beside.search("lot")[0]["text"]


def test_unknown_formats(beside):
    """Below a folder what cannot be read is passed over; by name it is told, with what it is."""
    kinds = {"b.png": (b"\x89PNG\r\n\x1a\n\0", "is a PNG image"), "none": (b"\x7fELF\2\1\1\0", "is a program"), "c.md~": (b"x", None),
             "d.7z": (b"7z\xbc\xaf\x27\x1c\0", "is a 7z archive"), "e.dat": (b"zor\0bit", "byte 3 is zero")}  # fmt: skip
    for name, (content, _) in kinds.items():
        beside.write(f"docs/{name}", content)
    report = beside.add()
    assert report["added"] == 1 and report["skipped"] == 5 and report["failed"] == []
    shown = beside.run("add", "--verbose").out
    for name, (_, reason) in kinds.items():
        assert f'skipped: "docs/{name}" ' in shown and (reason or "") in shown
        if reason is not None:
            (failed,) = beside.add(f"docs/{name}", code=1)["failed"]
            assert f'"docs/{name}" {reason}' in failed["message"] or reason in failed["message"]


def old_office(stream, before=0):
    """A file in the container format of Office before 2007, as far as what tells it apart."""
    name = stream.encode("utf-16-le")
    record = name.ljust(64, b"\0") + bytes([len(name) + 2, 0, 2]) + bytes(61)
    return b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1".ljust(512 + before // 512 * 512, b"\0") + record


def test_what_was_meant_to_be_read_is_told(beside):
    for content, reason in ((b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1\0", "(OLE)"), (old_office("WordDocument"), "(.doc)"),
                            (old_office("Workbook", 100_000), "(.xls)"),
                            (b"version https://git-lfs.github.com/spec/v1\n", "Git LFS")):  # fmt: skip
        beside.write("docs/report.x", content)
        failure(beside, "docs/report.x", reason, added=0 if "docs/good.md" in beside.documents() else 1)


def test_rtf_and_notebooks_are_read_whatever_their_names(beside):
    beside.write("docs/letter.doc", b"{\\rtf1\\ansi{\\stylesheet{\\s1 heading 1;}}\\pard\\s1 Travel\\par\\pard caf\\'e9 quill\\par}")
    beside.write("docs/notes.json", '{"cells": [{"cell_type": "markdown", "source": ["# Sums\\n", "quill"]}], "nbformat": 4}')
    beside.write("docs/broken.ipynb", '{"cells": 7}')
    report = beside.add(code=1)
    assert report["added"] == 3 and [failed["path"] for failed in report["failed"]] == ["docs/broken.ipynb"]
    documents = beside.documents()
    assert [(documents[path]["format"], documents[path]["title"]) for path in sorted(documents) if path != "docs/good.md"] == [
        ("rtf", "Travel"), ("notebook", "Sums")]  # fmt: skip
    assert beside.found("café") == ["docs/letter.doc"] and beside.found("quill") == ["docs/letter.doc", "docs/notes.json"]


def test_content_decides(beside):
    beside.write("docs/page.txt", "<!doctype html><title>A page</title><p>quill &amp; ink")
    beside.write("docs/scan.pdf", "quill, plain text")
    beside.write("docs/LICENSE", "quill, of no ending")
    report = beside.add()
    assert report["added"] == 4 and report["failed"] == []
    assert [(note["path"], "is text" in note["message"]) for note in report["notes"]] == [("docs/scan.pdf", True)]
    formats = {path: document["format"] for path, document in beside.documents().items()}
    assert formats["docs/page.txt"] == "html" and beside.documents()["docs/page.txt"]["title"] == "A page"
    assert beside.found("quill") == ["docs/LICENSE", "docs/page.txt", "docs/scan.pdf"]
    assert "is text" in beside.run("add", "--json").out or beside.run("add").err == ""


def test_the_projects_own_files_are_no_documents(beside):
    beside.settings("documents: [.]\nembedding: none\n")
    beside.write("eval.jsonl", '{"question": "zorbit", "answer": "zorbit", "source": "docs/good.md"}\n')
    assert beside.add()["added"] == 1
    assert list(beside.documents()) == ["docs/good.md"]
    assert beside.add("eval.jsonl")["added"] == 1


def test_folder_that_leads_back(beside):
    (beside.path / "docs" / "sub").mkdir()
    (beside.path / "docs" / "sub" / "up").symlink_to("..")
    failure(beside, "docs/sub/up", "leads back", hint="link")


def test_two_folders_that_lead_to_each_other(beside):
    for one, two in (("a", "b"), ("b", "a")):
        (beside.path / "docs" / one).mkdir()
        (beside.path / "docs" / one / "to").symlink_to(f"../{two}")
    report = beside.add()
    assert report["added"] == 1 and report["skipped"] == 2  # each was read under its own name already


def test_link_to_itself(beside):
    (beside.path / "docs" / "self.md").symlink_to("self.md")
    failure(beside, "docs/self.md", "link that leads to itself")


def test_broken_link(beside):
    (beside.path / "docs" / "broken.md").symlink_to("nowhere.md")
    failure(beside, "docs/broken.md", "no such file or directory")


def test_links_that_are_right(beside):
    (beside.path / "docs" / "link.md").symlink_to("good.md")
    assert beside.add()["added"] == 2
    assert beside.found("zorbit") == ["docs/good.md", "docs/link.md"]


def test_named_pipe(beside):
    os.mkfifo(beside.path / "docs" / "pipe.md")
    failure(beside, "docs/pipe.md", "not a regular file", timeout=5)


def test_devices(beside):
    report = beside.add("/dev/null", "/dev/zero", "docs", code=1, timeout=5)
    assert report["added"] == 1 and len(report["failed"]) == 2
    (beside.path / "docs" / "zero.md").symlink_to("/dev/zero")
    assert len(beside.add(code=1, timeout=5)["failed"]) == 1


def test_folder_with_the_name_of_a_file(beside):
    beside.write("docs/folder.md/inside.md", "flume")
    assert beside.counts() == (2, 0, 0, 0, 0)


def test_folders_within_folders(beside):
    beside.write("docs/" + "d/" * 50 + "deep.md", "flume")
    assert beside.counts() == (2, 0, 0, 0, 0)
    beside.write("docs/" + "e/" * 70 + "deep.md", "flume")
    report = beside.add(code=1)
    assert len(report["failed"]) == 1 and "64" in report["failed"][0]["message"] and report["unchanged"] == 2


def test_path_of_the_greatest_length(beside):
    report = beside.add("x" * 5000 + ".md", "docs", code=1)
    assert report["added"] == 1 and len(report["failed"]) == 1 and "4096" in report["failed"][0]["message"]


@pytest.mark.parametrize("name", ["", "..", "/nonexistent/x.md", "~", "/dev/stdin"])
def test_odd_arguments(project, name):
    project.run("add", "--json", name, code=None).json()


def test_no_permission(assay, plain_user):
    as_user, folder = plain_user
    assay("init", "-q", "shop", cwd=folder, **as_user)
    docs = folder / "shop" / "docs"
    docs.mkdir(mode=0o755)
    (docs / "good.md").write_text("zorbit")
    (docs / "secret.md").write_text("zorbit")
    (docs / "secret.md").chmod(0)
    report = assay("add", "--json", cwd=docs.parent, code=1, **as_user).json()
    assert report["added"] == 1 and [failed["path"] for failed in report["failed"]] == ["docs/secret.md"]
    assert "secret.md" in report["failed"][0]["message"] and "permission denied" in report["failed"][0]["message"]
    (docs / "secret.md").chmod(0o644)
    assert assay("add", "--json", cwd=docs.parent, **as_user).json()["added"] == 1


# ---- size ----


def with_peak(assay, *words, cwd, timeout):
    """Runs the program and returns its outcome and the most memory it held, in bytes."""
    with open(cwd / "out", "wb") as out, open(cwd / "err", "wb") as err:
        process = assay.start(*words, cwd=cwd, stdout=out, stderr=err)
    end = time.monotonic() + timeout * SLOWNESS
    while (ended := os.wait4(process.pid, os.WNOHANG))[0] == 0:
        if time.monotonic() > end:
            process.kill()
            process.wait()
            pytest.fail(f"{words} took more than {timeout * SLOWNESS} s")
        time.sleep(0.01)
    process.returncode = os.waitstatus_to_exitcode(ended[1])
    outcome = Outcome(words, process.returncode, (cwd / "out").read_bytes(), (cwd / "err").read_bytes())
    check_streams(words, outcome.code, outcome.raw_err)
    return outcome, ended[2].ru_maxrss * 1024


def test_line_of_a_gibibyte(beside):
    with open(beside.write("docs/huge.md", "x" * 5000), "r+b") as file:
        file.truncate(1 << 30)
    failure(beside, "docs/huge.md", "1073741824 bytes", "limit", str(64 * MIB), hint="documents_max_mb")


def test_line_over_the_limit(beside):
    beside.write("docs/long.txt", b"flume " * (70 * MIB // 6))
    failure(beside, "docs/long.txt", "limit", str(64 * MIB), hint="documents_max_mb")


PROSE = b"The zorbit of the shop is red, and number 17 is not. "


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("sentences.txt", PROSE),
        ("sentences.md", PROSE),
        ("lines.txt", PROSE + b"\n"),
        ("lines.md", PROSE + b"\n"),
        ("paragraphs.md", PROSE + b"\n\n"),
        ("words.txt", b"zorbit "),
        ("letters.txt", b"q"),
        ("letters.md", b"q"),
        ("base64.txt", b"aGVsbG8gd29ybGQ/+"),
        ("han.txt", "文字".encode()),
        ("headings.md", b"# zorbit\n"),
        ("quotes.md", b">"),
        ("brackets.md", b"["),
        ("links.md", b"[a]("),
        ("stars.md", b"*a **a "),
        ("lists.md", b"- a\n"),
        ("table.md", b"|a|b|\n|---|---|\n" + b"|zorbit|2|\n" * 1000),
        ("ticks.md", b"`a``"),
        ("html.md", b"<a "),
        ("entities.md", b"&amp;"),
        ("blank.txt", b"\n"),
        ("spaces.txt", b" "),
        ("nested.md", b"  - a\n    "),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_twenty_megabytes_of(project, name, content):
    """Within the limit: it works, in less than 1.5 GiB, and does not hang."""
    size = 2 * MIB if project.assay.sanitized else 20 * MIB
    project.write(f"docs/{name}", content * (size // len(content)))
    outcome, peak = with_peak(project.assay, "add", "--json", cwd=project.path, timeout=300)
    assert outcome.code == 0 and outcome.json()["added"] == 1
    if not project.assay.sanitized:
        assert peak < 1536 * MIB, f"{peak // MIB} MiB"
    project.search("-k", "3", "zorbit")


def test_many_links_to_places_of_a_long_page(project):
    """What is compared of one link is forgotten with the next: a thousand links times three thousand headings would be hundreds of megabytes."""
    headings, links = (100, 100) if project.assay.sanitized else (3000, 1000)
    project.write("docs/page.md", "".join(f"## Part {'of zorbit ' * 20} {number}\n\nThe lamp number {number} is red.\n\n" for number in range(headings)))
    project.write("docs/links.md", "".join(f"- [lamp](page.md#nowhere-{number}-at-all)\n" for number in range(links)))
    project.add()
    outcome, peak = with_peak(project.assay, "audit", "--json", cwd=project.path, timeout=300)
    assert any(finding["kind"] == "broken_link" for finding in outcome.json()["findings"])
    if not project.assay.sanitized:
        assert peak < 250 * MIB, f"{peak // MIB} MiB"


# ---- the catalog ----


def refused(project, kind, *parts):
    """Every command says what is wrong with the catalog, and none crashes."""
    for words in (["search", "zorbit"], ["list"], ["doctor"], ["add"], ["doctor", "--repair"]):
        error = project.run(*words, "--json", code=1).error(kind)
        assert "assay.db" in error["message"] and error["hint"], (words, error)
        for part in parts:
            assert part in error["message"], (words, error)
    return error


@pytest.fixture
def filled(project):
    for i in range(200):
        project.write(f"docs/{i}.md", f"# Title {i}\n\nzorbit n{i} " + "flume quill " * 30)
    project.add()
    assert len(project.search("-k", "1000", "zorbit")) == 200
    return project


def test_catalog_of_a_newer_version(filled):
    with sqlite3.connect(filled.database) as database:
        database.execute("PRAGMA user_version = 99")
    database.close()
    before = filled.database.read_bytes()
    assert "newer assay" in refused(filled, "conflict", "99")["hint"]
    assert filled.database.read_bytes() == before


def test_catalog_that_is_no_database(filled):
    filled.database.write_bytes(b"This is not a database at all. " * 1000)
    refused(filled, "corrupt")


def test_catalog_that_is_another_database(filled):
    filled.database.unlink()
    with sqlite3.connect(filled.database) as database:
        database.execute("CREATE TABLE mine (x)")
        database.execute("INSERT INTO mine VALUES (1)")
    database.close()
    refused(filled, "corrupt", "not a catalog of assay")
    with sqlite3.connect(filled.database) as database:
        assert database.execute("SELECT x FROM mine").fetchall() == [(1,)]


def test_catalog_with_our_mark_but_no_tables(filled):
    filled.database.unlink()
    with sqlite3.connect(filled.database) as database:
        database.execute(f"PRAGMA application_id = {0x61737379}")
        database.execute("PRAGMA user_version = 1")
        database.execute("CREATE TABLE other (x)")
    database.close()
    for words in (["search", "zorbit"], ["list"], ["doctor"], ["add"]):
        assert "assay.db" in filled.run(*words, "--json", code=1).error()["message"]


def test_catalog_that_is_empty(filled):
    """An empty file is a new database: adding begins anew."""
    filled.database.write_bytes(b"")
    filled.run("search", "--json", "zorbit", code=1).error()
    assert filled.counts() == (200, 0, 0, 0, 0)
    assert len(filled.search("-k", "1000", "zorbit")) == 200 and filled.doctor()["ok"]


def test_catalog_that_is_a_folder(filled):
    filled.database.unlink()
    filled.database.mkdir()
    for words in (["search", "zorbit"], ["add"], ["doctor"]):
        assert "assay.db" in filled.run(*words, "--json", code=1).error()["message"]


@pytest.mark.parametrize("part", [0.05, 0.3, 0.5, 0.9, 0.99])
def test_truncated_catalog(filled, part):
    size = filled.database.stat().st_size
    os.truncate(filled.database, int(size * part))
    for words in (["search", "zorbit"], ["list"], ["add"]):
        outcome = filled.run(*words, "--json", code=None)
        document = outcome.json()
        assert outcome.code in (0, 1) and (outcome.code == 0 or "error" in document or document["failed"])
    outcome = filled.run("doctor", "--json", code=1)
    document = outcome.json()
    assert "error" in document or any(problem["kind"] == "catalog" for problem in document["problems"])


@pytest.mark.parametrize("seed", range(12))
def test_corrupt_pages(filled, seed):
    raw = bytearray(filled.database.read_bytes())
    pages = len(raw) // 4096
    for i in range(1, pages):
        if (i * 7 + seed * 3) % 11 == 0:
            start = i * 4096 + (seed * 331) % 3000
            raw[start : start + 200] = bytes((seed * 17 + j * j) % 256 for j in range(200))
    filled.database.write_bytes(raw)
    outcome = filled.run("doctor", "--json", code=1)
    document = outcome.json()
    assert "error" in document or document["problems"]
    for words in (["search", "zorbit"], ["list"], ["add"], ["remove", "docs/1.md"], ["doctor", "--repair"], ["search", "flume"]):
        outcome = filled.run(*words, "--json", code=None)
        outcome.json()
        assert outcome.code in (0, 1)


@pytest.mark.parametrize(
    "sql",
    [
        "UPDATE passages SET start = -5 WHERE id = 3",
        "UPDATE passages SET end = 1 << 60",
        "UPDATE passages SET text = ''",
        "UPDATE passages SET text = CAST(x'ff00fe' AS TEXT)",
        "UPDATE passages SET headings = CAST(x'1f1f1f1f1f1f1f1f1f1f1f' AS TEXT)",
        "UPDATE passages SET id = id + 1000000000000",
        "UPDATE passages SET id = -id",
        "UPDATE passages SET document = 999999",
        "UPDATE documents SET path = '../../../etc/passwd' WHERE id = 1",
        "UPDATE documents SET path = ''  WHERE id = 1",
        "UPDATE documents SET language = 'xx'",
        "UPDATE documents SET language = ''",
        "UPDATE documents SET sha256 = x'00'",
        "UPDATE documents SET title = CAST(x'00ff' AS TEXT)",
        "UPDATE segments SET first = 50",
        "UPDATE segments SET last = 5",
        "UPDATE segments SET last = 1 << 62",
        "UPDATE segments SET first = -1, last = -1",
        "UPDATE segments SET file = '../assay.db'",
        "UPDATE segments SET file = ''",
        "UPDATE segments SET file = '.'",
        "UPDATE segments SET file = '../../docs/1.md'",
        "UPDATE segments SET size = 1",
        "INSERT INTO segments VALUES ('x.seg', 90, 95, 5, 100)",
        "INSERT INTO segments SELECT 'copy.seg', first + 100, last + 100, passages, size FROM segments",
        "DELETE FROM segments",
        "DELETE FROM meta",
        "UPDATE meta SET generation = -9",
        "UPDATE meta SET generation = -1",
        "INSERT INTO deletions (passage) VALUES (-1), (0), (1 << 62), (5), (5)",
        "DELETE FROM contents",
        "UPDATE contents SET bytes = x'00'",
        "DELETE FROM passages WHERE id % 2",
        "DROP TABLE deletions",
        "DROP TABLE passages",
        "CREATE TRIGGER t AFTER INSERT ON documents BEGIN DELETE FROM passages; END",
        "DROP TABLE labels; CREATE VIEW labels AS SELECT 1 AS id, 'x' AS name",
    ],
)
def test_catalog_with_wrong_values(filled, sql):
    """A catalog that somebody made by hand: right for SQLite, wrong for us. No crash, and no file outside .assay is touched."""
    with sqlite3.connect(filled.database) as database:
        database.execute("PRAGMA foreign_keys = OFF")
        database.executescript(sql)
    database.close()
    before = {path: path.read_bytes() for path in (filled.path / "docs").iterdir()}
    filled.write("docs/new.md", "zorbit new")
    for words in (["search", "zorbit"], ["list"], ["doctor"], ["add"], ["search", "-k", "1000", "flume"], ["doctor", "--repair"],
                  ["search", "zorbit"], ["remove", "docs"]):  # fmt: skip
        outcome = filled.run(*words, "--json", code=None)
        outcome.json()
        assert outcome.code in (0, 1)
    for path, content in before.items():
        assert path.read_bytes() == content
    assert filled.database.exists()


# ---- index files ----


def damage_delete(path):
    path.unlink()


def damage_empty(path):
    path.write_bytes(b"")


def damage_truncate(path):
    os.truncate(path, path.stat().st_size // 2)


def damage_grow(path):
    path.write_bytes(path.read_bytes() + b"\0")


def damage_zero(path):
    path.write_bytes(b"\0" * path.stat().st_size)


def flip(part):
    def damage(path):
        raw = bytearray(path.read_bytes())
        raw[int((len(raw) - 1) * part)] ^= 1
        path.write_bytes(raw)

    damage.__name__ = f"flip_{part}"
    return damage


def damage_folder(path):
    path.unlink()
    path.mkdir()


DAMAGES = [damage_delete, damage_empty, damage_truncate, damage_grow, damage_zero,
           *(flip(part) for part in (0, 0.01, 0.1, 0.3, 0.5, 0.7, 0.9, 0.99, 1))]  # fmt: skip


@pytest.mark.parametrize("damage", DAMAGES, ids=lambda damage: damage.__name__)
def test_damaged_index_file(filled, damage):
    before = filled.search("-k", "1000", "zorbit flume n17")
    (file,) = filled.index_files()
    damage(file)
    report = filled.doctor(code=1)
    assert not report["ok"] and [problem["kind"] for problem in report["problems"]] == ["index"]
    assert file.name in report["problems"][0]["message"]
    assert "--repair" in filled.run("doctor", code=1).out
    assert filled.search("-k", "1000", "zorbit flume n17") == before and filled.doctor()["ok"]  # who searches writes it anew
    (file,) = filled.index_files()
    damage(file)
    report = filled.doctor("--repair", code=0)
    assert report["ok"] and report["repaired"] == 1
    assert filled.doctor()["problems"] == [] and filled.search("-k", "1000", "zorbit flume n17") == before


@pytest.mark.parametrize("damage", [damage_delete, damage_truncate, flip(0.5)], ids=lambda damage: damage.__name__)
def test_add_mends_a_damaged_index_file(filled, damage):
    (file,) = filled.index_files()
    damage(file)
    filled.write("docs/new.md", "zorbit new")
    assert filled.counts() == (1, 0, 200, 0, 0)
    assert len(filled.search("-k", "1000", "zorbit")) == 201 and filled.doctor()["ok"]


def test_folder_in_the_place_of_an_index_file(filled):
    (file,) = filled.index_files()
    damage_folder(file)
    before = filled.run("search", "--json", "zorbit", code=None)
    if before.code == 1:
        assert file.name in before.error()["message"]
    for words in (["doctor"], ["doctor", "--repair"]):
        filled.run(*words, "--json", code=None).json()


def test_index_folder_that_is_gone(filled):
    shutil.rmtree(filled.path / ".assay" / "index")
    assert len(filled.search("-k", "1000", "zorbit")) == 200
    assert filled.doctor("--repair", code=None) is not None
    assert filled.doctor()["ok"] and len(filled.search("-k", "1000", "zorbit")) == 200


def test_leftover_files_in_the_index_folder(filled):
    leftover = filled.path / ".assay" / "index" / "0000000001-0000000009.7.seg.new-123"
    leftover.write_bytes(b"half")
    report = filled.doctor()
    assert report["ok"] and leftover.name in report["notes"][0]["message"]
    filled.add()
    assert not leftover.exists() and filled.doctor()["notes"] == []


def test_folder_in_the_index_folder(filled):
    (filled.path / ".assay" / "index" / "mine").mkdir()
    filled.write("docs/new.md", "zorbit new")
    outcome = filled.run("add", "--json", code=None)
    document = outcome.json()
    assert outcome.code == 0 or "mine" in document["error"]["message"]
    assert len(filled.search("-k", "1000", "zorbit")) >= 200


# ---- the lock ----


def test_lock_held_by_another_process(filled):
    with open(filled.path / ".assay" / "lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        lock.write("process 4242 (assay add)\n")
        lock.flush()
        for words in (["add"], ["remove", "docs"], ["doctor", "--repair"]):
            error = filled.run(*words, "--json", code=1).error("conflict")
            assert "another process writes" in error["message"] and "process 4242 (assay add)" in error["message"]
            assert "Wait" in error["hint"]
        assert len(filled.search("-k", "1000", "zorbit")) == 200
        assert filled.doctor()["ok"]
    assert filled.counts() == (0, 0, 200, 0, 0)


def test_database_locked_by_another_program(filled):
    database = sqlite3.connect(filled.database, isolation_level=None)
    database.execute("BEGIN IMMEDIATE")
    filled.write("docs/new.md", "zorbit new")
    error = filled.run("add", "--json", code=1, timeout=40).error("conflict")
    assert "assay.db" in error["message"] and error["hint"]
    assert len(filled.search("-k", "1000", "zorbit")) == 200
    database.execute("ROLLBACK")
    database.close()
    assert filled.counts() == (1, 0, 200, 0, 0)


# ---- the system refuses ----


def test_read_only_project(assay, plain_user):
    """Somebody else's project, or one on a read-only disk: reading works, writing says why not."""
    as_user, folder = plain_user
    assay("init", "-q", "shop", cwd=folder, **as_user)
    shop = folder / "shop"
    (shop / "docs").mkdir(mode=0o755)
    (shop / "docs" / "a.md").write_text("zorbit")
    assay("add", "-q", cwd=shop, **as_user)
    for path in [*(shop / ".assay").rglob("*"), shop / ".assay", shop]:
        path.chmod(0o555 if path.is_dir() else 0o444)
    try:
        error = assay("add", "--json", cwd=shop, code=1, **as_user).error()
        assert ".assay" in error["message"] and "permission denied" in error["message"].lower()
        assert len(assay("search", "--json", "zorbit", cwd=shop, **as_user).json()["results"]) == 1
        assert len(assay("list", "--json", cwd=shop, **as_user).json()["documents"]) == 1
        assert assay("doctor", "--json", cwd=shop, **as_user).json()["ok"]
    finally:
        for path in [shop, shop / ".assay", *(shop / ".assay").rglob("*")]:
            path.chmod(0o777)


def test_init_where_nobody_may_write(assay, plain_user):
    as_user, folder = plain_user
    (folder / "closed").mkdir(mode=0o555)
    error = assay("init", "--json", "closed/shop", cwd=folder, code=1, **as_user).error()
    assert "closed/shop" in error["message"] and "permission denied" in error["message"]


def limit_file_size(size):
    return lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))


@pytest.mark.parametrize("size", [1000, 100_000, 500_000])
def test_files_may_not_grow(project, size):
    """Like a full disk, wherever the limit strikes; what was there before stays."""
    project.write("docs/old.md", "zorbit old")
    project.add()
    for i in range(300):
        project.write(f"docs/{i}.md", f"zorbit n{i} " + "".join(f"w{i}x{j} " for j in range(400)))
    outcome = project.run("add", "--json", code=1, preexec_fn=limit_file_size(size), restore_signals=False)
    error = outcome.error()
    assert ".assay" in error["message"] and error["hint"], error
    assert "docs/old.md" in project.found("zorbit") and project.doctor()["ok"]
    assert project.counts()[0] + len(project.documents()) >= 301
    assert len(project.found("zorbit")) == 301


def test_files_may_not_grow_with_the_usual_signal(project):
    """`ulimit -f` sends SIGXFSZ, which kills who does not expect it."""
    for i in range(300):
        project.write(f"docs/{i}.md", f"zorbit n{i} " + "".join(f"w{i}x{j} " for j in range(400)))
    project.run("add", "--json", code=1, preexec_fn=limit_file_size(100_000)).error()


@pytest.fixture
def small_disk(tmp_path):
    folder = tmp_path / "disk"
    folder.mkdir()
    if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=3m", "none", folder], capture_output=True).returncode != 0:
        pytest.skip("a small disk can be mounted only by root")
    yield folder
    subprocess.run(["umount", "-l", folder], check=True)


def test_a_server_on_a_full_disk(assay, small_disk):
    """Whoever asks is told what it is, and whoever asks whether the server is ready that it is not; with room it goes on by itself."""
    shop = Project(assay, small_disk / "shop")
    shop.write("docs/a.md", "Zorbits are returned within 45 days.")
    shop.add()
    requests = [("POST", "/v1/ask", {"question": "Within how many days are zorbits returned?"}), ("POST", "/v1/chat/completions", {"model": "assay", "messages": [{"role": "user", "content": "Zorbits?"}]}),
                ("POST", "/v1/keys", {"name": "x", "groups": []}), ("POST", "/v1/cases", {"question": "Zorbits?", "answer": "45 days"}),
                ("POST", "/v1/vector_stores", {"name": "x"})]  # fmt: skip
    with serving(shop) as server:
        assert server.ask("GET", "/ready")[0] == 200
        with pytest.raises(OSError), open(shop.path / "fill", "wb", buffering=0) as fill:
            while True:
                fill.write(bytes(4096))
        for method, path, body in requests:
            error = server.error(method, path, body, status=507)
            assert error["code"] == "disk_full" and "the disk of the server is full" in error["message"], path
        assert server.error("GET", "/ready", status=503)["code"] == "disk_full" and server.ask("GET", "/health")[0] == 200
        (shop.path / "fill").unlink()
        assert server.ask("GET", "/ready")[0] == 200
        assert server.json(*requests[0])["answer"]


def test_disk_full(assay, tmp_path, small_disk):
    assay("init", "-q", "disk", cwd=tmp_path)
    (tmp_path / "docs").mkdir()
    told = []
    for i in range(400):
        (tmp_path / "docs" / f"{i}.md").write_text(f"zorbit n{i} " + "".join(f"w{i}x{j} " for j in range(1200)))
    assay("add", "-q", "../docs/1.md", cwd=small_disk)
    process = assay.start("add", "-v", "-q", "../docs", cwd=small_disk)
    outcome = assay.finish(process)
    told = [line.removeprefix("added ") for line in outcome.out.splitlines()]
    assert outcome.code == 1
    assert "space left" in outcome.err or "disk is full" in outcome.err, outcome.err
    documents = {d["path"] for d in assay("list", "--json", cwd=small_disk).json()["documents"]}
    assert documents >= {*told, str(tmp_path / "docs" / "1.md")}
    assert len(assay("search", "--json", "-k", "1000", "zorbit", cwd=small_disk).json()["results"]) >= len(documents)
    assert assay("doctor", "--json", cwd=small_disk).json()["ok"]
    subprocess.run(["mount", "-o", "remount,size=100m", small_disk], check=True)
    report = assay("add", "--json", "../docs", cwd=small_disk).json()
    assert report["added"] + len(documents) == 400 and report["failed"] == []
    assert assay("doctor", "--json", cwd=small_disk).json()["ok"]


@pytest.mark.parametrize("words", [["list"], ["list", "--json"], ["search", "zorbit"], ["help"], ["help", "--man", "add"], ["doctor"],
                                   ["version"], ["add", "-v"], ["remove", "-v", "docs"], ["search", "--json", "-k", "1000", "zorbit"]])  # fmt: skip
def test_standard_output_that_takes_nothing(filled, words):
    if words[0] == "add":
        for i in range(300):
            filled.write(f"docs/new{i}.md", "zorbit")
    with open("/dev/full", "wb") as full:
        outcome = filled.run(*words, stdout=full, code=1)
    assert "standard output: no space left on device" in outcome.err.lower(), outcome.err


def test_closed_standard_streams(filled):
    outcome = filled.run("search", "zorbit", code=None, preexec_fn=lambda: [os.close(fd) for fd in (0, 1, 2)])
    assert outcome.code in (0, 1)
    before = filled.database.read_bytes()[:100]
    filled.run("add", "-v", code=None, preexec_fn=lambda: [os.close(fd) for fd in (0, 1, 2)])
    assert filled.database.read_bytes()[:16] == before[:16] and filled.doctor()["ok"]


def test_few_file_descriptors(filled):
    filled.run("search", "zorbit", preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_NOFILE, (16, 16)))
    outcome = filled.run("search", "--json", "zorbit", code=None,
                         preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_NOFILE, (4, 4)))  # fmt: skip
    assert outcome.code in (0, 1)


def test_working_folder_that_is_gone(assay, tmp_path):
    gone = tmp_path / "gone"
    gone.mkdir()
    script = f'cd "{gone}" && rmdir "{gone}" && exec "{assay.binary}" list --json'
    process = subprocess.Popen(["sh", "-c", script], stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    outcome = assay.finish(process)
    assert outcome.code == 1 and "current folder" in outcome.error()["message"]
