#!/usr/bin/env python3
"""Compares the tokenizers with Hugging Face's `tokenizers`, token by token: numbers, types, places, which were added.

    tests/tokens/compare.py --program build/tests/tokens/tokenize_lines [--tokenizer FILE] [--lines N] [--seed N] [--zoo]

Lines are made of real text in many languages (folder --data), of random characters of every block, emoji, control characters,
marks, broken UTF-8, long words and added tokens. The first difference is printed with its line, and the exit status is 1.
"""
import argparse
import gzip
import json
import os
import random
import struct
import subprocess
import sys
import tempfile

from tokenizers import Tokenizer

os.environ['TOKENIZERS_PARALLELISM'] = 'false'
BLOCKS = [(0x20, 0x7F), (0x80, 0x250), (0x250, 0x370), (0x370, 0x530), (0x530, 0x600), (0x600, 0x900), (0x900, 0xE00),
          (0xE00, 0xE80), (0xE80, 0x1100), (0x1100, 0x1200), (0x1200, 0x1780), (0x1780, 0x1E00), (0x1E00, 0x2000),
          (0x2000, 0x2070), (0x2070, 0x2C00), (0x2C00, 0x3000), (0x3000, 0x3100), (0x3100, 0x3400), (0x3400, 0x4DC0),
          (0x4E00, 0xA000), (0xA000, 0xAC00), (0xAC00, 0xD7A4), (0xD7A4, 0xD800), (0xE000, 0xE100), (0xF900, 0xFB00),
          (0xFB00, 0xFE00), (0xFE00, 0x10000), (0x10000, 0x11000), (0x11000, 0x13000), (0x16000, 0x17000), (0x1B000, 0x1D000),
          (0x1D000, 0x1F000), (0x1F000, 0x1FC00), (0x20000, 0x20100), (0x2F800, 0x2FA20), (0xE0000, 0xE0200), (0x10FF00, 0x110000)]
EMOJI = ['\U0001F468\u200D\U0001F469\u200D\U0001F467', '\U0001F44D\U0001F3FD', '\U0001F1E9\U0001F1EA', '\u2764\uFE0F',
         '\U0001F3F4\U000E0067\U000E0062\U000E007F', '1\uFE0F\u20E3', '\U0001F600']
MARKS = [0x300, 0x301, 0x308, 0x316, 0x323, 0x327, 0x345, 0x302E, 0x3099, 0x5B0, 0x64B, 0x93C, 0xE38, 0x1D165, 0x0F71, 0x0F72, 0x20DD]
CONTROLS = [0, 1, 9, 10, 11, 12, 13, 0x1B, 0x7F, 0x85, 0xA0, 0xAD, 0x200B, 0x200C, 0x200D, 0x200E, 0x2028, 0x2029, 0x2060, 0xFEFF, 0xFFFD]


def real_lines(folder, without=()):
    """Lines of the data sets there are."""
    lines = []
    for name in sorted(set(os.listdir(folder)) - set(without)) if folder and os.path.isdir(folder) else []:
        for path, _, files in os.walk(os.path.join(folder, name)):
            for file in sorted(files)[:12]:
                whole = os.path.join(path, file)
                if not file.endswith(('.json', '.json.gz', '.jsonl', '.jsonl.gz', '.txt', '.txt.gz', '.md', '.tsv', '.csv')):
                    continue
                with (gzip.open if file.endswith('.gz') else open)(whole, 'rb') as stream:
                    content = stream.read(400_000)
                text = content.decode('utf-8', 'replace')
                if '\\u' in text:
                    text = text.replace('\\n', '\n')
                for line in text.split('\n'):
                    for start in range(0, min(len(line), 20_000), 400):
                        if line[start:start + 400].strip():
                            lines.append(line[start:start + 400])
    return lines


def characters(random_, low, high):
    while True:
        character = random_.randrange(low, high)
        if not 0xD800 <= character <= 0xDFFF:
            return chr(character)


