"""Answers without a language model about small teams' documents: how many are right, and what nothing answers.

    python3 bench/ask_teams.py [--build build] [--teams bench/teams_apart] [--show]

bench/teams_apart has ten projects of different trades (English, one Spanish, one Dutch), written with their 180 questions by others who had not seen the program; 40 of the questions
sound as the others do and are answered nowhere. Nothing is fitted to them, nor may it be: that is what bench/teams is for (60 projects, 1,128 questions). An answer is
right that holds one of those given, or has half of its words (F1). --show prints each that is not right.
"""

import argparse
import json
import os
import pathlib
import shutil
import subprocess
import tempfile

from ask_many import build_asker, ask_many
from ask_quality import calibration, f1, holds

ROOT = pathlib.Path(__file__).resolve().parents[1]
RIGHT = 0.5


def verdict_of(case, answer):
    if not case["answers"]:
        return "abstained" if answer["abstained"] else "answered, and nothing is told"
    if answer["abstained"]:
        return "abstained, and it is told"
    given = answer["answer"].rpartition(" [")[0]
    return "right" if any(holds(given, wanted) or f1(given, wanted) >= RIGHT for wanted in case["answers"]) else "wrong"


def ask_team(team, binary, program, environment):
    """(case, answer) of each."""
    cases = [json.loads(line) for line in (team / "cases.jsonl").read_text(encoding="utf-8").splitlines() if line.strip()]
    with tempfile.TemporaryDirectory() as temporary:
        shutil.copytree(team / "docs", pathlib.Path(temporary) / "docs")
        for command in (["init", "."], ["add", "--quiet"]):
            subprocess.run([binary, *command], cwd=temporary, check=True, stdout=subprocess.DEVNULL, env=environment)
        return list(zip(cases, ask_many(program, temporary, [("", case["question"]) for case in cases], environment=environment)))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--build", type=pathlib.Path, default=ROOT / "build")
    parser.add_argument("--teams", type=pathlib.Path, default=ROOT / "bench/teams_apart")
    parser.add_argument("--show", action="store_true")
    options = parser.parse_args()
    environment = {"ASSAY_MODELS": str(ROOT / "models"), "ASSAY_ADAPTERS": str(ROOT / "adapters"), **os.environ}
    build = options.build.resolve()
    program, counts, told, likely, cited = str(build_asker(build)), {}, [], [], []
    for team in sorted(path.parent for path in options.teams.glob("*/cases.jsonl")):
        for case, answer in ask_team(team, build / "assay", program, environment):
            verdict = verdict_of(case, answer)
            counts[verdict] = counts.get(verdict, 0) + 1
            if case["answers"]:
                given = "" if answer["abstained"] else answer["answer"].rpartition(" [")[0]
                told.append(max(f1(given, wanted) for wanted in case["answers"]))
            if not answer["abstained"]:
                likely.append((answer["confidence"], verdict == "right"))
                cited.append(not case["sources"] or any(source in answer["cited"] for source in case["sources"]))
            if options.show and verdict not in ("right", "abstained"):
                print(json.dumps([team.name, verdict, case["question"], answer["answer"], case["answers"][:2]], ensure_ascii=False))
    print(json.dumps({"questions": sum(counts.values()), **counts, "f1": round(sum(told) / len(told), 3), "cited": round(sum(cited) / len(cited), 3),
                      "ece": round(calibration(likely), 3)}))  # fmt: skip


if __name__ == "__main__":
    main()
