"""What went wrong once, and must not again: links, labels, line ends, odd names, long questions."""
import os
import sqlite3


def labels(project):
    with sqlite3.connect(project.database) as database:
        return dict(database.execute("SELECT d.path, l.name FROM documents d JOIN document_labels dl ON dl.document = d.id"
                                     " JOIN labels l ON l.id = dl.label"))  # fmt: skip


def test_a_diamond_of_links_is_walked_once(project):
    for level in range(24):  # 2^24 names for one file, were each followed
        os.makedirs(project.path / "docs" / f"d{level}")
    for level in range(23):
        for name in "ab":
            os.symlink(f"../d{level + 1}", project.path / "docs" / f"d{level}" / name)
    project.write("docs/d23/x.md", "zorbit")
    report = project.add()
    assert report["added"] == 1 and report["failed"] == [] and len(project.found("zorbit")) == 1


def test_a_label_does_not_depend_on_how_a_document_was_named(project):
    project.settings("access: {labels: from-folder}\n")
    project.write("docs/hr/deep/a-rather-long-name-of-a-file.md", "zorbit one")
    project.write("docs/top.md", "zorbit two")
    project.write("elsewhere/x.md", "zorbit three")
    wanted = {"docs/hr/deep/a-rather-long-name-of-a-file.md": "hr", "docs/top.md": "public", "elsewhere/x.md": "other"}
    for words in (["."], ["docs/hr/deep", "docs/top.md", "elsewhere"], list(wanted)):
        project.run("remove", ".", code=None) if project.documents() else None
        project.add(*words)
        assert labels(project) == wanted, words


def test_lines_may_end_with_carriage_returns_alone(project):
    for name in ("a.md", "b.txt"):
        project.write(f"docs/{name}", b"flume one\r\rzorbit two\r\rlast\r")
    project.settings("passages: {tokens: 16}\n")
    project.add()
    for hit in project.search("zorbit"):
        assert hit["line"] <= 3 <= hit["line_end"]
    project.write("docs/long.md", b"Para words here.\r\r" * 100_000)
    assert project.add()["added"] == 1


def test_what_is_not_ours_in_the_index_folder_stays(project):
    project.write("docs/a.md", "zorbit")
    project.add()
    os.makedirs(project.path / ".assay/index/sub")
    project.write("docs/b.md", "zorbit")
    assert project.add()["added"] == 1 and os.path.isdir(project.path / ".assay/index/sub") and project.doctor()["ok"]


def test_titles_and_headings_are_one_line(project):
    project.write("docs/a.md", '---\ntitle: "Evil\\n2. Fake  docs/b.md:1"\n---\n\n# a\x1fb\n\nzorbit\n')
    project.add()
    hit = project.search("zorbit")[0]
    assert hit["title"] == "Evil 2. Fake docs/b.md:1" and hit["headings"] == ["a b"]


def test_a_question_in_parts_is_not_cut(project):
    project.write("docs/a.md", "zorbit")
    project.add()
    project.run("search", "--json", "zorbit", "x" * 65_000, "y" * 65_000, "z" * 65_000, code=1).error("limit")


def test_white_space_does_not_make_a_passage_large(project):
    project.write("docs/a.md", "alpha" + " " * 3_000_000 + "zorbit")
    project.add()
    assert all(len(hit["text"]) < 10_000 for hit in project.search("zorbit"))


def test_many_documents_are_removed_by_name(project):
    names = [f"docs/{number}.md" for number in range(3000)]
    for name in names:
        project.write(name, "zorbit")
    project.add()
    assert project.run("remove", *names[:2000], "--json").json()["removed"] == 2000
    assert len(project.documents()) == 1000


def test_short_words_of_a_question_weigh_little(project):
    project.write("docs/a.md", "# Contact\n\nHow do I do that? How do you do? I do.")
    project.write("docs/b.md", "# Tents\n\nThe zorbit is returned within thirty days of the delivery, in the box that it came in.")
    project.write("docs/c.md", "# Other\n\nThis is about the shop and what the people who work there have to say about it.")
    project.add()
    assert project.search("how do I do a zorbit")[0]["document"] == "docs/b.md"


def test_help_is_json_too(assay):
    assert "assay search" in assay("help", "search", "--json").json()["help"]
    assert "Commands" in assay("--help", "--json").json()["help"]


