#!/usr/bin/env python3
"""What is read out of HTML pages, Word documents and PDF files, beside other tools: against the same documents in Markdown.

    bench/text_quality.py [--build build] [--corpus FOLDER] [--most N]

FOLDER is RAG-Multi-Corpus, or laid out like it: COMPANY/FORM/NAME.FORM and COMPANY/md/NAME.md. Peers are used where they are installed (peers-data/venv:
pip install pymupdf pdfminer.six "markitdown[docx,pdf]" "unstructured[docx]" trafilatura docx2txt). A line for each form and reader: the mean and the
least word F1, the mean and the least agreement of the order of words (longest common subsequence over the longer list), and documents a second. Marks of
Markdown that a reader writes (#, *, |, -) are no words. Exits with 1 when assay's mean F1 is below 0.97 in a form."""
import argparse
import json
import subprocess
import sys
import time
from pathlib import Path

import pdf_quality
import reader_quality
from probes import build_probe

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / "peers-data/venv/bin/python"
F1_MIN = 0.97
LOOP = "import sys, json\n{start}\nfor path in sys.argv[1:]:\n    print(json.dumps({read}), flush=True)\n"
PEERS = {
    "markitdown": (("html", "docx", "pdf"), "from markitdown import MarkItDown\nreader = MarkItDown()", "reader.convert(path).text_content"),
    "unstructured, html": (("html",), "from unstructured.partition.html import partition_html", "'\\n'.join(str(part) for part in partition_html(filename=path))"),
    "unstructured, docx": (("docx",), "from unstructured.partition.docx import partition_docx", "'\\n'.join(str(part) for part in partition_docx(filename=path))"),
    "trafilatura": (("html",), "import trafilatura", "trafilatura.extract(open(path, encoding='utf-8').read()) or ''"),
    "docx2txt": (("docx",), "import docx2txt", "docx2txt.process(path)"),
    "pymupdf": (("pdf",), "import pymupdf", "'\\n'.join(page.get_text() for page in pymupdf.open(path))"),
    "pdfminer": (("pdf",), "from pdfminer.high_level import extract_text", "extract_text(path)"),
}


def by_peer(name, files):
    """Their texts, and the seconds that it took; None where the peer is not installed, or does not run (unstructured loads a model from the net)."""
    _, start, read = PEERS[name]
    program = LOOP.format(start=start, read=read)
    if not VENV.exists() or subprocess.run([VENV, "-c", program], capture_output=True).returncode != 0:
        return None
    begun = time.monotonic()
    done = subprocess.run([VENV, "-c", program, *files], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    if done.returncode != 0:
        return None
    return [json.loads(line) for line in done.stdout.splitlines()], time.monotonic() - begun


def by_assay(probes, form, files):
    begun = time.monotonic()
    if form == "pdf":
        found, _ = pdf_quality.texts([probes[1], *files])
        return [found.get(str(file), "") for file in files], time.monotonic() - begun
    documents = reader_quality.read(probes[0], form, files)
    return ["\n".join(reader_quality.texts_of(document)) if "blocks" in document else "" for document in documents], time.monotonic() - begun


def tell(form, name, wanted, texts, seconds):
    scores = [(pdf_quality.f1(got, want), pdf_quality.order(got, want)) for got, want in ((pdf_quality.words(text), want) for text, want in zip(texts, wanted))]
    means = [sum(score[i] for score in scores) / len(scores) for i in (0, 1)]
    least = [min(score[i] for score in scores) for i in (0, 1)]
    print(f"{form:5} {name:20} {means[0]:7.4f} {least[0]:7.4f} {means[1]:7.4f} {least[1]:7.4f} {len(texts) / seconds:9.1f}", flush=True)
    return means[0]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--build", type=Path, default=ROOT / "build")
    parser.add_argument("--corpus", type=Path, default=ROOT.parent / "shared/data/rag-multi-corpus")
    parser.add_argument("--most", type=int, help="documents of each form")
    options = parser.parse_args()
    probes = build_probe("reader_probe", options.build), build_probe("pdf_probe", options.build)
    good = True
    print(f"{'form':5} {'reader':20} {'F1':>7} {'least':>7} {'order':>7} {'least':>7} {'files/s':>9}")
    for form in ("html", "docx", "pdf"):
        pairs = [(md, md.parent.parent / form / f"{md.stem}.{form}") for md in sorted(options.corpus.glob("*/md/*.md"))]
        pairs = [(md, file) for md, file in pairs if file.exists()][: options.most]
        if not pairs:
            sys.exit(f"{options.corpus}: no COMPANY/md/NAME.md with COMPANY/{form}/NAME.{form}")
        files = [file for _, file in pairs]
        wanted = [pdf_quality.words(text) for text in by_assay(probes, "md", [md for md, _ in pairs])[0]]
        good = tell(form, "assay", wanted, *by_assay(probes, form, files)) >= F1_MIN and good
        for name, (forms, _, _) in PEERS.items():
            read = by_peer(name, files) if form in forms else None
            if read is not None:
                tell(form, name, wanted, *read)
            elif form in forms:
                print(f"{form:5} {name:20} not installed, or does not run")
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
