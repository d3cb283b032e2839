#!/usr/bin/env python3
"""Kills `assay ask` at random moments and at chosen disk operations, fails each of its disk operations, and looks at the audit log.

    logkill.py --binary build/assay --kills 1000 --seed 1

After each kill the log verifies, an answer of which a byte was shown has its entry, and the entry that it names says what was shown. A run whose
disk fails shows no answer without an entry, and the next one goes on."""
import argparse
import json
import os
import random
import shutil
import sys
import time

from program import Program, documents_write, faultio_build, project_make, scratch_folder

KILL_MODES = ("wall", "kill", "killafter", "torn")
FAULTS = (("enospc", False), ("enospc", True), ("eio", False), ("eio", True), ("short", False))
FAILURES_TOLD = 8


class Document:
    """What `documents_write` takes."""

    def __init__(self, text):
        self.data = text.encode()


class Loop:
    """A project whose log grows while `ask` is killed."""

    def __init__(self, program, seed):
        self.program, self.rng = program, random.Random(f"{seed}/log")
        self.project = f"{program.scratch}/project"
        self.shown = self.kills = self.hits = 0
        self.failures = []
        project_make(program, self.project)
        days = {number: number * 7 + 3 for number in range(40)}
        documents_write(self.project, {f"docs/{number}.md": Document(f"# Goods of kind {number}\n\nGoods of kind {number} may be returned within {day} days.\n")
                                       for number, day in days.items()})
        if program.words(self.project, ["add", "--quiet"]).code != 0:
            raise RuntimeError("the documents could not be added")

    def fail(self, message, how):
        self.failures.append(f"{message} ({how})")
        if len(self.failures) <= FAILURES_TOLD:
            print(f"  wrong: {self.failures[-1]}", flush=True)

    def ask(self, **fault):
        number = self.rng.randrange(40)
        return self.program.words(self.project, ["ask", "--json", f"Within how many days may goods of kind {number} be returned?"], **fault)

    def look(self, outcome, how):
        """What must hold, whatever happened to the run."""
        code, report = self.program.json(self.project, ["log", "verify"])
        self.shown += bool(outcome.output)
        if code != 0 or not report.get("ok"):
            self.fail(f"the log does not verify: {report}", how)
        elif report["answers"] < self.shown:
            self.fail(f"{self.shown} answers were shown, {report['answers']} have an entry", how)
            self.shown = report["answers"]
        if outcome.output.endswith("}\n"):
            answer = json.loads(outcome.output)
            if "error" not in answer:
                self.compare(answer, how)

    def compare(self, answer, how):
        code, entry = self.program.json(self.project, ["log", "show", str(answer["audit"])])
        if code != 0 or entry["content"]["answer"] != answer["answer"]:
            self.fail(f"entry {answer['audit']} is not that of the answer: {entry}", how)

    def operations(self):
        """How many disk operations a run has, and how long it takes."""
        counted = self.ask(fault="count")
        self.look(counted, "counting")
        return max(counted.operations, 1), counted.seconds

    def kill(self, count):
        operations, seconds = self.operations()
        for number in range(count):
            mode = KILL_MODES[number % len(KILL_MODES)]
            if mode == "wall":
                after = self.rng.random() * seconds * 1.2
                how, outcome = f"killed after {after * 1e3:.1f} ms", self.ask(kill_after_s=after)
            else:
                at = self.rng.randint(1, operations)
                how, outcome = f"{mode} at operation {at}", self.ask(fault=mode, at=at)
                self.hits += bool(outcome.hit)
            self.kills += outcome.killed
            self.look(outcome, how)

    def sweep(self):
        """Each operation fails once, and from it on."""
        operations, _ = self.operations()
        runs = 0
        for fault, sticky in FAULTS:
            for at in range(1, operations + 2):
                how, outcome = f"{fault}{' and on' if sticky else ''} at operation {at}", self.ask(fault=fault, at=at, sticky=sticky)
                runs += 1
                if outcome.output and "error" in json.loads(outcome.output):
                    if not json.loads(outcome.output)["error"]["message"]:
                        self.fail("a failure has no message", how)
                    outcome.output = ""  # no answer was shown
                self.look(outcome, how)
        return runs


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--binary", required=True, help="the program, as a command line")
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    scratch, started = scratch_folder("assay-logkill-"), time.monotonic()
    try:
        binary = os.path.abspath(given.binary) if os.path.exists(given.binary) else given.binary
        loop = Loop(Program(binary, faultio_build(scratch), scratch), given.seed)
        loop.kill(given.kills)
        print(f"log kills: {given.kills} runs, {loop.kills} killed, {loop.hits} of them at an operation, {loop.shown} answers shown, seed {given.seed}", flush=True)
        runs = loop.sweep()
        print(f"log faults: {runs} runs, each operation of an `ask` failed: {len(loop.failures)} wrong in all, {time.monotonic() - started:.0f} s")
    finally:
        shutil.rmtree(scratch, ignore_errors=True)
    return 1 if loop.failures else 0


if __name__ == "__main__":
    sys.exit(main())
