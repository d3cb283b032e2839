"""`assay eval --draft`: test cases from the documents, with and without a language model."""

import json

import pytest

from scripted_model import completion, fails, scripted

DOCUMENTS = {
    "label.md": "# Labels\n\nThe label for Portugal costs €9.50. Goods may be sent back by customers within 30 days after delivery.\n",
    "parcel.md": "# Parcels\n\nA parcel for the boxes may weigh 10 kg at the most. Boxes are green and stand in front of many shops.\n",
    "prose.md": "# Prose\n\nThere is nothing to count in this document, which tells of hills and of rivers and of little else.\n",
}


@pytest.fixture
def project(assay, tmp_path):
    (tmp_path / "docs").mkdir()
    for name, text in DOCUMENTS.items():
        (tmp_path / "docs" / name).write_text(text, encoding="utf-8")
    assay("init", cwd=tmp_path)
    (tmp_path / "assay.yaml").write_text("embedding: none\n")
    assay("add", "docs", "--no-embed", cwd=tmp_path)
    return tmp_path


def lines(text):
    return [json.loads(line) for line in text.splitlines()]


def test_without_a_model(assay, project):
    made = assay("eval", "--draft", "10", cwd=project)
    drafts = lines(made.out)
    assert "3 drafts from 2 documents" in made.err
    by_answer = {draft["answer"]: draft for draft in drafts}
    assert set(by_answer) == {"€9.50", "30 days", "10 kg"}
    assert by_answer["€9.50"]["question"] == "What does the label for Portugal cost?" and by_answer["€9.50"]["tags"] == ["draft"]
    assert by_answer["30 days"]["tags"] == ["draft", "gap"] and "30 days" not in by_answer["30 days"]["question"]
    for draft in drafts:
        text = DOCUMENTS[draft["source"].removeprefix("docs/")]
        assert draft["quote"] in text and draft["answer"] in draft["quote"]
    assert assay("eval", "--draft", "10", cwd=project).out == made.out
    (project / "eval.jsonl").write_text(made.out, encoding="utf-8")
    assert json.loads(assay("eval", "--json", cwd=project).out)["cases"] == 3
    told = assay("eval", "--draft", "10", cwd=project).err
    assert "0 drafts from 0 documents; left out: 3 like another text" in told and "Read and mend" not in told
    again = json.loads(assay("eval", "--draft", "10", "--json", cwd=project).out)
    assert again["drafts"] == [] and again["alike"] == 3


def test_nothing_to_draft(assay, project):
    for name in ("label.md", "parcel.md"):
        (project / "docs" / name).unlink()
    assay("add", "docs", "--no-embed", cwd=project)
    made = assay("eval", "--draft", "3", cwd=project)
    assert made.out == "" and "nothing to draft" in made.err and "a quantity and its unit" in made.err and "Read and mend" not in made.err
    (project / "docs" / "label.md").write_text(DOCUMENTS["label.md"].replace("within 30 days ", "for a while "), encoding="utf-8")
    assay("add", "docs", "--no-embed", cwd=project)
    assert "1 draft from 1 document;" in assay("eval", "--draft", "3", cwd=project).err


def test_evenly(assay, project):
    assert {draft["source"] for draft in lines(assay("eval", "--draft", "2", cwd=project).out)} == {"docs/label.md", "docs/parcel.md"}


def test_examples_are_left_out(assay, project):
    (project / "examples.jsonl").write_text(json.dumps({"input": "What does the label for Portugal cost?", "output": "x"}) + "\n")
    assert "€9.50" not in {draft["answer"] for draft in lines(assay("eval", "--draft", "10", cwd=project).out)}


def test_with_a_model(assay, project):
    def says(handler):
        passage = handler.server.requests[-1]["body"]["messages"][-1]["content"]
        if "Portugal" in passage:
            reply = 'Gladly: {"question": "How much must I pay for postage?", "answer": "€9.50"}'
        elif "boxes" in passage:
            reply = '{"question": "Which colour have they?", "answer": "blue"}'
        else:
            reply = "no idea"
        handler.reply(200, completion(reply))

    with scripted(says) as server:
        made = json.loads(assay("eval", "--draft", "5", "--json", "--model", server.model, cwd=project).out)
    assert [draft["answer"] for draft in made["drafts"]] == ["€9.50"] and made["drafts"][0]["source"] == "docs/label.md"
    assert made["refused"] == 2 and made["failed"] == 0 and made["documents"] == 1


def test_a_model_that_fails(assay, project):
    with scripted(fails(400, "broken")) as server:
        assert "broken" in assay("eval", "--draft", "5", "--model", server.model, cwd=project, code=1).err


@pytest.mark.parametrize("form", [[], ["--json"]])
def test_a_model_that_stops_midway(assay, project, form):
    """What was drafted until then is printed: it was paid for."""

    def says(handler):
        body = handler.server.requests[-1]["body"]["messages"][-1]["content"]
        if any("€9.50" in request["body"]["messages"][-1]["content"] for request in handler.server.requests[:-1]):
            fails(429, "no more today", Retry_After="3600")(handler)
        elif "Portugal" in body:
            handler.reply(200, completion('{"question": "How much must I pay for postage?", "answer": "€9.50"}'))
        else:
            handler.reply(200, completion("no idea"))

    with scripted(says) as server:
        made = assay("eval", "--draft", "5", "--model", server.model, *form, cwd=project, code=1)
    drafts = json.loads(made.out)["drafts"] if form else lines(made.out)
    assert [draft["answer"] for draft in drafts] == ["€9.50"] and "no more today" in made.err


def test_wrong_use(assay, project):
    assert "--draft" in assay("eval", "--draft", "0", cwd=project, code=2).err
    assert "--draft goes with" in assay("eval", "--draft", "3", "--sweep", "retrieve", cwd=project, code=2).err


def test_what_is_not_in_force_is_left_out(assay, project):
    """Of two editions the newer one gives drafts, and so does what stands alone; what a head says to be over gives none, and minutes of two months both do."""
    text = "# Rules of the shop\n\nA customer who bought a tent may send it back to the shop within {} days after delivery.\n"
    for name, days, head in [("handbook_v1.md", 14, ""), ("handbook_v2.md", 21, ""), ("offer.md", 33, "---\nvalid_until: 2020-12-31\n---\n"), ("old-rule.md", 44, "---\nstatus: superseded\n---\n")]:
        (project / "docs" / name).write_text(head + text.format(days).replace("tent", f"tent of kind{days}"), encoding="utf-8")
    assay("add", "docs", "--no-embed", cwd=project)
    made = assay("eval", "--draft", "20", cwd=project)
    assert {draft["answer"] for draft in lines(made.out)} == {"€9.50", "30 days", "10 kg", "21 days"}
    assert "3 documents that are not in force" in made.err
    assert json.loads(assay("eval", "--draft", "20", "--json", cwd=project).out)["out_of_force"] == 3
