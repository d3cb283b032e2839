"""Small tokenizer.json files of every component, each with several settings, trained or put together on the spot."""
import json
import os
import struct

from tokenizers import AddedToken, Regex, Tokenizer, decoders, models, normalizers, pre_tokenizers, processors, trainers

TEXT = """The quick brown fox jumps over the lazy dog. Don't you think it's 3.14 times as fast as 1,000 others?
Zwölf Boxkämpfer jagen Viktor quer über den großen Sylter Deich. Ça va très bien, merci beaucoup! ¿Cómo estás, señor?
Съешь же ещё этих мягких французских булок, да выпей чаю. Γαζέες καὶ μυρτιὲς δὲν θὰ βρῶ πιὰ στὸ χρυσαφὶ ξέφωτο.
我能吞下玻璃而不伤身体。今天天气很好，我们去公园吧！ いろはにほへと ちりぬるを カタカナ 한국어 문장입니다. हिन्दी में एक वाक्य।
print("hello world")  # code: for i in range(10): x[i] += 1 <html> {"key": [1, 2, 3]}
the them then there these their they think thing things this those through throw unhappy unhappily happiness happily
""".split('\n')
LLAMA3 = (r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+")
GPT4O = (r"[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]*[\p{Ll}\p{Lm}\p{Lo}\p{M}]+(?i:'s|'t|'re|'ve|'m|'ll|'d)?|"
         r"[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]+[\p{Ll}\p{Lm}\p{Lo}\p{M}]*(?i:'s|'t|'re|'ve|'m|'ll|'d)?|"
         r"\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n/]*|\s*[\r\n]+|\s+(?!\S)|\s+")
SPECIAL = ['<unk>', '<s>', '</s>', '<pad>', '<mask>']


def charsmap(entries):
    """SentencePiece's form of {text: replacement}: a double array, then the replacements."""
    replacements, places = b'', {}
    for text, replacement in entries.items():
        places[text.encode()] = len(replacements)
        replacements += replacement.encode() + b'\0'
    tree = {}
    for key, value in places.items():
        node = tree
        for byte in key:
            node = node.setdefault(byte, {})
        node[None] = value
    units, used = [0] * 1024, {0}

    def place(node, at):
        labels = [0 if label is None else label for label in node]
        offset = 1
        while any(((at ^ offset) ^ label) in used for label in labels) or offset == at:
            offset += 1
        while len(units) < (at ^ offset | 255) + 257:
            units.append(0)
        units[at] |= offset << 10
        base = at ^ offset
        used.update(base ^ label for label in labels)
        for label, child in node.items():
            if label is None:
                units[at] |= 1 << 8
                units[base] = child | 1 << 31
            else:
                units[base ^ label] = label
        for label, child in node.items():
            if label is not None:
                place(child, base ^ label)

    place(tree, 0)
    array = b''.join(struct.pack('<I', unit) for unit in units)
    return struct.pack('<I', len(array)) + array + replacements


SMALL_MAP = {'\ufb01': 'fi', '\u00bd': '1/2', 'e\u0301': '\u00e9', 'a\u0308': '\u00e4', '\uff21': 'A', '\uff22': 'B', '\t': ' ', '\u3000': ' ',
             '\u00a0': ' ', '\u200b': '', '\u2026': '...', '\u33a2': 'km2', '\u01c4': 'D\u017d', '\u0007': '', '\uac00': '\u1100\u1161', 'o\u0302\u0301': '\u1ed1',
             '\ufdfa': 'sallallahou'}


def train_bpe(tokenizer, alphabet=None, vocab_size=900, special=SPECIAL, **more):
    trainer = trainers.BpeTrainer(vocab_size=vocab_size, special_tokens=special, initial_alphabet=alphabet or [], show_progress=False, **more)
    tokenizer.train_from_iterator(TEXT * 5, trainer)


def byte_level(add_prefix_space, split=None, trim=True, normalizer=None):
    tokenizer = Tokenizer(models.BPE())
    if normalizer:
        tokenizer.normalizer = normalizer
    if split:
        tokenizer.pre_tokenizer = pre_tokenizers.Sequence([pre_tokenizers.Split(Regex(split), 'isolated'),
                                                           pre_tokenizers.ByteLevel(add_prefix_space, use_regex=False)])
    else:
        tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space)
    train_bpe(tokenizer, pre_tokenizers.ByteLevel.alphabet())
    tokenizer.post_processor = processors.ByteLevel(trim_offsets=trim)
    tokenizer.decoder = decoders.ByteLevel()
    return tokenizer


