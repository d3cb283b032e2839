#!/usr/bin/env python3
"""Does the forecast of `assay decide` hold, how many examples are needed for a target? Curves whose further course is known are measured at 1/8, 1/4,
1/2 and all of the examples there are, and what is forecast from that (build/tests/measures/curve_lines, the program's own code) is set beside the truth.

    python3 -m venv peers-data/venv && peers-data/venv/bin/pip install numpy scikit-learn
    peers-data/venv/bin/python bench/forecasts.py [--data FOLDER] [--build build] [--rounds 200]

Drawn curves: power laws and others that are none (exponential, a plateau, two stages, straight over the logarithm), measured on 60 to 300 cases with the
chance of those cases, the same cases at each point. Learned curves: texts of seven labelled collections, learned by two learners from nested parts of
the data as they are drawn once, measured on 60 to 300 cases; the truth is the mean of three draws on all that is left, at up to eight times the examples.

The target is what the truth has at 1.5 to 8 times the examples, or lies above all that it reaches. What must hold: of the curves that reach their target, the true
number lies in the interval of at least 80 of 100 (by kind, drawn; all learned ones together); "more examples will not do it" is said of at most 5 in 100 of
those where ten times the examples would do. Exit status 1 otherwise."""

import argparse
import csv
import gzip
import io
import json
import math
import pathlib
import subprocess
import sys
from collections import Counter

import numpy

ROOT = pathlib.Path(__file__).resolve().parents[1]
PARTS = (8, 4, 2, 1)
HOLD_LEAST, FALSE_MOST, WILL_NOT_WITHIN = 0.80, 0.05, 10
CASES = (60, 150, 300)


def forecast(build, curves):
    """Each with points [examples, right, cases] and a target."""
    lines = "".join(json.dumps({"target": curve["target"], "seed": i, "points": curve["points"]}) + "\n" for i, curve in enumerate(curves))
    done = subprocess.run([ROOT / build / "tests/measures/curve_lines"], input=lines, capture_output=True, text=True, check=True)
    for curve, line in zip(curves, done.stdout.splitlines(), strict=True):
        curve.update(json.loads(line))
        for name in ("needed", "high", "low"):
            curve[name] = math.inf if curve[name] is None else curve[name]


# ---- drawn ----


def power(chance):
    ceiling, gain, slope = chance.uniform(0.8, 1), chance.uniform(0.8, 2.5), chance.uniform(0.2, 0.8)
    return lambda n: ceiling - gain * n**-slope


def exponential(chance):
    ceiling, gain, pace = chance.uniform(0.7, 0.98), chance.uniform(0.3, 0.7), 10 ** chance.uniform(2, 3.2)
    return lambda n: ceiling - gain * numpy.exp(-n / pace)


def plateau(chance):
    inner, top = power(chance), chance.uniform(0.6, 0.9)
    return lambda n: numpy.minimum(inner(n), top) + 0.01 * numpy.log10(n)


def stages(chance):
    """Little at first, then a steep rise, as where a form is understood at once."""
    low, high, middle, pace = chance.uniform(0.05, 0.4), chance.uniform(0.75, 0.97), 10 ** chance.uniform(2, 3), chance.uniform(1.5, 4)
    return lambda n: low + (high - low) / (1 + (middle / n) ** pace)


def straight(chance):
    first, rise = chance.uniform(0.2, 0.5), chance.uniform(0.05, 0.12)
    return lambda n: numpy.minimum(first + rise * numpy.log2(n / 20), 0.99)


KINDS = {"power law": power, "exponential": exponential, "plateau": plateau, "two stages": stages, "straight over log": straight}


def measured(truth, sizes, cases, chance):
    """Right answers on the same cases: a case is hard or easy, and part of its luck stays with it."""
    hardness, points = chance.random(cases), []
    for size in sizes:
        own = numpy.where(chance.random(cases) < 0.6, hardness, chance.random(cases))
        points.append([int(size), int((own < truth(size)).sum()), cases])
    return points


