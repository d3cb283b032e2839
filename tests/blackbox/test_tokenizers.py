"""Tokens, one by one, against Hugging Face's `tokenizers`: numbers, types, places, what was added; and back into text.

The long form of this is tests/tokens/compare.py."""

import random
import struct
import subprocess
import sys

import pytest
from conftest import BINARY, ROOT, SANITIZED

tokenizers = pytest.importorskip("tokenizers", reason="tokenizers is not installed (scripts/setup does it)")
sys.path.insert(0, str(ROOT / "tests" / "tokens"))
sys.dont_write_bytecode = True
import compare  # noqa: E402
import zoo  # noqa: E402

PROGRAM = BINARY.parent / "tests" / "tokens" / "tokenize_lines"
MODEL = ROOT / "models" / "all-MiniLM-L6-v2"
LINES = 60 if SANITIZED else 300
MODEL_LINES = 2000 if SANITIZED else 20000
REAL = compare.real_lines(str(ROOT / "docs")) + compare.real_lines(str(ROOT / "tests" / "data"))
SEED = 1

pytestmark = pytest.mark.skipif(not PROGRAM.exists(), reason="no tokenize_lines beside the program")


def check(path, lines, kind="json", tokenizer=None):
    assert compare.run(str(PROGRAM), str(path), path.name, lines, SEED, REAL, kind, decodes=kind == "json", tokenizer=tokenizer)


@pytest.mark.parametrize("name,build", [pytest.param(name, build, id=name) for name, build in zoo.everything()])
def test_small_tokenizer(tmp_path, name, build):
    path = tmp_path / f"{name}.json"
    build().save(str(path))
    check(path, LINES)


@pytest.mark.skipif(not (MODEL / "tokenizer.json").exists(), reason="the model was not fetched")
def test_model(tmp_path):
    check(MODEL / "tokenizer.json", MODEL_LINES)


@pytest.mark.parametrize("strategy", ["longest_first", "only_first", "only_second"])
@pytest.mark.parametrize("direction", ["right", "left"])
@pytest.mark.parametrize("most,stride", [(4, 0), (12, 0), (12, 5), (40, 7)])
def test_truncation_of_the_file(tmp_path, strategy, direction, most, stride):
    """Its own limit, and another in its place; `stride` is about what overflows, which nobody asks for here."""
    (build,) = [build for name, build in zoo.everything() if name == "bpe-roberta"]
    tokenizer = build()
    tokenizer.enable_truncation(most, stride=stride, strategy=strategy, direction=direction)
    path = tmp_path / "truncated.json"
    tokenizer.save(str(path))
    assert compare.run(str(PROGRAM), str(path), path.name, LINES, SEED, REAL, truncates=True)


@pytest.mark.skipif(not (MODEL / "vocab.txt").exists(), reason="the model was not fetched")
def test_vocabulary(tmp_path):
    check(MODEL / "vocab.txt", MODEL_LINES // 4, "vocab", tokenizers.Tokenizer.from_file(str(MODEL / "tokenizer.json")))


def refusal(tmp_path, content):
    path = tmp_path / "tokenizer.json"
    path.write_text(content, encoding="utf-8")
    run = subprocess.run([str(PROGRAM), str(path)], input=b"", capture_output=True)
    assert run.returncode == 2, run
    return run.stderr.decode("utf-8")


MODEL_OF = '{"type": "WordLevel", "vocab": {"a": 0}, "unk_token": "a"}'


@pytest.mark.parametrize("content,told", [
    ("[]", "is an array, expected an object"),
    ("{}", 'has no "model"'),
    ('{"model": {"type": "Magic", "vocab": {}}}', 'unrecognized type "Magic"\nSupported: BPE, WordPiece, WordLevel, Unigram.'),
    ('{"model": {"type": "WordLevel", "vocab": {"a": 0, "b": 0}}}', 'gives the number 0 to two tokens, "a" and "b"'),
    ('{"model": {"type": "WordLevel", "vocab": {"a": 0, "a": 1}}}', 'has the token "a" twice'),
    ('{"model": {"type": "WordLevel", "vocab": {"a": 99999999999}}}', "is not numbered by a whole number below"),
    ('{"model": {"type": "WordLevel", "vocab": {"a": -1}}}', "is not numbered by a whole number below"),
    ('{"model": {"type": "WordLevel", "vocab": {"a": "b"}}}', "is not numbered by a whole number below"),
    ('{"model": {"type": "WordLevel", "vocab": [1]}}', '"vocab" is an array, expected an object'),
    ('{"model": {"type": "WordPiece", "vocab": {"a": 0}}}', 'lacks its "unk_token" "[UNK]"'),
    ('{"normalizer": {"type": "Upper"}, "model": %s}' % MODEL_OF, 'the normalizer of'),
    ('{"pre_tokenizer": {"type": "Split", "pattern": {"Regex": "("}, "behavior": "Removed"}, "model": %s}' % MODEL_OF,
     "cannot read the regular expression of the pre_tokenizer"),
    ('{"pre_tokenizer": {"type": "Split", "pattern": {"Regex": "[[:letters:]]"}, "behavior": "Removed"}, "model": %s}' % MODEL_OF,
     "a class in [: :] that has no such name"),
    ('{"pre_tokenizer": {"type": "Split", "pattern": {"Regex": "(?i)[a-z&&[^S]]"}, "behavior": "Removed"}, "model": %s}' % MODEL_OF,
     "where case is ignored"),
    ('{"pre_tokenizer": {"type": "Split", "pattern": {"Regex": "[a[b"}, "behavior": "Removed"}, "model": %s}' % MODEL_OF,
     "a set without its end"),
    ('{"pre_tokenizer": {"type": "Split", "pattern": {"Regex": "%s"}, "behavior": "Removed"}, "model": %s}' % ("[" * 5000, MODEL_OF),
     "too many sets within sets"),
    ('{"normalizer": {"type": "Precompiled", "precompiled_charsmap": "!"}, "model": %s}' % MODEL_OF, "is not base64"),
    ('{"post_processor": {"type": "TemplateProcessing", "single": [{"SpecialToken": {"id": "x", "type_id": 0}}], "pair": [], '
     '"special_tokens": {}}, "model": %s}' % MODEL_OF, 'uses "x", which is not in its "special_tokens"'),
])
def test_refusals_name_the_part(tmp_path, content, told):
    assert told in refusal(tmp_path, content)


@pytest.mark.parametrize("expression", ["(a+)+$", "(a+)+b", "a+b", r"(a|aa)+$", r"\s+$"])
def test_hostile_expressions_end(tmp_path, expression):
    """A mebibyte of what hurts comes to an end, whatever the expression: one that backtracks without bound does not."""
    path = tmp_path / "tokenizer.json"
    path.write_text('{"pre_tokenizer": {"type": "Split", "pattern": {"Regex": "%s"}, "behavior": "Isolated"}, "model": %s}'
                    % (expression.replace("\\", "\\\\"), MODEL_OF))
    for text in (b"a" * 2**20, b"a" * 2**20 + b"!", b" " * 2**20 + b"!"):
        subprocess.run([str(PROGRAM), str(path)], input=struct.pack("<BII", 0, 0, len(text)) + text, stdout=subprocess.DEVNULL,
                       check=True, timeout=300)


def test_same_seed_same_lines():
    first = list(compare.lines_of(random.Random(SEED), 50, REAL, []))
    assert first == list(compare.lines_of(random.Random(SEED), 50, REAL, []))
