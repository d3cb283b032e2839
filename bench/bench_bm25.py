#!/usr/bin/env python3
"""Times full-text search beside tantivy, bm25s and SQLite FTS5: the same 300,000 documents of the same words, the same 2,000 questions.

    python3 -m venv peers-data/venv && peers-data/venv/bin/pip install numpy numba bm25s tantivy
    meson setup build --buildtype=release && ninja -C build
    peers-data/venv/bin/python bench/bench_bm25.py --binary build/assay --peers PEERS_FOLDER

PEERS_FOLDER holds bm25_gen.py, which makes the documents and questions below peers-data/bm25/, and bm25.py, which runs one peer. Every
program is run by itself, one after the other; questions go one by one on one thread, top 10, k1 = 1.2, b = 0.75. The index is built on
two threads, by tantivy too. Prints one JSON line for each program and one with the ratios. With
--processor-time questions are timed by the time that the thread has run, not by the clock on the wall: for machines that are busy. Fails when the hits are not those of a scorer
in double precision that looks at every document.
"""
import argparse
import json
import math
import subprocess
import sys
from collections import Counter
from pathlib import Path

import numpy as np
from probes import build_probe

K1, B, TOP, ROOT = 1.2, 0.75, 10, Path(__file__).resolve().parent.parent
PEERS = {"tantivy": ["--threads", "2"], "bm25s_numba": ["--threads", "1"], "fts5": ["--threads", "1", "--nq", "200"]}


def run_peer(folder, name, options, by_processor):
    command = [sys.executable, Path(folder) / "bm25.py", "--engine", name, *options]
    if by_processor:  # the same script, with another clock
        script = f"import runpy, sys, time; time.perf_counter = time.thread_time; sys.path.insert(0, {str(folder)!r}); " \
                 f"sys.argv = sys.argv[1:]; runpy.run_path(sys.argv[0], run_name='__main__')"
        command[1:1] = ["-c", script]
    return json.loads(subprocess.run(command, check=True, capture_output=True, text=True, cwd=ROOT).stdout.splitlines()[-1])


def run_assay(probe, documents, questions):
    """The figures, and for each question its hits: (document, score), best first."""
    done = subprocess.run([probe, "bench", documents, questions, str(TOP), "2"], check=True, capture_output=True, text=True)
    runs = {}
    for line in done.stdout.splitlines():
        question, _, document, rank, score, _ = line.split()
        hits = runs.setdefault(int(question) - 1, [])
        if int(rank) <= len(hits):  # the second index answers again, and the same
            assert hits[int(rank) - 1] == (int(document) - 1, float(score)), f"question {question}: other hits after merging"
        else:
            hits.append((int(document) - 1, float(score)))
    return json.loads(done.stderr), runs


def check_hits(documents, questions, runs):
    """Every document scored plainly, for every tenth question; returns the largest relative difference of a score, by document and by rank."""
    asked = {i: line.split() for i, line in enumerate(open(questions, encoding="ascii").read().splitlines()) if i % 10 == 0}
    wanted = {word for words in asked.values() for word in words}
    postings, lengths = {word: ([], []) for word in wanted}, []
    with open(documents, encoding="ascii") as file:
        for number, line in enumerate(file):
            words = line.split()
            lengths.append(len(words))
            for word, frequency in Counter(w for w in words if w in wanted).items():
                postings[word][0].append(number)
                postings[word][1].append(frequency)
    lengths = np.array(lengths, dtype=float)
    norms = K1 * (1 - B + B * lengths / lengths.mean())
    worst = 0.0
    for question, words in asked.items():
        scores = np.zeros(len(lengths))
        for word in words:
            numbers, frequencies = (np.array(values) for values in postings[word])
            idf = math.log(1 + (len(lengths) - len(numbers) + 0.5) / (len(numbers) + 0.5))
            scores[numbers] += idf * frequencies / (frequencies + norms[numbers])
        best = np.sort(scores)[::-1][:TOP]
        assert len(runs[question]) == TOP, f"question {question}: {len(runs[question])} hits"
        for (document, score), at_rank in zip(runs[question], best):
            worst = max(worst, abs(score - scores[document]) / score, abs(score - at_rank) / score)
    return worst


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--peers", default=ROOT.parent / "shared/bench/peers", help="folder with bm25.py and bm25_gen.py")
    parser.add_argument("--binary", default=ROOT / "build/assay", help="the program; the index's library lies beside it")
    parser.add_argument("--processor-time", action="store_true", help="time questions by the time that the thread has run")
    arguments = parser.parse_args()
    documents, questions = (ROOT / "peers-data/bm25" / name for name in ("docs.txt", "queries.txt"))
    if not questions.exists():
        subprocess.run([sys.executable, Path(arguments.peers) / "bm25_gen.py"], check=True, cwd=ROOT)
    ours, runs = run_assay(build_probe("index_probe", Path(arguments.binary).parent), documents, questions)
    print(json.dumps({"name": "assay", **ours}), flush=True)
    ratios = {"score_difference_max": check_hits(documents, questions, runs)}
    clock = "processor_" if arguments.processor_time else ""
    for name, options in PEERS.items():
        peer = run_peer(arguments.peers, name, options, arguments.processor_time)
        print(json.dumps(peer), flush=True)
        ratios[name] = {"queries_per_second": round(ours[f"{clock}qps"] / peer["qps_1thread"], 2),
                        "queries_per_second_unmerged": round(ours[f"parts_{clock}qps"] / peer["qps_1thread"], 2),
                        "p50": round(peer["p50_ms"] / ours[f"{clock}p50_ms"], 2),
                        "p99": round(peer["p99_ms"] / ours[f"{clock}p99_ms"], 2),
                        "bytes": round(ours["merged_bytes"] / (peer["disk_mib"] * 2**20), 3),
                        "bytes_unmerged": round(ours["bytes"] / (peer["disk_mib"] * 2**20), 3)}
        if not arguments.processor_time:
            ratios[name]["documents_per_second"] = round(ours["documents_per_second"] / peer["index_docs_per_s"], 2)
    print(json.dumps(ratios))
    return 0 if ratios["score_difference_max"] <= 1e-5 else 1


if __name__ == "__main__":
    sys.exit(main())
