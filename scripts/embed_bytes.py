#!/usr/bin/env python3
"""Writes a file as a constant of a C file.

    scripts/embed_bytes.py OUTPUT.c HEADER.h NAME INPUT

HEADER declares it: extern const struct slice NAME.
"""
import sys


def main() -> None:
    output, header, name, path = sys.argv[1:]
    with open(path, 'rb') as file:
        data = file.read()
    rows = [', '.join(str(byte if byte < 128 else byte - 256) for byte in data[i:i + 24]) for i in range(0, len(data), 24)]
    with open(output, 'w', encoding='utf-8') as file:
        file.write(f'/* Written by scripts/embed_bytes.py. */\n#include "{header}"\n'
                   f'static const char {name}_bytes[] = {{\n    ' + ',\n    '.join(rows) + '};\n'
                   f'const struct slice {name} = {{{name}_bytes, sizeof({name}_bytes)}};\n')


main()
