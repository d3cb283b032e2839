#!/usr/bin/env python3
"""Are the measures of retrieval those of trec_eval and ranx? Both measure the run files that `assay eval` writes, with graded judgements, and each of
its means is set beside theirs.

    python3 -m venv peers-data/venv-ranx && peers-data/venv-ranx/bin/pip install ranx pytrec_eval-terrier
    peers-data/venv-ranx/bin/python bench/ranking_peers.py [--data FOLDER] [--binary build/assay] [COLLECTION...]

Beside collections in BEIR's layout (cranfield is graded 1 to 4, the others 0 and 1) stands one that is made here to be hard: many equal scores, judgements of 0 and
below, questions with no relevant document or none judged, questions that find little or nothing, a text named as a question, and names of other scripts.

Who is measured: questions with a relevant document. trec_eval leaves out a question without results, and ranx counts it 0; so is it here, where
such questions are told to both as finding a document that nobody judged. Exit status 1 when a mean differs by more than 1e-6."""

import argparse
import json
import pathlib
import random
import subprocess
import sys
import tempfile
from collections import defaultdict

import numpy
import pytrec_eval
import ranx

import retrieval_quality

ROOT = pathlib.Path(__file__).resolve().parents[1]
DIFFERENCE_MAX = 1e-6
COLLECTIONS = ("cranfield", "cisi", "med", "scifact")
TREC = {"recall@1": "recall_1", "recall@5": "recall_5", "recall@10": "recall_10", "ndcg@10": "ndcg_cut_10", "hit@5": "success_5",
        "hit@10": "success_10", "precision@5": "P_5", "precision@10": "P_10", "map": "map", "mrr@10": "recip_rank"}  # fmt: skip
RANX = {**{name: name for name in TREC}, "hit@5": "hit_rate@5", "hit@10": "hit_rate@10"}


def made(folder, chance):
    """Few words and short texts: their scores are equal more often than not."""
    names = [f"word{i}" for i in range(40)]
    texts = [{"_id": f"d{i}", "text": " ".join(chance.choices(names, k=4))} for i in range(400)]
    texts += [{"_id": "q7", "text": " ".join(names[:6])}, {"_id": "é-名", "text": "word1 word2"}]
    questions = [{"_id": f"q{i}", "text": " ".join(chance.choices(names, k=2))} for i in range(200)]
    questions[11]["text"] = "nothingofthis"
    rows = [(question["_id"], text["_id"], chance.choice([-1, 0, 0, 1, 1, 2, 3, 4])) for question in questions[:180] for text in chance.sample(texts, 25)]
    rows += [("q180", "d1", 0), ("nobody", "d1", 1), ("q11", "d3", 2)]
    retrieval_quality.write_lines(folder / "corpus.jsonl", texts)
    retrieval_quality.write_lines(folder / "queries.jsonl", questions)
    judged = {(question, text): gain for question, text, gain in rows}
    (folder / "qrels.tsv").write_text("query-id\tcorpus-id\tscore\n" + "".join(f"{q}\t{d}\t{g}\n" for (q, d), g in judged.items()), encoding="utf-8")
    return folder / "corpus.jsonl", folder / "queries.jsonl", folder / "qrels.tsv"


def judgements(path, asked):
    """Of questions that are asked and have something relevant; a text named as its question is no answer to it."""
    judged = defaultdict(dict)
    for line in path.read_text(encoding="utf-8").splitlines()[1:]:
        question, document, gain = line.split("\t")
        if question in asked and question != document:
            judged[question][document] = int(gain)
    return {question: documents for question, documents in judged.items() if max(documents.values()) > 0}


def run_file(path, judged):
    run = {question: {} for question in judged}
    for line in path.read_text(encoding="utf-8").splitlines():
        question, _, document, _, score, _ = line.split(" ")
        run[question][document] = float(score)
    return {question: documents or {"nothing was found": 1.0} for question, documents in run.items()}


def by_trec(judged, run):
    measures = {"recall.1,5,10", "ndcg_cut.10", "success.5,10", "P.5,10", "map"}
    of = pytrec_eval.RelevanceEvaluator(judged, measures).evaluate(run)
    found = {name: [of[question][key] for question in judged] for name, key in TREC.items() if name != "mrr@10"}
    # recip_rank has no cut: of the first ten as trec_eval orders them, by score (a float there) and then by name, descending
    first = {question: sorted(hits, key=lambda document: (numpy.float32(hits[document]), document), reverse=True)[:10] for question, hits in run.items()}
    cut = {question: {document: run[question][document] for document in documents} for question, documents in first.items()}
    of = pytrec_eval.RelevanceEvaluator(judged, {"recip_rank"}).evaluate(cut)
    found["mrr@10"] = [of[question]["recip_rank"] for question in judged]
    return {name: float(numpy.mean(values)) for name, values in found.items()}


def by_ranx(judged, run):
    """ranx says nothing of the order of equal scores: that of trec_eval is told to it as scores without equals. Gains below 0 it would take as they are."""
    ordered = {}
    for question, hits in run.items():
        ranking = sorted(hits, key=lambda document: (numpy.float32(hits[document]), document), reverse=True)
        ordered[question] = {document: float(len(ranking) - i) for i, document in enumerate(ranking)}
    relevant = {question: {document: gain for document, gain in documents.items() if gain > 0} for question, documents in judged.items()}
    found = ranx.evaluate(ranx.Qrels(relevant), ranx.Run(ordered), list(RANX.values()), make_comparable=True)
    return {name: float(found[key]) for name, key in RANX.items()}


def compare(options, name, files, folder):
    corpus, queries, qrels = files
    command = [options.binary, "eval", "--json", "--quiet", "--mode", "text", "--corpus", corpus, "--queries", queries, "--qrels", qrels, "--run-out", folder / "run.trec"]
    ours = json.loads(subprocess.run(command, check=True, stdout=subprocess.PIPE).stdout)
    asked = {row["_id"] for row in retrieval_quality.read_lines(queries)}
    judged = judgements(qrels, asked)
    run = run_file(folder / "run.trec", judged)
    if ours["cases"] != len(judged):
        raise SystemExit(f"{name}: {ours['cases']} questions are measured, expected {len(judged)}")
    peers = {"trec_eval": by_trec(judged, run), "ranx": by_ranx(judged, run)}
    ties = sum(len(hits) - len(set(map(numpy.float32, hits.values()))) for hits in run.values())
    print(f"{name}: {len(judged)} questions, {sum(map(len, run.values()))} results, {ties} with the score of another", flush=True)
    worst = 0
    for measure, value in ours["retrieval"].items():
        apart = [value - found[measure] for found in peers.values()]
        worst = max(worst, *map(abs, apart))
        print(f"  {measure:12} {value:.9f}  " + "  ".join(f"{peer} {difference:+.1e}" for peer, difference in zip(peers, apart)), flush=True)
    return worst


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", default=ROOT.parent / "shared/data")
    parser.add_argument("--binary", default=ROOT / "build/assay")
    parser.add_argument("collections", nargs="*", default=COLLECTIONS)
    options = parser.parse_args()
    worst = 0
    with tempfile.TemporaryDirectory() as work:
        work = pathlib.Path(work)
        worst = compare(options, "made", made(work, random.Random(3)), work)
        for name in options.collections:
            worst = max(worst, compare(options, name, retrieval_quality.files_of(options.data, work, name), work))
    print(f"largest difference: {worst:.1e}")
    return 0 if worst <= DIFFERENCE_MAX else 1


if __name__ == "__main__":
    sys.exit(main())
