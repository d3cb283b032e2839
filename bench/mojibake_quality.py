#!/usr/bin/env python3
"""How often UTF-8 that was read as windows-1252, once and twice, is put right; and that right text is left alone.

    meson setup build && ninja -C build
    bench/mojibake_quality.py --build build --texts FOLDER... [--xquad FOLDER] [--right FOLDER...]

The texts are those of bench/encoding_quality.py. Of --right every text file is read (JSON texts decoded); what would be changed in it is printed."""
import argparse
import gzip
import json
import subprocess
import sys
from collections import defaultdict
from pathlib import Path

from encoding_quality import pieces, read_texts


def clean(build, texts):
    feed = b''.join(b'mojibake - %d\n' % len(text) + text for text in texts)
    answer = subprocess.run([Path(build) / 'tests/readers/print_reader'], input=feed, stdout=subprocess.PIPE, check=True)
    return [json.loads(line) for line in answer.stdout.split(b'\n') if line]


def misread(text):
    return ''.join(bytes([byte]).decode('cp1252') if byte not in (0x81, 0x8D, 0x8F, 0x90, 0x9D) else chr(byte)
                   for byte in text.encode())


def strings(value):
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for item in value.values():
            yield from strings(item)
    elif isinstance(value, list):
        for item in value:
            yield from strings(item)


def right_texts(folders):
    for folder in folders:
        for path in sorted(Path(folder).rglob('*')):
            if not path.is_file() or path.suffix not in ('.gz', '.json', '.jsonl', '.txt', '.md', '.tsv', '.csv', '.html'):
                continue
            data = gzip.open(path).read() if path.suffix == '.gz' else path.read_bytes()
            try:
                text = data.decode()
            except UnicodeDecodeError:
                continue
            if '.json' in path.name:
                try:
                    values = [json.loads(text)]
                except (ValueError, RecursionError):
                    values = [json.loads(line) for line in text.split('\n') if line.startswith(('{', '['))] if '.jsonl' in path.name else []
                for string in strings(values):
                    if not string.isascii():
                        yield path, string
            else:
                yield path, text


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument('--build', default='build')
    parser.add_argument('--texts', nargs='*', default=[])
    parser.add_argument('--xquad')
    parser.add_argument('--right', nargs='*', default=[])
    parser.add_argument('--wrong', action='store_true')
    options = parser.parse_args()
    counts = defaultdict(lambda: [0, 0, 0, 0])
    for language, parts in sorted(read_texts(options.texts, options.xquad).items()):
        texts = [text for text in pieces(parts, 30, 200) if not text.startswith('\ufeff')]
        for at, times in ((1, 1), (2, 2)):
            broken = texts
            for _ in range(times):
                broken = [misread(text) for text in broken]
            for text, answer in zip(texts, clean(options.build, [text.encode() for text in broken]), strict=True):
                counts[language][at] += answer['text'] == text
                if options.wrong and answer['text'] != text:
                    print(language, times, repr(text[:80]), repr(answer['text'][:80]))
        kept = clean(options.build, [text.encode() for text in texts])
        counts[language][3] += sum(answer['mojibake'] for answer in kept)
        counts[language][0] += len(texts)
    for language, (count, once, twice, changed) in counts.items():
        if count:
            print(f'{language:12} {count:3} texts, put right {100 * once / count:5.1f} %, after two misreadings {100 * twice / count:5.1f} %, '
                  f'{changed} changes of right text')
    total, once, twice, changed = (sum(c[i] for c in counts.values()) for i in range(4))
    if total:
        print(f'all {total}: {100 * once / total:.1f} %, {100 * twice / total:.1f} %, {changed} changes')
    found = list(right_texts(options.right))
    for (path, text), answer in zip(found, clean(options.build, [text.encode('utf-8', 'replace') for _, text in found]), strict=True):
        if answer['mojibake'] and text != answer['text']:
            at = next((i for i, (a, b) in enumerate(zip(text, answer['text'])) if a != b), 0)
            print(f'{path}: {answer["mojibake"]} changes, first: {text[max(0, at - 20):at + 20]!r} -> {answer["text"][max(0, at - 20):at + 20]!r}')
    print(f'{len(found)} right texts, {sum(len(text) for _, text in found) / 1e6:.1f} million characters')
    sys.exit(changed > 0)


if __name__ == '__main__':
    main()
