"""Fits what src/ask/builtin.c makes of candidates' features: which is the answer. (How likely it is right: evidence_fit.py.)

    peers-data/venv/bin/python bench/ask_fit.py [--build build] [--kept FOLDER] [--write] [--show]

Questions about documents that nothing is measured with: those of bench/teams, small projects of many kinds, each with its questions; bench/ask_cases.jsonl on
three companies' documents (rag-multi-corpus of the shared data, with tables) and on a developers' manual (techdocs-govuk), and SQuAD's articles that readers
never learn from. The weights, of a small network, maximize how
likely a candidate with a high word F1 to a given answer is chosen, from all candidates of its question (softmax). --write puts them into
src/ask/choice_weights.h. Prints by set: F1 of the best, and of the best there is, for questions held out from the fit, and for all. --kept keeps what the
probe said, to be used again as long as features and documents are the same.
"""

import argparse
import gzip
import json
import os
import pathlib
import pickle
import random
import re
import shutil
import subprocess
import tempfile
import zlib

import numpy as np

from ask_quality import as_list, f1
from probes import build_probe
from reader_data import KEPT_APART

ROOT = pathlib.Path(__file__).resolve().parents[1]
SHARED = pathlib.Path(os.environ.get("ASSAY_SHARED_DATA", ROOT.parent / "shared" / "data"))
COMPANIES = ("velvera-technologies", "cendara-university", "aventro-motors")
TEAMS = ROOT / "bench/teams"
WEIGHTS = ROOT / "src/ask/choice_weights.h"  # of which the numbers are written here
FEATURES = [line.split()[0].rstrip(",") for line in (ROOT / "src/ask/features.h").read_text().splitlines() if line.startswith("    FEATURE_")]
SQUAD_MOST = 150
MEANING = [FEATURES.index(f"FEATURE_{name}") for name in ("MEANING", "NEAREST", "PASSAGE", "COLUMN")]
READING = [FEATURES.index(f"FEATURE_{name}") for name in ("READ_LINE", "READ_NEAREST", "READ", "READ_WORDS")]
KINDS = {"WORDS": MEANING + READING, "MEANING": READING, "WORDS_READ": MEANING, "MEANING_READ": []}  # ORDER weights: what is not there
RIGHT = 0.5
HIDDEN, NETS = 4, 8  # of a net, and nets: choice_weights.h has their product


def companies(folder):
    for company in COMPANIES:
        (folder / "md" / company).mkdir(parents=True)
        for path in (SHARED / "rag-multi-corpus" / company / "md").glob("*.md"):
            shutil.copy(path, folder / "md" / company / path.name.strip())
    return written_cases("companies")


def manual(folder):
    shutil.copytree(SHARED / "techdocs-govuk/manual", folder / "manual")
    return written_cases("techdocs")


def written_cases(name):
    rows = [json.loads(line) for line in (ROOT / "bench/ask_cases.jsonl").read_text(encoding="utf-8").splitlines()]
    return [(row["question"], as_list(row["answer"]), as_list(row["source"])) for row in rows if row["set"] == name]


def articles(folder):
    questions = squad_like(SHARED / "squad/dev-v2.0.shared.json.gz", KEPT_APART, folder)
    random.Random(2).shuffle(questions)
    return questions[:SQUAD_MOST]


def team(name):
    def make(folder):
        shutil.copytree(TEAMS / name / "docs", folder / "docs")
        rows = [json.loads(line) for line in (TEAMS / name / "cases.jsonl").read_text(encoding="utf-8").splitlines() if line.strip()]
        return [(row["question"], row["answers"], row["sources"]) for row in rows]

    return make


def team_names():
    return sorted(path.parent.name for path in TEAMS.glob("*/cases.jsonl"))


SETS = {"companies": companies, "techdocs": manual, "squad": articles, **{f"teams/{name}": team(name) for name in team_names()}}


def squad_like(path, articles, folder):
    with gzip.open(path, "rt", encoding="utf-8") as file:
        data = json.load(file)["data"]
    questions = []
    for number, article in enumerate(data):
        title = article.get("title", f"policy {number}").replace("_", " ")
        if articles and article["title"] not in articles:
            continue
        for place, paragraph in enumerate(article["paragraphs"]):
            name = f"{number}-{place}.md"
            (folder / name).write_text(f"# {title}\n\n{paragraph['context'].strip()}\n", encoding="utf-8")
            for item in paragraph["qas"]:
                answers = [] if item.get("is_impossible") else [answer["text"] for answer in item["answers"]]
                questions.append((" ".join(item["question"].split()), answers, [name]))
    return questions


