#!/usr/bin/env python3
"""Whether functions are found in Python and C files, and each lies in one piece.

    meson setup build && ninja -C build
    bench/code_quality.py --build build FOLDER...

Python's own parser says where functions and classes are (those within functions belong to their function); for C, a line in the first column
that opens a body in the style of this project. Right is a block of code that begins with the function (its decorators and the comment above it
included) and goes to its last line. Also checks that no line of code is left out."""
import argparse
import ast
import json
import re
import subprocess
import sys
from pathlib import Path


def outer_functions(tree):
    """(first line, last line) of functions that stand in no function."""
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            yield min([node.lineno] + [d.lineno for d in node.decorator_list]), node.end_lineno, node.name
        else:
            yield from outer_functions(node)


def c_functions(text):
    lines = text.split('\n')
    for number, line in enumerate(lines, 1):
        if line == '{' and lines[number - 2].rstrip().endswith(')'):
            first = number - 1
            while not re.match(r'\w', lines[first - 1]):
                first -= 1
            end = next((n for n in range(number, len(lines) + 1) if lines[n - 1] == '}'), None)
            name = re.search(r'(\w+)\(', lines[first - 1])
            if end and name:
                yield first, end, name.group(1)


def read(build, paths):
    feed = b''
    for path in paths:
        data = path.read_bytes()
        feed += b'code %s %d\n' % (path.name.replace(' ', '_').encode(), len(data)) + data
    answer = subprocess.run([Path(build) / 'tests/readers/print_reader'], input=feed, stdout=subprocess.PIPE, check=True)
    return [json.loads(line)['blocks'] for line in answer.stdout.split(b'\n') if line]


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument('--build', default='build')
    parser.add_argument('--wrong', action='store_true')
    parser.add_argument('folders', nargs='+')
    options = parser.parse_args()
    paths = []
    for folder in options.folders:
        for path in sorted(Path(folder).rglob('*')):
            if path.suffix in ('.py', '.c') and path.is_file() and path.stat().st_size > 0:
                paths.append(path)
    counts = {'.py': [0, 0, 0], '.c': [0, 0, 0]}
    lost = 0
    for path, blocks in zip(paths, read(options.build, paths), strict=True):
        data = path.read_bytes()
        try:
            text = data.decode()
            functions = list(outer_functions(ast.parse(data)) if path.suffix == '.py' else c_functions(text))
        except (SyntaxError, UnicodeDecodeError, ValueError):
            continue
        if '\r' in text or '\f' in text:
            continue
        starts = [0]
        for line in data.split(b'\n'):
            starts.append(starts[-1] + len(line) + 1)
        code = [(start, end) for kind, _, _, start, end in blocks if kind == 3]
        covered = bytearray(len(data))
        for start, end in code:
            covered[start:end] = b'\1' * (end - start)
        lost += sum(1 for byte, seen in zip(data, covered, strict=True) if not seen and byte > 32)
        for first, last, name in functions:
            start, end = starts[first - 1], starts[last] - 1
            whole = [block for block in code if block[0] <= start and end <= block[1]]
            begins = [block for block in whole
                      if all(not line.strip() or line.strip().startswith((b'#', b'//', b'/*', b'*', b'@'))
                             for line in data[block[0]:start].split(b'\n')) or data[block[0]:start].rstrip().endswith(b'*/')]
            counts[path.suffix][0] += 1
            counts[path.suffix][1] += bool(begins)
            counts[path.suffix][2] += bool(whole)
            if options.wrong and not begins:
                print(path, first, name, 'whole' if whole else 'cut')
    for suffix, (count, begin, whole) in counts.items():
        if count:
            print(f'{suffix}: {count} functions, {100 * begin / count:.2f} % begin a block, {100 * whole / count:.2f} % lie whole in one')
    print(f'{len(paths)} files, {lost} bytes of text in no block of code')
    sys.exit(any(count and begin < 0.99 * count for count, begin, _ in counts.values()) or lost > 0)


if __name__ == '__main__':
    main()
