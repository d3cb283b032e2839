"""`assay add` and `assay remove`: what is new, changed or gone; odd files; what is printed where."""

import hashlib
import os
import shutil
import time
import zipfile

import pytest

OLD = 1_600_000_000  # a time of modification long ago: the clock's grain is past


def set_time(path, seconds=OLD):
    os.utime(path, (seconds, seconds))


# ---- the document that --json prints ----


def test_counts(project):
    project.write("docs/a.md", "# One\n\nzorbit\n\n# Two\n\nflume\n")
    project.write("docs/b.txt", "quill")
    project.write("docs/bad.md", b"\0")
    project.write("docs/image.png", b"\x89PNG\r\n\x1a\n\0")
    report = project.add(code=1)
    assert set(report) == {"added", "updated", "unchanged", "removed", "relabelled", "skipped", "failed", "notes", "passages",
                           "bytes", "embedded", "took_ms"}  # fmt: skip
    took = report.pop("took_ms")
    assert isinstance(took, (int, float)) and took > 0
    failed = report.pop("failed")
    assert len(failed) == 1 and {"path", "message"} <= set(failed[0])
    assert failed[0]["path"] == "docs/bad.md" and '"docs/bad.md"' in failed[0]["message"]
    size = len("# One\n\nzorbit\n\n# Two\n\nflume\n") + len("quill") + 1
    assert report == {"added": 2, "updated": 0, "unchanged": 0, "removed": 0, "relabelled": 0, "skipped": 1, "passages": 3,
                      "bytes": size, "embedded": 0, "notes": []}  # fmt: skip


def test_counts_when_nothing_is_there(project):
    (project.path / "docs").mkdir()
    report = project.add()
    del report["took_ms"]
    assert report == {
        "added": 0, "updated": 0, "unchanged": 0, "removed": 0, "relabelled": 0, "skipped": 0, "passages": 0, "bytes": 0,
        "embedded": 0, "failed": [], "notes": []
    }  # fmt: skip


def test_the_documents_folder_is_not_there_yet(project):
    shutil.rmtree(project.path / "docs", ignore_errors=True)
    outcome = project.run("add", code=1)
    assert 'could not look at "docs"' in outcome.err and "Make it and put documents in" in outcome.err


def test_a_project_without_documents_says_so(project):
    for words in (("ask", "When is the shop open?"), ("audit",)):
        outcome = project.run(*words)
        assert "There are no documents yet" in outcome.out and "assay add" in outcome.out
        assert "Score" not in outcome.out and "Not in the documents" not in outcome.out
    project.write("docs/a.md", "The shop opens at nine.\n")
    project.add()
    assert "Not in the documents" in project.run("ask", "How tall are giraffes?").out and "Score" in project.run("audit").out


def test_json_is_one_document_on_failure(project):
    project.run("add", "--json", code=1).json()  # docs/ is not there
    assert len(project.add("nowhere", "nothing.md", code=1)["failed"]) == 2
    project.run("remove", "--json", "nowhere", code=1).error("not_found")
    project.settings("k: [\n")
    project.run("add", "--json", code=1).error("invalid")


def test_streams(project):
    project.write("docs/a.md", "zorbit")
    project.write("docs/bad.md", b"\0")
    outcome = project.run("add", code=1)
    assert "1 added" in outcome.out and "1 failed" in outcome.out and "bad.md" not in outcome.out
    assert 'assay: "docs/bad.md" is not text' in outcome.err and "added" not in outcome.err
    outcome = project.run("add", "--quiet", code=1)
    assert outcome.out == "" and "bad.md" in outcome.err
    outcome = project.run("add", "--json", code=1)
    assert outcome.err == ""


def test_verbose_lines(project):
    project.write("docs/a.md", "zorbit")
    project.write("docs/b.md", "flume")
    project.write("docs/bad.md", b"\0")
    lines = project.run("add", "--verbose", code=1).out.splitlines()
    assert lines[:-1] == ["added docs/a.md", "added docs/b.md"]
    project.write("docs/a.md", "zorbit changed")
    (project.path / "docs" / "b.md").unlink()
    lines = project.run("add", "-v", "-q", code=1).out.splitlines()
    assert lines == ["updated docs/a.md", "removed docs/b.md"]
    assert project.run("remove", "-v", "-q", "docs").out.splitlines() == ["removed docs/a.md"]


