"""`assay tune rerank` and `assay tune embed`: pairs of questions and texts, what is learned of them, and searches that use it."""

import json
import os
import signal
import time

import pytest
from models import FOLDER, needed
from test_tune import table

NAMES = ["Ada", "Bela", "Carl", "Dora", "Emil", "Frida", "Gero", "Hanna", "Ivo", "Jana", "Karim", "Lena", "Mila", "Nils", "Olga", "Paul"]
TOWNS = ["Riga", "Porto", "Turin", "Leeds", "Lyon", "Graz", "Oslo", "Gent"]


def pair(i):
    """A question whose answer looks less like it than what does not answer it."""
    name, town = NAMES[i % len(NAMES)], TOWNS[(i * 3 + i // len(NAMES)) % len(TOWNS)]
    question = f"In which town is the shop {i} of {name}?"
    return {
        "query": question,
        "positives": [f"{name} sells bread in {town}, at number {i}."],
        "negatives": [f"Nobody knows in which town the shop {i} of {name} is.", f"The shop {i} of {name} is closed on Sunday."],
    }


def lines(first, last, without=()):
    rows = [{key: value for key, value in pair(i).items() if key not in without} for i in range(first, last)]
    return "".join(json.dumps(row) + "\n" for row in rows)


def train(project, kind, *words, rank=4, **more):
    return project.run("tune", kind, "pairs.jsonl", "--model", str(FOLDER), "--rank", str(rank), *words, "--json", **more)


# ---- the data alone ----


@pytest.mark.parametrize("kind", ["rerank", "embed"])
def test_data_is_told_before_anything(project, kind):
    project.write("pairs.jsonl", lines(0, 60) + '{"query": "Where?"}\n')
    report = project.run("tune", kind, "pairs.jsonl", "--check", "--json").json()
    assert report["adapter"] is None and "ranking" not in report
    assert [item["reason"] for item in report["examples"]["rejected"]] == ['"positives" is missing']
    outcome = project.run("tune", kind, "pairs.jsonl", "--check")
    assert "nDCG" not in outcome.out


@pytest.mark.parametrize("kind", ["rerank", "embed"])
@pytest.mark.parametrize("text", ["text,label\na,b\nc,d\n", '{"input": "a", "output": "b"}\n'])
def test_other_data_is_refused(project, kind, text):
    project.write("pairs.jsonl", text)
    outcome = project.run("tune", kind, "pairs.jsonl", "--check", "--json", code=1)
    error = json.loads(outcome.out)["error"]
    assert "expected questions with texts that answer them" in error["message"] and "positives" in error["hint"]


def test_questions_that_hang_together_are_told_before_the_training(project):
    """Nearly the same ones stay on one side of the split: of one group nothing can be held out, however many there are."""
    project.write("pairs.jsonl", "".join(json.dumps({"query": f"what is the price of part number {i}", "positives": [f"It costs {i} euros."]}) + "\n" for i in range(60)))
    checked = project.run("tune", "embed", "pairs.jsonl", "--check", "--json").json()
    (finding,) = [finding for finding in checked["findings"] if finding["blocks"]]
    assert finding["kind"] == "undivided" and "form 1 group" in finding["message"] and "add some that differ" in finding["remedy"]
    error = train(project, "embed", code=1).error("invalid")
    assert "form 1 group" in error["message"] and "add some that differ" in error["hint"]


@pytest.mark.parametrize("words", [("--rate", "0"), ("--negatives", "0"), ("--epochs", "many")])
def test_wrong_use(project, words):
    project.write("pairs.jsonl", lines(0, 4))
    project.run("tune", "rerank", "pairs.jsonl", *words, code=2)


# ---- without a reranker ----


def test_there_is_no_reranker(project):
    project.settings("embedding: none\n")
    project.write("docs/a.md", "Bread is sold here.\n")
    project.run("add")
    error = json.loads(project.run("search", "bread", "--rerank", "--json", code=1).out)["error"]
    assert error["kind"] == "not_found" and "there is no reranker" in error["message"] and "tune rerank" in error["hint"]
    assert project.run("search", "bread").err == ""
    project.settings("embedding: none\nretrieve: {rerank: true}\n")
    outcome = project.run("search", "bread", "--json")
    assert outcome.json()["results"][0]["scores"]["rerank"] is None
    assert "there is no reranker" in outcome.err and "tune rerank" in outcome.err


# ---- with the model ----


def reranks(project):
    for i in range(40, 48):
        row = pair(i)
        project.write(f"docs/{i}.md", row["positives"][0])
        for number, text in enumerate(row["negatives"]):
            project.write(f"docs/{i}-{number}.md", text)
    project.settings("embedding: none\nretrieve: {rerank_weight: 1}\n")
    project.run("add")
    before = after = 0
    for i in range(44, 48):
        plain = project.run("search", pair(i)["query"], "--json", "-k", "5").json()
        found = project.run("search", pair(i)["query"], "--rerank", "--json", "--explain", "-k", "5").json()
        before += "-" not in plain["results"][0]["document"]
        after += "-" not in found["results"][0]["document"]
        scores = [hit["scores"]["rerank"] for hit in found["results"]]
        assert scores == sorted(scores, reverse=True) and all(0 <= score <= 1 for score in scores)
        assert len(scores) == 5 and all(hit["scores"]["rerank"] is None for hit in plain["results"])
        assert found["timings"]["rerank_ms"] > 0 and plain["mode"] == found["mode"]
    assert before == 0 and after >= 3, (before, after)  # what repeats the question tells nothing
    asked = project.run("ask", pair(41)["query"], "--rerank", "--json").json()
    assert asked["timings"]["rerank_ms"] > 0
    project.settings("embedding: none\nretrieve: {rerank: true, rerank_candidates: 2, rerank_weight: 1}\n")
    outcome = project.run("search", pair(42)["query"], "--json", "-k", "6")
    assert [hit["scores"]["rerank"] is None for hit in outcome.json()["results"]] == [False] * 2 + [True] * 4 and outcome.err == ""


@pytest.mark.long
@needed
def test_reranker_learns(project):
    project.write("pairs.jsonl", lines(0, 60))
    report = train(project, "rerank", "--epochs", "3", "--batch", "8", timeout=600).json()
    folder = project.path / ".assay" / "adapters" / "reranker"
    assert report["adapter"] == str(folder) and report["mined"] == "given" and report["texts"] == 180
    assert sorted(os.listdir(folder)) == ["adapter_config.json", "adapter_model.safetensors", "assay_adapter.json", "held.txt",
                                          "provenance.json", "train.jsonl", "training.html"]
    after, low, high = report["ranking"]["ndcg@10"]
    assert after >= 0.9 and low <= after <= high and report["score"]["after"] == after
    assert report["score"]["before"] == report["ranking_before"]["ndcg@10"][0] < after
    assert report["ranking_change"]["ndcg@10"][0] == pytest.approx(after - report["score"]["before"], abs=1e-4)
    provenance = json.loads((folder / "provenance.json").read_text())
    general = report["general"]
    assert general == provenance["scores"]["general"] and general["measure"] == "recall@1" and general["before"] > 0.9 and 0 <= general["after"] <= 1
    assert provenance["task"] == "rerank" and provenance["recipe"]["negatives"] == 7 and len(provenance["data"]["sha256"]) == 64
    assert provenance["scores"]["after"]["ndcg@10"][0] == pytest.approx(after, abs=1e-4)
    reranks(project)


@needed
def test_a_reranker_begins_with_another_adapter(project):
    project.write("pairs.jsonl", lines(0, 60))
    words = ["--steps", "2", "--batch", "8"]
    error = json.loads(train(project, "rerank", "--from", "builtin:reader", *words, code=1).out)["error"]
    assert "has rank 64" in error["message"] and "64" in error["hint"], error
    error = json.loads(train(project, "rerank", "--from", "nothing", *words, code=1).out)["error"]
    assert error["kind"] == "not_found" and "builtin:reader" in error["hint"], error
    train(project, "rerank", "--from", "builtin:reader", *words, rank=64)
    provenance = json.loads((project.path / ".assay" / "adapters" / "reranker" / "provenance.json").read_text())
    assert provenance["recipe"]["from"] == "builtin:reader" and provenance["recipe"]["rank"] == 64
    train(project, "rerank", "--from", "reranker", *words, "--name", "other", rank=64)


@pytest.mark.long
@needed
def test_embedding_learns_and_is_used(project):
    """The vectors are another model's afterwards; the project says so until they are made anew."""
    project.write("pairs.jsonl", lines(0, 60))
    project.write("docs/a.md", "Bread is sold here.\n")
    project.settings(f"embedding: {FOLDER}\n")
    project.run("add")
    before = project.run("search", "bread", "--json").json()["results"][0]["scores"]["vector"]
    report = train(project, "embed", "--epochs", "6", "--batch", "16", "--matryoshka", "32,64", "--dora", timeout=600).json()
    assert [part["width"] for part in report["widths"]] == [32, 64]
    assert all(0 < part["before"] <= 1 and 0.9 <= part["after"] <= 1 for part in report["widths"])
    shown = json.loads(project.run("model", "show", "embed").out)
    assert shown["recipe"]["widths"] == [32, 64]
    assert shown["scores"]["widths"] == report["widths"]
    assert report["mined"] == "given" and report["texts"] == 180
    assert report["score"] == {"before": report["ranking_before"]["recall@10"][0], "after": report["ranking"]["recall@10"][0],
                               "interval": report["ranking"]["recall@10"][1:]}  # fmt: skip
    assert report["ranking_before"]["mrr@10"][0] < 0.4, "what repeats the question is nearer to it than what answers it"
    assert report["ranking"]["mrr@10"][0] > 0.7 and report["ranking_change"]["mrr@10"][0] > 0.5
    assert report["ranking_change"]["mrr@10"][1:] == [None, None]  # six questions bear no interval
    config = json.loads((project.path / ".assay/adapters/embed/adapter_config.json").read_text())
    assert config["task_type"] == "FEATURE_EXTRACTION" and config["use_dora"] and shown["recipe"]["dora"]
    general = report["general"]
    assert general["measure"] == "recall@1" and general["texts"] == 60 and general["before"] > 0.8 and 0.3 < general["after"] <= 1
    project.settings("embedding: .assay/adapters/embed\n")
    outcome = project.run("search", "bread", "--json")
    assert outcome.json()["mode"] == "text" and 'not those of model "embed"' in outcome.json()["note"]
    project.run("add")
    found = project.run("search", "bread", "--json").json()
    score = found["results"][0]["scores"]["vector"]
    assert found["mode"] == "hybrid" and score not in (None, before)
    merges(project, score)


def merges(project, score):
    """One model of base and adapter, which finds what the two did."""
    folder = project.path / "models" / "shop"
    assert project.run("model", "merge", "embed", str(folder), "--json").json() == {"adapter": "embed", "folder": str(folder)}
    assert {"config.json", "model.safetensors", "modules.json", "tokenizer.json"} <= set(os.listdir(folder))
    assert "is there already" in project.run("model", "merge", "embed", str(folder), "--json", code=1).error("conflict")["message"]
    project.settings("embedding: shop\n")
    project.run("add")
    assert project.run("search", "bread", "--json").json()["results"][0]["scores"]["vector"] == pytest.approx(score, abs=0.01)
    assert '"other"' in project.run("model", "merge", "other", "x", "--json", code=1).error("not_found")["message"]


@pytest.mark.long
@needed
def test_stopped_trainings_end_the_same(project, kind="embed"):
    project.write("pairs.jsonl", lines(0, 50, without=("negatives",)))
    adapters = project.path / ".assay" / "adapters"
    words = ("--model", str(FOLDER), "--rank", "4", "--batch", "4", "--steps", "12")
    process = project.assay.start("tune", kind, "pairs.jsonl", *words, "--name", "stopped", cwd=project.path)
    while not (adapters / "stopped~training" / "checkpoint").exists() and process.poll() is None:
        time.sleep(0.01)
    process.send_signal(signal.SIGKILL)
    process.communicate(timeout=300)
    assert process.returncode == -signal.SIGKILL and not (adapters / "stopped").exists()
    outcome = project.run("tune", kind, "pairs.jsonl", *words, "--name", "stopped", "--json", code=1)
    assert "--resume" in json.loads(outcome.out)["error"]["hint"]
    words = (*words, "--json")
    report = project.run("tune", kind, "pairs.jsonl", *words, "--name", "stopped", "--resume", timeout=600).json()
    assert report["steps"] == 12 and report["mined"] == "texts" and report["texts"] == 50
    assert not (adapters / "stopped~training").exists()
    project.run("tune", kind, "pairs.jsonl", *words, "--name", "through", "--threads", "1", timeout=600)
    ours, wanted = ((adapters / name / "adapter_model.safetensors").read_bytes() for name in ("stopped", "through"))
    assert ours == wanted


@needed
def test_parts_of_vectors_are_named_rightly(project):
    project.write("pairs.jsonl", lines(0, 50))
    words = ("tune", "embed", "pairs.jsonl", "--model", str(FOLDER), "--json", "--matryoshka")
    for wrong in ("", "64,32", "64,64", "0", "a", "1,2,3,4,5,6,7,8,9"):
        assert "rising numbers" in project.run(*words, wrong, code=2).error("invalid")["message"]
    error = project.run(*words, "64,384", code=1, timeout=300).error("invalid")
    assert "384 numbers is asked for, of vectors of 384" in error["message"]


@needed
@pytest.mark.long
def test_a_learning_rate_is_found(project):
    """From a thousandth of the usual rate to a hundred times it; nothing is kept."""
    project.write("pairs.jsonl", lines(0, 50))
    words = ("tune", "embed", "pairs.jsonl", "--model", str(FOLDER), "--rank", "4", "--batch", "8", "--find-rate")
    told = project.run(*words, "--json", timeout=600).json()
    rates, losses = zip(*told["learning_rate"]["tried"], strict=True)
    assert told["adapter"] is None and list(rates) == sorted(rates) and len(rates) > 60
    assert rates[0] == pytest.approx(3e-7, rel=1e-3) and told["learning_rate"]["usual"] == pytest.approx(3e-4)
    assert rates[0] < told["learning_rate"]["suggested"] < rates[-1] and min(losses) < 0.9 * losses[0]
    if project.assay.sanitized:
        return  # the same steps again, told otherwise
    outcome = project.run(*words, timeout=600)
    assert "Suggested: " in outcome.out and "####" in outcome.out
    assert not (project.path / ".assay" / "adapters").exists()
    project.write("data.csv", table())
    error = project.run("tune", "classify", "data.csv", "--model", str(FOLDER), "--method", "head", "--find-rate", "--json", code=1)
    assert "no learning rate" in error.error("invalid")["message"]
