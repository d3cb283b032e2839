"""Fits what src/ask/builtin.c makes of what speaks for an answer (src/ask/evidence.c): whether the documents hold one at all, and whether the chosen one is right.

    peers-data/venv/bin/python bench/evidence_fit.py [--build build] [--kept FOLDER] [--kinds network] [--write]

Questions about documents that nothing is measured with: those of bench/teams (small projects of many kinds), bench/ask_cases.jsonl on three companies'
documents (a project each) and on a developers' manual, and those on SQuAD's articles that readers never learn from. What nothing answers is of four kinds: written to be near the documents; written about SQuAD's
paragraphs to be nearly answered; any question with its own document hidden from the search, which leaves its neighbours; and questions about something
else altogether. Of questions, where vectors and the reader are there, a small network says both; else, and of values of forms, two logistic regressions; the threshold is on the first, from where on nine of ten (WANTED) questions that are
answered have an answer, of those that were held out (five parts, a project in one of them). Unanswerable questions count as a fifth of all. --write puts all into src/ask/evidence_weights.h and src/ask/evidence_network.h. Prints by set how well each tells, on questions held out.

Of a few hundred documents' questions one network learns much that is chance: several learn with a part of the evidence left out at random, and one of as many units as is written learns to say what these say on the
average, of the rows and of mixtures of them. Then both sums are set right by a line (Platt) on what was held out, so that the chances mean what they say on projects that were not learned from.
"""

import argparse
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

from ask_fit import COMPANIES, SHARED, squad_like, team, team_names
from ask_quality import as_list, calibration, f1, holds
from ask_squad import auc
from probes import build_probe
from reader_data import KEPT_APART

ROOT = pathlib.Path(__file__).resolve().parents[1]
WEIGHTS = ROOT / "src/ask/evidence_weights.h"
NETWORK = ROOT / "src/ask/evidence_network.h"
EVIDENCE = [line.split()[0].rstrip(",") for line in (ROOT / "src/ask/evidence.h").read_text().splitlines() if line.startswith("    EVIDENCE_")]
KINDS = ("words", "meaning", "words_read", "meaning_read")  # ORDER weights
READING = ("READ", "READ_MOST", "READ_AGREES")
MEANING = ("MEANING", "MEANING_MOST", "PASSAGE", "PASSAGE_MOST", "PASSAGE_ABOVE", "NEAR_WORDS", "NEAR_PASSAGE", "NEAR_LEAST", "COLUMN", "ASKED")
CHOICE = ("SUM", "LEAD")  # of other weights, so of no use to the kinds that are fitted to what is chosen with all there is
ABSENT = {"meaning": READING + CHOICE, "words_read": MEANING + CHOICE}  # those: asking everything once more costs more than it is worth
SQUAD_MOST, FOREIGN, FOREIGN_OF_TEAM, RIGHT = 500, 40, 2, 0.5


def written(name):
    rows = [json.loads(line) for line in (ROOT / "bench/ask_cases.jsonl").read_text(encoding="utf-8").splitlines()]
    return [(row["question"], as_list(row["answer"]), as_list(row["source"])) for row in rows if row["set"] == name]


def company(name):
    """Its own questions, and all that nothing answers: those about the other two are about something else here."""

    def make(folder):
        (folder / "md" / name).mkdir(parents=True)
        for path in (SHARED / "rag-multi-corpus" / name / "md").glob("*.md"):
            shutil.copy(path, folder / "md" / name / path.name.strip())
        cases = written("companies")
        return [case for case in cases if any(name in path for path in case[2])] + [case for case in cases if not case[1]]

    return make


def manual(folder):
    shutil.copytree(SHARED / "techdocs-govuk/manual", folder / "manual")
    return written("techdocs")


def articles(folder):
    questions = squad_like(SHARED / "squad/dev-v2.0.shared.json.gz", KEPT_APART, folder)
    random.Random(2).shuffle(questions)
    return questions[:SQUAD_MOST]


SETS = {**{name: company(name) for name in COMPANIES}, "techdocs": manual, "squad": articles, **{f"teams/{name}": team(name) for name in team_names()}}


def make(name, folder):
    """(question, answers, its documents, what is hidden, kind) of a set: its own, those with their document hidden, and some of another set."""
    own = SETS[name](folder)
    rows = [(question, answers, sources, None, "own" if answers else "near") for question, answers, sources in own]
    if name != "squad":
        rows += [(question, answers, [], sources, "hidden") for question, answers, sources in own if answers]
    with tempfile.TemporaryDirectory() as elsewhere:
        other = SETS["squad" if name == "techdocs" else "techdocs"](pathlib.Path(elsewhere))
    few = FOREIGN_OF_TEAM if name.startswith("teams/") else FOREIGN
    return rows + [(question, [], [], None, "foreign") for question, _, _ in random.Random(zlib.crc32(name.encode())).sample(other, few)]


