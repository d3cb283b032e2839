"""How long `assay add` takes: 20,000 small Markdown files at first, again with nothing changed, and after a few changes; then
how long the first search takes. The files are made from a fixed seed; the counts are checked before a figure is printed."""
import argparse
import json
import os
import random
import shutil
import statistics
import subprocess
import tempfile
import time

FILES = 20_000
VOCABULARY = 30_000
REPEATS = 3


def make_documents(folder, seed):
    chance = random.Random(seed)
    words = [''.join(chance.choices('abcdefghijklmnoprstuvw', k=chance.randint(3, 10))) for _ in range(VOCABULARY)]
    weights = [1 / (rank + 10) for rank in range(VOCABULARY)]
    for number in range(FILES):
        place = os.path.join(folder, f'{number // 200:03d}')
        os.makedirs(place, exist_ok=True)
        paragraphs = [' '.join(chance.choices(words, weights, k=40)) + '.' for _ in range(4)]
        text = f'# Document {number}\n\n' + '\n\n'.join(paragraphs) + f'\n\n## Details\n\nunique{number} ' + \
            ' '.join(chance.choices(words, weights, k=30)) + '\n'
        with open(os.path.join(place, f'doc{number:05d}.md'), 'w', encoding='utf-8') as file:
            file.write(text)


def run(binary, folder, *words):
    start = time.perf_counter()
    done = subprocess.run([binary, '--project', folder, *words, '--json'], capture_output=True, text=True, check=False)
    took = (time.perf_counter() - start) * 1000
    if done.returncode != 0:
        raise SystemExit(f'{words}: {done.stdout}{done.stderr}')
    return took, json.loads(done.stdout)


def expect(what, got, wanted):
    if got != wanted:
        raise SystemExit(f'{what}: {got}, expected {wanted}')


def counts(answer):
    return {key: answer[key] for key in ('added', 'updated', 'unchanged', 'removed')} | {'failed': len(answer['failed'])}


def print_figure(name, values, unit):
    print(json.dumps({'name': name, 'median': round(statistics.median(values), 1), 'least': round(min(values), 1),
                      'most': round(max(values), 1), 'unit': unit, 'runs': len(values)}))


def measure(binary, folder):
    figures = {'first': [], 'unchanged': [], 'changed': [], 'search': []}
    docs = os.path.join(folder, 'docs')
    for repeat in range(REPEATS):
        shutil.rmtree(os.path.join(folder, '.assay'), ignore_errors=True)
        known = FILES - 5 * repeat
        took, answer = run(binary, folder, 'add')
        expect('first', counts(answer), {'added': known, 'updated': 0, 'unchanged': 0, 'removed': 0, 'failed': 0})
        figures['first'].append(took)
        time.sleep(2.5)  # past the clock's grain: from here on an unchanged file need not be read
        run(binary, folder, 'add')
        took, answer = run(binary, folder, 'add')
        expect('unchanged', counts(answer), {'added': 0, 'updated': 0, 'unchanged': known, 'removed': 0, 'failed': 0})
        figures['unchanged'].append(took)
        changed = [os.path.join(docs, f'{i:03d}', f'doc{i * 200 + 7 + repeat:05d}.md') for i in range(10)]
        gone = [os.path.join(docs, f'{i:03d}', f'doc{i * 200 + 100 + repeat:05d}.md') for i in range(50, 55)]
        for path in changed:
            with open(path, 'a', encoding='utf-8') as file:
                file.write(f'\nchangedword{repeat}\n')
        for path in gone:
            os.remove(path)
        took, answer = run(binary, folder, 'add')
        expect('changed', counts(answer), {'added': 0, 'updated': 10, 'unchanged': known - 15, 'removed': 5, 'failed': 0})
        figures['changed'].append(took)
        took, answer = run(binary, folder, 'search', f'changedword{repeat}', '-k', '100')
        expect('found', len(answer['results']), 10)
        figures['search'].append(took)
    return figures


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument('--binary', default='build/assay')
    binary = os.path.abspath(parser.parse_args().binary)
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run([binary, 'init', '-q', folder], check=True)
        make_documents(os.path.join(folder, 'docs'), seed=1)
        figures = measure(binary, folder)
    print_figure('add 20,000 files', figures['first'], 'ms')
    print_figure('add again, nothing changed', figures['unchanged'], 'ms')
    print_figure('add again, 10 changed and 5 removed', figures['changed'], 'ms')
    print_figure('search as a new process, 100,000 passages', figures['search'], 'ms')


if __name__ == '__main__':
    main()
