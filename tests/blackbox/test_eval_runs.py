"""Runs of `assay eval` that are kept, one beside another, and summaries for build servers."""

import json
import re
import xml.etree.ElementTree as ElementTree

import pytest

NAMES = ["Aldo", "Berta", "Cyril", "Dora", "Emil", "Frida", "Gustav", "Hedda", "Ivo", "Jutta", "Karl", "Lotte"]
RETRIEVAL = ["recall@1", "recall@5", "recall@10", "mrr@10", "ndcg@10", "hit@5", "hit@10", "precision@5", "precision@10", "map"]
MEASURES = [*RETRIEVAL, "exact", "f1", "contains", "numeric", "strict", "relaxed"]


@pytest.fixture
def project(assay, tmp_path):
    """A document for each name, with a weight that is asked for."""
    assay("init", cwd=tmp_path)
    (tmp_path / "docs").mkdir()
    for i, name in enumerate(NAMES):
        write_document(tmp_path, i, f"The suitcase of {name} weighs {i + 11} kg.")
    (tmp_path / "eval.jsonl").write_text(
        "".join(json.dumps({"question": f"How much does the suitcase of {name} weigh?", "answer": f"{i + 11} kg", "source": f"docs/{i}.md"}) + "\n"
                for i, name in enumerate(NAMES)), encoding="utf-8")  # fmt: skip
    assay("add", "docs", "--no-embed", cwd=tmp_path)
    return tmp_path


def write_document(folder, i, text):
    (folder / "docs" / f"{i}.md").write_text(f"# Luggage {i}\n\n{text}\n", encoding="utf-8")


def evaluate(assay, folder, *words, **more):
    return assay("eval", "--json", "--mode", "text", *words, cwd=folder, **more).json()


def test_runs_are_kept(assay, project):
    first, second = evaluate(assay, project), evaluate(assay, project, "--no-answers")
    assert (first["run"], second["run"]) == ("0001", "0002")
    record = json.loads((project / ".assay" / "runs" / "0001" / "eval.json").read_text(encoding="utf-8"))
    assert record["format"] == 1 and len(record["cases"]) == len(NAMES)
    assert list(record["measures"]) == MEASURES
    for name in MEASURES:
        mean = sum(case[name] for case in record["cases"]) / len(NAMES)
        assert record["measures"][name] == pytest.approx(mean, abs=1e-9)
    other = json.loads((project / ".assay" / "runs" / "0002" / "eval.json").read_text(encoding="utf-8"))
    assert list(other["measures"]) == RETRIEVAL and other["model"] is None


def test_nothing_is_worse(assay, project):
    evaluate(assay, project)
    found = evaluate(assay, project, "--baseline", "last", "--require", "recall@5>=baseline, f1>=baseline-0.01")
    for change in found["baseline"]["measures"].values():
        assert change["difference"] == 0 and not change["regression"]
        assert change["detectable"] == pytest.approx(0.57794, abs=1e-4)  # of so many 6 of 12 are worse in four of five runs, and 6 chance does not explain: 2 in 2^6
    shown = assay("eval", "--mode", "text", "--baseline", "1", cwd=project).out
    assert "nothing is worse\n12 cases can show that strict alone is lower by 0.58, mostly not by less; by more where other measures change too\n" in shown
    assert found["baseline"]["worse"] == [] and found["baseline"]["cases"] == len(NAMES)
    assert all(item["met"] for item in found["require"])


