"""`assay decide` tells what runs the approach that won, and each command that it names does; limits that rule an approach out are named wherever it is told."""

import json
import random
import re

import pytest
from decide_problems import FOUR, Problem, make, make_built_in
from models import FOLDER, needed
from test_report import Page


def decided(assay, folder, *words, **more):
    report = assay("decide", "--json", *words, cwd=folder, **more).json()
    page = Page((folder / f".assay/runs/{report['run']}/report.html").read_text(encoding="utf-8")).said()
    return report, page


def commands(sentence):
    return [command.split() for command in re.findall(r"`assay ([^`]+)`", sentence)]


def arms_of(report):
    return {arm["name"]: arm for arm in report["arms"]}


def test_a_limit_that_rules_out_is_named(assay, tmp_path):
    folder = make_built_in(assay, tmp_path / "shop", "limits: {cost_per_month: 100}\n")
    report, page = decided(assay, folder)
    verdict, rag = report["verdict"], arms_of(report)["rag"]
    assert verdict["approach"] == "none" and "next" not in verdict
    assert rag["standing"] == "out of limits" and rag["meets"] == {"cost_per_month": False}
    wanted = rag["ruled_out_by"]
    assert re.fullmatch(r"cost_per_month 100 \(it takes 240(\.\d)?, 240 of it people's hours of upkeep\)", wanted)
    assert any("rag scores" in reason and f"is ruled out by {wanted}." in reason for reason in verdict["reasons"]), verdict["reasons"]
    assert any("`people: {hour: 0}` in prices.yaml" in change and "rag" in change for change in verdict["would_change_if"])
    (check,) = [check for check in report["checks"] if check["check"] == "a limit of cost that can be kept"]
    assert not check["ok"] and "120 at the least" in check["message"]
    assert f"Ruled out by {wanted}" in page and f"is ruled out by {wanted}." in page
    shown = assay("decide", cwd=folder).out
    assert re.search(r"^rag +0\..*\n +ruled out by cost_per_month 100 \(it takes 240", shown, re.M), shown
    (folder / "prices.yaml").write_text("people: {hour: 0}\n")
    report, page = decided(assay, folder)
    assert report["verdict"]["approach"] == "hybrid" and "ruled_out_by" not in arms_of(report)["rag"] and "uled out" not in page
    assert all(check["check"] != "a limit of cost that can be kept" for check in report["checks"])


def test_each_limit_in_words(assay, tmp_path):
    problem = Problem("knowledge gap", "rag", None, cases=12)
    folder = make(assay, tmp_path / "shop", problem, "limits: {citations: required}\n")
    with problem.serve() as server:
        report, page = decided(assay, folder, "--model", server.model, "--all")
    assert arms_of(report)["prompt"]["ruled_out_by"] == "citations (too few of its answers name their sources)"
    assert "citations not kept" in page and "Ruled out by citations (" in page


def test_next_of_a_form(assay, tmp_path):
    """No command answers so; what gets there is named, and is there."""
    folder = make_built_in(assay, tmp_path / "shop")
    report, page = decided(assay, folder)
    said = report["verdict"]["next"]
    assert report["verdict"]["approach"] == "hybrid" and said.startswith("No command answers so") and said in page
    assert ["tune", "writer", "examples.jsonl"] in commands(said)
    assert "--hosted NAME" in assay("help", "decide").out and "--tuned NAME" in assay("help", "decide").out
    assay("tune", "writer", "examples.jsonl", "--help", cwd=folder)
    shown = assay("decide", "--apply", cwd=folder).out
    assert f"Next: {said}" in shown and "assay.yaml is as it was. No command answers so" in shown


@needed
def test_next_of_labels(assay, tmp_path):
    env = {"ASSAY_MODELS": str(FOLDER.parent)}
    rng = random.Random(3)
    texts = {"ok": ["fine", "good", "works", "pleased"], "fault": ["broken", "torn", "leaks", "cracked"]}
    lines = [(f"The {thing} {rng.choice(texts[label])} since day {number}", label)
             for number in range(90) for thing in ["lamp"] for label in [["ok", "fault"][number % 2]]]  # fmt: skip
    assay("init", "--quiet", cwd=tmp_path)
    (tmp_path / "examples.jsonl").write_text("".join(json.dumps({"input": text, "output": label}) + "\n" for text, label in lines[:60]))
    (tmp_path / "eval.jsonl").write_text("".join(json.dumps({"question": text, "answer": label}) + "\n" for text, label in lines[60:]))
    report, _ = decided(assay, tmp_path, env=env)
    assert report["verdict"]["approach"] == "tune", report["verdict"]["reasons"]
    assert commands(report["verdict"]["next"])[:2] == [["tune", "classify", "examples.jsonl"], ["classify", '"TEXT"']]
    assay("tune", "classify", "examples.jsonl", cwd=tmp_path, env=env)
    assert "fault" in assay("classify", "The kettle leaks since day 4", cwd=tmp_path, env=env).out


