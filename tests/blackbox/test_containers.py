"""Archives: each member is a document of its own; what changed in one is read, what is gone from it is forgotten; hostile ones cost only
themselves."""

import contextlib
import email.message
import gzip
import io
import os
import pathlib
import shutil
import signal
import sqlite3
import struct
import subprocess
import tarfile
import time
import zipfile
import zlib

import pytest
from conftest import BINARY, ENVIRONMENT, SANITIZED
from test_library import memory_of

OLD = 1_600_000_000


def zip_of(members, method=zipfile.ZIP_DEFLATED):
    """The bytes of a zip archive; `members` as pairs or a dictionary."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", method) as archive:
        for name, content in members.items() if isinstance(members, dict) else members:
            archive.writestr(name if isinstance(name, zipfile.ZipInfo) else zipfile.ZipInfo(name), content, method)
    return out.getvalue()


def tar_of(members, mode="w"):
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode=mode) as archive:
        for name, content in members.items():
            entry = tarfile.TarInfo(name)
            if isinstance(content, str):
                content = content.encode()
            if isinstance(content, bytes):
                entry.size = len(content)
                archive.addfile(entry, io.BytesIO(content))
            else:
                entry.type, entry.linkname = content
                archive.addfile(entry)
    return out.getvalue()


def paths(project):
    return sorted(project.documents())


PAGES = {"docs/a.md": "# Apples\n\nzorbit apples\n", "docs/b.txt": "zorbit pears\n", "c.html": "<!doctype html><p>zorbit cherries</p>"}


# ---- what is read ----


@pytest.mark.parametrize(
    ("name", "make"),
    [("export.zip", zip_of), ("export.tar", tar_of), ("export.tar.gz", lambda m: tar_of(m, "w:gz")), ("export.tgz", lambda m: tar_of(m, "w:gz")),
     ("export.bin", zip_of)],
)  # fmt: skip
def test_members_are_documents(project, name, make):
    project.write(f"docs/{name}", make(PAGES))
    report = project.add()
    assert (report["added"], report["failed"], report["notes"]) == (3, [], [])
    assert paths(project) == sorted(f"docs/{name}/{member}" for member in PAGES)
    document = project.documents()[f"docs/{name}/docs/a.md"]
    assert document["title"] == "Apples" and document["format"] == "markdown" and document["size_bytes"] == len(PAGES["docs/a.md"])
    (hit,) = project.search("apples")
    assert hit["document"] == f"docs/{name}/docs/a.md" and not hit["extracted"]
    source = PAGES["docs/a.md"].encode()
    assert source[hit["start"] : hit["end"]].decode() == "zorbit apples"
    assert project.doctor()["ok"]
    assert project.counts() == (0, 0, 3, 0, 0)


def test_one_packed_file(project):
    project.write("docs/notes.md.gz", gzip.compress(b"# Notes\n\nzorbit"))
    assert project.counts() == (1, 0, 0, 0, 0)
    assert project.found("zorbit") == ["docs/notes.md.gz/notes.md"]
    assert project.documents()["docs/notes.md.gz/notes.md"]["format"] == "markdown"


def test_archives_in_archives(project):
    inner = zip_of({"deep.md": "zorbit deep", "third.zip": zip_of({"x.md": "zorbit third"})})
    project.write("docs/outer.zip", zip_of({"a.md": "zorbit", "in/inner.zip": inner, "in/t.tar.gz": tar_of({"t.txt": "zorbit t"}, "w:gz")}))
    report = project.add(code=1)
    assert report["added"] == 3
    assert project.found("zorbit") == ["docs/outer.zip/a.md", "docs/outer.zip/in/inner.zip/deep.md", "docs/outer.zip/in/t.tar.gz/t.txt"]
    (failed,) = report["failed"]
    assert failed["path"] == "docs/outer.zip/in/inner.zip/third.zip" and "archive within an archive within" in failed["message"]


def test_what_is_passed_over(project):
    project.write("docs/e.zip", zip_of({"a.md": "zorbit", "__MACOSX/._a.md": b"\0\5\26\7", ".git/config": "zorbit", "x/.DS_Store": b"\0\0",
                                        "p.png": b"\x89PNG\r\n\x1a\n\0", "x/": "", "~$letter.md": "zorbit", "draft.md~": "zorbit"}))  # fmt: skip
    report = project.add()
    assert (report["added"], report["skipped"]) == (1, 3)
    assert project.found("zorbit") == ["docs/e.zip/a.md"]
    assert project.counts() == (0, 0, 1, 0, 0)


def test_an_export_of_notion(project):
    number = "0123456789abcdef0123456789abcdef"
    project.write("docs/export.zip", zip_of({
        f"Handbook {number}.md": "Welcome. See [Travel](Handbook/Travel%20policy.md).",
        f"Handbook {number}/Travel policy {number}.md": "# Travel policy\n\nTrains first, zorbit.",
        f"Handbook {number}/Tasks {number}.csv": "Name,Status\nBuy tickets,done\nWrite report,open\n",
    }))  # fmt: skip
    assert project.counts() == (3, 0, 0, 0, 0)
    assert sorted(d["title"] for d in project.documents().values()) == ["Handbook", "Tasks", "Travel policy"]
    assert project.found("zorbit") == [f"docs/export.zip/Handbook {number}/Travel policy {number}.md"]
    assert project.search("tickets")[0]["text"].startswith("Name")


def test_long_names_cost_themselves(project):
    half = "/".join(["d" * 250] * 10)
    inner = zip_of({f"{half}/b.md": "zorbit", "c.md": "zorbit"})
    project.write("docs/o.zip", zip_of({"../" + "\u00e9" * 150: "x", "../\x1b" + "a" * 150: "x", f"{half}.zip": inner, "z.md": "zorbit"}))
    report = project.add(code=1)
    assert report["added"] == 2 and project.found("zorbit") == [f"docs/o.zip/{half}.zip/c.md", "docs/o.zip/z.md"]
    (failed,) = report["failed"]
    assert failed["message"].endswith("its path is longer than 4096 bytes") and len(failed["path"]) < 300


def test_names_in_old_code_pages(project):
    raw = zip_of({"caf??.md": "zorbit"}).replace(b"caf??", "caf\u00e9!".encode("cp437"))
    project.write("docs/old.zip", raw)
    assert project.counts() == (1, 0, 0, 0, 0)
    assert paths(project) == ["docs/old.zip/caf\u00e9!.md"]


LETTER = ("Message-ID: <{0}@example.com>\nFrom: Ann <ann@example.com>\nTo: bob@example.com\nSubject: Late parcel {0}\n"
          "Date: Wed, 1 May 2024 10:30:00 +0000\n\nThe zorbit number {0} is late.\n")  # fmt: skip


def test_letters_in_a_mailbox(project):
    box = project.write("docs/box.mbox", "".join(f"From ann@example.com Wed May  1 10:30:0{i} 2024\n{LETTER.format(i)}\n" for i in range(3)))
    assert project.counts() == (3, 0, 0, 0, 0)
    document = project.documents()["docs/box.mbox/000002.eml"]
    assert document["title"] == "Late parcel 1" and document["format"] == "mail"
    with box.open("a") as file:
        file.write(f"From ann@example.com Wed May  1 10:30:09 2024\n{LETTER.format(9)}\n")
    assert project.counts() == (1, 0, 3, 0, 0)
    assert project.found("zorbit") == [f"docs/box.mbox/00000{i}.eml" for i in (1, 2, 3, 4)] and project.doctor()["ok"]


def letter_with(files, subject="Parcels"):
    """A mail; `files` as (name, content, type, disposition or content-id)."""
    mail = email.message.EmailMessage()
    mail["From"], mail["To"], mail["Subject"], mail["Date"] = "ann@example.com", "bob@example.com", subject, "Wed, 1 May 2024 10:30:00 +0000"
    mail.set_content("The zorbit letter.")
    for name, content, kind, shown in files:
        main, sub = kind.split("/")
        content = content.encode() if isinstance(content, str) else content
        mail.add_attachment(content, maintype=main, subtype=sub, filename=name, disposition=shown, cid="<a@b>" if shown == "inline" else None)
    return mail.as_bytes()


FILES = [("report.md", "# Report\n\nzorbit report", "text/markdown", "attachment"), ("C:\\Users\\ann\\table.csv", "a,b\nzorbit,2\n", "text/csv", "attachment"),
         ("logo.png", b"\x89PNG\r\n\x1a\n\0", "image/png", "inline"), ("smime.p7s", b"0\x82", "application/pkcs7-signature", "attachment"),
         ("report.md", "# Report\n\nanother zorbit report", "text/markdown", "attachment"), (None, "<html><p>zorbit page</p>", "text/html", "attachment"),
         ("pages.zip", zip_of(PAGES), "application/zip", "attachment"), ("..", "evil", "text/plain", "attachment")]  # fmt: skip
ATTACHED = ["attachment-4.html", "pages.zip/c.html", "pages.zip/docs/a.md", "pages.zip/docs/b.txt", "report (2).md", "report.md", "table.csv"]


def test_what_is_attached_to_a_mail(project):
    file = project.write("docs/m.eml", letter_with(FILES))
    os.utime(file, (OLD, OLD))
    report = project.add()
    wanted = ["docs/m.eml", *(f"docs/m.eml/{name}" for name in ATTACHED)]
    assert (report["added"], report["failed"], report["skipped"]) == (8, [], 1) and paths(project) == wanted
    assert project.found("zorbit") == wanted and project.doctor()["ok"]
    assert project.documents()["docs/m.eml"]["format"] == "mail"
    assert project.counts()[:4] == (0, 0, 8, 0)
    os.utime(file)
    assert project.counts()[:4] == (0, 0, 8, 0)
    file.write_bytes(letter_with([FILES[0], ("new.md", "zorbit new", "text/plain", "attachment")]))
    assert project.counts()[:4] == (1, 1, 1, 6)
    assert paths(project) == ["docs/m.eml", "docs/m.eml/new.md", "docs/m.eml/report.md"]
    file.write_bytes(letter_with([]))
    assert project.counts()[:4] == (0, 1, 0, 2)
    assert paths(project) == ["docs/m.eml"] and containers(project) == [] and project.doctor()["ok"]
    file.write_bytes(letter_with(FILES[:1]))
    assert project.counts()[:4] == (1, 1, 0, 0)
    assert project.run("remove", "--json", "docs/m.eml/report.md").json()["removed"] == 1
    assert project.counts()[:4] == (1, 1, 0, 0)  # the mail is read again for it
    file.unlink()
    assert project.counts()[:4] == (0, 0, 0, 2) and containers(project) == []


def test_what_is_attached_to_letters_in_archives(project):
    letter = letter_with(FILES[:1])
    attached = letter_with([("inner.eml", letter_with(FILES[1:2], "Inner"), "application/octet-stream", "attachment")])
    box = b"".join(b"From ann@example.com Wed May  1 10:30:00 2024\n" + mail + b"\n" for mail in (letter, attached))
    project.write("docs/e.zip", zip_of({"m.eml": letter, "box.mbox": box}))
    report = project.add()
    assert report["failed"] == []
    assert paths(project) == [f"docs/e.zip/{name}" for name in (
        "box.mbox/000001.eml", "box.mbox/000001.eml/report.md", "box.mbox/000002.eml", "box.mbox/000002.eml/inner.eml",
        "box.mbox/000002.eml/inner.eml/table.csv", "m.eml", "m.eml/report.md")]  # fmt: skip
    assert project.counts()[2] == report["added"] and project.doctor()["ok"]


def test_labels_hold_for_what_is_attached(project):
    project.settings("documents: [docs]\nembedding: none\naccess:\n  labels: from-folder\n")
    project.write("docs/hr/m.eml", letter_with(FILES[:1]))
    project.write("docs/open.md", "zorbit")
    project.add()
    project.run("key", "add", "nobody")
    project.run("key", "add", "staff", "--groups", "hr")
    assert project.found("zorbit", "--as", "nobody") == ["docs/open.md"]
    assert project.found("zorbit", "--as", "staff") == ["docs/hr/m.eml", "docs/hr/m.eml/report.md", "docs/open.md"]


def test_a_mail_with_a_broken_attachment(project):
    project.write("docs/m.eml", letter_with([*FILES[:1], ("bad.docx", b"PK\3\4 no zip", "application/zip", "attachment")]))
    report = project.add(code=1)
    assert report["added"] == 2 and [failed["path"] for failed in report["failed"]] == ["docs/m.eml/bad.docx"]
    report = project.add(code=1)
    assert report["unchanged"] == 2 and [failed["path"] for failed in report["failed"]] == ["docs/m.eml"]
    audit = project.run("audit", "--json", code=None).out
    assert "docs/m.eml/bad.docx" in audit


def test_a_mail_killed_before_its_files_are_read(project, assay):
    project.write("docs/m.eml", letter_with([(f"{i}.md", f"zorbit {i} " * 500, "text/markdown", "attachment") for i in range(1500)]))
    for delay in (0.02, 0.05, 0.1, 0.2):
        process = assay.start("add", "--verbose", cwd=project.path)
        time.sleep(delay)
        process.send_signal(signal.SIGKILL)
        process.communicate()
    project.add()
    assert len(paths(project)) == 1501 and project.doctor()["ok"]


def test_letters_and_json_are_known_by_content(project):
    project.write("docs/letter.txt", LETTER.format(7))
    project.write("docs/data", '{"title": "Parcels", "note": "zorbit in JSON"}')
    project.write("docs/almost.json", "{zorbit: no JSON}")
    report = project.add()
    assert report["added"] == 3 and [note["path"] for note in report["notes"]] == ["docs/almost.json"]
    formats = {path: document["format"] for path, document in project.documents().items()}
    assert formats == {"docs/letter.txt": "mail", "docs/data": "json", "docs/almost.json": "json"}
    (hit,) = [hit for hit in project.search("zorbit") if hit["document"] == "docs/letter.txt"]
    assert hit["extracted"] and "zorbit number 7" in hit["text"]
    assert "docs/letter.txt  " in project.run("search", "-k", "1", "number", "7").out  # no lines: they say nothing to a person


# ---- what changes ----


def test_only_changed_members_are_written(project):
    file = project.write("docs/e.zip", zip_of(PAGES))
    project.add()
    before = passages(project)
    file.write_bytes(zip_of({**PAGES, "docs/b.txt": "zorbit plums\n", "new.md": "zorbit new"}))
    assert project.counts() == (1, 1, 2, 0, 0)
    after = passages(project)
    assert {path: ids for path, ids in after.items() if before.get(path) == ids}.keys() == {"docs/e.zip/docs/a.md", "docs/e.zip/c.html"}
    file.write_bytes(zip_of({"docs/a.md": PAGES["docs/a.md"]}))
    assert project.counts() == (0, 0, 1, 3, 0)
    assert paths(project) == ["docs/e.zip/docs/a.md"] and project.found("zorbit") == ["docs/e.zip/docs/a.md"]
    file.unlink()
    assert project.counts() == (0, 0, 0, 1, 0)
    assert containers(project) == [] and project.doctor()["ok"]


def passages(project):
    with sqlite3.connect(project.database) as database:
        rows = database.execute("SELECT path, group_concat(p.id) FROM documents d JOIN passages p ON p.document = d.id GROUP BY d.id")
        return dict(rows.fetchall())


def containers(project):
    with sqlite3.connect(project.database) as database:
        return database.execute("SELECT path, recipe != 0 FROM containers ORDER BY path").fetchall()


def test_an_unchanged_archive_is_not_opened(project):
    file = project.write("docs/e.zip", zip_of(PAGES))
    os.utime(file, (OLD, OLD))
    time.sleep(2.1)  # more than the clock's grain
    project.add()
    report = project.add()
    assert (report["unchanged"], report["bytes"]) == (3, 0)


def test_an_archive_with_a_new_time_and_the_same_bytes(project):
    file = project.write("docs/e.zip", zip_of(PAGES))
    project.add()
    os.utime(file, (OLD, OLD))
    report = project.add()
    assert (report["unchanged"], report["updated"]) == (3, 0)
    assert project.counts() == (0, 0, 3, 0, 0)


def test_an_archive_that_can_no_longer_be_read_keeps_what_it_had(project):
    file = project.write("docs/e.zip", zip_of(PAGES))
    project.add()
    whole = file.read_bytes()
    for broken in (whole[:100], b"\x89PNG\r\n\x1a\n\0"):
        file.write_bytes(broken)
        report = project.add(code=1)
        assert [failed["path"] for failed in report["failed"]] == ["docs/e.zip"] and report["removed"] == 0
        assert len(project.found("zorbit")) == 3
        report = project.add(code=1)  # told again
        assert len(report["failed"]) == 1
    file.write_bytes(whole)
    assert project.counts() == (0, 0, 3, 0, 0)
    assert containers(project) == [("docs/e.zip", 1)]


def test_a_member_that_cannot_be_read_keeps_what_it_had_and_is_told_again(project):
    file = project.write("docs/e.zip", zip_of(PAGES))
    project.add()
    file.write_bytes(zip_of({**PAGES, "docs/b.txt": b"zorbit \0 pears"}))
    report = project.add(code=1)
    assert [failed["path"] for failed in report["failed"]] == ["docs/e.zip/docs/b.txt"]
    assert len(project.found("zorbit")) == 3
    for _ in range(2):  # it is not read again, but told
        report = project.add(code=1)
        assert [failed["path"] for failed in report["failed"]] == ["docs/e.zip"] and report["unchanged"] == 3
        assert len(project.found("zorbit")) == 3
        os.utime(file, (OLD, OLD))
    project.settings("documents: [docs]\nembedding: none\npassages: {tokens: 100}\n")  # now it is
    assert [failed["path"] for failed in project.add(code=1)["failed"]] == ["docs/e.zip/docs/b.txt"]
    file.write_bytes(zip_of(PAGES))
    assert project.add()["failed"] == []


def test_an_unchanged_archive_with_a_broken_member_is_not_opened(project):
    file = project.write("docs/e.zip", zip_of({**PAGES, "bad.txt": b"zorbit \0"}))
    os.utime(file, (OLD, OLD))
    time.sleep(2.1)  # more than the clock's grain
    project.add(code=1)
    report = project.add(code=1)
    assert report["bytes"] == 0 and (report["unchanged"], [failed["message"] for failed in report["failed"]]) == (3, ['"docs/e.zip" still has members that could not be read'])


def test_a_member_over_a_limit_that_can_be_raised_is_read_when_it_is(project):
    project.write("docs/e.zip", zip_of({**PAGES, "long.txt": "zorbit long\n" * 200_000}))
    project.settings("documents: [docs]\nembedding: none\ndocuments_max_mb: 1\n")
    project.add(code=1)
    project.settings("documents: [docs]\nembedding: none\ndocuments_max_mb: 4\n")
    assert project.add()["added"] == 1


def test_archive_becomes_document_and_folder(project):
    path = project.path / "docs" / "x.zip"
    project.write("docs/x.zip", zip_of({"a.md": "zorbit"}))
    project.add()
    path.write_text("zorbit, plain")
    report = project.add()
    assert (report["added"], report["removed"]) == (1, 1) and "is text" in report["notes"][0]["message"]
    assert paths(project) == ["docs/x.zip"] and containers(project) == []
    path.unlink()
    project.write("docs/x.zip/a.md", "zorbit")
    assert project.counts() == (1, 0, 0, 1, 0)
    shutil.rmtree(path)
    project.write("docs/x.zip", zip_of({"a.md": "zorbit"}))
    assert sum(project.counts()[:2]) == 1
    assert paths(project) == ["docs/x.zip/a.md"] and project.doctor()["ok"]
    with sqlite3.connect(project.database) as database:
        assert database.execute("SELECT count(*) FROM documents WHERE container IS NOT NULL").fetchone() == (1,)


def test_remove(project):
    project.write("docs/e.zip", zip_of(PAGES))
    project.add()
    assert project.run("remove", "--json", "docs/e.zip/docs").json()["removed"] == 2
    assert paths(project) == ["docs/e.zip/c.html"]
    assert project.counts() == (2, 0, 1, 0, 0)  # as a folder's
    assert project.run("remove", "--json", "docs/e.zip").json()["removed"] == 3
    assert containers(project) == [] and project.doctor()["ok"]
    assert project.counts() == (3, 0, 0, 0, 0)
    project.write("docs/empty.zip", zip_of({}))
    project.add()
    assert project.run("remove", "--json", "docs/empty.zip").json()["removed"] == 0
    assert [path for path, _ in containers(project)] == ["docs/e.zip"]


# ---- who may see it ----


def test_labels_take_the_archive_as_a_folder(project):
    project.settings("documents: [docs]\nembedding: none\naccess:\n  labels: from-folder\n")
    project.write("docs/open.md", "zorbit open")
    project.write("docs/export.zip", zip_of({"hr/a.md": "zorbit a", "b.md": "zorbit b"}))
    project.write("docs/legal/c.zip", zip_of({"public/c.md": "zorbit c"}))
    project.add()
    project.run("key", "add", "nobody")
    project.run("key", "add", "lawyer", "--groups", "legal")
    project.run("key", "add", "export", "--groups", "export.zip")
    assert project.found("zorbit", "--as", "nobody") == ["docs/open.md"]
    assert project.found("zorbit", "--as", "lawyer") == ["docs/legal/c.zip/public/c.md", "docs/open.md"]
    assert project.found("zorbit", "--as", "export") == ["docs/export.zip/b.md", "docs/export.zip/hr/a.md", "docs/open.md"]
    project.settings("documents: [docs]\nembedding: none\naccess:\n  labels: labels.csv\n")
    project.write("labels.csv", "docs,public\ndocs/export.zip/hr,hr\n")
    project.add()
    assert project.found("zorbit", "--as", "nobody") == ["docs/export.zip/b.md", "docs/legal/c.zip/public/c.md", "docs/open.md"]


def test_a_link_to_an_archive_carries_nothing_to_other_readers(project):
    project.settings("documents: [docs]\nembedding: none\naccess:\n  labels: from-folder\n")
    project.write("docs/hr/e.zip", zip_of({"a.md": "zorbit"}))
    (project.path / "docs" / "open").mkdir()
    (project.path / "docs" / "open" / "e.zip").symlink_to("../hr/e.zip")
    report = project.add(code=1)
    assert report["added"] == 1 and "is a link" in report["failed"][0]["message"]
    assert paths(project) == ["docs/hr/e.zip/a.md"]


# ---- hostile ones ----


def added_beside(project, name, content, code=0):
    """Adds the archive beside a good document, which it must not harm."""
    project.write("docs/good.md", "zorbit")
    project.write(f"docs/{name}", content)
    report = project.add(code=code)
    assert "docs/good.md" in paths(project)
    assert project.doctor()["ok"]
    return report


@pytest.mark.parametrize("name", ["../evil.md", "a/../../evil.md", "/etc/evil.md", "..\\evil.md", "C:\\evil.md", "a\x1fb.md"])
def test_names_that_lead_out(project, name):
    report = added_beside(project, "e.zip", zip_of({name: "evil", "good.md": "zorbit"}))
    assert report["skipped"] == 1 and project.found("zorbit") == ["docs/e.zip/good.md", "docs/good.md"]
    report = added_beside(project, "e.tar", tar_of({name: "evil", "good.md": "zorbit"}))
    assert report["skipped"] == 1 and not list(project.path.rglob("evil.md")) and "docs/e.tar/good.md" in paths(project)


def test_names_that_are_made_safe(project):
    added_beside(project, "e.zip", zip_of({"./a//b.md": "zorbit", "c\\d.md": "zorbit", "nul": "zorbit", "A.md": "zorbit", "a.md": "zorbit"}))
    assert paths(project) == [f"docs/e.zip/{n}" for n in ("A.md", "a.md", "a/b.md", "c/d.md", "nul")] + ["docs/good.md"]


def tar_of_pairs(members):
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as archive:
        for name, content in members:
            entry = tarfile.TarInfo(name)
            entry.size = len(content)
            archive.addfile(entry, io.BytesIO(content.encode()))
    return out.getvalue()


@pytest.mark.filterwarnings("ignore:Duplicate name")
@pytest.mark.parametrize(("name", "make"), [("e.zip", zip_of), ("e.tar", tar_of_pairs)])
def test_a_name_that_stands_twice(project, name, make):
    members = [("a.md", "zorbit first"), ("a.md", "zorbit second"), ("b.md", "zorbit b"), ("./a.md", "zorbit third")]
    report = added_beside(project, name, make(members))
    assert (report["added"], report["skipped"], report["failed"]) == (3, 2, [])
    assert [hit["text"] for hit in project.search("first second third", "-k", "1")] == ["zorbit third"]
    project.write(f"docs/{name}", make([*members, ("c.md", "zorbit c")]))  # read again, it says the same
    report = project.add()
    assert (report["added"], report["unchanged"], report["skipped"], report["failed"]) == (1, 3, 2, [])


def test_a_member_and_one_of_an_archive_beside_it_have_one_name(project):
    members = {"inner.zip": zip_of({"x.md": "zorbit inner", "y.md": "zorbit y"}), "inner.zip/x.md": "zorbit outer"}
    for order in (list(members), list(reversed(members))):
        project.write("docs/e.zip", zip_of([(name, members[name]) for name in order]))
        for _ in range(2):
            report = project.add()
            assert (report["skipped"], report["failed"]) == (1, [])
            assert paths(project) == ["docs/e.zip/inner.zip/x.md", "docs/e.zip/inner.zip/y.md"]
            os.utime(project.path / "docs/e.zip", (OLD, OLD))
            with sqlite3.connect(project.database) as database:
                database.execute("UPDATE containers SET recipe = 0")
        (text,) = {hit["text"] for hit in project.search("inner outer", "-k", "1")}
        assert text == ("zorbit inner" if order[0] == "inner.zip" else "zorbit outer")


def test_links_and_devices_in_tar(project):
    members = {"link.md": (tarfile.SYMTYPE, "/etc/passwd"), "hard.md": (tarfile.LNKTYPE, "good.md"), "null": (tarfile.CHRTYPE, ""), "good.md": "zorbit"}
    report = added_beside(project, "e.tar", tar_of(members))
    assert report["skipped"] == 3 and project.found("zorbit") == ["docs/e.tar/good.md", "docs/good.md"]


def big_entry(size):
    """A zip with one entry of zeros, written piece by piece."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive, archive.open("zeros.txt", "w", force_zip64=True) as entry:
        for _ in range(size >> 20):
            entry.write(bytes(1 << 20))
    return out.getvalue()


