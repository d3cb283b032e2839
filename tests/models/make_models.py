#!/usr/bin/env python3
"""Makes the tiny models of tests/data/models and what torch says to their texts. See tests/data/models/README.md.

    python3 -m venv peers-data/venv
    peers-data/venv/bin/pip install torch transformers sentence-transformers
    peers-data/venv/bin/python tests/models/make_models.py [NAME...]

Every weight comes from a seed that the model's name gives; expected values are computed in double precision."""

import json
import os
import pathlib
import shutil
import sys
import zlib

os.environ.update(CUDA_VISIBLE_DEVICES="", HF_HUB_OFFLINE="1", TOKENIZERS_PARALLELISM="false")

import torch
import transformers
from safetensors.torch import load_file, save_file
from sentence_transformers import SentenceTransformer
from sentence_transformers.base.modules.dense import Dense
from sentence_transformers.base.modules.normalize import Normalize
from sentence_transformers.base.modules.transformer import Transformer
from sentence_transformers.sentence_transformer.modules import Pooling

import tiny_parts as parts

OUT = pathlib.Path(__file__).resolve().parents[1] / "data" / "models"
SMALL = dict(hidden_size=32, num_hidden_layers=2, num_attention_heads=2, intermediate_size=64, max_position_embeddings=40)
WORDS = "the index answers a question from the passages of a document and an encoder reads all tokens at once "
TEXTS = [
    "a",
    "What is an index?",
    "",
    "The house at the river stood empty in winter; its windows were closed.",
    "SHE SELLS Old Maps, he repairs clocks",
    "El niño canta, der Hund schläft: ça va?",
    "東京 and Größe, naïve café 🙂 end",
    "12345 x99 0.5 % (see the table)",
    "unseenwordwithnomeaning",
    "two  spaces, then more   and a last one ",
    "left [SEP] right</s>end <mask> and [MASK] .",
    WORDS * 3,
]
LONG = [WORDS * 9]
PAIRS = [
    ("What is an index?", "The index answers a question from the passages of a document."),
    ("river", "The house at the river stood empty in winter; its windows were closed and its garden was white."),
    ("", "only the second"),
    ("only the first", ""),
    ("El niño canta", "Der Hund schläft unter dem Tisch 🙂"),
    (WORDS, "short"),
    ("short", WORDS),
    (WORDS, WORDS),
    (WORDS.upper(), "x " * 30),
]


