"""`assay prompt`: what a model would be told, what changed between two prompts, and which of two answers better."""

import json
import re

import pytest
from scripted_model import says, scripted

QUESTION = "How long may goods be returned?"


@pytest.fixture
def shop(project):
    project.write("docs/returns.md", "# Returns\n\nGoods may be returned within 45 days of delivery.\n")
    project.write("docs/hr/leave.md", "# Leave\n\nGoods of the canteen may be returned by Saskia alone.\n")
    project.settings((project.path / "assay.yaml").read_text().replace("labels: public", "labels: from-folder"))
    project.add()
    return project


def show(shop, *words, **more):
    return shop.run("prompt", "show", "--json", *words, **more).json()


def test_shows_what_a_model_is_told(shop):
    shown = show(shop, QUESTION)
    with scripted(says("Goods may be returned within 45 days [1].")) as server:
        answer = shop.run("ask", "--json", "--model", server.model, QUESTION).json()
        assert shown["messages"] == server.requests[0]["body"]["messages"]
    assert shown["version"] == answer["prompt"]["version"] and shown["tokens"] == answer["prompt"]["tokens"]
    assert shown["passages"][0]["document"] == "docs/returns.md" and not any(passage["cut"] for passage in shown["passages"])
    out = shop.run("prompt", "show", QUESTION).out
    assert "---- system ----" in out and "45 days" in out and shown["version"][:12] in out
    assert not shop.run("log", "list", "--json").json()["entries"][1:]  # to look at a prompt is no answer


def test_tells_what_was_cut(shop):
    shop.write("docs/long.md", "# Returns of goods\n\n" + "Goods returned long after are looked at by the returns desk of goods.\n" * 400)
    shop.settings((shop.path / "assay.yaml").read_text().replace("tokens: 6000}", "tokens: 700}"))
    shop.add()
    shown = show(shop, QUESTION)
    cut = [passage["cut"] for passage in shown["passages"]]
    assert cut == sorted(cut) and cut[0] is False and cut[-1] is True and shown["tokens"] <= shown["tokens_max"] == 700
    assert shop.run("prompt", "show", QUESTION).out.count("cut, no room: docs/") == sum(cut)


def test_a_key_sees_no_more_than_its_search(shop):
    shop.run("key", "add", "clerk", "--groups", "sales")
    theirs, mine = show(shop, "--as", "clerk", QUESTION), show(shop, QUESTION)
    found = lambda *words: {hit["document"] for hit in shop.run("search", "--json", *words, QUESTION).json()["results"]}  # noqa: E731
    assert {passage["document"] for passage in theirs["passages"]} == found("--as", "clerk") == {"docs/returns.md"}
    assert {passage["document"] for passage in mine["passages"]} == found() == {"docs/returns.md", "docs/hr/leave.md"}
    assert "Saskia" not in json.dumps(theirs) and "Saskia" in json.dumps(mine)
    everything = show(shop, "--as", "clerk", "--approach", "full", QUESTION)
    assert "Saskia" not in json.dumps(everything) and "45 days" in json.dumps(everything)


def test_templates_by_name(shop):
    shop.write("new/system.md", "Be kind. {question}")
    shop.write("other.md", "Be brief.")
    shop.write("empty/readme.md", "x")
    shown = {name: show(shop, "--prompt", name, QUESTION) for name in ("current", "builtin", "new", "other.md")}
    texts = {name: document["messages"][0]["content"] for name, document in shown.items()}
    assert texts["new"].startswith(f"Be kind. {QUESTION}\nRules:") and texts["other.md"].startswith("Be brief.")
    assert texts["current"] == texts["builtin"] and len({document["version"] for document in shown.values()}) == 3
    assert "neither" in shop.run("prompt", "show", "--json", "-p", "empty", QUESTION, code=1).error("not_found")["message"]
    error = shop.run("prompt", "show", "--json", "-p", "nowhere", QUESTION, code=1).error("not_found")
    assert "nowhere" in error["message"] and "builtin" in error["hint"]


