#!/usr/bin/env python3
"""Power loss: records a run of the program, rebuilds its folder as it may look after losing power at any moment, checks each.

    powerloss.py --binary build/assay --images 20000 --seed 1
    powerloss.py --recording DIR --operation 120 --attempt 3     # that one image again, kept in a folder

The model is in disk.py, what must hold in oracle.py and catalog.py. One image in --doctor-every is also given to the program:
`doctor --repair`, then `doctor`, then a search for a word of an acknowledged document."""
import argparse
import concurrent.futures
import json
import multiprocessing
import os
import random
import re
import shutil
import sys
import time

import disk
from catalog import catalog_read
from oracle import Expected, Pool, changes_make
from program import STANDIN, Program, documents_write, faultio_build, image_folder_docs, pool_measure, scratch_folder
from rights import STATES, key_command, labels_write

FAILURES_KEPT = 5
MANY = 200  # documents in a step, from which on they are small ones
KINDS = ("lost", "partial", "corrupt")


class Recording:
    """A recorded run: folder/trace, and in folder/recording.json what was asked of the program in each step."""

    def __init__(self, folder):
        self.folder = folder
        with open(f"{folder}/recording.json", encoding="utf-8") as file:
            told = json.load(file)
        self.prefix, self.steps, self.passages = told["prefix"], told["steps"], told["passages"]
        self.pool = Pool(told["seed"], told["pool"], told["small"])
        self.command, self.environment = told["command"], told["environment"]
        self.operations = disk.trace_read(f"{folder}/trace")


def plan_make(steps, has_rights):
    """init, then `steps` times add, with other commands between them when the program knows them."""
    between = ["key", "labels", "remove", "key", "key"]
    plan = ["init"]
    for number in range(steps):
        plan += ["add"] + ([between[number % len(between)]] if has_rights and number + 1 < steps else [])
    return plan


def step_make(kind, program, project, rng, facts, world):
    """What is done in a step: (command, documents changed as {path: Version or None}, facts asked for). `facts`: the values that are
    asked for so far, as sets of one."""
    pool, documents, changes = world
    changed, asked = {}, {}
    if kind == "init":
        return program.init, changed, asked
    if kind == "key":
        words, asked = key_command(rng, facts)
        facts.update({name: {value} for name, value in asked.items()})
        return (lambda project, **fault: program.words(project, words, **fault)), changed, asked
    if kind == "remove":
        paths = rng.sample(sorted(documents), min(3, len(documents)))
        changed = dict.fromkeys(paths)
        for path in paths:
            del documents[path]
    elif kind == "add":
        changed = changes_make(rng, pool, documents, changes)
    documents_write(project, changed)
    if kind == "labels":
        state = STATES[facts.get("labels") != {"closed"}]
        labels_write(project, state)
        facts["labels"] = {state}
    if kind != "remove" and "labels" in facts:
        asked = {"labels": next(iter(facts["labels"]))}
    return (lambda project, **fault: program.remove(project, sorted(changed), **fault)) if kind == "remove" else program.add, changed, asked


def record(program, folder, seed, steps, changes, fault="trace", fail_at=0):
    """Runs init and `steps` times add on a changing set of documents, with keys, labels and removals between; in the last one, operation `fail_at` fails with EIO.
    Returns (Recording, problems): what is wrong without any power loss."""
    os.makedirs(folder, exist_ok=True)
    rng = random.Random(f"{seed}/workload")
    pool = Pool(seed, 60 + (steps + 1) * changes, is_small=changes > MANY)
    pool_measure(program, pool, program.scratch)
    world, trace = f"{program.scratch}/world", f"{folder}/trace"
    project = f"{world}/project"
    shutil.rmtree(world, ignore_errors=True)
    os.mkdir(world)
    with open(trace, "wb"):
        pass
    documents, told, problems, facts = {}, [], [], {}
    plan = plan_make(steps, program.has_rights())
    for step, kind in enumerate(plan):
        command, changed, asked = step_make(kind, program, project, rng, facts, (pool, documents, changes))
        disk.trace_mark(trace, f"begin {step}")
        fails = fail_at > 0 and step == len(plan) - 1
        outcome = command(project, fault="eio" if fails else fault, at=fail_at if fails else 0, trace=trace, prefix=world)
        disk.trace_acks(trace, outcome.output)
        disk.trace_mark(trace, f"{'end' if outcome.code == 0 else 'stop'} {step}")
        if outcome.code != 0 and not fails:
            problems.append(f"step {step} ended with {outcome.code} without a fault: {outcome.message}")
        told.append({"targets": {path: version and version.sha256 for path, version in changed.items()}, "facts": asked,
                     "documents": {path: version.sha256 for path, version in documents.items()}})
    with open(f"{folder}/recording.json", "w", encoding="utf-8") as file:
        json.dump({"prefix": world, "steps": told, "passages": pool.passages, "seed": seed, "pool": pool.count,
                   "small": pool.is_small, "command": program.command, "environment": {name: value for name, value in program.environment.items()
                                                               if name.startswith("STANDIN_")}}, file)
    recording = Recording(folder)
    return recording, problems + closure_check(recording, world)