def test_regressions_are_named(assay, project):
    before = evaluate(assay, project)
    assert before["answer"]["strict"] == 1
    for i, name in enumerate(NAMES[:8]):
        write_document(project, i, f"The suitcase of {name} weighs {i + 71} kg.")
    assay("add", "docs", "--no-embed", cwd=project)
    found = evaluate(assay, project, "--baseline", "1", "--require", "recall@10>=0.5", "--junit", "eval.xml", "--markdown", "eval.md", code=3)
    strict = found["baseline"]["measures"]["strict"]
    assert strict["regression"] and strict["chance"] < 0.05 and strict["interval"][1] < 0
    assert strict["before"] == 1 and strict["after"] == pytest.approx(4 / 12)
    assert strict["detectable"] == pytest.approx(0.57794, abs=1e-4)  # more than the spread asks for
    assert not found["baseline"]["measures"]["recall@10"]["regression"]
    assert [item["line"] for item in found["baseline"]["worse"] if item["measure"] == "strict"] == list(range(1, 9))
    assert evaluate(assay, project, "--baseline", "1")["baseline"]["measures"]["strict"]["regression"]  # told, and no target to miss
    outcome = assay("eval", "--mode", "text", "--baseline", "1", "--require", "strict>=baseline", cwd=project, code=3)
    assert "strict is worse than in run 1: 1.0000 before, 0.3333 now" in outcome.err and "worse, not by chance" in outcome.out
    check_junit(project / "eval.xml")
    text = (project / "eval.md").read_text(encoding="utf-8")
    assert "4 of 12 cases are right." in text and "**worse**" in text and "- met: recall@10 at least 0.5" in text


def test_what_so_many_cases_can_show(assay, project):
    """Five can show nothing, six only that nearly all are worse; of many it is their spread that counts."""
    cases = (project / "eval.jsonl").read_text(encoding="utf-8").splitlines(keepends=True)
    again = [line.replace("How much does", ask).replace("weigh?", "weighs.") for line in cases for ask in ("Tell me how much", "I want to know how much", "Say how much")]
    (project / "eval.jsonl").write_text("".join(cases + again), encoding="utf-8")
    assert evaluate(assay, project)["answer"]["strict"] == 1
    for i, name in enumerate(NAMES[:8]):
        write_document(project, i, f"The suitcase of {name} weighs {i + 71} kg.")
    assay("add", "docs", "--no-embed", cwd=project)
    strict = evaluate(assay, project, "--baseline", "1")["baseline"]["measures"]["strict"]
    assert strict["regression"] and strict["difference"] == pytest.approx(-2 / 3)
    assert strict["detectable"] == pytest.approx((1.959964 + 0.841621) * (2 / 3 * 1 / 3 * 48 / 47) ** 0.5 / 48**0.5, rel=1e-3)
    for count, detectable in ((6, pytest.approx(0.96349, abs=1e-4)), (5, None)):
        (project / "eval.jsonl").write_text("".join(cases[:count]), encoding="utf-8")
        measures = evaluate(assay, project, "--baseline", "1")["baseline"]["measures"]
        strict = measures["strict"]
        assert strict["difference"] == -1 and strict["detectable"] == detectable
        judged = {name for name, change in measures.items() if change["difference"] < 0} - set(RETRIEVAL[5:])
        assert strict["chance"] == pytest.approx(min(1, len(judged) * 2 / 2**count))  # Holm's, which is not counted in
    assert "5 cases cannot show that strict is lower, whatever they say: that takes 6\n" in assay("eval", "--mode", "text", "--baseline", "1", cwd=project).out


def check_junit(path):
    root = ElementTree.parse(path).getroot()
    suites = {suite.get("name"): suite for suite in root}
    for suite in suites.values():
        assert int(suite.get("tests")) == len(suite) and int(suite.get("failures")) == len(suite.findall("testcase/failure"))
    assert len(suites["cases"]) == 12 and suites["cases"].get("failures") == "8"
    assert suites["cases"][0].get("name") == "line 1: How much does the suitcase of Aldo weigh?"
    assert "wanted: 11 kg" in suites["cases"][0].find("failure").text
    failing = [case.get("name") for case in suites["measures"] if case.find("failure") is not None]
    assert "strict is no worse than in run 1" in failing and "recall@10 >= 0.5" not in failing