def word_level(pre_tokenizer, normalizer=None):
    """Every piece is unknown or a word, so the places show where the pre-tokenizer cuts."""
    words = sorted({word for line in TEXT for word in line.replace('.', ' ').split()})
    tokenizer = Tokenizer(models.WordLevel({word: number for number, word in enumerate(['<unk>'] + words)}, '<unk>'))
    if normalizer:
        tokenizer.normalizer = normalizer
    if pre_tokenizer:
        tokenizer.pre_tokenizer = pre_tokenizer
    return tokenizer


def word_piece(normalizer, pre_tokenizer=None, prefix='##', limit=100, cleanup=True):
    tokenizer = Tokenizer(models.WordPiece(unk_token='[UNK]', max_input_chars_per_word=limit))
    tokenizer.normalizer = normalizer
    tokenizer.pre_tokenizer = pre_tokenizer or pre_tokenizers.BertPreTokenizer()
    trainer = trainers.WordPieceTrainer(vocab_size=900, special_tokens=['[PAD]', '[UNK]', '[CLS]', '[SEP]', '[MASK]'], show_progress=False,
                                        continuing_subword_prefix=prefix)
    tokenizer.train_from_iterator(TEXT * 3, trainer)
    state = json.loads(tokenizer.to_str())
    state['model']['max_input_chars_per_word'] = limit
    state['model']['continuing_subword_prefix'] = prefix
    tokenizer = Tokenizer.from_str(json.dumps(state))
    tokenizer.post_processor = processors.BertProcessing(('[SEP]', 3), ('[CLS]', 2))
    tokenizer.decoder = decoders.WordPiece(prefix, cleanup)
    return tokenizer


def unigram(normalizer, pre_tokenizer, decoder, byte_fallback=False, template=True):
    tokenizer = Tokenizer(models.Unigram())
    if normalizer:
        tokenizer.normalizer = normalizer
    tokenizer.pre_tokenizer = pre_tokenizer
    bytes_ = [f'<0x{byte:02X}>' for byte in range(256)] if byte_fallback else []
    tokenizer.train_from_iterator(TEXT * 5, trainers.UnigramTrainer(vocab_size=700 + len(bytes_), special_tokens=SPECIAL + bytes_, unk_token='<unk>', show_progress=False))
    if byte_fallback:
        state = json.loads(tokenizer.to_str())
        state['model']['byte_fallback'] = True
        state['added_tokens'] = [token for token in state['added_tokens'] if not token['content'].startswith('<0x')]
        tokenizer = Tokenizer.from_str(json.dumps(state))
    if template:
        tokenizer.post_processor = processors.TemplateProcessing('<s> $A </s>', '<s> $A </s> </s> $B:1 </s>:1', [('<s>', 1), ('</s>', 2)])
    tokenizer.decoder = decoder
    return tokenizer


def added(tokenizer):
    """Added tokens of all settings."""
    tokenizer.add_tokens([AddedToken('QQ', single_word=True), AddedToken('<l>', lstrip=True, normalized=False), AddedToken('<r>', rstrip=True, normalized=False),
                          AddedToken('<lr>', lstrip=True, rstrip=True), AddedToken('Ünï', normalized=True), AddedToken('ab', normalized=False),
                          AddedToken('abc', normalized=False), AddedToken('  ', normalized=False), AddedToken('single', single_word=True, lstrip=True, rstrip=True),
                          AddedToken('的', normalized=True)])
    tokenizer.add_special_tokens([AddedToken('<special>', special=True), AddedToken('<sp>', special=True, lstrip=True, normalized=True, rstrip=True)])
    return tokenizer


