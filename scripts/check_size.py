#!/usr/bin/env python3
"""Checks that no function has more than 70 lines (from its first line to its closing brace) and no file more than 1,000.
There is no list of exceptions; a table that a program wrote, and whose head says so, is no code."""
import re

from source_tree import all_files, c_files, code_only, is_generated, problem, read, report

FUNCTION_LINES_MAX = 70
FILE_LINES_MAX = 1000
NAME = re.compile(r'(\w+)\s*\(')
NOT_FUNCTION = re.compile(r'^\s*(typedef\b|struct\s+\w+\s*$|union\b|enum\b|#)')


def functions(text):
    """Yields (name, first line, last line) of the functions: what stands before a brace in the first column, or a line in the
    first column that ends with one, and holds parentheses."""
    lines = code_only(text).split('\n')
    start = head = None
    for number, line in enumerate(lines, 1):
        if head is not None:
            if line.startswith('}'):
                name = NAME.search(head)
                if name and '=' not in head.split('(')[0] and not NOT_FUNCTION.match(head):
                    yield name.group(1), start, number
                start = head = None
            continue
        if line.startswith('#') or not line.strip():
            start = None
            continue
        if start is None:
            start = number
        if line.startswith('{') or (line[0] not in ' \t' and line.rstrip().endswith('{')):
            head = '\n'.join(lines[start - 1:number])
        elif line.rstrip().endswith((';', '}')):
            start = None


def check(root):
    problems = []
    for name in c_files(root):
        for function, first, last in functions(read(root, name)):
            if last - first + 1 > FUNCTION_LINES_MAX:
                problems.append(problem(name, first, f'function {function} has {last - first + 1} lines, the limit is '
                                        f'{FUNCTION_LINES_MAX}', 'move a step with a name of its own into a function'))
    for name in all_files(root):
        if name.endswith(('.c', '.h', '.py')):
            text = read(root, name)
            count = text.count('\n')
            if count > FILE_LINES_MAX and not is_generated(text):
                problems.append(problem(name, FILE_LINES_MAX + 1, f'file has {count} lines, the limit is {FILE_LINES_MAX}',
                                        'split it by noun or by verb'))
    return problems


if __name__ == '__main__':
    report(check)
