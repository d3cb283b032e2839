"""Who may see what: labels, keys, `search --as` and `--filter`."""

import json
import os
import pathlib
import re
import sqlite3
import subprocess
import sys
import time

import pytest
from conftest import BINARY, ROOT, SLOWNESS, Project

sys.path.insert(0, str(ROOT / "tests" / "access"))
import decisions  # noqa: E402
import revocation  # noqa: E402
import two_worlds  # noqa: E402

BUILD = BINARY.parent


def add_key(project, name, *groups, **more):
    words = ["--groups", ",".join(groups)] if groups else []
    return project.run("key", "add", "--json", name, *words, **more).json()["key"]


def seen_by(project, key, *words):
    return project.found("--as", key, "zorbit", *words)


@pytest.fixture
def shop(project):
    """Three documents with three labels, and keys for two of them."""
    project.settings("access: {labels: from-folder}\n")
    project.write("docs/open.md", "zorbit open")
    project.write("docs/hr/pay.md", "zorbit pay")
    project.write("docs/legal/contract.md", "zorbit contract")
    project.add()
    add_key(project, "hr", "hr")
    add_key(project, "both", "hr", "legal")
    return project


# ---- keys ----


def test_a_key_is_shown_once(project):
    outcome = project.run("key", "add", "intern", "--groups", "public")
    assert re.fullmatch(r"assay_[a-z2-7]{38}\n", outcome.out)
    assert "shown this once" in outcome.err
    secret = outcome.out.strip()
    assert project.run("key", "add", "-q", "second").err == ""
    listed = project.run("key", "list")
    assert secret not in listed.out and secret[:10] in listed.out
    for file in (project.path / ".assay").glob("assay.db*"):
        assert secret[10:].encode() not in file.read_bytes()


def test_key_documents(shop):
    document = shop.run("key", "add", "--json", "guest", "-g", "legal, hr", "--expires", "2200-01-31").json()
    assert list(document) == ["name", "key", "groups", "expires", "quota"]
    assert (document["name"], document["groups"], document["expires"]) == ("guest", ["legal", "hr"], "2200-01-31")
    keys = {key["name"]: key for key in shop.run("key", "list", "--json").json()["keys"]}
    assert list(keys) == ["both", "guest", "hr"]
    guest = keys["guest"]
    assert list(guest) == ["name", "hint", "state", "groups", "created", "expires", "revoked", "quota"]
    assert guest["hint"] == document["key"][:10] and guest["groups"] == ["hr", "legal"]
    assert (guest["state"], guest["expires"], guest["revoked"]) == ("valid", "2200-01-31", None)
    assert re.fullmatch(r"20\d\d-\d\d-\d\dT\d\d:\d\d:\d\dZ", guest["created"])
    assert shop.run("key", "revoke", "--json", "guest").json() == {"revoked": "guest"}
    keys = {key["name"]: key for key in shop.run("key", "list", "--json").json()["keys"]}
    assert keys["guest"]["state"] == "revoked" and keys["guest"]["revoked"] >= guest["created"]


def test_key_list_for_people(project):
    assert "No keys" in project.run("key", "list").out
    project.run("key", "add", "-q", "intern", "--groups", "sales", "--expires", "2200-12-31")
    line = project.run("key", "list").out
    assert re.fullmatch(r"intern +assay_.{4}…  valid +2200-12-31  sales\n", line)


@pytest.mark.parametrize(
    ("words", "kind", "parts"),
    [
        (["add", "hr"], "conflict", ['key "hr" is there already', "assay key revoke hr"]),
        (["add", "a b"], "invalid", ['"a b" cannot be the name of a key', "letters, digits"]),
        (["add", ""], "invalid", ['"" cannot be the name of a key']),
        (["add", "x" * 65], "invalid", ["cannot be the name of a key"]),
        (["add", "n", "-g", "a,,b"], "invalid", ["group number 2 is empty"]),
        (["add", "n", "-g", "a\nb"], "invalid", ["group number 1", "no text of one line"]),
        (["add", "n", "-g", "g" * 256], "invalid", ["group number 1", "too long"]),
        (["add", "n", "-g", ",".join(f"g{i}" for i in range(65))], "limit", ["65 groups", "64"]),
        (["add", "n", "--expires", "2020-01-01"], "invalid", ["expired already"]),
        (["add", "n", "--expires", "2027-02-29"], "invalid", ['"2027-02-29" is no date', "2027-01-31"]),
        (["add", "n", "--expires", "tomorrow"], "invalid", ['"tomorrow" is no date']),
        (["revoke", "nobody"], "not_found", ['no key "nobody"', "assay key list"]),
    ],
)
def test_refused_keys(shop, words, kind, parts):
    error = shop.run("key", *words, "--json", code=1).error(kind)
    for part in parts:
        assert part in error["message"] + error["hint"], error
    assert len(shop.run("key", "list", "--json").json()["keys"]) == 2


