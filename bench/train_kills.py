#!/usr/bin/env python3
"""Kills a training at random moments, many times, and lets it go on: what it ends with must be the same, bit by bit, as of a run that nobody
killed. Needs models/all-MiniLM-L6-v2.

    python3 bench/train_kills.py --kills 200

Each round begins anew, is killed after a random part of the time that a whole run takes (one in three a second time, while it goes on), and then ends by
itself. The weights it saved are compared. Which part of a step a kill hit cannot be chosen: loading, a step, or the writing of a checkpoint."""
import argparse
import hashlib
import random
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from bench_train import BASE, ROOT
from probes import build_probe

STEPS = 10
KINDS = ('lora', 'head', 'all')  # of which each round takes one; the last writes the largest checkpoints


def texts_write(path):
    chance = random.Random(4)
    words = 'account card bank money order price water house river paper table light'.split()
    with open(path, 'w', encoding='utf-8') as file:
        for i in range(16):
            file.write(f"{i % 4}\t{' '.join(chance.choice(words) for _ in range(chance.randrange(2, 9)))}\n")


def words_of(probe, texts, kind, folder):
    return [str(word) for word in (probe, BASE, texts, 4, 'batch=4', 'epochs=9', f'steps={STEPS}', 'dropout=0.1', 'precision=bf16',
                                   'clip=1', 'schedule=cosine', f'scope={kind}', 'checkpoint=1', f'folder={folder}/run', 'resume=1',
                                   f'save={folder}/saved')]


def weights_hash(folder):
    digest = hashlib.sha256()
    for path in sorted(Path(folder).rglob('*.safetensors')):
        digest.update(path.read_bytes())
    return digest.hexdigest()


def run_whole(words):
    start = time.monotonic()
    subprocess.run(words, check=True, stdout=subprocess.DEVNULL)
    return time.monotonic() - start


def run_killed(words, seconds):
    """True when it was still running."""
    process = subprocess.Popen(words, stdout=subprocess.DEVNULL)
    try:
        process.wait(seconds)
        return False
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
        return True


def one_round(probe, texts, kind, folder, whole, chance):
    """(kills that hit, same weights)"""
    words, hits = words_of(probe, texts, kind, folder), 0
    for _ in range(2 if chance.random() < 1 / 3 else 1):
        hits += run_killed(words, chance.random() * whole['seconds'])
    run_whole(words)
    return hits, weights_hash(f'{folder}/saved') == whole['hash']


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('--binary', default=ROOT / 'build/assay', type=Path)
    parser.add_argument('--kills', type=int, default=200)
    parser.add_argument('--seed', type=int, default=1)
    options = parser.parse_args()
    if not BASE.exists():
        print('skipped: models/all-MiniLM-L6-v2 is not there')
        return
    chance, hits, rounds, different = random.Random(options.seed), 0, 0, 0
    with tempfile.TemporaryDirectory() as scratch:
        probe, texts = build_probe('train_probe', options.binary.parent, scratch), f'{scratch}/texts.tsv'
        texts_write(texts)
        whole = {}
        for kind in KINDS:
            folder = f'{scratch}/{kind}'
            seconds = run_whole(words_of(probe, texts, kind, folder))
            whole[kind] = {'seconds': seconds, 'hash': weights_hash(f'{folder}/saved')}
        while hits < options.kills:
            kind, folder = KINDS[rounds % len(KINDS)], f'{scratch}/round'
            hit, same = one_round(probe, texts, kind, folder, whole[kind], chance)
            hits, rounds, different = hits + hit, rounds + 1, different + (not same)
            if not same:
                print(f'{kind}, round {rounds}: other weights than without the kill')
            shutil.rmtree(folder)
    print(f'{hits} kills in {rounds} trainings, {different} ended in other weights, seed={options.seed}')
    sys.exit(1 if different else 0)


if __name__ == '__main__':
    main()
