"""Which tiny models there are: a function each, named as the folder; together they cover what model folders differ in."""

import json
import shutil

import torch
import transformers as hub
from make_models import LONG, SMALL, Dense, Normalize, finish_embedder, finish_scorer
from safetensors.torch import load_file, save_file

import tiny_parts as parts

MODELS = {}
WORDPIECE = {"vocab_size": parts.TOKENS_WORDPIECE}
ROBERTA = {"vocab_size": parts.TOKENS_BYTES, "layer_norm_eps": 1e-5, "type_vocab_size": 1}
UNIGRAM = {"vocab_size": parts.TOKENS_UNIGRAM, "layer_norm_eps": 1e-5, "type_vocab_size": 1}
MODERNBERT = {"vocab_size": parts.TOKENS_BYTES + 1, "pad_token_id": 0, "bos_token_id": 2, "eos_token_id": 3, "cls_token_id": 2,
              "sep_token_id": 3, "max_position_embeddings": 256, "local_attention": 16}


def model(function):
    MODELS[function.__name__.replace("_", "-")] = function
    return function


@model
def bert_mean_old(folder):
    """The layout of the widely used small models."""
    config = hub.BertConfig(**SMALL | WORDPIECE)
    folder.model(hub.BertModel, config, parts.bert_tokenizer(model_max_length=40))
    folder.old_sentence_folder("mean_tokens", True, 24, {"query": "query: ", "passage": "Passage of a document: "})
    finish_embedder(folder, 24)


@model
def bert_cls_new(folder):
    """Prefixed names, heads that do not fill a register, a width that is no power of two."""
    config = hub.BertConfig(**SMALL | WORDPIECE | dict(hidden_size=48, num_attention_heads=3, intermediate_size=100,
                                                       hidden_act="gelu_new", layer_norm_eps=1e-7))
    folder.model(hub.BertModel, config, parts.bert_tokenizer(model_max_length=30)).prefix("bert.")
    folder.new_sentence_folder("cls", prompts={"query": "query: ", "document": ""})
    folder.tensors(lambda name, tensor: ("bert." + name.removeprefix("bert."), tensor))
    finish_embedder(folder, 30)


@model
def bert_max_f16(folder):
    """Half precision as stored, names of the first checkpoints."""
    config = hub.BertConfig(**SMALL | WORDPIECE | dict(hidden_size=64, intermediate_size=96, hidden_act="relu"))
    folder.model(hub.BertModel, config, parts.bert_tokenizer(model_max_length=40, do_lower_case=False))
    folder.old_sentence_folder("max_tokens", True)

    def older(name, tensor):
        return name.replace("LayerNorm.weight", "LayerNorm.gamma").replace("LayerNorm.bias", "LayerNorm.beta"), tensor

    folder.stored_as(torch.float16).tensors(older)
    finish_embedder(folder, 40)


@model
def bert_dense_bf16(folder):
    """bf16 as stored; a dense layer with tanh between pooling and normalizing."""
    config = hub.BertConfig(**SMALL | WORDPIECE | dict(hidden_act="gelu_pytorch_tanh"))
    folder.model(hub.BertModel, config, parts.bert_tokenizer(model_max_length=40))
    folder.new_sentence_folder("mean", lambda width: Dense(width, 20), Normalize())
    folder.stored_as(torch.bfloat16)
    finish_embedder(folder, 40)


@model
def bert_dense_sharded(folder):
    """Weights in three files; a dense layer without bias and activation, and no normalizing."""
    config = hub.BertConfig(**SMALL | WORDPIECE | dict(intermediate_size=80))
    folder.model(hub.BertModel, config, parts.bert_tokenizer(model_max_length=40))
    folder.new_sentence_folder("mean", lambda width: Dense(width, 40, bias=False, activation_function=torch.nn.Identity()))
    folder.shard()
    finish_embedder(folder, 40)


@model
def bert_bare_vocab(folder):
    """No tokenizer.json, no modules.json: vocab.txt, the language model's head beside the encoder, mean pooling by default."""
    config = hub.BertConfig(**SMALL | WORDPIECE | dict(hidden_act="silu"))
    tokenizer = parts.bert_tokenizer(model_max_length=40)
    folder.model(hub.BertForMaskedLM, config, tokenizer)
    vocabulary = sorted(tokenizer.get_vocab().items(), key=lambda item: item[1])
    (folder.path / "tokenizer.json").unlink()
    (folder.path / "vocab.txt").write_text("".join(token + "\n" for token, _ in vocabulary), encoding="utf-8")
    finish_embedder(folder, 40)


@model
def bert_last_head64(folder):
    """One head as wide as the model; the last token's state; an odd number of layers."""
    config = hub.BertConfig(**SMALL | WORDPIECE | dict(hidden_size=64, num_attention_heads=1, num_hidden_layers=1, intermediate_size=72))
    folder.model(hub.BertModel, config, parts.bert_tokenizer(model_max_length=40))
    folder.old_sentence_folder("lasttoken", False, 16)
    finish_embedder(folder, 16)


