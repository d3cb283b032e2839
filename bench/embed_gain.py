#!/usr/bin/env python3
"""How much better `assay tune embed` makes the vectors of a domain with 500 of its questions: recall@10 on questions that were held out, among all texts
of the collection.

    python3 bench/embed_gain.py --data DATA_FOLDER --binary build/assay --collections nl2bash wikiqa

Of each collection 500 questions, with one text that answers each, are to learn from (a tenth of them to choose by), and the others, 1,500 at most, to measure
with. Where several questions are about one document (a command, an article), the documents are divided, so that no text which answers a question measured with
was learned from; where the questions are about all documents (policyqa) or the collection is a judged one, the questions are, three quarters at most of them to
learn from. One JSON line each: recall@10 before and after, the change in points with its 95 % interval. What follows `--` goes
to `assay tune embed` (`-- --rate 0.0005`)."""
import argparse
import csv
import gzip
import json
import random
import re
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
LEARNED = 500
MEASURED = 1500
WORDS = 150  # of a passage of a long document


def read_lines(path):
    with (gzip.open if path.suffix == '.gz' else open)(path, 'rt', encoding='utf-8') as file:
        return [json.loads(line) for line in file]


def judged(folder):
    """{text id: text}, {question: {id of a text that answers it: its document}}; documents are told apart by none."""
    corpus, queries, qrels = folder / 'corpus.jsonl.gz', folder / 'queries.jsonl', folder / 'qrels.tsv'
    texts = {row['_id']: f"{row.get('title') or ''} {row['text']}".strip() for row in read_lines(corpus)}
    questions = {row['_id']: row['text'] for row in read_lines(queries)}
    found = {}
    with open(qrels, encoding='utf-8') as file:
        for row in csv.reader(file, delimiter='\t'):
            if row[0] in questions and row[-2] in texts and float(row[-1]) > 0:
                found.setdefault(questions[row[0]], {})[row[-2]] = None
    return texts, found


def passages_of(context):
    """(start, end, text): sentences put together until there are WORDS words."""
    cuts, start, words = [], 0, 0
    for sentence in re.finditer(r'.+?(?:[.!?](?=\s)|\n|$)\s*', context, re.S):
        words += len(sentence.group().split())
        if words >= WORDS:
            cuts.append((start, sentence.end(), context[start:sentence.end()].strip()))
            start, words = sentence.end(), 0
    if context[start:].strip():
        cuts.append((start, len(context), context[start:].strip()))
    return [cut for cut in cuts if cut[2]]


def reading(path):
    """The same of questions on documents in SQuAD's form: a text is a paragraph, or a part of a long one."""
    texts, found = {}, {}
    with gzip.open(path, 'rt', encoding='utf-8') as file:
        documents = json.load(file)['data']
    for d, document in enumerate(documents):
        for p, paragraph in enumerate(document['paragraphs']):
            parts = passages_of(paragraph['context'])
            for i, part in enumerate(parts):
                texts[f'{d}-{p}-{i}'] = part[2]
            for qa in paragraph['qas']:
                for answer in qa['answers'][:1]:
                    part = next((i for i, (start, end, _) in enumerate(parts) if start <= answer['answer_start'] < end), None)
                    if part is not None:
                        found.setdefault(qa['question'].strip(), {})[f'{d}-{p}-{part}'] = d
    return texts, found


def commands(data):
    """What a command of the shell does, and the command."""
    texts, found = {}, {}
    for row in read_lines(data / 'nl2bash/nl2bash.jsonl.gz'):
        texts[row['command']] = row['command']
        found.setdefault(row['instruction'].strip(), {})[row['command']] = row['command']
    return texts, found


def sentences(data):
    texts, found = {}, {}
    for name in ('train', 'dev'):
        for row in read_lines(data / f'wikiqa/{name}.jsonl.gz'):
            for i, candidate in enumerate(row['candidates']):
                texts[f"{row['id']}-{i}"] = candidate['text']
                if candidate['label'] > 0:
                    found.setdefault(row['question'], {})[f"{row['id']}-{i}"] = row['id']
    return texts, found


