"""What has changed since a measurement: documents, questions, prompts, and what the provider answers, each told apart from the others."""

import json
import math
import shutil

import pytest

from conftest import Assay
from decide_problems import Problem
from models import FOLDER, needed
from scripted_model import completion, scripted


class Talker:
    """A model whose answers can be made other ones."""

    def __init__(self):
        self.suffix, self.name, self.unsteady, self.asked = "", "scripted-1", 0, 0

    def step(self, handler):
        self.asked += 1
        body = handler.server.requests[-1]["body"]
        text = f"{len(body['messages'][-1]['content'])} days{self.suffix}"
        if self.unsteady and self.asked % self.unsteady == 0:
            text = f"{self.asked} weeks"
        handler.reply(200, {**completion(text), "model": self.name})


@pytest.fixture(scope="module")
def talker():
    return Talker()


@pytest.fixture(scope="module")
def server(talker):
    with scripted(talker.step) as running:
        yield running


@pytest.fixture(scope="module")
def measured(server, talker, tmp_path_factory):
    """A project with a run of `assay eval`, which all tests start from."""
    assay = Assay()
    folder = tmp_path_factory.mktemp("drift") / "project"
    folder.mkdir()
    assay("init", "--quiet", cwd=folder)
    problem = Problem("drift", "rag", None, cases=24)
    problem.write(folder, f"model: {server.model}\n")
    assay("add", cwd=folder)
    assay("eval", cwd=folder)
    return folder, problem


def look(assay, folder, *words, code=0):
    return json.loads(assay("drift", "--json", *words, cwd=folder, code=code).out)


def test_nothing_has_changed(assay, measured, talker):
    folder, _ = measured
    report = look(assay, folder, "--ask", "8")
    assert report["drifted"] == [] and report["since"] == "0001"
    assert {part: report[part]["state"] for part in ("index", "dataset", "prompt", "provider")} == {
        "index": "same", "dataset": "unknown", "prompt": "same", "provider": "same"}  # fmt: skip
    assert report["provider"]["asked"] == 8 and report["provider"]["changed"] == 0
    assert "Since run 0001" in assay("drift", "--ask", "0", cwd=folder).out


def test_eval_asks_once(assay, measured, talker):
    folder, _ = measured
    before = talker.asked
    assay("eval", cwd=folder)
    assert talker.asked == before
    assay("eval", "--anew", cwd=folder)
    assert talker.asked == before + 24


def test_documents(assay, measured):
    folder, problem = measured
    path = folder / problem.cases[0]["source"]
    path.write_text(path.read_text() + "\nOne more line.\n")
    (folder / problem.cases[1]["source"]).unlink()
    report = look(assay, folder, "--since", "1", "--ask", "0", code=3)
    assert report["drifted"] == ["index"]
    assert (report["index"]["files_changed"], report["index"]["files_gone"]) == (1, 1)
    assert "assay add" in report["index"]["says"][0]
    assay("add", cwd=folder)
    index = look(assay, folder, "--since", "1", "--ask", "0", code=3)["index"]
    assert index["documents"] == {"before": 24, "now": 23, "added": 0, "changed": 1, "removed": 1}
    assert index["retrieval"]["cases"] == 24 and index["retrieval"]["recall@10"] == [1, pytest.approx(23 / 24)]


def test_prompt(assay, measured):
    folder, _ = measured
    settings = folder / "assay.yaml"
    before = settings.read_text()
    (folder / "system.md").write_text("Answer as a pirate.")
    settings.write_text(before.replace("prompt: {tokens: 1800}", "prompt: {tokens: 1800, system: system.md}"))
    report = look(assay, folder, "--ask", "0", "--since", "1", code=3)
    settings.write_text(before)
    assert "prompt" in report["drifted"] and report["prompt"]["templates"]["before"] != report["prompt"]["templates"]["now"]
    assert report["provider"]["state"] == "unknown" and report["provider"]["says"] == ["The model was not asked."]


