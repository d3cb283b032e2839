"""Vectors: made by `add`, kept through crashes and lost files, asked by `search`. With tiny models, and the builtin one where it is there."""

import os
import re
import shutil
import signal
import time

import pytest

from conftest import ROOT, Project

TINY = ROOT / "tests" / "data" / "models"
BUILTIN = ROOT / "models" / "all-MiniLM-L6-v2"
needs_builtin = pytest.mark.skipif(not (BUILTIN / "config.json").exists(), reason="scripts/setup fetches the builtin model")


def use_model(project, model):
    project.settings(f"embedding: {model}\n")


@pytest.fixture
def tiny(project):
    use_model(project, TINY / "mpnet-mean")
    return project


def ask(project, *words, **more):
    return project.run("search", "--json", *words, **more).json()


def write_many(project, count, name="many"):
    project.write(f"docs/{name}.md", "".join(f"# Part {i}\n\nThe index answers question {i}.\n\n" for i in range(count)))


def test_add_makes_vectors_once(tiny):
    tiny.write("docs/a.md", "# One\n\nzorbit\n\n# Two\n\nflume\n")
    assert tiny.add()["embedded"] == 2
    assert tiny.add()["embedded"] == 0
    tiny.write("docs/b.md", "quill")
    assert tiny.add()["embedded"] == 1
    report = tiny.doctor()
    assert report["ok"] and report["vectors"] == 3 and report["without_vector"] == 0 and report["vector_files"] >= 1
    tiny.run("remove", "docs/a.md")
    assert tiny.doctor()["vectors"] == 1


def test_what_says_the_same_keeps_its_vector(tiny):
    text = "# One\n\nzorbit\n\n# Two\n\nflume\n\n# Three\n\nquill\n"
    tiny.write("docs/a.md", text)
    assert tiny.add()["embedded"] == 3
    tiny.write("docs/a.md", text.replace("flume", "brindle"))
    report = tiny.add()
    assert report["passages"] == 3 and report["embedded"] == 1
    assert tiny.doctor()["vectors"] == 3


def test_modes_and_scores(tiny):
    tiny.write("docs/a.md", "# Index\n\nThe index answers a question.\n")
    tiny.write("docs/b.md", "# House\n\nThe house at the river stood empty.\n")
    tiny.add()
    document = ask(tiny, "index")
    assert document["mode"] == "hybrid" and len(document["results"]) == 2
    first, second = document["results"]
    assert first["document"] == "docs/a.md" and first["scores"]["text"] > 0 and -1 <= first["scores"]["vector"] <= 1.0001
    assert second["scores"]["text"] is None and second["scores"]["vector"] is not None
    assert 1 >= first["score"] >= second["score"] >= 0
    text = ask(tiny, "index", "--mode", "text")
    assert text["mode"] == "text" and [hit["scores"]["vector"] for hit in text["results"]] == [None]
    assert text["results"][0]["score"] == text["results"][0]["scores"]["text"]
    vector = ask(tiny, "index", "--mode", "vector")
    assert vector["mode"] == "vector" and [hit["scores"]["text"] for hit in vector["results"]] == [None, None]
    assert [hit["score"] for hit in vector["results"]] == sorted((hit["score"] for hit in vector["results"]), reverse=True)
    assert all(hit["scores"]["rerank"] is None for hit in document["results"])
    error = tiny.run("search", "--json", "--mode", "best", "index", code=1).error("invalid")
    assert "best" in error["message"]


def test_explain(tiny):
    tiny.write("docs/a.md", "# Index\n\nThe index answers a question.\n")
    tiny.add()
    document = ask(tiny, "index", "--explain")
    (hit,) = document["results"]
    assert hit["ranks"] == {"text": 1, "vector": 1}
    parts = {(part["word"], part["field"]): part for part in hit["words"]}
    assert {word for word, _ in parts} == {"index"} and all(part["documents"] == 1 for part in parts.values())
    assert abs(sum(part["score"] for part in parts.values()) - hit["scores"]["text"]) < 1e-6
    assert set(document["timings"]) == {"refresh_ms", "embed_ms", "text_ms", "vector_ms", "fuse_ms", "fetch_ms", "rerank_ms"}
    assert document["timings"]["embed_ms"] > 0
    out = tiny.run("search", "index", "--explain").out
    assert "place 1" in out and "similarity" in out and "hybrid search" in out


