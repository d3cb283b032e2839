#!/usr/bin/env python3
"""How much personal data is found, and how often something else is taken for it.

    meson setup build && ninja -C build
    bench/sensitive_quality.py --build build --pii pii.jsonl.gz [--clean FOLDER...]

`pii.jsonl.gz` holds sentences with spans (presidio-research's synthetic data). Found is a span that overlaps one of ours of the same kind.
Each FOLDER holds texts without much of it: what is found in them is counted per MB and, with --wrong, printed."""
import argparse
import gzip
import json
import subprocess
from collections import Counter
from pathlib import Path

KINDS = {'EMAIL_ADDRESS': 'email', 'PHONE_NUMBER': 'phone', 'CREDIT_CARD': 'card', 'IBAN_CODE': 'iban', 'US_SSN': 'us_ssn',
         'IP_ADDRESS': 'ip_address'}


def find(build, texts):
    feed = b''.join(b'sensitive - %d\n' % len(text) + text for text in texts)
    answer = subprocess.run([Path(build) / 'tests/readers/print_reader'], input=feed, stdout=subprocess.PIPE, check=True)
    return [json.loads(line)['found'] for line in answer.stdout.split(b'\n') if line]


def judge(options):
    rows = [json.loads(line) for line in gzip.open(options.pii, 'rt', encoding='utf-8')]
    right, wrong, missed = Counter(), Counter(), Counter()
    for row, found in zip(rows, find(options.build, [row['text'].encode() for row in rows]), strict=True):
        data = row['text'].encode()
        spans = [(KINDS[s['entity_type']], len(row['text'][:s['start_position']].encode()), len(row['text'][:s['end_position']].encode()))
                 for s in row['spans'] if s['entity_type'] in KINDS]
        for kind, start, end in spans:
            hit = any(k == kind and a < end and start < b for k, a, b in found)
            right[kind] += hit
            missed[kind] += not hit
            if options.wrong and not hit:
                print('missed', kind, data[start:end].decode(), '|', row['text'][:120])
        for kind, start, end in found:
            if not any(k == kind and a < end and start < b for k, a, b in spans):
                wrong[kind] += 1
                if options.wrong:
                    print('false', kind, data[start:end].decode(), '|', row['text'][:120])
    for kind in sorted(set(right) | set(wrong) | set(missed)):
        print(f'{kind:12} recall {right[kind]}/{right[kind] + missed[kind]}, precision {right[kind]}/{right[kind] + wrong[kind]}')


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument('--build', default='build')
    parser.add_argument('--pii')
    parser.add_argument('--clean', nargs='*', default=[])
    parser.add_argument('--wrong', action='store_true')
    options = parser.parse_args()
    if options.pii and not Path(options.pii).exists():
        print(f'skipped: {options.pii} is not there')
    elif options.pii:
        judge(options)
    for folder in options.clean:
        if not Path(folder).exists():
            print(f'skipped: {folder} is not there')
            continue
        texts = [path.read_bytes() for path in sorted(Path(folder).rglob('*')) if path.is_file()]
        found = Counter()
        for text, places in zip(texts, find(options.build, texts), strict=True):
            for kind, start, end in places:
                found[kind] += 1
                if options.wrong:
                    print(kind, text[start:end].decode(errors='replace'), '|', text[max(0, start - 40):start].decode(errors='replace').replace('\n', ' '))
        size = sum(map(len, texts)) / 1e6
        print(f'{folder}: {size:.2f} MB,', ', '.join(f'{kind} {count} ({count / size:.1f} per MB)' for kind, count in sorted(found.items())))


if __name__ == '__main__':
    main()
