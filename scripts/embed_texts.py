#!/usr/bin/env python3
"""Writes page.css and page.js as constants of a C file, each with its SHA-256 as content security policies write it.

    scripts/embed_texts.py OUTPUT.c page.css page.js

In the stylesheet, comments and the blanks that lines begin with are left out. Neither text may hold "</", which would end its element in the page, nor
anything but ASCII.
"""
import base64
import hashlib
import re
import sys

NAMES = {'page.css': 'page_style', 'page.js': 'page_script'}


def shorten(name: str, text: str) -> bytes:
    if name.endswith('.css'):
        text = re.sub(r'/\*.*?\*/', '', text, flags=re.DOTALL)
        text = '\n'.join(line.strip() for line in text.split('\n') if line.strip())
    data = (text.strip() + '\n').encode()
    if not data.isascii():
        sys.exit(f'{name} holds what is not ASCII: write it as an escape')
    if b'</' in data:
        sys.exit(f'{name} holds "</", which would end its element')
    return data


def digest(data: bytes) -> str:
    return base64.b64encode(hashlib.sha256(data).digest()).decode()


def rows(data: bytes) -> str:
    return ',\n    '.join(', '.join(str(byte) for byte in data[i:i + 24]) for i in range(0, len(data), 24))


def constant(name: str, text: str) -> str:
    data = shorten(name, text)
    return (f'static const char {NAMES[name]}_bytes[] = {{\n    {rows(data)}}};\n'
            f'const struct page_asset {NAMES[name]} = {{{{{NAMES[name]}_bytes, sizeof({NAMES[name]}_bytes)}}, "{digest(data)}"}};\n')


def main() -> None:
    output, *inputs = sys.argv[1:]
    parts = ['/* Written by scripts/embed_texts.py. */\n#include "report/page.h"\n']
    for path in inputs:
        with open(path, encoding='utf-8') as file:
            parts.append(constant(path.rsplit('/', 1)[-1], file.read()))
    with open(output, 'w', encoding='utf-8') as file:
        file.write('\n'.join(parts))


if __name__ == '__main__':
    main()