def test_verbose_line_means_durable(project):
    """When a line can be read, another process finds the document, however the writer goes on."""
    for i in range(1200):
        project.write(f"docs/{i:04}.md", f"zorbit x{i}")
    process = project.assay.start("add", "-v", "-q", cwd=project.path)
    first = process.stdout.readline().decode().strip()
    assert first == "added docs/0000.md"
    assert "docs/0000.md" in project.found("x0")
    rest, _ = process.communicate(timeout=60)
    assert process.returncode == 0 and len(rest.splitlines()) == 1199


def test_verbose_with_json(project):
    project.write("docs/a.md", "zorbit")
    assert project.run("add", "--json", "--verbose").json()["added"] == 1


# ---- again ----


def test_unchanged_by_time(project):
    set_time(project.write("docs/a.md", "zorbit"))
    time.sleep(2.1)  # more than the clock's grain
    assert project.counts() == (1, 0, 0, 0, 0)
    report = project.add()
    assert report["unchanged"] == 1 and report["bytes"] == 0 and report["passages"] == 0


def test_touched_but_the_same(project):
    path = project.write("docs/a.md", "zorbit")
    set_time(path)
    project.add()
    before = project.search("zorbit")
    set_time(path, OLD + 1000)
    time.sleep(2.1)  # more than the clock's grain
    report = project.add()
    assert report["unchanged"] == 1 and report["updated"] == 0 and report["bytes"] == 6 and report["passages"] == 0
    assert project.search("zorbit") == before
    assert project.add()["bytes"] == 0


def test_changed(project):
    path = project.write("docs/a.md", "zorbit one")
    set_time(path)
    project.add()
    path.write_text("flume two")
    assert project.counts() == (0, 1, 0, 0, 0)
    assert project.found("zorbit") == [] and project.found("flume") == ["docs/a.md"]


def test_changed_within_the_clocks_grain(project):
    """Same size, same time: so soon after the last look, only the bytes can tell."""
    path = project.write("docs/a.md", "zorbit")
    now = time.time_ns()
    os.utime(path, ns=(now, now))
    project.add()
    path.write_text("flumes")
    os.utime(path, ns=(now, now))
    assert project.counts() == (0, 1, 0, 0, 0)
    assert project.found("zorbit") == [] and project.found("flumes") == ["docs/a.md"]


def test_changed_with_an_old_time(project):
    """Same size, and a time that was set back: the system's own note of the change tells."""
    path = project.write("docs/a.md", "zorbit")
    set_time(path)
    project.add()
    time.sleep(2.1)  # more than the clock's grain, so that times count
    assert project.counts() == (0, 0, 1, 0, 0)
    time.sleep(2.1)
    path.write_text("flumes")
    set_time(path)
    assert project.counts() == (0, 1, 0, 0, 0)
    assert project.found("zorbit") == [] and project.found("flumes") == ["docs/a.md"]


def test_another_folder_in_its_place(project):
    """Same names, sizes and times, and the system's note of each change older than the last look: they are other files."""
    new = project.path / "new"
    new.mkdir()
    (new / "a.md").write_text("flumes")
    with zipfile.ZipFile(new / "b.zip", "w") as archive:
        archive.writestr(zipfile.ZipInfo("c.txt"), "dromes")
    with zipfile.ZipFile(project.write("docs/b.zip", ""), "w") as archive:
        archive.writestr(zipfile.ZipInfo("c.txt"), "quills")
    project.write("docs/a.md", "zorbit")
    docs = project.path / "docs"
    for folder in (docs, new):
        for name in ("a.md", "b.zip"):
            set_time(folder / name)
    time.sleep(2.1)  # more than the clock's grain, so that times count
    project.add()
    assert project.counts() == (0, 0, 2, 0, 0) and project.add()["bytes"] == 0
    docs.rename(project.path / "old")
    new.rename(docs)
    assert project.counts() == (0, 2, 0, 0, 0)
    assert project.found("flumes") == ["docs/a.md"] and project.found("dromes") == ["docs/b.zip/c.txt"]
    assert project.found("zorbit") == [] and project.found("quills") == []


