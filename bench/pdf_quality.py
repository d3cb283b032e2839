#!/usr/bin/env python3
"""How well PDF files are read: the text of each against that of the same document in Markdown, for assay and for others.

    bench/pdf_quality.py [--build FOLDER] [--corpus FOLDER] [--peers pdftotext,pymupdf,pdfminer] [--worst N]

FOLDER has folders with md/NAME.md and pdf/NAME.pdf below it. Peers are used where they are installed (peers-data/venv: pip install pymupdf
pdfminer.six). Columns:
    F1       words of the one found in the other, as often as they stand there (harmonic mean of precision and recall): mean, and least
    order    longest common subsequence of both lists of words, over the longer list: mean, and least
    pages/s  one thread for each; for assay also two, as `assay add` reads"""
import argparse
import collections
import os
import re
import subprocess
import sys
import time
from pathlib import Path

from probes import build_probe

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / 'peers-data/venv/bin/python'
WORD = re.compile(r'\w+(?:[-\'’]\w+)*')

PEER_CODE = {
    'pymupdf': 'import sys, pymupdf\nfor p in sys.argv[1:]:\n    print("====", p)\n    d = pymupdf.open(p)\n'
               '    for page in d: print(page.get_text())\n',
    'pdfminer': 'import sys\nfrom pdfminer.high_level import extract_text\nfor p in sys.argv[1:]:\n    print("====", p)\n    print(extract_text(p))\n',
}


def words(text):
    return [word.lower().replace('’', "'") for word in WORD.findall(text)]


def f1(got, wanted):
    common = sum((collections.Counter(got) & collections.Counter(wanted)).values())
    return 2 * common / (len(got) + len(wanted)) if got or wanted else 1.0


def order(got, wanted):
    """Longest common subsequence by bit rows (Hyyrö): a big number holds a row of the table."""
    places = collections.defaultdict(int)
    for at, word in enumerate(got):
        places[word] |= 1 << at
    row = mask = (1 << len(got)) - 1
    for word in wanted:
        match = row & places[word]
        row = ((row + match) | (row - match)) & mask
    return (len(got) - bin(row).count('1')) / max(len(got), len(wanted), 1)


def texts(command):
    """Runs a reader of many files; its texts by path, and the seconds it took."""
    start = time.monotonic()
    run = subprocess.run(command, check=True, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    seconds = time.monotonic() - start
    found = {}
    for part in run.stdout.decode('utf-8', 'replace').split('==== ')[1:]:
        head, _, text = part.partition('\n')
        found[re.sub(r' [\d.]+$', '', head)] = text
    return found, seconds


def pdftotext(paths):
    start = time.monotonic()
    found = {str(path): subprocess.run(['pdftotext', path, '-'], capture_output=True).stdout.decode('utf-8', 'replace') for path in paths}
    return found, time.monotonic() - start


def page_count(paths):
    total = 0
    for path in paths:
        run = subprocess.run(['pdfinfo', path], capture_output=True, text=True, errors='replace')
        total += sum(int(line.split()[1]) for line in run.stdout.splitlines() if line.startswith('Pages:'))
    return total


def main():
    parser = argparse.ArgumentParser(description=__doc__.split('\n')[0])
    parser.add_argument('--build', type=Path, default=ROOT / 'build')
    parser.add_argument('--corpus', type=Path, default=ROOT.parent / 'shared/data/rag-multi-corpus')
    parser.add_argument('--peers', default='pdftotext,pymupdf,pdfminer')
    parser.add_argument('--worst', type=int, default=5)
    options = parser.parse_args()
    pairs = [(md, md.parent.parent / 'pdf' / (md.stem + '.pdf')) for md in sorted(options.corpus.glob('*/md/*.md'))]
    pairs = [(md, pdf) for md, pdf in pairs if pdf.exists()]
    if not pairs:
        sys.exit(f'{options.corpus}: no */md/NAME.md with */pdf/NAME.pdf')
    probe = build_probe('pdf_probe', options.build)
    wanted, _ = texts([probe, *[md for md, _ in pairs]])
    pdfs = [pdf for _, pdf in pairs]
    pages = page_count(pdfs)
    print(f'{len(pairs)} documents, {pages} pages')
    print(f'{"":16} {"F1":>7} {"least":>7} {"order":>7} {"least":>7} {"pages/s":>8}')
    for name in ['assay', 'assay, 2 threads', *options.peers.split(',')]:
        if name.startswith('assay'):
            found, seconds = texts([probe, '--threads', '2' if '2' in name else '1', *pdfs])
        elif name == 'pdftotext':
            found, seconds = pdftotext(pdfs)
        elif VENV.exists() and subprocess.run([VENV, '-c', PEER_CODE[name]], capture_output=True).returncode == 0:
            found, seconds = texts([VENV, '-c', PEER_CODE[name], *pdfs])
        else:
            print(f'{name:16} not installed')
            continue
        scores = [(f1(words(found[str(pdf)]), words(wanted[str(md)])), order(words(found[str(pdf)]), words(wanted[str(md)])), pdf)
                  for md, pdf in pairs]
        rows = [[score[i] for score in scores] for i in (0, 1)]
        print(f'{name:16} {sum(rows[0]) / len(pairs):7.4f} {min(rows[0]):7.4f} {sum(rows[1]) / len(pairs):7.4f} {min(rows[1]):7.4f} '
              f'{pages / seconds:8.0f}', flush=True)
        if name == 'assay':
            for score in sorted(scores, key=lambda score: score[1])[:options.worst]:
                print(f'    least: {score[0]:.4f} {score[1]:.4f} {os.path.relpath(score[2], options.corpus)}')


if __name__ == '__main__':
    main()
