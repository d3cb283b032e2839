#!/usr/bin/env python3
"""Kills `assay add` at random moments and at chosen disk operations, fails each of its disk operations, and looks what is left.

    killloop.py --binary build/assay --kills 500 --seed 1      # kills on one living project
    killloop.py --binary build/assay --sweep --seed 1          # every operation of init and add: killed, full disk, broken disk

After each kill the documents that were acknowledged are there, none is half there, `doctor` finds nothing, and a search finds a
word of one of them. A run whose disk fails must end with an error that names a file and a reason, or do all it was asked to."""
import argparse
import os
import random
import re
import shutil
import sys
import time

from catalog import catalog_read
from oracle import VERBS, Expected, Pool, changes_make
from program import STANDIN, Program, documents_write, faultio_build, pool_measure, project_make, scratch_folder
from rights import STATES, key_command, labels_write

KILL_MODES = ("wall", "kill", "killafter", "torn")
FAULTS = (("enospc", False), ("enospc", True), ("eio", False), ("eio", True), ("short", False))
VERDICTS = ("lost", "partial", "corrupt", "doctor", "search", "silent", "mute", "crash", "stuck")
FAILURES_TOLD = 8
FRESH_EVERY = 50
MANY = 200  # documents in a run, from which on they are small ones

NAMES_FILE = re.compile(r'"[^"\s][^"]*"|\S*/\S+|\S+\.(?:db|yaml|seg|md|txt)\b')
NAMES_REASON = re.compile(r"no space left|could not be made|disk is full|is full|input/output error|i/o error|nothing was taken|short|"
                          r"bytes, expected|could not be written whole", re.IGNORECASE)


class Tally:
    def __init__(self):
        self.runs = self.kills = self.absorbed = self.seconds = 0
        self.counts = dict.fromkeys(VERDICTS, 0)
        self.modes = {}
        self.absorbed_at = {}  # "sync assay.db" -> runs that ended well although this failed
        self.failures = []

    def bad(self):
        return sum(self.counts.values())

    def summary(self):
        return " ".join(f"{verdict}={count}" for verdict, count in self.counts.items() if count or verdict in VERDICTS[:3])