def test_key_words(project, assay):
    assert "Usage: assay key add NAME" in project.run("key", "add", code=2).err
    assert "too many words" in project.run("key", "revoke", "a", "b", code=2).err
    assert "  key add " in assay("key", "--help").out


def test_unused_groups_are_told(shop):
    outcome = shop.run("key", "add", "n", "--groups", "hr,sails,@admin,@write")
    assert 'no document has the label "sails"' in outcome.err and '"hr"' not in outcome.err and "@" not in outcome.err
    for words in (["p", "--expires", "2020-01-01"], ["a b"], ["hr"]):
        assert "no document has the label" not in shop.run("key", "add", *words, "--groups", "sails", code=1).err
    assert "no document has the label" not in shop.run("key", "add", "q", "--groups", "sails,,", code=1).err
    assert shop.run("key", "add", "-q", "m", "--groups", "sails").err == ""


@pytest.mark.parametrize("group", ["@amdin", "@wirte", "@", "@admin2"])
def test_a_right_that_there_is_not_is_a_slip_of_the_pen(shop, group):
    outcome = shop.run("key", "add", "n", "--groups", f"hr,{group}", code=1)
    assert f'no group "{group}"' in outcome.err and "@write" in outcome.err and outcome.out == ""
    assert "n" not in {key["name"] for key in shop.run("key", "list", "--json").json()["keys"]}


def test_keys_while_somebody_else_writes(shop, assay):
    """Revoking does not wait for the end of a long `add`: it needs no lock of the project."""
    for i in range(3000):
        shop.write(f"docs/many/{i}.md", f"# {i}\n\nzorbit {i}\n" * 20)
    writer = assay.start("add", "--verbose", cwd=shop.path)
    assert writer.stdout.readline() != b""
    assert "another process writes" in shop.run("remove", "docs", code=1).err
    shop.run("key", "revoke", "hr")
    add_key(shop, "new", "hr")
    still = writer.poll() is None
    assert "was revoked" in shop.run("search", "--as", "hr", "zorbit", code=1).err
    assay.finish(writer)
    assert still, "the writer ended too early to show anything"
    assert "was revoked" in shop.run("search", "--as", "hr", "zorbit", code=1).err
    assert shop.doctor()["ok"]


# ---- searching as somebody ----


def test_search_as(shop):
    assert shop.found("zorbit") == ["docs/hr/pay.md", "docs/legal/contract.md", "docs/open.md"]
    assert seen_by(shop, "hr") == ["docs/hr/pay.md", "docs/open.md"]
    assert seen_by(shop, "both") == ["docs/hr/pay.md", "docs/legal/contract.md", "docs/open.md"]
    add_key(shop, "none")
    assert seen_by(shop, "none") == ["docs/open.md"]
    document = shop.run("search", "--json", "--as", "none", "contract").json()
    assert document["results"] == [] and document["searched"] == 1
    assert "1 of 1 passages" in shop.run("search", "--as", "none", "zorbit").out
    assert "Nothing found in 1 passages" in shop.run("search", "--as", "none", "contract").out


def test_keys_that_do_not_hold(shop):
    shop.run("key", "revoke", "hr")
    error = shop.run("search", "--json", "--as", "hr", "zorbit", code=1).error("invalid")
    assert 'key "hr" was revoked (20' in error["message"]
    for name in ("stranger", "", "HR", "hr ", "' OR 1=1 --"):
        error = shop.run("search", "--json", "--as", name, "zorbit", code=1).error("not_found")
        assert f'no key "{name}"' in error["message"]
    with sqlite3.connect(shop.database) as database:
        database.execute("UPDATE keys SET expires_ns = ? WHERE name = 'both'", [time.time_ns() - 1])
    error = shop.run("search", "--json", "--as", "both", "zorbit", code=1).error("invalid")
    assert 'key "both" has expired (20' in error["message"]
    assert {key["name"]: key["state"] for key in shop.run("key", "list", "--json").json()["keys"]} == {"hr": "revoked", "both": "expired"}