def test_time_in_the_future(project):
    path = project.write("docs/a.md", "zorbit")
    set_time(path, time.time() + 10**6)
    project.add()
    path.write_text("flumes")
    set_time(path, path.stat().st_mtime)
    assert project.counts() == (0, 1, 0, 0, 0)


@pytest.mark.parametrize("seconds", [0, -1000, 2**33])
def test_odd_times(project, seconds):
    set_time(project.write("docs/a.md", "zorbit"), seconds)
    assert project.counts() == (1, 0, 0, 0, 0)
    assert project.counts() == (0, 0, 1, 0, 0)


def test_deletion_is_noticed_below_the_added_folder_only(project):
    for name in ("docs/one/a.md", "docs/two/b.md", "docs/c.md"):
        project.write(name, "zorbit")
    project.add()
    for name in ("docs/one/a.md", "docs/two/b.md", "docs/c.md"):
        (project.path / name).unlink()
    assert project.counts("docs/two") == (0, 0, 0, 1, 0)
    assert sorted(project.documents()) == ["docs/c.md", "docs/one/a.md"]
    assert project.counts("docs") == (0, 0, 0, 2, 0)
    assert project.documents() == {} and project.found("zorbit") == []


def test_deletion_beside_a_folder_of_a_longer_name(project):
    project.write("docs/a/x.md", "zorbit")
    gone = project.write("docs/ab/y.md", "zorbit")
    project.add()
    gone.unlink()
    assert project.counts("docs/a") == (0, 0, 1, 0, 0)
    assert "docs/ab/y.md" in project.documents()


def test_missing_folder_removes_nothing(project):
    project.write("docs/a.md", "zorbit")
    project.write("more/b.md", "zorbit")
    project.add("docs", "more")
    (project.path / "docs").rename(project.path / "away")
    report = project.add("docs", "more", code=1)
    assert report["removed"] == 0 and report["unchanged"] == 1
    assert [failed["path"] for failed in report["failed"]] == ["docs"]
    assert "no such file or directory" in report["failed"][0]["message"].lower()
    assert project.found("zorbit") == ["docs/a.md", "more/b.md"]


def test_missing_folder_of_the_settings(project):
    project.write("docs/a.md", "zorbit")
    project.add()
    (project.path / "docs").rename(project.path / "away")
    assert project.add(code=1)["removed"] == 0
    assert project.found("zorbit") == ["docs/a.md"]


def test_missing_file_removes_nothing(project):
    """Named by itself, a file that is gone may be a slip of the pen: `remove` is for that."""
    path = project.write("docs/a.md", "zorbit")
    project.add()
    path.unlink()
    report = project.add("docs/a.md", code=1)
    assert report["removed"] == 0 and len(report["failed"]) == 1
    assert "docs/a.md" in project.documents()


def test_broken_link_in_the_place_of_a_folder(project):
    project.write("store/a.md", "zorbit")
    (project.path / "docs").mkdir()
    (project.path / "docs" / "part").symlink_to("../store")
    project.add()
    assert list(project.documents()) == ["docs/part/a.md"]
    (project.path / "store").rename(project.path / "unmounted")
    assert project.add(code=1)["removed"] == 0
    assert list(project.documents()) == ["docs/part/a.md"]


def test_unreadable_sub_folder_removes_nothing(assay, plain_user):
    as_user, folder = plain_user
    assay("init", "-q", "shop", cwd=folder, **as_user)
    shop = folder / "shop"
    for part in ("one", "two"):
        (shop / "docs" / part).mkdir(parents=True)
        (shop / "docs" / part / "a.md").write_text("zorbit")
    assert assay("add", "--json", cwd=shop, **as_user).json()["added"] == 2
    (shop / "docs" / "one").chmod(0)
    report = assay("add", "--json", cwd=shop, code=1, **as_user).json()
    assert report["removed"] == 0 and report["unchanged"] == 1
    assert [failed["path"] for failed in report["failed"]] == ["docs/one"]
    assert "permission denied" in report["failed"][0]["message"]
    documents = assay("list", "--json", cwd=shop, **as_user).json()["documents"]
    assert [document["path"] for document in documents] == ["docs/one/a.md", "docs/two/a.md"]


