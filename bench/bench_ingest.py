"""How fast documents become passages: read, cleaned and cut in memory (bench/cut_probe.c); the whole `assay add`, without vectors and with
them, beside LangChain's and LlamaIndex's loaders and splitters on the same pages with the same model (bench/ingest_peers.py); and how long
after a file is written `assay add --watch` lets it be found.

The pages are real Markdown (18F's handbook, GOV.UK's developer manual, three companies' documents) below --data, taken again with words
exchanged until there are --pages of them. Of the embedding only --embed-pages are done, by all. The PDF files are those of the companies' documents,
added whole. --small takes a minute or two on an idle machine and shows that all of it runs; its ratios are not those of the full setting. Without
--data the bench says so and ends."""

import argparse
import json
import os
import random
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from probes import build_probe

ROOT = Path(__file__).resolve().parent.parent
SOURCES = ("handbook-18f/pages", "techdocs-govuk/manual", "rag-multi-corpus")
BARS = {"cut Markdown": 100, "cut HTML": 100, "add": 20, "pdf": 200}
SMALL = {"pages": 400, "embed_pages": 60, "repeats": 1, "seconds": 1}


def emit(name, **values):
    print(json.dumps({"name": name, **values}), flush=True)


def stop(*words):
    print(*words, file=sys.stderr)
    raise SystemExit(1)


def exchanged(text, chance):
    """The same page with two words of each longer line exchanged, so that no passage is one that was met before."""
    lines = text.split("\n")
    for i, line in enumerate(lines):
        words = line.split(" ")
        if len(words) > 8 and not line.startswith(("    ", "|", "#", "```")):
            a, b = chance.sample(range(2, len(words)), 2)
            words[a], words[b] = words[b], words[a]
            lines[i] = " ".join(words)
    return "\n".join(lines)


def make_pages(data, folder, count):
    originals = []
    for source in SOURCES:
        originals += [path.read_text(encoding="utf-8") for path in sorted((data / source).rglob("*.md"))]
    if not originals:
        stop(f"no Markdown below {data}: name the folder that holds {', '.join(SOURCES)} with --data")
    chance = random.Random(7)
    size = 0
    for number in range(count):
        text = originals[number % len(originals)]
        text = text if number < len(originals) else exchanged(text, chance)
        path = folder / f"{number // 100:03d}" / f"page{number:05d}.md"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        size += path.stat().st_size
    return size


def probe(program, paths, seconds, folder):
    if not paths:
        return None
    names = folder / "list"
    names.write_text("".join(f"{path}\n" for path in paths))
    return json.loads(subprocess.run([program, names, str(seconds)], check=True, capture_output=True, text=True).stdout)


def run_assay(binary, project, *words):
    start = time.perf_counter()
    done = subprocess.run([binary, "--project", project, *words, "--json"], capture_output=True, text=True, check=False)
    if done.returncode != 0:
        stop(words, done.stdout, done.stderr)
    return time.perf_counter() - start, json.loads(done.stdout)


def new_project(binary, folder, pages, model):
    project = folder / "project"
    subprocess.run(["rm", "-rf", project], check=True)
    subprocess.run([binary, "init", "-q", project], check=True)
    (project / "assay.yaml").write_text(f"documents: [{pages}]\nembedding: {model}\n")
    return project


def time_add(binary, folder, pages, count, repeats, model=None):
    """Seconds for each of `repeats` adds into an empty project; the answers are checked."""
    seconds = []
    for _ in range(repeats):
        project = new_project(binary, folder, pages, model or "none")
        took, answer = run_assay(binary, project, "add")
        if answer["added"] != count or answer["failed"] or (model and answer["embedded"] < answer["passages"] * 0.8):
            stop("add:", {key: answer[key] for key in ("added", "passages", "embedded")}, answer["failed"][:3])
        seconds.append(took)
    return seconds, answer["passages"]


def page_count(path):
    told = subprocess.run(["pdfinfo", path], check=True, capture_output=True, text=True).stdout
    return next(int(line.split()[1]) for line in told.splitlines() if line.startswith("Pages:"))


def time_pdf(binary, data, folder, repeats):
    """Pages a second of `assay add` on PDF files; None where there are none, or no pdfinfo to count their pages."""
    files = sorted(data.glob("rag-multi-corpus/*/pdf/**/*.pdf"))
    if not files or shutil.which("pdfinfo") is None:
        return None
    copies = folder / "pdf"
    copies.mkdir()
    for number, file in enumerate(files):
        shutil.copy(file, copies / f"{number:04d}.pdf")
    pages = sum(page_count(file) for file in files)
    seconds, _ = time_add(binary, folder, copies, len(files), repeats)
    return {"files": len(files), "pages": pages, "seconds": statistics.median(seconds), "pages_per_second": pages / statistics.median(seconds)}


