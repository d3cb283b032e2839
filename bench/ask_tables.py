#!/usr/bin/env python3
"""Questions about financial reports' tables: TAT-QA's contexts, a table with its paragraphs, each a project of one document, Markdown and HTML in turn.

    python3 bench/ask_tables.py --data DATA_FOLDER --binary build/assay [--first 0] [--contexts 130] [--pdf] [--show]

Asked are the questions that a span answers (none that has to be computed). An answer is right that holds one of those given, or has half of its words
(F1). --pdf: as Chromium prints them. One JSON line by where the answer stands (text, table, both) and one of all. --show prints each that is not right.
"""
import argparse
import collections
import gzip
import html
import json
import random
import subprocess
import sys
import tempfile
from pathlib import Path

from ask_quality import f1, holds

ROOT = Path(__file__).resolve().parents[1]


def as_markdown(rows):
    width = max(len(row) for row in rows)
    lines = ["| " + " | ".join(cell.replace("|", "/").replace("\n", " ").strip() for cell in [*row, *[""] * (width - len(row))]) + " |" for row in rows]
    return "\n".join([lines[0], "|" + " --- |" * width, *lines[1:]])


def as_html(rows):
    return "<table>\n" + "\n".join("<tr>" + "".join(f"<td>{html.escape(cell)}</td>" for cell in row) + "</tr>" for row in rows) + "\n</table>"


PRINTED = "<style>body{font:11pt serif}table{width:100%;border-collapse:collapse;font-size:9pt}td{padding:2px 6px}td:not(:first-child){text-align:right}</style>"


def print_pdf(folder, body):
    page = folder.parent / "page.html"
    page.write_text(f"<html><head>{PRINTED}</head><body>\n{body}</body></html>", encoding="utf-8")
    subprocess.run(["chromium", "--headless", "--no-sandbox", "--disable-gpu", "--no-pdf-header-footer", f"--print-to-pdf={folder}/report.pdf", page],
                   check=True, capture_output=True)  # fmt: skip


def write(folder, context, is_html, is_pdf):
    rows = context["table"]["table"]
    texts = [paragraph["text"] for paragraph in sorted(context["paragraphs"], key=lambda paragraph: paragraph["order"])]
    folder.mkdir(parents=True)
    body = as_html(rows) + "\n" + "\n".join(f"<p>{html.escape(text)}</p>" for text in texts)
    if is_pdf:
        print_pdf(folder, body)
    elif is_html:
        (folder / "report.html").write_text(f"<html><body>\n{body}</body></html>", encoding="utf-8")
    else:
        (folder / "report.md").write_text("\n\n".join([*texts, as_markdown(rows)]) + "\n", encoding="utf-8")


def ask_all(options, context, number):
    """(where the answer stands, verdict, question, answers, what was said)"""
    with tempfile.TemporaryDirectory() as folder:
        write(Path(folder) / "docs", context, number % 2 == 1, options.pdf)
        for words in (["init", "."], ["add", "--quiet", "docs"]):
            subprocess.run([options.binary, *words], cwd=folder, check=True, capture_output=True)
        for question in context["questions"]:
            if question["answer_type"] != "span":
                continue
            told = json.loads(subprocess.run([options.binary, "ask", "--json", question["question"]], cwd=folder, capture_output=True, check=False).stdout)
            said, answers = None if told["abstained"] else told["answer"], [str(answer) for answer in question["answer"]]
            is_right = said is not None and any(f1(said, answer) >= 0.5 or holds(said, answer) for answer in answers)
            yield question["answer_from"], "right" if is_right else "abstained" if said is None else "wrong", question["question"], answers, said


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--binary", type=Path, default=ROOT / "build/assay")
    parser.add_argument("--first", type=int, default=0)
    parser.add_argument("--contexts", type=int, default=130)
    parser.add_argument("--pdf", action="store_true")
    parser.add_argument("--show", action="store_true")
    options = parser.parse_args()
    options.binary = options.binary.resolve()
    with gzip.open(options.data / "tat-qa/tatqa_dataset_dev.json.gz", "rt", encoding="utf-8") as file:
        contexts = json.load(file)
    random.Random(1).shuffle(contexts)
    counts = collections.defaultdict(collections.Counter)
    for number, context in list(enumerate(contexts))[options.first : options.first + options.contexts]:
        for where, verdict, question, answers, said in ask_all(options, context, number):
            counts[where][verdict] += 1
            counts["all"][verdict] += 1
            if options.show and verdict != "right":
                print(json.dumps({"context": number, "verdict": verdict, "question": question, "answers": answers, "said": said}, ensure_ascii=False))
    for where, count in counts.items():
        print(json.dumps({"where": where, "questions": sum(count.values()), **count}))
    return 0 if counts["all"] else 1


if __name__ == "__main__":
    sys.exit(main())