def test_file_that_became_unreadable_keeps_its_last_state(project):
    path = project.write("docs/a.md", "zorbit")
    project.add()
    path.write_bytes(b"\0\0 broken")
    assert project.counts(code=1) == (0, 0, 0, 0, 1)
    assert project.found("zorbit") == ["docs/a.md"]
    path.write_text("flume")
    assert project.counts() == (0, 1, 0, 0, 0)


def test_renamed_file(project):
    path = project.write("docs/a.md", "zorbit")
    project.add()
    path.rename(path.with_name("b.md"))
    assert project.counts() == (1, 0, 0, 1, 0)
    assert project.found("zorbit") == ["docs/b.md"]


def test_two_files_exchanged(project):
    one, two = project.write("docs/a.md", "zorbit"), project.write("docs/b.md", "flumes")
    set_time(one)
    set_time(two, OLD + 5)
    project.add()
    one.rename(one.with_name("c"))
    two.rename(one)
    one.with_name("c").rename(two)
    assert project.counts() == (0, 2, 0, 0, 0)
    assert project.found("zorbit") == ["docs/b.md"] and project.found("flumes") == ["docs/a.md"]


def test_folder_in_the_place_of_a_file(project):
    path = project.write("docs/a.md", "zorbit")
    project.add()
    path.unlink()
    project.write("docs/a.md/b.md", "zorbit")
    assert project.counts() == (1, 0, 0, 1, 0)
    assert list(project.documents()) == ["docs/a.md/b.md"]


def test_the_same_file_named_twice(project):
    path = project.write("docs/a.md", "zorbit")
    words = ["docs/a.md", "docs", "./docs//a.md", "docs/../docs/a.md", str(path), "."]
    assert project.counts(*words) == (1, 0, 0, 0, 0)
    assert list(project.documents()) == ["docs/a.md"]


def test_the_same_content_twice(project):
    project.write("docs/a.md", "zorbit")
    twin = project.write("docs/b.md", "zorbit")
    assert project.counts() == (2, 0, 0, 0, 0)
    assert project.found("zorbit") == ["docs/a.md", "docs/b.md"]
    twin.unlink()
    assert project.counts() == (0, 0, 1, 1, 0)
    assert project.found("zorbit") == ["docs/a.md"] and project.doctor()["ok"]


def test_outside_the_project(project, tmp_path):
    (tmp_path / "elsewhere").mkdir()
    path = tmp_path / "elsewhere" / "a.md"
    path.write_text("zorbit")
    assert project.counts("../elsewhere") == (1, 0, 0, 0, 0)
    assert project.found("zorbit") == [str(path)]
    assert project.counts(str(path)) == (0, 0, 1, 0, 0)
    path.unlink()
    assert project.counts(str(path.parent)) == (0, 0, 0, 1, 0)


def test_folder_whose_name_begins_with_the_projects(project, tmp_path):
    (tmp_path / "shop2").mkdir()
    (tmp_path / "shop2" / "a.md").write_text("zorbit")
    project.add("../shop2")
    assert project.found("zorbit") == [str(tmp_path / "shop2" / "a.md")]


def test_hidden_files_are_passed_over(project):
    for name in ("docs/.a.md", "docs/.git/b.md", "docs/c.md"):
        project.write(name, "zorbit")
    assert project.counts() == (1, 0, 0, 0, 0)
    assert project.counts(".") == (0, 0, 1, 0, 0)  # nor what lies in .assay


def test_remove(project):
    for name in ("docs/one/a.md", "docs/one/b.md", "docs/c.md"):
        project.write(name, "zorbit")
    project.add()
    assert project.run("remove", "--json", "docs/one").json()["removed"] == 2
    assert project.found("zorbit") == ["docs/c.md"]
    error = project.run("remove", "--json", "docs/c.md", "docs/one", code=1).error("not_found")
    assert '"docs/one"' in error["message"]
    assert project.found("zorbit") == ["docs/c.md"]  # all or nothing
    assert project.run("remove", "--json", ".").json()["removed"] == 1
    assert (project.path / "docs" / "c.md").is_file()
    assert project.counts() == (3, 0, 0, 0, 0)