class Loop:
    """A project that lives on while the program is killed and its documents change."""

    def __init__(self, program, seed, keep, changes=(1, 10)):
        self.program, self.seed, self.keep, self.changes = program, seed, keep, changes
        self.rng = random.Random(f"{seed}/loop")
        self.project, self.before = f"{program.scratch}/project", f"{program.scratch}/before"
        is_bulk = changes[1] > MANY
        self.pool = Pool(seed, 7 * changes[1] if is_bulk else 160, is_bulk)
        self.tally = Tally()
        self.has_rights, self.labels = program.has_rights(), "open"
        pool_measure(program, self.pool, program.scratch)

    # ---- Telling ----

    def fail(self, verdict, message, how):
        """`how`: what was done to the program, as settings of faultio.c."""
        self.tally.counts[verdict] += 1
        if len(self.tally.failures) >= FAILURES_TOLD:
            return
        folder = f"{self.keep}/failure-{len(self.tally.failures)}"
        shutil.rmtree(folder, ignore_errors=True)
        os.makedirs(folder)
        for source, name in ((self.before, "before"), (self.project, "after")):
            if os.path.isdir(source):
                shutil.copytree(source, f"{folder}/{name}")
        shutil.copy(self.program.faultio, f"{folder}/faultio.so")
        step = how.get("step", "add docs --verbose")
        line = " ".join(self.program.command + (["init", f"{folder}/project"] if step == "init"
                                                else ["--project", f"{folder}/project", step]))
        settings = f"LD_PRELOAD={folder}/faultio.so FAULTIO_PREFIX={folder}/project FAULTIO_MODE={how.get('fault')} " \
                   f"FAULTIO_AT={how.get('at', 0)}" + (" FAULTIO_STICKY=1" if how.get("sticky") else "")
        settings = f"timeout -s KILL {how['kill_after_s']:.4f}" if "kill_after_s" in how else f"env {settings}"
        repeat = f"rm -rf {folder}/project; cp -a {folder}/before {folder}/project; (cd {folder}/project && {settings} {line})"
        self.tally.failures.append(f"  {verdict}: {message}\n    after {how}\n    repeat: {repeat}")

    # ---- One run ----

    def targets(self):
        """What the next `add` has to bring about: all that is not known to be as it is on the disk."""
        wanted = {path: version.sha256 for path, version in self.documents.items()}
        return {path: wanted.get(path) for path in set(self.expected.allowed) | set(wanted)
                if self.expected.allowed.get(path, {None}) != {wanted.get(path)}}

    def project_fresh(self):
        project_make(self.program, self.project)
        self.documents, self.expected = {}, Expected(self.pool.passages)
        if self.has_rights:
            self.labels = "open"
            labels_write(self.project, self.labels)
        self.change(max(4, self.changes[1]))
        outcome = self.step(fault="count")
        targets = max(1, len(self.expected.targets))
        self.expect_complete(outcome, {})
        fixed = self.program.add(self.project, fault="count")  # what a run costs that has nothing to do
        self.fixed_operations, self.fixed_seconds = fixed.operations, fixed.seconds
        self.operations_each = max(1.0, (outcome.operations - fixed.operations) / targets)
        self.seconds_each = max(0.0001, (outcome.seconds - fixed.seconds) / targets)

    def change(self, count):
        documents_write(self.project, changes_make(self.rng, self.pool, self.documents, count))

    def step(self, **how):
        facts = {"labels": self.labels} if self.has_rights else {}
        self.expected.step_begin(self.targets(), facts, is_told=self.labels_matter())
        return self.acknowledge(self.program.add(self.project, **how), how)

    def labels_matter(self):
        """Whether a document tells by its label which state of labels.csv it follows, whatever comes of this run: all of docs/a may be
        removed by it, and a run that is ended between the labels and the removal leaves documents of either state."""
        certain = self.expected.certain()
        return self.has_rights and any(path.startswith("docs/a/") and path in self.documents for path in certain)

    def step_rights(self, **how):
        """Another command than `add`: documents are removed, a key is made or revoked, or labels change."""
        certain = sorted(self.expected.certain())
        kind = self.rng.choice(("remove", "key", "labels"))
        if kind == "remove" and certain:
            paths = self.rng.sample(certain, min(len(certain), self.rng.randint(1, 3)))
            documents_write(self.project, {path: None for path in paths if path in self.documents})
            for path in paths:
                self.documents.pop(path, None)
            self.expected.step_begin(dict.fromkeys(paths))
            return self.acknowledge(self.program.remove(self.project, paths, **how), how)
        if kind == "labels" and self.labels_matter():
            self.labels = self.rng.choice(STATES)
            labels_write(self.project, self.labels)
            return self.step(**how)
        words, facts = key_command(self.rng, self.expected.facts)
        self.expected.step_begin({}, facts)
        return self.acknowledge(self.program.words(self.project, words, **how), how)

    def acknowledge(self, outcome, how):
        for problem in self.expected.ack(outcome.output):
            self.fail("partial", problem, how)
        return outcome

    def expect_complete(self, outcome, how):
        if outcome.code != 0:
            self.fail("stuck", f"add without a fault ended with {outcome.code}: {outcome.message.strip()[:300]}", how)
        for path in self.expected.step_end():
            self.fail("silent", f"add ended with {outcome.code} and has not acknowledged {path}", how)

    def verify(self, how):
        """The promises, as any user could see them broken."""
        listed = self.program.list(self.project)
        if listed is None:
            self.fail("corrupt", f"list could not say what is there: {self.program.json(self.project, ['list'])}", how)
            return False
        catalog = catalog_read(self.project) if self.has_rights else None
        problems = self.expected.check(listed) + (self.expected.check_facts(catalog.facts) if catalog else [])
        problems += [("corrupt", message) for message in (catalog.corrupt if catalog else [])]
        for kind, message in problems[:3]:
            self.fail(kind, message, how)
        self.expected.settle(listed)
        if catalog:
            self.expected.settle_facts(catalog.facts)
        for problem in self.program.doctor(self.project)[:1]:
            self.fail("doctor", problem, how)
        certain = self.expected.certain()
        if certain:
            path = self.rng.choice(sorted(certain))
            found, message = self.program.search_finds(self.project, self.pool.by_sha256[certain[path]].word, path)
            if not found:
                self.fail("search", message, how)
        return not problems

    # ---- Kills ----

    def how_draw(self, targets):
        mode = self.rng.choice(KILL_MODES)
        if mode == "wall":
            return {"kill_after_s": self.rng.uniform(0, (self.fixed_seconds + self.seconds_each * targets) * 1.05)}
        operations = int(self.fixed_operations + self.operations_each * targets)
        return {"fault": mode, "at": self.rng.randint(1, max(1, operations))}

    def kills_run(self, count):
        started, since_fresh = time.monotonic(), FRESH_EVERY
        while self.tally.kills < count and self.tally.runs < count * 4:
            if since_fresh >= FRESH_EVERY:
                self.project_fresh()
                since_fresh = 0
            since_fresh += 1
            is_rights = self.has_rights and self.rng.random() < 0.4
            if not is_rights:
                self.change(self.rng.randint(*self.changes))
            how = self.how_draw(2 if is_rights else len(self.targets()))
            self.snapshot()
            outcome = self.step_rights(**how) if is_rights else self.step(**how)
            self.tally.runs += 1
            if outcome.killed:
                self.tally.kills += 1
                mode = how.get("fault", "wall")
                self.tally.modes[mode] = self.tally.modes.get(mode, 0) + 1
            else:
                self.expect_complete(outcome, how)
            if outcome.killed and self.rng.random() < 0.15:
                continue  # the next kill meets a project that has not recovered from this one
            if not self.verify(how):
                since_fresh = FRESH_EVERY  # the same loss would be told again and again
        self.tally.seconds = time.monotonic() - started

    def snapshot(self):
        shutil.rmtree(self.before, ignore_errors=True)
        shutil.copytree(self.project, self.before)

    def restore(self):
        shutil.rmtree(self.project, ignore_errors=True)
        shutil.copytree(self.before, self.project)

    # ---- Every operation ----

    def judge(self, outcome, how):
        """How a run must end whose disk fails."""
        told = outcome.message + outcome.output
        if outcome.code < 0 and not outcome.killed:
            self.fail("crash", f"signal {-outcome.code}: {told.strip()[-300:]}", how)
        elif outcome.code > 0:
            if not NAMES_FILE.search(outcome.message) or not NAMES_REASON.search(outcome.message):
                self.fail("mute", f"exit {outcome.code}, the message names no file or no reason: {told.strip()[:300]!r}", how)
        elif outcome.code == 0 and outcome.hit:
            self.tally.absorbed += 1
            _, kind, told_before, path = outcome.hit.split(" ", 3)
            place = f"{how['fault']} at {kind} {re.sub('[0-9]+', 'N', os.path.basename(path))}"
            told_after = outcome.output.encode()[int(told_before):].decode(errors="replace")
            if any(VERBS.match(line) for line in told_after.splitlines()):
                place += ", and then acknowledged"
            self.tally.absorbed_at[place] = self.tally.absorbed_at.get(place, 0) + 1
            for path in self.expected.step_end()[:1]:
                self.fail("silent", f"exit 0 after {outcome.hit}, but {path} was not acknowledged", how)

    def sweep_add(self, every, limit=None):
        """Each disk operation of one `add` fails, or ends the process, in every way."""
        started = time.monotonic()
        self.project_fresh()
        self.change(self.changes[1])
        self.snapshot()
        base = (dict(self.documents), {path: set(states) for path, states in self.expected.allowed.items()})
        total = self.program.add(self.project, fault="count").operations
        modes = [(fault, sticky) for fault, sticky in FAULTS] + [("kill", False), ("killafter", False), ("torn", False)]
        for fault, sticky in modes:
            first = self.rng.randint(1, every)
            for at in range(first, total + 1, every):
                self.restore()
                self.documents = dict(base[0])
                self.expected.allowed = {path: set(states) for path, states in base[1].items()}
                self.sweep_one({"fault": fault, "at": at, "sticky": sticky})
                if limit is not None and time.monotonic() - started > limit:
                    break
        self.tally.seconds += time.monotonic() - started
        return total

    def sweep_one(self, how):
        outcome = self.step(**how)
        self.tally.runs += 1
        self.tally.kills += outcome.killed
        self.judge(outcome, how)
        self.verify(how)
        again = self.step()  # the disk is well again: the same command must finish the work
        self.expect_complete(again, {**how, "then": "add without a fault"})

    def sweep_init(self, every):
        """Each disk operation of `init`; afterwards `init` can be repeated and the project works."""
        started = time.monotonic()
        self.documents, self.expected = {}, Expected(self.pool.passages)
        project_make(self.program, self.project)
        shutil.rmtree(self.project)
        os.makedirs(f"{self.project}/docs")
        self.snapshot()
        total = self.program.init(self.project, fault="count").operations
        for fault in ("kill", "killafter", "torn", "enospc", "eio"):
            for at in range(self.rng.randint(1, every), total + 1, every):
                how = {"fault": fault, "at": at, "step": "init"}
                self.restore()
                outcome = self.program.init(self.project, fault=fault, at=at)
                self.tally.runs += 1
                self.tally.kills += outcome.killed
                self.judge(outcome, how)
                self.init_again(how)
        self.tally.seconds += time.monotonic() - started
        return total

    def sweep_repair(self, every):
        """Each disk operation of `doctor --repair` while it mends damaged index files; it can then be repeated."""
        started = time.monotonic()
        self.project_fresh()
        self.verify({})
        index_damage(self.project)
        self.snapshot()
        total = self.program.repair(self.project, fault="count").operations
        for fault in ("kill", "killafter", "torn", "enospc", "eio"):
            for at in range(self.rng.randint(1, every), total + 1, every):
                how = {"fault": fault, "at": at, "step": "doctor --repair"}
                self.restore()
                outcome = self.program.repair(self.project, fault=fault, at=at)
                self.tally.runs += 1
                self.tally.kills += outcome.killed
                if outcome.code < 0 and not outcome.killed:
                    self.fail("crash", f"signal {-outcome.code}: {outcome.message.strip()[-300:]}", how)
                self.program.repair(self.project)
                self.verify({**how, "then": "doctor --repair"})
        self.tally.seconds += time.monotonic() - started
        return total

    def init_again(self, how):
        """A second init may say that the project is there already; then it must be whole."""
        again = self.program.init(self.project)
        if again.code != 0 and "already" not in again.message:
            self.fail("stuck", f"init after an interrupted init ended with {again.code}: {again.message.strip()[:300]}", how)
            return
        self.documents, self.expected = {}, Expected(self.pool.passages)
        self.change(3)
        self.expect_complete(self.step(), {**how, "then": "init, add"})
        self.verify({**how, "then": "init, add"})


