#!/usr/bin/env python3
"""How often an older encoding is found, beside charset-normalizer and chardet, on running text in many languages.

    python3 -m venv peers-data/venv && peers-data/venv/bin/pip install charset-normalizer chardet
    meson setup build && ninja -C build
    peers-data/venv/bin/python bench/encoding_quality.py --build build --texts FOLDER... [--xquad FOLDER]

The texts are manual pages and messages of Debian's packages (manpages-*, coreutils, apt, bash, gnupg-l10n ...; FOLDER is one in which
`dpkg -x` unpacked some) and XQuAD's paragraphs. Pieces of at least 200 bytes, of which at least 10 are beyond ASCII, are written in each encoding
that has all of their characters. Right is what gives the text back; a name that reads the same is as good."""
import argparse
import gettext
import gzip
import json
import re
import subprocess
import sys
from collections import defaultdict
from pathlib import Path

ENCODINGS = {
    'cp1250': 'pl cs sk sl hr hu ro sq', 'iso8859-2': 'pl cs sk sl hr hu ro', 'cp1251': 'ru uk bg be sr mk',
    'koi8-r': 'ru', 'koi8-u': 'uk ru', 'iso8859-5': 'ru bg be sr mk', 'cp1252': 'de fr es pt pt_BR it nl da nb sv fi ca gl is et',
    'latin-1': 'de fr es pt pt_BR it nl da nb sv fi ca gl is', 'iso8859-15': 'de fr es pt pt_BR it nl da nb sv fi ca et',
    'mac-roman': 'de fr es pt pt_BR it da sv', 'cp1253': 'el', 'iso8859-7': 'el', 'cp1254': 'tr', 'iso8859-9': 'tr',
    'cp1255': 'he', 'cp1256': 'ar fa', 'cp1257': 'lt lv et', 'cp932': 'ja', 'shift_jis': 'ja', 'euc_jp': 'ja',
    'iso2022_jp': 'ja', 'gbk': 'zh_CN zh', 'gb18030': 'zh_CN zh', 'gb2312': 'zh_CN zh', 'big5': 'zh_TW', 'euc_kr': 'ko', 'cp949': 'ko',
    'cp850': 'de fr es pt pt_BR it nl da nb sv fi ca gl is', 'cp852': 'pl cs sk sl hr hu ro sq', 'cp437': 'de fr es it',
    'cp866': 'ru be bg',
    'utf-8': '*', 'utf-16-le': '*', 'utf-16-be': '*', 'utf-32-le': 'de ru zh_CN ja',
}
# Same text whichever of two forms a table prefers.
FORMS = str.maketrans({'\u301c': '\uff5e', '\u2016': '\u2225', '\u2212': '\uff0d', '\u2014': '\u2015', '\u00a5': '\\',
                       '\u30fb': '\u00b7', '\u2022': '\u00b7', '\u203e': '~', '\u2027': '\u00b7'})


def roff(text):
    lines = []
    for line in text.split('\n'):
        if line.startswith(('.\\"', "'")):
            continue
        line = re.sub(r'^\.\w+\s*', '', line)
        line = re.sub(r'\\f[A-Z]|\\f\(..|\\-|\\&|\\\||\\s[-+]?\d|\\\(..|\\\[..\]', '', line)
        if line.strip():
            lines.append(line)
    return '\n'.join(lines)


def read_texts(folders, xquad):
    texts = defaultdict(list)
    for folder in folders:
        for path in sorted(Path(folder).glob('**/share/man/*/man*/*.gz')):
            text = gzip.open(path, 'rb').read().decode('utf-8', 'replace')
            if '\ufffd' not in text:
                texts[path.parent.parent.name].append(roff(text))
        for path in sorted(Path(folder).glob('**/share/locale/*/LC_MESSAGES/*.mo')):
            with open(path, 'rb') as file:
                try:
                    catalog = gettext.GNUTranslations(file)._catalog
                except (UnicodeDecodeError, OSError, IndexError, ValueError):
                    continue
            texts[path.parent.parent.name].append('\n'.join(v for k, v in catalog.items() if k and isinstance(v, str)))
    for path in sorted(Path(xquad).glob('xquad.*.json.gz')) if xquad else []:
        data = json.load(gzip.open(path, 'rt', encoding='utf-8'))
        texts[path.name.split('.')[1]].append('\n'.join(p['context'] for a in data['data'] for p in a['paragraphs']))
    return texts


