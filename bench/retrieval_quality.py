#!/usr/bin/env python3
"""How well passages are found by words, by vectors and by both, on judged collections.

    python3 -m venv peers-data/venv && peers-data/venv/bin/pip install numpy sentence-transformers
    peers-data/venv/bin/python bench/retrieval_quality.py --data DATA_FOLDER --binary build/assay

For each collection one JSON line: nDCG@10 and recall@10 of `assay eval` in the modes text, vector and hybrid, and nDCG@10 of
sentence-transformers in f32 with the same model (its vectors are kept in peers-data/quality/; --no-peer leaves it out). The last line
has the means. Fails when hybrid is worse than the better of the two on the mean, or vector differs from sentence-transformers by more
than 0.002 on the mean. --runs writes the run files of text and vector there; --fusions tries ways to join them, on these files.
"""
import argparse
import csv
import gzip
import itertools
import json
import subprocess
import sys
from collections import defaultdict
from pathlib import Path

import numpy as np

import embed_quality

ROOT = Path(__file__).resolve().parent.parent
COLLECTIONS = ("cranfield", "cisi", "cacm", "med", "adi", "npl", "scifact", "cosqa", "codebase-rag", "personal-docs-rag")
MODES = ("text", "vector", "hybrid")
DIFFERENCE_MAX = 0.002


def read_lines(path):
    opened = gzip.open(path, "rt", encoding="utf-8") if path.suffix == ".gz" else open(path, encoding="utf-8")
    with opened as file:
        return [json.loads(line) for line in file]


def write_lines(path, rows):
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")


def write_judged(folder, questions):
    """questions: (id, text, relevant documents)."""
    write_lines(folder / "queries.jsonl", [{"_id": name, "text": text} for name, text, _ in questions])
    rows = "".join(f"{name}\t{document}\t1\n" for name, _, documents in questions for document in documents)
    (folder / "qrels.tsv").write_text("query-id\tcorpus-id\tscore\n" + rows, encoding="utf-8")


def files_of(data, work, name):
    """Corpus, questions and judgements in BEIR's layout; collections that come otherwise are rewritten below `work`."""
    source, folder = Path(data) / name, work / "beir" / name
    corpus = next(path for path in (source / "corpus.jsonl.gz", source / "corpus.jsonl") if path.exists())
    if (source / "qrels.tsv").exists():
        return corpus, source / "queries.jsonl", source / "qrels.tsv"
    folder.mkdir(parents=True, exist_ok=True)
    if name == "codebase-rag":
        write_judged(folder, [(q["id"], q["question"], q["correct_chunks"]) for q in read_lines(source / "questions.jsonl")])
    else:
        rows = [row for file in ("queries.json", "test_queries.json") for row in json.loads((source / file).read_text(encoding="utf-8"))]
        write_judged(folder, [(q["query_id"], q["query_text"], q["relevant_document_ids"]) for q in rows])
    return corpus, folder / "queries.jsonl", folder / "qrels.tsv"


def ask(options, name, mode):
    corpus, queries, qrels = files_of(options.data, options.work, name)
    words = [options.binary, "eval", "--json", "--quiet", "--mode", mode, "--corpus", corpus, "--queries", queries, "--qrels", qrels,
             "--keep", options.work / "kept" / name, "--run-out", options.work / "runs" / f"{name}-{mode}.trec"]
    return json.loads(subprocess.run(words, check=True, stdout=subprocess.PIPE, cwd=ROOT).stdout)


def read_qrels(path):
    judged = defaultdict(dict)
    with open(path, encoding="utf-8") as file:
        for row in csv.DictReader(file, delimiter="\t"):
            judged[row["query-id"]][row["corpus-id"]] = float(row["score"])
    return {query: documents for query, documents in judged.items() if any(gain > 0 for gain in documents.values())}


def peer_ndcg(options, name):
    """Exact search with sentence-transformers' vectors."""
    corpus, queries, qrels = files_of(options.data, options.work, name)
    judged = read_qrels(qrels)
    documents = read_lines(corpus)
    asked = [row for row in read_lines(queries) if row["_id"] in judged]
    texts = [" ".join(f"{d.get('title', '')} {d['text']}".split()) for d in documents] + [" ".join(q["text"].split()) for q in asked]
    vectors = embed_quality.embed_theirs(options.model, 2, texts, name)
    return embed_quality.mean_ndcg(vectors, [d["_id"] for d in documents], [q["_id"] for q in asked], judged)


# ---- ways to join two runs ----