def test_phrases_bind_a_hybrid_search(tiny):
    tiny.write("docs/a.md", "late fee")
    tiny.write("docs/b.md", "a fee that is late")
    tiny.add()
    assert tiny.found('"late fee"') == ["docs/a.md"]
    assert tiny.found("late fee") == ["docs/a.md", "docs/b.md"]


def test_no_embed_and_later(tiny):
    tiny.write("docs/a.md", "zorbit")
    report = tiny.add("--no-embed")
    assert report["added"] == 1 and report["embedded"] == 0
    assert ask(tiny, "zorbit")["mode"] == "text"
    error = tiny.run("search", "--json", "--mode", "vector", "zorbit", code=1).error("not_found")
    assert "no vectors yet" in error["message"] and "assay add" in error["hint"]
    assert tiny.add()["embedded"] == 1
    assert ask(tiny, "zorbit")["mode"] == "hybrid"


def test_without_a_model(project):
    use_model(project, "builtin")
    project.write("docs/a.md", "zorbit")
    outcome = project.run("add", env={"HOME": str(project.path)})
    assert "1 added" in outcome.out and "no model named" in outcome.err and "embedding: none" in outcome.err
    assert ask(project, "zorbit")["mode"] == "text"
    outcome = project.run("add", env={"HOME": str(project.path)})
    use_model(project, "a-model-of-mine")
    project.write("docs/b.md", "flume")
    error = project.run("add", "--json", code=1).error("not_found")
    assert "a-model-of-mine" in error["message"]
    assert project.found("flume") == ["docs/b.md"]  # what was added stays
    use_model(project, "none")
    assert project.run("add").err == ""


def test_another_model(tiny):
    tiny.write("docs/a.md", "# One\n\nzorbit\n\n# Two\n\nflume\n")
    tiny.add()
    use_model(tiny, TINY / "roberta-mean")
    outcome = tiny.run("search", "zorbit")
    assert "1." in outcome.out and "not those of model" in outcome.err  # by words, and says why
    assert "not those of model" in ask(tiny, "zorbit")["note"]
    tiny.run("search", "--mode", "vector", "zorbit", code=1)
    outcome = tiny.run("add")
    assert "of another model: 2" in outcome.err
    assert ask(tiny, "zorbit")["mode"] == "hybrid" and tiny.doctor()["vectors"] == 2
    use_model(tiny, TINY / "bert-ranker")
    assert "bert-ranker" in tiny.run("add", "--json", code=1).error("invalid")["message"]


def test_a_copied_model_is_the_same(tiny, tmp_path):
    tiny.write("docs/a.md", "zorbit")
    tiny.add()
    shutil.copytree(TINY / "mpnet-mean", tmp_path / "copy")
    use_model(tiny, tmp_path / "copy")
    assert ask(tiny, "zorbit")["mode"] == "hybrid"
    outcome = tiny.run("add")
    assert outcome.err == "" and tiny.doctor()["vectors"] == 1
    config = tmp_path / "copy" / "config.json"
    config.write_text(config.read_text() + "\n")
    assert "of another model: 1" in tiny.run("add").err


def test_interrupted_and_killed(tiny):
    write_many(tiny, 3000)
    for number in (signal.SIGINT, signal.SIGKILL):
        process = tiny.assay.start("add", cwd=tiny.path)
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline and process.poll() is None and not tiny.database.exists():
            time.sleep(0.01)
        time.sleep(0.4)
        process.send_signal(number)
        process.communicate(timeout=60)
    tiny.add()
    report = tiny.doctor("--repair")
    assert report["ok"] and report["vectors"] == report["passages"] == 3000 and report["without_vector"] == 0


