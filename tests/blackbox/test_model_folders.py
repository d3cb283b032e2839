"""Model folders that are wrong: each is refused with what is wrong and where, quickly, and nothing crashes."""

import json
import math
import shutil
import struct

import pytest
from golden import FOLDER, Copy, Golden
from models import piped

SECONDS_MAX = 20
HUGE = (2**31, 2**32, 2**63, 10**30, 10**9)


class Refusals:
    """Copies of model folders, and the check that a command refuses them."""

    def __init__(self, assay, folder):
        self.assay, self.folder = assay, folder

    def copy(self, name="bert-mean-old"):
        return Copy(name, self.folder)

    def run(self, path, *words, line=b"river\n", **more):
        lines = self.folder / "lines"
        lines.write_bytes(line)
        with open(lines, "rb") as file:
            return self.assay("embed", "--model", str(path), "--json", *words, stdin=file, timeout=SECONDS_MAX, **more)

    def refused(self, path, *parts, words=(), **more):
        """The error's message and hint, which hold `parts` between them, letters' case aside."""
        outcome = self.run(path, *words, code=None, **more)
        assert outcome.code != 0, outcome.out[:500]
        error = outcome.error()
        said = f"{error['message']} {error['hint']}".lower()
        for part in parts:
            assert part.lower() in said, error
        return error

    def taken(self, path):
        return self.run(path).json()["embeddings"]


@pytest.fixture
def refusals(assay, tmp_path):
    return Refusals(assay, tmp_path)


# ---- files ----


def test_an_unchanged_copy_is_taken(refusals):
    assert len(refusals.taken(refusals.copy().path)) == 1


def test_no_folder(refusals, tmp_path):
    refusals.refused(tmp_path / "nowhere", "nowhere")


def test_a_file_instead_of_a_folder(refusals):
    refusals.refused(refusals.copy().path / "config.json", "config.json")


def test_an_empty_folder(refusals, tmp_path):
    (tmp_path / "empty").mkdir()
    refusals.refused(tmp_path / "empty", "config.json")


@pytest.mark.parametrize("name", ["config.json", "model.safetensors", "tokenizer.json", "1_Pooling/config.json"])
def test_a_missing_file(refusals, name):
    copy = refusals.copy()
    (copy.path / name).unlink()
    refusals.refused(copy.path, name)


@pytest.mark.parametrize("name", ["config.json", "modules.json", "1_Pooling/config.json", "tokenizer.json", "sentence_bert_config.json"])
@pytest.mark.parametrize("content", [b"", b"{", b"[]", b"null", b"\xff\xfe{\0}\0", b"[" * 100_000, b'{"a":' * 50_000])
def test_a_file_that_is_no_such_json(refusals, name, content):
    copy = refusals.copy()
    (copy.path / name).write_bytes(content)
    if name == "modules.json" and content == b"[]":
        refusals.refused(copy.path)
    else:
        refusals.refused(copy.path, name.split("/")[-1])


@pytest.mark.parametrize("name", ["config.json", "model.safetensors", "tokenizer.json", "modules.json"])
def test_a_folder_instead_of_a_file(refusals, name):
    copy = refusals.copy()
    (copy.path / name).unlink()
    (copy.path / name).mkdir()
    refusals.refused(copy.path, name)


def test_pickled_weights_are_refused_with_a_way_out(refusals):
    copy = refusals.copy()
    (copy.path / "model.safetensors").rename(copy.path / "pytorch_model.bin")
    refusals.refused(copy.path, "pytorch", "safetensors")


def test_a_pickled_dense_layer_is_refused(refusals):
    copy = refusals.copy("bert-dense-bf16")
    (copy.path / "2_Dense" / "model.safetensors").rename(copy.path / "2_Dense" / "pytorch_model.bin")
    refusals.refused(copy.path, "2_Dense", "safetensors")


# ---- weights ----


@pytest.mark.parametrize("share", [0, 1e-9, 1e-4, 0.01, 0.5, 1])
def test_cut_weights(refusals, share):
    copy = refusals.copy()
    path = copy.path / "model.safetensors"
    data = path.read_bytes()
    path.write_bytes(data[: min(math.ceil(len(data) * share), len(data) - 1)])
    refusals.refused(copy.path, "model.safetensors")