def read_set(name, program, binary):
    """A list of questions: answers, and candidates with features and F1."""
    with tempfile.TemporaryDirectory() as temporary:
        folder = pathlib.Path(temporary)
        (folder / "docs").mkdir()
        questions = SETS[name](folder / "docs")
        for command in (["init", "."], ["add", "--quiet", "docs"]):
            subprocess.run([binary, *command], cwd=folder, check=True, stdout=subprocess.DEVNULL)
        lines = "".join(question + "\n" for question, _, _ in questions)
        output = subprocess.run([program, str(folder)], input=lines.encode(), capture_output=True, check=True).stdout.decode("utf-8", "replace")
    rows = [{"set": name, "question": q, "answers": a, "features": [], "f1": [], "text": []} for q, a, _ in questions]
    for line in output.splitlines():
        parts = line.split("\t")
        number, document, text = int(parts[0]), parts[-2], parts[-1]
        _, answers, sources = questions[number]
        right = any(document.endswith(source) for source in sources or [])
        rows[number]["features"].append([float(value) for value in parts[1 : 1 + len(FEATURES)]])
        rows[number]["f1"].append(max((f1(text, answer) for answer in answers), default=0.0) if right or not sources else 0.0)
        rows[number]["text"].append(text)
    for row in rows:
        row["features"], row["f1"] = np.array(row["features"]).reshape(-1, len(FEATURES)), np.array(row["f1"])
    return rows


def fit_choice(rows):
    """The mean of NETS small networks, each from another beginning; as one with all their hidden units, for features as they come. By the written
    questions alone: SQuAD's, which are made from the words of their passages, taught less about those of others than they lost."""
    rows = [row for row in rows if row["set"] != "squad" and row["answers"] and len(row["f1"]) and row["f1"].max() >= RIGHT]
    x = np.concatenate([row["features"] for row in rows])
    gains = np.concatenate([row["f1"] ** 2 for row in rows])
    first = np.cumsum([0] + [len(row["f1"]) for row in rows[:-1]])
    middle, spread = x.mean(0), x.std(0)
    spread[spread == 0] = np.inf  # what is not there counts nothing
    nets = [fit_net((x - middle) / spread, gains, first, np.random.default_rng(seed)) for seed in range(NETS)]
    weights = np.concatenate([net["in"] for net in nets], axis=1) / spread[:, None]
    return {"line": np.mean([net["line"] for net in nets], axis=0) / spread, "in": weights,
            "from": np.concatenate([net["from"] for net in nets]) - middle @ weights, "out": np.concatenate([net["out"] for net in nets]) / NETS}  # fmt: skip


def fit_net(x, gains, first, random, steps=120, rate=0.02, decay=1):
    """Adam with decoupled decay on the mean of -ln(sum of p times F1 squared), by questions; first: where a question's candidates begin."""
    sizes = np.diff(np.append(first, len(x)))
    net = {"line": np.zeros(x.shape[1]), "in": random.uniform(-1, 1, (x.shape[1], HIDDEN)) / np.sqrt(x.shape[1]), "from": np.zeros(HIDDEN), "out": np.zeros(HIDDEN)}
    moments = {key: (np.zeros_like(value), np.zeros_like(value)) for key, value in net.items()}
    for step in range(1, steps + 1):
        hidden = np.tanh(x @ net["in"] + net["from"])
        scores = x @ net["line"] + hidden @ net["out"]
        p = np.exp(scores - np.repeat(np.maximum.reduceat(scores, first), sizes))
        p /= np.repeat(np.add.reduceat(p, first), sizes)
        hit = p * gains
        off = (p - hit / np.repeat(np.add.reduceat(hit, first), sizes)) / len(first)
        inner = np.outer(off, net["out"]) * (1 - hidden**2)
        gradients = {"line": x.T @ off, "in": x.T @ inner, "from": inner.sum(0), "out": hidden.T @ off}
        now = rate * (1 - (step - 1) / steps)
        for key, gradient in gradients.items():
            m, v = moments[key]
            m[:], v[:] = 0.9 * m + 0.1 * gradient, 0.999 * v + 0.001 * gradient**2
            net[key] -= now * (m / (1 - 0.9**step) / (np.sqrt(v / (1 - 0.999**step)) + 1e-8) + decay * net[key])
    return net


def scores_of(row, w):
    return row["features"] @ w["line"] + np.tanh(row["features"] @ w["in"] + w["from"]) @ w["out"]


