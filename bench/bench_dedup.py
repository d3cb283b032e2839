#!/usr/bin/env python3
"""Near-duplicates among a million passages, and beside datasketch on fewer.

    python3 -m venv peers-data/venv && peers-data/venv/bin/pip install datasketch
    meson setup build --buildtype=release && ninja -C build
    peers-data/venv/bin/python bench/bench_dedup.py --binary build/assay [--passages 1000000] [--peer-passages 20000] [--threads 2]

The passages are made from a fixed seed: about 100 words each, drawn as often as natural words are, half of them from the vocabulary of one of
500 subjects; one of ten passages begins with one of twenty boilerplate sentences. In one of fifty a tenth of the words of an earlier one is
exchanged, left out or doubled; one of a hundred is an earlier one with other white space.

Prints seconds, processor seconds, peak memory (the file with the texts, which is mapped, included), and how many of the planted pairs were
found; for datasketch (MinHash of 128 permutations, LSH at the same likeness, in one thread, as it has no other) the same on the first
--peer-passages. Fails when fewer than 0.97 of the planted pairs are found, when more than one of a hundred pairs was not planted, or above
180 s or 2 GiB for a million.
"""
import argparse
import json
import random
import resource
import subprocess
import sys
import time
from pathlib import Path

from probes import build_probe

ROOT = Path(__file__).resolve().parent.parent
DATA = ROOT / 'peers-data' / 'dedup'
LEAST = 0.4
SUBJECTS, WORDS, COMMON, OWN = 500, 100, 20000, 400


def make_texts(count):
    """The file of passages, and the planted pairs as a file of "first second" beside it."""
    path = DATA / f'passages_{count}.txt'
    pairs_path = DATA / f'pairs_{count}.txt'
    if pairs_path.exists():
        return path, pairs_path
    DATA.mkdir(parents=True, exist_ok=True)
    dice = random.Random(42)
    letters = 'abcdefghijklmnoprstuvw'

    def word():
        return ''.join(dice.choice(letters) for _ in range(dice.randint(2, 10)))

    common = [word() for _ in range(COMMON)]
    weights = [1 / (rank + 10) for rank in range(COMMON)]
    subjects = [[word() for _ in range(OWN)] for _ in range(SUBJECTS)]
    boilerplate = [' '.join(dice.choices(common, weights, k=14)) for _ in range(20)]
    stream = iter(())

    def common_words(number):
        nonlocal stream
        taken = []
        while len(taken) < number:
            item = next(stream, None)
            if item is None:
                stream = iter(dice.choices(common, weights, k=200000))
            else:
                taken.append(item)
        return taken

    kept = []  # of the last passages, to copy from
    with open(path, 'w', encoding='utf-8') as out, open(pairs_path.with_suffix('.new'), 'w', encoding='utf-8') as pairs:
        for number in range(count):
            if number % 50 == 49:
                original, words = dice.choice(kept)
                words = list(words)
                for place in dice.sample(range(len(words)), max(1, len(words) // 10)):
                    what = dice.random()
                    words[place] = dice.choice(common) if what < 0.6 else '' if what < 0.8 else words[place] + ' ' + words[place]
                words = [part for part in words if part]
                pairs.write(f'{original} {number}\n')
            elif number % 100 == 7 and kept:
                original, words = dice.choice(kept)
                out.write('  '.join(words) + ' \n')
                pairs.write(f'{original} {number}\n')
                continue
            else:
                size = dice.randint(WORDS // 2, WORDS + WORDS // 2)
                half = common_words(size // 2)
                words = [part for pair in zip(half, dice.choices(dice.choice(subjects), k=size // 2)) for part in pair]
                if dice.random() < 0.1:
                    words = dice.choice(boilerplate).split() + words
                if dice.random() < 0.05 or not kept:
                    kept = kept[-2000:] + [(number, words)]
            out.write(' '.join(words) + '\n')
    pairs_path.with_suffix('.new').rename(pairs_path)
    return path, pairs_path


def groups_of(pairs, count):
    group = list(range(count))

    def find(item):
        while group[item] != item:
            group[item] = group[group[item]]
            item = group[item]
        return item

    for first, second in pairs:
        a, b = find(first), find(second)
        group[max(a, b)] = min(a, b)
    return [find(item) for item in range(count)]


def compare(found, planted, count):
    """How many planted pairs are in one group, and how many found ones are not planted (two copies of one text are)."""
    mine, true = groups_of(found, count), groups_of(planted, count)
    hits = sum(mine[a] == mine[b] for a, b in planted)
    wrong = sum(true[a] != true[b] for a, b in found)
    return {'recall': round(hits / len(planted), 4), 'pairs': len(found), 'wrong': wrong}


def read_pairs(path):
    return [tuple(int(part) for part in line.split()[:2]) for line in path.read_text().splitlines()]


def run_ours(probe, count, threads):
    path, pairs_path = make_texts(count)
    done = subprocess.run([probe, path, str(threads), str(LEAST)], check=True, capture_output=True, text=True)
    found = [tuple(int(part) for part in line.split()[:2]) for line in done.stdout.splitlines()]
    figures = {'program': 'assay', **json.loads(done.stderr), **compare(found, read_pairs(pairs_path), count)}
    print(json.dumps(figures), flush=True)
    return figures


def run_datasketch(count):
    from datasketch import MinHash, MinHashLSH
    path, pairs_path = make_texts(count)
    start = time.perf_counter()
    lsh = MinHashLSH(threshold=LEAST, num_perm=128)
    sets, found = [], []
    for number, line in enumerate(path.read_text(encoding='utf-8').splitlines()):
        words = line.split()
        shingles = {' '.join(words[i:i + 3]) for i in range(max(1, len(words) - 2))}
        sketch = MinHash(num_perm=128)
        sketch.update_batch([shingle.encode() for shingle in shingles])
        for other in lsh.query(sketch):
            both = len(sets[other] & shingles)
            if both / (len(sets[other]) + len(shingles) - both) >= LEAST:
                found.append((other, number))
        lsh.insert(number, sketch, check_duplication=False)
        sets.append(shingles)
    seconds = time.perf_counter() - start
    figures = {'program': 'datasketch', 'texts': count, 'seconds': round(seconds, 3),
               'peak_mib': round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024),
               **compare(found, read_pairs(pairs_path), count)}
    print(json.dumps(figures), flush=True)
    return figures


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('--binary', default=ROOT / 'build' / 'assay')
    parser.add_argument('--passages', type=int, default=1000000)
    parser.add_argument('--peer-passages', type=int, default=20000)
    parser.add_argument('--threads', type=int, default=2)
    options = parser.parse_args()
    probe = build_probe('alike_probe', Path(options.binary).parent)
    ours = run_ours(probe, options.passages, options.threads)
    if options.peer_passages > 0:
        beside, peer = run_ours(probe, options.peer_passages, 1), run_datasketch(options.peer_passages)
        print(json.dumps({'ratio, one thread each': round(peer['seconds'] / beside['seconds'], 1)}))
    share = options.passages / 1e6
    if ours['recall'] < 0.97 or ours['wrong'] > ours['pairs'] / 100:
        sys.exit('bench_dedup: too many pairs were missed, or were none')
    if share >= 1 and (ours['seconds'] > 180 * share or ours['peak_mib'] > 2048 * share):
        sys.exit('bench_dedup: over 180 s or 2 GiB for a million passages')


if __name__ == '__main__':
    main()
