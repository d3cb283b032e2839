#!/usr/bin/env python3
"""Checks the index's BM25 on judged collections: against a plain scorer, and against bm25s.

    python3 -m venv peers-data/venv && peers-data/venv/bin/pip install bm25s numpy
    meson setup build && ninja -C build
    peers-data/venv/bin/python bench/bm25_quality.py --data DATA_FOLDER --build build

All three get the same words (lower case, \\w+). For each collection one JSON line: nDCG@10 of each, and the largest relative
difference between the index's scores and the plain scorer's among the top 100. Fails when that is above 1e-5, or when nDCG@10
differs by more than 0.01.
"""
import argparse
import csv
import gzip
import json
import math
import re
import subprocess
import sys
import tempfile
from collections import Counter, defaultdict
from pathlib import Path

import bm25s
import numpy as np
from probes import build_probe

K1, B, TOP = 1.2, 0.75, 100
ROOT = Path(__file__).resolve().parent.parent
WORD = re.compile(r"\w+")


def words(text):
    return WORD.findall(text.lower())


def load(folder):
    with gzip.open(folder / "corpus.jsonl.gz", "rt", encoding="utf-8") as file:
        documents = [json.loads(line) for line in file]
    with open(folder / "queries.jsonl", encoding="utf-8") as file:
        queries = [json.loads(line) for line in file]
    judged = defaultdict(dict)
    with open(folder / "qrels.tsv", encoding="utf-8") as file:
        for row in csv.DictReader(file, delimiter="\t"):
            judged[row["query-id"]][row["corpus-id"]] = float(row["score"])
    texts = [words(f"{d.get('title', '')} {d['text']}") for d in documents]
    queries = [q for q in queries if q["_id"] in judged]
    return [d["_id"] for d in documents], texts, [q["_id"] for q in queries], [words(q["text"]) for q in queries], judged


def ask_index(probe, texts, queries, per_segment):
    """For each query a list of (document, score), best first."""
    with tempfile.TemporaryDirectory() as folder:
        paths = [Path(folder) / "documents", Path(folder) / "queries"]
        for path, lists in zip(paths, (texts, queries)):
            path.write_text("".join(" ".join(one) + "\n" for one in lists), encoding="utf-8")
        out = subprocess.run([probe, "run", *paths, str(TOP), str(per_segment)], check=True, capture_output=True, text=True).stdout
    runs = [[] for _ in queries]
    for line in out.splitlines():
        query, _, document, _, score, _ = line.split()
        runs[int(query) - 1].append((int(document) - 1, float(score)))
    return runs


class PlainScorer:
    """BM25 as index.h states it, in double arithmetic."""

    def __init__(self, texts):
        self.lengths = np.array([len(text) for text in texts], dtype=float)
        self.norms = K1 * (1 - B + B * self.lengths / self.lengths.mean())
        postings = defaultdict(list)
        for number, text in enumerate(texts):
            for term, frequency in Counter(text).items():
                postings[term].append((number, frequency))
        self.postings = {t: (np.array([n for n, _ in p]), np.array([f for _, f in p], dtype=float)) for t, p in postings.items()}

    def ask(self, query):
        scores = np.zeros(len(self.lengths))
        for term in query:
            if term in self.postings:
                numbers, frequencies = self.postings[term]
                idf = math.log(1 + (len(scores) - len(numbers) + 0.5) / (len(numbers) + 0.5))
                scores[numbers] += idf * frequencies / (frequencies + self.norms[numbers])
        best = np.argsort(-scores, kind="stable")[:TOP]
        return [(int(n), float(scores[n])) for n in best if scores[n] > 0], scores


def ask_bm25s(texts, queries):
    retriever = bm25s.BM25(method="lucene", k1=K1, b=B)
    retriever.index(texts, show_progress=False)
    runs = []
    for query in queries:
        known = [term for term in query if term in retriever.vocab_dict]
        if not known:
            runs.append([])
            continue
        numbers, scores = retriever.retrieve([known], k=min(TOP, len(texts)), show_progress=False)
        runs.append([(int(n), float(s)) for n, s in zip(numbers[0], scores[0]) if s > 0])
    return runs


def ndcg(run, relevant, ids):
    gain = sum(relevant.get(ids[n], 0) / math.log2(rank + 2) for rank, (n, _) in enumerate(run[:10]))
    ideal = sum(g / math.log2(rank + 2) for rank, g in enumerate(sorted((g for g in relevant.values() if g > 0), reverse=True)[:10]))
    return gain / ideal if ideal > 0 else None


def mean_ndcg(runs, query_ids, judged, ids):
    values = [ndcg(run, judged[q], ids) for run, q in zip(runs, query_ids)]
    return float(np.mean([v for v in values if v is not None]))


def largest_difference(run, plain, scores):
    """Between the index's scores and the plain ones, document by document and rank by rank."""
    assert len(run) == len(plain), f"{len(run)} hits, expected {len(plain)}"
    worst = 0.0
    for (document, got), (_, at_rank) in zip(run, plain):
        worst = max(worst, abs(got - scores[document]) / scores[document], abs(got - at_rank) / at_rank)
    return worst


def measure(name, data, probe):
    ids, texts, query_ids, queries, judged = load(Path(data) / name)
    runs = ask_index(probe, texts, queries, len(texts))
    assert runs == ask_index(probe, texts, queries, max(1, len(texts) // 7)), f"{name}: other results from 8 segments than from one"
    plain = PlainScorer(texts)
    answers = [plain.ask(query) for query in queries]
    difference = max(largest_difference(run, best, scores) for run, (best, scores) in zip(runs, answers))
    result = {"collection": name, "documents": len(texts), "queries": len(queries),
              "ndcg10_assay": mean_ndcg(runs, query_ids, judged, ids),
              "ndcg10_plain": mean_ndcg([best for best, _ in answers], query_ids, judged, ids),
              "ndcg10_bm25s": mean_ndcg(ask_bm25s(texts, queries), query_ids, judged, ids),
              "score_difference_max": difference}
    print(json.dumps(result))
    ok = difference <= 1e-5
    for other in ("plain", "bm25s"):
        ok = ok and abs(result["ndcg10_assay"] - result[f"ndcg10_{other}"]) <= 0.01
    return ok


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", default=ROOT.parent / "shared/data", help="folder with one folder a collection")
    parser.add_argument("--build", default=ROOT / "build", help="meson's build folder")
    parser.add_argument("collections", nargs="*", default=["cranfield", "npl", "med"])
    arguments = parser.parse_args()
    probe = build_probe("index_probe", arguments.build)
    return 0 if all([measure(name, arguments.data, probe) for name in arguments.collections]) else 1


if __name__ == "__main__":
    sys.exit(main())
