"""`assay eval` and `assay decide` on form: JSON, schema, fields, style; checks of single test cases."""

import json

import pytest

from scripted_model import completion, fails, scripted

TICKETS = {
    "The zip of my tent broke.": '{"category": "repair", "code": 7}',
    "I want my money back.": 'Here you are: {"code": 3, "category": "refund"}',
    "Where is my parcel?": '{"category": "parcel", "code": "nine"}',
    "Do you sell maps?": "Yes, we do, dear friend, and gladly!",
}
WANTED = [{"category": "repair", "code": 7}, {"category": "refund", "code": 3}, {"category": "delivery", "code": 9}, {"category": "sales", "code": 1}]
SCHEMA = {"type": "object", "properties": {"category": {"type": "string"}, "code": {"type": "integer"}}, "required": ["category", "code"],
          "additionalProperties": False}  # fmt: skip


def says(handler):
    question = handler.server.requests[-1]["body"]["messages"][-1]["content"]
    handler.reply(200, completion(next((answer for ask, answer in TICKETS.items() if ask in question), "I cannot say.")))


@pytest.fixture
def project(assay, tmp_path):
    (tmp_path / "docs").mkdir()
    (tmp_path / "docs" / "a.md").write_text("# Tents\n\nA zip can be repaired by us within a week or so.\n")
    assay("init", cwd=tmp_path)
    assay("add", "docs", "--no-embed", cwd=tmp_path)
    (tmp_path / "ticket.schema.json").write_text(json.dumps(SCHEMA))
    cases = [{"input": text, "answer": wanted} for text, wanted in zip(TICKETS, WANTED)]
    write(tmp_path, cases)
    return tmp_path


def write(folder, cases, settings="embedding: none\nchecks: {schema: ticket.schema.json}\n"):
    (folder / "eval.jsonl").write_text("".join(json.dumps(case) + "\n" for case in cases))
    (folder / "assay.yaml").write_text(settings)


def cases(**checks):
    return [{"input": text, "answer": wanted, "checks": checks} for text, wanted in zip(TICKETS, WANTED)]


def evaluate(assay, folder, *words, **more):
    with scripted(says) as server:
        return assay("eval", "--approach", "prompt", "--model", server.model, *words, cwd=folder, **more)


def test_documents(assay, project):
    found = json.loads(evaluate(assay, project, "--json").out)
    form = found["form"]
    assert form["json"] == pytest.approx(2 / 4) and form["schema"] == pytest.approx(1 / 4)
    assert form["fields"] == pytest.approx((1 + 1 + 0 + 0) / 4)
    assert {field["path"]: (field["right"], field["cases"]) for field in form["each_field"]} == {"category": (2, 4), "code": (2, 4)}
    for name in ("json", "schema", "fields"):
        low, high = found["intervals"][name]
        assert low <= form[name] <= high
    assert found["answer"]["strict"] == 0.25 and found["answer"]["relaxed"] == 0.5
    failures = {failure["line"]: failure for failure in found["answer"]["failures"]}
    assert set(failures) == {2, 3, 4}
    assert failures[2]["why"] == "form" and failures[2]["fields"] == 1 and failures[2]["json"] == 0
    assert failures[3]["schema"] == 0 and "$.code" in failures[3]["form_fault"]
    shown = evaluate(assay, project).out
    assert "its form: " in shown and "field category: right in 2 of 4" in shown


def test_checks_of_a_case(assay, project):
    write(project, cases(schema=SCHEMA, style="none"), "embedding: none\n")
    assert json.loads(evaluate(assay, project, "--json").out)["form"]["schema"] == 0.25
    write(project, cases(schema="ticket.schema.json", answer="relaxed"), "embedding: none\n")
    found = json.loads(evaluate(assay, project, "--json").out)
    assert found["form"]["schema"] == 0.25 and [f["line"] for f in found["answer"]["failures"]] == [2, 3, 4]
    write(project, cases(answer="relaxed"), "embedding: none\n")
    found = json.loads(evaluate(assay, project, "--json").out)
    assert "schema" not in found["form"]
    assert [f["line"] for f in found["answer"]["failures"]] == [2, 3, 4]  # an object is wanted, and nothing else


