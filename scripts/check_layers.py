#!/usr/bin/env python3
"""Checks that every room under src/ includes only what src/LAYERS allows it: its own files by plain name, and of an allowed
room only the public header, "room/room.h". <assay.h> and <assay_decide.h> are for api, shape, mcp, server and cli."""
import os
import re

from source_tree import all_files, c_files, line_of, problem, read, report

INCLUDE = re.compile(r'^[ \t]*#[ \t]*include[ \t]*(["<])([^">\n]+)[">]', re.MULTILINE)
LAYERS = 'src/LAYERS'
MAY_INCLUDE_ASSAY = ('api', 'shape', 'mcp', 'server', 'cli')


def read_layers(root, problems):
    allowed = {}
    for number, line in enumerate(read(root, LAYERS).splitlines(), 1):
        line = line.split('#')[0].strip()
        if not line:
            continue
        room, _, below = line.partition(':')
        for other in below.split():
            if other not in allowed:
                problems.append(problem(LAYERS, number, f'room "{room}" may include "{other}", which stands after it',
                                        'let a room include only rooms above its line'))
        allowed[room.strip()] = below.split()
    return allowed


def complaint(root, allowed, room, kind, target):
    """Why the file of `room` may not include `target`, as (what, remedy), or None."""
    if os.path.basename(target) in ('assay.h', 'assay_decide.h'):
        if room in MAY_INCLUDE_ASSAY:
            return None
        return f'room "{room}" includes the library\'s header {target}', 'only api, shape, mcp, server and cli may; use the rooms below'
    if kind == '<':
        return None
    folder, _, name = target.partition('/')
    if not name:
        if os.path.exists(os.path.join(root, 'src', room, target)):
            return None
        return f'"{target}" is not in src/{room}', 'include another room as "room/room.h", a system header as <name.h>'
    if folder == room:
        return f'"{target}" names its own room', f'write "{name}"'
    if folder not in allowed[room]:
        names = ' '.join(allowed[room]) or 'no room'
        return f'room "{room}" includes room "{folder}"', f'src/LAYERS allows it: {names}'
    if name != folder + '.h':
        return f'"{target}" is private to room "{folder}"', f'include "{folder}/{folder}.h"'
    return None


def check(root):
    problems = []
    allowed = read_layers(root, problems)
    for name in all_files(root):
        parts = name.split('/')
        if parts[0] == 'src' and len(parts) > 2 and parts[1] not in allowed:
            problems.append(problem(name, 1, f'room "{parts[1]}" is not in {LAYERS}', 'give it a line there'))
            allowed[parts[1]] = []
    for name in c_files(root, ('src',)):
        text = read(root, name)
        room = name.split('/')[1]
        for match in INCLUDE.finditer(text):
            found = complaint(root, allowed, room, *match.groups())
            if found:
                problems.append(problem(name, line_of(text, match.start(2)), *found))
    return problems


if __name__ == '__main__':
    report(check)
