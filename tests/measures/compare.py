#!/usr/bin/env python3
"""Compares grades with SQuAD's definition restated here, over many made-up answers.

    tests/measures/compare.py [--build build] [--count 20000] [--seed 1]

Prints how many grades were equal; exit status 1 when one was not."""
import argparse
import json
import os
import random
import re
import string
import subprocess
import sys
from collections import Counter

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
PARTS = ['the', 'The', 'a', 'an', 'AN', 'theory', 'Answer', 'answer', '42', '4.2', '€', '-', '—', ',', '.', '!', '(x)', "it's", 'É', 'é',
         'ß', '日本', '\u00a0', '\t', '\n', ' ', ' ', ' ', '_', 'a_b', 'x', 'y', 'z', 'ǅ', 'Σ', '²', '٣']


def words_of(text):
    """Small letters, no ASCII punctuation, no articles, split at white space."""
    small = ''.join(c for c in text.lower() if c not in string.punctuation)
    return re.sub(r'\b(?:a|an|the)\b', ' ', small).split()


def exact(gold, answer):
    return float(words_of(gold) == words_of(answer))


def f1(gold, answer):
    wanted, got = words_of(gold), words_of(answer)
    if not wanted or not got:
        return float(wanted == got)
    common = sum((Counter(wanted) & Counter(got)).values())
    return 2 * common / (len(wanted) + len(got))


def sentence(chance):
    return ''.join(chance.choice(PARTS) + chance.choice(['', ' ', ' ']) for _ in range(chance.randint(0, 9)))


def main():
    parser = argparse.ArgumentParser(description=__doc__.split('\n')[0])
    parser.add_argument('--build', default='build')
    parser.add_argument('--count', type=int, default=20000)
    parser.add_argument('--seed', type=int, default=1)
    options = parser.parse_args()
    chance = random.Random(options.seed)
    rows = [{'golds': [sentence(chance) for _ in range(chance.randint(1, 3))], 'answer': sentence(chance)} for _ in range(options.count)]
    rows = [row for row in rows if row['answer'].strip()]  # a blank answer abstains here
    program = os.path.join(ROOT, options.build, 'tests/measures/grade_lines')
    run = subprocess.run([program], input=''.join(json.dumps(row) + '\n' for row in rows), stdout=subprocess.PIPE, text=True, check=True)
    wrong = 0
    for row, line in zip(rows, run.stdout.splitlines(), strict=True):
        got = json.loads(line)
        for name, measure in (('exact', exact), ('f1', f1)):
            wanted = max(measure(gold, row['answer']) for gold in row['golds'])
            if abs(got[name] - wanted) > 1e-12:
                wrong += 1
                if wrong <= 5:
                    print(f'{name} of {row!r} is {got[name]}, expected {wanted}', file=sys.stderr)
    print(f'{2 * len(rows) - wrong} of {2 * len(rows)} grades are equal')
    return 1 if wrong else 0


if __name__ == '__main__':
    sys.exit(main())
