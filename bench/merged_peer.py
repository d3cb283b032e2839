#!/usr/bin/env python3
"""Whether `assay model merge` writes what transformers reads alike: classifiers (low-rank, and every weight) over models of four architectures and a reranker are
trained for a moment, merged, and asked in both, padded texts of different lengths in one batch. Prints the largest difference of an output; above 1e-4 of the
largest output it fails. Needs models/all-MiniLM-L6-v2 and peers-data/venv with torch and transformers."""
import argparse
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PYTHON = ROOT / 'peers-data/venv/bin/python'
BASE = ROOT / 'models/all-MiniLM-L6-v2'
TINY = ROOT / 'tests/data/models'
SUBJECTS = {'refund': 'my money back for the {}', 'delivery': 'where is the parcel with my {}', 'account': 'I cannot log in to order a {}'}
THINGS = 'lamp kettle chair scarf bicycle teapot mirror carpet radio blanket ladder toaster'.split()

PEER = '''
import json, sys, torch, transformers
pairs = [line.split("\\t") for line in open(sys.argv[2], encoding="utf-8").read().splitlines()]
model, info = transformers.AutoModelForSequenceClassification.from_pretrained(sys.argv[1], dtype=torch.float32, output_loading_info=True)
assert not info["missing_keys"] and not info["unexpected_keys"], info
tokenizer = transformers.AutoTokenizer.from_pretrained(sys.argv[1])
fits = [i for i, texts in enumerate(pairs) if len(tokenizer(*texts)["input_ids"]) <= model.config.max_position_embeddings - 2]  # tiny models have few
words = tokenizer(*(list(texts) for texts in zip(*(pairs[i] for i in fits))), padding=True, return_tensors="pt")
with torch.no_grad():
    print(json.dumps(dict(zip(fits, model.eval()(**words).logits.tolist()))))
'''


def run(binary, *words, folder):
    return subprocess.run([binary, *map(str, words)], check=True, cwd=folder, capture_output=True, text=True).stdout


def compare(name, binary, project, texts):
    """Of the project's adapter `name`."""
    merged, lines = project / f'merged-{name}', project / 'lines.txt'
    lines.write_text(''.join(f'{text}\n' for text in texts))
    run(binary, 'model', 'merge', name, merged, folder=project)
    rows = run(binary, 'embed', lines, '--model', merged, '--score', '--precision', 'f32', '--format', 'jsonl', folder=project)
    ours = [json.loads(row)['scores'] for row in rows.splitlines()]
    environment = dict(os.environ, HF_HUB_OFFLINE='1')
    peer = subprocess.run([PYTHON, '-c', PEER, merged, lines], capture_output=True, text=True, env=environment)
    if peer.returncode != 0:
        sys.exit(peer.stderr)
    theirs = {int(i): row for i, row in json.loads(peer.stdout).items()}
    most = max(abs(value) for row in theirs.values() for value in row)
    apart = max(abs(a - b) for i, row in theirs.items() for a, b in zip(ours[i], row, strict=True))
    print(f'{name}: {len(theirs)} texts, outputs up to {most:.2f}, at most {apart:.2g} apart')
    if not apart <= 1e-4 * max(most, 1):
        sys.exit('transformers reads another model')


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('--binary', default=ROOT / 'build/assay', type=Path)
    binary = parser.parse_args().binary.resolve()
    if not PYTHON.exists() or not BASE.exists():
        print('skipped: peers-data/venv or models/all-MiniLM-L6-v2 is not there')
        return
    examples = [(text.format(thing), label) for thing in THINGS for label, text in SUBJECTS.items()]
    texts = [text for text, _ in examples] + ['lamp', ' '.join(text for text, _ in examples[:6])]
    with tempfile.TemporaryDirectory() as folder:
        project = Path(folder) / 'project'
        run(binary, 'init', project, folder=folder)
        (project / 'data.csv').write_text('text,label\n' + ''.join(f'"{text}",{label}\n' for text, label in examples))
        (project / 'pairs.jsonl').write_text(''.join(json.dumps({'query': f'{THINGS[(i * 5) % 12]} {label}', 'positive': text}) + '\n' for i, (text, label) in enumerate(examples)))
        for base in (BASE, TINY / 'roberta-mean', TINY / 'distilbert-mean', TINY / 'electra-ranker'):
            for method in ('lora', 'full'):
                run(binary, 'tune', 'classify', 'data.csv', '--model', base, '--method', method, '--epochs', '4', '--name', f'{base.name}-{method}', folder=project)
                compare(f'{base.name}-{method}', binary, project, texts)
        run(binary, 'tune', 'rerank', 'pairs.jsonl', '--model', BASE, '--steps', '8', '--batch', '8', folder=project)
        compare('reranker', binary, project, [f'{texts[i]}\t{texts[(i * 7 + 3) % len(texts)]}' for i in range(len(texts))])


if __name__ == '__main__':
    main()
