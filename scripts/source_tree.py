"""What the checks share: the files of the tree, C text without comments and strings, and how a complaint reads."""
import os
import re
import subprocess
import sys

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
C_FOLDERS = ('src', 'include', 'tests', 'examples', 'bench')


def all_files(root):
    """Every file that is, or would be, in the repository; a tree that is none (a self-test's) is walked."""
    if os.path.exists(os.path.join(root, '.git')):
        listed = subprocess.run(['git', '-C', root, '-c', 'safe.directory=*', 'ls-files', '-z', '-co', '--exclude-standard'], check=True,
                                stdout=subprocess.PIPE).stdout.decode()
        names = sorted(set(filter(None, listed.split('\0'))))
        return [name for name in names if os.path.isfile(os.path.join(root, name))]
    found = []
    for folder, _, names in os.walk(root):
        found += [os.path.relpath(os.path.join(folder, name), root) for name in names]
    return sorted(found)


def c_files(root, folders=C_FOLDERS):
    return [name for name in all_files(root) if name.endswith(('.c', '.h')) and name.split('/')[0] in folders]


def read(root, name):
    with open(os.path.join(root, name), encoding='utf-8', errors='replace') as file:
        return file.read()


TOKEN = re.compile(r'//[^\n]*|/\*.*?\*/|"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])*\'', re.DOTALL)


def code_only(text):
    """The text with comments and the insides of strings blanked; line breaks stay."""
    def blank(match):
        token = match.group()
        inner = re.sub(r'[^\n]', ' ', token)
        return token[0] + inner[1:-1] + token[-1] if token[0] in '"\'' else inner
    return TOKEN.sub(blank, text)


def line_of(text, offset):
    return text.count('\n', 0, offset) + 1


def problem(name, line, what, remedy):
    return f'{name}:{line}: {what}: {remedy}'


def report(check):
    """Runs check(root) on the tree, or on the folder given as argument, prints its complaints and exits."""
    root = os.path.abspath(sys.argv[1]) if len(sys.argv) > 1 else ROOT
    problems = check(root)
    for line in problems:
        print(line)
    sys.exit(1 if problems else 0)
