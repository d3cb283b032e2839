#!/usr/bin/env python3
"""Does `assay decide` find what it should? Problems whose truth is known by construction: worlds (the example project, SQuAD's articles,
privacy policies, papers, a handbook, labels of bank and assistant requests) by situations, with a scripted language model that knows or does
not know the facts, and keeps or does not keep the form. Tuning is a second scripted model in some, and what is learned here in others.

    bench/verdict_suite.py [--data FOLDER] [--only TEXT] [--noise] [--few] [--keep FOLDER] [--list]

    --noise   15 of 100 wanted answers are another case's: no confident wrong verdict
    --few     20 cases each: the same

Prints a line a problem (verdict, gaps) and what must hold: verdicts right, gaps right of failing cases, no confident wrong one. The gap of a case
is right when it is the one that the model was given for that case: what it does not know is knowledge, what it knows in another form behaviour.
"""

import argparse
import contextlib
import csv
import gzip
import json
import os
import pathlib
import random
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections import Counter

ROOT = pathlib.Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "tests" / "blackbox"))
from scripted_model import completion, scripted  # noqa: E402

BINARY = pathlib.Path(os.environ.get("ASSAY_BINARY", ROOT / "build" / "assay")).resolve()
SITUATIONS = [  # name, truth, model (knows, forms), tuned model; None: what is learned here from examples
    ("prompting suffices", "prompt", (1.0, 1.0), (1.0, 1.0)),
    ("knowledge gap", "rag", (0.1, 1.0), (0.1, 1.0)),
    ("behaviour gap", "tune", (1.0, 0.1), (1.0, 1.0)),
    ("both", "hybrid", (0.1, 0.05), (0.1, 1.0)),
]
LEARNED = [("behaviour gap, learned here", "tune", (1.0, 0.1), None), ("both, learned here", "hybrid", (0.1, 0.05), None)]
OF_LABELS = [("prompting suffices", "prompt", (1.0, 1.0), None), ("behaviour gap, learned here", "tune", (1.0, 0.1), None)]


def words(text):
    return re.findall(r"\w+", text.lower())


class World:
    """Documents by path, and cases {"question","answers","source"}. `outputs`: inputs with outputs to learn from, in a form of their own;
    `wrap`: an answer in that form, for a model that keeps it."""

    def __init__(self, name, situations, documents, cases, outputs=(), wrap=str):
        self.name, self.situations, self.documents, self.cases, self.outputs, self.wrap = name, situations, documents, cases, outputs, wrap


def support(_):
    folder = ROOT / "examples" / "support"
    documents = {str(path.relative_to(folder)): path.read_text() for path in sorted(folder.glob("docs/**/*")) if path.is_file()}
    cases = []
    for line in (folder / "eval.jsonl").read_text().splitlines():
        case = json.loads(line)
        if case["answer"] is not None:
            answers = case["answer"] if isinstance(case["answer"], list) else [case["answer"]]
            cases.append({"question": case["question"], "answers": answers, "source": case["source"]})
    return World("support", SITUATIONS, documents, cases)