def hiding(sources, folder="docs/"):
    return " and ".join(f'path != "{folder}{source.replace(chr(34), "")}"' for source in sources or [])


def ask_probe(program, folder, kind, questions):
    """`questions`: (filter, question). Of each what speaks for its answer, the chance as it is, the answer's document and text; None: there is none."""
    lines = "".join(f"{where}\t{' '.join(question.split())}\n" for where, question in questions)
    output = subprocess.run([program, str(folder), kind], input=lines.encode(), capture_output=True, check=True).stdout.decode("utf-8", "replace")
    found = []
    for line in output.split("\n")[: len(questions)]:
        parts = line.split("\t")
        found.append(None if len(parts) < len(EVIDENCE) else
                     (np.array([float(value) for value in parts[: len(EVIDENCE)]]), float(parts[len(EVIDENCE)]), parts[-2], parts[-1]))  # fmt: skip
    return found


def is_right(text, answers):
    return any(f1(text, answer) >= RIGHT or holds(text, answer) for answer in answers)


def read_set(name, program, binary, kind):
    with tempfile.TemporaryDirectory() as temporary:
        folder = pathlib.Path(temporary)
        (folder / "docs").mkdir()
        questions = make(name, folder / "docs")
        for command in (["init", "."], ["add", "--quiet", "docs"]):
            subprocess.run([binary, *command], cwd=folder, check=True, stdout=subprocess.DEVNULL)
        under = "docs/docs/" if name.startswith("teams/") else "docs/"
        found = ask_probe(program, folder, kind, [(hiding(hidden, under), question) for question, _, _, hidden, _ in questions])
    return rows_of(name, questions, found)


def rows_of(name, questions, found):
    rows = []
    for (question, answers, sources, _, what), item in zip(questions, found):
        evidence, before, document, text = item or (None, 0.0, "", "")
        right = item is not None and is_right(text, answers)
        if what == "hidden" and right:  # another document tells it, too
            continue
        rows.append({"set": name.partition("/")[0], "project": name, "kind": what, "question": question, "evidence": evidence, "before": before, "text": text,
                     "answerable": what == "own", "right": right and what == "own"})  # fmt: skip
    return rows


# ---- the fit ----

# What may speak only for an answer, or only against: what a fit to few documents finds the other way round is chance. The rest may do either.
AGAINST = ("UNKNOWN", "RAREST", "NAMES", "NUMBERS", "LACKS", "ASKED", "OTHER_UNIT", "UNKNOWN_FAR", "LINE_FAR")
EITHER = ("WHOLE", "CELL", "ECHO", "LENGTH", "FOREIGN")
LEFT_OUT = ("SIZE",)  # there are too few projects to learn from
SIGNS = np.array([-1 if name[9:] in AGAINST else 0 if name[9:] in EITHER else 1 for name in EVIDENCE])

UNANSWERABLE = 0.2  # share of questions that nothing answers, whatever it is among these
WANTED = 0.905  # share of the questions that are answered which have an answer: what the threshold is for
WANTED_OF_NETWORK = 0.915  # it abstains from no more that has an answer, then
FALSE_ABSTENTION = 0.05  # where abstention is told
DECAY = 0.01
NEAR_COUNTS = 3  # what people ask and the documents nearly tell is the hard kind, and the rarest of these
SQUAD_COUNTS = 0.3  # its questions were written to mislead, from the paragraph's own words: people who have not read it ask otherwise


def fold_of(row):
    """All of a project are on one side."""
    return zlib.crc32(row["project"].encode()) % 5


def regress(x, y, decay, counts=1, steps=60):
    """A logistic regression: what it begins with, and weights. counts: of each row, 1 on the average."""
    x = np.hstack([np.ones((len(x), 1)), x])
    c, ridge = np.zeros(x.shape[1]), decay * np.eye(x.shape[1])
    ridge[0, 0] = 0
    for _ in range(steps):
        p = 1 / (1 + np.exp(-np.clip(x @ c, -30, 30)))
        c += np.linalg.solve((x.T * (p * (1 - p) * counts)) @ x / len(x) + ridge + 1e-9 * np.eye(len(c)), x.T @ ((y - p) * counts) / len(x) - ridge @ c)
    return c