def read_run(path):
    run = defaultdict(list)
    with open(path, encoding="utf-8") as file:
        for line in file:
            query, _, document, _, score, _ = line.split()
            run[query].append((document, float(score)))
    return run


def by_ranks(hits, constant):
    return {document: (constant + 1) / (constant + rank + 1) for rank, (document, _) in enumerate(hits)}


def by_scores(hits, zero_is_least):
    if not hits:
        return {}
    least = 0 if zero_is_least else hits[-1][1]
    best = hits[0][1]
    return {document: (score - least) / (best - least) if best > least else 1.0 for document, score in hits}


def raw(hits):
    return dict(hits)


WAYS = {"ranks 60": (lambda h: by_ranks(h, 60), lambda h: by_ranks(h, 60)), "ranks 20": (lambda h: by_ranks(h, 20), lambda h: by_ranks(h, 20)),
        "scores": (lambda h: by_scores(h, False), lambda h: by_scores(h, False)),
        "text from 0": (lambda h: by_scores(h, True), lambda h: by_scores(h, False)),
        "both from 0": (lambda h: by_scores(h, True), lambda h: by_scores(h, True)),
        "text over best, vector as it is": (lambda h: by_scores(h, True), raw)}


def joined(text, vector, way, weight, depth):
    words, meaning = WAYS[way][0](text[:depth]), WAYS[way][1](vector[:depth])
    scores = {d: (1 - weight) * words.get(d, 0) + weight * meaning.get(d, 0) for d in {**words, **meaning}}
    return sorted(scores, key=lambda d: (-scores[d], d))


def ndcg(ranking, relevant):
    gain = sum(relevant.get(d, 0) / np.log2(rank + 2) for rank, d in enumerate(ranking[:10]))
    return gain / sum(g / np.log2(rank + 2) for rank, g in enumerate(sorted((g for g in relevant.values() if g > 0), reverse=True)[:10]))


def try_fusions(options, depths=(50, 100)):
    data = {}
    for name in options.collections:
        judged = read_qrels(files_of(options.data, options.work, name)[2])
        data[name] = judged, *(read_run(options.work / "runs" / f"{name}-{mode}.trec") for mode in ("text", "vector"))
    for way, weight, depth in itertools.product(WAYS, (0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8), depths):
        values = {}
        for name, (judged, text, vector) in data.items():
            rankings = [(joined(text[q], vector[q], way, weight, depth), relevant) for q, relevant in judged.items()]
            values[name] = float(np.mean([ndcg(ranking, relevant) for ranking, relevant in rankings]))
        print(json.dumps({"way": way, "vector_weight": weight, "depth": depth, "mean": round(float(np.mean(list(values.values()))), 4),
                          **{name: round(value, 3) for name, value in values.items()}}), flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", default=ROOT.parent / "shared/data")
    parser.add_argument("--binary", default=ROOT / "build/assay")
    parser.add_argument("--model", default=ROOT / "models/all-MiniLM-L6-v2")
    parser.add_argument("--work", type=Path, default=ROOT / "peers-data/retrieval", help="folder for indexes and run files")
    parser.add_argument("--no-peer", action="store_true")
    parser.add_argument("--fusions", action="store_true")
    parser.add_argument("collections", nargs="*", default=COLLECTIONS)
    options = parser.parse_args()
    for folder in ("kept", "runs"):
        (options.work / folder).mkdir(parents=True, exist_ok=True)
    if options.fusions:
        try_fusions(options)
        return 0
    rows = []
    for name in options.collections:
        answers = {mode: ask(options, name, mode) for mode in MODES}
        row = {"collection": name, "questions": answers["text"]["cases"],
               **{mode: answers[mode]["retrieval"]["ndcg@10"] for mode in MODES},
               **{f"{mode} recall@10": answers[mode]["retrieval"]["recall@10"] for mode in MODES}}
        if not options.no_peer:
            row["sentence-transformers"] = peer_ndcg(options, name)
        rows.append(row)
        print(json.dumps(row), flush=True)
    mean = {key: float(np.mean([row[key] for row in rows])) for key in rows[0] if key not in ("collection", "questions")}
    print(json.dumps({"collection": "mean", **mean}))
    ok = mean["hybrid"] >= max(mean["text"], mean["vector"])
    return 0 if ok and (options.no_peer or abs(mean["vector"] - mean["sentence-transformers"]) <= DIFFERENCE_MAX) else 1


if __name__ == "__main__":
    sys.exit(main())
