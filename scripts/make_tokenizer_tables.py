#!/usr/bin/env python3
"""Writes src/text/token_tables.c, what Hugging Face's `tokenizers` thinks of each character, by asking it about all of them.

    pip install tokenizers==0.23.3      # with libutf8proc, and a Python of Unicode 14 (3.11)
    scripts/make_tokenizer_tables.py > src/text/token_tables.c

libutf8proc is asked what it thinks too, and the result says where the two differ. The package is built of libraries with tables of several versions of Unicode, so no one version describes it. The result is
committed, so that a build needs neither the package nor this script. The names it writes are declared in src/text/token_tables.h.
"""
import bisect
import ctypes
import sys
import unicodedata

from tokenizers import AddedToken, Regex, Tokenizer, models, normalizers, pre_tokenizers

CHARACTERS = [character for character in range(0x110000) if not 0xD800 <= character <= 0xDFFF]
BLOCK = 256
utf8proc = ctypes.CDLL('libutf8proc.so.2')


def changes(normalizer):
    """{character: text} of the characters that the normalizer changes."""
    result = {}
    for character in CHARACTERS:
        text = chr(character)
        normal = normalizer.normalize_str(text)
        if normal != text:
            result[character] = normal
    return result


def parted(pre_tokenizer, before, behind):
    """{character: places} of the parts that `before` character `behind` falls into."""
    return {character: [place for _, place in pre_tokenizer.pre_tokenize_str(before + chr(character) + behind)]
            for character in CHARACTERS}


def decomposed(character, is_compatible):
    buffer = (ctypes.c_int32 * 64)()
    last = ctypes.c_int(0)
    count = utf8proc.utf8proc_decompose_char(character, buffer, 64, 16 | (4 if is_compatible else 0), ctypes.byref(last))
    return ''.join(map(chr, buffer[:count]))


def categories():
    """The general category of each character, as the package's regular expressions know it."""
    text = ''.join(map(chr, CHARACTERS))
    result = {}
    for name in ('Lu Ll Lt Lm Lo Mn Mc Me Nd Nl No Pc Pd Ps Pe Pi Pf Po Sm Sc Sk So Zs Zl Zp Cc Cf Cn Co').split():
        split = pre_tokenizers.Split(Regex(rf'\p{{{name}}}'), 'removed', invert=True)
        for _, (start, end) in split.pre_tokenize_str(text):
            for character in CHARACTERS[start:end]:
                result[character] = name
    return result


def stand_ins(known):
    """{character: another} for those that are newer than Unicode 14, which any PCRE2 knows: the nearest old one of the same category
    and size in UTF-8, so that it stands in the same ranges."""
    old = {('Cn', 3): [0xFFFE], ('Cn', 4): [0x1FFFE]}
    for character in CHARACTERS:
        if known[character] != 'Cn' and unicodedata.category(chr(character)) == known[character]:
            old.setdefault((known[character], len(chr(character).encode())), []).append(character)
    result = {}
    for character in CHARACTERS:
        size = len(chr(character).encode())
        if size > 2 and known[character] != unicodedata.category(chr(character)):
            others = old[known[character], size]
            place = bisect.bisect(others, character)
            result[character] = min(others[max(place - 1, 0):place + 1], key=lambda other: abs(other - character))
    return result


def write_stand_ins(others):
    ranges = []
    for character in sorted(others):
        if ranges and ranges[-1][1] == character - 1 and ranges[-1][2] == others[character]:
            ranges[-1][1] = character
        else:
            ranges.append([character, character, others[character]])
    print('\nconst struct token_stand_in token_stand_ins[] = {')
    for first, last, other in ranges:
        print(f'    {{0x{first:X}, 0x{last:X}, 0x{other:X}}},')
    print(f'}};\nconst size_t token_stand_in_count = {len(ranges)};')


class Property(ctypes.Structure):
    _fields_ = [('category', ctypes.c_int16), ('combining_class', ctypes.c_int16)]


utf8proc.utf8proc_get_property.restype = ctypes.POINTER(Property)


def combining_classes():
    """utf8proc's, except of those that the package does not put in order."""
    nfd = normalizers.NFD().normalize_str
    result = {}
    for character in CHARACTERS:
        text = chr(character)
        value = utf8proc.utf8proc_get_property(character).contents.combining_class
        low = nfd('a\u0301' + text)
        high = nfd('a' + text + '\u0316')
        is_moved = (value != 0) and (low == nfd('a' + text) + '\u0301' if value < 230 else high == 'a\u0316' + nfd(text))
        if not is_moved:
            full = nfd(text)
            assert low == 'a\u0301' + full or len(full) > 1 or value, hex(character)
            value = 0
        result[character] = value
    return result


def check_compositions(canonical):
    """Each pair that utf8proc composes, the package composes too, but for those that it does not take apart either."""
    nfc = normalizers.NFC().normalize_str
    for character in CHARACTERS:
        pair = decomposed(character, False)
        if len(pair) == 2 and character in canonical and not 0xAC00 <= character <= 0xD7A3:
            buffer = ctypes.c_char_p()
            both = [utf8proc.utf8proc_map(text.encode(), 0, ctypes.byref(buffer), 1 << 3 | 1 << 1 | 1) >= 0 and
                    buffer.value.decode() for text in [pair]]
            assert both[0] == nfc(pair), hex(character)


