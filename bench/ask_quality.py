"""How good `assay ask` answers: right document, answers' F1, abstention, quotes, confidence.

    python3 bench/ask_quality.py [--binary build/assay] [--model NAME] [--cases FILE --documents DIR]

Without --cases: the example project, and handbook-18f of the shared data where it is there. A project is made in a temporary folder. Prints one
JSON document. Measures:

  recall@5            share of answerable questions with a passage of a right document among the first five
  cited               share of answered answerable questions whose first citation is in a right document, over all answerable ones
  f1, exact           of the words of the best of the given answers, as SQuAD's script counts them; an abstention counts 0
  contains            share of answerable questions whose answer holds a given answer, after the same normalising
  abstained           share of unanswerable questions that it abstains from
  false_abstention    share of answerable questions that it abstains from
  quotes_verbatim     share of citations whose quote stands at its bytes of the document
  ece                 expected calibration error of the confidence that the answer is right (ten bins; right: f1 >= 0.5 or contains)
"""

import argparse
import json
import os
import pathlib
import re
import shutil
import string
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[1]
SHARED = pathlib.Path(os.environ.get("ASSAY_SHARED_DATA", pathlib.Path(__file__).resolve().parents[2] / "shared" / "data"))


def normal(text):
    text = re.sub(r"\[\d+\]|\[not in the documents\]", " ", text.lower())
    text = "".join(" " if c in "–-—" else c for c in text if c in "–-—" or c not in string.punctuation + "“”‘’")
    return re.sub(r"\b(a|an|the)\b", " ", text).split()


def f1(said, wanted):
    said, wanted = normal(said), normal(wanted)
    common = sum(min(said.count(word), wanted.count(word)) for word in set(said))
    if not common:
        return float(said == wanted)
    precision, recall = common / len(said), common / len(wanted)
    return 2 * precision * recall / (precision + recall)


def holds(said, wanted):
    said, wanted = " ".join(normal(said)), " ".join(normal(wanted))
    return bool(wanted) and f" {wanted} " in f" {said} "


def as_list(value):
    return value if isinstance(value, list) else [] if value is None else [value]


def read_cases(path):
    cases = []
    for line in pathlib.Path(path).read_text(encoding="utf-8").splitlines():
        if line.strip():
            case = json.loads(line)
            cases.append({"question": case.get("question", case.get("input")), "answers": as_list(case.get("answer", case.get("expected"))),
                          "sources": as_list(case.get("source"))})  # fmt: skip
    return cases


def run(binary, *words, cwd):
    done = subprocess.run([binary, *words], cwd=cwd, capture_output=True)
    if done.returncode != 0:
        sys.exit(f"{words}: {done.stderr.decode()}{done.stdout.decode()[:500]}")
    return done.stdout


def is_verbatim(project, citation):
    if citation["extracted"]:
        return None
    content = (project / citation["document"]).read_bytes()
    return content[citation["start"] : citation["end"]] == citation["quote"].encode()


def calibration(pairs):
    bins = [[] for _ in range(10)]
    for confidence, right in pairs:
        bins[min(int(confidence * 10), 9)].append((confidence, right))
    total = len(pairs) or 1
    return sum(abs(sum(c for c, _ in b) / len(b) - sum(r for _, r in b) / len(b)) * len(b) / total for b in bins if b)


def mean(values):
    values = list(values)
    return round(sum(values) / len(values), 4) if values else None


def measure(binary, documents, folder_name, cases, words, verbose):
    with tempfile.TemporaryDirectory() as temporary:
        project = pathlib.Path(temporary)
        shutil.copytree(documents, project / folder_name)
        run(binary, "init", ".", cwd=project)
        run(binary, "add", folder_name, cwd=project)
        rows, quotes = [], []
        for case in cases:
            answer = json.loads(run(binary, "ask", "--json", *words, case["question"], cwd=project))
            said = answer["answer"] or ""
            score = max((f1(said, wanted) for wanted in case["answers"]), default=0.0)
            contains = any(holds(said, wanted) for wanted in case["answers"])
            found = [passage["document"] for passage in answer["passages"]]
            quotes += [v for v in (is_verbatim(project, c) for c in answer["citations"]) if v is not None]
            rows.append({"case": case, "answer": answer, "f1": score, "exact": score == 1.0, "contains": contains,
                         "recall": any(d in case["sources"] for d in found[:5]),
                         "cited": bool(answer["citations"]) and answer["citations"][0]["document"] in case["sources"]})  # fmt: skip
            if verbose:
                print(json.dumps([case["question"], case["answers"], answer["answer"], round(answer["confidence"], 3), round(score, 2), rows[-1]["recall"],
                                  rows[-1]["cited"]], ensure_ascii=False), file=sys.stderr)  # fmt: skip
    can, cannot = [r for r in rows if r["case"]["answers"]], [r for r in rows if not r["case"]["answers"]]
    return {"cases": len(rows), "unanswerable": len(cannot), "recall@5": mean(r["recall"] for r in can), "cited": mean(r["cited"] for r in can),
            "f1": mean(r["f1"] for r in can), "exact": mean(r["exact"] for r in can), "contains": mean(r["contains"] for r in can),
            "abstained": mean(r["answer"]["abstained"] for r in cannot), "false_abstention": mean(r["answer"]["abstained"] for r in can),
            "quotes": len(quotes), "quotes_verbatim": mean(quotes), "model": rows[0]["answer"]["model"],
            "ece": round(calibration([(r["answer"]["confidence"], bool(r["case"]["answers"]) and (r["f1"] >= 0.5 or r["contains"])) for r in rows]), 4),
            "took_ms": mean(r["answer"]["took_ms"] for r in rows)}  # fmt: skip


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--binary", default=str(ROOT / "build" / "assay"))
    parser.add_argument("--model")
    parser.add_argument("--cases")
    parser.add_argument("--documents")
    parser.add_argument("--verbose", action="store_true")
    options = parser.parse_args()
    binary = str(pathlib.Path(options.binary).resolve())
    os.environ.setdefault("ASSAY_MODELS", str(ROOT / "models"))
    words = ["--model", options.model] if options.model else []
    sets = {"example": (ROOT / "examples/support/docs", "docs", ROOT / "examples/support/eval.jsonl"),
            "handbook-18f": (SHARED / "handbook-18f/pages", "pages", SHARED / "handbook-18f/questions.jsonl")}  # fmt: skip
    if options.cases:
        folder = pathlib.Path(options.documents)
        sets = {folder.parent.name: (folder, folder.name, pathlib.Path(options.cases))}
    report = {}
    for name, (documents, folder_name, cases) in sets.items():
        if not documents.exists():
            print(f"{name}: not here, skipped", file=sys.stderr)
            continue
        report[name] = measure(binary, documents, folder_name, read_cases(cases), words, options.verbose)
    print(json.dumps(report, indent=1))


if __name__ == "__main__":
    main()