def test_a_secret_is_no_name(shop):
    secret = shop.run("key", "add", "first", "--groups", "public", "--json").json()["key"]
    for name in (secret, "ghp_" + "a1B2c3D4e5F6g7H8i9J0k1L2m3N4o5P6q7R8"):
        failed = shop.run("key", "add", name, "--json", code=1)
        assert "looks like a secret" in failed.out and name not in failed.out + failed.err


def test_a_revoked_name_given_again(shop):
    first = add_key(shop, "x", "hr")
    shop.run("key", "revoke", "x")
    second = add_key(shop, "x", "legal")
    assert first != second
    assert seen_by(shop, "x") == ["docs/legal/contract.md", "docs/open.md"]


def test_a_moved_document_gets_another_label(shop):
    (shop.path / "docs/legal/contract.md").rename(shop.path / "docs/hr/contract.md")
    assert "docs/hr/contract.md" not in seen_by(shop, "hr")  # not before it is added
    shop.add()
    assert seen_by(shop, "hr") == ["docs/hr/contract.md", "docs/hr/pay.md", "docs/open.md"]


def test_revoked_for_a_reader_who_may_not_write(assay, plain_user):
    """Such a reader has the catalog open as a file that nobody changes; it looks again for each search."""
    as_user, folder = plain_user
    shop = Project(assay, folder / "shop")
    shop.write("docs/a.md", "zorbit")
    shop.add()
    add_key(shop, "key")
    for place in (shop.path, shop.path / ".assay"):
        place.chmod(0o555)
    reader = subprocess.Popen([BUILD / "tests" / "access" / "ask", str(shop.path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                              text=True, bufsize=1, **as_user)  # fmt: skip

    def ask():
        reader.stdin.write("key\t\t5\tzorbit\n")
        return reader.stdout.readline()

    try:
        assert ask().startswith("ok\t1\tdocs/a.md\t")
        shop.run("key", "revoke", "key")
        assert "was revoked" in ask()
        add_key(shop, "key")
        assert ask().startswith("ok\t1\tdocs/a.md\t")
        shop.write("docs/b.md", "zorbit")
        shop.add()
        assert ask().startswith("ok\t2\t")
    finally:
        reader.stdin.close()
        reader.stdout.close()
        assert reader.wait(timeout=60) == 0


@pytest.mark.parametrize(
    "sql",
    [
        "UPDATE documents SET first = 9223372036854775807 WHERE path = 'docs/open.md'",
        "UPDATE documents SET first = -5 WHERE path = 'docs/open.md'",
        "UPDATE documents SET first = 0",
        "UPDATE documents SET first = 1",
        "UPDATE documents SET first = 1, passages = 3 WHERE path = 'docs/open.md'",
        "UPDATE documents SET passages = 9223372036854775807 WHERE path = 'docs/open.md'",
        "UPDATE keys SET hash = x'00' WHERE name = 'hr'",
    ],
)
def test_damaged_rights(shop, sql):
    """A catalog that somebody has changed shows an error, and nothing hidden; doctor finds it."""
    with sqlite3.connect(shop.database) as database:
        database.execute(sql)
    outcome = shop.run("search", "--json", "--as", "hr", "zorbit", code=1)
    assert outcome.error()["kind"] in ("corrupt", "io") and "contract" not in outcome.out
    if "documents" in sql:
        document = shop.doctor(code=1)
        assert document.get("problems") or document["error"]


# ---- labels from a file, and from the documents ----


def test_labels_from_a_file(shop):
    shop.settings("access: {labels: who.csv}\n")
    shop.write("who.csv", "\ufeffpath,label,label\r\n# all\r\n.,hr\r\ndocs/legal,legal\r\n\r\n docs/legal/contract.md , legal , board\r\n")
    report = shop.add()
    assert (report["relabelled"], report["passages"], report["updated"]) == (2, 0, 0)
    assert seen_by(shop, "hr") == ["docs/hr/pay.md", "docs/open.md"]
    add_key(shop, "board", "board")
    assert seen_by(shop, "board") == ["docs/legal/contract.md"]
    shop.write("who.csv", 'docs/hr,"a ""b"", c"\n"docs/open.md"\n')
    assert shop.add("docs/open.md")["relabelled"] == 3  # whatever is added: all documents
    assert seen_by(shop, "board") == seen_by(shop, "hr") == []
    project = shop.run("list", "--json").json()
    assert len(project["documents"]) == 3
    with sqlite3.connect(shop.database) as database:
        assert database.execute("SELECT l.name FROM document_labels JOIN labels l ON l.id = label").fetchall() == [('a "b", c',)]
    assert shop.add()["relabelled"] == 0
    assert "3 unchanged, 3 relabelled" in (shop.write("who.csv", ".,hr\n"), shop.run("add"))[1].out


def test_lines_that_fit_nothing_are_told(shop):
    shop.settings("access: {labels: who.csv}\n")
    shop.write("who.csv", "path,label\n.,public\ndocs,public\ndocs/hr/pay.md,hr\ndocs/hr/pays.md,hr\ndocs/h,hr\n")
    wanted = [{"path": "who.csv", "message": 'line 5 fits no document: "docs/hr/pays.md"'},
              {"path": "who.csv", "message": 'line 6 fits no document: "docs/h"'}]  # fmt: skip
    assert shop.add()["notes"] == wanted
    assert shop.add()["notes"] == wanted  # as long as they stand there
    shop.write("docs/h/new.md", "something new")
    assert shop.add()["notes"] == wanted[:1]


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("docs,hr\ndocs/,legal\n", ["labels.csv:2", "stands in line 1 too"]),
        (",hr\n", ["labels.csv:1", "the path is empty"]),
        ('docs,"hr\n', ["labels.csv:1", "a quote has no end"]),
        ('"docs"x,hr\n', ["labels.csv:1", "text behind it"]),
        ("docs," + "x" * 256 + "\n", ["labels.csv:1", "longer than 255"]),
        (b"docs,\xff\n", ["labels.csv:1", "not UTF-8"]),
        ("docs,a\x01b\n", ["labels.csv:1", "control character"]),
        ("docs" + ",x" * 65 + "\n", ["labels.csv:1", "more than 64 labels"]),
        (None, ["access.labels", "labels.csv"]),
    ],
)
def test_wrong_label_files(shop, text, parts):
    shop.settings("access: {labels: labels.csv}\n")
    if text is not None:
        shop.write("labels.csv", text)
    message = shop.run("add", "--json", code=1).error()["message"]
    for part in parts:
        assert part in message
    assert seen_by(shop, "hr") == ["docs/hr/pay.md", "docs/open.md"]  # all is as before