def test_bombs(project):
    report = added_beside(project, "bomb.zip", big_entry(1 << 30), code=1)
    assert [failed["path"] for failed in report["failed"]] == ["docs/bomb.zip/zeros.txt"]
    squeezed = zlib.compressobj(9, zlib.DEFLATED, 31)
    bomb = b"".join(squeezed.compress(bytes(1 << 20)) for _ in range(2 << 10)) + squeezed.flush()
    report = added_beside(project, "bomb.txt.gz", bomb, code=1)
    assert "docs/bomb.txt.gz" in [failed["path"] for failed in report["failed"]]


def test_a_bomb_of_archives(project):
    level = bytes(50 << 20)
    for _ in range(4):
        level = zip_of([(f"{i}.zip", level) for i in range(8)])
    report = added_beside(project, "42.zip", level, code=1)
    assert 0 < len(report["failed"]) <= 64 and report["added"] == 1


def test_members_of_all_archives_in_one_are_counted_together(project):
    inner = zip_of({f".{i:x}": "" for i in range(30_000)}, zipfile.ZIP_STORED)
    report = added_beside(project, "e.zip", zip_of([("a.md", "zorbit"), *((f"{i}.zip", inner) for i in range(5))]), code=1)
    assert [failed["path"] for failed in report["failed"]] == ["docs/e.zip"] and "100000 entries" in report["failed"][0]["message"]
    assert project.found("zorbit") == ["docs/e.zip/a.md", "docs/good.md"]


