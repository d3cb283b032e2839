"""`assay log`: logs that are written here, after docs/format/log.md, read, proved, exported, erased and found out."""

import json
import os
import pathlib
import random as random_numbers
import re
import shutil
import subprocess
import time

import audit_log
import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
HOSTILE = "<script>alert(1)</script> \x1b[31mred\x1b[0m\nnext line \u202egnorw\u202c \u2066x\u2069"


@pytest.fixture
def made(tmp_path):
    log = audit_log.Log()
    log.answer("anna", "How long may I take?", "30 days.")
    log.answer("ben", HOSTILE, HOSTILE)
    log.answer("anna", "And in Norway?", None)
    log.write(tmp_path / "log")
    return log, tmp_path / "log"


def test_list_and_show(assay, made):
    _, folder = made
    out = assay("log", "list", "--folder", folder).out
    assert out.count("\n") == 3
    assert "anna  How long may I take?" in out
    assert "(no answer)" in out
    assert "\x1b" not in out
    entries = assay("log", "list", "--folder", folder, "--last", "2", "--json").json()["entries"]
    assert [entry["record"]["entry"] for entry in entries] == [2, 3]
    assert entries[0]["content"]["question"] == HOSTILE
    out = assay("log", "show", "1", "--folder", folder).out
    assert "30 days." in out
    assert "docs/refunds.md, bytes 0 to 33, cited" in out
    assert assay("log", "show", "1", "--folder", folder, "--json").json()["content"]["asker"] == "anna"
    assert assay("log", "show", "4", "--folder", folder, "--json", code=1).error("not_found")
    assert assay("log", "show", "zero", "--folder", folder, code=2).code == 2


def test_of_a_project(assay, tmp_path):
    assert assay("init", tmp_path / "shop").code == 0
    outcome = assay("-C", tmp_path / "shop", "log", "list")
    assert outcome.code == 0
    assert "Nothing was asked yet" in outcome.out
    assert assay("-C", tmp_path / "shop", "log", "verify", "--json").json()["ok"] is True
    assert assay("-C", tmp_path, "log", "list", "--json", code=1).error("not_found")


def test_verify_and_heads(assay, made, tmp_path):
    log, folder = made
    document = assay("log", "verify", "--folder", folder, "--json").json()
    assert document["ok"] is True
    assert (document["entries"], document["answers"], document["texts"]) == (3, 3, 1)
    assert document["root"] == audit_log.root(log.leaves).hex()
    assert assay("log", "head", "--folder", folder).out == f"3 {audit_log.root(log.leaves).hex()}\n"
    heads = tmp_path / "heads.txt"
    heads.write_text(f"2 {audit_log.root(log.leaves[:2]).hex()}\n" + assay("log", "head", "--folder", folder, "--json").out)
    assert assay("log", "verify", "--folder", folder, "--head", heads).code == 0
    other = audit_log.Log()  # the whole log replaced, and all of it right in itself
    for _ in range(3):
        other.answer("anna", "Something else?", "Yes.")
    other.write(folder)
    assert assay("log", "verify", "--folder", folder).code == 0
    outcome = assay("log", "verify", "--folder", folder, "--head", heads, "--json", code=1)
    assert outcome.json()["first_bad"] == 1
    heads.write_text("three\n")
    assert assay("log", "verify", "--folder", folder, "--head", heads, "--json", code=1).error("invalid")


@pytest.mark.parametrize("change,first_bad", [
    (lambda lines: [lines[0], lines[1].replace(b"builtin", b"another"), lines[2]], 2),
    (lambda lines: [lines[0], lines[2]], 2),
    (lambda lines: [lines[1], lines[0], lines[2]], 1),
    (lambda lines: [lines[0], lines[0], lines[1], lines[2]], 2),
    (lambda lines: lines[:2], 3),
    (lambda lines: [lines[0], lines[1], lines[2][:-7]], 3),
    (lambda lines: [], 1),
])  # fmt: skip
def test_changed(assay, made, change, first_bad):
    log, folder = made
    (folder / "entries").write_bytes(b"".join(change(log.lines)))
    outcome = assay("log", "verify", "--folder", folder, code=1)
    assert outcome.out.startswith(f"entry {first_bad}: ")


