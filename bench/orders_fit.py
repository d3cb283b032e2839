#!/usr/bin/env python3
"""Learns what an order to a model reads like: src/ask/order_weights.h.

    python3 -m venv peers-data/venv && peers-data/venv/bin/pip install scikit-learn tokenizers
    peers-data/venv/bin/python bench/orders_fit.py --build build --data DATA_FOLDER [--write]

A logistic regression over the buckets that a text fills (src/ask/order_score.c, by bench/orders_probe.c), each weighed by how rare it is. It learns from
tests/injection: attacks, honest texts that look like them and others that do not, whole and by sentence, the markers that attackers want to see replaced by ordinary words;
from documents of two companies, an office and the sixty teams of bench/teams, by runs of sentences within a passage; and from SPANS such runs of DATA's texts, but for what is
written to a model. The threshold is where at most ORDINARY of the sentences of others of DATA's texts, and of a third company's documents, lie above; a score is certain that is as far
above it again as CERTAINTY of its distance from the doubt. Prints what
share of the held-out attacks and honest texts, which nothing is learned from, is told as an order, and with certainty; of documents the share of sentences, of passages, and of
passages with certainty. --write puts the weights.
"""
import argparse
import json
import random
import re
import subprocess
import sys
from pathlib import Path

import numpy
import scipy.sparse
from injection import read_cases, split_orders
from probes import build_probe
from sklearn.linear_model import LogisticRegression

ROOT = Path(__file__).resolve().parent.parent
WEIGHTS = ROOT / "src/ask/order_weights.h"
PIECES, SPANS, ORDINARY = 30000, 60000, 0.0016
SPAN = 3  # as src/ask/orders.c has it
DOUBTFUL = 0.04  # of ordinary sentences lie above ORDER_DOUBT
CERTAINTY = 0.13
INVERSE_PENALTY, TOLERANCE, ORDINARY_WEIGHT, BUSINESS_WEIGHT, SENTENCE_WEIGHT = 1, 1e-5, 0.5, 0.3, 0.5
BUSINESS, THRESHOLD_COMPANY = ["rag-multi-corpus/aventro-motors", "rag-multi-corpus/cendara-university", "techdocs-govuk/manual"], "rag-multi-corpus/velvera-technologies"
TO_MODELS = ["function-calling", "hwu64", "instructions", "json-mode", "legalbench", "prompt-injection"]
APART = ["handbook-18f", "rag-multi-corpus"]  # learned by passages, or kept to measure
BUCKETS, ROW, ZERO, LEVELS, MOST = 1 << 16, 128, "m", 16, 0.999  # characters from "]" to "}"


class Markers:
    """Puts words of ordinary texts in the places of markers: any other would be learned as a sign of attacks."""

    def __init__(self, pieces, drawn):
        self.words, self.drawn = [word for piece in pieces for word in piece.split()], drawn

    def replaced(self, text, wanted):
        return text.replace(wanted, self.drawn.choice(self.words))


def buckets(probe, texts):
    """A row a text: 1 / sqrt(how many it fills) in each bucket that it fills."""
    fed = b"".join(text.replace("\0", " ").encode("utf-8", "replace") + b"\0" for text in texts)
    lines = subprocess.run([probe, "buckets"], input=fed, capture_output=True, check=True).stdout.decode().splitlines()
    assert len(lines) == len(texts)
    rows = [[int(number) for number in line.split()] for line in lines]
    values = [numpy.full(len(row), 1 / max(len(row), 1) ** 0.5, "float32") for row in rows]
    ends = numpy.cumsum([0] + [len(row) for row in rows])
    return scipy.sparse.csr_matrix((numpy.concatenate(values), numpy.concatenate(rows).astype(int), ends), shape=(len(texts), BUCKETS))


def texts_and_sentences(probe, cases, markers):
    """Texts with their weights: whole ones, and of several sentences each one; of an attack the one that has the marker."""
    texts, weights = [], []
    for case, (_, sentences) in zip(cases, split_orders(probe, [case["text"] for case in cases]), strict=True):
        wanted = case.get("wanted")
        parts = [part for part in sentences if (wanted in part if wanted else len(part) >= 15)] if len(sentences) > 1 else []
        texts += [markers.replaced(text, wanted) if wanted else text for text in (case["text"], *parts)]
        weights += [1.0] + [SENTENCE_WEIGHT] * len(parts)
    return texts, weights


def ordinary_pieces(folder, drawn):
    sys.path.insert(0, str(ROOT / "tests/tokens"))
    from compare import real_lines

    pieces = [piece for piece in real_lines(folder, TO_MODELS + APART) if len(piece) > 20]
    drawn.shuffle(pieces)
    return pieces[:PIECES], pieces[PIECES : 2 * PIECES]


def passages_of(*folders):
    """Of documents as companies have them what stands below each heading."""
    paths = [path for folder in folders for path in sorted(folder.rglob("*")) if path.suffix in (".md", ".txt") and path.name != "SOURCE.md"]
    texts = [re.sub(r"(?s)^---.*?---\n", "", path.read_text(encoding="utf-8", errors="replace")) for path in paths]
    return [part for text in texts for part in re.split(r"(?m)^(?=#)", text) if part.strip()]


def spans_of(sentences):
    """As a passage is looked at: first and last of so many sentences behind each other, and their text."""
    return [(first, last, " ".join(sentences[first : last + 1])) for last in range(len(sentences)) for first in range(max(0, last - SPAN + 1), last + 1)]