@model
def roberta_mean(folder):
    config = hub.RobertaConfig(**SMALL | ROBERTA)
    folder.model(hub.RobertaModel, config, parts.roberta_tokenizer(model_max_length=38))
    folder.old_sentence_folder("mean_tokens", True, 32)
    finish_embedder(folder, 32)


@model
def roberta_cls_prefixed(folder):
    """model_max_length says nothing (1e30): the positions limit the length, less the two that RoBERTa leaves unused."""
    config = hub.RobertaConfig(**SMALL | ROBERTA | dict(max_position_embeddings=26, type_vocab_size=2))
    folder.model(hub.RobertaModel, config, parts.roberta_tokenizer()).prefix("roberta.")
    folder.old_sentence_folder("cls_token", False)
    finish_embedder(folder, 24)


@model
def xlm_roberta_mean(folder):
    config = hub.XLMRobertaConfig(**SMALL | UNIGRAM)
    folder.model(hub.XLMRobertaModel, config, parts.unigram_tokenizer(model_max_length=38))
    folder.new_sentence_folder("mean", Normalize(), prompts={"query": "query: ", "passage": "passage: "})
    finish_embedder(folder, 38)


@model
def camembert_mean(folder):
    config = hub.CamembertConfig(**SMALL | UNIGRAM)
    tokenizer = parts.unigram_tokenizer(model_max_length=38)
    folder.model(hub.CamembertModel, config, tokenizer).prefix("roberta.")
    folder.old_sentence_folder("mean_tokens", False)
    settings = json.loads((folder.path / "tokenizer_config.json").read_text()) | {"tokenizer_class": "PreTrainedTokenizerFast"}
    (folder.path / "tokenizer_config.json").write_text(json.dumps(settings))
    finish_embedder(folder, 38)


@model
def distilbert_mean(folder):
    """Widths that are multiples of nothing: hidden 36 in 3 heads of 12, 50 between."""
    config = hub.DistilBertConfig(**WORDPIECE, dim=36, n_layers=2, n_heads=3, hidden_dim=50, max_position_embeddings=40)
    folder.model(hub.DistilBertModel, config, parts.distilbert_tokenizer(model_max_length=40))
    folder.old_sentence_folder("mean_tokens", True, 36)
    finish_embedder(folder, 36)


@model
def mpnet_mean(folder):
    """A text long enough for the last bucket of distances, from 91 tokens on."""
    config = hub.MPNetConfig(**SMALL | WORDPIECE | dict(max_position_embeddings=162, layer_norm_eps=1e-5))
    folder.model(hub.MPNetModel, config, parts.mpnet_tokenizer(model_max_length=150))
    folder.old_sentence_folder("mean_tokens", True, 150)
    finish_embedder(folder, 150, LONG)


@model
def modernbert_mean_old(folder):
    """Settings by their first names, no biases, the language model's head beside the encoder."""
    config = hub.ModernBertConfig(**SMALL | MODERNBERT | dict(num_hidden_layers=4, intermediate_size=40))
    folder.model(hub.ModernBertForMaskedLM, config, parts.modernbert_tokenizer(model_max_length=120))
    folder.config("layer_types", "rope_parameters", global_attn_every_n_layers=3, global_rope_theta=160000.0, local_rope_theta=10000.0)
    folder.old_sentence_folder("mean_tokens", False)
    finish_embedder(folder, 120, LONG)


@model
def modernbert_cls_new(folder):
    """All biases; each second layer global, both thetas as the settings say and not as usual."""
    config = hub.ModernBertConfig(**SMALL | MODERNBERT | dict(
        num_hidden_layers=3, intermediate_size=52, norm_bias=True, attention_bias=True, mlp_bias=True, norm_eps=1e-6, local_attention=10,
        layer_types=["full_attention", "sliding_attention", "full_attention"],
        rope_parameters={"full_attention": {"rope_theta": 5000.0, "rope_type": "default"},
                         "sliding_attention": {"rope_theta": 700.0, "rope_type": "default"}}))
    folder.model(hub.ModernBertModel, config, parts.modernbert_tokenizer(model_max_length=100))
    folder.new_sentence_folder("cls", Normalize())
    finish_embedder(folder, 100, LONG)


def nomic(folder):
    config = hub.NomicBertConfig(**SMALL | dict(vocab_size=parts.TOKENS_WORDPIECE + 2, max_position_embeddings=64))
    return folder.model(hub.NomicBertModel, config, parts.bert_tokenizer(model_max_length=64))


@model
def nomic_new(folder):
    nomic(folder).new_sentence_folder("mean", prompts={"search_query": "search_query: "})
    finish_embedder(folder, 64)


