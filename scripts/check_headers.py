#!/usr/bin/env python3
"""Checks that every header under src/ and include/ compiles alone."""
import concurrent.futures
import os
import re
import subprocess

from source_tree import c_files, problem, report

COMMAND = ['gcc', '-std=c17', '-D_GNU_SOURCE', '-fsyntax-only', '-Wall', '-Wextra', '-Werror', '-Wno-unused',
           '-Isrc', '-Iinclude', '-x', 'c']


def complaint(root, name):
    run = subprocess.run(COMMAND + [name], cwd=root, stderr=subprocess.PIPE, text=True)
    if run.returncode == 0:
        return None
    first = re.search(r'^([^:\n]+):(\d+):.*?error: (.*)$', run.stderr, re.MULTILINE)
    line, why = (first.group(2), first.group(3)) if first and first.group(1) == name else (1, run.stderr.strip()[:300])
    return problem(name, line, f'does not compile alone ({why})', 'include what it uses')


def check(root):
    headers = [name for name in c_files(root, ('src', 'include')) if name.endswith('.h')]
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        return [found for found in pool.map(lambda name: complaint(root, name), headers) if found]


if __name__ == '__main__':
    report(check)