def test_rewritten_chain(assay, made):
    """One entry changed and all hashes after it made anew: the head tells between which entries."""
    log, folder = made
    head = (folder / "head").read_bytes()
    other = audit_log.Log()
    other.answer("anna", "How long may I take?", "60 days.")
    other.answer("ben", HOSTILE, HOSTILE)
    other.answer("anna", "And in Norway?", None)
    other.write(folder)
    (folder / "head").write_bytes(head)
    document = assay("log", "verify", "--folder", folder, "--json", code=1).json()
    assert document["first_bad"] == 1
    assert "entries 1 to 2" in document["reason"]


def test_proofs(assay, made):
    log, folder = made
    for number in (1, 2, 3):
        proof = assay("log", "prove", str(number), "--folder", folder).json()
        assert proof["leaf"] == log.leaves[number - 1].hex()
        way = [bytes.fromhex(step) for step in proof["proof"]]
        assert audit_log.climb(bytes.fromhex(proof["leaf"]), proof["leaf_index"], proof["entries"], way).hex() == proof["root"]
        assert proof["root"] == audit_log.root(log.leaves).hex()
    growth = assay("log", "prove", "--since", "2", "--folder", folder).json()
    assert growth["root_before"] == audit_log.root(log.leaves[:2]).hex()
    assert growth["proof"] == [log.leaves[2].hex()]
    assert assay("log", "prove", "9", "--folder", folder, "--json", code=1).error("not_found")
    assert assay("log", "prove", "--folder", folder, code=2).code == 2


def test_export(assay, made, tmp_path):
    _, folder = made
    page = assay("log", "export", "--case", "2", "--folder", folder).out
    assert "<script" not in page
    assert "\x1b" not in page
    assert not re.search("[\u202a-\u202e\u2066-\u2069]", page)
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page
    assert "You have <mark>30 days</mark> to send it back." in page
    assert not re.search(r"(src|href)=\"?(?!#)", page.replace('href="#source-1"', "")), "nothing is loaded from elsewhere"
    assert assay("log", "export", "--case", "1", "--out", tmp_path / "case.html", "--folder", folder).out == ""
    assert "How long may I take?" in (tmp_path / "case.html").read_text()
    error = assay("log", "export", "--case", "1", "--out", tmp_path / "none" / "case.html", "--folder", folder, "--json", code=1).error()
    assert "none/case.html\"" in error["message"] and "--out FILE" in error["hint"]
    kept = next((folder / "texts").rglob("????????*"))
    kept.write_bytes(b"You have 90 days to send it back.")
    assert "was changed" in assay("log", "export", "--case", "1", "--folder", folder).out
    assert assay("log", "verify", "--folder", folder, code=1).code == 1


def test_erase(assay, made):
    log, folder = made
    assert assay("log", "erase", "--folder", folder, code=2).code == 2
    for words, part in ((["999"], "no entry 999"), (["2", "999"], "no entry 999"), (["--subject", "ghost"], 'nobody of the name "ghost" has asked')):
        assert part in assay("log", "erase", *words, "--folder", folder, "--json", code=1).error("not_found")["message"]
    assert [personal is None for _, personal in audit_log.read(folder)] == [False] * 3  # not the second one either
    assert assay("log", "erase", "--subject", "anna", "--folder", folder, "--json").json() == {"erased": 2}
    entries = audit_log.read(folder)
    assert [personal is None for _, personal in entries] == [True, False, True, True]
    assert entries[3][0]["erased"] == [[1, 1], [3, 3]]
    document = assay("log", "verify", "--folder", folder, "--json").json()
    assert document["ok"] is True
    assert document["erased"] == 2
    assert "anna" not in assay("log", "list", "--folder", folder).out
    assert "erased" in assay("log", "export", "--case", "1", "--folder", folder).out
    assert assay("log", "erase", "--before", "soon", "--folder", folder, "--json", code=1).error("invalid")
    assert assay("log", "erase", "--before", "2261-01-01", "--folder", folder, "--json").json() == {"erased": 1}
    assert not list((folder / "texts").rglob("????????*"))
    assert assay("log", "verify", "--folder", folder).code == 0


