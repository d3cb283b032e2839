#!/usr/bin/env python3
"""What coarser numbers cost in finding: embeds judged collections with each precision, ranks by cosine, and prints nDCG@10.

    python3 -m venv peers-data/venv && peers-data/venv/bin/pip install numpy sentence-transformers
    peers-data/venv/bin/python bench/embed_quality.py --data DATA_FOLDER --binary build/assay

For each collection one JSON line: nDCG@10 with f32, bf16 and int8, what each loses against f32, and nDCG@10 of sentence-transformers
in f32 with the same model. Fails when f32 differs from sentence-transformers by more than 0.0005, or a precision loses more than 0.5 %.
Vectors of sentence-transformers are kept in peers-data/quality/.
"""
import argparse
import csv
import gzip
import json
import math
import subprocess
import sys
import tempfile
from collections import defaultdict
from pathlib import Path

import numpy as np

ROOT = Path(__file__).resolve().parent.parent
KEPT = ROOT / "peers-data/quality"
PRECISIONS = ("f32", "bf16", "int8")
LOSS_MAX, DIFFERENCE_MAX = 0.005, 0.0005


def one_line(text):
    return " ".join(text.split())


def load(folder):
    with gzip.open(folder / "corpus.jsonl.gz", "rt", encoding="utf-8") as file:
        documents = [json.loads(line) for line in file]
    with open(folder / "queries.jsonl", encoding="utf-8") as file:
        queries = [json.loads(line) for line in file]
    judged = defaultdict(dict)
    with open(folder / "qrels.tsv", encoding="utf-8") as file:
        for row in csv.DictReader(file, delimiter="\t"):
            judged[row["query-id"]][row["corpus-id"]] = float(row["score"])
    queries = [query for query in queries if query["_id"] in judged]
    return ([document["_id"] for document in documents], [one_line(f"{d.get('title', '')} {d['text']}") for d in documents],
            [query["_id"] for query in queries], [one_line(query["text"]) for query in queries], judged)


def embed_ours(binary, model, precision, threads, texts):
    with tempfile.TemporaryDirectory() as folder:
        lines, out = Path(folder) / "lines", Path(folder) / "vectors.npy"
        lines.write_text("".join(text + "\n" for text in texts), encoding="utf-8")
        with open(out, "wb") as file:
            subprocess.run([binary, "embed", "--model", model, "--precision", precision, "--threads", str(threads), "--format", "npy", lines],
                           check=True, stdout=file)
        vectors = np.load(out)
    assert len(vectors) == len(texts), f"{len(vectors)} vectors, expected {len(texts)}"
    return vectors


def embed_theirs(model, threads, texts, name):
    """By sentence-transformers; kept, because it does not change and takes minutes."""
    kept = KEPT / f"{Path(model).name}-{name}.npy"
    if not kept.exists():
        import torch
        from sentence_transformers import SentenceTransformer

        torch.set_num_threads(threads)
        encoder = SentenceTransformer(str(model), device="cpu", model_kwargs={"dtype": torch.float32})
        KEPT.mkdir(parents=True, exist_ok=True)
        np.save(kept, encoder.encode(texts, batch_size=16, normalize_embeddings=True, show_progress_bar=False))
    vectors = np.load(kept)
    assert len(vectors) == len(texts), f"{kept} is of other texts: delete it"
    return vectors


def ndcg(ranking, relevant, ids):
    gain = sum(relevant.get(ids[number], 0) / math.log2(rank + 2) for rank, number in enumerate(ranking[:10]))
    ideal = sum(g / math.log2(rank + 2) for rank, g in enumerate(sorted((g for g in relevant.values() if g > 0), reverse=True)[:10]))
    return gain / ideal if ideal > 0 else None


def mean_ndcg(vectors, ids, query_ids, judged):
    documents, queries = vectors[: len(ids)].astype(np.float64), vectors[len(ids) :].astype(np.float64)
    documents /= np.maximum(np.linalg.norm(documents, axis=1, keepdims=True), 1e-12)
    places, scores = {name: at for at, name in enumerate(ids)}, queries @ documents.T
    for row, query in enumerate(query_ids):  # as `assay eval`: a question that is a document does not find itself
        if query in places and not judged[query].get(query):
            scores[row, places[query]] = -2
    rankings = np.argsort(-scores, axis=1, kind="stable")[:, :10]
    values = [ndcg(ranking, judged[query], ids) for ranking, query in zip(rankings, query_ids)]
    return float(np.mean([value for value in values if value is not None]))


def measure(name, options):
    ids, texts, query_ids, queries, judged = load(Path(options.data) / name)
    theirs = mean_ndcg(embed_theirs(options.model, options.threads, texts + queries, name), ids, query_ids, judged)
    result = {"collection": name, "documents": len(texts), "queries": len(queries), "ndcg10_sentence_transformers": theirs}
    ok = True
    if not options.peers_only:
        for precision in PRECISIONS:
            vectors = embed_ours(options.binary, options.model, precision, options.threads, texts + queries)
            result[f"ndcg10_{precision}"] = mean_ndcg(vectors, ids, query_ids, judged)
        for precision in PRECISIONS[1:]:
            result[f"loss_{precision}"] = 1 - result[f"ndcg10_{precision}"] / result["ndcg10_f32"]
            ok = ok and result[f"loss_{precision}"] <= LOSS_MAX
        ok = ok and abs(result["ndcg10_f32"] - theirs) <= DIFFERENCE_MAX
    print(json.dumps({key: round(value, 5) if isinstance(value, float) else value for key, value in result.items()}), flush=True)
    return ok


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", default=ROOT.parent / "shared/data", help="folder with one folder a collection")
    parser.add_argument("--binary", default=ROOT / "build/assay")
    parser.add_argument("--model", default=ROOT / "models/all-MiniLM-L6-v2")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--peers-only", action="store_true")
    parser.add_argument("collections", nargs="*", default=["cranfield", "npl", "med"])
    options = parser.parse_args()
    return 0 if all([measure(name, options) for name in options.collections]) else 1


if __name__ == "__main__":
    sys.exit(main())
