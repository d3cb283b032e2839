"""Builds and runs bench/ask_many.c: many questions to one project, by one process."""

import subprocess
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


def build_asker(build):
    program = build / "ask_many"
    subprocess.run(["cc", "-O2", "-D_GNU_SOURCE", "-Wall", "-Wextra", "-I", ROOT / "include", ROOT / "bench/ask_many.c", f"-L{build}/include", "-lassay",
                    f"-Wl,-rpath,{build}/include", "-pthread", "-o", program], check=True)  # fmt: skip
    return program


def ask_many(program, project, questions, model=None, environment=None, undefended=False):
    """`questions`: (filter, question). A dictionary each, in order."""
    lines = "".join(f"{where}\t{' '.join(question.split())}\n" for where, question in questions)
    done = subprocess.run([program, project, *([model] if model else []), *(["undefended"] if undefended else [])], input=lines, capture_output=True, text=True, env=environment)
    if done.returncode != 0:
        raise RuntimeError(done.stderr)
    answers = []
    for line in done.stdout.splitlines():
        took, abstained, confidence, first, cited, text = line.split("\t")
        answers.append({"took_ms": float(took), "abstained": abstained == "1", "confidence": float(confidence), "first": first, "cited": cited, "answer": text})
    assert len(answers) == len(questions)
    return answers


def percentile(values, share):
    ordered = sorted(values)
    return ordered[min(int(len(ordered) * share), len(ordered) - 1)]
