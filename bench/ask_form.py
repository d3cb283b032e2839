"""Answers by a JSON Schema without a language model: are they valid, and are the values right as often as without the form?

    python3 bench/ask_form.py SQUAD [--binary build/assay] [--cases 150] [--seed 1]

SQUAD: questions on articles that nothing here has seen (SQuAD 1.1's JSON; bench/reader_data.py makes squad11.test.json.gz). Makes a project of their
passages, a document each, and asks every question plainly, by a form of one value, and with two others as the descriptions of a form of three, whose
values are required or may be null. Prints one JSON document: F1 of the plain answers and of the values, where what is missing counts 0, the share of
values that are there, and the share of answers that follow their schema, of those that are given.
"""

import argparse
import json
import sys
import tempfile
from pathlib import Path

from ask_quality import f1
from writer_form import Project, questions


def fits(value, schema):
    """By hand: the program's own checker is not asked."""
    if not isinstance(value, dict) or set(value) - set(schema["properties"]) or set(schema["required"]) - set(value):
        return False
    return all(isinstance(part, str) or (part is None and "null" in schema["properties"][key]["type"]) for key, part in value.items())


def best(said, golds):
    return max(f1(said, gold) for gold in golds) if said is not None else 0.0


def answer_of(project, *words):
    return json.loads(project.run("ask", "--json", *words))["answer"]


class Tally:
    def __init__(self):
        self.values = self.there = self.given = self.valid = 0
        self.sum = 0.0

    def add(self, project, question, schema, golds):
        (project.folder / "form.json").write_text(json.dumps(schema))
        text = answer_of(project, "--schema", "form.json", question)
        answer = json.loads(text) if text is not None else {}
        self.given += text is not None
        self.valid += text is not None and fits(answer, schema)
        for key, gold in golds.items():
            self.values += 1
            self.there += answer.get(key) is not None
            self.sum += best(answer.get(key), gold)

    def told(self):
        return {"f1": round(self.sum / self.values, 4), "there": round(self.there / self.values, 4), "valid": round(self.valid / max(self.given, 1), 4), "answers": self.given}


def form(texts, needed):
    kind = "string" if needed else ["string", "null"]
    return {"type": "object", "properties": {key: {"type": kind, "description": text} for key, text in texts.items()}, "required": sorted(texts) if needed else []}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("squad", type=Path)
    parser.add_argument("--binary", type=Path, default=Path(__file__).resolve().parents[1] / "build/assay")
    parser.add_argument("--cases", type=int, default=150)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    passages, _, cases = questions(options.squad, options.seed)
    cases = cases[: options.cases]
    plain, tallies = 0.0, {name: Tally() for name in ("one", "three_required", "three_nullable")}
    with tempfile.TemporaryDirectory() as folder:
        project = Project(options.binary.resolve(), Path(folder), passages)
        for question, golds in cases:
            plain += best(answer_of(project, question), golds)
            tallies["one"].add(project, question, form({"answer": ""}, True), {"answer": golds})
        for first in range(0, len(cases) - 2, 3):
            three = {f"value_{i}": case for i, case in enumerate(cases[first : first + 3])}
            for name, needed in (("three_required", True), ("three_nullable", False)):
                tallies[name].add(project, "Fill in the form.", form({key: case[0] for key, case in three.items()}, needed), {key: case[1] for key, case in three.items()})
    print(json.dumps({"name": "ask_form", "cases": len(cases), "plain_f1": round(plain / len(cases), 4), **{name: tally.told() for name, tally in tallies.items()}}))
    return 0 if all(tally.valid == tally.given for tally in tallies.values()) else 1


if __name__ == "__main__":
    sys.exit(main())