# ---- names ----

NAMES = ["with space.md", "line\nbreak.md", "tab\there.md", "quote\"'`.md", "back\\slash.md", "ünïcödé-文档-😀.md", "-v.md",
         "--json.md", "a" * 250 + ".md", "$(x);|&.md", "%s%n.md", "UPPER.MD", "dots...md", "x.markdown", "y.TXT", "z.text",
         "e\u0301.md", "\u00e9.md", "\x1b[31mred.md", "\u202etxt.md"]  # fmt: skip


def test_odd_names(project):
    for i, name in enumerate(NAMES):
        project.write(f"docs/{name}", f"zorbit w{i}")
    assert project.counts() == (len(NAMES), 0, 0, 0, 0)
    assert sorted(project.documents()) == sorted(f"docs/{name}" for name in NAMES)
    for i, name in enumerate(NAMES):
        assert project.found(f"w{i}") == [f"docs/{name}"]
    assert project.counts() == (0, 0, len(NAMES), 0, 0)
    for name in NAMES:
        assert project.run("remove", "--json", "--", f"docs/{name}").json()["removed"] == 1


@pytest.mark.parametrize("words", [["add", "-v", "-q"], ["list"], ["search", "zorbit"], ["remove", "-v", "docs"]])
def test_names_cannot_command_the_terminal(project, words):
    project.write("docs/\x1b[31mred\x07.md", "zorbit \x1b]0;title\x07")
    if words[0] != "add":
        project.add()
    assert "\x1b" not in project.run(*words).out


def test_messages_stay_on_one_line(project):
    project.write("docs/line\nassay: fine.md", b"\0")
    lines = project.run("add", "-q", code=1).err.splitlines()
    assert len(lines) == 2 and lines[0].startswith("assay: ") and lines[1].startswith("       ")


def test_name_that_is_not_utf8(project):
    folder = os.fsencode(project.path / "docs")
    os.mkdir(folder)
    for name in (b"b\xffd.md", b"good.md"):
        with open(folder + b"/" + name, "wb") as file:
            file.write(b"zorbit")
    report = project.add(code=1)
    assert report["added"] == 1 and len(report["failed"]) == 1
    assert "not UTF-8" in report["failed"][0]["message"] and "Rename" in report["failed"][0]["hint"]
    assert project.found("zorbit") == ["docs/good.md"]


def test_folder_whose_name_is_not_utf8(project):
    folder = os.fsencode(project.path / "docs") + b"/f\xff"
    os.makedirs(folder)
    with open(folder + b"/a.md", "wb") as file:
        file.write(b"zorbit")
    assert len(project.add(code=1)["failed"]) == 1


# ---- contents ----


@pytest.mark.parametrize("name", ["a.md", "a.txt"])
@pytest.mark.parametrize("text", ["", "\n", " \n\t\n", "\ufeff", "---\ntitle: T\n---\n", "***\n", "[x]: http://y\n", "<!-- c -->\n"])
def test_file_with_hardly_anything(project, name, text):
    project.write(f"docs/{name}", text)
    report = project.add()
    assert report["added"] == 1 and report["failed"] == [] and report["bytes"] == len(text.encode())
    assert project.counts() == (0, 0, 1, 0, 0)
    assert project.doctor()["ok"]


def test_file_with_only_a_heading(project):
    project.write("docs/a.md", "# Zorbit flume\n")
    project.add()
    (hit,) = project.search("zorbit")
    assert hit["text"] == "Zorbit flume" and hit["headings"] == ["Zorbit flume"] and hit["title"] == "Zorbit flume"
    assert (hit["start"], hit["end"], hit["line"], hit["line_end"]) == (2, 14, 1, 1)