def test_requirements_and_runs(assay, project):
    assert json.loads(evaluate(assay, project, "--json", "--require", "fields>=0.5, json>=0.5").out)["require"][0]["met"]
    assert "schema is" in evaluate(assay, project, "--require", "schema>=0.9", code=3).err
    assert "style" in evaluate(assay, project, "--require", "style<=0.7", code=3).err
    again = json.loads(evaluate(assay, project, "--json", "--baseline", "last").out)
    assert again["baseline"]["measures"]["schema"]["after"] == 0.25
    evaluate(assay, project, "--markdown", "out.md")
    assert "| schema |" in (project / "out.md").read_text()


def test_fields_with_long_names(assay, project):
    """Two that begin alike are two: what is too long to be told is not counted for another."""
    names = ["x" * 100 + end for end in "ab"]
    write(project, [{"input": text, "answer": dict.fromkeys(names, 1) | {"code": 7}} for text in TICKETS], "embedding: none\n")
    fields = json.loads(evaluate(assay, project, "--json").out)["form"]["each_field"]
    assert fields == [{"path": "code", "cases": 4, "right": 1}]


def test_style(assay, project):
    plain = [{"input": f"question {i}", "output": f"Dear friend, thank you for asking! Item {i} is in the shop, and gladly shown."} for i in range(12)]
    (project / "examples.jsonl").write_text("".join(json.dumps(line) + "\n" for line in plain))
    found = json.loads(evaluate(assay, project, "--json").out)
    style = found["style"]
    assert style["answers"] == 4 and style["examples"] == 12 and 0.8 < style["separation"] <= 1
    assert len(style["features"]) == 14
    effects = [abs(feature["effect"]) for feature in style["features"]]
    assert effects == sorted(effects, reverse=True)
    shown = evaluate(assay, project, "--markdown", "out.md").out
    assert "always told from them" in shown and "Style: the answers" in (project / "out.md").read_text()
    write(project, cases(style="none"))
    assert json.loads(evaluate(assay, project, "--json").out)["style"] == {}
    write(project, cases(style="examples"), "embedding: none\nchecks: {style: none}\n")
    assert json.loads(evaluate(assay, project, "--json").out)["style"]["answers"] == 4
    write(project, cases(), "embedding: none\nchecks: {style: none}\n")
    assert json.loads(evaluate(assay, project, "--json").out)["style"] == {}
    (project / "examples.jsonl").write_text("no line of JSON\n")  # read only where a case wants its style
    write(project, cases(), "embedding: none\nprompt: {examples: none}\nchecks: {style: none}\n")
    assert json.loads(evaluate(assay, project, "--json").out)["style"] == {}
    write(project, cases(), "embedding: none\nprompt: {examples: none}\n")
    with scripted(says) as server:
        failed = assay("eval", "--approach", "prompt", "--model", server.model, cwd=project, code=1)
    assert "examples" in failed.err and server.requests == []


def test_style_is_of_a_sample(assay, project):
    """Of many examples some are drawn, not the first ones, which may be of one kind."""
    outputs = ["one two three"] * 300 + [" ".join(["word"] * 30)] * 300
    (project / "examples.jsonl").write_text("".join(json.dumps({"input": f"q {i}", "output": f"{text} {i}"}) + "\n" for i, text in enumerate(outputs)))
    style = json.loads(evaluate(assay, project, "--json").out)["style"]
    words = next(feature for feature in style["features"] if feature["name"] == "words")
    assert style["examples"] == 200 and 12 < words["examples"] < 23


@pytest.mark.parametrize("checks, message", [
    ({"schema": "gone.json"}, "gone.json"),
    ({"schema": 3}, '"schema" is a number'),
    ({"answer": "best"}, "expected one of auto, exact, f1"),
    ({"style": "loud"}, "expected one of none, examples"),
])
def test_wrong_checks(assay, project, checks, message):
    write(project, cases(**checks))
    failed = evaluate(assay, project, code=1)
    assert message in failed.err and "eval.jsonl:1" in failed.err


