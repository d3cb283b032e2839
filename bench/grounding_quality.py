#!/usr/bin/env python3
"""Which sentences count as borne out by a passage: by the overlap of words alone, and with the adapter that read claims with their evidence.

    peers-data/venv/bin/python bench/grounding_data.py shared/data peers-data/grounding
    python3 bench/grounding_quality.py --adapter adapters/grounding [--build build] [--data peers-data/grounding] [--most 1000]

For each set one JSON line: the share of the sentences that are borne out which count as such, and of those that are not, by words and with the
adapter; and how often the adapter's score puts one that is borne out before one that is not (AUC). wice, climate-fever, healthver and begin are of other
kinds and licences and were never learned from.
"""
import argparse
import gzip
import json
import random
import subprocess
import sys
from pathlib import Path

from ask_squad import auc
from probes import build_probe

ROOT = Path(__file__).resolve().parent.parent


def pairs_of(path, most):
    pairs = []
    with gzip.open(path, "rt", encoding="utf-8") as file:
        for row in map(json.loads, file):
            pairs += [(row["query"], text, True) for text in row["positives"]]
            pairs += [(row["query"], text, False) for text in row["negatives"]]
    random.Random(1).shuffle(pairs)
    return pairs[:most]


def one_line(text):
    return " ".join(text.split())


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--adapter", type=Path, default=ROOT / "adapters/grounding")
    parser.add_argument("--base", type=Path, default=ROOT / "models/all-MiniLM-L6-v2")
    parser.add_argument("--build", type=Path, default=ROOT / "build")
    parser.add_argument("--data", type=Path, default=ROOT / "peers-data/grounding")
    parser.add_argument("--most", type=int, default=1000)
    parser.add_argument("--kept", type=Path, help="write each sentence's figures here")
    options = parser.parse_args()
    probe = build_probe("grounding_probe", options.build)
    for path in sorted(options.data.glob("*test.jsonl.gz")):
        pairs = pairs_of(path, options.most)
        told = subprocess.run([probe, options.base, options.adapter], check=True, text=True, stdout=subprocess.PIPE,
                              input="".join(f"{one_line(passage)}\t{one_line(text)}\n" for passage, text, _ in pairs)).stdout  # fmt: skip
        rows = [line.split("\t") for line in told.splitlines()]
        assert len(rows) == len(pairs), (path, len(rows), len(pairs))
        shares = {}
        for name, column in (("words", 0), ("with adapter", 1)):
            for right, kind in ((True, "borne out"), (False, "not")):
                counted = [row[column] == "1" for row, pair in zip(rows, pairs) if pair[2] == right]
                shares[f"{name}, {kind}"] = round(sum(counted) / max(len(counted), 1), 3)
        area = auc([float(row[2]) for row, pair in zip(rows, pairs) if pair[2]], [float(row[2]) for row, pair in zip(rows, pairs) if not pair[2]])
        print(json.dumps({"set": path.name.split(".")[0], "sentences": len(pairs), **shares, "auc": round(area, 3)}), flush=True)
        if options.kept:
            with open(options.kept, "a", encoding="utf-8") as file:
                file.writelines(json.dumps([path.name, *row, pair[2]]) + "\n" for row, pair in zip(rows, pairs))
    return 0


if __name__ == "__main__":
    sys.exit(main())