class InSchema(Problem):
    """A model that keeps the form where it is held to it, and not otherwise."""

    def case(self, number, seed):
        case = super().case(number, seed)
        return {**case, "answer": {"kind": "days", "reply": case["answer"]}}

    def say(self, body):
        number = self.find(body["messages"][-1]["content"].split("Question:")[-1])
        answer = self.cases[number]["answer"]
        return json.dumps(answer) if "response_format" in body else f"That would be {answer['reply']}."


@pytest.mark.parametrize("own", [False, True])
def test_next_of_a_schema(assay, tmp_path, own):
    """The form of the examples is kept as a schema that `assay ask` takes."""
    problem = InSchema("form", "prompt", None, cases=40)
    folder = make(assay, tmp_path / "shop", problem)
    lines = [{"input": f"Spare part {number}, please?", "output": json.dumps({"kind": ["days", "weeks"][number % 2], "reply": f"{number} days"})} for number in range(40)]
    (folder / "examples.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines))
    if own:
        schema = {"type": "object", "properties": {"kind": {"type": "string"}, "reply": {"type": "string"}}, "required": ["kind", "reply"], "additionalProperties": False}
        (folder / "form.json").write_text(json.dumps(schema))
        (folder / "assay.yaml").write_text((folder / "assay.yaml").read_text().replace("answer: strict", "schema: form.json"))
    with problem.serve() as server:
        report, _ = decided(assay, folder, "--model", server.model, "--apply")
        said = report["verdict"]["next"]
        assert report["verdict"]["approach"] == "prompt", report["verdict"]["reasons"]
        file = str(folder / ("form.json" if own else f".assay/runs/{report['run']}/schema.json"))
        assert ["ask", "--schema", file] in commands(said)
        settings = (folder / "assay.yaml").read_text()
        assert "approach: prompt\n" in settings and f"model: {server.model}\n" in settings
        case = problem.cases[3]
        answer = assay("ask", "--json", "--schema", file, case["question"], cwd=folder).json()["answer"]
        assert json.loads(answer) == case["answer"]


def test_next_of_what_ask_does(assay, tmp_path):
    problem = FOUR[1]()
    folder = make(assay, tmp_path / "shop", problem)
    with problem.serve() as server:
        report, _ = decided(assay, folder, "--model", server.model)
        said = report["verdict"]["next"]
        assert f"`approach: rag`, `model: {server.model}`" in said and ["decide", "--apply"] in commands(said)
        settings = dict(re.findall(r"`(approach|model|prompt): ([^`]+)`", said))
        (folder / "assay.yaml").write_text("embedding: none\n" + "".join(f"{key}: {value}\n" for key, value in settings.items()))
        case = problem.cases[3]
        assert case["answer"] in assay("ask", "--json", case["question"], cwd=folder).json()["answer"]


def test_cases_that_are_right_in_part(assay, tmp_path):
    """Two of three fields are right in each case: that is no third of cases that are wrong."""
    assay("init", "--quiet", cwd=tmp_path)
    things, towns = ["tent", "stove", "lamp", "rope"], ["Leeds", "York", "Derby"]
    rows = [(f"Please send {number} {things[number % 4]}s to {towns[number % 3]}, for order {number}.", {"item": things[number % 4], "quantity": number, "town": towns[number % 3]}) for number in range(3, 75)]
    (tmp_path / "examples.jsonl").write_text("".join(json.dumps({"input": text, "output": json.dumps(output)}) + "\n" for text, output in rows[:48]))
    (tmp_path / "eval.jsonl").write_text("".join(json.dumps({"input": text, "answer": output}) + "\n" for text, output in rows[48:]))
    report, _ = decided(assay, tmp_path)
    tune = arms_of(report)["tune"]
    assert 0 < tune["score"] < 1 and tune["exact"] == 0
    assert f"right in part in some cases: its score, {tune['score']:.2f}, is the mean." in report["verdict"]["reasons"][0]