def word_pieces():
    for clean in (True, False):
        for accents in (None, True, False):
            for lower in (True, False):
                yield f'wordpiece-{clean}-{accents}-{lower}', lambda c=clean, a=accents, l=lower: word_piece(normalizers.BertNormalizer(c, c or l, a, l))
    yield 'wordpiece-chinese', lambda: word_piece(normalizers.BertNormalizer(True, False, None, True))
    yield 'wordpiece-short', lambda: word_piece(normalizers.BertNormalizer(), limit=7, cleanup=False)
    yield 'wordpiece-prefix', lambda: word_piece(normalizers.Sequence([normalizers.NFKC(), normalizers.Lowercase()]), pre_tokenizers.Whitespace(), '@@')
    yield 'wordpiece-added', lambda: added(word_piece(normalizers.BertNormalizer()))


def byte_pairs():
    yield 'bpe-gpt2', lambda: byte_level(False)
    yield 'bpe-gpt2-space', lambda: byte_level(True, trim=False)
    yield 'bpe-gpt2-added', lambda: added(byte_level(True))
    yield 'bpe-llama3', lambda: byte_level(False, LLAMA3)
    yield 'bpe-gpt4o', lambda: byte_level(False, GPT4O, normalizer=normalizers.NFC())
    yield 'bpe-roberta', roberta
    yield 'bpe-llama2', llama2
    yield 'bpe-metaspace', lambda: metaspace_bpe('first')
    yield 'bpe-suffix', suffix_bpe
    yield 'bpe-byte-normalizer', byte_normalizer


def roberta():
    tokenizer = byte_level(True)
    tokenizer.add_special_tokens([AddedToken('<mask>', lstrip=True, special=True)])
    tokenizer.post_processor = processors.RobertaProcessing(('</s>', 2), ('<s>', 1))
    return tokenizer


def llama2():
    tokenizer = Tokenizer(models.BPE(unk_token='<unk>', byte_fallback=True, fuse_unk=True))
    tokenizer.normalizer = normalizers.Sequence([normalizers.Prepend('▁'), normalizers.Replace(' ', '▁')])
    train_bpe(tokenizer, special=SPECIAL + [f'<0x{byte:02X}>' for byte in range(256)])
    state = json.loads(tokenizer.to_str())
    state['added_tokens'] = [token for token in state['added_tokens'] if not token['content'].startswith('<0x')]
    tokenizer = Tokenizer.from_str(json.dumps(state))
    tokenizer.decoder = decoders.Sequence([decoders.Replace('▁', ' '), decoders.ByteFallback(), decoders.Fuse(), decoders.Strip(' ', 1, 0)])
    tokenizer.post_processor = processors.TemplateProcessing('<s> $A', '<s> $A <s>:1 $B:1', [('<s>', 1)])
    return tokenizer


def metaspace_bpe(scheme):
    tokenizer = Tokenizer(models.BPE(unk_token='<unk>', fuse_unk=True))
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace(prepend_scheme=scheme)
    train_bpe(tokenizer)
    tokenizer.decoder = decoders.Metaspace(prepend_scheme=scheme)
    return added(tokenizer)


def suffix_bpe():
    tokenizer = Tokenizer(models.BPE(unk_token='<unk>', end_of_word_suffix='</w>'))
    tokenizer.normalizer = normalizers.Sequence([normalizers.NFC(), normalizers.Replace(Regex(r'\s+'), ' '), normalizers.Lowercase()])
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence([pre_tokenizers.Whitespace(), pre_tokenizers.Digits(True)])
    train_bpe(tokenizer, end_of_word_suffix='</w>')
    tokenizer.decoder = decoders.BPEDecoder('</w>')
    return tokenizer


def byte_normalizer():
    tokenizer = Tokenizer(models.BPE())
    tokenizer.normalizer = normalizers.ByteLevel()
    train_bpe(tokenizer, pre_tokenizers.ByteLevel.alphabet())
    tokenizer.decoder = decoders.ByteLevel()
    tokenizer.post_processor = processors.Sequence([processors.ByteLevel(trim_offsets=True), processors.TemplateProcessing('$A </s>', '$A </s> $B </s>', [('</s>', 2)])])
    return tokenizer


