#!/usr/bin/env python3
"""What torch says of the writer's loss and gradients on a tiny BERT, for tests/unit/test_train_write.c, which holds the numbers printed here.

    peers-data/venv/bin/python tests/models/write_reference.py

The head's weights are waves (as in the test), the encoder's those of tests/data/models/bert-mean-old. Everything is computed in double precision."""

import pathlib

import torch
from safetensors.torch import load_file
from tokenizers import Tokenizer

FOLDER = pathlib.Path(__file__).resolve().parents[1] / "data" / "models" / "bert-mean-old"
HEADS, LAYERS, HIDDEN, SMOOTHING = 2, 2, 32, 0.1
# question, passage, target ids: as the test has them
CASES = [("What is an index?", "The index answers a question", [60, 61, 21]), ("a vector", "the passages of a document", []), ("maps", None, [21, 21])]


def wave(count, phase, around=0.0):
    i = torch.arange(count, dtype=torch.float64)
    return (around + 0.3 * torch.sin(0.7 * i + phase)).float().double()


def states_of(w, ids, types, source):
    n = len(ids)
    x = w["embeddings.word_embeddings.weight"][ids] + w["embeddings.token_type_embeddings.weight"][types] + w["embeddings.position_embeddings.weight"][:n]
    norm = lambda x, name: torch.nn.functional.layer_norm(x, (HIDDEN,), w[name + ".weight"], w[name + ".bias"], 1e-12)
    linear = lambda x, name: x @ w[name + ".weight"].T + w[name + ".bias"]
    x = norm(x, "embeddings.LayerNorm")
    sees = torch.zeros(n, n, dtype=torch.bool)
    sees[:, :source] = True
    for i in range(source, n):
        sees[i, : i + 1] = True
    for layer in range(LAYERS):
        p = f"encoder.layer.{layer}."
        q, k, v = (linear(x, p + "attention.self." + part).view(n, HEADS, -1).transpose(0, 1) for part in ("query", "key", "value"))
        scores = (q @ k.transpose(1, 2) / (HIDDEN // HEADS) ** 0.5).masked_fill(~sees, float("-inf"))
        context = (scores.softmax(-1) @ v).transpose(0, 1).reshape(n, HIDDEN)
        x = norm(x + linear(context, p + "attention.output.dense"), p + "attention.output.LayerNorm")
        x = norm(x + linear(torch.nn.functional.gelu(linear(x, p + "intermediate.dense")), p + "output.dense"), p + "output.LayerNorm")
    return x


def case_loss(w, h, first, second, target):
    tokens = Tokenizer.from_file(str(FOLDER / "tokenizer.json")).encode(first, second)
    source, types = tokens.ids, tokens.type_ids
    ids = source + [source[0]] + target
    x = states_of(w, torch.tensor(ids), torch.tensor(types + [0] * (1 + len(target))), len(source))
    s, rows = x[: len(source)], x[len(source):]
    u = torch.nn.functional.layer_norm(rows @ h["dense.weight"].T + h["dense.bias"], (HIDDEN,), h["norm.weight"], h["norm.bias"], 1e-12)
    log_v = (u @ w["embeddings.word_embeddings.weight"].T + h["words.bias"]).log_softmax(-1)
    a = ((rows @ h["query.weight"].T + h["query.bias"]) @ s.T / HIDDEN**0.5).softmax(-1)
    g = torch.sigmoid(rows @ h["gate.weight"][0] + h["gate.bias"])
    loss = 0
    for i, y in enumerate(target + [source[-1]]):
        copied = a[i][torch.tensor([t == y for t in source])].sum()
        p = (1 - g[i]) * log_v[i, y].exp() + g[i] * copied
        loss = loss - (1 - SMOOTHING) * p.log() - SMOOTHING * log_v[i].mean()
    return loss, len(target) + 1


def main():
    w = {name: t.double().requires_grad_() for name, t in load_file(FOLDER / "model.safetensors").items()}
    words = w["embeddings.word_embeddings.weight"].shape[0]
    shapes = [("dense.weight", (HIDDEN, HIDDEN)), ("dense.bias", (HIDDEN,)), ("norm.weight", (HIDDEN,)), ("norm.bias", (HIDDEN,)), ("words.bias", (words,)),
              ("query.weight", (HIDDEN, HIDDEN)), ("query.bias", (HIDDEN,)), ("gate.weight", (1, HIDDEN)), ("gate.bias", (1,))]
    h = {}
    for number, (name, shape) in enumerate(shapes):
        count = int(torch.tensor(shape).prod())
        h[name] = wave(count, number, 1.0 if name == "norm.weight" else 0.0).view(shape).requires_grad_()
    losses = [case_loss(w, h, *case) for case in CASES]
    loss = sum(part for part, _ in losses) / sum(count for _, count in losses)
    loss.backward()
    print(f"loss {loss.item():.9g}")
    tensors = [("writer." + name, h[name]) for name, _ in shapes]
    tensors += [(name, w[name]) for name in ("embeddings.word_embeddings.weight", "embeddings.position_embeddings.weight", "encoder.layer.0.attention.self.key.weight",
                                             "encoder.layer.0.intermediate.dense.weight", "encoder.layer.1.attention.self.query.weight",
                                             "encoder.layer.1.attention.self.value.bias", "encoder.layer.1.output.LayerNorm.weight")]
    for name, tensor in tensors:
        gradient = tensor.grad.flatten()
        along = (gradient * torch.sin(torch.arange(len(gradient), dtype=torch.float64))).sum()
        print(f'    {{"{name}", {gradient.norm().item():.9g}, {along.item():.9g}}},')


if __name__ == "__main__":
    main()