def made_line(random_, special):
    """One line of hard things, as bytes."""
    parts = []
    for _ in range(random_.choice((1, 2, 3, 5, 8))):
        kind = random_.randrange(14)
        low, high = random_.choice(BLOCKS)
        if kind < 3:
            parts.append(''.join(characters(random_, low, high) for _ in range(random_.randrange(1, 12))))
        elif kind == 3:
            parts.append(' '.join(characters(random_, low, high) * random_.randrange(1, 4) for _ in range(random_.randrange(1, 5))))
        elif kind == 4:
            parts.append(random_.choice(EMOJI))
        elif kind == 5:
            parts.append(chr(random_.choice(CONTROLS)) * random_.randrange(1, 3))
        elif kind == 6:
            parts.append(characters(random_, low, high) + ''.join(chr(random_.choice(MARKS)) for _ in range(random_.randrange(1, 5))))
        elif kind == 7:
            parts.append(random_.choice(special) if special else '[MASK]')
        elif kind == 8:
            parts.append(random_.choice((' ', '  ', '\t', '\n', '\r\n', '   ', ' \n ', '\n\n')))
        elif kind == 9:
            parts.append(random_.choice(("don't", "I'LL", "it's", '3.14', '1,000', 'a.b', '...', '!?', '##ing', '--', "'", '$5', '<0x0A>', 'Hello World')))
        elif kind == 10:
            parts.append(''.join(random_.choice('abcdefghijklmnopqrstuvwxyz') for _ in range(random_.choice((3, 7, 20, 99, 100, 101)))))
        elif kind == 11:
            parts.append(''.join(chr(random_.randrange(0x1100, 0x1200)) for _ in range(random_.randrange(1, 6))))
        elif kind == 12:
            parts.append(str(random_.randrange(10 ** random_.randrange(1, 9))))
        else:
            parts.append(''.join(chr(random_.randrange(0x20, 0x7F)) for _ in range(random_.randrange(1, 30))))
        if random_.randrange(3) == 0:
            parts.append(' ')
    line = ''.join(parts).encode('utf-8')
    if random_.randrange(12) == 0:
        broken = bytearray(line)
        for _ in range(random_.randrange(1, 4)):
            broken[random_.randrange(len(broken) + 1):0] = bytes([random_.randrange(256)])
            del broken[random_.randrange(len(broken))]
        line = bytes(broken)
    return line


def lines_of(random_, count, real, special):
    for _ in range(count):
        kind = random_.randrange(10)
        if real and kind < 5:
            line = random_.choice(real)
            if kind == 0:
                at = random_.randrange(len(line) + 1)
                line = line[:at] + (random_.choice(special) if special else '[MASK]') + line[at:]
            elif kind == 1:
                line = line.upper()
            elif kind == 2:
                line = line[:random_.randrange(1, 60)]
            yield line.encode('utf-8', 'replace')
        elif kind == 9 and real:
            yield made_line(random_, special) + random_.choice(real)[:80].encode('utf-8', 'replace')
        else:
            yield made_line(random_, special)


def character_places(line):
    """The text Python reads, and for each of its characters and the end where it begins in the bytes."""
    text = line.decode('utf-8', 'replace')
    try:
        line.decode('utf-8')
        starts, at = [], 0
        for character in text:
            starts.append(at)
            code = ord(character)
            at += 1 if code < 0x80 else 2 if code < 0x800 else 3 if code < 0x10000 else 4
        return text, starts + [at]
    except UnicodeDecodeError:
        pass
    starts, at = [], 0
    while at < len(line):
        starts.append(at)
        for size in (1, 2, 3, 4):
            try:
                line[at:at + size].decode('utf-8')
                break
            except UnicodeDecodeError as problem:
                if problem.reason != 'unexpected end of data' or at + size >= len(line):
                    size = problem.end - problem.start
                    break
        at += size
    assert len(starts) == len(text), (line, starts, text)
    return text, starts + [len(line)]


def theirs(encoding, places, pair_places):
    tokens = []
    for number, (start, end) in enumerate(encoding.offsets):
        part = encoding.sequence_ids[number]
        place = pair_places if part == 1 else places
        special = encoding.special_tokens_mask[number]
        offsets = (0, 0) if special else (place[start], place[end])
        tokens.append((encoding.ids[number],) + offsets + (encoding.type_ids[number], special))
    return tokens


def frame(line, pair, bare, tokens_max):
    kind = (1 if pair is not None else 0) | (2 if bare else 0)
    framed = struct.pack('<BII', kind, tokens_max, len(line)) + line
    return framed + (struct.pack('<I', len(pair)) + pair if pair is not None else b'')


def ours_of(program, path, framed, kind='json'):
    run = subprocess.run([program, path, kind], input=framed, stdout=subprocess.PIPE, check=True)
    return run.stdout


def compare_batch(program, path, tokenizer, cases, kind='json'):
    """None, or the first difference."""
    out = ours_of(program, path, b''.join(frame(*case) for case in cases), kind)
    at = 0
    for line, pair, bare, tokens_max in cases:
        count, = struct.unpack_from('<I', out, at)
        at += 4
        ours = [struct.unpack_from('<IIIBB', out, at + 14 * i) for i in range(count)]
        at += 14 * count
        text, places = character_places(line)
        pair_text, pair_places = character_places(pair) if pair is not None else (None, None)
        own = tokenizer.truncation
        if tokens_max:
            tokenizer.enable_truncation(**(own or {}) | {'max_length': tokens_max, 'stride': 0})
        most = tokenizer.truncation and tokenizer.truncation['max_length']
        try:
            expected = theirs(tokenizer.encode(text, pair_text, add_special_tokens=not bare), places, pair_places)
        except BaseException as problem:  # a panic is none of Exception
            # the part to be cut is missing or too short, or no longer than the stride: an error there, here the other is cut too
            if not own or not any(words in str(problem) for words in ('Truncation error', '`stride` must be')) or len(ours) > max(most, 4):
                raise
            expected = ours
        if tokens_max:
            tokenizer.enable_truncation(**own) if own else tokenizer.no_truncation()
        if ours != expected:
            return line, pair, bare, tokens_max, ours, expected
    return None