def test_byte_order_mark(project):
    source = "\ufeff# Kopf\n\nzorbit flume\n".encode()
    project.write("docs/a.md", source)
    project.add()
    (hit,) = project.search("zorbit")
    assert source[hit["start"] : hit["end"]] == b"zorbit flume" and hit["line"] == 3 and hit["title"] == "Kopf"


@pytest.mark.parametrize("name", ["a.md", "a.txt"])
def test_line_ends_of_windows(project, name):
    source = b"Kopf\r\n====\r\n\r\nzorbit one\r\nzorbit two\r\n\r\n- item\r\n"
    project.write(f"docs/{name}", source)
    project.add()
    (hit,) = project.search("zorbit")
    assert "\r" not in hit["text"] and hit["headings"] == ["Kopf"]
    assert source[hit["start"] : hit["end"]] == b"zorbit one\r\nzorbit two\r\n\r\n- item"
    assert (hit["line"], hit["line_end"]) == (4, 7)


@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_front_matter(project, end):
    lines = ["---", "title: A plain title", "lang: de", "other: [x, y]", "---", "", "# Kopf", "", "Die Zahlungen kommen."]
    project.write("docs/a.md", end.join(lines))
    project.add()
    document = project.documents()["docs/a.md"]
    assert document["title"] == "A plain title" and document["language"] == "de" and document["format"] == "markdown"
    (hit,) = project.search("zahlung")
    assert hit["title"] == "A plain title" and hit["headings"] == ["Kopf"] and hit["line"] == 9
    assert project.found("other") == []


@pytest.mark.parametrize("head", ["title: [", "a: *x", "just text", "- a"])
def test_front_matter_that_is_none(project, head):
    project.write("docs/a.md", f"---\n{head}\n---\n\nzorbit\n")
    assert project.counts() == (1, 0, 0, 0, 0)
    assert project.found("zorbit") == ["docs/a.md"]


def test_title(project):
    project.write("docs/heading.md", "## Lower\n\nx\n\n# Higher\n\ny\n")
    project.write("docs/none.md", "words")
    project.write("docs/plain.txt", "Kopf\n====\n\nwords")
    project.write("docs/two.dots.md", "words")
    project.add()
    titles = {path: document["title"] for path, document in project.documents().items()}
    assert titles == {"docs/heading.md": "Higher", "docs/none.md": "none", "docs/plain.txt": "Kopf", "docs/two.dots.md": "two.dots"}


def test_list(project):
    project.write("docs/a.md", "zorbit")
    project.add()
    (document,) = project.run("list", "--json").json()["documents"]
    assert document == {
        "path": "docs/a.md", "title": "a", "format": "markdown", "language": "und", "size_bytes": 6, "passages": 1,
        "sha256": hashlib.sha256(b"zorbit").hexdigest(),
        "unit": "heading", "unit_reason": "no headings, paragraphs that fit",
    }  # fmt: skip
    assert "docs/a.md" in project.run("list").out
    assert "docs/a.md  by heading: no headings, paragraphs that fit\n" in project.run("list", "-v").out


def test_auto_takes_the_unit_that_fits(project):
    project.write("docs/a.csv", "name,price\nzorbit,3\nflume,4\n")
    project.write("docs/b.md", "# Zorbits\n\n```\n" + "zorbit(1);\n" * 10 + "```\n")
    project.write("docs/c.txt", "The zorbit is red and the flume is blue, for ever and ever and so on. " * 40)
    project.add()
    documents = project.run("list", "--json").json()["documents"]
    assert [document["unit"] for document in documents] == ["record", "code", "sentence"]
    assert documents[0]["passages"] == 2 and documents[0]["unit_reason"] == "2 records"
    assert project.found("--filter", "passage_unit = record", "zorbit") == ["docs/a.csv"]
    project.settings("passages: {unit: record, join_records: true}\n")
    assert project.add()["updated"] == 3
    documents = project.run("list", "--json").json()["documents"]
    assert {document["unit"] for document in documents} == {"record"} and documents[0]["passages"] == 1


