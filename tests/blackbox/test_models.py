"""Encoder models of every architecture against what transformers and sentence-transformers say (tests/data/models).

The tolerances are the program's promises: f32 within 2e-5, bf16 with cosines of at least 0.9995, int8 of at least 0.99. What torch
itself reaches with these models stands in tests/data/models/README.md: each promise leaves room."""

import json
import random

import golden
import pytest
from golden import Golden, cosine, difference, floats, read_npy

F32_DIFFERENCE_MAX = 2e-5
COSINE_MIN = {"bf16": 0.9995, "int8": 0.99}
PRECISIONS = ("f32", "bf16", "int8")
EMBEDDERS = golden.with_entry("embeddings")
SCORERS = golden.with_entry("pair_logits")


class Models:
    """Runs the model commands with lines on standard input."""

    def __init__(self, assay, folder):
        self.assay, self.folder = assay, folder

    def run(self, *words, lines, **more):
        path = self.folder / "lines"
        path.write_bytes(b"".join(line.encode() + b"\n" for line in lines))
        with open(path, "rb") as file:
            return self.assay(*words, stdin=file, **more)

    def embed(self, model, *words, lines, **more):
        return self.run("embed", "--model", str(model.path), *words, lines=lines, **more)

    def npy(self, model, precision, lines, threads=2):
        """Each line's vector as bytes."""
        out = self.embed(model, "--precision", precision, "--threads", str(threads), "--format", "npy", lines=lines).raw_out
        rows, columns, numbers = read_npy(out)
        assert rows == len(lines)
        return [numbers[row * columns * 4 : (row + 1) * columns * 4] for row in range(rows)]


@pytest.fixture
def models(assay, tmp_path):
    return Models(assay, tmp_path)


# ---- against transformers and sentence-transformers ----


@pytest.mark.parametrize("name", golden.NAMES)
def test_tokens(models, name):
    model = Golden(name)
    document = models.run("tokenize", "--model", str(model.path), "--json", lines=model["texts"]).json()
    assert len(document["tokens"]) == len(model["texts"])
    for text, ids, expected in zip(model["texts"], document["tokens"], model["ids"]):
        assert ids == expected, text


@pytest.mark.parametrize("name", golden.NAMES)
def test_states(models, name):
    model = Golden(name)
    for entry in model["states"]:
        text = model["texts"][entry["text"]]
        document = models.embed(model, "--states", "--precision", "f32", "--json", lines=[text]).json()
        assert [document["rows"], document["hidden"]] == entry["shape"], text
        assert difference(document["states"], model.rows(entry)) <= F32_DIFFERENCE_MAX, text


@pytest.mark.parametrize("name", EMBEDDERS)
def test_vectors(models, name):
    model = Golden(name)
    document = models.embed(model, "--precision", "f32", "--json", lines=model["texts"]).json()
    assert document["model"] == name
    assert [len(document["embeddings"]), document["dimensions"]] == model["embeddings"]["shape"]
    assert difference(document["embeddings"], model.rows(model["embeddings"])) <= F32_DIFFERENCE_MAX


@pytest.mark.parametrize("precision", COSINE_MIN)
@pytest.mark.parametrize("name", EMBEDDERS)
def test_coarse_vectors(models, name, precision):
    model = Golden(name)
    vectors = [floats(vector) for vector in models.npy(model, precision, model["texts"])]
    least = min(cosine(vector, expected) for vector, expected in zip(vectors, model.rows(model["embeddings"]), strict=True))
    assert least >= COSINE_MIN[precision]


@pytest.mark.parametrize("name", EMBEDDERS)
def test_prompts(models, name):
    model = Golden(name)
    for prompt, entry in model["prompts"].items():
        lines = model["texts"][: entry["shape"][0]]
        document = models.embed(model, "--prompt", prompt, "--precision", "f32", "--json", lines=lines).json()
        assert difference(document["embeddings"], model.rows(entry)) <= F32_DIFFERENCE_MAX, prompt


@pytest.mark.parametrize("name", SCORERS)
def test_scores_of_pairs(models, name):
    model = Golden(name)
    lines = ["\t".join(pair) for pair in model["pairs"]]
    document = models.embed(model, "--score", "--precision", "f32", "--json", lines=lines).json()
    assert document["model"] == name
    assert len(document["labels"]) == model["pair_logits"]["shape"][1]
    assert difference(document["scores"], model.rows(model["pair_logits"])) <= F32_DIFFERENCE_MAX


@pytest.mark.parametrize("name", golden.with_entry("text_logits"))
def test_scores_of_texts(models, name):
    model = Golden(name)
    document = models.embed(model, "--score", "--precision", "f32", "--json", lines=model["texts"]).json()
    assert difference(document["scores"], model.rows(model["text_logits"])) <= F32_DIFFERENCE_MAX


# ---- one text, one vector ----


@pytest.mark.parametrize("precision", PRECISIONS)
@pytest.mark.parametrize("name", EMBEDDERS)
def test_batches_and_threads_change_no_bit(models, name, precision):
    model = Golden(name)
    texts = model["texts"]
    together = models.npy(model, precision, texts, threads=1)
    assert models.npy(model, precision, texts, threads=2) == together
    for number in (0, 2, 5, len(texts) - 1):
        assert models.npy(model, precision, [texts[number]], threads=2) == [together[number]], texts[number]
    for seed in (1, 2):
        order = random.Random(seed).choices(range(len(texts)), k=3 * len(texts))
        shuffled = models.npy(model, precision, [texts[number] for number in order], threads=1 + seed % 2)
        assert shuffled == [together[number] for number in order]


