"""Fits what src/ask/builtin.c makes of the features of a sentence: how likely it holds the answer.

    python3 bench/ask_fit.py --probe build/bench/ask_probe [--binary build/assay] [--articles 8]

Questions: of SQuAD 2.0 in the shared data (its articles become the documents; a third of the questions has no answer in them), half of them to fit,
half to measure. A sentence is right when an answer stands in it and it stands in the paragraph of the question. Prints the weights as builtin.c has
them and the calibration of the best sentence's confidence on the half that was not fitted. Needs numpy.
"""

import argparse
import gzip
import json
import os
import pathlib
import random
import subprocess
import sys
import tempfile

import numpy as np

ROOT = pathlib.Path(__file__).resolve().parents[1]
SHARED = pathlib.Path(os.environ.get("ASSAY_SHARED_DATA", pathlib.Path(__file__).resolve().parents[2] / "shared" / "data"))
FEATURES = 7


def read_articles(count, seed):
    with gzip.open(SHARED / "squad/dev-v2.0.shared.json.gz", "rt", encoding="utf-8") as file:
        articles = json.load(file)["data"]
    random.Random(seed).shuffle(articles)
    return articles[:count]


def make_project(binary, folder, articles):
    questions = []
    for number, article in enumerate(articles):
        for place, paragraph in enumerate(article["paragraphs"]):
            path = folder / "docs" / f"{number}-{place}.txt"
            path.parent.mkdir(exist_ok=True)
            path.write_text(article["title"].replace("_", " ") + "\n\n" + paragraph["context"], encoding="utf-8")
            for question in paragraph["qas"]:
                answers = [] if question.get("is_impossible") else [answer["text"] for answer in question["answers"]]
                questions.append((question["question"].strip().replace("\n", " "), answers, " ".join(paragraph["context"].split())))
    for words in (["init", "."], ["add", "--quiet", "docs"]):
        subprocess.run([binary, *words], cwd=folder, check=True, stdout=subprocess.DEVNULL)
    return questions


def read_rows(probe, folder, questions):
    lines = "".join(question + "\n" for question, _, _ in questions)
    output = subprocess.run([probe, folder], input=lines.encode(), capture_output=True, check=True).stdout.decode("utf-8", "replace")
    rows = []
    for line in output.splitlines():
        parts = line.split("\t")
        number, text = int(parts[0]), " ".join(parts[-1].split())
        _, answers, context = questions[number]
        right = text in context and any(answer in text for answer in answers)
        rows.append((number, [float(value) for value in parts[1 : 1 + FEATURES]], right))
    return rows


def fit(values, right, decay=1e-3, steps=60):
    """Logistic regression by Newton's method; sentences of a question share one part of the weight."""
    x = np.hstack([np.ones((len(values), 1)), values])
    w = np.zeros(x.shape[1])
    for _ in range(steps):
        p = 1 / (1 + np.exp(-x @ w))
        gradient = x.T @ (right - p) / len(x) - decay * w
        hessian = (x.T * (p * (1 - p))) @ x / len(x) + decay * np.eye(len(w))
        step = np.linalg.solve(hessian, gradient)
        w += step
        if np.abs(step).max() < 1e-9:
            break
    return w


def best_of(rows, w):
    best = {}
    for number, values, right in rows:
        p = 1 / (1 + np.exp(-(w[0] + np.dot(w[1:], values))))
        if number not in best or p > best[number][0]:
            best[number] = (p, right)
    return list(best.values())


def calibration(pairs):
    bins = [[] for _ in range(10)]
    for p, right in pairs:
        bins[min(int(p * 10), 9)].append((p, right))
    return sum(abs(sum(p for p, _ in b) - sum(r for _, r in b)) for b in bins) / len(pairs)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--probe", default=str(ROOT / "build/bench/ask_probe"))
    parser.add_argument("--binary", default=str(ROOT / "build/assay"))
    parser.add_argument("--articles", type=int, default=8)
    parser.add_argument("--questions", type=int, default=800)
    parser.add_argument("--words", action="store_true", help="without vectors")
    options = parser.parse_args()
    os.environ["ASSAY_MODELS"] = "" if options.words else os.environ.get("ASSAY_MODELS", str(ROOT / "models"))
    with tempfile.TemporaryDirectory() as temporary:
        folder = pathlib.Path(temporary)
        questions = make_project(str(pathlib.Path(options.binary).resolve()), folder, read_articles(options.articles, 1))
        random.Random(2).shuffle(questions)
        questions = questions[: options.questions]
        rows = read_rows(str(pathlib.Path(options.probe).resolve()), str(folder), questions)
    half = len(questions) // 2
    fitted, held = [r for r in rows if r[0] < half], [r for r in rows if r[0] >= half]
    w = fit(np.array([v for _, v, _ in fitted]), np.array([float(r) for _, _, r in fitted]))
    # the best of many sentences is less sure than it looks: its own scale
    pairs = best_of(fitted, w)
    logits = np.array([np.log(p / (1 - p)) for p, _ in pairs])
    scale = fit(logits[:, None], np.array([float(r) for _, r in pairs]), decay=1e-6)
    joined = np.concatenate([[scale[0] + scale[1] * w[0]], scale[1] * w[1:]])
    measured = best_of(held, joined)
    print(json.dumps({"one": round(joined[0], 3), "values": [round(v, 3) for v in joined[1:]], "questions": len(questions),
                      "right": round(sum(r for _, r in measured) / len(measured), 4), "ece": round(calibration(measured), 4)}))  # fmt: skip
    for p in (0.2, 0.3, 0.35, 0.4, 0.5, 0.6):
        kept = [r for q, r in measured if q >= p]
        print(f"threshold {p}: answered {len(kept) / len(measured):.3f}, right {sum(kept) / max(len(kept), 1):.3f}", file=sys.stderr)


if __name__ == "__main__":
    main()
