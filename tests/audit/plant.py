#!/usr/bin/env python3
"""Plants flaws into a copy of some documents, runs `assay audit`, and measures what it finds of them.

    tests/audit/plant.py --binary build/assay [--corpus FOLDER]… [--generated] [--seed N] [--seeds N] [--unseen | --heldout] [--show] [--least]

Planted: exact duplicates of documents and of sections, near-duplicates with a tenth of their words edited, contradictions (the same fact in
two documents, in other words, with another number or date: half of them written for this, half made of sentences of the corpus), stale
statements, and decoys that only look like one. A finding is right when it names what was planted, and wrong otherwise; what the audit
finds in the documents before anything is planted is set aside (--show prints it, to be judged by eye).

Without --corpus: examples/support/docs. --generated: a project that is made up anew for each seed (generated.py). --seeds N: as many runs, from
--seed on, and their sums, which the bars of --least are then held against. With --least, exit code 1 when precision or recall is below the bars.
"""
import argparse
import json
import random
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import generated
import heldout
from phrasings import AGREEING, FACTS, FRESH, STALE

ROOT = Path(__file__).resolve().parents[2]
TODAY = '2026-11-26'
BARS = {'duplicate': (0.9, 0.9), 'near_duplicate': (0.9, 0.9), 'contradiction': (0.9, 0.8), 'stale': (0.9, 0.7), 'polarity': (0.9, 0.7)}
MONTHS = 'January February March April May June July August September October November December'.split()
FRAMES = ['Please note: {}', 'Reminder from the team. {}', 'In short: {}', 'What applies here? {}', 'For the record, {}', 'As everywhere: {}']
SYNONYMS = {'must': 'have to', 'need to': 'must', 'should': 'ought to', 'receive': 'get', 'request': 'ask for', 'within': 'in under',
            'usually': 'normally', 'also': 'as well', 'before': 'ahead of', 'can': 'may', 'will': 'is going to', 'every': 'each',
            'employee': 'staff member', 'customer': 'client', 'customers': 'clients', 'costs': 'is priced at', 'help': 'assist'}
VALUE = re.compile(r'(?<![\w.,$€£/-])([$€£]\s?\d[\d,]*(?:\.\d\d)?|\d[\d,]*(?: ?%| percent| (?:working |business |calendar )?'
                   r'(?:days?|weeks?|months?|years?|hours?|minutes?)))(?![\w/-])')

# It says nothing alone: in another place it would be of something else.
NOT_ALONE = re.compile(r'^(it|this|that|they|these|those)\b|\b(if|unless) (it|this|that|they|these|those|so|not)\b|\bin (the \w+|this|that|such) cases?\b', re.I)


def choose(items, unseen):
    """The half that rules were written with, or the other one."""
    return items[1 if unseen else 0::2]


# ---- texts ----

def section(heading, text):
    return f'\n\n## {heading}\n\n{text}\n'


def edit_words(text, dice, share=0.1):
    """One word of ten exchanged, left out or doubled by another."""
    words = re.split(r'(\s+)', text)
    places = [i for i in range(0, len(words), 2) if re.fullmatch(r'\w{2,}[.,;:]?', words[i])]
    pool = [words[i] for i in places if not re.search(r'\d', words[i])] or ['it']
    places = [i for i in places if not re.search(r'\d', words[i])]
    for i in dice.sample(places, min(len(places), max(1, round(share * (len(words) + 1) / 2)))):
        what = dice.random()
        words[i] = dice.choice(pool) if what < 0.6 else '' if what < 0.8 else words[i] + ' ' + dice.choice(pool)
    return ''.join(words)


def other_value(value, dice):
    """The value with another number."""
    number = re.search(r'\d[\d,]*', value).group()
    plain = int(number.replace(',', ''))
    changed = plain
    while changed == plain:
        changed = max(2, round(plain * dice.choice([0.4, 0.5, 1.5, 2, 3])) + dice.choice([0, 0, 1]))
    text = f'{changed:,}' if ',' in number else str(changed)
    return value.replace(number, text, 1)


def paraphrase(sentence, dice):
    for word, other in SYNONYMS.items():
        if dice.random() < 0.7:
            sentence = re.sub(rf'\b{word}\b', other, sentence, count=1)
    match = re.match(r'(If|When|After|Before|For|Once) ([^,.]{8,60}), (.+)\.$', sentence)
    if match:  # the other half first
        sentence = f'{match[3][0].upper()}{match[3][1:]}, {match[1].lower()} {match[2]}.'
    return dice.choice(FRAMES).format(sentence) if dice.random() < 0.7 else sentence