def unigrams():
    meta = pre_tokenizers.Metaspace()
    yield 'unigram-plain', lambda: unigram(None, meta, decoders.Metaspace())
    yield 'unigram-t5', lambda: unigram(normalizers.Sequence([normalizers.Precompiled(charsmap(SMALL_MAP)), normalizers.Replace(Regex(' {2,}'), ' ')]),
                                        pre_tokenizers.Sequence([pre_tokenizers.WhitespaceSplit(), meta]), decoders.Metaspace())
    yield 'unigram-albert', lambda: added(unigram(normalizers.Sequence([normalizers.Replace('``', '"'), normalizers.Replace("''", '"'), normalizers.NFKD(),
                                                                        normalizers.StripAccents(), normalizers.Lowercase()]), meta, decoders.Metaspace()))
    yield 'unigram-bytes', lambda: unigram(normalizers.Nmt(), pre_tokenizers.Metaspace(prepend_scheme='never', split=False),
                                           decoders.Sequence([decoders.ByteFallback(), decoders.Metaspace(prepend_scheme='never')]), byte_fallback=True)


def all_normalizers():
    each = pre_tokenizers.Split(Regex(r'.|\n'), 'isolated')
    N = normalizers
    for name, normalizer in {
            'nfc': N.NFC(), 'nfd': N.NFD(), 'nfkc': N.NFKC(), 'nfkd': N.NFKD(), 'lower': N.Lowercase(), 'marks': N.StripAccents(),
            'strip': N.Strip(), 'left': N.Strip(True, False), 'right': N.Strip(False, True), 'nmt': N.Nmt(), 'prepend': N.Prepend('▁é'),
            'replace': N.Replace('e', 'éé'), 'remove': N.Replace('a', ''), 'regex': N.Replace(Regex(r'[aeiou]+'), '_'),
            'empty': N.Replace(Regex('x*'), '-'), 'bytes': N.ByteLevel(), 'map': N.Precompiled(charsmap(SMALL_MAP)),
            'many': N.Sequence([N.NFD(), N.StripAccents(), N.Lowercase(), N.Strip(), N.Replace(Regex(r'\s+'), ' '), N.Prepend('_'), N.NFC()]),
            'bert': N.BertNormalizer(), 'bert-cased': N.BertNormalizer(lowercase=False), 'nfkc-map': N.Sequence([N.NFKC(), N.Precompiled(charsmap(SMALL_MAP))])}.items():
        yield f'normalizer-{name}', lambda n=normalizer: word_level(each, n)
    yield 'normalizer-alone', lambda: word_level(None, N.Strip())


def all_pre_tokenizers():
    P = pre_tokenizers
    cuts = {'bert': P.BertPreTokenizer(), 'whitespace': P.Whitespace(), 'whitespace-split': P.WhitespaceSplit(), 'digits': P.Digits(False),
            'digit': P.Digits(True), 'delimiter': P.CharDelimiterSplit('e'), 'scripts': P.UnicodeScripts(), 'length': P.FixedLength(3),
            'byte-level': P.ByteLevel(False), 'byte-level-space': P.ByteLevel(True), 'byte-level-whole': P.ByteLevel(True, use_regex=False),
            'sequence': P.Sequence([P.UnicodeScripts(), P.Whitespace(), P.Digits(False), P.Punctuation('contiguous')]),
            'first': P.Sequence([P.Whitespace(), P.Metaspace(prepend_scheme='first')])}
    for scheme in ('always', 'never', 'first'):
        for split in (True, False):
            cuts[f'metaspace-{scheme}-{split}'] = P.Metaspace('▁', scheme, split)
    for behavior in ('removed', 'isolated', 'merged_with_previous', 'merged_with_next', 'contiguous'):
        cuts[f'punctuation-{behavior}'] = P.Punctuation(behavior)
        for invert in (True, False):
            cuts[f'split-text-{behavior}-{invert}'] = P.Split('e', behavior, invert)
            cuts[f'split-regex-{behavior}-{invert}'] = P.Split(Regex(r'\s+|[aeiou]|\d'), behavior, invert)
    for name, expression in {'llama3': LLAMA3, 'gpt4o': GPT4O, 'lines': r'^.|.$|\A.|\z', 'classes': r'\w+|\W', 'posix': r'[[:digit:]]+|[[:punct:]]|[[:space:]]|[^[:word:]a-f]', 'space': r'\s', 'digit': r'\d+',
                             'look': r'(?<=a)b|c(?=d)|(?i)haus|(?m:x.y)', 'han': r'\p{Han}+|\P{L}', 'not-in-set': r'[^\W\d_]+|[\W\D]|[\S\H]', 'sets': r'[a-w&&[^c-g]z]+|[^a-z&&[aeiou]]',
                             'sets-within': r'[[a-f][^\x00-\x7F]0-9]+|[\s[:^alnum:]]|[^[:^digit:]x]', 'sets-apart': r'[\p{L}&&\p{Latin}&&[^aeiou]]+|[]^-]|[[b]^a]|[\B\H]',
                             'caret': r'[a-z&&[^stu]]+|[^\W\H]|[\w&&[^\d]]', 'word': r'\b\w', 'any-case': r'(?i)[k-m\W]+|[^\W\d_a]', 'deepseek': r'[一-龥ࠀ-一가-퟿]+|\s?[A-Za-zµÀ-ÖØ-öø-ƺƼ-ƿǄ-ʓʕ-ʯͰ-ͳͶͷͻ-ͽͿΆΈ-ΊΌΎ-ΡΣ-ϵϷ-ҁҊ-ԯԱ-ՖႠ-ჅᎠ-Ᏽ]+|\p{P}+|\p{S}+'}.items():
        cuts[f'expression-{name}'] = P.Split(Regex(expression), 'isolated')
    for name, cut in cuts.items():
        yield f'pre-tokenizer-{name}', lambda c=cut: word_level(c)
    yield 'pre-tokenizer-added', lambda: added(word_level(P.Metaspace(prepend_scheme='first'), normalizers.Lowercase()))


