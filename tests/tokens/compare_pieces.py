#!/usr/bin/env python3
"""Compares the BPE and unigram models with Hugging Face's `tokenizers`, of which the bare models encode each line as one piece.

    compare_pieces.py --program build/tests/tokens/encode_pieces --texts FOLDER [--kind bpe|unigram] [--lines N] [--seed N]

Models are trained on lines of the texts in many settings, or made up of few letters so that ties abound, and then edited at random;
numbers and places of all tokens must be the same on real lines, cut ones, random characters and long ones. The first difference
is shown with its seed, and ends the run. Needs the packages tokenizers and numpy."""
import argparse
import gzip
import json
import os
import random
import struct
import subprocess
import sys
import tempfile

os.environ['TOKENIZERS_PARALLELISM'] = 'false'
import numpy
from tokenizers import Tokenizer, models, pre_tokenizers, trainers

LINES_PER_MODEL = 4000
BYTE_TOKENS = [f'<0x{byte:02X}>' for byte in range(256)]


# ---- texts ----

def strings_of(value):
    if isinstance(value, str):
        yield from value.splitlines()
    elif isinstance(value, dict):
        for item in value.values():
            yield from strings_of(item)
    elif isinstance(value, list):
        for item in value:
            yield from strings_of(item)


def lines_below(folder, seed, count=60000):
    """So many lines of the folder's files, by chance."""
    paths = sorted(os.path.join(root, name) for root, _, names in os.walk(folder) for name in names
                   if name.endswith(('.txt', '.md', '.jsonl', '.jsonl.gz')))
    chance = random.Random(seed)
    lines = []
    for path in paths:
        opener = gzip.open if path.endswith('.gz') else open
        with opener(path, 'rt', encoding='utf-8', errors='replace') as file:
            head = file.read(1 << 20)
        if '.jsonl' in path:
            found = []
            for row in head.splitlines():
                try:
                    found += strings_of(json.loads(row))
                except ValueError:
                    pass
        else:
            found = head.splitlines()
        found = [line for line in found if line.strip()]
        lines += chance.sample(found, min(len(found), 1500))
    chance.shuffle(lines)
    return lines[:count]


def random_characters(chance, size):
    ranges = [(0x20, 0x7F), (0x20, 0x7F), (0xA0, 0x250), (0x370, 0x530), (0x5D0, 0x700), (0x900, 0xE80), (0x3040, 0x3100),
              (0x4E00, 0x9FFF), (0xAC00, 0xD7A3), (0x1F300, 0x1FAFF), (0x2000, 0x2BFF), (0, 0x20), (0xE000, 0xFFFF),
              (0x10000, 0x10FFFF)]
    return ''.join(chr(chance.randrange(*chance.choice(ranges))) for _ in range(size))


def lines_for(chance, texts, alphabet, count):
    lines = []
    while len(lines) < count:
        kind = chance.random()
        if alphabet:
            size = chance.choice([1, 2, 3, 5, 8, 13, 30, 60, 100])
            lines.append(''.join(chance.choice(alphabet) for _ in range(chance.randrange(size) + 1)))
        elif kind < 0.55:
            line = chance.choice(texts)
            start = chance.randrange(len(line))
            lines.append(line[start:start + chance.randrange(1, 160)])
        elif kind < 0.85:
            lines += chance.choice(texts).split()[:8]
        elif kind < 0.93:
            lines.append(random_characters(chance, chance.randrange(1, 40)))
        elif kind < 0.97:
            line = list(chance.choice(texts)[:100])
            for _ in range(chance.randrange(1, 5)):
                line.insert(chance.randrange(len(line) + 1), random_characters(chance, 1))
            lines.append(''.join(line))
        elif kind < 0.995:
            lines.append(chance.choice(texts)[:1000])
        elif kind < 0.999:
            lines.append(chance.choice(chance.choice(texts)) * chance.randrange(1, 3000))
        else:
            lines.append(' '.join(chance.choice(texts) for _ in range(50))[:20000])
    return lines[:count]


# ---- models ----