@pytest.mark.parametrize(
    ("head", "by_hr", "by_nobody"),
    [
        ("access: hr", True, False),
        ("access: [legal, hr]", True, False),
        ("access:\n  - hr", True, False),
        ("Access: 'hr'", True, False),
        ("access: public", True, True),
        ("access: legal", False, False),
        ("access: []", False, False),
        ("access:", False, False),
        ("access: ~", False, False),
        ("access: {hr: yes}", False, False),
        ("title: x", True, True),
    ],
)
def test_access_in_the_head(project, head, by_hr, by_nobody):
    project.write("docs/a.md", f"---\n{head}\n---\nzorbit\n")
    project.add()
    add_key(project, "hr", "hr")
    add_key(project, "nobody")
    for _ in range(2):
        assert (seen_by(project, "hr") != [], seen_by(project, "nobody") != []) == (by_hr, by_nobody)
        project.settings("access: {labels: from-folder}\n")  # what the document says counts after a new rule too
        project.add()
    assert project.found("zorbit") == ["docs/a.md"]


@pytest.mark.parametrize(
    "text",
    [
        "---\naccess: hr\n\nzorbit\n",
        '+++\ntitle = "Pay"\naccess = "hr"\n+++\nzorbit\n',  # TOML, as Hugo has it
        '+++\n"access" = ["hr"]\n+++\nzorbit\n',
        '+++\n[access]\nlabels = ["hr"]\n+++\nzorbit\n',
        '+++\naccess.labels = ["hr"]\n+++\nzorbit\n',
        "%YAML 1.2\n---\naccess: hr\n---\nzorbit\n",
        "---\ntitle: a: b\naccess: hr\n---\nzorbit\n",
        '---\n"access" : [hr\n---\nzorbit\n',
        "---\naccess: &a hr\n---\nzorbit\n",
        "---\naccess: hr\naccess: legal\n---\nzorbit\n",
        "---\naccess: " + "x" * 256 + "\n---\nzorbit\n",
        "---\naccess: [" + ",".join(f"g{i}" for i in range(65)) + "]\n---\nzorbit\n",
    ],
)
def test_access_that_cannot_be_read_is_refused(project, text):
    """Better no document than one that everybody sees."""
    project.write("docs/a.md", text)
    report = project.add(code=1)
    assert report["added"] == 0 and "docs/a.md" in report["failed"][0]["message"]
    assert project.documents() == {}


