"""`assay eval` on answers: grades against SQuAD's definition restated here, reasons of failures, requirements, repeatability."""

import json
import re
import string
from collections import Counter

import pytest

from conftest import ROOT

DOCUMENTS = {
    "returns.md": "# Returns\n\nCustomers may send goods back within 30 days after delivery.\n\n## Postage\n\nThe label for Portugal costs €9.50.\n",
    "parcels.md": "# Parcels\n\nA parcel for the self-service boxes may weigh 10 kg at the most.\n",
    "hours.md": "# Hours\n\nOrders that are paid by 14:00 are shipped on the same day.\n",
}
CASES = [
    {"question": "Within how many days may customers send goods back?", "answer": "30 days", "source": "docs/returns.md"},
    {"question": "What does the label for Portugal cost?", "answer": ["€9.50", "9.50 euros"], "source": "docs/returns.md"},
    {"question": "How much may a parcel for the self-service boxes weigh?", "answer": "10 kg", "source": "docs/parcels.md",
     "checks": {"pattern": "\\d+ kg", "tolerance": 0.01}},
    {"question": "By when must orders be paid to be shipped on the same day?", "answer": "2 pm", "source": "docs/hours.md"},
    {"question": "What does the warranty cover?", "answer": "zippers", "source": "docs/warranty.md"},
    {"question": "Who painted the famous ceiling of the chapel?", "answer": None, "source": None},
    {"question": "Which colour is the label?", "source": "docs/returns.md"},
]
GRADES = ["exact", "f1", "contains", "numeric", "strict", "relaxed"]


@pytest.fixture
def project(assay, tmp_path):
    assay("init", cwd=tmp_path)
    (tmp_path / "docs").mkdir()
    for name, text in DOCUMENTS.items():
        (tmp_path / "docs" / name).write_text(text, encoding="utf-8")
    write(tmp_path, CASES)
    assay("add", "docs", "--no-embed", cwd=tmp_path)
    return tmp_path


def write(folder, cases):
    (folder / "eval.jsonl").write_text("".join(json.dumps(case) + "\n" for case in cases), encoding="utf-8")


def evaluate(assay, folder, *words, **more):
    return json.loads(assay("eval", "--json", "--mode", "text", *words, cwd=folder, **more).out)


def squad_words(text):
    text = "".join(c for c in text.lower() if c not in set(string.punctuation))
    return re.sub(r"\b(a|an|the)\b", " ", text).split()


def squad_f1(wanted, got):
    wanted, got = squad_words(wanted), squad_words(got)
    common = sum((Counter(wanted) & Counter(got)).values())
    return 0 if common == 0 else 2 * common / (len(wanted) + len(got))


def test_document(assay, project):
    found = evaluate(assay, project)
    answer = found["answer"]
    assert answer["cases"] == 6
    assert found["model"].startswith("builtin")
    for name in GRADES + ["grounded"]:
        low, high = found["intervals"][name]
        assert 0 <= low <= answer[name] <= high <= 1, name
    assert answer["strict"] <= answer["relaxed"] and answer["exact"] <= answer["strict"]
    assert answer["abstention"]["wanted"] == 1
    assert found["latency_ms"]["p50"] <= found["latency_ms"]["p95"] <= found["latency_ms"]["p99"]
    assert {"recall@1", "recall@10", "mrr@10", "ndcg@10", "hit@5", "precision@10", "map"} <= set(found["retrieval"])


def test_grades_of_failures(assay, project):
    for failure in evaluate(assay, project)["answer"]["failures"]:
        case = CASES[failure["line"] - 1]
        golds = case["answer"] if isinstance(case["answer"], list) else [case["answer"]]
        if failure["answer"] is None or golds == [None]:
            continue
        wanted = max(squad_f1(gold, failure["answer"]) for gold in golds)
        assert failure["f1"] == pytest.approx(wanted, abs=1e-8)
        assert failure["exact"] == max(squad_words(gold) == squad_words(failure["answer"]) for gold in golds)