@pytest.mark.parametrize("damage", ["lost", "cut", "flipped", "empty"])
def test_damaged_files(tiny, damage):
    write_many(tiny, 300)
    tiny.add()
    before = ask(tiny, "question 7", "--mode", "vector")["results"]
    (file,) = [path for path in tiny.index_files() if path.suffix == ".vec"]
    data = file.read_bytes()
    if damage == "lost":
        file.unlink()
    else:
        file.write_bytes({"cut": data[: len(data) // 2], "flipped": data[:5000] + bytes([data[5000] ^ 1]) + data[5001:], "empty": b""}[damage])
    damaged = (file.read_bytes() if file.exists() else None, tiny.doctor(code=1))
    assert not damaged[1]["ok"]
    assert ask(tiny, "question 7", "--mode", "vector")["results"] == before  # who reads writes it anew
    assert tiny.doctor()["ok"] and ask(tiny, "question 7", "--mode", "vector")["results"] == before
    (anew,) = [path for path in tiny.index_files() if path.suffix == ".vec"]
    anew.unlink() if damaged[0] is None else anew.write_bytes(damaged[0])
    report = tiny.doctor("--repair")
    assert report["ok"] and report["repaired"] == len(report["problems"]) > 0
    assert tiny.doctor()["ok"] and ask(tiny, "question 7", "--mode", "vector")["results"] == before


def test_all_of_the_index_is_derived(tiny):
    write_many(tiny, 50)
    tiny.add()
    before = ask(tiny, "question 7")["results"]
    shutil.rmtree(tiny.path / ".assay" / "index")
    assert ask(tiny, "question 7")["results"] == before
    tiny.write("docs/new.md", "zorbit")
    assert tiny.add()["embedded"] == 1
    assert tiny.doctor()["ok"] and [path.suffix for path in tiny.index_files()].count(".vec") >= 1


def test_per_document_and_neighbors(project):
    project.write("docs/a.md", "# A\n\nzorbit one\n\n# B\n\nzorbit two\n\n# C\n\nzorbit three\n\n# D\n\nnothing here\n\n# E\n\nzorbit five\n")
    project.write("docs/b.md", "zorbit elsewhere in a long text about other things, which is found last")
    project.settings("embedding: none\n")
    project.add()
    assert len(project.search("zorbit")) == 5
    project.settings("embedding: none\nretrieve: {per_document: 2}\n")
    assert sorted(hit["document"] for hit in project.search("zorbit")) == ["docs/a.md", "docs/a.md", "docs/b.md"]
    project.settings("embedding: none\nretrieve: {neighbors: true}\n")
    hits = project.search("zorbit")
    texts = sorted(hit["text"] for hit in hits if hit["document"] == "docs/a.md")
    assert texts == ["zorbit five", "zorbit one\nzorbit two\nzorbit three"] and len(hits) == 3
    joined = next(hit for hit in hits if "three" in hit["text"])
    assert joined["line"] == 3 and joined["line_end"] == 11 and len(joined["matches"]) == 3
    project.settings("embedding: none\nretrieve: {per_document: 1, k: 2}\n")
    assert [hit["document"] for hit in project.search("zorbit")].count("docs/a.md") == 1


def test_settings_are_checked(project):
    for text, part in (("retrieve: {mode: best}", "auto, hybrid, text or vector"), ("retrieve: {vector_weight: 1.5}", "from 0 to 1"),
                       ("retrieve: {fusion: sum}", "scores or ranks"), ("retrieve: {candidates: 0}", "from 1 to"),
                       ("embedding: [a]", "a model's name or folder"), ("retrieve: {neighbors: maybe}", "false or true")):  # fmt: skip
        project.settings(text + "\n")
        assert part in project.run("add", "--json", code=1).error("invalid")["message"]


@pytest.fixture(scope="session")
def support(tmp_path_factory):
    """examples/support with vectors of the builtin model, made once."""
    from conftest import Assay

    path = tmp_path_factory.mktemp("support") / "shop"
    shutil.copytree(ROOT / "examples" / "support", path)
    project = Project(Assay(), path)
    use_model(project, BUILTIN)
    assert project.add(timeout=300)["embedded"] > 300
    return project


@needs_builtin
def test_meaning_without_the_words(support):
    """Nothing of the question's words stands there, but it says the same."""
    found = ask(support, "can I get my cash back", "-k", "5")["results"]
    assert any("refund" in (hit["document"] + hit["text"]).lower() for hit in found)
    vector = ask(support, "how do I cancel what I bought", "--mode", "vector", "-k", "5")["results"]
    assert any("cancel" in hit["document"] for hit in vector)
    assert ask(support, "money back", "-k", "8")["results"] and "docs/policies/refunds.md" in support.found("money back")


@needs_builtin
@pytest.mark.long
def test_eval_of_the_example(support):
    modes = ("hybrid", "text") if support.assay.sanitized else ("hybrid", "text", "vector")  # each answers 60 questions
    reports = {mode: support.run("eval", "--json", "--mode", mode).json() for mode in modes}
    recalls = {mode: report["retrieval"] for mode, report in reports.items()}
    assert recalls["hybrid"]["ndcg@10"] >= max(recall["ndcg@10"] for recall in recalls.values())
    assert recalls["hybrid"]["recall@10"] > 0.9
    report = reports["text"]
    assert report["cases"] == 60 and report["retrieval"]["cases"] == 50 and report["passed_over"] == 10
    for failure in report["failures"]:
        assert failure["rank"] is None or failure["rank"] > 10
        assert failure["sources"] and failure["question"] and failure["line"] >= 1
    assert re.search(r"recall@10 +0\.\d{4}", support.run("eval").out)


@needs_builtin
@pytest.mark.long
def test_sweep_is_careful(support):
    report = support.run("eval", "--json", "--sweep", "retrieve", timeout=300).json()
    assert report["cases"] == 50 and len(report["settings"]) > 30
    (current,) = [row for row in report["settings"] if row["current"]]
    assert current["difference"] == 0 and current["interval"] == [0, 0]
    scores = [row["retrieval"]["ndcg@10"] for row in report["settings"]]
    assert scores == sorted(scores, reverse=True)
    best = report["settings"][0]
    assert (report["recommended"] is not None) == (best["interval"][0] > 0 and not best["current"])
    again = support.run("eval", "--json", "--sweep", "retrieve", timeout=300).json()
    assert again["settings"] == report["settings"]


def test_text_search_needs_no_model_file(tiny):
    """Who searches for words alone never opens a model."""
    tiny.write("docs/a.md", "zorbit")
    tiny.add()
    model = tiny.path / "models"
    model.mkdir()
    os.symlink(TINY / "mpnet-mean", model / "mine")
    use_model(tiny, "mine")
    tiny.add()
    (model / "mine").unlink()
    assert ask(tiny, "zorbit", "--mode", "text")["mode"] == "text"
    document = ask(tiny, "zorbit")
    assert document["mode"] == "text" and "no model named" in document["note"]


def test_hidden_documents_leave_no_trace(assay, tmp_path):
    """What a key sees is what it would see if the other documents were not there, in every mode."""
    answers = []
    for name, hidden in (("with", True), ("without", False)):
        project = Project(assay, tmp_path / name)
        project.settings(f"embedding: {TINY / 'mpnet-mean'}\naccess: {{labels: from-folder}}\n")
        for i in range(12):
            project.write(f"docs/sales/{i}.md", f"# Page {i}\n\nThe index answers question {i} about boats.\n")
            if hidden:
                project.write(f"docs/hr/{i}.md", f"# Secret {i}\n\nThe index answers question {i} about boats and wages.\n")
        assert project.add()["embedded"] == (24 if hidden else 12)
        project.run("key", "add", "intern", "--groups", "sales")
        found = []
        for mode in ("text", "vector", "hybrid"):
            document = ask(project, "which question about boats", "--mode", mode, "--as", "intern", "-k", "20")
            assert document["mode"] == mode and document["searched"] == 12
            found.append([(hit["document"], hit["score"], hit["scores"]) for hit in document["results"]])
            assert all(hit[0].startswith("docs/sales/") for hit in found[-1]) and found[-1]
        assert ask(project, "boats", "--as", "intern", "--filter", "path = 'docs/sales/3.md'", "--mode", "vector")["searched"] == 1
        answers.append(found)
    assert answers[0] == answers[1]