def trained_bpe(chance, texts):
    tokenizer = Tokenizer(models.BPE(unk_token='<unk>'))
    if chance.random() < 0.6:
        tokenizer.pre_tokenizer = chance.choice([pre_tokenizers.Whitespace(), pre_tokenizers.ByteLevel(), pre_tokenizers.Metaspace()])
    options = {}
    if chance.random() < 0.35:
        options['continuing_subword_prefix'] = chance.choice(['##', '@', 'é'])
    if chance.random() < 0.35:
        options['end_of_word_suffix'] = chance.choice(['</w>', '_'])
    if chance.random() < 0.3:
        options['limit_alphabet'] = chance.choice([30, 60, 100])
    if chance.random() < 0.3:
        options['max_token_length'] = chance.choice([3, 8, 20])
    trainer = trainers.BpeTrainer(vocab_size=chance.choice([150, 300, 800, 2000]), show_progress=False,
                                  special_tokens=['<unk>'] + (BYTE_TOKENS if chance.random() < 0.4 else []), **options)
    tokenizer.train_from_iterator([line[:200] for line in chance.sample(texts, 600)], trainer)
    return json.loads(tokenizer.to_str())['model'], None


def made_bpe(chance):
    """All strings of few letters up to a length as tokens, and merges by chance."""
    letters = chance.choice(['ab', 'abc', 'aé', 'a😀é', 'ab ', 'a'])
    prefix = chance.choice(['', '', '', '#', '##', 'a', 'é'])
    tokens = set(letters)
    for _ in range(chance.choice([5, 20, 60, 200])):
        tokens.add(chance.choice(sorted(tokens)) + chance.choice(sorted(tokens)))
        tokens = {token for token in tokens if len(token) <= 8}
    tokens |= {prefix + token for token in tokens}
    if chance.random() < 0.3:
        tokens.add('')
    if chance.random() < 0.4:
        tokens.add('<unk>')
        tokens |= {'<unk>a', '<unk><unk>'}
    if chance.random() < 0.4:
        tokens |= set(chance.sample(BYTE_TOKENS, 250) if chance.random() < 0.5 else BYTE_TOKENS)
        tokens.add('<0xC3><0xA9>')
    tokens = sorted(tokens)
    chance.shuffle(tokens)
    vocabulary = {token: i for i, token in enumerate(tokens)}
    merges = []
    size = len(prefix.encode())
    for left in tokens:
        for right in tokens:
            if len(right.encode()) < size or len(left) + len(right) > 14:
                continue
            try:
                made = left + right.encode()[size:].decode()
            except UnicodeDecodeError:
                continue
            if made in vocabulary:
                merges.append([left, right])
    chance.shuffle(merges)
    del merges[chance.choice([3, 10, 50, 300, 2000]):]
    model = {'type': 'BPE', 'dropout': None, 'unk_token': '<unk>', 'continuing_subword_prefix': prefix or None,
             'end_of_word_suffix': None, 'fuse_unk': False, 'byte_fallback': False, 'ignore_merges': False,
             'vocab': vocabulary, 'merges': merges}
    return model, letters + letters + chance.choice(['', 'x', 'ü', '😀z', '<unk>'])


