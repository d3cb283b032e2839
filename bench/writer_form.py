"""A writer that learns a JSON form from 300 examples: is what it writes valid, and is the value right as often as without the form?

    python3 bench/writer_form.py WRITER SQUAD [--binary build/assay] [--examples 300] [--cases 200] [--epochs 10]

WRITER: the folder of a writer that writes plain answers. SQUAD: questions on articles that it never saw (SQuAD 1.1's JSON). Makes a project of
their passages, a document each; the writer answers the cases plainly, then learns the form {"answer": …, "kind": "date" | "number" | "name" | "other"}
from the examples, of other passages than the cases', and answers the same cases again. Prints one JSON document: the share of answers in the form, F1
and exact of the plain answers and of the values, where an abstention counts 0, and the share of kinds that are right.
"""

import argparse
import gzip
import json
import os
import random
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from ask_quality import f1, normal

ROOT = Path(__file__).resolve().parents[1]
MONTHS = "January|February|March|April|May|June|July|August|September|October|November|December"


def kind_of(answer):
    if re.search(rf"\b(1[0-9]|20)\d\d\b|\b({MONTHS})\b", answer):
        return "date"
    if re.search(r"\d", answer):
        return "number"
    words = re.findall(r"[A-Za-z]+", answer)
    return "name" if words and all(word[0].isupper() for word in words) else "other"


def questions(path, seed):
    """(passages, examples, cases): of other passages each."""
    document = json.load(gzip.open(path, "rt") if path.suffix == ".gz" else path.open())
    passages = [paragraph for article in document["data"] for paragraph in article["paragraphs"]]
    random.Random(seed).shuffle(passages)
    rows = [[(qa["question"], [answer["text"] for answer in qa["answers"]]) for qa in passage["qas"] if qa["answers"]] for passage in passages]
    middle = len(rows) // 2
    return [passage["context"] for passage in passages], sum(rows[:middle], []), sum(rows[middle:], [])


class Project:
    def __init__(self, binary, folder, passages):
        self.binary, self.folder = binary, folder
        (folder / "docs").mkdir(parents=True)
        for number, text in enumerate(passages):
            (folder / f"docs/p{number}.txt").write_text(text + "\n")
        self.run("init", "-q", ".")
        self.run("add", "-q")

    def run(self, *words):
        done = subprocess.run([self.binary, *map(str, words)], cwd=self.folder, capture_output=True, text=True)
        if done.returncode != 0:
            sys.exit(f"writer_form: {' '.join(map(str, words))}: {done.stderr[-2000:]}")
        return done.stdout

    def take(self, writer):
        shutil.copytree(writer, self.folder / ".assay/adapters/writer", dirs_exist_ok=True)

    def ask(self, cases):
        for question, _ in cases:
            answer = json.loads(self.run("ask", "--json", question))
            assert answer["model"] == "builtin:writer", answer["model"]
            yield None if answer["answer"] is None else re.sub(r"\s*\[\d+\]$", "", answer["answer"])


def scores(answers, cases):
    best = [0.0 if answer is None else max(f1(answer, wanted) for wanted in wanteds) for answer, (_, wanteds) in zip(answers, cases, strict=True)]
    exact = [answer is not None and any(normal(answer) == normal(wanted) for wanted in wanteds) for answer, (_, wanteds) in zip(answers, cases, strict=True)]
    return {"f1": round(sum(best) / len(best), 4), "exact": round(sum(exact) / len(exact), 4), "answered": round(sum(a is not None for a in answers) / len(answers), 4)}


def value_of(answer):
    """Of an answer in the form; None: it is none, or not of the form."""
    try:
        value = json.loads(answer)
    except (TypeError, ValueError):
        return None
    ok = isinstance(value, dict) and set(value) == {"answer", "kind"} and isinstance(value["answer"], str) and value["kind"] in ("date", "number", "name", "other")
    return value if ok else None


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("writer", type=Path)
    parser.add_argument("squad", type=Path)
    parser.add_argument("--binary", type=Path, default=ROOT / "build/assay")
    parser.add_argument("--examples", type=int, default=300)
    parser.add_argument("--cases", type=int, default=200)
    parser.add_argument("--epochs", type=int, default=10)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    os.environ.setdefault("ASSAY_MODELS", str(ROOT / "models"))
    passages, examples, cases = questions(options.squad, options.seed)
    cases = cases[: options.cases]
    with tempfile.TemporaryDirectory() as folder:
        project = Project(options.binary.resolve(), Path(folder) / "p", passages)
        project.take(options.writer.resolve())
        plain = list(project.ask(cases))
        rows = [{"input": question, "output": json.dumps({"answer": wanted[0], "kind": kind_of(wanted[0])})} for question, wanted in examples[: options.examples]]
        (project.folder / "form.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
        project.run("tune", "writer", "form.jsonl", "--from", options.writer.resolve(), "--epochs", options.epochs, "--seed", options.seed, "--name", "writer", "--replace", "-q")
        said = list(project.ask(cases))
    values = [value_of(answer) for answer in said]
    answered = [(value, wanted) for value, (_, wanted) in zip(values, cases, strict=True) if value is not None]
    print(json.dumps({"cases": len(cases), "examples": len(rows), "valid": round(len(answered) / max(1, sum(answer is not None for answer in said)), 4),
                      "kinds": round(sum(value["kind"] == kind_of(wanted[0]) for value, wanted in answered) / max(1, len(answered)), 4),
                      "plain": scores(plain, cases), "in_the_form": scores([value and value["answer"] for value in values], cases)}, indent=1))  # fmt: skip


if __name__ == "__main__":
    main()