def test_provider(assay, measured, talker):
    folder, _ = measured
    talker.suffix = " and a half"
    report = look(assay, folder, "--ask", "10", code=3)
    assert "provider" in report["drifted"] and (report["provider"]["changed"], report["provider"]["unsteady"]) == (10, 0)
    assert report["provider"]["chance"] == pytest.approx(0.5**10, rel=1e-4)
    talker.suffix, talker.name = "", "scripted-2"
    report = look(assay, folder, "--ask", "3", code=3)
    assert report["provider"]["model"] == {"before": "scripted-1", "now": "scripted-2"} and report["provider"]["changed"] == 0
    talker.name = "scripted-1"


def test_a_model_that_is_never_the_same_has_not_drifted(assay, measured, talker):
    folder, _ = measured
    talker.unsteady = 1
    provider = look(assay, folder, "--ask", "12", code=None)["provider"]
    talker.unsteady = 0
    assert provider["changed"] == provider["unsteady"] == 12 and provider["state"] == "unknown"
    assert "too little to tell" in provider["says"][-1]


def test_few_requests_tell_nothing(assay, measured, talker):
    folder, _ = measured
    assert look(assay, folder, "--ask", "4", code=None)["provider"]["state"] == "unknown"
    assert look(assay, folder, "--ask", "5", code=None)["provider"]["state"] == "same"


def test_questions(assay, measured):
    folder, problem = measured
    lines = [f"How many days may a customer keep the {case['thing']} number {number}, please?" for number, case in enumerate(problem.cases)]
    (folder / "same.txt").write_text("\n".join(lines))
    assert look(assay, folder, "--ask", "0", "--questions", "same.txt", code=None)["dataset"]["state"] == "same"
    others = [f"Who painted the portrait of lady {word} in Vienna?" for word in "a b c d e f g h i j k l m n o p q r s t u v w x y z".split()]
    (folder / "other.txt").write_text("\n".join(others))
    dataset = look(assay, folder, "--ask", "0", "--questions", "other.txt", code=3)["dataset"]
    assert dataset["state"] == "drifted" and dataset["unlike"] == dataset["questions"] == 26 and dataset["interval"][0] > 0.8
    tests, beyond, asked = dataset["tests"], dataset["tests"] // 20, dataset["questions"]
    assert dataset["chance"] == pytest.approx(math.comb(asked + beyond, beyond) / math.comb(asked + tests, tests), rel=1e-4)
    assert len(dataset["farthest"]) == 5 and "portrait" in dataset["farthest"][0]["question"]


def test_the_log_has_questions_and_labels_a_mix(assay, tmp_path):
    assay("init", "--quiet", cwd=tmp_path)
    kinds = {"parcel": "Where is my parcel with number {}?", "refund": "When is the refund of order {} paid?"}
    cases = [{"question": text.format(100 + i), "answer": kind, "tags": [kind]} for i in range(15) for kind, text in kinds.items()]
    (tmp_path / "docs").mkdir()
    (tmp_path / "docs" / "a.md").write_text("# Parcels\n\nA parcel takes two days.\n")
    (tmp_path / "assay.yaml").write_text("embedding: none\n")
    (tmp_path / "eval.jsonl").write_text("".join(json.dumps(case) + "\n" for case in cases))
    assay("add", cwd=tmp_path)
    first = json.loads(assay("drift", "--json", cwd=tmp_path).out)
    assert first["since"] is None and first["kept"] == "0001"
    for i in range(22):
        assay("ask", f"When is the refund of order {500 + i} paid?", cwd=tmp_path, code=None)
    for word in ("Anna", "Berta", "Clara"):
        assay("ask", f"Who painted the portrait of lady {word} in Vienna?", cwd=tmp_path, code=None)
    dataset = look(assay, tmp_path, "--ask", "0", code=3)["dataset"]
    assert dataset["questions"] == 25 and dataset["state"] == "drifted"
    assert {far.get("entry") for far in dataset["farthest"]} >= {23, 24, 25} and "Vienna" not in json.dumps(dataset)
    assert dataset["label_chance"] < 0.01 and dataset["labels"]["refund"] > 0.3 > 0 > dataset["labels"]["parcel"]


