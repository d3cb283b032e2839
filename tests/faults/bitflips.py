#!/usr/bin/env python3
"""Flips bits of a project's stored files, one at a time, and asks `assay doctor`.

    bitflips.py --binary build/assay --flips 100000 --seed 1

Each flip must be told by `doctor` (exit code 1, a message), or must have changed nothing that anybody can see: every row of every table
and the answers to some searches are the same as before. Nothing may crash or hang. A flip in an index file must always be told. Half of
the flips go into files in proportion to their size, half into each file's first 4 KiB, where a bit means most."""
import argparse
import hashlib
import os
import random
import shutil
import sqlite3
import sys

from oracle import Pool
from program import Program, TooLong, documents_write, faultio_build, project_make, scratch_folder, worked_s

HEAD = 4096
QUESTIONS = ("refund", "order delivery", "zz")
DERIVED = {"sums", "segments", "vector_segments"}  # what an index file is called does not show in an answer


def rows_hash(database_path):
    """Of all rows of all tables, as any SQLite reads them; None when they cannot be read."""
    digest = hashlib.sha256()
    try:
        database = sqlite3.connect(f"file:{database_path}?mode=ro&immutable=1", uri=True)
        tables = sorted(name for (name,) in database.execute("SELECT name FROM sqlite_schema WHERE type = 'table'"))
        for table in tables:
            if table not in DERIVED:
                digest.update(repr((table, database.execute(f"SELECT * FROM {table} ORDER BY 1, 2").fetchall())).encode())
        database.close()
    except sqlite3.Error:
        return None
    return digest.hexdigest()


def ask(program, project, arguments):
    """(exit code, document), or (None, why not) when it did not end twice: once may have been a pause of the whole machine."""
    for _ in range(2):
        try:
            return program.json(project, arguments)
        except TooLong as error:
            answer = None, {"unreadable": str(error)}
    return answer


def answers(program, project):
    found = []
    for question in QUESTIONS:
        code, document = ask(program, project, ["search", question])
        document.pop("took_ms", None)
        found.append((code, document))
    return found


def stored_files(project):
    files = []
    for folder, _, names in os.walk(f"{project}/.assay"):
        files += [f"{folder}/{name}" for name in names if not name.endswith(("-wal", "-shm", "lock"))]
    return sorted(path for path in files if os.path.getsize(path) > 0)


def flip(path, at, bit):
    with open(path, "r+b") as file:
        file.seek(at)
        byte = file.read(1)[0]
        file.seek(at)
        file.write(bytes([byte ^ 1 << bit]))


def choose(chance, files):
    """A place: half by size, half near the beginning of a file."""
    if chance.random() < 0.5:
        path = chance.choice(files)
        return path, chance.randrange(min(HEAD, os.path.getsize(path)))
    sizes = [os.path.getsize(path) for path in files]
    path = chance.choices(files, weights=sizes)[0]
    return path, chance.randrange(os.path.getsize(path))


class Doctor:
    """Asks `doctor`, and knows the run that worked longest."""

    def __init__(self, program, project):
        self.program, self.project = program, project
        self.longest_s, self.longest = 0, ""

    def ask(self, place):
        before = worked_s()
        answer = ask(self.program, self.project, ["doctor"])
        if worked_s() - before > self.longest_s:
            self.longest_s, self.longest = worked_s() - before, place
        return answer


def flips_run(program, scratch, flips, seed):
    """(told, without effect, what is wrong, the doctor)"""
    project = f"{scratch}/project"
    chance = random.Random(seed)
    pool = Pool(seed, 40)
    project_make(program, project)
    documents_write(project, {f"docs/{number}.md": version for number, version in enumerate(pool.versions)})
    outcome = program.add(project)
    if outcome.code != 0 or program.doctor(project):
        raise RuntimeError(f"the project is not whole to begin with: {outcome.message}{program.doctor(project)}")
    database = f"{project}/.assay/assay.db"
    rows, found = rows_hash(database), answers(program, project)
    told = harmless = 0
    bad = []
    doctor = Doctor(program, project)
    for number in range(flips):
        path, at = choose(chance, stored_files(project))
        bit = chance.randrange(8)
        place = f"flip {number}, {os.path.relpath(path, project)} byte {at} bit {bit}"
        flip(path, at, bit)
        code, document = doctor.ask(place)
        if code == 1 and ("error" in document or document.get("problems")):
            told += 1
        elif code != 0 or "unreadable" in document:
            bad.append(f"{place}: doctor ended with {code}: {document}")
        elif path == database and rows_hash(database) == rows and answers(program, project) == found:
            harmless += 1
        else:
            bad.append(f"{place}: not told")
        flip(path, at, bit)
        if len(bad) > 20:
            break
    if program.doctor(project):
        bad.append("doctor finds something although every bit is back in its place")
    return told, harmless, bad, doctor


def flips_line(told, harmless, bad, doctor, seed):
    return (f"bit flips: {told} told, {harmless} without effect, {len(bad)} neither, seed={seed}; the longest doctor worked "
            f"{doctor.longest_s:.2f} s ({doctor.longest})")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--binary", default="build/assay")
    parser.add_argument("--flips", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    options.binary = os.path.abspath(options.binary)
    scratch = scratch_folder()
    try:
        program = Program(options.binary, faultio_build(scratch), scratch)
        told, harmless, bad, doctor = flips_run(program, scratch, options.flips, options.seed)
    finally:
        shutil.rmtree(scratch)
    print("\n".join([flips_line(told, harmless, bad, doctor, options.seed)] + bad))
    sys.exit(1 if bad else 0)


if __name__ == "__main__":
    main()
