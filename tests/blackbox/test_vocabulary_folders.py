"""Folders with vocab.txt instead of tokenizer.json, as transformers' BertTokenizer and MPNetTokenizer read them, against `tokenizers` set up by
hand as those say."""

import json
import random
import sys

import pytest
from conftest import ROOT
from golden import FOLDER, Copy
from models import piped

tokenizers = pytest.importorskip("tokenizers", reason="tokenizers is not installed (scripts/setup does it)")
sys.path.insert(0, str(ROOT / "tests" / "tokens"))
sys.dont_write_bytecode = True
import compare  # noqa: E402

NAMES = {"unk_token": "[UNK]", "sep_token": "[SEP]", "cls_token": "[CLS]", "pad_token": "[PAD]", "mask_token": "[MASK]"}
OTHERS = {"unk_token": "<unk>", "sep_token": "</S>", "cls_token": "<S>", "pad_token": "<pad>", "mask_token": "<mask>"}
MPNET = {"unk_token": "[UNK]", "sep_token": "</s>", "cls_token": "<s>", "pad_token": "<pad>", "mask_token": "<mask>"}


def original(vocabulary, names, mpnet=False, **normalizer):
    made = tokenizers.Tokenizer(tokenizers.models.WordPiece({token: i for i, token in enumerate(vocabulary)}, unk_token=names["unk_token"]))
    made.normalizer = tokenizers.normalizers.BertNormalizer(**normalizer)
    made.pre_tokenizer = tokenizers.pre_tokenizers.BertPreTokenizer()
    first, separator = ((names[key], vocabulary.index(names[key])) for key in ("cls_token", "sep_token"))
    kind = tokenizers.processors.RobertaProcessing if mpnet else tokenizers.processors.BertProcessing
    made.post_processor = kind(separator, first)
    made.add_special_tokens([tokenizers.AddedToken(token, lstrip=mpnet and key == "mask_token", normalized=False) for key, token in names.items()])
    return made


def lines_to_compare(names):
    lines = ["Über Ärger, naïve É", "水は 日本語 river", "THE House " + " ".join(names.values()), f"a{names['mask_token']} b  {names['mask_token']}c"]
    random_ = random.Random(1)
    made = [compare.made_line(random_, list(names.values())).replace(b"\n", b" ").replace(b"\r", b" ") for _ in range(300)]
    return [line.encode() for line in lines] + [line for line in made if line.strip()]


def check(assay, copy, other):
    lines = lines_to_compare(other[1])
    ours = piped(assay, "tokenize", "--json", "--model", str(copy.path), lines=b"\n".join(lines) + b"\n").json()["tokens"]
    assert len(ours) == len(lines)
    for line, ids in zip(lines, ours):
        assert ids == other[0].encode(line.decode("utf-8", "replace")).ids, line


def bare(folder, vocabulary=None, **config):
    copy = Copy("bert-bare-vocab", folder)
    if vocabulary is not None:
        (copy.path / "vocab.txt").write_text("\n".join(vocabulary) + "\n", encoding="utf-8")
    (copy.path / "tokenizer_config.json").write_text(json.dumps(config), encoding="utf-8")
    return copy


def vocabulary_of(name):
    """With words that have accents and ideographs, which the tiny one lacks."""
    tokens = (FOLDER / name / "vocab.txt").read_text(encoding="utf-8").split("\n")
    words = ["über", "uber", "ärger", "arger", "É", "é", "e", "水は", "水", "は", "日本語", "House", "Über"]
    return [token for token in tokens if token not in words][: -len(words) - 1] + words


@pytest.mark.parametrize("lower", [None, True, False])
@pytest.mark.parametrize("accents", [None, True, False])
@pytest.mark.parametrize("ideographs", [None, True, False])
def test_settings(assay, tmp_path, lower, accents, ideographs):
    vocabulary = vocabulary_of("bert-bare-vocab")
    config = {"do_lower_case": lower, "strip_accents": accents, "tokenize_chinese_chars": ideographs}
    copy = bare(tmp_path, vocabulary, **{key: value for key, value in config.items() if value is not None or key == "strip_accents"})
    other = original(vocabulary, NAMES, lowercase=lower is not False, strip_accents=accents, handle_chinese_chars=ideographs is not False)
    check(assay, copy, (other, NAMES))


@pytest.mark.parametrize("where", ["texts", "objects", "map"])
def test_names_of_special_tokens(assay, tmp_path, where):
    vocabulary = [OTHERS.get(next((key for key, name in NAMES.items() if name == token), None), token) for token in vocabulary_of("bert-bare-vocab")]
    names = {key: {"content": name, "lstrip": False} for key, name in OTHERS.items()} if where == "objects" else OTHERS
    copy = bare(tmp_path, vocabulary, **({} if where == "map" else names))
    if where == "map":
        (copy.path / "special_tokens_map.json").write_text(json.dumps(names), encoding="utf-8")
    check(assay, copy, (original(vocabulary, OTHERS), OTHERS))


@pytest.mark.parametrize("config", [{}, {"tokenizer_class": "MPNetTokenizer"}])
def test_mpnet(assay, tmp_path, config):
    copy = Copy("mpnet-mean", tmp_path)
    document = json.loads((copy.path / "tokenizer.json").read_text(encoding="utf-8"))
    vocabulary = [token for token, _ in sorted(document["model"]["vocab"].items(), key=lambda item: item[1])]
    assert MPNET["cls_token"] in vocabulary and "[CLS]" not in vocabulary
    (copy.path / "tokenizer.json").unlink()
    (copy.path / "vocab.txt").write_text("\n".join(vocabulary) + "\n", encoding="utf-8")
    (copy.path / "tokenizer_config.json").write_text(json.dumps(config), encoding="utf-8")
    check(assay, copy, (original(vocabulary, MPNET, mpnet=True), MPNET))


@pytest.mark.parametrize("config,told", [({"cls_token": 7}, "cls_token"), ({"cls_token": {}}, "cls_token"), ({"strip_accents": "yes"}, "strip_accents"),
                                         ({"cls_token": "[NONE]"}, "[NONE]"), ({"unk_token": "[NONE]"}, "[NONE]")])
def test_what_is_wrong_is_named(assay, tmp_path, config, told):
    outcome = piped(assay, "tokenize", "--model", str(bare(tmp_path, **config).path), lines=b"river\n")
    assert outcome.code == 1 and told in outcome.err
