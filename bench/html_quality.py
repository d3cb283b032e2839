#!/usr/bin/env python3
"""What is read out of HTML pages, beside what a browser shows of them.

    .venv/bin/python bench/html_quality.py [--build build] [--most N] [--worst N] FOLDER…

Each page below the folders is opened in Chromium (without script and network) and its visible text taken: that of <main>, or of the one <article>, where there is one, since
assay leaves out what stands around it, else of the whole body. Prints the mean and the least word F1, recall (what a person sees and assay has not) and precision (what assay
has and a person does not see), and the order of words, and the pages with the least F1. Needs Playwright's Chromium (scripts/setup --checks)."""
import argparse
import collections
import sys
from pathlib import Path

import pdf_quality
import reader_quality
from probes import build_probe

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "tests/blackbox"))
from browser import chromium  # noqa: E402

SEEN = """() => {
    const mains = document.querySelectorAll("main, [role=main]"), articles = document.querySelectorAll("article");
    const room = mains.length === 1 ? mains[0] : articles.length === 1 ? articles[0] : document.body;
    return room === null ? "" : room.innerText;
}"""


def seen(files):
    """What Chromium shows, page by page."""
    with chromium() as browser:
        context = browser.new_context(offline=True, viewport={"width": 1280, "height": 1000})
        page = context.new_page()
        for file in files:
            page.goto(file.resolve().as_uri(), wait_until="domcontentloaded")
            yield page.evaluate(SEEN)
        context.close()


def is_utf8(file):
    """Others become UTF-8 before they are read as HTML, which bench/encoding_quality.py measures."""
    try:
        file.read_bytes().decode()
        return True
    except UnicodeDecodeError:
        return False


def shares(got, wanted):
    common = sum((collections.Counter(got) & collections.Counter(wanted)).values())
    return common / len(wanted) if wanted else 1.0, common / len(got) if got else 1.0


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folders", nargs="+", type=Path)
    parser.add_argument("--build", type=Path, default=ROOT / "build")
    parser.add_argument("--most", type=int, help="pages of each folder")
    parser.add_argument("--worst", type=int, default=5, help="pages that are named")
    options = parser.parse_args()
    probe = build_probe("reader_probe", options.build)
    for folder in options.folders:
        files = [file for file in sorted(folder.rglob("*")) if file.suffix in (".html", ".htm") and is_utf8(file)][: options.most]
        if not files:
            sys.exit(f"{folder}: no HTML pages")
        documents = reader_quality.read(probe, "html", files)
        texts = ["\n".join(reader_quality.texts_of(document)) if "blocks" in document else "" for document in documents]
        rows = []
        for file, text, shown in zip(files, texts, seen(files)):
            got, wanted = pdf_quality.words(text), pdf_quality.words(shown)
            rows.append((pdf_quality.f1(got, wanted), *shares(got, wanted), pdf_quality.order(got, wanted), file))
        means = [sum(row[i] for row in rows) / len(rows) for i in range(4)]
        print(f"{folder}: {len(rows)} pages; F1 {means[0]:.4f} (least {min(row[0] for row in rows):.4f}), recall {means[1]:.4f}, precision {means[2]:.4f}, order {means[3]:.4f}")
        for row in sorted(rows, key=lambda row: row[0])[: options.worst]:
            print(f"    {row[0]:.4f}  recall {row[1]:.4f}  precision {row[2]:.4f}  {row[4]}")


if __name__ == "__main__":
    main()