def time_peer(peer, folder, count, model=None):
    python = ROOT / "peers-data/venv/bin/python"
    words = [python, ROOT / "bench/ingest_peers.py", folder, "--peer", peer] + (["--model", model] if model else [])
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        stop(f"{peer}: install what bench/ingest_peers.py names into peers-data/venv\n", done.stderr[-2000:])
    answer = json.loads(done.stdout.splitlines()[-1])
    if answer["documents"] < count:
        stop(f"{peer} read {answer['documents']} of {count} pages")
    return answer


def time_watch(binary, folder, pages, repeats):
    """Milliseconds from the end of writing a file until a search finds it."""
    project = new_project(binary, folder, pages, "none")
    watcher = subprocess.Popen([binary, "-C", project, "add", "--watch", "--json"], stdout=subprocess.PIPE, text=True)
    took = []
    try:
        while json.loads(watcher.stdout.readline())["change"] != "ready":
            pass
        for number in range(repeats):
            path = pages / "000" / f"watched{number}.md"
            path.write_text(f"# New\n\nzorbit{number}watched\n")
            start = time.perf_counter()
            while not run_assay(binary, project, "search", f"zorbit{number}watched")[1]["results"]:
                if time.perf_counter() - start > 30:
                    stop("a new file was not found within 30 s")
            took.append((time.perf_counter() - start) * 1000)
            path.unlink()
    finally:
        watcher.terminate()
        watcher.wait()
    return took


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--binary", default="build/assay")
    parser.add_argument("--data", default=str(ROOT / "../shared/data"))
    parser.add_argument("--pages", type=int, default=5000)
    parser.add_argument("--embed-pages", type=int, default=5000)
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--seconds", type=float, default=5, help="of each probe")
    parser.add_argument("--no-peers", action="store_true")
    parser.add_argument("--embed-peers", nargs="*", default=["langchain", "llamaindex"], help="those that embed too: half an hour or more each")
    parser.add_argument("--small", action="store_true", help=" ".join(f"{name} {value}" for name, value in SMALL.items()))
    options = parser.parse_args()
    for name, value in SMALL.items() if options.small else ():
        setattr(options, name, value)
    binary, data, model = os.path.abspath(options.binary), Path(options.data), str(ROOT / "models/all-MiniLM-L6-v2")
    if not data.is_dir():
        print(f"bench_ingest: no folder {data}: nothing measured (name one with --data)")
        return
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        pages, few = folder / "pages", folder / "few"
        size = make_pages(data, pages, options.pages)
        make_pages(data, few, options.embed_pages)
        rows = []
        program = build_probe("cut_probe", Path(binary).parent)
        html = sorted(data.glob("rag-multi-corpus/*/html/**/*.html"))
        for title, paths in (("cut Markdown", sorted(pages.rglob("*.md"))), ("cut HTML", html)):
            answer = probe(program, paths, options.seconds, folder)
            if answer:
                emit(title, **answer)
                rows.append((title, f"{answer['mb_per_second']:.0f} MB/s", f"≥ {BARS[title]} MB/s"))
        seconds, passages = time_add(binary, folder, pages, options.pages, options.repeats)
        median = statistics.median(seconds)
        emit("add", pages=options.pages, bytes=size, passages=passages, seconds=median, least=min(seconds), most=max(seconds))
        rows.append(("add, no vectors", f"{size / median / 1e6:.1f} MB/s", f"≥ {BARS['add']} MB/s"))
        answer = time_pdf(binary, data, folder, options.repeats)
        if answer:
            emit("add PDF", **answer)
            rows.append(("add, PDF", f"{answer['pages_per_second']:.0f} pages/s", f"≥ {BARS['pdf']} pages/s"))
        took = time_watch(binary, folder, pages, 5)
        emit("found after writing, watched", median_ms=statistics.median(took), most_ms=max(took), runs=len(took))
        rows.append(("watched: written → found", f"{max(took):.0f} ms at the most", "≤ 1000 ms"))
        with_vectors, passages = time_add(binary, folder, few, options.embed_pages, 1, model)
        emit("add with vectors", pages=options.embed_pages, passages=passages, seconds=with_vectors[0])
        for peer in () if options.no_peers else ("langchain", "llamaindex"):
            answer = time_peer(peer, pages, options.pages)
            emit(f"{peer} without vectors", **answer, ratio=answer["cut_seconds"] / median)
            rows.append((f"{peer}, no vectors", f"{answer['cut_seconds']:.1f} s: {answer['cut_seconds'] / median:.1f} ×", "≥ 20 ×"))
            if peer not in options.embed_peers:
                continue
            answer = time_peer(peer, few, options.embed_pages, model)
            total = answer["cut_seconds"] + answer["embed_seconds"]
            emit(f"{peer} with vectors", **answer, ratio=total / with_vectors[0])
            rows.append((f"{peer}, with vectors", f"{total:.1f} s: {total / with_vectors[0]:.1f} ×", "≥ 4 ×"))
    for row in rows:
        print(f"{row[0]:28} {row[1]:28} {row[2]}")


if __name__ == "__main__":
    main()