def test_whole_numbers_in_a_head_are_no_damage(project):
    project.write("docs/a.md", "---\nyear: 2024\nphone: +4915112345678\nshare: 1.5\nsize_of: 1e3\n---\nzorbit")
    project.add()
    assert project.doctor()["ok"]
    project.write("docs/a.md", "---\nyear: 2025\n---\nzorbit")
    project.add()
    assert project.doctor()["ok"]


def test_an_empty_path_is_not_the_current_folder(project):
    project.write("docs/a.md", "zorbit")
    project.add()
    for command in ("remove", "add"):
        assert "unset" in project.run(command, "", "--json", code=1).error("invalid")["hint"]
    assert len(project.documents()) == 1


def test_a_link_carries_nothing_to_other_readers(project, tmp_path):
    project.write("assay.yaml", "access: {labels: from-folder}\n")
    project.write("docs/hr/pay.md", "zorbit of hr")
    project.write("docs/sales/list.md", "zorbit of sales")
    (tmp_path / "private").mkdir()
    (tmp_path / "private" / "diary.md").write_text("zorbit of mine")
    os.symlink("../hr/pay.md", project.path / "docs/sales/steal.md")
    os.symlink(tmp_path / "private", project.path / "docs/sales/more")
    os.symlink("hr", project.path / "docs/a")  # comes before hr in the order of names
    os.symlink("list.md", project.path / "docs/sales/alias.md")  # with the same labels: fine
    report = project.add(code=1)
    assert sorted(failure["path"] for failure in report["failed"]) == ["docs/sales/more", "docs/sales/steal.md"]
    project.run("key", "add", "s", "--groups", "sales")
    project.run("key", "add", "h", "--groups", "hr")
    found = {key: set(project.found("--as", key, "zorbit")) for key in "sh"}
    assert found == {"s": {"docs/sales/list.md", "docs/sales/alias.md"}, "h": {"docs/hr/pay.md"}}


def test_a_link_publishes_nothing_from_outside(project, tmp_path):
    """Whoever may write into the folder of documents could else let everybody read what the owner can."""
    project.write("docs/a.md", "zorbit")
    project.write("store/b.md", "zorbit")
    (tmp_path / "private").mkdir()
    (tmp_path / "private/diary.md").write_text("zorbit of mine")
    os.symlink(tmp_path / "private/diary.md", project.path / "docs/diary.md")
    os.symlink(tmp_path / "private", project.path / "docs/more")
    os.symlink("../store/b.md", project.path / "docs/b.md")  # within the project
    report = project.add(code=1)
    assert sorted(failure["path"] for failure in report["failed"]) == ["docs/diary.md", "docs/more"]
    assert all("leads out of" in failure["message"] and "documents" in failure["hint"] for failure in report["failed"])
    assert sorted(project.found("zorbit")) == ["docs/a.md", "docs/b.md"]
    (project.path / "docs/sub").mkdir()
    os.symlink("../more/diary.md", project.path / "docs/sub/two.md")  # a link within, to one that leads out
    assert len(project.add(code=1)["failed"]) == 3
    assert project.add("docs/diary.md")["added"] == 1  # by its own name
    project.add(code=1)
    assert "docs/diary.md" not in project.documents()
    project.settings("embedding: none\ndocuments: [docs, docs/diary.md, docs/more]\n")
    project.add()
    assert {"docs/diary.md", "docs/more/diary.md", "docs/sub/two.md"} <= set(project.documents())


def test_what_is_hidden_does_not_decide_the_mode(project):
    """Whether the passages that a key sees have vectors is all that counts, not whether hidden ones have."""
    project.write("docs/a.md", "---\naccess: [hr]\n---\nzorbit")
    project.add()
    project.run("key", "add", "nobody", "--groups", "none")
    refused = project.run("search", "--json", "--as", "nobody", "--mode", "vector", "zorbit", code=1).error("not_found")
    assert project.run("search", "--json", "--as", "nobody", "zorbit").json()["results"] == []
    project.run("remove", "docs")
    assert project.run("search", "--json", "--as", "nobody", "--mode", "vector", "zorbit", code=1).error("not_found") == refused