def test_a_line_that_ends_a_section_is_no_head(project):
    project.write("docs/a.md", "---\n\nTo get access: ask zorbit\n\n---\n")
    project.write("docs/b.md", "# Title\n\n---\naccess: hr\n---\nzorbit\n")
    assert project.add()["added"] == 2


def test_the_file_decides_alone(project):
    project.settings("access: {labels: labels.csv}\n")
    project.write("labels.csv", "docs/a.md,hr\n")
    project.write("docs/a.md", "---\naccess: public\n---\nzorbit\n")
    project.write("docs/b.md", "---\naccess: public\n---\nzorbit\n")
    project.add()
    add_key(project, "hr", "hr")
    add_key(project, "nobody")
    assert (seen_by(project, "hr"), seen_by(project, "nobody")) == (["docs/a.md"], [])


# ---- filters ----


@pytest.fixture
def library(project):
    project.write("docs/a/one.md", "---\ntitle: One\nyear: 2023\nteam: legal\ndue: 2024-05-01\ntags: [red, 'blue']\n---\nzorbit\n")
    project.write("docs/a/two.md", '---\nyear: "2024"\nteam: [sales, legal]\ndue: 2024-05-01T12:00:00Z\nempty:\n---\nzorbit\n')
    project.write("docs/b/three.txt", "zorbit " * 200)
    project.add()
    return project


@pytest.mark.parametrize(
    ("condition", "wanted"),
    [
        ("year = 2023", "one"),
        ("year >= 2024", ""),
        ('year = "2024"', "two"),
        ("year < 3000 or exists year", "one two"),
        ("not exists year", "three"),
        ("exists empty", ""),
        ("team = legal", "one two"),
        ("team != legal", "three"),
        ("team in (sales, x)", "two"),
        ("due = 2024-05-01", "one two"),
        ("due > 2024-04-30 and due <= 2024-05-01", "one two"),
        ("due < 2024-05-01", ""),
        ('due = "2024-05-01"', "one"),
        ("tags = blue and tags = red", "one"),
        ("title = One", "one"),
        ("format = text", "three"),
        ("folder = docs", "one three two"),
        ("folder = docs/a", "one two"),
        ("path = docs/b/three.txt", "three"),
        ("size > 1000", "three"),
        ("modified >= 2020-01-01 and modified < 2200-01-01", "one three two"),
        ("language != xx", "one three two"),
        ("not (team = legal or format = text)", ""),
        ("NOT team = sales AND exists team", "one"),
    ],
)
def test_filters(library, condition, wanted):
    found = library.found("--filter", condition, "zorbit")
    assert " ".join(sorted(pathlib.Path(path).stem for path in found)) == wanted


@pytest.mark.parametrize(
    ("condition", "part"),
    [
        ("", "the filter ends at character 1, expected a key"),
        ("year >", "the filter ends at character 7, expected a value"),
        ("year > 2024 team = x", 'the filter has "team" at character 13, expected "and", "or" or the end'),
        ("a = 'x", "at character 5 has no end"),
        ("(" * 13 + "a = 1" + ")" * 13, "nested more than 12 deep"),
        ("x" * 9000, "the filter has 9000 bytes, the limit is 8192"),
        (b"a = \xff", "the filter is not UTF-8: byte 4"),
    ],
)
def test_wrong_filters(library, condition, part):
    error = library.run("search", "--json", "--filter", condition, "zorbit", code=1).error()
    assert part in error["message"] and (error["kind"] in ("invalid", "limit"))


def test_a_filter_never_shows_more(shop):
    for condition in ("exists path", "path = docs/legal/contract.md", "not path = x", "size > 0 or folder = docs/legal"):
        assert "docs/legal/contract.md" not in seen_by(shop, "hr", "--filter", condition)