def best_of(row, w):
    """Its place; None: there is none."""
    return int(scores_of(row, w).argmax()) if len(row["f1"]) else None


def measure(rows, w, show=False):
    """With one set of weights, or one for each row."""
    scores = []
    for row, weights in zip(rows, w if isinstance(w, tuple) else [w] * len(rows)):
        best = best_of(row, weights)
        value = 0.0 if best is None else row["f1"][best]
        if row["answers"]:
            scores.append((value, max(row["f1"], default=0.0)))
        if show:
            print(json.dumps([round(value, 2), round(max(row["f1"], default=0.0), 2), row["question"], row["answers"][:2],
                              row["text"][best] if best is not None else None], ensure_ascii=False))  # fmt: skip
    return {"f1": round(float(np.mean([s for s, _ in scores])), 3), "best_there_is": round(float(np.mean([s for _, s in scores])), 3)}


def without(sets, columns):
    def blank(row):
        features = row["features"].copy()
        features[:, columns] = 0
        return {**row, "features": features}

    return {name: [blank(row) for row in rows] for name, rows in sets.items()}


def part_of(row, at):
    """A team's project is in one part as a whole: what is told of those held out is told of projects that nothing was fitted to."""
    return (zlib.crc32(row["project"].encode()) if "project" in row else at) % 5


def fit(name, sets, options):
    """Weights by everything; what is told of questions that were not fitted to, by five parts of each set, each with the weights of the other four."""
    everything = [row for rows in sets.values() for row in rows]
    parts = [{key: [row for at, row in enumerate(rows) if part_of(row, at) == i] for key, rows in sets.items()} for i in range(5)]
    found = {key: [] for key in sets}
    for part in parts:
        w = fit_choice([row for other in parts if other is not part for rows in other.values() for row in rows])
        for key in sets:
            found[key] += [(row, w) for row in part[key]]
    for key, rows in found.items():
        print(name, key, "held out", json.dumps(measure([row for row, _ in rows], tuple(w for _, w in rows))))
    w = fit_choice(everything)
    for key, rows in sets.items():
        print(name, key, json.dumps(measure(rows, w, options.show)))
    return w


def numbers(values):
    return "{" + ", ".join(f"{value:.3f}" for value in values) + "}"


def written(fits):
    parts = []
    for name, w in fits.items():
        inner = ",\n".join(numbers(weights) for weights in w["in"].T)
        parts.append(f"    [WEIGHTS_{name}] = {{.line = {numbers(w['line'])},\n.in = {{{inner}}},\n.from = {numbers(w['from'])},\n.out = {numbers(w['out'])}}},\n")  # fmt: skip
    head, mark, _ = WEIGHTS.read_text(encoding="utf-8").partition("fitted[] = {\n")
    head = re.sub(r"HIDDEN = \d+", f"HIDDEN = {HIDDEN * NETS}", head)
    return head + mark + "".join(parts) + "};\n\n#endif\n"


def gather(build, kept):
    program, binary = str(build_probe("ask_probe", build.resolve())), str((build / "assay").resolve())
    sets = {}
    for name in SETS:
        kind, _, project = name.partition("/")
        path = kept and kept / f"{name.replace('/', '-')}.pkl"
        rows = pickle.loads(path.read_bytes()) if path and path.exists() else read_set(name, program, binary)
        if path:
            path.write_bytes(pickle.dumps(rows))
        sets.setdefault(kind, []).extend({**row, "set": kind, "project": project} if project else row for row in rows)
    return sets


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--build", type=pathlib.Path, default=ROOT / "build")
    parser.add_argument("--kept", type=pathlib.Path, help="a folder that keeps what the probe said, used again next time")
    parser.add_argument("--write", action="store_true", help="src/ask/choice_weights.h")
    parser.add_argument("--show", action="store_true")
    options = parser.parse_args()
    os.environ.setdefault("ASSAY_MODELS", str(ROOT / "models"))
    sets = gather(options.build, options.kept)
    fits = {name: fit(name, without(sets, absent), options) for name, absent in KINDS.items()}
    if options.write:
        if not any(row["features"][:, READING].any() for rows in sets.values() for row in rows if len(row["f1"])):
            raise SystemExit("ask_fit: no reader has read these candidates (adapters/reader and its base): nothing is written")
        WEIGHTS.write_text(written(fits), encoding="utf-8")
        subprocess.run([ROOT / "scripts/format"], check=True, stdout=subprocess.DEVNULL)


if __name__ == "__main__":
    main()
