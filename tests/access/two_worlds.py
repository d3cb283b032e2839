#!/usr/bin/env python3
"""Two worlds that differ only in what a key may not see must look the same to it, byte by byte: results, scores, matches, counts, errors.
World A has the documents that the key sees; B has hidden ones too, added later, with some of them changed and removed again; in C the
hidden ones came first, so that passages have other numbers there (only these are left out of the comparison).

    tests/access/two_worlds.py --build build --questions 200 [--seed N] [--models FOLDER] [--also WORD…]

--models links a folder of models into each project; --also gives the command more words, such as --also=--mode=vector."""

import argparse
import os
import random as chance
import re
import sys
import tempfile

import worlds

ENGLISH = "the refund is paid to the card within five working days of the return and a receipt was sent with it".split()
GERMAN = "die Lieferungen und Rechnungen werden nicht in der Filiale ausgezahlt wenn der Kunde die Belege verloren hat".split()
FRENCH = "les remboursements sont faits dans les cinq jours et le client garde la facture avec les livraisons".split()
GROUPS = ["hr", "sales"]
SEEN_LABELS = ["hr", "sales", "public"]
HIDDEN_LABELS = ["legal", "it", None]
FILTERS = ["", "year >= 2023", "not exists year", 'team = "alpha" or folder = docs/sales', "year >=", "none = 1"]


def make_text(random, words, label):
    head = f"---\nyear: {random.choice((2022, 2023, 2024))}\nteam: [{random.choice(('alpha', 'beta'))}]\n"
    head += f"access: [{label or ''}]\n---\n"
    return head + "\n\n".join(" ".join(random.choices(words, k=random.randrange(5, 60))) for _ in range(random.randrange(1, 4))) + "\n"


def write(folder, path, text):
    path = os.path.join(folder, path)
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "w", encoding="utf-8") as file:
        file.write(text)


def make_seen(random, folder):
    for i in range(random.randrange(5, 40)):
        label = random.choice(SEEN_LABELS)
        write(folder, f"docs/{random.choice(('hr', 'sales', 'm'))}/d{i}.md", make_text(random, random.choice((ENGLISH, ENGLISH, GERMAN)), label))


def make_hidden(random, folder, sign):
    for i in range(random.randrange(5, 40)):
        words = random.choice((ENGLISH, GERMAN, FRENCH, ["refund", "Rechnungen", "zebra"]))
        write(folder, f"docs/{random.choice(('legal', 'hr', 'm'))}/{sign}{i}.md", make_text(random, words, random.choice(HIDDEN_LABELS)))


def change_hidden(random, folder, sign):
    for parent, _, names in os.walk(os.path.join(folder, "docs")):
        for name in names:
            if name.startswith(sign) and random.random() < 0.3:
                os.unlink(os.path.join(parent, name))
    make_hidden(random, folder, sign)


def make_worlds(random, build, top, models):
    made = []
    for name in ("a", "b", "c"):
        folder = os.path.join(top, name)
        os.mkdir(folder)
        if models:
            os.symlink(os.path.abspath(models), os.path.join(folder, "models"))
        runner = worlds.Runner(build, folder)
        runner.run("init", "--quiet", ".")
        runner.run("key", "add", "--quiet", "key", "--groups", ",".join(GROUPS))
        made.append(runner)
    a, b, c = made
    seed = random.random()
    make_hidden(random, c.folder, "x")
    c.run("add", "-q")
    for runner in made:
        make_seen(chance.Random(seed), runner.folder)
        runner.run("add", "-q")
    make_hidden(random, b.folder, "x")
    b.run("add", "-q")
    change_hidden(random, b.folder, "x")
    b.run("add", "-q")
    return made


def command_output(runner, words, without_numbers):
    out = runner.run("search", "--json", "--as", "key", *words, code=None)
    out = re.sub(r'"took_ms":[^}]*', "", out)
    return re.sub(r'"passage":\d+', "", out) if without_numbers else out


def make_question(random):
    """Plain words, and words that are marked: beginnings, misspelt words, phrases, fields. Such marks look for words that are alike, and
    hidden documents must not lend theirs."""
    words = random.choices(ENGLISH + GERMAN + FRENCH + ["zebra"], k=random.randrange(1, 6))
    if random.random() < 0.5:
        at = random.randrange(len(words))
        words[at] = random.choice((words[at][:3] + "*", words[at] + "~", words[at][:-1] + "x~", "title:" + words[at], f'"{" ".join(words)}"'))
    return " ".join(words)


def compare(random, made, seed, also):
    question = make_question(random)
    condition, k = random.choice(FILTERS), random.choice((1, 3, 1000))
    answers = [runner.ask_line("key", condition, question, k) for runner in made]
    assert answers[0] == answers[1] == answers[2], f"seed {seed}: {question!r} {condition!r} {k}: {answers}"
    if random.random() < 0.1:
        words = [*also, "-k", str(k), *(["--filter", condition] if condition else []), question]
        a, b, c = made
        assert command_output(a, words, False) == command_output(b, words, False), f"seed {seed}: {words}: the outputs differ"
        assert command_output(a, words, True) == command_output(c, words, True), f"seed {seed}: {words}: the outputs differ"
    return [runner.ask_line("-", condition, question, k) for runner in made]


def run(build, questions, seed, models=None, also=()):
    asked, differing, count = 0, 0, 0
    while asked < questions:
        random = chance.Random(f"{seed} {count}")
        with tempfile.TemporaryDirectory(prefix="assay-worlds-") as top:
            made = make_worlds(random, build, top, models)
            for _ in range(40):
                owner = compare(random, made, f"{seed} {count}", also)
                differing += owner[0] != owner[1]
                asked += 1
            for runner in made:
                runner.close()
        count += 1
    assert differing > asked / 4, "the worlds hardly differ for their owner: this run shows nothing"
    return asked


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--build", default="build")
    parser.add_argument("--questions", type=int, default=400)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--models")
    parser.add_argument("--also", action="append", default=[])
    arguments = parser.parse_args()
    try:
        asked = run(arguments.build, arguments.questions, arguments.seed, arguments.models, arguments.also)
    except AssertionError as error:
        sys.exit(f"two_worlds: {error}")
    print(f"{asked} questions in three worlds each: the same to the last byte")


if __name__ == "__main__":
    main()