def scripts():
    """A number for each script, 0 for those characters that go with all."""
    split = pre_tokenizers.UnicodeScripts().pre_tokenize_str
    is_one = lambda first, second: len(split(first + second)) == 1
    members = []
    result = {}
    last = 0
    for character in CHARACTERS:
        text = chr(character)
        if is_one('a', text) and is_one('\u0431', text):
            result[character] = 0
            continue
        if last and is_one(members[last - 1], text):
            result[character] = last
            continue
        for number, member in enumerate(members, 1):
            if is_one(member, text):
                break
        else:
            members.append(text)
            number = len(members)
        result[character] = last = number
    assert len(members) < 256
    return result


def kinds():
    canonical, compatible = changes(normalizers.NFD()), changes(normalizers.NFKD())
    lower = changes(normalizers.Lowercase())
    cleaned = changes(normalizers.BertNormalizer(True, False, False, False))
    bert_accents = changes(normalizers.BertNormalizer(False, False, True, False))
    marks = changes(normalizers.StripAccents())
    spaces = parted(pre_tokenizers.WhitespaceSplit(), 'a', 'b')
    words = parted(pre_tokenizers.Whitespace(), 'a', 'b')
    punctuation = parted(pre_tokenizers.BertPreTokenizer(), 'a', 'b')
    numbers = parted(pre_tokenizers.Digits(individual_digits=True), 'a', 'b')
    gpt = parted(pre_tokenizers.ByteLevel(add_prefix_space=False), 'a', '1')
    classes = combining_classes()
    check_compositions(canonical)
    tokenizer = Tokenizer(models.WordLevel({'?': 0}, '?'))
    tokenizer.add_tokens([AddedToken('QQ', single_word=True, normalized=False)])
    newer = stand_ins(categories())
    for character in CHARACTERS:
        is_space = len(spaces[character]) == 2 and spaces[character][1][0] == 2
        is_word = len(words[character]) == 1
        assert is_word == (len(tokenizer.encode(chr(character) + 'QQ').ids) == 1), hex(character)
        flags = []
        if is_space:
            flags.append('TOKEN_SPACE')
        assert cleaned.get(character, ' ') in ('', ' ') and (is_space or cleaned.get(character, '') == ''), hex(character)
        if cleaned.get(character) == '':
            flags.append('TOKEN_CONTROL')
        if len(punctuation[character]) == 3:
            flags.append('TOKEN_PUNCTUATION')
        if bert_accents.get(character) == '':
            flags.append('TOKEN_ACCENT')
        if character in marks:
            flags.append('TOKEN_MARK')
        if len(numbers[character]) == 3:
            flags.append('TOKEN_NUMERIC')
        if is_word:
            flags.append('TOKEN_WORD')
        if gpt[character] == [(0, 2), (2, 3)]:
            flags.append('TOKEN_LETTER')
        if gpt[character] == [(0, 1), (1, 3)] and character != 32:
            flags.append('TOKEN_NUMBER')
        if character in lower:
            flags.append('TOKEN_LOWERED')
            if lower[character] != chr(utf8proc.utf8proc_tolower(character)):
                flags.append('TOKEN_LOWERED_APART')
        if character in canonical:
            assert canonical[character] == decomposed(character, False)
            flags.append('TOKEN_CANONICAL')
        if character in compatible:
            assert compatible[character] == decomposed(character, True)
            flags.append('TOKEN_COMPATIBLE')
        if character in newer:
            flags.append('TOKEN_NEWER')
        yield f'{{{" | ".join(flags) or 0}, {classes[character]}}}'


def packed(values, first):
    """(distinct values, blocks, places); the value `first` is number 0."""
    distinct, blocks, order = {first: 0}, {}, []
    places = [0] * 0x110000
    for character, value in values.items():
        places[character] = distinct.setdefault(value, len(distinct))
    for start in range(0, 0x110000, BLOCK):
        block = tuple(places[start:start + BLOCK])
        order.append(blocks.setdefault(block, len(blocks)))
    return list(distinct), list(blocks), order


def write_numbers(head, numbers):
    print(head + ' {')
    line = '   '
    for number in numbers:
        if len(line) + len(str(number)) + 2 > 126:
            print(line)
            line = '   '
        line += f' {number},'
    print(line)
    print('};')


def write_table(name, values, first):
    distinct, blocks, order = packed(values, first)
    small = 'uint8_t' if len(distinct) <= 256 else 'uint16_t'
    print()
    write_numbers(f'const uint16_t {name}_blocks[] =', order)
    print(f'const {small} {name}_places[][256] = {{')
    for block in blocks:
        line = '    {'
        for number in block:
            if len(line) + len(str(number)) + 1 > 126:
                print(line)
                line = '    '
            line += f'{number},'
        print(line + '},')
    print('};')
    return distinct


def main():
    character_kinds = dict(zip(CHARACTERS, kinds()))
    print('/* token_tables.c - what the tokenizers know of each character.\n *\n * Written by scripts/make_tokenizer_tables.py; change that instead. */')
    print('#include "token_tables.h"\n\n/* clang-format off */')
    distinct = write_table('token', character_kinds, '{0, 0}')
    print('\nconst struct token_kind token_kinds[] = {')
    for kind in distinct:
        print(f'    {kind},')
    print('};')
    write_table('token_script', scripts(), 0)
    print('\nconst struct token_lowered token_lowered[] = {')
    count = 0
    for character, text in changes(normalizers.Lowercase()).items():
        if text != chr(utf8proc.utf8proc_tolower(character)):
            parts = [ord(part) for part in text] + [0]
            print(f'    {{0x{character:X}, {{0x{parts[0]:X}, 0x{parts[1]:X}}}}},')
            count += 1
    print(f'}};\nconst size_t token_lowered_count = {count};')
    write_stand_ins(stand_ins(categories()))
    print('/* clang-format on */')
    print(f'{len(distinct)} kinds', file=sys.stderr)


if __name__ == '__main__':
    main()