def test_torn_end_is_cut(assay, made):
    """The next entry, an erasure here, cuts off what a crash left; the log tells it."""
    log, folder = made
    torn = log.lines[1][:100]
    with open(folder / "entries", "ab") as file:
        file.write(torn)
    document = assay("log", "verify", "--folder", folder, "--json").json()
    assert document["ok"] is True
    assert document["torn_bytes"] == 100
    assert assay("log", "erase", "1", "--folder", folder).code == 0
    entries = audit_log.read(folder)
    assert [entry["kind"] for entry, _ in entries] == ["answer"] * 3 + ["cut", "erased"]
    assert entries[3][0]["bytes"] == 100
    assert assay("log", "verify", "--folder", folder).code == 0


def test_a_torn_answer_can_be_read_by_nobody(assay, made):
    """Its key was durable and its line nearly: what was torn off is kept, and no key opens it."""
    log, folder = made
    log.answer("carl", "Whom did they dismiss?", "Dora.")
    with open(folder / "entries", "ab") as file:
        file.write(log.lines[3][:-1])
    (folder / "keys").write_bytes(b"".join(log.keys))
    assert assay("log", "erase", "1", "--folder", folder).code == 0
    entries = audit_log.read(folder)
    assert [entry["kind"] for entry, _ in entries] == ["answer"] * 3 + ["cut", "erased"]
    kept = folder / "texts" / entries[3][0]["sha256"][:2] / entries[3][0]["sha256"]
    assert kept.read_bytes() == log.lines[3][:-1]
    none = b"-" * 64 + b"\n"
    assert (folder / "keys").read_bytes().split(none) == [b"", b"".join(log.keys[1:3]), b"", b""]


def test_a_version_that_is_no_plain_hash(assay, made):
    """Whoever can write the log may write anything into it: it is shown as text, and no further than it goes."""
    log, folder = made
    log.lines.pop(), log.leaves.pop(), log.keys.pop()
    log.add("answer", passages=[{"document": "a", "version": "\x1b[2J\u202e"}, {"document": "b", "version": ""}], citations=[])
    log.keys.append(b"-" * 64 + b"\n")
    log.write(folder)
    out = assay("log", "show", "3", "--folder", folder).out
    assert not re.search("[\x1b\u202e]", out)
    assert out.endswith("version …\n")


def test_a_lost_head_is_told(assay, made):
    log, folder = made
    (folder / "entries").write_bytes(log.lines[0])
    (folder / "head").unlink()
    assert assay("log", "erase", "1", "--folder", folder).code == 0
    document = assay("log", "verify", "--folder", folder, "--json", code=1).json()
    assert document["heads_lost"] == 1
    assert "there were 3 keys for 1 entries" in document["problems"][0]["message"]
    assert [entry["kind"] for entry, _ in audit_log.read(folder)] == ["answer", "head", "erased"]
    out = assay("log", "verify", "--folder", folder, code=1).out
    assert "1 times the log's head was lost" in out
    assert "the log's head was lost" in assay("log", "list", "--folder", folder).out


