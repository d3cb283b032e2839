#!/usr/bin/env python3
"""Checks that the shared library exports only names that start with assay_."""
import glob
import os
import subprocess

from source_tree import problem, report

PREFIX = 'assay_'


def check(root):
    libraries = glob.glob(os.path.join(root, 'build', '**', 'libassay.so'), recursive=True)
    if not libraries:
        print('check_symbols: skipped, libassay.so is not built\n0 passed, 0 failed')
        return []
    run = subprocess.run(['nm', '-D', '--defined-only', libraries[0]], check=True, stdout=subprocess.PIPE, text=True)
    names = [line.split()[-1].split('@')[0] for line in run.stdout.splitlines()]
    problems = [problem(os.path.relpath(libraries[0], root), 1, f'exports "{name}"',
                        f'make it static, leave it hidden, or start its name with {PREFIX}')
                for name in names if not name.startswith(PREFIX)]
    if not names:
        problems.append(problem(os.path.relpath(libraries[0], root), 1, 'exports nothing', 'mark the functions of assay.h visible'))
    return problems


if __name__ == '__main__':
    report(check)