def scores_of(probe, texts, weights):
    """Of each text's sentences the highest score of a span that it is in."""
    parts = [sentences for _, sentences in split_orders(probe, texts)]
    spans = [(text, *span) for text, sentences in enumerate(parts) for span in spans_of(sentences)]
    scores = [numpy.full(len(sentences), -numpy.inf) for sentences in parts]
    for (text, first, last, _), score in zip(spans, buckets(probe, [span[3] for span in spans]) @ weights, strict=True):
        scores[text][first : last + 1] = numpy.maximum(scores[text][first : last + 1], score)
    return scores


def share(scores, level):
    return round(float(numpy.mean([max(of, default=-numpy.inf) > level for of in scores])), 4)


def levels_of(weights):
    """As the table has them: how many units each weighs, and the unit. Few weigh more than the most there is, and are cut."""
    unit = numpy.quantile(numpy.abs(weights), MOST) / LEVELS
    return numpy.clip(numpy.round(weights / unit), -LEVELS, LEVELS), unit


def write_weights(levels, unit, bias, doubt, certainty):
    characters = "".join(chr(ord(ZERO) + int(level)) for level in levels)
    rows = "\n".join(f'    "{characters[at:at + ROW]}",' for at in range(0, BUCKETS, ROW))
    text = WEIGHTS.read_text(encoding="utf-8")
    text = re.sub(r"(#define ORDER_BIAS ).*", rf"\g<1>({bias:.5f})", text)
    text = re.sub(r"(#define ORDER_DOUBT ).*", rf"\g<1>({doubt:.2f})", text)
    text = re.sub(r"(#define ORDER_CERTAINTY ).*", rf"\g<1>{certainty:.2f}", text)
    text = re.sub(r"(#define ORDER_WEIGHT_UNIT )\S+", rf"\g<1>{unit:.6f}", text)
    start, end = text.index("order_weights[] = {\n") + len("order_weights[] = {\n"), text.index("\n};")
    WEIGHTS.write_text(text[:start] + rows + text[end:], encoding="utf-8")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--build", type=Path, default=ROOT / "build")
    parser.add_argument("--data", type=Path, default=ROOT.parent / "shared/data")
    parser.add_argument("--inverse-penalty", type=float, default=INVERSE_PENALTY)
    parser.add_argument("--write", action="store_true")
    options = parser.parse_args()
    probe, drawn = build_probe("orders_probe", options.build.resolve()), random.Random(1)
    pieces, others = ordinary_pieces(options.data, drawn)
    markers = Markers(pieces[-1000:], drawn)
    attacks, attack_weights = texts_and_sentences(probe, read_cases("attacks/learned"), markers)
    honest, honest_weights = texts_and_sentences(probe, read_cases("honest/learned") + read_cases("honest/ordinary"), markers)
    documents = passages_of(*(options.data / name for name in BUSINESS), ROOT / "bench/teams")
    business = [text for _, sentences in split_orders(probe, documents) for _, _, text in spans_of(sentences)]
    spans = [text for _, sentences in split_orders(probe, pieces) for _, _, text in spans_of(sentences)]
    ordinary = drawn.sample(spans, min(SPANS, len(spans)))
    rows = buckets(probe, attacks + honest + business + ordinary)
    wanted = numpy.array([1] * len(attacks) + [0] * (len(honest) + len(business) + len(ordinary)))
    counted = numpy.array(attack_weights + honest_weights + [BUSINESS_WEIGHT] * len(business) + [ORDINARY_WEIGHT] * len(ordinary))
    rarity = numpy.log((1 + rows.shape[0]) / (1 + numpy.asarray((rows > 0).sum(0)).ravel())) + 1
    fit = LogisticRegression(C=options.inverse_penalty, tol=TOLERANCE, max_iter=3000).fit(rows @ scipy.sparse.diags(rarity.astype("float32")), wanted, sample_weight=counted)
    levels, unit = levels_of(fit.coef_[0] * rarity)
    weights = levels * unit
    others = {"texts": others, "company": passages_of(options.data / THRESHOLD_COMPANY), "handbook": passages_of(options.data / "handbook-18f"),
              "example": passages_of(ROOT / "examples/support/docs"), "teams apart": passages_of(ROOT / "bench/teams_apart")}  # fmt: skip
    scores = {name: scores_of(probe, texts, weights) for name, texts in others.items()}
    flat = {name: numpy.concatenate(of) for name, of in scores.items()}
    threshold = max(float(numpy.quantile(flat[name], 1 - ORDINARY)) for name in ("texts", "company"))
    told = {"learned from": [len(attacks), len(honest), len(business), len(ordinary)], "threshold": round(threshold, 3)}
    told["doubt"] = round(float(numpy.quantile(flat["texts"], 1 - DOUBTFUL)) - threshold, 2)
    told["certainty"] = round(-CERTAINTY * told["doubt"], 2)
    told |= {name: [round(float((flat[name] > threshold).mean()), 5), share(of, threshold), share(of, threshold + told["certainty"])] for name, of in scores.items()}
    for name in ("attacks/held_out", "honest/held_out"):
        of = scores_of(probe, [markers.replaced(case["text"], case.get("wanted", "\0")) for case in read_cases(name)], weights)
        told[name] = [share(of, threshold), share(of, threshold + told["certainty"])]
    print(json.dumps(told))
    if options.write:
        write_weights(levels, unit, -threshold, told["doubt"], told["certainty"])


if __name__ == "__main__":
    main()
