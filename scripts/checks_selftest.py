#!/usr/bin/env python3
"""Shows that each check can fail: writes small trees with one fault each and expects the complaint, and a clean tree and
expects none. Prints one line at the end."""
import os
import subprocess
import sys
import tempfile

import check_calls
import check_headers
import check_layers
import check_size
import check_symbols
import check_words
import count_tests

LAYERS = 'base:\ntext: base\nindex: base\napi: base text\n'
CLEAN = {
    'src/LAYERS': LAYERS,
    'src/base/base.h': '#include "limits.h"\n',
    'src/base/limits.h': '#define LIMIT 1\n',
    'src/base/file.c': '#include "limits.h"\nint f(void)\n{\n    return open("x", 0) + mmap(0) + fsync(1);\n}\n',
    'src/base/memory.c': 'void f(void)\n{\n    abort();\n}\n',
    'src/text/text.h': '#include "base/base.h"\n',
    'src/text/words.c': '#include "text.h"\n#include <string.h>\n'
                        '/* open("/x") and strcpy(a, b) in a comment */\nconst char *t = "printf(1)";\n'
                        'int g(struct door *door)\n{\n    return door->open(1) + door.write(2) + file_open(3) + snprintf(0);\n}\n',
    'src/api/api.c': '#include "text/text.h"\n#include <assay.h>\n',
    'include/assay.h': 'int assay_version(void);\n',
    'tests/unit/test_x.c': 'int main(void)\n{\n    printf("fine here");\n    exit(0);\n}\n',
}


def function_of(lines):
    """A function with this many lines, its first and last included."""
    return 'static int long_one(int a,\n                    int b)\n{\n' + '    a++;\n' * (lines - 5) + '    return a;\n}\n'


# check, what is written over the clean tree, and what the complaint holds (None: there must be none)
CASES = [
    (check_layers, {'src/text/words.c': '#include "index/index.h"\n'},
     'src/text/words.c:1: room "text" includes room "index": src/LAYERS allows it: base'),
    (check_layers, {'src/api/api.c': '\n#include "text/words.h"\n'}, 'src/api/api.c:2: "text/words.h" is private to room "text"'),
    (check_layers, {'src/text/words.c': '#include "text/text.h"\n'}, '"text/text.h" names its own room: write "text.h"'),
    (check_layers, {'src/text/words.c': '#include "buffer.h"\n'}, '"buffer.h" is not in src/text'),
    (check_layers, {'src/text/words.c': '#include "assay.h"\n'}, 'only api and cli may'),
    (check_layers, {'src/text/words.c': '#include <assay.h>\n'}, 'only api and cli may'),
    (check_layers, {'src/text/words.c': '#  include "../base/base.h"\n'}, 'room "text" includes room ".."'),
    (check_layers, {'src/new/new.c': ''}, 'room "new" is not in src/LAYERS'),
    (check_layers, {'src/LAYERS': 'text: base\nbase:\napi: base text\nindex: base\n'}, 'src/LAYERS:1: room "text" may include "base"'),
    (check_size, {'src/text/words.c': function_of(70)}, None),
    (check_size, {'src/text/words.c': function_of(71)}, 'src/text/words.c:1: function long_one has 71 lines, the limit is 70'),
    (check_size, {'src/text/words.c': '/* head */\n\nint same_line(void) {\n' + '    f();\n' * 70 + '}\n'},
     'src/text/words.c:3: function same_line has 72 lines'),
    (check_size, {'src/text/words.c': 'static const int table[] = {\n' + '    1,\n' * 80 + '};\n'}, None),
    (check_size, {'src/text/words.c': 'struct wide {\n' + '    int (*f)(int);\n' * 80 + '};\n'}, None),
    (check_size, {'src/text/words.c': '\n' * 1000}, None),
    (check_size, {'src/text/words.c': '\n' * 1001}, 'file has 1001 lines'),
    (check_calls, {'src/base/file.c': 'x = strcpy(a, b);\n'}, 'src/base/file.c:1: strcpy() is banned: use a slice'),
    (check_calls, {'tests/unit/test_x.c': '\nx = atoi (a);\n'}, 'tests/unit/test_x.c:2: atoi() is banned: use slice_to_u64'),
    (check_calls, {'src/text/words.c': 'x = strtol(a);\n'}, 'strtol() is banned'),
    (check_calls, {'src/text/words.c': 'x = system("ls");\n'}, 'system() is banned'),
    (check_calls, {'src/text/words.c': 'printf("x");\n'}, 'printf() is only for src/cli/, src/base/log.c'),
    (check_calls, {'src/base/error.c': 'abort();\n'}, 'abort() is only for'),
    (check_calls, {'src/text/words.c': 'exit(1);\n'}, 'exit() is only for src/cli/'),
    (check_calls, {'src/base/memory.c': 'mmap(0);\n'}, 'mmap() is only for src/base/file.c'),
    (check_calls, {'src/text/words.c': 'x = open("a");\n'}, 'open() is only for src/base/'),
    (check_calls, {'src/text/words.c': 'if (rename(a, b))\n'}, 'rename() is only for src/base/'),
    (check_calls, {'src/cli/main.c': 'fsync(1);\n'}, 'fsync() is only for src/base/'),
    (check_calls, {'src/text/words.c': '/* TO' 'DO: later */\n'}, 'left in the code'),
    (check_calls, {'tests/unit/test_x.c': '/* FIX' 'ME */\n'}, 'left in the code'),
    (check_calls, {'src/text/limits.h': ''}, 'src/text/limits.h:1: file name is taken by src/base/limits.h'),
    (check_headers, {'src/text/text.h': 'size_t text_size(void);\n'}, 'src/text/text.h:1: does not compile alone'),
    (check_headers, {'include/assay.h': '#include "absent.h"\n'}, 'include/assay.h:1: does not compile alone'),
    (check_words, {'src/text/words.c': 'int\ta;\n'}, 'src/text/words.c:1: tab'),
    (check_words, {'src/text/words.c': 'int a; \n'}, 'space at the end of a line'),
    (check_words, {'README.md': 'See /home' '/somebody/x.\n'}, 'README.md:1: path of one machine "/home' '/somebody/"'),
    (check_words, {'README.md': 'index-url = https://py' 'pi.org/simple\n'}, 'host of a package registry "py' 'pi.org"'),
    (check_words, {'README.md': 'a\tb, https://example.org/work/x\n'}, None),
]