COLLECTIONS = {
    'nl2bash': commands,
    'wikiqa': sentences,
    'scifact': lambda data: judged(data / 'scifact'),
    'cosqa': lambda data: judged(data / 'cosqa'),
    'covid-qa': lambda data: reading(data / 'covid-qa/200423_covidQA.json.gz'),
    'policyqa': lambda data: reading(data / 'policyqa/dev.json.gz'),
    'squad': lambda data: reading(data / 'squad/dev-v1.1.shared.json.gz'),
}


def divide(found, chance, by_question):
    """Questions to learn from, and to measure with."""
    questions = sorted(question for question in found if len(question) > 3)
    chance.shuffle(questions)
    if by_question:
        share = min(LEARNED, len(questions) * 3 // 4)
        return questions[:share], questions[share:share + MEASURED]
    documents = sorted({document for texts in found.values() for document in texts.values()})
    chance.shuffle(documents)
    learned, first = [], set()
    for document in documents:
        if len(learned) >= LEARNED:
            break
        first.add(document)
        learned = [question for question in questions if set(found[question].values()) <= first]
    return learned[:LEARNED], [q for q in questions if not set(found[q].values()) & first][:MEASURED]


def write(folder, texts, found, parts):
    (folder / 'qrels').mkdir(parents=True)
    with open(folder / 'corpus.jsonl', 'w', encoding='utf-8') as file:
        for name, text in texts.items():
            file.write(json.dumps({'_id': name, 'text': text}) + '\n')
    with open(folder / 'queries.jsonl', 'w', encoding='utf-8') as file:
        for part, questions in parts.items():
            for i, question in enumerate(questions):
                file.write(json.dumps({'_id': f'{part}-{i}', 'text': question}) + '\n')
    for part, questions in parts.items():
        with open(folder / f'qrels/{part}.tsv', 'w', encoding='utf-8') as file:
            for i, question in enumerate(questions):
                for text in list(found[question])[:1 if part == 'train' else None]:
                    file.write(f'{part}-{i}\t{text}\t1\n')


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('--data', type=Path, required=True)
    parser.add_argument('--binary', type=Path, default=ROOT / 'build/assay')
    parser.add_argument('--collections', nargs='+', default=['nl2bash', 'wikiqa', 'scifact', 'covid-qa', 'policyqa', 'squad'], choices=COLLECTIONS)
    parser.add_argument('--seed', type=int, default=1)
    parser.add_argument('words', nargs='*', help='for `assay tune embed`, behind --')
    options = parser.parse_args()
    for name in options.collections:
        texts, found = COLLECTIONS[name](options.data)
        by_question = name in ('scifact', 'cosqa', 'policyqa')
        learned, measured = divide(found, random.Random(options.seed), by_question)
        with tempfile.TemporaryDirectory() as scratch:
            folder = Path(scratch) / 'pairs'
            write(folder, texts, found, {'train': learned, 'test': measured})
            subprocess.run([options.binary.resolve(), 'init', 'here'], cwd=scratch, check=True, stdout=subprocess.DEVNULL)
            told = json.loads(subprocess.run(
                [options.binary.resolve(), 'tune', 'embed', '../pairs', '--test', '../pairs', '--json', '--quiet', *options.words],
                cwd=f'{scratch}/here', check=True, stdout=subprocess.PIPE).stdout)
        before, after, change = (told[key]['recall@10'] for key in ('ranking_before', 'ranking', 'ranking_change'))
        print(json.dumps({'collection': name, 'texts': len(texts), 'learned': told['examples']['train'], 'chosen_by': told['examples']['validation'],
                          'measured': told['examples']['test'], 'before': round(before[0], 4), 'after': round(after[0], 4),
                          'points': [round(100 * number, 1) for number in change], 'steps': told['steps'], 'best_step': told['best_step'],
                          'seconds': round(told['took_ms'] / 1000), 'words': options.words}), flush=True)  # fmt: skip


if __name__ == '__main__':
    sys.exit(main())