def test_options_are_given_once_and_do_not_eat_each_other(project):
    project.write("docs/a.md", "zorbit")
    project.add()
    assert "twice" in project.run("search", "--filter", "a = 1", "--filter", "b = 2", "zorbit", code=2).err
    assert "wants a value" in project.run("search", "zorbit", "--as", "--quiet", code=2).err
    assert "cannot be the name" in project.run("key", "add", "--", "--json", code=1).err


def test_eval_keeps_its_collection_apart(project, tmp_path):
    project.write("docs/a.md", "zorbit")
    project.add()
    (tmp_path / "c.jsonl").write_text('{"_id":"d1","title":"","text":"flume"}\n')
    (tmp_path / "q.jsonl").write_text('{"_id":"q1","text":"flume"}\n')
    (tmp_path / "r.tsv").write_text("query-id\tcorpus-id\tscore\nq1\td1\t1\n")
    words = ["eval", "--corpus", f"{tmp_path}/c.jsonl", "--queries", f"{tmp_path}/q.jsonl", "--qrels", f"{tmp_path}/r.tsv",
             "--mode", "text"]  # fmt: skip
    for folder in (".", "docs"):
        project.run(*words, "--keep", folder, "--json", code=1).error("conflict")
    assert list(project.documents()) == ["docs/a.md"]
    for _ in range(2):
        assert project.run(*words, "--keep", f"{tmp_path}/kept", "--json").json()["retrieval"]["recall@1"] == 1


def test_a_key_that_was_not_shown_does_not_hold(project):
    project.write("docs/a.md", "zorbit")
    project.add()
    if os.path.exists("/dev/full"):
        with open("/dev/full", "w") as full:
            project.run("key", "add", "k1", stdout=full, code=1)
        (key,) = project.run("key", "list", "--json").json()["keys"]
        assert key["state"] == "revoked"


def test_what_looks_like_a_head_is_not_shown_to_everybody(project):
    """`access:` in a head that is none is refused, wherever a person may have written it."""
    heads = {
        "blank.md": "\n---\naccess: hr\n---\nzorbit", "comment.md": "<!-- x -->\n---\naccess: hr\n---\nzorbit",
        "note.md": "--- # head\naccess: hr\n---\nzorbit", "cr.md": "---\raccess: hr\r---\rzorbit",
        "open.md": "---\ntitle: x\n\naccess: hr\n\nzorbit", "page.html": "---\naccess: hr\n---\n<p>zorbit",
        "plain.txt": "---\nAccess : hr\n---\nzorbit",
    }  # fmt: skip
    for name, text in heads.items():
        project.write(f"docs/{name}", text)
    project.write("docs/fine.md", "---\ntitle: x\n---\nzorbit\n\naccess: free for all")
    project.write("docs/rule.md", "zorbit\n\n---\naccess: free for all")
    report = project.add(code=1)
    assert {failure["path"] for failure in report["failed"]} == {f"docs/{name}" for name in heads}
    assert project.found("zorbit") == ["docs/fine.md", "docs/rule.md"]


def test_judgements_that_stand_twice(assay, tmp_path):
    (tmp_path / "c.jsonl").write_text('{"_id":"d1","title":"","text":"flume"}\n{"_id":"d2","title":"","text":"quill"}\n')
    (tmp_path / "q.jsonl").write_text('{"_id":"q1","text":"flume"}\n')
    words = ["eval", "--json", "--corpus", "c.jsonl", "--queries", "q.jsonl", "--qrels", "r.tsv", "--mode", "text"]
    (tmp_path / "r.tsv").write_text("query-id\tcorpus-id\tscore\nq1\td1\t1\nq1\td1\t1\n")
    assert assay(*words, cwd=tmp_path).json()["retrieval"]["ndcg@10"] == 1
    (tmp_path / "r.tsv").write_text("query-id\tcorpus-id\tscore\nq1\td1\t1\nq1\td1\t2\n")
    assert "two judgements" in assay(*words, cwd=tmp_path, code=1).error("invalid")["message"]
    (tmp_path / "r.tsv").write_text("query-id\tcorpus-id\tscore\nq1\td1\t1\n")
    (tmp_path / "q.jsonl").write_text('{"_id":"q1","text":"' + "x" * 70000 + '"}\n')
    assert '"q1"' in assay(*words, cwd=tmp_path, code=1).error("limit")["message"]