def test_a_cut_shard(refusals):
    copy = refusals.copy("bert-dense-sharded")
    path = copy.path / "model-00002-of-00003.safetensors"
    path.write_bytes(path.read_bytes()[:-1])
    refusals.refused(copy.path, path.name)


def test_a_missing_shard(refusals):
    copy = refusals.copy("bert-dense-sharded")
    (copy.path / "model-00002-of-00003.safetensors").unlink()
    refusals.refused(copy.path, "model-00002-of-00003.safetensors")


@pytest.mark.parametrize("name", ["../other/model.safetensors", "/etc/passwd", "a/../../x.safetensors", "", "..", 7, None])
def test_a_shard_elsewhere(refusals, name):
    copy = refusals.copy("bert-dense-sharded")
    index = json.loads((copy.path / "model.safetensors.index.json").read_text())
    index["weight_map"]["embeddings.LayerNorm.bias"] = name
    (copy.path / "model.safetensors.index.json").write_text(json.dumps(index))
    refusals.refused(copy.path, *([] if name == ".." else ["model.safetensors.index.json"]))


WEIGHTS = ["embeddings.word_embeddings.weight", "embeddings.LayerNorm.bias", "encoder.layer.1.attention.self.key.weight",
           "encoder.layer.0.intermediate.dense.bias", "encoder.layer.1.output.dense.weight"]


@pytest.mark.parametrize("name", WEIGHTS)
def test_a_missing_tensor(refusals, name):
    copy = refusals.copy()
    copy.tensors(lambda tensors: tensors.pop(name))
    refusals.refused(copy.path, name)