def counts_of(rows):
    """What each question counts."""
    answerable = np.array([row["answerable"] for row in rows])
    counts = np.array([(NEAR_COUNTS if row["kind"] == "near" else 1) * (SQUAD_COUNTS if row["set"] == "squad" else 1) for row in rows])
    share = UNANSWERABLE / (1 - UNANSWERABLE) * counts[answerable].sum() / max(counts[~answerable].sum(), 1)
    return counts * np.where(answerable, 1.0, share)


def regression(rows, key):
    """A logistic regression on standardized evidence, as weights for evidence as it comes: what it begins with, and the others."""
    x = np.array([row["evidence"] for row in rows])
    counts = counts_of(rows)
    middle, spread = np.average(x, axis=0, weights=counts), x.std(0)
    spread[spread < 1e-9] = np.inf  # what is not there counts nothing
    spread[[name[9:] in LEFT_OUT for name in EVIDENCE]] = np.inf
    while True:
        c = regress((x - middle) / spread, np.array([float(row[key]) for row in rows]), DECAY, counts / counts.mean())
        wrong = np.where((SIGNS * c[1:] < 0) & np.isfinite(spread), np.abs(c[1:]), 0)
        if not wrong.any():
            break
        spread[wrong.argmax()] = np.inf
    weights = c[1:] / spread
    return np.concatenate([[c[0] - middle @ weights], weights])


def chance(c, row):
    return 0.0 if row["evidence"] is None else float(1 / (1 + np.exp(-(c[0] + row["evidence"] @ c[1:]))))


# ---- the network ----

NETWORKS, HIDDEN, DROPPED, SHRINK, STEPS, RATE = 16, 16, 0.15, 0.01, 500, 0.02  # that learn from the questions
UNITS, MIXED, MIXED_AT_ONCE, LONGER, SLOWER = 16, 0.15, 1024, 3000, 0.01  # the one that learns from them
BOTH = np.array([[1, 0.5], [0, 0.5]])  # what says that nothing is told says as much of its being right: of projects held out it tells both better so
FAR = 4.0  # as src/ask/evidence_network.h has it


def seen_by(rows):
    """What stands for the evidence: its middle and what it is multiplied with; 0: it counts nothing."""
    x, counts = np.array([row["evidence"] for row in rows]), counts_of(rows)
    spread = x.std(0)
    is_left_out = (spread < 1e-9) | [name[9:] in LEFT_OUT for name in EVIDENCE]
    return np.average(x, axis=0, weights=counts), np.where(is_left_out, 0, 1 / np.maximum(spread, 1e-9))


def see(seen, rows):
    middle, scale = seen
    return np.clip((np.array([row["evidence"] for row in rows]) - middle) * scale, -FAR, FAR)


def begin(generator, inputs, units):
    """A network: into its units, what they begin with, out of them, what the sums begin with, and from the evidence to both sums."""
    return [generator.normal(0, inputs**-0.5, (inputs, units)), generator.normal(0, 0.5, units), generator.normal(0, 0.3 * units**-0.5, (units, 2)),
            np.zeros(2), np.zeros((inputs, 2))]  # fmt: skip


def sums(network, x):
    into, start, out, first, line = network
    return np.tanh(x @ into + start) @ out + x @ line + first


def descend(network, errors, shrink, steps, rate):
    """Adam. errors(step, sums of a batch): gives its x first, then what each of its sums is off by."""
    moments = [[np.zeros_like(part) for part in network] for _ in range(2)]
    for step in range(1, steps + 1):
        x = errors(step, None)
        units = np.tanh(x @ network[0] + network[1])
        off = errors(step, units @ network[2] + x @ network[4] + network[3])
        back = (off @ network[2].T) * (1 - units * units)
        slopes = [x.T @ back + shrink * network[0], back.sum(0), units.T @ off + shrink * network[2], off.sum(0), x.T @ off + 0.3 * shrink * network[4]]
        now = rate if step < 0.6 * steps else 0.2 * rate
        for i, slope in enumerate(slopes):
            moments[0][i] = 0.9 * moments[0][i] + 0.1 * slope
            moments[1][i] = 0.999 * moments[1][i] + 0.001 * slope**2
            network[i] = network[i] - now * (moments[0][i] / (1 - 0.9**step)) / (np.sqrt(moments[1][i] / (1 - 0.999**step)) + 1e-8)
    return network


