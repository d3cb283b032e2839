#!/usr/bin/env python3
"""Reads every file of a folder through every loader, as `assay add` does, and asks that nothing crashes, hangs or goes missing.

    CC=clang meson setup build-asan -Db_sanitize=address,undefined -Ddebug=true -Doptimization=1 -Db_lundef=false && ninja -C build-asan assay
    scripts/read_all.py --binary build-asan/assay FOLDER [--only NAME]... [--seconds 900]

Each entry of FOLDER is added to a project of its own; so is the file or folder that --only names below it, any number of times. Told is one line
each: how many files there are, and what became of them. It fails when a program ends by a signal or with more than is said of it, when a
sanitizer complains (in readers of their own, too), when an entry takes more than --seconds, when a file was neither read nor refused with a reason,
and when what was read does not prove sound (`assay doctor`)."""

import argparse
import json
import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

COMPLAINT = re.compile(r"AddressSanitizer|LeakSanitizer|runtime error:|stack smashing|Assertion .* failed|crashed|tried what a reader may not")


def run(options, project, *words):
    """The answer of `assay`, and what is wrong with how it ended; None for a good end."""
    try:
        done = subprocess.run([options.binary, "-C", project, *words, "--json"], capture_output=True, text=True, errors="replace", timeout=options.seconds)
    except subprocess.TimeoutExpired:
        return {}, f"{words[0]} took more than {options.seconds} s"
    try:
        answer = json.loads(done.stdout)
    except ValueError:
        return {}, f"{words[0]} ended with {done.returncode}, and said: {done.stderr[-2000:] or done.stdout[-500:]}"
    complaint = COMPLAINT.search(done.stderr + done.stdout)
    return answer, complaint and f"{words[0]}: {(done.stderr + done.stdout)[max(0, complaint.start() - 200) :][:2500]}"


def visible(root):
    """Files that the walk meets: none whose name begins with a dot, or that lie in such a folder."""
    if root.is_file():
        return [root]
    found = []
    for folder, folders, files in os.walk(root):
        folders[:] = [name for name in folders if not name.startswith(".")]
        found += [Path(folder, name) for name in files if not name.startswith(".")]
    return found


def told_of(answer, binary, project, options):
    """Paths of which something is known: read, or refused."""
    listed, wrong = run(options, project, "list")
    paths = {entry["path"] for entry in listed.get("documents", [])} | {entry["path"] for entry in answer["failed"]}
    return paths, wrong


def read_entry(options, entry):
    """One entry; what is wrong with it, or None."""
    with tempfile.TemporaryDirectory() as name:
        project = Path(name, "project")
        subprocess.run([options.binary, "init", "-q", project], check=True)
        (project / "assay.yaml").write_text(f"documents: [{json.dumps(str(entry))}]\nembedding: none\n")
        answer, wrong = run(options, project, "add")
        if wrong:
            return wrong
        paths, wrong = told_of(answer, options.binary, project, options)
        files = visible(entry)
        silent = [file for file in files if str(file) not in paths and not any(path.startswith(f"{file}/") for path in paths)]
        print(f"{entry.name}: {len(files)} files, {answer['added']} documents, {answer['passages']} passages, {len(answer['failed'])} refused, "
              f"{answer['skipped']} passed over", flush=True)  # fmt: skip
        if not wrong and len(silent) > answer["skipped"]:
            wrong = f"{len(silent)} files are neither read nor refused, but only {answer['skipped']} were passed over: {[str(file) for file in silent[:5]]}"
        nothing = [failure for failure in answer["failed"] if not failure["message"]]
        sound, ended = run(options, project, "doctor") if answer["added"] else ({"ok": True}, None)
        return wrong or ended or (nothing and f"refused without a reason: {nothing[:3]}") or (None if sound.get("ok") else f"doctor: {sound}")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--binary", default="build-asan/assay")
    parser.add_argument("--only", action="append", help="an entry, or a path below the folder")
    parser.add_argument("--seconds", type=int, default=900, help="for each entry")
    options = parser.parse_args()
    options.binary = os.path.abspath(options.binary)
    if not options.folder.is_dir():
        print(f"read_all: no folder {options.folder}: nothing was read")
        return 0
    folder = options.folder.resolve()
    entries = [folder / name for name in options.only] if options.only else sorted(path for path in folder.iterdir() if not path.name.startswith("."))
    wrong = {}
    for entry in entries:
        what = read_entry(options, entry)
        if what:
            wrong[entry.name] = what
            print(f"{entry.name}: WRONG\n{what}", flush=True)
    print(f"{len(entries)} entries, {len(wrong)} of them wrong" + "".join(f"\n  {name}" for name in wrong))
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