def test_similarity(assay, project):
    """The cosine of answer and gold, as the model itself has it; without a model it is not told, and cannot be required."""
    assert "similarity" not in evaluate(assay, project)["answer"]
    assay("eval", "--require", "similarity>=0", "--mode", "text", cwd=project, code=3)
    model = ROOT / "tests" / "data" / "models" / "mpnet-mean"
    settings = (project / "assay.yaml").read_text()
    (project / "assay.yaml").write_text(re.sub(r"(?m)^embedding:.*$", "", settings) + f"\nembedding: {model}\n")
    found = evaluate(assay, project, "--require", "similarity>=0")
    low, high = found["intervals"]["similarity"]
    assert 0 <= low <= found["answer"]["similarity"] <= high <= 1
    told = [failure for failure in found["answer"]["failures"] if failure["answer"] and CASES[failure["line"] - 1]["answer"]]
    assert told
    for failure in told:
        golds = CASES[failure["line"] - 1]["answer"]
        (project / "lines").write_text("\n".join([failure["answer"], *(golds if isinstance(golds, list) else [golds])]) + "\n", encoding="utf-8")
        first, *others = assay("embed", "--json", "--model", model, "lines", cwd=project).json()["embeddings"]
        nearest = max(sum(a * b for a, b in zip(first, other, strict=True)) for other in others)
        assert failure["similarity"] == pytest.approx(max(nearest, 0), abs=1e-4)
    write(project, [{"question": f"Within how many days may customer {number} send goods back?", "answer": "some weeks", "source": "docs/returns.md"} for number in range(20)])
    kept = project / ".assay" / "runs" / evaluate(assay, project)["run"] / "eval.json"
    run = json.loads(kept.read_text())
    for case in run["cases"]:
        case["similarity"] = 1.0  # as a model with other cosines would have had it
    kept.write_text(json.dumps(run))
    compared = evaluate(assay, project, "--baseline", kept)["baseline"]
    assert compared["measures"]["similarity"]["difference"] < 0 and not compared["measures"]["similarity"]["regression"]


def test_reasons(assay, project):
    reasons = {failure["line"]: failure["why"] for failure in evaluate(assay, project)["answer"]["failures"]}
    assert reasons[5] == "not_in_index"
    assert 7 not in reasons
    (project / "docs" / "returns.md").write_text("# Returns\n\nCustomers may send goods back within a while.\n", encoding="utf-8")
    assay("add", "docs", "--no-embed", cwd=project)
    reasons = {failure["line"]: failure["why"] for failure in evaluate(assay, project)["answer"]["failures"]}
    assert reasons[1] == "cut_badly"


def test_repeats(assay, project):
    times = {"took_ms", "search_ms", "latency_ms", "run"}
    first, second = ({key: value for key, value in evaluate(assay, project).items() if key not in times} for _ in range(2))
    assert first == second


def test_a_repeated_question_without_a_source_counts_once(assay, project):
    case = {"question": CASES[0]["question"], "answer": "30 days"}
    write(project, [case])
    once = evaluate(assay, project)["intervals"]
    write(project, [case, {**case, "question": f" {case['question']} "}, *[case] * 10])
    assert evaluate(assay, project)["intervals"] == once and once["exact"]
    write(project, [case, {**case, "question": "After how many days are goods sent back no more?"}])
    assert evaluate(assay, project)["intervals"]["exact"] != once["exact"]


def test_requirements(assay, project):
    assert evaluate(assay, project, "--require", "recall@10>=0.1, f1>=0")["require"][1]["met"]
    missed = assay("eval", "--mode", "text", "--require", "recall@10>=0.1, exact>=1", cwd=project, code=3)
    assert "exact is" in missed.err and "recall" not in missed.err
    assert "unrecognized requirement" in assay("eval", "--require", "fame>=1", cwd=project, code=2).err
    assert "without --sweep" in assay("eval", "--sweep", "retrieve", "--require", "f1>=1", cwd=project, code=2).err


@pytest.mark.parametrize("words, names", [
    (["recall@5>=1.5"], '"recall@5>=1.5" can never be met: it is 1 at the most'),
    (["f1<=-0.1"], '"f1<=-0.1" can never be met: it is 0 at the least'),
    (["latency_ms.p95<=0"], 'milliseconds'),
    (["f1>=baseline+1.1", "--baseline", "last"], '"f1>=baseline+1.1" can never be met'),
    (["f1>=0", "--no-answers"], '"f1" is of answers'),
    (["judged>=0.5"], "--judge MODEL"),
])  # fmt: skip
def test_requirements_that_can_never_be_met(assay, project, words, names):
    outcome = assay("eval", "--mode", "text", "--require", *words, cwd=project, code=2)
    assert names in outcome.err and not outcome.out and not (project / ".assay" / "runs").exists()


