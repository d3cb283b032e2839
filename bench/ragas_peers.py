#!/usr/bin/env python3
"""Are the measures that Ragas defines without a judge those of `assay eval`? Its own code measures what `assay eval` found, and is set beside it.

    python3 -m venv peers-data/venv-ranx && peers-data/venv-ranx/bin/python -m pip install ragas "langchain-community<0.4"
    peers-data/venv-ranx/bin/python bench/ragas_peers.py [--data FOLDER] [--binary build/assay] [COLLECTION...]

    recall@k        context recall by ids, over the first k results
    precision@k     context precision by ids, over the first k results. Ragas divides by what was found, trec_eval by k: questions that find fewer are left out
    similarity      semantic similarity, of `assay embed`'s vectors, over the answers of examples/support that are not right

Exit status 1 when one differs by more than 1e-6 (similarity: 1e-5, by the precision that vectors are told in)."""

import argparse
import asyncio
import json
import pathlib
import shutil
import statistics
import subprocess
import sys
import tempfile
import warnings

import retrieval_quality

warnings.filterwarnings("ignore", category=DeprecationWarning)
from ragas import SingleTurnSample  # noqa: E402
from ragas.metrics import IDBasedContextPrecision, IDBasedContextRecall, SemanticSimilarity  # noqa: E402

ROOT = pathlib.Path(__file__).resolve().parents[1]
DIFFERENCE_MAX, SIMILARITY_DIFFERENCE_MAX = 1e-6, 1e-5
COLLECTIONS = ("cranfield", "cisi", "med", "scifact")
RECALLS, PRECISIONS, DEPTH = (1, 5, 10), (5, 10), 10


def run_json(binary, *words, **more):
    return json.loads(subprocess.run([binary, *map(str, words)], check=True, stdout=subprocess.PIPE, **more).stdout)


def score(metric, **fields):
    return asyncio.run(metric.single_turn_ascore(SingleTurnSample(**fields)))


def results(path):
    found = {}
    for line in path.read_text(encoding="utf-8").splitlines():
        question, _, document, rank, *_ = line.split(" ")
        found.setdefault(question, []).append((int(rank), document))
    return {question: [document for _, document in sorted(hits)] for question, hits in found.items()}


def relevant(path):
    judged = {}
    for line in path.read_text(encoding="utf-8").splitlines()[1:]:
        question, document, gain = line.split("\t")
        if int(gain) > 0 and question != document:  # a text named as its question is no answer to it
            judged.setdefault(question, []).append(document)
    return judged


def compare_retrieval(binary, name, files, folder):
    corpus, queries, qrels = files
    words = ["eval", "--json", "--quiet", "--mode", "text", "--corpus", corpus, "--qrels", qrels, "--run-out", folder / "run.trec", "--keep", folder / name]
    run_json(binary, *words, "--queries", queries)
    found, judged = results(folder / "run.trec"), relevant(qrels)
    kept = [row for row in retrieval_quality.read_lines(queries) if len(found.get(row["_id"], [])) >= DEPTH and row["_id"] in judged]
    retrieval_quality.write_lines(folder / "kept.jsonl", kept)
    ours = run_json(binary, *words, "--queries", folder / "kept.jsonl")
    assert ours["cases"] == len(kept)
    worst = 0
    measures = [("recall", IDBasedContextRecall(), k) for k in RECALLS] + [("precision", IDBasedContextPrecision(), k) for k in PRECISIONS]
    for measure, metric, k in measures:
        theirs = statistics.fmean(score(metric, retrieved_context_ids=found[row["_id"]][:k], reference_context_ids=judged[row["_id"]]) for row in kept)
        value = ours["retrieval"][f"{measure}@{k}"]
        worst = max(worst, abs(value - theirs))
        print(f"{name:10} {measure}@{k:<3} {value:.9f}  {value - theirs:+.1e}  ({len(kept)} questions)", flush=True)
    return worst


class Vectors:
    """What Ragas asks for vectors: those of the same model by the same program."""

    def __init__(self, binary):
        self.binary = binary

    async def aembed_text(self, text):
        return run_json(self.binary, "embed", "--json", "--quiet", input=text.encode() + b"\n")["embeddings"][0]


def compare_similarity(binary, folder):
    project = folder / "support"
    shutil.copytree(ROOT / "examples/support", project, ignore=shutil.ignore_patterns(".assay"))
    run_json(binary, "init", "--json", "--quiet", cwd=project)
    run_json(binary, "add", "--json", "--quiet", "docs", cwd=project)
    report = run_json(binary, "eval", "--json", "--quiet", cwd=project)
    cases = [json.loads(line) for line in (project / "eval.jsonl").read_text(encoding="utf-8").splitlines()]
    metric, worst, count = SemanticSimilarity(embeddings=Vectors(binary)), 0, 0
    for failure in report["answer"]["failures"]:
        wanted = cases[failure["line"] - 1]["answer"]
        if failure["answer"] is None or wanted is None or "\n" in failure["answer"]:
            continue
        golds = wanted if isinstance(wanted, list) else [wanted]
        theirs = max(score(metric, response=failure["answer"], reference=gold) for gold in golds)
        worst, count = max(worst, abs(failure["similarity"] - max(theirs, 0))), count + 1
    print(f"similarity of {count} answers (mean over all {report['answer']['cases']} cases {report['answer']['similarity']:.4f}): largest difference {worst:.1e}")
    return worst if count else 1


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", default=ROOT.parent / "shared/data")
    parser.add_argument("--binary", type=pathlib.Path, default=ROOT / "build/assay")
    parser.add_argument("collections", nargs="*", default=COLLECTIONS)
    options = parser.parse_args()
    binary = options.binary.resolve()
    with tempfile.TemporaryDirectory() as work:
        work = pathlib.Path(work)
        worst = max(compare_retrieval(binary, name, retrieval_quality.files_of(options.data, work, name), work) for name in options.collections)
        apart = compare_similarity(binary, work)
    print(f"largest difference: {worst:.1e}")
    return 0 if worst <= DIFFERENCE_MAX and apart <= SIMILARITY_DIFFERENCE_MAX else 1


if __name__ == "__main__":
    sys.exit(main())