def test_damaged_and_missing_states(assay, measured):
    folder, _ = measured
    path = folder / ".assay" / "runs" / "0001" / "state.json"
    whole = path.read_text()
    for damaged in (whole[: len(whole) // 2], "{}", whole.replace('"count":24', '"count":-1'), whole.replace('"count":24', '"count":99')):
        path.write_text(damaged)
        error = json.loads(assay("drift", "--json", "--since", "1", cwd=folder, code=1).out)["error"]
        assert "state.json" in error["message"]
    path.write_text(whole)
    assert json.loads(assay("drift", "--json", "--since", "77", cwd=folder, code=1).out)["error"]["kind"] == "not_found"
    assert "--every" in assay("drift", "--every", "never", cwd=folder, code=2).err


def test_another_server_with_a_model_of_that_name(assay, measured, talker, tmp_path):
    folder = tmp_path / "project"
    shutil.copytree(measured[0], folder)
    cache = folder / ".assay" / "cache" / "answers.jsonl"
    other = Talker()
    with scripted(other.step) as second:
        before = talker.asked, len(cache.read_text().splitlines())
        assay("eval", "--model", second.model, cwd=folder)
        assert (talker.asked, other.asked) == (before[0], 24)
        assay("eval", "--model", second.model, cwd=folder)
        assert other.asked == 24 and len(cache.read_text().splitlines()) == before[1] + 24
        assert look(assay, folder, "--model", second.model, "--ask", "100", code=None)["provider"]["asked"] == 24
        assert (talker.asked, other.asked) == (before[0], 72)
    lines = [json.loads(line) for line in cache.read_text().splitlines()]
    assert len({line["server"] for line in lines}) == 2 and second.model.split("#")[0] in lines[-1]["server"]


# ---- a tuned model ----


def tickets(first, last, labels=("delivery", "account")):
    """Texts of two kinds, told apart by their words."""
    words = {"delivery": "the parcel to {} has not arrived", "account": "I cannot log in with password {}", "tools": "the drill number {} overheats"}
    return "text,label\n" + "".join(f"{words[label].format(label[:2] + str(i))},{label}\n" for i in range(first, last) for label in labels)


@pytest.fixture(scope="module")
def desk(tmp_path_factory):
    assay = Assay()
    folder = tmp_path_factory.mktemp("tuned") / "project"
    folder.mkdir()
    assay("init", "--quiet", cwd=folder)
    (folder / "data.csv").write_text(tickets(0, 40))
    assay("tune", "classify", "data.csv", "--model", str(FOLDER), "--name", "desk", "--method", "head", "--quiet", cwd=folder, timeout=300)
    return folder


def aged(assay, folder, *words, code=0):
    report = look(assay, folder, "--adapter", "desk", *words, code=code)
    return report, {part: report[part]["state"] for part in ("data", "base", "inputs", "fresh")}


@needed
def test_tuned_model_is_as_it_was(assay, desk):
    report, states = aged(assay, desk)
    assert states == {"data": "same", "base": "same", "inputs": "unknown", "fresh": "unknown"} and report["task"] == "classify"
    (desk / "fresh.csv").write_text(tickets(40, 70))
    report, states = aged(assay, desk, "--fresh", "fresh.csv")
    assert states == {"data": "same", "base": "same", "inputs": "same", "fresh": "same"} and report["drifted"] == []
    assert report["fresh"]["cases"] == 60 and report["fresh"]["accuracy"][1] > 0.9 and report["inputs"]["label_distance"] < 1e-9
    assert "Since desk was trained" in assay("drift", "--adapter", "desk", "--fresh", "fresh.csv", cwd=desk).out


@needed
def test_what_it_learned_is_not_fresh(assay, desk):
    """Its own examples say nothing of what is new to it: they are left out, and that is told."""
    (desk / "fresh.csv").write_text(tickets(30, 70))
    report, states = aged(assay, desk, "--fresh", "fresh.csv")
    assert (report["fresh"]["cases"], report["fresh"]["learned"]) == (60, 20) and states["fresh"] == "same"
    assert report["fresh"]["says"] == ["20 fresh examples are left out: it has learned from them."]
    (desk / "fresh.csv").write_text(tickets(0, 40))
    report, states = aged(assay, desk, "--fresh", "fresh.csv")
    assert states["fresh"] == "unknown" and "Too few fresh examples: 0" in report["fresh"]["says"][0] and report["fresh"]["learned"] == 80


@needed
def test_other_things_come_in(assay, desk):
    """Another kind that it was never told of: other texts, another mix, and answers that are wrong."""
    (desk / "fresh.csv").write_text(tickets(40, 60, ("tools", "delivery")))
    report, states = aged(assay, desk, "--fresh", "fresh.csv", code=3)
    assert report["drifted"] == ["inputs", "fresh"] and states["data"] == "same"
    assert report["inputs"]["labels"] == {"account": pytest.approx(-0.5), "delivery": pytest.approx(0), "tools": pytest.approx(0.5)}
    assert report["inputs"]["share"] > 0.3 and "tune again desk" in report["fresh"]["says"][0]
    assert report["fresh"]["accuracy"][1] <= 0.55 and report["fresh"]["change_interval"][1] < 0
    (desk / "asked.jsonl").write_text("".join(json.dumps({"text": f"the drill number {i} overheats"}) + "\n" for i in range(30)))
    report, _ = aged(assay, desk, "--questions", "asked.jsonl", code=3)
    assert report["drifted"] == ["inputs"] and report["inputs"]["unlike"] == 30


@needed
def test_grown_data(assay, desk):
    before = (desk / "data.csv").read_text()
    (desk / "data.csv").write_text(tickets(0, 45))
    report, states = aged(assay, desk, code=3)
    (desk / "data.csv").write_text(before)
    assert report["drifted"] == ["data"] and "90 examples: `assay tune again desk`" in report["data"]["says"][0]


@needed
def test_data_are_read_by_the_recipe(assay, desk):
    """Records that could be read in two ways: the words that it learned from are those that --format named."""
    rows = [line.split(",") for line in tickets(0, 40).splitlines()[1:]]
    (desk / "two.jsonl").write_text("".join(json.dumps({"text": f"a {i}", "label": "b", "input": text, "output": label}) + "\n" for i, (text, label) in enumerate(rows)))
    words = ["--format", "input-output", "--model", str(FOLDER), "--method", "head", "--name", "two", "--quiet"]
    assay("tune", "classify", "two.jsonl", *words, cwd=desk, timeout=300)
    (desk / "asked.txt").write_text("\n".join(line.split(",")[0] for line in tickets(40, 60).splitlines()[1:]))
    inputs = look(assay, desk, "--adapter", "two", "--questions", "asked.txt")["inputs"]
    assert inputs["state"] == "same" and sorted(inputs["labels"]) == ["account", "delivery"]


@needed
def test_a_tokenizer_that_cannot_be_read_has_not_changed(assay, desk, tmp_path):
    for name in ("model.safetensors", "config.json"):
        (tmp_path / name).symlink_to(FOLDER / name)
    path = desk / ".assay" / "adapters" / "desk" / "provenance.json"
    before = path.read_text()
    path.write_text(before.replace(json.loads(before)["base"]["folder"], str(tmp_path)))
    report, states = aged(assay, desk)
    path.write_text(before)
    assert states["base"] == "unknown" and report["base"]["says"][0].startswith("The tokenizer of its base cannot be read: ")


@pytest.mark.parametrize("words", [("--since", "1"), ("--tests", "eval.jsonl"), ("--model", "builtin"), ("--ask", "0")])
def test_what_is_for_a_project_is_refused_beside_an_adapter(assay, measured, words):
    error = assay("drift", "--adapter", "desk", *words, cwd=measured[0], code=2).err
    assert f"{words[0]} is for the project" in error and "--fresh" in error


def test_no_such_tuned_model(assay, measured):
    folder, _ = measured
    assert "there is no adapter" in assay("drift", "--adapter", "none", "--json", cwd=folder, code=1).error("not_found")["message"]
    assert "--adapter NAME" in assay("drift", "--fresh", "x.csv", cwd=folder, code=2).err
