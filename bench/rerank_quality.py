#!/usr/bin/env python3
"""How much better the reranker puts what a hybrid search found, on judged collections that it never learned from.

    peers-data/venv/bin/python bench/rerank_quality.py --data DATA_FOLDER --binary build/assay --adapters PROJECT/.assay/adapters

For each collection one JSON line: nDCG@10 of `assay eval` in the mode hybrid, without and with --rerank, the difference in points, and how long a
question takes with it. The last line has the means. --adapters is a folder with the adapter "reranker" (default: the one beside the program).
--weights 0.5 0.7 1 tries several weights of the reranker's score, --candidates 10 20 50 several numbers of passages that it reads. Fails when the mean
is not better. The indexes are kept in peers-data/retrieval/kept-rerank.
"""
import argparse
import itertools
import json
import os
import subprocess
import sys
from pathlib import Path

from retrieval_quality import COLLECTIONS, ROOT, files_of


def evaluate(options, name, settings, *words):
    corpus, queries, qrels = files_of(options.data, options.work, name)
    kept = options.work / "kept-rerank" / name
    kept.mkdir(parents=True, exist_ok=True)
    if (kept / ".assay").exists():
        (kept / "assay.yaml").write_text(settings, encoding="utf-8")
    command = [options.binary, "eval", "--json", "--quiet", "--mode", "hybrid", "--corpus", corpus, "--queries", queries, "--qrels", qrels,
               "--keep", kept, "--k", str(max(options.candidates)), *words]  # fmt: skip
    environment = dict(os.environ, **({"ASSAY_ADAPTERS": str(options.adapters.resolve())} if options.adapters else {}))
    told = json.loads(subprocess.run(command, check=True, stdout=subprocess.PIPE, cwd=ROOT, env=environment).stdout)
    return told["retrieval"]["ndcg@10"], told["cases"], told.get("search_ms", 0)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--binary", type=Path, default=ROOT / "build/assay")
    parser.add_argument("--adapters", type=Path)
    parser.add_argument("--work", type=Path, default=ROOT / "peers-data/retrieval")
    parser.add_argument("--collections", nargs="+", default=COLLECTIONS)
    parser.add_argument("--weights", nargs="+", type=float, default=[0.7])
    parser.add_argument("--candidates", nargs="+", type=int, default=[20])
    options = parser.parse_args()
    options.binary = options.binary.resolve()
    means = {}
    for name in options.collections:
        plain, cases, _ = evaluate(options, name, "")
        for weight, candidates in itertools.product(options.weights, options.candidates):
            settings = f"retrieve: {{rerank_weight: {weight}, rerank_candidates: {candidates}}}\n"
            ranked, _, took_ms = evaluate(options, name, settings, "--rerank")
            means.setdefault((weight, candidates), []).append((plain, ranked))
            print(json.dumps({"collection": name, "questions": cases, "weight": weight, "candidates": candidates, "hybrid": round(plain, 4),
                              "reranked": round(ranked, 4), "points": round(100 * (ranked - plain), 2),
                              "ms_each": round(took_ms / cases, 1)}), flush=True)  # fmt: skip
    best = -1.0
    for (weight, candidates), pairs in means.items():
        points = 100 * sum(ranked - plain for plain, ranked in pairs) / len(pairs)
        best = max(best, points)
        print(json.dumps({"mean": len(pairs), "weight": weight, "candidates": candidates, "points": round(points, 2)}), flush=True)
    return 0 if best > 0 else 1


if __name__ == "__main__":
    sys.exit(main())