def all_decoders():
    D = decoders
    for name, decoder in {'none': None, 'ctc': D.CTC('<pad>', '|', True), 'ctc-raw': D.CTC('the', 'e', False), 'fuse': D.Fuse(), 'strip': D.Strip('e', 2, 1), 'bpe': D.BPEDecoder('e'),
                          'replace': D.Replace('e', 'EE'), 'replace-regex': D.Replace(Regex('[aeiou]+'), '.'), 'bytes': D.ByteFallback(), 'byte-level': D.ByteLevel(),
                          'metaspace': D.Metaspace('e', 'never'), 'word-piece': D.WordPiece('t', True),
                          'sequence': D.Sequence([D.Replace('e', ' '), D.Strip(' ', 1, 1), D.WordPiece('', False), D.Fuse()])}.items():
        def make(d=decoder):
            tokenizer = word_level(pre_tokenizers.Whitespace())
            tokenizer.add_tokens(['<0x41>', '<0xE2>', '<0x82>', '<0xAC>', ' .', " n't", "do not", '|', '<pad>', 'Ġab', 'Ã©'])
            if d:
                tokenizer.decoder = d
            return added(tokenizer)
        yield f'decoder-{name}', make


def all_processors():
    R = processors
    pieces = {'template': R.TemplateProcessing('a:3 $A:2 b a', '$B:1 a $A:4 b:5', [('a', 1), ('b', 2)]),
              'ids': R.TemplateProcessing('$A x', '$A x $B', [{'id': 'x', 'ids': [1, 2, 3], 'tokens': ['a', 'b', 'c']}]),
              'bert': R.BertProcessing(('b', 2), ('a', 1)), 'roberta': R.RobertaProcessing(('b', 2), ('a', 1), False, False), 'byte-level': R.ByteLevel(True),
              'both': R.Sequence([R.ByteLevel(True), R.BertProcessing(('b', 2), ('a', 1))])}
    for name, processor in pieces.items():
        def make(p=processor):
            tokenizer = added(word_level(pre_tokenizers.Sequence([pre_tokenizers.Split(' ', 'merged_with_next')]), normalizers.NFKC()))
            tokenizer.post_processor = p
            return tokenizer
        yield f'processor-{name}', make


def everything():
    """(name, function that makes it) of all."""
    for family in (word_pieces, byte_pairs, unigrams, all_normalizers, all_pre_tokenizers, all_decoders, all_processors):
        yield from family()


def make(folder, wanted=''):
    """Yields (name, path) of those whose name holds `wanted`."""
    for name, build in everything():
        if wanted in name:
            path = os.path.join(folder, name + '.json')
            build().save(path)
            yield name, path
