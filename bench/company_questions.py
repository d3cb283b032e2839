#!/usr/bin/env python3
"""Whether companies' documents are read and found alike in every form that they come in.

    bench/company_questions.py --binary build/assay --build build --data FOLDER [--form docx …] [--worst 5] [--no-text]

FOLDER is RAG-Multi-Corpus, or laid out like it: COMPANY/FORM/NAME.FORM, the same documents as md, html, docx, pdf and pptx, and
COMPANY/queries.jsonl: {"id", "question", "facts": [{"source": "NAME.md", …}, …]}. Nothing is done, and that is told, where it is absent.

For each company and form a project of its own is made by `assay init` and `assay add`, and each question is asked by
`assay search --json` in hybrid mode. Printed are the shares of questions for which a document they name is among the first five documents
found (found), among those of the first five passages (passages, as many as one document may have of them), and is that of the first one
(first); and the word F1 of the text that was read, a mean over documents, against the Markdown (text; by bench/reader_probe.c and, for
PDF, pdf_probe.c). --worst lists questions that found nothing. Exits with 1 when found is below 0.9 or text below 0.97 anywhere, or a file was not read."""
import argparse
import concurrent.futures
import json
import os
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

import pdf_quality
import reader_quality
from probes import build_probe

ROOT = Path(__file__).resolve().parent.parent
FORMS = ("md", "html", "docx", "pdf", "pptx")
FOUND_MIN, TEXT_MIN, FIRST, ASKED = 0.9, 0.97, 5, 40


def run(*words):
    done = subprocess.run([str(word) for word in words], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    if done.returncode not in (0, 1) or not done.stdout:
        sys.exit(f"{' '.join(map(str, words))}\n{done.stderr}")
    return done.stdout


def make_project(binary, folder, documents, models):
    run(binary, "init", folder)
    os.symlink(models, folder / "models")
    os.symlink(documents, folder / "documents")
    report = json.loads(run(binary, "add", "--json", folder / "documents", "--project", folder))
    if report["embedded"] == 0:
        sys.exit(f"no vectors were made: is there a model in {models}? {report}")
    return report


def ask(binary, folder, question):
    words = question["question"].replace('"', " ")  # quotes would ask for words in a row
    found = json.loads(run(binary, "search", "--json", "-k", ASKED, "--mode", "hybrid", "--project", folder, "--", words))
    wanted = {Path(fact["source"]).stem for fact in question["facts"]}
    got = [Path(result["document"]).stem for result in found["results"]]
    return {"question": question["question"], "wanted": wanted, "got": list(dict.fromkeys(got))[:FIRST], "passages": set(got[:FIRST])}


def read_texts(probes, form, files):
    """The words that were read out of each file; None for one that was not read."""
    if form == "pdf":
        found, _ = pdf_quality.texts([probes[1], *files])
        return [reader_quality.words([found[str(file)]]) if str(file) in found else None for file in files]
    return [reader_quality.words(reader_quality.texts_of(document)) if "blocks" in document else None
            for document in reader_quality.read(probes[0], form, files)]


def text_agreement(probes, company, form):
    """Word F1 of each document against its Markdown, and the files that could not be read."""
    references = sorted((company / "md").glob("*.md"))
    files = [company / form / f"{reference.stem}.{form}" for reference in references]
    both = list(zip(read_texts(probes, "md", references), read_texts(probes, form, files), files))
    return ([(reader_quality.f1(got, wanted), str(file)) for wanted, got, file in both if got is not None],
            [str(file) for _, got, file in both if got is None])


def measure(options, probes, company, form, work):
    folder = work / company.name / form
    report = make_project(options.binary, folder, company / form, options.models)
    questions = [json.loads(line) for line in (company / "queries.jsonl").read_text(encoding="utf-8").splitlines() if line.strip()]
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        answers = list(pool.map(lambda question: ask(options.binary, folder, question), questions))
    scores, unread = text_agreement(probes, company, form) if probes else ([], [])
    unread += [failure["message"] for failure in report["failed"]]
    found = statistics.mean(bool(a["wanted"] & set(a["got"])) for a in answers)
    passages = statistics.mean(bool(a["wanted"] & a["passages"]) for a in answers)
    first = statistics.mean(bool(a["got"]) and a["got"][0] in a["wanted"] for a in answers)
    text = statistics.mean(score for score, _ in scores) if scores else None
    least = f"{min(scores)[0]:.3f}" if scores else ""
    print(f"{company.name:22} {form:5} {report['added']:9} {report['passages']:8} {len(answers):9} {found:6.3f} {passages:8.3f} {first:6.3f} "
          f"{'' if text is None else f'{text:6.4f}':>6} {least:>6}", flush=True)
    for answer in [a for a in answers if not a["wanted"] & set(a["got"])][:options.worst]:
        print(f"    {answer['question']}\n      wanted {sorted(answer['wanted'])}, got {answer['got']}")
    for score, file in sorted(scores)[:options.worst]:
        print(f"    {score:.4f}  {file}")
    for message in unread:
        print(f"    not read: {message}")
    return found >= FOUND_MIN and (text is None or text >= TEXT_MIN) and not unread


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--binary", type=lambda name: Path(name).resolve(), required=True)
    parser.add_argument("--build", default="build")
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--models", type=lambda name: Path(name).resolve(), default=ROOT / "models")
    parser.add_argument("--form", action="append", choices=FORMS)
    parser.add_argument("--company", action="append")
    parser.add_argument("--worst", type=int, default=0)
    parser.add_argument("--no-text", action="store_true")
    options = parser.parse_args()
    companies = sorted(path.parent for path in options.data.glob("*/queries.jsonl"))
    companies = [company for company in companies if not options.company or company.name in options.company]
    if not companies:
        print(f"skipped: no COMPANY/queries.jsonl below {options.data}")
        return
    probes = None if options.no_text else (build_probe('reader_probe', options.build), build_probe('pdf_probe', options.build))
    print(f"{'company':22} {'form':5} {'documents':>9} {'passages':>8} {'questions':>9} {'found':>6} {'passages':>8} {'first':>6} {'text':>6} {'least':>6}")
    ok = True
    with tempfile.TemporaryDirectory() as work:
        for company in companies:
            for form in options.form or FORMS:
                ok = measure(options, probes, company, form, Path(work)) and ok
    sys.exit(0 if ok else 1)


if __name__ == "__main__":
    main()