def compare_decoding(program, path, tokenizer, random_, count, ids_of):
    size = max(tokenizer.get_vocab(True).values()) + 1
    cases, framed = [], []
    for number in range(count):
        ids = ids_of[number % len(ids_of)] if ids_of and number % 2 else [random_.randrange(size + 3) for _ in range(random_.randrange(0, 30))]
        keep = random_.randrange(2)
        cases.append((ids, keep))
        framed.append(struct.pack('<BII', 8, keep, len(ids)) + struct.pack(f'<{len(ids)}I', *ids))
    out = ours_of(program, path, b''.join(framed))
    at = 0
    for ids, keep in cases:
        length, = struct.unpack_from('<I', out, at)
        ours = out[at + 4:at + 4 + length]
        at += 4 + length
        expected = tokenizer.decode(ids, skip_special_tokens=not keep).encode('utf-8')
        if ours != expected:
            return ids, keep, ours, expected
    return None


def show(name, seed, difference):
    line, pair, bare, tokens_max, ours, expected = difference
    print(f'{name}, seed {seed}: line {line!r} pair {pair!r} bare {bare} tokens_max {tokens_max}')
    for number in range(max(len(ours), len(expected))):
        left = ours[number] if number < len(ours) else None
        right = expected[number] if number < len(expected) else None
        print(f'  {"  " if left == right else "->"} ours {left}  theirs {right}')


def run(program, path, name, lines, seed, real, kind='json', decodes=True, tokenizer=None, truncates=False):
    """True when all are alike. `truncates`: as the file says; else truncation is asked for line by line alone."""
    tokenizer = tokenizer or Tokenizer.from_file(path)
    tokenizer.no_padding()
    if not truncates:
        tokenizer.no_truncation()
    if kind == 'json' and not truncates:
        document = json.load(open(path, encoding='utf-8'))
        if document.get('truncation'):
            document['truncation'] = None
            path = os.path.join(tempfile.mkdtemp(), 'tokenizer.json')
            json.dump(document, open(path, 'w', encoding='utf-8'))
    random_ = random.Random(seed)
    special = [token.content for token in tokenizer.get_added_tokens_decoder().values()]
    done = 0
    ids_of = []
    while done < lines:
        batch = min(20_000, lines - done)
        made = list(lines_of(random_, batch, real, special))
        cases = []
        for line in made:
            pair = random_.choice(made)[:300] if random_.randrange(8) == 0 else None
            if truncates and random_.randrange(2):
                pair = random_.choice(made)[:300]
            cases.append((line, pair, random_.randrange(8) == 0, random_.choice((5, 8, 17, 64)) if random_.randrange(8) == 0 else 0))
        difference = compare_batch(program, path, tokenizer, cases, kind)
        if difference:
            show(name, seed, difference)
            return False
        done += batch
        ids_of += [] if truncates else [tokenizer.encode(line.decode('utf-8', 'replace')).ids for line in made[:200]]
        print(f'{name}: {done} lines', flush=True) if lines > 100_000 else None
    if decodes:
        difference = compare_decoding(program, path, tokenizer, random_, max(200, lines // 20), ids_of)
        if difference:
            print(f'{name}, seed {seed}: decoding {difference[0]} keep {difference[1]}\n  ours   {difference[2]!r}\n  theirs {difference[3]!r}')
            return False
    print(f'{name}: {lines} lines are alike', flush=True)
    return True


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('--program', default='build/tests/tokens/tokenize_lines')
    parser.add_argument('--tokenizer')
    parser.add_argument('--zoo', help='only the small tokenizers whose name holds this ("" for all)')
    parser.add_argument('--data', help='a folder of data sets')
    parser.add_argument('--lines', type=int, default=100_000)
    parser.add_argument('--seed', type=int, default=1)
    parser.add_argument('--no-decode', action='store_true')
    options = parser.parse_args()
    real = real_lines(options.data)
    print(f'{len(real)} lines of real text')
    ok = True
    if options.tokenizer:
        ok = run(options.program, options.tokenizer, os.path.basename(os.path.dirname(options.tokenizer)), options.lines, options.seed,
                 real, decodes=not options.no_decode)
    if options.zoo is not None:
        import zoo
        with tempfile.TemporaryDirectory() as folder:
            for name, path in zoo.make(folder, options.zoo):
                ok = run(options.program, path, name, options.lines, options.seed, real, decodes=not options.no_decode) and ok
    sys.exit(0 if ok else 1)


if __name__ == '__main__':
    main()
