#!/usr/bin/env python3
"""Training in several processes beside one: how far the losses are apart, and how much faster it is.

    python3 bench/bench_team.py --binary build/assay --base models/all-MiniLM-L6-v2 [--processes 2 4] [--steps 20]

Each has one thread a process; pairs of about 60 tokens, batches of 32, in f32 (ASSAY_CPU=avx2) for the losses, as it comes for the speed."""
import argparse
import json
import os
import pathlib
import random
import subprocess
import tempfile

WORDS = "refund order parcel password invoice login address delivery account payment cancel late broken missing change update".split()


def write_questions(path, count):
    """Passages of 36 words and a number that is asked for."""
    rng = random.Random(5)
    paragraphs = []
    for i in range(count):
        words = [rng.choice(WORDS) for _ in range(36)]
        words[rng.randrange(36)] = number = str(1000 + i)
        context = " ".join(words)
        answers = [{"text": number, "answer_start": context.index(number)}]
        paragraphs.append({"context": context, "qas": [{"id": str(i), "question": f"which number is it, {words[0]}?", "answers": answers}]})
    path.write_text(json.dumps({"version": "v2.0", "data": [{"title": "numbers", "paragraphs": paragraphs}]}))


def train(options, folder, name, processes, environment):
    """Losses by step, and tokens a second."""
    start = ["mpirun", "--oversubscribe", "--bind-to", "none", "-n", str(processes)] if processes > 1 else []
    command = [*start, options.binary, "tune", "reader", "questions.json", "--steps", str(options.steps), "--model", options.base,
               "--threads", "1", "--name", name, "--json"]  # fmt: skip
    environment = {**os.environ, "OMPI_ALLOW_RUN_AS_ROOT": "1", "OMPI_ALLOW_RUN_AS_ROOT_CONFIRM": "1", **environment}
    run = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)
    if run.returncode != 0:
        raise SystemExit(run.stderr[-2000:])
    log = folder / ".assay" / "adapters" / name / "train.jsonl"
    losses = [entry["loss"] for entry in map(json.loads, log.read_text().splitlines()) if "loss" in entry]
    return losses, json.loads(run.stdout)["tokens_per_second"]


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--binary", default="build/assay", type=os.path.abspath)
    parser.add_argument("--base", default="models/all-MiniLM-L6-v2", type=os.path.abspath)
    parser.add_argument("--processes", nargs="+", type=int, default=[2, 4])
    parser.add_argument("--steps", type=int, default=20)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        folder = pathlib.Path(temporary)
        subprocess.run([options.binary, "init", ".", "-q"], cwd=folder, check=True)
        write_questions(folder / "questions.json", 40 * options.steps)
        alone, _ = train(options, folder, "alone", 1, {"ASSAY_CPU": "avx2"})
        _, speed = train(options, folder, "fast", 1, {})
        print(f"1 process: {speed:.0f} tokens/s")
        for processes in options.processes:
            losses, _ = train(options, folder, f"team{processes}", processes, {"ASSAY_CPU": "avx2"})
            apart = max(abs(a - b) for a, b in zip(losses, alone, strict=True))
            _, faster = train(options, folder, f"fast{processes}", processes, {})
            print(f"{processes} processes: {faster:.0f} tokens/s, {faster / speed:.2f} x; losses of {len(losses)} steps at most {apart:.1e} apart")


if __name__ == "__main__":
    main()