@pytest.mark.parametrize("name", ("bert-mean-old", "modernbert-mean-old", "mpnet-mean"))
@pytest.mark.parametrize("precision", PRECISIONS)
def test_thousands_of_texts(models, name, precision):
    """More than one batch, of mixed lengths."""
    model = Golden(name)
    texts = model["texts"]
    order = random.Random(3).choices(range(len(texts)), k=1500)
    together = models.npy(model, precision, texts)
    assert models.npy(model, precision, [texts[number] for number in order]) == [together[number] for number in order]


@pytest.mark.parametrize("name", SCORERS)
def test_scores_repeat(models, name):
    model = Golden(name)
    lines = ["\t".join(pair) for pair in model["pairs"]]

    def scores(lines, threads, precision):
        return models.embed(model, "--score", "--threads", str(threads), "--precision", precision, "--json", lines=lines).json()["scores"]

    for precision in PRECISIONS:
        together = scores(lines, 1, precision)
        assert scores(lines, 2, precision) == together
        assert scores(lines[::-1], 2, precision) == together[::-1]
        assert [scores([line], 1, precision)[0] for line in lines[:3]] == together[:3]


# ---- forms of input and output ----


def test_formats_agree(models):
    model = Golden("bert-mean-old")
    lines = model["texts"]
    document = models.embed(model, "--precision", "f32", "--json", lines=lines).json()
    assert models.embed(model, "--precision", "f32", "--format", "json", lines=lines).json() == document
    vectors = [list(floats(vector)) for vector in models.npy(model, "f32", lines)]
    exact = [list(golden.array.array("f", row)) for row in document["embeddings"]]
    assert exact == vectors, "JSON numbers do not give the same single-precision numbers"
    listed = models.embed(model, "--precision", "f32", "--format", "jsonl", lines=lines).out.splitlines()
    assert len(listed) == len(lines)
    for line, row in zip(listed, document["embeddings"]):
        entry = json.loads(line)
        assert (entry["embedding"] if isinstance(entry, dict) else entry) == row


def test_files_are_read_like_standard_input(models, tmp_path):
    model = Golden("bert-mean-old")
    texts = model["texts"][:6]
    first, second = tmp_path / "first.txt", tmp_path / "second.txt"
    first.write_text("".join(text + "\n" for text in texts[:4]), encoding="utf-8")
    second.write_text("\n".join(texts[4:]), encoding="utf-8")  # no line end after the last line
    words = ("embed", "--model", str(model.path), "--precision", "f32", "--json")
    assert models.assay(*words, str(first), str(second)).json() == models.run(*words, lines=texts).json()


def test_nothing_to_embed(models):
    model = Golden("bert-mean-old")
    assert models.embed(model, "--json", lines=[]).json()["embeddings"] == []
    rows, columns, _ = read_npy(models.embed(model, "--format", "npy", lines=[]).raw_out)
    assert (rows, columns) == (0, model["embeddings"]["shape"][1])


def test_precision_left_to_the_program(models):
    model = Golden("bert-mean-old")
    default = models.embed(model, "--format", "npy", lines=model["texts"]).raw_out
    assert models.embed(model, "--precision", "auto", "--format", "npy", lines=model["texts"]).raw_out == default
    vectors = [floats(vector) for vector in models.npy(model, "auto", model["texts"])]
    assert all(cosine(a, b) >= COSINE_MIN["bf16"] for a, b in zip(vectors, model.rows(model["embeddings"]), strict=True))


def test_a_long_line(models):
    """A megabyte in one line is cut like any text that is too long."""
    model = Golden("bert-mean-old")
    longest = len(model["texts"]) - 1
    again = model["texts"][longest] * 3500
    assert models.npy(model, "f32", [again]) == models.npy(model, "f32", [model["texts"][longest]])


def test_human_output_says_the_model(models):
    model = Golden("bert-mean-old")
    assert models.embed(model, lines=["river"]).code == 0
    assert models.run("tokenize", "--model", str(model.path), lines=["river"]).out.strip()


def test_bench(models, tmp_path):
    model = Golden("bert-mean-old")
    texts = tmp_path / "texts"
    texts.write_text("".join(text + "\n" for text in model["texts"] if text), encoding="utf-8")
    words = ("bench", "embed", "--model", str(model.path), "--precision", "f32", "--threads", "1", "--texts", str(texts), "--json")
    figures = models.assay(*words, "--batch", "8", "--repeat", "2").json()
    assert figures["name"] == "embed" and figures["precision"] == "f32" and figures["threads"] == 1
    assert figures["seconds"] > 0 and figures["texts_per_second"] > 0 and figures["tokens_per_second"] > 0
    assert figures["cpu"] == figures["kernels"] and figures["metrics"]["tokens_per_second"] == figures["tokens_per_second"]
    latency = models.assay(*words, "--latency").json()
    assert 0 < latency["p50_ms"] <= latency["p99_ms"]
