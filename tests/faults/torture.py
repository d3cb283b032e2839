#!/usr/bin/env python3
"""All crash and disk-fault tests of one program.

    torture.py --binary build/assay --kills 500 --images 20000 --seed 1
    torture.py --binary build/assay --kills 60 --images 1200 --every 3
    torture.py --binary build/assay --quick

First the harness is tried: on a stand-in that keeps its promises nothing may be found, and each of its deliberate mistakes
must be found. Then the program: kills, a fault at each disk operation, power losses. Then again mistakes that must be found, now in the
program's own run: a disk that lies, syncs left out, acknowledgements too early. One line a part, then `N passed, N failed`."""
import argparse
import concurrent.futures
import itertools
import os
import random
import shutil
import sys

import bitflips
import disk
import powerloss
from killloop import Loop, kills_line, sweep_line
from program import HERE, STANDIN, Program, faultio_build, scratch_folder


BULK = (600, 1300)  # documents changed before a run; LIMIT_BATCH_DOCUMENTS is 512


class Torture:
    def __init__(self, options, scratch):
        self.options, self.scratch = options, scratch
        self.faultio = faultio_build(scratch)
        self.passed = self.failed = self.number = 0

    def folder(self):
        self.number += 1
        folder = f"{self.scratch}/part{self.number}"
        os.makedirs(folder)
        return folder

    def tell(self, is_good, line, details=()):
        self.passed += is_good
        self.failed += not is_good
        print(f"{'ok  ' if is_good else 'FAIL'} {line}", flush=True)
        for detail in details:
            print(detail, flush=True)

    def part(self, function, *arguments, **named):
        """A part that cannot even run has failed; the others still run."""
        try:
            function(*arguments, **named)
        except (RuntimeError, OSError) as error:
            self.tell(False, f"{function.__name__} {arguments} could not be run: {error}")

    # ---- Power loss ----

    def loss_options(self, images, doctor_every, **more):
        options = powerloss.options_read([])
        options.images, options.doctor_every, options.seed = images, doctor_every, self.options.seed
        options.faultio, options.keep = self.faultio, self.options.keep
        for name, value in more.items():
            setattr(options, name, value)
        options.scratch = self.folder()
        return options

    def record(self, command, environment=None, fault="trace", steps=6, changes=8, seed=None, fail_at=0):
        folder = self.folder()
        program = Program(command, self.faultio, folder, environment)
        return powerloss.record(program, f"{folder}/recording", seed or self.options.seed, steps, changes, fault,
                                fail_at)

    def loss_clean(self, name, command, images, steps=6, changes=8, seed=None):
        """Nothing may be lost."""
        recording, problems = self.record(command, steps=steps, changes=changes, seed=seed)
        options = self.loss_options(images, 50, keep=f"{self.options.keep}/{name.replace(' ', '-')}")
        if seed is not None:
            options.seed = seed
        tally = powerloss.images_check(recording, options)
        bad = tally.bad() > 0 or bool(problems)
        self.tell(not bad, powerloss.summary(name, recording, options, tally),
                  [f"  without power loss: {problem}" for problem in problems])
        if tally.failures:
            powerloss.failures_tell(recording, options, tally, options.keep)
        return recording

    def loss_control(self, name, recording, must, doctor_every=0, **worse):
        """Something must be lost: `must` names the counters of which one may not be zero. Else the harness is blind."""
        options = self.loss_options(self.options.control_images, doctor_every, **worse)
        tally = powerloss.images_check(recording, options)
        found = {**tally.counts, "doctor": tally.doctor_failed, "derived": tally.derived}
        seen = sum(found[kind] for kind in must)
        text = " ".join(f"{kind}={count}" for kind, count in found.items() if count)
        self.tell(seen > 0, f"control {name}: must have {' or '.join(must)}: {text or 'found nothing'} of {tally.images} images"
                            f"{'' if seen else ' - THE HARNESS DID NOT SEE IT'} seed={options.seed}")

    def sync_failures(self, command, images):
        """Each sync of one `add` fails once; what is acknowledged all the same must survive a power loss."""
        recording, _ = self.record(command, steps=1)
        begin = next(index for index, operation in enumerate(recording.operations) if operation.path == "begin 1")
        counted = [operation for operation in recording.operations[begin + 1:] if operation.kind not in (disk.ACK, disk.MARK)]
        syncs = [at for at, operation in enumerate(counted, 1) if operation.kind in (disk.SYNC, disk.FOLDER_SYNC)]
        total, lines = 0, []
        for at in syncs:
            failed, problems = self.record(command, steps=1, fail_at=at)
            options = self.loss_options(images, 0, keep=f"{self.options.keep}/sync-{at}")
            tally = powerloss.images_check(failed, options)
            total += tally.images
            if tally.bad() or problems:
                operation = str(counted[at - 1]).replace(recording.prefix + "/project/", "")
                counts = " ".join(f"{kind}={count}" for kind, count in tally.counts.items())
                lines.append(f"  after operation {at} of add ({operation}) failed: {counts} of {tally.images} images, "
                             f"by model {tally.by_model} {problems[:2]}\n"
                             f"    repeat: {sys.executable} {HERE}/powerloss.py --recording {options.keep}/recording "
                             f"--seed {options.seed} --images {images} --doctor-every 0")
                shutil.copytree(failed.folder, f"{options.keep}/recording", dirs_exist_ok=True)
        self.tell(not lines, f"assay failed syncs: {len(syncs)} syncs of add, each failed once, then power lost: "
                             f"images={total} bad={len(lines)} seed={self.options.seed}", lines)

    # ---- Kills and faults ----

    def loop(self, command, environment=None, keep="kills", changes=(1, 10)):
        program = Program(command, self.faultio, self.folder(), environment)
        return Loop(program, self.options.seed, f"{self.options.keep}/{keep}", changes)

    def kills(self, name, command, count, **named):
        loop = self.loop(command, **named)
        loop.kills_run(count)
        self.tell(loop.tally.bad() == 0 and loop.tally.kills >= count, f"{name} {kills_line(loop)}", loop.tally.failures)

    def sweep(self, name, command, every):
        loop = self.loop(command, keep="faults")
        total = loop.sweep_init(every), loop.sweep_add(every), loop.sweep_repair(every)
        self.tell(loop.tally.bad() == 0, f"{name} {sweep_line(loop, total)}", loop.tally.failures)

    def loop_control(self, bug, must, run):
        """A stand-in with a mistake, which `run` must find as `must`."""
        loop = self.loop(STANDIN, {"STANDIN_BUG": bug}, keep="control")
        run(loop)
        counts = {kind: count for kind, count in loop.tally.counts.items() if count}
        seen = loop.tally.counts[must] > 0
        self.tell(seen, f"control {bug}: must have {must}: {counts or 'found nothing'} of {loop.tally.runs} runs"
                        f"{'' if seen else ' - THE HARNESS DID NOT SEE IT'} seed={loop.seed}")

    def flips(self, command, count):
        """Every flipped bit of a stored file is told, or changes nothing that anybody can see."""
        folder = self.folder()
        told, harmless, bad, doctor = bitflips.flips_run(Program(command, self.faultio, folder), folder, count, self.options.seed)
        self.tell(not bad and told > 0, f"assay {bitflips.flips_line(told, harmless, bad, doctor, self.options.seed)}", bad)

    # ---- The parts ----

    def injector(self):
        """What faultio.c records is what happened, and it counts each operation once over all threads."""
        folder = self.folder()
        root, trace = f"{folder}/root", f"{folder}/trace"
        os.mkdir(root)
        program = Program(f"{sys.executable} -S -E {HERE}/exercise.py", self.faultio, folder)
        outcome = program.run(root, [root], fault="trace", trace=trace)
        operations = disk.trace_read(trace)
        model = disk.Disk(root)
        for operation in operations:
            model.apply(operation)
        traced, found = model.live_files(root), {}
        for where, _, names in os.walk(root):
            for name in names:
                with open(f"{where}/{name}", "rb") as file:
                    found[os.path.relpath(f"{where}/{name}", root)] = file.read()
        wrong = sorted(path for path in set(traced) | set(found) if traced.get(path) != found.get(path))
        is_good = outcome.code == 0 and not wrong and outcome.operations == len(operations) > 500 and len(found) == 15
        self.tell(is_good, f"injector: {outcome.operations} operations counted, {len(operations)} recorded, "
                           f"{len(found)} files, {len(wrong)} differ {wrong[:3]} {outcome.message[-300:]}")

    def prove_harness(self):
        quick = self.options.quick
        self.part(self.injector)
        self.part(self.loss_clean, "stand-in WAL FULL", STANDIN, self.options.standin_images)
        self.part(self.standin_control, "stand-in synchronous=OFF", {"STANDIN_SYNCHRONOUS": "off"}, ("lost",))
        self.part(self.standin_control, "stand-in synchronous=NORMAL", {"STANDIN_SYNCHRONOUS": "normal"}, ("lost",))
        self.part(self.standin_control, "stand-in journal DELETE with FULL", {"STANDIN_JOURNAL": "delete"}, ("lost",))
        for bug, must in (("early-ack", "lost"), ("split-commit", "partial"), ("late-remove", "lost"),
                          ("no-init-sync", "lost")):
            self.part(self.standin_control, f"stand-in {bug}", {"STANDIN_BUG": bug}, (must,))
        self.part(self.trusting_control)
        if not quick:
            self.part(self.kills, "stand-in", STANDIN, 50)
            self.part(self.loop_control, "split-commit", "partial", lambda loop: loop.kills_run(30))
        self.part(self.loop_control, "late-remove", "lost", lambda loop: loop.kills_run(10))
        self.part(self.loop_control, "silent-error", "silent", lambda loop: loop.sweep_add(17))
        self.part(self.loop_control, "mute-error", "mute", lambda loop: loop.sweep_add(17))

    def standin_control(self, name, environment, must):
        # A workload drawn by chance may remove nothing before its last step; then a mistake in removing could not show.
        for seed in itertools.count(self.options.seed):
            recording, _ = self.record(STANDIN, environment, steps=3, seed=seed)
            if any(None in step["targets"].values() for step in recording.steps[:-1]):
                break
        self.loss_control(name, recording, must)

    def trusting_control(self):
        """Segments that were never synced, read by a program that does not check them: only its own search can show it."""
        recording, _ = self.record(STANDIN, {"STANDIN_BUG": "trust-segment"}, steps=3)
        self.loss_control("stand-in trust-segment", recording, ("doctor",), doctor_every=4, forget="sync " + recording.prefix
                          + "/project/.assay/index/")

    def judge_kills(self):
        options = self.options
        self.part(self.kills, "assay", options.binary, options.kills)
        # More documents than one transaction takes: some of a run are acknowledged, others not.
        self.part(self.kills, "assay bulk", options.binary, max(5, options.kills // 10), keep="kills-bulk", changes=BULK)
        self.part(self.sweep, "assay", options.binary, options.sweep_every)

    def judge_losses(self):
        options = self.options
        command = options.binary
        shapes = ((6, 8), (12, 3), (3, 30), (20, 1), (2, BULK[1]))  # steps, changes before each
        recordings = 1 if options.quick else len(shapes)
        recording = None
        for index, (steps, changes) in reversed(list(enumerate(shapes[:recordings]))):
            try:
                recording = self.loss_clean(f"assay run {index + 1}", command, options.images // recordings, steps=steps,
                                            changes=changes, seed=options.seed + index)
            except (RuntimeError, OSError) as error:
                self.tell(False, f"assay run {index + 1} could not be recorded: {error}")
        self.part(self.flips, command, options.flips)
        self.part(self.sync_failures, command, options.sync_images)
        self.part(self.program_lie, command)
        if recording is not None:
            self.part(self.loss_control, "assay without the syncs of the log", recording, ("lost",), forget="assay.db-wal")
            self.part(self.loss_control, "assay without the syncs of folders", recording, ("lost",), forget="folder-sync")
            self.part(self.loss_control, "assay with early acknowledgements", recording, ("lost",), early_acks=10)

    def program_lie(self, command):
        recording, _ = self.record(command, fault="lie")
        self.loss_control("assay on a disk whose sync lies", recording, ("lost", "corrupt"))


def options_read():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--binary", required=True, help="the program, as a command line")
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--images", type=int, default=5000)
    parser.add_argument("--flips", type=int, default=None, help="bits flipped in stored files (default: as many as kills)")
    parser.add_argument("--every", type=int, default=1, help="fail only every k-th disk operation, in each way other ones; the seed says which")
    parser.add_argument("--seed", type=int, default=None)
    parser.add_argument("--quick", action="store_true", help="small controls, every 7th operation")
    parser.add_argument("--only", choices=("harness", "program"), help="only this half")
    parser.add_argument("--keep", default="/tmp/assay-torture", help="where failures are kept")
    options = parser.parse_args()
    options.seed = options.seed if options.seed is not None else random.SystemRandom().randrange(10**6)
    options.flips = options.flips if options.flips is not None else options.kills
    # What proves the harness, and what follows each failed sync, grows with the images that are asked for. The rarest of the mistakes that must be found
    # shows in one image of seven: 300 are plenty.
    images = 0 if options.quick else options.images
    options.control_images, options.standin_images, options.sync_images = (
        min(max(images // share, least), most) for share, least, most in ((4, 300, 1000), (1, 1000, 5000), (6, 200, 1000)))
    options.sweep_every = 7 if options.quick else options.every
    if os.path.exists(options.binary):
        options.binary = os.path.abspath(options.binary)
    return options


def third_run(options, scratch, name):
    """One third of all parts, in a process and a folder of its own: (passed, failed)."""
    folder = f"{scratch}/{name}"
    os.mkdir(folder)
    torture = Torture(options, folder)
    getattr(torture, name)()
    return torture.passed, torture.failed


def main():
    options = options_read()
    print(f"seed={options.seed}", flush=True)
    scratch = scratch_folder()
    program, harness = ["judge_kills", "judge_losses"], ["prove_harness"]
    thirds = {None: program + harness, "program": program, "harness": harness}[options.only]
    try:
        with concurrent.futures.ProcessPoolExecutor(os.cpu_count()) as pool:
            told = [pool.submit(third_run, options, scratch, name) for name in thirds]
            passed, failed = (sum(numbers) for numbers in zip(*(one.result() for one in told)))
        print(f"{passed} passed, {failed} failed")
        return 1 if failed else 0
    finally:
        shutil.rmtree(scratch)


if __name__ == "__main__":
    sys.exit(main())
