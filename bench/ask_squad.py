#!/usr/bin/env python3
"""SQuAD 2.0 as a knowledge base: every paragraph a document, every question open.

    python3 bench/ask_squad.py [--binary build/assay] [--questions 1000] [--model MODEL] [--paragraphs N]

Needs the shared data (squad/dev-v2.0.shared.json.gz; ASSAY_SHARED_DATA names its folder) and the embedding model in models/. Prints one JSON document:
  exact, f1          as SQuAD's script counts, over all questions; an unanswerable one counts 1 when it is abstained from
  given_exact, _f1   the same with the right paragraph given (a filter), and share_of_given = f1 / given_f1 (bar 0.8)
  answerable_f1      of the answerable ones alone
  abstention_auc     the chance that an answerable question has a higher confidence than an unanswerable one (bar 0.8)
  right_document     of the answerable ones: the first passage is of the right paragraph
  p50_ms, p95_ms     of a question, in one process (bar 150 ms)
"""
import argparse
import gzip
import json
import os
import random
import re
import string
import subprocess
import sys
import tempfile
from pathlib import Path

from ask_many import ask_many, build_asker, percentile

ROOT = Path(__file__).resolve().parent.parent
SHARED = Path(os.environ.get("ASSAY_SHARED_DATA", ROOT.parent / "shared" / "data"))


def normal(text):
    text = re.sub(r"\[\d+\]|\[not in the documents\]", " ", text.lower())
    text = "".join(c for c in text if c not in string.punctuation)
    return re.sub(r"\b(a|an|the)\b", " ", text).split()


def scores(said, golds):
    """exact, F1"""
    if not golds:
        return float(not said), float(not said)
    best = (0.0, 0.0)
    for gold in golds:
        a, b = normal(said), normal(gold)
        common = sum(min(a.count(word), b.count(word)) for word in set(a))
        f1 = 2 * common / (len(a) + len(b)) if common else float(a == b)
        best = max(best, (float(a == b), f1), key=lambda pair: pair[1])
    return best


def read_squad(path, paragraphs_most):
    paragraphs, questions = {}, []
    for article in json.loads(gzip.open(path).read())["data"]:
        for paragraph in article["paragraphs"]:
            if len(paragraphs) == paragraphs_most:
                return paragraphs, questions
            name = f"docs/{len(paragraphs):04}.md"
            paragraphs[name] = f"# {article['title'].replace('_', ' ')}\n\n{paragraph['context'].strip()}\n"
            questions += [(name, item["question"].strip(), [] if item["is_impossible"] else [answer["text"] for answer in item["answers"]])
                          for item in paragraph["qas"]]  # fmt: skip
    return paragraphs, questions


def auc(high, low):
    """By ranks, ties counting half."""
    order = sorted([(value, 1) for value in high] + [(value, 0) for value in low])
    wins, below, at = 0.0, 0, 0
    while at < len(order):
        end = at
        while end < len(order) and order[end][0] == order[at][0]:
            end += 1
        group = order[at:end]
        lows = sum(1 for _, is_high in group if not is_high)
        wins += (len(group) - lows) * (below + lows / 2)
        below, at = below + lows, end
    return wins / (len(high) * len(low)) if high and low else None


def mean(values):
    values = list(values)
    return round(sum(values) / len(values), 4) if values else None


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--binary", type=Path, default=ROOT / "build/assay")
    parser.add_argument("--questions", type=int, default=1000, help="a sample of so many; 0: all 5,864")
    parser.add_argument("--paragraphs", type=int, default=1 << 30, help="only the first so many")
    parser.add_argument("--model")
    parser.add_argument("--settings", default="", help="lines for assay.yaml")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    source = SHARED / "squad/dev-v2.0.shared.json.gz"
    if not source.exists():
        print(f"left out: {source} is not there")
        return 0
    paragraphs, questions = read_squad(source, options.paragraphs)
    if options.questions and options.questions < len(questions):
        questions = random.Random(options.seed).sample(questions, options.questions)
    binary = options.binary.resolve()
    asker = build_asker(binary.parent)
    os.environ.setdefault("ASSAY_MODELS", str(ROOT / "models"))
    with tempfile.TemporaryDirectory(prefix="assay-squad-") as folder:
        project = Path(folder)
        subprocess.run([binary, "init", "--quiet", project], check=True)
        if options.settings:
            (project / "assay.yaml").write_text(options.settings.replace("\\n", "\n") + "\n")
        for name, text in paragraphs.items():
            (project / name).parent.mkdir(exist_ok=True)
            (project / name).write_text(text, encoding="utf-8")
        subprocess.run([binary, "add", "--quiet"], cwd=project, check=True)
        opened = ask_many(asker, project, [("", question) for _, question, _ in questions], options.model)
        given = ask_many(asker, project, [(f'path = "{name}"', question) for name, question, _ in questions], options.model)
    rows = [(golds, answer, *scores(answer["answer"], golds), *scores(told["answer"], golds), answer["first"] == name)
            for (name, _, golds), answer, told in zip(questions, opened, given)]  # fmt: skip
    answerable = [row for row in rows if row[0]]
    times = [answer["took_ms"] for answer in opened]
    separation = auc([row[1]["confidence"] for row in answerable], [row[1]["confidence"] for row in rows if not row[0]])
    report = {"paragraphs": len(paragraphs), "questions": len(rows), "unanswerable": len(rows) - len(answerable), "exact": mean(row[2] for row in rows),
              "f1": mean(row[3] for row in rows), "given_exact": mean(row[4] for row in rows), "given_f1": mean(row[5] for row in rows),
              "answerable_f1": mean(row[3] for row in answerable), "answerable_given_f1": mean(row[5] for row in answerable),
              "right_document": mean(row[6] for row in answerable), "abstention_auc": separation and round(separation, 4),
              "abstained_unanswerable": mean(row[1]["abstained"] for row in rows if not row[0]), "abstained_answerable": mean(row[1]["abstained"] for row in answerable),
              "p50_ms": round(percentile(times, 0.5), 1), "p95_ms": round(percentile(times, 0.95), 1)}  # fmt: skip
    report["share_of_given"] = round(report["f1"] / report["given_f1"], 4) if report["given_f1"] else None
    print(json.dumps(report, indent=1))
    return 0


if __name__ == "__main__":
    sys.exit(main())
