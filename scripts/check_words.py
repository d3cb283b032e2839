#!/usr/bin/env python3
"""Checks the files of the repository for what works on one machine only (its paths, the hosts of package registries) and C
files for tabs and for spaces at line ends."""
import os
import re

from source_tree import all_files, line_of, problem, report

RULES = [
    (re.compile(r'(?<![\w.~])/(?:work|root|Users|home/[a-z][\w-]*)/'), 'path of one machine',
     'use a path inside the project, ~ or $HOME'),
    (re.compile(r'\b(?:pypi|registry\.npmjs|proxy\.golang|static\.crates|index\.crates|(?:deb|security|ftp)\.debian|'
                r'(?:\w+\.)?archive\.ubuntu|ports\.ubuntu|files\.pythonhosted|conda\.anaconda|[\w-]+\.pkg)\.(?:org|com|io|dev)\b'),
     'host of a package registry', 'let the user\'s own configuration name it'),
]
C_RULES = [
    (re.compile(r'\t'), 'tab', 'indent with four spaces'),
    (re.compile(r'[ \t]+$', re.MULTILINE), 'space at the end of a line', 'delete it'),
]
DATA = ('tests/fuzz/corpus/', 'models/')


def check(root):
    problems = []
    for name in all_files(root):
        if name.startswith(DATA):
            continue
        with open(os.path.join(root, name), 'rb') as file:
            content = file.read()
        if b'\0' in content:
            continue
        text = content.decode('utf-8', errors='replace')
        for pattern, what, remedy in RULES + (C_RULES if name.endswith(('.c', '.h')) else []):
            for match in pattern.finditer(text):
                found = f'{what} "{match.group().strip()}"' if match.group().strip() else what
                problems.append(problem(name, line_of(text, match.start()), found, remedy))
    return problems


if __name__ == '__main__':
    report(check)