def test_a_damaged_entry_hides_no_others(assay, made):
    _, folder = made
    lines = (folder / "entries").read_bytes().split(b"\n")
    for damaged, listed in ((1, [(1, "1 "), (2, "damaged"), (3, "3 ")]), (2, [(1, "1 "), (2, "damaged"), (3, "damaged")])):
        lines[damaged] = lines[damaged].replace(b'"answer"', b'"answes"')
        (folder / "entries").write_bytes(b"\n".join(lines))
        told = assay("log", "list", "--folder", folder, code=1).out.splitlines()
        assert len(told) == 3 and all(word in line and line.split()[0] == str(number) for line, (number, word) in zip(told, listed, strict=True)), told
        entries = assay("log", "list", "--folder", folder, "--json", code=1).json()["entries"]
        assert [entry.get("state") == "damaged" for entry in entries] == ["damaged" in word for _, word in listed]


def test_a_damaged_entry_beside_a_lost_head(assay, made):
    _, folder = made
    lines = (folder / "entries").read_bytes().split(b"\n")
    lines[1] = lines[1].replace(b'"answer"', b'"answes"')
    (folder / "entries").write_bytes(b"\n".join(lines))
    (folder / "head").unlink()
    told = assay("log", "list", "--folder", folder, code=1).out.splitlines()
    assert [line.split()[0] for line in told] == ["1", "2", "3"] and ["damaged" in line for line in told] == [False, True, False]
    assert len(assay("log", "list", "--folder", folder, "--last", "1", "--json").json()["entries"]) == 1
    error = assay("log", "head", "--folder", folder, "--json", code=1).json()["error"]
    assert "entry 2 of the audit log is damaged" in error["message"]
    error = assay("log", "show", "2", "--folder", folder, "--json", code=1).json()["error"]
    assert error["kind"] == "corrupt" and "entry 2 of the audit log is damaged" in error["message"]
    # An auditor gets the page of a sound one all the same: it says that there is no proof, and why.
    page = assay("log", "export", "--case", "3", "--folder", folder).out
    assert "And in Norway?" in page and "This cannot be proved: entry 2 of the audit log is damaged" in page and page.rstrip().endswith("</html>")
    assert "entry 2" in assay("log", "export", "--case", "2", "--folder", folder, code=1).err


def test_many_damaged_entries_are_listed_in_one_walk(assay, tmp_path):
    """A hundred times as long a log takes about a hundred times as long, however much of it is damaged."""
    log = audit_log.Log()
    for number in range(4000):
        log.answer("anna", f"Question {number}", "30 days.")
    log.write(tmp_path / "log")
    entries = tmp_path / "log" / "entries"
    lines = entries.read_bytes().split(b"\n")
    entries.write_bytes(b"\n".join(line if at % 2 else line.replace(b'"answer"', b'"answes"') for at, line in enumerate(lines)))
    begun = time.monotonic()
    told = assay("log", "list", "--last", "0", "--folder", tmp_path / "log", code=1).out.splitlines()
    assert len(told) == 4000 and sum("damaged" in line for line in told) == 2000
    assert time.monotonic() - begun < 5


def test_a_copy_without_keys(assay, project, tmp_path):
    """For an auditor, who shall not read who asked what: whole but for that; in the project itself keys that are gone are a loss."""
    project.write("docs/a.md", "# A\n\nThe zorbit is thirty days long.\n")
    project.add()
    for question in ("How long is the zorbit?", "How long is the zorbit, please?", "And how long is the zorbit?"):
        project.run("ask", question, code=None)
    project.run("log", "erase", "1", "2")
    copy, keys = tmp_path / "copy", project.path / ".assay/log/keys"
    shutil.copytree(project.path / ".assay/log", copy)
    whole = assay("log", "verify", "--folder", copy, "--json").json()
    (copy / "keys").unlink()
    without = assay("log", "verify", "--folder", copy, "--json").json()
    assert without["ok"] is True and {name: without[name] for name in ("entries", "erased", "texts", "root")} == {name: whole[name] for name in ("entries", "erased", "texts", "root")}
    assert "this copy has no keys" in assay("log", "verify", "--folder", copy).out
    entries = (copy / "entries").read_bytes()
    (copy / "entries").write_bytes(entries.replace(b"answer", b"answes", 1))
    assert assay("log", "verify", "--folder", copy, code=1).code == 1
    heads = tmp_path / "heads.txt"
    heads.write_text("2 " + 64 * "0" + "\n")
    assert "does not say so" not in project.run("log", "verify", "--head", heads, code=1).out  # the entry that says so comes behind
    keys.unlink()
    assert "its key is lost" in project.run("log", "verify", code=1).out


