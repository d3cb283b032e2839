#!/usr/bin/env python3
"""Documents and questions put together from pieces of real ones, in any order: no answer may end the program, and each has its form.

    tests/faults/any_words.py --binary build/assay [--seed N] [--rounds N] [--questions N]

A round is a project of twelve documents with lists, tables, keys and values, and prose, of pieces of bench/teams' documents (English, German, French), and of the small words, numbers,
dates and signs of eight languages, which stand where nobody would write them; questions are made likewise, some of them out of the documents' own lines. A server of the
project answers all, one after the other. A question that ends it, or that it answers with another status than 200, is told with its documents, which are kept. Prints how many were answered.
"""
import argparse
import http.client
import json
import os
import random
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
SMALL = (
    "and or und oder et ou y o e en y en y o of the a in ( ) : ; , - – — / | with mit per to bis until vom von between from and/or € £ % # * > < = + ' \" ’ “ ” no not nicht non sin jusqu'à 12 1.000 1,000 3:00 "
    "17.30 2024 2024-05-01 5. 05/06/2024 v1.2 §3 May März juillet mayo lunes Monday am pm Uhr h a.m. half noon ½ 2–3 (a) 1) #5 ≥ 10kg 20% -3 °C EUR USD ext. Tel."
).split(" ")
STARTS = (
    "When|How much|How many|Who|What is|Which|What documents|What do I need|Where|How long|Is|Can I|Do we|Why|Cuándo|Cuánto|Hasta cuándo|Wann|Wie viel|Wer|Combien|Quand|Quel|Hoeveel|"
    "Wanneer|Quanto|Quando|Compare|What is the difference between|What is the salary of"
).split("|")
JOINTS = [" ", ", ", " and ", " (", ") ", ": ", "; ", " y ", " y en ", " o ", " – ", " und bis ", ", or from "]


class Maker:
    def __init__(self, seed):
        self.random = random.Random(seed)
        texts = [path.read_text(encoding="utf-8") for path in sorted((ROOT / "bench/teams").glob("*/docs/*.md"))]
        self.lines = [line for text in texts for line in text.splitlines() if line.strip()]
        self.words = [word for line in self.lines for word in line.split()]

    def piece(self):
        kind = self.random.random()
        if kind < 0.4:
            return " ".join(self.random.choice(self.words) for _ in range(self.random.randint(1, 6)))
        if kind < 0.7:
            line = self.random.choice(self.lines)
            start = self.random.randrange(len(line))
            return line[start : start + self.random.randint(3, 60)]
        return " ".join(self.random.choice(SMALL) for _ in range(self.random.randint(1, 5)))

    def row(self, cells):
        return "| " + " | ".join(self.piece().replace("|", "") for _ in range(cells)) + " |"

    def line(self):
        kind, pieces = self.random.random(), self.random.randint(1, 7)
        many = " ".join(self.piece() for _ in range(pieces))
        if kind < 0.4:
            return [self.row(4), f"- {many}", f"{self.piece()}: {many}", f"## {self.piece()}"][int(kind * 10)]
        return "".join(self.piece() + self.random.choice(JOINTS) for _ in range(pieces)) + self.random.choice([".", "", "?", ")", ":"])

    def document(self):
        cells = self.random.randint(2, 5)
        table = ["", self.row(cells), "|" + "---|" * cells] + [self.row(cells) for _ in range(self.random.randint(1, 6))]
        return [self.line() for _ in range(self.random.randint(3, 30))] + table

    def question(self, lines):
        if self.random.random() < 0.4:
            asked = self.random.choice(lines)[:300] + "?"
        else:
            asked = self.random.choice(STARTS) + " " + " ".join(self.piece() for _ in range(self.random.randint(1, 3)))
            asked += self.random.choice(["?", "", f"? and {self.piece()}?"])
        return re.sub(r"\s+", " ", asked).strip()


def ask(port, key, question):
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=120)
    connection.request("POST", "/v1/ask", json.dumps({"question": question}), {"Authorization": f"Bearer {key}", "Content-Type": "application/json"})
    answer = connection.getresponse()
    found = json.loads(answer.read())
    if answer.status != 200 or "abstained" not in found:
        raise ValueError(f"status {answer.status}: {found}")


def run_round(binary, folder, maker, questions):
    """How many were answered; or the question that was not, and why."""
    (folder / "docs").mkdir(parents=True)
    lines = []
    for number in range(12):
        document = maker.document()
        (folder / f"docs/{number}.md").write_text("\n".join(document) + "\n", encoding="utf-8")
        lines += [line for line in document if line.strip(" |-")]
    for command in (["init", "--quiet", "."], ["add", "--quiet"]):
        subprocess.run([binary, *command], cwd=folder, check=True, stdout=subprocess.DEVNULL)
    with open(folder / "server.log", "wb") as log:
        server = subprocess.Popen([binary, "serve", "--json", "--listen", "127.0.0.1:0"], cwd=folder, stdout=subprocess.PIPE, stderr=log)
    try:
        greeting = json.loads(server.stdout.readline())
        port = int(greeting["listening"].rsplit(":", 1)[1])
        for number in range(questions):
            question = maker.question(lines)
            try:
                ask(port, greeting["admin_key"], question)
            except (OSError, http.client.HTTPException, ValueError) as trouble:
                return number, f"{question!r}: {trouble!r}\n{(folder / 'server.log').read_text(errors='replace')[-2000:]}"
        server.terminate()
        return questions, None if server.wait() == 0 else "it did not end well"
    finally:
        server.kill()
        server.wait()
        server.stdout.close()


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--binary", type=Path, default=ROOT / "build/assay")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--rounds", type=int, default=10)
    parser.add_argument("--questions", type=int, default=60)
    options = parser.parse_args()
    os.environ.setdefault("ASSAY_MODELS", str(ROOT / "models"))
    os.environ.setdefault("ASSAY_ADAPTERS", str(ROOT / "adapters"))
    answered, folder = 0, Path(tempfile.mkdtemp(prefix="assay-any-words-"))
    for number in range(options.rounds):
        count, trouble = run_round(options.binary.resolve(), folder / str(number), Maker(options.seed * 1000 + number), options.questions)
        answered += count
        if trouble:
            print(f"any_words: seed {options.seed}, round {number}, documents in {folder / str(number)}\n{trouble}", file=sys.stderr)
            return 1
        shutil.rmtree(folder / str(number))
    folder.rmdir()
    print(json.dumps({"answered": answered, "seed": options.seed}))
    return 0


if __name__ == "__main__":
    sys.exit(main())
