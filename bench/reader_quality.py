#!/usr/bin/env python3
"""What readers of documents make of files whose text is known: the same document as Markdown and in the format.

    bench/reader_quality.py --build build --corpus FOLDER --format docx [--format pptx …] [--worst 5] [--peer]
    bench/reader_quality.py --build build --survey FOLDER [--format docx …]

--corpus: a folder with ENTERPRISE/md/NAME.md beside ENTERPRISE/FORMAT/NAME.FORMAT (RAG-Multi-Corpus is one). Prints, for each format, mean and
least of: word F1 (multiset) against the Markdown, both read by our readers; recall of the Markdown's headings among the format's
headings; and order, the part of neighbouring words (pairs) that are neighbours in the format too. --peer adds python-docx, python-pptx
or openpyxl on the same files, where the interpreter that runs this has them.
--survey: reads every file of the format below a folder; prints how many were read, how many had no text, and why others were refused.
Exits with 1 when a file makes the probe fail, which no file may."""
import argparse
import collections
import json
import re
import statistics
import subprocess
import sys
from pathlib import Path

from probes import build_probe

ROOT = Path(__file__).resolve().parent.parent
WORD = re.compile(r'\w+')


def read(probe, reader, files, at_once=50):
    """What the reader makes of each file, in their order; a file that ends the probe is told as {'crash': …}."""
    found = []
    for i in range(0, len(files), at_once):
        part = files[i:i + at_once]
        run = subprocess.run([probe, reader, *part], stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        if run.returncode == 0:
            found += [json.loads(line) for line in run.stdout.decode().splitlines()]
        elif len(part) > 1:
            found += read(probe, reader, part, 1)
        else:
            found.append({'file': str(part[0]), 'crash': run.stderr.decode(errors='replace')[-400:]})
    return found


def words(texts):
    return [word for text in texts for word in WORD.findall(text.casefold())]


def f1(got, wanted):
    common = sum((collections.Counter(got) & collections.Counter(wanted)).values())
    return 2 * common / (len(got) + len(wanted)) if got or wanted else 1.0


def recall(got, wanted):
    return sum((collections.Counter(got) & collections.Counter(wanted)).values()) / len(wanted) if wanted else 1.0


def texts_of(document):
    return [block['text'] for block in document.get('blocks', [])]


def headings_of(document):
    return [' '.join(words([block['text']])) for block in document.get('blocks', []) if block['kind'] == 'heading']


def pairs(sequence):
    return list(zip(sequence, sequence[1:]))


def peer_words(name, path):
    """Words by another program, or None where it is not installed or stops."""
    try:
        if name == 'docx':
            import docx
            document = docx.Document(path)
            space = '{http://schemas.openxmlformats.org/wordprocessingml/2006/main}'
            return words([''.join(run.text or '' for run in paragraph.iter(space + 't'))
                          for paragraph in document.element.body.iter(space + 'p')])
        if name == 'pptx':
            import pptx
            return words([frame for slide in pptx.Presentation(path).slides for frame in shapes_text(slide.shapes)])
        if name == 'xlsx':
            import openpyxl
            book = openpyxl.load_workbook(path, data_only=True)
            return words([str(value) for sheet in book.worksheets for row in sheet.iter_rows(values_only=True) for value in row
                          if value is not None])
    except Exception:
        return None
    return None


def shapes_text(shapes):
    for shape in shapes:
        if shape.shape_type == 6:
            yield from shapes_text(shape.shapes)
        elif shape.has_text_frame:
            yield from (paragraph.text for paragraph in shape.text_frame.paragraphs)
        elif getattr(shape, 'has_table', False) and shape.has_table:
            yield from (cell.text for row in shape.table.rows for cell in row.cells)


def summary(values):
    return f'mean {statistics.mean(values):.4f}  min {min(values):.4f}' if values else 'none'


def compare(probe, name, options):
    references = sorted(Path(options.corpus).glob('*/md/*.md'))
    files = [reference.parent.parent / name / (reference.stem + '.' + name) for reference in references]
    both = [(reference, file) for reference, file in zip(references, files) if file.exists()]
    wanted = read(probe, 'md', [reference for reference, _ in both])
    got = read(probe, name, [file for _, file in both])
    scores, headings, order, peers, failed = [], [], [], [], 0
    for (_, file), document, reference in zip(both, got, wanted):
        if 'blocks' not in document:
            failed += 1
            print(f'  {file}: {document.get("error") or document.get("crash")}')
        text, known = words(texts_of(document)), words(texts_of(reference))
        scores.append((f1(text, known), str(file)))
        headings.append(recall(headings_of(document), headings_of(reference)))
        order.append(recall(pairs(text), pairs(known)))
        other = peer_words(name, file) if options.peer else None
        if other is not None:
            peers.append(f1(other, known))
    print(f'{name}: {len(both)} files, {failed} not read')
    print(f'  word F1 against md   {summary([score for score, _ in scores])}')
    print(f'  headings found       {summary(headings)}')
    print(f'  neighbouring words   {summary(order)}')
    if options.peer:
        print(f'  peer\'s word F1       {summary(peers)} ({len(peers)} files)')
    for score, file in sorted(scores)[:options.worst]:
        print(f'  {score:.4f}  {file}')
    return not any('crash' in document for document in got)


def survey(probe, name, options):
    files = sorted(path for path in Path(options.survey).rglob('*') if path.suffix.lower() == '.' + name and path.is_file())
    found = read(probe, name, files)
    empty = [document['file'] for document in found if document.get('blocks') == []]
    reasons = [document for document in found if 'error' in document]
    crashes = [document for document in found if 'crash' in document]
    print(f'{name}: {len(files)} files, {len(files) - len(reasons) - len(crashes)} read ({len(empty)} of them without text), '
          f'{len(reasons)} refused, {len(crashes)} crashes')
    for file in empty:
        print(f'  no text: {file}')
    for document in reasons:
        print(f'  refused: {document["file"]}: {document["error"]}')
    for document in crashes:
        print(f'  CRASH: {document["file"]}: {document["crash"]}')
    for document, file in zip(found, files):
        other = peer_words(name, file) if options.peer else None
        if other is not None and 'blocks' in document:
            text = words(texts_of(document))
            missing = collections.Counter(other) - collections.Counter(text)
            if other and recall(text, other) < 0.98:
                print(f'  peer has more: {file}: {recall(text, other):.3f} of its {len(other)} words; not here: '
                      f'{" ".join(list(missing)[:12])}')
    return not crashes


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('--build', default='build')
    parser.add_argument('--format', action='append', required=True)
    parser.add_argument('--worst', type=int, default=3)
    parser.add_argument('--peer', action='store_true')
    parser.add_argument('--corpus')
    parser.add_argument('--survey')
    options = parser.parse_args()
    probe = build_probe('reader_probe', options.build)
    ok = True
    for name in options.format:
        if options.corpus:
            ok = compare(probe, name, options) and ok
        if options.survey:
            ok = survey(probe, name, options) and ok
    sys.exit(0 if ok else 1)


if __name__ == '__main__':
    main()