def index_damage(project):
    """Removes, empties, cuts or changes each index file, in turn."""
    folder = f"{project}/.assay/index"
    for number, name in enumerate(sorted(os.listdir(folder))):
        path = f"{folder}/{name}"
        size = os.path.getsize(path)
        if number % 3 == 2:
            os.unlink(path)
        elif number % 3 == 1:
            os.truncate(path, size // 2)
        else:
            with open(path, "r+b") as file:
                file.seek(size // 2)
                byte = file.read(1)
                file.seek(size // 2)
                file.write(bytes([byte[0] ^ 0x40]))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--binary", default=STANDIN, help="the program, as a command line (default: the stand-in)")
    parser.add_argument("--kills", type=int, default=100)
    parser.add_argument("--sweep", action="store_true", help="fail each disk operation instead")
    parser.add_argument("--every", type=int, default=1, help="with --sweep: only every k-th operation")
    parser.add_argument("--changes", type=int, default=10, help="documents changed before a run, at most")
    parser.add_argument("--seed", type=int, default=None)
    parser.add_argument("--keep", default="/tmp/assay-killloop", help="where failing projects go")
    options = parser.parse_args()
    seed = options.seed if options.seed is not None else random.SystemRandom().randrange(10**6)
    scratch = scratch_folder()
    try:
        loop = Loop(Program(options.binary, faultio_build(scratch), scratch), seed, options.keep,
                    (1 if options.changes <= MANY else options.changes // 2, options.changes))
        if options.sweep:
            total = loop.sweep_init(options.every), loop.sweep_add(options.every), loop.sweep_repair(options.every)
            print(sweep_line(loop, total))
        else:
            loop.kills_run(options.kills)
            print(kills_line(loop))
        for failure in loop.tally.failures:
            print(failure)
        return 1 if loop.tally.bad() else 0
    finally:
        shutil.rmtree(scratch)


def kills_line(loop):
    tally = loop.tally
    modes = " ".join(f"{mode}:{count}" for mode, count in sorted(tally.modes.items()))
    return (f"kills: runs={tally.runs} kills={tally.kills} ({modes}) {tally.summary()} seed={loop.seed} "
            f"{tally.kills / tally.seconds:.1f} kills/s")


def sweep_line(loop, total):
    tally = loop.tally
    lines = [f"faults: operations of init={total[0]} of add={total[1]} of repair={total[2]} runs={tally.runs} "
             f"{tally.summary()} absorbed={tally.absorbed} seed={loop.seed} {tally.runs / tally.seconds:.1f} runs/s"]
    lines += [f"  absorbed {count} x {place}" for place, count in sorted(tally.absorbed_at.items())]
    return "\n".join(lines)


if __name__ == "__main__":
    sys.exit(main())