# what a test program printed, whether it ended well, and the (passed, failed) counted
COUNTS = [
    ('[ RUN      ] a\n[       OK ] a\n[ RUN      ] b\n[       OK ] b\n[  PASSED  ] 2 test(s).\n', True, (2, 0)),
    ('[ RUN      ] a\n[  FAILED  ] a\n[ RUN      ] b\n[       OK ] b\n[  FAILED  ] tests: 1 test(s), listed below:\n'
     '[  FAILED  ] tests: a\n', False, (1, 1)),
    ('[ RUN      ] a\n[       OK ] a\n[ RUN      ] b\n', False, (1, 1)),  # crashed in b
    ('[ RUN      ] a\n[  SKIPPED ] a\n', True, (0, 0)),
    ('[ RUN      ] a\n[       OK ] a\n', False, (1, 1)),  # failed after the last case
    ('3 passed, 0 failed\n', True, (3, 0)),
    ('3 passed, 2 failed\n', False, (3, 2)),
    ('', True, (1, 0)),
    ('', False, (0, 1)),
]


def write_tree(root, files):
    for name, content in files.items():
        path = os.path.join(root, name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, 'w', encoding='utf-8') as file:
            file.write(content)


def run_case(check, files, expected):
    """What went wrong, or None."""
    with tempfile.TemporaryDirectory() as root:
        write_tree(root, {**CLEAN, **files})
        problems = check.check(root)
    if expected is None:
        return f'expected no complaint, got {problems}' if problems else None
    return None if any(expected in line for line in problems) else f'expected "{expected}", got {problems}'


def symbols_case(source, expected):
    with tempfile.TemporaryDirectory() as root:
        write_tree(root, {'build/x.c': source})
        subprocess.run(['gcc', '-shared', '-fPIC', '-o', 'build/libassay.so', 'build/x.c'], cwd=root, check=True)
        problems = check_symbols.check(root)
    if expected is None:
        return f'expected no complaint, got {problems}' if problems else None
    return None if any(expected in line for line in problems) else f'expected "{expected}", got {problems}'


def main():
    wrong = []
    cases = [(check, {}, None) for check in (check_layers, check_size, check_calls, check_headers, check_words)] + CASES
    for check, files, expected in cases:
        found = run_case(check, files, expected)
        if found:
            wrong.append(f'{check.__name__} with {list(files)}: {found}')
    symbols = [('int assay_open(void) { return 0; }', None), ('int assay_open(void) { return 0; } int leak;', 'exports "leak"'),
               ('static int none; int *const assay_x = &none;', None), ('', 'exports nothing')]
    for source, expected in symbols:
        found = symbols_case(source, expected)
        if found:
            wrong.append(f'check_symbols with {source}: {found}')
    for output, succeeded, expected in COUNTS:
        if count_tests.of_program(output, succeeded) != expected:
            wrong.append(f'count_tests with {output!r}: {count_tests.of_program(output, succeeded)}, expected {expected}')
    for line in wrong:
        print(line)
    count = len(cases) + len(symbols) + len(COUNTS)
    print(f'{count - len(wrong)} passed, {len(wrong)} failed')
    sys.exit(1 if wrong else 0)


main()