def write_json(path, value):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(value, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")


def compact(path):
    path.write_text(json.dumps(json.loads(path.read_text(encoding="utf-8")), ensure_ascii=False, separators=(",", ":")) + "\n",
                    encoding="utf-8")


class Folder:
    """A model folder under construction."""

    def __init__(self, name):
        self.name, self.path = name, OUT / name
        self.seed = zlib.crc32(name.encode())
        shutil.rmtree(self.path, ignore_errors=True)
        self.path.mkdir(parents=True)

    def model(self, model_class, config, tokenizer):
        parts.randomize(model_class(config), self.seed).save_pretrained(self.path)
        tokenizer.save_pretrained(self.path)
        return self

    def tensors(self, change):
        """Rewrites the weights: `change` gives each tensor's new name and value."""
        path = self.path / "model.safetensors"
        changed = dict(change(name, tensor) for name, tensor in load_file(path).items())
        save_file(changed, path, metadata={"format": "pt"})
        return self

    def prefix(self, prefix):
        return self.tensors(lambda name, tensor: (prefix + name, tensor))

    def stored_as(self, dtype):
        self.config(dtype=str(dtype).removeprefix("torch."))
        return self.tensors(lambda name, tensor: (name, tensor.to(dtype)))

    def config(self, *gone, **changed):
        path = self.path / "config.json"
        config = json.loads(path.read_text()) | changed
        write_json(path, {key: value for key, value in config.items() if key not in gone})
        return self

    def shard(self):
        tensors = load_file(self.path / "model.safetensors")
        names, where = sorted(tensors), {}
        for number in range(3):
            file = f"model-{number + 1:05d}-of-00003.safetensors"
            chosen = names[number::3]
            save_file({name: tensors[name] for name in chosen}, self.path / file, metadata={"format": "pt"})
            where |= {name: file for name in chosen}
        size = sum(tensor.numel() * tensor.element_size() for tensor in tensors.values())
        write_json(self.path / "model.safetensors.index.json", {"metadata": {"total_size": size}, "weight_map": where})
        (self.path / "model.safetensors").unlink()
        return self

    def old_sentence_folder(self, pooling, normalize, max_length=None, prompts=None):
        """As sentence-transformers wrote it before version 5.

        `pooling`: the part between pooling_mode_ and the value, "mean_tokens"."""
        modules = [("", "Transformer"), ("1_Pooling", "Pooling")] + ([("2_Normalize", "Normalize")] if normalize else [])
        write_json(self.path / "modules.json", [
            {"idx": number, "name": str(number), "path": path, "type": "sentence_transformers.models." + kind}
            for number, (path, kind) in enumerate(modules)])
        width = json.loads((self.path / "config.json").read_text())
        modes = ("cls_token", "mean_tokens", "max_tokens", "mean_sqrt_len_tokens", "weightedmean_tokens", "lasttoken")
        width = next(width[key] for key in ("hidden_size", "dim", "n_embd") if key in width)
        write_json(self.path / "1_Pooling" / "config.json",
                   {"word_embedding_dimension": width} | {"pooling_mode_" + mode: mode == pooling for mode in modes})
        if max_length:
            write_json(self.path / "sentence_bert_config.json", {"max_seq_length": max_length, "do_lower_case": False})
        write_json(self.path / "config_sentence_transformers.json",
                   {"__version__": {"sentence_transformers": "2.7.0", "transformers": "4.39.0", "pytorch": "2.2.0"},
                    "prompts": prompts or {}, "default_prompt_name": None})
        return self

    def new_sentence_folder(self, pooling, *modules, **options):
        """As the installed sentence-transformers writes it."""
        transformer = Transformer(str(self.path), model_kwargs={"dtype": torch.float32})
        width = transformer.get_embedding_dimension()
        torch.manual_seed(self.seed)
        modules = [module(width) if callable(module) and not isinstance(module, torch.nn.Module) else module for module in modules]
        made = SentenceTransformer(modules=[transformer, Pooling(width, pooling), *modules], **options)
        made.save(str(self.path), create_model_card=False)
        return self

    def clean(self):
        for path in self.path.rglob("tokenizer.json"):
            compact(path)
        config = self.path / "tokenizer_config.json"
        if config.exists():
            settings = json.loads(config.read_text())
            write_json(config, {key: value for key, value in settings.items() if key not in ("is_local", "local_files_only")})


class Expected:
    """What expected.json and expected.f32 hold: the arrays stand in the second, one after the other."""

    def __init__(self, path):
        self.path, self.document, self.bytes = path, {}, bytearray()

    def array(self, tensor):
        offset = len(self.bytes) // 4
        self.bytes += tensor.to(torch.float32).contiguous().numpy().astype("<f4").tobytes()
        return {"shape": list(tensor.shape), "offset": offset}

    def write(self):
        lines = (f"{json.dumps(key)}: {json.dumps(value, ensure_ascii=False)}" for key, value in self.document.items())
        (self.path / "expected.json").write_text("{\n" + ",\n".join(lines) + "\n}\n", encoding="utf-8")
        (self.path / "expected.f32").write_bytes(self.bytes)


def cosine_least(left, right):
    left, right = left.double().flatten(1), right.double().flatten(1)
    return torch.nn.functional.cosine_similarity(left, right).min().item()


def measured(model, run, exact):
    """How far single precision and coarse arithmetic are from double precision, for the record."""
    single = run(model.float())
    figures = {"f32_difference": max((a.double() - b).abs().max().item() for a, b in zip(single, exact))}
    with parts.Coarse(model, parts.round_bf16):
        figures["bf16_products_cosine"] = min(cosine_least(a[None], b[None]) for a, b in zip(run(model), exact))
    with parts.Coarse(model, parts.round_int8):
        figures["int8_products_cosine"] = min(cosine_least(a[None], b[None]) for a, b in zip(run(model), exact))
    figures["bf16_torch_cosine"] = min(cosine_least(a[None], b[None]) for a, b in zip(run(model.bfloat16()), exact))
    return {name: float(f"{value:.3g}") if value < 0.5 else round(value, 6) for name, value in figures.items()}


def expect_texts(expected, model, tokenizer, texts, max_length):
    """ids of all texts, uncut; last-layer outputs of each third text and of the last, cut."""
    ids = [tokenizer(text)["input_ids"] for text in texts]
    expected.document |= {"texts": texts, "max_length": max_length, "ids": ids, "states": []}
    for number in sorted({*range(0, len(texts), 3), 2, len(texts) - 1}):
        batch = tokenizer(texts[number], truncation=True, max_length=max_length, return_tensors="pt")
        states = model(**batch).last_hidden_state[0]
        expected.document["states"].append({"text": number} | expected.array(states))


def base_model(folder):
    return transformers.AutoModel.from_pretrained(folder.path, dtype=torch.float32, attn_implementation="eager").double().eval()


@torch.no_grad()
def finish_embedder(folder, max_length, more_texts=(), tokenizer=None):
    """Computes with sentence-transformers, which reads the finished folder as anybody would."""
    folder.clean()
    texts = TEXTS + list(more_texts)
    expected = Expected(folder.path)
    tokenizer = tokenizer or transformers.AutoTokenizer.from_pretrained(folder.path)
    expect_texts(expected, base_model(folder), tokenizer, texts, max_length)
    sentence = SentenceTransformer(str(folder.path), device="cpu", model_kwargs={"dtype": torch.float32, "attn_implementation": "eager"})
    sentence.max_seq_length = min(sentence.max_seq_length, max_length)

    def embed(model, texts=texts):
        return [model.encode([text], convert_to_tensor=True, show_progress_bar=False)[0] for text in texts]

    vectors = embed(sentence.double())
    expected.document["embeddings"] = expected.array(torch.stack(vectors))
    expected.document["prompts"] = {
        name: expected.array(torch.stack(embed(sentence, [prompt + text for text in texts[:4]])))
        for name, prompt in sentence.prompts.items() if prompt}
    expected.document["measured"] = measured(sentence, embed, vectors)
    report(folder, expected)


@torch.no_grad()
def finish_scorer(folder, max_length, texts_too=False):
    folder.clean()
    expected = Expected(folder.path)
    tokenizer = transformers.AutoTokenizer.from_pretrained(folder.path)
    model = transformers.AutoModelForSequenceClassification.from_pretrained(folder.path, dtype=torch.float32,
                                                                            attn_implementation="eager").double().eval()
    expect_texts(expected, base_model(folder), tokenizer, TEXTS, max_length)

    def encode(words):
        """In lists, as a cross-encoder is asked: given bare, an empty second text would count as none."""
        return tokenizer(*([word] for word in words), truncation="longest_first", max_length=max_length, return_tensors="pt")

    def score(inputs):
        return [model(**encode(words)).logits[0] for words in inputs]

    expected.document["pairs"] = PAIRS
    expected.document["pair_ids"] = [encode(pair)["input_ids"][0].tolist() for pair in PAIRS]
    exact = score(PAIRS)
    expected.document["pair_logits"] = expected.array(torch.stack(exact))
    if texts_too:
        expected.document["text_logits"] = expected.array(torch.stack(score([(text,) for text in TEXTS])))
    model.float()
    difference = max((a.double() - b).abs().max().item() for a, b in zip(score(PAIRS), exact))
    expected.document["measured"] = {"f32_difference": float(f"{difference:.3g}")}
    report(folder, expected)


def report(folder, expected):
    expected.write()
    size = sum(path.stat().st_size for path in folder.path.rglob("*") if path.is_file())
    print(f"{folder.name:28} {size // 1024:5} KiB  {expected.document['measured']}", flush=True)


def main():
    import tiny_models

    chosen = sys.argv[1:]
    torch.set_num_threads(1)
    transformers.logging.set_verbosity_error()
    transformers.utils.logging.disable_progress_bar()
    for name, make in tiny_models.MODELS.items():
        if not chosen or name in chosen:
            make(Folder(name))


if __name__ == "__main__":
    sys.modules["make_models"] = sys.modules["__main__"]
    main()