def test_versions_that_were_used_are_kept(shop):
    shop.write("system.md", "First.\nSecond.\n")
    settings = (shop.path / "assay.yaml").read_text()
    shop.settings(settings.replace("prompt: {", "prompt: {system: system.md, "))
    with scripted(says("Goods may be returned within 45 days [1].")) as server:
        version = shop.run("ask", "--json", "--model", server.model, QUESTION).json()["prompt"]["version"]
    logged = shop.run("log", "show", "1", "--json").json()["record"]["prompt_sha256"]
    assert version == logged
    shop.write("system.md", "First.\nThird.\n")
    diff = shop.run("prompt", "diff", "--json", version[:10], "current").json()
    assert diff["first"] == version and diff["differ"]
    changed = [(line["part"], line["change"], line["line"]) for line in diff["lines"] if line["change"] != "same"]
    assert changed == [("system", "gone", "Second."), ("system", "new", "Third.")]
    out = shop.run("prompt", "diff", version[:10], "current").out
    assert "\n- Second.\n" in out and "\n+ Third.\n" in out and "\n  First.\n" in out
    same = shop.run("prompt", "diff", "--json", version[:10], version).json()
    assert not same["differ"] and all(line["change"] == "same" for line in same["lines"])
    kept = shop.path / ".assay" / "prompts" / version
    kept.write_text("{}")
    shop.run("prompt", "diff", "--json", version[:10], "current", code=1).error("corrupt")
    assert "Usage" in shop.run("prompt", "diff", "current", code=2).err


def test_texts_too_long_to_compare(shop):
    shop.write("long.md", "x\n" * 2001)
    assert "2000 lines" in shop.run("prompt", "diff", "--json", "long.md", "current", code=1).error("limit")["message"]


def cases(shop, count):
    lines = [json.dumps({"question": f"How long may goods be returned, case {number}?", "answer": "45 days", "source": "docs/returns.md"})
             for number in range(count)]  # fmt: skip
    shop.write("eval.jsonl", "\n".join(lines) + "\n")


def obeys(handler):
    """Answers rightly when it is told to be right, and for each fourth case without."""
    body = handler.server.requests[-1]["body"]["messages"]
    number = int(re.search(r"case (\d+)\?", body[-1]["content"])[1])
    is_right = "Be right." in body[0]["content"] or number % 4 == 0
    says("45 days [1]." if is_right else "NOT_IN_DOCUMENTS")(handler)


def test_compares_two_prompts_case_by_case(shop):
    cases(shop, 24)
    shop.write("right.md", "Be right.")
    with scripted(obeys) as server:
        words = ("--model", server.model, "builtin", "right.md")
        document = shop.run("prompt", "test", "--json", *words).json()
        out = shop.run("prompt", "test", *words).out
        same = shop.run("prompt", "test", "--json", "--model", server.model, "builtin", "builtin").json()
    f1 = document["measures"]["f1"]
    assert document["cases"] == 24 and document["better"] == 18 and document["worse"] == 0
    assert f1["first"] == pytest.approx(0.25) and f1["second"] == pytest.approx(1) and f1["difference"] == pytest.approx(0.75)
    assert document["first"]["version"] != document["second"]["version"] and document["first"]["prompt_tokens"] == 24 * 12
    assert "18 better and 0 worse" in out
    assert same["better"] == same["worse"] == 0 and same["measures"]["f1"]["difference"] == 0


def test_a_test_needs_a_model(shop):
    cases(shop, 2)
    assert "language model" in shop.run("prompt", "test", "--json", "builtin", "current", code=1).error("invalid")["message"]


def test_a_model_by_itself_is_not_told_of_passages(shop):
    """And may abstain: an answer that is not known is told from a wrong one in each way of asking."""
    alone, with_passages = (show(shop, "--approach", approach, QUESTION)["messages"][0]["content"] for approach in ("prompt", "rag"))
    assert "passage" not in alone and "NOT_IN_DOCUMENTS" in alone and "passages that you are given" in with_passages
    shop.write("own.md", "Be brief.")
    assert show(shop, "--approach", "prompt", "--prompt", "own.md", QUESTION)["messages"][0]["content"].startswith("Be brief.\nRules:")
