#!/usr/bin/env python3
"""What an answer costs beside the language model: everything around a model that answers at once.

    python3 bench/bench_ask.py --binary build/assay [--passages 100000] [--questions 1000]

Makes a project of N passages from a seed (bench/fill_project.c), and asks questions of words that stand there, of one process, with a model on
loopback that takes no time (bench/ask_many.c): question embedded, words, vectors, gate, prompt, request, verification, citation, audit log with
its syncs. Prints p50, p95 and p99 in one JSON line, and the same for the built-in answers. Fails when an answer has no citation. The bar is p99 <= 15 ms
over 100,000 passages.
"""
import argparse
import json
import random
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from ask_many import ask_many, build_asker, percentile
from bench_search import MODEL, run_json
from probes import build_probe

ROOT = Path(__file__).resolve().parent.parent
SYLLABLES = "ba do ri se lu ka me no ti pa go vi fe ru za he mo ni ta wo".split()
WARM_UP = 20


def word(rank):
    """As bench/fill_project.c has it."""
    text = ""
    while True:
        text += SYLLABLES[rank % 20]
        rank //= 20
        if rank == 0:
            return text


def questions_make(count, seed):
    drawn = random.Random(seed)
    return [("", " ".join(word(int(20 + drawn.random() ** 3 * 20000)) for _ in range(drawn.randint(4, 9)))) for _ in range(count)]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--binary", type=Path, default=ROOT / "build/assay")
    parser.add_argument("--passages", type=int, default=100000)
    parser.add_argument("--questions", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--keep", type=Path, help="folder for the project, used again next time")
    options = parser.parse_args()
    if not MODEL.exists():
        print(f"left out: {MODEL} is not there; scripts/setup fetches it")
        return 0
    binary = options.binary.resolve()
    asker, filler = build_asker(binary.parent), build_probe("fill_project", binary.parent)
    project = options.keep.resolve() if options.keep else Path(tempfile.mkdtemp(prefix="assay-bench-"))
    wrong = 0
    try:
        if not (project / "assay.yaml").exists():
            subprocess.run([binary, "init", "--quiet", project], check=True)
            (project / "assay.yaml").write_text(f"embedding: {MODEL}\n")
            run_json(filler, project, str(options.passages), MODEL, cwd=project)
        for name, model in (("model_at_0_ms", "mock"), ("builtin", None)):
            answers = ask_many(asker, project, questions_make(WARM_UP + options.questions, options.seed), model)[WARM_UP:]
            times = [answer["took_ms"] for answer in answers]
            bare = sum(answer["cited"] == "-" for answer in answers) if model else 0
            wrong += bare
            print(json.dumps({"name": f"ask_{name}", "passages": options.passages, "questions": len(times), "p50_ms": round(percentile(times, 0.5), 2),
                              "p95_ms": round(percentile(times, 0.95), 2), "p99_ms": round(percentile(times, 0.99), 2), "without_citation": bare}), flush=True)  # fmt: skip
    finally:
        if not options.keep:
            shutil.rmtree(project)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