def broken_zip(count, names="{:05}.md"):
    """An archive whose members' sums are wrong."""
    whole = bytearray(zip_of({names.format(i): f"zorbit {i}" for i in range(count)}, zipfile.ZIP_STORED))
    at = 0
    while (at := whole.find(b"zorbit", at)) >= 0:
        whole[at : at + 6] = b"ZORBIT"
        at += 6
    return bytes(whole)


def test_many_broken_members_keep_what_they_had(project):
    file = project.write("docs/e.zip", zip_of({f"{i:05}.md": f"zorbit {i}" for i in range(4000)}))
    project.add()
    file.write_bytes(broken_zip(4000))
    report = project.add(code=1)
    assert (len(report["failed"]), report["removed"], len(paths(project))) == (4000, 0, 4000)


def test_broken_members_can_be_interrupted(project, assay):
    project.write("docs/e.zip", broken_zip(50_000))
    process = assay.start("add", "--quiet", cwd=project.path)
    assert process.stderr.readline() != b""
    process.send_signal(signal.SIGINT)  # it waits for us to read what it tells
    _, rest = process.communicate()
    assert process.returncode == 1 and b"stopped after" in rest and rest.count(b"could not read") < 40_000


def children(process):
    found = []
    for status in pathlib.Path("/proc").glob("[0-9]*/status"):
        with contextlib.suppress(OSError):
            lines = dict(line.split(":\t", 1) for line in status.read_text().splitlines() if ":\t" in line)
            if int(lines["PPid"]) == process.pid:
                found.append((int(lines["Pid"]), int(lines["Seccomp"])))
    return found


