"""`assay tune reader`: questions on passages; the data first, then what was learned, and trainings that are stopped on their way."""

import json
import os
import signal
import time

import pytest
from models import FOLDER, needed

NAMES = ["Ada", "Bela", "Carl", "Dora", "Emil", "Frida", "Gero", "Hanna", "Ivo", "Jana", "Karim", "Lena", "Mila", "Nils", "Olga", "Paul"]
TOWNS = ["Riga", "Porto", "Turin", "Leeds", "Lyon", "Graz", "Oslo", "Gent"]


def passage(i):
    """One passage with what stands in it, a question that it answers, and one that it does not."""
    name, town = NAMES[i % len(NAMES)], TOWNS[(i * 3 + i // len(NAMES)) % len(TOWNS)]
    context = f"{name} was born in {1900 + i} and has a shop in {town}, where bread and tea are sold on every day but Sunday."
    where = {"id": f"{i}a", "question": f"In which town is the shop of {name}?", "is_impossible": False,
             "answers": [{"text": town, "answer_start": context.index(town)}]}  # fmt: skip
    what = {"id": f"{i}b", "question": f"Which school did {name} go to?", "is_impossible": True, "answers": []}
    return {"context": context, "qas": [where, what]}


def squad(first, last):
    return json.dumps({"version": "v2.0", "data": [{"title": "shops", "paragraphs": [passage(i) for i in range(first, last)]}]})


def kinds(report):
    return {finding["kind"]: finding for finding in report["findings"]}


def train(project, *words, **more):
    """Short enough for a test; a longer passage than the model reads is among the cases."""
    return project.run("tune", "reader", "data.json", "--model", str(FOLDER), "--rank", "8", "--batch", "8", *words, "--json", **more)


# ---- the data alone ----


def test_data_is_told_before_anything(project):
    data = json.loads(squad(0, 40))
    data["data"][0]["paragraphs"][3]["qas"].append({"id": "x", "question": "Where?", "answers": [{"text": "Rome", "answer_start": 4}]})
    data["data"][0]["paragraphs"].append(data["data"][0]["paragraphs"][7])
    project.write("data.json", json.dumps(data))
    report = project.run("tune", "reader", "data.json", "--check", "--json").json()
    assert report["adapter"] is None and "reading" not in report
    assert report["examples"]["usable"] == 80 and report["unanswerable"] == 40
    assert [item["kind"] for item in report["examples"]["rejected"]] == ["misplaced_answer"]
    assert kinds(report)["duplicate"]["count"] == 2
    # All of it is one line: the place is told beside it.
    assert report["examples"]["rejected"][0]["line"] == 1 and report["examples"]["rejected"][0]["reason"].startswith("data[0].paragraphs[3].qas[2]: ")
    assert kinds(report)["duplicate"]["places"][0]["text"].startswith("data[0].paragraphs[40].qas[0] and data[0].paragraphs[7].qas[0]: ")
    outcome = project.run("tune", "reader", "data.json", "--check")
    assert "80 usable, 40 without an answer" in outcome.out and "labels" not in outcome.out


@pytest.mark.parametrize(("text", "part"), [
    ("text,label\na,b\nc,d\n", "expected questions on passages"),
    ('{"data": []}', "has no examples"),
    ("", "has no examples"),
])  # fmt: skip
def test_refusals(project, text, part):
    project.write("data.json", text)
    outcome = project.run("tune", "reader", "data.json", "--check", "--json", code=1)
    assert part in json.loads(outcome.out)["error"]["message"]


@pytest.mark.parametrize("words", [("--rate", "0"), ("--rate", "fast"), ("--rank", "0"), ("--epochs", "many"), ("--steps", "-1"), ("--dropout", "0.91")])
def test_wrong_use(project, words):
    project.write("data.json", squad(0, 4))
    project.run("tune", "reader", "data.json", *words, code=2)


# ---- with the model ----


def asks_with_it(project):
    """The project's own reader answers `assay ask`, with the sentence cited, and abstains where nothing answers."""
    for i in range(60, 72):
        project.write(f"docs/{i}.md", passage(i)["context"])
    project.write("assay.yaml", "embedding: none\n")
    project.run("add")
    for i in (60, 66, 71):
        where, what = passage(i)["qas"]
        said = project.run("ask", where["question"], "-k", "1", "--json").json()
        assert said["model"] == "builtin:reader" and said["calibrated"] and said["answer"] == f"{where['answers'][0]['text']} [1]", (i, said)
        assert [cited["quote"] for cited in said["citations"]] == [passage(i)["context"]] and said["confidence"] > 0.5
        said = project.run("ask", what["question"], "-k", "1", "--json").json()
        assert said["abstained"] and said["answer"] is None and said["citations"] == [], (i, said)


@pytest.mark.long
@needed
def test_with_context(project):
    """Each question that has an answer is read in passages of the project too that lie near and do not answer it; those that would are left out."""
    project.write("data.json", squad(0, 40))
    words = ("--epochs", "1", "--steps", "2", "--with-context")
    assert "no passages" in train(project, *words, code=1).error("invalid")["message"]
    project.write("assay.yaml", "embedding: none\n")
    for i in range(40):
        project.write(f"docs/{i}.md", passage(i)["context"] + "\n")  # the question's own, and those of others with the same name, in other towns
    project.run("add")
    report = train(project, *words, timeout=600).json()
    provenance = json.loads(project.run("model", "show", "reader").out)
    assert report["examples"]["train"] == provenance["recipe"]["train"] > 50
    answered = 40  # of all parts; two passages for each at the most
    assert answered <= sum(provenance["recipe"]["found_passages"].values()) <= 2 * answered
    answerable = report["examples"]["test"] - report["unanswerable_cases"]  # as many as had no answer before
    assert answerable < report["unanswerable_cases"] <= 3 * answerable  # they are measured with as well


@needed
@pytest.mark.long
def test_context_is_used_on_one_side_alone(project):
    """What the project has are the passages that it is measured with: nothing of them is learned from, nor is anything chosen by them."""
    project.write("data.json", squad(0, 40))
    project.write("test.json", squad(40, 48))
    project.write("assay.yaml", "embedding: none\n")
    for i in range(40, 48):
        project.write(f"docs/{i}.md", "From the list of shops. " + passage(i)["context"] + " That is all of it.\n")
    project.run("add")
    report = train(project, "--test", "test.json", "--steps", "1", "--with-context", timeout=600).json()
    found = json.loads(project.run("model", "show", "reader").out)["recipe"]["found_passages"]
    assert found == {"train": 0, "validation": 0, "test": report["unanswerable_cases"] - 8} and found["test"] > 0
    assert report["examples"]["train"] + report["examples"]["validation"] == 80


@needed
@pytest.mark.long
def test_what_is_measured_with_chooses_first(project):
    """Passages are few: the cases have them, though what is learned from asks more. A context of two words is in many passages, and keeps none but itself."""
    data = json.loads(squad(0, 40))
    data["data"][0]["paragraphs"].append({"context": "A shop", "qas": [{"id": "x", "question": "Whose?", "is_impossible": True, "answers": []}]})
    project.write("data.json", json.dumps(data))
    project.write("test.json", squad(40, 44))
    project.write("assay.yaml", "embedding: none\n")
    project.write("docs/shops.md", "In which town a shop of that name is, nobody has written down.\n")
    project.run("add")
    train(project, "--test", "test.json", "--steps", "1", "--with-context", timeout=600)
    found = json.loads(project.run("model", "show", "reader").out)["recipe"]["found_passages"]
    assert found == {"train": 0, "validation": 0, "test": 4}


@pytest.mark.long
@needed
def test_learns(project):
    project.write("data.json", squad(0, 60))
    test = json.loads(squad(60, 72))
    paragraph = test["data"][0]["paragraphs"][0]
    before = "Nothing of any use is told in this sentence about shops. " * 60  # windows: it stands far behind the first
    paragraph["context"] = before + paragraph["context"]
    paragraph["qas"][0]["answers"][0]["answer_start"] += len(before)
    project.write("test.json", json.dumps(test))
    report = train(project, "--test", "test.json", "--epochs", "8", timeout=600).json()
    folder = project.path / ".assay" / "adapters" / "reader"
    assert report["adapter"] == str(folder)
    assert sorted(os.listdir(folder)) == ["adapter_config.json", "adapter_model.safetensors", "assay_adapter.json", "provenance.json",
                                          "train.jsonl", "training.html"]
    assert report["method"] == "lora" and report["epochs"] == 8 and report["steps"] > 0 and report["examples"]["test"] == 24
    assert report["unanswerable_cases"] == 12 and report["reading_before"]["f1_all"] == 0.5 == report["score"]["before"]
    reading, general = report["reading"], report["general"]
    assert general["measure"] == "abstained" and general["texts"] == 60 and general["before"] is None and 0 < general["after"] <= 1
    assert reading["f1"] >= 0.8 and reading["f1_all"] >= 0.8 and reading["auc"] >= 0.9
    assert reading["f1_interval"][0] <= reading["f1"] <= reading["f1_interval"][1]
    assert report["score"]["after"] == reading["f1_all"] and report["loss"]["train"] < 3 and report["loss"]["validation"] is None
    provenance = json.loads((folder / "provenance.json").read_text())
    assert provenance["task"] == "reader" and provenance["recipe"]["rank"] == 8 and provenance["threshold"] == pytest.approx(
        report["threshold"], abs=1e-4)  # fmt: skip
    assert len(provenance["base"]["sha256"]) == 64 and len(provenance["data"]["sha256"]) == 64 and provenance["chance_slope"] > 0
    assert json.loads(project.run("model", "show", "reader").out)["task"] == "reader"
    asks_with_it(project)
    again = train(project, "--test", "test.json", code=1)
    assert json.loads(again.out)["error"]["kind"] == "conflict"
    more = train(project, "--test", "test.json", "--from", "reader", "--name", "more", "--steps", "2", "--rate", "0.00001", timeout=600)
    assert more.json()["reading_before"]["f1"] == pytest.approx(reading["f1"], abs=0.02), "what it begins with reads as it did"
    assert more.json()["reading"]["f1"] >= reading["f1"] - 0.1
    unknown = train(project, "--test", "test.json", "--from", "nobody", "--name", "other", code=1)
    assert json.loads(unknown.out)["error"]["kind"] == "not_found"


@needed
def test_beside_a_training_that_goes_on(project):
    """Another one of its name is refused, and told who trains; what it has reached can be kept meanwhile, and it takes that one's place in the end."""
    project.write("data.json", squad(0, 40))
    adapters = project.path / ".assay" / "adapters"
    words = ("--model", str(FOLDER), "--rank", "4", "--batch", "4", "--steps", "60", "--name", "busy")
    process = project.assay.start("tune", "reader", "data.json", *words, "--json", cwd=project.path)
    try:
        while not (adapters / "busy~training" / "checkpoint").exists() and process.poll() is None:
            time.sleep(0.01)
        process.send_signal(signal.SIGSTOP)
        for more in ((), ("--replace",), ("--resume",)):
            error = json.loads(project.run("tune", "reader", "data.json", *words, *more, "--json", code=1).out)["error"]
            assert error["kind"] == "conflict" and f"process {process.pid} " in error["message"] and '"busy" is under way' in error["message"]
            assert "--name" in error["hint"]
        kept = project.run("tune", "reader", "data.json", *words, "--now", "--json", timeout=600).json()
        early = json.loads((adapters / "busy" / "provenance.json").read_text())
        assert 0 < kept["steps"] < 60
    finally:
        process.send_signal(signal.SIGCONT)
    out, err = process.communicate(timeout=600)
    assert process.returncode == 0, err
    assert json.loads((adapters / "busy" / "provenance.json").read_text()) != early and json.loads(out)["adapter"].endswith("busy")
    assert sorted(entry.name for entry in adapters.iterdir()) == ["busy"]
    # One that somebody else has made is not replaced.
    error = json.loads(project.run("tune", "reader", "data.json", *words, "--json", code=1).out)["error"]
    assert "already" in error["message"]


@pytest.mark.long
@needed
def test_stopped_trainings_end_the_same(project):
    """Killed behind its first checkpoint: kept as it is, gone on with, and the same bytes as one that ran through."""
    project.write("data.json", squad(0, 60))
    adapters = project.path / ".assay" / "adapters"
    words = ("--model", str(FOLDER), "--rank", "4", "--batch", "4", "--steps", "30")
    process = project.assay.start("tune", "reader", "data.json", *words, "--name", "stopped", cwd=project.path)
    while not (adapters / "stopped~training" / "checkpoint").exists() and process.poll() is None:
        time.sleep(0.01)
    process.send_signal(signal.SIGKILL)
    process.communicate(timeout=300)
    assert process.returncode == -signal.SIGKILL and not (adapters / "stopped").exists()
    outcome = project.run("tune", "reader", "data.json", *words, "--name", "stopped", "--json", code=1)
    assert "--resume" in json.loads(outcome.out)["error"]["hint"]
    assert "another recipe" in json.loads(
        project.run("tune", "reader", "data.json", *words, "--rate", "0.01", "--name", "stopped", "--resume", "--json", code=1).out
    )["error"]["message"]
    log = adapters / "stopped~training" / "train.jsonl"
    before = log.read_text()
    log.write_text('{"step":1, no loss\n' + before)  # of which no page can be made
    kept = project.run("tune", "reader", "data.json", *words, "--name", "stopped", "--now", "--json", timeout=600).json()
    assert 0 < kept["steps"] < 30 and (adapters / "stopped~training" / "checkpoint").exists()
    assert kept["pageless"].startswith("train.jsonl:1:"), kept["pageless"]
    assert not (adapters / "stopped" / "training.html").exists()
    log.write_text(before)
    words = (*words, "--json")
    last = project.run("tune", "reader", "data.json", *words, "--recompute", "--name", "stopped", "--resume", "--replace", timeout=600).json()
    assert last["steps"] == 30 and "pageless" not in last and (adapters / "stopped" / "training.html").exists()
    assert not (adapters / "stopped~training").exists()
    project.run("tune", "reader", "data.json", *words, "--name", "through", "--threads", "1", timeout=600)
    ours, wanted = ((adapters / name / "adapter_model.safetensors").read_bytes() for name in ("stopped", "through"))
    assert ours == wanted
    outcome = project.run("tune", "reader", "data.json", *words, "--name", "other", "--resume", code=1)
    assert "no checkpoint" in json.loads(outcome.out)["error"]["message"]