def past(dice):
    """A month, a year and a day that have passed for long, in several ways to write them."""
    year, month, day = dice.randint(2018, 2024), dice.randrange(12), dice.randint(1, 28)
    full = dice.choice([f'{day} {MONTHS[month]} {year}', f'{MONTHS[month]} {day}, {year}', f'{year}-{month + 1:02}-{day:02}',
                        f'{day}.{month + 1}.{year}' if day > 12 else f'{day} {MONTHS[month][:3]} {year}'])
    return {'m': dice.choice([f'{MONTHS[month]} {year}', f'{MONTHS[month]} {year}', f'Q{month // 3 + 1} {year}', f'spring {year}']),
            'y': str(year), 'd': full}


# ---- planting ----

class Planted:
    """A copy of the corpus with flaws, and where they are: kind → list of sets of documents with the words to be found there."""

    def __init__(self, source, folder, dice, unseen):
        self.folder, self.dice, self.unseen = folder, dice, unseen
        shutil.copytree(source, folder)
        self.files = sorted(path for path in folder.rglob('*.md') if path.stat().st_size > 600)
        self.truth = {kind: [] for kind in BARS}
        self.used = set()
        self.copies = {}  # a planted copy → its original

    def name(self, path):
        return 'docs/' + path.relative_to(self.folder).as_posix()

    def new_file(self, name, text):
        path = self.folder / 'planted' / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, encoding='utf-8')
        return path

    def take(self, least=1500):
        """A document that nothing was planted into yet."""
        free = [path for path in self.files if path not in self.used and path.stat().st_size >= least]
        path = self.dice.choice(free or [path for path in self.files if path not in self.used] or self.files)
        self.used.add(path)
        return path

    def append(self, path, text):
        """Adds a section and returns its lines."""
        before = path.read_text(encoding='utf-8').rstrip('\n') + '\n'
        first = before.count('\n') + 1
        after = before + text
        path.write_text(after, encoding='utf-8')
        return self.name(path), first, after.count('\n')

    def duplicates(self, count):
        for i in range(count):
            path = self.take()
            text = path.read_text(encoding='utf-8')
            copy = self.new_file(f'copy-{i}.md', re.sub(r'[ \t]+\n', '\n', text))
            self.truth['duplicate'].append({self.name(path), self.name(copy)})
        for i in range(count):
            path = self.take()
            text = path.read_text(encoding='utf-8')
            copy = self.new_file(f'edited-{i}.md', edit_words(text, self.dice))
            self.truth['near_duplicate'].append({self.name(path), self.name(copy)})
        for flaw in self.truth['duplicate'] + self.truth['near_duplicate']:
            copy, original = sorted(flaw, key=lambda name: not name.startswith('docs/planted/'))
            self.copies[copy] = original

    def fact(self, a, b, heading, texts):
        first = self.append(a, section(heading, texts[0]))
        second = self.append(b, section(self.dice.choice([heading, 'Good to know', 'Questions']), texts[1]))
        return first, second

    def written_contradictions(self, count):
        for heading, values, ways in self.dice.sample(choose(FACTS, self.unseen), count):
            first, second = self.dice.sample(ways, 2)
            one, other = self.dice.sample(values, 2)
            a, b = self.dice.sample(self.files, 2)
            self.truth['contradiction'].append(self.fact(a, b, heading, (first.format(one), second.format(other))))
        for heading, values, ways in self.dice.sample(choose(FACTS, not self.unseen), 6):  # the same value twice is none
            first, second = self.dice.sample(ways, 2)
            a, b = self.dice.sample(self.files, 2)
            self.fact(a, b, heading, (first.format(values[0]), second.format(values[0])))
        for first, second in choose(AGREEING, self.unseen):
            a, b = self.dice.sample(self.files, 2)
            self.fact(a, b, 'Notes', (first, second))

    def heldout(self):
        """Facts in two documents that differ in a value, rules that one gives and another takes; and what only sounds like either."""
        self.truth = {'contradiction': [], 'polarity': []}
        files = [file for file in self.files]
        for heading, values, ways in heldout.FACTS:
            first, second = self.dice.sample(ways, 2)
            one, other = self.dice.sample(values, 2)
            a, b = self.dice.sample(files, 2)
            self.truth['contradiction'].append(self.fact(a, b, heading, (first.format(one), second.format(other))))
        for heading, *texts in heldout.POLAR:
            self.dice.shuffle(texts)
            self.truth['polarity'].append(self.fact(*self.dice.sample(files, 2), heading, texts))
        for heading, values, ways in self.dice.sample(FACTS, 12):
            first, second = self.dice.sample(ways, 2)
            self.fact(*self.dice.sample(files, 2), heading, (first.format(values[0]), second.format(values[0])))
        for texts in heldout.ALLOWED + heldout.AGREEING:
            self.fact(*self.dice.sample(files, 2), 'Notes', texts)

    def sentences(self):
        for path in self.files:
            if path in self.used:
                continue
            text = path.read_text(encoding='utf-8')
            for number, line in enumerate(text.split('\n'), 1):
                for sentence in re.split(r'(?<=[.!?])\s+', re.sub(r'^[\s*#>\d.-]+', '', line)):
                    plain = re.sub(r'\[([^]]*)\]\([^)]*\)', r'\1', sentence).replace('*', '').replace('`', '')
                    values = VALUE.findall(plain)
                    if NOT_ALONE.search(plain):
                        continue
                    if len(values) == 1 and 8 <= len(plain.split()) <= 30 and plain[0].isupper() and plain.endswith('.'):
                        yield path, number, plain, values[0]

    def found_contradictions(self, count):
        candidates = list(self.sentences())
        self.dice.shuffle(candidates)
        taken = set()
        for path, number, sentence, value in candidates:
            if len(taken) == count:
                break
            if path in taken:
                continue
            taken.add(path)
            changed = paraphrase(sentence.replace(value, other_value(value, self.dice), 1), self.dice)
            other = self.dice.choice([file for file in self.files if file != path])
            place = self.append(other, section(self.dice.choice(['Summary', 'At a glance', 'Remember']), changed))
            self.truth['contradiction'].append(((self.name(path), number, number), place))
        return len(taken)

    def stale(self, count):
        pool = choose(STALE, self.unseen)
        for template in self.dice.sample(pool, count):  # each once: two dates of one thing would be a contradiction
            text = template.format(**past(self.dice))
            path = self.dice.choice(self.files)
            self.truth['stale'].append(self.append(path, section(self.dice.choice(['Status', 'Notes', 'Details']), text)))
        for text in choose(FRESH, self.unseen):
            text = text.format(past=self.dice.randint(1990, 2022), future=self.dice.randint(2028, 2035))
            self.append(self.dice.choice(self.files), section('Background', text))