def test_decide(assay, project):
    write(project, cases(schema=SCHEMA), "embedding: none\n")
    with scripted(says) as server:
        report = json.loads(assay("decide", "--json", "--all", "--model", server.model, cwd=project).out)
    arm = next(arm for arm in report["arms"] if arm["name"] == "prompt")
    assert arm["schema"] == pytest.approx(0.25) and arm["fields"] == pytest.approx(0.5)
    assert arm["form"] == pytest.approx(0.25) and arm["score"] == pytest.approx(0.25)
    page = (project / ".assay" / "runs" / report["run"] / "report.html").read_text()
    assert "Follows the schema" in page and "Fields right" in page


def decide(assay, project, *steps):
    with scripted(*steps or [says]) as server:
        report = json.loads(assay("decide", "--json", "--all", "--model", server.model, cwd=project).out)
    return next(arm for arm in report["arms"] if arm["name"] == "prompt")


def test_decide_counts_fields_of_no_answer(assay, project):
    def partly(handler):
        asks = "Do you sell maps?" in handler.server.requests[-1]["body"]["messages"][-1]["content"]
        fails(400, "broken")(handler) if asks else says(handler)

    write(project, cases(), "embedding: none\n")
    assert decide(assay, project, partly)["fields"] == pytest.approx((1 + 1 + 0 + 0) / 4)


def test_decide_with_a_style_of_some_cases(assay, project):
    framed = [{"input": f"question {i}", "output": f"Dear reader {i},\nit is so.\nThe desk"} for i in range(40)]
    (project / "examples.jsonl").write_text("".join(json.dumps(line) + "\n" for line in framed))

    def asked(**checks):
        return [case | {"input": f"{case['input']} {number}", "answer": "yes"} for number in range(3) for case in cases(**checks)]

    write(project, asked(), "embedding: none\nchecks: {style: none}\n")
    plain = decide(assay, project)
    assert plain.get("form") is None and plain.get("style") is None
    write(project, asked(style="examples"), "embedding: none\nchecks: {style: none}\n")
    wanted = decide(assay, project)
    assert wanted["form"] == 0 and wanted["style"] > 0.8


def test_labels(assay, project):
    """Twelve cases of three labels: two of four refunds are taken for billing, one answer is no label."""
    topics = {"billing": ["invoice", "charge", "payment", "tax"], "refund": ["money", "return", "withdrawal", "credit"], "parcel": ["box", "courier", "tracking", "address"]}
    given = {"money": "billing", "return": "Billing.", "courier": "I do not know which it is."}
    write(project, [{"input": f"A question about my {word}?", "answer": label} for label, words in topics.items() for word in words], "embedding: none\n")

    def answer(handler):
        question = handler.server.requests[-1]["body"]["messages"][-1]["content"]
        handler.reply(200, completion(next(given.get(word, label) for label, words in topics.items() for word in words if f"my {word}?" in question)))

    with scripted(answer) as server:
        words = ["eval", "--approach", "prompt", "--model", server.model]
        found = assay(*words, "--json", "--markdown", "out.md", "--require", "macro_f1>=0.7, accuracy>=0.75", cwd=project).json()
        shown = assay(*words, cwd=project).out
        missed = assay(*words, "--require", "macro_f1>=0.8", cwd=project, code=3)
    labels = found["labels"]
    assert (labels["labels"], labels["cases"], labels["no_label"]) == (3, 12, 1) and labels["accuracy"] == pytest.approx(9 / 12)
    assert labels["macro_f1"] == pytest.approx((2 * 4 / (4 + 6) + 2 * 2 / (4 + 2) + 2 * 3 / (4 + 3)) / 3)
    assert labels["macro_f1_interval"][0] < labels["macro_f1"] < labels["macro_f1_interval"][1]
    assert labels["confusions"] == [{"truth": "refund", "answer": "billing", "cases": 2}, {"truth": "parcel", "answer": None, "cases": 1}]
    assert "refund taken for billing: 2" in shown and "macro F1" in shown and "3 labels" in (project / "out.md").read_text()
    assert "macro_f1" in missed.out + missed.err
    write(project, [{"input": f"What is {n}?", "answer": f"It is number {n}"} for n in range(12)], "embedding: none\n")
    with scripted(answer) as server:
        assert "labels" not in assay("eval", "--approach", "prompt", "--model", server.model, "--json", cwd=project, code=None).json()
