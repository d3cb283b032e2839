"""Parts from which make_models.py makes its tiny models: random weights, trained tokenizers, coarse arithmetic."""

import json
import math

import torch
import transformers
from tokenizers import AddedToken, Tokenizer, decoders, models, normalizers, pre_tokenizers, processors, trainers

CORPUS = """
The index answers a question from the passages of a document. A query is short and a passage is long.
Searching is finding what somebody wrote down before. Words are cut into pieces, pieces into letters.
An encoder reads all tokens at once and writes a vector for each. Near vectors mean near meanings.
The house at the river stood empty in winter; its windows were closed and its garden was white.
Numbers such as 12, 345 and 2024 are cut too. What happens to a word that nobody has seen?
She sells old maps and new books, he repairs clocks and plays the violin on Sundays.
La maison est petite mais le jardin est grand. Der Hund schläft unter dem Tisch. El niño canta.
Rates fell by 0.5 % in March; prices, however, rose. (See the table below, please.)
""".strip().split("\n")
LETTERS = "abcdefghijklmnopqrstuvwxyz0123456789"
TOKENS_WORDPIECE, TOKENS_BYTES, TOKENS_UNIGRAM = 190, 320, 170


def randomize(model, seed):
    """Weights that keep the variance from layer to layer, and attention that is neither flat nor a single peak."""
    chance = torch.Generator().manual_seed(seed)
    for name, tensor in model.named_parameters():
        draw = torch.randn(tensor.shape, generator=chance)
        if "norm" in name.lower():
            draw = 1 + 0.25 * draw if name.endswith("weight") else 0.2 * draw
        elif "embeddings" in name or "relative_attention_bias" in name:
            draw = 0.7 * draw
        elif tensor.dim() == 2:
            draw = draw / math.sqrt(tensor.shape[1])
        else:
            draw = 0.2 * draw
        tensor.data.copy_(draw)
    return model.eval()


def wordpiece_vocabulary(specials):
    """The corpus's words and their ends by frequency, after all letters: what training would find, and the same everywhere."""
    counts = {}
    for line in CORPUS:
        for word in "".join(c if c.isalnum() else " " for c in line.lower()).split():
            for piece in {word} | {"##" + word[-length:] for length in (2, 3, 4) if length < len(word)}:
                counts[piece] = counts.get(piece, 0) + 1
    letters = list(LETTERS + ".,;:?!()%'-/") + ["##" + letter for letter in LETTERS] + ["東", "京", "ß"]
    common = sorted((piece for piece in counts if piece not in letters), key=lambda piece: (-counts[piece], piece))
    return (specials + letters + common)[:TOKENS_WORDPIECE]


def bert_tokenizer(**options):
    vocabulary = wordpiece_vocabulary(["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"])
    return transformers.BertTokenizer(vocab={token: number for number, token in enumerate(vocabulary)}, **options)


def distilbert_tokenizer(**options):
    tokenizer = bert_tokenizer(**options)
    tokenizer.model_input_names = ["input_ids", "attention_mask"]
    return tokenizer


def mpnet_tokenizer(**options):
    vocabulary = wordpiece_vocabulary(["<s>", "<pad>", "</s>", "[UNK]", "<mask>"])
    return transformers.MPNetTokenizer(vocab={token: number for number, token in enumerate(vocabulary)}, **options)


def trained_bytes(specials):
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    trainer = trainers.BpeTrainer(vocab_size=TOKENS_BYTES, special_tokens=specials, show_progress=False,
                                  initial_alphabet=pre_tokenizers.ByteLevel.alphabet())
    tokenizer.train_from_iterator(CORPUS, trainer)
    return json.loads(tokenizer.to_str())["model"]


def roberta_tokenizer(**options):
    model = trained_bytes(["<s>", "<pad>", "</s>", "<unk>", "<mask>"])
    return transformers.RobertaTokenizer(vocab=model["vocab"], merges=[tuple(merge) for merge in model["merges"]], **options)


def modernbert_tokenizer(**options):
    model = trained_bytes(["[PAD]", "[UNK]", "[CLS]", "[SEP]"])
    tokenizer = Tokenizer(models.BPE(vocab=model["vocab"], merges=[tuple(merge) for merge in model["merges"]]))
    tokenizer.normalizer = normalizers.NFC()
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    tokenizer.add_special_tokens(["[PAD]", "[UNK]", "[CLS]", "[SEP]", AddedToken("[MASK]", lstrip=True)])
    tokenizer.post_processor = processors.TemplateProcessing(
        single="[CLS] $A [SEP]", pair="[CLS] $A [SEP] $B [SEP]",
        special_tokens=[(token, tokenizer.token_to_id(token)) for token in ("[CLS]", "[SEP]")])
    return transformers.PreTrainedTokenizerFast(
        tokenizer_object=tokenizer, unk_token="[UNK]", cls_token="[CLS]", sep_token="[SEP]", pad_token="[PAD]",
        mask_token="[MASK]", model_input_names=["input_ids", "attention_mask"], **options)


def unigram_tokenizer(**options):
    """Scores are the logarithms of how often a piece begins a word or stands in one; no training, so no chance."""
    counts = {}
    for line in CORPUS:
        for word in line.split():
            word = "▁" + word
            for start in range(len(word)):
                for end in range(start + 1, min(start + 7, len(word) + 1)):
                    counts[word[start:end]] = counts.get(word[start:end], 0) + 1
    single = sorted({piece for piece in counts if len(piece) == 1} | set(LETTERS))
    longer = sorted((piece for piece in counts if len(piece) > 1), key=lambda piece: (-counts[piece] * (len(piece) - 1), piece))
    specials = ["<s>", "<pad>", "</s>", "<unk>"]
    pieces = (single + longer)[:TOKENS_UNIGRAM - len(specials) - 1]
    vocabulary = [(special, 0.0) for special in specials]
    vocabulary += [(piece, round(math.log(counts.get(piece, 0.5) / 1000), 4)) for piece in pieces] + [("<mask>", 0.0)]
    return transformers.XLMRobertaTokenizer(vocab=vocabulary, **options)


def round_bf16(values):
    return values.to(torch.bfloat16).to(values.dtype)


def round_int8(values):
    """A scale a row, values to the nearest of -127 … 127."""
    scale = values.abs().amax(dim=-1, keepdim=True).clamp(min=1e-30) / 127
    return torch.round(values / scale).clamp(-127, 127) * scale


class Coarse:
    """While entered, each linear map of a model multiplies rounded inputs with rounded weights and sums exactly."""

    def __init__(self, model, rounding):
        self.linears = [module for module in model.modules() if isinstance(module, torch.nn.Linear)]
        self.rounding = rounding

    def __enter__(self):
        self.kept = [linear.weight.data for linear in self.linears]
        self.hooks = [linear.register_forward_pre_hook(lambda _, inputs: (self.rounding(inputs[0]),)) for linear in self.linears]
        for linear in self.linears:
            linear.weight.data = self.rounding(linear.weight.data)

    def __exit__(self, *_):
        for linear, weight, hook in zip(self.linears, self.kept, self.hooks):
            linear.weight.data = weight
            hook.remove()