def closure_check(recording, world):
    """The trace must tell the whole story: what it ends in is what is on the disk, and every change was acknowledged."""
    problems = []
    state = State(recording)
    for operation in recording.operations:
        problems += state.take(operation)
    traced = state.disk.live_files(world)
    for path in sorted(traced):
        with open(f"{world}/{path}", "rb") if os.path.exists(f"{world}/{path}") else open(os.devnull, "rb") as file:
            if file.read() != traced[path] and path != "project/assay.yaml":  # which labels_write changes
                problems.append(f"{path} is not what the trace says: it was written in a way that faultio.c does not see")
    for folder, _, names in os.walk(f"{world}/project"):
        for name in names:
            path = os.path.relpath(f"{folder}/{name}", world)
            is_own = path.startswith("project/docs/") or path == "project/labels.csv"  # written by this program
            if path not in traced and not name.endswith("-shm") and not is_own:
                problems.append(f"{path} is not in the trace: it was made in a way that faultio.c does not see")
    return problems


class State:
    """The disk and the promises after a number of recorded operations."""

    def __init__(self, recording):
        self.disk = disk.Disk(recording.prefix)
        self.expected = Expected(recording.passages)
        self.recording = recording
        self.step = 0
        self.initialised = False
        self.told = b""     # of this step's output
        self.taken = 0      # of it, in whole lines

    def take(self, operation):
        """Returns problems, which are not the power's fault: wrong or missing acknowledgements."""
        if operation.kind == disk.MARK:
            return self._mark(*operation.path.split())
        if operation.kind != disk.ACK:
            self.disk.apply(operation)
            return []
        fresh = len(self.told) - operation.offset
        if fresh < len(operation.data):
            self.told += operation.data[max(fresh, 0):]
        end = self.told.rfind(b"\n") + 1
        text, self.taken = self.told[self.taken:end].decode(errors="replace"), max(end, self.taken)
        return self.expected.ack(text)

    def _mark(self, word, step):
        if word == "begin":
            self.step, self.told, self.taken = int(step), b"", 0
            self.expected.step_begin(self.recording.steps[self.step]["targets"], self.recording.steps[self.step]["facts"])
            return []
        if word == "stop":
            return []  # it ended with an error: what it has not acknowledged is open
        self.initialised = True
        return [f"step {step} ended without acknowledging {path}" for path in self.expected.step_end()]


def image_check(project, state):
    """{kind: [messages]} of what is wrong with the image in the folder."""
    wrong = {kind: [] for kind in KINDS}
    catalog = catalog_read(project)
    wrong["corrupt"] += catalog.corrupt
    if not catalog.corrupt:
        for kind, message in state.expected.check(catalog.documents) + state.expected.check_facts(catalog.facts):
            wrong[kind].append(message)
    if state.initialised:
        settings = f"{project}/assay.yaml"
        if not os.path.exists(settings) or os.path.getsize(settings) == 0:
            wrong["lost"].append("assay.yaml, although init ended well")
        if not catalog.exists:
            wrong["lost"].append("the catalog, although init ended well")
    return wrong, len(catalog.derived_bad)


def doctor_check(program, project, state, rng):
    """What the program itself makes of an image: it must mend it and then find what was acknowledged."""
    image_folder_docs(project, state.recording, state.step)
    program.doctor(project, repair=True)
    problems = [f"doctor after repair: {problem}" for problem in program.doctor(project)]
    certain = state.expected.certain()
    if certain:
        path = rng.choice(sorted(certain))
        found, message = program.search_finds(project, state.recording.pool.by_sha256[certain[path]].word, path)
        if not found:
            problems.append(message)
    return problems


