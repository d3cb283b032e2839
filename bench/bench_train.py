#!/usr/bin/env python3
"""How fast an encoder is fine-tuned, beside PyTorch in the same run: a classifier of 77 labels over all-MiniLM-L6-v2, every weight, two
threads, AdamW, dropout 0.1. Needs models/all-MiniLM-L6-v2 and peers-data/venv with torch and transformers.

  equal   32 texts of 64 tokens a step: nothing is padded
  mixed   with --texts FILE, lines "LABEL TAB TEXT" of any lengths, such as BANKING77's: PyTorch pads

First the gradients of one batch are compared, tensor by tensor, and those and the outputs of a DoRA adapter that peft makes (peft too is needed): a fast wrong
result is a failure. With --check that is all."""
import argparse
import array
import os
import random
import re
import statistics
import struct
import subprocess
import sys
import tempfile
from pathlib import Path

from probes import build_probe

ROOT = Path(__file__).resolve().parent.parent
PYTHON = ROOT / 'peers-data/venv/bin/python'
BASE = ROOT / 'models/all-MiniLM-L6-v2'
LABELS, BATCH = 77, 32


def peer(*words):
    environment = dict(os.environ, HF_HUB_OFFLINE='1')
    return subprocess.run([PYTHON, ROOT / 'bench/train_peer.py', *map(str, words)], check=True, capture_output=True, text=True,
                          env=environment).stdout


def equal_texts(path, count):
    """Words of one token each, more than are taken."""
    chance = random.Random(2)
    words = 'the account card bank money order price water house river paper table light night green story south value north field'.split()
    with open(path, 'w', encoding='utf-8') as file:
        for i in range(count):
            file.write(f"{i % LABELS}\t{' '.join(chance.choice(words) for _ in range(62))}\n")


def read_gradients(path):
    tensors = {}
    with open(path, 'rb') as file:
        while line := file.readline():
            name, rows, columns, turned = line.decode().split()
            rows, columns = int(rows), max(1, int(columns))
            values = struct.unpack(f'{rows * columns}f', file.read(4 * rows * columns))
            tensors[name] = [values[column * rows + row] for row in range(rows) for column in range(columns)] if turned == '1' else values
    return tensors


CHECK = '''
import sys, torch
sys.path.insert(0, sys.argv[1])
from bench_train import read_gradients
ours, worst = read_gradients(sys.argv[3]), 0.0
for full, wanted in torch.load(sys.argv[2]).items():
    values, wanted = next(values for name, values in ours.items() if full.endswith(name)), wanted.flatten()
    if wanted.norm() > 1e-7:  # those of the keys' biases are 0 but for rounding
        worst = max(worst, float((torch.tensor(values) - wanted).norm() / wanted.norm()))
print(worst)
'''


def compare_gradients(what, theirs, ours):
    output = subprocess.run([PYTHON, '-c', CHECK, ROOT / 'bench', theirs, ours], check=True, capture_output=True, text=True).stdout
    print(f'{what}, f32: largest relative difference of a tensor {float(output):.2g}')
    if float(output) > 1e-4:
        sys.exit('the gradients differ from those of PyTorch')


def read_outputs(path):
    """Of the first batch."""
    return array.array('f', Path(path).read_bytes()[:4 * BATCH * LABELS])


def check_gradients(probe, model, texts, folder):
    theirs, ours = Path(folder) / 'gradients.pt', Path(folder) / 'gradients'
    peer('gradients', model, texts, BATCH, theirs)
    subprocess.run([probe, model, texts, str(LABELS), f'batch={BATCH}', f'gradients={ours}'], check=True, capture_output=True)
    compare_gradients('gradients', theirs, ours)


def check_dora(probe, model, texts, folder):
    """Of an adapter that peft makes, with random magnitudes: gradients; outputs; and those of the merged model in transformers."""
    adapter, merged, theirs, ours, outputs = (Path(folder) / name for name in ('dora', 'merged', 'dora.pt', 'dora.gradients', 'outputs'))
    peer('lora', model, texts, BATCH, f'{outputs}.peft', adapter, 'dora')
    peer('gradients', model, texts, BATCH, theirs, adapter)
    subprocess.run([probe, model, texts, str(LABELS), f'batch={BATCH}', 'scope=lora', 'dora=1', f'adapter={adapter}', f'gradients={ours}',
                    f'merged={merged}', f'test={texts}', f'logits={outputs}.ours'], check=True, capture_output=True)  # fmt: skip
    peer('logits', merged, texts, BATCH, f'{outputs}.merged')
    compare_gradients('DoRA, gradients', theirs, ours)
    wanted = read_outputs(f'{outputs}.peft')
    for what in ('ours', 'merged'):
        apart = max(abs(a - b) for a, b in zip(wanted, read_outputs(f'{outputs}.{what}')))
        print(f'DoRA, outputs, {what}: {apart:.2g} apart, the largest is {max(map(abs, wanted)):.2g}')
        if apart > 1e-5:
            sys.exit('the outputs differ from those of peft')


def our_speed(probe, model, texts, precision, steps):
    words = [probe, model, texts, str(LABELS), f'batch={BATCH}', 'tokens=64', f'steps={steps + 1}', 'dropout=0.1', 'threads=2',
             f'precision={precision}', 'epochs=100']
    process = subprocess.Popen(words, stdout=subprocess.PIPE, text=True)
    seconds = [float(found) for found in re.findall(r'seconds ([0-9.]+)', process.stdout.read())]
    _, status, usage = os.wait4(process.pid, 0)
    if status != 0:
        sys.exit('train_probe failed')
    return BATCH / statistics.median(b - a for a, b in zip(seconds, seconds[1:])), usage.ru_maxrss // 1024


def compare(name, probe, model, texts, steps):
    figures = {}
    for precision in ('f32', 'bf16'):
        speed, memory = peer('speed', model, texts, BATCH, steps, precision).split()
        figures['PyTorch', precision] = float(speed), int(memory)
        figures['assay', precision] = our_speed(probe, model, texts, precision, steps)
    for (who, precision), (speed, memory) in sorted(figures.items()):
        print(f'{name}: {who} {precision}: {speed:.1f} examples/s, {memory} MiB')
    for theirs in ('f32', 'bf16'):
        print(f"{name}: assay bf16 is {figures['assay', 'bf16'][0] / figures['PyTorch', theirs][0]:.2f} x PyTorch {theirs}, in "
              f"{figures['assay', 'bf16'][1] / figures['PyTorch', theirs][1]:.2f} x its memory")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('--binary', default=ROOT / 'build/assay', type=Path)
    parser.add_argument('--texts', type=Path)
    parser.add_argument('--steps', type=int, default=9)
    parser.add_argument('--check', action='store_true', help='only whether gradients and outputs are the same')
    options = parser.parse_args()
    if not PYTHON.exists() or not BASE.exists():
        print('skipped: peers-data/venv or models/all-MiniLM-L6-v2 is not there')
        return
    with tempfile.TemporaryDirectory() as folder:
        probe, model, texts = build_probe('train_probe', options.binary.parent, folder), Path(folder) / 'model', Path(folder) / 'equal.tsv'
        equal_texts(texts, BATCH * (options.steps + 1))
        peer('make', BASE, model, LABELS)
        check_gradients(probe, model, texts, folder)
        check_dora(probe, model, texts, folder)
        if options.check:
            return
        compare('equal', probe, model, texts, options.steps)
        if options.texts is not None:
            compare('mixed', probe, model, options.texts, options.steps)


if __name__ == '__main__':
    main()