def test_limits_of_heads(project):
    """What is over the limits is left out or cut; the document is taken all the same."""
    head = "\n".join(["long: " + "é" * 600, "n" * 65 + ": v", *(f"k{i}: v" for i in range(80))])
    project.write("docs/a.md", f"---\n{head}\n---\nzorbit\n")
    project.write("docs/b.md", "---\nbig: [" + ",".join(str(i) for i in range(3000)) + "]\n---\nzorbit\n")
    project.add()
    with sqlite3.connect(project.database) as database:
        count = "SELECT count(DISTINCT key) FROM metadata WHERE document = 1 AND key != 'folder' AND key NOT LIKE 'passage_unit%'"
        assert database.execute(count).fetchone() == (64,)
        assert database.execute("SELECT text FROM metadata WHERE key = 'long'").fetchone() == ("é" * 512,)
        assert database.execute("SELECT count(*) FROM metadata WHERE key = 'big'").fetchone() == (1024,)
        assert database.execute("SELECT count(*) FROM metadata WHERE length(key) > 64").fetchone() == (0,)
    assert project.doctor()["ok"]


def test_a_touched_file_has_another_date(project):
    path = project.write("docs/a.md", "zorbit")
    project.add()
    assert project.found("--filter", "modified < 2020-01-01", "zorbit") == []
    os.utime(path, (86400, 86400))
    assert project.add()["unchanged"] == 1
    assert project.found("--filter", "modified = 1970-01-02", "zorbit") == ["docs/a.md"]


# ---- every way in ----

AS_SOMEBODY = {"search", "ask", "prompt show", "mcp"}  # asked by keys: compared with the oracle by tests/access/decisions.py, the last by test_prompt.py
OWNER_ONLY = {"init", "add", "remove", "list", "key add", "key list", "key revoke", "doctor", "audit", "eval", "bench search",
              "log list", "log show", "log verify", "log head", "log prove", "log export", "log erase", "tune again", "tune classify", "tune reader", "tune writer",
              "classify", "prompt diff", "prompt test", "calibrate", "report open", "report compare", "tune embed", "tune rerank", "decide", "drift"}  # fmt: skip
BY_REQUEST = {"serve"}  # each request brings its key: test_serve_api.py
NO_DOCUMENTS = {"embed", "generate", "tokenize", "model list", "model show", "model merge", "model add", "bench embed", "version", "help"}


def test_every_command_is_bound(assay):
    """A new command says here who may use it, and one that takes a key is compared with the oracle first."""
    overview = assay("help").out.split("Commands:\n")[1].split("\n\n")[0]
    commands = {line[2:16].strip() for line in overview.splitlines()}
    assert AS_SOMEBODY <= commands <= AS_SOMEBODY | OWNER_ONLY | BY_REQUEST | NO_DOCUMENTS
    for command in commands:
        has_key = "--as " in assay(*command.split(), "--help").out.split("Examples:")[0].split("\nOptions:")[-1]
        assert has_key == (command in AS_SOMEBODY), command


# ---- the runs of tests/access, short; CONTRIBUTING.md has the long ones ----


def test_decisions_against_the_oracle():
    decisions.run(BUILD, 6000 if SLOWNESS == 1 else 1500, seed=11, documents=0)


def test_two_worlds():
    two_worlds.run(BUILD, 80 if SLOWNESS == 1 else 40, seed=11)


def test_revocation():
    done = revocation.run(BUILD, 3, seed=11, readers=2)
    assert json.dumps(done)


def test_as_a_key_that_sees_all(shop):
    """Here as at the server: who asks whether a key sees something is told the truth."""
    add_key(shop, "boss", "@admin")
    assert seen_by(shop, "boss") == ["docs/hr/pay.md", "docs/legal/contract.md", "docs/open.md"]
    assert "zorbit" in shop.run("prompt", "show", "--as", "boss", "zorbit pay").out
    shop.run("ask", "--as", "boss", "zorbit pay")
    assert '"boss"' in shop.run("log", "show", "--json", "1").out
    (shop.path.parent / "asked").write_text(json.dumps({"jsonrpc": "2.0", "id": 2, "method": "resources/list"}) + "\n")
    with open(shop.path.parent / "asked") as asked:
        told = shop.run("mcp", "--as", "boss", stdin=asked).out.splitlines()
    assert len(json.loads(told[-1])["result"]["resources"]) == 3
    assert 'no key "nobody"' in shop.run("mcp", "--as", "nobody", code=1).err