@model
def nomic_old(folder):
    """The settings' names of the published models, which transformers reads no more: computed before they are written."""
    nomic(folder).old_sentence_folder("mean_tokens", True, 48, {"search_query": "search_query: ", "search_document": "search_document: "})
    finish_embedder(folder, 48)
    write_old_nomic(folder.path / "config.json")


def write_old_nomic(path):
    config = {
        "activation_function": "swiglu", "architectures": ["NomicBertModel"], "attn_pdrop": 0.0, "bos_token_id": None, "causal": False,
        "dense_seq_parallel": False, "embd_pdrop": 0.0, "eos_token_id": None, "fused_bias_fc": True, "fused_dropout_add_ln": True,
        "initializer_range": 0.02, "layer_norm_epsilon": 1e-12, "max_trained_positions": 64, "mlp_fc1_bias": False, "mlp_fc2_bias": False,
        "model_type": "nomic_bert", "n_embd": 32, "n_head": 2, "n_inner": 64, "n_layer": 2, "n_positions": 64,
        "pad_vocab_size_multiple": 64, "parallel_block": False, "parallel_block_tied_norm": False, "prenorm": False,
        "qkv_proj_bias": False, "reorder_and_upcast_attn": False, "resid_pdrop": 0.0, "rotary_emb_base": 1000, "rotary_emb_fraction": 1.0,
        "rotary_emb_interleaved": False, "rotary_emb_scale_base": None, "rotary_scaling_factor": None, "scale_attn_by_inverse_layer_idx":
        False, "scale_attn_weights": True, "summary_activation": None, "summary_first_dropout": 0.0, "summary_proj_to_labels": True,
        "summary_type": "cls_index", "summary_use_proj": True, "torch_dtype": "float32", "type_vocab_size": 2, "use_cache": True,
        "use_flash_attn": True, "use_rms_norm": False, "use_xentropy": True, "vocab_size": parts.TOKENS_WORDPIECE + 2}
    path.write_text(json.dumps(config, indent=1) + "\n")


def labels(count):
    return {"num_labels": count}


@model
def bert_ranker(folder):
    """One label, token types of both texts, as sentence-transformers' cross-encoders are."""
    config = hub.BertConfig(**SMALL | WORDPIECE | labels(1))
    folder.model(hub.BertForSequenceClassification, config, parts.bert_tokenizer(model_max_length=36))
    finish_scorer(folder, 36)


@model
def bert_classifier(folder):
    config = hub.BertConfig(**SMALL | WORDPIECE | labels(3) | dict(hidden_act="gelu_new"))
    folder.model(hub.BertForSequenceClassification, config, parts.bert_tokenizer(model_max_length=40))
    finish_scorer(folder, 40, texts_too=True)


@model
def roberta_ranker(folder):
    config = hub.RobertaConfig(**SMALL | ROBERTA | labels(1))
    folder.model(hub.RobertaForSequenceClassification, config, parts.roberta_tokenizer(model_max_length=38))
    finish_scorer(folder, 38)


@model
def xlm_roberta_classifier(folder):
    config = hub.XLMRobertaConfig(**SMALL | UNIGRAM | labels(3))
    folder.model(hub.XLMRobertaForSequenceClassification, config, parts.unigram_tokenizer(model_max_length=38))
    finish_scorer(folder, 38, texts_too=True)


@model
def distilbert_classifier(folder):
    config = hub.DistilBertConfig(**WORDPIECE | labels(3), dim=32, n_layers=2, n_heads=2, hidden_dim=64, max_position_embeddings=40)
    folder.model(hub.DistilBertForSequenceClassification, config, parts.distilbert_tokenizer(model_max_length=40))
    finish_scorer(folder, 40, texts_too=True)


@model
def mpnet_ranker(folder):
    config = hub.MPNetConfig(**SMALL | WORDPIECE | labels(1) | dict(layer_norm_eps=1e-5))
    folder.model(hub.MPNetForSequenceClassification, config, parts.mpnet_tokenizer(model_max_length=38))
    finish_scorer(folder, 38)


@model
def modernbert_ranker(folder):
    config = hub.ModernBertConfig(**SMALL | MODERNBERT | labels(1) | dict(classifier_pooling="cls"))
    folder.model(hub.ModernBertForSequenceClassification, config, parts.modernbert_tokenizer(model_max_length=64))
    finish_scorer(folder, 64)


@model
def modernbert_classifier(folder):
    config = hub.ModernBertConfig(**SMALL | MODERNBERT | labels(3) | dict(
        classifier_pooling="mean", classifier_bias=True, norm_bias=True, classifier_activation="relu"))
    folder.model(hub.ModernBertForSequenceClassification, config, parts.modernbert_tokenizer(model_max_length=64))
    finish_scorer(folder, 64, texts_too=True)


@model
def electra_ranker(folder):
    config = hub.ElectraConfig(**SMALL | WORDPIECE | labels(1) | dict(embedding_size=32))
    folder.model(hub.ElectraForSequenceClassification, config, parts.bert_tokenizer(model_max_length=40))
    finish_scorer(folder, 40)