def test_a_copy_that_cannot_be_written(assay, made):
    _, folder = made
    for path in [*folder.rglob("*"), folder]:
        path.chmod(0o555 if path.is_dir() else 0o444)
    try:
        assert assay("log", "verify", "--folder", folder).code == 0
        assert assay("log", "show", "1", "--folder", folder).code == 0
        assert sorted(os.listdir(folder)) == ["entries", "head", "keys", "texts"]
    finally:
        for path in [folder, *folder.rglob("*")]:
            path.chmod(0o755 if path.is_dir() else 0o644)


def test_documented_example(assay, tmp_path):
    """The files that docs/format/log.md shows are a log, for the program and for the second reader."""
    text = (ROOT / "docs/format/log.md").read_text()
    folder = tmp_path / "log"
    folder.mkdir()
    for name in ("entries", "keys", "head"):
        block = re.search(rf"`{name}`:\n\n```\n(.*?)```\n", text, re.DOTALL)
        (folder / name).write_text(block.group(1))
    kept = re.search(r"`texts/(..)/([0-9a-f]{64})`:\n\n```\n(.*?)\n```\n", text, re.DOTALL)
    (folder / "texts" / kept.group(1)).mkdir(parents=True)
    (folder / "texts" / kept.group(1) / kept.group(2)).write_text(kept.group(3))
    document = assay("log", "verify", "--folder", folder, "--json").json()
    assert document["ok"] is True
    assert (document["entries"], document["erased"], document["texts"]) == (3, 1, 1)
    entries = audit_log.read(folder)
    assert entries[1][1]["question"] == json.loads('"May I keep it?"')
    assert entries[0][1] is None


# ---- what `assay ask` writes ----


@pytest.fixture
def shop(assay, tmp_path):
    folder = tmp_path / "shop"
    (folder / "docs").mkdir(parents=True)
    (folder / "docs" / "refunds.md").write_text("# Refunds\n\nYou may send an order back within 30 days after delivery.\n")
    (folder / "docs" / "hours.md").write_text("# Hours\n\nThe shop opens at 9 in the morning on every day but Sunday.\n")
    assay("init", folder)
    assay("-C", folder, "add", "--no-embed")
    return folder


QUESTION = "Within how many days may I send an order back?"


def test_ask_writes_an_entry(assay, shop):
    key = assay("-C", shop, "key", "add", "intern", "--json").json()["key"]
    answer = assay("-C", shop, "ask", QUESTION, "--json").json()
    assert answer["audit"] == 1
    assert assay("-C", shop, "ask", "Who painted the ceiling of the Sistine Chapel?", "--as", "intern", "--json").json()["audit"] == 2
    (first, personal), (second, other) = audit_log.read(shop / ".assay" / "log")
    assert personal["question"] == QUESTION
    assert personal["answer"] == answer["answer"]
    assert personal["asker"] == "owner"
    assert other["asker"] == "intern"
    assert second["abstained"] is True
    assert personal["quotes"] == [citation["quote"] for citation in answer["citations"]]
    cited = [passage for passage in first["passages"] if passage["cited"]]
    listed = assay("-C", shop, "list", "--json").json()["documents"]
    assert cited[0]["version"] == {document["path"]: document["sha256"] for document in listed}[cited[0]["document"]]
    assert first["cost_usd"] == 0
    (shop / "docs" / "refunds.md").write_text("# Refunds\n\nNothing is ever taken back.\n")
    assay("-C", shop, "add", "--no-embed")
    page = assay("-C", shop, "log", "export", "--case", "1").out
    assert "within 30 days after delivery" in re.sub("</?mark>", "", page), "the source as it stood then"
    assert key not in (shop / ".assay" / "log" / "entries").read_text()
    assert assay("-C", shop, "log", "verify", "--json").json()["ok"] is True