def edit_bpe(chance, model, lines):
    model['fuse_unk'] = chance.random() < 0.5
    model['byte_fallback'] = chance.random() < 0.5
    model['ignore_merges'] = chance.random() < 0.4
    vocabulary, merges = model['vocab'], model['merges']
    if chance.random() < 0.3:
        model['unk_token'] = None
    elif '<unk>' not in vocabulary:
        vocabulary['<unk>'] = len(vocabulary)
    if chance.random() < 0.15:
        model['end_of_word_suffix'] = chance.choice(['</w>', 'b', 'é', ''])
    if chance.random() < 0.3:  # single letters go, if no merge needs them
        needed = {token for merge in merges for token in merge}
        for token in chance.sample(sorted(vocabulary), len(vocabulary) // 4):
            if token not in needed and token != '<unk>' and not any(token == a + b for a, b in merges):
                del vocabulary[token]
    if chance.random() < 0.3:
        for line in chance.sample(lines, min(40, len(lines))):
            vocabulary.setdefault(line[:60], len(vocabulary) + 10)
    if chance.random() < 0.25:
        chance.shuffle(merges)
    if chance.random() < 0.25 and merges:
        merges += chance.choices(merges, k=len(merges) // 3 + 1)
    if chance.random() < 0.2:  # two tokens share a number
        names = sorted(vocabulary)
        for _ in range(chance.choice([1, 5, len(names) // 2])):
            vocabulary[chance.choice(names)] = vocabulary[chance.choice(names)]
    if chance.random() < 0.1:  # many share a few
        few = chance.choice([3, 8, 20])
        vocabulary.update({token: chance.randrange(few) for token in vocabulary})
    if chance.random() < 0.3:  # numbers with gaps
        step = chance.choice([2, 7, 1000])
        if step * max(vocabulary.values()) < 4_000_000:
            model['vocab'] = {token: step * i for token, i in vocabulary.items()}
    if chance.random() < 0.4 and not any(' ' in token for merge in merges for token in merge):
        model['merges'] = [' '.join(merge) for merge in merges if not merge[0].startswith('#version')]
    return model


def trained_unigram(chance, texts):
    tokenizer = Tokenizer(models.Unigram())
    if chance.random() < 0.6:
        tokenizer.pre_tokenizer = chance.choice([pre_tokenizers.Whitespace(), pre_tokenizers.Metaspace()])
    trainer = trainers.UnigramTrainer(vocab_size=chance.choice([200, 600, 2000]), show_progress=False, unk_token='<unk>',
                                      special_tokens=['<unk>'] + (BYTE_TOKENS if chance.random() < 0.4 else []))
    tokenizer.train_from_iterator([line[:200] for line in chance.sample(texts, 500)], trainer)
    return json.loads(tokenizer.to_str())['model'], None


def made_unigram(chance):
    letters = chance.choice(['ab', 'abc', 'aé', 'a😀é', 'ab ', 'a'])
    tokens = ['<unk>'] + [letter for letter in letters if chance.random() < 0.8]
    for _ in range(chance.choice([5, 20, 60, 200])):
        tokens.append(''.join(chance.choice(letters) for _ in range(chance.randrange(1, 7))))
    if chance.random() < 0.4:
        tokens += chance.sample(BYTE_TOKENS, 250) if chance.random() < 0.5 else BYTE_TOKENS
    if chance.random() < 0.3:
        tokens += ['', 'xx', '<unk>', letters[0] + 'x']
    scores = chance.choice([[-1], [-1, -2, -3], [-0.1, -0.2, -0.3, -0.4, -0.5, -0.6, -0.7], [0, 1, -1, 0.5], None])
    vocabulary = [[token, chance.choice(scores) if scores else -10 * chance.random()] for token in tokens]
    model = {'type': 'Unigram', 'unk_id': 0, 'vocab': vocabulary, 'byte_fallback': False}
    return model, letters + letters + chance.choice(['', 'x', 'xü', '😀z'])


def edit_unigram(chance, model, lines):
    model['byte_fallback'] = chance.random() < 0.5
    vocabulary = model['vocab']
    edit = chance.random()
    for entry in vocabulary:
        if edit < 0.2:
            entry[1] = round(entry[1])
        elif edit < 0.4:
            entry[1] = round(entry[1], 1)
        elif edit < 0.5:
            entry[1] = float(numpy.float32(entry[1]))
        elif edit < 0.6:
            entry[1] = -len(entry[0]) * 1.1
        elif edit < 0.65:
            entry[1] = -len(entry[0].encode())
        elif edit < 0.7:
            entry[1] = entry[1] * 1e-7
        elif edit < 0.75:
            entry[1] = entry[1] * 1e40
    if chance.random() < 0.3:
        model['vocab'] = vocabulary = [vocabulary[0]] + [entry for entry in vocabulary[1:] if chance.random() < 0.8]
    if chance.random() < 0.2:
        vocabulary += [[token, score - chance.choice([0, 1, -1])] for token, score in chance.choices(vocabulary, k=20)]
    if chance.random() < 0.2:
        vocabulary += [[line[:30], -3.25] for line in chance.sample(lines, min(20, len(lines)))]
    if chance.random() < 0.3:
        chance.shuffle(vocabulary)
    model['unk_id'] = chance.choice([0, 0, chance.randrange(len(vocabulary))])
    if chance.random() < 0.05:
        model['unk_id'] = None
    return model


KINDS = {'bpe': (trained_bpe, made_bpe, edit_bpe), 'unigram': (trained_unigram, made_unigram, edit_unigram)}


# ---- comparison ----

def original(model):
    return Tokenizer.from_str(json.dumps({
        'version': '1.0', 'truncation': None, 'padding': None, 'added_tokens': [], 'normalizer': None, 'pre_tokenizer': None,
        'post_processor': None, 'decoder': None, 'model': model}, ensure_ascii=False))


def encode_by_original(tokenizer, lines):
    """An encoding for each line, or None where the original gives up."""
    try:
        return tokenizer.encode_batch(lines, add_special_tokens=False)
    except BaseException as error:
        if isinstance(error, KeyboardInterrupt):
            raise
    encodings = []
    for line in lines:
        try:
            encodings.append(tokenizer.encode(line, add_special_tokens=False))
        except BaseException as error:
            if isinstance(error, KeyboardInterrupt):
                raise
            encodings.append(None)
    return encodings


def encode_by_program(program, kind, path, pieces):
    """Rows (number, start, end) for each piece, or the complaint."""
    framed = b''.join(struct.pack('<I', len(piece)) + piece for piece in pieces)
    run = subprocess.run([program, kind, path], input=framed, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    if run.returncode not in (0, 1):
        sys.exit(f'the program ended with {run.returncode}: {run.stderr.decode()[-3000:]}')
    if run.returncode:
        return None, run.stderr.decode()
    words = numpy.frombuffer(run.stdout, dtype='<u4')
    rows, at = [], 0
    for _ in pieces:
        count = int(words[at])
        rows.append(words[at + 1:at + 1 + 3 * count].reshape(count, 3))
        at += 1 + 3 * count
    assert at == len(words)
    return rows, ''


def places_in_characters(piece, rows):
    """Starts and ends in characters, as the original tells them: a place within a character widens to all of it."""
    starts, ends = rows[:, 1].astype(numpy.int64), rows[:, 2].astype(numpy.int64)
    character = numpy.cumsum((numpy.frombuffer(piece, dtype=numpy.uint8) & 0xC0) != 0x80) - 1
    last = len(piece) - 1
    return character[numpy.minimum(starts, last)], character[numpy.maximum(ends - 1, 0)] + 1


def is_same(piece, encoding, rows, may_leave):
    """`may_leave`: in the original, places can lie behind the end of the piece; here they end there."""
    if encoding.ids != rows[:, 0].tolist():
        return False
    if not len(rows):
        return True
    starts, ends = places_in_characters(piece, rows)
    expected = encoding.offsets
    for i, got in enumerate(zip(starts.tolist(), ends.tolist())):
        if got != expected[i] and not (may_leave and rows[i][2] == len(piece)):
            return False
    return True


def compare(options, kind, seed, texts):
    """Lines compared with one model; None when a difference was shown."""
    chance = random.Random(seed)
    trained, made, edit = KINDS[kind]
    model, alphabet = made(chance) if chance.random() < options.made else trained(chance, texts)
    count = LINES_PER_MODEL
    lines = lines_for(chance, texts, alphabet, count)
    model = edit(chance, model, lines)
    pieces = [line.encode() for line in lines]
    with tempfile.NamedTemporaryFile('w', suffix='.json', encoding='utf-8') as file:
        json.dump(model, file, ensure_ascii=chance.random() < 0.5)
        file.flush()
        rows, complaint = encode_by_program(options.program, kind, file.name, pieces)
    try:
        tokenizer = original(model)
    except BaseException as error:
        if isinstance(error, KeyboardInterrupt):
            raise
        if rows is None:
            return 0
        print(f'{kind}, seed {seed}: the original refuses the model: {error}')
        return None
    if rows is None:
        print(f'{kind}, seed {seed}: refused: {complaint}')
        return None
    encodings = encode_by_original(tokenizer, lines)
    may_leave = kind == 'bpe' and model['byte_fallback'] and bool(model['continuing_subword_prefix'] or model['end_of_word_suffix'])
    compared = 0
    for line, piece, encoding, row in zip(lines, pieces, encodings, rows):
        if encoding is None:
            continue
        compared += 1
        if not is_same(piece, encoding, row, may_leave):
            starts, ends = places_in_characters(piece, row)
            print(f'{kind}, seed {seed}: {line[:200]!r}')
            print('  original', list(zip(encoding.ids, encoding.offsets))[:60])
            print('  here    ', list(zip(row[:, 0].tolist(), zip(starts.tolist(), ends.tolist())))[:60])
            print('  settings', {key: value for key, value in model.items() if key not in ('vocab', 'merges')})
            return None
    return compared


def main():
    parser = argparse.ArgumentParser(description=__doc__.split('\n')[0])
    parser.add_argument('--program', required=True)
    parser.add_argument('--texts', required=True)
    parser.add_argument('--kind', choices=sorted(KINDS), action='append')
    parser.add_argument('--lines', type=int, default=20000, help='for each kind')
    parser.add_argument('--seed', type=int, default=1)
    parser.add_argument('--made', type=float, default=0.5, help='share of models of few letters')
    options = parser.parse_args()
    texts = lines_below(options.texts, 1)
    for kind in options.kind or sorted(KINDS):
        compared, count, seed = 0, 0, options.seed
        while compared < options.lines:
            added = compare(options, kind, seed, texts)
            if added is None:
                sys.exit(1)
            compared += added
            count += 1
            seed += 1
        print(f'{kind}: {compared} lines with {count} models from seed {options.seed} on, no difference', flush=True)


main()