def test_hostile_texts_in_summaries(assay, project):
    hostile = 'a | <img src=x onerror=1> "quoted" ]]> & \u0007\uffff [x](https://example.com) @team `code`'
    with open(project / "eval.jsonl", "a", encoding="utf-8") as cases:
        cases.write(json.dumps({"question": hostile, "answer": hostile, "source": "docs/0.md"}) + "\n")
    evaluate(assay, project, "--junit", "eval.xml", "--markdown", "eval.md")
    names = [case.get("name") for case in ElementTree.parse(project / "eval.xml").getroot().iter("testcase")]
    assert "line 13: " + hostile.replace("\u0007", "\ufffd").replace("\uffff", "\ufffd") in names
    row = next(line for line in (project / "eval.md").read_text(encoding="utf-8").splitlines() if line.startswith("| 13 |"))
    assert len(re.findall(r"(?<!\\)\|", row)) == 6 and "<" not in row and "@" not in row and not re.search(r"(?<!\\)[\[`]", row)


def test_why_sources_are_missed(assay, project):
    with open(project / "eval.jsonl", "a", encoding="utf-8") as cases:
        for source, question in (("docs/none.md", "How much does the trunk weigh?"), ("docs/3.md", "Which zebra quarrels?")):
            cases.write(json.dumps({"question": question, "answer": "99 kg", "source": source}) + "\n")
    found = evaluate(assay, project, "--no-answers")
    assert {failure["line"]: failure["why"] for failure in found["failures"]} == {13: "not_in_index", 14: "not_found"}
    said = assay("eval", "--mode", "text", "--no-answers", cwd=project).out
    assert "found first nothing: the source is not among the first 100 passages" in said


@pytest.mark.parametrize("words, message", [
    (["--require", "f1>=baseline"], "--require names a baseline, and there is none"),
    (["--require", "f1>=baselines", "--baseline", "1"], 'unrecognized requirement "f1>=baselines"'),
    (["--junit", "x.xml", "--sweep", "retrieve"], "--junit is for a project's test cases"),
])  # fmt: skip
def test_wrong_use(assay, project, words, message):
    assert message in assay("eval", *words, cwd=project, code=2).err


def test_repeated_cases_tell_nothing_new(assay, project):
    cases = project / "eval.jsonl"
    first = cases.read_text(encoding="utf-8").splitlines(keepends=True)[0]
    cases.write_text(first, encoding="utf-8")
    once = evaluate(assay, project)
    cases.write_text(12 * first, encoding="utf-8")
    often = evaluate(assay, project, "--baseline", "last")
    assert once["repeats"] == 0 and often["repeats"] == 11
    assert often["intervals"]["recall@10"] == once["intervals"]["recall@10"], "one question is one case"
    assert often["baseline"]["cases"] == 1, "matched by its question, once"
    shown = assay("eval", "--mode", "text", "--baseline", "2", cwd=project).out
    assert "11 of 12 cases ask what another one asks" in shown and "over the 1 case of both" in shown


def test_baselines_that_are_none(assay, project):
    outcome = assay("eval", "--mode", "text", "--baseline", "nope", "--tests", "gone.jsonl", cwd=project, code=1)
    assert "nope" in outcome.err and "gone.jsonl" not in outcome.err, "a baseline is looked for before anything is read or asked"
    assert "Run `assay eval` first." in assay("eval", "--mode", "text", "--baseline", "last", cwd=project, code=1).err
    (project / "other.json").write_text('{"format": 1, "cases": [{"question": "Something else?"}]}', encoding="utf-8")
    assert "has no case in common" in assay("eval", "--mode", "text", "--baseline", "other.json", cwd=project, code=1).err
    (project / "other.json").write_text('{"format": 9}', encoding="utf-8")
    assert "is no record of `assay eval`" in assay("eval", "--mode", "text", "--baseline", "other.json", cwd=project, code=1).err