# ---- measuring ----

def audit(binary, docs, work):
    project = work / 'project'
    if project.exists():
        shutil.rmtree(project)
    subprocess.run([binary, 'init', '--quiet', project], check=True)
    settings = project / 'assay.yaml'
    settings.write_text(settings.read_text().replace('embedding: builtin', 'embedding: none'))
    shutil.copytree(docs, project / 'docs')
    added = subprocess.run([binary, 'add', '--quiet', '--json'], cwd=project, stdout=subprocess.PIPE, check=False)
    assert json.loads(added.stdout)['added'] > 0, added.stdout
    run = subprocess.run([binary, 'audit', '--json', '--today', TODAY, '--limit', '100000'], cwd=project, stdout=subprocess.PIPE, check=True)
    return json.loads(run.stdout)


def key(finding):
    """What a finding says, whatever the lines: those below what was planted move."""
    return finding['kind'], tuple(sorted(finding['documents'])), tuple(sorted(place['text'] for place in finding['places']))


def covers(finding, place):
    document, first, last = place
    return any(at['document'] == document and at['line'] <= last and at['line_end'] >= first for at in finding['places'])


def is_right(kind, finding, flaw):
    if isinstance(flaw, set):
        return flaw <= set(finding['documents'])
    if kind in ('contradiction', 'polarity'):
        return covers(finding, flaw[0]) and covers(finding, flaw[1])
    return covers(finding, flaw)


def measure(planted, before, after):
    known = {key(finding) for finding in before['findings']}
    twins = ('duplicate', 'near_duplicate')  # what was one of them may be the other once something was planted
    known_documents = {(twins if finding['kind'] in twins else finding['kind'], frozenset(finding['documents']))
                       for finding in before['findings']}

    def is_known(finding):
        """It stood there before, or stands in a copy because it stood in the document."""
        originals = frozenset(planted.copies.get(name, name) for name in finding['documents'])
        if finding['kind'] in twins:
            return key(finding) in known or (twins, frozenset(finding['documents'])) in known_documents
        copied = finding['kind'] in ('contradiction', 'stale') and originals != set(finding['documents'])
        return key(finding) in known or (copied and (finding['kind'], originals) in known_documents)

    new = [finding for finding in after['findings'] if not is_known(finding)]
    # (the two sides of a contradiction may well be nearly the same)
    rows = {}
    for kind, flaws in planted.truth.items():
        kinds = {'contradiction'} if kind == 'polarity' else {kind} if kind not in ('duplicate', 'near_duplicate') else {'duplicate', 'near_duplicate'}
        found = [flaw for flaw in flaws if any(is_right(kind, finding, flaw) for finding in new if finding['kind'] in kinds)]
        told = [finding for finding in new if finding['kind'] == kind]
        wrong = [finding for finding in told if not any(is_right(other, finding, flaw) for other in planted.truth
                                                        if other == kind or {kind, other} == {'contradiction', 'polarity'} or kind in twins and other != 'stale'
                                                        for flaw in planted.truth[other])]
        rows[kind] = {'planted': len(flaws), 'found': len(found), 'told': len(told), 'wrong': wrong,
                      'missed': [flaw for flaw in flaws if flaw not in found]}
    return rows


