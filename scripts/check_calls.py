#!/usr/bin/env python3
"""Checks that C code calls nothing that is unsafe or belongs to another place, leaves no note to do something later, and
that file names under src/ are unique."""
import os
import re

from source_tree import c_files, code_only, line_of, problem, read, report

# Never, anywhere.
BANNED = {
    'strcpy': 'use a slice or buffer_append_text', 'strcat': 'use buffer_append_text',
    'sprintf': 'use snprintf, buffer_format or arena_format', 'vsprintf': 'use vsnprintf or buffer_format',
    'gets': 'use file_read', 'strtok': 'use slice_next', 'atoi': 'use slice_to_u64', 'atol': 'use slice_to_u64',
    'atoll': 'use slice_to_u64', 'atof': 'use slice_to_double', 'strtol': 'use slice_to_u64',
    'sscanf': 'use bytes.h or slice_next', 'scanf': 'use bytes.h or slice_next',
    'system': 'start programs with posix_spawn and a list of arguments',
    'alloca': 'use an arena', 'tmpnam': 'use mkstemp', 'mktemp': 'use mkstemp',
}
# Not in src/ and include/; a test may.
BANNED_IN_PRODUCT = {
    'strtoll': 'use slice_to_u64', 'strtoul': 'use slice_to_u64', 'strtoull': 'use slice_to_u64',
    'strtok_r': 'use slice_next', 'fscanf': 'use file_read and slice_next',
    'popen': 'start programs with posix_spawn and a list of arguments',
}

# Only in these places of src/ (files, or rooms with a last slash). Tests and examples may do as they like.
CONFINED = [
    (('printf', 'fprintf', 'vprintf', 'vfprintf', 'puts', 'fputs', 'putchar', 'putc', 'fputc', 'perror', 'dprintf'),
     ('src/cli/',), 'return a struct error; the server has its log'),
    (('fork', 'vfork', 'clone', 'execv', 'execve', 'execvp', 'execveat', 'posix_spawn', 'posix_spawnp'), ('src/base/again.c', 'src/base/nursery.c', 'src/base/program.c', 'src/base/worker.c'),
     'use program_run or workers_start, which confine what they start'),
    (('exit', '_exit', 'quick_exit'), ('src/cli/', 'src/base/again.c', 'src/base/nursery.c', 'src/base/worker_process.c'), 'return a struct error; only the front doors end the program'),
    (('abort',), ('src/cli/', 'src/base/memory.c', 'src/base/arena.c'), 'return a struct error, or assert for our own mistakes'),
    (('pthread_cond_timedwait', 'pthread_mutex_timedlock', 'sem_timedwait'), ('src/base/thread.c',),
     'use condition_wait_until, which no setting of the machine\'s clock makes longer or shorter'),
    (('mmap', 'mmap64'), ('src/base/file.c',), 'use file_map_open'),
    (('open', 'openat', 'creat', 'fopen', 'freopen', 'write', 'pwrite', 'writev', 'fwrite', 'rename', 'renameat', 'unlink',
      'unlinkat', 'remove', 'rmdir', 'mkdir', 'link', 'symlink', 'truncate', 'ftruncate', 'fsync', 'fdatasync', 'sync_file_range'),
     ('src/base/',), 'use file.h, so that faults can be injected and writes survive'),
]
# The command line prints to standard output with these.
ALLOWED_IN = {'fwrite': ('src/cli/',), 'write': ('src/cli/',)}

NOTES = re.compile(r'\b(' + '|'.join(('TO' 'DO', 'FIX' 'ME', 'X' 'XX')) + r')\b')
CALL = re.compile(r'(?<![\w.])(?<!->)([A-Za-z_]\w*)\s*\(')


def is_below(name, places):
    return any(name == place or (place.endswith('/') and name.startswith(place)) for place in places)


def complaint(name, function):
    """Why the file may not call the function, as (what, remedy), or None."""
    if function in BANNED:
        return f'{function}() is banned', BANNED[function]
    if function in BANNED_IN_PRODUCT and name.startswith(('src/', 'include/')):
        return f'{function}() is banned', BANNED_IN_PRODUCT[function]
    if not name.startswith('src/') or is_below(name, ALLOWED_IN.get(function, ())):
        return None
    for functions, places, remedy in CONFINED:
        if function in functions and not is_below(name, places):
            return f'{function}() is only for {", ".join(places)}', remedy
    return None


def check(root):
    problems = []
    seen = {}
    for name in c_files(root):
        text = read(root, name)
        code = code_only(text)
        for match in CALL.finditer(code):
            found = complaint(name, match.group(1))
            if found:
                problems.append(problem(name, line_of(code, match.start()), *found))
        for match in NOTES.finditer(text):
            problems.append(problem(name, line_of(text, match.start()), f'{match.group()} left in the code',
                                    'do it, or describe the limit in words'))
        if name.startswith('src/'):
            other = seen.setdefault(os.path.basename(name), name)
            if other != name:
                problems.append(problem(name, 1, f'file name is taken by {other}', 'file names under src/ are unique; rename one'))
    return problems


if __name__ == '__main__':
    report(check)