def drawn(kind, rounds, chance):
    curves = []
    while len(curves) < rounds:
        inner = KINDS[kind](chance)
        examples = int(10 ** chance.uniform(2, 3.2))
        times = float(chance.choice([1.5, 2, 4, 8]))

        def truth(n, inner=inner):
            return numpy.clip(inner(n), 0.02, 0.995)

        target, now = float(truth(examples * times)), float(truth(examples))
        steps = numpy.geomspace(examples / 8, examples * times, 2000)
        needed = float(steps[numpy.argmax(truth(steps) >= target - 1e-9)])  # a straight one may have ended before
        if chance.random() < 0.15:
            target, needed = min(float(truth(1e9)) + 0.05, 1), math.inf
        if target - now < 0.01:  # a target that is reached already: nothing to forecast
            continue
        curves.append({"kind": kind, "needed_truly": needed, "target": target, "all": examples,
                       "points": measured(truth, [examples // part for part in PARTS], int(chance.choice(CASES)), chance)})  # fmt: skip
    return curves


# ---- learned ----


def rows_of(data):
    def lines(path, label):
        with gzip.open(data / path, "rt", encoding="utf-8") as file:
            return [(row["text"], row[label]) for row in map(json.loads, file)]

    yield "bank requests", [(row["text"], row["category"]) for row in csv.DictReader(io.StringIO(gzip.open(data / "banking77/train.csv.gz", "rt").read()))]
    yield "assistant requests", lines("hwu64/train.jsonl.gz", "intent")
    yield "questions", lines("trec-questions/train_5500.jsonl.gz", "label")
    yield "questions, fine", lines("trec-questions/train_5500.jsonl.gz", "fine")
    yield "news", lines("ag-news/ag-news.jsonl.gz", "label")
    yield "tweets", lines("offensive-language/tweets.jsonl.gz", "label")
    yield "flights", lines("atis/train.jsonl.gz", "intent")


def learners():
    from sklearn.naive_bayes import MultinomialNB
    from sklearn.svm import LinearSVC

    return {"support vectors": LinearSVC, "naive Bayes": lambda: MultinomialNB(alpha=0.1)}


def learned(data, sizes=(100, 240, 480), truths=3):
    from sklearn.feature_extraction.text import TfidfVectorizer

    chance = numpy.random.default_rng(5)
    for name, rows in rows_of(data):
        texts, labels = zip(*rows)
        x, y = TfidfVectorizer(sublinear_tf=True).fit_transform(texts), numpy.array(labels)
        for title, make in learners().items():
            for number, examples in enumerate(sizes):
                order = chance.permutation(len(y))
                test, pool = order[:1000], order[1000:]
                cases = CASES[number % len(CASES)]

                def right(train, where, make=make, x=x, y=y):
                    if len(set(y[train])) < 2:
                        return y[where] == y[train][0]
                    return make().fit(x[train], y[train]).predict(x[where]) == y[where]

                own = chance.permutation(pool)[:examples]  # what a team has
                asked = test[:cases]
                points = [[examples // part, int(right(own[: examples // part], asked).sum()), cases] for part in PARTS]
                steps = [step for step in (1, 1.5, 2, 3, 4, 6, 8) if step * examples <= 0.9 * len(pool)]
                scores = []
                for step in steps:
                    parts = [chance.permutation(pool)[: int(step * examples)] for _ in range(truths)]
                    scores.append(float(numpy.mean([right(part, test).mean() for part in parts])))
                for place in range(1, len(steps)):
                    if scores[place] > max(scores[:place]) and scores[place] - scores[0] >= 0.01:
                        yield {"kind": "learned", "name": f"{name}, {title}", "needed_truly": steps[place] * examples, "target": scores[place], "all": examples,
                               "points": points}  # fmt: skip


# ---- told ----


def tell(kind, curves):
    reach = [curve for curve in curves if math.isfinite(curve["needed_truly"])]
    never = [curve for curve in curves if not math.isfinite(curve["needed_truly"])]
    held = sum(curve["low"] <= curve["needed_truly"] <= curve["high"] for curve in reach)
    said = [curve for curve in reach if curve["answer"] == "needs"]
    said_held = sum(curve["low"] <= curve["needed_truly"] <= curve["high"] for curve in said)
    near = [curve for curve in reach if curve["needed_truly"] <= WILL_NOT_WITHIN * curve["all"]]
    false = sum(curve["answer"] == "will not" for curve in near)
    ends = [curve["high"] / curve["low"] for curve in said if math.isfinite(curve["high"]) and curve["low"] > 0]
    row = {"held": held / max(1, len(reach)), "false": false / max(1, len(near))}
    spread = f"{numpy.median(ends):.1f}" if ends else "-"
    print(f"{kind:20} {len(reach):4} {row['held']:7.1%} {len(said):5} {said_held / max(1, len(said)):7.1%} {len(ends):5} {spread:>8} {row['false']:8.1%}"
          f"   {dict(Counter(curve['answer'] for curve in reach))}; never reached: {dict(Counter(curve['answer'] for curve in never))}", flush=True)  # fmt: skip
    return row


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=pathlib.Path, default=ROOT.parent / "shared/data", help="banking77, hwu64, trec-questions, ag-news, offensive-language, atis")
    parser.add_argument("--build", default="build")
    parser.add_argument("--rounds", type=int, default=200, help="drawn curves of each kind")
    parser.add_argument("--keep", type=pathlib.Path, help="a file for the learned curves: read when it is there")
    options = parser.parse_args()
    chance = numpy.random.default_rng(11)
    print(f"{'':20} {'':>4} {'holds':>7} {'needs':>5} {'holds':>7} {'ended':>5} {'high/low':>8} {'false no':>8}   answers")
    rows = []
    for kind in KINDS:
        curves = drawn(kind, options.rounds, chance)
        forecast(options.build, curves)
        rows.append(tell(kind, curves))
    if options.keep and options.keep.exists():
        curves = json.loads(options.keep.read_text())
    else:
        curves = list(learned(options.data))
    if options.keep:
        options.keep.write_text(json.dumps(curves))
    forecast(options.build, curves)
    rows.append(tell(f"learned ({len({(c['name'], c['all']) for c in curves})} curves)", curves))
    missed = [row for row in rows if row["held"] < HOLD_LEAST or row["false"] > FALSE_MOST]
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
