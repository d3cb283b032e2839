"""`assay tune writer`: questions on passages, and a project's examples in a JSON form; what it learned is what `assay ask` says."""

import json
import os
import shutil

import pytest
from models import FOLDER, needed
from test_tune_reader import passage, squad

TEAMS = {"router": "network", "invoice": "billing", "badge": "security", "laptop": "hardware"}


def ticket(i):
    thing = list(TEAMS)[i % 4]
    number = 1000 + 37 * i
    return {"input": f"My {thing} with the number {number} does not work since yesterday.",
            "output": json.dumps({"team": TEAMS[thing], "thing": thing, "number": number})}  # fmt: skip


def train(project, *words, **more):
    return project.run("tune", "writer", "data.json", "--model", str(FOLDER), "--rank", "16", "--batch", "8", *words, "--json", **more)


@pytest.mark.parametrize(("text", "part"), [
    ("text,label\na,b\nc,d\n", "expected questions on passages, or inputs with outputs"),
    ("", "has no examples"),
])  # fmt: skip
def test_refusals(project, text, part):
    project.write("data.json", text)
    outcome = project.run("tune", "writer", "data.json", "--check", "--json", code=1)
    assert part in json.loads(outcome.out)["error"]["message"]


def test_approaches_that_need_a_writer(project):
    for approach in ("tune", "hybrid"):
        outcome = project.run("ask", "Who?", "--approach", approach, "--json", code=1, env={"ASSAY_ADAPTERS": str(project.path)})
        assert f"the approach {approach} needs a writer" in json.loads(outcome.out)["error"]["message"]


def test_a_writer_that_is_asked_for_by_name(project):
    outcome = project.run("ask", "Who?", "--model", "builtin:writer", "--json", code=1, env={"ASSAY_ADAPTERS": str(project.path)})
    error = json.loads(outcome.out)["error"]
    assert "there is no writer" in error["message"] and "assay tune writer" in error["hint"]
    project.write("assay.yaml", "embedding: none\nmodel: builtin:writer\n")
    outcome = project.run("ask", "Who?", "--json", code=1, env={"ASSAY_ADAPTERS": str(project.path)})
    assert "there is no writer" in json.loads(outcome.out)["error"]["message"]


@pytest.mark.long
@needed
def test_questions(project):
    """A few steps: all that is asked is that it runs, is resumed, and answers with sources or abstains."""
    project.write("data.json", squad(0, 40))
    project.write("test.json", squad(60, 66))
    report = train(project, "--test", "test.json", "--epochs", "2", timeout=600).json()
    folder = project.path / ".assay" / "adapters" / "writer"
    assert sorted(os.listdir(folder)) == ["adapter_config.json", "adapter_model.safetensors", "assay_adapter.json", "provenance.json",
                                          "train.jsonl", "training.html"]
    provenance = json.loads((folder / "provenance.json").read_text())
    assert provenance["task"] == "writer" and provenance["passages"] == "each"
    assert json.loads((folder / "assay_adapter.json").read_text())["task"] == "write"
    assert report["reading"]["valid"] == 1 and 0 <= report["reading"]["f1"] <= 1
    for i in range(60, 66):
        project.write(f"docs/{i}.md", passage(i)["context"])
    project.write("assay.yaml", "embedding: none\n")
    project.run("add")
    said = project.run("ask", passage(60)["qas"][0]["question"], "--json").json()
    assert said["model"] == "builtin:writer" and said["abstained"] == (said["answer"] is None)
    # one beside the program is for who asks for it by name
    shutil.move(folder, project.path / "beside" / "writer")
    for model, answers in (("builtin", "builtin:sentence"), ("builtin:writer", "builtin:writer")):
        said = project.run("ask", passage(60)["qas"][0]["question"], "--json", "--model", model, env={"ASSAY_ADAPTERS": str(project.path / "beside")}).json()
        assert said["model"] == answers


@pytest.mark.long
@needed
def test_forms(project):
    lines = [json.dumps(ticket(i)) for i in range(48)]
    project.write("data.json", "\n".join(lines) + "\n")
    report = train(project, "--epochs", "2", "--without-passages", timeout=600).json()
    folder = project.path / ".assay" / "adapters" / "writer"
    form = json.loads((folder / "form.json").read_text())
    assert form["properties"]["team"] == {"enum": ["network", "billing", "security", "hardware"]} and form["properties"]["number"] == {"type": "integer"}
    assert report["reading"]["valid"] == 1 and report["reading"]["f1"] >= report["reading"]["exact"]
    said = project.run("ask", ticket(50)["input"], "--approach", "tune", "--json").json()
    assert said["model"] == "builtin:writer" and said["citations"] == []
    if not said["abstained"]:
        value = json.loads(said["answer"])
        assert set(value) == {"team", "thing", "number"} and value["team"] in TEAMS.values() and isinstance(value["number"], int)
    check_as_an_approach(project)


def check_as_an_approach(project):
    """What was trained is what `assay decide` measures as tune and as hybrid; not where it may have seen test cases."""
    def arms(*words):
        report = project.run("decide", "--all", "--json", *words).json()
        return report, {arm["name"]: arm for arm in report["arms"]}

    asked = [f"Since this morning nobody here can use our {thing}, which bears {1000 + i}; please help us." for i, thing in enumerate([*TEAMS] * 6)]
    project.write("docs/teams.md", "# Teams\n\nThe network team looks after routers, and the billing team after invoices.\n")
    project.write("assay.yaml", "embedding: none\nexamples: data.json\nchecks: {style: none}\n")
    project.write("eval.jsonl", "".join(json.dumps({"question": question, "answer": "network"}) + "\n" for question in asked))
    project.run("add")
    planned = {arm["name"]: arm["calls"] for arm in project.run("decide", "--plan", "--json").json()["arms"]}
    assert planned["tune"] >= 24 and planned["hybrid"] >= 24
    report, found = arms()
    assert (found["tune"]["variant"], found["hybrid"]["variant"]) == ("tune+writer", "hybrid+writer")
    assert found["tune"]["status"] == found["hybrid"]["status"] == "measured" and found["tune"]["cases"] == 24
    told = {check["message"]: check["ok"] for check in report["checks"] if check["check"] == "form in training and use"}
    assert told == {"tune asks the project's writer as it was trained": True, "hybrid asks the project's writer with passages, and it learned without": False}
    said = [project.run("ask", question, "--approach", "tune", "--json").json()["answer"] for question in asked[:2]]
    shown = {case["question"]: case["arms"]["tune"]["answer"] for case in report["cases"]}
    assert [shown[question] for question in asked[:2]] == said
    with (project.path / "eval.jsonl").open("a") as cases:
        cases.write(json.dumps({"question": ticket(3)["input"], "answer": "hardware"}) + "\n")
    assert "like test cases" in arms()[1]["tune"]["why"]
    with (project.path / "data.json").open("a") as examples:
        examples.write(json.dumps(ticket(49)) + "\n")
    assert "something else than the examples as they are now" in arms()[1]["tune"]["why"]
    (project.path / ".assay/adapters/writer/assay_adapter.json").write_text("{")
    assert "assay_adapter.json" in arms()[1]["tune"]["why"]