def ratio(part, whole):
    return part / whole if whole else 1.0


def run_corpus(options, corpus, seed, work):
    """The rows of one run: kind → counts."""
    dice = random.Random(seed)
    if corpus is None:
        corpus = work / 'generated-docs'
        generated.make(corpus, dice)
    planted = Planted(corpus, work / 'planted-docs', dice, options.unseen)
    if options.heldout:
        planted.heldout()
    else:
        planted.duplicates(10)
        wanted = 20 - planted.found_contradictions(10)
        planted.written_contradictions(min(wanted, 10))
        planted.stale(20)
    before, after = audit(options.binary, corpus, work), audit(options.binary, work / 'planted-docs', work)
    print(f'{corpus.name}, seed {seed}: {after["documents"]} documents, {after["passages"]} passages, score {before["score"]} → {after["score"]}')
    rows = measure(planted, before, after)
    for kind, row in rows.items():
        print_row(kind, row['planted'], row['found'], row['told'], len(row['wrong']))
        if options.show:
            for finding in row['wrong']:
                print('    wrong:', json.dumps(finding, ensure_ascii=False)[:900])
            for flaw in row['missed']:
                print('    missed:', tell(planted, flaw))
    if options.show:
        for finding in before['findings']:
            if finding['kind'] in BARS:
                print('  before:', finding['kind'], finding['message'])
                for place in finding['places'][:4]:
                    print('      ', f'{place["document"]}:{place["line"]}-{place["line_end"]}', place['text'][:200].replace('\n', ' '))
    return rows


def print_row(kind, planted, found, told, wrong):
    precision, recall = ratio(told - wrong, told), ratio(found, planted)
    print(f'  {kind:15} planted {planted:3}  found {found:3}  told {told:3}  wrong {wrong:3}  precision {precision:.3f}  recall {recall:.3f}', flush=True)
    return precision >= BARS[kind][0] and recall >= BARS[kind][1]


def run_seeds(options, corpus):
    """All runs of one corpus; whether their sums reach the bars."""
    sums = {}
    for seed in range(options.seed, options.seed + options.seeds):
        with tempfile.TemporaryDirectory() as work:
            for kind, row in run_corpus(options, corpus, seed, Path(work)).items():
                counts = row['planted'], row['found'], row['told'], len(row['wrong'])
                sums[kind] = [a + b for a, b in zip(sums.get(kind, [0] * 4), counts)]
    if options.seeds > 1:
        print(f'{options.seeds} seeds together:')
    return all([print_row(kind, *counts) if options.seeds > 1 else
                ratio(counts[2] - counts[3], counts[2]) >= BARS[kind][0] and ratio(counts[1], counts[0]) >= BARS[kind][1]
                for kind, counts in sums.items() if counts[0] or counts[2]])


def tell(planted, flaw):
    if isinstance(flaw, set):
        return sorted(flaw)
    places = flaw if isinstance(flaw[0], tuple) else (flaw,)
    return [f'{name}:{first}: ' + ' '.join((planted.folder / name[5:]).read_text().split('\n')[first - 1:last]).strip()
            for name, first, last in places]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('--binary', type=Path, default=ROOT / 'build' / 'assay')
    parser.add_argument('--corpus', type=Path, action='append')
    parser.add_argument('--generated', action='store_true', help='plant into a project that is made up')
    parser.add_argument('--seed', type=int, default=1)
    parser.add_argument('--seeds', type=int, default=1, help='as many runs, from --seed on')
    parser.add_argument('--unseen', action='store_true', help='plant the wordings that were held back')
    parser.add_argument('--heldout', action='store_true', help='plant contradictions of heldout.py instead, which no rule was made with')
    parser.add_argument('--show', action='store_true', help='print what was wrong or missed, and what was found before planting')
    parser.add_argument('--least', action='store_true', help='exit code 1 below the bars')
    options = parser.parse_args()
    options.binary = options.binary.resolve()
    good = True
    corpora = options.corpus or ([] if options.generated else [ROOT / 'examples' / 'support' / 'docs'])
    for corpus in corpora + [None] * options.generated:
        good = run_seeds(options, corpus) and good
    return 1 if options.least and not good else 0


if __name__ == '__main__':
    sys.exit(main())