def test_no_key_is_called_owner(assay, shop):
    error = assay("-C", shop, "key", "add", "owner", "--json", code=1).error("invalid")
    assert "audit log" in error["message"] and error["hint"]
    assay("-C", shop, "key", "add", "owners")


def test_a_log_that_cannot_be_written_is_told_once(assay, shop):
    (shop / ".assay" / "log" / "entries").mkdir(parents=True)
    error = assay("-C", shop, "ask", "--json", QUESTION, code=1).error()
    assert error["message"].count("audit log") == 1 and error["message"].startswith("the answer is withheld") and "ask again" in error["hint"]


def test_erases_by_age(assay, shop):
    """The next question erases what is older than the setting says, and stumbles over no entry that a wrong clock dated ahead."""
    settings = (shop / "assay.yaml").read_text()
    (shop / "assay.yaml").write_text(re.sub(r"keep_days: \d+", "keep_days: 30", settings))
    log, now, day = audit_log.Log(), int(time.time()), 86400
    for question, at_s in (("old", now - 100 * day), ("ahead", now + 3650 * day), ("older than its neighbour", now - 99 * day),
                           ("new", now - 29 * day), ("ahead again", now + 3650 * day)):  # fmt: skip
        log.answer("anna", question, "Yes.", at_s=at_s)
    log.write(shop / ".assay" / "log")
    assert assay("-C", shop, "ask", QUESTION, "--json").json()["audit"] == 7
    entries = audit_log.read(shop / ".assay" / "log")
    assert entries[5][0]["erased"] == [[1, 3]]
    assert [personal and personal["question"] for _, personal in entries] == [None, None, None, "new", "ahead again", None, QUESTION]
    assert assay("-C", shop, "ask", QUESTION, "--json").json()["audit"] == 8
    assert assay("-C", shop, "log", "verify", "--json").json()["ok"] is True


def test_hashed_questions(assay, shop):
    settings = (shop / "assay.yaml").read_text()
    (shop / "assay.yaml").write_text(settings.replace("log: {questions: keep", "log: {questions: hash"))
    assay("-C", shop, "ask", QUESTION)
    personal = audit_log.read(shop / ".assay" / "log")[0][1]
    assert "question" not in personal
    assert personal["question_sha256"] == audit_log.hashlib.sha256(QUESTION.encode()).hexdigest()


def test_no_entry_no_answer(assay, shop):
    assay("-C", shop, "ask", QUESTION)
    folder = shop / ".assay" / "log"
    whole = (folder / "entries").read_bytes()
    (folder / "entries").write_bytes(whole[:-40] + b"#" + whole[-39:])
    outcome = assay("-C", shop, "ask", QUESTION, code=1)
    assert "30 days" not in outcome.out
    assert "entry 1 of the audit log" in outcome.err
    assert "30 days" not in str(assay("-C", shop, "ask", QUESTION, "--json", code=1).error("corrupt"))


def test_kills(assay, shop):
    """Whatever is killed when: an answer that was shown has its entry."""
    random = random_numbers.Random(26)
    shown = 0
    for _ in range(40):
        process = assay.start("-C", shop, "ask", QUESTION)
        try:
            out, _ = process.communicate(timeout=random.random() * 0.12)
        except subprocess.TimeoutExpired:
            process.kill()
            out, _ = process.communicate()
        shown += b"30 days" in out
        folder = shop / ".assay" / "log"
        report = assay("-C", shop, "log", "verify", "--json").json()
        assert report["ok"] is True
        assert report["answers"] >= shown
    assay("-C", shop, "ask", QUESTION)
    audit_log.read(folder)
