#!/usr/bin/env python3
"""How true the confidence of answers is on questions that it was not fitted to: SQuAD 2.0 as a knowledge base.

    python3 bench/ask_calibration.py [--binary build/assay] [--fit 300] [--measure 900]

Every paragraph is a document, every question open, half of them without an answer. `assay calibrate` fits the confidence to --fit of the questions, and
--measure others, about other articles, are asked before and after. An answer is right when F1 with a wanted one is at least 0.5 or it holds it, as
`assay calibrate` counts. Prints one JSON document: the expected calibration error (ten bins of equal width), before and after, that error's size where
nothing but chance parted confidence and share (the mean of 200 draws with the told confidences as true), and the bins.
"""
import argparse
import json
import os
import random
import subprocess
import sys
import tempfile
from pathlib import Path

from ask_many import ask_many, build_asker
from ask_quality import calibration, f1, holds
from ask_squad import ROOT, SHARED, read_squad


def answered(questions, answers):
    """(confidence, right) of each answer that was given."""
    return [(told["confidence"], any(f1(told["answer"], gold) >= 0.5 or holds(told["answer"], gold) for gold in golds))
            for (_, _, golds), told in zip(questions, answers) if not told["abstained"]]  # fmt: skip


def by_chance(pairs):
    draw = random.Random(1)
    return sum(calibration([(chance, draw.random() < chance) for chance, _ in pairs]) for _ in range(200)) / 200


def bins(pairs):
    table = []
    for number in range(10):
        inside = [(chance, right) for chance, right in pairs if min(int(chance * 10), 9) == number]
        if inside:
            table.append({"answers": len(inside), "confidence": round(sum(c for c, _ in inside) / len(inside), 3),
                          "right": round(sum(r for _, r in inside) / len(inside), 3)})  # fmt: skip
    return table


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--binary", type=Path, default=ROOT / "build/assay")
    parser.add_argument("--fit", type=int, default=300)
    parser.add_argument("--measure", type=int, default=900)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    source = SHARED / "squad/dev-v2.0.shared.json.gz"
    if not source.exists():
        print(f"left out: {source} is not there")
        return 0
    paragraphs, questions = read_squad(source, 1 << 30)
    article = {name: text.splitlines()[0] for name, text in paragraphs.items()}
    titles = sorted(set(article.values()))
    random.Random(options.seed).shuffle(titles)
    random.Random(options.seed + 1).shuffle(questions)
    for_fit = set(titles[: len(titles) // 3])
    fitted = [item for item in questions if article[item[0]] in for_fit][: options.fit]
    measured = [item for item in questions if article[item[0]] not in for_fit][: options.measure]
    binary = options.binary.resolve()
    asker = build_asker(binary.parent)
    os.environ.setdefault("ASSAY_MODELS", str(ROOT / "models"))
    with tempfile.TemporaryDirectory(prefix="assay-calibration-") as folder:
        project = Path(folder)
        subprocess.run([binary, "init", "--quiet", project], check=True)
        for name, text in paragraphs.items():
            (project / name).parent.mkdir(exist_ok=True)
            (project / name).write_text(text, encoding="utf-8")
        subprocess.run([binary, "add", "--quiet"], cwd=project, check=True)
        (project / "tests.jsonl").write_text("".join(json.dumps({"question": question, "answer": golds or None, "source": name if golds else None}) + "\n"
                                                     for name, question, golds in fitted), encoding="utf-8")  # fmt: skip
        asked = [("", question) for _, question, _ in measured]
        before = answered(measured, ask_many(asker, project, asked))
        subprocess.run([binary, "calibrate", "--quiet", "--tests", "tests.jsonl"], cwd=project, check=True, stdout=subprocess.DEVNULL)
        after = answered(measured, ask_many(asker, project, asked))
    print(json.dumps({"fitted": len(fitted), "measured": len(measured), "answers": len(after), "right": round(sum(right for _, right in after) / len(after), 3),
                      "ece_before": round(calibration(before), 4), "ece_after": round(calibration(after), 4), "by_chance": round(by_chance(after), 4),
                      "bins": bins(after)}, indent=1))  # fmt: skip
    return 0


if __name__ == "__main__":
    sys.exit(main())