def test_requirements_that_no_case_can_meet(assay, project):
    write(project, [CASES[0], {"question": "Who is it?", "answer": "Ann"}])
    for measure, missing in [("macro_f1", "label"), ("accuracy", "label"), ("abstention.recall", "null"), ("pattern", "pattern"), ("schema", "schema"), ("fields", "JSON")]:
        error = assay("eval", "--json", "--mode", "text", "--require", f"f1>=0, {measure}>=0.5", cwd=project, code=1).error("invalid")
        assert f'"{measure}" cannot be measured' in error["message"] and missing in error["message"] and "Nothing was answered" in error["hint"]
    write(project, [{"question": "Who is it?", "answer": "Ann"}])
    error = assay("eval", "--json", "--mode", "text", "--require", "mrr@10>=0.5", cwd=project, code=1).error("invalid")
    assert error["message"] == '"mrr@10" cannot be measured: no test case has a "source"'
    assert not (project / ".assay" / "runs").exists()


def test_what_no_case_has(assay, project):
    """Who abstains from nothing, where nothing is to be abstained from, has no precision and no recall of it: null, and never met."""
    write(project, CASES[:1])
    found = json.loads(assay("eval", "--json", "--mode", "text", "--require", "abstention.precision>=0", cwd=project, code=3).out)
    assert found["answer"]["abstention"] == {"precision": None, "recall": None, "wanted": 0, "done": 0}
    assert not any(name.startswith("abstention") for name in found["intervals"])
    assert [(item["value"], item["met"]) for item in found["require"]] == [(None, False)]
    write(project, [{"question": "Within how many days may customers send goods back?", "answer": None, "source": None}])
    told = assay("eval", "--mode", "text", "--require", "abstention.precision<=1, abstention.recall<=1", cwd=project, code=3)
    assert re.search(r"(?m)^rightly +– +no case has it", told.out) and "abstention.precision was not measured" in told.err
    assert re.search(r"(?m)^abstained +0\.0000", told.out) and "abstention.recall" not in told.err


def test_retrieval_alone(assay, project):
    assert "answer" not in evaluate(assay, project, "--no-answers")
    write(project, [{"question": "Which colour is the label?", "source": "docs/returns.md"}])
    assert "answer" not in evaluate(assay, project)


def test_for_people(assay, project):
    shown = assay("eval", "--mode", "text", cwd=project).out
    assert "relaxed" in shown and "the source is not among the documents" in shown and "wanted no answer" not in shown.split("\n")[0]


def test_a_file_as_an_editor_on_windows_writes_it(assay, project):
    write(project, [{**case, "id": number, "note": "of our own"} for number, case in enumerate(CASES)])
    plain = assay("eval", "--mode", "text", "--json", cwd=project).json()
    path = project / "eval.jsonl"
    path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes().replace(b"\n", b"\r\n"))
    assert assay("eval", "--mode", "text", "--json", cwd=project).json()["cases"] == plain["cases"]


@pytest.mark.parametrize("case, message", [
    ({"question": "x", "answer": [True], "source": "docs/returns.md"}, '"answer" holds true or false'),
    ({"question": "x", "answer": "y", "source": "docs/returns.md", "checks": {"pattern": "("}}, "pattern"),
    ({"question": "x", "answer": "y", "source": "docs/returns.md", "checks": {"tolerance": 3}}, '"tolerance" is 3'),
    ({"answer": "y", "source": "docs/returns.md"}, '"question" is missing'),
    ({"question": "x", "anwser": "y", "source": "docs/returns.md"}, 'unknown member "anwser"'),
    ({"question": "x", "answer": "y", "sorce": "docs/returns.md"}, 'unknown member "sorce"'),
    ({"question": "x", "answer": "y", "checks": {"patern": "y"}}, 'unknown check "patern"'),
    ({"question": "x", "answer": "y", "checks": {"foo": 1}}, 'unknown check "foo"'),
])
def test_wrong_cases(assay, project, case, message):
    write(project, CASES[:1] + [case])
    failed = assay("eval", "--mode", "text", cwd=project, code=1)
    assert message in failed.err and "eval.jsonl:2" in failed.err


def test_without_documents(assay, tmp_path):
    """Nothing but abstentions: it says why, and what is done about labels. What is the same of all cases is not sure for that."""
    assay("init", "--quiet", cwd=tmp_path)
    labels = [{"question": f"Ticket {number} of somebody", "answer": ["billing", "parcels"][number % 2]} for number in range(20)]
    for lines, hint in [(labels, "`assay tune classify`"), (CASES[:3], "`assay add`")]:
        (tmp_path / "eval.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines))
        told = assay("eval", "--mode", "text", cwd=tmp_path).err
        assert "the project has no documents" in told and hint in told
    (tmp_path / "eval.jsonl").write_text("".join(json.dumps(line) + "\n" for line in labels))
    report = assay("eval", "--json", "--mode", "text", cwd=tmp_path).json()["labels"]
    assert report["macro_f1"] == 0 and report["macro_f1_interval"] == report["accuracy_interval"] and report["accuracy_interval"][1] > 0.1