class Tally:
    def __init__(self):
        self.images = self.derived = self.doctored = self.doctor_failed = 0
        self.counts = dict.fromkeys(KINDS, 0)
        self.by_model = dict.fromkeys(disk.MODELS, 0)  # failing images
        self.failures = []  # (operation, attempt, model, messages)

    def add(self, other):
        for name in ("images", "derived", "doctored", "doctor_failed"):
            setattr(self, name, getattr(self, name) + getattr(other, name))
        for kind in KINDS:
            self.counts[kind] += other.counts[kind]
        for model in disk.MODELS:
            self.by_model[model] += other.by_model[model]
        self.failures += other.failures

    def bad(self):
        return sum(self.counts.values()) + self.doctor_failed


def choice_key(choice):
    model, survivors, writes = choice
    return model, survivors, tuple((id(node), tuple(masks)) for node, masks in writes.items())


def attempt_draw(state, seed, operation, attempt):
    rng = random.Random(f"{seed}/{operation}/{attempt}")
    return state.disk.choose(rng), rng


def operation_check(state, index, attempt_count, options, tally, program):
    """Draws images of the state after operation `index` and checks those that differ. Returns how many there were."""
    seen = set()
    image, project = f"{options.scratch}/image", f"{options.scratch}/image/project"
    for attempt in range(attempt_count * 2 + 2):
        if len(seen) >= attempt_count:
            break
        choice, rng = attempt_draw(state, options.seed, index, attempt)
        if choice_key(choice) in seen:
            continue
        seen.add(choice_key(choice))
        files = state.disk.image(choice)
        disk.image_write(files, image)
        wrong, derived = image_check(project, state)
        tally.images += 1
        tally.derived += derived > 0
        messages = [f"{kind}: {message}" for kind in KINDS for message in wrong[kind]]
        for kind in KINDS:
            tally.counts[kind] += bool(wrong[kind])
        if program is not None and state.initialised and tally.images % options.doctor_every == 0:
            disk.image_write(files, image)
            problems = doctor_check(program, project, state, rng)
            tally.doctored += 1
            tally.doctor_failed += bool(problems)
            messages += problems
        if messages:
            tally.by_model[choice[0]] += 1
            if len(tally.failures) < FAILURES_KEPT:
                tally.failures.append((index, attempt, choice[0], messages[:6]))
    return len(seen)


def operations_prepare(recording, forget, early):
    """The recorded operations, or those of a worse program: syncs whose text matches `forget` left out, acknowledgements given
    `early` operations before their time."""
    operations = []
    for operation in recording.operations:
        if forget and operation.kind in (disk.SYNC, disk.FOLDER_SYNC) and re.search(forget, str(operation)):
            continue
        if early and operation.kind == disk.ACK:
            at = len(operations)
            for _ in range(early):
                if operations[at - 1].kind == disk.MARK:
                    break
                at -= 1
            operations.insert(at, operation)
            continue
        operations.append(operation)
    return operations


def worker_run(folder, options, worker):
    """Every worker replays the whole trace and checks its share of the operations."""
    recording = Recording(folder)
    options.scratch = f"{options.scratch}/worker{worker}"
    os.makedirs(options.scratch, exist_ok=True)
    program = None
    if options.doctor_every > 0:
        program = Program(" ".join(recording.command), options.faultio, options.scratch, recording.environment)
    state, tally = State(recording), Tally()
    operations = operations_prepare(recording, options.forget, options.early_acks)
    rng = random.Random(f"{options.seed}/operations")
    wanted = min(len(operations), max(options.images, 1))
    points = set(rng.sample(range(len(operations)), wanted))
    passed = 0
    for index, operation in enumerate(operations):
        state.take(operation)
        if index not in points:
            continue
        passed += 1
        if passed % options.workers != worker:
            continue
        due = options.images / options.workers * passed / wanted
        if due > tally.images:
            operation_check(state, index, int(due - tally.images) + 1, options, tally, program)
    return tally


def images_check(recording, options):
    started = time.monotonic()
    context = multiprocessing.get_context("fork")
    total = Tally()
    with concurrent.futures.ProcessPoolExecutor(options.workers, mp_context=context) as pool:
        for tally in pool.map(worker_run, [recording.folder] * options.workers, [options] * options.workers,
                              range(options.workers)):
            total.add(tally)
    total.seconds = time.monotonic() - started
    total.failures.sort()
    return total