def test_changed_settings_cut_anew(project):
    set_time(project.write("docs/a.md", "Zorbit one two three four five six seven. " * 100))
    few = project.add()["passages"]
    assert project.counts() == (0, 0, 1, 0, 0)
    project.settings("passages: {tokens: 20, overlap: 0}\n")
    report = project.add()
    assert report["updated"] == 1 and report["passages"] > 5 * few
    hits = project.search("-k", "1000", "zorbit")
    assert len(hits) + sum(len(hit["also"]) for hit in hits) == report["passages"]  # the same text counts once
    assert project.counts() == (0, 0, 1, 0, 0)


@pytest.mark.parametrize("unit", ["auto", "heading", "sentence", "fixed", "record", "page", "code", "semantic"])
def test_units(project, unit):
    project.settings(f"passages: {{unit: {unit}, tokens: 16, overlap: 0}}\n")
    text = "# One\n\nThe zorbit is red. The flume is blue.\n\nThe quill is green.\n\n# Two\n\nThe zorbit again.\n"
    project.write("docs/a.md", text)
    project.add()
    hits = project.search("-k", "100", "zorbit flume quill")
    words = " ".join(hit["text"] for hit in sorted(hits, key=lambda hit: hit["start"])).split()
    body = [word for word in words if word not in ("One", "Two")]
    assert body == "The zorbit is red. The flume is blue. The quill is green. The zorbit again.".split()


def test_two_thousand_files_in_one_go(project):
    for i in range(2000):
        project.write(f"docs/{i // 100}/{i}.md", f"# File {i}\n\nzorbit number n{i}x\n")
    report = project.add(timeout=30)
    assert report["added"] == 2000 and report["passages"] == 2000 and report["failed"] == []
    assert len(project.found("zorbit")) == 2000
    assert project.found("n1234x") == ["docs/12/1234.md"]
    assert project.counts() == (0, 0, 2000, 0, 0)


def test_many_named_files(project):
    names = [f"docs/{i}.md" for i in range(12000)]
    for name in names:
        project.write(name, "zorbit")
    assert project.counts(*names) == (12000, 0, 0, 0, 0)


def test_small_steps_keep_the_index_small(project):
    for i in range(60):
        project.write(f"docs/{i}.md", f"zorbit n{i}")
        assert project.counts() == (1, 0, i, 0, 0)
    assert len(project.index_files()) <= 8
    assert len(project.found("zorbit")) == 60 and project.doctor()["ok"]


def test_labels_from_folders_change_nothing_else(project):
    project.write("docs/hr/a.md", "zorbit")
    project.add()
    project.settings("access: {labels: from-folder}\n")
    report = project.add()
    assert (report["unchanged"], report["updated"], report["relabelled"], report["passages"]) == (1, 0, 1, 0)
    assert project.add()["relabelled"] == 0
    assert project.found("zorbit") == ["docs/hr/a.md"]


def test_pages(project):
    """HTML: the main part alone, each passage with its place; entities, tables and code as a person reads them."""
    page = (
        "<!doctype html><html lang=en><head><title>Returns &amp; refunds</title></head><body><nav><a href=/>menuword</a></nav>"
        "<main><h1>Refunds</h1><p>The zorbit&nbsp;window is <b>30</b> days, whatever was bought and however it was paid for; "
        "it begins on the day on which the parcel arrived.</p><table><tr><th>Paid with<th>Days<tr><td>flumecard<td>5</table>"
        "</main><script>scriptword()</script><footer>footword</footer></body></html>"
    )
    project.write("docs/refunds.html", page)
    project.add()
    (found,) = project.search("zorbit")
    assert found["title"] == "Returns & refunds" and found["headings"] == ["Refunds"]
    assert "The zorbit window is 30 days" in found["text"]
    assert page.encode()[found["start"] : found["end"]].decode().startswith("The zorbit&nbsp;window")
    assert "Paid with | Days\nflumecard | 5" in project.search("flumecard")[0]["text"]
    for word in ("menuword", "scriptword", "footword"):
        assert project.search(word) == []