def test_an_archive_whose_reader_ends_costs_itself(project, assay):
    """It is unpacked by a confined process: what happens to that one costs no other document."""
    project.write("docs/e.zip", broken_zip(20_000))
    project.write("docs/z.md", "# Last\n\nzorbit\n")
    process = assay.start("add", "--quiet", cwd=project.path)
    assert process.stderr.readline() != b""  # it waits for us to read what it tells
    readers = [child for child, seccomp in children(process) if seccomp == 2]
    others = [child for child, seccomp in children(process) if seccomp != 2]  # what readers are forked from, and nothing else
    assert readers and others
    for other in others:
        assert pathlib.Path(f"/proc/{other}/cmdline").read_bytes() == b"assay-readers\0"
        assert SANITIZED or b"ZORBIT" not in memory_of(other)
    for reader in readers:
        os.kill(reader, signal.SIGKILL)
    _, rest = process.communicate()
    assert process.returncode == 1 and b'could not read all of "docs/e.zip"' in rest and b"crashed (Killed)" in rest
    assert b"Unpack it, and add the folder" in rest and project.found("zorbit") == ["docs/z.md"]


def overlapping():
    """Many directory records, one entry."""
    one = zip_of({"a.txt": bytes(1 << 20)})
    at = one.index(b"PK\1\2")
    record, end = one[at : one.index(b"PK\5\6")], one[one.index(b"PK\5\6") :]
    records = b"".join(record.replace(b"a.txt", b"%05x" % i) for i in range(50000))
    return one[:at] + records + end[:8] + struct.pack("<HHIIH", 50000, 50000, len(records), at, 0)