def learn(x, y, counts, seed):
    """One of several: each question counts by chance more or less, and each time some of its evidence is not there."""
    generator = np.random.default_rng(seed)
    weights = (counts * generator.exponential(1, len(x)) / len(x))[:, None]
    network = begin(generator, x.shape[1], HIDDEN)
    share = (y * weights).sum(0) / weights.sum()
    network[3] = np.log(share / (1 - share))

    def errors(_, found):
        if found is None:
            return x * (generator.random(x.shape) >= DROPPED) / (1 - DROPPED)
        return (1 / (1 + np.exp(-found)) - y) * weights

    return descend(network, errors, SHRINK, STEPS, RATE)


def learn_several(rows, seen):
    x, y, counts = see(seen, rows), np.array([[row["answerable"], row["right"]] for row in rows], dtype=float), counts_of(rows)
    several = [learn(x, y, counts / counts.mean(), seed) for seed in range(NETWORKS)]
    return [np.hstack([one[0] for one in several]), np.concatenate([one[1] for one in several]), np.vstack([one[2] for one in several]) / NETWORKS,
            np.mean([one[3] for one in several], axis=0), np.mean([one[4] for one in several], axis=0)]  # fmt: skip


def smaller(network, x):
    """One of fewer units that says nearly the same."""
    generator, wanted = np.random.default_rng(0), [None, None]

    def errors(step, found):
        if found is not None:
            return (found - wanted[1]) / MIXED_AT_ONCE
        if step % 10 == 1:
            one, other = (x[generator.integers(len(x), size=MIXED_AT_ONCE)] for _ in range(2))
            mixed = np.where(generator.random(one.shape) < MIXED, other, one)
            wanted[:] = mixed, sums(network, mixed)
        return wanted[0]

    return descend(begin(generator, x.shape[1], UNITS), errors, 0, LONGER, SLOWER)


def fit_network(kind, rows):
    """The network, what it sees, and its threshold."""
    rows = [row for row in rows if row["evidence"] is not None]
    folds, found = np.array([fold_of(row) for row in rows]), np.zeros((len(rows), 2))
    for fold in range(5):
        others = [row for row, own in zip(rows, folds) if own != fold]
        seen = seen_by(others)
        found[folds == fold] = sums(learn_several(others, seen), see(seen, [row for row, own in zip(rows, folds) if own == fold]))
    counts = counts_of(rows)
    found = found @ BOTH
    lines = [regress(found[:, [i]], np.array([float(row[key]) for row in rows]), 0, counts / counts.mean()) for i, key in enumerate(("answerable", "right"))]
    held, right = (1 / (1 + np.exp(-(line[0] + line[1] * found[:, i]))) for i, line in enumerate(lines))
    tell(kind, rows, held, right)
    seen = seen_by(rows)
    network = smaller(learn_several(rows, seen), see(seen, rows))
    first, slope = np.array(lines).T
    network[2:] = [part @ BOTH * slope for part in network[2:]]
    network[3] += first
    return network, seen, threshold_for(WANTED_OF_NETWORK, rows, held)


def parted(high, low):
    value = auc(high, low)
    return None if value is None else round(value, 3)


def told(rows, held, right):
    """How well the two chances tell, of questions that they were not fitted to."""
    def of(values, wanted):
        return [value for value, row in zip(values, rows) if wanted(row)]

    can = sorted(of(held, lambda row: row["answerable"]))
    least = can[int(FALSE_ABSTENTION * len(can))] if can else 0
    found = {"cases": len(rows), "right": round(float(np.mean([row["right"] for row in rows])), 3),
             "ece": round(calibration([(value, row["right"]) for value, row in zip(right, rows)]), 3),
             "right_auc": parted(of(right, lambda row: row["right"]), of(right, lambda row: not row["right"]))}  # fmt: skip
    for kind in ("near", "hidden", "foreign"):
        cannot = of(held, lambda row, kind=kind: row["kind"] == kind)
        if cannot and can:
            found[kind] = {"auc": parted(can, cannot), "abstained": round(float(np.mean([value < least for value in cannot])), 3)}
    return found


def tell(kind, rows, held, right):
    for name in sorted({row["set"] for row in rows}):
        places = [i for i, row in enumerate(rows) if row["set"] == name]
        print(kind, name, "held out", json.dumps(told([rows[i] for i in places], held[places], right[places])))
    print(kind, "all held out", json.dumps(told(rows, held, right)))


def without(rows, names):
    columns = np.array([name[9:] in names for name in EVIDENCE])
    return [{**row, "evidence": None if row["evidence"] is None else np.where(columns, 0, row["evidence"])} for row in rows]