def test_tables(project):
    """CSV and TSV: each value behind its column's name, each passage with its place."""
    project.write("docs/stock.csv", 'article,place,left\n"zorbit, large",Aisle 4,17\nflume,"Aisle ""9""",3\n')
    project.write("docs/codes.tsv", "code\tmeaning\nQ7\tquillback\n")
    project.add()
    assert "article: zorbit, large | place: Aisle 4 | left: 17" in project.search("zorbit")[0]["text"]
    assert 'article: flume | place: Aisle "9" | left: 3' in project.search("flume")[0]["text"]
    (found,) = project.search("quillback")
    assert found["text"] == "code: Q7 | meaning: quillback" and found["document"] == "docs/codes.tsv"


def test_lines_of_json_are_records(project):
    project.write("docs/a.jsonl", '{"title": "T one", "text": "zebra runs"}\n{broken\n{"title": "T two", "text": "lion sleeps"}\n')
    report = project.add()
    assert (report["added"], report["passages"]) == (1, 2)
    assert len(report["notes"]) == 1 and "1 of its lines are no JSON, the first one is line 2: character 2: expected" in report["notes"][0]["message"]
    hit = project.search("lion")[0]
    assert (hit["line"], hit["text"]) == (3, "T two\nlion sleeps")


def test_a_function_of_code_is_a_passage(project):
    code = "import os\n\n\ndef first(a):\n    return zebra(a)\n\n\nclass Second:\n    def third(self):\n        return giraffe\n"
    project.write("docs/a.py", code)
    project.add()
    hit = project.search("giraffe")[0]
    assert hit["headings"] == ["class Second", "def third(self)"]
    assert code.encode()[hit["start"] : hit["end"]].decode().strip() == hit["text"]
    assert hit["text"].startswith("def third") and "zebra" not in hit["text"]


def test_an_index_that_was_built_beside_the_writing_is_that_of_the_catalog(project):
    def page(number, edition):
        parts = (f"## Part {part} w{(number * 7 + part) % 97}\n\nThe quumble{number % 31} of {edition} keeps zorbit{(number + part) % 53} for {part} days in box b{number}x{part}.\n" for part in range(5))
        return f"# Page {number} about t{number % 41}\n\n" + "\n".join(parts)

    def found():
        asked = ("quumble7", "t11", "w13 zorbit9", "box b777x3", '"first keeps zorbit5"', "second", "b600x1 b1599x4", "page 1300")
        return {query: [(hit["document"], hit["passage"], hit["score"]) for hit in project.search(query, "-k", "40", "--mode", "text")] for query in asked}

    project.settings("passages: {unit: heading, tokens: 40, overlap: 0}\n")
    for number in range(1600):
        project.write(f"docs/{number:04}.md", page(number, "first"))
    assert project.add()["passages"] >= 8000  # three batches of 512 and a rest
    before = found()
    assert all(before[query] for query in before if query != "second")
    for number in range(300, 1500):
        project.write(f"docs/{number:04}.md", page(number, "second"))
    project.add()
    changed = found()
    assert len(changed["second"]) == 40 and before["b600x1 b1599x4"] and changed["box b777x3"][0][0] == "docs/0777.md"
    for file in (project.path / ".assay/index").glob("*.seg"):
        file.unlink()
    assert found() == changed


def test_a_link_to_the_projects_own_state_is_not_followed(project):
    """Whoever may write among the documents could read the audit log and the keys that open it."""
    project.write("docs/a.md", "# One\n\nThe lamp is zorbit.\n")
    project.add()
    project.run("ask", "Which lamp?")
    (project.path / "docs/state").symlink_to("../.assay")
    (project.path / "docs/log").symlink_to("../.assay/log")
    (project.path / "docs/settings.yaml").symlink_to("../assay.yaml")
    project.run("add", "--json", code=1)
    assert project.run("list", "--json").json()["documents"][0]["path"] == "docs/a.md" and len(project.run("list", "--json").json()["documents"]) == 1


@pytest.mark.parametrize("words", [("docs", "../store"), ("../store", "docs")])
def test_a_link_from_one_argument_into_another(project, words):
    """Whichever is named first: both are chosen to be read."""
    project.write("../store/a.md", "# One\n\nThe lamp is zorbit.\n")
    project.write("docs/b.md", "# Two\n\nThe chair is quumble.\n")
    (project.path / "docs/part").symlink_to("../../store")
    project.add(*words)
    assert project.found("zorbit") and project.found("quumble")