def articles(name, path, first, count, each, paragraphs=12, situations=None):
    """Of a file in SQuAD's layout."""
    with gzip.open(path, "rt") as file:
        chosen = json.load(file)["data"][first:][:count]
    documents, cases = {}, []
    for number, article in enumerate(chosen):
        title = article.get("title") or f"article {first + number}"
        document = "docs/" + re.sub(r"\W+", "-", title) + ".md"
        parts = article["paragraphs"][:paragraphs]
        documents[document] = f"# {title.replace('_', ' ')}\n\n" + "\n\n".join(p["context"] for p in parts) + "\n"
        questions = [(q["question"], sorted({a["text"].strip() for a in q["answers"]}, key=len)) for p in parts for q in p["qas"]]
        known = {case["question"] for case in cases}
        questions = [(q, a) for q, a in dict(questions).items() if a and len(a[0].split()) <= 8 and q not in known]
        step = max(1, len(questions) // each)
        cases += [{"question": q, "answers": a, "source": document} for q, a in questions[::step][:each]]
    return World(name, situations or SITUATIONS, documents, cases)


def handbook(data):
    folder, cases = data / "handbook-18f", []
    documents = {f"docs/{path.relative_to(folder / 'pages')}": path.read_text() for path in sorted(folder.glob("pages/**/*.md"))}
    for line in (folder / "questions.jsonl").read_text().splitlines():
        case = json.loads(line)
        if case["answer"] is not None:
            cases.append({"question": case["question"], "answers": [case["evidence"]], "source": case["source"].replace("pages/", "docs/", 1)})
    return World("handbook", SITUATIONS, documents, cases)


def as_json(answer):
    return json.dumps({"answer": answer, "status": "closed"})


def in_json(data):
    """SQuAD's articles, and examples of the same questions' kind whose outputs are objects."""
    path = data / "squad" / "dev-v1.1.shared.json.gz"
    world = articles("answers as JSON", path, 10, 10, 8, situations=LEARNED)
    others = articles("", path, 0, 10, 20)
    world.outputs = [(case["question"], as_json(case["answers"][0])) for case in others.cases]
    world.wrap = as_json
    return world


def labels(name, rows, known, of_label=40):
    """Rows of text and label: to learn from, and as cases."""
    order, taken, cases, outputs = random.Random(7), {}, [], []
    order.shuffle(rows)
    for text, label in rows:
        if label not in known:
            continue
        taken[label] = taken.get(label, 0) + 1
        if taken[label] <= 8:
            cases.append({"question": text, "answers": [label], "source": None})
        elif taken[label] <= of_label:
            outputs.append((text, label))
    return World(name, OF_LABELS, {}, cases, outputs)


def banking(data):
    with gzip.open(data / "banking77" / "train.csv.gz", "rt") as file:
        rows = [(row["text"], row["category"]) for row in csv.DictReader(file)]
    return labels("bank requests", rows, sorted({label for _, label in rows})[::6][:12], 60)


def assistant(data):
    with gzip.open(data / "hwu64" / "train.jsonl.gz", "rt") as file:
        rows = [(row["text"], row["intent"]) for row in map(json.loads, file)]
    common = [label for label, _ in Counter(label for _, label in rows).most_common(12)]
    return labels("assistant requests", rows, common, 60)


WORLDS = [
    support,
    lambda data: articles("squad 0", data / "squad" / "dev-v1.1.shared.json.gz", 0, 12, 5),
    lambda data: articles("squad 1", data / "squad" / "dev-v1.1.shared.json.gz", 12, 12, 5),
    lambda data: articles("privacy policies", data / "policyqa" / "dev.json.gz", 0, 14, 8),
    lambda data: articles("papers", data / "covid-qa" / "200423_covidQA.json.gz", 0, 24, 5),
    handbook,
    banking,
    assistant,
    in_json,
]


class Model:
    """What the scripted model says. It reads: an answer that stands in its passages, it has. `share` of a case decides what it knows."""

    def __init__(self, cases, abilities, seed, wrap):
        self.cases, self.abilities, self.wrap = cases, abilities, wrap
        order = random.Random(seed)
        self.knows = [order.random() for _ in cases]
        self.forms = [order.random() for _ in cases]
        self.exact = {case["question"]: i for i, case in enumerate(cases)}
        self.bags = [set(words(case["question"])) for case in cases]
        self.asked = 0

    def find(self, question):
        if question in self.exact:
            return self.exact[question]
        bag = set(words(question))
        return max(range(len(self.bags)), key=lambda i: len(bag & self.bags[i]))

    def say(self, body):
        self.asked += 1
        text = body["messages"][-1]["content"]
        number = self.find(text.split("Question: ")[-1].strip())
        knows, forms = self.abilities[body["model"]]
        answers = self.cases[number]["answers"]
        passages = re.sub(r"\s+", " ", "\n".join(re.findall(r"<passage .*?</passage", text, re.S)))
        read = next((answer for answer in answers if re.sub(r"\s+", " ", answer) in passages), None)
        fact = read or (answers[0] if self.knows[number] < knows else None)
        if fact is None:
            return "NOT_IN_DOCUMENTS" if passages else "perhaps the thing that nobody wrote down"
        return self.wrap(fact) if self.forms[number] < forms else f"Dear reader, thank you so much for asking! My best guess would be {fact}, though I may be mistaken."

    def step(self, handler):
        handler.reply(200, completion(self.say(handler.server.requests[-1]["body"])))

    def gap(self, number):
        """Of the model by itself: what is wrong about a case; None: nothing."""
        knows, forms = self.abilities["scripted"]
        return "knowledge" if self.knows[number] >= knows else "behaviour" if self.forms[number] >= forms else None


def write_project(folder, world, cases, tokens):
    for name, text in world.documents.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    checks = "" if world.outputs else "checks: {answer: strict}\n"
    embedding = "" if world.outputs and not world.documents else "embedding: none\n"
    (folder / "assay.yaml").write_text(f"{embedding}{checks}retrieve: {{k: 10}}\nprompt: {{tokens: {tokens}}}\n")
    if world.outputs:
        (folder / "examples.jsonl").write_text("".join(json.dumps({"input": i, "output": o}) + "\n" for i, o in world.outputs))
    lines = [{"question": case["question"], "answer": case["answers"], "source": case["source"]} for case in cases]
    (folder / "eval.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines))


def noisy(cases, seed):
    order = random.Random(seed)
    chosen = [i for i in range(len(cases)) if order.random() < 0.15]
    shifted = chosen[1:] + chosen[:1]
    out = [dict(case) for case in cases]
    for i, j in zip(chosen, shifted):
        out[i]["answers"] = cases[j]["answers"]
    return out


def run(*command, cwd):
    done = subprocess.run([BINARY, *command], cwd=cwd, capture_output=True, text=True)
    if done.returncode != 0:
        raise SystemExit(f"{command}: {done.stdout[-500:]}{done.stderr[-500:]}")
    return done.stdout


def retrievable(folder, cases):
    """Only questions whose passage is found: whether a search finds it is measured elsewhere, and no truth here."""
    kept = []
    for case in cases:
        found = json.loads(run("search", "--json", "-k", "6", case["question"], cwd=folder))["results"]
        if any(answer in result["text"] for result in found for answer in case["answers"]):
            kept.append(case)
    return kept


def gaps_right(report, talker):
    """Failing cases, and those of them whose gap is the one that the model was given. Lines are numbers of cases from 1 on."""
    right = total = 0
    for gap, cases in report["gap_cases"].items():
        for case in cases:
            total += 1
            right += talker.gap(case - 1) == gap
    return right, total


def problem(folder, world, situation, arguments, seed):
    name, truth, model, tuned = situation
    run("init", "--quiet", cwd=folder)
    write_project(folder, world, world.cases, 3000)
    cases = world.cases
    if world.documents:
        run("add", "--no-embed", cwd=folder)
        cases = retrievable(folder, world.cases)
    if arguments.few:
        cases = cases[:: max(1, len(cases) // 20)][:20]
    talker = Model(cases, {"scripted": model, "tuned": tuned}, seed, world.wrap)
    write_project(folder, world, noisy(cases, seed) if arguments.noise else cases, 3000)
    start = time.monotonic()
    with scripted(talker.step) as server:
        words_of = ["decide", "--all", "--json", "--model", server.model]
        if truth in ("tune", "hybrid") and tuned is not None:
            words_of += ["--tuned", server.model.replace("#scripted", "#tuned")]
        report = json.loads(run(*words_of, cwd=folder))
    verdict = report["verdict"]["approach"]
    right_gaps, failing = gaps_right(report, talker)
    return {"problem": f"{world.name}: {name}", "truth": truth, "verdict": verdict, "right": verdict == truth, "confidence": report["verdict"]["confidence"] or 0,
            "cases": len(cases), "failing": failing, "right_gaps": right_gaps, "reasons": report["verdict"]["reasons"],
            "asked": talker.asked, "seconds": time.monotonic() - start, "gaps": report["gaps"],
            "arms": {arm["name"]: arm.get("score") for arm in report["arms"]}}  # fmt: skip


def tell(result):
    word = "right" if result["right"] else "WRONG" if result["verdict"] != "none" else "open "
    print(f"{word}  {result['problem']:46} {result['verdict']:7} ({result['confidence']:.3f})  gaps {result['right_gaps']}/{result['failing']}"
          f"  {result['cases']} cases, {result['asked']} questions, {result['seconds']:.1f} s", flush=True)  # fmt: skip
    if not result["right"] or result["right_gaps"] < 0.95 * result["failing"]:
        print("       " + " ".join(result["reasons"][:3]), {k: round(v, 2) for k, v in result["gaps"].items() if v}, result["arms"], flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", default=os.environ.get("ASSAY_DATA", ""), help="a folder with squad, policyqa, covid-qa, handbook-18f, banking77, hwu64")
    parser.add_argument("--only", default="")
    parser.add_argument("--noise", action="store_true")
    parser.add_argument("--few", action="store_true")
    parser.add_argument("--list", action="store_true", help="name the problems, and do nothing")
    parser.add_argument("--keep", help="keep the projects in this folder")
    arguments = parser.parse_args()
    data = pathlib.Path(arguments.data)
    if not arguments.data:
        print("no --data: the example project alone")
    results = []
    with contextlib.ExitStack() as stack:
        top = pathlib.Path(arguments.keep or stack.enter_context(tempfile.TemporaryDirectory()))
        for number, make in enumerate(WORLDS if arguments.data else WORLDS[:1]):
            world = make(data)
            for place, situation in enumerate(world.situations):
                if arguments.only not in f"{world.name}: {situation[0]}":
                    continue
                if arguments.list:
                    print(f"{world.name}: {situation[0]} ({situation[1]})")
                    continue
                folder = top / f"{number}-{place}"
                shutil.rmtree(folder, ignore_errors=True)
                folder.mkdir(parents=True)
                results.append(problem(folder, world, situation, arguments, seed=100 * number + place))
                tell(results[-1])
    right = sum(result["right"] for result in results)
    wrong = [result for result in results if not result["right"] and result["verdict"] != "none"]
    failing = sum(result["failing"] for result in results)
    gaps = sum(result["right_gaps"] for result in results)
    print(f"verdicts right: {right} of {len(results)}; wrong with confidence: {len(wrong)}; gaps right: {gaps} of {failing} ({gaps / max(1, failing):.1%})")


if __name__ == "__main__":
    main()