def fit(kind, rows):
    rows = [row for row in rows if row["evidence"] is not None]
    held, right = np.zeros(len(rows)), np.zeros(len(rows))
    for fold in range(5):
        others = [row for row in rows if fold_of(row) != fold]
        fits = regression(others, "answerable"), regression(others, "right")
        for i, row in enumerate(rows):
            if fold_of(row) == fold:
                held[i], right[i] = (chance(c, row) for c in fits)
    tell(kind, rows, held, right)
    return regression(rows, "answerable"), regression(rows, "right"), threshold_for(WANTED, rows, held)


def threshold_for(wanted, rows, held):
    """The lowest from which on that share of the questions that are answered has an answer."""
    given, answerable, lowest = 0.0, 0.0, 1.0
    counts = counts_of(rows)
    for place in np.argsort(-held):
        given += counts[place]
        answerable += counts[place] * rows[place]["answerable"]
        if answerable >= wanted * given:
            lowest = held[place]
    return lowest


def numbers(values):
    return "{" + ", ".join(f"{value:.4f}" for value in values) + "}"


def write(fits):
    if "words" in fits and "words_read" in fits:  # there is little that words alone were tried on: no stricter than with a reader
        held, right, threshold = fits["words"]
        fits = {**fits, "words": (held, right, min(threshold, fits["words_read"][2]))}
    head, mark, rest = WEIGHTS.read_text(encoding="utf-8").partition("evidence_fitted[] = {\n")
    parts = {name.lower(): part for part, name in re.findall(r"(    \[WEIGHTS_(\w+)\] = .*?\},\n(?=    \[|\};))", rest, re.S)}
    for kind, (held, right, threshold) in fits.items():
        parts[kind] = f"    [WEIGHTS_{kind.upper()}] = {{.held = {numbers(held)},\n.right = {numbers(right)},\n.threshold = {threshold:.4f}}},\n"
    WEIGHTS.write_text(head + mark + "".join(parts[kind] for kind in KINDS if kind in parts) + "};\n\n#endif\n", encoding="utf-8")


def write_network(network, seen, threshold):
    (into, start, out, first, line), (middle, scale) = network, seen
    sums_of = [np.concatenate([[first[i]], line[:, i], out[:, i]]) for i in range(2)]
    head, mark, _ = NETWORK.read_text(encoding="utf-8").partition("evidence_network = {\n")
    units = ",\n".join(numbers(np.concatenate([[start[i]], into[:, i]])) for i in range(UNITS))
    NETWORK.write_text(f"{head}{mark}    .middle = {numbers(middle)},\n.scale = {numbers(scale)},\n.in = {{{units}}},\n.held = {numbers(sums_of[0])},\n"
                       f".right = {numbers(sums_of[1])},\n.threshold = {threshold:.4f},\n}};\n\n#endif\n", encoding="utf-8")  # fmt: skip


def gather(kind, build, kept):
    program, binary, rows = str(build_probe("evidence_probe", build.resolve())), str((build / "assay").resolve()), []
    for name in SETS:
        path = kept and kept / f"{name.replace('/', '-')}.{kind}.pkl"
        if path and path.exists():
            rows += pickle.loads(path.read_bytes())
            continue
        found = read_set(name, program, binary, kind)
        if path:
            path.write_bytes(pickle.dumps(found))
        rows += found
    return rows


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--build", type=pathlib.Path, default=ROOT / "build")
    parser.add_argument("--kept", type=pathlib.Path, help="a folder that keeps what the probe said, used again next time")
    parser.add_argument("--write", action="store_true", help="src/ask/evidence_weights.h")
    parser.add_argument("--kinds", nargs="+", choices=(*KINDS, "network"), default=(*KINDS, "network"), help="the regressions of these, or the network; the rest stays as it is")
    options = parser.parse_args()
    os.environ.setdefault("ASSAY_MODELS", str(ROOT / "models"))
    measured = {kind: gather(kind, options.build, options.kept) for kind in KINDS if kind not in ABSENT and (kind in options.kinds or kind == "meaning_read")}
    fits = {kind: fit(kind, measured.get(kind) or without(measured["meaning_read"], ABSENT[kind])) for kind in KINDS if kind in options.kinds}
    network = fit_network("network", measured["meaning_read"]) if "network" in options.kinds else None
    if options.write and fits:
        write(fits)
    if options.write and network:
        write_network(*network)
    if options.write:
        subprocess.run([ROOT / "scripts/format"], check=True, stdout=subprocess.DEVNULL)


if __name__ == "__main__":
    main()
