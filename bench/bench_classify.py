#!/usr/bin/env python3
"""How long one text of 20 tokens takes to be classified, by each kind of classifier, in a process that has it open: p50 and p99 over some thousand
calls, one after the other, two threads. Needs models/all-MiniLM-L6-v2. The labels of texts it was not trained on are checked first."""
import argparse
import random
import subprocess
import sys
import tempfile
from pathlib import Path

from bench_train import BASE, ROOT
from probes import build_probe

SUBJECTS = {'refund': 'money back returned refund', 'delivery': 'parcel courier shipped delivered', 'account': 'password login email account'}
FILL = 'the house light paper small green value story river table north night water south price field'.split()
TEXTS, RUNS = 50, 40


def text_of(chance, subject):
    """Eighteen words of one token each: 20 with those at both ends."""
    words = [chance.choice(SUBJECTS[subject].split()) if i % 3 == 0 else chance.choice(FILL) for i in range(18)]
    return ' '.join(words)


def tune(binary, project, method):
    subprocess.run([binary, 'tune', 'classify', 'data.csv', '--method', method, '--name', method, '--threads', '2', '--model', BASE],
                   check=True, cwd=project, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('--binary', default=ROOT / 'build/assay', type=Path)
    parser.add_argument('--methods', default='head,lora', help='of head, lora, full')
    options = parser.parse_args()
    if not BASE.exists():
        print('skipped: models/all-MiniLM-L6-v2 is not there')
        return
    binary, chance = options.binary.resolve(), random.Random(6)
    with tempfile.TemporaryDirectory() as folder:
        probe, project = build_probe('classify_probe', binary.parent, folder), Path(folder) / 'project'
        subprocess.run([binary, 'init', project], check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        rows = [f'"{text_of(chance, subject)}",{subject}' for _ in range(60) for subject in SUBJECTS]
        (project / 'data.csv').write_text('text,label\n' + '\n'.join(rows) + '\n')
        subjects = [chance.choice(list(SUBJECTS)) for _ in range(TEXTS)]
        texts = ''.join(f'{subject}\t{text_of(chance, subject)}\n' for subject in subjects)
        for method in options.methods.split(','):
            tune(binary, project, method)
            output = subprocess.run([probe, project, method, '2', str(RUNS)], check=True, input=texts, capture_output=True, text=True).stdout
            p50, p99, right, count = (float(number) for number in output.split())
            print(f'one text of 20 tokens, {method}: p50 {p50:.3f} ms, p99 {p99:.3f} ms, {RUNS * TEXTS} calls')
            if right < 0.9 * count:
                sys.exit(f'only {right:.0f} of {count:.0f} labels are right')


if __name__ == '__main__':
    main()
