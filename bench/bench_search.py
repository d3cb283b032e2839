#!/usr/bin/env python3
"""How long a question takes on a large project, and how soon an added document is found while others search.

    python3 bench/bench_search.py --binary build/assay [--passages 100000]

Makes a project of N passages from a seed (vectors are drawn, because embedding them would take hours: bench/fill_project.c), then
measures, one JSON line each:
  search      `assay bench search`: the builtin model embeds the question, words, vectors, fusion, 8 passages, in one process
  found_after from the report of `add --no-embed` that a document is durable until a search of another process finds it, with searches
              going on beside it: one that has the project open (bench/found_probe.c), and one that starts then
  merge       p99 of searches while `add` merges index files, over the p99 without
Fails when an answer is wrong. With --passages 1000000 the bars are p50 5 ms and p99 10 ms for hybrid search.
"""
import argparse
import json
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from probes import build_probe

ROOT = Path(__file__).resolve().parent.parent
MODEL = ROOT / "models/all-MiniLM-L6-v2"


def build_found_probe(build):
    program = build / "found_probe"
    subprocess.run(["cc", "-O2", "-D_GNU_SOURCE", "-I", ROOT / "include", ROOT / "bench/found_probe.c", f"-L{build}/include", "-lassay",
                    f"-Wl,-rpath,{build}/include", "-o", program], check=True)
    return program


def run_json(*words, cwd):
    return json.loads(subprocess.run(words, check=True, stdout=subprocess.PIPE, cwd=cwd).stdout)


def emit(name, **values):
    print(json.dumps({"name": name, **values}), flush=True)


def search_load(binary, project, seconds_of_questions):
    """Searches that go on beside something else; ends by itself."""
    return subprocess.Popen([binary, "bench", "search", "--mode", "hybrid", "--count", str(seconds_of_questions), "--json"], cwd=project,
                            stdout=subprocess.PIPE)


def found_after(binary, project, tries):
    """Milliseconds from the report of an added document until it is found, by a process that is there and by a new one."""
    open_waits, new_waits = [], []
    with subprocess.Popen([build_found_probe(binary.parent), project], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as probe:
        def ask(word):
            started = time.monotonic()
            probe.stdin.write(f"{word}\n")
            probe.stdin.flush()
            assert probe.stdout.readline(), f"{word} is not found"
            return (time.monotonic() - started) * 1000

        for number in range(tries):
            word = f"quokka{time.time_ns():x}"
            path = project / "docs" / f"{word}.md"
            path.parent.mkdir(exist_ok=True)
            path.write_text(f"# Found\n\nThe {word} is here.\n")
            with subprocess.Popen([binary, "add", "--no-embed", "--verbose", str(path)], cwd=project, stdout=subprocess.PIPE, text=True) as adding:
                while not adding.stdout.readline().startswith("added"):
                    pass
                open_waits.append(ask(word))
                durable = time.monotonic()
                results = run_json(binary, "search", "--json", "--mode", "text", word, cwd=project)["results"]
                new_waits.append((time.monotonic() - durable) * 1000)
                assert results and word in results[0]["document"], f"{word} is not found right after it was reported"
        probe.stdin.close()
    return sorted(open_waits), sorted(new_waits)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--binary", type=Path, default=ROOT / "build/assay")
    parser.add_argument("--passages", type=int, default=100000)
    parser.add_argument("--questions", type=int, default=1000)
    parser.add_argument("--no-merge", action="store_true", help="leave that measurement out")
    parser.add_argument("--keep", type=Path, help="folder for the project, used again next time")
    options = parser.parse_args()
    if not MODEL.exists():
        print(f"left out: {MODEL} is not there; scripts/setup fetches it")
        return 0
    binary = options.binary.resolve()
    filler = build_probe("fill_project", binary.parent)
    project = options.keep.resolve() if options.keep else Path(tempfile.mkdtemp(prefix="assay-bench-"))
    try:
        if not (project / "assay.yaml").exists():
            subprocess.run([binary, "init", "--quiet", project], check=True)
            (project / "assay.yaml").write_text(f"embedding: {MODEL}\n")
            emit("fill", **run_json(filler, project, str(options.passages), MODEL, cwd=project))
        report = run_json(binary, "bench", "search", "--json", "--count", str(options.questions), cwd=project)
        emit("search", passages=report["passages"], **report["metrics"])
        alone = report["metrics"]["hybrid"]["p99_ms"]
        load = search_load(binary, project, 2 * options.questions)
        for who, waits in zip(("open", "new"), found_after(binary, project, 20)):
            emit(f"found_after_by_{who}_process", p50_ms=round(waits[len(waits) // 2], 1), most_ms=round(waits[-1], 1), of=len(waits))
        load.communicate()
        if options.no_merge:
            return 0
        load = search_load(binary, project, 2 * options.questions)
        subprocess.run([filler, project, str(max(20000, options.passages // 10)), MODEL], check=True, stdout=subprocess.DEVNULL)
        during = json.loads(load.communicate()[0])["metrics"]["hybrid"]["p99_ms"]
        emit("merge", p99_ms=during, p99_alone_ms=alone, ratio=round(during / alone, 2))
    finally:
        if not options.keep:
            shutil.rmtree(project)
    return 0


if __name__ == "__main__":
    sys.exit(main())
