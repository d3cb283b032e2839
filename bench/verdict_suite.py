#!/usr/bin/env python3
"""Does `assay decide` find what it should? Problems whose truth is known by construction: six worlds (the example project, five of SQuAD's
articles) by four situations, with a scripted language model that knows or does not know the facts, and keeps or does not keep the form.

    bench/verdict_suite.py [--data FOLDER] [--only TEXT] [--noise] [--few] [--keep FOLDER]

    --noise   15 of 100 wanted answers are another case's: no confident wrong verdict
    --few     20 cases each: the same

Prints a line a problem (verdict, gaps) and what must hold: verdicts right, gaps right of failing cases, no confident wrong one.
"""

import argparse
import contextlib
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

ROOT = pathlib.Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "tests" / "blackbox"))
from scripted_model import completion, scripted  # noqa: E402

BINARY = pathlib.Path(os.environ.get("ASSAY_BINARY", ROOT / "build" / "assay")).resolve()
SITUATIONS = [  # name, truth, gap, model (knows, forms), tuned model
    ("prompting suffices", "prompt", None, (1.0, 1.0), (1.0, 1.0)),
    ("knowledge gap", "rag", "knowledge", (0.1, 1.0), (0.1, 1.0)),
    ("behaviour gap", "tune", "behaviour", (1.0, 0.1), (1.0, 1.0)),
    ("both", "hybrid", "knowledge", (0.1, 0.05), (0.1, 1.0)),
]


def words(text):
    return re.findall(r"\w+", text.lower())


class World:
    """Documents by path, and cases {"question","answers","source"}."""

    def __init__(self, name, documents, cases):
        self.name, self.documents, self.cases = name, documents, cases


def support():
    folder = ROOT / "examples" / "support"
    documents = {str(path.relative_to(folder)): path.read_text() for path in sorted(folder.glob("docs/**/*")) if path.is_file()}
    cases = []
    for line in (folder / "eval.jsonl").read_text().splitlines():
        case = json.loads(line)
        if case["answer"] is not None:
            answers = case["answer"] if isinstance(case["answer"], list) else [case["answer"]]
            cases.append({"question": case["question"], "answers": answers, "source": case["source"]})
    return World("support", documents, cases)


def squad(data, number, articles=12, each=5):
    path = data / "squad" / "dev-v1.1.shared.json.gz"
    with gzip.open(path, "rt") as file:
        all_articles = json.load(file)["data"]
    chosen = all_articles[number * articles % len(all_articles):][:articles] or all_articles[:articles]
    documents, cases = {}, []
    for article in chosen:
        name = "docs/" + re.sub(r"\W+", "-", article["title"]) + ".md"
        documents[name] = f"# {article['title'].replace('_', ' ')}\n\n" + "\n\n".join(p["context"] for p in article["paragraphs"][:12]) + "\n"
        questions = [(q["question"], sorted({a["text"] for a in q["answers"]}, key=len)) for p in article["paragraphs"][:12] for q in p["qas"]]
        step = max(1, len(questions) // each)
        cases += [{"question": q, "answers": a, "source": name} for q, a in questions[::step][:each]]
    return World(f"squad {number}", documents, cases)


class Model:
    """What the scripted model says. It reads: an answer that stands in its passages, it has. `share` of a case decides what it knows."""

    def __init__(self, cases, abilities, seed):
        self.cases, self.abilities = cases, abilities
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
        return fact if self.forms[number] < forms else f"Dear reader, thank you so much for asking! My best guess would be {fact}, though I may be mistaken."

    def step(self, handler):
        handler.reply(200, completion(self.say(handler.server.requests[-1]["body"])))


def write_project(folder, world, cases, tokens):
    for name, text in world.documents.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    (folder / "assay.yaml").write_text(f"embedding: none\nchecks: {{answer: strict}}\nretrieve: {{k: 10}}\nprompt: {{tokens: {tokens}}}\n")
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


def problem(folder, world, situation, arguments, seed):
    name, truth, gap, model, tuned = situation
    run("init", "--quiet", cwd=folder)
    write_project(folder, world, world.cases, 3000)
    run("add", "--no-embed", cwd=folder)
    cases = retrievable(folder, world.cases)
    if arguments.few:
        cases = cases[:: max(1, len(cases) // 20)][:20]
    talker = Model(cases, {"scripted": model, "tuned": tuned}, seed)
    write_project(folder, world, noisy(cases, seed) if arguments.noise else cases, 3000)
    start = time.monotonic()
    with scripted(talker.step) as server:
        words_of = ["decide", "--all", "--json", "--model", server.model]
        if truth in ("tune", "hybrid"):
            words_of += ["--tuned", server.model.replace("#scripted", "#tuned")]
        report = json.loads(run(*words_of, cwd=folder))
    verdict = report["verdict"]["approach"]
    failing = report["failing"]
    right_gaps = len(report["gap_cases"][gap]) if gap else 0
    return {"problem": f"{world.name}: {name}", "truth": truth, "verdict": verdict, "right": verdict == truth, "confidence": report["verdict"]["confidence"],
            "cases": len(cases), "failing": failing, "right_gaps": right_gaps, "gap": gap, "reasons": report["verdict"]["reasons"][:2],
            "asked": talker.asked, "seconds": time.monotonic() - start, "gaps": report["gaps"]}  # fmt: skip


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", default=os.environ.get("ASSAY_DATA", ""), help="a folder with squad/dev-v1.1.shared.json.gz")
    parser.add_argument("--only", default="")
    parser.add_argument("--noise", action="store_true")
    parser.add_argument("--few", action="store_true")
    parser.add_argument("--keep", help="keep the projects in this folder")
    arguments = parser.parse_args()
    worlds = [support()]
    data = pathlib.Path(arguments.data)
    if arguments.data and (data / "squad").is_dir():
        worlds += [squad(data, number) for number in range(5)]
    else:
        print("no --data: the example project alone")
    results = []
    with contextlib.ExitStack() as stack:
        top = pathlib.Path(arguments.keep or stack.enter_context(tempfile.TemporaryDirectory()))
        for number, world in enumerate(worlds):
            for place, situation in enumerate(SITUATIONS):
                if arguments.only not in f"{world.name}: {situation[0]}":
                    continue
                folder = top / f"{number}-{place}"
                shutil.rmtree(folder, ignore_errors=True)
                folder.mkdir(parents=True)
                result = problem(folder, world, situation, arguments, seed=100 * number + place)
                results.append(result)
                print(f"{'right' if result['right'] else 'WRONG' if result['verdict'] != 'none' else 'open '}  {result['problem']:32} {result['verdict']:7}"
                      f" ({result['confidence']:.3f})  gaps {result['right_gaps']}/{result['failing'] if result['gap'] else 0}"
                      f"  {result['cases']} cases, {result['asked']} questions, {result['seconds']:.1f} s", flush=True)  # fmt: skip
                if not result["right"]:
                    print("       " + " ".join(result["reasons"]), {k: round(v, 2) for k, v in result["gaps"].items() if v})
    right = sum(result["right"] for result in results)
    wrong = [result for result in results if not result["right"] and result["verdict"] != "none"]
    failing = sum(result["failing"] for result in results if result["gap"])
    gaps = sum(result["right_gaps"] for result in results)
    print(f"verdicts right: {right} of {len(results)}; wrong with confidence: {len(wrong)}; gaps right: {gaps} of {failing} ({gaps / max(1, failing):.1%})")


if __name__ == "__main__":
    main()