def pieces(texts, per_language, size):
    """Evenly spread pieces of whole lines."""
    lines = [line for text in texts for line in text.split('\n')]
    out, piece = [], ''
    for line in lines:
        piece += line + '\n'
        if len(piece.encode()) >= size:
            if sum(byte >= 0x80 for byte in piece.encode()) >= 10:
                out.append(piece)
            piece = ''
    step = max(1, len(out) // per_language)
    return out[::step][:per_language]


def cases_of(texts, per_language, size):
    for language, parts in sorted(texts.items()):
        for piece in pieces(parts, per_language, size):
            for encoding, languages in ENCODINGS.items():
                if languages != '*' and language not in languages.split():
                    continue
                try:
                    data = piece.encode(encoding)
                except UnicodeEncodeError:
                    continue
                if encoding.startswith('utf') or encoding.startswith('iso2022') or sum(byte >= 0x80 for byte in data) >= 10:
                    yield language, encoding, piece, data


def ours(build, cases):
    feed = b''.join(b'encoding - %d\n' % len(data) + data for _, _, _, data in cases)
    answer = subprocess.run([Path(build) / 'tests/readers/print_reader'], input=feed, stdout=subprocess.PIPE, check=True)
    return [json.loads(line) for line in answer.stdout.split(b'\n') if line]


def decoded(data, name):
    try:
        return data.decode(name) if name else ''
    except (LookupError, UnicodeDecodeError):
        return ''


def same(a, b):
    return a.translate(FORMS).lstrip('\ufeff') == b.translate(FORMS).lstrip('\ufeff')


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument('--build', default='build')
    parser.add_argument('--texts', nargs='*', default=[])
    parser.add_argument('--xquad')
    parser.add_argument('--pieces', type=int, default=40)
    parser.add_argument('--size', type=int, default=200)
    parser.add_argument('--no-peers', action='store_true')
    parser.add_argument('--wrong', action='store_true', help='print what was not found')
    options = parser.parse_args()
    cases = list(cases_of(read_texts(options.texts, options.xquad), options.pieces, options.size))
    right = defaultdict(lambda: defaultdict(int))
    count = defaultdict(int)
    answers = ours(options.build, cases)
    peers = {}
    if not options.no_peers:
        import chardet
        from charset_normalizer import from_bytes
        peers = {'chardet': lambda data: decoded(data, chardet.detect(data)['encoding']),
                 'charset-normalizer': lambda data: str(from_bytes(data).best() or '')}
    languages = defaultdict(set)
    for (language, encoding, piece, data), answer in zip(cases, answers, strict=True):
        count[encoding] += 1
        languages[encoding].add(language)
        ok = same(answer.get('text', ''), piece)
        right[encoding]['assay'] += ok
        if options.wrong and not ok:
            print(language, encoding, answer['encoding'], repr(piece[:70]), repr(answer.get('text', '')[:70]))
        for name, read in peers.items():
            right[encoding][name] += same(read(data), piece)
    names = ['assay', *peers]
    print('encoding    pieces languages', *(f'{name:>19}' for name in names))
    for encoding in ENCODINGS:
        if count[encoding]:
            print(f'{encoding:11} {count[encoding]:6} {len(languages[encoding]):9}',
                  *(f'{100 * right[encoding][name] / count[encoding]:18.1f}%' for name in names))
    total = sum(count.values())
    print(f'{"all":11} {total:6} {len(set().union(*languages.values())):9}',
          *(f'{100 * sum(r[name] for r in right.values()) / total:18.1f}%' for name in names))
    sys.exit(sum(r['assay'] for r in right.values()) < 0.98 * total)


if __name__ == '__main__':
    main()