def test_entries_over_each_other(project):
    report = added_beside(project, "e.zip", overlapping(), code=1)
    assert [failed["path"] for failed in report["failed"]] == ["docs/e.zip"]


def test_too_many_entries(project):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_STORED) as archive:
        for i in range(100_001):
            archive.writestr(f"{i:x}", b"")
    report = added_beside(project, "e.zip", out.getvalue(), code=1)
    assert "docs/e.zip" in report["failed"][0]["message"] and report["added"] == 1


def test_damaged_archives(project):
    for name, whole in (("e.zip", zip_of(PAGES)), ("e.tar", tar_of(PAGES)), ("e.tgz", tar_of(PAGES, "w:gz"))):
        for at in range(0, len(whole), max(len(whole) // 40, 1)):
            project.write(f"docs/{name}", whole[:at] + bytes([whole[at] ^ 0x41]) + whole[at + 1 :])
            project.add(code=None)
            project.write(f"docs/{name}", whole[:at])
            project.add(code=None)
        project.write(f"docs/{name}", whole)
        project.add()
        assert len(project.found("zorbit")) == 3 and project.doctor()["ok"]
        os.unlink(project.path / "docs" / name)


# ---- crashes ----


def test_killed_while_adding(project, assay):
    """What was told stays; the rest comes with the next `add`."""
    members = {f"d{i:04}.md": f"zorbit number {i}\n" * 50 for i in range(3000)}
    project.write("docs/e.zip", zip_of(members))
    for delay in (0.02, 0.05, 0.1):
        process = assay.start("add", "--verbose", cwd=project.path)
        time.sleep(delay)
        process.send_signal(signal.SIGKILL)
        told = [line.split(b" ", 1)[1].decode() for line in process.communicate()[0].splitlines() if line.startswith(b"added ")]
        assert set(told) <= set(project.documents()) and project.doctor()["ok"]
    report = project.add()
    assert report["added"] + report["unchanged"] == 3000 and report["failed"] == []
    assert project.counts() == (0, 0, 3000, 0, 0)


# ---- a file becomes something else ----

WORD = {
    "[Content_Types].xml": '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
    '<Override PartName="/word/document.xml" ContentType="application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"/></Types>',
    "_rels/.rels": '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="r1" '
    'Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" Target="word/document.xml"/></Relationships>',
    "word/document.xml": '<w:document xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"><w:body><w:p><w:r>'
    "<w:t>zorbit in Word</w:t></w:r></w:p></w:body></w:document>",
}  # fmt: skip


@pytest.mark.long
def test_what_many_documents_unpack_to_is_not_held_at_once(project):
    """Each is small as a file, and large when it is read."""
    paragraph = "<w:p><w:r><w:t>" + "zorbit in Word again " * 50 + "</w:t></w:r></w:p>"
    head, tail = WORD["word/document.xml"].split("<w:p>")[0], "</w:body></w:document>"

    def peak(count):
        for i in range(count):
            body = f"<w:p><w:r><w:t>number {i}</w:t></w:r></w:p>" + paragraph * 8000
            project.write(f"docs/{i}.docx", zip_of({**WORD, "word/document.xml": head + body + tail}))
        process = subprocess.Popen([BINARY, "add", "--quiet"], cwd=project.path, env=ENVIRONMENT)
        _, status, usage = os.wait4(process.pid, 0)
        assert os.waitstatus_to_exitcode(status) == 0 and len(paths(project)) == count
        return usage.ru_maxrss >> 10

    base = peak(1)
    most = peak(24)
    assert SANITIZED or most < base + 512  # AddressSanitizer keeps what was freed for a while


def test_half_a_document_keeps_what_it_had(project):
    whole = zip_of(WORD)
    project.write("docs/a.docx", whole)
    assert project.add()["added"] == 1
    assert project.search("zorbit")[0]["extracted"]
    project.write("docs/a.docx", whole[: len(whole) // 2])
    report = project.add(code=1)
    assert (report["removed"], [failure["path"] for failure in report["failed"]]) == (0, ["docs/a.docx"])
    assert len(project.search("zorbit")) == 1
    project.write("docs/a.docx", whole)
    assert project.add()["failed"] == [] and len(project.search("zorbit")) == 1


def test_an_archive_becomes_a_folder(project):
    project.write("docs/a.zip", zip_of({"x.md": "zorbit"}))
    project.add()
    os.unlink(project.path / "docs/a.zip")
    project.write("docs/a.zip/x.md", "zorbit")
    assert project.add()["removed"] == 0
    assert paths(project) == ["docs/a.zip/x.md"]
    assert project.add()["unchanged"] == 1
    shutil.rmtree(project.path / "docs/a.zip")
    project.write("docs/a.zip", zip_of({"x.md": "zorbit"}))
    project.add()
    assert paths(project) == ["docs/a.zip/x.md"]


@pytest.mark.parametrize("name", ["l.md", "l.zip"])
def test_a_link_that_was_fine_carries_nothing_when_the_rule_changes(project, name):
    rule = "docs/open,{}\ndocs/hr,hr\n"
    project.settings("access: {labels: labels.csv}\n")
    project.write("docs/hr/s.md", "zorbit")
    project.write("docs/hr/s.zip", zip_of({"m.md": "zorbit"}))
    (project.path / "docs/open").mkdir()
    (project.path / "docs/open" / name).symlink_to(f"../hr/s{name[1:]}")
    project.write("labels.csv", rule.format("hr"))
    project.add("docs/open")
    project.run("key", "add", "reader", "--groups", "sales")
    project.write("labels.csv", rule.format("public"))
    project.add("docs/open", code=1)
    assert project.search("--as", "reader", "zorbit") == []
    assert len(project.search("zorbit")) == 1
    project.write("labels.csv", rule.format("hr"))
    assert project.add("docs/open")["relabelled"] == 1


def test_a_link_that_leads_elsewhere_is_looked_at_again(project):
    project.settings("access: {labels: labels.csv}\n")
    project.write("labels.csv", "docs,public\nstore/open,public\nstore/hr,hr\n")
    project.write("store/open/s.md", "zorbit")
    link = project.path / "docs/l.md"
    link.parent.mkdir(exist_ok=True)
    link.symlink_to("../store/open/s.md")
    project.add()
    project.run("key", "add", "reader", "--groups", "sales")
    assert len(project.search("--as", "reader", "zorbit")) == 1
    (project.path / "store/hr").mkdir()
    os.rename(project.path / "store/open/s.md", project.path / "store/hr/s.md")
    link.unlink()
    link.symlink_to("../store/hr/s.md")
    project.add(code=1)
    assert project.search("--as", "reader", "zorbit") == []