def image_keep(recording, options, index, attempt, folder):
    """Rebuilds one image. Returns its messages."""
    state = State(recording)
    for operation in operations_prepare(recording, options.forget, options.early_acks)[:index + 1]:
        state.take(operation)
    choice, _ = attempt_draw(state, options.seed, index, attempt)
    files = state.disk.image(choice)
    disk.image_write(files, folder)
    wrong, derived = image_check(f"{folder}/project", state)
    disk.image_write(files, folder)  # as it was before the check recovered it
    image_folder_docs(f"{folder}/project", recording, state.step)
    return [f"{kind}: {message}" for kind in KINDS for message in wrong[kind]] + [f"derived files to rebuild: {derived}"]


def summary(name, recording, options, tally):
    counts = " ".join(f"{kind}={tally.counts[kind]}" for kind in KINDS)
    return (f"powerloss {name}: operations={len(recording.operations)} images={tally.images} {counts} "
            f"derived_rebuilt={tally.derived} doctor={tally.doctored} doctor_failed={tally.doctor_failed} "
            f"seed={options.seed} {tally.images / tally.seconds:.0f} images/s")


def failures_tell(recording, options, tally, keep):
    """Keeps the recording and the first failing images, and says how to see each again."""
    os.makedirs(keep, exist_ok=True)
    if os.path.abspath(recording.folder) != os.path.abspath(f"{keep}/recording"):
        shutil.copytree(recording.folder, f"{keep}/recording", dirs_exist_ok=True)
    worse = f" --forget '{options.forget}'" if options.forget else ""
    worse += f" --early-acks {options.early_acks}" if options.early_acks else ""
    for index, attempt, model, messages in tally.failures[:FAILURES_KEPT]:
        folder = f"{keep}/image-{index}-{attempt}"
        image_keep(recording, options, index, attempt, folder)
        operation = operations_prepare(recording, options.forget, options.early_acks)[index]
        print(f"  after operation {index} ({operation}), model {model}, image in {folder}")
        for message in messages:
            print(f"    {message}")
        print(f"    repeat: {sys.executable} {os.path.abspath(__file__)} --recording {keep}/recording --seed {options.seed} "
              f"--operation {index} --attempt {attempt}{worse}")


def options_read(arguments=None):
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--binary", default=STANDIN, help="the program, as a command line (default: the stand-in)")
    parser.add_argument("--images", type=int, default=2000)
    parser.add_argument("--seed", type=int, default=None)
    parser.add_argument("--steps", type=int, default=6, help="runs of `add`")
    parser.add_argument("--changes", type=int, default=8, help="documents changed before each run")
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--doctor-every", type=int, default=50, help="0: never start the program on an image")
    parser.add_argument("--lie", action="store_true", help="every sync of the program does nothing")
    parser.add_argument("--forget", default="",
                        help="leave out recorded syncs whose text, as 'folder-sync /path', matches this regular expression")
    parser.add_argument("--early-acks", type=int, default=0, help="acknowledge this many operations early")
    parser.add_argument("--keep", default="/tmp/assay-powerloss", help="where failing images go")
    parser.add_argument("--recording", help="use this recording")
    parser.add_argument("--operation", type=int, help="with --recording: only this image")
    parser.add_argument("--attempt", type=int, default=0)
    options = parser.parse_args(arguments)
    if options.seed is None:
        options.seed = random.SystemRandom().randrange(10**6)
    return options


def main():
    options = options_read()
    if options.recording and options.operation is not None:
        folder = f"{options.keep}/image-{options.operation}-{options.attempt}"
        os.makedirs(options.keep, exist_ok=True)
        print("\n".join(image_keep(Recording(options.recording), options, options.operation, options.attempt, folder)))
        print(f"image in {folder}")
        return 0
    options.scratch = scratch_folder()
    try:
        options.faultio = faultio_build(options.scratch)
        problems = []
        if options.recording:
            recording = Recording(options.recording)
        else:
            program = Program(options.binary, options.faultio, options.scratch)
            recording, problems = record(program, f"{options.scratch}/recording", options.seed, options.steps, options.changes,
                                         "lie" if options.lie else "trace")
        for problem in problems:
            print(f"  without power loss: {problem}")
        tally = images_check(recording, options)
        print(summary("lie" if options.lie else "run", recording, options, tally))
        if tally.failures:
            failures_tell(recording, options, tally, options.keep)
        return 1 if tally.bad() or problems else 0
    finally:
        shutil.rmtree(options.scratch)


if __name__ == "__main__":
    sys.exit(main())
