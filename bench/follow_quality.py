#!/usr/bin/env python3
"""Questions that lean on a conversation: is what is searched for what a person would have asked?

    python3 bench/follow_quality.py [--binary build/assay] [--model MODEL --count 200]

Needs the shared data (question-rewriting/canard-dev.jsonl.gz: 3,430 questions of conversations, each with its rewriting by a person). Without --model it
measures what assay does without one, by bench/follow_probe.c; with one, what that model writes (`assay generate` with the instruction of the pipeline,
one process a question). Prints a JSON line for `as_asked`, for `previous` (the question with all of the one before), and for assay's way:
  leaning_recall      of the questions that the person had to change, so many were changed
  leaning_precision   of the questions that were changed, so many the person changed
  words_recall        of the words that say something in the person's rewriting, so many stand in what is searched for
  words_precision     of the words that say something there, so many stand in the rewriting
  words_f1            of both
"""
import argparse
import gzip
import json
import os
import re
import subprocess
import sys
from pathlib import Path

from probes import build_probe

ROOT = Path(__file__).resolve().parent.parent
SHARED = Path(os.environ.get("ASSAY_SHARED_DATA", ROOT.parent / "shared" / "data"))
SHORT = set("a an the of in on at to for from by with and or but is are was were be been do does did has have had what when where who whom whose which why how it its he "
            "she they them his her their this that these those there then i you we me my your our as not no any some about into than so if also other".split())  # fmt: skip
INSTRUCTION = ("Write the last question so that it can be understood without the conversation before it. Keep its language. Write the question alone.")  # fmt: skip


def words(text):
    return {word.rstrip("s") for word in re.findall(r"\w+", text.lower()) if word not in SHORT}


def flat(text):
    return " ".join(text.split())


def read_cases(path):
    cases = []
    for line in gzip.open(path, "rt", encoding="utf-8"):
        row = json.loads(line)
        said = [flat(text) or "-" for text in row["history"][2:]]  # a title and a section stand first
        cases.append({"turns": said, "question": flat(row["question"]), "rewrite": flat(row["rewrite"])})
    return cases


def by_rule(probe, cases):
    lines = "".join("\t".join([case["question"], *case["turns"]]) + "\n" for case in cases)
    return subprocess.run([probe], input=lines, check=True, capture_output=True, text=True).stdout.splitlines()


def by_model(binary, model, cases):
    asked = []
    for case in cases:
        turns = "".join(f"{'Answer' if number % 2 else 'Question'}: {text}\n" + ("\n" if number % 2 else "") for number, text in enumerate(case["turns"][-12:]))
        prompt = f"{INSTRUCTION}\n\n{turns}Last question: {case['question']}"
        done = subprocess.run([binary, "generate", "--json", "--model", model, "--temperature", "0", "--max-tokens", "120", prompt], check=True, capture_output=True)
        asked.append(flat(json.loads(done.stdout)["text"]))
    return asked


def measure(name, cases, asked):
    changed, wanted, both = 0, 0, 0
    precision = recall = f1 = 0.0
    for case, text in zip(cases, asked):
        must, did = case["rewrite"].lower() != case["question"].lower(), text != case["question"]
        changed, wanted, both = changed + did, wanted + must, both + (must and did)
        a, b = words(text), words(case["rewrite"])
        common = len(a & b)
        p, r = common / len(a) if a else float(not b), common / len(b) if b else float(not a)
        precision, recall, f1 = precision + p, recall + r, f1 + (2 * p * r / (p + r) if common else 0)
    count = len(cases)
    print(json.dumps({"name": name, "questions": count, "leaning_recall": round(both / wanted, 4) if wanted else None,
                      "leaning_precision": round(both / changed, 4) if changed else None, "words_recall": round(recall / count, 4),
                      "words_precision": round(precision / count, 4), "words_f1": round(f1 / count, 4)}), flush=True)  # fmt: skip


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--binary", type=Path, default=ROOT / "build/assay")
    parser.add_argument("--model")
    parser.add_argument("--count", type=int, default=1 << 30)
    options = parser.parse_args()
    source = SHARED / "question-rewriting/canard-dev.jsonl.gz"
    if not source.exists():
        print(f"left out: {source} is not there")
        return 0
    binary = options.binary.resolve()
    cases = read_cases(source)[: options.count]
    measure("as_asked", cases, [case["question"] for case in cases])
    measure("previous", cases, [f"{case['question']} {case['turns'][-2]}" if len(case["turns"]) > 1 else case["question"] for case in cases])
    measure("rule", cases, by_rule(build_probe("follow_probe", binary.parent), cases))
    if options.model:
        measure("model", cases, by_model(binary, options.model, cases))
    return 0


if __name__ == "__main__":
    sys.exit(main())