@pytest.mark.parametrize("name", WEIGHTS)
@pytest.mark.parametrize("shape", ["one more dimension", "turned", "a row less", "empty"])
def test_a_tensor_of_another_shape(refusals, name, shape):
    copy = refusals.copy()

    def change(tensors):
        kind, was, data = tensors[name]
        if shape == "one more dimension":
            tensors[name] = kind, [1, *was], data
        elif shape == "turned":
            tensors[name] = kind, was[::-1] if len(set(was)) > 1 else [was[0] // 2, math.prod(was) * 2 // was[0]], data
        elif shape == "a row less":
            tensors[name] = kind, [was[0] - 1, *was[1:]], data[: -len(data) // was[0]]
        else:
            tensors[name] = kind, [0, *was[1:]], b""

    copy.tensors(change)
    refusals.refused(copy.path, name)


@pytest.mark.parametrize("kind", ["I32", "U32", "F8_E4M3", "BOOL", "X99"])
def test_a_tensor_of_another_type(refusals, kind):
    copy = refusals.copy()

    def change(tensors):
        _, shape, data = tensors[WEIGHTS[0]]
        width = {"F8_E4M3": 1, "BOOL": 1}.get(kind, 4)
        tensors[WEIGHTS[0]] = kind, shape, data[: math.prod(shape) * width]

    copy.tensors(change)
    refusals.refused(copy.path, kind)


@pytest.mark.parametrize("length", [0, 7, 2**20, 2**31, 2**63, 2**64 - 1])
def test_a_header_of_a_wrong_length(refusals, length):
    copy = refusals.copy()
    path = copy.path / "model.safetensors"
    path.write_bytes(struct.pack("<Q", length) + path.read_bytes()[8:])
    refusals.refused(copy.path, "model.safetensors")


def test_a_classifier_of_another_width(refusals):
    copy = refusals.copy("bert-classifier")

    def change(tensors):
        kind, shape, data = tensors["classifier.weight"]
        tensors["classifier.weight"] = kind, [shape[0], shape[1] - 1], data[: shape[0] * (shape[1] - 1) * 4]

    copy.tensors(change)
    refusals.refused(copy.path, "classifier.weight", words=("--score",))


# ---- config.json ----


def test_an_architecture_that_is_not_supported(refusals):
    copy = refusals.copy()
    copy.json("config.json", model_type="llama")
    refusals.refused(copy.path, "llama", "bert", "roberta", "distilbert", "mpnet", "modernbert", "nomic")


@pytest.mark.parametrize("value", ["", None, 7, [], "b" * 100_000])
def test_no_architecture(refusals, value):
    copy = refusals.copy()
    copy.json("config.json", model_type=value)
    refusals.refused(copy.path, "config.json")


COUNTS = ["num_attention_heads", "hidden_size", "num_hidden_layers", "intermediate_size", "vocab_size", "max_position_embeddings"]


@pytest.mark.parametrize("key", COUNTS)
@pytest.mark.parametrize("value", [0, -1, 1.5, "two", None, [2], True, *HUGE])
def test_a_count_that_is_none(refusals, key, value):
    copy = refusals.copy()
    copy.json("config.json", **{key: value})
    error = refusals.refused(copy.path)
    if key != "vocab_size" and key != "max_position_embeddings":  # those two may show in the tensor that has another shape
        assert key in f"{error['message']} {error['hint']}" or "tensor" in error["message"], error


@pytest.mark.parametrize("key", ["num_attention_heads", "hidden_size", "num_hidden_layers"])
def test_a_count_that_is_missing(refusals, key):
    copy = refusals.copy()
    copy.json("config.json", key)
    refusals.refused(copy.path)


@pytest.mark.parametrize("heads", [3, 5, 33, 64])
def test_heads_that_do_not_divide_the_width(refusals, heads):
    copy = refusals.copy()
    copy.json("config.json", num_attention_heads=heads)
    refusals.refused(copy.path, "attention", "heads", str(heads))


@pytest.mark.parametrize("key, value", [("num_hidden_layers", 3), ("hidden_size", 64), ("intermediate_size", 65), ("vocab_size", 500),
                                        ("vocab_size", 100), ("max_position_embeddings", 512), ("type_vocab_size", 3)])
def test_settings_that_the_weights_contradict(refusals, key, value):
    copy = refusals.copy()
    copy.json("config.json", **{key: value})
    refusals.refused(copy.path, "layer.2" if key == "num_hidden_layers" else "tensor")


def test_tokens_beyond_the_table(refusals):
    """The tokenizer knows more tokens than the model has rows: not a read behind the table's end."""
    copy = refusals.copy()

    def change(tensors):
        kind, shape, data = tensors[WEIGHTS[0]]
        tensors[WEIGHTS[0]] = kind, [50, shape[1]], data[: 50 * shape[1] * 4]

    copy.tensors(change)
    copy.json("config.json", vocab_size=50)
    refusals.refused(copy.path, "50")


@pytest.mark.parametrize("value", [math.nan, math.inf, -1, 0.0, 1e300, 1e-60, "small"])
def test_an_epsilon_that_is_none(refusals, value):
    copy = refusals.copy()
    copy.json("config.json", layer_norm_eps=value)
    if value == 0.0:
        refusals.run(copy.path, code=None)  # may be taken: a row of equal numbers is all it breaks
    else:
        refusals.refused(copy.path, "config.json" if isinstance(value, float) and not math.isfinite(value) else "layer_norm_eps")


@pytest.mark.parametrize("value", ["swish9", "", 7])
def test_an_activation_that_is_not_supported(refusals, value):
    copy = refusals.copy()
    copy.json("config.json", hidden_act=value)
    refusals.refused(copy.path, "hidden_act")


@pytest.mark.parametrize("key, value", [("rotary_emb_fraction", 0.5), ("rotary_emb_interleaved", True), ("prenorm", True),
                                        ("use_rms_norm", True), ("n_head", 0), ("n_embd", 2**31), ("num_experts", 8)])
def test_kinds_of_nomic_that_are_not_supported(refusals, key, value):
    copy = refusals.copy("nomic-old")
    copy.json("config.json", **{key: value})
    refusals.refused(copy.path, key)


@pytest.mark.parametrize("changed", [
    {"global_attn_every_n_layers": 0}, {"global_attn_every_n_layers": -3}, {"local_attention": -1}, {"local_attention": "wide"},
    {"global_rope_theta": 0}, {"global_rope_theta": -10000.0}, {"local_rope_theta": math.nan},
    {"layer_types": ["full_attention"]}, {"layer_types": ["full_attention", "linear_attention", "x", "full_attention"]},
    {"rope_parameters": {"full_attention": {"rope_type": "yarn", "rope_theta": 1e4}}}])
def test_kinds_of_modernbert_that_are_not_supported(refusals, changed):
    copy = refusals.copy("modernbert-mean-old")
    copy.json("config.json", **changed)
    refusals.refused(copy.path)


def test_layers_in_no_pattern(refusals):
    """Either told that it is not supported, or computed otherwise than before."""
    copy = refusals.copy("modernbert-cls-new")
    before = refusals.taken(copy.path)
    copy.json("config.json", layer_types=["sliding_attention", "full_attention", "sliding_attention"])
    outcome = refusals.run(copy.path, code=None)
    if outcome.code == 0:
        assert outcome.json()["embeddings"] != before
    else:
        assert "layer_types" in outcome.error()["message"]


def test_many_buckets(refusals):
    copy = refusals.copy("mpnet-mean")
    copy.json("config.json", relative_attention_num_buckets=64)
    refusals.refused(copy.path)


@pytest.mark.parametrize("pad", [38, 40, -5, 2**31])
def test_positions_that_leave_no_room(refusals, pad):
    """RoBERTa's positions begin behind the number of the padding token."""
    copy = refusals.copy("roberta-mean")
    copy.json("config.json", pad_token_id=pad)
    refusals.refused(copy.path)


# ---- sentence-transformers' files ----


@pytest.mark.parametrize("path", ["../../etc", "/etc", "1_Pooling/../../x", "..", "C:\\x", 7, None])
def test_a_module_elsewhere(refusals, path):
    copy = refusals.copy()
    modules = json.loads((copy.path / "modules.json").read_text())
    modules[1]["path"] = path
    (copy.path / "modules.json").write_text(json.dumps(modules))
    refusals.refused(copy.path, "modules.json")


@pytest.mark.parametrize("kind", ["sentence_transformers.models.CNN", "my_code.Pooling2", "", 7])
def test_a_module_that_is_not_supported(refusals, kind):
    copy = refusals.copy()
    modules = json.loads((copy.path / "modules.json").read_text())
    modules[1]["type"] = kind
    (copy.path / "modules.json").write_text(json.dumps(modules))
    refusals.refused(copy.path, "modules.json")


@pytest.mark.parametrize("mode", ["median", "mean_sqrt_len_tokens", "weightedmean", ["cls", "mean"], [], "", None, 3])
def test_a_pooling_that_is_not_supported(refusals, mode):
    copy = refusals.copy("xlm-roberta-mean")
    copy.json("1_Pooling/config.json", pooling_mode=mode)
    refusals.refused(copy.path, "pooling")


def test_two_poolings(refusals):
    copy = refusals.copy()
    copy.json("1_Pooling/config.json", pooling_mode_cls_token=True)
    refusals.refused(copy.path, "pooling")


def test_no_pooling_chosen_means_mean(refusals):
    copy = refusals.copy()
    expected = refusals.taken(copy.path)
    copy.json("1_Pooling/config.json", pooling_mode_mean_tokens=False)
    assert refusals.taken(copy.path) == expected


def test_a_pooling_that_leaves_the_prompt_out(refusals):
    copy = refusals.copy("xlm-roberta-mean")
    copy.json("1_Pooling/config.json", include_prompt=False)
    refusals.refused(copy.path, "include_prompt")


@pytest.mark.parametrize("value", [0, 1, 2, -1, 2**31, 10**30, "many", 1.5])
def test_a_length_that_is_none(refusals, value):
    """A length beyond the model's positions is cut to them; one that leaves no room for a token is refused."""
    copy = refusals.copy()
    copy.json("sentence_bert_config.json", max_seq_length=value)
    if isinstance(value, int) and value >= 2:
        assert len(refusals.taken(copy.path)) == 1
    else:
        refusals.refused(copy.path, "max_seq_length")


@pytest.mark.parametrize("changed", [{"in_features": 31}, {"out_features": 21}, {"out_features": 0}, {"out_features": 2**31},
                                     {"activation_function": "my_code.Swish"}, {"use_residual": True}])
def test_a_dense_layer_that_is_not_supported(refusals, changed):
    copy = refusals.copy("bert-dense-bf16")
    copy.json("2_Dense/config.json", **changed)
    refusals.refused(copy.path, "2_Dense")


def test_a_default_prompt_is_used(refusals):
    copy = refusals.copy()
    expected = refusals.run(copy.path, "--prompt", "query").json()["embeddings"]
    copy.json("config_sentence_transformers.json", default_prompt_name="query")
    assert refusals.taken(copy.path) == expected


# ---- words on the command line ----


def test_an_unknown_prompt(refusals):
    refusals.refused(FOLDER / "bert-mean-old", "nothing", "query", "passage", words=("--prompt", "nothing"))


def test_an_unknown_precision(refusals):
    refusals.refused(FOLDER / "bert-mean-old", "f64", "f32", "bf16", "int8", words=("--precision", "f64"))


def test_scores_of_a_model_without_a_head(refusals):
    refusals.refused(FOLDER / "bert-mean-old", "bert-mean-old", words=("--score",), line=b"a\tb\n")


@pytest.mark.parametrize("line", [b"caf\xe9", b"\xff" * 50, b"a\0b", b"\xed\xa0\x80", b"\xf4\x90\x80\x80", bytes(range(11, 256))])
def test_any_bytes_are_a_line(refusals, line):
    document = refusals.run(FOLDER / "bert-mean-old", line=line + b"\n").json()
    assert len(document["embeddings"]) == 1 and all(math.isfinite(number) for number in document["embeddings"][0])


# ---- any damage ----


@pytest.mark.parametrize("name", ["config.json", "tokenizer.json", "modules.json", "1_Pooling/config.json", "model.safetensors"])
def test_flipped_bytes_never_crash(refusals, name):
    """Either taken or refused; `finish` fails the test when the program dies or a sanitizer speaks."""
    copy = refusals.copy()
    path = copy.path / name
    data = path.read_bytes()
    reach = min(len(data), 3000)  # for the weights: their header
    for number in range(40):
        place = (number * 7919) % reach
        damaged = bytearray(data)
        damaged[place] ^= 1 << (number % 8)
        path.write_bytes(damaged)
        outcome = refusals.run(copy.path, code=None)
        if outcome.code != 0:
            outcome.error()
    shutil.rmtree(copy.path)


def test_all_folders_open_with_one_line(refusals):
    for name in ("bert-mean-old", "modernbert-cls-new", "nomic-old"):
        assert len(refusals.taken(FOLDER / name)[0]) == Golden(name)["embeddings"]["shape"][1]


# ---- settings that count, or do not ----


def vectors(refusals, path, line=b"the river answers\n"):
    return refusals.run(path, "--precision", "f32", line=line).json()["embeddings"]


@pytest.mark.parametrize("pair", [False, True])
def test_special_tokens_that_alone_are_too_many(refusals, pair):
    copy = refusals.copy("bert-ranker" if pair else "bert-mean-old")
    document = json.loads((copy.path / "tokenizer.json").read_text(encoding="utf-8"))
    kind = "pair" if pair else "single"
    template = document["post_processor"][kind]
    document["post_processor"][kind] = [template[0]] * 200 + template[1:]
    (copy.path / "tokenizer.json").write_text(json.dumps(document), encoding="utf-8")
    words = ("--score",) if pair else ()
    refusals.refused(copy.path, "tokens", words=words, line=b"river\thouse\n" if pair else b"river\n")


def test_positions_by_an_unused_key_are_taken(refusals):
    copy = refusals.copy("modernbert-mean-old")
    before = vectors(refusals, copy.path)
    copy.json("config.json", position_embedding_type="sans_pos")
    assert vectors(refusals, copy.path) == before


def test_the_epsilon_of_the_architecture_counts(refusals):
    copy = refusals.copy("modernbert-mean-old")
    before = vectors(refusals, copy.path)
    copy.json("config.json", layer_norm_eps=0.5)
    assert vectors(refusals, copy.path) == before
    copy.json("config.json", norm_eps=0.5)
    assert vectors(refusals, copy.path) != before


def test_a_null_local_base_means_the_global_one(refusals):
    copy = refusals.copy("modernbert-mean-old")
    base = json.loads((copy.path / "config.json").read_text(encoding="utf-8"))["global_rope_theta"]
    copy.json("config.json", local_rope_theta=base)
    wanted = vectors(refusals, copy.path)
    copy.json("config.json", local_rope_theta=None)
    assert vectors(refusals, copy.path) == wanted


@pytest.mark.parametrize("key", ["rope_scaling", "rotary_emb_scale_base"])
def test_scaled_positions_are_refused(refusals, key):
    copy = refusals.copy("nomic-old")
    copy.json("config.json", **{key: {"type": "linear", "factor": 2}})
    refusals.refused(copy.path, key)


def test_texts_end_where_scaled_positions_would_begin(refusals):
    copy = refusals.copy("nomic-old")
    copy.json("config.json", rotary_scaling_factor=2, max_trained_positions=6)
    long, short = vectors(refusals, copy.path, b"a a a a a a a a\na a a a\n")
    assert long == short


def test_lower_case_is_asked_of_the_tokenizer(refusals):
    copy = refusals.copy("bert-mean-old")
    before = vectors(refusals, copy.path)
    copy.json("sentence_bert_config.json", do_lower_case=True)
    document = json.loads((copy.path / "tokenizer.json").read_text(encoding="utf-8"))
    if document["normalizer"].get("lowercase"):
        assert vectors(refusals, copy.path) == before
    document["normalizer"]["lowercase"] = False
    (copy.path / "tokenizer.json").write_text(json.dumps(document), encoding="utf-8")
    refusals.refused(copy.path, "do_lower_case")


def test_modules_without_pooling_are_refused(refusals):
    copy = refusals.copy("bert-dense-bf16")
    modules = json.loads((copy.path / "modules.json").read_text(encoding="utf-8"))
    kept = [module for module in modules if not module["type"].endswith(".Pooling")]
    (copy.path / "modules.json").write_text(json.dumps(kept), encoding="utf-8")
    refusals.refused(copy.path, "pooling")


def test_a_usual_prompt_that_is_none_is_refused(refusals):
    copy = refusals.copy()
    copy.json("config_sentence_transformers.json", default_prompt_name="nobody")
    refusals.refused(copy.path, "nobody")


@pytest.mark.parametrize("precision", ["f32", "int8"])
@pytest.mark.parametrize("value", [math.nan, math.inf])
@pytest.mark.parametrize("name", ["embeddings.LayerNorm.weight", "encoder.layer.0.intermediate.dense.weight",
                                  "embeddings.word_embeddings.weight"])
def test_tensors_of_no_numbers(refusals, precision, value, name):
    copy = refusals.copy()

    def spoil(tensors):
        kind, shape, data = tensors[name]
        assert kind == "F32"
        tensors[name] = (kind, shape, struct.pack("<f", value) * (len(data) // 4))

    copy.tensors(spoil)
    refusals.refused(copy.path, words=("--precision", precision))


def test_many_labels_and_more_names(assay, refusals):
    """As many labels as a head may have, and a table with more names than that: looked through once."""
    labels, width = 65536, 32
    copy = refusals.copy("bert-classifier")

    def change(tensors):
        tensors["classifier.weight"] = "F32", [labels, width], bytes(labels * width * 4)
        tensors["classifier.bias"] = "F32", [labels], bytes(labels * 4)

    copy.tensors(change)
    names = {str(400_000 - i): f"n{400_000 - i}" for i in range(400_000)}
    copy.json("config.json", "label2id", id2label=names | {"7": 7, "x": "y", "99999999999999999999": "z"})
    shown = assay("model", "show", str(copy.path), "--json", timeout=SECONDS_MAX).json()
    assert shown["labels"] == labels
    assert shown["label_names"] == ["LABEL_7" if i == 7 else f"n{i}" if i else "LABEL_0" for i in range(labels)]


@pytest.mark.parametrize("value", [math.nan, math.inf])
@pytest.mark.parametrize("precision", ["f32", "int8"])
def test_weights_that_are_no_numbers(refusals, value, precision):
    copy = refusals.copy()

    def change(tensors):
        name = next(name for name in tensors if name.endswith("intermediate.dense.weight"))
        kind, shape, data = tensors[name]
        tensors[name] = kind, shape, data[:4] + struct.pack("<f", value) + data[8:]

    copy.tensors(change)
    refusals.refused(copy.path, "the weights hold", "row 0, column 1", words=("--precision", precision))


def test_a_precision_that_the_processor_lacks(refusals):
    path = refusals.copy().path
    if refusals.run(path, "--precision", "bf16", code=None, env={"ASSAY_CPU": "sse4"}).code != 0:
        refusals.refused(path, "bf16", "--precision f32 or int8", words=("--precision", "bf16"), env={"ASSAY_CPU": "sse4"})


@pytest.mark.parametrize("name,word", [("bert-ranker", "--score"), ("bert-mean-old", "--states"), ("bert-mean-old", "--quiet")])
def test_what_is_made_is_no_number(refusals, name, word):
    """Weights that are numbers, but too large to be multiplied."""
    copy = refusals.copy(name)

    def change(tensors):
        name = max(name for name in tensors if name.endswith("output.LayerNorm.weight"))
        kind, shape, data = tensors[name]
        tensors[name] = kind, shape, struct.pack("<f", 3e38) * (len(data) // 4)

    copy.tensors(change)
    line = b"river\twater\n" if word == "--score" else b"river\n"
    for precision in ("f32", "int8"):
        refusals.refused(copy.path, "infinite numbers: its weights hold some", words=(word, "--precision", precision), line=line)


def test_tokens_that_steer_a_terminal(assay, refusals):
    """U+009B begins a terminal's commands as ESC [ does; a vocabulary's lines may hold it, or its byte alone."""
    copy = refusals.copy("bert-bare-vocab")
    vocabulary = copy.path / "vocab.txt"
    lines = vocabulary.read_bytes().split(b"\n")
    lines[20], lines[21] = b"\xc2\x9b31mred", b"\x9b31mgreen"
    vocabulary.write_bytes(b"\n".join(lines))
    out = piped(assay, "tokenize", "--model", str(copy.path), "--decode", lines=b"20\n21\n").raw_out
    assert out == b"\\x9b31mred\n\\x9b31mgreen\n"
    copy = refusals.copy()
    document = json.loads((copy.path / "tokenizer.json").read_text(encoding="utf-8"))
    unknown = document["model"]["unk_token"]
    hostile = "\u009b31m\u202e \u00e9"
    document["model"]["vocab"][hostile] = document["model"]["vocab"].pop(unknown)
    document["model"]["unk_token"] = hostile
    document["added_tokens"] = [token for token in document["added_tokens"] if token["content"] != unknown]
    (copy.path / "tokenizer.json").write_text(json.dumps(document), encoding="utf-8")
    out = piped(assay, "tokenize", "--model", str(copy.path), "--text", "--bare", lines="\u0e01".encode()).raw_out
    assert out == "\\x9b31m\\u202e\\x20\u00e9\n".encode()


def test_a_zero_byte_is_no_blank(assay, refusals):
    outcome = piped(assay, "tokenize", "--model", str(refusals.copy().path), "--decode", lines=b"20\x0021\n")
    assert outcome.code == 1 and "is not a token's number" in outcome.err


def test_more_times_than_are_kept(assay, refusals, tmp_path):
    (tmp_path / "texts").write_bytes(b"river\n" * 100_001)
    model = str(refusals.copy().path)
    words = ("bench", "embed", "--model", model, "--texts", str(tmp_path / "texts"), "--latency", "--repeat", "1000", "--json")
    error = assay(*words, code=1, timeout=SECONDS_MAX).error("limit")
    assert "100001 texts, 1000 times" in error["message"] and "--repeat" in error["hint"]


def test_a_vocabulary_without_words_to_measure(assay, refusals):
    copy = refusals.copy("bert-bare-vocab")
    vocabulary = copy.path / "vocab.txt"
    lines = vocabulary.read_bytes().split(b"\n")
    vocabulary.write_bytes(b"\n".join(line if line.startswith(b"[") or not line else b"%d" % i for i, line in enumerate(lines)))
    error = assay("bench", "embed", "--model", str(copy.path), "--json", code=1, timeout=SECONDS_MAX).error("invalid")
    assert "too few whole words" in error["message"] and "--texts" in error["hint"]
