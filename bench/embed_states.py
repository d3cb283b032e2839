#!/usr/bin/env python3
"""How far `assay embed --states` is from transformers: the largest absolute difference of any number of any token's output, f32, on
passages as they come (SQuAD's), cut to 256 tokens; the other precisions for comparison.

    python3 -m venv peers-data/venv && peers-data/venv/bin/pip install torch transformers
    peers-data/venv/bin/python bench/embed_states.py --data DATA_FOLDER --binary build/assay

A JSON line a precision. Fails when f32 differs by more than 2e-5."""

import argparse
import json
import os
import pathlib
import subprocess

os.environ.update(CUDA_VISIBLE_DEVICES="", HF_HUB_OFFLINE="1", TOKENIZERS_PARALLELISM="false")

import bench_embed
import torch
import transformers

TOKENS_MAX, F32_MAX = 256, 2e-5


def reference(model, texts):
    tokenizer = transformers.AutoTokenizer.from_pretrained(model)
    encoder = transformers.AutoModel.from_pretrained(model, dtype=torch.float32).eval()
    with torch.no_grad():
        for text in texts:
            yield encoder(**tokenizer(text, truncation=True, max_length=TOKENS_MAX, return_tensors="pt")).last_hidden_state[0]


def states(options, precision, text):
    command = [options.binary, "embed", "--model", options.model, "--precision", precision, "--states", "--json", "-"]
    document = json.loads(subprocess.run(command, input=text + "\n", stdout=subprocess.PIPE, check=True, text=True).stdout)
    return torch.tensor(document["states"], dtype=torch.float32).view(document["rows"], document["hidden"])


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--binary", default="build/assay", type=os.path.abspath)
    parser.add_argument("--model", default=bench_embed.ROOT / "models/all-MiniLM-L6-v2", type=pathlib.Path)
    parser.add_argument("--data", default=bench_embed.ROOT.parent / "shared/data")
    parser.add_argument("--texts", type=int, default=60)
    options = parser.parse_args()
    texts, source = bench_embed.passages(options.data, bench_embed.words_of_one_token(options.model), options.texts)
    wanted = list(reference(options.model, texts))
    for precision in ("f32", "bf16", "int8"):
        pairs = [(states(options, precision, text), theirs) for text, theirs in zip(texts, wanted, strict=True)]
        largest = max(float((ours - theirs).abs().max()) for ours, theirs in pairs)
        least = min(float(torch.nn.functional.cosine_similarity(ours, theirs).min()) for ours, theirs in pairs)
        print(json.dumps({"name": "token outputs beside transformers", "precision": precision, "texts": source, "count": len(texts),
                          "tokens": sum(len(ours) for ours, _ in pairs), "largest difference": largest,
                          "least cosine of a token": round(least, 6)}), flush=True)
        if precision == "f32" and largest > F32_MAX:
            raise SystemExit(f"f32 differs by {largest}, at most {F32_MAX} is promised")


if __name__ == "__main__":
    main()
